"""SqueezeNet: the table of its paper, and the ways past its modules."""

import keras
import numpy as np
import pytest

from course.catalogue import outlines
from course.models import squeezenet
from tests.models import check_model, error, filled, images, run, sizes


def test_sizes_are_those_of_table_1():
    with outlines():
        model = squeezenet("1.0")
        assert sizes(model, "conv1 pool1") == ([111, 55], 96)
        assert sizes(model, "fire2 fire3") == ([55, 55], 128)
        assert sizes(model, "fire4 pool4") == ([55, 27], 256)
        assert sizes(model, "fire5") == ([27], 256)
        assert sizes(model, "fire6 fire7") == ([27, 27], 384)
        assert sizes(model, "fire8 pool8 fire9") == ([27, 13, 13], 512)
        assert sizes(model, "conv10") == ([13], 1000)
        model = squeezenet("1.1")
        assert sizes(model, "conv1 pool1 fire3 pool3 fire5 pool5 fire9") == (
            [111, 55, 55, 27, 27, 13, 13],
            512,
        )


def test_zeros_stand_for_what_the_authors_crop():
    """An image of 227 with a black frame of 1 and 2 gives the same conv1."""
    ours = filled(lambda: squeezenet("1.0", include_top=False))
    x = images(1, 224, 224, 3)
    conv1 = ours.get_layer("conv1")
    tap = keras.Model(ours.input, conv1.output)
    framed = np.pad(x, [(0, 0), (1, 2), (1, 2), (0, 0)])
    plain = keras.Sequential([keras.Input((227, 227, 3)), conv1])
    expected = run(plain, framed)
    assert expected.shape == (1, 111, 111, 96)
    assert error(run(tap, x), expected) <= 1e-6


@pytest.mark.parametrize(
    ("bypass", "numbers"),
    [(None, []), ("simple", [3, 5, 7, 9]), ("complex", range(2, 10))],
)
@pytest.mark.parametrize("variant", ["1.0", "1.1"])
def test_which_modules_have_a_way_past(variant, bypass, numbers):
    with outlines():
        model = squeezenet(variant, bypass=bypass)
        names = {layer.name for layer in model.layers}
        found = [i for i in range(2, 10) if f"bypass{i}" in names]
        assert found == list(numbers)
        convs = [i for i in found if f"bypass{i}_conv" in names]
        assert convs == ([2, 4, 6, 8] if bypass == "complex" else [])


@pytest.mark.parametrize("bypass", ["simple", "complex"])
def test_what_a_bypass_adds(bypass):
    """Modules that say nothing leave what goes past them."""
    model = filled(
        lambda: squeezenet(
            "1.0", input_shape=(64, 64, 3), include_top=False, bypass=bypass
        )
    )
    taps = ["pool1", "bypass3", "pool4", "bypass5"]
    for layer in model.layers:
        if "expand" in layer.name:
            layer.set_weights([0 * w for w in layer.get_weights()])
    taps = [model.get_layer(name).output for name in taps]
    pool1, bypass3, pool4, bypass5 = run(
        keras.Model(model.input, taps), images(1, 64, 64, 3)
    )
    np.testing.assert_array_equal(bypass5, pool4)
    if bypass == "simple":
        assert not bypass3.any()  # fire2 widens, and is not passed
    else:
        kernel, bias = model.get_layer("bypass2_conv").get_weights()
        assert error(bypass3, pool1 @ kernel[0, 0] + bias) <= 1e-5


def test_contract(tmp_path):
    def make():
        return squeezenet("1.0", 5, (39, 46, 3), bypass="complex")

    check_model(make, images(4, 39, 46, 3), tmp_path, ["mixed_float16"])


def test_images_of_any_size():
    model = squeezenet(classes=4, input_shape=(None, None, 3))
    for size in [(33, 57), (64, 40)]:
        y = run(model, images(1, *size, 3))
        np.testing.assert_allclose(y.sum(), 1, rtol=1e-5)
