"""Residual blocks against their figures, written out in NumPy."""

import functools

import keras
import numpy as np
import pytest

from course import blocks
from course.blocks.residual import ORDERS
from course.catalogue import outlines
from tests.models import error, field, images, randomize, run
from tests.oracles import convolve

basic = functools.partial(blocks.residual_basic, name="b")
bottleneck = functools.partial(blocks.residual_bottleneck, name="b")


def model_of(block, channels, *arguments, **settings):
    """A block alone, for images of any size."""
    x = keras.Input((None, None, channels))
    return randomize(keras.Model(x, block(x, *arguments, **settings)))


def relu(x):
    return np.maximum(x, 0)


def conv_of(model, name, strides=1, dilation=1):
    """A convolution with a zero, or `dilation` of them, on each side."""
    (kernel,) = model.get_layer(name).get_weights()
    zeros = dilation * (kernel.shape[0] // 2)
    return lambda x: convolve(
        x, kernel, (strides,) * 2, [(zeros, zeros)] * 2, (dilation,) * 2
    )


def norm_of(model, name):
    gamma, beta, mean, variance = model.get_layer(name).get_weights()
    return lambda x: gamma * (x - mean) / np.sqrt(variance + 1e-3) + beta


# Figure 4 of He et al. 2016b, panel by panel: n is for norms, c for
# convolutions, s for the shortcut of x or of what leads to it.
PANELS = {
    "original": lambda x, c, n, s: relu(
        s(x) + n["norm2"](c[1](relu(n["norm1"](c[0](x)))))
    ),
    "norm-after-sum": lambda x, c, n, s: relu(
        n["normsum"](s(x) + c[1](relu(n["norm1"](c[0](x)))))
    ),
    "relu-before-sum": lambda x, c, n, s: (
        s(x) + relu(n["norm2"](c[1](relu(n["norm1"](c[0](x))))))
    ),
    "relu-first": lambda x, c, n, s: (
        s(x) + n["norm2"](c[1](relu(n["norm1"](c[0](relu(x))))))
    ),
    "full": lambda x, c, n, s: (
        s(x) + c[1](relu(n["norm1"](c[0](relu(n["norm0"](x))))))
    ),
    "full-activated": lambda x, c, n, s: s(x) + c[1](relu(n["norm1"](c[0](x)))),
}


@pytest.mark.parametrize("order", ORDERS)
def test_orders_with_x_itself_as_the_shortcut(order):
    model = model_of(basic, 3, 3, order=order)
    x = images(1, 5, 6, 3)
    convs = [conv_of(model, f"b_conv{i}") for i in (1, 2)]
    norms = {
        layer.name.removeprefix("b_"): norm_of(model, layer.name)
        for layer in model.layers
        if isinstance(layer, keras.layers.BatchNormalization)
    }
    expected = PANELS[order](x[0], convs, norms, lambda x: x)
    assert error(run(model, x)[0], expected) <= 1e-5
    assert model.get_layer("b").output is model.output


@pytest.mark.parametrize("shape", [(6, 6), (5, 8)])
@pytest.mark.parametrize("order", ["original", "relu-before-sum", "full"])
def test_a_stride_and_new_channels_need_a_projection(order, shape):
    model = model_of(basic, 2, 3, 2, order=order)
    x = images(1, *shape, 2)
    convs = [conv_of(model, "b_conv1", 2), conv_of(model, "b_conv2")]
    norms = {
        layer.name.removeprefix("b_"): norm_of(model, layer.name)
        for layer in model.layers
        if isinstance(layer, keras.layers.BatchNormalization)
    }

    def shortcut(x):
        if order == "full":  # shares the first normalization and activation
            return conv_of(model, "b_shortcut", 2)(relu(norms["norm0"](x)))
        return norms["shortcut"](conv_of(model, "b_shortcut_conv", 2)(x))

    expected = PANELS[order](x[0], convs, norms, shortcut)
    assert error(run(model, x)[0], expected) <= 1e-5


@pytest.mark.parametrize("stride_on", ["1x1", "3x3"])
def test_the_bottleneck_in_numpy(stride_on):
    model = model_of(bottleneck, 3, 2, 2, stride_on=stride_on)
    x = images(1, 5, 6, 3)
    strides = (2, 1) if stride_on == "1x1" else (1, 2)
    y = x[0]
    for i, s in enumerate(strides, start=1):
        y = relu(
            norm_of(model, f"b_norm{i}")(conv_of(model, f"b_conv{i}", s)(y))
        )
    y = norm_of(model, "b_norm3")(conv_of(model, "b_conv3")(y))
    shortcut = conv_of(model, "b_shortcut_conv", 2)(x[0])
    expected = relu(norm_of(model, "b_shortcut")(shortcut) + y)
    assert expected.shape == (3, 3, 8)
    assert error(run(model, x)[0], expected) <= 1e-5


def test_shortcut_a_keeps_pixels_and_adds_zeros():
    x = images(2, 5, 6, 3)
    for strides in (1, 2, 3):
        model = model_of(blocks.shortcut_pad, 3, 7, strides)
        y = run(model, x)
        np.testing.assert_array_equal(
            y[..., :3], x[:, ::strides, ::strides], err_msg=str(strides)
        )
        assert y.shape[-1] == 7
        assert not y[..., 3:].any()
        assert model.count_params() == 0
    with pytest.raises(ValueError, match=r'filters=2 for 3 .*shortcut="B"'):
        model_of(blocks.shortcut_pad, 3, 2)


def test_shortcut_a_in_a_block():
    model = model_of(basic, 2, 4, 2, shortcut="A", order="full")
    for layer in model.layers:
        if "conv" in layer.name and layer.weights:
            layer.set_weights([0 * w for w in layer.get_weights()])
    x = images(1, 6, 6, 2)
    y = run(model, x)[0]
    shared = relu(norm_of(model, "b_norm0")(x[0, ::2, ::2]))
    assert error(y[..., :2], shared) <= 1e-5
    assert not y[..., 2:].any()


@pytest.mark.parametrize(
    ("order", "is_identity"),
    [("original", False), ("full", True), ("relu-before-sum", True)],
)
def test_a_branch_that_says_nothing(order, is_identity):
    """The original block still cuts what is negative: it gives ReLU(x)."""
    model = model_of(basic, 3, 3, order=order)
    for layer in model.layers:
        if layer.name in ("b_conv2", "b_norm2"):
            layer.set_weights([0 * w for w in layer.get_weights()])
    x = images(2, 5, 5, 3)
    expected = x if is_identity else relu(x)
    # a norm of zeros has beta 0 and divides by sqrt(epsilon)
    np.testing.assert_allclose(run(model, x), expected, atol=1e-6)


def test_the_stride_is_on_the_first_convolution():
    """Then the block sees 7 pixels; on the second it would be 5."""
    x = keras.Input((None, None, 3))
    assert field(keras.Model(x, basic(x, 4, 2)), "b") == 7
    assert field(keras.Model(x, bottleneck(x, 4, 2)), "b") == 5
    assert field(keras.Model(x, bottleneck(x, 4, 2, stride_on="3x3")), "b") == 3


@pytest.mark.parametrize("size", [(8, 8), (7, 10)])
@pytest.mark.parametrize(
    "block",
    [basic, bottleneck, functools.partial(bottleneck, stride_on="3x3")],
)
def test_dilation_takes_the_place_of_a_stride(block, size):
    """The same features, and three more for each; then at dilation 2."""

    def chain(x, strides, rates):
        x = block(x, 2, strides, dilation_rate=rates, name="first")
        return block(x, 2, dilation_rate=rates[1], name="second")

    strided = model_of(chain, 3, strides=2, rates=(1, 1))
    dilated = model_of(chain, 3, strides=1, rates=(1, 2))
    dilated.set_weights(strided.get_weights())
    x = images(1, *size, 3)
    fine = run(dilated, x)
    assert fine.shape[1:3] == size
    assert error(fine[:, ::2, ::2], run(strided, x)) <= 1e-5


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"order": "pre"}, "order='pre'.*'original'.*'full'"),
        ({"shortcut": "C"}, "shortcut='C'.*'A', 'B'"),
        ({"stride_on": "5x5"}, "stride_on='5x5'.*'1x1', '3x3'"),
    ],
)
def test_unknown_options(settings, message):
    with pytest.raises(ValueError, match=message):
        bottleneck(keras.Input((8, 8, 4)), 4, **settings)


def test_names_are_free():
    with outlines():
        x = keras.Input((9, 9, 4))
        for order in ORDERS:
            block = functools.partial(
                blocks.residual_basic, filters=4, shortcut="A", order=order
            )
            model = keras.Model(x, block(block(x)))
            names = [layer.name for layer in model.layers]
            assert len(set(names)) == len(names)
            assert not any("None" in name for name in names)
