"""How well does a U-Net with a pretrained encoder segment digit_scenes?

Scenes of 96 x 96 pixels, ten digits and four textures. What was chosen (width,
rate, weights of classes, motion) was chosen on the validation scenes; the test
scenes were looked at once. Expected: a mean IoU of at least .80 and a boundary
F1, within two pixels, of at least .92 on the test scenes, after at most five
minutes on two quiet cores, the pretraining among them.
"""

import time

import keras

from runs._scenes import (
    figures,
    predictor,
    scenes,
    segmenter,
    train,
    unweighted,
    with_weights,
)
from runs.encoder import pretrained

SIZE = 96
EPOCHS = 8


def run(seed: int, quick: bool = False) -> dict:
    """validation and test, each with miou, boundary_f1 and iou of each class.

    Also parameters, the pretraining's and the whole training's seconds of the
    processor and of the clock, and loss, the training loss after each epoch.
    """
    clock, spent = time.perf_counter(), time.process_time()
    encoder, _ = pretrained(seed, quick)
    pretraining = time.process_time() - spent
    model = with_weights(segmenter(SIZE), encoder)
    epochs = 1 if quick else EPOCHS
    history = train(model, scenes("train", SIZE, quick), epochs, seed)
    times = {
        "pretraining_cpu_seconds": pretraining,
        "training_cpu_seconds": time.process_time() - spent,
        "training_seconds": time.perf_counter() - clock,
    }
    return {
        **{
            part: figures(unweighted(model), scenes(part, SIZE, quick))
            for part in ("validation", "test")
        },
        **times,
        "parameters": model.count_params(),
        "loss": history["loss"],
        "models": {"unet": predictor(any_size(model))},
    }


def any_size(model: keras.Model) -> keras.Model:
    """The same network for scenes of any size."""
    return with_weights(segmenter(), model)
