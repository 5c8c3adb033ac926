"""Receptive fields: over an image, and as a map of influence."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from course.plots.canvas import INK, PAPER, POINTS, one_each
from course.plots.panels import checked_picture
from course.plots.windows import (
    Window,
    board,
    checked_window,
    extent,
    halo,
    legend_beside,
    outline,
)
from course.plots.wording import clipped, described

BESIDE = 28  # letters' width of colour bar and names beside a map
WINDOW_LOOK = 12  # vermillion and unbroken: Gaussians are dashed
MOST_LETTERS = 24  # of a window's name
MOST_WINDOWS = 11  # names that stand below each other beside the image


def fields_on_image(
    image, windows: Sequence[Window], labels: Sequence[str]
) -> Figure:
    """Windows of an image that units see, drawn over the image.

    Args:
        image: Array (h, w), grey, or (h, w, 3): integers from 0 to 255 or
            fractions from 0 to 1.
        windows: For each unit ((top, bottom), (left, right)), the first and
            the last row and column that it sees. They may lie outside of the
            image, in its padding, which is hatched; -inf and inf end at the
            image's border.
        labels: A name for each; colour, dash and the legend tell them apart.

    Returns:
        A figure at most 12 inches wide.

    Raises:
        ValueError: If the image or a window is none, if names differ in
            number, or if there are more than 11 windows.

    Example:
        >>> digit = [[0, 1], [1, 0]]
        >>> fig = fields_on_image(digit, [((0, 0), (-1, 1))], ["conv1"])
        >>> fig.axes[0].get_legend().get_texts()[0].get_text()
        'conv1: 1 × 3'
    """
    image = checked_picture(image)
    labels = one_each("labels", labels, len(windows), "")
    if not 0 < len(windows) <= MOST_WINDOWS:
        raise ValueError(
            f"{len(windows)} windows. Expected 1 to {MOST_WINDOWS}, whose "
            "names fit beside the image: draw the others in a second figure."
        )
    windows = [checked_window(window) for window in windows]
    sizes = [extent(window) for window in windows]
    names = [
        f"{clipped(label, MOST_LETTERS)}: {size}"
        for label, size in zip(labels, sizes, strict=True)
    ]
    fig, ax, is_padded = board(image.shape[:2], windows, max(map(len, names)))
    height, width = image.shape[:2]
    ax.imshow(image, "gray", extent=(0, width, height, 0), aspect="auto")
    lines = [
        outline(ax, window, (height, width), i, name)
        for i, (window, name) in enumerate(zip(windows, names, strict=True))
    ]
    legend_beside(ax, lines, is_padded)
    kind = "grey picture" if image.ndim == 2 else "colour picture"
    margin = " The padding around it is hatched." if is_padded else ""
    return described(
        fig,
        f"A {kind} of {height} × {width} pixels and on it, outlined, what "
        f"units see: {'; '.join(names)}.{margin}",
    )


def heat_map(
    values,
    window: Window | None = None,
    sigma: float | Sequence[float] | None = None,
) -> Figure:
    """An effective receptive field: how much each pixel moves a unit.

    Args:
        values: Array (h, w) of each pixel's influence, from 0 on.
        window: The theoretical field ((top, bottom), (left, right)), first
            and last pixel, drawn as an outline.
        sigma: Standard deviation in pixels of the Gaussian that fits the
            map, or one for the rows and one for the columns; drawn as dashed
            ellipses of 1 and 2 sigma around the map's centre of mass.

    Returns:
        A figure at most 12 inches wide.

    Raises:
        ValueError: If the map, the window or sigma is none.

    Example:
        >>> fig = heat_map([[0, 1, 0]], window=((0, 0), (0, 2)))
        >>> fig.axes[0].get_legend().get_texts()[0].get_text()
        'window: 1 × 3'
    """
    values = _checked_map(values)
    windows = [] if window is None else [checked_window(window)]
    names = [f"window: {extent(each)}" for each in windows]
    fig, ax, is_padded = board(values.shape, windows, BESIDE, 2.2)
    height, width = values.shape
    image = ax.imshow(
        values, "cividis", extent=(0, width, height, 0), aspect="auto", vmin=0
    )
    lines = [
        outline(ax, each, values.shape, WINDOW_LOOK, name)
        for each, name in zip(windows, names, strict=True)
    ]
    text = f"A map of {height} × {width} pixels, brighter where a pixel "
    text += f"moves the unit more, up to {values.max():.3g}"
    text += "".join(f"; outlined the {name}" for name in names)
    if sigma is not None:
        sigma = _checked_sigma(sigma)
        lines += _ellipses(ax, values, sigma)
        text += "; dashed, a Gaussian's 1 and 2 sigma, {:.3g} × {:.3g}".format(
            *sigma
        )
    _colour_bar(fig, ax, image)
    legend_beside(ax, lines, is_padded, 1.55)
    return described(fig, text + ".")


def _checked_map(values):
    values = np.asarray(values, float)
    ok = values.ndim == 2 and values.size and np.isfinite(values).all()
    if not (ok and values.min() >= 0 and values.max() > 0):
        raise ValueError(
            f"a map of influence has shape {values.shape} and holds "
            f"{np.unique(values)[:3]} ... Expected (h, w) of finite numbers "
            "from 0 on, not all 0: take the gradients' absolute values, "
            "averaged over images and summed over channels."
        )
    return values


def _checked_sigma(sigma):
    """Standard deviations of rows and of columns."""
    try:
        rows, columns = np.broadcast_to(np.asarray(sigma, float), 2)
        ok = 0 < rows < np.inf and 0 < columns < np.inf
    except ValueError:
        ok = False
    if not ok:
        raise ValueError(
            f"sigma is {sigma!r}. Expected a number of pixels above 0, or one "
            "for the rows and one for the columns."
        )
    return float(rows), float(columns)


def _ellipses(ax, values, sigma):
    """1 and 2 sigma around the centre of mass, dashed and dotted."""
    weights = values / values.sum()
    row, column = (
        float(np.sum(weights * (index + 0.5)))
        for index in np.indices(values.shape)
    )
    angle = np.linspace(0, 2 * np.pi, 181)
    drawn = []
    for times, dash in ((1, "--"), (2, ":")):
        high, wide = (times * each for each in sigma)
        drawn += ax.plot(
            column + wide * np.cos(angle),
            row + high * np.sin(angle),
            color=PAPER,
            ls=dash,
            lw=3,
            label=f"{times} sigma",
            path_effects=halo(INK),
        )
    return drawn


def _colour_bar(fig, ax, image):
    """Beside the map, nearly as high as the figure."""
    width, height = fig.get_size_inches()
    left = ax.get_position().x1 + 0.25 / width
    place = (left, 0.2 / height, 0.25 / width, 1 - 0.4 / height)
    bar = fig.colorbar(image, cax=fig.add_axes(place))
    most = image.get_clim()[1]
    bar.set_ticks([0, most / 2, most], labels=["0", "0.5", "1"])
    bar.ax.tick_params(labelsize=POINTS)
    bar.set_label("influence", fontsize=POINTS)
