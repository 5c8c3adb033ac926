"""AlexNet, which won ILSVRC 2012.

A. Krizhevsky, I. Sutskever and G. Hinton, "ImageNet classification with deep
convolutional neural networks", NIPS 2012: section 3.5 and figure 2.

60,965,224 parameters, all trainable, biases included, with the two groups that
two GPUs made; 62,378,344 with groups=1. The input is 227: the paper's 224 does
not give the 55 x 55 of its figure.

Deviation: both groups are one tensor, so that response normalization crosses
their border, as in Caffe's copy; on two GPUs each normalized its own maps.
"""

import keras
from keras import layers

from course.blocks import conv, dense_head
from course.layers import LocalResponseNorm
from course.models._arguments import class_count, image_input, one_of

PAPER = "Krizhevsky et al. 2012"


def alexnet(
    classes: int = 1000,
    input_shape: tuple[int | None, int | None, int] = (227, 227, 3),
    include_top: bool = True,
    classifier_activation="softmax",
    *,
    groups: int = 2,
) -> keras.Model:
    """AlexNet; tensors conv1, norm1, pool1 ... pool5, fc6, fc7, fc8.

    Pooling windows overlap: 3 x 3 at stride 2.

    Args:
        classes: Number of classes.
        input_shape: (h, w, c), 67 pixels or more. h and w may be None without
            the top.
        include_top: Whether the dense layers follow pool5.
        classifier_activation: Of the scores fc8; None for none.
        groups: 2: conv2, conv4 and conv5 see half of the maps; 1: all.

    Returns:
        A model (n, h, w, c) -> (n, classes).

    Raises:
        ValueError: For an argument out of its range.

    Example:
        >>> alexnet(include_top=False).output_shape
        (None, 6, 6, 256)
    """
    one_of((1, 2), groups, "groups")
    classes = class_count(classes)
    inputs = image_input(input_shape, minimum=67, any_size=not include_top)
    x = conv(inputs, 96, 11, strides=4, padding="valid", name="conv1")
    x = LocalResponseNorm(name="norm1")(x)
    x = layers.MaxPooling2D(3, 2, name="pool1")(x)
    x = conv(x, 256, 5, groups=groups, name="conv2")
    x = LocalResponseNorm(name="norm2")(x)
    x = layers.MaxPooling2D(3, 2, name="pool2")(x)
    x = conv(x, 384, 3, name="conv3")
    x = conv(x, 384, 3, groups=groups, name="conv4")
    x = conv(x, 256, 3, groups=groups, name="conv5")
    x = layers.MaxPooling2D(3, 2, name="pool5")(x)
    if include_top:
        x = dense_head(
            x,
            (4096, 4096),
            classes,
            classifier_activation,
            names=("fc6", "fc7", "fc8"),
        )
    return keras.Model(inputs, x, name="alexnet")
