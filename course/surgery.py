"""Models cut and sewn: what they return is a copy, the model stays whole.

This module reads the graphs of Keras models, no model of the course's alone.
"""

from typing import Any

import keras
from keras import layers

_AFTER_A_SUM = (layers.BatchNormalization, layers.Activation, layers.ReLU)


def lesion(model: keras.Model, block: str) -> keras.Model:
    """A copy of a residual network in which one block is only its shortcut.

    The branch is left out, and its sum is what the shortcut brings. What comes
    after the sum stays: the ReLU of an original block changes nothing where the
    block has the sizes and channels of its input, which was activated already.
    The question how much is lost is that of A. Veit, M. Wilber and S. Belongie,
    "Residual networks behave like ensembles of relatively shallow networks",
    NIPS 2016, arXiv:1605.06431.

    Args:
        model: A functional model, such as `resnet(50)`, whose sums have the
            shortcut as their first input.
        block: Name of the block's output, such as "conv4_2".

    Returns:
        A model of the same inputs and outputs, with copies of the weights.

    Raises:
        ValueError: No residual block ends with this layer; lists the blocks.

    Example:
        >>> from course.models import resnet_cifar
        >>> model = resnet_cifar(20)
        >>> hurt = lesion(model, "conv3_2")
        >>> model.count_params() - hurt.count_params()  # 2 (9 32 32 + 4 32)
        18688
    """
    cut = _sum_of(model, block)

    def call(layer, *arguments, **settings) -> Any:
        if layer.name == cut:
            shortcut, _ = arguments[0]
            return shortcut
        return layer(*arguments, **settings)

    hurt = keras.models.clone_model(model, call_function=call)
    for layer in hurt.layers:
        if layer.weights:
            layer.set_weights(model.get_layer(layer.name).get_weights())
    return hurt


def _sum_of(model, block: str) -> str:
    """Name of the sum that a residual block ends with, but for what follows."""
    found = {layer.name: layer for layer in model.layers}
    layer = found.get(block)
    while isinstance(layer, _AFTER_A_SUM):
        layer = layer.input._keras_history.operation
    if isinstance(layer, layers.Add) and len(layer.input) == 2:
        return layer.name
    sums = [name for name in found if isinstance(found[name], layers.Add)]
    ends = [name.removesuffix("_sum") for name in sums]
    raise ValueError(
        f"block={block!r} is no residual block of {model.name}. Expected "
        f"{'one of ' + ', '.join(ends) if ends else 'a network that has one'}."
    )
