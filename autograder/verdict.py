"""What a test cell decided, and how nbgrader is told."""

from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode, v4


@dataclass(frozen=True)
class Verdict:
    """What one test cell decided.

    Attributes:
        points: What it gives.
        possible: What it could have given.
        error: The name of what went wrong; empty for full or partial credit.
        message: What the student is told, without source of hidden tests.
        line: The visible line of the check that failed, or empty.
        trace: Where the student's own code failed, or empty.
        is_fault: Whether the check could not be done: a person should look.
        detail: For the teacher only: the whole traceback.
        lost: The student's process must be replaced.
    """

    points: float
    possible: float
    error: str = ""
    message: str = ""
    line: str = ""
    trace: str = ""
    is_fault: bool = False
    detail: str = ""
    lost: bool = False


def refused(possible: float, error: str, message: str, **more: Any) -> Verdict:
    """A verdict of no points."""
    return Verdict(0.0, possible, error, message, **more)


def record(verdict: Verdict, cell: NotebookNode) -> None:
    """Put `verdict` into its test cell.

    The outputs are for nbgrader and the assistant; of the rest, which
    `metadata.course.verdict` holds, the student's page is made.
    """
    cell.outputs = [*outputs(verdict), *_for_the_teacher(verdict)]
    cell.metadata.setdefault("course", {})["verdict"] = {
        "error": verdict.error,
        "message": clean(verdict.message),
        "line": clean(verdict.line),
        "trace": clean(verdict.trace),
        "is_fault": verdict.is_fault,
    }


def outputs(verdict: Verdict) -> list[NotebookNode]:
    """Outputs of the test cell from which nbgrader reads just `verdict`.

    An error is 0, a number as result is partial, no output is full credit.
    """
    if verdict.error:
        parts = [f"{verdict.error}: {clean(verdict.message)}"]
        if verdict.line:
            parts.append(f"The check that failed:\n    {clean(verdict.line)}")
        if verdict.trace:
            parts.append(f"In your code:\n{clean(verdict.trace)}")
        return [
            v4.new_output(
                "error",
                ename=verdict.error,
                evalue=clean(verdict.message),
                traceback=parts,
            )
        ]
    if verdict.points == verdict.possible:
        return []
    text = repr(float(verdict.points))
    return [
        v4.new_output(
            "execute_result", data={"text/plain": text}, execution_count=None
        )
    ]


def _for_the_teacher(verdict: Verdict) -> list[NotebookNode]:
    """What formgrader shows and the student's page does not."""
    parts = []
    if verdict.is_fault:
        parts.append(
            "This check could not be done. Please read the answer and give "
            "the points by hand."
        )
    if verdict.lost:
        parts.append(
            "The student's process was lost here; the questions below were "
            "graded in a fresh one."
        )
    if verdict.detail:
        parts.append(clean(verdict.detail))
    if not parts:
        return []
    text = "\n\n".join(["For the teacher only", *parts])
    return [v4.new_output("stream", name="stdout", text=text)]


def clean(text: str) -> str:
    """`text` as any notebook can hold it: no controls, no half characters."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(
        character
        for character in text
        if character in "\n\t" or character.isprintable()
    )
