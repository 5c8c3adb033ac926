"""Metrics of segmentation and detection that Keras lacks, or counts wrongly."""

from course.metrics.boundary import BoundaryF1
from course.metrics.confusion import (
    FrequencyWeightedIoU,
    MeanAccuracy,
    MeanIoU,
    PixelAccuracy,
)

__all__ = [
    "BoundaryF1",
    "FrequencyWeightedIoU",
    "MeanAccuracy",
    "MeanIoU",
    "PixelAccuracy",
]
