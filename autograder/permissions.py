"""What an answer may use: `allows` and `forbids`, read from its source.

An answer may use Python, NumPy, Keras, course.datasets and course.plots; of
the rest of `course` only what `allows` names, and nothing that `forbids` does.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from autograder.demos import UNREADABLE, names, parsed

OPEN = ("course.datasets", "course.plots")
# Where Keras's and NumPy's operations are to be had under other names.
_BACKENDS = (
    *("jax", "jaxlib", "keras._tf_keras", "keras.src", "scipy"),
    *("tensorflow", "torch"),
)
_BUILTINS = ("eval", "exec", "compile", "__import__")
_RUNS_TEXT = (
    *(*_BUILTINS, "builtins", "code", "codeop", "importlib", "marshal"),
    *("pkgutil", "runpy"),
)
_STARTS = (
    *("concurrent.futures.ProcessPoolExecutor", "ctypes", "multiprocessing"),
    *("os.fork", "os.popen", "os.posix_spawn", "os.posix_spawnp", "os.system"),
    *("pty", "subprocess"),
)
_STARTS_BEGINNINGS = ("os.exec", "os.spawn")
_LOOKS_BEHIND = (
    *("autograder", "gc.get_objects", "gc.get_referents", "gc.get_referrers"),
    *("inspect.findsource", "inspect.getsource", "inspect.getsourcelines"),
    *("inspect.stack", "sys._getframe", "sys.modules"),
)
_INNER = (
    *("__builtins__", "__code__", "__globals__", "__loader__"),
    *("__subclasses__",),
)
_SHELL = re.compile(
    r"^\s*(?:[\w, \t]+=\s*)?(?:!|%%?(?:bash|cmd|load|perl|pypy|python\w*|ruby|"
    r"run|script|sh|sx|system|writefile)\b)",
    re.MULTILINE,
)


def violations(
    source: str,
    allows: Iterable[str] = (),
    forbids: Iterable[str] = (),
    bound: Mapping[str, str] | None = None,
) -> list[str]:
    """What `source` uses though it may not, each as a sentence.

    Args:
        source: An answer's cell, or a statement that it relies on.
        allows, forbids: Dotted names, as the cell's header has them.
        bound: What names of other cells stand for, see `imported`.
    """
    forbids = tuple(forbids)
    tree = _parsed(source)
    known = dict(bound or {}) | imported(source)
    defined = names(source).defined
    found = []
    for name in paths(tree, known):
        is_bare = "." not in name and name not in known
        if is_bare and name in defined:  # the student's own `compile`
            continue
        found += _refusals(name, (*OPEN, *allows), forbids)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _INNER:
            found.append(f"{node.attr} is closed to an answer; do without it")
    if _has_magics(source) and _SHELL.search(source):
        found.append("a command starts another program: say it in Python")
    return list(dict.fromkeys(found))


def _refusals(
    name: str, open_names: Sequence[str], forbids: Sequence[str]
) -> Iterator[str]:
    if not_open(name, open_names):
        yield f"{name} is closed to this answer; write it yourself"
    if any(_is_forbidden(name, each) for each in forbids):
        yield forbidden(name)
    elif forbids and any(is_in(name, each) for each in _BACKENDS):
        yield f"{name} is closed to this answer; use NumPy or keras.ops"
    if any(is_in(name, each) for each in _RUNS_TEXT):
        yield f"{name} runs or imports text: say it as code"
    if any(is_in(name, each) for each in _STARTS) or name.startswith(
        _STARTS_BEGINNINGS
    ):
        yield f"{name} starts another program: say it in this one"
    if any(is_in(name, each) for each in _LOOKS_BEHIND):
        yield f"{name} is closed to an answer; do without it"


def forbidden(name: str) -> str:
    """What a student is told of a name that `forbids` names."""
    return f"{name} is not to be used in this answer"


def not_open(name: str, open_names: Iterable[str]) -> bool:
    """Whether `name` is a part of the course that is closed.

    >>> not_open("course.layers", ["course.layers.TransposedConv"])
    False
    """
    return is_in(name, "course") and not any(
        is_in(name, each) or is_in(each, name) for each in open_names
    )


def is_in(name: str, part: str) -> bool:
    """Whether a dotted name is `part`, or lies in it."""
    return name == part or name.startswith(f"{part}.")


def imported(source: str) -> dict[str, str]:
    """Name -> what it stands for, by the imports and aliases of a cell."""
    found: dict[str, str] = {}
    for node in ast.walk(_parsed(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                found[alias.asname or top] = alias.name if alias.asname else top
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = (
                    f"{node.module}.{alias.name}"
                )
        for target, value in _assigned(node):
            if path := _dotted(value, found):
                found[target] = path
    return found


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Names and what is assigned to them."""
    if isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value:
        pairs = [(node.target, node.value)]
    elif isinstance(node, ast.Assign):
        pairs = [(target, node.value) for target in node.targets]
    else:
        return
    for target, value in pairs:
        if isinstance(target, ast.Name):
            yield target.id, value
        both = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
        if both:
            for one, its in zip(target.elts, value.elts, strict=False):
                if isinstance(one, ast.Name):
                    yield one.id, its


def _parsed(source: str) -> ast.Module:
    try:
        return parsed(source)
    except UNREADABLE:  # it cannot run either
        return ast.Module([], [])


def _has_magics(source: str) -> bool:
    """Whether it is no Python as it stands: no text that looks like magics."""
    try:
        ast.parse(source)
    except UNREADABLE:
        return True
    return False


def paths(node: ast.AST, known: Mapping[str, str]) -> Iterator[str]:
    """Dotted names of what `node` imports and uses, each as long as it is.

    Args:
        known: What names stand for.
    """
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif path := _dotted(node, known):
        yield path
    elif isinstance(node, ast.Name) and node.id in _BUILTINS:
        yield node.id
    else:
        for child in ast.iter_child_nodes(node):
            yield from paths(child, known)


def _dotted(node: ast.AST, known: Mapping[str, str]) -> str | None:
    """`a.b`, also where it is written getattr(a, "b") or vars(a)["b"]."""
    match node:
        case ast.Name(id=name):
            return known.get(name)
        case ast.Attribute(value=owner, attr=name):
            pass
        case ast.Call(
            func=ast.Name(id="getattr"),
            args=[owner, ast.Constant(value=str(name)), *_],
        ):
            pass
        case ast.Subscript(
            value=(
                ast.Call(func=ast.Name(id="vars"), args=[owner])
                | ast.Attribute(value=owner, attr="__dict__")
            ),
            slice=ast.Constant(value=str(name)),
        ):
            pass
        case _:
            return None
    path = _dotted(owner, known)
    return path and f"{path}.{name}"


def _is_forbidden(name: str, each: str) -> bool:
    name, each = _plain(name), _plain(each)
    if is_in(name, each):
        return True
    # Keras and NumPy have the same things in several modules.
    ours, theirs = name.split("."), each.split(".")
    return len(theirs) > 1 and (ours[0], ours[-1]) == (theirs[0], theirs[-1])


def _plain(name: str) -> str:
    """One spelling for the names under which Keras and NumPy export a thing."""
    return name.replace(".Convolution", ".Conv").replace("keras.src.", "keras.")
