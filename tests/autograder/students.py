"""Students' processes for tests: forked, without a sandbox.

Run as a program it is the warmed parent: for each message it forks a child
that runs the cells it is given and serves the checker.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from autograder.checker import Checker

_SIZE = 1 << 20


class Students:
    """Starts students' processes, and ends them."""

    def __init__(self, *warm: str):
        self._control, theirs = socket.socketpair(
            socket.AF_UNIX, socket.SOCK_SEQPACKET
        )
        root = str(Path(__file__).parents[2])
        with theirs:
            self._parent = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno()), *warm],
                env={
                    **os.environ,
                    "OPENBLAS_NUM_THREADS": "1",
                    "PYTHONPATH": root,
                },
                pass_fds=[theirs.fileno()],
                stderr=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        self._living: list[int] = []

    def start(self, checker: Checker, *cells: str) -> int:
        """A process that ran `cells`, connected to `checker`."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            message = json.dumps(cells).encode()
            socket.send_fds(self._control, [message], [theirs.fileno()])
            pid = int(self._control.recv(100))
            checker.connect(ours)
        self._living.append(pid)
        return pid

    def end(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        self._living.remove(pid)

    def close(self) -> None:
        for pid in list(self._living):
            self.end(pid)
        self._control.close()
        self._parent.wait()


def _parent(control: socket.socket, modules: list[str]) -> None:
    for module in modules:
        __import__(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    while True:
        message, descriptors, *_ = socket.recv_fds(control, _SIZE, 1)
        if not message:
            return
        if not os.fork():
            _child(descriptors[0], json.loads(message), control)
        os.close(descriptors[0])


def _child(descriptor: int, cells: list[str], control: socket.socket) -> None:
    from autograder.student_end import serve

    namespace = {"__name__": "__main__"}
    thread = serve(namespace, socket.socket(fileno=descriptor))
    for cell in cells:
        with contextlib.suppress(Exception):
            exec(cell, namespace)
    control.send(b"%d" % os.getpid())  # its cells have run
    control.close()
    thread.join()
    os._exit(0)


if __name__ == "__main__":
    _parent(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
