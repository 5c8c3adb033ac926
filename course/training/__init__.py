"""Training that can be watched, stopped at any step, and gone on with.

`fit` is Keras's, with what a lecture needs around it. What a step sees depends
on the seed and the step alone, so that a training that was ended, by whatever,
goes on from its checkpoint as if it had not been.
"""

from course.training.distribution import data_parallel
from course.training.loop import fastest_jit, fit
from course.training.precision import set_precision
from course.training.schedules import cosine, drops

__all__ = [
    "cosine",
    "data_parallel",
    "drops",
    "fastest_jit",
    "fit",
    "set_precision",
]
