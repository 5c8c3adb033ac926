"""Crops of boxes, and masks put back."""

import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator

from course.detection import paste, warp
from tests.models import images


def middles(first, last, count):
    return first + (np.arange(count) + 0.5) * (last - first) / count


def sampled(image, box, size):
    """An image between its pixels' middles, by SciPy."""
    grid = [np.arange(n) + 0.5 for n in image.shape[:2]]
    look = RegularGridInterpolator(grid, image)
    left, top, right, bottom = box
    rows, columns = middles(top, bottom, size[0]), middles(left, right, size[1])
    return look(np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1))


@pytest.mark.parametrize("context", [0, 0.5, 1])
def test_a_crop_is_the_image_between_its_pixels(context):
    (image,) = images(1, 20, 30, 2)
    boxes = np.array([[6, 5, 14, 13], [9.5, 7.25, 21, 11]])
    size = (4, 6)
    got = warp(image, boxes, size, context)
    for crop, (left, top, right, bottom) in zip(got, boxes, strict=True):
        # a pixel of the crop is so wide and high; `context` of them around
        wide = (right - left) / (size[1] - 2 * context)
        high = (bottom - top) / (size[0] - 2 * context)
        box = (
            left - context * wide,
            top - context * high,
            right + context * wide,
            bottom + context * high,
        )
        np.testing.assert_allclose(crop, sampled(image, box, size), atol=1e-5)


def test_any_number_of_boxes():
    (image,) = images(1, 16, 16, 1)
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 8, (70, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(1, 8, (70, 2))], 1)
    got = warp(image, boxes, (3, 3))
    one_by_one = [warp(image, [box], (3, 3))[0] for box in boxes[[0, 63, 69]]]
    np.testing.assert_allclose(got[[0, 63, 69]], one_by_one, rtol=1e-6)
    assert len(got) == 70
    assert warp(image, np.zeros((0, 4)), (3, 3)).shape == (0, 3, 3, 1)


@pytest.mark.parametrize(
    ("box", "context", "message"),
    [
        ([3, 3, 3, 6], 0, "without area.*3.0, 3.0, 3.0, 6.0"),
        ([6, 3, 3, 6], 0, "without area"),
        ([0, 0, 4, 4], 2, "context=2.*less than half"),
        ([0, 0, 4, 4], -1, "context=-1"),
    ],
)
def test_crops_that_cannot_be(box, context, message):
    with pytest.raises(ValueError, match=message):
        warp(np.zeros((8, 8, 1)), [box], (4, 4), context)


def test_a_pasted_mask_is_interpolated_in_its_box():
    (mask,) = images(1, 5, 4, 1)
    mask = mask[..., 0]
    box = (2.0, 3.0, 14.0, 13.0)
    got = paste(mask, box, (16, 20))
    down, across = middles(3, 13, 5), middles(2, 14, 4)
    for row in range(16):
        for column in range(20):
            y, x = row + 0.5, column + 0.5
            expected = 0
            if 3 <= y < 13 and 2 <= x < 14:
                rows = [np.interp(x, across, cells) for cells in mask]
                expected = np.interp(y, down, rows)
            np.testing.assert_allclose(got[row, column], expected, atol=1e-6)


def test_a_mask_of_whole_pixels_is_put_back_as_it_was():
    where = np.zeros((12, 12))
    where[3:7, 2:10] = np.random.default_rng(0).integers(0, 2, (4, 8))
    (cut,) = warp(where[..., None], [2, 3, 10, 7], (4, 8))
    back = paste(cut[..., 0], [2, 3, 10, 7], where.shape)
    np.testing.assert_allclose(back, where)
