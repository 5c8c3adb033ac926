"""Histograms of gradients: values by hand, and what they ignore."""

import numpy as np
import pytest
from skimage.feature import hog

from course.features import histograms_of_gradients

NOISE = np.random.default_rng(0).random((3, 16, 12, 1))


@pytest.mark.parametrize(
    ("picture", "direction"),
    [
        (np.tile(np.arange(8.0), (8, 1)), 0),  # brighter to the right
        (np.tile(np.arange(8.0), (8, 1)).T, 1),  # brighter to the bottom
    ],
)
def test_a_ramp_has_edges_of_one_direction(picture, direction):
    got = histograms_of_gradients(picture[None, ..., None], block=1, bins=2)
    want = np.zeros((4, 2))
    want[:, direction] = 1
    np.testing.assert_allclose(got.reshape(4, 2), want, atol=1e-5)


def test_each_image_has_the_features_of_scikit_image():
    got = histograms_of_gradients(NOISE, cell=3, block=2, bins=5)
    want = [hog(each[..., 0], 5, (3, 3), (2, 2)) for each in NOISE]
    np.testing.assert_allclose(got, want, rtol=1e-6)
    # 5 x 4 cells have 4 x 3 blocks of 2 x 2
    assert got.shape == (3, 4 * 3 * 2 * 2 * 5)


def test_brightness_and_contrast_change_nothing():
    got = histograms_of_gradients(0.5 * NOISE + 0.25)
    np.testing.assert_allclose(got, histograms_of_gradients(NOISE), atol=1e-8)


def test_a_negative_has_the_same_edges():
    got = histograms_of_gradients(1 - NOISE)
    np.testing.assert_allclose(got, histograms_of_gradients(NOISE), atol=1e-8)


@pytest.mark.parametrize(
    "shape", [(3, 16, 12), (3, 16, 12, 3), (3, 7, 12, 1), (0, 16, 12, 1)]
)
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"Expected \(n, h, w, 1\)"):
        histograms_of_gradients(np.zeros(shape))
