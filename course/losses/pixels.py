"""Losses of each pixel by itself, averaged over the pixels that count."""

import keras
from keras import ops

from course.averages import leading, safe_divide
from course.losses._labels import LabelLoss

MEANS = ("sum_over_batch_size", "mean")


@keras.saving.register_keras_serializable(package="course")
class PixelCrossentropy(LabelLoss):
    """Cross-entropy of each pixel, with an ignored label and class weights.

    -log of the probability of the pixel's class. Without weights and ignored
    pixels it is `keras.losses.SparseCategoricalCrossentropy`, or
    `CategoricalCrossentropy`. What it has more:

    - weights of classes, which in Keras are arguments of `fit` and know no
      images;
    - ignored pixels in distributions too: a row of zeros, or one whose
      largest entry is the ignored class;
    - `sample_weight` of images, (n,), besides that of pixels, (n, h, w), such
      as `border_weights`. Keras would let (n,) weigh columns.

    The mean is taken over the pixels that are not ignored. Weights do not
    count in it, so that they scale the loss, as everywhere in Keras; with
    `reduction="mean_with_sample_weight"` the sum is divided by the sum of
    all weights, those of classes among them, which torch calls mean. Without
    any pixel that counts the loss is 0, and its gradient too.

    Args:
        from_logits: Whether `y_pred` are logits; else they are probabilities.
        ignore_class: Label of pixels that do not count, any integer, often
            255 or -1.
        class_weights: Weight of each class in its pixels' loss; of a
            distribution, the mean over it.
        **kwargs: Of `keras.losses.Loss`: reduction, name, dtype.

    Input shape:
        y_true: labels (n, ...) or (n, ..., 1), or distributions (n, ..., c).
        y_pred: (n, ..., c). A label that is neither a class nor ignored
        gives NaN.

    Raises:
        ValueError: If shapes do not fit each other, there is one class only,
            or weights are negative or not one a class.

    Example:
        >>> loss = PixelCrossentropy(ignore_class=255)
        >>> round(float(loss([[0, 255]], [[[0.5, 0.5], [0.1, 0.9]]])), 3)
        0.693
    """

    def weights(self, y_true, y_pred, sample_weight):
        """Weights (n, ...) of the losses; 0 of pixels that do not count."""
        targets, valid = self.targets(y_true, y_pred)
        weights = counts = ops.cast(valid, self.dtype)
        if self.class_weights:
            each = ops.convert_to_tensor(self.class_weights, dtype=self.dtype)
            each = ops.sum(targets * each, axis=-1)
            weights = ops.where(valid, each, 0.0)
        if sample_weight is not None:
            rank = len(counts.shape)
            weights = weights * leading(sample_weight, rank, self.dtype)
        if self.reduction in MEANS:
            weights = weights * safe_divide(1.0, ops.mean(counts))
        return weights

    def call(self, y_true, y_pred):
        """Losses (n, ...) without weights; 0 of pixels that do not count."""
        targets, valid = self.targets(y_true, y_pred)
        # Whatever stands in an ignored pixel, NaN too, is kept out.
        y_pred = ops.where(valid[..., None], y_pred, 1.0)
        return ops.where(valid, self.losses(targets, y_pred), 0.0)

    def losses(self, targets, y_pred):
        """Losses (n, ...) of distributions and scores (n, ..., c)."""
        return ops.categorical_crossentropy(
            targets, y_pred, from_logits=self.from_logits
        )


@keras.saving.register_keras_serializable(package="course")
class PixelFocal(PixelCrossentropy):
    """Focal loss: cross-entropy that easy pixels hardly have.

    -(1 - p)^gamma log p, where p is the probability of the pixel's class.
    Ignored pixels, weights and means are as in `PixelCrossentropy`; what the
    paper calls alpha are `class_weights`. Without them it is
    `keras.losses.CategoricalFocalCrossentropy(alpha=1)`, which knows neither
    labels nor ignored pixels.

    T.-Y. Lin, P. Goyal, R. Girshick, K. He and P. Dollár, "Focal loss for
    dense object detection", ICCV 2017, arXiv:1708.02002, equation 4, with a
    softmax in place of the sigmoid.

    Args:
        gamma: How fast easy pixels lose weight; 0 is cross-entropy.
        from_logits: Whether `y_pred` are logits; else they are probabilities.
        ignore_class: Label of pixels that do not count.
        class_weights: Weight of each class.
        **kwargs: Of `keras.losses.Loss`: reduction, name, dtype.

    Input shape:
        As `PixelCrossentropy`.

    Raises:
        ValueError: As `PixelCrossentropy`, and for a negative gamma.

    Example:
        >>> loss = PixelFocal(gamma=2)
        >>> round(float(loss([[0]], [[[0.5, 0.5]]])), 3)  # log 2 / 4
        0.173
    """

    def __init__(self, gamma=2.0, **kwargs):
        super().__init__(**kwargs)
        if gamma < 0:
            raise ValueError(
                f"gamma={gamma} would favour easy pixels. Expected gamma >= 0; "
                "the paper has 2."
            )
        self.gamma = gamma

    def losses(self, targets, y_pred):
        epsilon = keras.config.epsilon()
        if self.from_logits:
            logarithms = ops.log_softmax(y_pred, axis=-1)
        else:
            total = ops.sum(y_pred, axis=-1, keepdims=True)
            logarithms = ops.log(ops.clip(y_pred / total, epsilon, 1.0))
        # The slope of a power below 1 is infinite at 0.
        doubt = ops.maximum(1 - ops.exp(logarithms), epsilon)
        easy = ops.power(doubt, self.gamma)
        return -ops.sum(targets * easy * logarithms, axis=-1)

    def get_config(self):
        return super().get_config() | {"gamma": self.gamma}
