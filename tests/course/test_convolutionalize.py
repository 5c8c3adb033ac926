"""Classifiers that slide, against the classifiers that they were."""

import functools

import keras
import numpy as np
import pytest
from keras import layers

from course.catalogue import outlines
from course.models import alexnet, lenet5, mobilenet, nin, squeezenet, vgg
from course.surgery import convolutionalize
from tests.models import error, filled, images, run

CLASSIFIERS = {
    "vgg": (functools.partial(vgg, "A", 5), (64, 96, 3)),
    "lenet5": (functools.partial(lenet5, 5), (32, 36, 1)),
    "alexnet": (functools.partial(alexnet, 5), (67, 75, 3)),
    "nin": (functools.partial(nin, "cifar10", 5), (32, 36, 3)),
    "squeezenet": (functools.partial(squeezenet, "1.1", 5), (64, 80, 3)),
    "mobilenet": (functools.partial(mobilenet, 0.25, 5), (64, 96, 3)),
}


def features_of(model, name):
    return keras.Model(model.input, model.get_layer(name).output)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_at_the_training_size_the_scores_are_the_classifiers(name):
    make, shape = CLASSIFIERS[name]
    model = filled(lambda: make(input_shape=shape))
    x = images(2, *shape)
    y = run(model, x)
    sliding = convolutionalize(model)
    assert sliding.input_shape == (None, None, None, shape[-1])
    assert sliding.count_params() == model.count_params()
    got = run(sliding, x)
    assert got.shape == (2, 1, 1, 5)
    assert error(got[:, 0, 0], y) <= 1e-5
    if name == "vgg":
        assert sliding.get_layer("fc6").kernel_size == (2, 3)
        assert sliding.get_layer("fc7").kernel_size == (1, 1)
    np.testing.assert_array_equal(run(model, x), y)  # which stays whole


def test_without_padding_each_score_is_that_of_a_window():
    """LeNet-5 sees 32 pixels, and the next window begins 4 further."""
    model = filled(lambda: lenet5(classifier_activation=None))
    sliding = convolutionalize(model)
    x = images(1, 44, 40, 1)
    got = run(sliding, x)
    assert got.shape == (1, 4, 3, 10)
    windows = [
        x[0, 4 * i : 4 * i + 32, 4 * j : 4 * j + 32]
        for i, j in np.ndindex(4, 3)
    ]
    expected = run(model, np.stack(windows)).reshape(1, 4, 3, 10)
    assert error(got, expected) <= 1e-5


def test_vgg_slides_over_its_features():
    """Each score is what fc6, fc7 and fc8 make of a window of pool5."""
    model = filled(lambda: vgg("A", 4, (64, 64, 3), True, None))
    sliding = convolutionalize(model)
    x = images(1, 130, 100, 3)
    got = run(sliding, x)
    assert got.shape == (1, 3, 2, 4)  # pool5 has 4 x 3, fc6 sees 2 x 2
    pool5 = run(features_of(sliding, "pool5"), x)[0]
    dense = [model.get_layer(f"fc{i}").get_weights() for i in (6, 7, 8)]
    for i, j in np.ndindex(3, 2):
        y = pool5[i : i + 2, j : j + 2].reshape(-1)
        for kernel, bias in dense[:2]:
            y = np.maximum(y @ kernel + bias, 0)
        kernel, bias = dense[2]
        assert error(got[0, i, j], y @ kernel + bias) <= 1e-4


def test_global_pooling_slides_with_the_window_it_had():
    model = filled(lambda: nin("cifar10", 5, (32, 32, 3), True, None))
    sliding = convolutionalize(model)
    x = images(1, 40, 36, 3)
    maps = run(features_of(sliding, "cccp6"), x)
    assert maps.shape == (1, 10, 9, 5)
    got = run(sliding, x)
    assert got.shape == (1, 3, 2, 5)
    for i, j in np.ndindex(3, 2):
        window = maps[0, i : i + 8, j : j + 8].mean(axis=(0, 1))
        assert error(got[0, i, j], window) <= 1e-5


def test_what_follows_dense_layers_comes_along():
    """Norms, maxima, activations that are layers, frozen ones."""
    inputs = keras.Input((6, 7, 2))
    x = layers.Conv2D(3, 3)(inputs)
    x = layers.Activation("tanh")(layers.Flatten()(x))
    x = layers.Dense(5, use_bias=False, trainable=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Softmax()(layers.Dense(4)(layers.LayerNormalization()(x)))
    model = filled(lambda: keras.models.clone_model(keras.Model(inputs, x)))
    x = images(3, 6, 7, 2)
    sliding = convolutionalize(model)
    assert error(run(sliding, x)[:, 0, 0], run(model, x)) <= 1e-5
    counts = [
        sum(int(np.prod(w.shape)) for w in each.trainable_weights)
        for each in (model, sliding)
    ]
    assert counts[0] == counts[1] < model.count_params()
    pooled = keras.Model(inputs, layers.GlobalMaxPooling2D()(inputs))
    assert (
        error(run(convolutionalize(pooled), x)[:, 0, 0], run(pooled, x)) <= 1e-6
    )


def test_it_can_be_saved(tmp_path):
    model = filled(lambda: lenet5(5))
    convolutionalize(model).save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    x = images(1, 32, 32, 1)
    assert error(run(loaded, x)[:, 0, 0], run(model, x)) <= 1e-5


def chain(*stack, shape=(8, 8, 3)):
    return keras.Sequential([keras.Input(shape), *stack])


def nested():
    features = lenet5(include_top=False, input_shape=(None, None, 3))
    return chain(features, shape=(32, 32, 3))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: mobilenet(input_shape=(None, None, 3)), "known size"),
        (lambda: chain(layers.Dense(3), shape=(5,)), r"\(None, 5\).*images"),
        (lambda: chain(layers.Reshape((192,))), r"\(Reshape\) is not known"),
        (lambda: lenet5(full_c3=False), "'output'.*EuclideanRBF"),
        (
            lambda: chain(layers.Flatten(), layers.BatchNormalization()),
            "BatchNormalization.*not known",
        ),
        (nested, "lenet5 is a model inside"),
    ],
)
def test_what_does_not_slide_is_named(make, message):
    with outlines(), pytest.raises(ValueError, match=f"(?s){message}"):
        convolutionalize(make())
