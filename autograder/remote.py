"""The checker's end of the wall: the student's objects, at arm's length.

A `Remote` can be called, indexed, iterated, and asked for attributes and its
length; plain data comes back by value. All else would be an answer that the
student's object gives about itself, so it is an error of the check. Such
errors are no `Exception`s, and the link remembers them: a test that swallows
one earns nothing by it.
"""

import builtins
import reprlib
import socket
import time
from collections.abc import Iterator
from typing import Any, NoReturn

from autograder.rpc import Channel, Handle, ProtocolError, UnsendableError

MAX_ITERATED = 100_000
_SHORT = reprlib.Repr()
_SHORT.maxlist = _SHORT.maxtuple = 9
_SHORT.maxother = 120
# Either they mean something else to the interpreter or to a test, or they
# cannot be made of a message alone.
_NEVER = (
    *("AssertionError", "MemoryError", "StopAsyncIteration", "StopIteration"),
)


class StudentError(Exception):
    """The student's code failed in a way no test cell may mistake."""


class CheckError(BaseException):
    """The check cannot be done; no points, and a person should look."""


class HandleError(CheckError):
    """A test used an object of the student's as if it were a value."""


class NotAllowed(CheckError):
    """The student's code used what is closed to the answer."""


class StudentGone(CheckError):
    """The student's process ended, hangs or talks nonsense."""


def _mapped() -> dict[str, type[Exception]]:
    found = {}
    for name, kind in vars(builtins).items():
        if not isinstance(kind, type) or not issubclass(kind, Exception):
            continue
        if issubclass(kind, (Warning, UnicodeError, BaseExceptionGroup)):
            continue
        if name == kind.__name__ and name not in ("Exception", *_NEVER):
            found[name] = kind
    return found


MAPPED = _mapped()


class Link:
    """The connection to one student's process, or to none yet."""

    def __init__(self) -> None:
        self._channel: Channel | None = None
        self._lost = "there is no process with the student's answers"
        self._seconds = 0.0
        self.fault: CheckError | None = None
        self.traces: dict[int, tuple[BaseException, str]] = {}
        self._names: dict[int, str] = {}
        self._calls: dict[int, str] = {}

    def connect(self, connection: socket.socket) -> None:
        """Talk to a fresh student's process; handles of the old are dead."""
        if self._channel is not None:
            self._channel.close()
        self._channel = Channel(connection)

    def start(self, seconds: float) -> None:
        """Begin a test cell that may wait `seconds` for the student.

        Only waiting counts: what the test itself imports may take long.
        """
        self._seconds = seconds
        self.fault = None
        self.traces.clear()
        self._names.clear()
        self._calls.clear()

    def name(self, values: dict[str, Any]) -> None:
        """Remember what the student calls the objects that are handles."""
        for name, value in values.items():
            if type(value) is Remote:
                self._names[_parts(value)[2].number] = name

    @property
    def is_lost(self) -> bool:
        """Whether every use of the student's objects will fail."""
        return self._channel is None

    def request(self, *message: Any, of: Channel | None = None) -> Any:
        """Ask the student's process, and return or raise what came back."""
        channel = self._channel
        if channel is None or of not in (None, channel):
            self.fail(StudentGone(self._lost))
        begin = time.monotonic()
        deadline = begin + self._seconds
        try:
            channel.send(message, self._to_handle, deadline)
            reply = channel.receive(
                lambda handle: Remote(self, channel, handle), deadline
            )
        except UnsendableError as error:
            self.fail(CheckError(f"the test passes what cannot be: {error}"))
        except TimeoutError:
            self._lose("your code did not come back in time")
        except ProtocolError as error:
            self._lose(f"the answer's process sent no message: {error}")
        except (EOFError, OSError):
            self._lose("your code ended Python")
        self._seconds -= time.monotonic() - begin
        return self._outcome(reply)

    def fail(self, error: CheckError) -> NoReturn:
        """Raise `error` and remember it."""
        self.fault = self.fault or error
        raise error

    def trace_of(self, error: BaseException) -> str | None:
        """The student's trace, if the student's code raised `error`."""
        return self.traces.get(id(error), (None, None))[1]

    def call_of(self, error: BaseException) -> str:
        """The call that raised `error` as a test wrote it, or nothing."""
        return self._calls.get(id(error), "")

    def calling(
        self,
        handle: Handle,
        arguments: tuple,
        named: dict[str, Any],
        error: BaseException,
    ) -> None:
        """Remember which call of a named object raised `error`."""
        if handle.number in self._names and id(error) in self.traces:
            shown = [_shown(each) for each in arguments]
            shown += [f"{key}={_shown(named[key])}" for key in named]
            name = self._names[handle.number]
            self._calls[id(error)] = f"{name}({', '.join(shown)})"

    def _lose(self, why: str) -> NoReturn:
        if self._channel is not None:
            self._channel.close()
        self._channel, self._lost = None, why
        self.fail(StudentGone(why))

    def _to_handle(self, value: Any) -> Handle:
        if type(value) is not Remote:
            raise UnsendableError(
                f"{type(value).__name__}; numbers, texts, arrays and their "
                "tuples, lists and dictionaries go to an answer"
            )
        link, channel, handle = _parts(value)
        if link is not self or channel is not self._channel:
            raise UnsendableError("an object of a process that is gone")
        return handle

    def _outcome(self, reply: Any) -> Any:
        match reply:
            case ("value", value):
                return value
            case ("refused", str(why)):
                self._raise(StudentError(f"its result is refused: {why}"), "")
            case ("closed", str(message), str(trace)):
                error = NotAllowed(message[:4000])
                self.traces[id(error)] = (error, trace[:8000])
                self.fail(error)
            case ("error", str(kind), str(message), str(trace)):
                self._raise(_exception(kind[:80], message[:4000]), trace[:8000])
            case _:
                self._lose("the answer's process sent a reply of no known kind")

    def _raise(self, error: Exception, trace: str) -> NoReturn:
        # Kept with the exception, as an id may be given again.
        self.traces[id(error)] = (error, trace)
        raise error


def _shown(value: Any) -> str:
    """An argument in one line, shortened."""
    return " ".join(_SHORT.repr(value).split())


def _exception(kind: str, message: str) -> Exception:
    if kind in MAPPED:
        return MAPPED[kind](message)
    return StudentError(f"{kind}: {message}" if message else kind)


class Remote:
    """An object in the student's process."""

    __slots__ = ("__channel", "__handle", "__link")

    def __init__(self, link: Link, channel: Channel, handle: Handle):
        object.__setattr__(self, "_Remote__link", link)
        object.__setattr__(self, "_Remote__channel", channel)
        object.__setattr__(self, "_Remote__handle", handle)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        try:
            return _ask(self, "call", arguments, named)
        except Exception as error:
            link, _, handle = _parts(self)
            link.calling(handle, arguments, named, error)
            raise

    def __getitem__(self, key: Any) -> Any:
        return _ask(self, "item", key)

    def __getattr__(self, name: str) -> Any:
        # NumPy, copy and others probe for special names, and would believe
        # what they find: __array_interface__ is an address in memory.
        if name.startswith("__"):
            raise AttributeError(f"{name} of a student's object is not asked")
        return _ask(self, "attribute", name)

    def __len__(self) -> int:
        length = _ask(self, "length")
        if type(length) is not int or not 0 <= length < 2**31:
            _refuse(self, "a length that is none")
        return length

    def __iter__(self) -> Iterator:
        items = _ask(self, "items", MAX_ITERATED)
        if type(items) is not list or len(items) > MAX_ITERATED:
            _refuse(self, f"more than {MAX_ITERATED} items")
        return iter(items)


def _parts(remote: Remote) -> tuple[Link, Channel, Handle]:
    return (
        object.__getattribute__(remote, "_Remote__link"),
        object.__getattribute__(remote, "_Remote__channel"),
        object.__getattribute__(remote, "_Remote__handle"),
    )


def _ask(remote: Remote, operation: str, *arguments: Any) -> Any:
    link, channel, _ = _parts(remote)
    return link.request(operation, remote, *arguments, of=channel)


def _refuse(remote: Remote, what: str) -> NoReturn:
    link, _, handle = _parts(remote)
    label = handle.label if handle.label.isprintable() else "?"
    link.fail(
        HandleError(
            f"an object of type {label} came back, and the check met {what}; "
            "expected are numbers, texts, arrays, tensors, or lists of them"
        )
    )


def _refusal(name: str) -> Any:
    def refuse(self: Remote, *_arguments: Any, **_named: Any) -> NoReturn:
        _refuse(self, f"{name.strip('_')} where a value is needed")

    return refuse


_OPERATORS = (
    *("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod"),
    *("pow", "lshift", "rshift", "and", "or", "xor"),
)
_REFUSED = (
    *("eq", "ne", "lt", "le", "gt", "ge", "bool", "hash", "contains"),
    *("repr", "str", "format", "bytes", "int", "float", "complex", "index"),
    *("round", "trunc", "floor", "ceil", "neg", "pos", "abs", "invert"),
    *("setattr", "delattr", "setitem", "delitem", "enter", "exit", "next"),
    *("array", "array_ufunc", "array_function", "reduce", "reduce_ex"),
    *("copy", "deepcopy", "dir", "reversed", "await", "aiter", "anext"),
    *(prefix + name for name in _OPERATORS for prefix in ("", "r", "i")),
)
for _name in _REFUSED:
    setattr(Remote, f"__{_name}__", _refusal(f"__{_name}__"))
