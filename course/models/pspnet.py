"""PSPNet: a dilated ResNet, and what the whole scene says to each pixel.

H. Zhao, J. Shi, X. Qi, X. Wang and J. Jia, "Pyramid scene parsing network",
CVPR 2017, arXiv:1612.01105: figure 3 and section 3.3.

Parameters for 21 classes, trainable and in total: 50 46,716,373 and 46,774,997,
101 65,708,501 and 65,819,349; the auxiliary head has 2,365,205 and 2,365,717
more. The stem is deep: 3x3 convolutions of 64, 64 and 128 filters.

Deviations: scores are enlarged between the pixels 0, 8, 16, ..., at which this
ResNet looks. The size must be known, for the pyramid divides the features into
equal parts.
"""

import keras
from keras import layers

from course.arithmetic import integer
from course.blocks import conv, enlarge, pyramid_pooling
from course.blocks.heads import predictions
from course.models._arguments import class_count, image_input, one_of
from course.models.resnet import VARIANTS as RESNETS
from course.models.resnet import resnet

PAPER = "Zhao et al. 2017"

VARIANTS = (50, 101)
"""Layers of the ResNet: tables 4 and 6."""


def pspnet(
    variant: int = 50,
    classes: int = 21,
    input_shape: tuple[int, int, int] = (473, 473, 3),
    classifier_activation="softmax",
    *,
    auxiliary: bool = False,
    base_filters: int = 64,
) -> keras.Model:
    """PSPNet; tensors of ResNet, pyramid, conv6, conv6_score, score.

    Args:
        variant: Layers of the ResNet: 50 or 101.
        classes: Number of classes.
        input_shape: (h, w, c), 41 pixels or more.
        classifier_activation: Of all scores; None for none.
        auxiliary: Whether a second classifier, whose loss counts 0.4 in the
            paper, stands on the last block of conv4.
        base_filters: Filters of the first convolution, 64 in the paper; all
            others but the scores are multiples of it.

    Returns:
        A model (n, h, w, c) -> (n, h, w, classes); with the auxiliary head to
        a list of two such tensors, the main one first.

    Raises:
        ValueError: For an argument out of its range.

    Example:
        >>> pspnet(50, 3, (41, 48, 3), base_filters=2).output_shape
        (None, 41, 48, 3)
    """
    one_of(VARIANTS, variant)
    integer(base_filters, "base_filters", minimum=1)
    classes = class_count(classes)
    image_input(input_shape, minimum=41, any_size=True)
    features = resnet(
        variant,
        input_shape=input_shape,
        include_top=False,
        stem="deep",
        output_stride=8,
        base_filters=base_filters,
    )
    inputs, x = features.input, features.output
    x = pyramid_pooling(x, name="pyramid")
    heads = [_scores(x, inputs, 8 * base_filters, classes, "conv6", "score")]
    if auxiliary:
        tap = features.get_layer(f"conv4_{RESNETS[variant][1][2]}").output
        names = "auxiliary", "auxiliary_scores"
        heads.append(_scores(tap, inputs, 4 * base_filters, classes, *names))
    ends = ("predictions", "auxiliary_predictions")
    outputs = [
        predictions(x, classifier_activation, end)
        for x, end in zip(heads, ends, strict=False)
    ]
    return keras.Model(
        inputs, outputs if auxiliary else outputs[0], name=f"pspnet_{variant}"
    )


def _scores(x, inputs, filters: int, classes: int, name: str, output: str):
    """A 3x3 convolution, dropout of 10 %, scores, as large as the image."""
    x = conv(x, filters, 3, norm=True, name=name)
    x = layers.Dropout(0.1, name=f"{name}_dropout")(x)
    x = layers.Conv2D(classes, 1, name=f"{name}_score")(x)
    return enlarge(x, inputs, 8, name=output)
