"""Several devices that share each batch."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras

from course.devices import devices as available


@contextlib.contextmanager
def data_parallel(devices: Sequence[str] | None = None) -> Iterator[None]:
    """Inside, models are built and trained on several devices at once.

    Each device holds all weights, and takes its part of each batch; gradients
    are averaged, so that a step is that of one device. On JAX this is
    `keras.distribution.DataParallel`, on TensorFlow `MirroredStrategy`.

    Args:
        devices: Names such as "gpu:1", of one kind; None for all of the
            default kind.

    Raises:
        ValueError: If a device is not there, or the backend is another.

    Example:
        >>> with data_parallel():
        ...     inputs = keras.Input((4,))
        ...     model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
        >>> replicas(model)
        1
    """
    backend = keras.backend.backend()
    if backend not in ("jax", "tensorflow"):
        raise ValueError(
            f"Data-parallel training on {backend} is not offered. Expected "
            "KERAS_BACKEND=jax or tensorflow."
        )
    names = _known(devices)
    if backend == "jax":
        with keras.distribution.DataParallel(devices=names).scope():
            yield
    else:
        import tensorflow as tf

        with tf.distribute.MirroredStrategy(names).scope():
            yield


def replicas(model: keras.Model) -> int:
    """On how many devices a model is trained."""
    if keras.backend.backend() == "tensorflow":
        return model.distribute_strategy.num_replicas_in_sync
    distribution = keras.distribution.distribution()
    return 1 if distribution is None else distribution.device_mesh.devices.size


def reads_beforehand(parts: int) -> bool:
    """Whether Keras reads some batches through an iterator that it drops.

    On several devices of TensorFlow it does: to build what is not built yet.
    """
    return parts > 1 and keras.backend.backend() == "tensorflow"


def shared(batches: Callable[[], Iterator[Any]], parts: int) -> Any:
    """Batches as `keras.Model.fit` splits them over so many devices rightly.

    Where it reads beforehand they are a data set that begins anew for each
    iterator.
    """
    if not reads_beforehand(parts):
        return batches()
    import tensorflow as tf

    signature = keras.tree.map_structure(
        lambda array: tf.TensorSpec((None, *array.shape[1:]), array.dtype),
        next(batches()),
    )
    return tf.data.Dataset.from_generator(batches, output_signature=signature)


def _known(names: Sequence[str] | None) -> list[Any]:
    """The devices asked for, if they are there."""
    there = available()
    asked = there if names is None else list(names)
    if (
        not asked
        or not set(asked) <= set(there)
        or len(set(asked)) < len(asked)
    ):
        raise ValueError(
            f"devices={names}. Expected some of {', '.join(there)}, each once, "
            "or None for all of them."
        )
    return asked
