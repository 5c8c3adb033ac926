"""Every answer of tests/answers, graded by real nbgrader.

A submission holds answers under test to questions that do not rely on each
other, right ones with right ones, and model solutions elsewhere. Its lecture
cells are left out, as a student may do: they would cost most of the time and
decide nothing.
"""

import functools
from pathlib import Path

import nbformat
import pytest

from autograder.answers import fill, model_answers
from autograder.build import build
from autograder.demos import names
from autograder.grade import maxima, nbgrader, scores
from autograder.permissions import imported
from autograder.root import CourseRoot, derive
from tests.answers import Answer, load
from tests.autograder.conftest import REPOSITORY

LECTURES = sorted(path.stem for path in REPOSITORY.solutions.glob("[0-9]*.py"))
ANSWERS = [
    pytest.param(lecture, question, index, id=f"{question}-{answer.name}")
    for lecture in LECTURES
    for question, answers in load(lecture).items()
    for index, answer in enumerate(answers)
]
SETTINGS = {"CourseExecute.answer_seconds": 5}


@pytest.fixture(scope="module")
def shares(tmp_path_factory):
    """lecture -> the share of points by question, of each submission."""
    return functools.cache(
        lambda lecture: _graded(lecture, tmp_path_factory.mktemp(lecture))
    )


@pytest.mark.parametrize(("lecture", "question", "index"), ANSWERS)
def test_an_answer_earns_what_it_deserves(shares, lecture, question, index):
    answer: Answer = load(lecture)[question][index]
    together = _together(lecture)
    (number,) = [
        i for i, each in enumerate(together) if each.get(question) == index
    ]
    earned = shares(lecture)[f"student-{number}"]
    if answer.is_right:
        assert set(earned.values()) == {1}, answer.name
    else:
        assert earned[question] <= answer.at_most, answer.misconception


@pytest.mark.parametrize("lecture", LECTURES)
def test_a_solution_is_full_and_a_stub_is_nothing(shares, lecture):
    assert set(shares(lecture)["solution"].values()) == {1}
    assert set(shares(lecture)["stub"].values()) == {0}


@pytest.mark.parametrize("lecture", LECTURES)
def test_each_question_has_two_right_and_five_wrong_answers(lecture):
    asked = model_answers(REPOSITORY.solutions / f"{lecture}.py")
    answers = load(lecture)
    assert set(answers) <= set(asked)
    for question, known in answers.items():
        right = [answer.is_right for answer in known]
        assert right.count(True) >= 2, question
        assert right.count(False) >= 5, question
        assert len({answer.name for answer in known}) == len(known), question


def _graded(lecture: str, folder: Path) -> dict[str, dict[str, float]]:
    root = derive(REPOSITORY, folder / "class", SETTINGS)
    build(root, [lecture])
    for student, answers in _class(lecture).items():
        _submit(root, lecture, student, answers)
    assert not nbgrader(root, "autograde", lecture, "--log-level=CRITICAL")
    maximum = maxima(root, lecture)
    return {
        row.student: {
            question: points / maximum[question]
            for question, points in row.points.items()
            if question not in row.pending
        }
        for row in scores(root, lecture)
    }


def _class(lecture: str) -> dict[str, dict[str, str]]:
    """By student, the answers handed in."""
    model = model_answers(REPOSITORY.solutions / f"{lecture}.py")
    answers = load(lecture)
    students = {"solution": model, "stub": {}}
    for number, chosen in enumerate(_together(lecture)):
        students[f"student-{number}"] = model | {
            question: answers[question][index].source
            for question, index in chosen.items()
        }
    return students


@functools.cache
def _together(lecture: str) -> list[dict[str, int]]:
    """For each submission, the number of the answer to some questions."""
    answers = load(lecture)
    submissions = []
    for is_right in (True, False):
        left = {
            question: [
                index
                for index, answer in enumerate(known)
                if answer.is_right == is_right
            ]
            for question, known in answers.items()
        }
        while any(left.values()):
            chosen: dict[str, int] = {}
            for question, indices in left.items():
                if indices and not any(
                    _are_related(lecture, question, other) for other in chosen
                ):
                    chosen[question] = indices.pop(0)
            submissions.append(chosen)
    return submissions


@functools.cache
def _are_related(lecture: str, one: str, other: str) -> bool:
    """Whether an answer to one may read or rebind what the other binds."""
    (binds, reads), (others, read) = (
        _names(lecture, question) for question in (one, other)
    )
    return bool(binds & (others | read) or others & reads)


def _names(lecture: str, question: str) -> tuple[set[str], set[str]]:
    """What answers to a question bind, imports aside, and what they read."""
    model = model_answers(REPOSITORY.solutions / f"{lecture}.py")[question]
    binds: set[str] = set()
    reads: set[str] = set()
    for answer in [*load(lecture)[question], Answer("model", model)]:
        found = names(answer.source)
        binds |= found.defined - set(imported(answer.source))
        reads |= found.now | found.later
    return binds, reads


def _submit(
    root: CourseRoot, lecture: str, student: str, answers: dict[str, str]
) -> None:
    notebook = fill(nbformat.read(root.student_notebook(lecture), 4), answers)
    notebook.cells = [
        cell for cell in notebook.cells if "nbgrader" in cell.metadata
    ]
    path = root.submission(student, lecture)
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
