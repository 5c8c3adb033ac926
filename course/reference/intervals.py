"""How far figures of a few seeds can be trusted."""

import math
import statistics
from collections.abc import Sequence
from typing import Any, NamedTuple


class Interval(NamedTuple):
    """The mean of what several seeds gave, and where the true one may lie."""

    mean: float
    low: float
    high: float


def interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """Student's interval for the mean of independent runs.

    mean ± t s / √n, where s is the values' standard deviation and t the
    quantile of Student's distribution with n - 1 degrees of freedom: 4.30 for
    three seeds and 95 %.

    Args:
        values: One number a seed, two or more.
        confidence: How often such an interval holds the true mean, of runs
            whose numbers are distributed normally.

    Raises:
        ValueError: There are less than two values, or confidence is not
            between 0 and 1.

    Example:
        >>> mean, low, high = interval([0.70, 0.72, 0.74])
        >>> round(mean, 3), round(low, 3), round(high, 3)
        (0.72, 0.67, 0.77)
    """
    if len(values) < 2:
        raise ValueError(
            f"values has {len(values)} number(s), which say nothing of how "
            "runs differ. Expected two or more: run more seeds."
        )
    if not 0 < confidence < 1:
        raise ValueError(
            f"confidence={confidence} is no share between 0 and 1. Expected "
            "a number such as 0.95."
        )
    # a second that only who asks for intervals pays
    from scipy.special import stdtrit

    mean = statistics.fmean(values)
    quantile = float(stdtrit(len(values) - 1, (1 + confidence) / 2))
    reach = quantile * statistics.stdev(values) / math.sqrt(len(values))
    return Interval(mean, mean - reach, mean + reach)


def intervals(
    records: Sequence[dict[str, Any]], confidence: float = 0.95
) -> dict[str, Interval]:
    """The interval of each number that the records of a run have.

    Args:
        records: Of one run and backend, one a seed, as `results` gives them.
        confidence: As for `interval`.

    Returns:
        Intervals by the numbers' places in the records' values, keys and
        indices joined by dots: "test.miou", "test.iou.3".

    Raises:
        ValueError: The records are not of one backend, a seed is there twice
            or alone.

    Example:
        >>> records = [
        ...     {"backend": "jax", "seed": seed, "values": {"miou": miou}}
        ...     for seed, miou in enumerate([0.70, 0.72, 0.74])
        ... ]
        >>> round(intervals(records)["miou"].high, 3)
        0.77
    """
    backends = {record["backend"] for record in records}
    seeds = [record["seed"] for record in records]
    if len(backends) != 1 or len(set(seeds)) != len(seeds):
        raise ValueError(
            f"records are of {sorted(backends)} and seeds {seeds}. Expected "
            "one backend and each seed once: choose among results(...) first."
        )
    each = [_numbers(record["values"]) for record in records]
    return {
        name: interval([numbers[name] for numbers in each], confidence)
        for name in each[0]
    }


def _numbers(value: Any, name: str = "") -> dict[str, float]:
    """All numbers inside, by their places."""
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        found: dict[str, float] = {}
        for key, part in inner:
            found |= _numbers(part, f"{name}.{key}" if name else str(key))
        return found
    return {} if isinstance(value, str) else {name: float(value)}
