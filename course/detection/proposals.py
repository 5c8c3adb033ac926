"""Boxes that may hold an object, from an image alone.

J. Uijlings, K. van de Sande, T. Gevers and A. Smeulders, "Selective search for
object recognition", IJCV 2013: segments are merged with their most similar
neighbours until one is left, and the box of each that was is a proposal. The
first segments are those of P. Felzenszwalb and D. Huttenlocher, "Efficient
graph-based image segmentation", IJCV 2004. Of the paper's similarities texture
is left out, and of its colour spaces the image's own is taken.
"""

from collections.abc import Sequence

import numpy as np

BINS = 25
"""Of a colour's histogram, section 3.2."""


def propose(
    image: np.ndarray,
    scales: Sequence[float] = (50, 150),
    *,
    sigma: float = 0.8,
    min_size: int = 20,
    min_side: float = 4,
) -> np.ndarray:
    """Proposals by selective search.

    Args:
        image: (h, w), (h, w, 1) or (h, w, 3): whole numbers from 0 to 255, or
            floating point numbers from 0 to 1.
        scales: Of the first segments; the larger, the larger these are. The
            proposals of all scales are joined.
        sigma: Of the Gaussian that smooths the image before, in pixels.
        min_size: Pixels of the smallest first segment.
        min_side: Boxes narrower or lower than this are left out.

    Returns:
        float32 (m, 4), xyxy in pixels, each once. The same image gives the
        same boxes.

    Raises:
        ValueError: For something other than an image, or no scale.

    Example:
        >>> image = np.zeros((32, 32, 3), "uint8")
        >>> image[8:20, 4:28] = 200
        >>> [4, 8, 28, 20] in propose(image).tolist()
        True
    """
    image = _checked(image)
    if not len(scales):
        raise ValueError(
            "scales is empty. Expected one or more numbers, such as (50, 150)."
        )
    from skimage.segmentation import felzenszwalb

    boxes = []
    for scale in scales:
        segments = felzenszwalb(image, scale, sigma, min_size, channel_axis=-1)
        boxes += _boxes_of_merged(image, segments)
    boxes = np.unique(np.array(boxes, "float32"), axis=0)
    sides = boxes[:, 2:] - boxes[:, :2]
    return boxes[(sides >= min_side).all(axis=1)]


def _checked(image):
    """An image (h, w, c) of numbers from 0 to 1."""
    image = np.asarray(image)
    image = image[..., None] if image.ndim == 2 else image
    whole = np.issubdtype(image.dtype, np.integer)
    largest = 255 if whole else 1
    if (
        image.ndim != 3
        or image.shape[-1] not in (1, 3)
        or not image.size
        or not (image.min() >= 0 and image.max() <= largest)
    ):
        found = f"{image.dtype} {image.shape}"
        if image.size:
            found += f" with values from {image.min()} to {image.max()}"
        raise ValueError(
            f"the image is {found}. Expected (h, w), (h, w, 1) or (h, w, 3), "
            "whole numbers from 0 to 255 or fractions from 0 to 1."
        )
    return image / largest


class _Segment:
    """Pixels that belong together: how many, which colours, which box."""

    def __init__(self, size, histogram, box):
        self.size, self.histogram, self.box = size, histogram, box

    def joined(self, other):
        size = self.size + other.size
        colours = self.size * self.histogram + other.size * other.histogram
        corners = (
            np.minimum(self.box[:2], other.box[:2]),
            np.maximum(self.box[2:], other.box[2:]),
        )
        return _Segment(size, colours / size, np.concatenate(corners))

    def distance(self, other, pixels):
        """Minus the similarity of colour, size and fill; section 3.2."""
        both = self.joined(other)
        colour = np.minimum(self.histogram, other.histogram).sum()
        width, height = both.box[2:] - both.box[:2]
        small = 1 - both.size / pixels
        fill = 1 - (width * height - both.size) / pixels
        return -(colour + small + fill)


def _boxes_of_merged(image, labels):
    """Boxes of the segments, and of all that their merging makes."""
    from skimage import graph

    segments = _segments(image, labels)
    boxes = [segment.box for segment in segments.values()]
    pixels = labels.size

    def weight(_graph, _source, target, other):
        return {"weight": segments[target].distance(segments[other], pixels)}

    def merge(_graph, source, target):
        segments[target] = segments[target].joined(segments[source])
        boxes.append(segments[target].box)

    if len(segments) > 1:
        neighbours = graph.RAG(labels)
        for label, node in neighbours.nodes.items():
            node["labels"] = [label]
        for a, b in neighbours.edges:
            neighbours[a][b].update(weight(neighbours, None, a, b))
        graph.merge_hierarchical(
            labels,
            neighbours,
            thresh=np.inf,
            rag_copy=False,
            in_place_merge=True,
            merge_func=merge,
            weight_func=weight,
        )
    return boxes


def _segments(image, labels):
    """By label."""
    channels = image.shape[-1]
    levels = np.minimum((image * BINS).astype(int), BINS - 1)
    levels += BINS * np.arange(channels)
    found = {}
    for label in np.unique(labels):
        rows, columns = np.nonzero(labels == label)
        counts = np.bincount(
            levels[rows, columns].ravel(), minlength=BINS * channels
        )
        box = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        histogram = counts / counts.sum()
        found[int(label)] = _Segment(len(rows), histogram, np.array(box, float))
    return found
