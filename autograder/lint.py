"""What a lecture must be beyond well formed: the build refuses the rest."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from autograder.demos import UNREADABLE, names, parsed
from autograder.permissions import imported, paths
from autograder.rules import Cell as Code
from autograder.rules import rules
from autograder.source import Cell, LectureError, solution
from autograder.testcell import TestCell

MOST_WORDS = 80  # on a slide, fragments and heading included
_STARTS = ("slide", "subslide")
_DRAWS = ("course.plots.", "matplotlib.pyplot.")
_SETS = tuple(f"matplotlib.pyplot.{name}" for name in ("close", "rc", "style"))
_FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$]+\$", re.DOTALL)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_WORD = re.compile(r"\S*\w\S*")


def lint(
    cells: Sequence[Cell], file: str, claims: Mapping[str, str] | None = None
) -> None:
    """Check a lecture's cells.

    Args:
        cells: As `autograder.source.read` returns them.
        file: The source's name, for the message.
        claims: Of each claim that tests/claims/ tests the id, and the name of
            its table, which is its lecture's; None where there is no such
            folder, and no claim is looked for.

    Raises:
        LectureError: All that is wrong, a line each, with cell and cure.
    """
    faults = [
        *_tests(cells),
        *_answers(cells),
        *_figures(cells),
        *_slides(cells),
        *(_claims(cells, file, claims) if claims is not None else ()),
    ]
    if faults:
        raise LectureError(
            "\n".join(
                f"{file}, cell {where!r}: {what}" for where, what in faults
            )
        )


def known_claims(folder: Path) -> dict[str, str] | None:
    """Ids of the claims in a folder of tables, and whose each is.

    Tables are read, not run: an id is the first argument of a `Claim(...)`.

    Returns:
        The name of the table by id; None if there is no such folder.
    """
    if not folder.is_dir():
        return None
    return {
        node.args[0].value: path.name
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Claim"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


Fault = tuple[str, str]  # the cell's id, what is wrong


def _tests(cells: Sequence[Cell]) -> Iterator[Fault]:
    """A test uses its answers' names only, and each assert says something."""
    defined = {cell.id: names(cell.source).defined for cell in cells}
    for cell in cells:
        if cell.role != "test":
            continue
        its = set().union(*(defined[answer] for answer in cell.header["of"]))
        try:
            used = TestCell(cell.id, cell.source, 1).student_names() - its
            tree = parsed(cell.source)
        except UNREADABLE as error:
            yield cell.id, f"no Python: {error}; correct it"
            continue
        for name in sorted(used):
            owners = [each for each in defined if name in defined[each]]
            whose = f"of the cell {owners[0]!r}" if owners else "of no cell"
            yield (
                cell.id,
                f"the test uses {name}, {whose}, which a student can change; "
                "a test uses its answers' names only: import or define the "
                "others in it",
            )
        for node in ast.walk(tree):
            if isinstance(node, ast.Assert) and node.msg is None:
                yield (
                    cell.id,
                    f"line {node.lineno}, assert {ast.unparse(node.test)[:60]}"
                    ", has no message; say what was called, what came back, "
                    "and a hint",
                )


def _answers(cells: Sequence[Cell]) -> Iterator[Fault]:
    """A model solution keeps to what the grader asks of a student's."""
    code = [
        Code(
            cell.id,
            cell.source,
            cell.role,
            cell.header.get("allows", ()),
            cell.header.get("forbids", ()),
        )
        for cell in cells
        if cell.cell_type == "code"
    ]
    for cell in cells:
        if cell.role != "answer":
            continue
        for what in rules(code, [cell.id]).broken:
            yield (
                cell.id,
                f"the grader would refuse the model solution: {what}; change "
                "the solution, or what the header allows and forbids",
            )
        if not solution(cell.source).strip():
            yield cell.id, "the model solution is empty; write it"


def _figures(cells: Sequence[Cell]) -> Iterator[Fault]:
    """A cell that draws says what the figure shows."""
    known: dict[str, str] = {}
    for cell in cells:
        if cell.role not in ("lecture", "given") or cell.cell_type != "code":
            continue
        known |= imported(cell.source)
        try:
            statements = parsed(cell.source).body
        except UNREADABLE:
            continue
        draws = False
        for each in statements:
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                if any(_draws(inner, known) for inner in each.body):
                    # a call of it draws, as a call of course.plots does
                    known[each.name] = f"{_DRAWS[0]}{each.name}"
            else:
                draws |= _draws(each, known)
        if draws and "alt" not in cell.header:
            yield (
                cell.id,
                "a figure without a text for those who cannot see it; say "
                'what it shows: alt="..." in the header',
            )


def _draws(node: ast.AST, known: dict[str, str]) -> bool:
    """Whether running `node` calls what draws; to define it is no call."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    if isinstance(node, ast.Call) and any(
        path.startswith(_DRAWS) and not path.startswith(_SETS)
        for path in paths(node.func, known)
    ):
        return True
    return any(_draws(child, known) for child in ast.iter_child_nodes(node))


def _slides(cells: Sequence[Cell]) -> Iterator[Fault]:
    """Few words on a slide, and not code alone."""
    for slide in _parts(cells):
        texts = [each.source for each in slide if each.cell_type == "markdown"]
        count = sum(len(words(text)) for text in texts)
        if count > MOST_WORDS:
            yield (
                slide[0].id,
                f"{count} words on a slide; expected at most {MOST_WORDS}: "
                "say less, or begin a subslide",
            )
        is_shown = any("alt" in each.header for each in slide)
        is_code = any(each.cell_type == "code" for each in slide)
        said = [line for text in texts for line in text.split("\n")]
        is_told = any(
            line.strip() and not line.startswith("#") for line in said
        )
        if is_code and not is_told and not is_shown:
            yield (
                slide[0].id,
                "a slide of code alone; say in a sentence what to look for, "
                "or show a figure",
            )


def _parts(cells: Sequence[Cell]) -> Iterator[list[Cell]]:
    """The cells of each slide, without its notes."""
    part: list[Cell] = []
    for cell in cells:
        default = None if cell.role == "lecture" else "skip"
        kind = cell.header.get("slide", default)
        if kind in _STARTS:
            if part:
                yield part
            part = []
        if kind not in ("notes", "skip") and (part or kind in _STARTS):
            part.append(cell)
    if part:
        yield part


def words(text: str) -> list[str]:
    """The words of a Markdown text; a formula is one, a link's address none.

    >>> words("## So $X' = C X$, see [the paper](doc.html) *now*")
    ['So', 'formula,', 'see', 'the', 'paper', '*now*']
    """
    text = _FORMULA.sub("formula", _LINK.sub(r"\1", text))
    return _WORD.findall(text)


def _claims(
    cells: Sequence[Cell], file: str, tested: Mapping[str, str]
) -> Iterator[Fault]:
    """What a cell claims is tested, and what is tested is shown."""
    shown: dict[str, str] = {}
    for cell in cells:
        for claim in cell.header.get("claims", ()):
            shown[claim] = cell.id
    for claim, where in shown.items():
        if claim not in tested:
            yield (
                where,
                f"claim {claim!r} has no test; add Claim({claim!r}, ...) to "
                f"the table in tests/claims/{file}",
            )
    for claim in sorted(set(tested) - set(shown)):
        if tested[claim] == file:
            yield (
                cells[0].id,
                f"claim {claim!r} of tests/claims/{file} is shown by no "
                f"cell; put claims={claim!r} into the header of the one that "
                "computes it",
            )
