"""How well a question's tests know a right answer from a nearly right one.

A mutant is the model solution with one operator, constant or comparison
changed: off by one, a sign, a strict bound. Each is graded as a student's
answer would be. One that still earns every point is a survivor: either the
change changes nothing, or the tests overlook a mistake that students make.
"""

import ast
import copy
import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader.utils import determine_grade, is_grade

from autograder.answers import model_answers
from autograder.execute import CourseExecute
from autograder.root import CourseRoot
from autograder.solution import compiled_solution, solution

SECONDS = 2  # a mutant's loop may never end

_OPERATORS: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


@dataclass(frozen=True)
class Mutant:
    """A model solution with one change.

    Attributes:
        source: All of it.
        change: The changed line, before and after: `a + b -> a - b`.
    """

    source: str
    change: str


def mutants(source: str) -> list[Mutant]:
    """Every mutant of a solution; none twice, and none of a text.

    >>> [mutant.change for mutant in mutants("y = x < 2")]
    ['y = x < 2 -> y = x <= 2', 'y = x < 2 -> y = x < 3', \
'y = x < 2 -> y = x < 1']
    """
    original = ast.unparse(ast.parse(source))
    found: dict[str, Mutant] = {}
    for tree in _mutated(ast.parse(source)):
        text = ast.unparse(ast.fix_missing_locations(tree))
        if text != original:
            found.setdefault(text, Mutant(text, _change(original, text)))
    return list(found.values())


def survivors(
    root: CourseRoot, lecture: str, question: str
) -> tuple[int, list[Mutant]]:
    """How many mutants a question has, and those that earn every point.

    Args:
        root: Where the lecture is built.

    Raises:
        KeyError: The lecture has no such answer.
    """
    grader = QuestionGrader(root, lecture, question)
    solution = model_answers(root.solutions / f"{lecture}.py")[question]
    if not grader.is_full(solution):
        raise ValueError(
            f"{lecture}: the solution of {question} does not earn every "
            "point; correct it or its tests first"
        )
    tried = mutants(solution)
    return len(tried), [each for each in tried if grader.is_full(each.source)]


class QuestionGrader:
    """Grades answers to one question, with the model's answers above it.

    Args:
        root: Where the lecture is built.
        lecture, question: Its name, and the answer's id.
    """

    def __init__(self, root: CourseRoot, lecture: str, question: str):
        self._execute = CourseExecute(
            config=root.config(), answer_seconds=SECONDS
        )
        self._question = question
        path = root.source_notebook(lecture)
        self._about = {
            "metadata": {"path": str(path.parent)},
            "compiled": compiled_solution(path, root.compiled, self._execute),
        }
        self._notebook = solution(path, self._execute)
        self._notebook.cells = list(_needed(self._notebook.cells, question))

    def is_full(self, source: str) -> bool:
        """Whether the answer `source` earns every point."""
        notebook = copy.deepcopy(self._notebook)
        for cell in notebook.cells:
            if cell.id == self._question:
                cell.source = source
        self._execute.run(notebook, self._about)
        grades = [
            determine_grade(cell) for cell in notebook.cells if is_grade(cell)
        ]
        return all(points == possible for points, possible in grades)


def _needed(
    cells: Sequence[NotebookNode], question: str
) -> Iterator[NotebookNode]:
    """The given cells, the answers up to `question`, and its tests."""
    above = True
    for cell in cells:
        course = cell.metadata.get("course", {})
        role = course.get("role", "lecture")
        if role == "given" or (role == "answer" and above):
            yield cell
        if role == "test" and question in course.get("of", []):
            yield cell
        above = above and cell.id != question


def _mutated(tree: ast.Module) -> Iterator[ast.Module]:
    """A copy of `tree` for each change; changes are made one by one."""
    places = list(_places(tree))
    for place, node in enumerate(places):
        for number in range(len(_replacements(node))):
            twin = copy.deepcopy(tree)
            target = list(_places(twin))[place]
            new = _replacements(target)[number]
            yield _Replace(target, new).visit(twin)


def _places(tree: ast.AST) -> Iterator[ast.AST]:
    """What may be changed: no annotation, and nothing that is only said."""
    if isinstance(tree, ast.Raise | ast.JoinedStr | ast.Assert):
        return
    yield tree
    for name, value in ast.iter_fields(tree):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _places(child)


def _replacements(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.Constant(value=bool(value)):
            return [ast.Constant(not value)]
        case ast.Constant(value=int(value) | float(value)):
            return [ast.Constant(value + 1), ast.Constant(value - 1)]
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            return [operand]
    other = _OPERATORS.get(type(node))
    return [other()] if other else []


class _Replace(ast.NodeTransformer):
    """One node for another; operators are nodes as well."""

    def __init__(self, old: ast.AST, new: ast.AST):
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else self.generic_visit(node)


def _change(before: str, after: str) -> str:
    lines = difflib.ndiff(before.split("\n"), after.split("\n"))
    changed = [line for line in lines if line[0] in "+-"]
    return " -> ".join(_texts(changed, "-") + _texts(changed, "+"))


def _texts(lines: Iterable[str], sign: str) -> list[str]:
    return ["; ".join(line[2:].strip() for line in lines if line[0] == sign)]
