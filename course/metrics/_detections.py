"""One image's detections against its objects."""

import numpy as np
from keras import ops

from course.boxes import convert, iou


def checked(boxes, classes, format, scores):
    """A mapping's arrays, boxes as xyxy; nothing is ignored by default.

    Raises:
        ValueError: If one is missing, does not fit, or a label is no class.
    """
    names = ("boxes", "labels", "scores") if scores else ("boxes", "labels")
    missing = [name for name in names if name not in boxes]
    if missing:
        raise ValueError(
            f"an image has {sorted(boxes)} and no {missing}. Expected a "
            f"mapping with {names}, empty arrays if there is nothing."
        )
    found = {
        name: np.asarray(ops.convert_to_numpy(boxes[name])) for name in names
    }
    if not found["boxes"].size:
        found["boxes"] = np.zeros((0, 4))
    found["boxes"] = convert(found["boxes"], format, "xyxy")
    found["labels"] = found["labels"].astype(int)
    count = len(found["boxes"])
    if not scores:
        found["ignore"] = np.asarray(
            boxes.get("ignore", np.zeros(count)), dtype=bool
        )
    wrong = {k: v.shape for k, v in found.items() if v.shape[:1] != (count,)}
    labels = found["labels"]
    if wrong or not ((labels >= 0) & (labels < classes)).all():
        raise ValueError(
            f"an image has {count} boxes, labels {labels.tolist()} and arrays "
            f"of other lengths: {wrong}. Expected one of each a box, and "
            f"labels from 0 to {classes - 1}."
        )
    return found


def match(truth, found, thresholds, matching):
    """What each detection is: 1 right, 0 wrong, -1 neither.

    Args:
        truth: Boxes and what to ignore, of one class.
        found: Boxes, highest score first.
        thresholds: Overlaps that suffice.
        matching: "voc" or "coco".

    Returns:
        Integers (thresholds, detections).
    """
    ignore = truth["ignore"]
    overlaps = iou(found["boxes"], truth["boxes"])
    if matching == "coco" and ignore.any():
        overlaps[:, ignore] = _covered(found["boxes"], truth["boxes"][ignore])
    step = {"voc": _voc, "coco": _coco}[matching]
    right = np.zeros((len(thresholds), len(found["boxes"])), int)
    for i, threshold in enumerate(thresholds):
        taken = np.zeros(len(ignore), bool)
        for j, overlap in enumerate(overlaps):
            best = step(overlap, threshold, taken, ignore)
            if best is None:
                continue
            right[i, j] = -1 if ignore[best] else not taken[best]
            taken[best] = True
    return right


def _voc(overlap, threshold, taken, ignore):
    """The object with the largest overlap, whether it is taken or not."""
    best = np.argmax(overlap) if len(overlap) else None
    return None if best is None or overlap[best] < threshold else best


def _coco(overlap, threshold, taken, ignore):
    """The best object that is free, else the best to ignore."""
    for group in (~ignore & ~taken, ignore):
        some = np.where(group, overlap, -1)
        if len(some) and some.max() >= threshold:
            return np.argmax(some)
    return None


def _covered(boxes, others):
    """Share of each box (n, 4) that lies in each other one: (n, m)."""
    low = np.maximum(boxes[:, None, :2], others[:, :2])
    high = np.minimum(boxes[:, None, 2:], others[:, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=-1)
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=-1)[:, None]
    return shared / np.where(area > 0, area, 1)
