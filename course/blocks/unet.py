"""U-Net's two kinds of step: one down the U, one up with what is beside it.

O. Ronneberger, P. Fischer and T. Brox, "U-Net: convolutional networks for
biomedical image segmentation", MICCAI 2015, arXiv:1505.04597, figure 1.
"""

from typing import Any

from keras import layers

from course.blocks.conv import Norm, conv
from course.layers import Crop, TransposedConv


def contraction(
    x: Any,
    filters: int,
    padding: str = "valid",
    *,
    norm: Norm = False,
    dropout: float = 0.0,
    name: str | None = None,
) -> tuple[Any, Any]:
    """Two 3x3 convolutions, then their maxima over 2x2 pixels.

    Args:
        x: Tensor (n, h, w, c).
        filters: Of each convolution.
        padding: Of the convolutions: "valid", as in the paper, or "same".
        norm: As in `conv`.
        dropout: Share of the convolutions' output that training leaves out.
        name: Of the convolutions' output; the pooled is `name_pool`.

    Returns:
        (pooled, skip): (n, ceil(h' / 2), ceil(w' / 2), filters) and
        (n, h', w', filters); "valid" has h' = h - 4, "same" h' = h.

    Example:
        >>> import keras
        >>> pooled, skip = contraction(keras.Input((572, 572, 1)), 64)
        >>> pooled.shape, skip.shape
        ((None, 284, 284, 64), (None, 568, 568, 64))
    """
    skip = pair(x, filters, padding, norm=norm, dropout=dropout, name=name)
    # The last pixel of an odd size has a window too, so none is lost.
    pool = layers.MaxPooling2D(2, padding="same", name=_part(name, "pool"))
    return pool(skip), skip


def expansion(
    x: Any,
    skip: Any,
    filters: int,
    padding: str = "valid",
    *,
    norm: Norm = False,
    name: str | None = None,
) -> Any:
    """Twice the size by an up-convolution, joined to a skip, then convolved.

    "valid" crops the skip around its centre to the size of the upsampled, as
    in the paper. "same" crops the upsampled, which is a pixel larger where the
    skip has an odd size, to that of the skip.

    Args:
        x: Tensor (n, h, w, c).
        skip: Tensor (n, h', w', c') of the contraction at that level.
        filters: Of the up-convolution and both convolutions.
        padding, norm: As in `contraction`.
        name: Of the output; layers before are `name_up`, `name_crop`,
            `name_concat` (skip first), `name_1`.

    Returns:
        Tensor (n, 2 h - 4, 2 w - 4, filters), or (n, h', w', filters).

    Example:
        >>> import keras
        >>> x, skip = keras.Input((28, 28, 1024)), keras.Input((64, 64, 512))
        >>> expansion(x, skip, 512).shape
        (None, 52, 52, 512)
    """
    x = TransposedConv(filters, 2, 2, name=_part(name, "up"))(x)
    crop = _part(name, "crop")
    if padding == "valid":
        skip = Crop(name=crop)([skip, x])
    else:
        x = Crop(0, name=crop)([x, skip])
    x = layers.Concatenate(name=_part(name, "concat"))([skip, x])
    return pair(x, filters, padding, norm=norm, name=name)


def pair(
    x: Any,
    filters: int,
    padding: str = "valid",
    *,
    norm: Norm = False,
    dropout: float = 0.0,
    name: str | None = None,
) -> Any:
    """Two 3x3 convolutions, and dropout after them if wanted.

    (n, h, w, c) -> (n, h - 4, w - 4, filters), or (n, h, w, filters) for
    padding "same". The last layer bears the name.
    """
    settings = {"padding": padding, "norm": norm}
    x = conv(x, filters, 3, **settings, name=_part(name, "1"))
    if not dropout:
        return conv(x, filters, 3, **settings, name=name)
    x = conv(x, filters, 3, **settings, name=_part(name, "2"))
    return layers.Dropout(dropout, name=name)(x)


def _part(name: str | None, part: str) -> str | None:
    return name and f"{name}_{part}"
