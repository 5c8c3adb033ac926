"""Dense blocks and transitions, written out in NumPy."""

import functools

import keras
import numpy as np
import pytest

from course import blocks
from course.catalogue import outlines
from tests.layer_contract import to_numpy
from tests.models import error, images, randomize, run
from tests.oracles import convolve

x = images(1, 5, 6, 3)


def model_of(block, **arguments):
    inputs = keras.Input(x.shape[1:])
    return randomize(keras.Model(inputs, block(inputs, name="b", **arguments)))


def activated(model, name, y):
    """What a normalization called `name_norm` and a ReLU make of y."""
    norm = model.get_layer(f"{name}_norm")
    gamma, beta, mean, variance = norm.get_weights()
    y = gamma * (y - mean) / np.sqrt(variance + norm.epsilon) + beta
    return np.maximum(y, 0)


def convolved(model, name, y):
    (kernel,) = model.get_layer(name).get_weights()
    zeros = kernel.shape[0] // 2
    return convolve(y, kernel, (1, 1), [(zeros, zeros)] * 2, (1, 1))


@pytest.mark.parametrize("bottleneck", [4, 2, 0])
def test_a_dense_block_is_what_came_and_what_each_layer_adds(bottleneck):
    norm = functools.partial(keras.layers.BatchNormalization, epsilon=0.1)
    model = model_of(
        blocks.dense_block, count=3, growth_rate=2, bottleneck=bottleneck,
        norm=norm,
    )  # fmt: skip
    expected = x[0]
    for i in (1, 2, 3):
        y = activated(model, f"b_{i}_relu1", expected)
        if bottleneck:
            y = convolved(model, f"b_{i}_conv1", y)
            assert y.shape[-1] == 2 * bottleneck
            y = activated(model, f"b_{i}_relu2", y)
        y = convolved(model, f"b_{i}_conv2", y)
        expected = np.concatenate([expected, y], axis=-1)
    assert expected.shape == (5, 6, 3 + 3 * 2)
    assert error(run(model, x)[0], expected) <= 1e-5
    assert model.get_layer("b").output is model.output
    assert model.get_layer("b_2").output.shape[-1] == 3 + 2 * 2


@pytest.mark.parametrize(("compression", "channels"), [(0.5, 1), (1, 3)])
def test_a_transition_mixes_channels_and_averages_pixels(compression, channels):
    model = model_of(blocks.transition, compression=compression)
    y = convolved(model, "b_conv", activated(model, "b_relu", x[0]))
    # the last row of an odd number is left out
    expected = y[:4].reshape(2, 2, 3, 2, channels).mean(axis=(1, 3))
    assert error(run(model, x)[0], expected) <= 1e-5
    assert model.get_layer("b").output is model.output


def test_a_dense_block_without_what_came_still_sees_it():
    """Biases, too; without training, dropout changes nothing."""
    model = model_of(
        blocks.dense_block, count=2, growth_rate=2, bottleneck=0,
        use_bias=True, dropout=0.5, include_input=False,
    )  # fmt: skip
    seen = x[0]
    for i in (1, 2):
        y = activated(model, f"b_{i}_relu1", seen)
        y = with_bias(model, f"b_{i}_conv2_conv", y)
        seen = np.concatenate([seen, y], axis=-1)
    expected = seen[..., 3:]
    assert error(run(model, x)[0], expected) <= 1e-5
    trained = to_numpy(model(x, training=True))
    assert (trained == 0).mean() > 0.25


def with_bias(model, name, y):
    kernel, bias = model.get_layer(name).get_weights()
    zeros = kernel.shape[0] // 2
    return bias + convolve(y, kernel, (1, 1), [(zeros, zeros)] * 2, (1, 1))


@pytest.mark.parametrize("dropout", [0, 0.2])
def test_a_transition_down_keeps_maxima(dropout):
    model = model_of(blocks.transition_down, dropout=dropout)
    conv = "b_conv_conv" if dropout else "b_conv"
    y = with_bias(model, conv, activated(model, "b_relu", x[0]))
    # the last row of an odd number is left out
    expected = y[:4].reshape(2, 2, 3, 2, 3).max(axis=(1, 3))
    assert error(run(model, x)[0], expected) <= 1e-5
    assert model.get_layer("b").output is model.output


@pytest.mark.parametrize("size", [(4, 6), (5, 7), (4, 7)])
def test_a_transition_up_lays_kernels_where_the_skip_begins(size):
    """Copies of the kernel, two pixels apart; what sticks out is cut off."""
    low, skip = images(1, 2, 3, 2), images(1, *size, 3, seed=2)
    inputs = [keras.Input(low.shape[1:]), keras.Input(skip.shape[1:])]
    model = randomize(
        keras.Model(inputs, blocks.transition_up(*inputs, 4, name="b"))
    )
    kernel, bias = model.get_layer("b_up").get_weights()
    up = np.zeros((5, 7, 4)) + bias
    for i, j in np.ndindex(2, 3):
        up[2 * i : 2 * i + 3, 2 * j : 2 * j + 3] += kernel @ low[0, i, j]
    up = up[: size[0], : size[1]]
    expected = np.concatenate([up, skip[0]], axis=-1)
    assert error(run(model, [low, skip])[0], expected) <= 1e-5


def test_names_are_free():
    with outlines():
        inputs = keras.Input((9, 9, 4))
        y = blocks.transition(blocks.dense_block(inputs, 2, 3))
        model = keras.Model(
            inputs, blocks.transition(blocks.dense_block(y, 2, 3))
        )
        names = [layer.name for layer in model.layers]
        assert len(set(names)) == len(names)
        assert not any("None" in name for name in names)
