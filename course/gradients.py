"""Value and gradient of a function of tensors, on each of Keras's backends.

Keras differentiates a loss with respect to a model's weights when it trains;
for any other function each backend has its own way, and this is the one place
where the course speaks to them.
"""

from collections.abc import Callable

import keras


def value_and_gradients(function: Callable, *inputs):
    """Value of a scalar function and its gradient at each input.

    Args:
        function: Takes tensors, made of keras.ops, and returns one tensor
            with a single element.
        *inputs: Arrays or tensors of floating point numbers.

    Returns:
        (value, gradients): NumPy arrays; `gradients` is a tuple with the
        shape of each input.

    Raises:
        ValueError: If the value is not a scalar or the backend has no
            gradients.

    Example:
        >>> value, (gradient,) = value_and_gradients(
        ...     lambda x: keras.ops.sum(x**2), [1.0, 2.0]
        ... )
        >>> float(value), gradient.tolist()
        (5.0, [2.0, 4.0])
    """
    backend = keras.backend.backend()
    if backend not in _BACKENDS:
        raise ValueError(
            f"no gradients on the backend {backend!r}. Expected one of "
            f"{', '.join(_BACKENDS)}: set KERAS_BACKEND before importing keras."
        )

    def scalar(*tensors):
        value = function(*tensors)
        if tuple(value.shape) != ():
            raise ValueError(
                "only a scalar function has a gradient; this one returned "
                f"shape {tuple(value.shape)}. Reduce it, e.g. by "
                "keras.ops.sum."
            )
        return value

    tensors = [keras.ops.convert_to_tensor(x) for x in inputs]
    value, gradients = _BACKENDS[backend](scalar, tensors)
    to_numpy = keras.ops.convert_to_numpy
    return to_numpy(value), tuple(to_numpy(g) for g in gradients)


def _tensorflow(function, tensors):
    import tensorflow as tf

    # As a graph, for only there what nobody asks for is left out: TensorFlow
    # aborts in the gradient of transposed kernels shorter than their stride.
    @tf.function
    def differentiated(*tensors):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            for tensor in tensors:
                tape.watch(tensor)
            value = function(*tensors)
        return value, tape.gradient(
            value, tensors, unconnected_gradients=tf.UnconnectedGradients.ZERO
        )

    # Traced by name: called, it would warn of each new function it meets.
    return differentiated.get_concrete_function(*tensors)(*tensors)


def _jax(function, tensors):
    import jax

    every = tuple(range(len(tensors)))
    return jax.jit(jax.value_and_grad(function, argnums=every))(*tensors)


def _torch(function, tensors):
    import torch

    tensors = [tensor.detach().requires_grad_() for tensor in tensors]
    value = function(*tensors)
    gradients = torch.autograd.grad(value, tensors, materialize_grads=True)
    return value, gradients


_BACKENDS = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
