"""Boxes with classes: what becomes of the predictions of a network.

A detection is a mapping of arrays, one for each image, as
`course.metrics.AveragePrecision` takes it: "boxes" (m, 4), "labels" (m,),
"scores" (m,).
"""

from course.detection.yolo import decode_yolo

__all__ = ["decode_yolo"]
