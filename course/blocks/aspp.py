"""Atrous spatial pyramid pooling, and the decoder that follows it.

L.-C. Chen, Y. Zhu, G. Papandreou, F. Schroff and H. Adam, "Encoder-decoder with
atrous separable convolution for semantic image segmentation", ECCV 2018,
arXiv:1802.02611: figure 2.
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from course.blocks.conv import Norm, conv, part, separable
from course.blocks.enlarge import enlarge


def aspp(
    x: Any,
    filters: int = 256,
    rates: Sequence[int] = (6, 12, 18),
    *,
    norm: Norm = True,
    name: str | None = None,
) -> Any:
    """What each pixel, three rings around it and the whole image say.

    Side by side: a 1x1 convolution; a separable 3x3 convolution at each rate;
    the image's average, convolved by 1x1 and laid under every pixel. All are
    concatenated in this order and joined by a 1x1 convolution.

    Args:
        x: Tensor (n, h, w, c).
        filters: Of each branch and of the output.
        rates: Dilation rates.
        norm: As in `conv`.
        name: Of the output; branches are `name_1x1`, `name_rate6` ...,
            `name_image`, their concatenation is `name_concat`.

    Returns:
        Tensor (n, h, w, filters).

    Example:
        >>> x = keras.Input((33, 33, 2048))
        >>> aspp(x).shape
        (None, 33, 33, 256)
    """
    branches = [conv(x, filters, 1, norm=norm, name=part(name, "1x1"))]
    for rate in rates:
        branch = part(name, f"rate{rate}")
        names = part(branch, "dw"), branch
        branches.append(
            separable(x, filters, norm=norm, dilation_rate=rate, names=names)
        )
    mean = layers.GlobalAveragePooling2D(
        keepdims=True, name=part(name, "mean")
    )(x)
    mean = conv(mean, filters, 1, norm=norm, name=part(name, "vector"))
    # The size may be open, so zeros of that size repeat the vector.
    zeros = keras.ops.clip(branches[0], 0, 0)
    branches.append(layers.Add(name=part(name, "image"))([mean, zeros]))
    x = layers.Concatenate(name=part(name, "concat"))(branches)
    return conv(x, filters, 1, norm=norm, name=name)


def aspp_decoder(
    x: Any,
    low: Any,
    factor: int,
    filters: int = 256,
    reduced: int = 48,
    *,
    norm: Norm = True,
    name: str | None = None,
) -> Any:
    """Enlarged to the size of finer features, joined to them, and convolved.

    Args:
        x: Tensor (n, h, w, c).
        low: Finer features (n, h', w', c'), which a 1x1 convolution reduces so
            that x outweighs them.
        factor: Pixels of `low` from one of x to the next.
        filters: Of two separable 3x3 convolutions.
        reduced: Channels that `low` is reduced to.
        norm: As in `conv`.
        name: Of the output; layers before are `name_up`, `name_low`,
            `name_concat` (x first), `name_1`.

    Returns:
        Tensor (n, h', w', filters).

    Example:
        >>> x, low = keras.Input((33, 33, 256)), keras.Input((129, 129, 128))
        >>> aspp_decoder(x, low, 4).shape
        (None, 129, 129, 256)
    """
    x = enlarge(x, low, factor, name=part(name, "up"))
    low = conv(low, reduced, 1, norm=norm, name=part(name, "low"))
    x = layers.Concatenate(name=part(name, "concat"))([x, low])
    for inner in (part(name, "1"), name):
        names = part(inner, "dw"), inner
        x = separable(x, filters, norm=norm, names=names)
    return x
