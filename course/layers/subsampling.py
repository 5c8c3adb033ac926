"""Subsampling that learns: what LeNet had before there was pooling.

Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied
to document recognition", Proceedings of the IEEE, 1998, section II.B.
"""

import math

import keras
from keras import activations, ops

from course.arithmetic import integer, pool_output_size
from course.windows import conv_windows


@keras.saving.register_keras_serializable(package="course")
class Subsampling(keras.layers.Layer):
    """Sum the pixels of each window, times a coefficient, plus a bias.

    Windows tile the image; each channel has one coefficient and one bias. The
    layer begins as average pooling. A row or column that fills no window is
    left out.

    Args:
        pool_size: Height and width of a window in pixels.
        activation: Applied to the output; None for none.
        **kwargs: Of `keras.layers.Layer`: name, dtype, trainable.

    Input shape:
        (n, h, w, c)

    Output shape:
        (n, h // pool_size, w // pool_size, c)

    Raises:
        ValueError: If `pool_size` is no positive integer, or larger than the
            image.

    Example:
        >>> layer = Subsampling(2)
        >>> float(keras.ops.sum(layer(keras.ops.ones((1, 2, 2, 1)))))
        1.0
    """

    def __init__(self, pool_size=2, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.pool_size = integer(pool_size, "pool_size", minimum=1)
        self.activation = activations.get(activation)

    def build(self, input_shape):
        channels = (input_shape[-1],)
        average = keras.initializers.Constant(1 / self.pool_size**2)
        self.coefficient = self.add_weight(
            name="coefficient", shape=channels, initializer=average
        )
        self.bias = self.add_weight(
            name="bias", shape=channels, initializer="zeros"
        )

    def call(self, inputs):
        mean = ops.average_pool(inputs, self.pool_size, self.pool_size)
        total = mean * self.pool_size**2
        return self.activation(total * self.coefficient + self.bias)

    def compute_output_shape(self, input_shape):
        sizes = (
            None if size is None else pool_output_size(size, self.pool_size)
            for size in input_shape[1:-1]
        )
        return (input_shape[0], *sizes, input_shape[-1])

    def macs(self, input_shape):
        """One multiplication for each output, by the coefficient."""
        return math.prod(self.compute_output_shape(input_shape)[1:])

    def windows(self, sizes):
        """Where outputs look, see `course.receptive_field`."""
        return tuple(
            conv_windows(size, self.pool_size, self.pool_size) for size in sizes
        )

    def get_config(self):
        return super().get_config() | {
            "pool_size": self.pool_size,
            "activation": activations.serialize(self.activation),
        }
