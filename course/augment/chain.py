"""Transformations, one after the other."""

from collections.abc import Callable, Sequence
from typing import Any


def chain(
    *layers: Callable, keys: Sequence[str] | None = None
) -> Callable[..., Any]:
    """A function that applies layers in order, for `map` of tf.data.

    Args:
        layers: Of this package, or others that take samples.
        keys: What the entries are, if samples are tuples; as for
            `course.datasets.load`. None for dictionaries and images.

    Returns:
        A function of a sample, or of its entries, that returns the same form.

    Raises:
        ValueError: When called, if there are more or fewer entries than keys.
    """

    def apply(*entries: Any) -> Any:
        if len(entries) != (1 if keys is None else len(keys)):
            raise ValueError(
                f"A sample has {len(entries)} entries, keys={keys!r}. Expected "
                "one key an entry, in the order that load was given."
            )
        sample = entries[0]
        if keys is not None:
            sample = dict(zip(keys, entries, strict=True))
        for layer in layers:
            sample = layer(sample, training=True)
        return sample if keys is None else tuple(sample[key] for key in keys)

    return apply
