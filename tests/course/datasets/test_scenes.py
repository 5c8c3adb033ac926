"""Scenes: what the masks and boxes say is what was painted."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy import ndimage
from scipy.interpolate import CubicHermiteSpline

from course.datasets.digit_scenes import (
    CLASS_NAMES,
    Recipe,
    glyphs,
    integers,
    scene,
    textures,
    things,
)
from course.datasets.digit_scenes.builder import DigitScenes
from course.datasets.handwritten import digit_parts, scans

pytestmark = pytest.mark.any_backend

KINDS = {
    name: config.recipe for name, config in DigitScenes.builder_configs.items()
}
CROWDED = KINDS["96-crowded"]
# Of the first two scenes: other bits are another data set, with a new VERSION.
CHECKSUMS = {
    ("96", "train"): "74cefa80de48a259",
    ("96", "validation"): "c0d8924e24073b8f",
    ("96", "test"): "84d0bf9553de0217",
    ("64", "train"): "dd814e757ff57b79",
    ("64", "validation"): "37bbe4ad1e2838d8",
    ("64", "test"): "002e79427c279ec6",
    ("128", "train"): "a1c81200d378f71d",
    ("128", "validation"): "7cfe73405fd58603",
    ("128", "test"): "043dc535469d7361",
    ("96-crowded", "train"): "554803d664a9dd17",
    ("96-crowded", "validation"): "c9e361659c37023f",
    ("96-crowded", "test"): "f7f5e617cb208bf3",
}


@pytest.fixture
def fresh():
    """Nothing remembered of textures and digits, before and after."""

    def forget():
        textures.texture.cache_clear()
        textures._at_least.cache_clear()
        glyphs._surface.cache_clear()

    forget()
    yield forget
    forget()


def bits(made):
    return b"".join(
        np.ascontiguousarray(x).tobytes() for x in vars(made).values()
    )


def several(count=6):
    for recipe in KINDS.values():
        for part in textures.PARTS:
            for index in range(count):
                yield recipe, scene(recipe, part, index)


def test_masks_boxes_and_classes_agree_to_the_pixel():
    for recipe, made in several():
        assert made.image.shape == (recipe.size, recipe.size, 3)
        assert recipe.digits[0] <= len(made.classes) <= recipe.digits[1]
        np.testing.assert_array_equal(
            np.unique(made.instances[made.instances > 0]),
            np.arange(1, len(made.classes) + 1),
        )
        np.testing.assert_array_equal(made.mask < 10, made.instances > 0)
        assert made.mask.max() < len(CLASS_NAMES)
        found = ndimage.find_objects(made.instances.astype(int))
        for k, (rows, columns) in enumerate(found):
            assert set(made.mask[made.instances == k + 1]) == {made.classes[k]}
            np.testing.assert_array_equal(
                made.boxes[k],
                [columns.start, rows.start, columns.stop, rows.stop],
            )


def test_no_digit_is_hidden_more_than_allowed():
    lost = []
    for index in range(40):
        placed = things.arrange(CROWDED, "train", np.random.default_rng(index))
        for k, thing in enumerate(placed):
            above = [other.where for other in placed[k + 1 :]]
            hidden = np.any([*above, np.zeros_like(thing.where)], axis=0)
            lost.append((thing.where & hidden).sum() / thing.where.sum())
    assert 0.2 < max(lost) <= CROWDED.overlap / 100


def test_a_pixel_belongs_to_what_covers_half_of_it():
    for index in range(10):
        rng = np.random.default_rng(index)
        for thing in things.arrange(Recipe(), "train", rng):
            side = thing.size + 2 * things.MARGIN
            dark = np.zeros((side, side, 3), dtype="int32")
            bright = np.full_like(dark, 1024)
            thing.paint_on(dark)
            thing.paint_on(bright)
            # what is left of the ground's 1024, shaded by at most 1024 / 2400
            left = (things.inside(bright) - things.inside(dark))[..., 0]
            assert left[~thing.where].min() > 512 * (1 - 1024 / 2400) - 2
            assert left[thing.where].max() <= 512 + 1
            assert (left[thing.where] == 0).mean() > 0.3


def test_a_digit_lies_within_its_scene():
    for index in range(20):
        rng = np.random.default_rng(index)
        for thing in things.arrange(KINDS["64"], "train", rng):
            whole = np.zeros((64 + 2 * things.MARGIN,) * 2, dtype="int64")
            thing.window(whole)[:] = thing.cover
            assert things.inside(whole).sum() == whole.sum() > 0


@pytest.mark.parametrize(("kind", "part"), list(CHECKSUMS))
def test_scenes_are_the_same_everywhere(kind, part):
    both = b"".join(bits(scene(KINDS[kind], part, i)) for i in range(2))
    assert hashlib.sha256(both).hexdigest()[:16] == CHECKSUMS[kind, part]


def test_scenes_depend_on_seed_part_and_index_alone():
    recipe = Recipe(size=64, scale=(3, 4))
    alone = [bits(scene(recipe, "train", i)) for i in range(8)]
    with ThreadPoolExecutor(4) as pool:
        made = pool.map(lambda i: scene(recipe, "train", i), reversed(range(8)))
        assert [bits(each) for each in made] == alone[::-1]
    other = Recipe(size=64, scale=(3, 4), seed=1)
    everything = {
        *alone,
        *(bits(scene(recipe, "test", i)) for i in range(8)),
        *(bits(scene(other, "train", i)) for i in range(8)),
    }
    assert len(everything) == 24


@pytest.mark.parametrize("part", textures.PARTS)
def test_a_part_sees_nothing_of_anothers_textures(part, monkeypatch, fresh):
    before = [bits(scene(CROWDED, part, i)) for i in range(4)]
    whole = textures._photograph

    def only_mine(name):
        masked = np.zeros_like(whole(name))
        masked[textures.PARTS[part]] = whole(name)[textures.PARTS[part]]
        return masked

    monkeypatch.setattr(textures, "_photograph", only_mine)
    fresh()
    assert [bits(scene(CROWDED, part, i)) for i in range(4)] == before


@pytest.mark.parametrize("part", textures.PARTS)
def test_a_part_sees_nothing_of_anothers_digits(part, monkeypatch, fresh):
    before = [bits(scene(CROWDED, part, i)) for i in range(4)]
    mine = digit_parts()[list(textures.PARTS).index(part)]
    masked = np.full_like(scans()[0], 16)
    masked[mine] = scans()[0][mine]
    monkeypatch.setattr(glyphs, "scans", lambda: (masked, scans()[1]))
    fresh()
    assert [bits(scene(CROWDED, part, i)) for i in range(4)] == before


def test_every_digit_and_texture_is_in_one_part():
    indices = np.concatenate(digit_parts())
    np.testing.assert_array_equal(np.sort(indices), np.arange(1797))
    count = np.zeros((512, 512), dtype=int)
    for place in textures.PARTS.values():
        count[place] += 1
    assert (count == 1).all()


@pytest.mark.parametrize("index", [0, 7, 100])
def test_a_surface_is_catmull_and_roms(index):
    ink = np.pad(scans()[0][index].astype(float), 1)
    place = (np.arange(160) + 0.5) / 16 - 0.5
    for axis in (0, 1):
        pad = [(0, 0), (0, 0)]
        pad[axis] = (2, 2)
        wide = np.pad(ink, pad)
        slopes = np.gradient(wide, axis=axis)
        knots = np.arange(14) - 2
        ink = CubicHermiteSpline(knots, wide, slopes, axis=axis)(place)
    expected = ink * glyphs.HEIGHT / 16
    surface = glyphs._surface(index)
    assert np.abs(surface - expected).max() <= 1


def test_no_digit_is_larger_than_recipes_allow():
    scale = 4
    step = glyphs.FINE * 256 // (2 * scale)
    largest = max(
        max(glyphs.stretch(index, step, slant).shape)
        for index in range(0, 1797, 5)
        for slant in (-60, 60)
    )
    Recipe(size=50, scale=(scale, scale))
    assert largest <= 2 * 50


def test_whole_numbers_blur_enlarge_and_halve_as_fractions_do():
    rng = np.random.default_rng(0)
    image = rng.integers(-1000, 1000, (12, 17)).astype("int32")
    blurred = integers.blur(image, 2, 1)
    mean = ndimage.uniform_filter(image.astype(float), 5, mode="nearest")
    assert np.abs(blurred - mean).max() <= 2  # rounded down twice
    fine = integers.smooth(image)
    for axis in (0, 1):
        count = image.shape[axis]
        place = np.clip((np.arange(2 * count) + 0.5) / 2 - 0.5, 0, count - 1)
        image = np.apply_along_axis(
            lambda line, at=place: np.interp(at, np.arange(len(line)), line),
            axis,
            image,
        )
    np.testing.assert_allclose(fine, 16 * image)
    blocks = fine.reshape(12, 2, 17, 2).sum((1, 3))
    np.testing.assert_array_equal(integers.halve(fine), blocks)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 31}, "size=31 makes no scenes. Expected pixels, 32"),
        ({"digits": (3, 1)}, r"digits=\(3, 1\) makes no scenes"),
        ({"overlap": 100}, "overlap=100 makes no scenes. Expected per cent"),
        ({"validation": 0}, "validation=0 makes no scenes. Expected scenes"),
        ({"size": 32, "scale": (3, 5)}, "digits of up to 62.5 pixels, larger"),
    ],
)
def test_recipes_that_make_no_scenes(options, message):
    with pytest.raises(ValueError, match=message):
        Recipe(**options)


def test_an_unknown_part():
    with pytest.raises(ValueError, match=r"part='valid' is no part.*train"):
        scene(Recipe(), "valid", 0)


def test_a_photograph_that_is_another(monkeypatch, fresh):
    monkeypatch.setitem(textures.FILES, "brick", ("brick.png", "0" * 16))
    with pytest.raises(
        ValueError, match="SHA-256 begins with 7966caf324f6ba84"
    ):
        textures.texture("brick", "train")
    monkeypatch.setitem(textures.FILES, "brick", ("bricks.png", "0" * 16))
    with pytest.raises(FileNotFoundError, match="install scikit-image again"):
        textures.texture("brick", "train")
