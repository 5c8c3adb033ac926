"""What the runs that classify digits share."""

import keras
import numpy as np

from course.datasets.handwritten import Digits, Part
from course.training import fit


def train(
    model: keras.Model,
    data: Digits,
    epochs: int,
    seed: int,
    optimizer: str,
    rate: float,
    *,
    batch_size: int = 32,
    **settings,
) -> dict[str, list[float]]:
    """Train a model, which ends with scores, while the rate falls to 0.

    Args:
        optimizer: "adam", whose rate falls from the start, or "sgd", with
            momentum, whose rate rises in the first tenth of the steps.
        settings: For `course.training.fit`.
    """
    steps = epochs * -(-len(data.train.labels) // batch_size)
    schedule = keras.optimizers.schedules.CosineDecay
    if optimizer == "sgd":
        warm = steps // 10
        rates = schedule(
            0.0, steps - warm, warmup_target=rate, warmup_steps=warm
        )
        learner = keras.optimizers.SGD(rates, momentum=0.9)
    else:
        learner = keras.optimizers.Adam(schedule(rate, steps))
    return fit(
        model,
        data.train,
        epochs,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        optimizer=learner,
        batch_size=batch_size,
        seed=seed,
        verbose=0,
        **settings,
    )


def accuracy(model: keras.Model, part: Part) -> float:
    """Share of the images whose largest score is the label's."""
    # Called and not compiled: some runs ask this of many nets, once of each.
    scores = keras.ops.convert_to_numpy(model(part.images, training=False))
    return float(np.mean(scores.argmax(-1) == part.labels))
