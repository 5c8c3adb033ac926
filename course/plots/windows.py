"""Windows of an image: a board that counts pixels, and outlines on it."""

from collections.abc import Sequence
from math import inf

import numpy as np
from matplotlib import patheffects
from matplotlib import pyplot as plt
from matplotlib.patches import Patch, Rectangle

from course.plots.canvas import (
    GRID,
    INK,
    LETTER,
    OKABE_ITO,
    PAPER,
    POINTS,
    SLIDE_HEIGHT,
    SLIDE_WIDTH,
)

Window = Sequence[Sequence[float]]

DASHES = ("-", "--", ":", "-.")
HALO = 3.5  # points of black or white around a line, to read on any pixel
_PAD = {"fc": PAPER, "ec": GRID, "hatch": "//", "lw": 0, "label": "padding"}


def checked_window(window):
    """((top, bottom), (left, right)) as numbers."""
    try:
        (top, bottom), (left, right) = window
        ok = top <= bottom and left <= right
    except (TypeError, ValueError):
        ok = False
    if not ok:
        raise ValueError(
            f"a window is {window!r}. Expected ((top, bottom), (left, right)), "
            "the first and the last pixel an axis, the first not behind the "
            "last."
        )
    return (top, bottom), (left, right)


def extent(window):
    """How large a window is: 6 × 6."""
    spans = [
        "all" if inf in (-first, last) else f"{last - first + 1:g}"
        for first, last in window
    ]
    return "whole image" if spans == ["all", "all"] else " × ".join(spans)


def _edges(window, shape):
    """Where a window begins and ends on the board: top, bottom, left, right."""
    for (first, last), size in zip(window, shape, strict=True):
        yield 0 if first == -inf else first
        yield size if last == inf else last + 1


def board(shape, windows, longest, least=0.0):
    """A figure whose axes counts pixels, and whether windows leave the image.

    `longest` letters have room beside it; it is at least `least` inches high.
    Pixel (row, column) lies between row and row + 1, column and column + 1.
    """
    edges = [[0, shape[0], 0, shape[1]]]
    edges += [list(_edges(window, shape)) for window in windows]
    top, left = (min(edge[i] for edge in edges) for i in (0, 2))
    bottom, right = (max(edge[i] for edge in edges) for i in (1, 3))
    is_padded = (top, bottom, left, right) != (0, shape[0], 0, shape[1])
    beside = min(LETTER * longest + 1.1, 0.6 * SLIDE_WIDTH)
    ratio = (right - left) / (bottom - top)
    high = min(SLIDE_HEIGHT - 0.2, (SLIDE_WIDTH - beside - 0.2) / ratio)
    least = max(least, 0.35 * (len(windows) + 2))  # what the names take
    size = (ratio * high + beside + 0.2, max(high + 0.2, least))
    fig = plt.figure(figsize=size)
    plt.close(fig)
    box = (0.1, (size[1] - high) / 2, ratio * high, high)
    # a hair more, or lines along the border would be cut in half
    high, wide = 0.01 * (bottom - top), 0.01 * (right - left)
    ax = fig.add_axes(
        np.divide(box, (*size, *size)),
        xlim=(left - wide, right + wide),
        ylim=(bottom + high, top - high),
    )
    ax.set_axis_off()
    if is_padded:
        ax.add_patch(
            Rectangle((left, top), right - left, bottom - top, zorder=0, **_PAD)
        )
    return fig, ax, is_padded


def halo(colour):
    """Around a line, so that it reads on dark and on bright pixels."""
    return [patheffects.withStroke(linewidth=3 + HALO, foreground=colour)]


def outline(ax, window, shape, look, name):
    """The border of a window; `look` counts colours and dashes."""
    top, bottom, left, right = _edges(window, shape)
    (line,) = ax.plot(
        [left, right, right, left, left],
        [top, top, bottom, bottom, top],
        color=OKABE_ITO[look % len(OKABE_ITO)],
        ls=DASHES[look % len(DASHES)],
        lw=3,
        label=name,
        path_effects=halo(PAPER if look % len(OKABE_ITO) != 6 else INK),
        clip_on=False,
    )
    return line


def legend_beside(ax, lines, is_padded, shift=0.0):
    """The lines' names, `shift` inches right of the axes."""
    if is_padded:
        lines = [*lines, Patch(**_PAD)]
    if not lines:
        return
    width = ax.get_position().width * ax.get_figure().get_size_inches()[0]
    ax.legend(
        handles=lines,
        loc="center left",
        bbox_to_anchor=(1.0 + shift / width, 0.5),
        fontsize=POINTS,
        frameon=False,
        handlelength=2.2,
        labelspacing=0.25,
    )
