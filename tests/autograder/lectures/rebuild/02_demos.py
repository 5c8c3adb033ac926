# %% [markdown] id="title" slide="slide"
# # A lecture with demos
#
# Cells that define what students' cells use.

# %% id="scale"
scale = 2

# %% id="table"
table = [scale * i for i in range(4)]

# %% id="idle"
raise RuntimeError("nobody needs this demo")

# %% [markdown] slide="notes"
# Ask the room.

# %% id="imports" role="given"
import numpy as np

# %% [markdown] slide="skip"
# Double a number.


# %% id="double" role="answer"
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %% id="double-check" role="test" points=2 of="double"
import numpy as np

assert double(3) == 6, "double(3) is not twice 3"
### BEGIN HIDDEN TESTS
assert np.all(double(np.arange(4)) == [0, 2, 4, 6]), "an array is not doubled"
### END HIDDEN TESTS


# %% id="halve" role="answer"
def halve(x):
    """Half of x."""
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION


# %% id="halve-check" role="test" points=1.5 of="halve"
assert halve(6) == 3, "halve(6) is not half of 6"

# %% [markdown] id="why" role="written" points=2
# Why is doubling linear?
#
# ### BEGIN SOLUTION
# Because 2(x + y) = 2x + 2y. One point for the sum, one for the factor.
# ### END SOLUTION
