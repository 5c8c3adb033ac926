"""The generated files of the repository are what their sources make."""

import os
import subprocess

import pytest

from autograder.build import differences
from tests.autograder.conftest import REPOSITORY


def test_the_student_notebooks_are_current():
    assert differences(REPOSITORY) == []


@pytest.mark.skipif(
    "CI" not in os.environ, reason="between commits they may differ"
)
def test_the_committed_notebooks_are_the_current_ones():
    changed = subprocess.run(
        ["git", "status", "--porcelain", "--", "notebooks"],
        cwd=REPOSITORY.path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert changed == "", "commit what `python -m autograder build` writes"
