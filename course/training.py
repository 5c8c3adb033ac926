"""Training that can be watched, stopped at any step, and gone on with.

`fit` is Keras's, with what a lecture needs around it: the batches of a step
depend on the seed and the step alone, so that a training that was ended, by
whatever, goes on from its checkpoint as if it had not been.
"""

import json
import os
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from course.arithmetic import integer


def fit(
    model: keras.Model,
    data: Sequence[Any],
    epochs: int = 10,
    *,
    loss: Any,
    optimizer: Any = "adam",
    metrics: Sequence[Any] = (),
    validation: Sequence[Any] | None = None,
    batch_size: int = 32,
    transform: Callable[..., Any] | None = None,
    seed: int = 0,
    checkpoint: str | os.PathLike | None = None,
    save_every: float = 30.0,
    patience: int | None = None,
    jit_compile: bool | str = "fastest",
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: Any = "auto",
) -> dict[str, list[float]]:
    """Train a model, from where its checkpoint left off.

    Args:
        model: Any Keras model; compiled here.
        data: Arrays (x, y) or (x, y, sample_weight), the first axis samples.
        epochs: How often each sample is seen in all, before and after a
            checkpoint.
        loss, optimizer, metrics: As in `keras.Model.compile`.
        validation: Arrays as `data`, looked at after each epoch.
        batch_size: Samples of a step; the last of an epoch may be smaller.
        transform: A function of a batch's arrays and a NumPy generator, which
            returns such arrays: augmentation. The generator depends on seed
            and step.
        seed: Of the order of samples.
        checkpoint: A file to go on from, if it is there, and to keep what is
            needed for that; None for none. At the end it stays, and another
            call with as many epochs returns at once.
        save_every: Seconds between checkpoints inside an epoch; there is one
            after each, too.
        patience: Epochs without a better loss, of `validation` if given,
            after which training ends; the best weights are then taken back.
            None: never.
        jit_compile: "fastest" for the backend and device, or as in
            `keras.Model.compile`.
        callbacks, verbose: As in `keras.Model.fit`.

    Returns:
        The values of loss and metrics after each epoch, by name, those before
        a checkpoint among them.

    Raises:
        ValueError: If arrays differ in length or there are no samples, or the
            checkpoint is of another model, optimizer or data.
        OSError: If the checkpoint cannot be read or written.

    Example:
        >>> x = np.linspace(-1, 1, 64, dtype="float32")[:, None]
        >>> inputs = keras.Input((1,))
        >>> model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
        >>> history = fit(model, (x, 3 * x), 20, loss="mse", verbose=0)
        >>> history["loss"][-1] < history["loss"][0]
        True
    """
    batches = Batches(data, batch_size, seed, transform)
    integer(epochs, "epochs", minimum=1)
    if jit_compile == "fastest":
        jit_compile = fastest_jit()
    model.compile(
        optimizer, loss, metrics=list(metrics), jit_compile=jit_compile
    )
    model.optimizer.build(model.trainable_variables)
    state = State(model, batches, checkpoint, save_every, patience)
    if validation is not None:
        validation = tuple(map(np.asarray, validation))
    while state.epoch < epochs and not state.is_over:
        batches.begin(state.epoch, state.step)
        model.fit(
            batches,
            epochs=state.epoch + 1 if state.step else epochs,
            initial_epoch=state.epoch,
            shuffle=False,
            validation_data=validation,
            callbacks=[state, *callbacks],
            verbose=verbose,
        )
        if model.stop_training:  # a callback may have asked for it
            break
    state.finish()
    return state.history


def fastest_jit() -> bool:
    """Whether XLA is worth its compilation, for the backend and device in use.

    TensorFlow's own kernels are faster on a CPU: a small U-Net trained at 77
    images a second without XLA and at 15 with it.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        device = keras.distribution.list_devices()[0]
        return not device.startswith("cpu")
    return backend == "jax"


class Batches(keras.utils.PyDataset):
    """The steps of an epoch: seed and epoch settle which samples each has."""

    def __init__(self, data, batch_size, seed, transform=None):
        super().__init__()
        self.arrays = _checked(data)
        self.batch_size = integer(batch_size, "batch_size", minimum=1)
        self.seed, self.transform = seed, transform
        self.samples = len(self.arrays[0])
        self.begin(0)

    def begin(self, epoch: int, step: int = 0) -> None:
        """Let the next epoch be this one, from a step on."""
        self.epoch, self.first = epoch, step
        rng = np.random.default_rng([self.seed, epoch])
        self.order = rng.permutation(self.samples)

    def __len__(self):
        return -(-self.samples // self.batch_size) - self.first

    def __getitem__(self, index):
        step = self.first + index
        start = step * self.batch_size
        chosen = self.order[start : start + self.batch_size]
        batch = tuple(array[chosen] for array in self.arrays)
        if self.transform is None:
            return batch
        rng = np.random.default_rng([self.seed, self.epoch, step])
        return tuple(self.transform(*batch, rng))


class State(keras.callbacks.Callback):
    """Where a training is, and a file that knows it."""

    def __init__(self, model, batches, path, save_every, patience):
        super().__init__()
        self.trained, self.batches = model, batches
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
        self.batches.begin(epoch, self.step)
        if self.sums:  # those of the steps before the checkpoint
            metrics = self.trained.metrics_variables
            for variable, value in zip(metrics, self.sums, strict=True):
                variable.assign(value)
            self.sums = []

    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        late = time.monotonic() - self.saved >= self.save_every
        if late and self.step < self.batches.first + len(self.batches):
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
            "samples": self.batches.samples,
            "batch_size": self.batches.batch_size,
            "seed": self.batches.seed,
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


def _checked(data):
    arrays = tuple(map(np.asarray, data))
    lengths = [len(array) for array in arrays]
    if len(arrays) not in (2, 3) or len(set(lengths)) != 1 or not lengths[0]:
        raise ValueError(
            f"the data are {len(arrays)} arrays with {lengths} samples. "
            "Expected (x, y) or (x, y, sample_weight), as many of each, one or "
            "more."
        )
    return arrays


def _variables(model):
    """All that a step changes: weights, seeds, the optimizer's."""
    return [*model.variables, *model.optimizer.variables]


def _synchronize(model):
    """JAX keeps what it trains aside while it does."""
    if keras.backend.backend() == "jax":
        model.jax_state_sync()
