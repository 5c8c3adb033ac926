"""Volumes are drawn to one scale, side by side, and say their sizes."""

from itertools import pairwise
from math import log2, sqrt

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from course import plots
from tests.figures import check_letters

pytestmark = pytest.mark.any_backend

LENET = {
    "image": (28, 28, 1),
    "C1": (28, 28, 6),
    "S2": (14, 14, 6),
    "C3": (10, 20, 16),
    "F6": (84,),
    "scores": (10,),
}


def vgg():
    """Shapes, names and kinds of VGG-16's 22 feature maps."""
    rows = [((224, 224, 3), "image", "input")]
    size = 224
    for block, (depth, channels) in enumerate(
        ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)), 1
    ):
        shape = (size, size, channels)
        rows += [(shape, f"conv{block}_{i + 1}", "conv") for i in range(depth)]
        size //= 2
        rows.append(((size, size, channels), f"pool{block}", "pool"))
    rows += [((4096,), "fc6", "dense"), ((4096,), "fc7", "dense")]
    return zip(*[*rows, ((1000,), "fc8", "dense")], strict=True)


def fronts(figure):
    """Width and height of each front face or bar, in inches."""
    faces = [p.get_path().get_extents() for p in figure.axes[0].patches]
    upright = [
        face
        for face, patch in zip(faces, figure.axes[0].patches, strict=True)
        if len(set(np.round(patch.get_xy()[:, 0], 9))) == 2
        and len(set(np.round(patch.get_xy()[:, 1], 9))) == 2
    ]
    return [(face.width, face.height) for face in upright]


def written(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_names_and_sizes_are_written():
    figure = plots.volumes(LENET.values(), LENET)
    assert written(figure)[::2] == [*LENET]
    assert written(figure)[1::2] == [
        "28² × 1",
        "28² × 6",
        "14² × 6",
        "10 × 20 × 16",
        "84",
        "10",
    ]
    check_letters(figure)
    assert plots.alt_text(figure) == (
        "Volumes from left to right, 6 feature maps: image 28² × 1; C1 28² × "
        "6; S2 14² × 6; C3 10 × 20 × 16; F6 84; scores 10."
    )


def test_volumes_are_to_scale():
    figure = plots.volumes(LENET.values(), LENET)
    sizes = fronts(figure)
    assert len(sizes) == 6
    first = sizes[0]
    for (width, height), shape in zip(sizes[:4], LENET.values(), strict=False):
        assert height / first[1] == pytest.approx(sqrt(shape[0] / 28))
        assert width / first[0] == pytest.approx(log2(1 + shape[2]))
    (_, large), (_, small) = sizes[4:]
    assert large / small == pytest.approx(log2(85) / log2(11))


def test_depth_grows_with_the_width_of_the_map():
    figure = plots.volumes([(16, 16, 1), (16, 64, 1)], "ab")
    sides = [
        patch.get_path().get_extents()
        for patch in figure.axes[0].patches[2::3]  # front, lid, side
    ]
    assert sides[1].width == pytest.approx(2 * sides[0].width)


def test_vgg_fits_a_slide_in_rows_that_read_from_left_to_right():
    shapes, names, kinds = vgg()
    figure = plots.volumes(shapes, names, kinds)
    check_letters(figure)
    assert written(figure)[::2] == [*names]
    sizes = figure.axes[0].texts[1::2]
    heights = [text.get_position()[1] for text in sizes]
    lefts = [text.get_position()[0] for text in sizes]
    assert len(set(np.round(heights, 6))) == 3
    for (y, x), (below, right) in pairwise(zip(heights, lefts, strict=True)):
        assert below < y - 1 or (below == y and right > x)


def test_no_volume_covers_another():
    shapes, names, kinds = vgg()
    figure = plots.volumes(shapes, names, kinds)
    bodies = []
    for patch in figure.axes[0].patches:
        if patch.get_hatch() is not None:  # a front face begins a volume
            bodies.append([])
        bodies[-1].append(patch.get_path().get_extents())
    wholes = [
        (
            min(box.x0 for box in boxes),
            max(box.x1 for box in boxes),
            min(box.y0 for box in boxes),
            max(box.y1 for box in boxes),
        )
        for boxes in bodies
    ]
    assert len(wholes) == 22
    for i, a in enumerate(wholes):
        for b in wholes[:i]:
            apart = a[1] < b[0] or b[1] < a[0] or a[3] < b[2] or b[3] < a[2]
            assert apart


def test_kinds_differ_in_colour_and_hatching_and_have_a_legend():
    shapes, names, kinds = vgg()
    figure = plots.volumes(shapes, names, kinds)
    (legend,) = figure.legends
    texts = [text.get_text() for text in legend.get_texts()]
    assert texts == ["input", "conv", "pool", "dense"]
    handles = legend.legend_handles
    assert len({to_rgb(each.get_facecolor()) for each in handles}) == 4
    assert len({each.get_hatch() for each in handles}) == 4
    looks = dict(
        zip(
            texts,
            ((h.get_facecolor(), h.get_hatch()) for h in handles),
            strict=True,
        )
    )
    upright = [
        patch
        for patch in figure.axes[0].patches
        if (patch.get_facecolor(), patch.get_hatch()) in looks.values()
    ]
    drawn = [(p.get_facecolor(), p.get_hatch()) for p in upright]
    assert drawn == [looks[kind] for kind in kinds]
    assert "conv1_1 224² × 64 (conv)" in plots.alt_text(figure)
    assert not plots.volumes([(1, 1, 1)], ["a"]).legends


@pytest.mark.parametrize("count", [1, 3, 8, 25])
@pytest.mark.parametrize("name", ["c{}", "a_rather_long_name_of_layer_{}"])
def test_letters_never_meet(count, name):
    names = [name.format(i) for i in range(count)]
    shapes = [(7 + i, 224, 4**i % 4095 + 1) for i in range(count)]
    kinds = [f"kind number {i % 7}" for i in range(count)]
    figure = plots.volumes(shapes, names, kinds)
    check_letters(figure, height=20)
    assert all(name in plots.alt_text(figure) for name in names)


@pytest.mark.parametrize(
    ("shapes", "names", "kinds", "message"),
    [
        ([], [], None, "no shapes"),
        ([(8, 8)], "a", None, r"shape \(8, 8\).*\(h, w, c\)"),
        ([(None, 8, 8, 3)], "a", None, "None.*leave the batch's"),
        ([(None, None, 3)], "a", None, "None.*integers"),
        ([(8, 8, 0)], "a", None, r"\(8, 8, 0\).*above 0"),
        ([(8, 8, 1)], "ab", None, "names holds 2 .* 1"),
        ([(8, 8, 1)], "a", "xy", "kinds holds 2 .* 1"),
        ([(1,)] * 8, "abcdefgh", "abcdefgh", "8 kinds.*at most 7"),
    ],
)
def test_shapes_that_are_none_are_refused(shapes, names, kinds, message):
    with pytest.raises(ValueError, match=message):
        plots.volumes(shapes, names, kinds)
