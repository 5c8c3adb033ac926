"""The rate of each step, as the papers' formulas have it."""

import math
from functools import partial

import keras
import numpy as np
import pytest

from course.training import cosine, drops, fit
from tests.course.training.test_fit import Kill, Killed


@pytest.mark.parametrize("warmup", [0, 0.2])
def test_cosine_is_the_papers(warmup):
    """Loshchilov and Hutter's formula (5), after a straight line."""
    rates = cosine(0.3, 50, warmup)
    rising = 50 * warmup
    for step in range(51):
        part = (step - rising) / (50 - rising)
        expected = 0.15 * (1 + math.cos(math.pi * part))
        if step < rising:
            expected = 0.3 * step / rising
        assert float(rates(step)) == pytest.approx(expected, abs=1e-6)


def test_drops_come_after_their_share():
    rates = drops(0.2, 12, at=(0.25, 0.5), factor=0.5)
    got = [float(rates(step)) for step in range(12)]
    np.testing.assert_allclose(got, [0.2] * 3 + [0.1] * 3 + [0.05] * 6)


def falling():
    """One weight, whose gradient is 1: a step lowers it by the rate."""
    inputs = keras.Input((1,))
    output = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")(
        inputs
    )
    return keras.Model(inputs, output)


@pytest.mark.parametrize("schedule", [partial(cosine, warmup=0.5), drops])
def test_fit_follows_it_also_from_a_checkpoint(schedule, tmp_path):
    """6 steps an epoch, so 18 in all."""
    ones = np.ones((48, 1), "float32")

    def train(*callbacks):
        return fit(
            falling(),
            (ones, ones),
            3,
            loss=lambda y_true, y_pred: y_pred,
            optimizer=keras.optimizers.SGD(0.4),
            schedule=schedule,
            batch_size=8,
            checkpoint=tmp_path / "training.npz",
            save_every=0,
            callbacks=callbacks,
            verbose=0,
        )

    with pytest.raises(Killed):
        train(Kill(8))
    rates = [float(schedule(0.4, 18)(step)) for step in range(18)]
    weights = -np.cumsum([0, *rates[:-1]])  # as each step finds them
    np.testing.assert_allclose(
        train()["loss"], weights.reshape(3, 6).mean(1), rtol=1e-5
    )


def test_an_optimizer_that_has_a_schedule_keeps_it():
    """Else a second training would begin where the first one's rate ended."""
    ones = np.ones((8, 1), "float32")
    optimizer = keras.optimizers.SGD(0.4)
    settings = {"loss": "mse", "optimizer": optimizer, "verbose": 0}
    fit(falling(), (ones, ones), 1, schedule=cosine, **settings)
    with pytest.raises(ValueError, match=r"a schedule already.*a new one"):
        fit(falling(), (ones, ones), 1, schedule=cosine, **settings)


def test_schedules_that_cannot_be():
    with pytest.raises(ValueError, match="warmup=1"):
        cosine(0.1, 10, warmup=1)
    for at in ((0.5, 0.5), (0.7, 0.2), (0,), (1.2,)):
        with pytest.raises(ValueError, match="each greater than the one"):
            drops(0.1, 10, at=at)
    with pytest.raises(ValueError, match="steps"):
        drops(0.1, 0)
