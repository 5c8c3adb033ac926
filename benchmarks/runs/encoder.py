"""How well does a U-Net's way down read digits on textures?

An encoder is trained to name the digit in the middle of 32 x 32 pixels of
digit_scenes before it segments: a U-Net that is trained from nothing learns the
textures and hardly a digit. The digits and textures are those of the training
scenes alone. Expected: about a minute on two quiet cores.
"""

import time

import keras
import numpy as np
from keras import layers

from course.datasets import load
from course.training import fit
from runs._scenes import DIGITS, RATE, falling, segmenter
from runs._views import Motion, places, relit, seen

SIDE, CUT = 32, 48
"""Pixels of a view, and of the piece of a scene that views are taken of."""

EPOCHS = 8
BATCH_SIZE = 64
MOTION = Motion(angle=0.2, shear=0.2, zoom=0.15, shift=4)


def run(seed: int, quick: bool = False) -> dict:
    """accuracy (test), validation, parameters, cpu_seconds of the training."""
    spent = time.process_time()
    model, history = pretrained(seed, quick)
    spent = time.process_time() - spent
    return {
        "accuracy": accuracy(model, "test"),
        "validation": accuracy(model, "validation"),
        "parameters": model.count_params(),
        "training_cpu_seconds": spent,
        "loss": history["loss"],
        "models": {"encoder": keras.Model(model.input, model.output)},
    }


def pretrained(seed: int, quick: bool = False) -> tuple[keras.Model, dict]:
    """The encoder of a seed, and the history of its training."""
    keras.utils.set_random_seed(seed)
    model = encoder()
    data = tuple(each[:BATCH_SIZE] if quick else each for each in cut("train"))
    epochs = 1 if quick else EPOCHS
    steps = epochs * -(-len(data[0]) // BATCH_SIZE)
    history = fit(
        model,
        data,
        epochs,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        optimizer=keras.optimizers.Adam(falling(RATE, steps)),
        batch_size=BATCH_SIZE,
        transform=views,
        seed=seed,
        verbose=2,
    )
    return model, history


def encoder(size: int | None = None) -> keras.Model:
    """U-Net's way down, its largest answers anywhere, ten scores.

    bottom_pool, at 1/32 of the image's size, is where FCN-32s begins.
    """
    down = segmenter(size)
    x = layers.MaxPooling2D(2, name="bottom_pool")(
        down.get_layer("bottom").output
    )
    x = layers.GlobalMaxPooling2D(name="somewhere")(x)
    x = layers.Dropout(0.2, name="dropout")(x)
    x = layers.Dense(DIGITS, name="digit")(x)
    return keras.Model(down.input, x, name="encoder")


def cut(part: str) -> tuple[np.ndarray, np.ndarray]:
    """Pieces (n, 48, 48, 3) of a part's scenes, a digit in the middle of each.

    And the values (n,) of the digits. Beyond a scene is its mirror.
    """
    images, boxes, classes = load(
        "digit_scenes/96",
        part,
        keys=("image", "boxes", "classes"),
        as_numpy=True,
    )
    half = CUT // 2
    around = [(0, 0), (half, half), (half, half), (0, 0)]
    padded = np.pad(images, around, mode="symmetric")
    which, row = np.nonzero(classes >= 0)
    left, top, right, bottom = boxes[which, row].T
    x, y = ((left + right) / 2).astype(int), ((top + bottom) / 2).astype(int)
    pieces = [
        padded[i, y_i : y_i + CUT, x_i : x_i + CUT]
        for i, y_i, x_i in zip(which, y, x, strict=True)
    ]
    return np.stack(pieces), classes[which, row]


def views(pieces, values, rng):
    """A batch of pieces as 32 x 32 views, each turned and lit a little."""
    at = places(pieces.shape, SIDE, MOTION, rng)
    return relit(seen(pieces, at), rng), values


def accuracy(model: keras.Model, part: str) -> float:
    """Share of a part's digits that the middles of their pieces give away."""
    pieces, values = cut(part)
    edge = (CUT - SIDE) // 2
    middle = pieces[:, edge:-edge, edge:-edge]
    scores = model.predict(middle, verbose=0)
    return float(np.mean(scores.argmax(-1) == values))
