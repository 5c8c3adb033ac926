"""What is kept of the reference runs says what the lectures say."""

import tomllib
from itertools import pairwise
from pathlib import Path
from statistics import median

import keras
import numpy as np
import pytest

from course import reference
from course.datasets import digits

ROOT = Path(__file__).parents[2]
RUNS = reference.names()
CLASSIFICATION = (
    "batch_norm",
    "depth",
    "digits",
    "downsampling",
    "effective_field",
    "lesion",
    "trained_field",
)
KEYS = {
    "run",
    "seed",
    "backend",
    "date",
    "machine",
    "versions",
    "seconds",
    "cpu_seconds",
    "command",
    "values",
}


def by_backend(name):
    """The values of each seed, by backend."""
    found = {}
    for record in reference.results(name):
        found.setdefault(record["backend"], []).append(record["values"])
    return found.values()


@pytest.mark.parametrize("name", RUNS)
def test_records_say_where_they_come_from(name):
    records = reference.results(name)
    places = [(each["seed"], each["backend"]) for each in records]
    assert all(before < after for before, after in pairwise(places))
    for record in records:
        assert set(record) == KEYS
        assert record["run"] == name
        assert set(record["machine"]) == {"cpu", "cores", "memory"}
        assert set(record["versions"]) == {"keras", "backend", "python"}
        start = f"KERAS_BACKEND={record['backend']} python benchmarks/train.py "
        assert record["command"].startswith(f"{start}{name} ")
    assert (ROOT / "benchmarks" / "runs" / f"{name}.py").exists()


@pytest.mark.parametrize("name", CLASSIFICATION)
def test_three_seeds_on_one_backend_at_least(name):
    assert max(map(len, by_backend(name))) >= 3


def test_digits_are_read():
    for seeds in by_backend("digits"):
        assert len(seeds) == 5
        assert median(each["accuracy"] for each in seeds) >= 0.985
        assert all(each["parameters"] <= 60_000 for each in seeds)


def test_plain_nets_become_hard_to_train_and_residual_ones_do_not():
    for each in values_of("depth"):
        shallow, plain, residual = (
            each[name] for name in ("plain-8", "plain-38", "residual-38")
        )
        assert plain["train_error"] - shallow["train_error"] >= 0.1
        assert residual["train_error"] <= 0.01
        # in training, too, where batches have statistics of their own
        assert plain["error"][-1] - shallow["error"][-1] >= 0.1
        assert len(plain["error"]) == len(residual["error"]) == 10


def test_a_residual_net_survives_what_breaks_a_plain_one():
    for seeds in by_backend("lesion"):
        for kind in ("residual", "plain"):
            assert all(each[kind]["whole"] <= 0.06 for each in seeds)
        residual = [each["residual"]["median"] for each in seeds]
        plain = [each["plain"]["median"] for each in seeds]
        assert max(residual) <= 0.1
        assert min(plain) >= 0.6
        # of its blocks the first is missed
        first = [each["residual"]["blocks"]["conv2_1"] for each in seeds]
        assert median(first) > 0.1
    for each in values_of("lesion"):
        for kind in ("residual", "plain"):
            blocks = each[kind]["blocks"]
            assert len(blocks) == 9
            assert each[kind]["median"] == median(blocks.values())


def test_effective_fields_grow_with_the_root_of_depth():
    for each in values_of("effective_field"):
        slope = np.polyfit(np.log(each["depths"]), np.log(each["deviation"]), 1)
        assert each["exponent"] == pytest.approx(slope[0], rel=1e-4)
        assert 0.45 <= slope[0] <= 0.55
        theory = np.sqrt(2 * np.array(each["depths"]) / 3)
        np.testing.assert_allclose(each["theory"], theory, rtol=1e-5)
        np.testing.assert_allclose(each["deviation"], theory, rtol=0.1)
        np.testing.assert_allclose(each["uniform"], theory, rtol=0.05)
        for profile, deviation in zip(
            each["profiles"], each["deviation"], strict=True
        ):
            place = np.arange(len(profile)) - len(profile) // 2
            mean = np.dot(profile, place)
            spread = np.dot(profile, (place - mean) ** 2) ** 0.5
            assert spread == pytest.approx(deviation, rel=1e-3)


def test_a_trained_unet_looks_at_a_smaller_part():
    for each in values_of("trained_field"):
        before, after = each["before"], each["after"]
        assert each["field"] == 204
        assert after["deviation"] < before["deviation"]
        assert after["fraction"] < 0.7 * before["fraction"]
        assert max(after["profile"]) == pytest.approx(1)


def test_gradients_with_and_without_normalization():
    for each in values_of("batch_norm"):
        assert len(each) == 3 * 2 * 4
        for depth in (10, 50):
            behaved = [norms(each, i, depth, "norm-skips") for i in STARTS]
            assert np.max(behaved) / np.min(behaved) < 100
            assert np.shape(behaved) == (3, depth)
        # without, their size is the initialization's
        assert max(norms(each, "glorot", 50, "bare")) < 1e-6
        assert max(norms(each, "normal", 50, "bare")) == 0
        assert min(norms(each, "he", 50, "bare")) > 1e-4
        assert max(norms(each, "normal", 50, "skips")) < 1e-2
        assert max(norms(each, "he", 50, "skips")) > 1e3
        # normalized without skips they explode with depth, from each start
        for start in STARTS:
            shallow, deep = (norms(each, start, n, "norm") for n in (10, 50))
            assert shallow[1] / shallow[-1] < 3
            assert deep[1] / deep[-1] > 100


STARTS = ("he", "glorot", "normal")


def norms(values, start, depth, parts):
    """Of the gradients at a net's kernels, the first layer's first."""
    return values[f"{start}-{depth}-{parts}"]["gradients"]


def test_a_blur_folds_less_and_keeps_decisions():
    for each in values_of("downsampling"):
        for way in ("max", "strided"):
            sharp, blurred = each[way], each[f"{way}-blur"]
            assert blurred["folded"] < 0.5 * sharp["folded"]
            assert blurred["change"] < sharp["change"]
            assert blurred["consistency"] > max(0.95, sharp["consistency"])
        assert each["strided"]["consistency"] < 0.6


def test_a_strided_convolution_does_what_pooling_does():
    """Median accuracies within 1.5 points: five of 359 digits."""
    for seeds in by_backend("downsampling"):
        accuracies = [
            median(each[way]["accuracy"] for each in seeds)
            for way in ("max", "average", "strided")
        ]
        assert min(accuracies) > 0.96
        assert max(accuracies) - min(accuracies) < 0.015


def values_of(name):
    """The values of every seed and backend."""
    return [record["values"] for record in reference.results(name)]


@pytest.mark.parametrize("name", reference.weights())
def test_models_are_small_and_say_how_they_were_made(name):
    file = ROOT / "course" / "reference" / "weights" / f"{name}.keras"
    assert file.stat().st_size < 3e6
    record = reference.training(name)
    assert set(record) == KEYS
    assert f"benchmarks/train.py {record['run']} " in record["command"]


def test_digits_model_reads_what_it_has_not_seen():
    """As well as its record says, on each backend: one digit is 0.3 %."""
    record = reference.training("digits")
    model = reference.model("digits")
    assert model.count_params() == record["values"]["parameters"]
    test = digits(record["seed"], validation=0).test
    scores = keras.ops.convert_to_numpy(model(test.images))
    accuracy = np.mean(scores.argmax(-1) == test.labels)
    assert abs(accuracy - record["values"]["accuracy"]) < 1.5 / len(test.labels)
    assert accuracy >= 0.98


def test_a_model_is_ones_own():
    first, second = (reference.model("digits") for _ in range(2))
    first.set_weights([0 * w for w in first.get_weights()])
    assert np.abs(second.get_weights()[0]).max() > 0


@pytest.mark.parametrize("ask", [reference.model, reference.training])
def test_a_model_that_is_not_there(ask):
    with pytest.raises(ValueError, match=r"name='vgg'.*Expected.*'digits'"):
        ask("vgg")


def test_a_run_that_is_not_there():
    with pytest.raises(ValueError, match=r"name='x/../y'.*'depth'.*'digits'"):
        reference.results("x/../y")


def test_wheels_hold_what_is_kept():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    patterns = settings["tool"]["setuptools"]["package-data"]["course"]
    packed = {
        path for pattern in patterns for path in (ROOT / "course").glob(pattern)
    }
    kept = [
        *(ROOT / "course" / "reference").rglob("*.json"),
        *(ROOT / "course" / "reference").rglob("*.keras"),
    ]
    assert kept
    assert set(kept) <= packed
