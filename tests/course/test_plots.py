"""The figures say what their arrays say, in letters that a room can read."""

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb

from course.plots import POINTS, SLIDE_WIDTH, number_grids, tap_matrix

TAPS = np.array(
    [[1, 2, 0, 3, 4, 0, 0, 0, 0], [0, 1, 2, 0, 3, 4, 0, 0, 0]]
)  # a 2x2 kernel on a 3x3 image, its first two places


def written(figure):
    return [t.get_text() for t in figure.axes[0].texts]


def cells(figure):
    """Upper left corner -> colour of each cell."""
    return {
        tuple(np.round(patch.get_xy(), 6)): patch.get_facecolor()
        for patch in figure.axes[0].patches
    }


def test_numbers_stand_in_reading_order_with_titles_and_signs():
    figure = number_grids(
        [[1, 2.34567], [12345, 0]], ["x", "y"], titles=["A", ""], signs=["+"]
    )
    assert written(figure) == ["1", "2.35", "1.23e+04", "0", "A", "+", "x", "y"]


def test_whole_numbers_are_written_in_full():
    assert written(number_grids(np.array([123456]))) == ["123456"]


def test_each_tap_has_one_colour_and_no_two_taps_share_it():
    colour = {}
    figure = tap_matrix(TAPS, (2, 2))
    for (column, row), fill in cells(figure).items():
        colour.setdefault(TAPS[int(row), int(column)], set()).add(fill)
    assert all(len(fills) == 1 for fills in colour.values())
    assert len(set.union(*colour.values())) == 5
    assert colour[0] == {(1, 1, 1, 1)}


def test_grids_and_matrix_colour_a_tap_alike():
    grid = number_grids(TAPS[:1], taps=[TAPS[:1]], kernel_shape=(2, 2))
    matrix = tap_matrix(TAPS[:1], (2, 2))
    assert list(cells(grid).values()) == list(cells(matrix).values())


def test_taps_are_named_and_the_empty_cells_blank():
    assert written(tap_matrix(TAPS, (2, 2), labels="wxyz")) == [*"wxyzwxyz"]


def test_texts_stand_for_equal_shares():
    figure = tap_matrix(TAPS, (2, 2), rows=["r"], columns=["a", "b", "c"])
    places = {t.get_text(): t.get_position() for t in figure.axes[0].texts}
    assert places["r"][1] == 1
    assert [places[x][0] for x in "abc"] == [1.5, 4.5, 7.5]


@pytest.mark.parametrize(
    "figure",
    [
        lambda: tap_matrix(np.ones((4, 16), int), (1,), rows=["X'[0, 0]"] * 4),
        lambda: tap_matrix(np.ones((16, 4), int), (1,), columns="1234"),
        lambda: number_grids(*np.full((5, 4, 4), 10), signs="+++="),
        lambda: number_grids([["az+bx"] * 6], [["az+bx"] * 4]),
    ],
    ids=["wide", "high", "many", "long texts"],
)
def test_letters_are_large_inside_their_cells_and_inside_the_figure(figure):
    figure = figure()
    width, height = figure.get_size_inches()
    assert width <= SLIDE_WIDTH + 1e-9
    assert height <= 6
    renderer = FigureCanvasAgg(figure).get_renderer()
    for text in figure.axes[0].texts:
        box = text.get_window_extent(renderer)
        assert text.get_fontsize() >= POINTS == 18
        assert 0 <= box.x0 <= box.x1 <= width * figure.dpi
        assert 0 <= box.y0 <= box.y1 <= height * figure.dpi
    cell = figure.axes[0].patches[0].get_window_extent(renderer)
    for text in figure.axes[0].texts[:4]:
        assert text.get_window_extent(renderer).width <= cell.width


def test_black_letters_stand_out_from_every_tap():
    def luminance(rgb):
        rgb = np.array(rgb)
        linear = np.where(
            rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4
        )
        return linear @ [0.2126, 0.7152, 0.0722]

    figure = tap_matrix(np.arange(1, 22).reshape(7, 3), (7, 3))
    for fill in cells(figure).values():
        assert (luminance(to_rgb(fill)) + 0.05) / 0.05 >= 7  # WCAG's AAA


def test_nothing_stays_open_and_nothing_is_printed(capsys):
    number_grids([1])
    tap_matrix(TAPS, (2, 2))
    assert plt.get_fignums() == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: number_grids([1], [2], signs="+="), "signs holds 2 .* 1"),
        (lambda: number_grids([1], titles=[]), "titles holds 0 .* 1"),
        (lambda: tap_matrix(TAPS, (2, 2), columns="ab"), "2 texts for 9 col"),
        (lambda: tap_matrix(TAPS, (2, 2), rows="abc"), "3 texts for 2 rows"),
    ],
)
def test_what_does_not_fit_is_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
