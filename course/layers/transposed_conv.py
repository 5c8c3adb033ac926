"""Transposed convolution, as the lecture defines it and as Keras computes it.

A convolution that maps X to X' is a matrix C with vec(X') = C vec(X). The
transposed convolution maps X' to Reshape(C^T vec(X')): every input lays a
scaled copy of the kernel on the output, and copies that overlap are added.

Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", 2016,
arXiv:1603.07285, section 4.
"""

import keras
from keras import activations, initializers, ops, regularizers

from course.arithmetic import (
    conv_macs,
    integer,
    per_axis,
    transposed_conv_output_size,
    transposed_conv_window,
)
from course.layers.fastest import fastest_method
from course.layers.transposed_methods import (
    Axis,
    by_keras,
    by_matrix,
    by_scatter,
)
from course.windows import transposed_conv_windows

METHODS = ("auto", "matrix", "scatter", "keras")


@keras.saving.register_keras_serializable(package="course")
class TransposedConv(keras.layers.Layer):
    """Transposed convolution of images (n, h, w, c) or sequences (n, t, c).

    Every method gives the same values; they differ in what they show and in
    what they cost. The kernel, (k_h, k_w, filters, c), has the layout of
    `keras.layers.Conv2DTranspose`, so weights move between the two unchanged.

    Args:
        filters: Number of output channels.
        kernel_size: Taps of the kernel: an int, or one an axis.
        strides: Distance in output pixels between the copies of two
            neighbouring inputs: an int, or one an axis.
        padding: Padding p of the convolution that is transposed, thus pixels
            cropped from each side of the output: an int, or one an axis. Or
            "valid" or "same": sizes and values of `Conv2DTranspose`.
        output_padding: Rows a added after the last one, less than `strides`:
            an int, or one an axis. None means 0 for padding in pixels and
            Keras's default for the strings.
        dilation_rate: Distance in pixels between neighbouring taps: an int,
            or one an axis; together with strides too.
        use_bias: Whether each filter has a bias.
        method: "matrix" multiplies by C^T, literally, and needs static sizes;
            "scatter" is one matrix product whose copies of the kernel are
            added where they overlap; "keras" is `keras.ops.conv_transpose`;
            "auto" is the one that was measured to be fastest for this
            backend, device and shape.
        activation: Applied to the output; None for none.
        kernel_initializer, bias_initializer, kernel_regularizer: As in Keras.
        **kwargs: Of `keras.layers.Layer`: name, dtype, trainable.

    Input shape:
        (n, h, w, c) or (n, t, c); spatial sizes may be None.

    Output shape:
        (n, o_h, o_w, filters) or (n, o_t, filters); with padding in pixels,
        o = s(i - 1) + d(k - 1) + 1 - 2p + a along an axis of size i, else as
        `course.arithmetic.transposed_conv_output_size` says.

    Raises:
        ValueError: For values out of range, sequences that do not have one
            entry an axis, output padding not less than the stride, an output
            without pixels, or method "matrix" without static sizes.

    Example:
        >>> layer = TransposedConv(8, kernel_size=4, strides=2, padding=1)
        >>> layer.compute_output_shape((None, 16, 16, 3))
        (None, 32, 32, 8)
    """

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        padding=0,
        output_padding=None,
        dilation_rate=1,
        use_bias=True,
        method="auto",
        *,
        activation=None,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        kernel_regularizer=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if method not in METHODS:
            raise ValueError(
                f"method={method!r} is unknown. Expected one of "
                f"{', '.join(map(repr, METHODS))}."
            )
        self.filters = integer(filters, "filters", minimum=1)
        self.kernel_size = _tuple(kernel_size)
        self.strides = _tuple(strides)
        self.padding = _tuple(padding)
        self.output_padding = _tuple(output_padding)
        self.dilation_rate = _tuple(dilation_rate)
        self.use_bias = use_bias
        self.method = method
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        # Mistakes that no input is needed to see are reported where they are
        # made. Sequences tell the number of axes; without any, one will do.
        entries = [
            len(value)
            for value in self._settings().values()
            if isinstance(value, tuple)
        ]
        self._axes(min(max(entries, default=1), 2))

    def build(self, input_shape):
        rank = self._rank(input_shape)
        channels = input_shape[-1]
        if channels is None:
            raise ValueError(
                "the number of channels must be known; received input_shape="
                f"{tuple(input_shape)}. Expected channels last: (n, h, w, c) "
                "or (n, t, c)."
            )
        kernel_size = tuple(axis.kernel_size for axis in self._axes(rank))
        self.kernel = self.add_weight(
            name="kernel",
            shape=(*kernel_size, self.filters, channels),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.filters,),
                initializer=self.bias_initializer,
            )
        self.input_spec = keras.layers.InputSpec(
            ndim=rank + 2, axes={-1: channels}
        )

    def call(self, inputs):
        outputs = self._transposed_conv(inputs)
        if self.bias is not None:
            outputs = ops.add(outputs, self.bias)
        return self.activation(outputs)

    def compute_output_shape(self, input_shape):
        settings = self._settings_of_axes(self._rank(input_shape))
        sizes = input_shape[1:-1]
        if self.method == "matrix" and None in sizes:
            raise ValueError(
                "method='matrix' needs static sizes; received input_shape="
                f"{tuple(input_shape)}. Give the sizes, or use "
                "method='scatter'."
            )
        outputs = (
            None if size is None else transposed_conv_output_size(size, *axis)
            for size, axis in zip(sizes, settings, strict=True)
        )
        return (input_shape[0], *outputs, self.filters)

    def macs(self, input_shape):
        """Each input pixel is multiplied by the whole kernel."""
        *sizes, channels = input_shape[1:]
        kernel_size = tuple(self.kernel.shape)[:-2]
        return conv_macs(sizes, kernel_size, channels, self.filters)

    def windows(self, sizes):
        """Where outputs look, see `course.receptive_field`."""
        settings = self._settings_of_axes(len(sizes))
        return tuple(
            transposed_conv_windows(size, *axis)
            for size, axis in zip(sizes, settings, strict=True)
        )

    def get_config(self):
        return super().get_config() | {
            "filters": self.filters,
            **self._settings(),
            "use_bias": self.use_bias,
            "method": self.method,
            "activation": activations.serialize(self.activation),
            "kernel_initializer": initializers.serialize(
                self.kernel_initializer
            ),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(
                self.kernel_regularizer
            ),
        }

    def _transposed_conv(self, inputs):
        """The linear map, by the chosen method."""
        self.compute_output_shape(inputs.shape)  # reports an empty output
        axes = self._axes(len(inputs.shape) - 2)
        method = self.method
        if method == "auto":
            method = fastest_method(inputs.shape, self.filters, axes)
        if method == "matrix":
            return by_matrix(inputs, self.kernel, axes)
        if method == "scatter":
            return by_scatter(inputs, self.kernel, axes)
        # Keras's own "same"; everything else is cropped from its "valid".
        is_same = str(self.padding).lower() == "same"
        native = is_same and self.output_padding is None
        return by_keras(
            inputs, self.kernel, axes, "same" if native else "valid"
        )

    def _settings(self):
        """The arguments that may have one entry an axis."""
        return {
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "output_padding": self.output_padding,
            "dilation_rate": self.dilation_rate,
        }

    def _settings_of_axes(self, rank):
        """One tuple an axis, in the order of `_settings`."""
        columns = [
            per_axis(value, rank, name)
            for name, value in self._settings().items()
        ]
        return list(zip(*columns, strict=True))

    def _axes(self, rank) -> list[Axis]:
        return [
            Axis(
                kernel_size,
                stride,
                dilation,
                *transposed_conv_window(
                    kernel_size, stride, padding, output_padding, dilation
                ),
            )
            for kernel_size, stride, padding, output_padding, dilation in (
                self._settings_of_axes(rank)
            )
        ]

    def _rank(self, input_shape):
        """Number of spatial axes of an input."""
        rank = len(input_shape) - 2
        if rank not in (1, 2):
            raise ValueError(
                f"{self.name} expects (n, h, w, c) or (n, t, c); received "
                f"input_shape={tuple(input_shape)}."
            )
        return rank


def _tuple(value):
    """A list as a tuple: a configuration read from JSON has lists."""
    return tuple(value) if isinstance(value, list) else value
