"""The lecture's transformations, of an image and of all that is known of it.

    keys = ("image", "mask")
    data = load("digit_scenes", keys=keys, batch_size=32, shuffle=True)
    augmentation = chain(Flip(seed=1), Scale(0.2, seed=2), keys=keys)
    model.fit(data.map(augmentation), shuffle=False)  # data shuffles itself

Layers are Keras's, where Keras has them. Each draws for itself, from its seed:
the same program gives the same images again, if `map` is not told to work on
several samples at once. In a model they act in training alone, on images.
"""

from course.augment.chain import chain
from course.augment.colour import (
    Brightness,
    ColourJitter,
    Contrast,
    Cutout,
    SaltAndPepper,
)
from course.augment.geometry import Crop, Flip, Scale

__all__ = [
    "Brightness",
    "ColourJitter",
    "Contrast",
    "Crop",
    "Cutout",
    "Flip",
    "SaltAndPepper",
    "Scale",
    "chain",
]
