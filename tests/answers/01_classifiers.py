"""Answers to lecture 01's questions, as students write them."""

from tests.answers import right, wrong


def probabilities(body):
    """A softmax by some lines."""
    lines = "\n".join(f"    {line}" for line in body.strip().split("\n"))
    return (
        f"def softmax(scores):\n    scores = np.array(scores, float)\n{lines}\n"
    )


SOFTMAX = [
    right(
        "Keras's operations",
        """\
from keras import ops


def softmax(scores):
    scores = ops.convert_to_tensor(scores, "float32")
    largest = ops.max(scores, axis=-1, keepdims=True)
    powers = ops.exp(scores - largest)
    return powers / ops.sum(powers, axis=-1, keepdims=True)
""",
    ),
    right(
        "row by row, in Python",
        """\
import math


def softmax(scores):
    if np.ndim(scores) > 1:
        return [softmax(row) for row in scores]
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    total = math.fsum(powers)
    return [power / total for power in powers]
""",
    ),
    right(
        "differences of all pairs",
        probabilities("""\
gaps = scores[..., None, :] - scores[..., :, None]
with np.errstate(over="ignore"):
    return 1 / np.exp(gaps).sum(-1)
"""),
    ),
    right(
        "by logarithms",
        probabilities("""\
return np.exp(scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True))
"""),
    ),
    wrong(
        "the mean taken out",
        probabilities("""\
powers = np.exp(scores - scores.mean(-1, keepdims=True))
return powers / powers.sum(-1, keepdims=True)
"""),
        "any shift of a row to about 0 is safe",
    ),
    wrong(
        "a sum without its axis kept",
        probabilities("""\
powers = np.exp(scores - scores.max(-1, keepdims=True))
return powers / powers.sum(-1)
"""),
        "a sum of each row divides the rows by itself",
    ),
    wrong(
        "by the book",
        probabilities("""\
powers = np.exp(scores)
return powers / powers.sum(-1, keepdims=True)
"""),
        "a formula that is right cannot overflow",
    ),
    wrong(
        "one largest for all rows",
        probabilities("""\
powers = np.exp(scores - scores.max())
return powers / powers.sum(-1, keepdims=True)
"""),
        "it is enough that nothing overflows",
    ),
    wrong(
        "the whole array adds up to 1",
        probabilities("""\
powers = np.exp(scores - scores.max())
return powers / powers.sum()
"""),
        "an array has one distribution",
    ),
    wrong(
        "columns",
        probabilities("""\
powers = np.exp(scores - scores.max(0))
return powers / powers.sum(0)
"""),
        "images go along the last axis",
    ),
    wrong(
        "cut off",
        probabilities("""\
powers = np.exp(np.clip(scores, -500, 500))
return powers / powers.sum(-1, keepdims=True)
"""),
        "large scores are all the same",
    ),
    wrong(
        "a sigmoid each",
        probabilities("return 1 / (1 + np.exp(-np.clip(scores, -500, 500)))"),
        "softmax is a sigmoid of each score",
    ),
    wrong(
        "divided by the largest",
        probabilities("""\
powers = np.exp(scores / np.abs(scores).max(-1, keepdims=True).clip(1))
return powers / powers.sum(-1, keepdims=True)
"""),
        "scaling scores down changes nothing, as shifting them does",
    ),
    wrong(
        "shares of the scores",
        probabilities("""\
scores = scores - scores.min(-1, keepdims=True) + 1e-9
return scores / scores.sum(-1, keepdims=True)
"""),
        "numbers that add up to 1 are the probabilities",
    ),
    wrong(
        "an activation by its name",
        """\
import keras


def softmax(scores):
    act = keras.activations.get("softmax")
    return act(keras.ops.convert_to_tensor(scores, "float32"))
""",
        "asking the library for it is building it",
        at_most=0,
    ),
    wrong(
        "a layer that ends with it",
        """\
import keras


def softmax(scores):
    scores = np.array(scores, "float32")
    layer = keras.layers.Dense(scores.shape[-1], "softmax", False, "identity")
    return layer(scores)
""",
        "asking the library for it is building it",
        at_most=0,
    ),
    wrong(
        "by a name that is put together",
        """\
import keras


def softmax(scores):
    own = getattr(keras.ops, "soft" + "max")
    return own(np.array(scores, "float32"), axis=-1)
""",
        "asking the library for it is building it",
        at_most=0,
    ),
    wrong(
        "Keras's own",
        """\
import keras


def softmax(scores):
    return keras.ops.softmax(np.array(scores, "float32"), axis=-1)
""",
        "asking the library for it is building it",
        at_most=0,
    ),
]


def entropy(scores, shares):
    """A cross-entropy by an expression for each kind of output."""
    return f"""\
def cross_entropy(labels, outputs, from_logits):
    x = np.array(outputs, float)
    labels = np.array(labels, int)
    hot = np.eye(x.shape[1])[labels]

    def softmax(x):
        powers = np.exp(x - x.max(-1, keepdims=True))
        return powers / powers.sum(-1, keepdims=True)

    def logs(x):
        x = x - x.max(-1, keepdims=True)
        return x - np.log(np.exp(x).sum(-1, keepdims=True))

    return {scores} if from_logits else {shares}
"""


BY_SCORES = "-(hot * logs(x)).sum(-1).mean()"
BY_SHARES = "-(hot * np.log(np.clip(x, 1e-7, 1))).sum(-1).mean()"
CROSS_ENTROPY = [
    right("one-hot rows", entropy(BY_SCORES, BY_SHARES)),
    right(
        "NumPy's logaddexp, images one by one",
        """\
def cross_entropy(labels, outputs, from_logits):
    losses = []
    for label, row in zip(labels, outputs):
        row = [float(number) for number in row]
        if from_logits:
            losses.append(np.logaddexp.reduce(row) - row[label])
        else:
            losses.append(-np.log(max(row[label], 1e-7)))
    return sum(losses) / len(losses)
""",
    ),
    right(
        "Keras's operations, a tensor",
        """\
from keras import ops


def cross_entropy(labels, outputs, from_logits):
    outputs = ops.convert_to_tensor(outputs, "float32")
    if from_logits:
        logs = ops.log_softmax(outputs, axis=-1)
    else:
        logs = ops.log(ops.maximum(outputs, 1e-7))
    hot = ops.one_hot(ops.convert_to_tensor(labels, "int32"), logs.shape[-1])
    return -ops.mean(ops.sum(hot * logs, axis=-1))
""",
    ),
    wrong(
        "the sum over the images",
        entropy("-(hot * logs(x)).sum()", BY_SHARES.replace("mean", "sum")),
        "losses of images are added",
    ),
    wrong(
        "the mean over images and classes",
        entropy("-(hot * logs(x)).mean()", BY_SHARES.replace(".sum(-1)", "")),
        "a mean is a mean over everything",
    ),
    wrong(
        "all classes' logarithms",
        entropy(
            "-logs(x).sum(-1).mean()",
            "-np.log(np.clip(x, 1e-7, 1)).sum(-1).mean()",
        ),
        "the sum over classes has every class in it",
    ),
    wrong(
        "the likeliest class",
        entropy(
            "-logs(x).max(-1).mean()",
            "-np.log(np.clip(x, 1e-7, 1)).max(-1).mean()",
        ),
        "the loss asks how sure the network is",
    ),
    wrong(
        "the logarithm of the mean",
        entropy(
            "-np.log((hot * softmax(x)).sum(-1).mean().clip(1e-7))",
            "-np.log((hot * x).sum(-1).mean().clip(1e-7))",
        ),
        "mean and logarithm can be exchanged",
    ),
    wrong(
        "bits",
        entropy(f"{BY_SCORES} / np.log(2)", f"{BY_SHARES} / np.log(2)"),
        "any logarithm will do",
    ),
    wrong(
        "softmax in any case",
        entropy(BY_SCORES, BY_SCORES),
        "outputs are scores, whatever is said of them",
    ),
    wrong(
        "softmax in no case",
        entropy(BY_SHARES, BY_SHARES),
        "from_logits is a detail of Keras",
    ),
    wrong(
        "told the wrong way round",
        entropy(BY_SHARES, BY_SCORES),
        "from_logits asks for a softmax in the network",
    ),
    wrong(
        "the logarithm of a safe softmax",
        entropy(
            "-(hot * np.log(softmax(x).clip(1e-7))).sum(-1).mean()", BY_SHARES
        ),
        "a softmax that does not overflow is all that is needed",
        at_most=0.5,
    ),
    wrong(
        "nothing is cut off",
        entropy(
            BY_SCORES,
            "-np.log((hot * x).sum(-1)).mean()",
        ),
        "a probability of 0 does not happen",
        at_most=0.5,
    ),
    right(
        "places taken along the axis, an array of one number",
        """\
def cross_entropy(labels, outputs, from_logits):
    if from_logits:
        sums = np.logaddexp.reduce(outputs, axis=1, keepdims=True)
        logs = np.array(outputs) - sums
    else:
        logs = np.log(np.clip(outputs, 1e-7, None))
    places = np.array(labels)[:, None]
    return -np.take_along_axis(logs, places, 1).mean(keepdims=True)[0]
""",
    ),
    wrong(
        "the mean of the scores taken out",
        entropy(
            "-(hot * (x - x.mean(-1, keepdims=True) - np.log(np.exp("
            "x - x.mean(-1, keepdims=True)).sum(-1, keepdims=True))))"
            ".sum(-1).mean()",
            BY_SHARES,
        ),
        "any shift of a row to about 0 is safe",
        at_most=0.5,
    ),
    wrong(
        "the other classes' complements, too",
        entropy(
            "-(hot * logs(x) + (1 - hot) * np.log((1 - softmax(x))"
            ".clip(1e-7))).sum(-1).mean()",
            "-(hot * np.log(x.clip(1e-7)) + (1 - hot) * np.log((1 - x)"
            ".clip(1e-7))).sum(-1).mean()",
        ),
        "cross-entropy asks each class by itself, as sigmoids do",
    ),
    wrong(
        "a little is added",
        entropy(BY_SCORES, "-np.log((hot * x).sum(-1) + 1e-7).mean()"),
        "adding 1e-7 is the same as cutting at 1e-7",
        at_most=0.5,
    ),
    wrong(
        "a loss by another name",
        """\
from keras import losses as known


def cross_entropy(labels, outputs, from_logits):
    loss = known.get("sparse_categorical_crossentropy")
    return np.mean(loss(labels, outputs, from_logits=from_logits))
""",
        "asking the library for it is building it",
        at_most=0,
    ),
    wrong(
        "a loss by a name that is put together",
        """\
import keras


def cross_entropy(labels, outputs, from_logits):
    loss = getattr(keras, "los" + "ses").SparseCategoricalCrossentropy
    return loss(from_logits=from_logits)(labels, outputs)
""",
        "asking the library for it is building it",
        at_most=0,
    ),
    wrong(
        "Keras's own",
        """\
import keras


def cross_entropy(labels, outputs, from_logits):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)
    return loss(labels, outputs)
""",
        "asking the library for it is building it",
        at_most=0,
    ),
]


def network(
    mask="(z > 0)",
    top="(p - y) / n",
    out="[x.T @ g, g.sum(0), h.T @ d, d.sum(0)]",
    loss="-np.mean(np.sum(y * logs, axis=1))",
    hidden="np.maximum(z, 0)",
    logs="s - np.log(np.exp(s).sum(1, keepdims=True))",
    shift="s - s.max(1, keepdims=True)",
):
    """The network by an expression for each thing in it."""
    return f"""\
def loss_and_gradients(images, labels, W1, b1, W2, b2):
    x, n = np.asarray(images, float), len(images)
    z = x @ W1 + b1
    h = {hidden}
    s = h @ W2 + b2
    s = {shift}
    logs = {logs}
    p = np.exp(logs)
    y = np.eye(len(b2))[labels]
    loss = {loss}
    d = {top}
    g = (d @ np.transpose(W2)) * {mask}
    return loss, {out}
"""


PUSHED = """\
def loss_and_gradients(images, labels, W1, b1, W2, b2):
    parameters = [np.array(each, float) for each in (W1, b1, W2, b2)]

    def loss_of():
        W1, b1, W2, b2 = parameters
        scores = np.maximum(images @ W1 + b1, 0) @ W2 + b2
        scores = scores - scores.max(1, keepdims=True)
        sums = np.log(np.exp(scores).sum(1))
        return np.mean(sums - scores[np.arange(len(labels)), labels])

    gradients = []
    for parameter in parameters:
        slope = np.zeros_like(parameter)
        for place in np.ndindex(parameter.shape):
            old = parameter[place]
            parameter[place] = old + 1e-5
            up = loss_of()
            parameter[place] = old - 1e-5
            slope[place] = (up - loss_of()) / 2e-5
            parameter[place] = old
        gradients.append(slope)
    return loss_of(), gradients
"""
GRADIENT = [
    right("an expression each", network()),
    right(
        "image by image, in loops",
        """\
def loss_and_gradients(images, labels, W1, b1, W2, b2):
    sums = [np.zeros(np.shape(each)) for each in (W1, b1, W2, b2)]
    loss = 0.0
    for x, label in zip(images, labels):
        z = b1 + x @ W1
        h = np.where(z > 0, z, 0.0)
        s = b2 + h @ W2
        total = np.logaddexp.reduce(s)
        loss += total - s[label]
        d = np.exp(s - total)
        d[label] -= 1
        g = np.where(z > 0, W2 @ d, 0.0)
        for old, new in zip(
            sums, (np.outer(x, g), g, np.outer(h, d), d), strict=True
        ):
            old += new
    return loss / len(images), [each / len(images) for each in sums]
""",
    ),
    right(
        "a tuple, einsum",
        network(
            out="(np.einsum('np,nu->pu', x, g), np.einsum('nu->u', g),"
            " np.einsum('nu,nc->uc', h, d), np.einsum('nc->c', d))"
        ),
    ),
    right(
        "Keras's operations, tensors",
        """\
from keras import ops


def loss_and_gradients(images, labels, W1, b1, W2, b2):
    x, W1, b1, W2, b2 = (
        ops.convert_to_tensor(each, "float32")
        for each in (images, W1, b1, W2, b2)
    )
    h = ops.relu(ops.matmul(x, W1) + b1)
    logs = ops.log_softmax(ops.matmul(h, W2) + b2, axis=-1)
    y = ops.one_hot(ops.convert_to_tensor(labels, "int32"), b2.shape[0])
    d = (ops.exp(logs) - y) / len(images)
    g = ops.matmul(d, ops.transpose(W2)) * ops.cast(h > 0, "float32")
    return -ops.sum(y * logs) / len(images), [
        ops.matmul(ops.transpose(x), g),
        ops.sum(g, axis=0),
        ops.matmul(ops.transpose(h), d),
        ops.sum(d, axis=0),
    ]
""",
    ),
    wrong(
        "the slopes go through everywhere",
        network(mask="1"),
        "the ReLU only matters on the way forward",
    ),
    wrong(
        "summed over the images",
        network(top="p - y"),
        "the mean is for the loss only",
    ),
    wrong(
        "biases averaged",
        network(out="[x.T @ g, g.mean(0), h.T @ d, d.mean(0)]"),
        "the slope of a bias is the mean over the images",
    ),
    wrong(
        "downhill already",
        network(top="(y - p) / n"),
        "the gradient points to where the loss falls",
    ),
    wrong(
        "pushes",
        PUSHED,
        "finite differences are as good as the gradient",
    ),
    wrong(
        "squared errors",
        network(top="2 * (p - y) * p * (1 - p) / n"),
        "the slope of softmax comes once more",
    ),
    wrong(
        "inputs before the ReLU",
        network(out="[x.T @ g, g.sum(0), z.T @ d, d.sum(0)]"),
        "a layer's slope needs what the layer before computed first",
    ),
    wrong(
        "no ReLU",
        network(hidden="z", mask="1"),
        "an activation is decoration",
        at_most=0,
    ),
    wrong(
        "overflow",
        network(shift="s"),
        "scores are small numbers",
    ),
    wrong(
        "other order",
        network(out="[h.T @ d, d.sum(0), x.T @ g, g.sum(0)]"),
        "the walk back gives the last layer first",
    ),
    wrong(
        "transposed",
        network(out="[g.T @ x, g.sum(0), d.T @ h, d.sum(0)]"),
        "weights are outputs by inputs",
    ),
]

STEP = [
    right(
        "a loop",
        """\
def sgd_step(parameters, gradients, rate):
    moved = []
    for i in range(len(parameters)):
        moved.append(np.asarray(parameters[i]) - rate * gradients[i])
    return moved
""",
    ),
    right(
        "a tuple of tensors",
        """\
import keras


def sgd_step(parameters, gradients, rate):
    pairs = zip(parameters, gradients)
    to_tensor = keras.ops.convert_to_tensor
    return tuple(to_tensor(p, "float32") - rate * g for p, g in pairs)
""",
    ),
    *[
        wrong(
            name,
            f"""\
def sgd_step(parameters, gradients, rate):
    return [{each} for p, g in zip(parameters, gradients)]
""",
            misconception,
        )
        for name, each, misconception in [
            ("uphill", "p + rate * g", "the gradient points downhill"),
            ("no rate", "p - g", "a step is the gradient"),
            (
                "the sign only",
                "p - rate * np.sign(g)",
                "the gradient only tells the direction of each number",
            ),
            (
                "steps of one length",
                "p - rate * g / max(np.linalg.norm(g), 1e-12)",
                "the rate is the length of the step",
            ),
            (
                "relative steps",
                "p * (1 - rate * g)",
                "a parameter changes by a share of itself",
            ),
            ("mean slope", "p - rate * np.mean(g)", "an array has one slope"),
            ("shrunk", "(1 - rate) * p - rate * g", "the old place fades"),
        ]
    ],
    wrong(
        "Keras's optimizer",
        """\
import keras


def sgd_step(parameters, gradients, rate):
    places = [keras.Variable(p) for p in parameters]
    keras.optimizers.SGD(rate).apply(list(gradients), places)
    return [np.array(p) for p in places]
""",
        "asking the library for it is building it",
        at_most=0,
    ),
]


def epoch(
    slope="2 * X.T @ (X @ w - y) / len(y)",
    where="order[i : i + batch_size]",
    start="",
    stop="len(order)",
    step="w = w - rate * slope",
):
    """An epoch by an expression for each thing in it."""
    return f"""\
def sgd_epoch(weights, inputs, targets, order, batch_size, rate):
    w = np.array(weights, float)
    for i in range(0, {stop}, batch_size):
        batch = {where}
        X, y = inputs[batch], targets[batch]
        {start}
        slope = {slope}
        {step}
    return w
""".replace("        \n", "")


EPOCH = [
    right("an expression each", epoch()),
    right(
        "sample by sample, a list",
        """\
def sgd_epoch(weights, inputs, targets, order, batch_size, rate):
    weights = [float(each) for each in weights]
    waiting = list(order)
    while waiting:
        batch, waiting = waiting[:batch_size], waiting[batch_size:]
        slope = [0.0] * len(weights)
        for i in batch:
            error = sum(w * x for w, x in zip(weights, inputs[i])) - targets[i]
            for j, x in enumerate(inputs[i]):
                slope[j] += 2 * error * x / len(batch)
        weights = [w - rate * s for w, s in zip(weights, slope)]
    return weights
""",
    ),
    right(
        "NumPy's array_split",
        """\
def sgd_epoch(weights, inputs, targets, order, batch_size, rate):
    ends = range(batch_size, len(order), batch_size)
    for batch in np.split(np.asarray(order), list(ends)):
        X = np.take(inputs, batch, axis=0)
        error = np.dot(X, weights) - np.take(targets, batch)
        weights = weights - 2 * rate * np.mean(error[:, None] * X, axis=0)
    return weights
""",
    ),
    wrong(
        "all slopes at the start",
        epoch("2 * X.T @ (X @ weights - y) / len(y)"),
        "the slopes of an epoch are taken where it begins",
    ),
    wrong(
        "the last batch dropped",
        epoch(stop="len(order) - batch_size + 1"),
        "only full batches count",
    ),
    wrong(
        "divided by the batch size",
        epoch("2 * X.T @ (X @ w - y) / batch_size"),
        "every batch has batch_size samples",
    ),
    wrong(
        "a sum over the batch",
        epoch("2 * X.T @ (X @ w - y)"),
        "slopes of samples are added",
    ),
    wrong(
        "a mean over all samples",
        epoch("2 * X.T @ (X @ w - y) / len(targets)"),
        "m is the number of all samples",
    ),
    wrong(
        "as they lie",
        epoch(where="range(len(order))[i : i + batch_size]"),
        "the order does not matter",
    ),
    wrong(
        "one step an epoch",
        epoch(where="order", stop="1"),
        "an epoch is one step with all samples",
    ),
    wrong(
        "one step a sample",
        epoch(where="order[i : i + 1]").replace(
            "len(order), batch_size", "len(order), 1"
        ),
        "stochastic means one sample at a time",
    ),
    wrong(
        "uphill",
        epoch(step="w = w + rate * slope"),
        "the gradient points downhill",
    ),
    wrong(
        "without the 2",
        epoch("X.T @ (X @ w - y) / len(y)"),
        "constant factors go into the rate",
    ),
]

ANSWERS = {
    "softmax": SOFTMAX,
    "cross-entropy": CROSS_ENTROPY,
    "loss-and-gradients": GRADIENT,
    "sgd-step": STEP,
    "sgd-epoch": EPOCH,
}

SURVIVORS = {
    "loss-and-gradients": {
        "to_before = to_scores @ W2.T * (before > 0) -> "
        "to_before = to_scores @ W2.T * (before >= 0)": (
            "at the corner itself any slope between 0 and 1 will do"
        ),
    },
}
