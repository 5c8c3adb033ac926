"""Training goes on after any end as if it had not ended."""

import itertools
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers

from course.training import fit
from course.training.batches import Batches
from course.training.checkpoint import State

rng = np.random.default_rng(0)
X = rng.normal(size=(44, 6, 6, 1)).astype("float32")
Y = (X.mean(axis=(1, 2, 3)) > 0).astype(int)


def model():
    """With what has state of its own: dropout's seeds, moving statistics."""
    keras.utils.set_random_seed(1)
    x = inputs = keras.Input((6, 6, 1))
    x = layers.Conv2D(3, 3, use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(2)(x))


SETTINGS = {
    "loss": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    "batch_size": 8,
    "verbose": 0,
}


def flipped(x, y, rng):
    turn = rng.random(len(x)) < 0.5
    return np.where(turn[:, None, None, None], x[:, :, ::-1], x), y


class Killed(Exception):
    pass


class Kill(keras.callbacks.Callback):
    """Ends the training after so many steps."""

    def __init__(self, steps):
        super().__init__()
        self.left = steps

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if not self.left:
            raise Killed


@pytest.mark.parametrize("steps", [1, 4, 6, 7, 13])
def test_a_training_that_was_killed_ends_as_one_that_was_not(steps, tmp_path):
    """6 steps an epoch: in the middle of one, at its end, in the next."""
    whole = model()
    history = fit(whole, (X, Y), 3, transform=flipped, **SETTINGS)
    settings = {
        "transform": flipped,
        "checkpoint": tmp_path / "training.npz",
        "save_every": 0,
        **SETTINGS,
    }
    with pytest.raises(Killed):
        fit(model(), (X, Y), 3, callbacks=[Kill(steps)], **settings)
    after = model()
    resumed = fit(after, (X, Y), 3, **settings)
    for got, expected in zip(
        after.get_weights(), whole.get_weights(), strict=True
    ):
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-7)
    assert resumed["loss"][-1] == pytest.approx(history["loss"][-1], rel=1e-5)
    assert len(resumed["loss"]) == 3
    # and once more: there is nothing left to do
    again = model()
    assert fit(again, (X, Y), 3, **settings) == resumed
    np.testing.assert_array_equal(
        again.get_weights()[0], after.get_weights()[0]
    )


def test_each_sample_is_seen_once_an_epoch():
    x = np.arange(20)
    batches = Batches((x, 10 * x), 6, seed=3)
    steps = list(itertools.islice(batches.each(0, 0), 8))
    assert [len(step[0]) for step in steps] == [6, 6, 6, 2] * 2
    for step in steps:
        np.testing.assert_array_equal(10 * step[0], step[1])
    epochs = [np.concatenate([x for x, _ in steps[i : i + 4]]) for i in (0, 4)]
    for epoch in epochs:
        np.testing.assert_array_equal(np.sort(epoch), x)
    assert (epochs[0] != epochs[1]).any()
    later = next(batches.each(1, 2))
    np.testing.assert_array_equal(later[0], steps[6][0])
    # from the middle of an epoch on, and into the next one
    for got, step in zip(batches.each(0, 3), steps[3:], strict=False):
        np.testing.assert_array_equal(got[0], step[0])


def test_a_transform_draws_anew_in_each_step_of_each_epoch():
    def drawn(x, y, rng):
        return x, rng.random()

    batches = Batches((X[:20], Y[:20]), 6, seed=3, transform=drawn)
    draws = [draw for _, draw in itertools.islice(batches.each(0, 0), 12)]
    assert len(set(draws)) == 12
    again = itertools.islice(batches.each(1, 2), 6)
    assert [draw for _, draw in again] == draws[6:]


def test_structures_of_arrays():
    """As models with several inputs and outputs take them."""
    keras.utils.set_random_seed(0)
    a, b = keras.Input((2,), name="a"), keras.Input((1,), name="b")
    shared = layers.Concatenate()([a, b])
    two = keras.Model(
        {"a": a, "b": b}, (layers.Dense(1)(shared), layers.Dense(1)(shared))
    )
    x = {"a": X[:, 0, :2, 0], "b": X[:, 1, :1, 0]}
    y = (x["a"].sum(1), x["b"][:, 0])
    settings = SETTINGS | {"loss": ("mse", "mae")}
    history = fit(two, (x, y), 2, validation=(x, y), **settings)
    predicted = two.predict(x, verbose=0)
    loss = np.square(predicted[0][:, 0] - y[0]).mean()
    loss += np.abs(predicted[1][:, 0] - y[1]).mean()
    assert history["val_loss"][-1] == pytest.approx(loss, rel=1e-5)
    with pytest.raises(ValueError, match=r"\[44, 44, 44, 43\] samples"):
        fit(two, (x, (y[0], y[1][1:])), 1, **settings)


def test_patience_takes_the_best_weights_back():
    """A rate that soon leads astray: the first epochs are the best."""
    trained = model()
    scores = []

    class Watch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            scores.append(self.model.get_weights()[0].copy())

    history = fit(
        trained,
        (X, Y),
        30,
        validation=(X, 1 - Y),
        patience=2,
        callbacks=[Watch()],
        **SETTINGS,
    )
    best = int(np.argmin(history["val_loss"]))
    assert len(history["val_loss"]) == best + 3
    np.testing.assert_array_equal(trained.get_weights()[0], scores[best])


def test_patience_begins_again_with_each_best_epoch():
    state = State(model(), {}, 6, None, 60, patience=2)
    for epoch, loss in enumerate([3.0, 4.0, 2.0, 5.0, 5.0]):
        assert not state.is_over
        state.on_epoch_end(epoch, {"loss": 0.0, "val_loss": loss})
    assert state.is_over


def test_a_callback_may_end_it():
    class Enough(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    history = fit(model(), (X, Y), 5, callbacks=[Enough()], **SETTINGS)
    assert len(history["loss"]) == 2


PROGRAM = """
import os, signal, sys
import keras
from course.training import fit
from tests.course.training.test_fit import SETTINGS, X, Y, model

class Die(keras.callbacks.Callback):
    left = int(sys.argv[2])
    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)

fit(model(), (X, Y), 3, checkpoint=sys.argv[1], save_every=0,
    callbacks=[Die()], **SETTINGS)
"""


def test_a_process_that_is_killed_leaves_a_whole_checkpoint(tmp_path):
    path = tmp_path / "training.npz"
    # compiled as here, see conftest.py, so that it rounds alike
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path), "9"],
        env=os.environ | {"JAX_DISABLE_MOST_OPTIMIZATIONS": "1"},
        capture_output=True,
    )
    assert done.returncode == -9
    whole, after = model(), model()
    fit(whole, (X, Y), 3, **SETTINGS)
    fit(after, (X, Y), 3, checkpoint=path, **SETTINGS)
    for got, expected in zip(
        after.get_weights(), whole.get_weights(), strict=True
    ):
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-7)


def test_checkpoints_that_do_not_fit(tmp_path):
    path = tmp_path / "training.npz"
    fit(model(), (X, Y), 1, checkpoint=path, **SETTINGS)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"another training.*'samples': 44"):
        fit(model(), (X[:40], Y[:40]), 1, checkpoint=path, **SETTINGS)
    with pytest.raises(ValueError, match="another training"):
        fit(model(), (X, Y), 1, checkpoint=path, seed=5, **SETTINGS)
    inputs = keras.Input((6, 6, 1))
    other = keras.Model(inputs, layers.Dense(2)(layers.Flatten()(inputs)))
    with pytest.raises(ValueError, match="another training"):
        fit(other, (X, Y), 1, checkpoint=path, **SETTINGS)
    assert path.read_bytes() == before  # nothing was lost
    path.write_bytes(before[: len(before) // 2])
    with pytest.raises(OSError, match=r"damaged.*Delete it"):
        fit(model(), (X, Y), 1, checkpoint=path, **SETTINGS)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((X, Y[:3]), r"\[44, 3\] samples"),
        ((X[:0], Y[:0]), r"\[0, 0\] samples"),
        ((X,), "are 1 parts"),
    ],
)
def test_data_that_do_not_fit(data, message):
    with pytest.raises(ValueError, match=message):
        fit(model(), data, 1, **SETTINGS)
