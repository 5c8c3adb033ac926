"""Every network of `course.models` in each of its variants."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

import keras

from course.models import (
    alexnet,
    deconvnet,
    deeplab_v3_plus,
    densenet,
    dilated_vgg,
    fc_densenet,
    fcn,
    googlenet,
    inception_v2,
    inception_v3,
    lenet5,
    mobilenet,
    nin,
    pspnet,
    refinenet,
    resnet,
    resnet_cifar,
    segnet,
    squeezenet,
    unet,
    vgg,
    yolo_v1,
)
from course.models.deeplab_v3_plus import VARIANTS as BACKBONES
from course.models.densenet import VARIANTS as DENSENETS
from course.models.dilated_vgg import VARIANTS as CONTEXTS
from course.models.fc_densenet import VARIANTS as TIRAMISUS
from course.models.fcn import VARIANTS as FCNS
from course.models.mobilenet import VARIANTS as MOBILENETS
from course.models.nin import VARIANTS as NINS
from course.models.pspnet import VARIANTS as PSPNETS
from course.models.refinenet import VARIANTS as REFINENETS
from course.models.resnet import VARIANTS as RESNETS
from course.models.resnet_cifar import VARIANTS as SMALL_RESNETS
from course.models.squeezenet import VARIANTS as SQUEEZENETS
from course.models.vgg import VARIANTS as VGGS


class Entry(NamedTuple):
    """A factory, and what it is called with.

    Example:
        >>> str(Entry(squeezenet, ("1.0",), {"bypass": "simple"}))
        "squeezenet('1.0', bypass='simple')"
    """

    factory: Callable[..., keras.Model]
    variant: tuple = ()
    options: dict[str, Any] = {}  # noqa: RUF012, never changed

    def build(self, **arguments: Any) -> keras.Model:
        """The network; arguments besides the variant's."""
        return self.factory(*self.variant, **self.options, **arguments)

    @property
    def paper(self) -> str:
        """Authors and year."""
        return sys.modules[self.factory.__module__].PAPER

    def __str__(self) -> str:
        given = [repr(value) for value in self.variant]
        given += [f"{name}={value!r}" for name, value in self.options.items()]
        return f"{self.factory.__name__}({', '.join(given)})"


CATALOGUE = (
    Entry(lenet5, options={"full_c3": False}),
    Entry(lenet5, options={"full_c3": True}),
    Entry(alexnet),
    Entry(alexnet, options={"groups": 1}),
    *(Entry(vgg, (letter,)) for letter in VGGS),
    *(Entry(nin, (images,)) for images in NINS),
    Entry(googlenet),
    Entry(googlenet, options={"auxiliary": True}),
    Entry(inception_v2),
    Entry(inception_v3),
    Entry(inception_v3, options={"auxiliary": True}),
    *(Entry(resnet, (depth,)) for depth in RESNETS),
    *(
        Entry(resnet_cifar, (depth,), options)
        for depth in SMALL_RESNETS
        for options in ({}, {"shortcut": "B"}, {"plain": True})
    ),
    *(Entry(resnet, (depth,), {"pre_activation": True}) for depth in RESNETS),
    Entry(resnet, (50,), {"stem": "deep"}),
    *(
        Entry(squeezenet, (version,), {"bypass": bypass} if bypass else {})
        for version in SQUEEZENETS
        for bypass in (None, "simple", "complex")
    ),
    *(Entry(densenet, (depth,)) for depth in DENSENETS),
    *(Entry(mobilenet, (alpha,)) for alpha in MOBILENETS),
    *(Entry(fcn, (strides,)) for strides in FCNS),
    Entry(unet),
    Entry(deconvnet),
    Entry(segnet),
    *(Entry(dilated_vgg, options={"context": kind}) for kind in CONTEXTS),
    *(
        Entry(pspnet, (depth,), options)
        for depth in PSPNETS
        for options in ({}, {"auxiliary": True})
    ),
    *(Entry(refinenet, (depth,)) for depth in REFINENETS),
    *(Entry(deeplab_v3_plus, options={"backbone": name}) for name in BACKBONES),
    *(Entry(fc_densenet, (depth,)) for depth in TIRAMISUS),
    Entry(yolo_v1),
    Entry(yolo_v1, options={"tiny": True}),
)
"""Classifiers, networks that segment, then one that detects, by their years."""


_OUTLINED = ContextVar("outlined", default=False)


def outlined() -> bool:
    """Whether a model that is built here and now is an outline."""
    return _OUTLINED.get()


@contextlib.contextmanager
def outlines() -> Iterator[None]:
    """Models that are built inside have shapes, but never get weights.

    They can be counted and drawn at no cost of memory or time, not called. To
    forget their weights, Keras's global state is cleared at the end.

    Example:
        >>> with outlines():
        ...     vgg("D").count_params()
        138357544
    """
    token = _OUTLINED.set(True)
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        _OUTLINED.reset(token)
        # collecting garbage would cost more than most outlines
        keras.utils.clear_session(free_memory=False)
