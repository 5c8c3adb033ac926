"""What tells kinds of layers apart in a drawing: colour, hatching, a legend."""

from collections.abc import Iterable, Sequence
from math import ceil

import numpy as np
from matplotlib import colors
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from course.plots.canvas import INK, LETTER, OKABE_ITO, POINTS, SLIDE_WIDTH

LINE = 0.33  # inches, the height of a line of letters
HATCHES = ("", "//", "..", "xx", "\\\\", "--", "++")

Look = dict[str, object]


def looks_of(kinds: Iterable[str]) -> dict[str, Look]:
    """Kind -> colour and hatching, in the order in which the kinds appear."""
    kinds = list(dict.fromkeys(kinds))
    if len(kinds) > len(OKABE_ITO):
        raise ValueError(
            f"{len(kinds)} kinds: {', '.join(kinds)}. Expected at most "
            f"{len(OKABE_ITO)}, which colours tell apart: put some together."
        )
    return {
        kind: {"fc": tint(colour), "hatch": hatch}
        for kind, colour, hatch in zip(kinds, OKABE_ITO, HATCHES, strict=False)
    }


def tint(colour: str | Sequence[float], strength: float = 0.55) -> tuple:
    """A colour, mixed with white."""
    return tuple(1 - strength * (1 - np.array(colors.to_rgb(colour))))


def legend_room(looks: dict[str, Look]) -> tuple[int, float]:
    """Columns of the legend, 0 for none, and its height in inches."""
    if not any(looks):
        return 0, 0.0
    column = LETTER * max(map(len, looks)) + 1.0
    columns = max(1, int(SLIDE_WIDTH / column))
    return columns, LINE * ceil(len(looks) / columns) + 0.15


def legend_below(fig: Figure, looks: dict[str, Look], columns: int) -> None:
    """Each kind's look and name, below the drawing."""
    fig.legend(
        handles=[Patch(ec=INK, label=k, **look) for k, look in looks.items()],
        loc="lower center",
        ncols=columns,
        fontsize=POINTS,
        frameon=False,
        borderpad=0.1,
        borderaxespad=0.1,
        labelspacing=0.2,
        columnspacing=1.2,
    )


def wall(width: float, height: float) -> tuple[Figure, Axes]:
    """Axes over a whole figure, its unit an inch."""
    fig = plt.figure(figsize=(width, height))
    plt.close(fig)
    ax = fig.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(0, height))
    ax.set_axis_off()
    return fig, ax
