"""Blocks against the layers they are made of, and against NumPy."""

import functools

import keras
import numpy as np
import pytest
from keras import layers

from course import blocks
from tests.models import error, images, randomize, run
from tests.oracles import convolve


def model_of(block, shape, **arguments):
    x = keras.Input(shape)
    return randomize(keras.Model(x, block(x, **arguments)))


def relu(x):
    return np.maximum(x, 0)


def same(x, kernel, bias=0):
    """Convolution of one image at stride 1 that keeps its size."""
    before = [((k - 1) // 2, k // 2) for k in kernel.shape[:2]]
    return convolve(x, kernel, (1, 1), before, (1, 1)) + bias


@pytest.mark.parametrize(
    ("arguments", "names", "parameters"),
    [
        ({}, ["c"], 9 * 3 * 4 + 4),
        ({"activation": None}, ["c"], 9 * 3 * 4 + 4),
        ({"use_bias": False}, ["c"], 9 * 3 * 4),
        ({"norm": True}, ["c_conv", "c_norm", "c"], 9 * 3 * 4 + 16),
        ({"norm": True, "activation": None}, ["c_conv", "c"], 9 * 3 * 4 + 16),
        (
            {"norm": True, "use_bias": True},
            ["c_conv", "c_norm", "c"],
            9 * 3 * 4 + 4 + 16,
        ),
        (
            {"norm": functools.partial(layers.LayerNormalization, scale=False)},
            ["c_conv", "c_norm", "c"],
            9 * 3 * 4 + 4,
        ),
    ],
)
def test_conv_is_convolution_norm_activation(arguments, names, parameters):
    """The last layer bears the name, so that a tap gets the output."""
    conv = functools.partial(blocks.conv, filters=4, kernel_size=3, name="c")
    model = model_of(conv, (6, 7, 3), **arguments)
    assert [layer.name for layer in model.layers[1:]] == names
    assert model.count_params() == parameters
    assert model.get_layer("c").output is model.output
    y = run(model, images(2, 6, 7, 3))
    assert (y.min() >= 0) == ("activation" not in arguments)


def test_conv_with_a_norm_in_numpy():
    conv = functools.partial(blocks.conv, filters=4, kernel_size=3)
    model = model_of(conv, (5, 6, 3), norm=True)
    x = images(1, 5, 6, 3)
    kernel, gamma, beta, mean, variance = model.get_weights()
    y = (same(x[0], kernel) - mean) / np.sqrt(variance + 1e-3)
    assert error(run(model, x)[0], relu(gamma * y + beta)) <= 1e-5


@pytest.mark.parametrize(
    "arguments",
    [
        {"strides": 2},
        {"padding": "valid"},
        {"groups": 2},
        {"dilation_rate": 2},
        {"strides": 2, "activation": "tanh", "use_bias": False},
    ],
)
def test_conv_hands_its_arguments_on(arguments):
    x = images(2, 7, 8, 4)
    theirs = keras.Sequential(
        [
            keras.Input(x.shape[1:]),
            layers.Conv2D(
                6,
                (3, 2),
                **({"padding": "same", "activation": "relu"} | arguments),
            ),
        ]
    )
    conv = functools.partial(blocks.conv, filters=6, kernel_size=(3, 2))
    ours = model_of(conv, x.shape[1:], **arguments)
    theirs.set_weights(ours.get_weights())
    assert error(run(ours, x), run(theirs, x)) <= 1e-6


@pytest.mark.parametrize(("strides", "dilation_rate"), [(1, 1), (2, 1), (1, 2)])
def test_separable_is_space_then_channels(strides, dilation_rate):
    x = images(2, 7, 9, 3)
    block = functools.partial(blocks.separable, filters=5, names=("dw", "pw"))
    ours = model_of(
        block, x.shape[1:], strides=strides, dilation_rate=dilation_rate,
        norm=False, activation=None,
    )  # fmt: skip
    depthwise, bias, pointwise, last = ours.get_weights()
    theirs = keras.layers.SeparableConv2D(
        5, 3, strides, "same", dilation_rate=dilation_rate
    )
    theirs.build(x.shape)
    # without an activation between, the first bias passes the second kernel
    theirs.set_weights([depthwise, pointwise, bias @ pointwise[0, 0] + last])
    model = keras.Sequential([keras.Input(x.shape[1:]), theirs])
    assert error(run(ours, x), run(model, x)) <= 1e-5
    assert [layer.name for layer in ours.layers[1:]] == ["dw", "pw"]


def test_separable_normalizes_and_activates_twice():
    block = functools.partial(blocks.separable, filters=5, names=("dw", "pw"))
    model = model_of(block, (6, 6, 3), activation="relu6")
    assert [layer.name for layer in model.layers[1:]] == [
        *("dw_conv", "dw_norm", "dw", "pw_conv", "pw_norm", "pw"),
    ]
    assert model.count_params() == 9 * 3 + 4 * 3 + 3 * 5 + 4 * 5


def test_mlpconv_is_a_perceptron_at_each_pixel():
    names = ["conv1", "cccp1", "cccp2"]
    block = functools.partial(blocks.mlpconv, filters=(4, 3, 2), names=names)
    model = model_of(block, (5, 6, 3), kernel_size=3, padding="valid")
    x = images(1, 5, 6, 3)
    k1, b1, k2, b2, k3, b3 = model.get_weights()
    y = relu(convolve(x[0], k1, (1, 1), [(0, 0)] * 2, (1, 1)) + b1)
    y = relu(y @ k2[0, 0] + b2)
    y = relu(y @ k3[0, 0] + b3)
    assert y.any()
    assert error(run(model, x)[0], y) <= 1e-5
    assert [layer.name for layer in model.layers[1:]] == names


@pytest.mark.parametrize("expand", [4, (4, 3)])
def test_fire_squeezes_then_expands_by_one_and_by_three(expand):
    block = functools.partial(blocks.fire, squeeze=2, name="fire")
    model = model_of(block, (5, 6, 3), expand=expand)
    x = images(1, 5, 6, 3)
    weights = {
        name: model.get_layer(f"fire_{name}").get_weights()
        for name in ("squeeze1x1", "expand1x1", "expand3x3")
    }
    squeezed = relu(same(x[0], *weights["squeeze1x1"]))
    ones, threes = (
        relu(same(squeezed, *weights[name]))
        for name in ("expand1x1", "expand3x3")
    )
    expected = np.concatenate([ones, threes], axis=-1)
    assert expected.shape[-1] == (8 if expand == 4 else 7)
    assert error(run(model, x)[0], expected) <= 1e-5
    assert model.get_layer("fire").output is model.output


def softmax(x):
    x = np.exp(x - x.max(axis=-1, keepdims=True))
    return x / x.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("activation", ["softmax", None])
def test_heads_in_numpy(activation):
    x = images(2, 3, 4, 5)
    last = softmax if activation else lambda scores: scores
    dense = model_of(
        blocks.dense_head, x.shape[1:], units=(7, 6), classes=4,
        activation=activation, names=("a", "b", "c"),
    )  # fmt: skip
    k1, b1, k2, b2, k3, b3 = dense.get_weights()
    y = relu(relu(x.reshape(2, -1) @ k1 + b1) @ k2 + b2) @ k3 + b3
    assert error(run(dense, x), last(y)) <= 1e-5
    assert dense.get_layer("c").output.shape == (None, 4)

    pooled = model_of(
        blocks.pooled_head, x.shape[1:], classes=4, activation=activation,
        dropout=0.3,
    )  # fmt: skip
    kernel, bias = pooled.get_weights()
    y = x.mean(axis=(1, 2)) @ kernel + bias
    assert error(run(pooled, x), last(y)) <= 1e-5
    assert pooled.get_layer("fc_dropout").rate == 0.3

    scores = model_of(
        blocks.score_head, x.shape[1:], classes=4, activation=activation
    )
    kernel, bias = scores.get_weights()
    y = relu(x @ kernel[0, 0] + bias).mean(axis=(1, 2))
    assert error(run(scores, x), last(y)) <= 1e-5


def test_names_are_free():
    """Without one, a block can stand twice in a model."""
    x = keras.Input((9, 9, 3))
    for block in [
        lambda x: blocks.conv(x, 3, 3, norm=True),
        lambda x: blocks.depthwise(x, 3, norm=True),
        lambda x: blocks.separable(x, 3),
        lambda x: blocks.mlpconv(x, (4, 3), 3),
        lambda x: blocks.fire(x, 2, (1, 2)),
    ]:
        model = keras.Model(x, block(block(x)))
        assert model.output_shape == (None, 9, 9, 3)
        names = [layer.name for layer in model.layers]
        assert len(set(names)) == len(names)
        assert not any("None" in name for name in names)
