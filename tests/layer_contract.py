"""What every layer of course.layers must do, whatever it computes."""

import keras
import numpy as np

TOLERANCE = {"mixed_float16": 2e-3, "mixed_bfloat16": 2e-2}
"""Largest error of half precision, relative to the largest output."""


def check_layer(make, input_shape, tmp_path):
    """Build, shapes, configuration, saving, training, mixed precision.

    Args:
        make: Called with keyword arguments of `keras.layers.Layer` (dtype),
            returns a new layer.
        input_shape: Static shape of one batch of inputs.
        tmp_path: A folder to save to.
    """
    rng = np.random.default_rng(0)
    x = rng.normal(size=input_shape).astype("float32")
    layer = make()
    y = to_numpy(layer(x))
    assert y.shape == tuple(layer.compute_output_shape(input_shape))
    assert np.isfinite(y).all()

    check_config(layer, x, y)
    check_saving(layer, x, y, tmp_path / "layer.keras")
    check_training(make(), x, y.shape)
    for policy, tolerance in TOLERANCE.items():
        half = make(dtype=policy)
        half.build(input_shape)
        half.set_weights(layer.get_weights())
        assert all(v.dtype == "float32" for v in half.trainable_variables)
        result = half(x)
        name = keras.backend.standardize_dtype(result.dtype)
        assert name == policy.removeprefix("mixed_")
        error = np.abs(to_numpy(keras.ops.cast(result, "float32")) - y).max()
        assert error <= tolerance * np.abs(y).max()


def check_config(layer, x, y):
    """A layer made from the configuration computes the same."""
    copy = type(layer).from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    copy.build(x.shape)
    copy.set_weights(layer.get_weights())
    np.testing.assert_array_equal(to_numpy(copy(x)), y)


def check_saving(layer, x, y, path):
    """A saved model loads without being told about the layer."""
    inputs = keras.Input(batch_shape=x.shape)
    keras.Model(inputs, layer(inputs)).save(path)
    loaded = keras.saving.load_model(path)
    np.testing.assert_allclose(to_numpy(loaded(x)), y, rtol=1e-6, atol=1e-6)


def check_training(layer, x, output_shape):
    """One step of SGD at rate 1 moves each variable by minus its gradient.

    In front of a layer that has none stands one that has: it learns only
    through the layer.
    """
    inputs = features = keras.Input(batch_shape=x.shape)
    layer.build(x.shape)
    if not layer.trainable_variables:
        features = keras.layers.Dense(x.shape[-1])(inputs)
    model = keras.Model(inputs, layer(features))
    before = [to_numpy(v) for v in model.trainable_variables]
    model.compile(keras.optimizers.SGD(1.0), loss="mse")
    target = np.random.default_rng(1).normal(size=output_shape)
    model.fit(x, target, batch_size=len(x), epochs=1, verbose=0)
    for variable, old in zip(model.trainable_variables, before, strict=True):
        gradient = old - to_numpy(variable)
        assert np.isfinite(gradient).all(), variable.path
        assert np.abs(gradient).max() > 0, variable.path


def to_numpy(tensor):
    return np.array(keras.ops.convert_to_numpy(tensor))
