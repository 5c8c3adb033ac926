"""`load`: the same form for every data set, and errors that help."""

import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds
from sklearn.datasets import load_digits

from course.datasets import class_names, digits, load, palette
from course.datasets.digit_scenes import Recipe, scene
from course.datasets.digit_scenes.builder import DigitScenes, DigitScenesConfig
from course.datasets.table import TABLE

pytest.importorskip("tensorflow")

TINY = Recipe(
    size=48, digits=(0, 3), scale=(2, 3), train=20, validation=4, test=5
)
RNG = np.random.default_rng(0)


def noise(*shape):
    return RNG.integers(0, 256, shape, dtype="uint8")


def boxes(*rows):
    return [
        {
            "bbox": tfds.features.BBox(*sides),
            "label": label,
            "pose": 0,
            "is_truncated": False,
            "is_difficult": False,
        }
        for sides, label in rows
    ]


MNIST = [{"image": noise(28, 28, 1), "label": i % 10} for i in range(30)]
CIFAR = [
    {"id": str(i), "image": noise(32, 32, 3), "label": i} for i in range(10)
]
PETS = [
    {
        # plain colours, which JPEG keeps
        "image": np.full((20 + i, 30, 3), 40 * i, "uint8"),
        "label": i,
        "species": 0,
        "file_name": "",
        "segmentation_mask": RNG.integers(1, 4, (20 + i, 30, 1), "uint8"),
        "head_bbox": tfds.features.BBox(0.0, 0.0, 1.0, 1.0),
    }
    for i in range(5)
]
VOC = [
    {
        "image": np.full((40, 80, 3), 200, "uint8"),
        "image/filename": "",
        "objects": boxes(*[((0.25, 0.125, 0.5, 1.0), 14)] * count),
        "labels": [],
        "labels_no_difficult": [],
    }
    for count in (0, 2, 1)
]


def store(folder, name, config=None, **parts):
    """Write examples as the builder of that name would have."""
    real = tfds.builder_cls(name)

    def split(self, _):
        if name == "cifar10":
            self.info.features["label"].names = class_names(name)
        return {part: enumerate(parts[part]) for part in parts}

    with tfds.core.registered.skip_registration():
        members = {
            "name": name,
            "_split_generators": split,
            "pkg_dir_path": real.pkg_dir_path,
        }
        fake = type(real.__name__, (real,), members)
    builder = fake(data_dir=folder, config=config)
    builder.download_and_prepare()
    return Path(builder.data_dir)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Data sets in TensorFlow Datasets' own format, with known examples."""
    there = str(tmp_path_factory.mktemp("data"))
    store(there, "mnist", train=MNIST, test=MNIST[:7])
    store(there, "cifar10", train=CIFAR, test=CIFAR[:3])
    store(there, "oxford_iiit_pet", train=PETS, test=PETS[:2])
    store(there, "voc", "2012", train=VOC, validation=VOC[:2], test=VOC[:1])
    return there


@pytest.fixture
def scenes(tmp_path, monkeypatch):
    """digit_scenes/tiny, prepared in a folder."""
    tiny = DigitScenesConfig(name="tiny", recipe=TINY)
    monkeypatch.setitem(DigitScenes.builder_configs, "tiny", tiny)
    return str(tmp_path)


def as_set(arrays):
    return {array.tobytes() for array in arrays}


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_digits_are_digits(split):
    images, labels = load(
        "digits", split, keys=("image", "label"), as_numpy=True
    )
    part = getattr(digits(), split)
    np.testing.assert_array_equal(images, part.images)
    np.testing.assert_array_equal(labels, part.labels)


def test_scenes_arrive_as_they_were_made(scenes):
    arrays = load("digit_scenes/tiny", "test", as_numpy=True, data_dir=scenes)
    for index in range(TINY.test):
        made = scene(TINY, "test", index)
        count = len(made.classes)
        np.testing.assert_array_equal(
            np.round(arrays["image"][index] * 255), made.image
        )
        np.testing.assert_array_equal(arrays["mask"][index], made.mask)
        np.testing.assert_array_equal(
            arrays["instances"][index], made.instances
        )
        np.testing.assert_array_equal(
            arrays["boxes"][index, :count], made.boxes
        )
        np.testing.assert_array_equal(
            arrays["classes"][index, :count], made.classes
        )
        assert (arrays["boxes"][index, count:] == -1).all()
        assert (arrays["classes"][index, count:] == -1).all()
    assert arrays["boxes"].shape == (TINY.test, 3, 4)


def test_tf_data_gives_what_numpy_gives(scenes):
    options = {"split": "train", "data_dir": scenes}
    arrays = load("digit_scenes/tiny", as_numpy=True, **options)
    data = load("digit_scenes/tiny", batch_size=8, **options)
    batches = list(data.as_numpy_iterator())
    assert [len(batch["image"]) for batch in batches] == [8, 8, 4]
    assert set(batches[0]) == set(TABLE["digit_scenes"].keys)
    for key, array in arrays.items():
        joined = np.concatenate([batch[key] for batch in batches])
        assert joined.dtype == array.dtype
        np.testing.assert_array_equal(joined, array)


def test_shuffling_is_by_seed_and_each_epoch_anew():
    def order(data):
        return [int(label) for _, label in data.as_numpy_iterator()]

    def shuffled(seed):
        keys = ("image", "label")
        return load("digits", "test", keys=keys, shuffle=True, seed=seed)

    plain = [*digits().test.labels]
    first = shuffled(3)
    epochs = [order(first), order(first)]
    again = shuffled(3)
    assert [order(again), order(again)] == epochs
    assert epochs[0] != epochs[1] != plain != epochs[0]
    assert sorted(epochs[0]) == sorted(epochs[1]) == sorted(plain)
    assert order(shuffled(4)) != epochs[0]


def test_shuffled_arrays_stay_together():
    options = {"split": "test", "as_numpy": True}
    plain = load("digits", **options)
    mixed = load("digits", shuffle=True, seed=1, **options)
    assert not np.array_equal(plain["label"], mixed["label"])
    label_of = {
        image.tobytes(): label
        for image, label in zip(plain["image"], plain["label"], strict=True)
    }
    for image, label in zip(mixed["image"], mixed["label"], strict=True):
        assert label_of[image.tobytes()] == label


@pytest.mark.parametrize(
    ("name", "examples", "validation"),
    [("mnist", MNIST, 3), ("cifar10", CIFAR, 1)],
)
def test_classification(folder, name, examples, validation):
    train, held, test = (
        load(name, part, as_numpy=True, data_dir=folder)
        for part in ("train", "validation", "test")
    )
    assert len(held["image"]) == validation
    assert train["label"].dtype == np.int32
    wanted = {each["image"].tobytes(): each["label"] for each in examples}
    found = {}
    for part in (train, held):
        for image, label in zip(part["image"], part["label"], strict=True):
            found[np.round(image * 255).astype("uint8").tobytes()] = label
    assert found == wanted
    assert test["image"].dtype == np.float32


def test_pets_have_a_mask_of_three_kinds(folder):
    data = load("oxford_iiit_pet", "test", data_dir=folder)
    table = {1: 1, 2: 0, 3: 255}
    found = {int(x["label"]): x for x in data.as_numpy_iterator()}
    for example in PETS[:2]:
        sample = found[example["label"]]
        trimap = example["segmentation_mask"][..., 0]
        np.testing.assert_array_equal(
            sample["mask"], np.vectorize(table.get)(trimap)
        )
        np.testing.assert_allclose(
            sample["image"], example["image"] / 255, atol=2 / 255
        )


def test_boxes_are_in_pixels_and_follow_the_size(folder):
    data = load("voc", "train", batch_size=3, size=20, data_dir=folder)
    (batch,) = data.as_numpy_iterator()
    assert batch["image"].shape == (3, 20, 20, 3)
    counts = (batch["classes"] >= 0).sum(1)
    assert sorted(counts) == [0, 1, 2]
    for row, count in enumerate(counts):
        np.testing.assert_allclose(
            batch["boxes"][row],
            [[2.5, 5, 20, 10]] * count + [[-1] * 4] * (2 - count),
        )
        assert list(batch["classes"][row]) == [14] * count + [-1] * (2 - count)
    single = load("voc", "validation", data_dir=folder)
    for sample in single.as_numpy_iterator():
        assert sample["image"].shape == (40, 80, 3)
        for box in sample["boxes"]:
            np.testing.assert_allclose(box, [10, 10, 80, 20])


def test_size_keeps_image_mask_and_boxes_together(scenes):
    arrays = load(
        "digit_scenes/tiny", "train", as_numpy=True, size=96, data_dir=scenes
    )
    for index in range(4):
        made = scene(TINY, "train", index)
        doubled = made.mask.repeat(2, 0).repeat(2, 1)
        np.testing.assert_array_equal(arrays["mask"][index], doubled)
        count = len(made.boxes)
        np.testing.assert_array_equal(
            arrays["boxes"][index, :count], 2 * made.boxes
        )
        small = arrays["image"][index].reshape(48, 2, 48, 2, 3).mean((1, 3))
        assert np.abs(small - made.image / 255).mean() < 0.03


def test_a_smaller_mask_takes_the_middle_of_what_a_pixel_covers(scenes):
    arrays = load(
        "digit_scenes/tiny", "train", as_numpy=True, size=16, data_dir=scenes
    )
    for index in range(4):
        middles = scene(TINY, "train", index).mask[1::3, 1::3]
        np.testing.assert_array_equal(arrays["mask"][index], middles)


def test_names_and_colours():
    for name, data_set in TABLE.items():
        for key, names in data_set.names.items():
            assert class_names(name, key) == names
            colours = palette(name, key)
            assert colours.shape == (len(names), 3)
            assert len(as_set(colours)) == len(names), "two have one colour"
    assert class_names("voc/2007")[14] == "person"
    assert class_names("oxford_iiit_pet") == ("background", "pet")
    for name, key, at in (
        ("voc", "classes", "objects"),
        ("oxford_iiit_pet", "label", None),
    ):
        features = tfds.builder(name).info.features
        features = features[at] if at else features
        assert tuple(features["label"].names) == class_names(name, key)


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*arguments, **options):
        raise OSError("Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize("download", [False, True])
@pytest.mark.parametrize(
    ("name", "stand_in"), [("cifar10", "digits"), ("voc", "digit_scenes")]
)
def test_without_a_network(tmp_path, no_network, download, name, stand_in):
    with pytest.raises(OSError, match=f"load.'{stand_in}'") as raised:
        load(name, "train", size=8, data_dir=tmp_path, download=download)
    message = str(raised.value)
    assert str(tmp_path / name) in message
    assert "TFDS_DATA_DIR" in message
    assert ("could not be fetched" in message) == download


def test_files_that_are_truncated_or_lost(tmp_path):
    there = store(str(tmp_path), "mnist", train=MNIST, test=MNIST)
    (path,) = there.glob("mnist-test.tfrecord*")
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(OSError, match="cannot be read, perhaps it is trunc"):
        load("mnist", "test", as_numpy=True, data_dir=tmp_path)
    path.unlink()
    with pytest.raises(OSError, match=r"mnist-test.* is not there"):
        load("mnist", "test", as_numpy=True, data_dir=tmp_path)


def test_a_scene_file_that_is_truncated(scenes):
    load("digit_scenes/tiny", "test", as_numpy=True, data_dir=scenes)
    (path,) = Path(scenes).rglob("digit_scenes-test*")
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(OSError, match="damaged, perhaps truncated"):
        load("digit_scenes/tiny", "test", as_numpy=True, data_dir=scenes)


def test_an_empty_part(tmp_path):
    store(str(tmp_path), "mnist", train=MNIST[:4], test=MNIST)
    with pytest.raises(ValueError, match=r"mnist: train\[90%:\] is empty"):
        load("mnist", "validation", as_numpy=True, data_dir=tmp_path)


def test_masks_and_labels_that_contradict(tmp_path):
    wrong = dict(PETS[0], segmentation_mask=np.ones((9, 9, 1), "uint8"))
    strange = dict(PETS[0], segmentation_mask=np.full((20, 30, 1), 7, "uint8"))
    store(str(tmp_path), "oxford_iiit_pet", train=PETS, test=[wrong])
    with pytest.raises(ValueError, match="20 x 30 pixels, its mask 9 x 9"):
        load(
            "oxford_iiit_pet", "test", as_numpy=True, size=8, data_dir=tmp_path
        )
    store(str(tmp_path / "b"), "oxford_iiit_pet", train=PETS, test=[strange])
    with pytest.raises(ValueError, match=r"mask holds 254. Expected 0 to 1 or"):
        load(
            "oxford_iiit_pet",
            "test",
            as_numpy=True,
            size=8,
            data_dir=tmp_path / "b",
        )


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("mnst",), {}, "name='mnst' is no data set.*digit_scenes, mnist"),
        (("voc", "test"), {}, "split='test' is no part of voc"),
        (("digits",), {"keys": ("image", "mask")}, "image, label, which"),
        (("digits",), {"keys": "image"}, "or a tuple of some of"),
        (("digits",), {"keys": ()}, "or a tuple of some of"),
        (("voc",), {"batch_size": 4}, "different sizes.*size=128"),
        (("digits",), {"batch_size": 0}, "batch_size=0. Expected None, or 1"),
        (
            ("digits",),
            {"batch_size": 4, "as_numpy": True},
            "Give the batch size to fit",
        ),
        (("mnist/2",), {}, "there is one mnist alone"),
        (("digit_scenes/97",), {}, "no digit_scenes/97"),
    ],
)
def test_bad_arguments(arguments, options, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        load(*arguments, data_dir=tmp_path, **options)


def test_bad_keys_of_names():
    with pytest.raises(ValueError, match="key='mask': mnist has classes under"):
        class_names("mnist", "mask")


def test_scenes_need_no_tensorflow(tmp_path):
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            textwrap.dedent(f"""
            import importlib.machinery, sys
            find = importlib.machinery.PathFinder.find_spec

            def without(name, path=None, target=None):
                is_hidden = name.partition(".")[0] == "tensorflow"
                return None if is_hidden else find(name, path, target)

            importlib.machinery.PathFinder.find_spec = staticmethod(without)
            import course.datasets
            heavy = {{"keras", "jax", "tensorflow_datasets", "sklearn"}}
            print(sorted(heavy & set(sys.modules)))
            from course.datasets.digit_scenes.builder import (
                DigitScenes, DigitScenesConfig)
            from course.datasets.digit_scenes import Recipe
            tiny = DigitScenesConfig(name="tiny", recipe={TINY!r})
            DigitScenes.builder_configs["tiny"] = tiny
            got = course.datasets.load("digit_scenes/tiny", as_numpy=True)
            print(len(got["image"]), "tensorflow" in sys.modules)
            try:
                course.datasets.load("digits")
            except ModuleNotFoundError as error:
                print(error)
            """),
        ],
        env={**os.environ, "TFDS_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (tmp_path / "digit_scenes" / "tiny" / "1.0.0").is_dir()
    light, count, error = done.stdout.splitlines()
    assert light == "[]", "course.datasets should import nothing heavy"
    assert count == "20 False"
    assert "as_numpy=True" in error


def test_the_digits_are_scikit_learns():
    images = load("digits", as_numpy=True)["image"]
    known = as_set(load_digits().images.astype("float32"))
    assert as_set(images[..., 0] * 16) <= known
