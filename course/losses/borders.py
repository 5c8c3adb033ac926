"""U-Net's weight of each pixel: the gaps between neighbours count most.

O. Ronneberger, P. Fischer and T. Brox, "U-Net: convolutional networks for
biomedical image segmentation", MICCAI 2015, arXiv:1505.04597, equation 2.
"""

from collections.abc import Sequence

import numpy as np


def border_weights(
    instances: np.ndarray,
    w0: float = 10.0,
    sigma: float = 5.0,
    class_weights: Sequence[float] | str | None = "balanced",
    inside: bool = False,
) -> np.ndarray:
    """Weights of pixels, as `sample_weight` of a loss of pixels.

    w = w_c + w0 exp(-(d1 + d2)^2 / (2 sigma^2)), where d1 and d2 are the
    distances to the nearest and the second nearest object, 0 inside of it. The
    paper does not say whether the second term is meant for objects too; its
    figure 3 shows it in the background only, and so does this function unless
    `inside` is set. With less than two objects there is no second term.

    Args:
        instances: Integers (h, w) or (n, h, w): 0 is background, each other
            number one object; numbers of different images are not related.
        w0: Weight at the narrowest gap.
        sigma: Width in pixels of the gaps that count.
        class_weights: w_c: (background, objects); "balanced": such that both
            weigh the same in all the images, and 1 on average; None: 1.
        inside: Whether the second term is added in objects too.

    Returns:
        float32, of the shape of the instances.

    Raises:
        ValueError: If the instances are not integers of two or three axes,
            sigma is not positive, or class_weights are no two numbers.

    Example:
        >>> row = np.array([[1, 1, 0, 2, 2]])  # d1 = d2 = 1
        >>> border_weights(row, sigma=2, class_weights=None).round(1)[0]
        array([1. , 1. , 7.1, 1. , 1. ], dtype=float32)
    """
    instances = np.asarray(instances)
    if instances.dtype.kind not in "iu" or instances.ndim not in (2, 3):
        raise ValueError(
            f"received instances of shape {instances.shape} and type "
            f"{instances.dtype}. Expected integers (h, w) or (n, h, w), 0 for "
            "background and a number for each object."
        )
    if not sigma > 0:
        raise ValueError(f"sigma={sigma} is no width. Expected sigma > 0.")
    objects = instances != 0
    weights = np.array(_class_weights(class_weights, objects))[
        objects.astype(int)
    ]
    images = instances.reshape(-1, *instances.shape[-2:])
    gaps = np.stack([_gaps(image, w0, sigma) for image in images])
    gaps = gaps.reshape(instances.shape)
    weights += gaps if inside else np.where(objects, 0, gaps)
    return weights.astype("float32")


def _gaps(image, w0, sigma):
    """The second term, everywhere."""
    from scipy.ndimage import distance_transform_edt

    first = second = np.full(image.shape, np.inf)
    for number in np.unique(image[image != 0]):
        distance = distance_transform_edt(image != number)
        second = np.minimum(second, np.maximum(first, distance))
        first = np.minimum(first, distance)
    return w0 * np.exp(-((first + second) ** 2) / (2 * sigma**2))


def _class_weights(given, objects):
    """Weights of background and objects."""
    if given is None:
        return 1.0, 1.0
    if isinstance(given, str) and given == "balanced":
        share = objects.mean()
        if share in (0, 1):
            return 1.0, 1.0
        return 0.5 / (1 - share), 0.5 / share
    if isinstance(given, str) or len(given) != 2:
        raise ValueError(
            f"class_weights={given!r} are not two numbers. Expected "
            "(background, objects), 'balanced' or None."
        )
    return tuple(map(float, given))
