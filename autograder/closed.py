"""What is closed to an answer is guarded while a test calls it.

This runs in the student's process, so it is the second wall behind the reading
of the source (`autograder.permissions`): it sees what no source shows, such as
a name that is computed, or a function that was put into a dictionary.

Each closed function gets another code, each closed class another `__init__`
and `__call__`: so one that a cell has kept is guarded too. It goes on if the
library itself asks for it by its name, else it raises. What cannot be changed
in place (a function written in C) is exchanged where it is found.
"""

import contextlib
import functools
import inspect
import os
import re
import sys
import sysconfig
import types
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from autograder.permissions import OPEN, forbidden, is_in, not_open

_HERE = str(Path(__file__).parent)
_STANDARD = tuple(
    {sysconfig.get_path(kind) + os.sep for kind in ("stdlib", "platstdlib")}
)
_PACKAGES = tuple(
    {sysconfig.get_path(kind) + os.sep for kind in ("purelib", "platlib")}
)
_OURS = (_HERE + os.sep, str(Path(_HERE).parent / "course") + os.sep)
_FROZEN = "<frozen "
# Where a backend, or Keras behind its public names, has the same once more.
_BEHIND_KERAS = ("keras.src.ops.", "keras.src.backend.")
_BACKENDS = (
    *("jax.lax", "jax.nn", "jax.numpy", "jax.scipy.signal"),
    *("tensorflow", "tensorflow.nn", "tensorflow.math"),
    *("torch", "torch.nn", "torch.nn.functional"),
    *("scipy.signal", "scipy.ndimage"),
)
_PROGRAMS = (
    *("os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn"),
    *("os.system", "pty.spawn", "subprocess.Popen"),
)
_CODES = ("code.__new__", "function.__new__", "object.__setattr__")
_DEPTH = 3  # of the containers in which a function in C is looked for
_ITEMS = 10_000


class NotAllowed(RuntimeError):
    """An answer used what is closed to it."""


class Guard:
    """Closes functions and classes to the student's code, and opens them.

    Attributes:
        refusals: What was used though it may not, since the last `close`.
    """

    def __init__(self) -> None:
        self.refusals: list[str] = []
        self._is_watching = False
        self._closed: dict[int, Any] = {}  # kept alive: an id is used again
        self._undo: list[Callable[[], None]] = []
        self._rules: tuple[Sequence[str], Sequence[str]] | None = None
        self._modules: set[str] = set()
        self._loaded = 0  # how many modules were looked through

    def close(
        self,
        allows: Sequence[str],
        forbids: Sequence[str],
        namespace: MutableMapping[str, Any],
    ) -> None:
        """Close what `allows` does not open and what `forbids` names.

        Args:
            allows, forbids: Dotted names, as in an answer's header.
            namespace: Of the student's cells, where functions written in C
                are exchanged.
        """
        self.open()
        self._rules = (tuple(allows), tuple(forbids))
        self._opened = {id(_found(name)) for name in allows}
        for name in forbids:
            self._forbid(name, _named(name), namespace)
        for name in forbids:
            self._forbid(name, _twins(name, frozenset(sys.modules)), namespace)
        self._close_course()

    def open(self) -> None:
        """Undo `close`."""
        while self._undo:
            self._undo.pop()()
        self.refusals.clear()
        self._closed.clear()
        self._modules.clear()
        self._rules = None

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """What runs inside is the student's, and closed means closed."""
        if self._rules is None:
            yield
            return
        if len(sys.modules) != self._loaded:  # imported in the meantime
            self._close_course()
        self._is_watching = True
        try:
            yield
        finally:
            self._is_watching = False

    def audit(self, event: str, arguments: tuple) -> None:
        """Refuse other ways to run what is closed; see `sys.addaudithook`."""
        if event in _CODES:
            is_code = len(arguments) < 2 or arguments[1] == "__code__"
            if event != "object.__setattr__" or is_code:
                self._audit_caller("make code of code")
        elif not self._is_watching:
            return
        elif event in ("compile", "exec"):
            self._audit_caller("run text")
        elif event in _PROGRAMS:
            self._audit_caller("start a program", _is_standard)
        elif event == "import" and self._is_closed_module(arguments[0]):
            self._audit_caller(f"import {arguments[0]}", _is_standard)

    def _audit_caller(
        self, what: str, skips: Callable[[Any], bool] = lambda frame: False
    ) -> None:
        frame = sys._getframe(2)
        while frame is not None and skips(frame):
            frame = frame.f_back
        if frame is not None and not _is_librarys(frame):
            self._refuse(f"an answer may not {what}; say it in Python")

    def _refuse(self, message: str) -> None:
        self.refusals.append(message)
        raise NotAllowed(message)

    def _is_closed_module(self, name: str) -> bool:
        allows, _ = self._rules or ((), ())
        return not_open(name, (*OPEN, *allows))

    def _close_course(self) -> None:
        self._loaded = len(sys.modules)
        for name in list(sys.modules):
            if name in self._modules or not is_in(name, "course"):
                continue
            self._modules.add(name)
            module = sys.modules[name]
            if not self._is_closed_module(name):
                continue
            for key, thing in list(vars(module).items()):
                if getattr(thing, "__module__", None) == name:
                    path = f"{name}.{key}"
                    message = f"{path} is closed to this answer; "
                    message += "write it yourself"
                    self._close_one(thing, message, module, key)

    def _forbid(
        self,
        name: str,
        places: Sequence[tuple[Any, str]],
        namespace: MutableMapping[str, Any],
    ) -> None:
        message = forbidden(name)
        for module, key in places:
            thing = getattr(module, key, None)
            if not isinstance(thing, types.ModuleType):
                self._close_one(thing, message, module, key, namespace)

    def _close_one(
        self,
        thing: Any,
        message: str,
        owner: Any,
        key: str,
        namespace: MutableMapping[str, Any] | None = None,
    ) -> None:
        # NumPy's functions ask others' arrays first, from C.
        thing = getattr(thing, "_implementation", thing)
        if id(thing) in self._closed or id(thing) in self._opened:
            return
        if not callable(thing):
            return
        self._closed[id(thing)] = thing
        if isinstance(thing, types.FunctionType):
            self._close_function(thing, _Closed(self, thing, key, message))
        elif isinstance(thing, type) and thing.__flags__ & (1 << 9):
            self._close_class(thing, _Closed(self, thing, key, message))
        elif not isinstance(thing, type):
            self._exchange(
                thing, _Closed(self, thing, key, message), owner, namespace
            )

    def _close_function(self, function: Any, closed: "_Closed") -> None:
        code = function.__code__
        original = types.FunctionType(
            *(code, function.__globals__, function.__name__),
            *(function.__defaults__, function.__closure__),
        )
        original.__kwdefaults__ = function.__kwdefaults__

        def enter(*args: Any, **named: Any) -> Any:
            if self._is_watching:
                closed.check(sys._getframe(2))
            return original(*args, **named)

        function.__code__ = _gate(len(code.co_freevars), enter)
        self._undo.append(lambda: setattr(function, "__code__", code))

    def _close_class(self, kind: type, closed: "_Closed") -> None:
        self._wrap_method(kind, "__init__", closed.check)
        if any("__call__" in vars(base) for base in kind.__mro__):
            self._wrap_method(kind, "__call__", closed.check_direct)

    def _wrap_method(
        self, kind: type, name: str, check: Callable[[Any], None]
    ) -> None:
        own = vars(kind).get(name)
        method = getattr(kind, name)
        is_objects = method is object.__init__  # which takes no arguments

        @functools.wraps(method)
        def gate(*args: Any, **named: Any) -> Any:
            if self._is_watching:
                check(sys._getframe(1))
            return None if is_objects else method(*args, **named)

        # Keras reads off what an object's configuration is.
        gate.__signature__ = inspect.signature(method)
        setattr(kind, name, gate)
        if own is None:
            self._undo.append(lambda: delattr(kind, name))
        else:
            self._undo.append(lambda: setattr(kind, name, own))

    def _exchange(
        self,
        thing: Any,
        closed: "_Closed",
        owner: Any,
        namespace: MutableMapping[str, Any] | None,
    ) -> None:
        stand_in = _StandIn(self, thing, closed)
        self._closed[id(stand_in)] = stand_in
        for place in (vars(owner), namespace or {}):
            for holder, key in list(_holders(place, thing)):
                holder[key] = stand_in
                self._undo.append(
                    functools.partial(_put_back, holder, key, stand_in, thing)
                )


class _Closed:
    """One function or class, and who may use it."""

    def __init__(self, guard: Guard, thing: Any, key: str, message: str):
        self._guard = guard
        self._thing = thing
        self._names = {key, getattr(thing, "__name__", key)}
        self._message = message

    def check(self, frame: types.FrameType | None) -> None:
        """Raise unless a frame of the library asks for it by its name.

        Frames of the library that call what they are given, as `map_structure`
        does, decide nothing: who gave it to them does.
        """
        while frame is not None and _is_librarys(frame):
            if self._is_named(frame):
                return
            frame = frame.f_back
        self._guard._refuse(self._message)

    def check_direct(self, frame: types.FrameType | None) -> None:
        """Raise if an object of the class is called by the student's code.

        As a part of a model it is called without its name.
        """
        while frame is not None and _calls_what_it_is_given(frame):
            frame = frame.f_back
        if frame is None or not _is_librarys(frame):
            self._guard._refuse(self._message)

    def _is_named(self, frame: types.FrameType) -> bool:
        code = frame.f_code
        if code.co_name == "__init__" and "__init__" in code.co_names:
            return True  # of a class that inherits from it
        if not self._names.isdisjoint(code.co_names):
            return True
        values = (frame.f_globals.get(name) for name in code.co_names)
        return any(self._is_or_holds(value) for value in values)

    def _is_or_holds(self, value: Any) -> bool:
        if type(value) is dict:
            value = list(value.values())
        if type(value) in (list, tuple):
            return any(item is self._thing for item in value)
        return value is self._thing


class _StandIn:
    """In the place of a closed function that is written in C."""

    def __init__(self, guard: Guard, thing: Any, closed: _Closed):
        self._of = (guard, thing, closed)

    def __call__(self, *args: Any, **named: Any) -> Any:
        guard, thing, closed = self._of
        if guard._is_watching:
            closed.check(sys._getframe(1))
        return thing(*args, **named)

    def __getattr__(self, name: str) -> Any:
        guard, thing, closed = self._of
        if guard._is_watching and not name.startswith("__"):
            closed.check(sys._getframe(1))
        return getattr(thing, name)


def _found(path: str) -> Any:
    """What a dotted name stands for, if its modules are loaded."""
    module, rest = path, []
    while module and module not in sys.modules:
        module, _, name = module.rpartition(".")
        rest.insert(0, name)
    thing = sys.modules.get(module)
    for name in rest:
        thing = getattr(thing, name, None)
    return thing


def _named(name: str) -> list[tuple[Any, str]]:
    """Places of what `name` stands for: one, or all of a module."""
    thing = _found(name)
    if isinstance(thing, types.ModuleType):
        return [(thing, key) for key in vars(thing) if not key.startswith("_")]
    path, _, key = name.rpartition(".")
    return [(_found(path), key)] if thing is not None else []


@functools.lru_cache(maxsize=256)
def _twins(name: str, loaded: frozenset[str]) -> list[tuple[Any, str]]:
    """Places of what bears the same name, up to spelling, in a backend."""
    spelling = _spelling(name.rpartition(".")[2])
    behind_keras = _BEHIND_KERAS if is_in(name, "keras") else ()
    return [
        (module, key)
        for place in sorted(loaded)
        if place in _BACKENDS or place.startswith(behind_keras)
        if isinstance(module := sys.modules.get(place), types.ModuleType)
        for key in list(vars(module))
        if _spelling(key) == spelling
    ]


@functools.lru_cache(maxsize=1 << 16)
def _spelling(name: str) -> str:
    """What conv2d_transpose, ConvTranspose and conv_transpose share.

    >>> _spelling("conv2d_transpose")
    'convtranspose'
    """
    return re.sub(r"\d+d|_", "", name.lower())


def _holders(
    place: Any, thing: Any, depth: int = _DEPTH
) -> Iterator[tuple[Any, Any]]:
    """Dictionaries and lists in `place`, with the key, that hold `thing`."""
    is_dict = isinstance(place, dict)
    if len(place) > _ITEMS:
        return
    for key, value in list(place.items() if is_dict else enumerate(place)):
        if value is thing:
            yield place, key
        elif depth > 1 and type(value) in (dict, list) and value is not place:
            yield from _holders(value, thing, depth - 1)


def _put_back(holder: Any, key: Any, stand_in: Any, thing: Any) -> None:
    with contextlib.suppress(LookupError):  # the student took it out
        if holder[key] is stand_in:
            holder[key] = thing


def _is_librarys(frame: types.FrameType) -> bool:
    """Whether it runs code of a library, not of a cell or a student's file."""
    path = frame.f_code.co_filename
    if path.startswith(_FROZEN):
        return True
    if not path.startswith((*_OURS, *_PACKAGES, *_STANDARD)):
        return False
    module = sys.modules.get(frame.f_globals.get("__name__", ""))
    return getattr(module, "__dict__", None) is frame.f_globals


def _calls_what_it_is_given(frame: types.FrameType) -> bool:
    name = frame.f_globals.get("__name__", "")
    if is_in(name, "keras.src.tree") or is_in(name, "optree"):
        return _is_librarys(frame)
    return _is_standard(frame)


def _is_standard(frame: types.FrameType) -> bool:
    path = frame.f_code.co_filename
    is_there = path.startswith((*_STANDARD, _FROZEN))
    return is_there and not path.startswith(_PACKAGES) and _is_librarys(frame)


def _gate(free: int, enter: Callable) -> types.CodeType:
    """Code that calls `enter`, for a function with `free` free variables.

    It is run with the guarded function's globals, so it finds `enter` among
    its constants.
    """
    code = _template(free)
    constants = tuple(
        enter if constant == _PLACE else constant for constant in code.co_consts
    )
    return code.replace(co_consts=constants)


_PLACE = "the place of what is called"


@functools.cache
def _template(free: int) -> types.CodeType:
    names = [f"free{number}" for number in range(free)]
    bound = "".join(f"    {name} = None\n" for name in names)
    uses = "".join(f"        {name}\n" for name in names)  # never reached
    space: dict[str, Any] = {}
    text = (
        f"def make():\n{bound}    def gate(*args, **named):\n"
        f"        enter = {_PLACE!r}\n"
        f"        return enter(*args, **named)\n{uses}    return gate\n"
    )
    exec(compile(text, __file__, "exec"), space)
    return space["make"]().__code__
