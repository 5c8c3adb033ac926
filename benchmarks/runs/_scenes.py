"""What the runs that segment digit_scenes share: networks, data, figures."""

import math

import keras
import numpy as np
from keras import layers

from course.blocks import fcn_head, scores
from course.datasets import load
from course.losses import PixelCrossentropy
from course.metrics import BoundaryF1, MeanIoU
from course.models import unet
from course.surgery import freeze, refine
from course.training import fit
from runs._views import IGNORED, Motion, labels, places, relit, seen

CLASSES = 14
DIGITS = 10
BASE_FILTERS, DEPTH = 8, 4
BATCH_SIZE = 8
RATE = 2e-3
DIGIT_WEIGHT = 3.0
"""A digit's pixel counts as three of its ground, which has 14 times as many."""


def segmenter(size: int | None = None) -> keras.Model:
    """A U-Net an eighth as wide as the paper's, in which each level scores.

    The paper's last level alone would have to tell 14 classes by 8 features,
    and learns that too slowly. So the bottom scores, and each level up adds its
    own scores to those below, as in FCN.
    """
    net = unet(
        CLASSES,
        (size, size, 3),
        base_filters=BASE_FILTERS,
        depth=DEPTH,
        padding="same",
        batch_norm=True,
        dropout=0.0,
    )
    x = scores(net.get_layer("bottom").output, CLASSES, name="score_bottom")
    for i in range(DEPTH, 0, -1):
        names = f"score{i}_below", f"score{i}_own", f"score{i}"
        x = fcn_head(x, net.get_layer(f"up{i}").output, names=names)
    return keras.Model(net.input, x, name="unet")


def with_weights(model: keras.Model, encoder: keras.Model) -> keras.Model:
    """The model, begun with an encoder's weights in layers of its names."""
    theirs = {layer.name: layer for layer in encoder.layers if layer.weights}
    for layer in model.layers:
        if layer.weights and layer.name in theirs:
            layer.set_weights(theirs[layer.name].get_weights())
    return model


def scenes(part: str, size: int, few: bool = False) -> tuple[np.ndarray, ...]:
    """Images and masks of a part; `few` are enough to try a program."""
    both = load(
        f"digit_scenes/{size}", part, keys=("image", "mask"), as_numpy=True
    )
    return tuple(array[:BATCH_SIZE] for array in both) if few else both


def moved(size: int | None):
    """What makes of a batch of scenes views, each somewhere and lit anew.

    Args:
        size: Their height and width; None is the scenes'.
    """

    def views(images, masks, rng):
        width = size or images.shape[1]
        room = (images.shape[1] - width) / 2
        motion = Motion(shift=Motion().shift + room)
        at = places(images.shape, width, motion, rng)
        return relit(seen(images, at), rng), labels(masks, at)

    return views


def train(
    model: keras.Model,
    last: str,
    data: tuple[np.ndarray, ...],
    epochs: int,
    seed: int,
    view: int | None = None,
    **settings,
) -> dict[str, list[float]]:
    """Train a model that ends with scores, and begins with an encoder.

    It sees views of the scenes, `view` pixels wide or as wide as they. In the
    first quarter the encoder, up to its layer `last`, is frozen: until the rest
    has learned to ask for what it knows, it would only be spoiled. Then all is
    refined at a smaller rate.
    """
    head = max(epochs // 4, 1)
    freeze(model, last)
    settings["transform"] = moved(view)
    history = part(model, data, head, seed, RATE, **settings)
    refine(model)
    rate = 0.75 * RATE
    more = part(model, data, epochs - head, seed + 1000, rate, **settings)
    return {name: history[name] + more[name] for name in history}


def part(
    model: keras.Model,
    data: tuple[np.ndarray, ...],
    epochs: int,
    seed: int,
    rate: float,
    **settings,
) -> dict[str, list[float]]:
    """Epochs of training, in which the rate falls to 0.

    Digits weigh more than their ground, so that they are learned early; see
    `unweighted`.
    """
    steps = epochs * -(-len(data[0]) // BATCH_SIZE)
    return fit(
        model,
        data,
        epochs,
        loss=PixelCrossentropy(
            from_logits=True,
            ignore_class=IGNORED,
            class_weights=[DIGIT_WEIGHT] * DIGITS + [1.0] * (CLASSES - DIGITS),
        ),
        optimizer=keras.optimizers.Adam(falling(rate, steps)),
        batch_size=BATCH_SIZE,
        seed=seed,
        verbose=2,
        **settings,
    )


def unweighted(model: keras.Model) -> keras.Model:
    """The model with scores that forget how much digits weighed in training.

    A score, a logarithm, has grown by the weight's. Left so, digits would win
    on pixels that they probably do not cover, and have too wide outlines.
    """
    grown = [math.log(DIGIT_WEIGHT)] * DIGITS + [0.0] * (CLASSES - DIGITS)
    x = layers.Rescaling(1.0, [-each for each in grown], name="unweighted")(
        model.output
    )
    return keras.Model(model.input, x, name=model.name)


def falling(rate: float, steps: int):
    """A rate that rises in the first twentieth of the steps, then falls."""
    warm = steps // 20
    return keras.optimizers.schedules.CosineDecay(
        rate / 10, steps - warm, warmup_target=rate, warmup_steps=warm
    )


def figures(model: keras.Model, data: tuple[np.ndarray, ...]) -> dict:
    """miou, boundary_f1, outline_f1 and iou, one number a class.

    boundary_f1 is each class's, outline_f1 that of all boundaries, whichever
    classes they part.
    """
    images, masks = data
    overlap, boundary = MeanIoU(CLASSES), BoundaryF1(CLASSES)
    outline = BoundaryF1(CLASSES, by_class=False)
    for start in range(0, len(images), 50):
        some = slice(start, start + 50)
        scores = model.predict_on_batch(images[some])
        overlap.update_state(masks[some], scores)
        boundary.update_state(masks[some], scores)
        outline.update_state(masks[some], scores)
    return {
        "miou": float(overlap.result()),
        "boundary_f1": float(boundary.result()),
        "outline_f1": float(outline.result()),
        "iou": [float(each) for each in overlap.per_class()],
    }


def predictor(model: keras.Model) -> keras.Model:
    """The model with probabilities at its end, and nothing of its training."""
    model = unweighted(model)
    x = layers.Softmax(name="predictions")(model.output)
    return keras.Model(model.input, x, name=model.name)
