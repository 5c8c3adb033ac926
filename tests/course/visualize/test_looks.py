"""Kernels, activations, hidden patches, class maps and climbed images."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from course import visualize
from course.layers import TransposedConv
from course.models import resnet_cifar, vgg
from course.visualize import (
    activation_maximization,
    activations,
    filters,
    grad_cam,
    occlusion,
)
from course.visualize.cam import _maps
from course.visualize.network import Network
from tests.models import empty, error, filled, images

x = images(3, 6, 7, 2)


def convolutions():
    inputs = keras.Input((9, 9, 2))
    y = layers.Conv2D(4, 3, name="conv")(inputs)
    y = layers.DepthwiseConv2D(3, depth_multiplier=2, name="depthwise")(y)
    y = layers.SeparableConv2D(3, 3, depth_multiplier=2, name="separable")(y)
    y = layers.Conv2DTranspose(5, 2, name="keras")(y)
    y = TransposedConv(3, 2, name="ours")(y)
    return keras.Model(inputs, layers.Dense(3, name="dense")(y))


def weight(model, name):
    return np.asarray(model.get_layer(name).get_weights()[0])


def test_filters_are_what_each_output_is_made_by():
    model = filled(convolutions)
    found = {
        name: filters(model, name, None)
        for name in ("conv", "depthwise", "separable", "keras", "ours")
    }
    kernel = weight(model, "conv")  # (3, 3, 2, 4)
    np.testing.assert_array_equal(found["conv"][3], kernel[..., 3])
    kernel = weight(model, "depthwise")  # (3, 3, 4, 2)
    assert found["depthwise"].shape == (8, 3, 3, 1)
    np.testing.assert_array_equal(
        found["depthwise"][2 * 3 + 1][..., 0], kernel[..., 3, 1]
    )
    assert found["separable"].shape == (16, 3, 3, 1)
    for name in ("keras", "ours"):  # (2, 2, filters, channels)
        kernel = weight(model, name)
        np.testing.assert_array_equal(found[name][2], kernel[:, :, 2])


def test_zero_is_grey_and_the_largest_weight_black_or_white():
    model = empty(convolutions)
    kernel = np.zeros((3, 3, 2, 4))
    kernel[0, 1, 0, 0], kernel[2, 2, 1, 0] = 4, -2
    kernel[1, 1, 1, 3] = -1
    model.get_layer("conv").set_weights([kernel, np.zeros(4)])
    each = filters(model, "conv")
    assert each[0, 0, 1, 0] == 1
    assert each[0, 2, 2, 1] == 0.25
    assert each[3, 1, 1, 1] == 0
    assert (each[1:3] == 0.5).all()
    together = filters(model, "conv", "all")
    assert together[0, 0, 1, 0] == 1
    assert together[3, 1, 1, 1] == 0.375


@pytest.mark.parametrize(
    ("layer", "normalize", "message"),
    [
        ("dense", "each", "dense has no kernel.*conv, depthwise, separable"),
        ("conv9", "each", "conv9 is not in"),
        ("conv", "most", "'most'.*each"),
    ],
)
def test_filters_that_are_none(layer, normalize, message):
    with pytest.raises(ValueError, match=message):
        filters(empty(convolutions), layer, normalize)


def shared():
    """A model with a model in it, and a layer that is used twice."""
    inner_input = keras.Input((6, 7, 2))
    y = layers.Conv2D(2, 3, padding="same", name="conv")(inner_input)
    inner = keras.Model(inner_input, layers.ReLU(name="relu")(y), name="inner")
    inputs = keras.Input((6, 7, 2))
    scale = layers.DepthwiseConv2D(1, name="scale")
    y = scale(scale(inner(inputs)))
    return keras.Model(inputs, layers.Flatten(name="flat")(y))


def test_activations_of_every_layer_by_name():
    model = filled(shared)
    found = activations(model, x)
    assert list(found) == [
        *("inner/conv", "inner/relu", "scale", "scale#2", "flat")
    ]
    inner, scale = model.get_layer("inner"), model.get_layer("scale")
    expected = [inner(x)]
    expected.append(scale(expected[-1]))
    expected.append(scale(expected[-1]))
    for name, value in zip([*found][1:], expected, strict=False):
        np.testing.assert_allclose(
            found[name], ops.convert_to_numpy(value), rtol=1e-5, atol=1e-6
        )
    np.testing.assert_allclose(
        found["inner/relu"], np.maximum(found["inner/conv"], 0)
    )
    np.testing.assert_allclose(found["flat"], found["scale#2"].reshape(3, -1))
    assert (found["inner/conv"] < 0).any()


def test_activations_of_some_layers():
    model = filled(shared)
    every = activations(model, x)
    some = activations(model, x, ["scale#2", "inner", model.get_layer("flat")])
    assert list(some) == ["scale#2", "inner", "flat"]
    np.testing.assert_array_equal(some["scale#2"], every["scale#2"])
    np.testing.assert_array_equal(some["inner"], every["inner/relu"])
    with pytest.raises(ValueError, match=r"conv is not in.*inner/conv"):
        activations(model, x, ["conv"])
    assert activations(model, x, []) == {}


def classifier(softmax=None):
    """Convolution, ReLU, global average pooling, dense."""
    inputs = keras.Input((6, 7, 2))
    y = layers.Conv2D(5, 3, activation="relu", name="conv")(inputs)
    y = layers.GlobalAveragePooling2D(name="pooled")(y)
    y = layers.Dense(4, activation=softmax, name="scores")(y)
    return keras.Model(inputs, y)


@pytest.mark.parametrize("fill", [None, 0.5, (0.25, -1)])
def test_occlusion_hides_one_patch_after_the_other(fill):
    model = filled(lambda: classifier("softmax"))
    found = occlusion(model, x, [1, 2, 0], 3, 2, fill)
    assert found.shape == (3, 2, 3)
    hidden, targets = [], []
    for image, target in zip(x, [1, 2, 0], strict=True):
        colour = image.mean((0, 1)) if fill is None else fill
        for top in (0, 2):
            for left in (0, 2, 4):
                hidden.append(image.copy())
                hidden[-1][top : top + 3, left : left + 3] = colour
                targets.append(target)
    scores = ops.convert_to_numpy(model(np.stack(hidden)))
    expected = scores[np.arange(len(targets)), targets]
    np.testing.assert_allclose(found.ravel(), expected, rtol=1e-5)


def test_occlusion_of_one_unit_and_the_end_of_the_image():
    model = filled(classifier)
    found = occlusion(model, x[:1], 1, 6, 1, 0, output="conv", position=(3, 4))
    # a patch of 6 x 6 in 6 x 7 covers the unit's window in its second place
    bias = model.get_layer("conv").get_weights()[1][1]
    assert found.shape == (1, 1, 2)
    np.testing.assert_allclose(found[0, 0, 1], max(bias, 0), atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, 0), "size=0"),
        ((1, 7), "size=7 for images of shape .*smaller"),
        ((1, 3, 0), "stride=0"),
        ((1, 3, 1, (1, 2, 3)), r"fill has shape \(3,\).*2, one a channel"),
        ((4, 3), "target=4"),
    ],
)
def test_patches_that_cannot_be(arguments, message):
    with pytest.raises(ValueError, match=message):
        occlusion(empty(classifier), x, *arguments)


def test_with_global_pooling_and_a_dense_layer_grad_cam_is_cam():
    """Zhou et al. 2016: the class's dense weights times the maps."""
    model = filled(lambda: classifier("softmax"))
    maps = activations(model, x, ["conv"])["conv"]
    targets = [0, 3, 2]
    kernel = weight(model, "scores")
    cam = np.stack(
        [m @ kernel[:, c] for m, c in zip(maps, targets, strict=True)]
    )
    cam /= 4 * 5  # places, over which the mean is taken
    assert (cam < 0).any()
    assert (cam > 0).any()
    plain = {"rectify": False, "resize": False}
    found = grad_cam(model, x, targets, **plain)
    np.testing.assert_allclose(found, cam, rtol=1e-4, atol=1e-6)
    found = grad_cam(model, x, targets, "conv", resize=False)
    np.testing.assert_allclose(found, np.maximum(cam, 0), rtol=1e-4, atol=1e-6)
    against = grad_cam(model, x, targets, counterfactual=True, resize=False)
    np.testing.assert_allclose(
        against, np.maximum(-cam, 0), rtol=1e-4, atol=1e-6
    )


def test_class_maps_are_enlarged_to_the_image():
    from scipy.ndimage import map_coordinates

    model = filled(classifier)
    small = grad_cam(model, x, 1, resize=False)
    large = grad_cam(model, x, 1)
    assert small.shape == (3, 4, 5)
    assert large.shape == (3, 6, 7)
    rows, columns = (
        (np.arange(n) + 0.5) * m / n - 0.5 for n, m in ((6, 4), (7, 5))
    )
    grid = np.meshgrid(rows, columns, indexing="ij")
    for one, many in zip(small, large, strict=True):
        expected = map_coordinates(one, grid, order=1, mode="nearest")
        np.testing.assert_allclose(many, expected, rtol=1e-4, atol=1e-6)


def test_class_maps_through_a_skip_and_a_model_inside():
    """Only what goes through the layer counts, not what passes it by."""

    def make():
        inputs = keras.Input((6, 7, 2))
        inner_input = keras.Input((6, 7, 2))
        y = layers.Conv2D(2, 3, padding="same", name="conv")(inner_input)
        inner = keras.Model(inner_input, y, name="inner")
        y = layers.Add()([inner(inputs), 3 * inputs])
        y = layers.Flatten()(y)
        return keras.Model(inputs, layers.Dense(2, name="scores")(y))

    model = filled(make)
    maps = activations(model, x, ["inner/conv"])["inner/conv"]
    kernel = weight(model, "scores").reshape(6, 7, 2, 2)
    alpha = kernel[..., 1].mean((0, 1))
    found = grad_cam(model, x, 1, "inner/conv", rectify=False)
    np.testing.assert_allclose(found, maps @ alpha, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: vgg("A", 3, (32, 32, 3)), "conv5_2"),
        (lambda: resnet_cifar(20, 3, (16, 16, 3)), "conv4_3"),
    ],
    ids=["vgg", "resnet"],
)
def test_the_last_maps_are_found(make, name):
    """Behind sums and activations, before the last pooling."""
    model = empty(make)
    network = Network(model, np.zeros((1, *model.input_shape[1:])))
    assert network.graph.names[_maps(network, None)] == name


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("scores", "scores does not lead to scores"),
        ("pooled", "makes no maps"),
        ("nothing", "nothing is not in"),
    ],
)
def test_class_maps_of_layers_that_have_none(layer, message):
    model = empty(classifier)
    with pytest.raises(ValueError, match=message):
        grad_cam(model, x, 0, layer)


def test_a_network_without_a_convolution_has_no_class_map():
    dense = keras.Sequential(
        [keras.Input((6, 7, 2)), layers.Flatten(), layers.Dense(4)]
    )
    with pytest.raises(ValueError, match="no convolution leads to dense"):
        grad_cam(dense, x, 0)


def linear():
    """A convolution as large as the image: one unit a filter."""
    inputs = keras.Input((6, 7, 2))
    y = layers.Conv2D(3, (6, 7), name="conv")(inputs)
    return keras.Model(inputs, y)


def test_the_image_of_a_linear_unit_is_its_kernel():
    model = filled(linear)
    kernel, bias = model.get_layer("conv").get_weights()
    w = kernel[..., 2]
    start = images(6, 7, 2, seed=3)
    found = activation_maximization(
        model, 2, steps=40, rate=0.5, decay=0.1, start=start
    )
    unit = w / np.sqrt(np.mean(w**2))
    expected, values = start, []
    for _ in range(41):
        values.append(np.sum(w * expected) + bias[2])
        last, expected = expected, 0.9 * (expected + 0.5 * unit)
    assert error(found.image, last) <= 1e-5
    np.testing.assert_allclose(found.values, values, rtol=1e-4)
    cosine = np.sum(found.image * w) / np.linalg.norm(found.image)
    assert cosine / np.linalg.norm(w) > 0.999


def test_what_is_asked_of_a_map():
    model = filled(classifier)
    w = model.get_layer("conv").get_weights()[0][..., 1]
    start = np.zeros((6, 7, 2))
    start[2:5, 2:5] = 2 * w  # the middle unit of 4 x 5 sees it, and is positive
    found = activation_maximization(
        model, 1, "conv", start=start, steps=1, rate=1
    )
    changed = found.image - start
    expected = np.zeros((6, 7, 2))
    expected[2:5, 2:5] = w
    expected /= np.sqrt(np.mean(expected**2))
    np.testing.assert_allclose(changed, expected, rtol=1e-4, atol=1e-5)
    total = activation_maximization(
        model, 1, "conv", position="all", start=start, steps=0
    )
    maps = activations(model, start[None], ["conv"])["conv"]
    np.testing.assert_allclose(total.values, maps[..., 1].sum(), rtol=1e-5)


def test_blur_jitter_and_limits():
    from scipy.ndimage import gaussian_filter

    model = filled(linear)
    w = model.get_layer("conv").get_weights()[0][..., 0]
    unit = w / np.sqrt(np.mean(w**2))
    start = images(6, 7, 2, seed=3)
    arguments = {"steps": 1, "rate": 0.5, "start": start}
    found = activation_maximization(model, 0, blur=0.8, **arguments)
    expected = [
        gaussian_filter((start + 0.5 * unit)[..., c], 0.8, mode="nearest")
        for c in range(2)
    ]
    np.testing.assert_allclose(
        found.image, np.stack(expected, -1), rtol=1e-4, atol=1e-5
    )
    found = activation_maximization(model, 0, limits=(-0.5, 1), **arguments)
    np.testing.assert_allclose(
        found.image, np.clip(start + 0.5 * unit, -0.5, 1), rtol=1e-4, atol=1e-5
    )
    found = activation_maximization(model, 0, jitter=2, seed=0, **arguments)
    shifts = {
        (down, across): np.abs(
            np.roll(unit, (down, across), (0, 1)) - 2 * (found.image - start)
        ).max()
        for down in range(-2, 3)
        for across in range(-2, 3)
    }
    shift = min(shifts, key=shifts.get)
    assert shift != (0, 0)
    assert shifts[shift] < 1e-4
    bias = model.get_layer("conv").get_weights()[1][0]
    shifted = np.roll(start, np.negative(shift), (0, 1))
    assert found.values[0] == pytest.approx(np.sum(w * shifted) + bias, 1e-4)


def test_noise_depends_on_the_seed_alone():
    model = filled(linear)
    first, again, other = (
        activation_maximization(model, 0, steps=3, jitter=1, seed=seed)
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.image, again.image)
    assert np.abs(first.image - other.image).max() > 0.1


def test_sizes_that_a_model_leaves_open():
    inputs = keras.Input((None, None, 2))
    y = layers.GlobalAveragePooling2D()(inputs)
    model = keras.Model(inputs, y)
    with pytest.raises(ValueError, match=r"\(None, None, 2\).*input_shape="):
        activation_maximization(model, 0)
    found = activation_maximization(model, 0, steps=2, input_shape=(3, 4, 2))
    assert found.image.shape == (3, 4, 2)
    assert found.values[2] > found.values[1] > found.values[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": -1}, "steps=-1"),
        ({"jitter": 0.5}, "jitter=0.5"),
        ({"rate": 0}, "rate=0. Expected a number above 0"),
        ({"decay": 1}, "decay=1.*without, 1"),
        ({"blur": -1}, "blur=-1.*from 0 on"),
        ({"start": np.zeros((3, 3, 2))}, r"shape \(1, 3, 3, 2\)"),
        (
            {"start": np.zeros((6, 7, 2)), "output": "conv"},
            "no pixel of the start changes conv",
        ),
    ],
)
def test_climbs_that_cannot_begin(arguments, message):
    model = empty(classifier)
    with pytest.raises(ValueError, match=message):
        activation_maximization(model, 0, **arguments)


def test_what_is_public():
    assert all(callable(getattr(visualize, n)) for n in visualize.__all__)
