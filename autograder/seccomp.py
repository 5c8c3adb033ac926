"""Which system calls a student's code is refused, as a seccomp filter.

They change the machine, look into other processes, or reach parts of the
kernel that a notebook has no use for. A list of what is refused, rather than
of what is allowed, lets any library run as it does at home; everything that
matters is out of reach by the namespaces as well.
"""

import ctypes
import struct

from autograder.linux import machine, prctl

_NEW = 0x7E020000  # any namespace that `clone` could make
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2

# name: (x86_64, aarch64); calls of Linux 5.1 and newer share one number.
DENIED = {
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
_ARCHITECTURES = (0xC000003E, 0xC00000B7)

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97
_X32 = 0x40000000


def _filter() -> bytes:
    """The program that the kernel runs before each system call."""
    column = machine()
    program = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, _ARCHITECTURES[column])]
    program += [(_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    program += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _ERRNO | _ENOSYS)]
    for numbers in DENIED.values():
        program += [(_EQUAL, 0, 1, numbers[column])]
        program += [(_RETURN, 0, 0, _ERRNO | _EPERM)]
    # its flags lie in memory, where no filter can read them; libc falls back
    program += [(_EQUAL, 0, 1, _CLONE3[column])]
    program += [(_RETURN, 0, 0, _ERRNO | _ENOSYS)]
    program += [(_EQUAL, 0, 4, _CLONE[column]), (_LOAD, 0, 0, 16)]
    program += [
        (_ANY_BIT, 0, 1, _NEW),
        (_RETURN, 0, 0, _ERRNO | _EPERM),
    ]
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


def forbid_system_calls() -> None:
    """Refuse the calls above from now on, to this process and its children.

    Raises:
        SandboxError: The kernel refuses, or the processor is not known.
    """
    lines = _filter()
    program = _Program(len(lines) // 8, lines)
    prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program))
