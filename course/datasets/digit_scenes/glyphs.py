"""Digits of any size with smooth outlines, from scans of 8 x 8 pixels.

The scan's ink, 0 ... 16, is the height of a smooth surface through the pixels'
centres, by Catmull and Rom's cubics. The digit is where the surface is above a
level, so that its outline stays sharp however large it is drawn.
"""

import functools

import numpy as np

from course.datasets.handwritten import LEVELS, scans

FINE = 16  # samples of the surface a pixel of the scan
HEIGHT = 4096  # of full ink
OUTLINE = 7 * HEIGHT // 16  # the height at which a digit ends
SOFT = HEIGHT // 8  # over which its outline fades
_SIDE = 10  # pixels of the scan with a margin of one, which is paper


def stretch(index: int, step: int, slant: int) -> np.ndarray:
    """One digit's surface, sampled and slanted: (n, m), 0 ... HEIGHT or so.

    Args:
        index: Of the scan.
        step: Distance of two samples, in 1/256 of a sample of the surface.
        slant: How far a row lies to the right of the next, in 1/256 of a row.

    Returns:
        The samples, without the rows and columns that show nothing.
    """
    whole = _surface(index)
    side = len(whole)
    reach = side * abs(slant) // 512
    rows = np.arange(0, side * 256, step) >> 8
    columns = (np.arange(0, (side + 2 * reach) * 256, step) >> 8) - reach
    place = columns[None] - ((slant * (side // 2 - rows)) >> 8)[:, None]
    inside = (place >= 0) & (place < side)
    height = whole[rows[:, None], place.clip(0, side - 1)] * inside
    seen = height > OUTLINE - SOFT // 2
    rows, columns = (np.flatnonzero(seen.any(axis)) for axis in (1, 0))
    return height[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


@functools.lru_cache(maxsize=2048)
def _surface(index: int) -> np.ndarray:
    """Height of one scan's surface: (160, 160)."""
    ink = np.pad(scans()[0][index].astype("int64"), 1)
    # a row's weights sum to 2 (2 FINE)^3
    full = (2 * (2 * FINE) ** 3) ** 2 * LEVELS
    whole = (_weights() @ ink @ _weights().T) * HEIGHT // full
    return whole.astype("int32")


@functools.cache
def _weights() -> np.ndarray:
    """How much each pixel counts for each sample: (160, 10), whole numbers."""
    rows = np.zeros((_SIDE * FINE, _SIDE), dtype="int64")
    u = 2 * FINE
    for sample in range(len(rows)):
        # t / u of the way from the centre of one pixel to the next
        first, t = divmod(2 * sample + 1 - FINE, u)
        taps = (
            -t * u**2 + 2 * t**2 * u - t**3,
            2 * u**3 - 5 * t**2 * u + 3 * t**3,
            t * u**2 + 4 * t**2 * u - 3 * t**3,
            -(t**2) * u + t**3,
        )
        for pixel, weight in enumerate(taps, first - 1):
            if 0 <= pixel < _SIDE:
                rows[sample, pixel] = weight
    return rows
