"""What the decks say, each claim computed: deck, claim, value, how.

One table for all lectures; `how` computes from the package, Keras or NumPy
what `value` says. An erratum's row holds what is true instead. A row's id
begins with its lecture's number, and the cell that shows it names it in its
header, claims="..."; the build refuses one without the other.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
from scipy.linalg import toeplitz
from scipy.signal import convolve2d, correlate2d
from skimage import data
from skimage.transform import resize

from course.arithmetic import (
    conv_output_size,
    conv_parameters,
    transposed_conv_output_size,
)
from course.convolution_matrix import convolution_matrix
from course.gradients import value_and_gradients
from course.initializers import Bilinear
from course.layers import BorderPadding, TransposedConv

TAPS = np.arange(1, 10).reshape(3, 3)
SMALL = np.array([[1, 2], [3, 4]])
LINE = np.array([1, 2, 3])  # x, y, z
RAMP = np.array([2.0, 6.0, 4.0])
DICE = np.random.default_rng(0)
IMAGE = DICE.integers(-9, 9, (4, 4))
OTHER = DICE.integers(-9, 9, (3, 3))
EDGES = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
BINOMIAL = [1, 4, 6, 4, 1]
PAIRS = np.array([0, 0, 1, 1, 0, 0, 1, 1])
BOARD = np.array(
    [[29, 15, 28, 184], [0, 100, 70, 38], [12, 12, 7, 2], [12, 12, 45, 6]]
)


class Claim(NamedTuple):
    """A row: what `how()` returns must be `value`, to 1e-5 relative."""

    id: str
    deck: str
    claim: str
    value: Any
    how: Callable[[], Any]


def transposed(x, kernel, stride=1, padding=0, output_padding=0):
    """A transposed convolution of one channel, as the package's layer."""
    layer = TransposedConv(
        1, kernel.shape, stride, padding, output_padding, use_bias=False
    )
    layer.build((None, *x.shape, 1))
    layer.set_weights([kernel[..., None, None]])
    y = layer(np.asarray(x, "float32")[None, ..., None])
    return keras.ops.convert_to_numpy(y)[0, ..., 0]


def convolved(x, kernel, stride=1):
    """A valid convolution of one channel, as Keras slides it."""
    y = keras.ops.conv(
        np.asarray(x, "float32")[None, ..., None],
        np.asarray(kernel, "float32")[..., None, None],
        strides=stride,
    )
    return keras.ops.convert_to_numpy(y)[0, ..., 0]


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


def shuffled_dense():
    """|W x - W' x'|, pixels and the columns of W shuffled alike."""
    rng = np.random.default_rng(6)
    W, x = rng.normal(size=(4, 30)), rng.normal(size=30)
    order = rng.permutation(30)
    return abs(W @ x - W[:, order] @ x[order]).max().round(9)


def by_sum(image, kernel):
    """Sum over p of x[i+p] k[r-p], r + 1 taps an axis, as deck 003 has it."""
    rows, columns = np.subtract(image.shape, kernel.shape) + 1
    r, s = np.subtract(kernel.shape, 1)
    return np.array(
        [
            [
                sum(
                    image[i + p, j + q] * kernel[r - p, s - q]
                    for p, q in np.ndindex(kernel.shape)
                )
                for j in range(columns)
            ]
            for i in range(rows)
        ]
    )


def on_a_circle(image, kernel):
    """Cyclic convolution of two arrays of one shape, of whole numbers."""
    product = np.fft.fft2(image) * np.fft.fft2(kernel)
    return np.fft.ifft2(product).real.round().astype(int)


def laws(op, grown=False):
    """Whether op is linear, commutative, associative: on whole numbers."""
    rng = np.random.default_rng(7)
    a, other = rng.integers(-5, 6, (2, 6, 6))
    kernels = rng.integers(-5, 6, (2, 3, 3))
    b, c = np.pad(kernels, ((0, 0), (0, 3), (0, 3))) if grown else kernels
    return [
        np.array_equal(op(2 * a + other, b), 2 * op(a, b) + op(other, b)),
        np.array_equal(op(a, b), op(b, a)),
        np.array_equal(op(op(a, b), c), op(a, op(b, c))),
    ]


def two_passes_minus_one():
    """Two kernels of 3x3, cut to "same", minus their one kernel of 5x5."""
    rng = np.random.default_rng(8)
    a, b, c = (rng.integers(-5, 6, (n, n)) for n in (8, 3, 3))
    twice = convolve2d(convolve2d(a, b, "same"), c, "same")
    return twice - convolve2d(a, convolve2d(b, c), "same")


def channels_add_up():
    """|Keras's map of 3 channels - the channels' own maps, added|."""
    rng = np.random.default_rng(9)
    x = rng.normal(size=(6, 5, 3)).astype("float32")
    kernel = rng.normal(size=(3, 3, 3)).astype("float32")
    y = keras.ops.conv(x[None], kernel[..., None])
    parts = (convolved(x[..., i], kernel[..., i]) for i in range(3))
    y = keras.ops.convert_to_numpy(y)[0, ..., 0]
    return abs(y - sum(parts)).max().round(5)


def one_by_one_is_dense():
    """|conv 1x1 - dense layer of each pixel|."""
    rng = np.random.default_rng(10)
    x = rng.normal(size=(2, 4, 5, 6)).astype("float32")
    weights = rng.normal(size=(6, 3)).astype("float32")
    y = keras.ops.conv(x, weights[None, None])
    return abs(keras.ops.convert_to_numpy(y) - x @ weights).max().round(5)


def pooled(image, operation):
    """Windows of 2x2 side by side, by an operation of Keras."""
    y = operation(np.asarray(image, "float32")[None, ..., None], 2, strides=2)
    return keras.ops.convert_to_numpy(y)[0, ..., 0]


def upright(picture):
    """Its upright edges, 128x128, from the middle of the picture."""
    top, left = (size // 2 - 65 for size in picture.shape)
    kernel = np.outer([1, 2, 1], [-1, 0, 1]) / 8
    return abs(correlate2d(picture[top:, left:][:130, :130], kernel, "valid"))


def alike(change, size):
    """Correlation after max pooling with the picture moved or enlarged."""
    scene = data.camera()[40:240, 130:330] / 255
    if isinstance(change, int):
        other = np.roll(scene, change, axis=1)
    else:
        other = resize(scene, 2 * [round(200 * change)], order=1)
    coarse = [
        upright(each)
        .reshape(128 // size, size, -1, size)
        .max(axis=(1, 3))
        .ravel()
        for each in (scene, other)
    ]
    return np.corrcoef(coarse)[0, 1]


def neighbours():
    """Correlation in a row: of edges, max pooled by 2, every second."""
    kernel = np.outer([1, 2, 1], [-1, 0, 1]) / 8
    edges = abs(correlate2d(data.camera() / 255, kernel, "valid"))
    highest = edges.reshape(255, 2, 255, 2).max(axis=(1, 3))
    return [
        np.corrcoef(x[:, :-1].ravel(), x[:, 1:].ravel())[0, 1].round(2)
        for x in (edges, highest, edges[::2, ::2])
    ]


def folded(taps):
    """The share of the blurred grass's variance beyond a quarter wave."""
    grass = data.grass() / 255
    mirrored = np.block(
        [[grass, grass[:, ::-1]], [grass[::-1], grass[::-1, ::-1]]]
    )
    gain = np.fft.fft(taps, len(mirrored)) / sum(taps)
    power = abs(np.fft.fft2(mirrored) * np.outer(gain, gain)) ** 2
    power[0, 0] = 0
    slow = abs(np.fft.fftfreq(len(mirrored))) < 0.25
    return 1 - power[np.ix_(slow, slow)].sum() / power.sum()


def equivariances():
    """C S = S C on a circle, with zeros, stride 2 by one and by two."""
    S, S_half = (np.roll(np.eye(n), 1, axis=0) for n in (8, 4))
    circle = sum(
        tap * np.roll(np.eye(8), n, axis=0)
        for n, tap in [(1, 3), (0, 1), (-1, 2)]
    )
    bordered = convolution_matrix(np.array([3, 1, 2]), (8,), padding=1)
    turns = [np.linalg.matrix_power(S_half, n) for n in range(4)]
    return [
        np.array_equal(circle @ S, S @ circle),
        np.array_equal(bordered @ S, S @ bordered),
        any(np.array_equal(circle[::2] @ S, t @ circle[::2]) for t in turns),
        np.array_equal(circle[::2] @ S @ S, S_half @ circle[::2]),
    ]


def mean_over_movements():
    """How far the mean of S^-n W S^n is from commuting with S."""
    W = np.random.default_rng(11).normal(size=(5, 5))
    S = np.roll(np.eye(5), 1, axis=0)
    turns = [np.linalg.matrix_power(S, n) for n in range(5)]
    mean = sum(turn.T @ W @ turn for turn in turns) / 5
    return abs(mean @ S - S @ mean).max().round(9)


def max_blur(x):
    """Maximum of two, blur 1 2 1, every second number, round a circle."""
    highest = np.maximum(x, np.roll(x, -1))
    return ((np.roll(highest, 1) + 2 * highest + np.roll(highest, -1)) / 4)[::2]


def change(halving):
    """Relative change of the halved edges of the grass, moved by one pixel."""
    kernel = np.outer([1, 2, 1], [-1, 0, 1]) / 8
    lawn = abs(correlate2d(data.grass() / 255, kernel, "valid"))
    here, there = (halving(x)[::2, ::2] for x in (lawn[:, :-1], lawn[:, 1:]))
    return np.sqrt(np.mean((here - there) ** 2)) / here.std()


def blurred(x):
    return correlate2d(x, np.outer([1, 2, 1], [1, 2, 1]) / 16, "valid")


CLAIMS = [
    # 02: convolution
    Claim(
        "02-price",
        "003",
        "weight sharing: 69 billion weights for 512×512, 2.4 million, 9",
        [68_719_476_736, 2_359_296, 9],
        lambda: [
            (512 * 512) ** 2,
            9 * 512**2,
            conv_parameters(3, 1, 1, bias=False),
        ],
    ),
    Claim(
        "02-shuffled",
        "002",
        "a dense layer does not know neighbours: shuffled along, the same",
        0,
        shuffled_dense,
    ),
    Claim(
        "02-weights",
        "004",
        "many connections, few weights: 25, 13 and 3 for five to five",
        [25, 13, 3],
        lambda: [
            5 * 5,
            np.count_nonzero(convolution_matrix(LINE, (5,), padding=1)),
            len(set(convolution_matrix(LINE, (5,), padding=1).ravel()) - {0}),
        ],
    ),
    Claim(
        "02-by-hand",
        "003",
        "the sum of nine products, by hand",
        [[7, 9], [8, 12]],
        lambda: convolved(
            [[1, 0, 2, 1], [3, 1, 0, 2], [0, 2, 1, 1], [1, 1, 0, 3]],
            [[1, 0, 2], [0, 1, 0], [3, 0, 1]],
        ),
    ),
    Claim(
        "02-sums",
        "003, erratum",
        "a white wall of 0.5: nine ones make it 4.5, 1/9 leaves it",
        [4.5, 0.5, 0, 0.5],
        lambda: [
            convolved(np.full((3, 3), 0.5), kernel)[0, 0]
            for kernel in (
                np.ones((3, 3)),
                np.ones((3, 3)) / 9,
                EDGES,
                SHARPEN,
            )
        ],
    ),
    Claim(
        "02-sharpen",
        "003",
        "the sharpening kernel is the picture minus the edge kernel",
        SHARPEN,
        lambda: np.pad([[1]], 1) - EDGES,
    ),
    Claim(
        "02-impulse",
        "003, 004",
        "a single 1: the kernel turned by 180 degrees, unless it is flipped",
        [np.rot90(TAPS, 2).tolist(), TAPS.tolist()],
        lambda: [
            convolved(np.pad([[1]], 2), TAPS).astype(int).tolist(),
            by_sum(np.pad([[1]], 2), TAPS).tolist(),
        ],
    ),
    Claim(
        "02-flips",
        "003",
        "its sum x[i+p] k[r-p] is the convolution that flips",
        convolve2d(IMAGE, OTHER, "valid"),
        lambda: by_sum(IMAGE, OTHER),
    ),
    Claim(
        "02-keras",
        "004",
        "its sum x(i+s) w(s) is correlation, and so is Keras's",
        correlate2d(IMAGE, OTHER, "valid"),
        lambda: convolved(IMAGE, OTHER),
    ),
    Claim(
        "02-laws",
        "003",
        "linear, commutative, associative: full and cyclic alone",
        [[1, 1, 1], [1, 1, 1], [1, 0, 0], [1, 0, 0]],
        lambda: [
            laws(lambda x, k: convolve2d(x, k, "full")),
            laws(on_a_circle, grown=True),
            laws(lambda x, k: convolve2d(x, k, "same")),
            laws(lambda x, k: correlate2d(x, k, "full")),
        ],
    ),
    Claim(
        "02-same-border",
        "003",
        '"same" breaks associativity at the border only: a frame of 1',
        [True, 0],
        lambda: [
            bool(np.any(two_passes_minus_one())),
            abs(two_passes_minus_one()[1:-1, 1:-1]).max(),
        ],
    ),
    Claim(
        "02-separable",
        "003 (associative)",
        "column after row is the square kernel, 10 products for 25",
        0,
        lambda: abs(
            convolve2d(IMAGE, np.outer(BINOMIAL, BINOMIAL))
            - convolve2d(convolve2d(IMAGE, [BINOMIAL]), [[n] for n in BINOMIAL])
        ).max(),
    ),
    Claim(
        "02-borders",
        "003",
        "four extensions of A B C, one of them with two mirrors",
        [
            [0, 0, 1, 2, 3, 0, 0],
            [1, 1, 1, 2, 3, 3, 3],
            [2, 1, 1, 2, 3, 3, 2],
            [3, 2, 1, 2, 3, 2, 1],
            [2, 3, 1, 2, 3, 1, 2],
        ],
        lambda: [
            keras.ops.convert_to_numpy(
                BorderPadding(2, mode)(LINE.reshape(1, 3, 1))
            ).ravel()
            for mode in ("zero", "border", "symmetric", "reflect", "cyclic")
        ],
    ),
    Claim(
        "02-counts",
        "003",
        "zeros around a white image: 4, 6 or 9 of nine pixels are seen",
        [4, 6, 9],
        lambda: np.unique(
            convolved(np.pad(np.ones((5, 6)), 1), np.ones((3, 3)))
        ),
    ),
    Claim(
        "02-stride",
        "002, 003",
        "stride 2 is stride 1, every second kept; 128 pixels give 64",
        [0, 64],
        lambda: [
            abs(
                convolved(IMAGE, OTHER[:2, :2], 2)
                - convolved(IMAGE, OTHER[:2, :2])[::2, ::2]
            ).max(),
            conv_output_size(128, 3, stride=2, padding=1),
        ],
    ),
    Claim(
        "02-depth",
        "002",
        "a filter goes through all channels: the parts' sum",
        0,
        channels_add_up,
    ),
    Claim(
        "02-volume",
        "002",
        "32×32×3, six filters of 5×5×3: 28×28×6, 76 weights each",
        [28, 6, 6 * 76],
        lambda: [
            *keras.layers.Conv2D(6, 5).compute_output_shape((1, 32, 32, 3))[2:],
            conv_parameters(5, 3, 6),
        ],
    ),
    Claim(
        "02-one",
        "002",
        "a 1×1 convolution is a dense layer between channels, a pixel",
        0,
        one_by_one_is_dense,
    ),
    Claim(
        "02-max-pool",
        "002",
        "max pooling table: 100 184 / 12 45",
        [[100, 184], [12, 45]],
        lambda: pooled(BOARD, keras.ops.max_pool),
    ),
    Claim(
        "02-average-pool",
        "002",
        "average pooling table: 36 80 / 12 15, with 29 in the corner",
        [[36, 80], [12, 15]],
        lambda: pooled(BOARD, keras.ops.average_pool),
    ),
    Claim(
        "02-pool-slip",
        "002, erratum",
        "with the printed 31 in the corner the first mean is 36.5",
        36.5,
        lambda: pooled(
            np.where(BOARD == 29, 31, BOARD), keras.ops.average_pool
        )[0, 0],
    ),
    Claim(
        "02-pool-linear",
        "002 004",
        "average pooling is a strided convolution with equal taps",
        pooled(IMAGE, keras.ops.average_pool),
        lambda: convolved(IMAGE, np.full((2, 2), 0.25), 2),
    ),
    Claim(
        "02-indifferent",
        "003, erratum",
        "pooling forgives movement (alike > .8 at 16), not scale (< .2)",
        [True, True, True, True],
        lambda: [
            alike(1, 1) < 0.7 and alike(1, 16) > 0.95,
            alike(4, 1) < 0.2 and alike(4, 16) > 0.8,
            # a tenth larger is a small movement of most pixels
            alike(1.1, 1) < 0.2 and alike(1.1, 16) > 0.8,
            max(alike(1.5, n) for n in (1, 2, 4, 8, 16)) < 0.2,
        ],
    ),
    Claim(
        "02-decorrelates",
        "003, erratum",
        "pooling decorrelates: neighbours are as alike after max pooling",
        [0.66, 0.67, 0.42],
        neighbours,
    ),
    Claim(
        "02-alias-wave",
        "001",
        "every second pixel of 0.45 waves a pixel: 0.05 waves a pixel",
        np.cos(2 * np.pi * 0.05 * np.arange(0, 41, 2)),
        lambda: np.cos(2 * np.pi * 0.45 * np.arange(0, 41, 2)),
    ),
    Claim(
        "02-gain",
        "001",
        "blurs leave 1, .71, .5, .25 of a quarter wave a pixel",
        [1, np.sqrt(0.5), 0.5, 0.25],
        lambda: [
            abs(np.exp(-0.5j * np.pi * np.arange(len(k))) @ k) / sum(k)
            for k in ([1], [1, 1], [1, 2, 1], BINOMIAL)
        ],
    ),
    Claim(
        "02-folded",
        "001",
        "grass: 15 % of the variance would fold, after a blur 1 % at most",
        [True, True],
        lambda: [folded([1]) > 0.15, folded(BINOMIAL) < 0.01],
    ),
    Claim(
        "02-toeplitz",
        "004",
        "the 5x5 matrix with rows a b, c a b, ..., c a is a convolution's",
        toeplitz([2, 3, 0, 0, 0], [2, 1, 0, 0, 0]),
        # Its rows hold (c, a, b) = (3, 2, 1).
        lambda: convolution_matrix(LINE[::-1], (5,), padding=1),
    ),
    Claim(
        "02-equivariance",
        "004",
        "equivariant on a circle; zeros break it; stride 2 for odd moves",
        [True, False, False, True],
        equivariances,
    ),
    Claim(
        "02-only",
        "004",
        "the mean of any layer over all movements is a convolution",
        0,
        mean_over_movements,
    ),
    Claim(
        "02-max-shift",
        "002, Zhang 2019",
        "max pooling of pairs: 0 1 0 1; moved by one: 1 1 1 1",
        [[0, 1, 0, 1], [1, 1, 1, 1]],
        lambda: [np.roll(PAIRS, n).reshape(4, 2).max(axis=1) for n in (0, 1)],
    ),
    Claim(
        "02-blur-shift",
        "Zhang 2019",
        "maximum, blur, every second: .5 1 .5 1 and .75 four times",
        [[0.5, 1, 0.5, 1], [0.75] * 4],
        lambda: [max_blur(np.roll(PAIRS, n)) for n in (0, 1)],
    ),
    Claim(
        "02-steadier",
        "001, Zhang 2019",
        "moved by one, grass: a blur before the step changes less",
        [True, True],
        lambda: [
            change(lambda x: x) > 1.1,
            change(blurred) < change(lambda x: x) / 1.5,
        ],
    ),
    Claim(
        "02-instead",
        "002 004",
        "strided convolution for pooling, 64 maps: 16,448 or 36,928 weights",
        [16_448, 36_928],
        lambda: [conv_parameters(k, 64, 64) for k in (2, 3)],
    ),
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


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda row: row.id)
def test_a_claim_holds(claim):
    got = claim.how()
    if isinstance(claim.value, np.ndarray) or _numbers(claim.value):
        assert np.shape(got) == np.shape(claim.value)
        np.testing.assert_allclose(got, claim.value, rtol=1e-5, atol=1e-6)
    else:
        assert got == claim.value


def _numbers(value) -> bool:
    """Whether a value is a number or nested lists of them, all as long."""
    try:
        return np.asarray(value).dtype.kind in "if"
    except ValueError:
        return False
