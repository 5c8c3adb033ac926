"""MobileNet: convolutions taken apart into space and channels.

A. Howard et al., "MobileNets: efficient convolutional neural networks for
mobile vision applications", 2017, arXiv:1704.04861: table 1, and the width
multiplier of section 3.3. The resolution multiplier is `input_shape`.

Parameters in total, without biases beside batch normalization, whose moving
statistics do not train: 4,253,864 for alpha 1 (4,231,976 trainable), 2,601,976
for 0.75, 1,342,536 for 0.5, 475,544 for 0.25. alpha thins every layer, the
first convolution too.

Deviations: ReLU6 where the paper has ReLU, as its authors' code and its weights
have it; conv_dw_13 has stride 1, for table 1's stride 2 contradicts its sizes.
Padding is "same", which keras.applications imitates for even sizes only.
`output_stride` keeps sizes and dilates instead, as in DeepLab (L.-C. Chen et
al. 2018, arXiv:1802.02611).
"""

import math

import keras

from course.blocks import conv, pooled_head, separable
from course.models._arguments import (
    class_count,
    image_input,
    one_of,
    pretrained_source,
)
from course.weights import from_keras_applications

PAPER = "Howard et al. 2017"

VARIANTS = (1.0, 0.75, 0.5, 0.25)
"""Width multipliers of the paper; others work, without weights."""

BODY = (
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)),
    *((512, 1), (512, 1), (512, 1), (512, 1), (512, 1)),
    *((1024, 2), (1024, 1)),
)
"""Table 1: filters and stride of each depthwise separable convolution."""


def mobilenet(
    alpha: float = 1.0,
    classes: int = 1000,
    input_shape: tuple[int | None, int | None, int] = (224, 224, 3),
    include_top: bool = True,
    classifier_activation="softmax",
    *,
    output_stride: int = 32,
    aligned: bool = False,
    weights: str | None = None,
) -> keras.Model:
    """MobileNet; tensors conv1, conv_dw_1, conv_pw_1 ... conv_pw_13, fc.

    Args:
        alpha: Width multiplier: each layer has alpha times as many filters.
        classes: Number of classes.
        input_shape: (h, w, c), 32 pixels or more; h and w may be None.
        include_top: Whether average, dropout and scores follow conv_pw_13.
        classifier_activation: Of the scores fc; None for none.
        output_stride: Pixels of the image for one of conv_pw_13: 32, 16 or 8.
        aligned: Whether strides look at the pixels 0, 2, 4, ... of even sizes
            too, not at 1, 3, 5, ...: a zero is on each side of the image.
        weights: "imagenet" for alpha 1, 0.75, 0.5 and 0.25, whose images
            `keras.applications.mobilenet.preprocess_input` prepares; None
            for none.

    Returns:
        A model (n, h, w, c) -> (n, classes).

    Raises:
        ValueError: For an argument out of its range.
        ConnectionError: The weights cannot be downloaded.

    Example:
        >>> mobilenet(alpha=0.5).count_params()
        1342536
    """
    thin = _thinned(alpha)
    one_of((32, 16, 8), output_stride, "output_stride")
    source = pretrained_source(
        weights, dict.fromkeys(VARIANTS, "MobileNet"), alpha
    )
    classes = class_count(classes)
    inputs = image_input(input_shape, minimum=32, any_size=True)
    padding = 1 if aligned else "same"
    x = conv(inputs, thin(32), 3, 2, padding, "relu6", norm=True, name="conv1")
    x = _body(x, thin, output_stride, padding)
    if include_top:
        x = pooled_head(x, classes, classifier_activation, dropout=1e-3)
    model = keras.Model(inputs, x, name=f"mobilenet_{alpha}")
    if source:
        return from_keras_applications(model, source, alpha=alpha)
    return model


def _body(x, thin, output_stride: int, padding):
    """conv_dw_1 to conv_pw_13; dilation instead of strides too many."""
    stride, rate = 2, 1
    for i, (filters, strides) in enumerate(BODY, start=1):
        kept = strides if stride < output_stride else 1
        x = separable(
            x,
            thin(filters),
            3,
            kept,
            "relu6",
            padding=padding if kept > 1 else "same",
            dilation_rate=rate,
            names=(f"conv_dw_{i}", f"conv_pw_{i}"),
        )
        stride *= kept
        rate *= strides // kept
    return x


def _thinned(alpha):
    """filters -> int(alpha * filters), for an alpha that leaves some."""
    is_number = isinstance(alpha, int | float) and not isinstance(alpha, bool)
    if not is_number or not 1 / 32 <= alpha < math.inf:
        raise ValueError(
            f"alpha={alpha!r} leaves the first of 32 filters none. Expected a "
            f"number of at least 1/32; the paper has "
            f"{', '.join(map(str, VARIANTS))}."
        )
    return lambda filters: int(alpha * filters)
