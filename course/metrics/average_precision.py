"""Average precision of detections, as PASCAL VOC and COCO define it.

M. Everingham, L. Van Gool, C. Williams, J. Winn and A. Zisserman, "The PASCAL
visual object classes (VOC) challenge", IJCV 2010, section 4.2; T.-Y. Lin et
al., "Microsoft COCO: common objects in context", ECCV 2014, arXiv:1405.0312,
and the evaluation on its site. Two deliberate deviations, each in what the
challenges' programs leave to chance: detections of equal scores are one point
of the curve, for no threshold tells them apart, so that the order of images
does not matter; and a recall of 7/20 does reach 0.35, which rounding hides
from those programs.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from course.arithmetic import integer, one_of
from course.metrics._detections import checked, match

POINTS = {"area": None, "11-point": 11, "101-point": 101}
COCO_THRESHOLDS = tuple(t / 100 for t in range(50, 100, 5))


@keras.saving.register_keras_serializable(package="course")
class AveragePrecision(keras.metrics.Metric):
    """Area under precision over recall, averaged over classes and thresholds.

    In the order of their scores, detections are right if they overlap enough
    with an object of their class that none before them has taken; a second
    one for the same object is wrong. Precision at a recall is the largest at
    that or a higher one. Classes without an object are left out.

    It keeps every detection, so it takes arrays or eager tensors, image by
    image, and works outside of compiled models only: call it in a loop over
    `model.predict`.

    Args:
        classes: Number of classes.
        thresholds: Overlaps (IoU) from which a detection is right: one or
            several, over which the mean is taken.
        interpolation: "area" under the curve (VOC from 2010 on), "11-point":
            mean precision at recalls 0, 0.1, ... 1 (VOC before), "101-point"
            (COCO).
        matching: "voc": a detection stands for the object that it overlaps
            most, and is wrong if that is taken; "coco": for the one that it
            overlaps most among those still free.
        max_detections: Of each class only so many of an image, those with the
            highest scores; None: all.
        format: Of the boxes: "xyxy", "xywh" or "center_xywh".
        **kwargs: Of `keras.metrics.Metric`: name, dtype.

    Raises:
        ValueError: If a threshold is not above 0 and at most 1, or a name is
            unknown.

    Example:
        >>> metric = AveragePrecision(classes=1)
        >>> truth = {"boxes": [[0, 0, 4, 4]], "labels": [0]}
        >>> found = {
        ...     "boxes": [[0, 0, 4, 3], [8, 8, 9, 9]],
        ...     "labels": [0, 0],
        ...     "scores": [0.6, 0.9],
        ... }
        >>> metric.update_state([truth], [found])
        >>> float(metric.result())
        0.5
    """

    def __init__(
        self,
        classes,
        thresholds=0.5,
        interpolation="area",
        matching="voc",
        max_detections=None,
        format="xyxy",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.classes = integer(classes, "classes", minimum=1)
        self.thresholds = tuple(float(t) for t in np.ravel(thresholds))
        if not self.thresholds or not all(0 < t <= 1 for t in self.thresholds):
            raise ValueError(
                f"thresholds={thresholds} are no overlaps. Expected numbers "
                "above 0 and at most 1."
            )
        self.interpolation = one_of(POINTS, interpolation, "interpolation")
        self.matching = one_of(("voc", "coco"), matching, "matching")
        if max_detections is not None:
            integer(max_detections, "max_detections", minimum=1)
        self.max_detections = max_detections
        self.format = format
        self.reset_state()

    @classmethod
    def coco(cls, classes: int, **kwargs: Any) -> "AveragePrecision":
        """COCO's AP: ten thresholds from 0.5 to 0.95, 100 detections."""
        return cls(classes, COCO_THRESHOLDS, "101-point", "coco", 100, **kwargs)

    def reset_state(self):
        self._objects = np.zeros(self.classes, int)
        self._labels = np.zeros(0, int)
        self._scores = np.zeros(0)
        self._right = np.zeros((len(self.thresholds), 0), int)

    def update_state(
        self,
        y_true: Sequence[Mapping[str, Any]],
        y_pred: Sequence[Mapping[str, Any]],
        sample_weight: None = None,
    ):
        """Match the detections of some images.

        Args:
            y_true: A mapping for each image: "boxes" (m, 4), "labels" (m,)
                and, if some are, "ignore" (m,): true for objects that are
                difficult (VOC) or crowds (COCO): what is matched to them is
                neither right nor wrong, any number of times. A crowd's overlap
                with a detection is the share of the detection that lies in it.
            y_pred: A mapping for each image: "boxes" (k, 4), "labels" (k,),
                "scores" (k,). Both may be empty.
            sample_weight: Images have no weights here: None.

        Raises:
            ValueError: If there are not as many images, an array is missing
                or of another length, a label is no class, or for weights.
        """
        if sample_weight is not None or len(y_true) != len(y_pred):
            raise ValueError(
                f"{self.name} received {len(y_true)} images of truth, "
                f"{len(y_pred)} of predictions, and sample_weight="
                f"{sample_weight}. Expected as many of both and no weights."
            )
        for truth, found in zip(y_true, y_pred, strict=True):
            truth = checked(truth, self.classes, self.format, scores=False)
            found = checked(found, self.classes, self.format, scores=True)
            self._objects += np.bincount(
                truth["labels"][~truth["ignore"]], minlength=self.classes
            )
            for label in np.unique(found["labels"]):
                self._match(label, _only(truth, label), _only(found, label))

    def result(self):
        """The mean over classes and thresholds, a scalar; 0 of no objects."""
        values = self.per_class()
        seen = values[:, self._objects > 0]
        return ops.convert_to_tensor(
            seen.mean() if seen.size else 0.0, dtype="float32"
        )

    def per_class(self) -> np.ndarray:
        """Average precisions (thresholds, classes); NaN without an object."""
        values = np.full((len(self.thresholds), self.classes), np.nan)
        for i, threshold in enumerate(self.thresholds):
            for label in np.flatnonzero(self._objects):
                right, total = self._curve(label, threshold)
                values[i, label] = _area(
                    right,
                    total,
                    self._objects[label],
                    POINTS[self.interpolation],
                )
        return values

    def precision_recall(
        self, label: int, threshold: float | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Points of a class's curve, highest score first.

        Args:
            label: The class.
            threshold: One of the thresholds; None: the first.

        Returns:
            (precision, recall): arrays, a point for each score.

        Raises:
            ValueError: If the threshold is none of the metric's.
        """
        threshold = self.thresholds[0] if threshold is None else threshold
        one_of(self.thresholds, threshold, "threshold")
        right, total = self._curve(label, threshold)
        return right / total, right / max(self._objects[label], 1)

    def merge_state(self, metrics):
        """Add what other metrics of the same settings have seen.

        Raises:
            ValueError: If one has other settings.
        """
        for metric in metrics:
            ours, theirs = self.get_config(), metric.get_config()
            if ours | {"name": None} != theirs | {"name": None}:
                raise ValueError(
                    f"{self.name} cannot be merged with {metric.name}: {ours} "
                    f"and {theirs}. Expected the same settings."
                )
            self._objects = self._objects + metric._objects
            self._append(metric._labels, metric._scores, metric._right)

    def get_config(self):
        return super().get_config() | {
            "classes": self.classes,
            "thresholds": list(self.thresholds),
            "interpolation": self.interpolation,
            "matching": self.matching,
            "max_detections": self.max_detections,
            "format": self.format,
        }

    def _match(self, label, truth, found):
        """Keep an image's detections of a class with what each is."""
        order = np.argsort(-found["scores"], kind="stable")
        order = order[: self.max_detections]
        found = {name: values[order] for name, values in found.items()}
        right = match(truth, found, self.thresholds, self.matching)
        labels = np.full(len(order), label)
        self._append(labels, found["scores"], right)

    def _append(self, labels, scores, right):
        self._labels = np.concatenate([self._labels, labels])
        self._scores = np.concatenate([self._scores, scores])
        self._right = np.concatenate([self._right, right], axis=1)

    def _curve(self, label, threshold):
        """Numbers of right and of all detections from each score up."""
        right = self._right[self.thresholds.index(threshold)]
        mine = (self._labels == label) & (right >= 0)
        scores, right = self._scores[mine], right[mine]
        order = np.argsort(-scores, kind="stable")
        last = np.flatnonzero(np.diff(scores[order], append=-np.inf))
        return np.cumsum(right[order])[last], last + 1


def _only(boxes, label):
    mine = boxes["labels"] == label
    return {name: values[mine] for name, values in boxes.items()}


def _area(right, total, objects, points):
    """Mean precision at so many recalls; None: the area under the curve."""
    best = np.maximum.accumulate((right / total)[::-1])[::-1]
    if points is None:
        return float(np.sum(np.diff(right, prepend=0) * best) / objects)
    # The first point that reaches k / (points - 1) of the objects, in integers.
    reached = np.searchsorted(
        right * (points - 1), np.arange(points) * objects, side="left"
    )
    return float(np.append(best, 0.0)[reached].mean())
