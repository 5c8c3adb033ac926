from pathlib import Path

import pytest

from autograder.source import LectureError, read, solution, without_marks

pytestmark = pytest.mark.any_backend

TINY = Path(__file__).parent / "lectures" / "01_tiny.py"
ANSWER = """
def f():
    ### BEGIN SOLUTION
    return 1
    ### END SOLUTION
"""
F = '# %% id="f" role="answer"' + ANSWER


def source(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "99_broken.py"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_lecture_is_read_cell_by_cell():
    cells = {cell.id: cell for cell in read(TINY)}
    assert list(cells) == [
        "title",
        "cell-2",
        "cell-3",
        "imports",
        "cell-5",
        "double",
        "double-check",
        "halve",
        "halve-check",
        "why",
    ]
    assert cells["title"].source == ("# A tiny lecture\n\nTwice $x$ is $2x$.")
    assert (cells["cell-3"].role, cells["cell-3"].header) == ("lecture", {})
    assert cells["double"].header == {
        "minutes": 2,
        "allows": ("course.arithmetic",),
        "forbids": ("numpy.add", "numpy.multiply"),
    }
    assert cells["halve-check"].header == {"points": 1.5, "of": ("halve",)}
    assert cells["why"].cell_type == "markdown"


def test_magics_are_uncommented(tmp_path):
    path = source(tmp_path, "# %%\n# %matplotlib inline\nx = 1\n")
    assert read(path)[0].source == "%matplotlib inline\nx = 1"


def test_marks_are_taken_out():
    assert without_marks(ANSWER) == "\ndef f():\n    return 1\n"


@pytest.mark.parametrize(
    ("text", "cell", "message"),
    [
        ("x = 1\n# %%\n", None, "begins with 'x = 1"),
        ("", None, "begin the file with a '# %%' line"),
        ("# %% id=demo\n1", "cell-1", "the header says 'id=demo'"),
        ("# %% A title\n1", "cell-1", "the header says 'A title'"),
        ('# %% id="a" role="demo"\n1', "a", "role 'demo' is unknown"),
        ('# %% id="a" topic="x"\n1', "a", "role lecture has no key 'topic'"),
        ('# %% id="a" tags="x"\n1', None, "'x' is not of type 'array'"),
        ('# %% id="a" points=1\n1', "a", "role lecture has no key 'points'"),
        ('# %% id="a" role="given" of="f"\n1', "a", "has no key 'of'"),
        ('# %% role="given"\n1', "cell-1", "needs 'id'; add id=\"a-name\""),
        ('# %% role="answer"' + ANSWER, "cell-1", "needs 'id'"),
        (F + '# %% id="t" role="test" of="f"\n1', "t", "add points=2"),
        (F + '# %% id="t" role="test" points=1\n1', "t", "needs 'of'"),
        (
            F + '# %% id="t" role="test" points=1 of="g"\n1',
            "t",
            "of='g' names no answer above it; those above: f",
        ),
        (
            '# %% id="t" role="test" points=1 of="f"\n1\n' + F,
            "t",
            "those above: none",
        ),
        (
            F + '# %% id="t" role="test" points=0 of="f"\n1',
            "t",
            "points is 0; expected a positive number",
        ),
        (
            F + '# %% id="t" role="test" points="2" of="f"\n1',
            "t",
            "points is '2'; expected a positive number without quotes",
        ),
        (
            F + '# %% id="t" role="test" points=true of="f"\n1',
            "t",
            "points is True",
        ),
        ('# %% id="a" alt=3\n1', "a", "alt is 3; expected text"),
        ("# %% id=7\n1", 7, "id is 7; expected text in double quotes"),
        ('# %% id="A"\n1', "A", "not a legal id"),
        ('# %% id="a_b"\n1', "a_b", "not a legal id"),
        ('# %% id="cell-3"\n1', "cell-3", "is for cells without an id"),
        (f'# %% id="{"a" * 65}"\n1', "a" * 65, "at most 64"),
        ('# %% id="a"\n1\n# %% id="a"\n2', "a", "two cells have this id"),
        ('# %% id="a" slide="slides"\n1', "a", "slide 'slides' is unknown"),
        (
            '# %% id="f" role="answer" slide="slide"' + ANSWER,
            "f",
            "would show the answer to the room",
        ),
        ('# %% [raw] id="a"\n# 1', "a", "a raw cell; expected code"),
        (
            '# %% [markdown] id="f" role="answer"\n# text',
            "f",
            "role answer takes code cells, not markdown; remove [markdown]",
        ),
        (
            '# %% id="w" role="written" points=1\n1',
            "w",
            "role written takes markdown cells, not code; add [markdown]",
        ),
        ('# %% id="f" role="answer"\n1', "f", "no model solution"),
        (
            '# %% [markdown] id="w" role="written" points=1\n# Why?',
            "w",
            "no model solution",
        ),
        (
            '# %% id="f" role="answer"\n### BEGIN SOLUTION\n1',
            "f",
            "### BEGIN SOLUTION is never closed",
        ),
        (
            '# %% id="f" role="answer"\n### END SOLUTION\n1',
            "f",
            "### END SOLUTION where ### BEGIN SOLUTION is expected",
        ),
        ('# %% id="a"' + ANSWER, "a", "role lecture cannot hold BEGIN"),
        (
            F
            + '# %% id="t" role="test" points=1 of="f"\n'
            + "### BEGIN HIDDEN TESTS\n1",
            "t",
            "### BEGIN HIDDEN TESTS is never closed",
        ),
        (
            '# %% id="f" role="answer"\n### BEGIN HIDDEN TESTS',
            "f",
            "role answer cannot hold BEGIN HIDDEN TESTS",
        ),
        (
            '# %% [markdown] id="w" role="written" points=1\n'
            "# ### BEGIN MARK SCHEME",
            "w",
            "role written cannot hold BEGIN MARK SCHEME",
        ),
    ],
)
def test_a_slip_is_refused_with_its_place_and_cure(
    tmp_path, text, cell, message
):
    with pytest.raises(LectureError) as caught:
        read(source(tmp_path, text))
    place = "99_broken.py" + (f", cell {cell!r}: " if cell else ": ")
    assert str(caught.value).startswith(place)
    assert message in str(caught.value)


TAUGHT = """
# %% [markdown] id="one" slide="slide"
# One

# %% [markdown] id="two" slide="fragment"
# Two

# %% id="f" role="answer" taught="{taught}"
def f():
    ### BEGIN SOLUTION
    return 1
    ### END SOLUTION
"""


def test_a_question_names_the_slide_that_teaches_it(tmp_path):
    cells = read(source(tmp_path, TAUGHT.format(taught="one")))
    assert cells[-1].header == {"taught": "one"}


@pytest.mark.parametrize("taught", ["two", "f", "three"])
def test_what_teaches_a_question_is_a_slide(tmp_path, taught):
    path = source(tmp_path, TAUGHT.format(taught=taught))
    with pytest.raises(LectureError) as refused:
        read(path)
    assert str(refused.value) == (
        f"99_broken.py, cell 'f': taught={taught!r} names no cell with "
        'slide="slide" or slide="subslide"; take one of: one'
    )


def test_the_solution_is_what_stands_between_the_marks():
    text = "Why?\n### BEGIN SOLUTION\nSo.\n\n1 point\n### END SOLUTION\n"
    assert solution(text) == "So.\n\n1 point"
    assert solution(f"{text}More\n{text}") == "So.\n\n1 point\n\nSo.\n\n1 point"
    assert solution("Why?") == ""
