"""What in an image made a unit as it is: signals sent back to the pixels.

K. Simonyan, A. Vedaldi and A. Zisserman, "Deep inside convolutional networks",
2014, arXiv:1312.6034, section 3, take the gradient. The deconvnet of Zeiler and
Fergus and guided backpropagation differ from it at rectifiers alone, see
`course.visualize.rules`: the way back through a convolution is the transposed
convolution with the same kernel, and through max pooling it is unpooling with
switches, in all three.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from course.gradients import differentiated
from course.visualize.network import Network, Position, batches


def backprojection(
    model: keras.Model,
    x: Any,
    target: Any,
    output: Any = None,
    *,
    position: Position = None,
    rule: str = "gradient",
) -> np.ndarray:
    """A unit's value sent back to the pixels by one of three rules.

    Args:
        model: A functional model with one input, nested or not.
        x: Images (n, h, w, c).
        target: A class, or a feature map: the channel of the output; one for
            all images, or one for each.
        output: A layer, its name ("encoder/conv1" in a model inside) or its
            tensor; None for the model's output. Of a softmax the scores
            before it are taken, as Simonyan et al. do: a probability also
            rises where other classes fall.
        position: Of a map (n, rows, columns, channels) the unit (row, column);
            None for the strongest in each image, "all" for the sum of all.
        rule: "gradient", "deconvnet" or "guided".

    Returns:
        Array (n, h, w, c): for "gradient" the derivative of the unit's value
        by each pixel.

    Raises:
        ValueError: If the model has several inputs or no graph, the images
            have another size, or there is no such layer, channel, place or
            rule.

    Example:
        >>> kernel = np.array([[1.0], [-2.0]])
        >>> dense = keras.layers.Dense(1, "relu", use_bias=False)
        >>> model = keras.Sequential([keras.Input((1, 1, 2)), dense])
        >>> dense.set_weights([kernel])
        >>> x = np.ones((1, 1, 1, 2))
        >>> bool(backprojection(model, x, 0).any())  # 1 - 2 < 0
        False
        >>> backprojection(model, x, 0, rule="deconvnet").ravel().tolist()
        [1.0, -2.0]
    """
    network = Network(model, x, output, rule)
    return _sent_back(network, target, position, is_weighted=False)


def saliency(
    model: keras.Model,
    x: Any,
    target: Any,
    output: Any = None,
    *,
    position: Position = None,
) -> np.ndarray:
    """How much a score changes with each pixel.

    The largest of the channels' absolute gradients: Simonyan et al. 2014,
    arXiv:1312.6034, section 3.1.

    Args:
        model, x, target, output, position: As in `backprojection`.

    Returns:
        Array (n, h, w), from 0 on.

    Raises:
        ValueError: As `backprojection`.
    """
    gradients = backprojection(model, x, target, output, position=position)
    return np.abs(gradients).max(axis=-1)


def guided_backprop(
    model: keras.Model,
    x: Any,
    target: Any,
    output: Any = None,
    *,
    position: Position = None,
) -> np.ndarray:
    """`backprojection` by the rule "guided", of Springenberg et al. 2015.

    Args:
        model, x, target, output, position: As in `backprojection`.

    Returns:
        Array (n, h, w, c).

    Raises:
        ValueError: As `backprojection`.
    """
    return backprojection(
        model, x, target, output, position=position, rule="guided"
    )


def deconvnet(
    model: keras.Model,
    x: Any,
    target: Any,
    output: Any = None,
    *,
    position: Position = None,
) -> np.ndarray:
    """The pattern of pixels that a unit answered to: Zeiler and Fergus 2014.

    All other units of the layer are set to zero, and what the unit says goes
    back: unpooled to where the maxima were, rectified, through the transposed
    kernels. A unit that is silent shows nothing.

    Args:
        model, x, target, output: As in `backprojection`; the output is
            usually a layer of the middle.
        position: As there; "all" sends the whole feature map back.

    Returns:
        Array (n, h, w, c): of a single unit, its value times the
        `backprojection` by the rule "deconvnet".

    Raises:
        ValueError: As `backprojection`.
    """
    network = Network(model, x, output, "deconvnet")
    return _sent_back(network, target, position, is_weighted=True)


def _sent_back(network, target, position, is_weighted) -> np.ndarray:
    """Gradients of units, or of their halved squares, by the network's rule."""
    targets = network.checked_targets(target)

    @differentiated
    def total(images, targets):
        units = network.units(network.known(images), targets, position)
        if is_weighted:
            units = units * ops.stop_gradient(units)
        return ops.sum(units)

    found = []
    for chosen, kept in batches(len(targets)):
        # as floats: what is differentiated takes no integers
        some = targets[chosen].astype("float32")
        _, (gradients, _) = total(network.images[chosen], some)
        found.append(gradients[kept])
    return np.concatenate(found)
