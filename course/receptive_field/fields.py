"""Receptive fields of a graph's layers, and the window of one unit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import keras

from course.receptive_field.graph import Graph, Key
from course.windows import Windows, same_windows

Fields = dict[Key, tuple[Windows, ...]]
Misaligned = dict[Key, tuple[str, ...]]


@dataclass(frozen=True)
class ReceptiveField:
    """What a unit of a feature map sees of the input, axis by axis.

    Attributes:
        size: Pixels from the first to the last one that a unit can see, with
            padding; infinite where each unit sees the whole input. Where
            units differ, as after upsampling, the most that one sees.
        stride: Pixels between the fields of neighbouring units: a whole
            number, or a fraction after upsampling.
        padding: Pixels by which the first unit's field begins before the
            input's first pixel.
        sizes: The input's sizes for which that holds; "same" pads otherwise
            for others.
        misaligned: Layers where branches met whose fields have different
            centres, on average over the units.
        windows: The window of every unit.

    Example:
        >>> inputs = keras.Input((None, None, 1))
        >>> x = keras.layers.Conv2D(4, 3, padding="same")(inputs)
        >>> x = keras.layers.MaxPooling2D()(x)
        >>> print(receptive_field(keras.Model(inputs, x)))
        4x4, stride 2x2, padding 1x1
    """

    size: tuple[float, ...]
    stride: tuple[int | Fraction, ...]
    padding: tuple[float, ...]
    sizes: tuple[int, ...]
    misaligned: tuple[str, ...] = ()
    windows: tuple[Windows, ...] = field(default=(), repr=False, compare=False)

    @property
    def is_whole(self) -> bool:
        """Whether every unit sees the whole input, along each axis."""
        return all(size == math.inf for size in self.size)

    @property
    def center(self) -> tuple[float, ...]:
        """The middle of the first unit's field, in pixels from the first."""
        return tuple(
            (axis.first[0] + axis.last[0]) / 2 for axis in self.windows
        )

    def window(self, position: Sequence[int]) -> tuple[tuple, ...]:
        """First and last pixel of a unit's field an axis, padding included."""
        return tuple(
            axis.at(place)
            for axis, place in zip(self.windows, position, strict=True)
        )

    def __str__(self) -> str:
        if self.is_whole:
            return "the whole input"
        parts = [
            "x".join(str(each) for each in value)
            for value in (self.size, self.stride, self.padding)
        ]
        text = f"{parts[0]}, stride {parts[1]}, padding {parts[2]}"
        if self.misaligned:
            text += f", branches misaligned at {', '.join(self.misaligned)}"
        return text


def receptive_field(
    model: keras.Model,
    output: Any = None,
    input: Any = None,
    *,
    input_shape: Sequence[int] | None = None,
) -> ReceptiveField:
    """The receptive field of a layer's units in an input.

    Args:
        model: A built Functional or Sequential model, nested or not.
        output: A layer, its name (of nested models with "/": "encoder/conv1")
            or a symbolic tensor; None for the last map on the way to the
            model's first output, before pooling over all of it.
        input: Likewise; None for the model's input.
        input_shape: Shape (h, w, c) of the input for which "same" padding is
            resolved, where it is not the model's own. Sizes that the model
            leaves open are taken as 224.

    Returns:
        Size, stride and padding an axis.

    Raises:
        ValueError: If the model has no graph; a layer is unknown, in the model
            several times, or without rule; the output does not depend on the
            input, or it has no spatial axes; or branches of different
            strides meet.

    Example:
        >>> model = keras.Sequential([keras.Input((32, 32, 3))])
        >>> for _ in range(3):
        ...     model.add(keras.layers.Conv2D(8, 3))
        >>> receptive_field(model).size
        (7, 7)
    """
    graph = Graph(model, input_shape)
    start = start_of(graph, input)
    fields, misaligned = forward(graph, start)
    key = _last(graph, fields) if output is None else key_of(graph, output)
    if key not in fields:
        raise ValueError(
            f"{graph.names[key]} does not depend on {graph.names[start]}. "
            "Choose an input that leads to it: a layer, its name or a tensor."
        )
    if not graph.sizes[key]:
        return _whole(graph, start)
    return _receptive_field(graph, start, fields[key], misaligned[key])


def receptive_fields(
    model: keras.Model,
    input: Any = None,
    *,
    input_shape: Sequence[int] | None = None,
) -> dict[str, ReceptiveField]:
    """The receptive fields of all layers with spatial axes, in graph order.

    Args:
        model, input, input_shape: As in `receptive_field`.

    Returns:
        By layer's name; a layer that is used again stands again as "name#2".

    Raises:
        ValueError: As `receptive_field`.
    """
    graph = Graph(model, input_shape)
    start = start_of(graph, input)
    fields, misaligned = forward(graph, start)
    found: dict[str, ReceptiveField] = {}
    for step in graph.steps:
        key = step.outputs[0]
        if key not in fields or not graph.sizes[key]:
            continue
        uses = sum(name.partition("#")[0] == step.name for name in found)
        name = f"{step.name}#{uses + 1}" if uses else step.name
        found[name] = _receptive_field(
            graph, start, fields[key], misaligned[key]
        )
    return found


def input_window(
    model: keras.Model,
    layer: Any,
    position: Sequence[int],
    input: Any = None,
    *,
    input_shape: Sequence[int] | None = None,
) -> tuple[slice, ...]:
    """The pixels that one unit sees, as slices: `image[input_window(...)]`.

    Each layer's own border is respected: padding is nobody's pixel.

    Args:
        model, input, input_shape: As in `receptive_field`.
        layer: The unit's layer, its name or a symbolic tensor.
        position: The unit's place in the map, (row, column) or (time,).

    Returns:
        One slice an axis; empty where the unit sees no pixel.

    Raises:
        ValueError: If the position lies outside the map, or as
            `receptive_field`.
    """
    graph = Graph(model, input_shape)
    start, key = start_of(graph, input), key_of(graph, layer)
    position = tuple(position)
    sizes = graph.sizes[key]
    inside = len(position) == len(sizes) and all(
        0 <= place < size for place, size in zip(position, sizes, strict=True)
    )
    if not inside:
        raise ValueError(
            f"position={position} lies outside the map of {graph.names[key]}, "
            f"whose sizes are {sizes}. Expected one place from 0 an axis."
        )
    seen: dict[Key, list[set[int]]] = {key: [{place} for place in position]}
    for step in reversed(graph.steps):
        for look in [seen[key] for key in step.outputs if key in seen]:
            for source, windows in zip(step.inputs, step.windows, strict=True):
                _add(seen, graph.sizes[source], source, windows, look)
    nothing = [set()] * len(graph.sizes[start])
    return tuple(
        slice(min(places, default=0), max(places, default=-1) + 1)
        for places in seen.get(start, nothing)
    )


def _add(seen, sizes, source, windows, look) -> None:
    """Add to what is seen of `source` what units' windows there show."""
    if windows is None:
        return
    if len(windows) == len(sizes) == len(look):
        places = [
            axis.among(units, size)
            for axis, units, size in zip(windows, look, sizes, strict=True)
        ]
        if not all(places):  # nothing but padding along one axis
            return
    else:
        places = [set(range(size)) for size in sizes]
    known = seen.setdefault(source, [set() for _ in sizes])
    for some, more in zip(known, places, strict=True):
        some |= more


def forward(graph: Graph, start: Key) -> tuple[Fields, Misaligned]:
    """Each tensor's windows on `start`, and where branches were misaligned.

    What an operation without rule makes, and what is made of that, is left
    out, where the graph is not strict.
    """
    fields: Fields = {
        start: tuple(same_windows(size) for size in graph.sizes[start])
    }
    misaligned: Misaligned = {start: ()}
    unknown: set[Key] = set()
    for step in graph.steps:
        if step.windows is None or unknown.intersection(step.inputs):
            unknown.update(step.outputs)
            continue
        seen = [
            (_through(windows, fields[key]), misaligned[key])
            for key, windows in zip(step.inputs, step.windows, strict=True)
            if key in fields and windows is not None
        ]
        if not seen or start in step.outputs:
            continue
        try:
            united, told = _joined(step.name, seen)
        except ValueError:
            if graph.strict:
                raise
            unknown.update(step.outputs)
            continue
        for key in step.outputs:
            fields[key], misaligned[key] = united, told
    return fields, misaligned


def _joined(name, seen):
    """The windows of branches that meet, and where any were misaligned."""
    united, told = seen[0]
    for windows, more in seen[1:]:
        told = tuple(dict.fromkeys([*told, *more]))
        if _differ(united, windows) and name not in told:
            told = (*told, name)
        try:
            united = tuple(
                a.united(b) for a, b in zip(united, windows, strict=True)
            )
        except ValueError as error:
            raise ValueError(f"{name}: {error}.") from error
    return united, told


def _through(windows, field):
    """Windows on the tensor `field` belongs to, seen through it."""
    if len(windows) == len(field):
        return tuple(a.of(b) for a, b in zip(windows, field, strict=True))
    # From a vector an image is made, or the other way round.
    return windows


def _differ(some, others) -> bool:
    """Whether two branches' windows have different centres.

    On average over the units: after upsampling several share a window, whose
    centre cannot be that of each.
    """
    for a, b in zip(some, others, strict=True):
        if a.is_whole or b.is_whole:
            continue
        units = range(math.lcm(len(a.first), len(b.first)))
        if sum(sum(a.at(unit)) - sum(b.at(unit)) for unit in units):
            return True
    return False


def _receptive_field(graph, start, windows, misaligned) -> ReceptiveField:
    return ReceptiveField(
        tuple(axis.extent for axis in windows),
        tuple(axis.stride for axis in windows),
        tuple(-axis.first[0] for axis in windows),
        graph.sizes[start],
        misaligned,
        windows,
    )


def _whole(graph, start) -> ReceptiveField:
    axes = len(graph.sizes[start])
    return ReceptiveField(
        (math.inf,) * axes, (0,) * axes, (math.inf,) * axes, graph.sizes[start]
    )


def start_of(graph: Graph, input: Any) -> Key:
    """The tensor in which fields are measured."""
    if input is not None:
        key = key_of(graph, input)
    else:
        spatial = [key for key in graph.inputs if graph.sizes[key]]
        if len(spatial) > 1:
            names = ", ".join(graph.names[key] for key in spatial)
            raise ValueError(
                f"{graph.model.name} has several inputs: {names}. Choose one: "
                "input=<its name>."
            )
        key = (spatial or graph.inputs)[0]
    if not graph.sizes[key]:
        raise ValueError(
            f"{graph.names[key]} has no spatial axes. Expected an input "
            "(h, w, c) or (t, c)."
        )
    return key


def last_map(graph: Graph, output: Any, input: Any) -> Key:
    """The tensor of a map that is meant, as in `receptive_field`."""
    if output is not None:
        key = key_of(graph, output)
    else:
        key = _last(graph, forward(graph, start_of(graph, input))[0])
    if not graph.sizes[key]:
        raise ValueError(
            f"{graph.names[key]} has no spatial axes. Expected a map "
            "(h, w, c) or (t, c)."
        )
    return key


def _last(graph: Graph, fields: Fields) -> Key:
    """The last map on the way to the first output.

    What a global pooling has left of one does not count.
    """
    ahead, keys = {graph.output}, []
    for step in reversed(graph.steps):
        if ahead.intersection(step.outputs):
            ahead.update(step.inputs)
            keys.insert(0, step.outputs[0])
    keys = [key for key in keys if key in fields]
    if not keys:
        raise ValueError("nothing in the model depends on the input chosen.")
    for key in reversed(keys):
        is_pooled = any(axis.is_whole for axis in fields[key])
        sizes = graph.sizes[key]
        if sizes and (max(sizes) > 1 or not is_pooled):
            return key
    return keys[-1]


def key_of(graph: Graph, chosen: Any) -> Key:
    """The tensor that a layer, a name or a tensor stands for."""
    known = graph.names
    if isinstance(chosen, str):
        keys = [key for key, name in known.items() if name == chosen]
        keys += [key for name, _, key in graph.models if name == chosen]
        label = chosen
    elif isinstance(chosen, keras.KerasTensor):
        keys = graph.keys.get(id(chosen), [])
        label = f"the tensor {chosen.name}"
    else:
        steps = [step for step in graph.steps if step.operation is chosen]
        keys = [step.outputs[0] for step in steps]
        keys += [key for _, model, key in graph.models if model is chosen]
        if not steps and isinstance(chosen, keras.layers.InputLayer):
            keys = [key for key, name in known.items() if name == chosen.name]
        label = getattr(chosen, "name", repr(chosen))
    if len(keys) == 1:
        return keys[0]
    if keys:
        raise ValueError(
            f"{label} is used {len(keys)} times in {graph.model.name}. Choose "
            "one use by its output tensor."
        )
    names = list(dict.fromkeys(known.values()))
    shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
    raise ValueError(
        f"{label} is not in {graph.model.name}. Expected one of its layers, "
        f"e.g. {shown}."
    )
