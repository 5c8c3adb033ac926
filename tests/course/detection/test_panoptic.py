"""Instances and stuff, joined."""

import numpy as np
import pytest

from course.detection import VOID, panoptic_merge

pytestmark = pytest.mark.any_backend

STUFF = np.array([[2, 2, 2, 3], [2, 2, 3, 3], [2, 3, 3, 3]])


def masks(*pictures):
    return np.array(
        [[[c == "#" for c in row] for row in p.split()] for p in pictures]
    )


def merged(pictures, scores, labels=None, semantic=STUFF, **settings):
    found = {
        "masks": masks(*pictures),
        "scores": np.array(scores),
        "labels": np.zeros(len(scores), int) if labels is None else labels,
    }
    return panoptic_merge(found, semantic, 2, **settings)


def test_the_better_instance_lies_on_top():
    got = merged(["##.. ##.. ....", ".##. .##. .##."], [0.6, 0.9], [0, 1])
    kinds = [[0, 1, 1, 3], [0, 1, 1, 3], [2, 1, 1, 3]]
    numbers = [[2, 1, 1, 0], [2, 1, 1, 0], [0, 1, 1, 0]]
    np.testing.assert_array_equal(got, np.stack([kinds, numbers], axis=-1))


def test_what_is_mostly_hidden_is_left_out():
    pictures = ["###. .... ....", "#### .... ...."]
    got = merged(pictures, [0.9, 0.8])
    assert got[..., 1].max() == 1
    assert got[0, 3].tolist() == [3, 0]
    assert merged(pictures, [0.9, 0.8], visible=0.25)[0, 3].tolist() == [0, 2]


def test_doubtful_and_empty_ones_are_left_out():
    got = merged(
        ["#... .... ....", ".... .... ....", "...# .... ...."], [0.4, 0.9, 0.6]
    )
    assert got[0, 0].tolist() == [2, 0]
    assert got[0, 3].tolist() == [0, 1]


def test_what_is_no_stuff_stays_void():
    semantic = np.where(STUFF == 3, 1, STUFF)
    semantic[0, 0] = VOID
    got = merged(["#### .... ...."], [0.1], semantic=semantic)
    np.testing.assert_array_equal(
        got[..., 0] == VOID, (STUFF == 3) | (semantic < 0)
    )
    assert (got[..., 1] == 0).all()


def test_little_stuff_may_be_left_out():
    got = merged(["###. ##.. ...."], [0.9], min_area=2)
    assert got[2, 0].tolist() == [VOID, 0]
    assert (got[..., 0] == 3).sum() == 6


def test_no_instance_at_all():
    found = {"masks": np.zeros((0, 3, 4)), "labels": [], "scores": []}
    got = panoptic_merge(found, STUFF, 2)
    np.testing.assert_array_equal(got[..., 0], STUFF)


def test_masks_of_another_size():
    with pytest.raises(ValueError, match=r"\(1, 3, 4\).*\(3, 3\)"):
        merged(["#... .... ...."], [0.9], semantic=STUFF[:, :3])
