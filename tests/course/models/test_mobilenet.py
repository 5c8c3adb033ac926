"""MobileNet against keras.applications, and the tables of its paper."""

import keras
import numpy as np
import pytest

from course.catalogue import outlines
from course.models import mobilenet
from course.models.mobilenet import VARIANTS
from tests.models import (
    check_equal,
    check_model,
    empty,
    filled,
    images,
    run,
    sizes,
)


def test_sizes_are_those_of_table_1():
    with outlines():
        model = mobilenet()
        names = "conv1 conv_dw_1 conv_pw_1 conv_dw_2 conv_pw_3 conv_dw_4"
        assert sizes(model, names) == ([112, 112, 112, 56, 56, 28], 128)
        names = "conv_pw_5 conv_dw_6 conv_pw_11 conv_dw_12 conv_pw_12"
        assert sizes(model, names) == ([28, 14, 14, 7, 7], 1024)
        # Deviation: the table's stride 2 would leave 4 of its 7 pixels
        assert sizes(model, "conv_dw_13 conv_pw_13") == ([7, 7], 1024)


@pytest.mark.parametrize("alpha", VARIANTS)
def test_alpha_thins_every_layer(alpha):
    """The first convolution too: its 32 filters become alpha 32."""
    with outlines():
        thin, thick = mobilenet(alpha), mobilenet()
        for layer, other in zip(thin.layers, thick.layers, strict=True):
            if isinstance(layer, keras.layers.BatchNormalization):
                filters, all_filters = (
                    each.output.shape[-1] for each in (layer, other)
                )
                assert filters == alpha * all_filters, layer.name


@pytest.mark.parametrize("alpha", VARIANTS)
def test_logits_equal_keras_applications(alpha):
    """At even sizes, where both pad alike."""
    shape = (64, 96, 3)
    arguments = {
        "alpha": alpha,
        "classes": 10,
        "input_shape": shape,
        "classifier_activation": None,
    }
    check_equal(
        lambda: mobilenet(**arguments),
        lambda: keras.applications.MobileNet(weights=None, **arguments),
        shape,
    )


def test_activations_end_at_six():
    model = filled(lambda: mobilenet(0.25, input_shape=(32, 32, 3)))
    names = ["conv1", "conv_dw_1", "conv_pw_1"]
    taps = [model.get_layer(name).output for name in names]
    for y in run(keras.Model(model.input, taps), images(1, 32, 32, 3, seed=2)):
        assert y.min() == 0
        assert y.max() <= 6
    y = run(keras.Model(model.input, taps[0]), 100 * images(1, 32, 32, 3))
    assert y.max() == 6


def test_odd_sizes_are_padded_as_same_says():
    """Deviation: keras.applications has 16, 8, 4, 2, 1 for 33 pixels."""
    names = "conv1 conv_dw_2 conv_dw_4 conv_dw_6 conv_dw_12"
    with outlines():
        model = mobilenet(input_shape=(33, 33, 3))
        assert sizes(model, names)[0] == [17, 9, 5, 3, 2]


def test_contract(tmp_path):
    def make():
        return mobilenet(0.25, 5, (33, 46, 3))

    check_model(make, images(8, 33, 46, 3), tmp_path, ["mixed_bfloat16"])


def test_images_of_any_size():
    """One network, two sizes; a fixed one of either size agrees."""
    model = filled(lambda: mobilenet(0.25, 4, (None, None, 3)))
    for size in [(32, 41), (57, 64)]:
        fixed = empty(lambda shape=(*size, 3): mobilenet(0.25, 4, shape))
        fixed.set_weights(model.get_weights())
        x = images(2, *size, 3)
        np.testing.assert_allclose(run(fixed, x), run(model, x), rtol=1e-5)
