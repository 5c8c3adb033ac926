"""Parameters of networks, by the tables and figures of their papers."""

import itertools

from course.arithmetic import conv_parameters

DEEP = ((3, 64), (3, 64), (3, 128))


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
