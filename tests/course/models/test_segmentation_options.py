"""Other backbones for segmentation, and what is refused."""

import functools

import keras
import numpy as np
import pytest

from course.catalogue import outlines
from course.models import (
    alexnet,
    deconvnet,
    deeplab_v3_plus,
    dilated_vgg,
    fc_densenet,
    fcn,
    pspnet,
    refinenet,
    segnet,
    unet,
    vgg,
)
from tests.models import (
    error,
    filled,
    images,
    run,
)
from tests.oracles import bilinear_loops
from tests.segmentation import OPEN

# Other backbones.


@pytest.mark.parametrize("variant", ["32s", "16s", "8s"])
def test_other_networks_for_backbones(variant):
    """The last tap is scored at once, there are no fc6 and fc7."""
    backbone = filled(
        lambda: vgg("A", include_top=False, input_shape=(None, None, 1))
    )
    model = fcn(variant, 4, backbone=backbone, padding="same")
    assert model.input_shape == (None, None, None, 1)
    names = {layer.name for layer in model.layers}
    assert {"conv5_2", "score_fr"} < names
    assert not {"fc6", "padding"} & names
    added = {"32s": 0, "16s": 513 * 4, "8s": 513 * 4 + 257 * 4}[variant]
    ups = {"32s": 64**2, "16s": 32**2 + 4**2, "8s": 16**2 + 2 * 4**2}[variant]
    expected = backbone.count_params() + 513 * 4 + added + 16 * ups
    assert model.count_params() == expected
    with outlines():
        assert model.compute_output_shape((1, 64, 96, 1)) == (1, 64, 96, 4)


def test_a_backbone_without_its_scores_zero_scores_its_last_tap():
    backbone = filled(lambda: vgg("A", include_top=False, input_shape=OPEN))
    model = fcn(
        "32s", 3, backbone=backbone, padding="same", classifier_activation=None
    )
    kernel = np.random.default_rng(0).normal(size=(1, 1, 512, 3))
    bias = np.array([1.0, 2.0, 3.0])
    model.get_layer("score_fr").set_weights([kernel, bias])
    x = images(1, 64, 96, 3)
    scores = run(backbone, x) @ kernel[0, 0] + bias
    got = run(model, x)
    assert got.shape == (1, 64, 96, 3)
    expected = bilinear_loops(scores[0], 32)
    known = ~np.isnan(expected)
    assert error(got[0][known], expected[known]) <= 1e-4


def test_backbones_that_do_not_fit():
    with outlines():
        features = functools.partial(vgg, "A", include_top=False)
        backbone = features(input_shape=OPEN)
        with pytest.raises(ValueError, match=r"'paper'.*padding='same'"):
            fcn(backbone=backbone)
        with pytest.raises(ValueError, match=r"'pool2' of.*64.*1/8.*here 32"):
            fcn(
                backbone=backbone,
                padding="same",
                taps=("pool2", "pool4", "pool5"),
            )
        with pytest.raises(
            ValueError, match=r"'pool3' of.*62.*500.*496.*such as 512"
        ):
            fcn(backbone=features(input_shape=(500, 512, 3)), padding="same")
        other = alexnet(include_top=False, input_shape=(224, 224, 3))
        with pytest.raises(ValueError, match="No such layer"):
            fcn(backbone=other, padding="same")


# What they refuse.


@pytest.mark.parametrize(
    "factory",
    [
        fcn,
        unet,
        segnet,
        deconvnet,
        dilated_vgg,
        deeplab_v3_plus,
        pspnet,
        refinenet,
        fc_densenet,
    ],
)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"classes": 0}, "classes.*at least 1.*0"),
        ({"classes": "21"}, "classes.*at least 1.*'21'"),
        ({"input_shape": (64, 64, 4)}, r"input_shape=.*1 \(gray\) or 3"),
        ({"input_shape": (3, 64, 64)}, r"input_shape=.*1 \(gray\) or 3"),
        ({"input_shape": (0, 64, 3)}, "input_shape.*at least 1.*0"),
        ({"base_filters": 0}, "base_filters.*at least 1.*0"),
        ({"classifier_activation": "sotfmax"}, "sotfmax"),
    ],
)
def test_arguments(factory, arguments, message):
    with outlines(), pytest.raises(ValueError, match=message):
        factory(**arguments)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: fcn("4s"), "variant='4s'.*'32s', '16s', '8s'"),
        (lambda: fcn(padding="valid"), "padding='valid'.*'paper', 'same'"),
        (lambda: fc_densenet(100), "variant=100.*56, 67, 103"),
        (lambda: fc_densenet(growth_rate=0), "growth_rate.*at least 1.*0"),
        (lambda: fc_densenet(counts=(4, 4)), r"counts=\(4, 4\).*odd number"),
        (lambda: fc_densenet(counts=[4]), "1 blocks.*an odd number from 3"),
        (lambda: fc_densenet(counts=(4, 0, 4)), "counts.*at least 1.*0"),
        (
            lambda: fc_densenet(input_shape=(31, 64, 3)),
            "too small.*32 rows",
        ),
        (lambda: unet(padding="paper"), "padding='paper'.*'valid', 'same'"),
        (lambda: unet(depth=0), "depth.*at least 1.*0"),
        (lambda: deconvnet(fc_kernel_size=0), "fc_kernel_size.*at least 1"),
        (
            lambda: deconvnet(input_shape=(224, 192, 3)),
            "too small.*193 rows",
        ),
        (lambda: dilated_vgg(context="huge"), "context='huge'.*'large'"),
        (lambda: dilated_vgg(padding="valid"), "padding='valid'.*'paper'"),
        (
            lambda: deeplab_v3_plus(backbone="vgg"),
            "backbone='vgg'.*'xception65', 'resnet50', 'mobilenet'",
        ),
        (lambda: deeplab_v3_plus(output_stride=32), "output_stride=32.*16, 8"),
        (
            lambda: deeplab_v3_plus(input_shape=(31, 64, 3)),
            "too small.*32 rows",
        ),
        (lambda: pspnet(152), "variant=152.*50, 101"),
        (lambda: pspnet(input_shape=(40, 64, 3)), "too small.*41 rows"),
        (lambda: pspnet(input_shape=OPEN), "None rows.*without None"),
        (lambda: refinenet(18), "variant=18.*50, 101, 152"),
        (lambda: refinenet(input_shape=(64, 31, 3)), "too small.*32 rows"),
        (
            lambda: unet(input_shape=(572, 570, 1)),
            "570.*odd size.*188, 204, 220 .*556 or 572.*padding='same'",
        ),
        (lambda: unet(input_shape=(172, 572, 1)), "too small.*188 rows"),
    ],
)
def test_options(make, message):
    with outlines(), pytest.raises(ValueError, match=f"(?s){message}"):
        make()


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
def test_unet_takes_the_sizes_that_it_names_and_no_others(depth):
    """The smallest works; where sizes are open, crops find what is odd."""
    step = 2**depth
    smallest = min(n for n in range(8, 400) if _leaves(n, depth))
    make = functools.partial(unet, base_filters=1, depth=depth)
    with outlines():
        model = make(input_shape=(smallest, smallest + 3 * step, 1))
        lost = 12 * step - 8
        assert model.output_shape[1] == smallest - lost > 0
        assert model.output_shape[2] == smallest + 3 * step - lost
        for size in range(smallest + 1, smallest + step):
            with pytest.raises(
                ValueError, match=f"{smallest}, .* or {smallest + step}"
            ):
                make(input_shape=(size, smallest, 1))
        with pytest.raises(ValueError, match="too small"):
            make(input_shape=(smallest - step, smallest, 1))
        model = make(input_shape=(None, None, 1))
        x = keras.Input((smallest + 1, smallest, 1))
        with pytest.raises(ValueError, match=r"rows cannot.*all poolings"):
            model(x)


def _leaves(size, depth):
    """Whether pixels are left, and each pooling meets an even size."""
    for _ in range(depth):
        size -= 4
        if size < 1 or size % 2:
            return False
        size //= 2
    size -= 4
    for _ in range(depth):
        size = 2 * size - 4
    return size > 0
