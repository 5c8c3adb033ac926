"""Networks that segment keep what a model must, and learn."""

import functools

import keras
import numpy as np
import pytest

from course.models import (
    deconvnet,
    deeplab_v3_plus,
    dilated_vgg,
    fc_densenet,
    fcn,
    pspnet,
    refinenet,
    segnet,
    unet,
)
from course.models.resnet import VARIANTS as RESNETS
from tests.models import (
    check_model,
    empty,
    error,
    filled,
    images,
    run,
    train,
)
from tests.oracles import convolve
from tests.segmentation import OPEN, SMALL


@pytest.mark.parametrize(
    ("make", "size", "policy"),
    [
        (SMALL["fcn 8s same"], (37, 50), "mixed_float16"),
        (
            functools.partial(unet, base_filters=2, depth=2, batch_norm=True),
            (44, 48),
            "mixed_bfloat16",
        ),
        # Where rounding moves a maximum, values go elsewhere: in bfloat16, or
        # through the five small poolings of DeconvNet, that is most of them.
        (SMALL["segnet"], (33, 36), "mixed_float16"),
        (SMALL["deconvnet"], (33, 50), None),
        (SMALL["dilated same"], (33, 50), "mixed_bfloat16"),
        (SMALL["deeplab mobilenet"], (33, 50), "mixed_float16"),
        (SMALL["refinenet"], (33, 50), "mixed_bfloat16"),
        (SMALL["fc_densenet"], (33, 50), "mixed_float16"),
    ],
    ids=[
        *("fcn", "unet", "segnet", "deconvnet", "dilated", "deeplab"),
        *("refinenet", "fc_densenet"),
    ],
)
@pytest.mark.usefixtures("shallow")
def test_contract(make, size, policy, tmp_path):
    """Built for images of any size."""
    check_model(
        lambda: make(classes=5, input_shape=OPEN),
        images(4, *size, 3),
        tmp_path,
        [policy] if policy else [],
        with_training=False,  # it will learn, below
    )


@pytest.mark.usefixtures("shallow")
def test_contract_of_pspnet(tmp_path):
    check_model(
        lambda: SMALL["pspnet"](classes=5, input_shape=(41, 50, 3)),
        images(4, 41, 50, 3),
        tmp_path,
        ["mixed_float16"],
        with_training=False,
    )


@pytest.mark.usefixtures("shallow")
def test_pspnets_second_classifier():
    """It looks at conv4; the first has the same scores as without it."""
    make = functools.partial(
        SMALL["pspnet"], classes=5, input_shape=(41, 50, 3)
    )
    both = filled(functools.partial(make, auxiliary=True))
    one = empty(make)
    for layer in one.layers[1:]:
        layer.set_weights(both.get_layer(layer.name).get_weights())
    x = images(2, 41, 50, 3)
    first, second = run(both, x)
    assert error(first, run(one, x)) <= 1e-6
    taps = [both.get_layer(name).output for name in ("conv4_1", "auxiliary")]
    features, after = run(keras.Model(both.input, taps), x)
    (kernel,) = both.get_layer("auxiliary_conv").get_weights()
    y = convolve(features[0], kernel, (1, 1), [(1, 1)] * 2, (1, 1))
    norm = both.get_layer("auxiliary_norm").get_weights()
    gamma, beta, mean, variance = norm
    y = gamma * (y - mean) / np.sqrt(variance + 1e-3) + beta
    assert error(after[0], np.maximum(y, 0)) <= 1e-5
    assert second.shape == (2, 41, 50, 5)
    np.testing.assert_allclose(second.sum(axis=-1), 1, rtol=1e-5)


# What they learn.


def scenes(size, seed=0):
    """Four images of three classes whose borders lie elsewhere in each."""
    rng = np.random.default_rng(seed)
    y = np.zeros((4, size, size), int)
    for scene, border in zip(y, (8, 16, 24, 16), strict=True):
        scene[:, border:] = 1
    y[1, 16:] = 2
    y[3, 8:] = 2
    noise = 0.1 * rng.normal(size=(*y.shape, 3))
    return (np.eye(3)[y] + noise).astype("float32"), y


def mean_iou(y, expected):
    return np.mean(
        [
            ((y == c) & (expected == c)).sum()
            / ((y == c) | (expected == c)).sum()
            for c in range(3)
        ]
    )


@pytest.fixture
def shallow(monkeypatch):
    """One block a stage in each ResNet: there is less to compile."""
    for depth in (50, 101):
        kind, _ = RESNETS[depth]
        monkeypatch.setitem(RESNETS, depth, (kind, (1, 1, 1, 1)))


LEARNERS = {
    "fcn": (
        functools.partial(fcn, padding="same", base_filters=8, dropout=0),
        4e-3,
        100,
    ),
    "unet": (
        functools.partial(
            unet, padding="same", base_filters=4, depth=2, dropout=0
        ),
        1e-2,
        60,
    ),
    "segnet": (functools.partial(segnet, base_filters=4), 1e-2, 60),
    "deconvnet": (
        functools.partial(deconvnet, base_filters=8, fc_kernel_size=1),
        3e-3,
        100,
    ),
    "dilated": (
        functools.partial(
            dilated_vgg,
            padding="same",
            base_filters=8,
            context=None,
            dropout=0,
        ),
        4e-3,
        100,
    ),
    "deeplab": (
        functools.partial(
            deeplab_v3_plus, backbone="mobilenet", base_filters=4
        ),
        1e-2,
        50,
    ),
    "pspnet": (functools.partial(pspnet, base_filters=4), 1e-2, 50),
    "refinenet": (functools.partial(refinenet, base_filters=4), 4e-3, 60),
    "fc_densenet": (
        functools.partial(
            fc_densenet,
            base_filters=8,
            growth_rate=4,
            counts=(2, 2, 2, 2, 2),
            dropout=0,
        ),
        1e-2,
        60,
    ),
}


# Slow without XLA's optimizations, which for the others take longer than they
# save: dilated convolutions, and wide ones.
OPTIMIZED = "dilated", "deconvnet"


@pytest.mark.parametrize("name", LEARNERS)
@pytest.mark.usefixtures("shallow")
def test_four_images_are_learnt_by_heart(name, request):
    if name in OPTIMIZED:
        request.getfixturevalue("optimized")
    make, rate, steps = LEARNERS[name]
    keras.utils.set_random_seed(0)
    x, y = scenes(48 if name == "pspnet" else 32)
    shape = x.shape[1:]
    model = make(classes=3, input_shape=shape, classifier_activation=None)
    for layer in model.layers:  # "moving" statistics: those of the last step
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    train(model, x, y, keras.optimizers.Adam(rate), steps)
    assert mean_iou(run(model, x).argmax(axis=-1), y) > 0.95
