"""Boxes from YOLO's predictions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.boxes import iou
from course.detection import decode_yolo
from course.losses import yolo_targets


def perfect(targets, boxes):
    """What a network should predict: every predictor the object."""
    numbers = targets[..., :5].copy()
    numbers[..., 2:4] = np.sqrt(numbers[..., 2:4])
    repeated = [numbers] * boxes
    return np.concatenate([*repeated, targets[..., 5:]], axis=-1)


@given(st.data())
def test_targets_are_read_back(data):
    """One box a cell, whatever the number of predictors; none is lost."""
    grid, boxes, classes = (
        data.draw(st.integers(*ends)) for ends in ((1, 5), (1, 3), (1, 4))
    )
    cells = data.draw(
        st.sets(st.integers(0, grid**2 - 1), min_size=0, max_size=4)
    )
    inside = st.floats(0.01, 0.99)
    truth = np.array(
        [
            [
                (cell % grid + data.draw(inside)) / grid,
                (cell // grid + data.draw(inside)) / grid,
                # small: boxes of neighbouring cells overlap by less than half
                0.2 / grid,
                0.3 / grid,
            ]
            for cell in sorted(cells)
        ]
    ).reshape(-1, 4)
    labels = np.array(
        [data.draw(st.integers(0, classes - 1)) for _ in truth], int
    )
    targets = yolo_targets(truth, labels, grid, classes)
    (found,) = decode_yolo(
        perfect(targets, boxes)[None], boxes, iou_threshold=0.999
    )
    distances = iou(
        np.concatenate(
            [truth[:, :2] - truth[:, 2:] / 2, truth[:, :2] + truth[:, 2:] / 2],
            axis=1,
        ),
        found["boxes"],
    )
    assert (found["scores"] > 0.99).all()
    if len(truth):
        nearest = distances.argmax(axis=1)
        assert distances.max(axis=1).min() > 0.99
        np.testing.assert_array_equal(found["labels"][nearest], labels)
        np.testing.assert_allclose(distances[:, nearest].max(axis=0), 1, 1e-2)
    else:
        assert not len(found["boxes"])


def one(x=0.5, y=0.5, w=0.5, h=0.5, confidence=0.8):
    return [x, y, w, h, confidence]


def test_scores_are_confidence_times_probability():
    grid = np.zeros((1, 1, 2, 5 * 2 + 3))
    grid[0, 0, 0] = [*one(confidence=0.6), *one(confidence=0.5, w=0.1), 0, 1, 0]
    grid[0, 0, 1] = [*one(confidence=1), *one(confidence=0.1), 0.3, 0.1, 0.2]
    (found,) = decode_yolo(grid)
    np.testing.assert_allclose(found["scores"], [0.6, 0.5, 0.3])
    np.testing.assert_array_equal(found["labels"], [1, 1, 0])
    centers = (found["boxes"][:, :2] + found["boxes"][:, 2:]) / 2
    np.testing.assert_allclose(centers[:, 0], [0.25, 0.25, 0.75])
    np.testing.assert_allclose(centers[:, 1], 0.5)


def test_of_boxes_that_say_the_same_the_best_is_kept():
    grid = np.zeros((2, 1, 1, 5 * 2 + 1))
    grid[0, 0, 0] = [*one(confidence=0.6), *one(confidence=0.9, x=0.51), 1]
    grid[1, 0, 0] = [*one(confidence=0.1), *one(confidence=0.05), 1]
    first, second = decode_yolo(grid)
    np.testing.assert_allclose(first["scores"], [0.9])
    assert first["boxes"].shape == (1, 4)
    assert second["boxes"].shape == (0, 4)
    assert len(decode_yolo(grid, iou_threshold=1.0)[0]["scores"]) == 2


def test_a_negative_root_is_a_size_all_the_same():
    grid = np.array([*one(w=-0.5), 1.0]).reshape(1, 1, 1, 6)
    (found,) = decode_yolo(grid, boxes=1)
    np.testing.assert_allclose(found["boxes"], [[0.375, 0.375, 0.625, 0.625]])


@pytest.mark.parametrize("shape", [(7, 7, 30), (1, 7, 7, 10), (0,)])
def test_predictions_that_do_not_fit(shape):
    with pytest.raises(ValueError, match=r"shape \(.*5 B \+ C.*B = 2"):
        decode_yolo(np.zeros(shape))
