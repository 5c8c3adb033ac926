"""Pyramid pooling: what the whole scene says, at several scales.

H. Zhao, J. Shi, X. Qi, X. Wang and J. Jia, "Pyramid scene parsing network",
CVPR 2017, arXiv:1612.01105: figure 3 (c).
"""

from collections.abc import Sequence
from typing import Any

from keras import layers

from course.blocks.conv import Norm, conv, part


def pyramid_pooling(
    x: Any,
    bins: Sequence[int] = (1, 2, 3, 6),
    *,
    norm: Norm = True,
    name: str | None = None,
) -> Any:
    """The features, and behind them their averages over ever smaller parts.

    Each average of b x b parts is convolved by 1x1 to an equal share of the
    channels and enlarged to the features' size by bilinear interpolation.

    Args:
        x: Tensor (n, h, w, c) of known sizes, at least the most bins.
        bins: Rows and columns of parts.
        norm: As in `conv`.
        name: Of the concatenation; the averages are `name_mean1` ..., their
            convolutions `name_bins1` ..., enlarged `name_up1` ...

    Returns:
        Tensor (n, h, w, 2 c) where the number of bins divides c.

    Raises:
        ValueError: Sizes are open, or less than the most bins.

    Example:
        >>> import keras
        >>> pyramid_pooling(keras.Input((60, 60, 2048))).shape
        (None, 60, 60, 4096)
    """
    _, rows, columns, channels = x.shape
    sizes = (rows, columns)
    if None in sizes or min(sizes) < max(bins):
        raise ValueError(
            f"the features have {rows} rows and {columns} columns; the "
            f"pyramid divides them into up to {max(bins)} parts. Expected "
            f"known sizes of {max(bins)} or more: give the model an "
            "input_shape without None, or a larger one."
        )
    joined = [x]
    for count in bins:
        y = _mean(count, part(name, f"mean{count}"))(x)
        y = conv(
            y,
            channels // len(bins),
            1,
            norm=norm,
            name=part(name, f"bins{count}"),
        )
        y = layers.Resizing(*sizes, name=part(name, f"up{count}"))(y)
        joined.append(y)
    return layers.Concatenate(name=name)(joined)


def _mean(count: int, name: str | None) -> layers.Layer:
    """Averages of count x count parts.

    TensorFlow refuses Keras's adaptive pooling to a single part when it
    compiles.
    """
    if count == 1:
        return layers.GlobalAveragePooling2D(keepdims=True, name=name)
    return layers.AdaptiveAveragePooling2D(count, name=name)
