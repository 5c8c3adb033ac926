"""Does training widen what a U-Net looks at?

W. Luo et al., NIPS 2016, arXiv:1701.04128, section 3.2, saw the effective
receptive field grow in training. Here the kept U-Net is compared with the same
network before it learned anything: with kernels as of K. He et al. 2015 and
fresh normalizations. Its last map at full size, up1, can see 204 pixels; it is
looked at in crops of the photographs of grass, gravel and brick from which the
scenes are made. A run draws its own kernels and crops; the trained weights are
those of the one U-Net that is kept.

Expected: the trained network looks at a smaller part. Grass is told from gravel
within a few pixels, and a shortcut brings them at full size.
"""

import keras
import numpy as np
from skimage import data

from course import reference
from course.receptive_field import effective_receptive_field, receptive_field

LAYER = "up1"
SIDE = 96
CROPS = 8
"""Of each texture."""


def run(seed: int, quick: bool = False) -> dict:
    """field, and in a dictionary each for the net "before" and "after".

    deviation: of the Gaussian fitted to the mean size of the gradient, in
    pixels, mean of both axes. fraction: of the pixels of the crop, those with a
    gradient over 4.55 % of the largest. profile: the mean size of the gradient
    along one axis through the largest, mean of both axes, its largest 1.
    """
    rng = np.random.default_rng(seed)
    model = reference.model("unet")
    images = crops(1 if quick else CROPS, rng)
    nets = {"before": untrained(model, rng), "after": model}
    looks = {
        name: effective_receptive_field(net, LAYER, images=images)
        for name, net in nets.items()
    }
    return {
        "field": receptive_field(model, LAYER).size[0],
        **{
            name: {
                "deviation": float(np.mean(look.sigma)),
                "fraction": look.fraction,
                "profile": profile(look.map).tolist(),
            }
            for name, look in looks.items()
        },
    }


def crops(count: int, rng) -> np.ndarray:
    """(3 count, SIDE, SIDE, 3): of each texture as many, in three channels."""
    found = []
    for texture in (data.grass(), data.gravel(), data.brick()):
        places = rng.integers(0, texture.shape[0] - SIDE + 1, (count, 2))
        found += [
            texture[top : top + SIDE, left : left + SIDE] / 255
            for top, left in places
        ]
    return np.repeat(np.stack(found)[..., None], 3, axis=-1)


def untrained(model: keras.Model, rng) -> keras.Model:
    """The same network with random kernels and nothing learned."""
    fresh = keras.models.clone_model(model)
    for weight in fresh.weights:
        if len(weight.shape) > 1:
            scale = np.sqrt(2 / np.prod(weight.shape[:-1]))
            weight.assign(rng.normal(0, scale, weight.shape))
        else:
            is_one = weight.name in ("gamma", "moving_variance")
            weight.assign(np.full(weight.shape, float(is_one)))
    return fresh


def profile(values: np.ndarray) -> np.ndarray:
    """Mean of the row and the column through the largest of a square map."""
    row, column = np.unravel_index(values.argmax(), values.shape)
    return (values[row] + values[:, column]) / 2
