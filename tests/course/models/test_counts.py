"""Parameters of every variant, by what others say and layer by layer."""

import itertools
import math

import pytest

from course.arithmetic import conv_parameters
from course.catalogue import CATALOGUE, outlines
from course.models import (
    alexnet,
    densenet,
    googlenet,
    inception_v2,
    inception_v3,
    lenet5,
    mobilenet,
    nin,
    resnet,
    resnet_cifar,
    squeezenet,
    vgg,
)


def dense(inputs, *units):
    """Parameters of a chain of dense layers."""
    chain = itertools.pairwise((inputs, *units))
    return sum((before + 1) * after for before, after in chain)


def convs(channels, *layers):
    """Parameters of a chain of (kernel size, filters)."""
    total = 0
    for kernel_size, filters in layers:
        total += conv_parameters(kernel_size, channels, filters)
        channels = filters
    return total


def vgg_by_table(*threes, ones=()):
    """Table 1: 3x3 filters per stage; `ones`: stages with a 1x1 besides."""
    layers = []
    for stage, (filters, count) in enumerate(
        zip((64, 128, 256, 512, 512), threes, strict=True), start=1
    ):
        layers += [(3, filters)] * count
        layers += [(1, filters)] * (stage in ones)
    return convs(3, *layers) + dense(7 * 7 * 512, 4096, 4096, 1000)


def squeezenet_by_table(conv1, kernel_size, bypass=()):
    """Table 1; `bypass`: (inputs, outputs) of 1x1 convolutions."""
    total, channels = convs(3, (kernel_size, conv1)), conv1
    for squeeze, expand in [(16, 64), (32, 128), (48, 192), (64, 256)]:
        for _ in range(2):
            total += convs(channels, (1, squeeze))
            total += convs(squeeze, (1, expand)) + convs(squeeze, (3, expand))
            channels = 2 * expand
    total += convs(channels, (1, 1000))
    return total + sum(convs(inputs, (1, n)) for inputs, n in bypass)


def mobilenet_by_table(alpha):
    """Table 1: (trainable, total); a norm trains 2 of its 4 numbers."""
    thin = [int(alpha * n) for n in (32, 64, *[128] * 2, *[256] * 2)]
    thin += [int(alpha * n) for n in (*[512] * 6, *[1024] * 2)]
    kernels, norms = 27 * thin[0], thin[0]
    for before, after in itertools.pairwise(thin):
        kernels += 9 * before + before * after
        norms += before + after
    top = dense(thin[-1], 1000)
    return kernels + 2 * norms + top, kernels + 4 * norms + top


def residual_by_table(
    stages, *, bottleneck, pre=False, stem=((7, 64),), project=True, classes
):
    """(trainable, total) of (filters, blocks) a stage, as in table 1.

    Kernels, and how many channels are normalized: after each convolution, or,
    with pre-activation, before each but those whose input already is.
    """
    kernels = norms = 0
    channels = 3
    for size, filters in stem:
        kernels += size**2 * channels * filters
        norms += filters
        channels = filters
    for filters, count in stages:
        branch = [(3, filters), (3, filters)]
        if bottleneck:
            branch = [(1, filters), (3, filters), (1, 4 * filters)]
        for _ in range(count):
            before = channels
            for size, width in branch:
                kernels += size**2 * channels * width
                norms += channels if pre else width
                channels = width
            if project and before != channels:
                kernels += before * channels
                norms += 0 if pre else channels
    if pre:  # the stem's norm is the first block's; one more at the end
        norms += channels - stem[-1][1]
    top = dense(channels, classes)
    return kernels + 2 * norms + top, kernels + 4 * norms + top


def resnet_by_table(*counts, **options):
    stages = zip((64, 128, 256, 512), counts, strict=True)
    return residual_by_table(stages, classes=1000, **options)


def cifar_by_table(n, *, project=False):
    stages = [(16, n), (32, n), (64, n)]
    return residual_by_table(
        stages, stem=((3, 16),), bottleneck=False, project=project, classes=10
    )


def densenet_by_table(*counts):
    """Table 1 with k = 32: layers of each dense block."""
    kernels, norms, channels = 49 * 3 * 64, 64, 64
    for i, count in enumerate(counts):
        for _ in range(count):
            kernels += channels * 128 + 9 * 128 * 32
            norms += channels + 128
            channels += 32
        norms += channels  # of the transition, or the last
        if i < 3:
            kernels += channels * (channels // 2)
            channels //= 2
    top = dense(channels, 1000)
    return kernels + 2 * norms + top, kernels + 4 * norms + top


def googlenet_by_table(modules, auxiliary=()):
    """Table 1: 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool proj a module."""
    total, channels = convs(3, (7, 64), (1, 64), (3, 192)), 192
    for one, before3, three, before5, five, pool in modules:
        total += convs(channels, (1, one)) + convs(channels, (1, pool))
        total += convs(channels, (1, before3), (3, three))
        total += convs(channels, (1, before5), (5, five))
        channels = one + three + five + pool
    for inputs in auxiliary:
        total += convs(inputs, (1, 128)) + dense(4 * 4 * 128, 1024, 1000)
    return total + dense(channels, 1000)


def inception_v2_by_table(modules):
    """Figure 5, likewise: (trainable, total); 0 where the stride is 2."""
    total, norms, channels = convs(3, (7, 64), (1, 64), (3, 192)), 320, 192
    for one, before3, three, before, double, pool in modules:
        total += convs(channels, (1, before3), (3, three))
        total += convs(channels, (1, before), (3, double), (3, double))
        if one:
            total += convs(channels, (1, one)) + convs(channels, (1, pool))
        norms += one + before3 + three + before + 2 * double + pool
        channels = one + three + double + (pool or channels)
    total += dense(channels, 1000)
    return total + 2 * norms, total + 4 * norms


def inception_v3_by_table(auxiliary=False):
    """(trainable, total); a norm has one number a channel that trains."""
    parts = [kernels(3, (9, 32), (9, 32), (9, 64), (1, 80), (9, 192))]
    channels = 192
    for pool in (32, 64, 64):
        parts += [kernels(channels, (1, 64)), kernels(channels, (1, pool))]
        parts.append(kernels(channels, (1, 48), (25, 64)))
        parts.append(kernels(channels, (1, 64), (9, 96), (9, 96)))
        channels = 64 + 64 + 96 + pool
    parts.append(kernels(288, (9, 384)))
    parts.append(kernels(288, (1, 64), (9, 96), (9, 96)))
    for n in (128, 160, 160, 192):
        parts += [kernels(768, (1, 192))] * 2
        parts.append(kernels(768, (1, n), (7, n), (7, 192)))
        parts.append(kernels(768, (1, n), *[(7, n)] * 3, (7, 192)))
    parts.append(kernels(768, (1, 192), (9, 320)))
    parts.append(kernels(768, (1, 192), (7, 192), (7, 192), (9, 192)))
    for channels in (1280, 2048):
        parts += [kernels(channels, (1, 320)), kernels(channels, (1, 192))]
        parts += [kernels(channels, (1, 384)), *[kernels(384, (3, 384))] * 4]
        parts.append(kernels(channels, (1, 448), (9, 384)))
    top = dense(2048, 1000)
    if auxiliary:
        parts.append(kernels(768, (1, 128), (25, 768)))
        top += dense(768, 1000)
    total, norms = map(sum, zip(*parts, strict=True))
    return total + norms + top, total + 3 * norms + top


def kernels(channels, *layers):
    """(weights, filters) of a chain of (taps, filters) without biases."""
    total = norms = 0
    for taps, filters in layers:
        total += taps * channels * filters
        norms += filters
        channels = filters
    return total, norms


def vgg16(norms=2):
    """The 13 convolutions of VGG-16; `norms`: numbers a channel besides."""
    filters = [*[64] * 2, *[128] * 2, *[256] * 3, *[512] * 6]
    return convs(3, *((3, n) for n in filters)) + norms * sum(filters)


FULLY_CONVOLUTIONAL = vgg16(norms=0) + convs(512, (7, 4096), (1, 4096), (1, 21))


def fcn_by_figure(strides, *skips):
    """Figure 3: (trainable, total); skips: channels of each scored layer.

    Upsampling by s has (2 s)^2 weights between any two classes, no bias.
    """
    learned = FULLY_CONVOLUTIONAL + len(skips) * 4**2 * 21**2
    learned += sum(convs(channels, (1, 21)) for channels in skips)
    return learned, learned + (2 * strides) ** 2 * 21**2


def unet_by_figure(channels, classes, base, depth):
    """Figure 1: pairs of 3x3 down and up, 2x2 on the way up."""
    total = 0
    for level in range(depth + 1):
        filters = base * 2**level
        total += convs(channels, (3, filters), (3, filters))
        channels = filters
    for level in reversed(range(depth)):
        filters = base * 2**level
        total += convs(2 * filters, (2, filters))
        total += convs(2 * filters, (3, filters), (3, filters))
    return total + convs(base, (1, classes))


def decoder_by_figure(*filters, norms):
    """3x3 layers one after another that begin with VGG's 512 channels."""
    return convs(512, *((3, n) for n in filters)) + norms * sum(filters)


def segnet_by_figure(norms):
    decoder = (*[512] * 5, 256, 256, 256, 128, 128, 64, 64)
    decoded = decoder_by_figure(*decoder, norms=norms)
    return vgg16(norms) + decoded + convs(64, (3, 11))


def deconvnet_by_figure(norms):
    fc = convs(512, (7, 4096), (1, 4096), (7, 512)) + norms * (2 * 4096 + 512)
    decoder = (*[512] * 5, 256, 256, 256, 128, 128, 64, 64, 64)
    decoded = decoder_by_figure(*decoder, norms=norms)
    return vgg16(norms) + fc + decoded + convs(64, (1, 21))


def context_by_table(*widths, classes=21):
    """Table 1: seven layers of 3x3, widths in classes, then 1x1."""
    layers = [(3, width * classes) for width in widths]
    return convs(classes, *layers, (1, classes))


def pspnet_by_figure(*counts, auxiliary=False):
    """Figure 3 on a ResNet with a deep stem: (trainable, total)."""
    resnet = resnet_by_table(*counts, bottleneck=True, stem=DEEP)
    parts = [body(*resnet, dense(2048, 1000))]
    parts += [kernels(2048, (1, 512))] * 4
    parts.append(kernels(2 * 2048, (9, 512)))
    top = convs(512, (1, 21))
    if auxiliary:  # on conv4
        parts.append(kernels(1024, (9, 256)))
        top += convs(256, (1, 21))
    weights, norms = map(sum, zip(*parts, strict=True))
    return weights + 2 * norms + top, weights + 4 * norms + top


def refinenet_by_figure(*counts):
    """Figures 2 (c) and 3: (trainable, total)."""
    # the coarsest: two units, two links of pooling, one unit
    head = convs(2048, *[(3, 512)] * (1 + 4 + 2 + 2))
    for channels, last in ((1024, 512), (512, 256), (256, 256)):
        head += convs(channels, (3, 256))
        head += 2 * convs(256, (3, 256), (3, 256))
        head += 2 * convs(last, (3, last), (3, last))
        head += convs(256, (3, 256)) + convs(last, (3, 256))
        head += convs(256, *[(3, 256)] * (2 + 2))
    head += 2 * convs(256, (3, 256), (3, 256)) + convs(256, (3, 21))
    top = dense(2048, 1000)
    resnets = resnet_by_table(*counts, bottleneck=True)
    return tuple(count - top + head for count in resnets)


def xception65_by_figure():
    """Figure 4: (weights, channels that are normalized)."""
    parts = [kernels(3, (9, 32), (9, 64))]
    channels = 64
    for filters in (128, 256, 728):
        parts.append(separables(channels, *[filters] * 3))
        parts.append(kernels(channels, (1, filters)))
        channels = filters
    parts += [separables(728, 728, 728, 728)] * 16
    parts.append(separables(728, 728, 1024, 1024))
    parts.append(kernels(728, (1, 1024)))
    parts.append(separables(1024, 1536, 1536, 2048))
    return tuple(map(sum, zip(*parts, strict=True)))


def separables(channels, *filters):
    """Likewise; depthwise 3x3 and 1x1, each normalized."""
    total = norms = 0
    for count in filters:
        total += 9 * channels + channels * count
        norms += channels + count
        channels = count
    return total, norms


def deeplab_by_figure(weights, norms, low, channels):
    """Figure 2: (trainable, total) from those of a backbone."""
    parts = [(weights, norms), *[kernels(channels, (1, 256))] * 2]
    parts += [separables(channels, 256)] * 3
    parts += [kernels(5 * 256, (1, 256)), kernels(low, (1, 48))]
    parts.append(separables(256 + 48, 256, 256))
    total, norms = map(sum, zip(*parts, strict=True))
    top = convs(256, (1, 21))
    return total + 2 * norms + top, total + 4 * norms + top


def body(trainable, total, top):
    """(weights, channels that are normalized) of a network without its top."""
    norms = (total - trainable) // 2
    return trainable - 2 * norms - top, norms


def fc_densenet_by_table(growth, *counts):
    """Tables 1 and 2: (trainable, total); every convolution has a bias."""
    depth = len(counts) // 2
    channels, skips = 48, []
    kernels, norms = convs(3, (3, 48)), 0
    for i, count in enumerate(counts):
        if i > depth:  # 3x3 of what the block before has added
            added = growth * counts[i - 1]
            kernels += convs(added, (3, added))
            channels = added + skips.pop()
        for _ in range(count):
            kernels += convs(channels, (3, growth))
            norms += channels
            channels += growth
        if i < depth:
            skips.append(channels)
            kernels += convs(channels, (1, channels))
            norms += channels
    kernels += convs(channels, (1, 11))
    return kernels + 2 * norms, kernels + 4 * norms


LENET = (
    conv_parameters(5, 1, 6)
    + 6 * (3 * 25 + 1) + 9 * (4 * 25 + 1) + (6 * 25 + 1)  # C3, table I
    + 2 * 6 + 2 * 16  # S2, S4
    + conv_parameters(5, 16, 120)
    + dense(120, 84)
)  # fmt: skip
GOOGLENET = (
    (64, 96, 128, 16, 32, 32),
    (128, 128, 192, 32, 96, 64),
    (192, 96, 208, 16, 48, 64),
    (160, 112, 224, 24, 64, 64),
    (128, 128, 256, 24, 64, 64),
    (112, 144, 288, 32, 64, 64),
    (256, 160, 320, 32, 128, 128),
    (256, 160, 320, 32, 128, 128),
    (384, 192, 384, 48, 128, 128),
)
INCEPTION_V2 = (
    (64, 64, 64, 64, 96, 32),
    (64, 64, 96, 64, 96, 64),
    (0, 128, 160, 64, 96, 0),
    (224, 64, 96, 96, 128, 128),
    (192, 96, 128, 96, 128, 128),
    (160, 128, 160, 128, 160, 96),
    (96, 128, 192, 160, 192, 96),
    (0, 128, 192, 192, 256, 0),
    (352, 192, 320, 160, 224, 128),
    (352, 192, 320, 192, 224, 128),
)
DEEP = ((3, 64), (3, 64), (3, 128))
WIDENED = [(128, 256), (256, 384), (384, 512)]

# (trainable, total), and who says so. What is a formula here is derived from
# the paper's table above; where someone published the number, it is beside it.
COUNTS = {
    "lenet5(full_c3=False)": (60_000, 60_840, LENET, "the paper, section II.B"),
    "lenet5(full_c3=True)": (
        *(61_706,) * 2,
        convs(1, (5, 6), (5, 16), (5, 120)) + dense(120, 84, 10),
        "layer by layer",
    ),
    "alexnet()": (
        60_965_224, 60_965_224,
        conv_parameters(11, 3, 96) + conv_parameters(5, 96, 256, groups=2)
        + conv_parameters(3, 256, 384) + conv_parameters(3, 384, 384, groups=2)
        + conv_parameters(3, 384, 256, groups=2)
        + dense(6 * 6 * 256, 4096, 4096, 1000),
        "convnet-burden: 233 MB",
    ),
    "alexnet(groups=1)": (
        62_378_344, 62_378_344,
        convs(3, (11, 96), (5, 256), (3, 384), (3, 384), (3, 256))
        + dense(6 * 6 * 256, 4096, 4096, 1000),
        "layer by layer",
    ),
    "vgg('A')": (132_863_336,) * 2 + (
        vgg_by_table(1, 1, 2, 2, 2), "table 2: 133 M; torchvision"),
    "vgg('A-LRN')": (132_863_336,) * 2 + (
        vgg_by_table(1, 1, 2, 2, 2), "table 2: 133 M"),
    "vgg('B')": (133_047_848,) * 2 + (
        vgg_by_table(2, 2, 2, 2, 2), "table 2: 133 M; torchvision"),
    "vgg('C')": (133_638_952,) * 2 + (
        vgg_by_table(2, 2, 2, 2, 2, ones=(3, 4, 5)), "table 2: 134 M"),
    "vgg('D')": (138_357_544,) * 2 + (
        vgg_by_table(2, 2, 3, 3, 3), "table 2: 138 M; keras.applications"),
    "vgg('E')": (143_667_240,) * 2 + (
        vgg_by_table(2, 2, 4, 4, 4), "table 2: 144 M; keras.applications"),
    "nin('imagenet')": (7_595_176,) * 2 + (
        convs(3, (11, 96), *[(1, 96)] * 2, (5, 256), *[(1, 256)] * 2,
              (3, 384), *[(1, 384)] * 2, (3, 1024), (1, 1024), (1, 1000)),
        "the authors' Caffe network, layer by layer"),
    "nin('cifar10')": (966_986,) * 2 + (
        convs(3, (5, 192), (1, 160), (1, 96), (5, 192), (1, 192), (1, 192),
              (3, 192), (1, 192), (1, 10)), "pytorchcv"),
    "googlenet()": (6_998_552,) * 2 + (
        googlenet_by_table(GOOGLENET), "Caffe's network and many others"),
    "googlenet(auxiliary=True)": (13_378_280,) * 2 + (
        googlenet_by_table(GOOGLENET, (512, 528)), "Caffe's network"),
    "inception_v2()": (
        11_204_936, 11_224_840, inception_v2_by_table(INCEPTION_V2),
        "pytorchcv: 11,295,240, of which 90,304 are Caffe's wider 4c and 4d"),
    "inception_v3()": (
        23_817_352, 23_851_784, inception_v3_by_table(), "keras.applications"),
    "inception_v3(auxiliary=True)": (
        27_143_152, 27_179_376, inception_v3_by_table(auxiliary=True),
        "torchvision: 27,161,264 with 18,112 scales"),
    "resnet(18)": (
        11_689_512, 11_699_112,
        resnet_by_table(2, 2, 2, 2, bottleneck=False), "torchvision"),
    "resnet(34)": (
        21_797_672, 21_814_696,
        resnet_by_table(3, 4, 6, 3, bottleneck=False), "torchvision"),
    "resnet(50)": (
        25_557_032, 25_610_152,
        resnet_by_table(3, 4, 6, 3, bottleneck=True), "torchvision"),
    "resnet(101)": (
        44_549_160, 44_654_504,
        resnet_by_table(3, 4, 23, 3, bottleneck=True), "torchvision"),
    "resnet(152)": (
        60_192_808, 60_344_232,
        resnet_by_table(3, 8, 36, 3, bottleneck=True), "torchvision"),
    "resnet_cifar(20)": (
        269_722, 271_098, cifar_by_table(3), "table 6: 0.27 M"),
    "resnet_cifar(20, shortcut='B')": (
        272_474, 274_042, cifar_by_table(3, project=True), "pytorchcv"),
    "resnet_cifar(20, plain=True)": (
        269_722, 271_098, cifar_by_table(3), "as with shortcuts A"),
    "resnet_cifar(32)": (
        464_154, 466_426, cifar_by_table(5), "table 6: 0.46 M"),
    "resnet_cifar(32, shortcut='B')": (
        466_906, 469_370, cifar_by_table(5, project=True), "pytorchcv"),
    "resnet_cifar(32, plain=True)": (
        464_154, 466_426, cifar_by_table(5), "as with shortcuts A"),
    "resnet_cifar(44)": (
        658_586, 661_754, cifar_by_table(7), "table 6: 0.66 M"),
    "resnet_cifar(44, shortcut='B')": (
        661_338, 664_698, cifar_by_table(7, project=True), "pytorchcv"),
    "resnet_cifar(44, plain=True)": (
        658_586, 661_754, cifar_by_table(7), "as with shortcuts A"),
    "resnet_cifar(56)": (
        853_018, 857_082, cifar_by_table(9), "table 6: 0.85 M"),
    "resnet_cifar(56, shortcut='B')": (
        855_770, 860_026, cifar_by_table(9, project=True), "pytorchcv"),
    "resnet_cifar(56, plain=True)": (
        853_018, 857_082, cifar_by_table(9), "as with shortcuts A"),
    "resnet_cifar(110)": (
        1_727_962, 1_736_058, cifar_by_table(18), "table 6: 1.7 M"),
    "resnet_cifar(110, shortcut='B')": (
        1_730_714, 1_739_002, cifar_by_table(18, project=True), "pytorchcv"),
    "resnet_cifar(110, plain=True)": (
        1_727_962, 1_736_058, cifar_by_table(18), "as with shortcuts A"),
    "resnet(18, pre_activation=True)": (
        11_687_720, 11_695_528,
        resnet_by_table(2, 2, 2, 2, bottleneck=False, pre=True),
        "pytorchcv: 11,687,848 with a norm twice before the first"),
    "resnet(34, pre_activation=True)": (
        21_795_880, 21_811_112,
        resnet_by_table(3, 4, 6, 3, bottleneck=False, pre=True),
        "pytorchcv: 21,796,008 with a norm twice before the first"),
    "resnet(50, pre_activation=True)": (
        25_549_352, 25_594_792,
        resnet_by_table(3, 4, 6, 3, bottleneck=True, pre=True),
        "pytorchcv: 25,549,480 with a norm twice before the first"),
    "resnet(101, pre_activation=True)": (
        44_541_480, 44_639_144,
        resnet_by_table(3, 4, 23, 3, bottleneck=True, pre=True),
        "pytorchcv: 44,541,608 with a norm twice before the first"),
    "resnet(152, pre_activation=True)": (
        60_185_128, 60_328_872,
        resnet_by_table(3, 8, 36, 3, bottleneck=True, pre=True),
        "pytorchcv: 60,185,256 with a norm twice before the first"),
    "resnet(50, stem='deep')": (
        25_680_808, 25_734_312,
        resnet_by_table(3, 4, 6, 3, bottleneck=True, stem=DEEP),
        "layer by layer"),
    "squeezenet('1.0')": (1_248_424,) * 2 + (
        squeezenet_by_table(96, 7), "torchvision"),
    "squeezenet('1.0', bypass='simple')": (1_248_424,) * 2 + (
        squeezenet_by_table(96, 7), "the paper: none added"),
    "squeezenet('1.0', bypass='complex')": (1_589_672,) * 2 + (
        squeezenet_by_table(96, 7, [(96, 128), *WIDENED]), "figure 2"),
    "squeezenet('1.1')": (1_235_496,) * 2 + (
        squeezenet_by_table(64, 3), "torchvision"),
    "squeezenet('1.1', bypass='simple')": (1_235_496,) * 2 + (
        squeezenet_by_table(64, 3), "none added"),
    "squeezenet('1.1', bypass='complex')": (1_572_648,) * 2 + (
        squeezenet_by_table(64, 3, [(64, 128), *WIDENED]), "as in figure 2"),
    "densenet(121)": (
        7_978_856, 8_062_504, densenet_by_table(6, 12, 24, 16),
        "torchvision; keras.applications"),
    "densenet(169)": (
        14_149_480, 14_307_880, densenet_by_table(6, 12, 32, 32),
        "torchvision; keras.applications"),
    "densenet(201)": (
        20_013_928, 20_242_984, densenet_by_table(6, 12, 48, 32),
        "torchvision; keras.applications"),
    "densenet(264)": (
        33_337_704, 33_736_232, densenet_by_table(6, 12, 64, 48),
        "lucid's documentation: 33,337,704"),
    "mobilenet(1.0)": (
        4_231_976, 4_253_864, mobilenet_by_table(1.0), "keras.applications"),
    "mobilenet(0.75)": (
        2_585_560, 2_601_976, mobilenet_by_table(0.75), "layer by layer"),
    "mobilenet(0.5)": (
        1_331_592, 1_342_536, mobilenet_by_table(0.5), "keras.applications"),
    "mobilenet(0.25)": (
        470_072, 475_544, mobilenet_by_table(0.25), "layer by layer"),
    "fcn('32s')": (
        134_346_581, 136_152_917, fcn_by_figure(32), "voc-fcn32s, Caffe"),
    "fcn('16s')": (
        134_364_410, 134_815_994, fcn_by_figure(16, 512), "figure 3"),
    "fcn('8s')": (
        134_376_863, 134_489_759, fcn_by_figure(8, 512, 256), "figure 3"),
    "unet()": (31_030_658,) * 2 + (unet_by_figure(1, 2, 64, 4), "figure 1"),
    "deconvnet()": (
        251_805_653, 251_839_061,
        (deconvnet_by_figure(norms=2), deconvnet_by_figure(norms=4)),
        "layer by layer",
    ),
    "segnet()": (
        29_449_355, 29_465_227,
        (segnet_by_figure(norms=2), segnet_by_figure(norms=4)),
        "segnet_train.prototxt",
    ),
    "dilated_vgg(context=None)": (134_346_581,) * 2 + (
        FULLY_CONVOLUTIONAL, "VGG-16 with 21 outputs"),
    "dilated_vgg(context='basic')": (134_374_973,) * 2 + (
        FULLY_CONVOLUTIONAL + context_by_table(*[1] * 7), "table 1"),
    "dilated_vgg(context='large')": (141_149_720,) * 2 + (
        FULLY_CONVOLUTIONAL + context_by_table(2, 2, 4, 8, 16, 32, 32),
        "table 1"),
    "pspnet(50)": (
        46_716_373, 46_774_997, pspnet_by_figure(3, 4, 6, 3), "pytorchcv"),
    "pspnet(50, auxiliary=True)": (
        49_081_578, 49_140_714,
        pspnet_by_figure(3, 4, 6, 3, auxiliary=True),
        "figure 3 and section 3.3, layer by layer"),
    "pspnet(101)": (
        65_708_501, 65_819_349, pspnet_by_figure(3, 4, 23, 3),
        "figure 3 and section 3.3, layer by layer"),
    "pspnet(101, auxiliary=True)": (
        68_073_706, 68_185_066,
        pspnet_by_figure(3, 4, 23, 3, auxiliary=True),
        "figure 3 and section 3.3, layer by layer"),
    "refinenet(50)": (
        90_814_549, 90_867_669, refinenet_by_figure(3, 4, 6, 3),
        "figures 2 (c) and 3, layer by layer"),
    "refinenet(101)": (
        109_806_677, 109_912_021, refinenet_by_figure(3, 4, 23, 3),
        "figures 2 (c) and 3, layer by layer"),
    "refinenet(152)": (
        125_450_325, 125_601_749, refinenet_by_figure(3, 8, 36, 3),
        "figures 2 (c) and 3, layer by layer"),
    "deeplab_v3_plus(backbone='xception65')": (
        41_055_413, 41_258_213,
        deeplab_by_figure(*xception65_by_figure(), 256, 2048),
        "figures 2 and 4, layer by layer"),
    "deeplab_v3_plus(backbone='resnet50')": (
        26_696_133, 26_766_853,
        deeplab_by_figure(
            *body(*resnet_by_table(3, 4, 6, 3, bottleneck=True),
                  dense(2048, 1000)), 256, 2048),
        "figure 2, and ResNet's table 1"),
    "deeplab_v3_plus(backbone='mobilenet')": (
        5_044_421, 5_077_765,
        deeplab_by_figure(
            *body(*mobilenet_by_table(1.0), dense(1024, 1000)), 128, 1024),
        "figure 2, and MobileNet's table 1"),
    "fc_densenet(56)": (
        1_376_795, 1_397_963, fc_densenet_by_table(12, *[4] * 11),
        "SimJeg/FC-DenseNet"),
    "fc_densenet(67)": (
        3_463_243, 3_502_923, fc_densenet_by_table(16, *[5] * 11),
        "the paper: 3.5 M"),
    "fc_densenet(103)": (
        9_322_091, 9_425_163,
        fc_densenet_by_table(16, 4, 5, 7, 10, 12, 15, 12, 10, 7, 5, 4),
        "the paper: 9.4 M, with the moving statistics"),
    "yolo_v1()": (271_703_550,) * 2 + (
        convs(3, (7, 64), (3, 192), (1, 128), (3, 256), (1, 256), (3, 512),
              *[(1, 256), (3, 512)] * 4, (1, 512), (3, 1024),
              *[(1, 512), (3, 1024)] * 2, *[(3, 1024)] * 4)
        + dense(7 * 7 * 1024, 4096, 7 * 7 * 30),
        "figure 3, layer by layer"),
    "yolo_v1(tiny=True)": (45_089_374,) * 2 + (
        convs(3, (3, 16), (3, 32), (3, 64), (3, 128), (3, 256), (3, 512),
              *[(3, 1024)] * 3)
        + dense(7 * 7 * 1024, 256, 4096, 7 * 7 * 30),
        "the authors' network of 9 convolutions, layer by layer"),
}  # fmt: skip


@pytest.mark.parametrize("entry", CATALOGUE, ids=str)
def test_every_variant_has_the_published_count(entry):
    trainable, total, derived, source = COUNTS[str(entry)]
    with outlines():
        model = entry.build()
        weights = model.trainable_weights
        counts = sum(math.prod(w.shape) for w in weights), model.count_params()
    assert counts == (trainable, total), source
    assert derived in (trainable, (trainable, total)), source


def test_every_variant_is_listed():
    assert list(COUNTS) == [str(entry) for entry in CATALOGUE]


def test_the_papers_round_the_same():
    millions = dict.fromkeys(("A", "A-LRN", "B"), 133)
    millions |= {"C": 134, "D": 138, "E": 144}
    for letter, expected in millions.items():
        assert round(COUNTS[f"vgg('{letter}')"][0] / 1e6) == expected
    for depth, hundredths in [(20, 27), (32, 46), (44, 66), (56, 85)]:
        count = COUNTS[f"resnet_cifar({depth})"][0]
        assert round(count / 1e4) == hundredths
    small, large = COUNTS["squeezenet('1.0')"][0], COUNTS["alexnet()"][0]
    assert round(large / small, 1) == 48.8  # "50x fewer"
    assert round(4 * small / 1e6, 2) == 4.99  # MB in float32


def test_the_context_modules_have_what_the_paper_says():
    """About 64 C^2 in the basic one, section 3."""
    for classes in (3, 21):
        basic = context_by_table(*[1] * 7, classes=classes)
        assert basic == 64 * classes**2 + 8 * classes


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda **a: lenet5(full_c3=False, **a), 60_000 - 10_164),
        (lambda **a: alexnet(**a), 60_965_224 - dense(9216, 4096, 4096, 1000)),
        (lambda **a: vgg("D", **a), 14_714_688),  # keras.applications
        (lambda **a: nin("cifar10", **a), 966_986 - convs(192, (1, 10))),
        (lambda **a: googlenet(**a), 6_998_552 - dense(1024, 1000)),
        (lambda **a: inception_v2(**a), 11_224_840 - dense(1024, 1000)),
        (lambda **a: inception_v3(**a), 21_802_784),  # keras.applications
        (lambda **a: resnet(50, **a), 23_587_712 - 26_560),
        (lambda **a: resnet_cifar(**a), 271_098 - dense(64, 10)),
        (lambda **a: squeezenet(**a), 1_248_424 - convs(512, (1, 1000))),
        (lambda **a: densenet(**a), 7_037_504),  # keras.applications
        (lambda **a: mobilenet(**a), 3_228_864),  # keras.applications
    ],
)
def test_without_the_top(make, expected):
    with outlines():
        channels = 1 if expected == 60_000 - 10_164 else 3
        model = make(include_top=False, input_shape=(None, None, channels))
        assert model.count_params() == expected
        assert model.output_shape[1:3] == (None, None)
