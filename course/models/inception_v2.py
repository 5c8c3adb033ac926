"""Inception-v2: GoogLeNet normalized, and its table changed.

S. Ioffe and C. Szegedy, "Batch normalization: accelerating deep network
training by reducing internal covariate shift", ICML 2015, arXiv:1502.03167:
figure 5, "BN-Inception". (What arXiv:1512.00567 calls Inception-v2 is another.)

11,204,936 trainable parameters, biases beside batch normalization included, and
11,224,840 in total: 4c and 4d have the figure's 576 channels; with the 608 of
the Caffe network 11,295,240 would train.

Deviations: conv1 is an ordinary convolution, its figure's is separable; the
biases, which the paper's section 3.2 finds needless, are there, as in the
implementations whose counts are published.
"""

import keras
from keras import layers

from course.blocks import conv, inception_a, inception_reduction, pooled_head
from course.models._arguments import class_count, image_input

PAPER = "Ioffe & Szegedy 2015"

MODULES = {
    "3a": (64, (64, 64), (64, 96), 32),
    "3b": (64, (64, 96), (64, 96), 64),
    "3c": ((128, 160), (64, 96)),
    "4a": (224, (64, 96), (96, 128), 128),
    "4b": (192, (96, 128), (96, 128), 128),
    "4c": (160, (128, 160), (128, 160), 96),
    "4d": (96, (128, 192), (160, 192), 96),
    "4e": ((128, 192), (192, 256)),
    "5a": (352, (192, 320), (160, 224), 128),
    "5b": (352, (192, 320), (192, 224), 128),
}
"""Figure 5: #1x1, (#3x3 reduce, #3x3), (double #3x3 reduce, double #3x3), pool
proj; without the first and the last where the stride is 2."""


def inception_v2(
    classes: int = 1000,
    input_shape: tuple[int | None, int | None, int] = (224, 224, 3),
    include_top: bool = True,
    classifier_activation="softmax",
) -> keras.Model:
    """BN-Inception; tensors conv1, conv2, inception_3a ... inception_5b, fc.

    Args:
        classes: Number of classes.
        input_shape: (h, w, c), 32 pixels or more; h and w may be None.
        include_top: Whether average and scores follow inception_5b.
        classifier_activation: Of the scores fc; None for none.

    Returns:
        A model (n, h, w, c) -> (n, classes).

    Raises:
        ValueError: For an argument out of its range.

    Example:
        >>> from course.catalogue import outlines
        >>> with outlines():
        ...     inception_v2().get_layer("inception_3c").output.shape
        (None, 14, 14, 576)
    """
    classes = class_count(classes)
    inputs = image_input(input_shape, minimum=32, any_size=True)
    settings = {"norm": True, "use_bias": True}
    x = conv(inputs, 64, 7, 2, **settings, name="conv1")
    x = layers.MaxPooling2D(3, 2, "same", name="pool1")(x)
    x = conv(x, 64, 1, **settings, name="conv2_reduce")
    x = conv(x, 192, 3, **settings, name="conv2")
    x = layers.MaxPooling2D(3, 2, "same", name="pool2")(x)
    for number, filters in MODULES.items():
        settings["name"] = f"inception_{number}"
        if len(filters) == 4:
            kind = "max" if number == "5b" else "average"
            x = inception_a(x, *filters, pool_kind=kind, **settings)
            continue
        (before, three), (before_double, double) = filters
        chains = (
            [(before, 1), (three, 3)],
            [(before_double, 1), (double, 3), (double, 3)],
        )
        x = inception_reduction(x, *chains, padding="same", **settings)
    if include_top:
        x = pooled_head(x, classes, classifier_activation)
    return keras.Model(inputs, x, name="inception_v2")
