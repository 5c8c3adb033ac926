"""What is kept of the runs on digit_scenes is what they claim to be."""

import functools

import numpy as np
import pytest

from course import reference
from course.datasets.digit_scenes import Recipe, scene
from course.metrics import BoundaryF1, MeanIoU

MOST = 3 * 2**20
"""Bytes of a kept model."""
NETWORKS = ("32s", "16s", "8s", "unet")


@functools.cache
def first_scenes():
    """The first 50 of the test part: images, masks."""
    found = [scene(Recipe(), "test", i) for i in range(50)]
    images = np.stack([each.image for each in found]).astype("float32") / 255
    return images, np.stack([each.mask for each in found]).astype("int32")


def of_backend(name):
    """The records of a run, by backend."""
    found = {}
    for record in reference.results(name):
        found.setdefault(record["backend"], []).append(record)
    return found


def test_the_kept_unet_segments_as_its_record_says():
    """50 of the 400 test scenes; others differ by up to .06."""
    images, masks = first_scenes()
    scores = reference.model("unet").predict(images, batch_size=25, verbose=0)
    np.testing.assert_allclose(scores.sum(axis=-1), 1, rtol=1e-5)
    record = reference.training("unet")["values"]["test"]
    for metric, name in ((MeanIoU, "miou"), (BoundaryF1, "boundary_f1")):
        metric = metric(14)
        metric.update_state(masks, scores)
        assert float(metric.result()) == pytest.approx(record[name], abs=0.06)


def test_the_kept_encoder_reads_digits():
    """Those of test scenes whose 32 x 32 pixels lie inside."""
    views, values = [], []
    for i in range(60):
        found = scene(Recipe(), "test", i)
        for (left, top, right, bottom), value in zip(
            found.boxes, found.classes, strict=True
        ):
            x, y = (left + right) // 2, (top + bottom) // 2
            if min(x, y) >= 16 and max(x, y) <= 96 - 16:
                views.append(found.image[y - 16 : y + 16, x - 16 : x + 16])
                values.append(value)
    images = np.stack(views).astype("float32") / 255
    scores = reference.model("encoder").predict(images, verbose=0)
    right = np.mean(scores.argmax(axis=-1) == values)
    expected = reference.training("encoder")["values"]["accuracy"]
    assert len(views) > 50
    assert right == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize("name", ["encoder", "unet"])
def test_kept_models_are_small(name):
    path = reference._folder("weights") / f"{name}.keras"
    assert path.stat().st_size < MOST


@pytest.mark.parametrize("backend", of_backend("unet"))
def test_the_unet_reaches_its_figures(backend):
    for record in of_backend("unet")[backend]:
        values = record["values"]
        assert values["test"]["miou"] >= 0.80
        assert values["test"]["outline_f1"] >= 0.92
        # two cores' five minutes, the encoder's pretraining among them
        assert values["training_cpu_seconds"] <= 600
        # of each class's own boundary; the digits' are what is hard
        assert values["test"]["boundary_f1"] >= 0.67
        for part in ("validation", "test"):
            iou = values[part]["iou"]
            assert len(iou) == 14
            assert np.mean(iou) == pytest.approx(values[part]["miou"], abs=1e-5)


@pytest.mark.parametrize("backend", of_backend("encoder"))
def test_the_encoder_reads_most_digits(backend):
    records = of_backend("encoder")[backend]
    assert np.median([r["values"]["accuracy"] for r in records]) >= 0.94


def figures_of(name, budget, figure):
    """A figure of each network of the run "skips", a seed a column."""
    records = of_backend("skips")[name]
    return np.array(
        [[r["values"][budget][n][figure] for r in records] for n in NETWORKS]
    )


@pytest.mark.parametrize("backend", of_backend("skips"))
def test_finer_skips_give_finer_detail(backend):
    """Of every seed; the networks from the coarsest to the finest."""
    for budget in ("equal_epochs", "equal_time"):
        for figure in ("miou", "boundary_f1"):
            found = figures_of(backend, budget, figure)
            assert (np.diff(found, axis=0) > 0).all(), (budget, figure)


@pytest.mark.parametrize("backend", of_backend("skips"))
def test_equal_time_is_the_unets(backend):
    """To half an epoch, if a coarser network's epochs are not slower."""
    for record in of_backend("skips")[backend]:
        equal, timed = (
            record["values"][budget]
            for budget in ("equal_epochs", "equal_time")
        )
        assert timed["unet"] == equal["unet"]
        wanted = equal["unet"]["epochs"] * equal["unet"]["step_seconds"]
        for name in NETWORKS:
            epoch = equal[name]["step_seconds"]
            spent = timed[name]["epochs"] * epoch
            is_more = timed[name]["epochs"] > equal[name]["epochs"]
            assert abs(spent - wanted) <= 0.51 * epoch or not is_more
            assert timed[name]["epochs"] >= equal[name]["epochs"]
