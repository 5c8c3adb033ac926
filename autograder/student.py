"""A student's process, seen from the grader: start it, run cells, end it.

Whatever the process sends is the student's to choose, and is taken for
outputs of a cell at most. Anything else that it does costs it its life.
"""

import atexit
import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict

import nbformat
from nbformat import NotebookNode, v4

from autograder import harmless
from autograder.compiled import Compiled
from autograder.sandbox import HOME, Limits, SandboxError
from autograder.wire import Wire

_START = 60  # seconds for the zygote's imports; a cold disk is slow
_READY = 30  # seconds for a fork on a busy machine
_GRACE = 2  # seconds in which an interrupted cell may tell where it was
_TEXT = 20_000  # characters of an error that are kept
_FROM_HOST = (
    "HOME",
    "KERAS_BACKEND",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "PATH",
    "PYTHONPATH",
    "TF_ENABLE_ONEDNN_OPTS",
    "XLA_FLAGS",
)
_FIXED = {
    "CUDA_VISIBLE_DEVICES": "",
    "JAX_PLATFORMS": "cpu",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    # a thread that runs when the process is forked is lost in the child
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
_IN_SANDBOX = {
    "HOME": HOME,
    "MPLCONFIGDIR": f"{HOME}/.matplotlib",
    "PAGER": "cat",
    "TMPDIR": "/tmp",
    "USER": "student",
}


class Lost(RuntimeError):
    """A student's process that cannot go on.

    Args:
        name: The error that the cell's output names.
        reason: Why, for the student.
        outputs: What the cell had put out until then.
    """

    def __init__(
        self, name: str, reason: str, outputs: Sequence[NotebookNode] = ()
    ):
        super().__init__(reason)
        self.name = name
        self.outputs = list(outputs)


class Zygote:
    """The warmed parent; start one a run and fork each process from it."""

    def __init__(self):
        self._control, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "autograder.zygote", str(number)],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(number,),
                start_new_session=True,
            )
        self._backend = ""

    @property
    def pid(self) -> int:
        return self._process.pid

    def alive(self) -> bool:
        return self._process.poll() is None

    def request(self, task: dict, descriptors: Sequence[int]) -> None:
        """Ask for one process that has `descriptors`."""
        self.backend()  # it hears nothing before it is warm
        socket.send_fds(
            self._control, [json.dumps(task).encode()], list(descriptors)
        )

    def backend(self) -> str:
        """Keras's backend there, known when it is warm."""
        if self._backend:
            return self._backend
        self._control.settimeout(_START)
        with contextlib.suppress(OSError):
            self._backend = self._control.recv(64).decode()
        if not self._backend:
            self.close()
            raise RuntimeError(
                "the parent of the students' processes did not start within "
                f"{_START} s; to see why, run: "
                "python -c 'import keras, course.layers, matplotlib.pyplot'"
            )
        return self._backend

    def close(self) -> None:
        """End it, and with it each process that it forked."""
        self._control.close()
        self._process.kill()
        self._process.wait()


_zygotes: dict[tuple[tuple[str, str], ...], Zygote] = {}


def zygote() -> Zygote:
    """This run's warmed parent, started at the first call."""
    key = tuple(sorted(_environment().items()))
    if key not in _zygotes or not _zygotes[key].alive():
        _zygotes[key] = Zygote()
        atexit.register(_zygotes[key].close)
    return _zygotes[key]


class Student:
    """One process that runs the cells of one submission.

    Args:
        data: The assignment's folder, whose data files it sees.
        visible: More paths that it may read.
        limits: What it may use.
        output_bytes: Text and figures kept of one cell.
        extra: A connected socket handed to the process, for `hook`.
        hook: `module:function` called as `function(namespace, socket)` before
            any cell, where namespace holds the cells' names; it may start a
            thread. Without `extra` it is called as `function(namespace)`.
        sandboxed: False runs it with the grader's own rights.
        compiled: Operations that JAX need not compile again.

    Raises:
        SandboxError: This machine does not allow a sandbox.
        RuntimeError: It did not start.
    """

    def __init__(
        self,
        data: str | None = None,
        visible: Sequence[str] = (),
        limits: Limits = Limits(),  # noqa: B008 (frozen)
        output_bytes: int = 1 << 20,
        extra: socket.socket | None = None,
        hook: str | None = None,
        sandboxed: bool = True,
        compiled: Compiled | None = None,
    ):
        ours, theirs = socket.socketpair()
        self._life, life = socket.socketpair()
        self._wire = Wire(ours)
        self._output_bytes = output_bytes
        self._count = 0
        shown = [*visible, *([compiled.folder] if compiled else [])]
        task = {
            "compiled": compiled and asdict(compiled),
            "data": data and os.path.abspath(data),
            "visible": [os.path.abspath(path) for path in shown],
            "limits": asdict(limits),
            "environment": _student_environment(sandboxed),
            "hook": hook,
            "sandboxed": sandboxed,
        }
        descriptors = [theirs.fileno(), life.fileno()]
        if extra is not None:
            descriptors.append(extra.fileno())
        with theirs, life:
            zygote().request(task, descriptors)
        try:
            self._await_ready()
        except BaseException:
            self.close()
            raise

    def execute(self, source: str, seconds: float) -> list[NotebookNode]:
        """Run one cell; returns its outputs.

        Raises:
            Lost: It took too long, or the process ended or sent nonsense.
                The process is gone then.
        """
        self._count += 1
        outputs = Outputs(self._output_bytes, self._count)
        try:
            self._wire.peer.settimeout(seconds)
            self._wire.send({"source": source})
            if self._collect(outputs, seconds):
                return outputs.cells
            self._life.send(b"i")  # it may still say where it was
            self._collect(outputs, _GRACE)
            name, reason = "CellTimeoutError", "it took too long"
        except Exception as error:  # whatever nonsense may cause
            name = "DeadKernelError"
            reason = self._fate() or f"what it sent is no output: {error!r}"
        self.close()
        raise Lost(name, reason, outputs.cells)

    def close(self) -> None:
        """End the process and all that it has started; waits for it."""
        with contextlib.suppress(OSError):
            self._life.shutdown(socket.SHUT_WR)
            self._life.settimeout(_READY)
            while self._life.recv(4096):
                pass
        self._life.close()
        self._wire.peer.close()

    def _await_ready(self) -> None:
        ready, _, _ = select.select([self._wire, self._life], [], [], _READY)
        if self._wire in ready and self._wire.feed() == [{"type": "ready"}]:
            return
        told = self._fate() if ready else f"it was not ready in {_READY} s"
        if told and told.startswith("sandbox: "):
            raise SandboxError(told.removeprefix("sandbox: "))
        raise RuntimeError(f"a student's process did not start: {told}")

    def _collect(self, outputs: "Outputs", seconds: float) -> bool:
        """Take what the cell sends; returns whether it has ended in time."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            ready, _, _ = select.select([self._wire, self._life], [], [], left)
            if self._wire in ready:
                for message in self._wire.feed():
                    outputs.add(message)
                if outputs.done:
                    return True
            elif self._life in ready:
                raise EOFError("the process has ended")
        return False

    def _fate(self) -> str | None:
        """What process 1 told of the end, if it has ended."""
        with contextlib.suppress(OSError):
            self._life.settimeout(1)
            return self._life.recv(8192).decode(errors="replace") or None
        return None


class Outputs:
    """A cell's outputs, made from a student's messages.

    Args:
        most: Bytes of text and figures that are kept.
        count: The cell's number in the process, which ends it.
    """

    def __init__(self, most: int, count: int):
        self.cells: list[NotebookNode] = []
        self.done = False
        self._left = most
        self._count = count
        self._clear_later = False
        self._ids: dict[str, NotebookNode] = {}

    def add(self, message: dict) -> None:
        """Take one message.

        Raises:
            Exception: It is none that the kernel sends.
        """
        kind = message["type"]
        if kind == "done":
            self._end(message)
        elif kind == "clear":
            self._clear(message["wait"])
        elif kind == "update":
            self._update(message)
        else:
            self._append(_output(kind, message, self._count), message)

    def _append(self, output: NotebookNode, message: dict) -> None:
        if self._clear_later:
            self._clear(wait=False)
        if not self._room(output):
            return
        last = self.cells[-1] if self.cells else None
        if _same_stream(last, output):
            last.text += output.text
            return
        self.cells.append(output)
        if isinstance(message.get("id"), str):
            self._ids[message["id"]] = output

    def _room(self, output: NotebookNode) -> bool:
        """Whether to keep it: an error always, or wrong work would pass."""
        if output.output_type == "error":
            return True
        size = len(json.dumps(output, ensure_ascii=False).encode())
        if size <= self._left:
            self._left -= size
            return True
        if self._left >= 0:
            self._left = -1
            text = "\n[more output than is kept]\n"
            self.cells.append(v4.new_output("stream", name="stdout", text=text))
        return False

    def _clear(self, wait: bool) -> None:
        self._clear_later = bool(wait)
        if not wait:
            self.cells = [
                cell for cell in self.cells if cell.output_type == "error"
            ]

    def _update(self, message: dict) -> None:
        shown = self._ids.get(message["id"])
        new = _output("display", message, self._count)
        if shown is not None and self._room(new):
            shown.update(data=new.data)

    def _end(self, message: dict) -> None:
        if message["count"] != self._count:
            raise ValueError(
                f"received the end of cell {message['count']!r}, expected that "
                f"of {self._count}"
            )
        self.done = True
        told = any(cell.output_type == "error" for cell in self.cells)
        if message["failed"] and not told:
            self.cells.append(
                v4.new_output("error", ename="Error", evalue="", traceback=[])
            )


def _output(kind: str, message: dict, count: int) -> NotebookNode:
    """A valid output of a notebook."""
    if kind == "stream":
        fields = {"name": message["name"], "text": message["text"]}
    elif kind == "error":
        fields = {
            "ename": message["ename"][:_TEXT],
            "evalue": message["evalue"][:_TEXT],
            "traceback": ["\n".join(message["traceback"])[-_TEXT:]],
        }
    else:
        fields = {"data": message["data"]}
    types = {"result": "execute_result", "display": "display_data"}
    output = v4.new_output(types.get(kind, kind), **fields)
    if kind == "result":
        output.execution_count = count
    nbformat.validate(output, ref="output", version=4)
    if "data" in output:
        output.data = harmless.data(output.data)
    return output


def _same_stream(last: NotebookNode | None, output: NotebookNode) -> bool:
    return (
        last is not None
        and last.output_type == output.output_type == "stream"
        and last.name == output.name
    )


def _environment() -> dict[str, str]:
    """The zygote's: a student may read it."""
    host = {name: os.environ[name] for name in _FROM_HOST if name in os.environ}
    return host | _FIXED


def _student_environment(sandboxed: bool) -> dict[str, str]:
    environment = _environment() | (_IN_SANDBOX if sandboxed else {})
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        del environment[name]
    return environment
