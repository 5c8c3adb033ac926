"""16 bits inside, 32 in the variables and at the end."""

import keras
import numpy as np
import pytest
from keras import layers

from course.training import fit, set_precision
from tests.course.training.test_fit import SETTINGS, X, Y, model

HALF = {"mixed_float16": 2.0**-11, "mixed_bfloat16": 2.0**-8}
"""Half a unit in the last place, relative."""


@pytest.mark.parametrize("policy", HALF)
def test_only_the_outputs_are_not_rounded(policy):
    """Inside a nested model, too; the variables stay as they were."""
    keras.utils.set_random_seed(0)
    x = inputs = keras.Input((5,))
    y = layers.Dense(7, name="inner")(x)
    x = keras.Model(x, y, name="nested")(x)
    outer = keras.Model(inputs, layers.Dense(3, name="outer")(x))
    data = np.random.default_rng(0).normal(size=(4, 5)).astype("float32")
    exact = keras.ops.convert_to_numpy(outer(data))
    before = outer.get_weights()
    set_precision(outer, policy)
    got = keras.ops.convert_to_numpy(outer(data))
    assert got.dtype == "float32"
    assert np.abs(got - exact).max() / np.abs(exact).max() < 8 * HALF[policy]
    assert (got != exact).any()
    for weights, old in zip(outer.get_weights(), before, strict=True):
        assert weights.dtype == "float32"
        np.testing.assert_array_equal(weights, old)
    # the first layer's rounding is all there is: repeat it by hand
    kind = policy.removeprefix("mixed_")
    kernel, bias, last, end = (
        keras.ops.convert_to_tensor(array) for array in before
    )
    narrow = [keras.ops.cast(a, kind) for a in (data, kernel, bias)]
    hidden = keras.ops.matmul(narrow[0], narrow[1]) + narrow[2]
    by_hand = keras.ops.matmul(keras.ops.cast(hidden, "float32"), last) + end
    np.testing.assert_allclose(
        got, keras.ops.convert_to_numpy(by_hand), rtol=1e-5, atol=1e-6
    )
    set_precision(outer, "float32")
    back = keras.ops.convert_to_numpy(outer(data))
    np.testing.assert_allclose(back, exact, rtol=1e-6)


@pytest.mark.parametrize("policy", HALF)
def test_training_in_16_bits_learns_as_in_32(policy):
    histories = []
    for each in (None, policy):
        keras.utils.set_random_seed(0)
        x = inputs = keras.Input(X.shape[1:])
        x = layers.Conv2D(3, 3, use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.Dense(2)(layers.Flatten()(x))
        network = keras.Model(inputs, x)
        history = fit(network, (X, Y), 4, precision=each, **SETTINGS)
        histories.append(history["loss"])
    np.testing.assert_allclose(*histories, rtol=0.1)
    assert histories[0] != histories[1]


def test_small_gradients_survive_float16():
    """Without a scaled loss they are below its least number, 6e-8."""
    keras.utils.set_random_seed(0)
    x = inputs = keras.Input((1,))
    x = layers.Dense(1, use_bias=False, kernel_initializer="ones")(x)
    x = layers.Dense(1, use_bias=False, kernel_initializer="ones")(x)
    chain = keras.Model(inputs, x)

    def tiny(y_true, y_pred):
        return 1e-8 * y_pred

    ones = np.ones((8, 1), "float32")
    fit(
        chain,
        (ones, ones),
        1,
        loss=tiny,
        optimizer=keras.optimizers.SGD(1e7),
        precision="mixed_float16",
        batch_size=8,
        verbose=0,
    )
    first = chain.get_weights()[0].item()
    assert first == pytest.approx(1 - 0.1, abs=1e-3)


def test_what_is_saved_computes_alike(tmp_path):
    trained = model()
    fit(trained, (X, Y), 1, precision="mixed_bfloat16", **SETTINGS)
    trained.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(
        again.predict(X, verbose=0),
        trained.predict(X, verbose=0),
        rtol=1e-3,
        atol=1e-4,
    )
    assert [layer.compute_dtype for layer in again.layers] == [
        layer.compute_dtype for layer in trained.layers
    ]


def test_another_precision():
    with pytest.raises(ValueError, match=r"precision='float16'.*mixed_float16"):
        fit(model(), (X, Y), 1, precision="float16", **SETTINGS)
