"""The mathematics of the reference runs, by its laws."""

import importlib

import keras
import numpy as np
import pytest

from course.catalogue import outlines
from course.summary import summary
from tests.models import empty, filled, run


def numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


@pytest.fixture
def downsampling(programs):
    return importlib.import_module("runs.downsampling")


@pytest.fixture
def batch_norm(programs):
    return importlib.import_module("runs.batch_norm")


@pytest.fixture
def effective_field(programs):
    return importlib.import_module("runs.effective_field")


@pytest.fixture
def trained_field(programs):
    return importlib.import_module("runs.trained_field")


@pytest.fixture
def efficiency(programs):
    return importlib.import_module("runs.efficiency")


@pytest.mark.parametrize(
    ("parts", "share"),
    [({1 / 8: 1}, 0), ({3 / 8: 1}, 1), ({1 / 8: 1, 3 / 8: 2, 0: 5}, 0.8)],
)
@pytest.mark.parametrize("axis", [1, 2])
def test_what_is_folded(downsampling, parts, share, axis):
    """The energy above a quarter of a cycle a pixel, constants aside."""
    inputs = keras.Input((16, 16, 1))
    pooled = keras.layers.MaxPooling2D(1, 2, name="half1")(inputs)
    place = np.arange(16)
    wave = sum(a * np.cos(2 * np.pi * f * place) for f, a in parts.items())
    shape = [16 if i == axis else 1 for i in range(4)]
    images = np.broadcast_to(wave.reshape(shape), (2, 16, 16, 1))
    model = keras.Model(inputs, pooled)
    found = downsampling.folded(model, 1, images.astype("float32"))
    assert found == pytest.approx(share, abs=1e-5)


def test_a_blur_keeps_what_is_flat_and_ends_what_alternates(downsampling):
    inputs = keras.Input((8, 8, 2))
    blur = keras.Model(inputs, downsampling.blurred(inputs))
    flat = np.ones((8, 8))
    alternating = np.broadcast_to((-1.0) ** np.arange(8), (8, 8))
    x = np.stack([flat, alternating], axis=-1)[None].astype("float32")
    inside = numpy(blur(x))[0, 1:-1, 1:-1]
    np.testing.assert_allclose(inside[..., 0], 1, atol=1e-6)
    np.testing.assert_allclose(inside[..., 1], 0, atol=1e-6)
    assert not blur.trainable_weights


def test_every_second_pixel_of_a_convolution_is_a_strided_one(downsampling):
    model = filled(lambda: downsampling.halving_net("strided"))
    halved = keras.Model(model.input, model.get_layer("half1").output)
    x = np.random.default_rng(0).normal(size=(2, 20, 20, 1)).astype("float32")
    (kernel,) = model.get_layer("conv1_conv").get_weights()
    padded = np.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)])
    strided = keras.ops.conv(padded, kernel, strides=2, padding="valid")
    normalized = model.get_layer("conv1_norm")(strided)
    expected = np.maximum(numpy(normalized), 0)
    np.testing.assert_allclose(numpy(halved(x)), expected, atol=1e-5)


def test_ways_to_halve_have_as_many_parameters(downsampling):
    counts = {
        sum(int(np.prod(w.shape)) for w in net.trainable_weights)
        for way in downsampling.WAYS
        for net in [empty(lambda way=way: downsampling.halving_net(way))]
    }
    assert counts == {9 * (16 + 16 * 32 + 32 * 64) + 2 * 112 + 650}


def test_shifts_change_nothing_where_places_do_not_matter(downsampling):
    x = inputs = keras.Input((8, 8, 1))
    mean = keras.layers.GlobalAveragePooling2D()(x)
    model = keras.Model(inputs, keras.layers.Dense(3)(mean))
    images = np.zeros((4, 8, 8, 1), "float32")
    images[:, 2:6, 2:6] = np.random.default_rng(0).random((4, 4, 4, 1))
    found = downsampling.shift_effects(model, images)
    assert found["consistency"] == 1
    assert found["change"] < 1e-5


def test_shifts_of_one_pixel_that_decides(downsampling):
    """Its ink is seen by one class where it is, by another elsewhere."""
    inputs = keras.Input((8, 8, 1))
    flat = keras.layers.Flatten()(inputs)
    model = keras.Model(inputs, keras.layers.Dense(2, use_bias=False)(flat))
    kernel = np.zeros((64, 2), "float32")
    kernel[:, 1] = 1
    kernel[27] = [1, 0]
    kernel[28] = [1, 0]  # right of it: one shift of eight stays
    model.set_weights([kernel])
    images = np.zeros((1, 64), "float32")
    images[:, 27] = 1
    found = downsampling.shift_effects(model, images.reshape(1, 8, 8, 1))
    assert found["consistency"] == pytest.approx(1 / 8)
    assert found["change"] == pytest.approx(7 / 8 * 2**0.5)


def test_a_normalized_kernel_is_orthogonal_to_its_gradient(batch_norm):
    """Its length changes nothing, but for the epsilon."""
    *pairs, _ = gradients_and_kernels(batch_norm, norm=True, skips=True)
    for gradient, kernel in pairs:
        length = np.linalg.norm(gradient) * np.linalg.norm(kernel)
        assert abs(np.sum(gradient * kernel)) < 0.02 * length


def test_each_kernel_of_a_bare_stack_scales_the_scores(batch_norm):
    """So the loss has one slope along all of them, by Euler's theorem."""
    pairs = gradients_and_kernels(batch_norm, norm=False, skips=False)
    along = [float(np.sum(gradient * kernel)) for gradient, kernel in pairs]
    assert abs(along[0]) > 1e-3
    np.testing.assert_allclose(along, along[0], rtol=1e-4)


def gradients_and_kernels(batch_norm, norm, skips):
    """Of four convolutions and the scores."""
    rng = np.random.default_rng(0)
    model = empty(lambda: batch_norm.stack(4, norm, skips))
    kernels = batch_norm.draw(model, batch_norm.INITIALIZATIONS["he"], rng)
    for weight in model.weights:
        if weight.name in ("gamma", "moving_variance"):
            weight.assign(np.ones(weight.shape))
    x = rng.random((8, 8, 8, 1)).astype("float32")
    slopes = batch_norm.kernel_gradients(model, x, np.arange(8))
    found = list(zip(slopes(*kernels)[1], kernels, strict=True))
    assert len(found) == 5
    return found


def test_one_layer_sees_its_kernel(effective_field):
    found = effective_field.squared_gradient(1, 2, np.random.default_rng(0))
    rng = np.random.default_rng(0)
    expected = np.zeros((3, 3))
    for _ in range(2):
        rng.normal(size=(3, 3, 16))  # the image, which does not matter here
        (kernel,) = effective_field.he_kernels(1, rng)
        expected += np.square(kernel.sum(-1)).sum(-1)
    np.testing.assert_allclose(found, expected / expected.sum(), rtol=1e-5)


def test_deviations_and_gaussians(effective_field):
    uniform = np.ones(3) / 3
    assert effective_field.deviation(uniform) == pytest.approx((2 / 3) ** 0.5)
    profile = uniform
    for _ in range(29):
        profile = np.convolve(profile, uniform)
    assert effective_field.deviation(profile) == pytest.approx(20**0.5)
    assert effective_field.explained(profile) > 0.999
    assert effective_field.explained(np.eye(1, 21, 4)[0] * 0.9 + 0.1 / 21) < 0.9


@pytest.mark.parametrize("block", ["conv2_1", "conv4_1"])
def test_a_plain_net_without_a_block(programs, block):
    """Layer by layer, but for the block's; sizes change as a shortcut's."""
    deep = importlib.import_module("runs._deep")
    lesion = importlib.import_module("runs.lesion")
    model = filled(lambda: deep.deep_net(8, "plain"))
    x = model.input
    for layer in model.layers[1:]:
        if not layer.name.startswith(block):
            x = layer(x)
        elif layer.name == "conv4_1":
            x = keras.ops.pad(x[:, ::2, ::2], [(0, 0)] * 3 + [(0, 16)])
    images = np.random.default_rng(0).random((2, 8, 8, 1)).astype("float32")
    expected = run(keras.Model(model.input, x), images)
    found = run(lesion.plain_lesion(model, block), images)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_blocks_of_a_deep_net(programs):
    deep = importlib.import_module("runs._deep")
    names = ["conv2_1", "conv2_2", "conv3_1", "conv3_2", "conv4_1", "conv4_2"]
    assert deep.block_names(14) == names


@pytest.mark.parametrize("depth", [8, 20])
def test_twins_have_as_many_parameters(programs, depth):
    deep = importlib.import_module("runs._deep")
    plain, residual = (
        empty(lambda kind=kind: deep.deep_net(depth, kind)).count_params()
        for kind in ("plain", "residual")
    )
    assert plain == residual


def test_a_net_before_training_keeps_its_layers_and_nothing_learned(
    trained_field,
):
    inputs = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(64, 3)(inputs)
    model = keras.Model(inputs, keras.layers.BatchNormalization()(x))
    for weight in model.weights:
        weight.assign(np.full(weight.shape, 7.0))
    fresh = trained_field.untrained(model, np.random.default_rng(0))
    kernel, bias, *normalization = map(numpy, fresh.weights)
    assert kernel.std() == pytest.approx((2 / 27) ** 0.5, rel=0.05)
    assert not bias.any()
    assert [float(each.mean()) for each in normalization] == [1, 0, 0, 1]
    assert all((numpy(weight) == 7).all() for weight in model.weights)


def test_crops_are_grey_and_as_many_of_each_texture(trained_field):
    images = trained_field.crops(2, np.random.default_rng(0))
    assert images.shape == (6, 96, 96, 3)
    assert images.min() >= 0
    assert images.max() <= 1
    np.testing.assert_array_equal(images[..., 0], images[..., 2])


def test_a_profile_goes_through_the_largest(trained_field):
    values = np.array([[0.0, 0, 0], [4, 8, 2], [0, 6, 0]])
    assert trained_field.profile(values).tolist() == [2, 8, 4]


def test_small_networks_cost_what_the_run_expects(efficiency):
    """At most 60,000 parameters, most with hidden layers, least mobile."""
    costs = {}
    for name, body in efficiency.BODIES.items():
        with outlines():
            model = efficiency.network(name, body)
            table = summary(model)
        assert model.output_shape == (None, 10)
        costs[name] = (table.trainable, table.macs)
    assert list(costs) == [
        *("lenet", "alexnet", "vgg", "nin", "inception"),
        *("residual", "dense", "squeeze", "mobile"),
    ]
    parameters = {name: count for name, (count, _) in costs.items()}
    assert max(parameters.values()) <= 60_000
    hidden = [parameters.pop(name) for name in ("lenet", "alexnet", "vgg")]
    assert 3 * max(parameters.values()) <= 2 * max(hidden)
    assert max(parameters.values()) < min(hidden)
    for axis in (0, 1):
        assert min(costs, key=lambda name: costs[name][axis]) == "mobile"
