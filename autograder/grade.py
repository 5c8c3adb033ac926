"""Grade a lecture's submissions with nbgrader, and read what it recorded."""

import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.utils import is_grade
from rich import box
from rich.table import Table

from autograder.questions import question_of
from autograder.root import CourseRoot


@dataclass(frozen=True)
class Scores:
    """What one student has earned in one lecture.

    Attributes:
        points: By question: an answer's id, or a written cell's.
        pending: Questions that a person has still to grade.
    """

    student: str
    points: dict[str, float]
    pending: frozenset[str]

    @property
    def total(self) -> float:
        return sum(self.points.values())


def nbgrader(root: CourseRoot, *arguments: str) -> int:
    """Run one nbgrader command in `root` as a person would type it."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(command, cwd=root.path, check=False).returncode


def grade(root: CourseRoot, lecture: str, options: Sequence[str] = ()) -> int:
    """Autograde, write the feedback pages, export grades.csv.

    One submission that cannot be graded does not keep the others from it.

    Args:
        options: For `nbgrader autograde`, such as "--force".

    Returns:
        0 if every step succeeded for every submission.
    """
    # below ERROR nbgrader reports each hidden test as a changed checksum
    quiet = "--log-level=ERROR"
    return max(
        nbgrader(root, "autograde", lecture, quiet, *options),
        nbgrader(root, "generate_feedback", lecture, quiet, "--force"),
        nbgrader(root, "export", quiet),
    )


def maxima(root: CourseRoot, lecture: str) -> dict[str, float]:
    """The points that each question is worth, in the notebook's order."""
    points: dict[str, float] = {}
    for cell in _graded_cells(root, lecture):
        question = question_of(cell)
        points[question] = (
            points.get(question, 0) + cell.metadata.nbgrader.points
        )
    return points


def scores(root: CourseRoot, lecture: str) -> list[Scores]:
    """What the gradebook of `root` holds for a lecture, by student."""
    question = {
        cell.id: question_of(cell) for cell in _graded_cells(root, lecture)
    }
    with Gradebook(root.coursedir().db_url) as gradebook:
        return [
            _scores(submission, question)
            for submission in gradebook.assignment_submissions(lecture)
        ]


def table(
    rows: Iterable[Scores],
    maximum: dict[str, float],
    title: str,
    deserved: Mapping[str, str] | None = None,
) -> Table:
    """A class's points: a line a student, a column a question, by number.

    Args:
        deserved: By student, what the tests must give; for a sample class.
    """
    # Numbers, for many ids do not fit beside one another.
    names = [f"{n} {name}" for n, name in enumerate(maximum, start=1)]
    legend = ", ".join(names)
    result = Table(
        title=title, caption=legend, box=box.SIMPLE_HEAD, pad_edge=False
    )
    result.add_column("student", overflow="fold")
    for number, points in enumerate(maximum.values(), start=1):
        result.add_column(f"{number}\n/{points:g}", justify="right")
    result.add_column(f"total\n/{sum(maximum.values()):g}", justify="right")
    if deserved is not None:
        result.add_column("must\nbe", justify="right")
    for row in rows:
        cells = [_cell(row, question) for question in maximum]
        more = [deserved[row.student]] if deserved is not None else []
        result.add_row(row.student, *cells, f"{row.total:g}", *more)
    return result


def _graded_cells(root: CourseRoot, lecture: str) -> list[NotebookNode]:
    return [cell for cell in root.instructor(lecture).cells if is_grade(cell)]


def _scores(submission, question: dict[str, str]) -> Scores:
    points = dict.fromkeys(question.values(), 0.0)
    pending = set()
    for notebook in submission.notebooks:
        for entry in notebook.grades:
            if entry.needs_manual_grade:
                pending.add(question[entry.name])
            points[question[entry.name]] += entry.score
    return Scores(submission.student.id, points, frozenset(pending))


def _cell(row: Scores, question: str) -> str:
    mark = " ?" if question in row.pending else ""
    return f"{row.points[question]:g}{mark}"
