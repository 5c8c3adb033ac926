"""What do small versions of nine networks reach, and what do they cost?

The question is lecture 08's: whether ideas that saved parameters or
multiplications on ImageNet do so on digits, too. Digits of 16 x 16 pixels, the
same training for all; each network keeps what makes its paper's (dense layers,
1x1 convolutions, branches, shortcuts, ...) at widths that leave it at most
60,000 parameters. Batch normalization is where the papers have it.

Expected: a median test accuracy of at least 93 % for each network; those
without hidden dense layers have at most two thirds of the parameters of the
three with them; mobile has the fewest parameters and works least. Which of two
networks is better is not to be told where the intervals of their seeds
overlap.
"""

import keras
from keras import layers

from course.blocks import (
    conv,
    dense_block,
    fire,
    inception_reduced,
    mlpconv,
    pooled_head,
    residual_basic,
    separable,
    transition,
)
from course.datasets import digits
from course.summary import summary
from runs._digits import accuracy, train

SEEDS = 5
SIZE = 16
EPOCHS = 12
BATCH_SIZE = 32
RATE = 3e-3


def run(seed: int, quick: bool = False) -> dict:
    """Of each network: accuracy (test), parameters (trained) and macs."""
    data = digits(seed, SIZE, validation=0)
    found = {}
    for name, body in BODIES.items():
        keras.utils.set_random_seed(seed)
        model = network(name, body)
        epochs = 1 if quick else EPOCHS
        train(model, data, epochs, seed, "adam", RATE, batch_size=BATCH_SIZE)
        table = summary(model)
        found[name] = {
            "accuracy": accuracy(model, data.test),
            "parameters": table.trainable,
            "macs": table.macs,
        }
    return found


def network(name: str, body) -> keras.Model:
    """From images of one channel to ten scores."""
    inputs = keras.Input((SIZE, SIZE, 1))
    return keras.Model(inputs, body(inputs), name=name)


def norm(name: str | None) -> layers.Layer:
    """Whose moving averages are those of a few hundred steps, no longer 1."""
    return layers.BatchNormalization(momentum=0.9, name=name)


def averaged(x):
    """A map for each class, averaged.

    The papers of nin and squeeze have a ReLU on the maps, which silences all
    classes in some of these short trainings.
    """
    x = conv(x, 10, 1, activation=None)
    return layers.GlobalAveragePooling2D()(x)


def lenet(x):
    """5x5, average pooling, twice; two hidden layers; tanh."""
    x = conv(x, 6, 5, activation="tanh")
    x = layers.AveragePooling2D(2)(x)
    x = conv(x, 16, 5, activation="tanh")
    x = layers.Flatten()(layers.AveragePooling2D(2)(x))
    for units in (120, 84):
        x = layers.Dense(units, "tanh")(x)
    return layers.Dense(10)(x)


def alexnet(x):
    """A large kernel, overlapping pooling, a hidden layer with dropout."""
    x = conv(x, 24, 5)
    x = layers.MaxPooling2D(3, 2)(x)
    for filters in (32, 32):
        x = conv(x, filters, 3)
    x = layers.Flatten()(layers.MaxPooling2D(3, 2)(x))
    x = layers.Dropout(0.5)(layers.Dense(96, "relu")(x))
    return layers.Dense(10)(x)


def vgg(x):
    """Pairs of 3x3, pooling after each, a hidden layer with dropout."""
    for filters in (16, 32):
        for _ in range(2):
            x = conv(x, filters, 3)
        x = layers.MaxPooling2D()(x)
    x = layers.Dense(64, "relu")(layers.Flatten()(x))
    return layers.Dense(10)(layers.Dropout(0.5)(x))


def nin(x):
    """Networks in each pixel, scores that are averages of maps."""
    x = mlpconv(x, (24, 16), 5)
    x = layers.MaxPooling2D()(x)
    x = mlpconv(x, (32, 24), 3)
    x = layers.MaxPooling2D()(x)
    return averaged(conv(x, 32, 3))


def inception(x):
    """A stem, two modules of four branches, pooling between them."""
    x = layers.MaxPooling2D()(conv(x, 16, 3, norm=norm))
    x = inception_reduced(x, 8, (8, 16), (4, 8), 8)
    x = layers.MaxPooling2D()(x)
    x = inception_reduced(x, 16, (12, 24), (4, 12), 12)
    return pooled_head(x, 10, None)


def residual(x):
    """A convolution and three residual blocks."""
    x = conv(x, 8, 3, norm=norm)
    for filters, strides in ((8, 1), (16, 2), (32, 2)):
        x = residual_basic(x, filters, strides, shortcut="A", norm=norm)
    return pooled_head(x, 10, None)


def dense(x):
    """Two dense blocks of four layers, growth rate 8, a transition between."""
    x = conv(x, 16, 3, strides=2, activation=None, use_bias=False)
    x = dense_block(x, 4, 8, norm=norm)
    x = transition(x, 0.5, norm=norm)
    x = dense_block(x, 4, 8, norm=norm)
    x = layers.Activation("relu")(norm(None)(x))
    return pooled_head(x, 10, None)


def squeeze(x):
    """A convolution and three fire modules."""
    x = layers.MaxPooling2D()(conv(x, 24, 3))
    x = fire(x, 12, 24)
    x = layers.MaxPooling2D()(fire(x, 12, 24))
    x = fire(x, 16, 32)
    return averaged(x)


def mobile(x):
    """A convolution and four separable ones."""
    x = conv(x, 12, 3, norm=norm)
    for filters, strides in ((24, 2), (32, 1), (48, 2), (48, 1)):
        x = separable(x, filters, 3, strides, norm=norm)
    return pooled_head(x, 10, None)


BODIES = {
    body.__name__: body
    for body in (
        *(lenet, alexnet, vgg, nin, inception),
        *(residual, dense, squeeze, mobile),
    )
}
"""In the order of their papers."""
