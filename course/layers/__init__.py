"""Layers with mathematics of their own; each is a `keras.layers.Layer`."""

from course.layers.border_padding import BorderPadding
from course.layers.crop import Crop
from course.layers.euclidean_rbf import EuclideanRBF
from course.layers.local_response_norm import LocalResponseNorm
from course.layers.max_pool_with_indices import MaxPoolWithIndices
from course.layers.max_unpool import MaxUnpool
from course.layers.roi_align import RoIAlign
from course.layers.subsampling import Subsampling
from course.layers.table_conv import TableConv
from course.layers.transposed_conv import TransposedConv

__all__ = [
    "BorderPadding",
    "Crop",
    "EuclideanRBF",
    "LocalResponseNorm",
    "MaxPoolWithIndices",
    "MaxUnpool",
    "RoIAlign",
    "Subsampling",
    "TableConv",
    "TransposedConv",
]
