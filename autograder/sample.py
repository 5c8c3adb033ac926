"""A sample class from its submissions to the recorded grades.

Everything lies in build/sample/, a course root of its own: a teaching
assistant's gradebook and submissions are never touched.
"""

import copy
import json
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution, rmtree
from rich.console import Console

from autograder.answers import (
    endless_loop,
    exits,
    fill,
    known_answers,
    model_answers,
)
from autograder.build import build
from autograder.grade import Scores, grade, maxima, scores, table
from autograder.root import CourseRoot, derive
from autograder.sandbox import missing

LECTURE = "12_transposed_convolution"
SAMPLE = Path("build", "sample")
SLIDES = Path("build", "slides")
LIMITS = {"CourseExecute.answer_seconds": 5}
# Its submissions are the course's own.
OPEN = {"CourseExecute.sandbox": "off"}


@dataclass(frozen=True)
class Submission:
    """What one student of the sample class hands in.

    Attributes:
        file: The text of the notebook.
        most: By answer, the largest share of its points that it deserves; an
            answer that is not named deserves all of them.
    """

    file: str
    most: dict[str, float]

    def share(self, question: str) -> float:
        """The largest share of the points of `question`."""
        return min(self.most.get(name, 1) for name in question.split(" + "))


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
        handed_in = submit(root, sample, lecture)
        failed = grade(sample, lecture)
    finally:
        failed_slides = slides.wait()
    recorded = {row.student: row for row in scores(sample, lecture)}
    rows = [recorded[student] for student in handed_in]
    maximum = maxima(sample, lecture)
    title = lecture
    if open_because:
        title += f"\ngraded without a sandbox: {open_because}"
    due = deserved(handed_in, rows, maximum)
    console.print(table(rows, maximum, title, due))
    _print_products(console, root, lecture, built)
    console.print(f"{time.monotonic() - started:.0f} s")
    if failed or failed_slides:
        return "nbgrader or the slides failed; the messages are above"
    return wrong_verdicts(handed_in, rows, maximum)


def submit(
    root: CourseRoot, sample: CourseRoot, lecture: str
) -> dict[str, Submission]:
    """Hand in the sample class's notebooks; returns them by student."""
    stub = nbformat.read(sample.student_notebook(lecture), as_version=4)
    handed_in = _answered(root, lecture, stub) | _mishandled(
        fill(stub, model_answers(root.solutions / f"{lecture}.py")), stub
    )
    for student, submission in handed_in.items():
        path = sample.submission(student, lecture)
        path.parent.mkdir(parents=True)
        path.write_text(submission.file, encoding="utf-8")
    return handed_in


def _answered(
    root: CourseRoot, lecture: str, stub: NotebookNode
) -> dict[str, Submission]:
    """Notebooks that differ in their answers only."""
    model = model_answers(root.solutions / f"{lecture}.py")
    known = known_answers(root, lecture)["ANSWERS"]
    slips = dict(
        list(_first(known, right=False).items())[: len(known) - 1 or 1]
    )
    first = next(iter(known))
    text = _find(stub, first).source
    written = [
        cell.id for cell in stub.cells if is_grade(cell) and is_solution(cell)
    ]
    given = {
        "all-right": (model, {}),
        "other-style": (model | _sources(_first(known, right=True)), {}),
        "mistakes": (
            model | _sources(slips),
            {name: answer.at_most for name, answer in slips.items()},
        ),
        "endless-loop": (model | {first: endless_loop(text)}, {first: 0}),
        "sys-exit": (model | {first: exits(text)}, {first: 0}),
        "only-written": (
            {name: model[name] for name in written},
            dict.fromkeys(model.keys() - set(written), 0),
        ),
        "untouched": ({}, dict.fromkeys(model, 0)),
    }
    if not written:
        del given["only-written"]
    return {
        student: Submission(nbformat.writes(fill(stub, answers)), most)
        for student, (answers, most) in given.items()
    }


def _mishandled(
    perfect: NotebookNode, stub: NotebookNode
) -> dict[str, Submission]:
    """Right answers in notebooks that something happened to."""
    tests = [
        cell.id
        for cell in stub.cells
        if is_grade(cell) and not is_solution(cell)
    ]
    answers = [cell.id for cell in stub.cells if is_solution(cell)]
    without, twice = copy.deepcopy(perfect), copy.deepcopy(perfect)
    without.cells.remove(_find(without, tests[0]))
    place = twice.cells.index(_find(twice, answers[0]))
    twice.cells.insert(place + 1, copy.deepcopy(_find(stub, answers[0])))
    text = nbformat.writes(perfect)
    cut = text[: text.index(f'"id": "{answers[-1]}"')]
    return {
        "no-test-cell": Submission(nbformat.writes(without), {}),
        "answered-twice": Submission(json.dumps(twice), {}),
        "damaged-file": Submission(cut, {answers[-1]: 0}),
    }


def _find(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == name)


def _first(known: dict[str, list], *, right: bool) -> dict[str, Any]:
    """The first right, or wrong, answer to each question."""
    return {
        question: next(a for a in answers if a.is_right == right)
        for question, answers in known.items()
    }


def _sources(answers: dict[str, Any]) -> dict[str, str]:
    return {question: answer.source for question, answer in answers.items()}


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


def deserved(
    handed_in: dict[str, Submission],
    rows: Iterable[Scores],
    maximum: dict[str, float],
) -> dict[str, str]:
    """By student, what the tests must give in all, such as "5" or "0 to 2"."""
    result = {}
    for row in rows:
        shares = {
            question: handed_in[row.student].share(question)
            for question in maximum.keys() - row.pending
        }
        least = sum(maximum[q] for q, share in shares.items() if share == 1)
        most = sum(maximum[q] * share for q, share in shares.items())
        result[row.student] = (
            f"{most:g}" if least == most else f"{least:g} to {most:g}"
        )
    return result


def wrong_verdicts(
    handed_in: dict[str, Submission],
    rows: Iterable[Scores],
    maximum: dict[str, float],
) -> str | None:
    """What the tests decided wrongly; written answers await a person."""
    wrong = []
    for row in rows:
        for question, points in maximum.items():
            share = handed_in[row.student].share(question)
            got, most = row.points[question], points * share
            if question in row.pending or got == most:
                continue
            if share in (0, 1) or got > most:
                kind = "expected" if share in (0, 1) else "expected at most"
                wrong.append(
                    f"{row.student}: {question} scored {got:g} of "
                    f"{points:g}, {kind} {most:g}"
                )
    return "\n".join(wrong) or None
