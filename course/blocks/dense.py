"""Dense blocks: layers that see all that came before them.

G. Huang, Z. Liu, L. van der Maaten and K. Weinberger, "Densely connected
convolutional networks", CVPR 2017, arXiv:1608.06993: section 3.
"""

from collections.abc import Callable
from typing import Any

from keras import layers

from course.blocks.conv import conv, normalized, part


def dense_block(
    x: Any,
    count: int,
    growth_rate: int,
    *,
    bottleneck: int = 4,
    norm: Callable[..., layers.Layer] = layers.BatchNormalization,
    name: str | None = None,
) -> Any:
    """Layers that each add k channels to what they are given.

    A layer is normalization, ReLU, 1x1 convolution, then normalization, ReLU,
    3x3 convolution; its output is concatenated behind its input.

    Args:
        x: Tensor (n, h, w, c).
        count: Number of layers.
        growth_rate: Channels k that each adds.
        bottleneck: The 1x1 convolution has so many times k filters; 0 means
            that there is none, as before the paper's DenseNet-B.
        norm: From a name to the layer that normalizes.
        name: Of the last concatenation; those before are `name_1`, `name_2`.

    Returns:
        Tensor (n, h, w, c + count k), x first.

    Example:
        >>> import keras
        >>> dense_block(keras.Input((56, 56, 64)), 6, 32).shape
        (None, 56, 56, 256)
    """
    settings = {"activation": None, "use_bias": False}
    for i in range(1, count + 1):
        inner = part(name, str(i))
        y = normalized(x, "relu", norm, part(inner, "relu1"))
        if bottleneck:
            filters = bottleneck * growth_rate
            y = conv(y, filters, 1, **settings, name=part(inner, "conv1"))
            y = normalized(y, "relu", norm, part(inner, "relu2"))
        y = conv(y, growth_rate, 3, **settings, name=part(inner, "conv2"))
        join = layers.Concatenate(name=inner if i < count else name)
        x = join([x, y])
    return x


def transition(
    x: Any,
    compression: float = 0.5,
    *,
    norm: Callable[..., layers.Layer] = layers.BatchNormalization,
    name: str | None = None,
) -> Any:
    """What stands between two dense blocks: fewer channels, half the size.

    Normalization, ReLU, 1x1 convolution, 2x2 average pooling.

    Args:
        x: Tensor (n, h, w, c).
        compression: Share theta of the channels that is kept, rounded down.
        norm: From a name to the layer that normalizes.
        name: Of the output.

    Returns:
        Tensor (n, h // 2, w // 2, int(theta c)).

    Example:
        >>> import keras
        >>> transition(keras.Input((56, 56, 256))).shape
        (None, 28, 28, 128)
    """
    filters = int(compression * x.shape[-1])
    x = normalized(x, "relu", norm, part(name, "relu"))
    x = conv(
        x, filters, 1, activation=None, use_bias=False, name=part(name, "conv")
    )
    return layers.AveragePooling2D(2, name=name)(x)
