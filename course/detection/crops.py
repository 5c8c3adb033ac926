"""Boxes cut out of an image and warped to one size."""

import keras
import numpy as np

from course.boxes import convert
from course.layers import RoIAlign

CHUNK = 64
"""Boxes at a time: one shape, for which everything is compiled once."""


def warp(
    image: np.ndarray,
    boxes: np.ndarray,
    size: tuple[int, int],
    context: float = 0,
) -> np.ndarray:
    """The contents of boxes, each stretched to the same size.

    R. Girshick et al., 2014, arXiv:1311.2524, appendix A: "warp", with
    context around the box. Where that leaves the image there is 0.

    Args:
        image: (h, w, c)
        boxes: (m, 4), xyxy in pixels.
        size: (rows, columns) of a crop.
        context: Pixels of the crop, on each side, that show what is around
            the box; the paper has 16 in crops of 227.

    Returns:
        float32 (m, rows, columns, c)

    Raises:
        ValueError: If boxes are not (m, 4) with positive sides, or the context
            leaves nothing of them.

    Example:
        >>> image = np.arange(16.0).reshape(4, 4, 1)
        >>> warp(image, [[1, 1, 3, 3]], (2, 2))[0, ..., 0].tolist()
        [[5.0, 6.0], [9.0, 10.0]]
    """
    boxes = np.asarray(boxes, "float32").reshape(-1, 4)
    if (boxes[:, 2:] <= boxes[:, :2]).any():
        wrong = boxes[(boxes[:, 2:] <= boxes[:, :2]).any(axis=1)]
        raise ValueError(
            f"boxes without area: {wrong.tolist()}. Expected left < right and "
            "top < bottom: leave them out."
        )
    if not 0 <= 2 * context < min(size):
        raise ValueError(
            f"context={context} on both sides of crops of {size}. Expected "
            "less than half of the smaller side."
        )
    boxes = convert(boxes, "xyxy", "center_xywh")
    rows, columns = size
    boxes[:, 2] *= columns / (columns - 2 * context)
    boxes[:, 3] *= rows / (rows - 2 * context)
    boxes = convert(boxes, "center_xywh", "xyxy")
    align = RoIAlign(size, sampling_ratio=1, dtype="float32")
    image = np.asarray(image, "float32")[None]
    parts = [np.zeros((0, *size, image.shape[-1]), "float32")]
    for start in range(0, len(boxes), CHUNK):
        part = boxes[start : start + CHUNK]
        padded = np.resize(part, (CHUNK, 4))
        cut = keras.ops.convert_to_numpy(align([image, padded[None]]))
        parts.append(cut[0, : len(part)])
    return np.concatenate(parts)


def fractions(image):
    """An image (h, w, c) of numbers from 0 to 1, of one or of whole numbers."""
    image = np.asarray(image)
    image = image[..., None] if image.ndim == 2 else image
    whole = np.issubdtype(image.dtype, np.integer)
    return image.astype("float32") / (255 if whole else 1)
