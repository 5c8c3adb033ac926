# %% [markdown] id="title" slide="slide"
# # 01 · Classifiers
#
# Sixty-four numbers come in. What in them says that they are a three?
#
# After this lecture you can
#
# - say what a classifier returns, and judge it honestly,
# - tell features made by hand from learned ones, and what each ignores,
# - turn scores into probabilities and a loss, without overflow,
# - compute the gradient of a network, and descend by it,
# - read learning curves.

# %% [markdown] id="title-notes" slide="notes"
# Ask the room: "You may write a program, as long as you like, that is handed
# 64 numbers and says which digit they are. What is its first line?" Write two
# or three proposals on the board (count the ink; compare with a stencil; look
# for a closed loop) and come back to them at "The same digit, one step aside".

# %% [markdown] id="about" slide="skip"
# Reading takes about 60 minutes, the five questions about 110; they give 14
# points.
#
# Answer with Python, NumPy or Keras. Of `course` only data, plots and what a
# question opens may be used in an answer.

# %% id="imports" role="given"
import numpy as np

# %% id="tools" slide="skip"
import keras
from skimage.data import chelsea
from skimage.feature import hog
from skimage.transform import rotate
from sklearn.linear_model import RidgeClassifier

from course import plots, reference
from course.datasets import digits
from course.datasets.handwritten import enlarge
from course.descent import descend
from course.features import histograms_of_gradients
from course.gradients import compiled, value_and_gradients
from course.summary import summary
from course.training import fit

train, validation, test = digits()
CLASSES = np.arange(10)


def flat(images):
    """Each image as one row of numbers."""
    return images.reshape(len(images), -1)


def edges(images):
    """Histograms of gradients; 8x8 pixels are too few for their cells."""
    return histograms_of_gradients(enlarge(images, 16))


def shifted(images):
    """All images one pixel to the right; paper comes in at the left."""
    moved = np.roll(images, 1, axis=2)
    moved[:, :, 0] = 0
    return moved


def turned(images, degrees):
    """All images turned about their middle."""
    stack = np.moveaxis(images[..., 0], 0, -1)
    stack = rotate(stack, degrees, order=1)
    return np.moveaxis(stack, -1, 0)[..., None].astype("float32")


def share(said, labels):
    """How many are right, as a fraction."""
    return float(np.mean(np.asarray(said) == labels))


def nearest(asked):
    """The place of the training digit that is nearest to each row."""
    seen = flat(train.images)
    return (np.sum(seen**2, axis=1) - 2 * asked @ seen.T).argmin(axis=1)


def moves(images):
    """Median distance of features from those of the test digits."""
    old, new = edges(test.images), edges(images.astype("float32"))
    lengths = np.linalg.norm(old, axis=1)
    return np.median(np.linalg.norm(new - old, axis=1) / lengths)


def steady(optimizer, slope, steps):
    """The last step of an optimizer where the slope is the same everywhere."""
    way = descend(optimizer, lambda place: [slope], [0.0], steps)
    return (way[-1] - way[-2])[0]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def entropy(scores, labels, **options):
    """Keras's cross-entropy of rows, for labels that are class numbers."""
    scores = np.asarray(scores, "float32")
    hot = np.eye(scores.shape[-1], dtype="float32")[labels]
    loss = keras.losses.CategoricalCrossentropy(**options)
    return float(loss(hot, scores))


# %% [markdown] id="numbers" slide="slide"
# ## Which digit is it?
#
# This is all that a program is given, ink from 0 to 16:

# %% id="numbers-figure" alt="A grid of 8 by 8 whole numbers between 0 and 16. The large ones form a bow at the top, a short stroke in the middle and a bow at the bottom, open to the left: a three, which is hard to see among the numbers."
three = train.images[np.flatnonzero(train.labels == 3)[0], ..., 0]
plots.number_grids(np.rint(16 * three).astype(int), height=4.4)

# %% [markdown] id="numbers-notes" slide="notes"
# Give them a minute; let them vote. Most find it only after they have squinted
# until the numbers become grey. Then go on: the next slide shows the same
# array as a picture. Ask: "What did your eyes do that arithmetic does not?"

# %% [markdown] id="picture" slide="subslide"
# ## An image is an array
#
# The same numbers as grey: an array of shape (height, width, channels).

# %% id="picture-figure" alt="Left the same 8 by 8 array as a picture: a handwritten three. Beside it the red, the green and the blue channel of a photograph of a cat, three grey pictures that differ in brightness."
cat = chelsea() / 255
red, green, blue = np.moveaxis(cat, -1, 0)
plots.images(
    three, red, green, blue, titles=["digit", "cat: red", "green", "blue"]
)

# %% id="picture-check"
print("digit", train.images.shape[1:], "cat", cat.shape, f"= {cat.size:,}")

# %% [markdown] id="picture-notes" slide="notes"
# Ask: "How many numbers has a photograph of your telephone?" Twelve megapixels
# with three channels are 36 million. Here the channels come last; some
# libraries put them first (lecture 03).

# %% [markdown] id="near" slide="slide"
# ## The same digit, one step aside
#
# A first idea: the same digit has nearly the same numbers. So move a digit by
# one pixel. Is it still nearer to itself than to *other* digits?

# %% id="near-check" claims="01-shift"
rows, moved = flat(test.images), flat(shifted(test.images))
apart = np.linalg.norm(rows[:, None] - rows, axis=-1)
apart[test.labels[:, None] == test.labels] = np.inf  # other classes only
to_itself = np.linalg.norm(rows - moved, axis=-1)
farther = np.mean(to_itself > apart.min(axis=1))
print(f"nearer to a digit of another class: {farther:.0%}")

# %% [markdown] id="near-answer" slide="fragment"
# All of them! Distance between pixels is not what we mean by *alike*.

# %% [markdown] id="near-notes" slide="notes"
# Let them vote first: 0 %, 10 %, half, all? Hardly anyone says all. On 8 x 8
# pixels a stroke is one or two pixels wide, so one step moves ink to paper.
# Then take the proposals from the board: which of them survives one step
# aside?

# %% [markdown] id="data-driven" slide="slide"
# ## No rule, but examples
#
# Nobody can write down what a three is. So:
#
# 1. collect images **with labels**,
# 2. let a program choose a classifier by them,
# 3. judge it by images that it has **not** seen.
#
# The simplest choice: the mean of each class, as a stencil.

# %% id="data-driven-figure" alt="Ten small blurred pictures, the mean of each digit class from 0 to 9. Each can be read, but strokes are soft, because people write differently."
stencils = [train.images[train.labels == each].mean(0) for each in CLASSES]
plots.mosaic(stencils, titles=list(map(str, CLASSES)), columns=10, height=1.7)

# %% [markdown] id="data-driven-notes" slide="notes"
# Ask: "Which digits will be confused?" and keep the guesses. Krizhevsky's
# CIFAR and ImageNet are step 1 at a scale that took years. Labels are
# someone's opinion: let two of the room read some of the unclear digits.

# %% [markdown] id="vector" slide="slide"
# ## A classifier returns a vector
#
# $f(x)=s$: not the word "three" but **a score for each class**. The class is
# the place of the largest. A linear classifier: $s = Wx + b$.

# %% id="vector-figure" alt="Ten dots, the scores of the classes 0 to 9 for the three. Only the score of class 3 is above zero; the next is that of class 5."
linear = RidgeClassifier().fit(flat(train.images), train.labels)
scores = linear.decision_function(flat(three[None]))[0]
plots.curves(
    (CLASSES, scores),
    labels=["score"],
    axes=("class", "score"),
    dots=[True],
)

# %% [markdown] id="vector-notes" slide="notes"
# Ask: "W has how many rows and columns for digits? And for the cat with 1000
# classes?" (10 x 64; 1000 x 405,900.) "Why not return the number 3?" Because
# then 4 would be a better answer than 8 when a 3 is asked for. Here W comes
# from least squares, in one step; the rest of the lecture is about harder W. A
# deck writes f(x) = y; here s are scores, and y is what is true.

# %% [markdown] id="templates" slide="subslide"
# ## Each row of W is a picture
#
# Scores add pixel times weight. Bright: ink speaks **for** the class.

# %% id="templates-figure" alt="Ten small pictures of weights, one a class. They are not digits: bright and dark spots show where ink speaks for or against the class. The weights of 0 are dark in the middle."
weights = linear.coef_.reshape(10, 8, 8)
plots.mosaic(
    weights,
    titles=list(map(str, CLASSES)),
    columns=10,
    limits=(-0.75, 0.75),  # the same on both sides, so that 0 is middle grey
    height=1.4,
)

# %% id="templates-check" claims="01-linear"
to_means = [np.linalg.norm(rows - each.ravel(), axis=1) for each in stencils]
print(f"nearest mean: {share(np.argmin(to_means, 0), test.labels):.1%}")
for name, images in [("rows of W", test.images), ("  shifted", moved)]:
    print(f"{name}:    {linear.score(flat(images), test.labels):.1%}")

# %% [markdown] id="templates-answer" slide="fragment"
# Better than stencils; but one step aside ruins it.

# %% [markdown] id="templates-notes" slide="notes"
# Ask: "Why is the middle of the 0 dark?" (There ink says: an 8, or a 3.) The
# nearest mean is linear, too: in |x - m|^2 the term |x|^2 is the same for all
# classes, what stays is -2 m.x + |m|^2. So both are W x + b, with another W.

# %% [markdown] id="memory" slide="slide"
# ## Right on what it has seen: worth nothing
#
# The likely wrong idea: "it is right on all my data, so it has learned."
# A classifier that says the label of the **nearest training digit**, given
# true labels, then labels dealt out at random:

# %% id="memory-check" claims="01-memory"
dealt = np.random.default_rng(0).permutation(train.labels)
for name, labels in [("true labels", train.labels), ("dealt out", dealt)]:
    known = share(labels[nearest(flat(train.images))], labels)
    new = share(labels[nearest(rows)], test.labels)
    print(f"{name}: training {known:.1%}, test {new:.1%}")

# %% [markdown] id="memory-answer" slide="fragment"
# In training each digit is its own nearest: always right, even about nonsense.

# %% [markdown] id="memory-notes" slide="notes"
# Ask before running: "What does it reach on the training digits when labels
# are nonsense?" Say: memory is not learning; only digits that it has not seen
# can tell. Zhang et al. 2017 did the same with deep networks and ImageNet.

# %% [markdown] id="edges" slide="slide"
# ## Better numbers than pixels?
#
# The classic way: compute **features** by hand, then classify these. HOG
# counts, cell by cell, how much edge has which direction:

# %% id="edges-figure" alt="Left a grey photograph of a cat. Right, for each cell of 16 pixels a small star of strokes: along the ears and eyes strokes are bright and lie along the edges, on plain fur they are dim in all directions."
grey = cat.mean(-1)[32:224, 96:384]
cells = {"pixels_per_cell": (16, 16), "cells_per_block": (1, 1)}
_, stars = hog(grey, 8, visualize=True, **cells)
plots.images(
    grey,
    (stars / stars.max()) ** 0.4,
    titles=["brightness", "directions of edges"],
)

# %% [markdown] id="edges-notes" slide="notes"
# Histograms of oriented gradients, Dalal and Triggs 2005, for pedestrians.
# Ask: "What is thrown away?" The sign of an edge (dark to light or light to
# dark), where in the cell it lies, and brightness: neighbouring cells are
# divided by their common length. Each of these was a decision of a person.

# %% [markdown] id="ignores" slide="slide"
# ## What does HOG ignore?
#
# Change the digits. How far does the vector move, relative to its length?

# %% id="ignores-check" claims="01-hog-light 01-hog-rotation"
views = {
    "half the contrast, and lighter": test.images / 2 + 0.25,
    "one pixel aside": shifted(test.images),
    "turned by 90 degrees": turned(test.images, 90),
    "another digit altogether": test.images[::-1],
}
far = [f"{name:32}{moves(view):.2f}" for name, view in views.items()]
print("\n".join(far))

# %% [markdown] id="ignores-answer" slide="fragment"
# Light: exactly. One step aside: in part. Rotation: **not at all**.

# %% [markdown] id="ignores-notes" slide="notes"
# Vote before each line. Often said: such features are invariant to rotation,
# translation and light. A deck says so, too; of rotation it is wrong: a
# histogram of *directions* cannot be blind to it; turned by 90 degrees a digit
# is farther from itself than from another one. A step aside matters less where
# cells are large against it: for a pedestrian one pixel is an eighth of a
# cell, for these digits half of one. Invariance to rotation is what SIFT buys
# by measuring directions from a main one. And would we want it? (6 and 9.)

# %% [markdown] id="by-hand" slide="slide"
# ## By hand, or learned
#
# Five splits of the digits; one test image is 0.28 %.

# %% id="by-hand-figure" claims="01-hog-better" alt="Test accuracy over five splits, three rows of dots. Pixels with a linear classifier lie lowest, around 94 percent. HOG with the same classifier is higher in each split, around 97 percent. The learned net is highest, around 99 percent, in four of the five; in one HOG reaches it."
accuracies = {"pixels": [], "HOG": []}
for seed in range(5):
    old, _, new = digits(seed, validation=0)
    for name, view in [("pixels", flat), ("HOG", edges)]:
        judge = RidgeClassifier().fit(view(old.images), old.labels)
        found = judge.score(view(new.images), new.labels)
        accuracies[name].append(100 * found)
kept = {each["seed"]: each["values"] for each in reference.results("digits")}
learned = [100 * kept[seed]["accuracy"] for seed in range(5)]
plots.curves(
    *[(range(5), each) for each in [*accuracies.values(), learned]],
    labels=["pixels, linear", "HOG, linear", "learned features"],
    axes=("split", "% right"),
    dots=[True] * 3,
)

# %% [markdown] id="by-hand-answer" slide="fragment"
# Good features make a simple classifier good. Learned ones, chosen by examples
# **end to end** with their classifier, are never worse here, mostly better.

# %% [markdown] id="by-hand-notes" slide="notes"
# The learned net was trained beforehand (benchmarks/train.py digits): two
# convolutions and two dense layers, 53,002 parameters. Ask: "Which of the
# three would you take with forty labelled digits?" By hand there is nothing to
# learn but W. In 2012 this comparison, on ImageNet, changed the field.

# %% [markdown] id="dimension" slide="skip"
# ## Does HOG make the classifier smaller?
#
# Often said, too: features reduce the dimension. Count.

# %% id="dimension-check" slide="skip" claims="01-hog-dimension"
window = np.zeros((1, 128, 64, 1))
found = histograms_of_gradients(window, cell=8, bins=9).size
print(f"digit:      {three.size:6,} pixels, {edges(test.images).shape[1]} HOG")
print(f"pedestrian: {128 * 64 * 3:6,} values, {found:,} HOG")

# %% [markdown] id="dimension-answer" slide="skip"
# For a pedestrian, yes: less than a sixth. For a digit there are *more* numbers
# than before. What helps is not that they are few but what they ignore.

# %% [markdown] id="turning" slide="slide"
# ## Is the learned net invariant, then?
#
# Turn the test digits. Nobody was trained with turned ones.

# %% id="turning-figure" claims="01-hog-turned" alt="Percent right over the angle from 0 to 90 degrees for pixels, HOG and the learned net. All three begin above 90 percent and fall together, below a third at 45 degrees, to about a tenth at 90. The learned net keeps up longest."
angles = [0, 10, 20, 30, 45, 60, 90]
old, _, new = digits(validation=0)
by_pixels = RidgeClassifier().fit(flat(old.images), old.labels)
by_edges = RidgeClassifier().fit(edges(old.images), old.labels)
net = reference.model("digits")
scores_of_net = compiled(lambda images: [net(images, training=False)])
rights = {"pixels": [], "HOG": [], "learned": []}
for angle in angles:
    view = turned(new.images, angle)
    rights["pixels"].append(by_pixels.score(flat(view), new.labels))
    rights["HOG"].append(by_edges.score(edges(view), new.labels))
    rights["learned"].append(
        share(scores_of_net(view)[0].argmax(1), new.labels)
    )
plots.curves(
    *[(angles, np.multiply(100, each)) for each in rights.values()],
    labels=list(rights),
    axes=("degrees", "% right"),
)

# %% [markdown] id="turning-answer" slide="fragment"
# No. A net ignores what its examples taught it to ignore.

# %% [markdown] id="turning-notes" slide="notes"
# Ask: "How would you make it read turned digits?" Turn the training digits,
# too (lecture 09). "And a 9 turned by 180 degrees?" What should be ignored is
# a decision, by hand in the features or by hand in the examples.

# %% [markdown] id="end-to-end" slide="skip"
# ## Features and classifier in one
#
# The learned net: its last step, from 128 numbers to ten, is a linear
# classifier; all before it are features. Examples chose both, **end to end**.
# What a convolution is, lecture 02 tells; here boxes turn arrays into arrays.

# %% id="end-to-end-figure" slide="skip" alt="The learned net as a row of volumes: an image of 8 by 8, maps of 8 by 8 by 32, 4 by 4 by 32, 4 by 4 by 64, 2 by 2 by 64, then bars of 128 numbers and of ten scores."
quiet = {"Activation", "Dropout", "Flatten"}
rows_of_net = [row for row in summary(net).rows if row.kind not in quiet]
plots.volumes(
    [row.output_shape[1:] for row in rows_of_net],
    ["image", *[row.layer for row in rows_of_net[1:]]],
)

# %% [markdown] id="perceptron" slide="slide"
# ## The smallest classifier
#
# A **perceptron** (Rosenblatt, 1958) adds up weighted inputs and compares:
#
# $$f(x) = H(w\cdot x + b),\qquad H(z) = 1 \text{ if } z > 0, \text{ else } 0$$
#
# $H$ is Heaviside's step. Weights $1, 1$ and bias $-1$ shall mean AND:

# %% id="perceptron-check" claims="01-heaviside"
inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
z = inputs @ [1, 1] - 1
for at_zero in (0, 0.5, 1):
    print(f"H(0) = {at_zero}: ", np.heaviside(z, at_zero))

# %% [markdown] id="perceptron-answer" slide="fragment"
# With $H(0)=0$ it is AND, with $H(0)=1$ it is OR, with ½ neither. The value at
# one point decides: say which you mean.

# %% [markdown] id="perceptron-notes" slide="notes"
# A deck has both: on one slide H(0) is 0 (output 1 only if the sum is above
# 0), in its table of activations it is 1/2. Ask before running: "What does the
# perceptron say to (0, 1)?" The room will split. With b = -1.5 nobody could
# quarrel: keep decisions away from the step. NumPy's heaviside has no default.

# %% [markdown] id="xor" slide="slide"
# ## What one perceptron cannot do
#
# "One or the other, not both" (XOR). Try many weights and biases:

# %% id="xor-check" claims="01-xor"
grid = np.arange(-2, 2.01, 0.25)
w1, w2, b = np.meshgrid(grid, grid, grid)
said = [w1 * x1 + w2 * x2 + b > 0 for x1, x2 in inputs]
xor = np.array([0, 1, 1, 0])
right = sum(answer == want for answer, want in zip(said, xor, strict=True))
print(f"{right.size:,} perceptrons, the best has {right.max()} of 4 right")

# %% [markdown] id="xor-answer" slide="fragment"
# No finer grid helps. XOR asks for $b\le0$, $w_1+b>0$, $w_2+b>0$ and
# $w_1+w_2+b\le0$. Add the middle two: $w_1+w_2+2b>0$. Add the outer two:
# $w_1+w_2+2b\le0$.

# %% [markdown] id="xor-notes" slide="notes"
# Let them draw the four points and try to part them by one straight line. A
# search proves nothing, four inequalities do. Minsky and Papert's Perceptrons
# (1969) is about what such units cannot do. Ask: "What could two lines do?"

# %% [markdown] id="two-layers" slide="subslide"
# ## Two layers can
#
# Let two units look for "at least one" and "both"; a third takes the second
# away from the first.

# %% id="two-layers-figure" alt="Three tables side by side. The inputs 0 0, 0 1, 1 0 and 1 1; the two hidden units, OR and AND: 0 0, 1 0, 1 0, 1 1; and the output 0, 1, 1, 0, which is XOR."
hidden = np.heaviside(inputs @ [[1, 1], [1, 1]] + [-0.5, -1.5], 0)
output = np.heaviside(hidden @ [1, -1] - 0.5, 0)
plots.number_grids(
    inputs,
    hidden.astype(int),
    output.astype(int)[:, None],
    titles=["inputs", "OR, AND", "XOR"],
    signs=["→", "→"],
    height=3.2,
)

# %% [markdown] id="two-layers-answer" slide="fragment"
# The hidden layer computes **features**, in which one line is enough. We chose
# its weights by hand. How could they be found?

# %% [markdown] id="two-layers-notes" slide="notes"
# Ask: "Where do the four points lie in the plane of OR and AND?" Two of them
# fall onto each other, and a line parts the rest. That is what hidden layers
# are for: what cannot be parted is moved until it can.

# %% [markdown] id="stairs" slide="slide"
# ## A staircase has no slope
#
# Ten points on a line, the 1s mostly to the right. Move a perceptron's
# threshold and count its mistakes; then do it with a softer step:

# %% id="stairs-figure" claims="01-flat" alt="Two curves over the threshold from minus 3 to 3. The share of mistakes is a staircase of level pieces. The loss of a soft step is a smooth valley with its lowest point among the lowest stairs."
points = np.array([-2.6, -2.1, -1.4, -0.9, -0.3, 0.2, 0.8, 1.1, 1.9, 2.4])
ones = np.array([0, 0, 0, 1, 0, 1, 0, 1, 1, 1])
thresholds = np.linspace(-3, 3, 601)
z = points - thresholds[:, None]
mistakes = np.mean((z > 0) != ones, axis=1)
soft = -np.mean(np.log(sigmoid(np.where(ones, z, -z))), axis=1)
plots.curves(
    (thresholds, mistakes),
    (thresholds, soft),
    labels=["share of mistakes", "loss, soft step"],
    axes=("threshold", "loss"),
)

# %% [markdown] id="stairs-answer" slide="fragment"
# On a level stair the slope is 0: no hint which way is better. A smooth step
# has a slope everywhere.

# %% [markdown] id="stairs-notes" slide="notes"
# Ask: "You stand on the stair at -2 with your eyes shut. Which way?" That is
# what gradient descent is: only the slope under its feet. Then: "And what is
# H' at 0?" There is none. The loss of the smooth curve comes later in the
# lecture.

# %% [markdown] id="activations" slide="slide"
# ## Steps, hard and soft
#
# The **sigmoid** $\sigma(z)=1/(1+e^{-z})$ is a soft step.

# %% id="activations-figure" claims="01-activations 01-tanh" alt="Five curves over z from minus 4 to 4. Heaviside jumps from 0 to 1 and sign from minus 1 to 1 at zero. The piece-wise linear one rises from 0 to 1 between minus a half and a half. The sigmoid rises softly from 0 to 1, tanh from minus 1 to 1 and steeper."
z = np.linspace(-4, 4, 401)
plots.curves(
    (z, np.heaviside(z, 0.5)),
    (z, np.sign(z)),
    (z, np.clip(z + 0.5, 0, 1)),
    (z, sigmoid(z)),
    (z, np.tanh(z)),
    labels=["Heaviside", "sign", "piece-wise linear", "sigmoid", "tanh"],
    axes=("z", "activation"),
)

# %% [markdown] id="activations-answer" slide="fragment"
# tanh is a sigmoid, stretched: $\tanh z = 2\sigma(2z)-1$.

# %% [markdown] id="activations-notes" slide="notes"
# Ask: "Which of the five can be trained by descent?" The piece-wise linear one
# is a border case: a slope between -1/2 and 1/2 only. "Which gives negative
# outputs, and is that good?" LeNet used tanh: outputs around 0 suit the next
# layer.

# %% [markdown] id="rectifiers" slide="subslide"
# ## Today's: bend once
#
# The **ReLU**, $\max(0, z)$, is no step at all.

# %% id="rectifiers-figure" claims="01-softplus" alt="Three curves over z from minus 4 to 4. Linear is a straight line. The ReLU is zero on the left and the same line on the right of zero. Softplus hugs the ReLU from above, rounded at zero where it is about 0.7."
plots.curves(
    (z, z),
    (z, np.maximum(0, z)),
    (z, np.log1p(np.exp(z))),
    labels=["linear", "ReLU", "softplus"],
    axes=("z", "activation"),
)

# %% [markdown] id="rectifiers-answer" slide="fragment"
# Softplus, $\ln(1+e^z)$, rounds its corner; its slope is the sigmoid.

# %% [markdown] id="slopes" slide="slide"
# ## Why the ReLU? Look at slopes
#
# Through ten layers slopes are **multiplied** (weights, too: lecture 07).

# %% id="slopes-figure" alt="Slopes over z from minus 4 to 4. The sigmoid's is a low hill with its top at a quarter, tanh's a steeper one with its top at 1; both are near zero beyond 3. The ReLU's jumps from 0 to 1 at zero and stays."
plots.curves(
    (z, sigmoid(z) * sigmoid(-z)),
    (z, 1 - np.tanh(z) ** 2),
    (z, np.heaviside(z, 0.5)),
    labels=["sigmoid", "tanh", "ReLU"],
    axes=("z", "slope"),
)

# %% [markdown] id="slopes-answer" slide="fragment"
# The sigmoid's is at most a quarter: ten of them, at most a millionth. A ReLU
# passes a slope on whole, or not at all.

# %% [markdown] id="slopes-notes" slide="notes"
# Does the corner do harm? Hardly any number lies exactly there. Ask: "What
# happens to a unit that is negative for every image?" Its slope is 0 for all:
# it never learns again, a dead unit. Leaky variants exist for that. Weights
# are multiplied, too, so this is half of the story; lecture 07 has the other
# half. Glorot, Bordes and Bengio 2011 made the case for rectifiers.

# %% id="slopes-check" slide="skip" claims="01-slopes"
steepest = np.max(sigmoid(z) * sigmoid(-z))
print(f"sigmoid: at most {steepest}, ten of them {steepest**10:.1e}")

# %% [markdown] id="table" slide="subslide"
# ## The whole table
#
# | name | activation | slope |
# |---|---|---|
# | Heaviside | $H(z)$ | $0$, none at 0 |
# | sign | $2H(z)-1$ | $0$, none at 0 |
# | linear | $z$ | $1$ |
# | piece-wise linear | $\min(1,\max(0,z+\tfrac12))$ | $1$ inside, else $0$ |
# | sigmoid | $\sigma(z)$ | $\sigma(z)\,\sigma(-z)$ |
# | tanh | $2\sigma(2z)-1$ | $1-\tanh^2 z$ |
# | ReLU | $\max(0,z)$ | $H(z)$, none at 0 |
# | softplus | $\ln(1+e^z)$ | $\sigma(z)$ |

# %% [markdown] id="table-notes" slide="notes"
# Cover the third column and let them find it. The sign's row needs H(0) = 1/2,
# the ReLU's slope at 0 is a convention: Keras takes 0.

# %% [markdown] id="collapse" slide="slide"
# ## What if we leave it out?
#
# Without an activation, are two layers more than one?

# %% id="collapse-check" claims="01-collapse"
dice = np.random.default_rng(1)
W1, b1 = dice.normal(size=(30, 64)), dice.normal(size=30)
W2, b2 = dice.normal(size=(10, 30)), dice.normal(size=10)
x = three.ravel()
twice = W2 @ (W1 @ x + b1) + b2
once = (W2 @ W1) @ x + (W2 @ b1 + b2)
print("largest difference:", np.abs(twice - once).max().round(9))
print("numbers to learn:", sum(each.size for each in (W1, b1, W2, b2)))
print("one layer has:   ", 10 * 64 + 10)

# %% [markdown] id="collapse-answer" slide="fragment"
# They are **one** linear layer, only paid for three times over.

# %% [markdown] id="collapse-notes" slide="notes"
# The likely wrong idea: more layers are always more powerful. Ask it as a
# vote. Brackets move in a product of matrices: that is the whole proof. XOR,
# too, needed the step between its layers.

# %% [markdown] id="graph" slide="slide"
# ## A network is a graph of layers
#
# Mostly a chain, $f_3(f_2(f_1(x)))$; but a layer may read several others. A
# row for each layer, a mark where it reads:

# %% id="graph-figure" alt="A table of the layers x, h1, h2, sum and s, row by row: h1 reads x, h2 reads h1, sum reads h1 and h2, s reads sum. All marks lie below the diagonal."
layers = ["x", "h1", "h2", "sum", "s"]
reads = {"h1": ["x"], "h2": ["h1"], "sum": ["h1", "h2"], "s": ["sum"]}
marks = [[name in reads.get(row, []) for name in layers] for row in layers]
plots.tap_matrix(marks, (1,), rows=layers, columns=layers, labels="●")

# %% [markdown] id="graph-answer" slide="fragment"
# All marks lie below the diagonal: no cycle, so one pass computes every layer.

# %% [markdown] id="graph-notes" slide="notes"
# Feedforward networks are acyclic graphs. Ask: "Add a mark above the diagonal:
# what goes wrong?" h1 would read what is computed from h1. The branch around
# h2 is a shortcut; lecture 07 lives on it. Going backwards, each layer waits
# for all that read it, and adds up their slopes.

# %% [markdown] id="exclusive" slide="slide"
# ## From scores to probabilities
#
# A photograph shows a cat **and** a sofa, no dog. Scores 4, 3.5, −3. Two ways:
#
# - sigmoid: each score by itself, $\sigma(s_i)$;
# - softmax: all share one, $e^{s_i}/\sum_j e^{s_j}$.

# %% id="exclusive-check" claims="01-exclusive"
s = np.array([4, 3.5, -3])
softmax_of_s = np.exp(s) / np.exp(s).sum()
print("sigmoid:", sigmoid(s).round(2), "sum", sigmoid(s).sum().round(2))
print("softmax:", softmax_of_s.round(2), "sum", softmax_of_s.sum().round(2))

# %% [markdown] id="exclusive-answer" slide="fragment"
# Softmax says **which one**: it must share. Sigmoids say **which ones**.

# %% [markdown] id="exclusive-two-words" slide="skip"
# For two classes softmax *is* a sigmoid: of the difference of their scores,
# here $4-3.5$.

# %% id="exclusive-two" slide="skip" claims="01-softmax-two"
two = np.exp(4) / (np.exp(4) + np.exp(3.5))
print(f"softmax of the first two {two:.4f}, sigmoid of ½ {sigmoid(0.5):.4f}")

# %% [markdown] id="exclusive-notes" slide="notes"
# Ask: "Ten digits, one of them is shown: which?" (Softmax.) "The diseases on
# one X-ray?" (Sigmoids.) The likely wrong idea: small probabilities mean that
# the network is not sure. Softmax divides one whole among all. For two classes
# softmax *is* a sigmoid, of the difference.

# %% [markdown] id="overflow" slide="slide"
# ## The formula that does not survive
#
# Nothing keeps a score from being 1000. Take the formula at its word:


# %% id="overflow-check" claims="01-softmax-shift"
def by_the_book(s):
    with np.errstate(over="ignore", invalid="ignore"):
        return np.exp(s) / np.exp(s).sum()


for s in ([1.0, 2.0, 3.0], [11.0, 12.0, 13.0], [1001.0, 1002.0, 1003.0]):
    print(s, by_the_book(s).round(4))

# %% [markdown] id="overflow-answer" slide="fragment"
# Adding 10 to each score changed nothing. What would have to be true of the
# third row?

# %% id="overflow-limits" slide="skip" claims="01-overflow"
for kind in ("float32", "float64"):
    print(f"{kind}: exp overflows above {np.log(np.finfo(kind).max):.1f}")

# %% [markdown] id="overflow-notes" slide="notes"
# Do not say the cure: it is the first question. Ask: "Why did 11, 12, 13 give
# the same as 1, 2, 3?" A common factor e^10 above and below. "What is the
# third row, then, and what must you never compute?"

# %% [markdown] id="question-softmax" slide="skip"
# ## Question 1. A softmax that does not overflow
#
# Write `softmax(scores)`: for an array of any shape the softmax **along its
# last axis**, so that each row adds up to 1. It must be right for all finite
# scores, also 1000 or −1000, and for rows that are far from each other; nothing
# may overflow. Scores may come as a list. Keras's softmax, in any form, and its
# logsumexp are closed.


# %% id="softmax" role="answer" minutes=15 taught="overflow" forbids="keras.ops.softmax keras.ops.log_softmax keras.ops.logsumexp keras.activations keras.layers keras.losses"
def softmax(scores):
    """Probabilities along the last axis, for scores of any size."""
    ### BEGIN SOLUTION
    scores = np.asarray(scores, float)
    # the largest becomes 0: no exponential is above 1, and one of them is 1
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
    ### END SOLUTION


# %% id="softmax-check" role="test" points=2 of="softmax"
import numpy as np

for scores, want, hint in [
    ([0.0, 0.0], [0.5, 0.5], "Equal scores share equally."),
    ([1000.0, 1000.0], [0.5, 0.5], "Equal scores, but large ones."),
    ([[1.0, 1.0], [5.0, 5.0]], [[0.5, 0.5]] * 2, "Each row is by itself."),
]:
    got = np.asarray(softmax(np.array(scores)), float)
    assert got.shape == np.shape(want) and np.allclose(got, want, atol=1e-5), (
        f"softmax({scores}) returned {got.tolist()}. {hint}"
    )
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(1)
small = [rng.normal(size=shape) for shape in ((5,), (1, 3), (4, 3), (2, 3, 4))]
for scores in small:
    powers = np.exp(scores)
    want = powers / powers.sum(-1, keepdims=True)
    got = np.asarray(softmax(scores), float)
    called = f"softmax of shape {scores.shape} returned "
    assert got.shape == want.shape, (
        f"{called}shape {got.shape}. Hint: a probability for each score."
    )
    slips = {
        "Hint: the whole array adds up to 1; each row should.": powers
        / powers.sum(),
        "Hint: the last axis, not the first.": powers
        / powers.sum(0, keepdims=True),
        "Hint: each score went its own way; they must share.": powers
        / (1 + powers),
        "Hint: is e the base?": 2.0**scores
        / np.sum(2.0**scores, -1, keepdims=True),
    }
    hints = [hint for hint, slip in slips.items() if np.allclose(got, slip)]
    assert np.allclose(got, want, rtol=1e-4, atol=1e-6), (
        f"{called}rows that add up to {np.unique(got.sum(-1).round(4))}. "
        + (hints or ["Hint: compute a row of two by hand."])[0]
    )
for scores, hint in [
    ([[1000.0, 1001.0, 1003.0]], "the difference of scores counts."),
    ([[-1000.0, -1001.0, -1003.0]], "what becomes of 0 / 0?"),
    ([[0.0, 1.0], [900.0, 901.0]], "rows may be far from each other."),
    (
        [[-3000.0, 0.0], [3.0, 3003.0]],
        "in a row, too, scores may be far apart.",
    ),
    ([[1e4, 1e4 - 2.0]], "scores are not cut off: their difference stays."),
]:
    scores = np.array(scores)
    rest = np.exp(scores - scores.max(-1, keepdims=True))
    want = rest / rest.sum(-1, keepdims=True)
    got = np.asarray(softmax(scores), float)
    assert np.allclose(got, want, rtol=1e-3, atol=1e-6), (
        f"softmax({scores.tolist()}) returned {got.tolist()}. Hint: {hint}"
    )
got = np.asarray(softmax([1, 1, 1, 1]), float)
assert np.allclose(got, 0.25, atol=1e-5), (
    f"softmax([1, 1, 1, 1]), a list of integers, returned {got.tolist()}. "
    "Hint: four equal shares."
)
### END HIDDEN TESTS

# %% [markdown] id="surprise" slide="slide"
# ## How wrong? Ask for surprise
#
# Only the probability $p$ of the **true** class counts:
# $\ell = -\ln p$, the **cross-entropy**. Why not simply $1-p$?

# %% id="surprise-figure" claims="01-chance" alt="Two curves over the probability of the true class from 0.005 to 1. Minus the logarithm falls from above 5, steeply at first, to 0. One minus p is a straight line from 1 to 0. A dot on the first at one tenth has the height 2.3."
p = np.linspace(0.005, 1, 400)
plots.curves(
    (p, -np.log(p)),
    (p, 1 - p),
    ([0.1], [-np.log(0.1)]),
    labels=["-ln p", "1 - p", "ten equal scores"],
    axes=("p of the true class", "loss"),
    dots=[False, False, True],
)

# %% [markdown] id="surprise-answer" slide="fragment"
# Who is sure and wrong pays without limit. Ten equal scores cost $\ln 10$: the
# first loss of a training tells whether it starts sanely.

# %% [markdown] id="surprise-notes" slide="notes"
# In full it is H(p_y, p) = - sum of p_y log p over the classes; p_y is 1 at
# the true class and 0 elsewhere, so one term stays. Ask: "What is the loss of
# a net with a thousand classes before its first step?" (ln 1000, 6.9.) "Yours
# begins at 40?" Scores are far too large at the start.

# %% [markdown] id="logits" slide="slide"
# ## Softmax in the network, or in the loss?
#
# A last layer without softmax returns scores, *logits*. Keras's loss must be
# told: `from_logits=True`. Same loss both ways?

# %% id="logits-check" claims="01-from-logits"
guesses = linear.decision_function(flat(test.images))
probabilities = np.exp(guesses) / np.exp(guesses).sum(-1, keepdims=True)
told = entropy(guesses, test.labels, from_logits=True)
print(f"softmax in the network: {entropy(probabilities, test.labels):.4f}")
print(f"softmax in the loss:    {told:.4f}")

# %% [markdown] id="logits-answer" slide="fragment"
# The same. So it does not matter ... as long as each is told the truth.

# %% [markdown] id="logits-notes" slide="notes"
# The rule: without a softmax set from_logits=True. Ask: "What do you expect if
# it is forgotten: an error, a worse training, nothing?" There is no error:
# that is the trouble. The next three slides show each way to get it wrong.

# %% [markdown] id="forgotten" slide="subslide"
# ## Forgotten: scores taken for probabilities
#
# The scores 2, −1, ½. Which loss for each true class?

# %% id="forgotten-check" claims="01-forgotten"
s = np.array([[2, -1, 0.5]])
for true in range(3):
    told = entropy(s, [true], from_logits=True)
    untold = entropy(s, [true])
    print(f"class {true}: told {told:6.3f}, forgotten {untold:6.3f}")

# %% [markdown] id="forgotten-answer" slide="fragment"
# Keras divides by the sum, here 1.5, and cuts what is left to between
# $10^{-7}$ and $1-10^{-7}$. The negative score costs 16.1, with slope **0**:
# it never learns.

# %% id="forgotten-slope" slide="skip"
hot = np.eye(3, dtype="float32")[1]
loss = keras.losses.CategoricalCrossentropy()
_, (slope,) = value_and_gradients(
    lambda s: loss(hot[None], s), s.astype("float32")
)
print("slope for class 1:", np.abs(slope).max())
lower = entropy([[2, -3, 0.5]], [1])
print(f"loss of class 1 if its score is -3: {lower:.3f}")

# %% [markdown] id="forgotten-lower" slide="skip"
# A lower score of the true class, and the loss is 0: now the sum is negative,
# too, and $-3$ divided by $-\tfrac12$ is cut to nearly 1.

# %% [markdown] id="forgotten-notes" slide="notes"
# -ln 1e-7 = 16.1. Ask: "You see a loss of exactly 16.1 again and again. What
# do you look for?" Here the loss for class 0 is 0 though the softmax gives it
# only 79 %. No error, no warning, a training that goes nowhere.

# %% [markdown] id="twice" slide="subslide"
# ## Both: softmax twice
#
# Now the other way: the network ends with a softmax, and the loss is told that
# these are scores. Let the true class trail by 8, then lead:

# %% id="twice-figure" claims="01-twice" alt="The loss over the lead of the true class's score from minus 8 to 12, for ten classes. Told rightly it falls in a straight line from above 10, then bends towards 0. With softmax twice it falls from 2.4 to 1.46 only, and is level at both ends."
leads = np.linspace(-8, 12, 41)
once, twice = [], []
for lead in leads:
    s = np.zeros((1, 10))
    s[0, 3] = lead
    once.append(entropy(s, [3], from_logits=True))
    twice.append(entropy(by_the_book(s), [3], from_logits=True))
plots.curves(
    (leads, once),
    (leads, twice),
    labels=["softmax once", "softmax twice"],
    axes=("lead of the true class", "loss"),
)

# %% [markdown] id="twice-answer" slide="fragment"
# It can never fall below $\ln(1+9/e)$, and its slope fades where it should
# teach most: where the net is sure, and wrong.

# %% [markdown] id="twice-notes" slide="notes"
# Probabilities lie between 0 and 1, so taken as scores they differ by 1 at
# most: e : 1 : ... : 1. Ask for the floor with 1000 classes: ln(1 + 999/e),
# 5.9 of 6.9 at the start. It still learns, slowly: the mistake can hide for
# months. On TensorFlow Keras remembers the scores of a softmax that it made
# itself, and warns; do not count on that.

# %% [markdown] id="far" slide="subslide"
# ## And told the truth, is softmax in the network as good?
#
# A net that is very sure, and wrong by a lead of 5, 20, 100:

# %% id="far-check" claims="01-clipped"
for lead in (5.0, 20.0, 100.0):
    s = np.array([[0.0, lead]])
    told = entropy(s, [0], from_logits=True)
    cut = entropy(by_the_book(s), [0])
    print(f"lead {lead:5}: by scores {told:7.3f}, by softmax {cut:7.3f}")

# %% [markdown] id="far-answer" slide="fragment"
# Probabilities cannot say how wrong. **Let networks end with scores**; take the
# softmax when you want to read them.

# %% [markdown] id="far-notes" slide="notes"
# The best practice for the whole course: Dense(10) without activation, and
# from_logits=True. Ask: "Whose largest is the larger, scores or
# probabilities?" The order is the same, so the class that is said never needs
# a softmax.

# %% [markdown] id="question-cross-entropy" slide="skip"
# ## Question 2. Cross-entropy, with and without logits
#
# Write `cross_entropy(labels, outputs, from_logits)`: the **mean** over the
# images of $-\ln$ of the probability of the true class, one number. `labels`
# has shape (n,) and holds class numbers from 0 on; `outputs` has shape
# (n, classes):
#
# - scores of any size, if `from_logits` is true: the loss must be right also
#   where the probability itself is too small for a float;
# - else probabilities, rows that add up to 1; one below $10^{-7}$ counts as
#   $10^{-7}$.
#
# Keras's losses are closed.


# %% id="cross-entropy" role="answer" minutes=20 taught="logits" forbids="keras.losses keras.metrics keras.ops.categorical_crossentropy keras.ops.sparse_categorical_crossentropy"
def cross_entropy(labels, outputs, from_logits):
    """Mean cross-entropy of the rows of `outputs`."""
    ### BEGIN SOLUTION
    outputs = np.asarray(outputs, float)
    truth = outputs[np.arange(len(outputs)), np.asarray(labels, int)]
    if not from_logits:
        return -np.mean(np.log(np.maximum(truth, 1e-7)))
    # ln of the sum of exponentials, the largest taken out of it
    largest = outputs.max(axis=1)
    rest = np.exp(outputs - largest[:, None]).sum(axis=1)
    return np.mean(largest + np.log(rest) - truth)
    ### END SOLUTION


# %% id="cross-entropy-check" role="test" points=1.5 of="cross-entropy"
import numpy as np

# A half, said of the true class both times, is worth one bit: ln 2.
labels, halves = np.array([0, 1]), np.array([[0.5, 0.5, 0.0], [0.1, 0.5, 0.4]])
got = cross_entropy(labels, halves, False)
assert np.size(got) == 1 and np.allclose(got, np.log(2), atol=1e-4), (
    f"cross_entropy({labels.tolist()}, {halves.tolist()}, False) returned "
    f"{got}. Both true classes have the probability 0.5. Which number of "
    "each row counts, and what is done with two rows?"
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(2)
for n, classes in [(1, 2), (4, 3), (7, 10)]:
    raw = rng.random((n, classes)) + 0.05
    outputs = raw / raw.sum(-1, keepdims=True)
    labels = rng.integers(0, classes, n)
    pairs = zip(outputs, labels, strict=True)
    each = np.array([-np.log(row[k]) for row, k in pairs])
    got = cross_entropy(labels, outputs, False)
    called = f"cross_entropy({labels.tolist()}, probabilities of shape "
    called += f"{outputs.shape}, False) returned {got}."
    assert np.size(got) == 1, f"{called} Hint: one number for all images."
    again = np.log(np.exp(outputs).sum(-1)) - outputs[np.arange(n), labels]
    slips = [
        (each.sum(), "a mean over the images, not a sum."),
        (each.mean() / classes, "divide by images, not by classes."),
        (-np.log(np.exp(-each).mean()), "first the logarithm, then the mean."),
        (each.mean() / np.log(2), "the natural logarithm."),
        (each.mean() / np.log(10), "the natural logarithm."),
        (-np.log(outputs).sum(-1).mean(), "which class is the true one?"),
        (-np.log(outputs.max(-1)).mean(), "the true class, not the likeliest."),
        (again.mean(), "these are probabilities already."),
        (-each.mean(), "a loss is never negative."),
    ]
    hints = [hint for slip, hint in slips if np.allclose(got, slip, rtol=1e-4)]
    assert np.allclose(got, each.mean(), rtol=1e-4, atol=1e-5), (
        f"{called} Hint: {(hints or ['compute one row by hand.'])[0]}"
    )
for p in (0.0, 1e-9, 5e-8, 2e-7):
    sure = [[p, 1 - p]]
    got = cross_entropy(np.array([0]), np.array(sure), False)
    assert np.allclose(got, -np.log(max(p, 1e-7)), rtol=1e-3), (
        f"cross_entropy([0], {sure}, False) returned {got}. Hint: what counts "
        "as the probability of the true class? Nothing is added to it."
    )
### END HIDDEN TESTS

# %% id="cross-entropy-logits-check" role="test" points=1.5 of="cross-entropy"
import numpy as np

# Equal scores: each class is as likely as the others.
for score in (0.0, 3.0):
    labels, scores = np.array([0, 3]), np.full((2, 4), score)
    got = cross_entropy(labels, scores, True)
    assert np.size(got) == 1 and np.allclose(got, np.log(4), atol=1e-4), (
        f"cross_entropy({labels.tolist()}, {scores.tolist()}, True) returned "
        f"{got}. How likely is each of four equal scores?"
    )
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(3)
for n, classes in [(1, 2), (4, 3), (7, 10)]:
    scores = 3 * rng.normal(size=(n, classes))
    labels = rng.integers(0, classes, n)
    shares = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    each = -np.log(shares[np.arange(n), labels])
    got = cross_entropy(labels, scores, True)
    called = f"cross_entropy({labels.tolist()}, scores of shape "
    called += f"{scores.shape}, True) returned {got}."
    assert np.size(got) == 1, f"{called} Hint: one number for all images."
    double = np.log(np.exp(shares).sum(-1)) - shares[np.arange(n), labels]
    own = np.log1p(np.exp(-scores[np.arange(n), labels]))
    slips = [
        (each.sum(), "a mean over the images, not a sum."),
        (each.mean() / classes, "divide by images, not by classes."),
        (double.mean(), "is softmax taken twice?"),
        (own.mean(), "the classes must share one; a sigmoid does not."),
        (-np.log(shares.max(-1)).mean(), "the true class, not the likeliest."),
    ]
    hints = [hint for slip, hint in slips if np.allclose(got, slip, rtol=1e-4)]
    assert np.allclose(got, each.mean(), rtol=1e-4, atol=1e-5), (
        f"{called} Hint: "
        + (hints or ["what do the scores become before the logarithm?"])[0]
    )
for scores, want, hint in [
    ([[0.0, 3000.0]], 3000.0, "how far behind is the true class?"),
    ([[0.0, -1000.0]], 0.0, "the true class is far ahead."),
    ([[900.0, 900.0], [0.0, 0.0]], np.log(2), "rows far from each other."),
    ([[-30.0, 30.0]], 60.0, "nothing is cut off from scores."),
]:
    labels = np.zeros(len(scores), int)
    got = cross_entropy(labels, np.array(scores), True)
    assert np.allclose(got, want, rtol=1e-4, atol=1e-5), (
        f"cross_entropy({labels.tolist()}, {scores}, True) returned {got}. "
        f"Hint: {hint} A logarithm of an exponential need not be computed."
    )
### END HIDDEN TESTS

# %% [markdown] id="slope-of-loss" slide="slide"
# ## Which way should the scores move?
#
# Push each score a little up and a little down, and look at the loss. True
# class: the second of four.

# %% id="slope-of-loss-figure" claims="01-gradient" alt="Four rows of four numbers side by side: the probabilities by softmax, minus the one-hot row 0 1 0 0, equals their difference, and the slopes measured by pushing each score: the same four numbers."
s = np.array([1.0, 0.5, -1.0, 2.0])
hot = np.array([0, 1, 0, 0])
push = 1e-5


def loss_of(s):
    return np.log(np.exp(s).sum()) - s @ hot


measured = [
    (loss_of(s + push * unit) - loss_of(s - push * unit)) / (2 * push)
    for unit in np.eye(4)
]
shares = by_the_book(s)
plots.number_grids(
    *[np.round(each, 3)[:, None] for each in (shares, hot, shares - hot)],
    np.round(measured, 3)[:, None],
    titles=["softmax", "truth", "difference", "pushed"],
    signs=["-", "=", "="],
    height=3.4,
)

# %% [markdown] id="slope-of-loss-answer" slide="fragment"
# The slope is simply $p - y$: what was said, minus what is true. It fades when
# both agree, and never exceeds 1.

# %% [markdown] id="slope-of-loss-notes" slide="notes"
# Let them guess the sign at the true class: negative, more score is less loss.
# Ask: "What do the four slopes add up to?" (0: a common shift changes
# nothing.) With squares instead of cross-entropy a factor p(1-p) would stay,
# and who is sure and wrong would hardly learn.

# %% [markdown] id="differences" slide="slide"
# ## How small a push?
#
# Slope of $\ln(1+e^z)$ at $z=1$, by pushes $h=10^{-1}$ to $10^{-12}$. Smaller
# is better?

# %% id="differences-figure" claims="01-differences" alt="Error of the slope over the push, both as powers of ten. Pushing to one side, the error falls in a straight line as the push shrinks to about 1e-8, then grows. Pushing to both sides, it falls twice as steeply, has its lowest point at about 1e-5, and grows again below."
tens = np.arange(-12, 0)
h = 10.0**tens
up, level, down = (np.log1p(np.exp(1 + push)) for push in (h, 0, -h))
one_side = (up - level) / h - sigmoid(1)
both_sides = (up - down) / (2 * h) - sigmoid(1)
plots.curves(
    *[(tens, np.log10(np.abs(each))) for each in (one_side, both_sides)],
    labels=["one side", "both sides"],
    axes=("push, power of ten", "error, power of ten"),
)

# %% [markdown] id="differences-answer" slide="fragment"
# Both sides are better. Below $10^{-5}$ they, too, lose digits: two nearly
# equal numbers are subtracted. So: float64 and a push around $10^{-5}$.

# %% [markdown] id="differences-notes" slide="notes"
# Let them draw the curve before it is shown: most draw one that only falls. To
# one side the error is of order h, to both sides of order h squared; rounding
# adds 1e-16 / h. Ask: "In float32?" Rounding is 1e-7 / h: a push of 1e-2 or
# so, and two or three digits. "Across the corner of a ReLU?" Nonsense.

# %% [markdown] id="chain" slide="slide"
# ## All slopes in one walk back
#
# A million weights would need two million pushes. Walk back instead: if $G$
# is the slope of the loss at a layer's **output**, then
#
# | layer | to its input | to its weights |
# |---|---|---|
# | $Y=XW+b$ | $GW^\top$ | $X^\top G$; rows of $G$ summed |
# | $Y=\max(0,Z)$ | $G$ if $Z>0$, else 0 | |
#
# Shapes are the guide: a slope has the shape of what it belongs to.

# %% [markdown] id="chain-notes" slide="notes"
# Derive one entry on the board: W[i, j] enters Y[n, j] with factor X[n, i],
# for each image n: so the slope is the sum over n of X[n, i] G[n, j]. Ask:
# "Why the sum over the rows for b?" It is added in each. "What must be kept
# from the way forward?" X and Z: that is the memory of lecture 03. Rumelhart,
# Hinton and Williams 1986 made this walk known.

# %% [markdown] id="chain-check-words" slide="skip"
# ## Does the table hold?
#
# One ReLU layer; its output meets any slopes $G$. Let Keras differentiate, and
# compare:

# %% id="chain-check" slide="skip" claims="01-backward"
dice = np.random.default_rng(4)
X, W, b, G = (
    dice.normal(size=size).astype("float32")
    for size in ((5, 3), (3, 4), (4,), (5, 4))
)
_, slopes = value_and_gradients(
    lambda X, W, b: keras.ops.sum(keras.ops.relu(X @ W + b) * G), X, W, b
)
G_before = np.where(X @ W + b > 0, G, 0)
ours = [G_before @ W.T, X.T @ G_before, G_before.sum(0)]
same = [np.allclose(a, b, atol=1e-5) for a, b in zip(ours, slopes, strict=True)]
print("inputs, weights and biases agree:", same)

# %% [markdown] id="question-gradient" slide="skip"
# ## Question 3. The gradient of a network of two layers
#
# Write `loss_and_gradients(images, labels, W1, b1, W2, b2)` for a network whose
# hidden layer is $\max(0, XW_1+b_1)$ and whose scores are that times $W_2$ plus
# $b_2$. The loss is the mean cross-entropy of the softmax of the scores. Return
# the loss and a list of its four gradients, in the order of the arguments, each
# in the shape of what it belongs to.
#
# `images` has shape (n, pixels), `labels` (n,) holds class numbers. Scores may
# be 1000 or more. Walk back by the table above: pushes are wrong near a corner,
# and the tests go there. The self-check below compares with pushes.


# %% id="loss-and-gradients" role="answer" minutes=35 taught="chain" forbids="keras.losses"
def loss_and_gradients(images, labels, W1, b1, W2, b2):
    """The mean loss, and its gradients at W1, b1, W2, b2."""
    ### BEGIN SOLUTION
    n = len(images)
    before = images @ W1 + b1
    hidden = np.maximum(before, 0)
    scores = hidden @ W2 + b2
    scores = scores - scores.max(axis=1, keepdims=True)
    powers = np.exp(scores)
    sums = powers.sum(axis=1, keepdims=True)
    truth = np.eye(scores.shape[1])[labels]
    loss = np.mean(np.log(sums.ravel()) - (scores * truth).sum(axis=1))
    to_scores = (powers / sums - truth) / n
    to_before = (to_scores @ W2.T) * (before > 0)
    gradients = [
        images.T @ to_before,
        to_before.sum(axis=0),
        hidden.T @ to_scores,
        to_scores.sum(axis=0),
    ]
    return loss, gradients
    ### END SOLUTION


# %% id="loss-check" role="test" points=1 of="loss-and-gradients"
import numpy as np

# Without weights behind the hidden layer all classes are equally likely.
rng = np.random.default_rng(1)
images, labels = rng.normal(size=(3, 4)), np.array([0, 4, 2])
W1, b1 = rng.normal(size=(4, 6)), rng.normal(size=6)
got = loss_and_gradients(images, labels, W1, b1, np.zeros((6, 5)), np.zeros(5))
assert len(got) == 2 and np.size(got[0]) == 1, (
    f"loss_and_gradients returned {len(got)} things. Expected two, the loss, "
    "which is one number, and a list of four gradients."
)
assert np.allclose(got[0], np.log(5), rtol=1e-4), (
    f"W2 and b2 are zero: your loss is {got[0]}. How likely is each of the "
    "five classes, and what does that cost?"
)
### BEGIN HIDDEN TESTS
for factor in (1, 3, 1000):
    W2, b2 = factor * rng.normal(size=(6, 5)), rng.normal(size=5)
    hidden = np.maximum(images @ W1 + b1, 0)
    scores = hidden @ W2 + b2
    best = scores.max(-1)
    rest = np.exp(scores - best[:, None]).sum(-1)
    each = best + np.log(rest) - scores[np.arange(3), labels]
    got, _ = loss_and_gradients(images, labels, W1, b1, W2, b2)
    bare = (images @ W1 + b1) @ W2 + b2
    bare_best = bare.max(-1)
    bare = (
        bare_best
        + np.log(np.exp(bare - bare_best[:, None]).sum(-1))
        - bare[np.arange(3), labels]
    )
    hint = "compute one image by hand, layer by layer."
    if not np.isfinite(got):
        hint = "how large are the scores, and what is their exponential?"
    elif np.allclose(got, each.sum(), rtol=1e-4):
        hint = "a mean over the images, not a sum."
    elif np.allclose(got, bare.mean(), rtol=1e-4):
        hint = "what happens in the hidden layer to numbers below zero?"
    assert np.allclose(got, each.mean(), rtol=1e-4, atol=1e-5), (
        f"3 images of 4 pixels, 6 hidden units, 5 classes, scores up to "
        f"{best.max():.0f}: your loss is {got}. Hint: {hint}"
    )
### END HIDDEN TESTS

# %% id="gradients-check" role="test" points=3 of="loss-and-gradients"
import numpy as np

# Pushes, on your own loss. No unit is near its corner here.
images = np.array([[1.0, -2.0], [0.5, 1.5]])
labels = np.array([1, 0])
parameters = [
    np.array([[0.7, -0.6, 0.3], [-0.4, 0.9, 0.8]]),
    np.array([0.2, -0.3, 0.4]),
    np.array([[0.5, -0.8], [1.1, 0.3], [-0.6, 0.9]]),
    np.array([0.1, -0.2]),
]
_, gradients = loss_and_gradients(images, labels, *parameters)
for i, name in enumerate(("W1", "b1", "W2", "b2")):
    got = np.asarray(gradients[i], float)
    assert got.shape == parameters[i].shape, (
        f"Your gradient at {name} has shape {got.shape}, {name} has "
        f"{parameters[i].shape}. Which product has that shape?"
    )
    for place in np.ndindex(got.shape):
        ends = []
        for push in (1e-2, -1e-2):
            moved = [each.copy() for each in parameters]
            moved[i][place] += push
            ends.append(loss_and_gradients(images, labels, *moved)[0])
        slope = (ends[0] - ends[1]) / 2e-2
        assert np.allclose(got[place], slope, atol=2e-3), (
            f"You say that the slope at {name}{list(place)} is "
            f"{got[place]:.4f}. Pushing it by 0.01 up and down changes your "
            f"loss by {ends[0] - ends[1]:.6f}. Which layer comes between?"
        )
### BEGIN HIDDEN TESTS


def walked_back(images, labels, W1, b1, W2, b2):
    n, before = len(images), images @ W1 + b1
    hidden = np.maximum(before, 0)
    scores = hidden @ W2 + b2
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    truth = np.eye(len(b2))[labels]
    top = (powers / powers.sum(-1, keepdims=True) - truth) / n
    back = (top @ W2.T) * (before > 0)
    right = [images.T @ back, back.sum(0), hidden.T @ top, top.sum(0)]
    open_ = top @ W2.T
    unmasked = [images.T @ open_, open_.sum(0), hidden.T @ top, top.sum(0)]
    half = np.where(abs(before) < 1e-8, 0.5 * back, back)
    pushed = [images.T @ half, half.sum(0), hidden.T @ top, top.sum(0)]
    return right, [
        (unmasked, "which slopes does the hidden layer let through?"),
        ([n * each for each in right], "the loss is a mean over the images."),
        ([each / n for each in right], "the mean was taken twice."),
        ([-each for each in right], "the loss grows along its gradient."),
        (
            [right[0], right[1] / n, right[2], right[3] / n],
            "biases are added for each image: their slopes add up, too.",
        ),
        (pushed, "close to a corner a push looks at both sides."),
    ]


rng = np.random.default_rng(5)
# The shapes of the test before: for new ones JAX compiles every operation anew.
parameters = [rng.normal(size=shape) for shape in ((4, 6), 6, (6, 5), 5)]
data = rng.normal(size=(3, 4)), rng.integers(0, 5, 3)
cases = [("3 images, 6 hidden units", *data, parameters)]
W2 = rng.normal(size=(3, 2))
corner = [np.zeros((2, 3)), np.array([1e-10, 1.0, -1.0]), W2, np.zeros(2)]
data = np.ones((2, 2)), np.array([0, 1])
cases.append(("a hidden unit just above its corner", *data, corner))
W2 = 1000 * np.array([[1.0, -1.0], [2.0, 0.0], [-1.0, 1.0]])
large = [np.zeros((2, 3)), np.ones(3), W2, np.zeros(2)]
cases.append(("scores of some thousand", *data, large))
for case, images, labels, parameters in cases:
    _, gradients = loss_and_gradients(images, labels, *parameters)
    right, slips = walked_back(images, labels, *parameters)
    got = [np.asarray(each, float) for each in gradients]
    shapes = [each.shape for each in got]
    assert shapes == [each.shape for each in right], (
        f"{case}: your gradients have the shapes {shapes}. Hint: each has the "
        "shape of what it belongs to, in the order of the arguments."
    )

    def alike(one, other):
        pairs = zip(one, other, strict=True)
        return all(np.allclose(a, b, rtol=1e-3, atol=1e-5) for a, b in pairs)

    names = ("W1", "b1", "W2", "b2")
    bad = [
        name
        for name, a, b in zip(names, got, right, strict=True)
        if not np.allclose(a, b, rtol=1e-3, atol=1e-5)
    ]
    hints = [hint for slip, hint in slips if alike(got, slip)]
    assert not bad, (
        f"{case}: the gradients at {', '.join(bad)} are wrong. Hint: "
        + (hints or ["walk back from the scores; where is the first slip?"])[0]
    )
### END HIDDEN TESTS

# %% [markdown] id="downhill" slide="slide"
# ## Downhill, but how far?
#
# $\theta \leftarrow \theta - \tau\,\nabla\ell$ with a rate $\tau$. A valley,
# twenty times steeper across than along:

# %% id="downhill-figure" claims="01-rate" alt="Contours of a long narrow valley and three ways from the same start at its left. The rate 0.05 creeps along the valley and gets hardly anywhere. The rate 0.9 jumps from wall to wall, less each time, and gets far along the valley. The rate 1.04 jumps higher and higher out of the valley."
curvatures = np.array([0.1, 2.0])
across, along = np.linspace(-9, 3, 121), np.linspace(-2.5, 2.5, 101)
valley = (0.05 * across**2) + along[:, None] ** 2


def valley_slope(place):
    return curvatures * place


start, rates = [-8.0, 1.5], (0.05, 0.9, 1.04)
ways = [
    descend(keras.optimizers.SGD(rate), valley_slope, start, 14)
    for rate in rates
]
plots.paths_on_surface(
    across, along, valley, ways, [f"rate {rate}" for rate in rates], height=3.8
)

# %% [markdown] id="downhill-answer" slide="fragment"
# Where the curvature is $c$, a step multiplies the distance by $1-\tau c$. The
# steepest direction sets the limit, $\tau < 2/c$; the flattest one pays.

# %% [markdown] id="downhill-notes" slide="notes"
# Ask: "Which rate is best for the walls, which for the valley?" Along an axis
# of curvature c each step multiplies the distance by 1 - tau c: 0.9 makes -0.8
# of it across and 0.91 along; 1.04 makes -1.08 across. The likely wrong idea:
# too high a rate only wastes time. It leaves the valley.

# %% [markdown] id="batches" slide="slide"
# ## Must every image be asked?
#
# The slope of the loss is a **mean** over images. A mean of a few is a guess
# at it: how good a guess?

# %% id="batches-figure" claims="01-batch-spread" alt="Error of the slope of a mini-batch, relative to the slope of all digits, over the size of the batch from 1 to 256, both as powers of two. Measured dots lie on a straight line that falls by one power of two for every two powers of the batch."
pixels, is_three = flat(train.images), (train.labels == 3) * 1.0
each_slope = 2 * (pixels @ np.zeros(64) - is_three)[:, None] * pixels
whole = each_slope.mean(axis=0)
dice = np.random.default_rng(6)
powers = np.arange(0, 9)
errors = []
for m in 2**powers:
    drawn = each_slope[dice.integers(0, len(pixels), (300, m))].mean(axis=1)
    errors.append(np.sqrt(np.mean(np.sum((drawn - whole) ** 2, axis=1))))
relative = np.log2(errors / np.linalg.norm(whole))
plots.curves(
    (powers, relative),
    (powers, relative[0] - powers / 2),
    labels=["measured", "1 / root of m"],
    axes=("batch size, power of two", "error, power of two"),
    dots=[True, False],
)

# %% [markdown] id="batches-answer" slide="fragment"
# Four times the work for half the error: so take small batches and many steps.

# %% [markdown] id="batches-notes" slide="notes"
# Ask: "With 64 images the error is how large, with all 1,258?" And: "You can
# afford 1,258 slopes: one good step, or twenty bad ones?" The twenty. Too few
# at a time waste the hardware instead.

# %% [markdown] id="sgd" slide="slide"
# ## Stochastic gradient descent
#
# Until you stop:
#
# 1. draw a mini-batch of $m$ images $x_i$ with labels $y_i$,
# 2. $\Delta\theta \leftarrow \frac1m \nabla_\theta \sum_i
#    \ell(F_\theta(x_i), y_i)$,
# 3. $\theta \leftarrow \theta - \tau\,\Delta\theta$.
#
# In practice: shuffle, then take batch after batch. When all were seen once, an
# **epoch** is over.

# %% id="sgd-check" claims="01-batch-mean"
batches = np.split(dice.permutation(1200), 20)
means = [each_slope[batch].mean(axis=0) for batch in batches]
gap = np.abs(np.mean(means, axis=0) - each_slope[:1200].mean(axis=0)).max()
print(f"mean of 20 batches' slopes, against all at once: {gap:.6f}")

# %% [markdown] id="sgd-notes" slide="notes"
# This is the deck's Algorithm 24. Ask: "An epoch of 20 steps: is it the same
# as one step with 20 times the rate?" No: after the first step the second
# slope is taken elsewhere. "1,258 digits in batches of 64: how many steps, how
# large is the last?" 20, and 42; its mean is one over 42.

# %% [markdown] id="sgd-check-words" slide="skip"
# As long as the weights stand still, the batches of an epoch have the mean
# slope of all. But each step moves them: an epoch is not one large step.

# %% [markdown] id="question-sgd" slide="skip"
# ## Question 4. A step, and an epoch
#
# Write `sgd_step(parameters, gradients, rate)`: a new list of arrays, those of
# the list `parameters` after one step against the list `gradients`, in the same
# shapes.
#
# Write `sgd_epoch(weights, inputs, targets, order, batch_size, rate)`, one
# epoch for a linear model without bias that predicts
# `inputs @ weights`. `inputs` has shape (n, d), `targets` (n,). The loss of a
# batch $X, y$ of $m$ samples is the mean of the squared errors; its gradient is
#
# $$\frac2m X^\top(Xw-y)$$
#
# `order` says in which order the samples are seen: the first batch are the
# first `batch_size` of them, and so on. The last batch may have fewer samples;
# it counts, too. Return the weights after the epoch, shape (d,).


# %% id="sgd-step" role="answer" minutes=5 taught="sgd" forbids="keras.optimizers"
def sgd_step(parameters, gradients, rate):
    """The parameters after one step, as a new list."""
    ### BEGIN SOLUTION
    return [old - rate * gradients[i] for i, old in enumerate(parameters)]
    ### END SOLUTION


# %% id="sgd-step-check" role="test" points=1 of="sgd-step"
import numpy as np

# Nothing to go down: every parameter stays.
parameters = [np.array([[1.0, 2.0]]), np.array([3.0])]
got = list(sgd_step(parameters, [np.zeros((1, 2)), np.zeros(1)], 0.1))
assert len(got) == 2 and all(
    np.shape(a) == b.shape and np.allclose(a, b)
    for a, b in zip(got, parameters, strict=True)
), (
    f"sgd_step with gradients of 0 returned {got}. On level ground nothing "
    "moves, and arrays keep their shapes."
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(8)
for shapes in ([(3,)], [(2, 4), (4,)], [(4, 3), (3,), (3, 2), (2,)]):
    for rate in (0.5, 0.01, 2.0):
        parameters = [rng.normal(size=shape) for shape in shapes]
        gradients = [rng.normal(size=shape) for shape in shapes]
        got = list(sgd_step(parameters, gradients, rate))
        called = f"sgd_step of shapes {shapes}, rate {rate}"
        assert len(got) == len(shapes), (
            f"{called} returned {len(got)} arrays. Hint: one a parameter."
        )
        for a, b, slope in zip(got, parameters, gradients, strict=True):
            want = b - rate * slope
            a = np.asarray(a, float)
            assert a.shape == b.shape, (
                f"{called}: shape {b.shape} became {a.shape}. Hint: a step "
                "keeps shapes."
            )
            hint = "each goes against its own slope, rate times as far."
            if np.allclose(a, b + rate * slope):
                hint = "the loss is to become smaller."
            elif np.allclose(a, b - slope):
                hint = "where is the rate?"
            elif np.allclose(a, b - rate * np.sign(slope)):
                hint = "a steeper slope makes a longer step."
            assert np.allclose(a, want, atol=1e-5), (
                f"{called}: {b.round(2).tolist()} with slope "
                f"{slope.round(2).tolist()} became {a.round(3).tolist()}. "
                f"Hint: {hint}"
            )
### END HIDDEN TESTS


# %% id="sgd-epoch" role="answer" minutes=15 taught="sgd" forbids="keras.optimizers"
def sgd_epoch(weights, inputs, targets, order, batch_size, rate):
    """The weights of a linear model after one epoch."""
    ### BEGIN SOLUTION
    for first in range(0, len(order), batch_size):
        batch = order[first : first + batch_size]
        errors = inputs[batch] @ weights - targets[batch]
        gradient = 2 / len(batch) * inputs[batch].T @ errors
        weights = weights - rate * gradient
    return weights
    ### END SOLUTION


# %% id="sgd-epoch-check" role="test" points=2 of="sgd-epoch"
import numpy as np

# One weight, two samples in one batch: slope 2/2 (-2 - 4) = -6, half of it.
ones, targets = np.ones((2, 1)), np.array([2.0, 4.0])
got = sgd_epoch(np.zeros(1), ones, targets, np.array([0, 1]), 2, 0.5)
assert np.shape(got) == (1,) and np.allclose(got, 3.0, atol=1e-5), (
    f"sgd_epoch([0.], [[1.], [1.]], [2., 4.], [0, 1], 2, 0.5) returned {got}. "
    "One batch, one step: by hand the weight becomes the mean of the targets."
)
# In batches of one, all the way to one target, then to the other.
got = sgd_epoch(np.zeros(1), ones, targets, np.array([1, 0]), 1, 0.5)
assert np.allclose(got, 2.0, atol=1e-5), (
    f"sgd_epoch([0.], [[1.], [1.]], [2., 4.], [1, 0], 1, 0.5) returned {got}. "
    "Two steps; at rate 0.5 each goes all the way to its own target. Which "
    "comes last?"
)
### BEGIN HIDDEN TESTS


def epoch(old, X, y, order, size, rate, stay=False, drop=False, by=None):
    w = old
    for first in range(0, len(order), size):
        i = order[first : first + size]
        if drop and len(i) < size:
            break
        at = old if stay else w
        w = w - rate * 2 / (by or len(i)) * X[i].T @ (X[i] @ at - y[i])
    return w


rng = np.random.default_rng(9)
for n, d, size, rate in [
    (6, 2, 3, 0.1),
    (7, 3, 3, 0.1),
    (10, 4, 4, 0.05),
    (5, 2, 1, 0.05),
    (4, 3, 9, 0.1),
]:
    X, y = rng.normal(size=(n, d)), rng.normal(size=n)
    weights = rng.normal(size=d)
    order = rng.permutation(n)
    asked = (weights, X, y, order, size, rate)
    want = epoch(*asked)
    got = np.asarray(sgd_epoch(*asked), float)
    slips = [
        (epoch(*asked, stay=True), "where is the slope of the second step?"),
        (epoch(*asked, drop=True), "which samples were never seen?"),
        (epoch(*asked, by=size), "how many samples has the last batch?"),
        (epoch(*asked, by=1), "a mean over the batch, not a sum."),
        (epoch(*asked, by=n), "a mean over the batch, not over all."),
        (epoch(*asked[:3], np.arange(n), size, rate), "in which order?"),
        (epoch(*asked[:4], n, rate), "one step, or one for each batch?"),
        (epoch(*asked[:5], -rate), "the loss is to become smaller."),
    ]
    hints = [
        hint
        for slip, hint in slips
        if got.shape == slip.shape and np.allclose(got, slip, atol=1e-5)
    ]
    assert got.shape == want.shape and np.allclose(got, want, atol=1e-5), (
        f"{n} samples of {d} numbers, batches of {size}, rate {rate}: "
        f"sgd_epoch returned {got.round(4).tolist()}. Hint: "
        + (hints or ["write down the batches, and the weights after each."])[0]
    )
### END HIDDEN TESTS

# %% [markdown] id="momentum" slide="slide"
# ## A ball rolls on
#
# **Momentum** keeps a velocity; across the valley slopes cancel, along it they
# add up:
#
# $$v \leftarrow \beta v - \tau g,\qquad \theta \leftarrow \theta + v$$
#
# How fast does it become where the slope is always 1?

# %% id="momentum-check" claims="01-momentum"
betas = (0.0, 0.5, 0.9)
balls = [keras.optimizers.SGD(0.01, momentum=beta) for beta in betas]
lengths = [-steady(ball, 1, 200) for ball in balls]
for beta, length in zip(betas, lengths, strict=True):
    print(f"beta {beta}: a step of {length:.4f}")

# %% [markdown] id="momentum-answer" slide="fragment"
# $1/(1-\beta)$ times as fast, the sum of a geometric series: lower the rate.

# %% [markdown] id="momentum-notes" slide="notes"
# Ask: "What does a ball do that reaches the bottom at full speed?" It runs
# through and comes back; the next slide shows it. Polyak 1964. The likely
# wrong idea: momentum 0.9 mixes in nine tenths of the old *place*; it is the
# velocity.

# %% [markdown] id="adam" slide="slide"
# ## A step for each number of its own size
#
# **Adam** (Kingma, Ba 2015) divides a running mean $\hat m$ of the slopes by
# the root of a running mean $\hat v$ of their squares. Hats: corrected for
# beginning at 0.
#
# $$\theta \leftarrow \theta - \tau\,\hat m/(\sqrt{\hat v}+\epsilon)$$
#
# The same first step, whatever the slope:

# %% id="adam-check" claims="01-adam"
for slope in (0.001, 1, 1000):
    adam = steady(keras.optimizers.Adam(0.1), slope, 1)
    sgd = steady(keras.optimizers.SGD(0.1), slope, 1)
    print(f"slope {slope:8}: Adam {adam:.2f}, SGD {sgd:.4f}")

# %% [markdown] id="adam-answer" slide="fragment"
# So one rate suits many networks: that is why Adam is a good first choice.

# %% [markdown] id="adam-notes" slide="notes"
# Ask: "Multiply the loss by 100: what changes for SGD, what for Adam?" Nothing
# for Adam, epsilon aside. The hats correct that both means begin at 0. Not
# always better in the end: many of the best image classifiers were trained by
# SGD with momentum and a falling rate (lecture 07).

# %% [markdown] id="race" slide="slide"
# ## Three ways down the same valley
#
# Guess first: who is fastest along, who swings across?

# %% id="race-figure" alt="An animation: three ways over the contours of a long narrow valley, 40 steps each. SGD jumps from wall to wall at first, then creeps along the floor. Momentum swings across, gathers speed, runs past the middle and turns back. Adam goes diagonally, as fast along as across, overshoots a little and returns."
racers = {
    "SGD": keras.optimizers.SGD(0.9),
    "momentum": keras.optimizers.SGD(0.1, momentum=0.9),
    "Adam": keras.optimizers.Adam(0.5),
}
plots.path_steps(
    across,
    along,
    valley,
    [descend(each, valley_slope, start, 40) for each in racers.values()],
    list(racers),
    frames=14,
)

# %% [markdown] id="race-answer" slide="skip"
# SGD jumps from wall to wall, then creeps along. Adam reaches the middle
# first, momentum next; both run past it and have to come back.

# %% [markdown] id="race-notes" slide="notes"
# Stop at a third: "Who will win?" No one wins for good: turn the valley by 45
# degrees and Adam, which scales each axis by itself, loses its advantage. The
# rates are chosen by hand for each; a fair comparison tunes all of them.

# %% [markdown] id="parts" slide="slide"
# ## Three parts, three jobs
#
# - **training**: chooses the weights,
# - **validation**: chooses everything else (rate, size, when to stop),
# - **test**: is asked **once**, at the end.

# %% id="parts-check" claims="01-parts"
for name, part in zip(digits()._fields, digits(), strict=True):
    counts = np.bincount(part.labels)
    print(f"{name:10} {len(part.labels):5} digits, of a class ", end="")
    print(f"{counts.min()} to {counts.max()}")

# %% [markdown] id="parts-answer" slide="fragment"
# No digit is in two parts, and each part has its share of every class.

# %% [markdown] id="parts-notes" slide="notes"
# Ask: "A patient has five X-rays. May three train and two test?" No: the
# network can know the patient. So with writers, video frames, cities. The
# writers of these digits cannot be told apart here, so our numbers are a
# little too good.

# %% [markdown] id="winner" slide="subslide"
# ## Why only once?
#
# A thousand classifiers that guess at random. Choose the best by validation
# digits; it looks like this:

# %% id="winner-check" claims="01-winner"
dice = np.random.default_rng(1)
guessed = dice.integers(0, 10, (1000, len(validation.labels)))
rights = np.mean(guessed == validation.labels, axis=1)
again = dice.integers(0, 10, (1000, len(test.labels)))
print(f"the best on the digits that chose it: {rights.max():.1%}")
others = share(again[rights.argmax()], test.labels)
print(f"the same one on others: {others:.1%}")

# %% [markdown] id="winner-answer" slide="fragment"
# What chooses is no judge any more. Whoever looks at the test digits a hundred
# times trains on them, by hand.

# %% [markdown] id="winner-notes" slide="notes"
# Ask: "Nobody cheated. Where does the surplus come from?" From the maximum of
# many noisy numbers. The likely wrong idea: only training can overfit. Trying
# out settings overfits the validation digits, too, only more slowly.

# %% [markdown] id="degrees" slide="slide"
# ## Too simple, too free
#
# Fourteen noisy points of a curve, and polynomials through them:

# %% id="degrees-figure" alt="Fourteen dots along a wave. A straight line misses the bends. A polynomial of degree 3 follows the wave. One of degree 10 runs through nearly every dot and swings between them."
dice = np.random.default_rng(6)
x_train = np.linspace(-3, 3, 14)
y_train = np.sin(x_train) + dice.normal(0, 0.3, 14)
x_new = np.sort(dice.uniform(-3, 3, 200))
y_new = np.sin(x_new) + dice.normal(0, 0.3, 200)


def fitted(degree):
    """The polynomial with the least squared error on the training points."""
    return np.polynomial.Polynomial.fit(x_train, y_train, degree)


x = np.linspace(-3, 3, 201)
plots.curves(
    (x_train, y_train),
    *[(x, fitted(degree)(x)) for degree in (1, 3, 10)],
    labels=["training points", "degree 1", "degree 3", "degree 10"],
    axes=("x", "y"),
    dots=[True, False, False, False],
)

# %% [markdown] id="degrees-answer" slide="fragment"
# **Underfitting**: too stiff even for these points. **Overfitting**: it has
# learned the noise. Which is which on new points?

# %% [markdown] id="degrees-notes" slide="notes"
# Ask: "Which of the three has the smallest training error?" (Degree 10.)
# "Which would you bet on?" The picture can be drawn for one input; for 64
# pixels it cannot. What stays are numbers: the errors on both parts.

# %% [markdown] id="u-shape" slide="subslide"
# ## The symptom: two curves part
#
# Error on the training points and on two hundred new ones:

# %% id="u-shape-figure" claims="01-degrees" alt="Root mean squared error over the degree from 0 to 10. The training error falls all the way, from above 0.7 to below 0.1. The validation error falls to its lowest at degree 3, about a third, then rises above a half."
degrees = range(11)
pairs = [(x_train, y_train), (x_new, y_new)]
error = [
    [np.sqrt(np.mean((fitted(each)(a) - b) ** 2)) for each in degrees]
    for a, b in pairs
]
plots.curves(
    *[(degrees, each) for each in error],
    labels=["training", "validation"],
    axes=("degree", "error"),
)

# %% [markdown] id="u-shape-answer" slide="fragment"
# Each degree holds the lower ones, so the training error **never** rises: it
# cannot choose. The validation error can.

# %% [markdown] id="u-shape-notes" slide="notes"
# Ask: "Why can the training error not rise?" A polynomial of degree 6 is one
# of degree 7 with a zero. Very large networks sometimes get better again far
# to the right of such a picture; what to do stays the same: look at
# validation.

# %% [markdown] id="overfit" slide="slide"
# ## The same with a network
#
# 256 hidden units, and only 60 digits to learn from:


# %% id="overfit-figure" alt="Two panels over 30 epochs. Loss: training falls to nearly 0, validation falls below 1 within ten epochs, then rises and stays higher. Accuracy: training reaches 1, validation levels off near 0.7."
def dense_net(hidden):
    """A network of one hidden layer that returns scores."""
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Flatten()(inputs)
    # the leak keeps the only unit of net C, in question 5, from dying
    x = keras.layers.Dense(hidden, "leaky_relu")(x)
    return keras.Model(inputs, keras.layers.Dense(10)(x))


def trained(hidden, count, epochs, rate, batch_size, **options):
    """What a training with the first digits gives after each epoch."""
    keras.utils.set_random_seed(1)
    return fit(
        dense_net(hidden),
        (train.images[:count], train.labels[:count]),
        epochs,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        optimizer=keras.optimizers.Adam(rate),
        validation=tuple(validation),
        batch_size=batch_size,
        verbose=0,
        **options,
    )


right = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
history = trained(256, 60, 30, 2e-2, 20, metrics=[right])
plots.learning_curves(history)

# %% [markdown] id="overfit-answer" slide="fragment"
# The validation loss has a lowest point: stop there, keep those weights. Then
# accuracy stands still, but the net grows surer of its **mistakes**.

# %% [markdown] id="overfit-notes" slide="notes"
# This is trained now. Ask: "At which epoch would you have stopped, and how
# would you have known?" Early stopping with patience: fit(..., patience=5).
# "Why does the loss rise while the accuracy stays?" The same digits are wrong,
# with larger leads; -ln p has no limit. Cures: more digits, augmentation,
# fewer units, weight decay, dropout (lectures 04 and 09).

# %% [markdown] id="question-written" slide="skip"
# ## Question 5. Three learning curves
#
# This one is read by a person. The next cell trains three networks with the
# same code, each with other settings: hidden units, training digits, epochs,
# rate, batch size. Run it and read **both** axes of each panel. Answer in about
# ten sentences.

# %% id="curves-figure" slide="skip" alt="Three panels of training and validation loss. Net A: both fall side by side from 2.3 and are still falling at the last of 12 epochs. Net B: training falls to nearly zero, validation turns upward within ten epochs and rises far above its lowest point. Net C: both fall side by side and level off above 1."
settings = {
    "net A": (64, 1200, 12, 3e-4, 60),
    "net B": (200, 40, 30, 2e-2, 20),
    "net C": (1, 1200, 24, 5e-2, 100),
}
records = {}
for name, setting in settings.items():
    record = trained(*setting)
    records[name] = record["loss"]
    records[f"val_{name}"] = record["val_loss"]
plots.learning_curves(records)

# %% [markdown] id="three-curves" role="written" points=2 minutes=20 taught="u-shape"
# 1. Name for each of the nets A, B and C what is wrong with its training, and
#    which feature of the curves tells you.
# 2. Propose a remedy for each. Name one remedy that helps one of the three and
#    would be useless for another, and say why.
# 3. A colleague trains all three, measures each with the test digits, keeps the
#    best and reports its test accuracy. What is wrong, and what should be done?
#
# ### BEGIN SOLUTION
# A was stopped too early: both losses lie close together and still fall at the
# last epoch. Train longer, or with a higher rate. B overfits: its training
# loss goes to nearly 0, its validation loss reaches a lowest point early, then
# rises to one and a half times or twice as much. More training digits,
# augmentation, dropout or weight decay, fewer units; at least keep the weights
# of the lowest validation loss. C underfits: both losses lie close together
# and level off above 1, while B shows that a training loss can fall to nearly
# 0. It needs more hidden units (it has one).
#
# More digits help B and are useless for C: C cannot even learn those that it
# has, and the gap that more digits would close is small. Training longer helps
# A and harms B.
#
# The test digits have chosen the net, so they are no judge of it any more: the
# best of several noisy numbers is too high on average. Choose by the
# validation digits, then ask the test digits once, and report that.
#
# **Marking scheme** (2 points): 0.75 for the three diagnoses, 0.25 each, only
# with the feature that tells (gap, level, still falling); 0.75 for remedies:
# 0.5 for three that act on the cause (0.25 for two), 0.25 for one that helps
# one and not another, with the reason; 0.5 for the third: 0.25 that choosing
# spoils the test digits, 0.25 for choosing by validation and testing once.
# Read the curves of the student's own run, if they differ.
# ### END SOLUTION

# %% [markdown] id="remember" slide="slide"
# ## What to remember
#
# - A classifier returns a score for each class; its worth shows on what it has
#   not seen.
# - Features, by hand or learned, are about what to ignore. HOG ignores light,
#   not rotation.
# - A step has no slope; without bends, layers collapse.
# - End with scores, `from_logits=True`. Never exponentiate what is large.
# - The slope of the scores is $p-y$; then walk back.
# - Training learns, validation chooses, test judges once.

# %% [markdown] id="remember-notes" slide="notes"
# Ask first, with the slide covered: "Your loss stands at 1.46. What happened?"
# (Softmax twice, ten classes.) "At 2.30?" (Nothing is learned.) "At 16.1?"
# (Scores taken for probabilities.) "At 0.00, with 60 digits?" (Memory.)

# %% [markdown] id="sources" slide="slide"
# ## Sources
#
# - Rosenblatt: The perceptron. Psychological Review 1958
# - Dalal, Triggs: Histograms of oriented gradients. CVPR 2005
# - Rumelhart, Hinton, Williams: Nature 323, 1986 (back-propagation)
# - Glorot, Bordes, Bengio: Deep sparse rectifier neural networks. AISTATS 2011
# - Kingma, Ba: Adam: a method for stochastic optimization. ICLR 2015,
#   arXiv:1412.6980
# - Zhang, Bengio, Hardt, Recht, Vinyals: Understanding deep learning requires
#   rethinking generalization. ICLR 2017, arXiv:1611.03530
