"""SegNet: a decoder that remembers where the encoder's maxima were.

V. Badrinarayanan, A. Kendall and R. Cipolla, "SegNet: a deep convolutional
encoder-decoder architecture for image segmentation", 2015, arXiv:1511.00561:
figure 2, and the authors' Caffe network, whose names these are.

For 11 classes 29,449,355 trainable parameters, biases beside batch
normalization included, and 15,872 moving statistics: 29,465,227 in total.

Pooling windows that stick out of an odd size count, as in Caffe, so 360 x 480
become 23 x 30 at pool4, and any size works.
"""

import keras

from course.arithmetic import integer
from course.blocks import decoder_stage
from course.blocks.heads import predictions
from course.models._arguments import class_count, image_input
from course.models._vgg16 import encoder, mirrored, vgg16_stages

PAPER = "Badrinarayanan et al. 2015"


def segnet(
    classes: int = 11,
    input_shape: tuple[int | None, int | None, int] = (360, 480, 3),
    classifier_activation="softmax",
    *,
    base_filters: int = 64,
) -> keras.Model:
    """SegNet; tensors conv1_1, ... pool5, upsample5, conv5_3_D, ... conv1_1_D.

    Args:
        classes: Number of classes.
        input_shape: (h, w, c) of any size; h and w may be None.
        classifier_activation: Of the scores conv1_1_D; None for none.
        base_filters: Filters of the first stage, 64 in the paper; all others
            but the scores are multiples of it.

    Returns:
        A model (n, h, w, c) -> (n, h, w, classes).

    Raises:
        ValueError: For an argument out of its range.

    Example:
        >>> segnet(base_filters=2, input_shape=(45, 60, 3)).output_shape
        (None, 45, 60, 11)
    """
    integer(base_filters, "base_filters", minimum=1)
    classes = class_count(classes)
    x = inputs = image_input(input_shape, minimum=1, any_size=True)
    stages = vgg16_stages(base_filters)
    x, switches = encoder(x, stages)
    for i in reversed(range(len(stages))):
        names = [f"{name}_D" for name in reversed(stages[i])]
        filters = mirrored(stages, i)
        if i == 0:  # its last layer makes the scores
            names, filters = names[:-1], filters[:-1]
        unpool = f"upsample{i + 1}"
        x = decoder_stage(x, switches[i], filters, names, unpool=unpool)
    score = keras.layers.Conv2D(classes, 3, padding="same", name="conv1_1_D")
    x = predictions(score(x), classifier_activation)
    return keras.Model(inputs, x, name="segnet")
