"""Which way to compute a transposed convolution was measured to be fastest.

The measurements are in transposed_conv.csv, one row a backend, device and
shape, in milliseconds for a batch of 8: `forward` the layer alone, `step` its
value and gradients. `benchmarks/transposed_conv.py` writes them; nothing is
timed here.
"""

import csv
import math
from functools import cache
from importlib.resources import files

import keras

from course.arithmetic import kernel_extent
from course.devices import devices

CLEARLY = 0.9  # a smaller gain may be the machine's noise


def fastest_method(input_shape, filters, axes) -> str:
    """The faster of "scatter" and "keras" at the nearest shape measured.

    Less means forward and step together: a layer is used for both. Near means
    near in the logarithms of positions, taps, strides and channels. A backend
    or device without measurements gets "keras".

    Args:
        input_shape: (n, h, w, c) or (n, t, c); unknown sizes are None.
        filters: Number of output channels.
        axes: One `Axis` a spatial axis.

    Returns:
        The method: a pure function of backend, device and these arguments.
    """
    sizes = input_shape[1:-1]
    shape = (
        None if None in sizes else math.prod(sizes),
        math.prod(kernel_extent(a.kernel_size, a.dilation) for a in axes),
        math.prod(a.stride for a in axes),
        input_shape[-1],
        filters,
    )
    return nearest(keras.backend.backend(), devices()[0].split(":")[0], shape)


@cache
def nearest(backend: str, device: str, shape: tuple) -> str:
    """The fastest method at the row nearest to `shape`.

    Args:
        backend, device: As in the table.
        shape: (positions, taps, product of strides, channels, filters);
            unknown positions are None.
    """
    rows = [
        row
        for row in _measurements()
        if (row["backend"], row["device"]) == (backend, device)
    ]
    if not rows:
        return "keras"
    row = min(rows, key=lambda row: _distance(shape, row))
    cost = {
        method: float(row[f"{method}_forward"]) + float(row[f"{method}_step"])
        for method in ("keras", "scatter")
    }
    return "scatter" if cost["scatter"] < CLEARLY * cost["keras"] else "keras"


def _distance(shape, row) -> float:
    """Between logarithms; a size that is not known counts nothing."""
    size, kernel_size, stride = (
        int(row[name]) ** 2 for name in ("size", "kernel_size", "stride")
    )
    measured = (
        size,
        kernel_size,
        stride,
        int(row["channels"]),
        int(row["filters"]),
    )
    return sum(
        math.log2(ours / theirs) ** 2
        for ours, theirs in zip(shape, measured, strict=True)
        if ours is not None
    )


@cache
def _measurements() -> list[dict]:
    table = files("course.layers") / "transposed_conv.csv"
    with table.open(newline="") as file:
        return list(csv.DictReader(file))
