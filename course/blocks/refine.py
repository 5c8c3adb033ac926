"""RefineNet's parts: residual units, fusion of resolutions, chained pooling.

G. Lin, A. Milan, C. Shen and I. Reid, "RefineNet: multi-path refinement
networks for high-resolution semantic segmentation", CVPR 2017,
arXiv:1611.06612: figure 3. Nothing is normalized, so convolutions have biases.
"""

from collections.abc import Sequence
from typing import Any

from keras import layers

from course.blocks.conv import part
from course.blocks.enlarge import enlarge


def residual_unit(x: Any, *, name: str | None = None) -> Any:
    """Twice ReLU and a 3x3 convolution, added to x: figure 3 (b).

    Args:
        x: Tensor (n, h, w, c).
        name: Of the sum; convolutions are `name_conv1`, `name_conv2`.

    Returns:
        Tensor (n, h, w, c).

    Example:
        >>> import keras
        >>> unit = residual_unit(x := keras.Input((16, 16, 256)))
        >>> keras.Model(x, unit).count_params()  # 2 (9 256 + 1) 256
        1180160
    """
    y = x
    for i in (1, 2):
        y = layers.ReLU(name=part(name, f"relu{i}"))(y)
        y = three(y, x.shape[-1], name=part(name, f"conv{i}"))
    return layers.Add(name=name)([x, y])


def fusion(paths: Sequence[Any], *, name: str | None = None) -> Any:
    """The sum of several resolutions, at the finest: figure 3 (c).

    Each path is convolved by 3x3 to as many channels as the narrowest has,
    then enlarged. A single path goes through unchanged.

    Args:
        paths: Tensors (n, h, w, c) from fine to coarse, each half as large as
            that before it, rounded up.
        name: Of the sum; convolutions are `name_conv1` ..., the enlarged
            `name_up2` ...

    Returns:
        Tensor (n, h, w, c) of the first path's size.

    Example:
        >>> import keras
        >>> fine, coarse = keras.Input((7, 8, 256)), keras.Input((4, 4, 512))
        >>> fusion([fine, coarse]).shape
        (None, 7, 8, 256)
    """
    finest, *others = paths
    if not others:
        return finest
    filters = min(path.shape[-1] for path in paths)
    fused = []
    for i, path in enumerate(paths, start=1):
        y = three(path, filters, name=part(name, f"conv{i}"))
        if i > 1:
            y = enlarge(y, finest, 2 ** (i - 1), name=part(name, f"up{i}"))
        fused.append(y)
    return layers.Add(name=name)(fused)


def chained_pooling(
    x: Any, count: int = 2, pool_size: int = 5, *, name: str | None = None
) -> Any:
    """ReLU, plus what ever wider maxima around it say: figure 3 (d).

    Each link of the chain is a pooling with stride 1 and a 3x3 convolution of
    what the link before made; all are summed.

    Args:
        x: Tensor (n, h, w, c).
        count: Links.
        pool_size: Rows and columns of each pooling.
        name: Of the sum; convolutions are `name_conv1` ...

    Returns:
        Tensor (n, h, w, c).

    Example:
        >>> import keras
        >>> chained_pooling(keras.Input((16, 16, 256))).shape
        (None, 16, 16, 256)
    """
    link = layers.ReLU(name=part(name, "relu"))(x)
    total = [link]
    for i in range(1, count + 1):
        link = layers.MaxPooling2D(
            pool_size, 1, padding="same", name=part(name, f"pool{i}")
        )(link)
        link = three(link, x.shape[-1], name=part(name, f"conv{i}"))
        total.append(link)
    return layers.Add(name=name)(total)


def refine(paths: Sequence[Any], *, name: str | None = None) -> Any:
    """One RefineNet block: figure 3 (a).

    Two residual units on each path, fusion, chained pooling, and one more
    residual unit.

    Args:
        paths: As in `fusion`.
        name: Of the output; parts are `name_path1_1`, `name_path1_2` ...,
            `name_fusion`, `name_pooling`.

    Returns:
        Tensor (n, h, w, c) of the first path's size.

    Example:
        >>> import keras
        >>> fine, coarse = keras.Input((7, 8, 256)), keras.Input((4, 4, 512))
        >>> refine([fine, coarse]).shape
        (None, 7, 8, 256)
    """
    adapted = []
    for i, path in enumerate(paths, start=1):
        for j in (1, 2):
            path = residual_unit(path, name=part(name, f"path{i}_{j}"))
        adapted.append(path)
    x = fusion(adapted, name=part(name, "fusion"))
    x = chained_pooling(x, name=part(name, "pooling"))
    return residual_unit(x, name=name)


def three(x: Any, filters: int, *, name: str | None = None) -> Any:
    """A 3x3 convolution alone, (n, h, w, c) -> (n, h, w, filters)."""
    return layers.Conv2D(filters, 3, padding="same", name=name)(x)
