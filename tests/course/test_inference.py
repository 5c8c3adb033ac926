"""Tiles against the whole image."""

import keras
import numpy as np
import pytest
from keras import layers

from course.inference import predict_tiled
from course.layers import Crop
from course.models import unet
from tests.models import error, filled, images, run


@pytest.fixture(scope="module")
def same():
    """Two poolings and the way back: stride 4, 13 pixels away from any."""

    def make():
        x = inputs = keras.Input((None, None, 3))
        for _ in range(2):
            x = layers.Conv2D(4, 3, padding="same", activation="relu")(x)
            x = layers.MaxPooling2D(2, padding="same")(x)
        x = layers.Conv2D(3, 3, padding="same")(x)
        x = Crop(0)([layers.UpSampling2D(4)(x), inputs])
        return keras.Model(inputs, x)

    return filled(make)


@pytest.fixture(scope="module")
def valid():
    def make():
        return unet(3, (None, None, 3), None, base_filters=2, depth=2)

    return filled(make)


def test_tiles_make_the_whole(same):
    """At cuts and at the image's borders; sizes that no tile divides."""
    image = images(70, 93, 3)
    whole = run(same, image[None])[0]
    got = predict_tiled(same, image, 64, 16, stride=4)
    assert error(got, whole) <= 1e-5


def test_too_small_a_margin_shows(same):
    image = images(70, 93, 3)
    whole = run(same, image[None])[0]
    got = predict_tiled(same, image, 32, 4, stride=4)
    assert error(got, whole) > 1e-3


def test_poolings_meet_the_same_pixels(same):
    """A margin of 13 is rounded up to the stride: tiles begin at 28 n - 16."""
    image = images(50, 40, 3)
    whole = run(same, image[None])[0]
    got = predict_tiled(same, image, 63, 13, stride=4)
    assert error(got, whole) <= 1e-5


@pytest.mark.parametrize("tile_size", [60, 76])
def test_a_model_that_loses_pixels_sees_the_mirror(valid, tile_size):
    """U-Net's overlap tiles: of 2 levels each side loses 20 pixels."""
    image = images(72, 88, 3)
    got = predict_tiled(valid, image, tile_size, stride=4)
    assert got.shape == (72, 88, 3)
    whole = run(valid, image[None])[0]
    assert error(got[20:-20, 20:-20], whole) <= 1e-5
    mirrored = np.pad(image, [(20, 20), (20, 20), (0, 0)], "reflect")
    whole = run(valid, mirrored[None])[0]
    assert error(got, whole) <= 1e-5


def test_an_image_may_be_smaller_than_a_tile(same, valid):
    image = images(12, 9, 3)
    got = predict_tiled(same, image, 128, 8)
    assert error(got, run(same, image[None])[0]) <= 1e-5
    assert predict_tiled(valid, image[:1, :1], 60, stride=4).shape == (1, 1, 3)


def test_an_image_may_lie_in_a_file(same, tmp_path):
    image = images(40, 50, 3)
    np.save(tmp_path / "image.npy", image)
    lazy = np.load(tmp_path / "image.npy", mmap_mode="r")
    got = predict_tiled(same, lazy, 64, 16, stride=4)
    assert error(got, run(same, image[None])[0]) <= 1e-5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image": images(1, 8, 8, 3)}, r"\(1, 8, 8, 3\).*one image"),
        ({"tile_size": 0}, "tile_size.*at least 1.*0"),
        ({"margin": -1}, "margin.*at least 0.*-1"),
        ({"stride": 0}, "stride.*at least 1.*0"),
        ({"margin": 32}, "tile of 64.*tile_size=96 or more"),
    ],
)
def test_bad_arguments(same, arguments, message):
    given = {"image": images(40, 40, 3), "tile_size": 64} | arguments
    with pytest.raises(ValueError, match=f"(?s){message}"):
        predict_tiled(same, **given)


def test_models_that_make_no_map_of_their_input():
    inputs = keras.Input((None, None, 3))
    halved = keras.Model(inputs, inputs[:, ::2, 1:])
    with pytest.raises(ValueError, match=r"same even number.*poolings divide"):
        predict_tiled(halved, images(40, 40, 3), 32)
