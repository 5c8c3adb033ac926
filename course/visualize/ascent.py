"""An image that a unit answers to most: gradient ascent on the pixels.

K. Simonyan, A. Vedaldi and A. Zisserman, "Deep inside convolutional networks",
2014, arXiv:1312.6034, section 2; the regularizations are those of J. Yosinski,
J. Clune, A. Nguyen, T. Fuchs and H. Lipson, "Understanding neural networks
through deep visualization", 2015, arXiv:1506.06579, section 4.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from course.arithmetic import integer
from course.gradients import differentiated
from course.visualize.network import Network, Position

NOISE = 0.1  # standard deviation of the pixels to begin with


class Ascent(NamedTuple):
    """An image that was climbed to.

    Attributes:
        image: (h, w, c), float32.
        values: (steps + 1,), the unit's value before each step and at the end.
    """

    image: np.ndarray
    values: np.ndarray


def activation_maximization(
    model: keras.Model,
    target: int,
    output: Any = None,
    *,
    position: Position = None,
    steps: int = 100,
    rate: float = 0.1,
    decay: float = 0.0,
    blur: float = 0.0,
    jitter: int = 0,
    limits: tuple[float, float] | None = None,
    start: Any = None,
    input_shape: Sequence[int] | None = None,
    seed: int = 0,
) -> Ascent:
    """Change an image until a unit's value is large.

    A step is x <- blur((1 - decay)(x + rate g / r)), with the gradient g of the
    unit's value and r the root of its mean square: how steep the network is
    does not matter to the length of a step.

    Args:
        model: A functional model with one input, nested or not.
        target: A class, or a feature map: the channel of the output.
        output: As in `course.visualize.backprojection`: the score before a
            softmax.
        position: Of a map the unit (row, column); None for the middle one,
            "all" for the sum of the map.
        steps: How many.
        rate: Length of a step: how far a pixel moves, in the square mean.
        decay: Share of each pixel that is lost in a step; it is what a penalty
            on the sum of squares does.
        blur: Standard deviation, in pixels, of a Gaussian that smooths the
            image after each step; it holds high frequencies down.
        jitter: Pixels by which the image is shifted at most, around its
            border, while the gradient is taken: another shift each step, so
            that the unit's value does not hang on single pixels.
        limits: Smallest and largest value of a pixel; None for no limits.
        start: Image (h, w, c) to begin with; None for noise around 0, of
            standard deviation 0.1.
        input_shape: Shape (h, w, c) of the image, where the model leaves sizes
            open and there is no start.
        seed: Of the noise and the shifts.

    Returns:
        The image, and the values on the way; with jitter, those of the shifted
        images.

    Raises:
        ValueError: If sizes are open, a number is out of its range, the unit
            has no gradient at the start, or as `backprojection`.
    """
    _check_numbers(steps, rate, decay, blur, jitter)
    rng = np.random.default_rng(seed)
    x = _start(model, start, input_shape, rng)
    network = Network(model, x[None], output)
    climb = _gradient(network, target, position)
    values = []
    for _ in range(steps):
        shift = rng.integers(-jitter, jitter + 1, 2) if jitter else (0, 0)
        value, gradient = climb(np.roll(x, shift, (0, 1)))
        values.append(value)
        if len(values) == 1 and not gradient.any():
            raise _silent(network)
        gradient = np.roll(gradient, np.negative(shift), (0, 1))
        x = _stepped(x, gradient, rate, decay, blur, limits)
    values.append(climb(x)[0])
    return Ascent(x, np.array(values))


def _stepped(x, gradient, rate, decay, blur, limits) -> np.ndarray:
    """The image after one step."""
    length = np.sqrt(np.mean(gradient**2, dtype="float64"))
    x = (1 - decay) * (x + rate * gradient / (length or 1))
    if blur:
        # a second that only who blurs pays
        from scipy.ndimage import gaussian_filter

        x = gaussian_filter(x, (blur, blur, 0), mode="nearest")
    x = x if limits is None else np.clip(x, *limits)
    return x.astype("float32")


def _gradient(network, target, position):
    """Image (h, w, c) -> the unit's value, and its gradient."""
    targets = network.checked_targets(target)
    if position is None:
        position = [size // 2 for size in network.sizes()] or None

    @differentiated
    def value(image):
        known = network.known(image[None])
        return ops.sum(network.units(known, targets, position))

    def climb(image):
        height, (gradient,) = value(image)
        return float(height), gradient

    return climb


def _start(model, start, input_shape, rng) -> np.ndarray:
    if start is not None:
        return np.array(start, "float32")
    shape = tuple(input_shape or model.inputs[0].shape[1:])
    if None in shape:
        raise ValueError(
            f"the input's shape is {shape}. Say how large the image is to be: "
            "input_shape=(height, width, channels), or give one to start with."
        )
    return rng.normal(0, NOISE, shape).astype("float32")


def _check_numbers(steps, rate, decay, blur, jitter):
    integer(steps, "steps", minimum=0)
    integer(jitter, "jitter", minimum=0)
    ranges = {
        "rate": (rate, rate > 0, "above 0"),
        "decay": (decay, 0 <= decay < 1, "from 0 up to, but without, 1"),
        "blur": (blur, blur >= 0, "of pixels from 0 on"),
    }
    for name, (number, is_ok, expected) in ranges.items():
        if not is_ok:
            raise ValueError(f"{name}={number}. Expected a number {expected}.")


def _silent(network):
    return ValueError(
        f"no pixel of the start changes {network.graph.names[network.target]}: "
        "its gradient is zero. Expected a unit that is not silent: choose "
        "another seed, start or position."
    )
