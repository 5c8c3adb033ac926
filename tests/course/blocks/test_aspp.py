"""ASPP, its decoder, aligned Xception and enlarging, written out in NumPy."""

import keras
import numpy as np
import pytest

from course import blocks
from tests.layer_contract import to_numpy
from tests.models import error, images, randomize, run
from tests.oracles import convolve


def relu(x):
    return np.maximum(x, 0)


def layers_of(model):
    """Functions of images (h, w, c) that a model's layers are, by name."""

    def conv(name, strides=1, dilation=1):
        (kernel,) = model.get_layer(name).get_weights()
        groups = 1
        if name.endswith("dw_conv"):
            groups, kernel = kernel.shape[2], kernel.transpose(0, 1, 3, 2)
        zeros = dilation * (kernel.shape[0] // 2)
        return lambda x: convolve(
            x,
            kernel,
            (strides,) * 2,
            [(zeros, zeros)] * 2,
            (dilation,) * 2,
            groups,
        )

    def norm(name):
        gamma, beta, mean, variance = model.get_layer(name).get_weights()
        return lambda x: gamma * (x - mean) / np.sqrt(variance + 1e-3) + beta

    def whole(name, strides=1, dilation=1, activation=relu):
        """Convolution, norm, ReLU."""
        end = f"{name}_norm" if activation is relu else name
        first, second = conv(f"{name}_conv", strides, dilation), norm(end)
        return lambda x: activation(second(first(x)))

    return whole


def linear(x):
    return x


def test_aspp():
    x = keras.Input((None, None, 3))
    model = keras.Model(x, blocks.aspp(x, 2, (2, 3), name="a"))
    image = images(1, 7, 6, 3)
    layer = layers_of(randomize(model))
    (x,) = image
    mean = x.mean(axis=(0, 1), keepdims=True)
    branches = [
        layer("a_1x1")(x),
        layer("a_rate2")(layer("a_rate2_dw", dilation=2)(x)),
        layer("a_rate3")(layer("a_rate3_dw", dilation=3)(x)),
        np.tile(layer("a_vector")(mean), (7, 6, 1)),
    ]
    expected = layer("a")(np.concatenate(branches, axis=-1))
    assert expected.std() > 0.01
    assert error(run(model, image)[0], expected) <= 1e-5


def test_decoder():
    """Coarse pixels stand at 0, 2, 4 of the finer ones."""
    x, low = keras.Input((3, 4, 2)), keras.Input((5, 8, 3))
    model = keras.Model(
        [x, low], blocks.aspp_decoder(x, low, 2, 4, 2, name="d")
    )
    layer = layers_of(randomize(model))
    x, low = images(1, 3, 4, 2), images(1, 5, 8, 3, seed=2)
    up = interpolated(x[0], 2, (5, 8))
    y = np.concatenate([up, layer("d_low")(low[0])], axis=-1)
    y = layer("d_1")(layer("d_1_dw")(y))
    expected = layer("d")(layer("d_dw")(y))
    assert expected.std() > 0.01
    assert error(run(model, [x, low])[0], expected) <= 1e-5


@pytest.mark.parametrize("size", [(6, 7), (5, 8)])
@pytest.mark.parametrize(
    ("filters", "strides", "dilation"),
    [((3, 3, 3), 1, 1), ((4, 4, 5), 2, 1), ((2, 4), 1, 2)],
)
def test_xception_module(filters, strides, dilation, size):
    x = keras.Input((*size, 3))
    y = blocks.xception_module(
        x, filters, strides, dilation_rate=dilation, name="m"
    )
    model = randomize(keras.Model(x, y))
    layer = layers_of(model)
    image = images(1, *size, 3)
    (x,) = image
    y = x
    for i in range(1, len(filters) + 1):
        s = strides if i == len(filters) else 1
        y = layer(f"m_sep{i}_dw", s, dilation)(relu(y))
        y = layer(f"m_sep{i}", activation=linear)(y)
    if filters != (3, 3, 3):
        x = layer("m_shortcut", strides, activation=linear)(x)
    assert error(run(model, image)[0], x + y) <= 1e-5


def interpolated(x, factor, shape):
    """An image whose pixels stand at 0, s, 2 s, ...; the last is repeated."""
    y = np.empty((*shape, x.shape[-1]))
    for channel in range(x.shape[-1]):
        rows = [
            np.interp(
                np.arange(shape[1]),
                factor * np.arange(x.shape[1]),
                row,
            )
            for row in x[..., channel]
        ]
        for column, values in enumerate(np.transpose(rows)):
            y[:, column, channel] = np.interp(
                np.arange(shape[0]), factor * np.arange(len(x)), values
            )
    return y


@pytest.mark.parametrize(
    ("factor", "shape"),
    [
        (1, (3, 4)),
        (2, (6, 8)),
        (2, (5, 7)),
        (4, (12, 13)),
        (4, (9, 16)),
        (8, (17, 31)),
    ],
)
def test_enlarged_pixels_return_to_where_they_came_from(factor, shape):
    x = images(1, 3, 4, 2)
    reference = np.zeros((1, *shape, 1), "float32")
    y = to_numpy(blocks.enlarge(x, reference, factor))
    assert error(y[0], interpolated(x[0], factor, shape)) <= 1e-6
    kept = x[:, : -(-shape[0] // factor), : -(-shape[1] // factor)]
    np.testing.assert_allclose(y[:, ::factor, ::factor], kept, rtol=1e-6)


@pytest.mark.parametrize("factor", [0, 3, 12, 2.0, "4"])
def test_factors_that_do_not_fit(factor):
    x = keras.Input((3, 4, 2))
    with pytest.raises(ValueError, match=f"factor.*{factor}"):
        blocks.enlarge(x, x, factor)
