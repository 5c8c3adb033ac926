"""What losses over label maps share: labels, what is ignored, weights."""

import keras
from keras import ops


class LabelLoss(keras.losses.Loss):
    """A loss of scores (n, ..., c) and labels, some of which may not count.

    Keras hands it everything in its `dtype`, float32 unless told otherwise, so
    that scores of half precision are summed in float32.
    """

    def __init__(
        self, from_logits=False, ignore_class=None, class_weights=None, **kwargs
    ):
        super().__init__(**kwargs)
        self.from_logits = from_logits
        self.ignore_class = ignore_class
        if class_weights is not None:
            class_weights = [float(weight) for weight in class_weights]
            if not class_weights or min(class_weights) < 0:
                raise ValueError(
                    f"class_weights={class_weights} weigh no classes. Expected "
                    "one number of at least 0 for each class, or None."
                )
        self.class_weights = class_weights

    def __call__(self, y_true, y_pred, sample_weight=None):
        y_true, y_pred = (
            ops.convert_to_tensor(y, dtype=self.dtype) for y in (y_true, y_pred)
        )
        weights = self.weights(y_true, y_pred, sample_weight)
        return super().__call__(y_true, y_pred, weights)

    def get_config(self):
        return super().get_config() | {
            "dtype": self.dtype,
            "from_logits": self.from_logits,
            "ignore_class": self.ignore_class,
            "class_weights": self.class_weights,
        }

    def targets(self, y_true, y_pred):
        """Distributions (n, ..., c) and, as booleans (n, ...), what counts."""
        classes = y_pred.shape[-1]
        self._check_shapes(tuple(y_true.shape), tuple(y_pred.shape))
        if y_true.shape[-1] == classes and len(y_true.shape) == len(
            y_pred.shape
        ):
            valid = ops.any(y_true != 0, axis=-1)
            if self.ignore_class is not None:
                labels = ops.argmax(y_true, axis=-1)
                valid = valid & (labels != self.ignore_class)
            return y_true, valid
        if len(y_true.shape) == len(y_pred.shape):
            y_true = ops.squeeze(y_true, axis=-1)
        labels = ops.cast(y_true, "int32")
        known = (labels >= 0) & (labels < classes)
        targets = ops.one_hot(
            ops.where(known, labels, 0), classes, dtype=y_pred.dtype
        )
        # Inside a graph nothing can be raised: NaN is how a label tells that
        # it is none.
        targets = ops.where(known[..., None], targets, float("nan"))
        if self.ignore_class is None:
            return targets, ops.ones_like(known)
        valid = labels != self.ignore_class
        return ops.where(valid[..., None], targets, 0.0), valid

    def probabilities(self, y_pred):
        """Probabilities (n, ..., c) of whatever the model gives."""
        return ops.softmax(y_pred, axis=-1) if self.from_logits else y_pred

    def _check_shapes(self, truth, scores):
        classes = scores[-1]
        if classes is None or classes < 2:
            raise ValueError(
                f"{self.name} received y_pred of shape {scores}. Expected "
                "(n, ..., c) with a score for each of c > 1 classes: give "
                "background a class of its own."
            )
        if self.class_weights and len(self.class_weights) != classes:
            raise ValueError(
                f"{self.name} has {len(self.class_weights)} class_weights, and "
                f"y_pred of shape {scores} has {classes} classes. Expected one "
                "weight for each class."
            )
        wanted = (scores[:-1], (*scores[:-1], 1), scores)
        if not any(_alike(truth, shape) for shape in wanted):
            raise ValueError(
                f"{self.name} received y_true of shape {truth} for y_pred of "
                f"shape {scores}. Expected labels, {scores[:-1]}, or "
                f"distributions, {scores}."
            )


def _alike(shape, other):
    """Whether two shapes can be the same; None may be any size."""
    return len(shape) == len(other) and all(
        None in pair or pair[0] == pair[1]
        for pair in zip(shape, other, strict=True)
    )
