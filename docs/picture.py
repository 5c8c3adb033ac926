"""Draw README's picture: `python docs/picture.py`."""

from pathlib import Path

import matplotlib as mpl
import numpy as np

from course import plots
from course.convolution_matrix import convolution_matrix

PICTURE = Path(__file__).with_name("convolution_matrix.svg")


def draw(path: Path) -> None:
    """The matrix of a 3x3 convolution on a 4x4 image, to the file `path`."""
    taps = convolution_matrix(np.arange(1, 10).reshape(3, 3), (4, 4))
    outputs = [f"X'[{row}, {column}]" for row in (0, 1) for column in (0, 1)]
    image_rows = [f"row {row} of X" for row in range(4)]
    # Without these two the file would change at each run.
    with mpl.rc_context({"svg.hashsalt": "course"}):
        figure = plots.tap_matrix(
            taps, (3, 3), rows=outputs, columns=image_rows
        )
        figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    draw(PICTURE)
