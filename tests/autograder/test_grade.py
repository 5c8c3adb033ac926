"""A tiny class through real nbgrader, as a person types the commands."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.answers import endless_loop, fill, model_answers
from autograder.build import build
from autograder.grade import Scores, grade, maxima, scores, table
from autograder.root import CourseRoot, derive
from tests.autograder.conftest import LECTURES, REPOSITORY

pytestmark = pytest.mark.any_backend

TINY = "01_tiny"
STUBS = "def double(x):\n    raise NotImplementedError()"
QUIT = "def double(x):\n    import os\n    os._exit(1)"
SETTINGS = {
    "Lectures.solutions": "solutions",
    "CourseExecute.answer_seconds": 2,
}


def nbgrader(root: CourseRoot, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=root.path,
        capture_output=True,
        text=True,
        check=False,
    )


def submit(root: CourseRoot, student: str, answers: dict[str, str]) -> None:
    stub = nbformat.read(root.student_notebook(TINY), 4)
    path = root.submission(student, TINY)
    path.parent.mkdir(parents=True)
    nbformat.write(fill(stub, answers), path)


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> CourseRoot:
    folder = tmp_path_factory.mktemp("graded") / "class"
    shutil.copytree(LECTURES, folder / "solutions")
    root = derive(REPOSITORY, folder, SETTINGS)
    build(root)
    model = model_answers(root.solutions / f"{TINY}.py")
    submit(root, "right", model)
    submit(root, "wrong", model | {"double": "def double(x):\n    return x"})
    submit(root, "loop", model | {"double": endless_loop(STUBS)})
    submit(root, "quit", model | {"double": QUIT})
    submit(root, "stub", {})
    assert grade(root, TINY) == 0
    return root


def test_each_student_gets_what_the_tests_decide(graded):
    points = {row.student: row.points for row in scores(graded, TINY)}
    assert points == {
        "right": {"double": 2, "halve": 1.5, "why": 0},
        "wrong": {"double": 0, "halve": 1.5, "why": 0},
        "loop": {"double": 0, "halve": 1.5, "why": 0},
        "quit": {"double": 0, "halve": 1.5, "why": 0},
        "stub": {"double": 0, "halve": 0, "why": 0},
    }
    assert maxima(graded, TINY) == {"double": 2, "halve": 1.5, "why": 2}


def test_written_answers_await_a_person_and_stubs_do_not(graded):
    pending = {row.student: row.pending for row in scores(graded, TINY)}
    assert pending.pop("stub") == frozenset()
    assert set(pending.values()) == {frozenset({"why"})}


def test_feedback_tells_the_reason(graded):
    page = graded.feedback("wrong", TINY).read_text(encoding="utf-8")
    assert "double(3) is not twice 3" in page
    page = graded.feedback("loop", TINY).read_text(encoding="utf-8")
    assert "did not come back in time" in page


def test_grades_are_exported(graded):
    with open(graded.path / "grades.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["student_id"]: row["score"] for row in rows} == {
        "right": "3.5",
        "wrong": "1.5",
        "loop": "1.5",
        "quit": "1.5",
        "stub": "0.0",
    }


@pytest.fixture
def later(graded, tmp_path) -> CourseRoot:
    """The graded class some days later, for one test to change."""
    shutil.copytree(graded.path, tmp_path / "class")
    return derive(REPOSITORY, tmp_path / "class", SETTINGS)


def test_a_rebuild_keeps_the_grades(later):
    before = scores(later, TINY)
    build(later)
    assert scores(later, TINY) == before
    assert not list(later.path.glob("gradebook.db.*"))


def test_questions_come_and_go_while_the_class_is_graded(later):
    path = later.solutions / f"{TINY}.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("halve", "third").replace("points=2 of", "points=4 of"),
        encoding="utf-8",
    )
    build(later)
    assert maxima(later, TINY) == {"double": 4, "third": 1.5, "why": 2}
    (right,) = [row for row in scores(later, TINY) if row.student == "right"]
    assert right.points == {"double": 2, "third": 0, "why": 0}
    assert right.pending == {"third", "why"}
    copy = later.path / "gradebook.db.before-1"
    with Gradebook(f"sqlite:///{copy}") as gradebook:
        old = gradebook.find_grade("halve-check", TINY, TINY, "right")
        assert old.score == 1.5
    result = nbgrader(later, "autograde", TINY, "--student=right", "--force")
    assert result.returncode == 0, result.stderr
    (right,) = [row for row in scores(later, TINY) if row.student == "right"]
    assert right.points["double"] == 4


def test_the_table_shows_points_and_what_is_pending():
    rows = [Scores("ada", {"double": 2.0, "why": 0.0}, frozenset({"why"}))]
    shown = table(rows, {"double": 2.0, "why": 3.0}, "tiny")
    assert [(column.header, *column.cells) for column in shown.columns] == [
        ("student", "ada"),
        ("1\n/2", "2"),
        ("2\n/3", "0 ?"),
        ("total\n/5", "2"),
    ]
    assert shown.caption == "1 double, 2 why"


@pytest.fixture
def unbuilt(tmp_path, monkeypatch) -> CourseRoot:
    """The current folder, a course root just cloned."""
    shutil.copytree(LECTURES, tmp_path / "solutions")
    shutil.copy(REPOSITORY.path / "nbgrader_config.py", tmp_path)
    monkeypatch.chdir(tmp_path)
    return CourseRoot(tmp_path)


def test_before_the_build_nbgrader_says_what_to_run(unbuilt):
    result = nbgrader(unbuilt, "autograde", TINY)
    assert result.returncode == 1
    assert result.stderr == (
        f"{Path('build', 'source', TINY, TINY)}.ipynb is not built yet; run: "
        "python -m autograder build\n"
    )


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        (("generate_assignment", TINY), f"{TINY}.ipynb"),
        (("generate_assignment", f"--assignment={TINY}"), f"{TINY}.ipynb"),
        (("generate_feedback", TINY), f"{TINY}.ipynb"),
        (("export",), "gradebook.db"),
        (("autograde", "99_other"), "gradebook.db"),
    ],
)
def test_each_command_that_needs_the_build(
    unbuilt, monkeypatch, command, missing
):
    monkeypatch.setattr(sys, "argv", ["/bin/nbgrader", *command])
    with pytest.raises(SystemExit, match=f"{missing} is not built yet; run"):
        unbuilt.config()


@pytest.mark.parametrize(
    "argv",
    [
        ("/bin/jupyter-lab", "autograde", TINY),
        ("/bin/nbgrader", "generate_assignment"),
        ("/bin/nbgrader", "formgrade"),
        ("/bin/nbgrader", "autograde", TINY, "--course-dir=elsewhere"),
    ],
)
def test_other_programs_and_commands_go_on(unbuilt, monkeypatch, argv):
    monkeypatch.setattr(sys, "argv", list(argv))
    assert unbuilt.config().CourseDirectory.course_id == "convcourse"
