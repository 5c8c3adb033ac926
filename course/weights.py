"""ImageNet weights from keras.applications into models of the course.

This module reads Keras models and knows none of the course's, so that their
factories may offer `weights="imagenet"`.
"""

from typing import Any

import keras

_TRAINED_SIZES = {"InceptionV3": (299, 299)}


def from_keras_applications(
    model: keras.Model, source: str | keras.Model, **arguments: Any
) -> keras.Model:
    """Copy the weights of a model of keras.applications into ours.

    Layers are matched in their order; 1x1 kernels and dense ones are the same.
    A model without its top takes the weights of the layers that it has. A bias
    in front of a batch normalization, which ours do not have, is subtracted
    from the moving mean: the same function.

    Args:
        model: One of `course.models`: VGG D or E, ResNet 50, 101 or 152,
            DenseNet 121, 169 or 201, Inception-v3, MobileNet; is changed.
        source: A name, such as "VGG16", "ResNet50" or "MobileNet", whose
            ImageNet weights are downloaded, or a model that has been made.
        **arguments: Of the factory that bears the name, such as alpha.

    Returns:
        `model`.

    Raises:
        ValueError: Its layers are not those of the source.
        ConnectionError: The weights cannot be downloaded.

    Example:
        >>> from course.models import mobilenet
        >>> theirs = keras.applications.MobileNet(alpha=0.25, weights=None)
        >>> from_keras_applications(mobilenet(0.25), theirs).name
        'mobilenet_0.25'
    """
    if isinstance(source, str):
        source = _downloaded(model, source, arguments)
    ours, theirs = _layers_with_weights(model), _folded(source)
    if len(ours) > len(theirs):
        raise ValueError(
            f"{model.name} has {len(ours)} layers with weights, {source.name} "
            f"only {len(theirs)}. Expected the same network; take "
            "include_top=False for both, or for neither."
        )
    pairs = [
        (layer, other, theirs[other])
        for layer, other in zip(ours, theirs, strict=False)
    ]
    for layer, other, values in pairs:
        _check_pair(layer, other, values)
    for layer, _, values in pairs:
        shapes = [weight.shape for weight in layer.weights]
        layer.set_weights(
            [
                value.reshape(shape)
                for value, shape in zip(values, shapes, strict=True)
            ]
        )
    return model


def _layers_with_weights(model) -> list:
    return [layer for layer in model.layers if layer.weights]


def _folded(model) -> dict:
    """Layer -> values, without the biases that a normalization subtracts."""
    values = {
        layer: layer.get_weights() for layer in _layers_with_weights(model)
    }
    for layer in values:
        if not isinstance(layer, keras.layers.BatchNormalization):
            continue
        before = layer.input._keras_history.operation
        if getattr(before, "use_bias", False):
            bias = values[before].pop()
            values[layer][-2] = values[layer][-2] - bias  # the moving mean
    return values


def _check_pair(layer, other, values):
    """Raise unless the values of `other` fit into `layer`."""
    shapes = [tuple(weight.shape) for weight in layer.weights]
    others = [value.shape for value in values]
    here, there = (
        [tuple(d for d in shape if d != 1) for shape in each]
        for each in (shapes, others)
    )
    if here != there:
        raise ValueError(
            f"the weights of {layer.name} have the shapes {shapes}, those of "
            f"the source's {other.name} {others}. Expected the same network: "
            "look at variant, alpha, classes and the input's channels."
        )
    # Where ours has less, dilation may have taken the place of a stride.
    strides = getattr(layer, "strides", ()), getattr(other, "strides", ())
    if strides[0] > strides[1]:
        raise ValueError(
            f"{layer.name} has strides {strides[0]}, the source's "
            f"{other.name} {strides[1]}. Expected the same network: take "
            'stride_on="1x1".'
        )


def _downloaded(model, name, arguments) -> keras.Model:
    """The model `name` of keras.applications with its ImageNet weights."""
    factory = getattr(keras.applications, name, None)
    if not callable(factory):
        raise ValueError(
            f"source={name!r} is no model of keras.applications. Expected a "
            "name such as 'VGG16', 'ResNet50' or 'MobileNet', or a model."
        )
    has_top = any(isinstance(x, keras.layers.Dense) for x in model.layers)
    classes = model.output_shape[-1] if has_top else 1000
    if (model.input_shape[-1], classes) != (3, 1000):
        raise ValueError(
            f"ImageNet weights are for 3 channels and 1000 classes; received a "
            f"model from {model.input_shape} to {model.output_shape}. Take "
            "input_shape=(rows, columns, 3) and classes=1000, or "
            "include_top=False and a head of your own."
        )
    try:
        return factory(
            weights="imagenet",
            include_top=has_top,
            input_shape=(*_trained_size(model, name), 3),
            **arguments,
        )
    except (ValueError, TypeError):
        raise  # about the arguments
    except Exception as error:  # Keras has no class of its own for these
        raise ConnectionError(
            f"the ImageNet weights of {name} cannot be downloaded "
            f"({type(error).__name__}: {error}); connect to the network once, "
            "after that they are kept in Keras's folder (KERAS_HOME, else "
            "~/.keras), or take weights=None"
        ) from error


def _trained_size(model, name) -> tuple[int, int]:
    """MobileNet was trained for images of several sizes, all others of one."""
    rows, columns = model.input_shape[1:3]
    if name == "MobileNet" and rows == columns and rows in (128, 160, 192):
        return rows, columns
    return _TRAINED_SIZES.get(name, (224, 224))
