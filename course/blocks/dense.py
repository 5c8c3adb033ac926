"""Dense blocks: layers that see all that came before them.

G. Huang, Z. Liu, L. van der Maaten and K. Weinberger, "Densely connected
convolutional networks", CVPR 2017, arXiv:1608.06993: section 3. Transitions
down and up: S. Jegou, M. Drozdzal, D. Vazquez, A. Romero and Y. Bengio, "The
one hundred layers tiramisu", CVPRW 2017, arXiv:1611.09326: section 3 and
table 1, with the authors' code where the paper is silent.
"""

from collections.abc import Callable
from typing import Any

from keras import layers

from course.blocks.conv import conv, normalized, part
from course.layers import Crop, TransposedConv


def dense_block(
    x: Any,
    count: int,
    growth_rate: int,
    *,
    bottleneck: int = 4,
    use_bias: bool = False,
    dropout: float = 0.0,
    include_input: bool = True,
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
        use_bias: Whether the convolutions have biases.
        dropout: Share of each convolution's output that training leaves out.
        include_input: Whether x is part of the output; the layers see it in
            either case.
        norm: From a name to the layer that normalizes.
        name: Of the last concatenation; those before are `name_1`, `name_2`.

    Returns:
        Tensor (n, h, w, c + count k), x first, or (n, h, w, count k).

    Example:
        >>> import keras
        >>> dense_block(keras.Input((56, 56, 64)), 6, 32).shape
        (None, 56, 56, 256)
    """
    settings = {"use_bias": use_bias, "dropout": dropout}
    new = []
    for i in range(1, count + 1):
        inner = part(name, str(i))
        y = normalized(x, "relu", norm, part(inner, "relu1"))
        if bottleneck:
            filters = bottleneck * growth_rate
            y = _linear(y, filters, 1, **settings, name=part(inner, "conv1"))
            y = normalized(y, "relu", norm, part(inner, "relu2"))
        y = _linear(y, growth_rate, 3, **settings, name=part(inner, "conv2"))
        new.append(y)
        if i < count:
            x = layers.Concatenate(name=inner)([x, y])
    joined = [x, y] if include_input else new
    return layers.Concatenate(name=name)(joined)


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


def transition_down(
    x: Any,
    dropout: float = 0.2,
    *,
    norm: Callable[..., layers.Layer] = layers.BatchNormalization,
    name: str | None = None,
) -> Any:
    """Half the size, as many channels, by maxima: the way down of FC-DenseNet.

    Normalization, ReLU, 1x1 convolution, dropout, 2x2 max pooling.

    Args:
        x: Tensor (n, h, w, c).
        dropout: Share of the convolution's output that training leaves out.
        norm: From a name to the layer that normalizes.
        name: Of the output.

    Returns:
        Tensor (n, h // 2, w // 2, c).

    Example:
        >>> import keras
        >>> transition_down(keras.Input((45, 60, 96))).shape
        (None, 22, 30, 96)
    """
    filters = x.shape[-1]
    x = normalized(x, "relu", norm, part(name, "relu"))
    x = _linear(x, filters, 1, True, dropout, part(name, "conv"))
    return layers.MaxPooling2D(2, name=name)(x)


def transition_up(
    x: Any, skip: Any, filters: int, *, name: str | None = None
) -> Any:
    """Twice the size by a transposed convolution, joined to a skip.

    Its 3x3 kernel and stride 2 make 2 h + 1 rows of h, one or two more than
    were pooled; it begins where the skip does, and is cropped to its size.

    Args:
        x: Tensor (n, h, w, c), what the last dense block has added.
        skip: Tensor (n, h', w', c') from the way down, h' = 2 h or 2 h + 1.
        filters: Of the transposed convolution.
        name: Of the output; layers before are `name_up` and `name_crop`.

    Returns:
        Tensor (n, h', w', filters + c'), the skip last.

    Example:
        >>> import keras
        >>> x, skip = keras.Input((22, 30, 48)), keras.Input((45, 60, 96))
        >>> transition_up(x, skip, 48).shape
        (None, 45, 60, 144)
    """
    x = TransposedConv(filters, 3, 2, name=part(name, "up"))(x)
    x = Crop(0, name=part(name, "crop"))([x, skip])
    return layers.Concatenate(name=name)([x, skip])


def _linear(x, filters, kernel_size, use_bias, dropout, name):
    """A convolution without activation, and dropout if wanted."""
    x = conv(
        x,
        filters,
        kernel_size,
        activation=None,
        use_bias=use_bias,
        name=part(name, "conv") if dropout else name,
    )
    return layers.Dropout(dropout, name=name)(x) if dropout else x
