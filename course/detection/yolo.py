"""From YOLO's grid of predictions to boxes.

J. Redmon, S. Divvala, R. Girshick and A. Farhadi, "You only look once: unified,
real-time object detection", CVPR 2016, arXiv:1506.02640, section 2.
"""

from typing import Any

import numpy as np
from keras import ops

from course.arithmetic import integer
from course.boxes import convert, nms


def decode_yolo(
    predictions: Any,
    boxes: int = 2,
    *,
    score_threshold: float = 0.2,
    iou_threshold: float = 0.5,
) -> list[dict[str, np.ndarray]]:
    """The boxes that YOLO's first version sees in each image.

    A box's score for a class is the class's probability in its cell times the
    box's confidence, equation 1; each box is of the class for which it is
    largest. Boxes of one class that overlap are suppressed by the best.

    Args:
        predictions: (n, rows, columns, 5 B + C), as `course.models.yolo_v1`
            returns them.
        boxes: Boxes B of each cell.
        score_threshold: Only boxes with higher scores are returned.
        iou_threshold: Largest overlap of two boxes of one class. The paper
            leaves both thresholds open; these are the authors' program's.

    Returns:
        For each image "boxes" (m, 4), xyxy relative to the image's size,
        "labels" (m,) and "scores" (m,), the highest score first.

    Raises:
        ValueError: If the predictions' shape does not fit, or a threshold is
            no overlap.

    Example:
        >>> grid = np.zeros((1, 2, 2, 7))
        >>> grid[0, 1, 0] = [0.5, 0.5, 0.5, 0.5, 0.9, 0.0, 1.0]
        >>> (found,) = decode_yolo(grid, boxes=1)
        >>> found["boxes"].tolist(), found["labels"].tolist()
        ([[0.125, 0.625, 0.375, 0.875]], [1])
    """
    grid = np.asarray(ops.convert_to_numpy(predictions))
    integer(boxes, "boxes", minimum=1)
    if grid.ndim != 4 or grid.shape[-1] <= 5 * boxes:
        raise ValueError(
            f"received predictions of shape {grid.shape}. Expected (n, rows, "
            f"columns, 5 B + C) with B = {boxes} boxes and at least one class: "
            f"more than {5 * boxes} channels."
        )
    corners, confidence = _boxes(grid, boxes)
    scores = confidence[..., None] * grid[..., None, 5 * boxes :]
    labels, scores = scores.argmax(axis=-1), scores.max(axis=-1)
    return [
        _best(*image, score_threshold, iou_threshold)
        for image in zip(corners, labels, scores, strict=True)
    ]


def _boxes(grid, boxes):
    """Corners (n, rows, columns, B, 4) and confidence (n, rows, columns, B)."""
    rows, columns = grid.shape[1:3]
    numbers = grid[..., : 5 * boxes].reshape(*grid.shape[:3], boxes, 5)
    row, column = np.mgrid[:rows, :columns][..., None]
    x = (column + numbers[..., 0]) / columns
    y = (row + numbers[..., 1]) / rows
    # The square root of a size may be negative; its square is the size.
    sizes = np.square(numbers[..., 2:4])
    centered = np.concatenate([x[..., None], y[..., None], sizes], axis=-1)
    return convert(centered, "center_xywh", "xyxy"), numbers[..., 4]


def _best(corners, labels, scores, score_threshold, iou_threshold):
    """The detections of one image."""
    corners = corners.reshape(-1, 4)
    labels, scores = labels.ravel(), scores.ravel()
    kept = nms(
        corners,
        scores,
        iou_threshold,
        score_threshold=score_threshold,
        classes=labels,
    )
    return {
        "boxes": corners[kept],
        "labels": labels[kept],
        "scores": scores[kept],
    }
