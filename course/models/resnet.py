"""ResNet: layers that learn what to add to their input.

K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image
recognition", CVPR 2016, arXiv:1512.03385: table 1. `pre_activation` is the same
authors' "Identity mappings in deep residual networks", ECCV 2016,
arXiv:1603.05027: figure 4 (e), with the first activation right after conv1 and
one more after the last sum, as its section 3.2 says.

Trainable parameters, no biases beside batch normalization: 18 11,689,512,
34 21,797,672, 50 25,557,032, 101 44,549,160, 152 60,192,808. Pre-activation:
11,687,720, 21,795,880, 25,549,352, 44,541,480 and 60,185,128; who normalizes a
second time before the first block has 128 more. Shortcuts are the paper's B.

A 50-layer network sees 483 pixels with stride_on="1x1", 427 with "3x3".

Deviations: stem="deep" is that of PSPNet (H. Zhao et al. 2017,
arXiv:1612.01105), three 3x3 convolutions of 64, 64 and 128 filters;
`output_stride` keeps sizes and dilates instead, as in DeepLab (L.-C. Chen et
al. 2017, arXiv:1706.05587): the same weights give the same features, and more
in between.
"""

import functools

import keras
from keras import layers

from course.arithmetic import integer
from course.blocks import (
    conv,
    pooled_head,
    residual_basic,
    residual_bottleneck,
)
from course.blocks.conv import normalized
from course.models._arguments import (
    class_count,
    image_input,
    one_of,
    pretrained_source,
)
from course.weights import from_keras_applications

PAPER = "He et al. 2015"

VARIANTS = {
    18: (residual_basic, (2, 2, 2, 2)),
    34: (residual_basic, (3, 4, 6, 3)),
    50: (residual_bottleneck, (3, 4, 6, 3)),
    101: (residual_bottleneck, (3, 4, 23, 3)),
    152: (residual_bottleneck, (3, 8, 36, 3)),
}
"""Table 1: the block, and how often conv2_x ... conv5_x repeat it."""

PRETRAINED = {50: "ResNet50", 101: "ResNet101", 152: "ResNet152"}

# The epsilon that the weights of keras.applications were trained with.
norm = functools.partial(layers.BatchNormalization, epsilon=1.001e-5)


def resnet(
    variant: int = 50,
    classes: int = 1000,
    input_shape: tuple[int | None, int | None, int] = (224, 224, 3),
    include_top: bool = True,
    classifier_activation="softmax",
    *,
    stride_on: str = "1x1",
    pre_activation: bool = False,
    stem: str = "7x7",
    output_stride: int = 32,
    base_filters: int = 64,
    weights: str | None = None,
) -> keras.Model:
    """ResNet; tensors conv1, pool1, conv2_1, conv2_2, ... conv5_3, fc.

    Args:
        variant: Number of layers: 18, 34, 50, 101 or 152.
        classes: Number of classes.
        input_shape: (h, w, c), 32 pixels or more; h and w may be None.
        include_top: Whether average and scores follow the last block.
        classifier_activation: Of the scores fc; None for none.
        stride_on: Which convolution of a bottleneck has the stride: "1x1", as
            in the paper, or "3x3", as in torchvision. 18 and 34 have none.
        pre_activation: Whether blocks normalize and activate first; then the
            last activation is the tensor conv5.
        stem: "7x7", or "deep": three of 3x3.
        output_stride: Pixels of the image for one of the last block: 32, 16
            or 8.
        base_filters: Filters of conv1 and of the first blocks, 64 in the paper;
            all others are multiples of it.
        weights: "imagenet" for 50, 101 and 152 with the paper's blocks, whose
            images `keras.applications.resnet.preprocess_input` prepares; None
            for none.

    Returns:
        A model (n, h, w, c) -> (n, classes).

    Raises:
        ValueError: For an argument out of its range.
        ConnectionError: The weights cannot be downloaded.

    Example:
        >>> from course.catalogue import outlines
        >>> with outlines():
        ...     resnet(18).get_layer("conv5_2").output.shape
        (None, 7, 7, 512)
    """
    block, counts = VARIANTS[one_of(VARIANTS, variant)]
    one_of(("1x1", "3x3"), stride_on, "stride_on")
    one_of((32, 16, 8), output_stride, "output_stride")
    integer(base_filters, "base_filters", minimum=1)
    source = pretrained_source(weights, PRETRAINED, variant)
    if source:
        _check_pretrained(stride_on, pre_activation, stem, base_filters)
    classes = class_count(classes)
    inputs = image_input(input_shape, minimum=32, any_size=True)
    if block is residual_bottleneck:
        block = functools.partial(block, stride_on=stride_on)
    x = _stem(inputs, one_of(("7x7", "deep"), stem, "stem"), base_filters)
    filters = [base_filters << i for i in range(4)]
    x = _stages(x, block, counts, filters, pre_activation, output_stride)
    if pre_activation:
        x = normalized(x, "relu", norm, "conv5")
    if include_top:
        x = pooled_head(x, classes, classifier_activation)
    model = keras.Model(inputs, x, name=f"resnet_{variant}")
    return from_keras_applications(model, source) if source else model


def _stem(x, kind: str, filters: int):
    """224 -> 112 -> 56."""
    if kind == "deep":
        x = conv(x, filters, 3, 2, padding=1, norm=norm, name="conv1_1")
        x = conv(x, filters, 3, norm=norm, name="conv1_2")
        x = conv(x, 2 * filters, 3, norm=norm, name="conv1")
    else:
        x = conv(x, filters, 7, 2, padding=3, norm=norm, name="conv1")
    # What lies beyond is zero, and no activation is less.
    x = layers.ZeroPadding2D(1, name="pool1_padding")(x)
    return layers.MaxPooling2D(3, 2, name="pool1")(x)


def _stages(
    x, block, counts, filters, pre_activation: bool, output_stride: int
):
    """conv2_x to conv5_x; the first block of all but conv2_x has a stride."""
    stride, dilation = 4, 1
    for i, count in enumerate(counts):
        for j in range(count):
            strides, rates = 1, (dilation, dilation)
            if i and j == 0 and stride < output_stride:
                strides, stride = 2, 2 * stride
            elif i and j == 0:
                rates = (dilation, dilation := 2 * dilation)
            order = "full" if i or j else "full-activated"
            x = block(
                x,
                filters[i],
                strides,
                order=order if pre_activation else "original",
                dilation_rate=rates,
                norm=norm,
                name=f"conv{i + 2}_{j + 1}",
            )
    return x


def _check_pretrained(stride_on, pre_activation, stem, base_filters):
    """Raise unless the blocks are those that the weights were trained in."""
    given = stride_on, bool(pre_activation), stem, base_filters
    if given != ("1x1", False, "7x7", 64):
        raise ValueError(
            f"weights='imagenet' with stride_on={stride_on!r}, "
            f"pre_activation={pre_activation!r}, stem={stem!r}, "
            f"base_filters={base_filters!r}. Expected '1x1', False, '7x7' and "
            "64: they were trained so. Leave them out, or take weights=None."
        )
