"""Who looks at whom: a chain of layers along one axis, as dots and lines."""

from collections.abc import Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

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
from course.plots.wording import clipped, counted, described

MOST_LETTERS = 24  # of a layer's name
MOST_PIXELS = 90  # dots in a row that can still be told apart
BEYOND = 2  # pixels shown on each side of the field


def field_cone(
    layers: Sequence[Sequence[int]],
    names: Sequence[str] | None = None,
    height: float = SLIDE_HEIGHT,
) -> Figure:
    """What one unit sees of a row of pixels, through all layers below it.

    A row of dots a layer, the image at the bottom; lines lead from each unit
    that counts to those it looks at. Full dots are seen, empty ones are not.

    Args:
        layers: (kernel size, stride, dilation) of each layer, the first one's
            first.
        names: What to write beside each; None says what is in `layers`.
        height: Of the figure in inches, at most.

    Returns:
        A figure 12 inches wide.

    Raises:
        ValueError: If there are no layers, if one is not three numbers from 1
            on, if names differ in number, or if the field is too wide to draw.

    Example:
        >>> fig = field_cone([(3, 1, 1), (3, 1, 1)])
        >>> [text.get_text() for text in fig.axes[0].texts]
        ['image', 'kernel 3: sees 3', 'kernel 3: sees 5']
    """
    layers = [_checked(layer) for layer in layers]
    if not layers:
        raise ValueError("a cone of no layers. Expected one or more")
    names = one_each("names", names or [*map(_told, layers)], len(layers), "")
    seen = _seen(layers)
    fields = [_field(layers[:depth]) for depth in range(1, len(layers) + 1)]
    if fields[-1] > MOST_PIXELS:
        raise ValueError(
            f"the last layer's unit sees {fields[-1]} pixels. Expected at most "
            f"{MOST_PIXELS}, so that dots can be told apart: take fewer "
            "layers, or draw course.plots.growth."
        )
    labels = [
        "image",
        *(
            f"{clipped(name, MOST_LETTERS)}: sees {field}"
            for name, field in zip(names, fields, strict=True)
        ),
    ]
    fig, ax = _axes(labels, fields[-1], height)
    places = _places(layers)
    for level, units in enumerate(seen):
        _dots(ax, places[level], units, level, fields[-1])
        ax.text(
            fields[-1] + BEYOND,
            level,
            labels[level],
            va="center",
            fontsize=POINTS,
        )
    for level, layer in enumerate(layers):
        _lines(ax, layer, seen[level + 1], places[level : level + 2], level)
    unseen = fields[-1] - len(seen[0])
    holes = (
        f", {len(seen[0])} of them by a path and {unseen} by none"
        if unseen
        else ", each of them by a path"
    )
    return described(
        fig,
        f"{counted(len(layers), 'row')} of dots above a row of pixels; lines "
        f"spread downwards from one unit: {'; '.join(labels[1:])} pixels. It "
        f"sees {counted(fields[-1], 'pixel')} from the first to the "
        f"last{holes}.",
    )


def _checked(layer):
    """Kernel size, stride and dilation as they came."""
    values = tuple(layer)
    if len(values) != 3 or min(values) < 1:
        raise ValueError(
            f"a layer is {layer!r}. Expected (kernel size, stride, dilation), "
            "numbers from 1 on."
        )
    return values


def _told(layer):
    """kernel 3, stride 2, dilation 4; what is 1 goes without saying."""
    kernel_size, stride, dilation = layer
    text = f"kernel {kernel_size}"
    text += f", stride {stride}" if stride > 1 else ""
    return text + (f", dilation {dilation}" if dilation > 1 else "")


def _seen(layers):
    """Units of each row, the image's first, that reach unit 0 of the last."""
    seen = [{0}]
    for kernel_size, stride, dilation in reversed(layers):
        taps = [dilation * tap for tap in range(kernel_size)]
        seen.insert(0, {stride * unit + t for unit in seen[0] for t in taps})
    return seen


def _field(layers):
    """Pixels from the first to the last that a unit behind layers sees."""
    return max(_seen(layers)[0]) + 1


def _places(layers):
    """For each row where unit 0 stands, in pixels, and the units' distance."""
    places = [(0.0, 1)]
    for kernel_size, stride, dilation in layers:
        start, step = places[-1]
        middle = dilation * (kernel_size - 1) / 2
        places.append((start + middle * step, step * stride))
    return places


def _axes(labels, field, height):
    """An axes that counts pixels and rows, with room for labels beside it."""
    beside = LETTER * max(map(len, labels))
    size = (SLIDE_WIDTH, min(height, 0.95 * len(labels)))
    fig = plt.figure(figsize=size)
    plt.close(fig)
    width = (SLIDE_WIDTH - beside - 0.2) / SLIDE_WIDTH
    ax = fig.add_axes(
        (0.01, 0.02, width, 0.96),
        xlim=(-BEYOND - 0.5, field + BEYOND - 0.5),
        ylim=(-0.35, len(labels) - 0.65),
    )
    ax.set_axis_off()
    return fig, ax


def _dots(ax, place, units, level, field):
    """A row of units as far as the picture goes; those seen are full."""
    start, step = place
    first = int(np.ceil((-BEYOND - start) / step))
    last = int(np.floor((field - 1 + BEYOND - start) / step))
    inches = ax.get_position().width * SLIDE_WIDTH / (field + 2 * BEYOND)
    size = min(13.0, 72 * 0.62 * inches)
    shown = range(first, last + 1)
    full = [unit for unit in shown if unit in units]
    empty = [unit for unit in shown if unit not in units]
    for some, face, edge in ((empty, PAPER, GRID), (full, OKABE_ITO[0], INK)):
        ax.plot(
            [start + unit * step for unit in some],
            [level] * len(some),
            ls="",
            marker="o",
            ms=size,
            mfc=face,
            mec=edge,
            zorder=3,
            clip_on=False,
        )


def _lines(ax, layer, units, places, level):
    """From each unit that counts to those below that it looks at."""
    kernel_size, stride, dilation = layer
    (below, near), (above, far) = places
    ends = [
        [
            (above + unit * far, level + 1),
            (below + (stride * unit + dilation * tap) * near, level),
        ]
        for unit in sorted(units)
        for tap in range(kernel_size)
    ]
    ax.add_collection(LineCollection(ends, colors=OKABE_ITO[1], lw=2, zorder=2))
