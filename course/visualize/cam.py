"""Where in an image a class was seen: feature maps weighted by gradients.

R. Selvaraju, M. Cogswell, A. Das, R. Vedantam, D. Parikh and D. Batra,
"Grad-CAM", ICCV 2017, arXiv:1610.02391, equations 1 and 2.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from course.gradients import compiled, differentiated
from course.visualize.inside import convolves
from course.visualize.network import Network, Position, batches


def grad_cam(
    model: keras.Model,
    x: Any,
    target: Any,
    layer: Any = None,
    *,
    output: Any = None,
    position: Position = None,
    counterfactual: bool = False,
    rectify: bool = True,
    resize: bool = True,
) -> np.ndarray:
    """The class activation map that gradients make of any network.

    With A_k the layer's k-th map and y the class's score before the softmax,
    alpha_k is the mean over all places of dy / dA_k, and the map is
    ReLU(sum over k of alpha_k A_k), not scaled. For a network that ends in
    global average pooling over Z places and one dense layer, alpha_k is the
    dense weight divided by Z: but for that and the ReLU, the class activation
    map of B. Zhou et al. 2016, arXiv:1512.04150.

    Args:
        model, x, target, output, position: As in
            `course.visualize.backprojection`.
        layer: Whose maps are weighted: a layer, its name or its tensor. None
            for the last that are as large as those of the last convolution
            before the output: after its activation or sum, before the pooling.
        counterfactual: Whether to use -dy / dA_k: what speaks against the
            class, section 3.3.
        rectify: Whether to take the ReLU, which keeps what speaks for it.
        resize: Whether to enlarge the maps, bilinearly, to the image.

    Returns:
        Array (n, h, w), or (n, rows, columns) as the layer's if not resized.

    Raises:
        ValueError: As `backprojection`; or if the layer makes no maps, does
            not lead to the output, or there is no convolution before that.
    """
    network = Network(model, x, output)
    targets = network.checked_targets(target)
    maps = _maps(network, layer)
    values, gradients = _gradients(network, maps, targets, position)
    weights = gradients.mean(axis=(1, 2), keepdims=True)
    weights = -weights if counterfactual else weights
    cam = (weights * values).sum(axis=-1)
    if rectify:
        cam = np.maximum(cam, 0)
    return _resized(cam, network.images.shape[1:3]) if resize else cam


def _gradients(network, maps, targets, position):
    """The maps (n, rows, columns, k), and the score's gradients by them."""

    @differentiated
    def total(values, images, targets):
        known = network.known(images) | {maps: values}
        return ops.sum(network.units(known, targets, position))

    run = compiled(lambda images: network.run(network.known(images), [maps]))
    found = []
    for chosen, kept in batches(len(targets)):
        images = network.images[chosen]
        (values,) = run(images)
        # as floats: what is differentiated takes no integers
        some = targets[chosen].astype("float32")
        _, (gradients, *_) = total(values, images, some)
        found.append((values[kept], gradients[kept]))
    return (
        np.concatenate(part).astype("float32")
        for part in zip(*found, strict=True)
    )


def _maps(network, layer):
    """The key of the layer's maps, which must lead to the target."""
    graph, target = network.graph, network.target
    steps = network.before([target])[:-1]
    leading = [step.outputs[0] for step in steps]
    if layer is None:
        return _last_maps(network, steps)
    key = network.key(layer)
    if key not in leading and key not in graph.inputs:
        raise ValueError(
            f"{graph.names[key]} does not lead to {graph.names[target]}. "
            "Expected a layer before it."
        )
    if len(graph.sizes[key]) != 2:
        raise ValueError(
            f"{graph.names[key]} makes no maps (n, rows, columns, channels). "
            "Expected a convolution, or a layer that follows one."
        )
    return key


def _last_maps(network, steps):
    """The last maps as large as those of the last convolution."""
    graph = network.graph
    convolutions = [step for step in steps if convolves(step.operation)]
    if not convolutions:
        raise ValueError(
            f"no convolution leads to {graph.names[network.target]} of "
            f"{graph.model.name}. Expected a network with one; or name the "
            "layer whose maps are to be weighted."
        )
    size = graph.sizes[convolutions[-1].outputs[0]]
    alike = [s.outputs[0] for s in steps if graph.sizes[s.outputs[0]] == size]
    return alike[-1]


def _resized(cam, size) -> np.ndarray:
    larger = ops.image.resize(cam[..., None], size, "bilinear")
    return ops.convert_to_numpy(larger)[..., 0]
