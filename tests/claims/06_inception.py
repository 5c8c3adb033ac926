"""What lecture 06, inception, claims."""

import functools
from unittest.mock import patch

import keras
import numpy as np
from skimage import data

from course.arithmetic import conv_macs
from course.blocks import inception_naive, inception_reduced
from course.catalogue import outlines
from course.models import (
    alexnet,
    googlenet,
    inception_v2,
    inception_v3,
    vgg,
)
from course.models.googlenet import MODULES
from course.models.inception_v2 import MODULES as MODULES_V2
from course.published import number, numbers
from course.receptive_field import receptive_field
from course.summary import summary
from tests.claims import Claim, convolved, outlined


def of_block(block, *arguments, shape=(28, 28, 192)):
    """A block's table, on maps of this shape."""
    with outlines():
        x = keras.Input(shape)
        return summary(keras.Model(x, block(x, *arguments)))


def best_kernel(width):
    """The size of ones, scaled, that answers a square most strongly."""
    square = np.pad(np.ones((width, width)), 9)
    sizes = range(1, 11, 2)
    answers = [convolved(square, np.ones((k, k)) / k).max() for k in sizes]
    return sizes[int(np.argmax(answers))]


def joined(*sizes):
    """The shape of maps of one channel, joined; None where Keras refuses."""
    try:
        maps = [keras.Input((*size, 1)) for size in sizes]
        return keras.layers.Concatenate()(maps).shape
    except ValueError:
        return None


def costs(table):
    """Millions of MACs of each convolution."""
    return [round(row.macs / 1e6, 1) for row in table.rows if row.macs]


def channels(model):
    """Channels behind each module, by its name."""
    return {
        layer.name.removeprefix("inception_"): layer.output.shape[-1]
        for layer in model.layers
        if isinstance(layer, keras.layers.Concatenate)
    }


@functools.cache
def naive_network():
    """MACs and channels at the end of GoogLeNet's nine modules, naive."""
    macs, read = 0, 192
    for name, (one, (_, three), (_, five), _) in MODULES.items():
        size = {"3": 28, "4": 14, "5": 7}[name[0]]
        macs += conv_macs(size, 1, read, one)
        macs += conv_macs(size, 3, read, three) + conv_macs(size, 5, read, five)
        read += one + three + five
    return macs, read


def kept(zero_sum):
    """The variance of 192 filters' maps that 16 mixtures keep."""
    picture = data.camera()[::2, ::2] / 255
    windows = np.lib.stride_tricks.sliding_window_view(picture, (7, 7))
    windows = windows[::4, ::4].reshape(-1, 49)
    filters = np.random.default_rng(6).normal(size=(49, 192))
    filters -= zero_sum * filters.mean(axis=0)
    variances = np.linalg.eigvalsh(np.cov(np.maximum(windows @ filters, 0).T))
    return round(variances[-16:].sum() / variances.sum(), 2)


def depths():
    """Layers from the image to each of GoogLeNet's three losses."""
    with outlines():
        net = googlenet(auxiliary=True)
        ends = [keras.Model(net.inputs, output) for output in net.outputs]
        return sorted(summary(end).depth for end in ends)


def caffe():
    """Trainable parameters of BN-Inception with Caffe's 608 channels."""
    wide = {
        name: (*MODULES_V2[name][:3], MODULES_V2[name][3] + 32)
        for name in ("4c", "4d")
    }
    with patch.dict(MODULES_V2, wide):
        return outlined(inception_v2)[1].trainable


def seen(*kernels):
    """What convolutions see, and their weights."""
    with outlines():
        net = keras.Sequential([keras.Input((9, 9, 1))])
        for kernel in kernels:
            net.add(keras.layers.Conv2D(1, kernel, use_bias=False))
        return [*receptive_field(net).size, net.count_params()]


def of_rank(kernel):
    """Shares of a kernel in its best sums of 1, 2 and 3 products."""
    kernel = np.array(kernel, float)
    strengths = np.sort(np.linalg.eigvalsh(kernel.T @ kernel))[::-1]
    return (np.cumsum(strengths) / strengths.sum()).round(2).tolist()


CLAIMS = [
    # The module
    Claim(
        "06-sizes",
        "003",
        "a square is answered most strongly by a kernel of its size",
        [1, 3, 5],
        lambda: [best_kernel(width) for width in (1, 3, 5)],
    ),
    Claim(
        "06-joined",
        "003",
        "branches are joined if height and width agree",
        [(None, 28, 28, 2), None],
        lambda: [joined((28, 28), (28, 28)), joined((28, 28), (14, 14))],
    ),
    Claim(
        "06-naive-grows",
        "003",
        "naive modules only grow: 416 channels after one, 4944 after nine",
        [416, 4944],
        lambda: [
            of_block(inception_naive, 64, 128, 32).rows[-1].output_shape[-1],
            naive_network()[1],
        ],
    ),
    Claim(
        "06-naive-work",
        "002",
        "the 5x5 with half the 1x1's filters does 12.5 times its work",
        [9.6, 173.4, 120.4],
        lambda: costs(of_block(inception_naive, 64, 128, 32)),
    ),
    Claim(
        "06-bottleneck",
        "002",
        "a 1x1 before the 5x5 saves a factor of 9.7",
        [120_422_400, 2_408_448, 10_035_200],
        lambda: [
            28 * 28 * 25 * 192 * 32,
            28 * 28 * 192 * 16,
            28 * 28 * 25 * 16 * 32,
        ],
    ),
    Claim(
        "06-break-even",
        "syllabus",
        "it saves up to 154 channels between, 164 for the 3x3",
        [154, 164],
        lambda: [
            max(
                s
                for s in range(192)
                if 192 * s + k * k * s * filters < k * k * 192 * filters
            )
            for k, filters in ((5, 32), (3, 128))
        ],
    ),
    Claim(
        "06-alike",
        "003",
        "16 mixtures of 192 random filters' maps keep 98 % of the variance, "
        "77 % of filters that sum to zero",
        [0.98, 0.77],
        lambda: [kept(False), kept(True)],
    ),
    Claim(
        "06-reduced",
        "002, 003",
        "dimension reduction leaves 42 % of work and parameters, 256 channels",
        [0.42, 0.42, 256],
        lambda: [
            *(
                round(getattr(small, what) / getattr(large, what), 2)
                for small in [of_block(inception_reduced, *MODULES["3a"])]
                for large in [of_block(inception_naive, 64, 128, 32)]
                for what in ("macs", "parameters")
            ),
            channels(outlined(googlenet)[0])["3a"],
        ],
    ),
    # GoogLeNet
    Claim(
        "06-depth",
        "002",
        "22 layers with weights in a row, 58 in all; 715 pixels seen",
        [22, 58, 715],
        lambda: [
            outlined(googlenet)[1].depth,
            sum(
                isinstance(layer, keras.layers.Conv2D | keras.layers.Dense)
                for layer in outlined(googlenet)[0].layers
            ),
            receptive_field(outlined(googlenet)[0], "inception_5b").size[0],
        ],
    ),
    Claim(
        "06-parameters",
        "002, erratum",
        "GoogLeNet has 7.0 million parameters, 6.0 without the classifier; "
        "AlexNet 61, VGG-16 138",
        [6_998_552, 5_973_552, 60_965_224, 138_357_544],
        lambda: [
            outlined(googlenet)[0].count_params(),
            outlined(googlenet, include_top=False)[0].count_params(),
            outlined(alexnet)[0].count_params(),
            outlined(vgg)[0].count_params(),
        ],
    ),
    Claim(
        "06-naive-network",
        "syllabus",
        "the nine modules, naive, do 11 times the work",
        [12.09, 1.10],
        lambda: [
            round(naive_network()[0] / 1e9, 2),
            round(
                sum(
                    row.macs
                    for row in outlined(googlenet)[1].rows
                    if row.layer.startswith("inception")
                )
                / 1e9,
                2,
            ),
        ],
    ),
    Claim(
        "06-auxiliary",
        "000",
        "12 and 18 layers to the auxiliary losses, 22 to the main one; the "
        "heads have 6.4 million parameters",
        [12, 18, 22, 13_378_280 - 6_998_552],
        lambda: [
            *depths(),
            outlined(googlenet, auxiliary=True)[0].count_params()
            - outlined(googlenet)[0].count_params(),
        ],
    ),
    Claim(
        "06-crops",
        "Szegedy et al. 2014",
        "6.67 % are seven models and 144 crops; one model, one crop: 10.07 %",
        [10.07, 6.67, 6.67],
        lambda: (
            [
                number(f"GoogLeNet with {how}", "top-5 validation error")
                for how in ("1 model and 1 crop", "7 models and 144 crops")
            ]
            + [number("GoogLeNet", "top-5 test error")]
        ),
    ),
    # Batch normalization
    Claim(
        "06-v2-table",
        "000, erratum",
        "not only normalization: v2 has other modules, ten instead of nine, "
        "and no row of v1",
        [
            [],
            [256, 480, 512, 512, 512, 528, 832, 832, 1024],
            [256, 320, 576, 576, 576, 576, 576, 1024, 1024, 1024],
        ],
        lambda: [
            [name for name in MODULES if MODULES[name] == MODULES_V2[name]],
            *(
                list(channels(outlined(factory)[0]).values())
                for factory in (googlenet, inception_v2)
            ),
        ],
    ),
    Claim(
        "06-bn-steps",
        "Ioffe & Szegedy 2015",
        "normalization takes 43 % of the steps, 7 % at five times the rate "
        "with less regularization",
        [0.43, 0.07],
        lambda: [
            round(steps[name].value / steps["Inception"].value, 2)
            for steps in [numbers("steps to 72.2 % accuracy")]
            for name in ("BN-Baseline", "BN-x5")
        ],
    ),
    Claim(
        "06-v2-parameters",
        "syllabus",
        "11,204,936 with the paper's 576 channels, 11,295,240 with Caffe's 608",
        [11_204_936, 11_295_240],
        lambda: [outlined(inception_v2)[1].trainable, caffe()],
    ),
    # Convolutions taken apart
    Claim(
        "06-factorized",
        "000",
        "two 3x3 see 5x5; 3x1 then 1x3 sees 3x3, with 6 weights",
        [[5, 5, 18], [3, 3, 6]],
        lambda: [seen((3, 3), (3, 3)), seen((3, 1), (1, 3))],
    ),
    Claim(
        "06-asymmetric",
        "000",
        "n x 1 and 1 x n have 2/n of the weights of n x n",
        [2 / 3, 2 / 5, 2 / 7],
        lambda: [seen((n, 1), (1, n))[2] / seen((n, n))[2] for n in (3, 5, 7)],
    ),
    Claim(
        "06-rank",
        "000",
        "one column and row make Sobel's kernel, a third of a diagonal",
        [[1, 1, 1], [0.33, 0.67, 1]],
        lambda: [
            of_rank([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
            of_rank(np.eye(3)),
        ],
    ),
    Claim(
        "06-reduction",
        "000",
        "side by side costs half of pooling first, an eighth of pooling last; "
        "pooling first passes half the numbers of the output",
        [1 / 2, 1 / 8, 1 / 2],
        lambda: [
            conv_macs(17, 3, 320, 320) / conv_macs(17, 3, 320, 640),
            conv_macs(17, 3, 320, 320) / conv_macs(34, 3, 320, 640),
            np.prod(
                keras.layers.MaxPooling2D(3, 2, "same").compute_output_shape(
                    (None, 34, 34, 320)
                )[1:]
            )
            / (17 * 17 * 640),
        ],
    ),
    # Inception-v3
    Claim(
        "06-v3",
        "000",
        "Inception-v3 has 23,851,784 parameters, 34,432 not trained, 5.7 GMACs",
        [23_851_784, 34_432, 5.7],
        lambda: [
            outlined(inception_v3)[0].count_params(),
            outlined(inception_v3)[1].non_trainable,
            round(outlined(inception_v3)[1].macs / 1e9, 1),
        ],
    ),
    Claim(
        "06-steps",
        "Szegedy et al. 2015",
        "at equal work: 2.2 points by normalization, 0.6 by optimizer and "
        "label smoothing, 0.4 by normalizing the auxiliary head",
        [2.2, 0.6, 0.4],
        lambda: [
            errors[one].value - errors[other].value
            for errors in [numbers("single-crop top-1 error")]
            for one, other in (
                ("GoogLeNet", "BN-GoogLeNet"),
                ("new Inception-v2", "with label smoothing"),
                ("with factorized 7x7", "with BN-auxiliary"),
            )
        ],
    ),
]
