"""A lecture's questions: what each is called, and which slide teaches it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

_HEADING = re.compile(r"^#{1,6} +(.+?)[ #]*$", re.MULTILINE)
_SLIDES = ("slide", "subslide")


@dataclass(frozen=True)
class Question:
    """One question of a lecture.

    Attributes:
        name: The answers' ids, joined by " + "; or the written cell's id.
        title: Its heading, in Markdown; without one its name in words.
        answers: The ids of the cells that the student fills in.
        graded: The ids of the cells that give points.
        slide: The id of the cell that teaches it; empty if there is none.
        slide_title: That cell's heading, in Markdown.
    """

    name: str
    title: str
    answers: list[str]
    graded: list[str]
    slide: str
    slide_title: str


def question_of(cell: NotebookNode) -> str:
    """The answer that a test cell judges, or the written cell's own id."""
    return " + ".join(_answers(cell))


def questions(cells: Sequence[NotebookNode]) -> list[Question]:
    """The questions of a lecture's `cells`, as they were handed out."""
    place = {cell.id: position for position, cell in enumerate(cells)}
    graded: dict[str, list[NotebookNode]] = {}
    for cell in cells:
        if is_grade(cell):
            graded.setdefault(question_of(cell), []).append(cell)
    return [
        _question(name, found, cells, place) for name, found in graded.items()
    ]


def heading(source: str) -> str:
    """The first heading in a Markdown text, or nothing.

    >>> heading("text\\n## Question 4. Twice\\n# More")
    'Question 4. Twice'
    """
    found = _HEADING.search(source)
    return found[1] if found else ""


def _question(
    name: str,
    graded: list[NotebookNode],
    cells: Sequence[NotebookNode],
    place: dict[str, int],
) -> Question:
    answers = _answers(graded[0])
    first = place[answers[0]]
    slide = _slide(cells, first)
    words = name.replace("-", " ")
    return Question(
        name=name,
        title=_title(cells, first) or words[:1].upper() + words[1:],
        answers=answers,
        graded=[cell.id for cell in graded],
        slide=slide.id if slide else "",
        slide_title=heading(slide.source) if slide else "",
    )


def _answers(cell: NotebookNode) -> list[str]:
    return list(cell.metadata.get("course", {}).get("of", [cell.id]))


def _title(cells: Sequence[NotebookNode], position: int) -> str:
    """The heading in a written cell, or in the text above an answer."""
    if cells[position].cell_type == "markdown":
        own = heading(cells[position].source)
        if own:
            return own
    for cell in reversed(cells[:position]):
        if is_grade(cell) or is_solution(cell) or _slide_type(cell) in _SLIDES:
            break
        if cell.cell_type == "markdown" and heading(cell.source):
            return heading(cell.source)
    return ""


def _slide(cells: Sequence[NotebookNode], position: int) -> NotebookNode | None:
    """The slide that the question names, or the nearest above it."""
    taught = cells[position].metadata.get("course", {}).get("taught")
    for cell in cells:
        if taught and cell.id == taught:
            return cell
    for cell in reversed(cells[:position]):
        if _slide_type(cell) in _SLIDES:
            return cell
    return None


def _slide_type(cell: NotebookNode) -> str:
    return cell.metadata.get("slideshow", {}).get("slide_type", "")
