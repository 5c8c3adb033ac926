# %% [markdown] id="title" slide="slide"
# # 04 · Classic networks
#
# One of VGG-16's sixteen layers holds three quarters of its weights. Which?
# And can a network do without it?
#
# After this lecture you can
#
# - say what LeNet, AlexNet, VGG and network in network each added, and what
#   has survived,
# - build VGG from a letter, and check its size,
# - turn a dense layer into a convolution,
# - feed a network images of any size.

# %% [markdown] id="title-notes" slide="notes"
# Let the room vote on the layer: first, middle, last convolution, first dense
# layer, last. Keep the count; the slide "The bridge" answers. Do not say the
# second answer yet: the last part of the lecture is about it.

# %% [markdown] id="about" slide="skip"
# Reading takes about 45 minutes, the six questions about 105; they give 14
# points.
#
# Answer with Python, NumPy or Keras. Of `course` only data, plots and what a
# question opens may be used in an answer.

# %% id="imports" role="given"
import keras
import numpy as np

# %% id="tools" slide="skip"
from course import plots
from course.arithmetic import conv_parameters, pool_output_size
from course.catalogue import outlines
from course.convolution_matrix import convolution_matrix
from course.datasets import digits
from course.layers import LocalResponseNorm
from course.models import alexnet, lenet5, nin, vgg
from course.models.vgg import VARIANTS
from course.published import number, numbers
from course.summary import summary
from course.surgery import convolutionalize
from course.training import fit

QUIET = {"Activation", "Dropout", "Flatten", "LocalResponseNorm"}
KINDS = {"InputLayer": "image", "Conv2D": "convolution", "Dense": "dense"}


def values(tensor):
    """A tensor's numbers."""
    return keras.ops.convert_to_numpy(tensor)


def softmax(scores):
    """Scores as shares of 1."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def draw_volumes(table):
    """What flows through a network."""
    rows = [row for row in table.rows if row.kind not in QUIET]
    return plots.volumes(
        [row.output_shape[1:] for row in rows],
        ["image", *(row.layer for row in rows[1:])],
        [KINDS.get(row.kind, "pooling") for row in rows],
    )


def by_stage(table):
    """Parameters and multiplications, the stages' and of dense layers each."""
    costs = {}
    for row in table.rows:
        if row.macs:
            name = row.layer.split("_")[0]
            before = costs.get(name, (0, 0))
            costs[name] = (before[0] + row.trainable, before[1] + row.macs)
    return costs


# %% [markdown] id="imagenet" slide="slide"
# ## The competition that chose them
#
# ILSVRC, from 2010 on: each photograph has one label of many. How many?

# %% id="imagenet-check"
for quantity in ("classes", "training images", "test images"):
    row = numbers(quantity)["ILSVRC 2012"]
    print(f"{quantity:16}{row.value:12,.0f}   ({row.source})")

# %% [markdown] id="imagenet-answer" slide="fragment"
# About 1,300 photographs a class: a mite, a container ship, a motor scooter,
# over a hundred kinds of dog. It is a part of ImageNet, which has 14 million.

# %% [markdown] id="imagenet-notes" slide="notes"
# A deck says "1000 images per class": let the room divide. Ask what is hard
# about such labels: one image, several things in it, one label. Hence five
# guesses, next slide.

# %% [markdown] id="top-five" slide="slide"
# ## Five guesses
#
# A photograph counts as a *top-5 error* if its label is not among the five
# classes of largest score. Here with two guesses of four classes:

# %% id="top-five-check" claims="04-top-k"
scores = np.array([[5, 3, 1, 0], [2, 4, 1, 3], [1, 2, 3, 4], [9, 8, 7, 6]])
labels = np.array([0, 3, 0, 2])
order = np.argsort(-scores, axis=1)
for guesses in (1, 2):
    found = (order[:, :guesses] == labels[:, None]).any(axis=1)
    print(f"top-{guesses} error: {1 - found.mean():.0%}")

# %% [markdown] id="top-five-notes" slide="notes"
# Ask before running: "Image 2 has label 3. Right or wrong?" Wrong at one guess,
# right at two. With more guesses the error can only fall; at as many guesses
# as classes it is 0.

# %% [markdown] id="winners" slide="slide"
# ## Who won, and with how many errors

# %% id="winners-figure" claims="04-winners" alt="Top-5 error of the winner over the years 2010 to 2015. 28 and 26 percent in 2010 and 2011, then a drop to 16 in 2012 with AlexNet, 12 in 2013, under 7 in 2014, under 4 in 2015. A dashed line at 5 percent is one trained person."
years = numbers("won ILSVRC")
errors = numbers("top-5 test error")
won = [(row.value, errors[name].value) for name, row in years.items()]
expert = errors["expert"].value
plots.curves(
    tuple(zip(*won, strict=True)),
    ([won[0][0], won[-1][0]], [expert, expert]),
    labels=["winner", "an expert"],
    axes=("year", "top-5 error, %"),
    dots=[True, False],
)

# %% [markdown] id="winners-answer" slide="fragment"
# In **2012** AlexNet took nine points at once. A slide in circulation says 2014:
# that year GoogLeNet won, with VGG second.

# %% [markdown] id="winners-notes" slide="notes"
# Ask: "What happened between 2011 and 2012?" Until then features were made by
# hand and a linear classifier was learned (lecture 01). The expert is one
# person who trained for it; most people fail more often. Then: "Was AlexNet new?" Next slide:
# in most parts it was fourteen years old.

# %% [markdown] id="lenet" slide="slide"
# ## 1998: LeNet-5

# %% id="lenet-figure" alt="LeNet-5 as volumes: an image of 32 by 32 pixels, C1 28 by 28 by 6, S2 14 by 14 by 6, C3 10 by 10 by 16, S4 5 by 5 by 16, C5 1 by 1 by 120, then vectors of 84 and 10."
keras.utils.set_random_seed(4)
lenet = lenet5(classifier_activation=None)
draw_volumes(summary(lenet))

# %% [markdown] id="lenet-answer" slide="fragment"
# Convolve, subsample, convolve, subsample, then dense: the plan of all networks
# in this lecture but the last. Learned from end to end, it read cheques.

# %% [markdown] id="lenet-notes" slide="notes"
# Lecture 03 went through the shapes; here the question is the plan. Ask: "Which
# layers know where on the image something is?" All up to S4; C5 has one place.
# "Why 32, when digits are 28?" So that the ends of strokes can stand in the
# middle of a window of C3.

# %% [markdown] id="digits" slide="slide"
# ## Does it work? Train it
#
# Digits of 28×28, framed by zeros to LeNet's 32:

# %% id="digits-figure" alt="Twenty scanned handwritten digits in two rows of ten, white on black, each with a black frame."
parts = digits(size=28)
frame = [(0, 0), (2, 2), (2, 2), (0, 0)]
framed = [(np.pad(part.images, frame), part.labels) for part in parts]
train, validation, test = framed
plots.mosaic(train[0][:20], columns=10, height=2.6)

# %% [markdown] id="digits-answer" slide="fragment"
# Over a thousand, ten classes; scans of 8×8 pixels, enlarged. Who bets on more
# than 90 % after a few seconds?

# %% [markdown] id="digits-notes" slide="notes"
# Ask first what a guess gets right: 10 %. Then whether the frame of zeros is a
# waste: it gives kernels of C1 room at the border. The digits are the 1,797 of
# scikit-learn, a fifth kept for the test, a tenth for validation.

# %% id="training" slide="skip"
history = fit(
    lenet,
    train,
    4,
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    optimizer=keras.optimizers.Adam(2e-3),
    metrics=["accuracy"],
    validation=validation,
    verbose=0,
)

# %% [markdown] id="learning" slide="slide"
# ## Four times through the digits

# %% id="learning-figure" alt="Two panels over four epochs. The loss falls steeply at first, then slowly, the validation loss close to it. The accuracy rises in the first two or three epochs to near 1 and stays, validation slightly below training."
plots.learning_curves(history)

# %% id="learning-check"
guessed = values(lenet(test[0], training=False)).argmax(axis=-1)
print("over 90 % of the test digits right:", (guessed == test[1]).mean() > 0.9)

# %% [markdown] id="learning-notes" slide="notes"
# The curves are those of this run: weights start elsewhere on another machine,
# the course of things is the same. Ask what a gap between the dashed and the
# full line would mean (overfitting), and why it is small here: 61,706
# parameters, but the images are simple. `verbose="auto"` instead of 0 shows the
# curves as they grow.

# %% [markdown] id="mistakes" slide="subslide"
# ## The eight test digits that it reads worst
#
# Their labels get the smallest shares. Above each: label → answer.

# %% id="mistakes-figure" alt="Eight handwritten digits, each with two numbers above it: the label and the network's answer. Most are written unusually: broken, slanted or cut off strokes, and in some the numbers differ."
shares = softmax(values(lenet(test[0], training=False)))
share_of_label = shares[np.arange(len(test[1])), test[1]]
worst = np.argsort(share_of_label)[:8]
said = shares[worst].argmax(axis=-1)
titles = [
    f"{label} → {guess}"
    for label, guess in zip(test[1][worst], said, strict=True)
]
plots.mosaic(test[0][worst], titles, columns=8, height=2.4)

# %% [markdown] id="mistakes-notes" slide="notes"
# Ask the room to read them without the titles. Always look at the mistakes
# before changing the network: some are wrong labels, some no person could read.

# %% [markdown] id="tanh" slide="slide"
# ## So why did it take until 2012?
#
# Data, machines, and tanh. How much of a gradient passes it?

# %% id="tanh-figure" claims="04-tanh" alt="Slope over the input from -4 to 4. For tanh a bell that is 1 at zero, less than a tenth at 2 and nearly nothing at 4. For ReLU a step: 0 below zero, 1 above it."
x = np.linspace(-4, 4, 161)
plots.curves(
    (x, 1 - np.tanh(x) ** 2),
    (x, (x > 0).astype(float)),
    labels=["tanh", "ReLU"],
    axes=("input", "slope"),
)

# %% [markdown] id="tanh-answer" slide="fragment"
# Far from zero a unit hardly learns, and over layers slopes multiply.
# ReLU's is 1 for any positive input.

# %% [markdown] id="tanh-notes" slide="notes"
# Ask: "And where ReLU's slope is 0?" Such a unit gets no gradient from this
# image, but from others. Only if it is off for all images, it is dead. The
# paper of AlexNet shows a small network reach 25 % training error about six
# times faster with ReLU (its figure 1).

# %% [markdown] id="alexnet" slide="slide"
# ## 2012: AlexNet

# %% id="alexnet-figure" alt="AlexNet as volumes: image 227 by 227 by 3, conv1 55 by 55 by 96, pool1 27, conv2 27 by 27 by 256, pool2 13, conv3 and conv4 13 by 13 by 384, conv5 13 by 13 by 256, pool5 6 by 6 by 256, then vectors of 4096, 4096 and 1000."
with outlines():  # counted and drawn, without weights
    alex = summary(alexnet())
draw_volumes(alex)

# %% [markdown] id="alexnet-size" slide="subslide"
# ## LeNet's plan, larger

# %% id="alexnet-check" claims="04-alexnet"
print(f"{alex.parameters:,} parameters, LeNet {lenet.count_params():,}")

# %% [markdown] id="alexnet-answer" slide="fragment"
# A thousand times as many: **61 million** parameters, not 16, as a deck has it.
# Its first dense layer alone, $9216\cdot 4096$, has 38 million.

# %% [markdown] id="alexnet-notes" slide="notes"
# Ask how to disprove 16 million in ten seconds, before the fragment says it.
# Then: "Which sizes are still free when 227, 11 and 4 are fixed?" None along
# height and width; the channels are.

# %% [markdown] id="five-ideas" slide="slide"
# ## Five ideas. Which survived?
#
# 1. ReLU instead of tanh
# 2. Local response normalization: neighbouring channels compete
# 3. Overlapping pooling: windows of 3 at stride 2
# 4. Dropout in the dense layers
# 5. Two groups: half of the network on each of two graphics cards
#
# Vote now. The evidence follows.

# %% [markdown] id="five-ideas-notes" slide="notes"
# Write the votes on the board. What became of them: 1 everywhere; 2 gone; 3
# rare; 4 with dense layers, else rare; 5 came back with another reason
# (lecture 08). The paper's own measurements come at the end of this part.

# %% [markdown] id="lrn" slide="slide"
# ## Channels compete
#
# One place of a map, ten channels. A large response damps its neighbours:

# %% id="lrn-figure" claims="04-lrn" alt="Ten channels before and after normalization. Before, all are 2 but channel 5, which is 8. After, those far from it are a little over a half, its two neighbours fall to about a quarter, and channel 5 itself is near 1."
before = np.full(10, 2.0)
before[4] = 8
compete = LocalResponseNorm(n=3, k=1, alpha=1, beta=0.5)
after = values(compete(before[None]))[0]
channels = np.arange(1, 11)
plots.curves(
    (channels, before),
    (channels, after),
    labels=["before", "after"],
    axes=("channel", "value"),
    dots=[True, True],
)

# %% [markdown] id="lrn-answer" slide="fragment"
# Not pixels next to each other: channels, in the same place.

# %% [markdown] id="lrn-notes" slide="notes"
# The likely wrong idea: that it looks at neighbouring pixels, as a blur does.
# Cover the legend and ask which dots are which. The order of channels is
# arbitrary at the start; ask what makes channel 5 and 6 neighbours then. Only
# this layer: training arranges them.

# %% [markdown] id="lrn-formula" slide="subslide"
# ## Divide by the neighbourhood
#
# $$b_i = a_i \Big/ \Big(k + \alpha \sum_{j=i-(n-1)/2}^{i+(n-1)/2} a_j^2\Big)^{\beta}$$
#
# Channels that do not exist count as zero. AlexNet: $n=5$, $k=2$,
# $\alpha=10^{-4}$, $\beta=0.75$. Nine responses of equal size:

# %% id="lrn-formula-check" claims="04-lrn-scale"
for size in (1, 10, 1000):
    b = values(LocalResponseNorm()(np.full((1, 9), float(size))))[0, 4]
    print(f"a = {size:4}: b = {b:7.3f}, {b / size:.3f} of it")

# %% [markdown] id="lrn-formula-answer" slide="fragment"
# Small ones are all scaled by about $2^{-\beta}$; only large ones compete.

# %% [markdown] id="lrn-formula-notes" slide="notes"
# A trap of other libraries: Caffe and PyTorch multiply the *mean* of the
# squares by alpha, so that theirs is n times this one: 5e-4 for AlexNet. Ask
# what goes wrong with weights from one and layers from the other: nothing
# raises an error.

# %% [markdown] id="question-lrn" slide="skip"
# ## Question 1. Channels compete
#
# Write `response_norm(a, n=5, k=2.0, alpha=1e-4, beta=0.75)`, the formula above
# for an array `a` whose **last** axis are the channels; it may have any number
# of axes before, and hold whole numbers. `n` is odd. Channels that do not exist
# count as zero. The array returned has the shape of `a`.


# %% id="response-norm" role="answer" minutes=15 taught="lrn"
def response_norm(a, n=5, k=2.0, alpha=1e-4, beta=0.75):
    """Each channel, divided by what its neighbours sum to."""
    ### BEGIN SOLUTION
    a = np.asarray(a, float)
    total = np.zeros(a.shape)
    for i in range(a.shape[-1]):
        first = max(0, i - n // 2)
        total[..., i] = (a[..., first : i + n // 2 + 1] ** 2).sum(axis=-1)
    return a / (k + alpha * total) ** beta
    ### END SOLUTION


# %% id="response-norm-check" role="test" points=2 of="response-norm"
import numpy as np

# By hand: channel 1 sees 1 and 1, channel 2 all three, channel 3 sees 1 and 4.
got = np.asarray(response_norm(np.array([1, 1, 2]), 3, 1, 1, 1))
assert got.shape == (3,), (
    f"response_norm of three channels returned the shape {got.shape}. Each "
    "channel has its own result."
)
assert np.allclose(got, [1 / 3, 1 / 7, 1 / 3], rtol=1e-5), (
    f"response_norm([1, 1, 2], n=3, k=1, alpha=1, beta=1) returned {got}. "
    + (
        "Hint: can the array that you fill hold fractions?"
        if got.dtype.kind in "iu"
        else "Hint: for each channel write down which channels are within "
        "reach, and the sum of their squares."
    )
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(41)


def slipped(
    a, n, k, alpha, beta, divisor=1, power=2, axis=-1, wrap=False, whole=True
):
    a = np.moveaxis(np.asarray(a, float), axis, -1)
    radius = n // 2
    around = [(0, 0)] * (a.ndim - 1) + [(radius, radius)]
    wide = np.pad(a, around, mode="wrap" if wrap else "constant")
    windows = np.lib.stride_tricks.sliding_window_view(wide, n, axis=-1)
    total = (np.abs(windows) ** power).sum(axis=-1) / divisor
    by = (k + alpha * total) ** beta if whole else k + alpha * total**beta
    return np.moveaxis(a / by, -1, axis)


for shape, n, k, alpha, beta in [
    ((9,), 5, 2.0, 1e-4, 0.75),
    ((7,), 1, 1.0, 0.5, 1.0),
    ((4, 6), 3, 1.5, 0.3, 0.5),
    ((2, 5, 6, 8), 5, 2.0, 0.02, 0.75),
    ((3, 3, 2), 7, 1.0, 0.1, 2.0),
]:
    a = 30 * rng.normal(size=shape)
    called = (
        f"response_norm(a, n={n}, k={k}, alpha={alpha}, beta={beta}) for a of "
        f"shape {shape}"
    )
    got = np.asarray(response_norm(a.copy(), n, k, alpha, beta))
    want = slipped(a, n, k, alpha, beta)
    assert got.shape == shape, f"{called} returned the shape {got.shape}."
    slips = [
        ({"divisor": n}, "a sum, not a mean."),
        ({"power": 1}, "which power of the neighbours is summed?"),
        ({"wrap": True}, "the last channel is no neighbour of the first."),
        ({"whole": False}, "what does the exponent stand on?"),
    ]
    for axis in range(len(shape) - 1):
        slips.append(({"axis": axis}, "pixels do not compete. Which axis?"))
    hints = [
        hint
        for slip, hint in slips
        if np.allclose(got, slipped(a, n, k, alpha, beta, **slip), rtol=1e-4)
    ]
    assert np.allclose(got, want, rtol=1e-4, atol=1e-7), (
        f"{called} returned wrong numbers. Hint: "
        + (hints[0] if hints else "compute one channel by hand, at the end.")
    )
a = np.array([100.0, -100.0, 300.0, 0.0, 5.0, 200.0])
got = np.asarray(response_norm(a.copy()))
want = slipped(a, 5, 2, 1e-4, 0.75)
assert np.allclose(got, want, rtol=1e-4), (
    f"response_norm([100, -100, 300, 0, 5, 200]) returned {got}. Hint: which "
    "numbers stand in the formula when none is given?"
)
### END HIDDEN TESTS

# %% [markdown] id="overlap" slide="slide"
# ## Windows that overlap
#
# Seven pixels, pooled at stride 2:

# %% id="overlap-figure" alt="The row a to g twice, each pixel with the number of windows that read it below. Windows of 2: a to f are read once, g by none. Windows of 3: a, b, d, f and g once, c and e twice."
row = list("abcdefg")
reads = [
    convolution_matrix(np.ones(size, int), (7,), strides=2).sum(axis=0)
    for size in (2, 3)
]
plots.number_grids(
    [row, list(map(str, reads[0]))],
    [row, list(map(str, reads[1]))],
    titles=["windows of 2", "windows of 3"],
    taps=[[[0] * 7, reads[0]], [[0] * 7, reads[1]]],
    kernel_shape=(3,),
    height=2.2,
)

# %% id="overlap-check" claims="04-overlap"
for size in (55, 27):
    two, three = (pool_output_size(size, k, stride=2) for k in (2, 3))
    print(f"{size} pixels: windows of 2 make {two}, of 3 make {three}")

# %% [markdown] id="overlap-answer" slide="fragment"
# Same sizes, other values; of an odd size, windows of 2 lose the last pixel.

# %% [markdown] id="overlap-notes" slide="notes"
# Ask: "Does a larger window make a smaller map?" Here it does not: sizes are
# odd, and rounding down hides the difference. The stride decides.

# %% [markdown] id="dropout" slide="slide"
# ## Dropout: which network do we test?
#
# Training leaves out each unit with probability one half. Testing keeps all:
# on average, sums would be twice as large. So what is kept counts double in
# training:

# %% id="dropout-figure" claims="04-dropout" alt="The sums that sixteen networks make, sorted: dots that rise from far below zero to far above it. A line at their mean, which is the sum without dropout."
from itertools import product

units, weights = np.array([1.0, 2, 3, 4]), np.array([4.0, -3, 2, 1])
masks = np.array(list(product([0, 1], repeat=4)))
sums = masks * units / 0.5 @ weights
plots.curves(
    (np.arange(1, 17), np.sort(sums)),
    ([1, 16], [units @ weights] * 2),
    labels=["one network each", "without dropout"],
    axes=("four units: sixteen networks", "sum"),
    dots=[True, False],
)

# %% [markdown] id="dropout-answer" slide="fragment"
# Their mean is the sum without dropout.

# %% [markdown] id="dropout-notes" slide="notes"
# AlexNet halved at test time instead; Keras doubles in training, so that
# testing needs no thought. Ask: "How many networks are there in fc6?" Two to
# the power of 4096. Ask for the frequent slip: calling a model with
# training=True when testing; each call then says something else.

# %% [markdown] id="dropout-relu" slide="subslide"
# ## Is the whole network the mean of all?
#
# For a sum it is. Behind it comes ReLU:

# %% id="dropout-relu-check" claims="04-dropout-relu"
print("mean of the sums:       ", sums.mean())
print("mean after their ReLU:  ", np.maximum(sums, 0).mean())
print("ReLU without dropout:   ", max(units @ weights, 0))

# %% [markdown] id="dropout-relu-answer" slide="fragment"
# Not exactly: the network that is tested is *about* the mean of all that were
# trained. In practice that is good enough.

# %% [markdown] id="dropout-relu-notes" slide="notes"
# Ask why it fails: the mean of what was cut off at zero is not the mean, cut
# off at zero. Some keep dropout on when they test and average many answers, to
# see how much they differ.

# %% [markdown] id="last-layer" slide="subslide"
# ## After each dense layer?
#
# "ReLU and dropout after each fully connected layer", says a deck. Read the
# list:

# %% id="last-layer-check" claims="04-last-layer"
print(*(row.layer for row in alex.rows[-6:]))
doubtful = np.array([2.0, -1.0, -3.0])
print("shares of 2, -1, -3:", softmax(doubtful).round(3))
print("with ReLU before:   ", softmax(np.maximum(doubtful, 0)).round(3))

# %% [markdown] id="last-layer-answer" slide="fragment"
# Not after the last. ReLU would make all classes below zero equal, dropout
# would silence classes at random.

# %% [markdown] id="last-layer-notes" slide="notes"
# Ask which number of the second line is most wrong: -1 and -3 have become the
# same class. With ReLU there, a wrong class below zero gets no gradient either:
# it can never be learned away.

# %% [markdown] id="groups" slide="slide"
# ## Two groups: who talks to whom
#
# Four channels, two on each card. Which inputs (columns) reach which outputs
# (rows)?

# %% id="groups-figure" claims="04-groups" alt="Three 4 by 4 tables. After one grouped layer the upper left and lower right block of four are marked. After two grouped layers the same two blocks. After a grouped and a whole layer all sixteen cells are marked."
halves = convolution_matrix(np.ones((1, 1, 2, 4), int), (1, 1, 4), groups=2)
whole = convolution_matrix(np.ones((1, 1, 4, 4), int), (1, 1, 4))
reach = [halves, halves @ halves, whole @ halves]
reach = [(table > 0).astype(int) for table in reach]
plots.number_grids(
    *[np.where(table, "×", "") for table in reach],
    titles=["one grouped", "two grouped", "grouped, whole"],
    taps=reach,
    kernel_shape=(1,),
    height=3.2,
)

# %% [markdown] id="groups-answer" slide="fragment"
# However many grouped layers, the halves stay strangers. AlexNet's conv3 and
# its dense layers introduce them. (Its cost: lecture 03.)

# %% [markdown] id="groups-notes" slide="notes"
# The reason was memory: a card had 3 GB. Ask: "conv4 and conv5 are grouped. Is
# conv5 of card 1 blind to card 2?" Not any more: conv3 mixed them before.
# The halves specialized all by themselves: filters of conv1 for colour on one
# card, for form on the other (figure 3 of the paper).

# %% [markdown] id="survived" slide="slide"
# ## What did each idea bring?
#
# AlexNet's authors measured, and so did VGG's, two years later:

# %% id="survived-check" claims="04-lrn-useless"
for idea in ("two GPUs", "response normalization", "overlapping pooling"):
    saved = number("AlexNet", f"top-1 points saved by {idea}")
    print(f"AlexNet, {idea}: {saved} points fewer errors")
for letter in ("A", "A-LRN"):
    error = number(f"VGG {letter}", "top-1 error trained at 256")
    print(f"VGG {letter}: {error} % errors")

# %% [markdown] id="survived-answer" slide="fragment"
# "Two GPUs" are *twice the filters*. Normalization did not help VGG.

# %% [markdown] id="survived-notes" slide="notes"
# Back to the votes. Ask before the fragment what the line about two GPUs
# proves: the paper compares with a smaller net on one card, not with groups=1.
# Networks after VGG rarely normalize responses in this way. An idea that helps one network may be useless in the next: test it again.

# %% [markdown] id="vgg" slide="slide"
# ## Kernels of 11, 5, 3: which is right?
#
# VGG (2014) answers: 3, and more of them. Two 3×3 convolutions, one after the
# other, nothing between:

# %% id="vgg-figure" claims="04-five" alt="A 3 by 3 kernel 1 2 1, 2 4 2, 1 2 1, then the same again, equals a 5 by 5 kernel with 1 in its corners and 36 in its middle."
small = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]])
once = convolution_matrix(small, (5, 5))  # 25 pixels to 9
again = convolution_matrix(small, (3, 3))  # 9 pixels to 1
plots.number_grids(
    small,
    small,
    (again @ once).reshape(5, 5),
    titles=["first", "second", "together"],
    signs=["then", "="],
    height=3.2,
)

# %% [markdown] id="vgg-answer" slide="fragment"
# One output of the second sees 5×5 pixels, exactly like **one** 5×5 kernel.
# Three see 7×7.

# %% [markdown] id="vgg-notes" slide="notes"
# Ask before the last grid is shown: "How large is what they see together?" The
# likely wrong answer is 6, or 9: kernels do not lie side by side. The second
# looks at 3 outputs of the first, and these see 3 pixels each, two of which
# they share. More in lecture 05.

# %% [markdown] id="vgg-cost" slide="subslide"
# ## What is gained?
#
# $c$ channels in and out, weights in units of $c^2$:

# %% id="vgg-cost-check" claims="04-five-cost"
for layers in (2, 3):
    k = 2 * layers + 1
    few = layers * conv_parameters(3, 1, 1, bias=False)
    many = conv_parameters(k, 1, 1, bias=False)
    print(f"{layers} of 3x3: {few}, one of {k}x{k}: {many}, {few / many:.0%}")

# %% [markdown] id="vgg-cost-answer" slide="fragment"
# Fewer weights, less work, and a ReLU in between: **more** can be computed. But
# not everything: 25 free numbers of a 5×5 kernel do not fit into 18.

# %% [markdown] id="vgg-cost-notes" slide="notes"
# "5x5 is 3x3 applied twice", says a deck. Ask in which direction that is true:
# two 3x3 without ReLU are always a 5x5; the other way round hardly ever. With
# c channels in the middle the counts change, the direction does not, unless
# there are many more in the middle.

# %% [markdown] id="table" slide="slide"
# ## Six networks by one recipe
#
# Five stages, max pooling after each, then three dense layers. How many 3×3
# convolutions of $c$ filters has a stage? (+1: then one of 1×1; star: LRN.)


# %% id="table-figure" alt="A table of the five stages of 64, 128, 256, 512 and 512 filters in the rows, and of the networks A, A-LRN, B, C, D, E. A: 1 1 2 2 2. A-LRN the same, a star in its first stage. B: 2 2 2 2 2. C: 2, 2 and three times 2+1. D: 2 2 3 3 3. E: 2 2 4 4 4."
def told(stage):
    """Convolutions of 3x3, "+1" for one of 1x1, a star for LRN."""
    threes = sum(entry.isdigit() for entry in stage.split())
    return (
        f"{threes}{'+1' if '1-' in stage else ''}{'*' if 'L' in stage else ''}"
    )


filters = ["64", "128", "256", "512", "512"]
columns = {
    letter: [told(stage) for stage in stages.split(", ")]
    for letter, stages in VARIANTS.items()
}
plots.number_grids(
    np.array(filters)[:, None],
    *[np.array(column)[:, None] for column in columns.values()],
    titles=["c", *columns],
    height=3.9,
)

# %% [markdown] id="table-notes" slide="notes"
# Let the room find what each step changes: A to A-LRN, to B, to C, to D, to E.
# It is an experiment in one variable at a time. Ask: "What does a 1x1 after two
# 3x3 add?" No wider view, but another ReLU: C against D tells what the view is
# worth. In one of the decks this table lost columns in print; whoever builds E
# from it counts too few layers.

# %% id="families" slide="skip"
with outlines():
    family = {letter: summary(vgg(letter)) for letter in VARIANTS}
vgg16 = family["D"]
costs = by_stage(vgg16)


def error(letter, how):
    return number(f"VGG {letter}", f"top-1 error {how}")


# %% [markdown] id="sizes" slide="slide"
# ## Do the counts agree with the paper's?

# %% id="sizes-check" claims="04-vgg-parameters"
for letter, counted in family.items():
    reported = number(f"VGG {letter}", "parameters")
    print(
        f"{letter:6}{counted.depth:3} layers {counted.parameters:13,}", end=""
    )
    print(f" parameters, table 2: {reported:.0f} million")

# %% [markdown] id="sizes-answer" slide="fragment"
# They do. "VGG-16" is D and "VGG-19" is E: layers *with weights*. From A to E
# there are eight more convolutions, but only 8 % more weights. Why so few?

# %% [markdown] id="sizes-notes" slide="notes"
# Ask the question of the fragment before looking on: where are the others?
# Whoever counts 16 and finds 21 or 22 has counted pools.

# %% [markdown] id="question-parameters" slide="skip"
# ## Question 2. Table 2
#
# Write `vgg_parameters(stages, image_size=224, units=(4096, 4096, 1000),
# channels=3)`: the number of all parameters, biases included. `stages` is a list
# with a list for each stage; an entry is a pair (kernel size, filters).
# Convolutions keep the size. A pool of 2 at stride 2 ends each stage; of an odd
# size it drops the last row and column. `units` are the dense layers. For
# example, the convolutions of A are
#
#     [[(3, 64)], [(3, 128)], [(3, 256)] * 2, [(3, 512)] * 2, [(3, 512)] * 2]


# %% id="vgg-parameters" role="answer" minutes=15 taught="sizes"
def vgg_parameters(
    stages, image_size=224, units=(4096, 4096, 1000), channels=3
):
    """Weights and biases of a VGG."""
    ### BEGIN SOLUTION
    total = 0
    for stage in stages:
        for kernel_size, filters in stage:
            total += (kernel_size**2 * channels + 1) * filters
            channels = filters
        image_size //= 2
    inputs = image_size**2 * channels
    for outputs in units:
        total += (inputs + 1) * outputs
        inputs = outputs
    return total
    ### END SOLUTION


# %% id="vgg-parameters-check" role="test" points=2 of="vgg-parameters"
import numpy as np

# By hand: a filter with 9 weights and a bias; one number is left of two pixels
# each way; two units with a weight and a bias.
got = vgg_parameters([[(3, 1)]], image_size=2, units=(2,), channels=1)
assert np.size(got) == 1 and int(np.ravel(got)[0]) == 14, (
    "vgg_parameters([[(3, 1)]], image_size=2, units=(2,), channels=1) returned "
    f"{got}. Hint: draw this network. What does the filter learn, how many "
    "numbers leave the pool, what do two units learn?"
)
### BEGIN HIDDEN TESTS


def counted(stages, image_size, units, channels, slip=""):
    total, side, image = 0, image_size, channels
    for stage in stages:
        for k, filters in stage:
            k = 3 if slip == "kernel" else k
            reads = {"flat": 1, "image": image}.get(slip, channels)
            total += np.ones((k, k, reads, filters)).size
            total += 0 if slip == "biases" else filters
            channels = filters
        side = (side + 1) // 2 if slip == "up" else side // 2
    side = {"pools": 2 * side, "unpooled": image_size}.get(slip, side)
    rows = 1 if slip == "row" else side
    reads = first = channels if slip == "flatten" else rows * side * channels
    for outputs in units:
        total += reads * outputs + (0 if slip == "biases" else outputs)
        reads = first if slip == "dense" else outputs
    return total


hints = {
    "biases": "filters and units have biases, too.",
    "kernel": "C has 1x1 kernels.",
    "flat": "a filter reads all channels.",
    "image": "a filter reads what the layer before it makes.",
    "up": "of an odd size a pool of 2 drops the last row.",
    "pools": "a pool ends each stage, the last one, too.",
    "unpooled": "each pool halves both sides of the map.",
    "row": "a map has rows and columns.",
    "flatten": "the first dense layer reads every place of the last map.",
    "dense": "a dense layer reads what the one before it makes.",
}
widths = (64, 128, 256, 512, 512)
threes = {"A": (1, 1, 2, 2, 2), "B": (2,) * 5, "D": (2, 2, 3, 3, 3)}
threes |= {"C": (2,) * 5, "E": (2, 2, 4, 4, 4)}
asked = []
for letter, counts in threes.items():
    stages = [[(3, w)] * n for w, n in zip(widths, counts, strict=True)]
    if letter == "C":
        stages = stages[:2] + [[*s, (1, s[0][1])] for s in stages[2:]]
    asked.append((f"VGG {letter}", stages, 224, (4096, 4096, 1000), 3))
asked += [
    ("a small network", [[(3, 4), (1, 6)], [(5, 8)]], 20, (7, 3), 1),
    ("a network of odd sizes", [[(3, 2)], [(3, 5)]], 23, (4,), 2),
    ("a network of one dense layer", [[(3, 2)], [(1, 5)]], 8, (6,), 3),
]
for name, stages, image_size, units, channels in asked:
    got = vgg_parameters(
        stages, image_size=image_size, units=units, channels=channels
    )
    got = int(np.ravel(got)[0])
    slips = [
        hint
        for slip, hint in hints.items()
        if got == counted(stages, image_size, units, channels, slip)
    ]
    assert got == counted(stages, image_size, units, channels), (
        f"{name}: vgg_parameters({stages}, image_size={image_size}, "
        f"units={units}, channels={channels}) returned {got}. Hint: "
        + (slips[0] if slips else "count a network of two layers by hand.")
    )
by_default = vgg_parameters([[(3, 64)]] + [[(1, 8)]] * 4)
want = counted([[(3, 64)]] + [[(1, 8)]] * 4, 224, (4096, 4096, 1000), 3)
assert int(np.ravel(by_default)[0]) == want, (
    "vgg_parameters(stages) with nothing else said returned another number. "
    "Hint: which sizes stand in the question?"
)
### END HIDDEN TESTS

# %% [markdown] id="question-vgg" slide="skip"
# ## Question 3. VGG from its letter
#
# Write `vgg_net(x, letter, width, units, classes)`, a function from a tensor to
# a tensor, made of Keras layers: the network "A", "B", "C", "D" or "E" of the
# lecture's table. `width` is the number of filters in the first stage, 64 in
# the paper; the others have two, four, eight and eight times as many. Padding
# keeps the size in convolutions, max pooling of 2 ends each stage, and a 1×1
# convolution is the last of its stage. The dense layers have `units`, `units`
# and `classes` numbers. ReLU follows each convolution and each dense layer but
# the last, whose *scores* it returns: no softmax. Dropout is up to you.
#
# The test builds small ones: `width=2` and images of 64×32.


# %% id="vgg-net" role="answer" minutes=25 taught="table"
def vgg_net(x, letter, width, units, classes):
    """The scores of VGG "A" to "E" for the images x."""
    ### BEGIN SOLUTION
    first, second, more = {
        "A": (1, 1, 2),
        "B": (2, 2, 2),
        "C": (2, 2, 2),
        "D": (2, 2, 3),
        "E": (2, 2, 4),
    }[letter]
    layers = keras.layers
    for stage, count in enumerate((first, second, more, more, more)):
        filters = width * (1, 2, 4, 8, 8)[stage]
        kernels = [3] * count
        if letter == "C" and stage >= 2:
            kernels.append(1)
        for kernel in kernels:
            x = layers.Conv2D(
                filters, kernel, padding="same", activation="relu"
            )(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(units, activation="relu")(x)
    x = layers.Dense(units, activation="relu")(x)
    return layers.Dense(classes)(x)
    ### END SOLUTION


# %% id="vgg-net-check" role="test" points=1.5 of="vgg-net"
from course.catalogue import outlines
from course.checks import build

with outlines():  # weights have shapes and no values
    small = build(vgg_net, (64, 32, 3), letter="A", width=2, units=5, classes=4)
kernels = [w.shape for w in small.weights if len(w.shape) > 1]
assert len(kernels) == 11, (
    f'vgg_net(x, "A") has {len(kernels)} layers with weights. Hint: add up the '
    "column of the table, and the dense layers."
)
assert small.output_shape == (None, 4), (
    f'vgg_net(x, "A", classes=4) has the output shape {small.output_shape}. '
    "Hint: one score a class and image."
)
### BEGIN HIDDEN TESTS
widths = (2, 4, 8, 16, 16)
rows = {
    "B": [(3, 3)] * 5,
    "C": [(3, 3)] * 2 + [(3, 3, 1)] * 3,
    "D": [(3, 3)] * 2 + [(3, 3, 3)] * 3,
    "E": [(3, 3)] * 2 + [(3, 3, 3, 3)] * 3,
}
for letter, stages in rows.items():
    with outlines():
        net = build(
            vgg_net, (64, 32, 3), letter=letter, width=2, units=5, classes=4
        )
    got = [tuple(w.shape) for w in net.weights if len(w.shape) == 4]
    want, before = [], 3
    for filters, kernels in zip(widths, stages, strict=True):
        for k in kernels:
            want.append((k, k, before, filters))
            before = filters
    assert len(got) == len(want), (
        f"{letter} has {len(got)} convolutions. Hint: count the column of the "
        "table."
    )
    for i, (mine, right) in enumerate(zip(got, want, strict=True), start=1):
        assert mine == right, (
            f"{letter}, width=2: the kernel of convolution {i} has the shape "
            f"{mine}. Hint: rows, columns, channels read, filters. Which of "
            "these does the table say otherwise, and which comes first?"
        )
    dense = [tuple(w.shape) for w in net.weights if len(w.shape) == 2]
    assert dense == [(32, 5), (5, 5), (5, 4)], (
        f"{letter}, width=2, units=5, classes=4 on 64x32 pixels: the dense "
        f"layers have kernels {dense}. Hint: what does five times halving leave "
        "of the map, and what reads it?"
    )
    biases = [w for w in net.weights if len(w.shape) == 1]
    assert len(biases) == len(want) + 3, (
        f"{letter} has {len(biases)} vectors of weights. Hint: a bias for each "
        "layer, nothing else that learns."
    )
### END HIDDEN TESTS

# %% id="vgg-net-values-check" role="test" points=1.5 of="vgg-net"
import numpy as np

from course.catalogue import outlines
from course.checks import build, output

with outlines():  # the weights' values come from here
    small = build(vgg_net, (64, 32, 3), letter="A", width=2, units=5, classes=4)
weights = [np.zeros(weight.shape) for weight in small.weights]
assert weights[-1].shape == (4,), (
    f'The last weights of vgg_net(x, "A", classes=4) have the shape '
    f"{weights[-1].shape}. Hint: the last layer has a bias for each class."
)
weights[-1] = np.array([-2.0, 0.0, 1.0, 3.0])
got = output(small, weights, np.zeros((1, 64, 32, 3))).ravel()
assert got.shape == (4,) and np.allclose(got, [-2, 0, 1, 3]), (
    "With all weights zero but the last biases, -2, 0, 1 and 3, these are the "
    f"scores. Yours are {got}. Hint: what comes after the last layer?"
)
### BEGIN HIDDEN TESTS


def relu(x):
    return np.maximum(x, 0)


def convolved(x, kernel, bias):
    """A "same" convolution at stride 1, tap by tap."""
    k = len(kernel)
    x = np.pad(x, [(k // 2, k // 2), (k // 2, k // 2), (0, 0)])
    rows, columns = x.shape[0] - k + 1, x.shape[1] - k + 1
    return bias + sum(
        x[u : u + rows, v : v + columns] @ kernel[u, v]
        for u in range(k)
        for v in range(k)
    )


def pooled(x, largest=True):
    x = x.reshape(x.shape[0] // 2, 2, x.shape[1] // 2, 2, -1)
    return x.max(axis=(1, 3)) if largest else x.mean(axis=(1, 3))


def through(x, weights, counts, largest=True, bent=True, dense=True):
    pairs = [weights[i : i + 2] for i in range(0, len(weights), 2)]
    at = 0
    for count in counts:
        for kernel, bias in pairs[at : at + count]:
            x = convolved(x, kernel, bias)
            x = relu(x) if bent else x
        at += count
        x = pooled(x, largest)
    x = x.ravel()
    for kernel, bias in pairs[at:-1]:
        x = x @ kernel + bias
        x = relu(x) if dense else x
    return x @ pairs[-1][0] + pairs[-1][1]


rng = np.random.default_rng(43)
image = rng.normal(size=(64, 32, 3)).astype("float32")
for letter, counts in (("A", (1, 1, 2, 2, 2)), ("C", (2, 2, 3, 3, 3))):
    with outlines():
        net = build(
            vgg_net, (64, 32, 3), letter=letter, width=2, units=5, classes=4
        )
    dense = [tuple(w.shape) for w in net.weights if len(w.shape) == 2]
    assert len(net.weights) == 2 * (sum(counts) + 3) and dense[0][0] == 32, (
        f"{letter} of width 2 on 64x32 pixels has other layers than the lecture's "
        "table. Hint: see what the other check of this question says."
    )
    weights = []
    for weight in net.weights:
        shape = tuple(weight.shape)
        spread = np.sqrt(2 / np.prod(shape[:-1])) if len(shape) > 1 else 0.1
        weights.append(rng.normal(0, spread, shape).astype("float32"))
    got = output(net, weights, image[None]).ravel()
    want = through(image, weights, counts)
    hint = "read the question again, layer by layer: pools and activations."
    for slip, other in (
        ("largest", "which pooling?"),
        ("bent", "what follows a convolution?"),
        ("dense", "what follows a dense layer?"),
    ):
        slipped = through(image, weights, counts, **{slip: False})
        hint = other if np.allclose(got, slipped, atol=1e-3) else hint
    if abs(got.sum() - 1) < 1e-3:
        hint = "scores are asked for, not shares."
    assert np.allclose(got, want, rtol=1e-3, atol=1e-4), (
        f"{letter} of width 2, with random weights, has the scores {got} for a "
        f"random image: other ones than VGG. Hint: {hint}"
    )
### END HIDDEN TESTS

# %% [markdown] id="stages" slide="slide"
# ## VGG-16: where are the weights, where is the work?

# %% id="stages-figure" slide="fragment" claims="04-fc6" alt="Two rows of bars for VGG-16. Parameters: the five stages are short, the first ones hardly visible; fc6 is by far the longest, fc7 a sixth of it, fc8 short. Multiplications: conv3 and conv4 are longest and equal, then conv2, conv1, conv5; the dense layers can hardly be seen."
plots.stages(
    list(costs),
    [parameters for parameters, _ in costs.values()],
    [macs for _, macs in costs.values()],
)

# %% [markdown] id="stages-notes" slide="notes"
# Ask first, as with AlexNet in lecture 03. Then back to the vote of the title:
# it is fc6, 103 of 138 million. Who said "the last convolution"? Its map is
# small, its weights are two million.

# %% [markdown] id="constant" slide="slide"
# ## "Doubling the channels keeps the work constant"
#
# So it is taught: a quarter of the places, twice the channels in and out.

# %% id="constant-check" claims="04-vgg-stages"
for name in ("conv1", "conv2", "conv3", "conv4", "conv5"):
    rows = [row for row in vgg16.rows if row.layer.startswith(name)]
    each = "  ".join(f"{row.macs / 1e9:4.2f}" for row in rows)
    print(f"{name}: {costs[name][1] / 1e9:4.2f} GMACs = {each}")

# %% [markdown] id="constant-answer" slide="fragment"
# True of a layer *inside* a stage: 1.85. But the first of a stage reads half
# as many channels, stages differ in layers, and stage 5 does not double.

# %% [markdown] id="constant-notes" slide="notes"
# Give them a minute with the numbers: "For which of them is the sentence
# right?" Stage 1 begins with three channels; stages 2 to 4 begin with a layer
# of half the work; stage 5 has a quarter of the places and the same channels.
# A rule of thumb about layers became a claim about networks.

# %% [markdown] id="errors" slide="slide"
# ## Is deeper better?
#
# Top-1 error in validation, tested at one size; A, B, D and E by their layers:

# %% id="errors-figure" alt="Top-1 error over the number of layers. Trained at one size, 256 pixels, it falls from 29.6 percent at 11 layers to 27.0 at 16 and is slightly higher, 27.3, at 19. Trained at 384 the two values are a little lower. Trained at sizes from 256 to 512 it is about 25.5 at 16 and 19 layers."
depth = {"VGG A": 11, "VGG B": 13, "VGG D": 16, "VGG E": 19}
series = []
for scale in ("256", "384", "256 to 512"):
    rows = numbers(f"top-1 error trained at {scale}")
    points = [(depth[k], row.value) for k, row in rows.items() if k in depth]
    series.append(tuple(zip(*points, strict=True)))
plots.curves(
    *series,
    labels=["trained at 256", "at 384", "at 256 to 512"],
    axes=("layers with weights", "top-1 error, %"),
    dots=[True, True, True],
)

# %% [markdown] id="errors-answer" slide="fragment"
# Up to 16, yes; 19 is hardly better or worse. **Varied sizes** in training
# bring more than three more layers.

# %% [markdown] id="errors-notes" slide="notes"
# Numbers of the paper's table 3, as course.published holds them. Ask: "Why not
# 30 layers, then?" Lecture 07 is about that. Errors of one training each:
# a few tenths say nothing.

# %% [markdown] id="errors-details" slide="subslide"
# ## Four questions to two tables
#
# Top-1 errors in %, tables 3 and 4:


# %% id="errors-check"
wide = "trained at 256 to 512"
print("1x1 or 3x3:      C", error("C", wide), " D", error("D", wide))
print("16 or 19 layers: D", error("D", wide), " E", error("E", wide))
three = f"of three test scales {wide}"
print("one test scale: D", error("D", wide), " three: D", error("D", three))
print("again 16 or 19: D", error("D", three), " E", error("E", three))

# %% [markdown] id="errors-details-answer" slide="fragment"
# A wider view helps: C and D are equally deep. Three more layers do not. Three
# sizes at test do, for three times the work.

# %% [markdown] id="errors-details-notes" slide="notes"
# Ask what differs between C and D: the view, 3x3 against 1x1. B to C (28.7 and
# 28.1 at 256) tells what another ReLU alone brings. Ask what they would use in
# a telephone: three sizes bring less than a point.

# %% [markdown] id="bridge" slide="slide"
# ## The bridge: from a map to a vector
#
# How does a convolution's output enter a dense layer? Row after row, in each
# place all channels; here 2×2 places with two:

# %% id="bridge-figure" claims="04-flatten" alt="A 2 by 2 map whose places hold the texts a1 a2, b1 b2, c1 c2, d1 d2 for two channels, and the flattened row a1 a2 b1 b2 c1 c2 d1 d2."
places = np.array([[["a1", "a2"], ["b1", "b2"]], [["c1", "c2"], ["d1", "d2"]]])
order = np.arange(8).reshape(1, 2, 2, 2)
order = values(keras.layers.Flatten()(order)).ravel().astype(int)
plots.number_grids(
    [[" ".join(place) for place in row] for row in places],
    places.ravel()[order],
    titles=["map", "flattened"],
    signs=["→"],
    height=2.2,
)

# %% [markdown] id="bridge-answer" slide="fragment"
# The dense layer has a weight for each place **and** channel. So it knows where
# things are, and fits one size only.

# %% [markdown] id="bridge-notes" slide="notes"
# The first wrong idea: channel after channel. In libraries with channels first
# it is so: a1 b1 c1 d1 a2 ... Weights of dense layers that are moved from one
# to the other must be permuted, and nothing tells you.

# %% [markdown] id="refuses" slide="subslide"
# ## A larger image?
#
# LeNet is trained. Now the image has 40 pixels instead of 32:

# %% id="refuses-check"
layer = lenet.get_layer("F6")
print("weights of F6:", layer.kernel.shape)
try:
    layer(np.zeros((1, 3 * 3 * 120), "float32"))
except ValueError:
    print("C5 makes 3x3x120 numbers of it: refused")

# %% [markdown] id="refuses-answer" slide="fragment"
# The convolutions do not mind. What to do? Two answers follow: *slide* the
# dense layer, or *average* before it.

# %% [markdown] id="refuses-notes" slide="notes"
# Collect ideas first: crop, shrink, pad (all are done), several crops and an
# average (VGG, ten crops of AlexNet). All of them compute again and again what
# neighbouring crops share.

# %% id="dense-conv-layers" slide="skip"
dice = np.random.default_rng(4)
maps = dice.normal(size=(2, 7, 7, 512)).astype("float32")
dense, conv = keras.layers.Dense(5), keras.layers.Conv2D(5, 7)
conv.build(maps.shape)

# %% [markdown] id="dense-conv" slide="slide"
# ## A dense layer is a convolution
#
# Its kernel is as large as the map before it. VGG's bridge, 7×7×512, with five
# units:

# %% id="dense-conv-check" claims="04-dense-conv"
by_dense = values(dense(maps.reshape(2, -1)))
kernel = values(dense.kernel).reshape(7, 7, 512, 5)
conv.set_weights([kernel, values(dense.bias)])
by_conv = values(conv(maps))
print("dense", by_dense.shape, "convolution", by_conv.shape)
print("same values:", np.allclose(by_dense, by_conv[:, 0, 0], atol=1e-3))

# %% [markdown] id="dense-conv-answer" slide="fragment"
# One place where the kernel fits: one output. The same weights, only stacked
# differently.

# %% [markdown] id="dense-conv-notes" slide="notes"
# Ask: "What is the output of that convolution on a map of 9x12?" 3x6 places,
# the dense layer's answer in each. And fc7 after it? A 1x1 convolution: what
# precedes it has one place a window. The sum runs over 25,088 products in
# another order, hence the tolerance.

# %% [markdown] id="fc6" slide="subslide"
# ## The same for fc6

# %% id="fc6-check" claims="04-fc6"
fc6 = costs["fc6"][0]
print(f"fc6 as a dense layer:        {fc6:,} parameters")
print(f"as a convolution, kernel 7:  {conv_parameters(7, 512, 4096):,}")
print(f"of all VGG-16:               {fc6 / vgg16.parameters:.0%}")

# %% [markdown] id="fc6-answer" slide="fragment"
# Nothing is saved: it is another way to read the same numbers. What is gained
# is that it can **slide**.

# %% [markdown] id="fc6-notes" slide="notes"
# Ask what the two counts of the title were: three quarters, and which layer
# the room had voted for. The likely slip: 7·7·512 weights in all, forgetting
# that there are 4096 such filters.

# %% [markdown] id="question-dense-conv" slide="skip"
# ## Question 4. A dense layer that slides
#
# A dense layer has learned on maps of `map_shape`, (height, width, channels),
# flattened as Keras does. `weights` has the shape (height · width · channels,
# units), `bias` (units,).
#
# Write `slide(features, weights, bias, map_shape)`. `features` are larger maps
# (n, H, W, channels); the result is (n, H - height + 1, W - width + 1, units):
# in each place what the dense layer says of the map that begins there. No
# activation.


# %% id="slide" role="answer" minutes=20 taught="dense-conv"
def slide(features, weights, bias, map_shape):
    """The dense layer's answers at all places where its map fits."""
    ### BEGIN SOLUTION
    height, width, channels = map_shape
    kernel = np.asarray(weights, "float32")
    kernel = kernel.reshape(height, width, channels, -1)
    features = np.asarray(features, "float32")
    y = keras.ops.conv(features, kernel, padding="valid")
    return keras.ops.convert_to_numpy(y) + bias
    ### END SOLUTION


# %% id="slide-check" role="test" points=1.5 of="slide"
import numpy as np

# A map of 1x2 places with one channel, one unit: 10 times left plus right.
features = np.array([[1.0, 2, 3], [4, 5, 6]]).reshape(1, 2, 3, 1)
got = slide(features, np.array([[10.0], [1.0]]), np.array([100.0]), (1, 2, 1))
got = np.asarray(got)
assert got.shape == (1, 2, 2, 1), (
    "A map of 1x2 places fits into one of 2x3 two times in each of two rows. "
    f"slide returned the shape {got.shape}. Hint: count the places where all of "
    "the map fits; they may overlap."
)
assert np.allclose(got.ravel(), [112, 123, 145, 156]), (
    "weights 10 and 1, bias 100, on the rows 1 2 3 and 4 5 6: slide returned "
    f"{got.ravel()}. Hint: work out the first place by hand, then the next one "
    "to its right."
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(44)
for n, high, wide, shape, units in [
    (2, 5, 6, (2, 3, 4), 3),
    (3, 4, 7, (4, 1, 2), 2),
]:
    h, w, c = shape
    features = rng.normal(size=(n, high, wide, c)).astype("float32")
    weights = rng.normal(size=(h * w * c, units)).astype("float32")
    bias = rng.normal(size=units).astype("float32")
    got = np.asarray(slide(features, weights, bias, shape))
    called = f"slide(features {features.shape}, ..., map_shape={shape})"
    want = np.empty((n, high - h + 1, wide - w + 1, units))
    first = weights.reshape(c, h, w, units).transpose(1, 2, 0, 3)
    swapped = weights.reshape(w, h, c, units).transpose(1, 0, 2, 3)
    kinds = {
        "": weights,
        "all channels of a place come before the next place.": first,
        "which axis runs faster, rows or columns?": swapped,
        "a dense layer does not turn its weights.": weights.reshape(
            h, w, c, units
        )[::-1, ::-1],
    }
    results = {}
    for hint, kernel in kinds.items():
        kernel = kernel.reshape(-1, units)
        for r in range(want.shape[1]):
            for s in range(want.shape[2]):
                part = features[:, r : r + h, s : s + w].reshape(n, -1)
                want[:, r, s] = part @ kernel + bias
        results[hint] = want.copy()
    want = results.pop("")
    assert got.shape == want.shape, (
        f"{called} returned the shape {got.shape}. Hint: count the places "
        "along each axis."
    )
    hints = [
        hint
        for hint, other in results.items()
        if np.allclose(got, other, atol=1e-3)
    ]
    if np.allclose(got, want - bias, atol=1e-3):
        hints = ["a dense layer adds something, too."]
    if np.allclose(got, np.maximum(want, 0), atol=1e-3):
        hints = ["no activation is asked for."]
    if n > 1 and np.allclose(got[0], want[0], atol=1e-3):
        hints = ["the first image is right. And the others?"]
    assert np.allclose(got, want, rtol=1e-3, atol=1e-4), (
        f"{called} returned wrong numbers. Hint: "
        + (hints[0] if hints else "cut out one window, flatten it, multiply.")
    )
### END HIDDEN TESTS

# %% id="slide-exact-check" role="test" points=1 of="slide"
import numpy as np

# Where the map fits once, there is one answer: the dense layer's.
features = np.arange(6.0).reshape(1, 1, 3, 2)
got = np.asarray(slide(features, np.eye(6), np.zeros(6), (1, 3, 2)))
assert got.shape == (1, 1, 1, 6), (
    "features of the very size that the layer has learned on: slide returned "
    f"the shape {got.shape}. Hint: how often does the map fit?"
)
assert np.allclose(got.ravel(), np.arange(6)), (
    "With the identity as weights and no bias, slide returned "
    f"{got.ravel()} for features that hold 0 to 5 in order. Hint: such a dense "
    "layer returns the flattened map."
)
### BEGIN HIDDEN TESTS
features = np.arange(24.0).reshape(2, 2, 3, 2)
got = np.asarray(slide(features, np.eye(12), np.arange(12.0), (2, 3, 2)))
want = features.reshape(2, 1, 1, 12) + np.arange(12)
assert got.shape == want.shape, (
    "slide on two maps of 2x3x2, of the layer's own size, returned the shape "
    f"{got.shape}. Hint: one place an image, two images."
)
hint = "in which order does Flatten write a map?"
if np.allclose(got, want - np.arange(12)):
    hint = "a dense layer adds something, too."
if np.allclose(got[0], want[0]):
    hint = "the first image is right. And the second?"
assert np.allclose(got, want), (
    "slide with the identity as weights and 0 to 11 as bias, on two maps of "
    "2x3x2, returned other numbers than the flattened maps plus the bias. Hint: "
    f"{hint}"
)
### END HIDDEN TESTS

# %% [markdown] id="sliding" slide="slide"
# ## LeNet reads a row of digits
#
# Trained on single digits, now convolutions to the end. What it is 90 % sure of:

# %% id="strip" slide="skip"
picked = [
    np.argmax(np.where(test[1] == digit, share_of_label, 0))
    for digit in (7, 3, 0, 4)
]
strip = np.concatenate([test[0][at] for at in picked], axis=1)
sliding = convolutionalize(lenet)
answers = values(sliding(strip[None], training=False))[0, 0]

# %% id="sliding-figure" alt="Four handwritten digits in a row, 7, 3, 0 and 4, white on black."
plots.images(strip[..., 0], height=3)

# %% id="sliding-answers-figure" alt="A row of cells below the strip, one for each 4 pixels. Where a digit stands in the middle of the window, its name is written; between digits there are dots, and here and there the name of a digit that is not there. At both ends, where no window has its middle, cells are empty."
sure = softmax(answers)
says = [str(each.argmax()) if each.max() > 0.9 else "·" for each in sure]
# the first window has its middle at pixel 16, the fourth cell's end
plots.number_grids([*" " * 3, *says, *" " * 4], height=1)

# %% [markdown] id="sliding-answer" slide="fragment"
# Between two digits, too, it must say one of ten. Nobody taught it "none".

# %% [markdown] id="sliding-notes" slide="notes"
# The answers are this run's, the digits those that it reads best. Ask before
# the fragment: "Between two digits it is sometimes very sure. Of what?" It
# never saw half a digit, nor nothing. Networks that read cheques got such
# windows in training. LeCun and others slid LeNet like this in 1998
# (section VII).

# %% [markdown] id="sliding-same" slide="subslide"
# ## Is that the same as cutting windows?

# %% id="sliding-same-check" claims="04-slides"
windows = [strip[:, 4 * at : 4 * at + 32] for at in range(len(answers))]
one_by_one = values(lenet(np.stack(windows), training=False))
print("places:", len(answers))
print("same scores:", np.allclose(answers, one_by_one, atol=1e-3))
once = summary(sliding, input_shape=strip.shape).macs
print(f"work: {once / (len(windows) * summary(lenet).macs):.0%}")

# %% [markdown] id="sliding-same-answer" slide="fragment"
# The same, at a part of the work: neighbours share what they compute. Exact
# only because LeNet does not pad: with padding a window sees pixels where the
# classifier saw zeros.

# %% [markdown] id="sliding-same-notes" slide="notes"
# Ask where the 4 comes from: two poolings of 2. And: "Would VGG's answers be
# the same?" No, it pads; close, but not equal. VGG's authors tested their
# networks in this way (section 3.2). It is also how a classifier becomes a
# network that segments: lecture 11.

# %% [markdown] id="pooling" slide="slide"
# ## The other answer: average everything
#
# Global average pooling: each channel becomes its mean, whatever the size.

# %% id="pooling-check" claims="04-any-size"
inputs = keras.Input((None, None, 1))
x = keras.layers.Conv2D(8, 3, activation="relu")(inputs)
x = keras.layers.GlobalAveragePooling2D()(x)
any_size = keras.Model(inputs, keras.layers.Dense(10)(x))
for size in ((32, 32), (9, 200)):
    print(size, any_size(np.ones((1, *size, 1), "float32")).shape)
print("parameters:", any_size.count_params())

# %% [markdown] id="pooling-answer" slide="fragment"
# Ten scores each time, and the dense layer has 8 inputs instead of thousands.
# What is the price?

# %% [markdown] id="pooling-notes" slide="notes"
# Ask before the fragment: "How many inputs has the dense layer for the second
# image?" Eight. The price comes on the next slide; let them guess.

# %% [markdown] id="shuffled" slide="subslide"
# ## Move all values to other places
#
# A channel that shows a 6, the same after half a turn, a unit's weights. What do
# average and unit make of the two?

# %% id="shuffled-figure" claims="04-shuffled" alt="Four tables. In the first, ones among zeros draw a 6, in the second the same ones draw a 9. The third holds the weights of a dense unit: 1 in the two upper rows, 0 in the middle row, -1 in the two lower rows. The fourth: the average of both is 0.5, the unit says -1 to the 6 and 1 to the 9."
six = np.array(
    [[0, 1, 1, 0], [1, 0, 0, 0], [1, 1, 1, 0], [1, 0, 0, 1], [0, 1, 1, 0]]
)
both = np.stack([six, six[::-1, ::-1]])
weights = np.repeat([[1], [1], [0], [-1], [-1]], 4, axis=1)
pool = keras.layers.GlobalAveragePooling2D()
averages = values(pool(both[..., None].astype("float32"))).ravel()
units = (both * weights).sum(axis=(1, 2))
plots.number_grids(
    *both,
    weights,
    [[name, *each] for name, *each in zip("69", averages, units, strict=True)],
    titles=["6", "half a turn", "weights", "average, unit"],
    taps=[*both, None, None],
    height=3.2,
)

# %% [markdown] id="shuffled-answer" slide="fragment"
# An average forgets *where*. For "is there a cat?" that is welcome; for "is it a
# 6 or a 9?" the channels before it must tell above from below.

# %% [markdown] id="shuffled-notes" slide="notes"
# The wrong conclusion: "so such a network cannot tell a 6 from a 9". It can:
# a channel may look for an arc above a circle. Only what is behind the average
# is blind. Between both lie grids of averages, 2x2 or 4x4 (spatial pyramid
# pooling).

# %% [markdown] id="linear" slide="slide"
# ## 2013: is one filter enough?
#
# Two channels, a and b. Find a place where **exactly one** is on. The best
# linear filter, and two units before it:

# %% id="linear-figure" claims="04-either" alt="Four rows: a b is 0 0, 0 1, 1 0, 1 1. Wanted: 0 1 1 0. The best linear filter says 0.5 in all four. Two units h1 and h2: 0 0, 0 1, 1 0, 0 0. Their sum: 0 1 1 0."
ab = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
wanted = np.array([0, 1, 1, 0])
with_bias = np.column_stack([ab, np.ones(4)])
filter_, *_ = np.linalg.lstsq(with_bias, wanted, rcond=None)
hidden = np.maximum(ab @ [[1, -1], [-1, 1]], 0)
plots.number_grids(
    ab,
    wanted[:, None],
    (with_bias @ filter_).round(3)[:, None],
    hidden,
    hidden.sum(axis=1)[:, None],
    titles=["a  b", "wanted", "filter", "hidden", "sum"],
    height=3.2,
)

# %% [markdown] id="linear-answer" slide="fragment"
# A filter only weighs and adds. **Network in network** puts a small network in
# its place: hidden units in each pixel.

# %% [markdown] id="linear-notes" slide="notes"
# The hidden units are max(a - b, 0) and max(b - a, 0). Ask: "But the next
# convolution could do it?" It can, after a ReLU: that is the same idea, with a
# wider window and nine times the weights.

# %% [markdown] id="mlpconv" slide="slide"
# ## Hidden units in each pixel: a 1×1 convolution
#
# Three pixels with two channels each become three with two. All weights:

# %% id="mlpconv-figure" alt="A table of six rows and six columns, two for each of three pixels. Three blocks of 2 by 2 cells lie on the diagonal, each with the same weights a, b, c, d; all other cells are empty."
plots.tap_matrix(
    convolution_matrix(np.array([[[[1, 3], [2, 4]]]]), (1, 3, 2)),
    kernel_shape=(2, 2),
    rows=["1", "2", "3"],
    columns=["pixel 1", "2", "3"],
)

# %% [markdown] id="mlpconv-figure-answer" slide="fragment"
# In each pixel the same dense layer; no pixel looks at another.

# %% [markdown] id="mlpconv-same" slide="subslide"
# ## Is it the same to Keras?

# %% id="mlpconv-check" claims="04-one-by-one"
maps = dice.normal(size=(1, 4, 5, 3)).astype("float32")
dense, conv = keras.layers.Dense(6), keras.layers.Conv2D(6, 1)
by_dense = values(dense(maps))  # Keras: along the last axis
conv.build(maps.shape)
kernel = values(dense.kernel).reshape(1, 1, 3, 6)
conv.set_weights([kernel, values(dense.bias)])
print("same:", np.allclose(by_dense, values(conv(maps)), atol=1e-5))

# %% [markdown] id="mlpconv-answer" slide="fragment"
# So an *mlpconv* is a convolution, then 1×1 convolutions, with ReLU after each.
# The paper's other name for it: cascaded cross-channel parametric pooling.

# %% [markdown] id="mlpconv-notes" slide="notes"
# Ask for the receptive field of an mlpconv of 5x5, 1x1, 1x1: five. "And what
# would two 1x1 without ReLU between them be?" One 1x1. The names cccp1, cccp2
# in the authors' files come from that long name.

# %% id="nin-counted" slide="skip"
with outlines():
    inside = summary(nin())
small = sum(row.macs for row in inside.rows if row.layer.startswith("cccp"))

# %% [markdown] id="nin" slide="slide"
# ## No dense layer at all
#
# Network in network ends with a map for each class, and averages each. The
# deck warns: "too costly!" Count, in its authors' network for ImageNet:

# %% id="nin-check" claims="04-nin"
for table in (inside, alex, vgg16):
    work = table.macs / 1e9
    print(f"{table.name:14}{table.parameters:13,} parameters {work:6.2f} GMACs")
print(f"1x1 convolutions: {small / inside.macs:.0%} of the work")

# %% [markdown] id="nin-answer" slide="fragment"
# The inner networks take a quarter of the work. An **eighth** of AlexNet's
# parameters are left, though it works half as much again.

# %% [markdown] id="nin-notes" slide="notes"
# Ask where AlexNet's parameters have gone: most were in fc6. "Too costly" is
# half true: not the 1x1 convolutions, but the wide maps that they need cost
# work. Ask what a map for each class shows besides the score: where the class
# is (lecture 10).

# %% [markdown] id="nin-errors" slide="subslide"
# ## Can a network do without dense layers?
#
# The same convolutions on CIFAR-10, with three ends:

# %% id="nin-errors-check" claims="04-nin-errors"
for network, row in numbers("test error on CIFAR-10").items():
    print(f"{network:34}{row.value:6} % errors   ({row.source})")

# %% [markdown] id="nin-errors-answer" slide="fragment"
# It can, and errs less: fewer weights have less room to learn by heart. Most
# networks after 2014 end with averages, many with **one** dense layer behind.

# %% [markdown] id="nin-errors-notes" slide="notes"
# The second question of the title is answered. Ask why dropout helps the dense
# end and whether the average needs any: it has no weights. These are single
# trainings, so only the order of half a point and more says something.

# %% [markdown] id="question-mlpconv" slide="skip"
# ## Question 5. Network in network
#
# Write `nin_head(x, filters, kernel_size, classes)`, from a tensor to a tensor,
# made of Keras layers: an mlpconv, then a score map a class, then their
# averages. `filters` is a list of any length: first the filters of the
# convolution with kernel `kernel_size`, then those of each 1×1 convolution after
# it. One more 1×1 convolution makes the maps of `classes`. ReLU follows each
# convolution, also the last, as in the authors' networks. Padding keeps the
# size. It works for images of any size.


# %% id="nin-head" role="answer" minutes=10 taught="nin"
def nin_head(x, filters, kernel_size, classes):
    """An mlpconv, a map a class, and their averages."""
    ### BEGIN SOLUTION
    layers = keras.layers
    for count in [*filters, classes]:
        x = layers.Conv2D(
            count, kernel_size, padding="same", activation="relu"
        )(x)
        kernel_size = 1
    return layers.GlobalAveragePooling2D()(x)
    ### END SOLUTION


# %% id="nin-head-check" role="test" points=2 of="nin-head"
from itertools import pairwise

import numpy as np

from course.catalogue import outlines
from course.checks import build, output

arguments = {"filters": [4, 5], "kernel_size": 3, "classes": 6}
with outlines():  # weights have shapes and no values
    net = build(nin_head, (8, 8, 2), **arguments)
assert net.output_shape == (None, 6), (
    f"nin_head(x, {arguments}) has the output shape {net.output_shape}. Hint: "
    "one number a class and image."
)
kernels = [tuple(w.shape) for w in net.weights if len(w.shape) > 1]
assert len(kernels) == 3, (
    f"nin_head(x, {arguments}) has {len(kernels)} layers with weights. Hint: "
    "one for each entry of filters, one for the classes."
)
### BEGIN HIDDEN TESTS
with outlines():
    wide = build(nin_head, (None, None, 2), **arguments)
assert wide.output_shape == (None, 6), (
    "nin_head of images of any size, (None, None, 2), has the output shape "
    f"{wide.output_shape}. Hint: which layer needs no size?"
)


def maps(image, weights, bent=None):
    """The class maps, pixel by pixel; `bent` says which layers have ReLU."""
    layers = list(zip(weights[::2], weights[1::2], strict=True))
    bent = bent or [True] * len(layers)
    x = np.pad(image, [(1, 1), (1, 1), (0, 0)])
    x = np.lib.stride_tricks.sliding_window_view(x, (3, 3), (0, 1))
    x = x.transpose(0, 1, 3, 4, 2).reshape(*image.shape[:2], -1)
    for (kernel, bias), has_relu in zip(layers, bent, strict=True):
        x = x @ kernel.reshape(-1, kernel.shape[-1]) + bias
        x = np.maximum(x, 0) if has_relu else x
    return x


rng = np.random.default_rng(45)
image = rng.normal(size=(8, 8, 2)).astype("float32")
for filters in ([4, 5], [4], [4, 5, 5]):
    called = f"nin_head(x, {filters}, kernel_size=3, classes=6)"
    with outlines():
        net = build(nin_head, (8, 8, 2), **{**arguments, "filters": filters})
    kernels = [tuple(w.shape) for w in net.weights if len(w.shape) > 1]
    # a dense layer in each pixel is a 1x1 convolution
    kernels = [(1, 1)[: 4 - len(shape)] + shape for shape in kernels]
    counts = [*filters, 6]
    want = [(3, 3, 2, 4)]
    want += [(1, 1, *pair) for pair in pairwise(counts)]
    assert kernels == want, (
        f"{called} has kernels {kernels}. Hint: rows, columns, channels read, "
        "filters; only the first looks at neighbours, and each entry of filters "
        "has a layer."
    )
    vectors = sum(len(w.shape) == 1 for w in net.weights)
    assert vectors == len(kernels), (
        f"{called} has {vectors} vectors of weights. Hint: a bias for each "
        "convolution, nothing else that learns."
    )
    weights = [rng.normal(size=w.shape).astype("float32") for w in net.weights]
    got = output(net, weights, image[None]).ravel()
    right = maps(image, weights)
    last = [True] * len(filters) + [False]
    between = [True, *[False] * (len(filters) - 1), True]
    slips = [
        (right.max(axis=(0, 1)), "averages are asked for."),
        (right.sum(axis=(0, 1)), "averages are asked for."),
        (right[0].mean(axis=0), "over rows and columns both."),
        (right[:, 0].mean(axis=0), "over rows and columns both."),
        (
            np.maximum(maps(image, weights, last).mean(axis=(0, 1)), 0),
            "ReLU, then the average: the order matters.",
        ),
        (
            maps(image, weights, last).mean(axis=(0, 1)),
            "ReLU follows the class maps, too.",
        ),
        (
            maps(image, weights, between).mean(axis=(0, 1)),
            "what makes a network of two 1x1 convolutions?",
        ),
        (
            maps(image, weights, [False, *last[:-1]]).mean(axis=(0, 1)),
            "what follows the first convolution?",
        ),
        (
            maps(image, weights, [False] * len(last)).mean(axis=(0, 1)),
            "where is the ReLU?",
        ),
        (right[1:-1, 1:-1].mean(axis=(0, 1)), "padding keeps the size."),
    ]
    hints = [
        hint for other, hint in slips if np.allclose(got, other, rtol=1e-3)
    ]
    if abs(got.sum() - 1) < 1e-3:
        hints = ["averages of the maps are asked for, not shares of 1."]
    assert np.allclose(got, right.mean(axis=(0, 1)), rtol=1e-3, atol=1e-4), (
        f"{called} with random weights returned {got}, which is not what an "
        "mlpconv, class maps and their averages make. Hint: "
        + (hints[0] if hints else "say the layers aloud, from x on.")
    )
### END HIDDEN TESTS

# %% [markdown] id="question-written" slide="skip"
# ## Question 6. A network for photographs of any size
#
# This one is read by a person. Answer in about eight sentences, with numbers.

# %% [markdown] id="any-size" role="written" points=2.5 minutes=20 taught="pooling"
# A museum has a VGG-16 that was trained on photographs of 224×224 pixels. Its
# own photographs have 224×448 and show several things each.
#
# 1. Why does the network refuse them, and which layer? How large is the map
#    that reaches it?
# 2. Turn the dense layers into convolutions. What are their kernels, and what
#    is the shape of the output? How do parameters change, and how the
#    multiplications of the convolutional stages?
# 3. A colleague would rather replace the three dense layers by global average
#    pooling and one dense layer of 1000 classes. What is gained, what is lost,
#    and can the trained weights be used?
#
# ### BEGIN SOLUTION
# The convolutions accept any size: five poolings make a map of 7×14 places with
# 512 channels. fc6 refuses: it has a weight for each of 7·7·512 = 25,088
# numbers, and gets 50,176.
#
# fc6 becomes a convolution of kernel 7×7 with 4096 filters, fc7 one of 1×1 with
# 4096, fc8 one of 1×1 with 1000. On the map of 7×14 the kernel fits in 8
# places: the output is 1×8×1000, a vector of scores for each of eight windows,
# 32 pixels apart. Parameters stay, 138 million; the stages' multiplications
# double, from 15.3 to 30.7 billion, for there are twice as many places.
#
# With global average pooling the top has 512·1000 + 1000, about half a million
# instead of 124 million parameters, and any size goes in. Lost are the places:
# one answer for all of the photograph, and the average mixes the things in it.
# The convolutions' weights can be used, the dense ones cannot, and the new top
# must be trained; the convolutions had better be trained further, for nothing
# asked them so far to make channels whose average means something.
#
# **Marking scheme** (2.5 points): 0.5 for fc6 (0.25) with the map 7×14×512
# (0.25); 1.0 for kernels (0.25), output 1×8×1000 (0.25), same parameters (0.25),
# doubled work (0.25); 1.0 for the gain, size or parameters with a number
# (0.25), for the loss, where things are (0.25), for keeping the convolutions
# (0.25) and training the new top (0.25).
# ### END SOLUTION

# %% [markdown] id="remember" slide="slide"
# ## What to remember
#
# - LeNet's plan held: convolve, pool, convolve, pool, classify.
# - AlexNet, 2012: 61 million parameters; ReLU and dropout stayed, local
#   normalization did not.
# - VGG: 3×3, and many of them; two see 5×5 with fewer weights.
# - Work is not constant over stages.
# - A dense layer is a convolution as large as its map: it can slide.
# - Global pooling takes any size, and forgets where.
# - A 1×1 convolution is a dense layer in every pixel.

# %% [markdown] id="remember-notes" slide="notes"
# Ask first, with the slide covered: "Which layer of VGG-16 holds three quarters
# of the weights, and what are two ways to be rid of its fixed size?"

# %% [markdown] id="sources" slide="slide"
# ## Sources
#
# - LeCun et al.: Gradient-based learning applied to document recognition.
#   Proceedings of the IEEE 86(11), 1998
# - Krizhevsky, Sutskever, Hinton: ImageNet classification with deep
#   convolutional neural networks. NIPS 2012
# - Simonyan, Zisserman: Very deep convolutional networks for large-scale image
#   recognition. ICLR 2015, arXiv:1409.1556
# - Lin, Chen, Yan: Network in network. ICLR 2014, arXiv:1312.4400
# - Russakovsky et al.: ImageNet large scale visual recognition challenge. IJCV
#   2015, arXiv:1409.0575

# %% [markdown] id="sources-more" slide="subslide"
# ## More sources
#
# - The winners of 2014 and 2015: Szegedy et al., arXiv:1409.4842; He et al.,
#   arXiv:1512.03385
# - Dropout: Hinton et al., arXiv:1207.0580
# - Dense layers that slide, at all sizes: Long, Shelhamer, Darrell: Fully
#   convolutional networks for semantic segmentation. CVPR 2015,
#   arXiv:1411.4038
