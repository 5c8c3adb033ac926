# %% [markdown] id="title" slide="slide"
# # 12 · Transposed convolution
#
# A 2×2 map comes in, a 4×4 map goes out. By which rule, and what do the
# sixteen numbers mean?
#
# After this lecture you can
#
# - write any convolution as a matrix, and use its transpose,
# - say what that does *not* do: undo the convolution,
# - compute it in three ways, and tell which size comes out,
# - begin with a good kernel, and avoid checkerboards.

# %% [markdown] id="title-notes" slide="notes"
# Ask the room: "I convolved a 4×4 image and got a 2×2 one. Here are the kernel
# and the four numbers. Who can give me the image back?" Count the hands for
# yes and for no, write both on the board, and keep them for the slide "Is it
# the way back?".

# %% [markdown] id="about" slide="skip"
# The nine questions take about 135 minutes; they give 20 points.
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
    transposed_conv_output_size,
)
from course.convolution_matrix import convolution_matrix
from course.gradients import value_and_gradients
from course.initializers import Bilinear
from course.layers import TransposedConv

# %% [markdown] id="why-up" slide="slide"
# ## Down for the view, up for the answer
#
# A network that labels every pixel first shrinks the image, because strides
# and pooling let it see far. Its last map is coarse; its answer must be fine.
#
# Long, Shelhamer and Darrell (2015) climb back with a layer whose weights are
# learned, the **transposed convolution**.
#
# Transposed? It is no image that is transposed, but a matrix. So first:
# *which matrix is a convolution?*

# %% [markdown] id="flattening" slide="slide"
# ## A matrix wants a vector, so read the image like a page
#
# Row after row: the **flattened** image is called $X^f$.

# %% id="flattening-figure" claims="12-flattened" alt="A 4 by 4 grid of the numbers 0 to 15, each row in a colour of its own, and beside it the same sixteen cells in one long row: first row first, then the second, third and fourth."
places = np.arange(16).reshape(4, 4)
rows = places // 4 + 1
plots.number_grids(
    places,
    places.ravel(),
    titles=["X", "X flattened"],
    signs=["→"],
    taps=[rows, rows],
    kernel_shape=(4,),
)

# %% [markdown] id="flattening-order" slide="fragment"
# Not column after column: that is a vector too, but of another order, and
# every matrix that follows would have its rows and columns shuffled. NumPy's
# `ravel` and `reshape` and Keras's `Flatten` read row by row.

# %% [markdown] id="flattening-notes" slide="notes"
# Ask: "Which place has the pixel in row 2, column 1?" Then cover the picture
# and ask the same of an image with ten columns. With channels: "Where does the
# third colour of the first pixel stand, and where the first of the second?"

# %% [markdown] id="question-flattening" slide="skip"
# ## Question 1. A pixel's place
#
# Write `place(row, column, channel, shape)`: at which place, counted from 0,
# does the flattened image hold this number of an image of
# `shape` $(h, w, c)$? Images are read row by row, in a row pixel by
# pixel, in a pixel channel by channel. All arguments count from 0 and lie
# inside the image.
#
# Count it yourself: `np.ravel_multi_index` and `np.unravel_index` are closed.


# %% id="place" role="answer" minutes=5 forbids="numpy.ravel_multi_index numpy.unravel_index"
def place(row, column, channel, shape):
    """Where the flattened image of `shape` (h, w, c) holds this number."""
    ### BEGIN SOLUTION
    _, width, channels = shape
    return (row * width + column) * channels + channel
    ### END SOLUTION


# %% id="place-check" role="test" points=1 of="place"
import numpy as np

# The lecture's picture: 4x4 pixels, one channel.
for row, column, hint in [
    (0, 3, "It stands in the first row: nothing was read before that row."),
    (1, 0, "One whole row was read before it."),
    (2, 1, "Two whole rows were read before it, and one pixel."),
]:
    got = place(row, column, 0, (4, 4, 1))
    assert np.size(got) == 1 and np.ravel(got)[0] == 4 * row + column, (
        f"place({row}, {column}, 0, (4, 4, 1)) returned {got}. Look for it in "
        f"the lecture's picture of the numbers 0 to 15. {hint}"
    )
### BEGIN HIDDEN TESTS
for shape in [(2, 5, 1), (5, 2, 1), (2, 3, 4), (4, 2, 3), (1, 1, 6), (3, 7, 2)]:
    for want, (row, column, channel) in enumerate(np.ndindex(*shape)):
        got = place(row, column, channel, shape)
        assert np.size(got) == 1, (
            f"place({row}, {column}, {channel}, {shape}) returned {got}: one "
            "number?"
        )
        h, w, c = shape
        slips = {
            (row * h + column) * c + channel: "How long is a row?",
            row * w + column: "What of the channels?",
            channel * h * w + row * w + column: "Channels lie in each pixel.",
            (column * h + row) * c + channel: "Read row by row.",
            want + 1: "Count from 0.",
        }
        assert np.ravel(got)[0] == want, (
            f"place({row}, {column}, {channel}, {shape}) returned {got}. "
            + slips.get(
                int(np.ravel(got)[0]),
                "How many numbers are read before this one: whole rows, whole "
                "pixels, channels?",
            )
        )
### END HIDDEN TESTS

# %% [markdown] id="windows" slide="slide"
# ## Four windows make four pixels
#
# Call the nine taps of a 3×3 kernel $\varphi$ by letters, a to i. On a 4×4
# image it fits in 2×2 places, and each place gives one pixel of the output
# $X'$.

# %% id="windows-figure" alt="Four pictures of a 4 by 4 image, one for each pixel of the 2 by 2 output. In each the 3 by 3 kernel with taps a to i covers another corner of the image: upper left, upper right, lower left, lower right."
taps = np.arange(1, 10).reshape(3, 3)
letters = np.array(["", *"abcdefghi"])
windows = convolution_matrix(taps, (4, 4)).reshape(4, 4, 4)
outputs = [f"X'[{row}, {column}]" for row in (0, 1) for column in (0, 1)]
plots.number_grids(
    *letters[windows], titles=outputs, taps=windows, kernel_shape=(3, 3)
)

# %% [markdown] id="windows-notes" slide="notes"
# Ask: "Which pixels of the image does X'[0, 1] never look at? What is the tap
# of such a pixel?" The answer, zero, is the next slide's idea: a window is a
# full-sized image of taps, mostly zeros.
#
# Say that the kernel is laid down as it is. What deep learning calls a
# convolution does not flip it; a mathematician would say cross-correlation.

# %% [markdown] id="matrix" slide="slide"
# ## Flatten the four windows: the convolution matrix
#
# Each window, flattened like the image, becomes one row.

# %% id="matrix-figure" claims="12-shapes 12-first-row" alt="A matrix of 4 rows, one for each output pixel, and 16 columns in four blocks, one for each row of the image. Each row holds a b c, d e f and g h i in three neighbouring blocks. The second row is the first moved right by one, the third is the first moved right by four."
where = convolution_matrix(taps, (4, 4))
image_rows = [f"row {row} of X" for row in range(4)]
plots.tap_matrix(where, (3, 3), rows=outputs, columns=image_rows)

# %% [markdown] id="matrix-question" slide="fragment"
# One step right moves everything by one place; one step down by four, a whole
# row of the image. Two steps right are no move of the kernel: it would leave
# the image at the right edge and come in again at the left.

# %% [markdown] id="matrix-notes" slide="notes"
# Ask before the fragment: "From the first row to the second everything moves
# by one, from the first to the third by four. Why four? And which move can a
# row *not* make without being torn apart at the end of a block?" Let them
# find it: four places, whatever the kernel's width.

# %% [markdown] id="equation" slide="slide"
# ## So a convolution is a dense layer
#
# $$X'^f = C\,X^f$$
#
# - A **row** of $C$ for each output pixel, a **column** for each input pixel.
# - Where both are joined by a tap, $C$ holds it; elsewhere it holds 0.
# - A dense layer, then (a bias comes after, as there), but with few of its
#   connections, and few weights:

# %% id="equation-counts" claims="12-counts"
print("entries of C:      ", where.size)
print("joined by a tap:   ", np.count_nonzero(where))
print("weights to learn:  ", len(np.unique(where[where > 0])))

# %% [markdown] id="equation-notes" slide="notes"
# This is the example of Dumoulin and Visin, section 4.1. Ask: "How many
# weights has the dense layer from 16 to 4 numbers? What did we pay for having
# so few?" (We decided beforehand that far pixels do not matter and that the
# same thing is looked for everywhere.)

# %% [markdown] id="numbers" slide="slide"
# ## Does it hold on numbers?
#
# Numbers thrown by dice; the kernel is laid down, not flipped. Check one pixel
# by hand, then compare the matrix with Keras, which slides the kernel.

# %% id="numbers-figure" claims="12-product" alt="The 4 by 4 image X of small random integers, the 3 by 3 kernel, and the 2 by 2 result twice, by the matrix and by Keras: the same four numbers."
dice = np.random.default_rng(12)
X = dice.integers(1, 6, (4, 4)).astype("float32")
phi = dice.integers(0, 3, (3, 3)).astype("float32")
C = convolution_matrix(phi, X.shape)
X_prime = (C @ X.ravel()).reshape(2, 2)
# Keras counts axes for a batch and for channels too; here both have length 1.
slid = keras.ops.conv(X.reshape(1, 4, 4, 1), phi.reshape(3, 3, 1, 1))
slid = keras.ops.convert_to_numpy(slid).reshape(2, 2)
plots.number_grids(
    X,
    phi,
    X_prime,
    slid,
    titles=["X", "φ", "by C", "by Keras"],
    signs=["*", "=", "="],
)

# %% [markdown] id="padding" slide="slide"
# ## Padding and stride: columns and rows
#
# One dimension is enough. The image is a b c d, the kernel x y z, padding
# $p=1$ puts a zero at both ends, stride $s=2$ keeps every second place.

# %% id="padding-figure" claims="12-padded" alt="A matrix of two rows and six columns named 0 a b c d 0. First row: x y z and three empty cells. Second row: two empty cells, x y z and one empty cell."
line = np.array([1, 2, 3])  # tap 1 is called x, tap 2 y, tap 3 z
padded = convolution_matrix(line, (6,), strides=2)
plots.tap_matrix(padded, (3,), columns="0abcd0", labels="xyz")

# %% [markdown] id="padding-question" slide="fragment"
# A stride of 1 would give four rows; a stride of 2 leaves out every second.
# The first and the last column stand for zeros of the padding. What are they
# good for?

# %% [markdown] id="crop-columns" slide="slide"
# ## Columns that only meet zeros can go
#
# The matrix for the image itself, without its padding:

# %% id="crop-columns-figure" claims="12-cropped" alt="A matrix of two rows and four columns named a b c d. First row: y z and two empty cells. Second row: an empty cell, then x y z."
cropped = convolution_matrix(line, (4,), strides=2, padding=1)
plots.tap_matrix(cropped, (3,), columns="abcd", labels="xyz")

# %% id="crop-columns-check"
signal = np.array([5, 6, 7, 8])
print("padded matrix, padded image:", padded @ np.pad(signal, 1))
print("cropped matrix, image:      ", cropped @ signal)

# %% [markdown] id="crop-columns-wrong" slide="fragment"
# Has the first row lost its x? Yes, and rightly: there x met nothing but
# padding.

# %% [markdown] id="crop-columns-notes" slide="notes"
# Both pictures are found in books and slides under the same name, the one on
# the padded input more often. Ask: "Which of the two is *the* convolution
# matrix?" It depends on whether the padding belongs to the image or to the
# convolution. For us it belongs to the convolution; so C has as many columns
# as the image has pixels.

# %% [markdown] id="question-matrix" slide="skip"
# ## Question 2. The matrix of any convolution
#
# Write `matrix_of_convolution(kernel, input_shape, stride=1, padding=0)` for
# images of one channel. It returns the matrix $C$ with $X'^f = C\,X^f$ as an
# array of shape (pixels of $X'$, pixels of $X$).
#
# - `kernel`: an array of any shape $(k_h, k_w)$, laid down as it is, not
#   flipped;
# - `input_shape`: $(h, w)$, the shape of the image $X$ *without* its padding;
#   $C$ has columns for these pixels only;
# - `stride`: the kernel's step, the same along both axes;
# - `padding`: how many zeros lie around the image, on each of its four sides.
#   Where no whole step is left at the end, the kernel does not go.
#
# The kernel always fits into the padded image. You may use Python, NumPy and
# Keras, but not the rest of the package `course`.


# %% id="matrix-of-convolution" role="answer" minutes=25
def matrix_of_convolution(kernel, input_shape, stride=1, padding=0):
    """The matrix C of shape (pixels of X', pixels of X): X'^f = C X^f."""
    ### BEGIN SOLUTION
    # Each row is the flattened picture of the image with the kernel on it.
    (kh, kw), (h, w) = np.shape(kernel), input_shape
    high, wide = h + 2 * padding, w + 2 * padding
    rows = []
    for top in range(0, high - kh + 1, stride):
        for left in range(0, wide - kw + 1, stride):
            window = np.zeros((high, wide))
            window[top : top + kh, left : left + kw] = kernel
            inside = window[padding : padding + h, padding : padding + w]
            rows.append(inside.ravel())
    return np.array(rows)
    ### END SOLUTION


# %% id="matrix-of-convolution-check" role="test" points=2 of="matrix-of-convolution"
import numpy as np

# No stride, no padding: windows that you can check by hand.
kernel = np.array([[1, 2], [3, 4]])
got = np.asarray(matrix_of_convolution(kernel, (3, 3)), float)
assert got.shape == (4, 9), (
    f"A 2x2 kernel on a 3x3 image, stride 1, no padding: you returned shape "
    f"{got.shape}. The kernel fits in 2x2 places, and the image has 9 pixels: "
    "which of them are the rows, which the columns?"
)
pixels = got @ np.arange(9)
slips = {
    13: "This is what the flipped kernel gives; lay it down as it is.",
    25: "Something is read column by column: image, kernel or output?",
    20: "The kernel's second row belongs one row further down in the image.",
}
assert np.allclose(pixels, [27, 37, 57, 67]), (
    f"The kernel {kernel.tolist()} on the image [[0, 1, 2], [3, 4, 5], "
    f"[6, 7, 8]]: your matrix gives {pixels.tolist()}, by hand it is "
    "27, 37, 57, 67. "
    + slips.get(
        round(pixels[0]),
        "Write the rows of your matrix as 3x3 pictures: does the kernel lie "
        "upper left, upper right, lower left, lower right?",
    )
)
### BEGIN HIDDEN TESTS
from scipy.signal import correlate2d


def by_pixels(kernel, shape, order="C"):
    """Column by column: what the convolution makes of each single pixel."""
    pixels = [
        unit.reshape(shape, order=order) for unit in np.eye(np.prod(shape))
    ]
    seen = [correlate2d(pixel, kernel, mode="valid") for pixel in pixels]
    return np.stack([picture.ravel(order) for picture in seen], axis=1)


rng = np.random.default_rng(12)
for kernel_shape, shape in [
    ((3, 3), (4, 4)),
    ((2, 3), (3, 5)),
    ((3, 2), (5, 3)),
    ((1, 4), (2, 6)),
    ((3, 1), (4, 3)),
    ((1, 1), (2, 3)),
    ((4, 3), (4, 3)),
]:
    kernel = rng.normal(size=kernel_shape).round(2)
    got = np.asarray(matrix_of_convolution(kernel, shape), float)
    want = by_pixels(kernel, shape)
    known = [
        (want.T, "A row belongs to an output pixel, a column to a pixel of X."),
        (by_pixels(kernel[::-1, ::-1], shape), "The kernel is not flipped."),
        (by_pixels(kernel, shape, "F"), "Images are read row by row."),
    ]
    hint = (
        "A row for each place where the kernel fits, left to right and then "
        "down; each row, written as a picture of the image, shows the kernel "
        "at that place. Image and kernel may be higher than wide, or wider."
    )
    for wrong, cause in known:
        if wrong.shape == got.shape and np.allclose(wrong, got, atol=1e-4):
            hint = cause
    assert got.shape == want.shape and np.allclose(got, want, atol=1e-4), (
        f"matrix_of_convolution(kernel={kernel.tolist()}, input_shape={shape})"
        f" returned shape {got.shape}, as first row {got[:1].tolist()}. {hint}"
    )
### END HIDDEN TESTS

# %% id="matrix-of-convolution-stride-check" role="test" points=2 of="matrix-of-convolution"
import numpy as np

# The lecture's x y z with stride 2 and padding 1, for an image that is one row
# and for an image that is one column.
middle = np.array([[0, 0, 0], [1, 2, 3], [0, 0, 0]])
for kernel, shape in [(middle, (1, 4)), (middle.T, (4, 1))]:
    got = matrix_of_convolution(kernel, shape, stride=2, padding=1)
    got = np.asarray(got, float)
    call = (
        f"matrix_of_convolution(kernel={kernel.tolist()}, input_shape={shape}, "
        "stride=2, padding=1)"
    )
    slips = {
        (4, 4): "The kernel stands everywhere: where is the stride?",
        (3, 4): "At its last place the kernel sticks out of the padding.",
        (0, 4): "No place at all: the padding lies on both sides.",
        (1, 4): "One place is missing: is the padding on both sides?",
        (2, 18): "Columns belong to the image's own pixels, not to padding.",
    }
    assert got.shape == (2, 4), (
        f"{call} returned shape {got.shape}. The kernel has two places on the "
        "padded image, and the image itself has four pixels. "
        + slips.get(got.shape, "Which of the two is different with you?")
    )
    assert np.allclose(got, [[2, 3, 0, 0], [0, 1, 2, 3]]), (
        f"{call} returned {got.tolist()}. Compare it with the picture of the "
        "matrix for a b c d: which taps lie on the image, which on padding?"
    )
### BEGIN HIDDEN TESTS
from scipy.signal import correlate2d


def by_pixels(kernel, shape, stride, before, after):
    """Column by column: what the convolution makes of each single pixel."""
    pixels = np.eye(np.prod(shape)).reshape(-1, *shape)
    padded = [np.pad(pixel, [(before, after)] * 2) for pixel in pixels]
    seen = [correlate2d(pixel, kernel, mode="valid") for pixel in padded]
    return np.stack([x[::stride, ::stride].ravel() for x in seen], axis=1)


rng = np.random.default_rng(13)
for kernel_shape, shape, stride, padding in [
    ((2, 3), (4, 5), 2, 0),
    ((3, 2), (7, 5), 3, 0),
    ((3, 3), (3, 5), 1, 1),
    ((3, 3), (4, 4), 2, 1),
    ((2, 3), (5, 4), 2, 1),
    ((4, 3), (3, 4), 3, 2),
    ((1, 2), (3, 3), 2, 1),
    ((5, 3), (3, 3), 1, 2),
]:
    kernel = rng.normal(size=kernel_shape).round(2)
    got = matrix_of_convolution(kernel, shape, stride=stride, padding=padding)
    got = np.asarray(got, float)
    want = by_pixels(kernel, shape, stride, padding, padding)
    larger = tuple(size + 2 * padding for size in shape)
    known = [
        (by_pixels(kernel, shape, 1, padding, padding), "Where is the stride?"),
        (by_pixels(kernel, shape, stride, 0, padding), "Padding has two ends."),
        (by_pixels(kernel, shape, stride, padding, 0), "Padding has two ends."),
        (
            by_pixels(kernel, larger, stride, 0, 0),
            "Columns belong to the image's own pixels, not to its padding.",
        ),
    ]
    hint = (
        "Count the places of the kernel on the padded image: it moves by the "
        "stride, starts in the corner of the padding and never sticks out. "
        "Then keep the columns of the image's own pixels."
    )
    for wrong, cause in known:
        if wrong.shape == got.shape and np.allclose(wrong, got, atol=1e-4):
            hint = cause
    assert got.shape == want.shape and np.allclose(got, want, atol=1e-4), (
        f"matrix_of_convolution(kernel={kernel.tolist()}, input_shape={shape},"
        f" stride={stride}, padding={padding}) returned shape {got.shape}, as "
        f"first row {got[:1].tolist()}. {hint}"
    )
### END HIDDEN TESTS

# %% [markdown] id="channels" slide="slide"
# ## With channels, a tap becomes a block
#
# In one dimension: 3 pixels of 2 channels in, 2 filters of 2 taps out. A tap is
# a block: a column for each channel, a row for each filter. So a and b lead
# from channel 0 to filters 0 and 1:

# %% id="channels-figure" claims="12-any-arguments 12-channels" alt="A matrix of four rows and six columns in blocks of two by two. The row blocks are the two output pixels, the column blocks the three input pixels. The first block row holds the block a c over b d, then e g over f h, then an empty block. The second block row is the same moved right by one block."
weights = np.arange(1, 9).reshape(2, 2, 2)  # tap, channel, filter
plots.tap_matrix(
    convolution_matrix(weights, (3, 2)),
    (2, 4),
    rows=["X'[0]", "X'[1]"],
    columns=["X[0]", "X[1]", "X[2]"],
)

# %% [markdown] id="channels-answer" slide="fragment"
# Block by block it is the old matrix. A block is a dense layer from channels to
# filters; a 1×1 convolution is one block, repeated.

# %% [markdown] id="channels-notes" slide="notes"
# The kernel is kept as (taps, channels in, filters), as Keras does; a to h
# are its weights in that order. Ask: "Why does b stand *below* a and not
# beside it?" (b is the second filter; filters are outputs, outputs are rows.)
# "How would the matrix look if channels were flattened first?" (The same rows
# and columns in another order: each filter and channel one large block.)

# %% [markdown] id="dilation" slide="slide"
# ## Dilation pulls the taps apart
#
# With dilation $d=2$ every second pixel is skipped *inside* the window. The
# kernel x y z on six pixels:

# %% id="dilation-figure" alt="A matrix of two rows and six columns a to f. First row: x, empty, y, empty, z, empty. Second row: empty, x, empty, y, empty, z."
dilated = convolution_matrix(line, (6,), dilation=2)
plots.tap_matrix(dilated, (3,), columns="abcdef", labels="xyz")

# %% [markdown] id="dilation-answer" slide="fragment"
# Three taps now reach over five pixels, in general $k$ taps over
# $d(k-1)+1$. Stride leaves out rows of the matrix, dilation puts zeros
# into them: do not mix them up.

# %% [markdown] id="dilation-notes" slide="notes"
# Ask: "Same number of weights, same number of outputs? What changed?" Only
# where the taps stand, so also how far one output sees. Lecture 14 lives on it.

# %% [markdown] id="question-general" slide="skip"
# ## Question 3. The matrix in general
#
# Write `general_matrix(kernel, input_shape, stride=1, padding=0, dilation=1)`:
# question 2 once more, now with channels and dilation.
#
# - `kernel`: an array $(k_h, k_w, c, f)$: `kernel[u, v, i, j]` is what the
#   tap in row u, column v takes from channel i to filter j;
# - `input_shape`: $(h, w, c)$;
# - the other arguments are the same along both axes.
#
# $X$ and $X'$ are flattened as in question 1: row by row, pixel by pixel, the
# channels of a pixel next to each other. You may use Python, NumPy and Keras,
# but not the rest of the package `course`.


# %% id="general-matrix" role="answer" minutes=25
def general_matrix(kernel, input_shape, stride=1, padding=0, dilation=1):
    """The matrix C of shape (numbers of X', numbers of X): X'^f = C X^f."""
    ### BEGIN SOLUTION
    (kh, kw, _, filters), (h, w, c) = np.shape(kernel), input_shape
    high, wide = h + 2 * padding, w + 2 * padding
    tall, broad = dilation * (kh - 1) + 1, dilation * (kw - 1) + 1
    rows = []
    for top in range(0, high - tall + 1, stride):
        for left in range(0, wide - broad + 1, stride):
            for one in range(filters):
                window = np.zeros((high, wide, c))
                taken = window[top : top + tall, left : left + broad]
                taken[::dilation, ::dilation] = kernel[:, :, :, one]
                inside = window[padding : padding + h, padding : padding + w]
                rows.append(inside.ravel())
    return np.array(rows)
    ### END SOLUTION


# %% id="general-matrix-check" role="test" points=1.5 of="general-matrix"
import numpy as np

# A 1x1 kernel from two channels to three filters, on two pixels.
kernel = np.array([[1, 2, 3], [4, 5, 6]]).reshape(1, 1, 2, 3)
got = np.asarray(general_matrix(kernel, (1, 2, 2)), float)
assert got.shape == (6, 4), (
    f"A 1x1 kernel from 2 channels to 3 filters on 1x2 pixels: you returned "
    f"shape {got.shape}. X holds 1x2x2 numbers and X' holds 1x2x3: which of "
    "them are the rows?"
)
seen = (got @ [1, 0, 0, 10]).round(3).tolist()
assert np.allclose(seen, [1, 2, 3, 40, 50, 60]), (
    "A 1x1 kernel whose filters take 1, 2, 3 from channel 0 and 4, 5, 6 from "
    "channel 1, on a pixel with the channels 1, 0 and one with 0, 10: your "
    f"matrix gives {seen}, by hand it is 1, 2, 3, then 40, 50, 60. The numbers "
    "of one pixel stand next to each other, in X and in X'."
)
### BEGIN HIDDEN TESTS
from scipy.signal import correlate2d


def by_pixels(kernel, shape, stride, padding):
    """Column by column: what the convolution makes of each single number."""
    columns = []
    for unit in np.eye(np.prod(shape)).reshape(-1, *shape):
        wider = np.pad(unit, [(padding, padding)] * 2 + [(0, 0)])
        maps = [
            sum(
                correlate2d(wider[..., i], kernel[..., i, j], mode="valid")
                for i in range(shape[2])
            )
            for j in range(kernel.shape[3])
        ]
        seen = np.stack(maps, axis=-1)[::stride, ::stride]
        columns.append(seen.ravel())
    return np.stack(columns, axis=1)


rng = np.random.default_rng(21)
for kernel_shape, shape, stride, padding in [
    ((2, 2, 2, 3), (3, 4, 2), 1, 0),
    ((2, 3, 3, 2), (4, 3, 3), 1, 1),
    ((3, 2, 1, 2), (5, 4, 1), 2, 1),
    ((1, 1, 3, 3), (2, 3, 3), 2, 0),
    ((3, 3, 2, 1), (4, 5, 2), 3, 2),
]:
    kernel = rng.normal(size=kernel_shape).round(2)
    got = general_matrix(kernel, shape, stride=stride, padding=padding)
    got = np.asarray(got, float)
    want = by_pixels(kernel, shape, stride, padding)
    hint = (
        "Cut your matrix into blocks, one for each pair of an output and an "
        "input pixel: each block has a row for each filter and a column for "
        "each channel, and is zero or one tap."
    )
    filters, channels = kernel_shape[3], kernel_shape[2]
    if got.shape == want.shape:
        by_maps = got.reshape(filters, -1, got.shape[1]).swapaxes(0, 1)
        if np.allclose(by_maps.reshape(want.shape), want, atol=1e-4):
            hint = "The filters of one output pixel stand next to each other."
        by_maps = got.reshape(len(got), channels, -1).swapaxes(1, 2)
        if np.allclose(by_maps.reshape(want.shape), want, atol=1e-4):
            hint = "The channels of one pixel stand next to each other."
    assert got.shape == want.shape and np.allclose(got, want, atol=1e-4), (
        f"general_matrix of a kernel of shape {kernel_shape}, input_shape="
        f"{shape}, stride={stride}, padding={padding} returned shape "
        f"{got.shape}, as first row {got[:1].round(3).tolist()}; the kernel "
        f"is {kernel.tolist()}. {hint}"
    )
### END HIDDEN TESTS

# %% id="general-matrix-dilation-check" role="test" points=1.5 of="general-matrix"
import numpy as np

# The lecture's picture: x y z with dilation 2 on six pixels.
kernel = np.array([1, 2, 3]).reshape(1, 3, 1, 1)
got = np.asarray(general_matrix(kernel, (1, 6, 1), dilation=2), float)
assert got.shape == (2, 6) and np.allclose(got[0], [1, 0, 2, 0, 3, 0]), (
    "The kernel 1 2 3 with dilation 2 on one row of six pixels: you returned "
    f"{got.tolist()}. Compare it with the lecture's picture: how far do the "
    "three taps reach, and how many places are left for them?"
)
### BEGIN HIDDEN TESTS
from scipy.signal import correlate2d


def by_pixels(kernel, shape, stride, padding, dilation):
    """Column by column: what the convolution makes of each single number."""
    kh, kw, channels, filters = kernel.shape
    tall, broad = dilation * (kh - 1) + 1, dilation * (kw - 1) + 1
    if tall > shape[0] + 2 * padding or broad > shape[1] + 2 * padding:
        return np.empty((0, 0))
    holed = np.zeros((tall, broad, channels, filters))
    holed[::dilation, ::dilation] = kernel
    columns = []
    for unit in np.eye(np.prod(shape)).reshape(-1, *shape):
        wider = np.pad(unit, [(padding, padding)] * 2 + [(0, 0)])
        maps = [
            sum(
                correlate2d(wider[..., i], holed[..., i, j], mode="valid")
                for i in range(channels)
            )
            for j in range(filters)
        ]
        seen = np.stack(maps, axis=-1)[::stride, ::stride]
        columns.append(seen.ravel())
    return np.stack(columns, axis=1)


rng = np.random.default_rng(22)
for kernel_shape, shape, stride, padding, dilation in [
    ((2, 2, 1, 1), (4, 5, 1), 1, 0, 2),
    ((2, 3, 2, 2), (5, 7, 2), 1, 0, 3),
    ((3, 2, 1, 2), (6, 5, 1), 2, 1, 2),
    ((2, 2, 2, 1), (4, 4, 2), 3, 2, 4),
    ((1, 1, 2, 2), (3, 2, 2), 1, 0, 5),
]:
    kernel = rng.integers(1, 10, kernel_shape)
    got = general_matrix(
        kernel, shape, stride=stride, padding=padding, dilation=dilation
    )
    got = np.asarray(got, float)
    want = by_pixels(kernel, shape, stride, padding, dilation)
    hint = (
        "Dilation sets the distance of neighbouring taps; the stride still "
        "sets the distance of neighbouring windows."
    )
    known = [
        ((stride, padding, 1), "Where is the dilation?"),
        ((stride * dilation, padding, dilation), "Windows move by the stride."),
        ((stride, padding * dilation, dilation), "The padding stays."),
        (
            (stride * dilation, padding, 1),
            "The stride moves windows, not taps.",
        ),
    ]
    for settings, cause in known:
        wrong = by_pixels(kernel, shape, *settings)
        if wrong.shape == got.shape and np.allclose(wrong, got, atol=1e-4):
            hint = cause
    assert got.shape == want.shape and np.allclose(got, want, atol=1e-4), (
        f"general_matrix of a kernel of shape {kernel_shape}, input_shape="
        f"{shape}, stride={stride}, padding={padding}, dilation={dilation} "
        f"returned shape {got.shape}, as first row "
        f"{got[:1].round(3).tolist()}; the kernel is {kernel.tolist()}. {hint}"
    )
### END HIDDEN TESTS

# %% [markdown] id="transpose" slide="slide"
# ## Now turn the matrix around
#
# $C$ makes 4 numbers of 16, so $C^T$ makes 16 of 4.

# %% id="transpose-figure" claims="12-tall" alt="The convolution matrix turned by transposition: 16 rows in four blocks, one for each row of the output, and 4 columns, one for each input pixel. Each column holds the taps a to i in order, interrupted by empty cells."
plots.tap_matrix(where.T, (3, 3), rows=image_rows, columns="1234")

# %% [markdown] id="transpose-definition" slide="subslide"
# ## Transposed convolution
#
# $$\mathit{TrConv}(X') = \mathit{Reshape}(C^T X'^f)$$
#
# where *Reshape* puts the vector back into the shape of $X$.
#
# The kernel, its stride and its padding are those of the convolution that $C$
# belongs to. What was its output shape is now the input's, and the other way
# round.

# %% [markdown] id="transpose-notes" slide="notes"
# Ask before the formula: "Column 2 of the tall matrix is multiplied by the
# second input number. Where in the 4×4 output does that number arrive, and
# with which factors?" They should see a whole kernel in the column: the
# window X'[0, 1] again.

# %% [markdown] id="ones" slide="slide"
# ## Guess before you compute
#
# All nine taps are 1, the input is 1 2 3 4. What stands in the corners, what
# in the middle?

# %% id="ones-figure" claims="12-ones" slide="fragment" alt="The 2 by 2 input 1 2 3 4 and the 4 by 4 output. Its corners are 1, 2, 3 and 4, its middle four pixels are all 10, and the pixels between hold the sums of two neighbouring inputs."
small = np.array([[1, 2], [3, 4]])
C_ones = convolution_matrix(np.ones((3, 3), int), (4, 4))
spread = (C_ones.T @ small.ravel()).reshape(4, 4)
plots.number_grids(small, spread, titles=["X'", "TrConv(X')"], signs=["→"])

# %% [markdown] id="splat" slide="slide"
# ## Each input number lays down a copy of the kernel
#
# A column of $C^T$ is a kernel in its window. Multiplying by $X'^f$ weighs
# the windows, and adds:

# %% id="splat-figure" claims="12-splat" alt="Four 4 by 4 grids added to a fifth. The first holds a 3 by 3 block of ones in its upper left corner, the second a block of twos in the upper right, the third threes in the lower left, the fourth fours in the lower right. The sum has 10 in the middle, where all four blocks overlap."
copies = (C_ones * small.reshape(4, 1)).reshape(4, 4, 4)
colours = np.arange(1, 5).reshape(4, 1, 1) * (copies > 0)
plots.number_grids(
    *copies,
    spread,
    signs="+++=",
    taps=[*colours, None],
    kernel_shape=(4,),
)

# %% [markdown] id="splat-words" slide="fragment"
# A convolution *gathers*: a window becomes one number. Its transpose
# *scatters*: one number becomes a window, and where windows overlap, they add.

# %% [markdown] id="splat-notes" slide="notes"
# A usual mistake in code: `canvas[window] = value * kernel`. Ask what the
# middle would be then (4, the last copy wins), and what the right operator is.

# %% [markdown] id="stamps" slide="subslide"
# ## With a stride, the copies lie apart
#
# Now 2×2 numbers, taps 1 to 9 and stride 2: one step in the input is *two*
# pixels in the output. How large does it become? Step through it:

# %% id="stamps-figure" claims="12-five 12-shift" alt="An animation in five steps. On an empty 5 by 5 canvas the input's four numbers one after the other lay a 3 by 3 kernel of the taps 1 to 9, times the number: upper left, upper right, lower left, lower right. The copies overlap in the middle row and column, where the sums are larger; in the very middle all four add up to 9 + 14 + 9 + 4 = 36."
C_five = convolution_matrix(taps, (5, 5), strides=2)
stamps = (C_five * small.reshape(4, 1)).reshape(4, 5, 5)
names = ["upper left", "upper right", "lower left", "lower right"]
frames, captions = [], []
for step in range(5):
    stamp = stamps[step - 1] if step else 0 * stamps[0]
    lit = np.arange(1, 5).reshape(2, 2) == step
    frames.append(
        plots.number_grids(
            small,
            stamp,
            stamps[:step].sum(axis=0),
            titles=["X'", "this copy", "all copies so far"],
            signs=["→", "→"],
            taps=[4 * lit, step * (stamp > 0), step * (stamp > 0)],
            kernel_shape=(5,),
            height=3.5,
        )
    )
    captions.append(
        f"{small.flat[step - 1]} times the kernel, {names[step - 1]}: added."
        if step
        else "An empty canvas of 5×5 pixels."
    )
plots.Animation(frames, captions)

# %% [markdown] id="stamps-notes" slide="notes"
# Stop before the second step: "Which pixels will now hold a sum?" And before
# the last: "What will stand in the very middle?" (9·1 + 7·2 + 3·3 + 1·4.)
# This is the picture in which other decks show a 2×2 map, stride 2 and a 3×3
# kernel make 5×5.

# %% [markdown] id="crop-rows" slide="slide"
# ## The stride spreads, the padding cuts
#
# Back to x y z with stride 2 and padding 1; now the *input* is u v. The two
# matrices give two answers, one for an image with its padding, one without:


# %% id="crop-rows-figure" claims="12-padded-transposed 12-cropped-transposed" alt="Two rows of cells. For the padded image: ux, uy, uz+vx, vy, vz, 0. For the image: the same without its first and its last cell."
def in_letters(matrix):
    """What the transpose of a matrix of taps makes of the input u v."""
    sums = [
        [
            number + "xyz"[tap - 1]
            for number, tap in zip("uv", column, strict=True)
            if tap
        ]
        for column in matrix.T
    ]
    return ["+".join(terms) or "0" for terms in sums]


plots.number_grids(
    in_letters(padded),
    in_letters(cropped),
    titles=["with padding", "the image"],
)

# %% [markdown] id="crop-rows-wrong" slide="fragment"
# Columns cut from $C$ are rows cut from $C^T$. So in a transposed convolution
# padding adds no pixels, as one would think: it **takes $p$ away** at each
# end. (No copy reaches the 0; why it is there comes with output padding.)

# %% [markdown] id="crop-rows-notes" slide="notes"
# Vote first: "I raise the padding of a transposed convolution from 0 to 1.
# Does the output grow, shrink or stay?" Most say that it grows. The padding
# is the convolution's; the output plays the image, and loses it.

# %% [markdown] id="question-transposed" slide="skip"
# ## Question 4. Transposed convolution
#
# Write
# `transposed_convolution(x, kernel, input_shape, stride=1, padding=0)` for
# maps of one channel. It returns $\mathit{Reshape}(C^T x^f)$ as an array of
# shape `input_shape`.
#
# - `x`: the array that comes in; it has the shape that the convolution with
#   this kernel, stride and padding gives for an image of `input_shape`;
# - `kernel`: an array $(k_h, k_w)$;
# - `input_shape`: $(h, w)$, the shape of the image on which that convolution
#   works, so the shape that comes *out* here;
# - `stride`, `padding`: those of the convolution, as in question 2.
#
# This question is judged by itself. Take the matrix from the package, as the
# cell does, or from your question 2 (then its mistakes count here too), or do
# without a matrix. Of `course`, `convolution_matrix` and `gradients` are open,
# the rest is closed; so are ready-made transposed convolutions, in Keras and
# in the backends.

# %% id="transposed-convolution" role="answer" minutes=15 allows="course.convolution_matrix course.gradients" forbids="keras.ops.conv_transpose keras.layers.Conv1DTranspose keras.layers.Conv2DTranspose keras.layers.Conv3DTranspose"
from course.convolution_matrix import convolution_matrix


def transposed_convolution(x, kernel, input_shape, stride=1, padding=0):
    """Reshape(C^T x^f), an array of shape `input_shape`."""
    # convolution_matrix(kernel, input_shape, stride, padding) is C.
    ### BEGIN SOLUTION
    matrix = convolution_matrix(kernel, input_shape, stride, padding)
    return (matrix.T @ np.ravel(x)).reshape(input_shape)
    ### END SOLUTION


# %% id="transposed-convolution-check" role="test" points=1 of="transposed-convolution"
import numpy as np

# All taps 1, as in the lecture, but with another input.
got = transposed_convolution(
    np.array([[5, 6], [7, 8]]), np.ones((3, 3)), (4, 4)
)
got = np.asarray(got, float)
assert got.shape == (4, 4), (
    f"transposed_convolution(x=[[5, 6], [7, 8]], kernel of nine ones, "
    f"input_shape=(4, 4)) returned shape {got.shape}. It should have the shape "
    "of the image that the convolution works on."
)
hint = "How many copies of the kernel reach a corner, and which one?"
if np.isclose(got[:3, :3].sum(), 5):
    hint = "The convolution would make x of it: you inverted instead."
assert np.allclose(got[[0, 0, 3, 3], [0, 3, 0, 3]], [5, 6, 7, 8]), (
    f"transposed_convolution(x=[[5, 6], [7, 8]], kernel of nine ones, "
    f"input_shape=(4, 4)) returned {got.round(3).tolist()}. {hint}"
)
# Nothing is lost: (sum of x) (sum of taps).
assert np.isclose(got.sum(), 26 * 9), (
    f"transposed_convolution(x=[[5, 6], [7, 8]], kernel of nine ones, "
    f"input_shape=(4, 4)) returned {got.round(3).tolist()}. Its numbers add up "
    f"to {got.sum():g}, the four copies to {26 * 9}. What happens where copies "
    "meet?"
)
### BEGIN HIDDEN TESTS


def scatter(x, kernel, shape, add=True):
    """Each number of x lays down its copy of the kernel."""
    canvas = np.zeros(shape)
    for (row, column), value in np.ndenumerate(x):
        window = canvas[row:, column:][: kernel.shape[0], : kernel.shape[1]]
        window[:] = add * window + value * kernel
    return canvas


rng = np.random.default_rng(14)
for kernel_shape, shape in [
    ((3, 3), (4, 4)),
    ((2, 3), (4, 4)),
    ((3, 1), (4, 2)),
    ((2, 2), (3, 5)),
    ((1, 1), (2, 3)),
    ((3, 4), (3, 4)),
]:
    kernel = rng.normal(size=kernel_shape).round(2)
    x = rng.normal(size=tuple(np.subtract(shape, kernel_shape) + 1)).round(2)
    got = np.asarray(transposed_convolution(x, kernel, shape), float)
    want = scatter(x, kernel, shape)
    units = np.eye(x.size).reshape(-1, *x.shape)
    matrix = np.array([scatter(unit, kernel, shape).ravel() for unit in units])
    overlaps = scatter(np.ones(x.shape), np.ones(kernel.shape), shape)
    known = [
        (
            (np.linalg.pinv(matrix) @ x.ravel()).reshape(shape),
            "This inverts the convolution; the transpose does not.",
        ),
        (scatter(x, kernel[::-1, ::-1], shape), "Its kernel lies reversed."),
        (scatter(x, kernel, shape, add=False), "Overlapping copies add."),
        (want / overlaps, "Overlapping copies add; nothing is averaged."),
        (
            (x.ravel("F") @ matrix).reshape(shape, order="F"),
            "Vectors are read and written row by row.",
        ),
    ]
    hint = (
        "Each number of x lays down a copy of the kernel at its place, and "
        "overlapping copies add. Does your answer hold for images and kernels "
        "that are not square?"
    )
    for wrong, cause in known:
        if wrong.shape == got.shape and np.allclose(wrong, got, atol=1e-4):
            hint = cause
    assert got.shape == want.shape and np.allclose(got, want, atol=1e-4), (
        f"transposed_convolution(x={x.tolist()}, kernel={kernel.tolist()}, "
        f"input_shape={shape}) returned {got.round(3).tolist()}. {hint}"
    )
### END HIDDEN TESTS

# %% id="transposed-convolution-stride-check" role="test" points=2 of="transposed-convolution"
import numpy as np

# Kernel as wide as the stride: the copies lie side by side.
x, kernel = np.array([[1, 2], [3, 4]]), np.array([[1, 0], [0, 5]])
got = transposed_convolution(x, kernel, (4, 4), stride=2)
got = np.asarray(got, float)
assert got.shape == (4, 4) and np.allclose(
    got[:2], [[1, 0, 2, 0], [0, 5, 0, 10]]
), (
    "transposed_convolution(x=[[1, 2], [3, 4]], kernel=[[1, 0], [0, 5]], "
    f"input_shape=(4, 4), stride=2) returned {got.round(3).tolist()}. The first "
    "two rows should hold the kernel, not turned, times 1 and times 2, side by "
    "side."
)
### BEGIN HIDDEN TESTS


def scatter(x, kernel, shape, stride, before, after):
    """Copies of the kernel on the padded image, then the padding cut off."""
    canvas = np.zeros(np.add(shape, before + after))
    for (row, column), value in np.ndenumerate(x):
        window = canvas[row * stride :, column * stride :]
        window = window[: kernel.shape[0], : kernel.shape[1]]
        window += value * kernel[: window.shape[0], : window.shape[1]]
    return canvas[before:, before:][: shape[0], : shape[1]]


rng = np.random.default_rng(15)
for kernel_shape, shape, stride, padding in [
    ((2, 3), (4, 7), 2, 0),
    ((3, 3), (4, 6), 2, 0),
    ((2, 2), (5, 3), 3, 0),
    ((3, 3), (3, 4), 1, 1),
    ((3, 3), (3, 5), 2, 1),
    ((3, 3), (4, 6), 2, 1),
    ((4, 3), (5, 6), 3, 2),
    ((1, 2), (3, 5), 3, 1),
]:
    kernel = rng.normal(size=kernel_shape).round(2)
    room = np.subtract(shape, kernel_shape) + 2 * padding
    x = rng.normal(size=tuple(room // stride + 1)).round(2)
    got = transposed_convolution(
        x, kernel, shape, stride=stride, padding=padding
    )
    got = np.asarray(got, float)
    want = scatter(x, kernel, shape, stride, padding, padding)
    uncut = scatter(x, kernel, np.add(shape, 2 * padding), stride, 0, 0)
    # What is left of the image without output padding.
    inner = np.array(shape) - room % stride > np.indices(shape).T
    inner = inner.all(axis=2).T
    known = [
        (uncut, "The padding is not part of the image: cut it off."),
        (uncut[: shape[0], : shape[1]], "Padding is cut at both ends."),
        (
            scatter(x, kernel, shape, 1, padding, padding),
            "Where is the stride?",
        ),
        (
            scatter(x, kernel[::-1, ::-1], shape, stride, padding, padding),
            "Its kernel lies reversed.",
        ),
        (want * inner, "Pixels that output padding adds need not be zero."),
        (want[: inner[:, 0].sum(), : inner[0].sum()], "The shape is given."),
    ]
    hint = (
        "Neighbouring numbers of x lay their copies one stride apart on the "
        "padded image; the padding is cut off at the end. Pixels that no copy "
        "reaches stay zero. If you took the matrix from your question 2, try "
        "the package's."
    )
    for wrong, cause in known:
        if wrong.shape == got.shape and np.allclose(wrong, got, atol=1e-4):
            hint = cause
    assert got.shape == want.shape and np.allclose(got, want, atol=1e-4), (
        f"transposed_convolution(x={x.tolist()}, kernel={kernel.tolist()}, "
        f"input_shape={shape}, stride={stride}, padding={padding}) returned "
        f"{got.round(3).tolist()}. {hint}"
    )
### END HIDDEN TESTS

# %% [markdown] id="columns" slide="slide"
# ## Read $C^T$ column by column: it scatters
#
# One dimension shows the whole matrix: the input 4 5 6, the kernel
# x y z = 1 2 3, stride 2. Each column lays down one copy.

# %% id="columns-figure" alt="An animation in three steps. Left the 7 by 3 matrix with x y z in each column, two rows lower from column to column; the step's column is coloured. Right the copies 4 8 12, 5 10 15 and 6 12 18 appear one after the other, and their sum grows to 4, 8, 17, 10, 21, 12, 18."
ends = np.array([4, 5, 6])
C_line = convolution_matrix(line, (7,), strides=2)
xyz = np.array(["", "x", "y", "z"])[C_line.T]
frames = []
for step in (1, 2, 3):
    done = C_line.T * ends * (np.arange(3) < step)
    frames.append(
        plots.number_grids(
            xyz,
            ends[:, None],
            np.where(done, done.astype(str), ""),
            done.sum(axis=1)[:, None],
            titles=["transposed C", "X'", "copies", "sum"],
            signs=["·", "=", "→"],
            taps=[
                C_line.T * (np.arange(3) == step - 1),
                3 * (np.arange(3) == step - 1),
                C_line.T * (np.arange(3) == step - 1),
                None,
            ],
            kernel_shape=(3,),
            height=3.7,
        )
    )
captions = [
    f"Column {step}: {value} times x y z, two pixels lower each time."
    for step, value in enumerate(ends, start=1)
]
plots.Animation(frames, captions)

# %% [markdown] id="rows" slide="slide"
# ## Read it row by row: it gathers
#
# The same product, one output at a time. Beside it the input with a zero
# between its numbers and two at each end. What does the kernel do there?

# %% id="rows-figure" alt="An animation in seven steps. Left a row of the transposed matrix is coloured and gives one output number. Right a window of three cells moves down a column of zeros with 4, 5 and 6 in every second cell between; in the window stand the taps z y x, the kernel turned round. Both give the same number: 4, 8, 17, 10, 21, 12, 18."
apart = np.pad(np.array([4, 0, 5, 0, 6]), 2)
out = C_line.T @ ends
frames, captions = [], []
for spot in range(7):
    window = np.zeros(9, int)
    window[spot : spot + 3] = [3, 2, 1]
    row = np.arange(7)[:, None] == spot
    frames.append(
        plots.number_grids(
            xyz,
            ends[:, None],
            np.where(np.arange(7) <= spot, out.astype(str), "")[:, None],
            np.array(["", "x", "y", "z"])[window][:, None],
            apart[:, None],
            titles=["transposed C", "X'", "out", "turned", "apart"],
            signs=["·", "=", "=", "·"],
            taps=[
                C_line.T * row,
                C_line.T[spot],
                3 * row,
                window,
                window,
            ],
            kernel_shape=(3,),
            height=3.7,
        )
    )
    terms = [
        f"{'xyz'[tap - 1]}·{number}"
        for tap, number in zip(C_line.T[spot], ends, strict=True)
        if tap
    ]
    captions.append(
        f"Output {spot}: {' + '.join(terms)} = {out[spot]}, and the turned "
        "kernel z y x gathers the same."
    )
plots.Animation(frames, captions)

# %% [markdown] id="rows-notes" slide="notes"
# Ask at the third step: "Why is it z·4 + x·5 and not x·4 + z·5?" The first
# input's copy *ends* here, the second's *begins* here. Who looks from the
# output sees the kernel backwards, as in a mirror. Then: "What are the zeros
# for?" They are the taps that meet no input.

# %% [markdown] id="zeros" slide="slide"
# ## A convolution, of another image
#
# Put $s-1$ zeros between neighbours and $k-1$ around ($p = 0$), turn the kernel
# by 180°, convolve with stride 1. With the stamps' numbers:

# %% id="zeros-figure" claims="12-zero-insertion 12-thirty-six" alt="Three grids. A 7 by 7 grid of zeros holds 1, 2, 3 and 4 two cells apart. Times the kernel turned by 180 degrees, 9 8 7 over 6 5 4 over 3 2 1, it gives the 5 by 5 result of the stamps, 36 in the middle."
inserted = np.zeros((7, 7), int)
inserted[2:5:2, 2:5:2] = small
turned = taps[::-1, ::-1]
gathered = convolution_matrix(turned, (7, 7)) @ inserted.ravel()
plots.number_grids(
    inserted,
    turned,
    gathered.reshape(5, 5),
    titles=["X' apart", "turned", "result"],
    signs=["*", "="],
    taps=[10 * (inserted > 0), turned, None],
    kernel_shape=(4, 3),
    height=3.4,
)

# %% [markdown] id="zeros-answer" slide="fragment"
# Padding $p$ leaves a border of $k-1-p$, output padding $a$ adds $a$ at the end.
# Here the window makes half steps between two pixels of $X'$. Hence the other
# name: *fractionally strided*, stride $1/s$.

# %% [markdown] id="zeros-notes" slide="notes"
# The likely slip is to forget to turn the kernel. Ask: "Which kernels would
# forgive it?" (Those that look the same upside down, such as all ones or a
# tent. So a test with such a kernel proves nothing.)

# %% [markdown] id="faces" slide="subslide"
# ## Three computations, one result
#
# The matrix, the stamps, the zeros: compare every number, and compare them
# with the layer of this package.

# %% id="faces-check" claims="12-definition"
by_matrix = (C_five.T @ small.ravel()).reshape(5, 5)
layer = TransposedConv(1, 3, strides=2, use_bias=False)
layer.build((None, 2, 2, 1))
layer.set_weights([taps.reshape(3, 3, 1, 1)])
by_layer = layer(small.reshape(1, 2, 2, 1).astype("float32"))
by_layer = keras.ops.convert_to_numpy(by_layer).reshape(5, 5)
print("C transposed = stamps:", np.array_equal(by_matrix, stamps.sum(axis=0)))
print("C transposed = zeros: ", np.array_equal(by_matrix.ravel(), gathered))
print("C transposed = layer: ", np.array_equal(by_matrix, by_layer))

# %% [markdown] id="stride-one" slide="slide"
# ## "No longer a convolution": is it so?
#
# Some slides say so of every transposed convolution. With stride 1 there is
# nothing to insert. Only a border and the turned kernel are left:

# %% id="stride-one-check" claims="12-stride-one"
ones_apart = np.pad(small, 2)
by_turned = convolution_matrix(turned, (6, 6)) @ ones_apart.ravel()
by_transpose = convolution_matrix(taps, (4, 4)).T @ small.ravel()
print("turned kernel:", by_turned.tolist())
print("C transposed: ", by_transpose.tolist())

# %% [markdown] id="stride-one-answer" slide="fragment"
# At stride 1 it **is** an ordinary convolution. At larger strides it is one
# only after zeros were inserted: sliding over $X'$ itself would not do, as
# neighbouring outputs meet different taps.

# %% [markdown] id="stride-one-notes" slide="notes"
# Vote before the fragment: convolution or not? Then ask what the border must
# be so that the size stays, and hear "same". With padding p the border is
# k - 1 - p zeros wide.

# %% [markdown] id="exchange" slide="slide"
# ## With channels: in and out change places
#
# If $C$ leads from 2 channels to 4 filters, $C^T$ leads from 4 to 2. Keras
# keeps the *same* array for both, (taps, taps, 2, 4): for a `Conv2DTranspose`
# its third axis is what comes out.

# %% id="exchange-check" claims="12-keras"
both = dice.normal(size=(3, 3, 2, 4)).astype("float32")
maps = dice.normal(size=(1, 2, 2, 4)).astype("float32")
theirs = keras.layers.Conv2DTranspose(2, 3, strides=2, use_bias=False)
theirs.build(maps.shape)
theirs.set_weights([both])
ours = convolution_matrix(both, (5, 5, 2), strides=2).T @ maps.ravel()
result = keras.ops.convert_to_numpy(theirs(maps))
print("Keras's result:", result.shape)
print("C transposed:  ", np.allclose(result.ravel(), ours, atol=1e-5))

# %% [markdown] id="exchange-notes" slide="notes"
# Ask before running: "Which shape has the result?" Then: "Which of the axes of
# the kernel would you have swapped?" None: the transpose does it. Here the
# kernel lies as it is; whoever sees it flipped has looked at the zeros' way.

# %% [markdown] id="cost" slide="slide"
# ## Who would multiply by zeros?
#
# Twice the size, from 64×64, 4×4 taps, 256 channels in and out. Count the
# multiplications, with zeros inserted and with stamps:

# %% id="cost-check"
gather = conv_macs(128, 4, 256, 256)
scatter = conv_macs(64, 4, 256, 256)
print(f"zeros inserted: {gather / 1e9:5.2f} · 10⁹")
print(f"stamps:         {scatter / 1e9:5.2f} · 10⁹")
print(f"the zeros' share: {1 - scatter / gather:.0%}")

# %% [markdown] id="cost-answer" slide="fragment"
# The picture with zeros explains; whoever computes should skip them. Inside
# the border, one in $s^2$ numbers of the spread image is not a zero.

# %% [markdown] id="cost-notes" slide="notes"
# The output is twice as wide, so the sliding kernel has four times as many
# places as there are stamps. Ask: "And with stride 32, as in FCN-32s?" (One in
# 1024.)

# %% [markdown] id="way-back" slide="slide"
# ## Is it the way back?
#
# The shape is right. Some slides, ancestors of this lecture among them,
# conclude from $C X^f = X'^f$ that $X^f = C^T X'^f$. Try it:

# %% id="way-back-figure" claims="12-no-inverse" alt="Three grids: the 4 by 4 image X, its 2 by 2 convolution X prime, and the 4 by 4 transposed convolution of X prime, whose numbers are far larger than those of X."
back = (C.T @ X_prime.ravel()).reshape(4, 4)
plots.number_grids(
    X, X_prime, back, titles=["X", "X'", "TrConv(X')"], signs=["→", "→"]
)

# %% [markdown] id="way-back-answer" slide="fragment"
# The same shape, other values: **the transpose is not the inverse.**

# %% [markdown] id="way-back-notes" slide="notes"
# Go back to the count on the board. Ask who wants to change their vote, and
# why. Someone should say: four numbers cannot know sixteen.

# %% [markdown] id="why-not" slide="slide"
# ## Why it cannot be
#
# Four equations, sixteen unknowns: many images have the same $X'$. Even the
# pseudoinverse $C^+$ only finds one of them, that of the least squares. So
# convolve all three candidates again:

# %% id="why-not-check" claims="12-rank"
print("rank of C:", np.linalg.matrix_rank(C), "of", C.shape[1])
pseudo = np.linalg.pinv(C) @ X_prime.ravel()
for name, image in [("X", X), ("TrConv(X')", back), ("pinv(C) X'", pseudo)]:
    again = (C @ np.ravel(image)).round(3)
    same = np.allclose(image, X.reshape(np.shape(image)))
    print(f"{name:11} gives X' = {again.tolist()}, is X: {same}")

# %% [markdown] id="when" slide="slide"
# ## When would it be true?
#
# $C^T$ leads from $C X^f$ back to every $X^f$ just when $C^T C = I$. That
# needs at least as many rows as columns, so our kernel cannot. Four 2×2
# kernels with stride 2 can:

# %% id="when-check"
pair = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
haar = np.einsum("ri,cj->rcij", pair, pair).reshape(2, 2, 1, 4)
C_haar = convolution_matrix(haar, (4, 4, 1), strides=2)
identity = np.eye(16)
print("Haar's kernels:", C_haar.shape, np.allclose(C_haar.T @ C_haar, identity))
print("our kernel:    ", C.shape, np.allclose(C.T @ C, identity))

# %% [markdown] id="when-words" slide="fragment"
# "Deconvolution" promises an inverse, as in signal processing. Say
# *transposed convolution*. It keeps a convolution's wiring (which pixels are
# joined, by which tap); the image's values it does not bring back.

# %% [markdown] id="when-notes" slide="notes"
# Haar's four kernels are the sum and three differences of a 2×2 block: 16
# pixels become 4 numbers at each of 4 places, 16 again, and nothing is lost.
# Ask: "And a single kernel, with padding so that no pixel is lost?" (Only
# those that copy: one tap 1 or -1, all others 0.)

# %% [markdown] id="size" slide="slide"
# ## Into which shape does *Reshape* put it?
#
# The same slides hold that padding, stride and the shape of $X'$ settle it.
# With $s=2$ and $p=1$, here are the output sizes $o$ of convolutions, for
# input sizes $i$ (columns) and kernels $k$ (rows):

# %% id="size-figure" claims="12-kernel-needed 12-output-padding" alt="A table of output sizes. Rows: kernel sizes 2 to 5; columns: input sizes 3 to 10. In each row an output size fills two neighbouring cells of one colour, ends of rows apart, and the next kernel's pairs begin one cell further right."
kernels, inputs = range(2, 6), range(3, 11)
plots.tap_matrix(
    [[conv_output_size(i, k, 2, 1) for i in inputs] for k in kernels],
    kernel_shape=(6,),  # a colour for each size
    labels="123456",
    rows=[f"k = {k}" for k in kernels],
    columns=[f"i={i}" for i in inputs],
)

# %% [markdown] id="size-answer" slide="fragment"
# Find all the 3s. Each kernel has its own, so **$k$ must be known**; and each
# kernel has two, so **even $k$, $s$, $p$ and $o$ do not settle it**.

# %% [markdown] id="size-notes" slide="notes"
# Ask: "A map of size 3 went through a transposed convolution with s = 2 and
# p = 1. How large is the result?" Let different tables defend different
# answers. Then: "How many equal neighbours would a row have with stride 3?"
# The floor in the output size, lecture 3, is what makes them equal.

# %% [markdown] id="question-sharing" slide="skip"
# ## Question 5. Sizes that share one output size
#
# Write `sharing_sizes(output_size, kernel_size, stride=1, padding=0)`: a list
# of *all* input sizes, in ascending order, of which a convolution along one
# axis makes `output_size` pixels. A size is at least 1; the convolution rounds
# down, as in question 2.


# %% id="sharing-sizes" role="answer" minutes=10
def sharing_sizes(output_size, kernel_size, stride=1, padding=0):
    """All input sizes of which a convolution makes `output_size` pixels."""
    ### BEGIN SOLUTION
    smallest = stride * (output_size - 1) + kernel_size - 2 * padding
    return [size for size in range(smallest, smallest + stride) if size > 0]
    ### END SOLUTION


# %% id="sharing-sizes-check" role="test" points=1 of="sharing-sizes"
import numpy as np

# The lecture's table: s = 2, p = 1.
for kernel_size, want in [(2, [4, 5]), (3, [5, 6]), (4, [6, 7])]:
    got = sharing_sizes(3, kernel_size, stride=2, padding=1)
    assert np.ndim(got) == 1 and np.array_equal(got, want), (
        f"sharing_sizes(3, {kernel_size}, stride=2, padding=1) returned {got}. "
        f"In the lecture's table the row k = {kernel_size} says of which "
        "inputs a 3 is made; is your list complete, and in ascending order?"
    )
### BEGIN HIDDEN TESTS


def places(size, kernel_size, stride, padding):
    """Where a convolution's kernel can stand along an axis of size pixels."""
    return len(range(0, size + 2 * padding - kernel_size + 1, stride))


for kernel_size in range(1, 6):
    for stride in range(1, 5):
        for padding in range(3):
            for output_size in (1, 2, 5, 150):
                case = (output_size, kernel_size, stride, padding)
                if (stride, padding) == (1, 0):
                    case = case[:2]  # the defaults
                got = sharing_sizes(*case)
                want = [
                    size
                    for size in range(1, 4 * output_size + 20)
                    if places(size, kernel_size, stride, padding) == output_size
                ]
                hint = (
                    "Lay the kernel down at its first and at its last place; "
                    "how many pixels may be left over after it?"
                )
                if np.ndim(got) == 1 and len(got) > len(want):
                    hint = "Some of these give another size, or are below 1."
                elif np.ndim(got) == 1 and len(got) < len(want):
                    hint = "There are more."
                assert np.ndim(got) == 1 and np.array_equal(got, want), (
                    f"sharing_sizes{case} returned {got}. {hint}"
                )
### END HIDDEN TESTS

# %% [markdown] id="output-padding" slide="slide"
# ## Whoever rounds down owes a remainder
#
# $s$ input sizes that follow one another share an output size. A transposed
# convolution must be told which one is meant: the **output padding**
# $a \in \{0, \dots, s-1\}$ counts them from the smallest. Our x y z, $s=2$,
# $p=1$, input u v:

# %% id="output-padding-figure" claims="12-sizes" alt="Two rows of cells. For a = 0 three cells: uy, uz+vx, vy. For a = 1 four cells: the same three and vz."
smaller = convolution_matrix(line, (3,), strides=2, padding=1)
plots.number_grids(
    in_letters(smaller), in_letters(cropped), titles=["a = 0", "a = 1"]
)

# %% [markdown] id="output-padding-wrong" slide="fragment"
# It is called padding, but it need not add a zero: the pixel that $a=1$ adds
# holds vz, which $a=0$ had cut away.

# %% [markdown] id="output-padding-notes" slide="notes"
# Keras calls it `output_padding`. Ask: "When does the added pixel hold a zero?"
# When no window of the convolution reaches it: with p = 0, the pixels that the
# last whole step left over.

# %% [markdown] id="question-size" slide="skip"
# ## Question 6. The size that comes out
#
# Write `transposed_size(size, kernel_size, stride=1, padding=0,
# output_padding=0)`: along one axis, how many pixels a transposed convolution
# makes of `size` pixels. In the lecture's letters: given $o$, $k$, $s$, $p$
# and $a$, which $i$?
#
# All arguments are whole numbers; `size`, `kernel_size` and `stride` are at
# least 1 and `padding` at least 0, you need not check that. Raise a
# `ValueError` for what cannot be:
#
# - an output padding that is not one of $0, \dots, s-1$;
# - a result of less than one pixel, because the padding cuts everything away.
#
# $a$ counts from the smallest of the $s$ sizes even if that is no image any
# more: with $o=1$, $k=2$, $s=2$, $p=1$ they are 0 and 1, so $a=0$ cannot be
# and $a=1$ gives 1.


# %% id="transposed-size" role="answer" minutes=15
def transposed_size(size, kernel_size, stride=1, padding=0, output_padding=0):
    """How many pixels a transposed convolution makes of `size` pixels."""
    ### BEGIN SOLUTION
    if not 0 <= output_padding < stride:
        raise ValueError(
            f"output_padding={output_padding} does not lie in 0..{stride - 1}."
        )
    reached = stride * (size - 1) + kernel_size
    result = reached - 2 * padding + output_padding
    if result < 1:
        raise ValueError(f"padding={padding} cuts away all {reached} pixels.")
    return result
    ### END SOLUTION


# %% id="transposed-size-check" role="test" points=1 of="transposed-size"
import numpy as np

# Three cases from the lecture's pictures.
for arguments, want, hint in [
    ((2, 3), 4, "Two kernels of 3, one step apart: how far do they reach?"),
    ((2, 3, 2, 1), 3, "Now two steps apart; what does the padding cut?"),
    ((2, 3, 2, 1, 1), 4, "Of the sizes that share o = 2 it is the second."),
]:
    try:
        got = transposed_size(*arguments)
    except ValueError as error:
        got = f"ValueError: {error}"
    assert np.size(got) == 1 and np.array_equal(np.ravel(got), [want]), (
        f"transposed_size{arguments} returned {got}; the lecture's pictures "
        f"show {want}. {hint}"
    )
### BEGIN HIDDEN TESTS


def places(i, kernel_size, stride, padding):
    """Where a convolution's kernel can stand along an axis of i pixels."""
    return range(0, i + 2 * padding - kernel_size + 1, stride)


cases, answers, wants = [], [], []
for kernel_size in range(1, 6):
    for stride in range(1, 5):
        for padding in range(3):
            for size in (1, 2, 3, 7):
                sharing = [
                    i
                    for i in range(-9, 40)
                    if len(places(i, kernel_size, stride, padding)) == size
                ]
                for output_padding, want in enumerate(sharing):
                    if want > 0:
                        case = (
                            size,
                            kernel_size,
                            stride,
                            padding,
                            output_padding,
                        )
                        cases.append(case)
                        wants.append(want)
for case in cases:
    try:
        got = transposed_size(*case)
    except ValueError as error:
        raise AssertionError(
            f"transposed_size{case} raised ValueError({str(error)!r}), though "
            "nothing is impossible here: a pixel is left."
        ) from None
    assert np.size(got) == 1, (
        f"transposed_size{case} returned {got}: one number?"
    )
    answers.append(float(np.reshape(np.asarray(got, float), ())))
size, kernel_size, stride, padding, output_padding = np.transpose(cases)
off = np.subtract(answers, wants)
known = [
    (-output_padding, "Where is the output padding?"),
    (output_padding, "The output padding counts once, not at each end."),
    (padding, "Padding lies at both ends of the axis."),
    (2 * padding, "Padding belongs to the convolution's input: cut it off."),
    (stride, "From the first of n places to the last there are n - 1 steps."),
    (stride - kernel_size, "How far does the kernel at the last place reach?"),
]
hint = (
    "Lay the kernels down on paper, one stride apart: how far do they reach? "
    "What does the padding cut, what does the output padding leave?"
)
for wrong, cause in known:
    if np.array_equal(off, wrong):
        hint = cause
for case, got, want in zip(cases, answers, wants, strict=True):
    assert got == want, f"transposed_size{case} returned {got:g}. {hint}"
### END HIDDEN TESTS

# %% id="transposed-size-errors-check" role="test" points=1 of="transposed-size"
import numpy as np


def outcome(*arguments, **named):
    """What the answer returns, or "ValueError"."""
    try:
        return transposed_size(*arguments, **named)
    except ValueError:
        return "ValueError"
    except Exception as error:
        return f"{error} (no ValueError)"


# With stride 1 no sizes share an output: a = 1 cannot be.
got = outcome(2, 3, stride=1, output_padding=1)
assert np.array_equal(got, "ValueError"), (
    f"transposed_size(2, 3, stride=1, output_padding=1) gave {got}, though 0 is "
    "the only output padding that a stride of 1 allows: raise a ValueError."
)
### BEGIN HIDDEN TESTS
impossible = [
    ((3, 3, 2, 1, 2), "How many sizes share an output, counted from 0?"),
    ((3, 3, 2, 1, 3), "How many sizes share an output, counted from 0?"),
    ((2, 5, 3, 0, 3), "The stride, not the kernel, bounds the output padding."),
    ((2, 5, 3, 0, 4), "The stride, not the kernel, bounds the output padding."),
    ((3, 3, 2, 1, -1), "An output padding below 0 cannot be."),
    ((1, 2, 1, 1), "The padding cuts away every pixel."),
    ((1, 3, 2, 2), "The padding cuts away more than there is."),
    ((1, 2, 2, 1, 0), "The padding cuts away every pixel."),
    ((2, 3, 1, 3, 0), "The padding cuts away more than there is."),
]
for case, hint in impossible:
    got = outcome(*case)
    assert np.array_equal(got, "ValueError"), (
        f"transposed_size{case} gave {got} where a ValueError is asked for. "
        f"{hint}"
    )
possible = [
    (1, 1),
    (1, 2, 2, 1, 1),
    (1, 3, 1, 1),
    (2, 1, 3, 0, 2),
    (5, 2, 4, 0, 3),
    (2, 5, 2, 3),
    (5, 1, 1, 1),
    (9, 1, 1, 2),
]
for case in possible:
    got = outcome(*case)
    assert not isinstance(got, str), (
        f"transposed_size{case} gave {got}, though nothing is impossible here: "
        "the output padding is less than the stride, and a pixel is left."
    )
    assert np.size(got) == 1 and np.all(np.asarray(got, float) > 0), (
        f"transposed_size{case} returned {got}. At least one pixel is left."
    )
### END HIDDEN TESTS

# %% [markdown] id="words" slide="slide"
# ## Keras takes words, PyTorch takes $p$ and $a$
#
# What comes out of $o = 4$ pixels with stride 2, for kernels of 1 to 5?


# %% id="words-figure" alt="A table of output sizes for kernel sizes 1 to 5. Row valid: 8, 8, 9, 10, 11. Row same: always 8. Row p = 1, a = 0: 5, 6, 7, 8, 9. Row p = 1, a = 1: 6, 7, 8, 9, 10."
def keras_size(kernel_size, word):
    """What Keras makes of 4 pixels with stride 2."""
    layer = keras.layers.Conv2DTranspose(1, kernel_size, 2, padding=word)
    return layer.compute_output_shape((1, 4, 4, 1))[1]


widths = range(1, 6)
plots.tap_matrix(
    [
        [keras_size(k, "valid") for k in widths],
        [keras_size(k, "same") for k in widths],
        [transposed_conv_output_size(4, k, 2, 1, 0) for k in widths],
        [transposed_conv_output_size(4, k, 2, 1, 1) for k in widths],
    ],
    kernel_shape=(12,),
    labels=[str(size) for size in range(1, 13)],
    rows=["valid", "same", "p=1, a=0", "p=1, a=1"],
    columns=[f"k={k}" for k in widths],
)

# %% [markdown] id="words-answer" slide="fragment"
# By default "valid" cuts nothing, $s(o-1) + \max(k, s)$: for $k<s$ zeros fill
# the last step. "same" gives $s\,o$: for $k \ge s$ it cuts $k-s$ pixels, half
# at each end, and if that is odd, one more at the end.

# %% [markdown] id="words-notes" slide="notes"
# Ask: "Whose 'same' is it: same as what?" (The convolution with "same" and
# this stride makes o of s o pixels.) PyTorch counts p and a as this lecture
# does: who carries weights from one to the other must translate. Keras has an
# `output_padding` too; set, it changes what both words cut.

# %% [markdown] id="printed" slide="slide"
# ## Trust no picture: count
#
# Other slides show this result for "size 3, stride 2" and the taps 1 to 9.
# The middle is theirs. Right of it is what $C^T$ gives. What went wrong?

# %% id="printed-figure" claims="12-printed-one 12-printed-two 12-printed-right" alt="Three grids. The input 0 1 over 0 0. The printed result, 4 by 4: 0 1 2 3, 0 4 5 6, 0 7 8 9 and a row of zeros. The computed result, 5 by 5: 0 0 1 2 3, 0 0 4 5 6, 0 0 7 8 9 and two rows of zeros."
corner = np.array([[0, 1], [0, 0]])
printed = np.pad(taps, ((0, 1), (1, 0)))
computed = (C_five.T @ corner.ravel()).reshape(5, 5)
plots.number_grids(
    corner,
    printed,
    computed,
    titles=["X'", "printed", "computed"],
    taps=[corner, printed, computed],
    kernel_shape=(3, 3),
    height=3.4,
)

# %% [markdown] id="printed-answer" slide="fragment"
# In which column does the copy for the 1 begin, here and there? And do two
# kernels of 3, two steps apart, fit on 4 pixels when no padding cuts? The
# verdict is yours: question 7.

# %% [markdown] id="printed-notes" slide="notes"
# Give a minute in pairs. The second number's copy begins in column 1, one step,
# not two, and two kernels of 3 two steps apart need 5 pixels: the printed
# picture has stride 1. A good habit to name aloud: check
# a picture where it could be wrong. The deck's first example has its only 1
# in the upper left corner, where every stride gives the same picture.

# %% [markdown] id="question-pictures" slide="skip"
# ## Question 7. Predict the pictures
#
# By hand, with pencil and paper; no padding, no output padding. The input is
# always $X'$ = `[[1, 1], [0, 0]]`. Write down, as lists of rows,
#
# - `side_by_side`: the result of the kernel `[[1, 2], [3, 4]]` with stride 2;
# - `overlapping`: the result of the taps 1 to 9 (3×3) with stride 2;
# - `printed_stride`: under the title "size 3, stride 2" those slides print
#   for the same taps
#   `[[1, 3, 5, 3], [4, 9, 11, 6], [7, 15, 17, 9], [0, 0, 0, 0]]`. With which
#   stride was it really made?

# %% id="pictures" role="answer" minutes=10
# Bind three names: side_by_side, overlapping and printed_stride.
### BEGIN SOLUTION
side_by_side = [[1, 2, 1, 2], [3, 4, 3, 4], [0, 0, 0, 0], [0, 0, 0, 0]]
overlapping = [
    [1, 2, 4, 2, 3],
    [4, 5, 10, 5, 6],
    [7, 8, 16, 8, 9],
    [0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0],
]
printed_stride = 1
### END SOLUTION

# %% id="pictures-check" role="test" points=1 of="pictures"
import numpy as np

# What any such picture must obey: it adds up to (sum of X') (sum of taps).
for name, got, total in [
    ("side_by_side", side_by_side, 20),
    ("overlapping", overlapping, 90),
]:
    got = np.asarray(got, float)
    assert got.ndim == 2 and got.sum() == total, (
        f"{name} has shape {got.shape} and adds up to {got.sum():g}. Each 1 of "
        "the input lays down a whole kernel, so all numbers of the picture add "
        f"up to {total}."
    )
### BEGIN HIDDEN TESTS


def stamped(x, kernel, stride):
    """Every number lays down a copy of the kernel."""
    side = stride * (len(x) - 1) + len(kernel)
    canvas = np.zeros((side, side))
    for (row, column), value in np.ndenumerate(x):
        window = canvas[row * stride :, column * stride :]
        window[: len(kernel), : len(kernel)] += value * kernel
    return canvas


x = np.array([[1, 1], [0, 0]])
for name, got, size in [
    ("side_by_side", side_by_side, 2),
    ("overlapping", overlapping, 3),
]:
    got = np.asarray(got, float)
    kernel = np.arange(1, size * size + 1).reshape(size, size)
    want = stamped(x, kernel, 2)
    hint = "Where does each copy begin, and what happens where two meet?"
    if got.shape != want.shape:
        hint = f"How far do two kernels of {size} reach, two steps apart?"
    elif np.array_equal(got, stamped(x, kernel[::-1, ::-1], 2)):
        hint = "The copies are turned by 180°; a stamp lies as the kernel does."
    assert got.shape == want.shape and np.array_equal(got, want), (
        f"{name} holds {got.tolist()}. {hint}"
    )
### END HIDDEN TESTS

# %% id="printed-stride-check" role="test" points=1 of="pictures"
import numpy as np

assert np.size(printed_stride) == 1, (
    f"printed_stride is {printed_stride}; expected one number, a stride."
)
### BEGIN HIDDEN TESTS
got = float(np.ravel(printed_stride)[0])
assert got == 1, (
    f"printed_stride is {got:g}. In the printed picture, in which column does "
    "the second number's copy of the kernel begin?"
)
### END HIDDEN TESTS

# %% [markdown] id="gradient" slide="slide"
# ## You have used it since lecture 2
#
# Training needs the gradient of a loss $L$ with respect to a layer's *input*.
# From $X'^f = C X^f$ the chain rule gives
#
# $$\frac{\partial L}{\partial X^f} = C^T\,\frac{\partial L}{\partial X'^f}$$
#
# On its way back to the *input*, every gradient passes a transposed convolution.

# %% [markdown] id="gradient-back" slide="fragment"
# And the way back of the way back: the gradient of a transposed convolution is
# the convolution, as $(C^T)^T = C$.

# %% [markdown] id="gradient-keras" slide="subslide"
# ## Does Keras send it back so?
#
# The gradient of this loss at the convolution's *output* is `arriving`. At its
# input, then?

# %% id="gradient-check" claims="12-gradient"
field = dice.normal(size=(1, 7, 7, 1)).astype("float32")
arriving = dice.normal(size=(1, 3, 3, 1)).astype("float32")
filters = dice.normal(size=(3, 3, 1, 1)).astype("float32")
_, (gradient,) = value_and_gradients(
    lambda x: keras.ops.sum(keras.ops.conv(x, filters, strides=2) * arriving),
    field,
)
C_seven = convolution_matrix(filters[:, :, 0, 0], (7, 7), strides=2)
expected = C_seven.T @ arriving.ravel()
print("C transposed:", np.allclose(gradient.ravel(), expected, atol=1e-5))

# %% [markdown] id="gradient-notes" slide="notes"
# Ask before running: "Which shape has the gradient? Which layer do you know
# that goes from the output's shape to the input's?" This is also the safest
# way to remember the definition. Libraries use it the other way round: their
# transposed convolution calls the code of the convolution's gradient.

# %% [markdown] id="begin" slide="slide"
# ## With which kernel should the learning begin?
#
# Random taps paint a random pattern. Better to go **straight** from pixel to pixel
# (Long and others 2015). Which kernel draws straight lines, when copies add?

# %% id="begin-figure" alt="Three tents over a line of pixels, of the heights 2, 6 and 4, each falling to zero where its neighbour has its top. Their sum, a dash-dotted line, runs straight from top to top: 2, 6, 4."
line_x = np.linspace(-2, 6, 161)
heights = {0: 2, 2: 6, 4: 4}
tents = [
    height * np.maximum(0, 1 - abs(line_x - top) / 2)
    for top, height in heights.items()
]
plots.curves(
    *[(line_x, tent) for tent in [*tents, np.sum(tents, axis=0)]],
    labels=["copy for 2", "copy for 6", "copy for 4", "their sum"],
    axes=("pixel of the result, stride 2", "grey"),
)

# %% [markdown] id="begin-answer" slide="fragment"
# A **tent**: full weight on its own pixel, none one stride away. In two
# dimensions tent times tent, hence *bilinear*.

# %% [markdown] id="begin-notes" slide="notes"
# Let someone draw the sum of the first two tents at the board. Where only one
# copy arrives, at both ends, the sum falls to zero: that will be the border's
# fault on the next slide.

# %% [markdown] id="taps" slide="slide"
# ## Which taps? It depends on where the pixels stand
#
# Sample the tent at whole pixels: three taps if its top stands *on* a pixel,
# four if it stands *between* two. Stride 2:

# %% id="taps-figure" claims="12-tent" alt="A tent of height 1 that falls to zero at minus 2 and 2. Three squares on it at minus 1, 0 and 1 with the heights one half, 1, one half. Four triangles at minus 1.5, minus 0.5, 0.5 and 1.5 with the heights one quarter, three quarters, three quarters, one quarter."
three, four = np.array([-1, 0, 1]), np.array([-1.5, -0.5, 0.5, 1.5])
plots.curves(
    (line_x[:81], 1 - abs(line_x[:81]) / 2),
    (three, 1 - abs(three) / 2),
    (four, 1 - abs(four) / 2),
    labels=["the tent", "3 taps: ½ 1 ½", "4 taps: ¼ ¾ ¾ ¼"],
    axes=("distance from the tent's top", "weight"),
    dots=[False, True, True],
)

# %% [markdown] id="rules" slide="subslide"
# ## Two tents, two rules of interpolation
#
# The pixels 2 6 4 and their double, by Keras's `resize` and by the tents:

# %% id="rules-figure" claims="12-bilinear 12-resize 12-four-taps 12-three-taps" alt="Three rows of cells. resize: 2, 3, 5, 5.5, 4.5, 4. Four taps: 1.5, 3, 5, 5.5, 4.5, 3, the same inside the border. Three taps: 2, 4, 6, 5, 4, only five numbers, the old pixels with their averages between."
dots = np.array([2, 6, 4], "float32")
resized = keras.ops.image.resize(dots.reshape(1, 3, 1), (1, 6))
resized = keras.ops.convert_to_numpy(resized).ravel()
quarters = np.array([1, 3, 3, 1]) / 4
halves = np.array([1, 2, 1]) / 2
by_four = convolution_matrix(quarters, (6,), strides=2, padding=1).T @ dots
by_three = convolution_matrix(halves, (5,), strides=2, padding=1).T @ dots
plots.number_grids(
    resized,
    by_four,
    by_three,
    titles=["resize", "4 taps, p = 1", "3 taps, p = 1"],
)

# %% [markdown] id="rules-answer" slide="fragment"
# Four taps are `resize`, except at the border, where a neighbour is missing.
# Three keep the pixels and average between: with stride 2 five numbers, another
# rule (*aligned corners*). Slides that draw a 3×3 tent mean this one.

# %% [markdown] id="rules-notes" slide="notes"
# Ask: "Which of them doubles the size?" Only four taps: 2(3 - 1) + 4 - 2 = 6.
# Ask also why the border is darker: the missing neighbour counts as zero.
# `resize` repeats the outermost pixel instead.

# %% [markdown] id="question-bilinear" slide="skip"
# ## Question 8. The bilinear kernel
#
# Write `bilinear_kernel(stride, channels=1)`: an array $(k, k, c, c)$, the
# kernel of a `Conv2DTranspose` with this stride that upsamples every channel
# by itself, bilinearly.
#
# - $k = 2s$ for an even stride $s$, $k = 2s-1$ for an odd one: so $k-s$ is
#   even, and as much can be cut before as after. The tent's top stands in the
#   middle of the kernel, on a pixel or between two;
# - along each axis the tent falls to zero one stride from its top;
# - `kernel[:, :, i, j]` leads from channel j to filter i: the tent where
#   $i = j$, zeros elsewhere.
#
# You may use Python, NumPy and Keras. Ready-made resizing is closed, and so
# is the rest of the package `course`.


# %% id="bilinear-kernel" role="answer" minutes=15 forbids="keras.ops.image.resize keras.layers.UpSampling2D keras.layers.Resizing"
def bilinear_kernel(stride, channels=1):
    """The kernel (k, k, c, c) that upsamples bilinearly by `stride`."""
    ### BEGIN SOLUTION
    size = 2 * stride - stride % 2
    distance = np.abs(np.arange(size) - (size - 1) / 2)
    tent = 1 - distance / stride
    return np.multiply.outer(np.outer(tent, tent), np.eye(channels))
    ### END SOLUTION


# %% id="bilinear-kernel-check" role="test" points=1 of="bilinear-kernel"
import numpy as np

# The lecture's four taps: the first row of the kernel for stride 2.
got = np.asarray(bilinear_kernel(2), float)
assert got.shape == (4, 4, 1, 1), (
    f"bilinear_kernel(2) returned shape {got.shape}. For stride 2 the kernel "
    "has 4x4 taps, one channel and one filter."
)
assert np.allclose(got.sum(), 4), (
    f"bilinear_kernel(2) returned taps that add up to {got.sum():.4g}. A "
    "constant image must stay what it is: each of the four output pixels that "
    "belong to an input pixel needs weights that add up to 1."
)
### BEGIN HIDDEN TESTS
for stride in (1, 2, 3, 4):
    side = 2 * stride - stride % 2
    middle = (side - 1) / 2
    want = np.array(
        [
            [
                (1 - abs(row - middle) / stride)
                * (1 - abs(column - middle) / stride)
                for column in range(side)
            ]
            for row in range(side)
        ]
    )
    got = np.asarray(bilinear_kernel(stride), float)
    assert got.shape == (side, side, 1, 1), (
        f"bilinear_kernel({stride}) returned shape {got.shape}. Is the stride "
        "even or odd, and how large is the kernel then?"
    )
    plane = got[:, :, 0, 0]
    hint = "Draw the tent: where is its top, and where does it reach zero?"
    if not np.allclose(plane, plane[::-1, ::-1]):
        hint = "It is not symmetric: where is the middle of an even kernel?"
    elif np.linalg.matrix_rank(plane, tol=1e-4) > 1:
        hint = "In two dimensions it is tent times tent."
    elif np.allclose(plane * want.sum(), want, atol=1e-5):
        hint = "Its taps add up to 1: too dark, as most pixels see few taps."
    assert np.allclose(plane, want, atol=1e-5), (
        f"bilinear_kernel({stride}) returned {plane.round(4).tolist()}. {hint}"
    )
### END HIDDEN TESTS

# %% id="bilinear-channels-check" role="test" points=1 of="bilinear-kernel"
import numpy as np

got = np.asarray(bilinear_kernel(2, channels=3), float)
assert got.shape == (4, 4, 3, 3), (
    f"bilinear_kernel(2, channels=3) returned shape {got.shape}; expected the "
    "taps' two axes, then filters, then channels."
)
### BEGIN HIDDEN TESTS
for stride, channels in [(2, 3), (3, 2)]:
    one = np.asarray(bilinear_kernel(stride), float)
    got = np.asarray(bilinear_kernel(stride, channels=channels), float)
    shape = (*one.shape[:2], channels, channels)
    assert one.ndim == 4 and np.any(one) and got.shape == shape, (
        f"bilinear_kernel({stride}) returned shape {one.shape}, and with "
        f"channels={channels} {got.shape}. As many taps, and an axis each for "
        "filters and channels?"
    )
    for i in range(channels):
        for j in range(channels):
            hint = f"Should filter {i} take anything from channel {j}?"
            if i == j:
                hint = "Every channel is upsampled as if it were the only one."
            assert np.allclose(
                got[:, :, i, j], one[:, :, 0, 0] * (i == j), atol=1e-5
            ), (
                f"bilinear_kernel({stride}, channels={channels}): from channel "
                f"{j} to filter {i} it leads with "
                f"{got[:, :, i, j].round(4).tolist()}. {hint}"
            )
### END HIDDEN TESTS

# %% [markdown] id="fcn" slide="slide"
# ## In a real network: FCN-32s
#
# Its last layer enlarges 21 maps 32 times. What does this section's rule make
# of that?

# %% id="fcn-check" claims="12-fcn"
k = 2 * 32
weights = conv_parameters(k, 21, 21, bias=False)
tent = Bilinear(32)((k, k, 21, 21))
used = np.count_nonzero(keras.ops.convert_to_numpy(tent))
print(f"kernel {k}x{k}, from 21 classes to 21: {weights:,} weights")
print(f"of which not zero at the start:      {used:,}")

# %% [markdown] id="fcn-answer" slide="fragment"
# The package's `course.initializers.Bilinear` is such a start. Whether it
# should then be *trained* is a question of its own: the paper trains the
# inner upsampling layers, and leaves the last one bilinear.

# %% [markdown] id="fcn-notes" slide="notes"
# Ask: "How many weights would a dense layer need, from 21 maps of 16x16 to
# 21 maps of 512x512?" Then: "Why do classes not meet at the start?" (A tent
# only enlarges; mixing classes is for the layers before.)

# %% [markdown] id="overlap" slide="slide"
# ## Count the copies that reach a pixel
#
# All taps 1, all 2×3 inputs 1: each output pixel then *counts* how many copies
# reach it. Stride 2, kernels of 2, 3 and 4:

# %% id="overlap-figure" claims="12-side-by-side 12-two-side-by-side 12-no-overlap 12-uneven 12-even" alt="Three grids of counts. Kernel 2: ones everywhere. Kernel 3: rows of 1 1 2 1 2 1 1, and between them a row of 2 2 4 2 4 2 2. Kernel 4: 1 at the corners, 2 along the border, 4 everywhere inside."
counts = []
for k in (2, 3, 4):
    shape = (2 + k, 4 + k)  # of 2x3 inputs
    ones = convolution_matrix(np.ones((k, k), int), shape, strides=2)
    counts.append(ones.sum(axis=0).reshape(shape))
plots.number_grids(
    *counts,
    titles=["k = 2", "k = 3", "k = 4"],
    taps=counts,
    kernel_shape=(4,),
    height=3.6,
)

# %% [markdown] id="overlap-answer" slide="fragment"
# As wide as the stride: no overlap. Wider: overlap, which can smooth. But if the
# stride does not **divide** $k$, some get more copies. Equal taps show it.

# %% [markdown] id="overlap-notes" slide="notes"
# Ask before showing k = 3: "Draw one row." (1 1 2 1 2 1 1.) "And in two
# dimensions?" The counts multiply, so the contrast is 1 to 4. Ask where they
# saw a pattern like this: in images made by networks, if you zoom in.

# %% [markdown] id="checkerboard" slide="slide"
# ## A photograph, enlarged in four ways
#
# Shrunk to half, then enlarged with stride 2: by equal taps, 3 and 4 wide; by
# the tent; and by repeating pixels, then convolving with equal taps.

# %% id="checkerboard-figure" alt="Four enlarged photographs of a cameraman's head. First, 3 by 3 equal taps: the whole picture is covered by a bright and dark grid. Second, 4 by 4 equal taps: no grid, slightly blurred. Third, the tent of 4 taps: no grid, sharper. Fourth, resized and then convolved: no grid."
from skimage import data

photograph = data.camera()[60:188, 190:318] / 255
half = photograph.reshape(64, 2, 64, 2).mean(axis=(1, 3))


def enlarged(kernel):
    """Twice the size by a transposed convolution, taps adding up to 4."""
    kernel = 4 * kernel / kernel.sum()
    matrix = convolution_matrix(kernel, (128, 128), 2, 1, sparse=True)
    return (matrix.T @ half.ravel()).reshape(128, 128)


repeated = half.repeat(2, axis=0).repeat(2, axis=1)
mean = convolution_matrix(
    np.ones((3, 3)) / 9, (128, 128), padding=1, sparse=True
)
resize_then = (mean @ repeated.ravel()).reshape(128, 128)
plots.images(
    *[
        picture[4:124, 4:124]
        for picture in (
            enlarged(np.ones((3, 3))),
            enlarged(np.ones((4, 4))),
            enlarged(np.outer(quarters, quarters)),
            resize_then,
        )
    ],
    titles=["k = 3, equal", "k = 4, equal", "k = 4, tent", "resize, 3×3"],
    limits=(0, 1),
    height=3.7,
)

# %% [markdown] id="checkerboard-answer" slide="fragment"
# No grid where the **stride divides** the width of equal taps, where the kernel
# is a tent, or after **resizing first** (Odena, Dumoulin and Olah 2016).

# %% [markdown] id="checkerboard-notes" slide="notes"
# Someone will say: "But a network learns its kernel, it would not take equal
# taps." Good: write it on the board, the next slides test it. (In the first
# picture an eighth of the pixels would be brighter than white.)

# %% [markdown] id="phases" slide="slide"
# ## Why a grid: four small kernels in turn
#
# With stride 2 an output pixel meets only every second tap, in each
# direction. Which ones depends on whether its row and column are even or odd:

# %% id="phases-figure" alt="The 3 by 3 kernel a to i in four colours, one for each pair of even or odd row and column, and the four parts: a c over g i, b over h, d f, and e alone."
phase = np.array([[1, 2, 1], [3, 4, 3], [1, 2, 1]])
kernel = letters[taps]
parts = [(0, 0), (0, 1), (1, 0), (1, 1)]
plots.number_grids(
    kernel,
    *[kernel[r::2, c::2] for r, c in parts],
    titles=["kernel", "even, even", "even, odd", "odd, even", "odd, odd"],
    signs=[" "] * 4,
    taps=[phase, *[phase[r::2, c::2] for r, c in parts]],
    kernel_shape=(4,),
)

# %% [markdown] id="phases-answer" slide="fragment"
# Four convolutions of the *small* map, woven together: $s^2$ of them. Equal
# brightness needs **equal sums** of their taps. The tent ½ 1 ½ has them, though
# 2 does not divide 3; equal taps have 4, 2, 2, 1. Nothing enforces it.

# %% [markdown] id="phases-woven" slide="subslide"
# ## Weave them, and compare
#
# Four stride-1 transposed convolutions of the small map, each written to its
# own rows and columns of the result:

# %% id="phases-check" claims="12-weaves"
woven = np.zeros((5, 5))
for r, c in parts:
    part = taps[r::2, c::2]
    inside = np.add((2, 2), part.shape) - 1  # a full convolution's size
    matrix = convolution_matrix(part, tuple(inside))
    woven[r::2, c::2] = (matrix.T @ small.ravel()).reshape(inside)
print("woven = C transposed:", np.array_equal(woven, by_matrix))

# %% [markdown] id="phases-shi" slide="fragment"
# Computed as $s^2$ channels of one convolution and then woven, it is called
# *sub-pixel convolution* or pixel shuffle (Shi and others 2016).

# %% [markdown] id="phases-notes" slide="notes"
# Ask: "Which kernel size gives all four parts equally many taps?" And: "What
# if the kernel is shorter than the stride?" (Some parts are empty, their
# pixels zero.) Three such layers one behind the other: periods 2, 4 and 8.

# %% [markdown] id="any-weights" slide="slide"
# ## Would learning not even it out?
#
# Draw 1000 kernels for each way, send a constant map through, and measure the
# share of the pattern: 0 for a constant result, 1 for nothing but pattern.

# %% id="any-weights-figure" claims="12-pattern 12-signed" alt="Five curves of the pattern's share over 1000 random kernels, sorted. Taps between 0 and 1: kernel 3 rises from 0.1 to 0.8, kernel 4 is about half as high. Normally distributed taps: for both kernels almost the same curve, from 0.2 to nearly 1. Resizing first: zero for every kernel."
draws = np.random.default_rng(7)


def share(picture):
    """The pattern's part of the root mean square, of even and odd pixels."""
    means = [picture[r::2, c::2].mean() for r, c in parts]
    return np.std(means) / np.sqrt(np.mean(np.square(means)))


def transposed(kernel):
    """What a constant map becomes, away from the border."""
    side = 8 + len(kernel)
    matrix = convolution_matrix(kernel, (side, side), strides=2)
    return matrix.sum(axis=0).reshape(side, side)[4:8, 4:8]


def resized_first(kernel):
    """The same, its pixels repeated, then convolved."""
    return np.einsum("ijuv,uv", constant_windows, kernel)


constant_windows = np.lib.stride_tricks.sliding_window_view(
    np.ones((4, 4)).repeat(2, axis=0).repeat(2, axis=1), (3, 3)
)
ways = [
    ("k = 3, taps 0 to 1", transposed, 3, draws.random),
    ("k = 4, taps 0 to 1", transposed, 4, draws.random),
    ("k = 3, normal", transposed, 3, lambda shape: draws.normal(size=shape)),
    ("k = 4, normal", transposed, 4, lambda shape: draws.normal(size=shape)),
    ("resize, then 3×3", resized_first, 3, draws.random),
]
plots.curves(
    *[
        (range(1000), sorted(share(way(draw((k, k)))) for _ in range(1000)))
        for _, way, k, draw in ways
    ],
    labels=[label for label, *_ in ways],
    axes=("kernels, sorted", "pattern"),
)

# %% [markdown] id="any-weights-answer" slide="fragment"
# Taps of one sign: weaker for $k=4$. Of both signs, as layers begin: no help.
# Kernels no shorter than the stride *can* be even, resizing always is.

# %% [markdown] id="any-weights-notes" slide="notes"
# Back to the claim on the board. A network *can* learn four equal sums, but
# must do so in every layer, and each step of training can spoil them. With
# independent taps of mean 0 the share is the root of 3/4, whatever k. Ask for
# the price of the second cure: the convolution runs on four times as many
# pixels, and the enlarged map is blurred before it.

# %% [markdown] id="gradient-grid" slide="slide"
# ## The grid comes back in gradients
#
# The gradient of a strided convolution is a transposed one. So a 3×3
# convolution with stride 2 *downwards* has the checkerboard in its gradient:

# %% id="gradient-grid-figure" alt="A 7 by 9 grid: how strongly each input pixel is reached by the gradient of the sum of all outputs. 1 1 2 1 2 1 2 1 1 along the border, 1, 2 and 4 in a checkerboard inside."
blank = np.zeros((1, 7, 9, 1), "float32")
equal = np.ones((3, 3, 1, 1), "float32")
_, (reached,) = value_and_gradients(
    lambda x: keras.ops.sum(keras.ops.conv(x, equal, strides=2)), blank
)
reached = reached[0, :, :, 0].astype(int)
plots.number_grids(reached, taps=[reached], kernel_shape=(4,), height=3.5)

# %% [markdown] id="gradient-grid-answer" slide="fragment"
# With equal taps, some pixels get four times the gradient of others. Whoever
# optimizes an *image* by gradients (lecture 10) sees this grid in it.

# %% [markdown] id="question-written" slide="skip"
# ## Question 9. A grid in the picture
#
# This one is read by a person. Answer in about eight sentences.

# %% [markdown] id="grid-in-the-picture" role="written" points=2 minutes=15
# A colleague's network ends in three layers
# `Conv2DTranspose(64, 3, strides=2)` and a 1×1 convolution. Its pictures bear a
# fine grid. "The training pictures must contain it", she says, "and more
# training will remove it."
#
# 1. Explain where the grid comes from.
# 2. Describe an experiment that decides between her explanation and yours
#    *without* any training, and what each of them predicts.
# 3. Propose two different cures, each with one disadvantage.
#
# ### BEGIN SOLUTION
# Each layer lays down 3×3 copies two pixels apart. As 2 does not divide 3,
# the output's pixels receive 1, 2 or 4 copies in turn; put otherwise, four
# kernels of 4, 2, 2 and 1 taps are woven together, and nothing makes their
# sums equal. Three such layers add patterns of 2, 4 and 8 pixels' period.
#
# Send a constant map (or noise) through the untrained layers, with all biases
# zero, for several random kernels. If the data were the cause there would be
# no grid before training; if the layer is, the grid is there at once, with
# the period of the stride. (Also accepted: replace 3 by 4 and compare; or the
# spectrum of the training pictures at the grid's frequency.)
#
# Cures: a kernel size that the stride divides, e.g. 4: 16 instead of 9
# taps, and no help against unequal sums of taps. Resize, then convolve:
# four times the multiplications of a convolution on the small map, and
# blurred. Sub-pixel convolution with equal initial kernels; starting at the
# bilinear kernel (may drift away); a blur behind each layer (loses detail).
#
# **Marking scheme** (2 points): 0.5 for uneven overlap, with stride and kernel
# size as its cause; 0.5 for an experiment without training whose two
# predictions differ; 0.5 for each cure that acts on the cause *and* has a
# true disadvantage (0.25 without one). Nothing for "train longer", "more
# data", "smaller learning rate".
# ### END SOLUTION

# %% [markdown] id="remember" slide="slide"
# ## What to remember
#
# - A convolution is a matrix $C$, a transposed convolution $C^T$. Shape and
#   wiring come back, values do not.
# - By columns it stamps copies, by rows it slides the turned kernel over an
#   input full of zeros.
# - The stride spreads, the padding cuts; $a$ picks one of $s$ sizes.
# - Gradients pass it on their way to a convolution's input.
# - Grids come from parts of the kernel with unequal sums. Begin with the tent,
#   or resize first.

# %% [markdown] id="remember-notes" slide="notes"
# Ask first, with the slide covered: "Five sentences to someone who missed
# today." Then the opening question again: who can give me the image back?

# %% [markdown] id="sources" slide="slide"
# ## Sources
#
# - Dumoulin, Visin: A guide to convolution arithmetic for deep learning.
#   2016, arXiv:1603.07285 (4.1: the matrix)
# - Long, Shelhamer, Darrell: Fully convolutional networks for semantic
#   segmentation. CVPR 2015, arXiv:1411.4038 (3.3: upsampling)
# - Odena, Dumoulin, Olah: Deconvolution and checkerboard artifacts. Distill
#   2016, doi:10.23915/distill.00003
# - Shi and others: Is the deconvolution layer the same as a convolutional
#   layer? 2016, arXiv:1609.07009
# - Zeiler, Krishnan, Taylor, Fergus: Deconvolutional networks. CVPR 2010,
#   doi:10.1109/CVPR.2010.5539957
