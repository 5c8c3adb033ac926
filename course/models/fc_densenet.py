"""FC-DenseNet: dense blocks down one side and up the other.

S. Jegou, M. Drozdzal, D. Vazquez, A. Romero and Y. Bengio, "The one hundred
layers tiramisu: fully convolutional DenseNets for semantic segmentation", CVPRW
2017, arXiv:1611.09326: figure 1, tables 1 and 2, and the authors' code.

Trainable parameters for 11 classes, biases beside batch normalization
included: 56 1,376,795, 67 3,463,243, 103 9,322,091; in total, with the moving
statistics, 1,397,963, 3,502,923 and 9,425,163. The paper says 1.5, 3.5 and
9.4 M; its 1.5 follows from neither its tables nor the authors' code.

On the way up only what a block adds is upsampled, never what it was given; the
last block passes on all. Poolings leave out the last row of an odd size, and
the transposed convolution has one to spare, so any size from 32 on works.

Deviation: weights begin as Keras's do, where the paper has He's uniform ones.
"""

from collections.abc import Sequence
from typing import NamedTuple

import keras
from keras import layers

from course.arithmetic import integer
from course.blocks import dense_block, transition_down, transition_up
from course.blocks.heads import predictions
from course.models._arguments import class_count, image_input, one_of

PAPER = "Jegou et al. 2017"


class Variant(NamedTuple):
    """Growth rate, and layers of each dense block, the bottom's amid them."""

    growth_rate: int
    counts: tuple[int, ...]


VARIANTS = {
    56: Variant(12, (4,) * 11),
    67: Variant(16, (5,) * 11),
    103: Variant(16, (4, 5, 7, 10, 12, 15, 12, 10, 7, 5, 4)),
}
"""Section 4.2, table 2."""


def fc_densenet(
    variant: int = 103,
    classes: int = 11,
    input_shape: tuple[int | None, int | None, int] = (360, 480, 3),
    classifier_activation="softmax",
    *,
    dropout: float = 0.2,
    base_filters: int = 48,
    growth_rate: int | None = None,
    counts: Sequence[int] | None = None,
) -> keras.Model:
    """FC-DenseNet; tensors conv1, dense1, td1 ... dense6, tu1 ... score.

    Args:
        variant: Number of layers: 56, 67 or 103.
        classes: Number of classes.
        input_shape: (h, w, c), 32 pixels or more, 2^n for n blocks down; h
            and w may be None.
        classifier_activation: Of the scores; None for none.
        dropout: Share of each convolution that training leaves out, but of
            the first, the scores and those that upsample.
        base_filters: Filters of conv1, 48 in the paper.
        growth_rate: Channels that each layer adds; None means the paper's, 12
            or 16.
        counts: Layers of each block, those down, the bottom, those up: fewer
            for a network that a lecture trains. None means the paper's.

    Returns:
        A model (n, h, w, c) -> (n, h, w, classes).

    Raises:
        ValueError: For an argument out of its range.

    Example:
        >>> small = {"growth_rate": 4, "counts": (2, 2, 3, 2, 2)}
        >>> fc_densenet(56, input_shape=(33, 50, 3), **small).output_shape
        (None, 33, 50, 11)
    """
    growth, papers = VARIANTS[one_of(VARIANTS, variant)]
    counts = papers if counts is None else _checked(counts)
    integer(base_filters, "base_filters", minimum=1)
    if growth_rate is not None:
        growth = integer(growth_rate, "growth_rate", minimum=1)
    classes = class_count(classes)
    inputs = image_input(input_shape, 2 ** (len(counts) // 2), any_size=True)
    first = layers.Conv2D(base_filters, 3, padding="same", name="conv1")
    x = _dense_u(first(inputs), counts, growth, dropout)
    x = layers.Conv2D(classes, 1, name="score")(x)
    x = predictions(x, classifier_activation)
    return keras.Model(inputs, x, name=f"fc_densenet_{variant}")


def _dense_u(x, counts, growth_rate, dropout):
    """Half of the blocks go down, one is the bottom, the others go up."""
    settings = {"bottleneck": 0, "use_bias": True, "dropout": dropout}
    depth = len(counts) // 2
    skips = []
    for i, count in enumerate(counts, start=1):
        if i > depth + 1:
            filters = counts[i - 2] * growth_rate  # as many as were added
            skip = skips.pop()
            x = transition_up(x, skip, filters, name=f"tu{i - depth - 1}")
        x = dense_block(
            x,
            count,
            growth_rate,
            **settings,
            include_input=i <= depth or i == len(counts),
            name=f"dense{i}",
        )
        if i <= depth:
            skips.append(x)
            x = transition_down(x, dropout, name=f"td{i}")
    return x


def _checked(counts):
    """Layers of each block, if there are as many blocks up as down."""
    if len(counts) < 3 or len(counts) % 2 == 0:
        raise ValueError(
            f"counts={tuple(counts)} has {len(counts)} blocks. Expected as "
            "many up as down, and one between: an odd number from 3 on, such "
            "as (4, 4, 4)."
        )
    return tuple(integer(count, "counts", minimum=1) for count in counts)
