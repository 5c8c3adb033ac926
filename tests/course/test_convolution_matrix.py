"""The matrix against loops, the backend, SciPy, and the law of the adjoint."""

import keras
import numpy as np
import pytest
import scipy.linalg
from hypothesis import given
from hypothesis import strategies as st

from course.arithmetic import axis_padding
from course.convolution_matrix import convolution_indices, convolution_matrix
from tests.oracles import convolve


@st.composite
def convolutions(draw):
    """A random convolution that fits, with everything one entry an axis."""
    rank = draw(st.integers(1, 2))
    groups = draw(st.integers(1, 3))
    kernel_shape = (
        *(draw(st.integers(1, 4)) for _ in range(rank)),
        draw(st.integers(1, 2)),
        groups * draw(st.integers(1, 2)),
    )
    dilation = tuple(draw(st.integers(1, 3)) for _ in range(rank))
    padding = tuple(
        (draw(st.integers(0, 4)), draw(st.integers(0, 4))) for _ in range(rank)
    )
    sizes = tuple(
        max(d * (k - 1) + 1 - sum(p), 1) + draw(st.integers(0, 4))
        for d, k, p in zip(dilation, kernel_shape, padding, strict=False)
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return {
        "x": rng.normal(size=(*sizes, kernel_shape[-2] * groups)),
        "kernel": rng.normal(size=kernel_shape),
        "strides": tuple(draw(st.integers(1, 4)) for _ in range(rank)),
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
    }


@given(convolutions())
def test_matrix_times_vector_is_the_convolution(conv):
    x, kernel = conv.pop("x"), conv.pop("kernel")
    y = convolve(x, kernel, **conv)
    matrix = convolution_matrix(kernel, x.shape, **conv)
    assert matrix.shape == (y.size, x.size)
    np.testing.assert_allclose(matrix @ x.ravel(), y.ravel(), atol=1e-12)
    sparse = convolution_matrix(kernel, x.shape, **conv, sparse=True)
    np.testing.assert_array_equal(sparse.toarray(), matrix)


@given(convolutions())
def test_transpose_is_the_adjoint(conv):
    """<Cx, y> = <x, C'y> with Cx from the loops: C' is their adjoint."""
    x, kernel = conv.pop("x"), conv.pop("kernel")
    matrix = convolution_matrix(kernel, x.shape, **conv)
    y = np.random.default_rng(1).normal(size=matrix.shape[0])
    left = convolve(x, kernel, **conv).ravel() @ y
    np.testing.assert_allclose(x.ravel() @ (matrix.T @ y), left, atol=1e-10)


@pytest.mark.parametrize("padding", ["valid", "same", "SAME"])
@pytest.mark.parametrize(
    ("strides", "dilation"), [(1, 1), (2, 1), (3, 1), (1, 2), ((1, 2), 1)]
)
@pytest.mark.parametrize("kernel_shape", [(3, 3), (2, 4), (1, 5)])
def test_strings_equal_the_backend(kernel_shape, strides, dilation, padding):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(9, 10, 2)).astype("float32")
    kernel = rng.normal(size=(*kernel_shape, 2, 3)).astype("float32")
    y = keras.ops.conv(
        x[None], kernel, strides, padding.lower(), dilation_rate=dilation
    )
    matrix = convolution_matrix(kernel, x.shape, strides, padding, dilation)
    np.testing.assert_allclose(
        matrix @ x.ravel(), np.ravel(y), rtol=1e-5, atol=1e-5
    )


@given(st.integers(1, 5), st.integers(0, 6))
def test_one_axis_is_a_toeplitz_matrix(k, more):
    n = k + more
    taps = np.arange(1, k + 1)
    column = np.r_[taps[0], np.zeros(n - k)]
    row = np.r_[taps, np.zeros(n - k)]
    expected = scipy.linalg.toeplitz(column, row)
    np.testing.assert_array_equal(convolution_matrix(taps, (n,)), expected)


def test_deck_004_toeplitz_of_five():
    """Rows b 0 0..., with taps (c, a, b) at "same": the deck's 5x5 matrix."""
    a, b, c = 2, 3, 5
    expected = scipy.linalg.toeplitz([a, c, 0, 0, 0], [a, b, 0, 0, 0])
    matrix = convolution_matrix([c, a, b], 5, padding="same")
    np.testing.assert_array_equal(matrix, expected)


def test_deck_000_four_by_sixteen():
    kernel = np.arange(1, 10).reshape(3, 3)
    matrix = convolution_matrix(kernel, (4, 4))
    first = [1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 0, 0, 0, 0]
    assert matrix.shape == (4, 16)
    assert matrix.dtype == kernel.dtype
    for row, shift in enumerate((0, 1, 4, 5)):
        np.testing.assert_array_equal(matrix[row], np.roll(first, shift))


def test_deck_001_transpose_of_ones():
    matrix = convolution_matrix(np.ones((3, 3), int), (4, 4))
    result = (matrix.T @ [1, 2, 3, 4]).reshape(4, 4)
    expected = [[1, 3, 3, 2], [4, 10, 10, 6], [4, 10, 10, 6], [3, 7, 7, 4]]
    assert result.tolist() == expected


def test_deck_004_stride_two():
    """k = 3, s = 2, p = 1: the deck's matrix acts on the padded input."""
    x, y, z = 2, 3, 5
    padded = convolution_matrix([x, y, z], 6, strides=2)
    assert padded.tolist() == [[x, y, z, 0, 0, 0], [0, 0, x, y, z, 0]]
    unpadded = convolution_matrix([x, y, z], 4, strides=2, padding=1)
    assert unpadded.tolist() == [[y, z, 0, 0], [0, x, y, z]]
    np.testing.assert_array_equal(padded[:, 1:5], unpadded)


def test_indices_fill_the_matrix_from_a_shape_or_a_kernel():
    kernel = np.random.default_rng(0).normal(size=(3, 2, 2, 4))
    arguments = ((6, 5, 4), (2, 1), "same", (1, 2), 2)
    matrix = convolution_matrix(kernel, *arguments)
    for argument in (kernel, kernel.shape, keras.ops.array(kernel)):
        row, column, tap = convolution_indices(argument, *arguments)
        filled = np.zeros_like(matrix)
        filled[row, column] = kernel.ravel()[tap]
        np.testing.assert_array_equal(filled, matrix)
        assert len(set(zip(row, column, strict=True))) == row.size


def test_sparse_keeps_no_more_than_the_taps_inside():
    matrix = convolution_matrix(
        np.ones((3, 3)), (256, 256), padding="same", sparse=True
    )
    assert matrix.shape == (256**2, 256**2)
    assert matrix.nnz == (3 * 256 - 2) ** 2


@given(st.integers(1, 9), st.integers(1, 5), st.integers(1, 4))
def test_same_pads_as_the_arithmetic_says(n, k, s):
    pair = axis_padding("same", n, k, s)
    taps = np.arange(1, k + 1)
    np.testing.assert_array_equal(
        convolution_matrix(taps, n, s, "same"),
        convolution_matrix(taps, n, s, (pair,)),
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kernel": np.ones((5, 5)), "input_shape": (4, 4)}, "spans 5.*only 4"),
        ({"strides": 0}, "stride.*stride=0"),
        ({"strides": (1, 2, 1)}, "strides.*3 entries for 2"),
        ({"padding": -1}, "padding.*-1"),
        ({"padding": "full"}, "full"),
        ({"padding": ((1, 2), (1, 2, 3))}, "3 entries"),
        ({"dilation": (1,)}, "dilation.*1 entries"),
        ({"input_shape": (4, 4, 1)}, r"input_shape=\(4, 4, 1\).*\(h, w\)"),
        ({"input_shape": (4.5, 4)}, "size.*4.5"),
        ({"groups": 2}, "groups=2 needs channels"),
        (
            {"kernel": np.ones((3, 3, 2, 2)), "input_shape": (4, 4, 3)},
            "3 input",
        ),
        (
            {
                "kernel": np.ones((3, 3, 1, 3)),
                "input_shape": (4, 4, 2),
                "groups": 2,
            },
            "multiple of groups",
        ),
        ({"kernel": np.ones((1,) * 5)}, "5 axes"),
        ({"kernel": np.ones(())}, "0 axes"),
        ({"kernel": np.full((3, 3), "a")}, "numbers.*dtype"),
        ({"kernel": [[1, 2], [3]]}, "different lengths"),
    ],
)
def test_bad_input_says_what_is_expected(arguments, message):
    arguments = {"kernel": np.ones((3, 3)), "input_shape": (4, 4)} | arguments
    with pytest.raises(ValueError, match=f"(?s){message}"):
        convolution_matrix(**arguments)
