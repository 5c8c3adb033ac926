"""What a score is like where a part of the image is hidden.

M. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks",
ECCV 2014, arXiv:1311.2901, section 4.2.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from course.arithmetic import integer
from course.gradients import compiled
from course.visualize.network import Network, Position, batches


def occlusion(
    model: keras.Model,
    x: Any,
    target: Any,
    size: int,
    stride: int = 1,
    fill: Any = None,
    *,
    output: Any = None,
    position: Position = None,
) -> np.ndarray:
    """The score while a square patch slides over the image.

    Entry (i, j) is the score of the image whose pixels in rows i stride to
    i stride + size - 1 and columns j stride to j stride + size - 1 are `fill`.
    Patches lie within the image: there are (h - size) // stride + 1 by
    (w - size) // stride + 1 of them.

    Args:
        model, x, target, output, position: As in
            `course.visualize.backprojection`, but a softmax stays: the score
            is the model's output.
        size: Rows and columns of the patch.
        stride: Pixels from one patch to the next.
        fill: What hides: a number, or one a channel; None for the mean colour
            of each image.

    Returns:
        Array (n, rows, columns).

    Raises:
        ValueError: As `backprojection`; or if size or stride is no positive
            integer, the patch is larger than the image, or `fill` has not one
            number a channel.

    Example:
        >>> mean = keras.layers.GlobalAveragePooling2D()
        >>> model = keras.Sequential([keras.Input((2, 2, 1)), mean])
        >>> image = np.array([[4.0, 0.0], [0.0, 8.0]])[None, ..., None]
        >>> occlusion(model, image, 0, size=1, fill=0)[0].tolist()
        [[2.0, 3.0], [3.0, 1.0]]
    """
    network = Network(model, x, output, before_softmax=False)
    targets = network.checked_targets(target)
    size, stride = _checked(network.images, size, stride)
    colours = _colours(network.images, fill)

    @compiled
    def scored(images, targets):
        units = network.units(network.known(images), targets, position)
        return [ops.sum(units, axis=1)]

    return np.stack(
        [
            _slid(scored, *one, size, stride)
            for one in zip(network.images, targets, colours, strict=True)
        ]
    )


def _slid(scored, image, target, colour, size, stride):
    """The scores of one image, (rows, columns)."""
    starts = [range(0, n - size + 1, stride) for n in image.shape[:2]]
    corners = [(top, left) for top in starts[0] for left in starts[1]]
    scores = []
    for chosen, kept in batches(len(corners)):
        images = np.repeat(image[None], len(chosen), axis=0)
        for hidden, corner in zip(images, chosen, strict=True):
            top, left = corners[corner]
            hidden[top : top + size, left : left + size] = colour
        (found,) = scored(images, np.full(len(chosen), target))
        scores.append(found[kept])
    return np.concatenate(scores).reshape(*map(len, starts))


def _checked(images, size, stride) -> tuple[int, int]:
    size = integer(size, "size", minimum=1)
    stride = integer(stride, "stride", minimum=1)
    if images.ndim != 4 or size > min(images.shape[1:3]):
        raise ValueError(
            f"a patch of size={size} for images of shape {images.shape}. "
            "Expected images (n, h, w, c), and a patch no larger than they "
            "are: make it smaller."
        )
    return size, stride


def _colours(images, fill) -> np.ndarray:
    """What hides each image, (n, c)."""
    count, channels = len(images), images.shape[-1]
    if fill is None:
        return images.mean(axis=(1, 2))
    fill = np.asarray(fill, "float32")
    if fill.shape not in ((), (channels,)):
        raise ValueError(
            f"fill has shape {fill.shape}. Expected a number, or {channels}, "
            "one a channel; None takes each image's mean colour."
        )
    return np.broadcast_to(fill, (count, channels))
