"""Layers as a question words them, and mistakes in their output's size."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from course.arithmetic import (
    axis_padding,
    conv_output_size,
    kernel_extent,
)
from course.practice.dice import Dice


@dataclass(frozen=True)
class Step:
    """A convolution, or a pooling if it has no filters; square kernels."""

    kernel_size: int
    stride: int = 1
    padding: int | str = 0
    dilation: int = 1
    filters: int | None = None

    @property
    def extent(self) -> int:
        return kernel_extent(self.kernel_size, self.dilation)

    @property
    def words(self) -> str:
        """As a question says it."""
        k = f"{self.kernel_size}×{self.kernel_size}"
        if self.filters is None:
            return f"max pooling, windows of {k}, {self.how}"
        filters = counted(self.filters, "filter")
        return f"convolution, {filters} of {k}, {self.how}"

    @property
    def how(self) -> str:
        """Stride, padding and dilation in words."""
        dilation = f", dilation {self.dilation}" if self.dilation > 1 else ""
        padding = f"padding {self.padding}"
        if isinstance(self.padding, str):
            padding = f'padding "{self.padding}"'
        return f"stride {self.stride}, {padding}{dilation}"

    def size(self, size: int) -> int:
        """Of the output, along one axis."""
        return conv_output_size(
            size, self.kernel_size, self.stride, self.padding, self.dilation
        )

    def channels(self, channels: int) -> int:
        """Of the output."""
        return channels if self.filters is None else self.filters

    def zeros(self, size: int) -> int:
        """Pixels of padding along one axis, both sides together."""
        return sum(
            axis_padding(
                self.padding,
                size,
                self.kernel_size,
                self.stride,
                self.dilation,
            )
        )

    def fits(self, size: int) -> bool:
        return self.extent <= size + self.zeros(size)

    def given(self) -> dict[str, Any]:
        """Its numbers by name."""
        return asdict(self)

    def formula(self, size: int) -> str:
        """How its output's size comes about, with the numbers in."""
        o = self.size(size)
        if self.padding == "same":
            return f"⌈{size} / {self.stride}⌉ = {o}"
        zeros = self.zeros(size)
        padded = f"{size} + 2·{zeros // 2}" if zeros else f"{size}"
        if self.stride == 1:
            return f"{padded} − {self.extent} + 1 = {o}"
        return f"⌊({padded} − {self.extent}) / {self.stride}⌋ + 1 = {o}"


DRAW_IT = "Draw one axis: where does the kernel stand first, and where last?"


def rules(steps: list[Step]) -> str:
    """What a question about sizes says so that one answer is right.

    Example:
        >>> rules([Step(3, padding="same")])
        '"same" adds as many zeros as in Keras.'
    """
    paddings = [step.padding for step in steps]
    said = []
    if any(isinstance(padding, int) for padding in paddings):
        said.append("Padding p is p zeros on each side.")
    if "valid" in paddings:
        said.append('"valid" adds no zeros.')
    if "same" in paddings:
        said.append('"same" adds as many zeros as in Keras.')
    if any(step.dilation > 1 for step in steps):
        said.append("Dilation d puts the kernel's taps d pixels apart.")
    if any(step.stride > 1 and step.padding != "same" for step in steps):
        said.append("Where the last step does not fit, the kernel does not go.")
    return " ".join(said)


def counted(number: int, noun: str) -> str:
    """A number and its noun.

    Example:
        >>> counted(1, "filter"), counted(6, "filter")
        ('1 filter', '6 filters')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _room(step: Step, size: int) -> int:
    """Pixels that the kernel can move."""
    return size + step.zeros(size) - step.extent


def _padded_once(step: Step, size: int) -> int | None:
    if not isinstance(step.padding, int):
        return None
    return (size + step.padding - step.extent) // step.stride + 1


def _without_padding(step: Step, size: int) -> int:
    return (size - step.extent) // step.stride + 1


def _dilation_ignored(step: Step, size: int) -> int:
    return (size + step.zeros(size) - step.kernel_size) // step.stride + 1


def _dilation_times_size(step: Step, size: int) -> int:
    extent = step.dilation * step.kernel_size
    return (size + step.zeros(size) - extent) // step.stride + 1


def _is_same(step: Step, size: int) -> int | None:
    return size if step.padding == "same" else None


def _floor_of_same(step: Step, size: int) -> int | None:
    return size // step.stride if step.padding == "same" else None


def _taken_for_same(step: Step, size: int) -> int | None:
    return -(-size // step.stride) if step.padding != "same" else None


SIZE_SLIPS: tuple[tuple[str, Callable[[Step, int], int | None]], ...] = (
    ("Padding stands on both sides of an axis.", _padded_once),
    (
        "A kernel that would stick out makes no output: round down.",
        lambda step, size: -(-_room(step, size) // step.stride) + 1,
    ),
    (
        "The kernel's first place counts too, before any step.",
        lambda step, size: _room(step, size) // step.stride,
    ),
    ('"same" keeps the size only where the stride is 1.', _is_same),
    ('With "same" the last window may begin inside: round up.', _floor_of_same),
    (
        "What does the stride do to the number of places?",
        lambda step, size: _room(step, size) + 1,
    ),
    ("A dilated kernel has gaps between its taps.", _dilation_ignored),
    (
        "A dilated kernel of k taps has k − 1 gaps, none after the last.",
        _dilation_times_size,
    ),
    ("What does the padding add?", _without_padding),
    (
        'Only "same" gives size / stride: what do kernel and padding do here?',
        _taken_for_same,
    ),
)
"""Hints, and the size that the mistake leads to; None where it cannot occur."""


def size_slips(steps: list[Step], size: int) -> list[tuple[str, int | None]]:
    """Hints, and the size after all steps if the mistake is made in each."""
    return [(hint, _through(rule, steps, size)) for hint, rule in SIZE_SLIPS]


def _through(rule, steps, size) -> int | None:
    """A chain's size by a wrong rule, by the right one where it is silent."""
    for step in steps:
        if not step.fits(size):
            return None
        slipped = rule(step, size)
        size = step.size(size) if slipped is None else slipped
        if size < 1:
            return None
    return size


KERNELS = (2, 3, 3, 3, 4, 5, 5, 7)


def draw_convolution(
    dice: Dice, size: int, level: int, filters: int = 1
) -> Step:
    """A convolution that fits a map of `size` pixels.

    Level 2 knows Keras's strings, level 3 dilation too.
    """
    while True:
        k = dice.choice(KERNELS)
        dilation = dice.choice((1, 2, 2, 3)) if level > 2 else 1
        # Keras refuses to dilate and to stride at once.
        stride = dice.choice((1, 2, 2, 3)) if dilation == 1 else 1
        padding: int | str = dice.between(0, k // 2)
        if level > 1:
            padding = dice.choice((padding, padding, "same", "valid"))
        step = Step(k, stride, padding, dilation, filters)
        if step.fits(size):
            return step


def draw_pooling(dice: Dice, level: int) -> Step:
    """A pooling of 2 or 3 pixels."""
    k, stride = dice.choice(((2, 2), (3, 2), (3, 3)))
    padding = dice.choice(("valid", "same")) if level > 1 else 0
    return Step(k, stride, padding)
