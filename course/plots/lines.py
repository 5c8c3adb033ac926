"""Curves in one coordinate system."""

from collections.abc import Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from course.plots.canvas import GRID, OKABE_ITO, POINTS, SLIDE_WIDTH, one_each
from course.plots.wording import described


def curves(
    *series,
    labels: Sequence[str],
    axes: tuple[str, str] = ("", ""),
    dots: Sequence[bool] | None = None,
    powers: bool = False,
) -> Figure:
    """Lines and dots in one coordinate system, named beside it.

    Args:
        *series: Pairs (x, y) of equally long sequences. Where every x is an
            integer, ticks are whole numbers.
        labels: A name for each; colour, dash and marker tell them apart.
        axes: What the horizontal and the vertical axis count.
        dots: For each series whether it is drawn as dots; None means lines.
        powers: Whether the vertical axis is logarithmic, for positive y alone.

    Returns:
        A figure 12 inches wide.

    Raises:
        ValueError: If names or dots differ in number from the series, or if a
            logarithmic axis has no place for a y.

    Example:
        >>> fig = curves(([0, 1], [2, 3]), labels=["up"])
        >>> fig.axes[0].lines[0].get_ydata().tolist()
        [2, 3]
    """
    labels = one_each("labels", labels, len(series), "")
    dots = one_each("dots", dots, len(series), False)
    if powers:
        _check_positive(series, labels)
    fig = plt.figure(figsize=(SLIDE_WIDTH, 3.6))
    plt.close(fig)
    # powers of ten are written wider than numbers
    left = 0.115 if powers else 0.085
    ax = fig.add_axes((left, 0.22, 0.685 - left, 0.72))
    for i, ((x, y), label, dot) in enumerate(
        zip(series, labels, dots, strict=True)
    ):
        look = {"color": OKABE_ITO[i % len(OKABE_ITO)], "label": label}
        if dot:
            look |= {"ls": "", "marker": "os^D"[i % 4], "ms": 13}
        else:
            look |= {"ls": ("-", "--", ":", "-.")[i % 4], "lw": 3}
        ax.plot(np.asarray(x), np.asarray(y), **look)
    if powers:
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(numticks=6))
        ax.yaxis.set_minor_locator(NullLocator())
    ax.set_xlabel(axes[0], fontsize=POINTS)
    ax.set_ylabel(axes[1], fontsize=POINTS)
    ax.tick_params(labelsize=POINTS)
    if all(np.asarray(x).dtype.kind in "iu" for x, _ in series):
        # as Matplotlib would choose, without halves and quarters
        whole = MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True)
        ax.xaxis.set_major_locator(whole)
    ax.grid(color=GRID, alpha=0.4)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(
        loc="center left",
        bbox_to_anchor=(1.0, 0.5),
        fontsize=POINTS,
        frameon=False,
    )
    return described(fig, _alt(series, labels, axes, dots))


def _check_positive(series, labels):
    for (_, y), label in zip(series, labels, strict=True):
        if not np.all(np.asarray(y) > 0):
            raise ValueError(
                f"{label!r} reaches {np.min(y)}, which has no logarithm. "
                "Expected y above 0: leave others out, or powers=False."
            )


def _alt(series, labels, axes, dots):
    across, up = axes
    what = f"{up or 'Values'} over {across or 'their places'}"
    each = [
        f'"{label}" as {"dots" if dot else "a line"} {_course(*map(list, xy))}'
        for xy, label, dot in zip(series, labels, dots, strict=True)
    ]
    return f"{what[0].upper()}{what[1:]}: {'; '.join(each)}."


def _course(x, y):
    """Where a curve begins and ends, and how far it rises and falls."""
    if not x:
        return "without a point"
    ends = f"from {y[0]:.3g} at {x[0]:.3g} to {y[-1]:.3g} at {x[-1]:.3g}"
    return f"{ends}, between {min(y):.3g} and {max(y):.3g}"
