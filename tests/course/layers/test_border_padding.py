"""BorderPadding against NumPy's pad, whose modes bear other names."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.gradients import value_and_gradients
from course.layers import BorderPadding
from tests.layer_contract import check_layer, to_numpy

NUMPYS = {
    "zero": "constant",
    "border": "edge",
    "symmetric": "symmetric",
    "reflect": "reflect",
    "cyclic": "wrap",
}
modes = pytest.mark.parametrize("mode", NUMPYS)


def padded(x, axes, mode):
    return np.pad(x, [(0, 0), *axes, (0, 0)], mode=NUMPYS[mode])


@modes
@settings(max_examples=15)
@given(data=st.data())
def test_it_is_numpys_pad(mode, data):
    """Images and sequences, pads larger than the image, images of a pixel."""
    rank = data.draw(st.integers(1, 2))
    sizes = data.draw(st.tuples(*[st.integers(1, 4)] * rank))
    pair = st.tuples(st.integers(0, 9), st.integers(0, 9))
    axes = data.draw(st.tuples(*[pair] * rank))
    x = np.arange(2 * np.prod(sizes) * 2, dtype="float32")
    x = x.reshape(2, *sizes, 2)
    layer = BorderPadding(axes, mode)
    got = to_numpy(layer(x))
    np.testing.assert_array_equal(got, padded(x, axes, mode))
    assert got.shape == layer.compute_output_shape(x.shape)


@modes
def test_sizes_may_be_unknown(mode):
    inputs = keras.Input((None, None, 2))
    layer = BorderPadding(((3, 1), 4), mode)
    model = keras.Model(inputs, layer(inputs))
    assert model.output_shape == (None, None, None, 2)
    for sizes in [(2, 5), (1, 3)]:
        x = np.random.default_rng(0).normal(size=(2, *sizes, 2))
        x = x.astype("float32")
        expected = padded(x, [(3, 1), (4, 4)], mode)
        got = model.predict(x, verbose=0)
        np.testing.assert_array_equal(got, expected)


@modes
def test_each_pixel_gets_the_gradients_of_its_copies(mode):
    """<pad(x), w> is linear in x; its gradient's sum weights all copies."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1, 3, 4, 2)).astype("float32")
    axes = [(2, 4), (5, 1)]
    w = rng.normal(size=(1, 9, 10, 2)).astype("float32")
    layer = BorderPadding(axes, mode)
    _, (gradient,) = value_and_gradients(
        lambda x: keras.ops.sum(keras.ops.multiply(layer(x), w)), x
    )
    expected = np.zeros_like(x)
    places = padded(np.arange(1.0, x.size + 1).reshape(x.shape), axes, mode)
    for place, weight in zip(places.ravel(), w.ravel(), strict=True):
        if place:  # 0 is no pixel of x
            expected.ravel()[int(place) - 1] += weight
    np.testing.assert_allclose(gradient, expected, rtol=1e-5, atol=1e-5)


def test_cyclic_convolution_is_a_product_of_spectra():
    """With cyclic padding the convolution theorem holds exactly."""
    rng = np.random.default_rng(0)
    x, kernel = rng.normal(size=(6, 7)), rng.normal(size=(3, 3))
    extended = BorderPadding(1, "cyclic")(x[None, ..., None].astype("float32"))
    flipped = kernel[::-1, ::-1, None, None].astype("float32")
    got = to_numpy(keras.ops.conv(extended, flipped, 1, "valid"))[0, ..., 0]
    spectrum = np.fft.fft2(x) * np.fft.fft2(kernel, x.shape)
    expected = np.roll(np.fft.ifft2(spectrum).real, (-1, -1), (0, 1))
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)


@modes
def test_layer_contract(mode, tmp_path):
    def make(**arguments):
        return BorderPadding([[1, 2], 3], mode, **arguments)

    check_layer(make, (2, 4, 3, 2), tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mode": "mirror"}, "'mirror'.*'symmetric', 'reflect'"),
        ({"padding": -1}, "padding.*at least 0.*-1"),
        ({"padding": ((1, -1), 0)}, "padding.*at least 0.*-1"),
        ({"padding": "same"}, "'same' is a word.*pixels"),
        ({"padding": (1, (1, 2, 3))}, "3 entries"),
        ({"padding": 1.5}, "padding.*1.5"),
    ],
)
def test_bad_arguments_say_what_is_expected(arguments, message):
    with pytest.raises(ValueError, match=message):
        BorderPadding(**arguments)


@pytest.mark.parametrize(
    ("padding", "shape", "message"),
    [
        ((1, 2, 3), (1, 4, 4, 2), "3 entries for 2"),
        (1, (4, 4), r"\(n, h, w, c\).*\(4, 4\)"),
    ],
)
def test_bad_inputs_say_what_is_expected(padding, shape, message):
    with pytest.raises(ValueError, match=message):
        BorderPadding(padding)(keras.Input(batch_shape=shape))
