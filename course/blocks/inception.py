"""Inception modules: several convolutions side by side, concatenated.

GoogLeNet: C. Szegedy et al., "Going deeper with convolutions", CVPR 2015,
arXiv:1409.4842: figure 2. A, B, C and the reduction: C. Szegedy et al.,
"Rethinking the inception architecture for computer vision", CVPR 2016,
arXiv:1512.00567: figures 5, 6, 7 and 10.

A module's branches stand in the figure's order, its pool last, and their layers
are called `name_1_1`, `name_1_2`: branch, then place in it.
"""

from typing import Any

from keras import layers

from course.arithmetic import one_of
from course.blocks.conv import Norm, conv, part

Chain = list[tuple[int, int | tuple[int, int]]]
"""(filters, kernel size) of one convolution after the other."""


def inception_naive(
    x: Any,
    one: int,
    three: int,
    five: int,
    *,
    norm: Norm = False,
    use_bias: bool | None = None,
    name: str | None = None,
) -> Any:
    """1x1, 3x3 and 5x5 convolutions and a 3x3 maximum, side by side.

    Args:
        x: Tensor (n, h, w, c).
        one, three, five: Filters of the convolutions.
        norm, use_bias: As in `course.blocks.conv`.
        name: Of the concatenation.

    Returns:
        Tensor (n, h, w, one + three + five + c): it can only grow.

    Example:
        >>> import keras
        >>> inception_naive(keras.Input((28, 28, 192)), 64, 128, 32).shape
        (None, 28, 28, 416)
    """
    chains = [[(one, 1)], [(three, 3)], [(five, 5)]]
    branches = _branches(x, chains, norm, use_bias, name)
    branches.append(_pool("max", part(name, "pool"))(x))
    return layers.Concatenate(name=name)(branches)


def inception_reduced(
    x: Any,
    one: int,
    three: tuple[int, int],
    five: tuple[int, int],
    pool: int,
    *,
    norm: Norm = False,
    use_bias: bool | None = None,
    name: str | None = None,
) -> Any:
    """The naive module with 1x1 convolutions that save: before 3x3 and 5x5.

    Args:
        x: Tensor (n, h, w, c).
        one: Filters of the 1x1 convolution that stands alone.
        three, five: (filters of the 1x1 before, filters).
        pool: Filters of the 1x1 after the maximum.
        norm, use_bias, name: As in `inception_naive`.

    Returns:
        Tensor (n, h, w, one + three[1] + five[1] + pool).

    Example:
        >>> import keras
        >>> x = keras.Input((28, 28, 192))
        >>> inception_reduced(x, 64, (96, 128), (16, 32), 32).shape
        (None, 28, 28, 256)
    """
    chains = [
        [(one, 1)],
        [(three[0], 1), (three[1], 3)],
        [(five[0], 1), (five[1], 5)],
    ]
    return _module(x, chains, ("max", pool), norm, use_bias, name)


def inception_a(
    x: Any,
    one: int,
    three: tuple[int, int],
    double: tuple[int, int],
    pool: int,
    *,
    kernel_size: int = 3,
    pool_kind: str = "average",
    norm: Norm = True,
    use_bias: bool | None = None,
    name: str | None = None,
) -> Any:
    """Two 3x3 convolutions in the place of the 5x5.

    Args:
        x: Tensor (n, h, w, c).
        one: Filters of the 1x1 convolution that stands alone.
        three: (filters of the 1x1 before, filters) of the single 3x3.
        double: The same of the two; both have as many.
        pool: Filters of the 1x1 after the pool.
        kernel_size: Of the single one: Inception-v3 as released has 5.
        pool_kind: "average" or "max".
        norm, use_bias, name: As in `inception_naive`.

    Returns:
        Tensor (n, h, w, one + three[1] + double[1] + pool).

    Raises:
        ValueError: For an unknown pool.

    Example:
        >>> import keras
        >>> x = keras.Input((28, 28, 192))
        >>> inception_a(x, 64, (64, 64), (64, 96), 32).shape
        (None, 28, 28, 256)
    """
    chains = [
        [(one, 1)],
        [(three[0], 1), (three[1], kernel_size)],
        [(double[0], 1), (double[1], 3), (double[1], 3)],
    ]
    one_of(("average", "max"), pool_kind, "pool_kind")
    return _module(x, chains, (pool_kind, pool), norm, use_bias, name)


def inception_b(
    x: Any,
    filters: int,
    inner: int,
    n: int = 7,
    *,
    norm: Norm = True,
    use_bias: bool | None = None,
    name: str | None = None,
) -> Any:
    """n x n convolutions taken apart into 1 x n and n x 1.

    Args:
        x: Tensor (n, h, w, c).
        filters: Of each of the four branches.
        inner: Of the convolutions inside the branches.
        n: Length of the kernels.
        norm, use_bias, name: As in `inception_naive`.

    Returns:
        Tensor (n, h, w, 4 filters).

    Example:
        >>> import keras
        >>> inception_b(keras.Input((17, 17, 768)), 192, 128).shape
        (None, 17, 17, 768)
    """
    row, column = (1, n), (n, 1)
    chains = [
        [(filters, 1)],
        [(inner, 1), (inner, row), (filters, column)],
        [(inner, 1), *[(inner, column), (inner, row)] * 2],
    ]
    chains[-1][-1] = (filters, row)
    return _module(x, chains, ("average", filters), norm, use_bias, name)


def inception_c(
    x: Any,
    one: int,
    fork: int,
    double: int,
    pool: int,
    *,
    norm: Norm = True,
    use_bias: bool | None = None,
    name: str | None = None,
) -> Any:
    """Branches that fork into 1x3 and 3x1, for many channels on few pixels.

    Args:
        x: Tensor (n, h, w, c).
        one: Filters of the 1x1 convolution that stands alone.
        fork: Filters before a fork, and of each of its two ends.
        double: Filters of the 1x1 in the branch with a 3x3 before its fork.
        pool: Filters of the 1x1 after the average.
        norm, use_bias, name: As in `inception_naive`.

    Returns:
        Tensor (n, h, w, one + 4 fork + pool).

    Example:
        >>> import keras
        >>> inception_c(keras.Input((8, 8, 1280)), 320, 384, 448, 192).shape
        (None, 8, 8, 2048)
    """
    chains = [[(one, 1)], [(fork, 1)], [(double, 1), (fork, 3)]]
    single, *stems = _branches(x, chains, norm, use_bias, name)
    forks = []
    for i, stem in enumerate(stems, start=2):
        inner = part(name, str(i))
        ends = [[(fork, (1, 3))], [(fork, (3, 1))]]
        ends = _branches(stem, ends, norm, use_bias, part(inner, "fork"))
        forks.append(layers.Concatenate(name=inner)(ends))
    pooled = _projected_pool(x, ("average", pool), norm, use_bias, name)
    return layers.Concatenate(name=name)([single, *forks, pooled])


def inception_reduction(
    x: Any,
    *chains: Chain,
    padding: str = "valid",
    norm: Norm = True,
    use_bias: bool | None = None,
    name: str | None = None,
) -> Any:
    """Half the size, more channels: strides of 2 beside a pool.

    Args:
        x: Tensor (n, h, w, c).
        *chains: One a branch: (filters, kernel size) of its convolutions, the
            last of which has stride 2.
        padding: "valid" or "same", of what has stride 2.
        norm, use_bias, name: As in `inception_naive`.

    Returns:
        Tensor (n, h', w', filters of all last ones + c), the 3x3 maximum last.

    Example:
        >>> import keras
        >>> double = [(64, 1), (96, 3), (96, 3)]
        >>> x = keras.Input((35, 35, 288))
        >>> inception_reduction(x, [(384, 3)], double).shape
        (None, 17, 17, 768)
    """
    branches = []
    for i, (*inner, (filters, kernel_size)) in enumerate(chains, start=1):
        here = part(name, str(i))
        y = _chain(x, inner, norm, use_bias, here)
        y = conv(
            y,
            filters,
            kernel_size,
            2,
            padding,
            norm=norm,
            use_bias=use_bias,
            name=part(here, str(len(inner) + 1)),
        )
        branches.append(y)
    pool = layers.MaxPooling2D(3, 2, padding, name=part(name, "pool"))
    return layers.Concatenate(name=name)([*branches, pool(x)])


def _module(x, chains, pool, norm, use_bias, name):
    """Chains, and a pool with its 1x1 convolution, concatenated."""
    branches = _branches(x, chains, norm, use_bias, name)
    branches.append(_projected_pool(x, pool, norm, use_bias, name))
    return layers.Concatenate(name=name)(branches)


def _branches(x, chains, norm, use_bias, name) -> list:
    return [
        _chain(x, chain, norm, use_bias, part(name, str(i)))
        for i, chain in enumerate(chains, start=1)
    ]


def _chain(x, chain: Chain, norm, use_bias, name):
    for i, (filters, kernel_size) in enumerate(chain, start=1):
        x = conv(
            x,
            filters,
            kernel_size,
            norm=norm,
            use_bias=use_bias,
            name=part(name, str(i)),
        )
    return x


def _projected_pool(x, pool, norm, use_bias, name):
    kind, filters = pool
    x = _pool(kind, part(name, "pool"))(x)
    return _chain(x, [(filters, 1)], norm, use_bias, part(name, "pool"))


def _pool(kind: str, name) -> layers.Layer:
    """3x3 at stride 1; what lies beyond the border does not count."""
    pool = layers.MaxPooling2D if kind == "max" else layers.AveragePooling2D
    return pool(3, 1, "same", name=name)
