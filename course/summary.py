"""One table a model: shapes, parameters, multiplications, memory, fields.

Reads the graph of any Keras model. What a layer of one's own multiplies it says
itself, see `course.multiplications`, as it says where it looks, see
`course.receptive_field`.
"""

import html
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import keras

from course.multiplications import multiplications
from course.receptive_field.fields import forward, start_of
from course.receptive_field.graph import Graph

if TYPE_CHECKING:
    import pandas


def summary(
    model: keras.Model,
    input: Any = None,
    *,
    input_shape: Sequence[int] | None = None,
) -> "Summary":
    """What each layer makes, holds, costs and sees, in graph order.

    Args:
        model: Functional, or a Sequential one that has been built; models in
            it are opened.
        input: The layer, its name or the tensor in which receptive fields are
            measured; None for the model's input.
        input_shape: Shape (h, w, c) of the images, where it is not the
            model's own, or the model leaves sizes open. Without it, what
            depends on an open size stays unknown: "?".

    Returns:
        A table: `print` shows it, a notebook draws it, `to_dict` and
        `to_pandas` give its numbers.

    Raises:
        ValueError: The model has no graph to read.

    Example:
        >>> from course.models import lenet5
        >>> table = summary(lenet5())
        >>> table.parameters, table.macs, table.depth
        (61706, 416520, 5)
    """
    graph = Graph(model, input_shape, strict=False)
    is_open = input_shape is None and any(
        None in tensor.shape[1:] for tensor in model.inputs
    )
    shapes, fields = _shapes(graph, is_open), _fields(graph, input)
    counted: set[int] = set()
    rows = [_input_row(graph, key, shapes, fields) for key in graph.inputs]
    depths = dict.fromkeys(graph.inputs, 0)
    for step in graph.steps:
        rows.append(_row(step, graph, shapes, counted, fields))
        depth = max(depths[key] for key in step.inputs) + (rows[-1].macs != 0)
        depths |= dict.fromkeys(step.outputs, depth)
    return Summary(model.name, tuple(rows), max(depths.values()))


@dataclass(frozen=True)
class Row:
    """One call of one layer.

    Attributes:
        layer, kind: Its name and its class.
        output_shape: (n, h, w, c), None where open; a tuple of several.
        trainable, non_trainable: Parameters; 0 where a row above has them.
        macs: Multiplications with kernels for one image; None where a size is
            open, or what the layer multiplies is not known.
        memory: Bytes of its output for one image; None where a size is open.
        receptive_field: Pixels that a unit sees, an axis each, as
            `course.receptive_field` counts them; infinite for the whole input,
            None where a layer before has no rule, or no input has places.
        stride: Pixels between neighbouring units' fields, an axis each; 0
            where all see the whole input.
    """

    layer: str
    kind: str
    output_shape: tuple
    trainable: int
    non_trainable: int
    macs: int | None
    memory: int | None
    receptive_field: tuple[float, ...] | None
    stride: tuple[int | Fraction, ...] | None


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

    @property
    def memory(self) -> int | None:
        """Bytes of all outputs for one image, as training keeps them."""
        memory = [row.memory for row in self.rows]
        return None if None in memory else sum(memory)

    def to_dict(self) -> dict[str, Any]:
        """Name, totals, and "layers": one dict a row."""
        return {
            "name": self.name,
            "trainable": self.trainable,
            "non_trainable": self.non_trainable,
            "parameters": self.parameters,
            "macs": self.macs,
            "memory": self.memory,
            "depth": self.depth,
            "layers": [asdict(row) for row in self.rows],
        }

    def to_pandas(self) -> "pandas.DataFrame":
        """One row a layer, in the columns of `Row`."""
        import pandas

        table = pandas.DataFrame([asdict(row) for row in self.rows])
        counts = {"macs": "Int64", "memory": "Int64"}  # integers or missing
        return table.astype(counts).set_index("layer")

    def __str__(self) -> str:
        header, *body, footer = self._cells()
        is_number = [column.is_number for column in self._columns()]
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
        columns = self._columns()
        yield [column.title for column in columns]
        for row in self.rows:
            yield [column.cell(row) for column in columns]
        yield [column.total(self) for column in columns]

    def _columns(self) -> list[Column]:
        """Without fields where no input has places."""
        has_fields = any(row.receptive_field for row in self.rows)
        return [
            column
            for column in COLUMNS
            if has_fields or column.title not in ("field", "stride")
        ]


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
    Column(
        "memory",
        lambda row: memory(row.memory),
        lambda table: memory(table.memory),
    ),
    Column("field", lambda row: _axes(row.receptive_field), lambda _: ""),
    Column("stride", lambda row: _axes(row.stride), lambda _: ""),
)


def memory(count: int | None) -> str:
    """Bytes, in units of 1024; "?" for what is not known.

    Example:
        >>> memory(3 * 224 * 224 * 4), memory(40)
        ('588 KiB', '40 B')
    """
    if count is None:
        return "?"
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.3g} {unit}"
        count /= 1024
    return f"{count:,.3g} GiB"


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


def _axes(values) -> str:
    """One value if all axes share it."""
    if values is None:
        return "?"
    words = {math.inf: "all", 0: ""}
    texts = [words.get(value, str(value)) for value in values]
    return texts[0] if len(set(texts)) == 1 else " x ".join(texts)


def _shape(shape) -> str:
    if any(isinstance(size, tuple) for size in shape):
        return ", ".join(map(_shape, shape))
    return " x ".join("?" if size is None else str(size) for size in shape[1:])


def _fields(graph, input) -> dict:
    """The windows of each tensor; none where no input is chosen of several."""
    if input is None:
        spatial = [key for key in graph.inputs if graph.sizes[key]]
        if len(spatial) != 1:
            return {}
    return forward(graph, start_of(graph, input))[0]


def _input_row(graph, key, shapes, fields) -> Row:
    shape, field = shapes[key], fields.get(key)
    return Row(
        graph.names[key],
        "InputLayer",
        shape,
        0,
        0,
        0,
        _bytes([shape], [graph.tensors[key].dtype]),
        *_seen(field, graph),
    )


def _seen(field, graph) -> tuple:
    """Size and stride of windows, one an axis; a vector's are whole."""
    if field is None:
        return None, None
    if not field:
        axes = max(len(graph.sizes[key]) for key in graph.inputs)
        return (math.inf,) * axes, (0,) * axes
    return (
        tuple(axis.extent for axis in field),
        tuple(axis.stride for axis in field),
    )


def _row(step, graph, shapes, counted, fields) -> Row:
    operation, field = step.operation, fields.get(step.outputs[0])
    trainable, fixed = _parameters(operation, counted)
    outputs = [shapes[key] for key in step.outputs]
    types = [tensor.dtype for tensor in step.node.outputs]
    return Row(
        step.name,
        type(operation).__name__,
        outputs[0] if len(outputs) == 1 else tuple(outputs),
        trainable,
        fixed,
        multiplications(operation, shapes[step.inputs[0]], outputs[0]),
        _bytes(outputs, types),
        *_seen(field, graph),
    )


def _parameters(operation, counted) -> tuple[int, int]:
    """(trainable, other) parameters that no row above has counted."""
    counts = [0, 0]
    for weight in getattr(operation, "weights", ()):
        if id(weight) not in counted:
            counted.add(id(weight))
            counts[not weight.trainable] += math.prod(weight.shape)
    return tuple(counts)


def _shapes(graph, is_open) -> dict:
    """The shape of each tensor, None where the model leaves a size open."""
    shapes = dict(graph.tensors)
    for step in graph.steps:
        shapes |= zip(step.outputs, step.node.outputs, strict=True)
    for key, tensor in shapes.items():
        shape, sizes = tuple(tensor.shape), graph.sizes[key]
        if sizes and len(shape) == len(sizes) + 2 and not is_open:
            shape = (shape[0], *sizes, shape[-1])
        shapes[key] = shape
    return shapes


def _bytes(shapes, types) -> int | None:
    """Memory of arrays for one image."""
    sizes = [size for shape in shapes for size in shape[1:]]
    if None in sizes:
        return None
    return sum(
        math.prod(shape[1:]) * _bits(kind) // 8
        for shape, kind in zip(shapes, types, strict=True)
    )


def _bits(kind) -> int:
    """Bits of a number of this type, such as "float32"."""
    digits = re.search(r"\d+", kind)
    return int(digits[0]) if digits else 8
