"""What the explorer shows, with and without controls."""

import base64

import keras
import numpy as np
import pytest
from keras import layers
from nbconvert import HTMLExporter
from nbformat import v4

from course.explorer import Explorer
from course.models import lenet5
from course.receptive_field import receptive_fields


@pytest.fixture(scope="module")
def explorer():
    return Explorer(lenet5(), np.zeros((32, 32)))


def test_the_table_is_summary_and_calculus(explorer):
    table = explorer.describe("S2", (0, 13))
    assert table["output"] == "14 x 14 x 6"
    assert table["receptive field"] == "6 x 6, stride 2 x 2"
    assert table["sees"] == "rows 0 to 5, columns 26 to 31"
    table = explorer.describe("C3")
    assert table["parameters"] == "2,416"
    assert table["multiplications"] == "240,000"
    assert table["unit"] == "row 5, column 5"


def test_the_figure_draws_the_window(explorer):
    line = explorer.figure("S4", (1, 2)).axes[0].lines[0]
    assert {*line.get_ydata()} == {4, 20}  # 4 rows further on, 16 rows
    assert {*line.get_xdata()} == {8, 24}
    nested = explorer.figure().axes[0].lines
    names = [line.get_label() for line in nested]
    assert names[0] == "C1: 5 × 5"
    assert names[-1] == "C5: 32 × 32"


def test_controls_follow_one_another(explorer):
    controls, shown = explorer.widget().children
    layer, row, column = controls.children
    assert (layer.value, row.value, row.max) == ("C1", 14, 27)
    layer.value = "C5"
    assert (row.max, column.max, row.value) == (0, 0, 0)
    assert "rows 0 to 31, columns 0 to 31" in shown.value
    layer.value = "S2"
    row.value, column.value = 13, 0
    assert "rows 26 to 31, columns 0 to 5" in shown.value
    assert 'alt="A grey picture' in shown.value


def test_without_a_kernel_the_picture_stays(explorer):
    bundle = explorer._repr_mimebundle_()
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    output = v4.new_output("display_data", bundle)
    cell = v4.new_code_cell("explorer", outputs=[output])
    page, _ = HTMLExporter().from_notebook_node(v4.new_notebook(cells=[cell]))
    assert f'src="data:image/png;base64,{bundle["image/png"]}"' in page
    assert 'alt="A grey picture' in page
    assert "widget-view" not in page


def test_a_photograph_serves_where_none_is_given():
    x = keras.Input((None, None, 3), name="image")
    y = layers.Conv2D(2, 3, name="shared")(x)
    model = keras.Model(x, layers.Conv2D(2, 3, 2, name="last")(y))
    explorer = Explorer(model)
    assert explorer.image.shape == (224, 224, 3)
    assert explorer.layers == list(receptive_fields(model))
    assert explorer.describe("last")["output"] == "110 x 110 x 2"


def test_what_cannot_be_explored_is_refused(explorer):
    with pytest.raises(ValueError, match=r"'C7' has no places.*C1, S2"):
        explorer.describe("C7")
    with pytest.raises(ValueError, match=r"\(14, 0\) is not in the map of S2"):
        explorer.figure("S2", (14, 0))
    x = keras.Input((9, 1))
    with pytest.raises(ValueError, match=r"Expected one input of images"):
        Explorer(keras.Model(x, layers.Conv1D(1, 3)(x)))
