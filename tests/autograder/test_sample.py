import nbformat
import pytest

from autograder.build import build
from autograder.grade import Scores
from autograder.sample import submit, wrong_verdicts
from autograder.source import LectureError

MAXIMUM = {"f": 2.0, "why": 3.0}
ANSWERS = """
from tests.answers import right, wrong

ANSWERS = {
    "double": [
        wrong("square", "def double(x): return x**2", "powers"),
        right("sum", "def double(x): return x + x"),
    ],
}
"""


def row(student: str, f: float, why: float, *pending: str) -> Scores:
    return Scores(student, {"f": f, "why": why}, frozenset(pending))


def test_right_verdicts_are_no_complaint():
    rows = [
        row("all-right", 2, 0, "why"),
        row("other-style", 2, 3),
        row("mistakes", 1, 0),
        row("untouched", 0, 0),
    ]
    assert wrong_verdicts(rows, MAXIMUM) is None


@pytest.mark.parametrize(
    ("scored", "complaint"),
    [
        (row("all-right", 1, 3), "all-right: f scored 1 of 2, expected 2"),
        (
            row("other-style", 2, 0),
            "other-style: why scored 0 of 3, expected 3",
        ),
        (row("untouched", 0.5, 0), "untouched: f scored 0.5 of 2, expected 0"),
    ],
)
def test_a_wrong_verdict_is_named(scored, complaint):
    assert wrong_verdicts([scored], MAXIMUM) == complaint


def test_the_class_hands_in_answers_that_differ(tiny):
    build(tiny, record=False)
    folder = tiny.path / "tests" / "answers"
    folder.mkdir(parents=True)
    (folder / "01_tiny.py").write_text(ANSWERS, encoding="utf-8")
    students = submit(tiny, tiny, "01_tiny")
    doubles = {}
    for student in students:
        notebook = nbformat.read(tiny.submission(student, "01_tiny"), 4)
        (cell,) = [cell for cell in notebook.cells if cell.id == "double"]
        doubles[student] = cell.source.splitlines()[-1].strip()
    assert doubles == {
        "all-right": "return 2 * x",
        "other-style": "def double(x): return x + x",
        "mistakes": "def double(x): return x**2",
        "endless-loop": "pass",
        "untouched": "raise NotImplementedError()",
    }


def test_a_lecture_without_known_answers_is_refused(tiny):
    build(tiny, record=False)
    with pytest.raises(LectureError, match=r"01_tiny\.py is missing: the sam"):
        submit(tiny, tiny, "01_tiny")
