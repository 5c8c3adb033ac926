"""What YOLO's first version learns from.

J. Redmon, S. Divvala, R. Girshick and A. Farhadi, "You only look once:
unified, real-time object detection", CVPR 2016, arXiv:1506.02640, section 2
and equation 3.

The image is a grid of cells; a cell is responsible for the object whose center
lies in it, and of its predictors the one whose box overlaps most. Where none
overlaps the paper is silent: then it is the nearest, as in the authors' code.
"""

import keras
import numpy as np
from keras import ops

from course.arithmetic import integer
from course.boxes import convert, iou


@keras.saving.register_keras_serializable(package="course")
class YoloV1(keras.losses.Loss):
    """Squared errors of boxes, confidences and classes; equation 3.

    With 1 for responsible predictors and for cells with an object: lambda_coord
    times the errors of x, y, sqrt w, sqrt h; the errors of responsible
    confidences, which should be the overlap of their boxes with the truth, a
    constant for the gradient; lambda_noobj times those of the others, which
    should be 0; the errors of class probabilities.

    The network predicts the square roots of w and h, as section 2.2 says; so
    its boxes have no negative sizes.

    Args:
        boxes: Predictors B in a cell.
        classes: C.
        lambda_coord: Weight of positions and sizes.
        lambda_noobj: Weight of confidences where nothing is.
        **kwargs: Of `keras.losses.Loss`: reduction, name, dtype.

    Input shape:
        y_true: (n, rows, columns, 5 + C): x and y of the object's center in
        its cell, from 0 to 1; w and h as parts of the image; 1 if there is an
        object; the class, one-hot. `yolo_targets` makes it.
        y_pred: (n, rows, columns, 5 B + C): x, y, sqrt w, sqrt h, confidence
        of each predictor; the classes.

    Output shape:
        (n,) before reduction: an image's sum over its cells.

    Raises:
        ValueError: If shapes do not fit, a number is no positive integer, or
            a weight is negative.

    Example:
        >>> y_true = yolo_targets([[0.5, 0.5, 0.2, 0.2]], [1], 1, classes=2)
        >>> y_pred = [[[[0.5, 0.5, 0.2**0.5, 0.2**0.5, 1.0, 0.0, 0.5]]]]
        >>> loss = YoloV1(boxes=1, classes=2)
        >>> round(float(loss(y_true[None], np.array(y_pred))), 3)
        0.25
    """

    def __init__(
        self,
        boxes=2,
        classes=20,
        lambda_coord=5.0,
        lambda_noobj=0.5,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.boxes = integer(boxes, "boxes", minimum=1)
        self.classes = integer(classes, "classes", minimum=1)
        if min(lambda_coord, lambda_noobj) < 0:
            raise ValueError(
                f"received lambda_coord={lambda_coord} and "
                f"lambda_noobj={lambda_noobj}. Expected weights of at least "
                "0; the paper has 5 and 0.5."
            )
        self.lambda_coord = lambda_coord
        self.lambda_noobj = lambda_noobj

    def call(self, y_true, y_pred):
        self._check_shapes(tuple(y_true.shape), tuple(y_pred.shape))
        cells = ops.shape(y_pred)[:-1]
        numbers = 5 * self.boxes
        found = ops.reshape(y_pred[..., :numbers], (*cells, self.boxes, 5))
        truth, present = y_true[..., None, :4], y_true[..., 4:5]
        roots = ops.sqrt(ops.maximum(truth[..., 2:], 0))
        target = ops.concatenate([truth[..., :2], roots], axis=-1)
        position = ops.sum(ops.square(found[..., :4] - target), axis=-1)
        overlap = ops.stop_gradient(_overlaps(truth, found))
        nearest = ops.where(
            ops.any(overlap > 0, axis=-1, keepdims=True), overlap, -position
        )
        best = ops.one_hot(ops.argmax(nearest, axis=-1), self.boxes)
        responsible = present * ops.cast(best, position.dtype)
        doubt = ops.square(found[..., 4] - responsible * overlap)
        kinds = ops.square(y_pred[..., numbers:] - y_true[..., 5:])
        total = (
            self.lambda_coord * responsible * position
            + responsible * doubt
            + self.lambda_noobj * (1 - responsible) * doubt
        )
        return ops.sum(total, axis=(1, 2, 3)) + ops.sum(
            present * kinds, axis=(1, 2, 3)
        )

    def get_config(self):
        return super().get_config() | {
            "dtype": self.dtype,
            "boxes": self.boxes,
            "classes": self.classes,
            "lambda_coord": self.lambda_coord,
            "lambda_noobj": self.lambda_noobj,
        }

    def _check_shapes(self, truth, found):
        depths = truth[-1], found[-1]
        expected = 5 + self.classes, 5 * self.boxes + self.classes
        grid = found[1:-1]
        if depths != expected or len(grid) != 2 or truth[1:-1] != grid:
            raise ValueError(
                f"{self.name} received y_true of shape {truth} and y_pred of "
                f"shape {found}. Expected (n, rows, columns, {expected[0]}) "
                f"and (n, rows, columns, {expected[1]}): {self.boxes} boxes "
                f"and {self.classes} classes in each cell."
            )


def yolo_targets(
    boxes: np.ndarray,
    labels: np.ndarray,
    grid: int = 7,
    classes: int = 20,
    format: str = "center_xywh",
) -> np.ndarray:
    """What `YoloV1` expects as the truth of one image.

    A cell holds one object: of several the largest, as the smaller ones' boxes
    could not be told apart later either.

    Args:
        boxes: (m, 4), relative to the image's size: from 0 to 1.
        labels: (m,) integers from 0 to classes - 1.
        grid: Cells a side.
        classes: C.
        format: "xyxy", "xywh" or "center_xywh".

    Returns:
        float32 (grid, grid, 5 + C)

    Raises:
        ValueError: If there is not one label a box, a label is no class, or a
            center lies outside of the image.

    Example:
        >>> yolo_targets([[0.5, 0.25, 0.1, 0.3]], [1], 2, 2)[0, 1].round(2)
        array([0. , 0.5, 0.1, 0.3, 1. , 0. , 1. ], dtype=float32)
    """
    boxes = np.asarray(convert(boxes, format, "center_xywh"), float)
    labels = np.asarray(labels, int)
    _check_objects(boxes, labels, classes)
    targets = np.zeros((grid, grid, 5 + classes), "float32")
    for i in np.argsort(boxes[:, 2] * boxes[:, 3], kind="stable"):
        column, row = np.minimum(boxes[i, :2] * grid, grid - 1).astype(int)
        inside = boxes[i, :2] * grid - (column, row)
        kind = np.eye(classes)[labels[i]]
        targets[row, column] = [*inside, *boxes[i, 2:], 1, *kind]
    return targets


def _check_objects(boxes, labels, classes):
    """Boxes center_xywh have centers in the image, and a class each."""
    if (
        boxes.shape != (len(labels), 4)
        or ((labels < 0) | (labels >= classes)).any()
    ):
        raise ValueError(
            f"received boxes of shape {boxes.shape} and the labels "
            f"{labels.tolist()}. Expected (m, 4) and m labels from 0 to "
            f"{classes - 1}."
        )
    if ((boxes[:, :2] < 0) | (boxes[:, :2] > 1)).any():
        raise ValueError(
            f"a center lies outside of the image: {boxes.tolist()}. Expected "
            "boxes relative to the image's size: divide pixels by width and "
            "height, and clip."
        )


def _overlaps(truth, found):
    """IoU (n, rows, columns, B) of each predictor with its cell's object."""
    rows, columns = found.shape[1:3]
    cell = ops.convert_to_tensor([columns, rows], dtype=found.dtype)
    predicted = ops.concatenate(
        [found[..., :2] / cell, ops.square(found[..., 2:4])], axis=-1
    )
    real = ops.concatenate([truth[..., :2] / cell, truth[..., 2:]], axis=-1)
    return iou(predicted, real, "center_xywh")[..., 0]
