"""GoogLeNet, which won ILSVRC 2014.

C. Szegedy et al., "Going deeper with convolutions", CVPR 2015,
arXiv:1409.4842: table 1; the auxiliary heads: section 5.

6,998,552 parameters, all trainable, biases included, without the auxiliary
heads; 13,378,280 with them. Inception modules have 5x5 convolutions, as in the
paper; torchvision's have 3x3 and fewer parameters.

Where the paper says nothing: padding is "same", and response normalization,
which its figure 3 has around conv2, has AlexNet's constants.
"""

import keras
from keras import layers

from course.blocks import conv, dense_head, inception_reduced, pooled_head
from course.layers import LocalResponseNorm
from course.models._arguments import class_count, head_with, image_input

PAPER = "Szegedy et al. 2014"

MODULES = {
    "3a": (64, (96, 128), (16, 32), 32),
    "3b": (128, (128, 192), (32, 96), 64),
    "4a": (192, (96, 208), (16, 48), 64),
    "4b": (160, (112, 224), (24, 64), 64),
    "4c": (128, (128, 256), (24, 64), 64),
    "4d": (112, (144, 288), (32, 64), 64),
    "4e": (256, (160, 320), (32, 128), 128),
    "5a": (256, (160, 320), (32, 128), 128),
    "5b": (384, (192, 384), (48, 128), 128),
}
"""Table 1: #1x1, (#3x3 reduce, #3x3), (#5x5 reduce, #5x5), pool proj."""

POOLS = {"3b": "pool3", "4e": "pool4"}
AUXILIARY = {"4a": "auxiliary1", "4d": "auxiliary2"}


def googlenet(
    classes: int = 1000,
    input_shape: tuple[int | None, int | None, int] = (224, 224, 3),
    include_top: bool = True,
    classifier_activation="softmax",
    *,
    auxiliary: bool = False,
) -> keras.Model:
    """GoogLeNet; tensors conv1, conv2, inception_3a ... inception_5b, fc.

    Args:
        classes: Number of classes.
        input_shape: (h, w, c), 32 pixels or more; h and w may be None. With
            the auxiliary heads 65 or more, which must be known.
        include_top: Whether average, dropout and scores follow inception_5b.
        classifier_activation: Of all scores; None for none.
        auxiliary: Whether two more classifiers, whose losses count 0.3 in the
            paper, stand on 4a and 4d.

    Returns:
        A model (n, h, w, c) -> (n, classes); with the auxiliary heads to a list
        of three such tensors, the main one first.

    Raises:
        ValueError: For an argument out of its range.

    Example:
        >>> from course.catalogue import outlines
        >>> with outlines():
        ...     googlenet().count_params()
        6998552
    """
    head_with(auxiliary, include_top)
    classes = class_count(classes)
    minimum = 65 if auxiliary else 32
    inputs = image_input(input_shape, minimum, any_size=not auxiliary)
    x = conv(inputs, 64, 7, 2, name="conv1")
    x = layers.MaxPooling2D(3, 2, "same", name="pool1")(x)
    x = LocalResponseNorm(name="norm1")(x)
    x = conv(x, 64, 1, name="conv2_reduce")
    x = conv(x, 192, 3, name="conv2")
    x = LocalResponseNorm(name="norm2")(x)
    x = layers.MaxPooling2D(3, 2, "same", name="pool2")(x)
    others = []
    for number, filters in MODULES.items():
        x = inception_reduced(x, *filters, name=f"inception_{number}")
        if auxiliary and number in AUXILIARY:
            name = AUXILIARY[number]
            others.append(_auxiliary(x, classes, classifier_activation, name))
        if number in POOLS:
            x = layers.MaxPooling2D(3, 2, "same", name=POOLS[number])(x)
    if include_top:
        x = pooled_head(x, classes, classifier_activation, dropout=0.4)
    return keras.Model(inputs, [x, *others] if others else x, name="googlenet")


def _auxiliary(x, classes: int, activation, name: str):
    """Scores from the middle: average, 1x1, 1024 units, 70 % dropout."""
    x = layers.AveragePooling2D(5, 3, name=f"{name}_pool")(x)
    x = conv(x, 128, 1, name=f"{name}_conv")
    return dense_head(
        x,
        (1024,),
        classes,
        activation,
        dropout=0.7,
        names=(f"{name}_fc1", f"{name}_fc2"),
        output=f"{name}_predictions",
    )
