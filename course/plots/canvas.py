"""What all figures share: letters, colours, and an axes that counts cells."""

import base64
import io

import numpy as np
from matplotlib import pyplot as plt

POINTS = 18
SLIDE_WIDTH, SLIDE_HEIGHT = 12.0, 4.9  # inches
LETTER = 0.155  # inches, the width of a letter
CELL = 0.66  # inches, the side of a cell where there is room
OKABE_ITO = (
    "#0072B2",  # blue
    "#E69F00",  # orange
    "#009E73",  # green
    "#CC79A7",  # purple
    "#56B4E9",  # sky
    "#D55E00",  # vermillion
    "#F0E442",  # yellow
)
PAPER = "#FFFFFF"
GRID = "#999999"
INK = "#000000"


def canvas(width, height, left=0.0, top=0.1, longest=1, inches=SLIDE_HEIGHT):
    """A figure for `height` x `width` cells: one axes, its unit one cell.

    Cells are squares of `CELL` inches, wider where the longest text needs it,
    smaller where the slide, or `inches` for the whole height, does.
    """
    across = max(CELL, LETTER * (longest + 1))
    across = min(across, (SLIDE_WIDTH - left - 0.1) / width)
    down = min(CELL, across, (inches - top - 0.1) / height)
    size = (left + across * width + 0.1, top + down * height + 0.1)
    fig = plt.figure(figsize=size)
    plt.close(fig)  # else a notebook would show it twice
    box = (left, 0.05, across * width + 0.05, down * height)
    box = np.divide(box, (*size, *size))
    ax = fig.add_axes(
        box, xlim=(-0.03, width + 0.03), ylim=(height + 0.03, -0.03)
    )
    ax.set_axis_off()
    return fig, ax


def write(ax, x, y, text, ha="center", va="center"):
    if text:
        ax.text(x, y, text, ha=ha, va=va, fontsize=POINTS, color=INK)


def one_each(name, values, count, default):
    """`values` as a list of `count`; all `default` when None."""
    values = [default] * count if values is None else list(values)
    if len(values) != count:
        raise ValueError(
            f"{name} holds {len(values)} entries. Expected {count} here."
        )
    return values


def png(figure, dpi):
    """A figure as the bytes of a PNG file that holds no date."""
    with io.BytesIO() as file:
        figure.savefig(file, format="png", dpi=dpi, metadata={"Software": None})
        return file.getvalue()


def base64_png(figure, dpi):
    """The same, as a page holds it."""
    return base64.b64encode(png(figure, dpi)).decode("ascii")
