"""What quality costs: one point a network, each named beside its point."""

from collections.abc import Sequence
from itertools import product
from math import isfinite, log10
from typing import NamedTuple

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from course.plots.canvas import (
    GRID,
    INK,
    LETTER,
    OKABE_ITO,
    POINTS,
    SLIDE_WIDTH,
    one_each,
)
from course.plots.wording import counted, described, short

LEFT, BOTTOM = 1.15, 0.85  # inches, for the numbers beside the axes
WIDTH = SLIDE_WIDTH - LEFT - 0.25
TALL = 4.5  # inches, which leaves a slide room for two lines of words
HEIGHT = TALL - BOTTOM - 0.15
LINE = 0.31  # inches, the height of a line of letters
DOT = 0.14  # inches, from a point's middle to its rim, and a little more
MARKERS = "os^DvPX"
REACHES = (0.0, 0.3, 0.6, 0.9, 1.2, 1.6, 2.0, 2.5, 3.0)
"""Inches from a point to its name, tried in this order."""
DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1))
DIRECTIONS += ((-1, -1),)


class Box(NamedTuple):
    """A rectangle, in inches from the lower left corner of the axes."""

    left: float
    low: float
    right: float
    high: float

    def meets(self, other: "Box") -> bool:
        """Whether the two share more than a rim."""
        across = self.left < other.right and other.left < self.right
        return across and self.low < other.high and other.low < self.high

    @property
    def is_inside(self) -> bool:
        """Whether it lies within the axes."""
        across = self.left >= 0 and self.right <= WIDTH
        return across and self.low >= 0 and self.high <= HEIGHT


def trade_off(
    names: Sequence[str],
    costs: Sequence[float],
    scores: Sequence[float],
    *,
    reaches: Sequence[tuple[float, float]] | None = None,
    families: Sequence[str] | None = None,
    axes: tuple[str, str] = ("", ""),
) -> Figure:
    """How good each network is, over what it costs on a logarithmic axis.

    Args:
        names: Of the networks, up to about a dozen, written beside their
            points where nothing else stands.
        costs: Of each, such as its parameters or multiplications.
        scores: Of each, such as its accuracy.
        reaches: For each the ends (low, high) of its error bar.
        families: For each what it belongs to; a line joins those of one
            family, which share colour and marker. None means one each.
        axes: What the horizontal and the vertical axis count.

    Returns:
        A figure 12 inches wide.

    Raises:
        ValueError: If there are no networks, if the numbers are not as many
            as the names, or if a cost is not positive.

    Example:
        >>> fig = trade_off(["small", "large"], [1e5, 1e7], [90, 93])
        >>> fig.axes[0].get_xscale()
        'log'
    """
    names = list(names)
    if not names:
        raise ValueError("trade_off of no networks. Expected one name or more")
    costs = one_each("costs", costs, len(names), 1.0)
    scores = one_each("scores", scores, len(names), 0.0)
    for cost in costs:
        if not (isfinite(cost) and cost > 0):
            raise ValueError(
                f"costs holds {cost}. Expected numbers above 0: the axis is "
                "logarithmic."
            )
    ends = [(score, score) for score in scores]
    if reaches is not None:
        ends = one_each("reaches", reaches, len(names), (0.0, 0.0))
    families = one_each("families", families, len(names), "")
    families = [own or name for own, name in zip(families, names, strict=True)]
    fig, ax = _axes(costs, [*scores, *np.ravel(ends)], axes)
    _points(ax, costs, scores, ends, families)
    _names(ax, names, costs, scores, ends)
    return described(fig, _alt(names, costs, scores, reaches, axes))


def _axes(costs, heights, titles):
    """Room for a name on each side of the outermost points."""
    size = (SLIDE_WIDTH, TALL)
    fig = plt.figure(figsize=size)
    plt.close(fig)
    box = (LEFT, BOTTOM, WIDTH, HEIGHT)
    ax = fig.add_axes(np.divide(box, (*size, *size)), xscale="log")
    low, high = log10(min(costs)), log10(max(costs))
    room = max(0.15 * (high - low), 0.15)
    ax.set_xlim(10 ** (low - room), 10 ** (high + room))
    low, high = min(heights), max(heights)
    room = 0.12 * (high - low) or 1.0
    ax.set_ylim(low - room, high + room)
    ax.set_xlabel(titles[0], fontsize=POINTS)
    ax.set_ylabel(titles[1], fontsize=POINTS)
    ax.tick_params(labelsize=POINTS)
    # 1, 2 and 5 of each power where there are few powers
    few = np.log10(np.divide(*ax.get_xlim()[::-1])) < 2.5
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if few else (1,)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda cost, _: short(cost)))
    ax.grid(color=GRID, alpha=0.4)
    ax.spines[["top", "right"]].set_visible(False)
    return fig, ax


def _points(ax, costs, scores, ends, families):
    for i, family in enumerate(dict.fromkeys(families)):
        own = [j for j, each in enumerate(families) if each == family]
        x, y = np.array(costs, float)[own], np.array(scores, float)[own]
        colour = OKABE_ITO[i % len(OKABE_ITO)]
        low, high = np.array(ends, float)[own].T
        ax.vlines(x, low, high, colors=colour, lw=3)
        order = np.argsort(x)
        ax.plot(
            x[order],
            y[order],
            color=colour,
            marker=MARKERS[(i + i // len(OKABE_ITO)) % len(MARKERS)],
            mec=INK,
            ms=14,
            lw=2,
            ls="--",
            label=family,
        )


def _names(ax, names, costs, scores, ends):
    """Each name at the nearest free place; a thin line leads to a far one."""
    spots = [_inches(ax, *each) for each in zip(costs, scores, strict=True)]
    taken = [Box(x - DOT, y - DOT, x + DOT, y + DOT) for x, y in spots]
    for cost, (low, high) in zip(costs, ends, strict=True):
        (x, bottom), (_, top) = (_inches(ax, cost, y) for y in (low, high))
        taken.append(Box(x - 0.03, bottom, x + 0.03, top))
    for name, spot in zip(names, spots, strict=True):
        size = (LETTER * (len(name) + 0.5), LINE)
        box, reach = _free(spot, size, taken)
        taken.append(box)
        middle = np.divide(
            ((box.left + box.right) / 2, (box.low + box.high) / 2),
            (WIDTH, HEIGHT),
        )
        if reach:
            ax.annotate(
                "",
                np.divide(spot, (WIDTH, HEIGHT)),
                np.divide(np.clip(spot, box[:2], box[2:]), (WIDTH, HEIGHT)),
                xycoords="axes fraction",
                textcoords="axes fraction",
                arrowprops={"arrowstyle": "-", "color": GRID},
                zorder=1,
            )
        ax.text(
            *middle,
            name,
            transform=ax.transAxes,
            ha="center",
            va="center",
            fontsize=POINTS,
            color=INK,
        )


def _free(spot, size, taken):
    """The first place for a name that meets nothing, and how far it is."""
    for reach, (right, up) in product(REACHES, DIRECTIONS):
        x = spot[0] + right * (DOT + reach + size[0] / 2)
        y = spot[1] + up * (DOT + 0.02 + reach / 2 + size[1] / 2)
        box = Box(
            x - size[0] / 2, y - size[1] / 2, x + size[0] / 2, y + size[1] / 2
        )
        if box.is_inside and not any(box.meets(other) for other in taken):
            return box, reach
    raise ValueError(
        "no room is left for a name. Expected about a dozen networks at most, "
        "or shorter names."
    )


def _inches(ax, cost, score):
    """Where a point lies in the axes."""
    low, high = np.log10(ax.get_xlim())
    bottom, top = ax.get_ylim()
    across = (log10(cost) - low) / (high - low)
    return across * WIDTH, (score - bottom) / (top - bottom) * HEIGHT


def _alt(names, costs, scores, reaches, axes):
    across, up = axes
    each = [
        f"{name} {score:.3g} at {short(cost)}"
        for name, cost, score in sorted(
            zip(names, costs, scores, strict=True), key=lambda row: row[1]
        )
    ]
    bars = "" if reaches is None else ", with error bars"
    return (
        f"{counted(len(names), 'network')}{bars}, "
        f"{up or 'what they reach'} over {across or 'what they cost'} on a "
        f"logarithmic axis, the cheapest first: {'; '.join(each)}."
    )
