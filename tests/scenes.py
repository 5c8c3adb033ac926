"""Small scenes of things on stuff, for detectors to learn from."""

import numpy as np

THINGS = ("square", "cross", "ring")
COLOURS = np.array([[220, 60, 60], [60, 200, 80], [70, 110, 230]])
STUFF = 2
"""Kinds of ground: dark and bright. Their labels follow those of things."""


def scene(rng, size=48):
    """Image uint8, boxes xyxy, labels, instances (0 none) and classes by pixel.

    Two or three things of 12 to 18 pixels, none over another; any colour.
    """
    edge = rng.integers(size // 4, 3 * size // 4)
    ground = np.where(np.arange(size) < edge, 30, 150)[:, None, None]
    noise = rng.normal(0, 8, (size, size, 3))
    image = ground + noise
    classes = np.where(np.arange(size) < edge, len(THINGS), len(THINGS) + 1)
    classes = np.repeat(classes[:, None], size, axis=1)
    instances = np.zeros((size, size), int)
    boxes, labels = [], []
    wanted = rng.integers(2, 4)
    for _ in range(100):
        if len(boxes) == wanted:
            break
        side = rng.integers(12, 19)
        left, top = rng.integers(0, size - side + 1, size=2)
        place = slice(top, top + side), slice(left, left + side)
        if instances[place].any():
            continue
        label = int(rng.integers(len(THINGS)))
        shape = silhouette(label, side)
        boxes.append([left, top, left + side, top + side])
        labels.append(label)
        instances[place][shape] = len(boxes)
        classes[place][shape] = label
        image[place][shape] = COLOURS[rng.integers(3)] + rng.normal(0, 8, 3)
    return {
        "image": np.clip(image, 0, 255).astype("uint8"),
        "boxes": np.array(boxes, "float32"),
        "labels": np.array(labels),
        "instances": instances,
        "classes": classes,
    }


def silhouette(label, side):
    """Where a thing is, (side, side)."""
    row, column = np.abs(np.mgrid[:side, :side] - (side - 1) / 2) / side
    if THINGS[label] == "square":
        return np.ones((side, side), bool)
    if THINGS[label] == "cross":
        return (row < 0.2) | (column < 0.2)
    distance = np.hypot(row, column)
    return (distance <= 0.52) & (distance > 0.25)


def scenes(count, seed=0, size=48):
    """Each key's values in a list."""
    rng = np.random.default_rng(seed)
    made = [scene(rng, size) for _ in range(count)]
    return {key: [each[key] for each in made] for key in made[0]}
