"""How much is lost with one block of a residual net, and of a plain one?

The claim is that of A. Veit et al., "Residual networks behave like ensembles
of relatively shallow networks", NIPS 2016, arXiv:1605.06431, figure 3: a
residual net hardly suffers, a plain one breaks. From residual-20 and plain-20,
trained alike, each of the nine blocks is left out by itself. In a plain net a
block's two convolutions are, and where sizes change its input is subsampled and
filled up with zero channels, as the residual net's shortcut does.

Expected: a median error of at most 10 % (residual) and of at least 60 %
(plain). That is the median: without its first block most residual nets suffer,
too, by more than 10 %, as the errors by block show.
"""

import statistics

import keras

from course.datasets import digits
from course.surgery import lesion
from runs._deep import block_names, deep_net
from runs._digits import accuracy, train

DEPTH = 20
EPOCHS = 10
RATE = 0.1


def run(seed: int, quick: bool = False) -> dict:
    """Of "residual" and "plain": test errors, whole and without each block.

    Keys: whole, the net's error; blocks, that without each block, by name;
    median, of the blocks.
    """
    data = digits(seed, validation=0)
    found = {}
    for kind, without in (("residual", lesion), ("plain", plain_lesion)):
        keras.utils.set_random_seed(seed)
        depth = 8 if quick else DEPTH
        model = deep_net(depth, kind)
        train(model, data, 1 if quick else EPOCHS, seed, "sgd", RATE)
        blocks = {
            name: 1 - accuracy(without(model, name), data.test)
            for name in block_names(depth)
        }
        found[kind] = {
            "whole": 1 - accuracy(model, data.test),
            "blocks": blocks,
            "median": statistics.median(blocks.values()),
        }
    return found


def plain_lesion(model: keras.Model, block: str) -> keras.Model:
    """A copy of a plain net that lacks a block."""
    depth = int(model.name.removeprefix("plain_"))
    hurt = deep_net(depth, "plain", without=block)
    for layer in hurt.layers:
        if layer.weights:
            layer.set_weights(model.get_layer(layer.name).get_weights())
    return hurt
