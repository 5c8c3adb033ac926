"""Every claim of tests/claims/ holds."""

import numpy as np
import pytest

from tests.claims import load


@pytest.mark.parametrize("claim", load(), ids=lambda row: row.id)
def test_a_claim_holds(claim):
    got = claim.how()
    if isinstance(claim.value, np.ndarray) or _numbers(claim.value):
        assert np.shape(got) == np.shape(claim.value)
        np.testing.assert_allclose(got, claim.value, rtol=1e-5, atol=1e-6)
    else:
        assert got == claim.value


def _numbers(value) -> bool:
    """Whether a value is a number or nested lists of them, all as long."""
    try:
        return np.asarray(value).dtype.kind in "if"
    except ValueError:
        return False
