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
import platform
import resource
import site
import struct
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

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
_CLONE_NEWCGROUP = 0x02000000
_CLONE_NEW = (
    _CLONE_NEWNS
    | _CLONE_NEWUTS
    | _CLONE_NEWIPC
    | _CLONE_NEWUSER
    | _CLONE_NEWPID
    | _CLONE_NEWNET
    | _CLONE_NEWCGROUP
)

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 32, 4096, 16384, 1 << 18
_MNT_DETACH = 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV = 1, 2, 4

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 22, 38
_SECCOMP_MODE_FILTER = 2
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

_libc = ctypes.CDLL(None, use_errno=True)


class SandboxError(RuntimeError):
    """This machine does not allow a sandbox."""


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
    _check(
        _libc.unshare(flags | _CLONE_NEWIPC | _CLONE_NEWUTS),
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
    _check(
        _libc.syscall(_pivot_root(), b"/tmp", b"/tmp" + _OLD.encode()),
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
    _check(_libc.umount2(_OLD.encode(), _MNT_DETACH), "leaving the host")
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
        _prctl(_PR_SET_DUMPABLE, 1)
    _own_user_namespace(_STUDENT, _STUDENT)
    die_with_parent()
    _limit(limits)
    _drop_capabilities()
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _fence_files()
    _filter_system_calls()


def die_with_parent() -> None:
    """Be killed when the parent dies; each change of user forgets it."""
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, _SIGKILL)


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
    _check(
        _libc.unshare(_CLONE_NEWUSER),
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
    _check(
        _libc.syscall(
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
    _check(
        _libc.mount(*texts[:3], ctypes.c_ulong(flags), texts[3]),
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
    version = _libc.syscall(_SYS_LANDLOCK[0], None, 0, 1)
    if version < 1:
        return
    every = (1 << _LANDLOCK_RIGHTS[min(version, len(_LANDLOCK_RIGHTS)) - 1]) - 1
    attributes = struct.pack("Q", every)
    rules = _libc.syscall(_SYS_LANDLOCK[0], attributes, len(attributes), 0)
    _check(rules, "Landlock's rules")
    for path, rights in (
        ("/", _LANDLOCK_READ),
        ("/dev/null", _LANDLOCK_READ_WRITE),
        *((folder, every) for folder in ("/tmp", HOME, "/dev/shm")),
    ):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = struct.pack("=Qi", rights, place)
        _check(_libc.syscall(_SYS_LANDLOCK[1], rules, 1, rule, 0), path)
        os.close(place)
    _check(_libc.syscall(_SYS_LANDLOCK[2], rules, 0), "Landlock")
    os.close(rules)


def _drop_capabilities() -> None:
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for capability in range(last + 1):
        _prctl(_PR_CAPBSET_DROP, capability)
    header = struct.pack("Ii", 0x20080522, 0)  # version 3, this process
    _check(_libc.capset(header, bytes(24)), "giving up capabilities")


# ---- system calls

# name: (x86_64, aarch64); calls of Linux 5.1 and newer share one number.
_DENIED = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "adjtimex": (159, 171),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "lookup_dcookie": (212, 18),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "migrate_pages": (256, 238),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "move_pages": (279, 239),
    "msgget": (68, 186),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "semget": (64, 190),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "shmget": (29, 194),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}
_CLONE, _CLONE3, _SOCKET = (56, 220), (435, 435), (41, 198)
_FAMILIES = (1, 2, 10)  # unix, and the two that a network-less loopback has
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97
_X32 = 0x40000000


def _column() -> tuple[int, int]:
    machine = platform.machine()
    if machine not in _MACHINES:
        raise SandboxError(
            f"received a {machine} processor, expected one of "
            f"{', '.join(_MACHINES)}: no filter of system calls is written "
            "for it yet"
        )
    return _MACHINES[machine]


def _pivot_root() -> int:
    return _DENIED["pivot_root"][_column()[0]]


def _filter() -> bytes:
    """The program that the kernel runs before each system call."""
    column, architecture = _column()
    program = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, architecture)]
    program += [(_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    program += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _ERRNO | _ENOSYS)]
    for numbers in _DENIED.values():
        program += [(_EQUAL, 0, 1, numbers[column])]
        program += [(_RETURN, 0, 0, _ERRNO | _EPERM)]
    # its flags lie in memory, where no filter can read them; libc falls back
    program += [(_EQUAL, 0, 1, _CLONE3[column])]
    program += [(_RETURN, 0, 0, _ERRNO | _ENOSYS)]
    program += [(_EQUAL, 0, 4, _CLONE[column]), (_LOAD, 0, 0, 16)]
    program += [(_ANY_BIT, 0, 1, _CLONE_NEW), (_RETURN, 0, 0, _ERRNO | _EPERM)]
    program += [(_RETURN, 0, 0, _ALLOW)]
    families = len(_FAMILIES)
    program += [(_EQUAL, 0, families + 2, _SOCKET[column]), (_LOAD, 0, 0, 16)]
    program += [
        (_EQUAL, families - place, 0, family)
        for place, family in enumerate(_FAMILIES)
    ]
    program += [(_RETURN, 0, 0, _ERRNO | _EAFNOSUPPORT)]
    program += [(_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("HBBI", *line) for line in program)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_char_p))


def _filter_system_calls() -> None:
    lines = _filter()
    program = _Program(len(lines) // 8, lines)
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program))


def _prctl(option: int, *arguments) -> None:
    padded = [*arguments, 0, 0, 0][:4]
    words = [
        ctypes.c_ulong(word) if isinstance(word, int) else word
        for word in padded
    ]
    _check(_libc.prctl(option, *words), f"prctl {option}")


def _check(
    result: int, what: str, fix: str = "a newer Linux may allow it"
) -> None:
    if result < 0:
        reason = os.strerror(ctypes.get_errno())
        raise SandboxError(f"the host refuses {what}: {reason}; {fix}")


if __name__ == "__main__":
    sys.exit(_probe())
