"""A network's boxes stand in columns, and no line runs through a box."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from course import plots
from course.catalogue import outlines
from course.models import googlenet, inception_v3, resnet
from course.wiring import wiring
from tests.figures import check_letters

pytestmark = pytest.mark.any_backend

MODULE = {  # an inception module: x, four branches, their concatenation
    "labels": ["x", "1×1", "1×1", "3×3", "1×1", "5×5", "pool", "1×1", "join"],
    "edges": [
        *((0, 1), (0, 2), (2, 3), (0, 4), (4, 5), (0, 6), (6, 7)),
        *((1, 8), (3, 8), (5, 8), (7, 8)),
    ],
}


def boxes(figure):
    """(left, low, right, high) of each box, in inches."""
    return [
        np.array(patch.get_bbox().extents)
        for patch in figure.axes[0].patches
        if isinstance(patch, Rectangle) and patch.get_zorder() == 2
    ]


def check_apart(figure):
    """No box on another, and no line through one."""
    areas = boxes(figure)
    for one, other in combinations(areas, 2):
        apart = (one[2:] < other[:2]) | (other[2:] < one[:2])
        assert apart.any()
    for line in figure.axes[0].lines:
        points = np.array(line.get_xydata())
        steps = np.linspace(0, 1, 21)[:, None]
        for a, b in pairwise(points):
            along = a + steps * (b - a)
            for area in areas:
                inside = (along > area[:2] + 1e-6) & (along < area[2:] - 1e-6)
                assert not inside.all(axis=1).any()


def kind(node):
    return "" if node.window is None else str(max(node.window))


def test_a_module_stands_in_four_columns():
    figure = plots.wiring(**MODULE)
    check_letters(figure)
    check_apart(figure)
    middles = [(area[0] + area[2]) / 2 for area in boxes(figure)]
    columns = sorted({round(x, 6) for x in middles})
    assert [columns.index(round(x, 6)) for x in middles] == [
        *(0, 1, 1, 2, 1, 2, 1, 2, 3),
    ]
    heights = [(area[1] + area[3]) / 2 for area in boxes(figure)]
    # the branches from top to bottom, their two boxes level
    assert heights[1] > heights[2] > heights[4] > heights[6]
    for first, second in ((2, 3), (4, 5), (6, 7)):
        assert heights[first] == pytest.approx(heights[second])
    assert heights[0] == pytest.approx(heights[8])


def test_a_line_that_skips_columns_passes_the_boxes_between():
    figure = plots.wiring("xabc+", [(0, 1), (1, 2), (2, 3), (3, 4), (0, 4)])
    check_apart(figure)
    (skip,) = [
        line for line in figure.axes[0].lines if len(line.get_xydata()) > 2
    ]
    assert len(skip.get_xydata()) == 8


def test_an_auxiliary_head_stands_below():
    figure = plots.wiring("xabch", [(0, 1), (1, 2), (2, 3), (1, 4)])
    check_apart(figure)
    *main, head = (area[1] for area in boxes(figure))
    assert np.allclose(main, main[0])
    assert head < main[0] - 0.5


@pytest.mark.parametrize(
    ("factory", "options"),
    [
        (googlenet, {"auxiliary": True}),
        (inception_v3, {}),
        (resnet, {"variant": 18}),
    ],
)
def test_whole_networks_fit_a_slide(factory, options):
    quiet = ["Activation", "BatchNormalization", "Dropout", "LocalResponseNorm"]
    with outlines():
        net = wiring(factory(**options), [*quiet, "ZeroPadding2D"])
    names = [""] * len(net.nodes)
    figure = plots.wiring(names, net.edges, [kind(n) for n in net.nodes])
    assert len(boxes(figure)) == len(net.nodes)
    assert len(figure.axes[0].lines) == len(net.edges)
    check_letters(figure)
    check_apart(figure)


def test_parts_have_a_frame_and_their_name():
    figure = plots.wiring(
        "xabc", [(0, 1), (1, 2), (2, 3)], groups=["", "one", "one", "two"]
    )
    check_letters(figure)
    frames = [p for p in figure.axes[0].patches if p.get_zorder() == 0]
    assert len(frames) == 2
    one = frames[0]
    for area in boxes(figure)[1:3]:
        assert one.get_x() < area[0] < area[2] < one.get_x() + one.get_width()
    assert [t.get_text() for t in figure.axes[0].texts][:2] == ["one", "two"]


def test_a_kind_looks_the_same_in_each_figure_of_one_order():
    order = ["conv", "pool", "join"]
    faces = []
    for kinds in (["", "conv", "join"], ["", "pool", "join"]):
        figure = plots.wiring("abc", [(0, 1), (1, 2)], kinds, order=order)
        faces.append([p.get_facecolor() for p in figure.axes[0].patches])
        (legend,) = figure.legends
        assert [t.get_text() for t in legend.get_texts()] == kinds[1:]
    assert faces[0][2] == faces[1][2] != faces[0][1]
    assert faces[0][0] == (1, 1, 1, 1)


def test_the_alternative_text_says_what_reads_what():
    figure = plots.wiring("xa+", [(0, 1), (0, 2), (1, 2)])
    assert plots.alt_text(figure) == (
        "A graph of 3 boxes: x; a reads x; + reads x and a."
    )
    figure = plots.wiring(
        [""] * 3, [(0, 1), (1, 2)], ["", "conv", "conv"], ["", "p", "p"]
    )
    assert plots.alt_text(figure) == ("A graph of 3 boxes: 2 of conv; parts p.")


@pytest.mark.parametrize(
    ("labels", "edges", "what"),
    [
        ([], [], "no boxes"),
        ("ab", [(1, 0)], "earlier one first"),
        ("ab", [(0, 2)], "among 2 boxes"),
        (["a" * 50, "b" * 50], [(0, 1)], "shorten"),
        (["a", *"bcdefghijklm"], [(0, i) for i in range(1, 13)], "above each"),
    ],
)
def test_what_cannot_be_drawn_is_refused(labels, edges, what):
    with pytest.raises(ValueError, match=what):
        plots.wiring(labels, edges)
