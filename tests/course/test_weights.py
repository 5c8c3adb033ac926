"""Weights find their layers, or are refused with the reason."""

import socket

import keras
import numpy as np
import pytest

from course.catalogue import outlines
from course.models import (
    densenet,
    inception_v3,
    lenet5,
    mobilenet,
    resnet,
    vgg,
)
from course.weights import from_keras_applications
from tests.models import empty, error, filled, images, run

SHAPE = (32, 32, 3)


def theirs(**arguments):
    arguments = {"input_shape": SHAPE, "alpha": 0.25} | arguments
    return filled(
        lambda: keras.applications.MobileNet(
            weights=None, classes=10, **arguments
        )
    )


def test_every_weight_is_copied():
    ours = empty(lambda: mobilenet(0.25, 10, SHAPE))
    source = theirs()
    assert from_keras_applications(ours, source) is ours
    for weight, other in zip(ours.weights, source.weights, strict=True):
        np.testing.assert_array_equal(
            keras.ops.ravel(weight), keras.ops.ravel(other), weight.path
        )


@pytest.mark.parametrize("include_top", [True, False])
def test_features_take_what_they_have(include_top):
    source = theirs(include_top=include_top)
    ours = empty(lambda: mobilenet(0.25, input_shape=SHAPE, include_top=False))
    from_keras_applications(ours, source)
    last = source.get_layer("conv_pw_13_relu").output
    x = images(2, *SHAPE)
    expected = run(keras.Model(source.input, last), x)
    assert expected.std() > 0.1
    np.testing.assert_allclose(run(ours, x), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: mobilenet(0.25, 10, (32, 32, 1)), "conv1_conv.*channels"),
        (lambda: mobilenet(0.5, 10, SHAPE), r"conv1_conv.*16\).*8\).*alpha"),
        (lambda: mobilenet(0.25, 9, SHAPE), r"fc.*9\).*10\).*classes"),
        (lambda: lenet5(input_shape=SHAPE), "C1.*same network"),
    ],
)
def test_other_networks_are_refused_and_left_alone(make, message):
    ours = filled(make, seed=3)
    before = ours.get_weights()
    with pytest.raises(ValueError, match=f"(?s){message}"):
        from_keras_applications(ours, theirs())
    for old, new in zip(before, ours.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_biases_go_into_the_moving_mean():
    """What a normalization subtracts again; without it scores differ."""
    make = {"input_shape": SHAPE, "include_top": False}
    source = filled(lambda: keras.applications.ResNet50(weights=None, **make))
    ours = empty(lambda: resnet(50, **make))
    from_keras_applications(ours, source)
    bias = source.get_layer("conv3_block2_1_conv").get_weights()[-1]
    *_, mean, _ = source.get_layer("conv3_block2_1_bn").get_weights()
    *_, ours_mean, _ = ours.get_layer("conv3_2_norm1").get_weights()
    np.testing.assert_allclose(ours_mean, mean - bias, rtol=1e-6)
    x = images(1, *SHAPE)
    expected = run(source, x)
    assert error(run(ours, x), expected) <= 1e-5
    ours.get_layer("conv3_2_norm1").moving_mean.assign(mean)
    assert error(run(ours, x), expected) > 1e-3


@pytest.mark.parametrize("output_stride", [32, 8])
def test_strides_elsewhere_are_refused(output_stride):
    """The shapes would fit, but the network computes something else."""
    source = empty(
        lambda: keras.applications.ResNet50(weights=None, input_shape=SHAPE)
    )
    make = {"input_shape": SHAPE, "output_stride": output_stride}
    from_keras_applications(empty(lambda: resnet(50, **make)), source)
    other = empty(lambda: resnet(50, stride_on="3x3", **make))
    message = r'conv3_1_conv2 has strides \(2, 2\).*2_conv.*stride_on="1x1"'
    with pytest.raises(ValueError, match=message):
        from_keras_applications(other, source)


def test_a_source_with_fewer_layers_is_refused():
    source = theirs(include_top=False)
    with pytest.raises(ValueError, match=r"55 layers.*only 54.*include_top"):
        from_keras_applications(mobilenet(0.25, 10, SHAPE), source)


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """No weights on the disk, and no way to any other machine."""

    def refuse(*_, **__):
        raise OSError("no network here")

    # KERAS_HOME itself is read when Keras is imported
    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(tmp_path))
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.usefixtures("offline")
def test_what_was_downloaded_once_is_used(tmp_path):
    """Keras's folder holds the weights of alpha 1/4 for images of 128."""
    shape = (128, 128, 3)
    arguments = {"input_shape": shape, "alpha": 0.25, "include_top": False}
    source = theirs(**arguments)
    (tmp_path / "models").mkdir()
    source.save(tmp_path / "models" / "mobilenet_2_5_128_tf_no_top.h5")
    ours = mobilenet(**arguments, weights="imagenet")
    x = images(1, *shape)
    expected = run(source, x)
    assert expected.std() > 0.1
    assert error(run(ours, x), expected) <= 1e-5


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize(
    "make",
    [
        lambda: mobilenet(0.25, weights="imagenet"),
        lambda: mobilenet(
            0.25, weights="imagenet", input_shape=SHAPE, include_top=False
        ),
        lambda: vgg(
            "D", weights="imagenet", input_shape=SHAPE, include_top=False
        ),
    ],
)
def test_without_a_network_one_line_says_so(make):
    with pytest.raises(ConnectionError) as caught:
        make()
    message = str(caught.value)
    assert "\n" not in message
    assert "cannot be downloaded" in message
    assert "no network here" in message
    assert "connect to the network once" in message
    assert "weights=None" in message


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("factory", [resnet, densenet, inception_v3])
def test_each_network_asks_for_weights_of_its_size(factory):
    """Another than it was trained for would be refused as an argument."""
    with outlines(), pytest.raises(ConnectionError, match="no network here"):
        factory(weights="imagenet")


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: mobilenet(0.25, classes=10, weights="imagenet"),
            r"1000 classes.*\(None, 10\).*include_top=False",
        ),
        (
            lambda: mobilenet(
                0.25, input_shape=(64, 64, 1), weights="imagenet"
            ),
            "3 channels.*64, 64, 1",
        ),
        (
            lambda: from_keras_applications(mobilenet(0.25), "MobileNot"),
            "'MobileNot'.*'MobileNet'",
        ),
    ],
)
def test_what_no_download_could_mend_is_said_before(make, message):
    with pytest.raises(ValueError, match=f"(?s){message}"):
        make()
