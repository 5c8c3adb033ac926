"""What the four numbers of a box mean, its area, and its part of an image."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from course.arithmetic import one_of

FORMATS = ("xyxy", "xywh", "center_xywh")


def convert(boxes: Any, source: str, target: str) -> Any:
    """The same boxes in another format.

    Args:
        boxes: (..., 4) in the format `source`.
        source: "xyxy", "xywh" or "center_xywh".
        target: Likewise.

    Returns:
        (..., 4)

    Raises:
        ValueError: If a format is unknown or the last axis is not 4.

    Example:
        >>> convert([[10, 20, 30, 60]], "xyxy", "center_xywh").tolist()
        [[20.0, 40.0, 20.0, 40.0]]
    """
    one_of(FORMATS, source, "source")
    one_of(FORMATS, target, "target")
    xp, (boxes,) = floats(boxes=boxes)
    if source == target:
        return boxes
    left, top, right, bottom = corners(boxes, source)
    if target == "xyxy":
        parts = left, top, right, bottom
    else:
        width, height = right - left, bottom - top
        if target == "xywh":
            parts = left, top, width, height
        else:
            parts = left + width / 2, top + height / 2, width, height
    return xp.stack(parts, axis=-1)


def area(boxes: Any, format: str = "xyxy") -> Any:
    """Width times height; 0 where a side is negative.

    Args:
        boxes: (..., 4)
        format: "xyxy", "xywh" or "center_xywh".

    Returns:
        (...,)

    Raises:
        ValueError: As `convert`.

    Example:
        >>> area([[10, 20, 30, 60], [5, 5, 4, 9]]).tolist()
        [800.0, 0.0]
    """
    one_of(FORMATS, format, "format")
    xp, (boxes,) = floats(boxes=boxes)
    left, top, right, bottom = corners(boxes, format)
    return xp.maximum(right - left, 0) * xp.maximum(bottom - top, 0)


def clip(boxes: Any, size: Sequence[float], format: str = "xyxy") -> Any:
    """Boxes cut off at the border of the image.

    What lies outside altogether keeps no area.

    Args:
        boxes: (..., 4)
        size: (height, width) of the image, in the unit of the boxes: (1, 1)
            for relative ones.
        format: "xyxy", "xywh" or "center_xywh", also of the result.

    Returns:
        (..., 4)

    Raises:
        ValueError: As `convert`, and if the size is not two positive numbers.

    Example:
        >>> clip([[-5, 10, 30, 60]], size=(50, 20)).tolist()
        [[0.0, 10.0, 20.0, 50.0]]
    """
    one_of(FORMATS, format, "format")
    if len(size) != 2 or not min(size) > 0:
        raise ValueError(
            f"size={size!r} is no size of an image. Expected (height, width), "
            "both positive."
        )
    height, width = size
    xp, (boxes,) = floats(boxes=boxes)
    left, top, right, bottom = corners(boxes, format)
    parts = [
        xp.clip(part, 0, limit)
        for part, limit in (
            (left, width),
            (top, height),
            (right, width),
            (bottom, height),
        )
    ]
    return convert(xp.stack(parts, axis=-1), "xyxy", format)


def floats(**values):
    """NumPy or keras.ops, and boxes as its floating point numbers.

    Raises:
        ValueError: If the last axis of one of them is not 4.
    """
    tensors = [x for x in values.values() if is_tensor(x)]
    if tensors:
        xp = ops
        kinds = [keras.backend.standardize_dtype(x.dtype) for x in tensors]
        kinds = [kind for kind in kinds if "float" in kind]
        wide = keras.backend.result_type("float32", *kinds)
        found = [ops.cast(x, wide) for x in values.values()]
    else:
        xp = np
        found = [np.asarray(x) for x in values.values()]
        wide = np.result_type(np.float32, *(x.dtype for x in found))
        found = [x.astype(wide) for x in found]
    for name, value in zip(values, found, strict=True):
        if not value.shape or value.shape[-1] != 4:
            raise ValueError(
                f"{name} has the shape {tuple(value.shape)}. Expected "
                "(..., 4): four numbers a box. No boxes at all are (0, 4)."
            )
    return xp, found


def is_tensor(value):
    """Whether it is Keras's, symbolic or with values."""
    return isinstance(value, keras.KerasTensor) or ops.is_tensor(value)


def corners(boxes, format):
    """left, top, right, bottom, each (...,)."""
    first, second, third, fourth = (boxes[..., i] for i in range(4))
    if format == "xyxy":
        return first, second, third, fourth
    if format == "center_xywh":
        first, second = first - third / 2, second - fourth / 2
    return first, second, first + third, second + fourth
