"""What a student must not read in the feedback page: the hidden tests."""

import re

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests
from nbgrader.utils import is_locked

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class HideTests(ClearHiddenTests):
    """Take the hidden tests out of a test cell, and what quotes them.

    The assistant still sees them in formgrader.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict, cell_index: int
    ) -> tuple[NotebookNode, dict]:
        """Clear one cell; a traceback that quotes it is cut to its message."""
        if not is_locked(cell):  # in an answer the marks are a student's
            return cell, resources
        shown = cell.source
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        hidden = _lines(shown) - _lines(cell.source)
        for output in cell.get("outputs", []):
            if output.output_type == "error" and _quotes(output, hidden):
                output.traceback = [f"{output.ename}: {output.evalue}"]
        return cell, resources


def _lines(source: str) -> set[str]:
    return {line.strip() for line in source.split("\n")} - {""}


def _quotes(output: NotebookNode, hidden: set[str]) -> bool:
    text = _COLOUR.sub("", "\n".join(output.traceback))
    return any(line in text for line in hidden)
