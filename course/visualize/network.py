"""A model run step by step, so that any tensor can be read or replaced."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import keras
import numpy as np
from keras import ops

from course.arithmetic import one_of
from course.gradients import compiled
from course.receptive_field.fields import key_of
from course.receptive_field.graph import Graph, Key, Step
from course.visualize.rules import (
    RULES,
    is_softmax,
    with_rule,
    without_softmax,
)

BATCH = 32
Position = Sequence[int] | str | None


class Network:
    """The graph of a model, with images, and a tensor whose channels are asked.

    Its layers are the model's own, called one after the other; nothing that
    they would keep, such as moving statistics, is kept.

    Args:
        model: Functional or Sequential, with one input; models in it are
            opened.
        images: Array (n, h, w, c).
        output: The layer whose channels are asked, its name or its tensor;
            None for the model's output.
        rule: Of `course.visualize.rules`.
        before_softmax: Whether, if the output is a softmax, its scores are
            asked instead.

    Raises:
        ValueError: If the model or the images cannot be used, or there is no
            such layer.
    """

    def __init__(
        self,
        model: keras.Model,
        images: Any,
        output: Any = None,
        rule: str = "gradient",
        *,
        before_softmax: bool = True,
    ):
        self.images = _checked_images(model, images)
        self.graph = Graph(model, self.images.shape[1:], strict=False)
        self.rule = one_of(RULES, rule, "rule")
        self.steps = {key: s for s in self.graph.steps for key in s.outputs}
        self.names = _unique_names(self.graph)
        self.output = output
        self.before_softmax = before_softmax

    @cached_property
    def target(self) -> Key:
        """The tensor whose channels are asked."""
        key = self._output(self.output)
        step = self.steps.get(key)
        if self.before_softmax and step and is_softmax(step.operation):
            return step.inputs[0]
        return key

    def key(self, chosen: Any) -> Key:
        """The tensor that a layer, a name or a tensor stands for."""
        if isinstance(chosen, str) and chosen in self.names:
            return self.names[chosen]
        return key_of(self.graph, chosen)

    def known(self, images: Any) -> dict[Key, Any]:
        """What `run` begins with."""
        return {self.graph.inputs[0]: ops.convert_to_tensor(images)}

    def run(self, known: Mapping[Key, Any], wanted: Sequence[Key]) -> list:
        """The tensors that are wanted, computed from those that are known.

        What is known is not computed: a tensor in the middle of the network
        can be replaced so.
        """
        values = dict(known)
        # else a layer would keep losses or seeds of this run
        with keras.StatelessScope(collect_losses=True):
            for step in self.before(wanted, values):
                values |= self._called(step, values)
        return [values[key] for key in wanted]

    def before(self, wanted: Sequence[Key], known=()) -> list[Step]:
        """The steps that lead from what is known to what is wanted."""
        ahead, found = set(wanted) - set(known), []
        for step in reversed(self.graph.steps):
            if ahead.intersection(step.outputs):
                ahead.update(set(step.inputs) - set(known))
                found.append(step)
        return found[::-1]

    def checked_targets(self, target: Any) -> np.ndarray:
        """A channel for each image.

        Raises:
            ValueError: If it is no channel of the output.
        """
        channels = self._tensor(self.target).shape[-1]
        name, count = self.graph.names[self.target], len(self.images)
        targets = np.asarray(target)
        is_integer = targets.dtype.kind in "iu"
        if not is_integer or targets.shape not in ((), (count,)):
            raise ValueError(
                f"target={target!r} is no channel. Expected an integer, or one "
                f"for each of {count} images."
            )
        if targets.size and not 0 <= targets.min() <= targets.max() < channels:
            raise ValueError(
                f"target={target!r} is no channel of {name}, which has "
                f"{channels}. Expected 0 to {channels - 1}."
            )
        return np.broadcast_to(targets, count).astype("int32")

    def sizes(self) -> tuple[int, ...]:
        """Rows and columns of the output's maps; none of a vector."""
        wanted = [self.target]
        run = compiled(lambda images: self.run(self.known(images), wanted))
        (maps,) = run(self.images[:1])
        return maps.shape[1:-1]

    def units(self, known, targets: Any, position: Position) -> Any:
        """Values (n, k) of the units that are asked, k of each image.

        Args:
            known: As in `run`.
            targets: A channel for each image; its integers may be floats.
            position: (row, column) of the unit; None for the strongest of the
                channel; "all" for all of them.
        """
        (maps,) = self.run(known, [self.target])
        count, channels = maps.shape[0], maps.shape[-1]
        sizes = tuple(maps.shape[1:-1])
        places = ops.reshape(maps, (count, -1, channels))
        chosen = ops.cast(targets, "int32")[:, None, None]
        places = ops.take_along_axis(places, chosen, axis=2)[..., 0]
        places = ops.cast(places, "float32")
        if isinstance(position, str) and position == "all":
            return places
        if position is None:
            place = ops.argmax(places, axis=1)[:, None]
            return ops.take_along_axis(places, place, axis=1)
        place = _flat(position, sizes, self.graph.names[self.target])
        return places[:, place : place + 1]

    def _called(self, step: Step, values) -> dict[Key, Any]:
        node, operation = step.node, with_rule(step.operation, self.rule)
        if self.before_softmax and self.target in step.outputs:
            operation = without_softmax(operation)
        keys = {
            id(tensor): key
            for tensor, key in zip(node.input_tensors, step.inputs, strict=True)
        }

        def value(argument):
            is_tensor = isinstance(argument, keras.KerasTensor)
            return values[keys[id(argument)]] if is_tensor else argument

        arguments = (node.arguments.args, node.arguments.kwargs)
        args, kwargs = keras.tree.map_structure(value, arguments)
        outputs = keras.tree.flatten(operation(*args, **kwargs))
        return dict(zip(step.outputs, outputs, strict=True))

    def _output(self, output: Any) -> Key:
        if output is not None:
            return self.key(output)
        model = self.graph.model
        if len(model.outputs) > 1:
            raise ValueError(
                f"{model.name} has several outputs: "
                f"{', '.join(model.output_names)}. Choose one: "
                "output=<its name>."
            )
        return self.graph.output

    def _tensor(self, key: Key) -> Any:
        """The symbolic tensor of a key, in nested models too."""
        if key not in self.steps:
            return self.graph.tensors[key]
        step = self.steps[key]
        return step.node.outputs[step.outputs.index(key)]


def batches(count: int) -> Iterator[tuple[np.ndarray, slice]]:
    """Which images a batch has, and which of its results count.

    All batches have the same size, for which is compiled once: the last one
    repeats the last image.
    """
    size = min(count, BATCH)
    for begin in range(0, count, size):
        chosen = np.arange(begin, begin + size)
        yield np.minimum(chosen, count - 1), slice(count - begin)


def _checked_images(model: keras.Model, images: Any) -> np.ndarray:
    inputs = getattr(model, "inputs", None) or []
    if len(inputs) > 1:
        raise ValueError(
            f"{model.name} has {len(inputs)} inputs. Expected one, of images: "
            "make a model of it that has the others fixed."
        )
    images = np.asarray(images, "float32")
    shape = tuple(inputs[0].shape[1:]) if inputs else (None, None, None)
    fits = images.ndim == len(shape) + 1 and all(
        expected in (None, size)
        for expected, size in zip(shape, images.shape[1:], strict=True)
    )
    if not fits or not len(images):
        raise ValueError(
            f"the images have shape {images.shape}. Expected (n, "
            f"{', '.join(map(str, shape))}), n at least 1: resize them; a "
            "single image becomes a batch by x[None]."
        )
    return images


def _unique_names(graph: Graph) -> dict[str, Key]:
    """A name for what each step makes; a layer used again is "name#2"."""
    names: dict[str, Key] = {}
    used: dict[str, int] = {}
    for step in graph.steps:
        for key in step.outputs:
            used[step.name] = count = used.get(step.name, 0) + 1
            names[step.name if count == 1 else f"{step.name}#{count}"] = key
    return names


def _flat(position: Any, sizes: tuple[int, ...], name: str) -> int:
    """Number of a place, counted row by row."""
    place = np.asarray(position)
    inside = place.shape == (len(sizes),) and place.dtype.kind in "iu"
    if not inside or not sizes or (place < 0).any() or (place >= sizes).any():
        raise ValueError(
            f"position={position!r} is no place in {name}, whose sizes are "
            f"{sizes}. Expected one integer from 0 an axis, None for the "
            'strongest unit, or "all".'
        )
    return int(np.ravel_multi_index(tuple(place), sizes))
