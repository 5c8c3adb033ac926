"""Every answer of tests/answers, graded by real nbgrader.

Each submission holds one answer under test and model solutions elsewhere. Its
lecture cells are left out, as a student may do: they would cost most of the
time and decide nothing.
"""

import functools
from pathlib import Path

import nbformat
import pytest

from autograder.answers import fill, model_answers
from autograder.build import build
from autograder.grade import maxima, nbgrader, scores
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
def share(tmp_path_factory):
    """(lecture, student) -> the share of points by question."""
    return functools.cache(
        lambda lecture: _graded(lecture, tmp_path_factory.mktemp(lecture))
    )


@pytest.mark.parametrize(("lecture", "question", "index"), ANSWERS)
def test_an_answer_earns_what_it_deserves(share, lecture, question, index):
    answer: Answer = load(lecture)[question][index]
    shares = share(lecture)[f"{question}-{index}"]
    if answer.is_right:
        assert set(shares.values()) == {1}, answer.name
    else:
        assert shares[question] <= answer.at_most, answer.misconception


@pytest.mark.parametrize("lecture", LECTURES)
def test_a_solution_is_full_and_a_stub_is_nothing(share, lecture):
    assert set(share(lecture)["solution"].values()) == {1}
    assert set(share(lecture)["stub"].values()) == {0}


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
    students = {"solution": model, "stub": {}}
    for question, answers in load(lecture).items():
        for index, answer in enumerate(answers):
            students[f"{question}-{index}"] = model | {question: answer.source}
    return students


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
