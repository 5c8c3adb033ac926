"""Scores stand on their pixels.

Convolutions that pass two channels through, of an image that says each pixel's
row and column, leave of a pooled cell its last row.
"""

import functools

import keras
import numpy as np
import pytest

from course.models import (
    dilated_vgg,
    fcn,
    unet,
)
from tests.layer_contract import to_numpy
from tests.models import (
    error,
    filled,
    images,
    run,
)
from tests.oracles import bilinear_loops


def ramps(rows, columns):
    row, column = np.mgrid[:rows, :columns]
    return np.stack([row, column, 0 * row], -1)[None].astype("float32")


def passing(model):
    """The model with convolutions that pass channels 0 and 1 through."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            if layer.name.startswith("ctx"):  # begins as the identity
                continue
            kernel, bias = map(np.zeros_like, layer.get_weights())
            middle = kernel.shape[0] // 2
            kernel[middle, middle, :2, :2] = np.eye(2)
            layer.set_weights([kernel, bias])
    return model


@pytest.mark.parametrize("padding", ["paper", "same"])
@pytest.mark.parametrize(
    ("factory", "cells"),
    [
        (functools.partial(fcn, "32s"), [32]),
        (functools.partial(fcn, "16s"), [32, 16]),
        (functools.partial(fcn, "8s"), [32, 16, 8]),
        (functools.partial(dilated_vgg, context="basic"), [8]),
    ],
)
def test_scores_stand_where_their_pixels_are(factory, cells, padding):
    """A crop that is off by a pixel is off by one here.

    The centre of a cell of s pixels is (s - 1) / 2 above its last row, and
    interpolation between centres is exact. Fused scores are sums.
    """
    x = ramps(211, 230)
    model = passing(
        factory(
            classes=2,
            input_shape=x.shape[1:],
            classifier_activation=None,
            padding=padding,
            base_filters=2,
        )
    )
    inside = (slice(None), slice(80, -80), slice(80, -80))
    got = run(model, x)[inside]
    expected = sum(x[inside][..., :2] + (cell - 1) / 2 for cell in cells)
    np.testing.assert_allclose(got, expected, rtol=1e-5)


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_skips_stand_where_their_pixels_are(padding, level):
    """Through one level's skip, and up by repeating: a cell's last row."""
    size = {"valid": (156, 164), "same": (61, 75)}[padding]
    x = ramps(*size)
    model = passing(
        unet(2, (*size, 3), None, base_filters=2, depth=3, padding=padding)
    )
    for i in range(1, 4):
        up, join = model.get_layer(f"up{i}_up"), model.get_layer(f"up{i}_1")
        kernel, bias = map(np.zeros_like, up.get_weights())
        kernel[:, :, :2, :2] = np.eye(2)
        up.set_weights([kernel, bias])
        kernel, bias = map(np.zeros_like, join.get_weights())
        first = 0 if i == level else kernel.shape[2] // 2  # skip or upsampled
        kernel[1, 1, first : first + 2, :2] = np.eye(2)
        join.set_weights([kernel, bias])
    got = run(model, x)
    lost = (size[0] - got.shape[1]) // 2
    assert lost == (44 if padding == "valid" else 0)
    true = x[:, lost : size[0] - lost, lost : size[1] - lost, :2]
    beyond = (got - true)[:, 8:56, 8:56]
    cell = 2 ** (level - 1)
    assert (beyond.min(), beyond.max()) == (0, cell - 1)
    assert beyond.mean() == (cell - 1) / 2


# How they begin.


@pytest.mark.parametrize(
    ("variant", "name", "factor", "first"),
    [
        ("32s", "upscore32", 32, 16),
        ("16s", "upscore2", 2, 1),
        ("8s", "upscore_pool4", 2, 1),
        ("8s", "upscore8", 8, 4),
    ],
)
@pytest.mark.parametrize("padding", ["paper", "same"])
def test_upsampling_begins_as_bilinear(variant, name, factor, first, padding):
    model = fcn(variant, 3, (33, 33, 3), padding=padding, base_filters=1)
    layer = model.get_layer(name)
    x = images(1, 4, 5, 3)
    got = to_numpy(layer(x))[0]
    if padding == "paper":  # pixels that `same` has cut off
        got = got[first:-first, first:-first]
    expected = bilinear_loops(x[0], factor)
    known = ~np.isnan(expected)
    assert known.sum() == (3 * factor) * (4 * factor) * 3
    np.testing.assert_allclose(got[known], expected[known], 1e-4, 1e-5)
    is_last = name == f"upscore{factor}" and factor > 2
    assert layer.trainable == (not is_last)


def test_scores_begin_as_zero():
    model = fcn("8s", 3, (40, 40, 3), None, base_filters=1)
    np.testing.assert_array_equal(run(model, images(1, 40, 40, 3)), 0)


@pytest.mark.parametrize("padding", ["paper", "same"])
def test_context_begins_as_the_front_end(padding):
    """Where no score is negative."""
    make = functools.partial(
        dilated_vgg, 3, (40, 33, 3), None, padding=padding, base_filters=1
    )
    front = filled(lambda: make(context=None))
    kernel, bias = front.get_layer("final").get_weights()
    front.get_layer("final").set_weights([np.abs(kernel), np.abs(bias)])
    whole = make(context="basic")
    for layer in front.layers:
        if not layer.weights:
            continue
        whole.get_layer(layer.name).set_weights(layer.get_weights())
    x = images(1, 40, 33, 3)
    assert error(run(whole, x), run(front, x)) <= 1e-5
