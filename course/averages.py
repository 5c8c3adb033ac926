"""Averages as losses and metrics of images take them."""

from typing import Any

from keras import ops


def leading(weights: Any, rank: int, dtype: str) -> Any:
    """Weights with as many axes as losses: those of images weigh all pixels.

    Keras aligns the last axes instead, so that weights (n,) of images
    (n, h, n) would silently weigh columns.
    """
    weights = ops.convert_to_tensor(weights, dtype=dtype)
    if len(weights.shape) == rank + 1 and weights.shape[-1] == 1:
        weights = ops.squeeze(weights, axis=-1)
    if len(weights.shape) > rank:
        raise ValueError(
            f"sample_weight has the shape {tuple(weights.shape)}, and losses "
            f"have {rank} axes. Expected no more than these: (n,) weighs "
            "images."
        )
    return weights[(..., *[None] * (rank - len(weights.shape)))]


def safe_divide(numerator: Any, denominator: Any, otherwise: float = 0.0):
    """A quotient that is a constant, gradient and all, where it has none."""
    some = denominator != 0
    quotient = numerator / ops.where(some, denominator, 1.0)
    return ops.where(some, quotient, otherwise)
