"""Convolution, normalization, activation: what most networks are made of."""

from collections.abc import Callable
from typing import Any

from keras import layers

Norm = bool | Callable[..., layers.Layer]
"""False | True, for batch normalization as Keras has it | name -> layer."""


def conv(
    x: Any,
    filters: int,
    kernel_size: int | tuple[int, int],
    strides: int = 1,
    padding: str | int = "same",
    activation: Any = "relu",
    *,
    norm: Norm = False,
    groups: int = 1,
    dilation_rate: int = 1,
    use_bias: bool | None = None,
    name: str | None = None,
) -> Any:
    """Convolution, normalization if wanted, activation.

    Args:
        x: Tensor (n, h, w, c).
        filters: Number of output channels.
        kernel_size, strides, groups, dilation_rate: As in
            `keras.layers.Conv2D`.
        padding: "same" | "valid" | an int: so many zeros on each side. At
            stride 2 "same" starts with the second pixel of even sizes.
        activation: Of the output; None for none.
        norm: Whether batch normalization comes before the activation, or
            which other layer: a function from its name to the layer.
        use_bias: None means only where no normalization follows, which has a
            bias of its own.
        name: Of the layer that makes the output.

    Returns:
        Tensor (n, h', w', filters).

    Example:
        >>> import keras
        >>> x = keras.Input((32, 32, 3))
        >>> conv(x, 64, 3, strides=2, norm=True, name="stem").shape
        (None, 16, 16, 64)
    """
    x, padding = _padded(x, padding, name)
    convolution = layers.Conv2D(
        filters,
        kernel_size,
        strides,
        padding,
        groups=groups,
        dilation_rate=dilation_rate,
        **_settings(activation, norm, use_bias, name),
    )
    return normalized(convolution(x), activation, norm, name)


def depthwise(
    x: Any,
    kernel_size: int | tuple[int, int],
    strides: int = 1,
    padding: str | int = "same",
    activation: Any = "relu",
    *,
    norm: Norm = False,
    dilation_rate: int = 1,
    use_bias: bool | None = None,
    name: str | None = None,
) -> Any:
    """`conv` with one filter for each channel: (n, h, w, c) -> (n, h', w', c).

    Example:
        >>> import keras
        >>> depthwise(keras.Input((32, 32, 8)), 3, strides=2).shape
        (None, 16, 16, 8)
    """
    x, padding = _padded(x, padding, name)
    convolution = layers.DepthwiseConv2D(
        kernel_size,
        strides,
        padding,
        dilation_rate=dilation_rate,
        **_settings(activation, norm, use_bias, name),
    )
    return normalized(convolution(x), activation, norm, name)


def separable(
    x: Any,
    filters: int,
    kernel_size: int | tuple[int, int] = 3,
    strides: int = 1,
    activation: Any = "relu",
    *,
    padding: str | int = "same",
    norm: Norm = True,
    dilation_rate: int = 1,
    names: tuple[str | None, str | None] = (None, None),
) -> Any:
    """Depthwise separable convolution: space first, then channels.

    A depthwise convolution, then a 1x1 convolution, each normalized and
    activated. A. Howard et al., "MobileNets", 2017, arXiv:1704.04861, figure 3.

    Args:
        x: Tensor (n, h, w, c).
        filters: Number of output channels.
        kernel_size, strides, padding, dilation_rate: Of the depthwise
            convolution, as in `conv`.
        activation, norm: Of both, as in `conv`.
        names: Of the tensors that the two make.

    Returns:
        Tensor (n, h', w', filters).

    Example:
        >>> import keras
        >>> block = separable(x := keras.Input((8, 8, 16)), 32, norm=False)
        >>> keras.Model(x, block).count_params()  # 16 (9 + 1) + 32 (16 + 1)
        704
    """
    x = depthwise(
        x,
        kernel_size,
        strides,
        padding,
        activation,
        norm=norm,
        dilation_rate=dilation_rate,
        name=names[0],
    )
    return conv(x, filters, 1, activation=activation, norm=norm, name=names[1])


def _padded(x, padding: str | int, name) -> tuple[Any, str]:
    """x with its zeros, and what is left for the convolution to add."""
    if not isinstance(padding, int):
        return x, padding
    zeros = layers.ZeroPadding2D(padding, name=part(name, "padding"))
    return zeros(x), "valid"


def _settings(activation, norm, use_bias, name) -> dict[str, Any]:
    """What a convolution does itself depends on whether a norm follows."""
    if norm is False:
        return {
            "use_bias": use_bias is not False,
            "activation": activation,
            "name": name,
        }
    return {"use_bias": bool(use_bias), "name": part(name, "conv")}


def normalized(
    x: Any, activation: Any, norm: Norm = True, name: str | None = None
) -> Any:
    """Normalization if wanted, activation: what follows a convolution.

    Without a norm the convolution has activated already.
    """
    if norm is False:
        return x
    make = layers.BatchNormalization if norm is True else norm
    if activation is None:
        return make(name=name)(x)
    x = make(name=part(name, "norm"))(x)
    return layers.Activation(activation, name=name)(x)


def part(name: str | None, inner: str) -> str | None:
    """The name of a layer inside a block; without a name Keras chooses."""
    return name and f"{name}_{inner}"
