"""Three ways to compute a transposed convolution, all with the same values.

Each takes inputs (n, i, c) or (n, i_h, i_w, c), a kernel (k, filters, c) or
(k_h, k_w, filters, c) and one `Axis` a spatial axis, and returns
(n, o, filters) or (n, o_h, o_w, filters).
"""

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
    """One matrix product gives every input's copy of the kernel; then add."""
    kernel = _dilate(kernel, axes)
    channels = kernel.shape[-1]
    columns = ops.matmul(
        ops.reshape(inputs, (-1, channels)),
        ops.transpose(ops.reshape(kernel, (-1, channels))),
    )
    shape = (*ops.shape(inputs)[:-1], *kernel.shape[:-1])
    copies = ops.reshape(columns, shape)  # (n, i_h, i_w, k_h, k_w, filters)
    for number, axis in enumerate(axes):
        # The taps of the axes before are merged into their positions by now.
        copies = _overlap_add(copies, 1 + number, 1 + len(axes), axis)
    return copies


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


def _overlap_add(copies, position, tap_position, axis: Axis):
    """Add the copies of the kernel along one axis.

    (..., i, ..., k, ...) -> (..., o, ...). Tap t of input i belongs to pixel
    s i + t. With t = s shift + phase that is s (i + shift) + phase: the s taps
    of one shift lie side by side, so each shift is one addition, and no index
    is computed.
    """
    extent = kernel_extent(axis.kernel_size, axis.dilation)
    shifts = -(-extent // axis.stride)
    copies = _pad(copies, tap_position, 0, shifts * axis.stride - extent)
    shape = ops.shape(copies)
    copies = ops.reshape(
        copies,
        (
            *shape[:tap_position],
            shifts,
            axis.stride,
            *shape[tap_position + 1 :],
        ),
    )
    added = sum(
        _pad(copy, position, shift, shifts - 1 - shift)
        for shift, copy in enumerate(ops.unstack(copies, shifts, tap_position))
    )
    phases = ops.moveaxis(added, tap_position, position + 1)
    shape = ops.shape(phases)
    merged = shape[position] * axis.stride
    pixels = ops.reshape(
        phases, (*shape[:position], merged, *shape[position + 2 :])
    )
    return _window(pixels, position, axis.stride * (shifts - 1), axis)


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
