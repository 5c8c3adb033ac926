"""SqueezeNet: AlexNet's accuracy with a fiftieth of its parameters.

F. Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters
and <0.5MB model size", 2016, arXiv:1602.07360: table 1 and figure 2. "1.1" is
the authors' later network of the same repository: pools earlier, costs less.

Parameters, all trainable, biases included: 1.0 1,248,424, 1.1 1,235,496; a
simple bypass adds none, the complex one 341,248 to 1.0 and 337,152 to 1.1. (The
paper's 7.7 MB for the complex one do not follow from its figure.)

Zeros around the image, one before and two after, let conv1 of 1.0 map 224 to
the 111 of table 1; the authors' code crops images of 227 instead. Sizes: 111,
55, 27, 13. Deviation: "1.1" with a bypass is ours, made by the same rule.
"""

import keras
from keras import layers

from course.blocks import conv, fire, score_head
from course.models._arguments import class_count, image_input, one_of

PAPER = "Iandola et al. 2016"

FIRES = (
    *((2, 16, 64), (3, 16, 64), (4, 32, 128), (5, 32, 128)),
    *((6, 48, 192), (7, 48, 192), (8, 64, 256), (9, 64, 256)),
)
"""Table 1: the number of each module, squeeze, expand."""

VARIANTS = {"1.0": (96, 7, (1, 4, 8)), "1.1": (64, 3, (1, 3, 5))}
"""conv1's filters and kernel size; after which modules a pool comes."""


def squeezenet(
    variant: str = "1.0",
    classes: int = 1000,
    input_shape: tuple[int | None, int | None, int] = (224, 224, 3),
    include_top: bool = True,
    classifier_activation="softmax",
    *,
    bypass: str | None = None,
) -> keras.Model:
    """SqueezeNet; tensors conv1, pool1, fire2 ... fire9, conv10.

    Args:
        variant: "1.0" or "1.1".
        classes: Number of classes.
        input_shape: (h, w, c), 32 pixels or more; h and w may be None.
        include_top: Whether dropout, conv10 and its averages follow fire9.
        classifier_activation: Of the averages; None for none.
        bypass: "simple" adds the input of fire3, 5, 7 and 9 to its output
            (tensors bypass3, ...); "complex" does so for the others too, by a
            1x1 convolution; None for neither.

    Returns:
        A model (n, h, w, c) -> (n, classes).

    Raises:
        ValueError: For an argument out of its range.

    Example:
        >>> squeezenet("1.0").count_params()
        1248424
    """
    filters, kernel_size, pools = VARIANTS[one_of(VARIANTS, variant)]
    one_of((None, "simple", "complex"), bypass, "bypass")
    classes = class_count(classes)
    x = inputs = image_input(input_shape, minimum=32, any_size=True)
    if variant == "1.0":
        x = layers.ZeroPadding2D(((1, 2), (1, 2)), name="conv1_padding")(x)
    x = conv(x, filters, kernel_size, 2, "valid", name="conv1")
    x = layers.MaxPooling2D(3, 2, name="pool1")(x)
    for number, squeeze, expand in FIRES:
        y = fire(x, squeeze, expand, name=f"fire{number}")
        x = _bypassed(x, y, bypass, number)
        if number in pools:
            x = layers.MaxPooling2D(3, 2, name=f"pool{number}")(x)
    if include_top:
        x = layers.Dropout(0.5, name="fire9_dropout")(x)
        x = score_head(x, classes, classifier_activation, name="conv10")
    return keras.Model(inputs, x, name=f"squeezenet_{variant}")


def _bypassed(x, y, bypass: str | None, number: int):
    """The module's output y, and its input x if a way leads past it."""
    widens = x.shape[-1] != y.shape[-1]
    if bypass is None or (widens and bypass == "simple"):
        return y
    if widens:
        name = f"bypass{number}_conv"
        x = conv(x, y.shape[-1], 1, activation=None, name=name)
    return layers.Add(name=f"bypass{number}")([x, y])
