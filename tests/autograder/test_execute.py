import pytest
from nbformat import NotebookNode, v4

from autograder.execute import CourseExecute
from course.practice import for_student
from tests.autograder.conftest import NO_SANDBOX

ANSWER = {"grade": False, "solution": True, "locked": False}
TEST = {"grade": True, "solution": False, "locked": True, "points": 1}


def code(source: str, nbgrader: dict | None = None) -> NotebookNode:
    cell = v4.new_code_cell(source)
    if nbgrader is not None:
        cell.metadata["nbgrader"] = {"grade_id": cell.id, **nbgrader}
    return cell


def run(*cells: NotebookNode, student: str = "") -> list[list[NotebookNode]]:
    """The outputs of each cell, with three seconds for answers and tests."""
    notebook = v4.new_notebook(
        cells=list(cells),
        metadata={"kernelspec": {"name": "python3", "display_name": "x"}},
    )
    execute = CourseExecute(
        answer_seconds=3,
        import_seconds=2,
        sandbox="required" if NO_SANDBOX is None else "off",
    )
    notebook, _ = execute.preprocess(
        notebook, {"nbgrader": {"student": student}}
    )
    return [cell.outputs for cell in notebook.cells]


def errors(outputs: list[NotebookNode]) -> list[str]:
    return [out.ename for out in outputs if out.output_type == "error"]


def text(outputs: list[NotebookNode]) -> str:
    return "".join(out.get("text", "") for out in outputs)


def test_an_endless_loop_costs_its_own_cell_only():
    outputs = run(
        code("x = 1"),
        code("def f():\n    while True: pass", ANSWER),
        code("assert f() == 1", TEST),
        code("assert x == 1", TEST),
    )
    assert errors(outputs[2]) == ["StudentGone"]
    assert "did not come back in time" in outputs[2][0].evalue
    assert outputs[3] == []


@pytest.mark.parametrize(
    ("culprit", "error"),
    [
        (
            "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
            "while True: pass",
            "CellTimeoutError",
        ),
        ("import os; os._exit(0)", "DeadKernelError"),
    ],
)
def test_a_lost_kernel_is_replaced_and_keeps_what_had_run(culprit, error):
    outputs = run(
        code("x = 1"),
        code("y = 2; 1 / 0"),
        code(culprit, ANSWER),
        code("z = 3", ANSWER),
        code("assert (x, z) == (1, 3)", TEST),
        code("assert y == 2", TEST),
    )
    assert errors(outputs[2])[-1] == error
    assert "ran in a fresh Python" in "".join(outputs[2][-1].traceback)
    assert outputs[4] == []
    # a cell that had failed is not run again
    assert errors(outputs[5]) == ["NameError"]


def test_a_question_asks_each_student_for_other_numbers():
    """The student can neither read whose it is nor say it."""
    test = (
        "from course.practice import for_student, student\n"
        "asked = for_student(student(), 'macs', 2, secret='only here')\n"
        "assert asked.check(answer), str(asked.check(answer))"
    )
    mine = for_student("ada", "macs", 2, secret="only here").answer
    claim = "import os\nos.environ['COURSE_STUDENT'] = 'ada'\n"
    for name, want in (("ada", []), ("alan", ["AssertionError"])):
        answer = code(f"{claim}answer = {mine}", ANSWER)
        outputs = run(answer, code(test, TEST), student=name)
        assert errors(outputs[1]) == want


def test_what_an_answer_prints_costs_no_points():
    outputs = run(
        code("import warnings; warnings.warn('mind')"),
        code("def f():\n    warnings.warn('mind')\n    print('x' * 10**7)"),
        code("f()", TEST),
    )
    assert [out.name for out in outputs[0]] == ["stderr"]
    assert "mind" in text(outputs[0])
    assert outputs[2] == []


@pytest.mark.parametrize(
    ("source", "nbgrader", "seconds"),
    [
        ("x = 1", None, 60),
        ("import scipy", None, 60),
        ("x = 1", ANSWER, 10),
        ("x = 1", TEST, 10),
        ("import numpy\nfrom numpy import pi", ANSWER, 10),
        ("from scipy import signal", TEST, 10),
        ("if x:\n    import scipy.signal", ANSWER, 25),
        ("from numpy import scipy", ANSWER, 10),
    ],
)
def test_seconds_depend_on_the_cell(source, nbgrader, seconds):
    cell = code(source, nbgrader)
    execute = CourseExecute()
    execute.nb = v4.new_notebook(
        cells=[code("import numpy as np"), cell, code("import scipy")]
    )
    assert execute.seconds(cell) == seconds
