"""What the feedback page says to the student, gathered from the notebook.

`HideTests` takes out what only the assistant may read, `CourseGetGrades` of
`autograder.gradebook` brings points and comments, and `Report` turns both into
one entry a question, of which `autograder.page` makes the page.
"""

import re
from collections.abc import Sequence
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests
from nbgrader.preprocessors.base import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_locked, is_solution

from autograder.questions import heading

# For a message that brings no hint of its own.
_HINTS = {
    "NotImplementedError": "The answer is as it was handed out, at least in "
    "part. Write your code where it says raise NotImplementedError().",
    "NameError": "Does the answer's own cell define it, and does that cell "
    "run? Before you hand in, restart the kernel and run all cells.",
    "StudentGone": "Does a loop never end, is the way a slow one, or does the "
    "code end Python, as exit() does? Call it in a cell of your own and watch.",
    "SystemExit": "exit() and sys.exit() end Python; a function hands back "
    "its result by return.",
    "CellTimeoutError": "Does a loop in a cell above never end, or take long?",
    "NotAllowed": "Build it yourself, of Python, NumPy and Keras; of the "
    "course an answer may use what its question opens.",
}
_HINT_IN_TRACE = (
    "Your own code raised this. Make the same call in a cell of your own, "
    "then go through the lines below."
)
_HINT = (
    "Repeat the call from the message in a cell of your own and compare, "
    "first by hand, with a small example."
)
_OURS = ("a", "an", "it", "its", "met", "the", "there", "your")
_LINE = 100  # characters in a row of the table
_STOPPED = "The cell with your answer stopped:"
_NEXT_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
# What Python calls a cell's code says nothing to a student.
_FILE = re.compile(r'File "<ipython-input[^>]*>", line|<ipython-input[^>]*>, ')


class HideTests(ClearHiddenTests):
    """Take out what only the assistant may read; formgrader still shows it.

    These are the hidden tests, what a test cell put out (its verdict stays,
    as data), and the marking schemes.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict
    ) -> tuple[NotebookNode, dict]:
        """Clear all cells; a marking scheme goes as a whole."""
        nb.cells = [cell for cell in nb.cells if role(cell) != "scheme"]
        return super().preprocess(nb, resources)

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict, cell_index: int
    ) -> tuple[NotebookNode, dict]:
        """Clear one cell."""
        if not is_locked(cell):  # in an answer the marks are a student's
            return cell, resources
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if is_grade(cell):
            _keep_verdict(cell)
        return cell, resources


class Report(NbGraderPreprocessor):
    """Gather what the page says about each question: `resources["report"]`."""

    def preprocess(
        self, nb: NotebookNode, resources: dict
    ) -> tuple[NotebookNode, dict]:
        """Report on all questions, and make the outputs fit for the page."""
        cells = {cell.id: cell for cell in nb.cells}
        asked = nb.metadata.get("course", {}).get("questions", [])
        resources["report"] = {
            "title": _title(nb.cells) or resources["nbgrader"]["notebook"],
            "notes": [cell for cell in nb.cells if role(cell) == "note"],
            "questions": [_entry(question, cells) for question in asked],
        }
        nb.cells = [cell for cell in nb.cells if role(cell) != "note"]
        for cell in nb.cells:
            _prepare(cell)
        return nb, resources


def role(cell: NotebookNode) -> str:
    """What the course has the cell for; lecture material has no role."""
    return cell.metadata.get("course", {}).get("role", "lecture")


def _keep_verdict(cell: NotebookNode) -> None:
    """Leave of a test cell's outputs what the student may know."""
    course = cell.metadata.setdefault("course", {})
    errors = [out for out in cell.outputs if out.output_type == "error"]
    if "verdict" not in course and errors:  # run by nbgrader's own kernel
        course["verdict"] = {
            "error": errors[0].ename,
            "message": errors[0].evalue,
        }
    cell.outputs = []


def _title(cells: Sequence[NotebookNode]) -> str:
    titles = (
        heading(cell.source)
        for cell in cells
        if cell.cell_type == "markdown" and role(cell) == "lecture"
    )
    return next(filter(None, titles), "")


def _entry(
    question: dict[str, Any], cells: dict[str, NotebookNode]
) -> dict[str, Any]:
    """All that the page says about one question."""
    graded = [cells[name] for name in question["graded"]]
    answers = [cells[name] for name in question["answers"]]
    marks = [cell.metadata.nbgrader for cell in graded]
    comments = [cell.metadata.nbgrader.get("comment") for cell in answers]
    entry = {
        **question,
        "points": sum(mark.score for mark in marks),
        "possible": sum(mark.points for mark in marks),
        "is_written": any(is_solution(cell) for cell in graded),
        "is_open": any(mark.open for mark in marks),
        "by_hand": any(mark.by_hand for mark in marks),
        "is_empty": "No response." in comments,
        "comments": [c for c in comments if c and c != "No response."],
        "findings": [
            finding
            for number, cell in enumerate(graded, start=1)
            if (finding := _finding(cell, number))
        ],
        "stops": [stop for cell in answers for stop in _stops(cell)],
    }
    entry["state"] = _state(entry)
    entry["line"] = _line(entry)
    return entry


def _finding(cell: NotebookNode, number: int) -> dict[str, Any] | None:
    """Why a test cell did not give its points; None if there is no why."""
    verdict = cell.metadata.get("course", {}).get("verdict", {})
    is_fault = verdict.get("is_fault", False)
    if is_solution(cell) or not verdict.get("error"):
        return None
    if is_fault and not cell.metadata.nbgrader.open:
        return None  # a person has decided
    message, hint = _message(verdict)
    return {
        "number": number,
        "points": cell.metadata.nbgrader.score,
        "possible": cell.metadata.nbgrader.points,
        "is_fault": is_fault,
        "error": verdict["error"],
        "message": _sentence(message),
        "hint": hint or _hint(verdict),
        "check": verdict.get("line", ""),
        "trace": _FILE.sub(
            "In a cell of yours, line", verdict.get("trace", "")
        ),
    }


def _message(verdict: dict[str, Any]) -> tuple[str, str]:
    """What went wrong, and the hint if the message brings one.

    A check says first what was passed and what came back; the hint follows
    after "Hint:", or is all from the second sentence on.
    """
    if verdict.get("is_fault"):
        return "", ""  # it may quote what only the teacher may read
    text = verdict["message"]
    if "Hint:" not in text and verdict["error"] == "AssertionError":
        text = _NEXT_SENTENCE.sub(" Hint: ", text, count=1)
    message, _, hint = text.partition("Hint:")
    return message.strip(), hint.strip()


def _hint(verdict: dict[str, Any]) -> str:
    if verdict.get("is_fault"):
        return ""
    if verdict["error"] in _HINTS:
        return _HINTS[verdict["error"]]
    if verdict.get("trace"):
        return _HINT_IN_TRACE
    return _HINT if "(" in verdict["message"] else ""  # where a call is named


def _stops(cell: NotebookNode) -> list[str]:
    """The errors with which an answer's own cell ended."""
    return [
        _FILE.sub("", f"{_STOPPED} {output.ename}: {output.evalue}")
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]


def _sentence(text: str) -> str:
    """A message of the grader's own as a sentence; a check's stays as it is."""
    text = text.strip()
    is_ours = text.partition(" ")[0] in _OURS  # else it may be a name
    return text[:1].upper() + text[1:] if is_ours else text


def _state(entry: dict[str, Any]) -> str:
    """Its colour in the page: open, full, part or none."""
    if entry["is_open"]:
        return "open"
    if entry["points"] >= entry["possible"]:
        return "full"
    return "part" if entry["points"] > 0 else "none"


def _line(entry: dict[str, Any]) -> str:
    """What happened, in one line of the table."""
    if entry["is_open"]:
        return "Your teacher will look at it."
    if entry["state"] == "full":
        return "All right, well done."
    if entry["is_empty"]:
        return "Nothing was filled in here yet."
    if entry["by_hand"]:
        return "Your teacher gave these points."
    reasons = [
        *entry["stops"],
        *(_shortest(finding) for finding in entry["findings"]),
    ]
    return _shortened(reasons[0]) if reasons else "Some points are missing."


def _shortest(finding: dict[str, Any]) -> str:
    """The message, or the hint where the message is too long for a line."""
    if len(finding["message"]) > _LINE >= len(finding["hint"]):
        return finding["hint"]
    return finding["message"]


def _shortened(text: str, length: int = _LINE) -> str:
    """The beginning of `text` in one line.

    >>> _shortened("one two  three", 9)
    'one two …'
    """
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + " …"


def _prepare(cell: NotebookNode) -> None:
    """Give figures their descriptions, and no output a say about files."""
    alt = cell.metadata.get("course", {}).get("alt")
    if alt:
        cell.metadata["alt"] = alt
    for output in cell.get("outputs", []):
        if "metadata" in output:
            output.metadata = NotebookNode()
