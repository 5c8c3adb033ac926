"""U-Net: down one side, up the other, and across from each level to its equal.

O. Ronneberger, P. Fischer and T. Brox, "U-Net: convolutional networks for
biomedical image segmentation", MICCAI 2015, arXiv:1505.04597: figure 1.

31,030,658 parameters for one input channel and two classes, all trainable,
biases included. 572 pixels become 568, 280, 136, 64 on the way down, 28 at the
bottom and 388 at the end.

Dropout follows the last level down and the bottom, "at the end of the
contracting path". Deviations: `padding="same"`, for images of any size, and
`batch_norm` are ours; weights begin as Keras's do.
"""

import keras

from course.arithmetic import integer
from course.blocks import contraction, expansion
from course.blocks.heads import predictions
from course.blocks.unet import pair
from course.models._arguments import class_count, image_input, one_of

PAPER = "Ronneberger et al. 2015"


def unet(
    classes: int = 2,
    input_shape: tuple[int | None, int | None, int] = (572, 572, 1),
    classifier_activation="softmax",
    *,
    base_filters: int = 64,
    depth: int = 4,
    padding: str = "valid",
    batch_norm: bool = False,
    dropout: float = 0.5,
) -> keras.Model:
    """U-Net; tensors down1, down1_pool ... bottom, up4 ... up1, score.

    Args:
        classes: Number of classes.
        input_shape: (h, w, c); h and w may be None. "valid" has sizes
            2^depth k - 4, so 188, 204 ... 572 for the paper's depth, of which
            12 * 2^depth - 8 pixels are lost, 184; "same" has any and loses
            none.
        classifier_activation: Of the scores; None for none.
        base_filters: Filters of the first level; each level down has twice as
            many as that above it.
        depth: Levels above the bottom.
        padding: Of the convolutions: "valid", as in the paper, or "same".
        batch_norm: Whether batch normalization follows each 3x3 convolution.
        dropout: Share that training leaves out at the lowest two levels.

    Returns:
        A model (n, h, w, c) -> (n, h', w', classes), h' = h for "same".

    Raises:
        ValueError: For an argument out of its range.

    Example:
        >>> unet(base_filters=4).output_shape
        (None, 388, 388, 2)
    """
    one_of(("valid", "same"), padding, "padding")
    filters = integer(base_filters, "base_filters", minimum=1)
    depth = integer(depth, "depth", minimum=1)
    classes = class_count(classes)
    x = inputs = _input(input_shape, depth, padding)
    settings = {"padding": padding, "norm": bool(batch_norm)}
    skips = []
    for i in range(1, depth + 1):
        x, skip = contraction(
            x,
            filters << (i - 1),
            **settings,
            dropout=dropout if i == depth else 0.0,
            name=f"down{i}",
        )
        skips.append(skip)
    x = pair(x, filters << depth, **settings, dropout=dropout, name="bottom")
    for i in range(depth, 0, -1):
        skip = skips[i - 1]
        x = expansion(x, skip, filters << (i - 1), **settings, name=f"up{i}")
    x = keras.layers.Conv2D(classes, 1, name="score")(x)
    x = predictions(x, classifier_activation)
    return keras.Model(inputs, x, name="unet")


def _input(input_shape, depth, padding):
    """The input, whose sizes each pooling must halve without a remainder."""
    if padding == "same":
        return image_input(input_shape, minimum=1, any_size=True)
    step = 2**depth
    # 4 pixels at the bottom; 3 are enough where one step up follows
    minimum = step * (12 - 3 // step) - 4
    inputs = image_input(input_shape, minimum, any_size=True)
    for size in input_shape[:2]:
        if size is not None and (size + 4) % step:
            below = (size + 4) // step * step - 4
            raise ValueError(
                f"input_shape={tuple(input_shape)}: a pooling would meet an "
                f"odd size. Expected {minimum}, {minimum + step}, "
                f"{minimum + 2 * step} ... rows and columns, such as {below} "
                f"or {below + step}; pad the images, or take padding='same'."
            )
    return inputs
