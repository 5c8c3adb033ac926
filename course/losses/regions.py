"""Losses of overlap: how well each class's region is covered.

One number an image, or one for the whole batch, so that small classes count as
much as large ones. F. Milletari, N. Navab and S.-A. Ahmadi, "V-Net", 3DV 2016,
arXiv:1606.04797 (Dice); S. Salehi, D. Erdogmus and A. Gholipour, "Tversky loss
function for image segmentation using 3D fully convolutional deep networks",
MLMI 2017, arXiv:1706.05721; C. Sudre, W. Li, T. Vercauteren, S. Ourselin and
M. J. Cardoso, "Generalised Dice overlap as a deep learning loss function for
highly unbalanced segmentations", DLMIA 2017, arXiv:1707.03237.
"""

import keras
from keras import ops

from course.arithmetic import one_of
from course.averages import leading, safe_divide
from course.losses._labels import LabelLoss


class RegionLoss(LabelLoss):
    """A loss of whole regions: one value an image, or one for all.

    An image of which no pixel counts has loss 0, and gradient 0.
    """

    def __init__(self, per_image=True, classes="all", **kwargs):
        super().__init__(**kwargs)
        self.per_image = per_image
        self.classes = one_of(("all", "present"), classes, "classes")

    def weights(self, y_true, y_pred, sample_weight):
        """Weights (n,) of the losses, or None."""
        if sample_weight is None:
            return None
        if not self.per_image:
            raise ValueError(
                f"{self.name} received sample_weight and has one loss for all "
                "images together. Expected per_image=True, or no weights."
            )
        return leading(sample_weight, 1, self.dtype)

    def call(self, y_true, y_pred):
        """Losses (n,), or (1,) for all images together."""
        targets, valid = self.targets(y_true, y_pred)
        valid = valid[..., None]
        # Whatever stands in an ignored pixel, NaN too, is kept out.
        scores = self.probabilities(ops.where(valid, y_pred, 0.0))
        spread = (ops.shape(y_pred)[0], -1) if self.per_image else (1, -1)
        truth, scores = (
            ops.reshape(ops.where(valid, x, 0.0), (*spread, x.shape[-1]))
            for x in (targets, scores)
        )
        valid = ops.reshape(valid, (*spread, 1))
        return self.losses(truth, scores, ops.cast(valid, scores.dtype))

    def losses(self, truth, scores, valid):
        """Losses (n,) of pixels (n, p, c), zero where valid (n, p, 1) is."""
        weights = self.counted(truth)
        losses = self.class_losses(truth, scores, valid)
        total = ops.sum(losses * weights, axis=-1)
        return safe_divide(total, ops.sum(weights, axis=-1))

    def counted(self, truth):
        """Weights (n, c) of the classes in an image's mean."""
        volumes = ops.sum(truth, axis=1)
        weights = ops.ones_like(volumes)
        if self.class_weights:
            weights = weights * ops.convert_to_tensor(
                self.class_weights, dtype=truth.dtype
            )
        if self.classes == "present":
            weights = ops.where(volumes == 0, 0.0, weights)
        if self.ignore_class is not None:
            # The ignored class, if it is among them, has no truth to compare.
            others = ops.arange(truth.shape[-1]) != self.ignore_class
            weights = ops.where(others, weights, 0.0)
        return weights

    def get_config(self):
        return super().get_config() | {
            "per_image": self.per_image,
            "classes": self.classes,
        }


@keras.saving.register_keras_serializable(package="course")
class Tversky(RegionLoss):
    """1 - TP / (TP + alpha FP + beta FN), averaged over the classes.

    TP, FP and FN are sums of probabilities: right, wrongly claimed, missed.
    `alpha` weighs what is wrongly claimed, as in equation 4 of the paper;
    `keras.losses.Tversky` has its words but exchanges the two. Keras also sums
    over all classes at once, unless told otherwise, and a class that is
    rightly seen nowhere costs it 1; here it costs nothing.

    Args:
        alpha: Weight of what is claimed wrongly.
        beta: Weight of what is missed.
        smooth: Added above and below, so that a class that is absent but
            claimed a little costs little; 0 means that it costs 1.
        from_logits: Whether `y_pred` are logits; else they are probabilities.
        ignore_class: Label of pixels that do not count.
        class_weights: Weight of each class in the mean.
        per_image: Whether each image has a loss; else all are one region.
        classes: "all", or "present": only classes that the truth has.
        **kwargs: Of `keras.losses.Loss`: reduction, name, dtype.

    Input shape:
        y_true: labels (n, ...) or (n, ..., 1), or distributions (n, ..., c),
        where a row of zeros is ignored. y_pred: (n, ..., c). sample_weight:
        (n,), with `per_image` only.

    Raises:
        ValueError: If shapes do not fit each other, there is one class only,
            weights are negative or not one a class, or pixels are weighed.

    Example:
        >>> loss = Tversky(alpha=0.3, beta=0.7, smooth=0)
        >>> y_pred = [[[1.0, 0.0], [1.0, 0.0]]]  # both pixels are class 0
        >>> round(float(loss([[0, 1]], y_pred)), 3)  # (1 - 1/1.3 + 1) / 2
        0.615
    """

    def __init__(self, alpha=0.5, beta=0.5, smooth=1.0, **kwargs):
        super().__init__(**kwargs)
        if min(alpha, beta, smooth) < 0:
            raise ValueError(
                f"received alpha={alpha}, beta={beta} and smooth={smooth}. "
                "Expected numbers of at least 0."
            )
        self.alpha = alpha
        self.beta = beta
        self.smooth = smooth

    def class_losses(self, truth, scores, valid):
        """Losses (n, c) of each class."""
        right = ops.sum(truth * scores, axis=1)
        claimed = ops.sum((valid - truth) * scores, axis=1)
        missed = ops.sum(truth * (valid - scores), axis=1)
        wrong = self.alpha * claimed + self.beta * missed
        return safe_divide(wrong, right + wrong + self.smooth)

    def get_config(self):
        return super().get_config() | {
            "alpha": self.alpha,
            "beta": self.beta,
            "smooth": self.smooth,
        }


@keras.saving.register_keras_serializable(package="course")
class Dice(RegionLoss):
    """1 - 2 |truth and prediction| / (|truth| + |prediction|), over classes.

    One minus the F1 score of probabilities; `keras.losses.Dice` sums over all
    classes at once, unless told otherwise, knows no ignored pixels, and lets a
    class that is rightly seen nowhere cost 1. Here it costs nothing.

    Args:
        smooth: Added above and below, so that a class that is absent but
            claimed a little costs little; 0 means that it costs 1.
        squared: Whether sizes are sums of squares, as in V-Net's equation.
        from_logits: Whether `y_pred` are logits; else they are probabilities.
        ignore_class: Label of pixels that do not count.
        class_weights: Weight of each class in the mean.
        per_image: Whether each image has a loss; else all are one region.
        classes: "all", or "present": only classes that the truth has.
        **kwargs: Of `keras.losses.Loss`: reduction, name, dtype.

    Input shape:
        As `Tversky`.

    Raises:
        ValueError: As `Tversky`.

    Example:
        >>> loss = Dice(smooth=0)
        >>> y_pred = [[[1.0, 0.0], [1.0, 0.0]]]  # both pixels are class 0
        >>> round(float(loss([[0, 1]], y_pred)), 3)  # (1 - 2/3 + 1) / 2
        0.667
    """

    def __init__(self, smooth=1.0, squared=False, **kwargs):
        super().__init__(**kwargs)
        if smooth < 0:
            raise ValueError(
                f"smooth={smooth} is negative. Expected a number of at least 0."
            )
        self.smooth = smooth
        self.squared = squared

    def class_losses(self, truth, scores, valid):
        """Losses (n, c) of each class."""
        shared = 2 * ops.sum(truth * scores, axis=1)
        if self.squared:
            truth, scores = ops.square(truth), ops.square(scores)
        sizes = ops.sum(truth, axis=1) + ops.sum(scores, axis=1)
        return safe_divide(sizes - shared, sizes + self.smooth)

    def get_config(self):
        return super().get_config() | {
            "smooth": self.smooth,
            "squared": self.squared,
        }


@keras.saving.register_keras_serializable(package="course")
class GeneralizedDice(RegionLoss):
    """Dice of all classes in one fraction, each by 1 / its size squared.

    1 - 2 sum_l w_l |truth and prediction|_l / sum_l w_l (|truth| +
    |prediction|)_l with w_l = 1 / |truth|_l^2 (Sudre et al., section 2.1). A
    class that the image does not have would weigh infinitely much; it weighs
    as much as the smallest class that is there, or nothing, as `classes` says.

    Args:
        from_logits: Whether `y_pred` are logits; else they are probabilities.
        ignore_class: Label of pixels that do not count.
        class_weights: Multiplies each class's weight.
        per_image: Whether each image has a loss; else all are one region.
        classes: "all", or "present": only classes that the truth has.
        **kwargs: Of `keras.losses.Loss`: reduction, name, dtype.

    Input shape:
        As `Tversky`.

    Raises:
        ValueError: As `Tversky`.

    Example:
        >>> y_pred = [[[0.5, 0.5], [1.0, 0.0], [1.0, 0.0]]]
        >>> # 1 - 2 (2/4 + 0.5/1) / (4.5/4 + 1.5/1)
        >>> round(float(GeneralizedDice()([[1, 0, 0]], y_pred)), 3)
        0.238
    """

    def losses(self, truth, scores, valid):
        sizes = ops.sum(truth, axis=1)
        weights = safe_divide(1.0, ops.square(sizes))
        largest = ops.max(weights, axis=-1, keepdims=True)
        weights = ops.where(sizes == 0, largest, weights) * self.counted(truth)
        shared = ops.sum(truth * scores, axis=1)
        both = sizes + ops.sum(scores, axis=1)
        total = ops.sum(weights * both, axis=-1)
        missed = total - 2 * ops.sum(weights * shared, axis=-1)
        return safe_divide(missed, total)
