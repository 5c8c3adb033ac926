"""Learning rates that fall while a training goes on.

Each is a function of the rate to begin with and the number of steps of the
whole training, which `fit` knows; Keras has the schedules themselves.
"""

from collections.abc import Sequence

import keras

from course.arithmetic import integer


def cosine(
    rate: float, steps: int, warmup: float = 0.0
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Half a wave from the rate down to zero, after a linear rise to it.

    Loshchilov and Hutter, 2017, arXiv:1608.03983, without restarts; the rise
    is that of Goyal et al., 2017, arXiv:1706.02677.

    Args:
        rate: The highest.
        steps: Those of the whole training.
        warmup: The share of them in which the rate rises from zero.

    Returns:
        A schedule of Keras, which an optimizer takes as its learning rate.

    Raises:
        ValueError: If warmup is not at least 0 and less than 1.

    Example:
        >>> rates = cosine(0.1, 100, warmup=0.1)
        >>> [round(float(rates(step)), 3) for step in (0, 5, 10, 55, 100)]
        [0.0, 0.05, 0.1, 0.05, 0.0]
    """
    integer(steps, "steps", minimum=1)
    if not 0 <= warmup < 1:
        raise ValueError(
            f"warmup={warmup}. Expected the share of the steps in which the "
            "rate rises: 0 or more and less than 1."
        )
    rising = round(steps * warmup)
    return keras.optimizers.schedules.CosineDecay(
        0.0 if rising else rate,
        steps - rising,
        warmup_target=rate if rising else None,
        warmup_steps=rising,
    )


def drops(
    rate: float,
    steps: int,
    at: Sequence[float] = (0.5, 0.75),
    factor: float = 0.1,
) -> keras.optimizers.schedules.LearningRateSchedule:
    """A rate that is multiplied by a factor at some points of the training.

    He et al., 2016, arXiv:1512.03385, section 4.2 divide by 10 after half and
    after three quarters of the steps.

    Args:
        rate: That of the first part.
        steps: Those of the whole training.
        at: Shares of them, rising, after which the rate drops.
        factor: What it is multiplied by.

    Returns:
        A schedule of Keras, which an optimizer takes as its learning rate.

    Raises:
        ValueError: If the shares are not between 0 and 1, in order.

    Example:
        >>> rates = drops(0.1, 100)
        >>> [round(float(rates(step)), 4) for step in (0, 49, 50, 75, 99)]
        [0.1, 0.1, 0.01, 0.001, 0.001]
    """
    integer(steps, "steps", minimum=1)
    edges = [0, *at, 1]
    if edges != sorted(set(edges)):
        raise ValueError(
            f"at={at}. Expected shares of the training between 0 and 1, each "
            "greater than the one before, such as (0.5, 0.75)."
        )
    # a boundary is the last step that has the rate before it
    return keras.optimizers.schedules.PiecewiseConstantDecay(
        [max(0, round(steps * share) - 1) for share in at],
        [rate * factor**i for i in range(len(at) + 1)],
    )
