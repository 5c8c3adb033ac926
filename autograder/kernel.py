"""The IPython that runs a submission's cells, inside the sandbox.

It is IPython's own shell, as in JupyterLab, but it talks to the grader over
one socket instead of five network channels: nothing listens, no thread is
needed, and it is ready some 0.1 s sooner.
"""

import io
import os
import random
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from IPython.core import displayhook, displaypub, page
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.process import getoutput
from traitlets import Type
from traitlets.config import Config

from autograder.wire import Wire

Send = Callable[[dict[str, Any]], None]
_FLUSH = 1 << 12  # characters


class Stream(io.TextIOBase):
    """stdout or stderr, sent on in pieces."""

    encoding = "utf-8"

    def __init__(self, name: str, send: Send):
        self.name = name
        self._send = send
        self._lock = threading.RLock()
        self._text: list[str] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        with self._lock:
            self._text.append(str(text))
            self._size += len(text)
        if self._size >= _FLUSH:
            self.flush()
        return len(text)

    def flush(self) -> None:
        with self._lock:
            text, self._text, self._size = "".join(self._text), [], 0
        for start in range(0, len(text), 1 << 16):
            piece = text[start : start + (1 << 16)]
            self._send({"type": "stream", "name": self.name, "text": piece})


class _Results(displayhook.DisplayHook):
    """Sends the value of a cell's last expression."""

    def start_displayhook(self) -> None:
        """Nothing: the message is sent later."""

    def write_output_prompt(self) -> None:
        """Nothing: the message says what it is."""

    def write_format_data(self, format_dict, md_dict=None) -> None:
        self.shell.emit(
            {"type": "result", "data": format_dict, "metadata": md_dict or {}}
        )

    def finish_displayhook(self) -> None:
        self._is_active = False


class _Displays(displaypub.DisplayPublisher):
    """Sends what a cell displays, such as figures."""

    def publish(
        self, data, metadata=None, *, transient=None, update=False, **kwargs
    ) -> None:
        self.shell.emit(
            {
                "type": "update" if update else "display",
                "data": data,
                "metadata": metadata or {},
                "id": (transient or {}).get("display_id"),
            }
        )

    def clear_output(self, wait: bool = False) -> None:
        self.shell.emit({"type": "clear", "wait": bool(wait)})


class Shell(InteractiveShell):
    """IPython with its outputs sent as messages."""

    displayhook_class = Type(_Results)
    display_pub_class = Type(_Displays)
    send: Send = staticmethod(lambda message: None)

    def emit(self, message: dict[str, Any]) -> None:
        """Send a message behind all that was printed before it."""
        sys.stdout.flush()
        sys.stderr.flush()
        self.send(message)

    def enable_gui(self, gui=None) -> None:
        """Nothing: there is no window to serve."""

    def system(self, cmd: str) -> None:
        """Run a shell command; its output becomes the cell's."""
        print(getoutput(self.var_expand(cmd, depth=1)), end="")

    def ask_exit(self) -> None:
        """What `exit` in a cell asks for: the end of the cell."""
        raise SystemExit

    def _showtraceback(self, etype, evalue, stb: list[str]) -> None:
        self.emit(
            {
                "type": "error",
                "ename": str(getattr(etype, "__name__", etype)),
                "evalue": _text_of(evalue),
                "traceback": [str(line) for line in stb],
            }
        )


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as another:  # the student wrote its __str__
        return f"<str() raised {type(another).__name__}>"


def make_shell() -> Shell:
    """The one shell of this process; it may be made before a fork."""
    shell = Shell.instance(
        config=Config({"HistoryManager": {"enabled": False}})
    )
    shell.set_hook("show_in_pager", page.as_hook(_print_page), 99)
    return shell


def warm(shell: Shell) -> None:
    """Load what the first figure and the first error of a notebook need."""
    from matplotlib.figure import Figure

    shell.enable_matplotlib("inline")  # as in JupyterLab, without a magic
    figure = Figure()
    figure.gca().plot([0, 1])
    figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
    try:
        raise ValueError("none, but it is shown as one")
    except ValueError:
        shell.InteractiveTB.text(*sys.exc_info())


def _print_page(text: Any, *args: Any, **kwargs: Any) -> None:
    print(text["text/plain"] if isinstance(text, dict) else text)


def prepare() -> None:
    """Undo what a fork needs, and make two runs draw the same numbers."""
    import keras
    from threadpoolctl import threadpool_limits

    # the parent has one thread, as no other would survive the fork
    threadpool_limits(os.cpu_count(), user_api="blas")

    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 (what a submission may draw from)
    keras.utils.set_random_seed(0)


def serve(shell: Shell, wire: Wire) -> None:
    """Run the cells that arrive until the other end closes."""
    lock = threading.RLock()

    def send(message: dict[str, Any]) -> None:
        with lock:
            wire.send(message)

    shell.send = send
    os.register_at_fork(after_in_child=lambda: _mute(shell))
    sys.stdout = Stream("stdout", send)
    sys.stderr = Stream("stderr", send)
    sys.stdin = io.StringIO()  # input() finds its end
    sys.path.insert(0, "")  # a module beside the notebook
    count, kernel = 0, os.getpid()
    send({"type": "ready"})
    while True:
        try:
            for message in wire.feed():
                count += 1
                _run(shell, message["source"], count)
                if os.getpid() != kernel:
                    os._exit(0)  # a cell's fork: the next cells are not its own
        except EOFError:
            return
        except KeyboardInterrupt:  # it came after the cell's end
            continue


def _mute(shell: Shell) -> None:
    """A child's half-written messages would garble its parent's."""
    shell.send = lambda message: None
    sys.stdout = sys.stderr = io.StringIO()


def _run(shell: Shell, source: str, count: int) -> None:
    failed = True
    try:
        failed = not shell.run_cell(source, store_history=True).success
    finally:
        shell.emit({"type": "done", "count": count, "failed": failed})
