"""The warmed parent of all students' processes: `python -m autograder.zygote`.

Importing Keras takes seconds, a fork milliseconds. This process imports what
notebooks import, runs no operation of the backend (after one, a forked child
hangs) and forks a student's process whenever the grader asks. It knows no
secret: its environment is chosen by the grader, its files are closed.

    zygote          waits for the grader's requests
      monitor       leaves the host's namespaces
        reaper      process 1 of the new ones: watches memory, tells the end
          kernel    runs the student's cells

Each is killed with its parent; and the reaper ends, and all with it, when the
grader closes its end of the `life` socket or is no more.
"""

import contextlib
import json
import os
import select
import signal
import socket
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from autograder import compiled, sandbox
from autograder.wire import Wire

_TICK = 0.2  # seconds between two looks at the memory
_MODULES = (
    "numpy",
    "keras",
    "matplotlib.pyplot",
    "course.layers",
    "matplotlib_inline.backend_inline",
)
# Keras imports it, where it is, when it saves a model or sets a seed: on JAX
# too, and it takes seconds.
_WHERE_INSTALLED = ("tensorflow",)


def main(descriptor: int) -> None:
    """Warm up, then serve requests until the grader is gone.

    Args:
        descriptor: That of the socket by which requests come.
    """
    control = socket.socket(fileno=descriptor)
    shell = _warm()
    control.send(sys.modules["keras"].backend.backend().encode())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for monitors
    while True:
        request, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 3)
        if not request:
            return
        task = json.loads(request)
        with contextlib.suppress(Exception):  # told again, to the grader
            _hook(task["hook"])
        parent = os.getpid()
        if os.fork() == 0:
            control.close()
            _monitor(shell, task, list(descriptors), parent)
        _close(*descriptors)


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _warm() -> Any:
    from autograder import kernel

    for name in _MODULES:
        import_module(name)
    for name in _WHERE_INSTALLED:
        with contextlib.suppress(ImportError):
            import_module(name)
    shell = kernel.make_shell()
    kernel.warm(shell)
    return shell


def _monitor(
    shell: Any, request: dict[str, Any], descriptors: list[int], parent: int
) -> NoReturn:
    """Leave the namespaces of the host and wait for process 1 of the new."""
    life = socket.socket(fileno=descriptors[1])
    with _told(life):
        sandbox.die_with_parent()
        if os.getppid() != parent:
            os._exit(1)  # it had died before the line above
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if request["sandboxed"]:
            sandbox.separate()
        if os.fork() == 0:
            _reaper(shell, request, descriptors, life)
        _close(descriptors[0], *descriptors[2:])
        os.wait()
    os._exit(0)


def _reaper(
    shell: Any,
    request: dict[str, Any],
    descriptors: list[int],
    life: socket.socket,
) -> NoReturn:
    """Be process 1: end with the kernel, and everything else with it."""
    with _told(life):
        sandbox.die_with_parent()
        limits = sandbox.Limits(**request["limits"])
        if request["sandboxed"]:
            sandbox.furnish(request["data"], request["visible"], limits)
            memory = limits.memory
        else:
            os.chdir(request["data"] or ".")
            memory = None
        child = os.fork()
        if child == 0:
            _kernel(shell, request, descriptors, limits, life)
        _close(descriptors[0], *descriptors[2:])
        end = _watch(child, life, memory)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # all there is without a sandbox
        with contextlib.suppress(OSError):
            life.send(end.encode())
    os._exit(0)


def _watch(child: int, life: socket.socket, memory: int | None) -> str:
    """How the kernel ended."""
    while True:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == child:
                    return _death(ended[1])
        if memory and private_memory(memory) > memory:
            return f"it used more than {memory >> 20} MB of memory"
        if select.select([life], [], [], _TICK)[0]:
            if not life.recv(1):
                return "the grader is gone"
            os.kill(child, signal.SIGINT)


def _death(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f"it ended Python (exit code {code})"
    return f"it crashed Python ({signal.Signals(-code).name})"


def private_memory(enough: int) -> int:
    """Bytes that this namespace's processes use, without what they share.

    A forked process counts its parent's pages as its own until the exact, but
    slow, account is asked for: that is done only above `enough`.
    """
    folders = [
        entry for entry in Path("/proc").iterdir() if entry.name.isdigit()
    ]
    rough = sum(
        _kilobytes(folder / "status", "RssAnon:", "RssShmem:")
        for folder in folders
    )
    if rough << 10 <= enough:
        return 0
    exact = sum(
        _kilobytes(folder / "smaps_rollup", "Pss_Anon:", "Pss_Shmem:")
        for folder in folders
        if folder.name != "1"
    )
    return exact << 10


def _kilobytes(path: Path, *fields: str) -> int:
    try:
        lines = path.read_text().splitlines()
    except OSError:  # it has ended
        return 0
    return sum(
        int(line.split()[1]) for line in lines if line.startswith(fields)
    )


def _kernel(
    shell: Any,
    request: dict[str, Any],
    descriptors: list[int],
    limits: sandbox.Limits,
    life: socket.socket,
) -> NoReturn:
    """Run the student's cells."""
    from autograder import kernel

    with _told(life):
        os.setsid()
        for name in list(os.environ):
            if name not in request["environment"]:
                del os.environ[name]
        os.environ.update(request["environment"])
        hook = _hook(request["hook"])
        if request["sandboxed"]:
            sandbox.confine(limits)
        if request["compiled"]:
            compiled.use(**request["compiled"])
        kernel.prepare()
        extra = [socket.socket(fileno=number) for number in descriptors[2:]]
        if hook is not None:
            hook(shell.user_ns, *extra)
    life.close()
    wire = Wire(socket.socket(fileno=descriptors[0]))
    kernel.serve(shell, wire)
    os._exit(0)


def _hook(name: str | None) -> Any:
    if name is None:
        return None
    module, function = name.split(":")
    return getattr(import_module(module), function)


@contextlib.contextmanager
def _told(life: socket.socket):
    """Tell the grader what went wrong, and end this process."""
    try:
        yield
    except sandbox.SandboxError as error:
        life.send(f"sandbox: {error}".encode())
        os._exit(1)
    except BaseException:
        life.send(traceback.format_exc()[-4000:].encode())
        os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
