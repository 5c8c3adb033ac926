"""How well outlines are met, where overlaps hardly notice.

G. Csurka, D. Larlus and F. Perronnin, "What is a good evaluation measure for
semantic segmentation?", BMVC 2013, section 2.2.
"""

import keras
import numpy as np
from keras import ops

from course.arithmetic import integer
from course.averages import leading, safe_divide
from course.metrics._sums import SumMetric, label_maps


@keras.saving.register_keras_serializable(package="course")
class BoundaryF1(SumMetric):
    """F1 score of each class's boundary, over images, then over classes.

    Precision is the share of the predicted boundary that lies at most
    `tolerance` pixels from the true one, recall the other way round; distances
    are Euclidean. An image counts for a class if either has a boundary.

    A class's boundary is its pixels of which one of the eight neighbours is of
    another class. Ignored pixels and the image's border make none.

    Args:
        classes: Number of classes.
        tolerance: Pixels; the paper has 0.75 % of the image's diagonal.
        ignore_class: Label of pixels that do not count.
        sparse_y_true: Whether the truth is labels; else one-hot.
        sparse_y_pred: Whether the prediction is labels; else scores.
        by_class: Whether a boundary is of a class. False joins those of all: a
            thing that is found and misnamed has its outline right.
        **kwargs: Of `keras.metrics.Metric`: name, dtype.

    Raises:
        ValueError: If classes is no positive integer or the tolerance is
            negative.

    Example:
        >>> import numpy as np
        >>> truth = np.array([[[0, 0, 1, 1, 1]]])
        >>> near = np.array([[[0, 1, 1, 1, 1]]])  # one pixel off
        >>> metric = BoundaryF1(2, tolerance=1, sparse_y_pred=True)
        >>> metric.update_state(truth, near)
        >>> float(metric.result())
        1.0
    """

    def __init__(
        self,
        classes,
        tolerance=2,
        ignore_class=None,
        sparse_y_true=True,
        sparse_y_pred=False,
        by_class=True,
        **kwargs,
    ):
        classes = integer(classes, "classes", minimum=1)
        super().__init__(classes, ignore_class, **kwargs)
        if not tolerance >= 0:
            raise ValueError(
                f"tolerance={tolerance} is no distance. Expected pixels, at "
                "least 0."
            )
        self.tolerance = tolerance
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.by_class = by_class
        kinds = classes if by_class else 1
        self.scores = self.add_sums("scores", (kinds,))
        self.images = self.add_sums("images", (kinds,))

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Compare a batch.

        Args:
            y_true: Labels (n, h, w), or (n, h, w, c) if not `sparse_y_true`.
            y_pred: Scores (n, h, w, c), or labels if `sparse_y_pred`.
            sample_weight: Weights of images, (n,).

        Raises:
            ValueError: If shapes do not fit each other.
        """
        truth, found = label_maps(
            y_true, y_pred, self.sparse_y_true, self.sparse_y_pred
        )
        if len(truth.shape) != 3:
            raise ValueError(
                f"{self.name} received labels of shape {tuple(truth.shape)}. "
                "Expected images (n, h, w), for a boundary runs in a plane."
            )
        valid = ops.ones_like(truth, dtype="bool")
        if self.ignore_class is not None:
            valid = truth != self.ignore_class
        truth, found = (self._boundaries(x, valid) for x in (truth, found))
        precision = _share(found, self._around(truth))
        recall = _share(truth, self._around(found))
        score = safe_divide(2 * precision * recall, precision + recall)
        weights = ops.cast(ops.any(truth + found > 0, axis=(1, 2)), "float32")
        if sample_weight is not None:
            weights = weights * leading(sample_weight, 1, "float32")[:, None]
        self.scores.assign(self.scores + ops.sum(score * weights, axis=0))
        self.images.assign(self.images + ops.sum(weights, axis=0))

    def result(self):
        """The mean over classes that had a boundary, a scalar; 0 of none."""
        images = ops.convert_to_tensor(self.images)
        score = safe_divide(self.scores, images)
        return self.mean_over(score, images != 0)

    def per_class(self):
        """Scores (c,), NaN of classes without a boundary; (1,) if joined."""
        images = ops.convert_to_tensor(self.images)
        return safe_divide(self.scores, images, otherwise=float("nan"))

    def get_config(self):
        return super().get_config() | {
            "tolerance": self.tolerance,
            "sparse_y_true": self.sparse_y_true,
            "sparse_y_pred": self.sparse_y_pred,
            "by_class": self.by_class,
        }

    def _boundaries(self, labels, valid):
        """1 in the boundary of each class (n, h, w, c) or of any, else 0."""
        valid = ops.cast(valid, "float32")[..., None]
        kinds = ops.arange(self.classes, dtype="int32")
        masks = ops.cast(labels[..., None] == kinds, "float32") * valid
        others = ops.max_pool(valid - masks, 3, 1, padding="same")
        found = masks * others
        return found if self.by_class else ops.max(found, -1, keepdims=True)

    def _around(self, boundaries):
        """Where a boundary (n, h, w, c) is within the tolerance."""
        reach = int(self.tolerance)
        steps = np.arange(-reach, reach + 1)
        disk = np.hypot(steps[:, None], steps) <= self.tolerance
        kernel = np.tile(disk[..., None, None], (1, 1, boundaries.shape[-1], 1))
        met = ops.depthwise_conv(
            boundaries,
            ops.convert_to_tensor(kernel, dtype="float32"),
            padding="same",
        )
        return met > 0.5


def _share(boundaries, region):
    """Share (n, c) of boundaries that lie in a region; 0 of none."""
    inside = ops.sum(boundaries * ops.cast(region, "float32"), axis=(1, 2))
    return safe_divide(inside, ops.sum(boundaries, axis=(1, 2)))
