"""What code in a submission tries, and what it gets."""

import ctypes
import os
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from autograder.sandbox import Limits
from autograder.student import Lost, Student, zygote
from tests.autograder.conftest import needs_sandbox

pytestmark = needs_sandbox
REPOSITORY = Path(__file__).parents[2]
SMALL = Limits(memory=1 << 30, processes=64, file=8 << 20, disk=16 << 20)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One process, for the snippets that leave it as it was."""
    data = tmp_path_factory.mktemp("assignment")
    (data / "digits.csv").write_text("1,2\n")
    (data / "lecture.ipynb").write_text("hidden tests")
    (data / ".checkpoint").write_text("hidden file")
    (data / "link.csv").symlink_to(REPOSITORY / "pyproject.toml")
    (data / "folder").mkdir()
    (data / "folder" / "more.csv").write_text("3")
    student = Student(str(data), limits=SMALL)
    yield student
    student.close()


@pytest.fixture
def own():
    student = Student(limits=SMALL)
    yield student
    student.close()


def printed(student: Student, source: str, seconds: float = 20) -> str:
    """What `source` prints, or the name of the error that it raises."""
    return "".join(
        output.get("text", output.get("ename", ""))
        for output in student.execute(textwrap.dedent(source), seconds)
    ).strip()


def descendants(pid: int) -> set[int]:
    """The host's processes below `pid`."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(status.parent.name)] = int(fields[1])
    found = {pid}
    while (
        more := {p for p, parent in parents.items() if parent in found} - found
    ):
        found |= more
    return found - {pid}


def test_sees_the_assignments_data_and_no_notebook_or_link(shared):
    source = "import os; print(*sorted(os.listdir()))"
    assert printed(shared, source) == "digits.csv folder"
    source = "print(open('digits.csv').read(), open('folder/more.csv').read())"
    assert printed(shared, source).split() == ["1,2", "3"]


@pytest.mark.parametrize(
    "path",
    [
        REPOSITORY / "solutions",
        REPOSITORY / "tests",
        REPOSITORY / "nbgrader_config.py",
        REPOSITORY / ".git",
        "/etc/shadow",
        "/var",
        "/proc/1/mem",
        "/proc/1/environ",
    ],
)
def test_cannot_read(shared, path):
    assert os.path.exists(path)
    source = f"""
        import os
        try:
            os.listdir({str(path)!r}) if os.path.isdir({str(path)!r}) else open(
                {str(path)!r}).read()
            print("read")
        except OSError as error:
            print(type(error).__name__)
    """
    assert printed(shared, source) in ("FileNotFoundError", "PermissionError")


def test_sees_no_files_by_way_of_process_1(shared):
    source = "import os; os.listdir('/proc/1/root/')"
    assert printed(shared, source) == "PermissionError"


def test_finds_no_file_of_the_course_but_the_package_and_python(shared):
    # Python itself may lie in the repository: .venv
    source = f"""
        import os
        print(*(os.path.join(folder, name)
                for folder, _, names in os.walk({str(REPOSITORY)!r})
                if not folder.startswith({sys.prefix!r})
                for name in names))
    """
    found = printed(shared, source).split()
    course = str(REPOSITORY / "course")
    assert found
    assert [path for path in found if not path.startswith(course)] == []


@pytest.mark.parametrize(
    "path", ["/x", "/usr/x", "/home/x", "/etc/x", "/dev/x", "digits.csv"]
)
def test_cannot_write(shared, path):
    assert printed(shared, f"open({path!r}, 'a').write('x')") in (
        "OSError",
        "PermissionError",
    )


def test_landlock_forbids_what_the_file_system_would_allow(shared):
    if ctypes.CDLL(None).syscall(444, None, 0, 1) < 1:
        pytest.skip("this kernel has no Landlock")
    source = "open('/proc/self/comm', 'w').write('x')"
    assert printed(shared, source) == "PermissionError"
    assert printed(shared, "print(open('/dev/null', 'w').write('x'))") == "1"


@pytest.mark.parametrize(
    "path", ["x.txt", "/tmp/x", "/dev/shm/x", "/home/student/x"]
)
def test_can_write_where_only_it_looks(shared, path):
    source = f"print(open({path!r}, 'w').write('x'))"
    assert printed(shared, source) == "1"
    if path.startswith("/"):
        assert not os.path.exists(path)


def test_secrets_of_the_graders_environment_stay_there(monkeypatch):
    monkeypatch.setenv("GRADER_TOKEN", "s3cret")
    student = Student(limits=SMALL)
    source = """
        import os
        seen = str(os.environ)
        for name in ("self", "1"):
            try:
                seen += open(f"/proc/{name}/environ").read()
            except PermissionError:
                seen += " denied"
        print("s3cret" in seen, seen.count("denied"))
    """
    assert printed(student, source) == "False 1"
    student.close()


def test_has_no_network(shared):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        source = f"""
            import socket
            socket.create_connection(("127.0.0.1", {port}), timeout=2)
        """
        assert printed(shared, source) in ("OSError", "ConnectionRefusedError")
    source = "print(*(line.split()[0] for line in open('/proc/net/dev')))"
    assert printed(shared, source).split()[2:] == ["lo:"]


def test_reaches_no_abstract_socket_of_the_host(shared):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0grader-test")
        server.listen()
        source = """
            import socket
            socket.socket(socket.AF_UNIX).connect("\\0grader-test")
        """
        assert printed(shared, source) == "ConnectionRefusedError"


def test_sees_and_signals_no_process_outside(shared):
    source = """
        import os
        print(*sorted(int(name) for name in os.listdir("/proc")
                      if name.isdigit()))
    """
    assert printed(shared, source) == "1 2"
    source = f"import os; os.kill({os.getpid()}, 0)"
    assert printed(shared, source) == "ProcessLookupError"
    source = "import os; os.kill(1, 9); print('sent')"
    assert printed(shared, source) in ("sent", "PermissionError")
    assert printed(shared, "print('alive')") == "alive"


def test_holds_no_descriptor_but_its_own_socket(own):
    source = """
        import os
        for name in sorted(os.listdir("/proc/self/fd"), key=int):
            try:
                print(name, os.readlink(f"/proc/self/fd/{name}"))
            except OSError:
                pass
    """
    lines = printed(own, source).splitlines()
    kinds = [line.split(" ")[1].partition(":")[0] for line in lines]
    assert kinds[:3] == ["/dev/null"] * 3
    assert kinds.count("socket") == 1
    assert set(kinds[3:]) <= {"socket", "anon_inode"}


@pytest.mark.parametrize(
    "call",
    [
        "ptrace(16, 1, 0, 0)",
        "unshare(0x10000000)",
        "mount(b'tmpfs', b'/tmp', b'tmpfs', 0, 0)",
        "umount2(b'/proc', 2)",
        "setns(0, 0)",
        "chroot(b'/tmp')",
        "memfd_create(b'x', 0)",
        "syscall(272, 0x10000000)",  # unshare
        "syscall(56, 0x10000011, 0, 0, 0, 0)",  # clone with a user namespace
        "syscall(425, 1, 0)",  # io_uring_setup
        "syscall(298, 0, 0, 0, 0, 0)",  # perf_event_open
        "syscall(321, 0, 0, 0)",  # bpf
        "syscall(323, 0)",  # userfaultfd
        "syscall(310, 1, 0, 0, 0, 0, 0)",  # process_vm_readv
        "syscall(250, 0, 0, 0, 0, 0)",  # keyctl
        "socket(16, 3, 0)",  # netlink
        "socket(17, 3, 0)",  # packet
    ],
)
def test_system_calls_are_refused(shared, call):
    if "syscall" in call and os.uname().machine != "x86_64":
        pytest.skip("the number is x86_64's")
    source = f"""
        import ctypes
        result = ctypes.CDLL(None, use_errno=True).{call}
        print(result, ctypes.get_errno())
    """
    assert printed(shared, source) in ("-1 1", "-1 97")


def test_has_no_rights(shared):
    source = """
        import os
        fields = dict(line.split(":", 1) for line in open("/proc/self/status"))
        print(os.getuid(), *(fields[name].strip() for name in
              ("CapPrm", "CapEff", "CapBnd", "NoNewPrivs", "Seccomp")))
    """
    zero = "0" * 16
    assert printed(shared, source) == f"1000 {zero} {zero} {zero} 1 2"


def test_files_are_limited(own):
    source = "open('big', 'wb').write(bytes(9 << 20))"
    assert printed(own, source) in ("OSError", "")  # EFBIG, or cut short
    source = """
        import os
        print(max(os.path.getsize(name) for name in os.listdir()) <= 8 << 20)
        written = 0
        try:
            for number in range(40):
                with open(f"/tmp/{number}", "wb") as file:
                    written += file.write(bytes(1 << 20))
        except OSError as error:
            print(error.errno, written <= 16 << 20)
    """
    assert printed(own, source).split() == ["True", "28", "True"]


def test_processes_are_limited(own):
    source = """
        import os, time
        count = 0
        try:
            for _ in range(200):
                if os.fork() == 0:
                    time.sleep(60)
                    os._exit(0)
                count += 1
        except BlockingIOError:
            print(20 < count < 64)
    """
    assert printed(own, source) == "True"
    # another's count is its own
    another = Student(limits=SMALL)
    source = "import os\nif os.fork() == 0: os._exit(0)\nprint(os.wait()[1])"
    assert printed(another, source) == "0"
    another.close()


def test_one_process_cannot_have_too_much_memory(own):
    assert printed(own, "x = bytearray(2 << 30)") == "MemoryError"
    assert printed(own, "print(1)") == "1"


def test_many_processes_cannot_have_too_much_memory(own):
    source = """
        import os, time
        for _ in range(4):
            if os.fork() == 0:
                x = bytearray(b"1") * (400 << 20)
                time.sleep(60)
                os._exit(0)
        time.sleep(60)
    """
    with pytest.raises(Lost, match="more than 1024 MB of memory"):
        printed(own, source)


def test_shared_memory_counts(own):
    source = """
        import mmap, time
        x = mmap.mmap(-1, 2 << 30)
        for start in range(0, 2 << 30, 4096):
            x[start] = 1
        time.sleep(60)
    """
    with pytest.raises(Lost, match="more than 1024 MB of memory"):
        printed(own, source)


def test_what_it_started_ends_with_it():
    before = descendants(zygote().pid) if zygote().alive() else set()
    student = Student(limits=SMALL)
    source = """
        import os, subprocess, time
        subprocess.Popen(["sleep", "300"], start_new_session=True)
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(300)
            os._exit(0)
        print("started")
    """
    assert printed(student, source) == "started"
    started = descendants(zygote().pid) - before
    assert len(started) >= 5  # monitor, reaper, kernel and two of its own
    student.close()
    _await_end(started)


def test_a_dead_grader_leaves_no_process():
    program = """
from autograder.student import Student, zygote
import sys
student = Student()
student.execute("import os, time\\nif os.fork() == 0: time.sleep(300)", 20)
print(zygote().pid, flush=True)
student.execute("while True: pass", 300)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as grader:
        pid = int(grader.stdout.readline())
        family = descendants(pid) | {pid}
        assert len(family) >= 5
        grader.kill()
    _await_end(family)


def _await_end(family: set[int]) -> None:
    deadline = time.monotonic() + 10
    while alive := {pid for pid in family if _runs(pid)}:
        assert time.monotonic() < deadline, alive
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_a_host_that_forbids_namespaces_is_told_what_to_enable():
    program = """
from autograder import linux, sandbox, seccomp
from autograder.execute import CourseExecute
from nbformat import v4

linux.prctl(sandbox._PR_SET_NO_NEW_PRIVS, 1)
seccomp.forbid_system_calls()
print(sandbox.missing())
notebook = v4.new_notebook(cells=[v4.new_code_cell("1")])
try:
    CourseExecute().preprocess(notebook, {})
except sandbox.SandboxError as error:
    print(error)
"""
    grader = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
    )
    reason, refusal = grader.stdout.splitlines()
    assert reason.startswith("the host refuses")
    assert "CAP_SYS_ADMIN" in reason or "max_user_namespaces" in reason
    assert reason in refusal
    assert 'c.CourseExecute.sandbox = "off"' in refusal
