"""Examples of many data sets, all in the same form.

    image      (h, w, channels)   uint8
    label      ()                 int32
    mask       (h, w)             uint8; 255 is to be ignored
    instances  (h, w)             uint8; k where object k is, 0 where none is
    boxes      (n, 4)             float32: left, top, right, bottom in pixels
    classes    (n,)               int32

Object k has row k - 1 of boxes and classes. Rows of -1 hold no object.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from course.datasets.table import IGNORED, DataSet

NO_OBJECT = -1
# 1 is pet, 2 background, 3 the border between them; nothing else should be
_TRIMAP = np.array([254, 1, 0, IGNORED, 254], dtype="uint8")
Sample = dict[str, np.ndarray]


def read(example: Mapping) -> Sample:
    """An example of TensorFlow Datasets in our form."""
    sample = {"image": np.asarray(example["image"])}
    if "label" in example:
        sample["label"] = np.asarray(example["label"], dtype="int32")
    for key in ("mask", "instances"):
        if key in example:
            sample[key] = np.asarray(example[key])
    if "segmentation_mask" in example:
        trimap = np.asarray(example["segmentation_mask"])[..., 0]
        sample["mask"] = _TRIMAP[trimap.clip(0, len(_TRIMAP) - 1)]
    if "objects" in example:
        objects, shape = example["objects"], sample["image"].shape
        top, left, bottom, right = (
            np.asarray(objects["bbox"], dtype="float32").reshape(-1, 4).T
        )
        sides = [left, top, right, bottom] * np.array(
            [[shape[1]], [shape[0]]] * 2, dtype="float32"
        )
        sample["boxes"] = sides.T
        sample["classes"] = np.asarray(objects["label"], dtype="int32")
    return sample


def check(name: str, data_set: DataSet, sample: Sample) -> None:
    """Look whether sizes and labels fit together.

    Raises:
        ValueError: If an image and its mask have different sizes, or a label
            has no name.
    """
    size = sample["image"].shape[:2]
    for key in ("mask", "instances"):
        if key in sample and sample[key].shape != size:
            raise ValueError(
                f"{name}: an image has {_by(size)} pixels, its {key} "
                f"{_by(sample[key].shape)}. Expected the same: prepare "
                "the data set again, or leave that example out."
            )
    for key, names in data_set.names.items():
        numbers = sample[key]
        is_known = (numbers >= 0) & (numbers < len(names))
        if key == "mask":
            is_known |= numbers == IGNORED
        if not np.all(is_known):
            strange = int(numbers[~is_known][0])
            raise ValueError(
                f"{name}: {key} holds {strange}. Expected 0 to "
                f"{len(names) - 1}{' or 255' if key == 'mask' else ''}: the "
                "data set is damaged, or another version than expected."
            )


def resize(sample: Sample, size: int | None) -> Sample:
    """A sample whose image has `size` rows and columns, and all that fits it.

    The image is interpolated, masks take the nearest pixel.
    """
    height, width = sample["image"].shape[:2]
    if size is None or (height, width) == (size, size):
        return sample
    resized = dict(sample)
    resized["image"] = _interpolated(sample["image"], size)
    rows, columns = (
        (2 * np.arange(size) + 1) * length // (2 * size)
        for length in (height, width)
    )
    for key in ("mask", "instances"):
        if key in sample:
            resized[key] = sample[key][rows[:, None], columns]
    if "boxes" in sample:
        factor = np.array([size / width, size / height] * 2, dtype="float32")
        resized["boxes"] = sample["boxes"] * factor
    return resized


def stack(samples: Sequence[Sample], rows: int = 0) -> Sample:
    """Samples as one batch, with `rows` boxes each, at least as many as any."""
    batch = {}
    for key in samples[0]:
        arrays = [sample[key] for sample in samples]
        if key not in ("boxes", "classes"):
            batch[key] = np.stack(arrays)
            continue
        most = max(rows, *map(len, arrays))
        shape = (len(arrays), most, *arrays[0].shape[1:])
        batch[key] = np.full(shape, NO_OBJECT, arrays[0].dtype)
        for row, array in zip(batch[key], arrays, strict=True):
            row[: len(array)] = array
    return batch


def _interpolated(image: np.ndarray, size: int) -> np.ndarray:
    """An image of bytes: (h, w, c) -> (size, size, c)."""
    from PIL import Image

    grey = image.shape[-1] == 1
    picture = Image.fromarray(image[..., 0] if grey else image)
    small = picture.resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(small).reshape(size, size, image.shape[-1])


def _by(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape))
