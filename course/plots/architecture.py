"""A network's feature maps as volumes."""

from collections.abc import Sequence
from math import log2, sqrt
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from course.plots.canvas import (
    INK,
    LETTER,
    POINTS,
    SLIDE_HEIGHT,
    SLIDE_WIDTH,
    one_each,
)
from course.plots.kinds import (
    LINE,
    legend_below,
    legend_room,
    looks_of,
    tint,
    wall,
)
from course.plots.wording import clipped, counted, described

MOST_ROW, LEAST_ROW = 3.6, 1.3  # inches: two lines of letters, a volume between
OBLIQUE = 0.4  # of the depth, to the right and up
THICKNESS = 0.07  # inches each time that the channels double
BAR, GAP = 0.2, 0.2  # inches: a vector's width, air beside a volume
MOST_LETTERS = 20


def volumes(
    shapes: Sequence[Sequence[int]],
    names: Sequence[str],
    kinds: Sequence[str] | None = None,
) -> Figure:
    """An architecture as a row of volumes, one a feature map.

    A volume is as high and as deep as the square root of its map's height and
    width, and as thick as the logarithm of its channels, so that 3 and 4096
    channels, 224 and 7 pixels can all be seen; a vector is a bar as high as
    the logarithm of its units. Names stand above, sizes below.

    Args:
        shapes: (h, w, c) of each feature map, or (units,).
        names: Of the feature maps.
        kinds: What makes each, e.g. "conv", "pool"; at most 7 kinds, told
            apart by colour, hatching and a legend.

    Returns:
        A figure at most 12 inches wide, in as many rows as the letters need;
        about 25 volumes fit a slide, more make it higher.

    Raises:
        ValueError: If a shape is none, or names or kinds do not fit.

    Example:
        >>> fig = volumes([(28, 28, 1), (10,)], ["image", "scores"])
        >>> [text.get_text() for text in fig.axes[0].texts]
        ['image', '28² × 1', 'scores', '10']
    """
    shapes = [_checked_shape(shape) for shape in shapes]
    if not shapes:
        raise ValueError("volumes of no shapes. Expected one or more")
    names = one_each("names", names, len(shapes), "")
    texts = [clipped(name, MOST_LETTERS) for name in names]
    made_by = one_each("kinds", kinds, len(shapes), "")
    looks = looks_of(made_by)
    sizes = [_written(shape) for shape in shapes]
    letters = [
        LETTER * (max(len(text), len(size)) + 1)
        for text, size in zip(texts, sizes, strict=True)
    ]
    columns, below = legend_room(looks)
    rows, rooms, bodies, high = _arrange(shapes, letters, SLIDE_HEIGHT - below)
    widest = max(sum(rooms[at] for at in row) for row in rows)
    fig, ax = wall(SLIDE_WIDTH, high * len(rows) + below)
    for i, row in enumerate(rows):
        ground = below + high * (len(rows) - i - 1) + LINE
        left = (SLIDE_WIDTH - widest) / 2
        for at in row:
            middle, look = left + rooms[at] / 2, looks[made_by[at]]
            top = _draw_volume(ax, bodies[at], middle, ground, look)
            _say(ax, middle, top + 0.04, texts[at], "bottom")
            _say(ax, middle, ground - 0.04, sizes[at], "top")
            left += rooms[at]
    if columns:
        legend_below(fig, looks, columns)
    return described(fig, _alt(names, sizes, kinds))


class _Body(NamedTuple):
    """Inches of a volume: its front face, and how far its back is shifted."""

    thickness: float
    height: float
    shift: float

    @property
    def width(self):
        return self.thickness + self.shift


def _checked_shape(shape):
    shape = tuple(shape)
    ok = len(shape) in (1, 3) and all(
        isinstance(side, int | np.integer) and side > 0 for side in shape
    )
    if not ok:
        raise ValueError(
            f"a feature map has shape {shape}. Expected (h, w, c) or (units,) "
            "of integers above 0: leave the batch's None out."
        )
    return shape


def _written(shape):
    """224² × 64; 20 × 30 × 64; 1000."""
    if len(shape) == 1:
        return str(shape[0])
    height, width, channels = shape
    area = f"{height}²" if height == width else f"{height} × {width}"
    return f"{area} × {channels}"


def _arrange(shapes, letters, height):
    """Rows of indices, widths to place, bodies, and the height of each row."""
    for count in range(1, len(shapes) + 1):
        high = min(MOST_ROW, max(LEAST_ROW, height / count))
        bodies = _bodies(shapes, high - 2 * LINE - 0.1)
        rooms = [
            max(each, body.width + GAP)
            for each, body in zip(letters, bodies, strict=True)
        ]
        rows, left = [[]], 0.0
        for at, room in enumerate(rooms):
            if rows[-1] and left + room > SLIDE_WIDTH:
                rows.append([])
                left = 0.0
            rows[-1].append(at)
            left += room
        if len(rows) <= count:
            break
    return rows, rooms, bodies, high


def _bodies(shapes, room):
    """All volumes at one scale, at which the largest is `room` inches high."""
    maps = [shape for shape in shapes if len(shape) == 3]
    largest = max((sqrt(h) + OBLIQUE * sqrt(w) for h, w, _ in maps), default=1)
    unit = room / largest
    bodies = []
    for shape in shapes:
        if len(shape) == 1:
            high = room * min(1.0, log2(1 + shape[0]) / 13)
            bodies.append(_Body(BAR, high, 0.0))
            continue
        high, wide = (unit * sqrt(side) for side in shape[:2])
        thick = THICKNESS * log2(1 + shape[2])
        bodies.append(_Body(thick, high, OBLIQUE * wide))
    return bodies


def _draw_volume(ax, body, middle, ground, look):
    """Its three faces that are seen; returns its top."""
    thickness, height, shift = body
    left, right = middle - body.width / 2, middle - body.width / 2 + thickness
    top = ground + height
    front = [(left, ground), (right, ground), (right, top), (left, top)]
    faces = [(front, look)]
    if shift:
        back = np.array([shift, shift])
        lid = [front[3], front[2], front[2] + back, front[3] + back]
        side = [front[1], front[1] + back, front[2] + back, front[2]]
        lighter = tint(look["fc"], 0.5)
        faces += [(lid, {"fc": lighter}), (side, {"fc": lighter})]
    for corners, face in faces:
        ax.add_patch(Polygon(corners, ec=INK, lw=1.2, **face))
    return top + shift


def _say(ax, x, y, text, va):
    ax.text(x, y, text, ha="center", va=va, fontsize=POINTS, color=INK)


def _alt(names, sizes, kinds):
    each = [f"{name} {size}" for name, size in zip(names, sizes, strict=True)]
    if kinds is not None:
        each = [f"{e} ({k})" for e, k in zip(each, kinds, strict=True)]
    many = counted(len(each), "feature map")
    return f"Volumes from left to right, {many}: {'; '.join(each)}."
