"""Segmentation networks that are small enough for tests."""

import functools

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

OPEN = (None, None, 3)
SMALL = {
    "fcn 32s": functools.partial(fcn, "32s", base_filters=2),
    "fcn 16s": functools.partial(fcn, "16s", base_filters=2),
    "fcn 8s": functools.partial(fcn, "8s", base_filters=2),
    "fcn 32s same": functools.partial(
        fcn, "32s", base_filters=2, padding="same"
    ),
    "fcn 8s same": functools.partial(fcn, "8s", base_filters=2, padding="same"),
    "unet same": functools.partial(unet, base_filters=2, padding="same"),
    "segnet": functools.partial(segnet, base_filters=2),
    "deconvnet": functools.partial(deconvnet, base_filters=2, fc_kernel_size=2),
    "dilated": functools.partial(dilated_vgg, base_filters=2),
    "dilated same": functools.partial(
        dilated_vgg, base_filters=2, padding="same"
    ),
    "deeplab": functools.partial(deeplab_v3_plus, base_filters=2),
    "deeplab resnet": functools.partial(
        deeplab_v3_plus, base_filters=2, backbone="resnet50", output_stride=8
    ),
    "deeplab mobilenet": functools.partial(
        deeplab_v3_plus, base_filters=2, backbone="mobilenet"
    ),
    "pspnet": functools.partial(pspnet, base_filters=2),
    "refinenet": functools.partial(refinenet, base_filters=2),
    "fc_densenet": functools.partial(
        fc_densenet, 56, base_filters=4, growth_rate=2, counts=(1, 2, 3, 2, 1)
    ),
}
LEAST = {  # rows and columns
    "deconvnet": 33,
    "deeplab": 32,
    "deeplab resnet": 32,
    "deeplab mobilenet": 32,
    "pspnet": 41,
    "refinenet": 32,
    "fc_densenet": 32,
}
