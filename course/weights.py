"""ImageNet weights from keras.applications into models of the course.

This module reads Keras models and knows none of the course's, so that their
factories may offer `weights="imagenet"`.
"""

from typing import Any

import keras


def from_keras_applications(
    model: keras.Model, source: str | keras.Model, **arguments: Any
) -> keras.Model:
    """Copy the weights of a model of keras.applications into ours.

    Layers are matched in their order; 1x1 kernels and dense ones are the same.
    A model without its top takes the weights of the layers that it has.

    Args:
        model: VGG D or E or MobileNet of `course.models`; is changed.
        source: A name, such as "VGG16", "VGG19" or "MobileNet", whose ImageNet
            weights are downloaded, or a model that has been made.
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
    ours, theirs = _layers_with_weights(model), _layers_with_weights(source)
    if len(ours) > len(theirs):
        raise ValueError(
            f"{model.name} has {len(ours)} layers with weights, {source.name} "
            f"only {len(theirs)}. Expected the same network; take "
            "include_top=False for both, or for neither."
        )
    pairs = list(zip(ours, theirs, strict=False))
    for layer, other in pairs:
        _check_pair(layer, other)
    for layer, other in pairs:
        shapes = [weight.shape for weight in layer.weights]
        layer.set_weights(
            [
                weight.reshape(shape)
                for weight, shape in zip(
                    other.get_weights(), shapes, strict=True
                )
            ]
        )
    return model


def _layers_with_weights(model) -> list:
    return [layer for layer in model.layers if layer.weights]


def _check_pair(layer, other):
    """Raise unless the weights of `other` fit into `layer`."""
    here, there = (
        [tuple(d for d in weight.shape if d != 1) for weight in each.weights]
        for each in (layer, other)
    )
    if here != there:
        shapes = [tuple(weight.shape) for weight in layer.weights]
        others = [tuple(weight.shape) for weight in other.weights]
        raise ValueError(
            f"the weights of {layer.name} have the shapes {shapes}, those of "
            f"the source's {other.name} {others}. Expected the same network: "
            "look at variant, alpha, classes and the input's channels."
        )


def _downloaded(model, name, arguments) -> keras.Model:
    """The model `name` of keras.applications with its ImageNet weights."""
    factory = getattr(keras.applications, name, None)
    if not callable(factory):
        raise ValueError(
            f"source={name!r} is no model of keras.applications. Expected a "
            "name such as 'VGG16', 'VGG19' or 'MobileNet', or a model."
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
            input_shape=(*_trained_size(model), 3),
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


def _trained_size(model) -> tuple[int, int]:
    """MobileNet was trained for images of several sizes, all others of 224."""
    rows, columns = model.input_shape[1:3]
    if rows == columns and rows in (128, 160, 192):
        return rows, columns
    return 224, 224
