"""One call for every data set of the course."""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from course.datasets import samples
from course.datasets.sources import Source, require_tensorflow
from course.datasets.table import find

_WHITE = np.float32(255)
_BUFFER = 1000  # examples among which one is drawn when a set is too large


def load(
    name: str,
    split: str = "train",
    *,
    keys: Sequence[str] | None = None,
    size: int | None = None,
    batch_size: int | None = None,
    shuffle: bool = False,
    seed: int = 0,
    as_numpy: bool = False,
    data_dir: str | os.PathLike | None = None,
    download: bool = False,
) -> Any:
    """Images with what is known of them, as tf.data or as NumPy arrays.

    A sample has these, as far as the data set knows them:

        image      (h, w, channels)  float32, 0 to 1
        label      ()                int32
        mask       (h, w)            int32, what each pixel shows; 255: unknown
        instances  (h, w)            int32, k where object k is, 0 elsewhere
        boxes      (n, 4)            float32: left, top, right, bottom in pixels
        classes    (n,)              int32, what objects are

    Object k has row k - 1 of boxes and classes. Samples that are stacked have
    the same number of rows; those that hold no object are -1.

    Args:
        name: digits, digit_scenes, mnist, fashion_mnist, cifar10,
            oxford_iiit_pet or voc; digit_scenes/64 and voc/2007 choose one of
            several kinds.
        split: "train", "validation" or "test".
        keys: What to give, as a tuple in this order, such as ("image", "mask")
            for `fit`. None gives dictionaries with all.
        size: Height and width of the images, which are stretched to it; masks
            and boxes follow. None leaves them as they are.
        batch_size: Samples a batch; None gives single ones. For tf.data.
        shuffle: Whether to change the order, each epoch anew.
        seed: Of the order.
        as_numpy: Whether to give whole arrays instead of tf.data.
        data_dir: Where data sets are kept; None is TensorFlow Datasets' own
            folder, which the variable TFDS_DATA_DIR names.
        download: Whether what is not there may be fetched.

    Returns:
        A tf.data.Dataset, which every backend's `fit` takes, or arrays.

    Raises:
        ValueError: If there is no such data set, part or key, or a data set
            contradicts itself.
        OSError: If its files are not there or are damaged.
        ModuleNotFoundError: If tf.data is asked for without TensorFlow.

    Example:
        >>> images, labels = load(
        ...     "digits", "test", keys=("image", "label"), as_numpy=True
        ... )
        >>> images.shape, labels.shape
        ((359, 8, 8, 1), (359,))
    """
    _check_arguments(name, keys, size, batch_size)
    _check_stacking(name, size, batch_size, as_numpy)
    source = Source(name, split, data_dir, download)
    if as_numpy:
        arrays = _some(source.everything(size), keys)
        if shuffle:
            count = len(next(iter(arrays.values())))
            order = np.random.default_rng(seed).permutation(count)
            arrays = {key: array[order] for key, array in arrays.items()}
        return _given(arrays, keys, np.divide, np.ndarray.astype)
    return _tf_data(source, keys, size, batch_size, shuffle, seed)


def _tf_data(
    source: Source,
    keys: Sequence[str] | None,
    size: int | None,
    batch_size: int | None,
    shuffle: bool,
    seed: int,
) -> Any:
    require_tensorflow("load(...) gives tf.data unless as_numpy=True")
    import tensorflow as tf

    _leave_gpus_to_the_backend()
    if source.data_set.is_fixed:
        arrays = _some(source.everything(size), keys)
        data = tf.data.Dataset.from_tensor_slices(arrays)
        buffer = len(data)
    else:
        data, buffer = _streamed(source, size), _BUFFER
    if shuffle:
        data = data.shuffle(buffer, seed=seed, reshuffle_each_iteration=True)
    if batch_size is not None:
        data = _batched(data, batch_size)
    data = data.map(lambda sample: _given(sample, keys, _divide, tf.cast))
    return data.prefetch(tf.data.AUTOTUNE)


def _batched(data: Any, batch_size: int) -> Any:
    """Batches, with as many boxes as the sample that has most."""
    dtypes = {key: spec.dtype for key, spec in data.element_spec.items()}
    return data.padded_batch(
        batch_size,
        padding_values={
            key: np.array(
                samples.NO_OBJECT if key in ("boxes", "classes") else 0,
                dtype.as_numpy_dtype,
            )
            for key, dtype in dtypes.items()
        },
    )


def _streamed(source: Source, size: int | None) -> Any:
    """Samples that are read while they are used."""
    import tensorflow as tf

    first = next(source.each(size))
    signature = {
        key: tf.TensorSpec(_shape(key, array, size), array.dtype)
        for key, array in first.items()
    }

    def each() -> Iterator[samples.Sample]:
        return source.each(size)

    return tf.data.Dataset.from_generator(each, output_signature=signature)


def _shape(
    key: str, array: np.ndarray, size: int | None
) -> tuple[int | None, ...]:
    """A sample's static shape: what differs from one to the next is None."""
    if key in ("boxes", "classes"):
        return (None, *array.shape[1:])
    if array.ndim < 2:
        return array.shape
    return (size, size, *array.shape[2:])


def _leave_gpus_to_the_backend() -> None:
    """Keep TensorFlow from taking a GPU's memory that another backend needs."""
    import keras
    import tensorflow as tf

    if keras.config.backend() != "tensorflow":
        # too late if TensorFlow has used one already
        with contextlib.suppress(RuntimeError):
            tf.config.set_visible_devices([], "GPU")


def _some(sample: samples.Sample, keys: Sequence[str] | None) -> samples.Sample:
    """What is asked for, of what there is."""
    return {key: sample[key] for key in keys or sample}


def _given(
    sample: dict[str, Any],
    keys: Sequence[str] | None,
    divide: Callable,
    cast: Callable,
) -> Any:
    """Bytes of images as fractions, of masks as int32; in the order asked."""
    done = _some(sample, keys)
    for key, value in done.items():
        if value.dtype == "uint8":
            is_image = key == "image"
            done[key] = (
                divide(value, _WHITE) if is_image else cast(value, "int32")
            )
    return done if keys is None else tuple(done.values())


def _divide(tensor: Any, divisor: np.ndarray) -> Any:
    """As NumPy divides bytes by a fraction of 32 bits."""
    import tensorflow as tf

    return tf.cast(tensor, "float32") / divisor


def _check_arguments(
    name: str,
    keys: Sequence[str] | None,
    size: int | None,
    batch_size: int | None,
) -> None:
    """Raise for what cannot be before anything is read."""
    data_set = find(name)
    unknown = [key for key in keys or () if key not in data_set.keys]
    if isinstance(keys, str) or unknown or (keys is not None and not keys):
        raise ValueError(
            f"keys={keys!r}: expected None, or a tuple of some of "
            f"{', '.join(data_set.keys)}, which {name} has."
        )
    for what, number in (("size", size), ("batch_size", batch_size)):
        if number is not None and number < 1:
            raise ValueError(f"{what}={number}. Expected None, or 1 and more.")


def _check_stacking(
    name: str, size: int | None, batch_size: int | None, as_numpy: bool
) -> None:
    """Raise if samples are to be stacked and cannot be."""
    if as_numpy and batch_size is not None:
        raise ValueError(
            f"batch_size={batch_size} is for tf.data; as_numpy=True gives "
            "whole arrays. Give the batch size to fit, or leave one out."
        )
    is_stacked = as_numpy or batch_size is not None
    if is_stacked and size is None and not find(name).is_fixed:
        raise ValueError(
            f"The images of {name} have different sizes and cannot be stacked. "
            "Give a size that they are stretched to, such as size=128."
        )
