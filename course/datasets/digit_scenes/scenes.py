"""One scene: digits that lie on real textures, and what is where, exactly.

A scene is painted on twice as many rows and columns as it has, and the mean of
2 x 2 samples is a pixel, as in a camera. A pixel belongs to a digit if that
covers at least half of it, else to the texture that most of its samples show.
All arithmetic is by whole numbers, all chance comes from (seed, part, index).
"""

from dataclasses import dataclass

import numpy as np

from course.datasets.digit_scenes import ground, textures
from course.datasets.digit_scenes.recipe import Recipe
from course.datasets.digit_scenes.things import (
    MARGIN,
    Thing,
    arrange,
    inside,
    scatter,
)
from course.datasets.handwritten import CLASSES

PARTS = tuple(textures.PARTS)
CLASS_NAMES = (*map(str, range(CLASSES)), *textures.NAMES)


@dataclass(frozen=True)
class Scene:
    """A picture and what it shows.

    Attributes:
        image: (h, w, 3), uint8.
        mask: (h, w), uint8: a digit's value where one is, else 10 and more,
            the texture; `CLASS_NAMES` names all.
        instances: (h, w), uint8: k where the k-th digit is, else 0.
        boxes: (n, 4), int32: left, top, right, bottom of what is seen of each
            digit, between pixels: one pixel is 1 wide.
        classes: (n,), int32: the values of the digits.
    """

    image: np.ndarray
    mask: np.ndarray
    instances: np.ndarray
    boxes: np.ndarray
    classes: np.ndarray


def scene(recipe: Recipe, part: str, index: int) -> Scene:
    """The index-th scene of a part, "train", "validation" or "test".

    Raises:
        ValueError: If there is no such part.
    """
    if part not in PARTS:
        raise ValueError(
            f"part={part!r} is no part of digit_scenes. Expected one of "
            f"{', '.join(PARTS)}."
        )
    rng = np.random.default_rng([recipe.seed, PARTS.index(part), index])
    samples = ground.regions(recipe.size + 2 * MARGIN, rng)
    stuff = ground.majority(samples)
    picture = ground.paint(samples, stuff, part, rng)
    things = arrange(recipe, part, rng)
    for thing in (*scatter(recipe, part, rng), *things):
        thing.paint_on(picture)
    return _describe(_lit(inside(picture), rng), inside(stuff), things)


def _lit(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The picture in a light that falls off to one side, as bytes."""
    across, down = (int(slope) for slope in rng.integers(-36, 37, 2))
    place = 2 * np.arange(len(pixels), dtype="int32") + 1 - len(pixels)
    light = (across * place[None] + down * place[:, None]) // len(pixels)
    lit = pixels * (256 + light[..., None]) >> 8
    return lit.clip(0, 255).astype("uint8")


def _describe(
    image: np.ndarray, stuff: np.ndarray, things: list[Thing]
) -> Scene:
    """The masks and boxes of a painted scene."""
    mask = (CLASSES + stuff).astype("uint8")
    instances = np.zeros_like(mask)
    for number, thing in enumerate(things, 1):
        mask[thing.where] = thing.value
        instances[thing.where] = number
    boxes = [box_of(instances == number + 1) for number in range(len(things))]
    return Scene(
        image,
        mask,
        instances,
        np.array(boxes, dtype="int32").reshape(-1, 4),
        np.array([thing.value for thing in things], dtype="int32"),
    )


def box_of(where: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is True, which something is."""
    rows, columns = (np.flatnonzero(where.any(axis)) for axis in (1, 0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
