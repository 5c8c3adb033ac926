"""How much each pixel of its field matters to a unit.

W. Luo, Y. Li, R. Urtasun and R. Zemel, "Understanding the effective receptive
field in deep convolutional neural networks", NIPS 2016, arXiv:1701.04128:
gradients fall off from the middle of the field like a Gaussian, whose width
grows with the square root of the depth while the field grows with the depth.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from course.gradients import differentiated
from course.receptive_field.fields import input_window, last_map, start_of
from course.receptive_field.graph import Graph

BATCH = 8
# Two standard deviations hold 95.45 % of a Gaussian along one axis; the paper
# counts the pixels whose gradient is more than what is left of the largest.
THRESHOLD = 1 - 0.9545


@dataclass(frozen=True)
class EffectiveField:
    """What one unit looks at, and how much.

    Attributes:
        map: Mean size of the unit's gradient at each pixel, its largest 1:
            (h, w) or (t,).
        position: The unit's place in its map.
        window: Its theoretical receptive field, one slice an axis.
        center: Middle of the Gaussian fitted to the map, in pixels an axis.
        sigma: Its standard deviation in pixels an axis.
        fraction: Pixels that matter, of those in the theoretical field: with
            gradients over 4.55 % of the largest.

    Example:
        >>> import keras
        >>> convs = [
        ...     keras.layers.Conv2D(1, 3, kernel_initializer="ones")
        ...     for _ in range(6)
        ... ]
        >>> model = keras.Sequential([keras.Input((25, 25, 1)), *convs])
        >>> effective = effective_receptive_field(model)
        >>> [round(sigma, 1) for sigma in effective.sigma]
        [2.1, 2.1]
        >>> round(effective.fraction, 2)
        0.46
    """

    map: np.ndarray = field(repr=False)
    position: tuple[int, ...]
    window: tuple[slice, ...]
    center: tuple[float, ...]
    sigma: tuple[float, ...]
    fraction: float


def effective_receptive_field(
    model: keras.Model,
    output: Any = None,
    input: Any = None,
    *,
    position: Sequence[int] | None = None,
    images: Any = None,
    count: int = 20,
    input_shape: Sequence[int] | None = None,
    seed: int = 0,
) -> EffectiveField:
    """The mean gradient of a unit over images, and a Gaussian fitted to it.

    The gradient is that of the sum of the unit's channels.

    Args:
        model: A built Functional or Sequential model.
        output, input: As in `course.receptive_field.receptive_field`, but not
            inside nested models.
        position: The unit, (row, column) or (time,); None for the middle one.
        images: Arrays (n, h, w, c) to take gradients at; None for normally
            distributed noise.
        count: How many images of noise.
        input_shape: Shape (h, w, c) of the noise, where the model leaves
            sizes open.
        seed: Of the noise.

    Raises:
        ValueError: If sizes are open, the position lies outside the map, no
            pixel has a gradient, or as `receptive_field`.
    """
    if images is not None:
        images = np.asarray(images, "float32")
        input_shape = images.shape[1:]
    graph = Graph(model, input_shape)
    key = last_map(graph, output, input)
    start = start_of(graph, input)
    source, target = (_tensor(graph, each) for each in (start, key))
    if images is None:
        images = _noise(source, input_shape, count, seed)
    if position is None:
        position = tuple(size // 2 for size in graph.sizes[key])
    position = tuple(position)
    window = input_window(
        model, target, position, source, input_shape=input_shape
    )
    values = _mean_gradient(keras.Model(source, target), images, position)
    if not values.max() > 0:
        raise ValueError(
            f"no pixel changes the unit {position} of {graph.names[key]}: its "
            "gradient is zero at all images tried. Expected a unit that is "
            "not silent: choose another, more images, or other weights."
        )
    values = values / values.max()
    center, sigma = _gaussian(values)
    area = math.prod(max(part.stop - part.start, 1) for part in window)
    fraction = float((values > THRESHOLD).sum() / area)
    return EffectiveField(values, position, window, center, sigma, fraction)


def _tensor(graph, key):
    """The symbolic tensor of a key, if it is not inside a nested model."""
    if key not in graph.tensors:
        raise ValueError(
            f"{graph.names[key]} lies inside a model in {graph.model.name}. "
            "Expected a layer of the model itself; or give the inner model "
            "alone."
        )
    return graph.tensors[key]


def _noise(source, input_shape, count, seed) -> np.ndarray:
    shape = tuple(input_shape or source.shape[1:])
    if None in shape:
        raise ValueError(
            f"the input's shape is {shape}. Say how large the images of noise "
            "are to be: input_shape=(height, width, channels)."
        )
    noise = np.random.default_rng(seed).normal(size=(count, *shape))
    return noise.astype("float32")


def _mean_gradient(model, images, position) -> np.ndarray:
    """Mean over images, sum over channels of the gradient's size."""
    total = np.zeros(images.shape[1:-1])

    @differentiated
    def unit(x):
        return keras.ops.sum(model(x, training=False)[:, *position])

    for begin in range(0, len(images), BATCH):
        batch = images[begin : begin + BATCH]
        _, (gradients,) = unit(batch)
        total += np.abs(gradients, dtype="float64").sum(axis=(0, -1))
    return total / len(images)


def _gaussian(values) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Middle and standard deviation of the Gaussian that fits best."""
    from scipy.optimize import curve_fit

    axes = np.indices(values.shape).reshape(values.ndim, -1)
    flat = values.ravel()
    mean = (axes * flat).sum(axis=1) / flat.sum()
    spread = (flat * (axes - mean[:, None]) ** 2).sum(axis=1) / flat.sum()
    start = [flat.max(), *mean, *np.sqrt(spread + 0.1)]

    def gaussian(axes, height, *shape):
        middle, sigma = np.reshape(shape, (2, -1, 1))
        return height * np.exp(-(((axes - middle) / sigma) ** 2).sum(0) / 2)

    found, _ = curve_fit(gaussian, axes, flat, start)
    middle, sigma = np.reshape(found[1:], (2, -1))
    return tuple(middle.tolist()), tuple(np.abs(sigma).tolist())
