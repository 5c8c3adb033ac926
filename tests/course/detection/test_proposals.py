"""Boxes from segments."""

import numpy as np
import pytest

from course.boxes import iou
from course.detection import propose
from tests.scenes import scenes

pytestmark = pytest.mark.any_backend


def test_each_thing_has_a_proposal():
    made = scenes(8)
    for image, boxes in zip(made["image"], made["boxes"], strict=True):
        proposals = propose(image)
        assert iou(boxes, proposals).max(axis=1).min() > 0.7
        # fewer than windows at every place: 48^2 for each size
        assert len(proposals) < 200


def test_proposals_are_boxes_of_the_image_each_once():
    (image,) = scenes(1)["image"]
    found = propose(image, scales=(30, 100), min_side=6)
    assert found.dtype == np.float32
    assert len(np.unique(found, axis=0)) == len(found)
    assert (found >= 0).all()
    assert (found <= 48).all()
    assert (found[:, 2:] - found[:, :2] >= 6).all()
    assert [0, 0, 48, 48] in found.tolist()  # all merged
    np.testing.assert_array_equal(
        found, propose(image, scales=(30, 100), min_side=6)
    )


def test_parts_of_two_colours_are_proposed_alone_and_together():
    """What merging adds to the segments."""
    image = np.full((40, 40, 3), 40, "uint8")
    image[10:30, 8:18] = 250, 60, 60
    image[10:30, 18:30] = 250, 120, 60
    found = propose(image, sigma=0.1)
    for wanted in ([8, 10, 18, 30], [18, 10, 30, 30], [8, 10, 30, 30]):
        assert iou([wanted], found).max() > 0.85


def test_kinds_of_images():
    """Fractions and whole numbers, with one channel, three or none."""
    (image,) = scenes(1)["image"]
    gray = image[..., 0]
    expected = propose(gray)
    for same in (gray[..., None], gray / 255):
        np.testing.assert_array_equal(propose(same), expected)
    even = np.full((20, 30), 7, "uint8")
    assert propose(even).tolist() == [[0, 0, 30, 20]]


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((8, 8, 2)), r"float64 \(8, 8, 2\).*Expected"),
        (np.full((8, 8), 2.0), "values from 2.0 to 2.0.*fractions"),
        (np.full((8, 8), np.nan), "nan"),
        (np.full((8, 8), -1), "values from -1 to -1"),
        (np.zeros((0, 8)), r"\(0, 8, 1\)"),
    ],
)
def test_what_is_no_image(image, message):
    with pytest.raises(ValueError, match=message):
        propose(image)


def test_no_scale():
    with pytest.raises(ValueError, match="scales is empty"):
        propose(np.zeros((8, 8)), scales=())
