"""The split of the digits: shares, classes, nothing shared."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import RegularGridInterpolator
from sklearn.datasets import load_digits

from course.datasets import digits
from course.datasets.handwritten import enlarge

pytestmark = pytest.mark.any_backend


def test_each_digit_is_in_one_part_with_its_label():
    parts = digits(seed=3)
    found = load_digits()
    everything = sorted(
        (image.tobytes(), label)
        for image, label in zip(found.images, found.target, strict=True)
    )
    given_back = sorted(
        ((image[..., 0] * 16).astype("float64").tobytes(), label)
        for part in parts
        for image, label in zip(part.images, part.labels, strict=True)
    )
    assert given_back == everything
    assert [len(part.labels) for part in parts] == [1258, 180, 359]
    assert all(part.images.dtype == np.float32 for part in parts)
    assert parts.train.images.min() == 0
    assert parts.train.images.max() == 1


@settings(max_examples=20)
@given(
    seed=st.integers(0, 2**32),
    validation=st.floats(0, 0.45),
    test=st.floats(0, 0.45),
)
def test_each_part_has_each_classs_share(seed, validation, test):
    total = np.bincount(load_digits().target)
    parts = digits(seed, validation=validation, test=test)
    assert len(parts.test.labels) == round(test * 1797)
    assert len(parts.validation.labels) == round(validation * 1797)
    for part in parts:
        share = len(part.labels) / 1797
        count = np.bincount(part.labels, minlength=10)
        assert np.abs(count - share * total).max() <= 1.5


def test_a_part_is_shuffled():
    labels = digits(seed=0).train.labels
    # in runs of ten, a stratified order would hold each class about once
    kinds = [len(set(labels[i : i + 10])) for i in range(0, 1250, 10)]
    assert 6 < np.mean(kinds) < 7  # 10 (1 - .9^10) = 6.5 by chance


def test_a_seed_gives_the_same_everywhere():
    train, _, test = digits(seed=0)
    kept = hashlib.sha256(train.images.tobytes() + test.labels.tobytes())
    assert kept.hexdigest()[:16] == "75fccb3b16eb221f"
    assert not np.array_equal(digits(seed=1).test.labels, test.labels)


def test_enlarged_digits_are_interpolated_between_centres():
    small, large = digits(seed=5), digits(seed=5, size=32)
    np.testing.assert_array_equal(small.test.labels, large.test.labels)
    centres = np.arange(8) * 4 + 1.5
    wanted = np.clip(np.arange(32), 1.5, 29.5)
    grid = np.stack(np.meshgrid(wanted, wanted, indexing="ij"), axis=-1)
    for before, after in zip(
        small.test.images[:20, ..., 0],
        large.test.images[:20, ..., 0],
        strict=True,
    ):
        between = RegularGridInterpolator((centres, centres), before)
        np.testing.assert_allclose(after, between(grid), atol=1e-6)


def test_enlarging_commutes_with_mirroring():
    images = digits().test.images[:5]
    mirrored = enlarge(images[:, :, ::-1], 27)
    np.testing.assert_allclose(
        enlarge(images, 27)[:, :, ::-1], mirrored, atol=1e-6
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"test": 1.0}, r"test=1\.0 is no share.*0\.2 is a fifth"),
        ({"validation": -0.1}, "validation=-0.1 is no share"),
        ({"validation": 0.5, "test": 0.5}, "leave nothing to train with"),
        ({"size": 4}, "size=4 is smaller than the scans"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        digits(**options)
