"""Inception-v3: convolutions factorized, grids reduced without a bottleneck.

C. Szegedy et al., "Rethinking the inception architecture for computer vision",
CVPR 2016, arXiv:1512.00567: table 1, as its authors released it, which is what
keras.applications and torchvision have.

Parameters without biases beside batch normalization, which has no scale:
23,817,352 trainable, 23,851,784 in total; with the auxiliary head 27,143,152
and 27,179,376.

Deviations of the release from the paper: modules A keep one 5x5 convolution,
and the auxiliary head stands on the last grid of 17 x 17, as in figure 8; its
average and 5x5 convolution are the release's.
"""

import functools

import keras
from keras import layers

from course.blocks import (
    conv,
    inception_a,
    inception_b,
    inception_c,
    inception_reduction,
    pooled_head,
)
from course.models._arguments import (
    class_count,
    head_with,
    image_input,
    pretrained_source,
)
from course.weights import from_keras_applications

PAPER = "Szegedy et al. 2015"

STEM = (
    *((32, 3, 2, "valid"), (32, 3, 1, "valid"), (64, 3, 1, "same"), "pool"),
    *((80, 1, 1, "valid"), (192, 3, 1, "valid"), "pool"),
)
"""Filters, kernel size, stride and padding of each convolution."""

A, B, C, REDUCTION = inception_a, inception_b, inception_c, inception_reduction

MODULES = (
    *((A, (64, (48, 64), (64, 96), pool)) for pool in (32, 64, 64)),
    (REDUCTION, ([(384, 3)], [(64, 1), (96, 3), (96, 3)])),
    *((B, (192, inner)) for inner in (128, 160, 160, 192)),
    (
        REDUCTION,
        (
            [(192, 1), (320, 3)],
            [(192, 1), (192, (1, 7)), (192, (7, 1)), (192, 3)],
        ),
    ),
    *((C, (320, 384, 448, 192)) for _ in range(2)),
)
"""mixed0 to mixed10: the module, and what it is called with."""

norm = functools.partial(layers.BatchNormalization, scale=False)


def inception_v3(
    classes: int = 1000,
    input_shape: tuple[int | None, int | None, int] = (299, 299, 3),
    include_top: bool = True,
    classifier_activation="softmax",
    *,
    auxiliary: bool = False,
    weights: str | None = None,
) -> keras.Model:
    """Inception-v3; tensors conv1, pool1, mixed0 ... mixed10, fc.

    Args:
        classes: Number of classes.
        input_shape: (h, w, c), 75 pixels or more, with the auxiliary head 299;
            h and w may be None.
        include_top: Whether average and scores follow mixed10.
        classifier_activation: Of all scores; None for none.
        auxiliary: Whether one more classifier stands on mixed7.
        weights: "imagenet", without the auxiliary head; images are prepared by
            `keras.applications.inception_v3.preprocess_input`. None for none.

    Returns:
        A model (n, h, w, c) -> (n, classes); with the auxiliary head to a list
        of two such tensors, the main one first.

    Raises:
        ValueError: For an argument out of its range.
        ConnectionError: The weights cannot be downloaded.

    Example:
        >>> from course.catalogue import outlines
        >>> with outlines():
        ...     inception_v3().get_layer("mixed10").output.shape
        (None, 8, 8, 2048)
    """
    head_with(auxiliary, include_top)
    source = pretrained_source(
        weights, {False: "InceptionV3"}, auxiliary, "auxiliary"
    )
    classes = class_count(classes)
    minimum = 299 if auxiliary else 75
    x = inputs = image_input(input_shape, minimum, any_size=True)
    x = _stem(x)
    others = []
    for i, (module, arguments) in enumerate(MODULES):
        settings = {"kernel_size": 5} if module is A else {}
        x = module(x, *arguments, **settings, norm=norm, name=f"mixed{i}")
        if auxiliary and i == 7:
            others.append(_auxiliary(x, classes, classifier_activation))
    if include_top:
        x = pooled_head(x, classes, classifier_activation)
    outputs = [x, *others] if others else x
    model = keras.Model(inputs, outputs, name="inception_v3")
    return from_keras_applications(model, source) if source else model


def _stem(x):
    """299 -> 35."""
    convs = pools = 0
    for entry in STEM:
        if entry == "pool":
            pools += 1
            x = layers.MaxPooling2D(3, 2, name=f"pool{pools}")(x)
        else:
            convs += 1
            x = conv(x, *entry, norm=norm, name=f"conv{convs}")
    return x


def _auxiliary(x, classes: int, activation):
    """Scores from the middle; at 299 the last convolution leaves one pixel."""
    x = layers.AveragePooling2D(5, 3, name="auxiliary_pool")(x)
    x = conv(x, 128, 1, norm=norm, name="auxiliary_conv1")
    x = conv(x, 768, 5, 1, "valid", norm=norm, name="auxiliary_conv2")
    return pooled_head(
        x,
        classes,
        activation,
        name="auxiliary_fc",
        output="auxiliary_predictions",
    )
