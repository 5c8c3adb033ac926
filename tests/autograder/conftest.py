import os
from pathlib import Path

import pytest

from autograder import browser
from autograder.root import CourseRoot, derive
from autograder.sandbox import missing

# Lecture sources are not modules: pytest must not import them.
collect_ignore = ["lectures"]

# Where no sandbox is possible, what does not test the sandbox itself runs
# without one; what does says that it did not run.
NO_SANDBOX = missing()
needs_sandbox = pytest.mark.skipif(
    NO_SANDBOX is not None, reason=f"no sandbox on this machine: {NO_SANDBOX}"
)
if NO_SANDBOX is not None:
    os.environ["COURSE_SANDBOX"] = "off"

needs_browser = pytest.mark.skipif(
    browser.find() is None, reason=f"browser test: {browser.MISSING}"
)

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


def pytest_terminal_summary(terminalreporter):
    """Say that browser tests did not run: a line of dots would not."""
    skipped = terminalreporter.stats.get("skipped", [])
    count = sum("browser test: " in str(report.longrepr) for report in skipped)
    if count:
        terminalreporter.write_line(
            f"{count} browser tests did not run: {browser.MISSING}",
            yellow=True,
        )
