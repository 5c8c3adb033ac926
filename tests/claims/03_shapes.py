"""What lecture 03, shapes, claims."""

import keras
import numpy as np

from course.arithmetic import (
    same_padding,
)
from course.convolution_matrix import convolution_matrix
from course.models import alexnet, lenet5
from tests.claims import Claim, outlined

LINE = np.array([1, 2, 3])  # x, y, z


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
        "03-same-drops",
        "syllabus",
        '"same" with nine pixels, kernel 2, stride 3: the ninth has no weight',
        [1, 1, 0, 1, 1, 0, 1, 1, 0],
        lambda: convolution_matrix(np.ones(2), (9,), 3, "same").sum(axis=0),
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
        "3 taps at dilation 2 span 5 pixels: 7 become 3, 12 become 8, 5 one",
        [3, 8, 1, 3],
        lambda: [
            *(slid(i, 3, dilation=2) for i in (7, 12, 5)),
            slid(5, 3),
        ],
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
]
