"""Prepare digit_scenes once, whole or not at all."""

import contextlib
import importlib
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import tensorflow_datasets as tfds
from tensorflow_datasets.core.utils import tqdm_utils

from course.datasets.digit_scenes.builder import (
    CHECKSUMS,
    DigitScenes,
    DigitScenesConfig,
    file_format,
    sha256,
)
from course.datasets.digit_scenes.recipe import Recipe
from course.datasets.digit_scenes.scenes import PARTS


def prepared(
    config: str | DigitScenesConfig = "96", data_dir: str | None = None
) -> DigitScenes:
    """The builder of a kind of scenes, which are on the disk when it returns.

    Scenes are made in a folder with another name, which gets its own when all
    of them are there. So a call that was interrupted leaves nothing that
    another takes for whole.

    Args:
        config: "64", "96", "128", "96-crowded", or a kind of your own.
        data_dir: Where data sets are kept; None is TensorFlow Datasets' own
            folder, which the variable TFDS_DATA_DIR names.

    Raises:
        ValueError: If there is no such kind.
        OSError: If the scenes cannot be written, as when the disk is full.
    """
    names = list(DigitScenes.builder_configs)
    if isinstance(config, str) and config not in names:
        raise ValueError(
            f"There are no digit_scenes/{config}. Expected one of "
            f"{', '.join(names)}, or a DigitScenesConfig."
        )
    builder = DigitScenes(config=config, data_dir=data_dir)
    if not _is_whole(builder):
        home = Path(builder.data_dir).parent
        _check_space(builder.builder_config.recipe, home)
        try:
            home.mkdir(parents=True, exist_ok=True)
            with _alone(home):
                _write(builder)
        except (OSError, RuntimeError) as error:
            raise OSError(_cannot_write(builder, error)) from error
    return DigitScenes(config=config, data_dir=data_dir)


def check(builder: DigitScenes, part: str) -> None:
    """Compare the files of a part with the checksums of the day they were made.

    Raises:
        OSError: If one of them is damaged or not there.
    """
    folder = Path(builder.data_dir)
    sums = json.loads((folder / CHECKSUMS).read_text("utf-8"))
    for name in sorted(name for name in sums if f"-{part}." in name):
        path = folder / name
        if not path.is_file():
            damage = "is not there"
        elif sha256(path) != sums[name]:
            damage = "is damaged, perhaps truncated"
        else:
            continue
        raise OSError(
            f"{path} {damage}: its checksum is not the one it had when it was "
            f"made. Delete the folder {folder}; the next call makes the scenes "
            "again, in about a minute."
        )


def _is_whole(builder: DigitScenes) -> bool:
    return (Path(builder.data_dir) / CHECKSUMS).is_file()


def _write(builder: DigitScenes) -> None:
    """Write the scenes, unless another process did so in the meantime."""
    home = Path(builder.data_dir).parent
    for left in home.glob(f"incomplete.*_{builder.version}"):
        shutil.rmtree(left)  # of a process that was killed
    if _is_whole(builder):
        return
    shutil.rmtree(builder.data_dir, ignore_errors=True)
    with _quiet():
        builder.download_and_prepare(
            file_format=file_format(),
            download_config=tfds.download.DownloadConfig(
                try_download_gcs=False
            ),
        )


def _check_space(recipe: Recipe, home: Path) -> None:
    """Say so now, not after a minute, if the scenes will not fit."""
    scenes = sum(getattr(recipe, part) for part in PARTS)
    needed = scenes * recipe.size**2 * 5  # bytes, if they do not compress
    there = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise OSError(
            f"{scenes} scenes need up to {needed / 1e6:.0f} MB in {home}, "
            f"where {free / 1e6:.0f} MB are free. Make room, or have data_dir "
            "or the variable TFDS_DATA_DIR name a folder on another disk."
        )


def _cannot_write(builder: DigitScenes, error: Exception) -> str:
    return (
        f"The scenes could not be written to {builder.data_dir}: {error}\n"
        "Nothing of them was left there. Is the disk full, or may you not "
        "write to it? Make room, or have data_dir or the variable "
        "TFDS_DATA_DIR name another folder."
    )


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Wait for other processes that prepare the same.

    The system ends the wait when the other process ends, however it ends.
    Windows has no such lock: there two processes at once both do the work.
    """
    if importlib.util.find_spec("fcntl") is None:
        yield
        return
    import fcntl

    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Only our own progress bar, one line a part."""
    was_active = tqdm_utils._active
    tfds.disable_progress_bar()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        tqdm_utils.display_progress_bar(was_active)
