"""What is inside a network: its kernels, and what its layers make of images."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from course.arithmetic import one_of
from course.gradients import compiled
from course.receptive_field.fields import key_of
from course.receptive_field.graph import Graph
from course.visualize.network import Network, batches

_TRANSPOSED = ("Conv2DTranspose", "TransposedConv")


def filters(
    model: keras.Model, layer: Any, normalize: str | None = "each"
) -> np.ndarray:
    """The kernels of a convolution as pictures.

    Args:
        model: A functional model, nested or not.
        layer: A layer that convolves images, its name or its tensor.
        normalize: "each" divides each filter by its own largest absolute
            value, "all" all by the largest of all, so that filters can be
            compared; both then map -1 ... 1 to 0 ... 1, and a weight of 0 is
            0.5, middle grey. None leaves the weights as they are.

    Returns:
        Array (filters, rows, columns, channels). A depthwise kernel has one
        channel a filter, those of an input's channel together.

    Raises:
        ValueError: If there is no such layer, or it does not convolve images.

    Example:
        >>> from course.models import lenet5
        >>> filters(lenet5(), "C1").shape
        (6, 5, 5, 1)
    """
    one_of(("each", "all", None), normalize, "normalize")
    kernels = _kernels(model, layer)
    if normalize is None:
        return kernels
    axes = None if normalize == "all" else (1, 2, 3)
    most = np.abs(kernels).max(axis=axes, keepdims=True)
    return 0.5 + 0.5 * kernels / np.where(most > 0, most, 1)


def activations(
    model: keras.Model, x: Any, layers: Iterable[Any] | None = None
) -> dict[str, np.ndarray]:
    """What layers make of images, in one pass.

    Args:
        model: A functional model with one input; the layers of models inside
            it are called "encoder/conv1".
        x: Images (n, h, w, c).
        layers: Layers, their names or tensors; None for all in graph order, a
            layer that is used again as "name#2".

    Returns:
        By name, an array (n, ...) each.

    Raises:
        ValueError: If there is no such layer, the model has several inputs or
            no graph, or the images have another size.

    Example:
        >>> model = keras.Sequential([keras.Input((1, 1, 2))])
        >>> model.add(keras.layers.ReLU(name="relu"))
        >>> activations(model, [[[[-3, 4]]]])["relu"].ravel().tolist()
        [0.0, 4.0]
    """
    network = Network(model, x, before_softmax=False)
    if layers is None:
        keys = network.names
    else:
        keys = {_name(network, each): network.key(each) for each in layers}
    wanted = list(keys.values())
    run = compiled(lambda images: network.run(network.known(images), wanted))
    parts = []
    for chosen, kept in batches(len(network.images)):
        values = run(network.images[chosen])
        parts.append([value[kept] for value in values])
    together = [np.concatenate(part) for part in zip(*parts, strict=True)]
    return dict(zip(keys, together, strict=True))


def _name(network, layer) -> str:
    if isinstance(layer, str):
        return layer
    return network.graph.names[network.key(layer)]


def _kernels(model, layer) -> np.ndarray:
    """Kernels (filters, rows, columns, channels) of a layer."""
    graph = Graph(model, strict=False)
    key = key_of(graph, layer)
    made = {key: step for step in graph.steps for key in step.outputs}
    operation = made[key].operation if key in made else None
    kernel = getattr(operation, "kernel", None)
    if kernel is None:
        kernel = getattr(operation, "depthwise_kernel", None)
    if kernel is None or len(kernel.shape) != 4:
        names = [step.name for step in graph.steps if convolves(step.operation)]
        known = ", ".join(dict.fromkeys(names)) or "a model with a convolution"
        raise ValueError(
            f"{graph.names[key]} has no kernel for images. Expected {known}."
        )
    kernel = keras.ops.convert_to_numpy(kernel).astype("float32")
    kind = type(operation).__name__
    if kind in _TRANSPOSED:
        return np.transpose(kernel, (2, 0, 1, 3))
    if "Depthwise" in kind or "Separable" in kind:
        kernel = kernel.reshape(*kernel.shape[:2], 1, -1)
    return np.transpose(kernel, (3, 0, 1, 2))


def convolves(operation: Any) -> bool:
    """Whether a layer has a kernel (rows, columns, ..., ...)."""
    weights = getattr(operation, "weights", ())
    return any(len(weight.shape) == 4 for weight in weights)
