"""Three ways back through a rectifier.

Other operations keep their gradient. Of what comes back, a rectifier lets pass

    gradient    what stands where its input was positive: its derivative;
    deconvnet   what is positive: M. Zeiler and R. Fergus, "Visualizing and
                understanding convolutional networks", ECCV 2014,
                arXiv:1311.2901, section 2.1;
    guided      what is both: J. T. Springenberg, A. Dosovitskiy, T. Brox and
                M. Riedmiller, "Striving for simplicity: the all convolutional
                net", 2015, arXiv:1412.6806, section 3.4.

Rectifiers are ReLU and ReLU6, layers, operations or activations of a layer.
One with a slope below zero, as LeakyReLU, is none.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import activations, layers, ops

_RECTIFIERS = (activations.relu, activations.relu6, ops.relu, ops.relu6)
_SOFTMAXES = (activations.softmax, ops.softmax)


@ops.custom_gradient
def _positive(x):
    """x; on the way back only what is positive passes."""

    def backward(*gradients, upstream=None):
        return ops.relu(gradients[0] if upstream is None else upstream)

    return x, backward


def _guided(rectifier: Callable) -> Callable:
    return lambda x: _positive(rectifier(x))


def _deconvnet(rectifier: Callable) -> Callable:
    def rectified(x):
        x = _positive(x)
        # the rectifier's value, its input's gradient
        return x + ops.stop_gradient(rectifier(x) - x)

    return rectified


RULES: dict[str, Callable[[Callable], Callable]] = {
    "gradient": lambda rectifier: rectifier,
    "deconvnet": _deconvnet,
    "guided": _guided,
}


def with_rule(operation: Any, rule: str) -> Callable:
    """What computes as the operation does, with another way back.

    Args:
        operation: A Keras layer or operation.
        rule: "gradient", "deconvnet" or "guided".
    """
    if _is_rectifier(operation):
        return RULES[rule](operation)
    activation = vars(operation).get("activation")
    if _is_rectifier(activation):
        return _with_activation(operation, RULES[rule](activation))
    return operation


def is_softmax(operation: Any) -> bool:
    """Whether the operation is a softmax and nothing else."""
    return isinstance(operation, layers.Softmax) or (
        isinstance(operation, keras.Operation)
        and type(operation).__name__ == "Softmax"
    )


def without_softmax(operation: Any) -> Callable:
    """The operation, without the softmax that it ends with, if it does."""
    activation = vars(operation).get("activation")
    if not _is_among(activation, _SOFTMAXES):
        return operation
    return _with_activation(operation, activations.linear)


def _is_rectifier(function: Any) -> bool:
    if _is_among(function, _RECTIFIERS):
        return True
    if not isinstance(function, keras.Operation):
        return False
    kind = type(function).__name__
    is_sloped = getattr(function, "negative_slope", 0) != 0
    return kind in ("Relu", "Relu6", "ReLU") and not is_sloped


def _is_among(function: Any, functions: tuple) -> bool:
    return any(function is each for each in functions)


def _with_activation(layer: Any, activation: Callable) -> Any:
    """The layer with another activation: a second object, the same variables.

    Nothing is built or copied, and the model's own layer is not touched.
    """
    twin = object.__new__(type(layer))
    vars(twin).update(vars(layer), activation=activation)
    return twin
