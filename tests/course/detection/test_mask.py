"""Instances and stuff of scenes that were not seen before."""

import functools

import keras
import numpy as np
import pytest
from keras import layers

from course.boxes import iou
from course.detection import VOID, MaskRCNN, mask_rcnn, propose
from course.layers import RoIAlign
from course.metrics import AveragePrecision, PanopticQuality
from tests.models import error, filled, images, run
from tests.scenes import STUFF, THINGS, scenes

FEWER = functools.partial(propose, scales=(50,))


def backbone(size=48):
    x = inputs = keras.Input((size, size, 3))
    for filters, strides in ((16, 2), (32, 2), (32, 1)):
        x = layers.Conv2D(filters, 3, strides, "same", activation="relu")(x)
    return keras.Model(inputs, x)


def truth(made):
    keys = ("boxes", "labels", "instances", "classes")
    return [
        dict(zip(keys, values, strict=True))
        for values in zip(*(made[key] for key in keys), strict=True)
    ]


@pytest.mark.usefixtures("optimized")
def test_it_finds_things_and_stuff():
    made, other = scenes(32), scenes(8, seed=1)
    keras.utils.set_random_seed(0)
    detector = MaskRCNN(
        backbone(), len(THINGS), STUFF, rois=32, filters=16, proposals=FEWER
    )
    optimizer = keras.optimizers.Adam(3e-3)
    detector.fit(made["image"], truth(made), 15, 4, optimizer=optimizer)

    found = detector.predict(other["image"])
    metric = AveragePrecision(classes=3)
    metric.update_state(truth(other), found)
    assert float(metric.result()) > 0.7
    for each, instances in zip(found, other["instances"], strict=True):
        for mask, box in zip(each["masks"], each["boxes"], strict=True):
            rows, columns = np.nonzero(mask)
            assert columns.min() >= box[0] - 1
            assert rows.max() <= box[3]
        assert each["masks"].shape[1:] == instances.shape

    quality = PanopticQuality(len(THINGS) + STUFF, ignore_class=VOID)
    real = [
        np.stack(pair, axis=-1)
        for pair in zip(other["classes"], other["instances"], strict=True)
    ]
    quality.update_state(
        np.stack(real), np.stack(detector.panoptic(other["image"]))
    )
    assert float(quality.result()["pq"]) > 0.55  # of nothing but ground: 0.33


def test_heads_look_at_their_boxes():
    """A box's numbers do not depend on the others of its image."""
    make = functools.partial(mask_rcnn, backbone(32), 2, 3, rois=3, filters=4)
    model = filled(make)
    x = images(2, 32, 32, 3)
    boxes = np.array([[[2, 3, 20, 30], [0, 0, 32, 32], [9, 9, 14, 17]]] * 2)
    boxes = boxes.astype("float32")
    y = run(model, [x, boxes])
    turned = run(model, [x, boxes[:, ::-1]])
    for name in ("classes", "steps", "masks"):
        assert error(turned[name][:, ::-1], y[name]) <= 1e-5
        assert error(y[name][:, 0], y[name][:, 1]) > 0.01
        # and of each image its own
        alone = run(model, [x[::-1], boxes])
        assert error(alone[name][::-1], y[name]) <= 1e-5
    assert y["masks"].shape == (2, 3, 2, 28, 28)
    assert y["semantic"].shape == (2, 32, 32, 4)


def test_a_mask_is_that_of_its_cells():
    """Identity kernels: the mask of a class shows its channel in the box."""
    features = keras.Input((16, 16, 2))
    same = keras.Model(features, layers.Activation("linear")(features))
    model = mask_rcnn(same, 2, rois=1, filters=2)
    for layer in model.layers:
        weights = [np.zeros_like(w) for w in layer.get_weights()]
        if layer.name.startswith("mask_") and weights:
            kernel = weights[0]
            if "conv" in layer.name:
                kernel[1, 1] = np.eye(2)
            else:
                kernel[:] = np.eye(2)
            layer.set_weights(weights)
    x = np.abs(images(1, 16, 16, 2))
    box = np.array([[[3, 2, 13, 15]]], "float32")
    got = run(model, [x, box])["masks"][0, 0]
    cells = keras.ops.convert_to_numpy(RoIAlign(14)([x, box]))[0, 0]
    expected = cells.repeat(2, axis=0).repeat(2, axis=1).transpose(2, 0, 1)
    assert error(got, expected) <= 1e-5


def test_an_image_without_things_is_learnt_too():
    made = scenes(2)
    whole = truth(made)
    whole[1] = {
        "boxes": np.zeros((0, 4)),
        "labels": np.zeros(0, int),
        "instances": np.zeros((48, 48), int),
        "classes": np.full((48, 48), 3),
    }
    detector = MaskRCNN(backbone(), 3, 2, rois=8, filters=4, proposals=FEWER)
    history = detector.fit(made["image"], whole, 1, 1)
    assert np.isfinite(history.history["loss"]).all()
    assert np.isfinite(detector.network.get_weights()[0]).all()


def test_proposals_of_things_are_their_targets():
    made = scenes(1)
    detector = MaskRCNN(backbone(), 3, 2, rois=16, filters=4, proposals=FEWER)
    rng = np.random.default_rng(0)
    (each,) = truth(made)
    _, boxes, y, weights = detector._example(made["image"][0], each, rng)
    overlaps = iou(boxes, each["boxes"])
    positive = overlaps.max(axis=1) >= 0.5
    assert positive.sum() == 4
    best = each["labels"][overlaps.argmax(axis=1)]
    np.testing.assert_array_equal(y["classes"], np.where(positive, best + 1, 0))
    np.testing.assert_array_equal(weights["steps"].sum(axis=1), positive)
    for i in np.flatnonzero(positive):
        inside = y["masks"][i, best[i]].mean()
        left, top, right, bottom = boxes[i].astype(int)
        real = each["instances"] == overlaps[i].argmax() + 1
        assert abs(inside - real[top:bottom, left:right].mean()) < 0.1


def test_what_it_refuses():
    x = keras.Input((30, 30, 3))
    odd = keras.Model(x, layers.Conv2D(2, 3, 4)(x))
    with pytest.raises(ValueError, match="divided by one integer"):
        mask_rcnn(odd, 2)
    with pytest.raises(ValueError, match=r"classes.*at least 1"):
        mask_rcnn(backbone(), 0)
    detector = MaskRCNN(backbone(), 3, rois=4, filters=4)
    made = scenes(1)
    with pytest.raises(ValueError, match="labels no stuff"):
        detector.panoptic(made["image"])
    with pytest.raises(ValueError, match=r"size \(32, 32\).*\(48, 48\)"):
        detector.predict([np.zeros((32, 32, 3))])
    with pytest.raises(ValueError, match="truth of 0"):
        detector.fit(made["image"], [])
    with pytest.raises(ValueError, match=r"an image has.*'instances'"):
        detector.fit(made["image"], [{"boxes": [], "labels": []}])
    with pytest.raises(ValueError, match="labels from 0 to 2"):
        detector.fit(made["image"], [{**truth(made)[0], "labels": [7]}])
