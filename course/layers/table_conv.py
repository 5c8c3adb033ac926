"""A convolution whose filters each see some of the channels, as a table says.

Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied
to document recognition", Proceedings of the IEEE, 1998, table I. Torch 7 called
it a spatial convolution map.
"""

import keras
import numpy as np
from keras import activations, initializers, ops

from course.arithmetic import conv_macs, conv_output_size, integer
from course.windows import conv_windows


@keras.saving.register_keras_serializable(package="course")
class TableConv(keras.layers.Layer):
    """Convolution of (n, h, w, c) with one filter an entry of a table.

    Only connections that the table names have weights. No padding, stride 1.

    Args:
        table: For each filter, the channels that it sees.
        kernel_size: Height and width of each filter.
        activation: Applied to the output; None for none.
        kernel_initializer: As in Keras; called for (kh, kw, connections).
        **kwargs: Of `keras.layers.Layer`: name, dtype, trainable.

    Input shape:
        (n, h, w, c)

    Output shape:
        (n, h - kernel_size + 1, w - kernel_size + 1, len(table))

    Raises:
        ValueError: If the table is empty, or a filter in it sees no channel,
            one that the input lacks, or one twice.

    Example:
        >>> layer = TableConv([(0, 1), (1, 2), (0, 1, 2)], kernel_size=5)
        >>> layer.build((None, 14, 14, 3))
        >>> layer.count_params()  # 7 connections of 25 weights, 3 biases
        178
    """

    def __init__(
        self,
        table,
        kernel_size,
        activation=None,
        *,
        kernel_initializer="glorot_uniform",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.table = tuple(tuple(channels) for channels in table)
        self.kernel_size = integer(kernel_size, "kernel_size", minimum=1)
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        repeats = any(len({*row}) < max(len(row), 1) for row in self.table)
        if not self.table or repeats:
            raise ValueError(
                f"table={table} has a filter that sees no channel, or one "
                "twice. Expected for each filter a tuple of different "
                "channels, such as (0, 1, 2)."
            )

    def build(self, input_shape):
        channels = input_shape[-1]
        named = {channel for row in self.table for channel in row}
        if not named <= {*range(channels)}:
            raise ValueError(
                f"the table of {self.name} names the channels "
                f"{sorted(named)}; the input has {channels}: "
                f"input_shape={tuple(input_shape)}. Expected channels from 0 "
                f"to {channels - 1}."
            )
        connections = [
            channel * len(self.table) + filter_
            for filter_, row in enumerate(self.table)
            for channel in row
        ]
        # Row i puts connection i where it stands in the whole kernel.
        self._placement = np.eye(channels * len(self.table))[connections]
        size = (self.kernel_size, self.kernel_size)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(*size, len(connections)),
            initializer=self.kernel_initializer,
        )
        self.bias = self.add_weight(
            name="bias", shape=(len(self.table),), initializer="zeros"
        )

    def call(self, inputs):
        placement = ops.cast(self._placement, self.kernel.dtype)
        whole = ops.reshape(
            ops.matmul(self.kernel, placement),
            (*self.kernel.shape[:2], inputs.shape[-1], len(self.table)),
        )
        whole = ops.cast(whole, self.compute_dtype)
        outputs = ops.conv(inputs, whole, 1, "valid")
        return self.activation(outputs + self.bias)

    def compute_output_shape(self, input_shape):
        sizes = (
            None if size is None else conv_output_size(size, self.kernel_size)
            for size in input_shape[1:-1]
        )
        return (input_shape[0], *sizes, len(self.table))

    def macs(self, input_shape):
        """Each connection is a convolution of one channel."""
        sizes = self.compute_output_shape(input_shape)[1:-1]
        *taps, connections = self.kernel.shape
        return conv_macs(sizes, taps, 1, connections)

    def windows(self, sizes):
        """Where outputs look, see `course.receptive_field`."""
        return tuple(conv_windows(size, self.kernel_size) for size in sizes)

    def get_config(self):
        return super().get_config() | {
            "table": self.table,
            "kernel_size": self.kernel_size,
            "activation": activations.serialize(self.activation),
            "kernel_initializer": initializers.serialize(
                self.kernel_initializer
            ),
        }
