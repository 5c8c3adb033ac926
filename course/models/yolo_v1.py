"""YOLO's first version: a grid of cells, each of which proposes boxes.

J. Redmon, S. Divvala, R. Girshick and A. Farhadi, "You only look once: unified,
real-time object detection", CVPR 2016, arXiv:1506.02640: figure 3.

Parameters for 20 classes: 271,703,550; tiny 45,089,374.

Of Fast YOLO the paper says only that it has 9 convolutions and fewer filters;
`tiny` is the network of 9 that the authors released. `course.losses.YoloV1` is
the loss; `course.detection.decode_yolo` reads boxes from the predictions.

Deviation: a cell may be smaller than the paper's 64 pixels, for small images.
"""

import keras
from keras import layers

from course.arithmetic import integer, one_of
from course.blocks import conv
from course.models._arguments import class_count, image_input

PAPER = "Redmon et al. 2016"

VARIANTS = {
    False: (
        "7-64/2, 3-192, 1-128 3-256 1-256 3-512, 1-256 3-512 1-256 3-512 "
        "1-256 3-512 1-256 3-512 1-512 3-1024, 1-512 3-1024 1-512 3-1024 "
        "3-1024 3-1024/2 3-1024 3-1024"
    ),
    True: "3-16, 3-32, 3-64, 3-128, 3-256, 3-512, 3-1024 3-1024 3-1024",
}
"""Figure 3: kernel size-filters/stride; a pool ends each stage but the last."""


def yolo_v1(
    classes: int = 20,
    input_shape: tuple[int, int, int] = (448, 448, 3),
    *,
    tiny: bool = False,
    boxes: int = 2,
    cell: int = 64,
    base_filters: int = 64,
) -> keras.Model:
    """YOLO v1; tensors conv1 ... conv24, pool1 ..., fc1, predictions.

    Args:
        classes: Number of classes C.
        input_shape: (h, w, c), one cell or more.
        tiny: Whether it is Fast YOLO.
        boxes: Boxes B that a cell proposes.
        cell: Pixels a side of a cell: 64 in the paper; 32, 16 or 8 go without
            the last one, two or three halvings.
        base_filters: 64 in the paper; all filters and units are multiples of
            it, rounded down.

    Returns:
        A model (n, h, w, c) -> (n, h / cell, w / cell, 5 B + C), rounded up:
        of each box x and y of its center in the cell, the square roots of its
        width and height as parts of the image, and the confidence; then the
        classes' probabilities. All are linear, as in the paper.

    Raises:
        ValueError: For an argument out of its range.

    Example:
        >>> yolo_v1(3, (96, 96, 3), tiny=True, base_filters=8).output_shape
        (None, 2, 2, 13)
    """
    classes = class_count(classes)
    integer(boxes, "boxes", minimum=1)
    integer(base_filters, "base_filters", minimum=1)
    one_of((64, 32, 16, 8), cell, "cell")
    x = inputs = image_input(input_shape, minimum=cell, any_size=False)
    x = _convolutions(x, VARIANTS[bool(tiny)].split(", "), cell, base_filters)
    _, rows, columns, _ = x.shape
    numbers = 5 * boxes + classes
    x = layers.Flatten()(x)
    if tiny:
        x = layers.Dense(4 * base_filters, name="fc0")(x)
    x = layers.Dense(64 * base_filters, name="fc1_linear")(x)
    x = _leaky("fc1")(x)
    x = layers.Dropout(0.5, name="fc1_dropout")(x)
    x = layers.Dense(rows * columns * numbers, dtype="float32", name="fc2")(x)
    x = layers.Reshape(
        (rows, columns, numbers), dtype="float32", name="predictions"
    )(x)
    return keras.Model(inputs, x, name="yolo_v1_tiny" if tiny else "yolo_v1")


def _convolutions(x, stages, cell: int, base_filters: int):
    """All before the dense layers; halves until a cell is one pixel."""
    count, size = 0, 1
    for i, stage in enumerate(stages, start=1):
        for entry in stage.split():
            entry, _, strides = entry.partition("/")
            kernel_size, filters = map(int, entry.split("-"))
            count += 1
            strides = int(strides or 1) if size < cell else 1
            size *= strides
            x = conv(
                x,
                max(1, filters * base_filters // 64),
                kernel_size,
                strides,
                padding=kernel_size // 2,
                activation=None,
                name=f"conv{count}_linear",
            )
            x = _leaky(f"conv{count}")(x)
        if i < len(stages) and size < cell:
            size *= 2
            x = layers.MaxPooling2D(2, padding="same", name=f"pool{i}")(x)
    return x


def _leaky(name: str) -> layers.Layer:
    return layers.LeakyReLU(negative_slope=0.1, name=name)
