"""What lecture 02, convolution, claims."""

import keras
import numpy as np
from scipy.linalg import toeplitz
from scipy.signal import convolve2d, correlate2d
from skimage import data
from skimage.transform import resize

from course.arithmetic import (
    conv_output_size,
    conv_parameters,
    same_padding,
)
from course.convolution_matrix import convolution_matrix
from course.layers import BorderPadding
from tests.claims import Claim, convolved

TAPS = np.arange(1, 10).reshape(3, 3)
LINE = np.array([1, 2, 3])  # x, y, z
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


def two_layers_minus_one():
    """Two correlations, minus one by their kernels' convolution, no zeros."""
    rng = np.random.default_rng(12)
    a, b, c = (rng.integers(-5, 6, (n, n)) for n in (8, 3, 3))
    return convolved(convolved(a, b), c) - convolved(a, convolve2d(b, c))


def odd_zero():
    """|Keras's "same", 4 taps on 5 pixels - 1 zero before and 2 behind|."""
    row, taps = np.float32([3, 1, 4, 1, 5]), np.float32([2, 7, 1, 8])
    y = keras.ops.conv(row[None, :, None], taps[:, None, None], padding="same")
    by_hand = np.correlate(np.pad(row, (1, 2)), taps, "valid")
    return abs(keras.ops.convert_to_numpy(y).ravel() - by_hand).max().round(4)


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


def alike_enlarged(size):
    """Correlation of the enlarged map and the enlarged picture's map."""
    scene = data.camera()[40:240, 130:330] / 255
    kernel = np.outer([1, 2, 1], [-1, 0, 1]) / 8
    outline = np.pad(abs(correlate2d(scene, kernel, "valid")), 1)
    enlarged = resize(outline, (300, 300), order=1)[86:214, 86:214]
    coarse = [
        each.reshape(128 // size, size, -1, size).max(axis=(1, 3)).ravel()
        for each in (enlarged, upright(resize(scene, (300, 300), order=1)))
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


def edges_of(name):
    """The upright edges of one of scikit-image's photographs."""
    kernel = np.outer([1, 2, 1], [-1, 0, 1]) / 8
    return abs(correlate2d(getattr(data, name)() / 255, kernel, "valid"))


def folded(taps, picture=None):
    """The share of a blurred picture's, or the grass's, variance that folds."""
    picture = data.grass() / 255 if picture is None else picture
    upper = np.hstack([picture, picture[:, ::-1]])
    mirrored = np.vstack([upper, upper[::-1]])
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
        "02-places",
        "003",
        "valid, same, full: i - k + 1, i, i + k - 1; the odd zero is behind",
        [[3, 5, 7], [2, 5, 8], (1, 2), 0],
        lambda: [
            *[
                [
                    np.convolve(np.ones(5), np.ones(k), mode).size
                    for mode in ("valid", "same", "full")
                ]
                for k in (3, 4)
            ],
            same_padding(5, 4),
            odd_zero(),
        ],
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
        "02-merge",
        "004",
        "layers do not flip: two are one by the convolution of their kernels",
        0,
        lambda: abs(two_layers_minus_one()).max(),
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
        "pooling forgives movement (alike > .8 at 16), not more than a window",
        [True] * 5,
        lambda: [
            alike(1, 1) < 0.7 and alike(1, 16) > 0.95,
            alike(4, 1) < 0.2 and alike(4, 16) > 0.8,
            # a tenth larger moves no pixel by more than six along an axis
            alike(1.1, 1) < 0.2 and alike(1.1, 16) > 0.8,
            # half as large again moves the rim by 21 and more, nothing else
            max(alike(1.5, n) for n in (1, 2, 4, 8, 16)) < 0.2,
            min(alike_enlarged(n) for n in (1, 2, 4, 8, 16)) > 0.95,
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
        "grass: 15 % of the variance would fold, after a blur 1 % at most; "
        "of edges more: grass 33 %, brick 8 %, camera 14 %",
        [True, True, 0.33, 0.08, 0.14],
        lambda: [
            folded([1]) > 0.15,
            folded(BINOMIAL) < 0.01,
            *[
                folded([1], edges_of(name)).round(2)
                for name in ("grass", "brick", "camera")
            ],
        ],
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
]
