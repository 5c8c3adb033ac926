"""Values and gradients against formulas, and what has none."""

import keras
import numpy as np
import pytest

from course.gradients import differentiated, value_and_gradients


def test_each_input_gets_its_gradient():
    x = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    w = np.random.default_rng(1).normal(size=(4, 2)).astype("float32")
    value, (at_x, at_w) = value_and_gradients(
        lambda x, w: keras.ops.sum((x @ w) ** 2), x, w
    )
    y = x @ w
    np.testing.assert_allclose(value, (y**2).sum(), rtol=1e-5)
    np.testing.assert_allclose(at_x, 2 * y @ w.T, rtol=1e-4)
    np.testing.assert_allclose(at_w, 2 * x.T @ y, rtol=1e-4)


@pytest.mark.parametrize("x", [[1, 2], [True, False], np.arange(3)])
def test_whole_numbers_are_refused(x):
    slope = differentiated(lambda w, x: keras.ops.sum(w) * keras.ops.sum(x))
    with pytest.raises(ValueError, match=r"input 1 holds .*astype\('float32'"):
        slope(np.ones(2, "float32"), x)


def test_a_function_of_several_values_is_refused():
    with pytest.raises(ValueError, match=r"shape \(2,\).*keras.ops.sum"):
        value_and_gradients(lambda x: 2 * x, np.ones(2, "float32"))
