"""Answers to lecture 03's questions, as students write them."""

from tests.answers import right, wrong


def size(formula, check=True):
    """A function of the output's size that a formula gives."""
    refuse = """\
    if min(size, kernel_size, stride, dilation) < 1 or padding < 0:
        raise ValueError("out of range")
    if dilation * (kernel_size - 1) + 1 > size + 2 * padding:
        raise ValueError("does not fit")
"""
    return f"""\
import math


def output_size(size, kernel_size, stride=1, padding=0, dilation=1):
{refuse if check else ""}    return {formula}
"""


SIZE = [
    right(
        "places counted one by one",
        """\
def output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    if size < 1 or kernel_size < 1 or stride < 1 or dilation < 1:
        raise ValueError(f"{size}, {kernel_size}, {stride}, {dilation}")
    if padding < 0:
        raise ValueError(f"padding={padding}")
    taps = [dilation * tap for tap in range(kernel_size)]
    places = 0
    start = 0
    while start + taps[-1] < size + 2 * padding:
        places += 1
        start += stride
    if places == 0:
        raise ValueError("no place")
    return places
""",
    ),
    right(
        "NumPy's integers",
        """\
def output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    least = np.array([size, kernel_size, stride, dilation, padding + 1])
    if (least < 1).any():
        raise ValueError("out of range")
    span = dilation * (kernel_size - 1) + 1
    starts = np.arange(-padding, size + padding - span + 1, stride)
    if not starts.size:
        raise ValueError("no place")
    return np.int64(len(starts))
""",
    ),
    right(
        "a float that is whole",
        size(
            "math.floor((size + 2 * padding - dilation * (kernel_size - 1)"
            " - 1) / stride + 1)"
        ),
    ),
    wrong(
        "padding once",
        size(
            "(size + padding - dilation * (kernel_size - 1) - 1) // stride + 1"
        ),
        "p zeros are added in all, not at each end",
    ),
    wrong(
        "rounded up",
        size(
            "math.ceil((size + 2 * padding - dilation * (kernel_size - 1) - 1)"
            " / stride) + 1"
        ),
        "the last window may stick out",
    ),
    wrong(
        "one place forgotten",
        size(
            "(size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride"
        ),
        "as many places as steps",
    ),
    wrong(
        "not rounded",
        size(
            "(size + 2 * padding - dilation * (kernel_size - 1) - 1) / stride"
            " + 1"
        ),
        "half a place is a place",
    ),
    wrong(
        "dilation times the kernel",
        size("(size + 2 * padding - dilation * kernel_size) // stride + 1"),
        "k taps have k gaps",
    ),
    wrong(
        "dilation ignored",
        size("(size + 2 * padding - kernel_size) // stride + 1"),
        "dilation changes weights, not sizes",
    ),
    wrong(
        "nothing refused, rounding before adding",
        size(
            "round((size + 2 * padding - dilation * (kernel_size - 1) - 1)"
            " / stride) + 1",
            check=False,
        ),
        "rounding is rounding, and the formula always holds",
    ),
    wrong(
        "Keras's same",
        size("-(-size // stride)"),
        "a convolution divides the size by its stride",
    ),
    wrong(
        "the package's own",
        """\
from course.arithmetic import conv_output_size as output_size
""",
        "asking the library for it is building it",
        at_most=0,
    ),
    wrong(
        "nothing is refused",
        size(
            "(size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride"
            " + 1",
            check=False,
        ),
        "a formula holds for any numbers",
        at_most=0.7,
    ),
]


def between(rule, extra=""):
    """All triples of which a rule is true."""
    return f"""\
def layers_between(before, after, kernel_sizes, strides, paddings):
    found = []
    for k in kernel_sizes:
        for s in strides:
            for p in paddings:
                if {rule}:
                    found.append((k, s, p))
    return found{extra}
"""


FIT = "k <= before + 2 * p and "
BETWEEN = [
    right(
        "the package's sizes, errors caught",
        """\
from itertools import product

from course.arithmetic import conv_output_size


def layers_between(before, after, kernel_sizes, strides, paddings):
    def fits(k, s, p):
        try:
            return conv_output_size(before, k, s, p) == after
        except ValueError:
            return False

    every = product(kernel_sizes, strides, paddings)
    return [each for each in every if fits(*each)]
""",
    ),
    right(
        "inequalities, an array",
        """\
def layers_between(before, after, kernel_sizes, strides, paddings):
    k, s, p = np.meshgrid(kernel_sizes, strides, paddings, indexing="ij")
    room = before + 2 * p - k
    fits = (s * (after - 1) <= room) & (room < s * after)
    return np.stack([k[fits], s[fits], p[fits]], axis=-1)
""",
    ),
    right(
        "a set of triples",
        """\
def layers_between(before, after, kernel_sizes, strides, paddings):
    return list({
        (k, s, p)
        for k in kernel_sizes
        for s in strides
        for p in paddings
        if len(range(-p, before + p - k + 1, s)) == after
    })
""",
    ),
    wrong(
        "only exact divisions",
        between("before + 2 * p - k == s * (after - 1)"),
        "a layer fits only if the division leaves nothing over",
    ),
    wrong(
        "padding once",
        between("k <= before + p and (before + p - k) // s + 1 == after"),
        "p zeros are added in all",
    ),
    wrong(
        "rounded up",
        between(f"{FIT}-(-(before + 2 * p - k) // s) + 1 == after"),
        "the last window may stick out",
    ),
    wrong(
        "one place forgotten",
        between(f"{FIT}(before + 2 * p - k) // s == after"),
        "as many places as steps",
    ),
    wrong(
        "the first only",
        between(f"{FIT}(before + 2 * p - k) // s + 1 == after", "[:1]"),
        "one layer is enough",
    ),
    wrong(
        "stride ignored",
        between(f"{FIT}before + 2 * p - k + 1 == after"),
        "the stride only makes it faster",
    ),
    wrong(
        "kernel size, padding, stride",
        between(f"{FIT}(before + 2 * p - k) // s + 1 == after").replace(
            "(k, s, p)", "(k, p, s)"
        ),
        "the order within a triple is free, too",
    ),
    wrong(
        "a stride divides sizes",
        between("before == s * after and k == 2 * p + 1"),
        "only halving and keeping are possible",
    ),
]


def cost(parameters, macs):
    """Costs by two expressions."""
    return f"""\
def costs(
    kernel_size, in_channels, out_channels, output_size, groups=1, bias=True
):
    k, before, after, o = kernel_size, in_channels, out_channels, output_size
    weights = k * k * (before // groups) * after
    biases = after if bias else 0
    return {parameters}, {macs}
"""


COSTS = [
    right("by weights and biases", cost("weights + biases", "o * o * weights")),
    right(
        "NumPy's products, an array",
        """\
def costs(
    kernel_size, in_channels, out_channels, output_size, groups=1, bias=True
):
    kernel = (kernel_size, kernel_size, in_channels // groups, out_channels)
    weights = np.prod(kernel)
    return np.array([weights + bias * out_channels, weights * output_size**2])
""",
    ),
    right(
        "channel by channel, in lists",
        """\
def costs(
    kernel_size, in_channels, out_channels, output_size, groups=1, bias=True
):
    parameters, macs = 0, 0
    for _ in range(out_channels):
        for _ in range(in_channels // groups):
            parameters += kernel_size * kernel_size
            macs += (kernel_size * output_size) ** 2
        parameters += int(bias)
    return [parameters, macs]
""",
    ),
    right(
        "tensors",
        """\
import keras


def costs(
    kernel_size, in_channels, out_channels, output_size, groups=1, bias=True
):
    reads = in_channels // groups
    kernel = keras.ops.ones((kernel_size, kernel_size, reads, out_channels))
    weights = keras.ops.cast(keras.ops.size(kernel), "int32")
    biases = out_channels if bias else 0
    return weights + biases, weights * output_size * output_size
""",
    ),
    wrong(
        "input channels forgotten in the work",
        cost("weights + biases", "o * o * k * k * after"),
        "a filter moves over one map",
    ),
    wrong(
        "places of the kernel",
        cost("weights + biases", "(o - k + 1) ** 2 * weights"),
        "the kernel still has to be slid over the output",
    ),
    wrong(
        "a bias for each channel read",
        cost("weights + before * (after if bias else 0)", "o * o * weights"),
        "each kernel of a filter has a bias",
    ),
    wrong(
        "no biases",
        cost("weights", "o * o * weights"),
        "biases are no parameters",
    ),
    wrong(
        "always biases",
        cost("weights + after", "o * o * weights"),
        "every layer has biases",
    ),
    wrong(
        "one bias",
        cost("weights + (1 if bias else 0)", "o * o * weights"),
        "one bias a layer",
    ),
    wrong(
        "groups ignored",
        cost(
            "k * k * before * after + biases", "o * o * k * k * before * after"
        ),
        "every filter reads every channel",
    ),
    wrong(
        "groups twice",
        cost("weights // groups + biases", "o * o * weights // groups"),
        "both kinds of channels are divided, so divide twice",
    ),
    wrong(
        "flat filters",
        cost("k * k * after + biases", "o * o * k * k * after"),
        "a filter has one kernel, whatever it reads",
    ),
    wrong(
        "work without places",
        cost("weights + biases", "weights"),
        "each weight multiplies once an image",
    ),
    wrong(
        "one axis of places",
        cost("weights + biases", "o * weights"),
        "a map has as many places as it is wide",
    ),
    wrong(
        "biases multiplied",
        cost("weights + biases", "o * o * (weights + biases)"),
        "every parameter multiplies",
    ),
]


def walk(same, pixels, channels='layer["filters"] or channels', after=""):
    """A shape behind layers, by a rule for "same" and one for pixels."""
    return f"""\
def shape_after(shape, layers):
    h, w, channels = shape
    for layer in layers:
        k, s, d = layer["kernel_size"], layer["stride"], layer["dilation"]
        p = layer["padding"]
        span = d * (k - 1) + 1

        def side(i):
            if p == "same":
                return {same}
            z = 0 if p == "valid" else p
            return {pixels}

        h, w = side(h), side(w)
        channels = {channels}
    return {after or "h, w, channels"}
"""


PIXELS = "(i + 2 * z - span) // s + 1"
SAME = "-(-i // s)"
SHAPE = [
    right("a rule an axis", walk(SAME, PIXELS)),
    right(
        "Keras's layers",
        """\
import keras


def shape_after(shape, layers):
    shape = (None, *shape)
    for layer in layers:
        padding, span = layer["padding"], layer["kernel_size"]
        span = layer["dilation"] * (span - 1) + 1
        if padding not in ("same", "valid"):
            pad = keras.layers.ZeroPadding2D(padding)
            shape, padding = pad.compute_output_shape(shape), "valid"
        filters = layer["filters"] or shape[-1]
        conv = keras.layers.Conv2D(filters, span, layer["stride"], padding)
        shape = conv.compute_output_shape(shape)
    return shape[1:]
""",
    ),
    right(
        "a list of NumPy integers",
        """\
def shape_after(shape, layers):
    sizes, channels = np.array(shape[:2]), shape[2]
    for layer in layers:
        taps = layer["dilation"] * (layer["kernel_size"] - 1)
        if layer["padding"] == "same":
            sizes = (sizes + layer["stride"] - 1) // layer["stride"]
        else:
            zeros = {"valid": 0}.get(layer["padding"], layer["padding"])
            sizes = (sizes + 2 * zeros - taps - 1) // layer["stride"] + 1
        if layer["filters"] is not None:
            channels = layer["filters"]
    return [*sizes, channels]
""",
    ),
    wrong(
        "same keeps the size", walk("i", PIXELS), '"same" means the same size'
    ),
    wrong(
        "same as equal zeros",
        walk("(i + 2 * (span // 2) - span) // s + 1", PIXELS),
        '"same" adds half a kernel at each end',
    ),
    wrong(
        "same rounded down",
        walk("i // s", PIXELS),
        '"same" divides by the stride and rounds down',
    ),
    wrong(
        "padding once",
        walk(SAME, "(i + z - span) // s + 1"),
        "p zeros are added in all",
    ),
    wrong(
        "rounded up",
        walk(SAME, "-(-(i + 2 * z - span) // s) + 1"),
        "the last window may stick out",
    ),
    wrong(
        "pooling forgets channels",
        walk(SAME, PIXELS, 'layer["filters"] or 1'),
        "a pooling makes one map",
    ),
    wrong(
        "channels add up",
        walk(SAME, PIXELS, 'channels + (layer["filters"] or 0)'),
        "filters add maps to those that came in",
    ),
    wrong(
        "channels first",
        walk(SAME, PIXELS, after="channels, h, w"),
        "the order of the axes is free",
    ),
    wrong(
        "dilation ignored",
        walk(SAME, "(i + 2 * z - k) // s + 1"),
        "dilation changes weights, not sizes",
    ),
    wrong(
        "a square of the height",
        walk(SAME, PIXELS, after="h, h, channels"),
        "maps are square",
        at_most=0,
    ),
]


def rows(
    conv="k * k * shape[2] // g * f + f",
    dense="(shape[0] + 1) * numbers[0]",
    side="(i + 2 * p - k) // s + 1",
    pool="(i - k) // s + 1",
    flat="shape[0] * shape[1] * shape[2]",
    pooled="0",
    first="shape",
):
    """A table by an expression for each thing in it."""
    return f"""\
def table(shape, layers):
    out = []
    for kind, *numbers in layers:
        count = 0
        if kind == "conv":
            f, k, s, p, g = numbers
            count = {conv}
            shape = (*[{side} for i in shape[:2]], f)
        if kind == "pool":
            k, s = numbers
            count = {pooled}
            shape = (*[{pool} for i in shape[:2]], shape[2])
        if kind == "flatten":
            shape = ({flat},)
        if kind == "dense":
            count = {dense}
            shape = (numbers[0],)
        out.append(({first}, count))
    return out
"""


TABLE = [
    right("one expression each", rows()),
    right(
        "the package's arithmetic",
        """\
from course.arithmetic import (
    conv_output_size,
    conv_parameters,
    pool_output_size,
)


def table(shape, layers):
    rows = []
    for layer in layers:
        match layer:
            case ("conv", filters, k, s, p, groups):
                count = conv_parameters(k, shape[-1], filters, groups)
                sides = [conv_output_size(i, k, s, p) for i in shape[:2]]
                shape = (*sides, filters)
            case ("pool", k, s):
                count = 0
                sides = [pool_output_size(i, k, s) for i in shape[:2]]
                shape = (*sides, shape[-1])
            case ("flatten",):
                count, shape = 0, (int(np.prod(shape)),)
            case ("dense", units):
                count, shape = (shape[0] + 1) * units, (units,)
        rows.append((shape, count))
    return rows
""",
    ),
    right(
        "Keras builds it, lists of lists",
        """\
import keras


def table(shape, layers):
    made, shape = [], (None, *shape)
    for kind, *numbers in layers:
        if kind == "conv":
            filters, k, s, p, groups = numbers
            pad = keras.layers.ZeroPadding2D(p)
            layer = keras.layers.Conv2D(filters, k, s, groups=groups)
            shape = pad.compute_output_shape(shape)
            count = k * k * shape[-1] // groups * filters + filters
        elif kind == "pool":
            layer, count = keras.layers.MaxPooling2D(*numbers), 0
        elif kind == "flatten":
            layer, count = keras.layers.Flatten(), 0
        else:
            layer = keras.layers.Dense(numbers[0])
            count = numbers[0] * (shape[-1] + 1)
        shape = layer.compute_output_shape(shape)
        made.append([list(shape[1:]), count])
    return made
""",
    ),
    wrong(
        "padding once, biases forgotten",
        rows(
            side="(i + p - k) // s + 1",
            conv="k * k * shape[2] // g * f",
            dense="shape[0] * numbers[0]",
        ),
        "p zeros in all, and biases are no parameters",
    ),
    wrong(
        "biases forgotten",
        rows(conv="k * k * shape[2] // g * f", dense="shape[0] * numbers[0]"),
        "biases are no parameters",
    ),
    wrong(
        "groups ignored",
        rows(conv="k * k * shape[2] * f + f"),
        "every filter reads every channel",
    ),
    wrong(
        "flat filters",
        rows(conv="k * k * f + f"),
        "a filter has one kernel, whatever it reads",
    ),
    wrong(
        "channels of the output",
        rows(conv="k * k * f // g * f + f"),
        "a filter reads as many channels as there are filters",
    ),
    wrong(
        "a bias for each channel read",
        rows(conv="(k * k + 1) * shape[2] // g * f"),
        "each kernel of a filter has a bias",
    ),
    wrong(
        "one bias a layer",
        rows(conv="k * k * shape[2] // g * f + 1"),
        "a layer has one bias",
    ),
    wrong(
        "a vector's shape is a number",
        rows(first="shape if len(shape) > 1 else shape[0]"),
        "(12) and 12 and (12,) are the same",
        at_most=0.6,
    ),
    wrong(
        "windows side by side",
        rows(pool="i // k"),
        "pooling windows never overlap",
    ),
    wrong(
        "rounded up",
        rows(side="-(-(i + 2 * p - k) // s) + 1", pool="-(-(i - k) // s) + 1"),
        "the last window may stick out",
    ),
    wrong(
        "flattened without channels",
        rows(flat="shape[0] * shape[1]"),
        "a vector holds the pixels",
    ),
    wrong(
        "poolings learn",
        rows(pooled="2 * shape[2]"),
        "all poolings are those of 1998",
    ),
]

ANSWERS = {
    "output-size": SIZE,
    "layers-between": BETWEEN,
    "costs": COSTS,
    "shape-after": SHAPE,
    "table": TABLE,
}

SURVIVORS = {
    "layers-between": {
        "if room >= 0 and room // stride + 1 == after: -> "
        "if room >= -1 and room // stride + 1 == after:": (
            "-1 // stride + 1 is 0, and no map of 0 pixels is asked for"
        ),
    },
    "table": {
        "parameters = (shape[0] + 1) * units -> "
        "parameters = (shape[-1] + 1) * units": "a vector has one axis",
    },
}
