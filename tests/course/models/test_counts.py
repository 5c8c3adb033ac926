"""Parameters of every variant, by what others say and layer by layer."""

import itertools
import math

import pytest

from course.arithmetic import conv_parameters
from course.catalogue import CATALOGUE, outlines
from course.models import alexnet, lenet5, mobilenet, nin, squeezenet, vgg


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


LENET = (
    conv_parameters(5, 1, 6)
    + 6 * (3 * 25 + 1) + 9 * (4 * 25 + 1) + (6 * 25 + 1)  # C3, table I
    + 2 * 6 + 2 * 16  # S2, S4
    + conv_parameters(5, 16, 120)
    + dense(120, 84)
)  # fmt: skip
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
        (lambda **a: squeezenet(**a), 1_248_424 - convs(512, (1, 1000))),
        (lambda **a: mobilenet(**a), 3_228_864),  # keras.applications
    ],
)
def test_without_the_top(make, expected):
    with outlines():
        channels = 1 if expected == 60_000 - 10_164 else 3
        model = make(include_top=False, input_shape=(None, None, channels))
        assert model.count_params() == expected
        assert model.output_shape[1:3] == (None, None)
