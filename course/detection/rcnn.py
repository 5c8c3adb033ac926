"""R-CNN: proposals, a network that classifies their crops, better boxes.

R. Girshick, J. Donahue, T. Darrell and J. Malik, "Rich feature hierarchies for
accurate object detection and semantic segmentation", CVPR 2014,
arXiv:1311.2524: section 2, appendices A to C.

Deviations: the network keeps its softmax as the classifier unless support
vector machines are asked for, which then see all negatives at once instead of
the hardest, step by step; the linear regression is of all features, not those
of pool5 alone.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers
from scipy.special import softmax

from course.arithmetic import integer, one_of
from course.boxes import clip, decode, encode, iou, nms
from course.detection.crops import fractions, warp
from course.detection.proposals import propose

POSITIVE, NEGATIVE, NEAR = 0.5, 0.3, 0.6
"""Overlaps: of a class when training the network; of none for the support
vector machines, appendix B; near enough to learn a better box, appendix C."""

NEGATIVES = 3
"""For each positive crop: 96 to 32 in a batch of the paper."""


class RCNN:
    """Regions with features of a convolutional network.

    Args:
        backbone: A network without its top, such as `course.models.vgg("A",
            include_top=False, input_shape=(32, 32, 3))`: crops are warped to
            its input's size. Its output may be features (n, h, w, c), which
            are averaged, or (n, c).
        classes: Number of classes; the background is one more.
        classifier: "softmax", or "svm" for linear support vector machines on
            the features.
        context: As in `warp`.
        proposals: Boxes (m, 4) of an image.

    Raises:
        ValueError: If the backbone's input is not of known size, or an
            argument is out of its range.

    Example:
        >>> x = keras.Input((16, 16, 3))
        >>> y = keras.layers.Conv2D(4, 3, activation="relu")(x)
        >>> detector = RCNN(keras.Model(x, y), classes=2)
        >>> detector.network.output_shape
        (None, 3)
    """

    def __init__(
        self,
        backbone: keras.Model,
        classes: int,
        classifier: str = "softmax",
        *,
        context: float = 2,
        proposals: Callable[[np.ndarray], np.ndarray] = propose,
    ):
        self.classes = integer(classes, "classes", minimum=1)
        self.classifier = one_of(("softmax", "svm"), classifier, "classifier")
        if len(backbone.input_shape) != 4 or None in backbone.input_shape[1:]:
            raise ValueError(
                f"the backbone takes {backbone.input_shape}. Expected images "
                "of known size: build it with input_shape=(32, 32, 3), say."
            )
        self.size = backbone.input_shape[1:3]
        self.context = context
        self.proposals = proposals
        x = backbone.output
        if len(x.shape) == 4:
            x = layers.GlobalAveragePooling2D(name="crop_mean")(x)
        self.features = keras.Model(backbone.input, x)
        x = layers.Dense(self.classes + 1, name="crop_scores", dtype="float32")
        self.network = keras.Model(backbone.input, x(self.features.output))
        self._svm = None
        self._regression: dict[int, Any] = {}

    def fit(
        self,
        images: Sequence[np.ndarray],
        truth: Sequence[Mapping[str, np.ndarray]],
        epochs: int = 10,
        batch_size: int = 128,
        *,
        optimizer: Any = "adam",
        seed: int = 0,
        verbose: Any = 0,
    ) -> keras.callbacks.History:
        """Train the network on crops, then what follows on its features.

        Args:
            images: Each (h, w, c), as `proposals` takes them.
            truth: For each image "boxes" (m, 4), xyxy in pixels, and "labels"
                (m,) from 0.
            epochs, batch_size, verbose: As in `keras.Model.fit`.
            optimizer: As in `keras.Model.compile`.
            seed: Of which negative crops are taken.

        Returns:
            The history of the network's training.

        Raises:
            ValueError: If images and truth differ in number, there is no
                object at all, or a label is no class.
        """
        self._check_truth(images, truth)
        crops, labels, overlaps, boxes, nearest = self._examples(images, truth)
        rng = np.random.default_rng(seed)
        kinds = np.where(overlaps >= POSITIVE, labels + 1, 0)
        chosen = _balanced(kinds, rng)
        self.network.compile(
            optimizer,
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
        )
        history = self.network.fit(
            crops[chosen],
            kinds[chosen],
            batch_size,
            epochs,
            verbose=verbose,
        )
        features = self._run(self.features, crops)
        if self.classifier == "svm":
            self._fit_svm(features, labels, overlaps)
        self._fit_regression(features, labels, overlaps, boxes, nearest)
        return history

    def predict(
        self,
        images: Sequence[np.ndarray],
        *,
        score_threshold: float | None = None,
        iou_threshold: float = 0.3,
    ) -> list[dict[str, np.ndarray]]:
        """The objects of each image.

        Args:
            images: As in `fit`.
            score_threshold: Only boxes with higher scores are returned: of
                probabilities, 0.05 unless given; of margins, 0.
            iou_threshold: Largest overlap of two boxes of one class.

        Returns:
            For each image "boxes" (m, 4), xyxy in pixels, "labels" (m,) and
            "scores" (m,), the highest score first.

        Raises:
            ValueError: If it was not trained before.
        """
        if not self._regression:
            raise ValueError("this R-CNN is not trained yet: call fit before.")
        if score_threshold is None:
            score_threshold = 0.05 if self.classifier == "softmax" else 0.0
        return [
            self._detect(image, score_threshold, iou_threshold)
            for image in images
        ]

    def _check_truth(self, images, truth):
        labels = [np.asarray(each["labels"], int) for each in truth]
        found = np.unique(np.concatenate([[], *labels])).astype(int)
        wrong = (found < 0) | (found >= self.classes)
        if len(images) != len(truth) or not len(found) or wrong.any():
            raise ValueError(
                f"received {len(images)} images and the truth of {len(truth)}, "
                f"with the labels {found.tolist()}. Expected as many of both, "
                f"and at least one object with labels from 0 to "
                f"{self.classes - 1}."
            )

    def _examples(self, images, truth):
        """Of all proposals and objects: crop, label, overlap, box, object."""
        parts = []
        for image, each in zip(images, truth, strict=True):
            objects = np.asarray(each["boxes"], "float32").reshape(-1, 4)
            boxes = np.concatenate([self.proposals(image), objects])
            labels = np.zeros(len(boxes), int)
            overlaps = np.zeros(len(boxes))
            nearest = boxes
            if len(objects):
                each_overlap = iou(boxes, objects)
                best = each_overlap.argmax(axis=1)
                labels = np.asarray(each["labels"], int)[best]
                overlaps = each_overlap.max(axis=1)
                nearest = objects[best]
            crops = warp(fractions(image), boxes, self.size, self.context)
            parts.append((crops, labels, overlaps, boxes, nearest))
        return tuple(map(np.concatenate, zip(*parts, strict=True)))

    def _fit_svm(self, features, labels, overlaps):
        """One machine a class: its objects against what hardly overlaps.

        Appendix B: proposals that overlap somewhat are neither.
        """
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
        from sklearn.svm import LinearSVC

        kinds = np.where(overlaps > 0.999, labels + 1, 0)
        clear = (kinds > 0) | (overlaps < NEGATIVE)
        machine = LinearSVC(C=1e-2, class_weight="balanced", random_state=0)
        self._svm = make_pipeline(StandardScaler(), machine)
        self._svm.fit(features[clear], kinds[clear])

    def _fit_regression(self, features, labels, overlaps, boxes, nearest):
        """From the features to steps towards the object, for each class."""
        from sklearn.linear_model import Ridge

        steps = encode(nearest, boxes)
        self._regression = {}
        for label in range(self.classes):
            near = (labels == label) & (overlaps > NEAR)
            if near.any():
                model = Ridge(alpha=1.0)
                self._regression[label] = model.fit(features[near], steps[near])

    def _scores(self, features, crops):
        """(m, classes): probabilities, or margins."""
        if self.classifier == "svm":
            scores = np.full((len(crops), self.classes), -np.inf)
            margins = self._svm.decision_function(features)
            if margins.ndim == 1:  # one class and the background
                margins = np.stack([-margins, margins], axis=1)
            for column, kind in enumerate(self._svm.classes_):
                if kind:
                    scores[:, kind - 1] = margins[:, column]
            return scores
        return softmax(self._run(self.network, crops), axis=1)[:, 1:]

    def _detect(self, image, score_threshold, iou_threshold):
        boxes = self.proposals(image)
        crops = warp(fractions(image), boxes, self.size, self.context)
        features = self._run(self.features, crops)
        scores = self._scores(features, crops)
        rows, labels = np.nonzero(scores > score_threshold)
        scores = scores[rows, labels]
        refined = boxes[rows].astype(float)
        for label, model in self._regression.items():
            these = labels == label
            if these.any():
                steps = model.predict(features[rows[these]])
                refined[these] = decode(steps, boxes[rows[these]])
        refined = clip(refined, image.shape[:2])
        kept = nms(refined, scores, iou_threshold, classes=labels)
        return {
            "boxes": refined[kept],
            "labels": labels[kept],
            "scores": scores[kept],
        }

    def _run(self, model, crops):
        if not len(crops):
            return np.zeros((0, model.output_shape[-1]), "float32")
        return model.predict(crops, batch_size=64, verbose=0)


def _balanced(kinds, rng):
    """Indices of all positives, and some of the negatives."""
    positive, negative = np.flatnonzero(kinds), np.flatnonzero(kinds == 0)
    count = min(NEGATIVES * len(positive), len(negative))
    chosen = rng.choice(negative, count, replace=False)
    return rng.permutation(np.concatenate([positive, chosen]))
