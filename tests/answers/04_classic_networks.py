"""Answers to lecture 04's questions, as students write them."""

from tests.answers import right, wrong


def norm(total, result="a / (k + alpha * total) ** beta"):
    """A normalization by a sum and a formula."""
    return f"""\
def response_norm(a, n=5, k=2.0, alpha=1e-4, beta=0.75):
    a = np.asarray(a, float)
    r = n // 2
    c = a.shape[-1]
    squares = np.pad(a**2, [(0, 0)] * (a.ndim - 1) + [(r, r)])
    total = {total}
    return {result}
"""


WINDOWS = "sum(squares[..., j : j + c] for j in range(n))"
NORM = [
    right("shifted copies, added", norm(WINDOWS)),
    right(
        "a band matrix",
        """\
def response_norm(a, n=5, k=2.0, alpha=1e-4, beta=0.75):
    a = np.array(a, dtype=float)
    at = np.arange(a.shape[-1])
    near = np.abs(at[:, None] - at) <= (n - 1) / 2
    return a * np.power(k + alpha * (a**2 @ near), -beta)
""",
    ),
    right(
        "Keras's operations, a tensor",
        """\
def response_norm(a, n=5, k=2.0, alpha=1e-4, beta=0.75):
    a = keras.ops.convert_to_tensor(np.asarray(a, "float32"))
    flat = keras.ops.reshape(keras.ops.square(a), (-1, a.shape[-1], 1))
    ones = np.ones((n, 1, 1), "float32")
    total = keras.ops.conv(flat, ones, padding="same")
    total = keras.ops.reshape(total, a.shape)
    return a / keras.ops.power(k + alpha * total, beta)
""",
    ),
    right(
        "lists of numbers, channel by channel",
        """\
def response_norm(a, n=5, k=2.0, alpha=1e-4, beta=0.75):
    if np.ndim(a) > 1:
        return [response_norm(part, n, k, alpha, beta) for part in a]
    result = []
    for i, value in enumerate(a):
        total = 0
        for j, other in enumerate(a):
            if abs(i - j) <= n // 2:
                total += other * other
        result.append(value / (k + alpha * total) ** beta)
    return result
""",
    ),
    right(
        "differences of running sums",
        """\
def response_norm(a, n=5, k=2.0, alpha=1e-4, beta=0.75):
    a = np.asarray(a, dtype="float64")
    sums = np.cumsum(np.square(a), axis=-1)
    sums = np.concatenate([np.zeros((*a.shape[:-1], 1)), sums], axis=-1)
    at = np.arange(a.shape[-1])
    last = np.minimum(at + n // 2 + 1, a.shape[-1])
    total = sums[..., last] - sums[..., np.maximum(at - n // 2, 0)]
    return a / (k + alpha * total) ** beta
""",
    ),
    wrong(
        "filled into an array of the same kind",
        """\
def response_norm(a, n=5, k=2.0, alpha=1e-4, beta=0.75):
    b = np.zeros_like(a)
    for i in range(a.shape[-1]):
        near = a[..., max(0, i - n // 2) : i + n // 2 + 1]
        b[..., i] = a[..., i] / (k + alpha * (near**2).sum(axis=-1)) ** beta
    return b
""",
        "zeros_like(a) holds fractions, whatever a holds",
    ),
    wrong(
        "a window that starts before the first channel",
        """\
def response_norm(a, n=5, k=2.0, alpha=1e-4, beta=0.75):
    a = np.asarray(a, float)
    b = np.empty_like(a)
    for i in range(a.shape[-1]):
        near = a[..., i - n // 2 : i + n // 2 + 1]
        b[..., i] = a[..., i] / (k + alpha * (near**2).sum(axis=-1)) ** beta
    return b
""",
        "a slice from below zero begins at the start",
    ),
    wrong(
        "written over what the next channel reads",
        """\
def response_norm(a, n=5, k=2.0, alpha=1e-4, beta=0.75):
    a = np.array(a, float)
    for i in range(a.shape[-1]):
        near = a[..., max(0, i - n // 2) : i + n // 2 + 1]
        a[..., i] /= (k + alpha * (near**2).sum(axis=-1)) ** beta
    return a
""",
        "neighbours compete with what is normalized already",
    ),
    wrong(
        "the first axis",
        """\
def response_norm(a, n=5, k=2.0, alpha=1e-4, beta=0.75):
    a = np.asarray(a, float)
    b = np.empty_like(a)
    for i in range(len(a)):
        near = a[max(0, i - n // 2) : i + n // 2 + 1]
        b[i] = a[i] / (k + alpha * (near**2).sum(axis=0)) ** beta
    return b
""",
        "channels are what a loop over the array runs through",
    ),
    wrong(
        "the mean of the squares",
        norm(f"{WINDOWS} / n"),
        "alpha multiplies the mean, as in other libraries",
    ),
    wrong(
        "the first neighbours of the last",
        norm(
            "sum(np.roll(a**2, j, axis=-1) for j in range(-r, r + 1))",
        ),
        "channels lie on a ring",
    ),
    wrong(
        "pixels compete",
        """\
def response_norm(a, n=5, k=2.0, alpha=1e-4, beta=0.75):
    a = np.asarray(a, float)
    axis = 1 if a.ndim > 2 else 0
    r, size = n // 2, a.shape[axis]
    around = [(0, 0)] * a.ndim
    around[axis] = (r, r)
    squares = np.moveaxis(np.pad(a**2, around), axis, 0)
    total = np.stack([squares[i : i + n].sum(axis=0) for i in range(size)])
    return a / (k + alpha * np.moveaxis(total, 0, axis)) ** beta
""",
        "the neighbours of a response are the pixels around it",
    ),
    wrong(
        "all channels",
        norm("(a**2).sum(axis=-1, keepdims=True)"),
        "every channel competes with every other",
    ),
    wrong(
        "without squares",
        norm(WINDOWS.replace("squares", "np.sqrt(squares)")),
        "neighbours are summed, not their squares",
    ),
    wrong(
        "n to each side",
        """\
def response_norm(a, n=5, k=2.0, alpha=1e-4, beta=0.75):
    a = np.asarray(a, float)
    b = np.empty_like(a)
    for i in range(a.shape[-1]):
        near = a[..., max(0, i - n) : i + n + 1]
        b[..., i] = a[..., i] / (k + alpha * (near**2).sum(axis=-1)) ** beta
    return b
""",
        "n counts the neighbours on one side",
    ),
    wrong(
        "itself left out",
        norm(f"{WINDOWS} - a**2"),
        "a channel competes with the others only",
    ),
    wrong(
        "the last neighbour forgotten",
        norm(WINDOWS.replace("range(n)", "range(n - 1)")),
        "a range's end is counted",
    ),
    wrong(
        "divided by the sum alone",
        norm(WINDOWS, "a / (alpha * total + 1e-12) ** beta"),
        "k only guards against zero",
    ),
    wrong(
        "the exponent on the sum",
        norm(WINDOWS, "a / (k + alpha * total**beta)"),
        "beta belongs to the sum",
    ),
    wrong(
        "the package's own",
        """\
from course.layers import LocalResponseNorm


def response_norm(a, n=5, k=2.0, alpha=1e-4, beta=0.75):
    layer = LocalResponseNorm(n=n, k=k, alpha=alpha, beta=beta)
    return layer(np.asarray(a, "float32"))
""",
        "asking the library for it is building it",
        at_most=0,
    ),
]


def table(
    conv="(k * k * before + 1) * filters",
    after="side //= 2",
    first="side * side * before",
    dense="(reads + 1) * outputs",
    end="total",
):
    """A count of a VGG's parameters by the rules given."""
    return f"""\
def vgg_parameters(
    stages, image_size=224, units=(4096, 4096, 1000), channels=3
):
    total, side, before = 0, image_size, channels
    for stage in stages:
        for k, filters in stage:
            total += {conv}
            before = filters
        {after}
    reads = {first}
    for outputs in units:
        total += {dense}
        reads = outputs
    return {end}
"""


PARAMETERS = [
    right("weights and biases together", table()),
    right("NumPy's integers", table(end="np.int64(total)")),
    right(
        "lists of layers, then a sum",
        """\
def vgg_parameters(
    stages, image_size=224, units=(4096, 4096, 1000), channels=3
):
    flat = [entry for stage in stages for entry in stage]
    reads = [channels, *[filters for _, filters in flat]]
    counts = [
        k**2 * before * filters + filters
        for (k, filters), before in zip(flat, reads, strict=False)
    ]
    side = image_size // 2 ** len(stages)
    sizes = [side**2 * reads[-1], *units]
    for before, after in zip(sizes, sizes[1:], strict=False):
        counts.append(before * after + after)
    return sum(counts)
""",
    ),
    right(
        "Keras's own count",
        """\
def vgg_parameters(
    stages, image_size=224, units=(4096, 4096, 1000), channels=3
):
    total, shape = 0, (None, image_size, image_size, channels)
    for stage in stages:
        for k, filters in stage:
            layer = keras.layers.Conv2D(filters, k, padding="same")
            shape, before = layer.compute_output_shape(shape), shape
            total += int(np.prod((k, k, before[-1], filters))) + filters
        shape = keras.layers.MaxPooling2D(2).compute_output_shape(shape)
    reads = int(np.prod(shape[1:]))
    for outputs in units:
        total, reads = total + reads * outputs + outputs, outputs
    return total
""",
    ),
    wrong(
        "no biases",
        table(conv="k * k * before * filters", dense="reads * outputs"),
        "biases are no parameters",
    ),
    wrong(
        "no biases in convolutions",
        table(conv="k * k * before * filters"),
        "only units of dense layers have biases",
    ),
    wrong(
        "all kernels 3x3",
        table(conv="(9 * before + 1) * filters"),
        "VGG has only 3x3",
    ),
    wrong(
        "flat filters",
        table(conv="(k * k + 1) * filters"),
        "a filter has one kernel, whatever it reads",
    ),
    wrong(
        "channels only into the dense layer",
        table(first="before"),
        "flattening leaves a number a channel",
    ),
    wrong(
        "no pool at the end",
        table(first="(2 * side) ** 2 * before"),
        "pools stand between stages",
    ),
    wrong(
        "odd sizes rounded up",
        table(after="side = -(-side // 2)"),
        "a pool also takes the last row of an odd size",
    ),
    wrong(
        "each dense layer reads the map",
        table(end="total").replace("        reads = outputs\n", ""),
        "all dense layers read what the first one reads",
    ),
    wrong(
        "channels of the stage before",
        table()
        .replace("            before = filters\n", "")
        .replace("side //= 2", "side, before = side // 2, filters"),
        "channels change once a stage",
    ),
    wrong(
        "no pools",
        table(after="side = side"),
        "pools have no parameters, so they do not count",
    ),
    wrong(
        "one axis of the map",
        table(first="side * before"),
        "a map has as many places as it is wide",
    ),
    wrong(
        "the image read by each stage",
        table(after="side //= 2; before = channels"),
        "each stage begins with the image's channels",
    ),
    wrong(
        "the paper's millions",
        """\
def vgg_parameters(
    stages, image_size=224, units=(4096, 4096, 1000), channels=3
):
    layers = sum(len(stage) for stage in stages)
    return {8: 133, 10: 133, 13: 138, 16: 144}.get(layers, 0) * 10**6
""",
        "the table's rounded numbers are the count",
    ),
]


def vgg(
    counts="{'A': [1, 1, 2, 2, 2], 'B': [2] * 5, 'C': [2] * 5, "
    "'D': [2, 2, 3, 3, 3], 'E': [2, 2, 4, 4, 4]}",
    widths="[1, 2, 4, 8, 8]",
    ones="letter == 'C' and stage > 1",
    conv="padding='same', activation='relu'",
    pool="MaxPooling2D(2)",
    flat="Flatten()",
    dense="activation='relu'",
    top="",
):
    """VGG by Keras's layers, with the choices given."""
    return f"""\
def vgg_net(x, letter, width, units, classes):
    counts = {counts}
    for stage in range(5):
        filters = width * {widths}[stage]
        kernels = [3] * counts[letter][stage]
        if {ones}:
            kernels = kernels + [1]
        for size in kernels:
            x = keras.layers.Conv2D(filters, size, {conv})(x)
        x = keras.layers.{pool}(x)
    x = keras.layers.{flat}(x)
    for _ in range(2):
        x = keras.layers.Dense(units, {dense})(x)
    return keras.layers.Dense(classes{top})(x)
"""


VGG = [
    right("loops over stages", vgg()),
    right(
        "a table of texts, a layer for each activation, dropout",
        """\
TABLE = {
    "A": "1 P 2 P 4 4 P 8 8 P 8 8 P",
    "B": "1 1 P 2 2 P 4 4 P 8 8 P 8 8 P",
    "C": "1 1 P 2 2 P 4 4 4* P 8 8 8* P 8 8 8* P",
    "D": "1 1 P 2 2 P 4 4 4 P 8 8 8 P 8 8 8 P",
    "E": "1 1 P 2 2 P 4 4 4 4 P 8 8 8 8 P 8 8 8 8 P",
}


def vgg_net(x, letter, width, units, classes):
    layers = keras.layers
    for word in TABLE[letter].split():
        if word == "P":
            x = layers.MaxPool2D(pool_size=(2, 2), strides=2)(x)
        else:
            size = 1 if word.endswith("*") else 3
            filters = width * int(word.rstrip("*"))
            x = layers.Conv2D(filters, size, padding="same")(x)
            x = layers.ReLU()(x)
    x = layers.Flatten()(x)
    for _ in range(2):
        x = layers.Dense(units)(x)
        x = layers.Activation("relu")(x)
        x = layers.Dropout(0.5)(x)
    return layers.Dense(classes, activation=None)(x)
""",
    ),
    right(
        "a helper for a stage, ReLU by operation",
        """\
def stage(x, filters, kernels):
    for size in kernels:
        x = keras.layers.Conv2D(filters, (size, size), padding="same")(x)
        x = keras.ops.relu(x)
    return keras.layers.MaxPooling2D((2, 2))(x)


def vgg_net(x, letter, width, units, classes):
    early = 1 if letter == "A" else 2
    late = {"D": [3] * 3, "E": [3] * 4, "C": [3, 3, 1]}.get(letter, [3] * 2)
    x = stage(x, width, [3] * early)
    x = stage(x, 2 * width, [3] * early)
    for factor in (4, 8, 8):
        x = stage(x, factor * width, late)
    x = keras.layers.Reshape((-1,))(x)
    x = keras.layers.Dense(units, "relu")(x)
    x = keras.layers.Dense(units, "relu")(x)
    return keras.layers.Dense(classes)(x)
""",
    ),
    right(
        "weights that suit ReLU",
        vgg(
            conv="padding='same', activation='relu', "
            "kernel_initializer='he_normal'"
        ),
    ),
    right(
        "Keras's activations, called",
        vgg(conv="padding='same', activation=keras.activations.relu").replace(
            "Dense(units, activation='relu')(x)",
            "Dense(units)(x)\n        x = keras.activations.relu(x)",
        ),
    ),
    right(
        "a model of its own, called on x",
        """\
def vgg_net(x, letter, width, units, classes):
    counts = {"A": "11222", "B": "22222", "C": "22333", "D": "22333"}
    layers = keras.layers
    net = keras.Sequential()
    for stage, count in enumerate(counts.get(letter, "22444")):
        for i in range(int(count)):
            size = 1 if letter == "C" and i == 2 else 3
            filters = width * min(2**stage, 8)
            net.add(layers.Conv2D(filters, size, 1, "same", activation="relu"))
        net.add(layers.MaxPool2D())
    net.add(layers.Flatten())
    net.add(layers.Dense(units, "relu"))
    net.add(layers.Dense(units, "relu"))
    net.add(layers.Dense(classes))
    return net(x)
""",
    ),
    wrong(
        "the 1x1 first in its stage",
        vgg().replace("kernels + [1]", "[1] + kernels"),
        "a 1x1 convolution narrows before the 3x3, as in later networks",
    ),
    wrong(
        "one ReLU for two dense layers",
        vgg(dense="activation='relu' if _ else None"),
        "ReLU belongs before the scores only",
    ),
    wrong(
        "overlapping pooling",
        vgg(pool="MaxPooling2D(3, 2, padding='same')"),
        "VGG pools as AlexNet does",
    ),
    wrong(
        "every second pixel instead of a pool",
        vgg().replace("keras.layers.MaxPooling2D(2)(x)", "x[:, ::2, ::2]"),
        "a pool only makes the map smaller",
    ),
    wrong(
        "the last stage doubles, too",
        vgg(widths="[1, 2, 4, 8, 16]"),
        "channels double after each pool",
    ),
    wrong(
        "no padding",
        vgg(conv="padding='valid', activation='relu'"),
        "a convolution does not pad unless it must",
        at_most=0,
    ),
    wrong(
        "softmax at the end",
        vgg(top=", activation='softmax'"),
        "a classifier returns shares",
    ),
    wrong(
        "ReLU at the end, too",
        vgg(top=", activation='relu'"),
        "ReLU follows each dense layer",
    ),
    wrong(
        "global pooling",
        vgg(flat="GlobalAveragePooling2D()"),
        "a map becomes a vector by its averages",
    ),
    wrong(
        "average pooling",
        vgg(pool="AveragePooling2D(2)"),
        "any pooling will do",
    ),
    wrong(
        "no activations in convolutions",
        vgg(conv="padding='same'"),
        "Keras's convolution rectifies by itself",
    ),
    wrong(
        "C as D",
        vgg(
            counts="{'A': [1, 1, 2, 2, 2], 'B': [2] * 5, "
            "'C': [2, 2, 3, 3, 3], 'D': [2, 2, 3, 3, 3], "
            "'E': [2, 2, 4, 4, 4]}",
            ones="False",
        ),
        "all kernels of VGG are 3x3",
    ),
    wrong(
        "C with a 1x1 in each stage",
        vgg(ones="letter == 'C'"),
        "the 1x1 convolutions belong to all stages",
    ),
    wrong(
        "16 convolutions in VGG-16",
        vgg(
            counts="{'A': [1, 1, 2, 2, 2], 'B': [2] * 5, 'C': [2] * 5, "
            "'D': [2, 2, 4, 4, 4], 'E': [3, 4, 4, 4, 4]}"
        ),
        "a network's number counts convolutions only",
    ),
    wrong(
        "the letter ignored",
        vgg(
            counts="dict.fromkeys('ABCDE', [2, 2, 3, 3, 3])",
            ones="False",
        ),
        "VGG is VGG-16",
        at_most=0,
    ),
]


def sliding(
    kernel="reshape(h, w, c, -1)",
    result="y + bias",
    padding="valid",
):
    """A convolution with the weights, brought into a form."""
    return f"""\
def slide(features, weights, bias, map_shape):
    h, w, c = map_shape
    weights = np.asarray(weights, "float32")
    units = weights.shape[-1]
    kernel = weights.{kernel}
    features = np.asarray(features, "float32")
    y = keras.ops.conv(features, kernel, padding="{padding}")
    y = keras.ops.convert_to_numpy(y)
    return {result}
"""


SLIDE = [
    right("Keras's convolution", sliding()),
    right(
        "windows, one after the other",
        """\
def slide(features, weights, bias, map_shape):
    n, high, wide, _ = features.shape
    h, w, _ = map_shape
    rows = []
    for r in range(high - h + 1):
        row = []
        for s in range(wide - w + 1):
            window = features[:, r : r + h, s : s + w, :]
            row.append(window.reshape(n, -1) @ weights + bias)
        rows.append(np.stack(row, axis=1))
    return np.stack(rows, axis=1)
""",
    ),
    right(
        "all windows at once",
        """\
def slide(features, weights, bias, map_shape):
    h, w, c = map_shape
    windows = np.lib.stride_tricks.sliding_window_view(
        features, (h, w), axis=(1, 2)
    )
    kernel = np.reshape(weights, (h, w, c, len(bias)))
    return np.einsum("nrschw,hwcu->nrsu", windows, kernel) + bias
""",
    ),
    right(
        "a layer with these weights, a tensor",
        """\
def slide(features, weights, bias, map_shape):
    layer = keras.layers.Conv2D(len(bias), tuple(map_shape[:2]))
    layer.build((None, None, None, map_shape[2]))
    layer.set_weights([np.reshape(weights, layer.kernel.shape), bias])
    return layer(np.asarray(features, "float32"))
""",
    ),
    right(
        "tap by tap",
        """\
def slide(features, weights, bias, map_shape):
    h, w, c = map_shape
    rows = features.shape[1] - h + 1
    columns = features.shape[2] - w + 1
    y = np.zeros(np.shape(bias)) + bias
    for at, part in enumerate(np.split(np.asarray(weights), h * w)):
        u, v = divmod(at, w)
        y = y + features[:, u : u + rows, v : v + columns] @ part
    return y
""",
    ),
    right(
        "tensors all the way",
        """\
def slide(features, weights, bias, map_shape):
    ops = keras.ops
    kernel = ops.reshape(ops.cast(weights, "float32"), (*map_shape, -1))
    y = ops.conv(ops.cast(features, "float32"), kernel, padding="valid")
    return y + ops.cast(bias, "float32")
""",
    ),
    wrong(
        "windows with channels first",
        """\
def slide(features, weights, bias, map_shape):
    h, w, c = map_shape
    windows = np.lib.stride_tricks.sliding_window_view(
        features, (h, w), axis=(1, 2)
    )
    return windows.reshape(*windows.shape[:3], -1) @ weights + bias
""",
        "sliding_window_view leaves the channels last",
    ),
    wrong(
        "the first image for all",
        sliding(result="np.repeat(y[:1], len(y), axis=0) + bias"),
        "a batch is one image",
    ),
    wrong(
        "ReLU",
        sliding(result="np.maximum(y + bias, 0)"),
        "a convolution ends with ReLU",
    ),
    wrong(
        "channel after channel",
        sliding("reshape(c, h, w, -1).transpose(1, 2, 0, 3)"),
        "a map is flattened one channel after the other",
    ),
    wrong(
        "rows and columns swapped",
        sliding("reshape(w, h, c, -1).transpose(1, 0, 2, 3)"),
        "columns are flattened before rows",
    ),
    wrong(
        "the kernel turned",
        sliding("reshape(h, w, c, -1)[::-1, ::-1]"),
        "a convolution turns its kernel, so turn it back",
    ),
    wrong(
        "no bias",
        sliding(result="y"),
        "a convolution's bias is zero",
    ),
    wrong(
        "padded",
        sliding(padding="same"),
        "the answer has as many places as the features",
    ),
    wrong(
        "windows side by side",
        """\
def slide(features, weights, bias, map_shape):
    h, w, c = map_shape
    kernel = np.reshape(np.asarray(weights, "float32"), (h, w, c, -1))
    features = np.asarray(features, "float32")
    y = keras.ops.conv(features, kernel, strides=(h, w), padding="valid")
    return keras.ops.convert_to_numpy(y) + bias
""",
        "windows do not overlap",
    ),
    wrong(
        "a dense layer in each pixel",
        sliding("reshape(h * w, c, -1).sum(axis=0)[None, None]"),
        "a dense layer that slides is a 1x1 convolution",
    ),
    wrong(
        "one answer an image",
        """\
def slide(features, weights, bias, map_shape):
    h, w, c = map_shape
    window = features[:, :h, :w].reshape(len(features), -1)
    return (window @ weights + bias)[:, None, None]
""",
        "a dense layer answers once an image",
    ),
]


def head(
    relu="activation='relu'",
    last="activation='relu'",
    size="1",
    pool="GlobalAveragePooling2D()",
    padding="same",
    after="",
):
    """An mlpconv, class maps and averages, with the choices given."""
    return f"""\
def nin_head(x, filters, kernel_size, classes):
    layers = keras.layers
    x = layers.Conv2D(
        filters[0], kernel_size, padding="{padding}", activation="relu"
    )(x)
    for count in filters[1:]:
        x = layers.Conv2D(count, {size}, padding="same", {relu})(x)
    x = layers.Conv2D(classes, 1, {last})(x)
    x = layers.{pool}(x)
{after}    return x
"""


NIN = [
    right("layer by layer", head()),
    right(
        "ReLU by layers, averages by operation",
        """\
def nin_head(x, filters, kernel_size, classes):
    first, *rest = [*filters, classes]
    x = keras.layers.Conv2D(first, kernel_size, padding="same")(x)
    x = keras.layers.ReLU()(x)
    for units in rest:
        x = keras.layers.Conv2D(units, (1, 1))(x)
        x = keras.layers.Activation("relu")(x)
    return keras.ops.mean(x, axis=(1, 2))
""",
    ),
    right(
        "a dense layer in each pixel",
        """\
def nin_head(x, filters, kernel_size, classes):
    layers = keras.layers
    first, *rest = filters
    x = layers.Conv2D(first, kernel_size, 1, "same", activation="relu")(x)
    for units in (*rest, classes):
        x = layers.Dense(units, "relu")(x)
    return layers.GlobalAveragePooling2D()(x)
""",
    ),
    right(
        "Keras's activations, called, then flattened",
        """\
def nin_head(x, filters, kernel_size, classes):
    for at, count in enumerate([*filters, classes]):
        size = 1 if at else kernel_size
        x = keras.layers.Conv2D(count, size, padding="same")(x)
        x = keras.activations.relu(x)
    x = keras.layers.GlobalAveragePooling2D(keepdims=True)(x)
    return keras.layers.Flatten()(x)
""",
    ),
    wrong(
        "one 1x1 convolution, however many are asked for",
        head().replace("filters[1:]", "filters[1:2]"),
        "an mlpconv has one hidden layer",
    ),
    wrong(
        "ReLU on the averages",
        head(last="activation=None", after="    x = layers.ReLU()(x)\n"),
        "the mean of what ReLU leaves is ReLU of the mean",
    ),
    wrong(
        "sums",
        head().replace(
            "layers.GlobalAveragePooling2D()(x)",
            "keras.ops.sum(x, axis=(1, 2))",
        ),
        "pooling adds up",
    ),
    wrong(
        "batch normalization after the first",
        head().replace(
            "    for count",
            "    x = layers.BatchNormalization()(x)\n    for count",
        ),
        "every convolution is normalized",
    ),
    wrong(
        "a dense layer for the scores",
        """\
def nin_head(x, filters, kernel_size, classes):
    for count in filters:
        x = keras.layers.Conv2D(
            count, kernel_size, padding="same", activation="relu"
        )(x)
        kernel_size = 1
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.layers.Dense(classes, activation="relu")(x)
""",
        "averages come before the scores",
    ),
    wrong(
        "every kernel as large as the first",
        head(size="kernel_size"),
        "an mlpconv is several convolutions of one size",
    ),
    wrong(
        "no ReLU between",
        head(relu="activation=None"),
        "two 1x1 convolutions are a network already",
    ),
    wrong(
        "no ReLU on the class maps",
        head(last="activation=None"),
        "the last layer never has a ReLU",
    ),
    wrong(
        "the largest instead of the average",
        head(pool="GlobalMaxPooling2D()"),
        "global pooling takes the maximum",
    ),
    wrong(
        "flattened",
        head(
            pool="Flatten()",
            after="    x = layers.Dense(classes)(x)\n",
        ),
        "scores need a dense layer",
        at_most=0,
    ),
    wrong(
        "no padding",
        head(padding="valid"),
        "a convolution does not pad unless told",
    ),
    wrong(
        "softmax",
        head(after="    x = layers.Softmax()(x)\n"),
        "a head returns shares",
    ),
    wrong(
        "the package's own",
        """\
from course.blocks import mlpconv


def nin_head(x, filters, kernel_size, classes):
    x = mlpconv(x, [*filters, classes], kernel_size)
    return keras.layers.GlobalAveragePooling2D()(x)
""",
        "asking the library for it is building it",
        at_most=0,
    ),
    wrong(
        "the class maps forgotten",
        """\
def nin_head(x, filters, kernel_size, classes):
    for count in [*filters[:-1], classes]:
        x = keras.layers.Conv2D(
            count, kernel_size, padding="same", activation="relu"
        )(x)
        kernel_size = 1
    return keras.layers.GlobalAveragePooling2D()(x)
""",
        "the last of the filters are the classes",
        at_most=0,
    ),
]

ANSWERS = {
    "response-norm": NORM,
    "vgg-parameters": PARAMETERS,
    "vgg-net": VGG,
    "slide": SLIDE,
    "nin-head": NIN,
}

SURVIVORS = {
    "response-norm": {
        "def response_norm(a, n=5, k=2.0, alpha=0.0001, beta=0.75): -> "
        "def response_norm(a, n=4, k=2.0, alpha=0.0001, beta=0.75):": (
            "half of 4 reaches as far to each side as half of 5"
        ),
    },
    "vgg-parameters": {
        "def vgg_parameters(stages, image_size=224, "
        "units=(4096, 4096, 1000), channels=3): -> "
        "def vgg_parameters(stages, image_size=225, "
        "units=(4096, 4096, 1000), channels=3):": (
            "225 halved five times is 7, as 224 is"
        ),
    },
    "slide": {
        "kernel = kernel.reshape(height, width, channels, -1) -> "
        "kernel = kernel.reshape(height, width, channels, -2)": (
            "NumPy works out the size for any negative number"
        ),
    },
}
