"""FCN: a classifier that slides over the image, and finer layers added.

J. Long, E. Shelhamer and T. Darrell, "Fully convolutional networks for
semantic segmentation", CVPR 2015, arXiv:1411.4038: figure 3, section 4, and
the authors' Caffe networks for PASCAL VOC, whose names these are.

Parameters for 21 classes, biases included: "32s" 136,152,917 (134,346,581
trainable), "16s" 134,815,994 (134,364,410), "8s" 134,489,759 (134,376,863). The
last upsampling is fixed to bilinear interpolation and does not train, section
4.3; those before it begin as that and learn. Scores begin as zero.

padding="paper" puts 100 pixels of zeros around the image, so that any size
works, and crops what they made at the offsets of the authors' networks.

Deviations: `padding="same"` and `backbone` are ours.
"""

from collections.abc import Sequence
from typing import NamedTuple

import keras
from keras import layers

from course.arithmetic import integer
from course.blocks import conv, fcn_head, scores, upscore
from course.blocks.heads import predictions
from course.layers import Crop
from course.models._arguments import class_count, image_input, one_of
from course.models._vgg16 import fully_convolutional, vgg16_stages

PAPER = "Long et al. 2015"


class Variant(NamedTuple):
    """Factor and crop offset of the last upsampling; offset of each skip."""

    strides: int
    offset: int
    skips: dict[str, int]


VARIANTS = {
    "32s": Variant(32, 19, {}),
    "16s": Variant(16, 27, {"pool4": 5}),
    "8s": Variant(8, 31, {"pool4": 5, "pool3": 9}),
}
"""Figure 3; the offsets are those of the authors' Caffe networks."""

STRIDES = (8, 16, 32)
"""Pixels of the image between those of pool3, pool4, pool5."""


def fcn(
    variant: str = "8s",
    classes: int = 21,
    input_shape: tuple[int | None, int | None, int] | None = None,
    classifier_activation="softmax",
    *,
    padding: str = "paper",
    dropout: float = 0.5,
    base_filters: int = 64,
    backbone: keras.Model | None = None,
    taps: Sequence[str] = ("pool3", "pool4", "pool5"),
) -> keras.Model:
    """FCN; tensors pool3, pool4, fc7, score_fr, upscore2, fuse_pool4, score.

    Args:
        variant: "32s", "16s" or "8s": pixels between the finest scores.
        classes: Number of classes.
        input_shape: (h, w, c) of any size; h and w may be None. None means
            (500, 500, 3), or that of the backbone.
        classifier_activation: Of the scores; None for none.
        padding: "paper" for 100 pixels around the image, "same" for images
            that keep their size in each convolution.
        dropout: Share of fc6 and fc7 that training leaves out.
        base_filters: Filters of the first stage, 64 in the paper; all others
            but the scores are multiples of it, fc6 and fc7 64 times.
        backbone: Another network of any kind instead of VGG-16, whose last tap
            is scored without fc6 and fc7; needs padding="same".
        taps: Names of its tensors at 1/8, 1/16 and 1/32 of the image's size.

    Returns:
        A model (n, h, w, c) -> (n, h, w, classes).

    Raises:
        ValueError: For an argument out of its range, or taps that have other
            sizes.

    Example:
        >>> fcn("32s", base_filters=2, input_shape=(64, 65, 3)).output_shape
        (None, 64, 65, 21)
    """
    strides, offset, skips = VARIANTS[one_of(VARIANTS, variant)]
    one_of(("paper", "same"), padding, "padding")
    classes = class_count(classes)
    if backbone is not None:
        inputs, features = _tapped(backbone, taps, padding, input_shape)
    else:
        integer(base_filters, "base_filters", minimum=1)
        shape = (500, 500, 3) if input_shape is None else input_shape
        inputs = image_input(shape, minimum=1, any_size=True)
        features = _vgg16(inputs, base_filters, padding, dropout)
    is_valid = padding == "paper"
    x = scores(features["top"], classes, name="score_fr")
    previous = "upscore2"
    for name, skip_offset in skips.items():
        names = previous, f"score_{name}", f"fuse_{name}"
        skip = features[name]
        x = fcn_head(x, skip, skip_offset if is_valid else None, names=names)
        previous = f"upscore_{name}"
    x = upscore(
        x, strides, valid=is_valid, trainable=False, name=f"upscore{strides}"
    )
    x = Crop(offset if is_valid else 0, name="score")([x, inputs])
    x = predictions(x, classifier_activation)
    return keras.Model(inputs, x, name=f"fcn_{variant}")


def _vgg16(x, base_filters, padding, dropout):
    """The tensors pool3, pool4, and what fc7 makes, "top"."""
    is_valid = padding == "paper"
    features = {}
    if is_valid:
        # and one more by the convolution itself
        x = layers.ZeroPadding2D(99, name="padding")(x)
    for i, stage in enumerate(vgg16_stages(base_filters), start=1):
        for name, filters in stage.items():
            x = conv(x, filters, 3, name=name)
        # As in Caffe the last pixel of an odd size has a window too.
        x = layers.MaxPooling2D(2, padding="same", name=f"pool{i}")(x)
        features[f"pool{i}"] = x
    x = fully_convolutional(
        x, 64 * base_filters, "valid" if is_valid else "same", dropout
    )
    return features | {"top": x}


def _tapped(backbone, taps, padding, input_shape):
    """The input of another network, and its tensors by VGG's names."""
    if padding != "same" or input_shape is not None or len(taps) != 3:
        raise ValueError(
            f"backbone={backbone.name!r} came with padding={padding!r}, "
            f"input_shape={input_shape}, taps={taps}. Expected padding='same', "
            "for the paper's offsets are VGG-16's, no input_shape, for it is "
            "the backbone's, and the names of three tensors."
        )
    outputs = [backbone.get_layer(name).output for name in taps]
    _, *sizes, channels = backbone.input.shape
    probe = [256 if size is None else size for size in sizes]
    model = keras.Model(backbone.input, outputs)
    shapes = model.compute_output_shape((1, *probe, channels))
    for name, shape, stride in zip(taps, shapes, STRIDES, strict=True):
        for size, kept in zip(probe, shape[1:3], strict=True):
            _check_tap(f"{name!r} of {backbone.name}", size, kept, stride)
    return backbone.input, dict(
        zip(("pool3", "pool4", "top"), outputs, strict=True)
    )


def _check_tap(tensor, size, kept, stride):
    """Raise unless the pixels that a tap keeps can be upsampled to all."""
    whole = -(-size // stride)
    if kept not in (size // stride, whole):
        raise ValueError(
            f"the tensor {tensor} has {kept} pixels for an image of {size}. "
            f"Expected taps at {', '.join(f'1/{s}' for s in STRIDES)} of the "
            f"image, so here {whole}."
        )
    if kept * stride < size:
        raise ValueError(
            f"the tensor {tensor} has {kept} pixels for an image of {size}, "
            f"{kept * stride} when upsampled: its poolings lose the rest. "
            "Expected images whose sizes are multiples of 32, such as "
            f"{-(-size // 32) * 32}."
        )
