"""What nbgrader's gradebook does otherwise for this course.

A check that could not be done leaves the question open, for a person.

A class's grades stay when a lecture that is being graded changes: nbgrader
refuses to generate an assignment whose questions changed once a
submission is in the gradebook. Here the gradebook follows: a new question
awaits its score in every submission; a question that is gone takes its scores
with it, after a copy of the gradebook was made.
"""

import shutil
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Comment, Grade, MissingEntry, Notebook
from nbgrader.preprocessors import GetGrades, SaveAutoGrades, SaveCells
from sqlalchemy import make_url

_KINDS = ("grade", "solution", "source")  # a lecture has no task cells


class CourseSaveAutoGrades(SaveAutoGrades):
    """nbgrader's SaveAutoGrades, which leaves to a person what is undecided.

    A check that could not be done says nothing about the answer.
    """

    def _add_score(self, cell: NotebookNode, resources: dict) -> None:
        super()._add_score(cell, resources)
        verdict = cell.metadata.get("course", {}).get("verdict", {})
        if verdict.get("is_fault"):
            grade = _grade(self, cell)
            grade.auto_score, grade.needs_manual_grade = None, True
            self.gradebook.db.commit()


class CourseGetGrades(GetGrades):
    """nbgrader's GetGrades; it also tells who gave the points."""

    def _get_score(self, cell: NotebookNode, resources: dict) -> None:
        super()._get_score(cell, resources)
        grade = _grade(self, cell)
        by_hand = grade.manual_score is not None
        cell.metadata.nbgrader["by_hand"] = by_hand
        cell.metadata.nbgrader["open"] = (
            grade.auto_score is None and not by_hand
        )


class CourseSaveCells(SaveCells):
    """nbgrader's SaveCells, which lets questions come and go."""

    def _create_notebook(self, nb: NotebookNode) -> None:
        try:
            notebook = self.gradebook.find_notebook(
                self.notebook_id, self.assignment_id
            )
        except MissingEntry:
            notebook = None
        if notebook is not None and notebook.submissions:
            self._remove_cells(notebook)
            self._add_cells(notebook)
        super()._create_notebook(nb)

    def _new(self, kind: str) -> dict[str, dict]:
        return getattr(self, f"new_{kind}_cells")

    def _remove_cells(self, notebook: Notebook) -> None:
        gone = [
            cell
            for kind in _KINDS
            for cell in getattr(notebook, f"{kind}_cells")
            if cell.name not in self._new(kind)
        ]
        entries = [entry for cell in gone for entry in _entries(cell)]
        if entries:
            self._copy_gradebook(sorted({cell.name for cell in gone}))
        for row in (*entries, *gone):
            self.gradebook.db.delete(row)
        self.gradebook.db.commit()

    def _add_cells(self, notebook: Notebook) -> None:
        for kind in _KINDS:
            record = getattr(self.gradebook, f"update_or_create_{kind}_cell")
            for name, info in self._new(kind).items():
                record(name, self.notebook_id, self.assignment_id, **info)
        self.gradebook.db.refresh(notebook)
        for submission in notebook.submissions:
            for entry, rows, cells in (
                (Grade, submission.grades, notebook.grade_cells),
                (Comment, submission.comments, notebook.solution_cells),
            ):
                known = {row.cell_id for row in rows}
                self.gradebook.db.add_all(
                    entry(cell_id=cell.id, notebook_id=submission.id)
                    for cell in cells
                    if cell.id not in known
                )
        self.gradebook.db.commit()

    def _copy_gradebook(self, gone: list[str]) -> None:
        path = make_url(self.db_url).database
        if not path or not Path(path).exists():
            return  # a database server: its keeper makes the copies
        copies = len(
            list(Path(path).parent.glob(Path(path).name + ".before-*"))
        )
        copy = f"{path}.before-{copies + 1}"
        shutil.copy2(path, copy)
        self.log.warning(
            "%s are gone from %s with their scores; kept in %s",
            ", ".join(gone),
            self.notebook_id,
            copy,
        )


def _grade(step: GetGrades | SaveAutoGrades, cell: NotebookNode) -> Grade:
    """The gradebook's line about `cell` of the student in hand."""
    return step.gradebook.find_grade(
        cell.metadata.nbgrader.grade_id,
        step.notebook_id,
        step.assignment_id,
        step.student_id,
    )


def _entries(cell) -> list[Grade | Comment]:
    grades = getattr(cell, "grades", None) or []
    comments = getattr(cell, "comments", None) or []
    return [*grades, *comments]
