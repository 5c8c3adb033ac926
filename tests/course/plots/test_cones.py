"""Cones hold the dots and lines that a chain of layers has."""

import keras
import pytest

from course import plots
from course.receptive_field import receptive_field
from tests.figures import check_letters

pytestmark = pytest.mark.any_backend

CHAINS = [
    [(3, 1, 1), (3, 1, 1)],
    [(3, 1, 1), (2, 2, 1), (3, 1, 1), (3, 2, 1)],
    [(3, 1, 1), (3, 1, 2), (3, 1, 4), (3, 1, 8)],
    [(4, 3, 1), (2, 1, 3), (5, 1, 1)],
]


def field_of(layers):
    """What course.receptive_field says of the chain."""
    x = inputs = keras.Input((200, 1))
    for kernel_size, stride, dilation in layers:
        if stride > 1 and dilation == 1:
            x = keras.layers.MaxPooling1D(kernel_size, stride)(x)
        else:
            x = keras.layers.Conv1D(1, kernel_size, dilation_rate=dilation)(x)
    return receptive_field(keras.Model(inputs, x))


def dots(figure):
    """Places of the empty and of the full dots, the image's row first."""
    drawn = [line.get_xdata().tolist() for line in figure.axes[0].lines]
    return list(zip(drawn[::2], drawn[1::2], strict=True))


@pytest.mark.parametrize("layers", CHAINS, ids=str)
def test_the_cone_is_as_wide_as_the_field(layers):
    figure = plots.field_cone(layers)
    check_letters(figure)
    _, full = dots(figure)[0]
    size = field_of(layers).size[0]
    assert (min(full), max(full)) == (0, size - 1)
    last = figure.axes[0].texts[-1].get_text()
    assert last.endswith(f"sees {size}")


@pytest.mark.parametrize("layers", CHAINS, ids=str)
def test_units_stand_as_far_apart_as_the_strides_say(layers):
    empty, full = dots(plots.field_cone(layers))[-1]
    field = field_of(layers)
    assert full == [(field.size[0] - 1) / 2]
    apart = {abs(place - full[0]) % field.stride[0] for place in empty}
    assert apart <= {0}


def test_what_dilation_leaves_out_stays_empty():
    figure = plots.field_cone([(3, 1, 2), (3, 1, 2)])
    empty, full = dots(figure)[0]
    assert full == [0, 2, 4, 6, 8]
    assert {1, 3, 5, 7} <= set(empty)
    assert "5 of them by a path and 4 by none" in plots.alt_text(figure)


def test_lines_join_each_unit_to_its_taps():
    figure = plots.field_cone([(2, 2, 1), (3, 1, 1)])
    first, second = figure.axes[0].collections
    assert len(first.get_segments()) == 6
    ends = [segment.tolist() for segment in second.get_segments()]
    assert ends == [[[2.5, 2], [x, 1]] for x in (0.5, 2.5, 4.5)]


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([], "no layers"),
        ([(3, 1)], "kernel size, stride, dilation"),
        ([(3, 0, 1)], "from 1 on"),
        ([(50, 1, 1)] * 3, "at most 90"),
    ],
)
def test_chains_that_cannot_be_drawn_are_refused(layers, message):
    with pytest.raises(ValueError, match=message):
        plots.field_cone(layers)


def test_a_name_a_layer_is_asked_for():
    with pytest.raises(ValueError, match="names"):
        plots.field_cone([(3, 1, 1)], ["a", "b"])
