import pytest

from autograder.build import build
from autograder.grade import Scores
from autograder.sample import Submission, deserved, submit, wrong_verdicts
from autograder.source import LectureError
from autograder.submission import read_submission

pytestmark = pytest.mark.any_backend

MAXIMUM = {"f": 2.0, "why": 3.0}
CLASS = {
    "all-right": Submission("", {}),
    "mistakes": Submission("", {"f": 0.5}),
    "untouched": Submission("", {"f": 0, "why": 0}),
}
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
        row("mistakes", 1, 3),
        row("mistakes", 0, 3),
        row("untouched", 0, 0),
    ]
    assert wrong_verdicts(CLASS, rows, MAXIMUM) is None


@pytest.mark.parametrize(
    ("scored", "complaint"),
    [
        (row("all-right", 1, 3), "all-right: f scored 1 of 2, expected 2"),
        (row("all-right", 2, 0), "all-right: why scored 0 of 3, expected 3"),
        (row("untouched", 0.5, 0), "untouched: f scored 0.5 of 2, expected 0"),
        (
            row("mistakes", 1.5, 3),
            "mistakes: f scored 1.5 of 2, expected at most 1",
        ),
    ],
)
def test_a_wrong_verdict_is_named(scored, complaint):
    assert wrong_verdicts(CLASS, [scored], MAXIMUM) == complaint


def test_the_table_says_what_each_must_score():
    rows = [
        row("all-right", 2, 0, "why"),
        row("mistakes", 1, 3),
        row("untouched", 0, 0),
    ]
    assert deserved(CLASS, rows, MAXIMUM) == {
        "all-right": "2",
        "mistakes": "3 to 4",
        "untouched": "0",
    }


def test_the_class_hands_in_answers_that_differ(tiny):
    build(tiny, record=False)
    folder = tiny.path / "tests" / "answers"
    folder.mkdir(parents=True)
    (folder / "01_tiny.py").write_text(ANSWERS, encoding="utf-8")
    found, cells = {}, {}
    for student in submit(tiny, tiny, "01_tiny"):
        path = tiny.submission(student, "01_tiny")
        notebook = read_submission(path)
        found[student] = [
            cell.source.splitlines()[-1].strip()
            for cell in notebook.cells
            if cell.id == "double"
        ]
        cells[student] = {cell.id for cell in notebook.cells}
    right, stub = "return 2 * x", "raise NotImplementedError()"
    assert found == {
        "all-right": [right],
        "other-style": ["def double(x): return x + x"],
        "mistakes": ["def double(x): return x**2"],
        "endless-loop": ["pass"],
        "sys-exit": ["sys.exit()"],
        "only-written": [stub],
        "untouched": [stub],
        "no-test-cell": [right],
        "answered-twice": [right, stub],
        "damaged-file": [right],
    }
    assert cells["all-right"] - cells["no-test-cell"] == {"double-check"}
    assert cells["all-right"] - cells["damaged-file"] == {"why"}


def test_a_lecture_without_known_answers_is_refused(tiny):
    build(tiny, record=False)
    with pytest.raises(LectureError, match=r"01_tiny\.py is missing: it"):
        submit(tiny, tiny, "01_tiny")
