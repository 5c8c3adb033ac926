"""Keras's `fit`, which goes on where it was ended."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import keras

from course.arithmetic import integer
from course.training.batches import batches, validated
from course.training.checkpoint import State
from course.training.distribution import replicas
from course.training.precision import set_precision


def fit(
    model: keras.Model,
    data: Any,
    epochs: int = 10,
    *,
    loss: Any,
    optimizer: Any = "adam",
    metrics: Sequence[Any] = (),
    validation: Any = None,
    schedule: Callable[[float, int], Any] | None = None,
    precision: str | None = None,
    batch_size: int | None = None,
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
        data: Arrays (x, y) or (x, y, sample_weight), the first axis samples;
            x and y may be tuples or dictionaries of arrays. Or such batches
            as a tf.data.Dataset one epoch long, on any backend. On several
            devices of TensorFlow one that shuffles goes on from a checkpoint
            in another order.
        epochs: How often each sample is seen in all, before and after a
            checkpoint.
        loss, optimizer, metrics: As in `keras.Model.compile`.
        validation: As `data`, looked at after each epoch.
        schedule: How the learning rate falls from the optimizer's: `cosine`,
            `drops`, or another function of that rate and the number of all
            steps. None leaves the optimizer as it is.
        precision: "mixed_float16", "mixed_bfloat16" or "float32", see
            `set_precision`; None leaves the model as it is.
        batch_size: Samples of a step, 32 if None; the last of an epoch may
            have fewer. Devices that train together share it evenly; on
            them a tf.data.Dataset has batches that are all as large.
        transform: A function of a batch's arrays and a NumPy generator, which
            returns such arrays: augmentation. The generator depends on seed
            and step.
        seed: Of the order of samples; a tf.data.Dataset has its own.
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
        callbacks: As in `keras.Model.fit`.
        verbose: As there; "auto" draws the curves in a notebook.

    Returns:
        The values of loss and metrics after each epoch, by name, those before
        a checkpoint among them.

    Raises:
        ValueError: If arrays differ in length, there are no samples or they
            have no end, devices cannot share them, the optimizer has a
            schedule besides `schedule`, or the checkpoint is of another model,
            optimizer or data.
        OSError: If the checkpoint cannot be read or written.

    Example:
        >>> import numpy as np
        >>> x = np.linspace(-1, 1, 64, dtype="float32")[:, None]
        >>> inputs = keras.Input((1,))
        >>> model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
        >>> history = fit(model, (x, 3 * x), 20, loss="mse", verbose=0)
        >>> history["loss"][-1] < history["loss"][0]
        True
    """
    integer(epochs, "epochs", minimum=1)
    parts = replicas(model)
    given = batches(data, batch_size, seed, transform, parts)
    validation = validated(validation, parts)
    if precision is not None:
        set_precision(model, precision)
    if jit_compile == "fastest":
        jit_compile = fastest_jit()
    optimizer = keras.optimizers.get(optimizer)
    if schedule is not None:
        _schedule(optimizer, schedule, epochs * given.steps)
    model.compile(
        optimizer, loss, metrics=list(metrics), jit_compile=jit_compile
    )
    model.optimizer.build(model.trainable_variables)
    state = State(
        model, given.about, given.steps, checkpoint, save_every, patience
    )
    callbacks = [state, *callbacks]
    if verbose == "auto" and _is_notebook():
        from course.training.live import Live

        verbose = 0
        callbacks.append(Live(state, epochs))
    while state.epoch < epochs and not state.is_over:
        rest = given.steps - state.step  # of an epoch that was begun
        model.fit(
            given.after(state.epoch, state.step),
            steps_per_epoch=rest,
            epochs=state.epoch + 1 if state.step else epochs,
            initial_epoch=state.epoch,
            shuffle=False,
            validation_data=validation,
            callbacks=callbacks,
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


def _schedule(optimizer, schedule, steps):
    """Let the optimizer's rate be where a schedule begins."""
    rate = optimizer.get_config()["learning_rate"]
    if not isinstance(rate, float):
        raise ValueError(
            "The optimizer's learning rate follows a schedule already, maybe "
            "that of an earlier fit, and schedule asks for another. Expected "
            "an optimizer with a number: make a new one, or leave schedule out."
        )
    optimizer.learning_rate = schedule(rate, steps)


def _is_notebook() -> bool:
    """Whether a front end may show what a kernel draws."""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")
