"""What JAX compiled for a solution: kept once, read by all, written by none."""

import os

import keras
import pytest
from nbformat import v4

from autograder.build import build
from autograder.compiled import Compiled, filled
from autograder.grade import nbgrader, scores
from autograder.root import derive
from autograder.student import Student, zygote
from tests.autograder.conftest import REPOSITORY, needs_sandbox

SOURCE = '''\
# %% id="imports" role="given"
import keras
import numpy as np


# %% id="total" role="answer"
def total(x):
    """The sum of x."""
    ### BEGIN SOLUTION
    return keras.ops.sum(keras.ops.convert_to_tensor(x) * 3)
    ### END SOLUTION


# %% id="total-check" role="test" points=1 of="total"
assert float(total([1.0, 2.0])) == 9.0, "total([1, 2]) is wrong"
'''
COUNT = """\
import os, jax, keras
hits = []
jax.monitoring.register_event_listener(
    lambda event, **_: hits.append(event.endswith("cache_hits")))
keras.ops.sum(keras.ops.convert_to_tensor([1.0, 2.0]) * 3)
folder = jax.config.jax_compilation_cache_dir
try:
    open(os.path.join(folder, "mine"), "w")
except OSError as error:
    print(sum(hits), type(error).__name__)
"""
IS_JAX = keras.backend.backend() == "jax"


def notebook(source: str = "1 + 1"):
    return v4.new_notebook(cells=[v4.new_code_cell(source)])


def write(compiled: Compiled) -> None:
    assert compiled.writes
    with open(os.path.join(compiled.folder, "operation"), "w") as file:
        file.write("compiled")


def test_a_notebook_is_run_once_and_again_when_it_changes(tmp_path):
    runs = []

    def fill(compiled):
        runs.append(compiled)
        write(compiled)

    first = filled(tmp_path, "one", notebook(), fill)
    again = filled(tmp_path, "one", notebook(), fill)
    other = filled(tmp_path, "one", notebook("1 + 2"), fill)
    assert first == again != other
    assert len(runs) == 2
    assert not first.writes
    assert os.listdir(first.folder) == ["operation"]
    assert len(os.listdir(tmp_path)) == 2


def test_a_run_that_fails_leaves_nothing(tmp_path):
    def fill(compiled):
        write(compiled)
        raise RuntimeError("no solution")

    with pytest.raises(RuntimeError, match="no solution"):
        filled(tmp_path, "one", notebook(), fill)
    assert os.listdir(tmp_path) == []


def test_the_slower_of_two_runs_takes_what_is_there(tmp_path):
    def fill(compiled):
        filled(tmp_path, "one", notebook(), write)

    kept = filled(tmp_path, "one", notebook(), fill)
    assert os.listdir(tmp_path) == [os.path.basename(kept.folder)]
    assert os.listdir(kept.folder) == ["operation"]


def test_where_nothing_can_be_kept_nothing_is_run(tmp_path):
    (tmp_path / "file").write_text("")
    assert filled(tmp_path / "file" / "in", "one", notebook(), write) is None


@needs_sandbox
def test_submissions_read_the_solutions_operations_and_cannot_write(tmp_path):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "01_sum.py").write_text(SOURCE)
    root = derive(
        REPOSITORY,
        tmp_path / "class",
        {
            "Lectures.solutions": str(tmp_path / "solutions"),
            "CourseAutograde.compiled_directory": str(tmp_path / "kept"),
        },
    )
    build(root)
    path = root.submission("ada", "01_sum")
    path.parent.mkdir(parents=True)
    path.write_bytes(root.student_notebook("01_sum").read_bytes())
    assert nbgrader(root, "autograde", "01_sum", "--log-level=ERROR") == 0
    assert [row.total for row in scores(root, "01_sum")] == [0]

    folders = list((tmp_path / "kept").glob("*"))
    assert len(folders) == IS_JAX, "TensorFlow compiles nothing"
    assert zygote().backend() == keras.backend.backend()
    for folder in folders:
        before = sorted(os.listdir(folder))
        student = Student(compiled=Compiled(str(folder)))
        (output,) = student.execute(COUNT, 60)
        student.close()
        hits, error = output.text.split()
        assert int(hits) >= 2, "the sum and the product were compiled again"
        assert error in ("OSError", "PermissionError")
        assert sorted(os.listdir(folder)) == before
