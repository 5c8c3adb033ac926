"""Subsampling, TableConv and EuclideanRBF by their paper's sentences."""

import keras
import numpy as np
import pytest

from course.activations import scaled_tanh
from course.layers import EuclideanRBF, Subsampling, TableConv
from tests.layer_contract import check_layer, to_numpy
from tests.oracles import convolve

TABLE = ((0, 1, 2), (2,), (3, 1), (0, 1, 2, 3))


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


@pytest.mark.parametrize("size", [2, 3])
def test_subsampling_is_a_sum_times_a_coefficient_plus_a_bias(size):
    x, coefficient, bias = normal(0, 2, 6, 7, 3), normal(1, 3), normal(2, 3)
    layer = Subsampling(size, activation=scaled_tanh)
    layer.build(x.shape)
    layer.set_weights([coefficient, bias])
    rows, columns = 6 // size, 7 // size
    expected = np.empty((2, rows, columns, 3))
    for i in range(rows):
        for j in range(columns):
            window = x[:, size * i :, size * j :][:, :size, :size]
            total = coefficient * window.sum(axis=(1, 2)) + bias
            expected[:, i, j] = 1.7159 * np.tanh(2 / 3 * total)
    np.testing.assert_allclose(to_numpy(layer(x)), expected, rtol=1e-5)


def test_subsampling_begins_as_average_pooling():
    x = normal(0, 1, 4, 6, 2)
    expected = to_numpy(keras.layers.AveragePooling2D(2)(x))
    np.testing.assert_allclose(to_numpy(Subsampling(2)(x)), expected, rtol=1e-6)


def test_each_filter_sees_the_channels_of_its_row():
    x, bias = normal(0, 1, 5, 6, 4), normal(1, 4)
    kernel = normal(2, 3, 3, 10)
    layer = TableConv(TABLE, 3)
    layer.build(x.shape)
    layer.set_weights([kernel, bias])
    got = to_numpy(layer(x))[0]
    first = 0
    for filter_, row in enumerate(TABLE):
        own = kernel[..., first : first + len(row)]
        expected = convolve(
            x[0][..., list(row)], own[..., None], (1, 1), [(0, 0)] * 2, (1, 1)
        )
        np.testing.assert_allclose(
            got[..., filter_], expected[..., 0] + bias[filter_], rtol=1e-4,
            atol=1e-5,
        )  # fmt: skip
        first += len(row)


def test_a_full_table_is_a_convolution():
    x, kernel = normal(0, 2, 6, 6, 3), normal(1, 5, 5, 3, 4)
    theirs = keras.layers.Conv2D(4, 5, use_bias=False)
    theirs.build(x.shape)
    theirs.set_weights([kernel])
    ours = TableConv([range(3)] * 4, 5)
    ours.build(x.shape)
    by_filter = kernel.transpose(0, 1, 3, 2).reshape(5, 5, 12)
    ours.set_weights([by_filter, np.zeros(4)])
    np.testing.assert_allclose(
        to_numpy(ours(x)), to_numpy(theirs(x)), rtol=1e-5, atol=1e-5
    )


def test_distances_are_those_of_scipy():
    from scipy.spatial.distance import cdist

    x, codes = normal(0, 5, 7), normal(1, 3, 7)
    layer = EuclideanRBF(codes)
    np.testing.assert_allclose(
        to_numpy(layer(x)), cdist(x, codes, "sqeuclidean"), rtol=1e-5
    )
    assert [w.shape for w in layer.non_trainable_weights] == [(3, 7)]
    assert layer.trainable_weights == []


@pytest.mark.parametrize(
    ("kind", "arguments", "shape"),
    [
        (Subsampling, {"pool_size": 2, "activation": "tanh"}, (2, 4, 5, 3)),
        (TableConv, {"table": TABLE, "kernel_size": 3}, (2, 4, 5, 4)),
        (
            TableConv,
            {"table": [(0, 2)], "kernel_size": 2, "activation": scaled_tanh},
            (2, 4, 5, 3),
        ),
        (EuclideanRBF, {"codes": [[1, -1, 1], [1, 1, 1]]}, (4, 3)),
    ],
)
def test_layer_contract(kind, arguments, shape, tmp_path):
    check_layer(lambda **more: kind(**arguments, **more), shape, tmp_path)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Subsampling(0), "pool_size.*at least 1.*0"),
        (lambda: TableConv([], 5), r"table=\[\].*\(0, 1, 2\)"),
        (lambda: TableConv([(0,), ()], 5), "sees no channel"),
        (lambda: TableConv([(0, 0)], 5), "one twice"),
        (lambda: TableConv([(0,)], 0), "kernel_size.*at least 1.*0"),
        (lambda: EuclideanRBF([1, 2]), "no table.*same length"),
        (lambda: EuclideanRBF([[1], [1, 2]]), "no table.*same length"),
    ],
)
def test_bad_arguments_say_what_is_expected(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (TableConv([(0, 6)], 5), (1, 9, 9, 6), r"\[0, 6\].*has 6.*from 0 to 5"),
        (TableConv([(0,)], 5), (1, 4, 9, 6), "does not fit"),
        (Subsampling(5), (1, 4, 9, 6), "does not fit"),
        (EuclideanRBF([[1, 2]]), (1, 3), r"codes of 2.*\(1, 3\)"),
    ],
)
def test_bad_inputs_say_what_is_expected(layer, shape, message):
    with pytest.raises(ValueError, match=message):
        layer(keras.Input(batch_shape=shape))
