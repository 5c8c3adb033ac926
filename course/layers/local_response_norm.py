"""Local response normalization: channels compete with their neighbours.

A. Krizhevsky, I. Sutskever and G. Hinton, "ImageNet classification with deep
convolutional neural networks", NIPS 2012, section 3.3. Here alpha multiplies
the sum of the squares, as in the paper; Caffe and torch multiply their mean,
so that their alpha is n times this one.
"""

import keras
from keras import ops

from course.arithmetic import integer
from course.windows import same_windows


@keras.saving.register_keras_serializable(package="course")
class LocalResponseNorm(keras.layers.Layer):
    """Divide each channel by what the n channels around it sum to.

    b_i = a_i / (k + alpha sum_j a_j^2)^beta, over the channels j from
    i - (n - 1)/2 to i + (n - 1)/2 that exist. The sum is taken in float32 at
    least: squares of half precision overflow from 256 on.

    Args:
        n: Channels that are summed, odd, so that a_i is in the middle.
        k: What is added to the sum, positive.
        alpha: Weight of the sum.
        beta: Exponent.
        **kwargs: Of `keras.layers.Layer`: name, dtype, trainable.

    Input shape:
        (batch, ..., c): any number of axes, channels last.

    Output shape:
        That of the input.

    Raises:
        ValueError: If n is no odd integer, or k is not positive.

    Example:
        >>> layer = LocalResponseNorm(n=3, k=1, alpha=1, beta=1)
        >>> b = layer(keras.ops.convert_to_tensor([[1.0, 1.0, 2.0]]))
        >>> [round(float(b_i), 3) for b_i in b[0]]
        [0.333, 0.143, 0.333]
    """

    def __init__(self, n=5, k=2.0, alpha=1e-4, beta=0.75, **kwargs):
        super().__init__(**kwargs)
        self.n = integer(n, "n", minimum=1)
        if self.n % 2 == 0:
            raise ValueError(
                f"n={n} channels have no middle one. Expected an odd n, such "
                f"as {n - 1} or {n + 1}."
            )
        if not k > 0:
            raise ValueError(
                f"k={k} would divide by zero where all channels are zero. "
                "Expected k > 0; the paper has k=2."
            )
        self.k = k
        self.alpha = alpha
        self.beta = beta

    def call(self, inputs):
        wide = keras.backend.result_type(inputs.dtype, "float32")
        a = ops.cast(inputs, wide)
        radius, channels = self.n // 2, a.shape[-1]
        around = [(0, 0)] * (len(a.shape) - 1) + [(radius, radius)]
        squares = ops.pad(ops.square(a), around)
        total = sum(squares[..., i : i + channels] for i in range(self.n))
        b = a * ops.power(self.k + self.alpha * total, -self.beta)
        return ops.cast(b, inputs.dtype)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def windows(self, sizes):
        """Each place by itself, see `course.receptive_field`."""
        return tuple(same_windows(size) for size in sizes)

    def get_config(self):
        return super().get_config() | {
            "n": self.n,
            "k": self.k,
            "alpha": self.alpha,
            "beta": self.beta,
        }
