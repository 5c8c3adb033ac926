"""What grows along a network: fields over depth, costs a stage."""

from collections.abc import Sequence
from math import isfinite, log2

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from course.plots.canvas import (
    GRID,
    INK,
    LETTER,
    OKABE_ITO,
    POINTS,
    SLIDE_HEIGHT,
    SLIDE_WIDTH,
    one_each,
)
from course.plots.wording import clipped, counted, described, short

LINE = 0.33  # inches, the height of a line of letters
MOST_LETTERS = 15  # of a layer's name below the axis
MOST_OF_STAGE = 30  # letters of its name, left of the bars
MOST_DOTS = 40  # layers; more would hide the stairs


def growth(
    names: Sequence[str],
    sizes: Sequence[float],
    input_size: float | None = None,
    steps: Sequence[float] | None = None,
) -> Figure:
    """How large the receptive field is after each layer.

    Args:
        names: Of the layers from the input on, up to about 160; where they
            stand too close only each second, third, ... is written.
        sizes: Of one axis of their fields in pixels; inf for the whole input,
            drawn as a triangle at the top.
        input_size: Of the image, drawn as a line.
        steps: Pixels from one unit's field to the next one's, the effective
            stride; with them the axis is logarithmic.

    Returns:
        A figure 12 inches wide.

    Raises:
        ValueError: If there are no layers, if sizes or steps differ in number
            from the names, or if one is not positive.

    Example:
        >>> fig = growth(["conv1", "conv2"], [3, 5], input_size=28)
        >>> fig.axes[0].lines[0].get_ydata().tolist()
        [3, 5]
    """
    names = list(names)
    if not names:
        raise ValueError("growth of no layers. Expected one name or more")
    sizes = _positive("sizes", sizes, len(names))
    if input_size is not None:
        _positive("input_size", [input_size], 1)
    fig, ax = _depth_axes(names)
    dots = {"marker": "o", "ms": 7} if len(names) <= MOST_DOTS else {}
    look = {"drawstyle": "steps-mid", "lw": 3}
    known = [size if isfinite(size) else np.nan for size in sizes]
    ax.plot(known, color=OKABE_ITO[0], label="receptive field", **look, **dots)
    _mark_whole(ax, sizes)
    if input_size is not None:
        label = f"input, {input_size:g}"
        ax.axhline(input_size, color=OKABE_ITO[5], ls="--", lw=3, label=label)
    if steps is not None:
        steps = _positive("steps", steps, len(names))
        finite = [step if isfinite(step) else np.nan for step in steps]
        ax.plot(finite, color=OKABE_ITO[2], ls=":", label="step", **look)
        ax.set_yscale("log", base=2)
    _scale(ax)
    _legend_above(ax)
    return described(fig, _alt_of_growth(names, sizes, input_size, steps))


def stages(
    names: Sequence[str], parameters: Sequence[float], macs: Sequence[float]
) -> Figure:
    """What each stage of a network costs: two rows of bars side by side.

    Args:
        names: Of the stages, the input's first.
        parameters: Of each stage.
        macs: Multiplications of each stage.

    Returns:
        A figure 12 inches wide; up to 11 stages fit a slide, more make it
        higher.

    Raises:
        ValueError: If there are no stages, if the numbers are not as many as
            the names, or if one is negative.

    Example:
        >>> fig = stages(["a", "b"], [1000, 25e6], [1e9, 2.5e9])
        >>> [text.get_text() for text in fig.axes[0].texts]
        [' 1K', ' 25M']
    """
    names = list(names)
    if not names:
        raise ValueError("stages without names. Expected one or more")
    costs = {
        "Parameters": _costs("parameters", parameters, len(names)),
        "MACs": _costs("macs", macs, len(names)),
    }
    texts = [clipped(name, MOST_OF_STAGE) for name in names]
    left = LETTER * max(map(len, texts)) + 0.3
    size = (SLIDE_WIDTH, 0.75 + max(2, len(names)) * 0.37)
    fig = plt.figure(figsize=size)
    plt.close(fig)
    width = (SLIDE_WIDTH - left) / 2 - 0.2
    for i, (title, numbers) in enumerate(costs.items()):
        box = (left + i * (width + 0.3), 0.1, width, size[1] - 0.7)
        ax = fig.add_axes(np.divide(box, (*size, *size)))
        _bars(ax, numbers, OKABE_ITO[i], ("", "//")[i])
        ax.set_title(
            f"{title}, {short(sum(numbers))} in all",
            fontsize=POINTS,
            loc="left",
        )
        ax.set_yticks(range(len(names)), texts if i == 0 else [""] * len(names))
    each = "; ".join(
        f"{name} {short(p)} and {short(m)}"
        for name, p, m in zip(names, *costs.values(), strict=True)
    )
    total = " and ".join(short(sum(numbers)) for numbers in costs.values())
    return described(
        fig,
        f"Bars, parameters and multiplications (MACs) of "
        f"{counted(len(names), 'stage')}: {each}; in all {total}.",
    )


def _bars(ax, numbers, colour, hatch):
    """Horizontal bars from top to bottom, each with its number at its end."""
    most = max(numbers) or 1
    ax.barh(range(len(numbers)), numbers, 0.7, fc=colour, ec=INK, hatch=hatch)
    for place, number in enumerate(numbers):
        text = f" {short(number)}"
        ax.text(number, place, text, va="center", fontsize=POINTS, color=INK)
    # the longest bar leaves room for its number
    ax.set(xlim=(0, 1.3 * most), ylim=(len(numbers) - 0.5, -0.5), xticks=[])
    ax.tick_params(labelsize=POINTS, length=0)
    ax.spines[["top", "right", "bottom"]].set_visible(False)


def _costs(name, numbers, count):
    numbers = one_each(name, numbers, count, 0)
    for number in numbers:
        if not (isfinite(number) and number >= 0):
            raise ValueError(
                f"{name} holds {number}. Expected numbers from 0 on, of the "
                "whole stage: sum up its layers."
            )
    return numbers


def _positive(name, numbers, count):
    numbers = one_each(name, numbers, count, 0)
    for number in numbers:
        if not number > 0:
            raise ValueError(
                f"{name} holds {number}. Expected pixels of one axis, more "
                "than 0; inf means the whole input."
            )
    return numbers


def _depth_axes(names):
    """Axes with a place a layer, their names below as far as they fit."""
    texts = [clipped(name, MOST_LETTERS) for name in names]
    longest = LETTER * max(map(len, texts))
    left, width = 1.15, SLIDE_WIDTH - 1.4
    pitch = width / len(names)
    is_flat = longest + LETTER <= pitch
    bottom = 0.4 if is_flat else longest + 0.15
    every = 1 if is_flat else int(np.ceil(LINE / pitch))
    size = (SLIDE_WIDTH, SLIDE_HEIGHT)
    fig = plt.figure(figsize=size)
    plt.close(fig)
    box = (left, bottom, width, SLIDE_HEIGHT - bottom - 0.5)
    ax = fig.add_axes(np.divide(box, (*size, *size)))
    ax.set_xlim(-0.5, len(names) - 0.5)
    places = range(0, len(names), every)
    turned = {"rotation": 0 if is_flat else 90}
    ax.set_xticks(places, [texts[i] for i in places], **turned)
    ax.set_ylabel("pixels", fontsize=POINTS)
    ax.tick_params(labelsize=POINTS)
    ax.grid(axis="y", color=GRID, alpha=0.4)
    ax.spines[["top", "right"]].set_visible(False)
    return fig, ax


def _mark_whole(ax, sizes):
    """Triangles at the top where a field is the whole input."""
    places = [i for i, size in enumerate(sizes) if not isfinite(size)]
    if places:
        ax.plot(
            places,
            [0.96] * len(places),
            transform=ax.get_xaxis_transform(),
            color=OKABE_ITO[3],
            ls="",
            marker="^",
            ms=13,
            label="whole input",
        )


def _scale(ax):
    """The vertical axis from its bottom on, with numbers written in full."""
    lines = [line.get_ydata() for line in ax.lines if line.get_marker() != "^"]
    top = np.nanmax([np.nanmax([*line, 1]) for line in lines])
    if ax.get_yscale() == "linear":
        ax.set_ylim(0, 1.08 * top)
        return
    ax.set_ylim(0.8, 1.5 * top)
    powers = int(log2(1.5 * top))
    ticks = [2**i for i in range(0, powers + 1, 1 if powers < 6 else 2)]
    ax.set_yticks(ticks, [str(tick) for tick in ticks])
    ax.yaxis.set_minor_locator(NullLocator())


def _legend_above(ax):
    ax.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=4,
        fontsize=POINTS,
        frameon=False,
        borderaxespad=0.1,
        borderpad=0,
        handlelength=2.2,
    )


def _alt_of_growth(names, sizes, input_size, steps):
    def size(pixels):
        return f"{pixels:g}" if isfinite(pixels) else "the whole input"

    text = (
        "Stairs that show the receptive field in pixels over "
        f"{counted(len(names), 'layer')}, from {size(sizes[0])} after "
        f"{names[0]} to {size(sizes[-1])} after {names[-1]}"
    )
    if input_size is not None:
        beyond = (i for i, s in enumerate(sizes) if s >= input_size)
        first = next(beyond, None)
        text += f"; a line marks the input, {input_size:g}, which "
        text += (
            "no field reaches"
            if first is None
            else (f"the field reaches at {names[first]}")
        )
    if steps is not None:
        text += f"; dotted the step, from {steps[0]:g} to {steps[-1]:g}"
    return text + "."
