"""What lecture 08, dense and efficient networks, claims."""

import keras
import numpy as np

from course.arithmetic import conv_parameters
from course.blocks import dense_block, fire
from course.catalogue import outlines
from course.convolution_matrix import convolution_matrix
from course.models import alexnet, densenet, mobilenet, resnet, squeezenet
from course.models.mobilenet import BODY
from course.published import number, numbers
from course.reference import model, results
from tests.claims import Claim, outlined


def weights_of(block, *arguments):
    """Parameters of a block that reads a 56x56 map of 96 channels."""
    with outlines():
        inputs = keras.Input((56, 56, 96))
        return keras.Model(inputs, block(inputs, *arguments)).count_params()


def widths():
    """Channels after each layer of a block of six that reads 64."""
    with outlines():
        inputs = keras.Input((8, 8, 64))
        net = keras.Model(inputs, dense_block(inputs, 6, 32))
        joined = [
            layer.output.shape[-1]
            for layer in net.layers
            if isinstance(layer, keras.layers.Concatenate)
        ]
    return joined


def cheaper_with_bottleneck():
    """The fewest channels from which 1x1, then 3x3, has fewer weights."""
    return next(
        c
        for c in range(1, 1000)
        if conv_parameters(1, c, 128, bias=False)
        + conv_parameters(3, 128, 32, bias=False)
        < conv_parameters(3, c, 32, bias=False)
    )


def after_blocks():
    """Channels at the ends of DenseNet-121's blocks."""
    net = outlined(densenet, variant=121)[0]
    return [net.get_layer(f"dense{i}").output.shape[-1] for i in range(1, 5)]


def densenet_counts():
    """Trainable, all, and ResNet-50's trainable as many times."""
    table = outlined(densenet, variant=121)[1]
    larger = outlined(resnet, variant=50)[1]
    return [
        table.trainable,
        table.parameters,
        round(larger.trainable / table.trainable, 1),
    ]


def late_by_early():
    """1.0's work and parameters by 1.1's; what of the work conv1 explains."""
    late, early = (
        outlined(squeezenet, variant=version)[1] for version in ("1.0", "1.1")
    )
    first, other = (
        sum(row.macs for row in table.rows if row.layer == "conv1")
        for table in (late, early)
    )
    return [
        round(late.macs / early.macs, 1),
        round(late.parameters / early.parameters, 2),
        round((first - other) / (late.macs - early.macs), 2),
    ]


def squeezenet_size():
    """AlexNet's parameters as many times, MB, bits that 1 MB leaves."""
    weights = outlined(squeezenet)[0].count_params()
    larger = outlined(alexnet)[0].count_params()
    return [
        round(larger / weights, 1),
        round(4 * weights / 1e6, 2),
        round(8e6 / weights, 1),
    ]


def bypasses():
    """Points that the two bypasses bring, and their parameters."""
    weights = outlined(squeezenet)[0].count_params()
    without, *others = numbers("accuracy with a bypass or without").values()
    return [
        *(round(each.value - without.value, 1) for each in others),
        *(
            outlined(squeezenet, bypass=bypass)[0].count_params() - weights
            for bypass in ("simple", "complex")
        ),
    ]


def jobs():
    """Whether depthwise, then pointwise, reaches what a whole one does."""
    shape = {"input_shape": (4, 2), "padding": "same"}
    whole = convolution_matrix(np.ones((3, 2, 2)), **shape)
    look = convolution_matrix(np.ones((3, 1, 2)), groups=2, **shape)
    mix = convolution_matrix(np.ones((1, 2, 2)), **shape)
    return [
        np.array_equal(mix @ look > 0, whole > 0),
        int((look > 0).sum()),
        int((mix > 0).sum()),
        int((whole > 0).sum()),
    ]


def depthwise_minus_grouped():
    """The largest difference of a depthwise and a grouped convolution."""
    rng = np.random.default_rng(8)
    maps = rng.integers(-9, 9, (1, 6, 6, 4)).astype("float32")
    kernel = rng.integers(-9, 9, (3, 3, 4, 1)).astype("float32")
    own = keras.ops.convert_to_numpy(
        keras.ops.depthwise_conv(maps, kernel, padding="same")
    )
    padded = np.pad(maps[0], [(1, 1), (1, 1), (0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (0, 1))
    return np.abs(own[0] - np.einsum("rcixy,xyi->rci", windows, kernel[..., 0]))


def share_left(kernel_size, filters):
    """Weights of a depthwise and a pointwise layer by the whole one's."""
    inputs = keras.Input((8, 8, 6))
    apart = keras.layers.SeparableConv2D(filters, kernel_size, use_bias=False)
    whole = keras.layers.Conv2D(filters, kernel_size, use_bias=False)
    for layer in (apart, whole):
        layer(inputs)
    return apart.count_params() / whole.count_params()


def trained_kernel():
    """Ranks for each channel read, and the energy that one pattern keeps."""
    kernel = next(
        w
        for w in model("digits").get_weights()
        if w.ndim == 4 and w.shape[2] > 1
    )
    slices = kernel.transpose(2, 0, 1, 3).reshape(kernel.shape[2], 9, -1)
    energy = np.linalg.svd(slices, compute_uv=False) ** 2
    return [
        set(np.linalg.matrix_rank(slices).tolist()),
        round(float(energy[:, 0].sum() / energy.sum()), 2),
    ]


def parts(kind):
    """MobileNet's layers of a kind that multiply."""
    rows = outlined(mobilenet)[1].rows
    return [row for row in rows if row.layer.startswith(kind) and row.macs]


def whole_work():
    """Millions, MobileNet of whole 3x3 convolutions, from its body."""
    side, channels = 112, 32
    total = 9 * 3 * channels * side**2 + 1024 * 1000
    for filters, stride in BODY:
        side //= stride
        total += 9 * channels * filters * side**2
        channels = filters
    return round(total / 1e6)


def slim(first):
    """MobileNet 0.5 with so many filters in its first convolution."""
    with outlines():
        x = inputs = keras.Input((224, 224, 3))
        layers = keras.layers
        x = layers.Conv2D(first, 3, 2, "same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        for filters, stride in BODY:
            x = layers.DepthwiseConv2D(3, stride, "same", use_bias=False)(x)
            x = layers.BatchNormalization()(x)
            x = layers.Conv2D(filters // 2, 1, use_bias=False)(x)
            x = layers.BatchNormalization()(x)
        x = layers.Dense(1000)(layers.GlobalAveragePooling2D()(x))
        return keras.Model(inputs, x).count_params()


def moved(weights):
    """Multiplications at 14x14 places for each number that moves."""
    places, channels = 14 * 14, 512
    return round(places * weights / (2 * places * channels + weights), 1)


def silent():
    """Network and seed of the runs on digits that learned nothing."""
    return [
        (name, record["seed"])
        for record in results("efficiency")
        if record["backend"] == "tensorflow"
        for name, found in record["values"].items()
        if found["accuracy"] < 0.2
    ]


CLAIMS = [
    Claim(
        "08-two-costs",
        "syllabus",
        "SqueezeNet has fewer weights than MobileNet, and works more",
        [1.25, 833, 4.23, 569],
        lambda: [
            round(value, digits)
            for factory in (squeezenet, mobilenet)
            for table in [outlined(factory)[1]]
            for value, digits in (
                (table.trainable / 1e6, 2),
                (table.macs / 1e6, 0),
            )
        ],
    ),
    # DenseNet
    Claim(
        "08-keep",
        "000",
        "two different pairs of maps, the same sum",
        [[4, 4, 4, 4], [4, 4, 4, 4]],
        lambda: [
            np.add([1, 2, 3, 4], [3, 2, 1, 0]),
            np.add([4, 0, 2, 2], [0, 4, 2, 2]),
        ],
    ),
    Claim(
        "08-connections",
        "Huang et al. 2016",
        "a dense block of five layers has 15 connections, a chain 5",
        [15, 5],
        lambda: [np.tri(5).sum(), np.eye(5).sum()],
    ),
    Claim(
        "08-growth",
        "Huang et al. 2016",
        "six layers of growth rate 32 make 256 channels of 64",
        [96, 128, 160, 192, 224, 256],
        widths,
    ),
    Claim(
        "08-bottleneck",
        "Huang et al. 2016",
        "a bottleneck of 4k pays where more than 7.2 k channels are read",
        [231, 7.2],
        lambda: [cheaper_with_bottleneck(), 36 / 5],
    ),
    Claim(
        "08-dense-channels",
        "Huang et al. 2016",
        "DenseNet-121's blocks end with 256, 512, 1024 and 1024 channels",
        [256, 512, 1024, 1024],
        after_blocks,
    ),
    Claim(
        "08-densenet",
        "Huang et al. 2016",
        "DenseNet-121: 7,978,856 trainable, 8,062,504 in all; ResNet-50 has "
        "3.2 times as many",
        [7_978_856, 8_062_504, 3.2],
        densenet_counts,
    ),
    Claim(
        "08-memory",
        "syllabus",
        "... but its layers' outputs fill more memory: 200 against 148 MB",
        [148, 200],
        lambda: [
            round(outlined(factory)[1].memory / 1e6)
            for factory in (resnet, densenet)
        ],
    ),
    # SqueezeNet
    Claim(
        "08-ninth",
        "000",
        "1x1 has a ninth of the weights of 3x3; reading 16 of 96 a sixth",
        [110_592, 12_288, 18_432],
        lambda: [
            conv_parameters(3, 96, 128, bias=False),
            conv_parameters(1, 96, 128, bias=False),
            conv_parameters(3, 16, 128, bias=False),
        ],
    ),
    Claim(
        "08-fire",
        "000",
        "fire2 has 11,920 parameters, one 3x3 instead 110,720",
        [11_920, 110_720],
        lambda: [weights_of(fire, 16, 64), conv_parameters(3, 96, 128)],
    ),
    Claim(
        "08-late",
        "000",
        "version 1.0 costs 2.4 times the work of 1.1 and no weights to speak "
        "of: a third by conv1, the rest by shrinking later",
        [2.4, 1.01, 0.32],
        late_by_early,
    ),
    Claim(
        "08-fifty",
        "000",
        "48.8 times fewer parameters than AlexNet, 4.99 MB; under 1 MB only "
        "with less than 6.5 bits a weight",
        [48.8, 4.99, 6.4],
        squeezenet_size,
    ),
    Claim(
        "08-bypass",
        "Iandola et al. 2016",
        "a bypass without weights brings three points, one with 341,248 less",
        [2.9, 1.3, 0, 341_248],
        bypasses,
    ),
    # MobileNet
    Claim(
        "08-two-jobs",
        "000",
        "depthwise, then pointwise, reaches what a whole convolution does",
        [True, 20, 16, 40],
        jobs,
    ),
    Claim(
        "08-depthwise",
        "000",
        "a depthwise convolution applies one filter to each channel",
        0,
        lambda: depthwise_minus_grouped().max(),
    ),
    Claim(
        "08-saving",
        "000",
        "what is left of the work is 1/N + 1/k^2: at 3x3 more than a ninth, at "
        "5x5 less from 15 filters on",
        [1 / 64 + 1 / 9, 1 + 1 / 9, 1 / 10 + 1 / 25, True],
        lambda: [
            share_left(3, 64),
            share_left(3, 1),
            share_left(5, 10),
            share_left(5, 14) > 1 / 9 > share_left(5, 15),
        ],
    ),
    Claim(
        "08-rank",
        "syllabus",
        "trained kernels are not separable: rank 9 for each channel, and one "
        "pattern keeps 23 % of the energy",
        [{9}, 0.23],
        trained_kernel,
    ),
    Claim(
        "08-whole",
        "Howard et al. 2017",
        "MobileNet of whole convolutions: 8.6 times the work, 1.1 points more",
        [4866, 8.6, 1.1],
        lambda: [
            number("MobileNet of whole convolutions", "multiply-adds"),
            round(whole_work() / 568.74, 1),
            round(
                number("MobileNet of whole convolutions", "top-1 accuracy")
                - number("MobileNet 1.0", "top-1 accuracy"),
                1,
            ),
        ],
    ),
    Claim(
        "08-pointwise",
        "Howard et al. 2017",
        "95 % of MobileNet's work and 74 % of its weights are pointwise, 3 % "
        "of its work is depthwise",
        [0.95, 0.74, 0.03],
        lambda: [
            round(
                sum(getattr(row, cost) for row in parts(kind))
                / getattr(outlined(mobilenet)[1], cost),
                2,
            )
            for kind, cost in (
                ("conv_pw_", "macs"),
                ("conv_pw_", "trainable"),
                ("conv_dw_", "macs"),
            )
        ],
    ),
    Claim(
        "08-width",
        "000",
        "alpha 1, 0.75, 0.5, 0.25: 569, 325, 149, 41 million multiplications, "
        "as in the paper; 4,253,864 and 1,342,536 parameters",
        [569, 325, 149, 41, 4_253_864, 1_342_536],
        lambda: (
            [
                round(outlined(mobilenet, alpha=alpha)[1].macs / 1e6)
                for alpha in (1.0, 0.75, 0.5, 0.25)
            ]
            + [
                outlined(mobilenet, alpha=alpha)[1].parameters
                for alpha in (1.0, 0.5)
            ]
        ),
    ),
    Claim(
        "08-width-slip",
        "000, erratum",
        "with the pointwise filters alone 1,343,752; the first convolution is "
        "thinned as well: 1,342,536",
        [1_343_752, 1_342_536],
        lambda: [slim(32), slim(16)],
    ),
    Claim(
        "08-resolution",
        "Howard et al. 2017",
        "192, 160, 128 pixels: 418, 291, 186 million multiplications",
        [418, 291, 186],
        lambda: [
            round(
                outlined(mobilenet, input_shape=(size, size, 3))[1].macs / 1e6
            )
            for size in (192, 160, 128)
        ],
    ),
    Claim(
        "08-counting",
        "Howard et al. 2017",
        "SqueezeNet's multiply-adds in the table are twice what is counted",
        2.0,
        lambda: round(
            number("SqueezeNet", "multiply-adds")
            / (outlined(squeezenet)[1].macs / 1e6),
            1,
        ),
    ),
    Claim(
        "08-intensity",
        "syllabus",
        "a depthwise layer multiplies 4 times for each number that it moves, a "
        "pointwise one 111 times",
        [180.6, 111.0, 4.4],
        lambda: [moved(9 * 512**2), moved(512**2), moved(9 * 512)],
    ),
    Claim(
        "08-digits",
        "benchmarks",
        "of nine small networks and five seeds one run learns nothing",
        [("squeeze", 4)],
        silent,
    ),
]
