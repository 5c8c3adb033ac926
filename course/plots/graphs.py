"""Which layer reads which: boxes from left to right, and lines between."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import mean
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.plots.canvas import (
    GRID,
    INK,
    LETTER,
    PAPER,
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
from course.plots.wording import counted, described, listed

LANE, BOX = 0.8, 0.5  # inches, the highest
SQUARE, AIR = 0.35, 0.25  # inches: a box without a text, around a text
MOST_GAP, LEAST_GAP, SIDE = 0.8, 0.2, 0.1  # inches between columns, at ends
FILLED = 0.62  # of a lane's height, and of a column's width without texts
PLAIN = {"fc": PAPER}
FEW = 16  # boxes whose wiring the alternative text says one by one


def wiring(
    labels: Sequence[str],
    edges: Sequence[tuple[int, int]],
    kinds: Sequence[str] | None = None,
    groups: Sequence[str] | None = None,
    order: Sequence[str] | None = None,
) -> Figure:
    """A network as boxes, a column for each step of the longest way.

    A line that skips columns has a lane of its own, and what does not lead to
    the last column, such as an auxiliary head, stands below. Boxes without any
    text shrink until all columns fit.

    Args:
        labels: What stands in each box, the input's first; "" for nothing.
        edges: Pairs (from, to) of places in `labels`, from before to.
        kinds: What each box is, e.g. "1×1", "pooling"; at most 7, told apart
            by colour, hatching and a legend; "" for a white box.
        groups: Which part of the network each belongs to: its name stands
            below its boxes, which have one frame; "" for none.
        order: All kinds that several figures show, so that each looks the
            same in all of them; None for those of `kinds` as they come.

    Returns:
        A figure 12 inches wide, at most as high as a slide has room.

    Raises:
        ValueError: If there is no box, if an edge does not lead from an
            earlier one to a later one, or if texts do not fit side by side.

    Example:
        >>> fig = wiring(["x", "3×3", "+"], [(0, 1), (0, 2), (1, 2)])
        >>> [text.get_text() for text in fig.axes[0].texts]
        ['x', '3×3', '+']
    """
    labels = list(labels)
    _check(labels, edges)
    made_by = one_each("kinds", kinds, len(labels), "")
    parts = one_each("groups", groups, len(labels), "")
    looks = looks_of(filter(None, made_by) if order is None else order)
    looks = {kind: look for kind, look in looks.items() if kind in made_by}
    legend_columns, legend = legend_room(looks)
    below = legend + (LINE + 0.05 if any(parts) else 0)
    boxes, ways = _arranged(len(labels), edges)
    used = [place.lane for way in [boxes, *ways] for place in way]
    lanes = max(used) - min(used) + 1
    lane = min(LANE, (SLIDE_HEIGHT - below - SIDE) / lanes)
    if any(labels) and FILLED * lane < LINE:
        raise ValueError(
            f"{lanes:g} boxes with texts above each other. Expected fewer, or "
            'labels of "".'
        )
    height = below + lanes * lane + SIDE
    middles, widths = _columns(labels, boxes)
    fig, ax = wall(SLIDE_WIDTH, height)
    spots = {
        place: _Spot(
            middles[place.column],
            below + lane * (max(used) - place.lane + 0.5),
            widths[place.column],
            min(BOX, FILLED * lane),
        )
        for way in [boxes, *ways]
        for place in way
    }
    _frame(ax, parts, [spots[place] for place in boxes], below, legend)
    for way in ways:
        _draw_way(ax, [spots[place] for place in way])
    for place, label, kind in zip(boxes, labels, made_by, strict=True):
        _draw_box(ax, spots[place], label, looks.get(kind, PLAIN))
    if legend_columns:
        legend_below(fig, looks, legend_columns)
    return described(fig, _alt(labels, edges, kinds, parts))


class _Place(NamedTuple):
    """A column from the left, a lane from the middle, downwards."""

    column: int
    lane: float


class _Spot(NamedTuple):
    """Inches: a middle, and the size of what stands there."""

    x: float
    y: float
    width: float
    height: float

    @property
    def corner(self):
        return self.x - self.width / 2, self.y - self.height / 2


def _check(labels, edges):
    if not labels:
        raise ValueError("wiring of no boxes. Expected one label or more")
    for edge in edges:
        start, end = edge
        if not 0 <= start < end < len(labels):
            raise ValueError(
                f"edge {tuple(edge)} among {len(labels)} boxes. Expected a "
                "pair of places from 0 on, the earlier one first."
            )


def _arranged(count, edges):
    """Each box's place, and each edge's: its ends and where it passes by."""
    columns = [0] * count
    for start, end in sorted(edges, key=lambda edge: edge[1]):
        columns[end] = max(columns[end], columns[start] + 1)
    chains = []
    for start, end in edges:
        passed = range(columns[start] + 1, columns[end])
        by = [_Item(at, end, start) for at in passed]
        first, last = (_Item(columns[i], i) for i in (start, end))
        chains.append([first, *by, last])
    places = _placed([_Item(columns[i], i) for i in range(count)], chains)
    boxes = [places[_Item(columns[i], i)] for i in range(count)]
    return boxes, [[places[item] for item in chain] for chain in chains]


class _Item(NamedTuple):
    """A box, or where the line from `start` to it passes by a column."""

    column: int
    box: int
    start: int | None = None


def _placed(boxes, chains):
    """The place of each item of `boxes` and of each item that passes by.

    In its column an item stands as its predecessors do, on average; of equal
    ones the one that leads to an earlier box is above.
    """
    before = {item: [] for item in boxes}
    for chain in chains:
        for one, other in pairwise(chain):
            before.setdefault(other, []).append(one)
    standing = [[] for _ in range(1 + max(item.column for item in boxes))]
    for item in before:
        standing[item.column].append(item)
    aside = _aside(boxes, chains)
    main = [[i for i in items if i.box not in aside] for items in standing]
    lowest = (max(map(len, main)) - 1) / 2
    places = {}
    for items, column in zip(standing, main, strict=True):
        lanes = {
            item: mean([places[each].lane for each in before[item]] or [0])
            for item in items
        }
        items.sort(key=lambda item: (lanes[item], item.box))
        column.sort(key=items.index)
        outside = [item for item in items if item.box in aside]
        for i, item in enumerate(column):
            places[item] = _Place(item.column, i - (len(column) - 1) / 2)
        for i, item in enumerate(outside, start=1):
            places[item] = _Place(item.column, lowest + i)
    return places


def _aside(boxes, chains):
    """Boxes from which no way leads to the last column."""
    last = max(item.column for item in boxes)
    leading = {item.box for item in boxes if item.column == last}
    for first, *_, end in sorted(chains, key=lambda c: -c[0].box):
        if end.box in leading:
            leading.add(first.box)
    return {item.box for item in boxes} - leading


def _columns(labels, boxes):
    """Each column's middle and the width of its boxes, in inches."""
    count = 1 + max(place.column for place in boxes)
    room = SLIDE_WIDTH - 2 * SIDE
    widths = [SQUARE] * count
    for label, place in zip(labels, boxes, strict=True):
        if label:
            width = max(SQUARE, LETTER * len(label) + AIR)
            widths[place.column] = max(widths[place.column], width)
    gaps = max(1, count - 1)
    gap = min(MOST_GAP, (room - sum(widths)) / gaps)
    if gap < LEAST_GAP and any(labels):
        raise ValueError(
            f"texts of {sum(widths):.1f} inches in {count} columns. Expected "
            f"at most {room - LEAST_GAP * gaps:.1f}: shorten some labels."
        )
    if gap < LEAST_GAP:
        widths = [min(SQUARE, FILLED * room / count)] * count
        gap = (room - sum(widths)) / gaps
    left = (SLIDE_WIDTH - sum(widths) - gap * (count - 1)) / 2
    middles = [
        left + sum(widths[:i]) + gap * i + width / 2
        for i, width in enumerate(widths)
    ]
    return middles, widths


def _frame(ax: Axes, parts, spots, below, legend):
    """A light field behind the boxes of each part, its name below."""
    for part in dict.fromkeys(filter(None, parts)):
        mine = [s for s, p in zip(spots, parts, strict=True) if p == part]
        left = min(s.corner[0] for s in mine) - 0.02
        right = max(s.x + s.width / 2 for s in mine) + 0.02
        low = min(s.corner[1] for s in mine) - 0.1
        high = max(s.y + s.height / 2 for s in mine) + 0.1
        size = (right - left, high - low)
        field = {"fc": tint(GRID, 0.25), "ec": "none", "zorder": 0}
        ax.add_patch(Rectangle((left, low), *size, **field))
        middle = ((left + right) / 2, (below + legend) / 2)
        ax.text(*middle, part, ha="center", va="center", fontsize=POINTS)


def _draw_way(ax: Axes, spots):
    """From box to box, level past the columns between."""
    first, *between, last = spots
    points = [(first.x + first.width / 2, first.y)]
    for spot in between:
        points += [(spot.x - spot.width / 2, spot.y)]
        points += [(spot.x + spot.width / 2, spot.y)]
    points.append((last.corner[0], last.y))
    ax.plot(*zip(*points, strict=True), color=INK, lw=1.2, zorder=1)


def _draw_box(ax: Axes, spot, label, look):
    size = (spot.width, spot.height)
    box = Rectangle(spot.corner, *size, ec=INK, lw=1.2, zorder=2, **look)
    ax.add_patch(box)
    if label:
        plain = {"fc": look["fc"], "ec": "none", "pad": 1.5}
        where = {"ha": "center", "va": "center", "zorder": 3}
        ax.text(spot.x, spot.y, label, fontsize=POINTS, bbox=plain, **where)


def _alt(labels, edges, kinds, parts):
    text = f"A graph of {counted(len(labels), 'box').replace('boxs', 'boxes')}"
    named = list(dict.fromkeys(filter(None, parts)))
    if len(labels) > FEW or not all(labels):
        if kinds is not None:
            many = Counter(filter(None, kinds))
            each = (f"{n} of {kind}" for kind, n in many.items())
            text += f": {listed(each)}"
        return f"{text}; parts {listed(named)}." if named else f"{text}."
    reads = [
        [labels[a] for a, b in edges if b == i] for i in range(len(labels))
    ]
    each = [
        f"{label} reads {listed(before)}" if before else label
        for label, before in zip(labels, reads, strict=True)
    ]
    return f"{text}: {'; '.join(each)}."
