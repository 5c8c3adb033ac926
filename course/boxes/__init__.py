"""Rectangles: formats, overlap, suppression and the coding of R-CNN.

Boxes are arrays or tensors (..., 4) in a format that the argument names:

    "xyxy"         left, top, right, bottom
    "xywh"         left, top, width, height
    "center_xywh"  center's x, center's y, width, height

x counts columns and y rows. Pixels or parts of the image's size: that is up to
the caller, for nothing here but `clip` needs the size. A pixel is a square of
side 1, so a box that holds columns 3 to 5 has left 3 and right 6.

NumPy arrays and lists give NumPy arrays; if any argument is a tensor of Keras,
symbolic or not, the result is a tensor. Integers and half precision are
computed in float32 at least: in float16 a square of 300 pixels has no area.

R. Girshick, J. Donahue, T. Darrell and J. Malik, "Rich feature hierarchies for
accurate object detection and semantic segmentation", CVPR 2014,
arXiv:1311.2524, section 2.3 and appendix C.
"""

from course.boxes.coding import decode, encode
from course.boxes.formats import FORMATS, area, clip, convert
from course.boxes.overlap import iou
from course.boxes.suppression import nms, nms_mask

__all__ = [
    "FORMATS",
    "area",
    "clip",
    "convert",
    "decode",
    "encode",
    "iou",
    "nms",
    "nms_mask",
]
