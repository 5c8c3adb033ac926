import shutil

import pytest

from autograder.build import build
from autograder.root import derive
from autograder.slides import slides
from autograder.source import LectureError
from tests.autograder.conftest import LECTURES, REPOSITORY


def test_slides_show_the_lecture_and_no_exercise(tiny, tmp_path):
    build(tiny, record=False)
    page = slides(tiny, "01_tiny", tmp_path).read_text(encoding="utf-8")
    assert "A tiny lecture" in page
    assert "a demo" in page  # what the cell printed
    assert '<aside class="notes">' in page
    for secret in ("Twice x", "2 * x", "not twice 3", "Why is doubling"):
        assert secret not in page


def test_a_failing_solution_makes_no_slides(tmp_path):
    folder = tmp_path / "class"
    shutil.copytree(LECTURES, folder / "solutions")
    path = folder / "solutions" / "01_tiny.py"
    text = path.read_text(encoding="utf-8").replace("2 * x", "3 * x")
    path.write_text(text, encoding="utf-8")
    root = derive(REPOSITORY, folder, {"Lectures.solutions": "solutions"})
    build(root, record=False)
    with pytest.raises(LectureError, match=r"double\(3\) is not twice 3"):
        slides(root, "01_tiny", tmp_path)
    assert not (tmp_path / "01_tiny.slides.html").exists()
