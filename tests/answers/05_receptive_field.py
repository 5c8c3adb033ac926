"""Answers to lecture 05's questions, as students write them."""

from tests.answers import right, wrong


def walked(grow, move="j = j * s", start="1", end="r"):
    """A field by the two lines of the recursion."""
    return f"""\
def field_size(layers):
    r, j = {start}, 1
    for layer in layers:
        k, s, d = layer["kernel_size"], layer["stride"], layer["dilation"]
        {grow}
        {move}
    return {end}
"""


FIELD = [
    right("two columns", walked("r = r + (k - 1) * d * j")),
    right(
        "the closed form in NumPy",
        """\
def field_size(layers):
    reach = [(each["kernel_size"] - 1) * each["dilation"] for each in layers]
    strides = [1, *(each["stride"] for each in layers)]
    steps = np.cumprod(strides)[: len(layers)]
    return 1 + np.dot(np.array(reach, int), steps)
""",
    ),
    right(
        "backwards from the unit",
        """\
def field_size(layers):
    seen = 1
    for layer in layers[::-1]:
        extent = layer["dilation"] * (layer["kernel_size"] - 1) + 1
        seen = (seen - 1) * layer["stride"] + extent
    return seen
""",
    ),
    right(
        "sets of pixels, a float",
        """\
def field_size(layers):
    units = {0}
    for layer in reversed(layers):
        units = {
            layer["stride"] * unit + layer["dilation"] * tap
            for unit in units
            for tap in range(layer["kernel_size"])
        }
    return float(max(units) - min(units) + 1)
""",
    ),
    wrong(
        "strides ignored",
        walked("r = r + (k - 1) * d"),
        "a stride only makes maps smaller",
    ),
    wrong(
        "a layer's own stride",
        walked("j = j * s", "r = r + (k - 1) * d * j"),
        "a layer with stride 2 sees twice as much itself",
    ),
    wrong(
        "dilation ignored",
        walked("r = r + (k - 1) * j"),
        "dilation changes weights, not what is seen",
    ),
    wrong(
        "dilation times the kernel",
        walked("r = r + (d * k - 1) * j"),
        "k taps have k gaps",
    ),
    wrong(
        "kernels side by side",
        walked("r = r + k * d * j"),
        "a kernel of k adds k pixels",
    ),
    wrong(
        "kernels multiplied",
        walked("r = r * k"),
        "each of three pixels sees three pixels, which makes nine",
    ),
    wrong(
        "the middle not counted",
        walked("r = r + (k - 1) * d * j", start="0"),
        "a field begins empty",
    ),
    wrong(
        "the last step only",
        walked("j = j * s", "r = 1 + (k - 1) * d * j"),
        "only the last layer's kernel counts",
    ),
    wrong(
        "steps added",
        walked("r = r + (k - 1) * d * j", "j = j + s - 1"),
        "strides add up",
    ),
    wrong(
        "pools do not count",
        walked(
            'r = r + (k - 1) * d * j * (layer.get("filters", 1) is not None)'
        ),
        "only convolutional layers contribute",
        at_most=0,
    ),
]


def back(first, last, cut="first, last = max(first, 0), min(last, below - 1)"):
    """A window by one step back, and how it is cut there."""
    return f"""\
def window(layers, size, unit):
    sizes = [size]
    for each in layers:
        k, s, p = each["kernel_size"], each["stride"], each["padding"]
        sizes.append((sizes[-1] + 2 * p - k) // s + 1)
    first = last = unit
    for at in range(len(layers) - 1, -1, -1):
        each, below = layers[at], sizes[at]
        k, s, p = each["kernel_size"], each["stride"], each["padding"]
        first, last = {first}, {last}
        {cut}
    return first, last
"""


FIRST, LAST = "first * s - p", "last * s - p + k - 1"
WINDOW = [
    right("a step back, then a cut", back(FIRST, LAST)),
    right(
        "sets of units",
        """\
def window(layers, size, unit):
    maps = [size]
    for layer in layers:
        room = maps[-1] + 2 * layer["padding"] - layer["kernel_size"]
        maps.append(room // layer["stride"] + 1)
    seen = {unit}
    for layer, length in zip(reversed(layers), maps[-2::-1]):
        below = set()
        for place in seen:
            start = place * layer["stride"] - layer["padding"]
            below |= set(range(start, start + layer["kernel_size"]))
        seen = {place for place in below if 0 <= place < length}
    return [min(seen), max(seen)]
""",
    ),
    right(
        "recursion, an array",
        """\
def window(layers, size, unit):
    sizes = [size]
    for layer in layers:
        k, s, p = (layer[n] for n in ("kernel_size", "stride", "padding"))
        sizes.append(1 + (sizes[-1] + 2 * p - k) // s)

    def down(depth, first, last):
        if depth == 0:
            return first, last
        layer = layers[depth - 1]
        k, s, p = (layer[n] for n in ("kernel_size", "stride", "padding"))
        ends = np.array([first * s - p, last * s - p + k - 1])
        return down(depth - 1, *np.clip(ends, 0, sizes[depth - 1] - 1))

    return np.array(down(len(layers), unit, unit))
""",
    ),
    right(
        "the package's sizes, floats",
        """\
from course.arithmetic import conv_output_size


def window(layers, size, unit):
    if not layers:
        return float(unit), float(unit)
    k, s, p = (layers[0][n] for n in ("kernel_size", "stride", "padding"))
    above = conv_output_size(size, k, stride=s, padding=p)
    first, last = window(layers[1:], above, unit)
    return max(first * s - p, 0.0), min(last * s - p + k - 1, size - 1.0)
""",
    ),
    wrong(
        "padding ignored",
        back("first * s", "last * s + k - 1"),
        "padding does not move windows",
    ),
    wrong(
        "zeros are pixels",
        back(FIRST, LAST, cut="pass"),
        "a window may hold pixels below 0",
    ),
    wrong(
        "the end behind the last",
        back(FIRST, "last * s - p + k", "first = max(first, 0)"),
        "the last pixel is first plus kernel size",
    ),
    wrong(
        "strides ignored",
        back("first - p", "last - p + k - 1"),
        "units stand one pixel apart in every layer",
    ),
    wrong(
        "padding after the stride",
        back("(first - p) * s", "(last - p) * s + k - 1"),
        "padding counts units of the layer above",
    ),
    wrong(
        "the last unit's window is forgotten",
        back(FIRST, "first * s - p + k - 1"),
        "only the first unit's window counts",
    ),
    wrong(
        "from the first layer on",
        back(FIRST, LAST).replace(
            "range(len(layers) - 1, -1, -1)", "range(len(layers))"
        ),
        "layers are gone through in their order",
    ),
    wrong(
        "cut at the end only",
        back(FIRST, LAST, "last = min(last, size + 10 * k)").replace(
            "return first, last",
            "return max(first, 0), min(last, size - 1)",
        ),
        "only the image has a border",
        at_most=0,
    ),
]


def far(body):
    """A function of a tensor and a field.

    Its depthwise kernels begin as ones: on JAX random ones are compiled for
    each shape, which takes its time where many answers are graded at once.
    """
    return f"""\
from functools import partial


def far_sight(x, field):
    layers = keras.layers
    conv = partial(
        layers.DepthwiseConv2D, padding="same", depthwise_initializer="ones"
    )
{body}
    return x
"""


FAR = [
    right(
        "dilations doubled, named by the field",
        far("""\
    for level in range(int(np.log2(field + 1)) - 1):
        x = layers.Conv2D(8, 3, padding="same", dilation_rate=2**level)(x)"""),
    ),
    right(
        "depthwise kernels, then 1x1",
        far("""\
    half = field // 2
    for dilation in (1, 2, 4, 8, 16):
        if dilation <= half:
            x = conv(3, dilation_rate=dilation)(x)
            x = layers.Dense(8, "relu", kernel_initializer="ones")(x)"""),
    ),
    right(
        "one column, one row",
        far("""\
    x = conv((field, 1))(x)
    x = conv((1, field))(x)"""),
    ),
    right(
        "plain layers, depthwise",
        far("""\
    for _ in range(field // 2):
        x = conv(3, use_bias=False)(x)"""),
    ),
    right(
        "an average over the window",
        far("""\
    x = layers.AveragePooling2D(field, 1, padding="same")(x)
    x = layers.Dense(8, "relu", kernel_initializer="ones")(x)"""),
    ),
    right(
        "padded by hand, added to a shortcut",
        far("""\
    for dilation in [1, 2, 4, 8, 16][: field.bit_length() - 1]:
        y = layers.ZeroPadding2D(dilation)(x)
        y = conv(3, padding="valid", dilation_rate=dilation)(y)
        x = x + keras.ops.relu(y)"""),
    ),
    wrong(
        "right for the small fields",
        far("""\
    for dilation in [1, 2, 4, 8, 8][: field.bit_length() - 1]:
        x = layers.Conv2D(8, 3, padding="same", dilation_rate=dilation)(x)"""),
        "dilations up to 8 are always enough",
    ),
    wrong(
        "enlarged to the old size",
        far("""\
    height, width = x.shape[1:3]
    x = layers.AveragePooling2D(field, 1)(x)
    x = layers.Resizing(height, width)(x)"""),
        "as large as before is one unit a pixel",
    ),
    wrong(
        "even kernels",
        far("""\
    half = field // 2 + 1
    for shape in ((half, 1), (1, half)):
        x = conv(shape)(conv(shape)(x))"""),
        "two kernels that add up to the size look round their unit",
    ),
    wrong(
        "plain layers",
        far("""\
    for _ in range(field // 2):
        x = layers.Conv2D(8, 3, padding="same", activation="relu")(x)"""),
        "depth costs nothing",
    ),
    wrong(
        "dilation 2 throughout",
        far("""\
    x = layers.Conv2D(8, 3, padding="same")(x)
    for _ in range(field // 4):
        x = conv(3, dilation_rate=2)(x)
    x = layers.Conv2D(8, 3, padding="same")(x)"""),
        "a net of dilated kernels sees everything between its taps",
    ),
    wrong(
        "a column beside a row",
        far("""\
    column = conv((field, 1))(x)
    row = conv((1, field))(x)
    x = layers.Add()([column, row])"""),
        "what is seen along each axis is seen in the square",
    ),
    wrong(
        "one kernel full of holes",
        far("""\
    x = layers.Conv2D(
        8, 3, padding="same", dilation_rate=field // 2, activation="relu"
    )(x)"""),
        "the size of the window is all that counts",
    ),
    wrong(
        "pooled",
        far("""\
    while field > 3:
        x = layers.Conv2D(8, 3, padding="same")(x)
        x = layers.MaxPooling2D(2)(x)
        field = field // 2"""),
        "a smaller map is as good",
    ),
    wrong(
        "one dilation short",
        far("""\
    dilation = 1
    while 4 * dilation < field:
        x = layers.Conv2D(8, 3, padding="same", dilation_rate=dilation)(x)
        dilation *= 2"""),
        "dilation d sees 4 d pixels",
    ),
    wrong(
        "the dilation is the field",
        far("""\
    dilation = 1
    while dilation < field:
        x = layers.Conv2D(8, 3, padding="same", dilation_rate=dilation)(x)
        dilation *= 2"""),
        "a kernel of dilation d sees d pixels",
    ),
    wrong(
        "without padding",
        far("""\
    dilation = 1
    while 2 * dilation < field:
        x = layers.Conv2D(8, 3, dilation_rate=dilation)(x)
        dilation *= 2"""),
        "maps may shrink at the border",
    ),
]


def joined(first, last, step="steps[0]", check=True, out="first, last, step"):
    """A graph's field by what happens where inputs meet."""
    refuse = """\
        if any(each != steps[0] for each in steps):
            raise ValueError("steps differ")
"""
    return f"""\
def graph_field(nodes):
    seen = {{"image": (0, 0, 1)}}
    for name, node in nodes.items():
        k, s, p = node["kernel_size"], node["stride"], node["padding"]
        known = [seen[each] for each in node["inputs"]]
        firsts = [each[0] for each in known]
        lasts = [each[1] for each in known]
        steps = [each[2] for each in known]
{refuse if check else ""}        j = {step}
        first = {first}
        last = {last}
        step = j * s
        seen[name] = ({out})
    return seen[name]
"""


START, END = "min(firsts) - p * j", "max(lasts) + (k - 1 - p) * j"
GRAPH = [
    right("smallest start, largest end", joined(START, END)),
    right(
        "backwards, by sets",
        """\
def graph_field(nodes):
    steps = {"image": 1}
    for name, node in nodes.items():
        below = {steps[each] for each in node["inputs"]}
        if len(below) != 1:
            raise ValueError(f"{name}: {below}")
        steps[name] = below.pop() * node["stride"]
    looks = {name: set() for name in ["image", *nodes]}
    looks[name] = {0}
    for each in reversed(list(nodes)):
        node = nodes[each]
        for unit in looks[each]:
            start = unit * node["stride"] - node["padding"]
            for source in node["inputs"]:
                looks[source] |= set(range(start, start + node["kernel_size"]))
    return [min(looks["image"]), max(looks["image"]), steps[name]]
""",
    ),
    right(
        "arrays and recursion",
        """\
def graph_field(nodes):
    def look(name):
        if name == "image":
            return np.array([0, 0, 1])
        node = nodes[name]
        below = np.array([look(each) for each in node["inputs"]])
        if np.ptp(below[:, 2]):
            raise ValueError("steps " + str(below[:, 2]))
        j = below[0, 2]
        first = below[:, 0].min() - node["padding"] * j
        last = below[:, 1].max()
        last = last + (node["kernel_size"] - 1 - node["padding"]) * j
        return np.array([first, last, j * node["stride"]])

    for name in nodes:
        found = look(name)
    return found
""",
    ),
    wrong(
        "the widest branch alone",
        joined(
            "widest[0] - p * j",
            "widest[1] + (k - 1 - p) * j",
            "steps[0]; widest = max(known, key=lambda each: each[1] - each[0])",
        ),
        "the largest of the sizes is the size of all",
    ),
    wrong(
        "the first input only",
        joined("firsts[0] - p * j", "lasts[0] + (k - 1 - p) * j"),
        "a sum looks where its first term looks",
    ),
    wrong(
        "fields added",
        joined("sum(firsts) - p * j", "sum(lasts) + (k - 1 - p) * j"),
        "branches see the sum of what each sees",
    ),
    wrong(
        "what all branches see",
        joined("max(firsts) - p * j", "min(lasts) + (k - 1 - p) * j"),
        "a sum sees what all of its terms see",
    ),
    wrong(
        "padding in pixels",
        joined("min(firsts) - p", "max(lasts) + (k - 1) * j - p"),
        "a zero is always worth one pixel",
    ),
    wrong(
        "a node's own stride",
        joined(START, END, "steps[0] * s", out="first, last, j"),
        "a stride acts on its own kernel",
    ),
    wrong(
        "padding ignored",
        joined("min(firsts)", "max(lasts) + (k - 1) * j"),
        "padding does not move windows",
    ),
    wrong(
        "strides of branches multiplied",
        joined(START, END, "int(np.prod(steps))", check=False),
        "each branch's stride moves the sum",
    ),
    wrong(
        "the image left out of a sum",
        joined(START, END).replace(
            '[seen[each] for each in node["inputs"]]',
            '[seen[each] for each in node["inputs"] if each in nodes] '
            'or [seen["image"]]',
        ),
        "a shortcut from the image adds nothing to what is seen",
        at_most=0,
    ),
    wrong(
        "only branches with one middle",
        joined(START, END).replace(
            "any(each != steps[0] for each in steps)",
            "len(set(steps)) > 1 or len({a + b for a, b, _ in known}) > 1",
        ),
        "branches that look past each other cannot be added",
    ),
    wrong(
        "the smaller step",
        joined(START, END, "min(steps)", check=False),
        "branches of any strides can be added",
        at_most=0,
    ),
]


def costed(same, saved, before="before"):
    """A factorization judged by two expressions."""
    return f"""\
def factorized(kernel_size, in_channels, out_channels, chain):
    high = wide = 1
    work, before = 0, in_channels
    for rows, columns, filters in chain:
        high, wide = high + rows - 1, wide + columns - 1
        work += rows * columns * {before} * filters
        before = filters
    whole = kernel_size * kernel_size * in_channels * out_channels
    return {same}, {saved}
"""


SAME = "(high, wide) == (kernel_size, kernel_size)"
SAVED = "(whole - work) / whole"
FACTORIZED = [
    right("counted layer by layer", costed(SAME, SAVED)),
    right(
        "the package's multiplications",
        """\
from course.arithmetic import conv_macs


def factorized(kernel_size, in_channels, out_channels, chain):
    reads = [in_channels, *(filters for *_, filters in chain)]
    few = sum(
        conv_macs((50, 50), (rows, columns), before, after)
        for (rows, columns, _), before, after in zip(chain, reads, reads[1:])
    )
    many = conv_macs((50, 50), kernel_size, in_channels, out_channels)
    seen = [1 + sum(each[axis] - 1 for each in chain) for axis in (0, 1)]
    return seen == [kernel_size] * 2, 1.0 - few / many
""",
    ),
    right(
        "NumPy's arrays",
        """\
def factorized(kernel_size, in_channels, out_channels, chain):
    shapes = np.array(chain)
    reads = np.concatenate([[in_channels], shapes[:-1, 2]])
    work = (shapes.prod(axis=1) * reads).sum()
    seen = 1 + (shapes[:, :2] - 1).sum(axis=0)
    whole = kernel_size**2 * in_channels * out_channels
    return [np.all(seen == kernel_size), np.float64(1 - work / whole)]
""",
    ),
    wrong(
        "what is left",
        costed(SAME, "work / whole"),
        "the share saved is the share that remains",
    ),
    wrong(
        "channels of the image throughout",
        costed(SAME, SAVED, "in_channels"),
        "every layer reads the channels that came in at first",
    ),
    wrong(
        "channels ignored",
        costed(
            SAME,
            "1 - sum(r * c for r, c, _ in chain) / kernel_size**2",
        ),
        "only the kernels' sizes count",
    ),
    wrong(
        "kernels side by side",
        costed(
            "sum(r for r, _, _ in chain) == kernel_size"
            " == sum(c for _, c, _ in chain)",
            SAVED,
        ),
        "two 3x3 see six pixels",
    ),
    wrong(
        "one axis",
        costed("high == kernel_size", SAVED),
        "a chain that is high enough is wide enough",
    ),
    wrong(
        "as many pixels",
        costed("high * wide == kernel_size**2", SAVED),
        "a row of nine sees what 3x3 sees",
    ),
    wrong(
        "as much or more",
        costed("min(high, wide) >= kernel_size", SAVED),
        "seeing more is seeing the same",
    ),
    wrong(
        "never below zero",
        costed(SAME, "max(0, (whole - work) / whole)"),
        "small kernels are always cheaper",
    ),
    wrong(
        "of what is left",
        costed(SAME, "(whole - work) / work"),
        "the share is one of the cheaper cost",
    ),
    wrong(
        "the largest kernel sees",
        costed("max(r for r, _, _ in chain) == kernel_size", SAVED),
        "a chain sees what its largest kernel sees",
    ),
]

ANSWERS = {
    "field-size": FIELD,
    "window": WINDOW,
    "far-sight": FAR,
    "graph-field": GRAPH,
    "factorized": FACTORIZED,
}

SURVIVORS = {
    "window": {
        "for layer, below in zip(layers[::-1], sizes[-2::-1], strict=True): -> "
        "for layer, below in zip(layers[::-1], sizes[-2::-1], strict=False):": (
            "there are as many maps below as layers"
        ),
    },
    "far-sight": {
        "while field > 1: -> while field > 2:": "fields are odd",
        "field -= 2 * dilation -> field -= 3 * dilation": (
            "2 to the power of n, less 1, is below 0 after as many rounds"
        ),
    },
    "graph-field": {
        "firsts, lasts, steps = zip(*[seen[each] for each in node['inputs']], "
        "strict=True) -> firsts, lasts, steps = zip(*[seen[each] for each in "
        "node['inputs']], strict=False)": "each is a triple",
        "step = steps[0] -> step = steps[-1]": "here all steps are equal",
    },
}
