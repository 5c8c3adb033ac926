"""What quality costs is drawn to scale, and no name stands on another."""

import numpy as np
import pytest

from course import plots
from tests.figures import check_letters

pytestmark = pytest.mark.any_backend

NAMES = ["AlexNet", "VGG-16", "thin", "half", "wide"]
COSTS = [61e6, 138.4e6, 0.5e6, 1.3e6, 4.2e6]
SCORES = [57.2, 71.5, 50.6, 63.7, 70.6]
FAMILIES = ["AlexNet", "VGG", *["MobileNet"] * 3]


def line(figure, name):
    (ax,) = figure.axes
    (found,) = (each for each in ax.lines if each.get_label() == name)
    return found


def test_points_lie_where_their_numbers_say_and_families_are_joined():
    figure = plots.trade_off(
        NAMES, COSTS, SCORES, families=FAMILIES, axes=("weights", "share")
    )
    (ax,) = figure.axes
    assert ax.get_xscale() == "log"
    assert line(figure, "MobileNet").get_xdata().tolist() == COSTS[2:]
    assert line(figure, "MobileNet").get_ydata().tolist() == SCORES[2:]
    assert line(figure, "VGG").get_xdata().tolist() == COSTS[1:2]
    written = [text.get_text() for text in ax.texts]
    assert [text for text in written if text] == NAMES
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("weights", "share")
    check_letters(figure, 4.5)
    text = plots.alt_text(figure)
    assert text.startswith("5 networks, share over weights on a logarithmic")
    assert "the cheapest first: thin 50.6 at 500K; half 63.7 at 1.3M" in text


def test_a_family_is_joined_from_its_cheapest_on():
    order = [4, 2, 0, 3, 1]
    shuffled = [
        [each[i] for i in order] for each in (NAMES, COSTS, SCORES, FAMILIES)
    ]
    *numbers, families = shuffled
    figure = plots.trade_off(*numbers, families=families)
    assert line(figure, "MobileNet").get_xdata().tolist() == COSTS[2:]


def test_families_differ_in_more_than_colour():
    names = [f"n{i}" for i in range(14)]
    figure = plots.trade_off(names, 10.0 ** np.arange(14), range(14))
    looks = [
        (each.get_color(), each.get_marker()) for each in figure.axes[0].lines
    ]
    assert len(set(looks)) == 14
    markers = [marker for _, marker in looks]
    assert len(set(markers[:7])) == 7


def test_error_bars_reach_where_they_should():
    ends = [(56, 58), (70, 73), (48, 52), (60, 64), (70, 71)]
    figure = plots.trade_off(NAMES, COSTS, SCORES, reaches=ends)
    segments = [
        segment
        for bars in figure.axes[0].collections
        for segment in bars.get_segments()
    ]
    found = {(bar[0, 0], bar[0, 1], bar[1, 1]) for bar in segments}
    expected = zip(COSTS, ends, strict=True)
    assert found == {(cost, low, high) for cost, (low, high) in expected}
    low, high = figure.axes[0].get_ylim()
    assert low < 48
    assert high > 73
    check_letters(figure, 4.5)
    assert "5 networks, with error bars" in plots.alt_text(figure)


@pytest.mark.parametrize("seed", range(5))
def test_twelve_names_never_stand_on_each_other(seed):
    dice = np.random.default_rng(seed)
    names = [f"network-{i}"[: 5 + i % 6] + chr(97 + i) for i in range(12)]
    costs = 10 ** dice.uniform(4, 5 + seed, 12)
    scores = 98 + dice.normal(0, 0.4, 12)
    check_letters(plots.trade_off(names, costs, scores))


def test_equal_points_get_two_names():
    check_letters(plots.trade_off(["one", "two"], [5, 5], [1, 1]))


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (([], [], []), "no networks"),
        ((["a"], [1, 2], [3]), "costs holds 2 entries"),
        ((["a"], [1], [3, 4]), "scores holds 2 entries"),
        ((["a"], [0], [3]), "costs holds 0.*above 0"),
        ((["a"], [np.inf], [3]), "costs holds inf"),
    ],
)
def test_what_cannot_be_drawn_is_said(numbers, said):
    with pytest.raises(ValueError, match=said):
        plots.trade_off(*numbers)


def test_too_many_names_are_refused():
    names = ["a network of a long name"] * 60
    with pytest.raises(ValueError, match="no room"):
        plots.trade_off(names, [5] * 60, [1] * 60)
