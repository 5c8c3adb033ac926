"""Grids of numbers, and a convolution matrix as a picture."""

from collections.abc import Sequence
from string import ascii_lowercase

import numpy as np
from matplotlib import colors
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.plots.canvas import (
    CELL,
    GRID,
    INK,
    LETTER,
    OKABE_ITO,
    PAPER,
    SLIDE_HEIGHT,
    canvas,
    one_each,
    write,
)
from course.plots.wording import counted, described, listed

MOST_SAID = 36  # cells that an alternative text names one by one


def number_grids(
    *grids,
    titles: Sequence[str] | None = None,
    signs: Sequence[str] | None = None,
    taps: Sequence | None = None,
    kernel_shape: Sequence[int] = (1, 1),
    height: float = SLIDE_HEIGHT,
) -> Figure:
    """Grids of numbers or short texts, side by side.

    Args:
        *grids: Arrays (h, w), or (w,) for one row, of texts or numbers;
            fractions are rounded to three digits.
        titles: A text above each grid.
        signs: A text between each grid and the next, e.g. "+".
        taps: For each grid None, or an array of the grid's shape that tells
            its colours: the number of the kernel's tap, counted from 1 row by
            row, or 0 for none.
        kernel_shape: Shape (kh, kw) or (k,) of the kernel whose taps these
            are.
        height: Of the figure in inches, at most; cells become lower than wide.

    Returns:
        A figure at most 12 inches wide.

    Raises:
        ValueError: If the grids and what goes with them differ in number.

    Example:
        >>> fig = number_grids([[1, 2]], [[3], [4]], signs=["="])
        >>> [text.get_text() for text in fig.axes[0].texts]
        ['1', '2', '=', '3', '4']
    """
    grids = [np.atleast_2d(grid) for grid in grids]
    titles = one_each("titles", titles, len(grids), "")
    signs = one_each("signs", signs, len(grids) - 1, "")
    taps = one_each("taps", taps, len(grids), None)
    texts = [_texts(grid) for grid in grids]
    lines = max(grid.shape[0] for grid in grids)
    width = sum(grid.shape[1] for grid in grids) + len(signs)
    longest = max(len(text) for grid in texts for text in grid.flat)
    top = 0.6 if any(titles) else 0.1
    # a title wider than its grid needs room beyond the outer ones
    before, after = (
        max(0.0, len(titles[i]) * LETTER - texts[i].shape[1] * CELL) / 2
        for i in (0, -1)
    )
    width += after / CELL
    fig, ax = canvas(width, lines, before, top, longest, height)
    left = 0.0
    for grid, title, tap, sign in zip(
        texts, titles, taps, [*signs, ""], strict=True
    ):
        rows, columns = grid.shape
        top = (lines - rows) / 2
        tap = np.zeros(grid.shape) if tap is None else tap
        colours = _tap_colours(np.reshape(tap, grid.shape), kernel_shape)
        _draw(ax, grid, colours, left, top)
        write(ax, left + columns / 2, top - 0.15, title, va="bottom")
        left += columns + 1
        write(ax, left - 0.5, lines / 2, sign)
    return described(fig, _alt_of_grids(grids, texts, titles, signs))


def tap_matrix(
    taps,
    kernel_shape: Sequence[int],
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    labels: Sequence[str] = ascii_lowercase,
) -> Figure:
    """A convolution matrix as a picture: which tap of the kernel stands where.

    Args:
        taps: Array (m, n) of the numbers of the taps, counted from 1 row by
            row; 0 where the matrix is zero.
        kernel_shape: Shape (kh, kw) or (k,) of the kernel.
        rows: Texts left of the matrix, top to bottom. Each stands for an
            equal share of its rows; thick lines part the shares.
        columns: Likewise texts above its columns.
        labels: What to write for each tap.

    Returns:
        A figure at most 12 inches wide.

    Raises:
        ValueError: If the rows or columns cannot be shared equally.

    Example:
        >>> fig = tap_matrix([[1, 2, 0], [0, 1, 2]], kernel_shape=(2,))
        >>> [text.get_text() for text in fig.axes[0].texts]
        ['a', 'b', 'a', 'b']
    """
    taps = np.asarray(taps, int)
    height, width = taps.shape
    row = _share("rows", rows, height)
    column = _share("columns", columns, width)
    left = LETTER * (max(map(len, rows)) + 1) if rows else 0.0
    fig, ax = canvas(width, height, left=left, top=0.5 if columns else 0.1)
    texts = np.array(["", *labels])[taps]
    _draw(ax, texts, _tap_colours(taps, kernel_shape), 0, 0)
    for i, text in enumerate(rows):
        write(ax, -0.15, (i + 0.5) * row, text, ha="right")
    for j, text in enumerate(columns):
        write(ax, (j + 0.5) * column, -0.15, text, va="bottom")
    ax.hlines(range(0, height + 1, row), 0, width, INK, lw=2)
    ax.vlines(range(0, width + 1, column), 0, height, INK, lw=2)
    return described(fig, _alt_of_taps(taps, kernel_shape, labels))


def _alt_of_grids(grids, texts, titles, signs):
    """A sentence a grid, and the sign before it."""
    many = len(grids) > 1
    said = [f"{len(grids)} grids side by side." if many else "One grid."]
    for i, (grid, title) in enumerate(zip(grids, titles, strict=True)):
        if i and signs[i - 1]:
            said.append(f"Then {signs[i - 1]}, and")
        name = f'"{title}"' if title else f"grid {i + 1}"
        rows, columns = grid.shape
        content = _contents(grid, texts[i])
        said.append(f"{name}: {rows} × {columns}, {content}.")
    return " ".join(said)


def _contents(grid, texts):
    """Each cell of a small grid, the range of a large one."""
    if grid.size <= MOST_SAID:
        lines = (", ".join(cell or "empty" for cell in row) for row in texts)
        return "row by row: " + "; ".join(lines)
    if grid.dtype.kind in "biuf":
        return f"numbers from {grid.min():.3g} to {grid.max():.3g}"
    return f"texts from {texts.flat[0]} to {texts.flat[-1]}"


def _alt_of_taps(taps, kernel_shape, labels):
    rows, columns = taps.shape
    kernel = " × ".join(map(str, kernel_shape))
    used = [labels[tap - 1] for tap in np.unique(taps[taps > 0])]
    where = (
        f"{counted(np.count_nonzero(taps), 'place')} hold "
        f"{listed(used)}, the taps of a kernel of {kernel}"
        if used
        else "no place holds a tap"
    )
    return f"A matrix of {rows} × {columns}: {where}; the others are zero."


def _share(name, texts, size):
    """How many of `size` rows or columns each text stands for."""
    if not texts:
        return size
    if size % len(texts):
        raise ValueError(
            f"{len(texts)} texts for {size} {name}. Expected a divisor of "
            f"{size}, so that each text stands for equally many."
        )
    return size // len(texts)


def _draw(ax, texts, fills, left, top):
    """One grid of cells whose upper left corner is at (left, top)."""
    for (row, column), text in np.ndenumerate(texts):
        corner = left + column, top + row
        ax.add_patch(
            Rectangle(
                corner, 1, 1, fc=fills[row][column], ec=GRID, clip_on=False
            )
        )
        write(ax, corner[0] + 0.5, corner[1] + 0.5, text)


def _texts(grid):
    """What to write into the cells of a grid."""
    if grid.dtype.kind in "USiu":
        return grid.astype(str)
    return np.vectorize(lambda value: f"{value:.3g}", otypes=[str])(grid)


def _tap_colours(taps, kernel_shape):
    """A colour a cell: the hue tells the tap's row, the tint its column."""
    rows, columns = (*kernel_shape, 1)[:2]
    if rows == 1:
        rows, columns = columns, 1
    tints = np.linspace(0.7, 0.35, columns) if columns > 1 else [0.45]
    fills = [PAPER]
    for row in range(rows):
        hue = np.array(colors.to_rgb(OKABE_ITO[row % len(OKABE_ITO)]))
        fills += [tuple(white + (1 - white) * hue) for white in tints]
    return [[fills[tap] for tap in line] for line in np.asarray(taps, int)]
