"""Dice that fall alike on every machine."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


class Dice:
    """Throws that follow from a key alone.

    Python's `hash` differs from run to run, and what `random` makes of a seed
    may change with Python; SHA-256 does neither.

    Args:
        *key: Texts or integers; another key, other throws.

    Example:
        >>> dice = Dice("stack", 1)
        >>> [dice.between(1, 6) for _ in range(8)]
        [5, 6, 3, 6, 5, 1, 6, 2]
    """

    def __init__(self, *key: str | int):
        self._key = "\x1f".join(map(str, key))
        self._thrown = 0

    def between(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        self._thrown += 1
        text = f"{self._key}\x1f{self._thrown}"
        digest = hashlib.sha256(text.encode()).digest()
        return low + int.from_bytes(digest, "big") % (high - low + 1)

    def choice(self, items: Sequence[Item]) -> Item:
        """One of the items; write one twice to make it likelier."""
        return items[self.between(0, len(items) - 1)]
