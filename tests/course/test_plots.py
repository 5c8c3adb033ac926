"""The figures say what their arrays say, in letters that a room can read."""

import base64
import html
import io
import json
import re

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb

from course.plots import (
    POINTS,
    SLIDE_HEIGHT,
    SLIDE_WIDTH,
    Animation,
    curves,
    images,
    number_grids,
    tap_matrix,
)

pytestmark = pytest.mark.any_backend

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


COLUMN = [[1], [2], [3], [4]]


@pytest.mark.parametrize(
    "figure",
    [
        lambda: tap_matrix(np.ones((4, 16), int), (1,), rows=["X'[0, 0]"] * 4),
        lambda: tap_matrix(np.ones((16, 4), int), (1,), columns="1234"),
        lambda: number_grids(*np.full((5, 4, 4), 10), signs="+++="),
        lambda: number_grids([["az+bx"] * 6], [["az+bx"] * 4]),
        lambda: number_grids(
            COLUMN, 1, 2, titles=["its one column", "", "the end"]
        ),
    ],
    ids=["wide", "high", "many", "long texts", "long titles"],
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


def drawn(figure):
    """What a figure looks like, as an array of pixels."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].astype(int)


def test_pictures_share_one_grey_scale():
    figure = images([[0, 50]], [[50, 100]], titles=["a", "b"])
    first, second = (ax.images[0] for ax in figure.axes)
    assert first.get_clim() == second.get_clim() == (0, 100)
    np.testing.assert_array_equal(first.get_array(), [[0, 50]])
    np.testing.assert_array_equal(second.get_array(), [[50, 100]])
    assert images([[3]], limits=(0, 9)).axes[0].images[0].get_clim() == (0, 9)


def test_every_pixel_of_a_picture_stays_a_square_of_its_own_grey():
    board = np.indices((6, 6)).sum(0) % 2
    figure = images(board)
    pixels = drawn(figure)[..., 0]
    side = figure.axes[0].get_window_extent().height / 6
    middle = pixels.shape[0] / 2
    row = pixels[round(middle + side / 2)]
    assert set(np.unique(row[len(row) // 4 : -len(row) // 4])) == {0, 255}


@pytest.mark.parametrize("shapes", [[(9, 9)] * 4, [(9, 9)], [(4, 9), (9, 4)]])
def test_pictures_fit_the_slide_undistorted(shapes):
    figure = images(*map(np.ones, shapes), titles=["x"] * len(shapes))
    width, height = figure.get_size_inches()
    assert width <= SLIDE_WIDTH + 1e-9
    assert height <= SLIDE_HEIGHT + 1e-9
    for ax, (rows, columns) in zip(figure.axes, shapes, strict=True):
        box = ax.get_window_extent()
        assert box.width / box.height == pytest.approx(columns / rows)
        assert ax.title.get_fontsize() >= POINTS


def test_curves_draw_their_numbers_in_looks_that_differ_without_colour():
    figure = curves(
        *[([0, 1, 2], [i, i + 1, i]) for i in range(4)],
        labels="abcd",
        axes=("pixel", "grey"),
        dots=[False, False, True, True],
    )
    (ax,) = figure.axes
    assert [line.get_ydata().tolist() for line in ax.lines] == [
        [i, i + 1, i] for i in range(4)
    ]
    looks = {(line.get_linestyle(), line.get_marker()) for line in ax.lines}
    assert len(looks) == 4
    written = [text.get_text() for text in ax.get_legend().get_texts()]
    assert written == [*"abcd"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("pixel", "grey")
    sizes = [text.get_fontsize() for text in ax.get_legend().get_texts()]
    sizes += [tick.get_fontsize() for tick in ax.get_xticklabels()]
    assert min(sizes) >= POINTS


@pytest.mark.parametrize(
    ("last", "whole"), [(4, True), (30, True), (4.0, False)]
)
def test_curves_over_counts_have_ticks_at_whole_numbers(last, whole):
    x = np.linspace(0, last, 5).astype(type(last))
    (ax,) = curves((x, x), labels=["a"], axes=("split", "")).axes
    ticks = ax.get_xticks()
    assert all(tick == int(tick) for tick in ticks) == whole
    assert 2 < len(ticks) < 12


def parts(show):
    """The still image, its alt text, and what the script was given."""
    page = show.to_html()
    still, alt = re.search(r'<img src="([^"]*)" alt="([^"]*)"', page).groups()
    data = re.search(r"= (\{.*\});$", page, re.MULTILINE).group(1)
    return still, html.unescape(alt), json.loads(data)


def test_an_animation_holds_its_frames_and_stands_on_the_last():
    figures = [number_grids([i]) for i in (1, 2, 3)]
    show = Animation(figures, ["one", 'two "<b>"', "three </script> & <i>"], 2)
    still, alt, data = parts(show)
    assert alt == "three </script> & <i>"
    assert data["captions"] == ["one", 'two "<b>"', alt]
    assert data["milliseconds"] == 2000
    assert still == data["frames"][-1]
    for figure, frame in zip(figures, data["frames"], strict=True):
        head, png = frame.split(",")
        assert head == "data:image/png;base64"
        figure.set_dpi(100)
        shown = plt.imread(io.BytesIO(base64.b64decode(png)))[..., :3] * 255
        np.testing.assert_allclose(shown, drawn(figure), atol=1)
    assert show._repr_mimebundle_()["image/png"] == still.split(",")[1]


def test_an_animation_loads_nothing_and_ends_its_script_once():
    page = Animation([number_grids([1])], ["</script> <!-- "]).to_html()
    assert "http" not in page
    assert "src=" in page
    assert "<link" not in page
    assert page.count("</script>") == page.count("<script>") == 1
    assert "<!--" not in page


def test_the_same_figures_make_the_same_page_and_others_another():
    first, again = (
        Animation([number_grids([1])], ["one"]).to_html() for _ in range(2)
    )
    assert first == again
    other = Animation([number_grids([2])], ["one"]).to_html()
    name = r'id="(animation-[0-9a-f]+)"'
    assert re.findall(name, first) != re.findall(name, other)


def test_nothing_stays_open_and_nothing_is_printed(capsys):
    number_grids([1])
    tap_matrix(TAPS, (2, 2))
    images([[1, 2]])
    curves(([1], [2]), labels=["a"])
    Animation([number_grids([1])], ["one"])
    assert plt.get_fignums() == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: number_grids([1], [2], signs="+="), "signs holds 2 .* 1"),
        (lambda: number_grids([1], titles=[]), "titles holds 0 .* 1"),
        (lambda: images(np.ones((2, 2, 3))), r"\(2, 2, 3\).*\(h, w\)"),
        (lambda: images([[1]], titles="ab"), "titles holds 2 .* 1"),
        (lambda: curves(([1], [1]), labels=[]), "labels holds 0 .* 1"),
        (lambda: Animation([], []), "no figures"),
        (lambda: Animation([number_grids([1])], []), "captions holds 0 .* 1"),
        (lambda: tap_matrix(TAPS, (2, 2), columns="ab"), "2 texts for 9 col"),
        (lambda: tap_matrix(TAPS, (2, 2), rows="abc"), "3 texts for 2 rows"),
    ],
)
def test_what_does_not_fit_is_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
