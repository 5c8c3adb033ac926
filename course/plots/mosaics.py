"""Many small pictures in rows: kernels, feature maps, samples."""

from collections.abc import Sequence
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from course.plots.canvas import (
    LETTER,
    SLIDE_HEIGHT,
    SLIDE_WIDTH,
    one_each,
    write,
)
from course.plots.wording import clipped, counted, described, listed

GAP = 0.06  # inches between pictures
TITLE = 0.36  # inches, the height of a line above a picture
LARGEST = 2.4  # inches, the longer side of a picture
NEARLY = 0.75  # of the largest size, for a grid without empty places
MOST_SAID = 12  # titles that an alternative text names


def mosaic(
    pictures: Any,
    titles: Sequence[str] | None = None,
    columns: int | None = None,
    limits: tuple[float, float] | str | None = None,
    height: float = SLIDE_HEIGHT,
) -> Figure:
    """Equally large pictures in rows and columns.

    Args:
        pictures: Array (n, h, w) or (n, h, w, 1), grey, or (n, h, w, 3):
            integers from 0 to 255 or fractions from 0 to 1.
        titles: A text above each picture; what is wider than it is clipped.
        columns: Pictures a row; None takes as many as make them largest.
        limits: Brightness of black and of white in grey pictures; None takes
            the smallest and the largest number of all, "each" those of each
            picture by itself.
        height: Of the figure in inches, at most.

    Returns:
        A figure at most 12 inches wide; pixels are drawn as squares, nothing
        is smoothed.

    Raises:
        ValueError: If there are no pictures, or they have another shape; if
            titles differ in number; if columns or limits cannot be.

    Example:
        >>> import numpy as np
        >>> fig = mosaic(np.eye(6).reshape(6, 2, 3), columns=3)
        >>> fig.get_label()
        '6 grey pictures of 2 × 3 pixels in 2 rows; black is 0, white 1.'
    """
    pictures = _checked(pictures)
    titles = one_each("titles", titles, len(pictures), "")
    lows, highs = _limits(pictures, limits)
    grid = _grid(pictures, any(titles), columns, height)
    fig, ax = _axes(grid)
    most = int(grid.width / LETTER)
    look = {"interpolation": "none", "aspect": "auto"}
    for i, picture in enumerate(pictures):
        row, column = divmod(i, grid.columns)
        left = column * (grid.width + GAP)
        top = row * (grid.height + GAP + grid.title) + grid.title
        place = (left, left + grid.width, top + grid.height, top)
        if picture.ndim == 2:
            look |= {"cmap": "gray", "vmin": lows[i], "vmax": highs[i]}
        ax.imshow(picture, extent=place, **look)
        middle = left + grid.width / 2
        write(ax, middle, top - 0.04, clipped(titles[i], most), va="bottom")
    # imshow fits the axes to each picture
    ax.set(xlim=(0, grid.across), ylim=(grid.down, 0))
    return described(fig, _alt(pictures, titles, grid, lows, highs, limits))


class _Grid(NamedTuple):
    """How pictures lie, in inches."""

    columns: int
    rows: int
    width: float
    height: float
    title: float

    @property
    def across(self):
        return self.columns * (self.width + GAP) - GAP

    @property
    def down(self):
        return self.rows * (self.height + GAP + self.title) - GAP


def _grid(pictures, is_titled, columns, height) -> _Grid:
    """A grid with large pictures, and few places that stay empty."""
    count = len(pictures)
    if columns is not None and not columns >= 1:
        raise ValueError(f"columns={columns}. Expected 1 or more, or None.")
    options = range(1, count + 1) if columns is None else [min(columns, count)]
    grids = [_laid(pictures, is_titled, each, height) for each in options]
    largest = max(grid.width for grid in grids)
    if largest <= 0:
        raise ValueError(
            f"{counted(count, 'picture')} do not fit {height} inches. Expected "
            "fewer, or no titles: draw the others in a second figure."
        )
    large = [grid for grid in grids if grid.width > NEARLY * largest]
    # of equally large ones that with most columns, which is not as high
    return min(
        large,
        key=lambda grid: (
            grid.rows * grid.columns - count,
            -grid.width,
            -grid.columns,
        ),
    )


def _laid(pictures, is_titled, columns, height) -> _Grid:
    rows = ceil(len(pictures) / columns)
    title = TITLE if is_titled else 0.0
    high, wide = pictures.shape[1:3]
    width = (SLIDE_WIDTH - 0.2 - (columns - 1) * GAP) / columns
    down = (height - 0.2 - (rows - 1) * GAP) / rows - title
    scale = min(width / wide, down / high, LARGEST / max(high, wide))
    return _Grid(columns, rows, wide * scale, high * scale, title)


def _axes(grid):
    size = (grid.across + 0.2, grid.down + 0.2)
    fig = plt.figure(figsize=size)
    plt.close(fig)
    box = np.divide((0.1, 0.1, grid.across, grid.down), (*size, *size))
    ax = fig.add_axes(box)
    ax.set_axis_off()
    return fig, ax


def _checked(pictures) -> np.ndarray:
    pictures = np.asarray(pictures)
    if pictures.ndim == 4 and pictures.shape[-1] == 1:
        pictures = pictures[..., 0]
    is_grey, is_coloured = pictures.ndim == 3, pictures.shape[3:] == (3,)
    if not (pictures.size and (is_grey or is_coloured)):
        raise ValueError(
            f"pictures have shape {pictures.shape}. Expected (n, h, w), grey, "
            "or (n, h, w, 3): choose channels, or move them to the front."
        )
    is_float = pictures.dtype.kind == "f"
    if is_coloured and is_float:
        low, high = pictures.min(), pictures.max()
        if not (low >= 0 and high <= 1):
            raise ValueError(
                f"coloured pictures reach from {low:g} to {high:g}. Expected "
                "fractions from 0 to 1, or integers: scale them."
            )
    return pictures


def _limits(pictures, limits):
    """What is black and what is white in each picture."""
    count = len(pictures)
    if limits == "each":
        flat = pictures.reshape(count, -1)
        return flat.min(axis=1), flat.max(axis=1)
    if limits is None:
        limits = pictures.min(), pictures.max()
    if isinstance(limits, str) or len(limits) != 2:
        raise ValueError(
            f'limits={limits!r}. Expected (black, white), None or "each".'
        )
    return tuple(np.full(count, limit) for limit in limits)


def _alt(pictures, titles, grid, lows, highs, limits):
    high, wide = pictures.shape[1:3]
    is_grey = pictures.ndim == 3
    kind = "grey" if is_grey else "coloured"
    text = (
        f"{counted(len(pictures), f'{kind} picture')} of {high} × {wide} "
        f"pixels in {counted(grid.rows, 'row')}"
    )
    said = [title for title in titles if title]
    if said and len(said) <= MOST_SAID:
        text += f": {listed(said)}"
    if not is_grey:
        return text + "."
    if limits == "each":
        return f"{text}; each goes from black to white by itself."
    return f"{text}; black is {lows[0]:g}, white {highs[0]:g}."
