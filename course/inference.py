"""Predictions for images that are larger than what a model can take at once."""

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import keras
import numpy as np

from course.arithmetic import integer


def predict_tiled(
    model: keras.Model,
    image: Any,
    tile_size: int,
    margin: int = 0,
    *,
    stride: int = 32,
) -> np.ndarray:
    """Scores for a large image, from tiles that overlap.

    A model that gives a score for each pixel sees tiles, and of each only what
    is `margin` away from where it was cut counts; at the image's own borders
    everything does. If the margin is at least half of the model's receptive
    field, the result is that of the whole image at once.

    A model that loses pixels at the border, such as `unet()`, sees the image
    with its mirror laid around it, and gives a score for each pixel too: the
    overlap-tile strategy of O. Ronneberger, P. Fischer and T. Brox, "U-Net",
    2015, arXiv:1505.04597, figure 2. Where the model sees no mirror the result
    is that of the whole image.

    Args:
        model: (n, h, w, c) -> (n, h', w', classes) with h' = h, or less by the
            same even number of pixels for any size; h and w open, or
            `tile_size` where pixels are lost.
        image: (h, w, c): an array, or what can be cut and turned into arrays,
            such as `numpy.memmap`.
        tile_size: Rows and columns of what the model sees at once. Where the
            model keeps the size, the last tiles may be smaller.
        margin: Pixels at a cut that do not count, rounded up to multiples of
            `stride`.
        stride: Pixels between the coarsest features, or a multiple: tiles
            begin at multiples of it, as poolings must meet the same pixels.
            32 does for all networks of the course.

    Returns:
        Array (h, w, classes).

    Raises:
        ValueError: The image has no three axes, the tiles are too small for
            margin and stride, or the model changes the size otherwise.

    Example:
        >>> from course.models import unet
        >>> model = unet(input_shape=(60, 60, 1), base_filters=1, depth=2)
        >>> predict_tiled(model, np.zeros((30, 50, 1)), 60, stride=4).shape
        (30, 50, 2)
    """
    if len(image.shape) != 3:
        raise ValueError(
            f"image has the shape {tuple(image.shape)}. Expected one image "
            "(h, w, c); call this once an image."
        )
    tile_size = integer(tile_size, "tile_size", minimum=1)
    margin = integer(margin, "margin", minimum=0)
    stride = integer(stride, "stride", minimum=1)
    border = _lost(model, tile_size, image.shape[-1]) // 2
    margin = -(-margin // stride) * stride
    step = (tile_size - 2 * border - 2 * margin) // stride * stride
    if step < 1:
        raise ValueError(
            f"of a tile of {tile_size} pixels the model loses {border} a side, "
            f"and a margin of {margin} leaves none at stride={stride}. "
            f"Expected tile_size={2 * border + 2 * margin + stride} or more: "
            "enlarge it, or reduce the margin."
        )
    axes = [
        list(_tiles(size, step, margin + border, border))
        for size in image.shape[:2]
    ]
    scores = None
    for rows, columns in itertools.product(*axes):
        tile = _cut(image, rows, columns)
        y = model.predict_on_batch(tile[None])[0]
        if scores is None:
            scores = np.empty((*image.shape[:2], y.shape[-1]), y.dtype)
        scores[rows.kept, columns.kept] = y[rows.valid, columns.valid]
    return scores


class _Tile(NamedTuple):
    """One tile along one axis.

    Attributes:
        start, stop: What the model sees of the image, or of its mirror.
        kept: What of the result it makes.
        valid: Where that stands in what the model makes.
    """

    start: int
    stop: int
    kept: slice
    valid: slice


def _tiles(size: int, step: int, around: int, border: int) -> Iterator[_Tile]:
    """The tiles of an axis: `step` pixels each, and `around` on both sides.

    The first begins so that every tile starts at a multiple of the stride,
    which divides `step`, as the whole image starts at 0.
    """
    # `around` is a multiple of the stride, but for the border
    first = -(-border % step)
    for begin in range(first, size, step):
        start, stop = begin - around, begin + step + around
        if not border:  # a tile ends where the image does
            start, stop = max(start, 0), min(stop, size)
        kept = slice(max(begin, 0), min(begin + step, size))
        lead = start + border
        yield _Tile(
            start, stop, kept, slice(kept.start - lead, kept.stop - lead)
        )


def _cut(image, rows: _Tile, columns: _Tile) -> np.ndarray:
    """Pixels of the image; beyond it those of its mirror."""
    pixels = []
    for tile, size in zip((rows, columns), image.shape, strict=False):
        if tile.start >= 0 and tile.stop <= size:
            pixels.append(np.arange(tile.start, tile.stop))
            continue
        period = max(2 * size - 2, 1)
        places = np.arange(tile.start, tile.stop) % period
        pixels.append(np.minimum(places, period - places))
    return np.asarray(image[np.ix_(*pixels)])


def _lost(model, tile_size: int, channels: int) -> int:
    """Pixels by which an output is smaller than a tile."""
    shape = model.compute_output_shape((1, tile_size, tile_size, channels))
    lost = [tile_size - size for size in shape[1:3]]
    if len(shape) != 4 or lost[0] != lost[1] or lost[0] < 0 or lost[0] % 2:
        raise ValueError(
            f"{model.name} makes {tuple(shape)} of a tile of {tile_size} "
            "pixels. Expected scores for each pixel, or for all but the same "
            "even number of rows and columns at the border: choose a tile_size "
            "that all poolings divide."
        )
    return lost[0]
