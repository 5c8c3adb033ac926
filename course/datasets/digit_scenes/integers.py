"""Pictures by whole numbers: the same on every machine, to the last bit.

Sums of floating-point numbers depend on their order, which processors and
libraries choose differently; sums of whole numbers do not.
"""

import numpy as np


def blur(image: np.ndarray, radius: int, times: int = 2) -> np.ndarray:
    """Mean over squares of 2 radius + 1, `times` times: (h, w) -> (h, w).

    The border is continued by its own pixels.
    """
    for _ in range(times):
        image = _blur_columns(_blur_columns(image, radius).T, radius).T
    return image


def halve(image: np.ndarray) -> np.ndarray:
    """Sum over blocks of 2 x 2: (2h, 2w, ...) -> (h, w, ...)."""
    rows = image[0::2] + image[1::2]
    return rows[:, 0::2] + rows[:, 1::2]


def enlarge(image: np.ndarray, times: int) -> np.ndarray:
    """Each pixel as a square of `times` x `times`: (h, w) -> (times h, ...)."""
    return image.repeat(times, axis=0).repeat(times, axis=1)


def smooth(image: np.ndarray) -> np.ndarray:
    """Twice the rows and columns, by lines through what is there.

    Args:
        image: (h, w), whole numbers.

    Returns:
        (2h, 2w), each 16 times what it would be: nothing is rounded.
    """
    for _ in range(2):
        padded = np.concatenate([image[:1], image, image[-1:]])
        double = np.empty((2 * len(image), image.shape[1]), image.dtype)
        double[0::2] = 3 * image + padded[:-2]
        double[1::2] = 3 * image + padded[2:]
        image = double.T
    return image


def shift(image: np.ndarray, down: int, right: int) -> np.ndarray:
    """A picture moved down and to the right, zero where it came from."""
    moved = np.zeros_like(image)
    height, width = image.shape
    moved[down:, right:] = image[: height - down, : width - right]
    return moved


def _blur_columns(image: np.ndarray, radius: int) -> np.ndarray:
    """Mean over 2 radius + 1 rows; what is summed stays below 2^31."""
    padded = np.concatenate(
        [
            image[:1].repeat(radius + 1, axis=0),
            image,
            image[-1:].repeat(radius, axis=0),
        ]
    )
    width = 2 * radius + 1
    total = padded.cumsum(axis=0, dtype="int32")
    return (total[width:] - total[:-width]) // width
