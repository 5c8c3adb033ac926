"""Confusion tables, mosaics and ways over a surface say their numbers."""

import numpy as np
import pytest

from course import plots
from tests.figures import check_letters, pixels

pytestmark = pytest.mark.any_backend

COUNTS = np.array([[8, 2, 0], [0, 5, 0], [1, 2, 1500]])
NAMES = ["cat", "dog", "cow"]


def written(figure):
    """(column, row) -> text of each cell."""
    return {
        (x - 0.5, y - 0.5): text.get_text()
        for text in figure.axes[0].texts
        for x, y in [text.get_position()]
        if (x % 1, y % 1) == (0.5, 0.5)
    }


def test_a_confusion_table_holds_counts_and_percents():
    figure = plots.confusion_matrix(COUNTS, NAMES)
    check_letters(figure)
    assert written(figure) == {
        **{(0, 0): "8", (1, 0): "2", (3, 0): "80%"},
        **{(1, 1): "5", (3, 1): "100%"},
        **{(0, 2): "1", (1, 2): "2", (2, 2): "1.5K", (3, 2): "100%"},
        **{(0, 3): "89%", (1, 3): "56%", (2, 3): "100%"},
    }
    texts = [t.get_text() for t in figure.axes[0].texts]
    assert {"truth", "prediction"} < set(texts)
    assert plots.alt_text(figure) == (
        "A table of 3 classes, truth by prediction: 1.51K of 1.52K right, 99.7 "
        "%; most often wrong: cat as dog 2, cow as dog 2 and cow as cat 1."
    )


def test_cells_are_blue_if_right_orange_if_wrong_stronger_with_their_share():
    figure = plots.confusion_matrix(COUNTS, NAMES)
    fills = {
        tuple(np.round(patch.get_xy()).astype(int)): patch.get_facecolor()
        for patch in figure.axes[0].patches
    }
    for i in range(3):
        red, _, blue, _ = fills[i, i]
        assert blue > red
    red, _, blue, _ = fills[1, 0]
    assert red > blue
    assert fills[2, 0] == (1, 1, 1, 1)
    assert min(fills[1, 0][:3]) < min(fills[0, 2][:3])  # 20 % and 0.1 %


def test_a_class_that_never_occurs_has_no_percent():
    figure = plots.confusion_matrix([[3, 0], [0, 0]], "ab")
    found = written(figure)
    assert found[2, 1] == found[1, 2] == "–"
    assert found[1, 1] == "0"


@pytest.mark.parametrize("count", [1, 10, 13])
def test_tables_of_many_classes_fit(count):
    names = [f"class {i}" for i in range(count)]
    check_letters(plots.confusion_matrix(np.full((count,) * 2, 123), names))


@pytest.mark.parametrize(
    ("counts", "names", "message"),
    [
        (np.ones((2, 3)), "ab", r"\(2, 3\).*\(classes, classes\)"),
        ([[1, -1], [0, 1]], "ab", "from 0 on"),
        ([[1, np.nan], [0, 1]], "ab", "from 0 on"),
        (np.eye(2), "abc", "names holds 3.*2"),
        (np.eye(14), [*"abcdefghijklmn"], "14 classes.*at most 13"),
    ],
)
def test_tables_that_are_none(counts, names, message):
    with pytest.raises(ValueError, match=message):
        plots.confusion_matrix(counts, names)


def test_pictures_of_a_mosaic_stand_in_reading_order():
    pictures = np.arange(6.0)[:, None, None] * np.ones((6, 4, 5)) / 5
    figure = plots.mosaic(pictures, columns=3)
    (ax,) = figure.axes
    shown = pixels(figure)
    for i, image in enumerate(ax.images):
        assert image.get_clim() == (0, 1)
        left, right, bottom, top = image.get_extent()
        x, y = ax.transData.transform(((left + right) / 2, (top + bottom) / 2))
        grey = shown[shown.shape[0] - 1 - int(y), int(x)]
        np.testing.assert_allclose(grey, 255 * i / 5, atol=1)
        assert (right - left) / (bottom - top) == pytest.approx(5 / 4)
        assert round(left / (right - left + 0.06), 6) == i % 3


@pytest.mark.parametrize(
    ("count", "shape", "columns", "rows"),
    [(16, (5, 5), 8, 2), (64, (3, 3), 16, 4), (3, (32, 32), 3, 1)],
)
def test_a_mosaic_leaves_few_places_empty(count, shape, columns, rows):
    figure = plots.mosaic(np.ones((count, *shape)))
    (ax,) = figure.axes
    corners = [image.get_extent()[::3] for image in ax.images]
    assert len({left for left, _ in corners}) == columns
    assert len({top for _, top in corners}) == rows
    width, height = figure.get_size_inches()
    assert width <= plots.SLIDE_WIDTH + 1e-9
    assert height <= plots.SLIDE_HEIGHT + 1e-9


def test_each_picture_by_itself_and_coloured_ones():
    pictures = np.array([[[0.0, 1]], [[5, 9]]])
    figure = plots.mosaic(pictures, limits="each")
    clims = [image.get_clim() for image in figure.axes[0].images]
    assert clims == [(0, 1), (5, 9)]
    assert "by itself" in plots.alt_text(figure)
    coloured = np.zeros((2, 1, 1, 3))
    coloured[1, ..., 0] = 1
    figure = plots.mosaic(coloured, ["black", "red"])
    check_letters(figure)
    np.testing.assert_array_equal(
        figure.axes[0].images[1].get_array(), coloured[1]
    )
    assert plots.alt_text(figure) == (
        "2 coloured pictures of 1 × 1 pixels in 1 row: black and red."
    )
    same = plots.mosaic(pictures[..., None], limits=(0, 9))
    assert same.axes[0].images[1].get_clim() == (0, 9)


def test_titles_of_a_mosaic_fit():
    names = [f"feature map {i}" for i in range(40)]
    check_letters(plots.mosaic(np.ones((40, 8, 8)), names))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"pictures": np.ones((2, 2))}, r"shape \(2, 2\).*\(n, h, w\)"),
        ({"pictures": np.ones((2, 3, 3, 5))}, r"\(2, 3, 3, 5\).*channels"),
        ({"pictures": np.ones((0, 3, 3))}, r"\(0, 3, 3\)"),
        ({"pictures": 2 * np.ones((1, 2, 2, 3))}, "reach from 2 to 2"),
        ({"titles": ["a"]}, "titles holds 1.*2"),
        ({"columns": 0}, "columns=0"),
        ({"limits": "all"}, "limits='all'.*each"),
        ({"height": 0.1}, "2 pictures do not fit 0.1 inches"),
    ],
)
def test_mosaics_that_cannot_be(arguments, message):
    arguments = {"pictures": np.ones((2, 3, 3))} | arguments
    with pytest.raises(ValueError, match=message):
        plots.mosaic(**arguments)


X, Y = np.linspace(-2, 2, 21), np.linspace(-1, 3, 31)
VALLEY = (1 - X) ** 2 + 10 * (Y[:, None] - X**2) ** 2
WAYS = [
    np.array([(-1.5, 2.0), (-1.2, 1.6), (-0.9, 0.8)]),
    np.array([(-1.5, 2.0), (0.0, 0.5)]),
]


def test_ways_are_drawn_from_start_to_end_over_contours():
    labels = ["descent", "momentum"]
    figure = plots.paths_on_surface(X, Y, VALLEY, WAYS, labels, ("w", "b"))
    check_letters(figure)
    (ax,) = figure.axes
    lines = [line for line in ax.lines if line.get_label() in labels]
    for line, way in zip(lines, WAYS, strict=True):
        np.testing.assert_array_equal(np.transpose(line.get_data()), way)
    looks = {
        (ln.get_color(), ln.get_linestyle(), ln.get_marker()) for ln in lines
    }
    assert len({look[0] for look in looks}) == 2
    assert len({look[1:] for look in looks}) == 2
    ends = [line.get_data() for line in ax.lines if line not in lines]
    assert [(float(x[0]), float(y[0])) for x, y in ends] == [
        *((-1.5, 2.0), (-0.9, 0.8), (-1.5, 2.0), (0.0, 0.5))
    ]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("w", "b")
    assert plots.alt_text(figure) == (
        f"Contours of a surface from {VALLEY.min():.3g} to {VALLEY.max():.3g}, "
        'and ways over it: "descent" from (-1.5, 2) in 2 steps to (-0.9, 0.8); '
        '"momentum" from (-1.5, 2) in 1 steps to (0, 0.5).'
    )


def test_the_lowest_ground_is_the_brightest():
    figure = plots.paths_on_surface(X, Y, VALLEY, WAYS[1:], ["way"])
    shown, ax = pixels(figure), figure.axes[0]

    def bright(x, y):
        x, y = ax.transData.transform((x, y)).astype(int)
        return shown[shown.shape[0] - 1 - y, x].sum()

    assert bright(1, 1) > bright(0, 2.5) > bright(-1.9, -0.9)


def test_ways_grow_frame_by_frame():
    show = plots.path_steps(X, Y, VALLEY, WAYS, ["a", "b"], frames=3)
    assert show.captions == [
        "Step 0: a at (-1.5, 2); b at (-1.5, 2).",
        "Step 1: a at (-1.2, 1.6); b at (0, 0.5).",
        "Step 2: a at (-0.9, 0.8); b at (0, 0.5).",
    ]
    assert len(set(show.frames)) == 3
    many = plots.path_steps(X, Y, VALLEY, WAYS, ["a", "b"], frames=36)
    assert len(many.captions) == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": X[::-1]}, "surface.*both rising"),
        ({"heights": VALLEY.T}, r"\(21, 31\).*\(m, k\)"),
        ({"heights": np.nan * VALLEY}, "finite"),
        ({"paths": [np.ones((3, 3))]}, r"path has shape \(3, 3\)"),
        ({"paths": [np.ones((0, 2))]}, r"\(0, 2\)"),
        ({"paths": []}, "0 paths|labels holds"),
        ({"labels": ["a", "b"]}, "labels holds 2.*1"),
        ({"frames": 0}, "frames=0.*1 to 36"),
    ],
)
def test_ways_that_cannot_be_drawn(change, message):
    surface = {"x": X, "y": Y, "heights": VALLEY}
    arguments = surface | {"paths": WAYS[:1], "labels": ["a"]} | change
    with pytest.raises(ValueError, match=message):
        plots.path_steps(**arguments)
    with pytest.raises(ValueError, match=r"8 paths.*1 to 7"):
        plots.paths_on_surface(
            **surface, paths=WAYS[:1] * 8, labels=[*"abcdefgh"]
        )
