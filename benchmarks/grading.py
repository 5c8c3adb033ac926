"""Time grading a class in the sandbox against nbgrader's own kernels.

    KERAS_BACKEND=jax python benchmarks/grading.py [--students 20]

The same submissions, which import Keras and call a layer, are graded twice by
`nbgrader autograde`: with the course's Execute and with nbgrader's. The rows
are seconds for the batch, nbgrader's own start included, and their ratio; then
what one submission takes: its cells, all besides them (its process, sandbox and
checks; nbgrader's database apart), its private memory. Byte code is
cached on both sides by a first submission that is not timed, and so are, on
JAX and on our side, the solution's compiled operations.
"""

import argparse
import functools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell

from autograder.answers import fill, model_answers
from autograder.build import build
from autograder.checker import Checker
from autograder.execute import CourseExecute
from autograder.grade import scores
from autograder.root import CONFIG, CourseRoot, derive
from autograder.solution import compiled_solution, solution
from autograder.student import Student, zygote

REPOSITORY = CourseRoot(Path(__file__).parents[1])
LECTURE = "01_layer"
SOURCE = '''\
# %% id="imports" role="given"
import keras
import numpy as np


# %% id="shape" role="answer"
def shape(filters):
    """The shape of a convolution's output."""
    ### BEGIN SOLUTION
    layer = keras.layers.Conv2D(filters, 3)
    return tuple(layer(np.zeros((1, 8, 8, 3), "float32")).shape)
    ### END SOLUTION


# %% id="shape-check" role="test" points=1 of="shape"
assert shape(4) == (1, 6, 6, 4), "shape(4) is wrong"
'''
MEMORY = """\
with open("/proc/self/smaps_rollup") as lines:
    fields = dict(line.split(":") for line in list(lines)[1:])
private = fields["Private_Dirty"], fields["Private_Clean"]
print(sum(int(field.split()[0]) for field in private))
"""
STOCK = """
from nbgrader.preprocessors import Execute
from autograder.execute import CourseExecute
c.Autograde.autograde_preprocessors = [
    Execute if part is CourseExecute else part
    for part in c.Autograde.autograde_preprocessors
]
"""


def make_class(folder: Path, students: int, more: str) -> CourseRoot:
    """A class whose students have all answered rightly."""
    (folder / "solutions").mkdir(parents=True)
    (folder / "solutions" / f"{LECTURE}.py").write_text(SOURCE)
    root = derive(REPOSITORY, folder, {"Lectures.solutions": "solutions"})
    with (folder / CONFIG).open("a") as config:
        config.write(more)
    build(root)
    stub = nbformat.read(root.student_notebook(LECTURE), as_version=4)
    answers = model_answers(root.solutions / f"{LECTURE}.py")
    for number in range(students + 1):
        path = root.submission(f"student{number:03}", LECTURE)
        path.parent.mkdir(parents=True)
        nbformat.write(fill(stub, answers), path)
    return root


def autograde(root: CourseRoot, students: str) -> float:
    """Seconds that `nbgrader autograde` takes."""
    options = [f"--student={students}", "--log-level=ERROR"]
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", LECTURE, *options],
        cwd=root.path,
        check=True,
        stderr=subprocess.DEVNULL,  # the stock kernels' warnings
    )
    return time.perf_counter() - started


def measure(folder: Path, students: int, more: str) -> float:
    """Seconds for the batch."""
    root = make_class(folder, students, more)
    autograde(root, "student000")  # fills the caches
    batch = autograde(root, "student*")  # the others
    wrong = [row for row in scores(root, LECTURE) if row.total != 1]
    if wrong:
        raise RuntimeError(f"received {wrong}, expected full scores")
    return batch


def clock(owner: type, name: str, spent: list[float]) -> None:
    """Add to `spent` the seconds of each call of a method from now on."""
    method = getattr(owner, name)

    @functools.wraps(method)
    def timed(*args, **kwargs):
        started = time.perf_counter()
        try:
            return method(*args, **kwargs)
        finally:
            spent.append(time.perf_counter() - started)

    setattr(owner, name, timed)


def submission(root: CourseRoot, times: int) -> tuple[float, float, float]:
    """What one right submission takes, graded again and again.

    Returns:
        Seconds of its cells; seconds besides, from the fork to the end of the
        last process; private megabytes behind its last cell.
    """
    execute = CourseExecute(config=root.config())
    source = root.source_notebook(LECTURE)
    compiled = compiled_solution(source, root.compiled, execute)
    notebook = solution(source, execute)
    notebook.cells.append(new_code_cell(MEMORY))
    spent: list[float] = []
    clock(Student, "execute", spent)
    clock(Checker, "check", spent)
    own, besides = [], []
    for _ in range(times + 1):
        spent.clear()
        started = time.perf_counter()
        execute.run(notebook, {"compiled": compiled})
        own.append(sum(spent))
        besides.append(time.perf_counter() - started - sum(spent))
    private = int(notebook.cells[-1].outputs[0].text) / 1024
    # the first one waits for the warmed parent
    return statistics.median(own[1:]), statistics.median(besides[1:]), private


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=20)
    students = parser.parse_args().students
    with tempfile.TemporaryDirectory() as folder:
        ours = measure(Path(folder, "sandbox"), students, "")
        stock = measure(Path(folder, "stock"), students, STOCK)
        root = CourseRoot(Path(folder, "sandbox"))
        own, besides, private = submission(root, 10)
    print(f"{os.cpu_count()} cores, backend {zygote().backend()}")
    for name, batch in (("sandbox", ours), ("nbgrader", stock)):
        print(f"{name:10}{batch:8.1f} s {batch / students:8.2f} s each")
    print(f"ratio {stock / ours:.1f}")
    print(f"one submission: cells {own:.2f} s, besides {besides:.2f} s")
    print(f"private memory {private:.0f} MB")


if __name__ == "__main__":
    main()
