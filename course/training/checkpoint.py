"""Where a training is, kept in a file that another process can go on from."""

import json
import os
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np


class State(keras.callbacks.Callback):
    """A training's place, history and best weights, and a file of them."""

    def __init__(self, model, about, steps, path, save_every, patience):
        super().__init__()
        self.trained, self.steps = model, steps
        self.about = about
        self.path = None if path is None else Path(path)
        self.save_every, self.patience = save_every, patience
        self.epoch = self.step = self.waited = 0
        self.history: dict[str, list[float]] = {}
        self.best: float | None = None
        self.best_weights: list[np.ndarray] = []
        self.sums: list[np.ndarray] = []  # of metrics, in the epoch's middle
        self.saved = time.monotonic()
        if self.path is not None and self.path.exists():
            self._load()

    @property
    def is_over(self) -> bool:
        """Whether patience has come to its end."""
        return self.patience is not None and self.waited >= self.patience

    def finish(self) -> None:
        """Take the best weights back, if they were looked for."""
        if self.patience is not None and self.best_weights:
            self.trained.set_weights(self.best_weights)

    def on_epoch_begin(self, epoch, logs=None):
        if self.sums:  # those of the steps before the checkpoint
            metrics = self.trained.metrics_variables
            for variable, value in zip(metrics, self.sums, strict=True):
                variable.assign(value)
            self.sums = []

    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        late = time.monotonic() - self.saved >= self.save_every
        if late and self.step < self.steps:
            self._save()

    def on_epoch_end(self, epoch, logs=None):
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(float(value))
        self.epoch, self.step = epoch + 1, 0
        self._judge(logs or {})
        self._save()
        if self.is_over:
            self.trained.stop_training = True

    def _judge(self, logs):
        """Whether this epoch is the best so far."""
        if self.patience is None:
            return
        loss = float(logs.get("val_loss", logs["loss"]))
        if self.best is None or loss < self.best:
            self.best, self.waited = loss, 0
            _synchronize(self.trained)
            self.best_weights = self.trained.get_weights()
        else:
            self.waited += 1

    def _about(self):
        """What a checkpoint must agree in to be gone on with."""
        return {
            "variables": [
                [variable.path, list(variable.shape)]
                for variable in _variables(self.trained)
            ],
            **self.about,
        }

    def _save(self):
        """All or nothing: a file is replaced when the new one is whole."""
        self.saved = time.monotonic()
        if self.path is None:
            return
        _synchronize(self.trained)
        place = {
            "epoch": self.epoch,
            "step": self.step,
            "waited": self.waited,
            "best": self.best,
            "history": self.history,
            "about": self._about(),
        }
        arrays = {
            f"variable{i}": keras.ops.convert_to_numpy(variable)
            for i, variable in enumerate(_variables(self.trained))
        }
        arrays |= {f"best{i}": w for i, w in enumerate(self.best_weights)}
        if self.step:
            metrics = self.trained.metrics_variables
            arrays |= {
                f"sum{i}": keras.ops.convert_to_numpy(variable)
                for i, variable in enumerate(metrics)
            }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        try:
            with new.open("wb") as file:
                np.savez(file, place=json.dumps(place), **arrays)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)
        finally:
            new.unlink(missing_ok=True)

    def _load(self):
        try:
            with self.path.open("rb") as raw, np.load(raw) as file:
                found = {name: file[name] for name in file.files}
            place = json.loads(str(found.pop("place")))
        except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise OSError(
                f"{self.path} is no checkpoint, or a damaged one: {error}. "
                "Delete it to train from the beginning."
            ) from error
        self._compare(place["about"])
        for i, variable in enumerate(_variables(self.trained)):
            variable.assign(found[f"variable{i}"])
        self.best_weights, self.sums = (
            [found[key] for key in found if key.startswith(kind)]
            for kind in ("best", "sum")
        )
        self.epoch, self.step = place["epoch"], place["step"]
        self.waited, self.best = place["waited"], place["best"]
        self.history = place["history"]

    def _compare(self, about: Mapping[str, Any]):
        here = self._about()
        shapes = [
            [shape for _, shape in each.pop("variables")]
            for each in (here, about)
        ]
        if shapes[0] != shapes[1] or here != about:
            raise ValueError(
                f"{self.path} is the checkpoint of another training: {about} "
                f"with {len(shapes[1])} variables, and this one is {here} with "
                f"{len(shapes[0])}. Expected the same model, optimizer, data, "
                "batch size and seed: give another file, or delete this one."
            )


def _variables(model):
    """All that a step changes: weights, seeds, the optimizer's."""
    return [*model.variables, *model.optimizer.variables]


def _synchronize(model):
    """JAX keeps what it trains aside while it does."""
    if keras.backend.backend() == "jax":
        model.jax_state_sync()
