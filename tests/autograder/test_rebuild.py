"""What becomes of a submission's cells, without a kernel."""

import copy
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode, v4
from nbgrader.preprocessors.base import NbGraderPreprocessor

from autograder.answers import fill, model_answers
from autograder.build import instructor_notebook
from autograder.rebuild import SKIP, Lecture, read_lecture, rebuild
from tests.autograder.conftest import LECTURES

pytestmark = pytest.mark.any_backend

DEMOS = LECTURES / "rebuild" / "02_demos.py"
MODEL = model_answers(DEMOS)
ORDER = [
    "title",
    "scale",
    "table",
    "idle",
    "imports",
    "cell-7",
    "double",
    "double-check",
    "halve",
    "halve-check",
    "why",
]


@pytest.fixture(scope="module")
def lecture(tmp_path_factory) -> Lecture:
    path: Path = tmp_path_factory.mktemp("source") / "02_demos.ipynb"
    nbformat.write(instructor_notebook(DEMOS), path)
    return read_lecture(str(path), NbGraderPreprocessor())


def handed_in(lecture: Lecture, answers=MODEL) -> list[NotebookNode]:
    """The cells of a perfect submission."""
    notebook = copy.deepcopy(lecture.notebook)
    for cell, source in zip(notebook.cells, lecture.released, strict=True):
        cell.source = source
    return fill(notebook, answers).cells


def at(cells: list[NotebookNode], name: str) -> int:
    return [cell.id for cell in cells].index(name)


def own(source: str) -> NotebookNode:
    return v4.new_code_cell(source, id="mine")


def ids(notebook: NotebookNode) -> str:
    """All cells but the marking schemes, which are put in for the assistant."""
    names = [cell.id for cell in notebook.cells]
    return " ".join(name for name in names if not name.startswith("_scheme-"))


def marks(notebook: NotebookNode) -> dict[str, bool]:
    """Run the cells, without a kernel; which test cells pass."""
    namespace: dict = {}
    passed = {}
    for cell in notebook.cells:
        if cell.cell_type != "code" or SKIP in cell.metadata.get("tags", []):
            continue
        try:
            exec(cell.source, namespace)
        except Exception:
            passed[cell.id] = False
        else:
            passed[cell.id] = True
    return {name: passed[name] for name in ("double-check", "halve-check")}


FULL = {"double-check": True, "halve-check": True}
NONE = {"double-check": False, "halve-check": False}


def test_a_perfect_submission_is_as_the_source_has_it(lecture):
    notebook, notes = rebuild(lecture, handed_in(lecture))
    assert notes == []
    assert ids(notebook) == " ".join(ORDER)
    assert marks(notebook) == FULL
    check = notebook.cells[at(notebook.cells, "double-check")]
    assert "HIDDEN TESTS" in check.source
    assert check.metadata.nbgrader.points == 2


def test_a_stub_stays_a_stub(lecture):
    notebook, notes = rebuild(lecture, handed_in(lecture, {}))
    assert (marks(notebook), notes) == (NONE, [])
    assert ids(notebook) == " ".join(ORDER)


@pytest.mark.parametrize(
    ("source", "runs"),
    [
        ("double(1)", set()),
        ("print(scale)", {"scale"}),
        ("print(table)", {"scale", "table"}),
        ("%time table", {"scale", "table"}),
        ("table = 1\nprint(table)", set()),
    ],
)
def test_only_the_demos_that_a_student_uses_run(lecture, source, runs):
    cells = handed_in(lecture)
    cells.insert(at(cells, "halve"), own(source))
    notebook, _ = rebuild(lecture, cells)
    skipped = {c.id for c in notebook.cells if "tags" in c.metadata}
    assert {"scale", "table", "idle"} - skipped == runs
    assert all(c.metadata.get("tags", [SKIP]) == [SKIP] for c in notebook.cells)


def delete(*names):
    def change(cells):
        cells[:] = [cell for cell in cells if cell.id not in names]

    return change


def insert(name, *sources):
    """The student's own cells before a cell."""

    def change(cells):
        new = [own(source) for source in sources]
        cells[at(cells, name) : at(cells, name)] = new

    return change


def move(name, before):
    def change(cells):
        cell = cells.pop(at(cells, name))
        cells.insert(at(cells, before), cell)

    return change


def repeat(name, *sources):
    """Copies of a cell behind it; each with this text."""

    def change(cells):
        index = at(cells, name)
        for source in reversed(sources):
            again = copy.deepcopy(cells[index])
            again.source = source
            cells.insert(index + 1, again)

    return change


def write(name, source):
    def change(cells):
        cells[at(cells, name)].source = source

    return change


def retype(name, kind):
    def change(cells):
        index = at(cells, name)
        new = getattr(v4, f"new_{kind}_cell")
        cell = cells[index]
        cells[index] = new(cell.source, id=cell.id, metadata=cell.metadata)

    return change


def strip(*names, all_ids=False):
    """Renew cell ids, or take every trace of them."""

    def change(cells):
        for cell in cells:
            if cell.id in names or not names:
                cell.id = v4.new_raw_cell().id
                if all_ids:
                    cell.metadata = NotebookNode()

    return change


def only_cell_ids(cells):
    for cell in cells:
        cell.metadata = NotebookNode()


def tag(cells):
    for cell in cells:
        cell.metadata["tags"] = [SKIP, "raises-exception"]


STUB = """\
def double(x):
    \"\"\"Twice x.\"\"\"
    # YOUR CODE HERE
    raise NotImplementedError()"""
GOOD = "def double(x):\n    return x + x"
BAD = "def double(x):\n    return x"
HALF_OF_HELPER = "def halve(x):\n    return helper(x)"
HELPER = "helper = lambda x: x / scale"


@pytest.mark.parametrize(
    ("changes", "passes", "note", "order"),
    [
        ([tag], "double halve", "", ""),
        ([strip()], "double halve", "", ""),
        ([only_cell_ids], "double halve", "", ""),
        (
            [strip(all_ids=True)],
            "double halve",
            "double: the answer's cell had lost its id; it was found by",
            "",
        ),
        (
            [strip("why", all_ids=True)],
            "double halve",
            "why: the answer's cell had lost its id; the text",
            " ".join(ORDER),
        ),
        (
            [delete("imports", "table", "double-check")],
            "double halve",
            "table, imports, double-check: missing",
            " ".join(ORDER),
        ),
        ([delete("halve")], "double", "halve: so nothing was answered", ""),
        (
            [
                delete("halve"),
                write("double", GOOD + "\nhalve = lambda x: x / 2"),
            ],
            "double halve",
            "halve: missing",
            "",
        ),
        ([write("double", "")], "halve", "", ""),
        (
            [write("imports", "np = None")],
            "double halve",
            "imports: not as the lecture has it",
            "",
        ),
        (
            [write("double-check", "1")],
            "double halve",
            "double-check: not as the lecture has it",
            "",
        ),
        ([retype("double", "markdown")], "double halve", "a markdown cell", ""),
        ([retype("double", "raw")], "double halve", "double: this cell", ""),
        ([retype("why", "code")], "double halve", "why: this cell was", ""),
        (
            [repeat("double", GOOD, STUB)],
            "double halve",
            "double: the answer's cell is there 3 times, 2 filled in",
            "",
        ),
        ([repeat("double", BAD)], "halve", "the last one that you", ""),
        (
            [write("double", BAD), repeat("double", GOOD)],
            "double halve",
            "the last one",
            "",
        ),
        (
            [write("double", STUB), repeat("double", STUB)],
            "halve",
            "0 filled in; no one counts",
            "",
        ),
        ([repeat("double-check", "double = None")], "double halve", "", ""),
        (
            [move("why", "title"), move("halve-check", "double")],
            "double halve",
            "",
            " ".join(ORDER),
        ),
        (
            [write("halve", HALF_OF_HELPER), insert("halve", HELPER)],
            "double halve",
            "",
            " ".join(ORDER).replace(" halve ", " mine halve "),
        ),
        (
            [
                write("halve", HALF_OF_HELPER),
                insert("halve", HELPER),
                delete("double-check"),
                move("halve-check", "imports"),
                move("scale", "why"),
            ],
            "double halve",
            "double-check: missing",
            "",
        ),
        (
            [
                write("halve", HALF_OF_HELPER),
                insert("halve", HELPER),
                move("halve-check", "mine"),
            ],
            "double halve",
            "",
            " ".join(ORDER).replace(" halve ", " mine halve "),
        ),
        (
            [insert("title", "1"), insert("why", "2", "3")],
            "double halve",
            "",
            "mine " + " ".join(ORDER).replace(" why", " _own-11 _own-12 why"),
        ),
        (
            [insert("double", "x = np.ones(1)"), delete("imports", "cell-7")],
            "double halve",
            "imports, cell-7: missing",
            " ".join(ORDER).replace(" double ", " mine double ", 1),
        ),
        (
            [delete(*ORDER)],
            "",
            "title, scale, table, idle, imports, cell-7, double, double-check,"
            " and 3 more: missing",
            " ".join(ORDER),
        ),
    ],
)
def test_a_changed_notebook(lecture, changes, passes, note, order):
    cells = handed_in(lecture)
    for change in changes:
        change(cells)
    notebook, notes = rebuild(lecture, cells)
    assert {name for name, ok in marks(notebook).items() if ok} == {
        f"{name}-check" for name in passes.split()
    }
    assert note in "\n".join(notes)
    assert bool(note) == bool(notes)
    if order:
        assert ids(notebook) == order


def test_a_lecture_that_was_updated_is_told_once(lecture):
    cells = handed_in(lecture)
    for cell in cells:
        if cell.id in ("scale", "table", "imports", "double-check"):
            cell.source += "\n# as it was last week"
    notebook, notes = rebuild(lecture, cells)
    assert notes == [
        "scale, table, imports, double-check: not as the lecture has it; the "
        "original was used. Put your own work in cells of your own. If you "
        "changed nothing there, the lecture was updated after you received it."
    ]
    assert all(marks(notebook).values())


def test_a_cell_of_a_gone_question_is_the_students_own(lecture):
    cells = handed_in(lecture)
    gone = own("def third(x): ...")
    gone.metadata["nbgrader"] = {"grade_id": "third", "grade": True}
    cells.append(gone)
    notebook, notes = rebuild(lecture, cells)
    assert notebook.cells[-1].metadata == {"course": {"role": "own"}}
    assert notes == [
        "third: no question of this lecture has this name (any more); the "
        "cell was run as one of your own."
    ]


def test_a_written_answer_keeps_its_text_and_pictures(lecture):
    cells = handed_in(lecture)
    cells[-1].attachments = {"a.png": {"image/png": "AAAA"}}
    notebook, _ = rebuild(lecture, cells)
    written = next(cell for cell in notebook.cells if cell.id == "why")
    assert written.source == MODEL["why"]
    assert written.attachments == cells[-1].attachments


LOCKED = [name for name in ORDER if name not in ("double", "halve", "why")]
NAME = st.sampled_from(LOCKED)
ANYWHERE = st.sampled_from(ORDER)
SOURCE = st.sampled_from(["", "1 / 0", "np = None", "%magic", "def f(:"])


@st.composite
def mutations(draw):
    name = draw(NAME)
    return draw(
        st.sampled_from(
            [
                delete(name),
                move(name, draw(ANYWHERE.filter(lambda to: to != name))),
                repeat(name, draw(SOURCE)),
                write(name, draw(SOURCE)),
                retype(name, draw(st.sampled_from(["code", "raw"]))),
                strip(name),
                strip(name, all_ids=True),
                tag,
            ]
        )
    )


@settings(max_examples=150, deadline=None, derandomize=True)
@given(changes=st.lists(mutations(), max_size=6), perfect=st.booleans())
def test_only_the_answers_decide(lecture, changes, perfect):
    cells = handed_in(lecture, MODEL if perfect else {})
    for change in changes:
        try:
            change(cells)
        except ValueError:  # the cell is gone by now
            continue
    notebook, _ = rebuild(lecture, cells)
    assert marks(notebook) == (FULL if perfect else NONE)
    graded = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    wanted = [c for c in lecture.notebook.cells if "nbgrader" in c.metadata]
    assert [c.metadata for c in graded] == [c.metadata for c in wanted]
