"""DenseNet: the table of its paper, and keras.applications."""

import keras
import numpy as np
import pytest

from course.catalogue import outlines
from course.models import densenet
from course.models.densenet import VARIANTS
from course.summary import summary
from tests.models import (
    check_equal,
    check_model,
    field,
    filled,
    images,
    run,
    sizes,
)


@pytest.mark.parametrize("depth", VARIANTS)
def test_table_1(depth):
    with outlines():
        model = densenet(depth)
        table = summary(model)
        channels = 64
        assert sizes(model, "conv1 pool1") == ([112, 56], channels)
        for i, (count, size) in enumerate(
            zip(VARIANTS[depth], (56, 28, 14, 7), strict=True), start=1
        ):
            channels += 32 * count
            assert sizes(model, f"dense{i}") == ([size], channels)
            if i < 4:
                channels //= 2
                after = sizes(model, f"transition{i}")
                assert after == ([size // 2], channels)
    # 6 + 12 + 64 + 48 pairs, three transitions, conv1 and fc are 265 layers
    assert table.depth == (265 if depth == 264 else depth)


def test_a_layer_sees_two_pixels_more_to_either_side():
    """11 after the first pool; then 2 strides a 3x3, and 1 an average."""
    with outlines():
        model = densenet(121)
        seen = {name: field(model, name) for name in ("pool1", "dense1")}
        assert seen == {"pool1": 11, "dense1": 11 + 6 * 8}
        assert field(model, "transition1") == 59 + 4
        assert field(model, "dense2") == 63 + 12 * 16
        last = 255 + 8 + 24 * 32 + 16 + 16 * 64
        assert field(model, "dense4") == last == 2071


def test_logits_equal_keras_applications():
    shape = (32, 64, 3)
    arguments = {
        "classes": 10,
        "input_shape": shape,
        "classifier_activation": None,
    }
    check_equal(
        lambda: densenet(121, **arguments),
        lambda: keras.applications.DenseNet121(weights=None, **arguments),
        shape,
    )


@pytest.mark.parametrize("depth", [121, 169, 201])
def test_weights_meet_the_layers_of_the_same_place(depth):
    """dense2_3_conv1 is conv3_block3_1_conv."""
    theirs = getattr(keras.applications, f"DenseNet{depth}")
    with outlines():
        ours, others = (
            [layer.name for layer in model.layers if layer.weights]
            for model in (densenet(depth), theirs(weights=None))
        )
    assert list(map(_their_name, ours)) == others


def _their_name(name):
    fixed = {
        "conv1_norm": "conv1_bn",
        "conv1_conv": "conv1_conv",
        "features_norm": "bn",
        "fc": "predictions",
    }
    if name in fixed:
        return fixed[name]
    place, *number, part = name.removesuffix("_norm").split("_")
    stage = 1 + int(place[-1])
    kind = "bn" if name.endswith("norm") else "conv"
    if place.startswith("transition"):
        return f"pool{stage}_{kind}"
    step = {"relu1": 0, "conv1": 1, "relu2": 1, "conv2": 2}[part]
    return f"conv{stage}_block{number[0]}_{step}_{kind}"


def test_contract(tmp_path, monkeypatch):
    """With few layers a block: depth costs time and shows nothing more."""
    monkeypatch.setitem(VARIANTS, 17, (2, 1, 2, 1))

    def make():
        return densenet(17, 5, (33, 46, 3))

    check_model(make, images(6, 33, 46, 3), tmp_path, ["mixed_bfloat16"])


def test_images_of_any_size(monkeypatch):
    monkeypatch.setitem(VARIANTS, 13, (1, 1, 1, 1))
    model = filled(lambda: densenet(13, 4, (None, None, 1)))
    for size in [(29, 57), (64, 40)]:
        y = run(model, images(1, *size, 1))
        np.testing.assert_allclose(y.sum(), 1, rtol=1e-5)
