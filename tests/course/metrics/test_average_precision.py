"""Average precision against loops over sorted detections, and laws."""

import keras
import numpy as np
import pytest
from sklearn.metrics import precision_recall_curve

from course.metrics import AveragePrecision

CLASSES = 3


def iou(a, b):
    sides = [min(a[i + 2], b[i + 2]) - max(a[i], b[i]) for i in (0, 1)]
    shared = max(sides[0], 0) * max(sides[1], 0)
    areas = [(x[2] - x[0]) * (x[3] - x[1]) for x in (a, b)]
    return shared / (sum(areas) - shared)


def covered(a, b):
    sides = [max(min(a[i + 2], b[i + 2]) - max(a[i], b[i]), 0) for i in (0, 1)]
    return sides[0] * sides[1] / ((a[2] - a[0]) * (a[3] - a[1]))


def data(images=12, seed=0, ignored=False):
    """Objects of classes 0 and 1; detections that miss, repeat and invent."""
    rng = np.random.default_rng(seed)
    truths, founds = [], []
    for i in range(images):
        count = rng.integers(0, 5) if i else 0
        corner = rng.uniform(0, 20, (count, 2))
        boxes = np.hstack([corner, corner + rng.uniform(5, 10, (count, 2))])
        labels = rng.integers(0, 2, count)
        truth = {"boxes": boxes, "labels": labels}
        if ignored:
            truth["ignore"] = rng.uniform(size=count) < 0.3
        source = rng.integers(0, max(count, 1), 9 if count else 0)
        near = boxes[source] + rng.normal(0, 1.2, (len(source), 4))
        kinds = np.where(rng.uniform(size=len(source)) < 0.8, labels[source], 2)
        kinds[::5] = 1 - kinds[::5].clip(0, 1)
        found = {
            "boxes": near.round(3),
            "labels": kinds,
            "scores": rng.permutation(1000)[: len(source)] / 1000
            + rng.uniform(0, 1e-6, len(source)),
        }
        truths.append(truth)
        founds.append(found)
    return truths, founds


def flags(truths, founds, label, threshold, matching, most=None):
    """[(score, right)] of a class, highest score first, ignored ones left out;
    and the number of objects."""
    entries = []
    for image, found in enumerate(founds):
        mine = [
            (s, image, b)
            for b, k, s in zip(
                found["boxes"], found["labels"], found["scores"], strict=True
            )
            if k == label
        ]
        entries += sorted(mine, key=lambda e: -e[0])[:most]
    objects, used, result = 0, set(), []
    for truth in truths:
        ignore = truth.get("ignore", np.zeros(len(truth["labels"]), bool))
        objects += ((truth["labels"] == label) & ~ignore).sum()
    for score, image, box in sorted(entries, key=lambda e: -e[0]):
        truth = truths[image]
        best, best_key, best_ignored = None, None, False
        for j, other in enumerate(truth["boxes"]):
            if truth["labels"][j] != label:
                continue
            ignored = "ignore" in truth and truth["ignore"][j]
            overlap = iou(box, other)
            if matching == "coco":
                if ignored:
                    overlap = covered(box, other)
                elif (image, j) in used:
                    continue
            key = (matching == "voc" or not ignored, overlap)
            if overlap >= threshold and (best is None or key > best_key):
                best, best_key, best_ignored = j, key, ignored
        if best is None:
            result.append((score, 0))
        elif not best_ignored:
            result.append((score, int((image, best) not in used)))
            used.add((image, best))
    return result, objects


def average_precision(entries, objects, points):
    curve, right = [], 0
    for rank, (_, hit) in enumerate(entries, start=1):
        right += hit
        curve.append((right / objects, right / rank))

    def at(recall):
        return max((p for r, p in curve if r >= recall - 1e-9), default=0.0)

    if points:
        return np.mean([at(k / (points - 1)) for k in range(points)])
    return sum(at(k / objects) for k in range(1, objects + 1)) / objects


POINTS = {"area": None, "11-point": 11, "101-point": 101}


@pytest.mark.parametrize("ignored", [False, True])
@pytest.mark.parametrize("matching", ["voc", "coco"])
@pytest.mark.parametrize("interpolation", POINTS)
def test_values_are_those_of_a_loop(interpolation, matching, ignored):
    truths, founds = data(ignored=ignored)
    thresholds = (0.3, 0.5, 0.75)
    metric = AveragePrecision(CLASSES, thresholds, interpolation, matching)
    metric.update_state(truths, founds)
    got = metric.per_class()
    assert np.isnan(got[:, 2]).all()  # predicted, but without an object
    for i, threshold in enumerate(thresholds):
        for label in (0, 1):
            entries = flags(truths, founds, label, threshold, matching)
            wanted = average_precision(*entries, POINTS[interpolation])
            assert got[i, label] == pytest.approx(wanted, rel=1e-9)
    assert 0.05 < got[0, 0] < 0.95
    wanted = pytest.approx(got[:, :2].mean(), rel=1e-6)
    assert float(metric.result()) == wanted


def test_coco_is_the_mean_over_thresholds():
    truths, founds = data(seed=1)
    metric = AveragePrecision.coco(CLASSES)
    metric.update_state(truths, founds)
    wanted = [
        average_precision(*flags(truths, founds, label, t / 100, "coco"), 101)
        for t in range(50, 100, 5)
        for label in (0, 1)
    ]
    assert float(metric.result()) == pytest.approx(np.mean(wanted), rel=1e-6)


def test_at_most_so_many_detections_of_an_image():
    truths, founds = data(seed=2)
    metric = AveragePrecision(CLASSES, max_detections=2)
    metric.update_state(truths, founds)
    wanted = [
        average_precision(*flags(truths, founds, label, 0.5, "voc", 2), None)
        for label in (0, 1)
    ]
    assert float(metric.result()) == pytest.approx(np.mean(wanted), rel=1e-6)


ONE = {"boxes": [[0, 0, 10, 10]], "labels": [0]}


def precision(truths, founds, **options):
    metric = AveragePrecision(1, **options)
    metric.update_state(truths, founds)
    return float(metric.result())


def found(*pairs):
    boxes, scores = zip(*pairs, strict=True)
    return {"boxes": boxes, "labels": [0] * len(boxes), "scores": scores}


HIT, MISS = [0, 0, 10, 9], [50, 50, 60, 60]


@pytest.mark.parametrize("matching", ["voc", "coco"])
def test_what_counts_by_hand(matching):
    options = {"matching": matching}
    assert precision([ONE], [found((HIT, 0.9))], **options) == 1
    # a duplicate before a miss costs as much as a miss
    two = {"boxes": [[0, 0, 10, 10], [20, 20, 30, 30]], "labels": [0, 0]}
    other = [20, 20, 30, 30]
    twice = found((HIT, 0.9), (HIT, 0.8), (other, 0.7))
    value = (1 + 2 / 3) / 2
    assert precision([two], [twice], **options) == pytest.approx(value)
    # unless the object is one to ignore: then all three are neither
    ignored = ONE | {"ignore": [True]}
    both = [ignored, ONE], [twice, found((HIT, 0.1))]
    wrong = found((HIT, 0.9), (HIT, 0.8))
    assert precision([ignored, ONE], [wrong, both[1][1]], **options) == 1
    assert precision(*both, **options) == 0.5  # for `other` there is nothing
    # an overlap of exactly the threshold suffices
    half = found(([0, 0, 10, 5], 0.5))
    assert precision([ONE], [half], **options) == 1
    assert precision([ONE], [half], thresholds=0.51, **options) == 0


def test_voc_and_coco_differ_where_the_best_object_is_taken():
    close = {"boxes": [[0, 0, 10, 10], [0, 0, 10, 8]], "labels": [0, 0]}
    both = found(([0, 0, 10, 10], 0.9), ([0, 0, 10, 9.5], 0.8))
    assert precision([close], [both], matching="voc") == 0.5
    assert precision([close], [both], matching="coco") == 1


def test_an_object_is_preferred_to_a_crowd_around_it():
    crowd = {
        "boxes": [[0, 0, 20, 20], [0, 0, 10, 10]],
        "labels": [0, 0],
        "ignore": [True, False],
    }
    # all of HIT lies in the crowd, and 9/10 are what it shares with the object
    assert precision([crowd], [found((HIT, 0.9))], matching="coco") == 1
    # alone in the crowd it is neither right nor wrong; VOC has no crowds
    outside = found(([10, 10, 14, 14], 0.9), (HIT, 0.8))
    assert precision([crowd], [outside], matching="coco") == 1
    assert precision([crowd], [outside], matching="voc") == 0.5


def test_recalls_that_rounding_would_miss():
    """7 of 20 objects found reach a recall of 0.35, which is 36 of 101."""
    truths = [ONE] * 20
    founds = [found((HIT, 0.9))] * 7 + [found((MISS, 0.1))] * 13
    got = precision(truths, founds, interpolation="101-point")
    assert got == pytest.approx(36 / 101)


def test_ties_are_one_point_in_any_order():
    truths, founds = data(images=20, seed=4)
    for entry in founds:
        entry["scores"] = entry["scores"].round(1)
    values = set()
    for order in (np.arange(20), np.arange(20)[::-1]):
        metric = AveragePrecision(CLASSES)
        metric.update_state(
            [truths[i] for i in order], [founds[i] for i in order]
        )
        values.add(round(float(metric.result()), 6))
    assert len(values) == 1
    got, recall = metric.precision_recall(0)
    mine = metric._labels == 0
    right, scores = metric._right[0, mine], metric._scores[mine]
    wanted, wanted_recall, _ = precision_recall_curve(right, scores)
    np.testing.assert_allclose(got, wanted[-2::-1])
    share = right.sum() / metric._objects[0]
    np.testing.assert_allclose(recall, share * wanted_recall[-2::-1])


def test_batches_and_merges_are_one_shot():
    truths, founds = data()
    whole, parts = AveragePrecision.coco(CLASSES), []
    whole.update_state(truths, founds)
    for i in range(0, 12, 4):
        parts.append(AveragePrecision.coco(CLASSES))
        for j in range(i, i + 4):
            parts[-1].update_state([truths[j]], [founds[j]])
    parts[1].merge_state([parts[2], parts[0]])
    assert float(parts[1].result()) == float(whole.result()) > 0
    whole.reset_state()
    assert float(whole.result()) == 0
    with pytest.raises(ValueError, match="Expected the same settings"):
        whole.merge_state([AveragePrecision(CLASSES)])


def test_nothing_at_all():
    none = {"boxes": [], "labels": []}
    empty = none | {"scores": []}
    assert precision([], []) == 0
    assert precision([none, ONE], [empty, empty]) == 0
    assert precision([none, ONE], [found((MISS, 1)), found((HIT, 0.5))]) == 0.5
    metric = AveragePrecision(2)
    metric.update_state([none], [found((MISS, 1))])
    assert np.isnan(metric.per_class()).all()
    assert float(metric.result()) == 0


def test_formats_and_tensors():
    truths, founds = data()
    expected = AveragePrecision(CLASSES)
    expected.update_state(truths, founds)
    for entry in (*truths, *founds):
        boxes = entry["boxes"].reshape(-1, 4).copy()
        boxes[:, 2:] -= boxes[:, :2]
        entry["boxes"] = keras.ops.convert_to_tensor(boxes, dtype="float32")
    metric = AveragePrecision(CLASSES, format="xywh")
    metric.update_state(truths, founds)
    assert float(metric.result()) == pytest.approx(float(expected.result()))


def test_round_trip():
    metric = AveragePrecision.coco(4, name="ap")
    config = keras.saving.serialize_keras_object(metric)
    copy = keras.saving.deserialize_keras_object(config)
    assert copy.get_config() == metric.get_config()
    assert copy.thresholds[1] == 0.55


SCORED = ONE | {"scores": [0.5]}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: AveragePrecision(0), "classes.*at least 1"),
        (lambda: AveragePrecision(1, 50), "thresholds=50 are no overlaps"),
        (lambda: AveragePrecision(1, ()), "above 0 and at most 1"),
        (lambda: AveragePrecision(1, 0.5, "12"), "interpolation='12'"),
        (lambda: AveragePrecision(1, matching="x"), "'voc', 'coco'"),
        (lambda: AveragePrecision(1, max_detections=0), "max_detections"),
        (lambda: precision([ONE], []), "1 images of truth, 0 of predictions"),
        (lambda: precision([ONE], [ONE]), r"no \['scores'\]"),
        (lambda: precision([ONE | {"labels": [1]}], [SCORED]), "from 0 to 0"),
        (
            lambda: precision([ONE], [SCORED | {"scores": []}]),
            r"'scores': \(0,\)",
        ),
        (lambda: precision([ONE], [SCORED], format="x"), "source='x'"),
        (
            lambda: AveragePrecision(1).precision_recall(0, 0.7),
            "threshold=0.7 is unknown",
        ),
    ],
)
def test_bad_arguments_say_what_is_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()
