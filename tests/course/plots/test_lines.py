"""Curves in one coordinate system."""

import pytest

from course.plots import curves
from tests.figures import check_letters

pytestmark = pytest.mark.any_backend


def test_powers_of_ten_stand_at_equal_distances():
    (ax,) = curves(([1, 2], [1e-9, 1e3]), labels=["a"], powers=True).axes
    assert ax.get_yscale() == "log"
    assert len(ax.get_yticks(minor=True)) == 0
    assert curves(([1, 2], [3, 4]), labels=["a"]).axes[0].get_yscale() == (
        "linear"
    )


@pytest.mark.parametrize("y", [[1, 0], [-1, 2], [float("nan"), 1]])
def test_what_has_no_logarithm_is_refused(y):
    with pytest.raises(ValueError, match="no logarithm"):
        curves(([1, 2], y), labels=["a"], powers=True)


def test_powers_and_their_axis_have_room():
    check_letters(
        curves(
            ([1, 2], [1e-20, 1e3]),
            labels=["a"],
            axes=("layer", "norm of gradient"),
            powers=True,
        )
    )
