"""Boxes with classes: what becomes of the predictions of a network.

A detection is a mapping of arrays, one for each image, as
`course.metrics.AveragePrecision` takes it: "boxes" (m, 4), "labels" (m,),
"scores" (m,).
"""

from course.detection.crops import warp
from course.detection.mask import MaskRCNN
from course.detection.mask_network import mask_rcnn
from course.detection.panoptic import VOID, panoptic_merge, paste
from course.detection.proposals import propose
from course.detection.rcnn import RCNN
from course.detection.yolo import decode_yolo

__all__ = [
    "RCNN",
    "VOID",
    "MaskRCNN",
    "decode_yolo",
    "mask_rcnn",
    "panoptic_merge",
    "paste",
    "propose",
    "warp",
]
