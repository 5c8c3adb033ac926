"""The way back from max pooling: values to where the maxima were.

V. Badrinarayanan, A. Kendall and R. Cipolla, "SegNet", 2015, arXiv:1511.00561,
figure 3; H. Noh, S. Hong and B. Han, "Learning deconvolution network for
semantic segmentation", ICCV 2015, arXiv:1505.04366, figure 3.
"""

import keras
from keras import ops

from course.arithmetic import integer, per_axis
from course.layers._sizes import spatial_sizes
from course.windows import repeated_windows


@keras.saving.register_keras_serializable(package="course")
class MaxUnpool(keras.layers.Layer):
    """Put values at places of a larger image that is zero elsewhere.

    Takes what `MaxPoolWithIndices` made, [values, places], or other values
    with these places. How large the image was is said by `output_size`, or by
    a third tensor, [values, places, reference], of which nothing but the size
    is used: the input of the pooling. Values that meet at one place, where
    windows overlapped, are added: unpooling is the transpose of picking the
    maxima.

    Args:
        output_size: (rows, columns) of the output; None means that of the
            reference.
        **kwargs: Of `keras.layers.Layer`: name, dtype, trainable.

    Input shape:
        Twice (n, h, w, c), and (n, h', w', any) for the reference.

    Output shape:
        (n, h', w', c)

    Raises:
        ValueError: If there is neither reference nor `output_size`, or both;
            values and places differ in shape; or the output would be smaller
            than the values.

    Example:
        >>> from course.layers import MaxPoolWithIndices
        >>> x = keras.ops.reshape([1.0, 3.0, 2.0, 0.0], (1, 2, 2, 1))
        >>> values, places = MaxPoolWithIndices(2)(x)
        >>> y = MaxUnpool()([values, places, x])
        >>> [int(y_i) for y_i in keras.ops.ravel(y)]
        [0, 3, 0, 0]
    """

    def __init__(self, output_size=None, **kwargs):
        super().__init__(**kwargs)
        if output_size is not None:
            if isinstance(output_size, list):
                output_size = tuple(output_size)
            output_size = tuple(
                integer(size, "output_size", minimum=1)
                for size in per_axis(output_size, 2, "output_size")
            )
        self.output_size = output_size

    def call(self, inputs):
        self.compute_output_shape([tensor.shape for tensor in inputs])
        values, places, *reference = inputs
        height, width = self.output_size or spatial_sizes(reference[0])
        count, *_, channels = ops.shape(values)
        spread = (count, -1, channels)
        places = ops.reshape(ops.cast(places, "int32"), spread)
        grid = ops.zeros_like(places)
        image = ops.arange(count, dtype="int32")[:, None, None] + grid
        channel = ops.arange(channels, dtype="int32") + grid
        outputs = ops.scatter(
            ops.reshape(ops.stack([image, places, channel], axis=-1), (-1, 3)),
            ops.reshape(values, (-1,)),
            (count, height * width, channels),
        )
        return ops.reshape(outputs, (count, height, width, channels))

    def compute_output_shape(self, input_shape):
        values, *others = (tuple(shape) for shape in input_shape)
        known = self.output_size is not None
        if len(others) != (1 if known else 2):
            raise ValueError(
                f"{self.name} received {1 + len(others)} tensors and "
                f"output_size={self.output_size}. Expected [values, places] "
                "and an output_size, or [values, places, reference] without."
            )
        if len(values) != 4 or _differ(values, others[0]):
            raise ValueError(
                f"{self.name} received values of shape {values} and places of "
                f"shape {others[0]}. Expected the same shape (n, h, w, c) "
                "twice: one place for each value."
            )
        sizes = self.output_size if known else others[1][1:3]
        if any(_less(*pair) for pair in zip(sizes, values[1:3], strict=True)):
            raise ValueError(
                f"{self.name} would make {tuple(sizes)} rows and columns out "
                f"of {values[1:3]}. Expected an output at least as large as "
                "the values: the size that the pooled image had."
            )
        return (values[0], *sizes, values[-1])

    def compute_output_spec(self, inputs):
        """Values decide; the layer's other inputs may be integers."""
        shape = self.compute_output_shape([x.shape for x in inputs])
        return keras.KerasTensor(shape, self.compute_dtype)

    def windows(self, values, places, reference=None):
        """Where outputs look, see `course.receptive_field`.

        At the value whose window they were in, if windows did not overlap.
        """
        sizes = self.output_size or reference
        look = tuple(
            repeated_windows(round(size / count), size)
            for size, count in zip(sizes, values, strict=True)
        )
        return (look, look) if reference is None else (look, look, None)

    def get_config(self):
        return super().get_config() | {"output_size": self.output_size}


def _less(size, other):
    return None not in (size, other) and size < other


def _differ(shape, other):
    """Whether two shapes cannot be the same; None may be any size."""
    return len(shape) != len(other) or any(
        None not in pair and pair[0] != pair[1]
        for pair in zip(shape, other, strict=True)
    )
