"""Max pooling that remembers where each maximum was.

V. Badrinarayanan, A. Kendall and R. Cipolla, "SegNet", 2015, arXiv:1511.00561,
section 3; H. Noh, S. Hong and B. Han, "Learning deconvolution network for
semantic segmentation", ICCV 2015, arXiv:1505.04366, section 3.2, which calls
the places switch variables. M. Zeiler and R. Fergus had them first.
"""

import itertools
from typing import Any, NamedTuple

import keras
from keras import ops

from course.arithmetic import (
    integer,
    per_axis,
    pool_output_size,
)
from course.layers._sizes import spatial_sizes
from course.windows import conv_windows


@keras.saving.register_keras_serializable(package="course")
class MaxPoolWithIndices(keras.layers.Layer):
    """The largest value of each window, and its place in the image.

    Values equal those of `keras.layers.MaxPooling2D`. A place is one integer,
    row * w + column, counted from 0 in the input of this layer, in each image
    and channel by itself: what `MaxUnpool` needs to put values back. Of equal
    maxima the first counts, row by row, and it alone has a gradient. A place is
    never in the padding.

    Args:
        pool_size: Rows and columns of a window: an int, or one an axis.
        strides: Pixels between windows: an int, or one an axis; None means
            `pool_size`.
        padding: "valid": windows lie in the image; "same": there are
            ceil(size / stride) of them, and some stick out of it.
        **kwargs: Of `keras.layers.Layer`: name, dtype, trainable.

    Input shape:
        (n, h, w, c); h and w may be None.

    Output shape:
        Twice (n, h', w', c): values, and places as int32.

    Raises:
        ValueError: For sizes that are no positive integers, unknown padding,
            or a window larger than the image.

    Example:
        >>> x = keras.ops.reshape([1.0, 3.0, 2.0, 0.0], (1, 2, 2, 1))
        >>> values, places = MaxPoolWithIndices(2)(x)
        >>> float(values[0, 0, 0, 0]), int(places[0, 0, 0, 0])
        (3.0, 1)
    """

    def __init__(self, pool_size=2, strides=None, padding="valid", **kwargs):
        super().__init__(**kwargs)
        strides = pool_size if strides is None else strides
        self.pool_size = _pair(pool_size, "pool_size")
        self.strides = _pair(strides, "strides")
        if padding not in ("valid", "same"):
            raise ValueError(
                f"padding={padding!r} is unknown. Expected 'valid' or 'same'."
            )
        self.padding = padding

    def call(self, inputs):
        self.compute_output_shape(inputs.shape)  # reports too small an image
        width = spatial_sizes(inputs)[1]
        x, rows, columns = self._padded(inputs)
        top = rows.first_pixels()[:, None, None]
        left = columns.first_pixels()[:, None]
        # Of a window that holds nothing but minus infinity no tap is larger.
        inside = ops.maximum(top, 0) * width + ops.maximum(left, 0)
        values = x[:, rows.every(0), columns.every(0)]
        places = ops.broadcast_to(inside, ops.shape(values))
        for i, j in itertools.product(*map(range, self.pool_size)):
            tap = x[:, rows.every(i), columns.every(j)]
            larger = tap > values
            place = (top + i) * width + left + j
            values = ops.where(larger, tap, values)
            places = ops.where(larger, place, places)
        return values, places

    def compute_output_shape(self, input_shape):
        if len(input_shape) != 4:
            raise ValueError(
                f"{self.name} expects images (n, h, w, c); received "
                f"input_shape={tuple(input_shape)}."
            )
        sizes = (
            None
            if size is None
            else pool_output_size(size, pool_size, stride, self.padding)
            for size, pool_size, stride in zip(
                input_shape[1:-1], self.pool_size, self.strides, strict=True
            )
        )
        shape = (input_shape[0], *sizes, input_shape[-1])
        return shape, shape

    def compute_output_spec(self, inputs):
        """Places are integers, whatever the layer computes in."""
        shape, _ = self.compute_output_shape(inputs.shape)
        return (
            keras.KerasTensor(shape, self.compute_dtype),
            keras.KerasTensor(shape, "int32"),
        )

    def windows(self, sizes):
        """Where outputs look, see `course.receptive_field`."""
        return tuple(
            conv_windows(*axis, self.padding)
            for axis in zip(sizes, self.pool_size, self.strides, strict=True)
        )

    def get_config(self):
        return super().get_config() | {
            "pool_size": self.pool_size,
            "strides": self.strides,
            "padding": self.padding,
        }

    def _padded(self, inputs):
        """The input with what windows stick out to, and its two axes."""
        axes = [
            _windows(*axis, self.padding)
            for axis in zip(
                spatial_sizes(inputs),
                self.pool_size,
                self.strides,
                strict=True,
            )
        ]
        if self.padding == "valid":
            return inputs, *axes
        around = [(0, 0), *((a.before, a.after) for a in axes), (0, 0)]
        lowest = float("-inf")
        return ops.pad(inputs, around, constant_values=lowest), *axes


class _Axis(NamedTuple):
    """How windows lie along an axis; numbers may be tensors."""

    count: Any
    stride: int
    before: Any
    after: Any

    def first_pixels(self):
        """Where each window begins; negative in the padding."""
        return ops.arange(self.count, dtype="int32") * self.stride - self.before

    def every(self, tap):
        """One pixel a window of the padded axis."""
        end = tap + self.stride * (self.count - 1) + 1
        return slice(tap, end, self.stride)


def _windows(size, pool_size, stride, padding):
    """`same_padding` of course.arithmetic, but the size may be a tensor."""
    if padding == "valid":
        return _Axis((size - pool_size) // stride + 1, stride, 0, 0)
    count = -(-size // stride)
    total = (count - 1) * stride + pool_size - size
    known = isinstance(size, int)
    total = max(total, 0) if known else ops.maximum(total, 0)
    return _Axis(count, stride, total // 2, total - total // 2)


def _pair(value, name):
    value = tuple(value) if isinstance(value, list) else value
    return tuple(integer(v, name, minimum=1) for v in per_axis(value, 2, name))
