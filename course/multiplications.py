"""How many multiplications a layer's kernels take part in (MACs)."""

import math
from collections.abc import Sequence
from typing import Any

from keras import layers

from course.arithmetic import conv_macs

_CONVS = (layers.Conv1D, layers.Conv2D, layers.Conv3D)
_DEPTHWISE = (layers.DepthwiseConv1D, layers.DepthwiseConv2D)
_SEPARABLE = (layers.SeparableConv1D, layers.SeparableConv2D)
_TRANSPOSED = (
    *(layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose),
)


def multiplications(
    layer: Any, before: Sequence[int | None], after: Sequence[int | None]
) -> int | None:
    """Multiplications of one call by the layer's kernels, for one image.

    Args:
        layer: A Keras layer or operation. One of one's own tells its own by a
            method `macs(input_shape) -> int`.
        before, after: Shapes of its input and its output, (n, ..., c).

    Returns:
        Their number; 0 for what has no kernel; None where a size is open, or
        a kernel is multiplied in a way that is not known here.

    Example:
        >>> layer = layers.Dense(10)
        >>> multiplications(layer, (None, 84), (None, 10))
        840
    """
    own = getattr(layer, "macs", None)
    known = (*_CONVS, *_DEPTHWISE, *_SEPARABLE, *_TRANSPOSED, layers.Dense)
    if own is None and not isinstance(layer, known):
        weights = getattr(layer, "weights", ())
        return None if any(w.name == "kernel" for w in weights) else 0
    if None in (*before[1:], *after[1:]):
        return None
    if own is not None:
        return own(tuple(before))
    if isinstance(layer, layers.Dense):
        return math.prod(after[1:]) * before[-1]
    (sizes, filters), (places, channels) = (
        _split(shape, layer.data_format) for shape in (after, before)
    )
    taps = layer.kernel_size
    if isinstance(layer, _TRANSPOSED):
        return conv_macs(places, taps, channels, filters)
    if isinstance(layer, _CONVS):
        return conv_macs(sizes, taps, channels, filters, layer.groups)
    middle = channels * layer.depth_multiplier
    macs = conv_macs(sizes, taps, channels, middle, groups=channels)
    if isinstance(layer, _SEPARABLE):
        macs += conv_macs(sizes, (1,) * len(taps), middle, filters)
    return macs


def _split(shape, data_format) -> tuple[tuple, int]:
    """(spatial sizes, channels)"""
    if data_format == "channels_first":
        return shape[2:], shape[1]
    return shape[1:-1], shape[-1]
