"""What the runs that segment are made of: views, weights, scores."""

import importlib
import math

import keras
import numpy as np
import pytest


@pytest.fixture
def module():
    """Imports a module of the runs as benchmarks/train.py does."""
    return importlib.import_module


@pytest.fixture
def views(module):
    return module("runs._views")


def ramp(height, width):
    """A picture whose two channels are each pixel's row and column."""
    return np.stack(np.indices((height, width)), axis=-1).astype("float32")


def test_without_motion_a_view_is_the_middle_of_its_picture(views):
    rng = np.random.default_rng(0)
    pictures = rng.random((3, 12, 10, 3), dtype="float32")
    masks = rng.integers(0, 14, (3, 12, 10))
    at = views.places(pictures.shape, 6, views.Motion(0, 0, 0, 0), rng)
    np.testing.assert_array_equal(
        views.seen(pictures, at), pictures[:, 3:9, 2:8]
    )
    np.testing.assert_array_equal(views.labels(masks, at), masks[:, 3:9, 2:8])


def test_a_view_of_a_ramp_shows_where_it_looks(views):
    """Linear interpolation is exact on what is linear."""
    rng = np.random.default_rng(1)
    pictures = np.stack([ramp(40, 48)] * 4)
    at = views.places(pictures.shape, 16, views.Motion(), rng)
    assert at.min() > 0  # all of the views lie inside
    seen = views.seen(pictures, at).reshape(4, -1, 2)
    np.testing.assert_allclose(seen, at, atol=1e-4)
    rows = views.labels(pictures[..., 0], at).reshape(4, -1)
    np.testing.assert_array_equal(rows, np.rint(at[..., 0]))


def test_a_view_turns_shears_and_enlarges_as_told(views):
    rng = np.random.default_rng(2)
    shape = (500, 30, 30, 1)
    motion = views.Motion(angle=0.3, shear=0.2, zoom=0.1, shift=2)
    at = views.places(shape, 9, motion, rng).reshape(500, 9, 9, 2)
    down = at[:, 1, 0] - at[:, 0, 0]
    right = at[:, 0, 1] - at[:, 0, 0]
    zoom = np.sqrt(np.linalg.det(np.stack([down, right], axis=1)))
    assert np.abs(np.log(zoom)).max() == pytest.approx(0.1, abs=2e-3)
    angle = np.arctan2(right[:, 0], down[:, 0])
    assert np.abs(angle).max() == pytest.approx(0.3, abs=5e-3)
    columns = down[:, 1] * np.cos(angle) + right[:, 1] * np.sin(angle)
    assert np.abs(columns / zoom).max() == pytest.approx(0.2, abs=5e-3)
    shift = at[:, 4, 4] - 14.5
    assert np.abs(shift).max() == pytest.approx(2, abs=2e-2)


def test_beyond_a_picture_are_its_mirror_and_no_label(views):
    picture, mask = ramp(4, 4)[None], np.ones((1, 4, 4), "int32")
    at = np.array([[[-1, 0], [0, -2], [3, 3], [3, 5]]], dtype="float32")
    seen = views.seen(picture, at)[0].reshape(4, 2)
    np.testing.assert_array_equal(seen, [[1, 0], [0, 2], [3, 3], [3, 1]])
    labels = views.labels(mask, at).ravel()
    np.testing.assert_array_equal(labels, [255, 255, 1, 255])


def test_another_light_keeps_what_is_brighter(views):
    rng = np.random.default_rng(3)
    grey = np.linspace(0.3, 0.7, 16, dtype="float32").reshape(1, 4, 4, 1)
    lit = views.relit(np.repeat(grey, 3, axis=-1), rng)
    assert lit.dtype == "float32"
    assert np.all(np.diff(lit.reshape(16, 3), axis=0) > 0)
    assert not np.allclose(lit, grey)


def test_scores_forget_the_weights_of_training(module):
    """Of weights w and shares p the best scores are log w p."""
    runs = module("runs._scenes")
    shares = np.random.default_rng(4).dirichlet(np.ones(14), (1, 2, 2))
    weights = np.array([runs.DIGIT_WEIGHT] * 10 + [1] * 4)
    inputs = keras.Input((2, 2, 14))
    scores = keras.layers.Activation("linear")(inputs)
    model = runs.predictor(keras.Model(inputs, scores))
    found = model.predict_on_batch(np.log(weights * shares).astype("float32"))
    np.testing.assert_allclose(found, shares, rtol=1e-4)


def test_a_segmenter_begins_with_what_the_encoder_knows(module):
    runs, pretraining = module("runs._scenes"), module("runs.encoder")
    keras.utils.set_random_seed(5)
    encoder = pretraining.encoder()
    model = runs.with_weights(runs.segmenter(32), encoder)
    images = np.random.default_rng(5).random((2, 32, 32, 3), dtype="float32")
    ours, theirs = (
        keras.Model(each.input, each.get_layer("bottom").output)
        for each in (model, encoder)
    )
    np.testing.assert_allclose(
        ours.predict_on_batch(images),
        theirs.predict_on_batch(images),
        rtol=1e-5,
        atol=1e-6,
    )


def test_the_rate_rises_then_falls_to_nothing(module):
    rate = module("runs._scenes").falling(2e-3, steps=100)
    found = [float(rate(step)) for step in (0, 5, 52, 100)]
    middle = 1e-3 * (1 + math.cos(math.pi * 47 / 95))
    assert found == pytest.approx([2e-4, 2e-3, middle, 0], abs=1e-9)


@pytest.mark.parametrize("name", ["32s", "16s", "8s", "unet"])
def test_all_networks_begin_with_the_whole_encoder(module, name):
    runs = module("runs.encoder"), module("runs.skips")
    shared = {
        layer.name
        for layer in runs[0].encoder().layers
        if layer.weights and layer.name != "digit"
    }
    network = runs[1].network(name)
    assert network.output_shape == (None, 64, 64, 14)
    assert shared <= {layer.name for layer in network.layers}
