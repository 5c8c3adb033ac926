"""How much boxes overlap."""

from typing import Any

from course.arithmetic import one_of
from course.boxes.formats import FORMATS, area, corners, floats


def iou(boxes: Any, others: Any, format: str = "xyxy") -> Any:
    """Intersection over union of each box with each other one.

    A box without area overlaps with nothing, not even with itself.

    Args:
        boxes: (..., n, 4); n may be 0.
        others: (..., m, 4), with the same leading axes or such as broadcast.
        format: "xyxy", "xywh" or "center_xywh".

    Returns:
        (..., n, m), from 0 to 1.

    Raises:
        ValueError: If the format is unknown, the last axis is not 4, or there
            is only one axis.

    Example:
        >>> iou([[0, 0, 2, 2]], [[1, 0, 3, 2], [5, 5, 6, 6]]).round(3).tolist()
        [[0.333, 0.0]]
    """
    one_of(FORMATS, format, "format")
    xp, (boxes, others) = floats(boxes=boxes, others=others)
    for name, value in (("boxes", boxes), ("others", others)):
        if len(value.shape) < 2:
            raise ValueError(
                f"{name} has the shape {tuple(value.shape)}. Expected "
                "(..., n, 4): put a single box in a list."
            )
    boxes, others = xp.expand_dims(boxes, -2), xp.expand_dims(others, -3)
    left, top, right, bottom = corners(boxes, format)
    left_2, top_2, right_2, bottom_2 = corners(others, format)
    width = xp.minimum(right, right_2) - xp.maximum(left, left_2)
    height = xp.minimum(bottom, bottom_2) - xp.maximum(top, top_2)
    shared = xp.maximum(width, 0) * xp.maximum(height, 0)
    union = area(boxes, format) + area(others, format) - shared
    # A division that is not used must not spoil the gradient either.
    return shared / xp.where(union > 0, union, xp.ones_like(union))
