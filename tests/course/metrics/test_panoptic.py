"""Panoptic quality against a loop over pairs of segments."""

import keras
import numpy as np
import pytest

from course.metrics import PanopticQuality

VOID = 255
CLASSES = 4


def data(images=5, seed=0):
    """Blocks of segments, moved a little; void in both; class 3 nowhere."""
    rng = np.random.default_rng(seed)
    kinds = rng.choice(
        [0, 1, 1, 2, VOID], (images, 4, 4), p=[0.3, 0.2, 0.2, 0.2, 0.1]
    )
    numbers = rng.integers(0, 3, kinds.shape) * (kinds == 1)
    truth = np.stack([kinds, numbers], -1).repeat(5, 1).repeat(4, 2)
    found = np.roll(truth, (1, 1), axis=(1, 2))
    found[..., 1] += 7 * (found[..., 0] == 1)  # names mean nothing
    wrong = rng.uniform(size=found.shape[:3]) < 0.1
    found[wrong] = [2, 0]
    found[0, :8] = [1, 99]
    return truth, found


def masks(image):
    names = {tuple(pixel) for pixel in image.reshape(-1, 2) if pixel[0] != VOID}
    return {name: (image == name).all(-1) for name in sorted(names)}


def sums(truths, founds):
    """Of each class: sum of IoU, matches, false positives, false negatives."""
    total = np.zeros((CLASSES, 4))
    for truth, found in zip(truths, founds, strict=True):
        void = truth[..., 0] == VOID
        real, predicted = masks(truth), masks(found)
        done = set()
        for name, mask in real.items():
            for other, guess in predicted.items():
                union = (mask | (guess & ~void)).sum()
                overlap = (mask & guess).sum() / union
                if name[0] == other[0] and overlap > 0.5:
                    total[name[0]] += [overlap, 1, 0, 0]
                    done |= {(0, *name), (1, *other)}
        for name in real:
            total[name[0], 3] += (0, *name) not in done
        for name, guess in predicted.items():
            lost = (1, *name) not in done and (
                guess & void
            ).sum() * 2 <= guess.sum()
            total[name[0], 2] += lost
    return total


def test_values_are_those_of_a_loop():
    truth, found = data(images=12)
    metric = PanopticQuality(CLASSES, ignore_class=VOID)
    metric.update_state(truth, found)
    total = sums(truth, found)
    got = np.stack([np.asarray(v) for v in metric.variables], axis=-1)
    np.testing.assert_allclose(got, total, rtol=1e-6)
    assert (total[:3].sum(0) > 3).all()  # each kind occurs
    overlap, right, invented, missed = total[:3].T
    below = right + invented / 2 + missed / 2
    wanted = {
        "pq": overlap / below,
        "sq": overlap / np.maximum(right, 1),
        "rq": right / below,
    }
    result, each = metric.result(), metric.per_class()
    for name, values in wanted.items():
        assert float(result[name]) == pytest.approx(values.mean(), rel=1e-6)
        mine = np.asarray(keras.ops.convert_to_numpy(each[name]))
        np.testing.assert_allclose(mine[:3], values, rtol=1e-6)
        assert np.isnan(mine[3])
    pq, sq, rq = (each[name][:3] for name in ("pq", "sq", "rq"))
    np.testing.assert_allclose(pq, sq * rq, rtol=1e-5)


def test_itself_is_perfect_whatever_the_names():
    truth, _ = data()
    found = truth.copy()
    found[..., 1] = 40 - 3 * found[..., 1]
    metric = PanopticQuality(CLASSES, ignore_class=VOID)
    metric.update_state(truth, found)
    assert {float(value) for value in metric.result().values()} == {1}


def row(*pixels):
    return np.array([[[p if isinstance(p, tuple) else (p, 0) for p in pixels]]])


@pytest.mark.parametrize(
    ("truth", "found", "pq"),
    [
        # half of the union is no match: a false positive and a negative
        (row(0, 0, 1, 1), row(0, 0, 0, 0), 0),
        # 3 of 5 pixels: IoU 3/5 of class 0, class 1 missed
        (row(0, 0, 0, 1, 1), row(0, 0, 0, 0, 0), 0.3),
        # void is in no union: the same, but perfect
        (row(0, 0, 0, VOID, VOID), row(0, 0, 0, 0, 0), 1),
        # a segment in void by more than half is forgiven, by half it is not
        (row(0, 0, VOID, VOID, 0), row(0, 0, 1, 1, 1), 2 / 3),
        (row(0, 0, 0, VOID, 0), row(0, 0, 0, 1, 1), 0.375),
        # void that is predicted is no segment, only missing
        (row(0, 0, 0, 0), row(0, 0, 0, VOID), 0.75),
        # two halves of one object
        (row(0, 0, 0, 0), row((0, 1), (0, 1), (0, 2), (0, 2)), 0),
    ],
)
def test_by_hand(truth, found, pq):
    metric = PanopticQuality(2, ignore_class=VOID)
    metric.update_state(truth, found)
    assert float(metric.result()["pq"]) == pytest.approx(pq)


def test_batches_and_merges_are_one_shot():
    truth, found = data()
    whole = PanopticQuality(CLASSES, VOID)
    assert float(whole.result()["pq"]) == 0
    whole.update_state(truth, found)
    parts = [PanopticQuality(CLASSES, VOID) for _ in range(5)]
    for part, one, other in zip(parts, truth, found, strict=True):
        part.update_state(one[None], other[None])
    parts[0].merge_state(parts[1:])
    got = float(parts[0].result()["pq"])
    assert got == pytest.approx(float(whole.result()["pq"]), rel=1e-6)
    whole.reset_state()
    assert float(whole.result()["pq"]) == 0
    config = keras.saving.serialize_keras_object(whole)
    copy = keras.saving.deserialize_keras_object(config)
    assert copy.get_config() == whole.get_config()


PLAIN = np.zeros((1, 2, 2, 2))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((PLAIN, PLAIN[:, :1]), r"\(1, 2, 2, 2\).*\(1, 1, 2, 2\)"),
        ((PLAIN[..., :1], PLAIN[..., :1]), "class and instance"),
        ((PLAIN + 7, PLAIN), r"labels \[7\].*from 0 to 1"),
        ((PLAIN, PLAIN, np.ones(1)), "no weights.*metrics of compile"),
    ],
)
def test_bad_inputs_say_what_is_expected(arguments, message):
    with pytest.raises(ValueError, match=message):
        PanopticQuality(2).update_state(*arguments)
