"""What the decks say, each claim computed: deck, claim, value, how.

One file a lecture, `NN_topic.py`, binds CLAIMS; `how` computes from the
package, Keras or NumPy what `value` says. An erratum's row holds what is true
instead. A row's id begins with its lecture's number, and the cell that shows it
names it in its header, claims="..."; the build refuses one without the other.
"""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np

from course.catalogue import outlines
from course.layers import TransposedConv
from course.summary import summary


class Claim(NamedTuple):
    """A row: what `how()` returns must be `value`, to 1e-5 relative."""

    id: str
    deck: str
    claim: str
    value: Any
    how: Callable[[], Any]


def load() -> list[Claim]:
    """The rows of all lectures."""
    files = sorted(Path(__file__).parent.glob("[0-9]*.py"))
    tables = [runpy.run_path(str(path))["CLAIMS"] for path in files]
    return [row for table in tables for row in table]


def transposed(x, kernel, stride=1, padding=0, output_padding=0):
    """A transposed convolution of one channel, as the package's layer."""
    layer = TransposedConv(
        1, kernel.shape, stride, padding, output_padding, use_bias=False
    )
    layer.build((None, *x.shape, 1))
    layer.set_weights([kernel[..., None, None]])
    y = layer(np.asarray(x, "float32")[None, ..., None])
    return keras.ops.convert_to_numpy(y)[0, ..., 0]


def convolved(x, kernel, stride=1):
    """A valid convolution of one channel, as Keras slides it."""
    y = keras.ops.conv(
        np.asarray(x, "float32")[None, ..., None],
        np.asarray(kernel, "float32")[..., None, None],
        strides=stride,
    )
    return keras.ops.convert_to_numpy(y)[0, ..., 0]


def outlined(factory, **options):
    """A model without weights, and its table."""
    with outlines():
        model = factory(**options)
        return model, summary(model)
