"""What was found in an image, drawn over it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from course.plots.canvas import LETTER, OKABE_ITO, PAPER, POINTS, one_each
from course.plots.panels import (
    BESIDE,
    checked_labels,
    checked_picture,
    colours,
    grey,
    legend_right,
    name_largest,
    panels,
    pixel_side,
    show,
    striped,
    swatch,
)
from course.plots.wording import clipped, counted, described, listed, named

FOR, AGAINST = OKABE_ITO[5], OKABE_ITO[0]
MOST_MAPS = 4
MOST_LETTERS = 16  # of a class's name
MOST_KINDS = 7  # of mistakes that have a colour
WRONG = (0.25, 0.25, 0.25)  # all other mistakes


def heat_on_image(image, *maps, titles: Sequence[str] | None = None) -> Figure:
    """Maps of what matters in an image, drawn over it in its own places.

    For saliency, class activation, occlusion. Each map is divided by its own
    largest absolute value: how strong colours are cannot be compared from one
    map to another.

    Args:
        image: Array (h, w), grey, or (h, w, 3): integers from 0 to 255 or
            fractions from 0 to 1.
        *maps: One to four arrays, of any size: they are stretched over the
            image. What is large is orange, what is far below 0 is blue.
        titles: A text above the image and one above each map.

    Returns:
        A figure at most 12 inches wide: the image, then the maps over it in
        grey.

    Raises:
        ValueError: If the image or a map is none, or titles differ in number.

    Example:
        >>> fig = heat_on_image([[0, 1], [1, 0]], [[0, 5]], titles=["x", "s"])
        >>> [ax.get_title() for ax in fig.axes[:2]]
        ['x', 's']
    """
    image = checked_picture(image)
    maps = [_checked_map(each) for each in maps]
    if not 1 <= len(maps) <= MOST_MAPS:
        raise ValueError(
            f"{len(maps)} maps. Expected 1 to {MOST_MAPS}, which can be seen "
            "side by side: draw the others in a second figure."
        )
    titles = one_each("titles", titles, len(maps) + 1, "")
    is_signed = any(each.min() < 0 for each in maps)
    shape = image.shape[:2]
    fig, axes = panels(shape, titles, beside=1.3)
    show(axes[0], image, shape, cmap="gray")
    for ax, values in zip(axes[1:], maps, strict=True):
        show(ax, 0.25 + 0.75 * grey(image), shape, cmap="gray", vmin=0, vmax=1)
        show(ax, _tinted(values), shape)
    _bar(fig, axes[-1], is_signed)
    return described(fig, _alt_of_heat(image, maps, titles, is_signed))


def segmentation(
    image,
    labels,
    names: Sequence[str],
    palette: Any = None,
    ignored: int = 255,
) -> Figure:
    """An image, and what each of its pixels shows, in the classes' colours.

    A class's name also stands where it is widest, if there is room.

    Args:
        image: Array (h, w), grey, or (h, w, 3): integers from 0 to 255 or
            fractions from 0 to 1.
        labels: Array (h, w) of integers: the truth, or a prediction.
        names: Of the classes.
        palette: A colour for each class, (classes, 3), as
            `course.datasets.palette` gives; None for up to seven classes.
        ignored: The label of pixels of which nothing is known; they are
            striped.

    Returns:
        A figure at most 12 inches wide, with a legend of the classes that
        occur, the largest first.

    Raises:
        ValueError: If image and labels are none or differ in size, or a label
            has no name.

    Example:
        >>> fig = segmentation([[0, 1]], [[1, 255]], ["cat", "dog"])
        >>> [text.get_text() for text in fig.axes[1].get_legend().get_texts()]
        ['dog, 50 %', 'ignored, 50 %']
    """
    image = checked_picture(image)
    shape = image.shape[:2]
    labels = checked_labels(labels, names, ignored, shape)
    fills = colours(palette, names)
    names = [clipped(name, MOST_LETTERS) for name in names]
    kinds, counts = np.unique(labels, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    texts = {
        int(kind): f"{_name(names, kind, ignored)}, {_share(count, labels)}"
        for kind, count in zip(kinds[order], counts[order], strict=True)
    }
    longest = max(len(text) for text in texts.values())
    fig, (left, right) = panels(
        shape, ["", ""], LETTER * longest + BESIDE, len(texts)
    )
    show(left, image, shape, cmap="gray")
    known = np.where(labels == ignored, 0, labels)
    light = 0.7 + 0.3 * grey(image)[..., None]  # the image shines through
    show(right, striped(fills[known] * light, labels == ignored), shape)
    patches = []
    for kind, text in texts.items():
        is_known = kind != ignored
        patches.append(swatch(fills[kind * is_known], text, not is_known))
        if is_known:
            side = pixel_side(right, shape)
            name_largest(right, labels == kind, names[kind], side)
    legend_right(right, patches)
    return described(
        fig,
        f"{_kind(image)}, and the same with each pixel in the colour of its "
        f"class: {listed(texts.values())}.",
    )


def error_map(
    truth,
    prediction,
    names: Sequence[str],
    image=None,
    ignored: int = 255,
) -> Figure:
    """Where a prediction is wrong, and which class it took for which.

    The seven most frequent mistakes have a colour and a letter each, which
    also stands where there is room; others are dark. What is right is pale.

    Args:
        truth: Array (h, w) of integers.
        prediction: Likewise.
        names: Of the classes.
        image: Array (h, w) or (h, w, 3) to draw it over; None for paper.
        ignored: The truth's label of pixels that do not count; they are
            striped.

    Returns:
        A figure at most 12 inches wide, with the mistakes and their pixels
        beside it.

    Raises:
        ValueError: If truth and prediction differ in size, or a label has no
            name.

    Example:
        >>> fig = error_map([[0, 0, 1]], [[0, 1, 1]], ["cat", "dog"])
        >>> [text.get_text() for text in fig.axes[0].get_legend().get_texts()]
        ['A  cat as dog: 1', 'right: 66.7 %']
    """
    truth = checked_labels(truth, names, ignored)
    shape = truth.shape
    prediction = checked_labels(prediction, names, None, shape)
    names = [clipped(name, MOST_LETTERS) for name in names]
    counted_ = truth != ignored
    wrong = counted_ & (truth != prediction)
    kinds = _mistakes(truth, prediction, wrong)
    base = np.ones(shape) if image is None else grey(checked_picture(image))
    pixels = np.repeat((0.6 + 0.4 * base)[..., None], 3, axis=2)
    pixels = np.where(wrong[..., None], WRONG, striped(pixels, ~counted_))
    patches, regions = [], []
    for i, (kind, count) in enumerate(kinds[:MOST_KINDS]):
        letter, colour = "ABCDEFG"[i], to_rgb(OKABE_ITO[i])
        where = wrong & (truth == kind[0]) & (prediction == kind[1])
        pixels = np.where(where[..., None], colour, pixels)
        text = f"{letter}  {names[kind[0]]} as {names[kind[1]]}: {count}"
        patches.append(swatch(colour, text))
        regions.append((where, letter))
    patches += _other_patches(kinds, wrong, counted_)
    longest = max(len(patch.get_label()) for patch in patches)
    fig, (ax,) = panels(shape, [""], LETTER * longest + BESIDE, len(patches))
    show(ax, pixels, shape)
    for where, letter in regions:
        name_largest(ax, where, letter, pixel_side(ax, shape))
    legend_right(ax, patches)
    said = "; ".join(patch.get_label() for patch in patches)
    return described(
        fig,
        f"A map of {shape[0]} × {shape[1]} pixels, coloured where a prediction "
        f"is wrong, by the class that it took for another: {said}.",
    )


def _checked_map(values):
    values = np.asarray(values, float)
    if values.ndim != 2 or not values.size or not np.isfinite(values).all():
        raise ValueError(
            f"a map has shape {values.shape} and holds "
            f"{np.unique(values)[:3]} ... Expected (h, w) of finite numbers: "
            "take one image of the batch, and the mean or the largest of "
            "channels."
        )
    return values


def _tinted(values):
    """Colours (h, w, 4) that cover what is below as far as a value is large."""
    values = values / (np.abs(values).max() or 1)
    tints = np.where(values[..., None] < 0, to_rgb(AGAINST), to_rgb(FOR))
    return np.concatenate([tints, 0.85 * np.abs(values)[..., None]], axis=-1)


def _bar(fig, ax, is_signed):
    """What colours mean, as a share of each map's largest number."""
    width, height = fig.get_size_inches()
    box = ax.get_position()
    # its numbers reach half a letter beyond its ends
    bottom, top = box.y0 + 0.13 / height, box.y1 - 0.13 / height
    place = (box.x1 + 0.2 / width, bottom, 0.25 / width, top - bottom)
    bar = fig.add_axes(place)
    low = -1 if is_signed else 0
    shares = np.linspace(1, low, 128)[:, None]
    paper = np.ones((128, 1, 3))
    bar.imshow(paper, extent=(0, 1, low, 1), aspect="auto")
    bar.imshow(_tinted(shares), extent=(0, 1, low, 1), aspect="auto")
    bar.yaxis.tick_right()
    ticks = [-1, 0, 1] if is_signed else [0, 1]
    bar.set_yticks(ticks, map(str, ticks))
    bar.set_xticks([])
    bar.tick_params(labelsize=POINTS)


def _alt_of_heat(image, maps, titles, is_signed):
    first, *others = titles
    text = f"{_kind(image, named(first))}, then in grey with "
    text += f"{counted(len(maps), 'map')} over it, orange where it is large"
    text += " and blue below 0" if is_signed else ""
    each = []
    for values, title in zip(maps, others, strict=True):
        most = np.abs(values).argmax()
        row, column = np.unravel_index(most, values.shape)
        down = round(100 * (row + 0.5) / values.shape[0])
        across = round(100 * (column + 0.5) / values.shape[1])
        each.append(
            f"{named(title)}from {values.min():.3g} to {values.max():.3g}, "
            f"strongest {down} % down and {across} % across"
        )
    return f"{text}: {'; '.join(each)}."


def _kind(image, name=""):
    kind = "grey" if image.ndim == 2 else "colour"
    return f"A {kind} picture, {name}{image.shape[0]} × {image.shape[1]} pixels"


def _name(names, kind, ignored):
    return "ignored" if kind == ignored else names[kind]


def _share(count, labels):
    percent = 100 * count / labels.size
    return f"{percent:.0f} %" if percent >= 1 else "< 1 %"


def _mistakes(truth, prediction, wrong):
    """((truth, prediction), pixels) of each mistake, most frequent first."""
    pairs = np.stack([truth[wrong], prediction[wrong]], axis=1)
    kinds, counts = np.unique(pairs, axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return [(tuple(kinds[i]), int(counts[i])) for i in order]


def _other_patches(kinds, wrong, is_counted):
    patches = []
    rest = sum(count for _, count in kinds[MOST_KINDS:])
    if rest:
        patches.append(swatch(WRONG, f"other mistakes: {rest}"))
    if is_counted.any():
        right = 100 * (1 - wrong.sum() / is_counted.sum())
        patches.append(swatch(PAPER, f"right: {right:.3g} %"))
    if not is_counted.all():
        ignored = np.count_nonzero(~is_counted)
        patches.append(swatch(None, f"ignored: {ignored}", True))
    return patches
