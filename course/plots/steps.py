"""The arithmetic of a convolution, one output after the other."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.plots.animation import Animation
from course.plots.canvas import GRID, OKABE_ITO, PAPER, canvas, write
from course.plots.wording import described, listed

MOST_FRAMES = 36
MOST_CELLS = 14  # a side, whose numbers are 18 pt within their cells
HEIGHT = 4.4  # inches, with two lines of caption below
SKY, ORANGE, GREEN = (
    tuple(0.55 + 0.45 * np.array(rgb))
    for rgb in ((0.34, 0.71, 0.91), (0.90, 0.62, 0.0), (0.0, 0.62, 0.45))
)


def arithmetic_steps(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    transposed: bool = False,
) -> Animation:
    """A convolution computed output by output, on a square grid.

    Left the input, with zeros around it and, if transposed, between its
    pixels; the window's places bear the numbers of the kernel's taps. Right
    the output, a dot where it is written. The captions name each output and
    the input's rows and columns that it comes from, the last one the formula
    of the output's size.

    Args:
        size: Of the input, one axis.
        kernel_size: One axis of the kernel.
        stride: Of the window, or of the output's copies if transposed.
        padding: Zeros on each side; if transposed, what is cropped.
        dilation: Distance of the kernel's taps.
        transposed: Whether it is the transposed convolution with this stride
            and padding: its taps stand in reverse order.

    Returns:
        An animation of at most 36 frames, one an output.

    Raises:
        ValueError: If an argument is out of range, if nothing would come out,
            or if the grid or the steps are too many to be seen.

    Example:
        >>> arithmetic_steps(4, 3).captions[0]
        'Output (0, 0): input rows 0, 1 and 2, columns 0, 1 and 2.'
    """
    symbols = (size, kernel_size, stride, padding, dilation)
    steps = list(frames_of(*symbols, transposed))
    frames, captions = zip(*steps, strict=True)
    return Animation(frames, captions)


def frames_of(size, kernel_size, stride, padding, dilation, transposed):
    """Each step's figure and caption."""
    symbols = (size, kernel_size, stride, padding, dilation)
    _check_integers(symbols)
    lane = _lane(*symbols, transposed)
    starts = _starts(lane, symbols, transposed)
    windows = [
        [start + dilation * tap for tap in range(kernel_size)]
        for start in starts
    ]
    last = len(starts) - 1
    for row, rows in enumerate(windows):
        for column, columns in enumerate(windows):
            seen = [[lane[i] for i in axis] for axis in (rows, columns)]
            caption = _caption((row, column), seen)
            if row == column == last:
                caption += f" {_formula(*symbols, transposed, len(starts))}"
            place = (row, column)
            frame = _frame(
                lane, (rows, columns), len(starts), place, transposed
            )
            yield described(frame, caption), caption


def _check_integers(symbols):
    names = ("size", "kernel_size", "stride", "padding", "dilation")
    for name, value in zip(names, symbols, strict=True):
        least = 0 if name == "padding" else 1
        is_integer = isinstance(value, int | np.integer)
        if isinstance(value, bool) or not is_integer or value < least:
            raise ValueError(
                f"{name} is {value!r}. Expected an integer from {least} on, "
                "the same for both axes."
            )


def _lane(size, kernel_size, stride, padding, dilation, transposed):
    """One axis of the grid: the input's index a place, None for a zero."""
    if not transposed:
        return [None] * padding + [*range(size)] + [None] * padding
    spread = [None] * (stride * (size - 1) + 1)
    spread[::stride] = range(size)
    around = dilation * (kernel_size - 1) - padding
    if around < 0:  # more is cropped than the kernel reaches beyond
        return spread[-around : len(spread) + around]
    return [None] * around + spread + [None] * around


def _starts(lane, symbols, transposed):
    """Where the window stands at each step; refuses what cannot be seen."""
    _, kernel_size, stride, _, dilation = symbols
    reach = dilation * (kernel_size - 1) + 1
    starts = range(0, len(lane) - reach + 1, 1 if transposed else stride)
    if not starts:
        raise ValueError(
            f"the window reaches over {reach} places, the padded input has "
            f"{len(lane)}. Expected a larger input or, unless transposed, "
            "more padding."
        )
    if len(starts) ** 2 > MOST_FRAMES:
        raise ValueError(
            f"{len(starts)} × {len(starts)} outputs make {len(starts) ** 2} "
            f"frames. Expected at most {MOST_FRAMES}: take a smaller input or "
            "a larger stride."
        )
    if len(lane) > MOST_CELLS:
        raise ValueError(
            f"the input with its zeros has {len(lane)} places a side. "
            f"Expected at most {MOST_CELLS}, whose letters can be read: take "
            "a smaller input, less padding or dilation."
        )
    return starts


def _frame(lane, window, outputs, place, transposed) -> Figure:
    """The grid with its window, an arrow, and what of the output is there."""
    side, gap = len(lane), 2
    lines = max(side, outputs)
    fig, ax = canvas(side + gap + outputs, lines, 0.06, 0.5, 1, HEIGHT)
    top = (lines - side) / 2
    texts = _numbers(window, transposed)
    for row in range(side):
        for column in range(side):
            is_zero = None in (lane[row], lane[column])
            text = texts.get((row, column), "0" if is_zero else "")
            seen = ORANGE if (row, column) in texts else SKY
            fill = PAPER if is_zero else seen
            _cell(ax, column, top + row, fill, text, is_zero)
    _frame_around(ax, window, top)
    write(ax, side / 2, top - 0.1, "input", va="bottom")
    write(ax, side + gap / 2, lines / 2, "→")
    _draw_output(ax, side + gap, (lines - outputs) / 2, outputs, place)
    return fig


def _numbers(window, transposed):
    """(row, column) of each tap in the window -> its number from 1 on."""
    rows, columns = window
    count = len(rows) * len(columns)
    numbers = range(1, count + 1)
    places = [(row, column) for row in rows for column in columns]
    ordered = reversed(numbers) if transposed else numbers
    return dict(zip(places, map(str, ordered), strict=True))


def _cell(ax, left, top, fill, text, is_zero=False):
    look = {"fc": fill, "ec": GRID, "clip_on": False}
    if is_zero:
        look |= {"ls": ":"}
    # not add_patch, which would measure each of many cells
    ax.add_artist(Rectangle((left, top), 1, 1, **look))
    write(ax, left + 0.5, top + 0.5, text)


def _frame_around(ax, window, top):
    """The window's border, which dilation makes wider than its taps."""
    (first_row, *_, last_row), (first, *_, last) = (
        (*axis, axis[-1]) for axis in window
    )
    ax.add_patch(
        Rectangle(
            (first, top + first_row),
            last - first + 1,
            last_row - first_row + 1,
            fill=False,
            ec=OKABE_ITO[5],
            lw=4,
            clip_on=False,
        )
    )


def _draw_output(ax, left, top, outputs, place):
    row, column = place
    now = row * outputs + column
    for i in range(outputs * outputs):
        y, x = divmod(i, outputs)
        fill = GREEN if i <= now else PAPER
        _cell(ax, left + x, top + y, fill, "●" if i <= now else "")
    _frame_around(ax, ([row], [left + column]), top)
    write(ax, left + outputs / 2, top - 0.1, "output", va="bottom")


def _caption(place, seen):
    """Which output comes from which rows and columns of the input."""
    rows, columns = (
        [str(index) for index in axis if index is not None] for axis in seen
    )
    where = f"Output ({place[0]}, {place[1]}): "
    if not rows or not columns:
        return f"{where}zeros alone."
    count = len(seen[0]) ** 2 - len(rows) * len(columns)
    rest = f"; the other {count} of its places are zero" if count else ""
    lines = f"{_lines('row', rows)}, {_lines('column', columns)}"
    return f"{where}input {lines}{rest}."


def _lines(noun: str, indices: Sequence[str]) -> str:
    return f"{noun}{'s' if len(indices) > 1 else ''} {listed(indices)}"


def _formula(i, k, s, p, d, transposed, outputs):
    if transposed:
        return (
            f"Size: s(i − 1) + d(k − 1) + 1 − 2p = {s}·{i - 1} + {d}·{k - 1} + "
            f"1 − 2·{p} = {outputs}."
        )
    return (
        f"Size: ⌊(i + 2p − d(k − 1) − 1) / s⌋ + 1 = "
        f"⌊({i} + 2·{p} − {d}·{k - 1} − 1) / {s}⌋ + 1 = {outputs}."
    )
