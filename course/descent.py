"""The way of an optimizer over a function of a few numbers."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np


def descend(
    optimizer: keras.optimizers.Optimizer,
    gradient: Callable[[np.ndarray], Any],
    start: Sequence[float],
    steps: int,
) -> np.ndarray:
    """Where an optimizer is after each step.

    Args:
        optimizer: A new one of Keras's: it keeps what it has seen.
        gradient: Gives the gradient, of the start's shape, at a place.
        start: The place to begin at, (d,) numbers.
        steps: How many.

    Returns:
        Array (steps + 1, d), the start first.

    Raises:
        ValueError: If the gradient has another shape than the start.

    Example:
        >>> way = descend(keras.optimizers.SGD(0.25), lambda x: 2 * x, [1.0], 2)
        >>> way.tolist()
        [[1.0], [0.5], [0.25]]
    """
    place = keras.Variable(np.asarray(start, "float32"))
    way = [_copied(place)]
    for _ in range(steps):
        slope = np.asarray(gradient(way[-1]), "float32")
        if slope.shape != way[-1].shape:
            raise ValueError(
                f"at {way[-1].tolist()} the gradient has shape {slope.shape}. "
                f"Expected {way[-1].shape}, a slope for each number."
            )
        optimizer.apply([keras.ops.convert_to_tensor(slope)], [place])
        way.append(_copied(place))
    return np.stack(way)


def _copied(place):
    """The numbers of a variable, which goes on changing."""
    return np.array(keras.ops.convert_to_numpy(place.value))
