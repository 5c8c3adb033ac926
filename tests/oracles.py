"""Convolutions by NumPy loops: slow, plain, and independent of the course."""

import itertools

import numpy as np


def pairs_of(padding):
    """(before, after) an axis, from one int or pair an axis."""
    return [(p, p) if isinstance(p, int) else tuple(p) for p in padding]


def convolve(x, kernel, strides, padding, dilation, groups=1):
    """Convolution (kernel not flipped) of one image or sequence.

    x: (n, c) or (h, w, c); kernel: (k..., c / groups, filters); the rest one
    entry an axis, padding (before, after).
    """
    rank = x.ndim - 1
    x = np.pad(x, [*padding, (0, 0)])
    sizes = [
        (x.shape[a] - dilation[a] * (kernel.shape[a] - 1) - 1) // strides[a] + 1
        for a in range(rank)
    ]
    in_group, filters = kernel.shape[-2:]
    y = np.zeros((*sizes, filters))
    for place in itertools.product(*map(range, sizes)):
        for tap in itertools.product(*map(range, kernel.shape[:rank])):
            pixel = tuple(
                place[a] * strides[a] + tap[a] * dilation[a]
                for a in range(rank)
            )
            for f in range(filters):
                first = f // (filters // groups) * in_group
                for c in range(in_group):
                    y[(*place, f)] += (
                        kernel[(*tap, c, f)] * x[(*pixel, first + c)]
                    )
    return y


def splat(x, kernel, strides, dilation):
    """Full transposed convolution: add a scaled kernel for every input.

    x: (n, c) or (h, w, c); kernel: (k..., filters, c). Nothing is cropped:
    each axis has s(i - 1) + d(k - 1) + 1 pixels.
    """
    rank = x.ndim - 1
    sizes = [
        strides[a] * (x.shape[a] - 1) + dilation[a] * (kernel.shape[a] - 1) + 1
        for a in range(rank)
    ]
    y = np.zeros((*sizes, kernel.shape[-2]))
    for place in itertools.product(*map(range, x.shape[:rank])):
        for tap in itertools.product(*map(range, kernel.shape[:rank])):
            pixel = tuple(
                place[a] * strides[a] + tap[a] * dilation[a]
                for a in range(rank)
            )
            y[pixel] += kernel[tap] @ x[place]
    return y


def transposed_convolve(x, kernel, strides, padding, output_padding, dilation):
    """`splat`, then a rows of zeros after it, then p pixels off each side."""
    y = splat(x, kernel, strides, dilation)
    rank = x.ndim - 1
    y = np.pad(y, [*((0, a) for a in output_padding), (0, 0)])
    window = tuple(
        slice(padding[a], y.shape[a] - padding[a]) for a in range(rank)
    )
    return y[window]


def bilinear_loops(x, factor):
    """Rows and columns of an image between its pixels' centres."""
    h, w, c = x.shape
    y = np.empty((factor * h, factor * w, c))
    for i, j in np.ndindex(*y.shape[:2]):
        row, column = (i + 0.5) / factor - 0.5, (j + 0.5) / factor - 0.5
        top, left = int(np.floor(row)), int(np.floor(column))
        if not (0 <= top < h - 1 and 0 <= left < w - 1):
            y[i, j] = np.nan  # no four neighbours
            continue
        a, b = row - top, column - left
        y[i, j] = (1 - a) * ((1 - b) * x[top, left] + b * x[top, left + 1])
        y[i, j] += a * ((1 - b) * x[top + 1, left] + b * x[top + 1, left + 1])
    return y
