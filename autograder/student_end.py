"""The end of the wall in the student's process: it does what it is asked.

`serve` is called before any of the student's code runs. From then on this
module is in hostile hands: it is written to serve honest students, and the
checker believes nothing that comes from here.
"""

import builtins
import contextlib
import json
import os
import socket
import sys
import threading
import traceback
import types
from collections.abc import Callable, MutableMapping
from typing import Any

import numpy as np

from autograder import closed
from autograder.rpc import Channel, Handle, UnsendableError
from autograder.seeds import seed_all

MAX_MESSAGE = 2000
MAX_TRACE = 4000
_FRAMES = 8


def serve(
    namespace: MutableMapping[str, Any], connection: socket.socket
) -> threading.Thread:
    """Answer the checker at the other end of `connection`, in a thread.

    Args:
        namespace: Where the student's cells run. Names are looked up in it
            when the checker asks for them.
        connection: Connected to the checker's end.
    """
    end = _StudentEnd(Channel(connection), namespace)
    sys.addaudithook(end.guard.audit)
    thread = threading.Thread(
        target=end.run,
        name="checks",
        daemon=True,
    )
    thread.start()
    return thread


@contextlib.contextmanager
def _muted():
    """What is printed while a test calls an answer belongs to no cell."""
    with (
        open(os.devnull, "w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        yield


class _StudentEnd:
    """Does one request after the other, and keeps what handles stand for."""

    def __init__(self, channel: Channel, namespace: MutableMapping[str, Any]):
        self._channel = channel
        self._namespace = namespace
        self._objects: list[Any] = []
        self.guard = closed.Guard()

    def run(self) -> None:
        with contextlib.suppress(EOFError, OSError):  # the checker is gone
            while True:
                request = self._channel.receive(self._object)
                with _muted(), self.guard.watching():
                    self._answer(self._reply(*request))

    def _reply(self, operation: str, *arguments: Any) -> tuple:
        trace = ""
        try:
            reply = "value", _OPERATIONS[operation](self, *arguments)
        except BaseException as error:  # SystemExit too must not end this
            reply = _described(error)
            trace = reply[-1]
        if self.guard.refusals and operation != "begin":
            return "closed", self.guard.refusals[0][:MAX_MESSAGE], trace
        return reply

    def _answer(self, reply: tuple) -> None:
        try:
            self._channel.send(reply, self._handle)
        except OSError:
            raise
        except Exception as error:  # a lazy or lying container
            refusal = ("refused", f"{error}"[:MAX_MESSAGE])
            if not isinstance(error, UnsendableError):
                refusal = _described(error)
            self._channel.send(refusal, self._handle)

    def _handle(self, value: Any) -> Handle:
        self._objects.append(value)
        return Handle(len(self._objects) - 1, type(value).__name__)

    def _object(self, handle: Handle) -> Any:
        return self._objects[handle.number]

    def begin(
        self,
        seed: int,
        names: list[str],
        allows: tuple[str, ...] | None = None,
        forbids: tuple[str, ...] = (),
    ) -> tuple[dict[str, Any], list[str]]:
        """A test cell begins: what it needs, and which names are modules.

        Its calls see the same dice each time. What is closed to the answers is
        guarded until the next one begins; nothing is if `allows` is None.
        """
        seed_all(seed)
        self.guard.open()
        if allows is not None:
            self.guard.close(allows, forbids, self._namespace)
        known = {
            name: self._namespace[name]
            for name in names
            if name in self._namespace
        }
        modules = [
            name
            for name, value in known.items()
            if isinstance(value, types.ModuleType)
        ]
        return {
            name: value for name, value in known.items() if name not in modules
        }, modules

    def end(self) -> None:
        """A test cell ends; what was refused and caught is told now."""

    def call(self, function: Callable, arguments: tuple, named: dict) -> Any:
        return function(*arguments, **named)

    def item(self, container: Any, key: Any) -> Any:
        return container[key]

    def attribute(self, owner: Any, name: str) -> Any:
        return getattr(owner, name)

    def length(self, container: Any) -> int:
        return len(container)

    def items(self, iterable: Any, most: int) -> list:
        """The items of an iterable, and one more than `most` if it has."""
        found = []
        for item in iterable:
            found.append(item)
            if len(found) > most:
                break
        return found

    def build(
        self, block: Callable, input_shape: Any, arguments: dict, bare: bool
    ) -> tuple[str, list[np.ndarray]]:
        """A block or model as its configuration and, unless bare, weights."""
        import keras  # where no block is built no Keras is needed

        from course import catalogue, checks

        # on JAX each shape of weights that is drawn costs a second
        with catalogue.outlines() if bare else contextlib.nullcontext():
            model = checks.build_locally(block, input_shape, arguments)
        config = keras.saving.serialize_keras_object(model)
        return json.dumps(config), [] if bare else model.get_weights()


_OPERATIONS: dict[str, Callable] = {
    name: getattr(_StudentEnd, name)
    for name in (
        *(
            "begin",
            "end",
            "call",
            "item",
            "attribute",
            "length",
            "items",
            "build",
        ),
    )
}


def _described(error: BaseException) -> tuple[str, str, str, str]:
    """The exception's nearest builtin class, its text and its trace."""
    kind = next(
        (
            base.__name__
            for base in type(error).__mro__
            if getattr(builtins, base.__name__, None) is base
        ),
        "Exception",
    )
    if kind == "Exception":
        kind = type(error).__name__[:80]
    try:
        message = str(error)
    except Exception:
        message = "(its text could not be made)"
    return "error", kind, message[:MAX_MESSAGE], _trace(error)


def _trace(error: BaseException) -> str:
    """The traceback below this module: the student's own frames."""
    try:
        frames = [
            frame
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename not in (__file__, closed.__file__)
        ]
        lines = traceback.format_list(frames[-_FRAMES:])
    except Exception:
        return ""
    return "".join(lines)[-MAX_TRACE:]
