"""GoogLeNet, Inception-v2 and v3: their tables, and keras.applications."""

import sys

import keras
import numpy as np
import pytest

from course.catalogue import outlines
from course.models import googlenet, inception_v2, inception_v3
from course.models.googlenet import MODULES
from course.summary import summary
from tests.models import (
    check_equal,
    check_model,
    empty,
    error,
    field,
    filled,
    images,
    randomize,
    run,
    sizes,
)

# Table 1 of arXiv:1409.4842: output sizes.
GOOGLENET = {
    "3a": (28, 256),
    "3b": (28, 480),
    "4a": (14, 512),
    "4b": (14, 512),
    "4c": (14, 512),
    "4d": (14, 528),
    "4e": (14, 832),
    "5a": (7, 832),
    "5b": (7, 1024),
}


def test_table_1_of_googlenet():
    with outlines():
        model = googlenet()
        table = summary(model)
        assert sizes(model, "conv1 pool1 conv2 pool2") == (
            [112, 56, 56, 28],
            192,
        )
        for number, (size, channels) in GOOGLENET.items():
            assert sizes(model, f"inception_{number}") == ([size], channels)
        fives = [
            layer.name
            for layer in model.layers
            if getattr(layer, "kernel_size", None) == (5, 5)
        ]
    assert fives == [f"inception_{number}_3_2" for number in GOOGLENET]
    assert table.depth == 22
    assert abs(table.macs / 1e9 - 1.5) < 0.1  # "1.5 billion multiply-adds"


def test_sizes_of_inception_v2():
    """Figure 5 of arXiv:1502.03167."""
    with outlines():
        model = inception_v2()
        assert sizes(model, "conv1 pool1 conv2 pool2") == (
            [112, 56, 56, 28],
            192,
        )
        channels = {"3a": 256, "3b": 320, "5a": 1024, "5b": 1024}
        channels |= {"4e": 1024} | dict.fromkeys(("3c", "4a", "4b"), 576)
        channels |= dict.fromkeys(("4c", "4d"), 576)
        for number, count in channels.items():
            size = 28 if number in ("3a", "3b") else 14
            size = 7 if number in ("4e", "5a", "5b") else size
            assert sizes(model, f"inception_{number}") == ([size], count)
        pools = {
            number: type(model.get_layer(f"inception_{number}_pool")).__name__
            for number in channels
        }
        maxima = {n for n, kind in pools.items() if kind == "MaxPooling2D"}
        assert maxima == {"3c", "4e", "5b"}


def test_sizes_of_inception_v3():
    """Table 1 of arXiv:1512.00567."""
    with outlines():
        model = inception_v3()
        names = "conv1 conv2 conv3 pool1 conv4 conv5 pool2"
        assert sizes(model, names) == ([149, 147, 147, 73, 73, 71, 35], 192)
        grids = [(35, 256), *[(35, 288)] * 2, *[(17, 768)] * 5]
        grids += [(8, 1280), *[(8, 2048)] * 2]
        for i, (size, channels) in enumerate(grids):
            assert sizes(model, f"mixed{i}") == ([size], channels)


@pytest.mark.parametrize(
    ("factory", "expected"),
    [
        # 27 before 3a; a 5x5 each at strides 8, 16, 32; two 3x3 pools
        (
            googlenet,
            {"inception_5b": 27 + 2 * 32 + 16 + 5 * 64 + 32 + 2 * 128},
        ),
        (inception_v2, {"inception_5b": 699}),  # Araujo et al., Distill 2019
        (inception_v3, {"mixed10": 1311}),  # the same
    ],
)
def test_receptive_fields(factory, expected):
    with outlines():
        model = factory()
        assert {name: field(model, name) for name in expected} == expected


def test_auxiliary_heads_of_googlenet():
    with outlines():
        model = googlenet(10, auxiliary=True)
        assert [tuple(y.shape) for y in model.outputs] == [(None, 10)] * 3
        for number, name in [("4a", "auxiliary1"), ("4d", "auxiliary2")]:
            pool = model.get_layer(f"{name}_pool")
            before = model.get_layer(f"inception_{number}")
            assert pool.input is before.output
            assert sizes(model, f"{name}_pool {name}_conv") == ([4, 4], 128)
            assert model.get_layer(f"{name}_fc1_dropout").rate == 0.7
        assert model.get_layer("fc_dropout").rate == 0.4


def test_auxiliary_head_of_inception_v3():
    with outlines():
        model = inception_v3(10, auxiliary=True)
        assert [tuple(y.shape) for y in model.outputs] == [(None, 10)] * 2
        pool = model.get_layer("auxiliary_pool")
        assert pool.input is model.get_layer("mixed7").output
        names = "auxiliary_pool auxiliary_conv1 auxiliary_conv2"
        assert sizes(model, names) == ([5, 5, 1], 768)


@pytest.mark.parametrize("number", [1, 2])
def test_an_auxiliary_head_in_numpy(number):
    model = empty(lambda: googlenet(3, (65, 66, 1), auxiliary=True))
    name = f"auxiliary{number}"
    start = model.get_layer(f"{name}_pool").input
    head = randomize(keras.Model(start, model.outputs[number]))
    x = images(2, *start.shape[1:])
    kernel, bias, k1, b1, k2, b2 = head.get_weights()
    y = x.mean(axis=(1, 2)) @ kernel[0, 0] + bias  # 5x5 pixels are all
    y = np.maximum(np.maximum(y, 0) @ k1 + b1, 0) @ k2 + b2
    y = np.exp(y - y.max(axis=1, keepdims=True))
    expected = y / y.sum(axis=1, keepdims=True)
    assert x.shape[1:3] == (5, 5)
    assert error(run(head, x), expected) <= 1e-5
    names = ["predictions"] + [f"auxiliary{i}_predictions" for i in (1, 2)]
    assert model.output_names == names


def test_logits_equal_keras_applications():
    shape = (75, 107, 3)
    arguments = {
        "classes": 10,
        "input_shape": shape,
        "classifier_activation": None,
    }
    check_equal(
        lambda: inception_v3(**arguments),
        lambda: keras.applications.InceptionV3(weights=None, **arguments),
        shape,
    )


def test_contract(tmp_path, monkeypatch):
    """With fewer modules: the others show nothing more."""
    few = {number: MODULES[number] for number in ("3b", "4e", "5b")}
    monkeypatch.setattr(sys.modules[googlenet.__module__], "MODULES", few)

    def make():
        return googlenet(5, (33, 46, 3))

    check_model(make, images(4, 33, 46, 3), tmp_path, ["mixed_bfloat16"])


def test_images_of_any_size():
    model = filled(lambda: inception_v2(4, (None, None, 3)))
    y = run(model, images(1, 33, 57, 3))
    np.testing.assert_allclose(y.sum(), 1, rtol=1e-5)
