"""The pixels that one unit sees, one by one, with the holes between them."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from course.receptive_field.fields import last_map, start_of
from course.receptive_field.graph import Graph, Key


def seen_pixels(
    model: keras.Model,
    output: Any = None,
    position: Sequence[int] | None = None,
    input: Any = None,
    *,
    input_shape: Sequence[int] | None = None,
) -> np.ndarray:
    """Which pixels have a path to a unit.

    A window says where the first and the last of them are; between them
    dilation leaves holes, and a sum of a column and a row is a cross.

    Args:
        model, output, input, input_shape: As in `receptive_field`. The weights
            are not looked at.
        position: The unit, (row, column) or (time,); None for the middle one.

    Returns:
        Booleans, (h, w) or (t,), as large as the input.

    Raises:
        ValueError: If the position lies outside the map, or as
            `receptive_field`.

    Example:
        >>> from keras import Sequential, layers
        >>> conv = layers.Conv1D(1, 3, dilation_rate=2)
        >>> model = Sequential([keras.Input((7, 1)), conv])
        >>> seen_pixels(model, position=[1]).astype(int)
        array([0, 1, 0, 1, 0, 1, 0])
    """
    graph = Graph(model, input_shape)
    key, start = last_map(graph, output, input), start_of(graph, input)
    sizes = graph.sizes[key]
    if position is None:
        position = [size // 2 for size in sizes]
    position = tuple(position)
    inside = len(position) == len(sizes) and all(
        0 <= place < size for place, size in zip(position, sizes, strict=True)
    )
    if not inside:
        raise ValueError(
            f"position={position} lies outside the map of {graph.names[key]}, "
            f"whose sizes are {sizes}. Expected one place from 0 an axis."
        )
    unit = np.zeros(sizes, bool)
    unit[position] = True
    seen: dict[Key, np.ndarray] = {key: unit}
    for step in reversed(graph.steps):
        for units in [seen[key] for key in step.outputs if key in seen]:
            for source, windows in zip(step.inputs, step.windows, strict=True):
                if windows is not None:
                    below = _below(units, windows, graph.sizes[source])
                    seen[source] = seen.get(source, False) | below
    return seen.get(start, np.zeros(graph.sizes[start], bool))


def _below(units, windows, sizes) -> np.ndarray:
    """What units look at in an input; all of it where places are lost."""
    if not len(windows) == len(sizes) == units.ndim:
        return np.full(sizes, units.any())
    for axis, (looking, size) in enumerate(zip(windows, sizes, strict=True)):
        units = np.moveaxis(units, axis, 0)
        found = np.zeros((size, *units.shape[1:]), bool)
        for place in np.flatnonzero(units.reshape(len(units), -1).any(axis=1)):
            found[sorted(looking.among([int(place)], size))] |= units[place]
        units = np.moveaxis(found, 0, axis)
    return units
