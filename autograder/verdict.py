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


def clean(text: str) -> str:
    """`text` as any notebook can hold it: no controls, no half characters."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(
        character
        for character in text
        if character in "\n\t" or character.isprintable()
    )
