"""A lecture's percent text, read and checked, cell by cell.

`read` is strict: whatever it does not know it refuses, because a misspelt
header would otherwise lose a question without a word.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
from nbformat import NotebookNode
from nbformat.validator import NotebookValidationError

SLIDES = ("slide", "subslide", "fragment", "notes", "skip")
# nbgrader finds these words anywhere in a line.
MARKS = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
_NUMBERS = ("points", "minutes")
_WORDS = ("of", "allows", "forbids", "claims")
_EXAMPLES = {"id": 'id="a-name"', "points": "points=2", "of": 'of="answer-id"'}


class LectureError(ValueError):
    """A lecture source that cannot become a notebook: where, what, cure."""


@dataclass(frozen=True)
class Role:
    """What a cell of one role must be, and what its header may say."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    mark: str | None = None
    cell_type: str | None = None

    @property
    def is_exercise(self) -> bool:
        """Whether the cell is a question's: it is never on a slide."""
        return self.mark is not None


ROLES = {
    "lecture": Role((), ("id", "slide", "alt", "claims")),
    "given": Role(("id",), ("slide", "alt", "claims")),
    "answer": Role(
        ("id",),
        ("minutes", "allows", "forbids", "slide", "taught"),
        "SOLUTION",
        "code",
    ),
    "test": Role(("id", "points", "of"), ("slide",), "HIDDEN TESTS", "code"),
    "written": Role(
        ("id", "points"), ("minutes", "slide", "taught"), "SOLUTION", "markdown"
    ),
}


@dataclass(frozen=True)
class Cell:
    """One cell of a lecture.

    Attributes:
        id: From the header, or `cell-N` by position (the first is 1).
        role: A key of `ROLES`.
        cell_type: "code" or "markdown".
        source: The text between the headers; markdown without its `#`.
        header: The rest of the header; `of`, `allows`, `forbids` and `claims`
            are tuples of names, `points` and `minutes` positive numbers.
    """

    id: str
    role: str
    cell_type: str
    source: str
    header: dict[str, Any]


def read(path: Path) -> list[Cell]:
    """The cells of the lecture source at `path`.

    Raises:
        LectureError: The first thing in the file that is not as CONTRIBUTING
            describes, with the cell's id and the cure.
    """
    text = path.read_text(encoding="utf-8")
    if not text.lstrip().startswith("# %%"):
        raise LectureError(
            f"{path.name}: begins with {text.lstrip()[:40]!r}, expected the "
            "first cell's header; begin the file with a '# %%' line"
        )
    try:
        nodes = jupytext.reads(text, fmt="py:percent").cells
    except NotebookValidationError as error:
        raise LectureError(
            f"{path.name}: no notebook can hold a header in it: "
            f"{error.message}; correct or remove that key"
        ) from error
    cells = [
        _cell(node, position, path.name)
        for position, node in enumerate(nodes, start=1)
    ]
    _check_unique(cells, path.name)
    _check_answers(cells, path.name)
    _check_taught(cells, path.name)
    return cells


def without_marks(source: str) -> str:
    """`source` without its BEGIN and END lines: what a student would write."""
    return "\n".join(line for line in source.split("\n") if not _mark(line))


def solution(source: str) -> str:
    """What stands between the marks of `source`: what no student receives."""
    parts = re.findall(
        r"^[^\n]*BEGIN SOLUTION[^\n]*\n(.*?)^[^\n]*END SOLUTION",
        source,
        re.MULTILINE | re.DOTALL,
    )
    return "\n\n".join(part.strip("\n") for part in parts)


def _cell(node: NotebookNode, position: int, file: str) -> Cell:
    header = dict(node.metadata)
    header.pop("lines_to_next_cell", None)  # jupytext's own bookkeeping
    cell_id = header.get("id", f"cell-{position}")
    where = f"{file}, cell {cell_id!r}"
    _check_parsed(header, where)
    role = header.pop("role", "lecture")
    _check_keys(role, header.keys(), where)
    _check_type(role, node.cell_type, where)
    values = {key: _value(key, header[key], where) for key in header}
    _check_id(cell_id, position, where)
    _check_slide(role, values.get("slide"), where)
    _check_marks(role, node.source, where)
    values.pop("id", None)
    return Cell(cell_id, role, node.cell_type, node.source, values)


def _check_parsed(header: dict, where: str) -> None:
    if "incorrectly_encoded_metadata" in header or "title" in header:
        text = header.get("incorrectly_encoded_metadata") or header["title"]
        raise LectureError(
            f'{where}: the header says {text!r}, expected key="value" pairs '
            "only; put text in double quotes, numbers without"
        )


def _check_keys(role: Any, keys: Set[str], where: str) -> None:
    if role not in ROLES:
        raise LectureError(
            f"{where}: role {role!r} is unknown; take given, answer, test or "
            "written, or leave it out for lecture material"
        )
    rule = ROLES[role]
    known = {*rule.required, *rule.optional}
    for key in sorted(keys - known):
        raise LectureError(
            f"{where}: role {role} has no key {key!r}; it knows "
            f"{', '.join(sorted(known))}"
        )
    for key in rule.required:
        if key not in keys:
            raise LectureError(
                f"{where}: role {role} needs {key!r}; add "
                f"{_EXAMPLES[key]} to the header"
            )


def _check_type(role: str, cell_type: str, where: str) -> None:
    if cell_type not in ("code", "markdown"):
        raise LectureError(
            f"{where}: a {cell_type} cell; expected code, or [markdown]"
        )
    expected = ROLES[role].cell_type
    if expected not in (None, cell_type):
        cure = "add" if expected == "markdown" else "remove"
        raise LectureError(
            f"{where}: role {role} takes {expected} cells, not {cell_type}; "
            f"{cure} [markdown] in the header"
        )


def _value(key: str, value: Any, where: str) -> Any:
    if key in _NUMBERS:
        # type(), because True is an int and points=true a slip
        if type(value) not in (int, float) or not 0 < value < 1000:
            raise LectureError(
                f"{where}: {key} is {value!r}; expected a positive number "
                f"without quotes, such as {key}=3"
            )
        return value
    if type(value) is not str or not value.strip():
        raise LectureError(
            f"{where}: {key} is {value!r}; expected text in double quotes"
        )
    return tuple(value.split()) if key in _WORDS else value


def _check_id(cell_id: str, position: int, where: str) -> None:
    by_position = re.fullmatch(r"cell-\d+", cell_id)
    if by_position and cell_id == f"cell-{position}":
        return
    words = re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cell_id)
    if by_position or not words or len(cell_id) > 64:
        raise LectureError(
            f"{where}: not a legal id; take at most 64 lower-case letters, "
            "digits and single hyphens, and no name such as cell-7, which is "
            "for cells without an id"
        )


def _check_slide(role: str, slide: str | None, where: str) -> None:
    if slide not in (None, *SLIDES):
        raise LectureError(
            f"{where}: slide {slide!r} is unknown; take one of "
            f"{', '.join(SLIDES)}"
        )
    if ROLES[role].is_exercise and slide not in (None, "skip"):
        raise LectureError(
            f"{where}: slide={slide!r} would show the {role} to the room; "
            "leave slide out"
        )


def _check_marks(role: str, source: str, where: str) -> None:
    allowed = ROLES[role].mark
    marks = [mark for line in source.split("\n") if (mark := _mark(line))]
    for position, (edge, name) in enumerate(marks):
        if name != allowed:
            raise LectureError(
                f"{where}: role {role} cannot hold {edge} {name}; remove "
                "the line or correct the role"
            )
        expected = ("BEGIN", "END")[position % 2]
        if edge != expected:
            raise LectureError(
                f"{where}: ### {edge} {name} where ### {expected} {name} is "
                "expected; pair them"
            )
    if len(marks) % 2:
        raise LectureError(
            f"{where}: ### BEGIN {allowed} is never closed; add a line "
            f"### END {allowed}"
        )
    if allowed == "SOLUTION" and not marks:
        raise LectureError(
            f"{where}: no model solution; put it between ### BEGIN SOLUTION "
            "and ### END SOLUTION"
        )


def _mark(line: str) -> tuple[str, str] | None:
    for name in MARKS:
        for edge in ("BEGIN", "END"):
            if f"{edge} {name}" in line:
                return edge, name
    return None


def _check_unique(cells: list[Cell], file: str) -> None:
    seen = set()
    for cell in cells:
        if cell.id in seen:
            raise LectureError(
                f"{file}, cell {cell.id!r}: two cells have this id; rename one"
            )
        seen.add(cell.id)


def _check_answers(cells: list[Cell], file: str) -> None:
    answers: list[str] = []
    for cell in cells:
        if cell.role == "answer":
            answers.append(cell.id)
        for name in cell.header.get("of", ()):
            if name not in answers:
                raise LectureError(
                    f"{file}, cell {cell.id!r}: of={name!r} names no answer "
                    f"above it; those above: {', '.join(answers) or 'none'}"
                )


def _check_taught(cells: list[Cell], file: str) -> None:
    slides = [
        cell.id
        for cell in cells
        if cell.header.get("slide") in ("slide", "subslide")
    ]
    for cell in cells:
        taught = cell.header.get("taught")
        if taught is not None and taught not in slides:
            raise LectureError(
                f"{file}, cell {cell.id!r}: taught={taught!r} names no cell "
                'with slide="slide" or slide="subslide"; take one of: '
                f"{', '.join(s for s in slides if s[:5] != 'cell-') or 'none'}"
            )
