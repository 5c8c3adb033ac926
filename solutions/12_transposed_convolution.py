# %% [markdown] id="title" slide="slide"
# # 12 · Transposed convolution
#
# A 2×2 map comes in, a 4×4 map goes out. By which rule, and what do the
# sixteen numbers mean?
#
# After this lecture you can
#
# - write any convolution as a matrix,
# - say what the transpose of that matrix does, and compute it,
# - say what it does *not* do: undo the convolution,
# - tell which size comes out, and what must be known for it.

# %% [markdown] id="title-notes" slide="notes"
# Ask the room: "I convolved a 4×4 image and got a 2×2 one. Here are the kernel
# and the four numbers. Who can give me the image back?" Count the hands for
# yes and for no, write both on the board, and keep them for the slide "Is it
# the way back?".

# %% id="imports" role="given"
import numpy as np

# %% id="tools" slide="skip"
import keras

from course import plots
from course.arithmetic import conv_output_size
from course.convolution_matrix import convolution_matrix

# %% [markdown] id="why-up" slide="slide"
# ## Down for the view, up for the answer
#
# A network that labels every pixel first shrinks the image, because strides
# and pooling let it see far. Its last map is coarse; its answer must be fine.
#
# Long, Shelhamer and Darrell (2015) climb back with a layer whose weights are
# learned, the **transposed convolution**.
#
# Transposed? Grids of pixels have no transpose. Matrices do. So first:
# *which matrix is a convolution?*

# %% [markdown] id="flattening" slide="slide"
# ## A matrix wants a vector, so read the image like a page
#
# Row after row: the **flattened** image is called $X^f$.

# %% id="flattening-figure" alt="A 4 by 4 grid of the numbers 0 to 15, each row in a colour of its own, and beside it the same sixteen cells in one long row: first row first, then the second, third and fourth."
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
# every matrix that follows would have its columns shuffled. NumPy's `ravel`
# and `reshape` and Keras's `Flatten` read row by row.

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

# %% id="matrix-figure" alt="A matrix of 4 rows, one for each output pixel, and 16 columns in four blocks, one for each row of the image. Each row holds a b c, d e f and g h i in three neighbouring blocks. The second row is the first moved right by one, the third is the first moved right by four."
where = convolution_matrix(taps, (4, 4))
image_rows = [f"row {row} of X" for row in range(4)]
plots.tap_matrix(where, (3, 3), rows=outputs, columns=image_rows)

# %% [markdown] id="matrix-question" slide="fragment"
# From the first row to the second everything moves by one place, from the
# first to the third by four. Why four? And which move can a row *not* make
# without being torn apart at the end of a block?

# %% [markdown] id="matrix-notes" slide="notes"
# Let them find it: one step down in the image is one whole image row further
# in the flattened image, so four places, whatever the kernel's width. A third
# step to the right would split a b c over two rows of the image: the window
# would leave it at the right edge and come in again at the left.

# %% [markdown] id="equation" slide="slide"
# ## So a convolution is a dense layer
#
# $$X'^f = C\,X^f$$
#
# - A **row** of $C$ for each output pixel, a **column** for each input pixel.
# - Where both are joined by a tap, $C$ holds it; elsewhere it holds 0.
# - A dense layer, then, but with few of its connections, and few weights:

# %% id="equation-counts"
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
# A small image and a small kernel, thrown by dice. Check one pixel of $X'$ by
# hand, then trust the matrix with the others.

# %% id="numbers-figure" alt="The 4 by 4 image X of small random integers, the 3 by 3 kernel and the 2 by 2 result X prime, side by side."
dice = np.random.default_rng(12)
X = dice.integers(1, 6, (4, 4)).astype("float32")
phi = dice.integers(0, 3, (3, 3)).astype("float32")
C = convolution_matrix(phi, X.shape)
X_prime = (C @ X.ravel()).reshape(2, 2)
plots.number_grids(X, phi, X_prime, titles=["X", "φ", "X'"], signs=["*", "="])

# %% [markdown] id="keras" slide="subslide"
# ## Keras agrees
#
# It slides the kernel, we multiplied by a matrix. Keras counts axes for a
# batch and for channels too; here both have length 1.

# %% id="keras-check"
slid = keras.ops.conv(X.reshape(1, 4, 4, 1), phi.reshape(3, 3, 1, 1))
slid = keras.ops.convert_to_numpy(slid).reshape(2, 2)
print("by the matrix:", X_prime.tolist())
print("by Keras:     ", slid.tolist())

# %% [markdown] id="padding" slide="slide"
# ## Padding and stride: columns and rows
#
# One dimension is enough. The image is a b c d, the kernel x y z, padding
# $p=1$ puts a zero at both ends, stride $s=2$ keeps every second place.

# %% id="padding-figure" alt="A matrix of two rows and six columns named 0 a b c d 0. First row: x y z and three empty cells. Second row: two empty cells, x y z and one empty cell."
line = np.array([1, 2, 3])  # tap 1 is called x, tap 2 y, tap 3 z
padded = convolution_matrix(line, (6,), strides=2)
plots.tap_matrix(padded, (3,), columns="0abcd0", labels="xyz")

# %% [markdown] id="padding-question" slide="fragment"
# A stride of 1 would give four rows; a stride of 2 leaves out every second.
# The first column always meets a zero, and so does the last. What are they
# good for?

# %% [markdown] id="crop-columns" slide="slide"
# ## Columns that only meet zeros can go
#
# The matrix for the image itself, without its padding:

# %% id="crop-columns-figure" alt="A matrix of two rows and four columns named a b c d. First row: y z and two empty cells. Second row: an empty cell, then x y z."
cropped = convolution_matrix(line, (4,), strides=2, padding=1)
plots.tap_matrix(cropped, (3,), columns="abcd", labels="xyz")

# %% id="crop-columns-check"
signal = np.array([5, 6, 7, 8])
print("padded matrix, padded image:", padded @ np.pad(signal, 1))
print("cropped matrix, image:      ", cropped @ signal)

# %% [markdown] id="crop-columns-wrong" slide="fragment"
# Has the first row lost its x? Yes, and rightly: at this place x met nothing
# but padding.

# %% [markdown] id="crop-columns-notes" slide="notes"
# Both pictures are found in books and slides under the same name, the one on
# the padded input more often. Ask: "Which of the two is *the* convolution
# matrix?" It depends on whether the padding belongs to the image or to the
# convolution. For us it belongs to the convolution; so C has as many columns
# as the image has pixels.

# %% [markdown] id="question-matrix" slide="skip"
# ## Question 1. The matrix of any convolution
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
    rows = []
    for top in range(0, h + 2 * padding - kh + 1, stride):
        for left in range(0, w + 2 * padding - kw + 1, stride):
            window = np.zeros((h + 2 * padding, w + 2 * padding))
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

# %% [markdown] id="transpose" slide="slide"
# ## Now turn the matrix around
#
# $C$ makes 4 numbers of 16, so $C^T$ makes 16 of 4.

# %% id="transpose-figure" alt="The convolution matrix turned by transposition: 16 rows in four blocks, one for each row of the output, and 4 columns, one for each input pixel. Each column holds the taps a to i in order, interrupted by empty cells."
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

# %% id="ones-figure" slide="fragment" alt="The 2 by 2 input 1 2 3 4 and the 4 by 4 output. Its corners are 1, 2, 3 and 4, its middle four pixels are all 10, and the pixels between hold the sums of two neighbouring inputs."
small = np.array([[1, 2], [3, 4]])
C_ones = convolution_matrix(np.ones((3, 3), int), (4, 4))
spread = (C_ones.T @ small.ravel()).reshape(4, 4)
plots.number_grids(small, spread, titles=["X'", "TrConv(X')"], signs=["→"])

# %% [markdown] id="splat" slide="slide"
# ## Each input number lays down a copy of the kernel
#
# A column of $C^T$ is a kernel in its window. Multiplying by $X'^f$ weighs
# the windows, and adds:

# %% id="splat-figure" alt="Four 4 by 4 grids added to a fifth. The first holds a 3 by 3 block of ones in its upper left corner, the second a block of twos in the upper right, the third threes in the lower left, the fourth fours in the lower right. The sum has 10 in the middle, where all four blocks overlap."
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

# %% [markdown] id="crop-rows" slide="slide"
# ## The stride spreads, the padding cuts
#
# Back to x y z with stride 2 and padding 1; now the *input* is a b. The two
# matrices give two answers, one for an image with its padding, one without:


# %% id="crop-rows-figure" alt="Two rows of cells. For the padded image: ax, ay, az+bx, by, bz, 0. For the image: the same without its first and its last cell."
def in_letters(matrix):
    """What the transpose of a matrix of taps makes of the input a b."""
    sums = [
        [
            number + "xyz"[tap - 1]
            for number, tap in zip("ab", column, strict=True)
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
# padding does not add pixels, as one would think: it **takes $p$ away** at
# each end.

# %% [markdown] id="crop-rows-notes" slide="notes"
# Vote first: "I raise the padding of a transposed convolution from 0 to 1.
# Does the output grow, shrink or stay?" Most say that it grows. The padding
# is the convolution's; the output plays the image, and loses it.

# %% [markdown] id="way-back" slide="slide"
# ## Is it the way back?
#
# The shape is right. Some slides, ancestors of this lecture among them,
# conclude from $C X^f = X'^f$ that $X^f = C^T X'^f$. Try it:

# %% id="way-back-figure" alt="Three grids: the 4 by 4 image X, its 2 by 2 convolution X prime, and the 4 by 4 transposed convolution of X prime, whose numbers are far larger than those of X."
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
# pseudoinverse $C^+$ only finds one of them, the smallest. So convolve all
# three candidates again:

# %% id="why-not-check"
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
# joined, by which tap), not its values; the values are learned.

# %% [markdown] id="when-notes" slide="notes"
# Haar's four kernels are the sum and three differences of a 2×2 block: 16
# pixels become 4 numbers at each of 4 places, 16 again, and nothing is lost.
# Ask: "And a single kernel, with padding so that no pixel is lost?" (Only
# those that copy: one tap 1 or -1, all others 0.)

# %% [markdown] id="question-transposed" slide="skip"
# ## Question 2. Transposed convolution
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
# - `stride`, `padding`: those of the convolution, as in question 1.
#
# This question is judged by itself. Take the matrix from the package, as the
# cell does, or from your question 1 (then its mistakes count here too), or do
# without a matrix. Closed: transposed convolutions that are ready-made.

# %% id="transposed-convolution" role="answer" minutes=15 allows="course.convolution_matrix" forbids="keras.ops.conv_transpose keras.layers.Conv1DTranspose keras.layers.Conv2DTranspose keras.layers.Conv3DTranspose"
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
        (want * inner, "Pixels that output padding adds need not be zero."),
        (want[: inner[:, 0].sum(), : inner[0].sum()], "The shape is given."),
    ]
    hint = (
        "Neighbouring numbers of x lay their copies one stride apart on the "
        "padded image; the padding is cut off at the end. Pixels that no copy "
        "reaches stay zero. If you took the matrix from your question 1, try "
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

# %% [markdown] id="size" slide="slide"
# ## Into which shape does *Reshape* put it?
#
# The same slides hold that padding, stride and the shape of $X'$ settle it.
# With $s=2$ and $p=1$, here are the output sizes $o$ of convolutions, for
# input sizes $i$ (columns) and kernels $k$ (rows):

# %% id="size-figure" alt="A table of output sizes. Rows: kernel sizes 2 to 5; columns: input sizes 3 to 10. In each row every output size fills two neighbouring cells of one colour, and the next kernel's pairs begin one cell further right."
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

# %% [markdown] id="output-padding" slide="slide"
# ## Whoever rounds down owes a remainder
#
# Of the $s$ input sizes that share an output size, a transposed convolution
# must be told which one is meant. The number
# $a \in \{0, \dots, s-1\}$ counts them from the smallest: the
# **output padding**. Our x y z, $s=2$, $p=1$, input a b:

# %% id="output-padding-figure" alt="Two rows of cells. For a = 0 three cells: ay, az+bx, by. For a = 1 four cells: the same three and bz."
smaller = convolution_matrix(line, (3,), strides=2, padding=1)
plots.number_grids(
    in_letters(smaller), in_letters(cropped), titles=["a = 0", "a = 1"]
)

# %% [markdown] id="output-padding-wrong" slide="fragment"
# It is called padding, but it need not add a zero: the pixel that $a=1$ adds
# holds bz, which $a=0$ had cut away.

# %% [markdown] id="output-padding-notes" slide="notes"
# Keras calls it `output_padding`. Ask: "When does the added pixel hold a zero?"
# When no window of the convolution reaches it: with p = 0, the pixels that the
# last whole step left over.

# %% [markdown] id="question-size" slide="skip"
# ## Question 3. The size that comes out
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
        for padding in range(min(kernel_size, 3)):
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
    got = transposed_size(*case)
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

# With stride 1 no sizes share an output: a = 1 cannot be.
try:
    got = transposed_size(2, 3, stride=1, output_padding=1)
except ValueError:
    pass
else:
    raise AssertionError(
        f"transposed_size(2, 3, stride=1, output_padding=1) returned {got}, "
        "though 0 is the only output padding that a stride of 1 allows: raise "
        "a ValueError."
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
    try:
        got = transposed_size(*case)
    except ValueError:
        continue
    raise AssertionError(
        f"transposed_size{case} returned {got} and raised no ValueError. {hint}"
    )
possible = [
    (1, 1),
    (1, 2, 2, 1, 1),
    (1, 3, 1, 1),
    (2, 1, 3, 0, 2),
    (5, 2, 4, 0, 3),
    (2, 5, 2, 3),
]
for case in possible:
    try:
        got = transposed_size(*case)
    except ValueError as error:
        raise AssertionError(
            f"transposed_size{case} raised ValueError({str(error)!r}), though "
            "nothing is impossible here: the output padding is less than the "
            "stride, and a pixel is left."
        ) from None
    assert np.size(got) == 1 and np.all(np.asarray(got, float) > 0), (
        f"transposed_size{case} returned {got}. At least one pixel is left."
    )
### END HIDDEN TESTS

# %% [markdown] id="remember" slide="slide"
# ## What to remember
#
# - A convolution is a matrix $C$: a row for each output pixel, a column for
#   each input pixel, the taps where they are joined.
# - Transposed convolution: $\mathit{Reshape}(C^T X'^f)$. Each number lays down
#   a copy of the kernel; overlaps add.
# - The stride spreads, the padding cuts.
# - Shape and wiring come back, the values do not: $C^T \ne C^{-1}$.
# - Its size needs $k$, $s$, $p$ and $a$; you found it in question 3.

# %% [markdown] id="sources" slide="slide"
# ## Sources
#
# - V. Dumoulin, F. Visin: A guide to convolution arithmetic for deep
#   learning, 2016, arXiv:1603.07285. Section 4.1: the 4×4 example; the letters
#   k, s, p, a, i, o.
# - J. Long, E. Shelhamer, T. Darrell: Fully convolutional networks for
#   semantic segmentation, CVPR 2015, arXiv:1411.4038. Section 3.3: upsampling.
# - M. Zeiler and others: Deconvolutional networks, CVPR 2010,
#   doi:10.1109/CVPR.2010.5539957. Where the misleading name
#   comes from.
