"""Pixels that a unit sees, against values: which of them change it."""

import keras
import numpy as np
import pytest
from keras import layers

from course.catalogue import outlines
from course.models import lenet5
from course.receptive_field import input_window, seen_pixels


def ones(kernel_size, **options):
    return layers.Conv2D(1, kernel_size, kernel_initializer="ones", **options)


def gridded():
    """Three layers of dilation 2, one with a stride and zeros."""
    x = keras.Input((19, 23, 1))
    y = ones(3, dilation_rate=2, padding="same")(x)
    y = ones(3, strides=2, padding="same")(y)
    return keras.Model(x, ones(3, dilation_rate=(1, 3))(y))


def crossed():
    """The sum of a column and a row."""
    x = keras.Input((9, 9, 1))
    column, row = (ones(shape, padding="same")(x) for shape in ((5, 1), (1, 7)))
    return keras.Model(x, layers.Add()([column, row]))


def enlarged():
    """Pooled, and brought back by a transposed convolution."""
    x = keras.Input((12, 12, 1))
    y = layers.AveragePooling2D(2)(ones(3, padding="same")(x))
    y = layers.Conv2DTranspose(1, 3, strides=2, kernel_initializer="ones")(y)
    return keras.Model(x, layers.ZeroPadding2D(1)(y))


def changing(model, position):
    """Pixels that change the unit, one tried after the other."""
    shape = model.input_shape[1:3]
    sparks = np.eye(np.prod(shape), dtype="float32").reshape(-1, *shape, 1)
    units = keras.ops.convert_to_numpy(model(sparks))[:, *position, 0]
    return (units != 0).reshape(shape)


@pytest.mark.parametrize("build", [gridded, crossed, enlarged])
@pytest.mark.parametrize("position", [(0, 0), (3, 2), (5, 5)])
def test_they_are_those_that_change_the_unit(build, position):
    model = build()
    seen = seen_pixels(model, position=position)
    np.testing.assert_array_equal(seen, changing(model, position))
    rows, columns = input_window(model, model.layers[-1], position)
    outside = seen.copy()
    outside[rows, columns] = False
    assert not outside.any()


def test_weights_are_not_needed_and_the_middle_unit_is_meant():
    with outlines():
        seen = seen_pixels(lenet5(), "S2")
    assert seen.shape == (32, 32)
    assert np.argwhere(seen).min(axis=0).tolist() == [14, 14]
    assert seen.sum() == 36


def test_behind_a_vector_all_pixels_are_seen():
    x = keras.Input((4, 4, 1))
    y = layers.Dense(9)(layers.Flatten()(x))
    model = keras.Model(x, layers.Reshape((3, 3, 1))(y))
    assert seen_pixels(model).all()


def test_a_unit_outside_of_the_map_is_refused():
    with pytest.raises(ValueError, match="position="):
        seen_pixels(crossed(), position=(9, 0))
