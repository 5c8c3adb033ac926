# %% [markdown] id="title" slide="slide"
# # 03 · Shapes
#
# The paper of AlexNet has images 224 pixels wide, a first layer of 11×11 at
# stride 4, and behind it maps of 55. Can that be?
#
# After this lecture you can
#
# - tell any layer's shape and what rounding drops,
# - count weights, multiplications and memory,
# - find the layer between two sizes, or refute it,
# - say where weights sit and where work is done.

# %% [markdown] id="title-notes" slide="notes"
# Let the room compute:
# 224, 11, 4. Collect the answers on the board (53, 53.25, 54, 54.25, 55, 56)
# without judging, and keep them. Each is met again in this lecture.

# %% [markdown] id="about" slide="skip"
# Reading takes about 45 minutes, the six questions about 85; they give 14 points.
#
# Answer with Python, NumPy or Keras. Of `course` only data, plots and what a
# question opens may be used in an answer.

# %% id="imports" role="given"
import numpy as np

# %% id="tools" slide="skip"
import keras

from course import plots
from course.arithmetic import (
    conv_macs,
    conv_output_size,
    conv_parameters,
    kernel_extent,
    pool_output_size,
    same_padding,
)
from course.catalogue import outlines
from course.convolution_matrix import convolution_matrix
from course.models import alexnet, lenet5
from course.practice import Drill, problem
from course.summary import summary

QUIET = {"Activation", "Dropout", "Flatten", "LocalResponseNorm"}
KINDS = {"InputLayer": "image", "Conv2D": "convolution", "Dense": "dense"}


def loud(table):
    """The rows of a summary that change a shape or multiply."""
    return [row for row in table.rows if row.kind not in QUIET]


def name(row):
    """The paper's name of a layer; Keras numbers inputs as they come."""
    return "image" if row.kind == "InputLayer" else row.layer


def draw_volumes(table):
    """What flows through a network."""
    rows = loud(table)
    return plots.volumes(
        [row.output_shape[1:] for row in rows],
        [name(row) for row in rows],
        [KINDS.get(row.kind, "pooling") for row in rows],
    )


def draw_costs(table):
    """Parameters and multiplications of the layers that have some."""
    rows = [row for row in table.rows if row.macs]
    return plots.stages(
        [row.layer for row in rows],
        [row.trainable for row in rows],
        [row.macs for row in rows],
    )


def show(table):
    """Shape, parameters and multiplications, a line a layer."""
    print(f"{'':12}{'output':>14}{'parameters':>14}{'MACs':>14}")
    for row in loud(table)[1:]:
        shape = " x ".join(map(str, row.output_shape[1:]))
        print(f"{row.layer:12}{shape:>14}{row.trainable:14,}{row.macs:14,}")
    print(f"{'all':12}{'':14}{table.parameters:14,}{table.macs:14,}")


# %% [markdown] id="tensor" slide="slide"
# ## A network is a chain of boxes
#
# What flows through LeNet-5, from a digit to ten scores:

# %% id="tensor-figure" alt="LeNet-5 as a row of volumes: the input of 32 by 32 pixels, maps of 28 by 28 by 6, 14 by 14 by 6, 10 by 10 by 16, 5 by 5 by 16, 1 by 1 by 120, then bars of 84 and 10 numbers. Maps become smaller and more."
lenet = summary(lenet5())
draw_volumes(lenet)

# %% [markdown] id="tensor-answer" slide="fragment"
# A map is a box: height, width, **channels**. Why 28, 14, 10? What is the cost?

# %% [markdown] id="tensor-notes" slide="notes"
# A batch of maps has one axis more, in front.
#
# Ask: "Which of the three numbers does a convolution choose freely, and which
# follow?" (The channels are chosen: as many as there are filters. Height and
# width follow.) PyTorch puts the channels first; ask where that matters:
# (3, 32, 32) read as height, width, channels is an image 3 pixels high.

# %% [markdown] id="places" slide="slide"
# ## Count places, not pixels
#
# One output pixel for each place where the kernel fits. Count them:

# %% id="places-figure" alt="An animation: a 3 by 3 kernel on a 5 by 5 input stands in nine places one after the other, three in a row and three rows, and each writes one pixel of a 3 by 3 output."
plots.arithmetic_steps(5, 3)

# %% [markdown] id="places-notes" slide="notes"
# Stop before the last frame: "How many places in a row?" Those who say two
# have counted steps: from the first place to the last there are 5 - 3 = 2
# steps, and 2 + 1 places. Fence posts and the gaps between them.

# %% [markdown] id="formula" slide="slide"
# ## Steps, and one more
#
# From its first place to its last the kernel moves $i-k$ pixels; there is one
# place more than steps:
#
# $$o = i - k + 1$$
#
# At stride 1 and without padding a layer takes $k-1$ pixels off an axis,
# however long it is.

# %% id="formula-check"
for i, k in [(32, 5), (14, 5), (5, 5), (227, 1)]:
    seen = keras.layers.Conv2D(1, k).compute_output_shape((1, i, i, 1))
    print(f"{i:3} pixels, kernel {k}: {i - k + 1:3}, Keras says {seen[1]}")

# %% [markdown] id="formula-notes" slide="notes"
# Ask: "What is left of 5 pixels under a kernel of 5?" One pixel: LeNet's C5 is
# a dense layer that happens to be called a convolution. "And under one of 6?"
# Nothing: Keras raises an error. A formula would say 0, or worse, go on.

# %% [markdown] id="padding" slide="slide"
# ## Padding stands on both sides
#
# With $p$ zeros at **each** end of an axis the kernel moves on a longer one:
#
# $$o = i + 2p - k + 1$$

# %% id="padding-figure" alt="A row 0 a b c d e 0: five pixels and one zero at each end. Below the question mark three windows of three are no longer three but five: 0 a b, a b c, b c d, c d e, d e 0."
plots.number_grids(
    list("0abcde0"),
    [list("0ab"), list("abc"), list("bcd"), list("cde"), list("de0")],
    titles=["p = 1", "five windows of 3"],
    signs=["→"],
    taps=[[1, 0, 0, 0, 0, 0, 1], None],
    kernel_shape=(1,),
    height=2.9,
)

# %% [markdown] id="padding-answer" slide="fragment"
# An odd kernel keeps the size with $p=(k-1)/2$. An even one cannot, with as
# many zeros on the left as on the right: it needs $k-1$, an odd number.

# %% [markdown] id="padding-notes" slide="notes"
# The likely wrong idea: p zeros in all. Let them compute with one zero, then
# count the windows of the picture. Ask for an even kernel that keeps the size
# with equal padding: there is none, k - 1 is odd.

# %% [markdown] id="stride" slide="slide"
# ## A stride skips places, and may drop pixels
#
# Six pixels, a kernel of 3, stride 2: two places. Who looks at f?

# %% id="stride-figure" alt="The row a b c d e f three times. In the first a b c are marked, in the second c d e. In the third e and f are marked, and the window would stick out on the right: no place. The pixel f is in no window."
row = list("abcdef")
plots.number_grids(
    row,
    row,
    [*row, " "],
    titles=["place 1", "place 2", "no place"],
    taps=[
        [1, 1, 1, 0, 0, 0],
        [0, 0, 2, 2, 2, 0],
        [0, 0, 0, 0, 3, 3, 3],
    ],
    kernel_shape=(3,),
    height=2.2,
)

# %% [markdown] id="stride-answer" slide="fragment"
# $$o = \left\lfloor\frac{i + 2p - k}{s}\right\rfloor + 1$$
#
# Unrounded it says 2.5 places; half a place is none: round **down**. At the
# end $(i+2p-k) \bmod s$ entries are left over. Padding stands there: pixels are
# lost if that is more than $p$.

# %% [markdown] id="stride-notes" slide="notes"
# The deck's formula has no floor: (I - K + 2P)/S + 1. Ask what it says here,
# before the fragment. Rounding up would mean a window that sticks out; some
# libraries offer that for pooling (ceil mode), Keras does not.

# %% [markdown] id="dropped" slide="subslide"
# ## Is the last pixel really unseen?
#
# Do not believe it: change it, and look at the output.

# %% id="dropped-check" claims="03-dropped"
kernel = np.array([1.0, 2.0, 3.0])
C = convolution_matrix(kernel, (6,), strides=2)
before = np.array([5.0, 1, 4, 2, 3, 7])
after = np.add(before, [0, 0, 0, 0, 0, 1000])
print("outputs before:", C @ before)
print("outputs after: ", C @ after)
print("weights of the last pixel:", C[:, 5])

# %% [markdown] id="dropped-answer" slide="fragment"
# What stands only there is invisible to the layer. Nor does a gradient come
# back: the pixel has no weight in any output.

# %% [markdown] id="riddle" slide="slide"
# ## AlexNet's 224
#
# Kernel 11, stride 4, no padding. Which inputs give 55?

# %% id="riddle-check" claims="03-alexnet-input 03-alexnet-padded"
for i in (224, 227, 230, 231):
    left = (i - 11) % 4
    print(f"{i}: {conv_output_size(i, 11, stride=4)} places, {left} left over")
print("224 and two zeros a side:", conv_output_size(224, 11, 4, padding=2))

# %% [markdown] id="riddle-answer" slide="fragment"
# 224 gives 54. The figure's 55 needs **227** to 230, or zeros of which the
# paper says nothing. Implementations do either; here it is 227.

# %% [markdown] id="riddle-notes" slide="notes"
# Back to the board with the first answers: 53 forgets the first place, 53.25
# and 54.25 do not round, 56 is what 224 / 4 makes of "same". 54 is right, and
# 55 is what the paper prints. Moral: recompute other people's tables.

# %% [markdown] id="stairs" slide="slide"
# ## Many inputs, one output
#
# Rounding down makes stairs. So a size cannot be read backwards:

# %% id="stairs-figure" claims="03-shared" alt="Output size over input size from 3 to 20 pixels for a kernel of 3. Stride 1 is a straight rising line of dots. Stride 2 rises by one every two pixels, stride 3 every three pixels: stairs."
sizes = np.arange(3, 21)
plots.curves(
    *[
        (sizes, [conv_output_size(int(i), 3, stride) for i in sizes])
        for stride in (1, 2, 3)
    ],
    labels=["stride 1", "stride 2", "stride 3"],
    axes=("input size", "output size"),
    dots=[True, True, True],
)

# %% [markdown] id="stairs-answer" slide="fragment"
# Without padding $s$ neighbouring sizes share one output size. All but the
# smallest of them lose pixels at the end.

# %% [markdown] id="stairs-notes" slide="notes"
# Ask: "A map of 8 came out, stride 3, kernel 3. How wide was the input?" (24,
# 25 or 26.) Lecture 12 needs this again: whoever goes back has to choose.

# %% [markdown] id="same" slide="slide"
# ## Keras's "same" does not mean the same size
#
# It means $o = \lceil i/s \rceil$, with as many zeros as that takes. How many
# depends on the **input's** size, too:

# %% id="same-check" claims="03-same 03-same-zeros 03-same-drops"
for i, k, s in [(8, 3, 1), (7, 3, 2), (8, 3, 2), (8, 2, 1), (9, 2, 3)]:
    layer = keras.layers.Conv2D(1, k, s, padding="same")
    o = layer.compute_output_shape((1, i, i, 1))[1]
    first, last = same_padding(i, k, s)
    print(f"i={i} k={k} s={s}: o={o}, zeros before {first}, after {last}")

# %% [markdown] id="same-answer" slide="fragment"
# The odd zero comes **after**. The last line drops the ninth pixel.

# %% [markdown] id="same-notes" slide="notes"
# Ask before running: "Eight pixels, kernel 3, stride 2: how many zeros?"
# Most say one at each end. It is one, at the end. With nine pixels, kernel 2
# and stride 3 it is none at all: three windows of two, three apart, end at the
# eighth pixel. A stride above the kernel leaves gaps between windows as well.

# %% [markdown] id="same-or-one" slide="subslide"
# ## Same size, other pixels
#
# Eight pixels, kernel 3, stride 2: "same" and one zero a side both give four.
# A kernel 0 1 0 shows which pixel stands in each window's middle:

# %% id="same-or-one-figure" claims="03-shifted" alt="The row of pixels 0 to 7, and two rows of four: with the padding same the middles are the pixels 1, 3, 5 and 7, with one zero on each side they are 0, 2, 4 and 6."
middle = np.array([0, 1, 0])
ramp = np.arange(8)
plots.number_grids(
    ramp,
    convolution_matrix(middle, (8,), 2, "same") @ ramp,
    convolution_matrix(middle, (8,), 2, 1) @ ramp,
    titles=["pixels", '"same"', "p = 1"],
    signs=["→", "or"],
    height=2.0,
)

# %% [markdown] id="same-or-one-answer" slide="fragment"
# Shapes agree, values do not. Weights moved from a library that pads by 1
# give wrong numbers here, and no error.

# %% [markdown] id="same-or-one-notes" slide="notes"
# That is why a test of shapes alone proves nothing. ResNet in Keras puts a
# layer ZeroPadding2D in front of its strided convolutions for this reason.

# %% [markdown] id="others" slide="slide"
# ## Pooling counts places, too
#
# A pooling window stands where a kernel would: the formula is the same. Without
# a stride of its own the window moves by its size.

# %% id="others-check" claims="03-pooling"
print("LeNet's S2, windows of 2:      ", pool_output_size(28, 2))
print("AlexNet's pool1, 3 at stride 2:", pool_output_size(55, 3, stride=2))

# %% [markdown] id="others-answer" slide="fragment"
# At stride 2 windows of 3 **overlap** by one pixel: 27, not 55 / 3.

# %% [markdown] id="others-notes" slide="notes"
# The usual slip with pooling: that stride 1 is the default, as it is for a
# convolution. For Keras and for most others it is the window's size.

# %% [markdown] id="dilation" slide="slide"
# ## A dilated kernel has gaps
#
# Three taps, one on every second pixel: dilation $d=2$. Seven pixels offer how
# many places?

# %% id="dilation-figure" alt="The row a b c d e f g three times. In the first a, c and e are marked, in the second b, d and f, in the third c, e and g: each place spans five pixels and reads three of them."
row = list("abcdefg")
plots.number_grids(
    row,
    row,
    row,
    titles=["place 1", "place 2", "place 3"],
    taps=[
        [1, 0, 1, 0, 1, 0, 0],
        [0, 2, 0, 2, 0, 2, 0],
        [0, 0, 3, 0, 3, 0, 3],
    ],
    kernel_shape=(3,),
    height=2.2,
)

# %% [markdown] id="dilation-answer" slide="fragment"
# Three: the kernel spans **five** pixels, though it has three weights. Between
# $k$ taps there are $k-1$ steps of $d$ pixels, so it spans $d(k-1)+1$.

# %% [markdown] id="dilation-notes" slide="notes"
# The usual slip: d times k, 6 instead of 5. Ask how many steps lead from the
# first of three taps to the last. Then ask which padding keeps the size of 7:
# two zeros a side, d(k - 1)/2.

# %% [markdown] id="span" slide="subslide"
# ## Put the span for the kernel
#
# $$o = \left\lfloor\frac{i + 2p - d(k-1) - 1}{s}\right\rfloor + 1$$

# %% id="span-check" claims="03-dilated"
for i, k, d in [(7, 3, 2), (12, 3, 2), (5, 3, 2), (5, 3, 1)]:
    span, places = kernel_extent(k, d), conv_output_size(i, k, dilation=d)
    print(f"{i:2} pixels, {k} taps, d={d}: span {span}, places {places}")

# %% [markdown] id="span-answer" slide="fragment"
# $d=1$ is the kernel without gaps. On five pixels the dilated one has a single
# place, which reads a, c and e: nobody reads b and d.

# %% [markdown] id="question-output-size" slide="skip"
# ## Question 1. Output size
#
# Write `output_size(size, kernel_size, stride=1, padding=0, dilation=1)`: the
# number of places along one axis, an integer. `padding` zeros stand at each end;
# the kernel never sticks out.
#
# Raise a `ValueError` where there is no such layer: a size, kernel size, stride
# or dilation below 1, a padding below 0, or a kernel that does not fit even
# once.


# %% id="output-size" role="answer" minutes=10 taught="stride"
def output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    """The number of places of a kernel along one axis."""
    ### BEGIN SOLUTION
    if min(size, kernel_size, stride, dilation) < 1 or padding < 0:
        raise ValueError("sizes, stride and dilation are 1 or more")
    room = size + 2 * padding - (dilation * (kernel_size - 1) + 1)
    if room < 0:
        raise ValueError("the kernel does not fit")
    return room // stride + 1
    ### END SOLUTION


# %% id="output-size-check" role="test" points=2 of="output-size"
import numpy as np

# Four that the lecture's pictures show.
for call, want, hint in [
    ((5, 3), 3, "Count the places in the first animation."),
    ((5, 3, 1, 1), 5, "Count the windows of the picture with padding."),
    ((6, 3, 2), 2, "The third window of that picture sticks out."),
    ((7, 3, 1, 0, 2), 3, "Count the places of the picture with gaps."),
]:
    got = output_size(*call)
    assert np.size(got) == 1 and np.ravel(got)[0] == want, (
        f"output_size{call} returned {got}. {hint}"
    )
### BEGIN HIDDEN TESTS
cases = [
    (i, k, s, p, d)
    for i in (7, 8, 11, 30)
    for k in (1, 2, 3, 5)
    for s in (1, 2, 3, 5)
    for p in (0, 1, 2)
    for d in (1, 2, 3)
    if d * (k - 1) + 1 <= i + 2 * p
]
for i, k, s, p, d in cases:
    got = output_size(i, k, stride=s, padding=p, dilation=d)
    called = (
        f"output_size({i}, {k}, stride={s}, padding={p}, dilation={d}) "
        f"returned {got}."
    )
    assert np.size(got) == 1, f"{called} One number?"
    last = i + p - d * (k - 1) - 1
    want = len(range(-p, last + 1, s))
    got = float(np.ravel(got)[0])
    assert got == got // 1, f"{called} Can there be a part of a place?"
    room = last + p
    slips = [
        (last // s + 1, "Padding stands at both ends."),
        (-(-room // s) + 1, "A window that would stick out is no place."),
        (room // s, "The first place counts, too."),
        ((i + 2 * p - k) // s + 1, "What does the dilation span?"),
        ((i + 2 * p - d * k) // s + 1, "k taps have k - 1 gaps."),
        (room + 1, "What does the stride skip?"),
    ]
    hints = [hint for wrong, hint in slips if wrong == got != want]
    hint = hints[0] if hints else "Write down where each window begins."
    assert got == want, f"{called} {hint}"
### END HIDDEN TESTS

# %% id="output-size-raises-check" role="test" points=1 of="output-size"
# A kernel of 4 on 3 pixels has no place.
try:
    got = output_size(3, 4)
except ValueError:
    got = None
assert got is None, f"output_size(3, 4) returned {got}. Where would it stand?"
### BEGIN HIDDEN TESTS
assert output_size(3, 5, padding=1) == 1, (
    "output_size(3, 5, padding=1): a kernel that fits once has one place. Hint: "
    "which sizes are refused?"
)
for arguments, why in [
    ({"size": 3, "kernel_size": 6, "padding": 1}, "The kernel does not fit."),
    (
        {"size": 5, "kernel_size": 3, "dilation": 3},
        "Dilated, the kernel does not fit.",
    ),
    ({"size": 2, "kernel_size": 4, "stride": 5}, "The kernel does not fit."),
    ({"size": 0, "kernel_size": 1, "padding": 2}, "There is no image."),
    ({"size": 5, "kernel_size": 0}, "There is no kernel."),
    ({"size": 5, "kernel_size": 3, "stride": 0}, "A kernel has to move."),
    ({"size": 5, "kernel_size": 3, "stride": -1}, "A kernel moves on."),
    ({"size": 5, "kernel_size": 3, "dilation": 0}, "Taps need a distance."),
    ({"size": 5, "kernel_size": 3, "padding": -1}, "Padding adds zeros."),
]:
    try:
        got = output_size(**arguments)
    except ValueError:
        continue
    text = ", ".join(f"{name}={value}" for name, value in arguments.items())
    raise AssertionError(
        f"output_size({text}) returned {got}; expected a ValueError. {why}"
    )
### END HIDDEN TESTS

# %% [markdown] id="backwards" slide="slide"
# ## Backwards: which layer makes 13 of 27?
#
# Try all with kernels up to 5, strides up to 3, paddings up to 2:

# %% id="backwards-check" claims="03-backwards"
fitting = [
    f"{k}/{s}/{p}"
    for k in range(1, 6)
    for s in range(1, 4)
    for p in range(3)
    if conv_output_size(27, k, s, p) == 13
]
print("kernel/stride/padding:", ", ".join(fitting))

# %% [markdown] id="backwards-answer" slide="fragment"
# All of stride 2. Stride 1 would need a kernel of 15 or more, stride 3 a padding
# of 5 or more: twelve steps of 3. Trying all that are allowed can also prove
# that there is *none*.

# %% [markdown] id="backwards-notes" slide="notes"
# Ask for 100 to 40 with kernels up to 11: stride 1 needs a kernel of 61 or
# more, stride 2 gives at least 45, stride 3 at most 34 with a padding up to 1.
# Designers then change the stride in the middle of the network, or the image.

# %% [markdown] id="question-layers-between" slide="skip"
# ## Question 2. The layer between
#
# Write `layers_between(before, after, kernel_sizes, strides, paddings)`: a list
# of all triples (kernel size, stride, padding), taken from the three sequences,
# whose convolution makes `after` of `before` pixels; no dilation. The order
# does not matter. An empty list proves that there is none among them.
#
# `course.arithmetic` is open here; your own `output_size` will do as well. A
# kernel that does not fit makes no layer.


# %% id="layers-between" role="answer" minutes=10 allows="course.arithmetic"
def layers_between(before, after, kernel_sizes, strides, paddings):
    """All (kernel size, stride, padding) that make `after` of `before`."""
    ### BEGIN SOLUTION
    found = []
    for kernel_size in kernel_sizes:
        for stride in strides:
            for padding in paddings:
                room = before + 2 * padding - kernel_size
                if room >= 0 and room // stride + 1 == after:
                    found.append((kernel_size, stride, padding))
    return found
    ### END SOLUTION


# %% id="layers-between-check" role="test" points=2 of="layers-between"
import numpy as np

# Check these four by hand, with a picture of four pixels.
got = layers_between(4, 2, [3], [1, 2], [0, 1])
got = sorted(tuple(map(int, each)) for each in got)
assert len(got) == 2, (
    f"layers_between(4, 2, [3], [1, 2], [0, 1]) returned {got}. A kernel of 3 "
    "on four pixels: try both strides, with and without a zero at each end, "
    "and count the places."
)
# Two that slides show.
for call, want, hint in [
    ((8, 4, [3], [2], [0, 1]), (3, 2, 1), "A zero at each end is needed."),
    ((5, 5, [3], [1], [0, 1, 2]), (3, 1, 1), "See the picture with padding."),
]:
    got = [tuple(map(int, each)) for each in layers_between(*call)]
    assert got == [want], (
        f"layers_between{call} returned {got}. {hint} Say it as (kernel size, "
        "stride, padding)."
    )
### BEGIN HIDDEN TESTS
for before, after, kernels, strides, paddings in [
    (4, 2, (3,), (1, 2), (0, 1)),
    (224, 55, (11,), (3, 4, 5), range(4)),
    (27, 13, range(1, 6), range(1, 4), range(3)),
    (5, 2, range(1, 10), range(1, 5), range(2)),
    (5, 1, range(1, 10), range(1, 5), range(3)),
    (32, 20, range(1, 8), range(1, 4), range(3)),
    (6, 6, (1, 2, 3, 4, 5), (1, 2), (0, 1, 2)),
    (9, 4, (2, 3), (2, 3), (0, 2)),
]:
    asked = (before, after, list(kernels), list(strides), list(paddings))
    got = layers_between(*asked)
    called = f"layers_between{asked} returned {str(got)[:200]}."
    got = np.asarray(list(got)).reshape(-1, 3).tolist()
    got = {tuple(int(number) for number in each) for each in got}
    every = [(k, s, p) for k in kernels for s in strides for p in paddings]
    want = {
        (k, s, p)
        for k, s, p in every
        if len(range(-p, before + p - k + 1, s)) == after
    }
    exact = {
        (k, s, p) for k, s, p in every if before + 2 * p - k == s * (after - 1)
    }
    once = {
        (k, s, p)
        for k, s, p in every
        if k <= before + p and (before + p - k) // s + 1 == after
    }
    unfit = {each for each in got if each[0] > before + 2 * each[2]}
    hint = "Count the places of one that you are not sure of."
    if not got <= set(every):
        hint = "A triple is (kernel size, stride, padding), of those allowed."
    elif unfit:
        hint = "Does each of your kernels fit?"
    elif got == once:
        hint = "Padding stands at both ends."
    elif got == exact:
        hint = "A division that leaves something over is rounded down."
    elif got < want:
        hint = "These are right, but not all."
    elif want < got:
        hint = "All that fit are there, and some that do not."
    assert got == want, f"{called} {hint}"
### END HIDDEN TESTS

# %% [markdown] id="filters" slide="slide"
# ## A filter reads every channel
#
# A 3×3 filter on an RGB image has not 9 weights but 27: a kernel for each
# channel, and their results are added. One filter makes **one** map.
#
# $$\text{parameters} = (k^2\,c_\text{in} + 1)\,c_\text{out}$$

# %% id="filters-check" claims="03-weights"
image = keras.layers.Conv2D(6, 3)
image.build((None, 32, 32, 3))
print("kernel", image.kernel.shape, "bias", image.bias.shape)
print("Keras counts", image.count_params(), "we", conv_parameters(3, 3, 6))

# %% [markdown] id="filters-answer" slide="fragment"
# One bias a filter, not one an input channel, a weight or a pixel. And nowhere
# does the image's size occur: all places share these weights.

# %% [markdown] id="filters-notes" slide="notes"
# Ask first: "Six filters 3x3 on a colour image: how many numbers are learned?"
# Wrong answers to expect: 54 + 6 (a filter is flat), 168 + ... with a bias for
# each channel, or a product with 32 x 32. Let them read the kernel's shape.

# %% [markdown] id="groups" slide="slide"
# ## Groups: who may read whom
#
# A 1×1 convolution from 4 channels (columns) to 4 filters (rows):

# %% id="groups-figure" claims="03-group-weights" alt="Three 4 by 4 tables of filters and channels. One group: a weight in all sixteen cells. Two groups: weights in the upper left and the lower right block of four, eight in all. Four groups: only the four cells of the diagonal."
tables = []
for groups in (1, 2, 4):
    weights = np.ones((1, 1, 4 // groups, 4), int)
    tables.append(convolution_matrix(weights, (1, 1, 4), groups=groups))
marks = [np.where(table, "w", "") for table in tables]
plots.number_grids(
    *marks,
    titles=["1 group: 16", "2 groups: 8", "4 groups: 4"],
    taps=tables,
    kernel_shape=(1,),
    height=3.2,
)

# %% [markdown] id="groups-answer" slide="fragment"
# $g$ groups divide the weights by $g$; biases stay. Both numbers of channels
# must be multiples of $g$. AlexNet used two, because one graphics card was too
# small. As many groups as channels is called *depthwise* (lecture 08).

# %% [markdown] id="groups-notes" slide="notes"
# A usual slip: dividing twice, because both kinds of channels are split. Ask:
# "How many filters has a group of two? How many channels does each read?"
# Half of the filters, each with half of the channels, but there are two such
# groups: 1/2 · 1/2 · 2.

# %% [markdown] id="macs" slide="slide"
# ## Work: each weight, in each place
#
# In each of the $o\times o$ places each weight is multiplied once, and the
# product added: a **MAC**, multiply and accumulate.
#
# $$\text{MACs} = o^2 \cdot k^2\,\frac{c_\text{in}}{g}\,c_\text{out}$$
#
# Count the places of the **output**. A stride of 2 leaves about a quarter of
# the work and all of the weights.

# %% id="macs-check" claims="03-quarter"
for stride in (1, 2):
    o = conv_output_size(32, 3, stride, padding=1)
    work, weights = conv_macs(o, 3, 16, 32), conv_parameters(3, 16, 32)
    print(f"stride {stride}: {weights:,} parameters, {work:,} multiplications")

# %% [markdown] id="macs-notes" slide="notes"
# MAC: multiply and accumulate. Some papers count two operations for one;
# always ask which. Ask: "How often is one weight of a dense layer used?" Once
# an image. That will decide AlexNet's balance.

# %% [markdown] id="question-costs" slide="skip"
# ## Question 3. Costs
#
# Write `costs(kernel_size, in_channels, out_channels, output_size, groups=1,
# bias=True)` of a convolution with a square kernel, whose output has
# `output_size` × `output_size` places. It returns two integers: the number of
# parameters and the number of multiplications for one image. `groups` divides
# both numbers of channels.


# %% id="costs" role="answer" minutes=10
def costs(
    kernel_size, in_channels, out_channels, output_size, groups=1, bias=True
):
    """Parameters and multiplications of a convolution."""
    ### BEGIN SOLUTION
    weights = kernel_size**2 * (in_channels // groups) * out_channels
    macs = output_size**2 * weights
    return weights + (out_channels if bias else 0), macs
    ### END SOLUTION


# %% id="costs-check" role="test" points=2 of="costs"
import numpy as np

# One weight, one bias, one place; then two places each way.
for call, hint in [
    ((1, 1, 1, 1), "A weight and a bias; one product."),
    ((1, 1, 1, 2), "The same two numbers are learned, used in four places."),
]:
    got = tuple(costs(*call))
    want = (2, call[3] ** 2)
    assert got == want, f"costs{call} returned {got}. {hint}"
# Two that slides print.
got = costs(3, 3, 6, 30)[0]
assert got == 168, (
    f"costs(3, 3, 6, 30) counts {got} parameters. See the slide on filters: "
    "what does one filter learn, its bias included, and how many are there?"
)
got = costs(3, 16, 32, 16)[1]
assert got == 1_179_648, (
    f"costs(3, 16, 32, 16) counts {got} multiplications. See the slide on work, "
    "stride 2: the map has 16 x 16 places."
)
### BEGIN HIDDEN TESTS
for k, before, after, o, groups, bias in [
    (3, 3, 6, 4, 1, True),
    (5, 96, 256, 27, 2, True),
    (3, 8, 12, 5, 4, False),
    (3, 6, 6, 7, 6, True),
    (1, 16, 4, 9, 1, False),
    (2, 4, 2, 3, 2, True),
    (7, 3, 10, 6, 1, True),
]:
    got = costs(k, before, after, o, groups=groups, bias=bias)
    called = (
        f"costs({k}, {before}, {after}, {o}, groups={groups}, bias={bias}) "
        f"returned {got}."
    )
    assert np.size(got) == 2, f"{called} Two numbers?"
    parameters, macs = (float(number) for number in np.ravel(got))
    # every weight and bias laid out, and every place of each
    weights = np.ones((k, k, before // groups, after)).size
    want = weights + bias * after
    slips = [
        (weights + after - bias * after, "When is there a bias?"),
        (weights + 1, "How many biases?"),
        (weights + before, "One bias a filter."),
        (weights * groups + bias * after, "Who reads whom in a group?"),
        (weights // groups + bias * after, "Divide once by the groups."),
        (k * k * after + bias * after, "A filter reads all its channels."),
        (weights // k + bias * after, "A kernel has two axes."),
    ]
    hints = [hint for wrong, hint in slips if wrong == parameters]
    assert parameters == want, f"{called} Look at the parameters. " + (
        hints[0] if hints else "Count one filter's weights first."
    )
    places = np.ones((o, o)).size
    slips = [
        (places * want, "A bias is added, not multiplied."),
        (o * weights, "A map has two axes."),
        (weights, "In how many places is a weight used?"),
        (places * weights * groups, "Who reads whom in a group?"),
        (2 * places * weights, "Count multiplications, not additions too."),
    ]
    hints = [hint for wrong, hint in slips if wrong == macs]
    assert macs == places * weights, (
        f"{called} Look at the multiplications. "
        + (hints[0] if hints else "How often is each weight used?")
    )
### END HIDDEN TESTS

# %% [markdown] id="lenet" slide="slide"
# ## LeNet-5, tensor by tensor
#
# Follow one column at a time: sizes, then parameters, then work.

# %% id="lenet-check" claims="03-lenet-sizes 03-lenet-parameters"
show(lenet)

# %% [markdown] id="lenet-notes" slide="notes"
# Cover the columns and let the room fill in: 32 - 5 + 1, half, - 4, half, - 4.
# Ask for C5: "Why 48,120?" (5·5·16 + 1 times 120.) "Which layers have no
# parameters at all here?" In the net of 1998 the poolings had: a factor and a
# bias a map.

# %% [markdown] id="lenet-where" slide="subslide"
# ## Where are LeNet's weights, where is its work?

# %% id="lenet-where-figure" alt="Two rows of bars for LeNet-5. Parameters: C1 and C3 hardly visible, C5 by far the longest, F6 a fifth of it, output short. Multiplications: C3 the longest, then C1, then C5, F6 and output short."
draw_costs(lenet)

# %% [markdown] id="lenet-where-answer" slide="fragment"
# Nearly four fifths of the weights sit in C5, which sees the whole map: a dense
# layer in disguise. Most work is done by C1 and C3, which use each weight in
# 784 and in 100 places.

# %% [markdown] id="lenet-1998" slide="subslide"
# ## Is that the net of 1998?
#
# Not quite. In the paper 15 of the 16 filters of C3 read only three or four of
# the six maps, pooling learns, and the output's weights are fixed. Count both:

# %% id="lenet-1998-check" claims="03-lenet-1998"
old = summary(lenet5(full_c3=False))
layers = [f"{row.trainable:,}" for row in old.rows if row.trainable]
print(f"as textbooks draw it: {lenet.trainable:,}")
print(f"as it was published:  {old.trainable:,} =", " + ".join(layers))

# %% [markdown] id="lenet-1998-notes" slide="notes"
# The last layer of 1998 compares with fixed codes, 840 numbers that are not
# learned. Ask why the authors broke the symmetry in C3: fewer connections, and
# different filters forced to read different maps. It is an early kind of
# groups.

# %% [markdown] id="alexnet" slide="slide"
# ## AlexNet (2012): the same idea, larger

# %% id="alexnet-figure" alt="AlexNet as volumes: image 227 by 227 by 3, conv1 55 by 55 by 96, pool1 27, conv2 27 by 27 by 256, pool2 13, conv3 and conv4 13 by 13 by 384, conv5 13 by 13 by 256, pool5 6 by 6 by 256, then vectors of 4096, 4096 and 1000."
with outlines():  # counted and drawn, without its 61 million weights
    alex = summary(alexnet())
    alex_whole = summary(alexnet(groups=1))
draw_volumes(alex)

# %% [markdown] id="alexnet-notes" slide="notes"
# It won ILSVRC in 2012, not in 2014 as one of the decks says. Let the room
# say each size before you point at it: (227 - 11)/4 + 1; pooling 3 at stride 2
# overlaps; conv2 keeps 27 by padding 2; after pool5 6·6·256 = 9216.

# %% [markdown] id="alexnet-table" slide="subslide"
# ## Its table
#
# Say each number before you read it:

# %% id="alexnet-check" claims="03-alexnet-sizes 03-alexnet-parameters"
show(alex)

# %% [markdown] id="alexnet-table-notes" slide="notes"
# A deck gives AlexNet 16 million parameters; it has 61. Ask how to check such
# a claim in ten seconds: fc6 alone, 9216 times 4096, is 38 million.

# %% [markdown] id="alexnet-where" slide="slide"
# ## Guess: where are the weights, where the work?
#
# 61 million weights, 724 million multiplications. In front, or behind?

# %% id="alexnet-where-figure" slide="fragment" alt="Two rows of bars for AlexNet's eight layers. Parameters: the five convolutions are hardly visible, fc6 is by far the longest, fc7 less than half of it, fc8 short. Multiplications: conv2 is the longest, then conv3, conv4, conv1, conv5; fc6, fc7 and fc8 are short."
draw_costs(alex)

# %% [markdown] id="alexnet-where-answer" slide="fragment"
# Weights behind, work in front. Who gives AlexNet 16 million parameters has not
# looked at fc6: $9216 \cdot 4096$ alone are 38 million.

# %% [markdown] id="alexnet-where-notes" slide="notes"
# Let them vote before the slide: weights in front or behind, work in front or
# behind. Most expect both in the same place. Why not? A weight of conv1 is used
# in 3,025 places, one of fc6 in one.

# %% id="shares-sums" slide="skip"
dense = [row for row in alex.rows if row.kind == "Dense"]
conv = [row for row in alex.rows if row.kind == "Conv2D"]
weights = sum(row.trainable for row in dense) / alex.parameters
work = sum(row.macs for row in conv) / alex.macs

# %% [markdown] id="shares" slide="subslide"
# ## Opposite ends
#
# The two columns, as shares, and how often each weight is used:

# %% id="shares-check" claims="03-dense-weights 03-conv-work 03-reuse"
print(f"weights in the three dense layers: {weights:.1%}")
print(f"work in the five convolutions:     {work:.1%}")
for row in (conv[0], conv[4], dense[0]):
    uses = int(np.prod(row.output_shape[1:-1]))
    print(f"a weight of {row.layer} is used {uses:,} times an image")

# %% [markdown] id="shares-answer" slide="fragment"
# For a **small** file thin out the dense layers, for **less** work the
# convolutions. Seconds are another matter: a weight used once is fetched, too.

# %% [markdown] id="shares-notes" slide="notes"
# Someone will say that work is not time, and is right. A weight that is used
# once must still be fetched from memory: with one image at a time the dense
# layers can take a good part of the time, with a batch they share the fetching.
# Multiplications are what can be counted exactly; time is measured.

# %% [markdown] id="two-groups" slide="subslide"
# ## What did the two groups save?

# %% id="two-groups-check" claims="03-groups-save"
for table in (alex_whole, alex):
    print(f"{table.parameters:12,} parameters {table.macs:15,} MACs")
print(f"work saved:    {1 - alex.macs / alex_whole.macs:.0%}")
print(f"weights saved: {1 - alex.parameters / alex_whole.parameters:.0%}")

# %% [markdown] id="two-groups-answer" slide="fragment"
# Again: convolutions are work, not weights. Thinning them out hardly shows in
# the file.

# %% [markdown] id="memory" slide="slide"
# ## Memory: what training keeps
#
# Backpropagation needs the outputs again. Each once, 4 bytes a number:

# %% id="memory-check" claims="03-memory"
kept = {row.layer: row.memory / 2**20 for row in alex.rows}
front = sum(kept[name] for name in ("conv1", "norm1", "pool1"))
total = alex.memory / 2**20
print(f"weights:                 {alex.parameters * 4 / 2**20:6.1f} MiB")
print(f"maps of one image:       {total:6.1f} MiB")
print(f"maps of a batch of 128:  {128 * total:6.1f} MiB")
print(f"conv1, norm1 and pool1:  {front / total:6.0%} of the maps")

# %% [markdown] id="memory-answer" slide="fragment"
# Weights are paid once, maps for every image: smaller batches need less memory.

# %% [markdown] id="memory-notes" slide="notes"
# The count is that of the summary: every layer's output once, the input
# included. Gradients are as large as the weights, optimizers add more copies
# (momentum one, Adam two), and libraries work space. Ask: "Which costs more at
# prediction?" There maps can be thrown away at once, and the weights dominate.

# %% [markdown] id="drill" slide="slide"
# ## Shapes through any stack
#
# Write the shape down behind **every** layer, channels too.

# %% id="drill-example"
drilled = problem("stack", seed=7, level=2)
print(drilled.question.split("\n\nWhat")[0])
print(drilled.check("4 x 4 x 10"))

# %% [markdown] id="drill-answer" slide="fragment"
# Such questions never end: the notebook's next cell asks as many as you like,
# and knows the usual slips.

# %% [markdown] id="drill-words" slide="skip"
# Choose a kind and a level, type an answer and press Check. Ten right ones in a
# row at level 2 are a good preparation for an examination.

# %% id="drill-widget" slide="skip"
Drill("stack", level=1)

# %% [markdown] id="question-shape-after" slide="skip"
# ## Question 4. Shapes through any stack
#
# Write `shape_after(shape, layers)`: the shape behind a stack of layers, as a
# tuple (height, width, channels). `shape` is that of the input, in the same
# order; each of `layers` is a dictionary:
#
# - `kernel_size`, `stride`, `dilation`: the same along both axes;
# - `padding`: a number of zeros at each end, `"valid"` (none) or `"same"` as in
#   Keras;
# - `filters`: how many, or `None` for a pooling.
#
# Height and width may differ. Every kernel fits.


# %% id="shape-after" role="answer" minutes=15
def shape_after(shape, layers):
    """The shape (height, width, channels) behind a stack of layers."""
    ### BEGIN SOLUTION
    *sizes, channels = shape
    for layer in layers:
        stride, padding = layer["stride"], layer["padding"]
        extent = layer["dilation"] * (layer["kernel_size"] - 1) + 1
        if padding == "same":
            sizes = [-(-size // stride) for size in sizes]
        else:
            zeros = 0 if padding == "valid" else 2 * padding
            sizes = [(size + zeros - extent) // stride + 1 for size in sizes]
        channels = layer["filters"] or channels
    return (*sizes, channels)
    ### END SOLUTION


# %% id="shape-after-check" role="test" points=2 of="shape-after"
from course.practice import problem

# A pooling, by hand: windows of 2 on 4x6 pixels.
pooling = {
    "kernel_size": 2,
    "stride": 2,
    "padding": "valid",
    "dilation": 1,
    "filters": None,
}
got = tuple(shape_after((4, 6, 5), [pooling]))
assert got == (2, 3, 5), (
    f"shape_after((4, 6, 5), ...) of a pooling with windows of 2x2 returned "
    f"{got}. Draw the windows: how many lie below, how many beside each other? "
    "What does pooling do to channels?"
)
for seed in (1, 2):
    drilled = problem("stack", seed)
    got = shape_after(**drilled.given)
    verdict = drilled.check(got)
    assert verdict, f"{drilled}\n\nYour function returned {got}. {verdict}"
### BEGIN HIDDEN TESTS
for level, seeds in ((1, (5, 6, 7)), (2, range(30, 42)), (3, range(60, 72))):
    for seed in seeds:
        drilled = problem("stack", seed, level)
        got = shape_after(**drilled.given)
        verdict = drilled.check(got)
        assert verdict, f"{drilled}\n\nYour function returned {got}. {verdict}"
same = pooling | {"padding": "same", "filters": 7}
for shape, layers, want in [
    ((9, 4, 3), [same], (5, 2, 7)),
    ((4, 9, 3), [same, pooling], (1, 2, 7)),
    ((11, 6, 2), [pooling | {"kernel_size": 3, "padding": 1}], (6, 3, 2)),
]:
    got = tuple(shape_after(shape, layers))
    assert got == want, (
        f"shape_after({shape}, {layers}) returned {got}. Hint: height first, "
        "then width; each goes its own way."
    )
### END HIDDEN TESTS

# %% [markdown] id="question-table" slide="skip"
# ## Question 5. The whole table
#
# Write `table(shape, layers)`: what stands in the columns *output* and
# *parameters* of this lecture's tables, a row a layer. It returns a list of
# pairs (shape, parameters), the shape a tuple of (height, width, channels)
# or, for vectors, (units,). Layers are tuples:
#
# - `("conv", filters, kernel_size, stride, padding, groups)`, with biases, the
#   padding a number of zeros at each end;
# - `("pool", size, stride)`, without padding;
# - `("flatten",)`: all numbers of the map in one vector;
# - `("dense", units)`, with biases.
#
# Test it on LeNet and AlexNet: the lecture prints what must come out.


# %% id="table" role="answer" minutes=20 taught="lenet" allows="course.arithmetic"
def table(shape, layers):
    """A pair (output shape, parameters) for each layer."""
    ### BEGIN SOLUTION
    rows = []
    for kind, *numbers in layers:
        parameters = 0
        if kind == "conv":
            filters, kernel, stride, padding, groups = numbers
            weights = kernel**2 * shape[2] // groups * filters
            parameters = weights + filters
            room = [side + 2 * padding - kernel for side in shape[:2]]
            shape = (*[steps // stride + 1 for steps in room], filters)
        elif kind == "pool":
            size, stride = numbers
            high, wide = ((side - size) // stride + 1 for side in shape[:2])
            shape = (high, wide, shape[2])
        elif kind == "flatten":
            shape = (shape[0] * shape[1] * shape[2],)
        else:
            (units,) = numbers
            parameters = (shape[0] + 1) * units
            shape = (units,)
        rows.append((shape, parameters))
    return rows
    ### END SOLUTION


# %% id="table-check" role="test" points=1.5 of="table"
# A small net by hand.
layers = [("conv", 2, 3, 1, 0, 1), ("pool", 2, 2), ("flatten",), ("dense", 3)]
got = [row[0] for row in table((6, 8, 1), layers)]
for each in got:
    assert hasattr(each, "__len__"), (
        f"table((6, 8, 1), {layers}) returned {each} for a shape. A vector's "
        "shape is a tuple of one number; (3) is none, (3,) is."
    )
got = [tuple(each) for each in got]
want = [(4, 6, 2), (2, 3, 2), (12,), (3,)]
assert got == want, (
    f"table((6, 8, 1), {layers}) returned the shapes {got}. Draw the maps: what "
    "is the first that you cannot find?"
)
### BEGIN HIDDEN TESTS
lenet = [
    ("conv", 6, 5, 1, 0, 1),
    ("pool", 2, 2),
    ("conv", 16, 5, 1, 0, 1),
    ("pool", 2, 2),
    ("conv", 120, 5, 1, 0, 1),
    ("flatten",),
    ("dense", 84),
    ("dense", 10),
]
alexnet = [
    ("conv", 96, 11, 4, 0, 1),
    ("pool", 3, 2),
    ("conv", 256, 5, 1, 2, 2),
    ("pool", 3, 2),
    ("conv", 384, 3, 1, 1, 1),
    ("conv", 384, 3, 1, 1, 2),
    ("conv", 256, 3, 1, 1, 2),
    ("pool", 3, 2),
    ("flatten",),
    ("dense", 4096),
    ("dense", 4096),
    ("dense", 1000),
]
uneven = [("conv", 4, 2, 3, 1, 2), ("pool", 3, 1), ("flatten",), ("dense", 5)]
for name, shape, layers, want in [
    (
        "LeNet",
        (32, 32, 1),
        lenet,
        [
            *((28, 28, 6), (14, 14, 6), (10, 10, 16), (5, 5, 16)),
            *((1, 1, 120), (120,), (84,), (10,)),
        ],
    ),
    (
        "AlexNet",
        (227, 227, 3),
        alexnet,
        [
            *((55, 55, 96), (27, 27, 96), (27, 27, 256), (13, 13, 256)),
            *((13, 13, 384), (13, 13, 384), (13, 13, 256), (6, 6, 256)),
            *((9216,), (4096,), (4096,), (1000,)),
        ],
    ),
    (
        "a net with an uneven map",
        (13, 20, 2),
        uneven,
        [(5, 7, 4), (3, 5, 4), (60,), (5,)],
    ),
]:
    rows = table(shape, layers)
    assert len(rows) == len(layers), (
        f"{name}: {len(rows)} rows for {len(layers)} layers. A row a layer?"
    )
    before = shape
    for layer, row, right in zip(layers, rows, want, strict=True):
        got, high, slips = tuple(row[0]), before[0], {}
        if layer[0] == "conv":
            _, _, k, s, p, _ = layer
            room = high + 2 * p - k
            slips = {
                -(-room // s) + 1: "a window that sticks out is no place.",
                room // s: "the first place counts, too.",
                (room - p) // s + 1: "padding stands at both ends.",
            }
        if layer[0] == "pool":
            _, k, s = layer
            slips = {
                high // k: "windows move by the stride, not by their size.",
                -(-(high - k) // s)
                + 1: "a window that sticks out is no place.",
                high // s: "from which places does the whole window fit?",
            }
        hint = "the rows above it are right; compute this one by hand."
        if got[0] != right[0]:
            hint = slips.get(got[0], hint)
        assert got == right, (
            f"{name}, shape {shape}: behind {layer} you say {got}. Hint: {hint}"
        )
        before = right
### END HIDDEN TESTS

# %% id="table-parameters-check" role="test" points=1.5 of="table"
# The same small net: 9 weights and a bias a filter, 12 weights and a bias a unit.
layers = [("conv", 2, 3, 1, 0, 1), ("pool", 2, 2), ("flatten",), ("dense", 3)]
got = [int(row[1]) for row in table((6, 8, 1), layers)]
assert got == [20, 0, 0, 39], (
    f"table((6, 8, 1), {layers}) returned the parameters {got}. Which layers "
    "learn, and how many numbers does one filter or one unit have?"
)
### BEGIN HIDDEN TESTS
import numpy as np

for shape, layers in [
    (
        (32, 32, 1),
        [
            ("conv", 6, 5, 1, 0, 1),
            ("pool", 2, 2),
            ("conv", 16, 5, 1, 0, 1),
            ("pool", 2, 2),
            ("conv", 120, 5, 1, 0, 1),
            ("flatten",),
            ("dense", 84),
            ("dense", 10),
        ],
    ),
    (
        (67, 67, 3),
        [
            ("conv", 96, 11, 4, 0, 1),
            ("pool", 3, 2),
            ("conv", 256, 5, 1, 2, 2),
            ("pool", 3, 2),
            ("conv", 384, 3, 1, 1, 1),
            ("conv", 384, 3, 1, 1, 2),
            ("flatten",),
            ("dense", 10),
        ],
    ),
    ((9, 12, 6), [("conv", 12, 3, 2, 1, 6), ("flatten",), ("dense", 4)]),
]:
    rows = table(shape, layers)
    channels, seen = shape[-1], shape
    for layer, row in zip(layers, rows, strict=True):
        want, hint, slips = 0, "This layer learns nothing.", {}
        if layer[0] == "conv":
            _, filters, k, _, _, groups = layer
            want = np.ones((filters, k, k, channels // groups)).size + filters
            slips = {
                want - filters: "Each filter has a bias.",
                filters * (k * k + 1): "A filter reads more than one channel.",
                filters * (k * k * channels + 1): "What do groups save?",
                filters * (k * k + 1) * channels // groups: (
                    "One bias a filter, however many channels it reads."
                ),
            }
            channels, hint = filters, "How many channels does a filter read?"
        if layer[0] == "dense":
            want = np.ones((seen[0] + 1, layer[1])).size
            slips = {want - layer[1]: "Each unit has a bias."}
            hint = "Each unit reads every number of the vector."
        got = int(row[1])
        assert got == want, (
            f"table({shape}, ...): {layer} on {tuple(seen)} has {got} "
            f"parameters, you say. {slips.get(got, hint)}"
        )
        seen = row[0]
### END HIDDEN TESTS

# %% [markdown] id="question-written" slide="skip"
# ## Question 6. Small or fast
#
# This one is read by a person. Answer in about eight sentences, with numbers.

# %% [markdown] id="small-or-fast" role="written" points=2 minutes=20 taught="shares"
# AlexNet shall run twice as fast on a telephone; take the multiplications for
# its time. A colleague proposes: "fc6 holds most of the parameters. Give it 2048
# units instead of 4096."
#
# 1. How many parameters and how many multiplications does that save, of how
#    many?
# 2. Propose a change that does halve the multiplications, say by which rule,
#    and what it costs.
# 3. Somebody feeds images of 454 pixels instead. Which of sizes, parameters,
#    multiplications and memory change, and which layer refuses?
#
# ### BEGIN SOLUTION
# fc6 then has (9216 + 1)·2048 = 18.9 million parameters, and fc7, which reads
# it, (2048 + 1)·4096 = 8.4 million: 27.3 of 61.0 million are saved, 45 %. Of
# the multiplications it saves 27.3 of 724 million, under 4 %: the work is done
# in the convolutions, 92 % of it.
#
# Half of the work: images of about 160 pixels (places shrink with the square,
# small things are lost; fc6 must be made anew for the smaller map); or eight
# groups in conv2, conv4 and conv5 and four in conv3, which leave 42 % (a group
# sees less); or fewer filters in all convolutions, about 0.65 times as many,
# which leave 48 %, because a layer's work goes with channels read times filters
# (accuracy); or a larger stride in conv1.
#
# At 454 pixels maps are about twice as wide and high, so the convolutions'
# multiplications and the memory of maps grow about fourfold; their parameters
# stay. fc6 refuses: it has weights for 6·6·256 numbers.
#
# **Marking scheme** (2 points): 0.5 for both savings (0.25 if fc7 is
# forgotten); 0.75 for a change that acts on the convolutions or the image
# (0.25), its rule (0.25) and its price (0.25); 0.75 for: sizes, work and
# memory grow (0.25), about fourfold while convolutions' parameters stay
# (0.25), fc6 refuses, with the reason (0.25).
# ### END SOLUTION

# %% [markdown] id="remember" slide="slide"
# ## What to remember
#
# - Count places: $\lfloor (i+2p-d(k-1)-1)/s \rfloor + 1$. Down, never up.
# - What the floor leaves over at the end is not seen.
# - "same" is $\lceil i/s \rceil$, with the odd zero behind.
# - A filter reads all channels of its group and makes one map.
# - A convolution's weights know no size; its work and memory do.
# - AlexNet: weights behind, work in front.

# %% [markdown] id="remember-notes" slide="notes"
# Ask first, with the slide covered: "224, 11, 4: what comes out, and what does
# the last pixel say?" Then one drill problem together at the board.

# %% [markdown] id="sources" slide="slide"
# ## Sources
#
# - Dumoulin, Visin: A guide to convolution arithmetic for deep learning.
#   2016, arXiv:1603.07285 (relationships 6 and 15)
# - LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document
#   recognition. Proceedings of the IEEE 1998 (figure 2, table I)
# - Krizhevsky, Sutskever, Hinton: ImageNet classification with deep
#   convolutional neural networks. NIPS 2012 (sections 3.2, 3.5, figure 2)
# - Krizhevsky: One weird trick for parallelizing convolutional neural networks.
#   2014, arXiv:1404.5997 (where weights and work sit)
