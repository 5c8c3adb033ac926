"""What every model of course.models must do, and values for its weights."""

import contextlib

import keras
import numpy as np

from course.weights import from_keras_applications
from tests.layer_contract import to_numpy

JIT = keras.backend.backend() != "tensorflow"
"""Whether models are compiled by XLA.

TensorFlow runs them without, in a third of the time; each layer's contract is
checked with XLA on every backend.
"""

TOLERANCE = {"mixed_float16": 2e-2, "mixed_bfloat16": 1e-1}
"""Largest error of half precision, relative to the largest score."""


def filled(make, seed=0):
    """A model whose weights have values of NumPy's: `randomize(make())`.

    Nothing is drawn by Keras before: on JAX each shape would cost a second.
    """
    return randomize(empty(make), seed)


def empty(make):
    """A model that `make` returns, with weights that are zero."""
    with keras.StatelessScope(initialize_variables=False):
        model = make()
    for weight in model.weights:
        if weight.name != "codes":
            weight._initializer = keras.initializers.Zeros()
    for layer in model.layers:  # those of a saved copy too
        for name in ("kernel_initializer", "depthwise_initializer"):
            if hasattr(layer, name):
                setattr(layer, name, keras.initializers.Zeros())
    with keras.StatelessScope():
        pass  # leaving it allocates
    return model


def randomize(model, seed=0):
    """Give every variable values of NumPy's, the same on each backend.

    Kernels keep the variance of what passes through (He et al. 2015); biases,
    offsets and moving statistics differ from what layers begin with.
    """
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        shape, kind = weight.shape, weight.name
        if kind in ("gamma", "moving_variance", "coefficient"):
            value = rng.uniform(0.5, 1.5, shape)
        elif "kernel" in kind:
            value = rng.standard_normal(shape, "float32")
            value *= np.sqrt(2 / fan_in(kind, shape))
        elif kind == "codes":
            continue
        else:
            value = 0.1 * rng.standard_normal(shape)
        weight.assign(value.astype("float32"))
    return model


def fan_in(kind, shape):
    """Inputs of one output; a depthwise kernel ends in (channels, 1)."""
    is_depthwise = len(shape) == 4 and shape[-1] == 1
    return np.prod(shape[:2] if is_depthwise else shape[:-1])


def images(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def run(model, x):
    """The output, compiled whole."""
    model.jit_compile = JIT
    return model.predict(x, verbose=0)


def error(got, expected):
    """Largest difference, relative to the largest expected value."""
    assert got.shape == expected.shape
    return np.abs(got - expected).max() / np.abs(expected).max()


def sizes(model, names):
    """Height of the tensors that bear these names, and channels of the last.

    Of a layer that makes several the first counts.
    """
    outputs = [model.get_layer(name).output for name in names.split()]
    shapes = [keras.tree.flatten(output)[0].shape for output in outputs]
    return [shape[1] for shape in shapes], shapes[-1][-1]


def check_model(
    make, x, tmp_path, policies=tuple(TOLERANCE), with_training=True
):
    """Saving, one training step, mixed precision.

    Args:
        make: Returns a new model that ends in a softmax.
        x: A batch of images for it.
        tmp_path: A folder to save to.
        policies: Mixed precisions to try; each compiles the network once more.
        with_training: Whether to take the training step.
    """
    model = filled(make)
    scores, y = run(with_scores(model), x)
    np.testing.assert_allclose(y.sum(axis=-1), 1, rtol=1e-5)

    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert error(run(with_scores(loaded), x)[0], scores) <= 1e-6

    for policy in policies:
        with policy_of(policy):
            half = empty(make)
        half.set_weights(model.get_weights())
        assert {v.dtype for v in half.trainable_variables} == {"float32"}
        result, y = run(with_scores(half), x)
        assert y.dtype == np.float32
        result = result.astype("float32")
        assert error(result, scores) <= TOLERANCE[policy], policy
    if with_training:
        check_training(model, x)


def check_equal(make, make_theirs, shape):
    """Scores equal those of a model of keras.applications.

    Every variable has a value of its own, moving statistics and biases too.

    Args:
        make, make_theirs: Return the models, both without a softmax.
        shape: Of an image for them.
    """
    theirs = filled(make_theirs)
    ours = from_keras_applications(empty(make), theirs)
    x = images(2, *shape)
    expected = run(theirs, x)
    assert expected.std() > 0.1
    assert error(run(ours, x), expected) <= 1e-5


def with_scores(model):
    """The model, with what its softmax is given beside what that returns."""
    predictions = model.get_layer("predictions")
    return keras.Model(model.input, [predictions.input, predictions.output])


def check_training(model, x):
    """One step moves each variable where its gradient is not zero.

    Lion moves by the rate times the gradient's sign, however small it is. The
    loss takes scores: it has no gradient where a probability rounds to 0.
    """
    model = keras.Model(model.input, model.get_layer("predictions").input)
    *places, classes = model.compute_output_shape(x.shape)
    labels = np.arange(np.prod(places)).reshape(places) % classes
    train(model, x, labels, keras.optimizers.Lion(2**-6), 1)


def train(model, x, labels, optimizer, steps):
    """Train a model that ends in scores; each of its variables moves."""
    before = [to_numpy(v) for v in model.trainable_variables]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer.build(model.trainable_variables)  # else it is traced twice
    model.compile(optimizer, loss, jit_compile=JIT)
    for _ in range(steps):
        model.train_on_batch(x, labels)
    for variable, old in zip(model.trainable_variables, before, strict=True):
        moved = np.abs(to_numpy(variable) - old)
        assert np.isfinite(moved).all(), variable.path
        assert moved.max() > 0, variable.path


@contextlib.contextmanager
def policy_of(name):
    previous = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(previous)


def field(model, name):
    """Pixels of the image, along one axis, that a unit of a layer sees.

    Along the widest way to it: k - 1 more pixels a layer, times the strides
    before. That is all where the ways share a centre and a stride.
    """
    return _field(model.get_layer(name), {})[0]


def _field(layer, found):
    """(pixels, stride) of a layer; `found`: those that are known."""
    if isinstance(layer, keras.layers.InputLayer):
        return 1, 1
    if layer.name not in found:
        before = [
            _field(tensor._keras_history.operation, found)
            for tensor in keras.tree.flatten(layer.input)
        ]
        sizes, jumps = zip(*before, strict=True)
        size, jump = max(sizes), max(jumps)
        stride = getattr(layer, "strides", (1,))[0]
        if hasattr(layer, "kernel_size"):
            size += (layer.kernel_size[0] - 1) * layer.dilation_rate[0] * jump
        elif hasattr(layer, "pool_size"):
            size += (layer.pool_size[0] - 1) * jump
        found[layer.name] = size, jump * stride
    return found[layer.name]
