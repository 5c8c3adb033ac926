# %% [markdown] id="title" slide="slide"
# # TITLE
#
# One sentence that makes the room curious. Here: a row of numbers is too
# noisy; what does the mean of its neighbours make of it?
#
# After this lecture you can
#
# - say in one line what you will be able to do,
# - average a signal over a window, and tell how long the result is.

# %% [markdown] id="title-notes" slide="notes"
# What to ask the room, and which answers to expect. Students never receive
# this. Here: "Five numbers, windows of three: how many means are there?"

# %% [markdown] id="about" slide="skip"
# Reading takes about 5 minutes, the two questions about 15; they give 3 points.
#
# Answer with Python, NumPy or Keras. Of `course` only data, plots and what a
# question opens may be used in an answer.

# %% id="imports" role="given"
import numpy as np

# %% id="tools" slide="skip"
from course import plots
from course.convolution_matrix import convolution_matrix

# %% [markdown] id="window" slide="slide"
# ## First the picture: a window slides along
#
# Three neighbours, each with the weight 1/3. What becomes of a single peak?

# %% id="window-figure" alt="A row of seven numbers, all 0 but for a 9 in the middle; and the row of five means of three neighbours: 0, 3, 3, 3, 0."
peak = np.array([0, 0, 0, 9, 0, 0, 0])
matrix = convolution_matrix(np.full(3, 1 / 3), peak.shape)
plots.number_grids(peak, matrix @ peak, titles=["signal", "means"], signs=["→"])

# %% [markdown] id="window-answer" slide="fragment"
# The peak is spread over three places, and two places are lost: at the ends
# the window would stick out.

# %% [markdown] id="window-notes" slide="notes"
# Cover the right row first. Let someone write it at the board.

# %% [markdown] id="check" slide="subslide"
# ## Then the number that proves it
#
# A mean over a window keeps the sum, as long as no end is near:

# %% id="check-sum"
print("sum before:", peak.sum())
print("sum after: ", round((matrix @ peak).sum(), 6))

# %% [markdown] id="question-average" slide="skip"
# ## Question 1. Moving average
#
# Write `moving_average(signal, size)`: the means of all windows of `size`
# neighbouring numbers, from left to right. Windows do not stick out.


# %% id="moving-average" role="answer" minutes=10 forbids="numpy.convolve numpy.correlate"
def moving_average(signal, size):
    """The means of all windows of `size` neighbours."""
    ### BEGIN SOLUTION
    windows = np.lib.stride_tricks.sliding_window_view(signal, size)
    return windows.mean(axis=1)
    ### END SOLUTION


# %% id="moving-average-check" role="test" points=2 of="moving-average"
import numpy as np

# What the student may see: one case by hand, never the formula.
got = np.asarray(moving_average([2, 4, 9], 2), float)
assert got.shape == (2,) and np.allclose(got, [3, 6.5]), (
    f"moving_average([2, 4, 9], 2) returned {got.tolist()}. By hand: the mean "
    "of 2 and 4, then the mean of 4 and 9."
)
### BEGIN HIDDEN TESTS
# What only the grader knows: cases that tell misconceptions apart. A message
# says what was passed, what came back and a hint, never what is expected.
signal = np.array([3.0, -1, 4, 1, -5, 9, 2, 6])
for size in (1, 2, 3, 5, 8):
    got = np.asarray(moving_average(signal, size), float)
    starts = range(len(signal) - size + 1)
    want = [signal[start : start + size].sum() / size for start in starts]
    hint = "Write the windows down: which numbers belong to the last one?"
    if got.size == len(signal) and size > 1:
        hint = "Windows do not stick out: how many fit?"
    assert got.shape == (len(want),) and np.allclose(got, want), (
        f"moving_average({signal.tolist()}, {size}) returned {got.tolist()}. "
        f"{hint}"
    )
### END HIDDEN TESTS

# %% [markdown] id="question-flat" slide="skip"
# ## Question 2. A smooth signal
#
# This one is read by a person. Answer in three sentences.

# %% [markdown] id="flat" role="written" points=1 minutes=5
# A friend says: "The moving average removes noise and changes nothing else."
# Name a signal that it changes although it holds no noise, and say how.
#
# ### BEGIN SOLUTION
# A step: it becomes a ramp as wide as the window. (Or a peak, a fast wave.)
#
# **Marking scheme** (1 point): 0.5 for a signal without noise that changes,
# 0.5 for what becomes of it.
# ### END SOLUTION

# %% [markdown] id="remember" slide="slide"
# ## What to remember
#
# - One line for each goal of the title slide.
# - A moving average is a convolution: n numbers, windows of k, n - k + 1 means.

# %% [markdown] id="sources" slide="slide"
# ## Sources
#
# - Dumoulin, Visin: A guide to convolution arithmetic for deep learning.
#   2016, arXiv:1603.07285
