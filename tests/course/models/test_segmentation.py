"""Networks that segment: sizes, and what goes through them."""

import keras
import pytest

from course.catalogue import outlines
from course.models import (
    deconvnet,
    dilated_vgg,
    fc_densenet,
    fcn,
    pspnet,
    segnet,
    unet,
)
from tests.models import (
    empty,
    error,
    filled,
    images,
    run,
    sizes,
)
from tests.segmentation import LEAST, OPEN, SMALL


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
