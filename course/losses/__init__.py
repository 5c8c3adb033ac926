"""Losses that Keras lacks, or has without what images need."""

from course.losses.borders import border_weights
from course.losses.lovasz import LovaszSoftmax
from course.losses.pixels import PixelCrossentropy, PixelFocal
from course.losses.regions import Dice, GeneralizedDice, Tversky
from course.losses.yolo import YoloV1, yolo_targets

__all__ = [
    "Dice",
    "GeneralizedDice",
    "LovaszSoftmax",
    "PixelCrossentropy",
    "PixelFocal",
    "Tversky",
    "YoloV1",
    "border_weights",
    "yolo_targets",
]
