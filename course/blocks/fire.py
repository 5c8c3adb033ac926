"""SqueezeNet's module: few channels in, many out."""

from typing import Any

from keras import layers

from course.blocks.conv import conv


def fire(
    x: Any,
    squeeze: int,
    expand: int | tuple[int, int],
    *,
    name: str | None = None,
) -> Any:
    """Squeeze the channels by 1x1, expand them by 1x1 beside 3x3.

    F. Iandola et al., "SqueezeNet", 2016, arXiv:1602.07360, figure 1.

    Args:
        x: Tensor (n, h, w, c).
        squeeze: Filters s1x1 of the squeezing convolution.
        expand: Filters of the two that expand: an int for both, or
            (e1x1, e3x3).
        name: Of the concatenation.

    Returns:
        Tensor (n, h, w, e1x1 + e3x3), 1x1 first.

    Example:
        >>> import keras
        >>> block = fire(x := keras.Input((55, 55, 96)), 16, 64)
        >>> keras.Model(x, block).count_params()  # fire2 of the paper's table
        11920
    """
    one, three = (expand, expand) if isinstance(expand, int) else expand
    part = f"{name}_{{}}".format if name else lambda _: None
    x = conv(x, squeeze, 1, name=part("squeeze1x1"))
    return layers.Concatenate(name=name)(
        [
            conv(x, one, 1, name=part("expand1x1")),
            conv(x, three, 3, name=part("expand3x3")),
        ]
    )
