"""DeepLabv3+: a pyramid of dilated convolutions, and a decoder behind it.

L.-C. Chen, Y. Zhu, G. Papandreou, F. Schroff and H. Adam, "Encoder-decoder with
atrous separable convolution for semantic image segmentation", ECCV 2018,
arXiv:1802.02611: figure 2, and figure 4 for the aligned Xception of 65 layers.

Parameters for 21 classes, no biases beside batch normalization, in total and
trainable: xception65 41,258,213 and 41,055,413; resnet50 26,766,853 and
26,696,133; mobilenet 5,077,765 and 5,044,421. The output stride changes none.

All backbones look at the pixels 0, 2, 4, ... where they have a stride, so that
features are enlarged between these, at even sizes as at the paper's 513.

Deviations: a depthwise convolution has a ReLU behind it everywhere, as the
paper says; Xception in the authors' code only in the last three. The backbones
resnet50 and mobilenet are ours; their finer features are the last at 1/4 of
the size, as the paper has it for ResNet-101. Nothing is dropped out.
"""

from typing import Any

import keras
from keras import layers

from course.arithmetic import integer
from course.blocks import aspp, aspp_decoder, enlarge
from course.blocks.heads import predictions
from course.models._arguments import class_count, image_input, one_of
from course.models._xception65 import xception65
from course.models.mobilenet import mobilenet
from course.models.resnet import resnet

PAPER = "Chen et al. 2018"

VARIANTS = {
    "xception65": ("entry2_sep2", "exit2"),
    "resnet50": ("conv2_3", "conv5_3"),
    "mobilenet": ("conv_pw_3", "conv_pw_13"),
}
"""Backbones: the tensors at 1/4 of the size, and at the end."""

RATES = (6, 12, 18)
"""Of the pyramid at output stride 16; twice as large at 8."""


def deeplab_v3_plus(
    classes: int = 21,
    input_shape: tuple[int | None, int | None, int] = (513, 513, 3),
    classifier_activation="softmax",
    *,
    backbone: str = "xception65",
    output_stride: int = 16,
    base_filters: int = 32,
) -> keras.Model:
    """DeepLabv3+; tensors of the backbone, aspp, decoder, decoder_score, score.

    Args:
        classes: Number of classes.
        input_shape: (h, w, c), 32 pixels or more; h and w may be None.
        classifier_activation: Of the scores; None for none.
        backbone: "xception65", "resnet50" or "mobilenet".
        output_stride: Pixels of the image for one of the pyramid: 16 or 8.
        base_filters: Filters of the first convolution of Xception, 32 in the
            paper; all others but the scores are multiples of it, rounded down.

    Returns:
        A model (n, h, w, c) -> (n, h, w, classes).

    Raises:
        ValueError: For an argument out of its range.

    Example:
        >>> small = {"backbone": "mobilenet", "base_filters": 2}
        >>> deeplab_v3_plus(input_shape=(33, 40, 3), **small).output_shape
        (None, 33, 40, 21)
    """
    one_of(VARIANTS, backbone, "backbone")
    one_of((16, 8), output_stride, "output_stride")
    integer(base_filters, "base_filters", minimum=1)
    classes = class_count(classes)
    features = _features(backbone, input_shape, base_filters, output_stride)
    inputs = features.input
    low, x = (features.get_layer(tap).output for tap in VARIANTS[backbone])
    rates = [16 * rate // output_stride for rate in RATES]
    x = aspp(x, 8 * base_filters, rates, name="aspp")
    x = aspp_decoder(
        x,
        low,
        output_stride // 4,
        8 * base_filters,
        3 * base_filters // 2,
        name="decoder",
    )
    x = layers.Conv2D(classes, 1, name="decoder_score")(x)
    x = predictions(enlarge(x, inputs, 4, name="score"), classifier_activation)
    return keras.Model(inputs, x, name=f"deeplab_v3_plus_{backbone}")


def _features(
    backbone: str, input_shape: Any, base_filters: int, output_stride: int
) -> keras.Model:
    """The backbone without its classifier."""
    settings = {"input_shape": input_shape, "include_top": False}
    settings["output_stride"] = output_stride
    if backbone == "resnet50":
        return resnet(50, **settings, base_filters=2 * base_filters)
    if backbone == "mobilenet":
        return mobilenet(base_filters / 32, **settings, aligned=True)
    inputs = image_input(input_shape, minimum=32, any_size=True)
    return keras.Model(inputs, xception65(inputs, base_filters, output_stride))
