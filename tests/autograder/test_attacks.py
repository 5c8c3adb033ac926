"""Every attack, graded by real nbgrader: what it earns and what it leaves."""

from pathlib import Path

import nbformat
import psutil
import pytest

from autograder.answers import fill
from autograder.build import build
from autograder.grade import nbgrader, scores
from autograder.root import CourseRoot, derive
from tests.autograder.attacks import ATTACKS
from tests.autograder.conftest import LECTURES, REPOSITORY, needs_sandbox

pytestmark = needs_sandbox

LECTURE = "01_tiny"
HONEST = {
    "double": "def double(x):\n    return x + x\n",
    "halve": "def halve(x):\n    return x * 0.5\n",
}
SETTINGS = {
    "Lectures.solutions": str(LECTURES),
    "CourseExecute.answer_seconds": 5,
    "CourseExecute.import_seconds": 10,
    "CourseExecute.other_seconds": 10,
    "CourseExecute.memory_mb": 2048,
}
# Around the attacks alphabetically, so graded before and after all of them.
WITNESSES = ("a-honest", "zz-honest")


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> CourseRoot:
    """A class of attackers and two honest students, graded."""
    folder = tmp_path_factory.mktemp("attacks") / "class"
    root = derive(REPOSITORY, folder, SETTINGS)
    build(root)
    for student in WITNESSES:
        submit(root, student, HONEST)
    for attack in ATTACKS:
        answers = HONEST | {"double": attack.double}
        submit(root, f"b-{attack.name}", answers, attack.above)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATTACK_SECRET", "of the assistant's environment")
        before = contents(folder)
        assert nbgrader(root, "autograde", LECTURE, "--log-level=50") == 0
    changed = [path for path, text in before.items() if content(path) != text]
    assert changed == [], "a submission changed the class's files"
    return root


def submit(root: CourseRoot, student: str, answers: dict, above: str = ""):
    stub = nbformat.read(root.student_notebook(LECTURE), as_version=4)
    notebook = fill(stub, answers)
    if above:
        place = [cell.id for cell in notebook.cells].index("double")
        notebook.cells.insert(place, nbformat.v4.new_code_cell(above))
    path = root.submission(student, LECTURE)
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def contents(folder: Path) -> dict[Path, bytes]:
    """What must stay as it is: sources and submissions."""
    return {
        path: path.read_bytes()
        for part in ("build", "submitted", "notebooks")
        for path in (folder / part).rglob("*")
        if path.is_file()
    }


def content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


@pytest.fixture(scope="module")
def points(root) -> dict[str, dict[str, float]]:
    return {row.student: row.points for row in scores(root, LECTURE)}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_earns_nothing(points, attack):
    earned = points[f"b-{attack.name}"]
    assert earned["double"] == 0
    assert earned["halve"] >= attack.halve


@pytest.mark.parametrize("student", WITNESSES)
def test_the_honest_are_graded_before_and_after(points, student):
    assert points[student]["double"] == 2
    assert points[student]["halve"] == 1.5


def test_no_process_is_left(root):
    left = [
        process.info
        for process in psutil.process_iter(["cmdline", "ppid"])
        if "attack_left_behind" in " ".join(process.info["cmdline"] or [])
        or (
            "autograder.zygote" in (process.info["cmdline"] or [])
            and process.info["ppid"] == 1  # whoever started it is gone
        )
    ]
    assert left == []
