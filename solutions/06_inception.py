# %% [markdown] id="title" slide="slide"
# # 06 · Inception
#
# In 2014 two networks met at ILSVRC. VGG-16 has 138 million parameters,
# GoogLeNet **7 million**, and GoogLeNet won the classification. Where did the
# others go?
#
# After this lecture you can
#
# - build an inception module, and say what each 1×1 convolution is for,
# - count what a bottleneck saves, and when it saves nothing,
# - take a convolution apart, and say what is lost,
# - shrink a map without a bottleneck.

# %% [markdown] id="title-notes" slide="notes"
# Let the room guess where VGG's 131 million others sat. Lecture 04 knows: most
# in the dense layers. That is half of the answer. The other half, the work of
# the convolutions, is this lecture. Write "dense" and "convolutions" on the
# board and tick them off: slides "Seven million" and "What did the 1×1 save?".

# %% [markdown] id="about" slide="skip"
# Reading takes about 45 minutes, the seven questions about 110; they give 15
# points.
#
# Answer with Python, NumPy or Keras. Of `course` only data, plots and what a
# question opens may be used in an answer.

# %% id="imports" role="given"
import keras
import numpy as np

# %% id="tools" slide="skip"
from skimage import data

from course import plots
from course.arithmetic import conv_macs
from course.blocks import (
    conv,
    inception_a,
    inception_b,
    inception_c,
    inception_naive,
    inception_reduced,
    inception_reduction,
)
from course.catalogue import outlines
from course.models import alexnet, googlenet, inception_v2, inception_v3, vgg
from course.models.googlenet import MODULES, POOLS
from course.models.inception_v2 import MODULES as MODULES_V2
from course.published import numbers
from course.receptive_field import receptive_field
from course.summary import summary
from course.wiring import wiring

QUIET = (
    *("Activation", "BatchNormalization", "Dropout", "Flatten"),
    "LocalResponseNorm",
)
KINDS = ["1×1", "3×3", "5×5, 7×7", "1×n, n×1", "pooling", "joined", "dense"]


def kind(node):
    """Which of KINDS a box is; "" for the image."""
    if node.kind == "Conv2D":
        high, wide = node.window
        if high != wide:
            return "1×n, n×1"
        return "5×5, 7×7" if high > 3 else f"{high}×{wide}"
    names = {"InputLayer": "", "Concatenate": "joined", "Dense": "dense"}
    return names.get(node.kind, "pooling")


def says(node):
    """Kernel and filters of a convolution, else the channels."""
    channels = node.output_shape[-1]
    if node.kind == "Conv2D":
        return f"{node.window[0]}×{node.window[1]}, {channels}"
    return f"{channels}" if kind(node) in ("", "joined") else "pool 3×3"


def of_block(read, block, shape, *arguments, **options):
    """A table or a wiring of one block on maps of this shape."""
    with outlines():
        x = keras.Input(shape)
        return read(keras.Model(x, block(x, *arguments, **options)))


def draw_block(block, shape, *arguments, **options):
    """A block as boxes that say what they do."""
    net = of_block(wiring, block, shape, *arguments, **options)
    labels, kinds = map(says, net.nodes), list(map(kind, net.nodes))
    return plots.wiring(labels, net.edges, kinds, order=KINDS)


def draw_network(model, part):
    """A whole network as boxes; `part` names the module of a layer."""
    net = wiring(model, QUIET)
    groups = [part(node.layer) for node in net.nodes]
    kinds = list(map(kind, net.nodes))
    return plots.wiring([""] * len(kinds), net.edges, kinds, groups, KINDS)


def by_part(table, part):
    """Parameters and multiplications, summed over the layers of each part."""
    costs = {}
    for row in table.rows:
        if row.macs:
            before = costs.get(part(row.layer), (0, 0))
            more = (row.trainable, row.macs)
            costs[part(row.layer)] = tuple(np.add(before, more).tolist())
    return costs


def draw_costs(costs):
    """Bars of what each part holds and costs."""
    return plots.stages(list(costs), *zip(*costs.values(), strict=True))


# %% [markdown] id="sizes" slide="slide"
# ## Which kernel is right?
#
# Bright squares of 1, 3 and 5 pixels. Which kernel answers each most strongly?
# (All ones, scaled so that noise excites all alike.)


# %% id="sizes-figure" claims="06-sizes" alt="Strongest answer over the size of the kernel, 1 to 9. For a square of 1 pixel it is 1 at kernel 1 and falls. For a square of 3 it rises to 3 at kernel 3 and falls again. For a square of 5 it rises to 5 at kernel 5 and falls."
def strongest(width, k):
    """The largest sum in a k×k window on a square, divided by k."""
    picture = np.pad(np.ones((width, width)), 9)
    windows = np.lib.stride_tricks.sliding_window_view(picture, (k, k))
    return windows.sum(axis=(2, 3)).max() / k


kernels = np.arange(1, 10, 2)
plots.curves(
    *[(kernels, [strongest(w, k) for k in kernels]) for w in (1, 3, 5)],
    labels=["a square of 1", "of 3", "of 5"],
    axes=("kernel size", "answer"),
)

# %% [markdown] id="sizes-answer" slide="fragment"
# The kernel of the thing's own size. But things come in all sizes: a face
# near the camera, a face far away.

# %% [markdown] id="sizes-notes" slide="notes"
# Ask for a vote before the figure. The likely wrong idea: "the largest, it
# sees most". A kernel that is too large adds noise from around the square;
# dividing by k makes the noise of all kernels equally strong. Then: "You may
# choose one size a layer. Which?" Collect, and go on.

# %% [markdown] id="naive" slide="slide"
# ## Why choose? Take all, side by side

# %% id="naive-figure" alt="A graph from left to right: 192 channels go into four branches, a 1 by 1 convolution with 64 filters, a 3 by 3 with 128, a 5 by 5 with 32 and a 3 by 3 pooling. All four are joined to 416 channels."
draw_block(inception_naive, (28, 28, 192), 64, 128, 32)

# %% [markdown] id="naive-answer" slide="fragment"
# The **inception module**, naive version. The next layer chooses what to read:
# learning decides on the size.

# %% [markdown] id="naive-notes" slide="notes"
# Ask: "What is a pool doing among them?" Poolings had helped every good network
# so far, so the authors added one (section 4). "And why few 5x5?" Big things
# are rarer than small ones, and 5x5 is dear: two slides on.

# %% [markdown] id="joined" slide="subslide"
# ## What must fit, so that they can be joined?

# %% id="joined-check" claims="06-joined"
table = of_block(summary, inception_naive, (28, 28, 192), 64, 128, 32)
for row in table.rows[1:]:
    print(f"{row.kind:13}", *row.output_shape[1:])

# %% [markdown] id="joined-answer" slide="fragment"
# Height and width. So convolutions and pool pad ("same"), and the pool moves by
# **one** pixel. Channels may differ: they are put one behind the other, or
# **concatenated**.

# %% [markdown] id="joined-notes" slide="notes"
# Two wrong ideas. "Joined means added": then the channels would have to be
# equal; adding comes in lecture 07. "A pool halves": its stride does, and here
# the stride is 1. Ask what the pool's branch gives when the map has negative
# numbers at the border: padding must not count, or zeros would win.

# %% [markdown] id="question-naive" slide="skip"
# ## Question 1. The naive module
#
# Write `naive(x, one, three, five)`, from a tensor to a tensor, made of Keras
# layers: convolutions of 1×1, 3×3 and 5×5 with so many filters, each with a
# bias and followed by ReLU, and a 3×3 maximum pooling, side by side,
# concatenated in this order. Height and width stay; what is padded does not
# count in the maximum.


# %% id="naive-module" role="answer" minutes=10 taught="naive"
def naive(x, one, three, five):
    """Three convolutions and a pool, joined."""
    ### BEGIN SOLUTION
    layers = keras.layers
    branches = [
        layers.Conv2D(filters, size, padding="same", activation="relu")(x)
        for filters, size in ((one, 1), (three, 3), (five, 5))
    ]
    pool = layers.MaxPooling2D(3, strides=1, padding="same")(x)
    return layers.Concatenate()([*branches, pool])
    ### END SOLUTION


# %% id="naive-module-check" role="test" points=2 of="naive-module"
import numpy as np

from course.catalogue import outlines
from course.checks import build, output

called = "naive(x, one=3, three=4, five=5) of a map 6x7x2"
with outlines():  # no weights are drawn
    net = build(naive, (6, 7, 2), one=3, three=4, five=5)
assert net.output_shape == (None, 6, 7, 14), (
    f"{called} has the output shape {net.output_shape}. Which layer changes the "
    "height? How many channels does each branch give?"
)
kernels = sorted(tuple(w.shape) for w in net.weights if len(w.shape) > 1)
assert len(kernels) == 3, (
    f"{called} has {len(kernels)} layers with kernels. Count the convolutions "
    "in the drawing."
)
### BEGIN HIDDEN TESTS
assert kernels == [(1, 1, 2, 3), (3, 3, 2, 4), (5, 5, 2, 5)], (
    f"{called} has kernels {kernels}. Hint: rows, columns, channels read, "
    "filters; every branch reads x."
)
assert len(net.weights) == 6, (
    f"{called} has {len(net.weights)} arrays of weights. Hint: a kernel and a "
    "bias for each convolution, nothing else learns."
)


def drawn(shape):
    """Numbers that depend on the shape alone."""
    return np.random.default_rng(shape).normal(size=shape).astype("float32")


def around(x, k, outside):
    """The k×k windows around each pixel."""
    wide = [(k // 2, k // 2), (k // 2, k // 2), (0, 0)]
    wide = np.pad(x, wide, constant_values=outside)
    return np.lib.stride_tricks.sliding_window_view(wide, (k, k), (0, 1))


def convolved(x, k, filters):
    kernel, bias = drawn((k, k, x.shape[-1], filters)), drawn((filters,))
    return np.einsum("rcixy,xyio->rco", around(x, k, 0), kernel) + bias


weights = [drawn(tuple(w.shape)) for w in net.weights]
x = np.random.default_rng(61).normal(-1, size=(6, 7, 2)).astype("float32")
got = output(net, weights, x[None])[0]
linear = [convolved(x, 1, 3), convolved(x, 3, 4), convolved(x, 5, 5)]
bent = [np.maximum(each, 0) for each in linear]
largest = around(x, 3, -np.inf).max(axis=(-2, -1))
counted = around(np.ones((6, 7, 1)), 3, 0).sum(axis=(-2, -1))
average = around(x, 3, 0).sum(axis=(-2, -1)) / counted
want = np.concatenate([*bent, largest], axis=-1)
slips = [
    ([*linear, largest], "What follows each convolution?"),
    ([*bent, average], "A maximum is asked for, not an average."),
    ([*bent, x], "What does a pool of one pixel do?"),
    (
        [*bent, np.maximum(largest, 0)],
        "ReLU follows the convolutions, not the pool.",
    ),
    (
        [*bent, around(x, 3, 0).max(axis=(-2, -1))],
        "Padded zeros are no pixels: may they win a maximum?",
    ),
]
hints = [
    hint
    for parts, hint in slips
    if np.allclose(got, np.concatenate(parts, axis=-1), atol=1e-3)
]
sums = np.sort(got.sum(axis=(0, 1))), np.sort(want.sum(axis=(0, 1)))
if np.allclose(*sums, rtol=1e-3):
    hints = ["The right maps, in another order."]
assert np.allclose(got, want, rtol=1e-3, atol=1e-4), (
    f"{called} with random weights makes other numbers than the four branches, "
    "joined. Hint: "
    + (hints[0] if hints else "Check each branch: kernel, ReLU, window.")
)
with outlines():
    net = build(naive, (5, 4, 3), one=2, three=1, five=6)
kernels = sorted(tuple(w.shape) for w in net.weights if len(w.shape) > 1)
assert kernels == [(1, 1, 3, 2), (3, 3, 3, 1), (5, 5, 3, 6)], (
    "naive(x, one=2, three=1, five=6) of a map 5x4x3 has kernels "
    f"{kernels}. Hint: the numbers of filters are arguments."
)
### END HIDDEN TESTS

# %% id="stacked" slide="skip"
before, size = 192, 28
stacked, reduced, naive_macs = [], [], 0
for name, (one, three, five, pool) in MODULES.items():
    table = of_block(
        summary, inception_naive, (size, size, before), one, three[1], five[1]
    )
    before = table.rows[-1].output_shape[-1]
    stacked.append(before)
    reduced.append(one + three[1] + five[1] + pool)
    naive_macs += table.macs
    size //= 2 if name in POOLS else 1

# %% [markdown] id="grows" slide="slide"
# ## Stack nine of them. What happens?
#
# Filters as in GoogLeNet. How many channels come out of each module?

# %% id="grows-figure" claims="06-naive-grows" alt="Channels over nine modules. Naive modules climb evenly from 416 to 4944. GoogLeNet's own stay between 256 and 1024."
places = np.arange(1, 10)
plots.curves(
    (places, stacked),
    (places, reduced),
    labels=["naive", "GoogLeNet's own"],
    axes=("module", "channels"),
    dots=[True, True],
)

# %% [markdown] id="grows-answer" slide="fragment"
# It can only grow: the pool hands on **all** channels that it reads, and the
# convolutions add theirs.

# %% [markdown] id="grows-notes" slide="notes"
# Ask for the last number before the figure: 192 plus all filters so far, 4944.
# Then: "Is that bad?" The next convolution's kernels read all of them, so
# weights and work grow with every module. The second curve is what this
# lecture builds next; let them guess how.

# %% [markdown] id="work" slide="slide"
# ## And what does one module cost?

# %% id="work-figure" claims="06-naive-work" alt="Two rows of bars for the naive module. Parameters: 1 by 1 12 thousand, 3 by 3 221 thousand, 5 by 5 154 thousand. Multiplications: 9.6 million, 173 million and 120 million."
naive_3a = of_block(
    summary, inception_naive, (28, 28, 192), 64, 128, 32, name="naive"
)
rows = [row for row in naive_3a.rows if row.macs]
draw_costs(
    {
        label: (row.trainable, row.macs)
        for label, row in zip(
            ["1×1, 64 filters", "3×3, 128 filters", "5×5, 32 filters"],
            rows,
            strict=True,
        )
    }
)

# %% [markdown] id="work-answer" slide="fragment"
# The 5×5 has half as many filters as the 1×1 and costs 12.5 times as much.
# Each of its filters reads $25\cdot 192$ numbers a pixel.

# %% [markdown] id="work-notes" slide="notes"
# Cover the right half and ask which bar is longest there. The same as left: on
# one map work is parameters (without biases) times pixels. Then ask which
# factor of 25 · 192 · 32 one could make smaller. 25 is what we want to see, 32 is
# what we want to know. 192 is left.

# %% [markdown] id="bottleneck" slide="slide"
# ## First fewer channels, then 5×5
#
# A 1×1 convolution with 16 filters before the 5×5 with 32. Multiplications:

# %% id="bottleneck-check" claims="06-bottleneck"
direct = conv_macs(28, 5, 192, 32)
squeezed, after = conv_macs(28, 1, 192, 16), conv_macs(28, 5, 16, 32)
print(f"5x5 alone:       {direct:12,}")
print(f"1x1, then 5x5:   {squeezed + after:12,} = {squeezed:,} + {after:,}")
print(f"that is          {direct / (squeezed + after):12.1f} times less")

# %% [markdown] id="bottleneck-answer" slide="fragment"
# Two layers are cheaper than one: **dimension reduction**, or a *bottleneck*.
# And a ReLU more.

# %% [markdown] id="bottleneck-notes" slide="notes"
# The wrong idea: "an additional layer costs more". Let them name the factors:
# the 1x1 reads 192 channels but one pixel, the 5x5 reads 25 pixels but 16
# channels. Never both at once. Where have they seen a 1x1 before? Network in
# network, lecture 04: there it made the network deeper, here it makes it
# narrower.

# %% [markdown] id="break-even" slide="subslide"
# ## How narrow must it be?
#
# With $s$ channels between, of $c$ into $f$, a pixel takes $c\,s + k^2 s f$
# multiplications instead of $k^2 c f$.

# %% id="break-even-figure" claims="06-break-even" alt="Millions of multiplications over the channels between, from 0 to 192. A line rises from 0 and crosses the level of the 5 by 5 alone, 120 million, at about 155 channels. The one of the 3 by 3 with 128 filters crosses its level, 173 million, at about 165."
between = np.arange(8, 193, 8)


def through(s, k, filters):
    """Millions of multiplications with s channels between."""
    return (conv_macs(28, 1, 192, s) + conv_macs(28, k, s, filters)) / 1e6


plots.curves(
    (between, [through(s, 5, 32) for s in between]),
    (between, [conv_macs(28, 5, 192, 32) / 1e6] * len(between)),
    (between, [through(s, 3, 128) for s in between]),
    (between, [conv_macs(28, 3, 192, 128) / 1e6] * len(between)),
    labels=["1×1, 5×5 of 32", "5×5 alone", "1×1, 3×3 of 128", "3×3 alone"],
    axes=("channels between", "million MACs"),
)

# %% [markdown] id="break-even-answer" slide="fragment"
# It saves while $s < k^2 c f / (c + k^2 f)$: here up to 154 and
# 164 channels.

# %% [markdown] id="break-even-notes" slide="notes"
# Ask them to solve for s before the fragment. Then the trap: a bottleneck
# before a 1x1 (k = 1): s must be below c f / (c + f), less than the smaller of
# both. GoogLeNet has none there. Ask what else falls along the line: what can
# pass. Next slide.

# %% [markdown] id="question-saved" slide="skip"
# ## Question 2. What a bottleneck saves
#
# Write `macs_saved(size, channels, squeeze, filters, kernel_size)`. A square
# kernel of `kernel_size` reads `channels` and makes `filters` maps of
# `size = (height, width)`, the same as its input's. Now a 1×1 convolution to
# `squeeze` channels stands before it. How many multiplications are saved?
# Return a whole number, exact for large maps, too; it is negative if that costs
# more.


# %% id="macs-saved" role="answer" minutes=10 taught="bottleneck"
def macs_saved(size, channels, squeeze, filters, kernel_size):
    """Multiplications without the 1×1, minus those with it."""
    ### BEGIN SOLUTION
    height, width = size
    direct = kernel_size**2 * channels * filters
    by_two = channels * squeeze + kernel_size**2 * squeeze * filters
    return height * width * (direct - by_two)
    ### END SOLUTION


# %% id="macs-saved-check" role="test" points=2 of="macs-saved"
import numpy as np

# By hand, one pixel: 9 · 2 · 1 without, 2 · 1 + 9 · 1 · 1 with.
got = macs_saved((1, 1), channels=2, squeeze=1, filters=1, kernel_size=3)
assert np.size(got) == 1 and int(np.ravel(got)[0]) == 7, (
    "macs_saved((1, 1), channels=2, squeeze=1, filters=1, kernel_size=3) "
    f"returned {got}. Draw both ways, and count what each kernel reads."
)
### BEGIN HIDDEN TESTS
from course.arithmetic import conv_macs

asked = [
    ((28, 28), 192, 16, 32, 5),
    ((14, 20), 480, 96, 208, 3),
    ((7, 7), 32, 32, 8, 3),
    ((5, 3), 6, 9, 4, 1),
    ((9, 4), 10, 3, 7, 7),
    ((224, 223), 511, 65, 513, 7),
]
for size, channels, squeeze, filters, k in asked:
    called = (
        f"macs_saved({size}, channels={channels}, squeeze={squeeze}, "
        f"filters={filters}, kernel_size={k})"
    )
    got = macs_saved(size, channels, squeeze, filters, k)
    got = int(np.ravel(got)[0])
    alone = conv_macs(size, k, channels, filters)
    first = conv_macs(size, 1, channels, squeeze)
    second = conv_macs(size, k, squeeze, filters)
    pixels = size[0] * size[1]
    square = (alone - first - second) // pixels * size[0] ** 2
    slips = [
        (max(0, alone - first - second), "It may cost more than it saves."),
        (alone - second, "The 1x1 multiplies, too."),
        (
            first + second - alone,
            "Saved is what was, minus what is: what if that is negative?",
        ),
        ((alone - first - second) // pixels, "How many pixels has the map?"),
        (square, "The map need not be square."),
        (
            (alone - first * k**2 - second),
            "How large is the kernel that squeezes?",
        ),
        (first + second, "The saving is asked for, not the cost."),
    ]
    hints = [hint for slip, hint in slips if got == slip]
    if alone > 2**31:
        hints.append("Is it exact? It does not fit into 32 bits.")
    assert got == alone - first - second, f"{called} returned {got}. Hint: " + (
        hints[0] if hints else "Count each of the three convolutions alone."
    )
### END HIDDEN TESTS

# %% [markdown] id="alike" slide="slide"
# ## Does nothing get lost?
#
# 192 random 7×7 filters and ReLU, on a photograph. How much of all that varies
# fits into few mixtures of them?


# %% id="alike-figure" claims="06-alike" alt="Share of the variance over the number of mixtures kept, from 1 to 64. For random filters it is at 98 percent with 16. For filters that sum to zero it rises more slowly, to 77 percent with 16 and over 90 percent with 48."
def kept(filters):
    """Shares of the variance in the best 1, 2, 3, ... mixtures of maps."""
    maps = np.maximum(windows @ filters, 0)
    maps = maps - maps.mean(axis=0)
    strength = np.linalg.svd(maps, compute_uv=False) ** 2
    return np.cumsum(strength) / strength.sum()


photograph = data.camera()[::2, ::2] / 255
windows = np.lib.stride_tricks.sliding_window_view(photograph, (7, 7))
windows = windows[::4, ::4].reshape(-1, 49)
filters = np.random.default_rng(6).normal(size=(49, 192))
shares = [kept(filters), kept(filters - filters.mean(axis=0))]
plots.curves(
    *[(np.arange(1, 65), 100 * share[:64]) for share in shares],
    labels=["all filters", "sums made zero"],
    axes=("mixtures kept, of 192", "variance, %"),
)

# %% [markdown] id="alike-answer" slide="fragment"
# 16 mixtures keep 98 %, but 77 % where filters ignore brightness. The more
# channels **resemble** each other, the less is lost.

# %% [markdown] id="alike-notes" slide="notes"
# A 1x1 convolution makes mixtures of channels; these are the best ones. Ask why
# so few suffice: filters overlap, and most of them see how bright it is. This is
# the bet of the module: channels of one place say similar things. Honestly:
# these filters are random, and what varies most need not be what matters. What
# a bottleneck drops, it drops for good.

# %% [markdown] id="reduced" slide="slide"
# ## The module with dimension reduction

# %% id="reduced-figure" alt="A graph from left to right: 192 channels go into four branches. A 1 by 1 convolution with 64 filters. A 1 by 1 with 96, then a 3 by 3 with 128. A 1 by 1 with 16, then a 5 by 5 with 32. A 3 by 3 pooling, then a 1 by 1 with 32. All are joined to 256 channels."
draw_block(inception_reduced, (28, 28, 192), *MODULES["3a"])

# %% [markdown] id="reduced-answer" slide="fragment"
# The 1×1 stands **before** the 3×3 and 5×5, but **behind** the pool. Why?

# %% [markdown] id="reduced-notes" slide="notes"
# Before a convolution it saves work. A pool has no work to save; behind it the
# 1x1 cuts the channels that it hands on. Ask: "What if the 1x1 stood before the
# pool?" The same size and cost; the maximum of mixtures is not the mixture of
# maxima. Every 1x1 has its ReLU.

# %% id="reduced-counted" slide="skip"
reduced_3a = of_block(
    summary, inception_reduced, (28, 28, 192), *MODULES["3a"], name="reduced"
)

# %% [markdown] id="saved" slide="subslide"
# ## Naive or reduced, layer by layer
#
# Millions of multiplications on 28×28×192:

# %% id="saved-check" claims="06-reduced"
for name, table in (("naive", naive_3a), ("reduced", reduced_3a)):
    work = [f"{row.macs / 1e6:.1f}" for row in table.rows if row.macs]
    print(f"{name:8}{' + '.join(work)} = {table.macs / 1e6:.0f}")
    made = table.rows[-1].output_shape[-1]
    print(f"{'':8}{table.parameters:,} parameters, {made} channels")

# %% [markdown] id="saved-answer" slide="fragment"
# 42 % of work and parameters remain. With 256 channels instead of 416 the
# **next** module gains, too.

# %% [markdown] id="saved-notes" slide="notes"
# Ask which branch saved most: the 5x5, from 120 to 12. The 3x3 hardly halves,
# its bottleneck is wide. The 1x1 stays. Then ask what the reduced module does
# more: six convolutions instead of three, and it is deeper.

# %% [markdown] id="question-reduced" slide="skip"
# ## Question 3. The reduced module
#
# Write `reduced_module(x, one, three, five, pool)`, from a tensor to a tensor,
# made of Keras layers: the module drawn above. `one` and `pool` are numbers of
# filters, `three` and `five` pairs: (filters of the 1×1 before, filters). Each
# convolution has a bias and is followed by ReLU; the pool is question 1's.
# Branches in the drawing's order, from top to bottom.


# %% id="reduced-module" role="answer" minutes=15 taught="reduced"
def reduced_module(x, one, three, five, pool):
    """The four branches of GoogLeNet's module, joined."""

    ### BEGIN SOLUTION
    def conv(x, filters, size):
        layer = keras.layers.Conv2D(
            filters, size, padding="same", activation="relu"
        )
        return layer(x)

    pooled = keras.layers.MaxPooling2D(3, strides=1, padding="same")(x)
    branches = [
        conv(x, one, 1),
        conv(conv(x, three[0], 1), three[1], 3),
        conv(conv(x, five[0], 1), five[1], 5),
        conv(pooled, pool, 1),
    ]
    return keras.layers.Concatenate()(branches)
    ### END SOLUTION


# %% id="reduced-module-check" role="test" points=2 of="reduced-module"
import numpy as np

from course.catalogue import outlines
from course.checks import build, output

called = "reduced_module(x, 3, (4, 5), (6, 7), 8) of a map 6x7x2"
arguments = {"one": 3, "three": (4, 5), "five": (6, 7), "pool": 8}
with outlines():  # no weights are drawn
    net = build(reduced_module, (6, 7, 2), **arguments)
assert net.output_shape == (None, 6, 7, 23), (
    f"{called} has the output shape {net.output_shape}. Height and width stay; "
    "each branch gives the filters of its last layer."
)
kernels = sorted(tuple(w.shape) for w in net.weights if len(w.shape) > 1)
assert len(kernels) == 6, (
    f"{called} has {len(kernels)} layers with kernels. Count the convolutions "
    "in the drawing."
)
### BEGIN HIDDEN TESTS
want = [(1, 1, 2, count) for count in (3, 4, 6, 8)]
want += [(3, 3, 4, 5), (5, 5, 6, 7)]
assert kernels == want, (
    f"{called} has kernels {kernels}. Hint: rows, columns, channels read, "
    "filters; which layer reads x, which reads another layer?"
)
assert len(net.weights) == 12, (
    f"{called} has {len(net.weights)} arrays of weights. Hint: a kernel and a "
    "bias for each convolution, nothing else learns."
)


def drawn(shape):
    """Numbers that depend on the shape alone."""
    return np.random.default_rng(shape).normal(size=shape).astype("float32")


def around(x, k, outside):
    """The k×k windows around each pixel."""
    wide = [(k // 2, k // 2), (k // 2, k // 2), (0, 0)]
    wide = np.pad(x, wide, constant_values=outside)
    return np.lib.stride_tricks.sliding_window_view(wide, (k, k), (0, 1))


def convolved(x, k, filters, bent=True):
    kernel, bias = drawn((k, k, x.shape[-1], filters)), drawn((filters,))
    y = np.einsum("rcixy,xyio->rco", around(x, k, 0), kernel) + bias
    return np.maximum(y, 0) if bent else y


def largest(x, outside=-np.inf):
    return around(x, 3, outside).max(axis=(-2, -1))


def average(x):
    counted = around(np.ones((*x.shape[:2], 1)), 3, 0).sum(axis=(-2, -1))
    return around(x, 3, 0).sum(axis=(-2, -1)) / counted


def branches(x, pool=largest, bent=(True, True)):
    inner, last = bent
    return np.concatenate(
        [
            convolved(x, 1, 3, last),
            convolved(convolved(x, 1, 4, inner), 3, 5, last),
            convolved(convolved(x, 1, 6, inner), 5, 7, last),
            convolved(pool(x), 1, 8, last),
        ],
        axis=-1,
    )


weights = [drawn(tuple(w.shape)) for w in net.weights]
x = np.random.default_rng(62).normal(-1, size=(6, 7, 2)).astype("float32")
got = output(net, weights, x[None])[0]
want = branches(x)
behind = want.copy()
behind[..., 15:] = largest(convolved(x, 1, 8))
slips = [
    (
        branches(x, bent=(False, True)),
        "ReLU follows the 1x1 convolutions, too.",
    ),
    (branches(x, bent=(True, False)), "What follows the last convolutions?"),
    (branches(x, bent=(False, False)), "What follows each convolution?"),
    (branches(x, pool=average), "A maximum is asked for, not an average."),
    (branches(x, pool=np.asarray), "Where is the pool?"),
    (behind, "Does the 1x1 stand before the pool, or behind it?"),
    (
        branches(x, pool=lambda x: largest(x, 0)),
        "Padded zeros are no pixels: may they win a maximum?",
    ),
]
hints = [hint for slip, hint in slips if np.allclose(got, slip, atol=1e-3)]
sums = np.sort(got.sum(axis=(0, 1))), np.sort(want.sum(axis=(0, 1)))
if np.allclose(*sums, rtol=1e-3):
    hints = ["The right maps, in another order."]
assert np.allclose(got, want, rtol=1e-3, atol=1e-3), (
    f"{called} with random weights makes other numbers than the four branches, "
    "joined. Hint: "
    + (hints[0] if hints else "Check each branch: kernel, ReLU, window.")
)
arguments = {"one": 2, "three": (7, 1), "five": (3, 6), "pool": 4}
with outlines():
    net = build(reduced_module, (5, 4, 3), **arguments)
kernels = sorted(tuple(w.shape) for w in net.weights if len(w.shape) > 1)
want = [(1, 1, 3, count) for count in (2, 3, 4, 7)]
assert kernels == [*want, (3, 3, 7, 1), (5, 5, 3, 6)], (
    "reduced_module(x, 2, (7, 1), (3, 6), 4) of a map 5x4x3 has kernels "
    f"{kernels}. Hint: the numbers of filters are arguments."
)
### END HIDDEN TESTS

# %% [markdown] id="table" slide="slide"
# ## Table 1: nine modules
#
# Filters of each, and channels in and out (a: the 1×1 before).


# %% id="table-figure" alt="A table with a row for each module from 3a to 5b and the columns in, 1 by 1, a, 3 by 3, a, 5 by 5, pool, out. For example 3a: 192, 64, 96, 128, 16, 32, 32, 256. The last, 5b: 832, 384, 192, 384, 48, 128, 128, 1024."
outs = [256, *reduced[1:]]
header = ["", "in", "1×1", "a", "3×3", "a", "5×5", "pool", "out"]
rows = [
    [name, before, one, *three, *five, pool, after]
    for (name, (one, three, five, pool)), before, after in zip(
        MODULES.items(), [192, *outs], outs, strict=False
    )
]
plots.number_grids([header, *[list(map(str, row)) for row in rows]], height=4.2)

# %% [markdown] id="table-notes" slide="notes"
# Let the room check one row: 4a is 192 + 208 + 48 + 64 = 512. Ask which numbers
# do not enter the sum (columns a), and which column must agree with which: out
# with the next in, pools between 3b and 4a, 4e and 5a change no channels. Ask
# for a rule in the ratio of 3x3 to 5x5: 4, 2, 4.3, 3.5, 4, 4.5, 2.5, 2.5, 3.
# There is none.

# %% [markdown] id="question-table" slide="skip"
# ## Question 4. The table, computed
#
# Write `module_table(channels, modules)`. `modules` is a list of rows of six
# numbers as in the table above: (1×1, 1×1 before the 3×3, 3×3, 1×1 before the
# 5×5, 5×5, 1×1 behind the pool). The first module reads `channels`, each other
# one reads the one before. Return a list with a triple for each module:
# (channels in, channels out, parameters), biases included.


# %% id="module-table" role="answer" minutes=15 taught="table"
def module_table(channels, modules):
    """Channels in and out, and parameters, module by module."""
    ### BEGIN SOLUTION
    table = []
    for one, three_before, three, five_before, five, pool in modules:
        reading = one + three_before + five_before + pool
        weights = channels * reading
        weights += 9 * three_before * three + 25 * five_before * five
        out = one + three + five + pool
        biases = reading + three + five
        table.append((channels, out, weights + biases))
        channels = out
    return table
    ### END SOLUTION


# %% id="module-table-check" role="test" points=2 of="module-table"
import numpy as np

# By hand: six filters of one channel each; the 3x3 has 9 weights, the 5x5 25.
got = np.asarray(module_table(1, [(1, 1, 1, 1, 1, 1)]))
assert got.shape == (1, 3), (
    "module_table(1, [(1, 1, 1, 1, 1, 1)]) has the shape "
    f"{got.shape}. A list with one triple is expected."
)
assert got.tolist() == [[1, 4, 44]], (
    f"module_table(1, [(1, 1, 1, 1, 1, 1)]) returned {got.tolist()}: channels "
    "in, channels out, parameters. How many branches are joined? How many "
    "kernels are there, and what has each besides weights?"
)
### BEGIN HIDDEN TESTS
import keras

from course.blocks import inception_reduced
from course.catalogue import outlines

asked = [
    (192, [(64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64)]),
    (7, [(2, 3, 5, 4, 6, 1), *[(8, 9, 10, 11, 12, 13)] * 2]),
]
for channels, modules in asked:
    got = np.asarray(module_table(channels, modules)).astype(int).tolist()
    want, every, passed = [], [], []
    with outlines():
        x = keras.Input((4, 4, channels))
        for one, a, three, b, five, pool in modules:
            y = inception_reduced(x, one, (a, three), (b, five), pool)
            count = keras.Model(x, y).count_params()
            want.append([x.shape[-1], y.shape[-1], count])
            every.append(one + a + three + b + five + pool)
            passed.append(one + three + five + x.shape[-1])
            x = keras.Input(y.shape[1:])
    called = f"module_table({channels}, {modules})"
    assert len(got) == len(want), (
        f"{called} has {len(got)} rows. Hint: one a module."
    )
    above = 0
    for row, right, six, all_on in zip(got, want, every, passed, strict=True):
        hint = "Which layers are joined, and which are read by another layer?"
        if row[0] != right[0]:
            hint = "A module reads what the one before it makes."
        if row[1] == six:
            hint = "The 1x1 before another convolution is not joined."
        if row[1] == all_on:
            hint = "What stands behind the pool?"
        assert row[:2] == right[:2], (
            f"{called}: one row begins {row[:2]}. Hint: {hint}"
        )
        hint = "Write down what each of the six kernels reads."
        if right[2] - row[2] == six:
            hint = "Filters have biases."
        if row[2] - right[2] == above:
            hint = "Is this the module's own number, or a sum of several?"
        assert row[2] == right[2], (
            f"{called}: in the row {row} the parameters are wrong. Hint: {hint}"
        )
        above += right[2]
### END HIDDEN TESTS

# %% id="networks" slide="skip"
with outlines():  # counted and drawn, without weights
    google, helped = googlenet(), googlenet(auxiliary=True)
    v2, v3 = inception_v2(), inception_v3()
    tables = {
        name: summary(model)
        for name, model in [
            *(("AlexNet", alexnet()), ("VGG-16", vgg("D"))),
            *(("GoogLeNet", google), ("BN-Inception", v2)),
            ("Inception-v3", v3),
        ]
    }
    to_losses = [
        summary(keras.Model(helped.inputs, output)).depth
        for output in helped.outputs
    ]


def module(layer):
    """3a of inception_3a_1_1; nothing for layers outside modules."""
    return layer.split("_")[1] if layer.startswith("inception") else ""


# %% [markdown] id="googlenet" slide="slide"
# ## GoogLeNet, the whole of it

# %% id="googlenet-figure" alt="GoogLeNet from left to right: a 7 by 7 convolution, pool, 1 by 1, 3 by 3, pool, then the modules 3a and 3b, a pool, 4a to 4e, a pool, 5a and 5b, a global pool and a dense layer. Each module fans out into four branches and is joined again."
draw_network(google, module)

# %% [markdown] id="googlenet-answer" slide="fragment"
# Drawn from the graph of the model, as built. How deep is it?

# %% [markdown] id="googlenet-notes" slide="notes"
# Let them count on the drawing, along the longest way, only what has weights.
# Name the network: GoogLeNet, in honour of LeNet; "Inception" after the film's
# "we need to go deeper", and network in network. Batch normalization,
# activations and dropout are left out of the drawings.

# %% [markdown] id="depth" slide="subslide"
# ## 22 layers?

# %% id="depth-check" claims="06-depth"
table = tables["GoogLeNet"]
weighted = [row for row in table.rows if row.macs]
print("layers with weights on the longest way:", table.depth)
print("layers with weights in all:            ", len(weighted))
field = receptive_field(google, "inception_5b").size[0]
print("pixels across that a unit of 5b sees:  ", field)

# %% [markdown] id="depth-answer" slide="fragment"
# Both are right: 22 one **after** the other, 58 in all. The image is 224 pixels
# wide: every unit of 5b could see all of it.

# %% [markdown] id="depth-notes" slide="notes"
# "How many layers has it?" has several answers, as soon as a network is no
# chain. 3 in the stem, 2 in each of nine modules, 1 at the end. The field of
# the longest way counts (lecture 05); a path through the 1x1 branches alone
# sees little. Ask how much: conv1, pools and conv2 only.

# %% [markdown] id="parameters" slide="slide"
# ## Seven million
#
# "Only 5 M parameters", says a deck, "AlexNet had 16 M". Count:

# %% id="parameters-check" claims="06-parameters"
for name in ("AlexNet", "VGG-16", "GoogLeNet"):
    table = tables[name]
    print(f"{name:10}{table.parameters:12,} parameters", end=" ")
    print(f"{table.macs / 1e9:6.2f} GMACs")
dense = google.get_layer("fc").count_params()
print(f"without its dense layer: {google.count_params() - dense:,}")

# %% [markdown] id="parameters-answer" slide="fragment"
# **7.0 million**; 6.0 without the classifier. AlexNet has 61. The average of
# each map goes into the only dense layer: most of VGG's weights stood in such
# layers.

# %% [markdown] id="parameters-notes" slide="notes"
# Tick "dense" on the board. Ask how many weights a dense layer of 4096 units on
# 7x7x1024 would have: 205 million. The paper says twelve times fewer than
# AlexNet; it is nine (61 / 7), or ten without the classifier. Its authors wrote
# "5 million" themselves a year later (arXiv:1512.00567, section 1). Ask what
# the room would believe: the sentence, or the count?

# %% [markdown] id="where" slide="subslide"
# ## Where are they, and where is the work?

# %% id="where-figure" alt="Two rows of bars, stem, nine modules and fc. Parameters grow along the network, but for a dip at 4a: the stem has few, 5b 1.44 million, fc 1.03 million. Multiplications: the stem has most, 478 million, then 3b 304 million; 5a and 5b little, fc nearly nothing."
draw_costs(
    by_part(
        tables["GoogLeNet"],
        lambda layer: module(layer) or ("fc" if layer == "fc" else "stem"),
    )
)

# %% [markdown] id="where-notes" slide="notes"
# Ask first: which bar is longest on the left, which on the right? Work sits in
# front, where maps are large, parameters at the end, where channels are many;
# as in VGG. Nearly a third of the work is done before the first module: that is
# why the stem shrinks the image so quickly, from 224 to 28.

# %% [markdown] id="whole-saving" slide="slide"
# ## What did the 1×1 save?
#
# Nine naive modules, with as many filters of 1×1, 3×3 and 5×5:

# %% id="whole-saving-check" claims="06-naive-network"
parts = by_part(tables["GoogLeNet"], module)
own = sum(macs for part, (_, macs) in parts.items() if part)
print(f"nine modules, reduced: {own / 1e9:5.2f} GMACs")
print(f"nine modules, naive:   {naive_macs / 1e9:5.2f} GMACs")
print(f"that is {naive_macs / own:.0f} times as much")

# %% [markdown] id="whole-saving-answer" slide="fragment"
# Module 3a alone saved a factor of 2.4. In the chain each one also reads
# the channels that those before it let grow.

# %% [markdown] id="whole-saving-notes" slide="notes"
# Let them predict: 2.4 for one module, so for nine? The wrong idea is 2.4 again.
# The inputs differ: 5b would read 4048 channels instead of 832. Tick
# "convolutions"; the title's question is answered: dense layers gone, and
# channels kept few.

# %% [markdown] id="auxiliary" slide="slide"
# ## Help for those in front: two more classifiers

# %% id="auxiliary-figure" alt="GoogLeNet as before, with two short chains below: from the end of 4a and from the end of 4d a pooling, a 1 by 1 convolution and two dense layers each."
draw_network(helped, module)

# %% [markdown] id="auxiliary-answer" slide="fragment"
# In training each has a loss of its own, counted 0.3. Then they are thrown
# away.

# %% [markdown] id="auxiliary-notes" slide="notes"
# Ask: "Why should 4a be able to classify?" It need not be good. The fear of 2014
# was that gradients die on the way back through 22 layers. Lecture 07 measures
# that. Ask what each head is: average 5x5 at stride 3, 1x1 with 128 filters,
# 1024 units, 70 % dropout, scores.

# %% [markdown] id="auxiliary-cost" slide="subslide"
# ## What do they shorten, what do they cost?

# %% id="auxiliary-check" claims="06-auxiliary"
whole = google.count_params()
heads = helped.count_params() - whole
print("layers from the image to each loss:", *sorted(to_losses))
print(f"parameters of both heads: {heads:,}, of the network {whole:,}")

# %% [markdown] id="auxiliary-cost-answer" slide="fragment"
# Ten layers less to the first loss. And nearly as many parameters as the whole
# network: **dense layers** again. A year later their authors found no faster
# start, only a slightly better end: a regularizer.

# %% [markdown] id="auxiliary-cost-notes" slide="notes"
# A model downloaded "with 13 million parameters" is this one. The later finding:
# arXiv:1512.00567, section 4; removing the lower head changed nothing. Ask how
# one would test a claim like "helps the gradient": train with and without,
# several seeds. Inception-v3 keeps one head, with batch normalization in it.

# %% [markdown] id="crops" slide="slide"
# ## How does one win?
#
# Top-5 error in %, on the validation images:

# %% id="crops-figure" claims="06-crops" alt="A table with a row for 1 and 7 models and a column for 1, 10 and 144 crops. One model: 10.07, 9.15, 7.89. Seven models: 8.09, 7.62, 6.67."
quantity = numbers("top-5 validation error")
errors = [f"{row.value:.2f}" for row in quantity.values()]
plots.number_grids(
    [
        ["", "1 crop", "10 crops", "144 crops"],
        ["1 model", *errors[:3]],
        ["7 models", *errors[3:]],
    ],
    height=2.6,
)

# %% [markdown] id="crops-answer" slide="fragment"
# The famous 6.67 are seven networks looking 144 times: **1008 times** the work.
# Compare errors of networks at the same number of crops and models.

# %% [markdown] id="crops-notes" slide="notes"
# Ask before: "One network, one look at the image: is it below 10 %?" Hardly not.
# Then: which is the better buy, ten crops or seven models? Seven models err
# less, 8.09, and cost seven, not ten. Source: the paper's table 3. The seven
# differ in the order of images and in sampling, not in design.

# %% [markdown] id="v2" slide="slide"
# ## "v2 is GoogLeNet with batch normalization"
#
# So says a deck. v2 is **BN-Inception**. Channels behind each module of both:

# %% id="v2-figure" claims="06-v2-table" alt="Three rows: the modules 3a, 3b, 3c, 4a to 4e, 5a and 5b. GoogLeNet: 256, 480, none, 512, 512, 512, 528, 832, 832, 1024. BN-Inception: 256, 320, 576, 576, 576, 576, 576, 1024, 1024, 1024."
behind = [["", *MODULES_V2]]
for name, model, known in (("v1", google, MODULES), ("v2", v2, MODULES_V2)):
    behind.append([name])
    for number in MODULES_V2:
        made = "–"
        if number in known:
            layer = model.get_layer(f"inception_{number}")
            made = str(layer.output.shape[-1])
        behind[-1].append(made)
plots.number_grids(behind, height=2.4)

# %% [markdown] id="v2-answer" slide="fragment"
# The table changed, too: a module more, none with its old filters, two 3×3 in
# the place of each 5×5, strides of 2 inside 3c and 4e. So a gain need not come
# from the normalization.

# %% [markdown] id="v2-notes" slide="notes"
# Ask: "v2 is better than v1. Who can say why?" Nobody, from these two alone.
# The cure is the next slide: the paper trained the new table with and without
# normalization. Names are a trap as well: arXiv:1512.00567 calls another
# network Inception-v2.

# %% [markdown] id="bn" slide="subslide"
# ## The fair comparison
#
# The new table; with batch normalization before each activation; then also
# learning rates of 5 and 30 times the old one, and less regularization:

# %% id="bn-check" claims="06-bn-steps"
steps, best = numbers("steps to 72.2 % accuracy"), numbers("highest accuracy")
for name, row in steps.items():
    print(f"{name:12}{row.value:6.1f} million steps to 72.2 %", end=", ")
    print(f"at most {best[name].value} %")

# %% [markdown] id="bn-answer" slide="fragment"
# Normalization alone: less than half of the steps. With five times the rate and
# less regularization: **a fifteenth**. How it works: lecture 07.

# %% [markdown] id="bn-notes" slide="notes"
# Ioffe and Szegedy, figure 3. Ask which row is the experiment that the deck's
# sentence needs: BN-Baseline. Ask also: "Which would you choose, x5 or x30?"
# x5 is faster there, x30 ends higher. With x5 the network without normalization
# did not train at all.

# %% id="caffe" slide="skip"
from unittest.mock import patch

caffe = {
    name: (*branches, 128)  # filters behind the pool
    for name in ("4c", "4d")
    for *branches, _ in [MODULES_V2[name]]
}

# %% [markdown] id="counts" slide="subslide"
# ## Two counts for one network
#
# Some list 11.2 million parameters, others 11.3:

# %% id="counts-check" claims="06-v2-parameters"
for table, source in ((MODULES_V2, "the paper"), (caffe, "Caffe")):
    with outlines(), patch.dict(MODULES_V2, table):
        model = inception_v2()
    made = model.get_layer("inception_4c").output.shape[-1]
    print(f"{source:10}4c makes {made},", end=" ")
    print(f"{summary(model).trainable:,} parameters train")

# %% [markdown] id="counts-answer" slide="fragment"
# A file that many copied has 128 filters behind two pools, the paper 96. Say
# which one you count.

# %% [markdown] id="counts-notes" slide="notes"
# Ask how such a thing can stay unnoticed: shapes fit, it trains, it works. Only
# a count against another source shows it. torchvision's GoogLeNet is a similar
# case: 3x3 where the paper has 5x5, known for years, kept for the trained
# weights. A third count is in the paper's own text: 13.6 million, which its
# table does not add up to.

# %% [markdown] id="two-threes" slide="slide"
# ## v2's module: why two 3×3?

# %% id="two-threes-figure" alt="A graph from left to right: 192 channels go into four branches. A 1 by 1 convolution with 64 filters. A 1 by 1 with 64, then a 3 by 3 with 64. A 1 by 1 with 64, then two 3 by 3 with 96. A pooling, then a 1 by 1 with 32. All are joined to 256 channels."
draw_block(inception_a, (28, 28, 192), *MODULES_V2["3a"], norm=False)

# %% [markdown] id="two-threes-answer" slide="fragment"
# They see what a 5×5 sees (lecture 04), with 18 weights instead of 25, and one
# more ReLU. We call it **module A**; Inception-v3 begins with such. Can one go
# further?

# %% [markdown] id="two-threes-notes" slide="notes"
# Ask: "Further than 3x3? What is smaller?" 2x2 is the usual answer. Two 2x2 see
# 3x3 with 8 weights instead of 9: 11 % saved. There is something better; next
# slide.

# %% [markdown] id="factorize" slide="slide"
# ## A column, then a row

# %% id="factorize-figure" alt="A column 1 2 1, then a row minus 1 0 1, equals the 3 by 3 kernel with rows minus 1 0 1, minus 2 0 2, minus 1 0 1."
column, row = np.array([[1], [2], [1]]), np.array([[-1, 0, 1]])
plots.number_grids(
    column,
    row,
    column @ row,
    titles=["3×1", "1×3", "together"],
    signs=["then", "="],
    height=2.6,
)

# %% [markdown] id="factorize-answer" slide="fragment"
# Six weights instead of nine. (For $c$ channels all through: times $c^2$.)

# %% [markdown] id="factorize-notes" slide="notes"
# This is Sobel's kernel from lecture 02. Ask the room to compute its lower left
# corner before it is shown: the row's first number times the column's last.

# %% [markdown] id="fields" slide="subslide"
# ## Do both see the same?

# %% id="fields-check" claims="06-factorized"
for sizes in ([(3, 3), (3, 3)], [(3, 1), (1, 3)]):
    net = keras.Sequential([keras.Input((9, 9, 1))])
    for size in sizes:
        net.add(keras.layers.Conv2D(1, size, use_bias=False))
    print(*sizes, "see", receptive_field(net).size, end=", ")
    print(net.count_params(), "weights")

# %% [markdown] id="fields-answer" slide="fragment"
# Two 3×3 see what a 5×5 sees, 3×1 with 1×3 what a 3×3 sees. So far the decks
# are right.

# %% [markdown] id="fields-notes" slide="notes"
# Ask for the field of 1×7 alone: (1, 7). The order of column and row does not
# matter for what is seen. Then the question for the slide after next: what does
# it matter for?

# %% [markdown] id="asymmetric" slide="subslide"
# ## The longer, the better?
#
# $n\times 1$ then $1\times n$, against $n\times n$, equal channels:

# %% id="asymmetric-figure" claims="06-asymmetric" alt="Weights in units of the channels squared over n from 3 to 9. The square kernel grows as n squared to 81, stacked 3 by 3 kernels to 36, the pair of a column and a row only to 18."
lengths = np.arange(3, 10, 2)
plots.curves(
    (lengths, lengths**2),
    (lengths, 9 * (lengths - 1) // 2),
    (lengths, 2 * lengths),
    labels=["n×n", "3×3, stacked", "n×1 and 1×n"],
    axes=("n", "weights / c²"),
    dots=[True, True, True],
)

# %% [markdown] id="asymmetric-answer" slide="fragment"
# $2/n$ remains: two thirds at 3, two sevenths at 7. Inception-v3 takes
# $n = 7$.

# %% [markdown] id="asymmetric-notes" slide="notes"
# Ask where the pair costs more than n x n: at n = 2 it costs the same, at 1
# twice as much. The paper reports that it works poorly in early layers and well
# on maps of 12 to 20 pixels (section 3.2): so it stands in the middle of the
# network.

# %% [markdown] id="rank" slide="slide"
# ## "So it computes the same"
#
# What share of a kernel, squared, do one, two, three columns and rows make?

# %% id="rank-check" claims="06-rank"
kernels = {
    "Sobel": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "diagonal": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
}
for name, kernel in kernels.items():
    parts = np.linalg.svd(kernel, compute_uv=False) ** 2
    shares = np.cumsum(parts) / parts.sum()
    print(f"{name:9}", " ".join(f"{share:5.0%}" for share in shares))

# %% [markdown] id="rank-answer" slide="fragment"
# One pair makes Sobel, of a diagonal a third: a product has rank 1. More
# channels **between** add products; a ReLU there makes another function.

# %% [markdown] id="rank-notes" slide="notes"
# The columns: with one, two, three channels between column and row. Seeing the
# same pixels is not computing the same function. Ask which pictures suffer:
# diagonal lines. And ReLU between both makes it another function anyway; the
# paper found that activations there help, so nobody tries to copy the n x n.

# %% [markdown] id="asymmetric-module" slide="slide"
# ## Module B

# %% id="asymmetric-module-figure" alt="A graph from left to right: 768 channels go into four branches. A 1 by 1 convolution with 192 filters. A 1 by 1 with 128, 1 by 7 with 128, 7 by 1 with 192. A 1 by 1 with 128, then 7 by 1, 1 by 7, 7 by 1, each with 128, and 1 by 7 with 192. A pooling, then a 1 by 1 with 192. All are joined to 768 channels."
draw_block(inception_b, (17, 17, 768), 192, 128, norm=False)

# %% [markdown] id="asymmetric-module-answer" slide="fragment"
# For maps of 17×17. How far does the third branch see?

# %% [markdown] id="asymmetric-module-notes" slide="notes"
# 7 by 1 twice and 1 by 7 twice: 13 pixels each way, nearly the whole map of 17.
# Ask what a 13x13 kernel of 128 channels would cost: 169 against 28, in units of
# c squared. Keras writes the kernel (rows, columns): 1×7 is one row of seven. The
# pool is an average here.

# %% [markdown] id="question-b" slide="skip"
# ## Question 5. Module B
#
# Write `module_b(x, filters, inner, n)`, from a tensor to a tensor, made of
# Keras layers, four branches joined in this order:
#
# 1. 1×1 with `filters`;
# 2. 1×1 with `inner`, 1×n with `inner`, n×1 with `filters`;
# 3. 1×1, n×1, 1×n, n×1 with `inner` each, 1×n with `filters`;
# 4. a 3×3 average pooling, then 1×1 with `filters`.
#
# 1×n is one row high, n is odd. Each convolution has a bias and is followed by
# ReLU; no normalization. Height and width stay; what is padded does not count
# in the average.


# %% id="module-b" role="answer" minutes=20 taught="asymmetric-module"
def module_b(x, filters, inner, n):
    """Inception-v3's module for maps of middle size."""
    ### BEGIN SOLUTION
    row, column = (1, n), (n, 1)

    def chain(x, sizes):
        for i, size in enumerate(sizes):
            count = filters if i == len(sizes) - 1 else inner
            x = keras.layers.Conv2D(
                count, size, padding="same", activation="relu"
            )(x)
        return x

    pooled = keras.layers.AveragePooling2D(3, strides=1, padding="same")(x)
    branches = [
        chain(x, [1]),
        chain(x, [1, row, column]),
        chain(x, [1, column, row, column, row]),
        chain(pooled, [1]),
    ]
    return keras.layers.Concatenate()(branches)
    ### END SOLUTION


# %% id="module-b-check" role="test" points=2 of="module-b"
import numpy as np

from course.catalogue import outlines
from course.checks import build, output

called = "module_b(x, filters=3, inner=2, n=5) of a map 6x7x4"
with outlines():  # no weights are drawn
    net = build(module_b, (6, 7, 4), filters=3, inner=2, n=5)
assert net.output_shape == (None, 6, 7, 12), (
    f"{called} has the output shape {net.output_shape}. Height and width stay; "
    "four branches give the same number of channels."
)
kernels = sorted(tuple(w.shape) for w in net.weights if len(w.shape) > 1)
assert len(kernels) == 10, (
    f"{called} has {len(kernels)} layers with kernels. Count the convolutions "
    "of the four branches."
)
### BEGIN HIDDEN TESTS
want = [(1, 1, 4, 2)] * 2 + [(1, 1, 4, 3)] * 2
want += [(1, 5, 2, 2)] * 2 + [(1, 5, 2, 3)]
want += [(5, 1, 2, 2)] * 2 + [(5, 1, 2, 3)]
assert kernels == want, (
    f"{called} has kernels {kernels}. Hint: rows, columns, channels read, "
    "filters; 1×n has one row, and only a branch's last layer has `filters`."
)
assert len(net.weights) == 20, (
    f"{called} has {len(net.weights)} arrays of weights. Hint: a kernel and a "
    "bias for each convolution, nothing else learns."
)


def drawn(shape):
    """Numbers that depend on the shape alone."""
    return np.random.default_rng(shape).normal(size=shape).astype("float32")


def around(x, high, wide, outside=0):
    """The windows around each pixel."""
    edges = [(high // 2,) * 2, (wide // 2,) * 2, (0, 0)]
    x = np.pad(x, edges, constant_values=outside)
    return np.lib.stride_tricks.sliding_window_view(x, (high, wide), (0, 1))


def chained(x, *layers, bent=(True, True)):
    inner, last = bent
    for i, (high, wide, filters) in enumerate(layers, start=1):
        kernel = drawn((high, wide, x.shape[-1], filters))
        x = np.einsum("rcixy,xyio->rco", around(x, high, wide), kernel)
        x = x + drawn((filters,))
        x = np.maximum(x, 0) if (inner, last)[i == len(layers)] else x
    return x


def average_with_zeros(x):
    return around(x, 3, 3).sum(axis=(-2, -1)) / 9


def average(x):
    counted = around(np.ones((*x.shape[:2], 1)), 3, 3).sum(axis=(-2, -1))
    return around(x, 3, 3).sum(axis=(-2, -1)) / counted


def largest(x):
    return around(x, 3, 3, -np.inf).max(axis=(-2, -1))


def branches(x, pool=average, bent=(True, True)):
    long = [(1, 1, 2), (5, 1, 2), (1, 5, 2), (5, 1, 2), (1, 5, 3)]
    return np.concatenate(
        [
            chained(x, (1, 1, 3), bent=bent),
            chained(x, (1, 1, 2), (1, 5, 2), (5, 1, 3), bent=bent),
            chained(x, *long, bent=bent),
            chained(pool(x), (1, 1, 3), bent=bent),
        ],
        axis=-1,
    )


weights = [drawn(tuple(w.shape)) for w in net.weights]
x = np.random.default_rng(65).normal(size=(6, 7, 4)).astype("float32")
got = output(net, weights, x[None])[0]
want = branches(x)
behind = want.copy()
behind[..., 9:] = average(chained(x, (1, 1, 3)))
slips = [
    (branches(x, bent=(False, False)), "What follows each convolution?"),
    (branches(x, bent=(False, True)), "ReLU follows the inner layers, too."),
    (branches(x, bent=(True, False)), "What follows the last convolutions?"),
    (behind, "Does the 1x1 stand before the pool, or behind it?"),
    (
        branches(x, pool=average_with_zeros),
        "Padded zeros are no pixels: may they lower an average?",
    ),
    (branches(x, pool=largest), "An average is asked for, not a maximum."),
    (branches(x, pool=np.asarray), "Where is the pool?"),
]
hints = [hint for slip, hint in slips if np.allclose(got, slip, atol=1e-3)]
sums = np.sort(got.sum(axis=(0, 1))), np.sort(want.sum(axis=(0, 1)))
if np.allclose(*sums, rtol=1e-3):
    hints = ["The right maps, in another order."]
assert np.allclose(got, want, rtol=1e-3, atol=1e-3), (
    f"{called} with random weights makes other numbers than the four branches, "
    "joined. Hint: "
    + (
        hints[0]
        if hints
        else "Check each branch: 1×n or n×1 first? Every ReLU? The pool's size?"
    )
)
with outlines():
    net = build(module_b, (4, 5, 2), filters=5, inner=1, n=3)
kernels = sorted(tuple(w.shape) for w in net.weights if len(w.shape) > 1)
want = [(1, 1, 2, 1)] * 2 + [(1, 1, 2, 5)] * 2
want += [(1, 3, 1, 1)] * 2 + [(1, 3, 1, 5)]
want += [(3, 1, 1, 1)] * 2 + [(3, 1, 1, 5)]
assert kernels == want, (
    f"module_b(x, filters=5, inner=1, n=3) of a map 4x5x2 has kernels {kernels}"
    ". Hint: filters, inner and n are arguments."
)
### END HIDDEN TESTS

# %% [markdown] id="module-c" slide="slide"
# ## Module C: wider instead of deeper

# %% id="module-c-figure" alt="A graph from left to right: 1280 channels go into four branches. A 1 by 1 with 320 filters. A 1 by 1 with 384 that forks into 1 by 3 and 3 by 1 with 384 each, joined. A 1 by 1 with 448, a 3 by 3 with 384 that forks likewise. A pooling, then a 1 by 1 with 192. All are joined to 2048 channels."
draw_block(inception_c, (8, 8, 1280), 320, 384, 448, 192, norm=False)

# %% [markdown] id="module-c-answer" slide="fragment"
# Little is left to see on 8×8 pixels: column and row **side by side**.

# %% [markdown] id="module-c-notes" slide="notes"
# Ask for the difference to B: side by side, a column and a row are no 3x3. Each
# sees three pixels, the corners are seen by neither. The layer before a fork is
# shared: ask what that saves. The paper wants many channels on its coarsest
# maps (its figure 7). It makes 2048 channels, which the average then hands to
# the dense layer.

# %% [markdown] id="reduction" slide="slide"
# ## Half the size, twice the channels
#
# From $34^2\times 320$ to $17^2\times 640$. Pool, then convolve, or the other
# way round?


# %% id="reduction-figure" claims="06-reduction" alt="A table of three ways. Pool first: 1,843,840 parameters, 533 million multiplications, its first step makes 92,480 numbers. Convolution first: as many parameters, 2,131 million, 739,840 numbers. Side by side: 921,920 parameters, 266 million, 184,960 numbers."
def pool_first(x):
    return conv(keras.layers.MaxPooling2D(3, 2, "same")(x), 640, 3)


def convolution_first(x):
    return keras.layers.MaxPooling2D(3, 2, "same")(conv(x, 640, 3))


def side_by_side(x):
    return inception_reduction(x, [(320, 3)], padding="same", norm=False)


ways = {"pool first": pool_first, "convolution first": convolution_first}
ways["side by side"] = side_by_side
costs = {
    name: of_block(summary, way, (34, 34, 320)) for name, way in ways.items()
}
rows = [["", "parameters", "million MACs", "first step makes"]]
for name, table in costs.items():
    made = table.rows[1 if "first" in name else -1].output_shape
    numbers_made = int(np.prod(made[1:]))
    work = [table.parameters, round(table.macs / 1e6), numbers_made]
    rows.append([name, *[f"{count:,}" for count in work]])
plots.number_grids(rows, height=2.8)

# %% [markdown] id="reduction-answer" slide="fragment"
# Convolving first costs four times as much. Pooling first is cheap, but all
# must pass 92,480 numbers, half of what comes out: a **representational
# bottleneck**. Side by side: neither.

# %% [markdown] id="reduction-notes" slide="notes"
# Let them choose before the table appears, and give reasons. Then the third way:
# half of the channels by a convolution of stride 2, the other half are the
# pooled ones. It is the cheapest, and no step has fewer numbers than the output.
# Ask what the pool's half has not got: new features. Numbers: 369,920 in, 92,480
# through the bottleneck, 184,960 out.

# %% [markdown] id="reduction-module" slide="subslide"
# ## As Inception-v3 does it, from 35 to 17

# %% id="reduction-module-figure" alt="A graph from left to right: 288 channels go into three branches. A 3 by 3 convolution with 384 filters. A 1 by 1 with 64, then two 3 by 3 with 96. A pooling. All are joined to 768 channels."
draw_block(
    inception_reduction,
    (35, 35, 288),
    [(384, 3)],
    [(64, 1), (96, 3), (96, 3)],
    norm=False,
)

# %% [markdown] id="reduction-module-notes" slide="notes"
# The last layer of each branch moves by 2, without padding: (35 - 3) / 2 + 1 =
# 17. Ask why the 1x1 does not have the stride: it would never look at three of
# four pixels (lecture 07 meets that mistake in ResNet).

# %% [markdown] id="question-reduce" slide="skip"
# ## Question 6. Three ways to half the size
#
# Write `reduce_grid(x, filters, way)`, from a tensor to a tensor, made of Keras
# layers. The result has half the height and width (rounded up) and `filters`
# channels. `way` is
#
# - `"pool first"`: a pool, then a convolution;
# - `"convolution first"`: a convolution, then a pool;
# - `"side by side"`: a convolution and a pool, both at stride 2, joined in this
#   order. As `x` has `c` channels, the convolution has so many filters that
#   `filters` channels come out.
#
# Convolutions are 3×3 with bias and ReLU, at stride 1 where nothing else is
# said. Pools are 3×3 maxima at stride 2. All pad as Keras does with "same".
# `filters` is larger than `c`.


# %% id="reduce-grid" role="answer" minutes=20 taught="reduction"
def reduce_grid(x, filters, way):
    """Half the size, `filters` channels, by one of three ways."""
    ### BEGIN SOLUTION
    layers = keras.layers

    def conv(x, filters, strides):
        layer = layers.Conv2D(
            filters, 3, strides, padding="same", activation="relu"
        )
        return layer(x)

    pool = layers.MaxPooling2D(3, strides=2, padding="same")
    if way == "pool first":
        return conv(pool(x), filters, 1)
    if way == "convolution first":
        return pool(conv(x, filters, 1))
    return layers.Concatenate()([conv(x, filters - x.shape[-1], 2), pool(x)])
    ### END SOLUTION


# %% id="reduce-grid-check" role="test" points=1 of="reduce-grid"
from course.catalogue import outlines
from course.checks import build
from course.summary import summary

work = {}
for way in ("pool first", "convolution first", "side by side"):
    called = f'reduce_grid(x, 5, "{way}") of a map 8x6x2'
    with outlines():
        net = build(reduce_grid, (8, 6, 2), filters=5, way=way)
        work[way] = summary(net).macs
    assert net.output_shape == (None, 4, 3, 5), (
        f"{called} has the output shape {net.output_shape}. Half of 8x6, and "
        "five channels, are asked for."
    )
assert len(set(work.values())) == 3, (
    f"The three ways multiply {list(work.values())} times. The lecture's rows "
    "hold three different numbers."
)
### BEGIN HIDDEN TESTS
# On 8x6 pixels or on 4x3, in units of the nine taps:
want = {"pool first": 12 * 2 * 5, "convolution first": 48 * 2 * 5}
want["side by side"] = 12 * 2 * 3
for way, products in want.items():
    assert work[way] == 9 * products, (
        f'reduce_grid(x, 5, "{way}") of a map 8x6x2 multiplies {work[way]} '
        "times. Hint: on how many pixels does the convolution stand, how many "
        "channels does it read, how many filters has it?"
    )
for way in want:
    with outlines():
        net = build(reduce_grid, (7, 9, 3), filters=8, way=way)
    made = net.output_shape
    assert made == (None, 4, 5, 8), (
        f'reduce_grid(x, 8, "{way}") of a map 7x9x3 has the output shape '
        f"{made}. Hint: "
    ) + (
        'padding "same" rounds up.'
        if made[-1:] == (8,)
        else "`filters`, and the channels of x, are others each time."
    )
### END HIDDEN TESTS

# %% id="reduce-grid-values-check" role="test" points=1.5 of="reduce-grid"
import numpy as np

from course.catalogue import outlines
from course.checks import build, output

with outlines():  # no weights are drawn
    net = build(reduce_grid, (8, 6, 2), filters=5, way="side by side")
assert len(net.weights) == 2, (
    f'reduce_grid(x, 5, "side by side") has {len(net.weights)} arrays of '
    "weights. One kernel and its bias learn, a pool does not."
)
### BEGIN HIDDEN TESTS
from course.arithmetic import same_padding


def drawn(shape):
    """Numbers that depend on the shape alone."""
    return np.random.default_rng(shape).normal(size=shape).astype("float32")


def around(x, stride, outside=0):
    """The 3×3 windows that "same" padding gives at this stride."""
    edges = [same_padding(size, 3, stride) for size in x.shape[:2]]
    x = np.pad(x, [*edges, (0, 0)], constant_values=outside)
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), (0, 1))
    return windows[::stride, ::stride]


def convolved(x, filters, stride=1, bent=True):
    kernel, bias = drawn((3, 3, x.shape[-1], filters)), drawn((filters,))
    y = np.einsum("rcixy,xyio->rco", around(x, stride), kernel) + bias
    return np.maximum(y, 0) if bent else y


def largest(x, outside=-np.inf):
    return around(x, 2, outside).max(axis=(-2, -1))


def average(x):
    windows = around(x, 2, np.nan)
    return np.nanmean(windows, axis=(-2, -1))


def joined(x, bent=True, pool=largest):
    return np.concatenate([convolved(x, 4, 2, bent), pool(x)], axis=-1)


ways = {
    "pool first": lambda x, bent=True, pool=largest: convolved(
        pool(x), 7, bent=bent
    ),
    "convolution first": lambda x, bent=True, pool=largest: pool(
        convolved(x, 7, bent=bent)
    ),
    "side by side": joined,
}
x = np.random.default_rng(66).normal(-1, size=(7, 8, 3)).astype("float32")
for way, compute in ways.items():
    with outlines():
        net = build(reduce_grid, (7, 8, 3), filters=7, way=way)
    called = f'reduce_grid(x, 7, "{way}") of a map 7x8x3 with random weights'
    assert len(net.weights) == 2, (
        f"{called} has {len(net.weights)} arrays of weights. Hint: one kernel "
        "and its bias."
    )
    weights = [drawn(tuple(w.shape)) for w in net.weights]
    got = output(net, weights, x[None])[0]
    want = compute(x)
    hints = []
    if np.shape(got) == want.shape:
        slips = [
            (
                np.maximum(compute(x, bent=False), 0),
                "ReLU follows the convolution, not the pool.",
            ),
            (compute(x, bent=False), "What follows a convolution?"),
            (compute(x, pool=average), "A maximum, not an average."),
            (
                compute(x, pool=lambda x: largest(x, 0)),
                "Padded zeros are no pixels: may they win a maximum?",
            ),
        ]
        hints = [
            hint for slip, hint in slips if np.allclose(got, slip, atol=1e-3)
        ]
        sums = np.sort(got.sum(axis=(0, 1))), np.sort(want.sum(axis=(0, 1)))
        if np.allclose(*sums, rtol=1e-3):
            hints = ["The convolution's channels come first."]
    assert np.shape(got) == want.shape and np.allclose(
        got, want, rtol=1e-3, atol=1e-3
    ), f"{called} makes other numbers than asked for. Hint: " + (
        hints[0]
        if hints
        else "Which layer reads x, which has the stride, how large is each window?"
    )
### END HIDDEN TESTS


# %% [markdown] id="v3" slide="slide"
# ## Inception-v3, the whole of it


# %% id="v3-figure" alt="Inception-v3 from left to right: six layers of a stem with two pools, three modules A, a reduction R1, four modules B with long chains of 1 by n and n by 1, a reduction R2, two modules C whose branches fork, a global pool and a dense layer."
def mixed(layer):
    """A1 of mixed0_1_1; nothing for layers outside modules."""
    names = ["A1", "A2", "A3", "R1", "B1", "B2", "B3", "B4", "R2", "C1", "C2"]
    inside = layer.startswith("mixed")
    return names[int(layer.split("_")[0][5:])] if inside else ""


draw_network(v3, mixed)

# %% [markdown] id="v3-answer" slide="fragment"
# Maps of 35×35 in A, 17×17 in B, 8×8 in C. As released, A keeps one 5×5.

# %% [markdown] id="v3-notes" slide="notes"
# Batch normalization and ReLU follow each convolution, not drawn. Let them find
# each idea of this lecture in the drawing: bottlenecks, two 3x3,
# columns and rows, forks, reductions. As released, modules A keep one 5x5; the
# paper's figure 5 has none. The auxiliary head, on B4, is not drawn. Images are
# 299 wide: ask what 35 comes from (149, 147, 73, 71, 35).

# %% [markdown] id="v3-counts" slide="subslide"
# ## Counted

# %% id="v3-check" claims="06-v3"
for name in ("GoogLeNet", "BN-Inception", "Inception-v3"):
    table = tables[name]
    print(f"{name:13}{table.parameters:11,} parameters,", end=" ")
    print(f"{table.non_trainable:6,} of them not trained,", end=" ")
    print(f"{table.macs / 1e9:.1f} GMACs")

# %% [markdown] id="v3-counts-answer" slide="fragment"
# Inception-v3 has a sixth of VGG-16's parameters and does a good third of its
# work. Not trained are batch normalization's moving means and variances.

# %% [markdown] id="v3-counts-notes" slide="notes"
# 23,851,784 is what keras.applications says. The trap: is it 23.85 or 23.82
# million? The trained ones are 23,817,352; whoever quotes a count says which.
# And the paper's "5 billion" operations at 299 pixels, 4.8 in its table 3, are
# 5.7 of ours; it does not say how it counts. The image matters: ask for the
# factor from 224 to 299, 1.78.

# %% [markdown] id="v3-where" slide="subslide"
# ## Where?

# %% id="v3-where-figure" alt="Two rows of bars for the stem, A, R1, B, R2, C and fc of Inception-v3. Parameters: C has 11.1 million, B 6.8, the others little. Multiplications: B 1.97 billion and the stem 1.34 billion lead, then A 1.00."
draw_costs(
    by_part(
        tables["Inception-v3"],
        lambda layer: (
            mixed(layer).strip("1234")
            if mixed(layer)[:1] in ("A", "B", "C")
            else mixed(layer) or ("fc" if layer == "fc" else "stem")
        ),
    )
)

# %% [markdown] id="v3-where-notes" slide="notes"
# Ask for the two longest bars before showing. Again work in front and in the
# middle, parameters at the end: C has 2048 channels on 8x8 pixels. Ask where
# they would cut for a small memory (C), and where for a fast answer (stem).

# %% [markdown] id="steps" slide="slide"
# ## What did each step bring?
#
# One crop, work as the paper counts; each "with" adds to the rows before:

# %% id="steps-check" claims="06-steps"
errors, costs = numbers("single-crop top-1 error"), numbers("single-crop cost")
for name, row in errors.items():
    print(f"{name:21}{costs[name].value} billion, {row.value} % errors")

# %% [markdown] id="steps-answer" slide="fragment"
# Equal work: normalizing 2.2 points, RMSProp and smoothing 0.6, BN-auxiliary
# 0.4.

# %% [markdown] id="steps-notes" slide="notes"
# The paper's table 3, GoogLeNet's 29 is rounded there. Ask which steps are fair
# comparisons: those of equal work. "Factorized 7x7" means the stem's 7x7 as
# three 3x3, a billion operations more. The last 0.4 points cost nothing at test
# time: the auxiliary head, normalized, is gone then. Smoothed labels are 0.9
# and a little for the other classes, not 1 and 0. One training each: ask what
# 0.3 points may be worth.

# %% [markdown] id="question-written" slide="skip"
# ## Question 7. A cheaper view
#
# This one is read by a person. Answer in about eight sentences, with numbers.

# %% [markdown] id="cheaper" role="written" points=2.5 minutes=20 taught="rank"
# In the middle of a network for aerial photographs there are maps of 20×20
# pixels with 512 channels. A colleague wants a 7×7 convolution there, from 512
# to 512 channels, "to see further". All convolutions keep height and width.
#
# 1. How many weights has it (without biases), how many multiplications?
# 2. Propose a chain of three convolutions with 128 channels between that sees
#    as far. Count both again. Which part of the saving comes from the
#    bottleneck, which from taking the 7×7 apart?
# 3. "It sees the same, so it computes the same, only cheaper", says the
#    colleague. What is right, what is wrong about it?
#
# ### BEGIN SOLUTION
# The 7×7 has 7·7·512·512 = 12,845,056 weights, and each works on 400 pixels:
# 5.14 billion multiplications.
#
# A 1×1 from 512 to 128, then 1×7 from 128 to 128, then 7×1 from 128 to 512 has
# 65,536 + 114,688 + 458,752 = 638,976 weights and 256 million multiplications, a
# twentieth. With the bottleneck alone, 1×1 to 128 and then 7×7 to 512, it would
# be 65,536 + 3,211,264 = 3,276,800 weights: the bottleneck saves a factor of 3.9,
# taking the 7×7 apart another 5.1.
#
# Right: the field is the same, 7×7, for 1×1 adds nothing and 1×7 with 7×1 spans
# it; and it is cheaper. Wrong: it is another function. All that passes must fit
# into 128 channels, mixtures of the 512, so what lies outside of them is lost. A
# column and a row make kernels of rank 1, or sums of as many as there are
# channels between, not any 7×7; diagonal patterns need several. And with ReLU
# between them it is not linear any more, which the 7×7 alone is. Whether it is as
# good must be measured: on maps of this size such modules worked well.
#
# **Marking scheme** (2.5 points): 0.5 for weights (0.25) and multiplications
# (0.25) of the 7×7; 1.0 for a chain that sees 7×7 with its channels (0.25), its
# counts (0.25), and the two parts of the saving (0.25 each; other orders of the
# layers give other numbers and are right as well); 1.0 for same field (0.25),
# what the bottleneck loses (0.25), what column and row cannot make (0.25), and
# ReLU or the need to measure (0.25).
# ### END SOLUTION

# %% [markdown] id="remember" slide="slide"
# ## What to remember
#
# - Kernels of several sizes side by side; what is joined must agree in height
#   and width.
# - A narrow 1×1 before a large kernel saves; behind a pool it keeps channels few.
# - GoogLeNet: 22 layers, 7.0 million parameters, no hidden dense layer.
# - BN-Inception changed the table, not only the normalization.
# - A column and a row: $2/n$ of the weights, the same view, not the same
#   function.
# - Shrink side by side: pool and convolution at once.

# %% [markdown] id="remember-notes" slide="notes"
# Ask first, with the slide covered: "Where did VGG's other 131 million
# parameters go?" Then: "Name two things that a bottleneck costs." What may pass,
# and one more layer.

# %% [markdown] id="sources" slide="slide"
# ## Sources
#
# - Szegedy et al.: Going deeper with convolutions. CVPR 2015, arXiv:1409.4842:
#   figure 2, tables 1 and 3, sections 4 and 5
# - Ioffe, Szegedy: Batch normalization. ICML 2015, arXiv:1502.03167: figures 3
#   and 5
# - Szegedy et al.: Rethinking the inception architecture for computer vision.
#   CVPR 2016, arXiv:1512.00567: sections 3 to 5, figures 5 to 10, tables 1 and 3
# - Lin, Chen, Yan: Network in network. ICLR 2014, arXiv:1312.4400
