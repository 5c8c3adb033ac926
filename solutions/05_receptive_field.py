# %% [markdown] id="title" slide="slide"
# # 05 · Receptive field
#
# A unit of ResNet-50's last map looks through a window of 483 pixels at a
# photograph that has only 224. What does it see, and does it use it?
#
# After this lecture you can
#
# - compute what a unit sees: how much, how far apart, and where,
# - follow it through pooling, dilation and branches,
# - tell what a unit *can* see from what it *does* use,
# - replace a kernel by cheaper ones that see as much.

# %% [markdown] id="title-notes" slide="notes"
# Ask: "Can a unit see more than there is?" Leave the answers open; the slide
# "483 of 224 pixels" comes back to them. Then: "And if it sees everything, is
# everything of use to it?" The second half of the lecture is about that.

# %% [markdown] id="about" slide="skip"
# Reading takes about 45 minutes, the six questions about 95; they give 14
# points.
#
# Answer with Python, NumPy or Keras. Of `course` only data, plots and what a
# question opens may be used in an answer.

# %% id="imports" role="given"
import keras
import numpy as np

# %% id="tools" slide="skip"
from skimage import data, transform

from course import plots, reference
from course.arithmetic import conv_macs, conv_parameters
from course.catalogue import outlines
from course.explorer import Explorer
from course.models import alexnet, resnet, vgg
from course.practice import Drill, problem
from course.published import numbers
from course.receptive_field import (
    effective_receptive_field,
    input_window,
    receptive_field,
    receptive_fields,
)
from course.summary import summary

astronaut = data.astronaut()
photograph = transform.resize(astronaut, (224, 224), anti_aliasing=True)


def conv(kernel_size, stride=1, dilation=1, **options):
    """A convolution of one channel."""
    return keras.layers.Conv2D(
        1, kernel_size, stride, dilation_rate=dilation, **options
    )


def pool(size=2, stride=2):
    """Max pooling."""
    return keras.layers.MaxPooling2D(size, stride)


def chain(*layers, size=400):
    """A model of layers one after the other."""
    return keras.Sequential([keras.Input((size, size, 1)), *layers])


def field_of(*layers):
    """The receptive field of a chain; its weights are not needed."""
    with outlines():
        return receptive_field(chain(*layers))


def values(tensor):
    """A tensor's numbers."""
    return keras.ops.convert_to_numpy(tensor)


# %% [markdown] id="peephole" slide="slide"
# ## What is this?
#
# Four units of AlexNet look at the same place of a photograph:

# %% id="peephole-figure" alt="Four square grey crops around the same point of a photograph. 11 pixels: a plain grey patch. 51 pixels: eyes, a nose and the upper row of teeth. 99 pixels: a smiling face. 195 pixels: a woman's head and shoulders in a space suit."
grey = astronaut.mean(axis=-1)
row, column = 118, 222
crops = {"conv1": 11, "conv2": 51, "conv3": 99, "pool5": 195}
plots.images(
    *[
        grey[row - n // 2 : row + n // 2 + 1, column - n // 2 :][:, :n]
        for n in crops.values()
    ],
    titles=[f"{name}: {n} px" for name, n in crops.items()],
    limits=(0, 255),
    height=3.6,
)

# %% [markdown] id="peephole-answer" slide="fragment"
# Whoever sees 11 pixels cannot know that it is a face, however well it was
# trained. A unit must *see* what it is to recognize.

# %% [markdown] id="peephole-notes" slide="notes"
# Cover the crops from the right and uncover them one by one: "From which one on
# would you bet?" The first unit is not stupid, it has no chance. Keep the four
# numbers on the board: they will be computed.

# %% [markdown] id="guess" slide="slide"
# ## Two kernels of 3: what do they see together?
#
# Three answers are popular: 3, 6 and 9. Follow the lines down:

# %% id="guess-figure" claims="05-two-threes" alt="Three rows of dots. From one unit of the second layer lines lead to three of the first, and from these to five pixels. Inner pixels are reached by several lines."
plots.field_cone([(3, 1, 1), (3, 1, 1)], ["first layer", "second layer"])

# %% [markdown] id="guess-answer" slide="fragment"
# **Five.** Neighbouring windows overlap: a further kernel of 3 adds one pixel on
# each side, two in all.

# %% [markdown] id="guess-notes" slide="notes"
# Vote before showing the figure. 3: "the kernel is still 3" (of units, not of
# pixels). 6: kernels laid side by side. 9: three times three. Ask what the
# middle pixel has that the outer ones do not: more lines. That is the second
# half of the lecture.

# %% id="experiment-tools" slide="skip"
rng = np.random.default_rng(5)
line = rng.normal(size=11)
kernels = rng.uniform(0.5, 1, size=(3, 3))


def unit(pixels, layers):
    """Unit 3 behind so many layers."""
    for kernel in kernels[:layers]:
        pixels = np.correlate(pixels, kernel)
    return pixels[3]


# %% [markdown] id="experiment" slide="subslide"
# ## Ask the network itself
#
# Change one pixel after the other, by 1. Which changes reach unit 3?

# %% id="experiment-check" claims="05-three-threes"
for layers in (1, 2, 3):
    values_of = [unit(line + spark, layers) for spark in np.eye(11)]
    reached = np.flatnonzero(values_of != unit(line, layers))
    print(f"depth {layers}: pixels {reached}, {len(reached)} of them")

# %% [markdown] id="experiment-notes" slide="notes"
# `np.eye(11)` are eleven lines with one bright pixel each; `unit` slides the
# kernels over a line. Ask for four layers before running: nine pixels. This
# experiment needs no theory at all, and it will check each formula to come.

# %% [markdown] id="definition" slide="slide"
# ## Definition
#
# The **receptive field** of a unit in layer $F_k$ with respect to $F_m$, $m<k$:
# the smallest window of $F_m$ that holds every element which can change the
# unit. At a border it may stick out; what sticks out counts too. Of a network:
# its output with respect to the image.
#
# A slide in circulation speaks of the pixels of $F_D$, the *last* layer, and of
# "only convolutional layers". It means $F_k$; and pooling counts, as we shall
# measure.

# %% [markdown] id="definition-notes" slide="notes"
# The slip is in one of the decks. Ask what would follow if one read it literally: every
# layer would have the same field, the network's. Ask too: "Does the field
# depend on the weights?" No: *can* change. A weight of zero cuts a line, but
# the window is that of the architecture. And on the unit? Its size does not,
# its place does.

# %% [markdown] id="sum" slide="slide"
# ## N layers of 3×3
#
# Each adds one pixel on either side:
#
# $$r = 1 + 2N\qquad\text{any kernels, stride 1:}\quad r = 1 + \sum_l (k_l - 1)$$

# %% id="sum-check" claims="05-one-two-n 05-forty-nine"
for n in (1, 2, 3, 10, 49):
    seen = field_of(*[conv(3) for _ in range(n)]).size
    print(f"N = {n:2}: {seen[0]} x {seen[1]} pixels")

# %% [markdown] id="sum-answer" slide="fragment"
# 99 pixels take **49** layers. And a kernel of 1 adds nothing.

# %% [markdown] id="sum-notes" slide="notes"
# Ask for kernels of 5 before showing the general formula: 1 + 4N. Then: "A net
# shall tell a face of 200 pixels from a drawing of one; how many layers of
# 3x3?" A hundred. Is that affordable? Next slide.

# %% [markdown] id="too-many" slide="slide"
# ## Why not simply 49 layers?
#
# All at full size, 64 channels, an image of 224 pixels:

# %% id="too-many-check" claims="05-too-many"
work = 49 * conv_macs((224, 224), 3, 64, 64)
with outlines():
    vgg_table = summary(vgg("D"))
print(f"49 layers: {work / 1e9:5.1f} GMACs to see 99 pixels")
print(f"VGG-16:    {vgg_table.macs / 1e9:5.1f} GMACs to see 212")

# %% [markdown] id="too-many-answer" slide="fragment"
# Almost six times VGG's work for less than half its view. There must be a
# better way to see far.

# %% [markdown] id="too-many-notes" slide="notes"
# Ask what VGG does differently: after each stage it halves the map. A step on
# a small map is a large step on the image. That is the next picture.

# %% [markdown] id="pooling" slide="slide"
# ## A stride spreads what follows

# %% id="pooling-figure" claims="05-steps" alt="Six rows of dots: image, kernel 3, pooling 2 at stride 2, kernel 3, pooling, kernel 3. Dots stand twice as far apart above each pooling. The unit at the top sees 18 pixels: 3, 4, 8, 10, 18 from layer to layer."
steps = [(3, 1, 1), (2, 2, 1), (3, 1, 1), (2, 2, 1), (3, 1, 1)]
plots.field_cone(
    steps, ["conv 3", "pool 2", "conv 3", "pool 2", "conv 3"], height=4.4
)

# %% [markdown] id="pooling-answer" slide="fragment"
# Three kernels of 3, yet 18 pixels instead of 7. The same kernel adds 2 pixels,
# then 4, then **8**.

# %% [markdown] id="pooling-notes" slide="notes"
# Ask at each row: "How far apart, in pixels of the image, are two neighbours?"
# 1, 1, 2, 2, 4, 4. And: "By how much does the field grow?" By (k - 1) of these
# distances. The room has found the recursion.

# %% [markdown] id="recursion" slide="slide"
# ## Two numbers, layer by layer
#
# - $r$: pixels that a unit sees,
# - $j$: pixels from one unit to its neighbour (the *step* or effective stride).
#
# Begin with a pixel, $r_0 = j_0 = 1$. Then
#
# $$r_l = r_{l-1} + (k_l - 1)\,j_{l-1} \qquad\qquad j_l = j_{l-1}\,s_l$$
#
# Multiplied out: $\displaystyle r = 1 + \sum_l (k_l - 1)\prod_{i<l} s_i$

# %% [markdown] id="recursion-notes" slide="notes"
# Do the chain of the picture on the board, two columns, r and j. Have someone
# explain why it is the *previous* j: the kernel counts units of the layer
# below. The product in the closed form runs over the layers strictly before;
# Araujo et al. derive it in the section on single-path networks.

# %% [markdown] id="order" slide="subslide"
# ## Whose stride is it?
#
# "A layer with stride 2 sees twice as much." Try it:

# %% id="order-check" claims="05-stride-order"
print("stride in the first: ", field_of(conv(3, stride=2), conv(3)))
print("stride in the second:", field_of(conv(3), conv(3, stride=2)))
print("no stride:           ", field_of(conv(3), conv(3)))

# %% [markdown] id="order-answer" slide="fragment"
# A stride does nothing for its own layer. It acts on all layers **behind** it:
# stride early, see far.

# %% [markdown] id="order-notes" slide="notes"
# Take bets first. The likely wrong idea is to multiply by the layer's own
# stride. Ask what early striding costs: resolution, and small things with it.

# %% [markdown] id="question-field" slide="skip"
# ## Question 1. The field of a chain
#
# Write `field_size(layers)`: how many pixels, along one axis, a unit behind the
# last layer sees, from the first to the last. Each of `layers`, the first one
# first, is a dictionary with `kernel_size`, `stride` and `dilation` (a kernel
# of 3 at dilation $d$ reaches over $2d+1$ units; the gaps count as seen).
# Further entries do not matter here. Without any layer a unit is a pixel.


# %% id="field-size" role="answer" minutes=10 taught="recursion"
def field_size(layers):
    """Pixels that a unit behind a chain sees along one axis."""
    ### BEGIN SOLUTION
    size, step = 1, 1
    for layer in layers:
        size += layer["dilation"] * (layer["kernel_size"] - 1) * step
        step *= layer["stride"]
    return size
    ### END SOLUTION


# %% id="field-size-check" role="test" points=2 of="field-size"
import numpy as np

from course.practice import problem

# The chain of the picture with 18 pixels.
layers = [
    {"kernel_size": k, "stride": s, "dilation": 1}
    for k, s in ((3, 1), (2, 2), (3, 1), (2, 2), (3, 1))
]
got = field_size(layers)
assert np.size(got) == 1 and np.ravel(got)[0] == 18, (
    "field_size of the lecture's picture (kernels 3, 2, 3, 2, 3, strides 1, 2, "
    f"1, 2, 1) returned {got}. Follow its lines from the top, row by row."
)
for seed in (1, 2):
    drilled = problem("receptive_field", seed, level=1)
    verdict = drilled.check(field_size(**drilled.given))
    assert verdict, f"{drilled}\n\nYour function is wrong here. {verdict}"
### BEGIN HIDDEN TESTS
for level, seeds in (
    (1, range(40, 44)),
    (2, range(50, 60)),
    (3, range(70, 80)),
):
    for seed in seeds:
        drilled = problem("receptive_field", seed, level)
        got = field_size(**drilled.given)
        verdict = drilled.check(got)
        assert verdict, f"{drilled}\n\nYour function returned {got}. {verdict}"
got = field_size([])
assert np.size(got) == 1 and np.ravel(got)[0] == 1, (
    f"field_size([]) returned {got}. Hint: what does a pixel see?"
)
### END HIDDEN TESTS

# %% [markdown] id="twelve" slide="slide"
# ## Twelve convolutions, five pools
#
# Pairs of 3×3, a 2×2 pool between one pair and the next:

# %% id="twelve-figure" claims="05-twelve" alt="Stairs of the receptive field over 17 layers on a logarithmic scale: 3 and 5 after the first pair, 6 after a pool, then 14, 32, 68, 140 after the next pools and 284 at the end. Dotted, the step doubles at each pool from 1 to 32."


def pairs(pool_size=2):
    """Six pairs of 3x3, with pools between, or without for 0."""
    layers = []
    for _ in range(6):
        layers += [conv(3), conv(3)]
        layers += [pool(pool_size)] if pool_size else []
    return layers[:-1] if pool_size else layers


stage = ("conv{}_1", "conv{}_2", "pool{}")
names = [name.format(n) for n in range(1, 7) for name in stage]
with outlines():
    grown = receptive_fields(chain(*pairs()))
plots.growth(
    names[:-1],
    [seen.size[0] for seen in grown.values()],
    steps=[seen.stride[0] for seen in grown.values()],
)

# %% [markdown] id="twelve-notes" slide="notes"
# Twelve convolutions alone would see 25 pixels. Ask for the pattern of the last
# values of the stages: 5, 14, 32, 68, 140, 284: each is twice the one before
# plus 4. Why? Doubling the step doubles all, and the new pair adds its 4 units.
# The price: one unit every 32 pixels.

# %% [markdown] id="pools-count" slide="subslide"
# ## Does a pooling window count?
#
# The same net, counted in three ways:

# %% id="pools-count-check" claims="05-pools-count"
print("without pools:          ", field_of(*pairs(0)).size[0])
print("strides without windows:", field_of(*pairs(1)).size[0])
print("with pools, as it is:   ", field_of(*pairs()).size[0])

# %% [markdown] id="pools-count-answer" slide="fragment"
# The definition with "only convolutional layers" would say 253, or 25. A pool
# looks at pixels like any kernel: **284**.

# %% [markdown] id="pools-count-notes" slide="notes"
# Ask which of the three that definition means: one cannot know. The
# difference 284 - 253 = 31 is 1 + 2 + 4 + 8 + 16: each pool adds one step.
# Another deck prints 284, and is right.

# %% [markdown] id="where" slide="slide"
# ## Where does a unit look?
#
# VGG-16's pool3, windows of 44. Padding makes the first one **stick out**:

# %% id="where-figure" claims="05-start" alt="A photograph with three outlined squares of 44 by 44 pixels on its diagonal. The first unit's sticks out at the upper left into a hatched margin, the middle unit's lies in the middle, the last unit's sticks out at the lower right."
with outlines():
    vgg16 = vgg("D")
    vgg_fields = receptive_fields(vgg16)
third = vgg_fields["pool3"]
units = [(0, 0), (14, 14), (27, 27)]
plots.fields_on_image(
    photograph,
    [third.window(unit) for unit in units],
    [f"unit {unit}" for unit in units],
)

# %% [markdown] id="where-notes" slide="notes"
# Ask: "How many zeros does the first unit see?" 18 rows and 18 columns. "Who
# put them there, seven convolutions with a padding of 1?" Each zero of a later
# layer stands for a whole step: 1 + 1, then 2 + 2, then 3 times 4. That sum is
# the next slide's formula.

# %% [markdown] id="start" slide="subslide"
# ## A third number: where the first field begins
#
# $$a_l = a_{l-1} - p_l\,j_{l-1},\qquad a_0 = 0$$
#
# Unit $u$ sees the pixels $a + u\,j$ to $a + u\,j + r - 1$; its middle is half
# way. One pixel of padding in layer $l$ is worth $j_{l-1}$ pixels of the image.
# A whole net's *padding* is $-a$:

# %% id="start-check"
print("pool3, size, step, padding:", third)
(top, bottom), _ = third.window((14, 14))
print("unit 14 sees rows", top, "to", bottom)

# %% [markdown] id="start-notes" slide="notes"
# Let them compute unit 14: -18 + 14 * 8 = 94, and 94 + 43 = 137. Ask for the
# middle, 115.5: between two pixels, for the field is even. With "same" and
# strides the padding depends on the image's size: always say at which size.

# %% [markdown] id="back" slide="slide"
# ## From the centre pixel back to the image
#
# The middle unit of each of VGG-16's stages, conv1_2 to pool5:

# %% id="back-figure" claims="05-vgg-window" alt="A photograph of an astronaut with five nested squares around its middle: 5, 14, 40, 92 and 212 pixels wide. The largest nearly fills the image."
names = ["conv1_2", "conv2_2", "conv3_3", "conv4_3", "pool5"]
middles = [
    [axis.size // 2 for axis in vgg_fields[name].windows] for name in names
]
plots.fields_on_image(
    photograph,
    [
        vgg_fields[name].window(unit)
        for name, unit in zip(names, middles, strict=True)
    ],
    names,
)

# %% [markdown] id="back-notes" slide="notes"
# Ask for the window of the middle unit of pool5 before looking: -90 + 3 * 32 =
# 6, to 6 + 211 = 217. In the notebook the next cell lets everyone choose a
# layer and a unit and see its window on the photograph.

# %% [markdown] id="explorer-words" slide="skip"
# Choose a layer of VGG-16 and a unit of its map. The table says what the unit
# sees; watch the window at the border.

# %% id="explorer" slide="skip" alt="A photograph with nested squares: the receptive fields of the middle units of five layers of VGG-16. In a running notebook one chooses the layer and the unit."
Explorer(vgg16, photograph)

# %% id="proof-net" slide="skip"
net = chain(*[conv(3, padding="same") for _ in range(2)], pool(), conv(3))
net.set_weights(
    [0.1 * rng.uniform(1, 2, weight.shape) for weight in net.weights]
)
image, noise = rng.uniform(size=(2, 400, 400, 1)).astype("float32")

# %% [markdown] id="proof" slide="subslide"
# ## Proof by eraser
#
# If a window is right, noise outside of it changes nothing, and its corner
# does:

# %% id="proof-check" claims="05-eraser"
rows, columns = input_window(net, net.layers[-1], (60, 90))
noise[rows, columns] = image[rows, columns]
corner = image.copy()
corner[rows.start, columns.start] += 100
three = values(net(np.stack([image, noise, corner])))[:, 60, 90, 0]
print(f"rows {rows.start} to {rows.stop - 1} of 400")
print("outside erased, unit unchanged:", np.isclose(three[0], three[1]))
print("corner changed, unit unchanged:", np.isclose(three[0], three[2]))

# %% [markdown] id="proof-notes" slide="notes"
# This is how every formula of this lecture is tested in the library: change
# rows of the input one by one, see what changes. Ask which of the two lines
# would still hold with a window that is too large (the first) and with one that
# is too small (the second). Both are needed.

# %% [markdown] id="question-window" slide="skip"
# ## Question 2. Back to the image
#
# Write `window(layers, size, unit)`: the first and the last pixel, along one
# axis of an image of `size` pixels, that the unit number `unit` of the last
# layer sees. Units and pixels are counted from 0. Each of `layers` has
# `kernel_size`, `stride` and `padding`, a number of zeros at each end that is
# smaller than the kernel.
#
# Zeros are nobody's pixel, in *no* layer: where a window sticks out of a map,
# cut it at the map's border before you go on to the layer below.


# %% id="window" role="answer" minutes=15 taught="back" allows="course.arithmetic"
def window(layers, size, unit):
    """First and last pixel that a unit of the last layer sees."""
    ### BEGIN SOLUTION
    sizes = [size]
    for layer in layers:
        room = sizes[-1] + 2 * layer["padding"] - layer["kernel_size"]
        sizes.append(room // layer["stride"] + 1)
    first = last = unit
    for layer, below in zip(layers[::-1], sizes[-2::-1], strict=True):
        first = first * layer["stride"] - layer["padding"]
        last = last * layer["stride"] - layer["padding"]
        last += layer["kernel_size"] - 1
        first, last = max(first, 0), min(last, below - 1)
    return first, last
    ### END SOLUTION


# %% id="window-check" role="test" points=2 of="window"
import numpy as np


def layer(kernel_size, stride, padding):
    return {"kernel_size": kernel_size, "stride": stride, "padding": padding}


# One layer, to be counted on fingers: 8 pixels, kernel 3, one zero a side.
for unit, want in ((0, [0, 1]), (3, [2, 4]), (7, [6, 7])):
    got = np.ravel(window([layer(3, 1, 1)], 8, unit)).tolist()
    assert got == want, (
        f"window of one layer, kernel 3, stride 1, padding 1, 8 pixels, unit "
        f"{unit}: you returned {got}. Draw the zero, the 8 pixels and the zero."
    )
got = np.ravel(window([layer(2, 2, 0), layer(3, 1, 0)], 12, 1)).tolist()
assert got == [2, 7], (
    "window of a pool of 2 at stride 2, then a kernel of 3 without padding, 12 "
    f"pixels, unit 1: you returned {got}. Which units of the pool does it "
    "look at, and which pixels do they look at?"
)
### BEGIN HIDDEN TESTS


def traced(layers, size, unit):
    """Every unit that is looked at, map after map."""
    sizes = [size]
    for each in layers:
        k, s, p = each["kernel_size"], each["stride"], each["padding"]
        places = range(-p, sizes[-1] + p - k + 1, s)
        sizes.append(len(places))
    seen = {unit}
    for each, below in zip(reversed(layers), sizes[-2::-1], strict=True):
        k, s, p = each["kernel_size"], each["stride"], each["padding"]
        taps = [tap - p for tap in range(k)]
        seen = {s * u + t for u in seen for t in taps}
        seen &= set(range(below))
    return [min(seen), max(seen)], sizes[-1]


stage = [layer(3, 1, 1), layer(3, 1, 1), layer(2, 2, 0)]
four = [layer(11, 4, 0), layer(3, 2, 0), layer(5, 1, 2), layer(3, 2, 0)]
uneven = [layer(4, 3, 2), layer(2, 1, 1), layer(5, 2, 0)]
dropped = [layer(3, 2, 0), layer(3, 1, 1)]
for layers, size in [
    (stage * 2, 30),
    (four, 227),
    (uneven, 50),
    (dropped, 6),
    ([layer(3, 3, 1), layer(3, 1, 1)], 9),
    ([layer(2, 2, 0), layer(3, 2, 0), layer(3, 1, 1)], 13),
    ([layer(1, 2, 0), layer(3, 2, 1)], 9),
    ([layer(7, 2, 3), layer(3, 2, 1), layer(3, 1, 1)], 41),
]:
    _, count = traced(layers, size, 0)
    told = [tuple(each.values()) for each in layers]
    for unit in sorted({0, 1, count // 2, count - 1}):
        got = np.ravel(window(layers, size, unit)).tolist()
        want, _ = traced(layers, size, unit)
        called = (
            f"window of layers {told} (kernel size, stride, padding), {size} "
            f"pixels, unit {unit} of {count}: you returned {got}."
        )
        assert len(got) == 2, f"{called} Two numbers, first and last?"
        hint = "Trace it on paper, from the last layer down."
        if got[0] < 0 or got[1] >= size:
            hint = "Zeros are no pixels of the image."
        elif got[0] == want[0] and got[1] > want[1]:
            hint = "Does the map below have the last unit you look at?"
        assert got == want, f"{called} Hint: {hint}"
### END HIDDEN TESTS

# %% [markdown] id="border" slide="slide"
# ## How many units see only image?
#
# VGG-16, image of 224: the share of each unit's field that is image, not zeros
# (white: all of it).

# %% id="border-figure" claims="05-border" alt="Three square maps. pool2 of 56 by 56 units is white but for a thin grey rim. pool3 of 28 by 28 has a wider rim. conv5_3 of 14 by 14 is grey nearly everywhere and white only in the four units in its middle."
shares = {}
for name in ("pool2", "pool3", "conv5_3"):
    axis = vgg_fields[name].windows[0]
    ends = [axis.at(unit) for unit in range(axis.size)]
    inside = [min(b, 223) - max(a, 0) + 1 for a, b in ends]
    share = np.array(inside) / axis.extent
    shares[name] = np.outer(share, share)
plots.images(
    *shares.values(),
    titles=[f"{n}: {(s == 1).sum()} of {s.size}" for n, s in shares.items()],
    limits=(0, 1),
    height=3.7,
)

# %% [markdown] id="border-answer" slide="fragment"
# In conv5_3 **4 of 196** units. Deep units *can tell* where the border is.

# %% [markdown] id="border-notes" slide="notes"
# Ask: "A convolution is the same everywhere. Can the net tell left from right?"
# Yes: by the zeros. Seven tenths of what the corner unit of conv5_3 sees are
# zeros. That is one reason why nets are not quite equivariant to shifts
# (lecture 02).

# %% [markdown] id="famous" slide="slide"
# ## When does a network see the whole image?

# %% id="famous-figure" claims="05-alexnet 05-vgg" alt="Receptive field over the number of the convolution or pooling layer. AlexNet rises to 195 within 8 layers, VGG-16 slowly at first, then to 212 after 18 layers. ResNet-50 passes the dashed line at 224 pixels after nearly forty layers and ends at 483."
with outlines():
    nets = {"AlexNet": alexnet(), "VGG-16": vgg16, "ResNet-50": resnet(50)}
    fields = {name: receptive_fields(net) for name, net in nets.items()}
LOOKING = ("Conv2D", "MaxPooling2D")
walks = {
    name: [
        seen.size[0]
        for layer, seen in fields[name].items()
        if type(net.get_layer(layer)).__name__ in LOOKING
    ]
    for name, net in nets.items()
}
plots.curves(
    *[(range(1, len(walk) + 1), walk) for walk in walks.values()],
    ([1, 54], [224, 224]),
    labels=[*walks, "the image, 224"],
    axes=("layer", "pixels"),
)

# %% [markdown] id="famous-answer" slide="fragment"
# In its maps only ResNet-50. The others leave it to their dense layers.

# %% [markdown] id="famous-notes" slide="notes"
# Ask before: "Which of the three sees the whole image?" Only ResNet-50 in its
# convolutions; the others leave that to their dense layers. VGG's fc6 is a
# kernel of 7 on pool5: 212 + 6 * 32 = 404. Ask why ResNet's curve has flat
# pieces: kernels of 1.

# %% id="deeper" slide="skip"
told = numbers("receptive field of the last map")
with outlines():
    deep = dict(zip(told, nets.values(), strict=False))
    deep |= {"ResNet-101": resnet(101), "ResNet-152": resnet(152)}

# %% [markdown] id="published" slide="subslide"
# ## Do others count the same?

# %% id="published-check" claims="05-published"
for name, row in told.items():
    seen = receptive_field(deep[name])
    print(
        f"{name:10} published {row.value:5.0f}, here {seen.size[0]:4}", end=""
    )
    print(f", padding {seen.padding[0]}")

# %% [markdown] id="published-answer" slide="fragment"
# Sizes agree. The padding of ResNet-50 is 239 there, at 224 pixels, and 241
# here, where its first pool pads by one on each side.

# %% [markdown] id="published-notes" slide="notes"
# Araujo, Norris and Sim publish a table for the networks of TF-Slim, whose
# "same" pads the first pool by 0 and 1. Ask whether that matters: weights moved
# between the two look one pixel, or two, beside the place where they learned
# to look.

# %% [markdown] id="larger" slide="slide"
# ## 483 of 224 pixels
#
# Which ResNet-50? The original strides in the first 1×1 of a block, others in
# its 3×3:

# %% id="larger-check" claims="05-resnet-stride"
with outlines():
    for where in ("1x1", "3x3"):
        seen = receptive_field(resnet(50, stride_on=where))
        print(f"stride in the {where}: {seen}")
    last = receptive_field(resnet(50))
print("the first and the last unit see pixels", end=" ")
print(last.window((0, 0))[0], "and", last.window((6, 6))[0])

# %% [markdown] id="larger-answer" slide="fragment"
# **Every** unit sees the whole image and zeros around it; the units differ in
# where the image lies in their window. An early stride sees farther, again.

# %% [markdown] id="larger-notes" slide="notes"
# Back to the title's question. More than there is: yes, zeros. And 427 or 483?
# Two networks by one name. Ask why the later stride sees less: the 3x3 of that
# block still counts in the finer step.

# %% [markdown] id="dilation" slide="slide"
# ## Can one see far without shrinking the map?
#
# Spread the taps instead: dilation 1, 2, 4, 8.

# %% id="dilation-figure" claims="05-dilation" alt="Five rows of dots. From the top unit lines spread eight dots to each side, then four, two and one. All 31 pixels at the bottom are reached."
plots.field_cone(
    [(3, 1, 1), (3, 1, 2), (3, 1, 4), (3, 1, 8)],
    [f"dilation {d}" for d in (1, 2, 4, 8)],
    height=4.3,
)

# %% [markdown] id="dilation-answer" slide="fragment"
# Put $d(k-1)$ for $k-1$. Dots stay one pixel apart.

# %% [markdown] id="dilation-notes" slide="notes"
# Ask for the next dilation, 16, and the field: 63. Doubling d doubles the view:
# it grows like 2 to the power of the depth, at the same number of weights. This
# is Yu and Koltun's idea (arXiv:1511.07122, section 3); lecture 14 builds on it.

# %% [markdown] id="three-ways" slide="subslide"
# ## Three ways to see far
#
# Four kernels of 3×3 each time:

# %% id="three-ways-check" claims="05-three-ways"
ways = {
    "plain": [conv(3) for _ in range(4)],
    "pooled": [conv(3), pool(), conv(3), pool(), conv(3), pool(), conv(3)],
    "dilated": [conv(3, dilation=d) for d in (1, 2, 4, 8)],
}
for name, layers in ways.items():
    seen = field_of(*layers)
    print(f"{name:8} sees {seen.size[0]:2} pixels, step {seen.stride[0]}")

# %% [markdown] id="three-ways-answer" slide="fragment"
# Pooling is cheap: maps shrink. Dilation keeps one unit a pixel, and pays.

# %% [markdown] id="three-ways-notes" slide="notes"
# Ask which one they take for "which animal?" (pooling: one answer an image) and
# for "which pixel is animal?" (dilation, or pooling and a way back: lectures 12
# to 14).

# %% [markdown] id="holes" slide="subslide"
# ## Dilation 2, 2, 2: 13 pixels?

# %% id="holes-figure" claims="05-holes" alt="Four rows of dots, three layers of dilation 2. The unit at the top reaches seven of thirteen pixels, every second one; the pixels between them stay empty in every row."
plots.field_cone(
    [(3, 1, 2)] * 3, [f"dilation 2, layer {n}" for n in (1, 2, 3)], height=3.6
)

# %% [markdown] id="holes-answer" slide="fragment"
# The window is 13 wide, but six pixels in it change nothing. A size alone does
# not say what is seen. (The cure: lecture 14.)

# %% [markdown] id="holes-notes" slide="notes"
# Ask: "Which pixels does the neighbour at the top see?" The other ones: two
# nets side by side that never meet, a checkerboard in two dimensions.

# %% [markdown] id="question-far" slide="skip"
# ## Question 3. See far on a budget
#
# Write `far_sight(x, field)`, a function from a tensor to a tensor, made of
# Keras layers: a network in which each unit, far from the borders, sees exactly
# `field` × `field` pixels, its own in the middle, of which **each one** can
# change the unit. What it returns has the height, width and number of channels
# of `x`.
#
# `field` is 7, 15, 31 or 63, and `x` has 8 channels. The network may have at
# most **4,000** parameters. Activations are up to you.
#
# The check follows all ways from a unit back to the pixels, as
# `course.receptive_field.seen_pixels` does.


# %% id="far-sight" role="answer" minutes=20 taught="three-ways"
def far_sight(x, field):
    """Maps as large as x whose units see field x field pixels of it."""
    ### BEGIN SOLUTION
    channels = x.shape[-1]
    dilation = 1
    while field > 1:
        x = keras.layers.Conv2D(
            channels,
            3,
            padding="same",
            dilation_rate=dilation,
            activation="relu",
        )(x)
        field -= 2 * dilation
        dilation *= 2
    return x
    ### END SOLUTION


# %% id="far-sight-check" role="test" points=1.5 of="far-sight"
from course.catalogue import outlines
from course.checks import build

with outlines():
    net = build(far_sight, (40, 48, 8), field=7)
    shape, weights = net.output_shape, net.count_params()
assert tuple(shape[1:]) == (40, 48, 8), (
    f"far_sight(x, 7) of maps (40, 48, 8) returned maps {tuple(shape[1:])}. "
    "One unit a pixel, and as many channels as came in."
)
assert weights <= 4000, (
    f"far_sight(x, 7) has {weights:,} parameters, 4,000 are allowed."
)
### BEGIN HIDDEN TESTS
for wanted in (15, 31, 63):
    with outlines():
        net = build(far_sight, (80, 71, 8), field=wanted)
        shape, weights = net.output_shape, net.count_params()
    assert tuple(shape[1:]) == (80, 71, 8), (
        f"far_sight(x, {wanted}) of maps (80, 71, 8) returned maps "
        f"{tuple(shape[1:])}. Hint: does any layer shrink them?"
    )
    assert weights <= 4000, (
        f"far_sight(x, {wanted}) has {weights:,} parameters, 4,000 are allowed. "
        "Hint: how does the number of layers grow with the field?"
    )
### END HIDDEN TESTS

# %% id="far-sight-field-check" role="test" points=1.5 of="far-sight"
from course.catalogue import outlines
from course.checks import build
from course.receptive_field import seen_pixels

with outlines():
    net = build(far_sight, (79, 79, 8), field=7)
    seen = seen_pixels(net, net.output)
across = seen.any(axis=0).nonzero()[0].tolist()
assert across == list(range(36, 43)), (
    f"far_sight(x, 7) of 79 pixels: the unit in the middle, 39, sees the columns "
    f"{across}. Seven of them, three on each side of its own?"
)
### BEGIN HIDDEN TESTS
for wanted in (7, 15, 31, 63):
    with outlines():
        net = build(far_sight, (79, 79, 8), field=wanted)
    for unit in ((39, 39), (35, 44)):
        seen = seen_pixels(net, net.output, unit)
        high, wide = (seen.any(axis=axis).nonzero()[0] for axis in (1, 0))
        for name, own, places in (
            ("row", unit[0], high),
            ("column", unit[1], wide),
        ):
            found = [int(places.min(initial=79)), int(places.max(initial=-1))]
            assert found == [own - wanted // 2, own + wanted // 2], (
                f"far_sight(x, {wanted}) of 79 pixels: the unit in {name} {own} "
                f"sees the {name}s {found[0]} to {found[1]}. Hint: add up what "
                "each layer adds to the field, on both sides of the unit."
            )
        holes = wanted**2 - int(seen.sum())
        assert holes == 0, (
            f"far_sight(x, {wanted}): {holes} of {wanted}x{wanted} pixels have "
            "no way to the unit. Hint: draw the lines as in the lecture's "
            "cones, and in two dimensions."
        )
### END HIDDEN TESTS

# %% [markdown] id="branches" slide="slide"
# ## Branches: who sees what of a digit?
#
# An Inception module looks with 1×1, 3×3 and 5×5 kernels, and stacks channels:

# %% id="branches-figure" claims="05-branches" alt="A digit of 8 by 8 pixels with three squares around the same pixel: 1 by 1, 3 by 3 and 5 by 5."
from course.datasets import digits

digit = digits().train.images[1, ..., 0]
with outlines():
    x = keras.Input((8, 8, 1))
    parts = [
        keras.layers.Conv2D(1, k, padding="same", name=f"kernel_{k}")(x)
        for k in (1, 3, 5)
    ]
    module = keras.Model(x, keras.layers.Concatenate(name="module")(parts))
    seen = receptive_fields(module)
ways = ["kernel_1", "kernel_3", "kernel_5"]
plots.fields_on_image(digit, [seen[way].window((4, 4)) for way in ways], ways)

# %% [markdown] id="branches-notes" slide="notes"
# Ask what the field of the module is: popular answers are 1 + 3 + 5 = 9 and the
# mean, 3. Some of its channels see less; the field of a layer is what its most
# far-sighted channel sees.

# %% [markdown] id="union" slide="subslide"
# ## From the smallest start to the largest end
#
# A unit where branches meet, added or stacked, sees what *any* of them sees.
# Branch $b$ looks at the pixels $a_b + u\,j$ to $e_b + u\,j$. Together:
#
# $$\min_b a_b \quad\text{to}\quad \max_b e_b$$
#
# All must have the **same step** $j$. Else their windows drift apart from unit
# to unit, and no window of a fixed size holds both.

# %% [markdown] id="union-notes" slide="notes"
# Ask when the answer is simply the largest of the sizes: when all have the same
# middle. Ask for a case where it is not: two kernels of 2, one padded on the
# left, the other on the right, see 3 pixels together. The next slides have
# both cases.

# %% [markdown] id="paths" slide="subslide"
# ## Shortcuts: many fields at once
#
# Residual blocks of two 3×3 add what they make to what came in:

# %% id="paths-check" claims="05-shortcuts"
for blocks in (1, 2, 3, 10):
    lengths = 2 * np.arange(blocks + 1)  # through a block, or around it
    sees = 1 + 2 * lengths
    print(f"blocks {blocks:2}: {2**blocks:4} paths see", end=" ")
    print(f"{sees[0]} to {sees[-1]} pixels, {len(sees)} sizes")

# %% [markdown] id="paths-answer" slide="fragment"
# The field is that of the **longest** path; most paths are shorter. (What they
# do: lecture 07.)

# %% [markdown] id="paths-notes" slide="notes"
# Ask: "Which path does training use most?" The field cannot tell. It says what
# is possible at most. Keep that for the second half.

# %% id="misaligned-net" slide="skip"
with outlines():
    x = keras.Input((8, 8, 1))
    wide = conv(3, stride=2, padding="same", name="wide")(x)
    narrow = conv(1, stride=2, name="narrow")(x)
    joined = keras.layers.Add(name="sum")([wide, narrow])
    model = keras.Model(x, joined)

# %% [markdown] id="misaligned" slide="subslide"
# ## Branches that look past each other
#
# Eight pixels, stride 2. One branch is a 3×3 with "same", the other a 1×1:

# %% id="misaligned-check" claims="05-misaligned"
for name, seen in receptive_fields(model).items():
    print(f"{name:6} sees {seen.window((0, 0))[0]}, middle {seen.center[0]}")
print(receptive_field(model))

# %% [markdown] id="misaligned-answer" slide="fragment"
# Same shape, added without complaint, and one pixel apart. So: compare starts
# *and* ends. The larger of two sizes can be too small: windows 0 to 2 and 1 to
# 3 see four pixels.

# %% [markdown] id="misaligned-notes" slide="notes"
# "same" at stride 2 on an even size puts the zero at the end (lecture 03), so
# its first window is 0 to 2, its middle 1; the 1x1 looks at 0. Ask how to mend
# it: pad by one on both sides and use "valid", as keras.applications does. And
# at 9 pixels? There "same" pads both ends: aligned. It depends on the size.

# %% [markdown] id="question-graph" slide="skip"
# ## Question 4. A graph with branches
#
# Write `graph_field(nodes)`: what unit 0 of a network with branches sees along
# one axis, as `(first, last, step)`. Zeros of padding count as pixels here: those
# before the image have numbers below 0. `step` says how many pixels further the
# next unit looks.
#
# `nodes` is a dictionary, in an order in which each node comes after its
# inputs: name → `{"inputs", "kernel_size", "stride", "padding"}`. `inputs` is a
# list of names, `"image"` being the image. Where there are several, they are
# added place by place, and the kernel slides over the sum. The last node is
# asked for.
#
# Where inputs of different steps meet, no window of a fixed size holds what a
# unit sees: raise a `ValueError`.


# %% id="graph-field" role="answer" minutes=20 taught="branches"
def graph_field(nodes):
    """First and last pixel that unit 0 of the last node sees, and the step."""
    ### BEGIN SOLUTION
    seen = {"image": (0, 0, 1)}
    for name, node in nodes.items():
        firsts, lasts, steps = zip(
            *[seen[each] for each in node["inputs"]], strict=True
        )
        if len(set(steps)) > 1:
            raise ValueError(f"{name} joins units {steps} pixels apart")
        step = steps[0]
        first = min(firsts) - node["padding"] * step
        last = max(lasts) + (node["kernel_size"] - 1 - node["padding"]) * step
        seen[name] = first, last, step * node["stride"]
    return seen[name]
    ### END SOLUTION


# %% id="graph-field-check" role="test" points=3 of="graph-field"
import numpy as np


def node(inputs, kernel_size=1, stride=1, padding=0):
    return {
        "inputs": inputs.split(),
        "kernel_size": kernel_size,
        "stride": stride,
        "padding": padding,
    }


# The Inception module of the picture.
nodes = {
    "one": node("image"),
    "three": node("image", 3, 1, 1),
    "five": node("image", 5, 1, 2),
    "module": node("one three five"),
}
got = np.ravel(graph_field(nodes)).tolist()
assert got == [-2, 2, 1], (
    f"graph_field of branches 1, 3 and 5, padded to keep the size, returned "
    f"{got}. What does unit 0 of each branch see, and what do they see together?"
)
### BEGIN HIDDEN TESTS


def look(nodes, name, units):
    """The set of pixels that units of a node look at, by going back."""
    if name == "image":
        return set(units)
    here = nodes[name]
    below = {
        here["stride"] * unit + tap - here["padding"]
        for unit in units
        for tap in range(here["kernel_size"])
    }
    return set().union(*(look(nodes, each, below) for each in here["inputs"]))


graphs = {
    "a chain": {
        "a": node("image", 7, 2, 3),
        "b": node("a", 3, 2, 1),
        "c": node("b", 3, 1, 1),
    },
    "a residual block with a projection": {
        "a": node("image", 3, 2, 1),
        "b": node("a", 3, 1, 1),
        "shortcut": node("image", 1, 2, 0),
        "sum": node("b shortcut"),
    },
    "branches that look past each other": {
        "left": node("image", 2, 1, 1),
        "right": node("image", 2, 1, 0),
        "sum": node("left right"),
    },
    "a narrow branch beside a shifted one": {
        "far": node("image", 3, 1, 4),
        "near": node("image", 5, 1, 0),
        "sum": node("near far", 3, 2, 0),
        "end": node("sum", 2, 1, 1),
    },
    "two blocks with shortcuts behind a stride": {
        "stem": node("image", 5, 2, 2),
        "a": node("stem", 3, 1, 1),
        "sum_a": node("stem a"),
        "b": node("sum_a", 3, 1, 1),
        "sum_b": node("b sum_a"),
        "pool": node("sum_b", 2, 2, 0),
    },
    "a dead end before the last node": {
        "a": node("image", 3, 1, 1),
        "unused": node("a", 9, 1, 0),
        "b": node("a", 3, 1, 0),
    },
    "strides that meet again": {
        "a": node("image", 3, 2, 0),
        "aa": node("a", 1, 3, 0),
        "b": node("image", 2, 3, 1),
        "bb": node("b", 4, 2, 0),
        "sum": node("aa bb", 2, 1, 0),
    },
}
for name, nodes in graphs.items():
    end = list(nodes)[-1]
    zero, one = (look(nodes, end, {unit}) for unit in (0, 1))
    want = [min(zero), max(zero), min(one) - min(zero)]
    try:
        got = np.ravel(graph_field(nodes)).tolist()
    except ValueError as error:
        raise AssertionError(
            f"graph_field of {name}, nodes {nodes}, raised {error!r}. "
            "Hint: the steps that meet are equal here; only they must be."
        ) from None
    assert len(got) == 3, (
        f"graph_field of {name} returned {got}. Three numbers are asked for."
    )
    hint = "Write down first, last and step behind each node."
    if got[2] != want[2]:
        hint = "By which strides has the step been multiplied on one path?"
    elif got[1] - got[0] == want[1] - want[0]:
        hint = "The size is right, the place is not: padding is worth a step."
    elif got[1] - got[0] < want[1] - want[0]:
        hint = "Something is seen by a branch that you leave out."
    assert got == want, (
        f"graph_field of {name}, nodes {nodes}, returned {got}. Hint: {hint}"
    )
drifting = {
    "a": node("image", 3, 2, 1),
    "b": node("image", 3, 1, 1),
    "sum": node("a b"),
}
shortcut = {"a": node("image", 3, 2, 1), "sum": node("image a")}
for nodes in (drifting, drifting | {"end": node("sum", 3)}, shortcut):
    try:
        got = graph_field(nodes)
    except ValueError:
        continue
    raise AssertionError(
        f"graph_field of a sum of branches of stride 2 and stride 1 returned "
        f"{got}. Hint: what do units 0 and 100 of the sum see?"
    )
### END HIDDEN TESTS

# %% [markdown] id="use" slide="slide"
# ## Is every pixel of the field worth the same?
#
# Count the lines of the cone: how many ways lead from a pixel to the unit?

# %% id="use-figure" claims="05-paths" alt="Three rows of numbers: for one layer 1 1 1, for two 1 2 3 2 1, for three 1 3 6 7 6 3 1. They rise from the edge to the middle."
one = np.ones(3, int)
two = np.convolve(one, one)
three = np.convolve(two, one)
plots.number_grids(
    one,
    two,
    three,
    titles=["1 layer", "2 layers", "3 layers"],
    height=1.7,
)

# %% [markdown] id="use-answer" slide="fragment"
# The outermost pixel has **one** way, the middle one seven. After ten layers
# it is 1 against 8,953.

# %% [markdown] id="use-notes" slide="notes"
# Let the room count the lines in the picture with two layers, pixel by pixel.
# In two dimensions the numbers multiply: a corner has one way, the middle 49.
# Ask what a sum with such weights does to what stands in a corner.

# %% [markdown] id="gradient" slide="subslide"
# ## Ways are gradients
#
# A pixel's influence on a unit is the derivative $\partial u/\partial x$: over
# all ways, the sum of the products of their weights. With weights of 1 it
# counts the ways:

# %% id="gradient-check" claims="05-gradient"
net = chain(*[conv(3, kernel_initializer="ones") for _ in range(3)], size=9)
exact = effective_receptive_field(net, count=1)
print((exact.map * 49)[4].round().astype(int), "of 7 x 7 in the middle row")

# %% [markdown] id="gradient-answer" slide="fragment"
# The **effective receptive field**: where these derivatives are not
# negligible. It is Luo, Li, Urtasun and Zemel's notion, 2016.

# %% [markdown] id="gradient-notes" slide="notes"
# Two slips to correct. One deck credits the notion to Yu and Koltun 2015: they
# introduced dilated context modules and do not define it. Another calls the
# theoretical field of three 3x3, 7 pixels, "effective". Ask for the difference
# in one sentence: what can change a unit, and what does so noticeably.

# %% [markdown] id="bell" slide="slide"
# ## Many layers make a bell
#
# Shares of the ways, layer by layer, over the place in the field:

# %% id="bell-figure" claims="05-deviation" alt="Share of the ways over pixels from the middle, from -20 to 20. One layer: three dots at a third. Five layers: a bell of about ten pixels' width. Twenty layers: a wider and lower bell of dots, and through them all the line of a Gaussian; beyond 12 pixels it is practically zero."
shares = {0: np.ones(1)}
for n in range(1, 21):
    shares[n] = np.convolve(shares[n - 1], np.full(3, 1 / 3))
places = np.arange(-20, 21)
sigma = np.sqrt(2 * 20 / 3)
gauss = np.exp(-(places**2) / (2 * sigma**2)) / sigma / np.sqrt(2 * np.pi)
plots.curves(
    *[(np.arange(-n, n + 1), shares[n]) for n in (1, 5, 20)],
    (places, gauss),
    labels=["1 layer", "5 layers", "20 layers", "a Gaussian"],
    axes=("pixels from the middle", "share"),
    dots=[True, False, True, False],
)

# %% [markdown] id="bell-notes" slide="notes"
# A way is a walk: each layer steps -1, 0 or 1 pixel. Ask what a sum of many
# independent steps is distributed like: the central limit theorem. The curve
# for 20 layers ends at 20 pixels on each side; ask at which pixel it becomes
# invisible.

# %% [markdown] id="root" slide="subslide"
# ## The field grows with n, its use with √n
#
# A step of −1, 0 or 1 has variance 2/3, and variances add:
# $\sigma = \sqrt{2n/3}$. Within two σ to each side lie 95 %.

# %% id="root-check" claims="05-share"
for n in (5, 20, 49, 100):
    sigma = np.sqrt(2 * n / 3)
    print(f"{n:3} layers see {2 * n + 1:3} pixels,", end=" ")
    print(f"2 sigma each way: {4 * sigma:4.1f},", end=" ")
    print(f"{4 * sigma / (2 * n + 1):.0%} of them")

# %% [markdown] id="root-answer" slide="fragment"
# Of the 99 pixels of 49 layers, 23 count: 23 %, and 5 % of the *area*. Four
# times the depth doubles what is used.

# %% [markdown] id="root-notes" slide="notes"
# Let them derive the variance: (1 + 0 + 1) / 3. For a kernel of k: (k^2 - 1) /
# 12. Ask: "By how much must I deepen a net to use twice as much?" By four.
# Whoever designs by the theoretical field overestimates it, the more the deeper
# the net.

# %% [markdown] id="measured" slide="slide"
# ## And with random weights and ReLU?
#
# Mean size of the gradient over 20 noise images; ten layers, eight channels:

# %% id="measured-figure" claims="05-measured" alt="A dark map of 31 by 31 pixels with a bright spot in its middle. An outlined square of 21 by 21 pixels is the theoretical field; a dashed and a dotted ellipse of 1 and 2 sigma lie well within it, and beyond them nearly all is dark."
rng = np.random.default_rng(55)
x = inputs = keras.Input((31, 31, 3))
for _ in range(10):
    x = keras.layers.Conv2D(8, 3, activation="relu", padding="same")(x)
random_net = keras.Model(inputs, x)
random_net.set_weights(
    [
        rng.normal(
            0, np.sqrt(2 / max(1, np.prod(weight.shape[:-1]))), weight.shape
        )
        if len(weight.shape) > 1
        else np.zeros(weight.shape)
        for weight in random_net.weights
    ]
)
measured = effective_receptive_field(random_net)
plots.heat_map(
    measured.map,
    [(part.start, part.stop - 1) for part in measured.window],
    measured.sigma,
)

# %% [markdown] id="measured-notes" slide="notes"
# Ask where most of the square's area is: at the edge, which is dark. ReLU
# closes some ways, random weights have signs, and still it is a bell. The
# ellipses are a Gaussian fitted to the map.

# %% [markdown] id="grows" slide="subslide"
# ## Measured over depth
#
# Random nets of 5 to 40 layers, 20 of each depth, several seeds:

# %% id="grows-figure" claims="05-exponent" alt="Pixels over the number of layers. Half of the field is a straight line from 5 to 40. The measured deviations are dots from about 1.9 to 5.3 that lie on the flat curve of theory, the root of two thirds of n."
runs = [record["values"] for record in reference.results("effective_field")]
depths = runs[0]["depths"]
n = np.linspace(1, 40, 80)
plots.curves(
    (depths, np.mean([run["deviation"] for run in runs], axis=0)),
    (n, np.sqrt(2 * n / 3)),
    (n, n),
    labels=["measured deviation", "√(2n/3)", "half of the field"],
    axes=("layers", "pixels"),
    dots=[True, False, False],
)

# %% id="grows-check"
exponents = [run["exponent"] for run in runs]
print("exponent within .45 and .55:", all(0.45 < e < 0.55 for e in exponents))

# %% [markdown] id="grows-notes" slide="notes"
# The exponent is the slope of log deviation over log depth, fitted for each
# seed. Ask what slope the field itself has: 1. The deviation is that of the mean
# *squared* gradient, for which the theory of random weights holds exactly.

# %% [markdown] id="trained" slide="slide"
# ## Does training widen it?
#
# A U-Net segments digits on textures; its units *can* see up to 204 pixels:

# %% id="trained-figure" claims="05-trained" alt="Influence over the pixels of a line, 96 wide. Both curves peak in the middle. Before training the peak is wider and has tails that reach to both ends. Trained it is narrow, and beyond ten pixels to each side the curve is nearly zero."
looks = [record["values"] for record in reference.results("trained_field")]
used = [
    np.median([look[when]["fraction"] for look in looks])
    for when in ("before", "after")
]
line = np.arange(96) - 48
plots.curves(
    *[
        (line, np.mean([look[when]["profile"] for look in looks], axis=0))
        for when in ("before", "after")
    ],
    labels=["before training", "trained"],
    axes=("pixels from the middle", "influence"),
)

# %% id="trained-check" slide="fragment"
print(f"pixels used: {used[0]:.0%} before training, {used[1]:.0%} after")

# %% [markdown] id="trained-notes" slide="notes"
# A recorded measurement of three seeds, with crops of grass, gravel and brick.
# Its images are 96 pixels wide, so a unit in the middle can see all of them.
# Take a vote before the curve of the trained net is shown.

# %% [markdown] id="task" slide="subslide"
# ## The task decides
#
# "Used" are gradients over 4.55 % of the largest. Here training **narrowed** the
# part that is used. The likely reason: close neighbours tell these textures, and
# the U-Net's shortcut at full size brings them.
#
# Luo et al. saw it **grow**, for classifying and for segmenting. So measure.

# %% [markdown] id="task-notes" slide="notes"
# Luo et al. report it in section 3.2. Ask what would force a net to look
# farther: textures that only a wide view tells apart.

# %% [markdown] id="widen" slide="subslide"
# ## What widens the part that is used?
#
# A kernel of 3 adds variance in proportion to the *square* of its tap distance,
# $\sigma^2 = \tfrac{2}{3}\sum_l (d_l\,j_{l-1})^2$:

# %% id="widen-check" claims="05-widen"
for steps in ([1] * 4, [1] * 15, [1, 2, 4, 8]):
    sigma = np.sqrt(2 / 3 * np.sum(np.square(steps)))
    print(f"{len(steps):2} layers, taps up to {max(steps)} apart:", end=" ")
    print(f"field {1 + 2 * sum(steps):2}, sigma {sigma:.1f}")

# %% [markdown] id="widen-answer" slide="fragment"
# Two nets with a field of 31, and one uses more than twice as much of it.
# Large steps count most: dilate, or stride early.

# %% [markdown] id="widen-notes" slide="notes"
# Ask which layer of the dilated net decides: the last, 64 of 85 in the sum.
# Shortcuts do the opposite: they add short ways. Luo et al. discuss both in
# section 2.

# %% [markdown] id="factor" slide="slide"
# ## The other wish: see the same for less
#
# A column of 3, then a row of 3, makes a 3×3:

# %% id="factor-figure" claims="05-asymmetric 05-sobel" alt="A column 1 2 1, then a row 1 0 -1, equals the 3 by 3 table 1 0 -1, 2 0 -2, 1 0 -1."
column, across = np.array([[1], [2], [1]]), np.array([[1, 0, -1]])
plots.number_grids(
    column,
    across,
    column * across,
    titles=["3×1", "1×3", "together"],
    signs=["then", "="],
    height=2.9,
)

# %% [markdown] id="factor-answer" slide="fragment"
# It sees 3×3 with 6 weights instead of 9: Sobel's edge kernel (lecture 02).
# Inception-v3 *factorizes* like this (lecture 06).

# %% [markdown] id="factor-notes" slide="notes"
# Ask for the field of the column alone, then of both: 3x1, then 3x3. The order
# does not matter for the field. Ask which way leads from the upper left pixel
# to the unit: exactly one. Hence no freedom is to spare.

# %% [markdown] id="saving" slide="subslide"
# ## What is saved?
#
# Weights of a view of $k\times k$, in units of $c^2$ for $c$ channels:

# %% id="saving-figure" alt="Weights over the width of the view, 3 to 11. One kernel rises steeply from 9 to 121. A stack of 3 by 3 rises in a straight line from 9 to 45. A column and a row rise from 6 to 22."
k = np.arange(3, 12, 2)
plots.curves(
    (k, k**2),
    (k, 9 * (k - 1) // 2),
    (k, 2 * k),
    labels=["one k × k", "a stack of 3 × 3", "k × 1 and 1 × k"],
    axes=("pixels of the view", "weights"),
    dots=[True, True, True],
)

# %% [markdown] id="saved" slide="subslide"
# ## In numbers
#
# 64 channels in, between and out, 17×17 places:

# %% id="saving-check" claims="05-saved"
for name, factors, whole in [
    ("two 3x3 for 5x5", [3, 3], 5),
    ("three 3x3 for 7x7", [3, 3, 3], 7),
    ("3x1, 1x3 for 3x3", [(3, 1), (1, 3)], 3),
    ("7x1, 1x7 for 7x7", [(7, 1), (1, 7)], 7),
]:
    few = sum(conv_macs((17, 17), f, 64, 64) for f in factors)
    print(f"{name:18} saves {1 - few / conv_macs((17, 17), whole, 64, 64):.0%}")

# %% [markdown] id="saving-notes" slide="notes"
# At stride 1 and "same" padding every weight works at every place, so weights
# and multiplications are saved alike. Without padding the first factor has a
# larger map to fill: ask for the share at 17x17 then. Numbers of the channels
# are equal all along here; the next slide changes that.

# %% [markdown] id="always" slide="slide"
# ## Is it always cheaper?
#
# The first layer of a network: three channels in, 64 between and out.

# %% id="always-check" claims="05-first-layer"
whole = conv_parameters(5, 3, 64, bias=False)
first, second = (conv_parameters(3, c, 64, bias=False) for c in (3, 64))
print(f"one 5x5: {whole:,} weights")
print(f"two 3x3: {first:,} + {second:,} = {first + second:,} weights")

# %% [markdown] id="always-answer" slide="fragment"
# **Eight times as many.** The second factor reads what the first one made: its
# channels count. Factorizing pays where at least as many come in as go out.

# %% [markdown] id="always-notes" slide="notes"
# Vote first; after the last slide nearly all say "cheaper". Ask for the number
# of channels in between at which both cost the same: 9·3·m + 9·m·64 = 4800
# gives m = 7.96. The paper of Inception-v3 keeps its first layers whole, but at
# 3x3.

# %% [markdown] id="rank" slide="subslide"
# ## What is lost?
#
# The view is the same. Are the kernels?

# %% id="rank-check" claims="05-rank"
sobel = column * across
laplace = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
for name, kernel in {"Sobel": sobel, "Laplace": laplace}.items():
    rank = np.linalg.matrix_rank(kernel)
    print(f"{name}: rank {rank}, one column and row suffice: {rank == 1}")

# %% [markdown] id="rank-answer" slide="fragment"
# A column times a row has rank **1**. Equal fields do not mean equal functions.
# More channels between give the sum of several; a ReLU between gives another
# function altogether.

# %% [markdown] id="rank-notes" slide="notes"
# Ask for a kernel of rank 3: the identity matrix, a diagonal line. With three
# channels between, a column and a row can make any 3x3, but then 18 weights
# replace 9. "You can see that the fields are the same before and after", says a
# deck of these replacements: true, and it is not a proof that nothing changed.

# %% [markdown] id="question-saving" slide="skip"
# ## Question 5. What factorizing saves
#
# A convolution of `kernel_size` × `kernel_size` with `in_channels` and
# `out_channels` is to be replaced by a chain, whose layers are triples (rows,
# columns, filters); the first reads `in_channels`, the last makes `out_channels`.
# All have stride 1, keep the size of the map, and have no biases.
#
# Write `factorized(kernel_size, in_channels, out_channels, chain)`. It returns
# two things: whether a unit sees as many rows *and* as many columns as before,
# and the share of the multiplications that is saved, 0.25 for a quarter, below 0
# if it costs more.


# %% id="factorized" role="answer" minutes=10 taught="saving" allows="course.arithmetic"
def factorized(kernel_size, in_channels, out_channels, chain):
    """Whether a chain sees as much as a kernel, and the share it saves."""
    ### BEGIN SOLUTION
    high = wide = 1
    work, channels = 0, in_channels
    for rows, columns, filters in chain:
        high += rows - 1
        wide += columns - 1
        work += rows * columns * channels * filters
        channels = filters
    whole = kernel_size**2 * in_channels * out_channels
    return high == wide == kernel_size, 1 - work / whole
    ### END SOLUTION


# %% id="factorized-check" role="test" points=2 of="factorized"
import numpy as np

same, saved = factorized(5, 64, 64, [(3, 3, 64), (3, 3, 64)])
assert bool(same), (
    "factorized of a 5x5 and two 3x3 says that they do not see the same. How "
    "many pixels do two 3x3 see?"
)
assert np.isclose(float(saved), 0.28), (
    f"factorized of a 5x5 and two 3x3, 64 channels everywhere, says that "
    f"{float(saved):.3f} is saved. The lecture prints what is right."
)
### BEGIN HIDDEN TESTS
for k, before, after, factors in [
    (7, 32, 32, [(3, 3, 32)] * 3),
    (7, 128, 192, [(7, 1, 128), (1, 7, 192)]),
    (3, 384, 384, [(1, 3, 384), (3, 1, 384)]),
    (5, 3, 64, [(3, 3, 64), (3, 3, 64)]),
    (5, 192, 32, [(1, 1, 16), (5, 5, 32)]),
    (5, 16, 16, [(3, 3, 16), (3, 1, 16)]),
    (5, 16, 24, [(1, 3, 16), (3, 3, 24)]),
    (7, 10, 10, [(3, 3, 10), (3, 3, 10)]),
    (3, 8, 8, [(3, 3, 8), (3, 3, 8)]),
    (4, 6, 5, [(2, 3, 7), (3, 2, 5)]),
    (3, 8, 8, [(3, 3, 8)]),
    (3, 8, 8, [(1, 9, 8)]),
]:
    called = f"factorized({k}, {before}, {after}, {factors})"
    view, weights, reads = np.ones((1, 1)), 0, before
    for rows, columns, filters in factors:
        tall = np.pad(view, [(0, rows - 1), (0, columns - 1)])
        view = sum(
            np.roll(tall, (u, v), axis=(0, 1))
            for u in range(rows)
            for v in range(columns)
        )
        weights += np.empty((rows, columns, reads, filters)).size
        reads = filters
    want = 1 - weights / np.empty((k, k, before, after)).size
    got = factorized(k, before, after, factors)
    assert len(got) == 2, f"{called} returned {got}. Two things are asked for."
    assert bool(got[0]) == (view.shape == (k, k)), (
        f"{called} says {bool(got[0])} of the view. Hint: how far does it reach "
        "along each axis?"
    )
    hint = "Count the weights of each layer by hand."
    if np.isclose(float(got[1]), 1 - want):
        hint = "The saved share is asked for, not the one that is left."
    elif np.isclose(float(got[1]), 100 * want):
        hint = "0.25 stands for a quarter."
    assert np.isclose(float(got[1]), want, rtol=1e-6, atol=1e-9), (
        f"{called} says that {float(got[1]):.4f} is saved. Hint: {hint}"
    )
### END HIDDEN TESTS

# %% [markdown] id="question-written" slide="skip"
# ## Question 6. The effective field of two nets
#
# This one is read by a person. Answer in about ten sentences, with numbers.

# %% [markdown] id="two-nets" role="written" points=2 minutes=20 taught="widen"
# Two nets shall tell gravel from grass, pixel by pixel, where the textures can
# only be told apart within patches of 40 pixels. Each has 3×3 kernels, 16
# channels and stride 1, and sees 61×61 pixels: net A by 30 plain layers, net B
# by five layers with dilations 1, 2, 4, 8 and 15.
#
# 1. Show that both see 61 pixels, and compare their weights.
# 2. Estimate for each, before training, which part of the 61 pixels counts (two
#    standard deviations to each side). Which net do you expect to do the task?
# 3. Name two reasons why the trained net may use another part than your
#    estimate says, and say how you would measure it.
#
# ### BEGIN SOLUTION
# A sees 1 + 2·30 = 61 pixels, B sees 1 + 2·(1 + 2 + 4 + 8 + 15) = 1 + 2·30 = 61.
# A has six times as many layers and about six times as many weights, 30 against
# 5 times 9·16·16.
#
# A: σ = √(2·30/3) = 4.5 pixels, so about 18 of 61 count, less than half of a
# patch. B: σ² = 2/3·(1 + 4 + 16 + 64 + 225) = 207, σ = 14.4, so about 58 pixels
# count, nearly all. B can be expected to do it, A hardly, although their
# theoretical fields are equal.
#
# The estimate takes uniform or random weights. Training changes them, and may
# narrow what is used (as in the lecture's U-Net) or widen it (Luo et al.);
# ReLU closes ways, differently for each image; with so few layers B's
# distribution is no Gaussian; units near the border see zeros. To measure it:
# the mean size of the gradient of a middle unit with respect to the image, over
# many *real* images, before and after training; fit its width, or count pixels
# above a threshold.
#
# **Marking scheme** (2 points): 0.5 for both fields and the weights (0.25 if
# only the fields); 0.75 for both estimates (0.5; 0.25 if only A's, or if σ
# instead of σ² is added up) and the conclusion from them (0.25); 0.75 for two
# reasons (0.25 each) and the measurement, with gradients over images (0.25).
# "Both do equally well, for they see the same" earns nothing in part 2.
# ### END SOLUTION

# %% [markdown] id="drill" slide="slide"
# ## Fields through any chain
#
# How many pixels does one unit behind the last layer see?

# %% id="drill-example"
drilled = problem("receptive_field", seed=22, level=2)
print(drilled.question.split("\n\nHow many")[0])

# %% [markdown] id="drill-answer" slide="fragment"
# Solve it on paper with two columns, $r$ and $j$. The notebook's next cell asks
# as many as you like.

# %% [markdown] id="drill-notes" slide="notes"
# Have them solve it in pairs, one writing r, the other j, before someone types
# an answer: the widget knows the usual slips and names them.

# %% [markdown] id="drill-words" slide="skip"
# Choose a level, type an answer and press Check. Level 2 has strides, level 3
# dilations.

# %% id="drill-widget" slide="skip"
Drill("receptive_field", level=2)

# %% [markdown] id="remember" slide="slide"
# ## What to remember
#
# - $r_l = r_{l-1} + d_l(k_l-1)\,j_{l-1}$, $j_l = j_{l-1}s_l$: a stride acts on
#   what lies behind it.
# - Pools count like kernels; padding shifts the window by $p\,j$.
# - Branches: from the smallest start to the largest end.
# - The field is what *can* be seen. What is used is a bell: σ grows with √n.
# - Equal fields for less: 3×3 stacks, columns and rows. Not equal functions.

# %% [markdown] id="remember-notes" slide="notes"
# Ask with the slide covered: "Conv 3, pool 2, conv 3: what is seen?" (8.) "Ten
# more plain layers: twice as much used?" (No: more seen, by the root more
# used.) "Two 3x3 for the first 5x5?" (Count channels.)

# %% [markdown] id="sources" slide="slide"
# ## Sources
#
# - Araujo, Norris, Sim: Computing receptive fields of convolutional neural
#   networks. Distill 2019, doi:10.23915/distill.00021
# - Luo, Li, Urtasun, Zemel: Understanding the effective receptive field.
#   NIPS 2016, arXiv:1701.04128 (sections 2, 3.2)
# - Yu, Koltun: Multi-scale context aggregation by dilated convolutions.
#   ICLR 2016, arXiv:1511.07122 (section 3)
# - Szegedy et al.: Rethinking the Inception architecture. CVPR 2016,
#   arXiv:1512.00567 (sections 3.1, 3.2)
