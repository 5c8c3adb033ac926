"""Metrics of segmentation and detection that Keras lacks, or counts wrongly."""

from course.metrics.average_precision import AveragePrecision
from course.metrics.boundary import BoundaryF1
from course.metrics.confusion import (
    FrequencyWeightedIoU,
    MeanAccuracy,
    MeanIoU,
    PixelAccuracy,
)
from course.metrics.panoptic import PanopticQuality

__all__ = [
    "AveragePrecision",
    "BoundaryF1",
    "FrequencyWeightedIoU",
    "MeanAccuracy",
    "MeanIoU",
    "PanopticQuality",
    "PixelAccuracy",
]
