"""LeNet-5, which read digits on cheques.

Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied
to document recognition", Proceedings of the IEEE, 1998: figure 2 and table I.

The net of 1998, `full_c3=False`, has 60,000 trainable parameters, biases
included: 156 + 12 + 1,516 + 32 + 48,120 + 10,164. The codes of the output, 840
numbers, are fixed and not counted. With `full_c3=True`, the net that
textbooks draw, there are 61,706, all trainable: each filter of C3 sees all six
maps, S2 and S4 are plain averages, the output is a dense layer, and the
activation is tanh.

Deviations of the net of 1998: the output is turned into scores, minus the
distances, so that the largest wins and softmax applies; the ten digits of the
codes are drawn anew.
"""

import keras
from keras import layers

from course.activations import scaled_tanh
from course.blocks import conv
from course.blocks.heads import predictions
from course.layers import EuclideanRBF, Subsampling, TableConv
from course.models._arguments import class_count, image_input
from course.models._digit_codes import codes

PAPER = "LeCun et al. 1998"

C3_TABLE = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5)),
    *((0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
    (0, 1, 2, 3, 4, 5),
)
"""Table I: the maps of S2 that each of the 16 filters of C3 sees."""


def lenet5(
    classes: int = 10,
    input_shape: tuple[int | None, int | None, int] = (32, 32, 1),
    include_top: bool = True,
    classifier_activation="softmax",
    *,
    full_c3: bool = True,
) -> keras.Model:
    """LeNet-5; tensors C1, S2, C3, S4, C5, F6, output: 28, 14, 10, 5 pixels.

    Args:
        classes: Number of classes.
        input_shape: (h, w, c), 32 pixels or more; digits of 28 are padded
            first. h and w may be None without the top.
        include_top: Whether F6 and the output follow C5.
        classifier_activation: Of the output; None for scores.
        full_c3: False for the net of 1998.

    Returns:
        A model (n, h, w, c) -> (n, classes).

    Raises:
        ValueError: For an argument out of its range.

    Example:
        >>> lenet5().count_params()
        61706
    """
    classes = class_count(classes)
    inputs = image_input(input_shape, minimum=32, any_size=not include_top)
    squash = "tanh" if full_c3 else scaled_tanh
    x = conv(inputs, 6, 5, padding="valid", activation=squash, name="C1")
    x = _subsample(x, full_c3, name="S2")
    if full_c3:
        x = conv(x, 16, 5, padding="valid", activation=squash, name="C3")
    else:
        x = TableConv(C3_TABLE, 5, squash, name="C3")(x)
    x = _subsample(x, full_c3, name="S4")
    x = conv(x, 120, 5, padding="valid", activation=squash, name="C5")
    if include_top:
        x = layers.Dense(84, squash, name="F6")(layers.Flatten()(x))
        if full_c3:
            x = layers.Dense(classes, name="output")(x)
        else:
            x = -EuclideanRBF(codes(classes), name="output")(x)
        x = predictions(x, classifier_activation)
    return keras.Model(inputs, x, name="lenet5")


def _subsample(x, full_c3: bool, name: str):
    if full_c3:
        return layers.AveragePooling2D(2, name=name)(x)
    return Subsampling(2, scaled_tanh, name=name)(x)
