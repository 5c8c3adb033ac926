# %% [markdown] id="title" slide="slide"
# # 07 · Residual networks
#
# Two networks learn the same digits. One has 8 layers and learns them all. The
# other has 38 and gets **more than half of them
# wrong**, though it was trained on them. Why?
#
# After this lecture you can
#
# - tell degradation from overfitting, and say what it is not,
# - normalize a batch by hand, in training and in use,
# - build a residual block with either shortcut,
# - say how a gradient travels, and which blocks a network can spare.

# %% [markdown] id="title-notes" slide="notes"
# Collect guesses on the board: overfitting, too few images, vanishing
# gradients, a bug. Strike them out one by one. "Overfitting" goes at the slide
# "Overfitting?", "vanishing gradients" only halfway: the networks are
# normalized, so theirs do not vanish. They explode.

# %% [markdown] id="about" slide="skip"
# Reading takes about 45 minutes, the five questions about 100; they give 14
# points.
#
# Answer with Python, NumPy or Keras. Of `course` only data, plots and what a
# question opens may be used in an answer.

# %% id="imports" role="given"
from math import comb

import keras
import numpy as np

# %% id="tools" slide="skip"
from itertools import product

from course import plots
from course.arithmetic import conv_parameters
from course.blocks import residual_basic, residual_bottleneck
from course.catalogue import outlines
from course.datasets import digits
from course.gradients import value_and_gradients
from course.models import alexnet, googlenet, resnet, resnet_cifar, vgg
from course.published import numbers
from course.reference import interval, results
from course.summary import summary
from course.training import drops, fit
from course.wiring import wiring

DRESSED = ["convolution", "norm", "ReLU", "sum"]
KINDS = {
    "Conv2D": "convolution",
    "BatchNormalization": "norm",
    "ReLU": "ReLU",
    "Add": "sum",
}


def values(tensor):
    """A tensor's numbers."""
    return keras.ops.convert_to_numpy(tensor)


def kernel_weights(*kernels):
    """Weights of kernels of (side, channels, filters), without biases."""
    return sum(conv_parameters(*each, bias=False) for each in kernels)


def seeds(run):
    """What the trainings of a reference run gave, all seeds and backends."""
    return [record["values"] for record in results(run)]


def by_backend(run, backend, *place):
    """A number of each seed that was trained on one backend."""
    found = []
    for record in results(run):
        if record["backend"] == backend:
            value = record["values"]
            for key in place:
                value = value[key]
            found.append(value)
    return found


def middle(run, *place):
    """The median over seeds and backends, element by element."""
    found = []
    for value in seeds(run):
        for key in place:
            value = value[key]
        found.append(value)
    return np.median(found, axis=0)


def told(run, *place):
    """Mean and interval in percent, on each backend."""
    texts = []
    for backend in ("tensorflow", "jax"):
        mean, low, high = interval(by_backend(run, backend, *place))
        low, high = max(low, 0), min(high, 1)
        texts.append(f"{mean:6.1%} ({low:.1%} to {high:.1%})")
    return "  ".join(f"{text:23}" for text in texts).rstrip()


def draw_block(block, shape, *arguments, without=(), **options):
    """A block as boxes, but for layers of some kinds."""
    with outlines():
        x = keras.Input(shape)
        block = keras.Model(x, block(x, *arguments, **options))
        net = wiring(block, without)
    kinds = [KINDS.get(node.kind, "") for node in net.nodes]
    labels = []
    for node, kind in zip(net.nodes, kinds, strict=True):
        if kind == "convolution":
            channels = node.output_shape[-1]
            labels.append(f"{node.window[0]}×{node.window[1]}, {channels}")
        else:
            labels.append({"sum": "+", "": "x"}.get(kind, kind))
    return plots.wiring(labels, net.edges, kinds, order=DRESSED)


# %% id="family-counted" slide="skip"
with outlines():
    family = {depth: summary(resnet(depth)) for depth in (18, 34, 50, 101, 152)}
    rivals = {f"ResNet-{depth}": table for depth, table in family.items()}
    rivals["VGG-16"] = summary(vgg("D"))
    counted = {
        "AlexNet": summary(alexnet()).depth,
        "GoogLeNet": summary(googlenet()).depth,
        "ResNet": family[152].depth,
    }

# %% [markdown] id="depth" slide="slide"
# ## Deeper has won
#
# Winners of ILSVRC: layers of the deepest net, top-5 errors of the ensemble:

# %% id="depth-figure" claims="07-depth" alt="Top-5 error over the number of layers as dots: AlexNet with 8 layers 16.4 percent, GoogLeNet with 22 layers 6.67, ResNet with 152 layers 3.57. A dashed line at 5.1 percent is one trained person."
errors = numbers("top-5 test error")
plots.curves(
    *[([layers], [errors[name].value]) for name, layers in counted.items()],
    ([0, 160], [errors["expert"].value] * 2),
    labels=[*counted, "an expert"],
    axes=("layers with weights", "top-5 error, %"),
    dots=[True, True, True, False],
)

# %% [markdown] id="depth-answer" slide="fragment"
# Is depth all it takes? Then stack.

# %% [markdown] id="depth-notes" slide="notes"
# All three are ensembles: of five, seven and six networks, the last of several
# depths; the best single ResNet had 4.49 on the validation images. A deck doubts
# "superhuman": the expert is one person, and breeds of dogs are no fair contest.
# Ask: "What else changed between these networks?" Nearly everything. So an
# experiment is needed that changes depth alone: next slide.

# %% [markdown] id="stacked" slide="slide"
# ## So stack
#
# Layers of 3×3 with batch norm, ten epochs of digits, errors in **training**:

# %% id="stacked-figure" alt="Training error over ten epochs of plain nets. With 8 layers it falls from a third to nearly 0 in a few epochs, with 20 layers from 0.6 more slowly to nearly 0, with 38 layers from 0.8 only to about a half."
DEPTHS = (8, 20, 38)
epochs = np.arange(1, 11)


def draw_training(kind):
    """Training errors of three depths, medians of all trainings."""
    curves = [middle("depth", f"{kind}-{n}", "error") for n in DEPTHS]
    return plots.curves(
        *[(epochs, curve) for curve in curves],
        labels=[f"{n} layers" for n in DEPTHS],
        axes=("epoch", "training error"),
    )


draw_training("plain")

# %% [markdown] id="stacked-answer" slide="fragment"
# The deeper, the worse, for three seeds on two backends; medians are drawn.

# %% [markdown] id="stacked-notes" slide="notes"
# Ask before showing the figure: "Which of the three will have the lowest
# error?" Most say 38. These trainings take minutes and were recorded; the
# course's benchmarks/train.py repeats them. Each net has stages of 8, 16 and 32
# channels and saw each digit ten times, at the same rates.

# %% [markdown] id="overfitting" slide="slide"
# ## Overfitting?
#
# The finished nets: means of three seeds, and where the true ones lie (95 %):

# %% id="overfitting-check" claims="07-degradation"
print(f"{'':17}{'TensorFlow':25}JAX")
for depth in DEPTHS:
    for part in ("train", "test"):
        row = told("depth", f"plain-{depth}", f"{part}_error")
        print(f"plain-{depth:<3}{part:6}{row}")

# %% [markdown] id="overfitting-answer" slide="fragment"
# No: overfitting has a **low** training error. This is *degradation*.

# %% [markdown] id="overfitting-notes" slide="notes"
# The likely wrong idea, so vote: "More weights, more learning by heart." Let
# the room say what overfitting would look like in this table. With three seeds
# the intervals are wide, but far apart. A fair warning: plain-20 reaches 1 %, and
# the curve of plain-38 still falls when it ends. What we see is how hard it is
# at a fixed budget, not what the net could never do. Somebody may notice that
# the curve ends at 47 %, the table has 61 %: the curve was taken while
# training, with each batch's own statistics, the table with remembered ones,
# which come below.

# %% [markdown] id="imagenet" slide="subslide"
# ## On photographs, too
#
# ImageNet, 1.28 million photographs, top-1 errors:

# %% id="imagenet-check" claims="07-plain-imagenet"
quantity = "ten-crop top-1 error"
for network in ("plain-18", "plain-34"):
    row = numbers(quantity)[network]
    print(f"{network}: {row.value} %   ({row.source})")

# %% [markdown] id="imagenet-answer" slide="fragment"
# Sixteen more layers, and worse. The paper's figure 4 shows that the training
# error is worse, too.

# %% [markdown] id="imagenet-notes" slide="notes"
# Ask whether 0.6 points could be luck: one training each, so perhaps. The
# curves of training errors in figure 4 lie apart all along, and CIFAR-10 shows
# the same (figure 6). Note the size of the effect: on ImageNet plain-34 is a
# little worse, it does not collapse.

# %% [markdown] id="copy" slide="slide"
# ## Could it not simply copy?
#
# Take the 8 layers that work. Add 30 that pass on what they get: maps behind a
# ReLU, nowhere negative. Can a layer of 3×3 and ReLU do that?

# %% id="copy-check" claims="07-identity-kernel"
kernel = np.zeros((3, 3, 4, 4), "float32")
kernel[1, 1] = np.eye(4)  # each channel reads itself, in the middle
dice = np.random.default_rng(7)
maps = np.maximum(dice.normal(size=(1, 6, 6, 4)), 0).astype("float32")
copied = maps
for _ in range(30):
    copied = keras.ops.relu(keras.ops.conv(copied, kernel, padding="same"))
print("after 30 layers the same:", np.array_equal(values(copied), maps))

# %% [markdown] id="copy-answer" slide="fragment"
# So 38 layers *can* do all that 8 can. Good weights exist: training **does not
# find** them.

# %% [markdown] id="copy-notes" slide="notes"
# The argument by construction, section 1 of He et al. Ask: "Why does ReLU not
# spoil the copy?" What it gets is not negative already. "And batch norm?" It can
# undo itself with its scale and shift. Ask how many weights must be just right
# for a copy: all of them, and the start is far away.

# %% [markdown] id="product" slide="slide"
# ## Fifty factors
#
# The gradient at the first layer is a product, one factor a layer:

# %% id="product-figure" claims="07-product" alt="Over 50 layers, on a scale of powers of ten: a factor of 0.8 a layer falls to about 0.00001, a factor of 1 stays at 1, a factor of 1.2 rises to about 10,000."
layers = np.arange(51)
factors = (0.8, 1.0, 1.2)
plots.curves(
    *[(layers, factor**layers) for factor in factors],
    labels=[f"{factor} a layer" for factor in factors],
    axes=("layers passed", "gradient"),
    powers=True,
)

# %% [markdown] id="product-answer" slide="fragment"
# Below 1 it **vanishes**, above 1 it **explodes**. Only a factor of 1 survives
# fifty layers.

# %% [markdown] id="product-notes" slide="notes"
# Ask for 0.8 to the 50th power before showing it: 0.00001, and 1.2 gives 9,100.
# The usual slip: "derivatives of ReLU are 1, so nothing vanishes". The factor is
# that of the whole layer, weights included: half of the units are off, and the
# sum over inputs depends on how large the weights are.

# %% [markdown] id="bare" slide="subslide"
# ## Measured: fifty layers of 3×3
#
# Norm of the gradient at each kernel, before the first step on digits:

# %% id="bare-figure" claims="07-bare" alt="Norm of the gradient over 50 layers, powers of ten. He's initialization: between 0.001 and 0.015 in all layers. Glorot's: about eight powers of ten lower, near 0.0000000001."
DEEP = np.arange(1, 51)


def draw_norms(parts, starts=("he", "glorot", "normal")):
    """Gradient norms of 50 layers, medians of all seeds."""
    names = {
        "he": "He",
        "glorot": "Glorot",
        "normal": "0.01 each",
    }
    norms = [
        middle("batch_norm", f"{start}-50-{parts}", "gradients")
        for start in starts
    ]
    return plots.curves(
        *[(DEEP, each) for each in norms],
        labels=[names[start] for start in starts],
        axes=("layer", "norm of gradient"),
        powers=True,
    )


draw_norms("bare", ("he", "glorot"))

# %% [markdown] id="bare-answer" slide="fragment"
# With AlexNet's weights, of standard deviation 0.01, all are **exactly 0**: too
# small for float32.

# %% [markdown] id="bare-notes" slide="notes"
# Ask: "Which of the two would you train?" A good initialization alone keeps
# fifty layers alive at the start. That is what lecture 04's networks lacked, and
# why VGG's authors trained the 11-layer net first and grew the others from it.
# The smallest positive float32 is about 1e-45.
# But after some steps weights are no longer as drawn. Can it be enforced?

# %% [markdown] id="normalize" slide="slide"
# ## Enforce it: normalize each channel
#
# Four images, one channel. Subtract the mean, divide by the standard deviation:

# %% id="normalize-figure" claims="07-by-hand" alt="Three columns of four numbers. x: 2, 4, 4, 6. Minus the mean 4: minus 2, 0, 0, 2. Divided by the standard deviation, the root of 2: minus 1.414, 0, 0, 1.414."
x = np.array([2.0, 4.0, 4.0, 6.0])
centred = x - x.mean()
plots.number_grids(
    x[:, None],
    centred[:, None],
    (centred / x.std())[:, None],
    titles=["x", "centred", "normalized"],
    signs=["", ""],
    height=3.4,
)

# %% [markdown] id="normalize-answer" slide="fragment"
# The variance is the **mean** of the squares, $(4+0+0+4)/4 = 2$: divided by 4,
# not by 3.

# %% [markdown] id="normalize-notes" slide="notes"
# Let the room compute the third column with the slide covered. Who divides by
# n - 1 gets 1.22; statistics courses teach that, batch norm does not (algorithm
# 1 of Ioffe and Szegedy). PyTorch's running variance does, another trap when
# weights are moved.

# %% [markdown] id="batch-norm" slide="subslide"
# ## Batch normalization
#
# $$\hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}, \qquad y = \gamma \hat x + \beta$$
#
# $\mu$ and $\sigma^2$ are the batch's, $\gamma$ and $\beta$ are learned. Over
# **which** numbers is the mean taken, for maps (n, h, w, c)?

# %% id="batch-norm-check" claims="07-axes"
layer = keras.layers.BatchNormalization()
maps = dice.normal(3, 2, size=(8, 5, 5, 4)).astype("float32")
y = values(layer(maps, training=True))
print("mean of each channel:  ", np.abs(y.mean(axis=(0, 1, 2)).round(3)))
print("variance of each:      ", y.var(axis=(0, 1, 2)).round(2))

# %% [markdown] id="batch-norm-answer" slide="fragment"
# All but channels: 200 numbers each. Four a channel are kept, two learn.

# %% [markdown] id="batch-norm-notes" slide="notes"
# The likely wrong ideas: per image, or per pixel. Ask: "What would a mean per
# pixel destroy?" That a convolution treats all places alike. The other two kept
# numbers are running statistics: next question. Why gamma and beta? So that
# the layer can undo itself, and ReLU can be placed where it helps.

# %% [markdown] id="one-image" slide="slide"
# ## Now use it: one image
#
# The network is trained. One photograph comes: three features at a dense layer.
# What is their batch's mean?

# %% id="one-image-check" claims="07-one-image"
layer = keras.layers.BatchNormalization()
for image in ([5.0, -2.0, 100.0], [0.0, 1.0, 2.0]):
    alone = np.array([image], "float32")
    print(image, "->", np.abs(values(layer(alone, training=True))))

# %% [markdown] id="one-image-answer" slide="fragment"
# The features themselves: zeros for **any** image. Maps have more places, but
# there, too, the answer would depend on **who else** is in the batch. So in
# use, statistics are *remembered* ones.

# %% [markdown] id="one-image-notes" slide="notes"
# A frequent bug: calling a model with training=True when testing. Ask how to
# notice: the same image gets other scores in another batch. Also the other way
# round: training=False in training, and nothing is normalized. One image's maps
# do not become zeros, for a channel's mean has h w numbers: they lose their
# mean and contrast.

# %% [markdown] id="running" slide="subslide"
# ## Remembered statistics
#
# After each batch: $m \leftarrow p\,m + (1-p)\,\mu$, from $m = 0$; $p$ is Keras's
# `momentum`, 0.99. Batches whose mean is 1:

# %% id="running-figure" claims="07-running" alt="Running mean over 300 batches towards a dashed line at 1. With momentum 0.9 it is there after 50 batches. With 0.99 it is at 0.36 after 45 batches, at 0.95 after 300."
batches = np.arange(301)
plots.curves(
    (batches, 1 - 0.9**batches),
    (batches, 1 - 0.99**batches),
    ([0, 300], [1, 1]),
    labels=["p = 0.9", "p = 0.99", "true mean"],
    axes=("batches", "running mean"),
)

# %% [markdown] id="running-answer" slide="fragment"
# Our digits' epoch has 45 batches, 36 % of the way: short trainings test badly.

# %% [markdown] id="running-notes" slide="notes"
# Ask: "A loss falls nicely, the validation loss is terrible for two epochs, then
# jumps down. What happened?" This. Another name trap: PyTorch's momentum 0.01 is
# Keras's 0.99. For maps the variance is averaged in the same way, starting at 1.

# %% [markdown] id="question-norm" slide="skip"
# ## Question 1. Batch normalization by hand
#
# Write `batch_norm(x, gamma, beta, mean, variance, training, momentum=0.99,
# epsilon=1e-3)` for an array `x` whose **last** axis are the channels, with one
# or more axes before it. `gamma`, `beta` and the running `mean` and `variance`
# are arrays with a number for each channel.
#
# It returns three arrays: the normalized `x`, scaled and shifted, and the running
# mean and variance afterwards. In training the batch's own statistics normalize,
# and the running ones move towards them, as on the slide, where `momentum` is
# $p$; otherwise the running ones normalize, and stay. Each variance is divided by
# how many numbers there are. Keras's own batch normalization is closed here, the
# layer and the operation.


# %% id="batch-norm-forward" role="answer" minutes=20 forbids="keras.layers.BatchNormalization keras.ops.batch_normalization" taught="batch-norm"
def batch_norm(
    x, gamma, beta, mean, variance, training, momentum=0.99, epsilon=1e-3
):
    """Each channel normalized, and the running statistics afterwards."""
    ### BEGIN SOLUTION
    x, mean, variance = (
        np.asarray(each, float) for each in (x, mean, variance)
    )
    used_mean, used_variance = mean, variance
    if training:
        axes = tuple(range(x.ndim - 1))
        used_mean, used_variance = x.mean(axis=axes), x.var(axis=axes)
        mean = momentum * mean + (1 - momentum) * used_mean
        variance = momentum * variance + (1 - momentum) * used_variance
    scaled = (x - used_mean) / np.sqrt(used_variance + epsilon)
    return np.asarray(gamma) * scaled + np.asarray(beta), mean, variance
    ### END SOLUTION


# %% id="batch-norm-forward-check" role="test" points=3 of="batch-norm-forward"
import statistics

import numpy as np

x = np.array([[1.0, 10.0], [3.0, 10.0], [8.0, 10.0]])
first_ones = (np.ones(2), np.zeros(2), np.zeros(2), np.ones(2))
got = batch_norm(x, *first_ones, training=True)
assert len(got) == 3, (
    f"batch_norm(...) returned {len(got)} things. Three are asked for: y, the "
    "running mean, the running variance."
)
y = np.asarray(got[0], float)
assert y.shape == (3, 2), (
    f"batch_norm of an x of shape (3, 2) returned a y of shape {y.shape}."
)
assert np.allclose(y.sum(axis=0), 0, atol=1e-6), (
    f"batch_norm(x, ...) in training, x = {x.tolist()}, gamma 1, beta 0, "
    f"returned y = {y.tolist()}. Hint: what is each channel's mean afterwards? "
    "Channels are columns here."
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(71)


def channel_by_channel(
    x, gamma, beta, mean, variance, training, p, epsilon, behind=0.0
):
    """By the statistics of Python, a channel at a time."""
    y, means, variances = np.empty(x.shape), [], []
    for c in range(x.shape[-1]):
        entries = x[..., c].ravel().tolist()
        m, v = float(mean[c]), float(variance[c])
        if training:
            m, v = statistics.fmean(entries), statistics.pvariance(entries)
            means.append(mean[c] + (m - mean[c]) * (1 - p))
            variances.append(variance[c] + (v - variance[c]) * (1 - p))
        else:
            means.append(m)
            variances.append(v)
        root = (v + epsilon) ** 0.5 + behind
        y[..., c] = beta[c] + gamma[c] * (x[..., c] - m) / root
    return y, np.array(means), np.array(variances)


for shape, training, p, epsilon in [
    ((3, 2), True, 0.9, 1e-3),
    ((2, 3, 2, 2, 2), True, 0.75, 0.1),
    ((2, 3, 2, 2, 2), True, 0.0, 1e-5),
    ((3, 2), False, 0.9, 1e-3),
    ((2, 3, 2, 2, 2), False, 0.5, 0.2),
]:
    c = shape[-1]
    x = rng.normal(2, 3, shape)
    given = [rng.normal(size=c) + 2, rng.normal(size=c), rng.normal(size=c)]
    given.append(rng.uniform(0.5, 4, c))
    called = (
        f"batch_norm(x, ..., training={training}, momentum={p}, "
        f"epsilon={epsilon}) for x of shape {shape}"
    )
    got = batch_norm(
        x.copy(), *[each.copy() for each in given], training, p, epsilon
    )
    y, mean, variance = (np.asarray(each, float) for each in got)
    want = channel_by_channel(x, *given, training, p, epsilon)
    # a variance divided by one less is that of a smaller gamma and epsilon
    less = 1 - c / x.size
    slips = {
        "Whose statistics normalize in training, whose in use?": (
            *given,
            not training,
            p,
            epsilon,
        ),
        "What do gamma and beta do?": (
            *first_ones[:2],
            *given[2:],
            training,
            p,
            epsilon,
        ),
        "By how many is a variance divided?": (
            given[0] * less**0.5,
            *given[1:],
            training,
            p,
            epsilon * less,
        ),
        "What does epsilon do?": (*given, training, p, 0.0),
        "Is epsilon under the root?": (*given, training, p, 0.0, epsilon),
    }
    sides = [each.shape for each in (y, mean, variance)]
    assert sides == [shape, (c,), (c,)], (
        f"{called} returned arrays of shapes {sides}. Hint: one mean and one "
        "variance a channel."
    )
    hint = "Compute one channel by hand."
    for text, others in slips.items():
        if np.allclose(y, channel_by_channel(x, *others)[0], 1e-4, 1e-4):
            hint = text
    assert np.allclose(y, want[0], rtol=1e-4, atol=1e-4), (
        f"{called} returned a wrong y. Hint: {hint}"
    )
    swapped = channel_by_channel(x, *given, training, 1 - p, epsilon)
    by_less = (want[2] - p * given[3]) / less + p * given[3]
    for name, moved, right, turned, before in (
        ("mean", mean, want[1], swapped[1], given[2]),
        ("variance", variance, want[2], swapped[2], given[3]),
    ):
        hint = "Which statistics move, when, and how far?"
        if np.allclose(moved, turned, rtol=1e-4):
            hint = "Does momentum weigh the old or the new?"
        if np.allclose(moved, before, rtol=1e-4):
            hint = "In training it moves towards the batch's."
        if name == "mean" and np.allclose(moved, want[2], rtol=1e-4):
            hint = "The mean comes first, then the variance."
        if training and name == "variance" and np.allclose(moved, by_less):
            hint = "By how many is a variance divided?"
        assert np.allclose(moved, right, rtol=1e-4, atol=1e-4), (
            f"{called} returned the running {name} {moved}, it was "
            f"{before}. Hint: {hint}"
        )
x = rng.normal(size=(3, 2)) / 30
got = batch_norm(x, *first_ones, True)
want = channel_by_channel(x, *first_ones, True, 0.99, 1e-3)
for name, one, right in zip(("y", "mean", "variance"), got, want, strict=True):
    assert np.allclose(one, right, rtol=1e-4, atol=1e-7), (
        f"batch_norm without momentum and epsilon returned another {name} than "
        "their defaults make. Hint: momentum=0.99, epsilon=1e-3."
    )
### END HIDDEN TESTS

# %% [markdown] id="behaved" slide="slide"
# ## "So gradients are well behaved"
#
# Says a deck. Fifty layers, each normalized, three initializations:

# %% id="behaved-figure" claims="07-explodes" alt="Norm of the gradient over 50 normalized layers, powers of ten, for three initializations. All three fall steeply from about 100 at the first layer to below 1 at the last: towards the first layer gradients grow by hundreds."
draw_norms("norm")

# %% [markdown] id="behaved-answer" slide="fragment"
# False at this depth: they **explode**, whatever the start.

# %% [markdown] id="behaved-notes" slide="notes"
# Ask what is gained nevertheless: the three starts now look alike. At ten layers
# nothing is to be seen, which is why the sentence holds for the networks that it
# was written about. So the plain net of 38 layers does not suffer from
# vanishing gradients.

# %% [markdown] id="explodes" slide="subslide"
# ## How fast?
#
# The gradient's norm at layer 2, over that at layer 50:

# %% id="explodes-check"
for start in ("he", "glorot", "normal"):
    ratio = middle("batch_norm", f"{start}-50-norm", "first_over_last")
    print(f"{start:7} layer 2 over layer 50: {ratio:4.0f}", end="")
    print(f", a layer {ratio ** (1 / 48):.2f}")

# %% [markdown] id="explodes-answer" slide="fragment"
# One seventh more a layer is little, and 48 times it is a factor of about 600.

# %% [markdown] id="explodes-notes" slide="notes"
# Yang et al. (2019) derive a factor of 1.21 a layer for wide dense nets; ours,
# convolutions of 16 channels, have 1.14. Ask why each layer adds: norm brings
# what ReLU has halved back to size, on the way back the division by the
# deviation makes gradients larger.

# %% id="scale-loss" slide="skip"
x = dice.normal(size=(32, 6)).astype("float32")
aim = dice.normal(size=(32, 4)).astype("float32")
weights = dice.normal(size=(6, 4)).astype("float32")


def loss(weights):
    z = keras.ops.matmul(x, weights)
    z = (z - keras.ops.mean(z, axis=0)) / keras.ops.std(z, axis=0)
    return keras.ops.sum(z * aim)


# %% [markdown] id="scale" slide="subslide"
# ## What batch norm does promise
#
# Multiply a layer's weights by 100, with batch norm and some loss behind it.
# What do loss and gradient become?

# %% id="scale-check" claims="07-scale"
for scale in (1, 100):
    value, (slope,) = value_and_gradients(loss, scale * weights)
    print(f"{scale:4} W: loss {value:.2f}, slope {np.linalg.norm(slope):.3f}")

# %% [markdown] id="scale-answer" slide="fragment"
# The same loss, and a **hundredth** of the gradient: large weights learn slowly.

# %% [markdown] id="scale-notes" slide="notes"
# Let the room guess the second line first. That is the true core of "well
# behaved": the size of weights does not matter to the output any more, but for
# epsilon, which is left out here, and steps adapt to it (Ioffe and Szegedy,
# section 3.3). Ask what weight decay does to a layer before batch norm, then:
# nothing to its output, it changes the rate.

# %% [markdown] id="idea" slide="slide"
# ## Copying by default
#
# A plain layer must learn to copy. What if it copies anyway, and learns what to
# **add**?

# %% id="idea-figure" alt="A residual block as boxes: x leads to a 3×3 convolution of 64 channels, norm, ReLU, another 3×3 convolution, norm, a sum, and ReLU. A line leads from x past all of them to the sum."
draw_block(residual_basic, (56, 56, 64), 64)

# %% [markdown] id="idea-answer" slide="fragment"
# Wanted is $\mathcal{H}(x)$; learned is the rest, $\mathcal{F}(x) = \mathcal{H}(x) - x$. The block
# returns $x + \mathcal{F}(x)$.

# %% [markdown] id="idea-notes" slide="notes"
# Ask before the fragment: "With all weights zero, what does a plain block
# return, what does this one?" Zero, and its input. The line past everything has
# no weights. That is all of the idea: He et al. 2015, figure 2; Highway
# networks (Srivastava et al. 2015) had gates on it.

# %% [markdown] id="identity" slide="subslide"
# ## All weights zero: is it the identity?
#
# "Zero weights make the identity", says a deck. Two orders of layers:

# %% id="identity-check" claims="07-identity-block"
row = np.linspace(-2, 2, 5, dtype="float32").reshape(1, 1, 5, 1)
for order in ("original", "full"):
    inputs = keras.Input((1, 5, 1))
    net = keras.Model(inputs, residual_basic(inputs, 1, order=order))
    for layer in net.layers:
        if isinstance(layer, keras.layers.Conv2D):
            layer.kernel.assign(np.zeros(layer.kernel.shape))
    print(f"{order:9}", values(net(row)).ravel())

# %% [markdown] id="identity-answer" slide="fragment"
# The original ends with ReLU: identity only for $x \ge 0$, as after another ReLU.
# *Full pre-activation* has nothing behind the sum: exact.

# %% [markdown] id="identity-notes" slide="notes"
# Ask for the original's output before running. The second line is the order of
# He et al. 2016: norm and ReLU stand before each convolution, and nothing after
# the sum. More about it below.

# %% [markdown] id="sum-rule" slide="slide"
# ## What becomes of the gradient?
#
# If $y = x + \mathcal{F}(x)$, then $y' = 1 + \mathcal{F}'(x)$. Thirty layers of 16
# units, small random weights, not normalized:


# %% id="sum-rule-figure" claims="07-sum-rule" alt="Norm of the gradient over 30 layers, powers of ten. Without skips it falls from about 1 at the last layer to 20 powers of ten less at the first. With skips it grows slowly towards the first layer, from 5 to less than 200."
def slopes(weights, skips):
    """Norms of gradients at what each layer reads."""

    def total(*nudges):
        h = np.ones((1, 16), "float32")
        for i, nudge in enumerate(nudges):
            h = h + nudge
            added = keras.ops.relu(keras.ops.matmul(h, weights[i]))
            h = h + added if skips else added
        return keras.ops.sum(h)

    nudges = [np.zeros((1, 16), "float32")] * len(weights)
    return [np.linalg.norm(g) for g in value_and_gradients(total, *nudges)[1]]


weights = dice.normal(0, 0.08, size=(30, 16, 16)).astype("float32")
plots.curves(
    *[(np.arange(1, 31), slopes(weights, skips)) for skips in (False, True)],
    labels=["plain", "with skips"],
    axes=("layer", "norm of gradient"),
    powers=True,
)

# %% [markdown] id="sum-rule-answer" slide="fragment"
# A product of $(1 + \text{little})$ in the place of a product of little.

# %% [markdown] id="sum-rule-notes" slide="notes"
# The room should say first which curve is which. The wrong idea: "the 1 means it
# cannot vanish". F' may be -1. And it may grow: with weights ten times as large
# the curve with skips explodes. Ask: "What of the first layer's gradient has
# passed no weight at all?" The 1 times 1 times 1: all of the loss's gradient.

# %% [markdown] id="question-gradients" slide="skip"
# ## Question 2. How large is the gradient?
#
# Layer $l$ computes $r_l = \max(W_l h_{l-1}, 0)$. A plain net has $h_l = r_l$, a
# residual one $h_l = h_{l-1} + r_l$; $h_0 = x$, and $y$ is the sum of the
# numbers in $h_L$.
#
# Write `gradient_norms(weights, x, residual)` in NumPy: the list of the norms
# (roots of sums of squares) of the gradients of $y$ with respect to $h_0$,
# $h_1$, ... $h_{L-1}$, in this order. `weights` is the list of the $L$ square
# matrices $W_l$, NumPy arrays, `x` an array with a number for each unit, and
# `residual` True or False. In no test a number in $W_l h_{l-1}$ is exactly 0,
# where ReLU has no slope.


# %% id="gradient-norms" role="answer" minutes=25 taught="sum-rule"
def gradient_norms(weights, x, residual):
    """Norms of the gradients at what each layer reads."""
    ### BEGIN SOLUTION
    read, h = [], np.asarray(x, float)
    for matrix in weights:
        read.append(h)
        added = np.maximum(matrix @ h, 0)
        h = h + added if residual else added
    norms, gradient = [], np.ones(len(h))
    for matrix, h in zip(weights[::-1], read[::-1], strict=True):
        through = matrix.T @ (gradient * (matrix @ h > 0))
        gradient = gradient + through if residual else through
        norms.append(np.linalg.norm(gradient))
    return norms[::-1]
    ### END SOLUTION


# %% id="gradient-norms-check" role="test" points=3 of="gradient-norms"
import numpy as np

# One layer of one unit, y = 2x or x + 2x.
got = gradient_norms([np.array([[2.0]])], np.array([3.0]), False)
assert np.shape(got) == (1,), (
    "gradient_norms([[[2]]], [3], False) returned something of the shape "
    f"{np.shape(got)}. One number a layer is asked for."
)
assert np.allclose(got, [2]), (
    f"gradient_norms([[[2]]], [3], False) returned {got}. Here y = 2x. Hint: "
    "how much does y grow if x grows by 1?"
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(72)


def last(matrices, h, residual):
    """What comes out of these layers, summed."""
    for matrix in matrices:
        added = np.maximum(np.einsum("ij,j->i", matrix, h), 0)
        h = added + residual * h
    return h.sum()


def by_differences(matrices, x, residual, step=1e-6):
    """Norms from differences: each unit nudged up and down."""
    norms, h = [], np.array(x)
    for at in range(len(matrices)):
        rest = matrices[at:]
        slopes = [
            (last(rest, h + up, residual) - last(rest, h - up, residual))
            / (2 * step)
            for up in step * np.eye(len(h))
        ]
        norms.append(sum(slope**2 for slope in slopes) ** 0.5)
        added = np.maximum(matrices[at] @ h, 0)
        h = added + residual * h
    return norms


for side, count, residual in [
    (1, 1, True),
    (3, 1, False),
    (4, 5, False),
    (4, 5, True),
    (6, 3, True),
]:
    matrices = [rng.normal(0.2, 0.6, (side, side)) for _ in range(count)]
    x = rng.normal(size=side)
    called = (
        f"gradient_norms of {count} matrices of {side}×{side}, "
        f"residual={residual},"
    )
    got = gradient_norms([w.copy() for w in matrices], x.copy(), residual)
    assert np.shape(got) == (count,), (
        f"{called} returned something of the shape {np.shape(got)}. Hint: one "
        "number a layer."
    )
    got = np.asarray(got, float)
    want = by_differences(matrices, x, residual)
    hint = "Nudge one unit of h by a little: which units of r change?"
    if np.allclose(got[::-1], want, rtol=1e-3):
        hint = "That of h_0 comes first."
    elif np.allclose(got, by_differences(matrices, x, not residual), rtol=1e-3):
        hint = "What does residual=True add, and when?"
    elif np.allclose(got[:-1], want[1:], rtol=1e-3, atol=1e-9) and count > 1:
        hint = "Begin at h_0 and leave h_L out."
    elif np.allclose(got, np.square(want), rtol=1e-3):
        hint = "A norm is the root of the sum of squares."
    assert np.allclose(got, want, rtol=1e-3, atol=1e-6), (
        f"{called} returned {got.round(4)}. Hint: {hint}"
    )
### END HIDDEN TESTS

# %% [markdown] id="both" slide="slide"
# ## Skips and batch norm together
#
# Fifty layers again, three initializations:

# %% id="both-figure" claims="07-both" alt="Norm of the gradient over 50 normalized layers with skips, powers of ten, for three initializations. All lie between about 0.1 and 4, and grow slowly towards the first layer."
draw_norms("norm-skips")

# %% [markdown] id="both-answer" slide="fragment"
# All between 0.07 and 4: less than two powers of ten.

# %% [markdown] id="both-notes" slide="notes"
# Ask the room to compare with the last three figures of this kind before going
# on: which one would they dare to train without thinking about the start?

# %% [markdown] id="four-nets" slide="subslide"
# ## Which of the two does it?
#
# The largest gradient norm of fifty layers, for three starts:

# %% id="four-nets-check"
print("start       0.01    Glorot  He")
for parts in ("bare", "norm", "skips", "norm-skips"):
    print(f"{parts:11}", end="")
    for start in ("normal", "glorot", "he"):
        norm = middle("batch_norm", f"{start}-50-{parts}", "largest")
        print(f" {norm:7.1e}", end="")
    print()

# %% [markdown] id="four-nets-answer" slide="fragment"
# Neither alone: norm explodes with depth, skips reach from 0.00025 to 28,000.

# %% [markdown] id="four-nets-notes" slide="notes"
# Let the room say what is wrong with each of the first three rows: only the last
# has no start that spoils it. A deck lists batch norm and the residual block as
# two discoveries: here is how they need each other.

# %% [markdown] id="residual" slide="slide"
# ## So stack again
#
# The same layers and the same ten epochs, now with skips:

# %% id="residual-figure" alt="Training error over ten epochs of residual nets. With 8, 20 and 38 layers the curves are close together and fall from about 0.4 to nearly 0 by the sixth epoch."
draw_training("residual")

# %% [markdown] id="residual-answer" slide="fragment"
# 38 layers learn as 8 do.

# %% [markdown] id="residual-notes" slide="notes"
# Point out that plain and residual nets have the same number of weights: skips
# of kind A have none. Ask whether 38 layers are now *better* than 8. On digits
# of 8x8 pixels there is nothing left to gain: look at the next table before
# claiming so.

# %% [markdown] id="residual-table" slide="subslide"
# ## And digits it has not seen?

# %% id="residual-check" claims="07-residual-trains"
print(f"{'':20}{'TensorFlow':25}JAX")
for depth in DEPTHS:
    for part in ("train", "test"):
        row = told("depth", f"residual-{depth}", f"{part}_error")
        print(f"residual-{depth:<3}{part:6}{row}")

# %% [markdown] id="residual-table-answer" slide="fragment"
# Training errors nearly vanish at every depth. Test errors of 8 and 38 do
# **not** differ measurably here.

# %% [markdown] id="residual-table-notes" slide="notes"
# A deck says "deeper residual nets have lower training and test error". On our
# digits intervals overlap: the claim needs a task that is hard enough.

# %% [markdown] id="residual-imagenet" slide="subslide"
# ## A task that is hard enough
#
# ImageNet, 1,000 classes, top-1 errors of ten crops:

# %% id="residual-imagenet-check" claims="07-residual-imagenet"
pairs = numbers("ten-crop top-1 error")
for network in ("plain-18", "plain-34", "ResNet-18", "ResNet-34"):
    print(f"{network:10}{pairs[network].value:6} %")

# %% [markdown] id="residual-imagenet-answer" slide="fragment"
# With skips, depth wins 2.85 points.

# %% [markdown] id="residual-imagenet-notes" slide="notes"
# Notice plain-18 and ResNet-18: nearly equal. At moderate depth skips bring
# little but speed. Source: He et al. 2015, table 2. Ask which two numbers of the
# four one would have to repeat with other seeds before believing an order:
# 27.94 and 27.88.

# %% id="training" slide="skip"
train, _, _ = digits()
units = {"activation": "relu", "kernel_initializer": "glorot_uniform"}
histories = {}
for skips in (False, True):
    keras.utils.set_random_seed(7)
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Flatten()(inputs)
    x = keras.layers.Dense(32, "relu")(x)
    for _ in range(12):
        y = keras.layers.Dense(32, **units)(x)
        if skips:
            y = keras.layers.Dense(32, kernel_initializer="zeros")(y)
            x = keras.layers.Add()([x, y])
        else:
            x = keras.layers.Dense(32, **units)(y)
    histories[skips] = fit(
        keras.Model(inputs, keras.layers.Dense(10)(x)),
        train,
        3,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        optimizer=keras.optimizers.Adam(2e-3),
        verbose=0,
    )
plain, skipped = (histories[skips]["loss"][-1] for skips in (False, True))

# %% [markdown] id="live" slide="slide"
# ## Trained here: 26 layers without norm

# %% id="live-figure" alt="Loss over three epochs. Without skips it stays high, near 2. With skips it falls from above 1 to below a half."
plots.curves(
    *[(np.arange(1, 4), histories[skips]["loss"]) for skips in (False, True)],
    labels=["plain", "with skips"],
    axes=("epoch", "training loss"),
)

# %% id="live-check"
print("skips: less than half of the loss:", skipped < plain / 2)

# %% [markdown] id="live-answer" slide="fragment"
# Branches end with zero weights: the net begins as a shallow one.

# %% [markdown] id="live-notes" slide="notes"
# Dense layers on digits. Each block is the identity at the start. Two things
# differ: skips, and the zero start of the branch's last layer. Ask
# for the experiment that parts them: skips with Glorot's start. In ResNet the
# zero start is gamma = 0 in a block's last norm: Goyal et al. 2017,
# arXiv:1706.02677, section 5.1.

# %% [markdown] id="shortcut" slide="slide"
# ## Half the size, twice the channels
#
# A block of stride 2 makes 4×4×1 into 2×2×2. What is added to it? Shortcut
# **A** costs nothing:

# %% id="shortcut-figure" claims="07-shortcut-a" alt="A 4 by 4 grid of the numbers 1 to 16, an arrow, then two 2 by 2 grids: 1 3, 9 11 for channel 1, and zeros for channel 2."
from course.blocks import shortcut_pad

grid = np.arange(1, 17).reshape(4, 4)
inputs = keras.Input((4, 4, 1))
pad = keras.Model(inputs, shortcut_pad(inputs, 2, strides=2))
kept = values(pad(grid[None, ..., None].astype("float32")))[0].astype(int)
plots.number_grids(
    grid,
    kept[..., 0],
    kept[..., 1],
    titles=["x", "channel 1", "channel 2"],
    signs=["→", ""],
    height=3.2,
)

# %% [markdown] id="shortcut-answer" slide="fragment"
# **B**: a 1×1 convolution with the same stride, normalized. It mixes channels,
# and also sees only every second pixel each way: **three quarters** are skipped.

# %% [markdown] id="shortcut-notes" slide="notes"
# Ask: "Which pixels does the branch see that the shortcut does not?" All: its
# 3x3 windows overlap. Later networks average 2x2 pixels before the 1x1
# (ResNet-D, T. He et al. 2018, arXiv:1812.01187). The likely slip when
# building: the stride on the branch only, and the sum fails.

# %% id="shortcuts-counted" slide="skip"
with outlines():
    small = {kind: summary(resnet_cifar(20, shortcut=kind)) for kind in "AB"}

# %% [markdown] id="shortcuts" slide="subslide"
# ## Which shortcut?
#
# A: zeros. B: project where shapes change. C: project in every block.

# %% id="shortcuts-check" claims="07-shortcuts"
for kind, table in small.items():
    print(f"ResNet-20, {kind}: {table.trainable:,} trainable parameters")
for network in ("ResNet-34", "ResNet-34 B", "ResNet-34 C"):
    row = numbers("ten-crop top-1 error")[network]
    print(f"{network:12}{row.value} %   ({row.source})")

# %% [markdown] id="shortcuts-answer" slide="fragment"
# Little between them. So projections are **not** what cures degradation; B has
# become usual.

# %% [markdown] id="shortcuts-notes" slide="notes"
# ResNet-34 without a letter is A. Ask why C is slightly better: more weights,
# 13 more projections. Why is it not taken? Cost, and later (He et al. 2016) it
# turns out to harm in very deep nets: the identity is no longer there. The
# paper's table 6 rounds 269,722 to 0.27 million.

# %% [markdown] id="question-unit" slide="skip"
# ## Question 3. A residual block, both shortcuts
#
# Write `residual_unit(x, filters, strides=1, project=True)`, from a tensor
# (n, h, w, c) to a tensor, made of Keras's own layers and operations but
# `Lambda`: the original block, two 3×3 convolutions of `filters` with
# `padding="same"` and without bias, batch norm after each, ReLU between them and
# after the sum. The first convolution has the stride.
#
# Where the stride is 1 and `x` has `filters` channels, the shortcut is `x`.
# Elsewhere it is a 1×1 convolution without bias and a batch norm if `project`,
# else shortcut A: each `strides`-th row and column from the first on, and zeros
# for the new channels, which come last (`filters` is not below c there). Strides
# may be more than 2. Tests take sizes that are odd, maps that are no squares.


# %% id="residual-unit" role="answer" minutes=25 taught="shortcut"
def residual_unit(x, filters, strides=1, project=True):
    """Two 3x3 convolutions beside a shortcut."""
    ### BEGIN SOLUTION
    layers = keras.layers
    conv = {"padding": "same", "use_bias": False}
    y = layers.Conv2D(filters, 3, strides=strides, **conv)(x)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    y = layers.Conv2D(filters, 3, **conv)(y)
    y = layers.BatchNormalization()(y)
    if strides > 1 or x.shape[-1] != filters:
        if project:
            x = layers.Conv2D(filters, 1, strides=strides, **conv)(x)
            x = layers.BatchNormalization()(x)
        else:
            new = filters - x.shape[-1]
            x = x[:, ::strides, ::strides]
            x = keras.ops.pad(x, [(0, 0), (0, 0), (0, 0), (0, new)])
    return layers.ReLU()(layers.Add()([x, y]))
    ### END SOLUTION


# %% id="residual-unit-check" role="test" points=3.5 of="residual-unit"
import numpy as np

from course.catalogue import outlines
from course.checks import build, output

built = []
for shape, arguments in [
    ((7, 13, 2), {"filters": 4, "strides": 3, "project": True}),
    ((7, 13, 2), {"filters": 4, "strides": 3, "project": False}),
    ((5, 5, 3), {"filters": 3}),
]:
    with outlines():  # weights have shapes and no values
        net = build(residual_unit, shape, **arguments)
    built.append((net, shape, arguments))
    called = f"residual_unit(x, {arguments}) for x of shape {shape}"
    strides, filters = arguments.get("strides", 1), arguments["filters"]
    height, width = (-(-side // strides) for side in shape[:2])
    assert net.output_shape == (None, height, width, filters), (
        f"{called} has the output shape {net.output_shape}. Hint: what do "
        "stride and filters make of it?"
    )
    kernels = [w for w in net.trainable_weights if len(w.shape) == 4]
    others = [w for w in net.trainable_weights if len(w.shape) != 4]
    assert len(others) == 2 * len(kernels), (
        f"{called} has {len(kernels)} kernels and {len(others)} other weights "
        "that learn. Hint: each convolution has a batch norm and no bias."
    )
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(73)
GAMMA, BETA, MEAN, VARIANCE = 1.5, -0.25, 0.5, 4.0
NORMS = {"gamma": GAMMA, "beta": BETA, "mean": MEAN, "variance": VARIANCE}


def windows(x, kernel, strides):
    """A convolution of odd sizes, from the windows of a padded map."""
    radius = kernel.shape[0] // 2
    x = np.pad(x, [(radius, radius), (radius, radius), (0, 0)])
    size = kernel.shape[:2]
    cut = np.lib.stride_tricks.sliding_window_view(x, size, (0, 1))
    return np.einsum("rcixy,xyio->rco", cut[::strides, ::strides], kernel)


def normed(x):
    return GAMMA * (x - MEAN) / VARIANCE**0.5 + BETA


def unit(x, kernels, strides, shortcut, slip=""):
    """The block, with one mistake or none."""
    one, two, *side = kernels
    y = np.maximum(normed(windows(x, one, strides)), 0)
    y = normed(windows(y, two, 1))
    if slip == "bent":
        y = np.maximum(y, 0)
    if shortcut == "project":
        x = windows(x, side[0], strides)
        x = x if slip == "bare" else normed(x)
    elif shortcut == "pad":
        x = x[::strides, ::strides]
        new = (0, y.shape[-1] - x.shape[-1])
        x = np.pad(x, [(0, 0), (0, 0), new[::-1] if slip == "first" else new])
    total = y if slip == "plain" else x + y
    return total if slip in ("linear", "bent") else np.maximum(total, 0)


HINTS = {
    "linear": "ReLU comes after the sum.",
    "bent": "ReLU comes after the sum, not before it.",
    "bare": "The projection is normalized, too.",
    "first": "New channels come last.",
    "plain": "What is added to the branch?",
}
for net, shape, arguments in built:
    called = f"residual_unit(x, {arguments}) for x of shape {shape}"
    strides, filters = arguments.get("strides", 1), arguments["filters"]
    shortcut = "identity"
    if strides > 1:
        shortcut = "project" if arguments["project"] else "pad"
    kernels = [w for w in net.trainable_weights if len(w.shape) == 4]
    channels = shape[-1]
    wanted = [(3, 3, channels, filters), (3, 3, filters, filters)]
    wanted += [(1, 1, channels, filters)] * (shortcut == "project")
    sides = sorted(tuple(w.shape) for w in kernels)
    assert sides == sorted(wanted), (
        f"{called} has kernels {sides}. Hint: rows, columns, channels read, "
        "filters; does this shortcut have weights?"
    )
    drawn = [rng.normal(0, 0.5, each).astype("float32") for each in wanted]
    waiting, weights = list(drawn), []
    for weight in net.weights:
        name = weight.path.split("/")[-1].removeprefix("moving_")
        if len(weight.shape) == 4:
            at = next(
                i
                for i, each in enumerate(waiting)
                if each.shape == tuple(weight.shape)
            )
            weights.append(waiting.pop(at))
        else:
            assert name in NORMS, (
                f"{called} has a weight called {name}. Hint: convolutions "
                "without bias, and batch norm."
            )
            weights.append(np.full(weight.shape, NORMS[name]))
    pair = rng.normal(0, 2, (2, *shape)).astype("float32")
    got = output(net, weights, pair)
    want = np.stack([unit(x, drawn, strides, shortcut) for x in pair])
    assert got.shape == want.shape, (
        f"{called} makes {got.shape} of two images. Hint: how many images, "
        "rows, columns, channels come out?"
    )
    hint = "Say the block's layers aloud, both ways from x on."
    if shortcut == "pad":  # the block with a projection was right
        hint = "Which pixels does shortcut A keep, what is in new channels?"
    for slip, text in HINTS.items():
        other = [unit(x, drawn, strides, shortcut, slip) for x in pair]
        if np.allclose(got, other, rtol=5e-3, atol=5e-3):
            hint = text
    assert np.allclose(got, want, rtol=5e-3, atol=5e-3), (
        f"{called}, with random kernels, returned wrong numbers. Hint: {hint}"
    )
with outlines():
    wide = build(residual_unit, (5, 5, 2), filters=4)
    halved = build(
        residual_unit, (5, 5, 2), filters=2, strides=2, project=False
    )
kernels = [tuple(w.shape) for w in wide.trainable_weights if len(w.shape) == 4]
assert (1, 1, 2, 4) in kernels, (
    "residual_unit(x, filters=4) for x of 2 channels has the kernels "
    f"{kernels}. Hint: the stride is 1, but can x be added?"
)
assert halved.output_shape == (None, 3, 3, 2), (
    "residual_unit(x, filters=2, strides=2, project=False) for x of shape "
    f"(5, 5, 2) has the output shape {halved.output_shape}. Hint: no new "
    "channels, but can x be added?"
)
### END HIDDEN TESTS

# %% [markdown] id="bottleneck" slide="slide"
# ## 152 layers: who pays?
#
# From 50 layers on, the 3×3 works on fewer channels (norms not drawn):

# %% id="bottleneck-figure" alt="A bottleneck block as boxes: x leads to a 1×1 convolution of 64 channels, ReLU, a 3×3 convolution of 64, ReLU, a 1×1 convolution of 256, a sum and ReLU. A line leads from x past all of them to the sum."
draw_block(
    residual_bottleneck, (56, 56, 256), 64, without=["BatchNormalization"]
)

# %% id="bottleneck-check" claims="07-bottleneck"
basic = kernel_weights((3, 64, 64), (3, 64, 64))
narrow = kernel_weights((1, 256, 64), (3, 64, 64), (1, 64, 256))
print(f"two 3x3 of 64: {basic:,}; bottleneck of 256 channels: {narrow:,}")

# %% [markdown] id="bottleneck-answer" slide="fragment"
# Four times as many channels pass, for fewer weights.

# %% [markdown] id="bottleneck-notes" slide="notes"
# The room knows the trick from inception. Ask where the stride goes in a block
# that halves: the paper puts it on the first 1x1, most libraries on the 3x3,
# which sees all pixels. Weights trained with one give nonsense with the other,
# and no error is raised.

# %% [markdown] id="family" slide="slide"
# ## The family
#
# Four stages of blocks, then one average and one dense layer:

# %% id="family-check" claims="07-family"
for name, table in rivals.items():
    print(f"{name:10}{table.trainable:12,} parameters", end="")
    print(f" {table.macs / 1e9:5.1f} GMACs")

# %% [markdown] id="family-answer" slide="fragment"
# 152 layers work less than VGG's 16. Depth itself is cheap: width and large
# maps are dear.

# %% [markdown] id="family-notes" slide="notes"
# Let the room guess the last column of ResNet-152 relative to VGG-16 first.
# These are the parameters that learn: batch norm keeps as many running
# statistics as scales and shifts. Check of any implementation: 11,689,512 and
# 25,557,032; with biases beside batch norm (Keras's own) there are more.

# %% [markdown] id="stages" slide="subslide"
# ## ResNet-50, stage by stage
#
# From stage to stage half the side, twice the channels:

# %% id="stages-figure" claims="07-stages" alt="Bars of ResNet-50's stages. Parameters grow from stage to stage, from 9 thousand in conv1 to 15 million in conv5, and 2 million in the dense layer. Multiplications are spread: from 0.7 to 1.4 billion in each of conv2 to conv5."
costs = {}
for row in family[50].rows:
    if row.macs:
        stage = row.layer.split("_")[0]
        costs[stage] = np.add(
            costs.get(stage, (0, 0)), (row.trainable, row.macs)
        )
plots.stages(list(costs), *np.transpose(list(costs.values())).tolist())

# %% [markdown] id="stages-answer" slide="fragment"
# No 100 million weights in a dense layer: an average comes before it.

# %% [markdown] id="stages-notes" slide="notes"
# Compare with lecture 04's figure of VGG-16. Ask why work differs by hardly more
# than a factor of two here: half the side, a quarter of the places, twice the
# channels, four times the weights. In VGG the same rule holds, but its first
# stages are wide on large maps.

# %% [markdown] id="cifar" slide="slide"
# ## Deeper and deeper?
#
# CIFAR-10, networks of $6n+2$ layers:

# %% id="cifar-figure" claims="07-cifar" alt="Test error on CIFAR-10 over the number of layers as dots: 8.75 with 20 layers, 7.51 with 32, 7.17 with 44, 6.97 with 56, 6.43 with 110 layers. A dashed line at 7.93: 1202 layers."
reported = numbers("test error of residual nets on CIFAR-10")
sizes = [int(name.split("-")[1]) for name in reported]
*few, most = [row.value for row in reported.values()]
plots.curves(
    (sizes[:-1], few),
    ([20, 110], [most, most]),
    labels=["20 to 110 layers", "1202 layers"],
    axes=("layers", "test error, %"),
    dots=[True, False],
)

# %% [markdown] id="cifar-answer" slide="fragment"
# Up to 110. With **1202** layers the training error is below 0.1 %, and the test
# error is higher: *that* is overfitting.

# %% [markdown] id="cifar-notes" slide="notes"
# Back to the guesses on the board: now overfitting may be written there again.
# Ask what tells the two diseases apart: the training error. The 1202-layer net
# has 19 million weights for 50,000 small images (section 4.2 of the paper, table
# 6).

# %% [markdown] id="drops" slide="slide"
# ## Why do errors fall off a cliff?
#
# The paper's curves drop at two places: there the rate is divided by 10. A toy:
# loss $x^2/2$, each gradient with noise of variance 1:


# %% id="drops-figure" claims="07-drops" alt="Expected loss over 800 steps, powers of ten. With rate 0.5 it falls at once to about 0.2 and stays. With 0.005 it falls slowly all the time. With drops after 400 and 600 steps it follows the first, then falls twice as down a cliff, to about 0.003."
def expected(rates):
    """Mean loss after each step, of all noise that there could be."""
    second, losses = 25.0, []  # of x = 5
    for rate in rates:
        second = (1 - rate) ** 2 * second + rate**2
        losses.append(second / 2)
    return losses


STEPS = 800
falling = drops(0.5, STEPS)
falling = [float(falling(step)) for step in range(STEPS)]
plots.curves(
    *[
        (np.arange(1, STEPS + 1), expected(rates))
        for rates in ([0.5] * STEPS, [0.005] * STEPS, falling)
    ],
    labels=["0.5", "0.005", "0.5 with drops"],
    axes=("step", "loss"),
    powers=True,
)

# %% [markdown] id="drops-answer" slide="fragment"
# A large rate is fast to its floor. A tenth of the rate: about a tenth of the
# floor.

# %% [markdown] id="drops-notes" slide="notes"
# The deck's picture is a narrow valley. Ask: "Why not the small rate from the
# start?" The dashed curve. "Why not drop at once?" The way is walked at the large
# rate. The floor is rate / (2 (2 - rate)) here. He et al. drop after half and
# three quarters; the reference runs use half a cosine wave, which has no cliff.

# %% [markdown] id="better" slide="slide"
# ## A better skip?
#
# A deck proposes: add the input **after** ReLU is applied.

# %% id="better-figure" alt="The block as boxes: x leads to a 3×3 convolution, norm, ReLU, a 3×3 convolution, norm, ReLU, and then the sum, with nothing behind it. A line leads from x to the sum."
draw_block(residual_basic, (56, 56, 64), 64, order="relu-before-sum")

# %% [markdown] id="better-answer" slide="fragment"
# Then nothing stands behind the sum, and $y = x + \text{something} \ge x$. Good?

# %% [markdown] id="better-notes" slide="notes"
# Give the room a minute with a neighbour: what can this block never do? It
# cannot make any number smaller. Next slide measures it.

# %% [markdown] id="growth" slide="subslide"
# ## Twelve such blocks: the mean behind each


# %% id="growth-figure" claims="07-monotone" alt="Mean behind each of twelve blocks for three orders of layers. With ReLU before the sum it rises steadily in a straight line. In the original order it rises more slowly. With full pre-activation it stays lowest."
ORDERS = ("original", "relu-before-sum", "full")


def behind_blocks(order):
    """What twelve blocks make of the same maps, one after the other."""
    keras.utils.set_random_seed(7)
    x = inputs = keras.Input((8, 8, 8))
    found = []
    for _ in range(12):
        x = residual_basic(x, 8, order=order)
        found.append(x)
    maps = np.random.default_rng(7).normal(size=(16, 8, 8, 8))
    net = keras.Model(inputs, found)
    return list(map(values, net(maps.astype("float32"), training=True)))


behind = {order: behind_blocks(order) for order in ORDERS}
steps = np.diff(behind["relu-before-sum"], axis=0)
plots.curves(
    *[
        (np.arange(1, 13), [maps.mean() for maps in behind[order]])
        for order in ORDERS
    ],
    labels=["original", "ReLU before", "full"],
    axes=("block", "mean"),
)

# %% id="growth-check"
print("ReLU before the sum: no number ever falls:", steps.min() >= 0)

# %% [markdown] id="growth-answer" slide="fragment"
# It can only add. A residual should take away, too.

# %% [markdown] id="growth-notes" slide="notes"
# Ask why the original order grows as well, but less: its branch has both signs,
# then ReLU cuts below zero. Full pre-activation lets both signs through. The
# norm in front of the next branch takes the mean off, so growth is no
# catastrophe, only a waste.

# %% [markdown] id="orders" slide="subslide"
# ## Full pre-activation
#
# Norm and ReLU first, nothing behind the sum:

# %% id="orders-figure" alt="The block as boxes: x leads to norm, ReLU, a 3×3 convolution, norm, ReLU, a 3×3 convolution and the sum, with nothing behind it. A line leads from x to the sum."
draw_block(residual_basic, (56, 56, 64), 64, order="full")

# %% [markdown] id="orders-answer" slide="fragment"
# Where shapes stay, the line past the blocks is clean, from first to last.

# %% [markdown] id="orders-notes" slide="notes"
# Ask what must follow the last block then: one more norm and ReLU. And what
# the shortcut of a block that halves reads: what is normalized and activated
# already, so that its 1x1 needs no norm of its own.

# %% [markdown] id="losers" slide="subslide"
# ## Who wins on CIFAR-10?
#
# Five orders of the same layers; at 1001 layers two of them:

# %% id="losers-check" claims="07-orders"
for depth in (110, 1001):
    quantity = f"CIFAR-10 error of ResNet-{depth} by order of layers"
    for order, row in numbers(quantity).items():
        print(f"ResNet-{depth:<5}{order:21}{row.value:5} %")

# %% [markdown] id="losers-answer" slide="fragment"
# "After ReLU" is one of the **losers**.

# %% [markdown] id="losers-notes" slide="notes"
# He et al. 2016, arXiv:1603.05027, tables 2 and 3; medians of five trainings.
# Ask which comparison is large and which may be noise: 6.61 against 6.37 is
# little, 7.61 against 4.92 at 1001 layers is not. The order matters when it is
# deep: a ReLU on the line past the blocks is met a hundred times.

# %% [markdown] id="paths" slide="slide"
# ## Unravel it
#
# Three blocks. At each one may go through the branch (×) or past it:

# %% id="paths-figure" claims="07-paths" alt="A table of eight rows, the paths, and three columns, the blocks. All combinations of crosses occur: one row without, three with one, three with two, one with three crosses."
ways = np.array(sorted(product([0, 1], repeat=3), key=sum))
plots.number_grids(
    np.where(ways, "×", "").T,
    titles=["eight paths, block 1 to 3 downwards"],
    taps=[ways.T],
    height=2.6,
)

# %% [markdown] id="paths-answer" slide="fragment"
# $n$ blocks: $2^n$ paths of 0 to $n$ branches. A plain net has one.

# %% [markdown] id="paths-notes" slide="notes"
# Ask how many of the eight have two branches, and what a block that is missing
# does: it takes all paths that went through it, half of them. And what
# happens to the only path of the plain net?

# %% [markdown] id="paths-sum" slide="subslide"
# ## Is the network their sum?
#
# Branches that are matrices, without ReLU:

# %% id="paths-sum-check"
blocks = dice.normal(size=(3, 4, 4))  # each branch a matrix, without ReLU
whole = np.eye(4)
for block in blocks:
    whole = whole + block @ whole
summed = np.zeros((4, 4))
for way in ways:
    path = np.eye(4)
    for block in blocks[way == 1]:
        path = block @ path
    summed += path
print("sum of all paths = the network:", np.allclose(whole, summed))

# %% [markdown] id="paths-sum-answer" slide="fragment"
# Exactly: $(I+A_3)(I+A_2)(I+A_1)$, multiplied out.

# %% [markdown] id="paths-sum-notes" slide="notes"
# Veit, Wilber and Belongie 2016. Exact for linear branches; with ReLU a branch
# sees the sum of what arrives, so paths are not independent: "ensemble" is a
# picture, and they share their weights, too.

# %% [markdown] id="lengths" slide="subslide"
# ## How deep is a deep network?
#
# ResNet-110 has 54 blocks. Suppose each branch passes a quarter of the gradient:

# %% id="lengths-figure" claims="07-lengths" alt="Shares over the number of branches on a path, 0 to 54. All paths: a bell around 27. Gradient: a narrower bell around 11."
lengths = np.arange(55)
ways = np.array([comb(54, k) for k in lengths], float)
carried = ways * 0.25**lengths
plots.curves(
    (lengths, ways / ways.sum()),
    (lengths, carried / carried.sum()),
    labels=["of the paths", "of the gradient"],
    axes=("branches on the path", "share"),
)

# %% [markdown] id="lengths-answer" slide="fragment"
# Long paths are many and carry next to nothing; what learns is **shallow**.

# %% [markdown] id="lengths-notes" slide="notes"
# Ask for the mean length first: 27. The quarter is an assumption, chosen near
# what Veit et al. measure. With a factor f the gradient's lengths are binomial
# again, with the chance f / (1 + f).

# %% [markdown] id="short" slide="subslide"
# ## Which paths learn?
#
# Paths of 5 to 17 branches, as Veit et al. measured. How many are these?

# %% id="short-check"
short = (lengths >= 5) & (lengths <= 17)
print(f"paths of 5 to 17:    {ways[short].sum() / ways.sum():.2%}", end="")
print(f", their gradient {carried[short].sum() / carried.sum():.0%}")

# %% [markdown] id="short-answer" slide="fragment"
# One path in 220. So Veit et al. say: skips do not carry gradients through all
# the depth, they make **short ways**.

# %% [markdown] id="short-notes" slide="notes"
# Section 4.3 of Veit et al. has 0.45 %, too. Ask: "So did skips solve the
# vanishing of gradients?" They went around it. Ask what follows for a net that
# is trained with the short paths alone: it does as well, in their experiment
# (same section).

# %% [markdown] id="question-paths" slide="skip"
# ## Question 4. Effective paths
#
# Write `path_share(blocks, shortest, longest, factor=1.0)`. A net has `blocks`
# residual blocks. A path that goes through the branches of $k$ of them carries
# `factor` to the power $k$. Which share of what **all** paths carry is carried by
# those through `shortest` to `longest` branches, both included? With a factor of
# 1 all paths count alike. `longest` may be more than there are blocks. Tests go
# up to 54 blocks: too many paths to walk one by one. Return a float.


# %% id="path-share" role="answer" minutes=15 taught="lengths"
def path_share(blocks, shortest, longest, factor=1.0):
    """The share of paths of some lengths, weighed by what they carry."""
    ### BEGIN SOLUTION
    carried = [comb(blocks, k) * factor**k for k in range(blocks + 1)]
    return sum(carried[shortest : longest + 1]) / sum(carried)
    ### END SOLUTION


# %% id="path-share-check" role="test" points=2 of="path-share"
import numpy as np

got = path_share(2, 0, 2)
assert np.size(got) == 1 and np.isclose(float(np.ravel(got)[0]), 1), (
    f"path_share(2, 0, 2) returned {got}. All paths of two blocks are asked "
    "for, and both ends count."
)
got = path_share(1, 1, 1, 0.25)
assert np.isclose(float(np.ravel(got)[0]), 0.2), (
    f"path_share(1, 1, 1, 0.25) returned {got}. One block has two paths, that "
    "carry 1 and 0.25. Hint: which share of their sum?"
)
### BEGIN HIDDEN TESTS


def walked(blocks, shortest, longest, factor):
    """Each path grows by a block, through it or past it."""
    carried = np.ones(1)
    for _ in range(blocks):
        carried = np.append(carried, 0) + factor * np.append(0, carried)
    return carried[shortest : longest + 1].sum() / carried.sum()


for given in [
    (3, 1, 1, 1.0),
    (3, 2, 3, 1.0),
    (5, 0, 0, 1.0),
    (4, 1, 2, 0.5),
    (10, 3, 6, 0.1),
    (6, 4, 9, 2.0),
    (54, 5, 17, 0.25),
    (54, 19, 35, 1.0),
]:
    got = float(np.ravel(path_share(*given))[0])
    n, low, high, weight = given
    slips = [
        ((n, low, high - 1, weight), "Is longest included?"),
        ((n, low + 1, high, weight), "Is shortest included?"),
        ((n, low, high, 1.0), "What does a path carry?"),
        ((n, 0, high, weight), "Which paths are too short?"),
    ]
    hint = "Write down all paths of three blocks, and their lengths."
    if np.isclose(got, walked(*given), rtol=0.05):
        hint = "Nearly: is a number rounded, or too large for its type?"
    for other, text in slips:
        if other != given and np.isclose(got, walked(*other), rtol=1e-6):
            hint = text
    assert np.isclose(got, walked(*given), rtol=1e-6), (
        f"path_share{given} returned {got}. Hint: {hint}"
    )
got = float(np.ravel(path_share(7, 2, 3))[0])
assert np.isclose(got, walked(7, 2, 3, 1.0)), (
    f"path_share(7, 2, 3) returned {got}. Hint: without a factor all paths "
    "count alike."
)
### END HIDDEN TESTS

# %% [markdown] id="lesion" slide="slide"
# ## Cut a block out
#
# Residual and plain nets of 20 layers, trained on digits. Each of nine blocks is
# left out by itself. Test errors, all trainings:

# %% id="lesion-figure" claims="07-lesion" alt="Test error over the block that is left out, 1 to 9, six trainings each. Plain nets: dots from nearly a half to nearly 1 at every block. Residual nets: dots below a tenth at nearly every block, but at block 1 spread from less than a tenth to 0.8."
nets = seeds("lesion")
cut = {
    kind: [list(net[kind]["blocks"].values()) for net in nets]
    for kind in ("plain", "residual")
}
place = np.tile(np.arange(1, 10), len(nets))
plots.curves(
    *[(place, np.ravel(errors)) for errors in cut.values()],
    labels=["plain", "residual"],
    axes=("block left out", "test error"),
    dots=[True, True],
)

# %% [markdown] id="lesion-answer" slide="fragment"
# A plain net breaks: it had one path. A residual net keeps half of its paths.

# %% [markdown] id="lesion-notes" slide="notes"
# Vote first: "What happens to an error of 2 % when a ninth of the layers is cut
# out, without training again?" In the plain net a cut block that halves is
# replaced by shortcut A, so that sizes fit. Then ask which dots disturb the
# story: block 1. Next slide.

# %% id="places" slide="skip"
PLACES = {
    "residual, whole": ("residual", "whole"),
    "  without conv2_1": ("residual", "blocks", "conv2_1"),
    "  without conv3_1": ("residual", "blocks", "conv3_1"),
    "  without conv4_1": ("residual", "blocks", "conv4_1"),
    "  median block": ("residual", "median"),
    "plain, median": ("plain", "median"),
}

# %% [markdown] id="spared" slide="subslide"
# ## Can every block be spared?
#
# Means of three seeds, 95 % intervals. conv3_1 and conv4_1 halve the maps:

# %% id="spared-check" claims="07-not-spared"
print(f"{'':20}{'TensorFlow':25}JAX")
for net, place in PLACES.items():
    print(f"{net:20}{told('lesion', *place)}")

# %% [markdown] id="spared-answer" slide="fragment"
# Not the **first**, in five of six trainings. Without one that halves, 3 to 6 %
# are wrong, without the median block 3 %: three seeds cannot tell these apart.

# %% [markdown] id="spared-notes" slide="notes"
# A good place to talk about evidence: the intervals of conv2_1 are as wide as
# the page, the direction is the same in all six trainings. In Veit et al.,
# figure 3, blocks that change sizes stand out, on CIFAR-10 with 110 layers. Ask
# what "behaves like an ensemble" predicts that we did not test: that the error
# grows smoothly with the number of blocks cut (their figure 5).

# %% [markdown] id="question-written" slide="skip"
# ## Question 5. Which blocks may go?
#
# This one is read by a person. Answer in about eight sentences, with numbers.

# %% [markdown] id="lesion-read" role="written" points=2.5 minutes=20 taught="lesion"
# A trained residual net of ten blocks errs on 4 % of the test images. With one
# block left out it errs on
#
#     block  1    2    3    4    5    6    7    8    9    10
#     error  41 % 6 %  5 %  18 % 5 %  4 %  12 % 5 %  4 %  4 %
#
# Blocks 4 and 7 halve the maps.
#
# 1. How many paths has the net, and how many are left without block 5? Why
#    does the error hardly change?
# 2. What would the table of a plain net look like, and why?
# 3. A colleague concludes: "The net is an ensemble of shallow nets. We take out
#    2, 3, 5, 6, 8, 9 and 10 at once and have a net of three blocks with 4 to 6 %
#    errors." What is wrong, and what would you measure?
#
# ### BEGIN SOLUTION
# There are 2^10 = 1024 paths, and 512 without block 5: all that went past it.
# These are in use already, among them half of the short ones, which carry most
# of the signal, and the later blocks get nearly the input that they know: the
# block only added something to it.
#
# A plain net has one path. Each later layer would get numbers that it never saw
# in training, so errors would be near guessing, 90 % of ten classes, for
# nearly every block: ours had 47 to nearly 100 %.
#
# Each row is about one block missing, the others there. Effects of several do
# not simply add: without seven blocks 2^3 = 8 of 1024 paths are left, and block 7
# gets an input far from what it was trained with. Nor are the paths
# trained as networks of their own: they share weights, and ReLU makes each
# branch see the sum of all. I would take out one more block after the other, in
# the order of the table and in random order, and draw the error over their
# number, on validation images, with several seeds, and train the smaller net a
# little longer, or from the start, to compare. Blocks 1, 4 and 7 stay: one in
# five to two in five images would be lost by each.
#
# **Marking scheme** (2.5 points): 1.0 for 1024 (0.25), 512 (0.25), and a reason
# that speaks of remaining paths or a small addition (0.5); 0.5 for the plain
# net's errors near guessing (0.25) with its single path (0.25); 1.0 for saying
# that rows hold for one block at a time (0.5, with 8 of 1024 paths or an
# equal argument), and for a measurement that removes several (0.25) with
# validation images, seeds or training again (0.25).
# ### END SOLUTION

# %% [markdown] id="remember" slide="slide"
# ## What to remember
#
# - Degradation: the **training** error rises with depth, at a fixed budget.
# - Batch norm: statistics over all but the channels; remembered ones in use.
# - It makes the output independent of the weights' size; without skips, deep
#   gradients explode.
# - A block returns $x + \mathcal{F}(x)$: gradients have a factor $1 + \mathcal{F}'$.
# - A zero branch copies exactly if no ReLU follows the sum.
# - $n$ blocks, $2^n$ paths; short ones learn, and most blocks can be spared. Ours
#   not the first.

# %% [markdown] id="remember-notes" slide="notes"
# Ask with the slide covered: "Plain-38 fails. Name what it is not, with the
# number that shows it." Not overfitting: training error. Not vanishing
# gradients: they explode. And not a lack of good weights: copying exists.

# %% [markdown] id="sources" slide="slide"
# ## Sources
#
# - He, Zhang, Ren, Sun: Deep residual learning for image recognition. CVPR 2016,
#   arXiv:1512.03385
# - The same: Identity mappings in deep residual networks. ECCV 2016,
#   arXiv:1603.05027
# - Ioffe, Szegedy: Batch normalization. ICML 2015, arXiv:1502.03167
# - Veit, Wilber, Belongie: Residual networks behave like ensembles of relatively
#   shallow networks. NIPS 2016, arXiv:1605.06431
# - Yang et al.: A mean field theory of batch normalization. ICLR 2019,
#   arXiv:1902.08129
