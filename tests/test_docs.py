"""README's picture is what its program draws."""

import runpy
from pathlib import Path

import pytest

pytestmark = pytest.mark.any_backend

DOCS = Path(__file__).parents[1] / "docs"


def test_the_picture_is_current(tmp_path):
    program = runpy.run_path(str(DOCS / "picture.py"))
    program["draw"](tmp_path / "drawn.svg")
    drawn = (tmp_path / "drawn.svg").read_bytes()
    assert program["PICTURE"].read_bytes() == drawn, (
        "docs/convolution_matrix.svg is not current: run python docs/picture.py"
    )
