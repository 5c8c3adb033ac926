"""Problems about sizes: a layer's, a transposed layer's, a stack's."""

from typing import Any

from course.arithmetic import transposed_conv_output_size
from course.practice.dice import Dice
from course.practice.problem import numbered, recognized
from course.practice.steps import (
    DRAW_IT,
    Step,
    counted,
    draw_convolution,
    draw_pooling,
    rules,
    size_slips,
)


def output_size(dice: Dice, level: int) -> dict[str, Any]:
    """One axis of one convolution."""
    size = dice.between(7, 32)
    step = draw_convolution(dice, size, level)
    given = step.given() | {"size": size}
    del given["filters"]
    answer = step.size(size)
    return {
        "question": (
            f"A map of {size}×{size} pixels meets a convolution with a kernel "
            f"of {step.kernel_size}×{step.kernel_size}, {step.how}. How many "
            f"pixels wide is the output?\n\n{rules([step])}"
        ),
        "given": given,
        "answer": answer,
        "solution": numbered(_steps_of_size(step, size)),
        "advice": DRAW_IT,
        "slips": recognized(answer, *size_slips([step], size)),
    }


def _steps_of_size(step: Step, size: int) -> list[str]:
    if step.padding == "same":
        return [
            f'"same" asks for a place every {counted(step.stride, "pixel")}: '
            f"⌈{size} / {step.stride}⌉ = {step.size(size)}.",
            "For that it adds as many zeros as are missing, here "
            f"{step.zeros(size)} in all. So: **{step.size(size)}**.",
        ]
    zeros, extent = step.zeros(size), step.extent
    room = size + zeros - extent
    steps = []
    if step.dilation > 1:
        steps.append(
            f"The dilated kernel spans {step.dilation}·({step.kernel_size} − 1)"
            f" + 1 = {extent} pixels."
        )
    if zeros:
        steps.append(
            f"With {counted(zeros // 2, 'zero')} on each side the map is "
            f"{size} + 2·{zeros // 2} = {size + zeros} pixels wide."
        )
    steps.append(
        f"From its first place the kernel can move {size + zeros} − {extent} "
        f"= {counted(room, 'pixel')} on."
    )
    left = room % step.stride
    dropped = f"; {counted(left, 'pixel')} at the end is dropped"
    if left > 1:
        dropped = dropped.replace(" is ", " are ")
    steps.append(
        f"That is ⌊{room} / {step.stride}⌋ = "
        f"{counted(room // step.stride, 'step')}{dropped if left else ''}."
    )
    return [
        *steps,
        f"With the first place: {room // step.stride} + 1 = "
        f"**{step.size(size)}**.",
    ]


def transposed_size(dice: Dice, level: int) -> dict[str, Any]:
    """One axis of a transposed convolution."""
    size = dice.between(2, 12)
    k, stride = dice.choice((2, 3, 3, 4, 5)), dice.choice((1, 2, 2, 3))
    padding: int | str = dice.between(0, (k - 1) // 2)
    extra = dice.between(0, stride - 1) if level > 1 else 0
    if level > 2 and dice.between(0, 1):
        padding, extra = dice.choice(("same", "valid")), 0
    given = {
        "size": size,
        "kernel_size": k,
        "stride": stride,
        "padding": padding,
        "output_padding": None if isinstance(padding, str) else extra,
    }
    answer = transposed_conv_output_size(**given)
    return {
        "question": _transposed_question(given),
        "given": given,
        "answer": answer,
        "solution": numbered(_steps_of_transposed(given, answer)),
        "advice": "Lay the copies of the kernel down, a stride apart: how far "
        "do they reach?",
        "slips": recognized(answer, *_transposed_slips(given)),
    }


def _transposed_question(given: dict[str, Any]) -> str:
    k, padding = given["kernel_size"], given["padding"]
    how = f"stride {given['stride']}, padding {padding}"
    rule = (
        "The padding is that of the convolution which is transposed: it is cut "
        "from each side of the output."
    )
    if isinstance(padding, str):
        how = f'stride {given["stride"]}, padding "{padding}"'
        rule = (
            '"valid" and "same" mean what they mean in Keras\'s '
            "`Conv2DTranspose`, whose `output_padding` is not set."
        )
    elif given["output_padding"]:
        how += f", output padding {given['output_padding']}"
        rule += " Output padding is added at one end."
    return (
        f"A map of {given['size']}×{given['size']} pixels meets a transposed "
        f"convolution with a kernel of {k}×{k}, {how}. How many pixels wide is "
        f"the output?\n\n{rule}"
    )


def _steps_of_transposed(given: dict[str, Any], answer: int) -> list[str]:
    i, k, s = given["size"], given["kernel_size"], given["stride"]
    p, a = given["padding"], given["output_padding"]
    if p == "same":
        return [
            f'"same" gives {s} pixels for each of {i}: {s}·{i} = **{i * s}**.'
        ]
    full = s * (i - 1) + k
    steps = [
        f"The first and the last of {i} copies stand {s}·({i} − 1) = "
        f"{s * (i - 1)} pixels apart.",
        f"The last copy is {k} pixels wide: {s * (i - 1)} + {k} = {full}.",
    ]
    if p == "valid":
        if k < s:
            steps.append(
                f"Keras gives the last input a whole stride, {s} pixels, not "
                f"only the kernel's {k}: {s * (i - 1)} + {s} = {answer}."
            )
        return [*steps, f"Nothing is cut: **{answer}**."]
    cut = full - 2 * p
    if p:
        steps.append(f"Cut on each side: {full} − 2·{p} = {cut}.")
    if a:
        steps.append(f"Added at one end: {cut} + {a} = {answer}.")
    return [*steps, f"The output is **{answer}** pixels wide."]


def _transposed_slips(given: dict[str, Any]) -> list[tuple[str, int]]:
    i, k, s = given["size"], given["kernel_size"], given["stride"]
    p = 0 if isinstance(given["padding"], str) else given["padding"]
    a = given["output_padding"] or 0
    full = s * (i - 1) + k
    return [
        ("The padding is cut from the output, not added to it.", full + 2 * p),
        ("What does the output padding add?", full - 2 * p),
        ("The padding is cut from both sides.", full - p + a),
        ("What does the padding cut off?", full + a),
        ("Only the steps between copies have the stride's length.", s * i + k),
        ("Does the last copy end after a stride, or after its kernel?", s * i),
        ("Which layer keeps the size, which enlarges it?", i),
        (
            "That is what the convolution makes; here its transpose acts.",
            (i + 2 * p - k) // s + 1,
        ),
        ("Copies lie a stride apart, not a pixel.", i - 1 + k - 2 * p + a),
    ]


def stack(dice: Dice, level: int) -> dict[str, Any]:
    """The shape behind some layers, channels included."""
    size, channels = dice.between(16, 40), dice.choice((1, 3, 4))
    steps = _draw_stack(dice, size, level)
    answer, lines = _follow(steps, size, channels)
    listed = "\n".join(f"- {step.words}" for step in steps)
    return {
        "question": (
            f"An input of shape ({size}, {size}, {channels}), height, width "
            f"and channels, goes through\n\n{listed}\n\nWhat is the shape of "
            f"what comes out, in the same order?\n\n{rules(steps)}"
        ),
        "given": {
            "shape": (size, size, channels),
            "layers": tuple(step.given() for step in steps),
        },
        "answer": answer,
        "solution": numbered(lines),
        "names": ("height", "width", "channels"),
        "advice": "Write the shape down behind every layer.",
        "slips": recognized(answer, *_stack_slips(steps, size, answer)),
    }


def _draw_stack(dice: Dice, size: int, level: int) -> list[Step]:
    """One layer more than the level; a small map is left with little done."""
    steps: list[Step] = []
    for i in range(level + 1):
        filters = dice.choice((4, 6, 8, 10, 12, 16))
        step = draw_convolution(dice, size, level, filters)
        if i % 2 and dice.between(0, 2) and size > 3:
            step = draw_pooling(dice, level)
        steps.append(step)
        size = step.size(size)
    return steps


def _follow(steps, size, channels) -> tuple[tuple[int, int, int], list[str]]:
    """The last shape, and a line for each layer."""
    lines = []
    for step in steps:
        formula, size = step.formula(size), step.size(size)
        channels = step.channels(channels)
        who = f"{counted(channels, 'filter')} make as many channels"
        if step.filters is None:
            who = "pooling leaves the channels as they are"
        name = step.words.partition(",")[0].capitalize()
        lines.append(
            f"{name}: {formula}; {who}: **({size}, {size}, {channels})**."
        )
    return (size, size, channels), lines


def _stack_slips(steps, size, answer) -> list[tuple[str, Any]]:
    side, _, channels = answer
    filters = [step.filters for step in steps if step.filters]
    return [
        ("Channels come last here.", (channels, side, side)),
        (
            "Channels do not add up from layer to layer: who makes them?",
            (side, side, sum(filters)),
        ),
        *(
            (hint, wrong and (wrong, wrong, channels))
            for hint, wrong in size_slips(steps, size)
        ),
    ]
