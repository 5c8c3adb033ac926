"""What each step of a training sees."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np

from course.arithmetic import integer
from course.training.distribution import reads_beforehand, shared


class Batches:
    """Arrays in parts: seed, epoch and step settle which samples each has."""

    def __init__(
        self,
        data: Sequence[Any],
        batch_size: int,
        seed: int,
        transform: Callable[..., Any] | None = None,
        parts: int = 1,
    ):
        self.data, self.samples = _checked(data)
        self.batch_size = integer(batch_size, "batch_size", minimum=1)
        self.seed, self.transform, self.parts = seed, transform, parts
        if self.batch_size % parts or self.samples < parts:
            raise ValueError(
                f"batch_size={batch_size} and {self.samples} samples for "
                f"{parts} devices. Expected a batch size that they share "
                f"evenly, such as {parts * -(-self.batch_size // parts)}, and "
                "a sample for each."
            )
        usable = self.samples - self.samples % parts
        self.steps = -(-usable // self.batch_size)

    @property
    def about(self) -> dict[str, Any]:
        """What must be the same where a training goes on."""
        return {
            "samples": self.samples,
            "batch_size": self.batch_size,
            "seed": self.seed,
        }

    def after(self, epoch: int, step: int) -> Any:
        """The batches of this step and all that follow, for Keras's `fit`."""
        return shared(partial(self.each, epoch, step), self.parts)

    def each(self, epoch: int, step: int) -> Iterator[Any]:
        """The batches of this step and all that follow, without end."""
        for later in itertools.count(epoch):
            order = np.random.default_rng([self.seed, later]).permutation(
                self.samples
            )
            for each in range(step if later == epoch else 0, self.steps):
                yield self._batch(order, later, each)

    def _batch(self, order, epoch, step):
        start = step * self.batch_size
        chosen = order[start : start + self.batch_size]
        chosen = chosen[: len(chosen) - len(chosen) % self.parts]
        batch = keras.tree.map_structure(lambda array: array[chosen], self.data)
        if self.transform is None:
            return batch
        rng = np.random.default_rng([self.seed, epoch, step])
        return tuple(self.transform(*batch, rng))


class Stream:
    """A tf.data.Dataset of batches, which settles their order itself.

    Each iterator of one that shuffles brings another order: a training takes
    one alone, and where it goes on reads past what was seen.
    """

    def __init__(self, data: Any, parts: int = 1):
        self.data, self.parts = data, parts
        _check_shared(data, parts)
        steps = int(data.cardinality())
        if steps == -1:
            raise ValueError(
                "The data have no end (repeat() was called?). Expected a "
                "tf.data.Dataset that is one epoch long: fit repeats it."
            )
        # -2: it does not know itself
        self.steps = steps if steps >= 0 else sum(1 for _ in data)
        if not self.steps:
            raise ValueError(
                "The data hold no batch. Expected a tf.data.Dataset of one "
                "batch (x, y) or more."
            )
        self.iterator: Iterator[Any] | None = None

    @property
    def about(self) -> dict[str, Any]:
        """What must be the same where a training goes on."""
        return {"steps": self.steps}

    def after(self, epoch: int, step: int) -> Any:
        """The batches of this step and all that follow, for Keras's `fit`."""
        rest = self.data.repeat().skip(epoch * self.steps + step)
        if reads_beforehand(self.parts):
            return rest
        if self.iterator is None:
            self.iterator = rest.as_numpy_iterator()
        # Keras reads some steps ahead: not beyond an epoch that was begun
        end = self.steps - step if step else None
        return (batch for batch in itertools.islice(self.iterator, end))


def batches(
    data: Any,
    batch_size: int | None,
    seed: int,
    transform: Callable[..., Any] | None,
    parts: int,
) -> Batches | Stream:
    """Arrays or tf.data as steps."""
    if not hasattr(data, "element_spec"):
        return Batches(data, batch_size or 32, seed, transform, parts)
    if batch_size is not None or transform is not None:
        raise ValueError(
            f"batch_size={batch_size} and transform={transform} are for "
            "arrays. A tf.data.Dataset has batches: call its batch(...) and "
            "map(...)."
        )
    return Stream(data, parts)


def validated(data: Any, parts: int) -> Any:
    """Arrays for validation, as `keras.Model.fit` takes them."""
    if data is None:
        return None
    if hasattr(data, "element_spec"):
        _check_shared(data, parts)
        return data
    arrays, samples = _checked(data)
    if samples % parts:
        raise ValueError(
            f"{samples} samples for validation, which {parts} devices cannot "
            f"share evenly. Leave {samples % parts} of them off."
        )
    return arrays


def _check_shared(data, parts):
    """Raise if devices cannot share each batch of a tf.data.Dataset evenly."""
    sizes = {spec.shape[0] for spec in keras.tree.flatten(data.element_spec)}
    if parts > 1 and any(size is None or size % parts for size in sizes):
        raise ValueError(
            f"batches of {sizes} samples (None: not always as many) for "
            f"{parts} devices. Expected batches that they share evenly: call "
            f"batch(size, drop_remainder=True) with a multiple of {parts}."
        )


def _checked(data):
    """Arrays, maybe in tuples and dictionaries, and how many samples."""
    arrays = tuple(_arrays(part) for part in data)
    lengths = [len(array) for array in keras.tree.flatten(arrays)]
    if len(arrays) not in (2, 3) or len(set(lengths)) != 1 or not lengths[0]:
        raise ValueError(
            f"the data are {len(arrays)} parts, their arrays have {lengths} "
            "samples. Expected (x, y) or (x, y, sample_weight), as many of "
            "each, one or more."
        )
    return arrays, lengths[0]


def _arrays(part):
    if isinstance(part, dict):
        return {name: np.asarray(array) for name, array in part.items()}
    if isinstance(part, tuple):
        return tuple(map(np.asarray, part))
    return np.asarray(part)
