"""A figure says in words what it shows: the numbers it was given."""

import numpy as np
import pytest
from matplotlib import pyplot as plt

from course import plots
from course.plots.wording import short

pytestmark = pytest.mark.any_backend


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (
            plots.number_grids(
                [[1, 2.34567], [12345, 0]],
                ["x", ""],
                titles=["A", ""],
                signs=["+"],
            ),
            '2 grids side by side. "A": 2 × 2, row by row: 1, 2.35; 1.23e+04, '
            "0. Then +, and grid 2: 1 × 2, row by row: x, empty.",
        ),
        (
            plots.number_grids(np.arange(49).reshape(7, 7)),
            "One grid. grid 1: 7 × 7, numbers from 0 to 48.",
        ),
        (
            plots.tap_matrix([[1, 2, 0], [0, 1, 2]], (2,), labels="uv"),
            "A matrix of 2 × 3: 4 places hold u and v, the taps of a kernel "
            "of 2; the others are zero.",
        ),
        (
            plots.images([[0, 50]], [[50], [100]], titles=["a", ""]),
            '2 grey pictures side by side: "a", of 1 × 2 pixels; of 2 × 1 '
            "pixels; black is 0, white 100.",
        ),
        (
            plots.curves(
                ([0, 1, 2], [3, 7, 1]),
                ([5], [6]),
                labels="ab",
                axes=("pixel", "grey"),
                dots=[False, True],
            ),
            'Grey over pixel: "a" as a line from 3 at 0 to 1 at 2, between 1 '
            'and 7; "b" as dots from 6 at 5 to 6 at 5, between 6 and 6.',
        ),
    ],
    ids=["grids", "large grid", "taps", "pictures", "curves"],
)
def test_the_words_tell_the_arguments(figure, text):
    assert plots.alt_text(figure) == text


def test_a_figure_without_words_is_refused():
    figure = plt.figure()
    plt.close(figure)
    with pytest.raises(ValueError, match=r"no alternative text.*set_label"):
        plots.alt_text(figure)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (7, "7"),
        (9.996, "10"),
        (61706, "61.7K"),
        (999.4, "999"),
        (999.6, "1K"),
        (999950, "1M"),
        (138357544, "138M"),
        (100e6, "100M"),
        (4.62e9, "4.62G"),
        (4.6e9, "4.6G"),
        (1.5e12, "1500G"),
        (-2500, "-2.5K"),
    ],
)
def test_a_short_number_has_three_digits_and_its_unit(number, text):
    assert short(number) == text
