"""Stages that decode with the places of the maxima that encoding found.

V. Badrinarayanan, A. Kendall and R. Cipolla, "SegNet", 2015, arXiv:1511.00561,
figures 2 and 3; H. Noh, S. Hong and B. Han, "Learning deconvolution network for
semantic segmentation", ICCV 2015, arXiv:1505.04366, figure 2.
"""

from collections.abc import Sequence
from typing import Any

from keras import layers

from course.blocks.conv import conv
from course.layers import MaxPoolWithIndices, MaxUnpool, TransposedConv


def encoder_stage(
    x: Any, filters: Sequence[int], names: Sequence[str], *, pool: str
) -> tuple[Any, tuple[Any, Any]]:
    """3x3 convolutions, each normalized and with a bias, then max pooling.

    Args:
        x: Tensor (n, h, w, c).
        filters: Of each convolution.
        names: Of their outputs.
        pool: Name of the layer that pools 2x2 pixels; the last pixel of an odd
            size has a window too.

    Returns:
        Tensor (n, ceil(h / 2), ceil(w / 2), filters[-1]), and what a
        `decoder_stage` needs: the places of its values in the tensor that was
        pooled, and that tensor.

    Example:
        >>> import keras
        >>> x, y = keras.Input((45, 60, 256)), ("conv4_1", "conv4_2")
        >>> pooled, switches = encoder_stage(x, (512, 512), y, pool="pool4")
        >>> pooled.shape
        (None, 23, 30, 512)
    """
    for count, name in zip(filters, names, strict=True):
        x = conv(x, count, 3, norm=True, use_bias=True, name=name)
    values, places = MaxPoolWithIndices(2, padding="same", name=pool)(x)
    return values, (places, x)


def decoder_stage(
    x: Any,
    switches: tuple[Any, Any],
    filters: Sequence[int],
    names: Sequence[str],
    *,
    unpool: str,
    transposed: bool = False,
) -> Any:
    """Unpool to where the maxima were, then 3x3 convolutions that fill gaps.

    Args:
        x: Tensor (n, h, w, c).
        switches: What the `encoder_stage` at this resolution returned, with
            c channels.
        filters: Of each convolution.
        names: Of their outputs.
        unpool: Name of the layer that unpools.
        transposed: Whether the convolutions are transposed ones.

    Returns:
        Tensor (n, h', w', filters[-1]), as large as what was pooled.

    Example:
        >>> import keras
        >>> x, places = keras.Input((3, 3, 8)), keras.Input((3, 3, 8))
        >>> switches = places, keras.Input((5, 6, 8))
        >>> decoder_stage(x, switches, (4,), ("conv",), unpool="up").shape
        (None, 5, 6, 4)
    """
    x = MaxUnpool(name=unpool)([x, *switches])
    for count, name in zip(filters, names, strict=True):
        if transposed:
            x = deconv(x, count, 3, padding=1, name=name)
        else:
            x = conv(x, count, 3, norm=True, use_bias=True, name=name)
    return x


def deconv(
    x: Any, filters: int, kernel_size: int, padding: int = 0, *, name: str
) -> Any:
    """Transposed convolution with a bias, batch normalization, ReLU.

    (n, h, w, c) -> (n, h', w', filters), h' = h + kernel_size - 1 - 2 padding.

    Example:
        >>> import keras
        >>> deconv(keras.Input((1, 1, 4096)), 512, 7, name="fc6_deconv").shape
        (None, 7, 7, 512)
    """
    transposed = TransposedConv(
        filters, kernel_size, padding=padding, name=f"{name}_conv"
    )
    x = layers.BatchNormalization(name=f"{name}_norm")(transposed(x))
    return layers.Activation("relu", name=name)(x)
