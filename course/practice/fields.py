"""Problems about receptive fields of chains."""

from typing import Any

from course.practice.dice import Dice
from course.practice.problem import numbered, recognized
from course.practice.steps import Step


def receptive_field(dice: Dice, level: int) -> dict[str, Any]:
    """What a unit behind a chain sees; level 2 strides, level 3 dilates."""
    number = dice.between(2 + level // 2, 3 + level // 3)
    steps = [_draw(dice, level) for _ in range(number)]
    if level > 1 and all(step.stride == 1 for step in steps[:-1]):
        steps[0] = Step(2, 2)
    if level > 2 and all(step.dilation == 1 for step in steps):
        steps[-1] = Step(3, 1, 0, dilation=2, filters=1)
    answer, lines = _follow(steps)
    listed = "\n".join(f"- {_words(step)}" for step in steps)
    return {
        "question": (
            f"An image goes through\n\n{listed}\n\nHow many pixels of it, "
            "along one axis, does one unit behind the last layer see, from the "
            "first to the last?\n\nThe unit is far from the borders; gaps "
            "between a dilated kernel's taps count as seen."
        ),
        "given": {"layers": tuple(step.given() for step in steps)},
        "answer": answer,
        "solution": numbered(lines),
        "advice": "Go layer by layer: how far apart, in pixels of the image, "
        "do two neighbouring units look?",
        "slips": recognized(answer, *_slips(steps)),
    }


def _draw(dice: Dice, level: int) -> Step:
    if dice.between(0, 3) == 0:
        return Step(*dice.choice(((2, 2), (3, 2)) if level > 1 else ((2, 1),)))
    k = dice.choice((1, 2, 3, 3, 3, 4, 5, 7))
    dilation = dice.choice((1, 2, 2, 3)) if level > 2 and k > 1 else 1
    stride = dice.choice((1, 1, 2)) if level > 1 and dilation == 1 else 1
    return Step(k, stride, 0, dilation, filters=1)


def _words(step: Step) -> str:
    """Without filters and padding, on which nothing depends here."""
    name = "max pooling" if step.filters is None else "convolution"
    dilation = f", dilation {step.dilation}" if step.dilation > 1 else ""
    k = step.kernel_size
    return f"{name} {k}×{k}, stride {step.stride}{dilation}"


def _follow(steps: list[Step]) -> tuple[int, list[str]]:
    """The field, and a line for each layer."""
    field, jump = 1, 1
    lines = ["A pixel sees itself: field 1, and neighbours are 1 pixel apart."]
    for step in steps:
        reach = step.extent - 1
        gaps, units = f"{reach}", "unit" if reach == 1 else "units"
        if step.dilation > 1:
            gaps = f"{step.dilation}·({step.kernel_size} − 1)"
        line = (
            f"{_words(step).partition(',')[0].capitalize()}: its taps reach "
            f"{gaps} {units} of {jump} on: {field} + {gaps}·{jump} = "
            f"**{field + reach * jump}**"
        )
        field += reach * jump
        if step.stride > 1:
            line += (
                f"; from here on neighbours are {jump}·{step.stride} = "
                f"{jump * step.stride} apart"
            )
        jump *= step.stride
        lines.append(f"{line}.")
    return field, lines


def _slips(steps: list[Step]) -> list[tuple[str, int]]:
    """The sums that mistakes lead to."""
    field, jump = 1, 1
    taps, product = 0, 1
    undilated, before = 1, 1
    for step in steps:
        before += (step.extent - 1) * jump * step.stride
        undilated += (step.kernel_size - 1) * jump
        field += (step.extent - 1) * jump
        jump *= step.stride
        taps += step.kernel_size
        product *= step.kernel_size
    return [
        (
            "A stride spreads what later layers see: who jumps how far?",
            1 + sum(step.extent - 1 for step in steps),
        ),
        (
            "A layer's stride acts on the layers behind it, not on itself.",
            before,
        ),
        ("A dilated kernel has gaps between its taps.", undilated),
        ("Neighbouring windows overlap: a layer adds k − 1 units.", taps),
        ("Windows overlap: fields add up, they do not multiply.", product),
        ("The middle pixel counts once.", field - 1),
        ("What do the layers before the last one see?", steps[-1].extent),
        ("That is the stride of the whole chain.", jump),
    ]
