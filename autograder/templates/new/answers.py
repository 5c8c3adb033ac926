"""Answers to the questions of lecture NAME, as students write them."""

from tests.answers import right, wrong

AVERAGE = [
    right(
        "a loop over the windows",
        """\
def moving_average(signal, size):
    means = []
    for start in range(len(signal) - size + 1):
        means.append(sum(signal[start : start + size]) / size)
    return means
""",
    ),
    right(
        "differences of running sums",
        """\
def moving_average(signal, size):
    sums = np.cumsum(np.concatenate([[0.0], signal]))
    return (sums[size:] - sums[:-size]) / size
""",
    ),
    wrong(
        "last window forgotten",
        """\
def moving_average(signal, size):
    starts = range(len(signal) - size)
    return [sum(signal[i : i + size]) / size for i in starts]
""",
        "a window of k fits n - k times",
    ),
    wrong(
        "as long as the signal",
        """\
def moving_average(signal, size):
    return [np.mean(signal[i : i + size]) for i in range(len(signal))]
""",
        "a window that sticks out is averaged over what is left of it",
    ),
    wrong(
        "zeros at the ends",
        """\
def moving_average(signal, size):
    padded = np.pad(np.asarray(signal, float), (size // 2, size // 2))
    starts = range(len(padded) - size + 1)
    return [padded[i : i + size].mean() for i in starts]
""",
        "the result is as long as the signal",
    ),
    wrong(
        "windows side by side",
        """\
def moving_average(signal, size):
    starts = range(0, len(signal) - size + 1, size)
    return [sum(signal[i : i + size]) / size for i in starts]
""",
        "the next window begins where the last one ends",
    ),
    wrong(
        "sums, not means",
        """\
def moving_average(signal, size):
    starts = range(len(signal) - size + 1)
    return [sum(signal[i : i + size]) for i in starts]
""",
        "averaging is adding",
    ),
    wrong(
        "divided by the signal's length",
        """\
def moving_average(signal, size):
    starts = range(len(signal) - size + 1)
    return [sum(signal[i : i + size]) / len(signal) for i in starts]
""",
        "a mean divides by how many numbers there are in all",
    ),
]

ANSWERS = {"moving-average": AVERAGE}
