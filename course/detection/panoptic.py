"""From masks of boxes to masks of images, and to one label a pixel."""

from collections.abc import Mapping
from typing import Any

import numpy as np

VOID = -1
"""Class of pixels that belong to no segment."""


def paste(mask: np.ndarray, box: np.ndarray, size: tuple[int, int]):
    """A mask of a box, stretched to where the box is.

    K. He et al., "Mask R-CNN", 2017, arXiv:1703.06870, section 3.1. A pixel is
    looked up, between the mask's cells, where its middle lies in the box.

    Args:
        mask: (rows, columns), of numbers.
        box: (4,), xyxy in pixels.
        size: (height, width) of the image.

    Returns:
        (height, width); 0 where the pixel's middle is outside of the box.

    Example:
        >>> paste(np.array([[1.0, 3.0]]), [1, 0, 5, 1], (1, 6)).tolist()
        [[0.0, 1.0, 1.5, 2.5, 3.0, 0.0]]
    """
    rows, columns = np.shape(mask)
    left, top, right, bottom = box
    down = _interpolation(rows, top, bottom, size[0])
    across = _interpolation(columns, left, right, size[1])
    return down @ np.asarray(mask) @ across.T


def _interpolation(cells, first, last, pixels):
    """How much each cell counts in each pixel along an axis."""
    part = (np.arange(pixels) + 0.5 - first) / (last - first)
    inside = (part >= 0) & (part < 1)
    place = np.clip(part * cells - 0.5, 0, cells - 1)
    weights = np.maximum(1 - np.abs(place[:, None] - np.arange(cells)), 0)
    return weights * inside[:, None]


def panoptic_merge(
    detections: Mapping[str, Any],
    semantic: np.ndarray,
    classes: int,
    *,
    score_threshold: float = 0.5,
    visible: float = 0.5,
    min_area: int = 0,
) -> np.ndarray:
    """Instances of things and labels of stuff, joined without overlap.

    A. Kirillov, R. Girshick, K. He and P. Dollár, "Panoptic feature pyramid
    networks", CVPR 2019, arXiv:1901.02446, section 3; A. Kirillov et al.,
    arXiv:1801.00868, section 4: instances are laid down from the highest score,
    each where nothing lies yet, and left out if others hide too much of it;
    what is free becomes stuff.

    Args:
        detections: "masks" (m, h, w) of booleans, "labels" (m,) from 0 to
            classes - 1, "scores" (m,).
        semantic: (h, w) integers: from `classes` on a kind of stuff; less, or
            `VOID`, is none.
        classes: Number of classes of things.
        score_threshold: Instances with lower scores are left out.
        visible: Share of an instance that must not be hidden.
        min_area: Pixels of a kind of stuff below which it is left out.

    Returns:
        int (h, w, 2): class and number of the instance, from 1; 0 for stuff.
        Where nothing is, `VOID` and 0. It is what
        `course.metrics.PanopticQuality(ignore_class=VOID)` takes.

    Raises:
        ValueError: If masks are not of the semantic map's size.

    Example:
        >>> found = {
        ...     "masks": np.array([[[True, True, False, False]]]),
        ...     "labels": [0],
        ...     "scores": [0.9],
        ... }
        >>> panoptic_merge(found, np.array([[1, 1, 1, 2]]), 1).tolist()
        [[[0, 1], [0, 1], [1, 0], [2, 0]]]
    """
    semantic = np.asarray(semantic)
    masks = np.asarray(detections["masks"], bool)
    if masks.size and masks.shape[1:] != semantic.shape:
        raise ValueError(
            f"masks of shape {masks.shape} and a semantic map of shape "
            f"{semantic.shape}. Expected (m, h, w) and (h, w)."
        )
    merged = np.zeros((*semantic.shape, 2), int)
    merged[..., 0] = VOID
    free = np.ones(semantic.shape, bool)
    count = 0
    for i in np.argsort(-np.asarray(detections["scores"]), kind="stable"):
        shown = masks[i] & free
        hidden = shown.sum() < visible * masks[i].sum()
        if detections["scores"][i] < score_threshold or hidden:
            continue
        if not shown.any():
            continue
        count += 1
        merged[shown] = detections["labels"][i], count
        free &= ~shown
    for kind in np.unique(semantic[free]):
        stuff = free & (semantic == kind)
        if kind >= classes and stuff.sum() >= min_area:
            merged[stuff] = kind, 0
    return merged
