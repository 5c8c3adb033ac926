"""The things of a scene: digits that lie on its ground, and scraps of them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from course.datasets.digit_scenes import textures
from course.datasets.digit_scenes.glyphs import (
    FINE,
    HEIGHT,
    OUTLINE,
    SOFT,
    stretch,
)
from course.datasets.digit_scenes.integers import blur, halve, shift
from course.datasets.digit_scenes.recipe import Recipe
from course.datasets.handwritten import digit_parts, scans

MARGIN = 8  # pixels around a thing and around a scene, for shadows
PAINTS = (
    (250, 246, 236),  # white
    (255, 212, 40),  # yellow
    (255, 138, 22),  # orange
    (236, 52, 64),  # red
    (232, 78, 178),  # pink
    (140, 92, 232),  # violet
    (38, 116, 236),  # blue
    (34, 200, 214),  # turquoise
)
_TRIES = 30  # places that are tried for a digit


@dataclass
class Thing:
    """A digit or a scrap of one, somewhere on a scene.

    Attributes:
        height: Of its surface, (2n, 2m) samples, with a margin.
        top, left: Pixel where that begins, from the margin around the scene.
        size: Of the scene in pixels.
        paint: Red, green and blue.
        value: Of the digit; None for a scrap.
    """

    height: np.ndarray
    top: int
    left: int
    size: int
    paint: np.ndarray
    value: int | None

    @cached_property
    def alpha(self) -> np.ndarray:
        """How much of each sample it covers, 0 ... 256: (2n, 2m)."""
        above = (self.height - OUTLINE + SOFT // 2) * 256 // SOFT
        return above.clip(0, 256)

    @cached_property
    def cover(self) -> np.ndarray:
        """How much of each pixel it covers, 0 ... 1024: (n, m)."""
        return halve(self.alpha)

    @cached_property
    def where(self) -> np.ndarray:
        """The scene's pixels that it covers at least half: (size, size)."""
        whole = np.zeros((self.size + 2 * MARGIN,) * 2, dtype=bool)
        self.window(whole)[:] = self.cover >= 512
        return inside(whole)

    def window(self, whole: np.ndarray) -> np.ndarray:
        """What lies beneath it of a scene with its margin; a view."""
        height, width = self.cover.shape
        return whole[self.top : self.top + height, self.left :][:, :width]

    def paint_on(self, picture: np.ndarray) -> None:
        """Paint it and its shadow onto a picture with its margin, in place."""
        beneath, cover = self.window(picture), self.cover[..., None]
        shadow = blur(shift(self.cover, 2, 2), 2)[..., None]
        shaded = beneath * (2400 - shadow) // 2400
        painted = halve(self._colour() * self.alpha[..., None])
        beneath[:] = (shaded * (1024 - cover) + painted) >> 10

    def _colour(self) -> np.ndarray:
        """Of each sample, in a light that comes from the upper left."""
        gloss = (self.height - shift(self.height, 3, 3)) * 84 // HEIGHT
        depth = (self.height - OUTLINE).clip(0) * 36 // HEIGHT
        light = 228 + depth + gloss.clip(-64, 48)
        return ((self.paint * light[..., None]) >> 8).clip(0, 255)


def inside(whole: np.ndarray) -> np.ndarray:
    """A scene without its margin; a view."""
    return whole[MARGIN:-MARGIN, MARGIN:-MARGIN]


def arrange(recipe: Recipe, part: str, rng: np.random.Generator) -> list[Thing]:
    """Digits, the first at the bottom, none hidden more than allowed."""
    things: list[Thing] = []
    paints = rng.permutation(len(PAINTS))
    for number in range(
        int(rng.integers(recipe.digits[0], recipe.digits[1] + 1))
    ):
        paint = PAINTS[paints[number % len(PAINTS)]]
        for _ in range(_TRIES):
            height, index = _drawn(recipe, part, rng)
            value = int(scans()[1][index])
            thing = _placed(height, recipe, rng, paint, value)
            if _shows_enough([*things, thing], recipe.overlap):
                things.append(thing)
                break
    return things


def scatter(recipe: Recipe, part: str, rng: np.random.Generator) -> list[Thing]:
    """Scraps: pieces of digits, half as wide and as high."""
    scraps = []
    for _ in range(int(rng.integers(0, recipe.clutter + 1))):
        drawn, _ = _drawn(recipe, part, rng)
        height, width = (length // 2 for length in drawn.shape)
        top, left = (int(rng.integers(0, length)) for length in (height, width))
        piece = drawn[top : top + height, left : left + width]
        piece = (piece * _dome(height)[:, None] >> 8) * _dome(width) >> 8
        paint = PAINTS[rng.integers(0, len(PAINTS))]
        scraps.append(_placed(piece, recipe, rng, paint, None))
    return scraps


def _dome(length: int) -> np.ndarray:
    """0 at both ends, 256 over the middle half."""
    place = np.arange(length)
    edge = np.minimum(place, length - 1 - place)
    return (edge * 1024 // length).clip(0, 256)


def _shows_enough(things: list[Thing], overlap: int) -> bool:
    """Whether each thing is seen, and hidden by at most `overlap` per cent."""
    hidden = np.zeros_like(things[-1].where)
    for thing in reversed(things):
        area = int(thing.where.sum())
        lost = int((thing.where & hidden).sum())
        if area == 0 or 100 * lost > overlap * area:
            return False
        hidden |= thing.where
    return True


def _drawn(
    recipe: Recipe, part: str, rng: np.random.Generator
) -> tuple[np.ndarray, int]:
    """The surface of a digit of this part, and which it is."""
    mine = digit_parts()[tuple(textures.PARTS).index(part)]
    index = int(mine[rng.integers(0, len(mine))])
    # FINE samples to a pixel of the scan, two to a pixel of the scene
    small, large = (round(FINE * 256 / (2 * s)) for s in recipe.scale)
    step = int(rng.integers(large, small + 1))
    return stretch(index, step, int(rng.integers(-60, 61))), index


def _placed(
    height: np.ndarray,
    recipe: Recipe,
    rng: np.random.Generator,
    paint: tuple[int, int, int],
    value: int | None,
) -> Thing:
    """A thing anywhere within the scene, in a paint that no other quite has."""
    top, left = (
        int(rng.integers(0, 2 * recipe.size - length + 1))
        for length in height.shape
    )
    mixed = np.array(paint, dtype="int32") + rng.integers(-14, 15, 3)
    # an even number of samples before and in all: whole pixels
    pad = [
        (2 * MARGIN + first % 2, 2 * MARGIN + (first + length) % 2)
        for first, length in zip((top, left), height.shape, strict=True)
    ]
    return Thing(
        np.pad(height, pad), top // 2, left // 2, recipe.size, mixed, value
    )
