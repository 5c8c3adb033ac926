# %% [markdown] id="title" slide="slide"
# # 08 · Dense and efficient
#
# MobileNet is within a point of VGG-16, with a thirtieth of its weights.
# Which weights could go?
#
# After this lecture you can
#
# - build a dense block and follow its channels,
# - build a fire module and say what it saves,
# - take a convolution apart into space and channels, and count exactly what
#   that saves,
# - choose a network for a budget, and say of which cost you speak.

# %% [markdown] id="title-notes" slide="notes"
# Let the room guess first: weights of the dense layers, of the first layers, of
# wide kernels, or a bit of each? Write the votes down; the slide "Everything in
# one picture" settles them.

# %% [markdown] id="about" slide="skip"
# Reading takes about 45 minutes, the six questions about 90; they give 14.5
# points.
#
# Answer with Python, NumPy or Keras. Of `course` only data, plots and what a
# question opens may be used in an answer.

# %% id="imports" role="given"
import keras
import numpy as np

# %% id="tools" slide="skip"
from course import plots
from course.arithmetic import conv_parameters
from course.blocks import dense_block
from course.catalogue import outlines
from course.convolution_matrix import convolution_matrix
from course.datasets import digits
from course.models import (
    alexnet,
    densenet,
    googlenet,
    mobilenet,
    resnet,
    squeezenet,
    vgg,
)
from course.models.squeezenet import FIRES
from course.published import number, numbers
from course.reference import model, results, training
from course.summary import summary


def values(tensor):
    """A tensor's numbers."""
    return keras.ops.convert_to_numpy(tensor)


def counted(factory, *variant, **options):
    """A network's table, without weights."""
    with outlines():
        return summary(factory(*variant, **options))


def top_one(name):
    """Percent of ImageNet's validation images that a paper got right."""
    errors = numbers("one-crop error")
    if name in errors:
        return 100 - errors[name].value
    return number(name, "top-1 accuracy")


tables = {
    "AlexNet": counted(alexnet),
    "VGG-16": counted(vgg, "D"),
    "GoogLeNet": counted(googlenet),
    "ResNet-50": counted(resnet, 50),
    "DenseNet-121": counted(densenet, 121),
    "SqueezeNet": counted(squeezenet, "1.0"),
}
ALPHAS = (1.0, 0.75, 0.5, 0.25)
thin = {alpha: counted(mobilenet, alpha) for alpha in ALPHAS}
tables |= {f"MobileNet {alpha}": table for alpha, table in thin.items()}

# %% [markdown] id="price" slide="slide"
# ## What has accuracy cost so far?

# %% id="price-figure" alt="Top-1 accuracy on ImageNet over parameters, logarithmic. AlexNet 57 percent with 61 million, VGG-16 71.5 with 138 million, GoogLeNet 70 with 7 million, ResNet-50 75 with 26 million."
before = ["AlexNet", "VGG-16", "GoogLeNet", "ResNet-50"]
plots.trade_off(
    before,
    [tables[name].trainable for name in before],
    [top_one(name) for name in before],
    axes=("parameters", "top-1 accuracy, %"),
)

# %% [markdown] id="price-answer" slide="fragment"
# More weights, better network? These four points do not say so.

# %% [markdown] id="price-notes" slide="notes"
# Ask where a network would have to lie to be better than all four: above and to
# the left. Say that the accuracies come from different papers and different
# crops: a point up or down means little. Ask what else costs: work, memory of
# activations, time, energy.

# %% [markdown] id="two-costs" slide="subslide"
# ## Fewest weights, least work: the same network?
#
# Vote before you run it.

# %% id="two-costs-check" claims="08-two-costs"
for name in ("GoogLeNet", "SqueezeNet", "MobileNet 1.0"):
    table = tables[name]
    print(f"{name:14}{table.trainable / 1e6:5.2f} M parameters", end="")
    print(f"{table.macs / 1e6:8,.0f} M multiplications")

# %% [markdown] id="two-costs-answer" slide="fragment"
# No. SqueezeNet has the fewest weights, MobileNet works least. A weight of a
# convolution is used in **every place** of the map: in an early layer, where
# maps are large, it costs more work than in a late one.

# %% [markdown] id="two-costs-notes" slide="notes"
# The likely wrong idea is that a small file is a fast network. Ask for the
# number of uses of one weight of conv1 of MobileNet: 112 times 112. Of a weight
# of the dense layer: one.

# %% [markdown] id="keep" slide="slide"
# ## ResNet adds. What does a sum forget?
#
# Two channels, added. Which of the pairs was it?

# %% id="keep-figure" claims="08-keep" alt="Two pairs of 2 by 2 maps. First 1 2 3 4 and 3 2 1 0; then 4 0 2 2 and 0 4 2 2. Both sums are 4 everywhere."
pairs = [
    (np.array([[1, 2], [3, 4]]), np.array([[3, 2], [1, 0]])),
    (np.array([[4, 0], [2, 2]]), np.array([[0, 4], [2, 2]])),
]
plots.number_grids(
    *pairs[0],
    sum(pairs[0]),
    *pairs[1],
    sum(pairs[1]),
    titles=["x", "f(x)", "sum", "x", "f(x)", "sum"],
    signs=["+", "=", "", "+", "="],
    height=2.6,
)

# %% [markdown] id="keep-answer" slide="fragment"
# The sum is the same. Put the channels **beside** each other, and a later layer
# still has both: it can even add them, with a 1×1 convolution.

# %% [markdown] id="keep-notes" slide="notes"
# Ask: "What would it cost to keep everything?" Channels pile up. So each layer
# had better make few. That is the whole of DenseNet: keep everything, add
# little.

# %% [markdown] id="connections" slide="slide"
# ## Every layer reads all that came before
#
# Layers 1 to 5 (rows): from whom does each read? "in" is the block's input.

# %% id="connections-figure" claims="08-connections" alt="Two tables of five layers. In the plain chain each row has one cross, just left of the diagonal: five crosses. In the dense block row 1 has one cross, row 5 has five: fifteen crosses."
layers = 5
chain = np.eye(layers, dtype=int)
dense = np.tri(layers, dtype=int)
columns = np.array(["in", *map(str, range(1, layers))])
plots.number_grids(
    np.vstack([columns, np.where(chain, "×", "")]),
    np.vstack([columns, np.where(dense, "×", "")]),
    titles=["plain chain", "dense block"],
    taps=[np.vstack([0 * chain[:1], each]) for each in (chain, dense)],
    kernel_shape=(1,),
    height=3.7,
)

# %% [markdown] id="connections-answer" slide="fragment"
# $L$ layers: $L$ connections in a chain, $L(L+1)/2$ here. Hence the name.

# %% [markdown] id="connections-notes" slide="notes"
# Count aloud: 1 + 2 + ... + 5. Ask what the gradient of the last layer reaches
# in one step: every layer of the block, and the input. The authors call it
# implicit deep supervision (section 5).

# %% [markdown] id="growth" slide="slide"
# ## How wide does it get?
#
# Input of $c = 64$ channels; each layer adds $k = 32$, the **growth rate**.

# %% id="growth-check" claims="08-growth"
with outlines():
    inputs = keras.Input((56, 56, 64))
    block = summary(keras.Model(inputs, dense_block(inputs, 6, 32)))
joined = [row for row in block.rows if row.kind == "Concatenate"]
print("channels:", 64, *(row.output_shape[-1] for row in joined))

# %% [markdown] id="growth-answer" slide="fragment"
# Layer $l$ reads $c + k(l-1)$ channels. Each writes only 32, VGG's layers of
# that size 256: what is known already need not be computed again.

# %% [markdown] id="growth-notes" slide="notes"
# Ask before running: "How many after six layers?" The wrong answers: 32, if the
# input is forgotten and outputs replace each other; 64 times 2 to the 6, if it
# is thought to double.

# %% [markdown] id="bottleneck" slide="slide"
# ## A 3×3 kernel on 1,000 channels?
#
# Weights of one layer that adds 32, with and without a 1×1 convolution to
# $4k = 128$ channels first:

# %% id="bottleneck-figure" claims="08-bottleneck" alt="Thousands of weights over the channels read, from 64 to 1024. Without a bottleneck a steep line from 18 to 295; with it a flatter one from 45 to 168. They cross at about 230 channels."
k = 32
reads = np.arange(64, 1025, 32)
plain = [conv_parameters(3, int(c), k, bias=False) for c in reads]
narrow = [
    conv_parameters(1, int(c), 4 * k, bias=False)
    + conv_parameters(3, 4 * k, k, bias=False)
    for c in reads
]
plots.curves(
    (reads, np.array(plain) / 1000),
    (reads, np.array(narrow) / 1000),
    labels=["3×3 alone", "1×1, then 3×3"],
    axes=("channels read", "thousand weights"),
)

# %% [markdown] id="bottleneck-answer" slide="fragment"
# $9ck$ against $4ck + 36k^2$: it pays from $c = 7.2\,k$ on. In the first layers
# it costs more than it saves.

# %% [markdown] id="bottleneck-notes" slide="notes"
# Let them find the crossing: 5ck = 36 k squared. The likely wrong idea: a
# bottleneck always saves. With it the authors write DenseNet-B, with
# compression DenseNet-C, with both BC (section 3).

# %% [markdown] id="question-dense" slide="skip"
# ## Question 1. A dense block
#
# Write `growing_block(x, count, growth_rate, bottleneck=4)`, from a tensor to
# a tensor, made of Keras's own layers. Each of the `count` layers is, in this
# order: batch normalization, ReLU, a 1×1 convolution of `bottleneck` ·
# `growth_rate` filters, batch normalization, ReLU, a 3×3 convolution of
# `growth_rate` filters. No biases in convolutions, sizes are kept,
# normalization as Keras has it. What a layer makes is put **behind** what it
# has read. The result holds the input and all that was added.


# %% id="growing-block" role="answer" minutes=15 taught="growth"
def growing_block(x, count, growth_rate, bottleneck=4):
    """Layers that read all before them, and add a few channels each."""
    ### BEGIN SOLUTION
    layers = keras.layers
    for _ in range(count):
        y = layers.ReLU()(layers.BatchNormalization()(x))
        y = layers.Conv2D(bottleneck * growth_rate, 1, use_bias=False)(y)
        y = layers.ReLU()(layers.BatchNormalization()(y))
        y = layers.Conv2D(growth_rate, 3, padding="same", use_bias=False)(y)
        x = layers.Concatenate()([x, y])
    return x
    ### END SOLUTION


# %% id="growing-block-check" role="test" points=2.5 of="growing-block"
import numpy as np

from course.catalogue import outlines
from course.checks import build, output

arguments = {"count": 2, "growth_rate": 2, "bottleneck": 3}
with outlines():  # the weights' values come from here
    net = build(growing_block, (5, 4, 3), **arguments)
assert net.output_shape == (None, 5, 4, 7), (
    f"growing_block(x, {arguments}) of a 5x4 map with 3 channels has the output "
    f"shape {net.output_shape}. Which channels are kept, how many does each "
    "layer add?"
)
kernels = [tuple(w.shape) for w in net.weights if len(w.shape) == 4]
assert len(kernels) == 4, (
    f"growing_block(x, {arguments}) has {len(kernels)} convolutions. How many "
    "has each layer?"
)
### BEGIN HIDDEN TESTS
shapes = [(1, 1, 3, 6), (3, 3, 6, 2), (1, 1, 5, 6), (3, 3, 6, 2)]
assert kernels == shapes, (
    f"growing_block(x, {arguments}) has kernels {kernels}. Hint: rows, columns, "
    "channels read, filters; the second layer reads the first one's, too."
)
sizes = [tuple(w.shape) for w in net.weights if len(w.shape) == 1]
assert sizes == [(3,)] * 4 + [(6,)] * 4 + [(5,)] * 4 + [(6,)] * 4, (
    f"growing_block(x, {arguments}) has these vectors of weights: {sizes}. Hint: "
    "four for each normalization, which comes before its convolution; no biases."
)
rng = np.random.default_rng(81)
weights = [
    rng.uniform(0.5, 2, w.shape)
    if len(w.shape) == 1
    else rng.normal(size=w.shape)
    for w in net.weights
]
for at, weight in enumerate(weights):
    if weight.ndim == 1 and at % 5 in (1, 2):  # offsets and means
        weights[at] = weight - 1
image = rng.normal(size=(5, 4, 3)).astype("float32")
got = output(net, weights, image[None])[0]


def grown(image, slip=""):
    """The block, tap by tap."""
    x, parts = np.asarray(image, float), list(weights)
    for _ in range(2):
        y = x
        for _ in range(2):
            gamma, beta, mean, variance, kernel = parts[:5]
            del parts[:5]
            y = (y - mean) / np.sqrt(variance + 1e-3) * gamma + beta
            y = y if slip == "linear" else np.maximum(y, 0)
            k = len(kernel)
            wide = np.pad(y, [(k // 2, k // 2)] * 2 + [(0, 0)])
            windows = np.lib.stride_tricks.sliding_window_view(
                wide, (k, k), (0, 1)
            )
            y = np.einsum("rcixy,xyio->rco", windows, kernel)
        x = np.concatenate([y, x] if slip == "front" else [x, y], axis=-1)
    return x


hint = "Say a layer's six steps aloud, from what it reads on."
if np.allclose(got, grown(image, "linear"), rtol=1e-2, atol=1e-2):
    hint = "Where is the ReLU?"
if np.allclose(got[..., -3:], image, atol=1e-4):
    hint = "New channels come behind those that were read."
assert np.allclose(got, grown(image), rtol=5e-3, atol=5e-3), (
    f"growing_block(x, {arguments}) with random weights makes other numbers than "
    f"a dense block. Hint: {hint}"
)
with outlines():
    default = build(growing_block, (4, 4, 2), count=3, growth_rate=3)
kernels = [tuple(w.shape) for w in default.weights if len(w.shape) == 4]
assert kernels[:1] == [(1, 1, 2, 12)], (
    "growing_block(x, count=3, growth_rate=3) of two channels begins with the "
    f"kernels {kernels[:1]}. Hint: what is bottleneck when nobody gives it?"
)
read = [shape[2] for shape in kernels]
assert read == [2, 12, 5, 12, 8, 12], (
    "growing_block(x, count=3, growth_rate=3) of two channels has convolutions "
    f"that read {read} channels. Hint: how many layers, and what does each read?"
)
### END HIDDEN TESTS

# %% [markdown] id="transition" slide="slide"
# ## And the size?
#
# Maps of two sizes cannot lie beside each other. So **between** the blocks of
# DenseNet-121 stands a transition: 1×1 to half the channels, 2×2 average
# pooling.

# %% id="transition-figure" claims="08-dense-channels" alt="Channels over the depth of DenseNet-121, in hundreds, a saw blade: from 64 up to 256, down to 128, up to 512, down to 256, up to 1024, down to 512, up to 1024."
widths = [
    row.output_shape[-1]
    for row in tables["DenseNet-121"].rows
    if row.layer == "pool1"
    or row.kind == "Concatenate"
    or (row.layer.startswith("transition") and row.kind == "AveragePooling2D")
]
plots.curves(
    (np.arange(len(widths)), np.array(widths) / 100),
    labels=["DenseNet-121"],
    axes=("layer of a block, or transition", "hundred channels"),
)

# %% [markdown] id="transition-answer" slide="fragment"
# Without transitions: $64 + 58 \cdot 32 = 1920$ channels, at full size.

# %% [markdown] id="transition-notes" slide="notes"
# Ask the room to read the blocks' layers off the picture: 6, 12, 24, 16, which
# are 58. And what would happen without transitions. The deck shows the
# transition as a convolution and a pooling; normalization and ReLU come before
# both. Its theta, one half, is what makes the C of BC.

# %% [markdown] id="question-channels" slide="skip"
# ## Question 2. Channels after each block
#
# Write `block_channels(counts, growth_rate=32, first=64, compression=0.5)`: a
# list of the number of channels after **each** dense block. `counts` are the
# blocks' layers, `first` the channels that enter the first. After each block
# but the last a transition keeps the share `compression` of the channels,
# rounded down.


# %% id="block-channels" role="answer" minutes=10 taught="transition"
def block_channels(counts, growth_rate=32, first=64, compression=0.5):
    """Channels after each dense block."""
    ### BEGIN SOLUTION
    after = []
    channels = first
    for count in counts:
        channels += count * growth_rate
        after.append(channels)
        channels = int(compression * channels)
    return after
    ### END SOLUTION


# %% id="block-channels-check" role="test" points=2 of="block-channels"
import numpy as np

got = block_channels([2, 1], growth_rate=3, first=4, compression=0.5)
assert np.size(got) == 2, (
    "block_channels([2, 1], growth_rate=3, first=4, compression=0.5) returned "
    f"{got}. One number for each block is asked for."
)
assert np.ravel(got).astype(float).tolist() == [10, 8], (
    "block_channels([2, 1], growth_rate=3, first=4, compression=0.5) returned "
    f"{got}. Draw a box for each channel: how many enter, how many does a layer "
    "add, how many pass on?"
)
### BEGIN HIDDEN TESTS


def piled(counts, k, first, share, slip=""):
    """One letter a channel."""
    boxes, after = "i" * first, []
    for count in counts:
        boxes = "" if slip == "input" else boxes
        for _ in range(count):
            boxes += "n" * k
        after.append(len(boxes))
        kept = len(boxes) * share
        keep = -int(-kept // 1) if slip == "up" else int(kept)
        boxes = boxes[: len(boxes) if slip == "all" else keep]
    return after


def unrounded(counts, k, first, share):
    """A transition that keeps parts of channels."""
    after = [first / share]
    for count in counts:
        after.append(after[-1] * share + count * k)
    return after[1:]


for counts, k, first, share in [
    ((6, 12, 24, 16), 32, 64, 0.5),
    ((6, 12, 64, 48), 32, 64, 0.5),
    ((3, 1, 2), 5, 7, 0.5),
    ((4, 4, 4), 12, 24, 1.0),
    ((1, 2), 3, 8, 0.25),
    ((5,), 4, 3, 0.5),
    ((2, 2, 2), 7, 3, 0.75),
]:
    called = (
        f"block_channels({list(counts)}, growth_rate={k}, first={first}, "
        f"compression={share})"
    )
    got = block_channels(list(counts), k, first, share)
    found = np.ravel(got).astype(float).tolist()
    slips = {
        "input": "A block's output holds its input, too.",
        "up": "Rounded down.",
        "all": "A transition does not keep all channels.",
    }
    hints = [
        hint
        for slip, hint in slips.items()
        if found == piled(counts, k, first, share, slip)
    ]
    parts = unrounded(counts, k, first, share)
    if found in (parts, np.floor(parts).tolist()):
        hints = ["A transition makes whole channels: round there."]
    assert found == piled(counts, k, first, share), (
        f"{called} returned {got}. Hint: "
        + (hints[0] if hints else "go through it block by block, on paper.")
    )
got = np.ravel(block_channels([6, 12, 32, 32])).astype(float).tolist()
assert got == [256, 512, 1280, 1664], (
    f"block_channels([6, 12, 32, 32]) returned {got}: not DenseNet-169. Hint: "
    "which numbers hold when none are given?"
)
### END HIDDEN TESTS

# %% [markdown] id="densenet" slide="slide"
# ## Two counts of one network
#
# One source says 7,978,856, another 8,062,504. Who is right?

# %% id="densenet-check" claims="08-densenet"
d121 = tables["DenseNet-121"]
print(f"{d121.trainable:,} trained + {d121.non_trainable:,} others", end="")
print(f" = {d121.parameters:,}")
for name in ("ResNet-50", "DenseNet-121"):
    table = tables[name]
    size, work = table.trainable / 1e6, table.macs / 1e9
    print(f"{name}: {top_one(name):.1f} %, {size:.1f} M, {work:.1f} G MACs")

# %% [markdown] id="densenet-answer" slide="fragment"
# Both: batch normalization keeps 83,648 moving averages. Nearly as accurate as
# ResNet-50 with a **third** of its weights.

# %% [markdown] id="densenet-notes" slide="notes"
# Always say trainable or total. Ask how many channels are normalized: 41,824, a
# mean and a variance each. The accuracies are those of one crop, of the
# authors' own READMEs and tables.

# %% [markdown] id="memory" slide="subslide"
# ## So it needs less memory?
#
# A third of the weights. And the layers' outputs? Training keeps most of them.

# %% id="memory-check" claims="08-memory"
for name in ("ResNet-50", "DenseNet-121"):
    table = tables[name]
    print(f"{name:13} weights {4 * table.trainable / 1e6:6.1f} MB", end="")
    print(f"   outputs for one image {table.memory / 1e6:6.1f} MB")

# %% [markdown] id="memory-answer" slide="fragment"
# More, not less. Each concatenation is a copy, and each layer normalizes all
# that it reads anew. Weights are paid once, outputs for **every image** of a
# batch.

# %% [markdown] id="memory-notes" slide="notes"
# The likely wrong idea of this part. Ask for a batch of 32: 6.4 GB of outputs,
# 32 MB of weights. All outputs are counted; a compiler may drop some, such as
# what goes into a ReLU. The authors later wrote an implementation that shares
# the memory of copies and computes normalizations twice (Pleiss et al. 2017,
# arXiv:1707.06990).

# %% [markdown] id="squeeze" slide="slide"
# ## SqueezeNet: AlexNet's accuracy, how small?
#
# Three strategies:
#
# 1. 1×1 instead of 3×3, where possible
# 2. few channels **into** those 3×3 that remain
# 3. shrink the maps late, in the hope of accuracy
#
# Which of them save weights, which cost work?

# %% id="squeeze-check" claims="08-ninth"
whole = conv_parameters(3, 96, 128, bias=False)
print("3x3, 96 to 128 channels:", whole)
print("1. as 1x1:              ", conv_parameters(1, 96, 128, bias=False))
print("2. reading 16 channels: ", conv_parameters(3, 16, 128, bias=False))

# %% [markdown] id="squeeze-notes" slide="notes"
# 1 saves eight ninths, 2 five sixths. 3 saves no weights at all. Ask why maps
# that stay large might help: more places to look at before details are
# averaged away. The paper's section 3.1.

# %% [markdown] id="fire" slide="slide"
# ## The fire module
#
# *Squeeze* 96 channels to 16 by 1×1; *expand* to 64 by 1×1 beside 64 by 3×3.
# ReLU after each.

# %% id="fire-figure" claims="08-fire" alt="Bars of parameters and multiplications of fire2: squeeze 1.55 thousand weights, expand 1x1 1.09 thousand, expand 3x3 9.28 thousand, 11.9 thousand in all; the multiplications, 35.6 million in all, in the same proportions."
fire2 = [
    row
    for row in tables["SqueezeNet"].rows
    if row.layer.startswith("fire2_") and row.macs
]
plots.stages(
    ["squeeze 1×1", "expand 1×1", "expand 3×3"],
    [row.trainable for row in fire2],
    [row.macs for row in fire2],
)

# %% [markdown] id="fire-answer" slide="fragment"
# 11,920 parameters where one 3×3 convolution has 110,720.

# %% [markdown] id="fire-notes" slide="notes"
# Ask: "Where are most of the weights still?" In the 3x3, though it makes only
# half of the channels. Compare with Inception's module (lecture 06): there each
# branch has its own squeeze; here one squeeze serves both. It is the deck's
# figure: s1x1, e1x1 and e3x3 are its three numbers.

# %% [markdown] id="question-fire" slide="skip"
# ## Question 3. A fire module
#
# Write `fire_module(x, squeeze, one, three)`, from a tensor to a tensor, made
# of Keras's own layers: a 1×1 convolution of `squeeze` filters; then, both
# from its output, a 1×1 convolution of `one` and a 3×3 convolution of `three`
# filters, side by side, the 1×1 first. All have biases and ReLU and keep the
# size.


# %% id="fire-module" role="answer" minutes=10 taught="fire"
def fire_module(x, squeeze, one, three):
    """Few channels in, many out."""
    ### BEGIN SOLUTION
    layers = keras.layers
    x = layers.Conv2D(squeeze, 1, activation="relu")(x)
    left = layers.Conv2D(one, 1, activation="relu")(x)
    right = layers.Conv2D(three, 3, padding="same", activation="relu")(x)
    return layers.Concatenate()([left, right])
    ### END SOLUTION


# %% id="fire-module-check" role="test" points=2.5 of="fire-module"
import numpy as np

from course.catalogue import outlines
from course.checks import build, output

arguments = {"squeeze": 2, "one": 3, "three": 4}
with outlines():  # the weights' values come from here
    net = build(fire_module, (6, 5, 7), **arguments)
assert net.output_shape == (None, 6, 5, 7), (
    f"fire_module(x, {arguments}) of a 6x5 map has the output shape "
    f"{net.output_shape}. The size is kept; both expansions lie side by side."
)
at = {tuple(w.shape): i for i, w in enumerate(net.weights) if len(w.shape) == 4}
assert len(at) == 3, (
    f"fire_module(x, {arguments}) of 7 channels has the kernels {sorted(at)}. "
    "The module has three convolutions of three shapes."
)
### BEGIN HIDDEN TESTS
shapes = [(1, 1, 7, 2), (1, 1, 2, 3), (3, 3, 2, 4)]
assert sorted(at) == sorted(shapes), (
    f"fire_module(x, {arguments}) of 7 channels has the kernels {sorted(at)}. "
    "Hint: rows, columns, channels read, filters. What do the expansions read?"
)
assert len(net.weights) == 6, (
    f"fire_module(x, {arguments}) has {len(net.weights)} weights. Hint: a kernel "
    "and a bias each, nothing else."
)
rng = np.random.default_rng(82)
weights = [rng.normal(size=w.shape) for w in net.weights]
image = rng.normal(size=(6, 5, 7)).astype("float32")
got = output(net, weights, image[None])[0]


def layer(x, shape, bent=True):
    kernel, bias = weights[at[shape]], weights[at[shape] + 1]
    r = shape[0] // 2
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(x, [(r, r), (r, r), (0, 0)]), shape[:2], (0, 1)
    )
    y = np.einsum("rcixy,xyio->rco", windows, kernel) + bias
    return np.maximum(y, 0) if bent else y


def module(squeezed=True, expanded=True, order=(1, 2)):
    x = layer(image, shapes[0], squeezed)
    return np.concatenate(
        [layer(x, shapes[i], expanded) for i in order], axis=-1
    )


hint = "Of each convolution: what does it read, and what follows it?"
for other, said in [
    (module(squeezed=False), "ReLU follows the squeeze, too."),
    (module(expanded=False), "ReLU follows the expansions, too."),
    (module(False, False), "Where is the ReLU?"),
    (module(order=(2, 1)), "The 1x1 comes first."),
]:
    if np.allclose(got, other, rtol=1e-3, atol=1e-3):
        hint = said
assert np.allclose(got, module(), rtol=1e-3, atol=1e-3), (
    f"fire_module(x, {arguments}) with random weights makes other numbers than "
    f"a fire module. Hint: {hint}"
)
### END HIDDEN TESTS

# %% [markdown] id="late" slide="slide"
# ## What does shrinking late cost?
#
# Version 1.1 pools earlier. Its conv1 has 64 kernels of 3×3, not 96 of 7×7.

# %% id="late-check" claims="08-late"
for version in ("1.0", "1.1"):
    table = counted(squeezenet, version)
    first = next(row for row in table.rows if row.macs)
    print(f"{version}: {table.parameters:,} parameters,", end="")
    print(f" {table.macs / 1e6:.0f} M multiplications", end="")
    print(f", {first.macs / 1e6:.0f} M in {first.layer}")
print("squeeze / expand:", *(s / (2 * e) for _, s, e in FIRES))

# %% [markdown] id="late-answer" slide="fragment"
# Almost as many weights, 2.4 times the work: a third of the difference is
# conv1, the rest is shrinking late. Weights and work are set by **different**
# knobs.

# %% [markdown] id="late-notes" slide="notes"
# The last line is the squeeze ratio of the paper's section 5: one eighth in all
# modules. Ask what they would turn for a telephone with little storage, and
# what for one with a weak battery.

# %% [markdown] id="fifty" slide="slide"
# ## "50x fewer parameters and <1MB model size"
#
# So ends the title of the paper's first version. Compute both.

# %% id="fifty-check" claims="08-fifty"
weights = tables["SqueezeNet"].parameters
print(f"{tables['AlexNet'].parameters / weights:.1f} times fewer than AlexNet")
print(f"{4 * weights / 1e6:.2f} MB; 1 MB: {8e6 / weights:.1f} bits a weight")
for row in numbers("size of the weights").values():
    print(f"   {row.network}: {row.value} {row.unit} ({row.source})")

# %% [markdown] id="fifty-answer" slide="fragment"
# 49 times: true. 1 MB: only **compressed**. The authors prune and round.

# %% [markdown] id="fifty-notes" slide="notes"
# The architecture alone has 5 MB. Both are in the deck as one sentence. Ask
# which of both factors an architect may claim. Six bits would do without
# pruning. AlexNet is compressed by such means as well: 240 MB to 6.9 MB, says
# the same table. The final title says 0.5 MB.

# %% [markdown] id="bits" slide="subslide"
# ## How many bits does a weight need?
#
# The digits' network of the course, its kernels rounded to so many bits:


# %% id="bits-figure" alt="Test accuracy over the bits of a weight, from 8 down to 2. It stays near 99 percent from 8 to 4 bits, loses little at 3 and falls to about a third at 2."
def rounded(weight, bits):
    """To whole steps, as many on both sides of zero."""
    step = np.abs(weight).max() / (2 ** (bits - 1) - 1)
    return np.round(weight / step) * step


reader = model("digits")
exact = reader.get_weights()
held_out = digits(training("digits")["seed"], validation=0).test
right = []
bit_counts = np.arange(2, 9)
for bits in bit_counts:
    reader.set_weights(
        [rounded(w, int(bits)) if w.ndim > 1 else w for w in exact]
    )
    guessed = values(reader(held_out.images, training=False)).argmax(axis=-1)
    right.append(100 * (guessed == held_out.labels).mean())
plots.curves(
    (bit_counts, right),
    labels=["digits"],
    axes=("bits for a weight", "test accuracy, %"),
    dots=[True],
)

# %% [markdown] id="bits-answer" slide="fragment"
# Far fewer than 32, without training again.

# %% [markdown] id="bits-notes" slide="notes"
# Ask for a guess first; many say 16. Trained weights are noisy anyway. Digits
# are easy; ImageNet networks lose earlier, and are then trained further with
# rounded weights. Rounding saves storage; it saves work only on chips that
# multiply small numbers faster.

# %% [markdown] id="bypass" slide="subslide"
# ## Does it profit from shortcuts?

# %% id="bypass-check" claims="08-bypass"
for row in numbers("accuracy with a bypass or without").values():
    print(f"{row.network:32}{row.value} %   ({row.source})")
for bypass in (None, "simple", "complex"):
    count = counted(squeezenet, "1.0", bypass=bypass).parameters
    print(f"bypass={bypass}: {count:,} parameters")

# %% [markdown] id="bypass-answer" slide="fragment"
# The shortcut *without* weights helps more than the one with 341,248 of them:
# three points without one more weight.

# %% [markdown] id="bypass-notes" slide="notes"
# Ask why only every second module can have a simple bypass: the others change
# the number of channels. The authors' reason: a squeeze of one eighth loses
# information, the bypass carries it past.

# %% [markdown] id="two-jobs" slide="slide"
# ## A convolution has two jobs
#
# It looks around, and it mixes channels. Four places with channels a and b, in
# the order a, b, a, b, ... Which inputs (columns) does an output (row) read?

# %% id="two-jobs-figure" claims="08-two-jobs" alt="Three 8 by 8 tables of places times channels. The whole convolution has crosses in bands of three places, both channels. Depthwise: the same bands, but a only reads a and b only b. Pointwise: 2 by 2 blocks on the diagonal. The product of the last two has the crosses of the first."
shape = {"input_shape": (4, 2), "padding": "same"}
jobs = [
    convolution_matrix(np.ones((3, 2, 2), int), **shape),
    convolution_matrix(np.ones((3, 1, 2), int), groups=2, **shape),
    convolution_matrix(np.ones((1, 2, 2), int), **shape),
]
jobs = [(job > 0).astype(int) for job in jobs]
plots.number_grids(
    *[np.where(job, "×", "") for job in jobs],
    titles=["whole", "depthwise", "pointwise"],
    taps=jobs,
    kernel_shape=(1,),
    height=3.8,
)

# %% [markdown] id="two-jobs-answer" slide="fragment"
# First look around, **then** mix: a *depthwise separable* convolution. Together
# they reach what the whole one does.

# %% [markdown] id="two-jobs-notes" slide="notes"
# Ask what each of them alone cannot do: depthwise never mixes, like the groups
# of AlexNet (lecture 04), driven to the end; pointwise never looks around. Their
# product, pointwise after depthwise, has the crosses of the whole one.

# %% [markdown] id="depthwise" slide="subslide"
# ## Depthwise: as many groups as channels

# %% id="depthwise-check" claims="08-depthwise"
dice = np.random.default_rng(8)
maps = dice.normal(size=(1, 6, 6, 4)).astype("float32")
kernel = dice.normal(size=(3, 3, 4, 1)).astype("float32")
parts = np.split(maps, 4, axis=-1), np.split(kernel, 4, axis=2)
alone = [
    values(keras.ops.conv(*part, padding="same"))
    for part in zip(*parts, strict=True)
]
together = values(keras.ops.depthwise_conv(maps, kernel, padding="same"))
print("same:", np.allclose(together, np.concatenate(alone, -1), atol=1e-5))

# %% [markdown] id="depthwise-answer" slide="fragment"
# One filter for each channel: as many channels come out as go in. With a
# *multiplier* $m$ each has $m$ filters, and $m$ times as many come out.

# %% [markdown] id="depthwise-notes" slide="notes"
# MobileNet puts batch normalization and ReLU after both parts, the depthwise and
# the pointwise one. Keras's kernel has the shape rows, columns, channels,
# multiplier: the last number is how many filters each channel has, 1 here. It
# has 36 weights where the whole one has 144. Ask for the wrong idea:
# that all channels share one filter. They do not.

# %% [markdown] id="saving" slide="slide"
# ## What does taking it apart save?
#
# $M$ channels in, $N$ out: $\frac{k^2 M + M N}{k^2 M N} = \frac{1}{N} +
# \frac{1}{k^2}$ is left. "Nine times cheaper", it is said. Always?

# %% id="saving-figure" claims="08-saving" alt="Percent of the multiplications left, over the filters from 1 to 64. For 3 by 3 it falls from 111 to 13, close to a line at one ninth which it never reaches; for 5 by 5 from 104 to 6."
filters = np.arange(1, 65)
plots.curves(
    (filters, 100 * (1 / filters + 1 / 9)),
    (filters, 100 * (1 / filters + 1 / 25)),
    ([1, 64], [100 / 9, 100 / 9]),
    labels=["3×3", "5×5", "one ninth"],
    axes=("filters N", "work left, %"),
)

# %% [markdown] id="saving-answer" slide="fragment"
# With 3×3 never quite; with 5×5 soon more. With few filters far from it, and
# with **one** it costs more.

# %% [markdown] id="saving-notes" slide="notes"
# Ask which letter is missing on the right: M. The saving depends on the filters,
# not on the channels read, nor on the size of the map. At N = 64, 3x3: 12.7 %,
# about eight times. Weights (without biases) save the same share: each is used
# in as many places.

# %% [markdown] id="question-saving" slide="skip"
# ## Question 4. The saving, exactly
#
# Write `separable_share(kernel_size, channels, filters, multiplier=1)`: the
# multiplications of a depthwise separable convolution as a share of those of
# the whole convolution with the same square kernel, channels and filters, an
# exact fraction in lowest terms: the pair of integers (numerator, denominator).
# With a `multiplier` m the depthwise part has m filters for each channel, and
# the pointwise part reads all that it makes.


# %% id="separable-share" role="answer" minutes=10 taught="saving"
def separable_share(kernel_size, channels, filters, multiplier=1):
    """Share of the multiplications that are left, in lowest terms."""
    ### BEGIN SOLUTION
    made = channels * multiplier
    apart = kernel_size**2 * made + made * filters
    whole = kernel_size**2 * channels * filters
    common = np.gcd(apart, whole)
    return int(apart // common), int(whole // common)
    ### END SOLUTION


# %% id="separable-share-check" role="test" points=2 of="separable-share"
import numpy as np

got = separable_share(3, 1, 1)
assert np.size(got) == 2, (
    f"separable_share(3, 1, 1) returned {got}. A pair is asked for: numerator "
    "and denominator."
)
assert np.ravel(got).astype(float).tolist() == [10, 9], (
    f"separable_share(3, 1, 1) returned {got}. One channel, one filter: in one "
    "place the whole convolution multiplies 9 times. How often do both parts?"
)
### BEGIN HIDDEN TESTS
from fractions import Fraction

for k, channels, filters, multiplier in [
    (3, 32, 64, 1),
    (3, 512, 512, 1),
    (5, 7, 25, 1),
    (1, 4, 6, 1),
    (3, 6, 10, 2),
    (7, 10, 3, 4),
    (2, 1, 12, 3),
]:
    called = f"separable_share({k}, {channels}, {filters}, {multiplier})"
    whole = np.ones((k, k, channels, filters)).size
    around = np.ones((k, k, channels, multiplier)).size
    mix = np.ones((1, 1, channels * multiplier, filters)).size
    want = Fraction(around + mix, whole)
    got = separable_share(k, channels, filters, multiplier)
    top, bottom = (float(part) for part in np.ravel(got))
    slips = [
        (Fraction(around, whole), "The pointwise part multiplies, too."),
        (Fraction(mix, whole), "The depthwise part multiplies, too."),
        (Fraction(whole, around + mix), "The share left, not its inverse."),
        (1 - want, "The share left, not the share saved."),
        (
            Fraction(k * k * channels + channels * filters, whole),
            "With a multiplier both parts have more to do.",
        ),
        (
            Fraction(around + channels * filters, whole),
            "The pointwise part reads all that the depthwise part makes.",
        ),
    ]
    hints = [
        hint
        for other, hint in slips
        if bottom and abs(top / bottom - other) < 1e-9
    ]
    if bottom and abs(top / bottom - want) < 1e-9:
        hints = ["The value is right; are these the lowest terms, integers?"]
    right = (top, bottom) == (want.numerator, want.denominator)
    assert right, f"{called} returned {got}. Hint: " + (
        hints[0] if hints else "count the weights of each part first."
    )
got = separable_share(3, 8, 18)
assert np.ravel(got).astype(float).tolist() == [1, 6], (
    f"separable_share(3, 8, 18) returned {got}. Hint: what is the multiplier "
    "when nobody gives it?"
)
### END HIDDEN TESTS

# %% [markdown] id="lost" slide="slide"
# ## Is anything lost?
#
# For each channel read, a separable kernel is *one* pattern, times a number for
# each filter: a table of rank 1. Kernels that training found, as sums of such:

# %% id="lost-figure" claims="08-rank" alt="Share of a trained kernel's energy over the patterns allowed for each channel, 1 to 9: it starts below a quarter with one pattern and rises to all with nine, steadily."
kernel = next(w for w in exact if w.ndim == 4 and w.shape[2] > 1)
slices = kernel.transpose(2, 0, 1, 3).reshape(kernel.shape[2], 9, -1)
energy = np.linalg.svd(slices, compute_uv=False) ** 2
shares = energy.sum(axis=0).cumsum() / energy.sum()
plots.curves(
    (np.arange(1, 10), 100 * shares),
    labels=["second layer,\ndigits"],
    axes=("patterns for each channel", "energy kept, %"),
    dots=[True],
)

# %% [markdown] id="lost-answer" slide="fragment"
# Much. A trained convolution cannot simply be taken apart; the network must
# **learn** apart.

# %% [markdown] id="lost-notes" slide="notes"
# The likely wrong idea: that the separable one computes the same, cheaper. It
# is a smaller family of functions. Ask what the depthwise multiplier does here:
# so many patterns for each channel. A random 9 by 64 table has rank 9.

# %% [markdown] id="learned" slide="subslide"
# ## And if it learns that way?
#
# MobileNet of whole convolutions against MobileNet, both trained:

# %% id="learned-check" claims="08-whole"
mobile = thin[1.0]
mixing = [r for r in mobile.rows if r.layer.startswith("conv_pw_") and r.macs]
looking = [r for r in mobile.rows if r.layer.startswith("conv_dw_") and r.macs]
work = mobile.macs + sum(8 * r.macs for r in mixing)
work -= sum(r.macs for r in looking)
kind = "MobileNet of whole convolutions"
print(f"whole: {work / 1e6:5.0f} M, {number(kind, 'top-1 accuracy')} %")
print(f"apart: {mobile.macs / 1e6:5.0f} M, {top_one('MobileNet 1.0')} %")

# %% [markdown] id="learned-answer" slide="fragment"
# 1.1 points for 8.6 times the work. A good bargain, but not free.

# %% [markdown] id="learned-notes" slide="notes"
# The accuracies are the paper's table 4; the counts are ours and agree with it
# (4866 and 569) to a million. A whole 3x3 is nine times the pointwise one, so
# add eight.

# %% [markdown] id="work" slide="slide"
# ## Where does MobileNet spend its work now?

# %% id="work-figure" claims="08-pointwise" alt="Bars of parameters and multiplications of MobileNet by kind. Pointwise convolutions have 3.1 million parameters and 539 million multiplications, nearly everything; depthwise 45 thousand and 17 million; the first convolution under a thousand and 11 million; the dense layer a million and a million."
kinds = {
    "first 3×3": [r for r in mobile.rows if r.layer == "conv1_conv"],
    "depthwise": looking,
    "pointwise": mixing,
    "dense": [r for r in mobile.rows if r.layer == "fc"],
}
plots.stages(
    list(kinds),
    [sum(r.trainable for r in rows) for rows in kinds.values()],
    [sum(r.macs for r in rows) for rows in kinds.values()],
)

# %% [markdown] id="work-answer" slide="fragment"
# Mixing channels takes 95 % of the work, looking around 3 %.

# %% [markdown] id="work-notes" slide="notes"
# Ask what to attack next: the pointwise part. ShuffleNet gives it groups,
# MobileNetV2 squeezes between blocks. Pointwise convolutions are matrix
# products, which libraries do best: section 3.2 of the paper. Its table 1 says
# stride 2 for the last depthwise layer; the sizes beside it say 1.

# %% [markdown] id="width" slide="slide"
# ## The width multiplier
#
# Each convolution gets $\alpha$ times its filters. What is left of weights and
# work at $\alpha = 1/2$?

# %% id="width-check" claims="08-width"
for alpha, table in thin.items():
    name = f"MobileNet {alpha}"
    print(f"{alpha:4}: {table.parameters:9,} parameters", end="")
    print(f" {table.macs / 1e6:6.1f} M, paper", end="")
    print(f" {number(name, 'multiply-adds'):.0f} M; {top_one(name)} %")

# %% [markdown] id="width-answer" slide="fragment"
# About a quarter of the work: a pointwise layer reads **and** writes half, so
# $\alpha^2$. Of the weights a third: the dense layer writes 1000 classes still.

# %% [markdown] id="width-notes" slide="notes"
# The wrong idea is one half. Ask why the parameters do not fall to a quarter:
# the dense layer only reads half, depthwise parts are halved, too. Parameters
# here are all, moving averages included. Accuracy falls slowly, then fast.

# %% [markdown] id="width-slip" slide="subslide"
# ## Only the pointwise layers?
#
# A deck multiplies the filters of the 1×1 convolutions alone. Which network is
# that?

# %% id="width-slip-check" claims="08-width-slip"
half = thin[0.5].parameters
# conv1 and what follows it have 32 channels then, not 16
first = 16 * (3 * 3 * 3 + 4) + 16 * (3 * 3 + 4) + 16 * 32
print(f"all layers:          {half:,}")
print(f"pointwise ones only: {half + first:,}")

# %% [markdown] id="width-slip-answer" slide="fragment"
# It differs by 1,216: the network of the paper thins the **first** convolution,
# too. Small in weights, but weights of one do not fit the other.

# %% [markdown] id="width-slip-notes" slide="notes"
# Take the sum apart with the room: kernel and normalization of 16 filters of
# conv1, 16 channels of the first depthwise layer, 16 more inputs of the first
# pointwise one, which has 32 filters. Ask for the work it costs: at 112 by 112
# places, 13.6 million multiplications, nearly a tenth of the network.

# %% [markdown] id="resolution" slide="subslide"
# ## The other multiplier: smaller images

# %% id="resolution-check" claims="08-resolution"
for size in (224, 192, 160, 128):
    table = counted(mobilenet, 1.0, input_shape=(size, size, 3))
    print(f"{size}: {table.parameters:,} parameters", end="")
    print(f" {table.macs / 1e6:4.0f} M multiplications")

# %% [markdown] id="resolution-answer" slide="fragment"
# Work falls with the square, weights not at all. Narrower *and* smaller: sixteen
# networks, a family to choose from.

# %% [markdown] id="resolution-notes" slide="notes"
# Ask which multiplier helps a telephone with too little storage: only alpha.
# The paper compares thinner with shallower, too (table 5): without five layers
# 65.3 % at 307 million, with alpha 0.75 68.4 % at 325 million.

# %% [markdown] id="question-width" slide="skip"
# ## Question 5. A thinner MobileNet
#
# Write `thin_mobilenet(alpha, body, stem=32, classes=1000, size=224)`: the pair
# (parameters, multiplications) of this network for images of `size` × `size`
# with three channels.
#
# - A 3×3 convolution of `stem` filters and stride 2.
# - For each pair (filters, stride) of `body` a depthwise 3×3 convolution with
#   this stride, then a pointwise one with these filters.
# - An average of all places, and a dense layer of `classes` scores with biases.
#
# `alpha` multiplies `stem` and the filters in `body`, each product rounded
# down; a depthwise convolution has as many filters as it reads channels.
# Padding is "same". Convolutions have no biases, but each is followed by batch
# normalization: four parameters a channel, counted all. Multiplications are
# those with kernels.


# %% id="thin-mobilenet" role="answer" minutes=25 taught="width"
def thin_mobilenet(alpha, body, stem=32, classes=1000, size=224):
    """All parameters, and the multiplications with kernels."""
    ### BEGIN SOLUTION
    channels = int(alpha * stem)
    size = -(-size // 2)
    kernel = 3 * 3 * 3 * channels
    parameters, macs = kernel + 4 * channels, kernel * size**2
    for filters, stride in body:
        filters = int(alpha * filters)
        size = -(-size // stride)
        parts = (9 * channels, channels), (channels * filters, filters)
        for kernel, made in parts:
            parameters += kernel + 4 * made
            macs += kernel * size**2
        channels = filters
    return parameters + (channels + 1) * classes, macs + channels * classes
    ### END SOLUTION


# %% id="thin-mobilenet-check" role="test" points=3 of="thin-mobilenet"
import numpy as np

# By hand: 27 + 4 of the first, 9 + 4, 2 + 8, then 6; 2x2 places.
got = thin_mobilenet(1.0, [(2, 1)], stem=1, classes=2, size=4)
assert np.size(got) == 2, (
    "thin_mobilenet(1.0, [(2, 1)], stem=1, classes=2, size=4) returned "
    f"{got}. A pair is asked for: parameters, multiplications."
)
assert np.ravel(got).astype(float).tolist() == [60, 156], (
    "thin_mobilenet(1.0, [(2, 1)], stem=1, classes=2, size=4) returned "
    f"{got}. Draw the layers: what does each hold, in how many places does it "
    "multiply?"
)
### BEGIN HIDDEN TESTS


def measured(alpha, body, stem, classes, size, slip=""):
    """Kernels as arrays, places as lists."""
    places = list(range(0, size, 2))
    width = stem if slip == "stem" else int(alpha * stem)
    kernels = [(np.empty((3, 3, 3, width)), width, len(places))]
    for filters, stride in body:
        before = len(places)
        places = places[::stride]
        wide = int(alpha * filters)
        width = int(alpha * width) if slip == "twice" else width
        look = np.empty((3, 3, width, width if slip == "whole" else 1))
        looked = before if slip == "stride" else len(places)
        kernels.append((look, width, looked))
        kernels.append((np.empty((width, wide)), wide, len(places)))
        width = wide
    held = sum(kernel.size for kernel, _, _ in kernels)
    each = {"norm": 2, "none": 0}.get(slip, 4)
    held += each * sum(made for _, made, _ in kernels)
    done = sum(kernel.size * side**2 for kernel, _, side in kernels)
    if slip == "alpha":
        return [held, done]
    return [held + np.empty((width + 1, classes)).size, done + width * classes]


paper = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
paper += [(512, 1)] * 5 + [(1024, 2), (1024, 1)]
for alpha, body, stem, classes, size in [
    (0.5, paper, 32, 1000, 224),
    (0.25, paper, 32, 1000, 160),
    (0.5, [(7, 2), (9, 1)], 7, 3, 30),
    (2.0, [(4, 1), (6, 3)], 3, 2, 9),
    (1.0, [], 8, 4, 10),
    (0.75, [(10, 2), (10, 2)], 6, 5, 33),
]:
    shown = "the paper's body" if body == paper else body
    called = f"thin_mobilenet({alpha}, {shown}, {stem}, {classes}, {size})"
    got = thin_mobilenet(alpha, list(body), stem, classes, size)
    found = np.ravel(got).astype(float).tolist()
    want = measured(alpha, body, stem, classes, size)
    slips = {
        "stem": "alpha multiplies the first convolution's filters, too.",
        "whole": "A depthwise kernel has one filter for each channel.",
        "twice": "What a depthwise convolution reads is thinned already.",
        "stride": "The depthwise convolution has the stride.",
        "norm": "All four vectors of a normalization count.",
        "none": "What follows each convolution?",
        "alpha": "What follows the average?",
    }
    hints = [
        hint
        for slip, hint in slips.items()
        if found == measured(alpha, body, stem, classes, size, slip)
    ]
    parts = zip(("parameters", "multiplications"), found, want, strict=True)
    bad = [name for name, one, other in parts if one != other]
    assert not bad, (
        f"{called} returned {got}: other {' and '.join(bad)}. Hint: "
        + (
            hints[0]
            if hints
            else "list each layer: filters, rounded down, and size."
        )
    )
got = np.ravel(thin_mobilenet(1.0, paper)).astype(float).tolist()
assert got == [4253864, 568740352], (
    f"thin_mobilenet(1.0, the paper's body) returned {got}: not MobileNet. Hint: "
    "which numbers hold when none are given?"
)
### END HIDDEN TESTS

# %% [markdown] id="all-weights" slide="slide"
# ## Everything in one picture: weights

# %% id="all-weights-figure" alt="Top-1 accuracy on ImageNet over parameters, logarithmic. MobileNets on a line from 51 percent at half a million to 70.6 at 4.2 million; SqueezeNet below the line with 57.5 at 1.2 million; GoogLeNet 70 at 7 million, DenseNet-121 75 at 8 million, ResNet-50 75 at 26 million; AlexNet 57 at 61 and VGG-16 71.5 at 138 million far to the right."
families = [name.split(" ")[0] for name in tables]
labels = [name.replace("MobileNet", "α =") for name in tables]
accuracies = [top_one(name) for name in tables]
plots.trade_off(
    labels,
    [table.trainable for table in tables.values()],
    accuracies,
    families=families,
    axes=("parameters", "top-1 accuracy, %"),
)

# %% [markdown] id="all-weights-answer" slide="fragment"
# Joined: MobileNet by its α. VGG-16 has 124 million weights in dense layers.

# %% [markdown] id="all-weights-notes" slide="notes"
# Back to the votes of the title. What could go from VGG: the dense layers
# (nine tenths of its weights) and eight ninths of each 3x3. Ask who lies on
# the upper left rim: MobileNets, DenseNet and, by 0.3 points, ResNet-50.
# Nobody should choose a network that has another one above and to the left.

# %% [markdown] id="all-work" slide="subslide"
# ## Everything in one picture: work

# %% id="all-work-figure" alt="The same accuracies over multiplications. MobileNets from 41 to 569 million on the rim; AlexNet 724 and SqueezeNet 833 million below it; GoogLeNet 1.6, DenseNet-121 2.8, ResNet-50 3.9 and VGG-16 15.5 billion."
plots.trade_off(
    labels,
    [table.macs for table in tables.values()],
    accuracies,
    families=families,
    axes=("multiplications", "top-1 accuracy, %"),
)

# %% [markdown] id="all-work-answer" slide="fragment"
# Other order: SqueezeNet, small as it is, works more than AlexNet.

# %% [markdown] id="all-work-notes" slide="notes"
# Ask who changed places: AlexNet moved far to the left, DenseNet to the right.
# "A small network" without saying of what means nothing.

# %% [markdown] id="counting" slide="subslide"
# ## Whose count is it?

# %% id="counting-check" claims="08-counting"
ours = tables["SqueezeNet"].macs / 1e6
theirs = number("SqueezeNet", "multiply-adds")
print(f"SqueezeNet, counted here:     {ours:5.0f} M")
print(f"in the table of MobileNet:    {theirs:5.0f} M,", end="")
print(f" {theirs / ours:.1f} times as many")

# %% [markdown] id="counting-answer" slide="fragment"
# Twice: as if additions were counted beside multiplications, while MobileNet's
# own 569 M count each pair once. Compare numbers only from **one** counting.

# %% [markdown] id="counting-notes" slide="notes"
# Words to ask for in a paper: MACs, multiply-adds, FLOPs, and whether a MAC is
# one or two of the last. Why the table has 1700 the paper does not say; that
# it is twice is what we can compute.

# %% [markdown] id="seconds" slide="subslide"
# ## Are multiplications seconds?
#
# Multiplications for each number moved: input, weights, output.

# %% id="seconds-check" claims="08-intensity"
places, c = 14 * 14, 512
for name, weight_count in (
    ("whole 3x3", 9 * c * c),
    ("pointwise", c * c),
    ("depthwise", 9 * c),
):
    moved = 2 * places * c + weight_count
    print(f"{name}: {places * weight_count / moved:6.1f} for each number moved")

# %% [markdown] id="seconds-answer" slide="fragment"
# A depthwise layer often waits for memory: it saves more work than **time**.

# %% [markdown] id="seconds-notes" slide="notes"
# A layer of 14 by 14 places and 512 channels. The depthwise one does 0.2 % of
# the whole one's work. Ask for a guess of the speed-up before, and measure on
# what will run it. On processors with vector units a depthwise convolution
# often takes as long as the pointwise one beside it, which multiplies 57 times
# as much.

# %% id="measured" slide="skip"
# Of one backend: another's run of a seed has the same images and is no further
# witness.
seeds = [
    record["values"]
    for record in results("efficiency")
    if record["backend"] == "tensorflow"
]
networks = list(seeds[0])
reached = {
    name: np.array([100 * each[name]["accuracy"] for each in seeds])
    for name in networks
}
LOWEST = 90


def draw_measured(cost, axis):
    """Median accuracy on digits, worst to best, over one of the costs."""
    return plots.trade_off(
        networks,
        [seeds[0][name][cost] for name in networks],
        [np.median(found) for found in reached.values()],
        reaches=[
            (max(found.min(), LOWEST), found.max())
            for found in reached.values()
        ],
        axes=(axis, "test accuracy, %"),
    )


# %% [markdown] id="ours" slide="slide"
# ## Does it hold for digits?
#
# Nine small networks, an idea each, trained alike. Median and range of 5 seeds.

# %% id="ours-figure" claims="08-digits" alt="Median test accuracy on digits over parameters, a bar from the worst to the best of five seeds. LeNet, AlexNet-like and VGG-like: 44 to 50 thousand parameters, 97.5 to 98.6 percent; dense 30 thousand, 99.4; residual 19, 98.6; nin 14, 96.1; squeeze 14, 93.9, its bar ends at the bottom; inception 9, 98.1; mobile 7, 97.8. Most bars overlap."
draw_measured("parameters", "parameters")

# %% [markdown] id="ours-answer" slide="fragment"
# One run of squeeze learned **nothing**: 10 %, far below the picture.

# %% [markdown] id="ours-notes" slide="notes"
# Where two bars overlap, do not say which is better. Ask what the picture shows:
# seven thousand weights do nearly what fifty thousand do. And what it does not
# show: that the same order holds for photographs. And what may have befallen
# that run: perhaps dead units (lecture 01), for it has no normalization. The
# medians alone would hide it.

# %% [markdown] id="ours-work" slide="subslide"
# ## The same over work

# %% id="ours-work-figure" alt="The same accuracies over multiplications for one image: mobile 189 thousand, LeNet 234, inception 280, squeeze 584, nin 712, residual 756, AlexNet-like 972, dense 1124, VGG-like 1545 thousand."
draw_measured("macs", "multiplications")

# %% [markdown] id="ours-work-answer" slide="fragment"
# LeNet has half as many weights again as dense, and a fifth of its work.

# %% [markdown] id="ours-work-notes" slide="notes"
# Ask for the pairs whose order changed before the line appears. The nets are in
# the repository's benchmarks, a run named efficiency: let them add one.

# %% [markdown] id="question-written" slide="skip"
# ## Question 6. A network for a budget
#
# This one is read by a person. Answer in about eight sentences, with numbers.

# %% [markdown] id="budget" role="written" points=2.5 minutes=20 taught="all-work"
# A camera trap must name animals in photographs of 224×224 pixels. It has 8 MB
# of storage for weights in float32, and its chip should multiply at most 400
# million times for an image.
#
# 1. Which of the networks of "Everything in one picture", as they are, fit the
#    storage, which the work, which both? Give the numbers that decide.
# 2. Choose one. What accuracy do you expect on ImageNet, and why is it not the
#    accuracy on animals?
# 3. A colleague wants MobileNet 1.0 with images of 160×160 instead. Does it fit?
#    Name one way to make it fit, and what it costs.
#
# ### BEGIN SOLUTION
# 8 MB are 2 million weights of four bytes. That holds SqueezeNet (1.25 million,
# 5.0 MB), MobileNet 0.5 (1.34 million, 5.4 MB) and 0.25 (0.48 million, 1.9 MB);
# MobileNet 0.75 has 2.6 million, 10.4 MB. The work allows MobileNet 0.75
# (325 M), 0.5 (149 M) and 0.25 (41 M); SqueezeNet multiplies 833 million times.
# Both: MobileNet 0.5 and 0.25.
#
# MobileNet 0.5: 63.7 % top-1 against 50.6 %. That is of 1000 classes and of
# photographs that people took; animals at night in front of a trap look
# different and are fewer classes, the last layer must be trained anew, and with
# fewer classes it has fewer weights. With 50 classes MobileNet 0.75 has 1.87
# million, 7.5 MB: then it fits both, and whoever says so may choose it.
#
# At 160 pixels MobileNet 1.0 multiplies 291 million times, which fits, but its
# weights do not change: 4.2 million, 17 MB. Weights rounded to 8 bits take
# 4.25 MB and fit; accuracy must be measured after rounding. Or a head for few
# classes: without the 1000 classes 3.2 million remain, 13 MB, still too many.
#
# **Marking scheme** (2.5 points): 1.0 for storage (0.25) and work (0.25) each
# with deciding numbers, and the two that fit both (0.5); 0.75 for the choice
# with its accuracy (0.25), for other data (0.25) and other classes (0.25); 0.75
# for the work that fits (0.25), the weights that do not (0.25) and a way with
# its price (0.25).
# ### END SOLUTION

# %% [markdown] id="remember" slide="slide"
# ## What to remember
#
# - Weights, work, memory of outputs and seconds are four costs.
# - A dense block keeps all and adds little: $c + k\,l$ after $l$ layers.
# - SqueezeNet: squeeze by 1×1 before 3×3; 49 times fewer weights than AlexNet,
#   under 1 MB only when compressed.
# - MobileNet: look around, then mix; $1/N + 1/k^2$ of the work is left.
# - α thins every convolution: work falls almost with α².
# - Compare counts only if they count the same.

# %% [markdown] id="remember-notes" slide="notes"
# Ask with the slide covered: "Which network has the fewest weights, which
# works least, which fills the memory in training?" MobileNet 0.25, the same,
# DenseNet. At α = 1 it was SqueezeNet that had the fewest.

# %% [markdown] id="sources" slide="slide"
# ## Sources
#
# - Huang, Liu, van der Maaten, Weinberger: Densely connected convolutional
#   networks. CVPR 2017, arXiv:1608.06993
# - Iandola et al.: SqueezeNet: AlexNet-level accuracy with 50x fewer parameters
#   and <0.5MB model size. 2016, arXiv:1602.07360
# - Howard et al.: MobileNets: efficient convolutional neural networks for mobile
#   vision applications. 2017, arXiv:1704.04861
# - Pleiss et al.: Memory-efficient implementation of DenseNets. 2017,
#   arXiv:1707.06990
# - Han, Mao, Dally: Deep compression. ICLR 2016, arXiv:1510.00149
