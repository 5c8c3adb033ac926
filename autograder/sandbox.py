"""What a student's process may see and use, as Linux enforces it.

Three processes, each the parent of the next, call one function each:

    separate    namespaces of their own; from here on nothing is shared
    furnish     (process 1 of the new namespace) a file system that holds what
                Python needs and the assignment's data, and nothing else
    confine     (the process that runs the student's code) limits, an
                unprivileged user, no capabilities, system calls filtered

No daemon and no privilege is needed: an ordinary user's own user namespace
gives the rights to do it, and `confine` gives them up for good.
"""

import ctypes
import os
import resource
import site
import struct
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from autograder.linux import SandboxError, check, libc, machine, prctl
from autograder.seccomp import DENIED, forbid_system_calls

HOME = "/home/student"
WORK = f"{HOME}/work"
_OLD = "/oldroot"
_NOBODY = 65534
_STUDENT = 1000

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUTS = 0x04000000
_CLONE_NEWIPC = 0x08000000
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWPID = 0x20000000
_CLONE_NEWNET = 0x40000000

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 32, 4096, 16384, 1 << 18
_MNT_DETACH = 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV = 1, 2, 4

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_NO_NEW_PRIVS = 38
_SIGKILL = 9

# The same number on every architecture, as all system calls since Linux 5.1.
_SYS_MOUNT_SETATTR = 442
_SYS_LANDLOCK = (444, 445, 446)  # new rules, one rule more, obey them

# How many rights each version of Landlock knows, from 1.
_LANDLOCK_RIGHTS = (13, 14, 15, 15, 16)
_LANDLOCK_READ = 0b1101  # run, read a file, list a folder
_LANDLOCK_READ_WRITE = 0b0110

# Of the host's /etc: what the dynamic loader, fonts and dates are found by.
_ETC = ("ld.so.cache", "alternatives", "fonts", "localtime", "mime.types")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ACCOUNTS = {
    "passwd": f"student:x:{_STUDENT}:{_STUDENT}::{HOME}:/bin/sh\n",
    "group": f"student:x:{_STUDENT}:\n",
    "hosts": "127.0.0.1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


@dataclass(frozen=True)
class Limits:
    """What one student's process, with all that it starts, may use.

    Attributes:
        memory: Bytes of private memory, for each process and for all.
        processes: Processes and threads.
        file: Bytes of one file.
        disk: Bytes of all files, which lie in memory.
    """

    memory: int = 4 << 30
    processes: int = 512
    file: int = 256 << 20
    disk: int = 512 << 20


def separate() -> None:
    """Leave the host's namespaces; the next child is process 1 of new ones.

    Raises:
        SandboxError: The host does not allow it.
    """
    if sys.platform != "linux":
        raise SandboxError(
            f"received the platform {sys.platform}, expected linux: only "
            "Linux has namespaces; use a virtual machine"
        )
    if os.geteuid() != 0:
        _own_user_namespace(os.geteuid(), os.getegid())
    flags = _CLONE_NEWNS | _CLONE_NEWPID | _CLONE_NEWNET
    check(
        libc.unshare(flags | _CLONE_NEWIPC | _CLONE_NEWUTS),
        "new namespaces",
        "as root in a container, start it with CAP_SYS_ADMIN",
    )
    die_with_parent()


def furnish(data: str | None, visible: Iterable[str], limits: Limits) -> None:
    """Replace the file system by one that holds what a notebook needs.

    Args:
        data: The assignment's folder; its files are shown in `WORK`, but
            notebooks, links and hidden files are not.
        visible: More paths of the host to show, read-only.

    Raises:
        SandboxError: The host does not allow it.
    """
    sources = _sources(visible)
    files = _data_files(data)
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    _tmpfs("/tmp", 64 << 20, 0o755)
    os.mkdir("/tmp" + _OLD)
    check(
        libc.syscall(
            DENIED["pivot_root"][machine()], b"/tmp", b"/tmp" + _OLD.encode()
        ),
        "a root folder of its own",
    )
    os.chdir("/")
    _private_files(limits.disk)  # first: the course may lie in /home or /tmp
    for path, real in sources:
        _show(path, real)
    _etc_and_dev()
    os.mkdir("/proc")
    _mount("proc", "/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    for path in files:
        _bind(_OLD + path, f"{WORK}/{os.path.basename(path)}")
    check(libc.umount2(_OLD.encode(), _MNT_DETACH), "leaving the host")
    os.rmdir(_OLD)
    _mount(None, "/", None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID)
    os.chdir(WORK)


def confine(limits: Limits) -> None:
    """Give up every right that a student's code does not need.

    Raises:
        SandboxError: The host does not allow it.
    """
    uid, gid = _user()
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
        # or /proc/self, which the next step writes to, is root's
        prctl(_PR_SET_DUMPABLE, 1)
    _own_user_namespace(_STUDENT, _STUDENT)
    die_with_parent()
    _limit(limits)
    _drop_capabilities()
    prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _fence_files()
    forbid_system_calls()


def die_with_parent() -> None:
    """Be killed when the parent dies; each change of user forgets it."""
    if sys.platform == "linux":
        prctl(_PR_SET_PDEATHSIG, _SIGKILL)


def missing() -> str | None:
    """Why this machine cannot hold a sandbox, or None."""
    probe = subprocess.run(
        [sys.executable, "-m", "autograder.sandbox"],
        capture_output=True,
        text=True,
        check=False,
    )
    if probe.returncode == 0:
        return None
    return probe.stderr.strip() or "its trial ended without a message"


def _probe() -> int:
    """Put this process's child into a sandbox; returns its exit code."""
    try:
        separate()
        child = os.fork()
        if child == 0:
            furnish(None, (), Limits())
            confine(Limits())
            os._exit(0)
    except (SandboxError, OSError) as error:
        print(error, file=sys.stderr, flush=True)
        os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _user() -> tuple[int, int]:
    """The host's user and group whose rights a student's code has."""
    if os.geteuid() == 0:
        return _NOBODY, _NOBODY
    return os.geteuid(), os.getegid()


def _own_user_namespace(uid: int, gid: int) -> None:
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    check(
        libc.unshare(_CLONE_NEWUSER),
        "a user namespace",
        "set user.max_user_namespaces above 0 and, where they exist, "
        "kernel.unprivileged_userns_clone to 1 and "
        "kernel.apparmor_restrict_unprivileged_userns to 0 (sysctl); in "
        "Docker, use a seccomp profile that allows unshare and mount",
    )
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {outer_gid} 1")


def _sources(visible: Iterable[str]) -> list[tuple[str, str]]:
    """The host's paths that Python needs, outer folders first, and what they
    are without links: read here, as links lead elsewhere in the sandbox."""
    course = find_spec("course")
    packages = list(course.submodule_search_locations or ()) if course else []
    user_site = [path for path in [site.getusersitepackages()] if path]
    wanted = {
        *_SYSTEM,
        sys.prefix,
        sys.base_prefix,
        *packages,
        *(path for path in user_site if path in sys.path),
        *visible,
    }
    wanted |= {os.path.realpath(path) for path in wanted}
    return [
        (path, os.path.realpath(path))
        for path in sorted(wanted)
        if os.path.exists(path)
    ]


def _data_files(data: str | None) -> list[str]:
    if data is None:
        return []
    with os.scandir(data) as entries:
        return [
            os.path.realpath(entry.path)
            for entry in entries
            if not entry.name.startswith(".")
            and not entry.name.endswith(".ipynb")
            and not entry.is_symlink()
        ]


def _show(path: str, real: str) -> None:
    """Show a path of the host at its own place, unless a shown folder does."""
    if not os.path.lexists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        _bind(_OLD + real, path)


def _bind(source: str, target: str, device: bool = False) -> None:
    """Show `source` at `target`, read-only."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        Path(target).touch()
    _mount(source, target, None, _MS_BIND | _MS_REC)
    if device:
        return
    attributes = struct.pack(
        "QQQQ", _ATTR_RDONLY | _ATTR_NOSUID | _ATTR_NODEV, 0, 0, 0
    )
    check(
        libc.syscall(
            _SYS_MOUNT_SETATTR,
            _AT_FDCWD,
            target.encode(),
            _AT_RECURSIVE,
            attributes,
            len(attributes),
        ),
        f"{target}, read-only",
        "it needs Linux 5.12 or newer",
    )


def _etc_and_dev() -> None:
    os.makedirs("/etc", exist_ok=True)
    for name, text in _ACCOUNTS.items():
        Path("/etc", name).write_text(text)
    for name in _ETC:
        if os.path.exists(f"{_OLD}/etc/{name}"):
            source = f"{_OLD}/etc/{name}"
            if os.path.islink(source):
                os.symlink(os.readlink(source), f"/etc/{name}")
            else:
                _bind(source, f"/etc/{name}")
    os.makedirs("/dev", exist_ok=True)
    for name in _DEVICES:
        _bind(f"{_OLD}/dev/{name}", f"/dev/{name}", device=True)
    os.symlink("/proc/self/fd", "/dev/fd")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.symlink(f"/proc/self/fd/{number}", f"/dev/{name}")


def _private_files(size: int) -> None:
    """One file system in memory for all that a student's code writes."""
    os.mkdir("/home")
    _tmpfs("/home", size, 0o555)
    places = {HOME: None, WORK: None, "/home/tmp": "/tmp"}
    for folder, shown in (places | {"/home/shm": "/dev/shm"}).items():
        os.mkdir(folder, 0o700)
        os.chown(folder, *_user())
        if shown:
            os.makedirs(shown, exist_ok=True)
            _mount(folder, shown, None, _MS_BIND)


def _tmpfs(folder: str, size: int, mode: int) -> None:
    options = f"size={size},nr_inodes=100000,mode={mode:o}"
    _mount("tmpfs", folder, "tmpfs", _MS_NOSUID | _MS_NODEV, options)


def _mount(
    source: str | None,
    target: str,
    kind: str | None,
    flags: int,
    options: str | None = None,
) -> None:
    texts = [
        text.encode() if text is not None else None
        for text in (source, target, kind, options)
    ]
    check(
        libc.mount(*texts[:3], ctypes.c_ulong(flags), texts[3]),
        f"mounting {source or kind or 'nothing'} on {target}",
        "in a container, /proc must not be masked "
        "(Docker: --security-opt systempaths=unconfined)",
    )


def _limit(limits: Limits) -> None:
    for which, most in (
        (resource.RLIMIT_DATA, limits.memory),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_FSIZE, limits.file),
        (resource.RLIMIT_NOFILE, 1024),
        (resource.RLIMIT_MEMLOCK, 1 << 20),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(which)[1]
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(which, (most, most))


def _fence_files() -> None:
    """Forbid writing outside its own folders a second time, by Landlock.

    Where the kernel has none, the read-only file system stands alone.
    """
    version = libc.syscall(_SYS_LANDLOCK[0], None, 0, 1)
    if version < 1:
        return
    every = (1 << _LANDLOCK_RIGHTS[min(version, len(_LANDLOCK_RIGHTS)) - 1]) - 1
    attributes = struct.pack("Q", every)
    rules = libc.syscall(_SYS_LANDLOCK[0], attributes, len(attributes), 0)
    check(rules, "Landlock's rules")
    for path, rights in (
        ("/", _LANDLOCK_READ),
        ("/dev/null", _LANDLOCK_READ_WRITE),
        *((folder, every) for folder in ("/tmp", HOME, "/dev/shm")),
    ):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = struct.pack("=Qi", rights, place)
        check(libc.syscall(_SYS_LANDLOCK[1], rules, 1, rule, 0), path)
        os.close(place)
    check(libc.syscall(_SYS_LANDLOCK[2], rules, 0), "Landlock")
    os.close(rules)


def _drop_capabilities() -> None:
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for capability in range(last + 1):
        prctl(_PR_CAPBSET_DROP, capability)
    header = struct.pack("Ii", 0x20080522, 0)  # version 3, this process
    check(libc.capset(header, bytes(24)), "giving up capabilities")


if __name__ == "__main__":
    sys.exit(_probe())
