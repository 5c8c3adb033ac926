"""Three ways to compute a transposed convolution, all with the same values.

Each takes inputs (n, i, c) or (n, i_h, i_w, c), a kernel (k, filters, c) or
(k_h, k_w, filters, c) and one `Axis` a spatial axis, and returns
(n, o, filters) or (n, o_h, o_w, filters).
"""

from itertools import product
from math import prod
from typing import NamedTuple

import keras
from keras import ops

from course.arithmetic import kernel_extent
from course.convolution_matrix import convolution_indices


class Axis(NamedTuple):
    """One spatial axis; `first` and `length` as `transposed_conv_window`."""

    kernel_size: int
    stride: int
    dilation: int
    first: int
    length: int


def by_matrix(inputs, kernel, axes: list[Axis]):
    """Reshape(C^T vec(x)), literally; all sizes must be static."""
    sizes = tuple(inputs.shape[1:-1])
    outputs = tuple(
        a.stride * size + a.length for size, a in zip(sizes, axes, strict=True)
    )
    input_shape = (*sizes, inputs.shape[-1])
    output_shape = (*outputs, kernel.shape[-2])
    row, column, tap = convolution_indices(
        kernel.shape,
        output_shape,
        strides=tuple(a.stride for a in axes),
        padding=tuple(
            _padding(size, a) for size, a in zip(sizes, axes, strict=True)
        ),
        dilation=tuple(a.dilation for a in axes),
    )
    matrix = ops.scatter(
        ops.stack([row, column], axis=1),
        ops.take(ops.reshape(kernel, (-1,)), tap),
        (prod(input_shape), prod(output_shape)),
    )
    # vec(x) lies in rows here, one an image, and (C^T x)^T = x^T C.
    flat = ops.matmul(ops.reshape(inputs, (-1, prod(input_shape))), matrix)
    return ops.reshape(flat, (-1, *output_shape))


def by_scatter(inputs, kernel, axes: list[Axis]):
    """One matrix product makes every input's copy of the kernel; then add.

    Tap t of input i belongs to pixel s i + t. With t = s shift + phase that is
    s (i + shift) + phase: all taps of one shift are added in one go, next to
    one another, and no index is computed.
    """
    kernel = _dilate(kernel, axes)
    strides = tuple(axis.stride for axis in axes)
    shifts = tuple(
        -(-extent // stride)
        for extent, stride in zip(kernel.shape, strides, strict=False)
    )
    taps = _by_shift_and_phase(kernel, shifts, strides)
    channels, places = taps.shape[0], ops.shape(inputs)[:-1]
    copies = ops.matmul(
        ops.reshape(inputs, (-1, channels)), ops.reshape(taps, (channels, -1))
    )
    copies = ops.reshape(copies, (*places, -1, *taps.shape[len(axes) + 1 :]))
    phases = sum(
        ops.pad(copy, _shifted(shift, shifts))
        for copy, shift in zip(
            ops.unstack(copies, prod(shifts), len(axes) + 1),
            product(*map(range, shifts)),
            strict=True,
        )
    )
    outputs = _interleave(phases, len(axes))
    for number, (axis, count) in enumerate(zip(axes, shifts, strict=True)):
        length = axis.stride * (count - 1)
        outputs = _window(outputs, 1 + number, length, axis)
    return outputs


def by_keras(inputs, kernel, axes: list[Axis], padding="valid"):
    """`keras.ops.conv_transpose`; what is no string there is cropped here."""
    dilation_rate = tuple(axis.dilation for axis in axes)
    if keras.backend.backend() == "tensorflow":
        # Its CPU kernels dilate in float32 alone, and not in every build.
        kernel = _dilate(kernel, axes)
        dilation_rate = 1
    outputs = ops.conv_transpose(
        inputs,
        kernel,
        strides=tuple(axis.stride for axis in axes),
        padding=padding,
        dilation_rate=dilation_rate,
    )
    if padding == "same":
        return outputs
    for number, axis in enumerate(axes):
        extent = kernel_extent(axis.kernel_size, axis.dilation)
        length = max(extent - axis.stride, 0)
        outputs = _window(outputs, 1 + number, length, axis)
    return outputs


def _padding(size: int, axis: Axis) -> tuple[int, int]:
    """Padding of the convolution that `axis` transposes: (before, after)."""
    extent = kernel_extent(axis.kernel_size, axis.dilation)
    # The last copy of the kernel ends here, counted in the padded output.
    end = (size - 1) * axis.stride + extent
    output = axis.stride * size + axis.length
    return axis.first, max(end - axis.first - output, 0)


def _dilate(kernel, axes: list[Axis]):
    """Zeros between the taps: each axis of k taps gets d(k - 1) + 1."""
    for number, (size, _, dilation, _, _) in enumerate(axes):
        if dilation > 1:
            apart = ops.expand_dims(kernel, number + 1)
            apart = _pad(apart, number + 1, 0, dilation - 1)
            shape = list(kernel.shape)
            shape[number] = size * dilation
            every = (slice(None),) * number
            kernel = ops.reshape(apart, shape)[(*every, slice(1 - dilation))]
    return kernel


def _by_shift_and_phase(kernel, shifts, strides):
    """(k_h, k_w, filters, c) -> (c, shift_h, shift_w, s_h, s_w, filters)."""
    rank = len(shifts)
    for number in range(rank):
        missing = shifts[number] * strides[number] - kernel.shape[number]
        kernel = _pad(kernel, number, 0, missing)
    split = [
        size for pair in zip(shifts, strides, strict=True) for size in pair
    ]
    taps = ops.reshape(kernel, (*split, *kernel.shape[rank:]))
    is_shift, is_phase = range(0, 2 * rank, 2), range(1, 2 * rank, 2)
    return ops.transpose(taps, (2 * rank + 1, *is_shift, *is_phase, 2 * rank))


def _shifted(shift, shifts):
    """Padding that moves (n, i_h, i_w, s_h, s_w, filters) by `shift`."""
    rank = len(shifts)
    moves = [(q, count - 1 - q) for q, count in zip(shift, shifts, strict=True)]
    return [(0, 0), *moves, *[(0, 0)] * (rank + 1)]


def _interleave(phases, rank):
    """(n, i_h, i_w, s_h, s_w, filters) -> (n, i_h s_h, i_w s_w, filters)."""
    shape = ops.shape(phases)
    order = [axis + n for n in range(1, rank + 1) for axis in (0, rank)]
    return ops.reshape(
        ops.transpose(phases, (0, *order, 2 * rank + 1)),
        (
            -1,
            *(shape[n] * shape[n + rank] for n in range(1, rank + 1)),
            shape[-1],
        ),
    )


def _window(outputs, position, length, axis: Axis):
    """Cut `axis`'s window out of s i + `length` pixels; zeros beyond them."""
    beyond = axis.first + axis.length - length
    end = beyond if beyond < 0 else None
    kept = outputs[(slice(None),) * position + (slice(axis.first, end),)]
    return _pad(kept, position, 0, max(beyond, 0))


def _pad(tensor, position, before, after):
    """Zeros before and after one axis."""
    if before == after == 0:
        return tensor
    width = [(0, 0)] * len(tensor.shape)
    width[position] = (before, after)
    return ops.pad(tensor, width)
