"""R-CNN finds shapes that it has not seen before."""

import functools

import keras
import numpy as np
import pytest
from keras import layers

from course.detection import RCNN, propose
from course.metrics import AveragePrecision
from tests.scenes import scenes

FEWER = functools.partial(propose, scales=(50,))


def backbone():
    x = inputs = keras.Input((24, 24, 3))
    for filters in (8, 16, 32):
        x = layers.Conv2D(filters, 3, 2, "same", activation="relu")(x)
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(32, "relu")(x))


def truth(made):
    return [
        {"boxes": boxes, "labels": labels}
        for boxes, labels in zip(made["boxes"], made["labels"], strict=True)
    ]


def average_precision(made, found):
    metric = AveragePrecision(classes=3)
    metric.update_state(truth(made), found)
    return float(metric.result())


@pytest.mark.usefixtures("optimized")
def test_it_finds_what_it_learnt():
    """Other scenes of three shapes; by chance a class is right in a third."""
    made, other = scenes(24), scenes(8, seed=1)
    keras.utils.set_random_seed(0)
    detector = RCNN(backbone(), 3, proposals=FEWER)
    optimizer = keras.optimizers.Adam(3e-3)
    detector.fit(made["image"], truth(made), 15, optimizer=optimizer)
    found = detector.predict(other["image"])
    assert average_precision(other, found) > 0.8
    for each in found:
        assert (np.diff(each["scores"]) <= 0).all()
        assert (each["boxes"] >= 0).all()
        assert (each["boxes"] <= 48).all()
    # the same features, judged by support vector machines
    machines = RCNN(detector.features, 3, "svm", proposals=FEWER)
    machines.fit(made["image"], truth(made), 1, optimizer="sgd")
    found = machines.predict(other["image"])
    assert average_precision(other, found) > 0.8


def test_boxes_move_as_was_learnt():
    """Proposals that are always two pixels to the left of the thing."""

    def shifted(image):
        rows, columns = np.nonzero(image[..., 0] > 100)
        box = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        return np.array([box], "float32") - [2, 0, 2, 0]

    rng = np.random.default_rng(0)
    pictures, objects = [], []
    for _ in range(30):
        left, top = rng.integers(4, 20, size=2)
        image = np.zeros((40, 40, 3), "uint8")
        image[top : top + 16, left : left + 16] = 200
        pictures.append(image)
        objects.append(
            {
                "boxes": np.array([[left, top, left + 16, top + 16]]),
                "labels": [0],
            }
        )
    keras.utils.set_random_seed(0)
    detector = RCNN(backbone(), 1, proposals=shifted)
    detector.fit(pictures[:20], objects[:20], 1)
    found = detector.predict(pictures[20:], score_threshold=0.0)
    errors = [
        np.abs(each["boxes"][0] - real["boxes"][0]).max()
        for each, real in zip(found, objects[20:], strict=True)
    ]
    assert np.median(errors) < 1  # before: 2


def test_an_image_without_proposals_has_no_objects():
    made = scenes(4)
    detector = RCNN(backbone(), 3, proposals=FEWER)
    detector.fit(made["image"], truth(made), 1)
    detector.proposals = lambda image: np.zeros((0, 4), "float32")
    (found,) = detector.predict(made["image"][:1])
    assert found["boxes"].shape == (0, 4)
    assert found["labels"].shape == found["scores"].shape == (0,)


def test_what_it_refuses():
    x = keras.Input((None, None, 3))
    with pytest.raises(ValueError, match="Expected images of known size"):
        RCNN(keras.Model(x, layers.Conv2D(2, 3)(x)), 3)
    with pytest.raises(ValueError, match=r"classifier='knn'.*'softmax', 'svm'"):
        RCNN(backbone(), 3, "knn")
    with pytest.raises(ValueError, match=r"classes.*at least 1"):
        RCNN(backbone(), 0)
    detector = RCNN(backbone(), 2)
    with pytest.raises(ValueError, match="not trained yet"):
        detector.predict([])
    made = scenes(3)
    with pytest.raises(ValueError, match=r"labels \[0, 1, 2\].*0 to 1"):
        detector.fit(made["image"], truth(made))
    with pytest.raises(ValueError, match="3 images and the truth of 1"):
        detector.fit(made["image"], truth(made)[:1])
    nothing = {"boxes": np.zeros((0, 4)), "labels": []}
    with pytest.raises(ValueError, match="at least one object"):
        detector.fit(made["image"], [nothing] * 3)
