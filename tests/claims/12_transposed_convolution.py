"""What lecture 12, transposed convolution, claims."""

import keras
import numpy as np

from course.arithmetic import (
    conv_output_size,
    conv_parameters,
    transposed_conv_output_size,
)
from course.convolution_matrix import convolution_matrix
from course.gradients import value_and_gradients
from course.initializers import Bilinear
from course.layers import TransposedConv
from tests.claims import Claim, convolved, transposed

TAPS = np.arange(1, 10).reshape(3, 3)
SMALL = np.array([[1, 2], [3, 4]])
LINE = np.array([1, 2, 3])  # x, y, z
RAMP = np.array([2.0, 6.0, 4.0])
DICE = np.random.default_rng(0)
IMAGE = DICE.integers(-9, 9, (4, 4))
OTHER = DICE.integers(-9, 9, (3, 3))


def in_letters(matrix):
    """C^T applied to the letters a b, with x y z for the taps 1 2 3."""
    return [
        "+".join(
            number + "xyz"[tap - 1]
            for number, tap in zip("ab", column, strict=True)
            if tap
        )
        or "0"
        for column in matrix.T
    ]


def spread(x, stride, border):
    """Zeros between the numbers of x, and around them."""
    sizes = np.multiply(stride, np.array(x.shape) - 1) + 1
    apart = np.zeros(sizes)
    apart[::stride, ::stride] = x
    return np.pad(apart, border)


def copies(kernel_size, stride, number=5):
    """How many copies reach each pixel of one axis."""
    side = stride * (number - 1) + kernel_size
    ones = np.ones(kernel_size, int)
    return convolution_matrix(ones, (side,), stride).sum(axis=0).tolist()


def sharing(output_size, kernel_size, stride, padding):
    """The input sizes of which a convolution makes `output_size` pixels."""
    return [
        i
        for i in range(max(1, kernel_size - 2 * padding), 30)
        if conv_output_size(i, kernel_size, stride, padding) == output_size
    ]


def resized(row, size):
    """A row of pixels through Keras's bilinear resize."""
    image = np.asarray(row, "float32").reshape(1, -1, 1)
    y = keras.ops.image.resize(image, (1, size), interpolation="bilinear")
    return keras.ops.convert_to_numpy(y).ravel()


def pattern(picture):
    """How far the means of even and odd pixels differ, relative to all."""
    means = [picture[r::2, c::2].mean() for r in (0, 1) for c in (0, 1)]
    return np.std(means) / np.mean(means)


def general_matrix_is_the_dense_layer_of_keras():
    """|C vec(x) - vec(conv(x))| for channels, stride, dilation, padding."""
    rng = np.random.default_rng(1)
    worst = 0
    for stride, dilation in [(1, 1), (2, 1), (1, 2), (3, 1)]:
        kernel = rng.integers(-3, 3, (3, 2, 2, 3)).astype("float32")
        x = rng.integers(-3, 3, (7, 6, 2)).astype("float32")
        matrix = convolution_matrix(kernel, x.shape, stride, 1, dilation)
        y = keras.ops.conv(
            np.pad(x, [(1, 1), (1, 1), (0, 0)])[None],
            kernel,
            strides=stride,
            dilation_rate=dilation,
        )
        y = keras.ops.convert_to_numpy(y).ravel()
        worst = max(worst, abs(matrix @ x.ravel() - y).max())
    return worst


def layer_is_the_transposed_matrix():
    """|TransposedConv - Reshape(C^T x)| for any k s p a and channels."""
    rng = np.random.default_rng(2)
    worst = 0
    for k, s, p, a in [(3, 1, 0, 0), (3, 2, 1, 1), (4, 2, 1, 0), (2, 3, 0, 2)]:
        size = transposed_conv_output_size(3, k, s, p, a)
        kernel = rng.integers(-3, 3, (k, k, 2, 3)).astype("float32")
        x = rng.integers(-3, 3, (3, 3, 3)).astype("float32")
        matrix = convolution_matrix(kernel, (size, size, 2), s, p)
        layer = TransposedConv(2, k, s, p, a, use_bias=False)
        layer.build((None, 3, 3, 3))
        layer.set_weights([kernel])
        y = keras.ops.convert_to_numpy(layer(x[None])).ravel()
        worst = max(worst, abs(matrix.T @ x.ravel() - y).max())
    return worst


def keras_has_the_same_kernel():
    """|Conv2DTranspose - C^T x|, C from 2 channels to 4 filters."""
    rng = np.random.default_rng(5)
    kernel = rng.integers(-3, 3, (3, 3, 2, 4)).astype("float32")
    x = rng.integers(-3, 3, (1, 2, 2, 4)).astype("float32")
    layer = keras.layers.Conv2DTranspose(2, 3, strides=2, use_bias=False)
    layer.build(x.shape)
    layer.set_weights([kernel])
    y = keras.ops.convert_to_numpy(layer(x)).ravel()
    matrix = convolution_matrix(kernel, (5, 5, 2), strides=2)
    return abs(y - matrix.T @ x.ravel()).max()


def signed_share(kernel_size):
    """The pattern's share for independent taps of mean 0 and variance 1.

    A constant map becomes the sums P t of the taps t of each part; E(P t)(P t)'
    = P P', whose trace is the sum of squares, and whose mean the mean's square.
    """
    part = np.add.outer(2 * (np.arange(kernel_size) % 2), [0] * kernel_size)
    part = (part + np.arange(kernel_size) % 2).ravel()
    squares = np.equal.outer(np.arange(4), part).astype(float)
    squares = squares @ squares.T
    whole = np.trace(squares) / 4
    return np.sqrt((whole - squares.mean()) / whole)


def gradient_of_a_convolution():
    """|gradient - C^T g| for a loss whose gradient at the output is g."""
    rng = np.random.default_rng(3)
    x, g = rng.normal(size=(1, 7, 7, 1)), rng.normal(size=(1, 3, 3, 1))
    x, g = x.astype("float32"), g.astype("float32")
    kernel = TAPS.reshape(3, 3, 1, 1).astype("float32")

    def loss(x):
        return keras.ops.sum(keras.ops.conv(x, kernel, strides=2) * g)

    _, (gradient,) = value_and_gradients(loss, x)
    matrix = convolution_matrix(TAPS, (7, 7), strides=2)
    return abs(gradient.ravel() - matrix.T @ g.ravel()).max().round(4)


def bilinear_inside():
    """|4x4 tent, stride 2 - resize| inside the border."""
    image = np.random.default_rng(4).random((6, 6)).astype("float32")
    tent = keras.ops.convert_to_numpy(Bilinear()((4, 4, 1, 1)))[:, :, 0, 0]
    y = transposed(image, tent, 2, 1)
    want = keras.ops.image.resize(image[..., None], (12, 12))
    want = keras.ops.convert_to_numpy(want)[..., 0]
    return abs(y - want)[1:-1, 1:-1].max().round(6)


def first_column(picture):
    """Where the first copy of a kernel that is not at the left begins."""
    return int(np.flatnonzero(np.any(picture, axis=0))[0])


def weaves(kernel_size):
    """Taps of the s^2 convolutions that stride 2 weaves together."""
    kernel = np.ones((kernel_size, kernel_size))
    return [kernel[r::2, c::2].size for r in (0, 1) for c in (0, 1)]


CLAIMS = [
    # The convolution as a matrix
    Claim(
        "12-flattened",
        "000",
        "the flattened image goes row after row",
        [1, 2, 3, 4],
        lambda: SMALL.ravel(),
    ),
    Claim(
        "12-shapes",
        "000",
        "4x4 image, 3x3 kernel: X' is 2x2, C is 4x16",
        [(2, 2), (4, 16)],
        lambda: [
            convolved(IMAGE, TAPS).shape,
            convolution_matrix(TAPS, (4, 4)).shape,
        ],
    ),
    Claim(
        "12-product",
        "000",
        "flattened X' = C flattened X",
        convolved(IMAGE, TAPS).ravel(),
        lambda: convolution_matrix(TAPS, (4, 4)) @ IMAGE.ravel(),
    ),
    Claim(
        "12-first-row",
        "000",
        "C's first row: a b c 0 d e f 0 g h i 0 0 0 0 0",
        [1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 0, 0, 0, 0],
        lambda: convolution_matrix(TAPS, (4, 4))[0],
    ),
    Claim(
        "12-counts",
        "000",
        "36 of C's 64 entries are taps, of which 9 are different weights",
        [36, 9],
        lambda: [
            np.count_nonzero(convolution_matrix(TAPS, (4, 4))),
            len(set(convolution_matrix(TAPS, (4, 4)).ravel()) - {0}),
        ],
    ),
    Claim(
        "12-any-arguments",
        "000",
        "both exercises: C for any stride, padding, dilation and channels",
        0,
        general_matrix_is_the_dense_layer_of_keras,
    ),
    Claim(
        "12-channels",
        "000",
        "channels: per-channel convolutions, summed",
        convolved(IMAGE, TAPS) + convolved(IMAGE.T, TAPS[::-1]),
        lambda: (
            convolution_matrix(
                np.stack([TAPS, TAPS[::-1]], -1)[..., None], (4, 4, 2)
            )
            @ np.stack([IMAGE, IMAGE.T], -1).ravel()
        ).reshape(2, 2),
    ),
    Claim(
        "12-padded",
        "004",
        "k=3, s=2, p=1, on the padded input: x y z 0 0 0 and 0 0 x y z 0",
        [[1, 2, 3, 0, 0, 0], [0, 0, 1, 2, 3, 0]],
        lambda: convolution_matrix(LINE, (6,), strides=2),
    ),
    Claim(
        "12-padded-transposed",
        "004",
        "its transpose gives ax ay az+bx by bz 0",
        ["ax", "ay", "az+bx", "by", "bz", "0"],
        lambda: in_letters(convolution_matrix(LINE, (6,), strides=2)),
    ),
    Claim(
        "12-cropped",
        "004",
        "the same on the image itself: y z 0 0 and 0 x y z",
        [[2, 3, 0, 0], [0, 1, 2, 3]],
        lambda: convolution_matrix(LINE, (4,), strides=2, padding=1),
    ),
    Claim(
        "12-cropped-transposed",
        "004",
        "and its transpose crops: ay az+bx by bz",
        ["ay", "az+bx", "by", "bz"],
        lambda: in_letters(
            convolution_matrix(LINE, (4,), strides=2, padding=1)
        ),
    ),
    # The transpose
    Claim(
        "12-definition",
        "000",
        "TrConv(X') = Reshape(C^T flattened X'), any k, s, p, a, channels",
        0,
        layer_is_the_transposed_matrix,
    ),
    Claim(
        "12-keras",
        "000",
        "with channels: Keras's Conv2DTranspose, with C's own kernel",
        0,
        keras_has_the_same_kernel,
    ),
    Claim(
        "12-ones",
        "001",
        "all-ones 3x3, input 1 2 3 4: the 4x4 result",
        [[1, 3, 3, 2], [4, 10, 10, 6], [4, 10, 10, 6], [3, 7, 7, 4]],
        lambda: transposed(SMALL, np.ones((3, 3))),
    ),
    Claim(
        "12-tall",
        "001",
        "the printed C^T, its first four rows",
        [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0], [0, 1, 0, 0]],
        lambda: convolution_matrix(np.ones((3, 3)), (4, 4)).T[:4],
    ),
    Claim(
        "12-no-inverse",
        "000, erratum",
        "C^T does not undo C: the shape returns, the values do not",
        [(4, 4), False],
        lambda: [
            transposed(convolved(IMAGE, TAPS), TAPS).shape,
            bool(np.allclose(transposed(convolved(IMAGE, TAPS), TAPS), IMAGE)),
        ],
    ),
    Claim(
        "12-rank",
        "000, erratum",
        "it cannot: C has rank 4 of 16",
        4,
        lambda: np.linalg.matrix_rank(convolution_matrix(TAPS, (4, 4))),
    ),
    Claim(
        "12-splat",
        "001, 004",
        "the kernel is splatted: one input 1 leaves the kernel itself",
        np.pad(TAPS, ((0, 2), (2, 0))),
        lambda: transposed(np.array([[0, 1], [0, 0]]), TAPS, 2),
    ),
    # Zero insertion
    Claim(
        "12-five",
        "001",
        "2x2, stride 2, 3x3 kernel gives 5x5",
        (5, 5),
        lambda: transposed(SMALL, TAPS, 2).shape,
    ),
    Claim(
        "12-zero-insertion",
        "001",
        "transposed = zeros inserted, then a convolution (turned kernel)",
        transposed(SMALL, TAPS, 2),
        lambda: convolved(spread(SMALL, 2, 2), TAPS[::-1, ::-1]),
    ),
    Claim(
        "12-thirty-six",
        "001",
        "those numbers, the middle 36",
        [
            [1, 2, 5, 4, 6],
            [4, 5, 14, 10, 12],
            [10, 14, 36, 24, 30],
            [12, 15, 34, 20, 24],
            [21, 24, 55, 32, 36],
        ],
        lambda: transposed(SMALL, TAPS, 2),
    ),
    Claim(
        "12-stride-one",
        "004; 001, erratum",
        "stride 1: an ordinary convolution with the rotated kernel",
        transposed(OTHER, TAPS),
        lambda: convolved(np.pad(OTHER, 2), TAPS[::-1, ::-1]),
    ),
    Claim(
        "12-shift",
        "004",
        "stride 2: not a convolution of X': a shift by 1 shifts by 2",
        [0, 2],
        lambda: [
            first_column(transposed(np.array([[1, 0]]), TAPS, 2)),
            first_column(transposed(np.array([[0, 1]]), TAPS, 2)),
        ],
    ),
    # Sizes
    Claim(
        "12-sizes",
        "000, exercise",
        "output s(i-1) + k - 2p + a: 2 -> 4, 5, 3, 4",
        [4, 5, 3, 4],
        lambda: [
            transposed_conv_output_size(2, 3, *rest)
            for rest in [(1,), (2,), (2, 1), (2, 1, 1)]
        ],
    ),
    Claim(
        "12-kernel-needed",
        "000, erratum",
        "padding, stride and X' do not settle the shape: k is needed",
        [[4, 5], [5, 6], [6, 7]],
        lambda: [sharing(3, k, 2, 1) for k in (2, 3, 4)],
    ),
    Claim(
        "12-output-padding",
        "000, erratum",
        "nor does k: s sizes share an output, a chooses",
        [[7], [7, 8], [6, 7, 8]],
        lambda: [sharing(n, 3, s, 0) for s, n in [(1, 5), (2, 3), (3, 2)]],
    ),
    # Overlap
    Claim(
        "12-side-by-side",
        "004",
        "size 2, stride 2: 1 0 / 0 0 gives the kernel at the upper left",
        np.pad(SMALL, ((0, 2), (0, 2))),
        lambda: transposed(np.array([[1, 0], [0, 0]]), SMALL, 2),
    ),
    Claim(
        "12-two-side-by-side",
        "004",
        "size 2, stride 2: 1 1 / 0 0 gives 1 2 1 2 / 3 4 3 4",
        [[1, 2, 1, 2], [3, 4, 3, 4], [0] * 4, [0] * 4],
        lambda: transposed(np.array([[1, 1], [0, 0]]), SMALL, 2),
    ),
    Claim(
        "12-printed-one",
        "004, erratum",
        "'size 3, stride 2', 0 1 / 0 0: the printed picture has stride 1",
        [[0, 1, 2, 3], [0, 4, 5, 6], [0, 7, 8, 9], [0] * 4],
        lambda: transposed(np.array([[0, 1], [0, 0]]), TAPS, 1),
    ),
    Claim(
        "12-printed-two",
        "004, erratum",
        "'size 3, stride 2', 1 1 / 0 0: the printed picture has stride 1",
        [[1, 3, 5, 3], [4, 9, 11, 6], [7, 15, 17, 9], [0] * 4],
        lambda: transposed(np.array([[1, 1], [0, 0]]), TAPS, 1),
    ),
    Claim(
        "12-printed-right",
        "004, erratum",
        "with stride 2 it is 5x5 and overlaps in one column",
        [[1, 2, 4, 2, 3], [4, 5, 10, 5, 6], [7, 8, 16, 8, 9], [0] * 5, [0] * 5],
        lambda: transposed(np.array([[1, 1], [0, 0]]), TAPS, 2),
    ),
    Claim(
        "12-no-overlap",
        "004",
        "kernel = stride: no overlap",
        [1] * 10,
        lambda: copies(2, 2),
    ),
    Claim(
        "12-uneven",
        "004",
        "kernel > stride: overlap, uneven if the stride does not divide it",
        [1, 1, 2, 1, 2, 1, 2, 1, 2, 1, 1],
        lambda: copies(3, 2),
    ),
    Claim(
        "12-even",
        "004",
        "... and even, inside, if it does",
        [1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1],
        lambda: copies(4, 2),
    ),
    Claim(
        "12-pattern",
        "004 (smoothing)",
        "a constant map becomes a pattern, k=3; none for equal taps, k=4",
        [np.std([4, 2, 2, 1]) / np.mean([4, 2, 2, 1]), 0],
        lambda: [
            pattern(transposed(np.ones((6, 6)), np.ones((k, k)), 2)[4:8, 4:8])
            for k in (3, 4)
        ],
    ),
    Claim(
        "12-signed",
        "Odena et al. 2016",
        "independent taps of mean 0: the pattern's share does not depend on k",
        [np.sqrt(0.75)] * 3,
        lambda: [signed_share(k) for k in (3, 4, 5)],
    ),
    Claim(
        "12-weaves",
        "Shi et al. 2016",
        "stride 2 weaves four convolutions, of these many taps",
        [[4, 2, 2, 1], [4, 4, 4, 4]],
        lambda: [weaves(k) for k in (3, 4)],
    ),
    # Bilinear
    Claim(
        "12-tent",
        "001",
        "the tent of 4 taps, stride 2: 1/4 3/4 3/4 1/4",
        np.outer([0.25, 0.75, 0.75, 0.25], [0.25, 0.75, 0.75, 0.25]),
        lambda: keras.ops.convert_to_numpy(Bilinear()((4, 4, 1, 1)))[..., 0, 0],
    ),
    Claim(
        "12-bilinear",
        "001",
        "bilinear upsampling is a transposed convolution with it, inside",
        0,
        bilinear_inside,
    ),
    Claim(
        "12-resize",
        "001",
        "2 6 4 doubled by resize",
        [2, 3, 5, 5.5, 4.5, 4],
        lambda: resized(RAMP, 6),
    ),
    Claim(
        "12-four-taps",
        "001",
        "... by 4 taps: the same, but darker at the border",
        [1.5, 3, 5, 5.5, 4.5, 3],
        lambda: transposed(RAMP, np.array([1, 3, 3, 1]) / 4, 2, 1),
    ),
    Claim(
        "12-three-taps",
        "001",
        "the 3x3 tent: five numbers, old pixels kept (aligned corners)",
        [2, 4, 6, 5, 4],
        lambda: transposed(RAMP, np.array([1, 2, 1]) / 2, 2, 1),
    ),
    Claim(
        "12-fcn",
        "FCN (2015)",
        "FCN-32s's upsampling kernel, 21 classes",
        1_806_336,
        lambda: conv_parameters(64, 21, 21, bias=False),
    ),
    # Gradient
    Claim(
        "12-gradient",
        "syllabus",
        "the gradient of a convolution is a transposed convolution",
        0,
        gradient_of_a_convolution,
    ),
]
