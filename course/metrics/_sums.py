"""What metrics share whose state is a sum over images."""

import keras
from keras import ops

from course.averages import safe_divide


class SumMetric(keras.metrics.Metric):
    """A metric of sums: batches and devices add, in any order."""

    def __init__(self, classes, ignore_class=None, **kwargs):
        super().__init__(**kwargs)
        self.classes = classes
        self.ignore_class = ignore_class

    def add_sums(self, name, shape):
        """A variable of float32, whatever half precision the rest has."""
        return self.add_variable(shape, "zeros", dtype="float32", name=name)

    def merge_state(self, metrics):
        """Add what other metrics of the same kind have seen.

        Raises:
            ValueError: If one of them counts otherwise.
        """
        for metric in metrics:
            if _kind(metric) != _kind(self):
                raise ValueError(
                    f"{self.name} cannot be merged with {metric.name}: "
                    f"{_kind(self)} and {_kind(metric)}. Expected metrics of "
                    "one class with the same settings."
                )
            for ours, theirs in zip(
                self.variables, metric.variables, strict=True
            ):
                ours.assign(ours + theirs)

    def mean_over(self, values, present):
        """Mean of the values (c,) of classes that are present; 0 of none."""
        present = ops.cast(present, values.dtype)
        return safe_divide(ops.sum(values * present), ops.sum(present))

    def get_config(self):
        return super().get_config() | {
            "classes": self.classes,
            "ignore_class": self.ignore_class,
        }


def label_maps(y_true, y_pred, sparse_y_true, sparse_y_pred):
    """Labels (n, ...) of truth and prediction, as integers.

    Raises:
        ValueError: If their shapes differ.
    """
    y_true, y_pred = map(ops.convert_to_tensor, (y_true, y_pred))
    shapes = tuple(y_true.shape), tuple(y_pred.shape)
    labels = [
        ops.cast(y if sparse else ops.argmax(y, axis=-1), "int32")
        for y, sparse in ((y_true, sparse_y_true), (y_pred, sparse_y_pred))
    ]
    for i, other in ((0, 1), (1, 0)):
        more = len(labels[i].shape) - len(labels[other].shape)
        if more == 1 and labels[i].shape[-1] == 1:
            labels[i] = ops.squeeze(labels[i], axis=-1)
    sizes = [tuple(y.shape) for y in labels]
    if len(sizes[0]) != len(sizes[1]) or any(
        None not in pair and pair[0] != pair[1]
        for pair in zip(*sizes, strict=True)
    ):
        raise ValueError(
            f"received y_true of shape {shapes[0]} and y_pred of shape "
            f"{shapes[1]}, with sparse_y_true={sparse_y_true} and "
            f"sparse_y_pred={sparse_y_pred}. Expected labels (n, ...) where "
            "sparse, else (n, ..., c) with a number for each class."
        )
    return labels


def _kind(metric):
    settings = metric.get_config()
    del settings["name"]
    return type(metric).__name__, settings
