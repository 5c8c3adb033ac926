"""Boxes as steps from proposals or anchors, which a network can learn.

R. Girshick, J. Donahue, T. Darrell and J. Malik, "Rich feature hierarchies for
accurate object detection and semantic segmentation", CVPR 2014,
arXiv:1311.2524, appendix C: equations 1 to 4 decode, 6 to 9 encode.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from course.boxes.formats import convert, floats, is_tensor


def encode(
    boxes: Any,
    anchors: Any,
    weights: Sequence[float] = (1.0, 1.0, 1.0, 1.0),
    format: str = "xyxy",
) -> Any:
    """How far boxes are from their anchors, as R-CNN's regression learns it.

    With centers x, y and sizes w, h, those of the anchor with index a:
    weights times ((x - x_a) / w_a, (y - y_a) / h_a, log(w / w_a),
    log(h / h_a)); equations 6 to 9.

    Args:
        boxes: (..., 4), positive sizes.
        anchors: (..., 4): proposals, an anchor for each box.
        weights: What the four numbers are multiplied with, so that they vary
            about alike: one over what others call variances. Fast R-CNN has
            (10, 10, 5, 5).
        format: "xyxy", "xywh" or "center_xywh", of both.

    Returns:
        (..., 4)

    Raises:
        ValueError: As `convert`, for other than four positive weights, and if
            arrays hold a box or an anchor without area. Tensors cannot be
            looked at: there such a box gives infinite numbers.

    Example:
        >>> encode([[2, 0, 6, 4]], [[0, 0, 4, 4]]).tolist()
        [[0.5, 0.0, 0.0, 0.0]]
    """
    _check_weights(weights)
    xp, (boxes, anchors) = floats(boxes=boxes, anchors=anchors)
    boxes = convert(boxes, format, "center_xywh")
    anchors = convert(anchors, format, "center_xywh")
    _check_sizes(boxes, "boxes")
    _check_sizes(anchors, "anchors")
    shift = (boxes[..., :2] - anchors[..., :2]) / anchors[..., 2:]
    scale = xp.log(boxes[..., 2:] / anchors[..., 2:])
    return _as(boxes, weights) * xp.concatenate([shift, scale], axis=-1)


def decode(
    deltas: Any,
    anchors: Any,
    weights: Sequence[float] = (1.0, 1.0, 1.0, 1.0),
    format: str = "xyxy",
    max_scale: float | None = 1000 / 16,
) -> Any:
    """The boxes that `encode` made numbers of; equations 1 to 4.

    Args:
        deltas: (..., 4)
        anchors: (..., 4): proposals, an anchor for each.
        weights: Those of `encode`.
        format: "xyxy", "xywh" or "center_xywh", of the anchors and the result.
        max_scale: A box becomes at most so many times as wide or as high as
            its anchor, lest a wild prediction overflow; None: no limit.

    Returns:
        (..., 4)

    Raises:
        ValueError: As `convert`, for other than four positive weights, and
            for a `max_scale` that is not positive.

    Example:
        >>> decode([[0.5, 0, 0, 0]], [[0, 0, 4, 4]]).tolist()
        [[2.0, 0.0, 6.0, 4.0]]
    """
    _check_weights(weights)
    if max_scale is not None and not max_scale > 0:
        raise ValueError(
            f"max_scale={max_scale} would leave no box. Expected a positive "
            "number, or None for no limit."
        )
    xp, (deltas, anchors) = floats(deltas=deltas, anchors=anchors)
    anchors = convert(anchors, format, "center_xywh")
    deltas = deltas / _as(deltas, weights)
    center = anchors[..., :2] + deltas[..., :2] * anchors[..., 2:]
    scale = deltas[..., 2:]
    if max_scale is not None:
        scale = xp.minimum(scale, math.log(max_scale))
    boxes = xp.concatenate([center, anchors[..., 2:] * xp.exp(scale)], axis=-1)
    return convert(boxes, "center_xywh", format)


def _as(like, numbers):
    """Numbers as an array or tensor that multiplies another."""
    if is_tensor(like):
        return ops.convert_to_tensor(numbers, dtype=like.dtype)
    return np.asarray(numbers, like.dtype)


def _check_weights(weights):
    if len(weights) != 4 or not min(weights) > 0:
        raise ValueError(
            f"weights={weights!r} cannot be undone. Expected four positive "
            "numbers, for x, y, width and height."
        )


def _check_sizes(boxes, name):
    """Arrays of boxes (..., 4), center_xywh, have areas."""
    if is_tensor(boxes) or (boxes[..., 2:] > 0).all():
        return
    bad = np.argwhere(~(boxes[..., 2:] > 0).all(axis=-1))[0].tolist()
    raise ValueError(
        f"{name} holds a box without area, at {bad}. Expected positive widths "
        "and heights: leave such boxes out before, for example those whose "
        "course.boxes.area is 0."
    )
