"""DeepLabv3+: the paper's sizes, dilation, where features stand."""

import functools

import keras
import numpy as np
import pytest

from course.catalogue import outlines
from course.models import deeplab_v3_plus, mobilenet
from course.models.deeplab_v3_plus import VARIANTS
from tests.models import empty, error, filled, images, run, sizes


@pytest.mark.parametrize(
    ("backbone", "names", "ends", "channels"),
    [
        (
            "xception65",
            "conv1_1 conv1_2 entry1 entry2_sep2 entry2 entry3 middle16 exit1 "
            "exit2",
            [257, 257, 129, 129, 65, 33, 33, 33, 33],
            2048,
        ),
        (
            "resnet50",
            "conv1 pool1 conv2_3 conv3_4 conv4_6 conv5_3",
            [257, 129, 129, 65, 33, 33],
            2048,
        ),
        (
            "mobilenet",
            "conv1 conv_pw_3 conv_pw_5 conv_pw_11 conv_pw_13",
            [257, 129, 65, 33, 33],
            1024,
        ),
    ],
)
def test_sizes(backbone, names, ends, channels):
    with outlines():
        model = deeplab_v3_plus(backbone=backbone)
        assert sizes(model, names) == (ends, channels)
        assert sizes(model, "aspp_image aspp") == ([33, 33], 256)
        assert sizes(model, "aspp_concat")[1] == 5 * 256
        assert sizes(model, "decoder_low")[1] == 48
        assert sizes(model, "decoder_up decoder") == ([129, 129], 256)
        assert sizes(model, "decoder_score score") == ([129, 513], 21)
        model = deeplab_v3_plus(backbone=backbone, output_stride=8)
        last = names.split()[-1]
        assert sizes(model, f"{last} decoder_up score")[0] == [65, 129, 513]


@pytest.mark.parametrize("output_stride", [16, 8])
def test_rates_of_the_pyramid(output_stride):
    with outlines():
        model = deeplab_v3_plus(output_stride=output_stride)
        for rate in (6, 12, 18):
            rate = rate * 16 // output_stride
            layer = model.get_layer(f"aspp_rate{rate}_dw_conv")
            assert layer.dilation_rate == (rate, rate)


@pytest.mark.parametrize("backbone", ["xception65", "mobilenet"])
def test_an_output_stride_changes_no_feature(backbone):
    """Only puts others between: even and odd sizes, none is shifted."""
    size = (64, 81)
    make = functools.partial(
        deeplab_v3_plus,
        3,
        (*size, 3),
        None,
        backbone=backbone,
        base_filters=2,
    )
    last = VARIANTS[backbone][1]
    coarse = filled(make)
    fine = empty(functools.partial(make, output_stride=8))
    fine.set_weights(coarse.get_weights())
    x = images(1, *size, 3)
    y, expected = (
        run(keras.Model(model.input, model.get_layer(last).output), x)
        for model in (fine, coarse)
    )
    assert expected.std() > 0.01
    assert error(y[:, ::2, ::2], expected) <= 1e-5


def test_an_aligned_mobilenet_starts_with_the_first_pixel():
    """A spot at pixel 32 is where a value at 32 / 4 looks in the middle."""
    places = []
    for aligned in (True, False):
        model = mobilenet(
            0.25, 1, (64, 64, 1), include_top=False, aligned=aligned
        )
        for layer in model.layers:
            if isinstance(layer, keras.layers.Conv2D):
                layer.set_weights(
                    [np.ones_like(w) for w in layer.get_weights()]
                )
            if isinstance(layer, keras.layers.DepthwiseConv2D):
                kernel = np.zeros(layer.kernel.shape)
                kernel[1, 1] = 1
                layer.set_weights([kernel])
        kernel = np.zeros(model.get_layer("conv1_conv").kernel.shape)
        kernel[1, 1] = 1
        model.get_layer("conv1_conv").set_weights([kernel])
        x = np.zeros((1, 64, 64, 1), "float32")
        x[0, 32, 32] = 1e-3
        tap = keras.Model(model.input, model.get_layer("conv_pw_3").output)
        places.append(np.argwhere(run(tap, x)[0, ..., 0]).tolist())
    assert places == [[[8, 8]], []]
