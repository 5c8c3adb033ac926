"""Non-maximum suppression: one box where many say the same."""

import math
from typing import Any

import numpy as np
from keras import ops

from course.arithmetic import integer
from course.boxes.formats import floats, is_tensor
from course.boxes.overlap import iou


def nms(
    boxes: Any,
    scores: Any,
    iou_threshold: float = 0.5,
    *,
    score_threshold: float = -math.inf,
    classes: Any = None,
    max_boxes: int | None = None,
    format: str = "xyxy",
) -> np.ndarray:
    """Non-maximum suppression: the best boxes that do not overlap too much.

    From the highest score down, a box is kept unless its overlap with one that
    was kept before is larger than the threshold. Of equal scores the first
    comes first.

    Args:
        boxes: (n, 4), arrays or tensors with values; n may be 0.
        scores: (n,)
        iou_threshold: Largest overlap of two boxes that are kept.
        score_threshold: Only boxes with higher scores are looked at.
        classes: (n,) integers: only boxes of the same class suppress one
            another; None: all are of one class.
        max_boxes: At most so many are kept.
        format: "xyxy", "xywh" or "center_xywh".

    Returns:
        Indices of the boxes that are kept, highest score first. Inside a
        graph, where sizes are fixed, use `nms_mask`.

    Raises:
        ValueError: As `iou`; if shapes do not fit each other; if a threshold
            is no overlap; or `max_boxes` is no positive integer.

    Example:
        >>> boxes = [[0, 0, 4, 4], [0, 0, 4, 5], [6, 6, 9, 9]]
        >>> nms(boxes, [0.8, 0.9, 0.7]).tolist()
        [1, 2]
    """
    boxes, scores, classes = _check_nms(boxes, scores, iou_threshold, classes)
    boxes, scores, classes = (
        np.asarray(ops.convert_to_numpy(x)) for x in (boxes, scores, classes)
    )
    if max_boxes is not None:
        integer(max_boxes, "max_boxes", minimum=1)
    order = np.argsort(-scores, kind="stable")
    order = order[scores[order] > score_threshold]
    kept: list[int] = []
    while len(order) and len(kept) != max_boxes:
        best, order = order[0], order[1:]
        kept.append(best)
        (overlap,) = iou(boxes[[best]], boxes[order], format)
        close = (overlap > iou_threshold) & (classes[order] == classes[best])
        order = order[~close]
    return np.array(kept, dtype=int)


def nms_mask(
    boxes: Any,
    scores: Any,
    iou_threshold: float = 0.5,
    *,
    score_threshold: float = -math.inf,
    classes: Any = None,
    format: str = "xyxy",
) -> Any:
    """Which boxes `nms` keeps, for graphs: as many answers as boxes.

    All n^2 overlaps are computed, so choose some hundred boxes before.

    Args:
        boxes: (n, 4), tensors.
        scores: (n,)
        iou_threshold: As in `nms`, and so are the others.
        score_threshold: Only boxes with higher scores are kept.
        classes: (n,) integers, or None.
        format: "xyxy", "xywh" or "center_xywh".

    Returns:
        Booleans (n,), in the order of the boxes.

    Raises:
        ValueError: As `nms`.

    Example:
        >>> boxes = [[0, 0, 4, 4], [0, 0, 4, 5], [6, 6, 9, 9]]
        >>> mask = nms_mask(boxes, [0.8, 0.9, 0.7])
        >>> ops.convert_to_numpy(mask).tolist()
        [False, True, True]
    """
    boxes, scores, classes = map(
        ops.convert_to_tensor, _check_nms(boxes, scores, iou_threshold, classes)
    )
    rivals = _rivals(boxes, scores, classes, iou_threshold, format)
    candidates = scores > score_threshold

    def look(kept, _):
        beaten = ops.any(rivals & kept[:, None], axis=0)
        return candidates & ~beaten, kept

    # After t turns the first t boxes are right, whatever it began with; what
    # a turn no longer changes is right altogether, mostly after a few.
    kept, _ = ops.while_loop(
        lambda kept, earlier: ops.any(kept != earlier),
        look,
        (candidates, ~candidates),
    )
    return kept


def _rivals(boxes, scores, classes, iou_threshold, format):
    """[i, j]: whether box i, if it is kept, suppresses box j."""
    place = ops.arange(ops.shape(scores)[0], dtype="int32")
    row, column = scores[:, None], scores[None, :]
    before = (row > column) | ((row == column) & (place[:, None] < place))
    close = iou(boxes, boxes, format) > iou_threshold
    return before & close & (classes[:, None] == classes[None, :])


def _check_nms(boxes, scores, iou_threshold, classes):
    """Boxes, scores and classes of n boxes; one class if there is none."""
    if not 0 <= iou_threshold <= 1:
        raise ValueError(
            f"iou_threshold={iou_threshold} is no overlap. Expected a number "
            "from 0 to 1."
        )
    _, (boxes,) = floats(boxes=boxes)
    if not is_tensor(scores):
        scores = np.asarray(scores)
    if classes is None:
        classes = ops.zeros_like(scores, dtype="int32")
    elif not is_tensor(classes):
        classes = np.asarray(classes)
    shapes = [tuple(x.shape) for x in (boxes, scores, classes)]
    count = shapes[0][:1]
    if shapes != [(*count, 4), count, count]:
        raise ValueError(
            "boxes, scores and classes have the shapes "
            f"{', '.join(map(str, shapes))}. Expected (n, 4), (n,) and (n,): "
            "one score and one class a box."
        )
    return boxes, scores, classes
