"""Which class is taken for which, as a table."""

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.plots.canvas import (
    GRID,
    INK,
    LETTER,
    OKABE_ITO,
    PAPER,
    POINTS,
    SLIDE_HEIGHT,
    canvas,
    one_each,
    write,
)
from course.plots.wording import clipped, described, listed, short

MOST_CLASSES = 13  # whose lines are no lower than letters
MOST_LETTERS = 12  # of a class's name
MOST_SAID = 3  # mistakes that the alternative text names
RIGHT, WRONG = to_rgb(OKABE_ITO[0]), to_rgb(OKABE_ITO[1])


def confusion_matrix(counts, names: Sequence[str]) -> Figure:
    """How often each class was taken for each, as numbers and percents.

    A row is a class that was shown, a column one that was said. Cells hold
    counts, nothing for 0; their colour, blue if right and orange if wrong,
    tells their share of the row. The last column says how many percent of the
    row are right, the last line how many of the column.

    Args:
        counts: Array (classes, classes) of numbers from 0 on: truth by
            prediction, as scikit-learn's.
        names: Of the classes, at most 13.

    Returns:
        A figure at most 12 inches wide.

    Raises:
        ValueError: If it is no such array, names differ in number, or there
            are too many classes to be read.

    Example:
        >>> fig = confusion_matrix([[8, 2], [0, 5]], ["cat", "dog"])
        >>> written = [text.get_text() for text in fig.axes[0].texts]
        >>> [text for text in written if "%" in text]
        ['80%', '100%', '100%', '71%']
    """
    counts = _checked(counts)
    size = len(counts)
    names = one_each("names", names, size, "")
    names = [clipped(name, MOST_LETTERS) for name in names]
    if size > MOST_CLASSES:
        raise ValueError(
            f"{size} classes. Expected at most {MOST_CLASSES}, whose numbers "
            "can be read: choose those that are confused most."
        )
    rows, columns = (_percents(counts, axis) for axis in (1, 0))
    longest = max(len(name) for name in [*names, "right"])
    left = LETTER * (longest + 1) + 0.45
    heading = _headings(names, size, left)
    fig, ax = canvas(size + 1, size + 1, left, 0.85, heading, SLIDE_HEIGHT)
    for (row, column), count in np.ndenumerate(counts):
        share = count / max(counts[row].sum(), 1e-9)
        colour = RIGHT if row == column else WRONG
        text = short(count) if count or row == column else ""
        _cell(ax, column, row, _tint(colour, share), text)
    for i in range(size):
        _cell(ax, size, i, PAPER, rows[i])
        _cell(ax, i, size, PAPER, columns[i])
        write(ax, -0.1, i + 0.5, names[i], ha="right")
        write(ax, i + 0.5, -0.08, clipped(names[i], heading), va="bottom")
    write(ax, -0.1, size + 0.5, "right", ha="right")
    write(ax, size + 0.5, -0.08, "right", va="bottom")
    _name_axes(ax, size, left)
    return described(fig, _alt(counts, names))


def _name_axes(ax, size, left):
    """What rows and columns are, away from their names."""
    look = {"textcoords": "offset points", "fontsize": POINTS, "color": INK}
    ax.annotate(
        "prediction", (size / 2, 0), (0, 32), ha="center", va="bottom", **look
    )
    away = 18 - 72 * left
    ax.annotate(
        "truth",
        (0, size / 2),
        (away, 0),
        rotation=90,
        va="center",
        ha="center",
        **look,
    )


def _headings(names, size, left):
    """Letters that a column has room for."""
    room = (12.0 - left - 0.1) / (size + 1) / LETTER - 1
    longest = max(*(len(name) for name in names), 4)
    return max(1, min(longest, int(room)))


def _cell(ax, left, top, fill, text):
    ax.add_patch(Rectangle((left, top), 1, 1, fc=fill, ec=GRID, clip_on=False))
    write(ax, left + 0.5, top + 0.5, text)


def _tint(colour, share):
    """The colour on white; letters are read on the strongest too."""
    strength = 0.6 * share**0.5
    return tuple(1 - strength * (1 - part) for part in colour)


def _percents(counts, axis):
    """How much of each row or column is right, as a text."""
    total = counts.sum(axis=axis)
    right = np.diag(counts)
    return [
        f"{100 * part / whole:.0f}%" if whole else "–"
        for part, whole in zip(right, total, strict=True)
    ]


def _checked(counts):
    counts = np.asarray(counts, float)
    is_square = counts.ndim == 2 and counts.shape[0] == counts.shape[1]
    ok = is_square and counts.size and np.isfinite(counts).all()
    if not ok or counts.min() < 0:
        raise ValueError(
            f"counts have shape {counts.shape}. Expected (classes, classes) of "
            "numbers from 0 on: a row for each class that was shown, a column "
            "for each that was said."
        )
    return counts


def _alt(counts, names):
    total, right = counts.sum(), np.trace(counts)
    share = f", {100 * right / total:.3g} %" if total else ""
    text = (
        f"A table of {len(names)} classes, truth by prediction: "
        f"{short(right)} of {short(total)} right{share}"
    )
    wrong = counts * (1 - np.eye(len(counts)))
    order = np.argsort(-wrong, axis=None, kind="stable")[:MOST_SAID]
    said = []
    for place in order:
        row, column = np.unravel_index(place, counts.shape)
        if wrong[row, column]:
            number = short(wrong[row, column])
            said.append(f"{names[row]} as {names[column]} {number}")
    return f"{text}; most often wrong: {listed(said)}." if said else f"{text}."
