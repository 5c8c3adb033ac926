"""A small network that slides over the image, in the place of a filter."""

from collections.abc import Sequence
from typing import Any

from course.blocks.conv import conv


def mlpconv(
    x: Any,
    filters: Sequence[int],
    kernel_size: int,
    strides: int = 1,
    padding: str = "same",
    *,
    names: Sequence[str | None] = (),
) -> Any:
    """A convolution, then 1x1 convolutions: a perceptron of several layers.

    M. Lin, Q. Chen and S. Yan, "Network in network", 2013, arXiv:1312.4400,
    section 3.1.

    Args:
        x: Tensor (n, h, w, c).
        filters: Output channels of the convolution and of each 1x1 one.
        kernel_size, strides, padding: Of the first.
        names: Of the tensor that each makes; none means no names.

    Returns:
        Tensor (n, h', w', filters[-1]).

    Example:
        >>> import keras
        >>> mlpconv(keras.Input((32, 32, 3)), (192, 160, 96), 5).shape
        (None, 32, 32, 96)
    """
    names = names or (None,) * len(filters)
    x = conv(x, filters[0], kernel_size, strides, padding, name=names[0])
    for count, name in zip(filters[1:], names[1:], strict=True):
        x = conv(x, count, 1, name=name)
    return x
