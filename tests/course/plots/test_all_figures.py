"""What holds for each function that draws."""

import io

import numpy as np
import pytest
from matplotlib import pyplot as plt

from course import plots
from tests.figures import check_letters, words

WINDOW = ((-1, 2), (0, 3))
FIGURES = {
    "curves": lambda: plots.curves(([1, 2], [3, 4]), labels=["a"]),
    "fields_on_image": lambda: plots.fields_on_image(
        np.eye(4), [WINDOW], ["a"]
    ),
    "growth": lambda: plots.growth("ab", [3, 5], 8, [1, 2]),
    "heat_map": lambda: plots.heat_map(np.eye(4), WINDOW, 2),
    "images": lambda: plots.images(np.eye(4)),
    "learning_curves": lambda: plots.learning_curves({"loss": [2, 1]}),
    "number_grids": lambda: plots.number_grids([1, 2]),
    "stages": lambda: plots.stages("ab", [1, 2], [3, 4]),
    "tap_matrix": lambda: plots.tap_matrix([[1, 0]], (1,)),
    "volumes": lambda: plots.volumes([(4, 4, 3), (2,)], "ab", "cd"),
}


def test_each_function_that_draws_is_listed():
    functions = {name for name in plots.__all__ if name.islower()}
    assert functions == {*FIGURES, "alt_text", "arithmetic_steps"}


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_figures_are_closed_described_and_the_same_each_time(draw, capsys):
    files = []
    for _ in range(2):
        figure = draw()
        assert plots.alt_text(figure).endswith(".")
        with io.BytesIO() as file:
            figure.savefig(file, metadata={"Software": None})
            files.append(file.getvalue())
    assert files[0] == files[1]
    assert plt.get_fignums() == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "draw",
    [
        lambda name: plots.fields_on_image(np.eye(4), [WINDOW], [name]),
        lambda name: plots.growth([name], [3]),
        lambda name: plots.stages([name], [1], [2]),
        lambda name: plots.volumes([(4, 4, 3)], [name]),
    ],
    ids=["fields_on_image", "growth", "stages", "volumes"],
)
def test_a_name_that_is_too_long_keeps_its_beginning(draw):
    figure = draw("mixed_7c_" + "wide_branch_" * 9)
    check_letters(figure)
    texts = [text.get_text() for text, _ in words(figure)]
    assert [t for t in texts if t.startswith("mixed_7c_wide") and "…" in t]
