"""Pyramid pooling, written out in NumPy."""

import keras
import numpy as np
import pytest

from course import blocks
from tests.models import error, images, randomize, run


def parts(size, count):
    """Equal parts of an axis; those that meet in a pixel share it."""
    return [
        slice(part * size // count, -(-(part + 1) * size // count))
        for part in range(count)
    ]


def enlarged(x, size):
    """An axis by linear interpolation between the parts' middles."""
    middles = (np.arange(len(x)) + 0.5) * size / len(x) - 0.5
    pixels = np.arange(size)
    flat = x.reshape(len(x), -1).T
    columns = [np.interp(pixels, middles, values) for values in flat]
    return np.transpose(columns).reshape(size, *x.shape[1:])


@pytest.mark.parametrize(
    ("size", "bins"), [((6, 12), (1, 2, 3, 6)), ((7, 10), (1, 4))]
)
def test_pyramid(size, bins):
    x = keras.Input((*size, 8))
    model = keras.Model(x, blocks.pyramid_pooling(x, bins, name="p"))
    randomize(model)
    image = images(1, *size, 8)
    (x,) = image
    expected = [x]
    for count in bins:
        rows, columns = parts(size[0], count), parts(size[1], count)
        means = np.array(
            [
                [x[row, column].mean((0, 1)) for column in columns]
                for row in rows
            ]
        )
        (kernel,) = model.get_layer(f"p_bins{count}_conv").get_weights()
        norm = model.get_layer(f"p_bins{count}_norm").get_weights()
        gamma, beta, mean, variance = norm
        y = means @ kernel[0, 0]
        y = gamma * (y - mean) / np.sqrt(variance + 1e-3) + beta
        y = enlarged(np.maximum(y, 0), size[0])
        expected.append(enlarged(y.swapaxes(0, 1), size[1]).swapaxes(0, 1))
    expected = np.concatenate(expected, axis=-1)
    assert expected.shape[-1] == 16
    assert error(run(model, image)[0], expected) <= 1e-5


@pytest.mark.parametrize("size", [(None, 8), (5, 8)])
def test_sizes_that_cannot_be_divided(size):
    x = keras.Input((*size, 8))
    with pytest.raises(ValueError, match=f"{size[0]} rows.*6 or more"):
        blocks.pyramid_pooling(x)
