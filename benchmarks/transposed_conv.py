"""Time the methods of TransposedConv against each other, on this machine.

    KERAS_BACKEND=jax python benchmarks/transposed_conv.py [--write]

Each row is one shape, batch 8: milliseconds of the compiled layer ("forward")
and of its value and gradients ("step"), the smallest of several runs taken in
turn. --write puts the rows of this backend and device into the table that
`TransposedConv(method="auto")` reads, in place of the old ones.
"""

import argparse
import csv
from pathlib import Path

import keras
import numpy as np
from keras import ops
from timing import compiled, gradients, in_turn

from course.arithmetic import transposed_conv_window
from course.layers import transposed_methods
from course.layers.transposed_methods import Axis

TABLE = Path(transposed_methods.__file__).with_name("transposed_conv.csv")
BATCH = 8
SHAPES = [
    # size, kernel_size, stride, channels, filters
    (4, 3, 1, 1, 1),
    (8, 3, 1, 64, 64),
    (32, 3, 1, 16, 16),
    (32, 5, 1, 16, 16),
    (32, 3, 1, 64, 64),
    (64, 3, 1, 16, 16),
    (4, 3, 2, 1, 1),
    (7, 5, 2, 128, 64),
    (8, 4, 2, 256, 128),
    (14, 5, 2, 64, 1),
    (16, 2, 2, 256, 128),
    (32, 2, 2, 64, 32),
    (64, 2, 2, 32, 16),
    (16, 3, 2, 64, 32),
    (32, 3, 2, 32, 16),
    (16, 4, 2, 21, 21),
    (32, 4, 2, 64, 64),
    (32, 5, 2, 32, 16),
    (16, 16, 8, 21, 21),
    (8, 64, 32, 21, 21),
]
"""Decoders, generators and FCN's upsampling, small enough for two cores."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true", help="keep the rows")
    write = parser.parse_args().write
    here = {
        "backend": keras.backend.backend(),
        "device": keras.distribution.list_devices()[0].split(":")[0].lower(),
    }
    rows = []
    for shape in SHAPES:
        rows.append(here | measure(*shape))
        print(", ".join(f"{k}={v}" for k, v in rows[-1].items()), flush=True)
    if write:
        replace_rows(here, rows)


def measure(size, kernel_size, stride, channels, filters) -> dict:
    """One row of the table."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(BATCH, size, size, channels))
    kernel = rng.normal(size=(kernel_size, kernel_size, filters, channels))
    inputs, kernel = (
        ops.convert_to_tensor(a.astype("float32")) for a in (inputs, kernel)
    )
    window = transposed_conv_window(kernel_size, stride, "same", None, 1)
    axes = [Axis(kernel_size, stride, 1, *window)] * 2

    def by_keras(x, w):
        return transposed_methods.by_keras(x, w, axes, "same")

    def by_scatter(x, w):
        return transposed_methods.by_scatter(x, w, axes)

    programs = {
        "keras_forward": compiled(by_keras),
        "scatter_forward": compiled(by_scatter),
        "keras_step": compiled(gradients(by_keras)),
        "scatter_step": compiled(gradients(by_scatter)),
    }
    row = {
        "size": size,
        "kernel_size": kernel_size,
        "stride": stride,
        "channels": channels,
        "filters": filters,
    }
    times = in_turn(programs, inputs, kernel)
    return row | {name: f"{least:.3g}" for name, least in times.items()}


def replace_rows(here, rows):
    """Put `rows` where the table has those of this backend and device."""
    with TABLE.open(newline="") as file:
        kept = [
            row
            for row in csv.DictReader(file)
            if {name: row[name] for name in here} != here
        ]
    with TABLE.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept + rows)


if __name__ == "__main__":
    main()
