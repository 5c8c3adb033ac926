"""Residual blocks: what layers add to their input.

K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image
recognition", CVPR 2016, arXiv:1512.03385: figure 5 and section 3.3. The orders
of layers: the same authors, "Identity mappings in deep residual networks",
ECCV 2016, arXiv:1603.05027: figure 4.

A 3x3 convolution with stride 2 has a zero on each side of the image, as in the
authors' code, so that it looks at the pixels 0, 2, 4, ... as a 1x1 one does.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
from keras import layers

from course.arithmetic import one_of
from course.blocks.conv import conv, part


class Order(NamedTuple):
    """Where normalization and activation stand in a block.

    Attributes:
        before: In front of the first convolution.
        between: After each convolution but the last.
        after: After the last.
        sum: After the addition.
        shortcut: After a shortcut's convolution.
    """

    before: str = ""
    between: str = "norm relu"
    after: str = ""
    sum: str = ""
    shortcut: str = "norm"


ORDERS = {
    "original": Order(after="norm", sum="relu"),
    "norm-after-sum": Order(sum="norm relu", shortcut=""),
    "relu-before-sum": Order(after="norm relu"),
    "relu-first": Order(before="relu", after="norm"),
    "full": Order(before="norm relu", shortcut=""),
    "full-activated": Order(shortcut=""),
}
"""Figure 4 (a) to (e); then (e) for an x that is normalized and activated."""

SHORTCUTS = ("A", "B")


class _Conv(NamedTuple):
    filters: int
    kernel_size: int
    strides: int = 1
    dilation_rate: int = 1


def residual_basic(
    x: Any,
    filters: int,
    strides: int = 1,
    *,
    order: str = "original",
    shortcut: str = "B",
    dilation_rate: int | tuple[int, int] = 1,
    norm: Callable[..., layers.Layer] = layers.BatchNormalization,
    name: str | None = None,
) -> Any:
    """Two 3x3 convolutions beside a shortcut; the first has the stride.

    Args:
        x: Tensor (n, h, w, c).
        filters: Of both.
        strides: Of the first, and of the shortcut.
        order: Of layers: "original", "norm-after-sum", "relu-before-sum",
            "relu-first", "full" (pre-activation), or "full-activated", whose x
            is normalized and activated already.
        shortcut: Where sizes or channels change: "A", `shortcut_pad`, or "B",
            `shortcut_project`. Elsewhere it is x.
        dilation_rate: Of both; or a pair where dilation takes the place of a
            stride: of the convolution that had it, and of what comes after.
        norm: From a name to the layer that normalizes.
        name: Of the block's output; its sum is called `name_sum` unless it is
            the output.

    Returns:
        Tensor (n, h', w', filters).

    Raises:
        ValueError: For an unknown order or shortcut, or a shortcut "A" to
            fewer channels.

    Example:
        >>> block = residual_basic(x := keras.Input((56, 56, 64)), 64)
        >>> keras.Model(x, block).count_params()  # 2 (9 64 64) + 2 (4 64)
        74240
    """
    first, rest = _rates(dilation_rate)
    branch = [
        _Conv(filters, 3, strides, first),
        _Conv(filters, 3, dilation_rate=rest),
    ]
    return _residual(x, branch, strides, order, shortcut, norm, name)


def residual_bottleneck(
    x: Any,
    filters: int,
    strides: int = 1,
    *,
    stride_on: str = "1x1",
    order: str = "original",
    shortcut: str = "B",
    dilation_rate: int | tuple[int, int] = 1,
    norm: Callable[..., layers.Layer] = layers.BatchNormalization,
    name: str | None = None,
) -> Any:
    """A 3x3 convolution between two of 1x1, beside a shortcut.

    Args:
        x: Tensor (n, h, w, c).
        filters: Of the 3x3 convolution and the 1x1 before it; the 1x1 after
            it has four times as many.
        strides: Of one convolution, and of the shortcut.
        stride_on: Which one: "1x1", the first, as in the paper, or "3x3".
        order, shortcut, dilation_rate, norm, name: As in `residual_basic`.

    Returns:
        Tensor (n, h', w', 4 filters).

    Raises:
        ValueError: As `residual_basic`, or for another `stride_on`.

    Example:
        >>> x = keras.Input((56, 56, 256))
        >>> residual_bottleneck(x, 128, strides=2).shape
        (None, 28, 28, 512)
    """
    first, rest = _rates(dilation_rate)
    if one_of(("1x1", "3x3"), stride_on, "stride_on") == "1x1":
        middle = _Conv(filters, 3, dilation_rate=rest)
        branch = [_Conv(filters, 1, strides), middle]
    else:
        middle = _Conv(filters, 3, strides, first)
        branch = [_Conv(filters, 1), middle]
    branch.append(_Conv(4 * filters, 1))
    return _residual(x, branch, strides, order, shortcut, norm, name)


def shortcut_pad(
    x: Any, filters: int, strides: int = 1, *, name: str | None = None
) -> Any:
    """Shortcut A: every `strides`-th pixel; zeros for the new channels.

    Args:
        x: Tensor (n, h, w, c), c at most `filters`.
        filters: Number of output channels.
        strides: Rows and columns from one pixel that is kept to the next.
        name: Of the layer that keeps pixels, `name_pixels`.

    Returns:
        Tensor (n, h', w', filters), without a parameter.

    Raises:
        ValueError: There are more channels than `filters`.

    Example:
        >>> shortcut_pad(keras.Input((32, 32, 16)), 32, strides=2).shape
        (None, 16, 16, 32)
    """
    new = filters - x.shape[-1]
    if new < 0:
        raise ValueError(
            f"filters={filters} for {x.shape[-1]} channels: padding takes none "
            'away. Expected as many or more; take shortcut="B".'
        )
    if strides > 1:
        x = layers.MaxPooling2D(1, strides, name=part(name, "pixels"))(x)
    return keras.ops.pad(x, [(0, 0)] * 3 + [(0, new)]) if new else x


def shortcut_project(
    x: Any,
    filters: int,
    strides: int = 1,
    *,
    norm: Any = layers.BatchNormalization,
    name: str | None = None,
) -> Any:
    """Shortcut B: a 1x1 convolution, normalized unless `norm` is False.

    Args:
        x: Tensor (n, h, w, c).
        filters, strides: Of the convolution.
        norm: As in `course.blocks.conv`.
        name: Of the output.

    Returns:
        Tensor (n, h', w', filters).

    Example:
        >>> shortcut_project(keras.Input((56, 56, 256)), 512, 2).shape
        (None, 28, 28, 512)
    """
    return conv(
        x,
        filters,
        1,
        strides,
        activation=None,
        norm=norm,
        use_bias=False,
        name=name,
    )


def _residual(x, branch, strides, order, shortcut, norm, name):
    """The sum of a shortcut, its first input, and of a branch."""
    steps = ORDERS[one_of(ORDERS, order, "order")]
    one_of(SHORTCUTS, shortcut, "shortcut")
    y = _apply(x, steps.before.split(), norm, name, 0)
    # Full pre-activation also leads into the shortcut, where that changes x.
    shared = y if "norm" in steps.before else x
    for i, each in enumerate(branch, start=1):
        y = _convolved(y, each, part(name, f"conv{i}"))
        after = steps.between if i < len(branch) else steps.after
        y = _apply(y, after.split(), norm, name, i)
    if strides > 1 or x.shape[-1] != y.shape[-1]:
        x = _shortcut(shared, y.shape[-1], strides, shortcut, steps, norm, name)
    ends = steps.sum.split()
    total = layers.Add(name=part(name, "sum") if ends else name)([x, y])
    if not ends:
        return total
    *inner, last = ends
    total = _apply(total, inner, norm, name, "sum")
    return _layer(last, norm, name)(total)


def _shortcut(x, filters, strides, kind, steps, norm, name):
    name = part(name, "shortcut")
    if kind == "A":
        return shortcut_pad(x, filters, strides, name=name)
    norm = norm if steps.shortcut else False
    return shortcut_project(x, filters, strides, norm=norm, name=name)


def _convolved(x, layer: _Conv, name):
    padding = 1 if layer.kernel_size == 3 and layer.strides > 1 else "same"
    return conv(
        x,
        layer.filters,
        layer.kernel_size,
        layer.strides,
        padding,
        activation=None,
        use_bias=False,
        dilation_rate=layer.dilation_rate,
        name=name,
    )


def _apply(x, kinds: Sequence[str], norm, name, place):
    """Layers of these kinds, "norm" or "relu", called `name_norm1`, ..."""
    for kind in kinds:
        x = _layer(kind, norm, part(name, f"{kind}{place}"))(x)
    return x


def _layer(kind: str, norm, name):
    return norm(name=name) if kind == "norm" else layers.ReLU(name=name)


def _rates(dilation_rate) -> tuple[int, int]:
    if isinstance(dilation_rate, int):
        return dilation_rate, dilation_rate
    return tuple(dilation_rate)
