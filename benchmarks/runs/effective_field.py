"""How does the effective receptive field grow with depth?

The claim is that of W. Luo et al., "Understanding the effective receptive field
in deep convolutional neural networks", NIPS 2016, arXiv:1701.04128: while the
field of n layers of 3 x 3 grows as 2n + 1, the part of it that matters is a
Gaussian whose deviation grows with the root of n. For uniform kernels, and for
the mean square of random ones, that is sqrt(2n / 3): each layer adds the
variance of a step of -1, 0 or 1 pixel.

Nets of 16 channels with ReLU, weights as of K. He et al. 2015 and without
biases, no padding, normally distributed images; `NETS` nets of each depth.

Expected: an exponent between .45 and .55.
"""

import keras
import numpy as np
from keras import layers, ops

from course.gradients import differentiated
from course.receptive_field import effective_receptive_field

DEPTHS = (5, 10, 20, 40)
CHANNELS = 16
NETS = 20


def run(seed: int, quick: bool = False) -> dict:
    """exponent of the deviation with depth, and one entry a depth in lists.

    depths, fields: 2n + 1. deviation: of the mean squared gradient, in pixels,
    mean of both axes. gaussian: how much of the profile's variance a Gaussian
    of that deviation explains. theory: sqrt(2n / 3). uniform: the deviation
    that `effective_receptive_field` fits for uniform kernels. profiles: the
    mean squared gradient along one axis, of sum 1.
    """
    depths = DEPTHS[: 2 if quick else None]
    rng = np.random.default_rng(seed)
    maps = [squared_gradient(n, 2 if quick else NETS, rng) for n in depths]
    profiles = [(each.sum(0) + each.sum(1)) / 2 for each in maps]
    deviations = [deviation(each) for each in profiles]
    slope, _ = np.polyfit(np.log(depths), np.log(deviations), 1)
    return {
        "exponent": slope,
        "depths": depths,
        "fields": [2 * n + 1 for n in depths],
        "deviation": deviations,
        "gaussian": [explained(each) for each in profiles],
        "theory": [(2 * n / 3) ** 0.5 for n in depths],
        "uniform": [uniform_deviation(n) for n in depths],
        "profiles": [each.tolist() for each in profiles],
    }


def squared_gradient(depth: int, nets: int, rng) -> np.ndarray:
    """Mean over nets at each pixel of the field, of sum 1."""
    size = 2 * depth + 1

    @differentiated
    def unit(x, *kernels):
        for kernel in kernels[:-1]:
            x = ops.relu(ops.conv(x, kernel, padding="valid"))
        return ops.sum(ops.conv(x, kernels[-1], padding="valid"))

    total = np.zeros((size, size))
    for _ in range(nets):
        x = rng.normal(size=(1, size, size, CHANNELS)).astype("float32")
        _, (gradient, *_) = unit(x, *he_kernels(depth, rng))
        total += np.square(gradient[0], dtype="float64").sum(-1)
    return total / total.sum()


def he_kernels(depth: int, rng) -> list[np.ndarray]:
    """Kernels that keep the mean square of what ReLU lets through."""
    shape = (3, 3, CHANNELS, CHANNELS)
    scale = np.sqrt(2 / (9 * CHANNELS))
    kernels = rng.normal(0, scale, (depth, *shape))
    return list(kernels.astype("float32"))


def deviation(profile: np.ndarray) -> float:
    """Standard deviation in pixels of a profile of sum 1."""
    place = np.arange(len(profile))
    return float(np.sqrt(profile @ (place - profile @ place) ** 2))


def explained(profile: np.ndarray) -> float:
    """Share of the profile's variance that a Gaussian explains."""
    place = np.arange(len(profile))
    distance = (place - profile @ place) / deviation(profile)
    gaussian = np.exp(-(distance**2) / 2)
    left = profile - gaussian / gaussian.sum()
    return float(1 - left.var() / profile.var())


def uniform_deviation(depth: int) -> float:
    """Of the Gaussian fitted for kernels of ones, which need one image."""
    size = 2 * depth + 1
    x = inputs = keras.Input((size, size, 1))
    ninth = keras.initializers.Constant(1 / 9)
    for _ in range(depth):
        x = layers.Conv2D(1, 3, kernel_initializer=ninth)(x)
    field = effective_receptive_field(keras.Model(inputs, x), count=1)
    return float(np.mean(field.sigma))
