"""Student notebooks from lecture sources, byte for byte the same each time.

solutions/NN_topic.py -> build/source/NN_topic/NN_topic.ipynb, the instructor
notebook -> `nbgrader generate_assignment` -> notebooks/NN_topic/NN_topic.ipynb.
"""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode, v4
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import SaveCells
from nbgrader.preprocessors.base import NbGraderPreprocessor
from nbgrader.utils import capture_log

from autograder.lint import known_claims, lint
from autograder.root import CourseRoot, derive
from autograder.source import Cell, LectureError, read

_NBGRADER = {
    "given": {"grade": False, "solution": False, "locked": True},
    "answer": {"grade": False, "solution": True, "locked": False},
    "test": {"grade": True, "solution": False, "locked": True},
    "written": {"grade": True, "solution": True, "locked": False},
}
_NOTEBOOK_METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}


class DropNotes(NbGraderPreprocessor):
    """Leave the speaker's notes out of the student notebook."""

    def preprocess(
        self, nb: NotebookNode, resources: dict
    ) -> tuple[NotebookNode, dict]:
        """Drop the cells whose header says slide="notes"."""
        nb.cells = [
            cell
            for cell in nb.cells
            if cell.metadata.get("slideshow", {}).get("slide_type") != "notes"
        ]
        return nb, resources


def lectures(root: CourseRoot, names: Sequence[str] = ()) -> list[str]:
    """The lectures to build: `names`, or all that have a source.

    Raises:
        LectureError: A name has no source, or there is none at all.
    """
    known = sorted(path.stem for path in root.solutions.glob("[0-9]*.py"))
    if not known:
        raise LectureError(
            f"no lecture source NN_topic.py in {root.solutions}; "
            "Lectures.solutions in nbgrader_config.py says where they are"
        )
    for name in names:
        if name not in known:
            raise LectureError(
                f"no lecture {name!r}; there are {', '.join(known)}"
            )
    return list(names) or known


def instructor_notebook(
    path: Path, claims: Mapping[str, str] | None = None
) -> NotebookNode:
    """The lecture source at `path` as an unexecuted nbgrader notebook.

    Args:
        claims: Ids of the claims that are tested, and the name of each's
            table; None does not ask.

    Raises:
        LectureError: The source is wrong.
    """
    cells = read(path)
    lint(cells, path.name, claims)
    notebook = v4.new_notebook(metadata=_NOTEBOOK_METADATA)
    notebook.cells = [_expand(cell) for cell in cells]
    nbformat.validate(notebook)
    return notebook


def build(
    root: CourseRoot, names: Sequence[str] = (), *, record: bool = True
) -> list[Path]:
    """Write the student notebooks of `root`.

    Args:
        names: The lectures; all, if there is none.
        record: Whether to record them in the gradebook, without which no
            submission can be graded. A new gradebook takes nbgrader 4 s.

    Returns:
        The student notebooks, one a lecture.

    Raises:
        LectureError: A source is wrong, or nbgrader refused the notebook.
    """
    return _build(root, lectures(root, names), _claims(root), record)


def differences(root: CourseRoot) -> list[str]:
    """What a fresh build would change in `root`, each a line with its cure.

    It builds in a temporary folder and leaves `root` as it is.

    Raises:
        LectureError: As `build` does.
    """
    with tempfile.TemporaryDirectory() as folder:
        fresh = derive(root, Path(folder))
        notebooks = _build(fresh, lectures(root), _claims(root), record=False)
        return list(_compare(root, {path.stem: path for path in notebooks}))


def _claims(root: CourseRoot) -> dict[str, str] | None:
    return known_claims(root.path / "tests" / "claims")


def _build(
    root: CourseRoot,
    names: Sequence[str],
    claims: Mapping[str, str] | None,
    record: bool,
) -> list[Path]:
    for name in names:
        notebook = instructor_notebook(root.solutions / f"{name}.py", claims)
        path = root.source_notebook(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
    for name in names:
        _generate_assignment(root, name, record)
    return [root.student_notebook(name) for name in names]


def _compare(root: CourseRoot, built: dict[str, Path]) -> Iterable[str]:
    for name, path in built.items():
        committed = root.student_notebook(name)
        if not committed.exists():
            yield f"{committed} is missing; run: python -m autograder build"
        elif committed.read_text("utf-8") != path.read_text("utf-8"):
            yield (
                f"{committed} is not what its source builds; never edit it: "
                f"change {root.solutions / name}.py, run: python -m "
                "autograder build"
            )
    for folder in sorted(root.release.glob("[0-9]*")):
        if folder.name not in built:
            yield f"{folder} has no source any more; delete the folder"


def _expand(cell: Cell) -> NotebookNode:
    if cell.cell_type == "markdown":
        node = v4.new_markdown_cell(cell.source)
    else:
        node = v4.new_code_cell(cell.source)
    node.id = cell.id
    header = dict(cell.header)
    slide = header.pop("slide", "skip" if cell.role in _NBGRADER else None)
    if slide is not None:
        node.metadata["slideshow"] = {"slide_type": slide}
    points = header.pop("points", None)
    header.pop("claims", None)  # the tests' business, nobody else's
    if cell.role in _NBGRADER:
        node.metadata["nbgrader"] = {
            "grade_id": cell.id,
            "schema_version": 3,
            **_NBGRADER[cell.role],
        }
        header["role"] = cell.role
    if points is not None:
        node.metadata["nbgrader"]["points"] = points
    if header:
        node.metadata["course"] = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in header.items()
        }
    return node


def _generate_assignment(root: CourseRoot, name: str, record: bool) -> None:
    converter = GenerateAssignment(
        coursedir=root.coursedir(assignment_id=name), config=root.config()
    )
    converter.force = True
    if not record:
        converter.no_database = True
        converter.preprocessors = [
            step
            for step in converter.preprocessors
            if not issubclass(step, SaveCells)
        ]
    result = capture_log(converter)
    if not result["success"]:
        raise LectureError(
            f"nbgrader could not generate {name}:\n{result['log']}"
        )
