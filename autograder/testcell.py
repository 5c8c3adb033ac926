"""What a test cell's source says, before any of it runs."""

import ast
import builtins
import symtable
from dataclasses import dataclass
from functools import cached_property
from types import CodeType

from IPython.core.inputtransformer2 import TransformerManager

_BEGIN, _END = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"


@dataclass(frozen=True)
class TestCell:
    """A test cell of the instructor's.

    Attributes:
        id: Its id in the notebook.
        source: Its source, hidden tests and their marks included.
        points: What it gives.
        seconds: How long it may take.
        allows: What of the course its answers may use; None closes nothing.
        forbids: What else they may not use.
        student: Whose answers it judges; empty if nobody says.
    """

    id: str
    source: str
    points: float
    seconds: float = 10.0
    allows: tuple[str, ...] | None = None
    forbids: tuple[str, ...] = ()
    student: str = ""

    __test__ = False  # no tests for pytest to collect

    @property
    def filename(self) -> str:
        """What tracebacks call it."""
        return f"<check {self.id}>"

    @cached_property
    def python(self) -> str:
        """The source with its magics as calls: `%matplotlib` is no Python."""
        return TransformerManager().transform_cell(self.source)

    def code(self) -> tuple[CodeType, CodeType | None]:
        """What to execute, and the last expression, if it ends with one.

        Raises:
            SyntaxError: It is no Python, or imports all names of a module.
        """
        tree = ast.parse(self.python, self.filename)
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            last = ast.Expression(tree.body.pop().value)
        return (
            compile(tree, self.filename, "exec", dont_inherit=True),
            last and compile(last, self.filename, "eval", dont_inherit=True),
        )

    def student_names(self) -> set[str]:
        """The names it uses, but neither defines nor imports.

        Raises:
            SyntaxError: It is no Python, or imports all names of a module.
        """
        for node in ast.walk(ast.parse(self.python, self.filename)):
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                raise SyntaxError(
                    f"from {node.module} import * hides which names are the "
                    "student's; import them by name"
                )
        top = symtable.symtable(self.python, self.filename, "exec")
        used, bound = _names(top)
        return used - bound - set(dir(builtins)) - {"get_ipython"}

    def imports(self, module: str) -> bool:
        """Whether it imports `module`, by any of Python's statements."""
        for node in ast.walk(ast.parse(self.python, self.filename)):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            if any(f"{name}.".startswith(f"{module}.") for name in names):
                return True
        return False

    def is_visible(self, line: int) -> bool:
        """Whether the student's notebook shows this line."""
        hidden = False
        for number, text in enumerate(self.source.split("\n"), start=1):
            hidden = hidden or _BEGIN in text
            if number == line:
                return not hidden
            hidden = hidden and _END not in text
        return False

    def line(self, number: int) -> str:
        """The check at a line, the first being 1, without its message.

        A raise is all message: there is no check to show.
        """
        for node in ast.walk(ast.parse(self.python, self.filename)):
            if not isinstance(node, ast.Assert | ast.Raise):
                continue
            span = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            if number in span and isinstance(node, ast.Raise):
                return ""
            if number in span and all(map(self.is_visible, span)):
                test = ast.get_source_segment(self.python, node.test) or ""
                return "assert " + " ".join(map(str.strip, test.split("\n")))
        lines = self.source.split("\n")
        return lines[number - 1].strip() if number <= len(lines) else ""


def _names(table: symtable.SymbolTable) -> tuple[set[str], set[str]]:
    """The module's names that are used, and those that are bound."""
    used, bound = set(), set()
    is_top = table.get_type() == "module"
    for symbol in table.get_symbols():
        name = symbol.get_name()
        if symbol.is_referenced() and (is_top or symbol.is_global()):
            used.add(name)
        binds = symbol.is_assigned() or symbol.is_imported()
        if is_top and (binds or symbol.is_namespace()):
            bound.add(name)
        if binds and symbol.is_declared_global():
            bound.add(name)
    for child in table.get_children():
        for ours, theirs in zip((used, bound), _names(child), strict=True):
            ours |= theirs
    return used, bound
