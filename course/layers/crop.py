"""Cut one tensor to the size of another.

What joins tensors of several resolutions needs it: J. Long, E. Shelhamer and
T. Darrell, "Fully convolutional networks", CVPR 2015, arXiv:1411.4038, whose
offsets their Caffe networks write down; O. Ronneberger, P. Fischer and
T. Brox, "U-Net", 2015, arXiv:1505.04597, which crops around the centre.
"""

import keras
from keras import ops

from course.arithmetic import integer, per_axis
from course.layers._sizes import spatial_sizes
from course.windows import shifted_windows


@keras.saving.register_keras_serializable(package="course")
class Crop(keras.layers.Layer):
    """[x, reference] -> the part of x that is as large as the reference.

    Args:
        offset: Rows and columns of x that are left out before that part: an
            int, or one an axis. None means as many before as after.
        **kwargs: Of `keras.layers.Layer`: name, dtype, trainable.

    Input shape:
        (n, h, w, c) and (n, h', w', any); sizes may be None.

    Output shape:
        (n, h', w', c)

    Raises:
        ValueError: If the reference, after the offset, reaches beyond x, or
            an odd number of pixels should be left out around a centre.

    Example:
        >>> x = keras.ops.reshape(keras.ops.arange(16), (1, 4, 4, 1))
        >>> y = Crop()([x, keras.ops.zeros((1, 2, 2, 5))])
        >>> [int(y_i) for y_i in keras.ops.ravel(y)]
        [5, 6, 9, 10]
    """

    def __init__(self, offset=None, **kwargs):
        super().__init__(**kwargs)
        if offset is not None:
            if isinstance(offset, list):
                offset = tuple(offset)
            offset = tuple(
                integer(pixels, "offset", minimum=0)
                for pixels in per_axis(offset, 2, "offset")
            )
        self.offset = offset

    def call(self, inputs):
        x, reference = inputs
        self.compute_output_shape([x.shape, reference.shape])
        sizes = spatial_sizes(reference)
        offsets = self.offset or [
            (whole - part) // 2
            for whole, part in zip(spatial_sizes(x), sizes, strict=True)
        ]
        count, *_, channels = ops.shape(x)
        # Not x[...]: where sizes are open it would return less, silently.
        return ops.slice(x, (0, *offsets, 0), (count, *sizes, channels))

    def compute_output_shape(self, input_shape):
        if len(input_shape) != 2 or any(len(s) != 4 for s in input_shape):
            raise ValueError(
                f"{self.name} received input_shape={input_shape}. Expected "
                "[x, reference], both (n, h, w, c)."
            )
        shape, reference = map(tuple, input_shape)
        for axis in (1, 2):
            if None not in (shape[axis], reference[axis]):
                self._check(shape, reference, axis)
        return (shape[0], *reference[1:3], shape[-1])

    def windows(self, sizes, reference):
        """Where outputs look, see `course.receptive_field`."""
        pixels = [
            (size - new) // 2
            for size, new in zip(sizes, reference, strict=True)
        ]
        cut = tuple(
            shifted_windows(size, -before, before + new - size)
            for size, new, before in zip(
                sizes, reference, self.offset or pixels, strict=True
            )
        )
        return cut, None

    def get_config(self):
        return super().get_config() | {"offset": self.offset}

    def _check(self, shape, reference, axis):
        """Raise unless the part lies in x."""
        offset = 0 if self.offset is None else self.offset[axis - 1]
        left = shape[axis] - reference[axis] - offset
        which = "rows" if axis == 1 else "columns"
        case = (
            f"{self.name} received x of shape {shape} and a reference of shape "
            f"{reference}, offset={self.offset}"
        )
        if left < 0:
            raise ValueError(
                f"{case}: the {which} of the reference reach {-left} beyond x. "
                "Expected a reference inside x: exchange the two, reduce "
                "the offset, or give images whose sizes all poolings divide."
            )
        if self.offset is None and left % 2:
            raise ValueError(
                f"{case}: {left} {which} cannot be left out around a centre. "
                "Expected sizes that differ by an even number: give an offset, "
                "or images whose sizes all poolings divide."
            )
