"""What JAX compiled for a lecture's solution, for all who answer it.

JAX compiles each operation for each shape when it first meets it, and that
takes longer than everything else that a small answer does. Answers meet what
the solution met: it is run once, with a cache in a folder, and submissions
read that folder. They cannot write it, and find no value in it: operations
and shapes only.
"""

import hashlib
import importlib.metadata
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

_PACKAGES = ("jax", "jaxlib", "keras", "numpy")
_CPU = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Compiled:
    """A folder of compiled operations.

    Attributes:
        folder: Its absolute path.
        writes: Whether new ones are added to it.
    """

    folder: str
    writes: bool = False


def use(folder: str, writes: bool) -> None:
    """Have JAX, which must not have compiled anything yet, use `folder`."""
    import jax

    seconds = 0.0 if writes else float("inf")  # what is worth being kept
    jax.config.update("jax_compilation_cache_dir", folder)
    # for GPUs only; its path would become a part of every operation's key
    jax.config.update("jax_persistent_cache_enable_xla_caches", "none")
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", seconds)


def filled(
    folder: Path,
    name: str,
    notebook: NotebookNode,
    fill: Callable[[Compiled], None],
) -> Compiled | None:
    """The operations of `notebook`, compiled now if they are not there yet.

    Args:
        folder: Where those of all notebooks lie.
        name: The notebook's.
        notebook: With the solution and the tests.
        fill: Runs it.

    Returns:
        None if they cannot be kept there.
    """
    place = folder.resolve() / f"{name}-{_digest(notebook)}"
    if place.is_dir():
        return Compiled(str(place))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        new = tempfile.mkdtemp(prefix=f"{place.name}.", dir=folder.resolve())
    except OSError:
        return None
    try:
        fill(Compiled(new, writes=True))
        os.chmod(new, 0o755)  # submissions run as nobody
        os.rename(new, place)
    except OSError:  # another run was faster
        shutil.rmtree(new, ignore_errors=True)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    return Compiled(str(place)) if place.is_dir() else None


def _digest(notebook: NotebookNode) -> str:
    """What tells one solution, and one machine's code, from another."""
    parts = [[cell.cell_type, cell.source] for cell in notebook.cells]
    versions = [importlib.metadata.version(name) for name in _PACKAGES]
    text = json.dumps([parts, versions, _processor()])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _processor() -> list[str]:
    """What the code may rely on; another processor could not run it."""
    if not _CPU.exists():
        return []
    lines = _CPU.read_text().splitlines()
    return sorted(
        {line for line in lines if line.startswith(("flags", "Features"))}
    )
