"""nbgrader's Autograde, which grades whatever was handed in.

nbgrader has no setting that names its converter: `install` puts this one in
its place, for `nbgrader autograde` and for formgrader's button.
"""

import os
import shutil
from fnmatch import fnmatch
from glob import glob
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import api, autogradeapp
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.utils import find_all_files, rmtree
from traitlets import Integer, Unicode

from autograder.checker import checker
from autograder.compiled import Compiled
from autograder.execute import CourseExecute
from autograder.root import BUILD, COMPILED
from autograder.solution import compiled_solution
from autograder.student import zygote
from autograder.submission import read_submission


class _Submissions(BaseConverter):
    """What Autograde inherits from BaseConverter, for files of students.

    Autograde calls these two methods by `super()`, so this class stands
    between the two.
    """

    data_mb = Integer(
        512,
        help="Megabytes of files beside the notebook that one submission may "
        "bring along.",
    ).tag(config=True)

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Copy the student's other files; leave out what is no plain file.

        A link could lead to another student's work, a pipe never ends, and a
        file with holes in it would fill the disk.
        """
        source = self._format_source(assignment_id, student_id)
        dest = self._format_dest(assignment_id, student_id)
        ignored = [*self.coursedir.ignore, "*.ipynb"]
        if os.path.islink(source):
            return  # the note on its notebook says so
        left = self.data_mb << 20
        for name in find_all_files(source, ignored):
            copy = Path(dest, os.path.relpath(name, source))
            if os.path.islink(name) or not os.path.isfile(name):
                self.log.warning("%s is no plain file: left out", name)
                continue
            if os.path.getsize(name) > left:
                self.log.warning(
                    "%s is left out: the files have more than %s MB (%s)",
                    *(name, self.data_mb, "CourseAutograde.data_mb"),
                )
                continue
            left -= os.path.getsize(name)
            try:
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(name, copy)
            except OSError as error:
                self.log.warning("%s is left out: %s", name, error)

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Read the submission in whatever state it is, then go on."""
        if not self._sanitizing:
            super().convert_single_notebook(notebook_filename)
            return
        resources = self.init_single_notebook_resources(notebook_filename)
        path = Path(notebook_filename)
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        about = resources["nbgrader"]
        about["source_notebook"] = str(
            self.source_folder(about["assignment"]) / path.name
        )
        output, resources = self.exporter.from_notebook_node(
            read_submission(path), resources=resources
        )
        self.write_single_notebook(output, resources)

    def source_folder(self, assignment_id: str) -> Path:
        """The folder of the instructor's notebook."""
        coursedir = self.coursedir
        return Path(
            coursedir.format_path(
                coursedir.source_directory, ".", assignment_id
            )
        )


class CourseAutograde(Autograde, _Submissions):
    """Autograde that stops for no submission and keeps no stale score."""

    compiled_directory = Unicode(
        COMPILED,
        help="Where what JAX compiled for the solutions is kept, relative to "
        "the course root; empty to have each submission compile anew.",
    ).tag(config=True)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._compiled: dict[Path, Compiled | None] = {}

    def start(self) -> None:
        """Have both processes of a run warm up while nbgrader looks around."""
        if self._runs_our_way():
            zygote()
            checker()
        super().start()

    def _runs_our_way(self) -> bool:
        return os.name != "nt" and CourseExecute in self.autograde_preprocessors

    def init_single_notebook_resources(self, notebook_filename: str) -> dict:
        """Say also where the solution's compiled operations lie."""
        resources = super().init_single_notebook_resources(notebook_filename)
        if not self._sanitizing and self._runs_our_way():
            assignment = resources["nbgrader"]["assignment"]
            source = (
                self.source_folder(assignment) / Path(notebook_filename).name
            )
            if self.compiled_directory and source not in self._compiled:
                folder = Path(self.coursedir.root, self.compiled_directory)
                self._compiled[source] = compiled_solution(source, folder, self)
            resources["compiled"] = self._compiled.get(source)
        return resources

    def init_notebooks(self) -> None:
        """Expect the lecture's notebook in each submission's folder."""
        assignment = self.coursedir.assignment_id
        submissions = self._format_source(assignment, self.coursedir.student_id)
        folders = [path for path in glob(submissions) if os.path.isdir(path)]
        names = [
            path.name
            for path in self.source_folder(assignment).glob("*.ipynb")
            if fnmatch(path.stem, self.coursedir.notebook_id)
        ]
        if not folders:
            super().init_notebooks()  # which says what is wrong
        if not names:
            raise NbGraderException(
                f"no notebook in {self.source_folder(assignment)}; run: {BUILD}"
            )
        self.assignments = {
            folder: [os.path.join(folder, name) for name in names]
            for folder in folders
        }

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        """Forget the old verdicts before anything of a new run can fail."""
        process = True
        try:
            process = super().init_destination(assignment_id, student_id)
            return process
        finally:
            if process:
                self._forget(assignment_id, student_id)

    def _forget(self, assignment_id: str, student_id: str) -> None:
        """Take back what a test decided; a person's points stay.

        The feedback goes too: nbgrader would not write a page that exists.
        """
        coursedir = self.coursedir
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            try:
                submission = gradebook.find_submission(
                    assignment_id, student_id
                )
            except MissingEntry:
                return
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    grade.auto_score = None
                    grade.needs_manual_grade = True
            gradebook.db.commit()
        feedback = coursedir.format_path(
            coursedir.feedback_directory, student_id, assignment_id
        )
        if os.path.isdir(feedback):
            rmtree(feedback)


def install() -> None:
    """Let nbgrader's commands and formgrader use CourseAutograde."""
    for module in (autogradeapp, api):
        module.Autograde = CourseAutograde
