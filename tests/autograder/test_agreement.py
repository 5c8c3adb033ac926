"""A score depends on the answer alone: not on the run, nor on the backend."""

import nbformat
import pytest

from autograder.answers import fill
from autograder.build import build
from autograder.grade import nbgrader, scores
from autograder.root import CourseRoot, derive
from tests.autograder.conftest import REPOSITORY

pytestmark = pytest.mark.any_backend

LECTURE = "01_dice"
SOURCE = '''\
# %% id="imports" role="given"
import random

import keras
import numpy as np


# %% id="draw" role="answer"
def draw():
    """A number from 0 to 1."""
    ### BEGIN SOLUTION
    return 0.5
    ### END SOLUTION


# %% id="draw-check" role="test" points=2 of="draw"
import random

import numpy as np

# as many points as the dice of both sides say
(float(draw()) + random.random() + np.random.random()) / 2


# %% id="shrink" role="answer"
def shrink(x):
    """Two convolutions with ReLU."""
    ### BEGIN SOLUTION
    x = keras.layers.Conv2D(4, 3, activation="relu")(x)
    return keras.layers.Conv2D(2, 3, activation="relu")(x)
    ### END SOLUTION


# %% id="shrink-check" role="test" points=4 of="shrink"
import numpy as np

from course import checks

model = checks.build(shrink, (7, 7, 1))
weights = [np.full(weight.shape, 0.1) for weight in model.get_weights()]
model.set_weights(weights)
seen = np.asarray(model(np.ones((1, 7, 7, 1))))
points = float(model.count_params() == 4 * 10 + 2 * 37)
points += float(seen.shape == (1, 3, 3, 2))
points + 2 * float(np.allclose(seen, 0.1 * (36 * 1.0 + 1)))
'''
LINEAR = """\
def shrink(x):
    x = keras.layers.Conv2D(4, 3)(x)
    return keras.layers.Conv2D(2, 3, padding="same")(x)
"""
RIGHT = """\
def shrink(x):
    for filters in (4, 2):
        x = keras.ops.relu(keras.layers.Conv2D(filters, 3)(x))
    return x
"""
STUDENTS = {
    "constant": {"draw": "def draw():\n    return 0.5", "shrink": RIGHT},
    "keras": {"draw": "def draw():\n    return keras.random.uniform(())"},
    "numpy": {"draw": "def draw():\n    return np.random.random()"},
    "python": {
        "draw": "value = random.random()\ndef draw():\n    return value",
        "shrink": LINEAR,
    },
}


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> CourseRoot:
    folder = tmp_path_factory.mktemp("agreement")
    (folder / f"{LECTURE}.py").write_text(SOURCE)
    root = derive(
        REPOSITORY, folder / "class", {"Lectures.solutions": str(folder)}
    )
    build(root)
    stub = nbformat.read(root.student_notebook(LECTURE), as_version=4)
    for student, answers in STUDENTS.items():
        path = root.submission(student, LECTURE)
        path.parent.mkdir(parents=True)
        nbformat.write(fill(stub, answers), path)
    return root


def graded(root: CourseRoot, backend: str) -> dict[str, dict[str, float]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_BACKEND", backend)
        options = ("--force", "--log-level=ERROR")
        assert nbgrader(root, "autograde", LECTURE, *options) == 0
    return {row.student: row.points for row in scores(root, LECTURE)}


def test_two_runs_and_both_backends_agree(root):
    jax, again = graded(root, "jax"), graded(root, "jax")
    assert jax == again, "the dice of two runs fell differently"
    tensorflow = graded(root, "tensorflow")
    jax.pop("keras")  # each backend has dice of its own
    tensorflow.pop("keras")
    assert jax == tensorflow
    draws = {row["draw"] for row in jax.values()}
    assert len(draws) == 3, "the answers draw from different dice"
    shrunk = [jax[name]["shrink"] for name in ("constant", "python", "numpy")]
    assert shrunk == [4, 1, 0]
