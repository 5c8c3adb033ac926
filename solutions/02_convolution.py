# %% [markdown] id="title" slide="slide"
# # 02 · Convolution
#
# A photograph holds 262,144 numbers. Nine more, well chosen, find its edges.
# Why so few, and why the same nine everywhere?
#
# After this lecture you can
#
# - compute a convolution by hand and in NumPy: borders, stride, channels,
# - tell from a kernel what it does, and design one,
# - say which laws of algebra hold, and where they end,
# - explain what pooling and strides gain, and what they spoil.

# %% [markdown] id="title-notes" slide="notes"
# Ask the room: "One dense layer, from a photograph of 512×512 pixels to a map
# of the same size. How many weights?" Collect the guesses as powers of ten,
# write the largest and the smallest on the board, and leave them there.

# %% [markdown] id="time" slide="skip"
# Reading and trying out: about 75 minutes. Seven questions, 18 points, about
# 105 minutes: 10, 15, 20, 10, 20, 15 and 15.
#
# Answer with Python, NumPy or Keras. Of `course` only data, plots and what a
# question opens may be used in an answer.

# %% id="imports" role="given"
import numpy as np

# %% id="tools" slide="skip"
import keras
from scipy.signal import convolve2d, correlate2d
from skimage import data
from skimage.transform import resize

from course import plots
from course.arithmetic import (
    conv_output_size,
    conv_parameters,
    same_padding,
)
from course.convolution_matrix import convolution_matrix
from course.layers import BorderPadding


def by_keras(image, kernel, strides=1):
    """A convolution of one channel as Keras computes it, without padding."""
    image, kernel = np.float32(image), np.float32(kernel)
    y = keras.ops.conv(
        image[None, ..., None], kernel[..., None, None], strides=strides
    )
    return keras.ops.convert_to_numpy(y)[0, ..., 0]


# %% [markdown] id="price" slide="slide"
# ## What would a dense layer cost?
#
# 512×512 pixels in and out: all joined; only 3×3 neighbours; *one* 3×3 for all:

# %% id="price-check" claims="02-price"
pixels = 512 * 512
for name, weights in [
    ("dense", pixels * pixels),
    ("3×3, its own weights", 9 * pixels),
    ("3×3, shared weights", 9),
]:
    print(f"{name:21} {weights:14,} weights")

# %% [markdown] id="price-answer" slide="fragment"
# Two decisions take us from 69 billion to 9: **look nearby**, and **look for
# the same thing everywhere**. May we decide that beforehand?

# %% [markdown] id="price-notes" slide="notes"
# Go back to the guesses on the board. Then ask: "What did we give up?" Let them
# say it in their own words before the next slides do: far pixels, and the
# right to treat the upper left corner otherwise than the middle.

# %% [markdown] id="shuffled" slide="slide"
# ## Does a dense layer know what a neighbour is?
#
# The same pixels, moved to other places, as in a pack of cards. For whom is
# the right picture harder?

# %% id="shuffled-figure" alt="Left a photograph of a cameraman's head, right the same pixels in random order: grey noise in which nothing can be recognized."
camera = data.camera() / 255
head = camera[60:188, 190:318]
pack = np.random.default_rng(2)
order = pack.permutation(head.size)
plots.images(
    head,
    head.ravel()[order].reshape(head.shape),
    titles=["as you see it", "shuffled"],
    height=4.3,
)

# %% [markdown] id="shuffled-notes" slide="notes"
# Ask: "Suppose every training picture is shuffled in the same way. Will a
# dense network learn worse?" Most say yes. Vote, then compute.

# %% [markdown] id="shuffled-dense" slide="subslide"
# ## Shuffle its weights along, and nothing has happened
#
# Ten outputs, each with one random weight a pixel:

# %% id="shuffled-check" claims="02-shuffled"
W = pack.normal(size=(10, head.size))
seen = W @ head.ravel()
seen_shuffled = W[:, order] @ head.ravel()[order]
print("the same ten outputs:", np.allclose(seen, seen_shuffled))

# %% [markdown] id="shuffled-answer" slide="fragment"
# For every dense network on pictures there is one on shuffled pictures, just
# as good and just as easy to find. That neighbours belong together is nothing
# that it knows. It may learn it, from many examples; a convolution is *told*.

# %% [markdown] id="shuffled-answer-notes" slide="notes"
# "Just as easy" takes two things for granted: that the first weights are drawn
# independently from one distribution, and that the optimizer treats all weights
# alike, as gradient descent and Adam do. Then training on shuffled pictures is
# training on the others, shuffled, step by step. Ask: "Which beginning would
# break that?" (Weights that are alike for neighbouring pixels.)

# %% [markdown] id="decisions" slide="slide"
# ## Two decisions, drawn
#
# Five numbers in (columns), five out (rows). Equal letters are one weight.

# %% id="decisions-figure" claims="02-weights 02-toeplitz" alt="Three 5 by 5 matrices. Dense: 25 different letters a to y. Local: only the diagonal and its two neighbours hold letters, 13 different ones. Shared: the same band, but every row holds the same three letters a b c, moved by one place from row to row."
letters = np.array(["", *"abcdefghijklmnopqrstuvwxyz"])
dense = np.arange(1, 26).reshape(5, 5)
shared = convolution_matrix(np.array([1, 2, 3]), (5,), padding=1)
local = np.zeros((5, 5), int)
local[shared > 0] = np.arange(1, 14)
plots.number_grids(
    *[letters[matrix] for matrix in (dense, local, shared)],
    titles=["dense: 25", "local: 13", "shared: 3"],
    taps=[dense, local, shared],
    kernel_shape=(5, 5),
    height=3.7,
)

# %% [markdown] id="decisions-answer" slide="fragment"
# **Local perception** leaves a band. **Weight sharing** makes each row the one
# above it, moved by one: equal along its diagonals, a **Toeplitz** matrix. A
# third decision, **subsampling**, leaves out rows.

# %% [markdown] id="decisions-notes" slide="notes"
# Ask: "What stands outside the band: nothing, or zeros?" (Zeros that are not
# learned.) "Why have the first and the last row only two letters?" Zeros beyond
# the border: there a tap meets nothing. Keep that for later in this lecture, and
# ask then which letters would fill two corners round a circle. In two dimensions
# each letter becomes a block of that kind; lecture 12 builds that matrix.

# %% [markdown] id="cortex" slide="slide"
# ## A cat saw it first
#
# Hubel and Wiesel (1962) moved bars of light before a cat and listened to
# single cells of its visual cortex.
#
# - A **simple cell** answers to one small part of the view, and there to a bar
#   in *one* direction.
# - A **complex cell** wants the same direction, but lets the bar lie a little
#   to the side. Their proposal: it collects simple cells.
#
# Fukushima (1980) built layers of both; LeCun and others (1989) learned the
# weights.

# %% [markdown] id="cortex-notes" slide="notes"
# Some slides say that this happens in the retina. It receives the picture, but
# its ganglion cells have round fields; direction is found in the cortex. Ask:
# "Which of the two decisions do you recognize in the simple cell, and which
# layer in the complex one?"

# %% [markdown] id="tuning" slide="subslide"
# ## Build a simple cell, and show it bars
#
# 15×15 weights, its **taps**: 0.8 along a stripe, −0.2 beside it. Each times
# its pixel, all added; below 0 counts as 0. The complex cell takes the largest
# of 11 simple ones, side by side. The bar turns:

# %% id="tuning-figure" alt="Response over the bar's direction from 0 to 180 degrees. The simple cell with the bar in its middle peaks at 90 degrees and falls to half of that 20 degrees beside it. The same cell with the bar 4 pixels aside is zero at 90 degrees. The complex cell, drawn as dots, peaks at 90 degrees although the bar lies aside."
y, x = np.mgrid[-7:8, -12:13]
stripe = np.where(abs(x[:, 5:20]) < 2, 1.0, 0.0)
stripe -= stripe.mean()


def bar(degrees, aside):
    """A bar through (aside, 0), turned; 90 degrees is upright."""
    turn = np.deg2rad(degrees)
    return abs((x - aside) * np.sin(turn) - y * np.cos(turn)) < 1.5


degrees = np.arange(0, 181, 5)
answers = [
    [
        np.maximum(correlate2d(bar(angle, aside), stripe, "valid")[0], 0)
        for angle in degrees
    ]
    for aside in (0, 4)
]
middle, moved = np.array(answers) / np.max(answers)
plots.curves(
    (degrees, middle[:, 5]),
    (degrees, moved[:, 5]),
    (degrees, moved.max(axis=1)),
    labels=[
        "simple, in the middle",
        "simple, 4 pixels aside",
        "complex, aside",
    ],
    axes=("direction of the bar", "response"),
    dots=[False, False, True],
)

# %% [markdown] id="tuning-answer" slide="fragment"
# The simple cell is a convolution at one place; the complex one is pooling.

# %% [markdown] id="tuning-notes" slide="notes"
# Ask before the third curve is explained: "Can the complex cell tell *where*
# the bar is?" It cannot; that is what it pays. The whole second half of the
# lecture is about this price.

# %% [markdown] id="sliding" slide="slide"
# ## Lay it down, multiply, add, move on
#
# A **kernel** is a small array of taps: here 3×3, on 5×5 pixels. Step through:

# %% id="sliding-figure" alt="An animation in nine steps. A window of 3 by 3 places, numbered 1 to 9 as the kernel's taps, moves over an input of 5 by 5 pixels, left to right and then down; each step writes one of the 3 by 3 outputs."
plots.arithmetic_steps(5, 3)

# %% [markdown] id="sliding-notes" slide="notes"
# Stop at the third step: "Where does it go next?" Then, before the end: "How
# many places are there? And for a kernel of 2×4?" They should find the image's
# size minus the kernel's, plus one, for each axis by itself.

# %% [markdown] id="formula" slide="slide"
# ## The same as a formula
#
# $$y_{ij} = \sum_{u}\sum_{v} x_{i+u,\,j+v}\;k_{uv}$$

# %% id="formula-figure" claims="02-by-hand" alt="A 4 by 4 image of small numbers whose upper right 3 by 3 corner is coloured like the 3 by 3 kernel beside it, and the 2 by 2 result, whose upper right number is coloured too."
X = np.array([[1, 0, 2, 1], [3, 1, 0, 2], [0, 2, 1, 1], [1, 1, 0, 3]])
K = np.array([[1, 0, 2], [0, 1, 0], [3, 0, 1]])
taps = np.arange(1, 10).reshape(3, 3)
corner = np.zeros((4, 4), int)
corner[:3, 1:] = taps
plots.number_grids(
    X,
    K,
    correlate2d(X, K, "valid"),
    titles=["x", "k", "y"],
    signs=["", "→"],
    taps=[corner, taps, [[0, 5], [0, 0]]],
    kernel_shape=(3, 3),
    height=3.0,
)

# %% [markdown] id="formula-answer" slide="fragment"
# Rows and columns count from 0; $u$ and $v$ run over the kernel's, here to 2.
# Nine products make one number; a layer adds one bias $b$ to all of them. In
# code: `correlate2d(x, k, "valid")`.

# %% [markdown] id="formula-notes" slide="notes"
# Everybody computes the coloured number: 0·1 + 2·0 + 1·2 + 1·0 + 0·1 + 2·0 +
# 2·3 + 1·0 + 1·1 = 9. Who gets another number has probably turned the kernel
# or multiplied matrices. Say that it is neither a product of matrices nor of
# rows and columns.

# %% [markdown] id="places" slide="subslide"
# ## In how many places may it stand?
#
# A row of $i = 5$ pixels, $k$ taps; zeros are put before and behind the row:

# %% id="places-figure" claims="02-places" alt="A table of zeros before and behind, and of places. Valid: no zeros, i minus k plus 1 places, 3 for three taps and 2 for four. Same: 1 and 1 zeros for three taps, 1 and 2 for four, i places, 5 both times. Full: 2 and 2 or 3 and 3 zeros, i plus k minus 1 places, 7 and 8."
table = [["", "k = 3", "places", "k = 4", "places", "in general"]]
for name, general in [
    ("valid", "i − k + 1"),
    ("same", "i"),
    ("full", "i + k − 1"),
]:
    cells = [name]
    for k in (3, 4):
        zeros = {
            "valid": (0, 0),
            "same": same_padding(5, k),
            "full": (k - 1, k - 1),
        }[name]
        places = conv_output_size(5, k, padding=zeros)
        cells += ["{} + {} zeros".format(*zeros), str(places)]
    table.append([*cells, general])
plots.number_grids(table, height=3.0)

# %% [markdown] id="places-answer" slide="fragment"
# "Same" keeps the size. An even kernel has no middle: Keras puts the odd zero
# **behind**, and the map lies half a pixel beside the image. So most kernels
# are odd.

# %% [markdown] id="places-notes" slide="notes"
# Ask: "Which of the three loses pixels, layer after layer?" And, for four taps:
# "Over which pixels does the first window lie, and where is its middle?" One
# zero and three pixels; between the first and the second. SciPy's `correlate2d`
# does as Keras does, its `convolve2d` puts the odd zero before the row.

# %% [markdown] id="question-loops" slide="skip"
# ## Question 1. Four loops
#
# Write `slide_over(image, kernel)`: for an image $(h, w)$ and a kernel
# $(k_h, k_w)$ of one channel the map
# $y_{ij} = \sum_{uv} x_{i+u,\,j+v}\,k_{uv}$, for all places where the whole
# kernel lies on the image. The kernel lies as it is, it is not turned, and
# fits at least once.
#
# Loops are welcome. Ready-made convolutions and correlations are closed.


# %% id="slide-over" role="answer" minutes=10 forbids="numpy.convolve numpy.correlate keras.ops.conv keras.ops.depthwise_conv keras.ops.separable_conv keras.layers.Conv1D keras.layers.Conv2D keras.layers.Conv3D keras.layers.DepthwiseConv2D keras.layers.SeparableConv2D"
def slide_over(image, kernel):
    """The map (h - kh + 1, w - kw + 1) of a kernel laid on an image."""
    ### BEGIN SOLUTION
    (h, w), (kh, kw) = np.shape(image), np.shape(kernel)
    result = np.zeros((h - kh + 1, w - kw + 1))
    for i in range(h - kh + 1):
        for j in range(w - kw + 1):
            for u in range(kh):
                for v in range(kw):
                    result[i, j] += image[i + u][j + v] * kernel[u][v]
    return result
    ### END SOLUTION


# %% id="slide-over-check" role="test" points=2 of="slide-over"
import numpy as np

# Taps of 1, 10 and 100 show which pixel meets which tap.
image, kernel = np.arange(1, 10).reshape(3, 3), np.array([[1, 100], [0, 10]])
got = np.asarray(slide_over(image, kernel), float)
call = f"slide_over({image.tolist()}, {kernel.tolist()})"
assert got.shape == (2, 2), (
    f"{call} returned shape {got.shape}. In how many places does a kernel of "
    "two rows lie whole on three rows?"
)
hint = "Multiply each pixel under the kernel by the tap that lies on it."
if np.isclose(got[0, 0], 415):
    hint = "The kernel lies as it is: its first tap on the first pixel."
if np.isclose(got[0, 0], 451):
    hint = "Rows of the kernel lie along rows of the image."
assert np.allclose(got, [[251, 362], [584, 695]]), (
    f"{call} returned {got.tolist()}. By hand the first number is "
    f"1·1 + 2·100 + 5·10 = 251, the next 2·1 + 3·100 + 6·10. {hint}"
)
image, kernel = np.array([[1, 2, 4, 8], [6, 7, 9, 3]]), np.array([[0.5, 0.5]])
got = np.asarray(slide_over(image, kernel), float)
call = f"slide_over({image.tolist()}, {kernel.tolist()})"
assert got.shape == (2, 3), (
    f"{call} returned shape {got.shape}. The kernel has one row and two "
    "columns: in how many places does it lie on each axis?"
)
hint = "Does it hold for images and kernels that are not square?"
if np.array_equal(got, got.round()):
    hint = "Only whole numbers came back: what dtype has your array?"
assert np.allclose(got, [[1.5, 3, 6], [6.5, 8, 6]]), (
    f"{call} returned {got.tolist()}. It should hold the means of neighbours in "
    f"a row, first of 1 and 2. {hint}"
)
### BEGIN HIDDEN TESTS
from scipy.signal import convolve2d, correlate2d

rng = np.random.default_rng(21)
for shape, kernel_shape in [
    ((4, 4), (3, 3)),
    ((3, 6), (2, 3)),
    ((6, 3), (3, 2)),
    ((5, 4), (1, 4)),
    ((4, 5), (4, 1)),
    ((3, 4), (3, 4)),
    ((2, 3), (1, 1)),
]:
    # whole numbers in, fractions out
    image = rng.integers(-9, 10, shape)
    kernel = rng.normal(size=kernel_shape).round(2)
    got = np.asarray(slide_over(image, kernel), float)
    want = correlate2d(image, kernel, mode="valid")
    is_square = kernel_shape[0] == kernel_shape[1]
    transposed = kernel.T if is_square else kernel
    known = [
        (convolve2d(image, kernel, mode="valid"), "The kernel is not turned."),
        (want[:-1, :-1], "The last place of each axis is missing."),
        (want.T, "Rows come first, in the result too."),
        (
            correlate2d(image, kernel, mode="same"),
            "Only places where the whole kernel lies on the image.",
        ),
        (
            correlate2d(image, kernel, mode="full"),
            "Only places where the whole kernel lies on the image.",
        ),
        (want / kernel.size, "A sum, no mean."),
        (
            correlate2d(image, transposed, mode="valid"),
            "Rows of the kernel meet rows of the image: it is transposed.",
        ),
    ]
    hint = "Compute one number by hand."
    if shape[0] != shape[1]:
        hint = "Does it hold for images and kernels that are not square?"
    if np.array_equal(got, got.round()):
        hint = "Only whole numbers came back: what dtype has your array?"
    for wrong, cause in known:
        if wrong.shape == got.shape and np.allclose(wrong, got, atol=1e-4):
            hint = cause
    assert got.shape == want.shape and np.allclose(got, want, atol=1e-4), (
        f"slide_over({image.tolist()}, {kernel.tolist()}) returned shape "
        f"{got.shape}: {got.round(3).tolist()}. {hint}"
    )
### END HIDDEN TESTS

# %% [markdown] id="guess" slide="slide"
# ## What do these do to a photograph?
#
# Guess first. One blurs, one sharpens, one finds edges:

# %% id="guess-figure" alt="Three 3 by 3 kernels. The first: nine ones. The second: minus 4 in the middle, 1 above, below, left and right, 0 in the corners. The third: 5 in the middle, minus 1 above, below, left and right, 0 in the corners."
ones = np.ones((3, 3), int)
edges = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
plots.number_grids(
    ones,
    edges,
    sharpen,
    titles=["first", "second", "third"],
    taps=[
        ones,
        2 * (edges != 0) + (edges < 0),
        (sharpen < 0) * 3 + (sharpen > 0) * 2,
    ],
    kernel_shape=(3,),
)

# %% [markdown] id="guess-notes" slide="notes"
# Let them defend their guesses: "What happens on a white wall?" and "What
# happens at the wall's end?" are the two questions that decide every kernel.

# %% [markdown] id="effects" slide="subslide"
# ## As other slides print them
#
# Black is 0 or less, white 1 or more. Which picture is *not* what it was said
# to be?

# %% id="effects-figure" alt="Four photographs of a cameraman's head: the original; the first kernel's result, almost everywhere white; the second's, black with bright lines at outlines; the third's, crisper than the original."
plots.images(
    head,
    *[correlate2d(head, kernel, "valid") for kernel in (ones, edges, sharpen)],
    titles=["photograph", "first", "second", "third"],
    limits=(0, 1),
    height=3.6,
)

# %% [markdown] id="effects-answer" slide="fragment"
# The "blur" of nine ones makes the picture nine times as bright. Its taps must
# be divided by their sum.

# %% [markdown] id="effects-notes" slide="notes"
# These three kernels stand on many slides, among them those this lecture comes
# from, and the first one is often printed so. Ask: "What did the author's
# program do, so that nobody noticed?" (It stretched the grey values for the
# screen.)

# %% [markdown] id="sums" slide="slide"
# ## The sum of the taps: what becomes of a white wall
#
# Where the picture is constant, all nine products share the factor $g$, its
# grey, so $y = g \cdot \sum k$.

# %% id="sums-check" claims="02-sums"
blur = ones / 9
kernels = {"nine ones": ones, "blur": blur, "edges": edges, "sharpen": sharpen}
for name, kernel in kernels.items():
    after = correlate2d(np.full((5, 5), 0.5), kernel, "valid")[0, 0]
    print(f"{name:10} sum {kernel.sum():2.0f}: 0.5 becomes {after:.1f}")

# %% [markdown] id="sums-answer" slide="fragment"
# Sum 1 keeps the brightness; sum 0 only sees *changes*.

# %% [markdown] id="unsharp" slide="slide"
# ## Sharpening is subtracting the edges
#
# A kernel with a single 1 in the middle leaves the photograph as it is. Then:

# %% id="unsharp-figure" claims="02-sharpen" alt="Three 3 by 3 kernels in an equation: a single 1 in the middle, minus the edge kernel with minus 4 in the middle, equals the sharpening kernel with 5 in the middle."
same = np.pad([[1]], 1)
plots.number_grids(
    same,
    edges,
    same - edges,
    titles=["as it is", "edges", "sharpen"],
    signs=["−", "="],
    height=3.0,
)

# %% [markdown] id="unsharp-answer" slide="fragment"
# Results add as their kernels do: convolution is **linear** in the kernel, and
# in the image too. The edge kernel, the **Laplacian**, adds the *second*
# differences along row and column. On an even slope they are 0,
# $1 - 2\cdot 2 + 3$; they answer where it changes.

# %% [markdown] id="unsharp-notes" slide="notes"
# Ask: "What does the edge kernel make of a step from 0 to 1?" One positive and
# one negative answer, on the two sides; subtracted, the dark side gets darker
# and the bright side brighter. That is all that sharpening does: no detail
# comes back that was not there. And: "Where does the slope change, and it is
# silent?" It sums two directions, so where they cancel, on x² - y²; and it asks
# no third, so on xy, where both differences are 0.

# %% [markdown] id="directions" slide="slide"
# ## Which edges does it find?
#
# Sobel's kernel: columns −1 0 1, weighted 1 2 1 down the rows; divided by 8 it
# gives the rise a pixel. Vote: does it find a wall's upright or level joints?

# %% id="directions-figure" alt="Three pictures: a brick wall; the answer of the kernel with columns minus 1, 0, 1, in which the upright joints appear as dark and bright lines; and the answer of its transpose, in which the level joints do."
sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8
wall = data.brick()[100:292, 60:252] / 255
plots.images(
    wall,
    *[0.5 + 3 * correlate2d(wall, k, "valid") for k in (sobel, sobel.T)],
    titles=["brick", "columns −1 0 1", "rows −1 0 1"],
    limits=(0, 1),
    height=3.7,
)

# %% [markdown] id="directions-answer" slide="fragment"
# It takes differences *along* a row, so it finds **upright** edges. On a level
# edge both columns see the same: 0, which is grey, for drawn is 0.5 + 3y.

# %% [markdown] id="directions-notes" slide="notes"
# Half of any room votes wrong: "horizontal" names the difference for one half
# and the edge for the other. Agree on words: say *upright edge* or *difference
# to the right*. The 1 2 1 across is a blur against noise. Why 8: the weights
# add up to 4, and the columns compared lie two pixels apart. Why 0.5 + 3y: the
# answers are small and of both signs; so 0 is grey, and 1/6 is white.

# %% [markdown] id="question-kernels" slide="skip"
# ## Question 2. Kernels to order
#
# Write down four kernels, as arrays or lists of rows with an odd number of rows
# and of columns. They lie on the image as they are, not turned, and the output
# pixel is the one under the middle tap.
#
# - `row_mean`: each pixel becomes the mean of five: itself, the two to its left
#   and the two to its right.
# - `move_right`: the picture moves two pixels to the right.
# - `rise`: how much the brightness rises from one pixel to the next on its
#   right: on a picture whose brightness rises evenly by $m$ a pixel it gives
#   $m$ exactly, on one that changes only from top to bottom it gives 0. Any
#   kernel with these two properties will do.
# - `crisp`: constant pictures and evenly rising ones stay as they are, in every
#   direction. At a step between two areas, upright or level, the last pixel of
#   the dark side becomes darker and the first of the bright side brighter.

# %% id="kernels" role="answer" minutes=15
# Bind four names: row_mean, move_right, rise and crisp.
### BEGIN SOLUTION
row_mean = np.full((1, 5), 1 / 5)
move_right = np.array([[1, 0, 0, 0, 0]])
rise = np.array([[-1, 0, 1]]) / 2
crisp = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
### END SOLUTION

# %% id="kernels-move-check" role="test" points=1.5 of="kernels"
import numpy as np

kernels = {"row_mean": row_mean, "move_right": move_right}
for name, kernel in kernels.items():
    kernel = np.asarray(kernel, float)
    assert kernel.ndim == 2 and kernel.size and all(np.mod(kernel.shape, 2)), (
        f"{name} has shape {kernel.shape}. Rows and columns, an odd number of "
        "each, so that there is a middle tap: a kernel of one row is "
        "[[...]], with two brackets."
    )
    assert np.isclose(kernel.sum(), 1), (
        f"The taps of {name} add up to {kernel.sum():g}. What should become of "
        "a picture that is constant?"
    )
### BEGIN HIDDEN TESTS
from scipy.signal import correlate2d

rng = np.random.default_rng(22)
kernels = {name: np.asarray(each, float) for name, each in kernels.items()}
for _ in range(3):
    image = rng.normal(size=(31, 31)).round(2)
    means = sum(np.roll(image, d, axis=1) for d in (-2, -1, 0, 1, 2)) / 5
    for name, want, slips in [
        (
            "row_mean",
            means,
            [
                (
                    sum(np.roll(image, d, axis=0) for d in (-2, -1, 0, 1, 2))
                    / 5,
                    "That is the mean of a column.",
                ),
            ],
        ),
        (
            "move_right",
            np.roll(image, 2, axis=1),
            [
                (
                    np.roll(image, -2, axis=1),
                    "The picture moves to the left: which pixel should the "
                    "middle tap's place receive?",
                ),
                (np.roll(image, 1, axis=1), "By two pixels."),
                (np.roll(image, 2, axis=0), "It moves down."),
                (np.roll(image, -2, axis=0), "It moves up."),
            ],
        ),
    ]:
        kernel = kernels[name]
        far = max(kernel.shape)
        inside = np.s_[10:21, 10:21]
        got = correlate2d(image, kernel, mode="same")[inside]
        hint = "Lay it on a single bright pixel, place after place."
        for wrong, cause in slips:
            if np.allclose(got, wrong[inside]):
                hint = cause
        assert far <= 21 and np.allclose(got, want[inside], atol=1e-6), (
            f"{name} = {kernel.tolist()} does not do what it should, in the "
            f"middle of an image of 31×31 random pixels. {hint}"
        )
### END HIDDEN TESTS

# %% id="kernels-edge-check" role="test" points=1.5 of="kernels"
import numpy as np
from scipy.signal import correlate2d


def middle(image, kernel):
    """What the kernel makes of the middle pixels of an image 31×31."""
    return correlate2d(image, kernel, mode="same")[10:21, 10:21]


kernels = {
    "rise": np.asarray(rise, float),
    "crisp": np.asarray(crisp, float),
}
for name, level in [("rise", 0), ("crisp", 1)]:
    kernel = kernels[name]
    assert kernel.ndim == 2 and kernel.size and all(np.mod(kernel.shape, 2)), (
        f"{name} has shape {kernel.shape}. Rows and columns, an odd number of "
        "each, so that there is a middle tap."
    )
    assert max(kernel.shape) <= 21, (
        f"{name} has shape {kernel.shape}: a few taps a side are enough."
    )
    got = middle(np.ones((31, 31)), kernel)
    assert np.allclose(got, level), (
        f"{name} makes {got[0, 0]:g} of a constant picture of ones. What should "
        "it be?"
    )
### BEGIN HIDDEN TESTS
down, right = np.mgrid[-15:16, -15:16]
for m in (1, -2.5):
    got = middle(m * right, kernels["rise"])
    hint = "What are the distance of its taps, and their sum by distance?"
    if np.allclose(got, -m):
        hint = "It falls where it should rise: right minus left."
    elif np.allclose(got, 2 * m):
        hint = "Two pixels further it has risen twice."
    elif np.allclose(got, 0):
        hint = "Does it look along the rows?"
    assert np.allclose(got, m), (
        f"On a picture that rises by {m} a pixel to the right, rise gives "
        f"{got[0, 0]:g}. {hint}"
    )
    got = middle(m * down, kernels["rise"])
    assert np.allclose(got, 0), (
        f"On a picture that changes by {m} a row and is constant along each "
        f"row, rise gives {got[0, 0]:g}. Which pixels does it compare?"
    )
for slope in (down, right, 2 * right - 3 * down):
    got = middle(slope, kernels["crisp"])
    assert np.allclose(got, slope[10:21, 10:21]), (
        "crisp changes a picture that rises evenly. Hint: what is left and "
        "right of the middle tap must balance, and above and below."
    )
for name, step in [
    ("upright, bright on the right", right >= 0),
    ("upright, bright on the left", right < 0),
    ("level, bright below", down >= 0),
    ("level, bright above", down < 0),
]:
    bright = middle(step.astype(float), kernels["crisp"])
    axis = int(name.startswith("upright"))
    pixels = np.take(bright, [4, 5], axis=axis)  # the two at the step
    is_bright = np.take(step[10:21, 10:21], [4, 5], axis=axis)
    low, high = pixels[~is_bright], pixels[is_bright]
    assert low.max() < -1e-6 and high.min() > 1 + 1e-6, (
        f"At a step from 0 to 1 ({name}) crisp makes {low[0]:g} of the last "
        f"dark pixel and {high[0]:g} of the first bright one. Hint: a picture "
        "minus its edges."
    )
### END HIDDEN TESTS

# %% [markdown] id="turned" slide="slide"
# ## One bright pixel shows the kernel's other side
#
# An image of zeros and a single 1. What will stand in the result: the kernel?

# %% id="turned-figure" claims="02-impulse" alt="A 5 by 5 image with a single 1 in the middle, the kernel of the taps 1 to 9, and two results. Laid down as it is, the kernel's taps appear in reverse order, 9 8 7 over 6 5 4 over 3 2 1. Flipped before, they appear as 1 to 9."
dot = np.pad([[1]], 2)
as_it_is = correlate2d(dot, taps, "same")
flipped = convolve2d(dot, taps, "same")
plots.number_grids(
    dot,
    taps,
    as_it_is,
    flipped,
    titles=["image", "kernel", "as it is", "flipped first"],
    signs=["", "→", ""],
    taps=[5 * dot, taps, as_it_is, flipped],
    kernel_shape=(3, 3),
    height=3.3,
)

# %% [markdown] id="turned-answer" slide="fragment"
# The 1 meets tap 9 first and tap 1 last: the kernel appears turned by 180°.
# Who wants it upright must turn it before:
#
# $$(x * k)_{ij} = \sum_{u,v} x_{i-u,\,j-v}\;k_{uv}$$

# %% [markdown] id="turned-notes" slide="notes"
# Let them do one dimension on paper: 0 0 1 0 0 under x y z gives z y x. Then
# ask where they have seen a sum with i - u before: probability, products of
# polynomials, signal processing.

# %% [markdown] id="two-names" slide="subslide"
# ## One name, two operations
#
# In mathematics *convolution* is the one that flips; the other is
# **cross-correlation**. Which of them is a layer called convolution?

# %% id="two-names-check" claims="02-flips 02-keras"
layer, turned = by_keras(X, K), K[::-1, ::-1]
print("Keras flips:        ", np.allclose(layer, convolve2d(X, K, "valid")))
print("Keras does not flip:", np.allclose(layer, correlate2d(X, K, "valid")))
print(
    "turned by hand:     ", np.allclose(layer, convolve2d(X, turned, "valid"))
)

# %% [markdown] id="two-names-answer" slide="fragment"
# To learning it is all the same: weights are learned turned. Slides mix both:
# $x_{i+p}\,k_{r-p}$ flips, $x(i+s)\,w(s)$ does not. Read the signs.

# %% [markdown] id="two-names-notes" slide="notes"
# Ask: "If nobody needs the flip, why was it ever invented?" Hear some guesses;
# the next slide answers. We follow the field, say convolution for both, and
# say which where it matters.

# %% [markdown] id="laws" slide="slide"
# ## What the flip is good for: algebra
#
# Linear, commutative, associative, so one reads. Tested on whole numbers, an
# image $x$ of 6×6, kernels $k$ and $m$ of 3×3:

# %% id="laws-figure" claims="02-laws" alt="A table. Convolution in full and cyclic convolution: all three laws hold. Convolution cut to the image's size, called same: linear, but neither commutative nor associative. Correlation in full: linear, but neither commutative nor associative."
coin = np.random.default_rng(12)
x, x2 = coin.integers(-3, 4, (2, 6, 6))
k, m = coin.integers(-2, 3, (2, 3, 3))


def cyclic(image, kernel):
    """Round a circle, both ways: what leaves on one side comes in again."""
    return sum(
        tap * np.roll(image, place, axis=(0, 1))
        for place, tap in np.ndenumerate(kernel)
    )


def held(op, k, m):
    """Which of the three laws hold."""
    return [
        np.array_equal(op(2 * x + x2, k), 2 * op(x, k) + op(x2, k)),
        np.array_equal(op(x, k), op(k, x)),
        np.array_equal(op(op(x, k), m), op(x, op(k, m))),
    ]


holds = np.array(
    [
        held(convolve2d, k, m),
        held(cyclic, np.pad(k, (0, 3)), np.pad(m, (0, 3))),
        held(lambda image, kernel: convolve2d(image, kernel, "same"), k, m),
        held(correlate2d, k, m),
    ]
)
table = np.full((5, 4), "", dtype="U24")
table[0, 1:] = ["linear", "x∗k = k∗x", "(x∗k)∗m = x∗(k∗m)"]
table[1:3, 0] = ["convolution, full", "convolution, cyclic"]
table[3:, 0] = ['convolution, "same"', "correlation, full"]
table[1:, 1:] = np.where(holds, "yes", "no")
plots.number_grids(
    table,
    taps=[np.pad(np.where(holds, 3, 2), ((1, 0), (1, 0)))],
    kernel_shape=(3,),
    height=3.4,
)

# %% [markdown] id="laws-answer" slide="fragment"
# With $i - u$ for $u$ the flipped sum is the same sum, $x$ and $k$ exchanged.
# "Same" takes the *first* one's size, and then puts zeros where numbers were.

# %% [markdown] id="laws-notes" slide="notes"
# Ask before: "Which law does a dense layer have?" (Linear; matrices do not
# commute.) Why correlation fails: x with k is k with x, turned by 180°. For
# polynomials: the product's coefficients are convolved, so multiplication of
# polynomials lends convolution its laws. Cutting alone does no harm: two arrays
# of equal shape commute under "same" too, and "valid" after "valid" is "valid"
# with the kernels convolved in full. What costs associativity is to cut *and*
# put zeros back.

# %% [markdown] id="same-border" slide="subslide"
# ## How wrong is "same"?
#
# Two passes, by $k$ then $m$, minus one pass by the kernel $k * m$. Left
# flipped, cut to the image's size; right as layers do it, without zeros:

# %% id="same-border-figure" claims="02-same-border 02-merge" alt="Two grids of differences. Left, convolution, same: 6 by 6, numbers other than zero in the frame along the border, zeros in the 4 by 4 middle. Right, correlation, valid: 2 by 2 zeros."
both_kernels = convolve2d(k, m)
two_passes = convolve2d(convolve2d(x, k, "same"), m, "same")
off = two_passes - convolve2d(x, both_kernels, "same")
two_layers = correlate2d(correlate2d(x, k, "valid"), m, "valid")
off_layers = two_layers - correlate2d(x, both_kernels, "valid")
plots.number_grids(
    off,
    off_layers,
    titles=['flipped, "same"', 'not flipped, "valid"'],
    signs=[""],
    taps=[2 * (off != 0), 2 * (off_layers != 0)],
    kernel_shape=(3,),
    height=3.4,
)

# %% [markdown] id="same-border-answer" slide="fragment"
# Wrong at the border only. Inside, two 3×3 are one 5×5, for layers too. So
# something **not linear** must stand between two layers: two linear ones can do
# nothing that one larger cannot. At best they are cheaper.

# %% [markdown] id="same-border-notes" slide="notes"
# Ask: "How broad is the frame for two kernels of 5×5?" (Two pixels: as far as
# the second kernel reaches beyond the image, where the first pass left
# zeros.) The reason is in the sum: the first pass threw away what the second
# wanted to see. Somebody may say that correlation was not associative: nor is
# it, the one kernel is the *convolution* of the two. And: "Can each 5×5 be had
# from two 3×3?" No: 18 taps cannot set 25.

# %% [markdown] id="separable" slide="slide"
# ## Associativity saves work
#
# A column convolved with a row is a square. So instead of the square, take the
# row, then the column:

# %% id="separable-check" claims="02-separable"
binomial = np.array([[1, 4, 6, 4, 1]])
square = convolve2d(binomial.T, binomial)
once = convolve2d(head, square)
twice = convolve2d(convolve2d(head, binomial), binomial.T)
print("the same picture:", np.allclose(once, twice))
print("products a pixel:", square.size, "or", 2 * binomial.size)

# %% [markdown] id="separable-answer" slide="fragment"
# This works for kernels of **rank 1**, a column times a row: this one, nine
# ninths, Sobel's; not the kernel of edges. At 31×31 it is 62 products instead
# of 961. Lecture 6 trains such pairs.

# %% [markdown] id="separable-notes" slide="notes"
# Write the square on the board as a multiplication table: 1 4 6 4 1 along both
# sides. Ask: "Is every 3×3 kernel such a table?" Nine numbers against six (or
# five, for one can be traded between row and column): no.

# %% [markdown] id="beyond" slide="slide"
# ## What lies beyond the border?
#
# A kernel of five taps, its middle on A, asks for two pixels that are not
# there. Five answers, for the row A B C:

# %% id="beyond-figure" claims="02-borders" alt="A table of five rows. Zero: 0 0 A B C 0 0. Border: A A A B C C C. Symmetric: B A A B C C B. Reflect: C B A B C B A. Cyclic: B C A B C A B."
row = np.array([1.0, 2.0, 3.0]).reshape(1, 3, 1)
modes = ["zero", "border", "symmetric", "reflect", "cyclic"]
extended = np.array(
    [
        keras.ops.convert_to_numpy(BorderPadding(2, mode)(row)).ravel()
        for mode in modes
    ]
).astype(int)
plots.number_grids(
    np.column_stack([modes, np.array(["0", *"ABC"])[extended]]),
    taps=[np.pad(extended, ((0, 0), (1, 0)))],
    kernel_shape=(3,),
    height=3.2,
)

# %% [markdown] id="beyond-answer" slide="fragment"
# There are *two* mirrors: one stands beside the last pixel and repeats it, one
# stands in it. Or do without: "valid" keeps places where all is there, and
# loses $k - 1$ rows a layer.

# %% [markdown] id="beyond-notes" slide="notes"
# Ask: "Which one continues a slope, 1 2 3?" None of them, but the two mirrors
# at least do not jump; cyclic jumps from 3 to 1. Then: "Which would you take
# for a photograph, a map of the whole earth, a sound of a bell?" Names differ
# between programs: NumPy's reflect is SciPy's mirror, and SciPy's reflect is
# NumPy's symmetric.

# %% [markdown] id="beyond-photo" slide="subslide"
# ## It can be seen
#
# The photograph, 128×128 pixels, blurred by the mean of 41×41. Where do the
# four differ?

# %% id="beyond-photo-figure" alt="Four strongly blurred photographs of the cameraman. Zero: dark along all four sides. Border and symmetric: almost alike, the dark coat goes on to the left edge. Cyclic: the coat is brighter at the left edge, and a dark stain appears at the right one."
small = resize(camera, (128, 128), anti_aliasing=True)
mean = np.full((41, 41), 1 / 41**2)
shown = ["zero", "border", "symmetric", "cyclic"]
blurred = []
for mode in shown:
    wider = BorderPadding(20, mode)(small[None, :, :, None])
    wider = keras.ops.convert_to_numpy(wider)[0, :, :, 0]
    blurred.append(correlate2d(wider, mean, "valid"))
plots.images(*blurred, titles=shown, limits=(0, 1), height=3.7)

# %% [markdown] id="beyond-photo-answer" slide="fragment"
# Zeros are black pixels: the frame darkens. On a circle each edge borrows from
# the one opposite: the man's dark coat fades on the left and stains the right.
# Most networks take zeros: they are cheap, and learning puts up with them.

# %% [markdown] id="position" slide="slide"
# ## Zeros tell a pixel where it is
#
# A white image, nine taps of 1, zeros around: outputs count pixels of the image.

# %% id="position-figure" claims="02-counts" alt="A 5 by 6 grid of counts: 4 in the corners, 6 along the sides, 9 inside."
white = np.ones((5, 6), int)
counts = correlate2d(white, ones, "same")
plots.number_grids(counts, taps=[counts // 3], kernel_shape=(4,), height=3.6)

# %% [markdown] id="position-answer" slide="fragment"
# On a constant image a convolution should not know where it is. With zeros
# around it does, and the place can be read off deep in a network (Islam, Jia
# and Bruce 2020).

# %% [markdown] id="position-notes" slide="notes"
# Ask: "Two such layers, one behind the other: how far in does the border's
# news travel?" (One pixel a layer.) "Which of the five extensions tells
# nothing?" (On a constant image all but zero.)

# %% [markdown] id="question-extend" slide="skip"
# ## Question 3. Beyond the border
#
# Write `extend(image, width, mode)`: the image $(h, w)$ with `width` more
# pixels on each of its four sides, so an array of `h + 2 * width` rows and
# `w + 2 * width` columns.
#
# `mode` is "zero", "border", "symmetric", "reflect" or "cyclic", as in the
# lecture's table; in the corners the rule holds for rows and for columns.
# `width` is at least 0 and less than both sides of the image, whose pixels may
# be fractions.
#
# `pad` of NumPy and of Keras is closed, and so is the lecture's `BorderPadding`.


# %% id="extend" role="answer" minutes=20 taught="beyond" forbids="numpy.pad keras.ops.pad keras.layers.ZeroPadding1D keras.layers.ZeroPadding2D keras.layers.ZeroPadding3D"
def extend(image, width, mode):
    """The image with `width` more pixels on each side."""
    ### BEGIN SOLUTION
    image = np.asarray(image)
    if mode == "zero":
        result = np.zeros(np.add(image.shape, 2 * width))
        h, w = image.shape
        result[width : width + h, width : width + w] = image
        return result
    for axis, size in enumerate(image.shape):
        places = np.arange(-width, size + width)
        last = size - 1
        if mode == "border":
            places = np.clip(places, 0, last)
        elif mode == "cyclic":
            places = places % size
        elif mode == "symmetric":
            places = np.where(places < 0, -1 - places, places)
            places = np.where(places > last, 2 * last + 1 - places, places)
        else:
            places = last - abs(last - abs(places))
        image = np.take(image, places, axis=axis)
    return image
    ### END SOLUTION


# %% id="extend-check" role="test" points=1.5 of="extend"
import numpy as np

# A row of three between two rows of zeros, one pixel more on each side.
image = np.array([[0, 0, 0], [7, 8.5, 9], [0, 0, 0]])
for mode, want in [
    ("zero", [0, 7, 8.5, 9, 0]),
    ("border", [7, 7, 8.5, 9, 9]),
    ("cyclic", [9, 7, 8.5, 9, 7]),
]:
    got = np.asarray(extend(image, 1, mode), float)
    call = f'extend({image.tolist()}, 1, "{mode}")'
    assert got.shape == (5, 5), (
        f"{call} returned shape {got.shape}. Three pixels, and one more on each "
        "side, along both axes?"
    )
    hint = "Compare with the row A B C of the lecture's table."
    if np.allclose(got[2], np.trunc(want)):
        hint = "Where is the half of 8.5? Look at your array's dtype."
    assert np.allclose(got[2], want), (
        f"{call} has {got[2].tolist()} as its middle row. {hint}"
    )
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(23)
for shape, width in [
    ((4, 4), 2),
    ((3, 5), 2),
    ((5, 3), 1),
    ((4, 6), 3),
    ((5, 5), 4),
    ((2, 3), 0),
]:
    image = rng.integers(1, 100, shape) + 0.5
    for mode, name in [
        ("zero", "constant"),
        ("border", "edge"),
        ("cyclic", "wrap"),
    ]:
        got = np.asarray(extend(image, width, mode), float)
        want = np.pad(image, width, mode=name)
        call = f'extend({image.tolist()}, {width}, "{mode}")'
        hint = "Hint: width more pixels on each side, along both axes."
        if width == 0:
            hint = (
                "Hint: with width 0 nothing is added. And x[-0:] is all of x."
            )
        elif shape[0] != shape[1]:
            hint = "Hint: the image is not square: height and width differ."
        assert got.shape == want.shape, (
            f"{call} returned shape {got.shape}. {hint}"
        )
        hint = "What does the rule say on the left, right, above and below?"
        inside = np.s_[width : width + shape[0], width : width + shape[1]]
        beside = np.s_[width : width + shape[0], :]
        if np.allclose(got, np.trunc(want)):
            hint = "Where are the fractions? Look at your array's dtype."
        elif not np.allclose(got[inside], image):
            hint = "The image itself should lie in the middle, unchanged."
        elif np.allclose(got[beside], want[beside]):
            hint = "It is right beside the image: look above, below, and into "
            hint += "the corners."
        assert np.allclose(got, want), f"{call} returned {got.tolist()}. {hint}"
### END HIDDEN TESTS

# %% id="extend-mirrors-check" role="test" points=1.5 of="extend"
import numpy as np

# One pixel more: here the two mirrors differ already.
image = np.array([[0, 0, 0], [7, 8.5, 9], [0, 0, 0]])
for mode, want, hint in [
    (
        "symmetric",
        [7, 7, 8.5, 9, 9],
        "This mirror stands beside the last pixel.",
    ),
    (
        "reflect",
        [8.5, 7, 8.5, 9, 8.5],
        "This mirror stands in the last pixel.",
    ),
]:
    got = np.asarray(extend(image, 1, mode), float)
    call = f'extend({image.tolist()}, 1, "{mode}")'
    assert got.shape == (5, 5), (
        f"{call} returned shape {got.shape}. Three pixels, and one more on each "
        "side, along both axes?"
    )
    assert np.allclose(got[2], want), (
        f"{call} has {got[2].tolist()} as its middle row. {hint}"
    )
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(24)
for shape, width in [
    ((4, 4), 2),
    ((3, 5), 2),
    ((5, 3), 1),
    ((4, 6), 3),
    ((5, 5), 4),
    ((2, 3), 0),
]:
    image = rng.integers(1, 100, shape) + 0.5
    for mode, other in [("symmetric", "reflect"), ("reflect", "symmetric")]:
        got = np.asarray(extend(image, width, mode), float)
        want = np.pad(image, width, mode=mode)
        hint = "In a mirror the nearest pixel comes first, the farthest last."
        if width == 0:
            hint = "With width 0 nothing is added. And x[-0:] is all of x."
        elif got.shape != want.shape and shape[0] != shape[1]:
            hint = "The image is not square: height and width differ."
        elif got.shape != want.shape:
            hint = "Width more pixels on each side, along both axes."
        else:
            middle = np.s_[width : width + shape[0]]
            if np.allclose(got, np.pad(image, width, mode=other)):
                hint = "This is the other mirror."
            elif np.allclose(got, np.pad(image, width, mode="edge")):
                hint = "The last pixel again and again is no mirror."
            elif np.allclose(got, np.trunc(want)):
                hint = "Where are the fractions? Look at your array's dtype."
            elif np.allclose(got[middle], want[middle]):
                hint = "Left and right are mirrored; above and below too?"
        assert got.shape == want.shape and np.allclose(got, want), (
            f'extend({image.tolist()}, {width}, "{mode}") returned '
            f"{got.tolist()}. {hint}"
        )
### END HIDDEN TESTS

# %% [markdown] id="stride" slide="slide"
# ## Stride 2: which pixels will nobody look at?

# %% id="stride-figure" alt="An animation in four steps. A 3 by 3 window moves over a 6 by 6 input two pixels at a time, to the right and then down; the input's last row and column are never covered. The output is 2 by 2."
plots.arithmetic_steps(6, 3, stride=2)

# %% [markdown] id="stride-notes" slide="notes"
# Ask: "What must change so that the last row is seen too?" (One more pixel, or
# padding.) "And which pixels are looked at most often?" Write the size on the
# board as they say it: first place, then as many whole steps as there is room
# for.

# %% [markdown] id="stride-size" slide="subslide"
# ## Stride $s$ = stride 1, then every $s$-th number
#
# Nobody looked at the last row and column: no whole step was left. From $i$
# pixels, $p$ zeros added on each side (**padding**) and $k$ taps come $o$ numbers:
#
# $$o = \left\lfloor \frac{i + 2p - k}{s} \right\rfloor + 1$$

# %% id="stride-size-check" claims="02-stride"
padded = np.pad(head, 1)
every = correlate2d(padded, sobel, "valid")
strided = by_keras(padded, sobel, strides=2)
print("128 pixels become", conv_output_size(128, 3, stride=2, padding=1))
print("every second:", np.allclose(every[::2, ::2], strided, atol=1e-5))

# %% [markdown] id="stride-size-answer" slide="fragment"
# A quarter of the work: three of four results are missing. Are they *missed*?

# %% [markdown] id="stride-size-notes" slide="notes"
# Ask: "With k = 3, s = 2, p = 1: what becomes of 7 pixels, and of 8?" (4 both
# times.) Somebody will ask what the rounding leaves out: the pixels that
# nobody looked at in the animation. We come back to what is missed; sizes are
# lecture 3's subject.

# %% [markdown] id="question-stride" slide="skip"
# ## Question 4. Stride and padding
#
# Write `conv2d(image, kernel, stride=1, padding=0)`: question 1 once more, with
#
# - `padding` rows and columns of zeros on each side of the image;
# - the kernel moving by `stride`, along both axes; where no whole step is left,
#   it does not go.
#
# You may call your `slide_over`, but then its mistakes count here as well.


# %% id="conv2d" role="answer" minutes=10 forbids="numpy.convolve numpy.correlate keras.ops.conv keras.ops.depthwise_conv keras.ops.separable_conv keras.layers.Conv1D keras.layers.Conv2D keras.layers.Conv3D keras.layers.DepthwiseConv2D keras.layers.SeparableConv2D"
def conv2d(image, kernel, stride=1, padding=0):
    """A kernel laid on an image with zeros around, `stride` pixels apart."""
    ### BEGIN SOLUTION
    image, kernel = np.pad(image, padding), np.asarray(kernel)
    kh, kw = kernel.shape
    rows = range(0, image.shape[0] - kh + 1, stride)
    columns = range(0, image.shape[1] - kw + 1, stride)
    return np.array(
        [
            [np.sum(image[i : i + kh, j : j + kw] * kernel) for j in columns]
            for i in rows
        ]
    )
    ### END SOLUTION


# %% id="conv2d-stride-check" role="test" points=1 of="conv2d"
import numpy as np

# One tap: the result shows which pixels were visited.
image = np.arange(36).reshape(6, 6)
got = np.asarray(conv2d(image, np.array([[1]]), stride=2), float)
assert got.shape == (3, 3) and np.allclose(got[0], [0, 2, 4]), (
    f"On the numbers 0 to 35 in six rows, a kernel [[1]] with stride=2 returned "
    f"shape {got.shape}: {got.tolist()}. Its first row should visit 0, 2, 4."
)
# Broader than high, a kernel of one row, and three pixels apart.
image = np.arange(28).reshape(4, 7)
got = np.asarray(conv2d(image, np.array([[1, 10]]), stride=3), float)
assert got.shape == (2, 2) and np.allclose(got, [[10, 43], [241, 274]]), (
    "On the numbers 0 to 27 in four rows, a kernel [[1, 10]] with stride=3 "
    f"returned shape {got.shape}: {got.tolist()}. By hand: 0·1 + 1·10, then "
    "3·1 + 4·10; below them 21·1 + 22·10, then 24·1 + 25·10."
)
### BEGIN HIDDEN TESTS
from scipy.signal import correlate2d

rng = np.random.default_rng(25)
for shape, kernel_shape, stride in [
    ((6, 6), (3, 3), 2),
    ((8, 7), (2, 3), 3),
    ((4, 9), (3, 2), 4),
]:
    image = rng.integers(-9, 10, shape)  # whole numbers in, fractions out
    kernel = rng.normal(size=kernel_shape).round(2)
    got = np.asarray(conv2d(image, kernel, stride=stride), float)
    full = correlate2d(image, kernel, mode="valid")
    want = full[::stride, ::stride]
    turned = correlate2d(image, kernel[::-1, ::-1], mode="valid")
    known = [
        (full, "Where is the stride?"),
        (full[:, ::stride], "The stride holds along both axes."),
        (full[::stride], "The stride holds along both axes."),
        (full[::2, ::2], "The stride may be more than 2."),
        (
            full[: want.shape[0], : want.shape[1]],
            "The size is right, but the window still moves by one.",
        ),
        (turned[::stride, ::stride], "The kernel is not turned."),
    ]
    hint = "The first place is the corner, the next is `stride` pixels further."
    if got.ndim == 2 and got.shape != want.shape:
        hint = "Count the places: how many whole steps have room?"
        if shape[0] != shape[1] and got.shape[0] == got.shape[1]:
            hint = "Neither image nor kernel is square: count for each axis."
    elif np.array_equal(got, got.round()):
        hint = "Only whole numbers came back: what dtype has your array?"
    for wrong, cause in known:
        if wrong.shape == got.shape and np.allclose(wrong, got, atol=1e-4):
            hint = cause
    assert got.shape == want.shape and np.allclose(got, want, atol=1e-4), (
        f"conv2d({image.tolist()}, {kernel.tolist()}, stride={stride}) returned "
        f"shape {got.shape}: {got.round(3).tolist()}. {hint}"
    )
### END HIDDEN TESTS

# %% id="conv2d-padding-check" role="test" points=1 of="conv2d"
import numpy as np

# Nine ones on a white image, as in the lecture.
got = np.asarray(conv2d(np.ones((4, 5)), np.ones((3, 3)), padding=1), float)
assert got.shape == (4, 5), (
    f"4×5 pixels, a kernel of 3×3, padding=1: you returned shape {got.shape}. "
    "One zero on each side: how high and wide is the padded image?"
)
assert np.allclose(got[0], [4, 6, 6, 6, 4]), (
    f"4×5 ones, a kernel of nine ones, padding=1: your first row is "
    f"{got[0].tolist()}. How many pixels of the image does the kernel cover at "
    "a corner, and how many along a side?"
)
### BEGIN HIDDEN TESTS
from scipy.signal import correlate2d


def padded(image, kernel, steps, before, after):
    """The convolution of the image with these zeros around it."""
    wider = np.pad(image, (before, after))
    if np.any(np.less(wider.shape, kernel.shape)):
        return np.empty(0)
    return correlate2d(wider, kernel, mode="valid")[:: steps[0], :: steps[1]]


rng = np.random.default_rng(26)
for shape, kernel_shape, stride, p in [
    ((4, 4), (3, 3), 1, 1),
    ((6, 7), (4, 3), 3, 2),
    ((2, 2), (3, 3), 1, 1),
    ((5, 6), (1, 2), 2, 1),
]:
    image = rng.integers(-9, 10, shape)
    kernel = rng.normal(size=kernel_shape).round(2)
    got = np.asarray(conv2d(image, kernel, stride=stride, padding=p), float)
    both = (stride, stride)
    want = padded(image, kernel, both, p, p)
    known = [
        (((2, 2), p, p), "The stride may be more than 2."),
        (((1, stride), p, p), "The stride holds along both axes."),
        (((stride, 1), p, p), "The stride holds along both axes."),
        ((both, 0, 0), "Where is the padding?"),
        ((both, 0, p), "Zeros come before the image, too."),
        ((both, p, 0), "Zeros come after the image, too."),
        ((both, 2 * p, 2 * p), "`padding` zeros a side."),
        (((1, 1), p, p), "And the stride?"),
    ]
    hint = "First put the zeros around the image, then move over all of it."
    if got.ndim == 2 and got.shape != want.shape:
        hint = "Count the places for each axis, zeros included."
        if any(np.greater(got.shape, want.shape)):
            hint = "At its last place the kernel sticks out of the padding."
        if shape[0] != shape[1] and got.shape[0] == got.shape[1]:
            hint = "Neither image nor kernel is square: count for each axis."
    elif np.array_equal(got, got.round()):
        hint = "Only whole numbers came back: what dtype has your array?"
    elif np.allclose(got, padded(image, kernel[::-1, ::-1], both, p, p)):
        hint = "The kernel is not turned."
    for settings, cause in known:
        wrong = padded(image, kernel, *settings)
        if wrong.shape == got.shape and np.allclose(wrong, got, atol=1e-4):
            hint = cause
    assert got.shape == want.shape and np.allclose(got, want, atol=1e-4), (
        f"conv2d({image.tolist()}, {kernel.tolist()}, stride={stride}, "
        f"padding={p}) returned shape {got.shape}: {got.round(3).tolist()}. "
        f"{hint}"
    )
### END HIDDEN TESTS

# %% [markdown] id="volume" slide="slide"
# ## A photograph is three images
#
# An array of shape $(h, w, 3)$: red, green and blue. Where in the astronaut's
# picture is the orange suit?

# %% id="volume-figure" alt="Three grey pictures of an astronaut before a flag and a shuttle: red, green and blue channel. The suit is bright in the red one, darker in the green one and nearly black in the blue one."
astronaut = resize(data.astronaut(), (256, 256), anti_aliasing=True)
plots.images(
    *np.moveaxis(astronaut, -1, 0),
    titles=["red", "green", "blue"],
    limits=(0, 1),
    height=4.1,
)

# %% [markdown] id="volume-answer" slide="fragment"
# Where red is bright, green darker and blue nearly black.

# %% [markdown] id="volume-notes" slide="notes"
# Ask: "A kernel of 3×3 comes to this picture. On which of the three does it
# lie?" Collect: on the sum, on each by itself, on all with weights of its own.
# The last is the next slide; the second exists too and is called depthwise
# (lecture 8).

# %% [markdown] id="depth" slide="subslide"
# ## A filter reaches through all channels
#
# It has a plane of taps for each channel. All products of all planes are added,
# and one bias: **one filter, one map**, however many channels come in.

# %% id="depth-figure" claims="02-depth" alt="Three pairs of grids, red, green and blue: 3 by 3 pixels, the upper left 2 by 2 of them shaded, and 2 by 2 taps in the same shade. The three pairs are added to the bias 5 and equal one map of 2 by 2, whose upper left number is shaded."
tones = np.random.default_rng(8).integers(0, 4, (3, 3, 3))
planes = np.random.default_rng(9).integers(-1, 3, (2, 2, 3))
parts = [
    correlate2d(tones[..., channel], planes[..., channel], "valid")
    for channel in range(3)
]
first = np.pad(np.ones((2, 2), int), (0, 1))
grids, shades = [], []
for channel, shade in enumerate((6, 3, 1)):
    grids += [tones[..., channel], planes[..., channel]]
    shades += [shade * first, [[shade] * 2] * 2]
plots.number_grids(
    *grids,
    [[5]],
    sum(parts) + 5,
    titles=["red", "taps", "green", "taps", "blue", "taps", "bias", "map"],
    signs=["", "+", "", "+", "", "+", "="],
    taps=[*shades, None, [[2, 0], [0, 0]]],
    kernel_shape=(7,),
    height=2.4,
)

# %% [markdown] id="depth-formula" slide="fragment"
# $$y_{ij} = b + \sum_{u,v,c} x_{i+u,\,j+v,\,c}\;k_{uvc}$$
#
# It does not slide along the channels: they have no order, and no neighbours.

# %% [markdown] id="depth-notes" slide="notes"
# The usual wrong idea: a filter makes three maps of three channels. Ask: "How
# many weights has one filter of 5×5 on a colour photograph?" (75 and a bias,
# not 25.)

# %% [markdown] id="filters" slide="slide"
# ## Many filters, many maps
#
# Four filters of 3×3×3 on the astronaut. Guess each from its map:

# %% id="filters-figure" alt="Four maps of the astronaut. First: a slightly blurred grey photograph. Second: the suit and parts of the flag bright, the rest grey. Third: upright outlines bright or dark on grey. Fourth: level outlines."
luma = np.array([0.2125, 0.7154, 0.0721])  # how bright a colour looks
filters = np.stack(
    [
        blur[..., None] * luma,
        blur[..., None] * [1, 0, -1],
        sobel[..., None] * luma,
        sobel.T[..., None] * luma,
    ],
    axis=-1,
).astype("float32")
maps = keras.ops.conv(astronaut[None].astype("float32"), filters)
maps = keras.ops.convert_to_numpy(maps)[0]
plots.images(
    maps[..., 0],
    *[
        0.5 + strength * maps[..., i]
        for strength, i in [(0.6, 1), (4, 2), (4, 3)]
    ],
    titles=["filter 1", "filter 2", "filter 3", "filter 4"],
    limits=(0, 1),
    height=3.7,
)

# %% [markdown] id="filters-answer" slide="fragment"
# Brightness, red minus blue, upright and level edges. The maps are the channels
# of the next layer: *as many as there are filters*. A kernel array is
# $(k_h, k_w, \text{channels}, \text{filters})$.

# %% [markdown] id="filters-notes" slide="notes"
# What was red and blue is now "upright edge here". Ask: "The next layer
# has 64 filters of 3×3. How deep is each of them?" Four. "And could one of
# them find corners?"

# %% [markdown] id="filters-count" slide="subslide"
# ## Count, before the computer does
#
# A photograph of 32×32×3, six filters of 5×5, no padding. What is the shape
# of the result, and how many weights are learned?

# %% id="filters-count-check" claims="02-volume" slide="fragment"
six = keras.layers.Conv2D(6, 5)
shape = six.compute_output_shape((1, 32, 32, 3))
six.build((1, 32, 32, 3))
print("result:", shape[1:], " kernel:", tuple(six.kernel.shape))
print("weights:", six.count_params(), "=", conv_parameters(5, 3, 6))

# %% [markdown] id="filters-count-answer" slide="fragment"
# 75 taps and one bias a filter, times six. The image's size does not occur:
# the same layer works on a photograph of 4000×3000.

# %% [markdown] id="filters-count-notes" slide="notes"
# Let them write both numbers down first. Common answers for the weights: 150
# (depth forgotten), 450 (bias forgotten), 468 (a bias for each channel of each
# filter). Ask those who have them to say what they counted.

# %% [markdown] id="question-layer" slide="skip"
# ## Question 5. A layer
#
# Write `conv_layer(images, kernel, bias, stride=1, padding=0)`:
#
# - `images`: an array $(n, h, w, c)$, a batch of $n$;
# - `kernel`: an array $(k_h, k_w, c, f)$: `kernel[u, v, i, j]` is the tap in
#   row u, column v of filter j, for channel i;
# - `bias`: an array $(f,)$;
# - `stride` and `padding` as in question 4, along rows and columns.
#
# It returns an array $(n, o_h, o_w, f)$. This is what `keras.layers.Conv2D`
# does; ready-made convolutions are closed.


# %% id="conv-layer" role="answer" minutes=20 taught="depth" forbids="numpy.convolve numpy.correlate keras.ops.conv keras.ops.depthwise_conv keras.ops.separable_conv keras.layers.Conv1D keras.layers.Conv2D keras.layers.Conv3D keras.layers.DepthwiseConv2D keras.layers.SeparableConv2D"
def conv_layer(images, kernel, bias, stride=1, padding=0):
    """(n, h, w, c) -> (n, oh, ow, f): all filters on all images."""
    ### BEGIN SOLUTION
    sides = (padding, padding)
    images = np.pad(images, [(0, 0), sides, sides, (0, 0)])
    kh, kw = kernel.shape[:2]
    rows = range(0, images.shape[1] - kh + 1, stride)
    columns = range(0, images.shape[2] - kw + 1, stride)
    windows = [
        [images[:, i : i + kh, j : j + kw] for j in columns] for i in rows
    ]
    return np.einsum("ijnuvc,uvcf->nijf", windows, kernel) + bias
    ### END SOLUTION


# %% id="conv-layer-check" role="test" points=1.5 of="conv-layer"
import numpy as np

# One pixel with the channels 1, 2, 3; two filters, one by tens.
images = np.array([1, 2, 3]).reshape(1, 1, 1, 3)
kernel = np.array([[1, 10], [1, 20], [1, 30]]).reshape(1, 1, 3, 2)
got = np.asarray(conv_layer(images, kernel, np.array([0.5, 0])), float)
assert got.shape == (1, 1, 1, 2), (
    "One image of one pixel with three channels, two filters of 1×1: you "
    f"returned shape {got.shape}. As many maps as there are filters?"
)
assert np.allclose(np.ravel(got), [6.5, 140]), (
    "A pixel with the channels 1, 2, 3; a filter with the taps 1, 1, 1 and bias "
    f"0.5, one with 10, 20, 30 and bias 0: you returned {np.ravel(got)}. By "
    "hand it is 6.5 and 140: each filter adds up all channels, and its own bias "
    "once."
)
### BEGIN HIDDEN TESTS


def seen(got, want):
    """The shape that came back, or the first place that differs."""
    if got.shape != want.shape:
        return f"shape {got.shape}"
    place = tuple(np.argwhere(~np.isclose(got, want, atol=1e-4))[0].tolist())
    return f"{got[place]:.3f} in place {list(place)}, the first that differs"


def layer(images, kernel, bias):
    """All filters on all images, window by window."""
    kh, kw = kernel.shape[:2]
    windows = np.lib.stride_tricks.sliding_window_view(
        images, (kh, kw), axis=(1, 2)
    )
    return np.einsum("nijcuv,uvcf->nijf", windows, kernel) + bias


rng = np.random.default_rng(27)
# Few shapes: some libraries compile for each.
for shape, kernel_shape in [
    ((1, 3, 4, 3), (2, 3, 3, 2)),
    ((3, 4, 3, 2), (3, 2, 2, 4)),
]:
    images = rng.normal(size=shape).round(2)
    kernel = rng.normal(size=kernel_shape).round(2)
    bias = rng.normal(size=kernel_shape[3]).round(2)
    got = np.asarray(conv_layer(images, kernel, bias), float)
    want = layer(images, kernel, bias)
    cells = kernel_shape[0] * kernel_shape[1]
    known = [
        (want - bias, "Where is the bias?"),
        (
            want + (shape[3] - 1) * bias,
            "The bias is added once, not a channel.",
        ),
        (
            want + (cells - 1) * bias,
            "The bias is added once, not with each tap.",
        ),
        (layer(images, kernel[::-1, ::-1], bias), "The kernel is not turned."),
        (layer(images, kernel, 0) / shape[3] + bias, "Channels are added."),
    ]
    hint = "Each filter has a plane of taps for each channel; all are added."
    for wrong, cause in known:
        if wrong.shape == got.shape and np.allclose(wrong, got, atol=1e-4):
            hint = cause
    assert got.shape == want.shape and np.allclose(got, want, atol=1e-4), (
        f"conv_layer of images of shape {shape}, a kernel of shape "
        f"{kernel_shape} and bias {bias.tolist()} returned {seen(got, want)}. "
        f"{hint}"
    )
### END HIDDEN TESTS

# %% id="conv-layer-stride-check" role="test" points=1.5 of="conv-layer"
import numpy as np

# Two images, four pixels wide; the tap 1 copies what it visits.
images = np.arange(8).reshape(2, 1, 4, 1)
got = conv_layer(
    images, np.ones((1, 1, 1, 1)), np.zeros(1), stride=2, padding=1
)
got = np.asarray(got, float)
assert got.shape == (2, 2, 3, 1), (
    "Two images of 1×4 pixels, a kernel of 1×1, stride=2, padding=1: you "
    f"returned shape {got.shape}. The padded images have 3×6 pixels."
)
assert np.allclose(got[1, :, :, 0], 0), (
    "Two images of 1×4 pixels, a kernel of 1×1, stride=2, padding=1: your "
    f"second map is {got[1, :, :, 0].tolist()}. Which rows of the padded image "
    "does it visit, and what is there?"
)
### BEGIN HIDDEN TESTS


def seen(got, want):
    """The shape that came back, or the first place that differs."""
    if got.shape != want.shape:
        return f"shape {got.shape}"
    place = tuple(np.argwhere(~np.isclose(got, want, atol=1e-4))[0].tolist())
    return f"{got[place]:.3f} in place {list(place)}, the first that differs"


def layer(images, kernel, bias, stride, before, after):
    """All filters on all padded images, window by window."""
    sides = (before, after)
    wider = np.pad(images, [(0, 0), sides, sides, (0, 0)])
    if min(np.subtract(wider.shape[1:3], kernel.shape[:2])) < 0:
        return np.empty(0)
    windows = np.lib.stride_tricks.sliding_window_view(
        wider, kernel.shape[:2], axis=(1, 2)
    )
    windows = windows[:, ::stride, ::stride]
    return np.einsum("nijcuv,uvcf->nijf", windows, kernel) + bias


rng = np.random.default_rng(28)
for shape, kernel_shape, stride, padding in [
    ((2, 3, 6, 2), (3, 2, 2, 3), 2, 1),
    ((1, 4, 7, 2), (2, 3, 2, 1), 3, 2),
]:
    images = rng.normal(size=shape).round(2)
    kernel = rng.normal(size=kernel_shape).round(2)
    bias = rng.normal(size=kernel_shape[3]).round(2)
    got = conv_layer(images, kernel, bias, stride=stride, padding=padding)
    got = np.asarray(got, float)
    want = layer(images, kernel, bias, stride, padding, padding)
    known = [
        ((1, padding, padding), "Where is the stride?"),
        ((stride, 0, 0), "Where is the padding?"),
        ((stride, 0, padding), "Zeros come before the image, too."),
        ((stride, padding, 0), "Zeros come after the image, too."),
        ((stride, 2 * padding, 2 * padding), "`padding` zeros a side."),
    ]
    hint = "Is the check before this one passed? Then think of several images, "
    hint += "and of maps that are not square."
    for settings, cause in known:
        wrong = layer(images, kernel, bias, *settings)
        if wrong.shape == got.shape and np.allclose(wrong, got, atol=1e-4):
            hint = cause
    assert got.shape == want.shape and np.allclose(got, want, atol=1e-4), (
        f"conv_layer of images of shape {shape}, a kernel of shape "
        f"{kernel_shape}, stride={stride}, padding={padding} returned "
        f"{seen(got, want)}. {hint}"
    )
### END HIDDEN TESTS

# %% [markdown] id="one" slide="slide"
# ## 1×1: a kernel that sees no neighbour
#
# What is left to do for a window of one pixel? Three filters of 1×1×3:

# %% id="one-figure" alt="Three maps of the astronaut, as sharp as the photograph. Brightness: an ordinary grey photograph. Red minus blue: the suit bright. Warm: only the suit and the red stripes of the flag are bright, everything else dark."
points = np.stack([luma, [0.6, 0, -0.6], [2, -1, -1]], axis=-1)
bias = np.array([0, 0.5, 0])
colours = astronaut @ points + bias
plots.images(
    *np.moveaxis(np.maximum(colours, 0), -1, 0),
    titles=["brightness", "red − blue", "max(0, 2r − g − b)"],
    limits=(0, 1),
    height=3.8,
)

# %% [markdown] id="one-answer" slide="fragment"
# It mixes **channels**: from $c$ numbers of a pixel it makes $f$ others, in
# every pixel by the same rule. Nothing moves, nothing blurs.

# %% [markdown] id="one-notes" slide="notes"
# Many call it useless at first: "multiplying by a number". Ask: "For how many
# channels is that true?" (One in, one out.) Then show that the cell behind the
# picture has no loop and no convolution: it is a product of the array with a
# matrix of 3×3.

# %% [markdown] id="one-dense" slide="subslide"
# ## It is a dense layer, once a pixel
#
# The same weights in `Conv2D(64, 1)` and in `Dense(64)`, on 14×14×256
# numbers:

# %% id="one-dense-check" claims="02-one"
thick = np.float32(coin.normal(size=(1, 14, 14, 256)))
matrix, zeros = coin.normal(size=(256, 64)) / 16, np.zeros(64)
by_conv, by_dense = keras.layers.Conv2D(64, 1), keras.layers.Dense(64)
by_conv.build(thick.shape)
by_dense.build(thick.shape)
by_conv.set_weights([matrix[None, None], zeros])
by_dense.set_weights([matrix, zeros])
off = keras.ops.max(keras.ops.abs(by_conv(thick) - by_dense(thick)))
print("the same:", float(off) < 1e-4, " weights:", by_conv.count_params())

# %% [markdown] id="one-dense-answer" slide="fragment"
# Lin, Chen and Yan (2014) put such layers behind convolutions, to combine what
# these found. With fewer filters than channels: a *bottleneck* (lecture 6).

# %% [markdown] id="one-dense-notes" slide="notes"
# Ask: "How many weights has the dense layer that joins *all* 14·14·256 numbers
# to all 14·14·64?" (629 million.) Then: "Where is the picture's size in our
# 16,448?" And why both are compared with a tolerance: the same sums, added in
# another order, differ in the last digits.

# %% [markdown] id="question-one" slide="skip"
# ## Question 6. One by one
#
# This one is read by a person. Answer in about eight sentences.

# %% [markdown] id="one-by-one" role="written" points=2 minutes=15
# "A 1×1 convolution sees a single pixel, so it only multiplies each map by a
# number, and a network of nothing but 1×1 convolutions with ReLU (what is
# negative becomes 0) could as well be left out."
#
# 1. Explain why a 1×1 convolution with $c$ channels and $f$ filters is a dense
#    layer, applied in every pixel: say what its input, its output, its weights
#    and its bias are, and how many numbers are learned.
# 2. What in the quotation is right, and what is wrong? Name something that a
#    network of 1×1 convolutions with ReLU can learn to do with a colour
#    photograph, and something that it never can.
# 3. All pixels of all photographs are shuffled, in the same way each. What
#    changes in the result of such a network?
#
# ### BEGIN SOLUTION
# In a pixel the window holds $c$ numbers, the pixel's channels. Filter j adds
# them up, each times its tap `kernel[0, 0, i, j]`, and adds $b_j$: so the
# vector of $c$ numbers goes through a dense layer with the weight matrix
# `kernel[0, 0]` of shape $(c, f)$ and the bias $b$, and $f$ numbers come out.
# All pixels share this layer, $c f + f$ numbers are learned, whatever the size
# of the image.
#
# Right: it sees no neighbour. Wrong: it multiplies by a number only where
# $c = f = 1$; otherwise it mixes channels. Several with ReLU between them are
# a multilayer perceptron on the channels of a pixel, which can learn any
# continuous function of its colour, e.g. find the pixels that are as orange as
# the suit, or turn colours into brightness. It never can do what needs a
# neighbour: find an edge, blur, tell a texture from another of the same
# colours, sharpen, remove noise.
#
# The result is shuffled in the same way, and otherwise the same: each pixel's
# output depends on that pixel alone. (With a 3×3 kernel it would be another.)
#
# **Marking scheme** (2 points): 0.5 for the channels of a pixel as input of a
# dense layer of $c$ inputs and $f$ outputs, shared by all pixels; 0.25 for
# $cf + f$ (without the bias only if said so); 0.25 for "no neighbours" as what
# is right and "mixes channels" as what is wrong; 0.25 each for something that
# it can and something that it cannot do; 0.5 for the result that is shuffled
# along, with its reason (0.25 without one). Nothing for "it reduces the
# number of channels" alone: that is a use, no explanation.
# ### END SOLUTION

# %% [markdown] id="pooling" slide="slide"
# ## Pooling: four numbers become one
#
# Windows of 2×2 side by side; take the largest, or the mean. No taps, nothing
# to learn:

# %% id="pooling-figure" claims="02-max-pool 02-average-pool 02-pool-slip" alt="A 4 by 4 grid in four coloured blocks, rows 29 15 28 184, 0 100 70 38, 12 12 7 2, 12 12 45 6. Beside it the largest of each block, 100 184 over 12 45, and the means, 36 80 over 12 15."
board = np.array(
    [[29, 15, 28, 184], [0, 100, 70, 38], [12, 12, 7, 2], [12, 12, 45, 6]]
)
blocks = board.reshape(2, 2, 2, 2).swapaxes(1, 2).reshape(2, 2, 4)
block = np.array([[1, 2], [3, 4]])
plots.number_grids(
    board,
    blocks.max(axis=2),
    blocks.mean(axis=2),
    titles=["x", "max", "average"],
    signs=["→", ""],
    taps=[block.repeat(2, axis=0).repeat(2, axis=1), block, block],
    kernel_shape=(4,),
    height=3.5,
)

# %% [markdown] id="pooling-answer" slide="fragment"
# Some slides print 31 instead of 29 in the image of the averages, and still 36.
# Check it! (31 gives 36.5.)

# %% [markdown] id="pooling-notes" slide="notes"
# Let them compute the four means by hand before they are shown, half the room
# with 29 and half with 31. Then ask: "Which of the sixteen numbers may I
# change without changing the right-hand tables?" For the maximum: twelve
# at once, downwards; for the mean none.

# %% [markdown] id="pooling-linear" slide="subslide"
# ## Which of the two is a convolution?
#
# Two random maps, pooled by 2×2; then a convolution with stride 2 and taps
# of ¼:


# %% id="pooled" slide="skip"
def pooled(image, kind):
    """Pooling of 2×2 with stride 2; `kind` is np.max or np.mean."""
    h, w = image.shape
    return kind(image.reshape(h // 2, 2, w // 2, 2), axis=(1, 3))


p, q = coin.normal(size=(2, 8, 8))

# %% id="pooling-linear-check" claims="02-pool-linear"
for kind in (np.mean, np.max):
    parts = pooled(p, kind) + pooled(q, kind)
    print(kind.__name__, "is linear:", np.allclose(pooled(p + q, kind), parts))
quarters = by_keras(p, np.full((2, 2), 0.25), strides=2)
print("quarters:", np.allclose(quarters, pooled(p, np.mean), atol=1e-5))

# %% [markdown] id="pooling-linear-answer" slide="fragment"
# The average is a convolution with fixed taps; the maximum is none, whatever
# the taps. Both treat each channel by itself: as many maps come out as go in.

# %% [markdown] id="pooling-linear-notes" slide="notes"
# Ask: "In LeNet the pooling had weights. How many, if each map had one factor
# and one bias?" (Two a map; lecture 4.) "And is the maximum of a window a good
# idea where small numbers matter?"

# %% [markdown] id="indifferent" slide="slide"
# ## To what does pooling make a map indifferent?
#
# Some slides say: to scale. Take the camera's upright edges, and those of the
# photograph moved or enlarged. How alike are they after max pooling?

# %% id="indifferent-figure" claims="02-indifferent" alt="Correlation of the pooled maps over the window's size, 1 to 16. Moved by one pixel: from 0.66 up to 0.99. Moved by four pixels: from 0.12 up to 0.92. Enlarged by a tenth: from 0.18 up to 0.87. Enlarged one and a half times: from 0.02 to 0.14, hardly any; but compared with the first map enlarged as much, 0.96 to 0.99."
scene = camera[40:240, 130:330]


def upright(picture):
    """Its upright edges, 128×128, from the middle of the picture."""
    top, left = (size // 2 - 65 for size in picture.shape)
    return abs(correlate2d(picture[top:, left:][:130, :130], sobel, "valid"))


def alike(first, second, size):
    """Correlation of two maps after max pooling with this window."""
    coarse = [
        each.reshape(128 // size, size, -1, size).max(axis=(1, 3)).ravel()
        for each in (first, second)
    ]
    return np.corrcoef(coarse)[0, 1]


windows = [1, 2, 4, 8, 16]
others = {
    "moved by 1 pixel": np.roll(scene, 1, axis=1),
    "moved by 4 pixels": np.roll(scene, 4, axis=1),
    "enlarged, 1.1": resize(scene, (220, 220), order=1),
    "enlarged, 1.5": resize(scene, (300, 300), order=1),
}
pairs = [(upright(scene), upright(other)) for other in others.values()]
outline = np.pad(abs(correlate2d(scene, sobel, "valid")), 1)
enlarged = resize(outline, (300, 300), order=1)[86:214, 86:214]
pairs.append((enlarged, upright(others["enlarged, 1.5"])))
plots.curves(
    *[(windows, [alike(*pair, n) for n in windows]) for pair in pairs],
    labels=[*others, "1.5, first map too"],
    axes=("window of the pooling", "correlation"),
)

# %% [markdown] id="indifferent-answer" slide="fragment"
# To **movements of less than the window**. Enlarging by half moves the rim by 21
# to 32 pixels; enlarge the first map too (last curve), and they agree.

# %% [markdown] id="indifferent-notes" slide="notes"
# Let them draw the curves before they see them. Enlarging moves a pixel by a
# share of its distance from the middle: by a tenth at most 6 pixels along an
# axis, which a window of 16 forgives; by half up to 32. The highest curve undoes
# that: both maps are enlarged, and hardly differ, so it is not that the kernel
# misses larger edges. Then ask: "Is it more indifferent with max or with
# average?" Many slides say max; here it is, by a little: with windows of 16 and
# moved by four 0.92 against 0.87. And: "What happens to a network that must say
# *where* the edge is?"

# %% [markdown] id="decorrelate" slide="skip"
# ## A side question: does pooling decorrelate?
#
# Some slides say that it does. How alike are neighbours in a row, in the map of
# upright edges and in the pooled map?


# %% id="decorrelate-check" slide="skip" claims="02-decorrelates"
def neighbours(image):
    """Correlation of each number with the next in its row."""
    return np.corrcoef(image[:, :-1].ravel(), image[:, 1:].ravel())[0, 1]


outlines = abs(correlate2d(camera, sobel, "valid"))
for name, image in [
    ("the map", outlines),
    ("max pooled by 2", pooled(outlines, np.max)),
    ("mean pooled by 2", pooled(outlines, np.mean)),
    ("every second", outlines[::2, ::2]),
]:
    print(f"{name:17} {neighbours(image):.2f}")

# %% [markdown] id="decorrelate-answer" slide="skip"
# Max pooling does not, here: an edge is some pixels wide, and its large numbers
# win in the windows on both sides. Leaving numbers out does, for what is left
# lies further apart.

# %% [markdown] id="question-pool" slide="skip"
# ## Question 7. Pooling
#
# Write `pool(maps, size, stride, kind)`: for `maps` of shape $(h, w, c)$ an
# array $(o_h, o_w, c)$ with, for each channel by itself, the largest number
# (`kind="max"`) or the mean (`kind="average"`) of each window of
# `size`×`size` pixels. Windows move by `stride` and never leave the map; they
# may overlap or leave gaps. Pixels left over at the end are dropped.
#
# Keras's pooling is closed.


# %% id="pool" role="answer" minutes=15 taught="pooling" forbids="keras.ops.max_pool keras.ops.average_pool keras.layers.MaxPool1D keras.layers.MaxPool2D keras.layers.MaxPool3D keras.layers.MaxPooling1D keras.layers.MaxPooling2D keras.layers.MaxPooling3D keras.layers.AveragePooling1D keras.layers.AveragePooling2D keras.layers.AveragePooling3D"
def pool(maps, size, stride, kind):
    """(h, w, c) -> (oh, ow, c): the largest or the mean of each window."""
    ### BEGIN SOLUTION
    reduce = np.max if kind == "max" else np.mean
    h, w = np.shape(maps)[:2]
    return np.array(
        [
            [
                reduce(maps[i : i + size, j : j + size], axis=(0, 1))
                for j in range(0, w - size + 1, stride)
            ]
            for i in range(0, h - size + 1, stride)
        ]
    )
    ### END SOLUTION


# %% id="pool-check" role="test" points=1.5 of="pool"
import numpy as np

# Windows side by side, one channel.
maps = np.array([[1, 2, 5, 0], [3, 6, 1, 4]]).reshape(2, 4, 1)
for kind, want in [("max", [6, 5]), ("average", [3, 2.5])]:
    got = np.asarray(pool(maps, 2, 2, kind), float)
    assert got.shape == (1, 2, 1), (
        f'A map of 2×4 pixels and one channel, pool(maps, 2, 2, "{kind}"): you '
        f"returned shape {got.shape}. How many windows of 2×2 lie side by side?"
    )
    assert np.allclose(np.ravel(got), want), (
        f'The rows 1 2 5 0 and 3 6 1 4, pool(maps, 2, 2, "{kind}"): you '
        f"returned {np.ravel(got)}. By hand it is {want[0]} and {want[1]}."
    )
### BEGIN HIDDEN TESTS


def seen(got, want):
    """The shape that came back, or the first place that differs."""
    if got.shape != want.shape:
        return f"shape {got.shape}"
    place = tuple(np.argwhere(~np.isclose(got, want, atol=1e-5))[0].tolist())
    return f"{got[place]:.3f} in place {list(place)}, the first that differs"


rng = np.random.default_rng(29)
for h, w, c, size in [(6, 4, 3, 2), (3, 9, 2, 3)]:
    # Whole numbers, most below zero: a maximum need not be positive.
    maps = rng.integers(-9, 5, (h, w, c))
    cut = maps.reshape(h // size, size, w // size, size, c)
    for kind, want in [
        ("max", cut.max(axis=(1, 3))),
        ("average", cut.mean(axis=(1, 3))),
    ]:
        got = np.asarray(pool(maps, size, size, kind), float)
        far = cut.max(axis=(1, 3)), cut.min(axis=(1, 3))
        known = [
            (
                np.maximum(want, 0),
                "The largest of negative numbers is negative.",
            ),
            (
                np.where(far[0] >= -far[1], *far),
                "The largest, not the farthest from 0: -1 is more than -3.",
            ),
            (
                np.maximum(far[0], -far[1]),
                "The largest, signs and all: -1 is more than -3.",
            ),
            (want * size**2, "A mean, no sum."),
            (
                np.trunc(want),
                "A mean has fractions: what dtype has your array?",
            ),
        ]
        hint = "One window after the other, each channel by itself."
        if got.shape[:2] == want.shape[:2] and got.shape != want.shape:
            hint = "Channels are not pooled: as many come out as go in."
        elif got.shape == want.shape:
            for wrong, cause in known:
                if np.allclose(got, wrong, atol=1e-5):
                    hint = cause
        assert got.shape == want.shape and np.allclose(got, want, atol=1e-5), (
            f'pool(maps, {size}, {size}, "{kind}") of maps of shape '
            f"{maps.shape}, whose first channel is {maps[..., 0].tolist()}, "
            f"returned {seen(got, want)}. {hint}"
        )
### END HIDDEN TESTS

# %% id="pool-overlap-check" role="test" points=1.5 of="pool"
import numpy as np

# As in AlexNet: windows of three pixels, two apart.
maps = np.arange(35).reshape(5, 7, 1)
got = np.asarray(pool(maps, 3, 2, "max"), float)
assert got.shape == (2, 3, 1), (
    f'A map of 5×7 pixels, pool(maps, 3, 2, "max"): you returned shape '
    f"{got.shape}. Windows of three pixels, two pixels apart: how many fit, "
    "down and across?"
)
assert np.allclose(got[0, :, 0], [16, 18, 20]), (
    'The numbers 0 to 34 in five rows of seven, pool(maps, 3, 2, "max"): your '
    f"first row is {got[0, :, 0].tolist()}. By hand it is 16, 18, 20, each the "
    "last number of its window."
)
### BEGIN HIDDEN TESTS


def seen(got, want):
    """The shape that came back, or the first place that differs."""
    if got.shape != want.shape:
        return f"shape {got.shape}"
    place = tuple(np.argwhere(~np.isclose(got, want, atol=1e-5))[0].tolist())
    return f"{got[place]:.3f} in place {list(place)}, the first that differs"


def windows_of(maps, size, stride):
    """(oh, ow, c, size, size): all windows that lie on the map."""
    found = np.lib.stride_tricks.sliding_window_view(
        maps, (size, size), axis=(0, 1)
    )
    return found[::stride, ::stride]


rng = np.random.default_rng(30)
for shape, size, stride in [
    ((5, 6, 1), 3, 2),
    ((4, 3, 2), 2, 1),
    ((7, 8, 3), 2, 3),
]:
    maps = rng.integers(-9, 5, shape)
    cut = windows_of(maps, size, stride)
    for kind, want in [
        ("max", cut.max(axis=(3, 4))),
        ("average", cut.mean(axis=(3, 4))),
    ]:
        got = np.asarray(pool(maps, size, stride, kind), float)
        far = cut.max(axis=(3, 4)), cut.min(axis=(3, 4))
        known = [
            (
                np.maximum(want, 0),
                "The largest of negative numbers is negative.",
            ),
            (
                np.where(far[0] >= -far[1], *far),
                "The largest, not the farthest from 0: -1 is more than -3.",
            ),
            (
                np.maximum(far[0], -far[1]),
                "The largest, signs and all: -1 is more than -3.",
            ),
            (want * size**2, "A mean, no sum."),
            (
                np.trunc(want),
                "A mean has fractions: what dtype has your array?",
            ),
        ]
        hint = "The first window is the corner, the next `stride` pixels on."
        if got.shape == windows_of(maps, size, size).shape[:3] != want.shape:
            hint = "Windows move by `stride`, not by their size."
        elif got.ndim == 3 and any(np.greater(got.shape[:2], want.shape[:2])):
            hint = "Windows that would leave the map are dropped."
        elif got.shape == want.shape:
            for wrong, cause in known:
                if np.allclose(got, wrong, atol=1e-5):
                    hint = cause
        assert got.shape == want.shape and np.allclose(got, want, atol=1e-5), (
            f'pool(maps, {size}, {stride}, "{kind}") of maps of shape {shape}, '
            f"whose first channel is {maps[..., 0].tolist()}, returned "
            f"{seen(got, want)}. {hint}"
        )
### END HIDDEN TESTS

# %% [markdown] id="wave" slide="slide"
# ## Every second number: what can go wrong?
#
# Stride 2 and pooling leave one number for every two. Take every second one of
# a fast wave:

# %% id="wave-figure" claims="02-alias-wave" alt="A wave with a period of 2.2 pixels, dots on every second pixel of it, and a slow wave with a period of 20 pixels that passes through all the dots."
fine = np.linspace(0, 40, 1201)
half = np.arange(0, 41, 2)
plots.curves(
    (fine, np.cos(2 * np.pi * 0.45 * fine)),
    (half, np.cos(2 * np.pi * 0.45 * half)),
    (fine, np.cos(2 * np.pi * 0.05 * fine)),
    labels=["0.45 waves a pixel", "every second pixel", "0.05 waves a pixel"],
    axes=("pixel", "brightness"),
    dots=[False, True, False],
)

# %% [markdown] id="wave-answer" slide="fragment"
# The dots cannot tell the fast wave from a slow one that was never there. This
# is **aliasing**; it begins at a quarter of a wave a pixel.

# %% [markdown] id="wave-notes" slide="notes"
# Cover the slow wave at first and ask them to draw the curve through the dots.
# Then: "Where have you seen wheels turn backwards?" Every second pixel of f
# waves a pixel is the same as of 0.5 - f.

# %% [markdown] id="plate" slide="subslide"
# ## Rings that were never there
#
# A plate whose rings get finer outwards, up to half a wave a pixel. Every
# second pixel; and the same after a blur with 1 4 6 4 1 in each direction:

# %% id="plate-figure" alt="Three pictures. The plate: rings around its middle, finer and finer outwards. Every second pixel: besides these, further sets of false rings around the middles of all four sides and in the corners. Blurred first: the middle's rings alone, fading into even grey outwards."
down, right = np.mgrid[-64:64, -64:64]
plate = 0.5 + 0.5 * np.cos(np.pi * (down**2 + right**2) / 128)
soft = correlate2d(np.pad(plate, 2, mode="reflect"), square / 256, "valid")
plots.images(
    plate,
    plate[::2, ::2],
    soft[::2, ::2],
    titles=["the plate", "every second", "blurred first"],
    limits=(0, 1),
    height=0.5 + 640 / 192,  # five dots a pixel: no new rings by drawing
)

# %% [markdown] id="plate-answer" slide="fragment"
# So the rule is: **blur, then** take every second sample.

# %% [markdown] id="plate-notes" slide="notes"
# Ask: "Which rings in the middle picture are true?" Those within half the
# radius. The others look just as real, and no later layer can tell. Then ask
# what the third picture lost: everything outside, for it cannot be shown with
# so few pixels, and honest grey stands in its place.

# %% [markdown] id="gain" slide="slide"
# ## How much blur is enough?
#
# A blur leaves a wave a wave, but weaker. How much of it, for waves of each
# speed? What is kept right of ¼ turns into something false.

# %% id="gain-figure" claims="02-gain" alt="The share of a wave that is left, over 0 to 0.5 waves a pixel. No blur: 1 everywhere. 1 1: falls slowly to 0 at 0.5, about 0.7 at a quarter. 1 2 1: 0.5 at a quarter. 1 4 6 4 1: 0.25 at a quarter and nearly 0 beyond 0.4."
speeds = np.linspace(0, 0.5, 101)
blurs = {
    "no blur": [1],
    "1 1": [1, 1],
    "1 2 1": [1, 2, 1],
    "1 4 6 4 1": [1, 4, 6, 4, 1],
}
gains = {
    name: abs(np.exp(-2j * np.pi * np.outer(speeds, range(len(k)))) @ k)
    / sum(k)
    for name, k in blurs.items()
}
plots.curves(
    *[(speeds, gain) for gain in gains.values()],
    labels=list(gains),
    axes=("waves a pixel", "share kept"),
)

# %% [markdown] id="gain-answer" slide="fragment"
# Average pooling is the blur 1 1: better than nothing. Max pooling blurs not at
# all. No short kernel is perfect, and each dims true waves too.

# %% [markdown] id="gain-notes" slide="notes"
# Ask: "Read off what a 2×2 average leaves of the finest pattern, black and
# white pixels in turn." (Nothing.) "And of one of 0.3?" More than half, all of
# it false after the step of two. The curves are cosines: |cos pi f| to the
# power 1, 2 and 4.

# %% [markdown] id="folded" slide="subslide"
# ## And in photographs?
#
# Split three photographs into waves (Fourier). Which share of their variance
# would fold into something false at every second pixel?


# %% id="folded-figure" claims="02-folded" alt="A table of shares. Rows: grass, brick, camera; columns: no blur, 1 1, 1 2 1, 1 4 6 4 1, and the picture's edges without blur. Grass: 15.3, 3.8, 1.4 and 0.2 percent, edges 32.9; brick: 1.3, 0.4, 0.2, 0.0, edges 8.4; camera: 1.0, 0.2, 0.1, 0.0, edges 13.8."
def folded(picture, taps):
    """The share of the blurred picture's variance beyond a quarter."""
    mirrored = np.pad(picture, [(0, n) for n in picture.shape], "symmetric")
    gain = np.fft.fft(taps, mirrored.shape[0]) / sum(taps)
    power = abs(np.fft.fft2(mirrored) * np.outer(gain, gain)) ** 2
    power[0, 0] = 0  # the mean is no wave
    slow = abs(np.fft.fftfreq(mirrored.shape[0])) < 0.25
    return 1 - power[np.ix_(slow, slow)].sum() / power.sum()


shares = [["", *blurs, "edges"]]
for name in ("grass", "brick", "camera"):
    picture = getattr(data, name)() / 255
    each = [folded(picture, taps) for taps in blurs.values()]
    each.append(folded(abs(correlate2d(picture, sobel, "valid")), [1]))
    shares.append([name, *[f"{share:.1%}" for share in each]])
plots.number_grids(shares, height=3.0)

# %% [markdown] id="folded-answer" slide="fragment"
# Little in smooth photographs, much in grass; more in each one's map of upright
# edges (last column, no blur).

# %% [markdown] id="folded-notes" slide="notes"
# Ask: "Which of your own photographs would suffer?" Shirts with stripes, roof
# tiles, fabrics, hair. The share is of variance, so an amplitude is its root.

# %% [markdown] id="equivariance" slide="slide"
# ## Move, then convolve = convolve, then move?
#
# Matrices decide it: $C$ is the layer's, $S$ moves eight numbers by one, round a
# circle. Is $C S = S C$, or $S$ to any other power on the left?


# %% id="movements" slide="skip"
def mover(size, by):
    """The matrix that moves `size` numbers by `by` places, round a circle."""
    return np.roll(np.eye(size, dtype=int), by, axis=0)


def moves_along(layer, by):
    """Whether a moved input gives the output moved, by however much."""
    outputs, inputs = layer.shape
    given = layer @ mover(inputs, by)
    return any(
        np.array_equal(given, mover(outputs, n) @ layer) for n in range(outputs)
    )


bordered = convolution_matrix(np.array([3, 1, 2]), (8,), padding=1)
circle = 3 * mover(8, 1) + mover(8, 0) + 2 * mover(8, -1)

# %% id="equivariance-check" claims="02-equivariance"
print("round a circle, by 1:", moves_along(circle, 1))
print("zeros around,   by 1:", moves_along(bordered, 1))
print("stride 2,       by 1:", moves_along(circle[::2], 1))
print("stride 2,       by 2:", moves_along(circle[::2], 2))

# %% [markdown] id="equivariance-answer" slide="fragment"
# A convolution is **equivariant**: the answer moves along. Zeros break that at
# the border, stride 2 breaks it for every odd movement, and five halvings for
# all but multiples of 32.

# %% [markdown] id="equivariance-notes" slide="notes"
# Ask for the difference: *equi*variant, the answer moves along; *in*variant,
# it stays. "Which one do you want for a label, which one for a mask of
# pixels?" And: "Is a convolution equivariant to turning the picture?" (No;
# let somebody find a kernel that shows it.)

# %% [markdown] id="only" slide="subslide"
# ## It is the only such layer
#
# Take *any* dense layer, here random weights. Move its input by one, two, ...
# places round a circle, its answers back, and take the mean of all five:

# %% id="only-figure" claims="02-only" alt="Left a 5 by 5 matrix of random whole numbers. Right the mean: a matrix whose every row is the row above moved by one, so that all diagonals are constant around the circle."
W = np.random.default_rng(11).integers(-9, 10, (5, 5))
average = sum(mover(5, -n) @ W @ mover(5, n) for n in range(5)) / 5
stripes = (np.arange(5) - np.arange(5)[:, None]) % 5 + 1
plots.number_grids(
    W,
    average,
    titles=["any layer", "its mean"],
    signs=["→"],
    taps=[None, stripes],
    kernel_shape=(5,),
    height=3.3,
)

# %% [markdown] id="only-answer" slide="fragment"
# A convolution appears. If place did not matter before, the mean changes
# nothing: the layer *was* this convolution. Who wants such a linear layer has
# **no other choice**: weight sharing is no trick to save memory.

# %% [markdown] id="only-notes" slide="notes"
# The first answer of this lecture's opening question. The proof is one line:
# entry (i, j) of the mean is the mean of W along (i + n, j + n), which depends
# on j - i alone. Local perception is another matter: this kernel has as many
# taps as there are numbers.

# %% [markdown] id="shifted-pool" slide="slide"
# ## The other half: where pooling spoils it
#
# A row of pairs, and the same row moved by one. Max pooling by 2; then the same
# with a blur, (1 2 1)/4, between the maximum and the step of two:

# %% id="shifted-pool-figure" claims="02-max-shift 02-blur-shift" alt="Three tables of two rows. Input: 0 0 1 1 0 0 1 1, and moved by one. Max pooling by 2: 0 1 0 1 for the first, 1 1 1 1 for the second. Maximum, blur, every second: 0.5 1 0.5 1 and four times 0.75."
pairs = np.array([0, 0, 1, 1, 0, 0, 1, 1])
both = np.array([pairs, np.roll(pairs, 1)])
of_two = np.maximum(both, np.roll(both, -1, axis=1))  # stride 1, round a circle
blurred_max = (
    np.roll(of_two, 1, axis=1) + 2 * of_two + np.roll(of_two, -1, axis=1)
) / 4
plots.number_grids(
    both,
    of_two[:, ::2],
    blurred_max[:, ::2],
    titles=["input, and moved", "max pool 2", "max, blur, every 2nd"],
    signs=["", ""],
    taps=[both, of_two[:, ::2], (4 * blurred_max[:, ::2]).astype(int) // 2],
    kernel_shape=(3,),
    height=3.4,
)

# %% [markdown] id="shifted-pool-answer" slide="fragment"
# Moved by one, max pooling gives another pattern. Max pooling is a maximum at
# every place, then a step of two: blur between them (Zhang 2019), and the
# answers come closer.

# %% [markdown] id="shifted-pool-notes" slide="notes"
# The example is Zhang's. Ask: "So does pooling help against movements, as the
# curves showed, or not?" Both: a pooled map changes *less* than the map did,
# but not smoothly, and an unlucky pixel flips it. He trained networks with the
# blur and found them both steadier and more accurate on ImageNet.

# %% [markdown] id="steadier" slide="subslide"
# ## Measured on a photograph
#
# Upright edges in the grass, halved in five ways. The photograph moves by one
# pixel: how far does the result change, against its own variation?

# %% id="steadier-figure" claims="02-steadier" alt="A table of changes: every second 1.13, average pool 0.77, max pool 0.73, blur 0.62, max and blur 0.49."
lawn = abs(correlate2d(data.grass() / 255, sobel, "valid"))


def most(image):
    """The largest of each 2×2 window, at every place."""
    image = np.maximum(image[1:], image[:-1])
    return np.maximum(image[:, 1:], image[:, :-1])


def soft_121(image):
    """Blurred by 1 2 1 in each direction."""
    return correlate2d(image, np.outer([1, 2, 1], [1, 2, 1]) / 16, "valid")


halvings = {
    "every second": lambda image: image,
    "average pool": lambda image: correlate2d(image, ones[:2, :2] / 4, "valid"),
    "max pool": most,
    "blur": soft_121,
    "max, blur": lambda image: soft_121(most(image)),
}
changes = []
for halving in halvings.values():
    here, there = (
        halving(moved)[::2, ::2] for moved in (lawn[:, :-1], lawn[:, 1:])
    )
    changes.append(np.sqrt(np.mean((here - there) ** 2)) / here.std())
plots.number_grids(
    np.array([[*halvings], [f"{change:.2f}" for change in changes]]),
    height=2.0,
)

# %% [markdown] id="steadier-answer" slide="fragment"
# 0 would be no change, about 1.4 two maps with nothing in common. Any average
# over neighbours helps. So does a maximum: it widens bright lines, though it is
# no blur and does alias. A blur behind it helps most of all.

# %% [markdown] id="steadier-notes" slide="notes"
# Ask which of the five they would have bet on. Average and max pooling are
# about equal here. Two maps of equal variation that have nothing in common
# differ by the root of 2.

# %% [markdown] id="instead" slide="slide"
# ## A strided convolution instead?
#
# Springenberg and others (2015) took the pooling out and put convolutions with
# stride 2 in. With 64 maps in and out:

# %% id="instead-check" claims="02-instead"
print("max or average pooling: 0 weights")
print("2×2, stride 2:", conv_parameters(2, 64, 64), "weights")
print("3×3, stride 2:", conv_parameters(3, 64, 64), "weights")

# %% [markdown] id="instead-answer" slide="fragment"
# - It *learns* how to shrink, and mixes the maps.
# - It can become the average, but no maximum.
# - It costs weights and work.
# - It aliases, too, unless it learns to blur.

# %% [markdown] id="instead-notes" slide="notes"
# Their networks lost nothing by it; ResNets (lecture 7) mostly shrink so. Ask:
# "Which of the two would you take for 1,797 digits, which for a million
# photographs?" Weights need data. Then: "What would a *pool and 1×1
# convolution* be?" Something between, much cheaper than 3×3.

# %% [markdown] id="remember" slide="slide"
# ## What to remember
#
# - Shared weights: the only linear layer (on a circle) for which place does not
#   matter. Local is a second decision.
# - Layers do not flip. Flipping makes the algebra work, in full or cyclic.
# - The taps' sum tells what becomes of a white wall.
# - One filter reaches through all channels and makes one map.
# - 1×1: a dense layer once a pixel.
# - Pooling forgives movements smaller than its window.
# - Blur before you leave pixels out.

# %% [markdown] id="remember-notes" slide="notes"
# Slide covered: "Five sentences to someone who missed today." Then the opening
# question: why so few weights, and why the same everywhere?

# %% [markdown] id="sources" slide="slide"
# ## Sources
#
# - Hubel, Wiesel: J. Physiol. 160, 1962 (receptive fields in a cat's cortex)
# - Fukushima: Neocognitron. Biol. Cybern. 36, 1980
# - LeCun and others: Neural Comput. 1, 1989 (zip codes, shared weights)
# - Dumoulin, Visin: arXiv:1603.07285 (arithmetic)
# - Lin, Chen, Yan: Network in network. arXiv:1312.4400
# - Springenberg and others: arXiv:1412.6806 (strides for pooling)
# - Islam, Jia, Bruce: arXiv:2001.08248 (zeros and position)
# - Zhang: arXiv:1904.11486 (blur)
