"""Instances and stuff on one backbone, in the manner of Mask R-CNN.

K. He, G. Gkioxari, P. Dollár and R. Girshick, "Mask R-CNN", ICCV 2017,
arXiv:1703.06870: section 3.

Deviations: proposals come from the image's segments, not from a network, so
that all fits a lecture, and are drawn once, not in every step.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from scipy.special import expit, softmax

from course.boxes import clip, decode, encode, iou, nms
from course.detection.crops import fractions, warp
from course.detection.mask_network import CELLS, mask_rcnn
from course.detection.panoptic import VOID, panoptic_merge, paste
from course.detection.proposals import propose

POSITIVE = 0.5
"""Overlap from which a proposal is its object's."""

NEGATIVES = 3
"""Proposals of the background for each one of an object."""

STEPS = (10.0, 10.0, 5.0, 5.0)
"""Weights of the steps that boxes learn, as in Fast R-CNN."""


class MaskRCNN:
    """Instance masks and panoptic segmentation: the network and around it.

    Args:
        backbone, classes, stuff, rois, filters: As in `mask_rcnn`.
        proposals: Boxes (m, 4) of an image, xyxy in pixels.

    Raises:
        ValueError: As `mask_rcnn`.

    Example:
        >>> x = keras.Input((32, 32, 3))
        >>> y = keras.layers.Conv2D(8, 3, 4, "same", activation="relu")(x)
        >>> detector = MaskRCNN(keras.Model(x, y), classes=2, filters=8)
        >>> sorted(detector.network.output)
        ['classes', 'masks', 'steps']
    """

    def __init__(
        self,
        backbone: keras.Model,
        classes: int,
        stuff: int = 0,
        *,
        rois: int = 64,
        filters: int = 64,
        proposals: Callable[[np.ndarray], np.ndarray] = propose,
    ):
        self.network = mask_rcnn(
            backbone, classes, stuff, rois=rois, filters=filters
        )
        self.classes, self.stuff, self.rois = classes, stuff, rois
        self.size = backbone.input_shape[1:3]
        self.proposals = proposals

    def fit(
        self,
        images: Sequence[np.ndarray],
        truth: Sequence[Mapping[str, np.ndarray]],
        epochs: int = 10,
        batch_size: int = 2,
        *,
        optimizer: Any = "adam",
        seed: int = 0,
        verbose: Any = 0,
    ) -> keras.callbacks.History:
        """Train all heads and the backbone at once.

        Args:
            images: Each (h, w, c) of the backbone's size, as `proposals` takes
                them.
            truth: For each image "boxes" (m, 4), xyxy in pixels, "labels"
                (m,) from 0, "instances" (h, w): object i + 1 where it is, and
                with stuff "classes" (h, w): kinds of stuff from `classes` on.
            epochs, batch_size, verbose: As in `keras.Model.fit`.
            optimizer: As in `keras.Model.compile`.
            seed: Of which proposals are taken.

        Returns:
            The history of the training.

        Raises:
            ValueError: If images and truth differ in number or in size, or a
                label is no class.
        """
        self._check(images, truth)
        rng = np.random.default_rng(seed)
        examples = [
            self._example(image, each, rng)
            for image, each in zip(images, truth, strict=True)
        ]
        x, boxes, y, weights = (
            keras.tree.map_structure(lambda *each: np.stack(each), *part)
            for part in zip(*examples, strict=True)
        )
        self.network.compile(optimizer, _losses(y))
        return self.network.fit(
            [x, boxes],
            y,
            batch_size,
            epochs,
            sample_weight=weights,
            verbose=verbose,
        )

    def predict(
        self,
        images: Sequence[np.ndarray],
        *,
        score_threshold: float = 0.05,
        iou_threshold: float = 0.5,
    ) -> list[dict[str, np.ndarray]]:
        """The instances of each image.

        Args:
            images: As in `fit`.
            score_threshold: Only boxes with higher probabilities are returned.
            iou_threshold: Largest overlap of two boxes of one class.

        Returns:
            For each image "boxes" (m, 4), xyxy in pixels, "labels" (m,),
            "scores" (m,), the highest first, and "masks" (m, h, w) of
            booleans; of at most `rois` instances.

        Raises:
            ValueError: If an image is of another size.
        """
        return [
            self._detect(image, score_threshold, iou_threshold)[0]
            for image in map(self._fractions, images)
        ]

    def panoptic(
        self, images: Sequence[np.ndarray], **settings: Any
    ) -> list[np.ndarray]:
        """Class and instance of each pixel, see `panoptic_merge`.

        Args:
            images: As in `fit`.
            **settings: score_threshold, visible, min_area.

        Returns:
            For each image int (h, w, 2).

        Raises:
            ValueError: If the network has no head for stuff.
        """
        if not self.stuff:
            raise ValueError(
                "this network labels no stuff. Expected stuff=1 or more when "
                "it was made."
            )
        merged = []
        for image in map(self._fractions, images):
            found, semantic = self._detect(image, 0.05, 0.5)
            kinds = semantic.argmax(axis=-1)
            kinds = np.where(kinds < self.stuff, kinds + self.classes, VOID)
            merged.append(
                panoptic_merge(found, kinds, self.classes, **settings)
            )
        return merged

    def _fractions(self, image):
        image = fractions(image)
        if image.shape[:2] != self.size:
            raise ValueError(
                f"an image has the size {image.shape[:2]}. Expected "
                f"{self.size}, for which the network was made: resize it and "
                "its truth."
            )
        return image

    def _check(self, images, truth):
        wanted = {"boxes", "labels", "instances"}
        wanted |= {"classes"} if self.stuff else set()
        if len(images) != len(truth) or not len(images):
            raise ValueError(
                f"received {len(images)} images and the truth of {len(truth)}. "
                "Expected as many of both, one or more."
            )
        for each in truth:
            labels = np.asarray(each.get("labels", []), int)
            wrong = (labels < 0) | (labels >= self.classes)
            if not wanted <= set(each) or wrong.any():
                raise ValueError(
                    f"an image has {sorted(each)} and the labels "
                    f"{labels.tolist()}. Expected {sorted(wanted)}, and labels "
                    f"from 0 to {self.classes - 1}."
                )

    def _example(self, image, truth, rng):
        """(image, boxes, targets, weights) of one image."""
        objects = np.asarray(truth["boxes"], "float32").reshape(-1, 4)
        boxes, nearest = self._sampled(image, objects, rng)
        kinds = np.zeros(self.rois, int)
        steps = np.zeros((self.rois, self.classes, 4), "float32")
        side = 4 * CELLS
        masks = np.zeros((self.rois, self.classes, side, side), "float32")
        learns = np.zeros((self.rois, self.classes), "float32")
        for i, best in enumerate(nearest):
            if best < 0:
                continue
            label = int(truth["labels"][best])
            kinds[i] = label + 1
            learns[i, label] = 1
            steps[i, label] = encode(objects[best], boxes[i], STEPS)
            where = np.asarray(truth["instances"])[..., None] == best + 1
            (cut,) = warp(where, boxes[i], (side, side))
            masks[i, label] = cut[..., 0] >= 0.5
        y = {"classes": kinds, "steps": steps, "masks": masks}
        weights = {
            "classes": np.ones(self.rois, "float32"),
            "steps": learns,
            "masks": np.repeat(learns[..., None], side, axis=-1),
        }
        if self.stuff:
            stuff = np.asarray(truth["classes"]) - self.classes
            y["semantic"] = np.where(stuff < 0, self.stuff, stuff)
            weights["semantic"] = np.ones(stuff.shape, "float32")
        return self._fractions(image), boxes, y, weights

    def _sampled(self, image, objects, rng):
        """As many boxes as the network takes; of each its object, or -1."""
        boxes = np.concatenate([self.proposals(image), objects])
        nearest = np.full(len(boxes), -1)
        if len(objects):
            overlaps = iou(boxes, objects)
            best = overlaps.argmax(axis=1)
            nearest = np.where(overlaps.max(axis=1) >= POSITIVE, best, -1)
        things = np.flatnonzero(nearest >= 0)
        ground = np.flatnonzero(nearest < 0)
        share = self.rois // (NEGATIVES + 1) if len(ground) else self.rois
        share = share if len(things) else 0
        parts = [
            rng.choice(part, count, replace=len(part) < count)
            for part, count in ((things, share), (ground, self.rois - share))
            if count
        ]
        chosen = np.concatenate(parts)
        return boxes[chosen].astype("float32"), nearest[chosen]

    def _run(self, image, boxes):
        """The heads' outputs for any number of boxes of one image."""
        parts = []
        for start in range(0, max(len(boxes), 1), self.rois):
            part = boxes[start : start + self.rois]
            padded = np.zeros((self.rois, 4), "float32")
            padded[:, 2:] = 1
            padded[: len(part)] = part
            y = self.network.predict_on_batch([image[None], padded[None]])
            cut = {
                key: value[0] if key == "semantic" else value[0, : len(part)]
                for key, value in y.items()
            }
            parts.append(cut)
        semantic = parts[0].pop("semantic", None)
        joined = {
            key: np.concatenate([part[key] for part in parts])
            for key in parts[0]
        }
        return joined, semantic

    def _detect(self, image, score_threshold, iou_threshold):
        """Instances of an image, and its scores of stuff.

        Masks are those of the boxes that are kept, section 3.1.
        """
        boxes = self.proposals(image)
        heads, semantic = self._run(image, boxes)
        scores = softmax(heads["classes"], axis=-1)[:, 1:]
        rows, labels = np.nonzero(scores > score_threshold)
        steps = heads["steps"][rows, labels]
        refined = clip(decode(steps, boxes[rows], STEPS), self.size)
        solid = (refined[:, 2:] - refined[:, :2] >= 1).all(axis=1)
        rows, labels, refined = rows[solid], labels[solid], refined[solid]
        kept = nms(
            refined,
            scores[rows, labels],
            iou_threshold,
            classes=labels,
            max_boxes=self.rois,
        )
        found, labels = refined[kept], labels[kept]
        heads, _ = self._run(image, found)
        cells = heads["masks"][np.arange(len(found)), labels]
        masks = [
            paste(expit(cell), box, self.size) >= 0.5
            for cell, box in zip(cells, found, strict=True)
        ]
        detections = {
            "boxes": found,
            "labels": labels,
            "scores": scores[rows[kept], labels],
            "masks": np.array(masks, bool).reshape(-1, *self.size),
        }
        return detections, semantic


def _losses(targets):
    """Section 3, each over the boxes that it is about."""
    mean = {"reduction": "mean_with_sample_weight"}
    sparse = keras.losses.SparseCategoricalCrossentropy
    losses = {
        "classes": sparse(from_logits=True, **mean),
        "steps": keras.losses.Huber(1.0, **mean),
        "masks": keras.losses.BinaryCrossentropy(from_logits=True, **mean),
        "semantic": sparse(from_logits=True, **mean),
    }
    return {key: losses[key] for key in targets}
