"""What the factories of this package ask of their arguments, in one place."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from course.arithmetic import integer, one_of

CHANNELS = {1: "gray", 3: "colour"}


def class_count(classes: Any) -> int:
    """`classes` as an int.

    Raises:
        ValueError: It is no integer of at least 1.
    """
    return integer(classes, "classes", minimum=1)


def image_input(
    input_shape: Sequence[int | None], minimum: int, any_size: bool
) -> Any:
    """The input of a model, (n, h, w, c).

    Args:
        input_shape: (h, w, c); h and w may be None where `any_size` is true.
        minimum: Rows and columns that the network needs at least.
        any_size: Whether it is built for images of any size.

    Raises:
        ValueError: For another form, other channels, too small an image, or
            unknown sizes where dense layers need them.
    """
    form = isinstance(input_shape, list | tuple) and len(input_shape) == 3
    if not form or input_shape[-1] not in CHANNELS:
        raise ValueError(
            f"input_shape={input_shape} is no image. Expected (rows, columns, "
            f"channels), channels last: {_listed()}."
        )
    *sizes, channels = input_shape
    if None in sizes and not any_size:
        raise ValueError(
            f"input_shape={tuple(input_shape)} leaves sizes open, but dense "
            f"layers need them. Give sizes, such as ({minimum}, {minimum}, "
            f"{channels}) or more, or take include_top=False."
        )
    for size in sizes:
        if size is not None and integer(size, "input_shape", 1) < minimum:
            raise ValueError(
                f"input_shape={tuple(input_shape)} is too small for this "
                f"network. Expected {minimum} rows and columns or more: "
                "enlarge or pad the images."
            )
    return keras.Input(tuple(input_shape))


def _listed() -> str:
    return " or ".join(f"{count} ({name})" for count, name in CHANNELS.items())


def head_with(auxiliary: bool, include_top: bool):
    """Raise if auxiliary heads are asked for without the main one.

    Raises:
        ValueError: They are.
    """
    if auxiliary and not include_top:
        raise ValueError(
            "auxiliary=True with include_top=False. Expected the main head "
            "beside the auxiliary ones: take include_top=True, or "
            "auxiliary=False."
        )


def pretrained_source(
    weights: str | None,
    sources: Mapping[Any, str],
    variant: Any,
    name: str = "variant",
) -> str | None:
    """Where in keras.applications the weights asked for are; None for none.

    Args:
        weights: None or "imagenet".
        sources: Of each variant that has weights.
        variant: The one that is built.
        name: What it is called.

    Raises:
        ValueError: For other weights, or a variant that has none.
    """
    one_of((None, "imagenet"), weights, "weights")
    if weights is None:
        return None
    return sources[one_of(sources, variant, f"weights='imagenet' of {name}")]
