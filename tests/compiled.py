"""What keeps tests short on JAX."""

from collections.abc import Callable

import keras


def compiled(function: Callable) -> Callable:
    """The function, on JAX compiled as a whole.

    There each operation is compiled the first time that it meets a shape, a
    twentieth of a second each; other backends have nothing to compile.
    """
    if keras.backend.backend() != "jax":
        return function
    import jax

    return jax.jit(function)
