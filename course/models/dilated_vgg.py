"""Dilated VGG: pooling gives way to dilation; context by more dilation.

F. Yu and V. Koltun, "Multi-scale context aggregation by dilated convolutions",
ICLR 2016, arXiv:1511.07122: the front end of section 4, the context module of
table 1, and the authors' Caffe networks, whose names these are.

Parameters for 21 classes, all trainable, biases included: the front end,
VGG-16 with as many outputs as classes, 134,346,581; the basic context adds
28,392, that is 64 C^2 + 8 C, the large one 6,803,139.

padding="paper": nothing is padded in the front end, but 186 pixels of the
image's mirror are laid around it, so that each score sees real pixels. 900
pixels in all give 66 x 66 scores, one for 8 x 8 pixels; any size works.

Deviations: scores are upsampled before the softmax, in the network, where the
authors interpolate probabilities afterwards; `padding="same"` is ours.
"""

import keras
from keras import layers

from course.arithmetic import integer
from course.blocks import context as context_module
from course.blocks import conv
from course.blocks.context import WIDTHS
from course.blocks.heads import predictions
from course.layers import BorderPadding, Crop
from course.models._arguments import class_count, image_input, one_of
from course.models._vgg16 import fully_convolutional, vgg16_stages

PAPER = "Yu & Koltun 2016"

VARIANTS = (None, *WIDTHS)
"""Context modules: table 1."""

DILATIONS = (1, 1, 1, 1, 2)
"""Of each stage; pool4 and pool5 are gone: conv5 is dilated by 2, fc6 by 4."""

MARGIN = 186
"""Pixels that the front end's valid convolutions take from each side."""


def dilated_vgg(
    classes: int = 21,
    input_shape: tuple[int | None, int | None, int] = (500, 500, 3),
    classifier_activation="softmax",
    *,
    context: str | None = "basic",
    padding: str = "paper",
    dropout: float = 0.5,
    base_filters: int = 64,
) -> keras.Model:
    """Dilated VGG; tensors pool3, conv4_3, conv5_3, fc6, fc7, final, ctx_final.

    Args:
        classes: Number of classes.
        input_shape: (h, w, c) of any size; h and w may be None.
        classifier_activation: Of the scores; None for none.
        context: "basic", "large", or None for the front end alone.
        padding: "paper" for the mirrored image around it, "same" for zeros in
            each convolution, which small images are cheaper with.
        dropout: Share of fc6 and fc7 that training leaves out.
        base_filters: Filters of the first stage, 64 in the paper; all others
            of the front end are multiples of it, fc6 and fc7 64 times.

    Returns:
        A model (n, h, w, c) -> (n, h, w, classes).

    Raises:
        ValueError: For an argument out of its range.

    Example:
        >>> small = {"base_filters": 2, "padding": "same"}
        >>> dilated_vgg(input_shape=(33, 40, 3), **small).output_shape
        (None, 33, 40, 21)
    """
    one_of(VARIANTS, context, "context")
    one_of(("paper", "same"), padding, "padding")
    integer(base_filters, "base_filters", minimum=1)
    classes = class_count(classes)
    x = inputs = image_input(input_shape, minimum=1, any_size=True)
    way = "same"
    if padding == "paper":
        way = "valid"
        x = BorderPadding(MARGIN, "reflect", name="padding")(x)
    x = _front_end(x, base_filters, way, dropout)
    x = layers.Conv2D(classes, 1, name="final")(x)
    if context:
        x = context_module(x, context, way)
    x = layers.UpSampling2D(8, interpolation="bilinear", name="upsample")(x)
    x = Crop(0, name="score")([x, inputs])
    x = predictions(x, classifier_activation)
    return keras.Model(inputs, x, name=f"dilated_vgg_{context}")


def _front_end(x, base_filters, padding, dropout):
    """VGG-16 with three poolings instead of five, up to fc7."""
    stages = zip(vgg16_stages(base_filters), DILATIONS, strict=True)
    for i, (stage, dilation) in enumerate(stages, start=1):
        settings = {"padding": padding, "dilation_rate": dilation}
        for name, filters in stage.items():
            x = conv(x, filters, 3, **settings, name=name)
        if i <= 3:
            # the last pixel of an odd size has a window too
            x = layers.MaxPooling2D(2, padding="same", name=f"pool{i}")(x)
    return fully_convolutional(
        x, 64 * base_filters, padding, dropout, dilation_rate=4
    )
