"""DeconvNet: VGG-16, and VGG-16 again backwards.

H. Noh, S. Hong and B. Han, "Learning deconvolution network for semantic
segmentation", ICCV 2015, arXiv:1505.04366: figure 2 and the table of the
supplement, whose names these are.

For 21 classes 251,805,653 trainable parameters, biases beside batch
normalization included, and 33,408 moving statistics: 251,839,061 in total.

The paper classifies boxes of 224 pixels that an object detector proposes;
here is the network alone, for images of any size that leave fc6 its 7 pixels:
from 193 on. Deviation: `fc_kernel_size`, for smaller images.
"""

import keras

from course.arithmetic import integer
from course.blocks import conv, decoder_stage, deconv
from course.blocks.heads import predictions
from course.models._arguments import class_count, image_input
from course.models._vgg16 import encoder, mirrored, vgg16_stages

PAPER = "Noh et al. 2015"


def deconvnet(
    classes: int = 21,
    input_shape: tuple[int | None, int | None, int] = (224, 224, 3),
    classifier_activation="softmax",
    *,
    base_filters: int = 64,
    fc_kernel_size: int = 7,
) -> keras.Model:
    """DeconvNet; tensors pool5, fc6, fc7, fc6_deconv, unpool5, deconv5_1, ...

    Args:
        classes: Number of classes.
        input_shape: (h, w, c) of 32 (fc_kernel_size - 1) + 1 pixels or more; h
            and w may be None.
        classifier_activation: Of the scores; None for none.
        base_filters: Filters of the first stage, 64 in the paper; all others
            but the scores are multiples of it, fc6 and fc7 64 times.
        fc_kernel_size: Of fc6, and of the way back from it.

    Returns:
        A model (n, h, w, c) -> (n, h, w, classes).

    Raises:
        ValueError: For an argument out of its range.

    Example:
        >>> small = {"base_filters": 2, "fc_kernel_size": 2}
        >>> deconvnet(input_shape=(48, 50, 3), **small).output_shape
        (None, 48, 50, 21)
    """
    integer(base_filters, "base_filters", minimum=1)
    fc_size = integer(fc_kernel_size, "fc_kernel_size", minimum=1)
    classes = class_count(classes)
    x = inputs = image_input(input_shape, 32 * (fc_size - 1) + 1, any_size=True)
    stages = vgg16_stages(base_filters)
    x, switches = encoder(x, stages)
    settings = {"padding": "valid", "norm": True, "use_bias": True}
    x = conv(x, 64 * base_filters, fc_size, **settings, name="fc6")
    x = conv(x, 64 * base_filters, 1, **settings, name="fc7")
    x = deconv(x, 8 * base_filters, fc_size, name="fc6_deconv")
    for i in reversed(range(len(stages))):
        x = decoder_stage(
            x,
            switches[i],
            mirrored(stages, i),
            [f"de{name}" for name in stages[i]],
            unpool=f"unpool{i + 1}",
            transposed=True,
        )
    x = keras.layers.Conv2D(classes, 1, name="score")(x)
    x = predictions(x, classifier_activation)
    return keras.Model(inputs, x, name="deconvnet")
