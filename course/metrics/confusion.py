"""Accuracies and overlaps, all from one table: truth against prediction.

J. Long, E. Shelhamer and T. Darrell, "Fully convolutional networks for
semantic segmentation", CVPR 2015, arXiv:1411.4038, section 5, defines the four.
"""

import keras
from keras import ops

from course.arithmetic import integer
from course.averages import leading, safe_divide
from course.metrics._sums import SumMetric, label_maps

UNIT = 2**20


class ConfusionMetric(SumMetric):
    """A number that a confusion table tells.

    Pixels are counted exactly up to 2^44 of a kind. float32 alone would stop
    at 2^24, eight images of 2048 x 1024, and int32, which Keras's `MeanIoU`
    has, at 2^31; so a count is kept as units of 2^20 and a rest, both sums.
    """

    def __init__(
        self,
        classes,
        ignore_class=None,
        sparse_y_true=True,
        sparse_y_pred=False,
        **kwargs,
    ):
        classes = integer(classes, "classes", minimum=1)
        super().__init__(classes, ignore_class, **kwargs)
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        shape = (classes + 1, classes + 1)
        self.units = self.add_sums("units", shape)
        self.rest = self.add_sums("rest", shape)

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Count a batch.

        Args:
            y_true: Labels (n, ...), or (n, ..., c) if not `sparse_y_true`.
            y_pred: Scores (n, ..., c), or labels if `sparse_y_pred`.
            sample_weight: Weights of images, (n,), or of pixels, (n, ...).

        Raises:
            ValueError: If shapes do not fit each other.
        """
        truth, found = label_maps(
            y_true, y_pred, self.sparse_y_true, self.sparse_y_pred
        )
        counts = ops.ones_like(truth)
        if sample_weight is not None:
            rank = len(truth.shape)
            counts = ops.cast(counts, "float32")
            counts = counts * leading(sample_weight, rank, "float32")
        if self.ignore_class is not None:
            valid = truth != self.ignore_class
            counts = ops.where(valid, counts, ops.zeros_like(counts))
        side = self.classes + 1
        place = self._kind(truth) * side + self._kind(found)
        table = ops.segment_sum(
            ops.reshape(counts, (-1,)), ops.reshape(place, (-1,)), side**2
        )
        self._add(ops.reshape(table, (side, side)))

    def table(self):
        """Pixels of each class that were taken for each other.

        Returns:
            (classes + 1, classes + 1): rows are the truth, columns the
            prediction; the last of both is whatever is no class.
        """
        return self.units * UNIT + self.rest

    def counts(self):
        """Right pixels, pixels of the truth and of the prediction, (c,) each.

        NaN if the truth had labels that are no classes.
        """
        table = self.table()
        strange = ops.sum(table[-1]) > 0
        table = ops.where(strange, float("nan"), table[:-1])
        right = ops.diagonal(table)
        return right, ops.sum(table, axis=1), ops.sum(table, axis=0)[:-1]

    def result(self):
        """The metric of all that was seen, a scalar; 0 of nothing."""
        values, present = self.ratios()
        return self.mean_over(values, present)

    def per_class(self):
        """Values (c,), NaN of classes that are left out."""
        values, present = self.ratios()
        return ops.where(present, values, float("nan"))

    def get_config(self):
        return super().get_config() | {
            "sparse_y_true": self.sparse_y_true,
            "sparse_y_pred": self.sparse_y_pred,
        }

    def _kind(self, labels):
        """Row or column of each label; the last one of what is no class."""
        known = (labels >= 0) & (labels < self.classes)
        return ops.where(known, labels, self.classes)

    def _add(self, table):
        """Integers are split before they become float32, which is exact."""
        rest = self.rest + ops.cast(table % UNIT, "float32")
        carried = ops.floor(rest / UNIT)
        whole = ops.cast(table // UNIT, "float32")
        self.units.assign(self.units + whole + carried)
        self.rest.assign(rest - carried * UNIT)


@keras.saving.register_keras_serializable(package="course")
class MeanAccuracy(ConfusionMetric):
    """Share of each class's pixels that are found, averaged over classes.

    Classes that the truth does not have are left out.

    Args:
        classes: Number of classes.
        ignore_class: Label of pixels that do not count. Another label that is
            no class gives NaN, for inside a graph nothing can be raised; a
            prediction that is no class is wrong.
        sparse_y_true: Whether the truth is labels; else one-hot.
        sparse_y_pred: Whether the prediction is labels; else scores.
        **kwargs: Of `keras.metrics.Metric`: name, dtype.

    Raises:
        ValueError: If classes is no positive integer.

    Example:
        >>> import numpy as np
        >>> metric = MeanAccuracy(3, sparse_y_pred=True)
        >>> metric.update_state(np.array([[0, 1, 1]]), np.array([[0, 0, 1]]))
        >>> float(metric.result())
        0.75
    """

    def ratios(self):
        right, truth, _ = self.counts()
        return safe_divide(right, truth), truth != 0


@keras.saving.register_keras_serializable(package="course")
class PixelAccuracy(MeanAccuracy):
    """Share of pixels that have the right class.

    Args:
        classes: Number of classes.
        ignore_class: Label of pixels that do not count; see `MeanAccuracy`.
        sparse_y_true: Whether the truth is labels; else one-hot.
        sparse_y_pred: Whether the prediction is labels; else scores.
        **kwargs: Of `keras.metrics.Metric`: name, dtype.

    Raises:
        ValueError: If classes is no positive integer.

    Example:
        >>> import numpy as np
        >>> metric = PixelAccuracy(2, ignore_class=255, sparse_y_pred=True)
        >>> metric.update_state(np.array([[0, 1, 255]]), np.array([[0, 0, 0]]))
        >>> float(metric.result())
        0.5
    """

    def result(self):
        right, truth, _ = self.counts()
        return safe_divide(ops.sum(right), ops.sum(truth))


@keras.saving.register_keras_serializable(package="course")
class MeanIoU(ConfusionMetric):
    """Intersection over union of each class, averaged over classes.

    Classes that neither truth nor prediction has are left out, and so is the
    ignored one if it is a class: what is predicted as that is wrong, but there
    is no truth to compare. `keras.metrics.MeanIoU` counts such a class as 0
    once it is predicted, drops predictions that are no class, and gives float
    weights up.

    Args:
        classes: Number of classes.
        ignore_class: Label of pixels that do not count; see `MeanAccuracy`.
        sparse_y_true: Whether the truth is labels; else one-hot.
        sparse_y_pred: Whether the prediction is labels; else scores.
        **kwargs: Of `keras.metrics.Metric`: name, dtype.

    Raises:
        ValueError: If classes is no positive integer.

    Example:
        >>> import numpy as np
        >>> metric = MeanIoU(3, sparse_y_pred=True)
        >>> metric.update_state(np.array([[0, 1, 1]]), np.array([[0, 0, 1]]))
        >>> float(metric.result())  # 1/2 of both, and class 2 is not there
        0.5
    """

    def ratios(self):
        right, truth, found = self.counts()
        union = truth + found - right
        present = union != 0
        if self.ignore_class is not None:
            present = present & (ops.arange(self.classes) != self.ignore_class)
        return safe_divide(right, union), present


@keras.saving.register_keras_serializable(package="course")
class FrequencyWeightedIoU(MeanIoU):
    """Intersection over union of each class, weighted by its pixels.

    Args:
        classes: Number of classes.
        ignore_class: Label of pixels that do not count; see `MeanAccuracy`.
        sparse_y_true: Whether the truth is labels; else one-hot.
        sparse_y_pred: Whether the prediction is labels; else scores.
        **kwargs: Of `keras.metrics.Metric`: name, dtype.

    Raises:
        ValueError: If classes is no positive integer.

    Example:
        >>> import numpy as np
        >>> metric = FrequencyWeightedIoU(3, sparse_y_pred=True)
        >>> metric.update_state(np.array([[0, 1, 1]]), np.array([[2, 1, 1]]))
        >>> round(float(metric.result()), 3)  # 1/3 of 0 and 2/3 of 1
        0.667
    """

    def result(self):
        values, _ = self.ratios()
        _, truth, _ = self.counts()
        return safe_divide(ops.sum(truth * values), ops.sum(truth))
