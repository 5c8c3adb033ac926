"""What test cells use to judge blocks and models.

A block is a function from tensors to a tensor, so it must be put into a model
before its parameters, shapes and values can be looked at. `build` does that. A
grader that keeps a student's code at a distance replaces how it is done.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

Builder = Callable[[Any, Any, dict[str, Any]], keras.Model]
_DEEPEST = 16  # a student's layers of a student's layers


def build(block: Any, input_shape: Any, /, **arguments: Any) -> keras.Model:
    """The model of a block, or the model that a factory returns.

    In place of a layer or model of the caller's own class stand the layers that
    it calls, if it has no weights beside theirs.

    Args:
        block: A function tensor -> tensor, or of several tensors; or a
            function that returns a `keras.Model`.
        input_shape: Shape of the input without the batch, `(h, w, c)`; a list
            of such shapes for a block of several inputs; None for a function
            that takes no tensor and returns a model.
        **arguments: What `block` is called with besides.

    Raises:
        TypeError: What `block` returned is no tensor, or no model.

    Example:
        >>> def halve(x, filters):
        ...     return keras.layers.Conv2D(filters, 2, strides=2)(x)
        >>> build(halve, (8, 8, 3), filters=4).count_params()
        52
    """
    return _builder(block, input_shape, arguments)


def output(model: keras.Model, weights: Sequence[Any], x: Any) -> np.ndarray:
    """What a model makes of `x` with `weights` in place of its own.

    The model's own are neither read nor changed. So it may be built inside
    `course.catalogue.outlines`, which draws no weights: on JAX each shape that
    is drawn costs most of a second.

    Args:
        model: A model of one output.
        weights: Arrays, one for each of `model.weights`.
        x: Batch of inputs.

    Returns:
        The output, as when the model is used, not trained.

    Raises:
        ValueError: Number or shapes of the weights are others than the model's.

    Example:
        >>> double = build(keras.layers.Dense(1), (1,))
        >>> output(double, [[[2.0]], [0.5]], np.ones((1, 1))).tolist()
        [[2.5]]
    """
    expected = [tuple(weight.shape) for weight in model.weights]
    received = [np.shape(weight) for weight in weights]
    if received != expected:
        raise ValueError(
            f"weights have the shapes {received}, those of the model "
            f"{expected}. Give one array for each of model.weights."
        )
    given = {
        id(mine): np.asarray(weight, mine.dtype)
        for mine, weight in zip(model.weights, weights, strict=True)
    }
    values = [given[id(each)] for each in model.trainable_variables]
    others = [  # the states of dropout's dice are no weights
        given.get(id(each), np.zeros(each.shape, each.dtype))
        for each in model.non_trainable_variables
    ]
    y, _ = model.stateless_call(values, others, x, training=False)
    return keras.ops.convert_to_numpy(y)


def use_builder(builder: Builder) -> Builder:
    """Have `build` call `builder(block, input_shape, arguments)` from now on.

    Returns:
        The builder that it replaces.
    """
    global _builder
    previous, _builder = _builder, builder
    return previous


def build_locally(
    block: Callable, input_shape: Any, arguments: dict[str, Any]
) -> keras.Model:
    """What `build` does where the block may run in this process."""
    if input_shape is None:
        model = block(**arguments)
        if not isinstance(model, keras.Model) or _hides(model):
            raise TypeError(
                f"{_name(block)} returned {type(model).__name__}, expected a "
                "keras.Model; return keras.Model(inputs, outputs)"
            )
        return _unfolded(model)
    several = isinstance(input_shape, list)
    shapes = input_shape if several else [input_shape]
    inputs = [keras.Input(tuple(shape)) for shape in shapes]
    outputs = block(*inputs, **arguments)
    if not any(map(keras.backend.is_keras_tensor, _flat(outputs))):
        raise TypeError(
            f"{_name(block)} returned {type(outputs).__name__}, expected the "
            "tensor that its layers make of the one it was given; return it"
        )
    return _unfolded(keras.Model(inputs if several else inputs[0], outputs))


def _unfolded(model: keras.Model) -> keras.Model:
    """The same network, each layer of a student's class as those it calls.

    The class is unknown where the model is judged, and its layers are what
    is looked at. One with weights beside its layers' stays as it is.
    """
    unfolded = model
    for _ in range(_DEEPEST):
        if not _is_own(unfolded):
            same = len(unfolded.weights) == len(model.weights)
            return unfolded if same else model
        unfolded = keras.models.clone_model(
            _functional(unfolded),
            clone_function=lambda layer: layer,
            call_function=_call,
        )
    return model


def _functional(model: keras.Model) -> keras.Model:
    """A Sequential or a student's class of model by inputs and outputs."""
    inputs, outputs = model.inputs, model.outputs
    return keras.Model(
        inputs[0] if len(inputs) == 1 else inputs,
        outputs[0] if len(outputs) == 1 else outputs,
    )


def _call(layer: keras.Layer, *tensors: Any, **arguments: Any) -> Any:
    if not _is_own(layer):
        return layer(*tensors, **arguments)
    if "training" in inspect.signature(layer.call).parameters:
        arguments.setdefault("training", None)
    return layer.call(*tensors, **arguments)


def _is_own(layer: keras.Layer) -> bool:
    """Whether its class, or that of a layer of this model, is a student's."""
    if type(layer).__module__.partition(".")[0] not in ("keras", "course"):
        return True
    return isinstance(layer, keras.Model) and any(map(_is_own, layer.layers))


def _hides(model: keras.Model) -> bool:
    """Whether a student's class of model was not made of inputs and outputs."""
    return _is_own(model) and getattr(model, "inputs", None) is None


def _flat(outputs: Any) -> list:
    return keras.tree.flatten(outputs)


def _name(block: Any) -> str:
    return getattr(block, "__name__", type(block).__name__)


_builder: Builder = build_locally
