"""The ground of a scene: regions of real textures with natural borders."""

import numpy as np

from course.datasets.digit_scenes import textures
from course.datasets.digit_scenes.integers import blur, enlarge, halve, smooth

_HILLS, _BUMPS = 4, 2  # pixels a side of what the landscapes are made of


def regions(side: int, rng: np.random.Generator) -> np.ndarray:
    """Which texture each sample shows: (2 side, 2 side), 0 ... 3, int8.

    Two to four textures have a hilly landscape each; the highest is seen.
    """
    count = (2, 2, 3, 3, 4)[rng.integers(0, 5)]
    chosen = rng.permutation(len(textures.NAMES))[:count].astype("int8")
    highest = np.full((2 * side, 2 * side), -(2**31), dtype="int32")
    shown = np.zeros_like(highest, dtype="int8")
    for kind in chosen:
        height = smooth(_landscape(side, rng))
        np.copyto(shown, kind, where=height > highest)
        np.maximum(highest, height, out=highest)
    return shown


def majority(samples: np.ndarray) -> np.ndarray:
    """What most of each pixel's four samples show, the first of equals."""
    most = np.zeros([length // 2 for length in samples.shape], dtype="int8")
    winner = np.zeros_like(most)
    for kind in range(len(textures.NAMES)):
        votes = halve((samples == kind).astype("int8"))
        np.copyto(winner, kind, where=votes > most)
        np.maximum(most, votes, out=most)
    return winner


def paint(
    samples: np.ndarray,
    stuff: np.ndarray,
    part: str,
    rng: np.random.Generator,
) -> np.ndarray:
    """The textures where they are seen: pixels (h, w, 3), int32.

    Each is a little lighter or darker than in another scene, and casts a
    narrow shadow on its neighbours.

    Args:
        samples: The texture of each sample, (2h, 2w).
        stuff: That of each pixel, (h, w).
    """
    picture = np.zeros(samples.shape, dtype="uint32")
    rims = np.zeros(stuff.shape, dtype="int32")
    tones = np.zeros((len(textures.NAMES), 3), dtype="int32")
    for kind in np.flatnonzero(np.bincount(samples.ravel())):
        window = textures.sample(textures.NAMES[kind], part, len(samples), rng)
        np.copyto(picture, window, where=samples == kind)
        tones[kind] = int(rng.integers(222, 276)) + rng.integers(-8, 9, 3)
        seen = stuff == kind
        rim = blur(seen.astype("int32") << 8, 2, 1)
        np.maximum(rims, rim, out=rims, where=~seen)
    sums = halve(textures.unpacked(picture).astype("uint16")).astype("int32")
    lit = sums * tones.take(stuff, axis=0) >> 10
    return lit * (256 - rims // 2)[..., None] >> 8


def _landscape(side: int, rng: np.random.Generator) -> np.ndarray:
    """Heights that change slowly, with some unrest: (side, side), int32."""
    hills = _noise(side, _HILLS, rng)
    hills = enlarge(blur(hills, max(len(hills) // 7, 1)), _HILLS)
    bumps = enlarge(_noise(side, _BUMPS, rng), _BUMPS)
    both = 24 * hills[:side, :side] + bumps[:side, :side] // 3
    return blur(both, _HILLS // 2)


def _noise(side: int, grain: int, rng: np.random.Generator) -> np.ndarray:
    """Chance in squares of `grain` pixels, enough of them for `side`."""
    count = -(-side // grain)
    return rng.integers(-(2**14), 2**14, (count, count)).astype("int32")
