"""Network in network: perceptrons for filters, averages for dense layers.

M. Lin, Q. Chen and S. Yan, "Network in network", ICLR 2014, arXiv:1312.4400:
figure 2. The paper leaves widths open; they are those of the authors' Caffe
networks, as are the names.

Parameters, all trainable, biases included: "imagenet" 7,595,176, "cifar10"
966,986.

Dropout follows each block but the last, as in the paper. Pooling windows that
stick out of the image count, as in Caffe: sizes 224, 54, 27, 13, 6 and 32, 16,
8. Deviation: on odd sizes the average pool of "cifar10" keeps (n + 1) / 2
pixels, Caffe (n - 1) / 2.
"""

from typing import NamedTuple

import keras
from keras import layers

from course.blocks import mlpconv, score_head
from course.models._arguments import class_count, image_input, one_of

PAPER = "Lin et al. 2013"


class Stage(NamedTuple):
    """An mlpconv and the pooling after it: "max", "average" or none."""

    filters: tuple[int, ...]
    kernel_size: int
    strides: int = 1
    padding: str = "same"
    pool: str = ""


VARIANTS = {
    "imagenet": (
        Stage((96, 96, 96), 11, 4, "valid", pool="max"),
        Stage((256, 256, 256), 5, pool="max"),
        Stage((384, 384, 384), 3, pool="max"),
        Stage((1024, 1024), 3),
    ),
    "cifar10": (
        Stage((192, 160, 96), 5, pool="max"),
        Stage((192, 192, 192), 5, pool="average"),
        Stage((192, 192), 3),
    ),
}
"""The last 1x1 convolution, of as many filters as classes, is the top."""

IMAGES = {"imagenet": (1000, 224, 39), "cifar10": (10, 32, 4)}
"""Classes, pixels, fewest pixels that leave one at the end."""


def nin(
    variant: str = "imagenet",
    classes: int | None = None,
    input_shape: tuple[int | None, int | None, int] | None = None,
    include_top: bool = True,
    classifier_activation="softmax",
) -> keras.Model:
    """Network in network; tensors conv1, cccp1, cccp2, pool1, conv2, ...

    Args:
        variant: "imagenet" or "cifar10".
        classes: Number of classes; None means 1000 or 10.
        input_shape: (h, w, c), 39 pixels or more, or 4; h and w may be None.
            None means (224, 224, 3) or (32, 32, 3).
        include_top: Whether the maps of scores and their averages follow.
        classifier_activation: Of the averages; None for none.

    Returns:
        A model (n, h, w, c) -> (n, classes).

    Raises:
        ValueError: For an argument out of its range.

    Example:
        >>> nin("cifar10").count_params()
        966986
    """
    stages = VARIANTS[one_of(VARIANTS, variant)]
    count, size, minimum = IMAGES[variant]
    classes = class_count(count if classes is None else classes)
    shape = (size, size, 3) if input_shape is None else input_shape
    x = inputs = image_input(shape, minimum, any_size=True)
    mlps = 0
    for i, stage in enumerate(stages, start=1):
        *settings, pool = stage
        names = [f"cccp{mlps + j}" for j in range(1, len(stage.filters))]
        mlps += len(names)
        x = mlpconv(x, *settings, names=[f"conv{i}", *names])
        if pool:
            x = _pool(x, pool, i)
            x = layers.Dropout(0.5, name=f"pool{i}_dropout")(x)
    if include_top:
        name = f"cccp{mlps + 1}"
        x = score_head(x, classes, classifier_activation, name=name)
    return keras.Model(inputs, x, name=f"nin_{variant}")


def _pool(x, kind: str, number: int):
    """3 x 3 at stride 2; the last window sticks out of even sizes."""
    name = f"pool{number}"
    if kind == "average":
        return layers.AveragePooling2D(3, 2, "same", name=name)(x)
    # What lies beyond is zero, and no activation is less.
    x = layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"{name}_padding")(x)
    return layers.MaxPooling2D(3, 2, name=name)(x)
