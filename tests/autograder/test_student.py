"""A student's process and its client: outputs, ends, garbled messages."""

import json
import socket
import struct
import threading

import pytest
from nbformat import ValidationError, v4

from autograder.execute import CourseExecute
from autograder.sandbox import SandboxError
from autograder.student import Lost, Outputs, Student, zygote
from tests.autograder.conftest import needs_sandbox

pytestmark = needs_sandbox

DEADLOCK = """
import threading
lock = threading.Lock()
lock.acquire()
lock.acquire()
"""
ENDS = {
    "exit": "import os; os._exit(0)",
    "abort": "import os; os.abort()",
    "segfault": "import ctypes; ctypes.string_at(0)",
    "recursion": (
        "import sys\nsys.setrecursionlimit(10**8)\n"
        "def f(x): return max([x], key=f)\nf(1)"
    ),
    "deadlock": DEADLOCK,
    "stop": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
    "kill all": "import os; os.kill(-1, 9)",
    "endless output": "while True: print('x' * 1000)",
    "ignores interrupts": (
        "while True:\n    try:\n        while True: pass\n"
        "    except BaseException: pass"
    ),
    "garbage": "import os; [os.write(n, b'x' * 99) for n in range(3, 20)]",
    "closed": "import os; os.closerange(0, 99)",
    "memory": "y = []\nfor _ in range(64): y.append(bytearray(1 << 26))",
    "disk": "open('/tmp/x', 'wb').write(bytes(1 << 27)); 1 / 0",
    "sys.exit": "import sys; sys.exit(1)",
    "left behind": (
        "import os, time\nif os.fork() == 0: time.sleep(300)\n1 / 0"
    ),
}


@pytest.fixture(scope="module")
def student():
    process = Student()
    yield process
    process.close()


def run(*sources: str, **settings) -> list:
    notebook = v4.new_notebook(cells=[v4.new_code_cell(s) for s in sources])
    for cell in notebook.cells:
        cell.metadata["nbgrader"] = {"grade": False, "solution": True}
    limits = {"answer_seconds": 3, "import_seconds": 2}
    execute = CourseExecute(**limits | settings)
    return execute.preprocess(notebook, {})[0].cells


@pytest.mark.parametrize("culprit", ENDS.values(), ids=ENDS)
def test_a_cell_costs_only_itself(culprit):
    cells = run(
        "x = 1", culprit, "print(x)", memory_mb=1024, disk_mb=64, file_mb=64
    )
    assert "error" in [output.output_type for output in cells[1].outputs]
    assert [output.get("text") for output in cells[2].outputs] == ["1\n"]
    assert sum(len(json.dumps(o)) for o in cells[1].outputs) < 3 << 20


def test_a_cell_that_works_only_once_is_left_out_of_the_replay():
    shared = "import os; os.path.exists('x') and os._exit(1)"
    cells = run(
        "y = 1",
        "open('x', 'w').close()",
        "x = 0\n" + shared.replace("'x'", "'other'"),
        "import os; os._exit(0)",
        "print(y, x)",
    )
    assert cells[4].outputs[0].text == "1 0\n"


def test_a_notebooks_time_is_limited():
    cells = run(
        "x = 1",
        *["while True: pass"] * 3,
        "print(x)",
        answer_seconds=1,
        notebook_seconds=3,
    )
    assert cells[0].outputs == []
    assert cells[4].outputs[-1].ename == "CellTimeoutError"


def test_the_parent_is_warmed_once():
    run("1")
    pid = zygote().pid
    run("1")
    assert zygote().pid == pid


def test_outputs_are_jupyters(student):
    outputs = student.execute(
        "import sys\nfrom IPython.display import display, HTML\n"
        "from matplotlib import pyplot\n"
        "print('out'); print('err', file=sys.stderr)\n"
        "display(HTML('<b>'))\n_ = pyplot.plot([1, 2])\n1 + 1",
        20,
    )
    kinds = [output.output_type for output in outputs]
    assert kinds == [
        "stream",
        "stream",
        "display_data",
        "execute_result",
        "display_data",
    ]
    assert outputs[3].data["text/plain"] == "2"
    assert {"text/plain", "image/png"} <= set(outputs[4].data)


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("!echo hi", "hi\n"),
        ("print('\\ud800')", "?\n"),
        ("%time pass", None),
        ("import asyncio; await asyncio.sleep(0)\nprint(3)", "3\n"),
        ("len?", None),
        ("import os; pid = os.fork(); pid and print(os.wait()[1])", "0\n"),
    ],
)
def test_what_notebooks_use_works(student, source, printed):
    outputs = student.execute(source, 20)
    assert [o.output_type for o in outputs] == ["stream"]
    assert printed in (None, outputs[0].text)


def test_two_runs_draw_the_same():
    source = (
        "import random, numpy, keras\nprint(random.random(), "
        "numpy.random.rand(), float(keras.random.uniform(())), hash('x'))"
    )
    first, second = run(source), run(source)
    assert first[0].outputs[0].text == second[0].outputs[0].text


def test_long_output_is_cut_but_an_error_is_kept():
    (cell,) = run("print('x' * 5000)\n1 / 0", output_bytes=1000)
    assert [o.output_type for o in cell.outputs] == ["stream", "error"]
    assert "more output" in cell.outputs[0].text


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"type": "stream", "name": 1, "text": "x"},
        {"type": "stream", "name": "stdout", "text": {"a": 1}},
        {"type": "display", "data": [], "metadata": {}},
        {"type": "error", "ename": 1, "evalue": "", "traceback": []},
        {"type": "error", "ename": "", "evalue": "", "traceback": [1]},
        {"type": "display_data"},
        {"type": "done", "count": 2, "failed": False},
        {"type": "stream", "name": "stdout", "text": "\ud800"},
        {"type": [], "data": {}},
    ],
)
def test_a_forged_message_is_refused(message):
    wrong = (LookupError, TypeError, ValueError, ValidationError)
    with pytest.raises(wrong):
        Outputs(1000, count=1).add(message)


@pytest.mark.parametrize(
    "payload",
    [
        b"\xff\xff\xff\xff",
        struct.pack("!I", 2) + b"[]",
        struct.pack("!I", 1) + b"{",
        struct.pack("!I", 9000) + b"[" * 9000,
        struct.pack("!I", 9) + b'{"x":NaN}',
    ],
)
def test_garbled_bytes_end_the_process_only(payload):
    process = Student()
    source = f"""
import os
for name in os.listdir("/proc/self/fd"):
    try:
        if "socket" in os.readlink("/proc/self/fd/" + name):
            os.write(int(name), {payload!r})
    except OSError:
        pass
"""
    with pytest.raises(Lost):
        process.execute(source, 5)


def serve_names(namespace: dict, peer: socket.socket) -> None:
    """A hook: answer each line with the value of that name."""

    def answer() -> None:
        for line in peer.makefile("r"):
            peer.sendall(f"{namespace.get(line.strip())}\n".encode())

    threading.Thread(target=answer, daemon=True).start()


def test_a_hook_gets_the_namespace_and_a_socket():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = Student(extra=theirs, hook=f"{__name__}:serve_names")
        process.execute("x = 42", 20)
        ours.settimeout(10)
        ours.sendall(b"x\n")
        assert ours.recv(100) == b"42\n"
        process.close()


def test_no_sandbox_no_grade(monkeypatch):
    def refused(**kwargs):
        raise SandboxError("the host refuses namespaces")

    monkeypatch.setattr("autograder.execute.Student", refused)
    with pytest.raises(SandboxError, match='sandbox = "off"'):
        run("1")


def test_without_a_sandbox_the_notebook_says_so(tmp_path):
    (tmp_path / "x").write_text("data")
    notebook = v4.new_notebook(
        cells=[v4.new_code_cell("import os; print(os.getcwd())")]
    )
    execute = CourseExecute(sandbox="off")
    resources = {"metadata": {"path": str(tmp_path)}}
    cells = execute.preprocess(notebook, resources)[0].cells
    assert "without a sandbox" in cells[0].source
    assert cells[1].outputs[0].text == f"{tmp_path}\n"
