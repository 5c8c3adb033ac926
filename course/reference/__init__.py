"""What long trainings gave: figures of several seeds, and small trained models.

Lectures draw from these what would take minutes to train. Each record says
which command of `benchmarks/train.py` made it, when and on what machine.
"""

import json
from importlib.resources import as_file, files
from typing import Any

import keras

from course.arithmetic import one_of
from course.reference.intervals import Interval, interval, intervals

__all__ = [
    "Interval",
    "interval",
    "intervals",
    "model",
    "names",
    "results",
    "training",
    "weights",
]


def names() -> list[str]:
    """The runs that have results.

    Example:
        >>> "digits" in names()
        True
    """
    return _stems("results", ".json")


def results(name: str) -> list[dict[str, Any]]:
    """The records of a run, one a seed and backend.

    Args:
        name: One of `names()`.

    Returns:
        Dictionaries with run, seed, backend, date, machine (cpu, cores,
        memory in GiB), versions (keras, backend, python), seconds of the clock
        and cpu_seconds, the command that made it, and values: the run's
        figures, which the docstring of benchmarks/runs/NAME.py explains.

    Raises:
        ValueError: There is no such run; lists those that are.

    Example:
        >>> len({record["seed"] for record in results("digits")})
        5
    """
    return _json("results", one_of(names(), name, "name"))


def weights() -> list[str]:
    """The models that were kept.

    Example:
        >>> "digits" in weights()
        True
    """
    return _stems("weights", ".keras")


def model(name: str) -> keras.Model:
    """A trained model.

    Args:
        name: One of `weights()`.

    Returns:
        A model of its own at each call: train on, or cut it, as you like.

    Raises:
        ValueError: There is no such model; lists those that are.

    Example:
        >>> model("digits").input_shape
        (None, 8, 8, 1)
    """
    one_of(weights(), name, "name")
    # Keras finds the course's classes once their modules are imported.
    import course.activations
    import course.initializers
    import course.layers  # noqa: F401

    with as_file(_folder("weights") / f"{name}.keras") as path:
        return keras.saving.load_model(path, compile=False)


def training(name: str) -> dict[str, Any]:
    """The record, as in `results`, of the training that made a model.

    Args:
        name: One of `weights()`.

    Raises:
        ValueError: There is no such model; lists those that are.

    Example:
        >>> training("digits")["run"]
        'digits'
    """
    return _json("weights", one_of(weights(), name, "name"))


def _folder(kind: str):
    return files("course.reference") / kind


def _stems(kind: str, suffix: str) -> list[str]:
    found = (path.name for path in _folder(kind).iterdir())
    return sorted(
        name.removesuffix(suffix) for name in found if name.endswith(suffix)
    )


def _json(kind: str, name: str):
    return json.loads((_folder(kind) / f"{name}.json").read_text("utf-8"))
