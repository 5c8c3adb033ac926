"""A new lecture builds, grades and makes slides before a word is changed."""

from pathlib import Path

import nbformat
import pytest

from autograder.__main__ import main
from autograder.answers import fill, known_answers, model_answers
from autograder.build import build
from autograder.grade import maxima, nbgrader, scores
from autograder.measure import faults, measure
from autograder.new import new
from autograder.root import CourseRoot, derive
from autograder.slides import slides
from autograder.source import LectureError
from tests.autograder.conftest import NO_SANDBOX, REPOSITORY, needs_browser

pytestmark = pytest.mark.any_backend

NAME = "17_two_words"


@pytest.fixture(scope="module")
def begun(tmp_path_factory) -> CourseRoot:
    """A class whose only lecture is new, built."""
    folder = tmp_path_factory.mktemp("new") / "class"
    root = derive(REPOSITORY, folder, {"Lectures.solutions": "own"})
    (folder / "own").mkdir()
    written = new(root, NAME)
    assert [path.relative_to(folder) for path in written] == [
        Path("own", f"{NAME}.py"),
        Path("tests", "answers", f"{NAME}.py"),
    ]
    build(root)
    return root


def test_its_answers_are_told_apart(begun):
    solution = model_answers(begun.solutions / f"{NAME}.py")
    known = known_answers(begun, NAME)["ANSWERS"]
    assert set(known) == set(solution) - {"flat"}
    stub = nbformat.read(begun.student_notebook(NAME), 4)
    for number, answer in enumerate(known["moving-average"]):
        filled = fill(stub, solution | {"moving-average": answer.source})
        path = begun.submission(f"student-{number}", NAME)
        path.parent.mkdir(parents=True)
        nbformat.write(filled, path)
    sandbox = [] if NO_SANDBOX is None else ["--CourseExecute.sandbox=off"]
    assert nbgrader(begun, "autograde", NAME, *sandbox) == 0
    possible = maxima(begun, NAME)["moving-average"]
    got = {
        row.student: row.points["moving-average"] / possible
        for row in scores(begun, NAME)
    }
    right = [answer.is_right for answer in known["moving-average"]]
    assert right.count(True) >= 2
    assert right.count(False) >= 5
    for number, is_right in enumerate(right):
        assert (got[f"student-{number}"] == 1) == is_right


@needs_browser
def test_its_slides_fit(begun, tmp_path):
    page = slides(begun, NAME, tmp_path)
    assert not faults(measure(page))
    assert "17 · Two words" in page.read_text("utf-8")


@pytest.mark.parametrize(
    "name", ["17", "topic", "17-topic", "17_Topic", "7_topic", "../17_topic"]
)
def test_what_is_no_name_is_refused(begun, name, monkeypatch):
    monkeypatch.chdir(begun.path)
    assert main(["new", name]) == (
        f"{name!r} is no lecture's name; expected two digits and lower-case "
        "words, such as 17_topic"
    )


@pytest.mark.parametrize("name", [NAME, "17_other"])
def test_a_number_that_is_taken_is_refused(begun, name):
    path = begun.solutions / f"{NAME}.py"
    before = path.read_bytes()
    with pytest.raises(LectureError) as raised:
        new(begun, name)
    assert str(raised.value) == (
        f"{path} exists already; take another number than 17, or go on with "
        "that file"
    )
    assert path.read_bytes() == before
    assert not (begun.solutions / "17_other.py").exists()


def test_answers_that_exist_are_not_overwritten(tmp_path):
    root = derive(REPOSITORY, tmp_path, {"Lectures.solutions": "own"})
    answers = tmp_path / "tests" / "answers" / "18_topic.py"
    answers.parent.mkdir(parents=True)
    answers.write_text("mine")
    with pytest.raises(LectureError, match="exists already"):
        new(root, "18_topic")
    assert answers.read_text() == "mine"
    assert not (root.solutions / "18_topic.py").exists()
