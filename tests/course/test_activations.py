import math

import keras
import numpy as np

from course.activations import scaled_tanh


def test_it_keeps_one_and_saturates_at_the_papers_amplitude():
    x = np.linspace(-30, 30, 61).astype("float32")
    y = keras.ops.convert_to_numpy(scaled_tanh(keras.ops.convert_to_tensor(x)))
    expected = [1.7159 * math.tanh(2 / 3 * value) for value in x]
    np.testing.assert_allclose(y, expected, rtol=1e-5)
    at = dict(zip(x, y, strict=True))
    assert abs(at[1] - 1) < 2e-5
    assert abs(at[-30] + 1.7159) < 1e-5


def test_a_saved_model_knows_it(tmp_path):
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(2, activation=scaled_tanh)]
    )
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.layers[0].activation is scaled_tanh
