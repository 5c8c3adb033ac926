"""What lecture 01, classifiers, claims."""

import keras
import numpy as np
from scipy.special import expit, log_softmax, softmax
from skimage.transform import rotate
from sklearn.linear_model import RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier

from course import reference
from course.datasets import digits
from course.datasets.handwritten import enlarge
from course.descent import descend
from course.features import histograms_of_gradients
from course.gradients import value_and_gradients
from tests.claims import Claim

TAPS = np.arange(1, 10).reshape(3, 3)
LINE = np.array([1, 2, 3])  # x, y, z


def spread(x, stride, border):
    """Zeros between the numbers of x, and around them."""
    sizes = np.multiply(stride, np.array(x.shape) - 1) + 1
    apart = np.zeros(sizes)
    apart[::stride, ::stride] = x
    return np.pad(apart, border)


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
    """In how many of five splits HOG beats pixels, and the kept net HOG, and
    whether the net is never worse; digits are counted, for there is a tie.
    """
    kept = {
        each["seed"]: each["values"] for each in reference.results("digits")
    }
    found = []
    for seed in range(5):
        old, _, new = digits(seed, validation=0)
        by_pixels = rights(RidgeClassifier(), as_rows, old, new)
        by_edges = rights(RidgeClassifier(), edges, old, new)
        shares = np.array([by_pixels, by_edges, kept[seed]["accuracy"]])
        found.append(np.diff((shares * len(new.labels)).round()))
    more = np.array(found)
    return [*(more > 0).sum(axis=0), (more >= 0).all()]


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
    """Errors of degrees 0 to 10 on training and on validation points."""
    rng = np.random.default_rng(6)
    x = np.linspace(-3, 3, 14)
    parts = [(x, np.sin(x) + rng.normal(0, 0.3, 14))]
    x = np.sort(rng.uniform(-3, 3, 200))
    parts.append((x, np.sin(x) + rng.normal(0, 0.3, 200)))
    fits = [np.polyfit(*parts[0], degree) for degree in range(11)]
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
        "HOG beats pixels in each of 5 splits; learned features beat HOG in 4 "
        "and reach as many digits in the fifth",
        [5, 4, True],
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
        "forgotten: scores are divided by their sum and cut; slope 0; a lower "
        "score of the true class can cost nothing",
        [0, 16.118, 1.0986, 0, 0],
        lambda: [
            round(loss([2, -1, 0.5], 0, False), 4),
            round(loss([2, -1, 0.5], 1, False), 3),
            round(loss([2, -1, 0.5], 2, False), 4),
            forgotten_slope(),
            round(loss([2, -3, 0.5], 1, False), 4),
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
]
