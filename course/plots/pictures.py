"""Pictures side by side."""

from collections.abc import Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from course.plots.canvas import INK, POINTS, SLIDE_HEIGHT, SLIDE_WIDTH, one_each
from course.plots.wording import described, named


def images(
    *arrays,
    titles: Sequence[str] | None = None,
    limits: tuple[float, float] | None = None,
    height: float = SLIDE_HEIGHT,
) -> Figure:
    """Grey pictures side by side, one grey scale for all.

    Args:
        *arrays: Arrays (h, w) of brightness.
        titles: A text above each picture.
        limits: Brightness of black and of white; None takes the smallest and
            the largest number of all pictures.
        height: Of the figure in inches, at most.

    Returns:
        A figure 12 inches wide, or less where the height allows no more;
        pixels are drawn as squares, nothing is smoothed.

    Raises:
        ValueError: If an array is no picture, or titles differ in number.

    Example:
        >>> fig = images([[0, 1]], [[2, 3]], titles=["dark", "bright"])
        >>> [ax.get_title() for ax in fig.axes]
        ['dark', 'bright']
    """
    arrays = [np.asarray(array, float) for array in arrays]
    for array in arrays:
        if array.ndim != 2:
            raise ValueError(
                f"a picture has shape {array.shape}. Expected (h, w): take "
                "one channel, or one picture of the batch."
            )
    titles = one_each("titles", titles, len(arrays), "")
    dark, bright = limits or (
        min(array.min() for array in arrays),
        max(array.max() for array in arrays),
    )
    top = 0.5 if any(titles) else 0.05
    ratio = sum(array.shape[1] / array.shape[0] for array in arrays)
    height = min((SLIDE_WIDTH - 0.2 * len(arrays)) / ratio, height - top)
    size = (ratio * height + 0.2 * len(arrays), height + top)
    fig = plt.figure(figsize=size)
    plt.close(fig)
    left = 0.1
    for array, title in zip(arrays, titles, strict=True):
        width = height * array.shape[1] / array.shape[0]
        box = np.divide((left, 0.03, width, height), (*size, *size))
        ax = fig.add_axes(box)
        ax.imshow(array, "gray", vmin=dark, vmax=bright, interpolation="none")
        ax.set_title(title, fontsize=POINTS, color=INK)
        ax.set_axis_off()
        left += width + 0.2
    return described(fig, _alt(arrays, titles, dark, bright))


def _alt(arrays, titles, dark, bright):
    each = [
        f"{named(title)}of {array.shape[0]} × {array.shape[1]} pixels"
        for array, title in zip(arrays, titles, strict=True)
    ]
    many = (
        f"{len(each)} grey pictures side by side: {'; '.join(each)}"
        if len(each) > 1
        else f"A grey picture, {each[0]}"
    )
    return f"{many}; black is {dark:g}, white {bright:g}."
