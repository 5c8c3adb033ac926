import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import compute_checksum

from autograder.build import build, differences, instructor_notebook
from autograder.root import CourseRoot, derive
from autograder.source import LectureError
from tests.autograder.conftest import LECTURES, REPOSITORY

pytestmark = pytest.mark.any_backend

TINY = LECTURES / "01_tiny.py"


@pytest.fixture
def own(tmp_path: Path) -> CourseRoot:
    """A class with a copy of the tiny lecture that a test may change."""
    shutil.copytree(LECTURES, tmp_path / "own" / "solutions")
    return derive(
        REPOSITORY, tmp_path / "own", {"Lectures.solutions": "solutions"}
    )


def change(root: CourseRoot, old: str, new: str) -> None:
    path = root.solutions / "01_tiny.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_headers_become_metadata():
    cells = {cell.id: cell for cell in instructor_notebook(TINY).cells}
    assert cells["title"].metadata == {"slideshow": {"slide_type": "slide"}}
    assert cells["cell-3"].metadata == {}
    assert cells["double"].metadata == {
        "course": {
            "role": "answer",
            "minutes": 2,
            "allows": ["course.arithmetic"],
            "forbids": ["numpy.add", "numpy.multiply"],
        },
        "nbgrader": {
            "grade_id": "double",
            "schema_version": 3,
            "grade": False,
            "solution": True,
            "locked": False,
        },
        "slideshow": {"slide_type": "skip"},
    }
    kinds = {
        name: tuple(
            cells[name].metadata.nbgrader[key]
            for key in ("grade", "solution", "locked")
        )
        for name in ("imports", "double-check", "why")
    }
    assert kinds == {
        "imports": (False, False, True),
        "double-check": (True, False, True),
        "why": (True, True, False),
    }
    assert cells["double-check"].metadata.nbgrader.points == 2
    assert cells["why"].metadata.nbgrader.points == 2


def test_a_student_notebook_holds_no_secret(tiny):
    (path,) = build(tiny, record=False)
    text = path.read_text(encoding="utf-8")
    assert "2 * x" not in text
    assert "an array is not doubled" not in text
    assert "One point for the sum" not in text
    assert "Ask the room" not in text
    cells = {cell.id: cell for cell in nbformat.read(path, 4).cells}
    assert cells["double"].source.endswith(
        "    # YOUR CODE HERE\n    raise NotImplementedError()"
    )
    assert cells["why"].source == (
        "Why is doubling linear?\n\nYOUR ANSWER HERE"
    )
    assert not any(cell.get("outputs") for cell in cells.values())
    check = cells["double-check"]
    assert check.metadata.editable is False
    assert check.metadata.nbgrader.checksum == compute_checksum(check)


def test_a_build_is_the_same_byte_for_byte(tiny, own):
    (one,), (other,) = build(tiny, record=False), build(own)
    first = one.read_bytes()
    assert other.read_bytes() == first
    assert build(tiny) == [one]
    assert one.read_bytes() == first


def test_differences_name_the_file_and_the_cure(own):
    assert [line.partition(" is ")[2] for line in differences(own)] == [
        "missing; run: python -m autograder build"
    ]
    (path,) = build(own, record=False)
    assert differences(own) == []
    before = path.read_bytes()
    change(own, "Twice x.", "Two times x.")
    (line,) = differences(own)
    assert str(path) in line
    assert "run: python -m autograder build" in line
    assert path.read_bytes() == before  # it only looks
    build(own, record=False)
    shutil.copytree(path.parent, own.release / "02_gone")
    (line,) = differences(own)
    assert line == f"{own.release / '02_gone'} has no source any more; " + (
        "delete the folder"
    )


def test_an_unknown_lecture_is_refused(tiny):
    with pytest.raises(LectureError, match="no lecture '02_two'; there are "):
        build(tiny, ["02_two"])


def test_no_lecture_at_all_names_the_setting(tmp_path):
    root = derive(
        REPOSITORY, tmp_path / "own", {"Lectures.solutions": str(tmp_path)}
    )
    with pytest.raises(LectureError, match=r"Lectures\.solutions in nbgrader"):
        build(root)


def test_a_wrong_source_keeps_the_student_notebook(own):
    (path,) = build(own, record=False)
    before = json.loads(path.read_text(encoding="utf-8"))
    change(own, "points=2 of", "point=2 of")
    with pytest.raises(LectureError, match="role test has no key 'point'"):
        build(own)
    assert json.loads(path.read_text(encoding="utf-8")) == before


def test_a_setting_names_another_folder_of_solutions(monkeypatch):
    monkeypatch.setenv("COURSE_SOLUTIONS", str(LECTURES))
    assert REPOSITORY.solutions == LECTURES
    assert any(
        line.endswith(
            "01_tiny.ipynb is missing; run: python -m autograder build"
        )
        for line in differences(REPOSITORY)
    )
