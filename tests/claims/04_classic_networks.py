"""What lecture 04, classic networks, claims."""

import itertools

import keras
import numpy as np

from course.arithmetic import (
    conv_parameters,
)
from course.gradients import value_and_gradients
from course.layers import LocalResponseNorm
from course.models import alexnet, lenet5, nin, vgg
from course.published import number, numbers
from course.surgery import convolutionalize
from tests.claims import Claim, outlined

DICE = np.random.default_rng(0)
IMAGE = DICE.integers(-9, 9, (4, 4))


def pooled(size, pool_size, stride=None):
    """The output size of a Keras pooling."""
    layer = keras.layers.MaxPooling2D(pool_size, stride)
    return layer.compute_output_shape((None, size, size, 1))[1]


def slope(function, x):
    """The derivative of a function of one number."""
    _, (gradient,) = value_and_gradients(
        lambda x: keras.ops.sum(function(x)), [float(x)]
    )
    return gradient[0]


def normalized(channels, **constants):
    """One place of a map after local response normalization."""
    layer = LocalResponseNorm(**constants)
    return keras.ops.convert_to_numpy(layer(np.array([channels], "float32")))[0]


def dropped_out():
    """The sums of four units, each kept (and doubled) or not."""
    masks = np.array(list(itertools.product([0, 2], repeat=4)))
    return masks * [1, 2, 3, 4] @ [4, -3, 2, 1]


def reached():
    """Pairs of input and output channel that meet: grouped, twice, whole."""
    grouped = keras.layers.Conv2D(4, 1, groups=2, kernel_initializer="ones")
    mixed = keras.layers.Conv2D(4, 1, kernel_initializer="ones")
    x = np.eye(4, dtype="float32").reshape(4, 1, 1, 4)
    once = grouped(x)
    outputs = (once, grouped(once), mixed(once))
    return [
        int(np.count_nonzero(keras.ops.convert_to_numpy(each)))
        for each in outputs
    ]


def seen_by(layers):
    """Pixels of an image that a stack of 3x3 sums into one."""
    size = 2 * layers + 1
    row = np.eye(size**2, dtype="float32").reshape(-1, size, size, 1)
    for _ in range(layers):
        row = keras.ops.conv(row, np.ones((3, 3, 1, 1), "float32"))
    return int(np.count_nonzero(keras.ops.convert_to_numpy(row)))


def stage_work(table):
    """MACs of VGG's convolutions, a list a stage."""
    work = {}
    for row in table.rows:
        if row.kind == "Conv2D":
            work.setdefault(row.layer.split("_")[0], []).append(row.macs)
    return list(work.values())


def dense_minus_convolution():
    """The largest difference of fc6, with eight units, and its twin."""
    rng = np.random.default_rng(6)
    x = rng.normal(size=(2, 7, 7, 512)).astype("float32")
    weights = rng.normal(0, 0.01, (7 * 7 * 512, 8)).astype("float32")
    as_conv = keras.ops.conv(x, weights.reshape(7, 7, 512, 8))
    as_conv = keras.ops.convert_to_numpy(as_conv)[:, 0, 0]
    error = np.abs(x.reshape(2, -1) @ weights - as_conv).max()
    return round(float(error), 4)


def slid_minus_cut():
    """The largest difference of LeNet's scores on a wide image."""
    rng = np.random.default_rng(6)
    net = lenet5(classifier_activation=None)
    wide = rng.random((1, 32, 44, 1)).astype("float32")
    slid_over = keras.ops.convert_to_numpy(convolutionalize(net)(wide))[0, 0]
    cut = np.concatenate([wide[:, :, at : at + 32] for at in (0, 4, 8, 12)])
    return round(
        float(np.abs(slid_over - keras.ops.convert_to_numpy(net(cut))).max()),
        4,
    )


def any_size():
    """Score shapes for two sizes of images, and the number of parameters."""
    inputs = keras.Input((None, None, 1))
    x = keras.layers.Conv2D(8, 3)(inputs)
    x = keras.layers.GlobalAveragePooling2D()(x)
    net = keras.Model(inputs, keras.layers.Dense(10)(x))
    sizes = [(1, 32, 32, 1), (1, 9, 200, 1)]
    shapes = [tuple(net(np.ones(size, "float32")).shape) for size in sizes]
    return [*shapes, net.count_params()]


def global_average(places):
    """The average of a map of one channel."""
    maps = np.reshape(places, (1, 4, 4, 1)).astype("float32")
    y = keras.layers.GlobalAveragePooling2D()(maps)
    return keras.ops.convert_to_numpy(y).item()


def either_of_two():
    """What the best filter and two hidden units make of 00, 01, 10, 11."""
    pairs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    wanted = [0, 1, 1, 0]
    biased = np.column_stack([pairs, np.ones(4)])
    best = biased @ np.linalg.lstsq(biased, wanted, rcond=None)[0]
    hidden = np.maximum(pairs @ [[1, -1], [-1, 1]], 0)
    return [best.tolist(), hidden.sum(axis=1).tolist()]


def dense_pixels_minus_convolution():
    """The largest difference of a 1x1 convolution and a product a pixel."""
    rng = np.random.default_rng(6)
    x = rng.integers(-9, 9, (1, 4, 5, 3)).astype("float32")
    weights = rng.integers(-9, 9, (3, 6)).astype("float32")
    by_conv = keras.ops.conv(x, weights[None, None])
    return np.abs(keras.ops.convert_to_numpy(by_conv) - x @ weights).max()


def inner_networks():
    """NiN's parameters, AlexNet's as many times, the 1x1's share of work."""
    net, table = outlined(nin)
    inside = [row.macs for row in table.rows if row.layer.startswith("cccp")]
    return [
        net.count_params(),
        round(outlined(alexnet)[0].count_params() / net.count_params(), 1),
        round(sum(inside) / table.macs, 2),
    ]


CLAIMS = [
    # The competition
    Claim(
        "04-top-k",
        "syllabus",
        "more guesses, fewer errors: 75 % with one, 50 % with two",
        [0.75, 0.5],
        lambda: [
            np.mean([rank >= guesses for rank in (0, 1, 3, 2)])
            for guesses in (1, 2)
        ],
    ),
    Claim(
        "04-winners",
        "003, erratum",
        "AlexNet won ILSVRC in 2012, not 2014, and took 9.4 points",
        [2012, 9.4],
        lambda: [
            number("AlexNet", "won ILSVRC"),
            number("XRCE", "top-5 test error")
            - number("AlexNet", "top-5 test error"),
        ],
    ),
    # AlexNet
    Claim(
        "04-tanh",
        "syllabus",
        "tanh lets 7 % of a gradient through at 2, ReLU all of it",
        [1 / np.cosh(2) ** 2, 1],
        lambda: [slope(keras.ops.tanh, 2), slope(keras.ops.relu, 2)],
    ),
    Claim(
        "04-alexnet",
        "002, erratum",
        "AlexNet has 61 million parameters, not 16; fc6 alone 38",
        [61, 38],
        lambda: [
            round(outlined(alexnet)[0].count_params() / 1e6),
            round(9216 * 4096 / 1e6),
        ],
    ),
    Claim(
        "04-lrn",
        "AlexNet (2012)",
        "2 beside 8: 0.23; far from it 0.55; 8 itself 0.94",
        [2 / np.sqrt(73), 2 / np.sqrt(13), 8 / np.sqrt(73)],
        lambda: normalized([2, 2, 2, 8, 2], n=3, k=1, alpha=1, beta=0.5)[
            [2, 1, 3]
        ],
    ),
    Claim(
        "04-lrn-scale",
        "AlexNet (2012)",
        "AlexNet's constants hardly touch small responses: 2^-0.75 of them",
        [2**-0.75, (2 + 5e-4 * 1e6) ** -0.75],
        lambda: [
            normalized([1e-3] * 9)[4] / 1e-3,
            normalized([1e3] * 9)[4] / 1e3,
        ],
    ),
    Claim(
        "04-overlap",
        "000",
        "windows of 3 and of 2 at stride 2 make the same sizes",
        [[27, 27], [13, 13], [6, 6]],
        lambda: [[pooled(size, k, 2) for k in (2, 3)] for size in (55, 27, 13)],
    ),
    Claim(
        "04-dropout",
        "syllabus",
        "the mean of all networks' sums is the sum without dropout",
        [8, 8],
        lambda: [dropped_out().mean(), 1 * 4 - 2 * 3 + 3 * 2 + 4 * 1],
    ),
    Claim(
        "04-dropout-relu",
        "syllabus",
        "... not after ReLU",
        9.25,
        lambda: np.maximum(dropped_out(), 0).mean(),
    ),
    Claim(
        "04-last-layer",
        "000, erratum",
        "the last dense layer has neither ReLU nor dropout",
        ["relu", "relu", "linear", ["fc6_dropout", "fc7_dropout"]],
        lambda: [
            *(
                net.get_layer(name).activation.__name__
                for net in [outlined(alexnet)[0]]
                for name in ("fc6", "fc7", "fc8")
            ),
            [
                row.layer
                for row in outlined(alexnet)[1].rows
                if row.kind == "Dropout"
            ],
        ],
    ),
    Claim(
        "04-groups",
        "AlexNet (2012)",
        "grouped layers never mix the halves, a whole one does",
        [8, 8, 16],
        reached,
    ),
    Claim(
        "04-lrn-useless",
        "VGG (2015)",
        "with response normalization VGG-A is no better",
        [29.6, 29.7],
        lambda: [
            number(f"VGG {letter}", "top-1 error trained at 256")
            for letter in ("A", "A-LRN")
        ],
    ),
    # VGG
    Claim(
        "04-five",
        "003",
        "two 3x3 without a ReLU between are one 5x5, three a 7x7",
        [25, 49],
        lambda: [seen_by(layers) for layers in (2, 3)],
    ),
    Claim(
        "04-five-cost",
        "003",
        "... with 72 % and 55 % of the weights",
        [18 / 25, 27 / 49],
        lambda: [
            layers
            * conv_parameters(3, 8, 8, bias=False)
            / conv_parameters(2 * layers + 1, 8, 8, bias=False)
            for layers in (2, 3)
        ],
    ),
    Claim(
        "04-vgg-parameters",
        "003",
        "VGG-16 and VGG-19 have 138 and 144 million parameters",
        [133, 133, 133, 134, 138, 144],
        lambda: [
            round(outlined(vgg, variant=letter)[0].count_params() / 1e6)
            for letter in ("A", "A-LRN", "B", "C", "D", "E")
        ],
    ),
    Claim(
        "04-fc6",
        "syllabus",
        "fc6 has 102,764,544 parameters, three quarters of VGG-16's",
        [102_764_544, 0.74],
        lambda: [
            outlined(vgg)[0].get_layer("fc6").count_params(),
            round(
                conv_parameters(7, 512, 4096) / outlined(vgg)[0].count_params(),
                2,
            ),
        ],
    ),
    Claim(
        "04-vgg-stages",
        "002, erratum",
        "not constant: VGG-16's stages are 1.94 2.77 4.62 4.62 1.39 GMACs",
        [1.94, 2.77, 4.62, 4.62, 1.39],
        lambda: [
            round(sum(macs) / 1e9, 2) for macs in stage_work(outlined(vgg)[1])
        ],
    ),
    # From maps to scores
    Claim(
        "04-flatten",
        "000, question",
        "row after row, in each place all channels",
        np.arange(8),
        lambda: keras.ops.convert_to_numpy(
            keras.layers.Flatten()(np.arange(8.0).reshape(1, 2, 2, 2))
        )[0],
    ),
    Claim(
        "04-dense-conv",
        "000",
        "a dense layer is a convolution with the size of what precedes it",
        0,
        dense_minus_convolution,
    ),
    Claim(
        "04-slides",
        "000, question",
        "LeNet slid over a larger image: the scores of its windows",
        0,
        slid_minus_cut,
    ),
    Claim(
        "04-any-size",
        "000, question",
        "global pooling takes any size, with the same 170 parameters",
        [(1, 10), (1, 10), 170],
        any_size,
    ),
    Claim(
        "04-shuffled",
        "syllabus",
        "... and forgets where: places in another order, the same average",
        0,
        lambda: np.abs(
            global_average(IMAGE.ravel()) - global_average(IMAGE.T.ravel())
        ),
    ),
    # Network in network
    Claim(
        "04-either",
        "003",
        "no filter tells one of two from both or none, two units do",
        [[0.5] * 4, [0, 1, 1, 0]],
        either_of_two,
    ),
    Claim(
        "04-one-by-one",
        "003",
        "a 1x1 convolution is a dense layer in every pixel",
        0,
        dense_pixels_minus_convolution,
    ),
    Claim(
        "04-nin",
        "003",
        "network in network: 7.6 million parameters, an eighth of AlexNet's; "
        "its 1x1 convolutions take a quarter of the work",
        [7_595_176, 8.0, 0.25],
        inner_networks,
    ),
    Claim(
        "04-nin-errors",
        "Lin et al. 2013",
        "an average in the place of dense layers errs less, dropout or not",
        [10.41, 10.88, 11.59],
        lambda: sorted(
            row.value for row in numbers("test error on CIFAR-10").values()
        ),
    ),
]
