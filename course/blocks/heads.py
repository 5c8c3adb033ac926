"""Classifier heads: how features become one score a class.

Each ends with scores, a tensor of its own under the paper's name, and then the
activation, a layer "predictions" that is left out for activation=None. It
computes in float32 under mixed precision too, for a softmax sums exponentials.
"""

from collections.abc import Sequence
from typing import Any

from keras import layers

from course.blocks.conv import conv


def dense_head(
    x: Any,
    units: Sequence[int],
    classes: int,
    activation: Any = "softmax",
    dropout: float = 0.5,
    *,
    names: Sequence[str],
    output: str = "predictions",
) -> Any:
    """Flatten, dense layers with ReLU and dropout, one dense layer of scores.

    Args:
        x: Tensor (n, h, w, c) of known sizes.
        units: Of each hidden layer.
        classes: Number of scores.
        activation: Of the scores; None for none.
        dropout: Share of each hidden layer that training leaves out.
        names: Of each hidden layer and of the scores.
        output: Name of the activation.

    Returns:
        Tensor (n, classes).

    Example:
        >>> import keras
        >>> x = keras.Input((7, 7, 512))
        >>> names = ("fc6", "fc7", "fc8")
        >>> dense_head(x, (4096, 4096), 1000, names=names).shape
        (None, 1000)
    """
    *hidden, scores = names
    x = layers.Flatten()(x)
    for count, name in zip(units, hidden, strict=True):
        x = layers.Dense(count, "relu", name=name)(x)
        x = layers.Dropout(dropout, name=f"{name}_dropout")(x)
    x = layers.Dense(classes, name=scores)(x)
    return predictions(x, activation, output)


def pooled_head(
    x: Any,
    classes: int,
    activation: Any = "softmax",
    dropout: float = 0.0,
    *,
    name: str = "fc",
    output: str = "predictions",
) -> Any:
    """Global average pooling, dropout if wanted, one dense layer of scores.

    Args:
        x: Tensor (n, h, w, c) of any size.
        classes, activation: As in `dense_head`.
        dropout: Share of the averages that training leaves out.
        name: Of the scores.
        output: Name of the activation.

    Returns:
        Tensor (n, classes).

    Example:
        >>> import keras
        >>> pooled_head(keras.Input((None, None, 2048)), 1000).shape
        (None, 1000)
    """
    x = layers.GlobalAveragePooling2D(name=f"{name}_pool")(x)
    if dropout:
        x = layers.Dropout(dropout, name=f"{name}_dropout")(x)
    x = layers.Dense(classes, name=name)(x)
    return predictions(x, activation, output)


def score_head(
    x: Any, classes: int, activation: Any = "softmax", *, name: str = "score"
) -> Any:
    """A map of scores for each class, by 1x1 and ReLU; then its average.

    M. Lin, Q. Chen and S. Yan, "Network in network", 2013, arXiv:1312.4400,
    section 3.2.

    Args:
        x: Tensor (n, h, w, c) of any size.
        classes, activation: As in `dense_head`.
        name: Of the maps.

    Returns:
        Tensor (n, classes).

    Example:
        >>> import keras
        >>> score_head(keras.Input((13, 13, 512)), 1000).shape
        (None, 1000)
    """
    x = conv(x, classes, 1, name=name)
    x = layers.GlobalAveragePooling2D(name=f"{name}_pool")(x)
    return predictions(x, activation)


def predictions(x: Any, activation: Any, name: str = "predictions") -> Any:
    """The scores `x` with the classifier's activation."""
    if activation is None:
        return x
    return layers.Activation(activation, dtype="float32", name=name)(x)
