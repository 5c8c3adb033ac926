"""RoIAlign against a loop over sampled places."""

import keras
import numpy as np
import pytest
from keras import ops

from course.gradients import value_and_gradients
from course.layers import RoIAlign
from tests.compiled import compiled
from tests.layer_contract import check_layer, to_numpy

# inside, across each border, outside, without area, smaller than a pixel
BOXES = np.array(
    [
        [[2, 1, 9, 8], [-3, -2, 4, 3], [7, 5, 14, 12], [20, 20, 30, 30]],
        [[3, 3, 3, 6], [4.3, 2.1, 4.6, 2.2], [0, 0, 10, 9], [-9, 0, 30, 4]],
    ],
    "float32",
)


def features(seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(2, 9, 10, 3)).astype("float32")


def run(layer, images, boxes):
    return to_numpy(compiled(layer)([images, boxes]))


def interpolated(image, y, x):
    height, width = image.shape[:2]
    if not (-1 <= y <= height and -1 <= x <= width):
        return np.zeros(image.shape[2])
    y, x = min(max(y, 0), height - 1), min(max(x, 0), width - 1)
    top, left = int(y), int(x)
    bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
    y, x = y - top, x - left
    return (1 - y) * (
        (1 - x) * image[top, left] + x * image[top, right]
    ) + y * ((1 - x) * image[bottom, left] + x * image[bottom, right])


def loop(images, boxes, size, scale, ratio, aligned):
    outputs = np.zeros((*boxes.shape[:2], *size, images.shape[-1]))
    for n, r, i, j in np.ndindex(outputs.shape[:4]):
        left, top, right, bottom = boxes[n, r] * scale - (0.5 if aligned else 0)
        height, width = bottom - top, right - left
        if not aligned:
            height, width = max(height, 1), max(width, 1)
        for a, b in np.ndindex(ratio, ratio):
            y = top + (i + (a + 0.5) / ratio) * height / size[0]
            x = left + (j + (b + 0.5) / ratio) * width / size[1]
            outputs[n, r, i, j] += interpolated(images[n], y, x) / ratio**2
    return outputs


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize(
    ("size", "scale", "ratio"),
    [((3, 3), 1.0, 2), ((2, 4), 0.5, 1)],
)
def test_values_are_those_of_a_loop(size, scale, ratio, aligned):
    images = features()
    layer = RoIAlign(size, scale, ratio, aligned)
    got = run(layer, images, BOXES / scale)
    wanted = loop(images, BOXES / scale, size, scale, ratio, aligned)
    assert got.shape == layer.compute_output_shape([(2, 9, 10, 3), (2, 4, 4)])
    np.testing.assert_allclose(got, wanted, atol=1e-5)


def test_a_box_around_pixels_is_those_pixels():
    images = features()
    box = np.array([[[2, 3, 6, 7]]] * 2, "float32")
    got = run(RoIAlign(4, sampling_ratio=1), images, box)
    np.testing.assert_allclose(got[:, 0], images[:, 3:7, 2:6], atol=1e-6)
    # of a plane each cell has its mean, however few places are sampled
    plane = np.indices((9, 10)).transpose(1, 2, 0)[None].astype("float32")
    got = run(RoIAlign((2, 1)), plane, box[:1])
    wanted = plane[:, 3:7, 2:6].reshape(1, 2, 2, 4, 2).mean((2, 3))
    np.testing.assert_allclose(got[0, 0, :, 0], wanted[0], atol=1e-5)


def test_gradients_are_the_weights():
    """The layer is linear: <R x, y> = <x, R' y>; boxes learn nothing."""
    images, rng = features(), np.random.default_rng(1)
    layer = RoIAlign(3)
    y = rng.normal(size=(2, 4, 3, 3, 3)).astype("float32")
    value, (gradient, still) = value_and_gradients(
        lambda *inputs: ops.sum(ops.multiply(layer(inputs), y)), images, BOXES
    )
    assert (gradient * images).sum() == pytest.approx(value, rel=1e-4)
    other = features(seed=2)
    wanted = (loop(other, BOXES, (3, 3), 1, 2, True) * y).sum()
    assert (gradient * other).sum() == pytest.approx(wanted, rel=1e-4)
    assert (still == 0).all()


def test_what_all_layers_must_do(tmp_path):
    @keras.saving.register_keras_serializable("test_roi_align")
    class OnTheseBoxes(RoIAlign):
        """One input, as the contract has it."""

        def call(self, x):
            return super().call([x, ops.convert_to_tensor(BOXES)])

        def compute_output_shape(self, shape):
            return super().compute_output_shape([shape, BOXES.shape])

        def compute_output_spec(self, x):
            shape = self.compute_output_shape(x.shape)
            return keras.KerasTensor(shape, self.compute_dtype)

    check_layer(
        lambda **kwargs: OnTheseBoxes((2, 3), aligned=False, **kwargs),
        (2, 9, 10, 3),
        tmp_path,
    )


@pytest.mark.parametrize("policy", ["mixed_float16", "float32"])
def test_in_a_model_of_open_sizes(policy, tmp_path):
    """Boxes far from the origin keep their precision beside half features."""
    inputs = keras.Input((None, None, 2)), keras.Input((None, 4))
    layer = RoIAlign((2, 3), 1 / 16, dtype=policy)
    outputs = layer(list(inputs))
    assert outputs.shape == (None, None, 2, 3, 2)
    model = keras.Model(inputs, outputs)
    model.save(tmp_path / "model.keras")
    model = keras.saving.load_model(tmp_path / "model.keras")
    ramp = np.zeros((1, 4, 200, 2), "float32")
    ramp[..., 0] = np.arange(200) / 200
    boxes = np.array([[[3001, 8, 3007, 40], [1, 1, 2, 2]]], "float32")
    got = model.predict([ramp, boxes], verbose=0)
    wanted = loop(ramp, boxes, (2, 3), 1 / 16, 2, True)
    tolerance = 1e-3 if policy == "mixed_float16" else 1e-5
    np.testing.assert_allclose(got, wanted, atol=tolerance)
    ends = got[0, 0, 0, :, 0].astype("float32")
    if policy == "float32":
        assert np.diff(ends).min() > 0


def test_no_boxes():
    none = np.zeros((2, 0, 4), "float32")
    assert run(RoIAlign(3), features(), none).shape == (2, 0, 3, 3, 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: RoIAlign(0), "size.*at least 1"),
        (lambda: RoIAlign((2, 2, 2)), "size.*3 entries for 2"),
        (lambda: RoIAlign(2, 0), "spatial_scale=0.*1 / stride"),
        (lambda: RoIAlign(2, sampling_ratio=0), "sampling_ratio.*at least 1"),
        (lambda: RoIAlign()([features()]), r"Expected \[features"),
        (lambda: RoIAlign()([features(), BOXES[0]]), r"\(4, 4\).*boxes \(n, r"),
        (lambda: RoIAlign()([features(), BOXES[..., :3]]), r"\(2, 4, 3\)"),
    ],
)
def test_bad_arguments_say_what_is_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()
