"""Receptive fields found by trying: what changes a unit is in its field.

Nothing here knows a rule of a layer. The model is copied and its weights made
positive, so that no two paths cancel and no ReLU is silent; then an image of
zeros gets one row of ones after the other, and a gradient is taken at a random
image. Where either reaches a unit, the unit looks.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import keras
import numpy as np

from course.gradients import differentiated
from course.receptive_field.fields import ReceptiveField

BATCH = 16


def empirical_receptive_field(
    model: keras.Model,
    output: Any = None,
    input: Any = None,
    *,
    input_shape: Sequence[int] | None = None,
) -> ReceptiveField:
    """The receptive field as measured, to confirm `receptive_field`.

    Rows and columns of the input are changed one by one, so it takes as many
    passes of the model as the input has rows and columns.

    Args:
        model: A built Functional or Sequential model with one input. Its
            weights stay as they are.
        output: A layer of the model, its name or a symbolic tensor; None for
            the model's output.
        input: Likewise; None for the model's input.
        input_shape: Shape (h, w, c) of the images tried, where the model
            leaves sizes open.

    Returns:
        As `receptive_field`, without misaligned branches; measured at the
        units whose fields lie inside the image.

    Raises:
        ValueError: If the image is smaller than a field, or sizes are open.
    """
    looked = influence(model, output, input, input_shape=input_shape)
    axes = [_axis(matrix) for matrix in looked]
    size, stride, padding = zip(*axes, strict=True)
    sizes = tuple(len(matrix) for matrix in looked)
    return ReceptiveField(size, stride, padding, sizes)


def influence(
    model: keras.Model,
    output: Any = None,
    input: Any = None,
    *,
    input_shape: Sequence[int] | None = None,
) -> list[np.ndarray]:
    """Which inputs reach which units, one boolean matrix an axis.

    Args:
        model, output, input, input_shape: As in `empirical_receptive_field`.

    Returns:
        For each axis an array (inputs, units): whether any input in this row
        reaches any unit in that row.
    """
    silent = _positive(model, output, input, bias=0)
    shape = tuple(input_shape or silent.inputs[0].shape[1:])
    if None in shape:
        raise ValueError(
            f"the input's shape is {shape}. Say how large an image to try: "
            "input_shape=(height, width, channels)."
        )
    # A product hides a factor where the other is zero: biases help there.
    awake = _positive(model, output, input, bias=0.5)
    return [
        _by_change(silent, shape, axis) | _by_gradient(awake, shape, axis)
        for axis in range(len(shape) - 1)
    ]


def _positive(model, output, input, bias) -> keras.Model:
    """A copy up to `output`, all of its weights positive."""
    copy = keras.models.clone_model(model)
    for weight in copy.weights:
        weight.assign(_value(weight, bias))
    source = _tensor(copy, model, input, copy.inputs)
    return keras.Model(source, _tensor(copy, model, output, copy.outputs))


def _tensor(copy, model, chosen, default):
    if chosen is None:
        if len(default) > 1:
            raise ValueError(f"{model.name} has several. Choose one by name.")
        return default[0]
    name = chosen if isinstance(chosen, str) else getattr(chosen, "name", None)
    if isinstance(chosen, keras.KerasTensor):
        name = chosen._keras_history.operation.name
    return copy.get_layer(name).output


def _value(weight, bias) -> np.ndarray:
    """Normalizations do nothing; taps neither vanish nor explode with depth.

    A row of k taps passes on about 1 / sqrt(k) of what it meets.
    """
    if weight.name.endswith(("beta", "bias")):
        return np.full(weight.shape, bias)
    if weight.name.endswith("mean"):
        return np.zeros(weight.shape)
    if weight.name.endswith(("gamma", "scale", "variance")):
        return np.ones(weight.shape)
    *taps, channels, _ = (1, 1, *weight.shape)[-max(len(weight.shape), 2) :]
    return np.full(weight.shape, 1 / (channels * np.prod(taps) ** 0.75))


def _by_change(model, shape, axis) -> np.ndarray:
    """Which units differ from those of an image of zeros."""
    calm = _outputs(model, np.zeros((BATCH, *shape), "float32"))
    found = []
    for rows in _batches(shape[axis]):
        result = _outputs(model, _one_row_each(rows, shape, axis))
        found.append(_along(result != calm, axis)[: len(rows)])
    return np.concatenate(found)


def _by_gradient(model, shape, axis) -> np.ndarray:
    """Which inputs the units' gradients reach, at a random image."""
    image = np.random.default_rng(0).uniform(0.5, 1, shape)
    images = np.repeat(image[None].astype("float32"), BATCH, axis=0)
    units = _outputs(model, images).shape[1:]

    @differentiated
    def total(x, chosen):
        return keras.ops.sum(model(x, training=False) * chosen)

    found = []
    for rows in _batches(units[axis]):
        chosen = _one_row_each(rows, units, axis)
        _, (gradients, _) = total(images, chosen)
        found.append(_along(gradients != 0, axis)[: len(rows)])
    return np.concatenate(found).T


def _batches(count) -> list[np.ndarray]:
    """0 ... count - 1, so many at a time."""
    return np.split(np.arange(count), range(BATCH, count, BATCH))


def _one_row_each(rows, shape, axis) -> np.ndarray:
    """A batch of zeros, one row of ones in each; always of the same size.

    What is compiled for each size is compiled once.
    """
    images = np.zeros((BATCH, *shape), "float32")
    np.moveaxis(images, axis + 1, 1)[np.arange(len(rows)), rows] = 1
    return images


def _outputs(model, images) -> np.ndarray:
    return keras.ops.convert_to_numpy(model(images, training=False))


def _along(changed, axis) -> np.ndarray:
    """Whether anything changed, for each image and place along the axis."""
    others = tuple(
        other for other in range(1, changed.ndim) if other != axis + 1
    )
    return changed.any(axis=others)


def _axis(matrix) -> tuple:
    """Size, stride and padding of one axis."""
    first = matrix.argmax(axis=0)
    last = len(matrix) - 1 - matrix[::-1].argmax(axis=0)
    width = last - first + 1
    inside = matrix.any(axis=0) & (first > 0) & (last < len(matrix) - 1)
    # Some that a layer's own border cut may lie inside: they are narrower.
    widest = width[inside].max(initial=0)
    inside = np.flatnonzero(inside & (width == widest))
    if len(inside) < 2:
        raise ValueError(
            f"no two units have fields inside the image of {len(matrix)} "
            "pixels. Give a larger image: input_shape=(height, width, "
            "channels), or choose a layer before."
        )
    low, high = inside[0], inside[-1]
    stride = Fraction(int(first[high] - first[low]), int(high - low))
    stride = int(stride) if stride.denominator == 1 else stride
    return int(widest), stride, stride * int(low) - int(first[low])
