"""JAX compiles most of the time that these tests take: let it do less."""

import keras
import pytest

LESS = "jax_disable_most_optimizations"
"""The operations and their results remain."""

if keras.backend.backend() == "jax":
    import jax

    jax.config.update(LESS, True)


@pytest.fixture
def optimized():
    """Operations as fast as can be, where a test repeats them often."""
    if keras.backend.backend() != "jax":
        yield
        return
    jax.config.update(LESS, False)
    yield
    jax.config.update(LESS, True)
