"""The effective field against binomial laws and Luo et al.'s statements."""

import functools
import math

import keras
import numpy as np
import pytest
from keras import layers

from course.receptive_field import effective_receptive_field


def ones(depth, kernel=3, side=41, activation=None):
    """A chain of filters of ones, of one channel."""
    convs = [
        layers.Conv2D(
            1, kernel, activation=activation, kernel_initializer="ones"
        )
        for _ in range(depth)
    ]
    return keras.Sequential([keras.Input((side, side, 1)), *convs])


@pytest.mark.parametrize("depth", [1, 4, 9])
def test_equal_weights_give_the_kernel_convolved_with_itself(depth):
    found = effective_receptive_field(ones(depth), count=1)
    line = functools.reduce(np.convolve, [np.ones(3)] * depth)
    exact = np.outer(line, line) / line.max() ** 2
    np.testing.assert_allclose(found.map[found.window], exact, atol=1e-5)
    assert found.map.sum() == pytest.approx(exact.sum(), rel=1e-5)
    middle = found.position[0] + depth
    assert found.window[0] == slice(middle - depth, middle + depth + 1)
    np.testing.assert_allclose(found.center, middle, atol=1e-3)
    outside = (exact > 0.0455).sum() / exact.size
    assert found.fraction == pytest.approx(outside)


@pytest.mark.parametrize(("depth", "kernel"), [(9, 3), (16, 3), (6, 5)])
def test_it_is_a_gaussian_as_wide_as_the_square_root_of_the_depth(
    depth, kernel
):
    """A row of k equal taps has the variance (k^2 - 1)/12; they add."""
    found = effective_receptive_field(ones(depth, kernel), count=1)
    expected = math.sqrt(depth * (kernel**2 - 1) / 12)
    np.testing.assert_allclose(found.sigma, expected, rtol=0.03)


def test_the_deeper_the_smaller_is_the_part_that_matters():
    fractions = [
        effective_receptive_field(ones(depth), count=1).fraction
        for depth in (2, 6, 14)
    ]
    assert sorted(fractions, reverse=True) == fractions
    assert fractions[0] == 1
    assert fractions[-1] < 0.35


def test_random_weights_average_to_it():
    keras.utils.set_random_seed(3)
    convs = [layers.Conv2D(24, 3, activation="relu") for _ in range(4)]
    model = keras.Sequential([keras.Input((15, 15, 2)), *convs])
    found = effective_receptive_field(model, count=16)
    np.testing.assert_allclose(found.center, 7 + 4, atol=4.4)
    # 2.67 for four equal taps of variance 2/3, were the weights equal
    assert 1 < min(found.sigma) <= max(found.sigma) < 2.4
    assert found.map[found.window].sum() == pytest.approx(found.map.sum())
    again = effective_receptive_field(model, count=16)
    np.testing.assert_array_equal(found.map, again.map)


def test_images_of_one_s_own_decide_what_a_maximum_sees():
    image = np.zeros((1, 6, 6, 1))
    image[0, 1, 2] = image[0, 4, 5] = 1
    x = keras.Input((6, 6, 1))
    model = keras.Model(x, layers.MaxPooling2D(3)(x))
    found = effective_receptive_field(model, position=(0, 0), images=image)
    assert np.argwhere(found.map).tolist() == [[1, 2]]
    assert found.window == (slice(0, 3), slice(0, 3))
    assert found.fraction == pytest.approx(1 / 9)


def test_sequences_and_layers_between():
    x = inputs = keras.Input((30, 1))
    for name in "abc":
        x = layers.Conv1D(1, 3, kernel_initializer="ones", name=name)(x)
    model = keras.Model(inputs, layers.GlobalAveragePooling1D()(x))
    found = effective_receptive_field(model, position=(4,), count=2)
    np.testing.assert_allclose(
        found.map[4:11], np.array([1, 3, 6, 7, 6, 3, 1]) / 7
    )
    inner = effective_receptive_field(model, "c", "a", position=(4,), count=2)
    np.testing.assert_allclose(inner.map[4:9], np.array([1, 2, 3, 2, 1]) / 3)


def test_what_has_no_effective_field_is_refused():
    silent = ones(2, activation="relu", side=9)
    images = -np.ones((1, 9, 9, 1))
    with pytest.raises(ValueError, match="gradient is zero at all images"):
        effective_receptive_field(silent, images=images)
    x = keras.Input((None, None, 1))
    with pytest.raises(ValueError, match="how large the images of noise"):
        effective_receptive_field(keras.Model(x, layers.Conv2D(1, 3)(x)))
    with pytest.raises(ValueError, match="lies outside the map"):
        effective_receptive_field(ones(1, side=9), position=(0, 7))
    x = keras.Input((9, 9, 1))
    flat = keras.Model(x, layers.Flatten(name="f")(x))
    with pytest.raises(ValueError, match="f has no spatial axes"):
        effective_receptive_field(flat, "f")
    deep = ones(2, side=9)
    nested = keras.Sequential([keras.Input((9, 9, 1)), deep])
    with pytest.raises(ValueError, match="lies inside a model"):
        effective_receptive_field(nested, deep.layers[0])
    found = effective_receptive_field(nested).map
    np.testing.assert_array_equal(found, effective_receptive_field(deep).map)
