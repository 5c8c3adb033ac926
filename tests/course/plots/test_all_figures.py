"""What holds for each function that draws."""

import io

import numpy as np
import pytest
from matplotlib import pyplot as plt

from course import plots
from tests.figures import check_letters, words

pytestmark = pytest.mark.any_backend

WINDOW = ((-1, 2), (0, 3))
BOWL = np.add.outer(np.arange(3) ** 2, np.arange(3) ** 2)
SURFACE = (range(3), range(3), BOWL, [[(2, 2), (0, 0)]])
FIGURES = {
    "confusion_matrix": lambda: plots.confusion_matrix([[1, 2], [0, 3]], "ab"),
    "curves": lambda: plots.curves(([1, 2], [3, 4]), labels=["a"]),
    "error_map": lambda: plots.error_map([[0, 1]], [[0, 0]], "ab"),
    "field_cone": lambda: plots.field_cone([(3, 1, 1)]),
    "fields_on_image": lambda: plots.fields_on_image(
        np.eye(4), [WINDOW], ["a"]
    ),
    "growth": lambda: plots.growth("ab", [3, 5], 8, [1, 2]),
    "heat_map": lambda: plots.heat_map(np.eye(4), WINDOW, 2),
    "heat_on_image": lambda: plots.heat_on_image(np.eye(4), np.eye(2)),
    "images": lambda: plots.images(np.eye(4)),
    "learning_curves": lambda: plots.learning_curves({"loss": [2, 1]}),
    "mosaic": lambda: plots.mosaic(np.eye(6).reshape(6, 2, 3)),
    "number_grids": lambda: plots.number_grids([1, 2]),
    "paths_on_surface": lambda: plots.paths_on_surface(*SURFACE, ["a"]),
    "segmentation": lambda: plots.segmentation(
        np.eye(2), [[0, 1], [1, 0]], "ab"
    ),
    "stages": lambda: plots.stages("ab", [1, 2], [3, 4]),
    "tap_matrix": lambda: plots.tap_matrix([[1, 0]], (1,)),
    "trade_off": lambda: plots.trade_off("ab", [1, 20], [3, 4]),
    "volumes": lambda: plots.volumes([(4, 4, 3), (2,)], "ab", "cd"),
    "wiring": lambda: plots.wiring("ab", [(0, 1)], "cd", "ee"),
}


def test_each_function_that_draws_is_listed():
    functions = {name for name in plots.__all__ if name.islower()}
    assert functions == {
        *FIGURES,
        *("alt_text", "arithmetic_steps", "path_steps"),
    }


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
        lambda name: plots.confusion_matrix([[1, 2], [3, 4]], [name, "b"]),
        lambda name: plots.error_map([[0]], [[1]], ["a", name]),
        lambda name: plots.field_cone([(3, 1, 1)], [name]),
        lambda name: plots.fields_on_image(np.eye(4), [WINDOW], [name]),
        lambda name: plots.growth([name], [3]),
        lambda name: plots.paths_on_surface(*SURFACE, [name]),
        lambda name: plots.segmentation([[0]], [[0]], [name]),
        lambda name: plots.stages([name], [1], [2]),
        lambda name: plots.volumes([(4, 4, 3)], [name]),
    ],
    ids=[
        *("confusion_matrix", "error_map", "field_cone", "fields_on_image"),
        *("growth", "paths_on_surface", "segmentation", "stages", "volumes"),
    ],
)
def test_a_name_that_is_too_long_keeps_its_beginning(draw):
    figure = draw("mixed_7c_" + "wide_branch_" * 9)
    check_letters(figure)
    texts = [text.get_text() for text, _ in words(figure)]
    assert [t for t in texts if "mixed_7c_w" in t and "…" in t]
