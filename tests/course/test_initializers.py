"""The tent interpolates as an image library does, and as the decks draw it."""

import keras
import numpy as np
import pytest

from course.initializers import Bilinear, GroupedIdentity
from course.layers import TransposedConv

numpy = keras.ops.convert_to_numpy


def upsampled(image, size, strides, initializer, padding=0):
    """`image` (h, w, c) through a layer that nobody trained."""
    layer = keras.Sequential(
        [
            keras.Input(image.shape),
            TransposedConv(
                image.shape[-1],
                size,
                strides=strides,
                padding=padding,
                use_bias=False,
                kernel_initializer=initializer,
            ),
        ]
    )
    return numpy(layer(image[None].astype("float32")))[0]


@pytest.mark.parametrize("stride", [2, 3, 4, 5, 8])
def test_it_resizes_as_keras_does_inside_the_border(stride):
    image = np.random.default_rng(stride).random((6, 5, 3))
    size = 2 * stride - stride % 2
    got = upsampled(image, size, stride, Bilinear(), (size - stride) // 2)
    height, width = 6 * stride, 5 * stride
    want = keras.ops.image.resize(
        image.astype("float32"), (height, width), interpolation="bilinear"
    )
    assert got.shape == (height, width, 3)
    inside = np.s_[stride:-stride, stride:-stride]
    np.testing.assert_allclose(
        got[inside], numpy(want)[inside], rtol=1e-5, atol=1e-6
    )


def test_strides_may_differ_between_the_axes():
    image = np.random.default_rng(0).random((6, 5, 1))
    got = upsampled(image, (4, 5), (2, 3), Bilinear((2, 3)), 1)
    want = keras.ops.image.resize(image.astype("float32"), (12, 15))
    np.testing.assert_allclose(
        got[2:-2, 3:-3], numpy(want)[2:-2, 3:-3], rtol=1e-5
    )


def test_the_natural_stride_is_that_of_the_published_rule():
    for size in range(1, 20):  # upsample_filt of the FCN authors
        factor = (size + 1) // 2
        centre = factor - 1 if size % 2 else factor - 0.5
        row = 1 - abs(np.arange(size) - centre) / factor
        kernel = numpy(Bilinear()((size, size, 1, 1)))[..., 0, 0]
        np.testing.assert_allclose(kernel, np.outer(row, row), rtol=1e-6)


def test_three_taps_keep_the_pixels_and_halve_between_them():
    kernel = numpy(Bilinear(2)((3, 3, 1, 1)))[..., 0, 0]
    assert kernel.tolist() == [
        [0.25, 0.5, 0.25],
        [0.5, 1, 0.5],
        [0.25, 0.5, 0.25],
    ]
    ramp = np.array([[3.0, 7.0]])[..., None]
    got = upsampled(ramp, 3, 2, Bilinear(2), 1)
    assert got[..., 0].tolist() == [[3, 5, 7]]


def test_channels_do_not_meet():
    kernel = numpy(Bilinear()((4, 4, 3, 3)))
    tent = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 16
    np.testing.assert_array_equal(
        kernel, tent[..., None, None] * np.eye(3), strict=False
    )


@pytest.mark.parametrize("size", [3, 4, 5, 6, 7])
def test_what_is_constant_stays_constant_at_stride_two(size):
    got = upsampled(np.ones((6, 6, 1)), size, 2, Bilinear(2))
    inside = got[size:-size, size:-size]
    np.testing.assert_allclose(inside, 1, rtol=1e-6)


def test_a_saved_model_knows_it(tmp_path):
    model = keras.Sequential(
        [
            keras.Input((4, 4, 2)),
            keras.layers.Conv2DTranspose(
                2, 5, strides=2, kernel_initializer=Bilinear(2)
            ),
        ]
    )
    model.save(tmp_path / "m.keras")
    layer = keras.saving.load_model(tmp_path / "m.keras").layers[0]
    assert layer.kernel_initializer.get_config() == {"strides": 2}
    np.testing.assert_array_equal(
        numpy(layer.kernel), numpy(Bilinear(2)((5, 5, 2, 2)))
    )


def test_the_dtype_is_the_one_asked_for():
    kernel = Bilinear()((4, 4, 1, 1), dtype="float16")
    assert keras.backend.standardize_dtype(kernel.dtype) == "float16"


@pytest.mark.parametrize(
    ("strides", "shape", "message"),
    [
        (None, (4, 4, 3, 2), r"\(4, 4, 3, 2\) is no kernel"),
        (None, (4, 4), r"\(4, 4\) is no kernel"),
        (2, (2, 4, 1, 1), "2 taps are too few for stride 2.*kernel_size=4"),
        ((2, 3), (4, 4, 1, 1), "4 taps are too few for stride 3"),
        (0, (4, 4, 1, 1), "strides"),
    ],
)
def test_what_cannot_interpolate_is_refused(strides, shape, message):
    with pytest.raises(ValueError, match=message):
        Bilinear(strides)(shape)


def grouped_loops(groups, before, after):
    """Equation 5 of Yu and Koltun at the middle of a kernel, without noise."""
    kernel = np.zeros((before, after))
    for a, b in np.ndindex(before, after):
        if a * groups // before == b * groups // after:
            kernel[a, b] = groups / after
    return kernel


@pytest.mark.parametrize(
    ("groups", "before", "after"), [(3, 3, 3), (3, 3, 6), (2, 8, 4), (1, 4, 3)]
)
def test_groups_pass_through_the_middle(groups, before, after):
    kernel = numpy(GroupedIdentity(groups)((3, 5, before, after)))
    expected = np.zeros((3, 5, before, after))
    expected[1, 2] = grouped_loops(groups, before, after)
    np.testing.assert_allclose(kernel, expected, rtol=1e-6)


def test_noise_is_relative_to_what_passes():
    make = GroupedIdentity(4, noise=0.1, seed=7)
    kernel = numpy(make((3, 3, 64, 64)))
    passing = np.zeros(kernel.shape, bool)
    passing[1, 1] = grouped_loops(4, 64, 64) > 0
    np.testing.assert_allclose(kernel[passing], 4 / 64, rtol=1e-6)
    np.testing.assert_allclose(kernel[~passing].std(), 0.1 * 4 / 64, rtol=0.02)
    assert abs(kernel[~passing].mean()) < 1e-4
    copy = GroupedIdentity.from_config(make.get_config())
    np.testing.assert_array_equal(numpy(copy((3, 3, 64, 64))), kernel)


@pytest.mark.parametrize(
    ("groups", "shape", "message"),
    [
        (3, (3, 3, 4, 3), r"\(3, 3, 4, 3\).*3 groups.*multiples of 3"),
        (3, (3, 3, 3, 4), "multiples of 3"),
        (1, (2, 3, 1, 1), "odd kh and kw"),
        (1, (3, 1, 1), r"\(kh, kw, c_in, c_out\)"),
        (0, (3, 3, 1, 1), "groups.*at least 1.*0"),
    ],
)
def test_what_passes_no_groups_is_refused(groups, shape, message):
    with pytest.raises(ValueError, match=message):
        GroupedIdentity(groups)(shape)
