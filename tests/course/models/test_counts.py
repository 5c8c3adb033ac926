"""Parameters of every variant, by what others say and layer by layer."""

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
from tests.tables import (
    DEEP,
    FULLY_CONVOLUTIONAL,
    body,
    cifar_by_table,
    context_by_table,
    convs,
    deconvnet_by_figure,
    deeplab_by_figure,
    dense,
    densenet_by_table,
    fc_densenet_by_table,
    fcn_by_figure,
    googlenet_by_table,
    inception_v2_by_table,
    inception_v3_by_table,
    mobilenet_by_table,
    pspnet_by_figure,
    refinenet_by_figure,
    resnet_by_table,
    segnet_by_figure,
    squeezenet_by_table,
    unet_by_figure,
    vgg_by_table,
    xception65_by_figure,
)

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
