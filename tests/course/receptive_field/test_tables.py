"""Receptive fields that others published.

The numbers are those of google-research/receptive_field's table and of Araujo
et al., Distill 2019. Keras's ResNet pads 1 before its first pool, where
TF-Slim's "same" pads 0: 241 for 239, 513 for 511, 753 for 751.
"""

import keras
import pytest

from course.catalogue import outlines
from course.models import (
    alexnet,
    deconvnet,
    fcn,
    inception_v2,
    inception_v3,
    mobilenet,
    resnet,
    segnet,
    unet,
    vgg,
)
from course.receptive_field import receptive_field, receptive_fields

ANY = (None, None, 3)


@pytest.mark.parametrize(
    ("name", "size", "stride", "padding"),
    [
        ("ResNet50", 483, 32, 241),
        ("ResNet101", 1027, 32, 513),
        ("ResNet152", 1507, 32, 753),
        ("InceptionV3", 1311, 32, 618),
        ("InceptionResNetV2", 3039, 32, 1482),
        ("MobileNet", 315, 32, 126),
        ("VGG16", 212, 32, 90),
    ],
)
def test_keras_applications(name, size, stride, padding):
    sides = 299 if name.startswith("Inception") else 224
    with outlines():
        model = getattr(keras.applications, name)(
            weights=None, include_top=False, input_shape=(sides, sides, 3)
        )
    field = receptive_field(model)
    assert field.size == (size, size)
    assert field.stride == (stride, stride)
    assert field.padding == (padding, padding)


def sizes(model, *names):
    found = receptive_fields(model)
    assert all(len(set(found[name].size)) == 1 for name in names)
    return [found[name].size[0] for name in names]


def test_ours():
    pools = [f"pool{i}" for i in range(1, 6)]
    with outlines():
        model = vgg("D", include_top=False, input_shape=ANY)
    assert sizes(model, *pools) == [6, 16, 44, 100, 212]
    assert receptive_field(model).padding == (90, 90)
    with outlines():
        model = alexnet(include_top=False)
    layers = ("conv1", "pool1", "conv2", "conv3", "conv4", "conv5", "pool5")
    assert sizes(model, *layers) == [11, 19, 51, 99, 131, 163, 195]
    assert receptive_field(model).padding == (64, 64)
    with outlines():
        model = mobilenet(include_top=False)
    assert receptive_field(model).size == (315, 315)


@pytest.mark.parametrize(
    ("build", "size", "padding"),
    [
        (lambda: resnet(50), 483, 241),
        (lambda: resnet(50, stride_on="3x3"), 427, 213),
        (lambda: resnet(50, pre_activation=True), 483, 241),
        (lambda: resnet(18), 435, 217),
        (lambda: inception_v2(), 699, 318),
        (lambda: inception_v3(), 1311, 618),
        (lambda: inception_v3(auxiliary=True), 1311, 618),
    ],
)
def test_ours_with_branches(build, size, padding):
    with outlines():
        model = build()
    field = receptive_field(model)
    assert field.size == (size, size)
    assert field.stride == (32, 32)
    assert field.padding == (padding, padding)


@pytest.mark.parametrize("output_stride", [16, 8])
def test_dilation_in_the_place_of_strides_sees_as_much(output_stride):
    with outlines():
        model = resnet(50, output_stride=output_stride, include_top=False)
    field = receptive_field(model)
    assert (field.size, field.stride) == ((483,) * 2, (output_stride,) * 2)


@pytest.mark.parametrize("strides", ["32s", "16s", "8s"])
def test_the_crops_of_fcn_align_its_branches(strides):
    """The paper's offsets 19; 5, 27; 5, 9, 31."""
    with outlines():
        model = fcn(strides)
    field = receptive_field(model)
    assert field.misaligned == ()
    assert field.size == ((436,) * 2 if strides == "32s" else (468,) * 2)
    assert field.padding == (221, 221)


@pytest.mark.parametrize(
    "build",
    [
        lambda: unet(2, (128, 128, 1), padding="same"),
        lambda: unet(),
        lambda: segnet(),
        lambda: deconvnet(),
    ],
)
def test_decoders_are_aligned_and_end_at_single_pixels(build):
    with outlines():
        model = build()
    field = receptive_field(model)
    assert (field.misaligned, field.stride) == ((), (1, 1))


def test_stages_of_resnet_50():
    with outlines():
        model = keras.applications.ResNet50(weights=None, include_top=False)
    last = ("conv2_block3_add", "conv3_block4_add", "conv4_block6_add")
    assert sizes(model, *last, "conv5_block3_add") == [35, 99, 291, 483]


def test_same_padding_depends_on_the_input():
    x = inputs = keras.Input((None, None, 1))
    x = keras.layers.Conv2D(1, 3, strides=2, padding="same")(x)
    model = keras.Model(inputs, x)
    assert receptive_field(model).padding == (0, 0)
    field = receptive_field(model, input_shape=(225, 224, 1))
    assert (field.padding, field.sizes) == ((1, 0), (225, 224))
