"""What is drawn over an image stands where its array says."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from course import plots
from course.datasets import class_names, palette
from course.datasets.digit_scenes.recipe import Recipe
from course.datasets.digit_scenes.scenes import scene
from tests.figures import check_letters, pixels, words

pytestmark = pytest.mark.any_backend

NAMES = class_names("digit_scenes")
COLOURS = palette("digit_scenes")
SCENE = scene(Recipe(), "train", 3)


def seen(figure, ax, row, column):
    """The colour on the wall of a pixel (row, column) of the image."""
    shown = pixels(figure)
    x, y = ax.transData.transform((column + 0.5, row + 0.5)).astype(int)
    return shown[shown.shape[0] - 1 - y, x]


def legend(figure, axes=-1):
    return [t.get_text() for t in figure.axes[axes].get_legend().get_texts()]


def test_heat_is_orange_where_a_map_is_large_and_blue_where_far_below_zero():
    image = np.zeros((4, 6))
    image[0, 0] = 1
    values = np.zeros((4, 6))
    values[1, 5], values[3, 2] = 4, -4
    figure = plots.heat_on_image(image, values, values > 0, titles="abc")
    check_letters(figure)
    plain, signed, _, bar = figure.axes
    assert (seen(figure, plain, 0, 0) == 255).all()
    assert (seen(figure, plain, 1, 5) == 0).all()
    red, _, blue = seen(figure, signed, 1, 5)
    assert red > blue + 100
    red, _, blue = seen(figure, signed, 3, 2)
    assert blue > red + 100
    assert np.ptp(seen(figure, signed, 2, 2)) == 0  # the grey image alone
    assert (seen(figure, signed, 0, 0) == 255).all()
    assert bar.get_yticks().tolist() == [-1, 0, 1]
    assert plots.alt_text(figure) == (
        'A grey picture, "a", 4 × 6 pixels, then in grey with 2 maps over it, '
        'orange where it is large and blue below 0: "b", from -4 to 4, '
        'strongest 38 % down and 92 % across; "c", from 0 to 1, strongest 38 % '
        "down and 92 % across."
    )


def test_a_map_of_another_size_is_stretched_over_the_image():
    image = SCENE.image
    figure = plots.heat_on_image(image, [[0, 0], [0, 1]])
    plain, heat, bar = figure.axes
    np.testing.assert_array_equal(plain.images[0].get_array(), image)
    for row, column, is_hot in [(47, 95, 0), (48, 48, 1), (95, 95, 1)]:
        red, _, blue = seen(figure, heat, row, column)
        assert (red > blue + 60) == bool(is_hot)
    assert bar.get_yticks().tolist() == [0, 1]


@pytest.mark.parametrize("shape", [(8, 8), (20, 60), (60, 20)])
@pytest.mark.parametrize("count", [1, 4])
def test_heat_fits_and_pixels_stay_squares(shape, count):
    maps = [np.ones(shape)] * count
    figure = plots.heat_on_image(
        np.eye(*shape), *maps, titles=["a title that is long"] * (count + 1)
    )
    check_letters(figure)
    for ax in figure.axes[: count + 1]:
        box = ax.get_window_extent()
        assert box.width / box.height == pytest.approx(shape[1] / shape[0])


def test_classes_have_their_colours_names_and_shares():
    mask = SCENE.mask.astype(int)
    mask[:4] = 255
    figure = plots.segmentation(SCENE.image, mask, NAMES, COLOURS)
    check_letters(figure)
    left, right = figure.axes
    np.testing.assert_array_equal(left.images[0].get_array(), SCENE.image)
    drawn = right.images[0].get_array()
    for kind in np.unique(mask[mask != 255]):
        # the image shines through: the same hue, no brighter
        light = drawn[mask == kind] / (COLOURS[kind] / 255)
        assert np.allclose(light, light[:, :1])
        assert light.min() >= 0.69
        assert light.max() <= 1.01
    assert np.isclose(drawn[:4], 1).all(axis=-1).any()
    assert np.isclose(drawn[:4], 0.6).all(axis=-1).any()
    shares = {
        t.rpartition(",")[0]: t.rpartition(", ")[2] for t in legend(figure)
    }
    counts = {name: np.mean(mask == i) for i, name in enumerate(NAMES)}
    counts["ignored"] = np.mean(mask == 255)
    assert set(shares) == {name for name, share in counts.items() if share}
    for name, text in shares.items():
        assert text in (f"{100 * counts[name]:.0f} %", "< 1 %")
    assert plots.alt_text(figure).startswith(
        "A colour picture, 96 × 96 pixels, and the same with each pixel"
    )


def test_names_stand_inside_the_regions_that_have_room():
    mask = np.zeros((40, 40), int)
    mask[5:35, 20:] = 1
    mask[:2, :2] = 2  # too small for a letter
    figure = plots.segmentation(np.ones((40, 40)), mask, ["sky", "sea", "boat"])
    right = figure.axes[1]
    written = {t.get_text(): t.get_position() for t in right.texts}
    assert set(written) == {"sky", "sea"}
    column, row = written["sea"]
    assert mask[int(row), int(column)] == 1
    column, row = written["sky"]
    assert mask[int(row), int(column)] == 0
    assert "boat, < 1 %" in legend(figure)


def test_mistakes_by_kind_the_most_frequent_first():
    truth = np.zeros((10, 10), int)
    truth[:, 5:], truth[9] = 1, 255
    said = truth.copy()
    said[9] = 2
    said[0:4, 0:4] = 1  # 16 pixels of 0
    said[8, 5:9] = 2  # 4 of 1
    figure = plots.error_map(truth, said, ["cat", "dog", "cow"])
    check_letters(figure)
    (ax,) = figure.axes
    assert legend(figure) == [
        *("A  cat as dog: 16", "B  dog as cow: 4"),
        *("right: 77.8 %", "ignored: 10"),
    ]
    drawn = ax.images[0].get_array()
    np.testing.assert_allclose(
        drawn[:4, :4], np.broadcast_to(to_rgb(plots.OKABE_ITO[0]), (4, 4, 3))
    )
    np.testing.assert_allclose(drawn[8, 6], to_rgb(plots.OKABE_ITO[1]))
    assert (drawn[4:8] == 1).all()
    assert [text.get_text() for text in ax.texts] == ["A", "B"]
    assert "cat as dog: 16; B" in plots.alt_text(figure)


def test_mistakes_without_a_colour_are_dark_and_counted():
    truth = np.arange(10)[None]
    said = (truth + 1) % 10
    figure = plots.error_map(truth, said, NAMES, image=np.ones((1, 10)))
    assert legend(figure)[-2:] == ["other mistakes: 3", "right: 0 %"]
    drawn = figure.axes[0].images[0].get_array()
    assert (drawn[0] == 0.25).all(axis=-1).sum() == 3


def test_a_prediction_without_a_mistake():
    figure = plots.error_map([[0, 255]], [[0, 1]], "ab")
    assert legend(figure) == ["right: 100 %", "ignored: 1"]


def test_a_legend_of_fourteen_classes_fits():
    mask = np.arange(14).repeat(14).reshape(14, 14)
    figure = plots.segmentation(mask, mask, NAMES, COLOURS)
    check_letters(figure, height=5.4)
    assert len(legend(figure)) == 14
    texts = [text.get_text() for text, _ in words(figure)]
    assert "tissue, 7 %" in texts


GOOD = np.zeros((4, 4), int)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.heat_on_image(GOOD), "0 maps.*1 to 4"),
        (lambda: plots.heat_on_image(GOOD, *[GOOD] * 5), "5 maps.*second"),
        (
            lambda: plots.heat_on_image(GOOD, np.ones((4, 4, 3))),
            r"\(4, 4, 3\).*\(h, w\).*channels",
        ),
        (lambda: plots.heat_on_image(GOOD, [[np.nan]]), "nan.*finite"),
        (
            lambda: plots.heat_on_image(np.ones((1, 4, 4, 3)), GOOD),
            r"\(1, 4, 4, 3\).*one image",
        ),
        (
            lambda: plots.heat_on_image(255 * np.ones((4, 4, 3)), GOOD),
            "255.*divide",
        ),
        (
            lambda: plots.heat_on_image(GOOD, GOOD, titles=["a"]),
            "titles holds 1.*2",
        ),
        (
            lambda: plots.segmentation(GOOD, np.zeros((4, 5), int), "ab"),
            r"\(4, 5\).*\(4, 4\)",
        ),
        (
            lambda: plots.segmentation(GOOD, np.ones((4, 4)), "ab"),
            "float64.*argmax",
        ),
        (
            lambda: plots.segmentation(GOOD, GOOD + 2, "ab"),
            r"hold \[2\].*2 names.*0 to 1, or 255",
        ),
        (
            lambda: plots.segmentation(GOOD, GOOD, "abcdefgh"),
            "8 names without a palette",
        ),
        (
            lambda: plots.segmentation(GOOD, GOOD, "ab", COLOURS[:1]),
            "palette holds 1.*2",
        ),
        (
            lambda: plots.error_map(GOOD, GOOD[:2], "ab"),
            r"\(2, 4\).*\(4, 4\)",
        ),
        (lambda: plots.error_map(GOOD, GOOD + 255, "ab"), r"hold \[255\]"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
