"""RefineNet's parts, written out in NumPy."""

import keras
import numpy as np

from course import blocks
from tests.models import error, images, randomize, run
from tests.oracles import convolve


def model_of(inputs, output):
    return randomize(keras.Model(inputs, output))


def conv(model, name, x):
    kernel, bias = model.get_layer(name).get_weights()
    return convolve(x, kernel, (1, 1), [(1, 1)] * 2, (1, 1)) + bias


def unit(model, name, x):
    y = conv(model, f"{name}_conv1", np.maximum(x, 0))
    return x + conv(model, f"{name}_conv2", np.maximum(y, 0))


def pooled(x, reach):
    """Largest of the pixels at most so many rows and columns away."""
    y = np.empty_like(x)
    for i, j in np.ndindex(*x.shape[:2]):
        rows = slice(max(i - reach, 0), i + reach + 1)
        columns = slice(max(j - reach, 0), j + reach + 1)
        y[i, j] = x[rows, columns].max(axis=(0, 1))
    return y


def pooling(model, name, x):
    total = link = np.maximum(x, 0)
    for i in (1, 2):
        link = conv(model, f"{name}_conv{i}", pooled(link, 2))
        total = total + link
    return total


def twice(x, shape):
    """Pixels at 0, 2, 4, ... and means between them; the last is repeated."""
    y = np.pad(x, [(0, 1), (0, 1), (0, 0)], "edge")
    for axis in (0, 1):
        last = y.shape[axis] - 1
        here, there = np.split(
            np.take(y, [*range(last), *range(1, last + 1)], axis), 2, axis
        )
        y = np.stack([here, (here + there) / 2], axis + 1)
        new = (*here.shape[:axis], 2 * last, *here.shape[axis + 1 :])
        y = y.reshape(new)
    return y[: shape[0], : shape[1]]


def test_chained_pooling():
    x = keras.Input((6, 9, 2))
    model = model_of(x, blocks.chained_pooling(x, name="p"))
    x = images(1, 6, 9, 2)
    expected = pooling(model, "p", x[0])
    assert error(run(model, x)[0], expected) <= 1e-5


def test_a_block_of_two_paths():
    """The coarser is wider: fusion takes it to the narrowest."""
    fine, coarse = keras.Input((7, 6, 2)), keras.Input((4, 3, 3))
    model = model_of([fine, coarse], blocks.refine([fine, coarse], name="r"))
    inputs = images(1, 7, 6, 2), images(1, 4, 3, 3, seed=2)
    fused = []
    for i, path in enumerate(inputs, start=1):
        y = unit(model, f"r_path{i}_1", path[0])
        y = unit(model, f"r_path{i}_2", y)
        fused.append(conv(model, f"r_fusion_conv{i}", y))
    x = fused[0] + twice(fused[1], (7, 6))
    expected = unit(model, "r", pooling(model, "r_pooling", x))
    assert error(run(model, list(inputs))[0], expected) <= 1e-5


def test_a_block_of_one_path():
    """Nothing to fuse: the path goes on unchanged."""
    x = keras.Input((5, 5, 2))
    model = model_of(x, blocks.refine([x], name="r"))
    x = images(1, 5, 5, 2)
    y = unit(model, "r_path1_2", unit(model, "r_path1_1", x[0]))
    expected = unit(model, "r", pooling(model, "r_pooling", y))
    assert error(run(model, x)[0], expected) <= 1e-5
    assert not any("fusion" in layer.name for layer in model.layers)
