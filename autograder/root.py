"""A course root: the folder in which nbgrader keeps one class."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from traitlets import Unicode
from traitlets.config import Config, Configurable, PyFileConfigLoader

CONFIG = "nbgrader_config.py"
COMPILED = "build/compiled"
BUILD = "python -m autograder build"
_AFTER_BUILD = ("generate_assignment", "autograde", "generate_feedback")
_DERIVED = """\
# Written anew by each run; the settings are those of {base}
c = get_config()
load_subconfig({base!r})
c.Lectures.solutions = {solutions!r}
c.CourseDirectory.root = {folder!r}
c.CourseDirectory.db_url = "sqlite:///" + {folder!r} + "/gradebook.db"
c.CourseDirectory.source_directory = "source"
c.CourseDirectory.release_directory = "release"
c.CourseDirectory.submitted_directory = "submitted"
c.CourseDirectory.autograded_directory = "autograded"
c.CourseDirectory.feedback_directory = "feedback"
c.CourseAutograde.compiled_directory = {compiled!r}
"""


class Lectures(Configurable):
    """Where the lecture sources lie."""

    solutions = Unicode(
        "solutions",
        help="Folder of the sources NN_topic.py, relative to the course root.",
    ).tag(config=True)


@dataclass(frozen=True)
class CourseRoot:
    """One class: its sources, notebooks, submissions, grades and settings.

    Args:
        path: The folder that holds nbgrader_config.py and the gradebook.
    """

    path: Path

    def config(self) -> Config:
        """The settings that nbgrader reads when started in this folder."""
        loader = PyFileConfigLoader(CONFIG, str(self.path))
        config = loader.load_config()
        config.CourseDirectory.root = str(self.path.resolve())
        return config

    def coursedir(self, **traits: str) -> CourseDirectory:
        """nbgrader's own view of the folders."""
        return CourseDirectory(config=self.config(), **traits)

    @property
    def compiled(self) -> Path:
        """The folder of what JAX compiled for the solutions."""
        settings = self.config().CourseAutograde
        return self.path / settings.get("compiled_directory", COMPILED)

    @property
    def solutions(self) -> Path:
        """The folder of the lecture sources."""
        return self.path / Lectures(config=self.config()).solutions

    @property
    def release(self) -> Path:
        """The folder of the student notebooks."""
        return self.path / self.coursedir().release_directory

    def source_notebook(self, lecture: str) -> Path:
        """The instructor notebook: with solutions, hidden tests, no output."""
        source = self.path / self.coursedir().source_directory
        return source / lecture / f"{lecture}.ipynb"

    def instructor(self, lecture: str) -> NotebookNode:
        """The instructor notebook, read.

        Raises:
            FileNotFoundError: It is not built yet.
        """
        path = self.source_notebook(lecture)
        if not path.exists():
            raise FileNotFoundError(f"{path} is not built yet; run: {BUILD}")
        return nbformat.read(path, as_version=4)

    def student_notebook(self, lecture: str) -> Path:
        """The notebook that a student receives."""
        return self.release / lecture / f"{lecture}.ipynb"

    def submission(self, student: str, lecture: str) -> Path:
        """The notebook that a student hands in."""
        submitted = self.path / self.coursedir().submitted_directory
        return submitted / student / lecture / f"{lecture}.ipynb"

    def feedback(self, student: str, lecture: str) -> Path:
        """The page that a student gets back."""
        feedback = self.path / self.coursedir().feedback_directory
        return feedback / student / lecture / f"{lecture}.html"


def here() -> CourseRoot:
    """The course root that the current folder is.

    Raises:
        FileNotFoundError: It is none.
    """
    if not Path(CONFIG).exists():
        raise FileNotFoundError(
            f"no {CONFIG} in {Path.cwd()}; change to the course's root folder"
        )
    return CourseRoot(Path())


def derive(
    root: CourseRoot, folder: Path, settings: Mapping[str, Any] | None = None
) -> CourseRoot:
    """A course root in `folder`: the lectures and settings of `root`, but a
    gradebook, notebooks and submissions of its own.

    Args:
        settings: More settings, such as {"CourseExecute.answer_seconds": 5}.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = _DERIVED.format(
        base=str((root.path / CONFIG).resolve()),
        solutions=str(root.solutions.resolve()),
        folder=folder.resolve().as_posix(),
        compiled=str(root.compiled.resolve()),
    )
    for name, value in (settings or {}).items():
        text += f"c.{name} = {value!r}\n"
    (folder / CONFIG).write_text(text, encoding="utf-8")
    return CourseRoot(folder)


def exit_unless_built(config: Config, path: Path) -> None:
    """End an nbgrader command that needs the build, if that did not run yet.

    nbgrader_config.py calls it. Other programs that load that file, such as
    JupyterLab, go on; so does a command that names another course root.
    """
    program, *arguments = sys.argv
    elsewhere = ("--course-dir", "--db", "--CourseDirectory")
    if (
        "nbgrader" not in (Path(program).stem, Path(program).parent.name)
        or path != Path.cwd()
        or any(argument.startswith(elsewhere) for argument in arguments)
    ):
        return
    missing = [
        file for file in _needed(config, path, arguments) if not file.exists()
    ]
    if missing:
        raise SystemExit(
            f"{missing[0].relative_to(path)} is not built yet; run: {BUILD}"
        )


def _needed(config: Config, path: Path, arguments: list[str]) -> list[Path]:
    command = arguments[0] if arguments else ""
    needed = []
    if command in _AFTER_BUILD:
        names = {text.removeprefix("--assignment=") for text in arguments}
        source = path / config.CourseDirectory.source_directory
        needed = [
            source / lecture.stem / f"{lecture.stem}.ipynb"
            for lecture in (path / config.Lectures.solutions).glob("*.py")
            if lecture.stem in names
        ]
    if command in ("autograde", "generate_feedback", "export"):
        needed.append(path / "gradebook.db")
    return needed
