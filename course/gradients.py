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
        ValueError: If the value is not a scalar, an input holds no floating
            point numbers or the backend has no gradients.

    Example:
        >>> value, (gradient,) = value_and_gradients(
        ...     lambda x: keras.ops.sum(x**2), [1.0, 2.0]
        ... )
        >>> float(value), gradient.tolist()
        (5.0, [2.0, 4.0])
    """
    return differentiated(function)(*inputs)


def differentiated(function: Callable) -> Callable:
    """A function that gives another's value and gradients, compiled once.

    Args:
        function: As in `value_and_gradients`.

    Returns:
        `f(*inputs) -> (value, gradients)`, as `value_and_gradients` returns
        them; called again with the same shapes it is not compiled again.

    Raises:
        ValueError: As `value_and_gradients`.

    Example:
        >>> slope = differentiated(lambda x: keras.ops.sum(x**2))
        >>> [slope([x])[1][0].tolist() for x in (1.0, 3.0)]
        [[2.0], [6.0]]
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

    compiled = _BACKENDS[backend](scalar)
    to_numpy = keras.ops.convert_to_numpy

    def value_and_gradients(*inputs):
        tensors = [keras.ops.convert_to_tensor(x) for x in inputs]
        for place, tensor in enumerate(tensors):
            _check_floating(tensor, place)
        value, gradients = compiled(*tensors)
        return to_numpy(value), tuple(to_numpy(g) for g in gradients)

    return value_and_gradients


def _check_floating(tensor, place: int) -> None:
    dtype = keras.backend.standardize_dtype(tensor.dtype)
    if not keras.backend.is_float_dtype(dtype):
        raise ValueError(
            f"gradients are those of floating point inputs; input {place} "
            f"holds {dtype}. Convert it, e.g. by .astype('float32')."
        )


def compiled(function: Callable) -> Callable:
    """A function whose values are computed as a whole, compiled once.

    Run one by one, each operation would be compiled by itself where it meets a
    new shape, as JAX does.

    Args:
        function: Takes tensors, made of keras.ops, and returns a list of them.

    Returns:
        `f(*inputs) -> list` of NumPy arrays; called again with the same shapes
        it is not compiled again.

    Example:
        >>> power = compiled(lambda x: [x**2, x**3])
        >>> [value.tolist() for value in power([1.0, 2.0])]
        [[1.0, 4.0], [1.0, 8.0]]
    """
    backend = keras.backend.backend()
    run = _COMPILERS.get(backend, lambda function: function)(function)

    def values(*inputs):
        tensors = [keras.ops.convert_to_tensor(x) for x in inputs]
        return [keras.ops.convert_to_numpy(y) for y in run(*tensors)]

    return values


def _tensorflow_graph(function):
    import tensorflow as tf

    graph = tf.function(function)
    # Traced by name: called, it would warn of each new function it meets.
    return lambda *tensors: graph.get_concrete_function(*tensors)(*tensors)


def _jax_jit(function):
    import jax

    return jax.jit(function)


_COMPILERS = {"tensorflow": _tensorflow_graph, "jax": _jax_jit}


def _tensorflow(function):
    import tensorflow as tf

    # As a graph, for only there what nobody asks for is left out: TensorFlow
    # aborts in the gradient of transposed kernels shorter than their stride.
    @tf.function
    def graph(*tensors):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            for tensor in tensors:
                tape.watch(tensor)
            value = function(*tensors)
        return value, tape.gradient(
            value, tensors, unconnected_gradients=tf.UnconnectedGradients.ZERO
        )

    # Traced by name: called, it would warn of each new function it meets.
    return lambda *tensors: graph.get_concrete_function(*tensors)(*tensors)


def _jax(function):
    import jax

    @jax.jit
    def compiled(*tensors):
        every = tuple(range(len(tensors)))
        return jax.value_and_grad(function, argnums=every)(*tensors)

    return compiled


def _torch(function):
    import torch

    def gradient(*tensors):
        tensors = [tensor.detach().requires_grad_() for tensor in tensors]
        value = function(*tensors)
        return value, torch.autograd.grad(
            value, tensors, materialize_grads=True
        )

    return gradient


_BACKENDS = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
