"""What a drill asks, tells and counts, with and without controls."""

import pytest
from nbconvert import HTMLExporter
from nbformat import v4

from course.practice import Drill, problem

pytestmark = pytest.mark.any_backend


class Controls:
    """A drill's widget by the names of its parts."""

    def __init__(self, drill):
        choice, self.question, row, self.verdict, self.solution = (
            drill.widget().children
        )
        self.kind, self.level = choice.children
        self.field, self.check, self.show, self.next = row.children

    def say(self, answer):
        self.field.value = str(answer)
        self.check.click()
        return self.verdict.value


@pytest.fixture
def drill():
    return Drill("parameters", level=2, seed=5)


def test_a_wrong_answer_gets_its_hint_and_a_right_one_no_credit_later(drill):
    controls = Controls(drill)
    wrong, hint = next(iter(drill.problem.slips.items()))
    said = controls.say(wrong)
    assert "Not yet. Hint: " in said
    assert hint.split(" Or: ")[0].replace("'", "&#x27;") in said
    assert "0 of 1 right at the first try" in said
    said = controls.say(drill.problem.answer)
    assert "Right." in said
    assert "0 of 1" in said


def test_next_asks_another_and_forgets_what_was_said(drill):
    controls = Controls(drill)
    controls.say(drill.problem.answer)
    controls.show.click()
    assert "<ol>" in controls.solution.value
    controls.next.click()
    assert drill.problem == problem("parameters", 6, 2)
    shown = (controls.field, controls.verdict, controls.solution)
    assert [part.value for part in shown] == ["", "", ""]
    assert str(drill.problem.given["in_channels"]) in controls.question.value


def test_what_cannot_be_read_is_no_try(drill):
    controls = Controls(drill)
    for empty in ("", "many", "2 x 2"):
        assert "Not yet" in controls.say(empty)
    assert drill.score == "0 of 0 right at the first try"
    assert "1 of 1" in controls.say(drill.problem.answer)


def test_who_looks_first_has_not_answered(drill):
    Controls(drill).show.click()
    assert drill.score == "0 of 1 right at the first try"
    drill.answer(drill.problem.answer)
    assert drill.score == "0 of 1 right at the first try"


def test_kind_and_level_are_chosen(drill):
    controls = Controls(drill)
    controls.kind.value = "stack"
    controls.level.value = 3
    assert drill.problem == problem("stack", 5, 3)
    assert "<li>convolution" in controls.question.value


def test_what_is_typed_is_text_not_html(drill):
    said = Controls(drill).say("<b>5</b>")
    assert "&lt;b&gt;5" in said
    assert "<b>" not in said


def test_without_a_kernel_problems_stay_with_folded_solutions(drill):
    bundle = drill._repr_mimebundle_()
    output = v4.new_output("display_data", bundle)
    cell = v4.new_code_cell("drill", outputs=[output])
    page, _ = HTMLExporter().from_notebook_node(v4.new_notebook(cells=[cell]))
    assert "widget-view" not in page
    assert page.count("<summary>Solution</summary>") == 3
    for seed in (5, 6, 7):
        asked = problem("parameters", seed, 2)
        assert asked.question in bundle["text/plain"]
        assert f"<strong>{asked.answer}</strong>" in page


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="kind='sudoku' is unknown"):
        Drill("sudoku")
