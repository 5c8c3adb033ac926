"""VGG against keras.applications, and the table of its paper."""

import keras
import numpy as np
import pytest

from course.catalogue import outlines
from course.models import vgg
from tests.models import (
    check_equal,
    check_model,
    empty,
    filled,
    images,
    run,
    sizes,
)

# Table 1: weight layers, and convolutions a stage.
STAGES = {
    "A": (11, [1, 1, 2, 2, 2]),
    "A-LRN": (11, [1, 1, 2, 2, 2]),
    "B": (13, [2, 2, 2, 2, 2]),
    "C": (16, [2, 2, 3, 3, 3]),
    "D": (16, [2, 2, 3, 3, 3]),
    "E": (19, [2, 2, 4, 4, 4]),
}


@pytest.mark.parametrize(("variant", "table"), STAGES.items())
def test_the_table_of_the_paper(variant, table):
    depth, stages = table
    with outlines():
        model = vgg(variant)
        names = [layer.name for layer in model.layers]
        assert sizes(model, "pool1 pool2 pool3 pool4 pool5") == (
            [112, 56, 28, 14, 7], 512,
        )  # fmt: skip
        kernels = {
            layer.name: layer.kernel_size[0]
            for layer in model.layers
            if isinstance(layer, keras.layers.Conv2D)
        }
    expected = [
        f"conv{i}_{j}"
        for i, count in enumerate(stages, start=1)
        for j in range(1, count + 1)
    ]
    assert list(kernels) == expected
    assert len(expected) + 3 == depth
    ones = {name for name, size in kernels.items() if size == 1}
    thirds = {"conv3_3", "conv4_3", "conv5_3"}
    assert ones == (thirds if variant == "C" else set())
    assert ("norm1" in names) == (variant == "A-LRN")


@pytest.mark.parametrize(
    ("variant", "theirs"),
    [("D", keras.applications.VGG16), ("E", keras.applications.VGG19)],
)
def test_logits_equal_keras_applications(variant, theirs):
    """Images are oblong, so that rows and columns cannot swap."""
    shape = (64, 96, 3)
    arguments = {
        "classes": 10,
        "input_shape": shape,
        "classifier_activation": None,
    }
    check_equal(
        lambda: vgg(variant, **arguments),
        lambda: theirs(weights=None, **arguments),
        shape,
    )


def test_a_lrn_normalizes_what_conv1_1_activates():
    model = filled(lambda: vgg("A-LRN", 3, (32, 32, 3), include_top=False))
    norm = model.get_layer("norm1")
    assert norm.input is model.get_layer("conv1_1").output
    assert model.get_layer("pool1").input is norm.output
    assert (norm.n, norm.k, norm.alpha, norm.beta) == (5, 2, 1e-4, 0.75)


def test_contract(tmp_path):
    def make():
        return vgg("A-LRN", 5, (32, 45, 3))

    check_model(make, images(4, 32, 45, 3), tmp_path, ["mixed_bfloat16"])


def test_dropout_is_the_papers():
    """keras.applications has none; in training ours leaves out half of it."""
    with outlines():
        rates = [
            layer.rate
            for layer in vgg("A").layers
            if isinstance(layer, keras.layers.Dropout)
        ]
    assert rates == [0.5, 0.5]


def test_images_of_any_size_without_the_top():
    """Floor at each pool: 57 rows give 1, 99 columns 3; tiles agree."""
    model = filled(
        lambda: vgg("A", include_top=False, input_shape=(None, None, 3))
    )
    assert run(model, images(1, 57, 99, 3)).shape == (1, 1, 3, 512)
    shape = (57, 99, 3)
    fixed = empty(lambda: vgg("A", include_top=False, input_shape=shape))
    fixed.set_weights(model.get_weights())
    x = images(2, 57, 99, 3)
    np.testing.assert_allclose(run(fixed, x), run(model, x), rtol=1e-5)
