"""YOLO's first version: sizes, learning, what it refuses."""

import functools

import keras
import numpy as np
import pytest

from course.catalogue import outlines
from course.detection import decode_yolo
from course.losses import YoloV1, yolo_targets
from course.metrics import AveragePrecision
from course.models import yolo_v1
from tests.models import (
    JIT,
    TOLERANCE,
    empty,
    error,
    filled,
    images,
    policy_of,
    run,
    sizes,
)
from tests.scenes import scenes


def test_sizes():
    """Figure 3."""
    with outlines():
        model = yolo_v1()
        assert sizes(model, "conv1 pool1 conv2 pool2") == (
            [224, 112, 112, 56], 192,
        )  # fmt: skip
        names = "conv6 pool3 conv16 pool4 conv21 conv22 conv24"
        assert sizes(model, names) == ([56, 28, 28, 14, 14, 7, 7], 1024)
        assert model.get_layer("fc1").output.shape == (None, 4096)
        assert model.output_shape == (None, 7, 7, 30)
        model = yolo_v1(tiny=True)
        assert sizes(model, "conv6 pool6 conv9") == ([14, 7, 7], 1024)


@pytest.mark.parametrize("tiny", [False, True])
@pytest.mark.parametrize("cell", [64, 32, 16, 8])
def test_cells(cell, tiny):
    """As many as the image has, the last perhaps in part."""
    with outlines():
        for rows, columns in ((128, 192), (100, 97), (cell, 64 + cell)):
            model = yolo_v1(
                3,
                (rows, columns, 3),
                tiny=tiny,
                boxes=3,
                cell=cell,
                base_filters=1,
            )
            cells = -(-rows // cell), -(-columns // cell)
            assert model.output_shape == (None, *cells, 3 * 5 + 3)


def test_it_is_linear_but_for_leaks_of_a_tenth():
    with outlines():
        model = yolo_v1()
        leaks = [
            layer.negative_slope
            for layer in model.layers
            if isinstance(layer, keras.layers.LeakyReLU)
        ]
        assert leaks == [0.1] * 25
        others = {
            getattr(layer, "activation", keras.activations.linear)
            for layer in model.layers
        }
        assert others == {keras.activations.linear}
        assert model.get_layer("fc1_dropout").rate == 0.5


def test_saving_and_half_precision(tmp_path):
    make = functools.partial(
        yolo_v1, 3, (48, 40, 3), tiny=True, cell=16, base_filters=4
    )
    model, x = filled(make), images(2, 48, 40, 3)
    expected = run(model, x)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert error(run(loaded, x), expected) <= 1e-6
    with policy_of("mixed_float16"):
        half = empty(make)
    half.set_weights(model.get_weights())
    y = run(half, x)
    assert y.dtype == np.float32
    assert error(y, expected) <= TOLERANCE["mixed_float16"]


@pytest.mark.usefixtures("optimized")
def test_a_small_one_finds_what_it_was_shown():
    """All objects of 8 images, with the paper's loss."""
    keras.utils.set_random_seed(0)
    made = scenes(8)
    x = np.stack(made["image"]).astype("float32") / 255
    truth = [
        {"boxes": boxes / 48, "labels": labels}
        for boxes, labels in zip(made["boxes"], made["labels"], strict=True)
    ]
    y = np.stack(
        [
            yolo_targets(each["boxes"], each["labels"], 6, 3, format="xyxy")
            for each in truth
        ]
    )
    model = yolo_v1(3, (48, 48, 3), tiny=True, cell=8, base_filters=16)
    model.get_layer("fc1_dropout").rate = 0.0
    optimizer = keras.optimizers.Adam(1e-3)
    optimizer.build(model.trainable_variables)
    model.compile(optimizer, YoloV1(classes=3), jit_compile=JIT)
    for _ in range(200):
        model.train_on_batch(x, y)
    metric = AveragePrecision(classes=3)
    metric.update_state(truth, decode_yolo(run(model, x)))
    assert float(metric.result()) > 0.9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"classes": 0}, "classes.*at least 1.*0"),
        ({"boxes": 0}, "boxes.*at least 1.*0"),
        ({"base_filters": 0}, "base_filters.*at least 1.*0"),
        ({"cell": 128}, "cell=128.*64, 32, 16, 8"),
        ({"input_shape": (63, 64, 3)}, "too small.*64 rows"),
        ({"input_shape": (None, 64, 3)}, "leaves sizes open"),
        ({"input_shape": (64, 64)}, "is no image"),
    ],
)
def test_arguments(arguments, message):
    with outlines(), pytest.raises(ValueError, match=message):
        yolo_v1(**arguments)
