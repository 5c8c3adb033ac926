"""The same dice for every run of a test cell."""

import random
import sys

import numpy as np


def seed_all(seed: int) -> None:
    """Seed Python, NumPy and, where it is loaded, Keras's backend."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - a test or an answer may use it
    # Keras would import TensorFlow for this, 3 s, on every backend. Where it
    # is not loaded Keras's own seeds are drawn by Python's random.
    if "keras" in sys.modules and {"tensorflow", "torch"} & sys.modules.keys():
        sys.modules["keras"].utils.set_random_seed(seed)
