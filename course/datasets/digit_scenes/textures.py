"""Real textures, the stuff of a scene: from the photographs in scikit-image.

Grass, gravel and brick are grey photographs, here tinted; the fourth is a
section of tissue, stained by immunohistochemistry. All come inside the
installed scikit-image: nothing is fetched. Each part of the data set (train,
validation, test) has a rectangle of its own of each photograph, and sees
nothing else of it.
"""

import functools
import hashlib
import itertools
from importlib import resources

import numpy as np

NAMES = ("grass", "gravel", "brick", "tissue")
# File in skimage/data and the beginning of its SHA-256.
FILES = {
    "grass": ("grass.png", "b6b6022426b38936"),
    "gravel": ("gravel.png", "c48615b451bf1e60"),
    "brick": ("brick.png", "7966caf324f6ba84"),
    "tissue": ("ihc.png", "f8dd1aa387ddd1f4"),
}
# Rows and columns of the photographs, which have 512 x 512 pixels.
PARTS = {
    "train": (slice(0, 256), slice(0, 512)),
    "validation": (slice(256, 512), slice(0, 256)),
    "test": (slice(256, 512), slice(256, 512)),
}
# Grey level -> colour, linear in between.
TINTS = {
    "grass": {
        0: (14, 30, 12),
        90: (52, 98, 34),
        150: (116, 158, 62),
        255: (224, 236, 150),
    },
    "gravel": {
        0: (34, 34, 40),
        110: (122, 120, 122),
        180: (186, 182, 176),
        255: (246, 240, 228),
    },
    "brick": {
        0: (60, 20, 16),
        100: (150, 66, 46),
        135: (190, 118, 92),
        255: (246, 232, 214),
    },
}
# Bricks that stand on end would look wrong; grass has no direction.
TURNS = frozenset({"grass", "gravel", "tissue"})


@functools.cache
def texture(name: str, part: str) -> np.ndarray:
    """The rectangle of a texture that one part may see: (h, w), packed.

    The four bytes of each number are red, green, blue and nothing: moving one
    number is faster than moving three.
    """
    pixels = _photograph(name)[PARTS[part]]
    colours = pixels if pixels.ndim == 3 else _tint(TINTS[name])[pixels]
    padded = np.pad(colours, ((0, 0), (0, 0), (0, 1)))
    return np.ascontiguousarray(padded).view("uint32")[..., 0]


def unpacked(packed: np.ndarray) -> np.ndarray:
    """Colours of a packed picture: (h, w) -> (h, w, 3), uint8."""
    return np.ascontiguousarray(packed)[..., None].view("uint8")[..., :3]


def sample(
    name: str, part: str, size: int, rng: np.random.Generator
) -> np.ndarray:
    """A random window, turned or mirrored: (size, size), packed."""
    whole = _at_least(name, part, size)
    top, left = (int(rng.integers(0, n - size + 1)) for n in whole.shape)
    mirror_rows, mirror_columns, turn = rng.integers(0, 2, 3)
    window = whole[top : top + size, left : left + size]
    if mirror_rows:
        window = window[::-1]
    if mirror_columns:
        window = window[:, ::-1]
    return window.T if turn and name in TURNS else window


@functools.cache
def _at_least(name: str, part: str, size: int) -> np.ndarray:
    """A texture with `size` rows and columns, by reflection if it has fewer."""
    whole = texture(name, part)
    missing = [(0, max(size - length, 0)) for length in whole.shape]
    return np.pad(whole, missing, mode="symmetric")


def _photograph(name: str) -> np.ndarray:
    """The pixels of one photograph, after a look at its checksum."""
    from PIL import Image

    file, digest = FILES[name]
    path = resources.files("skimage").joinpath("data", file)
    if not path.is_file():
        raise FileNotFoundError(
            f"digit_scenes needs {file}, which scikit-image has in {path}. It "
            "is not there: install scikit-image again, from a wheel."
        )
    found = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    if found != digest:
        raise ValueError(
            f"{path} is not the photograph that digit_scenes are made of: its "
            f"SHA-256 begins with {found}. Expected {digest}: install "
            "scikit-image again, or the version in constraints.txt."
        )
    with path.open("rb") as stream, Image.open(stream) as image:
        return np.asarray(image)


def _tint(anchors: dict[int, tuple[int, int, int]]) -> np.ndarray:
    """A colour for each of 256 grey levels, by whole numbers alone."""
    table = np.empty((256, 3), dtype="uint8")
    levels = sorted(anchors)
    for low, high in itertools.pairwise(levels):
        for level in range(low, high + 1):
            table[level] = [
                (first * (high - level) + last * (level - low)) // (high - low)
                for first, last in zip(anchors[low], anchors[high], strict=True)
            ]
    return table
