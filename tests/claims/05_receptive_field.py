"""What lecture 05, receptive fields, claims."""

import keras
import numpy as np

from course import reference
from course.catalogue import outlines
from course.models import alexnet, resnet, vgg
from course.published import numbers
from course.receptive_field import (
    effective_receptive_field,
    empirical_receptive_field,
    input_window,
    receptive_field,
    receptive_fields,
)
from tests.claims import Claim, outlined

THREE = (3, 1, 1)  # kernel size, stride, dilation
HALVE = (2, 2, 1)
TWELVE = [THREE, THREE, *[HALVE, THREE, THREE] * 5]


def ways(*layers, units=1):
    """How many ways lead from each pixel to units next to each other."""
    counts = np.ones(units, dtype=object)
    for kernel_size, stride, dilation in reversed(layers):
        apart = np.zeros((len(counts) - 1) * stride + 1, dtype=object)
        apart[::stride] = counts
        taps = np.zeros((kernel_size - 1) * dilation + 1, dtype=object)
        taps[::dilation] = 1
        counts = np.convolve(apart, taps)
    return counts


def field(*layers):
    """Pixels from the first to the last that a unit sees."""
    return len(ways(*layers))


def step(*layers):
    """Pixels from one unit's field to the next one's."""
    return len(ways(*layers, units=2)) - field(*layers)


def tried(*kernel_sizes):
    """The field of a chain of Keras's layers, found by changing pixels."""
    x = inputs = keras.Input((12, 12, 1))
    for kernel_size in kernel_sizes:
        x = keras.layers.Conv2D(1, kernel_size)(x)
    return empirical_receptive_field(keras.Model(inputs, x)).size


def fields_of(factory, *names, **options):
    """Sizes of a model's fields in the layers of these names."""
    model, _ = outlined(factory, **options)
    found = receptive_fields(model)
    return [found[name].size[0] for name in names]


def windows_of(name, *units):
    """First and last row that units on VGG-16's diagonal see, with padding."""
    model, _ = outlined(lambda: vgg("D"))
    found = receptive_fields(model)[name]
    return [found.window((unit, unit))[0] for unit in units]


def without_zeros(name):
    """Units of VGG-16's layer whose fields lie on the image, of how many."""
    model, _ = outlined(lambda: vgg("D"))
    found = receptive_fields(model)[name]
    size = found.windows[0].size
    places = [
        (first, last)
        for unit in range(size)
        for first, last in [found.windows[0].at(unit)]
        if first >= 0 and last <= 223
    ]
    return [len(places) ** 2, size**2]


def erased():
    """Whether a unit stays the same if all but its window becomes noise.

    And if the window's first pixel changes.
    """
    layers = keras.layers
    net = keras.Sequential(
        [
            keras.Input((40, 40, 1)),
            layers.Conv2D(1, 3, padding="same", kernel_initializer="ones"),
            layers.AveragePooling2D(2),
            layers.Conv2D(1, 3, kernel_initializer="ones"),
        ]
    )
    rng = np.random.default_rng(0)
    image, noise = rng.uniform(size=(2, 40, 40, 1)).astype("float32")
    window = input_window(net, net.layers[-1], (6, 9))
    noise[window] = image[window]
    corner = image.copy()
    corner[window[0].start, window[1].start] += 1
    units = keras.ops.convert_to_numpy(net(np.stack([image, noise, corner])))
    before, *after = units[:, 6, 9, 0]
    return [bool(np.isclose(each, before)) for each in after]


def branched(*layers_of):
    """Field and misalignment of branches (kernel size, stride), added."""
    with outlines():
        x = keras.Input((8, 8, 1))
        branches = [
            keras.layers.Conv2D(1, k, s, padding="same")(x)
            for k, s in layers_of
        ]
        joined = keras.layers.Add(name="sum")(branches)
        found = receptive_field(keras.Model(x, joined))
    return [found.size[0], len(found.misaligned)]


def deviation(*distances):
    """Of the places where walks end that step -d, 0 or d for each d."""
    shares = ways(*[(3, 1, distance) for distance in distances]).astype(float)
    place = np.arange(len(shares)) - len(shares) // 2
    return float(np.sqrt(shares @ place**2 / shares.sum()))


def share_used(layers):
    """What four deviations are of the field, in percent."""
    return round(400 * deviation(*[1] * layers) / field(*[THREE] * layers))


def counted_by_gradients():
    """The middle row of the gradient of three 3x3 with weights of 1."""
    x = inputs = keras.Input((9, 9, 1))
    for _ in range(3):
        x = keras.layers.Conv2D(1, 3, kernel_initializer="ones")(x)
    found = effective_receptive_field(keras.Model(inputs, x), count=1)
    return np.round(found.map[4] * 49)


def random_spread():
    """Field of ten random layers, and whether two sigma stay within it."""
    rng = np.random.default_rng(1)
    x = inputs = keras.Input((31, 31, 3))
    for _ in range(10):
        x = keras.layers.Conv2D(8, 3, activation="relu", padding="same")(x)
    net = keras.Model(inputs, x)
    for weight in net.weights:
        scale = np.sqrt(2 / max(1, np.prod(weight.shape[:-1])))
        is_kernel = len(weight.shape) > 1
        weight.assign(rng.normal(0, scale * is_kernel, weight.shape))
    found = effective_receptive_field(net)
    wide = found.window[0].stop - found.window[0].start
    return [wide, all(4 * sigma < 0.75 * wide for sigma in found.sigma)]


def weights(channels, *factors):
    """Weights of convolutions without biases; channels before and after."""
    before, *widths = channels
    total = 0
    for shape, filters in zip(factors, widths, strict=True):
        layer = keras.layers.Conv2D(filters, shape, use_bias=False)
        layer.build((None, 9, 9, before))
        total += layer.count_params()
        before = filters
    return total


def saved(whole, *factors):
    """Share that factors save, in percent, with equal channels."""
    few = weights([8] * (len(factors) + 1), *factors)
    return round(100 * (1 - few / weights([8, 8], whole)))


def exponents():
    """Of the deviation's growth with depth, within .45 and .55 each."""
    runs = reference.results("effective_field")
    return [0.45 < record["values"]["exponent"] < 0.55 for record in runs]


def used():
    """Percent of the pixels that a U-Net uses before and after training."""
    runs = [each["values"] for each in reference.results("trained_field")]
    return [
        round(100 * float(np.median([run[when]["fraction"] for run in runs])))
        for when in ("before", "after")
    ]


CLAIMS = [
    # Size
    Claim(
        "05-two-threes",
        "000",
        "two 3x3 see 5x5",
        (5, 5),
        lambda: tried(3, 3),
    ),
    Claim(
        "05-three-threes",
        "002",
        "three 3x3 see 7x7 (the theoretical field, not an effective one)",
        (7, 7),
        lambda: tried(3, 3, 3),
    ),
    Claim(
        "05-one-two-n",
        "004",
        "N layers of 3x3 see 1 + 2N",
        [3, 5, 7, 21],
        lambda: [field(*[THREE] * n) for n in (1, 2, 3, 10)],
    ),
    Claim(
        "05-forty-nine",
        "004",
        "49 layers for 99 pixels, 48 are not enough",
        [97, 99],
        lambda: [field(*[THREE] * n) for n in (48, 49)],
    ),
    Claim(
        "05-too-many",
        "004",
        "49 layers of 64 channels at 224 pixels: 90.6 GMACs, VGG-16: 15.5",
        [90.6, 15.5],
        lambda: [
            round(49 * weights([64, 64], 3) * 224**2 / 1e9, 1),
            round(outlined(lambda: vgg("D"))[1].macs / 1e9, 1),
        ],
    ),
    Claim(
        "05-steps",
        "syllabus",
        "conv 3, pool 2, conv 3, pool 2, conv 3: 3, 4, 8, 10, 18; step 4",
        [3, 4, 8, 10, 18, 4],
        lambda: [
            *[
                field(*[THREE, HALVE, THREE, HALVE, THREE][:n])
                for n in range(1, 6)
            ],
            step(THREE, HALVE, THREE, HALVE, THREE),
        ],
    ),
    Claim(
        "05-stride-order",
        "syllabus",
        "a stride acts on the layers behind it, not on its own",
        [7, 5, 5],
        lambda: [
            field((3, 2, 1), THREE),
            field(THREE, (3, 2, 1)),
            field(THREE, THREE),
        ],
    ),
    Claim(
        "05-twelve",
        "004",
        "12 convolutions and 5 pools see 284 pixels, 32 apart",
        [284, 32, 5, 14, 32, 68, 140],
        lambda: [
            field(*TWELVE),
            step(*TWELVE),
            *[field(*TWELVE[: 3 * n + 2]) for n in range(5)],
        ],
    ),
    Claim(
        "05-pools-count",
        "000",
        "an erratum: without pools 25, with their strides only 253, truly 284",
        [25, 253, 284],
        lambda: [
            field(*[THREE] * 12),
            field(*[(1, 2, 1) if each == HALVE else each for each in TWELVE]),
            field(*TWELVE),
        ],
    ),
    # Place
    Claim(
        "05-start",
        "Araujo et al. 2019",
        "VGG-16's pool3 begins 18 pixels off the image; unit 14 sees 94 to 137",
        [(-18, 25), (94, 137)],
        lambda: windows_of("pool3", 0, 14),
    ),
    Claim(
        "05-vgg-window",
        "syllabus",
        "the middle unit of VGG-16's pool5 sees the rows 6 to 217",
        [(6, 217)],
        lambda: windows_of("pool5", 3),
    ),
    Claim(
        "05-eraser",
        "syllabus",
        "noise outside of the window changes nothing, its corner does",
        [True, False],
        erased,
    ),
    Claim(
        "05-border",
        "syllabus",
        "of VGG-16's conv5_3, 4 of 196 units see no zeros",
        [4, 196],
        lambda: without_zeros("conv5_3"),
    ),
    # Networks
    Claim(
        "05-alexnet",
        "Araujo et al. 2019",
        "AlexNet: 11, 19, 51, 99, 131, 163, 195",
        [11, 19, 51, 99, 131, 163, 195],
        lambda: fields_of(
            alexnet,
            *("conv1", "pool1", "conv2", "conv3", "conv4", "conv5", "pool5"),
        ),
    ),
    Claim(
        "05-vgg",
        "Araujo et al. 2019",
        "VGG-16: 6, 16, 44, 100, 212, and fc6 would see 404",
        [6, 16, 44, 100, 212, 404],
        lambda: [
            *fields_of(
                lambda: vgg("D"), *[f"pool{stage}" for stage in range(1, 6)]
            ),
            field(
                *[THREE, THREE, HALVE] * 2,
                *[THREE, THREE, THREE, HALVE] * 3,
                (7, 1, 1),
            ),
        ],
    ),
    Claim(
        "05-published",
        "Araujo et al. 2019",
        "last maps see 195, 212, 483, 1027 and 1507 pixels",
        [
            row.value
            for row in numbers("receptive field of the last map").values()
        ],
        lambda: [
            receptive_field(outlined(factory)[0]).size[0]
            for factory in (
                alexnet,
                lambda: vgg("D"),
                lambda: resnet(50),
                lambda: resnet(101),
                lambda: resnet(152),
            )
        ],
    ),
    Claim(
        "05-resnet-stride",
        "Araujo et al. 2019",
        "ResNet-50: stages 35, 99, 291, 483; 427 with the stride in the 3x3",
        [35, 99, 291, 483, 427],
        lambda: [
            *fields_of(
                lambda: resnet(50),
                *("conv3_1_conv1", "conv4_1_conv1", "conv5_1_conv1", "conv5_3"),
            ),
            *fields_of(lambda: resnet(50, stride_on="3x3"), "conv5_3"),
        ],
    ),
    # Dilation and branches
    Claim(
        "05-dilation",
        "1511.07122",
        "dilations 1, 2, 4, 8 see 3, 7, 15, 31",
        [3, 7, 15, 31],
        lambda: [
            field(*[(3, 1, d) for d in (1, 2, 4, 8)[:n]]) for n in (1, 2, 3, 4)
        ],
    ),
    Claim(
        "05-three-ways",
        "syllabus",
        "four 3x3 see 9 pixels, with three pools 38 at step 8, dilated 31",
        [9, 38, 8, 31, 1],
        lambda: [
            field(*[THREE] * 4),
            field(*[THREE, HALVE] * 3, THREE),
            step(*[THREE, HALVE] * 3, THREE),
            field(*[(3, 1, d) for d in (1, 2, 4, 8)]),
            step(*[(3, 1, d) for d in (1, 2, 4, 8)]),
        ],
    ),
    Claim(
        "05-holes",
        "syllabus",
        "dilations 2, 2, 2: 7 of 13 pixels are seen",
        [13, 7],
        lambda: [
            field(*[(3, 1, 2)] * 3),
            np.count_nonzero(ways(*[(3, 1, 2)] * 3)),
        ],
    ),
    Claim(
        "05-branches",
        "000",
        "branches of 1x1, 3x3 and 5x5 see 5x5 together",
        [5, 0],
        lambda: branched((1, 1), (3, 1), (5, 1)),
    ),
    Claim(
        "05-shortcuts",
        "syllabus",
        "ten residual blocks: 1024 paths that see 1 to 41 pixels, 11 lengths",
        [1024, 41, 11],
        lambda: [
            int(sum(np.poly1d([1, 1]) ** 10)),
            field(*[THREE] * 20),
            len((np.poly1d([1, 1]) ** 10).coeffs),
        ],
    ),
    Claim(
        "05-misaligned",
        "Araujo et al. 2019",
        '3x3 and 1x1 with "same" at stride 2 on 8 pixels are misaligned',
        [3, 1],
        lambda: branched((3, 2), (1, 2)),
    ),
    # Effective fields
    Claim(
        "05-paths",
        "1701.04128",
        "ways to a unit: 1 2 3 2 1, then 1 3 6 7 6 3 1; after ten layers 8,953",
        [[1, 3, 6, 7, 6, 3, 1], [1, 2, 3, 2, 1, 1, 8953]],
        lambda: [
            ways(*[THREE] * 3).astype(int),
            [
                *ways(THREE, THREE).astype(int),
                *ways(*[THREE] * 10)[[0, 10]].astype(int),
            ],
        ],
    ),
    Claim(
        "05-gradient",
        "1701.04128",
        "with weights of 1 the gradient counts the ways",
        [0, 7, 21, 42, 49, 42, 21, 7, 0],
        counted_by_gradients,
    ),
    Claim(
        "05-deviation",
        "1701.04128",
        "n uniform 3x3 deviate by the root of 2n / 3",
        [(2 / 3) ** 0.5, (10 / 3) ** 0.5, (40 / 3) ** 0.5],
        lambda: [deviation(*[1] * n) for n in (1, 5, 20)],
    ),
    Claim(
        "05-share",
        "1701.04128",
        "two deviations each way are 66, 36, 23, 16 % of the field",
        [66, 36, 23, 16],
        lambda: [share_used(n) for n in (5, 20, 49, 100)],
    ),
    Claim(
        "05-measured",
        "1701.04128",
        "ten random layers see 21 pixels, and use less than three quarters",
        [21, True],
        random_spread,
    ),
    Claim(
        "05-exponent",
        "1701.04128",
        "measured deviations grow with an exponent between .45 and .55",
        True,
        lambda: all(exponents()),
    ),
    Claim(
        "05-trained",
        "syllabus",
        "a U-Net uses 10 % of the pixels before it is trained, 3 % after",
        [10, 3],
        used,
    ),
    Claim(
        "05-widen",
        "1701.04128",
        "deviations: 1.6 for 4 layers, 3.2 for 15, 7.5 for 1, 2, 4, 8",
        [1.6, 3.2, 7.5],
        lambda: [
            round(deviation(*each), 1)
            for each in ([1] * 4, [1] * 15, [1, 2, 4, 8])
        ],
    ),
    # Factorization
    Claim(
        "05-asymmetric",
        "000",
        "3x1 then 1x3 sees 3x3",
        (3, 3),
        lambda: tried((3, 1), (1, 3)),
    ),
    Claim(
        "05-sobel",
        "000",
        "a column 1 2 1, then a row 1 0 -1, is Sobel's kernel",
        [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
        lambda: np.outer([1, 2, 1], [1, 0, -1]),
    ),
    Claim(
        "05-saved",
        "000",
        "28 and 45 % saved by 3x3 stacks, 33 and 71 % by columns and rows",
        [28, 45, 33, 71],
        lambda: [
            saved(5, 3, 3),
            saved(7, 3, 3, 3),
            saved(3, (3, 1), (1, 3)),
            saved(7, (7, 1), (1, 7)),
        ],
    ),
    Claim(
        "05-first-layer",
        "syllabus",
        "from 3 to 64 channels two 3x3 cost 38,592 weights, one 5x5 4,800",
        [4800, 38592],
        lambda: [weights([3, 64], 5), weights([3, 64, 64], 3, 3)],
    ),
    Claim(
        "05-rank",
        "syllabus",
        "Sobel's kernel is a column times a row, Laplace's is not",
        [1, 2],
        lambda: [
            np.linalg.matrix_rank(np.outer([1, 2, 1], [1, 0, -1])),
            np.linalg.matrix_rank([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
        ],
    ),
]
