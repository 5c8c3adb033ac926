"""Solutions changed a little: the tests must notice, or a reason is listed."""

import ast

import pytest

from autograder.answers import model_answers
from autograder.build import build
from autograder.mutation import QuestionGrader, mutants, survivors
from autograder.root import derive
from tests.answers import load_survivors
from tests.autograder.conftest import REPOSITORY

pytestmark = pytest.mark.any_backend

LECTURES = sorted(path.stem for path in REPOSITORY.solutions.glob("[0-9]*.py"))
QUESTIONS = [
    (lecture, question)
    for lecture in LECTURES
    for question in model_answers(REPOSITORY.solutions / f"{lecture}.py")
    if question in load_survivors(lecture)
    or "def " in model_answers(REPOSITORY.solutions / f"{lecture}.py")[question]
]
LECTURE = '''\
# %% id="last" role="answer"
def last(x):
    """The last item."""
    ### BEGIN SOLUTION
    return x[len(x) - 1]
    ### END SOLUTION


# %% id="last-check" role="test" points=1 of="last"
assert last([7]) == 7, "last([7]) is not 7"


# %% id="until" role="answer"
def until(n):
    """The numbers below n."""
    ### BEGIN SOLUTION
    found, k = [], 0
    while k < n:
        found.append(k)
        k += 1
    return found
    ### END SOLUTION


# %% id="until-check" role="test" points=1 of="until"
assert list(until(3)) == [0, 1, 2], "until(3) is wrong"
'''
ONES = {
    "a + b": {"a - b"},
    "a * b": {"a + b"},
    "a // b": {"a * b"},
    "a ** b": {"a * b"},
    "a @ b": {"a * b"},
    "-a": {"a"},
    "not a": {"a"},
    "a and b": {"a or b"},
    "a <= b": {"a < b"},
    "a == b": {"a != b"},
    "a in b": {"a not in b"},
    "f(True)": {"f(False)"},
    "x[::2]": {"x[::3]", "x[::1]"},
    "a += 2": {"a -= 2", "a += 3", "a += 1"},
    "def f(s=1): pass": {"def f(s=2):\n    pass", "def f(s=0):\n    pass"},
    "raise ValueError(f'{a + 1} of {b - 1}')": set(),
    "assert a > 1, 'text' + str(2)": set(),
    "def f(x: 'a + 1') -> (1 + 2):\n    'text 1'": set(),
    "'text'": set(),
}


@pytest.mark.parametrize(("source", "changed"), ONES.items())
def test_what_is_changed(source, changed):
    assert {mutant.source for mutant in mutants(source)} == changed


def test_a_change_is_one_change_and_names_its_line():
    source = "def f(a):\n    b = a + 1\n    return b * b"
    found = mutants(source)
    assert [mutant.change for mutant in found] == [
        "b = a + 1 -> b = a - 1",
        "b = a + 1 -> b = a + 2",
        "b = a + 1 -> b = a + 0",
        "return b * b -> return b + b",
    ]
    lines = [mutant.source.split("\n") for mutant in found]
    originals = source.split("\n")
    for each in lines:
        assert sum(a != b for a, b in zip(each, originals, strict=True)) == 1


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mutation")
    (folder / "01_last.py").write_text(LECTURE)
    root = derive(
        REPOSITORY, folder / "class", {"Lectures.solutions": str(folder)}
    )
    build(root)
    return root


def test_a_check_that_overlooks_a_mistake_is_found(root):
    count, found = survivors(root, "01_last", "last")
    assert (count, [mutant.change for mutant in found]) == (
        3,
        ["return x[len(x) - 1] -> return x[len(x) - 2]"],
    )


def test_a_loop_that_never_ends_is_no_survivor(root):
    assert survivors(root, "01_last", "until") == (6, [])


def test_a_solution_that_fails_is_no_measure(root):
    path = root.solutions / "01_last.py"
    path.write_text(LECTURE.replace("x[len(x) - 1]", "x[len(x)]"))
    try:
        with pytest.raises(ValueError, match="last does not earn every point"):
            survivors(root, "01_last", "last")
    finally:
        path.write_text(LECTURE)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    root = derive(REPOSITORY, tmp_path_factory.mktemp("lectures") / "class")
    build(root)
    return root


@pytest.mark.parametrize(("lecture", "question"), QUESTIONS)
def test_a_lectures_survivors_are_those_with_a_reason(built, lecture, question):
    count, found = survivors(built, lecture, question)
    known = load_survivors(lecture).get(question, {})
    assert count, "nothing in this solution can be changed"
    assert {mutant.change for mutant in found} == set(known)
    assert len(known) <= 3
    assert all(known.values())


# Values that satisfy a careless comparison, whatever was asked.
NOTHING = [
    *("None", "0", "1", "True", "'text'", "float('nan')", "[]", "()", "{}"),
    *("np.empty(0)", "np.empty((0, 4))", "np.zeros((1, 1))", "np.ones(4)"),
    *("np.full((1, 1), np.nan)", "args[0] if args else None", "args"),
]


@pytest.mark.parametrize(("lecture", "question"), QUESTIONS)
def test_an_answer_that_computes_nothing_is_not_full(built, lecture, question):
    model = model_answers(built.solutions / f"{lecture}.py")[question]
    names = [
        node.name
        for node in ast.parse(model).body
        if isinstance(node, ast.FunctionDef)
    ]
    grader = QuestionGrader(built, lecture, question)
    assert grader.is_full(model)
    full = [
        value
        for value in NOTHING
        if grader.is_full(
            "import numpy as np\n"
            + "".join(
                f"def {name}(*args, **named):\n    return {value}\n"
                for name in names
            )
        )
    ]
    assert full == []
