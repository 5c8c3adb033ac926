"""YOLO's loss against equation 3, cell by cell."""

import keras
import numpy as np
import pytest

from course.boxes import iou
from course.gradients import value_and_gradients
from course.losses import YoloV1, yolo_targets
from tests.compiled import compiled

CLASSES, BOXES, ROWS, COLUMNS = 3, 2, 3, 4


def data(seed=0, images=2):
    rng = np.random.default_rng(seed)
    y_true = np.zeros((images, ROWS, COLUMNS, 5 + CLASSES), "float32")
    cells = rng.uniform(size=y_true.shape[:-1]) < 0.4
    y_true[cells, :4] = rng.uniform(0.05, 0.6, (cells.sum(), 4))
    y_true[cells, 4] = 1
    y_true[cells, 5:] = np.eye(CLASSES)[rng.integers(0, CLASSES, cells.sum())]
    shape = (*y_true.shape[:-1], 5 * BOXES + CLASSES)
    y_pred = rng.uniform(-0.2, 0.9, shape).astype("float32")
    # far away and small: nothing overlaps, the second is nearer
    y_pred[0, :, :2, [0, 1, 5, 6]] = np.array([4, 4, 3, 3])[:, None, None]
    y_pred[0, :, :2, [2, 3, 7, 8]] = 0.01
    return y_true, y_pred


def box(x, y, w, h, row, column):
    return [(column + x) / COLUMNS, (row + y) / ROWS, w, h]


def cell_loss(truth, found, row, column):
    predictors = found[: 5 * BOXES].reshape(BOXES, 5)
    x, y, w, h, present = truth[:5]
    if not present:
        return 0.5 * (predictors[:, 4] ** 2).sum()
    overlaps, distances = [], []
    for px, py, root_w, root_h, _ in predictors:
        predicted = box(px, py, root_w**2, root_h**2, row, column)
        real = box(x, y, w, h, row, column)
        overlaps.append(iou([predicted], [real], "center_xywh")[0, 0])
        distances.append(
            (px - x) ** 2
            + (py - y) ** 2
            + (root_w - np.sqrt(w)) ** 2
            + (root_h - np.sqrt(h)) ** 2
        )
    best = np.argmax(overlaps) if max(overlaps) else np.argmin(distances)
    total = 5 * distances[best] + ((found[5 * BOXES :] - truth[5:]) ** 2).sum()
    for j, confidence in enumerate(predictors[:, 4]):
        if j == best:
            total += (confidence - overlaps[j]) ** 2
        else:
            total += 0.5 * confidence**2
    return total


def test_values_are_those_of_the_equation():
    y_true, y_pred = data()
    expected = [
        sum(
            cell_loss(t[row, column], p[row, column], row, column)
            for row, column in np.ndindex(ROWS, COLUMNS)
        )
        for t, p in zip(y_true, y_pred, strict=True)
    ]
    loss = compiled(YoloV1(BOXES, CLASSES, reduction=None))
    np.testing.assert_allclose(loss(y_true, y_pred), expected, rtol=1e-5)
    weights = np.array([2.0, 0.5])
    got = compiled(YoloV1(BOXES, CLASSES))(y_true, y_pred, weights)
    assert float(got) == pytest.approx(np.mean(expected * weights), rel=1e-5)


def test_gradients_leave_the_overlap_alone():
    """Of a responsible predictor: 10 (x - x*), and 2 (confidence - IoU)."""
    y_true, y_pred = data(seed=1)
    _, (gradient,) = value_and_gradients(
        lambda p: YoloV1(BOXES, CLASSES, reduction="sum")(y_true, p), y_pred
    )
    assert np.isfinite(gradient).all()
    seen = 0
    for at in np.argwhere(y_true[..., 4] == 1):
        truth, found = y_true[tuple(at)], y_pred[tuple(at)]
        moved = gradient[tuple(at)]
        for j in range(0, 5 * BOXES, 5):
            if not moved[j]:
                assert moved[j + 4] == pytest.approx(found[j + 4], rel=1e-5)
                continue
            seen += 1
            roots = [*truth[:2], *np.sqrt(truth[2:4])]
            np.testing.assert_allclose(
                moved[j : j + 4], 10 * (found[j : j + 4] - roots), atol=1e-5
            )
    assert seen == (y_true[..., 4] == 1).sum()


def test_an_image_without_objects_has_confidences_alone():
    y_true, y_pred = data()
    value, (gradient,) = value_and_gradients(
        lambda p: YoloV1(BOXES, CLASSES)(0 * y_true, p), 0 * y_pred
    )
    assert value == 0
    assert (gradient == 0).all()
    loss = compiled(YoloV1(BOXES, CLASSES, reduction="sum"))
    value = float(loss(0 * y_true, y_pred))
    expected = 0.5 * (y_pred[..., [4, 9]] ** 2).sum()
    assert value == pytest.approx(expected, rel=1e-5)


def test_targets_of_centers():
    boxes = [
        [0.30, 0.90, 0.2, 0.1],  # column 1.2, row 3.6
        [0.30, 0.95, 0.3, 0.1],  # the same cell, larger
        [0.49, 0.95, 0.1, 0.1],  # the same cell, smaller
        [1.00, 0.00, 0.1, 0.2],  # in the corner
    ]
    got = yolo_targets(boxes, [0, 1, 2, 2], grid=4, classes=3)
    assert (got[..., 4] == 1).sum() == 2
    np.testing.assert_allclose(
        got[3, 1], [0.2, 0.8, 0.3, 0.1, 1, 0, 1, 0], rtol=1e-5
    )
    np.testing.assert_allclose(
        got[0, 3], [1, 0, 0.1, 0.2, 1, 0, 0, 1], rtol=1e-5
    )
    assert not yolo_targets(np.zeros((0, 4)), []).any()


def test_round_trip_and_half_precision():
    y_true, y_pred = data()
    loss = YoloV1(BOXES, CLASSES, lambda_coord=2, lambda_noobj=0.1)
    config = keras.saving.serialize_keras_object(loss)
    copy = keras.saving.deserialize_keras_object(config)
    assert copy.get_config() == loss.get_config()
    half = keras.ops.cast(y_pred, "float16")
    value = float(compiled(copy)(y_true, keras.ops.cast(half, "float32")))
    assert float(compiled(loss)(y_true, half)) == pytest.approx(value, 1e-6)
    usual = float(compiled(YoloV1(BOXES, CLASSES))(y_true, half))
    assert value < 0.9 * usual


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: YoloV1(boxes=0), "boxes.*at least 1"),
        (lambda: YoloV1(classes=0), "classes.*at least 1"),
        (lambda: YoloV1(lambda_noobj=-1), "lambda_noobj=-1.*5 and 0.5"),
        (
            lambda: YoloV1()(np.zeros((1, 7, 7, 25)), np.zeros((1, 7, 7, 25))),
            r"columns, 25\) and \(n, rows, columns, 30\)",
        ),
        (
            lambda: YoloV1()(np.zeros((1, 7, 25)), np.zeros((1, 7, 30))),
            r"\(1, 7, 30\).*2 boxes and 20 classes",
        ),
        (lambda: yolo_targets(np.zeros((2, 4)), [1]), r"\(2, 4\).*\[1\]"),
        (lambda: yolo_targets(np.zeros((1, 4)), [20]), "from 0 to 19"),
        (lambda: yolo_targets([[9, 9, 4, 4]], [0]), "divide pixels by"),
    ],
)
def test_bad_arguments_say_what_is_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()
