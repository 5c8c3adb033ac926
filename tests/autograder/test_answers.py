import nbformat
import pytest

from autograder.answers import endless_loop, fill, model_answers
from autograder.build import build
from tests.autograder.conftest import LECTURES

pytestmark = pytest.mark.any_backend


def test_model_answers_are_without_marks():
    answers = model_answers(LECTURES / "01_tiny.py")
    assert list(answers) == ["double", "halve", "why"]
    assert answers["halve"] == (
        'def halve(x):\n    """Half of x."""\n    return x / 2'
    )


def test_fill_changes_the_named_cells_of_a_copy(tiny):
    (path,) = build(tiny, record=False)
    stub = nbformat.read(path, 4)
    filled = fill(stub, {"halve": "halve = abs"})
    changed = {
        new.id: new.source
        for old, new in zip(stub.cells, filled.cells, strict=True)
        if old != new
    }
    assert changed == {"halve": "halve = abs"}
    assert stub == nbformat.read(path, 4)


@pytest.mark.parametrize("name", ["half", "halve-check", "imports", "cell-3"])
def test_fill_refuses_what_is_not_asked(tiny, name):
    (path,) = build(tiny, record=False)
    with pytest.raises(ValueError, match=f"{name}.*asks double, halve, why"):
        fill(nbformat.read(path, 4), {name: "1"})


def test_an_endless_loop_keeps_the_stubs_indentation():
    stub = "class A:\n    def f(self):\n        # YOUR CODE HERE\n"
    assert endless_loop(stub + "        raise NotImplementedError()") == (
        stub + "        while True:\n            pass"
    )
