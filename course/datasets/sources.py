"""Where samples come from: scikit-learn, our scenes, TensorFlow Datasets."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from course.datasets import samples
from course.datasets.handwritten import digits
from course.datasets.table import DataSet, find

_AT_ONCE = 500  # small examples that TensorFlow hands over together


class Source:
    """The samples of one part of a data set.

    Args:
        name: Of the data set, perhaps with a config: "voc/2007".
        split: "train", "validation" or "test".
        data_dir: Where TensorFlow Datasets keeps them; None is its own folder.
        download: Whether they may be fetched.

    Raises:
        ValueError: If there is no such data set, part or config, or nothing in
            the part.
        OSError: If the files are not there, or are damaged.
    """

    def __init__(
        self,
        name: str,
        split: str,
        data_dir: str | os.PathLike | None = None,
        download: bool = False,
    ) -> None:
        self.name, self.data_set = name, find(name)
        self.split = split
        if split not in self.data_set.parts:
            raise ValueError(
                f"split={split!r} is no part of {name}. Expected "
                f"{' or '.join(self.data_set.parts)}."
            )
        self.rows = 0  # boxes that samples are padded to
        self.builder = None
        base = name.partition("/")[0]
        if base == "digits":
            return
        folder = None if data_dir is None else os.fspath(data_dir)
        if base == "digit_scenes":
            self._prepare_scenes(folder)
        else:
            self._find(folder, download)

    def everything(self, size: int | None) -> samples.Sample:
        """All samples at once, stacked."""
        if self.builder is None:
            part = getattr(digits(size=size), self.split)
            return {"image": part.images, "label": part.labels}
        return samples.stack(list(self.each(size)), self.rows)

    def each(self, size: int | None) -> Iterator[samples.Sample]:
        """One sample after another, looked at and resized."""
        for example in self._examples():
            sample = samples.read(example)
            samples.check(self.name, self.data_set, sample)
            yield samples.resize(sample, size)

    def _prepare_scenes(self, folder: str | None) -> None:
        from course.datasets.digit_scenes.prepare import check, prepared

        config = self.name.partition("/")[2] or self.data_set.config
        self.builder = prepared(config, folder)
        check(self.builder, self.split)
        self.rows = self.builder.builder_config.recipe.digits[1]

    def _find(self, folder: str | None, download: bool) -> None:
        import tensorflow_datasets as tfds

        full = self.name
        if "/" not in full and self.data_set.config:
            full = f"{full}/{self.data_set.config}"
        self.builder = tfds.builder(full, data_dir=folder)
        if not _is_there(self.builder):
            if not download:
                raise FileNotFoundError(
                    _not_there(self.name, self.data_set, self.builder)
                )
            _fetch(self.name, self.data_set, self.builder)
            self.builder = tfds.builder(full, data_dir=folder)
        _check_files(self.name, self.builder, self.data_set.parts[self.split])

    def _examples(self) -> Iterator[Any]:
        part = self.data_set.parts[self.split]
        if "array_record" in _formats(self.builder):
            return _in_blocks(self.builder.as_data_source(part))
        return self._by_tensorflow(part)

    def _by_tensorflow(self, part: str) -> Iterator[Any]:
        require_tensorflow(f"{self.name} is stored in TensorFlow's own format")
        import tensorflow as tf
        import tensorflow_datasets as tfds

        together = _AT_ONCE if self.data_set.is_fixed else None
        data = self.builder.as_dataset(split=part, batch_size=together)
        try:
            for example in tfds.as_numpy(data):
                if together is None:
                    yield example
                else:
                    yield from _one_by_one(example)
        except tf.errors.OpError as error:
            raise OSError(
                f"{self.name}: a file in {self.builder.data_dir} cannot be "
                f"read, perhaps it is truncated: {error.message}\nDelete the "
                "folder; load(..., download=True) fetches it again."
            ) from error


def _in_blocks(source: Any) -> Iterator[dict]:
    """What a source holds, read in blocks, which is quicker."""
    for start in range(0, len(source), _AT_ONCE):
        stop = min(start + _AT_ONCE, len(source))
        yield from source.__getitems__(list(range(start, stop)))


def _one_by_one(batch: dict) -> Iterator[dict]:
    """Images and labels of a batch, which hold no others with them."""
    for image, label in zip(batch["image"], batch["label"], strict=True):
        yield {"image": image, "label": label}


def require_tensorflow(why: str) -> None:
    """Raise if TensorFlow is not installed.

    Raises:
        ModuleNotFoundError: With what to do about it.
    """
    if importlib.util.find_spec("tensorflow") is None:
        raise ModuleNotFoundError(
            f"{why}, and TensorFlow is not installed. Install it beside your "
            "backend (pip install tensorflow), or load digits or digit_scenes "
            "with as_numpy=True, which do without."
        )


def _is_there(builder: Any) -> bool:
    """As builder.is_prepared(), which would print a warning."""
    return (Path(builder.data_dir) / "dataset_info.json").is_file()


def _formats(builder: Any) -> set[str]:
    return {each.value for each in builder.info.available_file_formats()}


def _check_files(name: str, builder: Any, part: str) -> None:
    """Look for the files of a part, and for something in it."""
    split = builder.info.splits[part]
    lost = [path for path in split.filepaths if not Path(path).is_file()]
    if lost:
        raise OSError(
            f"{name}: {lost[0]} is not there, though {builder.data_dir} says "
            "so. Copy that file too, or delete the folder and call "
            "load(..., download=True)."
        )
    if not split.num_examples:
        raise ValueError(
            f"{name}: {part} is empty in {builder.data_dir}. Expected at least "
            "one example: delete the folder and call load(..., download=True)."
        )


def _not_there(name: str, data_set: DataSet, builder: Any) -> str:
    return (
        f"{name} is not in {builder.data_dir}.\n"
        f"With a network: load({name!r}, ..., download=True) fetches it.\n"
        "Without: copy that folder from a computer that has it, or have "
        "data_dir or the variable TFDS_DATA_DIR name the folder above "
        f"{builder.name}.\n"
        f"At once: load({data_set.stand_in!r}, ...) needs no network."
    )


def _fetch(name: str, data_set: DataSet, builder: Any) -> None:
    """Download and prepare, if there is a network at all.

    TensorFlow Datasets tries for many minutes before it gives up.
    """
    import requests
    import tensorflow_datasets as tfds

    try:
        for url in list(builder.url_infos or ())[:1]:
            requests.head(url, timeout=10, allow_redirects=True)
        builder.download_and_prepare(
            download_config=tfds.download.DownloadConfig(try_download_gcs=False)
        )
    except (OSError, tfds.download.DownloadError) as error:
        raise OSError(
            f"{name} could not be fetched: {error}\n"
            f"{_not_there(name, data_set, builder)}"
        ) from error
