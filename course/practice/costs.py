"""Problems about costs: parameters and multiplications."""

import math
from typing import Any

from course.arithmetic import conv_macs, conv_parameters
from course.practice.dice import Dice
from course.practice.problem import numbered, recognized
from course.practice.steps import Step, counted, draw_pooling, rules

CHANNELS = (2, 3, 4, 6, 8, 10, 12, 16, 20)


def parameters(dice: Dice, level: int) -> dict[str, Any]:
    """Of one convolution; level 2 with groups, level 3 not square."""
    kernel = (dice.choice((1, 3, 3, 5)),) * 2
    if level > 2:
        kernel = dice.choice(((1, 3), (3, 1), (1, 5), (5, 1), (1, 7), (3, 2)))
    before, after, groups = _draw_channels(dice, level)
    given = {
        "kernel_size": kernel,
        "in_channels": before,
        "out_channels": after,
        "groups": groups,
        "bias": level == 1 or bool(dice.between(0, 1)),
    }
    answer = conv_parameters(**given)
    in_groups = f", in {groups} groups" if groups > 1 else ""
    bias = "each with a bias" if given["bias"] else "without bias"
    return {
        "question": (
            f"A convolution reads {before} channels with {after} filters of "
            f"{kernel[0]}×{kernel[1]}{in_groups}, {bias}. How many parameters "
            "does it have?"
        ),
        "given": given,
        "answer": answer,
        "solution": numbered(_steps_of_parameters(**given)),
        "advice": "Count the weights of one filter first.",
        "slips": recognized(answer, *_parameter_slips(**given)),
    }


def _draw_channels(dice: Dice, level: int) -> tuple[int, int, int]:
    """Channels before and after, and groups that divide both."""
    groups = dice.choice((1, 2, 2, 4)) if level > 1 else 1
    before = groups * dice.choice((1, 2, 3, 4, 5))
    if level > 2 and dice.between(0, 1):
        groups = before  # depthwise
    return before, groups * dice.between(2, 4), groups


def _steps_of_parameters(kernel_size, in_channels, out_channels, groups, bias):
    taps, sees = math.prod(kernel_size), in_channels // groups
    each = taps * sees
    steps = []
    if groups > 1:
        steps.append(
            f"A filter sees the channels of its group only: {in_channels} / "
            f"{groups} = {sees}."
        )
    steps += [
        f"One filter: {kernel_size[0]}·{kernel_size[1]} taps for each of "
        f"{counted(sees, 'channel')}, {taps}·{sees} = {each} weights.",
        f"All filters: {out_channels}·{each} = {out_channels * each} weights.",
    ]
    if not bias:
        return [*steps, f"No biases: **{out_channels * each}**."]
    return [
        *steps,
        f"A bias a filter: {out_channels * each} + {out_channels} = "
        f"**{out_channels * (each + 1)}**.",
    ]


def _parameter_slips(kernel_size, in_channels, out_channels, groups, bias):
    taps = math.prod(kernel_size)
    biases = out_channels if bias else 0
    dense = taps * in_channels * out_channels
    each = dense // groups
    return [
        (
            "What of the biases?" if bias else "This layer has no bias.",
            each + out_channels - biases,
        ),
        ("One bias a filter.", each + 1),
        (
            "One bias a filter, not one a channel that it reads.",
            each + in_channels,
        ),
        ("A filter sees the channels of its group only.", dense + biases),
        (
            "Each filter stands in one group: divide once.",
            each // groups + biases,
        ),
        (
            "A filter has taps for every channel it sees.",
            taps * out_channels + biases,
        ),
        ("A kernel has two axes.", each // kernel_size[0] + biases),
        ("How many filters are there?", each // out_channels + biases),
    ]


def dense_parameters(dice: Dice, level: int) -> dict[str, Any]:
    """Of a dense layer behind a map; from level 2 on a pooled one."""
    size, channels = dice.between(3, 8), dice.choice(CHANNELS)
    steps = []
    if level > 1:
        size = dice.between(8, 17)
        steps = [draw_pooling(dice, level - 1) for _ in range(level - 1)]
    units = dice.choice((10, 10, 20, 50, 100))
    side = size
    lines = []
    for step in steps:
        lines.append(f"Pooling: {step.formula(side)}.")
        side = step.size(side)
    inputs = side * side * channels
    answer = (inputs + 1) * units
    pooled = "".join(f"\n- {step.words}" for step in steps)
    note = f"\n\n{rules(steps)}" if steps else ""
    pooled = f" goes through\n{pooled}\n\nand" if steps else ""
    return {
        "question": (
            f"A map of shape ({size}, {size}, {channels}), height, width and "
            f"channels,{pooled} is flattened and meets a dense layer of "
            f"{units} units, each with a bias. How many parameters has the "
            f"dense layer?{note}"
        ),
        "given": {
            "shape": (size, size, channels),
            "layers": tuple(step.given() for step in steps),
            "units": units,
        },
        "answer": answer,
        "solution": numbered(
            [
                *lines,
                f"Flattened: {side}·{side}·{channels} = {inputs} numbers.",
                f"One unit: {inputs} weights and a bias, {inputs + 1}.",
                f"All units: {units}·{inputs + 1} = **{answer}**.",
            ]
        ),
        "advice": "How many numbers does one unit read?",
        "slips": recognized(
            answer,
            ("What of the biases?", inputs * units),
            ("One bias a unit.", inputs * units + 1),
            ("A unit reads every pixel, not one.", (channels + 1) * units),
            ("A unit reads every channel.", (side * side + 1) * units),
            ("A map has two axes.", (side * channels + 1) * units),
            (
                "The pooling comes first: what does it leave?",
                (size * size * channels + 1) * units,
            ),
        ),
    }


def macs(dice: Dice, level: int) -> dict[str, Any]:
    """Multiplications of one convolution; level 2 strides, level 3 groups."""
    size, k = dice.between(5, 16), dice.choice((1, 3, 3, 5))
    before, after, groups = _draw_channels(dice, level if level > 2 else 1)
    stride = dice.choice((1, 2, 2)) if level > 1 else 1
    step = Step(k, stride, k // 2 if level > 1 else "same", filters=after)
    side = step.size(size)
    answer = conv_macs(side, k, before, after, groups)
    in_groups = f", in {groups} groups" if groups > 1 else ""
    return {
        "question": (
            f"A map of shape ({size}, {size}, {before}), height, width and "
            f"channels, meets a convolution, {after} filters of {k}×{k}, "
            f"{step.how}{in_groups}. How many multiplications of a weight with "
            "a pixel is that, those with the padding's zeros included?\n\n"
            f"{rules([step])}"
        ),
        "given": {
            "shape": (size, size, before),
            "kernel_size": k,
            "stride": stride,
            "padding": step.padding,
            "filters": after,
            "groups": groups,
        },
        "answer": answer,
        "solution": numbered(
            _steps_of_macs(step, size, before, groups, answer)
        ),
        "advice": "How many places has the kernel, and what is done in one?",
        "slips": recognized(answer, *_mac_slips(step, size, before, groups)),
    }


def _steps_of_macs(step: Step, size, before, groups, answer) -> list[str]:
    side, k = step.size(size), step.kernel_size
    sees = before // groups
    each = k * k * sees
    group = f" of its group ({before} / {groups})" if groups > 1 else ""
    return [
        f"The output is {step.formula(size)} pixels wide and high: "
        f"{side}·{side} = {side * side} places.",
        f"In one place one filter multiplies {k}·{k} taps for each of "
        f"{counted(sees, 'channel')}{group}: {each}.",
        f"All filters: {step.filters}·{each} = {step.filters * each}.",
        f"All places: {side * side}·{step.filters * each} = **{answer}**.",
    ]


def _mac_slips(step: Step, size, before, groups) -> list[tuple[str, int]]:
    side, taps, after = step.size(size), step.kernel_size**2, step.filters
    each = taps * before // groups * after
    return [
        ("Count the places of the output, not of the input.", size**2 * each),
        (
            "A filter sees the channels of its group only.",
            side**2 * each * groups,
        ),
        ("These are the weights. Each is used in many places.", each),
        ("A map has two axes.", side * each),
        ("A kernel has two axes.", side**2 * each // step.kernel_size),
        (
            "A filter has taps for every channel it sees.",
            side**2 * taps * after,
        ),
        ("How many filters are there?", side**2 * each // after),
        ("A bias is added, not multiplied.", side**2 * (each + after)),
    ]
