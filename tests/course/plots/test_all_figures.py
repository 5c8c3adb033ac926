"""What holds for each function that draws."""

import io

import numpy as np
import pytest
from matplotlib import pyplot as plt

from course import plots

WINDOW = ((-1, 2), (0, 3))
FIGURES = {
    "curves": lambda: plots.curves(([1, 2], [3, 4]), labels=["a"]),
    "fields_on_image": lambda: plots.fields_on_image(
        np.eye(4), [WINDOW], ["a"]
    ),
    "growth": lambda: plots.growth("ab", [3, 5], 8, [1, 2]),
    "heat_map": lambda: plots.heat_map(np.eye(4), WINDOW, 2),
    "images": lambda: plots.images(np.eye(4)),
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
