"""Pictures of one size side by side, with room for names beside them."""

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch

from course.plots.canvas import (
    GRID,
    INK,
    LETTER,
    OKABE_ITO,
    PAPER,
    POINTS,
    SLIDE_HEIGHT,
    SLIDE_WIDTH,
    one_each,
)
from course.plots.windows import halo
from course.plots.wording import clipped

GAP = 0.2  # inches between pictures
LINE = 0.34  # inches, the height of a line of letters
BESIDE = 0.85  # inches beside the letters of a legend: its colours, margins
STRIPE = {"fc": PAPER, "ec": GRID, "hatch": "//", "lw": 0}


def panels(shape, titles, beside, lines=0):
    """A figure with an axes a title, each counting the pixels of `shape`.

    `beside` inches stay free on the right, where `lines` of letters have room.
    """
    top = 0.5 if any(titles) else 0.1
    count = len(titles)
    across = SLIDE_WIDTH - beside - 0.1 - count * GAP
    high = min(SLIDE_HEIGHT - top - 0.1, across / count * shape[0] / shape[1])
    wide = high * shape[1] / shape[0]
    size = (
        0.1 + count * (wide + GAP) + beside,
        max(high + top + 0.1, LINE * lines + 0.2),
    )
    fig = plt.figure(figsize=size)
    plt.close(fig)
    axes = []
    for i, title in enumerate(titles):
        bottom = (size[1] - top - high) / 2
        box = (0.1 + i * (wide + GAP), bottom, wide, high)
        ax = fig.add_axes(np.divide(box, (*size, *size)))
        ax.set(xlim=(0, shape[1]), ylim=(shape[0], 0))
        ax.set_axis_off()
        text = clipped(title, max(1, int(wide / LETTER)))
        ax.set_title(text, fontsize=POINTS, color=INK)
        axes.append(ax)
    return fig, axes


def show(ax, pixels, shape, **look):
    """Pixels, stretched over an axes that counts those of `shape`."""
    ax.imshow(
        pixels,
        extent=(0, shape[1], shape[0], 0),
        aspect="auto",
        interpolation="none",
        **look,
    )


def legend_right(ax, patches):
    """Names of colours, right of the last picture."""
    ax.legend(
        handles=patches,
        loc="center left",
        bbox_to_anchor=(1.02, 0.5),
        fontsize=POINTS,
        frameon=False,
        handlelength=1.2,
        handleheight=0.9,
        labelspacing=0.2,
        borderpad=0,
    )


def swatch(colour, name, is_striped=False):
    """A colour and its name in a legend."""
    look = STRIPE if is_striped else {"fc": colour, "ec": INK}
    return Patch(label=name, **look)


def striped(pixels, where):
    """Pixels (h, w, 3) with grey and white diagonals where nothing is known."""
    rows, columns = np.indices(where.shape)
    is_grey = (rows + columns) // 2 % 2 == 0
    stripes = np.where(is_grey[..., None], to_rgb(GRID), to_rgb(PAPER))
    return np.where(where[..., None], stripes, pixels)


def name_largest(ax, where, name, inches):
    """Write a name where a region is widest, if it fits in there.

    `inches` is the side of a pixel.
    """
    # half a second that only who names regions pays
    from scipy.ndimage import distance_transform_edt

    depth = distance_transform_edt(np.pad(where, 1))[1:-1, 1:-1]
    row, column = np.unravel_index(depth.argmax(), depth.shape)
    needed = np.hypot(LETTER * len(name), 0.25)
    if 2 * depth.max() * inches >= needed:
        ax.text(
            column + 0.5,
            row + 0.5,
            name,
            ha="center",
            va="center",
            fontsize=POINTS,
            color=INK,
            path_effects=halo(PAPER),
        )


def pixel_side(ax, shape):
    """Inches of a pixel's side."""
    fig = ax.get_figure()
    return ax.get_position().height * fig.get_size_inches()[1] / shape[0]


def grey(image):
    """An image as grey values from 0 to 1, (h, w)."""
    image = np.asarray(image, float)
    image = image.mean(axis=2) if image.ndim == 3 else image
    low, high = image.min(), image.max()
    return (image - low) / ((high - low) or 1)


def checked_picture(image):
    """An image (h, w) or (h, w, 3), as numbers that can be drawn."""
    image = np.asarray(image)
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[..., 0]
    if not image.size or (image.ndim != 2 and image.shape[2:] != (3,)):
        raise ValueError(
            f"an image has shape {image.shape}. Expected (h, w) or (h, w, 3): "
            "take one image of the batch."
        )
    if image.ndim == 3 and image.dtype.kind == "f":
        low, high = image.min(), image.max()
        if not (low >= 0 and high <= 1):
            raise ValueError(
                f"a coloured image reaches from {low:g} to {high:g}. Expected "
                "fractions from 0 to 1, or integers: divide it by 255."
            )
    return image


def checked_labels(labels, names, ignored, shape=None):
    """Labels (h, w), each of which has a name or is ignored."""
    labels = np.asarray(labels)
    ok = labels.ndim == 2 and labels.size and labels.dtype.kind in "iu"
    if not ok or (shape is not None and labels.shape != tuple(shape)):
        expected = "(h, w)" if shape is None else f"{tuple(shape)}"
        raise ValueError(
            f"labels have shape {labels.shape} and type {labels.dtype}. "
            f"Expected integers {expected}, one a pixel: of scores take the "
            "argmax over the last axis."
        )
    found = np.unique(labels[labels != ignored])
    unknown = [int(i) for i in found if not 0 <= i < len(names)]
    if unknown:
        raise ValueError(
            f"labels hold {unknown[:5]}, and there are {len(names)} names. "
            f"Expected 0 to {len(names) - 1}, or {ignored} for pixels to be "
            "ignored."
        )
    return labels


def colours(palette, names):
    """A colour (r, g, b) from 0 to 1 for each name."""
    if palette is None:
        if len(names) > len(OKABE_ITO):
            raise ValueError(
                f"{len(names)} names without a palette. Expected one, an "
                "array (classes, 3), for more than seven classes: "
                "course.datasets.palette has some."
            )
        palette = [to_rgb(colour) for colour in OKABE_ITO]
    some = np.asarray(palette)[: len(names)]
    palette = np.array(one_each("palette", some, len(names), 0))
    return palette / 255 if palette.dtype.kind in "iu" else palette
