"""Bad submissions through real nbgrader: what each scores and is told."""

import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode, v3, v4
from nbgrader.api import Gradebook

from autograder.answers import fill, model_answers
from autograder.build import build
from autograder.grade import scores
from autograder.root import CourseRoot, derive
from tests.autograder.conftest import LECTURES, REPOSITORY

pytestmark = pytest.mark.any_backend

NAME = "02_demos"
MODEL = model_answers(LECTURES / "rebuild" / f"{NAME}.py")
SETTINGS = {
    "CourseAutograde.data_mb": 1,
    "Lectures.solutions": "solutions",
    "CourseExecute.answer_seconds": 5,
}


def find(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == name)


def changed(change: Callable[[NotebookNode], object]):
    def write(path: Path, perfect: NotebookNode) -> None:
        notebook = copy.deepcopy(perfect)
        change(notebook)
        path.write_text(json.dumps(notebook), encoding="utf-8")

    return write


def text(change: Callable[[str], str | bytes]):
    def write(path: Path, perfect: NotebookNode) -> None:
        data = change(nbformat.writes(perfect))
        path.write_bytes(data.encode() if isinstance(data, str) else data)

    return write


def twice(notebook):
    notebook.cells.append(copy.deepcopy(find(notebook, "double-check")))
    notebook.cells.append(copy.deepcopy(find(notebook, "double")))


def skipped(notebook):
    find(notebook, "double").source = "def double(x): return x"
    check = find(notebook, "double-check")
    check.metadata["tags"] = ["skip-execution"]
    check.metadata.nbgrader.update(grade=False, points=99, locked=False)


def no_ids(notebook):
    notebook.nbformat_minor = 2
    for cell in notebook.cells:
        del cell["id"]


def heavy(notebook):
    output = v4.new_output("stream", text="x" * 100_000_000)
    find(notebook, "halve").outputs = [output]


def demo_used(notebook):
    find(notebook, "halve").source = "def halve(x):\n    return x / scale"


def other_kernel(notebook):
    notebook.metadata.kernelspec = {"name": "ir", "display_name": "R"}
    notebook.metadata.language_info = {"name": "R"}


def old(path, perfect):
    cells = [
        (
            v3.new_code_cell(cell.source, metadata=cell.metadata)
            if cell.cell_type == "code"
            else v3.new_text_cell("markdown", cell.source)
        )
        for cell in perfect.cells
    ]
    sheet = v3.new_worksheet(cells=cells)
    path.write_text(v3.writes_json(v3.new_notebook(worksheets=[sheet])))


def renamed(path, perfect):
    nbformat.write(perfect, path.with_name("my copy.ipynb"))


def with_files(path, perfect):
    nbformat.write(perfect, path)
    os.mkfifo(path.with_name("pipe"))
    path.with_name("link").symlink_to("/nowhere")
    path.with_name("data.txt").write_text("1")
    with open(path.with_name("holes.bin"), "wb") as file:
        file.truncate(2**21)


# What is handed in, its points (double, halve), whether the written answer
# awaits a person, and what the note says.
SUBMISSIONS = {
    "perfect": (changed(lambda notebook: None), 2, 1.5, True, ""),
    "demo-used": (changed(demo_used), 2, 1.5, True, ""),
    "twice": (changed(twice), 2, 1.5, True, "double: the answer's cell is"),
    "skipped": (changed(skipped), 0, 1.5, True, ""),
    "no-ids": (changed(no_ids), 2, 1.5, True, ""),
    "heavy": (changed(heavy), 2, 1.5, True, ""),
    "other-kernel": (changed(other_kernel), 2, 1.5, True, ""),
    "reversed": (
        changed(lambda notebook: notebook.cells.reverse()),
        2,
        1.5,
        True,
        "",
    ),
    "no-cells": (
        changed(lambda notebook: notebook.cells.clear()),
        0,
        0,
        False,
        "has no cell",
    ),
    "schema": (
        changed(
            lambda notebook: find(notebook, "double").metadata.nbgrader.update(
                schema_version=99
            )
        ),
        2,
        1.5,
        True,
        "",
    ),
    "old": (old, 2, 1.5, True, "format 3"),
    "truncated": (
        text(lambda t: t[: t.index('"halve-check"')]),
        2,
        1.5,
        False,
        "is damaged",
    ),
    "bom": (text(lambda t: b"\xef\xbb\xbf" + t.encode()), 2, 1.5, True, ""),
    "latin": (
        text(lambda t: t.replace("A lecture", "Ä lecture").encode("latin-1")),
        2,
        1.5,
        True,
        "not in UTF-8",
    ),
    "empty": (text(lambda t: ""), 0, 0, False, "is empty"),
    "no-notebook": (text(lambda t: "%PDF-1.7"), 0, 0, False, "is damaged"),
    "renamed": (renamed, 2, 1.5, True, "my copy.ipynb"),
    "nothing": (lambda path, perfect: None, 0, 0, False, "no file 02_demos"),
    "with-files": (with_files, 2, 1.5, True, ""),
}


def nbgrader(root: CourseRoot, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=root.path,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> CourseRoot:
    folder = tmp_path_factory.mktemp("graded") / "class"
    shutil.copytree(LECTURES / "rebuild", folder / "solutions")
    root = derive(REPOSITORY, folder, SETTINGS)
    build(root)
    stub = nbformat.read(root.student_notebook(NAME), 4)
    for student, (write, *_) in SUBMISSIONS.items():
        path = root.submission(student, NAME)
        path.parent.mkdir(parents=True)
        write(path, fill(stub, MODEL))
    for command in ("autograde", "generate_feedback"):
        result = nbgrader(root, command, NAME)
        assert result.returncode == 0, result.stderr
    return root


def test_each_submission_gets_what_it_is_worth(graded):
    rows = {row.student: row for row in scores(graded, NAME)}
    got = {
        student: (*row.points.values(), "why" in row.pending)
        for student, row in rows.items()
    }
    assert got == {
        student: (double, halve, 0, waits)
        for student, (_, double, halve, waits, _) in SUBMISSIONS.items()
    }


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_the_note_says_what_was_wrong(graded, student):
    path = graded.path / "autograded" / student / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    note = SUBMISSIONS[student][-1]
    first = notebook.cells[0]
    assert (first.id == "_notes") == bool(note)
    assert note in first.source
    page = graded.feedback(student, NAME).read_text(encoding="utf-8")
    assert ("Notes on what was handed in" in page) == bool(note)


def test_only_plain_files_come_along(graded):
    folder = graded.path / "autograded" / "with-files" / NAME
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{NAME}.ipynb",
        "data.txt",
    ]


def test_feedback_does_not_quote_hidden_tests(graded):
    page = graded.feedback("no-cells", NAME).read_text(encoding="utf-8")
    assert "NotImplementedError" in page
    for student in SUBMISSIONS:
        page = graded.feedback(student, NAME).read_text(encoding="utf-8")
        assert "arange" not in page
        assert "HIDDEN" not in page


@pytest.fixture
def later(graded, tmp_path) -> CourseRoot:
    shutil.copytree(
        graded.path,
        tmp_path / "class",
        ignore=lambda folder, names: {"pipe", "link", "heavy"} & set(names),
    )
    return derive(REPOSITORY, tmp_path / "class", SETTINGS)


def points(root: CourseRoot, student: str) -> tuple[dict, frozenset]:
    (row,) = [row for row in scores(root, NAME) if row.student == student]
    return row.points, row.pending


def again(root: CourseRoot, student: str) -> subprocess.CompletedProcess:
    return nbgrader(root, "autograde", NAME, "--force", f"--student={student}")


def test_a_run_that_fails_leaves_no_stale_score(later):
    stamp = later.submission("perfect", NAME).with_name("timestamp.txt")
    stamp.write_text("no date")
    assert again(later, "perfect").returncode == 1
    assert points(later, "perfect") == (
        {"double": 0, "halve": 0, "why": 0},
        {"double", "halve", "why"},
    )
    assert not later.feedback("perfect", NAME).exists()


def test_a_notebook_taken_away_leaves_no_stale_score(later):
    later.submission("perfect", NAME).unlink()
    result = again(later, "perfect")
    assert result.returncode == 0, result.stderr
    assert points(later, "perfect")[0] == {"double": 0, "halve": 0, "why": 0}


def test_what_a_person_gave_survives(later):
    with Gradebook(later.coursedir().db_url) as gradebook:
        place = (NAME, NAME, "perfect")
        gradebook.find_grade("why", *place).manual_score = 1
        grade = gradebook.find_grade("double-check", *place)
        grade.manual_score, grade.extra_credit = 0.5, 0.25
        comment = gradebook.find_comment("why", *place)
        comment.manual_comment = "the factor?"
        gradebook.db.commit()
    assert again(later, "perfect").returncode == 0
    expected = {"double": 0.75, "halve": 1.5, "why": 1}
    assert points(later, "perfect")[0] == expected
    with Gradebook(later.coursedir().db_url) as gradebook:
        comment = gradebook.find_comment("why", *place)
        assert comment.comment == "the factor?"
        assert gradebook.find_grade("double-check", *place).auto_score == 2
    nbgrader(later, "generate_feedback", NAME, "--student=perfect")
    page = later.feedback("perfect", NAME).read_text(encoding="utf-8")
    assert "the factor?" in page


def test_questions_that_are_not_recorded_are_not_graded(later):
    path = later.source_notebook(NAME)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("halve(6) == 3", "halve(8) == 4"))
    result = again(later, "perfect")
    assert result.returncode == 1
    assert "the gradebook records halve-check otherwise than" in result.stderr
    assert "run: python -m autograder build" in result.stderr


def test_formgraders_button_uses_it_too(later):
    program = (
        "from autograder.root import here\n"
        "from nbgrader.apps.api import NbGraderAPI\n"
        "root = here()\n"
        "api = NbGraderAPI(root.coursedir(), config=root.config())\n"
        f"result = api.autograde({NAME!r}, 'renamed')\n"
        "assert result['success'], result\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=later.path, check=True)
    assert points(later, "renamed")[0]["double"] == 2
