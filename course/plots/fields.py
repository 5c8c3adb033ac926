"""Receptive fields: over an image, over depth, and as a map of influence."""

from collections.abc import Sequence
from math import inf

import numpy as np
from matplotlib import patheffects
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
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
    one_each,
)
from course.plots.wording import described

Window = Sequence[Sequence[float]]

MOST_WINDOWS = 11  # names that stand below each other beside the image
DASHES = ("-", "--", ":", "-.")
HALO = 3.5  # points of black or white around a line, to read on any pixel


def fields_on_image(
    image, windows: Sequence[Window], labels: Sequence[str]
) -> Figure:
    """Windows of an image that units see, drawn over the image.

    Args:
        image: Array (h, w), grey, or (h, w, 3): integers from 0 to 255 or
            fractions from 0 to 1.
        windows: For each unit ((top, bottom), (left, right)), the first and
            the last row and column that it sees. They may lie outside of the
            image, in its padding, which is hatched; -inf and inf end at the
            image's border.
        labels: A name for each; colour, dash and the legend tell them apart.

    Returns:
        A figure at most 12 inches wide.

    Raises:
        ValueError: If the image or a window is none, if names differ in
            number, or if there are more than 11 windows.

    Example:
        >>> digit = [[0, 1], [1, 0]]
        >>> fig = fields_on_image(digit, [((0, 0), (-1, 1))], ["conv1"])
        >>> fig.axes[0].get_legend().get_texts()[0].get_text()
        'conv1: 1 × 3'
    """
    image = _checked_image(image)
    labels = one_each("labels", labels, len(windows), "")
    if not 0 < len(windows) <= MOST_WINDOWS:
        raise ValueError(
            f"{len(windows)} windows. Expected 1 to {MOST_WINDOWS}, whose "
            "names fit beside the image: draw the others in a second figure."
        )
    windows = [_checked_window(window) for window in windows]
    sizes = [_size(window) for window in windows]
    names = [f"{a}: {b}" for a, b in zip(labels, sizes, strict=True)]
    fig, ax, is_padded = _board(image.shape[:2], windows, max(map(len, names)))
    height, width = image.shape[:2]
    ax.imshow(image, "gray", extent=(0, width, height, 0), aspect="auto")
    lines = [
        _outline(ax, window, (height, width), i, name)
        for i, (window, name) in enumerate(zip(windows, names, strict=True))
    ]
    _legend(ax, lines, is_padded)
    kind = "grey picture" if image.ndim == 2 else "colour picture"
    margin = " The padding around it is hatched." if is_padded else ""
    return described(
        fig,
        f"A {kind} of {height} × {width} pixels and on it, outlined, what "
        f"units see: {'; '.join(names)}.{margin}",
    )


def _checked_image(image):
    image = np.asarray(image)
    if image.ndim != 2 and image.shape[2:] != (3,):
        raise ValueError(
            f"an image has shape {image.shape}. Expected (h, w) or (h, w, 3): "
            "take one image of the batch, or one channel."
        )
    if image.ndim == 3 and image.dtype.kind == "f":
        low, high = image.min(), image.max()
        if not (low >= 0 and high <= 1):
            raise ValueError(
                f"a coloured image reaches from {low:g} to {high:g}. Expected "
                "fractions from 0 to 1, or integers: divide it by 255."
            )
    return image


def _checked_window(window):
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


def _size(window):
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


def _board(shape, windows, longest):
    """A figure whose axes counts pixels, and whether windows leave the image.

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
    low = 0.35 * (len(windows) + 2)  # inches, what the names take
    size = (ratio * high + beside + 0.2, max(high + 0.2, low))
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


_PAD = {"fc": PAPER, "ec": GRID, "hatch": "//", "lw": 0, "label": "padding"}


def _halo(colour):
    """Around a line, so that it reads on dark and on bright pixels."""
    return [patheffects.withStroke(linewidth=3 + HALO, foreground=colour)]


def _outline(ax, window, shape, look, name):
    """The border of a window; `look` counts colours and dashes."""
    top, bottom, left, right = _edges(window, shape)
    (line,) = ax.plot(
        [left, right, right, left, left],
        [top, top, bottom, bottom, top],
        color=OKABE_ITO[look % len(OKABE_ITO)],
        ls=DASHES[look % len(DASHES)],
        lw=3,
        label=name,
        path_effects=_halo(PAPER if look % len(OKABE_ITO) != 6 else INK),
        clip_on=False,
    )
    return line


def _legend(ax, lines, is_padded):
    if is_padded:
        lines = [*lines, Patch(**_PAD)]
    ax.legend(
        handles=lines,
        loc="center left",
        bbox_to_anchor=(1.0, 0.5),
        fontsize=POINTS,
        frameon=False,
        handlelength=2.2,
        labelspacing=0.25,
    )
