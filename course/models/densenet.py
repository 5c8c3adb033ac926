"""DenseNet: every layer sees all layers before it.

G. Huang, Z. Liu, L. van der Maaten and K. Weinberger, "Densely connected
convolutional networks", CVPR 2017, arXiv:1608.06993: table 1, DenseNet-BC with
growth rate 32 and compression 1/2.

Trainable parameters, no biases beside batch normalization: 121 7,978,856, 169
14,149,480, 201 20,013,928, 264 33,337,704; in total, with the moving
statistics, 8,062,504, 14,307,880, 20,242,984 and 33,736,232.

Nothing deviates; what the table calls 264 has 265 layers. The activation after
the last block, the tensor features, is that of the authors' code.
"""

import functools

import keras
from keras import layers

from course.blocks import conv, dense_block, pooled_head, transition
from course.blocks.conv import normalized
from course.models._arguments import (
    class_count,
    image_input,
    one_of,
    pretrained_source,
)
from course.weights import from_keras_applications

PAPER = "Huang et al. 2016"

VARIANTS = {
    121: (6, 12, 24, 16),
    169: (6, 12, 32, 32),
    201: (6, 12, 48, 32),
    264: (6, 12, 64, 48),
}
"""Table 1: layers of each dense block."""

GROWTH_RATE = 32

PRETRAINED = {121: "DenseNet121", 169: "DenseNet169", 201: "DenseNet201"}

# The epsilon that the weights of keras.applications were trained with.
norm = functools.partial(layers.BatchNormalization, epsilon=1.001e-5)


def densenet(
    variant: int = 121,
    classes: int = 1000,
    input_shape: tuple[int | None, int | None, int] = (224, 224, 3),
    include_top: bool = True,
    classifier_activation="softmax",
    *,
    weights: str | None = None,
) -> keras.Model:
    """DenseNet; tensors conv1, pool1, dense1, transition1 ... dense4, fc.

    Args:
        variant: Number of layers: 121, 169, 201 or 264.
        classes: Number of classes.
        input_shape: (h, w, c), 29 pixels or more; h and w may be None.
        include_top: Whether average and scores follow the features.
        classifier_activation: Of the scores fc; None for none.
        weights: "imagenet" for 121, 169 and 201, whose images
            `keras.applications.densenet.preprocess_input` prepares; None for
            none.

    Returns:
        A model (n, h, w, c) -> (n, classes).

    Raises:
        ValueError: For an argument out of its range.
        ConnectionError: The weights cannot be downloaded.

    Example:
        >>> from course.catalogue import outlines
        >>> with outlines():
        ...     densenet(121).get_layer("dense4").output.shape
        (None, 7, 7, 1024)
    """
    counts = VARIANTS[one_of(VARIANTS, variant)]
    source = pretrained_source(weights, PRETRAINED, variant)
    classes = class_count(classes)
    inputs = image_input(input_shape, minimum=29, any_size=True)
    x = conv(inputs, 64, 7, 2, padding=3, norm=norm, name="conv1")
    # What lies beyond is zero, and no activation is less.
    x = layers.ZeroPadding2D(1, name="pool1_padding")(x)
    x = layers.MaxPooling2D(3, 2, name="pool1")(x)
    for i, count in enumerate(counts, start=1):
        x = dense_block(x, count, GROWTH_RATE, norm=norm, name=f"dense{i}")
        if i < len(counts):
            x = transition(x, 0.5, norm=norm, name=f"transition{i}")
    x = normalized(x, "relu", norm, "features")
    if include_top:
        x = pooled_head(x, classes, classifier_activation)
    model = keras.Model(inputs, x, name=f"densenet_{variant}")
    return from_keras_applications(model, source) if source else model
