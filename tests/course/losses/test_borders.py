"""U-Net's weights against a loop over pixels."""

import numpy as np
import pytest

from course.losses import PixelCrossentropy, border_weights
from tests.compiled import compiled


def instances(seed=0, size=(14, 17), count=4):
    """Squares, some of which hide parts of others or leave the image."""
    rng = np.random.default_rng(seed)
    image = np.zeros(size, int)
    for number in range(1, count + 1):
        top, left = (rng.integers(0, extent - 2) for extent in size)
        side = rng.integers(2, 5)
        image[top : top + side, left : left + side] = 7 * number
    return image


def gap(image, y, x, w0, sigma):
    nearest = sorted(
        min(np.hypot(y - v, x - u) for v, u in np.argwhere(image == number))
        for number in set(image.ravel()) - {0}
    )
    if len(nearest) < 2:
        return 0.0
    return w0 * np.exp(-(sum(nearest[:2]) ** 2) / (2 * sigma**2))


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("count", [0, 1, 2, 4])
def test_weights_are_those_of_a_loop(count, inside):
    image = instances(count=count)
    got = border_weights(image, 6, 3, (0.5, 2), inside=inside)
    expected = np.where(image, 2.0, 0.5)
    for y, x in np.argwhere((image == 0) | inside):
        expected[y, x] += gap(image, y, x, 6, 3)
    np.testing.assert_allclose(got, expected, rtol=1e-6)


def test_images_of_a_batch_are_alone_but_balanced_together():
    images = np.stack([instances(0), instances(1), np.zeros((14, 17), int)])
    got = border_weights(images, class_weights=None)
    for one, image in zip(got, images, strict=True):
        alone = border_weights(image, class_weights=None)
        np.testing.assert_array_equal(one, alone)
    balanced = border_weights(images) - got + 1
    objects = images != 0
    assert balanced[objects].sum() == pytest.approx(balanced[~objects].sum())
    assert balanced.mean() == pytest.approx(1)
    assert (border_weights(np.zeros((3, 3), int)) == 1).all()


def test_a_loss_takes_them():
    image = instances()
    weights = border_weights(image)
    scores = np.full((1, 14, 17, 2), 0.5)
    loss = compiled(PixelCrossentropy())(
        image[None] != 0, scores, weights[None]
    )
    assert float(loss) == pytest.approx(np.log(2) * weights.mean(), rel=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.zeros((3, 3)),), r"\(3, 3\).*float64.*Expected integers"),
        ((np.zeros(3, int),), r"\(3,\).*\(h, w\)"),
        ((np.zeros((3, 3), int), 10, 0), "sigma=0 is no width"),
        ((np.zeros((3, 3), int), 10, 1, "equal"), "'equal' are not two"),
        ((np.zeros((3, 3), int), 10, 1, (1, 2, 3)), "not two numbers"),
    ],
)
def test_bad_arguments_say_what_is_expected(arguments, message):
    with pytest.raises(ValueError, match=message):
        border_weights(*arguments)
