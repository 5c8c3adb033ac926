"""Metrics of label maps against scikit-learn, SciPy and loops; streams."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy import ndimage
from sklearn import metrics as sklearn

from course import metrics
from course.losses import PixelCrossentropy

VOID = 255
CLASSES = 5


def data(seed=0, images=8):
    """Patches; void; class 3 is only predicted, class 4 nowhere."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, (images, 3, 4)).repeat(3, 1).repeat(2, 2)
    found = np.roll(truth, 1, axis=2)
    noise = rng.uniform(size=truth.shape)
    found[noise < 0.1] = rng.integers(0, 4, (noise < 0.1).sum())
    truth[noise > 0.9] = VOID
    return truth, found


def scores(found):
    rng = np.random.default_rng(1)
    noise = rng.uniform(0, 0.4, (*found.shape, CLASSES))
    return (noise + 0.5 * (found[..., None] == np.arange(CLASSES))).astype(
        "float32"
    )


def valid(truth, found):
    return truth[truth != VOID], found[truth != VOID]


def pixel_accuracy(truth, found):
    return sklearn.accuracy_score(*valid(truth, found))


def mean_accuracy(truth, found):
    t, p = valid(truth, found)
    return sklearn.recall_score(t, p, labels=np.unique(t), average="macro")


def mean_iou(truth, found):
    return sklearn.jaccard_score(*valid(truth, found), average="macro")


def weighted_iou(truth, found):
    return sklearn.jaccard_score(*valid(truth, found), average="weighted")


def boundary(labels, c, known):
    mask = (labels == c) & known
    near = ndimage.binary_dilation(known & ~mask, np.ones((3, 3)))
    return mask & near


def near(one, other, tolerance):
    """Share of one boundary that lies near the other."""
    if not one.any() or not other.any():
        return 0.0
    distance = ndimage.distance_transform_edt(~other)
    return (distance[one] <= tolerance).mean()


def boundary_f1(truth, found, tolerance=2):
    means = []
    for c in range(CLASSES):
        values = []
        for t, p in zip(truth, found, strict=True):
            t, p = (boundary(x, c, t != VOID) for x in (t, p))
            if t.any() or p.any():
                precision, recall = near(p, t, tolerance), near(t, p, tolerance)
                total = precision + recall
                values.append(2 * precision * recall / total if total else 0)
        if values:
            means.append(np.mean(values))
    return np.mean(means) if means else 0.0


CASES = {
    "pixel accuracy": (metrics.PixelAccuracy, pixel_accuracy),
    "mean accuracy": (metrics.MeanAccuracy, mean_accuracy),
    "mean IoU": (metrics.MeanIoU, mean_iou),
    "weighted IoU": (metrics.FrequencyWeightedIoU, weighted_iou),
    "boundary F1": (metrics.BoundaryF1, boundary_f1),
}
EACH = pytest.mark.parametrize("case", CASES)


def make(case, **options):
    return CASES[case][0](CLASSES, **{"ignore_class": VOID, **options})


def value(metric):
    return float(metric.result())


@EACH
def test_values_are_those_of_other_libraries(case):
    truth, found = data()
    wanted = pytest.approx(CASES[case][1](truth, found), rel=1e-5)
    metric = make(case)
    assert value(metric) == 0
    metric.update_state(truth[..., None], scores(found))
    assert value(metric) == wanted
    metric.reset_state()
    assert value(metric) == 0
    hot = (truth[..., None] == np.arange(256)).astype("float32")
    other = make(case, sparse_y_true=False, sparse_y_pred=True)
    other.update_state(hot, found.astype("uint8"))
    assert value(other) == wanted


@EACH
def test_batches_merges_and_devices_are_one_shot(case):
    truth, found = data()
    whole = make(case, sparse_y_pred=True)
    whole.update_state(truth, found)
    parts = [make(case, sparse_y_pred=True) for _ in range(3)]
    for i in range(8):
        parts[i % 3].update_state(truth[[i]], found[[i]])
    sums = [
        sum(np.asarray(part.variables[i]) for part in parts)
        for i in range(len(whole.variables))
    ]
    parts[0].merge_state(parts[1:])
    assert value(parts[0]) == pytest.approx(value(whole), rel=1e-6)
    # what a sum over replicas would give
    assert all(v.aggregation == "sum" for v in whole.variables)
    got = float(whole.stateless_result(sums))
    assert got == pytest.approx(value(whole), rel=1e-6)
    with pytest.raises(ValueError, match=r"cannot be merged.*same settings"):
        whole.merge_state([make(case, sparse_y_pred=True, ignore_class=1)])


@EACH
def test_weights_of_images_are_repetitions(case):
    truth, found = data()  # as many as columns
    weights = np.array([0, 1, 2, 1, 0, 3, 1, 0])
    weighted = make(case, sparse_y_pred=True)
    weighted.update_state(truth, found, weights.astype("float32"))
    repeated = make(case, sparse_y_pred=True)
    repeated.update_state(truth.repeat(weights, 0), found.repeat(weights, 0))
    assert value(weighted) == pytest.approx(value(repeated), rel=1e-5)


@EACH
def test_nothing_but_ignored_pixels(case):
    truth, found = data()
    metric = make(case)
    metric.update_state(np.full_like(truth, VOID), scores(found))
    assert value(metric) == 0


@EACH
def test_round_trips(case):
    metric = make(case, sparse_y_pred=True, sparse_y_true=True)
    config = keras.saving.serialize_keras_object(metric)
    assert config["registered_name"].startswith("course>")
    copy = keras.saving.deserialize_keras_object(config)
    assert copy.get_config() == metric.get_config()


def test_in_a_compiled_model_and_half_precision():
    """Keras shows after an epoch what a metric alone says of all images."""
    truth, found = data()
    inputs = keras.Input((9, 8, CLASSES))
    same = keras.layers.Activation("linear", dtype="float16")(inputs)
    model = keras.Model(inputs, same)
    model.compile(
        loss=PixelCrossentropy(from_logits=True, ignore_class=VOID),
        metrics=[make(case, name=case) for case in CASES],
        weighted_metrics=[make("mean IoU", name="weighted")],
    )
    weights = np.array([1, 0, 1, 1, 0, 1, 1, 0], "float32")
    got = model.evaluate(
        scores(found),
        truth,
        batch_size=4,
        sample_weight=weights,
        verbose=0,
        return_dict=True,
    )
    for case, (_, oracle) in CASES.items():
        assert got[case] == pytest.approx(oracle(truth, found), rel=1e-5)
    some = weights > 0
    wanted = mean_iou(truth[some], found[some])
    assert got["weighted"] == pytest.approx(wanted, rel=1e-5)


def test_counts_beyond_float32_and_int32():
    """2^24 + 1 pixels one by one, and far more in units."""
    metric = metrics.PixelAccuracy(2, sparse_y_pred=True)
    metric.rest.assign(np.array([[2**20 - 1, 0, 0], [0, 0, 0], [0, 0, 0]]))
    metric.units.assign(np.array([[2**12, 0, 0], [0, 0, 0], [0, 0, 0]]))
    few = np.zeros((8, 9, 8), int)
    metric.update_state(few, few)
    assert float(metric.units[0, 0]) == 2**12 + 1
    assert float(metric.rest[0, 0]) == few.size - 1
    wrong = np.ones((1, 1500, 1500), int)  # more than a unit at once
    metric.update_state(0 * wrong, wrong)
    assert float(metric.units[0, 1]) == 2
    assert float(metric.rest[0, 1]) == 1500**2 - 2 * 2**20
    total = 2**32 + 2**20 + few.size - 1
    assert value(metric) == pytest.approx(total / (total + 1500**2), rel=1e-6)


def test_table_and_classes_left_out():
    truth, found = data()
    metric = make("mean IoU", sparse_y_pred=True)
    metric.update_state(truth, found)
    table = ops.convert_to_numpy(metric.table())
    t, p = valid(truth, found)
    wanted = sklearn.confusion_matrix(t, p, labels=range(CLASSES + 1))
    np.testing.assert_array_equal(table, wanted)
    each = ops.convert_to_numpy(metric.per_class())
    wanted = sklearn.jaccard_score(t, p, labels=range(4), average=None)
    np.testing.assert_allclose(each[:4], wanted, rtol=1e-6)
    assert np.isnan(each[4])


def test_an_ignored_class_has_no_overlap():
    truth, found = data()
    truth[truth == VOID] = 0
    metric = metrics.MeanIoU(CLASSES, ignore_class=0, sparse_y_pred=True)
    metric.update_state(truth, found)
    t, p = truth[truth != 0], found[truth != 0]
    wanted = sklearn.jaccard_score(t, p, labels=[1, 2, 3], average="macro")
    assert value(metric) == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("case", [case for case in CASES if "F1" not in case])
def test_labels_that_are_no_classes(case):
    truth, found = (
        np.tile(row, 144).reshape(8, 9, 8)
        for row in ([0, 1, 1, 2], [0, 9, -1, 2])
    )
    metric = make(case, sparse_y_pred=True)
    metric.update_state(truth, found)
    wanted = 2 / 3 if "mean" in case else 1 / 2
    assert value(metric) == pytest.approx(wanted)
    truth[0, 0, 0] = CLASSES
    metric.update_state(truth, found)
    assert np.isnan(value(metric))


@pytest.mark.parametrize("tolerance", [0, 1.5])
def test_boundaries_meet_within_a_disk(tolerance):
    truth, found = data(seed=3)
    metric = make("boundary F1", tolerance=tolerance, sparse_y_pred=True)
    metric.update_state(truth, found)
    wanted = boundary_f1(truth, found, tolerance)
    assert value(metric) == pytest.approx(wanted, rel=1e-5)


def test_boundaries_by_class():
    truth, found = data()
    metric = make("boundary F1", sparse_y_pred=True)
    metric.update_state(truth, found)
    each = ops.convert_to_numpy(metric.per_class())
    assert each[3] == 0  # never true
    assert np.isnan(each[4])
    assert np.mean(each[:4]) == pytest.approx(value(metric), rel=1e-6)


def test_outlines_whichever_class_they_are_of():
    truth, found = data()
    options = {"sparse_y_pred": True, "by_class": False}
    metric = make("boundary F1", **options)
    metric.update_state(truth, found)
    values = []
    for t, p in zip(truth, found, strict=True):
        t, p = (
            np.any([boundary(x, c, t != VOID) for c in range(CLASSES)], axis=0)
            for x in (t, p)
        )
        precision, recall = near(p, t, 2), near(t, p, 2)
        values.append(2 * precision * recall / (precision + recall))
    assert value(metric) == pytest.approx(np.mean(values), rel=1e-5)
    assert metric.per_class().shape == (1,)
    # classes that are taken for one another all over have no outline wrong
    swapped = np.where(truth == VOID, VOID, (truth + 1) % CLASSES)
    metric = make("boundary F1", tolerance=0, **options)
    metric.update_state(truth, swapped)
    assert value(metric) == 1
    assert metric.get_config()["by_class"] is False


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.MeanIoU(0), "classes.*at least 1"),
        (lambda: metrics.BoundaryF1(2.5), "classes.*2.5"),
        (lambda: metrics.BoundaryF1(2, tolerance=-1), "tolerance=-1 is no"),
        (
            lambda: metrics.MeanIoU(3).update_state(
                np.zeros((2, 4, 4)), np.zeros((2, 4, 5, 3))
            ),
            r"\(2, 4, 4\).*\(2, 4, 5, 3\).*sparse_y_pred=False",
        ),
        (
            lambda: metrics.MeanIoU(3).update_state(
                np.zeros((2, 4, 4)), np.zeros((2, 4, 4))
            ),
            "else .n, ..., c. with a number for each class",
        ),
        (
            lambda: metrics.BoundaryF1(3).update_state(
                np.zeros((2, 4)), np.zeros((2, 4, 3))
            ),
            r"\(2, 4\).*runs in a plane",
        ),
    ],
)
def test_bad_arguments_say_what_is_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()
