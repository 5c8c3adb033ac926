"""What a convolution finds beyond the border of an image: four extensions.

They are those of NumPy's `pad`: "constant", "edge", "symmetric", "reflect"
and "wrap". R. Gonzalez and R. Woods, "Digital image processing", section 3.4,
has them for filters.
"""

import keras
import numpy as np
from keras import ops

from course.arithmetic import axis_padding, per_axis
from course.windows import shifted_windows

MODES = ("zero", "border", "symmetric", "reflect", "cyclic")


@keras.saving.register_keras_serializable(package="course")
class BorderPadding(keras.layers.Layer):
    """Extend images (n, h, w, c) or sequences (n, t, c) beyond their border.

    The row a b c, extended by two pixels a side:

        "zero"       0 0 a b c 0 0
        "border"     a a a b c c c
        "symmetric"  b a a b c c b    mirror that repeats the border
        "reflect"    c b a b c b a    mirror in the border pixel
        "cyclic"     b c a b c a b

    More pixels than the image has are mirrored or repeated again.

    Args:
        padding: Pixels: an int for each side, or one entry an axis, which
            is an int or (before, after).
        mode: "zero", "border", "symmetric", "reflect" or "cyclic".
        **kwargs: Of `keras.layers.Layer`: name, dtype, trainable.

    Input shape:
        (n, h, w, c) or (n, t, c); spatial sizes may be None.

    Output shape:
        (n, h + before + after, w + before + after, c), likewise (n, t, c).

    Raises:
        ValueError: For an unknown mode, or padding that is negative or does
            not have one entry an axis.

    Example:
        >>> layer = BorderPadding(2, mode="reflect")
        >>> row = keras.ops.reshape([1.0, 2.0, 3.0], (1, 3, 1))
        >>> [int(x) for x in keras.ops.ravel(layer(row))]
        [3, 2, 1, 2, 3, 2, 1]
    """

    def __init__(self, padding=1, mode="zero", **kwargs):
        super().__init__(**kwargs)
        if mode not in MODES:
            raise ValueError(
                f"mode={mode!r} is unknown. Expected one of "
                f"{', '.join(map(repr, MODES))}."
            )
        self.padding = _tuple(padding)
        self.mode = mode
        entries = self.padding
        for entry in entries if isinstance(entries, tuple) else [entries]:
            axis_padding(_pixels(entry))

    def call(self, inputs):
        axes = self._axes(inputs.shape)
        if self.mode == "zero":
            return ops.pad(inputs, [(0, 0), *axes, (0, 0)])
        outputs = inputs
        for axis, (before, after) in enumerate(axes, start=1):
            size = inputs.shape[axis]
            if size is None:
                size = ops.shape(inputs)[axis]
            pixels = _sources(size, before, after, self.mode)
            outputs = ops.take(outputs, pixels, axis=axis)
        return outputs

    def compute_output_shape(self, input_shape):
        axes = self._axes(input_shape)
        sizes = (
            None if size is None else before + size + after
            for size, (before, after) in zip(
                input_shape[1:-1], axes, strict=True
            )
        )
        return (input_shape[0], *sizes, input_shape[-1])

    def windows(self, sizes):
        """Where outputs look; copies of pixels count as padding, as zeros."""
        axes = self._axes((None, *sizes, None))
        return tuple(
            shifted_windows(size, before, after)
            for size, (before, after) in zip(sizes, axes, strict=True)
        )

    def get_config(self):
        return super().get_config() | {
            "padding": self.padding,
            "mode": self.mode,
        }

    def _axes(self, input_shape):
        """(before, after) an axis."""
        rank = len(input_shape) - 2
        if rank not in (1, 2):
            raise ValueError(
                f"{self.name} expects (n, h, w, c) or (n, t, c); received "
                f"input_shape={tuple(input_shape)}."
            )
        entries = per_axis(self.padding, rank, "padding")
        return [axis_padding(entry) for entry in entries]


def _sources(size, before, after, mode):
    """Which pixel stands at each place of the extended axis."""
    if isinstance(size, int):
        places = np.arange(-before, size + after)
        minimum, maximum = np.minimum, np.maximum
    else:
        places = ops.arange(-before, size + after, dtype="int32")
        minimum, maximum = ops.minimum, ops.maximum
    if mode == "border":
        return maximum(0, minimum(places, size - 1))
    if mode == "cyclic":
        return places % size
    if mode == "symmetric":  # a b c c b a, again and again
        places = places % (2 * size)
        return minimum(places, 2 * size - 1 - places)
    period = maximum(2 * size - 2, 1)  # a b c b, again and again
    places = places % period
    return minimum(places, period - places)


def _pixels(entry):
    """An entry that is no word: "same" and "valid" mean nothing here."""
    if isinstance(entry, str):
        raise ValueError(
            f"padding={entry!r} is a word. Expected pixels: an int, or one "
            "int or (before, after) an axis."
        )
    return entry


def _tuple(value):
    """Lists as tuples: a configuration read from JSON has lists."""
    if isinstance(value, list | tuple):
        return tuple(_tuple(entry) for entry in value)
    return value
