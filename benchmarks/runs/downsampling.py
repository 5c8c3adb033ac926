"""Does a strided convolution do what pooling does? Should one blur before?

That a convolution with stride 2 may take the place of pooling is the claim of
J. Springenberg et al., "Striving for simplicity: the all convolutional net",
2014, arXiv:1412.6806. That subsampling without a blur before it folds high
frequencies onto low ones, so that scores hang on where an object happens to
lie, is that of R. Zhang, "Making convolutional networks shift-invariant again",
ICML 2019, arXiv:1904.11486.

Three convolutions, the images halved after the first two in five ways that have
no parameter of their own, on digits of 16 x 16 pixels with a border of two;
shifts are of one pixel and lose no ink.

Expected: median accuracies of pooling and of strides within 1.5 points; with a
blur less than half the energy is folded, and over 95 % of the shifts leave the
decision as it was, which strides alone let under 60 % do.
"""

import keras
import numpy as np
from keras import layers

from course.blocks import conv, depthwise, pooled_head
from course.datasets import digits
from course.datasets.handwritten import Digits, Part
from runs._digits import accuracy, train

WAYS = ("max", "average", "strided", "max-blur", "strided-blur")
BLUR = np.outer([1, 2, 1], [1, 2, 1]) / 16
SIZE, BORDER = 16, 2
EPOCHS = 10
BATCH_SIZE = 64
RATE = 3e-3


def run(seed: int, quick: bool = False) -> dict:
    """Of each way to halve: accuracy, and what shifts and folding do.

    accuracy: of the test digits. consistency: share of the eight shifts by one
    pixel that leave the decision as it was. change: mean distance of the
    shifted images' scores from the image's, by the scores' length. folded: of
    the energy of what is subsampled, constants aside, the share above the
    frequency that every second pixel can show, mean of both places.
    """
    data = Digits(*map(bordered, digits(seed, SIZE, validation=0)))
    found = {}
    for way in WAYS:
        keras.utils.set_random_seed(seed)
        model = halving_net(way)
        epochs = 1 if quick else EPOCHS
        train(model, data, epochs, seed, "adam", RATE, batch_size=BATCH_SIZE)
        images = data.test.images
        found[way] = {
            "accuracy": accuracy(model, data.test),
            **shift_effects(model, images),
            "folded": np.mean([folded(model, i, images) for i in (1, 2)]),
        }
    return found


def bordered(part: Part) -> Part:
    """With paper around the digits."""
    width = [(0, 0), (BORDER, BORDER), (BORDER, BORDER), (0, 0)]
    return Part(np.pad(part.images, width), part.labels)


def halving_net(way: str) -> keras.Model:
    """20 x 20, 10 x 10, 5 x 5 pixels, their average, scores.

    Each way is written as something done at each pixel, of which half1 and
    half2 then take every second: so what is left out can be looked at. After
    nothing but the convolution that is a convolution with stride 2.
    """
    x = inputs = keras.Input((SIZE + 2 * BORDER, SIZE + 2 * BORDER, 1))
    for i, filters in enumerate((16, 32), start=1):
        x = conv(x, filters, 3, norm=quick_norm, name=f"conv{i}")
        if way.startswith("max"):
            x = layers.MaxPooling2D(2, 1, "same")(x)
        if way == "average":
            x = layers.AveragePooling2D(2, 1, "same")(x)
        if way.endswith("blur"):
            x = blurred(x)
        x = layers.MaxPooling2D(1, 2, name=f"half{i}")(x)
    x = conv(x, 64, 3, norm=quick_norm, name="conv3")
    return keras.Model(inputs, pooled_head(x, 10, None))


def quick_norm(name: str) -> layers.Layer:
    """Whose moving averages are those of a few hundred steps, no longer 1."""
    return layers.BatchNormalization(momentum=0.9, name=name)


def blurred(x):
    """Each channel with 1 2 1 / 2 4 2 / 1 2 1, by its sum."""
    tensor = depthwise(x, 3, activation=None, use_bias=False)
    layer = tensor._keras_history.operation
    channels = x.shape[-1]
    layer.set_weights([np.repeat(BLUR[..., None, None], channels, axis=2)])
    layer.trainable = False
    return tensor


def shift_effects(model: keras.Model, images: np.ndarray) -> dict[str, float]:
    """Of the eight shifts by one pixel: consistency and change."""
    scores = scores_of(model, images)
    length = np.linalg.norm(scores, axis=-1)
    stays, changes = [], []
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            if not down and not right:
                continue
            moved = scores_of(model, np.roll(images, (down, right), (1, 2)))
            stays.append(moved.argmax(-1) == scores.argmax(-1))
            distance = np.linalg.norm(moved - scores, axis=-1)
            changes.append(distance / length)
    return {"consistency": np.mean(stays), "change": np.mean(changes)}


def folded(model: keras.Model, place: int, images: np.ndarray) -> float:
    """Share of the energy that subsampling moves to other frequencies."""
    whole = keras.Model(model.input, model.get_layer(f"half{place}").input)
    maps = scores_of(whole, images)
    energy = np.abs(np.fft.fft2(maps, axes=(1, 2))) ** 2
    energy = energy.sum((0, 3))
    energy[0, 0] = 0
    frequency = np.abs(np.fft.fftfreq(len(energy)))  # cycles a pixel
    is_high = np.maximum.outer(frequency, frequency) > 1 / 4
    return energy[is_high].sum() / energy.sum()


def scores_of(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """What a model makes of images."""
    return keras.ops.convert_to_numpy(model(images, training=False))
