"""Answers as people give them, read as integers."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

# 61,706 and 61 706: a mark between groups of three digits.
_GROUPED = re.compile(r"-?\d{1,3}(?:[,_' \u00a0\u202f]\d{3})+")
_BETWEEN = re.compile(r"[\s,;x×()\[\]{}]+")
_NOTHING = {"none", "[]", "()", "{}", "-", "no", "nothing"}


class Unreadable(ValueError):
    """An answer that is not made of whole numbers; says what to write."""


def whole_numbers(value: Any, single: bool = False) -> tuple[int, ...]:
    """The integers of an answer.

    Args:
        value: A number, a text ("13 x 13 x 256", "61,706", "none"), or a
            list, tuple, set, array or tensor of numbers; None for none.
        single: Whether one number is meant, in which a comma or a space
            groups digits.

    Raises:
        Unreadable: If it holds anything else.

    Example:
        >>> whole_numbers("(13, 13, 256)"), whole_numbers("61,706", single=True)
        ((13, 13, 256), (61706,))
    """
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(_integer(number) for number in _numbers(value, single))
    if isinstance(value, Iterable) and not hasattr(value, "__array__"):
        value = list(value)
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        array = np.asarray(None)
    if array.dtype.kind not in "iuf" and array.size:
        raise Unreadable(
            f"{_short(value)} holds something else than numbers. Give whole "
            "numbers."
        )
    return tuple(_integer(number) for number in array.ravel().tolist())


def _numbers(text: str, single: bool) -> list[float]:
    text = text.strip().lower()
    if not text:
        raise Unreadable("nothing was written. Give whole numbers, or none.")
    if text in _NOTHING:
        return []
    if single and _GROUPED.fullmatch(text):
        text = re.sub(r"[^\d-]", "", text)
    try:
        return [float(part) for part in _BETWEEN.split(text) if part]
    except ValueError:
        raise Unreadable(
            f"{_short(text)} cannot be read. Write whole numbers only, such as "
            "12 or 12 x 12 x 8."
        ) from None


def _integer(number: float) -> int:
    if number != number // 1:
        raise Unreadable(
            f"{number:g} is no whole number. Sizes and counts are whole: does "
            "the kernel make a part of a step?"
        )
    return int(number)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
