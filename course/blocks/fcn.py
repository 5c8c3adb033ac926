"""FCN's way back to full resolution: score, upsample, crop, fuse.

J. Long, E. Shelhamer and T. Darrell, "Fully convolutional networks for
semantic segmentation", CVPR 2015, arXiv:1411.4038, section 4.2 and figure 3.
"""

from typing import Any

from keras import layers

from course.initializers import Bilinear
from course.layers import Crop, TransposedConv


def fcn_head(
    x: Any,
    skip: Any,
    offset: int | None = None,
    *,
    names: tuple[str, str, str] = (None, None, None),
) -> Any:
    """Scores, upsampled by 2, plus the scores of a finer layer.

    Args:
        x: Scores (n, h, w, classes).
        skip: Features (n, h', w', c) of twice the resolution.
        offset: Rows and columns of the finer scores that are left out before
            the first of the upsampled, which they are then cropped to: the
            paper's 5 and 9. None where both begin at the same pixel and the
            upsampled scores are cropped to the finer ones.
        names: Of the upsampled scores, the finer scores, and their sum.

    Returns:
        Tensor (n, 2 h + 2, 2 w + 2, classes), or (n, h', w', classes) for
        None.

    Example:
        >>> import keras
        >>> x = keras.Input((16, 16, 21))
        >>> pool4 = keras.Input((44, 44, 512))
        >>> fcn_head(x, pool4, offset=5).shape  # FCN-16s on 500 pixels
        (None, 34, 34, 21)
    """
    up, score, fuse = names
    x = upscore(x, 2, valid=offset is not None, name=up)
    skip = scores(skip, x.shape[-1], name=score)
    crop = f"{score}_crop" if score else None
    if offset is None:
        x = Crop(0, name=crop)([x, skip])
    else:
        skip = Crop(offset, name=crop)([skip, x])
    return layers.Add(name=fuse)([x, skip])


def scores(x: Any, classes: int, *, name: str | None = None) -> Any:
    """One score a class at each pixel, (n, h, w, c) -> (n, h, w, classes).

    A 1x1 convolution that begins with zeros, as in the paper: a new skip
    changes nothing until it has learned.
    """
    return layers.Conv2D(classes, 1, kernel_initializer="zeros", name=name)(x)


def upscore(
    x: Any,
    strides: int,
    *,
    valid: bool = False,
    trainable: bool = True,
    name: str | None = None,
) -> Any:
    """Each channel by itself, enlarged by a transposed convolution.

    It begins as bilinear interpolation, with a kernel of 2 s - s mod 2 taps.

    Args:
        x: Tensor (n, h, w, c).
        strides: Factor s.
        valid: Whether pixels are kept that the interpolation has no full
            neighbourhood for: s (h - 1) + 2 s - s mod 2 rows instead of s h.
        trainable: Whether it goes on to learn.
        name: Of the layer.

    Returns:
        Tensor (n, s h, s w, c), or larger if `valid`.

    Example:
        >>> import keras
        >>> x = keras.Input((16, 16, 21))
        >>> upscore(x, 32).shape, upscore(x, 32, valid=True).shape
        ((None, 512, 512, 21), (None, 544, 544, 21))
    """
    return TransposedConv(
        x.shape[-1],
        2 * strides - strides % 2,
        strides,
        padding=0 if valid else strides // 2,
        use_bias=False,
        kernel_initializer=Bilinear(strides),
        trainable=trainable,
        name=name,
    )(x)
