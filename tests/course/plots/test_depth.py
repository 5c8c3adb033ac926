"""What grows along a network is drawn to scale and named."""

from math import inf

import numpy as np
import pytest

from course import plots
from tests.figures import check_letters

pytestmark = pytest.mark.any_backend

VGG = {  # Simonyan and Zisserman's configuration D, after each pooling
    "pool1": 6,
    "pool2": 16,
    "pool3": 44,
    "pool4": 100,
    "pool5": 212,
}
STEPS = [2, 4, 8, 16, 32]
MACS = [1.94e9, 2.77e9, 4.62e9, 4.62e9, 1.39e9]
PARAMETERS = [38720, 221440, 1475328, 5899776, 7079424]


def line(figure, name):
    (ax,) = figure.axes
    (found,) = (each for each in ax.lines if each.get_label() == name)
    return found


def ticks(figure):
    return [tick.get_text() for tick in figure.axes[0].get_xticklabels()]


def test_fields_grow_in_stairs_below_the_input():
    figure = plots.growth(VGG, VGG.values(), 224)
    fields = line(figure, "receptive field")
    assert fields.get_ydata().tolist() == [*VGG.values()]
    assert fields.get_drawstyle() == "steps-mid"
    assert ticks(figure) == [*VGG]
    assert set(line(figure, "input, 224").get_ydata()) == {224}
    assert figure.axes[0].get_yscale() == "linear"
    assert figure.axes[0].get_ylim()[0] == 0
    assert figure.axes[0].get_ylim()[1] > 224
    check_letters(figure)
    assert plots.alt_text(figure) == (
        "Stairs that show the receptive field in pixels over 5 layers, from 6 "
        "after pool1 to 212 after pool5; a line marks the input, 224, which no "
        "field reaches."
    )


def test_the_words_say_where_the_field_reaches_the_input():
    text = plots.alt_text(plots.growth("abc", [3, 8, 9], 8))
    assert "the input, 8, which the field reaches at b" in text


def test_steps_make_the_axis_logarithmic_with_numbers_in_full():
    figure = plots.growth(VGG, VGG.values(), steps=STEPS)
    (ax,) = figure.axes
    assert line(figure, "step").get_ydata().tolist() == STEPS
    assert ax.get_yscale() == "log"
    written = [tick.get_text() for tick in ax.get_yticklabels()]
    assert written == ["1", "4", "16", "64", "256"]
    assert ax.get_yticks().tolist() == [1, 4, 16, 64, 256]
    check_letters(figure)
    assert "dotted the step, from 2 to 32" in plots.alt_text(figure)


def test_the_whole_input_is_a_triangle_at_its_layer():
    figure = plots.growth("abc", [3, inf, inf])
    np.testing.assert_array_equal(
        line(figure, "receptive field").get_ydata(), [3, np.nan, np.nan]
    )
    whole = line(figure, "whole input")
    assert whole.get_marker() == "^"
    assert list(whole.get_xdata()) == [1, 2]
    assert "to the whole input after c" in plots.alt_text(figure)
    check_letters(figure)


@pytest.mark.parametrize("count", [1, 13, 20, 34, 60, 160])
@pytest.mark.parametrize("name", ["conv{}", "conv{}_block23_2_conv"])
def test_as_many_layers_are_named_as_have_room(count, name):
    names = [name.format(i) for i in range(count)]
    figure = plots.growth(names, range(1, count + 1), 50, [1] * count)
    check_letters(figure)
    places = figure.axes[0].get_xticks()
    (every,) = set(np.diff(places)) or {1}
    assert len(places) >= min(count, 17)
    assert places[0] == 0
    beginnings = zip(ticks(figure), names[:: int(every)], strict=True)
    assert all(name.startswith(tick.rstrip("…")) for tick, name in beginnings)


def test_bars_are_as_long_as_their_numbers_and_say_them():
    figure = plots.stages(VGG, PARAMETERS, MACS)
    for ax, numbers in zip(figure.axes, (PARAMETERS, MACS), strict=True):
        assert [bar.get_width() for bar in ax.patches] == numbers
        for bar, text in zip(ax.patches, ax.texts, strict=True):
            assert text.get_position()[0] == bar.get_width()
            middle = bar.get_y() + bar.get_height() / 2
            assert text.get_position()[1] == pytest.approx(middle)
    parameters, macs = figure.axes
    written = [text.get_text().strip() for text in macs.texts]
    assert written == ["1.94G", "2.77G", "4.62G", "4.62G", "1.39G"]
    written = [text.get_text().strip() for text in parameters.texts]
    assert written == ["38.7K", "221K", "1.48M", "5.9M", "7.08M"]
    assert parameters.yaxis_inverted()
    assert ticks_of_stages(parameters) == [*VGG]
    assert macs.get_title(loc="left") == "MACs, 15.3G in all"
    assert "pool3 1.48M and 4.62G" in plots.alt_text(figure)
    assert "in all 14.7M and 15.3G" in plots.alt_text(figure)


def ticks_of_stages(ax):
    return [tick.get_text() for tick in ax.get_yticklabels()]


@pytest.mark.parametrize("count", [1, 2, 6, 11])
def test_stages_fit_a_slide(count):
    names = [f"conv{i}_x" for i in range(count)]
    numbers = [10**i for i in range(count)]
    check_letters(plots.stages(names, numbers, numbers[::-1]))


def test_stages_that_cost_nothing_are_drawn():
    figure = plots.stages(["pool"], [0], [0])
    assert [text.get_text() for ax in figure.axes for text in ax.texts] == [
        " 0",
        " 0",
    ]


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.growth([], []), "no layers.*one name"),
        (lambda: plots.growth("ab", [1]), "sizes holds 1 .* 2"),
        (lambda: plots.growth("ab", [1, 0]), "sizes holds 0.*more than 0"),
        (lambda: plots.growth("a", [1], 5, [1, 2]), "steps holds 2 .* 1"),
        (lambda: plots.growth("a", [1], -5), "input_size.*-5.*more than 0"),
        (lambda: plots.growth("a", [float("nan")]), "sizes holds nan"),
        (lambda: plots.stages([], [], []), "without names"),
        (lambda: plots.stages("ab", [1], [1, 2]), "parameters holds 1 .* 2"),
        (lambda: plots.stages("a", [1], [-1]), "macs holds -1.*from 0 on"),
        (lambda: plots.stages("a", [inf], [1]), "parameters holds inf"),
    ],
)
def test_numbers_that_are_none_are_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
