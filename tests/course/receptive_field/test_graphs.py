"""Random graphs, measured: the windows of every unit, to the pixel."""

import os

import keras
import numpy as np
import pytest
from hypothesis import assume, given, note, settings
from hypothesis import strategies as st
from keras import layers

from course.layers import (
    BorderPadding,
    Crop,
    LocalResponseNorm,
    MaxPoolWithIndices,
    MaxUnpool,
    Subsampling,
    TableConv,
    TransposedConv,
)
from course.receptive_field import (
    empirical_receptive_field,
    input_window,
    receptive_field,
)
from course.receptive_field.empirical import influence

# More of them: COURSE_EXAMPLES=500 python -m pytest <this file>
EXAMPLES = int(os.environ.get("COURSE_EXAMPLES", 8))


def grow(x, dice):
    """One more layer or branch, or x itself where it does not fit."""
    kernel = dice.randint(1, 4), dice.randint(1, 4)
    stride, dilation = dice.randint(1, 2), dice.randint(1, 2)
    padding = dice.choice(["same", "valid"])
    channels = x.shape[-1]
    spread = {"dilation_rate": dilation, "padding": padding}
    strided = {"strides": stride, "padding": padding}
    kinds = {
        "conv": lambda: layers.Conv2D(3, kernel, activation="relu", **strided),
        "dilated": lambda: layers.Conv2D(3, kernel, **spread),
        "depthwise": lambda: layers.DepthwiseConv2D(kernel[0], **strided),
        "separable": lambda: layers.SeparableConv2D(3, kernel[0], **strided),
        "max": lambda: layers.MaxPooling2D(kernel, **strided),
        "average": lambda: layers.AveragePooling2D(kernel, **strided),
        "adaptive": lambda: parts,
        "nearest": lambda: layers.UpSampling2D((kernel[0], 2)),
        "bilinear": lambda: layers.UpSampling2D(
            (kernel[0], 2), interpolation="bilinear"
        ),
        "transposed": lambda: layers.Conv2DTranspose(3, kernel, **strided),
        "apart": lambda: layers.Conv2DTranspose(3, kernel, (3, 2), padding),
        "pad": lambda: layers.ZeroPadding2D(((1, 2), (0, 3))),
        "crop": lambda: layers.Cropping2D(((1, 0), (2, 1))),
        "ours": lambda: TransposedConv(
            3, kernel, (3, 2), kernel[0] - 1, dilation_rate=dilation
        ),
        "border": lambda: BorderPadding(((1, 2), (0, 3))),
        "subsampling": lambda: Subsampling(2),
        "table": lambda: TableConv([(0,), (0, channels - 1)], 2),
        "response": LocalResponseNorm,
        "cropped": lambda: lambda x: Crop(1)([x, x[:, 1:-1, 1:-1]]),
        "relu": lambda: keras.ops.relu,
        "norm": layers.BatchNormalization,
        "add": lambda: (
            lambda x: layers.Add()(
                [layers.Conv2D(channels, kernel, padding="same")(x), x]
            )
        ),
        "concatenate": lambda: (
            lambda x: layers.Concatenate()(
                [
                    layers.Conv2D(2, kernel, stride, "same")(x),
                    layers.MaxPooling2D(kernel[1], stride, "same")(x),
                ]
            )
        ),
        "gate": lambda: gate,
    }
    try:
        y = kinds[dice.choice(list(kinds))]()(x)
    except ValueError:  # the kernel does not fit
        return x
    return y if 1 <= min(y.shape[1:3]) <= max(y.shape[1:3]) <= 60 else x


def parts(x):
    """Means of 2 x 3 parts; TensorFlow ends where there are fewer pixels."""
    if x.shape[1] < 2 or x.shape[2] < 3:
        return x
    return layers.AdaptiveAveragePooling2D((2, 3))(x)


def gate(x):
    """Channels weighed by their means; a bias first, for 0 times any is 0."""
    x = layers.Conv2D(2, 1)(x)
    mean = layers.GlobalAveragePooling2D(keepdims=True)(x)
    weight = layers.Conv2D(2, 1, activation="sigmoid")(mean)
    return layers.Multiply()([x, weight])


def graph(dice):
    rows = dice.randint(8, 14)
    x = inputs = keras.Input((rows, rows + 3, 2))
    for _ in range(dice.randint(2, 5)):
        x = grow(x, dice)
    return keras.Model(inputs, x)


def hull(model, axis, unit):
    """The window along an axis, for any place along the other; or none."""
    for other in range(model.output.shape[2 - axis]):
        place = (unit, other) if axis == 0 else (other, unit)
        window = input_window(model, model.output, place)
        if all(part.stop > part.start for part in window):
            return window[axis]
    return None


@settings(max_examples=EXAMPLES)
@given(st.randoms(use_true_random=False))
def test_each_unit_sees_what_reaches_it(dice):
    model = graph(dice)
    assume(len(model.layers) > 1)  # else nothing grew
    note(model.to_json())
    for axis, reached in enumerate(influence(model)):
        for unit in range(reached.shape[1]):
            found = np.flatnonzero(reached[:, unit])
            want = slice(found.min(), found.max() + 1) if len(found) else None
            assert hull(model, axis, unit) == want, (axis, unit)


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_an_unpooled_unit_sees_its_window(padding):
    """Where the maximum was decides: many images, one row changed in each."""
    x = keras.Input((7, 3, 1))
    values, places = MaxPoolWithIndices(2, padding=padding)(x)
    model = keras.Model(x, MaxUnpool(name="up")([values, places, x]))
    rng = np.random.default_rng(0)
    images = rng.normal(size=(200, 7, 3, 1)).astype("float32")
    before = keras.ops.convert_to_numpy(model(images))
    reached = np.zeros((7, 7), bool)
    for row in range(7):
        others = images.copy()
        others[:, row] = rng.normal(size=(200, 3, 1)) * 3
        after = keras.ops.convert_to_numpy(model(others))
        reached[row] = (after != before).any(axis=(0, 2, 3))
    for unit in range(7):
        found = np.flatnonzero(reached[:, unit])
        want = slice(found.min(), found.max() + 1) if len(found) else None
        assert hull(model, 0, unit) == want


def test_the_field_as_measured():
    x = inputs = keras.Input((40, 44, 1))
    x = layers.Conv2D(2, (3, 5), padding="same")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(2, 3, dilation_rate=2, padding="same")(x)
    model = keras.Model(inputs, x)
    measured = empirical_receptive_field(model)
    field = receptive_field(model)
    assert measured == field
    assert (field.size, field.stride) == ((12, 14), (2, 2))
    assert field.padding == (5, 6)


def test_too_small_an_image_says_so():
    x = inputs = keras.Input((8, 8, 1))
    x = layers.Conv2D(1, 7, padding="same")(x)
    with pytest.raises(ValueError, match="no two units have fields inside"):
        empirical_receptive_field(keras.Model(inputs, x))
