"""Blocks and models of students, rebuilt in the checker and judged there."""

import pytest

from tests.autograder.test_checker import Course

FIRE = """
from keras import layers
def fire(x, squeeze, expand):
    x = layers.Conv2D(squeeze, 1, activation="relu")(x)
    one = layers.Conv2D(expand, 1, activation="relu")(x)
    three = layers.Conv2D(expand, 3, padding="same", activation="relu")(x)
    return layers.Concatenate()([one, three])
"""
OWN_FIRE = """
from keras import layers
class Conv(layers.Layer):
    def __init__(self, filters, size):
        super().__init__()
        self.conv = layers.Conv2D(filters, size, padding="same")
        self.relu = layers.ReLU()
    def call(self, x):
        return self.relu(self.conv(x))
class Fire(layers.Layer):
    def __init__(self, squeeze, expand):
        super().__init__()
        self.squeeze = Conv(squeeze, 1)
        self.both = [Conv(expand, 1), Conv(expand, 3)]
        self.join = layers.Concatenate()
    def call(self, x):
        x = self.squeeze(x)
        return self.join([conv(x) for conv in self.both])
def fire(x, squeeze, expand):
    return Fire(squeeze, expand)(x)
"""
FIRE_TEST = """
from course.checks import build
model = build(fire, (8, 8, 4), squeeze=2, expand=3)
assert model.output_shape == (None, 8, 8, 6), model.output_shape
assert model.count_params() == (4 * 2 + 2) + (2 * 3 + 3) + (18 * 3 + 3)
"""
OUTLINE_TEST = """
import numpy as np
from course.catalogue import outlines
from course.checks import build, output
with outlines():
    model = build(fire, (8, 8, 4), squeeze=2, expand=3)
y = output(
    model, [np.ones(w.shape) for w in model.weights], np.ones((1, 8, 8, 4))
)
assert y[0, 4, 4].tolist() == [2 * 5 + 1] * 3 + [18 * 5 + 1] * 3, y[0, 4, 4]
"""
RESIDUAL = """
from keras import layers, ops
def residual(x):
    y = layers.BatchNormalization()(x)
    y = layers.Conv2D(x.shape[-1], 3, padding="same")(ops.relu(y))
    return x + y
"""
RESIDUAL_TEST = """
import numpy as np
from course.checks import build
model = build(residual, (5, 5, 2))
model.set_weights([np.zeros(w.shape) for w in model.weights])
x = np.arange(50.0).reshape(1, 5, 5, 2)
assert np.allclose(model(x), x), "without weights a residual is the identity"
model.set_weights([np.ones(w.shape) for w in model.weights])
assert not np.allclose(model(x), x)
"""
ACTIVATIONS = """
from keras import activations, layers
def bent(x):
    x = activations.relu(layers.Dense(2)(x), negative_slope=0.5)
    return activations.softmax(activations.leaky_relu(x))
"""
ACTIVATIONS_TEST = """
import numpy as np
from course.checks import build
model = build(bent, (2,))
model.set_weights([np.eye(2), np.zeros(2)])
y = np.asarray(model(np.array([[-4.0, 0.0]])))
assert np.allclose(y, [[1 / (1 + np.exp(0.4)), 1 / (1 + np.exp(-0.4))]]), y
"""
TWO = """
from keras import layers
def refine(x, skip, filters):
    x = layers.Conv2DTranspose(filters, 2, strides=2)(x)
    skip = layers.Conv2D(filters, 1)(skip)
    return layers.Add()([x, skip])
"""
TWO_TEST = """
from course.checks import build
model = build(refine, [(4, 4, 8), (8, 8, 3)], filters=2)
assert model.output_shape == (None, 8, 8, 2)
assert model.count_params() == (4 * 8 * 2 + 2) + (3 * 2 + 2)
"""
UNET = """
import keras
from keras import layers, ops
from course.layers import TransposedConv
def conv(x, filters):
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization()(x))
def unet(input_shape, classes, width=2):
    image = keras.Input(input_shape)
    skip = conv(image, width)
    x = conv(layers.MaxPooling2D()(skip), 2 * width)
    x = TransposedConv(width, 2, 2)(layers.Dropout(0.5)(x))
    x = conv(ops.concatenate([x, skip], axis=-1), width)
    return keras.Model(image, layers.Conv2D(classes, 1)(x))
"""
UNET_TEST = """
import numpy as np
from course.checks import build
model = build(unet, None, input_shape=(16, 16, 1), classes=3)
assert model.output_shape == (None, 16, 16, 3)
assert sum(map(np.size, model.get_weights())) == 237
for layer in model.layers:
    if type(layer).__name__ == "TransposedConv":
        layer.set_weights([0 * w for w in layer.get_weights()])
x = np.random.default_rng(0).normal(size=(1, 16, 16, 1))
assert np.std(np.asarray(model(x))[0, 4:12, 4:12], axis=(0, 1)).any()
"""
LENET = """
from keras import layers
from course.activations import scaled_tanh
from course.layers import EuclideanRBF, Subsampling, TableConv
def lenet(x):
    x = layers.Conv2D(3, 5, activation=scaled_tanh)(x)
    x = Subsampling(2, scaled_tanh)(x)
    x = TableConv([(0, 1), (1, 2)], 3, scaled_tanh)(x)
    return -EuclideanRBF([[1, -1], [-1, 1]])(layers.Flatten()(x))
"""
LENET_TEST = """
import numpy as np
from course.checks import build
model = build(lenet, (10, 10, 1))
assert model.count_params() == (3 * 26) + 2 * 3 + (4 * 9 + 2) + 4
assert sum(np.size(w) for w in model.trainable_weights) == 122
y = np.asarray(model(np.ones((1, 10, 10, 1), "float32")))
assert np.all(y < 0)
assert abs(1.7159 - model.layers[1].activation(100.0)) < 1e-4
"""
RIGHT = {
    "LeNet": (LENET, LENET_TEST),
    "fire": (FIRE, FIRE_TEST),
    "an outline": (FIRE, OUTLINE_TEST),
    "own layers": (OWN_FIRE, FIRE_TEST),
    "own layers in outline": (OWN_FIRE, OUTLINE_TEST),
    "residual": (RESIDUAL, RESIDUAL_TEST),
    "activations that are called": (ACTIVATIONS, ACTIVATIONS_TEST),
    "two inputs": (TWO, TWO_TEST),
    "U-Net": (UNET, UNET_TEST),
}
WRONG = {
    "fire of 1x1": (FIRE.replace("expand, 3", "expand, 1"), FIRE_TEST),
    "an outline of 1x1": (FIRE.replace("expand, 3", "expand, 1"), OUTLINE_TEST),
    "own layers of 1x1": (
        OWN_FIRE.replace("expand, 3", "expand, 1"),
        FIRE_TEST,
    ),
    "fire not joined": (FIRE.replace("([one, three])", "([one])"), FIRE_TEST),
    "no identity": (
        RESIDUAL.replace("return x + y", "return y"),
        RESIDUAL_TEST,
    ),
    "only identity": (
        RESIDUAL.replace("return x + y", "return x + 0.0"),
        RESIDUAL_TEST,
    ),
    "skip ignored": (TWO.replace("([x, skip])", "([x, x])"), TWO_TEST),
    "without skips": (UNET.replace("[x, skip]", "[x, x]"), UNET_TEST),
    "stub": ("def fire(*a, **k): raise NotImplementedError()", FIRE_TEST),
    "plain tanh": (LENET.replace("=scaled_tanh", "='tanh'"), LENET_TEST),
    "average pooling": (
        LENET.replace(
            "Subsampling(2, scaled_tanh)", "layers.AveragePooling2D(2)"
        ),
        LENET_TEST,
    ),
    "no tensor": ("def fire(*a, **k): return 3", FIRE_TEST),
    "lambda": (
        FIRE + "def fire(x, squeeze, expand):\n"
        "    return layers.Lambda(lambda x: x)(x)",
        FIRE_TEST,
    ),
    "own layer": (
        FIRE + "class Mine(layers.Layer):\n"
        "    def call(self, x): return x\n"
        "def fire(x, **k): return Mine()(x)",
        FIRE_TEST,
    ),
    "lying model": (
        UNET + "class Liar(keras.Model):\n"
        "    output_shape = (None, 16, 16, 3)\n"
        "    def count_params(self): return 237\n"
        "def unet(**k): return Liar()",
        UNET_TEST,
    ),
    "patched Keras": (
        FIRE + "import keras\n"
        "keras.saving.serialize_keras_object = lambda m: {}\n",
        FIRE_TEST,
    ),
    "patched end": (
        FIRE + "import autograder.student_end as e\n"
        "e._OPERATIONS['build'] = lambda *a: ('{}', [1])\n",
        FIRE_TEST,
    ),
}


@pytest.fixture(scope="module")
def course():
    course = Course("keras", "course.checks")
    yield course
    course.close()


@pytest.mark.parametrize("block", RIGHT)
def test_a_right_block_is_full(course, block):
    verdict = course.verdict(*RIGHT[block], seconds=60)
    assert (verdict.points, verdict.error) == (2, ""), verdict


@pytest.mark.parametrize("block", WRONG)
def test_a_wrong_block_is_nothing(course, block):
    verdict = course.verdict(*WRONG[block], seconds=60)
    assert verdict.points == 0
    assert not verdict.is_fault, verdict
    assert course.checker.is_alive


def test_a_layer_of_ones_own_is_used_by_handle(course):
    answer = """
import keras
class Shift(keras.layers.Layer):
    def build(self, shape):
        self.by = self.add_weight(shape=shape[-1:], name="by")
    def call(self, x):
        return x + self.by
"""
    test = """
import numpy as np
layer = Shift()
assert layer(np.zeros((1, 2), "float32")).shape == (1, 2)
layer.set_weights([np.array([1.0, 2.0])])
assert np.allclose(layer(np.zeros((1, 2), "float32")), [[1, 2]])
assert np.allclose(layer.by, [1, 2])
"""
    verdict = course.verdict(answer, test, seconds=60)
    assert (verdict.points, verdict.error) == (2, ""), verdict
    wrong = answer.replace("x + self.by", "x - self.by")
    assert course.verdict(wrong, test, seconds=60).points == 0
