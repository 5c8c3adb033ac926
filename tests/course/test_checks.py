"""Blocks and models: built here, or rebuilt from a student's process."""

import json

import keras
import numpy as np
import pytest

from autograder.remote import StudentError
from autograder.trusted import rebuilt
from course import checks
from course.catalogue import outlines
from course.checks import build


def halve(x, filters):
    return keras.layers.Conv2D(filters, 2, strides=2)(x)


def join(x, skip):
    return keras.layers.Add()([x, skip])


def small(classes):
    x = keras.Input((4,))
    return keras.Model(x, keras.layers.Dense(classes)(x))


@pytest.mark.parametrize(
    ("block", "shape", "arguments", "parameters", "output"),
    [
        (halve, (8, 8, 3), {"filters": 4}, 52, (None, 4, 4, 4)),
        (join, [(8, 3), (8, 3)], {}, 0, (None, 8, 3)),
        (small, None, {"classes": 2}, 10, (None, 2)),
        (keras.layers.ReLU(), (8, 3), {}, 0, (None, 8, 3)),
    ],
)
def test_a_block_becomes_a_model(block, shape, arguments, parameters, output):
    model = build(block, shape, **arguments)
    assert model.count_params() == parameters
    assert model.output_shape == output


@pytest.mark.parametrize(
    ("block", "shape", "message"),
    [
        (lambda x: None, (8, 3), "return it"),
        (lambda x: keras.Model(x, x), (8, 3), "return it"),
        (lambda: 3, None, "expected a keras.Model"),
    ],
)
def test_what_is_no_block_is_named(block, shape, message):
    with pytest.raises(TypeError, match=message):
        build(block, shape)


class Normed(keras.layers.Layer):
    def __init__(self, filters):
        super().__init__()
        self.convolution = keras.layers.Conv2D(filters, 3, padding="same")
        self.norm = keras.layers.BatchNormalization()

    def call(self, x, training=None):
        return self.norm(self.convolution(x), training=training)


class Twice(keras.layers.Layer):
    def __init__(self, filters):
        super().__init__()
        self.first = Normed(filters)
        self.rest = keras.Sequential([Normed(filters), keras.layers.ReLU()])

    def call(self, x):
        x = self.first(x, training=False)
        return x + 0.5 * self.rest(x)


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.twice, self.dense = Twice(3), keras.layers.Dense(2)

    def call(self, x):
        return self.dense(self.twice(x))


class Made(keras.Model):
    def __init__(self):
        x = keras.Input((4, 4, 2))
        super().__init__(x, Twice(3)(x))


class Shifted(keras.layers.Layer):
    def build(self, shape):
        self.by = self.add_weight(shape=shape[-1:], name="by")

    def call(self, x):
        return x + self.by


@pytest.mark.parametrize(
    ("block", "shape"),
    [
        (lambda x: Twice(3)(x), (4, 4, 2)),
        (lambda x: Subclassed()(x), (4, 4, 2)),
        (lambda x: keras.Sequential([Twice(3)])(x), (4, 4, 2)),
        (Made, None),
    ],
    ids=["layer", "model", "in a model", "returned"],
)
def test_layers_of_ones_own_become_those_they_call(block, shape):
    made = []

    def kept(*tensors):
        made.extend([*tensors, block(*tensors)])
        return made[-1]

    model = build(kept, shape)
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds.count("Conv2D") == kinds.count("BatchNormalization") == 2
    twin = rebuilt(*described(model))
    own = made[0] if shape is None else keras.Model(*made)
    rng = np.random.default_rng(0)
    weights = [rng.random(w.shape).astype("float32") for w in model.weights]
    for each in (model, twin):
        each.set_weights(weights)
    image = rng.random((1, 4, 4, 2)).astype("float32")
    assert_same(twin(image), model(image))
    assert_same(own(image), model(image))


def test_a_layer_with_weights_of_its_own_stays():
    model = build(lambda x: Shifted()(x), (2,))
    assert [type(layer) for layer in model.layers][1:] == [Shifted]
    assert model.count_params() == 2


def test_a_model_of_which_only_its_class_knows_is_refused():
    with pytest.raises(TypeError, match=r"returned Subclassed, expected a"):
        build(Subclassed, None)


def layered(x):
    x = keras.layers.Conv2D(3, 3, activation="relu")(x)
    x = keras.layers.Dropout(0.5)(keras.layers.BatchNormalization()(x))
    return keras.layers.Dense(2)(keras.layers.Flatten()(x))


def test_an_output_is_that_of_the_model_with_these_weights():
    model = build(layered, (5, 5, 1))
    rng = np.random.default_rng(0)
    weights = [rng.random(w.shape).astype("float32") for w in model.weights]
    image = rng.random((2, 5, 5, 1)).astype("float32")
    with outlines():
        outlined = build(layered, (5, 5, 1))
    before = model.get_weights()
    got = [checks.output(each, weights, image) for each in (model, outlined)]
    assert all(map(np.array_equal, before, model.get_weights()))
    model.set_weights(weights)
    want = keras.ops.convert_to_numpy(model(image, training=False))
    assert np.allclose(got, want, rtol=1e-5)


def test_an_output_needs_a_weight_for_each():
    with pytest.raises(ValueError, match=r"\[\(2, 2, 3, 4\), \(4,\)\]"):
        checks.output(build(halve, (2, 2, 3), filters=4), [], np.ones((1, 2)))


def test_the_builder_can_be_replaced():
    before = checks.use_builder(lambda *arguments: arguments)
    try:
        assert build(halve, (1,), filters=2) == (halve, (1,), {"filters": 2})
    finally:
        checks.use_builder(before)
    assert before is checks.build_locally


def described(model):
    config = keras.saving.serialize_keras_object(model)
    return json.dumps(config), model.get_weights()


def assert_same(one, other):
    one, other = map(keras.ops.convert_to_numpy, (one, other))
    np.testing.assert_allclose(one, other, rtol=1e-6)


def test_a_rebuilt_model_has_parameters_shapes_and_values():
    model = build(halve, (4, 4, 3), filters=2)
    twin = rebuilt(*described(model))
    assert twin.count_params() == model.count_params()
    image = np.random.default_rng(0).normal(size=(1, 4, 4, 3))
    assert_same(twin(image), model(image))


LAMBDA = {"class_name": "__lambda__", "config": {"value": ["", None, None]}}
EVIL = [
    {"module": "os", "class_name": "system", "config": {}},
    {"module": "keras.layers", "class_name": "Lambda"},
    {"module": "keras.layers", "class_name": "TFSMLayer"},
    {"module": "builtins", "class_name": "function", "config": "eval"},
    {"module": "keras", "class_name": "function", "config": "ops.map"},
    {"module": "keras.src.ops.core", "class_name": "Map"},
    {"module": "keras.models", "class_name": "load_model"},
    {"class_name": "Dense", "config": {}},
    {"class_name": ["Dense"]},
    {
        "module": "keras.layers",
        "class_name": "Dense",
        "registered_name": "course>TransposedConv",
    },
    {"compile_config": {"optimizer": "adam"}},
    {"custom_objects": {}},
    LAMBDA,
    2**40,
]


@pytest.mark.parametrize("evil", EVIL, ids=str)
def test_no_other_class_is_built(evil):
    text, weights = described(build(halve, (4, 4, 3), filters=2))
    config = json.loads(text)
    config["config"]["layers"][1]["config"]["activation"] = evil
    with pytest.raises(StudentError):
        rebuilt(json.dumps(config), weights)


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("[", []),
        ("[]", []),
        ("3", []),
        ("{}", []),
        ('{"class_name": "Dense", "module": "keras.layers"}', []),
        ("[" * 5000 + "]" * 5000, []),
    ],
)
def test_what_is_no_model_is_refused(text, weights):
    with pytest.raises(StudentError):
        rebuilt(text, weights)


def test_weights_of_other_shapes_or_kinds_are_refused():
    text, weights = described(build(halve, (4, 4, 3), filters=2))
    for wrong in (weights[:1], weights[::-1], [1, 2], None):
        with pytest.raises(StudentError):
            rebuilt(text, wrong)


def test_a_model_larger_than_its_weights_is_never_allocated():
    text, weights = described(build(halve, (4, 4, 3), filters=2))
    text = text.replace('"filters": 2', '"filters": 16000000')
    with pytest.raises(StudentError, match="weights"):
        rebuilt(text, weights)


def test_layers_with_state_are_rebuilt_with_it():
    def block(x):
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.Dropout(0.5)(x)
        x = keras.layers.GaussianNoise(0.1)(x)
        return keras.layers.RandomFlip()(x)

    model = build(block, (4, 4, 3))
    shaken = [weight + 1 for weight in model.get_weights()]
    model.set_weights(shaken)
    twin = rebuilt(*described(model))
    image = np.random.default_rng(0).normal(size=(1, 4, 4, 3))
    assert_same(twin(image, training=False), model(image, training=False))
    twin(image, training=True)
