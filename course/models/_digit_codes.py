"""The codes that LeNet-5's output compares with: the ten digits as drawings."""

import numpy as np

# 12 rows of 7 pixels each, as in figure 3 of the paper, but drawn anew.
_DIGITS = """
..###.. ...#... .#####. .#####. .....#. ####### ..####. ####### .#####. .#####.
.#...#. ..##... #.....# #.....# ....##. #...... .#..... ......# #.....# #.....#
#.....# .#.#... ......# ......# ...#.#. #...... #...... ......# #.....# #.....#
#.....# ...#... ......# ......# ..#..#. #...... #...... .....#. #.....# #.....#
#.....# ...#... .....#. ......# .#...#. #.####. #.####. .....#. #.....# #.....#
#.....# ...#... ....#.. ..####. #....#. ##....# ##....# ....#.. .#####. #....##
#.....# ...#... ...#... ......# #....#. ......# #.....# ....#.. #.....# .####.#
#.....# ...#... ..#.... ......# ####### ......# #.....# ...#... #.....# ......#
#.....# ...#... .#..... ......# .....#. ......# #.....# ...#... #.....# ......#
#.....# ...#... #...... ......# .....#. ......# #.....# ..#.... #.....# ......#
.#...#. ...#... #...... #.....# .....#. #.....# #.....# ..#.... #.....# .....#.
..###.. .#####. ####### .#####. .....#. .#####. .#####. ..#.... .#####. .####..
"""


def codes(classes: int) -> np.ndarray:
    """One row of 84 numbers, -1 or 1, for each class.

    Ten classes get the digits. Other numbers of classes get codes at random,
    always the same, as the paper suggests where a class has no drawing.

    Example:
        >>> codes(10).shape, codes(26).shape
        ((10, 84), (26, 84))
    """
    if classes != 10:
        return np.random.default_rng(0).choice([-1.0, 1.0], (classes, 84))
    rows = [line.split() for line in _DIGITS.split("\n") if line]
    drawings = ["".join(column) for column in zip(*rows, strict=True)]
    return np.array([[2.0 * (p == "#") - 1 for p in d] for d in drawings])
