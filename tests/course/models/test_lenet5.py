"""LeNet-5 against the sentences of its paper, in NumPy."""

import keras
import numpy as np
import pytest

from course.models import lenet5
from course.models._digit_codes import codes
from course.models.lenet5 import C3_TABLE
from tests.models import check_model, empty, error, filled, images, run, sizes
from tests.oracles import convolve

STAGES = "C1 S2 C3 S4 C5"
VALID = ((1, 1), [(0, 0)] * 2, (1, 1))


def squash(x):
    return 1.7159 * np.tanh(2 / 3 * x)


def subsampled(x, coefficient, bias):
    h, w, c = x.shape
    total = x.reshape(h // 2, 2, w // 2, 2, c).sum(axis=(1, 3))
    return squash(coefficient * total + bias)


def test_the_net_of_1998_in_numpy():
    model = filled(lambda: lenet5(full_c3=False, classifier_activation=None))
    weights = {
        layer.name: layer.get_weights() for layer in model.layers
    }  # fmt: skip
    x = images(1, 32, 32, 1)
    kernel, bias = weights["C1"]
    y = squash(convolve(x[0], kernel, *VALID) + bias)
    y = subsampled(y, *weights["S2"])
    kernel, bias = weights["C3"]
    maps, first = [], 0
    for filter_, row in enumerate(C3_TABLE):
        own = kernel[..., first : first + len(row), None]
        first += len(row)
        maps.append(convolve(y[..., row], own, *VALID) + bias[filter_])
    y = subsampled(squash(np.concatenate(maps, -1)), *weights["S4"])
    kernel, bias = weights["C5"]
    y = squash(convolve(y, kernel, *VALID) + bias).ravel()
    kernel, bias = weights["F6"]
    y = squash(y @ kernel + bias)
    expected = -((y - codes(10)) ** 2).sum(axis=1)
    assert error(run(model, x)[0], expected) <= 1e-5


@pytest.mark.parametrize("full_c3", [True, False])
def test_sizes_are_those_of_figure_2(full_c3):
    model = empty(lambda: lenet5(full_c3=full_c3))
    assert sizes(model, STAGES) == ([28, 14, 10, 5, 1], 120)
    larger = filled(lambda: lenet5(5, (37, 47, 3), full_c3=full_c3))
    assert sizes(larger, STAGES) == ([33, 16, 12, 6, 2], 120)
    assert np.isfinite(run(larger, images(2, 37, 47, 3))).all()


def test_each_map_of_s2_goes_to_ten_filters():
    """Table I has 60 crosses, ten a row."""
    maps = [channel for row in C3_TABLE for channel in row]
    assert np.bincount(maps).tolist() == [10] * 6
    assert [len(row) for row in C3_TABLE] == [3] * 6 + [4] * 9 + [6]
    assert len(set(C3_TABLE)) == 16


def test_codes_are_ten_different_drawings():
    drawings = codes(10)
    assert drawings.shape == (10, 7 * 12)
    assert set(drawings.ravel()) == {-1, 1}
    differences = (drawings[:, None] != drawings[None]).sum(axis=-1)
    assert differences[~np.eye(10, dtype=bool)].min() >= 5
    others = codes(26)
    assert set(others.ravel()) == {-1, 1}
    assert len(np.unique(others, axis=0)) == 26


def test_the_nearest_code_wins():
    """Deviation: scores are minus distances, so softmax points at it."""
    model = lenet5(full_c3=False)
    f6, last = model.get_layer("F6"), model.layers[-1]
    head = keras.Model(f6.output, last.output)
    y = run(head, codes(10).astype("float32"))
    assert y.argmax(axis=1).tolist() == list(range(10))
    assert (y.max(axis=1) > 0.99).all()


def test_codes_do_not_train():
    trainable = lenet5(full_c3=False).trainable_weights
    assert not any("codes" in weight.path for weight in trainable)


@pytest.mark.parametrize("full_c3", [True, False])
def test_contract(full_c3, tmp_path):
    def make():
        return lenet5(classes=7, full_c3=full_c3)

    check_model(make, images(8, 32, 32, 1), tmp_path)


def test_it_learns_the_digits():
    """The scanned digits of scikit-learn, a few epochs."""
    from sklearn.datasets import load_digits

    keras.utils.set_random_seed(0)
    digits = load_digits()
    x = np.kron(digits.images / 8 - 1, np.ones((4, 4)))[..., None]
    x, y = x.astype("float32"), digits.target
    model = lenet5()
    model.compile(
        keras.optimizers.Adam(2e-3),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(x[:1400], y[:1400], epochs=4, verbose=0)
    assert model.evaluate(x[1400:], y[1400:], verbose=0)[1] > 0.85
