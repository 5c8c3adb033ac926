"""Time layers of the course beside Keras's own, on this machine.

    KERAS_BACKEND=jax python benchmarks/layers.py [--size 96] [--channels 32]

Each of ours stands beside the layer of Keras that does most nearly the same
work. Both take turns. Printed are the least milliseconds of a compiled forward
pass and of value and gradients ("step"), and the ratio of ours to theirs.
"""

import argparse

import keras
import numpy as np
from keras import layers, ops
from timing import compiled, gradients, in_turn

from course.layers import (
    BorderPadding,
    Crop,
    MaxPoolWithIndices,
    MaxUnpool,
    Subsampling,
    TransposedConv,
)

BATCH = 8


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--size", type=int, default=96, help="of the images")
    parser.add_argument("--channels", type=int, default=32)
    arguments = parser.parse_args()
    size, channels = arguments.size, arguments.channels
    x = np.random.default_rng(0).normal(size=(BATCH, size, size, channels))
    x = ops.convert_to_tensor(x.astype("float32"))
    scale = ops.ones((1, 1, 1, channels))
    print(f"{keras.backend.backend()}, {BATCH} of {(size, size, channels)}")
    for name, both in pairs(channels).items():
        for kind, turned in (("forward", identity), ("step", gradients)):
            programs = {
                who: compiled(turned(scaled(layer)))
                for who, layer in zip(("ours", "keras"), both, strict=True)
            }
            times = in_turn(programs, x, scale)
            ratio = times["ours"] / times["keras"]
            print(
                f"{name:14}{kind:8} ours {times['ours']:7.2f} ms, "
                f"Keras {times['keras']:7.2f} ms, ratio {ratio:.2f}",
                flush=True,
            )


def pairs(channels):
    """(ours, Keras's) by name: functions of a tensor."""
    pool = MaxPoolWithIndices(2)
    unpool = MaxUnpool()
    both = {
        "pooling": (lambda x: pool(x)[0], layers.MaxPooling2D(2)),
        "unpooling": (
            lambda x: unpool([*pool(x), x]),
            keras.Sequential([layers.MaxPooling2D(2), layers.UpSampling2D(2)]),
        ),
        "crop": (
            lambda x: Crop(1)([x, x[:, 1:-1, 1:-1]]),
            layers.Cropping2D(1),
        ),
        "padding": (BorderPadding(1), layers.ZeroPadding2D(1)),
        "subsampling": (Subsampling(2), layers.AveragePooling2D(2)),
        "transposed": (
            TransposedConv(channels, 4, 2, padding="same"),
            layers.Conv2DTranspose(channels, 4, 2, padding="same"),
        ),
    }
    for each in both.values():
        for function in each:  # weights first: a compiled one makes none
            function(ops.zeros((1, 8, 8, channels)))
    return both


def scaled(layer):
    """A function of the image and a number a channel, to differentiate."""
    return lambda x, scale: layer(x * scale)


def identity(function):
    return function


if __name__ == "__main__":
    main()
