"""Residual networks for digits, and their plain twins.

As `course.models.resnet_cifar`, whose channels are halved here, for 8 x 8
pixels need fewer: stages of 8, 16 and 32 channels at 8, 4 and 2 pixels.
"""

import keras

from course.blocks import conv, pooled_head, residual_basic, shortcut_pad

FILTERS = (8, 16, 32)


def deep_net(depth: int, kind: str, without: str | None = None) -> keras.Model:
    """A net of 6n + 2 layers that ends with scores.

    Args:
        depth: 8, 14, 20, ...: one block more in each stage.
        kind: "residual", with shortcuts A, or "plain".
        without: Name of a block that is only its shortcut, in a plain net too.
    """
    block = _residual if kind == "residual" else _plain
    inputs = keras.Input((8, 8, 1))
    x = conv(inputs, FILTERS[0], 3, norm=True, name="conv1")
    for name in block_names(depth):
        filters = FILTERS[int(name[4]) - 2]
        strides = 1 if x.shape[-1] == filters else 2
        if name != without:
            x = block(x, filters, strides, name)
        elif strides > 1:
            x = shortcut_pad(x, filters, strides, name=name)
    x = pooled_head(x, 10, None)
    return keras.Model(inputs, x, name=f"{kind}_{depth}")


def block_names(depth: int) -> list[str]:
    """conv2_1, ..., conv4_n, in the net's order."""
    count = (depth - 2) // 6
    return [f"conv{s}_{i}" for s in (2, 3, 4) for i in range(1, count + 1)]


def _residual(x, filters, strides, name):
    return residual_basic(x, filters, strides, shortcut="A", name=name)


def _plain(x, filters, strides, name):
    """The same two convolutions, nothing beside them."""
    padding = 1 if strides > 1 else "same"
    x = conv(x, filters, 3, strides, padding, norm=True, name=f"{name}_conv1")
    return conv(x, filters, 3, norm=True, name=name)
