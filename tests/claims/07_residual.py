"""What lecture 07, residual networks, claims."""

import itertools
import statistics

import keras
import numpy as np

from course.blocks import residual_basic, shortcut_pad
from course.gradients import value_and_gradients
from course.models import alexnet, googlenet, resnet, resnet_cifar, vgg
from course.published import number, numbers
from course.reference import interval, results
from course.training import drops
from tests.claims import Claim, outlined

STARTS = ("he", "glorot", "normal")


def seeds(run):
    """The figures of all trainings."""
    return [record["values"] for record in results(run)]


def norms(parts, depth=50):
    """Gradient norms of each training and initialization."""
    return np.array(
        [
            [each[f"{start}-{depth}-{parts}"]["gradients"] for start in STARTS]
            for each in seeds("batch_norm")
        ]
    )


def degraded():
    """Whether training errors say degradation, in each training."""
    return [
        each["plain-8"]["train_error"] < 0.01
        and each["plain-20"]["train_error"] < 0.01
        and each["plain-38"]["train_error"] > 0.5
        and each["plain-8"]["error"][-1] < each["plain-20"]["error"][-1] + 0.02
        for each in seeds("depth")
    ]


def apart(key):
    """Whether a backend's intervals of plain-38 and of another are apart."""
    found = []
    for backend in ("tensorflow", "jax"):
        values = [
            record["values"]
            for record in results("depth")
            if record["backend"] == backend
        ]
        deep = interval([each["plain-38"][key] for each in values])
        flat = interval([each["plain-8"][key] for each in values])
        found.append(deep.low > flat.high)
    return found


def copied_minus_maps():
    """The largest change by thirty layers whose kernels copy."""
    kernel = np.zeros((3, 3, 2, 2), "float32")
    kernel[1, 1] = np.eye(2)
    maps = np.random.default_rng(1).random((1, 5, 5, 2)).astype("float32")
    y = maps
    for _ in range(30):
        y = keras.ops.relu(keras.ops.conv(y, kernel, padding="same"))
    return np.abs(keras.ops.convert_to_numpy(y) - maps).max()


def normalized(x, **settings):
    """By Keras's layer in training."""
    layer = keras.layers.BatchNormalization(**settings)
    y = layer(np.asarray(x, "float32"), training=True)
    return keras.ops.convert_to_numpy(y)


def kept(batches, momentum):
    """The running mean after batches of mean 1, by Keras."""
    layer = keras.layers.BatchNormalization(momentum=momentum)
    for _ in range(batches):
        layer(np.ones((2, 1), "float32"), training=True)
    return keras.ops.convert_to_numpy(layer.moving_mean).item()


def scaled(factor):
    """Loss and norm of the gradient of normalized products of weights."""
    rng = np.random.default_rng(2)
    x, aim = rng.normal(size=(2, 16, 3)).astype("float32")
    weights = rng.normal(size=(3, 3)).astype("float32")

    def loss(weights):
        z = keras.ops.matmul(x, weights)
        z = z - keras.ops.mean(z, axis=0)
        return keras.ops.sum(z / keras.ops.std(z, axis=0) * aim)

    value, (slope,) = value_and_gradients(loss, factor * weights)
    return [value.item(), np.linalg.norm(slope) * factor]


def with_zero_weights(order):
    """What a block of zero kernels makes of -2, -1, ... 2."""
    inputs = keras.Input((1, 5, 1))
    net = keras.Model(inputs, residual_basic(inputs, 1, order=order))
    for weight in net.trainable_weights:
        if len(weight.shape) == 4:
            weight.assign(np.zeros(weight.shape))
    row = np.arange(-2.0, 3).reshape(1, 1, 5, 1)
    return keras.ops.convert_to_numpy(net(row)).ravel()


def chain(slope, skips, layers=30):
    """The derivative of layers of one unit each."""

    def output(x):
        for _ in range(layers):
            x = x + slope * x if skips else slope * x
        return keras.ops.sum(x)

    return value_and_gradients(output, [1.0])[1][0].item()


def padded():
    """Shortcut A of the numbers 1 to 16."""
    inputs = keras.Input((4, 4, 1))
    net = keras.Model(inputs, shortcut_pad(inputs, 2, strides=2))
    x = np.arange(1.0, 17).reshape(1, 4, 4, 1)
    return keras.ops.convert_to_numpy(net(x))[0].transpose(2, 0, 1)


def bottleneck():
    """Weights of two kernels of 64, and of a bottleneck of 256 channels."""
    basic = [(3, 3, 64, 64)] * 2
    narrow = [(1, 1, 256, 64), (3, 3, 64, 64), (1, 1, 64, 256)]
    return [
        sum(int(np.prod(kernel)) for kernel in kernels)
        for kernels in (basic, narrow)
    ]


def stage_shares():
    """ResNet-50's share of parameters in its dense layer and in conv5."""
    table = outlined(resnet, variant=50)[1]
    return [
        round(
            sum(r.trainable for r in table.rows if r.layer.startswith(name))
            / table.trainable,
            2,
        )
        for name in ("fc", "conv5")
    ]


def floor(rate):
    """The loss x^2 / 2 that noisy steps end at, by many steps."""
    second = 25.0
    for _ in range(5000):
        second = (1 - rate) ** 2 * second + rate**2
    return second / 2


def smallest_step(order):
    """The least that a number changes by in a block, at random weights."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((4, 4, 3))
    net = keras.Model(inputs, residual_basic(inputs, 3, order=order))
    x = np.random.default_rng(3).normal(size=(4, 4, 4, 3)).astype("float32")
    y = keras.ops.convert_to_numpy(net(x, training=True))
    return (y - x).min()


def network_minus_paths():
    """Three linear blocks against the sum of their eight paths."""
    branches = np.random.default_rng(4).normal(size=(3, 2, 2))
    one = np.eye(2)
    whole = (one + branches[2]) @ (one + branches[1]) @ (one + branches[0])
    paths = [
        np.linalg.multi_dot(
            [
                branch if go else one
                for go, branch in zip(way, branches, strict=True)
            ][::-1]
        )
        for way in itertools.product([0, 1], repeat=3)
    ]
    return [len(paths), round(np.abs(whole - sum(paths)).max(), 9)]


def short_paths(factor):
    """The share of paths of 5 to 17 of 54 branches, by growing them."""
    carried = np.ones(1)
    for _ in range(54):
        carried = np.convolve(carried, [1, factor])
    return carried[5:18].sum() / carried.sum()


def lesions(kind, block=None):
    """Errors without a block, or the median block's, in each training."""
    nets = [each[kind] for each in seeds("lesion")]
    if block is None:
        return [statistics.median(net["blocks"].values()) for net in nets]
    return [net["blocks"][block] for net in nets]


CLAIMS = [
    # Degradation
    Claim(
        "07-depth",
        "001",
        "winners grew: 8, 22 and 152 layers with weights",
        [8, 22, 152],
        lambda: [
            outlined(alexnet)[1].depth,
            outlined(googlenet)[1].depth,
            outlined(resnet, variant=152)[1].depth,
        ],
    ),
    Claim(
        "07-degradation",
        "001 002",
        "deeper plain nets have a higher training error, in all trainings; "
        "the intervals of 8 and 38 layers lie apart",
        [True] * 6 + [True] * 4,
        lambda: [*degraded(), *apart("train_error"), *apart("test_error")],
    ),
    Claim(
        "07-plain-imagenet",
        "001",
        "... on ImageNet, too: plain-34 errs more than plain-18",
        [27.94, 28.54],
        lambda: [
            number(name, "ten-crop top-1 error")
            for name in ("plain-18", "plain-34")
        ],
    ),
    Claim(
        "07-identity-kernel",
        "He et al. 2015, section 1",
        "layers of 3x3 and ReLU can pass on what they get",
        0,
        copied_minus_maps,
    ),
    Claim(
        "07-product",
        "001",
        "factors below 1 vanish over 50 layers, above 1 they explode",
        [1.4e-5, 9.1e3],
        lambda: [float(f"{0.8**50:.1e}"), float(f"{1.2**50:.1e}")],
    ),
    Claim(
        "07-bare",
        "001",
        "50 layers bare: He's gradients live, Glorot's are below 1e-9, eight "
        "powers of ten lower, those from deviations of 0.01 are 0",
        [True, True, 8, 0],
        lambda: [
            norms("bare")[:, 0].min() > 1e-4,
            norms("bare")[:, 1].max() < 1e-9,
            round(
                np.log10(np.divide(*np.median(norms("bare")[:, :2], (0, 2))))
            ),
            norms("bare")[:, 2].max(),
        ],
    ),
    # Batch normalization
    Claim(
        "07-by-hand",
        "001",
        "2 4 4 6 normalized: divided by n, not n - 1",
        [-(2**0.5), 0, 0, 2**0.5],
        lambda: normalized([[2], [4], [4], [6]], epsilon=1e-9)[:, 0],
    ),
    Claim(
        "07-axes",
        "001",
        "a mean and a variance a channel, of all images and places",
        [[0.0] * 3, [1.0] * 3],
        lambda: [
            abs(part).round(2).tolist()
            for y in [
                normalized(np.random.default_rng(5).normal(3, 2, (8, 5, 5, 3)))
            ]
            for part in (y.mean(axis=(0, 1, 2)), y.var(axis=(0, 1, 2)))
        ],
    ),
    Claim(
        "07-one-image",
        "syllabus",
        "by its own statistics one image of three features becomes zeros",
        [0, 0, 0],
        lambda: normalized([[5, -2, 100]])[0],
    ),
    Claim(
        "07-running",
        "syllabus",
        "after 45 batches running statistics are 36 % of the way",
        0.36,
        lambda: round(kept(45, 0.99), 2),
    ),
    Claim(
        "07-explodes",
        "001, erratum",
        "normalized without skips, gradients explode at depth 50 from each "
        "start, not at depth 10",
        [True, True],
        lambda: [
            (norms("norm")[..., 1] / norms("norm")[..., -1]).min() > 100,
            (norms("norm", 10)[..., 1] / norms("norm", 10)[..., -1]).max() < 3,
        ],
    ),
    Claim(
        "07-scale",
        "001",
        "larger weights before batch norm: the same loss, a smaller gradient",
        [True, True],
        lambda: [
            bool(np.isclose(one, other, rtol=1e-3))
            for one, other in zip(scaled(1), scaled(100), strict=True)
        ],
    ),
    # The residual block
    Claim(
        "07-identity-block",
        "002",
        "zero weights: the original block is ReLU, pre-activation the identity",
        [[0, 0, 0, 1, 2], [-2, -1, 0, 1, 2]],
        lambda: [with_zero_weights(order) for order in ("original", "full")],
    ),
    Claim(
        "07-sum-rule",
        "002",
        "a skip adds 1 to each factor of the gradient",
        [0.1**30, 1.1**30],
        lambda: [chain(0.1, skips) for skips in (False, True)],
    ),
    Claim(
        "07-both",
        "001 002",
        "with norm and skips all gradients of 50 layers lie within two powers "
        "of ten; with skips alone they do not",
        [True, True],
        lambda: [
            norms("norm-skips").max() / norms("norm-skips").min() < 100,
            norms("skips").max() / norms("skips").min() > 1e6,
        ],
    ),
    Claim(
        "07-residual-trains",
        "001",
        "residual nets of any depth learn all: at most 1 % training error",
        True,
        lambda: all(
            each[f"residual-{depth}"]["train_error"] <= 0.01
            for each in seeds("depth")
            for depth in (8, 20, 38)
        ),
    ),
    Claim(
        "07-residual-imagenet",
        "001",
        "on ImageNet ResNet-34 errs 2.85 points less than ResNet-18",
        2.85,
        lambda: round(
            number("ResNet-18", "ten-crop top-1 error")
            - number("ResNet-34", "ten-crop top-1 error"),
            2,
        ),
    ),
    Claim(
        "07-shortcut-a",
        "He et al. 2015, section 3.3",
        "shortcut A keeps each second pixel and fills up with zeros",
        np.array([[[1, 3], [9, 11]], [[0, 0], [0, 0]]]),
        padded,
    ),
    Claim(
        "07-shortcuts",
        "He et al. 2015, tables 3 and 6",
        "ResNet-20 has 269,722 parameters with A, 2,752 more with B",
        [269_722, 2_752],
        lambda: [
            outlined(resnet_cifar, shortcut="A")[1].trainable,
            outlined(resnet_cifar, shortcut="B")[1].trainable
            - outlined(resnet_cifar, shortcut="A")[1].trainable,
        ],
    ),
    Claim(
        "07-bottleneck",
        "He et al. 2015, figure 5",
        "a bottleneck of 256 channels has fewer weights than two 3x3 of 64",
        [73_728, 69_632],
        bottleneck,
    ),
    Claim(
        "07-family",
        "001",
        "ResNet-18 and -50: 11,689,512 and 25,557,032 parameters; 152 layers "
        "work less than VGG-16",
        [11_689_512, 25_557_032, True],
        lambda: [
            *(outlined(resnet, variant=n)[1].trainable for n in (18, 50)),
            outlined(resnet, variant=152)[1].macs < outlined(vgg)[1].macs,
        ],
    ),
    Claim(
        "07-stages",
        "syllabus",
        "8 % of ResNet-50's parameters are in its dense layer, 59 % in conv5",
        [0.08, 0.59],
        stage_shares,
    ),
    Claim(
        "07-cifar",
        "001",
        "on CIFAR-10 110 layers err least, 1202 err more",
        [6.43, 7.93],
        lambda: [
            min(
                row.value
                for row in numbers(
                    "test error of residual nets on CIFAR-10"
                ).values()
            ),
            number("ResNet-1202", "test error of residual nets on CIFAR-10"),
        ],
    ),
    Claim(
        "07-drops",
        "001",
        "noisy steps end at a loss of rate / (2 (2 - rate)), about "
        "proportional to the rate; rates drop at a half and three quarters",
        [0.5 / 3, 0.05 / 3.9, 0.5, 0.05, 0.005],
        lambda: [
            floor(0.5),
            floor(0.05),
            *(float(drops(0.5, 800)(step)) for step in (399, 400, 600)),
        ],
    ),
    # Orders
    Claim(
        "07-monotone",
        "003, erratum",
        "with ReLU before the sum no number ever falls, else some do",
        [True, False, False],
        lambda: [
            bool(smallest_step(order) >= 0)
            for order in ("relu-before-sum", "original", "full")
        ],
    ),
    Claim(
        "07-orders",
        "003, erratum",
        "ReLU before the sum loses; full pre-activation wins",
        [7.84, 6.61, 6.37],
        lambda: [
            number(order, "CIFAR-10 error of ResNet-110 by order of layers")
            for order in (
                "ReLU before the sum",
                "original",
                "full pre-activation",
            )
        ],
    ),
    # Ensembles
    Claim(
        "07-paths",
        "001",
        "three linear blocks are the sum of their eight paths",
        [8, 0],
        network_minus_paths,
    ),
    Claim(
        "07-lengths",
        "001",
        "0.45 % of ResNet-110's paths have 5 to 17 branches; if each passes a "
        "quarter, they carry 97 % of the gradient",
        [0.0045, 0.97],
        lambda: [round(short_paths(1), 4), round(short_paths(0.25), 2)],
    ),
    Claim(
        "07-lesion",
        "001",
        "without one block: at most 10 % errors (median) in residual nets, at "
        "least 60 % in plain ones",
        [True, True],
        lambda: [
            max(lesions("residual")) <= 0.1,
            min(lesions("plain")) >= 0.6,
        ],
    ),
    Claim(
        "07-not-spared",
        "001, erratum",
        "without the first block more than 20 % are wrong in five of six "
        "trainings; without one that halves 5 %, without the median block 3 %",
        [5, 0.05, 0.03],
        lambda: [
            sum(error > 0.2 for error in lesions("residual", "conv2_1")),
            round(
                statistics.fmean(
                    lesions("residual", "conv3_1")
                    + lesions("residual", "conv4_1")
                ),
                2,
            ),
            round(statistics.fmean(lesions("residual")), 2),
        ],
    ),
]
