"""Network in network: sizes, Caffe's pooling, scores that are averages."""

import keras
import numpy as np
import pytest

from course.catalogue import outlines
from course.models import nin
from tests.models import check_model, filled, images, run, sizes


def test_sizes():
    with outlines():
        model = nin("imagenet")
        assert sizes(model, "conv1 cccp2 pool1") == ([54, 54, 27], 96)
        assert sizes(model, "conv2 cccp4 pool2") == ([27, 27, 13], 256)
        assert sizes(model, "conv3 cccp6 pool3") == ([13, 13, 6], 384)
        assert sizes(model, "conv4 cccp7 cccp8") == ([6, 6, 6], 1000)
        model = nin("cifar10")
        assert sizes(model, "conv1 cccp1 cccp2 pool1")[0] == [32, 32, 32, 16]
        assert sizes(model, "conv2 cccp3 cccp4 pool2")[0] == [16, 16, 16, 8]
        assert sizes(model, "conv3 cccp5 cccp6") == ([8, 8, 8], 10)


def caffe_pool(x, reduce):
    """3x3 at stride 2 as Caffe does: what is there of each window counts."""
    h, w, c = x.shape
    rows, columns = (-(-(size - 3) // 2) + 1 for size in (h, w))
    y = np.empty((rows, columns, c))
    for i in range(rows):
        for j in range(columns):
            window = x[2 * i : 2 * i + 3, 2 * j : 2 * j + 3]
            y[i, j] = reduce(window, axis=(0, 1))
    return y


@pytest.mark.parametrize(
    ("before", "pool", "reduce", "size"),
    [
        ("cccp2", "pool1", np.max, (32, 32)),
        ("cccp2", "pool1", np.max, (9, 12)),
        ("cccp4", "pool2", np.mean, (32, 36)),
    ],
)
def test_windows_that_stick_out_count(before, pool, reduce, size):
    model = nin("cifar10", input_shape=(*size, 3), include_top=False)
    tensors = [model.get_layer(name).output for name in (before, pool)]
    x = images(1, *size, 3)
    y, pooled = run(keras.Model(model.input, tensors), x)
    assert y.min() == 0  # zeros beyond the border change no maximum
    np.testing.assert_allclose(
        pooled[0], caffe_pool(y[0], reduce), rtol=1e-5, atol=1e-6
    )


def test_the_average_pool_differs_from_caffes_on_odd_sizes():
    """Deviation: 36 -> 18 -> 9, but 35 -> 17 -> 9, where Caffe has 8."""
    with outlines():
        for size, expected in [(36, 9), (35, 9)]:
            shape = (size, size, 3)
            model = nin("cifar10", input_shape=shape)
            assert sizes(model, "pool2")[0] == [expected]


def test_scores_are_averages_of_maps():
    """An image beside its copy: the scores of large images are means."""
    model = filled(
        lambda: nin(
            "cifar10", input_shape=(None, None, 3), classifier_activation=None
        )
    )
    maps = keras.Model(model.input, model.get_layer("cccp6").output)
    x = images(2, 37, 45, 3)
    expected = run(maps, x).mean(axis=(1, 2))
    np.testing.assert_allclose(run(model, x), expected, rtol=1e-5, atol=1e-6)


def test_contract(tmp_path):
    def make():
        return nin("cifar10", 5, (13, 16, 3))

    check_model(make, images(4, 13, 16, 3), tmp_path)


def test_the_large_net_at_its_smallest():
    model = filled(lambda: nin("imagenet", 5, (39, 51, 3)))
    y = run(model, images(2, 39, 51, 3))
    np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-5)


def test_dropout_follows_all_blocks_but_the_last():
    with outlines():
        for variant, pools in [("imagenet", 3), ("cifar10", 2)]:
            rates = [
                layer.rate
                for layer in nin(variant).layers
                if isinstance(layer, keras.layers.Dropout)
            ]
            assert rates == [0.5] * pools


def test_defaults_are_the_variants():
    with outlines():
        for variant, size, classes in [
            ("imagenet", 224, 1000),
            ("cifar10", 32, 10),
        ]:
            model = nin(variant)
            assert model.input_shape == (None, size, size, 3)
            assert model.output_shape == (None, classes)
