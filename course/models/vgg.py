"""VGG: small filters, many layers.

K. Simonyan and A. Zisserman, "Very deep convolutional networks for large-scale
image recognition", ICLR 2015, arXiv:1409.1556: table 1.

Parameters, all trainable, biases included: A and A-LRN 132,863,336,
B 133,047,848, C 133,638,952, D (VGG-16) 138,357,544, E (VGG-19) 143,667,240;
table 2 rounds them to millions.

Nothing deviates: the paper's dropout after fc6 and fc7 is there, which
keras.applications leaves out, and A-LRN normalizes with AlexNet's constants.
"""

import keras
from keras import layers

from course.blocks import conv, dense_head
from course.layers import LocalResponseNorm
from course.models._arguments import (
    class_count,
    image_input,
    one_of,
    pretrained_source,
)
from course.weights import from_keras_applications

PAPER = "Simonyan & Zisserman 2014"

VARIANTS = {
    "A": "64, 128, 256 256, 512 512, 512 512",
    "A-LRN": "64 LRN, 128, 256 256, 512 512, 512 512",
    "B": "64 64, 128 128, 256 256, 512 512, 512 512",
    "C": "64 64, 128 128, 256 256 1-256, 512 512 1-512, 512 512 1-512",
    "D": "64 64, 128 128, 256 256 256, 512 512 512, 512 512 512",
    "E": "64 64, 128 128, 256 256 256 256, 512 512 512 512, 512 512 512 512",
}
"""Table 1: filters of 3x3, or 1-filters of 1x1; a pool ends each stage."""

PRETRAINED = {"D": "VGG16", "E": "VGG19"}


def vgg(
    variant: str = "D",
    classes: int = 1000,
    input_shape: tuple[int | None, int | None, int] = (224, 224, 3),
    include_top: bool = True,
    classifier_activation="softmax",
    *,
    weights: str | None = None,
) -> keras.Model:
    """VGG "A" to "E"; tensors conv1_1, ..., pool5, fc6, fc7, fc8.

    Args:
        variant: "A", "A-LRN", "B", "C", "D" or "E".
        classes: Number of classes.
        input_shape: (h, w, c), 32 pixels or more. h and w may be None without
            the top.
        include_top: Whether the dense layers follow pool5.
        classifier_activation: Of the scores fc8; None for none.
        weights: "imagenet" for "D" and "E", whose images
            `keras.applications.vgg16.preprocess_input` prepares; None for none.

    Returns:
        A model (n, h, w, c) -> (n, classes).

    Raises:
        ValueError: For an argument out of its range.
        ConnectionError: The weights cannot be downloaded.

    Example:
        >>> features = vgg("A", include_top=False, input_shape=(None, None, 3))
        >>> features.output_shape
        (None, None, None, 512)
    """
    stages = VARIANTS[one_of(VARIANTS, variant)].split(", ")
    source = pretrained_source(weights, PRETRAINED, variant)
    classes = class_count(classes)
    x = inputs = image_input(input_shape, minimum=32, any_size=not include_top)
    for i, stage in enumerate(stages, start=1):
        for j, entry in enumerate(stage.split(), start=1):
            if entry == "LRN":
                x = LocalResponseNorm(name=f"norm{i}")(x)
                continue
            kernel_size, _, filters = entry.rpartition("-")
            name = f"conv{i}_{j}"
            x = conv(x, int(filters), int(kernel_size or 3), name=name)
        x = layers.MaxPooling2D(2, name=f"pool{i}")(x)
    if include_top:
        names = ("fc6", "fc7", "fc8")
        units = (4096, 4096)
        x = dense_head(x, units, classes, classifier_activation, names=names)
    model = keras.Model(inputs, x, name=f"vgg_{variant}")
    return from_keras_applications(model, source) if source else model
