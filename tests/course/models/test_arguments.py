"""Every factory refuses the same mistakes in the same words."""

import keras
import pytest

from course.catalogue import outlines
from course.models import (
    alexnet,
    densenet,
    googlenet,
    inception_v2,
    inception_v3,
    lenet5,
    mobilenet,
    nin,
    resnet,
    resnet_cifar,
    squeezenet,
    vgg,
)

ALL = [
    *(lenet5, alexnet, vgg, nin, googlenet, inception_v2, inception_v3),
    *(resnet, resnet_cifar, densenet, squeezenet, mobilenet),
]
PADDED = [googlenet, inception_v2, resnet, resnet_cifar, mobilenet]
SMALLEST = {
    lenet5: 32,
    alexnet: 67,
    vgg: 32,
    nin: 39,
    googlenet: 32,
    inception_v2: 32,
    inception_v3: 75,
    resnet: 32,
    resnet_cifar: 4,
    densenet: 29,
    squeezenet: 32,
    mobilenet: 32,
}
factories = pytest.mark.parametrize(
    "factory", ALL, ids=lambda factory: factory.__name__
)


@factories
@pytest.mark.parametrize("classes", [0, -1, 2.5, "10"])
def test_classes(factory, classes):
    with pytest.raises(ValueError, match=f"classes.*at least 1.*{classes!r}"):
        factory(classes=classes)


@factories
@pytest.mark.parametrize(
    "shape", [(64, 64, 4), (3, 64, 64), (64, 64, None), (64, 64), 64, "RGB"]
)
def test_channels(factory, shape):
    with pytest.raises(
        ValueError, match=r"input_shape=.*last: 1 \(gray\) or 3 \(colour\)"
    ):
        factory(input_shape=shape)


@factories
def test_size(factory):
    """The smallest size that is allowed works, one less does not."""
    size = SMALLEST[factory]
    with pytest.raises(ValueError, match=rf"too small.*{size} rows"):
        factory(input_shape=(size + 9, size - 1, 3))
    with outlines():
        model = factory(input_shape=(size, size, 3), include_top=False)
        assert 0 not in model.output_shape
    if factory not in PADDED:  # whose padding makes pixels up
        with pytest.raises(ValueError, match=r"negative|does not fit"):
            _unchecked(model, size - 1)


def _unchecked(model, size):
    """The same layers on a smaller image: they leave no pixel."""
    x = keras.Input((size, size, 3))
    with outlines():
        keras.models.clone_model(model, input_tensors=x)


@factories
def test_size_of_images_that_are_not_known(factory):
    if factory in (lenet5, alexnet, vgg):
        with pytest.raises(ValueError, match=r"None.*include_top=False"):
            factory(input_shape=(None, None, 3))
    with outlines():
        model = factory(input_shape=(None, 77, 1), include_top=False)
        assert model.input_shape == (None, None, 77, 1)


@factories
def test_activation(factory):
    with outlines(), pytest.raises(ValueError, match="sotfmax"):
        factory(classifier_activation="sotfmax")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: vgg("F"), "variant='F'.*'A', 'A-LRN', 'B', 'C', 'D', 'E'"),
        (lambda: vgg(16), "variant=16.*'D'"),
        (lambda: vgg(["D"]), r"variant=\['D'\].*'D'"),
        (lambda: nin("mnist"), "variant='mnist'.*'imagenet', 'cifar10'"),
        (lambda: squeezenet("1.2"), "variant='1.2'.*'1.0', '1.1'"),
        (lambda: squeezenet(bypass="both"), "bypass='both'.*'simple'"),
        (
            lambda: googlenet(input_shape=(64, 99, 3), auxiliary=True),
            "too small.*65 rows",
        ),
        (
            lambda: googlenet(input_shape=(None, None, 3), auxiliary=True),
            "leaves sizes open",
        ),
        (
            lambda: inception_v3(input_shape=(298, 299, 3), auxiliary=True),
            "too small.*299 rows",
        ),
        (
            lambda: googlenet(include_top=False, auxiliary=True),
            "auxiliary=True with include_top=False.*include_top=True",
        ),
        (
            lambda: inception_v3(include_top=False, auxiliary=True),
            "auxiliary=True with include_top=False",
        ),
        (
            lambda: inception_v3(auxiliary=True, weights="imagenet"),
            "weights='imagenet' of auxiliary=True.*False",
        ),
        (lambda: resnet(51), "variant=51.*18, 34, 50, 101, 152"),
        (lambda: resnet(stride_on=3), "stride_on=3.*'1x1', '3x3'"),
        (lambda: resnet(18, stride_on="2x2"), "stride_on='2x2'"),
        (lambda: resnet(stem="shallow"), "stem='shallow'.*'7x7', 'deep'"),
        (lambda: resnet(output_stride=4), "output_stride=4.*32, 16, 8"),
        (lambda: resnet(18, weights="imagenet"), "variant=18.*50, 101, 152"),
        (
            lambda: resnet(weights="imagenet", stride_on="3x3"),
            "weights='imagenet' with stride_on='3x3'.*weights=None",
        ),
        (lambda: resnet(weights="imagenet", pre_activation=True), "tion=True"),
        (lambda: resnet(weights="imagenet", stem="deep"), "stem='deep'"),
        (lambda: resnet(weights="imagenet", base_filters=8), "base_filters=8"),
        (lambda: resnet(base_filters=0), "base_filters.*at least 1.*0"),
        (lambda: mobilenet(output_stride=4), "output_stride=4.*32, 16, 8"),
        (lambda: resnet_cifar(18), "variant=18.*20, 32, 44, 56, 110"),
        (lambda: resnet_cifar(shortcut="C"), "shortcut='C'.*'A', 'B'"),
        (lambda: densenet(161), "variant=161.*121, 169, 201, 264"),
        (
            lambda: densenet(264, weights="imagenet"),
            "variant=264.*121, 169, 201",
        ),
        (lambda: alexnet(groups=3), "groups=3.*1, 2"),
        (lambda: mobilenet(0), "alpha=0 .*1/32.*1.0, 0.75, 0.5, 0.25"),
        (lambda: mobilenet("1.0"), "alpha='1.0'"),
        (lambda: mobilenet(float("nan")), "alpha=nan"),
        (lambda: vgg("D", weights="vggface"), "weights='vggface'.*'imagenet'"),
        (lambda: vgg("A", weights="imagenet"), "variant='A'.*'D', 'E'"),
        (lambda: mobilenet(0.3, weights="imagenet"), "0.3.*0.25"),
    ],
)
def test_options(make, message):
    with pytest.raises(ValueError, match=f"(?s){message}"):
        make()
