"""Receptive fields are drawn where they lie."""

from math import inf

import numpy as np
import pytest

from course import plots
from tests.figures import check_letters, pixels

pytestmark = pytest.mark.any_backend

PHOTOGRAPH = np.linspace(0, 1, 224 * 224 * 3).reshape(224, 224, 3)
DIGIT = np.arange(64).reshape(8, 8) % 17


def centred(size, middle=112):
    first = middle - size // 2
    return ((first, first + size - 1),) * 2


def box(line):
    """Left, right, top and bottom of an outline."""
    x, y = line.get_data()
    return min(x), max(x), min(y), max(y)


def legend(figure):
    return [t.get_text() for t in figure.axes[0].get_legend().get_texts()]


def test_windows_surround_their_pixels():
    figure = plots.fields_on_image(
        DIGIT, [((2, 4), (5, 5)), ((0, 7), (0, 7))], ["a", "b"]
    )
    (ax,) = figure.axes
    assert [box(line) for line in ax.lines] == [(5, 6, 2, 5), (0, 8, 0, 8)]
    assert ax.images[0].get_extent() == [0, 8, 8, 0]
    np.testing.assert_array_equal(ax.images[0].get_array(), DIGIT)
    assert legend(figure) == ["a: 3 × 1", "b: 8 × 8"]


def test_a_pixel_lies_on_the_wall_where_its_row_and_column_say():
    digit = np.zeros((8, 8))
    digit[1, 6] = 1  # near the upper right corner
    figure = plots.fields_on_image(digit, [((7, 7), (0, 0))], ["a"])
    (ax,) = figure.axes
    shown = pixels(figure)
    x, y = ax.transData.transform((6.5, 1.5)).astype(int)
    assert (shown[shown.shape[0] - y, x] == 255).all()
    x, y = ax.transData.transform((5.5, 1.5)).astype(int)
    assert (shown[shown.shape[0] - y, x] == 0).all()


def test_what_lies_outside_the_image_is_hatched_padding():
    figure = plots.fields_on_image(DIGIT, [((-2, 0), (6, 9))], ["a"])
    (ax,) = figure.axes
    (margin,) = ax.patches
    assert margin.get_hatch()
    assert margin.get_bbox().extents.tolist() == [0, -2, 10, 8]
    assert box(ax.lines[0]) == (6, 10, -2, 1)
    assert legend(figure) == ["a: 3 × 4", "padding"]
    assert "padding" in plots.alt_text(figure)
    inside = plots.fields_on_image(DIGIT, [((0, 7), (0, 7))], ["a"])
    assert not inside.axes[0].patches
    assert "padding" not in plots.alt_text(inside)


def test_an_infinite_window_is_the_whole_image():
    figure = plots.fields_on_image(
        DIGIT[:4], [((-inf, inf), (-inf, inf)), ((0, 0), (-inf, inf))], "ab"
    )
    lines = figure.axes[0].lines
    assert [box(line) for line in lines] == [(0, 8, 0, 4), (0, 8, 0, 1)]
    assert legend(figure) == ["a: whole image", "b: 1 × all"]


def test_fields_of_vgg_fit_and_differ_without_colour():
    sizes = (6, 16, 44, 100, 212)
    names = [f"pool{i}" for i in range(1, 6)]
    figure = plots.fields_on_image(
        PHOTOGRAPH, [centred(size) for size in sizes], names
    )
    check_letters(figure)
    lines = figure.axes[0].lines
    assert [box(line)[1] - box(line)[0] for line in lines] == [*sizes]
    assert len({line.get_color() for line in lines}) == 5
    assert [line.get_linestyle() for line in lines[:4]] == [
        "-",
        "--",
        ":",
        "-.",
    ]
    assert plots.alt_text(figure) == (
        "A colour picture of 224 × 224 pixels and on it, outlined, what units "
        "see: pool1: 6 × 6; pool2: 16 × 16; pool3: 44 × 44; pool4: 100 × 100; "
        "pool5: 212 × 212."
    )


def test_no_two_of_eleven_windows_look_alike():
    figure = plots.fields_on_image(
        PHOTOGRAPH, [centred(9 + 18 * i) for i in range(11)], [*"abcdefghijk"]
    )
    check_letters(figure)
    lines = figure.axes[0].lines
    assert len({(i.get_color(), i.get_linestyle()) for i in lines}) == 11


@pytest.mark.parametrize("shape", [(60, 200), (200, 60), (5, 5)])
def test_pixels_stay_squares_and_names_beside_them(shape):
    figure = plots.fields_on_image(
        np.ones(shape), [((0, 3), (-2, 3))], ["mixed_7c_branch_2"]
    )
    check_letters(figure)
    ax = figure.axes[0]
    (left, top), (right, bottom) = ax.transData.transform([(0, 0), (1, 1)])
    assert right - left == pytest.approx(top - bottom)


@pytest.mark.parametrize(
    ("image", "windows", "labels", "message"),
    [
        (np.ones((1, 8, 8, 3)), [((0, 1), (0, 1))], "a", r"\(1, 8, 8, 3\)"),
        (np.ones((8, 8, 4)), [((0, 1), (0, 1))], "a", r"\(h, w, 3\)"),
        (255.0 * np.ones((8, 8, 3)), [((0, 1), (0, 1))], "a", "255.*divide"),
        (DIGIT, [((0, 1), (0, 1))], "ab", "labels holds 2 .* 1"),
        (DIGIT, [((3, 1), (0, 1))], "a", r"\(\(3, 1\).*\(top, bottom\)"),
        (DIGIT, [(0, 1, 0, 1)], "a", r"\(0, 1, 0, 1\).*first"),
        (DIGIT, [((0, float("nan")), (0, 1))], "a", "nan.*first"),
        (DIGIT, [], [], "0 windows.*1 to 11"),
        (DIGIT, [((0, 1), (0, 1))] * 12, "a" * 12, "12 windows.*second fig"),
    ],
)
def test_fields_that_cannot_be_drawn_are_refused(
    image, windows, labels, message
):
    with pytest.raises(ValueError, match=message):
        plots.fields_on_image(image, windows, labels)


def gaussian(rows, columns, sigma, centre):
    y, x = np.indices((rows, columns))
    y, x = (y - centre[0]) / sigma[0], (x - centre[1]) / sigma[1]
    return np.exp(-(x**2 + y**2) / 2)


def test_a_map_of_influence_with_its_window_and_its_gaussian():
    values = gaussian(61, 81, (4, 7), (20, 50))
    figure = plots.heat_map(values, ((5, 35), (20, 80)), (4, 7))
    ax, bar = figure.axes
    np.testing.assert_array_equal(ax.images[0].get_array(), values)
    assert ax.images[0].get_extent() == [0, 81, 61, 0]
    assert ax.images[0].get_clim() == (0, 1)
    window, one, two = ax.lines
    assert box(window) == (20, 81, 5, 36)
    # the centre of pixel (20, 50) is 20.5 down and 50.5 across
    assert box(one) == pytest.approx((43.5, 57.5, 16.5, 24.5), abs=0.05)
    assert box(two) == pytest.approx((36.5, 64.5, 12.5, 28.5), abs=0.05)
    assert len({each.get_linestyle() for each in ax.lines}) == 3
    assert legend(figure) == ["window: 31 × 61", "1 sigma", "2 sigma"]
    assert bar.get_ylabel() == "influence"
    check_letters(figure)
    assert plots.alt_text(figure) == (
        "A map of 61 × 81 pixels, brighter where a pixel moves the unit more, "
        "up to 1; outlined the window: 31 × 61; dashed, a Gaussian's 1 and 2 "
        "sigma, 4 × 7."
    )


def test_a_map_is_brightest_where_its_number_is_largest():
    values = np.zeros((5, 9))
    values[1, 7] = 3e-9
    figure = plots.heat_map(values)
    shown, ax = pixels(figure), figure.axes[0]
    x, y = ax.transData.transform((7.5, 1.5)).astype(int)
    bright = shown[shown.shape[0] - y, x].sum()
    x, y = ax.transData.transform((7.5, 3.5)).astype(int)
    assert bright > shown[shown.shape[0] - y, x].sum() + 300
    assert figure.axes[0].get_legend() is None
    assert "up to 3e-09" in plots.alt_text(figure)


@pytest.mark.parametrize("shape", [(4, 60), (60, 4), (9, 9)])
def test_maps_of_any_shape_fit(shape):
    values = np.ones(shape)
    check_letters(plots.heat_map(values))
    check_letters(plots.heat_map(values, ((-3, 3), (-3, 3)), 1))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.ones((2, 2, 3)),), r"\(2, 2, 3\).*\(h, w\)"),
        ((np.zeros((2, 2)),), "not all 0"),
        (([[1, -1]],), "-1.*from 0 on.*absolute"),
        (([[1, np.nan]],), "nan.*finite"),
        ((np.ones((2, 2)), ((1, 0), (0, 1))), "window.*top"),
        ((np.ones((2, 2)), None, 0), "sigma is 0.*above 0"),
        ((np.ones((2, 2)), None, (1, 2, 3)), r"sigma is \(1, 2, 3\)"),
    ],
)
def test_maps_that_are_none_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        plots.heat_map(*arguments)
