"""Time grading a class in the sandbox against nbgrader's own kernels.

    KERAS_BACKEND=jax python benchmarks/grading.py [--students 20]

The same submissions, which import Keras and call a layer, are graded twice by
`nbgrader autograde`: with the course's Execute and with nbgrader's. The rows
are seconds for the batch, nbgrader's own start included, and their ratio; then
milliseconds to start a student's process and its private memory. Byte code is
cached on both sides by a first submission that is not timed.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

from autograder.answers import fill, model_answers
from autograder.build import build
from autograder.grade import scores
from autograder.root import CONFIG, CourseRoot, derive
from autograder.student import Student

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


def process() -> tuple[float, float]:
    """Milliseconds from request to ready, private megabytes after a layer."""
    Student().close()
    times = []
    for _ in range(10):
        started = time.perf_counter()
        student = Student()
        times.append(time.perf_counter() - started)
        student.close()
    student = Student()
    outputs = student.execute(
        "import keras, numpy as np\n"
        "keras.layers.Conv2D(4, 3)(np.zeros((1, 8, 8, 3), 'float32'))\n"
        "fields = dict(line.split(':') for line in\n"
        "              list(open('/proc/self/smaps_rollup'))[1:])\n"
        "print(sum(int(fields[name].split()[0]) for name in\n"
        "          ('Private_Dirty', 'Private_Clean')))",
        60,
    )
    student.close()
    private = int(outputs[0].text) / 1024
    return 1000 * statistics.median(times), private


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=20)
    students = parser.parse_args().students
    with tempfile.TemporaryDirectory() as folder:
        ours = measure(Path(folder, "sandbox"), students, "")
        stock = measure(Path(folder, "stock"), students, STOCK)
    start, private = process()
    print(f"backend {os.environ.get('KERAS_BACKEND', 'of keras.json')}")
    for name, batch in (("sandbox", ours), ("nbgrader", stock)):
        print(f"{name:10}{batch:8.1f} s {batch / students:8.2f} s each")
    print(f"ratio {stock / ours:.1f}")
    print(f"start {start:.0f} ms, private {private:.0f} MB")


if __name__ == "__main__":
    main()
