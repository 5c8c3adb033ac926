"""A lecture's slides: the executed instructor notebook, as one HTML file.

reveal.js, MathJax and all figures lie inside the file, so it opens with no
network, wherever it is copied.
"""

import re
from pathlib import Path

from nbconvert import SlidesExporter
from nbconvert.preprocessors import CellExecutionError, ExecutePreprocessor
from nbformat import NotebookNode

from autograder.root import CourseRoot
from autograder.source import LectureError

SECONDS = 120  # a cell; the whole notebook should need 45
_HERE = Path(__file__).parent
_TEMPLATES = _HERE / "templates"
_THIRD_PARTY = _HERE / "third_party"
_INSIDE = {
    "reveal_css": _THIRD_PARTY / "reveal.js" / "reveal.css",
    "theme_css": _TEMPLATES / "course_slides" / "theme.css",
    "reveal_js": _THIRD_PARTY / "reveal.js" / "reveal.js",
    "notes_js": _THIRD_PARTY / "reveal.js" / "notes.js",
    "mathjax_js": _THIRD_PARTY / "mathjax" / "tex-svg-full.js",
}
_LICENCES = ("reveal.js", "mathjax")
# An inch of a figure is an inch of the slide, of 96 CSS pixels, so that what
# is drawn at 18 pt is shown at 18 pt; retina: twice as many pixels as that.
_KERNEL = [
    "--IPKernelApp.log_level=ERROR",
    "--InlineBackend.figure_formats=retina",
    "--InlineBackend.rc=figure.dpi=96",
]


def slides(root: CourseRoot, lecture: str, folder: Path) -> Path:
    """Write the slides of a built lecture into `folder`.

    Raises:
        LectureError: A cell of the model solution fails, or the lecture has
            no slide.
    """
    notebook = root.instructor(lecture)
    folder_of_cells = root.source_notebook(lecture).parent
    # what a slow loop prints arrives in pieces, which would stand apart
    run = ExecutePreprocessor(
        timeout=SECONDS, extra_arguments=_KERNEL, coalesce_streams=True
    )
    try:
        run.preprocess(notebook, {"metadata": {"path": str(folder_of_cells)}})
    except CellExecutionError as error:
        raise LectureError(
            f"{lecture}: the model solution does not run:\n{error}"
        ) from error
    path = folder / f"{lecture}.slides.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(deck(notebook, lecture), encoding="utf-8")
    return path


def deck(notebook: NotebookNode, lecture: str) -> str:
    """The slides of an executed notebook, as the text of an HTML file.

    A slide's id is that of its first cell; further cells have their own, so
    `#/cell-id` opens the slide of any cell that is shown.

    Raises:
        LectureError: No cell is a slide.
    """
    cells = [cell for cell in notebook.cells if _kind(cell) != "skip"]
    if not any(_kind(cell) != "notes" for cell in cells):
        raise LectureError(
            f'{lecture} has no slide; begin one with slide="slide" in the '
            "header of a cell"
        )
    shown = notebook.copy()
    shown.cells = _notes_first(cells)
    # Controls ask a kernel and scripts from elsewhere; without their state
    # the picture that comes with them is shown.
    shown.metadata = {**shown.metadata}
    shown.metadata.pop("widgets", None)
    for cell in shown.cells:
        _hide_code_of_figures(cell)
    exporter = SlidesExporter(
        template_name="course_slides",
        extra_template_basedirs=[str(_TEMPLATES)],
        exclude_anchor_links=True,
    )
    page, _ = exporter.from_notebook_node(
        shown, resources={"deck": _inside(shown, lecture)}
    )
    return page


def _kind(cell: NotebookNode) -> str:
    return cell.metadata.get("slideshow", {}).get("slide_type", "-")


def _notes_first(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Each slide's notes behind its first cell.

    Behind a fragment they would be the fragment's, and the speaker would not
    see them before the room has seen the fragment.
    """
    ordered, first = [], 0
    for cell in cells:
        if _kind(cell) in ("slide", "subslide"):
            first = len(ordered)
        if _kind(cell) == "notes" and ordered:
            first += 1
            ordered.insert(first, cell)
        else:
            ordered.append(cell)
    return ordered


def _hide_code_of_figures(cell: NotebookNode) -> None:
    """What a room should see: of a figure the figure, else the code too."""
    alt = cell.metadata.get("course", {}).get("alt")
    kinds = {
        kind
        for output in cell.get("outputs", [])
        for kind in output.get("data", {})
    }
    if any(kind.startswith("image/") for kind in kinds) or (
        alt and "text/html" in kinds
    ):
        cell.metadata["figure"] = True
        cell.metadata["transient"] = {"remove_source": True}


def _inside(notebook: NotebookNode, lecture: str) -> dict[str, str]:
    """What the template puts into the page, by name."""
    heading = next(
        (
            found[1]
            for cell in notebook.cells
            if (found := re.match(r"#+ (.+)", cell.source))
        ),
        lecture,
    )
    texts = {name: path.read_text("utf-8") for name, path in _INSIDE.items()}
    texts["licences"] = "\n\n".join(
        f"{name}\n\n" + (_THIRD_PARTY / name / "LICENSE").read_text("utf-8")
        for name in _LICENCES
    )
    texts["title"] = heading
    return texts
