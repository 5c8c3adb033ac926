"""Put answers into a student notebook, as a student would."""

import copy
import re
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder.root import CourseRoot
from autograder.source import LectureError, read, without_marks

_STUB = re.compile(r"^( *)raise NotImplementedError\(\)$", re.MULTILINE)


def model_answers(path: Path) -> dict[str, str]:
    """The model solutions of the lecture source at `path`, by cell id.

    They are without their marks: what a perfect student would hand in.
    """
    return {
        cell.id: without_marks(cell.source)
        for cell in read(path)
        if cell.role in ("answer", "written")
    }


def known_answers(root: CourseRoot, lecture: str) -> dict[str, Any]:
    """What tests/answers/ says of a lecture: ANSWERS, perhaps SURVIVORS.

    Raises:
        LectureError: There is no such file.
    """
    path = root.path / "tests" / "answers" / f"{lecture}.py"
    if not path.exists():
        raise LectureError(
            f"{path} is missing: it holds right and wrong answers to the "
            "lecture; run this in a checkout, for a lecture that has it"
        )
    return runpy.run_path(str(path))


def fill(notebook: NotebookNode, answers: Mapping[str, str]) -> NotebookNode:
    """A copy of a student notebook in which cell `id` reads `answers[id]`.

    Raises:
        ValueError: The notebook has no such cell for a student to fill in.
    """
    filled = copy.deepcopy(notebook)
    open_cells = {
        cell.id: cell
        for cell in filled.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    for cell_id, source in answers.items():
        if cell_id not in open_cells:
            raise ValueError(
                f"no cell {cell_id!r} to answer; this notebook asks "
                f"{', '.join(open_cells)}"
            )
        open_cells[cell_id].source = source
    return filled


def endless_loop(stub: str) -> str:
    """The student's stub with a loop that never ends for an answer.

    >>> print(endless_loop("def f():\\n    raise NotImplementedError()"))
    def f():
        while True:
            pass
    """
    return _STUB.sub(r"\1while True:\n\1    pass", stub)


def exits(stub: str) -> str:
    """The student's stub, which ends Python instead of answering.

    >>> print(exits("def f():\\n    raise NotImplementedError()"))
    def f():
        import sys
        sys.exit()
    """
    return _STUB.sub(r"\1import sys\n\1sys.exit()", stub)
