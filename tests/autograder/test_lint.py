"""What the build refuses of a lecture that is well formed."""

from pathlib import Path

import pytest

from autograder.__main__ import main
from autograder.build import differences
from autograder.lint import known_claims, lint, words
from autograder.root import derive
from autograder.source import LectureError, read
from tests.autograder.conftest import LECTURES, REPOSITORY

pytestmark = pytest.mark.any_backend

FILE = "99_lint.py"
GIVEN = '# %% id="given" role="given"\nimport numpy as np\n'
ANSWER = """
# %% id="f" role="answer"
def f():
    ### BEGIN SOLUTION
    return 1
    ### END SOLUTION
"""
CHECK = '\n# %% id="f-check" role="test" points=1 of="f"\n'
SLIDE = '# %% [markdown] id="slide" slide="slide"\n'
PLOT = "from course import plots\nplots.number_grids([1])\n"


def refusal(tmp_path: Path, text: str, claims=None) -> str:
    """What the lint says of a source; empty for nothing."""
    path = tmp_path / FILE
    path.write_text(text, encoding="utf-8")
    try:
        lint(read(path), FILE, claims)
    except LectureError as error:
        return str(error)
    return ""


REFUSED = {
    "a name of a demo": (
        f"# %%\nsecret = 1\n{ANSWER}{CHECK}assert f() == secret, 'one'",
        "cell 'f-check': the test uses secret, of the cell 'cell-1', which a "
        "student can change; a test uses its answers' names only: import or "
        "define the others in it",
    ),
    "a name of a given cell": (
        f"{GIVEN}{ANSWER}{CHECK}assert np.all(f() == 1), 'one'",
        "cell 'f-check': the test uses np, of the cell 'given', which",
    ),
    "a name of another answer": (
        ANSWER.replace("f()", "g()").replace('"f"', '"g"')
        + f"{ANSWER}{CHECK}assert f() == g(), 'one'",
        "cell 'f-check': the test uses g, of the cell 'g', which",
    ),
    "a name of nobody": (
        f"{ANSWER}{CHECK}assert f() == one, 'one'",
        "cell 'f-check': the test uses one, of no cell, which",
    ),
    "no Python": (
        f"{ANSWER}{CHECK}assert f( == 1, 'one'",
        "cell 'f-check': no Python: ",
    ),
    "a silent assert": (
        f"{ANSWER}{CHECK}assert f() == 1",
        "cell 'f-check': line 1, assert f() == 1, has no message; say what was "
        "called, what came back, and a hint",
    ),
    "a silent assert that is hidden": (
        f"{ANSWER}{CHECK}assert f() == 1, 'one'\n### BEGIN HIDDEN TESTS\n"
        "for _ in range(2):\n    assert f() == 1\n### END HIDDEN TESTS",
        "cell 'f-check': line 4, assert f() == 1, has no message",
    ),
    "the library's twin": (
        ANSWER.replace("return 1", "import course.layers\n    return 1"),
        "cell 'f': the grader would refuse the model solution: course.layers "
        "is closed to this answer; write it yourself; change the solution, or "
        "what the header allows and forbids",
    ),
    "what forbids names, by a given cell's name": (
        GIVEN
        + ANSWER.replace("return 1", "return np.add(0, 1)").replace(
            '"answer"', '"answer" forbids="numpy.add"'
        ),
        "cell 'f': the grader would refuse the model solution: numpy.add is "
        "not to be used in this answer; change the solution, or what the "
        "header allows and forbids",
    ),
    "the library's twin, by a demo's name": (
        "# %%\nfrom course.layers import TransposedConv\n"
        + ANSWER.replace("return 1", "return TransposedConv(1, 1)"),
        "cell 'f': the grader would refuse the model solution: "
        "course.layers.TransposedConv is closed to this answer;",
    ),
    "what forbids names, by another answer's name": (
        GIVEN
        + ANSWER.replace('"f"', '"g"')
        .replace("def f", "def g")
        .replace("return 1", "return np.add(0, 1)")
        + ANSWER.replace("return 1", "return g()")
        .replace('"answer"', '"answer" forbids="numpy.add"')
        .replace("def f", "def h")
        .replace('"f"', '"h"'),
        "cell 'h': the grader would refuse the model solution: numpy.add is "
        "not to be used in this answer (in a cell that this answer uses);",
    ),
    "an empty solution": (
        ANSWER.replace("    return 1\n", ""),
        "cell 'f': the model solution is empty; write it",
    ),
    "a figure without alt text": (
        f'{SLIDE}# A figure.\n\n# %% id="figure"\n{PLOT}',
        "cell 'figure': a figure without a text for those who cannot see it; "
        'say what it shows: alt="..." in the header',
    ),
    "a figure of pyplot, imported above": (
        "# %%\nfrom matplotlib import pyplot as plt\n\n"
        '# %% id="figure"\nfor i in range(2):\n    plt.plot([i])\n',
        "cell 'figure': a figure without a text",
    ),
    "a figure of a function above": (
        "# %%\nfrom course import plots\ndef draw():\n"
        '    plots.number_grids([1])\n\n# %% id="figure"\ndraw()\n',
        "cell 'figure': a figure without a text",
    ),
    "a slide of code and spaces": (
        f"{SLIDE}# ## A heading\n#   \n# ## Another\n\n# %%\nprint(1)\n",
        "cell 'slide': a slide of code alone",
    ),
    "a slide of code alone": (
        f"{SLIDE}# ## A heading\n\n# %%\nprint(1)\n",
        "cell 'slide': a slide of code alone; say in a sentence what to look "
        "for, or show a figure",
    ),
    "81 words": (
        SLIDE + "# # Heading\n#\n" + "# word word word word word\n" * 16,
        "cell 'slide': 81 words on a slide; expected at most 80: say less, or "
        "begin a subslide",
    ),
    "81 words with its fragments": (
        f'{SLIDE}# word\n\n# %% [markdown] slide="fragment"\n'
        + "# word word word word word\n" * 16,
        "cell 'slide': 81 words on a slide",
    ),
}
ACCEPTED = {
    "names of its own": (
        f"{ANSWER}{CHECK}import numpy as np\none = np.ones(1)\n"
        "def same(x):\n    return len(x) == 1 and x == one\n"
        "assert same([f()]), 'one'"
    ),
    "two answers": ANSWER.replace("f()", "g()").replace('"f"', '"g"')
    + ANSWER
    + CHECK.replace('of="f"', 'of="f g"')
    + "assert f() == g(), 'one'",
    "a solution with what is given": GIVEN
    + ANSWER.replace("return 1", "return np.add(0, 1)"),
    "a twin that is allowed": ANSWER.replace(
        "return 1", "import course.layers\n    return 1"
    ).replace('"answer"', '"answer" allows="course.layers"'),
    "a figure's function": f"{SLIDE}# Text.\n\n# %%\n"
    "from course import plots\ndef draw():\n    plots.number_grids([1])\n",
    "a figure's function under a condition": f"{SLIDE}# Text.\n\n# %%\n"
    "from course import plots\nif plots:\n    def draw():\n"
    "        plots.number_grids([1])\n",
    "pyplot's settings": f"{SLIDE}# Text.\n\n# %%\n"
    "from matplotlib import pyplot as plt\nplt.rcParams['font.size'] = 18\n"
    "plt.rcParams.update({})\nplt.style.use('default')\nplt.close('all')\n",
    "a part of the plots that is not called": f"{SLIDE}# Text.\n\n# %%\n"
    "from course import plots\ngrids = plots.number_grids\n",
    "a figure with alt text, no words": f'{SLIDE}# # Heading\n\n# %% alt="1"\n'
    + PLOT,
    "code with a sentence": f"{SLIDE}# # Heading\n# See:\n\n# %%\nprint(1)\n",
    "80 words": SLIDE + "# # Heading\n#\n" + "# word\n" * 79,
    "a formula is a word": SLIDE
    + "# # Heading $a + b = c$\n#\n# $$x\n# = y$$\n#\n"
    + "# word\n" * 77,
    "a link's address is none": SLIDE
    + "# [word](https://example.org/a-b-c)\n" * 80,
    "notes do not count": SLIDE
    + "# word\n" * 80
    + '\n# %% [markdown] slide="notes"\n# word\n'
    + '\n# %% [markdown] slide="skip"\n# word\n',
    "a subslide begins anew": SLIDE
    + "# word\n" * 80
    + '\n# %% [markdown] slide="subslide"\n'
    + "# word\n" * 80,
    "exercises are no slide": f"{SLIDE}# Text.\n"
    + '\n# %% [markdown] slide="skip"\n'
    + "# word\n" * 90
    + ANSWER,
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_the_build_refuses(tmp_path, text, message):
    told = refusal(tmp_path, text)
    assert told.startswith(f"{FILE}, {message}")
    assert "\n" not in told


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
def test_the_build_accepts(tmp_path, text):
    assert refusal(tmp_path, text) == ""


def test_all_faults_are_told_at_once(tmp_path):
    text = REFUSED["a silent assert"][0] + "\n\n" + REFUSED["81 words"][0]
    told = refusal(tmp_path, text).split("\n")
    assert [line.partition(":")[0] for line in told] == [
        f"{FILE}, cell 'f-check'",
        f"{FILE}, cell 'slide'",
    ]


CLAIMED = '# %% claims="99-one 99-two"\nprint(1)\n'


def test_a_claim_needs_a_test(tmp_path):
    tested = {"99-one": FILE, "99-two": FILE, "99-other": "99_two.py"}
    assert refusal(tmp_path, CLAIMED, tested) == ""
    assert refusal(tmp_path, CLAIMED, {"99-one": FILE}) == (
        f"{FILE}, cell 'cell-1': claim '99-two' has no test; add "
        f"Claim('99-two', ...) to the table in tests/claims/{FILE}"
    )


def test_a_tested_claim_needs_a_cell(tmp_path):
    tested = dict.fromkeys(["99-one", "99-two", "99-three"], FILE)
    assert refusal(tmp_path, CLAIMED, tested) == (
        f"{FILE}, cell 'cell-1': claim '99-three' of tests/claims/{FILE} is "
        "shown by no cell; put claims='99-three' into the header of the one "
        "that computes it"
    )


def test_without_a_table_no_claim_is_looked_for(tmp_path):
    assert known_claims(tmp_path / "claims") is None
    assert refusal(tmp_path, CLAIMED, None) == ""


def test_the_table_is_read_and_not_run(tmp_path):
    (tmp_path / "12_one.py").write_text(
        "raise RuntimeError\nA = [Claim('12-a', 'deck'), Claim('12-b')]\n"
    )
    (tmp_path / "13_other.py").write_text(
        "B = Claim('13-a'), Other('13-b'), Claim(name), Claim()\n"
    )
    assert known_claims(tmp_path) == {
        "12-a": "12_one.py",
        "12-b": "12_one.py",
        "13-a": "13_other.py",
    }


def test_words_are_counted_as_a_reader_does():
    text = "## So $X' = C X$ - see [the paper](a.html), *now*\n- 3×3 isn't 2."
    assert len(words(text)) == 9


def test_a_refused_lecture_leaves_all_as_it_was(tmp_path, monkeypatch):
    root = derive(REPOSITORY, tmp_path, {"Lectures.solutions": "own"})
    (tmp_path / "own").mkdir()
    text = (LECTURES / "01_tiny.py").read_text("utf-8")
    path = tmp_path / "own" / "01_tiny.py"
    path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["build"]) is None
    before = root.student_notebook("01_tiny").read_bytes()
    path.write_text(text.replace("== 6, ", "== table, "), encoding="utf-8")
    assert main(["build"]).startswith(
        "01_tiny.py, cell 'double-check': the test uses table, of no cell"
    )
    assert root.student_notebook("01_tiny").read_bytes() == before


def test_whether_notebooks_are_current_asks_for_the_claims_too(tmp_path):
    """A fresh build lies elsewhere; the table is the course's own."""
    root = derive(REPOSITORY, tmp_path, {"Lectures.solutions": "own"})
    (tmp_path / "own").mkdir()
    (tmp_path / "tests" / "claims").mkdir(parents=True)
    (tmp_path / "own" / FILE).write_text(f"{SLIDE}# Text.\n")
    (tmp_path / "tests" / "claims" / FILE).write_text("Claim('99-one')\n")
    with pytest.raises(LectureError, match="claim '99-one' of tests"):
        differences(root)
