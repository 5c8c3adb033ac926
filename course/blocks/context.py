"""The context module: wide views by dilation, at full resolution.

F. Yu and V. Koltun, "Multi-scale context aggregation by dilated convolutions",
ICLR 2016, arXiv:1511.07122, table 1 and equations 4 and 5. The layers' names
and the zeros around the input, all before the first layer, are those of the
authors' Caffe networks.
"""

from typing import Any

from keras import layers

from course.initializers import GroupedIdentity

NAMES = ("conv1_1", "conv1_2", "conv2_1", "conv3_1", "conv4_1", "conv5_1")
LAYERS = (*zip(NAMES, (1, 1, 2, 4, 8, 16), strict=True), ("fc1", 1))
"""Table 1: name and dilation of the 3x3 convolutions; 1x1 follows."""

WIDTHS = {"basic": (1,) * 7, "large": (2, 2, 4, 8, 16, 32, 32)}
"""Table 1: channels of each, as multiples of the classes."""

FIELD = 67
"""Pixels that one output sees: 1 + 2 (1 + 1 + 2 + 4 + 8 + 16 + 1)."""


def context(
    x: Any,
    kind: str = "basic",
    padding: str = "valid",
    *,
    noise: float = 0.01,
    name: str = "ctx",
) -> Any:
    """Seven 3x3 convolutions with growing dilation, ReLU, and one of 1x1.

    It begins as the identity of what is not negative: each class goes through.

    Args:
        x: Scores (n, h, w, classes).
        kind: "basic", with as many channels as classes everywhere, or "large",
            with up to 32 times as many.
        padding: "valid": 33 pixels of zeros first and none later, as the
            authors have it; "same": zeros at each layer.
        noise: Of the large module's kernels at the start, relative to what
            passes the classes through; it lets copies of a class differ.
        name: Before the layers' names; the output is `name_final`.

    Returns:
        Tensor (n, h, w, classes).

    Example:
        >>> import keras
        >>> x = keras.Input((66, 66, 21))
        >>> keras.Model(x, context(x)).count_params()  # 64 C^2 + 8 C
        28392
    """
    classes = x.shape[-1]
    start = GroupedIdentity(classes, noise if kind == "large" else 0.0)
    if padding == "valid":
        x = layers.ZeroPadding2D(FIELD // 2, name=f"{name}_padding")(x)
    for (layer, dilation), width in zip(LAYERS, WIDTHS[kind], strict=True):
        x = layers.Conv2D(
            width * classes,
            3,
            padding=padding,
            dilation_rate=dilation,
            activation="relu",
            kernel_initializer=start,
            name=f"{name}_{layer}",
        )(x)
    return layers.Conv2D(
        classes, 1, kernel_initializer=start, name=f"{name}_final"
    )(x)
