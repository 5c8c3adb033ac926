"""What is left when a block is cut out."""

import keras
import numpy as np
import pytest

from course.models import resnet, resnet_cifar, squeezenet, vgg
from course.surgery import lesion
from tests.models import empty, error, filled, images, run

SHAPE = (16, 18, 3)
x = images(2, *SHAPE)


def silenced(model, branch):
    """The same model, whose branch ends in a norm that gives 0."""
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    layer = copy.get_layer(branch)
    layer.set_weights([0 * w for w in layer.get_weights()])
    return copy


@pytest.fixture(scope="module")
def model():
    return filled(lambda: resnet_cifar(20, 4, SHAPE, True, None, shortcut="B"))


@pytest.mark.parametrize("block", ["conv2_1", "conv3_1", "conv4_3"])
def test_a_lesion_leaves_the_shortcut(model, block):
    """As if the branch said nothing; where sizes change, its projection."""
    hurt = lesion(model, block)
    expected = run(silenced(model, f"{block}_norm2"), x)
    assert error(run(hurt, x), expected) <= 1e-6
    assert error(run(model, x), expected) > 1e-3
    before, after = (
        {layer.name for layer in each.layers[1:]} for each in (model, hurt)
    )
    assert after < before
    gone = before - after
    assert gone == {
        *(f"{block}_{part}" for part in ("conv1", "norm1", "relu1")),
        *(f"{block}_{part}" for part in ("conv2", "norm2", "sum")),
        *({f"{block}_conv1_padding"} if block == "conv3_1" else ()),
    }


def test_the_model_stays_whole(model):
    before = run(model, x)
    hurt = lesion(model, "conv2_2")
    hurt.set_weights([0 * w for w in hurt.get_weights()])
    np.testing.assert_array_equal(run(model, x), before)


def test_shortcuts_of_zeros_and_pre_activation():
    small = filled(lambda: resnet_cifar(20, 4, SHAPE, True, None))
    hurt = lesion(small, "conv3_1")
    expected = run(silenced(small, "conv3_1_norm2"), x)
    assert error(run(hurt, x), expected) <= 1e-6

    pre = filled(
        lambda: resnet(18, 4, (32, 32, 3), True, None, pre_activation=True)
    )
    hurt = lesion(pre, "conv4_1")
    silent = silenced(pre, "conv4_1_conv2")
    y = images(2, 32, 32, 3)
    assert error(run(hurt, y), run(silent, y)) <= 1e-6


def test_networks_of_others():
    theirs = empty(
        lambda: keras.applications.ResNet50(
            weights=None, input_shape=(32, 32, 3)
        )
    )
    hurt = lesion(theirs, "conv4_block3_out")
    # 1024 -> 256 -> 256 -> 1024 with biases and four numbers a norm
    lost = 1024 * 256 + 9 * 256 * 256 + 256 * 1024 + 5 * (256 + 256 + 1024)
    assert theirs.count_params() - hurt.count_params() == lost


@pytest.mark.parametrize(
    ("make", "block", "message"),
    [
        (lambda: resnet_cifar(20), "fc", "'fc' .* one of conv2_1, conv2_2"),
        (lambda: resnet_cifar(20), "conv9_9", "'conv9_9'.*conv4_3"),
        (lambda: resnet_cifar(20), "conv3_2_relu1", "conv3_2_relu1"),
        (lambda: squeezenet(), "fire2", "squeezenet_1.0.*that has one"),
        (lambda: vgg("A", include_top=False), "conv1_1", "that has one"),
    ],
)
def test_what_is_no_block(make, block, message):
    with pytest.raises(ValueError, match=f"block=.*{message}"):
        lesion(empty(make), block)
