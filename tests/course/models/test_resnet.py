"""ResNet: the tables of its papers, and keras.applications."""

import keras
import numpy as np
import pytest

from course.catalogue import outlines
from course.models import resnet, resnet_cifar
from course.models.resnet import VARIANTS
from course.models.resnet_cifar import VARIANTS as SMALL
from course.summary import summary
from tests.models import (
    check_equal,
    check_model,
    empty,
    error,
    field,
    filled,
    images,
    run,
    sizes,
)

# Table 1 of the paper: billions of multiplications, cut or rounded.
BILLIONS = {18: 1.8, 34: 3.6, 50: 3.8, 101: 7.6, 152: 11.3}


@pytest.mark.parametrize("depth", VARIANTS)
def test_table_1(depth):
    """Sizes, layers from image to scores, cost; arXiv:1512.03385."""
    with outlines():
        model = resnet(depth)
        table = summary(model)
        counts = VARIANTS[depth][1]
        ends = [f"conv{i}_{n}" for i, n in enumerate(counts, start=2)]
        widths = [64, 128, 256, 512] if depth < 50 else [256, 512, 1024, 2048]
        for end, size, width in zip(ends, (56, 28, 14, 7), widths, strict=True):
            assert sizes(model, end) == ([size], width)
        assert sizes(model, "conv1 pool1") == ([112, 56], 64)
    assert table.depth == depth
    assert abs(table.macs / 1e9 - BILLIONS[depth]) < 0.07


@pytest.mark.parametrize(
    ("depth", "stride_on", "expected"),
    [
        # Araujo et al., Distill 2019
        (
            50,
            "1x1",
            {"pool1": 11, "conv2_3": 35, "conv3_4": 99, "conv4_6": 291},
        ),
        (50, "1x1", {"conv5_3": 483}),
        (101, "1x1", {"conv5_3": 1027}),
        (152, "1x1", {"conv5_3": 1507}),
        (50, "3x3", {"conv5_3": 427}),
        # 11, then 4 a 3x3 at stride 4: two blocks of two; 7 for the first of
        # two blocks of each later stage, which begins at half the stride
        (18, "1x1", {"conv2_2": 11 + 4 * 8, "conv3_2": 43 + 4 * 6 + 8 * 4}),
        (18, "1x1", {"conv5_2": 435}),
    ],
)
def test_receptive_fields(depth, stride_on, expected):
    with outlines():
        model = resnet(depth, stride_on=stride_on)
        assert {name: field(model, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("options", "ends"),
    [
        ({}, [112, 56, 56, 28, 14, 7]),
        ({"stem": "deep"}, [112, 56, 56, 28, 14, 7]),
        ({"output_stride": 16}, [112, 56, 56, 28, 14, 14]),
        ({"output_stride": 8, "stride_on": "3x3"}, [112, 56, 56, 28, 28, 28]),
    ],
)
def test_sizes_of_the_options(options, ends):
    names = "conv1 pool1 conv2_3 conv3_4 conv4_6 conv5_3"
    with outlines():
        assert sizes(resnet(50, **options), names) == (ends, 2048)
        assert sizes(resnet(50, **options), "pool1")[1] == (
            128 if "stem" in options else 64
        )
        odd = resnet(18, input_shape=(65, 65, 3))
        assert sizes(odd, "conv1 pool1 conv3_1 conv4_1 conv5_1")[0] == [
            *(33, 17, 9, 5, 3),
        ]


@pytest.mark.parametrize(
    ("depth", "stride_on", "output_stride"), [(18, "1x1", 8), (50, "3x3", 16)]
)
def test_an_output_stride_changes_no_feature(depth, stride_on, output_stride):
    """Those that the strided network computes are among the dilated one's."""

    def make(**options):
        return resnet(
            depth,
            input_shape=(None, None, 3),
            include_top=False,
            stride_on=stride_on,
            **options,
        )

    coarse = filled(make)
    fine = empty(lambda: make(output_stride=output_stride))
    fine.set_weights(coarse.get_weights())
    x = images(1, 64, 75, 3)
    step = 32 // output_stride
    kept = run(fine, x)[:, ::step, ::step]
    assert error(kept, run(coarse, x)) <= 1e-5


def test_pre_activation_activates_before_the_first_block_and_after_the_last():
    """Section 3.2 of arXiv:1603.05027; blocks themselves: test_residual."""
    with outlines():
        model = resnet(50, pre_activation=True)
        kinds = [type(layer).__name__ for layer in model.layers]
        names = [layer.name for layer in model.layers]
        assert "conv2_1_norm0" not in names
        assert {"conv2_2_norm0", "conv3_1_norm0", "conv5_norm"} <= set(names)
        # conv1 has one; three a bottleneck, two in the first; one at the end
        assert kinds.count("BatchNormalization") == 1 + 3 * 16 - 1 + 1
        first = model.get_layer("conv2_1").input[0]
        assert first is model.get_layer("conv2_1_shortcut").output
        assert model.get_layer("conv2_1_shortcut").input is (
            model.get_layer("pool1").output
        )
        last = model.get_layer("conv5").output
        assert model.get_layer("fc_pool").input is last


def test_logits_equal_keras_applications():
    shape = (32, 64, 3)
    arguments = {
        "classes": 10,
        "input_shape": shape,
        "classifier_activation": None,
    }
    check_equal(
        lambda: resnet(50, **arguments),
        lambda: keras.applications.ResNet50(weights=None, **arguments),
        shape,
    )


@pytest.mark.parametrize("depth", [50, 101, 152])
def test_weights_meet_the_layers_of_the_same_place(depth):
    """conv3_2_norm1 is conv3_block2_1_bn, and the shortcut is number 0."""
    theirs = getattr(keras.applications, f"ResNet{depth}")
    with outlines():
        ours, others = (
            [layer.name for layer in model.layers if layer.weights]
            for model in (resnet(depth), theirs(weights=None))
        )
    assert list(map(_their_name, ours)) == others


def _their_name(name):
    if name == "fc":
        return "predictions"
    stage, _, rest = name.partition("_")
    if stage == "conv1":
        return name.replace("norm", "bn")
    block, _, part = rest.partition("_")
    number = part[-1] if part[-1].isdigit() else 0
    is_norm = part.startswith("norm") or part == "shortcut"
    return f"{stage}_block{block}_{number}_{'bn' if is_norm else 'conv'}"


def test_images_of_any_size():
    model = filled(
        lambda: resnet(18, 4, (None, None, 3), stem="deep", pre_activation=True)
    )
    for size in [(33, 57), (64, 40)]:
        y = run(model, images(1, *size, 3))
        np.testing.assert_allclose(y.sum(), 1, rtol=1e-5)


@pytest.mark.parametrize("depth", SMALL)
def test_cifar_networks(depth):
    """Section 4.2: 6n + 2 layers on 32, 16 and 8 pixels."""
    count = SMALL[depth]
    names = f"conv1 conv2_{count} conv3_{count} conv4_{count}"
    for options in ({}, {"plain": True}):
        with outlines():
            model = resnet_cifar(depth, **options)
            assert sizes(model, names) == ([32, 32, 16, 8], 64)
            assert summary(model).depth == depth == 6 * count + 2
            sums = [x for x in model.layers if isinstance(x, keras.layers.Add)]
            assert len(sums) == (0 if options else 3 * count)
            assert field(model, f"conv4_{count}") == 3 + 28 * count - 6


def test_plain_is_the_residual_network_without_its_shortcuts():
    residual = filled(lambda: resnet_cifar(20, 4, (12, 15, 3)))
    plain = empty(lambda: resnet_cifar(20, 4, (12, 15, 3), plain=True))
    plain.set_weights(residual.get_weights())

    def without(layer, *arguments, **settings):
        if isinstance(layer, keras.layers.Add):
            return arguments[0][-1]
        return layer(*arguments, **settings)

    cut = keras.models.clone_model(residual, call_function=without)
    cut.set_weights(residual.get_weights())
    x = images(2, 12, 15, 3)
    expected = run(cut, x)
    assert error(run(plain, x), expected) <= 1e-6
    assert error(run(residual, x), expected) > 0.1


def test_cifar_contract(tmp_path):
    def make():
        return resnet_cifar(20, 5, (13, 18, 3))

    check_model(make, images(8, 13, 18, 3), tmp_path)
