"""Answers to lecture 07's questions, as students write them."""

from tests.answers import right, wrong


def norm(
    axes="tuple(range(x.ndim - 1))",
    variance_of="x.var(axis=axes)",
    used="(m, v) if training else (mean, variance)",
    moved="if training:",
    move="momentum * {old} + (1 - momentum) * {new}",
    root="np.sqrt(s + epsilon)",
    end="y, mean, variance",
):
    """Batch normalization with the choices given."""
    return f"""\
def batch_norm(
    x, gamma, beta, mean, variance, training, momentum=0.99, epsilon=1e-3
):
    x = np.asarray(x, float)
    mean, variance = np.asarray(mean, float), np.asarray(variance, float)
    axes = {axes}
    m, v = x.mean(axis=axes), {variance_of}
    a, s = {used}
    y = np.asarray(gamma) * (x - a) / {root} + np.asarray(beta)
    {moved}
        mean = {move.format(old="mean", new="m")}
        variance = {move.format(old="variance", new="v")}
    return {end}
"""


NORM = [
    right("axes but the last", norm()),
    right(
        "rows of channels, moved by a step",
        """\
def batch_norm(
    x, gamma, beta, mean, variance, training, momentum=0.99, epsilon=1e-3
):
    flat = np.reshape(np.array(x, dtype=float), (-1, np.shape(x)[-1]))
    m, v = np.array(mean, float), np.array(variance, float)
    new_m, new_v = m, v
    if training:
        m2 = flat.sum(axis=0) / len(flat)
        v2 = ((flat - m2) ** 2).sum(axis=0) / len(flat)
        new_m = m + (1 - momentum) * (m2 - m)
        new_v = v + (1 - momentum) * (v2 - v)
        m, v = m2, v2
    scale = np.array(gamma) * (v + epsilon) ** -0.5
    y = flat * scale + (np.array(beta) - m * scale)
    return y.reshape(np.shape(x)), new_m, new_v
""",
    ),
    right(
        "Keras's operations, tensors",
        """\
def batch_norm(
    x, gamma, beta, mean, variance, training, momentum=0.99, epsilon=1e-3
):
    ops = keras.ops
    x, gamma, beta, mean, variance = [
        ops.convert_to_tensor(np.asarray(each, "float32"))
        for each in (x, gamma, beta, mean, variance)
    ]
    m, v = mean, variance
    if training:
        m, v = ops.moments(x, axes=list(range(len(x.shape) - 1)))
        mean = momentum * mean + (1 - momentum) * m
        variance = momentum * variance + (1 - momentum) * v
    y = ops.add(ops.multiply(gamma, (x - m) * ops.rsqrt(v + epsilon)), beta)
    return y, mean, variance
""",
    ),
    right(
        "a channel at a time, lists",
        """\
def batch_norm(
    x, gamma, beta, mean, variance, training, momentum=0.99, epsilon=1e-3
):
    y = np.zeros(np.shape(x))
    means, variances = [], []
    for c in range(np.shape(x)[-1]):
        channel = np.asarray(x)[..., c]
        m, v = mean[c], variance[c]
        if training:
            m, v = np.mean(channel), np.mean(channel**2) - np.mean(channel) ** 2
            means.append(momentum * mean[c] + (1 - momentum) * m)
            variances.append(momentum * variance[c] + (1 - momentum) * v)
        else:
            means.append(m)
            variances.append(v)
        y[..., c] = gamma[c] * (channel - m) / (v + epsilon) ** 0.5 + beta[c]
    return y, means, variances
""",
    ),
    wrong(
        "batch statistics in use",
        norm(used="m, v"),
        "the batch at hand normalizes, always",
    ),
    wrong(
        "running statistics in training",
        norm(used="mean, variance"),
        "running statistics normalize, always",
    ),
    wrong(
        "divided by n - 1",
        norm(variance_of="x.var(axis=axes, ddof=1)"),
        "a variance is divided by one less",
    ),
    wrong(
        "momentum weighs the new",
        norm(move="(1 - momentum) * {old} + momentum * {new}"),
        "momentum is how far the running statistics move",
    ),
    wrong(
        "a mean a pixel",
        norm(axes="0"),
        "statistics are taken over images alone",
    ),
    wrong(
        "a mean an image",
        norm(
            axes="tuple(range(1, x.ndim))",
            variance_of="x.var(axis=axes)",
            used="(x.mean(), x.var()) if training else (mean, variance)",
            move="{old}",
        ),
        "all channels share a mean",
    ),
    wrong(
        "the deviation kept",
        norm(variance_of="x.std(axis=axes)"),
        "deviation and variance are the same",
    ),
    wrong(
        "epsilon behind the root",
        norm(root="(np.sqrt(s) + epsilon)"),
        "epsilon only guards against division by zero",
    ),
    wrong(
        "moved in use, too",
        norm(moved="if True:"),
        "running statistics are learned from every batch",
    ),
    wrong(
        "never moved",
        norm(moved="if False:"),
        "running statistics are given once",
    ),
    wrong(
        "no scale and shift",
        norm()
        .replace("np.asarray(gamma) * ", "")
        .replace(" + np.asarray(beta)", ""),
        "normalized is normalized",
    ),
    wrong(
        "two axes or four",
        norm(axes="(0, 1, 2) if x.ndim == 4 else 0"),
        "x is a table or a batch of maps",
    ),
    wrong(
        "the running variance by one less",
        norm(variance_of="x.var(axis=axes, ddof=1)").replace(
            "(m, v) if training", "(m, x.var(axis=axes)) if training"
        ),
        "what is remembered is an estimate, divided by one less",
    ),
    wrong(
        "Keras's layer",
        """\
def batch_norm(
    x, gamma, beta, mean, variance, training, momentum=0.99, epsilon=1e-3
):
    layer = keras.layers.BatchNormalization(momentum=momentum, epsilon=epsilon)
    layer.build(np.shape(x))
    layer.set_weights([gamma, beta, mean, variance])
    y = layer(np.asarray(x, "float32"), training=training)
    return y, layer.moving_mean.numpy(), layer.moving_variance.numpy()
""",
        "calling the layer is computing it by hand",
        at_most=0,
    ),
    wrong(
        "gamma and beta swapped",
        norm()
        .replace("np.asarray(gamma)", "np.asarray(BETA)")
        .replace("np.asarray(beta)", "np.asarray(gamma)")
        .replace("BETA", "beta"),
        "beta scales and gamma shifts",
    ),
]


def slopes(
    active="(w @ h > 0)",
    turned="w.T",
    skip="gradient + back if residual else back",
    order="norms[::-1]",
    size="np.linalg.norm(gradient)",
    forward="h + r if residual else r",
    early="",
):
    """Gradients by going back, with the choices given."""
    return f"""\
def gradient_norms(weights, x, residual):
    h, inputs = np.asarray(x, float), []
    for w in weights:
        inputs.append(h)
        r = np.maximum(w @ h, 0)
        h = {forward}
    gradient, norms = np.ones(h.shape), []
    for w, h in zip(weights[::-1], inputs[::-1]):
        {early}back = {turned} @ (gradient * {active})
        gradient = {skip}
        norms.append({size})
    return {order}
"""


GRADIENTS = [
    right("back from the sum", slopes()),
    right(
        "matrices, multiplied from the end",
        """\
def gradient_norms(weights, x, residual):
    steps, h = [], np.array(x, dtype=float)
    one = np.eye(len(h)) * bool(residual)
    for w in weights:
        on = np.diag((w.dot(h) > 0).astype(float))
        step = on @ w + one
        steps.append(step)
        h = step @ h
    row, norms = np.ones((1, len(h))), []
    for step in reversed(steps):
        row = row @ step
        norms.insert(0, float(np.sqrt((row**2).sum())))
    return norms
""",
    ),
    right(
        "a recursion",
        """\
def gradient(weights, h, residual):
    if not weights:
        return np.ones_like(h), []
    r = np.matmul(weights[0], h)
    after = np.where(r > 0, r, 0.0) + (h if residual else 0)
    g, found = gradient(weights[1:], after, residual)
    mine = np.where(r > 0, g, 0) @ weights[0]
    if residual:
        mine = mine + g
    return mine, [np.sqrt(np.sum(mine * mine)), *found]


def gradient_norms(weights, x, residual):
    return np.array(gradient(list(weights), np.asarray(x, float), residual)[1])
""",
    ),
    right(
        "differences",
        """\
def run(weights, h, residual):
    for w in weights:
        r = np.maximum(w @ h, 0)
        h = h + r if residual else r
    return h


def gradient_norms(weights, x, residual):
    norms, e = [], 1e-5
    h = np.asarray(x, float)
    for at, w in enumerate(weights):
        slopes = []
        for i in range(len(h)):
            up, down = h.copy(), h.copy()
            up[i] += e
            down[i] -= e
            high = run(weights[at:], up, residual).sum()
            low = run(weights[at:], down, residual).sum()
            slopes.append((high - low) / (2 * e))
        norms.append(np.linalg.norm(slopes))
        h = run([w], h, residual)
    return norms
""",
    ),
    right(
        "a tangent for each unit, forwards",
        """\
def gradient_norms(weights, x, residual):
    norms, h = [], np.asarray(x, float)
    for at in range(len(weights)):
        here, tangents = h, np.eye(len(h))
        for w in weights[at:]:
            z, dz = w @ here, w @ tangents
            dr = np.where(z[:, None] > 0, dz, 0)
            tangents = tangents + dr if residual else dr
            here = here + z.clip(0) if residual else z.clip(0)
        norms.append(np.sqrt((tangents.sum(axis=0) ** 2).sum()))
        r = np.maximum(weights[at] @ h, 0)
        h = h + r if residual else r
    return tuple(norms)
""",
    ),
    wrong(
        "the last first",
        slopes(order="norms"),
        "gradients are listed as they are found, from the end",
    ),
    wrong(
        "ReLU has the slope 1",
        slopes(active="1"),
        "ReLU passes every gradient",
    ),
    wrong(
        "the matrix not transposed",
        slopes(turned="w"),
        "gradients go through the same matrix",
    ),
    wrong(
        "skips forgotten on the way back",
        slopes(skip="back"),
        "a skip is only for what goes forward",
    ),
    wrong(
        "1 added once to each number",
        slopes(skip="1 + back if residual else back"),
        "the derivative is 1 plus that of the branch, so 1 is added",
    ),
    wrong(
        "skips only backwards",
        slopes(forward="r"),
        "the forward pass is the plain net's",
    ),
    wrong(
        "norms squared",
        slopes(size="(gradient**2).sum()"),
        "a norm is the sum of squares",
    ),
    wrong(
        "where the input is on",
        slopes(active="(h > 0)"),
        "ReLU's slope is decided by what the layer reads",
    ),
    wrong(
        "all layers as one product of norms",
        """\
def gradient_norms(weights, x, residual):
    norms, size = [], len(x) ** 0.5
    for w in weights[::-1]:
        size *= np.linalg.norm(w, 2) + residual
        norms.append(size)
    return norms[::-1]
""",
        "the norm of a product is the product of norms",
    ),
    wrong(
        "gradients of the weights",
        slopes(size="np.linalg.norm(np.outer(gradient, h))"),
        "a layer's gradient is that of its weights",
    ),
]


def unit(
    first="",
    between="layers.ReLU()(y)",
    end="layers.ReLU()(layers.Add()([x, y]))",
    where="strides > 1 or x.shape[-1] != filters",
    side="layers.BatchNormalization()(x)",
    stride="strides",
    padded="[(0, 0)] * 3 + [(0, new)]",
    kept="x[:, ::strides, ::strides]",
    bias="use_bias=False",
    last="layers.BatchNormalization()(y)",
):
    """A block with the choices given."""
    return f"""\
def residual_unit(x, filters, strides=1, project=True):
    layers = keras.layers
    how = dict(padding="same", {bias})
    y = layers.Conv2D(filters, 3, strides, **how)(x)
    y = layers.BatchNormalization()(y)
    y = {between}
    y = layers.Conv2D(filters, 3, **how)(y)
    y = {last}
    if {where}:
        if project:
            x = layers.Conv2D(filters, 1, {stride}, **how)(x)
            x = {side}
        else:
            new = filters - x.shape[-1]
            x = {kept}
            x = keras.ops.pad(x, {padded})
    return {end}
"""


UNITS = [
    right("slices and a pad", unit()),
    right(
        "activations inside, a pool of one pixel, zeros joined",
        """\
def conv_norm(x, filters, size, strides):
    x = keras.layers.Conv2D(
        filters, size, strides=strides, padding="same", use_bias=False
    )(x)
    return keras.layers.BatchNormalization()(x)


def residual_unit(x, filters, strides=1, project=True):
    y = keras.layers.Activation("relu")(conv_norm(x, filters, 3, strides))
    y = conv_norm(y, filters, 3, 1)
    same = strides == 1 and x.shape[-1] == filters
    if same:
        shortcut = x
    elif project:
        shortcut = conv_norm(x, filters, 1, strides)
    else:
        shortcut = keras.layers.AveragePooling2D(1, strides)(x)
        zeros = keras.ops.zeros_like(shortcut[..., :1])
        more = [zeros] * (filters - x.shape[-1])
        shortcut = keras.layers.Concatenate()([shortcut, *more])
    return keras.layers.Activation("relu")(keras.layers.add([y, shortcut]))
""",
    ),
    right(
        "operations, the shortcut first",
        """\
def residual_unit(x, filters, strides=1, project=True):
    layers, ops = keras.layers, keras.ops
    side = x
    if strides != 1 or x.shape[3] != filters:
        if project:
            side = layers.Conv2D(filters, (1, 1), strides, use_bias=False)(x)
            side = layers.BatchNormalization(epsilon=1e-5)(side)
        else:
            side = layers.MaxPooling2D(1, strides)(x)
            new = filters - x.shape[3]
            side = ops.pad(side, ((0, 0), (0, 0), (0, 0), (0, new)))
    y = layers.ZeroPadding2D(1)(x)
    y = layers.Conv2D(filters, 3, strides, use_bias=False)(y)
    y = ops.relu(layers.BatchNormalization(epsilon=1e-5)(y))
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization(epsilon=1e-5)(y)
    return ops.relu(side + y)
""",
    ),
    right(
        "a model inside, pixels taken by number",
        """\
def residual_unit(x, filters, strides=1, project=True):
    layers, ops = keras.layers, keras.ops
    height, width, channels = x.shape[1:]
    branch = keras.Sequential(
        [
            layers.Conv2D(filters, 3, strides, "same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Conv2D(filters, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
        ]
    )
    if (strides, channels) == (1, filters):
        short = x
    elif project:
        short = layers.Conv2D(filters, 1, strides, use_bias=False)(x)
        short = layers.BatchNormalization()(short)
    else:
        short = ops.take(x, np.arange(0, height, strides), axis=1)
        short = ops.take(short, np.arange(0, width, strides), axis=2)
        zero = short[..., :1] * 0.0
        short = ops.concatenate([short] + [zero] * (filters - channels), -1)
    return layers.Activation("relu")(branch(x) + short)
""",
    ),
    wrong(
        "zeros on both sides",
        unit(padded="[(0, 0)] * 3 + [(new // 2, new - new // 2)]"),
        "new channels stand around the old ones",
    ),
    wrong(
        "each second pixel",
        unit(kept="x[:, ::2, ::2] if strides > 1 else x"),
        "a stride is 2",
        at_most=0,
    ),
    wrong(
        "no ReLU after the sum",
        unit(end="layers.Add()([x, y])"),
        "a residual must keep both signs",
    ),
    wrong(
        "ReLU before the sum",
        unit(end="layers.Add()([x, layers.ReLU()(y)])"),
        "the input is added after ReLU",
    ),
    wrong(
        "the projection bare",
        unit(side="x"),
        "only what is in the branch is normalized",
    ),
    wrong(
        "biases beside batch norm",
        unit(bias="use_bias=True"),
        "a convolution has a bias",
    ),
    wrong(
        "new channels first",
        unit(padded="[(0, 0)] * 3 + [(new, 0)]"),
        "zeros come before the channels",
    ),
    wrong(
        "averages in shortcut A",
        unit(kept="layers.AveragePooling2D(strides, padding='same')(x)"),
        "a smaller map is an average",
    ),
    wrong(
        "always projected",
        unit(where="True"),
        "the shortcut is a layer",
    ),
    wrong(
        "no projection at stride 1",
        unit(where="strides > 1"),
        "only a stride changes the shape",
        at_most=0,
    ),
    wrong(
        "no shortcut",
        unit(end="layers.ReLU()(y)", where="False"),
        "a block is two convolutions",
    ),
    wrong(
        "no ReLU between",
        unit(between="y"),
        "ReLU stands after the sum only",
    ),
    wrong(
        "joined, not added",
        unit(end="layers.ReLU()(layers.Concatenate()([x, y]))"),
        "a skip joins channels",
        at_most=0,
    ),
    wrong(
        "no norm after the second convolution",
        unit(last="y"),
        "the sum is normalized by the next block",
    ),
    wrong(
        "pre-activation",
        """\
def residual_unit(x, filters, strides=1, project=True):
    layers = keras.layers
    how = dict(padding="same", use_bias=False)
    y = layers.ReLU()(layers.BatchNormalization()(x))
    side = x
    if strides > 1 or x.shape[-1] != filters:
        if project:
            side = layers.Conv2D(filters, 1, strides, **how)(y)
        else:
            new = filters - x.shape[-1]
            side = x[:, ::strides, ::strides]
            side = keras.ops.pad(side, [(0, 0)] * 3 + [(0, new)])
    y = layers.Conv2D(filters, 3, strides, **how)(y)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    y = layers.Conv2D(filters, 3, **how)(y)
    return layers.Add()([side, y])
""",
        "the better order is the original one",
        at_most=0,
    ),
    wrong(
        "the package's own",
        """\
from course.blocks import residual_basic


def residual_unit(x, filters, strides=1, project=True):
    shortcut = "B" if project else "A"
    return residual_basic(x, filters, strides, shortcut=shortcut)
""",
        "asking the library for it is building it",
        at_most=0,
    ),
]


def share(
    ways="comb(blocks, k)",
    carries="factor**k",
    end="longest + 1",
    start="shortest",
    whole="sum(all_paths)",
):
    """Sums over lengths, with the choices given."""
    return f"""\
def path_share(blocks, shortest, longest, factor=1.0):
    all_paths = [{ways} * {carries} for k in range(blocks + 1)]
    return sum(all_paths[{start} : {end}]) / {whole}
"""


PATHS = [
    right("sums of binomials", share()),
    right("the binomial theorem", share(whole="(1 + factor) ** blocks")),
    right(
        "a binomial distribution, by factorials",
        """\
def path_share(blocks, shortest, longest, factor=1.0):
    p = factor / (1 + factor)
    total = 0.0
    for k in range(shortest, min(longest, blocks) + 1):
        ways = 1
        for i in range(k):
            ways = ways * (blocks - i) // (i + 1)
        total += ways * p**k * (1 - p) ** (blocks - k)
    return np.float64(total)
""",
    ),
    right(
        "a polynomial",
        """\
def path_share(blocks, shortest, longest, factor=1.0):
    carried = np.array([1.0])
    for _ in range(blocks):
        carried = np.convolve(carried, [1.0, factor])
    k = np.arange(blocks + 1)
    chosen = (k >= shortest) & (k <= longest)
    return np.array([carried[chosen].sum() / carried.sum()])
""",
    ),
    right(
        "logarithms of factorials",
        """\
from math import exp, lgamma, log


def path_share(blocks, shortest, longest, factor=1.0):
    def share(k):
        ways = lgamma(blocks + 1) - lgamma(k + 1) - lgamma(blocks - k + 1)
        return exp(ways + k * log(factor) - blocks * log(1 + factor))

    return sum(map(share, range(shortest, min(longest, blocks) + 1)))
""",
    ),
    wrong(
        "the longest left out",
        share(end="longest"),
        "a range's end is counted",
    ),
    wrong(
        "one path a length",
        share(ways="1"),
        "there is one path of each length",
    ),
    wrong(
        "what paths carry ignored",
        share(carries="1"),
        "all paths count alike",
    ),
    wrong(
        "a share of the number of paths",
        share(whole="2**blocks"),
        "what is carried is divided by how many paths there are",
    ),
    wrong(
        "orders counted",
        share(ways="np.prod(range(blocks - k + 1, blocks + 1), dtype=float)"),
        "blocks may be passed in any order",
    ),
    wrong(
        "the factor once a path",
        share(carries="(factor if k else 1)"),
        "a path is weakened once",
    ),
    wrong(
        "the factor for each block",
        share(carries="factor**blocks"),
        "every path passes all blocks",
    ),
    wrong(
        "all up to the longest",
        share(start=""),
        "short paths are part of long ones",
    ),
    wrong(
        "no path past all blocks",
        share(whole="sum(all_paths[1:])"),
        "a path goes through one branch at least",
    ),
]

ANSWERS = {
    "batch-norm-forward": NORM,
    "gradient-norms": GRADIENTS,
    "residual-unit": UNITS,
    "path-share": PATHS,
}

SURVIVORS = {
    "gradient-norms": {
        "for matrix, h in zip(weights[::-1], read[::-1], strict=True): -> "
        "for matrix, h in zip(weights[::-1], read[::-1], strict=False):": (
            "both lists have an entry a layer"
        ),
        "through = matrix.T @ (gradient * (matrix @ h > 0)) -> "
        "through = matrix.T @ (gradient * (matrix @ h >= 0))": (
            "at exactly 0 ReLU has no slope, and no test goes there"
        ),
    },
    "path-share": {
        "carried = [comb(blocks, k) * factor ** k for k in "
        "range(blocks + 1)] -> carried = [comb(blocks, k) * factor ** k for "
        "k in range(blocks + 2)]": (
            "no path goes through more branches than there are blocks"
        ),
    },
}
