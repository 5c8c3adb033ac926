"""What moves together stays together."""

import keras
import numpy as np
import pytest

from course import layers
from course.augment import (
    Brightness,
    ColourJitter,
    Contrast,
    Crop,
    Cutout,
    Flip,
    SaltAndPepper,
    Scale,
    chain,
)
from course.datasets.digit_scenes import Recipe, scene
from course.datasets.digit_scenes.scenes import box_of
from course.datasets.samples import stack
from course.datasets.table import IGNORED

SIZE, COUNT = 48, 16  # one shape: JAX compiles for each
GEOMETRY = {
    "flip": lambda: Flip(seed=1),
    "upside down": lambda: Flip("vertical", seed=1),
    "scale": lambda: Scale(0.4, seed=2),
    "crop": lambda: Crop(31, 40, seed=3),
}
COLOURS = {
    "contrast": lambda: Contrast(0.5, seed=1),
    "brightness": lambda: Brightness(0.3, seed=1),
    "colour": lambda: ColourJitter(0.5, seed=1),
    "salt and pepper": lambda: SaltAndPepper(0.1, seed=1),
    "cutout": lambda: Cutout(20, seed=1),
}
ALL = {k: v for k, v in {**GEOMETRY, **COLOURS}.items() if k != "upside down"}


def scenes():
    """A batch of small scenes, their rows of boxes padded."""
    recipe = Recipe(size=SIZE, digits=(0, 4), scale=(1.5, 2.5), overlap=30)
    made = [vars(scene(recipe, "train", i)) for i in range(COUNT)]
    batch = stack([dict(each) for each in made], rows=4)
    batch["image"] = batch["image"].astype("float32") / 255
    batch["boxes"] = batch["boxes"].astype("float32")
    return batch


SCENES = scenes()


def coordinates(count=COUNT):
    """Images that say where each pixel was, masks that say the same.

    Channels of the image: column and row over 100, and 1; the mask is the
    column, instances are the row.
    """
    row, column = np.mgrid[:SIZE, :SIZE].astype("float32")
    image = np.stack([column / 100, row / 100, np.ones_like(row)], -1)
    return {
        "image": np.repeat(image[None], count, 0),
        "mask": np.repeat(column[None].astype("int32"), count, 0),
        "instances": np.repeat(row[None].astype("int32"), count, 0),
    }


def numpy(sample):
    return {k: keras.ops.convert_to_numpy(v) for k, v in sample.items()}


def by_tensorflow(layer, sample):
    """The same by tf.data, which TensorFlow computes on any backend."""
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensors(sample).map(layer)
    return next(iter(data.as_numpy_iterator()))


WAYS = {"layer": lambda f, x: numpy(f(x)), "tf.data": by_tensorflow}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("make", GEOMETRY.values(), ids=GEOMETRY)
def test_image_and_masks_move_to_the_same_place(make, way):
    moved = way(make(), coordinates())
    # where the image is not mixed with the black border
    whole = (moved["mask"] != IGNORED) & (moved["image"][..., 2] > 0.999)
    assert whole.mean() > 0.3
    for channel, key in ((0, "mask"), (1, "instances")):
        error = moved["image"][..., channel] * 100 - moved[key]
        assert np.abs(error[whole]).max() <= 0.5 + 1e-3
    outside = moved["image"][..., 2] == 0
    assert outside.any() == isinstance(make(), Scale)
    assert (moved["mask"][outside] == IGNORED).all()
    assert (moved["instances"][outside] == 0).all()
    shape = moved["mask"].shape
    still = coordinates()["image"][:, : shape[1], : shape[2]]
    assert (moved["image"] != still).any(-1).mean() > 0.2


def test_one_image_moves_as_a_batch_of_one():
    make = GEOMETRY["scale"]
    single = {key: value[0] for key, value in SCENES.items()}
    batch = {key: value[:1] for key, value in SCENES.items()}
    alone, together = numpy(make()(single)), numpy(make()(batch))
    for key in alone:
        np.testing.assert_allclose(alone[key], together[key][0], atol=1e-6)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("make", GEOMETRY.values(), ids=GEOMETRY)
def test_boxes_are_those_of_the_instances(make, way):
    moved = way(make(), SCENES)
    seen = 0
    for index in range(COUNT):
        for row in range(4):
            where = moved["instances"][index] == row + 1
            box, kind = moved["boxes"][index, row], moved["classes"][index, row]
            if where.any():
                seen += 1
                assert tuple(box) == box_of(where)
                assert kind == SCENES["classes"][index, row]
                assert set(moved["mask"][index][where]) == {kind}
            else:
                assert tuple(box) == (-1, -1, -1, -1)
                assert kind == -1
    assert seen >= COUNT // 2


@pytest.mark.parametrize("make", GEOMETRY.values(), ids=GEOMETRY)
def test_boxes_move_alike_without_instances(make):
    known = numpy(make()(SCENES))
    bare = {k: v for k, v in SCENES.items() if k != "instances"}
    moved = numpy(make()(bare))
    np.testing.assert_array_equal(moved["mask"], known["mask"])
    height, width = moved["image"].shape[1:3]
    inner = known["boxes"]
    # of a digit that is cut, less may be left than of its box
    is_whole = (inner[..., :2] > 1).all(-1) & (
        inner[..., 2:] < [width - 1, height - 1]
    ).all(-1)
    difference = np.abs(moved["boxes"] - inner)[is_whole]
    assert len(difference) > 3
    assert difference.max() <= (1.5 if isinstance(make(), Scale) else 0)
    assert (moved["classes"][SCENES["classes"] < 0] == -1).all()
    assert (moved["boxes"][moved["classes"] < 0] == -1).all()


def test_a_crop_as_high_as_the_image_moves_sideways():
    images = SCENES["image"]
    places = set()
    layer = Crop(SIZE, 40, seed=1)
    for _ in range(8):
        cut = numpy({"x": layer(images)})["x"]
        (left,) = [
            left
            for left in range(SIZE - 39)
            if np.array_equal(cut, images[:, :, left : left + 40])
        ]
        places.add(left)
    assert len(places) > 2


def test_a_crop_reaches_both_ends():
    layer = Crop(SIZE - 1, SIZE, seed=1)
    rows = coordinates(1)["image"][..., 1:2]
    tops = {float(numpy({"x": layer(rows)})["x"][0, 0, 0, 0]) for _ in range(9)}
    np.testing.assert_allclose(sorted(tops), [0, 0.01])


def test_a_cropped_box_is_cut_at_the_border():
    image = np.zeros((6, 8, 1), "float32")
    boxes = np.array([[0, 0, 8, 6], [3, 2, 5, 4], [0, 0, 1, 6]], "float32")
    layer = Crop(3, 4, seed=1)
    for _ in range(5):
        sample = {
            "image": np.arange(48, dtype="float32").reshape(6, 8, 1),
            "boxes": boxes,
            "classes": np.array([1, 2, 3]),
        }
        moved = numpy(layer(sample))
        top, left = divmod(int(moved["image"][0, 0, 0]), image.shape[1])
        expected = boxes - [left, top, left, top]
        expected = np.clip(expected, 0, [4, 3, 4, 3])
        areas = np.prod(expected[:, 2:] - expected[:, :2], axis=1)
        expected[areas == 0] = -1
        np.testing.assert_array_equal(moved["boxes"], expected)
        np.testing.assert_array_equal(moved["classes"] == -1, areas == 0)


@pytest.mark.parametrize("mode", ["horizontal", "vertical"])
def test_flipped_twice_is_not_flipped(mode):
    once = numpy(Flip(mode, seed=5)(SCENES))
    twice = numpy(Flip(mode, seed=5)(once))
    axis = 2 if mode == "horizontal" else 1
    mirrored = np.flip(SCENES["image"], axis)
    is_flipped = (once["image"] == mirrored).all((1, 2, 3))
    assert 0 < is_flipped.sum() < COUNT
    np.testing.assert_array_equal(
        once["image"][~is_flipped], SCENES["image"][~is_flipped]
    )
    for key, value in SCENES.items():
        np.testing.assert_array_equal(twice[key], value)


@pytest.mark.parametrize("make", COLOURS.values(), ids=COLOURS)
def test_colours_change_nothing_else(make):
    moved = numpy(make()(SCENES))
    for key in ("mask", "instances", "boxes", "classes"):
        np.testing.assert_array_equal(moved[key], SCENES[key])
    assert np.abs(moved["image"] - SCENES["image"]).max() > 0.05
    assert moved["image"].min() >= 0
    assert moved["image"].max() <= 1


def grey(low=0.3, high=0.7):
    rng = np.random.default_rng(0)
    return rng.uniform(low, high, SCENES["image"].shape).astype("float32")


def test_brightness_adds_one_number_an_image():
    images = grey()
    change = numpy({"x": Brightness(0.2, seed=1)(images)})["x"] - images
    assert np.ptp(change, axis=(1, 2, 3)).max() < 1e-6
    means = change.mean((1, 2, 3))
    assert means.min() < -0.05
    assert means.max() > 0.05
    assert np.abs(means).max() <= 0.2 + 1e-6


def test_contrast_stretches_each_channel_about_its_mean():
    images = grey()
    changed = numpy({"x": Contrast(0.4, seed=1)(images)})["x"]
    mean = images.mean((1, 2), keepdims=True)
    factor = (changed - mean) / (images - mean)
    middle = np.median(factor, axis=(1, 2, 3))
    np.testing.assert_allclose(
        changed, mean + middle[:, None, None, None] * (images - mean), atol=1e-5
    )
    assert 0.6 - 1e-5 <= middle.min() < 0.85
    assert 1.15 < middle.max() <= 1.4 + 1e-5


def test_colour_jitter_of_nothing_is_nothing():
    images = grey(0, 1)
    np.testing.assert_allclose(
        numpy({"x": ColourJitter(0.0, seed=1)(images)})["x"], images, atol=1e-4
    )


def test_colour_jitter_changes_hue_as_far_as_asked():
    red = np.full(SCENES["image"].shape, [0.6, 0.2, 0.2], "float32")
    still = numpy({"x": ColourJitter(0.4, hue=0.0, seed=1)(red)})["x"]
    np.testing.assert_allclose(still[..., 1], still[..., 2], atol=1e-5)
    moved = numpy({"x": ColourJitter(0.4, hue=1.0, seed=1)(red)})["x"]
    assert (moved.argmax(-1) != 0).mean() > 0.3


def test_salt_and_pepper():
    images = grey()
    noisy = numpy({"x": SaltAndPepper(0.2, seed=1)(images)})["x"]
    white, black = (noisy == 1).all(-1), (noisy == 0).all(-1)
    count = white.size
    for share in (white.mean(), black.mean()):
        assert abs(share - 0.1) < 4 * np.sqrt(0.1 * 0.9 / count)
    same = (noisy == images).all(-1)
    np.testing.assert_array_equal(same, ~(white | black))


def test_cutout_hides_a_square():
    images = grey()
    hidden = (numpy({"x": Cutout(20, seed=1)(images)})["x"] == 0).all(-1)
    whole = 0
    for each in hidden:
        left, top, right, bottom = box_of(each)
        assert each.sum() == (right - left) * (bottom - top), "not a rectangle"
        for first, last in ((left, right), (top, bottom)):
            length = last - first
            is_cut = first == 0 or last == SIZE
            assert length == 20 or (is_cut and 10 <= length < 20)
        whole += each.sum() == 400
    assert 0 < whole < COUNT
    centres = hidden.mean(0)
    assert centres[0].max() > 0, "it never reaches the border"


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
def test_a_seed_gives_the_same_again_and_goes_on(make, way):
    first, again = make(), make()
    one, other = way(first, SCENES), way(again, SCENES)
    for key in one:
        np.testing.assert_array_equal(one[key], other[key])
    # also on the backend's own side after tf.data was served
    more = numpy(first(SCENES))
    assert not np.array_equal(more["image"], one["image"])


def test_each_epoch_is_another_and_a_program_repeats():
    tf = pytest.importorskip("tensorflow")
    pairs = tuple(SCENES[key] for key in ("image", "mask"))

    def epochs():
        augmentation = chain(
            Flip(seed=1),
            Scale(0.3, seed=2),
            SaltAndPepper(0.1, seed=3),
            keys=("image", "mask"),
        )
        data = tf.data.Dataset.from_tensor_slices(pairs).batch(4)
        data = data.map(augmentation)
        return [
            np.concatenate([x for x, _ in data.as_numpy_iterator()])
            for _ in range(2)
        ]

    program, again = epochs(), epochs()
    np.testing.assert_array_equal(program, again)
    assert not np.array_equal(*program)


@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
def test_in_a_model_they_act_in_training_alone(make):
    model = keras.Sequential([keras.Input((SIZE, SIZE, 3)), make()])
    quiet = keras.ops.convert_to_numpy(model(SCENES["image"], training=False))
    loud = keras.ops.convert_to_numpy(model(SCENES["image"], training=True))
    if isinstance(make(), Crop):
        assert quiet.shape == loud.shape
        top, left = ((SIZE - length) // 2 for length in quiet.shape[1:3])
        window = SCENES["image"][:, top : SIZE - top, left : SIZE - left]
        window = window[:, : quiet.shape[1], : quiet.shape[2]]
        np.testing.assert_array_equal(quiet, window)
    else:
        np.testing.assert_allclose(quiet, SCENES["image"], atol=1e-6)
    assert not np.array_equal(quiet, loud)


@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
def test_a_layer_is_saved_with_its_model(make, tmp_path):
    assert layers.Crop is not Crop, "saved under two names, or not at all"
    model = keras.Sequential([keras.Input((SIZE, SIZE, 3)), make()])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.layers[0].get_config() == model.layers[0].get_config()
    fresh = make()
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(
            type(fresh).from_config(fresh.get_config())(SCENES["image"])
        ),
        keras.ops.convert_to_numpy(make()(SCENES["image"])),
    )


def test_it_feeds_fit():
    tf = pytest.importorskip("tensorflow")
    keys = ("image", "mask")
    data = tf.data.Dataset.from_tensor_slices(tuple(SCENES[k] for k in keys))
    data = data.batch(4).map(
        chain(Flip(seed=1), Crop(32, 32, seed=1), keys=keys)
    )
    model = keras.Sequential(
        [keras.Input((32, 32, 3)), keras.layers.Conv2D(14, 1)]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.1), loss)
    history = model.fit(data, epochs=4, verbose=0, shuffle=False).history[
        "loss"
    ]
    assert history[-1] < history[0]


def sized(*sizes):
    """A tf.data of images whose sizes differ, each with one box."""
    tf = pytest.importorskip("tensorflow")

    def each():
        for height, width in sizes:
            yield {
                "image": np.ones((height, width, 3), "float32"),
                "mask": np.full((height, width), 7, "int32"),
                "boxes": np.array([[1, 2, 5, 4]], "float32"),
                "classes": np.array([3], "int32"),
            }

    signature = {
        "image": tf.TensorSpec((None, None, 3), "float32"),
        "mask": tf.TensorSpec((None, None), "int32"),
        "boxes": tf.TensorSpec((None, 4), "float32"),
        "classes": tf.TensorSpec((None,), "int32"),
    }
    return tf.data.Dataset.from_generator(each, output_signature=signature)


def test_images_of_any_size_in_one_data_set():
    sizes = [(6, 9), (8, 7), (10, 20), (5, 5), (9, 9), (7, 30)]
    moved = list(sized(*sizes).map(Flip(seed=1)).as_numpy_iterator())
    flipped = 0
    for (height, width), sample in zip(sizes, moved, strict=True):
        assert sample["image"].shape == (height, width, 3)
        mirrored = [width - 5, 2, width - 1, 4]
        assert list(sample["boxes"][0]) in ([1, 2, 5, 4], mirrored)
        flipped += list(sample["boxes"][0]) == mirrored
    assert 0 < flipped < len(sizes)
    for sample in sized(*sizes).map(Scale(0.3, seed=1)).as_numpy_iterator():
        where = np.abs(sample["boxes"][0]).max()
        assert sample["mask"].shape == sample["image"].shape[:2]
        assert where <= max(sample["mask"].shape)
    with pytest.raises(ValueError, match="have no size before they are read"):
        sized(*sizes).map(Crop(4, 4))


@pytest.mark.parametrize("name", ["flip", "crop"])
def test_samples_in_a_functional_model(name):
    make = GEOMETRY[name]
    inputs = {
        key: keras.Input(SCENES[key].shape[1:], name=key, dtype=dtype)
        for key, dtype in (("image", "float32"), ("mask", "int32"))
    }
    outputs = make()(inputs)
    assert outputs["mask"].dtype == "int32"
    model = keras.Model(inputs, outputs)
    given = {key: SCENES[key] for key in inputs}
    moved = numpy(model(given, training=True))
    direct = numpy(make()(given))
    for key in inputs:
        assert moved[key].shape[1:] == outputs[key].shape[1:]
        np.testing.assert_array_equal(moved[key], direct[key])


def test_other_entries_stay_and_the_sample_is_not_changed():
    label = np.arange(COUNT)
    before = {key: value.copy() for key, value in SCENES.items()}
    moved = Scale(0.3, seed=1)({**SCENES, "label": label})
    assert moved["label"] is label
    for key, value in before.items():
        np.testing.assert_array_equal(SCENES[key], value)


def test_masks_are_exact_in_mixed_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        layer = Flip(seed=1)
        wide = {
            "image": np.zeros((2, 4, 600, 3), "float32"),
            "mask": np.tile(np.arange(600) % 256, (2, 4, 1)),
            "boxes": np.array([[[301.0, 0, 599, 4]]] * 2),
        }
        moved = by_tensorflow(layer, wide)
    finally:
        keras.config.set_dtype_policy("float32")
    for index in range(2):
        is_flipped = moved["mask"][index, 0, 0] != 0
        mask = wide["mask"][index]
        np.testing.assert_array_equal(
            moved["mask"][index], mask[:, ::-1] if is_flipped else mask
        )
        expected = [1, 0, 299, 4] if is_flipped else [301, 0, 599, 4]
        np.testing.assert_array_equal(moved["boxes"][index, 0], expected)


def flip(**shapes):
    """Flip a sample of zeros."""
    Flip()({key: np.zeros(shape) for key, shape in shapes.items()})


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: Flip("both"), r"mode='both'. Expected 'horizontal'"),
        (lambda: SaltAndPepper(1.5), r"amount=1\.5\. Expected a share"),
        (lambda: Contrast(-0.1), r"factor=-0\.1\. Expected a share"),
        (lambda: ColourJitter(2.0), r"factor=2\.0\. Expected a share"),
        (lambda: Cutout(0), r"size=0. Expected pixels"),
        (lambda: Crop(64, 8)(SCENES), "64 x 8 does not fit into images of"),
        (
            lambda: flip(image=(8, 9, 3), mask=(8, 8)),
            r"mask has shape \(8, 8\), the image \(8, 9, 3\).*together",
        ),
        (lambda: flip(mask=(8, 8)), r"holds mask. Expected an image"),
        (lambda: flip(image=(8, 8)), r"shape \(8, 8\). Expected"),
        (lambda: chain(Flip(), keys=("image",))(1, 2), "has 2 entries"),
    ],
)
def test_bad_input(act, message):
    with pytest.raises(ValueError, match=message):
        act()
