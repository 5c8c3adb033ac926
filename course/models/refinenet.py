"""RefineNet: from coarse to fine, each resolution refines the one before.

G. Lin, A. Milan, C. Shen and I. Reid, "RefineNet: multi-path refinement
networks for high-resolution semantic segmentation", CVPR 2017,
arXiv:1611.06612: figures 2 (c) and 3, section 4.1.

Parameters for 21 classes, in total and trainable: 50 90,867,669 and
90,814,549, 101 109,912,021 and 109,806,677, 152 125,601,749 and 125,450,325;
67,306,517 are behind the ResNet. They are derived
from the paper: 512 channels in the coarsest block, 256 in the others; two
residual units a path, a fusion to the narrowest path, two links of pooling, one
residual unit; two more of these before the scores.

The paper leaves open how the channels of ResNet become 512 and 256, and the
size of the last kernel: as in the authors' code both are 3x3 convolutions.
Deviations: each convolution has a bias, and a ResNet that looks at the pixels
0, 2, 4, ... is enlarged between these. Nothing is dropped out.
"""

import keras

from course.arithmetic import integer
from course.blocks import enlarge, refine, residual_unit
from course.blocks.heads import predictions
from course.blocks.refine import three
from course.models._arguments import class_count, one_of
from course.models.resnet import VARIANTS as RESNETS
from course.models.resnet import resnet

PAPER = "Lin et al. 2017"

VARIANTS = (50, 101, 152)
"""Layers of the ResNet: table 1 and section 5."""


def refinenet(
    variant: int = 50,
    classes: int = 21,
    input_shape: tuple[int | None, int | None, int] = (512, 512, 3),
    classifier_activation="softmax",
    *,
    base_filters: int = 64,
) -> keras.Model:
    """RefineNet; tensors of ResNet, adapt5, refine4 ... refine1, final2, score.

    Args:
        variant: Layers of the ResNet: 50, 101 or 152.
        classes: Number of classes.
        input_shape: (h, w, c), 32 pixels or more; h and w may be None.
        classifier_activation: Of the scores; None for none.
        base_filters: Filters of the first convolution, 64 in the paper; all
            others but the scores are multiples of it.

    Returns:
        A model (n, h, w, c) -> (n, h, w, classes).

    Raises:
        ValueError: For an argument out of its range.

    Example:
        >>> refinenet(50, 3, (33, 40, 3), base_filters=2).output_shape
        (None, 33, 40, 3)
    """
    one_of(VARIANTS, variant)
    integer(base_filters, "base_filters", minimum=1)
    classes = class_count(classes)
    features = resnet(
        variant,
        input_shape=input_shape,
        include_top=False,
        base_filters=base_filters,
    )
    _, counts = RESNETS[variant]
    paths = []
    for stage in (5, 4, 3, 2):
        tap = features.get_layer(f"conv{stage}_{counts[stage - 2]}").output
        filters = (8 if stage == 5 else 4) * base_filters
        paths.insert(0, three(tap, filters, name=f"adapt{stage}"))
        paths = [refine(paths, name=f"refine{stage - 1}")]
    (x,) = paths
    for name in ("final1", "final2"):
        x = residual_unit(x, name=name)
    x = three(x, classes, name="final_score")
    x = enlarge(x, features.input, 4, name="score")
    x = predictions(x, classifier_activation)
    return keras.Model(features.input, x, name=f"refinenet_{variant}")
