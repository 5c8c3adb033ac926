"""A Keras graph as a list of steps, each with the windows of its outputs."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import keras

from course.arithmetic import per_axis
from course.receptive_field import rules
from course.windows import (
    Windows,
    conv_windows,
    same_windows,
    whole_windows,
)

UNKNOWN_SIZE = 224  # pixels, where a model leaves its input's size open
Key = tuple[tuple[str, ...], int]  # a tensor: nested models above it, its id


class Step(NamedTuple):
    """One operation of the graph.

    Attributes:
        name: The operation's name; of nested models theirs before, with "/".
        operation: The Keras layer or operation.
        inputs: The tensors it reads.
        outputs: The tensors it makes.
        node: Keras's record of the call.
        windows: For each input, one `Windows` an axis of the outputs; none
            where the output has no spatial axes, and None where the input's
            values do not matter. None in place of all for an operation without
            rule.
    """

    name: str
    operation: Any
    inputs: tuple[Key, ...]
    outputs: tuple[Key, ...]
    node: Any
    windows: tuple[tuple[Windows, ...] | None, ...] | None


class Graph:
    """What leads from a model's inputs to its outputs, in graph order.

    Args:
        model: A built Keras model with a graph: Functional or Sequential.
        input_shape: Its input's shape (h, w, c) where it is to be another
            than the model's own, or the model leaves sizes open. Without it,
            open sizes are taken as 224.
        strict: Whether an operation without rule is refused. Else the sizes
            behind it are those that Keras knows, None where it does not.

    Raises:
        ValueError: If the model has no graph, or holds a layer without rule.
    """

    def __init__(
        self,
        model: keras.Model,
        input_shape: Sequence[int] | None = None,
        *,
        strict: bool = True,
    ):
        _check(model)
        self.model = model
        self.strict = strict
        self.steps: list[Step] = []
        self.sizes: dict[Key, tuple[int, ...]] = {}
        self.inputs = [((), id(tensor)) for tensor in model.inputs]
        self.names: dict[Key, str] = {}
        # What may be asked for: the keys of each tensor and of each model's
        # output (a model called twice has several), and the model's own
        # tensors, not those inside nested models.
        self.keys: dict[int, list[Key]] = defaultdict(list)
        for key in self.inputs:
            self.keys[key[1]].append(key)
        self.models: list[tuple[str, keras.Model, Key]] = []
        self.tensors = dict(zip(self.inputs, model.inputs, strict=True))
        for key, tensor in zip(self.inputs, model.inputs, strict=True):
            self.sizes[key] = _input_sizes(model, tensor, input_shape)
            self.names[key] = tensor._keras_history.operation.name
        known = dict(zip(self.inputs, self.inputs, strict=True))
        self._walk(model, known, ())
        self.output = known[(), id(model.outputs[0])]

    def _walk(self, model, known: dict[Key, Key], path) -> None:
        """Add the steps of a model whose input tensors are `known`."""
        for node in _nodes(model):
            inputs = [
                known[path, id(tensor)]
                for tensor in node.input_tensors
                if (path, id(tensor)) in known
            ]
            if not inputs:
                continue
            operation = node.operation
            if isinstance(operation, keras.Model):
                outputs = self._nested(operation, inputs, path, node)
            else:
                outputs = self._step(operation, inputs, path, node)
            for tensor, key in zip(node.outputs, outputs, strict=True):
                known[path, id(tensor)] = key
                self.keys[id(tensor)].append(key)
                if not path:
                    self.tensors[key] = tensor

    def _nested(self, model, inputs, path, node) -> list[Key]:
        _check(model)
        # The same model may be called twice: the node tells the calls apart.
        name = "/".join([*_labels(path), model.name])
        path = (*path, f"{model.name}#{id(node)}")
        entries = [(path, id(tensor)) for tensor in model.inputs]
        known = dict(zip(entries, inputs, strict=True))
        self._walk(model, known, path)
        outputs = [known[path, id(tensor)] for tensor in model.outputs]
        self.models.append((name, model, outputs[0]))
        return outputs

    def _step(self, operation, inputs, path, node) -> list[Key]:
        outputs = [(path, id(tensor)) for tensor in node.outputs]
        name = "/".join([*_labels(path), operation.name])
        windows = self._known_windows(operation, inputs, node)
        self.steps.append(
            Step(name, operation, tuple(inputs), tuple(outputs), node, windows)
        )
        for key, tensor in zip(outputs, node.outputs, strict=True):
            self.names[key] = name
            if windows is None:
                self.sizes[key] = tuple(tensor.shape[1:-1])
            else:
                look = next(each for each in windows if each is not None)
                self.sizes[key] = tuple(axis.size for axis in look)
        return outputs

    def _known_windows(self, operation, inputs, node):
        if self.strict:
            return self._windows(operation, inputs, node)
        if any(None in self.sizes[key] for key in inputs):
            return None
        try:
            return self._windows(operation, inputs, node)
        except ValueError:
            return None

    def _windows(self, operation, inputs, node):
        """For each input the windows of the outputs, one an axis."""
        shape = node.outputs[0].shape
        sizes = [self.sizes[key] for key in inputs]
        if len(shape) < 3:
            return ((),) * len(inputs)
        if not any(sizes):  # of a vector an image is made
            whole = tuple(whole_windows(size) for size in shape[1:-1])
            return (whole,) * len(inputs)
        if rules.is_merge(operation):
            return _merged(operation, sizes, len(shape))
        if rules.is_attention(operation):
            whole = tuple(whole_windows(size) for size in sizes[0])
            return (whole,) * len(inputs)
        if len(inputs) > 1:
            return rules.windows_of_several(operation, sizes)
        if type(operation).__name__ in _BY_NODE:
            look = _BY_NODE[type(operation).__name__]
            return (tuple(look(operation, sizes[0], node)),)
        is_reshape = type(operation).__name__ in _RESHAPES
        if is_reshape and tuple(shape[1:-1]) == sizes[0]:
            return (tuple(same_windows(size) for size in sizes[0]),)
        return (rules.windows(operation, sizes[0]),)


def _labels(path) -> list[str]:
    return [part.partition("#")[0] for part in path]


_RESHAPES = ("ExpandDims", "Reshape")


def _merged(operation, sizes, rank):
    """Windows of a sum or a concatenation; size 1 is repeated."""
    axis = getattr(operation, "axis", -1)
    if "Concatenate" in type(operation).__name__ and axis not in (-1, rank - 1):
        raise rules.unknown(operation)
    full = [each for each in sizes if each]
    outputs = tuple(max(axis) for axis in zip(*full, strict=True))
    merged = []
    for each in sizes:
        if not each:  # a vector, added to every pixel
            merged.append(tuple(whole_windows(size) for size in outputs))
            continue
        merged.append(
            tuple(
                same_windows(out)
                if size == out
                else Windows((0,), (0,), 0, out)
                for size, out in zip(each, outputs, strict=True)
            )
        )
    return tuple(merged)


def _check(model) -> None:
    """Refuse what has no graph to walk."""
    if not isinstance(model, keras.Model):
        raise ValueError(
            f"received a {type(model).__name__}. Expected a keras.Model."
        )
    is_graph = isinstance(model, keras.Sequential) or hasattr(
        model, "_nodes_by_depth"
    )
    if not is_graph:
        raise ValueError(
            f"{model.name} is a {type(model).__name__} whose layers meet only "
            "when it is called. Expected a Functional or Sequential model; "
            "make one of it: keras.Model(inputs, outputs)."
        )
    if not getattr(model, "inputs", None):
        raise ValueError(
            f"{model.name} was never built, so it has no graph yet. Call "
            "model.build((None, height, width, channels)), or begin it with "
            "keras.Input."
        )


def _input_sizes(model, tensor, input_shape) -> tuple[int, ...]:
    """Spatial sizes of an input."""
    shape = tuple(tensor.shape[1:])
    if input_shape is not None and len(shape) > 1:
        if len(input_shape) != len(shape):
            raise ValueError(
                f"input_shape={tuple(input_shape)} for an input of shape "
                f"{shape}. Expected as many entries, without the batch."
            )
        shape = tuple(input_shape)
    sizes = shape if _gets_channel(model, tensor) else shape[:-1]
    return tuple(UNKNOWN_SIZE if size is None else size for size in sizes)


def _gets_channel(model, tensor) -> bool:
    """Whether all that is made of an input (h, w) is (h, w, 1)."""
    made = [
        node
        for node in _nodes(model)
        if any(each is tensor for each in node.input_tensors)
    ]
    return bool(made) and all(
        type(node.operation).__name__ in _RESHAPES
        and tuple(node.outputs[0].shape) == (*tensor.shape, 1)
        for node in made
    )


def node_of(tensor):
    """The node of Keras's graph that made a symbolic tensor."""
    history = tensor._keras_history
    return history.operation._inbound_nodes[history.node_index]


def _nodes(model) -> Iterator[Any]:
    """The model's nodes, each behind those it needs."""
    entries = {id(tensor) for tensor in model.inputs}
    met = set()
    waiting = [(node_of(tensor), tensor) for tensor in reversed(model.outputs)]
    while waiting:
        node, tensor = waiting.pop()
        if tensor is None:
            yield node
        elif id(tensor) not in entries and id(node) not in met:
            met.add(id(node))
            waiting.append((node, None))  # when those above it are done
            waiting += [
                (node_of(each), each) for each in reversed(node.input_tensors)
            ]


def _slice(operation, sizes, node):
    """Windows of x[:, a:b:c]: they begin at a and move by c."""
    key = node.arguments.args[1]
    key = key if isinstance(key, tuple) else (key,)
    if Ellipsis in key:
        where = key.index(Ellipsis)
        missing = len(sizes) + 2 - (len(key) - 1)
        key = (*key[:where], *[slice(None)] * missing, *key[where + 1 :])
    key = (*key, *[slice(None)] * (len(sizes) + 2 - len(key)))
    for size, part in zip(sizes, key[1:-1], strict=True):
        if not isinstance(part, slice):
            raise rules.unknown(operation)
        start, stop, step = part.indices(size)
        outputs = len(range(start, stop, step))
        yield Windows((start,), (start,), step, outputs)


def _split(operation, sizes, node):
    """Parts of the channels."""
    if operation.axis % (len(sizes) + 2) != len(sizes) + 1:
        raise rules.unknown(operation)
    return [same_windows(size) for size in sizes]


def _conv(operation, sizes, node):
    """A convolution whose kernel is an argument."""
    kernel = node.arguments.args[1]
    strides = per_axis(operation.strides, len(sizes), "strides")
    dilations = per_axis(operation.dilation_rate, len(sizes), "dilation_rate")
    for size, k, s, d in zip(
        sizes, kernel.shape, strides, dilations, strict=False
    ):
        yield conv_windows(size, k, s, operation.padding, d)


_BY_NODE = {
    "Conv": _conv,
    "DepthwiseConv": _conv,
    "SeparableConv": _conv,
    "GetItem": _slice,
    "Split": _split,
}
