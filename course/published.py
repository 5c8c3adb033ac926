"""Numbers that papers report, each with its source.

The table is `published.csv` in this folder, one number a row, in the order of
the papers. What can be computed is computed instead, and compared with it.
"""

import csv
import functools
from importlib.resources import files
from typing import NamedTuple

from course.arithmetic import one_of


class Number(NamedTuple):
    """A row: which network, what of it, how much of what unit, who says so."""

    network: str
    quantity: str
    value: float
    unit: str
    source: str


def numbers(quantity: str) -> dict[str, Number]:
    """What is reported of a quantity, by network.

    Args:
        quantity: One of `quantities()`.

    Returns:
        Network -> its number, in the order of the table.

    Raises:
        ValueError: Nothing is reported of this quantity; lists those that are.

    Example:
        >>> [row.value for row in numbers("test error on CIFAR-10").values()]
        [11.59, 10.88, 10.41]
    """
    one_of(quantities(), quantity, "quantity")
    return {row.network: row for row in table() if row.quantity == quantity}


def number(network: str, quantity: str) -> float:
    """What is reported of one network.

    Args:
        network: One of `numbers(quantity)`.
        quantity: One of `quantities()`.

    Raises:
        ValueError: Nothing is reported of it; lists of what something is.

    Example:
        >>> number("VGG E", "parameters")
        144.0
    """
    reported = numbers(quantity)
    return reported[one_of(reported, network, "network")].value


def quantities() -> list[str]:
    """What is reported of some network, in the order of the table.

    Example:
        >>> "top-5 test error" in quantities()
        True
    """
    return list(dict.fromkeys(row.quantity for row in table()))


@functools.cache
def table() -> tuple[Number, ...]:
    """All rows.

    Example:
        >>> {row.source for row in table() if row.network == "expert"}
        {'Russakovsky et al. 2015, section 6.4'}
    """
    text = (files("course") / "published.csv").read_text("utf-8")
    return tuple(
        Number(**row | {"value": float(row["value"])})
        for row in csv.DictReader(text.splitlines())
    )
