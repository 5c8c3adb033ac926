"""The network of Mask R-CNN, and a head for stuff beside it.

K. He, G. Gkioxari, P. Dollár and R. Girshick, "Mask R-CNN", ICCV 2017,
arXiv:1703.06870: section 3 and figure 4 (the head without FPN's levels);
A. Kirillov, R. Girshick, K. He and P. Dollár, "Panoptic feature pyramid
networks", CVPR 2019, arXiv:1901.02446, for the head that labels stuff.

Deviation: the heads are narrower, by an option.
"""

import keras
from keras import layers

from course.arithmetic import integer
from course.blocks import conv
from course.layers import RoIAlign

CELLS = 7
"""Of a box, a side, for its class; twice as many for its mask, which is twice
as fine again: figure 4."""


def mask_rcnn(
    backbone: keras.Model,
    classes: int,
    stuff: int = 0,
    *,
    rois: int = 64,
    filters: int = 64,
) -> keras.Model:
    """The network: heads for class, box and mask of given boxes, and stuff.

    Args:
        backbone: Features (n, h', w', c) of images (n, h, w, c) of known size,
            h' and w' the same parts of h and w.
        classes: Kinds of things.
        stuff: Kinds of stuff; 0 for no such head.
        rois: Boxes r of an image.
        filters: Of each head; the paper has 256, and dense layers of 1024.

    Returns:
        A model of [images (n, h, w, c), boxes (n, r, 4)], xyxy in pixels, to a
        dictionary of scores before any activation: "classes" (n, r,
        classes + 1), the background first; "steps" (n, r, classes, 4), as
        `course.boxes.encode` makes them with the weights 10, 10, 5, 5; "masks"
        (n, r, classes, 28, 28); with stuff also "semantic" (n, h, w,
        stuff + 1), things last.

    Raises:
        ValueError: If the backbone does not fit, or a number is no positive
            integer.

    Example:
        >>> x = keras.Input((32, 32, 3))
        >>> y = keras.layers.Conv2D(8, 3, 4, "same", activation="relu")(x)
        >>> model = mask_rcnn(keras.Model(x, y), classes=2, filters=8)
        >>> model.output["masks"].shape
        (None, 64, 2, 28, 28)
    """
    integer(classes, "classes", minimum=1)
    integer(stuff, "stuff", minimum=0)
    integer(rois, "rois", minimum=1)
    integer(filters, "filters", minimum=1)
    image, features = backbone.input, backbone.output
    stride = _stride(image.shape, features.shape)
    boxes = keras.Input((rois, 4), name="boxes", dtype="float32")
    cut = RoIAlign(CELLS, 1 / stride, name="cells")([features, boxes])
    x = layers.Reshape((rois, CELLS * CELLS * features.shape[-1]))(cut)
    for i in (1, 2):
        x = layers.Dense(4 * filters, "relu", name=f"head_fc{i}")(x)
    scores = layers.Dense(classes + 1, name="classes", dtype="float32")
    steps = layers.Dense(4 * classes, name="steps_fc", dtype="float32")(x)
    outputs = {
        "classes": scores(x),
        "steps": layers.Reshape((rois, classes, 4), name="steps")(steps),
        "masks": _mask_head(features, boxes, stride, classes, filters),
    }
    if stuff:
        outputs["semantic"] = _stuff_head(features, stride, stuff, filters)
    return keras.Model([image, boxes], outputs, name="mask_rcnn")


def _stride(image, features):
    known = len(features) == 4 and None not in (*image[1:3], *features[1:3])
    stride = image[1] // features[1] if known else 0
    if not known or image[1:3] != tuple(stride * n for n in features[1:3]):
        raise ValueError(
            f"the backbone makes {features} of {image}. Expected features "
            "(n, h', w', c) of images of known size, rows and columns divided "
            "by one integer: give it an input_shape that its strides divide, "
            "and no top."
        )
    return stride


def _mask_head(features, boxes, stride, classes, filters):
    """Four convolutions and a transposed one: figure 4, on the right.

    Boxes become images of a batch, and boxes again at the end.
    """
    side, rois = 2 * CELLS, boxes.shape[1]
    x = RoIAlign(side, 1 / stride, name="mask_cells")([features, boxes])
    x = keras.ops.reshape(x, (-1, side, side, features.shape[-1]))
    for i in (1, 2, 3, 4):
        x = conv(x, filters, 3, name=f"mask_conv{i}")
    x = layers.Conv2DTranspose(
        filters, 2, 2, activation="relu", name="mask_up"
    )(x)
    x = layers.Conv2D(classes, 1, name="mask_scores", dtype="float32")(x)
    x = keras.ops.reshape(x, (-1, rois, 2 * side, 2 * side, classes))
    return layers.Permute((1, 4, 2, 3), name="masks", dtype="float32")(x)


def _stuff_head(features, stride, stuff, filters):
    x = conv(features, filters, 3, name="stuff_conv")
    x = layers.Conv2D(stuff + 1, 1, name="stuff_scores", dtype="float32")(x)
    return layers.UpSampling2D(
        stride, interpolation="bilinear", name="semantic", dtype="float32"
    )(x)
