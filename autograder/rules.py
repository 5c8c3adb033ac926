"""What the answers that a test judges may use, and whether they keep to it.

An answer is judged with what it relies on: statements of the student's other
cells that define a name which it uses, and what those use in turn. A cell of
the student's that compares with the library and that no answer uses is free;
the lecture's own cells are trusted, and what given ones use is open to who
uses them.
"""

import ast
import builtins
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from autograder.demos import UNREADABLE, Names, names, parsed
from autograder.permissions import imported, paths, violations

_SPACES = ("globals", "locals", "vars")
_STUDENTS = ("answer", "own")
_KNOWN = frozenset(dir(builtins)) | {"get_ipython", "display", "__name__"}


@dataclass(frozen=True)
class Cell:
    """A cell of code as it is run; role, allows, forbids as in its header."""

    id: str
    source: str
    role: str = "lecture"
    allows: tuple[str, ...] = ()
    forbids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rules:
    """What is closed while a test runs, and what its answers do nonetheless.

    Attributes:
        allows: Open to one of the answers, or to what they rely on.
        forbids: Closed to all of the answers.
        broken: What the answers use though they may not, as sentences.
    """

    allows: tuple[str, ...]
    forbids: tuple[str, ...]
    broken: tuple[str, ...]


@dataclass(frozen=True)
class _Statement:
    cell: Cell
    source: str
    names: Names
    changes: frozenset[str]  # by its methods, unless that is a module
    is_opaque: bool  # it may define any name

    @property
    def reads(self) -> frozenset[str]:
        return self.names.now | self.names.later


def rules(cells: Sequence[Cell], of: Iterable[str]) -> Rules:
    """The rules for a test of the answers whose ids are `of`."""
    cells = [cell for cell in cells if cell.role != "test"]
    answers = [cell for cell in cells if cell.id in set(of)]
    allows: list[str] = []
    broken: list[str] = []
    kept: set[str] = {name for cell in answers for name in cell.forbids}
    for answer in answers:
        kept &= set(answer.forbids)
        used = _used(cells, answer)
        allows += answer.allows
        broken += _broken(cells, answer, used)
        for statement in used:
            allows += statement.cell.allows
            if statement.cell.role == "given":
                allows += _lent(cells, statement)
    kept -= set(allows)
    unique = (dict.fromkeys(each) for each in (allows, broken))
    opened, found = map(tuple, unique)
    return Rules(opened, tuple(sorted(kept)), found)


def _broken(
    cells: Sequence[Cell], answer: Cell, used: Sequence[_Statement]
) -> Iterator[str]:
    yield from violations(
        answer.source,
        answer.allows,
        answer.forbids,
        _bound(cells, names(answer.source)),
    )
    for statement in used:
        if statement.cell.role in _STUDENTS:
            for found in violations(
                statement.source,
                (*answer.allows, *statement.cell.allows),
                answer.forbids,
                _bound(cells, statement.names),
            ):
                yield f"{found} (in a cell that this answer uses)"


def _lent(cells: Sequence[Cell], statement: _Statement) -> list[str]:
    """What a given function or value uses on behalf of an answer.

    Only given cells are for answers: a lecture's demonstration may be just what
    is to be written.
    """
    tree = ast.parse(statement.source)
    if isinstance(tree.body[0], ast.Import | ast.ImportFrom):
        return []  # an answer that uses the name itself is refused
    return list(paths(tree, _bound(cells, statement.names)))


def _bound(cells: Sequence[Cell], reader: Names) -> dict[str, str]:
    """What the names stand for that a cell or statement has from others."""
    reads = reader.now | (reader.later - reader.defined)
    found: dict[str, str] = {}
    for cell in cells:
        found |= _aliases(cell.source)
    return {name: path for name, path in found.items() if name in reads}


@lru_cache(maxsize=4096)
def _aliases(source: str) -> dict[str, str]:
    defined = names(source).defined
    return {
        name: path for name, path in imported(source).items() if name in defined
    }


def _used(cells: Sequence[Cell], answer: Cell) -> list[_Statement]:
    """Statements of other cells that `answer` relies on, transitively."""
    others = [
        statement
        for cell in cells
        if cell is not answer
        for statement in _statements(cell)
    ]
    imports = set().union(*(_imports(cell.source) for cell in cells))
    own = names(answer.source)
    wanted = set(own.now | own.later)
    known = _KNOWN | own.defined
    known = known.union(*(other.names.defined for other in others))
    used: dict[_Statement, None] = {}
    while True:
        strange = wanted - known
        more = [
            other
            for other in others
            if other not in used
            and (
                other.names.defined & wanted
                or other.changes & wanted - imports
                or (other.is_opaque and strange)
            )
        ]
        if not more:
            return list(used)
        used |= dict.fromkeys(more)
        wanted = wanted.union(*(other.reads for other in more))


@lru_cache(maxsize=4096)
def _statements(cell: Cell) -> tuple[_Statement, ...]:
    try:
        return tuple(
            _statement(cell, each) for each in parsed(cell.source).body
        )
    except UNREADABLE:
        return ()


def _statement(cell: Cell, node: ast.stmt) -> _Statement:
    source = ast.unparse(node)
    own = names(source)
    return _Statement(
        cell,
        source,
        Names(own.defined | set(_set(node)), own.now, own.later),
        frozenset(_changed(node)),
        any(map(_is_opaque, ast.walk(node))),
    )


@lru_cache(maxsize=4096)
def _imports(source: str) -> frozenset[str]:
    """Names that a cell imports."""
    try:
        tree = parsed(source)
    except UNREADABLE:
        return frozenset()
    return frozenset(
        alias.asname or alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    )


def _changed(node: ast.stmt) -> Iterator[str]:
    """What a method is called of for its effect: `table.update(...)`."""
    for each in ast.walk(node):
        if isinstance(each, ast.Expr) and isinstance(each.value, ast.Call):
            root = each.value.func
            while isinstance(root, ast.Attribute | ast.Subscript):
                root = root.value
            if isinstance(root, ast.Name) and root is not each.value.func:
                yield root.id


def _set(node: ast.stmt) -> Iterator[str]:
    """What `setattr` changes."""
    for each in ast.walk(node):
        match each:
            case ast.Call(func=ast.Name(id="setattr"), args=[owner, *_]):
                while isinstance(owner, ast.Attribute | ast.Subscript):
                    owner = owner.value
                if isinstance(owner, ast.Name):
                    yield owner.id


def _is_opaque(node: ast.AST) -> bool:
    """Whether it may bind names that its source does not show."""
    match node:
        case ast.ImportFrom(names=[ast.alias(name="*")]):
            return True
        case ast.Call(func=ast.Name(id="exec")):
            return True
        case ast.Attribute(attr="user_ns" | "run_cell" | "ex" | "push"):
            return True
        case ast.Subscript(value=ast.Call(func=ast.Name(id=name)), ctx=context):
            return name in _SPACES and isinstance(context, ast.Store)
        case ast.Attribute(
            value=ast.Call(func=ast.Name(id=name)),
            attr="update" | "setdefault" | "__setitem__",
        ):
            return name in _SPACES
    return False
