"""LocalResponseNorm against the paper's formula, channel by channel."""

import numpy as np
import pytest

from course.layers import LocalResponseNorm
from tests.layer_contract import check_layer, to_numpy


def by_loops(a, n, k, alpha, beta):
    """Section 3.3 of the paper, written out."""
    channels = a.shape[-1]
    b = np.empty_like(a)
    for i in range(channels):
        first, last = max(0, i - n // 2), min(channels - 1, i + n // 2)
        total = sum(a[..., j] ** 2 for j in range(first, last + 1))
        b[..., i] = a[..., i] / (k + alpha * total) ** beta
    return b


@pytest.mark.parametrize(
    ("channels", "arguments"),
    [
        (8, {"n": 5, "k": 2.0, "alpha": 1e-4, "beta": 0.75}),
        (8, {"n": 5, "k": 1.0, "alpha": 0.3, "beta": 0.75}),
        (7, {"n": 3, "k": 0.5, "alpha": 2.0, "beta": 1.5}),
        (3, {"n": 7, "k": 2.0, "alpha": 1.0, "beta": 0.5}),
        (4, {"n": 1, "k": 1.0, "alpha": 1.0, "beta": 1.0}),
    ],
)
def test_it_is_the_papers_formula(channels, arguments):
    a = 30 * np.random.default_rng(0).normal(size=(2, 3, 4, channels))
    expected = by_loops(a, **arguments)
    got = to_numpy(LocalResponseNorm(**arguments)(a.astype("float32")))
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)


def test_the_defaults_are_alexnets():
    a = 100 * np.random.default_rng(0).normal(size=(1, 2, 2, 9))
    expected = by_loops(a, n=5, k=2, alpha=1e-4, beta=0.75)
    got = to_numpy(LocalResponseNorm()(a.astype("float32")))
    np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_alpha_is_not_divided_by_n():
    """Caffe's layer, whose alpha is, needs n times ours for the same."""
    a = 50 * np.ones((1, 5))
    ours = to_numpy(LocalResponseNorm(n=5, alpha=1e-4)(a))[0, 2]
    caffes = 50 / (2 + 5e-4 / 5 * 5 * 50**2) ** 0.75
    assert abs(ours - caffes) < 1e-5 * caffes


def test_half_precision_does_not_overflow():
    a = np.full((1, 5), 1000.0, "float32")
    expected = to_numpy(LocalResponseNorm()(a))
    half = to_numpy(LocalResponseNorm(dtype="mixed_float16")(a))
    np.testing.assert_allclose(half, expected, rtol=2e-3)


def test_layer_contract(tmp_path):
    def make(**arguments):
        return LocalResponseNorm(n=3, k=1.5, alpha=0.2, beta=0.6, **arguments)

    check_layer(make, (2, 3, 4, 6), tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 4}, "n=4 .*odd n.* 3 or 5"),
        ({"n": 0}, "n .*at least 1.*0"),
        ({"n": 2.5}, "n .*2.5"),
        ({"k": 0}, "k=0 .*k > 0"),
    ],
)
def test_bad_arguments_say_what_is_expected(arguments, message):
    with pytest.raises(ValueError, match=message):
        LocalResponseNorm(**arguments)
