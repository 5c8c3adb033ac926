"""What an answer may use: `allows` and `forbids`, read from its source.

An answer may use Python, NumPy, Keras, course.datasets and course.plots; of
the rest of `course` only what `allows` names, and nothing that `forbids` does.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping

from IPython.core.inputtransformer2 import TransformerManager

OPEN = ("course.datasets", "course.plots")
_RUNS_TEXT = ("eval", "exec", "compile", "__import__", "importlib", "runpy")


def violations(
    source: str,
    allows: Iterable[str] = (),
    forbids: Iterable[str] = (),
    bound: Mapping[str, str] | None = None,
) -> list[str]:
    """What `source` uses though it may not, each as a sentence.

    Args:
        source: An answer's cell.
        allows, forbids: Dotted names, as the cell's header has them.
        bound: What names of other cells stand for, see `imported`.
    """
    tree = _parsed(source)
    open_names = (*OPEN, *allows)
    names = dict(bound or {}) | imported(source)
    found = []
    for name in (*_imports(tree), *_uses(tree, names)):
        if _is_in(name, "course") and not (
            name == "course" or any(_is_in(name, x) for x in open_names)
        ):
            found.append(f"{name} is closed to this answer; write it yourself")
        if any(_is_in(_plain(name), _plain(each)) for each in forbids):
            found.append(f"{name} is not to be used in this answer")
        if name.partition(".")[0] in _RUNS_TEXT and name not in names:
            found.append(f"{name} runs or imports text: say it as code")
    hidden = {each.rpartition(".")[2] for each in forbids}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in hidden:
            found.append(f"{node.value} as text is not to be used here")
    return list(dict.fromkeys(found))


def imported(source: str) -> dict[str, str]:
    """Name -> what it stands for, by the imports and aliases of a cell."""
    names: dict[str, str] = {}
    for node in ast.walk(_parsed(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                names[alias.asname or alias.name] = (
                    f"{node.module}.{alias.name}"
                )
        if isinstance(node, ast.Assign) and (
            path := _dotted(node.value, names)
        ):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    names[target.id] = path
    return names


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except SyntaxError:  # it cannot run either
        return ast.Module([], [])


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _uses(tree: ast.Module, names: Mapping[str, str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Name, ast.Attribute)):
            if path := _dotted(node, names):
                yield path
            elif isinstance(node, ast.Name) and node.id in _RUNS_TEXT:
                yield node.id


def _dotted(node: ast.AST, names: Mapping[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value, names)
        return owner and f"{owner}.{node.attr}"
    return None


def _is_in(name: str, part: str) -> bool:
    return name == part or name.startswith(f"{part}.")


def _plain(name: str) -> str:
    """One spelling for the names under which Keras and NumPy export a thing."""
    return name.replace(".Convolution", ".Conv").replace("keras.src.", "keras.")
