"""Does batch normalization keep gradients well behaved?

The claim is often made of S. Ioffe and C. Szegedy, "Batch normalization", 2015,
arXiv:1502.03167. Here are the norms of the gradient at each kernel, before the
first step, for 10 and 50 convolutions of 16 channels on 128 digits, from three
initializations, with and without batch normalization, with and without skips.

Expected: with normalization and skips, gradients of all layers and from all
initializations lie within two powers of ten. Without normalization their size
hangs on the initialization: at depth 50 they vanish but for He's, and with
skips they reach from 0.0001 to 1,000. And where the claim is false: normalized
but without skips, gradients *explode* towards the first layer, at depth 50 by a
factor of more than 100, whatever the initialization. G. Yang et al., "A mean
field theory of batch normalization", ICLR 2019, arXiv:1902.08129, derive a
factor a layer for dense nets, sqrt(pi / (pi - 1)) or about 1.21.
"""

import itertools

import keras
import numpy as np
from keras import layers

from course.blocks import conv, pooled_head, residual_basic
from course.datasets import digits
from course.gradients import differentiated

DEPTHS = (10, 50)
CHANNELS = 16
IMAGES = 128
INITIALIZATIONS = {
    "he": lambda fan_in, fan_out: np.sqrt(2 / fan_in),
    "glorot": lambda fan_in, fan_out: np.sqrt(2 / (fan_in + fan_out)),
    "normal": lambda fan_in, fan_out: 0.01,
}
"""Standard deviation of a kernel's weights; the last is AlexNet's."""


def run(seed: int, quick: bool = False) -> dict:
    """Of each net, such as "he-50-norm-skips": norms of gradients, two figures.

    gradients: of the loss at each 3 x 3 kernel, the first layer's first.
    first_over_last: the second kernel's by the last one's; the first kernel
    has another shape. 0 where the last one's vanishes. largest: of all.
    """
    train = digits(seed).train
    x, y = train.images[:IMAGES], train.labels[:IMAGES]
    found = {}
    depths = (4,) if quick else DEPTHS
    for depth, norm, skips in itertools.product(depths, (0, 1), (0, 1)):
        model = stack(depth, norm, skips)
        slopes = kernel_gradients(model, x, y)
        words = ["norm"] * norm + ["skips"] * skips
        for name, scale in INITIALIZATIONS.items():
            kernels = draw(model, scale, np.random.default_rng(seed))
            *norms, _ = map(np.linalg.norm, slopes(*kernels)[1])
            key = "-".join([name, str(depth), *(words or ["bare"])])
            found[key] = {
                "gradients": norms,
                "first_over_last": norms[1] / norms[-1] if norms[-1] else 0.0,
                "largest": max(norms),
            }
    return found


def stack(depth: int, norm: bool, skips: bool) -> keras.Model:
    """Blocks of two convolutions at 8 x 8 pixels, and scores."""
    x = inputs = keras.Input((8, 8, 1))
    kind = layers.BatchNormalization if norm else layers.Identity
    for _ in range(depth // 2):
        if skips:
            x = residual_basic(x, CHANNELS, shortcut="A", norm=kind)
        else:
            for _ in range(2):
                x = conv(x, CHANNELS, 3, norm=kind, use_bias=False)
    return keras.Model(inputs, pooled_head(x, 10, None))


def kernel_gradients(model: keras.Model, x: np.ndarray, y: np.ndarray):
    """A function of kernels: the loss of some digits, and its gradients."""
    places = [v for v in model.trainable_variables if v.path.endswith("kernel")]
    entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @differentiated
    def loss(*kernels):
        given = {id(place): k for place, k in zip(places, kernels, strict=True)}
        values = [given.get(id(v), v.value) for v in model.trainable_variables]
        scores, _ = model.stateless_call(
            values, model.non_trainable_variables, x, training=True
        )
        return entropy(y, scores)

    return loss


def draw(model: keras.Model, scale, rng) -> list[np.ndarray]:
    """Normally distributed kernels, the same on each backend."""
    kernels = []
    for variable in model.trainable_variables:
        if variable.path.endswith("kernel"):
            *window, inputs, outputs = variable.shape
            area = int(np.prod(window))
            deviation = scale(area * inputs, area * outputs)
            kernel = rng.normal(0, deviation, variable.shape)
            kernels.append(kernel.astype("float32"))
    return kernels
