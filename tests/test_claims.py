"""What the decks say, each claim computed: deck, claim, value, how.

One table for all lectures; `how` computes from the package, Keras or NumPy
what `value` says. An erratum's row holds what is true instead. A row's id
begins with its lecture's number, and the cell that shows it names it in its
header, claims="..."; the build refuses one without the other.
"""

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
from scipy.linalg import toeplitz

from course.arithmetic import (
    conv_output_size,
    conv_parameters,
    same_padding,
    transposed_conv_output_size,
)
from course.catalogue import outlines
from course.convolution_matrix import convolution_matrix
from course.gradients import value_and_gradients
from course.initializers import Bilinear
from course.layers import LocalResponseNorm, TransposedConv
from course.models import alexnet, lenet5, nin, vgg
from course.published import number, numbers
from course.summary import summary
from course.surgery import convolutionalize

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
