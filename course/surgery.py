"""Models cut and sewn: what they return is a copy, the model stays whole.

Only `freeze` and `refine` change the model itself: which of its layers learn.

This module reads the graphs of Keras models, no model of the course's alone.
"""

from typing import Any

import keras
from keras import layers

_AFTER_A_SUM = (layers.BatchNormalization, layers.Activation, layers.ReLU)


def lesion(model: keras.Model, block: str) -> keras.Model:
    """A copy of a residual network in which one block is only its shortcut.

    The branch is left out, and its sum is what the shortcut brings. What comes
    after the sum stays: the ReLU of an original block changes nothing where the
    block has the sizes and channels of its input, which was activated already.
    The question how much is lost is that of A. Veit, M. Wilber and S. Belongie,
    "Residual networks behave like ensembles of relatively shallow networks",
    NIPS 2016, arXiv:1605.06431.

    Args:
        model: A functional model, such as `resnet(50)`, whose sums have the
            shortcut as their first input.
        block: Name of the block's output, such as "conv4_2".

    Returns:
        A model of the same inputs and outputs, with copies of the weights.

    Raises:
        ValueError: No residual block ends with this layer; lists the blocks.

    Example:
        >>> from course.models import resnet_cifar
        >>> model = resnet_cifar(20)
        >>> hurt = lesion(model, "conv3_2")
        >>> model.count_params() - hurt.count_params()  # 2 (9 32 32 + 4 32)
        18688
    """
    cut = _sum_of(model, block)

    def call(layer, *arguments, **settings) -> Any:
        if layer.name == cut:
            shortcut, _ = arguments[0]
            return shortcut
        return layer(*arguments, **settings)

    hurt = keras.models.clone_model(model, call_function=call)
    for layer in hurt.layers:
        if layer.weights:
            layer.set_weights(model.get_layer(layer.name).get_weights())
    return hurt


def _sum_of(model, block: str) -> str:
    """Name of the sum that a residual block ends with, but for what follows."""
    found = {layer.name: layer for layer in model.layers}
    layer = found.get(block)
    while isinstance(layer, _AFTER_A_SUM):
        layer = layer.input._keras_history.operation
    if isinstance(layer, layers.Add) and len(layer.input) == 2:
        return layer.name
    sums = [name for name in found if isinstance(found[name], layers.Add)]
    ends = [name.removesuffix("_sum") for name in sums]
    raise ValueError(
        f"block={block!r} is no residual block of {model.name}. Expected "
        f"{'one of ' + ', '.join(ends) if ends else 'a network that has one'}."
    )


_POOLS = {
    layers.GlobalAveragePooling2D: layers.AveragePooling2D,
    layers.GlobalMaxPooling2D: layers.MaxPooling2D,
}
# What treats each feature by itself, or each position by itself.
_EACH_FEATURE = (layers.Dropout, layers.Activation, layers.ReLU)
_EACH_POSITION = (
    *_EACH_FEATURE,
    layers.Softmax,
    layers.BatchNormalization,
    layers.LayerNormalization,
)


def convolutionalize(model: keras.Model) -> keras.Model:
    """A copy of a classifier that slides over images of any size.

    Dense layers become convolutions with the same weights: the first after
    flattening gets a kernel as large as the features that it saw, others 1x1.
    Global pooling becomes pooling over as many pixels as it saw, at stride 1.
    J. Long, E. Shelhamer and T. Darrell, "Fully convolutional networks for
    semantic segmentation", CVPR 2015, arXiv:1411.4038, section 3.1.

    At the training size the scores are those of the classifier. On larger
    images each score is what the classifier's top makes of a window of the
    features. Without padding in the network that is the classifier of a window
    of the image; with it, windows see pixels where the classifier saw zeros.

    Args:
        model: A functional model, (n, h, w, c) -> (n, classes), of a known
            size, such as `vgg("D")`.

    Returns:
        A model (n, h', w', c) -> (n, rows, columns, classes), of one row and
        column at the training size.

    Raises:
        ValueError: The input's size is open, or there is a layer of which is
            not known that it slides; names it.

    Example:
        >>> from course.models import lenet5
        >>> sliding = convolutionalize(lenet5())
        >>> sliding.compute_output_shape((1, 32, 40, 1))
        (1, 1, 3, 10)
    """
    _check_input(model)
    for layer in model.layers:
        _check_slides(layer)
    inputs = keras.Input((None, None, model.input.shape[-1]))
    sliding = keras.models.clone_model(
        model, input_tensors=inputs, clone_function=_sliding
    )
    for layer in sliding.layers:
        if layer.weights:
            values = model.get_layer(layer.name).get_weights()
            layer.set_weights(
                [
                    value.reshape(weight.shape)
                    for value, weight in zip(values, layer.weights, strict=True)
                ]
            )
    return sliding


def _check_input(model):
    shape = getattr(model, "input_shape", None)
    if not isinstance(shape, tuple) or len(shape) != 4 or None in shape[1:]:
        raise ValueError(
            f"{model.name} has input_shape={shape}. Expected a functional "
            "model for images (n, h, w, c) of a known size: build it with "
            "input_shape, the size that it was trained with."
        )


def _check_slides(layer):
    """Raise unless the layer does the same at each position."""
    if isinstance(layer, keras.Model):
        raise ValueError(
            f"{layer.name} is a model inside the model. Expected layers alone: "
            "build one graph by calling its layers."
        )
    if not isinstance(layer.output, keras.KerasTensor):
        return
    if len(layer.output.shape) == 4:
        return
    known = (layers.Flatten, layers.Dense, *_POOLS, *_EACH_POSITION)
    is_known = isinstance(layer, known) and len(layer.output.shape) == 2
    has_position = layer.weights and not isinstance(layer, layers.Dense)
    if not is_known or (has_position and _window(layer.input) != (1, 1)):
        raise ValueError(
            f"the layer {layer.name!r} ({type(layer).__name__}) is not known "
            "to slide. Expected after the features Flatten or global pooling, "
            "then Dense, Dropout, Activation or a normalization of dense "
            "layers' outputs."
        )


def _sliding(layer) -> Any:
    """The layer that does at each position what this one did once."""
    common = {"name": layer.name, "dtype": layer.dtype_policy}
    if isinstance(layer, layers.Flatten):
        return layers.Activation("linear", **common)
    if isinstance(layer, tuple(_POOLS)):
        return _POOLS[type(layer)](layer.input.shape[1:3], 1, **common)
    if isinstance(layer, layers.Dense):
        return layers.Conv2D(
            layer.units,
            _window(layer.input),
            activation=layer.activation,
            use_bias=layer.use_bias,
            # replaced at once by the weights of the dense layer
            kernel_initializer="zeros",
            trainable=layer.trainable,
            **common,
        )
    return type(layer).from_config(layer.get_config())


def _window(tensor) -> tuple[int, int]:
    """Rows and columns of the features that a vector was flattened from."""
    layer = tensor._keras_history.operation
    if isinstance(layer, layers.Flatten):
        return tuple(layer.input.shape[1:3])
    if isinstance(layer, _EACH_FEATURE):
        return _window(layer.input)
    return 1, 1


def freeze(model: keras.Model, last: str | None = None) -> keras.Model:
    """Keep the layers up to one of them as they are: the rest will learn.

    A frozen batch normalization uses the statistics that it has, in training
    too, and does not change them.

    Args:
        model: A functional model, such as a pretrained encoder with a new head.
        last: Name of the layer up to which all that leads to it is frozen;
            None: the whole model.

    Returns:
        The same model. Compile it afterwards: what learns is settled then.

    Raises:
        ValueError: There is no such layer.

    Example:
        >>> from course.models import vgg
        >>> model = freeze(vgg("A", 5, (32, 32, 3)), "pool5")
        >>> len(model.trainable_weights)  # fc6, fc7, fc8
        6
    """
    for layer in _up_to(model, last):
        layer.trainable = False
    return model


def refine(
    model: keras.Model, first: str | None = None, *, statistics: bool = False
) -> keras.Model:
    """Let the layers from one of them on learn, after `freeze`.

    Args:
        model: A functional model.
        first: Name of the first layer that learns; those that lead to it stay
            as they are. None: all learn.
        statistics: Whether frozen batch normalizations learn too and follow
            the statistics of the new images. A few images, or small batches,
            say little of these: then the old ones are better.

    Returns:
        The same model. Compile it afterwards, with a smaller rate than before.

    Raises:
        ValueError: There is no such layer.

    Example:
        >>> from course.models import vgg
        >>> model = freeze(vgg("A", 5, (32, 32, 3)))
        >>> len(refine(model, "conv5_1").trainable_weights)
        10
    """
    before = [] if first is None else _up_to(model, first)[:-1]
    kept = {id(layer) for layer in before}
    for layer in _every(model):
        is_norm = isinstance(layer, layers.BatchNormalization)
        if id(layer) not in kept and (statistics or not is_norm):
            layer.trainable = True
    return model


def _up_to(model, last: str | None) -> list:
    """A layer and all that its output depends on; it is the last."""
    if last is None:
        return list(model.layers)
    end = model.get_layer(last)
    inside = {id(operation) for operation in model.operations}
    found, open_ends = {}, [end]
    while open_ends:
        operation = open_ends.pop()
        if id(operation) in found or id(operation) not in inside:
            continue  # in another model's graph
        found[id(operation)] = operation
        for node in operation._inbound_nodes:
            open_ends += [
                tensor._keras_history.operation for tensor in node.input_tensors
            ]
    before = [layer for layer in model.layers if id(layer) in found]
    return [*(layer for layer in before if layer is not end), end]


def _every(model) -> list:
    """The layers, and those of models that stand among them."""
    found = []
    for layer in model.layers:
        is_model = isinstance(layer, keras.Model)
        found += _every(layer) if is_model else [layer]
    return found
