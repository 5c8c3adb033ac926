"""Ways of optimizers over a surface of two parameters."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from course.plots.animation import Animation
from course.plots.canvas import (
    GRID,
    INK,
    LETTER,
    OKABE_ITO,
    PAPER,
    POINTS,
    SLIDE_WIDTH,
    one_each,
)
from course.plots.windows import halo
from course.plots.wording import clipped, described

HEIGHT = 4.8
STEPS_HEIGHT = 3.7  # inches, with two lines of caption below
LEVELS = 14
MOST_PATHS = len(OKABE_ITO)
MOST_LETTERS = 20
MOST_FRAMES = 36
MOST_MARKERS = 20
MARKERS = "osD^vP*"
DASHES = ("-", "--", ":", "-.")


def paths_on_surface(
    x: Sequence[float],
    y: Sequence[float],
    heights: Any,
    paths: Sequence[Any],
    labels: Sequence[str],
    axes: tuple[str, str] = ("", ""),
    height: float = HEIGHT,
) -> Figure:
    """Ways over a surface that is drawn by its contours.

    Lines of equal height stand at equal steps of the heights' rank, so that a
    narrow valley has as many as a steep wall.

    Args:
        x: Places (k,) along the first axis, rising.
        y: Places (m,) along the second axis, rising.
        heights: Array (m, k): the surface above (x, y).
        paths: For each way an array (steps, 2) of (x, y), from its start on.
        labels: A name for each; colour, dash and marker tell them apart.
        axes: What the axes count.
        height: Of the figure in inches.

    Returns:
        A figure 12 inches wide. Ways that leave it are cut at its border.

    Raises:
        ValueError: If the surface or a path is none, names differ in number,
            or there are more than seven ways.

    Example:
        >>> import numpy as np
        >>> x = y = np.linspace(-1, 1, 9)
        >>> bowl = x**2 + y[:, None] ** 2
        >>> way = [(0.9, 0.9), (0.3, 0.3), (0.1, 0.1)]
        >>> fig = paths_on_surface(x, y, bowl, [way], ["descent"])
        >>> [text.get_text() for text in fig.axes[0].get_legend().get_texts()]
        ['descent']
    """
    x, y, heights = _checked_surface(x, y, heights)
    paths = [_checked_path(path) for path in paths]
    labels = one_each("labels", labels, len(paths), "")
    if not 1 <= len(paths) <= MOST_PATHS:
        raise ValueError(
            f"{len(paths)} paths. Expected 1 to {MOST_PATHS}, which differ in "
            "colour and marker: draw the others in a second figure."
        )
    labels = [clipped(label, MOST_LETTERS) for label in labels]
    fig, ax = _axes(x, y, axes, max(map(len, labels)), height)
    levels = np.unique(np.quantile(heights, np.linspace(0, 1, LEVELS)))
    if len(levels) > 1:
        # the lowest is paper
        shades = [str(shade) for shade in np.linspace(1, 0.6, len(levels) - 1)]
        ax.contourf(x, y, heights, levels, colors=shades)
        ax.contour(x, y, heights, levels, colors=GRID, linewidths=0.8)
    for i, (path, label) in enumerate(zip(paths, labels, strict=True)):
        _draw(ax, path, label, i)
    ax.legend(
        loc="center left",
        bbox_to_anchor=(1.01, 0.5),
        fontsize=POINTS,
        frameon=False,
    )
    return described(fig, _alt(heights, paths, labels))


def path_steps(
    x: Sequence[float],
    y: Sequence[float],
    heights: Any,
    paths: Sequence[Any],
    labels: Sequence[str],
    axes: tuple[str, str] = ("", ""),
    frames: int = 12,
) -> Animation:
    """The same, growing from the start, as an animation.

    Args:
        x, y, heights, paths, labels, axes: As in `paths_on_surface`.
        frames: How many, at most 36; they stand at equal distances of steps,
            the first at the start, the last at the end.

    Returns:
        An animation, whose captions say where each way has come to.

    Raises:
        ValueError: As `paths_on_surface`, or if `frames` is out of range.

    Example:
        >>> import numpy as np
        >>> bowl = np.add.outer(np.arange(3) ** 2, np.arange(3) ** 2)
        >>> way = [(2, 2), (1, 1), (0, 0)]
        >>> show = path_steps(range(3), range(3), bowl, [way], ["w"], frames=3)
        >>> show.captions[0]
        'Step 0: w at (2, 2).'
    """
    if not 1 <= frames <= MOST_FRAMES:
        raise ValueError(
            f"frames={frames}. Expected 1 to {MOST_FRAMES}: each is a picture."
        )
    paths = [_checked_path(path) for path in paths]
    longest = max((len(path) for path in paths), default=1)
    ends = np.unique(np.linspace(0, longest - 1, frames).round().astype(int))
    surface = (x, y, heights)
    figures = [
        paths_on_surface(
            *surface,
            [path[: end + 1] for path in paths],
            labels,
            axes,
            STEPS_HEIGHT,
        )
        for end in ends
    ]
    captions = [_caption(end, paths, labels) for end in ends]
    return Animation(figures, captions, seconds=0.6)


def _axes(x, y, axes, longest, height):
    fig = plt.figure(figsize=(SLIDE_WIDTH, height))
    plt.close(fig)
    beside = LETTER * longest + 1.3
    box = (1.3, 1.0, SLIDE_WIDTH - 1.3 - beside, height - 1.2)
    size = (SLIDE_WIDTH, height)
    ax = fig.add_axes(np.divide(box, (*size, *size)))
    ax.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    ax.set_xlabel(axes[0], fontsize=POINTS)
    ax.set_ylabel(axes[1], fontsize=POINTS)
    ax.tick_params(labelsize=POINTS)
    ax.tick_params(axis="x", pad=12)  # below the first number beside
    ax.locator_params(nbins=5)
    return fig, ax


def _draw(ax, path, label, i):
    """A line with its markers; the start is hollow, the end large."""
    colour, marker = OKABE_ITO[i], MARKERS[i]
    ax.plot(
        *path.T,
        color=colour,
        ls=DASHES[i % len(DASHES)],
        lw=2.5,
        marker=marker,
        ms=6,
        markevery=max(1, len(path) // MOST_MARKERS),
        label=label,
        path_effects=halo(PAPER if i != 6 else INK),
    )
    look = {"ls": "", "marker": marker, "mec": INK, "zorder": 3}
    ax.plot(*path[0], mfc=PAPER, ms=11, **look)
    ax.plot(*path[-1], mfc=colour, ms=14, **look)


def _checked_surface(x, y, heights):
    x, y, heights = (np.asarray(each, float) for each in (x, y, heights))
    is_rising = all(
        axis.ndim == 1 and len(axis) > 1 and (np.diff(axis) > 0).all()
        for axis in (x, y)
    )
    ok = is_rising and heights.shape == (len(y), len(x))
    if not ok or not np.isfinite(heights).all():
        raise ValueError(
            f"a surface has x of shape {x.shape}, y of shape {y.shape} and "
            f"heights of shape {heights.shape}. Expected (k,) and (m,), both "
            "rising, and (m, k) of finite numbers."
        )
    return x, y, heights


def _checked_path(path):
    path = np.asarray(path, float)
    if path.ndim != 2 or path.shape[1:] != (2,) or not len(path):
        raise ValueError(
            f"a path has shape {path.shape}. Expected (steps, 2): x and y "
            "after each step, the start first."
        )
    return path


def _place(point):
    return "({:.3g}, {:.3g})".format(*point)


def _caption(end, paths, labels):
    each = [
        f"{label} at {_place(path[min(end, len(path) - 1)])}"
        for path, label in zip(paths, labels, strict=True)
    ]
    return f"Step {end}: {'; '.join(each)}."


def _alt(heights, paths, labels):
    each = [
        f'"{label}" from {_place(path[0])} in {len(path) - 1} steps to '
        f"{_place(path[-1])}"
        for path, label in zip(paths, labels, strict=True)
    ]
    return (
        f"Contours of a surface from {heights.min():.3g} to "
        f"{heights.max():.3g}, and ways over it: {'; '.join(each)}."
    )
