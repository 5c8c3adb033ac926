"""The Jaccard index as a loss, made continuous by the Lovász extension.

M. Berman, A. Rannen Triki and M. Blaschko, "The Lovász-softmax loss: a
tractable surrogate for the optimization of the intersection-over-union measure
in neural networks", CVPR 2018, arXiv:1705.08790, equations 8 to 11 and
algorithm 1.
"""

import keras
from keras import ops

from course.averages import safe_divide
from course.losses.regions import RegionLoss


@keras.saving.register_keras_serializable(package="course")
class LovaszSoftmax(RegionLoss):
    """1 - intersection over union of each class, for probabilities.

    With certain predictions, 0 or 1, it is exactly the share of each class's
    union that is wrong. Between them it is the tightest convex function of the
    errors, which a gradient can follow. Of equal errors any order gives the
    same value.

    Args:
        from_logits: Whether `y_pred` are logits; else they are probabilities.
        ignore_class: Label of pixels that do not count.
        class_weights: Weight of each class in the mean.
        per_image: Whether each image has a loss; else all are one region.
        classes: "present", as the authors advise: only classes that the truth
            has; or "all".
        **kwargs: Of `keras.losses.Loss`: reduction, name, dtype.

    Input shape:
        y_true: labels (n, ...) or (n, ..., 1), or one-hot (n, ..., c), where
        a row of zeros is ignored. y_pred: (n, ..., c). sample_weight: (n,),
        with `per_image` only.

    Raises:
        ValueError: If shapes do not fit each other, there is one class only,
            weights are negative or not one a class, or pixels are weighed.

    Example:
        >>> y_pred = [[[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]]
        >>> loss = LovaszSoftmax()  # class 0: IoU 1/3, class 1: IoU 1/3
        >>> round(float(loss([[0, 1, 1, 1]], y_pred)), 3)
        0.667
    """

    def __init__(self, per_image=False, classes="present", **kwargs):
        super().__init__(per_image=per_image, classes=classes, **kwargs)

    def class_losses(self, truth, scores, valid):
        """Losses (n, c) of each class."""
        errors = ops.abs(truth - scores)
        # Pixels that do not count have no error, so that they come last, where
        # they add nothing.
        order = ops.argsort(-errors, axis=1)
        errors = ops.take_along_axis(errors, order, axis=1)
        truth = ops.take_along_axis(truth, order, axis=1)
        return ops.sum(errors * ops.stop_gradient(_slopes(truth)), axis=1)


def _slopes(truth):
    """By how much the Jaccard loss grows with each further error (n, p, c)."""
    size = ops.sum(truth, axis=1, keepdims=True)
    shared = size - ops.cumsum(truth, axis=1)
    union = size + ops.cumsum(1 - truth, axis=1)
    jaccard = 1 - safe_divide(shared, union)
    return jaccard - ops.pad(jaccard[:, :-1], [(0, 0), (1, 0), (0, 0)])
