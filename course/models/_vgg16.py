"""VGG-16 as part of other networks: its stages, and its fc6 and fc7."""

from typing import Any

from keras import layers

from course.blocks import conv, encoder_stage
from course.models.vgg import VARIANTS


def vgg16_stages(base_filters: int) -> list[dict[str, int]]:
    """Names and filters of each stage's 3x3 convolutions.

    Args:
        base_filters: Of the first stage; 64 is VGG-16, and all others grow or
            shrink with it.

    Example:
        >>> vgg16_stages(8)[1]
        {'conv2_1': 16, 'conv2_2': 16}
    """
    stages = VARIANTS["D"].split(", ")
    return [
        {
            f"conv{i}_{j}": int(filters) * base_filters // 64
            for j, filters in enumerate(stage.split(), start=1)
        }
        for i, stage in enumerate(stages, start=1)
    ]


def encoder(x: Any, stages: list[dict[str, int]]) -> tuple[Any, list]:
    """Each stage with batch normalization, and pooling that keeps the places.

    Returns:
        What the last pooling makes, and what each stage's decoder needs.
    """
    switches = []
    for i, stage in enumerate(stages, start=1):
        filters, names = stage.values(), stage.keys()
        x, switch = encoder_stage(x, filters, names, pool=f"pool{i}")
        switches.append(switch)
    return x, switches


def mirrored(stages: list[dict[str, int]], i: int) -> list[int]:
    """Filters of the decoder of stage i, from 0 on: as many as the encoder's.

    But the last leads over to the stage before, which may have fewer.

    Example:
        >>> mirrored(vgg16_stages(64), 3)
        [512, 512, 256]
    """
    own, before = stages[i], stages[max(i - 1, 0)]
    return [*list(own.values())[:-1], list(before.values())[-1]]


def fully_convolutional(
    x: Any,
    units: int,
    padding: str,
    dropout: float,
    dilation_rate: int = 1,
) -> Any:
    """fc6 as a convolution of 7x7, fc7 of 1x1, each with ReLU and dropout.

    (n, h, w, c) -> (n, h - 6, w - 6, units), or (n, h, w, units) for "same".
    """
    kernels = {"fc6": (7, dilation_rate), "fc7": (1, 1)}
    for name, (kernel_size, dilation) in kernels.items():
        x = conv(
            x,
            units,
            kernel_size,
            padding=padding,
            dilation_rate=dilation,
            name=name,
        )
        x = layers.Dropout(dropout, name=f"{name}_dropout")(x)
    return x
