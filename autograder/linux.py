"""Linux as C programs see it: calls that Python has no function for."""

import ctypes
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
_MACHINES = ("x86_64", "aarch64")


class SandboxError(RuntimeError):
    """This machine does not allow a sandbox."""


def machine() -> int:
    """The column of this processor in a table (x86_64, aarch64).

    Raises:
        SandboxError: There is none for it.
    """
    name = platform.machine()
    if name not in _MACHINES:
        raise SandboxError(
            f"received a {name} processor, expected one of "
            f"{', '.join(_MACHINES)}: no filter of system calls is written "
            "for it yet"
        )
    return _MACHINES.index(name)


def prctl(option: int, *arguments) -> None:
    """Change what this process is to the kernel.

    Raises:
        SandboxError: The kernel refuses.
    """
    padded = [*arguments, 0, 0, 0][:4]
    words = [
        ctypes.c_ulong(word) if isinstance(word, int) else word
        for word in padded
    ]
    check(libc.prctl(option, *words), f"prctl {option}")


def check(
    result: int, what: str, fix: str = "a newer Linux may allow it"
) -> None:
    """Raise if a call of `libc` failed.

    Raises:
        SandboxError: It says why, and how the host may come to allow it.
    """
    if result < 0:
        reason = os.strerror(ctypes.get_errno())
        raise SandboxError(f"the host refuses {what}: {reason}; {fix}")
