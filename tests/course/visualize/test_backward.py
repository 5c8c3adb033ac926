"""Three ways back to the pixels, against NumPy and against other layers."""

import functools

import keras
import numpy as np
import pytest
from keras import layers, ops

from course import visualize
from course.gradients import value_and_gradients
from course.layers import MaxPoolWithIndices, MaxUnpool, TransposedConv
from course.visualize import backprojection, deconvnet, guided_backprop
from course.visualize import network as network_module
from tests import oracles
from tests.models import error, filled, images, policy_of

RULES = ("gradient", "deconvnet", "guided")
SHAPE = (8, 8, 2)
CLASSES = 3
x = images(2, *SHAPE)


def fused(tensor, layer, cap):
    layer.activation = keras.activations.relu6 if cap else ops.relu
    return layer(tensor)


def after(rectify):
    return lambda tensor, layer, cap: rectify(layer(tensor), cap)


RECTIFIERS = {
    "fused": fused,
    "layer": after(lambda z, cap: layers.ReLU(max_value=cap)(z)),
    "activation": after(
        lambda z, cap: layers.Activation("relu6" if cap else "relu")(z)
    ),
    "a layer as activation": after(
        lambda z, cap: layers.Activation(layers.ReLU(cap))(z)
    ),
    "keras.ops": after(lambda z, cap: ops.relu6(z) if cap else ops.relu(z)),
    "keras.activations": after(
        lambda z, cap: keras.activations.relu(z, max_value=cap)
    ),
}


def network(rectified=fused, cap=None, nested=False):
    """conv, rectifier, pool, conv, rectifier, dense: 8 x 8 -> 4 x 4 -> 2 x 2.

    Tests read its weights from "conv1", "conv2" and "scores".
    """
    inputs = keras.Input(SHAPE)
    conv1 = layers.Conv2D(3, 3, padding="same", name="conv1")
    y = layers.MaxPooling2D(name="pool1")(rectified(inputs, conv1, cap))
    if nested:
        inner = keras.Input(y.shape[1:])
        conv2 = layers.Conv2D(4, 3, name="conv2")
        part = keras.Model(inner, rectified(inner, conv2, cap), name="top")
        y = part(y)
    else:
        y = rectified(y, layers.Conv2D(4, 3, name="conv2"), cap)
    y = layers.Dense(CLASSES, name="scores")(layers.Flatten()(y))
    return keras.Model(inputs, y)


def weights_of(model):
    """Kernels and biases of the two convolutions and of the dense layer."""
    top = {layer.name: layer for layer in model.layers}.get("top", model)
    found = [model.get_layer("conv1"), top.get_layer("conv2")]
    found.append(model.get_layer("scores"))
    return [
        [np.asarray(w, "float64") for w in layer.get_weights()]
        for layer in found
    ]


class ByHand:
    """The same network in NumPy, forward and backward by a rule."""

    def __init__(self, model, image, cap=None):
        (self.k1, b1), (self.k2, b2), (self.k3, b3) = weights_of(model)
        self.cap = np.inf if cap is None else cap
        same = [(1, 1), (1, 1)]
        z = oracles.convolve(image, self.k1, (1, 1), same, (1, 1)) + b1
        self.z1, self.a1 = z, z.clip(0, self.cap)
        windows = self.a1.reshape(4, 2, 4, 2, 3).swapaxes(1, 2)
        windows = windows.reshape(4, 4, 4, 3)
        self.switches = windows.argmax(axis=2)
        valid = [(0, 0), (0, 0)]
        z = oracles.convolve(windows.max(2), self.k2, (1, 1), valid, (1, 1))
        self.z2 = z + b2
        self.a2 = self.z2.clip(0, self.cap)
        self.scores = self.a2.ravel() @ self.k3 + b3

    def back(self, target, rule):
        """From a class's score to the pixels."""
        g = self.k3[:, target].reshape(self.a2.shape)
        return self.back_from_conv2(g, rule)

    def back_from_conv2(self, g, rule):
        g = self.rectified(g, self.z2, rule)
        none = [0, 0]
        g = oracles.transposed_convolve(g, self.k2, (1, 1), none, none, (1, 1))
        unpooled = np.zeros(self.a1.shape)
        for row, column, c in np.ndindex(4, 4, 3):
            down, across = divmod(self.switches[row, column, c], 2)
            pixel = 2 * row + down, 2 * column + across, c
            unpooled[pixel] = g[row, column, c]
        g = self.rectified(unpooled, self.z1, rule)
        return oracles.transposed_convolve(
            g, self.k1, (1, 1), [1, 1], none, (1, 1)
        )

    def rectified(self, g, z, rule):
        is_passed = (z > 0) & (z < self.cap)
        if rule == "gradient":
            return g * is_passed
        if rule == "deconvnet":
            return np.maximum(g, 0)
        return np.maximum(g, 0) * is_passed


@functools.cache
def of_kind(kind):
    return filled(lambda: network(RECTIFIERS[kind], 6.0))


@pytest.fixture(scope="module")
def model():
    return filled(network)


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_is_what_numpy_does(model, rule):
    hands = [ByHand(model, image) for image in x]
    found = backprojection(model, x, [1, 2], rule=rule)
    expected = [h.back(c, rule) for h, c in zip(hands, [1, 2], strict=True)]
    assert error(found, np.array(expected)) <= 1e-5


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("kind", RECTIFIERS)
def test_rectifiers_of_all_kinds_cut_off_at_six(kind, rule):
    model = of_kind(kind)
    hand = ByHand(model, 8 * x[0], cap=6)
    for values in (hand.a1, hand.a2):
        assert (values == 6).any()
        assert ((values > 0) & (values < 6)).any()
    found = backprojection(model, 8 * x[:1], 1, rule=rule)[0]
    assert error(found, hand.back(1, rule)) <= 1e-5


def test_the_rules_differ(model):
    found = [backprojection(model, x, 0, rule=rule) for rule in RULES]
    for i in range(3):
        assert error(found[i], found[i - 1]) > 0.1


def test_saliency_is_the_largest_difference_quotient(model):
    """Central differences, in float64."""
    found = visualize.saliency(model, x[:1], 2)
    assert found.shape == (1, 8, 8)
    for row, column in [(0, 0), (0, 5), (3, 2), (4, 4), (6, 1), (7, 7)]:
        slopes = []
        for channel in range(2):
            scores = []
            for step in (1e-6, -1e-6):
                image = x[0].astype("float64")
                image[row, column, channel] += step
                scores.append(ByHand(model, image).scores[2])
            slopes.append(abs(scores[0] - scores[1]) / 2e-6)
        assert found[0, row, column] == pytest.approx(max(slopes), rel=1e-4)


def test_guided_backprop_is_the_rule_guided(model):
    np.testing.assert_array_equal(
        guided_backprop(model, x, 1), backprojection(model, x, 1, rule="guided")
    )


def test_the_deconvnet_unpools_and_transposes(model):
    """The path of Zeiler and Fergus's figure 1, made of the course's layers."""
    conv1, conv2 = (model.get_layer(name) for name in ("conv1", "conv2"))
    maps = ops.relu(conv1(x))
    pooled, switches = MaxPoolWithIndices(2)(maps)
    chosen = ops.convert_to_numpy(ops.relu(conv2(pooled))).copy()
    chosen[..., [0, 1, 3]] = 0  # all maps but one
    assert chosen.any()

    through2 = TransposedConv(3, 3, use_bias=False)
    through2.build(chosen.shape)
    through2.set_weights(conv2.get_weights()[:1])
    back = through2(ops.relu(ops.convert_to_tensor(chosen)))
    back = ops.relu(MaxUnpool()([back, switches, maps]))
    # the same as a convolution with flipped filters, to where they came from
    flipped = conv1.get_weights()[0][::-1, ::-1].swapaxes(2, 3)
    back = ops.conv(back, flipped, padding="same")

    found = deconvnet(model, x, 2, "conv2", position="all")
    assert error(found, ops.convert_to_numpy(back)) <= 1e-5


@pytest.mark.parametrize("pool", [(2, 2, "valid"), (3, 2, "same")])
@pytest.mark.parametrize("levels", [2, 1000], ids=["ties", "no ties"])
def test_the_gradient_of_max_pooling_is_unpooling_with_switches(pool, levels):
    rng = np.random.default_rng(0)
    maps = rng.integers(0, levels, (2, 7, 8, 3)).astype("float32")
    layer = layers.MaxPooling2D(*pool)
    back = rng.normal(size=layer(maps).shape).astype("float32")
    _, (gradient,) = value_and_gradients(
        lambda maps: ops.sum(layer(maps) * back), maps
    )
    _, switches = MaxPoolWithIndices(*pool)(maps)
    unpooled = MaxUnpool(maps.shape[1:3])([back, switches])
    np.testing.assert_allclose(
        gradient, ops.convert_to_numpy(unpooled), atol=1e-6
    )


def test_without_a_rectifier_all_rules_agree():
    def smooth(tensor, layer, cap):
        z = layers.Activation("tanh")(layer(tensor))
        z = keras.activations.relu(z, negative_slope=0.3)
        return layers.LeakyReLU(0.5)(layers.ReLU(negative_slope=0.2)(z))

    model = filled(lambda: network(smooth))
    found = [backprojection(model, x, 1, rule=rule) for rule in RULES]
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


@pytest.mark.parametrize("rule", RULES)
def test_layers_of_a_model_inside(rule):
    model = filled(lambda: network(RECTIFIERS["layer"], nested=True))
    hand = ByHand(model, x[0])
    found = backprojection(model, x[:1], 1, rule=rule)
    assert error(found[0], hand.back(1, rule)) <= 1e-5

    one = np.zeros(hand.a2.shape)
    one[1, 0, 3] = 1  # before its rectifier
    arguments = {"position": (1, 0), "rule": rule}
    found = backprojection(model, x[:1], 3, "top/conv2", **arguments)
    hand.z2[:] = 1
    assert error(found[0], hand.back_from_conv2(one, rule)) <= 1e-5


def test_the_strongest_unit_is_taken_in_each_image(model):
    maps = visualize.activations(model, x, ["conv2"])["conv2"][..., 1]
    places = [np.unravel_index(m.argmax(), m.shape) for m in maps]
    assert places[0] != places[1]
    found = backprojection(model, x, 1, "conv2")
    for i, place in enumerate(places):
        one = backprojection(model, x[[i]], 1, "conv2", position=place)
        np.testing.assert_allclose(found[[i]], one, atol=1e-6)


def test_the_deconvnet_begins_with_what_the_unit_says(model):
    arguments = {"output": "conv2", "position": (0, 1)}
    maps = visualize.activations(model, x, ["conv2"])["conv2"]
    values = maps[:, 0, 1, 2]
    unit = backprojection(model, x, 2, rule="deconvnet", **arguments)
    found = deconvnet(model, x, 2, **arguments)
    np.testing.assert_allclose(
        found, values[:, None, None, None] * unit, rtol=1e-4, atol=1e-6
    )
    silent = [c for c in range(4) if maps[0, 0, 1, c] == 0]
    assert silent
    assert not deconvnet(model, x[:1], silent[0], **arguments).any()


def softmax_after(kind):
    inputs = keras.Input((2, 2, 3))
    y = layers.Flatten()(inputs)
    dense = layers.Dense(4, name="scores")
    if kind == "fused":
        dense.activation = keras.activations.softmax
        return keras.Model(inputs, dense(y))
    softmax = {
        "layer": layers.Softmax(),
        "activation": layers.Activation("softmax"),
        "operation": ops.softmax,
    }[kind]
    return keras.Model(inputs, softmax(dense(y)))


@pytest.mark.parametrize("kind", ["fused", "layer", "activation", "operation"])
def test_of_a_softmax_the_score_before_it_counts(kind):
    model = filled(lambda: softmax_after(kind))
    found = backprojection(model, images(2, 2, 2, 3), [0, 3])
    kernel = model.get_layer("scores").get_weights()[0]
    expected = kernel[:, [0, 3]].T.reshape(2, 2, 2, 3)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_one_of_several_outputs():
    def make():
        base = network()
        maps = base.get_layer("conv2").output
        return keras.Model(base.input, [base.output, maps])

    model = filled(make)
    first, second = (
        backprojection(model, x, 1, name) for name in ("scores", "conv2")
    )
    scores, maps = (
        keras.Model(model.input, output) for output in model.outputs
    )
    np.testing.assert_allclose(first, backprojection(scores, x, 1), atol=1e-6)
    np.testing.assert_allclose(second, backprojection(maps, x, 1), atol=1e-6)
    with pytest.raises(ValueError, match=r"several outputs: scores, conv2"):
        backprojection(model, x, 1)


def test_batches_are_put_together(model, monkeypatch):
    targets = [0, 1, 2, 1, 0]
    many = images(5, *SHAPE)
    whole = backprojection(model, many, targets)
    monkeypatch.setattr(network_module, "BATCH", 2)
    parts = backprojection(model, many, targets)
    np.testing.assert_allclose(parts, whole, rtol=1e-5, atol=1e-6)


class Restless(layers.Layer):
    """Keeps a count, draws at random and adds a loss, whenever it is called."""

    def __init__(self):
        super().__init__()
        self.seeds = keras.random.SeedGenerator(1)
        self.calls = self.add_weight(
            shape=(), initializer="zeros", trainable=False
        )

    def call(self, inputs):
        self.calls.assign_add(1.0)
        self.add_loss(ops.sum(inputs))
        noise = keras.random.uniform((), seed=self.seeds)
        return inputs * (2 + ops.floor(noise))


@pytest.mark.parametrize("rule", RULES)
def test_the_model_stays_as_it_is(rule):
    base = filled(network)
    restless = Restless()
    top = keras.Sequential([base, restless])
    top.build((None, *SHAPE))
    before = ops.convert_to_numpy(top(x))
    kept = [ops.convert_to_numpy(v) for v in top.variables]
    nodes = [len(layer._inbound_nodes) for layer in base.layers]

    found = backprojection(top, x, 1, rule=rule)
    visualize.activations(top, x)
    np.testing.assert_allclose(
        found, 2 * backprojection(base, x, 1, rule=rule), rtol=1e-5
    )
    for variable, value in zip(top.variables, kept, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(variable), value)
    assert [len(layer._inbound_nodes) for layer in base.layers] == nodes
    assert base.get_layer("conv1").activation is ops.relu
    assert restless.losses == []  # none of what was only traced
    np.testing.assert_array_equal(ops.convert_to_numpy(top(x)), before)


@pytest.mark.parametrize("rule", RULES)
def test_half_precision(rule, model):
    with policy_of("mixed_float16"):
        half = filled(network)
    half.set_weights(model.get_weights())
    found = backprojection(half, x, 1, rule=rule)
    assert found.dtype == np.float32
    whole = backprojection(model, x, 1, rule=rule)
    assert error(found, whole) <= 1e-2


def test_dropout_and_batch_norm_predict():
    def make():
        inputs = keras.Input((2, 2, 1))
        y = layers.BatchNormalization(epsilon=0, name="norm")(inputs)
        y = layers.Dropout(0.5)(y)
        return keras.Model(inputs, layers.Flatten()(y))

    model = filled(make)
    norm = model.get_layer("norm")
    factor = norm.gamma / ops.sqrt(norm.moving_variance)
    found = backprojection(model, images(1, 2, 2, 1), 2)
    expected = [0, 0, ops.convert_to_numpy(factor)[0], 0]
    np.testing.assert_allclose(found.ravel(), expected, rtol=1e-5)


def two_inputs():
    inputs = [keras.Input(SHAPE) for _ in range(2)]
    return keras.Model(inputs, layers.Add()(inputs))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"target": 3},
            "target=3 is no channel of scores.*0 to 2",
        ),
        ({"target": -1}, "target=-1.*0 to 2"),
        ({"target": 1.0}, "target=1.0 is no channel. Expected an integer"),
        ({"target": [0, 1, 2]}, "one for each of 2 images"),
        ({"output": "conv3"}, "conv3 is not in .*conv1, pool1, conv2"),
        ({"x": x[0]}, r"shape \(8, 8, 2\).*\(n, 8, 8, 2\).*x\[None\]"),
        ({"x": x[:, :4]}, r"shape \(2, 4, 8, 2\).*resize"),
        ({"x": x[:0]}, r"shape \(0, 8, 8, 2\).*at least 1"),
        ({"rule": "relu"}, "rule='relu'.*gradient.*deconvnet.*guided"),
        ({"position": (0, 0)}, r"position=\(0, 0\) is no place in scores"),
        (
            {"output": "conv2", "position": (0, 2)},
            r"\(0, 2\) is no place in conv2.*\(2, 2\)",
        ),
        ({"output": "conv2", "position": "most"}, 'most.*"all"'),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused(model, change, message):
    arguments = {"x": x, "target": 1} | change
    with pytest.raises(ValueError, match=message):
        backprojection(model, **arguments)


def test_models_that_cannot_be_looked_into():
    with pytest.raises(ValueError, match="2 inputs"):
        backprojection(two_inputs(), x, 0)
    unbuilt = keras.Sequential([layers.Flatten()])
    for look in (
        lambda: backprojection(unbuilt, x, 0),
        lambda: visualize.activations(unbuilt, x),
        lambda: visualize.filters(unbuilt, "flatten"),
    ):
        with pytest.raises(ValueError, match="never built"):
            look()
