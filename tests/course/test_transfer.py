"""What learns, and what stays as it was."""

import keras
import numpy as np
import pytest
from keras import layers

from course.catalogue import outlines
from course.models import densenet, resnet_cifar
from course.surgery import freeze, refine
from tests.layer_contract import to_numpy
from tests.models import JIT, filled, images

SHAPE = (16, 16, 3)
x = images(8, *SHAPE)
y = np.arange(8) % 4


def branched():
    """Two branches that meet: each with a norm; a model inside another."""
    inputs = keras.Input(SHAPE)
    inner = keras.Input((16, 16, 4))
    z = layers.Conv2D(4, 1, name="inner_conv")(inner)
    nested = keras.Model(inner, layers.BatchNormalization()(z), name="nested")
    left = layers.Conv2D(4, 3, padding="same", name="left")(inputs)
    left = layers.BatchNormalization(name="left_norm")(left)
    right = layers.Conv2D(4, 1, name="right")(inputs)
    both = layers.Add(name="both")([nested(left), right])
    z = layers.GlobalAveragePooling2D(name="mean")(both)
    return keras.Model(inputs, layers.Dense(4, name="scores")(z))


def moved(model):
    """Names of the variables that two steps of training change."""
    before = [to_numpy(v) for v in model.weights]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Lion(2**-6), loss, jit_compile=JIT)
    for _ in range(2):
        model.train_on_batch(x, y)
    return {
        weight.path
        for weight, old in zip(model.weights, before, strict=True)
        if np.abs(to_numpy(weight) - old).max() > 0
    }


def parts(paths):
    """The layers that variables belong to."""
    return {path.rsplit("/", 1)[0].rsplit("/", 1)[-1] for path in paths}


def test_only_what_is_behind_learns():
    model = freeze(filled(branched), "left_norm")
    assert "left_norm" not in parts(moved(model))
    names = {"inner_conv", "right", "scores"}
    assert names <= parts(moved(model))
    assert "left" not in parts(moved(model))


def test_a_branch_is_frozen_alone():
    """What does not lead to the layer is not touched."""
    model = freeze(filled(branched), "nested")
    assert parts(moved(model)) == {"right", "scores"}


def test_all_is_frozen():
    model = freeze(filled(branched))
    assert model.trainable_weights == []
    head = layers.Dense(4, name="head")(model.output)
    assert parts(moved(keras.Model(model.input, head))) == {"head"}


@pytest.mark.parametrize("statistics", [False, True])
def test_refining_keeps_the_statistics_unless_told(statistics):
    model = freeze(filled(branched))
    refine(model, "left_norm", statistics=statistics)
    paths = moved(model)
    learnt = parts(paths)
    assert "left" not in learnt  # leads to left_norm
    assert {"inner_conv", "right", "scores"} <= learnt
    assert ("left_norm" in learnt) == statistics
    assert any("moving" in path for path in paths) == statistics


def test_a_frozen_network_says_the_same_in_training():
    """Its norms use the moving statistics."""
    model = freeze(filled(lambda: resnet_cifar(20, 4, SHAPE, True, None)))
    y = to_numpy(model(x, training=True))
    np.testing.assert_allclose(y, to_numpy(model(x)), rtol=1e-5, atol=1e-5)


def test_counts():
    with outlines():
        model = freeze(densenet(121, 10, (64, 64, 3)), "dense4")
        names = {w.path.split("/")[0] for w in model.trainable_weights}
        assert len(names) == 2  # the last norm and the scores
        whole = refine(model)
        norms = [
            layer
            for layer in whole.layers
            if isinstance(layer, layers.BatchNormalization)
        ]
        assert sum(layer.trainable for layer in norms) == 1


def test_layers_that_are_not_there():
    with pytest.raises(ValueError, match="No such layer: pool9"):
        freeze(branched(), "pool9")
    with pytest.raises(ValueError, match="No such layer: pool9"):
        refine(branched(), "pool9")
