"""ResNet for CIFAR-10, and the plain networks that it is compared with.

K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image
recognition", CVPR 2016, arXiv:1512.03385: section 4.2 and table 6.

Trainable parameters with shortcuts A, no biases beside batch normalization: 20
269,722, 32 464,154, 44 658,586, 56 853,018, 110 1,727,962; the plain networks
have as many, and shortcuts B 2,752 more.
"""

import functools

import keras

from course.blocks import conv, pooled_head, residual_basic
from course.models._arguments import class_count, image_input, one_of

PAPER = "He et al. 2015"

VARIANTS = {20: 3, 32: 5, 44: 7, 56: 9, 110: 18}
"""Layers 6n + 2: how many blocks n each of the three stages has."""


def resnet_cifar(
    variant: int = 20,
    classes: int = 10,
    input_shape: tuple[int | None, int | None, int] = (32, 32, 3),
    include_top: bool = True,
    classifier_activation="softmax",
    *,
    shortcut: str = "A",
    plain: bool = False,
) -> keras.Model:
    """ResNet of three stages; tensors conv1, conv2_1, ... conv4_3, fc.

    Args:
        variant: Number of layers: 20, 32, 44, 56 or 110.
        classes: Number of classes.
        input_shape: (h, w, c), 4 pixels or more; h and w may be None.
        include_top: Whether average and scores follow the last block.
        classifier_activation: Of the scores fc; None for none.
        shortcut: Where channels double: "A" fills up with zeros, "B" projects.
        plain: Whether all shortcuts are left out.

    Returns:
        A model (n, h, w, c) -> (n, classes).

    Raises:
        ValueError: For an argument out of its range.

    Example:
        >>> from course.catalogue import outlines
        >>> with outlines():
        ...     resnet_cifar(20).get_layer("conv4_3").output.shape
        (None, 8, 8, 64)
    """
    count = VARIANTS[one_of(VARIANTS, variant)]
    one_of(("A", "B"), shortcut, "shortcut")
    classes = class_count(classes)
    inputs = image_input(input_shape, minimum=4, any_size=True)
    block = functools.partial(residual_basic, shortcut=shortcut)
    if plain:
        block = _plain
    x = conv(inputs, 16, 3, norm=True, name="conv1")
    for stage, filters in enumerate((16, 32, 64), start=2):
        for i in range(count):
            strides = 2 if stage > 2 and i == 0 else 1
            x = block(x, filters, strides, name=f"conv{stage}_{i + 1}")
    if include_top:
        x = pooled_head(x, classes, classifier_activation)
    kind = "plain" if plain else "resnet"
    return keras.Model(inputs, x, name=f"{kind}_cifar_{variant}")


def _plain(x, filters: int, strides: int, name: str):
    """The two convolutions of a block, nothing beside them."""
    padding = 1 if strides > 1 else "same"
    x = conv(x, filters, 3, strides, padding, norm=True, name=f"{name}_conv1")
    return conv(x, filters, 3, norm=True, name=name)
