"""Records of the reference runs: what is written is what was measured."""

import importlib
import json

import keras
import numpy as np
import pytest


@pytest.fixture
def train(programs):
    return importlib.import_module("train")


def record(seed, backend, value):
    values = {"value": value}
    return {"run": "some", "seed": seed, "backend": backend, "values": values}


def test_a_record_takes_the_place_of_its_seed_and_backend(train, tmp_path):
    for each in [(1, "jax", 1), (0, "jax", 2), (1, "tensorflow", 3)]:
        train.keep(record(*each), tmp_path)
    train.keep(record(1, "jax", 4), tmp_path)
    expected = [(0, "jax", 2), (1, "jax", 4), (1, "tensorflow", 3)]
    kept = json.loads((tmp_path / "some.json").read_text("utf-8"))
    assert kept == [record(*each) for each in expected]


def test_a_file_has_a_line_for_a_key_and_for_numbers(train, tmp_path):
    content = [{"b": [1, -2.5, 1e-07], "a": "[1,\n2]", "c": [[1], ["x"]]}]
    train.write(tmp_path / "x.json", content)
    text = (tmp_path / "x.json").read_text("utf-8")
    assert json.loads(text) == content
    assert '\n  "b": [ 1, -2.5, 1e-07 ],\n' in text
    assert text.index('"a"') < text.index('"b"')


def test_numbers_are_plain_and_short(train):
    values = {"a": (np.float32(1 / 3), 7), "b": {2: np.pi * 1e9}, "c": True}
    found = train.rounded(values)
    assert found == {"a": [0.333333, 7], "b": {"2": 3141590000.0}, "c": True}
    assert type(found["a"][0]) is float


def test_a_run_is_measured(train):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])

    def run(seed):
        return {"twice": 2 * seed, "models": {"line": model}}

    found, models = train.measured(run, "some", 3)
    assert (found["run"], found["seed"]) == ("some", 3)
    assert found["values"] == {"twice": 6}
    assert models["line"] is model
    backend = keras.backend.backend()
    assert found["backend"] == backend
    assert found["command"].startswith(f"KERAS_BACKEND={backend} python ")
    assert found["versions"]["keras"] == keras.__version__


def test_a_model_is_kept_with_its_record(train, tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    train.keep_models({"line": model}, record(0, "jax", 1), tmp_path)
    again = keras.saving.load_model(tmp_path / "line.keras")
    np.testing.assert_array_equal(
        again.get_weights()[0], model.get_weights()[0]
    )
    kept = json.loads((tmp_path / "line.json").read_text("utf-8"))
    assert kept == record(0, "jax", 1)


def test_each_run_says_what_it_asks(train):
    lines = train.runs()
    assert {"digits", "depth", "lesion", "batch_norm"} <= set(lines)
    assert not any(name.startswith("_") for name in lines)
    for name, line in lines.items():
        assert line.endswith("?"), f"{name} begins with {line!r}, no question"
        assert len(line) <= 72


def test_the_table_has_medians_of_what_is_one_number(train):
    records = [
        record(seed, "jax", {"error": error, "count": 53002, "curve": [1, 2]})
        for seed, error in enumerate((0.5, 0.1, 0.2))
    ]
    lines = [line.split() for line in train.table(records).split("\n")]
    assert lines == [
        ["median", "seeds"],
        ["value.error", "0.2", "0.5", "0.1", "0.2"],
        ["value.count", *["53,002"] * 4],
    ]
