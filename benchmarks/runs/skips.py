"""What do finer skips give FCN-32s, 16s, 8s and U-Net on one encoder?

J. Long, E. Shelhamer and T. Darrell, CVPR 2015, arXiv:1411.4038, section 4.2:
the finer the layers that are added, the finer the detail; U-Net adds all. Here
all four begin with the same kept encoder, pretrained by the run "encoder", on
scenes of 64 x 64 pixels, and are trained twice: for equal epochs, and for
equal time, the U-Net's. Expected: mean IoU and boundary F1 in this order, from
about .25 over .4 and .5 to .7 of mean IoU after equal epochs.

FCN-32s is the coarsest, and its steps are not the cheapest: its upsampling
kernel of 64 x 64 has 16 times the weights of FCN-8s's last one.
"""

import time

import keras

import course.reference
from course.models import fcn
from runs._scenes import (
    CLASSES,
    figures,
    scenes,
    segmenter,
    train,
    unweighted,
    with_weights,
)
from runs.encoder import encoder

SIZE = 64
EPOCHS = 3
NETWORKS = ("32s", "16s", "8s", "unet")
TAPS = ("down3_pool", "down4_pool", "bottom_pool")
"""At 1/8, 1/16 and 1/32 of the image's size."""


class Spent(keras.callbacks.Callback):
    """Seconds of the processor for a step, without those of compilation."""

    def __init__(self):
        super().__init__()
        self.steps = 0
        self.seconds = 0.0

    def on_train_begin(self, logs=None):
        self.last = None

    def on_train_batch_end(self, batch, logs=None):
        now = time.process_time()
        if self.last is not None:
            self.seconds += now - self.last
            self.steps += 1
        self.last = now

    @property
    def a_step(self) -> float:
        return self.seconds / max(self.steps, 1)


def run(seed: int, quick: bool = False) -> dict:
    """equal_epochs and equal_time, each with the four networks' figures.

    A network has miou, boundary_f1 and iou on the test scenes, epochs, and
    step_seconds, those of the processor for a step; parameters
    are outside, once a network.
    """
    epochs = 2 if quick else EPOCHS
    equal = {name: trained(name, epochs, seed, quick) for name in NETWORKS}
    timed = equal if quick else longer(equal, seed)
    return {
        "equal_epochs": equal,
        "equal_time": timed,
        "parameters": {name: network(name).count_params() for name in NETWORKS},
    }


def longer(equal: dict, seed: int) -> dict:
    """All networks trained for as long as the U-Net was, in whole epochs."""
    timed = {}
    for name, found in equal.items():
        each = equal["unet"]["step_seconds"] / found["step_seconds"]
        epochs = round(found["epochs"] * each)
        is_same = epochs <= found["epochs"]
        timed[name] = found if is_same else trained(name, epochs, seed)
    return timed


def trained(name: str, epochs: int, seed: int, quick: bool = False) -> dict:
    """The figures of one network after a training."""
    keras.utils.set_random_seed(seed)
    model = with_weights(network(name), course.reference.model("encoder"))
    spent = Spent()
    data = scenes("train", SIZE, quick)
    last = "bottom" if name == "unet" else "bottom_pool"
    train(model, last, data, epochs, seed, callbacks=[spent])
    found = figures(unweighted(model), scenes("test", SIZE, quick))
    return {**found, "epochs": epochs, "step_seconds": spent.a_step}


def network(name: str) -> keras.Model:
    """The U-Net or an FCN, with layers of the encoder's names."""
    if name == "unet":
        return segmenter(SIZE)
    return fcn(
        name,
        CLASSES,
        classifier_activation=None,
        padding="same",
        backbone=encoder(SIZE),
        taps=TAPS,
    )
