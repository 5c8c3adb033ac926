"""Two devices take the steps of one: a process of its own has two."""

import os
import subprocess
import sys

import keras
import pytest

from course.training import data_parallel, fit
from tests.course.training.test_fit import SETTINGS, X, Y, model

PROGRAM = """
import os, sys
from pathlib import Path

backend = os.environ["KERAS_BACKEND"]
if backend == "jax":
    os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"
import keras
import numpy as np

if backend == "tensorflow":
    import tensorflow as tf

    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0],
        [tf.config.LogicalDeviceConfiguration()] * 2,
    )
from course.training import data_parallel, fit
from course.training.distribution import replicas

rng = np.random.default_rng(0)
x = rng.normal(size=(45, 6)).astype("float32")
y = x.sum(axis=1) + rng.normal(size=45).astype("float32")
file = Path(sys.argv[1])


def model():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((6,))
    hidden = keras.layers.Dense(5, activation="tanh")(inputs)
    return keras.Model(inputs, keras.layers.Dense(1)(hidden))


def train(samples, epochs=3, **settings):
    trained = model()
    history = fit(
        trained,
        (x[:samples], y[:samples]),
        epochs,
        loss="mse",
        metrics=["mae"],
        validation=(x[:20], y[:20]),
        batch_size=8,
        verbose=0,
        **settings,
    )
    return trained.get_weights(), history


def stream(size):
    import tensorflow as tf

    data = tf.data.Dataset.from_tensor_slices((x[:size], y[:size]))
    return data.batch(8, drop_remainder=size == 40)


def train_on_stream(size):
    trained = model()
    history = fit(
        trained, stream(size), 3, loss="mse", validation=stream(size), verbose=0
    )
    return trained.get_weights(), history


def alike(one, two):
    for a, b in zip(one[0], two[0], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
    for name in one[1]:
        np.testing.assert_allclose(one[1][name], two[1][name], rtol=1e-4)


class Killed(Exception):
    pass


class Kill(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if self.model.optimizer.iterations == 8:
            raise Killed


def error(function):
    try:
        function()
    except (ValueError, Killed) as error:
        return f"{type(error).__name__} {error}"
    raise RuntimeError("nothing was raised")


single, streamed = train(40), train_on_stream(40)
with data_parallel(["cpu:0", "cpu:1"]):
    assert replicas(model()) == 2
    alike(single, train(40))  # equal steps, three epochs of five
    several = train(45)  # the 45th sample waits for another epoch
    print(error(lambda: train(40, checkpoint=file, save_every=0,
                              callbacks=[Kill()])))
    alike(single, train(40, checkpoint=file))
    print(error(lambda: fit(model(), (x, y), 1, loss="mse", batch_size=9)))
    print(error(lambda: fit(model(), (x, y), 1, loss="mse",
                            validation=(x, y))))
    alike(streamed, train_on_stream(40))
    print(error(lambda: train_on_stream(45)))
assert replicas(model()) == 1
assert all(np.isfinite(a).all() for a in several[0])
print("done")
"""


def test_two_devices_take_the_steps_of_one(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "training.npz")],
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr[-3000:]
    assert lines[0].startswith("Killed")
    assert "batch_size=9 and 45 samples for 2 devices" in lines[1]
    assert "such as 10" in lines[1]
    assert "45 samples for validation" in lines[2]
    assert "Leave 1 of them off" in lines[2]
    assert "drop_remainder=True) with a multiple of 2" in lines[3]
    assert lines[-1] == "done"


def test_devices_that_are_not_there():
    with (
        pytest.raises(ValueError, match=r"tpu:7.*Expected some of cpu:0"),
        data_parallel(["tpu:7"]),
    ):
        pass
    with pytest.raises(ValueError, match="each once"), data_parallel([]):
        pass


def test_outside_all_is_as_before():
    """A context that ended in an error leaves nothing behind."""
    with pytest.raises(KeyError), data_parallel():
        raise KeyError
    assert keras.distribution.distribution() is None
    assert fit(model(), (X, Y), 1, **SETTINGS)["loss"]
