"""Intervals over seeds, against scipy's and what they promise."""

import numpy as np
import pytest
from scipy import stats

from course.reference.intervals import interval, intervals


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99])
@pytest.mark.parametrize("count", [2, 3, 5, 20])
def test_as_scipy(count, confidence):
    values = np.random.default_rng(count).normal(0.7, 0.1, count)
    mean, low, high = interval(list(values), confidence)
    expected = stats.t.interval(
        confidence, count - 1, values.mean(), stats.sem(values)
    )
    assert mean == pytest.approx(values.mean(), rel=1e-12)
    assert (low, high) == pytest.approx(expected, rel=1e-9)


def test_holds_the_true_mean_as_often_as_it_says():
    rng = np.random.default_rng(0)
    found = [interval(list(rng.normal(3, 2, 3)), 0.9) for _ in range(2000)]
    hit = np.mean([each.low <= 3 <= each.high for each in found])
    assert hit == pytest.approx(0.9, abs=0.02)  # three standard errors


def record(seed, value, backend="jax"):
    values = {"test": {"iou": [value, 2 * value]}, "epochs": 4, "name": "x"}
    return {"backend": backend, "seed": seed, "values": values}


def test_each_number_has_its_interval():
    found = intervals([record(0, 0.2), record(1, 0.3)])
    assert set(found) == {"test.iou.0", "test.iou.1", "epochs"}
    assert found["test.iou.1"] == pytest.approx(interval([0.4, 0.6]))
    assert found["epochs"] == (4, 4, 4)


@pytest.mark.parametrize(
    "records",
    [
        [record(0, 1.0), record(0, 2.0)],
        [record(0, 1.0), record(1, 2.0, "tensorflow")],
        [record(0, 1.0)],
        [],
    ],
)
def test_what_is_no_sample_of_seeds_is_refused(records):
    with pytest.raises(ValueError, match="Expected"):
        intervals(records)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_what_is_no_confidence_is_refused(confidence):
    with pytest.raises(ValueError, match="between 0 and 1"):
        interval([0.1, 0.2], confidence)
