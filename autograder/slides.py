"""A lecture's slides: the executed instructor notebook through nbconvert."""

from pathlib import Path

from nbconvert import SlidesExporter
from nbconvert.preprocessors import CellExecutionError, ExecutePreprocessor

from autograder.root import CourseRoot
from autograder.source import LectureError

SECONDS = 120  # a cell; the whole notebook should need 45


def slides(root: CourseRoot, lecture: str, folder: Path) -> Path:
    """Write the slides of a built lecture into `folder`.

    Raises:
        LectureError: A cell of the model solution fails.
    """
    notebook = root.instructor(lecture)
    folder_of_cells = root.source_notebook(lecture).parent
    run = ExecutePreprocessor(
        timeout=SECONDS, extra_arguments=["--IPKernelApp.log_level=ERROR"]
    )
    try:
        run.preprocess(notebook, {"metadata": {"path": str(folder_of_cells)}})
    except CellExecutionError as error:
        raise LectureError(
            f"{lecture}: the model solution does not run:\n{error}"
        ) from error
    page, _ = SlidesExporter().from_notebook_node(notebook)
    path = folder / f"{lecture}.slides.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return path
