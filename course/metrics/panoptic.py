"""Panoptic quality: segments found, and how well.

A. Kirillov, K. He, R. Girshick, C. Rother and P. Dollár, "Panoptic
segmentation", CVPR 2019, arXiv:1801.00868, section 4.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from course.arithmetic import integer
from course.averages import safe_divide
from course.metrics._sums import SumMetric


@keras.saving.register_keras_serializable(package="course")
class PanopticQuality(SumMetric):
    """PQ = SQ x RQ of each class, averaged over classes.

    A segment is the pixels of an image with one class and one instance number;
    of classes that are not counted, such as sky, all have instance 0. Segments
    of one class match if their intersection over union is above 1/2, which no
    second one can be. RQ is the F1 score of matching, SQ the mean IoU of
    matches. Pixels whose truth is ignored count in no union, and a predicted
    segment without a match is left out if more than half of it lies there.
    Classes without any segment are left out of the means.

    How many segments there are depends on the values, so it takes arrays or
    eager tensors, and works outside of compiled models only: call it in a
    loop over predictions.

    Args:
        classes: Number of classes.
        ignore_class: Label of pixels that do not count in the truth; in the
            prediction, of pixels that are in no segment.
        **kwargs: Of `keras.metrics.Metric`: name, dtype.

    Raises:
        ValueError: If classes is no positive integer.

    Example:
        >>> import numpy as np
        >>> truth = np.array([[[[0, 0], [1, 1], [1, 1], [1, 2]]]])
        >>> found = np.array([[[[0, 0], [1, 5], [1, 5], [1, 5]]]])
        >>> metric = PanopticQuality(classes=2)
        >>> metric.update_state(truth, found)
        >>> {k: round(float(v), 3) for k, v in metric.result().items()}
        {'pq': 0.722, 'sq': 0.833, 'rq': 0.833}
    """

    def __init__(self, classes, ignore_class=None, **kwargs):
        classes = integer(classes, "classes", minimum=1)
        super().__init__(classes, ignore_class, **kwargs)
        self.overlaps = self.add_sums("overlaps", (classes,))
        self.matched = self.add_sums("matched", (classes,))
        self.invented = self.add_sums("invented", (classes,))
        self.missed = self.add_sums("missed", (classes,))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight=None):
        """Match the segments of a batch.

        Args:
            y_true: Integers (n, h, w, 2): class and instance of each pixel.
            y_pred: Likewise.
            sample_weight: Segments have no weights here: None.

        Raises:
            ValueError: If shapes differ or have no pairs, a label is neither a
                class nor ignored, or for weights.
        """
        truth, found = (
            np.asarray(ops.convert_to_numpy(y)).astype(np.int64)
            for y in (y_true, y_pred)
        )
        self._check(truth, found, sample_weight)
        sums = np.zeros((4, self.classes))
        for pair in zip(truth, found, strict=True):
            for kind, label, overlap in self._segments(*pair):
                sums[kind, label] += 1
                sums[0, label] += overlap
        for variable, more in zip(self.variables, sums, strict=True):
            variable.assign(variable + more.astype("float32"))

    def result(self):
        """{"pq", "sq", "rq"}: scalars; 0 if there were no segments."""
        seen = self.matched + self.invented + self.missed > 0
        return {
            name: self.mean_over(values, seen)
            for name, values in self._qualities().items()
        }

    def per_class(self):
        """{"pq", "sq", "rq"}: (c,) each, NaN of classes without segments."""
        seen = self.matched + self.invented + self.missed > 0
        return {
            name: ops.where(seen, values, float("nan"))
            for name, values in self._qualities().items()
        }

    def _qualities(self):
        matched = ops.convert_to_tensor(self.matched)
        segments = matched + (self.invented + self.missed) / 2
        return {
            "pq": safe_divide(self.overlaps, segments),
            "sq": safe_divide(self.overlaps, matched),
            "rq": safe_divide(matched, segments),
        }

    def _segments(self, truth, found):
        """(kind, class, IoU) of an image's segments; kinds 1 to 3 as sums."""
        kinds, real, area = _numbered(truth, self.ignore_class)
        found_kinds, predicted, found_area = _numbered(found, self.ignore_class)
        # shared[i, j]: pixels of true segment i and predicted one j; the last
        # row is where the truth does not count
        shared = np.zeros((len(area) + 1, len(found_area) + 1))
        np.add.at(shared, (real, predicted), 1)
        void, shared = shared[-1, :-1], shared[:-1, :-1]
        union = area[:, None] + (found_area - void) - shared
        fits = kinds[:, None] == found_kinds
        matches = fits & (shared > union / 2)
        for i, j in np.argwhere(matches):
            yield 1, kinds[i], shared[i, j] / union[i, j]
        lost = ~matches.any(axis=0) & (void <= found_area / 2)
        for label in found_kinds[lost]:
            yield 2, label, 0
        for label in kinds[~matches.any(axis=1)]:
            yield 3, label, 0

    def _check(self, truth, found, sample_weight):
        shapes = truth.shape, found.shape
        if shapes[0] != shapes[1] or len(shapes[0]) != 4 or shapes[0][-1] != 2:
            raise ValueError(
                f"received y_true of shape {shapes[0]} and y_pred of shape "
                f"{shapes[1]}. Expected (n, h, w, 2) twice: class and instance."
            )
        if sample_weight is not None:
            raise ValueError(
                f"{self.name} received sample_weight, and segments have no "
                "weights. Expected None: put it among metrics of compile, not "
                "among weighted_metrics."
            )
        labels = np.union1d(truth[..., 0], found[..., 0])
        if self.ignore_class is not None:
            labels = labels[labels != self.ignore_class]
        strange = labels[(labels < 0) | (labels >= self.classes)]
        if len(strange):
            raise ValueError(
                f"received the labels {strange.tolist()}. Expected classes "
                f"from 0 to {self.classes - 1}, or ignore_class="
                f"{self.ignore_class}."
            )


def _numbered(segments, ignore_class):
    """Class of each segment of an image (h, w, 2), each pixel's, and areas.

    Pixels in no segment have -1, which is the last row or column of a table.
    """
    pixels = segments.reshape(-1, 2)
    kinds, numbers, areas = np.unique(
        pixels, axis=0, return_inverse=True, return_counts=True
    )
    real = np.ones(len(kinds), bool)
    if ignore_class is not None:
        real = kinds[:, 0] != ignore_class
    numbers = np.where(real, np.cumsum(real) - 1, -1)[numbers.ravel()]
    return kinds[real, 0], numbers, areas[real].astype(float)
