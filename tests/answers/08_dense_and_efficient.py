"""Answers to lecture 08's questions, as students write them."""

from tests.answers import right, wrong


def block(
    start="keras.layers.BatchNormalization()(x)",
    width="bottleneck * growth_rate",
    middle="keras.layers.ReLU()(keras.layers.BatchNormalization()(y))",
    padding="same",
    bias="False",
    join="keras.layers.Concatenate()([x, y])",
    result="x",
):
    """A dense block by its steps."""
    return f"""\
def growing_block(x, count, growth_rate, bottleneck=4):
    for _ in range(count):
        y = {start}
        y = keras.layers.ReLU()(y)
        y = keras.layers.Conv2D({width}, 1, use_bias={bias})(y)
        y = {middle}
        y = keras.layers.Conv2D(
            growth_rate, 3, padding="{padding}", use_bias={bias}
        )(y)
        x = {join}
    return {result}
"""


GROWING = [
    right("step by step", block()),
    right(
        "a list of all that was made",
        """\
def growing_block(x, count, growth_rate, bottleneck=4):
    layers = keras.layers
    made = [x]
    for i in range(count):
        y = layers.Concatenate()(made) if i else x
        for filters, k in ((bottleneck * growth_rate, 1), (growth_rate, 3)):
            y = layers.BatchNormalization()(y)
            y = layers.Activation("relu")(y)
            y = layers.Conv2D(filters, k, padding="same", use_bias=False)(y)
        made.append(y)
    return layers.Concatenate()(made)
""",
    ),
    right(
        "by recursion, with operations",
        """\
def growing_block(x, count, growth_rate, bottleneck=4):
    if count == 0:
        return x

    def convolve(y, filters, k):
        y = keras.ops.relu(keras.layers.BatchNormalization()(y))
        return keras.layers.Conv2D(
            filters, (k, k), padding="same", use_bias=False
        )(y)

    y = convolve(x, bottleneck * growth_rate, 1)
    x = keras.ops.concatenate([x, convolve(y, growth_rate, 3)], axis=-1)
    return growing_block(x, count - 1, growth_rate, bottleneck)
""",
    ),
    wrong(
        "added",
        block(
            join="keras.layers.Add()([keras.layers.Conv2D("
            "growth_rate, 1, use_bias=False)(x), y])"
        ),
        "a dense block adds, as a residual one does",
    ),
    wrong(
        "only the last one's",
        block(join="y"),
        "a layer's output replaces its input",
    ),
    wrong(
        "new ones in front",
        block(join="keras.layers.Concatenate()([y, x])"),
        "the order of channels does not matter",
    ),
    wrong(
        "without the first ReLU and norm",
        block(start="x"),
        "what comes in is normalized already",
    ),
    wrong(
        "normalized after the convolution",
        """\
def growing_block(x, count, growth_rate, bottleneck=4):
    layers = keras.layers
    for _ in range(count):
        y = layers.Conv2D(bottleneck * growth_rate, 1, use_bias=False)(x)
        y = layers.ReLU()(layers.BatchNormalization()(y))
        y = layers.Conv2D(growth_rate, 3, padding="same", use_bias=False)(y)
        y = layers.ReLU()(layers.BatchNormalization()(y))
        x = layers.Concatenate()([x, y])
    return x
""",
        "normalization and ReLU follow a convolution, as in VGG",
    ),
    wrong(
        "no ReLU in the middle",
        block(middle="keras.layers.BatchNormalization()(y)"),
        "one ReLU a layer is enough",
    ),
    wrong(
        "a bottleneck of four filters",
        block(width="bottleneck"),
        "bottleneck is the number of filters",
    ),
    wrong(
        "with biases",
        block(bias="True"),
        "a convolution always has a bias",
    ),
    wrong(
        "each layer reads the input only",
        """\
def growing_block(x, count, growth_rate, bottleneck=4):
    layers = keras.layers
    made = [x]
    for _ in range(count):
        y = layers.ReLU()(layers.BatchNormalization()(x))
        y = layers.Conv2D(bottleneck * growth_rate, 1, use_bias=False)(y)
        y = layers.ReLU()(layers.BatchNormalization()(y))
        y = layers.Conv2D(growth_rate, 3, padding="same", use_bias=False)(y)
        made.append(y)
    return layers.Concatenate()(made)
""",
        "layers of a block lie side by side, as in Inception",
    ),
    wrong(
        "the package's own",
        """\
from course.blocks import dense_block


def growing_block(x, count, growth_rate, bottleneck=4):
    return dense_block(x, count, growth_rate, bottleneck=bottleneck)
""",
        "asking the library for it is building it",
        at_most=0,
    ),
    right(
        "a model in the model, a Sequential for each layer",
        """\
def growing_block(x, count, growth_rate, bottleneck=4):
    inputs = t = keras.Input(x.shape[1:])
    for _ in range(count):
        layer = keras.Sequential()
        for filters, k in ((bottleneck * growth_rate, 1), (growth_rate, 3)):
            layer.add(keras.layers.BatchNormalization())
            layer.add(keras.layers.ReLU())
            layer.add(keras.layers.ZeroPadding2D(k // 2))
            layer.add(keras.layers.Conv2D(filters, k, use_bias=False))
        t = keras.ops.concatenate([t, layer(t)], axis=-1)
    return keras.Model(inputs, t)(x)
""",
    ),
    wrong(
        "two layers, always",
        block().replace("range(count)", "range(2)"),
        "count is that of the example",
    ),
    wrong(
        "the newest read first",
        """\
def growing_block(x, count, growth_rate, bottleneck=4):
    layers = keras.layers
    made = [x]
    for i in range(count):
        y = layers.Concatenate()(made[::-1]) if i else x
        for filters, k in ((bottleneck * growth_rate, 1), (growth_rate, 3)):
            y = layers.ReLU()(layers.BatchNormalization()(y))
            y = layers.Conv2D(filters, k, padding="same", use_bias=False)(y)
        made.append(y)
    return layers.Concatenate()(made)
""",
        "only the result's order is asked for",
    ),
]


def channels(
    grow="channels += count * growth_rate",
    keep="channels = int(compression * channels)",
    begin="channels = first",
):
    """Channels, block by block."""
    return f"""\
def block_channels(counts, growth_rate=32, first=64, compression=0.5):
    after = []
    {begin}
    for count in counts:
        {grow}
        after.append(channels)
        {keep}
    return after
"""


CHANNELS = [
    right("block by block", channels()),
    right(
        "layer by layer",
        channels("for _ in range(count): channels = channels + growth_rate"),
    ),
    right(
        "transition before each but the first, an array",
        """\
def block_channels(counts, growth_rate=32, first=64, compression=0.5):
    after = np.zeros(len(counts), int)
    reads = first
    for i, count in enumerate(counts):
        if i > 0:
            reads = np.floor(after[i - 1] * compression)
        after[i] = reads + growth_rate * count
    return after
""",
    ),
    right(
        "by recursion",
        """\
def block_channels(counts, growth_rate=32, first=64, compression=0.5):
    if not counts:
        return []
    end = first + counts[0] * growth_rate
    rest = block_channels(
        counts[1:], growth_rate, int(end * compression), compression
    )
    return [end, *rest]
""",
    ),
    wrong(
        "the input forgotten",
        channels("channels = count * growth_rate"),
        "a block's output is what its layers add",
    ),
    wrong(
        "no compression",
        channels(keep="pass"),
        "a transition only halves the size",
    ),
    wrong(
        "after the transitions",
        """\
def block_channels(counts, growth_rate=32, first=64, compression=0.5):
    after = []
    channels = first
    for count in counts:
        channels = int(compression * (channels + count * growth_rate))
        after.append(channels)
    return after
""",
        "a block ends with its transition",
    ),
    wrong(
        "rounded up",
        channels(keep="channels = int(np.ceil(compression * channels))"),
        "half a channel is rounded up",
    ),
    wrong(
        "only half of the new ones",
        channels(
            "channels += count * growth_rate",
            "channels = channels - int(compression * count * growth_rate)",
        ),
        "compression concerns what the block has added",
    ),
    wrong(
        "one layer too few",
        channels("channels += (count - 1) * growth_rate"),
        "the first layer only reads",
    ),
    wrong(
        "always one half",
        channels(keep="channels = channels // 2"),
        "compression is one half",
    ),
    wrong(
        "multiplied",
        channels("channels *= 2**count"),
        "each layer doubles what it reads",
    ),
    right(
        "an exact share, a tensor",
        """\
from fractions import Fraction


def block_channels(counts, growth_rate=32, first=64, compression=0.5):
    kept = Fraction(compression)
    ends = []
    for count in counts:
        ends.append(first + count * growth_rate)
        first = ends[-1] * kept.numerator // kept.denominator
    return keras.ops.convert_to_tensor(ends)
""",
    ),
    wrong(
        "rounded only when told",
        channels(keep="channels *= compression").replace(
            "append(channels)", "append(int(channels))"
        ),
        "parts of channels are carried on",
    ),
    wrong(
        "the first of equal blocks",
        """\
def block_channels(counts, growth_rate=32, first=64, compression=0.5):
    after = []
    for count in counts:
        if counts.index(count) > 0:
            first = int(first * compression)
        first += count * growth_rate
        after.append(first)
    return after
""",
        "index tells which block it is",
    ),
]


def fire(
    first='"relu"',
    second='"relu"',
    reads="s",
    join="keras.layers.Concatenate()([a, b])",
    padding="same",
    squeeze="1",
):
    """A fire module by its parts."""
    return f"""\
def fire_module(x, squeeze, one, three):
    conv = keras.layers.Conv2D
    s = conv(squeeze, {squeeze}, padding="same", activation={first})(x)
    a = conv(one, 1, activation={second})(s)
    b = conv(three, 3, padding="{padding}", activation={second})({reads})
    return {join}
"""


FIRE = [
    right("part by part", fire()),
    right(
        "a layer of one's own",
        """\
class Fire(keras.layers.Layer):
    def __init__(self, squeeze, one, three):
        super().__init__()
        relu = {"activation": "relu"}
        self.three = keras.layers.Conv2D(three, 3, padding="same", **relu)
        self.one = keras.layers.Conv2D(one, 1, **relu)
        self.squeeze = keras.layers.Conv2D(squeeze, 1, **relu)

    def call(self, x):
        x = self.squeeze(x)
        return keras.ops.concatenate([self.one(x), self.three(x)], axis=-1)


def fire_module(x, squeeze, one, three):
    return Fire(squeeze, one, three)(x)
""",
    ),
    right(
        "activations as layers, the 3x3 made first",
        """\
def fire_module(x, squeeze, one, three):
    layers = keras.layers
    s = layers.ReLU()(layers.Conv2D(squeeze, (1, 1))(x))
    wide = layers.Conv2D(three, (3, 3), padding="same")(s)
    narrow = layers.Conv2D(one, (1, 1))(s)
    both = layers.Concatenate(axis=-1)([narrow, wide])
    return layers.Activation("relu")(both)
""",
    ),
    right(
        "keras.ops",
        """\
def fire_module(x, squeeze, one, three):
    def conv(x, filters, k):
        y = keras.layers.Conv2D(filters, k, padding="same")(x)
        return keras.ops.maximum(y, 0.0)

    x = conv(x, squeeze, 1)
    parts = [conv(x, count, k) for count, k in ((one, 1), (three, 3))]
    return keras.ops.concatenate(parts, axis=-1)
""",
    ),
    wrong(
        "no ReLU after the squeeze",
        fire(first="None"),
        "squeezing only chooses, it needs no ReLU",
    ),
    wrong("no ReLU after", fire(second="None"), "ReLU comes with what follows"),
    wrong(
        "the 3x3 reads everything",
        fire(reads="x"),
        "only the 1x1 reads what was squeezed",
    ),
    wrong(
        "one after the other",
        fire(reads="a"),
        "the two expansions follow each other",
    ),
    wrong(
        "3x3 first",
        fire(join="keras.layers.Concatenate()([b, a])"),
        "the order of channels does not matter",
    ),
    wrong(
        "no padding",
        fire(
            padding="valid",
            join="keras.layers.Concatenate()([a[:, 1:-1, 1:-1], b])",
        ),
        "a 3x3 costs the border",
    ),
    wrong(
        "squeezed by 3x3",
        fire(squeeze="3"),
        "a squeeze looks around, too",
    ),
    wrong(
        "the squeezed ones kept",
        fire(join="keras.layers.Concatenate()([s, a, b])"),
        "everything is kept, as in a dense block",
    ),
    wrong(
        "the package's own",
        """\
from course.blocks import fire


def fire_module(x, squeeze, one, three):
    return fire(x, squeeze, (one, three))
""",
        "asking the library for it is building it",
        at_most=0,
    ),
    wrong(
        "one expansion linear",
        fire(
            second="None",
            join="keras.layers.Concatenate()([keras.ops.relu(a), b])",
        ),
        "an activation at one of both is enough",
    ),
]


def share(
    apart="k * k * channels * m + channels * m * filters",
    whole="k * k * channels * filters",
    result="apart // d, whole // d",
):
    """The share by its two counts."""
    return f"""\
import math


def separable_share(kernel_size, channels, filters, multiplier=1):
    k, m = kernel_size, multiplier
    apart = {apart}
    whole = {whole}
    d = math.gcd(apart, whole)
    return {result}
"""


SHARE = [
    right("two counts", share()),
    right(
        "the formula, with fractions",
        """\
from fractions import Fraction


def separable_share(kernel_size, channels, filters, multiplier=1):
    left = Fraction(1, filters) + Fraction(1, kernel_size**2)
    left = multiplier * left
    return left.numerator, left.denominator
""",
    ),
    right(
        "NumPy, an array",
        """\
def separable_share(kernel_size, channels, filters, multiplier=1):
    area = kernel_size**2
    pair = np.array([multiplier * (area + filters), area * filters])
    return pair // np.gcd(*pair)
""",
    ),
    wrong(
        "the inverse",
        share(result="whole // d, apart // d"),
        "how many times cheaper, not which share is left",
    ),
    wrong(
        "depthwise alone",
        share("k * k * channels * m"),
        "the pointwise part costs nothing",
    ),
    wrong(
        "pointwise alone",
        share("channels * m * filters"),
        "always one ninth: the depthwise part costs nothing",
    ),
    wrong(
        "the multiplier ignored",
        share("k * k * channels + channels * filters"),
        "a multiplier changes the number of channels only",
    ),
    wrong(
        "pointwise reads the channels of the input",
        share("k * k * channels * m + channels * filters"),
        "pointwise reads as many channels as came in",
    ),
    wrong(
        "not in lowest terms",
        share(result="apart, whole"),
        "any numerator and denominator will do",
    ),
    wrong(
        "what is saved",
        share(
            "k * k * channels * filters - "
            "(k * k * channels * m + channels * m * filters)"
        ),
        "the share saved, not the share left",
    ),
    wrong(
        "multiplied, not added",
        share("k * k * channels * m * filters * m"),
        "costs of layers in a row multiply",
    ),
    wrong(
        "k, not its square",
        share(
            "k * channels * m + channels * m * filters",
            "k * channels * filters",
        ),
        "a 3x3 kernel has three taps",
    ),
    right(
        "by trial division, a tensor",
        """\
def separable_share(kernel_size, channels, filters, multiplier=1):
    pair = [multiplier * (kernel_size**2 + filters), kernel_size**2 * filters]
    d = min(pair)
    while any(part % d for part in pair):
        d -= 1
    return keras.ops.convert_to_tensor([part // d for part in pair])
""",
    ),
    wrong(
        "a near fraction of a float",
        """\
from fractions import Fraction


def separable_share(kernel_size, channels, filters, multiplier=1):
    left = multiplier * (1 / filters + 1 / kernel_size**2)
    return Fraction(left).limit_denominator(1000).as_integer_ratio()
""",
        "a float can be made exact again",
    ),
]


def thin(
    stem="int(alpha * stem)",
    filters="int(alpha * filters)",
    first="-(-size // 2)",
    next_size="-(-size // stride)",
    norm="4",
    depthwise="9 * channels",
    dense="(channels + 1) * classes",
    multiplied="macs + channels * classes",
):
    """A thinner MobileNet by its counts."""
    return f"""\
def thin_mobilenet(alpha, body, stem=32, classes=1000, size=224):
    channels = {stem}
    size = {first}
    weights = 27 * channels
    parameters = weights + {norm} * channels
    macs = weights * size * size
    for filters, stride in body:
        filters = {filters}
        size = {next_size}
        weights = {depthwise}
        parameters += weights + {norm} * channels
        macs += weights * size * size
        weights = channels * filters
        parameters += weights + {norm} * filters
        macs += weights * size * size
        channels = filters
    return parameters + {dense}, {multiplied}
"""


THIN = [
    right("one sum", thin()),
    right(
        "a list of kernels first",
        """\
import math


def thin_mobilenet(alpha, body, stem=32, classes=1000, size=224):
    size = math.ceil(size / 2)
    layers = [((3, 3, 3, math.floor(alpha * stem)), size)]
    for filters, stride in body:
        size = math.ceil(size / stride)
        reads = layers[-1][0][-1]
        layers.append(((3, 3, 1, reads), size))
        layers.append(((1, 1, reads, math.floor(alpha * filters)), size))
    kernels = sum(math.prod(shape) for shape, _ in layers)
    norms = sum(4 * shape[-1] for shape, _ in layers)
    work = sum(math.prod(shape) * side**2 for shape, side in layers)
    last = layers[-1][0][-1]
    return [kernels + norms + last * classes + classes, work + last * classes]
""",
    ),
    right(
        "arrays of widths and sides",
        """\
def thin_mobilenet(alpha, body, stem=32, classes=1000, size=224):
    widths = [int(alpha * stem)] + [int(alpha * f) for f, _ in body]
    sides = [(size + 1) // 2]
    for _, stride in body:
        sides.append((sides[-1] + stride - 1) // stride)
    reads, writes = np.array(widths[:-1]), np.array(widths[1:])
    places = np.array(sides[1:]) ** 2
    mixed = reads * writes
    parameters = (27 + 4) * widths[0] + widths[-1] * classes + classes
    parameters += np.sum(mixed + (9 + 4) * reads + 4 * writes)
    macs = 27 * widths[0] * sides[0] ** 2 + widths[-1] * classes
    macs += np.sum((mixed + 9 * reads) * places)
    return parameters, macs
""",
    ),
    wrong(
        "the stem stays wide",
        thin(stem="stem"),
        "alpha multiplies the pointwise filters alone",
    ),
    wrong(
        "two for a normalization",
        thin(norm="2"),
        "moving averages are no parameters",
    ),
    wrong(
        "normalization forgotten",
        thin(norm="0"),
        "only kernels are parameters",
    ),
    wrong(
        "a whole 3x3",
        thin(depthwise="9 * channels * channels"),
        "a depthwise filter reads all channels",
    ),
    wrong(
        "the depthwise part before the stride",
        """\
def thin_mobilenet(alpha, body, stem=32, classes=1000, size=224):
    channels = int(alpha * stem)
    size = -(-size // 2)
    parameters = 31 * channels
    macs = 27 * channels * size**2
    for filters, stride in body:
        filters = int(alpha * filters)
        parameters += 13 * channels + channels * filters + 4 * filters
        macs += 9 * channels * size**2
        size = -(-size // stride)
        macs += channels * filters * size**2
        channels = filters
    return parameters + (channels + 1) * classes, macs + channels * classes
""",
        "the pointwise convolution has the stride",
    ),
    wrong(
        "rounded down sizes",
        thin(first="size // 2", next_size="size // stride"),
        '"same" drops the last pixel of odd sizes',
    ),
    wrong(
        "no dense layer",
        thin(dense="0", multiplied="macs"),
        "the network ends with its average",
    ),
    wrong(
        "alpha on the counts",
        thin(
            stem="stem",
            filters="filters",
            dense="0) * alpha + (channels + 1) * classes * alpha",
            multiplied="(macs + channels * classes) * alpha",
        ).replace("return parameters", "return (parameters"),
        "half the width is half of everything",
    ),
    wrong(
        "the first stride forgotten",
        thin(first="size"),
        "the first convolution keeps the size",
    ),
    wrong(
        "no bias in the dense layer",
        thin(dense="channels * classes"),
        "no layer has biases",
    ),
    right(
        "a dataclass for each layer, floats",
        """\
from dataclasses import dataclass


@dataclass
class Layer:
    weights: int
    others: int
    side: int


def thin_mobilenet(alpha, body, stem=32, classes=1000, size=224):
    layers, reads = [], int(alpha * stem)
    size = np.ceil(size / 2)
    layers.append(Layer(27 * reads, 4 * reads, size))
    for filters, stride in body:
        size, made = np.ceil(size / stride), int(alpha * filters)
        layers.append(Layer(9 * reads, 4 * reads, size))
        layers.append(Layer(reads * made, 4 * made, size))
        reads = made
    layers.append(Layer(reads * classes, classes, 1))
    return (
        sum(layer.weights + layer.others for layer in layers),
        sum(layer.weights * layer.side**2 for layer in layers),
    )
""",
    ),
    wrong(
        "the stem rounded to the nearest",
        thin(stem="round(alpha * stem)"),
        "rounding is rounding",
    ),
    wrong(
        "a stride is 1 or 2",
        thin(next_size="(size + 1) // 2 if stride > 1 else size"),
        "a stride halves",
    ),
    wrong(
        "depthwise thinned again",
        thin(
            filters="int(alpha * filters); channels = int(alpha * channels)",
        ),
        "alpha multiplies the depthwise filters, too",
    ),
]

ANSWERS = {
    "growing-block": GROWING,
    "block-channels": CHANNELS,
    "fire-module": FIRE,
    "separable-share": SHARE,
    "thin-mobilenet": THIN,
}

SURVIVORS = {
    "thin-mobilenet": {
        "def thin_mobilenet(alpha, body, stem=32, classes=1000, size=224): -> "
        "def thin_mobilenet(alpha, body, stem=32, classes=1000, size=223):": (
            "223 halved and rounded up is 112, as 224 halved is"
        ),
    },
}
