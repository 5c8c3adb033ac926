"""What the programs of this folder time with."""

import time

import keras
import numpy as np
from keras import ops

ROUNDS = 7


def in_turn(programs, *inputs, rounds=ROUNDS):
    """The least of several times of each program, in milliseconds.

    In turn, so that a change of the machine's speed touches them all; the
    first round, which compiles, is not counted.
    """
    times = {name: [] for name in programs}
    for _ in range(rounds + 1):
        for name, program in programs.items():
            start = time.perf_counter()
            wait(program(*inputs))
            times[name].append(1000 * (time.perf_counter() - start))
    return {name: min(each[1:]) for name, each in times.items()}


def gradients(function):
    """(x, w) -> gradients of the sum of squares of function(x, w)."""

    def loss(x, w):
        return ops.sum(ops.square(function(x, w)))

    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        return jax.grad(loss, argnums=(0, 1))
    if backend == "tensorflow":
        import tensorflow as tf

        def step(x, w):
            with tf.GradientTape() as tape:
                tape.watch([x, w])
                value = loss(x, w)
            return tape.gradient(value, [x, w])

        return step

    import torch

    def step(x, w):
        leaves = [t.detach().requires_grad_() for t in (x, w)]
        return torch.autograd.grad(loss(*leaves), leaves)

    return step


def compiled(function):
    """As a model compiles it: a graph on TensorFlow, XLA on JAX."""
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        return jax.jit(function)
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.function(function, autograph=False)
    return function


def wait(result):
    """Until the device has finished."""
    for tensor in result if isinstance(result, list | tuple) else [result]:
        if shape := np.shape(tensor):
            tensor = tensor[(0,) * len(shape)]
        ops.convert_to_numpy(tensor)
