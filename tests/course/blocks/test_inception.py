"""Inception modules against their figures, written out in NumPy."""

import functools

import keras
import numpy as np
import pytest

from course import blocks
from course.catalogue import outlines
from tests.models import error, images, randomize, run
from tests.oracles import convolve

x = images(1, 7, 6, 3)


def model_of(block, *arguments, **settings):
    inputs = keras.Input(x.shape[1:])
    return randomize(
        keras.Model(inputs, block(inputs, *arguments, name="m", **settings))
    )


def branch(model, y, *names, strides=1, padding="same"):
    """Convolutions called so, one after the other; the last has the stride."""
    for name in names:
        last = name == names[-1]
        layer = f"m_{name}"
        if f"{layer}_conv" in {each.name for each in model.layers}:
            y = convolved(model, f"{layer}_conv", y, last and strides, padding)
            norm = model.get_layer(f"{layer}_norm")
            *gamma, beta, mean, variance = norm.get_weights()
            y = (y - mean) / np.sqrt(variance + 1e-3)
            y = y * gamma[0] + beta if gamma else y + beta
        else:
            y = convolved(model, layer, y, last and strides, padding)
        y = np.maximum(y, 0)
    return y


def convolved(model, name, y, strides, padding):
    kernel, *bias = model.get_layer(name).get_weights()
    zeros = [(k // 2, k // 2) for k in kernel.shape[:2]]
    if padding == "valid" and strides:
        zeros = [(0, 0)] * 2
    strides = (strides or 1,) * 2
    return convolve(y, kernel, strides, zeros, (1, 1)) + sum(bias)


def pooled(y, reduce, strides=1, inside=False):
    """3x3 windows of what is there; `inside`: none that sticks out."""
    h, w, _ = y.shape
    centres = [
        range(1, size - 1, strides) if inside else range(0, size, strides)
        for size in (h, w)
    ]
    return np.array(
        [
            [
                reduce(
                    y[max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2],
                    axis=(0, 1),
                )
                for j in centres[1]
            ]
            for i in centres[0]
        ]
    )


def check(model, *expected):
    expected = np.concatenate(expected, axis=-1)
    assert error(run(model, x)[0], expected) <= 1e-5
    assert model.get_layer("m").output is model.output


def test_naive():
    model = model_of(blocks.inception_naive, 2, 3, 4)
    see = functools.partial(branch, model, x[0])
    check(model, see("1_1"), see("2_1"), see("3_1"), pooled(x[0], np.max))
    sizes = [model.get_layer(f"m_{i}_1").kernel_size[0] for i in (1, 2, 3)]
    assert sizes == [1, 3, 5]
    assert model.output_shape[-1] == 2 + 3 + 4 + 3


@pytest.mark.parametrize("norm", [False, True])
def test_reduced(norm):
    model = model_of(blocks.inception_reduced, 2, (3, 4), (2, 5), 3, norm=norm)
    see = functools.partial(branch, model)
    check(
        model,
        see(x[0], "1_1"),
        see(x[0], "2_1", "2_2"),
        see(x[0], "3_1", "3_2"),
        see(pooled(x[0], np.max), "pool_1"),
    )
    parameters = [
        *((3 * 2, 2), (3 * 3, 3), (9 * 3 * 4, 4)),
        *((3 * 2, 2), (25 * 2 * 5, 5), (3 * 3, 3)),
    ]
    each = 4 if norm else 1  # four numbers a norm, or a bias
    assert model.count_params() == sum(k + each * n for k, n in parameters)


@pytest.mark.parametrize("kernel_size", [3, 5])
@pytest.mark.parametrize(
    ("kind", "reduce"), [("average", np.mean), ("max", np.max)]
)
def test_a(kernel_size, kind, reduce):
    model = model_of(
        blocks.inception_a, 2, (3, 4), (2, 3), 5,
        kernel_size=kernel_size, pool_kind=kind, use_bias=True,
    )  # fmt: skip
    see = functools.partial(branch, model)
    check(
        model,
        see(x[0], "1_1"),
        see(x[0], "2_1", "2_2"),
        see(x[0], "3_1", "3_2", "3_3"),
        see(pooled(x[0], reduce), "pool_1"),
    )
    kernel = model.get_layer("m_2_2_conv").get_weights()[0]
    assert kernel.shape == (kernel_size, kernel_size, 3, 4)


def test_b():
    norm = functools.partial(keras.layers.BatchNormalization, scale=False)
    model = model_of(blocks.inception_b, 4, 2, 5, norm=norm)
    see = functools.partial(branch, model)
    check(
        model,
        see(x[0], "1_1"),
        see(x[0], "2_1", "2_2", "2_3"),
        see(x[0], "3_1", "3_2", "3_3", "3_4", "3_5"),
        see(pooled(x[0], np.mean), "pool_1"),
    )
    kernels = {
        layer.name: layer.kernel.shape
        for layer in model.layers
        if isinstance(layer, keras.layers.Conv2D)
    }
    assert kernels == {
        "m_1_1_conv": (1, 1, 3, 4),
        "m_2_1_conv": (1, 1, 3, 2),
        "m_2_2_conv": (1, 5, 2, 2),
        "m_2_3_conv": (5, 1, 2, 4),
        "m_3_1_conv": (1, 1, 3, 2),
        "m_3_2_conv": (5, 1, 2, 2),
        "m_3_3_conv": (1, 5, 2, 2),
        "m_3_4_conv": (5, 1, 2, 2),
        "m_3_5_conv": (1, 5, 2, 4),
        "m_pool_1_conv": (1, 1, 3, 4),
    }


def test_c():
    model = model_of(blocks.inception_c, 2, 3, 4, 5)
    see = functools.partial(branch, model)
    short, long = see(x[0], "2_1"), see(x[0], "3_1", "3_2")
    check(
        model,
        see(x[0], "1_1"),
        see(short, "2_fork_1_1"),
        see(short, "2_fork_2_1"),
        see(long, "3_fork_1_1"),
        see(long, "3_fork_2_1"),
        see(pooled(x[0], np.mean), "pool_1"),
    )
    for number in (2, 3):
        for end, size in [(1, (1, 3)), (2, (3, 1))]:
            layer = model.get_layer(f"m_{number}_fork_{end}_1_conv")
            assert layer.kernel.shape == (*size, 3, 3)


def test_reduction():
    chains = [[(4, 3)], [(2, 1), (3, (1, 5)), (5, 3)]]
    model = model_of(blocks.inception_reduction, *chains)
    see = functools.partial(branch, model, x[0], strides=2, padding="valid")
    check(
        model,
        see("1_1"),
        see("2_1", "2_2", "2_3"),
        pooled(x[0], np.max, strides=2, inside=True),
    )
    assert model.output_shape == (None, 3, 2, 4 + 5 + 3)


def test_a_reduction_that_keeps_the_border():
    """Odd sizes begin with a pixel, even ones with the second: "same"."""
    odd = keras.Input((7, 7, 3))
    block = functools.partial(blocks.inception_reduction, padding="same")
    model = randomize(keras.Model(odd, block(odd, [(4, 3)], name="m")))
    y = images(1, 7, 7, 3)
    expected = np.concatenate(
        [branch(model, y[0], "1_1", strides=2), pooled(y[0], np.max, 2)], -1
    )
    assert expected.shape == (4, 4, 7)
    assert error(run(model, y)[0], expected) <= 1e-5


def test_unknown_pool():
    with pytest.raises(ValueError, match=r"pool_kind='min'.*'average', 'max'"):
        model_of(blocks.inception_a, 2, (3, 4), (2, 3), 5, pool_kind="min")


def test_names_are_free():
    with outlines():
        inputs = keras.Input((9, 9, 4))
        for block in [
            lambda x: blocks.inception_naive(x, 1, 2, 3),
            lambda x: blocks.inception_reduced(x, 1, (2, 3), (2, 3), 1),
            lambda x: blocks.inception_a(x, 1, (2, 3), (2, 3), 1),
            lambda x: blocks.inception_b(x, 2, 3),
            lambda x: blocks.inception_c(x, 1, 2, 3, 4),
            lambda x: blocks.inception_reduction(x, [(2, 3)]),
        ]:
            model = keras.Model(inputs, block(block(inputs)))
            names = [layer.name for layer in model.layers]
            assert len(set(names)) == len(names)
            assert not any("None" in name for name in names)
