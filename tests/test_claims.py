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
from scipy.special import expit, log_softmax, softmax
from skimage.transform import rotate
from sklearn.linear_model import RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier

from course import reference
from course.arithmetic import (
    conv_output_size,
    conv_parameters,
    same_padding,
    transposed_conv_output_size,
)
from course.catalogue import outlines
from course.convolution_matrix import convolution_matrix
from course.datasets import digits
from course.datasets.handwritten import enlarge
from course.descent import descend
from course.features import histograms_of_gradients
from course.gradients import value_and_gradients
from course.initializers import Bilinear
from course.layers import TransposedConv
from course.models import alexnet, lenet5
from course.summary import summary

TAPS = np.arange(1, 10).reshape(3, 3)
SMALL = np.array([[1, 2], [3, 4]])
LINE = np.array([1, 2, 3])  # x, y, z
RAMP = np.array([2.0, 6.0, 4.0])
DICE = np.random.default_rng(0)
IMAGE = DICE.integers(-9, 9, (4, 4))
OTHER = DICE.integers(-9, 9, (3, 3))


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


def slid(size, kernel_size, stride=1, padding=0, dilation=1):
    """The output size of a Keras convolution on a padded image."""
    layer = keras.layers.Conv2D(
        1,
        kernel_size,
        stride,
        padding if isinstance(padding, str) else "valid",
        dilation_rate=dilation,
    )
    zeros = 0 if isinstance(padding, str) else 2 * padding
    shape = (None, size + zeros, size + zeros, 1)
    return layer.compute_output_shape(shape)[1]


def pooled(size, pool_size, stride=None):
    """The output size of a Keras pooling."""
    layer = keras.layers.MaxPooling2D(pool_size, stride)
    return layer.compute_output_shape((None, size, size, 1))[1]


def outlined(factory, **options):
    """A model without weights, and its table."""
    with outlines():
        model = factory(**options)
        return model, summary(model)


def sizes_of(factory, *names):
    """Widths of a model's tensors."""
    model, _ = outlined(factory)
    return [model.get_layer(name).output.shape[2] for name in names]


def share_of(kind, column):
    """What the layers of a kind have of AlexNet's whole."""
    _, table = outlined(alexnet)
    counts = [(row.kind, getattr(row, column)) for row in table.rows]
    of_kind = sum(count for each, count in counts if each == kind)
    return round(of_kind / sum(count for _, count in counts), 3)


def parameters_of(before, filters, groups=None):
    """Of 3x3 filters with biases; of 1x1 without, if in groups."""
    layer = keras.layers.Conv2D(
        filters,
        1 if groups else 3,
        groups=groups or 1,
        use_bias=groups is None,
    )
    layer.build((None, 8, 8, before))
    return layer.count_params()


def strided_costs(stride):
    """Parameters and multiplications of 3x3, 16 to 32 channels, on 32x32."""
    layer = keras.layers.Conv2D(32, 3, stride, padding="same")
    layer.build((None, 32, 32, 16))
    places = np.prod(layer.compute_output_shape((None, 32, 32, 16))[1:3])
    return layer.count_params(), int(places * np.prod(layer.kernel.shape))


def stage_memory():
    """MiB of AlexNet's maps for one image, and conv1 to pool1's share."""
    _, table = outlined(alexnet)
    maps = {row.layer: np.prod(row.output_shape[1:]) for row in table.rows}
    total = sum(maps.values())
    front = sum(maps[name] for name in ("conv1", "norm1", "pool1"))
    return [round(4 * total / 2**20, 2), round(front / total, 2)]


def as_rows(images):
    """Each image as one row of numbers."""
    return images.reshape(len(images), -1)


def edges(images):
    """HOG of digits that were enlarged to 16x16."""
    return histograms_of_gradients(enlarge(images.astype("float32"), 16))


def aside(images):
    """Digits one pixel to the right."""
    return np.pad(images, [(0, 0), (0, 0), (1, 0), (0, 0)])[:, :, :-1]


def turned(images, degrees):
    """Digits turned about their middle."""
    return np.stack([rotate(each, degrees, order=1) for each in images])


def rights(classifier, view, old, new):
    """Share of right answers on `new` of what learned from `old`."""
    classifier.fit(view(old.images), old.labels)
    return classifier.score(view(new.images), new.labels)


def nearer_to_others():
    """Share of test digits that a shift moves beyond another class's digit."""
    images, labels = digits().test
    rows = as_rows(images).astype(float)
    far = np.linalg.norm(as_rows(aside(images)) - rows, axis=1)
    return np.mean(
        [
            np.linalg.norm(rows[labels != label] - row, axis=1).min() < moved
            for row, label, moved in zip(rows, labels, far, strict=True)
        ]
    )


def linear_digits():
    """Nearest mean, weights by least squares, and these one pixel aside."""
    old, _, new = digits()
    rows = as_rows(new.images)
    means = [as_rows(old.images)[old.labels == k].mean(0) for k in range(10)]
    nearest = KNeighborsClassifier(1).fit(means, range(10))
    linear = RidgeClassifier().fit(as_rows(old.images), old.labels)
    found = [
        nearest.score(rows, new.labels),
        linear.score(rows, new.labels),
        linear.score(as_rows(aside(new.images)), new.labels),
    ]
    return np.multiply(100, found).round(1)


def remembered():
    """Nearest neighbour with true labels and with labels dealt out."""
    old, _, new = digits()
    dealt = np.random.default_rng(0).permutation(old.labels)
    dealt = old._replace(labels=dealt)
    knows = KNeighborsClassifier(1)
    return [
        rights(knows, as_rows, old, old),
        rights(knows, as_rows, dealt, dealt),
        rights(knows, as_rows, old, new) > 0.97,
        rights(knows, as_rows, dealt, new) < 0.2,
    ]


def moved_features(images):
    """Median distance from the HOG of the test digits, of their length."""
    old, new = edges(digits().test.images), edges(images)
    lengths = np.linalg.norm(old, axis=1)
    return np.median(np.linalg.norm(new - old, axis=1) / lengths)


def hog_turns():
    """Turned by 90 degrees: moved by over its length, and than to another
    digit; by one pixel: by over half of its length.
    """
    images = digits().test.images
    lying = moved_features(turned(images, 90))
    return [
        bool(lying > 1),
        bool(lying > moved_features(images[::-1])),
        bool(moved_features(aside(images)) > 0.5),
    ]


def hog_better():
    """In which of five splits HOG beats pixels, and the kept net HOG."""
    kept = {
        each["seed"]: each["values"] for each in reference.results("digits")
    }
    found = []
    for seed in range(5):
        old, _, new = digits(seed, validation=0)
        by_pixels = rights(RidgeClassifier(), as_rows, old, new)
        by_edges = rights(RidgeClassifier(), edges, old, new)
        found.append(by_pixels < by_edges < kept[seed]["accuracy"])
    return found


def turned_digits():
    """Whether pixels, HOG and the kept net read under half, turned by 90."""
    old, _, new = digits(validation=0)
    lying = new._replace(images=turned(new.images, 90).astype("float32"))
    scores = reference.model("digits").predict(lying.images, verbose=0)
    found = [
        rights(RidgeClassifier(), view, old, lying) for view in (as_rows, edges)
    ]
    return [
        share < 0.5
        for share in [*found, np.mean(scores.argmax(1) == lying.labels)]
    ]


def best_perceptron():
    """Most of the four places of XOR that perceptrons on a grid have right."""
    grid = np.arange(-2, 2.01, 0.25)
    best = 0
    for w1 in grid:
        for w2 in grid:
            z = np.add.outer(grid, [0, w2, w1, w1 + w2])
            best = max(best, ((z > 0) == [0, 1, 1, 0]).sum(axis=1).max())
    return int(best)


def overflows():
    """Whether exponentials do, below and above the limits of two kinds."""
    limits = [(np.float32, 88.7, 88.8), (np.float64, 709.7, 709.8)]
    with np.errstate(over="ignore"):
        return [
            bool(np.isinf(np.exp(kind(z))))
            for kind, *both in limits
            for z in both
        ]


def loss(scores, label, from_logits):
    """Keras's cross-entropy of one row."""
    hot = np.eye(len(scores), dtype="float32")[[label]]
    entropy = keras.losses.CategoricalCrossentropy(from_logits=from_logits)
    return float(entropy(hot, np.asarray([scores], "float32")))


def both_ways():
    """Largest gap of the losses with softmax in the network and in the loss."""
    rng = np.random.default_rng(0)
    gaps = [
        loss(row, 2, True) - loss(softmax(row), 2, False)
        for row in rng.normal(size=(20, 5))
    ]
    return np.abs(gaps).max().round(5)


def forgotten_slope():
    """Largest slope for a true class with a negative score, taken as share."""
    entropy = keras.losses.CategoricalCrossentropy()
    hot = np.eye(3, dtype="float32")[[1]]
    row = np.array([[2, -1, 0.5]], "float32")
    _, (slope,) = value_and_gradients(lambda s: entropy(hot, s), row)
    return float(np.abs(slope).max())


def slope_of_scores():
    """|Keras's slope of the loss - (softmax - truth)|."""
    entropy = keras.losses.CategoricalCrossentropy(from_logits=True)
    hot = np.eye(4, dtype="float32")[[1]]
    row = np.array([[1, 0.5, -1, 2]], "float32")
    _, (slope,) = value_and_gradients(lambda s: entropy(hot, s), row)
    return np.abs(slope - (softmax(row) - hot)).max().round(5)


def difference_errors(push):
    """Error of the slope of softplus at 1, to one side and to both."""
    up, level, down = np.logaddexp(0, [1 + push, 1, 1 - push])
    return np.abs(
        [(up - level) / push - expit(1), (up - down) / (2 * push) - expit(1)]
    )


def backward_table():
    """|table - gradient| of a dense ReLU layer, loops for the table."""
    rng = np.random.default_rng(0)
    X, W = rng.normal(size=(5, 3)), rng.normal(size=(3, 4))
    b, G = rng.normal(size=4), rng.normal(size=(5, 4))
    X, W, b, G = (each.astype("float32") for each in (X, W, b, G))
    _, got = value_and_gradients(
        lambda X, W, b: keras.ops.sum(keras.ops.relu(X @ W + b) * G), X, W, b
    )
    want = [np.zeros_like(each) for each in (X, W, b)]
    for n, j in np.argwhere(X @ W + b > 0):
        want[0][n] += G[n, j] * W[:, j]
        want[1][:, j] += G[n, j] * X[n]
        want[2][j] += G[n, j]
    gaps = [np.abs(a - b).max() for a, b in zip(got, want, strict=True)]
    return np.max(gaps).round(4)


def left_after(rate, curvature, steps=20):
    """Whether gradient descent is nearer to the bottom than it began."""
    sgd = keras.optimizers.SGD(rate)
    way = descend(sgd, lambda place: curvature * place, [1.0], steps)
    return bool(abs(way[-1, 0]) < 1)


def batch_spread():
    """How much smaller the error of a batch of 64 is than of 4."""
    rng = np.random.default_rng(0)
    slopes = rng.normal(size=2000)
    slopes -= slopes.mean()
    spread = [slopes[rng.integers(0, 2000, (4000, m))] for m in (4, 64)]
    return round(np.divide(*[each.mean(1).std() for each in spread]))


def batch_mean():
    """|mean of an epoch's slopes - slope of all|, by Keras, 3 batches of 4."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(12, 3)), rng.normal(size=12)
    X, y, w = (each.astype("float32") for each in (X, y, rng.normal(size=3)))

    def slope(chosen):
        def risk(w):
            errors = keras.ops.matmul(X[chosen], w) - y[chosen]
            return keras.ops.mean(errors**2)

        return value_and_gradients(risk, w)[1][0]

    order = rng.permutation(12)
    slopes = [slope(batch) for batch in np.split(order, 3)]
    return np.abs(np.mean(slopes, axis=0) - slope(order)).max().round(5)


def last_step(beta):
    """Length of the last of 200 steps on a slope of 1, in rates."""
    ball = keras.optimizers.SGD(0.01, momentum=beta)
    way = descend(ball, lambda place: [1.0], [0.0], 200)
    return round(float(way[-2, 0] - way[-1, 0]) / 0.01, 2)


def first_step(slope):
    """Length of Adam's first step, in rates."""
    adam = keras.optimizers.Adam(0.1)
    way = descend(adam, lambda place: [slope], [0.0], 1)
    return round(-float(way[1, 0]) / 0.1, 2)


def best_guesser():
    """Whether the best of 1000 guessers does better where it was chosen."""
    rng = np.random.default_rng(1)
    parts = digits()
    chosen, again = (
        np.mean(rng.integers(0, 10, (1000, len(labels))) == labels, axis=1)
        for labels in (parts.validation.labels, parts.test.labels)
    )
    return [chosen.max() > 0.16, again[chosen.argmax()] < 0.13]


def polynomial_errors():
    """Errors of degrees 0 to 6 on training and on validation points."""
    rng = np.random.default_rng(3)
    parts = []
    for _ in range(2):
        x = np.sort(rng.uniform(-1, 1, 14))
        parts.append((x, np.sin(3 * x) + rng.normal(0, 0.25, 14)))
    fits = [np.polyfit(*parts[0], degree) for degree in range(7)]
    return [
        [np.mean((np.polyval(fit, x) - y) ** 2) for fit in fits]
        for x, y in parts
    ]


CLAIMS = [
    # Classifiers
    Claim(
        "01-shift",
        "syllabus",
        "one pixel aside, each digit is nearer to one of another class",
        1,
        nearer_to_others,
    ),
    Claim(
        "01-linear",
        "syllabus",
        "nearest mean 90.3 %, linear 94.7 %, shifted by a pixel 36.8 %",
        [90.3, 94.7, 36.8],
        linear_digits,
    ),
    Claim(
        "01-memory",
        "004",
        "the nearest neighbour knows its training digits, nonsense or not",
        [1, 1, True, True],
        remembered,
    ),
    Claim(
        "01-hog-light",
        "004",
        "HOG is invariant to contrast and brightness",
        0,
        lambda: round(moved_features(digits().test.images / 2 + 0.25), 5),
    ),
    Claim(
        "01-hog-rotation",
        "004, erratum",
        "HOG is not invariant to rotation: it moves by more than its length, "
        "farther than to another digit; nor to translation",
        [True, True, True],
        hog_turns,
    ),
    Claim(
        "01-hog-better",
        "004",
        "HOG beats pixels and learned features beat HOG, in each of 5 splits",
        [True] * 5,
        hog_better,
    ),
    Claim(
        "01-hog-dimension",
        "004, erratum",
        "HOG has fewer numbers for a window of 128x64, more for a digit",
        [3780, 24_576, 288, 64],
        lambda: [
            histograms_of_gradients(
                np.zeros((1, 128, 64, 1)), cell=8, bins=9
            ).size,
            128 * 64 * 3,
            edges(digits().test.images[:1]).size,
            digits().test.images[0].size,
        ],
    ),
    Claim(
        "01-hog-turned",
        "004, erratum",
        "turned by 90 degrees nobody reads half of the digits",
        [True] * 3,
        turned_digits,
    ),
    Claim(
        "01-heaviside",
        "004, erratum",
        "Heaviside(0) as 0 on one slide, 1/2 on another: AND, or neither",
        [[0, 0, 0, 1], [0, 0.5, 0.5, 1], [0, 1, 1, 1]],
        lambda: [
            [
                {-1: 0, 0: at_zero, 1: 1}[a + b - 1]
                for a in (0, 1)
                for b in (0, 1)
            ]
            for at_zero in (0, 0.5, 1)
        ],
    ),
    Claim(
        "01-xor",
        "syllabus",
        "a perceptron has at most three of XOR's four places right",
        3,
        best_perceptron,
    ),
    Claim(
        "01-flat",
        "004",
        "Heaviside has slope 0 on both sides, the sigmoid has a slope",
        [0, 0, True],
        lambda: [
            *(np.diff(np.heaviside([z, z + 1e-6], 0))[0] for z in (-1, 1)),
            bool(expit(1 + 1e-6) > expit(1)),
        ],
    ),
    Claim(
        "01-activations",
        "004",
        "the table of activations, at -1 and 1/4",
        [
            *([0, 1], [-1, 1], [-1, 0.25], [0, 0.75]),
            *([0.26894, 0.56218], [-0.76159, 0.24492]),
            *([0, 0.25], [0.31326, 0.82594]),
        ],
        lambda: [
            [round(float(f(np.float32(z))), 5) for z in (-1, 0.25)]
            for f in (
                lambda z: np.heaviside(z, 0.5),
                np.sign,
                keras.activations.linear,
                lambda z: min(1, max(0, z + 0.5)),
                keras.activations.sigmoid,
                keras.activations.tanh,
                keras.activations.relu,
                keras.activations.softplus,
            )
        ],
    ),
    Claim(
        "01-tanh",
        "004",
        "tanh z = 2 sigmoid(2z) - 1",
        np.tanh(np.linspace(-4, 4, 9)),
        lambda: 2 * expit(2 * np.linspace(-4, 4, 9)) - 1,
    ),
    Claim(
        "01-softplus",
        "004",
        "the slope of softplus is the sigmoid",
        expit(np.linspace(-4, 4, 9)),
        lambda: value_and_gradients(
            lambda z: keras.ops.sum(keras.ops.softplus(z)),
            np.linspace(-4, 4, 9).astype("float32"),
        )[1][0],
    ),
    Claim(
        "01-slopes",
        "004",
        "the sigmoid's slope is at most 1/4, ten of them 9.5e-7; ReLU's 1",
        [0.25, 0.25**10, 1],
        lambda: [
            slope**power
            for function, power in [
                (keras.ops.sigmoid, 1),
                (keras.ops.sigmoid, 10),
                (keras.ops.relu, 1),
            ]
            for slope in [
                value_and_gradients(
                    lambda z, function=function: keras.ops.sum(function(z)),
                    np.linspace(-4, 4, 81).astype("float32"),
                )[1][0].max()
            ]
        ],
    ),
    Claim(
        "01-collapse",
        "004",
        "without activation two layers are one",
        0,
        lambda: np.abs(
            (TAPS @ (TAPS.T @ LINE + 5) - 7)
            - (TAPS @ TAPS.T @ LINE + TAPS @ [5, 5, 5] - 7)
        ).max(),
    ),
    Claim(
        "01-exclusive",
        "004",
        "softmax is exclusive, sigmoids are not: scores 4, 3.5, -3",
        [[0.98, 0.97, 0.05], [0.62, 0.38, 0]],
        lambda: [expit([4, 3.5, -3]).round(2), softmax([4, 3.5, -3]).round(2)],
    ),
    Claim(
        "01-softmax-two",
        "004",
        "a softmax of two is the sigmoid of the difference",
        [expit(0.5), expit(-0.5)],
        lambda: softmax([4, 3.5]),
    ),
    Claim(
        "01-overflow",
        "003",
        "exponentials overflow above 88.7 in float32, 709.8 in float64",
        [False, True, False, True],
        overflows,
    ),
    Claim(
        "01-softmax-shift",
        "003",
        "a common shift does not change a softmax",
        softmax([1, 2, 3]),
        lambda: [np.exp(s) / sum(np.exp([11, 12, 13])) for s in (11, 12, 13)],
    ),
    Claim(
        "01-chance",
        "003",
        "ten equal scores cost ln 10",
        np.log(10),
        lambda: loss(np.zeros(10), 3, True),
    ),
    Claim(
        "01-from-logits",
        "002",
        "softmax in the network or from_logits=True: the same loss",
        0,
        both_ways,
    ),
    Claim(
        "01-forgotten",
        "002",
        "forgotten: scores are divided by their sum and cut; slope 0",
        [0, 16.118, 1.0986, 0],
        lambda: [
            round(loss([2, -1, 0.5], 0, False), 4),
            round(loss([2, -1, 0.5], 1, False), 3),
            round(loss([2, -1, 0.5], 2, False), 4),
            forgotten_slope(),
        ],
    ),
    Claim(
        "01-twice",
        "002",
        "softmax twice: ten classes, never below ln(1 + 9/e) = 1.461",
        [np.log(1 + 9 / np.e), 1.461],
        lambda: [
            loss(np.eye(10)[3], 3, True),
            round(-log_softmax(softmax(30 * np.eye(10)[3]))[3], 3),
        ],
    ),
    Claim(
        "01-clipped",
        "002",
        "probabilities cannot cost more than 16.1; scores can",
        [20, -np.log(1e-7), 100, -np.log(1e-7)],
        lambda: [
            value
            for lead in (20, 100)
            for value in (
                loss([0, lead], 0, True),
                loss(softmax([0, lead]), 0, False),
            )
        ],
    ),
    Claim(
        "01-gradient",
        "003",
        "the slope of cross-entropy at the scores: softmax - truth",
        0,
        slope_of_scores,
    ),
    Claim(
        "01-differences",
        "syllabus",
        "error of a push: order 1 to one side, 2 to both; worse below 1e-5",
        [10, 100, True],
        lambda: [
            *(
                round(float(ratio), places)
                for ratio, places in zip(
                    difference_errors(1e-2) / difference_errors(1e-3),
                    (0, -1),
                    strict=True,
                )
            ),
            bool(difference_errors(1e-9)[1] > difference_errors(1e-5)[1]),
        ],
    ),
    Claim(
        "01-backward",
        "syllabus",
        "slopes of a dense ReLU layer, by the table",
        0,
        backward_table,
    ),
    Claim(
        "01-rate",
        "004",
        "gradient descent arrives only below 2 / curvature",
        [True, False, True, False],
        lambda: [
            left_after(rate / curvature, curvature)
            for curvature in (0.1, 2.0)
            for rate in (1.95, 2.05)
        ],
    ),
    Claim(
        "01-batch-spread",
        "004",
        "a batch sixteen times as large has a quarter of the error",
        4,
        batch_spread,
    ),
    Claim(
        "01-batch-mean",
        "004",
        "an epoch's batches have on average the slope of all",
        0,
        batch_mean,
    ),
    Claim(
        "01-momentum",
        "syllabus",
        "momentum is 1 / (1 - beta) times as fast on a steady slope",
        [1, 2, 10],
        lambda: [last_step(beta) for beta in (0.0, 0.5, 0.9)],
    ),
    Claim(
        "01-adam",
        "004",
        "Adam's first step is the rate, whatever the slope",
        [1, 1, 1],
        lambda: [first_step(slope) for slope in (0.001, 1, 1000)],
    ),
    Claim(
        "01-parts",
        "004",
        "1,258 digits train, 180 validate, 359 test; shares of classes agree",
        [1258, 180, 359, True],
        lambda: [
            *(len(part.labels) for part in digits()),
            all(
                np.ptp(np.bincount(part.labels)) <= 0.006 * 1797
                for part in digits()
            ),
        ],
    ),
    Claim(
        "01-winner",
        "004",
        "the best of a thousand guessers on the digits that chose it, and "
        "on others",
        [True, True],
        lambda: [bool(each) for each in best_guesser()],
    ),
    Claim(
        "01-degrees",
        "004",
        "the training error never rises with the degree, validation's lowest "
        "is at 3",
        [True, 3],
        lambda: [
            bool((np.diff(polynomial_errors()[0]) <= 1e-12).all()),
            int(np.argmin(polynomial_errors()[1])),
        ],
    ),
    # Sizes
    Claim(
        "03-dropped",
        "003",
        "6 pixels, kernel 3, stride 2: the formula says 2.5, places are 2, "
        "and the last pixel has no weight in any",
        [[1, 2, 3, 0, 0, 0], [0, 0, 1, 2, 3, 0]],
        lambda: convolution_matrix(LINE, (6,), strides=2),
    ),
    Claim(
        "03-alexnet-input",
        "AlexNet (2012)",
        "224 at kernel 11, stride 4 gives 54; 55 need 227 to 230",
        [54, 54, 55, 55, 56],
        lambda: [slid(i, 11, 4) for i in (224, 226, 227, 230, 231)],
    ),
    Claim(
        "03-alexnet-padded",
        "AlexNet (2012)",
        "... or two zeros on each side",
        [54, 55],
        lambda: [slid(224, 11, 4, padding) for padding in (1, 2)],
    ),
    Claim(
        "03-shared",
        "1603.07285",
        "s input sizes share an output size",
        [[8, 3], [8, 2], [8, 1]],
        lambda: [
            [8, sum(slid(i, 3, s) == 8 for i in range(3, 40))]
            for s in (3, 2, 1)
        ],
    ),
    Claim(
        "03-same",
        "syllabus",
        'Keras\'s "same" makes ceil(i / s)',
        [8, 4, 4, 8, 3],
        lambda: [
            slid(i, k, s, "same")
            for i, k, s in (
                (8, 3, 1),
                (7, 3, 2),
                (8, 3, 2),
                (8, 2, 1),
                (9, 2, 3),
            )
        ],
    ),
    Claim(
        "03-same-zeros",
        "syllabus",
        "the extra zero comes after, and there may be none",
        [(1, 1), (1, 1), (0, 1), (0, 1), (0, 0)],
        lambda: [
            same_padding(*each)
            for each in ((8, 3, 1), (7, 3, 2), (8, 3, 2), (8, 2, 1), (9, 2, 3))
        ],
    ),
    Claim(
        "03-shifted",
        "syllabus",
        'at stride 2 "same" and one zero a side look at other pixels',
        [[1, 3, 5, 7], [0, 2, 4, 6]],
        lambda: [
            keras.ops.convert_to_numpy(
                keras.ops.conv(
                    np.pad(np.arange(8, dtype="float32"), zeros)[None, :, None],
                    np.array([0, 1, 0], "float32")[:, None, None],
                    strides=2,
                    padding=padding,
                )
            ).ravel()
            for zeros, padding in ((0, "same"), (1, "valid"))
        ],
    ),
    Claim(
        "03-pooling",
        "003",
        "pooling (I - Ps)/S + 1: 28 to 14, 55 to 27",
        [14, 27],
        lambda: [pooled(28, 2), pooled(55, 3, 2)],
    ),
    Claim(
        "03-dilated",
        "1603.07285",
        "3 taps at dilation 2 span 5 pixels: 12 become 8",
        [8, 1],
        lambda: [slid(12, 3, dilation=2), slid(5, 3, dilation=2)],
    ),
    Claim(
        "03-backwards",
        "syllabus",
        "27 to 13, kernels to 5, strides to 3, paddings to 2: four layers",
        [(2, 2, 0), (3, 2, 0), (4, 2, 1), (5, 2, 1)],
        lambda: [
            (k, s, p)
            for k in range(1, 6)
            for s in range(1, 4)
            for p in range(3)
            if slid(27, k, s, p) == 13
        ],
    ),
    # Costs
    Claim(
        "03-weights",
        "003",
        "six 3x3 filters on three channels: 168 parameters",
        168,
        lambda: parameters_of(3, 6),
    ),
    Claim(
        "03-group-weights",
        "AlexNet (2012)",
        "g groups divide the weights by g",
        [16, 8, 4],
        lambda: [parameters_of(4, 4, groups) for groups in (1, 2, 4)],
    ),
    Claim(
        "03-quarter",
        "syllabus",
        "a stride of 2 leaves a quarter of the work and all weights",
        [(4640, 4718592), (4640, 1179648)],
        lambda: [strided_costs(stride) for stride in (1, 2)],
    ),
    # LeNet and AlexNet
    Claim(
        "03-lenet-sizes",
        "003",
        "LeNet: 28, 14, 10, 5, 1",
        [28, 14, 10, 5, 1],
        lambda: sizes_of(lenet5, "C1", "S2", "C3", "S4", "C5"),
    ),
    Claim(
        "03-lenet-parameters",
        "003",
        "LeNet as drawn: 61,706 parameters, 416,520 multiplications",
        [61_706, 416_520],
        lambda: [outlined(lenet5)[0].count_params(), outlined(lenet5)[1].macs],
    ),
    Claim(
        "03-lenet-1998",
        "LeNet (1998)",
        "as published 60,000, layer by layer",
        [60_000, 156, 12, 1516, 32, 48_120, 10_164],
        lambda: [
            count
            for table in [outlined(lenet5, full_c3=False)[1]]
            for count in (
                table.trainable,
                *(row.trainable for row in table.rows if row.trainable),
            )
        ],
    ),
    Claim(
        "03-alexnet-sizes",
        "003",
        "AlexNet: 55, 27, 27, 13, 13, 13, 13, 6",
        [55, 27, 27, 13, 13, 13, 13, 6],
        lambda: sizes_of(
            alexnet,
            *("conv1", "pool1", "conv2", "pool2"),
            *("conv3", "conv4", "conv5", "pool5"),
        ),
    ),
    Claim(
        "03-alexnet-parameters",
        "002",
        "AlexNet has 61 million parameters, not 16",
        60_965_224,
        lambda: outlined(alexnet)[0].count_params(),
    ),
    Claim(
        "03-dense-weights",
        "syllabus",
        "96 % of AlexNet's weights sit in its dense layers",
        0.962,
        lambda: share_of("Dense", "trainable"),
    ),
    Claim(
        "03-conv-work",
        "syllabus",
        "92 % of its multiplications are done in convolutions",
        0.919,
        lambda: share_of("Conv2D", "macs"),
    ),
    Claim(
        "03-reuse",
        "syllabus",
        "a weight of conv1 is used 3,025 times, of conv5 169, of fc6 once",
        [3025, 169],
        lambda: [size**2 for size in sizes_of(alexnet, "conv1", "conv5")],
    ),
    Claim(
        "03-groups-save",
        "AlexNet (2012)",
        "two groups save 36 % of the work, 2 % of the parameters",
        [62_378_344, 0.36, 0.02],
        lambda: [
            outlined(alexnet, groups=1)[0].count_params(),
            *(
                round(1 - getattr(two, what) / getattr(one, what), 2)
                for _, two in [outlined(alexnet)]
                for _, one in [outlined(alexnet, groups=1)]
                for what in ("macs", "parameters")
            ),
        ],
    ),
    Claim(
        "03-memory",
        "syllabus",
        "AlexNet's maps: 5.46 MiB an image, 45 % of it before conv2",
        [5.46, 0.45],
        stage_memory,
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
        "02-toeplitz",
        "004",
        "the 5x5 matrix with rows a b, c a b, ..., c a is a convolution's",
        toeplitz([2, 3, 0, 0, 0], [2, 1, 0, 0, 0]),
        # Its rows hold (c, a, b) = (3, 2, 1).
        lambda: convolution_matrix(LINE[::-1], (5,), padding=1),
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
