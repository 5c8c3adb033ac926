"""Distances to fixed codes: the output of LeNet-5.

Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied
to document recognition", Proceedings of the IEEE, 1998, section II.B, eq. 7.
"""

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="course")
class EuclideanRBF(keras.layers.Layer):
    """Squared distance of the input to the code of each class.

    y_i = sum_j (x_j - codes[i][j])^2: a penalty, smallest for the class whose
    code the input resembles most. Codes are weights that do not train.

    Args:
        codes: One row of numbers a class.
        **kwargs: Of `keras.layers.Layer`: name, dtype, trainable.

    Input shape:
        (n, features), as many as a code has numbers.

    Output shape:
        (n, classes)

    Raises:
        ValueError: If codes are no table, or of another length than inputs.

    Example:
        >>> layer = EuclideanRBF([[1, 1], [-1, 1]])
        >>> y = layer(keras.ops.convert_to_tensor([[1.0, 0.0]]))
        >>> [float(y_i) for y_i in y[0]]
        [1.0, 5.0]
    """

    def __init__(self, codes, **kwargs):
        super().__init__(**kwargs)
        try:
            self._codes = np.array(codes, dtype="float32")
        except ValueError:
            self._codes = np.zeros(0)
        if self._codes.ndim != 2:
            raise ValueError(
                f"codes={codes} are no table. Expected one row of numbers a "
                "class, all of the same length."
            )

    def build(self, input_shape):
        if input_shape[-1] != self._codes.shape[1]:
            raise ValueError(
                f"{self.name} has codes of {self._codes.shape[1]} numbers; "
                f"received input_shape={tuple(input_shape)}. Expected "
                f"(n, {self._codes.shape[1]})."
            )
        self.codes = self.add_weight(
            name="codes",
            shape=self._codes.shape,
            initializer=lambda shape, dtype: ops.cast(self._codes, dtype),
            trainable=False,
        )

    def call(self, inputs):
        difference = ops.expand_dims(inputs, -2) - self.codes
        return ops.sum(ops.square(difference), axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], len(self._codes))

    def macs(self, input_shape):
        """One multiplication for each number of a code."""
        return self._codes.size

    def get_config(self):
        return super().get_config() | {"codes": self._codes.tolist()}
