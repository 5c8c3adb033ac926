"""Windows against the places where a convolution's matrix is not zero."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.convolution_matrix import convolution_matrix
from course.windows import (
    adaptive_pool_windows,
    conv_windows,
    resize_windows,
    same_windows,
    shifted_windows,
    transposed_conv_windows,
    whole_windows,
)


def looked(matrix) -> list[set[int]]:
    """For each output the inputs of a matrix that it depends on."""
    return [set(np.flatnonzero(row).tolist()) for row in matrix]


def among(windows, size) -> list[set[int]]:
    """The same, by the windows."""
    return [windows.among([unit], size) for unit in range(windows.size)]


@st.composite
def convs(draw, size=None):
    """(size, kernel_size, stride, padding, dilation) that fit."""
    k = draw(st.integers(1, 4))
    d = draw(st.integers(1, 3))
    p = draw(st.sampled_from([0, 1, 3, "valid", "same", (2, 1)]))
    least = d * (k - 1) + 1
    size = size or draw(st.integers(least, least + 9))
    return size, k, draw(st.integers(1, 4)), p, d


@given(convs())
def test_a_convolution_looks_where_its_matrix_is_not_zero(case):
    size, k, s, p, d = case
    padding = [p] if isinstance(p, tuple) else p
    matrix = convolution_matrix(np.ones(k), (size,), s, padding, d)
    windows = conv_windows(*case)
    assert windows.size == len(matrix)
    assert among(windows, size) == looked(matrix)


@given(convs(), st.booleans())
def test_a_transposed_one_where_the_transpose_is_not_zero(case, is_longer):
    size, k, s, p, d = case
    if isinstance(p, str):
        p = 1
    matrix = convolution_matrix(
        np.ones(k), (size,), s, [p] if isinstance(p, tuple) else p, d
    ).T
    before, after = p if isinstance(p, tuple) else (p, p)
    shortest = s * (matrix.shape[1] - 1) + d * (k - 1) + 1 - before - after
    windows = transposed_conv_windows(
        matrix.shape[1], k, s, p, size - shortest, d
    )
    assert windows.size == len(matrix) == size
    assert among(windows, matrix.shape[1]) == looked(matrix)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_keras_transposed_convolution_looks_there(k, stride, padding):
    layer = keras.layers.Conv1DTranspose(
        1, k, stride, padding, kernel_initializer="ones", use_bias=False
    )
    units = np.eye(5, dtype="float32")[:, :, None]
    matrix = keras.ops.convert_to_numpy(layer(units))[:, :, 0].T
    windows = transposed_conv_windows(5, k, stride, padding)
    assert among(windows, 5) == looked(matrix)


@settings(max_examples=200)
@given(st.data())
def test_layers_one_after_the_other_multiply_their_matrices(data):
    """Where no input is padding and no window has holes."""
    k, s = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 3))
    k2, s2 = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 3))
    kinds = data.draw(st.lists(st.sampled_from("ct"), min_size=2, max_size=2))
    size = 12
    first = _matrix(kinds[0], size, k, s)
    if kinds[1] == "c" and len(first[0]) < k2:
        return
    second = _matrix(kinds[1], len(first[0]), k2, s2)
    through = second[1].of(first[1])
    product = second[0] @ first[0]
    for unit, inputs in enumerate(looked(product)):
        low, high = second[1].at(unit)
        if low < 0 or high >= len(first[0]):
            continue
        seen = through.inputs(unit)
        inside = set(range(size)).intersection(seen)
        # A kernel shorter than its stride skips inputs in between.
        assert (min(inputs, default=None), max(inputs, default=None)) == (
            min(inside, default=None),
            max(inside, default=None),
        )


def _matrix(kind, size, k, s):
    """A matrix and the windows of a convolution, or of a transposed one."""
    if kind == "c":
        return (
            convolution_matrix(np.ones(k), (size,), s),
            conv_windows(size, k, s),
        )
    reached = s * (size - 1) + k
    return (
        convolution_matrix(np.ones(k), (reached,), s).T,
        transposed_conv_windows(size, k, s),
    )


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize(
    ("size", "outputs"), [(4, 8), (4, 12), (6, 4), (3, 3), (5, 20), (4, 6)]
)
def test_a_resize_looks_where_keras_does(size, outputs, interpolation):
    units = np.eye(size, dtype="float32").reshape(size, size, 1, 1)
    matrix = keras.ops.image.resize(
        units, (outputs, 1), interpolation, antialias=False
    )
    matrix = keras.ops.convert_to_numpy(matrix)[:, :, 0, 0].T
    matrix = np.where(abs(matrix) > 1e-6, matrix, 0)
    windows = resize_windows(size, outputs, interpolation)
    assert among(windows, size) == looked(matrix)


@pytest.mark.parametrize(
    ("size", "outputs"), [(8, 3), (9, 3), (10, 6), (5, 5), (7, 1), (3, 5)]
)
def test_an_adaptive_pool_looks_where_keras_does(size, outputs):
    units = np.eye(size, dtype="float32").reshape(size, size, 1)
    matrix = keras.layers.AdaptiveAveragePooling1D(outputs)(units)
    matrix = keras.ops.convert_to_numpy(matrix)[:, :, 0].T
    windows = adaptive_pool_windows(size, outputs)
    assert among(windows, size) == looked(matrix)


def test_shifts_and_wholes():
    assert shifted_windows(5, 1, 2).at(0) == (-1, -1)
    assert shifted_windows(5, -1, -2).size == 2
    whole = whole_windows(3)
    assert whole.is_whole
    assert whole.among([1], 4) == {0, 1, 2, 3}
    assert same_windows(3).of(whole).is_whole
    assert whole.of(same_windows(3)).is_whole
    assert same_windows(3).united(whole).is_whole


def test_windows_that_drift_apart_are_refused():
    with pytest.raises(ValueError, match="strides 1 and 2 drift apart"):
        same_windows(4).united(conv_windows(8, 1, 2))


def test_an_unknown_interpolation_is_refused():
    with pytest.raises(ValueError, match="'cubic' is unknown here"):
        resize_windows(4, 8, "cubic")
