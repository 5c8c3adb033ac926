"""A sample class from its submissions to the recorded grades.

Everything lies in build/sample/, a course root of its own: a teaching
assistant's gradebook and submissions are never touched.
"""

import runpy
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import rmtree
from rich.console import Console

from autograder.answers import endless_loop, fill, model_answers
from autograder.build import build
from autograder.grade import Scores, grade, maxima, scores, table
from autograder.root import CourseRoot, derive
from autograder.sandbox import missing
from autograder.source import LectureError

LECTURE = "12_transposed_convolution"
SAMPLE = Path("build", "sample")
SLIDES = Path("build", "slides")
LIMITS = {"CourseExecute.answer_seconds": 5}
# Its submissions are the course's own.
OPEN = {"CourseExecute.sandbox": "off"}
FULL, NONE = ("all-right", "other-style"), ("untouched",)


def course(root: CourseRoot, lecture: str, console: Console) -> str | None:
    """Build, grade the sample class, make the slides, show where all lies.

    Returns:
        What is wrong with the verdicts, or None.
    """
    started = time.monotonic()
    console.print("building the student notebooks ...")
    built = build(root)
    open_because = missing()
    sample = _new_root(root, lecture, OPEN if open_because else {})
    slides = subprocess.Popen(
        [sys.executable, "-m", "autograder", "slides", lecture],
        cwd=root.path,
    )
    try:
        console.print(
            f"grading the sample class of {lecture}; one student's loop never "
            "ends, and is stopped when its seconds are over ..."
        )
        students = submit(root, sample, lecture)
        failed = grade(sample, lecture)
    finally:
        failed_slides = slides.wait()
    rows = sorted(
        scores(sample, lecture), key=lambda row: students.index(row.student)
    )
    maximum = maxima(sample, lecture)
    title = lecture
    if open_because:
        title += f"\ngraded without a sandbox: {open_because}"
    console.print(table(rows, maximum, title))
    _print_products(console, root, lecture, built)
    console.print(f"{time.monotonic() - started:.0f} s")
    if failed or failed_slides:
        return "nbgrader or the slides failed; the messages are above"
    return wrong_verdicts(rows, maximum)


def submit(root: CourseRoot, sample: CourseRoot, lecture: str) -> list[str]:
    """Hand in the sample class's notebooks; returns the students' names."""
    stub = nbformat.read(sample.student_notebook(lecture), as_version=4)
    answers = _class_answers(root, lecture, stub)
    for student, given in answers.items():
        path = sample.submission(student, lecture)
        path.parent.mkdir(parents=True)
        nbformat.write(fill(stub, given), path)
    return list(answers)


def _class_answers(
    root: CourseRoot, lecture: str, stub: NotebookNode
) -> dict[str, dict[str, str]]:
    """By student, the answers that differ from the untouched notebook."""
    model = model_answers(root.solutions / f"{lecture}.py")
    known = _known_answers(root, lecture)
    mistakes = list(_first(known, right=False).items())
    looped = next(iter(known))
    loop = next(cell.source for cell in stub.cells if cell.id == looped)
    return {
        "all-right": model,
        "other-style": model | _first(known, right=True),
        "mistakes": model | dict(mistakes[: max(1, len(mistakes) - 1)]),
        "endless-loop": model | {looped: endless_loop(loop)},
        "untouched": {},
    }


def _known_answers(root: CourseRoot, lecture: str) -> dict[str, list]:
    path = root.path / "tests" / "answers" / f"{lecture}.py"
    if not path.exists():
        raise LectureError(
            f"{path} is missing: the sample class hands in its right and "
            "wrong answers; run this in a checkout, for a lecture that has it"
        )
    return runpy.run_path(str(path))["ANSWERS"]


def _first(known: dict[str, list], *, right: bool) -> dict[str, str]:
    """The first right, or wrong, answer to each question."""
    return {
        question: next(
            answer.source for answer in answers if answer.is_right == right
        )
        for question, answers in known.items()
    }


def _new_root(
    root: CourseRoot, lecture: str, settings: dict[str, str]
) -> CourseRoot:
    folder = root.path / SAMPLE
    if folder.exists():
        rmtree(str(folder))
    sample = derive(root, folder, LIMITS | settings)
    build(sample, [lecture])
    return sample


def _print_products(
    console: Console, root: CourseRoot, lecture: str, built: Iterable[Path]
) -> None:
    sample = CourseRoot(root.path / SAMPLE)
    products = {
        "student notebooks": ", ".join(str(path) for path in built),
        "instructor notebook": sample.source_notebook(lecture),
        "submissions": sample.submission("*", lecture),
        "feedback": sample.feedback("*", lecture),
        "gradebook": sample.path / "gradebook.db",
        "grades": sample.path / "grades.csv",
        "slides": root.path / SLIDES / f"{lecture}.slides.html",
    }
    for name, place in products.items():
        console.print(f"{name:>20}  {place}", soft_wrap=True)


def wrong_verdicts(rows: list[Scores], maximum: dict[str, float]) -> str | None:
    """What the tests decided wrongly; written answers await a person."""
    wrong = [
        f"{row.student}: {question} scored {row.points[question]:g} of "
        f"{points:g}, expected {points * share:g}"
        for row in rows
        for share, students in ((1, FULL), (0, NONE))
        for question, points in maximum.items()
        if row.student in students
        and question not in row.pending
        and row.points[question] != points * share
    ]
    return "\n".join(wrong) or None
