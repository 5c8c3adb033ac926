"""What a notebook shows of a training, run by a kernel of its own."""

import base64
import os
import re

import pytest
from nbclient import NotebookClient
from nbformat import v4

TRAIN = """
import keras
from course.plots import alt_text, learning_curves
from course.training import fit
from tests.course.training.test_fit import SETTINGS, X, Y, model

settings = {k: v for k, v in SETTINGS.items() if k != "verbose"}
history = fit(
    model(), (X, Y), EPOCHS, validation=(X, Y), checkpoint=FILE, **settings
)
"""
TRAIN_BRIEFLY = """
class Enough(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = True

history = fit(model(), (X, Y), EPOCHS, callbacks=[Enough()], **settings)
"""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """Of a training of two epochs, and of one that goes on to three."""
    file = str(tmp_path_factory.mktemp("live") / "training.npz")
    cells = [
        v4.new_code_cell(f"FILE, EPOCHS = {file!r}, 2" + TRAIN),
        v4.new_code_cell("EPOCHS = 3" + TRAIN),
        v4.new_code_cell("print(alt_text(learning_curves(history)))"),
        v4.new_code_cell("EPOCHS = 9" + TRAIN_BRIEFLY),
    ]
    notebook = v4.new_notebook(cells=cells)
    path = {"metadata": {"path": os.getcwd()}}
    NotebookClient(notebook, timeout=300, resources=path).execute()
    return [
        # TensorFlow greets on stderr when it is imported
        [output for output in cell.outputs if output.get("name") != "stderr"]
        for cell in cells
    ]


def test_a_line_and_the_curves_stay(outputs):
    line, curves = (output["data"] for output in outputs[0])
    assert re.fullmatch(
        r"Epoch 2 of 2: loss \S+, val_loss \S+\. \d+ s\.", line["text/plain"]
    )
    assert base64.b64decode(curves["image/png"]).startswith(b"\x89PNG")


def test_what_goes_on_counts_from_where_it_was(outputs):
    line, curves = (output["data"] for output in outputs[1])
    assert line["text/plain"].startswith("Epoch 3 of 3: loss ")
    assert curves["image/png"] != outputs[0][1]["data"]["image/png"]
    assert outputs[2][0]["text"].startswith("Curves over 3 epochs: loss, ")


def test_an_early_end_leaves_nothing_to_go(outputs):
    line = outputs[3][0]["data"]["text/plain"]
    assert re.fullmatch(r"Epoch 1 of 9: .*\. \d+ s\.", line)
