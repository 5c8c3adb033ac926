"""Networks that segment: sizes, places, learning."""

import functools

import keras
import numpy as np
import pytest

from course.catalogue import outlines
from course.models import (
    alexnet,
    deconvnet,
    deeplab_v3_plus,
    dilated_vgg,
    fc_densenet,
    fcn,
    pspnet,
    refinenet,
    segnet,
    unet,
    vgg,
)
from course.models.resnet import VARIANTS as RESNETS
from tests.layer_contract import to_numpy
from tests.models import (
    check_model,
    empty,
    error,
    filled,
    images,
    run,
    sizes,
    train,
)
from tests.oracles import convolve

OPEN = (None, None, 3)
SMALL = {
    "fcn 32s": functools.partial(fcn, "32s", base_filters=2),
    "fcn 16s": functools.partial(fcn, "16s", base_filters=2),
    "fcn 8s": functools.partial(fcn, "8s", base_filters=2),
    "fcn 32s same": functools.partial(
        fcn, "32s", base_filters=2, padding="same"
    ),
    "fcn 8s same": functools.partial(fcn, "8s", base_filters=2, padding="same"),
    "unet same": functools.partial(unet, base_filters=2, padding="same"),
    "segnet": functools.partial(segnet, base_filters=2),
    "deconvnet": functools.partial(deconvnet, base_filters=2, fc_kernel_size=2),
    "dilated": functools.partial(dilated_vgg, base_filters=2),
    "dilated same": functools.partial(
        dilated_vgg, base_filters=2, padding="same"
    ),
    "deeplab": functools.partial(deeplab_v3_plus, base_filters=2),
    "deeplab resnet": functools.partial(
        deeplab_v3_plus, base_filters=2, backbone="resnet50", output_stride=8
    ),
    "deeplab mobilenet": functools.partial(
        deeplab_v3_plus, base_filters=2, backbone="mobilenet"
    ),
    "pspnet": functools.partial(pspnet, base_filters=2),
    "refinenet": functools.partial(refinenet, base_filters=2),
    "fc_densenet": functools.partial(
        fc_densenet, 56, base_filters=4, growth_rate=2, counts=(1, 2, 3, 2, 1)
    ),
}
LEAST = {  # rows and columns
    "deconvnet": 33,
    "deeplab": 32,
    "deeplab resnet": 32,
    "deeplab mobilenet": 32,
    "pspnet": 41,
    "refinenet": 32,
    "fc_densenet": 32,
}


@pytest.mark.parametrize("name", SMALL)
def test_there_are_scores_for_each_pixel(name):
    shapes = [(48, 64), (33, 47), (50, 36), (63, 95), (61, 43), (1, 2)]
    for rows, columns in shapes:
        if min(rows, columns) < LEAST.get(name, 1):
            continue
        with outlines():
            model = SMALL[name](classes=5, input_shape=(rows, columns, 3))
            assert model.output_shape == (None, rows, columns, 5)


@pytest.mark.parametrize(
    "name",
    [
        *("fcn 8s", "segnet", "dilated", "deconvnet", "deeplab mobilenet"),
        "fc_densenet",
    ],
)
def test_sizes_that_are_known_and_open_ones_give_the_same(name):
    shape = (39, 50, 3)
    model = filled(lambda: SMALL[name](classes=5, input_shape=OPEN))
    fixed = empty(lambda: SMALL[name](classes=5, input_shape=shape))
    fixed.set_weights(model.get_weights())
    x = images(1, *shape)
    assert error(run(model, x), run(fixed, x)) <= 1e-5


# Sizes that the papers print.


def test_fcns_sizes():
    """What Caffe's log says of an image of 500 pixels."""
    with outlines():
        model = fcn("8s")
        assert sizes(model, "conv1_1 pool1 pool2 pool3 pool4 pool5") == (
            [698, 349, 175, 88, 44, 22], 512,
        )  # fmt: skip
        assert sizes(model, "fc6 fc7") == ([16, 16], 4096)
        assert sizes(
            model,
            "score_fr upscore2 score_pool4_crop fuse_pool4 upscore_pool4 "
            "score_pool3_crop fuse_pool3 upscore8 score",
        ) == ([16, 34, 34, 34, 70, 70, 70, 568, 500], 21)
        assert sizes(fcn("32s"), "upscore32 score")[0] == [544, 500]
        assert sizes(fcn("16s"), "upscore16 score")[0] == [560, 500]


@pytest.mark.parametrize(
    ("variant", "offsets"),
    [("32s", [19]), ("16s", [5, 27]), ("8s", [5, 9, 31])],
)
def test_fcns_offsets(variant, offsets):
    with outlines():
        model = fcn(variant)
        names = ["score_pool4_crop", "score_pool3_crop"]
        names = [*names[: len(offsets) - 1], "score"]
        found = [model.get_layer(name).offset for name in names]
    assert found == [(offset, offset) for offset in offsets]


def test_unets_sizes():
    with outlines():
        model = unet()
        assert sizes(model, "down1_1 down1 down1_pool down2 down3 down4")[
            0
        ] == [570, 568, 284, 280, 136, 64]
        assert sizes(model, "down4_pool bottom") == ([32, 28], 1024)
        ups = "up4_up up4 up3_up up3 up2_up up2 up1_up up1 score"
        assert sizes(model, ups) == (
            [56, 52, 104, 100, 200, 196, 392, 388, 388], 2,
        )  # fmt: skip
        for level, cropped in enumerate([88, 40, 16, 4], start=1):
            (skip,), _ = sizes(model, f"down{level}")
            (kept,), _ = sizes(model, f"up{level}_crop")
            assert skip - kept == 2 * cropped


def test_sizes_of_the_others():
    with outlines():
        model = segnet()
        names = "pool1 pool2 pool3 pool4 pool5 upsample5 upsample4 conv1_1_D"
        assert sizes(model, names) == ([180, 90, 45, 23, 12, 23, 45, 360], 11)
        model = deconvnet()
        names = "pool5 fc6 fc7 fc6_deconv unpool5 deconv5_3 unpool1 deconv1_2"
        assert sizes(model, names) == ([7, 1, 1, 7, 14, 14, 224, 224], 64)
        # 900 pixels with the mirror around the image: 66 scores
        model = dilated_vgg(input_shape=(528, 528, 3))
        names = "padding pool3 conv4_3 conv5_3 fc6 fc7 final ctx_padding"
        assert sizes(model, f"{names} ctx_conv1_1 ctx_fc1 ctx_final") == (
            [900, 108, 102, 90, 66, 66, 66, 132, 130, 66, 66], 21,
        )  # fmt: skip


def test_pspnets_sizes():
    """Trained on 473 pixels: 60 x 60 features, 4096 channels with the means."""
    with outlines():
        model = pspnet(auxiliary=True)
        names = "conv1_1 conv1 pool1 conv2_3 conv3_4 conv4_6 conv5_3"
        assert sizes(model, names) == ([237, 237, 119, 119, 60, 60, 60], 2048)
        means = "pyramid_mean1 pyramid_mean2 pyramid_mean3 pyramid_mean6"
        assert sizes(model, means)[0] == [1, 2, 3, 6]
        assert sizes(model, "pyramid_bins6 pyramid_up1") == ([6, 60], 512)
        assert sizes(model, "pyramid") == ([60], 4096)
        assert sizes(model, "conv6") == ([60], 512)
        assert sizes(model, "score auxiliary_scores") == ([473, 473], 21)
        assert len(model.outputs) == 2


def test_fc_densenets_channels():
    """Table 2's m; where it prints 578, its layers make 464 + 7 x 16."""
    with outlines():
        model = fc_densenet(103, input_shape=(224, 224, 3))
        for names, expected in {
            "conv1": [48],
            "dense1 dense2 dense3 dense4 dense5": [112, 192, 304, 464, 656],
            "dense7_11 dense8_9 dense9_6 dense10_4": [1072, 800, 560, 368],
            "dense6 dense7 dense8 dense9 dense10": [240, 192, 160, 112, 80],
            "dense11": [256],
        }.items():
            found = [
                model.get_layer(name).output.shape[-1] for name in names.split()
            ]
            assert found == expected
        names = "conv1 td1 td2 td3 td4 td5 tu1 tu2 tu3 tu4 tu5"
        assert sizes(model, names)[0] == [
            224, 112, 56, 28, 14, 7, 14, 28, 56, 112, 224,
        ]  # fmt: skip


# Where a score stands. Convolutions that pass two channels through, of an image
# that says each pixel's row and column, leave of a pooled cell its last row.


def ramps(rows, columns):
    row, column = np.mgrid[:rows, :columns]
    return np.stack([row, column, 0 * row], -1)[None].astype("float32")


def passing(model):
    """The model with convolutions that pass channels 0 and 1 through."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            if layer.name.startswith("ctx"):  # begins as the identity
                continue
            kernel, bias = map(np.zeros_like, layer.get_weights())
            middle = kernel.shape[0] // 2
            kernel[middle, middle, :2, :2] = np.eye(2)
            layer.set_weights([kernel, bias])
    return model


@pytest.mark.parametrize("padding", ["paper", "same"])
@pytest.mark.parametrize(
    ("factory", "cells"),
    [
        (functools.partial(fcn, "32s"), [32]),
        (functools.partial(fcn, "16s"), [32, 16]),
        (functools.partial(fcn, "8s"), [32, 16, 8]),
        (functools.partial(dilated_vgg, context="basic"), [8]),
    ],
)
def test_scores_stand_where_their_pixels_are(factory, cells, padding):
    """A crop that is off by a pixel is off by one here.

    The centre of a cell of s pixels is (s - 1) / 2 above its last row, and
    interpolation between centres is exact. Fused scores are sums.
    """
    x = ramps(211, 230)
    model = passing(
        factory(
            classes=2,
            input_shape=x.shape[1:],
            classifier_activation=None,
            padding=padding,
            base_filters=2,
        )
    )
    inside = (slice(None), slice(80, -80), slice(80, -80))
    got = run(model, x)[inside]
    expected = sum(x[inside][..., :2] + (cell - 1) / 2 for cell in cells)
    np.testing.assert_allclose(got, expected, rtol=1e-5)


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_skips_stand_where_their_pixels_are(padding, level):
    """Through one level's skip, and up by repeating: a cell's last row."""
    size = {"valid": (156, 164), "same": (61, 75)}[padding]
    x = ramps(*size)
    model = passing(
        unet(2, (*size, 3), None, base_filters=2, depth=3, padding=padding)
    )
    for i in range(1, 4):
        up, join = model.get_layer(f"up{i}_up"), model.get_layer(f"up{i}_1")
        kernel, bias = map(np.zeros_like, up.get_weights())
        kernel[:, :, :2, :2] = np.eye(2)
        up.set_weights([kernel, bias])
        kernel, bias = map(np.zeros_like, join.get_weights())
        first = 0 if i == level else kernel.shape[2] // 2  # skip or upsampled
        kernel[1, 1, first : first + 2, :2] = np.eye(2)
        join.set_weights([kernel, bias])
    got = run(model, x)
    lost = (size[0] - got.shape[1]) // 2
    assert lost == (44 if padding == "valid" else 0)
    true = x[:, lost : size[0] - lost, lost : size[1] - lost, :2]
    beyond = (got - true)[:, 8:56, 8:56]
    cell = 2 ** (level - 1)
    assert (beyond.min(), beyond.max()) == (0, cell - 1)
    assert beyond.mean() == (cell - 1) / 2


# How they begin.


def bilinear_loops(x, factor):
    """Rows and columns of an image between its pixels' centres."""
    h, w, c = x.shape
    y = np.empty((factor * h, factor * w, c))
    for i, j in np.ndindex(*y.shape[:2]):
        row, column = (i + 0.5) / factor - 0.5, (j + 0.5) / factor - 0.5
        top, left = int(np.floor(row)), int(np.floor(column))
        if not (0 <= top < h - 1 and 0 <= left < w - 1):
            y[i, j] = np.nan  # no four neighbours
            continue
        a, b = row - top, column - left
        y[i, j] = (1 - a) * ((1 - b) * x[top, left] + b * x[top, left + 1])
        y[i, j] += a * ((1 - b) * x[top + 1, left] + b * x[top + 1, left + 1])
    return y


@pytest.mark.parametrize(
    ("variant", "name", "factor", "first"),
    [
        ("32s", "upscore32", 32, 16),
        ("16s", "upscore2", 2, 1),
        ("8s", "upscore_pool4", 2, 1),
        ("8s", "upscore8", 8, 4),
    ],
)
@pytest.mark.parametrize("padding", ["paper", "same"])
def test_upsampling_begins_as_bilinear(variant, name, factor, first, padding):
    model = fcn(variant, 3, (33, 33, 3), padding=padding, base_filters=1)
    layer = model.get_layer(name)
    x = images(1, 4, 5, 3)
    got = to_numpy(layer(x))[0]
    if padding == "paper":  # pixels that `same` has cut off
        got = got[first:-first, first:-first]
    expected = bilinear_loops(x[0], factor)
    known = ~np.isnan(expected)
    assert known.sum() == (3 * factor) * (4 * factor) * 3
    np.testing.assert_allclose(got[known], expected[known], 1e-4, 1e-5)
    is_last = name == f"upscore{factor}" and factor > 2
    assert layer.trainable == (not is_last)


def test_scores_begin_as_zero():
    model = fcn("8s", 3, (40, 40, 3), None, base_filters=1)
    np.testing.assert_array_equal(run(model, images(1, 40, 40, 3)), 0)


@pytest.mark.parametrize("padding", ["paper", "same"])
def test_context_begins_as_the_front_end(padding):
    """Where no score is negative."""
    make = functools.partial(
        dilated_vgg, 3, (40, 33, 3), None, padding=padding, base_filters=1
    )
    front = filled(lambda: make(context=None))
    kernel, bias = front.get_layer("final").get_weights()
    front.get_layer("final").set_weights([np.abs(kernel), np.abs(bias)])
    whole = make(context="basic")
    for layer in front.layers:
        if not layer.weights:
            continue
        whole.get_layer(layer.name).set_weights(layer.get_weights())
    x = images(1, 40, 33, 3)
    assert error(run(whole, x), run(front, x)) <= 1e-5


# What goes through them.


def test_segnet_and_deconvnet_unpool_by_the_places_of_their_stage():
    for make in (SMALL["segnet"], SMALL["deconvnet"]):
        with outlines():
            model = make(input_shape=(64, 64, 3))
            unpools = [
                layer
                for layer in model.layers
                if type(layer).__name__ == "MaxUnpool"
            ]
            assert len(unpools) == 5
            for layer in unpools:
                _, places, reference = layer.input
                pool = model.get_layer(f"pool{layer.name[-1]}")
                assert places is pool.output[1]
                assert reference is pool.input


def test_unpooled_values_stand_at_the_maxima():
    """What unpool1 makes is zero but where conv1_2 is largest in its cell."""
    model = filled(lambda: segnet(3, (16, 16, 3), base_filters=2))
    taps = [model.get_layer(name).output for name in ("conv1_2", "upsample1")]
    x, y = run(keras.Model(model.input, taps), images(1, 16, 16, 3))
    cells = x.reshape(8, 2, 8, 2, 2)
    largest = cells == cells.max(axis=(1, 3), keepdims=True)
    nonzero = y.reshape(8, 2, 8, 2, 2) != 0
    assert nonzero.any()
    assert not (nonzero & ~largest).any()


def test_dropout_is_the_papers():
    def rates(model):
        return {
            layer.name: layer.rate
            for layer in model.layers
            if isinstance(layer, keras.layers.Dropout)
        }

    with outlines():
        fc = {"fc6_dropout": 0.5, "fc7_dropout": 0.5}
        assert rates(fcn()) == fc
        assert rates(dilated_vgg()) == fc
        assert rates(unet()) == {"down4": 0.5, "bottom": 0.5}
        assert set(rates(fcn(dropout=0.2)).values()) == {0.2}
        # 55 layers and 5 transitions down; not conv1, tu1 to tu5, score
        assert list(rates(fc_densenet(67)).values()) == [0.2] * (55 + 5)
        assert not rates(fc_densenet(67, dropout=0))


@pytest.mark.parametrize(
    ("make", "size", "policy"),
    [
        (SMALL["fcn 8s same"], (37, 50), "mixed_float16"),
        (
            functools.partial(unet, base_filters=2, depth=2, batch_norm=True),
            (44, 48),
            "mixed_bfloat16",
        ),
        # Where rounding moves a maximum, values go elsewhere: in bfloat16, or
        # through the five small poolings of DeconvNet, that is most of them.
        (SMALL["segnet"], (33, 36), "mixed_float16"),
        (SMALL["deconvnet"], (33, 50), None),
        (SMALL["dilated same"], (33, 50), "mixed_bfloat16"),
        (SMALL["deeplab mobilenet"], (33, 50), "mixed_float16"),
        (SMALL["refinenet"], (33, 50), "mixed_bfloat16"),
        (SMALL["fc_densenet"], (33, 50), "mixed_float16"),
    ],
    ids=[
        *("fcn", "unet", "segnet", "deconvnet", "dilated", "deeplab"),
        *("refinenet", "fc_densenet"),
    ],
)
@pytest.mark.usefixtures("shallow")
def test_contract(make, size, policy, tmp_path):
    """Built for images of any size."""
    check_model(
        lambda: make(classes=5, input_shape=OPEN),
        images(4, *size, 3),
        tmp_path,
        [policy] if policy else [],
        with_training=False,  # it will learn, below
    )


@pytest.mark.usefixtures("shallow")
def test_contract_of_pspnet(tmp_path):
    check_model(
        lambda: SMALL["pspnet"](classes=5, input_shape=(41, 50, 3)),
        images(4, 41, 50, 3),
        tmp_path,
        ["mixed_float16"],
        with_training=False,
    )


@pytest.mark.usefixtures("shallow")
def test_pspnets_second_classifier():
    """It looks at conv4; the first has the same scores as without it."""
    make = functools.partial(
        SMALL["pspnet"], classes=5, input_shape=(41, 50, 3)
    )
    both = filled(functools.partial(make, auxiliary=True))
    one = empty(make)
    for layer in one.layers[1:]:
        layer.set_weights(both.get_layer(layer.name).get_weights())
    x = images(2, 41, 50, 3)
    first, second = run(both, x)
    assert error(first, run(one, x)) <= 1e-6
    taps = [both.get_layer(name).output for name in ("conv4_1", "auxiliary")]
    features, after = run(keras.Model(both.input, taps), x)
    (kernel,) = both.get_layer("auxiliary_conv").get_weights()
    y = convolve(features[0], kernel, (1, 1), [(1, 1)] * 2, (1, 1))
    norm = both.get_layer("auxiliary_norm").get_weights()
    gamma, beta, mean, variance = norm
    y = gamma * (y - mean) / np.sqrt(variance + 1e-3) + beta
    assert error(after[0], np.maximum(y, 0)) <= 1e-5
    assert second.shape == (2, 41, 50, 5)
    np.testing.assert_allclose(second.sum(axis=-1), 1, rtol=1e-5)


# What they learn.


def scenes(size, seed=0):
    """Four images of three classes whose borders lie elsewhere in each."""
    rng = np.random.default_rng(seed)
    y = np.zeros((4, size, size), int)
    for scene, border in zip(y, (8, 16, 24, 16), strict=True):
        scene[:, border:] = 1
    y[1, 16:] = 2
    y[3, 8:] = 2
    noise = 0.1 * rng.normal(size=(*y.shape, 3))
    return (np.eye(3)[y] + noise).astype("float32"), y


def mean_iou(y, expected):
    return np.mean(
        [
            ((y == c) & (expected == c)).sum()
            / ((y == c) | (expected == c)).sum()
            for c in range(3)
        ]
    )


@pytest.fixture
def shallow(monkeypatch):
    """One block a stage in each ResNet: there is less to compile."""
    for depth in (50, 101):
        kind, _ = RESNETS[depth]
        monkeypatch.setitem(RESNETS, depth, (kind, (1, 1, 1, 1)))


LEARNERS = {
    "fcn": (
        functools.partial(fcn, padding="same", base_filters=8, dropout=0),
        4e-3,
        100,
    ),
    "unet": (
        functools.partial(
            unet, padding="same", base_filters=4, depth=2, dropout=0
        ),
        1e-2,
        60,
    ),
    "segnet": (functools.partial(segnet, base_filters=4), 1e-2, 60),
    "deconvnet": (
        functools.partial(deconvnet, base_filters=8, fc_kernel_size=1),
        3e-3,
        100,
    ),
    "dilated": (
        functools.partial(
            dilated_vgg,
            padding="same",
            base_filters=8,
            context=None,
            dropout=0,
        ),
        4e-3,
        100,
    ),
    "deeplab": (
        functools.partial(
            deeplab_v3_plus, backbone="mobilenet", base_filters=4
        ),
        1e-2,
        50,
    ),
    "pspnet": (functools.partial(pspnet, base_filters=4), 1e-2, 50),
    "refinenet": (functools.partial(refinenet, base_filters=4), 4e-3, 60),
    "fc_densenet": (
        functools.partial(
            fc_densenet,
            base_filters=8,
            growth_rate=4,
            counts=(2, 2, 2, 2, 2),
            dropout=0,
        ),
        1e-2,
        60,
    ),
}


# Slow without XLA's optimizations, which for the others take longer than they
# save: dilated convolutions, and wide ones.
OPTIMIZED = "dilated", "deconvnet"


@pytest.mark.parametrize("name", LEARNERS)
@pytest.mark.usefixtures("shallow")
def test_four_images_are_learnt_by_heart(name, request):
    if name in OPTIMIZED:
        request.getfixturevalue("optimized")
    make, rate, steps = LEARNERS[name]
    keras.utils.set_random_seed(0)
    x, y = scenes(48 if name == "pspnet" else 32)
    shape = x.shape[1:]
    model = make(classes=3, input_shape=shape, classifier_activation=None)
    for layer in model.layers:  # "moving" statistics: those of the last step
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    train(model, x, y, keras.optimizers.Adam(rate), steps)
    assert mean_iou(run(model, x).argmax(axis=-1), y) > 0.95


# Other backbones.


@pytest.mark.parametrize("variant", ["32s", "16s", "8s"])
def test_other_networks_for_backbones(variant):
    """The last tap is scored at once, there are no fc6 and fc7."""
    backbone = filled(
        lambda: vgg("A", include_top=False, input_shape=(None, None, 1))
    )
    model = fcn(variant, 4, backbone=backbone, padding="same")
    assert model.input_shape == (None, None, None, 1)
    names = {layer.name for layer in model.layers}
    assert {"conv5_2", "score_fr"} < names
    assert not {"fc6", "padding"} & names
    added = {"32s": 0, "16s": 513 * 4, "8s": 513 * 4 + 257 * 4}[variant]
    ups = {"32s": 64**2, "16s": 32**2 + 4**2, "8s": 16**2 + 2 * 4**2}[variant]
    expected = backbone.count_params() + 513 * 4 + added + 16 * ups
    assert model.count_params() == expected
    with outlines():
        assert model.compute_output_shape((1, 64, 96, 1)) == (1, 64, 96, 4)


def test_a_backbone_without_its_scores_zero_scores_its_last_tap():
    backbone = filled(lambda: vgg("A", include_top=False, input_shape=OPEN))
    model = fcn(
        "32s", 3, backbone=backbone, padding="same", classifier_activation=None
    )
    kernel = np.random.default_rng(0).normal(size=(1, 1, 512, 3))
    bias = np.array([1.0, 2.0, 3.0])
    model.get_layer("score_fr").set_weights([kernel, bias])
    x = images(1, 64, 96, 3)
    scores = run(backbone, x) @ kernel[0, 0] + bias
    got = run(model, x)
    assert got.shape == (1, 64, 96, 3)
    expected = bilinear_loops(scores[0], 32)
    known = ~np.isnan(expected)
    assert error(got[0][known], expected[known]) <= 1e-4


def test_backbones_that_do_not_fit():
    with outlines():
        features = functools.partial(vgg, "A", include_top=False)
        backbone = features(input_shape=OPEN)
        with pytest.raises(ValueError, match=r"'paper'.*padding='same'"):
            fcn(backbone=backbone)
        with pytest.raises(ValueError, match=r"'pool2' of.*64.*1/8.*here 32"):
            fcn(
                backbone=backbone,
                padding="same",
                taps=("pool2", "pool4", "pool5"),
            )
        with pytest.raises(
            ValueError, match=r"'pool3' of.*62.*500.*496.*such as 512"
        ):
            fcn(backbone=features(input_shape=(500, 512, 3)), padding="same")
        other = alexnet(include_top=False, input_shape=(224, 224, 3))
        with pytest.raises(ValueError, match="No such layer"):
            fcn(backbone=other, padding="same")


# What they refuse.


@pytest.mark.parametrize(
    "factory",
    [
        fcn,
        unet,
        segnet,
        deconvnet,
        dilated_vgg,
        deeplab_v3_plus,
        pspnet,
        refinenet,
        fc_densenet,
    ],
)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"classes": 0}, "classes.*at least 1.*0"),
        ({"classes": "21"}, "classes.*at least 1.*'21'"),
        ({"input_shape": (64, 64, 4)}, r"input_shape=.*1 \(gray\) or 3"),
        ({"input_shape": (3, 64, 64)}, r"input_shape=.*1 \(gray\) or 3"),
        ({"input_shape": (0, 64, 3)}, "input_shape.*at least 1.*0"),
        ({"base_filters": 0}, "base_filters.*at least 1.*0"),
        ({"classifier_activation": "sotfmax"}, "sotfmax"),
    ],
)
def test_arguments(factory, arguments, message):
    with outlines(), pytest.raises(ValueError, match=message):
        factory(**arguments)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: fcn("4s"), "variant='4s'.*'32s', '16s', '8s'"),
        (lambda: fcn(padding="valid"), "padding='valid'.*'paper', 'same'"),
        (lambda: fc_densenet(100), "variant=100.*56, 67, 103"),
        (lambda: fc_densenet(growth_rate=0), "growth_rate.*at least 1.*0"),
        (lambda: fc_densenet(counts=(4, 4)), r"counts=\(4, 4\).*odd number"),
        (lambda: fc_densenet(counts=[4]), "1 blocks.*an odd number from 3"),
        (lambda: fc_densenet(counts=(4, 0, 4)), "counts.*at least 1.*0"),
        (
            lambda: fc_densenet(input_shape=(31, 64, 3)),
            "too small.*32 rows",
        ),
        (lambda: unet(padding="paper"), "padding='paper'.*'valid', 'same'"),
        (lambda: unet(depth=0), "depth.*at least 1.*0"),
        (lambda: deconvnet(fc_kernel_size=0), "fc_kernel_size.*at least 1"),
        (
            lambda: deconvnet(input_shape=(224, 192, 3)),
            "too small.*193 rows",
        ),
        (lambda: dilated_vgg(context="huge"), "context='huge'.*'large'"),
        (lambda: dilated_vgg(padding="valid"), "padding='valid'.*'paper'"),
        (
            lambda: deeplab_v3_plus(backbone="vgg"),
            "backbone='vgg'.*'xception65', 'resnet50', 'mobilenet'",
        ),
        (lambda: deeplab_v3_plus(output_stride=32), "output_stride=32.*16, 8"),
        (
            lambda: deeplab_v3_plus(input_shape=(31, 64, 3)),
            "too small.*32 rows",
        ),
        (lambda: pspnet(152), "variant=152.*50, 101"),
        (lambda: pspnet(input_shape=(40, 64, 3)), "too small.*41 rows"),
        (lambda: pspnet(input_shape=OPEN), "None rows.*without None"),
        (lambda: refinenet(18), "variant=18.*50, 101, 152"),
        (lambda: refinenet(input_shape=(64, 31, 3)), "too small.*32 rows"),
        (
            lambda: unet(input_shape=(572, 570, 1)),
            "570.*odd size.*188, 204, 220 .*556 or 572.*padding='same'",
        ),
        (lambda: unet(input_shape=(172, 572, 1)), "too small.*188 rows"),
    ],
)
def test_options(make, message):
    with outlines(), pytest.raises(ValueError, match=f"(?s){message}"):
        make()


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
def test_unet_takes_the_sizes_that_it_names_and_no_others(depth):
    """The smallest works; where sizes are open, crops find what is odd."""
    step = 2**depth
    smallest = min(n for n in range(8, 400) if _leaves(n, depth))
    make = functools.partial(unet, base_filters=1, depth=depth)
    with outlines():
        model = make(input_shape=(smallest, smallest + 3 * step, 1))
        lost = 12 * step - 8
        assert model.output_shape[1] == smallest - lost > 0
        assert model.output_shape[2] == smallest + 3 * step - lost
        for size in range(smallest + 1, smallest + step):
            with pytest.raises(
                ValueError, match=f"{smallest}, .* or {smallest + step}"
            ):
                make(input_shape=(size, smallest, 1))
        with pytest.raises(ValueError, match="too small"):
            make(input_shape=(smallest - step, smallest, 1))
        model = make(input_shape=(None, None, 1))
        x = keras.Input((smallest + 1, smallest, 1))
        with pytest.raises(ValueError, match=r"rows cannot.*all poolings"):
            model(x)


def _leaves(size, depth):
    """Whether pixels are left, and each pooling meets an even size."""
    for _ in range(depth):
        size -= 4
        if size < 1 or size % 2:
            return False
        size //= 2
    size -= 4
    for _ in range(depth):
        size = 2 * size - 4
    return size > 0
