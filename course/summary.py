"""One table a model: layers, shapes, parameters, multiplications.

Reads the graph of any Keras model. What a layer of one's own multiplies is not
known here: it says so itself, by a method `macs(input_shape) -> int`.
"""

import html
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import keras
from keras import layers

from course.arithmetic import conv_macs


def summary(model: keras.Model) -> "Summary":
    """What each layer of a model makes, holds and costs, in graph order.

    Args:
        model: Functional, or a Sequential one that has been built; models in
            it are opened.

    Returns:
        A table: `print` shows it, a notebook draws it, `to_dict` gives its
        numbers.

    Raises:
        ValueError: The model has no graph to read.

    Example:
        >>> from course.models import lenet5
        >>> table = summary(lenet5())
        >>> table.parameters, table.macs, table.depth
        (61706, 416520, 5)
    """
    rows, depth = _read(model, set(), "")
    return Summary(model.name, tuple(rows), depth)


@dataclass(frozen=True)
class Row:
    """One call of one layer.

    Attributes:
        layer, kind: Its name and its class.
        output_shape: (n, h, w, c), None where open; a tuple of several.
        trainable, non_trainable: Parameters; 0 where a row above has them.
        macs: Multiplications with kernels for one image; None where a size is
            open.
    """

    layer: str
    kind: str
    output_shape: tuple
    trainable: int
    non_trainable: int
    macs: int | None


class Column(NamedTuple):
    """A heading, what stands below it for a row, and at the end."""

    title: str
    cell: Callable[[Row], str]
    total: Callable[["Summary"], str]
    is_number: bool = True


@dataclass(frozen=True)
class Summary:
    """The table of a model.

    Attributes:
        name: Of the model.
        rows: One a call of a layer.
        depth: Most layers that multiply by kernels on one way through it.
    """

    name: str
    rows: tuple[Row, ...]
    depth: int

    @property
    def trainable(self) -> int:
        """Parameters that train."""
        return sum(row.trainable for row in self.rows)

    @property
    def non_trainable(self) -> int:
        """Parameters that do not, such as moving statistics."""
        return sum(row.non_trainable for row in self.rows)

    @property
    def parameters(self) -> int:
        """All of them: Keras's `count_params`."""
        return self.trainable + self.non_trainable

    @property
    def macs(self) -> int | None:
        """Multiplications for one image; None if a size is open."""
        macs = [row.macs for row in self.rows]
        return None if None in macs else sum(macs)

    def to_dict(self) -> dict[str, Any]:
        """Name, totals, and "layers": one dict a row."""
        return {
            "name": self.name,
            "trainable": self.trainable,
            "non_trainable": self.non_trainable,
            "parameters": self.parameters,
            "macs": self.macs,
            "depth": self.depth,
            "layers": [asdict(row) for row in self.rows],
        }

    def __str__(self) -> str:
        header, *body, footer = self._cells()
        is_number = [column.is_number for column in COLUMNS]
        return text_table(header, [*body, footer], is_number)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        header, *body, footer = self._cells()
        return (
            f"<table><caption>{html.escape(self.name)}</caption>"
            f"<thead>{_html_row(header, 'th')}</thead>"
            f"<tbody>{''.join(_html_row(row, 'td') for row in body)}</tbody>"
            f"<tfoot>{_html_row(footer, 'th')}</tfoot></table>"
        )

    def _cells(self) -> Iterator[list[str]]:
        yield [column.title for column in COLUMNS]
        for row in self.rows:
            yield [column.cell(row) for column in COLUMNS]
        yield [column.total(self) for column in COLUMNS]


def number(value: int | None) -> str:
    """With commas; "?" for what is not known.

    Example:
        >>> number(138357544), number(None)
        ('138,357,544', '?')
    """
    return "?" if value is None else f"{value:,}"


COLUMNS = (
    Column("layer", lambda row: row.layer, lambda table: table.name, False),
    Column("kind", lambda row: row.kind, lambda _: "", False),
    Column("output", lambda row: _shape(row.output_shape), lambda _: "", False),
    Column(
        "trainable",
        lambda row: number(row.trainable),
        lambda table: number(table.trainable),
    ),
    Column(
        "not trainable",
        lambda row: number(row.non_trainable),
        lambda table: number(table.non_trainable),
    ),
    Column(
        "MACs",
        lambda row: number(row.macs),
        lambda table: number(table.macs),
    ),
)


def text_table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    is_number: Sequence[bool],
) -> str:
    """Lines of aligned columns: texts to the left, numbers to the right.

    Example:
        >>> print(text_table(["a", "n"], [["xy", "1"]], [False, True]))
        a   n
        xy  1
    """
    columns = list(zip(header, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    aligns = [">" if right else "<" for right in is_number]
    return "\n".join(
        "  ".join(
            f"{cell:{align}{width}}"
            for cell, align, width in zip(line, aligns, widths, strict=True)
        ).rstrip()
        for line in [header, *rows]
    )


def _html_row(cells, tag):
    return (
        f"<tr>{''.join(f'<{tag}>{html.escape(c)}</{tag}>' for c in cells)}</tr>"
    )


def _shape(shape) -> str:
    if any(isinstance(size, tuple) for size in shape):
        return ", ".join(map(_shape, shape))
    return " x ".join("?" if size is None else str(size) for size in shape[1:])


def _read(model, counted, prefix) -> tuple[list[Row], int]:
    """The rows of a model, and its depth; `counted`: weights of rows above."""
    rows, depths = [], {}
    for node in _nodes(model):
        before = (depths[id(parent)] for parent in node.parent_nodes)
        depth = max(before, default=0)
        operation = node.operation
        if isinstance(operation, keras.Model):
            name = f"{prefix}{operation.name}/"
            inner, levels = _read(operation, counted, name)
            rows += inner
            depths[id(node)] = depth + levels
            continue
        rows.append(_row(node, counted, prefix))
        depths[id(node)] = depth + (rows[-1].macs != 0)
    return rows, max(depths.values(), default=0)


def _nodes(model) -> list:
    """The calls that make the model's outputs, each after what it needs."""
    outputs = getattr(model, "outputs", None)
    if not outputs:
        raise ValueError(
            f"{model.name} has no graph of layers to read. Expected a "
            "functional model, or a Sequential one that begins with "
            "keras.Input or has been built."
        )
    waiting = []
    for tensor in reversed(keras.tree.flatten(outputs)):
        operation, index, _ = tensor._keras_history
        waiting.append(operation._inbound_nodes[index])
    found, done = [], set()
    while waiting:
        node = waiting.pop()
        if id(node) in done:
            continue
        needed = [p for p in node.parent_nodes if id(p) not in done]
        if needed:
            waiting += [node, *reversed(needed)]
            continue
        done.add(id(node))
        found.append(node)
    return found


def _row(node, counted, prefix) -> Row:
    operation = node.operation
    shapes = tuple(tuple(tensor.shape) for tensor in node.output_tensors)
    trainable, fixed = _parameters(operation, counted)
    return Row(
        prefix + operation.name,
        type(operation).__name__,
        shapes[0] if len(shapes) == 1 else shapes,
        trainable,
        fixed,
        _macs(operation, node),
    )


def _parameters(operation, counted) -> tuple[int, int]:
    """(trainable, other) parameters that no row above has counted."""
    counts = [0, 0]
    for weight in getattr(operation, "weights", ()):
        if id(weight) not in counted:
            counted.add(id(weight))
            counts[not weight.trainable] += math.prod(weight.shape)
    return tuple(counts)


_CONVS = (layers.Conv1D, layers.Conv2D, layers.Conv3D)
_DEPTHWISE = (layers.DepthwiseConv1D, layers.DepthwiseConv2D)
_SEPARABLE = (layers.SeparableConv1D, layers.SeparableConv2D)
_TRANSPOSED = (
    *(layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose),
)


def _macs(layer, node) -> int | None:
    """Multiplications of one call by the layer's kernels, for one image."""
    own = getattr(layer, "macs", None)
    known = (*_CONVS, *_DEPTHWISE, *_SEPARABLE, *_TRANSPOSED, layers.Dense)
    if own is None and not isinstance(layer, known):
        return 0
    before = node.input_tensors[0].shape
    after = node.output_tensors[0].shape
    if None in (*before[1:], *after[1:]):
        return None
    if own is not None:
        return own(tuple(before))
    if isinstance(layer, layers.Dense):
        return math.prod(after[1:]) * before[-1]
    (sizes, filters), (places, channels) = (
        _split(shape, layer.data_format) for shape in (after, before)
    )
    taps = layer.kernel_size
    if isinstance(layer, _TRANSPOSED):
        return conv_macs(places, taps, channels, filters)
    if isinstance(layer, _CONVS):
        return conv_macs(sizes, taps, channels, filters, layer.groups)
    middle = channels * layer.depth_multiplier
    macs = conv_macs(sizes, taps, channels, middle, groups=channels)
    if isinstance(layer, _SEPARABLE):
        macs += conv_macs(sizes, (1,) * len(taps), middle, filters)
    return macs


def _split(shape, data_format) -> tuple[tuple, int]:
    """(spatial sizes, channels)"""
    if data_format == "channels_first":
        return shape[2:], shape[1]
    return shape[1:-1], shape[-1]
