"""Which of a lecture's demo cells a student's code needs."""

import ast
import re
import symtable
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from IPython.core.inputtransformer2 import TransformerManager

UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_CELL_MAGIC = re.compile(r"\A\s*%%.*\n?")
_MAGICS = [
    (re.compile(rf"^{pattern}", re.MULTILINE), python)
    for pattern, python in (
        (r"([ \t]*)%(?:time|timeit|prun)[ \t]+(?!-)", r"\1"),  # runs Python
        (r"([ \t]*)[%!?].*", r"\1pass"),
        (r"([ \t]*)\S+\?+[ \t]*$", r"\1pass"),
        (r"([ \t]*[\w, \t]+=)[ \t]*[%!].*", r"\1 None"),
    )
]


@dataclass(frozen=True)
class Names:
    """The names of a cell's code at the level of the notebook.

    Attributes:
        defined: What it binds or changes.
        now: What it reads when it runs, and does not bind before.
        later: What its functions read when they are called.
    """

    defined: frozenset[str] = frozenset()
    now: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Code:
    """A cell as `needed` sees it; role is "demo", "user" or "other"."""

    role: str
    names: Names


@lru_cache(maxsize=4096)
def names(source: str) -> Names:
    """The names of a cell, which may hold IPython's magics.

    >>> sorted(names("%time y = f(x)").now)
    ['f', 'x']
    >>> names("no Python at all")
    Names(defined=frozenset(), now=frozenset(), later=frozenset())
    """
    defined: set[str] = set()
    now: set[str] = set()
    later: set[str] = set()
    try:
        for statement in parsed(source).body:
            one = _statement(statement)
            now |= one.now - defined
            later |= one.later
            defined |= one.defined
    except UNREADABLE:
        return Names()
    later -= defined  # bound by the time the function is called
    return Names(frozenset(defined), frozenset(now), frozenset(later))


def parsed(source: str) -> ast.Module:
    """The cell's Python; its magics are taken out if it has some.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: It has none.

    Not by IPython's own transformer: that one reads the cell anew for each
    magic, and a hostile cell with hundreds of them would hold up the class.
    Its clean-up (prompts, indentation) reads it once.
    """
    source = _CELL_MAGIC.sub("", source)
    try:
        return ast.parse(source)
    except SyntaxError:
        lines = source.splitlines(keepends=True)
        for step in TransformerManager().cleanup_transforms:
            lines = step(lines)
        source = "".join(lines)
        for magic, python in _MAGICS:
            source = magic.sub(python, source)
        return ast.parse(source)


def _statement(statement: ast.stmt) -> Names:
    table = symtable.symtable(ast.unparse(statement), "<cell>", "exec")
    changed = set(_changed(statement))
    symbols = table.get_symbols()
    return Names(
        frozenset(
            {s.get_name() for s in symbols if s.is_assigned()}
            | {s.get_name() for s in symbols if s.is_imported()}
            | changed
            | {s.get_name() for s in _globals(table) if s.is_assigned()}
        ),
        frozenset(
            {s.get_name() for s in symbols if s.is_referenced()} | changed
        ),
        frozenset(s.get_name() for s in _globals(table) if s.is_referenced()),
    )


def _changed(node: ast.AST) -> Iterator[str]:
    """Names whose value a statement needs and changes: x += 1, x[0] = 1."""
    target = None
    if isinstance(node, ast.AugAssign):
        target = node.target
    elif isinstance(node, ast.Subscript | ast.Attribute) and isinstance(
        node.ctx, ast.Store
    ):
        target = node.value
    while isinstance(target, ast.Subscript | ast.Attribute):
        target = target.value
    if isinstance(target, ast.Name):
        yield target.id
    if not isinstance(node, _SCOPES):  # whose names are their own
        for child in ast.iter_child_nodes(node):
            yield from _changed(child)


def _globals(table: symtable.SymbolTable) -> Iterator[symtable.Symbol]:
    """The notebook's names as the scopes inside `table` see them."""
    for child in table.get_children():
        yield from (s for s in child.get_symbols() if s.is_global())
        yield from _globals(child)


def needed(cells: Sequence[Code]) -> set[int]:
    """Positions of the demos that the users among `cells` need.

    A demo is needed if it defines a name which a user, or a needed demo,
    reads and which no user before that cell defines.
    """
    todo = [i for i, cell in enumerate(cells) if cell.role == "user"]
    found: set[int] = set()
    while todo:
        position = todo.pop()
        new = set(_definers(cells, position)) - found
        found |= new
        todo.extend(new)
    return found


def _definers(cells: Sequence[Code], position: int) -> Iterable[int]:
    own = cells[position].names
    above: set[str] = set()
    for cell in cells[:position]:
        if cell.role == "user":
            above |= cell.names.defined
    for index, cell in enumerate(cells):
        # a function can be called further down, after a later demo
        used = own.now | own.later if index < position else own.later
        if cell.role == "demo" and cell.names.defined & (used - above):
            yield index
