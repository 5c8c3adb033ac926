"""How well does a U-Net with a pretrained encoder segment digit_scenes?

Scenes of 96 x 96 pixels, ten digits and four textures; the encoder is the kept
one, pretrained by the run "encoder". What was chosen (width, rates, weights of
classes, motion) was chosen on the validation scenes. Expected: a mean IoU of at
least .80, and within two pixels an F1 of at least .92 of the outlines, on the
test scenes, after at most five minutes on two quiet cores, the pretraining
among them. The F1 of each class's own boundary is lower: a digit that is taken
for another has its outline right and both classes' boundaries wrong.
"""

import time

import keras

import course.reference
from runs._scenes import (
    figures,
    predictor,
    scenes,
    segmenter,
    train,
    unweighted,
    with_weights,
)

SIZE = 96
VIEW = 80
"""It learns from views as wide: two thirds of a scene's work."""
EPOCHS = 7


def run(seed: int, quick: bool = False) -> dict:
    """validation and test, each with miou, boundary_f1 and iou of each class.

    Also parameters, the pretraining's and the whole training's seconds of the
    processor, and loss, the training loss after each epoch.
    """
    keras.utils.set_random_seed(seed)
    before = course.reference.training("encoder")["values"]
    spent = time.process_time()
    encoder = course.reference.model("encoder")
    model = with_weights(segmenter(), encoder)
    epochs = 2 if quick else EPOCHS
    data = scenes("train", SIZE, quick)
    history = train(model, "bottom", data, epochs, seed, VIEW)
    spent = time.process_time() - spent
    return {
        **{
            part: figures(unweighted(model), scenes(part, SIZE, quick))
            for part in ("validation", "test")
        },
        "pretraining_cpu_seconds": before["training_cpu_seconds"],
        "training_cpu_seconds": before["training_cpu_seconds"] + spent,
        "parameters": model.count_params(),
        "loss": history["loss"],
        "models": {"unet": predictor(model)},
    }
