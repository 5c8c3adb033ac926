from pathlib import Path

import pytest

from autograder.root import CourseRoot, derive

# Lecture sources are not modules: pytest must not import them.
collect_ignore = ["lectures"]

REPOSITORY = CourseRoot(Path(__file__).parents[2])
LECTURES = Path(__file__).parent / "lectures"


@pytest.fixture
def tiny(tmp_path: Path) -> CourseRoot:
    """An empty class whose only lecture is lectures/01_tiny.py."""
    return derive(
        REPOSITORY,
        tmp_path / "class",
        {"Lectures.solutions": str(LECTURES)},
    )
