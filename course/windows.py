"""Which inputs along one axis each output of a layer looks at.

An output looks at a window of neighbouring inputs, from a first to a last
one. As outputs go on, windows repeat: output p + m looks as many inputs
further on as any other does. A convolution has m = 1 and moves by its stride;
a transposed one has as many kinds of windows as its stride. Layers follow one
another, and branches meet; the windows of what results are computed here, by
whole numbers only.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from course.arithmetic import (
    AxisPadding,
    axis_padding,
    conv_output_size,
    kernel_extent,
    transposed_conv_output_size,
    transposed_conv_window,
)


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of all outputs along one axis.

    Output p = q m + r looks at the inputs from `first[r]` + q `step` to
    `last[r]` + q `step`, both among them, where m = len(first). Inputs below
    0 are padding, and so are those beyond the last pixel.

    Args:
        first: First input of m outputs that follow one another.
        last: Last input of each.
        step: How much further the next m outputs look.
        size: Number of outputs along the axis.
        gap: Distance of the inputs looked at in a window; more than 1 leaves
            holes, as dilation does. Windows that result from others fill
            them.
        blind: Which of the m outputs look at nothing at all; their first and
            last are their neighbours'.

    Example:
        >>> windows = conv_windows(224, kernel_size=7, stride=2, padding="same")
        >>> windows.at(0), windows.at(1), windows.size
        ((-2, 4), (0, 6), 112)
    """

    first: tuple[float, ...]
    last: tuple[float, ...]
    step: int
    size: int
    gap: int = 1
    blind: frozenset[int] = frozenset()

    def at(self, output: int) -> tuple[float, float]:
        """First and last input that an output looks at."""
        turns, kind = divmod(output, len(self.first))
        further = turns * self.step
        return self.first[kind] + further, self.last[kind] + further

    def among(self, outputs: Iterable[int], size: int) -> set[int]:
        """Which of `size` inputs any of these outputs looks at."""
        if self.is_whole:
            return set(range(size))
        looked: set[int] = set()
        for output in outputs:
            looked.update(self.inputs(output))
        return {each for each in looked if 0 <= each < size}

    def inputs(self, output: int) -> Sequence[int]:
        """The inputs that an output looks at, padding too."""
        if output % len(self.first) in self.blind:
            return ()
        first, last = self.at(output)
        return range(first, last + 1, self.gap)

    @property
    def is_whole(self) -> bool:
        """Whether each output looks at the whole input."""
        return self.first[0] == -math.inf

    @property
    def extent(self) -> float:
        """Inputs in the widest window; infinite for the whole input."""
        if self.is_whole:
            return math.inf
        widths = (
            last - first + 1
            for kind, (first, last) in enumerate(
                zip(self.first, self.last, strict=True)
            )
            if kind not in self.blind
        )
        return max(widths, default=0)

    @property
    def stride(self) -> int | Fraction:
        """Inputs between neighbouring windows, on average."""
        stride = Fraction(self.step, len(self.first))
        return int(stride) if stride.denominator == 1 else stride

    def of(self, inner: "Windows") -> "Windows":
        """The windows on the inputs of `inner`, whose outputs these look at."""
        if self.is_whole or inner.is_whole:
            return whole_windows(self.size)
        kinds = len(inner.first)
        if len(self.first) == kinds == 1:
            stride = inner.step
            return Windows(
                (stride * self.first[0] + inner.first[0],),
                (stride * self.last[0] + inner.last[0],),
                stride * self.step,
                self.size,
            )
        turns = kinds // math.gcd(self.step, kinds)
        looks = [
            inner.over(self.inputs(output))
            for output in range(turns * len(self.first))
        ]
        step = turns * self.step // kinds * inner.step
        return _from_list(looks, step, self.size)

    def over(self, outputs: Sequence[int]) -> tuple | None:
        """The window around those of some outputs; None if all are blind."""
        kinds = len(self.first)
        seeing = [each for each in outputs if each % kinds not in self.blind]
        if not seeing:
            return None
        return self.at(seeing[0])[0], self.at(seeing[-1])[1]

    def united(self, other: "Windows") -> "Windows":
        """The smallest windows that hold these and the other's.

        Raises:
            ValueError: If the strides differ, so that no fixed window does.
        """
        if self.is_whole or other.is_whole:
            return whole_windows(self.size)
        if self.stride != other.stride:
            raise ValueError(
                f"windows of strides {self.stride} and {other.stride} drift "
                "apart: no window of a fixed size holds both"
            )
        kinds = math.lcm(len(self.first), len(other.first))
        joined = []
        for output in range(kinds):
            both = self.over([output]), other.over([output])
            seen = [window for window in both if window is not None]
            first = min((low for low, _ in seen), default=None)
            last = max((high for _, high in seen), default=None)
            joined.append((first, last) if seen else None)
        step = self.step * kinds // len(self.first)
        return _from_list(joined, step, self.size)


def whole_windows(size: int) -> Windows:
    """Windows of outputs that look at the whole input."""
    return Windows((-math.inf,), (math.inf,), 0, size)


def same_windows(size: int) -> Windows:
    """Windows of outputs that each look at the input in their own place."""
    return Windows((0,), (0,), 1, size)


def shifted_windows(size: int, before: int, after: int) -> Windows:
    """Windows after `before` and `after` pixels were put around an axis.

    Less than zero crops.
    """
    return Windows((-before,), (-before,), 1, size + before + after)


def repeated_windows(times: int, outputs: int) -> Windows:
    """Windows of outputs that look, `times` after another, at one input.

    Example:
        >>> windows = repeated_windows(2, outputs=5)
        >>> [windows.at(output)[0] for output in range(5)]
        [0, 0, 1, 1, 2]
    """
    return Windows((0,) * times, (0,) * times, 1, outputs)


def conv_windows(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: AxisPadding = 0,
    dilation: int = 1,
) -> Windows:
    """Windows of a convolution or a pooling, with dilation's holes filled.

    Args:
        size, kernel_size, stride, padding, dilation: As in
            `course.arithmetic.conv_output_size`.

    Raises:
        ValueError: If a value is out of range, or the kernel does not fit.

    Example:
        >>> conv_windows(5, kernel_size=3, dilation=2).at(0)
        (0, 4)
    """
    before, after = axis_padding(padding, size, kernel_size, stride, dilation)
    outputs = conv_output_size(
        size, kernel_size, stride, (before, after), dilation
    )
    reach = kernel_extent(kernel_size, dilation) - 1
    return Windows((-before,), (reach - before,), stride, outputs, dilation)


def adaptive_pool_windows(size: int, outputs: int) -> Windows:
    """Windows of a pooling over a given number of parts, as equal as can be.

    Neighbouring parts share a pixel where they do not divide the axis.

    Args:
        size: Number of inputs.
        outputs: Number of parts.

    Example:
        >>> windows = adaptive_pool_windows(8, outputs=3)
        >>> [windows.at(output) for output in range(3)]
        [(0, 2), (2, 5), (5, 7)]
    """
    parts = outputs // math.gcd(size, outputs)
    looks = [
        (part * size // outputs, -(-(part + 1) * size // outputs) - 1)
        for part in range(parts)
    ]
    return _from_list(looks, parts * size // outputs, outputs)


def transposed_conv_windows(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: AxisPadding = 0,
    output_padding: int | None = None,
    dilation: int = 1,
) -> Windows:
    """Windows of a transposed convolution.

    Input i lays tap t on output s i + d t - `before`; an output looks at the
    inputs whose taps reach it, none where the kernel is shorter than the
    stride.

    Args:
        size, kernel_size, stride, padding, output_padding, dilation: As in
            `course.arithmetic.transposed_conv_output_size`.

    Raises:
        ValueError: If a value is out of range.

    Example:
        >>> windows = transposed_conv_windows(4, kernel_size=3, stride=2)
        >>> [windows.at(output) for output in range(4)]
        [(-1, 0), (0, 0), (0, 1), (1, 1)]
    """
    before, _ = transposed_conv_window(
        kernel_size, stride, padding, output_padding, dilation
    )
    outputs = transposed_conv_output_size(
        size, kernel_size, stride, padding, output_padding, dilation
    )
    reached = []
    for output in range(stride):
        inputs = [
            (output + before - dilation * tap) // stride
            for tap in range(kernel_size)
            if (output + before - dilation * tap) % stride == 0
        ]
        reached.append((min(inputs), max(inputs)) if inputs else None)
    gap = dilation // math.gcd(dilation, stride)
    return _from_list(reached, 1, outputs, gap)


def resize_windows(
    size: int, outputs: int, interpolation: str = "nearest"
) -> Windows:
    """Windows of a resized axis, with pixels as squares (half-pixel centres).

    Args:
        size: Number of inputs.
        outputs: Number of outputs.
        interpolation: "nearest", "bilinear", "bicubic", "lanczos3" or
            "lanczos5"; when shrinking, without anti-aliasing.

    Raises:
        ValueError: If the interpolation is another.

    Example:
        >>> windows = resize_windows(4, 8, "bilinear")
        >>> [windows.at(output) for output in range(3)]
        [(-1, 0), (0, 1), (0, 1)]
    """
    if interpolation not in (*_REACH, "nearest"):
        raise ValueError(
            f"interpolation={interpolation!r} is unknown here. Expected one "
            f"of {', '.join(map(repr, ('nearest', *_REACH)))}."
        )
    common = math.gcd(size, outputs)
    looks = []
    for output in range(outputs // common):
        if interpolation == "nearest":
            near = (2 * output + 1) * size // (2 * outputs)
            looks.append((near, near))
            continue
        # Where the output's middle stands among the inputs' middles.
        place = Fraction((2 * output + 1) * size - outputs, 2 * outputs)
        if place.denominator == 1:  # all other weights are zero there
            looks.append((int(place), int(place)))
            continue
        left = math.floor(place)
        reach = _REACH[interpolation]
        looks.append((left + 1 - reach, left + reach))
    return _from_list(looks, size // common, outputs)


# Inputs on each side that an output between two of them looks at.
_REACH = {"bilinear": 1, "bicubic": 2, "lanczos3": 3, "lanczos5": 5}


def _from_list(
    looks: Iterable[tuple | None], step: int, size: int, gap: int = 1
) -> Windows:
    """Windows of m outputs, None for a blind one.

    A blind one gets the next one's first and the previous one's last input.
    """
    looks = list(looks)
    full = [i for i, look in enumerate(looks) if look is not None]
    if not full:
        raise ValueError("no output depends on any input")
    first, last = [], []
    for i in range(len(looks)):
        after = next((j for j in full if j >= i), None)
        before = next((j for j in reversed(full) if j <= i), None)
        first.append(
            looks[full[0]][0] + step if after is None else looks[after][0]
        )
        last.append(
            looks[full[-1]][1] - step if before is None else looks[before][1]
        )
    blind = frozenset(range(len(looks))) - frozenset(full)
    return Windows(tuple(first), tuple(last), step, size, gap, blind)
