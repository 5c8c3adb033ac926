"""Sizes, padding, parameters and multiplications of convolutions, in integers.

One axis at a time, with the symbols of Dumoulin & Visin, "A guide to
convolution arithmetic for deep learning" (2016, arXiv:1603.07285): input size
i, kernel size k, stride s, padding p, dilation d, output size o, output
padding a. The strings "valid" and "same" mean what they mean in Keras.
"""

import math
import operator
from collections.abc import Collection, Sequence
from typing import Any

AxisPadding = int | tuple[int, int] | str
"""Zeros on each side | (before, after) | "valid" | "same"."""


def conv_output_size(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: AxisPadding = 0,
    dilation: int = 1,
) -> int:
    """Output size of a convolution along one axis.

    o = floor((i + 2p - d(k - 1) - 1) / s) + 1 (arXiv:1603.07285,
    relationships 6 and 15); "same" gives ceil(i / s).

    Args:
        size: Input size i in pixels.
        kernel_size: Kernel size k in taps.
        stride: Step s of the kernel in pixels.
        padding: Zeros added: each side, (before, after), "valid" or "same".
        dilation: Distance d between neighbouring taps in pixels.

    Returns:
        The number of places at which the kernel stands.

    Raises:
        ValueError: If a value is no integer of its range, or the dilated
            kernel is larger than the padded input.

    Example:
        >>> conv_output_size(227, 11, stride=4)  # AlexNet's first layer
        55
    """
    size = integer(size, "size", minimum=1)
    extent = kernel_extent(kernel_size, dilation)
    stride = integer(stride, "stride", minimum=1)
    before, after = axis_padding(padding, size, kernel_size, stride, dilation)
    padded = size + before + after
    if extent > padded:
        raise ValueError(
            f"the kernel does not fit: it spans {extent} pixels "
            f"(kernel_size={kernel_size}, dilation={dilation}), the padded "
            f"input only {padded} (size={size}, padding={padding!r}). Expected "
            "a kernel no larger than the padded input: enlarge size or "
            "padding, or reduce kernel_size or dilation."
        )
    return (padded - extent) // stride + 1


def pool_output_size(
    size: int,
    pool_size: int,
    stride: int | None = None,
    padding: AxisPadding = 0,
) -> int:
    """Output size of a pooling layer along one axis.

    Args:
        size: Input size i in pixels.
        pool_size: Window size k in pixels.
        stride: Step s of the window in pixels; None means `pool_size`, so
            that windows tile the input.
        padding: Each side, (before, after), "valid" or "same".

    Returns:
        The number of windows.

    Raises:
        ValueError: As `conv_output_size`.

    Example:
        >>> pool_output_size(55, 3, stride=2)  # AlexNet's overlapping pooling
        27
    """
    pool_size = integer(pool_size, "pool_size", minimum=1)
    stride = pool_size if stride is None else stride
    return conv_output_size(size, pool_size, stride, padding)


def transposed_conv_output_size(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: AxisPadding = 0,
    output_padding: int | None = None,
    dilation: int = 1,
) -> int:
    """Output size of a transposed convolution along one axis.

    For padding in pixels, o = s(i - 1) + a + d(k - 1) + 1 - 2p
    (arXiv:1603.07285, relationship 14, with dilation). The strings follow
    `keras.layers.Conv2DTranspose`: without output padding "valid" gives
    s(i - 1) + max(d(k - 1) + 1, s) and "same" gives s i.

    Args:
        size: Input size i in pixels.
        kernel_size: Kernel size k in taps.
        stride: Distance s in pixels between the places of two neighbouring
            inputs in the output.
        padding: Padding p of the convolution that is transposed, thus pixels
            cropped from the output: each side, (before, after), "valid" or
            "same".
        output_padding: Rows a added after the last one, less than `stride`;
            it chooses among the output sizes that the convolution maps to
            `size`. None means 0 for padding in pixels and Keras's default
            for the strings.
        dilation: Distance d between neighbouring taps in pixels.

    Returns:
        The output size in pixels.

    Raises:
        ValueError: If a value is no integer of its range, `output_padding` is
            not less than `stride`, or nothing is left after cropping.

    Example:
        >>> transposed_conv_output_size(2, 3, stride=2)
        5
        >>> transposed_conv_output_size(2, 3, stride=2, padding="same")
        4
    """
    size = integer(size, "size", minimum=1)
    _, length = transposed_conv_window(
        kernel_size, stride, padding, output_padding, dilation
    )
    output_size = stride * size + length
    if output_size < 1:
        raise ValueError(
            f"nothing is left of the output: size={size}, "
            f"kernel_size={kernel_size}, stride={stride}, "
            f"padding={padding!r}, output_padding={output_padding}, "
            f"dilation={dilation} give {output_size} pixels. Expected at "
            "least 1: reduce padding, or enlarge size or kernel_size."
        )
    return output_size


def transposed_conv_window(
    kernel_size: int,
    stride: int,
    padding: AxisPadding,
    output_padding: int | None,
    dilation: int,
) -> tuple[int, int]:
    """What a transposed convolution keeps of its full overlap-add.

    Copies of the kernel laid `stride` apart span s(i - 1) + d(k - 1) + 1
    pixels. The output is a window of that: it starts after `first` pixels and
    is s i + `length` pixels long (zeros where it reaches past the end).
    Neither number depends on the input's size i.

    Args:
        kernel_size, stride, padding, output_padding, dilation: As in
            `transposed_conv_output_size`.

    Returns:
        (first, length) in pixels; `length` is often negative.

    Raises:
        ValueError: As `transposed_conv_output_size`.

    Example:
        >>> transposed_conv_window(3, 2, "same", None, 1)  # s i pixels, from 0
        (0, 0)
    """
    extent = kernel_extent(kernel_size, dilation)
    stride = integer(stride, "stride", minimum=1)
    extra = 0
    if output_padding is not None:
        extra = integer(output_padding, "output_padding", minimum=0)
    if extra >= stride:
        raise ValueError(
            f"output_padding must be less than stride; received "
            f"output_padding={output_padding}, stride={stride}. It chooses "
            "among the `stride` sizes that one convolution maps to the same "
            f"size: use 0 to {stride - 1}."
        )
    # Lengths below leave out the s i that every output has.
    full = extent - stride
    if not isinstance(padding, str):
        before, after = axis_padding(padding)
        return before, full - before - after + extra
    if _padding_name(padding) == "valid":
        return 0, full + extra if output_padding is not None else max(full, 0)
    length = 0
    if output_padding is not None:
        length = extent % 2 + extra - stride
    return max(full - length, 0) // 2, length


def same_padding(
    size: int, kernel_size: int, stride: int = 1, dilation: int = 1
) -> tuple[int, int]:
    """Zeros that "same" adds before and after one axis, so o = ceil(i / s).

    An odd number of zeros puts the extra one after, as TensorFlow and Keras
    do.

    Args:
        size: Input size i in pixels.
        kernel_size: Kernel size k in taps.
        stride: Step s of the kernel in pixels.
        dilation: Distance d between neighbouring taps in pixels.

    Returns:
        (before, after) in pixels.

    Raises:
        ValueError: If a value is no integer of at least 1.

    Example:
        >>> same_padding(224, 7, stride=2)  # ResNet's first layer
        (2, 3)
    """
    size = integer(size, "size", minimum=1)
    extent = kernel_extent(kernel_size, dilation)
    stride = integer(stride, "stride", minimum=1)
    output_size = -(-size // stride)
    total = max((output_size - 1) * stride + extent - size, 0)
    return total // 2, total - total // 2


def conv_parameters(
    kernel_size: int | Sequence[int],
    in_channels: int,
    out_channels: int,
    groups: int = 1,
    bias: bool = True,
) -> int:
    """Number of weights of a convolution layer.

    Args:
        kernel_size: (k,), (kh, kw), ...; an int means a square (k, k).
        in_channels: Channels of the input.
        out_channels: Number of filters.
        groups: Groups into which both kinds of channels are split; each
            filter sees in_channels / groups channels.
        bias: Whether every filter has a bias.

    Returns:
        Kernel weights plus biases.

    Raises:
        ValueError: If a value is no integer of at least 1, or `groups`
            does not divide both numbers of channels.

    Example:
        >>> conv_parameters(3, 3, 64)  # VGG's first layer
        1792
    """
    taps = math.prod(_sizes(kernel_size, "kernel_size"))
    weights = taps * _connections(in_channels, out_channels, groups)
    return weights + (int(out_channels) if bias else 0)


def conv_macs(
    output_size: int | Sequence[int],
    kernel_size: int | Sequence[int],
    in_channels: int,
    out_channels: int,
    groups: int = 1,
) -> int:
    """Multiply-accumulate operations of a convolution layer on one image.

    Args:
        output_size: (o,), (oh, ow), ...; an int means a square (o, o).
        kernel_size: (k,), (kh, kw), ...; an int means a square (k, k).
        in_channels: Channels of the input.
        out_channels: Number of filters.
        groups: As in `conv_parameters`.

    Returns:
        One per kernel weight and place; biases are not counted.

    Raises:
        ValueError: As `conv_parameters`, or if the two sizes have different
            numbers of axes.

    Example:
        >>> conv_macs(224, 3, 3, 64)  # VGG's first layer
        86704128
    """
    places = _sizes(output_size, "output_size")
    taps = _sizes(kernel_size, "kernel_size")
    if len(places) != len(taps):
        raise ValueError(
            "output_size and kernel_size must have the same number of axes; "
            f"received output_size={output_size}, kernel_size={kernel_size} "
            "(an int counts as two axes). Write both as tuples."
        )
    connections = _connections(in_channels, out_channels, groups)
    return math.prod(places) * math.prod(taps) * connections


def kernel_extent(kernel_size: int, dilation: int = 1) -> int:
    """Pixels that a dilated kernel spans: d(k - 1) + 1.

    Raises:
        ValueError: If a value is no integer of at least 1.

    Example:
        >>> kernel_extent(3, dilation=2)
        5
    """
    kernel_size = integer(kernel_size, "kernel_size", minimum=1)
    dilation = integer(dilation, "dilation", minimum=1)
    return dilation * (kernel_size - 1) + 1


def axis_padding(
    padding: AxisPadding,
    size: int | None = None,
    kernel_size: int = 1,
    stride: int = 1,
    dilation: int = 1,
) -> tuple[int, int]:
    """Any way of writing one axis's padding as (before, after) in pixels.

    The sizes are asked for "same" only.

    Raises:
        ValueError: If `padding` is none of int, (before, after), "valid",
            "same", or is negative.

    Example:
        >>> axis_padding(1), axis_padding((0, 2)), axis_padding("valid")
        ((1, 1), (0, 2), (0, 0))
    """
    if isinstance(padding, str):
        if _padding_name(padding) == "valid":
            return 0, 0
        return same_padding(size, kernel_size, stride, dilation)
    if isinstance(padding, Sequence):
        if len(padding) != 2:
            raise ValueError(
                f"padding={padding!r} has {len(padding)} entries. Expected "
                "for one axis an int, a pair (before, after), 'valid' or "
                "'same'."
            )
        before, after = padding
    else:
        before = after = padding
    return (
        integer(before, "padding", minimum=0),
        integer(after, "padding", minimum=0),
    )


def per_axis(value, rank: int, name: str) -> tuple:
    """One entry an axis: a sequence as it is, anything else repeated.

    Args:
        value: An int or a string, meant for every axis, or a sequence with
            one entry an axis.
        rank: Number of axes.
        name: The argument's name, for the error.

    Raises:
        ValueError: If a sequence does not have `rank` entries.

    Example:
        >>> per_axis(2, 2, "strides"), per_axis((1, 2), 2, "strides")
        ((2, 2), (1, 2))
    """
    if isinstance(value, str) or not isinstance(value, Sequence):
        return (value,) * rank
    if len(value) != rank:
        raise ValueError(
            f"{name}={value!r} has {len(value)} entries for {rank} spatial "
            f"axes. Expected one entry an axis, or one value for all of them."
        )
    return tuple(value)


def integer(value, name: str, minimum: int) -> int:
    """`value` as an int (NumPy's integers too), at least `minimum`.

    Raises:
        ValueError: If it is no integer, or less; names the argument.

    Example:
        >>> integer(3, "stride", minimum=1)
        3
    """
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None or number < minimum:
        raise ValueError(
            f"{name} must be an integer of at least {minimum}; received "
            f"{name}={value!r}."
        )
    return number


def one_of(allowed: Collection, value: Any, name: str = "variant") -> Any:
    """`value`, if it is among those allowed.

    Raises:
        ValueError: It is not; lists what is.

    Example:
        >>> one_of(("A", "B"), "A")
        'A'
    """
    if value not in list(allowed):
        raise ValueError(
            f"{name}={value!r} is unknown. Expected one of "
            f"{', '.join(map(repr, allowed))}."
        )
    return value


def _padding_name(padding: str) -> str:
    """The string in lower case, if it is one of the two that Keras knows."""
    if padding.lower() not in ("valid", "same"):
        raise ValueError(
            f"padding={padding!r} is unknown. Expected 'valid', 'same' or "
            "pixels."
        )
    return padding.lower()


def _sizes(value: int | Sequence[int], name: str) -> tuple[int, ...]:
    """A tuple of sizes; an int means a square."""
    sizes = value if isinstance(value, Sequence) else (value, value)
    return tuple(integer(size, name, minimum=1) for size in sizes)


def _connections(in_channels: int, out_channels: int, groups: int) -> int:
    """Pairs of an input and an output channel that see each other."""
    in_channels = integer(in_channels, "in_channels", minimum=1)
    out_channels = integer(out_channels, "out_channels", minimum=1)
    groups = integer(groups, "groups", minimum=1)
    if in_channels % groups or out_channels % groups:
        raise ValueError(
            f"groups={groups} must divide in_channels={in_channels} and "
            f"out_channels={out_channels}: choose a common divisor of both."
        )
    return in_channels // groups * out_channels
