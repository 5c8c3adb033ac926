"""The 1,797 handwritten digits that come with scikit-learn, split by a seed.

Scans of 8 x 8 pixels with 17 grey levels: a tenth of the test digits of the
UCI repository's "Optical Recognition of Handwritten Digits" (E. Alpaydin and
C. Kaynak, 1998), whose 32 x 32 bitmaps were counted in blocks of 4 x 4.
"""

import functools
from typing import NamedTuple

import numpy as np

CLASSES = 10
LEVELS = 16  # a pixel is 0 (paper) ... 16 (ink)


class Part(NamedTuple):
    """One part of the digits: `images` (n, h, w, 1) and `labels` (n,)."""

    images: np.ndarray
    labels: np.ndarray


class Digits(NamedTuple):
    """The parts that no digit shares."""

    train: Part
    validation: Part
    test: Part


def digits(
    seed: int = 0,
    size: int | None = None,
    *,
    validation: float = 0.1,
    test: float = 0.2,
) -> Digits:
    """Handwritten digits, split so that each part has each class's share.

    Args:
        seed: Chooses the split. The same seed gives the same on any machine.
        size: Height and width of the images; None keeps the scans' 8 x 8,
            a larger one is interpolated linearly between pixels' centres.
        validation: Share of the digits, of all, that validate.
        test: Share of the digits, of all, that test.

    Returns:
        train, validation and test, each with `images` (n, size, size, 1),
        float32 between 0 (paper) and 1 (ink), and `labels` (n,), int32.

    Raises:
        ValueError: If a share is not in [0, 1), if nothing is left to train
            with, or if size is below 8.

    Example:
        >>> train, validation, test = digits()
        >>> train.images.shape, len(validation.labels), len(test.labels)
        ((1258, 8, 8, 1), 180, 359)
    """
    images, labels = scans()
    parts = []
    for chosen in _split(labels, seed, validation, test):
        pixels = images[chosen].astype("float32")[..., None] / LEVELS
        parts.append(Part(enlarge(pixels, size), labels[chosen]))
    return Digits(*parts)


@functools.cache
def scans() -> tuple[np.ndarray, np.ndarray]:
    """All digits: images (1797, 8, 8) of 0 ... 16 and labels (1797,)."""
    # a second that only who asks for digits pays
    from sklearn.datasets import load_digits

    found = load_digits()
    return found.images.astype("uint8"), found.target.astype("int32")


@functools.cache
def digit_parts() -> tuple[np.ndarray, ...]:
    """Indices of `scans` that train, validate and test, as seed 0 splits."""
    return tuple(_split(scans()[1], seed=0, validation=0.1, test=0.2))


def enlarge(images: np.ndarray, size: int | None) -> np.ndarray:
    """Images (n, h, w, c) -> (n, size, size, c), linear between the centres.

    Raises:
        ValueError: If size is below the images' height or width.
    """
    if size is None or images.shape[1:3] == (size, size):
        return images
    if size < max(images.shape[1:3]):
        raise ValueError(
            f"size={size} is smaller than the scans, which have "
            f"{images.shape[1]} x {images.shape[2]} pixels. Expected None, or "
            "at least that: nothing of a digit should be lost."
        )
    for axis in (1, 2):
        images = _enlarge_axis(images, axis, size)
    return images


def _enlarge_axis(images: np.ndarray, axis: int, size: int) -> np.ndarray:
    """Linear interpolation along one axis, its borders repeated."""
    count = images.shape[axis]
    place = (np.arange(size) + 0.5) * (count / size) - 0.5
    place = np.clip(place, 0, count - 1)
    first = np.minimum(place.astype(int), count - 2)
    share = (place - first).astype(images.dtype)
    share = share.reshape([-1 if i == axis else 1 for i in range(images.ndim)])
    left = np.take(images, first, axis)
    return left + share * (np.take(images, first + 1, axis) - left)


def _split(
    labels: np.ndarray, seed: int, validation: float, test: float
) -> list[np.ndarray]:
    """Indices of the training, validation and test digits, shuffled."""
    shares = {"validation": validation, "test": test}
    for name, share in shares.items():
        if not 0 <= share < 1:
            raise ValueError(
                f"{name}={share} is no share of the digits. Expected a number "
                "from 0 up to, but without, 1: 0.2 is a fifth."
            )
    if validation + test >= 1:
        raise ValueError(
            f"validation={validation} and test={test} leave nothing to train "
            "with. Choose them so that their sum is below 1."
        )
    rng = np.random.default_rng(seed)
    order = _strata(labels, rng)
    tested = round(test * len(order))
    held = tested + round(validation * len(order))
    parts = order[held:], order[tested:held], order[:tested]
    return [rng.permutation(part) for part in parts]


def _strata(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Indices in such an order that any run of them has each class's share.

    The i-th of a class's n shuffled digits stands at (i + a half) / n.
    """
    order = rng.permutation(len(labels))
    place = np.empty(len(labels))
    for label in range(CLASSES):
        members = order[labels[order] == label]
        place[members] = (np.arange(len(members)) + 0.5) / len(members)
    return order[np.argsort(place[order], kind="stable")]
