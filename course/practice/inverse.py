"""Problems the other way round: what maps one size to another?"""

from typing import Any

from course.practice.dice import Dice
from course.practice.problem import numbered, recognized
from course.practice.steps import Step

RANGES = {
    "kernel_size": range(1, 8),
    "stride": range(1, 6),
    "padding": range(4),
}
NAMES = {"kernel_size": "kernel size", "stride": "stride", "padding": "padding"}


def missing_number(dice: Dice, level: int) -> dict[str, Any]:
    """Which kernel sizes, strides or paddings lead from a size to another.

    There is one at level 1, mostly at level 2, often none at level 3.
    """
    size = dice.between(7, 32)
    step = Step(
        dice.choice((2, 3, 3, 4, 5, 6, 7)),
        dice.choice((1, 2, 2, 3, 4)),
        dice.between(0, 3),
    )
    asked = dice.choice(("kernel_size", "padding"))
    if level > 1:
        asked = dice.choice(tuple(RANGES))
    wanted = step.size(size)
    if level > 1:
        wanted = max(2, wanted + dice.choice((0,) * (9 - 3 * level) + (1, -1)))
    given = {
        "size": size,
        "output_size": wanted,
        "kernel_size": step.kernel_size,
        "stride": step.stride,
        "padding": step.padding,
    }
    given[asked] = None
    answer = _fitting(given)
    choices = RANGES[asked]
    return {
        "question": _question(given, asked),
        "given": given,
        "answer": answer,
        "solution": numbered([*_tried(given, asked), _found(answer)]),
        "advice": f"Try them one after the other, from {choices[0]} to "
        f"{choices[-1]}.",
        "slips": recognized(answer, *_slips(given)),
    }


def _question(given: dict[str, Any], asked: str) -> str:
    known = [f"{NAMES[name]} {given[name]}" for name in RANGES if name != asked]
    first, last = RANGES[asked][0], RANGES[asked][-1]
    return (
        f"A convolution is to make {given['output_size']}×"
        f"{given['output_size']} of a map of {given['size']}×{given['size']} "
        f"pixels, with {' and '.join(known)}. Which {NAMES[asked]}s from "
        f"{first} to {last} do that? Name all of them, or none.\n\n"
        "Padding p is p zeros on each side. Where the last step does not fit, "
        "the kernel does not go: round down. The kernel is square and not "
        "dilated."
    )


def _steps(given: dict[str, Any]) -> dict[int, Step]:
    """Number tried -> the layer, where its kernel fits."""
    asked = next(name for name in RANGES if given[name] is None)
    known = {name: given[name] for name in RANGES}
    tried = {n: Step(**(known | {asked: n})) for n in RANGES[asked]}
    return {n: step for n, step in tried.items() if step.fits(given["size"])}


def _fitting(given: dict[str, Any]) -> tuple[int, ...]:
    return tuple(
        number
        for number, step in _steps(given).items()
        if step.size(given["size"]) == given["output_size"]
    )


def _tried(given: dict[str, Any], asked: str) -> list[str]:
    """A line for each number from the range."""
    lines = []
    steps = _steps(given)
    for number in RANGES[asked]:
        line = f"{NAMES[asked].capitalize()} {number}: "
        if number not in steps:
            lines.append(f"{line}the kernel does not fit.")
            continue
        formula = steps[number].formula(given["size"])
        is_right = steps[number].size(given["size"]) == given["output_size"]
        lines.append(f"{line}{formula}{', as asked' if is_right else ''}.")
    return lines


def _found(answer: tuple[int, ...]) -> str:
    if not answer:
        return "None of them: **none**."
    return f"So: **{', '.join(map(str, answer))}**."


def _slips(given: dict[str, Any]) -> list[tuple[str, tuple[int, ...]]]:
    size, wanted, steps = given["size"], given["output_size"], _steps(given)

    def those(rule) -> tuple[int, ...]:
        return tuple(n for n, step in steps.items() if rule(step))

    def room(step: Step) -> int:
        return size + step.zeros(size) - step.extent

    return [
        (
            "Rounding down lets a division with a remainder count too.",
            those(lambda step: room(step) == (wanted - 1) * step.stride),
        ),
        (
            "Padding stands on both sides of an axis.",
            those(
                lambda step: (
                    (size + step.padding - step.extent) // step.stride + 1
                    == wanted
                )
            ),
        ),
        (
            "A kernel that would stick out makes no output: round down.",
            those(lambda step: -(-room(step) // step.stride) + 1 == wanted),
        ),
        (
            "The kernel's first place counts too, before any step.",
            those(lambda step: room(step) // step.stride == wanted),
        ),
        ("Some number of the range does it.", ()),
    ]
