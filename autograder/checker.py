"""The process that runs test cells, and how an engine uses it.

    checker = Checker()
    checker.connect(socket)              # the other end is in `serve`'s hands
    verdict = checker.check(TestCell(id, source, points, seconds))
    cell.outputs = outputs(verdict)      # as nbgrader reads them
    checker.close()

The student's code never runs here: see `autograder.remote`.
"""

import atexit
import contextlib
import dataclasses
import linecache
import os
import resource
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from autograder.remote import (
    CheckError,
    HandleError,
    Link,
    NotAllowed,
    StudentError,
    StudentGone,
)
from autograder.rpc import Channel, Handle, ProtocolError, UnsendableError
from autograder.seeds import seed_all
from autograder.testcell import TestCell
from autograder.verdict import Verdict, refused

SEED = 12
GRACE = 30.0  # seconds for the test itself: it may import Keras
MEMORY = 6 * 2**30  # bytes of data
STUDENT = "COURSE_STUDENT"  # course.practice reads it
_TOLD = "This check could not be done; your teacher has been told."
Spawn = Callable[[socket.socket], Callable[[], None]]


def spawned(control: socket.socket) -> Callable[[], None]:
    """Start a checker in a Python of its own; returns what ends it."""
    root = str(Path(__file__).parents[1])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    process = subprocess.Popen(
        [
            *(sys.executable, "-P", "-m", "autograder.checker"),
            str(control.fileno()),
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        pass_fds=[control.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def stop() -> None:
        process.kill()
        process.wait()

    return stop


class Checker:
    """A checker process as its engine sees it; `check` never raises.

    Args:
        spawn: Starts a process that calls `serve_checks` with the socket it
            is given, and returns what ends it; an engine with a warmed
            parent forks.
    """

    def __init__(self, spawn: Spawn = spawned):
        ours, theirs = socket.socketpair()
        with theirs:
            self._stop = spawn(theirs)
        self._socket = ours
        self._channel = Channel(ours)
        self.is_alive = True

    def connect(self, connection: socket.socket) -> None:
        """Judge the student's process at the other end from now on.

        The checker gets a copy; the caller may close its own.
        """
        if not self.is_alive:
            return
        try:
            deadline = time.monotonic() + GRACE
            self._channel.send(("connect",), _no_handle, deadline)
            socket.send_fds(self._socket, [b"."], [connection.fileno()])
        except OSError:
            self.close()

    def check(self, cell: TestCell) -> Verdict:
        """Run one test cell."""
        if not self.is_alive:
            return _stopped(cell, "the checker has ended")
        deadline = time.monotonic() + cell.seconds + GRACE
        try:
            message = ("check", dataclasses.asdict(cell))
            self._channel.send(message, _no_handle, deadline)
            verdict = Verdict(**self._channel.receive(_no_object, deadline))
        except (OSError, EOFError, ProtocolError, TypeError) as error:
            self.close()
            return _stopped(cell, f"the checker was stopped: {error!r}")
        return verdict

    def close(self) -> None:
        """End the process; it has nothing to keep."""
        if self.is_alive:
            self.is_alive = False
            self._channel.close()
            self._stop()


_checkers: list[Checker] = []


def checker() -> Checker:
    """This run's checker, started at the first call and when it has ended.

    One serves all submissions: it runs none of their code, and each test cell
    begins with a namespace of its own.
    """
    if not _checkers or not _checkers[-1].is_alive:
        _checkers[:] = [Checker()]
        atexit.register(_checkers[-1].close)
    return _checkers[-1]


def serve_checks(control: socket.socket) -> None:
    """What a checker process does until `control` is closed."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    channel, session = Channel(control), Session()
    with contextlib.suppress(EOFError, OSError):
        while True:
            operation, *arguments = channel.receive(_no_object)
            if operation == "connect":
                _, [descriptor], *_ = socket.recv_fds(control, 1, 1)
                session.link.connect(socket.socket(fileno=descriptor))
            else:
                verdict = session.check(TestCell(*arguments[0].values()))
                channel.send(dataclasses.asdict(verdict), _no_handle)


class Session:
    """Runs test cells, each in a namespace of its own.

    What one cell defines another does not see: a helper of one test must not
    stand in for the student's function of that name in the next.
    """

    def __init__(self) -> None:
        self.link = Link()

    def check(self, cell: TestCell) -> Verdict:
        """The verdict of one test cell, whatever happens in it."""
        self.link.start(cell.seconds)
        try:
            value = self._run(cell)
            if self.link.fault is not None:  # a test swallowed it
                raise self.link.fault
            return _credit(cell, value)
        except BaseException as error:
            # Nothing that a cell does may end the checker: SystemExit too.
            verdict = self._failed(cell, self.link.fault or error)
        return dataclasses.replace(verdict, lost=self.link.is_lost)

    def _run(self, cell: TestCell) -> Any:
        body, last = cell.code()
        space = {
            "__name__": "__check__",
            "get_ipython": _Magics,
            **self._bound(cell, cell.student_names()),
        }
        linecache.cache[cell.filename] = (
            *(len(cell.python), None),
            cell.python.splitlines(keepends=True),
            cell.filename,
        )
        seed_all(SEED)
        os.environ[STUDENT] = cell.student
        if cell.imports("course.checks"):
            # Imported here, because most tests need no Keras.
            from autograder.trusted import use_remote_builder

            use_remote_builder(self.link)
        exec(body, space)
        value = None if last is None else eval(last, space)
        if cell.allows is not None:
            self.link.request("end")  # raises what the student's code caught
        return value

    def _bound(self, cell: TestCell, names: set[str]) -> dict[str, Any]:
        """The student's values of `names`; one that is missing stays so."""
        if not names:
            raise CheckError("the check uses no answer")
        closed = (cell.allows, cell.forbids)
        reply = self.link.request("begin", SEED, sorted(names), *closed)
        match reply:
            case (dict(values), list(modules)):
                pass
            case _:
                raise StudentError("the answer's process named nothing")
        if modules:
            raise CheckError(
                f"the check uses {modules!r:.200} without importing it"
            )
        self.link.name(values)
        return {name: values[name] for name in names if name in values}

    def _failed(self, cell: TestCell, error: BaseException) -> Verdict:
        detail = "".join(traceback.format_exception(error))[-8000:]
        name = type(error).__name__
        if isinstance(error, StudentGone | HandleError):
            return refused(cell.points, name, str(error), detail=detail)
        if isinstance(error, NotAllowed):
            return refused(
                cell.points,
                name,
                str(error),
                trace=self.link.trace_of(error) or "",
                detail=detail,
            )
        is_students = self.link.trace_of(error) is not None
        is_plain = isinstance(error, Exception)
        if not is_students and (not is_plain or name == "SyntaxError"):
            return refused(
                cell.points, name, _TOLD, detail=detail, is_fault=True
            )
        line, is_own = _place(cell, error)
        return refused(
            cell.points,
            name,
            self._message(cell, error, bool(line), is_own),
            line=line,
            trace=self.link.trace_of(error) or "",
            detail=detail,
        )

    def _message(
        self, cell: TestCell, error: Exception, visible: bool, is_own: bool
    ) -> str:
        """What the student reads; nothing a hidden test did not say itself."""
        if self.link.trace_of(error) is not None:
            where = self.link.call_of(error) if visible else ""
            kind = type(error).__name__
            name = "" if isinstance(error, StudentError) else f"{kind}: "
            # str() would put a KeyError's text in quotes once more
            return f"{where or 'your code'} raised {name}{error.args[0]}"
        if isinstance(error, StudentError):
            return str(error)
        if isinstance(error, NameError) and error.name in cell.student_names():
            return f"your notebook defines no {error.name}"
        if isinstance(error, AssertionError) and is_own:
            return str(error) or "a check that says no more failed"
        if visible:
            return str(error)
        return (
            "met while what your code returned was looked at; is it of the "
            "kind and shape that the question asks for?"
        )


class _Magics:
    """What stands for IPython in a test cell: plots need no window."""

    @staticmethod
    def run_line_magic(name: str, line: str) -> None:
        if name != "matplotlib":
            raise CheckError(f"a test cell cannot run %{name} {line}")


def _credit(cell: TestCell, value: Any) -> Verdict:
    """Full without a value, else as many points as the value says."""
    if value is None:
        return Verdict(cell.points, cell.points)
    number = type(value) in (int, float)
    if number or isinstance(value, (np.integer, np.floating)):
        if 0 <= float(value) <= cell.points:
            return Verdict(float(value), cell.points)
        raise CheckError(f"{value} is no number from 0 to {cell.points}")
    raise CheckError(
        f"the check ends with a value of type {type(value).__name__}; "
        "a number of points, or nothing, is expected"
    )


def _place(cell: TestCell, error: BaseException) -> tuple[str, bool]:
    """The failing line if all of its way is visible; if the cell raised."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == cell.filename]
    is_own = bool(own) and frames[-1] == own[-1]
    if own and all(cell.is_visible(frame.lineno or 0) for frame in own):
        return cell.line(own[-1].lineno or 0), is_own
    return "", is_own


def _stopped(cell: TestCell, why: str) -> Verdict:
    return refused(
        cell.points,
        "CheckStopped",
        "the check took too long, or was stopped",
        is_fault=True,
        detail=why,
        lost=True,
    )


def _no_handle(value: Any) -> NoReturn:
    raise UnsendableError(f"{type(value).__name__} is no plain data")


def _no_object(handle: Handle) -> NoReturn:
    raise ProtocolError(f"a handle {handle} where none is expected")


if __name__ == "__main__":
    serve_checks(socket.socket(fileno=int(sys.argv[1])))
