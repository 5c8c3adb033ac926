"""Enlarging what strided convolutions have made, back onto their grid."""

from typing import Any

from keras import layers

from course.arithmetic import integer
from course.blocks.conv import part
from course.layers import Crop


def enlarge(
    x: Any, reference: Any, factor: int, *, name: str | None = None
) -> Any:
    """Bilinear interpolation between the pixels 0, s, 2 s, ... of a finer grid.

    A convolution with stride s and as many zeros on either side looks at these
    pixels, so each value returns to where it came from, and those between are
    on the line from one to the next; behind the last it is repeated. On
    s k + 1 pixels that is what others call aligned corners.

    Args:
        x: Tensor (n, h, w, c).
        reference: Tensor (n, h', w', any), h' at most s h, likewise w'.
        factor: Pixels s from one to the next: 1, or a power of 2.
        name: Of the output.

    Returns:
        Tensor (n, h', w', c).

    Raises:
        ValueError: The factor is no power of 2.

    Example:
        >>> import numpy as np
        >>> x = np.array([0.0, 4.0, 8.0]).reshape(1, 1, 3, 1)
        >>> y = enlarge(x, np.zeros((1, 1, 9, 1)), 4)
        >>> [float(y_i) for y_i in np.ravel(y)]
        [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    """
    s = integer(factor, "factor", minimum=1)
    if s & (s - 1):
        raise ValueError(
            f"factor={factor} is no power of 2, and each step enlarges by 2. "
            "Expected 1, 2, 4, 8, ..."
        )
    for i in range(1, s.bit_length()):
        # Each pixel twice; then the mean of every two that follow each other.
        x = layers.UpSampling2D(2, name=part(name, f"repeat{i}"))(x)
        x = layers.AveragePooling2D(
            2, 1, padding="same", name=part(name, f"mean{i}")
        )(x)
    return Crop(0, name=name)([x, reference])
