"""The data sets that `load` knows: what they hold, what their numbers mean."""

import colorsys
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from course.datasets.digit_scenes import CLASS_NAMES
from course.datasets.handwritten import CLASSES

IGNORED = 255  # in a mask: nobody knows what this pixel is
_DIGITS = CLASS_NAMES[:CLASSES]
# Things are vivid, stuff is pale: people who confuse hues tell them apart.
_SCENES = (
    *((0, 114, 178), (230, 159, 0), (0, 158, 115), (204, 121, 167)),
    *((86, 180, 233), (213, 94, 0), (240, 228, 66), (30, 30, 30)),
    *((51, 34, 136), (238, 51, 119)),
    *((143, 176, 115), (178, 176, 172), (196, 140, 120), (232, 220, 206)),
)
_CLOTHES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
_CIFAR = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
_VOC = (
    *("aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat"),
    *("chair", "cow", "diningtable", "dog", "horse", "motorbike", "person"),
    *("pottedplant", "sheep", "sofa", "train", "tvmonitor"),
)
_BREEDS = (
    *("Abyssinian", "american_bulldog", "american_pit_bull_terrier"),
    *("basset_hound", "beagle", "Bengal", "Birman", "Bombay", "boxer"),
    *("British_Shorthair", "chihuahua", "Egyptian_Mau"),
    *("english_cocker_spaniel", "english_setter", "german_shorthaired"),
    *("great_pyrenees", "havanese", "japanese_chin", "keeshond"),
    *("leonberger", "Maine_Coon", "miniature_pinscher", "newfoundland"),
    *("Persian", "pomeranian", "pug", "Ragdoll", "Russian_Blue"),
    *("saint_bernard", "samoyed", "scottish_terrier", "shiba_inu"),
    *("Siamese", "Sphynx", "staffordshire_bull_terrier"),
    *("wheaten_terrier", "yorkshire_terrier"),
)
# Some come in two parts: then a tenth of the training images validate.
_HELD_OUT = {
    "train": "train[:90%]",
    "validation": "train[90%:]",
    "test": "test",
}


@dataclass(frozen=True)
class DataSet:
    """A data set that `load` knows.

    Attributes:
        names: What the numbers under a key mean; the first key is the one that
            lectures predict.
        parts: Split of the data set that each part is.
        config: Of those that TensorFlow Datasets has, unless asked otherwise.
        is_fixed: Whether all images have the same size.
        stand_in: The data set that does the same without a network.
        also: What else a sample has, beside an image.
    """

    names: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, str] = field(default_factory=lambda: _HELD_OUT)
    config: str | None = None
    is_fixed: bool = True
    stand_in: str = "digits"
    also: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """All that a sample has."""
        return ("image", *self.names, *self.also)


_WHOLE = {part: part for part in ("train", "validation", "test")}
TABLE = {
    "digits": DataSet({"label": _DIGITS}, _WHOLE),
    "digit_scenes": DataSet(
        {"mask": CLASS_NAMES, "classes": _DIGITS},
        _WHOLE,
        "96",
        also=("instances", "boxes"),
    ),
    "mnist": DataSet({"label": _DIGITS}),
    "fashion_mnist": DataSet({"label": _CLOTHES}),
    "cifar10": DataSet({"label": _CIFAR}),
    "oxford_iiit_pet": DataSet(
        {"mask": ("background", "pet"), "label": _BREEDS},
        is_fixed=False,
        stand_in="digit_scenes",
    ),
    # 2012's test images have no public annotations
    "voc": DataSet(
        {"classes": _VOC},
        {"train": "train", "validation": "validation"},
        "2012",
        is_fixed=False,
        stand_in="digit_scenes",
        also=("boxes",),
    ),
}


def find(name: str) -> DataSet:
    """The data set of that name, "voc" or "voc/2007".

    Raises:
        ValueError: If there is none.
    """
    base, slash, _ = name.partition("/")
    if base not in TABLE:
        raise ValueError(
            f"name={name!r} is no data set of the course. Expected one of "
            f"{', '.join(TABLE)}."
        )
    if slash and TABLE[base].config is None:
        raise ValueError(
            f"name={name!r}: there is one {base} alone. Expected {base!r}."
        )
    return TABLE[base]


def class_names(name: str, key: str | None = None) -> tuple[str, ...]:
    """What the numbers of a data set mean.

    Args:
        name: Of the data set.
        key: "label", "mask" or "classes"; None for the one that lectures
            predict.

    Raises:
        ValueError: If there is no such data set, or no such key in it.

    Example:
        >>> class_names("digit_scenes")[10:]
        ('grass', 'gravel', 'brick', 'tissue')
    """
    names = find(name).names
    if key is not None and key not in names:
        raise ValueError(
            f"key={key!r}: {name} has classes under {' and '.join(names)}."
        )
    return names[key or next(iter(names))]


def palette(name: str, key: str | None = None) -> np.ndarray:
    """A colour for each of `class_names`: (classes, 3), uint8.

    Index it with a mask to see the mask: `palette("digit_scenes")[mask]`.
    Pixels that are to be ignored, 255, have no colour.

    Raises:
        ValueError: As `class_names`.
    """
    count = len(class_names(name, key))
    if name.startswith("digit"):
        return np.array(_SCENES[:count], dtype="uint8")
    # neighbours in the list are far apart on the wheel, and differ in light
    colours = [
        colorsys.hls_to_rgb(0.618034 * i % 1, (0.45, 0.62, 0.32)[i % 3], 0.7)
        for i in range(count)
    ]
    return (255 * np.array(colours)).round().astype("uint8")
