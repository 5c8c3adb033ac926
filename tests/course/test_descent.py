"""Ways of Keras's optimizers, against their rules written out."""

import keras
import numpy as np
import pytest

from course.descent import descend

CURVATURES = np.array([0.1, 2.0])
START = [-8.0, 1.5]


def slope(place):
    return CURVATURES * place


def test_gradient_descent_shrinks_each_number_by_its_factor():
    way = descend(keras.optimizers.SGD(0.4), slope, START, 5)
    powers = np.power.outer(1 - 0.4 * CURVATURES, np.arange(6)).T
    np.testing.assert_allclose(way, powers * START, rtol=1e-5)


def test_momentum_keeps_its_velocity():
    way = descend(keras.optimizers.SGD(0.1, momentum=0.9), slope, START, 9)
    place, velocity, want = np.array(START), np.zeros(2), [START]
    for _ in range(9):
        velocity = 0.9 * velocity - 0.1 * slope(place)
        place = place + velocity
        want.append(place)
    np.testing.assert_allclose(way, want, rtol=1e-5, atol=1e-5)


def test_adam_divides_by_what_gradients_are_like():
    way = descend(keras.optimizers.Adam(0.3), slope, START, 9)
    place, first, second, want = np.array(START), 0.0, 0.0, [START]
    for step in range(1, 10):
        first = 0.9 * first + 0.1 * slope(place)
        second = 0.999 * second + 0.001 * slope(place) ** 2
        # the means began at 0: both corrections in one factor, as Keras does
        rate = 0.3 * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        place = place - rate * first / (np.sqrt(second) + 1e-7)
        want.append(place)
    np.testing.assert_allclose(way, want, rtol=1e-5, atol=1e-5)


def test_no_step_stays_at_the_start():
    way = descend(keras.optimizers.SGD(0.1), slope, START, 0)
    np.testing.assert_array_equal(way, [START])


def test_a_gradient_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="a slope for each number"):
        descend(keras.optimizers.SGD(0.1), lambda place: 1.0, START, 1)
