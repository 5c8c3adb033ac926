"""A lecture's solution as a submission: what a perfect student hands in."""

from pathlib import Path

from nbformat import NotebookNode
from nbgrader.preprocessors.base import NbGraderPreprocessor
from traitlets.config import LoggingConfigurable

from autograder.compiled import Compiled, filled
from autograder.execute import CourseExecute
from autograder.rebuild import read_lecture, rebuild
from autograder.student import zygote
from autograder.submission import read_submission


def solution(
    source: Path, parent: NbGraderPreprocessor | LoggingConfigurable
) -> NotebookNode:
    """The notebook that is graded when the solution is handed in.

    Args:
        source: The instructor notebook.
        parent: Whose settings nbgrader's steps take.
    """
    lecture = read_lecture(str(source), parent)
    return rebuild(lecture, read_submission(source).cells)[0]


def compiled_solution(
    source: Path, folder: Path, parent: LoggingConfigurable
) -> Compiled | None:
    """What JAX compiles for the solution; the first time it is run for it.

    Args:
        source: The instructor notebook.
        folder: Where what is compiled for all of them is kept.

    Returns:
        None where nothing is compiled: on another backend.
    """
    if zygote().backend() != "jax":
        return None
    notebook = solution(source, parent)

    def fill(compiled: Compiled) -> None:
        parent.log.info("running the solution of %s once", source.stem)
        # the teacher's own code, whose first operations are slow
        execute = CourseExecute(parent=parent, sandbox="off", answer_seconds=60)
        about = {"metadata": {"path": str(source.parent)}}
        execute.run(notebook, about | {"compiled": compiled})

    return filled(folder, source.stem, notebook, fill)
