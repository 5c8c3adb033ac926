"""AlexNet: its sizes, its two groups, what it owes to neighbours."""

import keras
import numpy as np
import pytest

from course.catalogue import outlines
from course.models import alexnet
from tests.models import check_model, error, filled, images, run, sizes
from tests.oracles import convolve


def test_sizes_are_those_of_figure_2():
    with outlines():
        model = alexnet()
        assert sizes(model, "conv1 pool1") == ([55, 27], 96)
        assert sizes(model, "conv2 norm2 pool2") == ([27, 27, 13], 256)
        assert sizes(model, "conv3 conv4") == ([13, 13], 384)
        assert sizes(model, "conv5 pool5") == ([13, 6], 256)
        assert model.get_layer("fc6").output.shape == (None, 4096)
        # what the paper says of the input does not fit
        odd = alexnet(input_shape=(224, 224, 3))
        assert sizes(odd, "conv1")[0] == [54]


@pytest.fixture(scope="module")
def features():
    return filled(lambda: alexnet(input_shape=(67, 75, 3), include_top=False))


def between(model, first, last):
    """The part of a chain from one tensor to another."""
    start, end = (model.get_layer(name).output for name in (first, last))
    return keras.Model(start, end)


def test_each_filter_of_a_group_sees_half_of_the_maps(features):
    x = images(1, 15, 17, 96)
    conv2 = between(features, "pool1", "conv2")
    x = images(1, *conv2.input_shape[1:])
    kernel, bias = features.get_layer("conv2").get_weights()
    assert kernel.shape == (5, 5, 48, 256)
    kept = [0, 100, 127, 128, 200, 255]  # some filters of each group
    expected = np.empty((*x.shape[1:3], len(kept)))
    for i, filter_ in enumerate(kept):
        half = x[0, ..., 48:] if filter_ >= 128 else x[0, ..., :48]
        own = kernel[..., filter_, None]
        y = convolve(half, own, (1, 1), [(2, 2)] * 2, (1, 1))[..., 0]
        expected[..., i] = np.maximum(y + bias[filter_], 0)
    assert error(run(conv2, x)[0][..., kept], expected) <= 1e-5


def test_normalization_follows_relu_and_crosses_the_groups(features):
    """Deviation: maps 47 and 48 are neighbours here."""
    part = between(features, "conv1", "norm1")
    x = np.zeros((1, *part.input_shape[1:]), "float32")
    x[..., 47] = 300
    alone = run(part, x)[..., 47]
    x[..., 48] = 300
    beside = run(part, x)[..., 47]
    squares = 300.0**2
    np.testing.assert_allclose(alone, 300 / (2 + 1e-4 * squares) ** 0.75, 1e-5)
    np.testing.assert_allclose(beside, 300 / (2 + 2e-4 * squares) ** 0.75, 1e-5)


def test_pooling_windows_overlap(features):
    part = between(features, "norm1", "pool1")
    x = images(1, *part.input_shape[1:])
    got = run(part, x)
    for i in range(got.shape[1]):
        window = x[:, 2 * i : 2 * i + 3, :3]
        np.testing.assert_array_equal(got[:, i, 0], window.max(axis=(1, 2)))


def test_contract(tmp_path):
    def make():
        return alexnet(5, (67, 71, 3))

    check_model(make, images(4, 67, 71, 3), tmp_path, ["mixed_float16"])


def test_images_of_any_size_without_the_top():
    model = alexnet(include_top=False, input_shape=(None, None, 3))
    assert run(model, images(1, 67, 99, 3)).shape == (1, 1, 2, 256)


def test_dropout_stands_after_the_hidden_layers():
    with outlines():
        model = alexnet()
        after = [
            (each.name, each.rate)
            for each in model.layers
            if isinstance(each, keras.layers.Dropout)
        ]
    assert after == [("fc6_dropout", 0.5), ("fc7_dropout", 0.5)]
