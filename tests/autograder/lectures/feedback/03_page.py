# %% [markdown] id="title" slide="slide"
# # A lecture with feedback
#
# Twice $x$ is $2x$ and
#
# $$\begin{pmatrix} 1 & 2 \end{pmatrix}$$

# %% id="imports" role="given"
import numpy as np

# %% [markdown] id="early" slide="subslide"
# ## What doubling is

# %% [markdown] id="late" slide="slide"
# ## What halving is

# %% [markdown] id="question-double" slide="skip"
# ## Question 1. Twice $x$
# Double a number.


# %% id="double" role="answer" taught="early"
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %% id="double-check" role="test" points=2 of="double"
assert double(3) == 6, (
    "double(3) is not what adding makes of it. How many times is 3 in it?"
)

# %% id="double-array-check" role="test" points=1 of="double"
import numpy as np

### BEGIN HIDDEN TESTS
secret = np.arange(4)
got = np.asarray(double(secret))
assert got.tolist() == [0, 2, 4, 6], (
    f"double of an array returned {got.tolist()}. Hint: What of its 1. Entry?"
)
### END HIDDEN TESTS


# %% [markdown] id="question-halve" slide="skip"
# ## Question 2. Half
# Halve a number.


# %% id="halve" role="answer"
def halve(x):
    """Half of x."""
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION


# %% id="halve-check" role="test" points=1.5 of="halve"
assert halve(6) == 3, "halve(6) is not half of 6"

# %% [markdown] id="why" role="written" points=2
# ## Question 3. Why is doubling linear?
#
# ### BEGIN SOLUTION
# Because 2(x + y) = 2x + 2y. One point for the sum, one for the factor.
# ### END SOLUTION
