"""A convolution as a matrix: which tap of the kernel stands where.

Flattened row by row, input x and output y of a convolution satisfy
vec(y) = C vec(x): every row of C holds the kernel's taps at the pixels that
one output sees (Dumoulin & Visin, "A guide to convolution arithmetic for deep
learning", 2016, arXiv:1603.07285, section 4.1). C's transpose is the
transposed convolution. "Convolution" means what it means in deep learning:
the kernel is not flipped.

The matrix factorizes over the axes. Along each one a row (output place), a
tap and a column (input place) meet where column = s row - p + d tap; the
channels are one more axis, where all of a group meet. `convolution_indices`
finds the triples of each axis and combines them.
"""

from functools import reduce
from typing import NamedTuple

import numpy as np

from course.arithmetic import (
    axis_padding,
    conv_output_size,
    integer,
    per_axis,
)


class Indices(NamedTuple):
    """Entries of a convolution matrix: C[row, column] = kernel.ravel()[tap].

    Three integer arrays of one length, the number of entries; no pair (row,
    column) occurs twice.
    """

    row: np.ndarray
    column: np.ndarray
    tap: np.ndarray


class _Axis(NamedTuple):
    """Entries along one axis, or several, and how far each index counts."""

    indices: Indices
    rows: int
    columns: int
    taps: int


def convolution_matrix(
    kernel,
    input_shape,
    strides=1,
    padding="valid",
    dilation=1,
    groups=1,
    sparse=False,
):
    """The matrix C of a convolution: vec(y) = C vec(x), flattened by rows.

    Args:
        kernel: Array (k,) or (kh, kw) between single-channel signals, or
            (k, c_in / groups, c_out) or (kh, kw, c_in / groups, c_out), as
            Keras keeps it.
        input_shape: (n,), (h, w), (n, c_in) or (h, w, c_in), with channels
            just where the kernel has them.
        strides: Steps of the kernel in pixels: an int, or one an axis.
        padding: "valid", "same", zeros on each side as an int or one int an
            axis, or one (before, after) an axis.
        dilation: Distance between neighbouring taps: an int, or one an axis.
        groups: Groups into which the channels are split.
        sparse: Whether to return a `scipy.sparse.csr_array`, whose memory is
            proportional to its non-zeros, instead of a dense array.

    Returns:
        C of shape (prod(output shape), prod(input shape)) and the kernel's
        dtype.

    Raises:
        ValueError: If the kernel is not numeric, does not fit, or an argument
            does not belong to its number of axes.

    Example:
        >>> convolution_matrix(np.array([1, 2, 3]), (4,))
        array([[1, 2, 3, 0],
               [0, 1, 2, 3]])
    """
    kernel = _numeric(kernel)
    axes = _axes(kernel.shape, input_shape, strides, padding, dilation, groups)
    (row, column, tap), rows, columns, _ = reduce(_combine, axes)
    values = kernel.ravel()[tap]
    if sparse:
        # Imported here: scipy.sparse takes longer to load than most matrices.
        from scipy.sparse import coo_array

        return coo_array((values, (row, column)), (rows, columns)).tocsr()
    matrix = np.zeros((rows, columns), kernel.dtype)
    matrix[row, column] = values
    return matrix


def convolution_indices(
    kernel, input_shape, strides=1, padding="valid", dilation=1, groups=1
) -> Indices:
    """Where each tap of a kernel stands in its convolution matrix.

    For layers that fill a differentiable matrix: scatter the values
    `take(reshape(kernel, -1), tap)` to the places (row, column).

    Args:
        kernel: The kernel, or its shape alone as a tuple; its values are not
            looked at.
        input_shape, strides, padding, dilation, groups: As in
            `convolution_matrix`.

    Returns:
        Arrays (row, column, tap), in no promised order.

    Raises:
        ValueError: As `convolution_matrix`.

    Example:
        >>> row, column, tap = convolution_indices((2,), (3,))
        >>> row.tolist(), column.tolist(), tap.tolist()
        ([0, 0, 1, 1], [0, 1, 1, 2], [0, 1, 0, 1])
    """
    shape = tuple(getattr(kernel, "shape", kernel))
    axes = _axes(shape, input_shape, strides, padding, dilation, groups)
    return reduce(_combine, axes).indices


def _axes(
    kernel_shape, input_shape, strides, padding, dilation, groups
) -> list[_Axis]:
    """One `_Axis` for each spatial axis and, if there are any, the channels."""
    if len(kernel_shape) not in (1, 2, 3, 4):
        raise ValueError(
            f"a kernel of shape {kernel_shape} has {len(kernel_shape)} axes. "
            "Expected (k,), (kh, kw), (k, c_in, c_out) or "
            "(kh, kw, c_in, c_out)."
        )
    rank = (len(kernel_shape) - 1) % 2 + 1
    has_channels = len(kernel_shape) > 2
    input_shape = tuple(np.atleast_1d(input_shape).tolist())
    if len(input_shape) != rank + has_channels:
        layout = ("(n,)", "(h, w)", "(n, c_in)", "(h, w, c_in)")
        raise ValueError(
            f"input_shape={input_shape} does not belong to a kernel of shape "
            f"{kernel_shape}. Expected {layout[len(kernel_shape) - 1]}."
        )
    axes = [
        _spatial_axis(*one_axis)
        for one_axis in zip(
            input_shape,
            kernel_shape,
            per_axis(strides, rank, "strides"),
            per_axis(padding, rank, "padding"),
            per_axis(dilation, rank, "dilation"),
            strict=False,  # the shapes go on with channels
        )
    ]
    if has_channels:
        axes.append(_channel_axis(input_shape[-1], kernel_shape[-2:], groups))
    elif groups != 1:
        raise ValueError(
            f"groups={groups} needs channels. Expected a kernel "
            "(..., c_in / groups, c_out) and an input (..., c_in), or "
            "groups=1."
        )
    return axes


def _spatial_axis(size, kernel_size, stride, padding, dilation) -> _Axis:
    """Triples with column = stride * row - before + dilation * tap."""
    rows = conv_output_size(size, kernel_size, stride, padding, dilation)
    before, _ = axis_padding(padding, size, kernel_size, stride, dilation)
    first = stride * np.arange(rows)[:, None] - before
    column = first + dilation * np.arange(kernel_size)
    row, tap = np.nonzero((column >= 0) & (column < size))
    indices = Indices(row, column[row, tap], tap)
    return _Axis(indices, rows, size, kernel_size)


def _channel_axis(in_channels, kernel_channels, groups) -> _Axis:
    """Triples of every output channel and the input channels of its group."""
    in_channels = integer(in_channels, "input_shape[-1]", minimum=1)
    groups = integer(groups, "groups", minimum=1)
    group_in, out_channels = kernel_channels
    if group_in * groups != in_channels or out_channels % groups:
        raise ValueError(
            f"the kernel's channels {kernel_channels} do not belong to "
            f"groups={groups} and {in_channels} input channels. Expected "
            f"(c_in / groups, c_out) with c_in={in_channels} and c_out a "
            "multiple of groups."
        )
    within, row = np.divmod(np.arange(group_in * out_channels), out_channels)
    column = row // (out_channels // groups) * group_in + within
    indices = Indices(row, column, np.arange(group_in * out_channels))
    return _Axis(indices, out_channels, in_channels, group_in * out_channels)


def _combine(outer: _Axis, inner: _Axis) -> _Axis:
    """All pairs of entries of two axes, `inner` counting fastest."""

    def pairs(i, j, count):
        return (i[:, None] * count + j).ravel()

    indices = Indices(
        pairs(outer.indices.row, inner.indices.row, inner.rows),
        pairs(outer.indices.column, inner.indices.column, inner.columns),
        pairs(outer.indices.tap, inner.indices.tap, inner.taps),
    )
    return _Axis(
        indices,
        outer.rows * inner.rows,
        outer.columns * inner.columns,
        outer.taps * inner.taps,
    )


def _numeric(kernel) -> np.ndarray:
    """The kernel as an array of numbers."""
    try:
        array = np.asarray(kernel)
        received = f"dtype {array.dtype}"
    except ValueError:  # rows of different lengths
        array, received = None, "rows of different lengths"
    if array is None or array.dtype.kind not in "biufc":
        raise ValueError(
            "the kernel must be an array of numbers; received "
            f"{received} from {type(kernel).__name__}. Pass "
            "np.asarray(kernel, dtype=float), with rows of equal length."
        )
    return array
