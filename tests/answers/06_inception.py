"""Answers to lecture 06's questions, as students write them."""

from tests.answers import right, wrong


def naive(
    kernels="((one, 1), (three, 3), (five, 5))",
    conv="padding='same', activation='relu'",
    pool="MaxPooling2D(3, 1, padding='same')(x)",
    result="keras.layers.Concatenate()([*parts, pool])",
):
    """The naive module with the choices given."""
    return f"""\
def naive(x, one, three, five):
    parts = []
    for filters, size in {kernels}:
        parts.append(keras.layers.Conv2D(filters, size, {conv})(x))
    pool = keras.layers.{pool}
    return {result}
"""


NAIVE = [
    right("a loop", naive()),
    right(
        "layer by layer, ReLU as a layer, joined by a function",
        """\
def naive(x, one, three, five):
    pool = keras.layers.MaxPool2D((3, 3), strides=(1, 1), padding="same")(x)
    large = keras.layers.Conv2D(five, (5, 5), padding="same")(x)
    middle = keras.layers.Conv2D(three, (3, 3), padding="same")(x)
    small = keras.layers.Conv2D(one, (1, 1))(x)
    convs = [keras.layers.ReLU()(y) for y in (small, middle, large)]
    return keras.layers.concatenate(convs + [pool], axis=-1)
""",
    ),
    right(
        "padded by hand, operations",
        """\
def naive(x, one, three, five):
    ops = keras.ops
    small = keras.layers.Conv2D(one, 1, activation="relu")(x)
    wide = keras.layers.ZeroPadding2D(1)(x)
    middle = keras.layers.Conv2D(three, 3)(wide)
    wider = keras.layers.ZeroPadding2D(2)(x)
    large = keras.layers.Conv2D(five, 5)(wider)
    pool = ops.max_pool(x, 3, strides=1, padding="same")
    return ops.concatenate([small, ops.relu(middle), ops.relu(large), pool], -1)
""",
    ),
    right(
        "the border repeated, one ReLU for three convolutions",
        """\
def naive(x, one, three, five):
    convs = [
        keras.layers.Conv2D(count, k, padding="same")(x)
        for count, k in zip((one, three, five), (1, 3, 5))
    ]
    bent = keras.layers.ReLU()(keras.layers.Concatenate()(convs))
    wide = keras.ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), "symmetric")
    largest = keras.layers.MaxPool2D(3, 1)(wide)
    return keras.layers.Concatenate()([bent, largest])
""",
    ),
    wrong(
        "ReLU behind all",
        naive(
            conv="padding='same'",
            result="keras.layers.ReLU()(keras.layers.Concatenate()"
            "([*parts, pool]))",
        ),
        "the pool is followed by ReLU, too",
    ),
    wrong(
        "zeros in the maximum",
        naive(pool="MaxPooling2D(3, 1)(keras.layers.ZeroPadding2D(1)(x))"),
        "a maximum pads with zeros",
    ),
    wrong(
        "the example's numbers",
        naive(kernels="((3, 1), (4, 3), (5, 5))"),
        "the numbers in the check are the question",
    ),
    wrong(
        "a pool that halves",
        naive(pool="MaxPooling2D(3, padding='same')(x)"),
        "a pool's stride is 1 unless said",
        at_most=0,
    ),
    wrong(
        "the smallest window",
        naive(pool="MaxPooling2D(1)(x)"),
        "a pool of stride 1 has a window of 1",
    ),
    wrong(
        "no padding",
        naive(conv="activation='relu'"),
        "a convolution keeps the size by itself",
        at_most=0,
    ),
    wrong(
        "added",
        naive(
            conv="padding='same', activation='relu'",
            result="keras.layers.Add()([keras.layers.Conv2D(one + three + five "
            "+ x.shape[-1], 1)(y) for y in [*parts, pool]])",
        ),
        "joined means added",
        at_most=0,
    ),
    wrong(
        "one after the other",
        """\
def naive(x, one, three, five):
    y = x
    outputs = []
    for filters, size in ((one, 1), (three, 3), (five, 5)):
        y = keras.layers.Conv2D(
            filters, size, padding="same", activation="relu"
        )(y)
        outputs.append(y)
    outputs.append(keras.layers.MaxPooling2D(3, 1, padding="same")(x))
    return keras.layers.Concatenate()(outputs)
""",
        "each branch reads the one before",
    ),
    wrong(
        "no activation",
        naive(conv="padding='same'"),
        "Keras's convolution rectifies by itself",
    ),
    wrong(
        "an average",
        naive(pool="AveragePooling2D(3, 1, padding='same')(x)"),
        "any pooling will do",
    ),
    wrong(
        "the pool first",
        naive(result="keras.layers.Concatenate()([pool, *parts])"),
        "the order of channels does not matter",
    ),
    wrong(
        "kernels swapped",
        naive(kernels="((one, 1), (three, 5), (five, 3))"),
        "the names are only numbers",
    ),
    wrong(
        "the package's own",
        """\
from course.blocks import inception_naive


def naive(x, one, three, five):
    return inception_naive(x, one, three, five)
""",
        "asking the library for it is building it",
        at_most=0,
    ),
]


def saved(formula):
    """A saving by a formula of n pixels and its five numbers."""
    return f"""\
def macs_saved(size, channels, squeeze, filters, kernel_size):
    n, k = size[0] * size[1], kernel_size
    return {formula}
"""


DIRECT = "n * k * k * channels * filters"
SAVED = [
    right(
        "a formula",
        saved(
            "n * (k**2 * channels * filters - squeeze * (channels + k**2 * "
            "filters))"
        ),
    ),
    right(
        "arrays of that size, a NumPy number",
        """\
def macs_saved(size, channels, squeeze, filters, kernel_size):
    def work(k, c, f):
        return np.prod((*size, k, k, c, f), dtype=np.int64)

    before = work(kernel_size, channels, filters)
    return before - work(1, channels, squeeze) - work(
        kernel_size, squeeze, filters
    )
""",
    ),
    right(
        "pixel by pixel, a fraction that is whole",
        """\
def macs_saved(size, channels, squeeze, filters, kernel_size):
    saved = 0.0
    for _ in range(size[0]):
        for _ in range(size[1]):
            saved += channels * filters * kernel_size**2
            saved -= channels * squeeze
            saved -= squeeze * filters * kernel_size**2
    return saved
""",
    ),
    right(
        "an array of one number",
        """\
def macs_saved(size, channels, squeeze, filters, kernel_size):
    taps = np.array([kernel_size**2 * filters])
    return (taps * (channels - squeeze) - channels * squeeze) * np.prod(size)
""",
    ),
    wrong(
        "32 bits",
        """\
def macs_saved(size, channels, squeeze, filters, kernel_size):
    k2f = np.array(kernel_size**2 * filters, np.int32)
    saved = k2f * np.int32(channels - squeeze) - np.int32(channels * squeeze)
    return np.prod([*size, saved], dtype=np.int32)
""",
        "a number has room for any count",
    ),
    wrong(
        "single precision",
        saved(
            "float(np.float32(n) * np.float32(k * k * filters * (channels - "
            "squeeze) - channels * squeeze))"
        ),
        "a float counts exactly",
    ),
    wrong(
        "the 1x1 costs nothing",
        saved(f"{DIRECT} - n * k * k * squeeze * filters"),
        "a 1x1 convolution is free",
    ),
    wrong(
        "weights only",
        saved(
            "k * k * channels * filters - channels * squeeze "
            "- k * k * squeeze * filters"
        ),
        "work and weights are the same",
    ),
    wrong(
        "the 1x1 as large as the other kernel",
        saved(
            f"{DIRECT} - n * k * k * channels * squeeze "
            "- n * k * k * squeeze * filters"
        ),
        "both kernels are k×k",
    ),
    wrong(
        "never negative",
        saved(
            f"max(0, {DIRECT} - n * channels * squeeze "
            "- n * k * k * squeeze * filters)"
        ),
        "a bottleneck cannot cost more",
    ),
    wrong(
        "the other way round",
        saved(
            f"n * channels * squeeze + n * k * k * squeeze * filters - {DIRECT}"
        ),
        "what is saved is the difference to before",
    ),
    wrong(
        "a share",
        saved(f"1 - n * squeeze * (channels + k * k * filters) / ({DIRECT})"),
        "what is saved is a share",
        at_most=0,
    ),
    wrong(
        "one side of the kernel",
        saved(
            "n * (k * channels * filters - channels * squeeze "
            "- k * squeeze * filters)"
        ),
        "a kernel has k weights a channel",
        at_most=0,
    ),
    wrong(
        "a square map",
        saved(
            "size[0] ** 2 * (k**2 * channels * filters - squeeze * (channels "
            "+ k**2 * filters))"
        ),
        "maps are square",
    ),
    wrong(
        "multiplied through",
        saved(f"{DIRECT} - n * channels * squeeze * k * k * filters"),
        "two layers in a row multiply their costs",
        at_most=0,
    ),
]


def module(
    order="a, b, c, d",
    pool="MaxPooling2D(3, 1, padding='same')(x)",
    inner="activation='relu'",
    last="padding='same', activation='relu'",
    behind="pool",
):
    """The reduced module with the choices given."""
    return f"""\
def reduced_module(x, one, three, five, pool):
    layers = keras.layers
    count = pool
    a = layers.Conv2D(one, 1, {last})(x)
    b = layers.Conv2D(three[0], 1, {inner})(x)
    b = layers.Conv2D(three[1], 3, {last})(b)
    c = layers.Conv2D(five[0], 1, {inner})(x)
    c = layers.Conv2D(five[1], 5, {last})(c)
    pool = layers.{pool}
    d = layers.Conv2D(count, 1, {last})({behind})
    return layers.Concatenate()([{order}])
"""


REDUCED = [
    right("branch by branch", module()),
    right(
        "chains of pairs",
        """\
def follow(x, *pairs):
    for filters, k in pairs:
        x = keras.layers.Conv2D(filters, (k, k), padding="same")(x)
        x = keras.layers.Activation("relu")(x)
    return x


def reduced_module(x, one, three, five, pool):
    pooled = keras.layers.MaxPool2D((3, 3), (1, 1), "same")(x)
    return keras.layers.concatenate(
        [
            follow(x, (one, 1)),
            follow(x, (three[0], 1), (three[1], 3)),
            follow(x, (five[0], 1), (five[1], 5)),
            follow(pooled, (pool, 1)),
        ]
    )
""",
    ),
    right(
        "the four 1x1 in another order, operations",
        """\
def reduced_module(x, one, three, five, pool):
    relu = keras.ops.relu
    ends = [keras.ops.max_pool(x, 3, 1, padding="same")]
    ends[0] = relu(keras.layers.Conv2D(pool, 1)(ends[0]))
    for (few, many), k in ((five, 5), (three, 3)):
        y = relu(keras.layers.Conv2D(few, 1)(x))
        ends.insert(0, relu(keras.layers.Conv2D(many, k, padding="same")(y)))
    ends.insert(0, relu(keras.layers.Conv2D(one, 1)(x)))
    return keras.ops.concatenate(ends, axis=-1)
""",
    ),
    wrong(
        "the pool's 1x1 reads x",
        module(behind="x", order="a, b, c, d"),
        "the 1x1 stands beside the pool",
    ),
    wrong(
        "1x1 before the pool",
        """\
def reduced_module(x, one, three, five, pool):
    layers = keras.layers
    a = layers.Conv2D(one, 1, activation="relu")(x)
    b = layers.Conv2D(three[0], 1, activation="relu")(x)
    b = layers.Conv2D(three[1], 3, padding="same", activation="relu")(b)
    c = layers.Conv2D(five[0], 1, activation="relu")(x)
    c = layers.Conv2D(five[1], 5, padding="same", activation="relu")(c)
    d = layers.Conv2D(pool, 1, activation="relu")(x)
    d = layers.MaxPooling2D(3, 1, padding="same")(d)
    return layers.Concatenate()([a, b, c, d])
""",
        "reduction always comes first",
    ),
    wrong(
        "zeros in the maximum",
        module(pool="MaxPooling2D(3, 1)(layers.ZeroPadding2D(1)(x))"),
        "a maximum pads with zeros",
    ),
    wrong(
        "the example's numbers",
        """\
def reduced_module(x, one, three, five, pool):
    layers = keras.layers
    same = {"padding": "same", "activation": "relu"}
    a = layers.Conv2D(3, 1, **same)(x)
    b = layers.Conv2D(5, 3, **same)(layers.Conv2D(4, 1, **same)(x))
    c = layers.Conv2D(7, 5, **same)(layers.Conv2D(6, 1, **same)(x))
    d = layers.MaxPooling2D(3, 1, padding="same")(x)
    d = layers.Conv2D(8, 1, **same)(d)
    return layers.Concatenate()([a, b, c, d])
""",
        "the numbers in the check are the question",
    ),
    wrong(
        "no ReLU between",
        module(inner="padding='same'"),
        "a 1x1 only mixes, it needs no activation",
    ),
    wrong(
        "no ReLU at the ends",
        module(last="padding='same'"),
        "the activation comes after the module",
    ),
    wrong(
        "an average",
        module(pool="AveragePooling2D(3, 1, padding='same')(x)"),
        "any pooling will do",
    ),
    wrong(
        "a pool that halves",
        module(pool="MaxPooling2D(3, padding='same')(x)"),
        "a pool's stride is 1 unless said",
        at_most=0,
    ),
    wrong(
        "the largest kernel first",
        module(order="c, b, a, d"),
        "the order of channels does not matter",
    ),
    wrong(
        "1x1 behind the large kernels",
        """\
def reduced_module(x, one, three, five, pool):
    layers = keras.layers
    same = {"padding": "same", "activation": "relu"}
    a = layers.Conv2D(one, 1, **same)(x)
    b = layers.Conv2D(three[0], 3, **same)(x)
    b = layers.Conv2D(three[1], 1, **same)(b)
    c = layers.Conv2D(five[0], 5, **same)(x)
    c = layers.Conv2D(five[1], 1, **same)(c)
    d = layers.MaxPooling2D(3, 1, padding="same")(x)
    d = layers.Conv2D(pool, 1, **same)(d)
    return layers.Concatenate()([a, b, c, d])
""",
        "channels are reduced after the work is done",
    ),
    wrong(
        "squeezed once for both",
        """\
def reduced_module(x, one, three, five, pool):
    layers = keras.layers
    same = {"padding": "same", "activation": "relu"}
    a = layers.Conv2D(one, 1, **same)(x)
    few = layers.Conv2D(three[0], 1, **same)(x)
    b = layers.Conv2D(three[1], 3, **same)(few)
    few = layers.Conv2D(five[0], 1, **same)(few)
    c = layers.Conv2D(five[1], 5, **same)(few)
    d = layers.MaxPooling2D(3, 1, padding="same")(x)
    d = layers.Conv2D(pool, 1, **same)(d)
    return layers.Concatenate()([a, b, c, d])
""",
        "branches share their reduction",
    ),
    wrong(
        "the naive module",
        """\
def reduced_module(x, one, three, five, pool):
    layers = keras.layers
    same = {"padding": "same", "activation": "relu"}
    a = layers.Conv2D(one, 1, **same)(x)
    b = layers.Conv2D(three[1], 3, **same)(x)
    c = layers.Conv2D(five[1], 5, **same)(x)
    d = layers.MaxPooling2D(3, 1, padding="same")(x)
    d = layers.Conv2D(pool, 1, **same)(d)
    return layers.Concatenate()([a, b, c, d])
""",
        "the 1x1 are a detail",
        at_most=0,
    ),
]


def table(
    out="one + three + five + pool",
    weights="channels * (one + a + b + pool) + 9 * a * three + 25 * b * five",
    biases="one + a + three + b + five + pool",
    then="channels = out",
):
    """The table by the rules given."""
    return f"""\
def module_table(channels, modules):
    rows = []
    for one, a, three, b, five, pool in modules:
        out = {out}
        rows.append((channels, out, {weights} + {biases}))
        {then}
    return rows
"""


TABLE = [
    right("weights, then biases", table()),
    right(
        "kernels as arrays, rows of an array",
        """\
def module_table(channels, modules):
    rows = np.zeros((len(modules), 3), int)
    for i, (one, a, three, b, five, pool) in enumerate(modules):
        total = 0
        for k, reads, filters in [
            (1, channels, one), (1, channels, a), (3, a, three),
            (1, channels, b), (5, b, five), (1, channels, pool),
        ]:
            total += np.empty((k, k, reads, filters)).size + filters
        rows[i] = channels, one + three + five + pool, total
        channels = int(rows[i, 1])
    return rows
""",
    ),
    right(
        "columns, lists in a list",
        """\
def module_table(channels, modules):
    one, a, three, b, five, pool = np.array(modules).T
    out = one + three + five + pool
    reads = np.concatenate([[channels], out[:-1]])
    count = (reads + 1) * (one + a + b + pool)
    count = count + (9 * a + 1) * three + (25 * b + 1) * five
    return np.stack([reads, out, count], axis=1).tolist()
""",
    ),
    wrong(
        "all six joined",
        table(out="one + a + three + b + five + pool"),
        "every convolution is joined",
        at_most=0,
    ),
    wrong(
        "the pool hands on all",
        table(out="one + three + five + channels"),
        "a pool keeps its channels, whatever stands behind it",
    ),
    right(
        "the first, then the rest",
        """\
def module_table(channels, modules):
    if not modules:
        return ()
    (one, a, three, b, five, pool), *rest = modules
    out = one + three + five + pool
    count = (channels + 1) * (one + a + b + pool)
    count += (9 * a + 1) * three + (25 * b + 1) * five
    return ((channels, out, count), *module_table(out, rest))
""",
    ),
    wrong(
        "rows as keys",
        """\
def module_table(channels, modules):
    found = {}
    for row in modules:
        one, a, three, b, five, pool = row
        out = one + three + five + pool
        count = (channels + 1) * (one + a + b + pool)
        count += (9 * a + 1) * three + (25 * b + 1) * five
        found[tuple(row)] = channels, out, count
        channels = out
    return list(found.values())
""",
        "no two modules are alike",
    ),
    wrong(
        "no biases",
        table(biases="0"),
        "biases are no parameters",
        at_most=0,
    ),
    wrong(
        "biases of the joined only",
        table(biases="out"),
        "a 1x1 that reduces has no bias",
        at_most=0,
    ),
    wrong(
        "all kernels read the input",
        table(
            weights="channels * (one + a + 9 * three + b + 25 * five + pool)"
        ),
        "each kernel of a module reads its input",
    ),
    wrong(
        "the input of the first",
        table(then="pass"),
        "each module reads the image's channels",
    ),
    wrong(
        "two 3x3 for the 5x5",
        table(
            weights="channels * (one + a + b + pool) + 9 * a * three "
            "+ 9 * b * five + 9 * five * five"
        ),
        "GoogLeNet has two 3x3 already",
        at_most=0,
    ),
    wrong(
        "nothing behind the pool",
        table(
            weights="channels * (one + a + b) + 9 * a * three + 25 * b * five",
            biases="one + a + three + b + five",
        ),
        "a pool has no parameters, nor has what follows",
        at_most=0,
    ),
]


def b_module(
    second="(1, 1, inner), (1, n, inner), (n, 1, filters)",
    third="(1, 1, inner), (n, 1, inner), (1, n, inner), (n, 1, inner), "
    "(1, n, filters)",
    pool="AveragePooling2D",
    fourth="run(pool(x), (1, 1, filters))",
    order="first, second, third, fourth",
    activation="'relu'",
    conv="keras.layers.Conv2D(filters, (high, wide), padding='same')(x)",
):
    """Module B with the choices given."""
    return f"""\
def run(x, *chain):
    for high, wide, filters in chain:
        x = {conv}
        x = keras.layers.Activation({activation})(x)
    return x


def module_b(x, filters, inner, n):
    first = run(x, (1, 1, filters))
    second = run(x, {second})
    third = run(x, {third})
    pool = keras.layers.{pool}((3, 3), strides=(1, 1), padding="same")
    fourth = {fourth}
    return keras.layers.Concatenate()([{order}])
"""


LONG = "(1, 1, inner), (n, 1, inner), (1, n, inner), (n, 1, inner), "
MODULE_B = [
    right("chains of triples", b_module()),
    right(
        "layer by layer, from the third branch on",
        """\
def module_b(x, filters, inner, n):
    L = keras.layers
    same = {"padding": "same", "activation": "relu"}
    c = L.Conv2D(inner, 1, **same)(x)
    for size in ((n, 1), (1, n), (n, 1)):
        c = L.Conv2D(inner, size, **same)(c)
    c = L.Conv2D(filters, (1, n), **same)(c)
    b = L.Conv2D(inner, 1, **same)(x)
    b = L.Conv2D(inner, (1, n), **same)(b)
    b = L.Conv2D(filters, (n, 1), **same)(b)
    a = L.Conv2D(filters, 1, **same)(x)
    d = L.AveragePooling2D(3, 1, padding="same")(x)
    d = L.Conv2D(filters, 1, **same)(d)
    return L.concatenate([a, b, c, d])
""",
    ),
    right(
        "padded by hand, operations",
        """\
def module_b(x, filters, inner, n):
    def conv(x, count, high, wide):
        x = keras.layers.ZeroPadding2D((high // 2, wide // 2))(x)
        return keras.ops.relu(keras.layers.Conv2D(count, (high, wide))(x))

    short = conv(conv(x, inner, 1, 1), inner, 1, n)
    long = conv(x, inner, 1, 1)
    for turn in range(3):
        long = conv(long, inner, *((1, n) if turn == 1 else (n, 1)))
    mean = keras.ops.average_pool(x, 3, strides=1, padding="same")
    ends = [
        conv(x, filters, 1, 1),
        conv(short, filters, n, 1),
        conv(long, filters, 1, n),
        conv(mean, filters, 1, 1),
    ]
    return keras.ops.concatenate(ends, axis=-1)
""",
    ),
    right(
        "a letter for each layer",
        """\
def module_b(x, filters, inner, n):
    sizes = {"p": 1, "r": (1, n), "c": (n, 1)}
    ends = []
    for word in ("p", "prc", "pcrcr", "mp"):
        y = x
        for i, letter in enumerate(word, start=1):
            if letter == "m":
                y = keras.layers.AvgPool2D(3, strides=1, padding="same")(y)
                continue
            count = filters if i == len(word) else inner
            y = keras.layers.Conv2D(count, sizes[letter], padding="same")(y)
            y = keras.layers.ReLU()(y)
        ends.append(y)
    return keras.layers.Concatenate()(ends)
""",
    ),
    wrong(
        "the 1x1 before the pool",
        b_module(fourth="pool(run(x, (1, 1, filters)))"),
        "average and 1x1 may be swapped: both are linear",
    ),
    wrong(
        "the example's n",
        b_module(
            second="(1, 1, inner), (1, 5, inner), (5, 1, filters)",
            third="(1, 1, inner), (5, 1, inner), (1, 5, inner), "
            "(5, 1, inner), (1, 5, filters)",
        ),
        "the number in the check is the question",
    ),
    wrong(
        "columns and rows swapped",
        b_module(
            second="(1, 1, inner), (n, 1, inner), (1, n, filters)",
            third="(1, 1, inner), (1, n, inner), (n, 1, inner), "
            "(1, n, inner), (n, 1, filters)",
        ),
        "1×n is n rows high",
    ),
    wrong(
        "squares",
        b_module(
            conv="keras.layers.Conv2D(filters, max(high, wide), "
            "padding='same')(x)"
        ),
        "1×n and n×n are nearly the same",
    ),
    wrong(
        "the third branch half",
        b_module(third="(1, 1, inner), (n, 1, inner), (1, n, filters)"),
        "one column and one row are enough",
        at_most=0,
    ),
    wrong(
        "side by side",
        """\
def module_b(x, filters, inner, n):
    L = keras.layers
    same = {"padding": "same", "activation": "relu"}
    a = L.Conv2D(filters, 1, **same)(x)
    b = L.Conv2D(inner, 1, **same)(x)
    b = L.Add()([
        L.Conv2D(filters, (1, n), **same)(b),
        L.Conv2D(filters, (n, 1), **same)(b),
    ])
    c = L.Conv2D(inner, 1, **same)(x)
    for _ in range(2):
        c = L.Add()([
            L.Conv2D(inner, (n, 1), **same)(c),
            L.Conv2D(inner, (1, n), **same)(c),
        ])
    c = L.Conv2D(filters, 1, **same)(c)
    d = L.AveragePooling2D(3, 1, padding="same")(x)
    d = L.Conv2D(filters, 1, **same)(d)
    return L.Concatenate()([a, b, c, d])
""",
        "a column and a row beside each other make an n×n",
        at_most=0,
    ),
    wrong(
        "a maximum",
        b_module(pool="MaxPooling2D"),
        "the pool is the same in all modules",
    ),
    wrong(
        "no activation",
        b_module(activation="None"),
        "a column and a row are one convolution: no ReLU between",
    ),
    wrong(
        "filters all through",
        b_module(
            second="(1, 1, filters), (1, n, filters), (n, 1, filters)",
            third=LONG.replace("inner", "filters") + "(1, n, filters)",
        ),
        "inner is for the first layer only",
    ),
    wrong(
        "another order",
        b_module(order="first, third, second, fourth"),
        "the order of channels does not matter",
    ),
    wrong(
        "the row at the wrong end",
        b_module(
            third="(1, 1, inner), (1, n, inner), (n, 1, inner), "
            "(n, 1, inner), (1, n, filters)",
        ),
        "the order of column and row does not matter",
    ),
    wrong(
        "the package's own",
        """\
from course.blocks import inception_b


def module_b(x, filters, inner, n):
    return inception_b(x, filters, inner, n, norm=False)
""",
        "asking the library for it is building it",
        at_most=0,
    ),
]


def grid(
    conv="keras.layers.Conv2D(count, 3, strides, padding='same', "
    "activation='relu')(x)",
    pool="MaxPooling2D(3, 2, padding='same')",
    first="conv(pool(x), filters, 1)",
    last="pool(conv(x, filters, 1))",
    both="keras.layers.Concatenate()([conv(x, filters - c, 2), pool(x)])",
):
    """Three ways with the choices given."""
    return f"""\
def reduce_grid(x, filters, way):
    c = x.shape[-1]

    def conv(x, count, strides):
        return {conv}

    pool = keras.layers.{pool}
    if way == "pool first":
        return {first}
    if way == "convolution first":
        return {last}
    return {both}
"""


GRID = [
    right("a conv and a pool, three times", grid()),
    right(
        "a dictionary of functions",
        """\
def reduce_grid(x, filters, way):
    def pool(x):
        return keras.ops.max_pool(x, 3, strides=2, padding="same")

    def conv(x, filters, strides=1):
        y = keras.layers.Conv2D(
            filters, (3, 3), strides=(strides, strides), padding="same"
        )(x)
        return keras.ops.relu(y)

    ways = {
        "pool first": lambda: conv(pool(x), filters),
        "convolution first": lambda: pool(conv(x, filters)),
        "side by side": lambda: keras.ops.concatenate(
            [conv(x, filters - x.shape[-1], 2), pool(x)], axis=-1
        ),
    }
    return ways[way]()
""",
    ),
    right(
        "the pool beside first, layers",
        """\
def reduce_grid(x, filters, way):
    is_joined = way == "side by side"
    channels = int(x.shape[-1])
    layers = [
        keras.layers.MaxPool2D(3, 2, "same"),
        keras.layers.Conv2D(
            filters - channels * is_joined,
            3,
            strides=1 + is_joined,
            padding="same",
        ),
        keras.layers.ReLU(),
    ]
    if is_joined:
        pooled, y = layers[0](x), layers[2](layers[1](x))
        return keras.layers.concatenate([y, pooled])
    if way == "convolution first":
        layers = [*layers[1:], layers[0]]
    for layer in layers:
        x = layer(x)
    return x
""",
    ),
    right(
        "ReLU behind the pool, which changes nothing",
        """\
def reduce_grid(x, filters, way):
    layers = keras.layers
    pool = layers.MaxPooling2D(3, strides=2, padding="same")
    if "side" in way:
        beside = layers.Conv2D(
            filters - x.shape[-1], 3, 2, padding="same", activation="relu"
        )
        return layers.Concatenate(axis=3)([f(x) for f in (beside, pool)])
    conv = layers.Conv2D(filters, 3, padding="same")
    steps = [pool, conv] if way.startswith("pool") else [conv, pool]
    for step in steps:
        x = step(x)
    return layers.ReLU()(x)
""",
    ),
    wrong(
        "ReLU over both sides",
        grid(
            both="keras.layers.ReLU()(keras.layers.Concatenate()"
            "([conv(x, filters - c, 2), pool(x)]))"
        ),
        "the pool beside is followed by ReLU, too",
    ),
    wrong(
        "the example's two channels",
        grid(
            both="keras.layers.Concatenate()([conv(x, filters - 2, 2), "
            "pool(x)])"
        ),
        "the numbers in the check are the question",
    ),
    wrong(
        "the ways swapped",
        grid(
            first="pool(conv(x, filters, 1))", last="conv(pool(x), filters, 1)"
        ),
        "the name says what the output is made by",
    ),
    wrong(
        "all filters beside the pool",
        grid(both="keras.layers.Concatenate()([conv(x, filters, 2), pool(x)])"),
        "joining adds no channels",
        at_most=0,
    ),
    wrong(
        "half of the filters",
        grid(
            both="keras.layers.Concatenate()([conv(x, filters // 2, 2), "
            "conv(pool(x), filters - filters // 2, 1)])"
        ),
        "each side gives half, so the pool needs a convolution",
    ),
    wrong(
        "halved twice",
        grid(first="conv(pool(x), filters, 2)"),
        "both layers have stride 2",
        at_most=0,
    ),
    wrong(
        "an average",
        grid(pool="AveragePooling2D(3, 2, padding='same')"),
        "any pooling will do",
    ),
    wrong(
        "a pool of 2",
        grid(pool="MaxPooling2D(2, padding='same')"),
        "a pool that halves has a window of 2",
    ),
    wrong(
        "no ReLU",
        grid(conv="keras.layers.Conv2D(count, 3, strides, padding='same')(x)"),
        "Keras's convolution rectifies by itself",
    ),
    wrong(
        "no padding",
        grid(
            conv="keras.layers.Conv2D(count, 3, strides, activation='relu')(x)",
            pool="MaxPooling2D(3, 2)",
        ),
        "half the size comes by itself",
        at_most=0,
    ),
    wrong(
        "the pool in front",
        grid(
            both="keras.layers.Concatenate()([pool(x), "
            "conv(x, filters - c, 2)])"
        ),
        "the order of channels does not matter",
    ),
    wrong(
        "one way for all",
        """\
def reduce_grid(x, filters, way):
    y = keras.layers.MaxPooling2D(3, 2, padding="same")(x)
    return keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(y)
""",
        "only shapes matter, and these are equal",
        at_most=0,
    ),
]

ANSWERS = {
    "naive-module": NAIVE,
    "macs-saved": SAVED,
    "reduced-module": REDUCED,
    "module-table": TABLE,
    "module-b": MODULE_B,
    "reduce-grid": GRID,
}

SURVIVORS = {}
