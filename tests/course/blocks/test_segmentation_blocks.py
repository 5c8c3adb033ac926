"""Blocks of networks that segment, against NumPy loops."""

import functools

import keras
import numpy as np
import pytest

from course import blocks
from tests.models import error, images, randomize, run
from tests.oracles import convolve, transposed_convolve

RATES = {"ctx_conv2_1": 2, "ctx_conv3_1": 4, "ctx_conv4_1": 8}
RATES |= {"ctx_conv5_1": 16}


def relu(x):
    return np.maximum(x, 0)


def layer(x, weights, dilation=1, padding="same"):
    """A convolution of one image at stride 1."""
    kernel, *bias = weights
    around = dilation * (kernel.shape[0] // 2) if padding == "same" else 0
    y = convolve(x, kernel, (1, 1), [(around,) * 2] * 2, (dilation,) * 2)
    return y + (bias[0] if bias else 0)


def up(x, weights, kernel_size, strides, padding):
    kernel, *bias = weights
    y = transposed_convolve(
        x, kernel, (strides,) * 2, (padding,) * 2, (0, 0), (1, 1)
    )
    return y + (bias[0] if bias else 0)


def model_of(block, *shapes):
    inputs = [keras.Input(shape) for shape in shapes]
    return randomize(keras.Model(inputs, block(*inputs)))


def weights_of(model):
    return lambda name: model.get_layer(name).get_weights()


@pytest.mark.parametrize(("offset", "size"), [(3, (16, 17)), (None, (9, 8))])
def test_fcn_head_in_numpy(offset, size):
    """The skip is cropped to the upsampled scores, or these to the skip."""
    head = functools.partial(
        blocks.fcn_head, offset=offset, names=("up", "score", "fuse")
    )
    model = model_of(head, (5, 4, 3), (*size, 6))
    x, skip = images(1, 5, 4, 3), images(1, *size, 6, seed=2)
    weights = weights_of(model)
    fine = layer(skip[0], weights("score"))
    coarse = up(x[0], weights("up"), 4, 2, 0 if offset else 1)
    if offset:
        fine = fine[3 : 3 + coarse.shape[0], 3 : 3 + coarse.shape[1]]
    else:
        coarse = coarse[: size[0], : size[1]]
    assert coarse.shape == ((12, 10, 3) if offset else (9, 8, 3))
    assert error(run(model, [x, skip])[0], coarse + fine) <= 1e-5
    assert model.get_layer("fuse").output is model.output


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_unets_steps_in_numpy(padding):
    """Down, and up again beside what went down, on odd sizes for "same"."""

    def block(x):
        x, skip = blocks.contraction(x, 4, padding, name="down")
        return blocks.expansion(x, skip, 3, padding, name="up")

    size = (16, 18) if padding == "valid" else (9, 7)
    model = model_of(block, (*size, 2))
    weights = weights_of(model)
    x = images(1, *size, 2)
    skip = relu(layer(x[0], weights("down_1"), padding=padding))
    skip = relu(layer(skip, weights("down"), padding=padding))
    h, w, c = skip.shape
    even = np.pad(
        skip, [(0, h % 2), (0, w % 2), (0, 0)], constant_values=-np.inf
    )
    pooled = even.reshape(-(-h // 2), 2, -(-w // 2), 2, c).max(axis=(1, 3))
    y = up(pooled, weights("up_up"), 2, 2, 0)
    if padding == "valid":
        assert y.shape[:2] == (h, w)
    y = np.concatenate([skip, y[:h, :w]], axis=-1)
    y = relu(layer(y, weights("up_1"), padding=padding))
    y = relu(layer(y, weights("up"), padding=padding))
    assert error(run(model, x)[0], y) <= 1e-5


def test_unets_skip_is_cropped_around_its_centre():
    x, skip = images(1, 3, 3, 2), images(1, 12, 10, 4, seed=2)
    model = model_of(
        lambda x, skip: blocks.expansion(x, skip, 3, name="up"),
        *(each.shape[1:] for each in (x, skip)),
    )
    concat = model.get_layer("up_concat").output
    got = run(keras.Model(model.input, concat), [x, skip])
    np.testing.assert_array_equal(got[..., :4], skip[:, 3:-3, 2:-2])


@pytest.mark.parametrize("transposed", [False, True])
def test_segnets_stages_in_numpy(transposed):
    """Values go back to where they came from; then gaps are filled."""

    def block(x):
        x, switches = blocks.encoder_stage(x, (3,), ("e",), pool="pool")
        return blocks.decoder_stage(
            x, switches, (2,), ("d",), unpool="unpool", transposed=transposed
        )

    model = model_of(block, (5, 6, 2))
    weights = weights_of(model)

    def normalized(x, name):
        gamma, beta, mean, variance = weights(name)
        return relu(gamma * (x - mean) / np.sqrt(variance + 1e-3) + beta)

    x = images(1, 5, 6, 2)
    encoded = normalized(layer(x[0], weights("e_conv")), "e_norm")
    y = np.zeros_like(encoded)
    for i, j, c in np.ndindex(3, 3, 3):
        cell = encoded[2 * i : 2 * i + 2, 2 * j : 2 * j + 2, c]
        row, column = np.unravel_index(cell.argmax(), cell.shape)
        y[2 * i + row, 2 * j + column, c] = cell.max()
    if transposed:
        y = up(y, weights("d_conv"), 3, 1, 1)
    else:
        y = layer(y, weights("d_conv"))
    assert error(run(model, x)[0], normalized(y, "d_norm")) <= 1e-5


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_the_context_module_in_numpy(padding):
    """With its zeros before the first layer, or at each."""
    classes = 2
    block = functools.partial(blocks.context, padding=padding)
    model = model_of(block, (5, 4, classes))
    x = images(1, 5, 4, classes)
    y = x[0]
    if padding == "valid":
        y = np.pad(y, [(33, 33), (33, 33), (0, 0)])
    for each in model.layers:
        if isinstance(each, keras.layers.Conv2D):
            y = layer(y, each.get_weights(), RATES.get(each.name, 1), padding)
            y = y if each.name == "ctx_final" else relu(y)
    assert y.any()
    assert error(run(model, x)[0], y) <= 1e-5


@pytest.mark.parametrize("kind", ["basic", "large"])
def test_context_begins_as_the_identity_of_what_is_not_negative(kind):
    x = keras.Input((6, 5, 3))
    model = keras.Model(x, blocks.context(x, kind, noise=0.0))
    scores = np.abs(images(1, 6, 5, 3))
    assert error(run(model, scores), scores) <= 1e-6
    noisy = keras.Model(x, blocks.context(x, kind, noise=0.01))
    difference = error(run(noisy, scores), scores)
    if kind == "large":  # copies of a class are no longer equal
        assert 1e-4 < difference < 0.5
        kernel = noisy.get_layer("ctx_conv1_1").get_weights()[0]
        assert not np.allclose(kernel[0, 0, 0, 0], kernel[0, 0, 0, 1])
    else:
        assert difference <= 1e-6
