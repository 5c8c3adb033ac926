"""Xception's module, aligned for features at more than one resolution.

F. Chollet, "Xception: deep learning with depthwise separable convolutions",
CVPR 2017, arXiv:1610.02357: figure 5. Aligned: L.-C. Chen et al.,
"Encoder-decoder with atrous separable convolution for semantic image
segmentation", ECCV 2018, arXiv:1802.02611: figure 4, where the last separable
convolution has a stride instead of a pooling, and each depthwise convolution a
normalization and a ReLU of its own.
"""

from collections.abc import Sequence
from typing import Any

from keras import layers

from course.blocks.conv import Norm, conv, depthwise, part
from course.blocks.residual import shortcut_project


def xception_module(
    x: Any,
    filters: Sequence[int],
    strides: int = 1,
    *,
    dilation_rate: int = 1,
    norm: Norm = True,
    name: str | None = None,
) -> Any:
    """Separable 3x3 convolutions with a ReLU before each, and a shortcut.

    A stride of 2 looks at the pixels 0, 2, 4, ... as the shortcut does: there
    is a zero on each side of the image.

    Args:
        x: Tensor (n, h, w, c).
        filters: Of each separable convolution.
        strides: Of the last one and of the shortcut, which is a 1x1
            convolution where sizes or channels change, and x elsewhere.
        dilation_rate: Of all depthwise convolutions; 1 where there is a stride.
        norm: As in `conv`.
        name: Of the sum; layers before are `name_sep1_dw`, `name_sep1`, ...,
            `name_shortcut`.

    Returns:
        Tensor (n, ceil(h / s), ceil(w / s), filters[-1]), without a ReLU.

    Example:
        >>> import keras
        >>> x = keras.Input((257, 257, 64))
        >>> xception_module(x, (128, 128, 128), strides=2).shape
        (None, 129, 129, 128)
    """
    y = x
    for i, count in enumerate(filters, start=1):
        inner = part(name, f"sep{i}")
        y = layers.ReLU(name=part(inner, "relu"))(y)
        is_strided = strides > 1 and i == len(filters)
        y = depthwise(
            y,
            3,
            strides if is_strided else 1,
            1 if is_strided else "same",
            norm=norm,
            dilation_rate=dilation_rate,
            name=part(inner, "dw"),
        )
        y = conv(y, count, 1, activation=None, norm=norm, name=inner)
    if strides > 1 or x.shape[-1] != y.shape[-1]:
        shortcut = part(name, "shortcut")
        x = shortcut_project(x, y.shape[-1], strides, norm=norm, name=shortcut)
    return layers.Add(name=name)([x, y])
