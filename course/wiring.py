"""Which layer of a Keras graph reads which, for drawing a network whole.

Layers that only dress others up, such as an activation behind its convolution,
can be left out: what reads them then reads what they read.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

import keras

from course.receptive_field.graph import Graph


class Node(NamedTuple):
    """One call of one layer.

    Attributes:
        layer: Its name; of nested models theirs before, with "/".
        kind: Its class.
        window: Sizes of its kernel or pool, an axis each; None without one.
        output_shape: (n, h, w, c), None where open.
    """

    layer: str
    kind: str
    window: tuple[int, ...] | None
    output_shape: tuple


class Wiring(NamedTuple):
    """The nodes, each behind those that it reads, and pairs (from, to)."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[int, int], ...]


def wiring(model: keras.Model, without: Collection[str] = ()) -> Wiring:
    """The layers of a model, and which reads which.

    Args:
        model: A built Functional or Sequential model; models in it are opened.
        without: Classes of layers to leave out, e.g. "Activation".

    Returns:
        Nodes, the model's inputs first, and edges as pairs of their places.
        The edges into a node stand in the order in which it reads.

    Raises:
        ValueError: If the model has no graph to read.

    Example:
        >>> x = keras.Input((8, 8, 3))
        >>> y = keras.layers.Conv2D(3, 1)(x)
        >>> y = keras.layers.Add()([x, keras.layers.ReLU()(y)])
        >>> net = wiring(keras.Model(x, y), without=["ReLU"])
        >>> [node.kind for node in net.nodes], net.edges
        (['InputLayer', 'Conv2D', 'Add'], ((0, 1), (0, 2), (1, 2)))
    """
    graph = Graph(model, strict=False)
    nodes: list[Node] = []
    edges: list[tuple[int, int]] = []
    # the nodes that a tensor comes from: several behind what is left out
    sources: dict[Any, tuple[int, ...]] = {}
    for key in graph.inputs:
        shape = tuple(graph.tensors[key].shape)
        sources[key] = (len(nodes),)
        nodes.append(Node(graph.names[key], "InputLayer", None, shape))
    for step in graph.steps:
        read = [at for key in step.inputs for at in sources[key]]
        made_by = tuple(dict.fromkeys(read))
        if type(step.operation).__name__ not in without:
            edges += [(at, len(nodes)) for at in made_by]
            made_by = (len(nodes),)
            nodes.append(_node(step))
        sources |= dict.fromkeys(step.outputs, made_by)
    return Wiring(tuple(nodes), tuple(edges))


def _node(step) -> Node:
    operation = step.operation
    window = getattr(operation, "kernel_size", None)
    window = window or getattr(operation, "pool_size", None)
    return Node(
        step.name,
        type(operation).__name__,
        tuple(window) if window else None,
        tuple(step.node.outputs[0].shape),
    )
