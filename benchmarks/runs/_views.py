"""Pictures turned, sheared, enlarged and recoloured, and masks with them.

Training meets each sample anew each time: so few digits teach more.
"""

from typing import NamedTuple

import numpy as np

IGNORED = 255
"""In a mask: what lies outside the picture."""


class Motion(NamedTuple):
    """How far a view may be from the picture, to either side.

    Attributes:
        angle, shear: In radians and as a slope.
        zoom: As a logarithm.
        shift: In pixels.
    """

    angle: float = 0.15
    shear: float = 0.12
    zoom: float = 0.12
    shift: float = 6.0


def places(
    shape: tuple[int, ...], size: int, motion: Motion, rng: np.random.Generator
) -> np.ndarray:
    """Where each pixel of a view lies in its picture, row and column.

    Args:
        shape: Of the pictures, (n, h, w, ...).
        size: Height and width of the views, about the pictures' middles.

    Returns:
        (n, size^2, 2), float32; some may lie outside.
    """
    count = shape[0]
    angle = rng.uniform(-motion.angle, motion.angle, count)
    slope = rng.uniform(-motion.shear, motion.shear, count)
    zoom = np.exp(rng.uniform(-motion.zoom, motion.zoom, count))
    shift = rng.uniform(-motion.shift, motion.shift, (count, 1, 2))
    cos, sin = np.cos(angle), np.sin(angle)
    rows = np.stack([cos, -sin + slope * cos], axis=-1)
    columns = np.stack([sin, cos + slope * sin], axis=-1)
    turn = np.stack([rows, columns], axis=1) * zoom[:, None, None]
    line = np.arange(size) - (size - 1) / 2
    grid = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1)
    middle = (np.array(shape[1:3]) - 1) / 2
    found = grid.reshape(-1, 2) @ turn + shift + middle
    return found.astype("float32")


def seen(images: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Pictures (n, h, w, c) at places (n, m^2, 2): (n, m, m, c), linearly.

    Outside is their mirror.
    """
    count, height, width, channels = images.shape
    at = _mirrored(at, height, width)
    corner = np.minimum(at.astype("int32"), [height - 2, width - 2])
    # float32 minus int32 would be float64, at twice the time
    rest = at - corner.astype("float32")
    down, right = np.moveaxis(rest[..., None], 2, 0)
    pixels = images.reshape(count, -1, channels)
    first = corner[..., 0] * width + corner[..., 1]
    which = np.arange(count)[:, None]
    upper, lower = (
        pixels[which, first + step] * (1 - right)
        + pixels[which, first + step + 1] * right
        for step in (0, width)
    )
    return _square(upper + down * (lower - upper))


def labels(masks: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Masks (n, h, w) at the nearest places: (n, m, m), outside `IGNORED`."""
    count, height, width = masks.shape
    near = np.rint(at).astype("int32")
    row, column = np.moveaxis(near.clip(0, [height - 1, width - 1]), 2, 0)
    inside = (row == near[..., 0]) & (column == near[..., 1])
    found = masks[np.arange(count)[:, None], row, column]
    return _square(np.where(inside, found, IGNORED))


def relit(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Pictures in another light: contrast, brightness, tint. 0 to 1."""
    shape = (len(images), 1, 1)
    contrast = rng.uniform(0.85, 1.15, (*shape, 1)).astype("float32")
    light = rng.uniform(0.8, 1.2, (*shape, 1))
    tint = light * rng.uniform(0.92, 1.08, (*shape, images.shape[-1]))
    mean = images.mean(axis=(1, 2), keepdims=True)
    lit = (mean + (images - mean) * contrast) * tint.astype("float32")
    return lit.clip(0, 1)


def _mirrored(at: np.ndarray, height: int, width: int) -> np.ndarray:
    last = np.array([height - 1, width - 1], dtype="float32")
    return (last - np.abs(last - np.abs(at))).clip(0, last)


def _square(values: np.ndarray) -> np.ndarray:
    """(n, m^2, ...) -> (n, m, m, ...)."""
    side = round(values.shape[1] ** 0.5)
    return values.reshape(len(values), side, side, *values.shape[2:])
