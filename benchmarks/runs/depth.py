"""Do plain nets become harder to train with depth, and residual ones not?

The claim is that of K. He et al., "Deep residual learning for image
recognition", CVPR 2016, arXiv:1512.03385, figures 1 and 6: deeper plain nets
have a higher *training* error, so it is no overfitting. Ten epochs, the same
for all; with more epochs the gap shrinks, so what is shown is how hard it is to
train at a fixed budget.

Expected: the training error of plain-38 at least 10 points above that of
plain-8, that of residual-38 at most 1 %.
"""

import keras

from course.datasets import digits
from runs._deep import deep_net
from runs._digits import accuracy, train

DEPTHS = (8, 20, 38)
KINDS = ("plain", "residual")
EPOCHS = 10
RATE = 0.1


def run(seed: int, quick: bool = False) -> dict:
    """Of each net, "plain-8", ...: train_error, test_error and two curves.

    The errors are of the finished net, normalized by moving averages. The
    curves, error and loss, are what the net had on average while it saw the
    epoch's batches, normalized by their own statistics: less for plain-38,
    whose averages lag behind.
    """
    data = digits(seed, validation=0)
    found = {}
    for kind in KINDS:
        for depth in DEPTHS[: 1 if quick else None]:
            keras.utils.set_random_seed(seed)
            model = deep_net(depth, kind)
            history = train(
                model,
                data,
                1 if quick else EPOCHS,
                seed,
                "sgd",
                RATE,
                metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
            )
            found[f"{kind}-{depth}"] = {
                "train_error": 1 - accuracy(model, data.train),
                "test_error": 1 - accuracy(model, data.test),
                "error": [1 - value for value in history["accuracy"]],
                "loss": history["loss"],
            }
    return found
