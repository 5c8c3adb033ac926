"""tf.data trains as arrays do, on every backend, and can be gone on with."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from course.training import fit
from tests.course.training.test_fit import SETTINGS, Kill, Killed, X, Y, model

SETTINGS = {key: SETTINGS[key] for key in ("loss", "verbose")}


def stream(**options):
    data = tf.data.Dataset.from_tensor_slices((X, Y))
    return data.shuffle(44, seed=5, **options).batch(8)


def test_a_stream_is_gone_on_with_in_the_middle_of_an_epoch(tmp_path):
    whole = model()
    history = fit(whole, stream(), 3, validation=stream(), **SETTINGS)
    settings = {
        "validation": stream(),
        "checkpoint": tmp_path / "training.npz",
        "save_every": 0,
        **SETTINGS,
    }
    with pytest.raises(Killed):
        fit(model(), stream(), 3, callbacks=[Kill(9)], **settings)
    after = model()
    resumed = fit(after, stream(), 3, **settings)
    for got, expected in zip(
        after.get_weights(), whole.get_weights(), strict=True
    ):
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-7)
    assert resumed["val_loss"] == pytest.approx(history["val_loss"], rel=1e-5)
    with pytest.raises(ValueError, match=r"another training.*'steps': 6"):
        fit(model(), stream().take(4), 3, **settings)


def test_batches_that_are_not_counted_beforehand():
    """Nobody knows how many a filter leaves."""
    uneven = stream().filter(lambda x, y: tf.shape(x)[0] == 8)
    seen = []

    class Count(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(batch)

    fit(model(), uneven, 2, callbacks=[Count()], **SETTINGS)
    assert seen == [0, 1, 2, 3, 4] * 2


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (lambda: stream().repeat(), {}, "have no end"),
        (lambda: stream().take(0), {}, "hold no batch"),
        (lambda: stream(), {"batch_size": 8}, r"call its batch\(\.\.\.\)"),
        (lambda: stream(), {"transform": max}, "are for arrays"),
    ],
)
def test_streams_that_do_not_fit(data, options, message):
    with pytest.raises(ValueError, match=message):
        fit(model(), data(), 1, **SETTINGS, **options)
