"""The feedback page and what the assistant is told, through real nbgrader."""

import re
import shutil

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat import v4
from nbgrader.api import Gradebook

from autograder.answers import fill, model_answers
from autograder.build import build
from autograder.grade import grade
from autograder.page import FeedbackExporter, formula
from autograder.root import CourseRoot, derive
from autograder.verdict import Verdict, record
from tests.autograder.conftest import LECTURES, REPOSITORY
from tests.autograder.test_grade import nbgrader

pytestmark = pytest.mark.any_backend

NAME = "03_page"
SOURCES = LECTURES / "feedback"
MODEL = model_answers(SOURCES / f"{NAME}.py")
FAR = "http://example.org/spy"
SETTINGS = {
    "Lectures.solutions": "solutions",
    "CourseExecute.answer_seconds": 3,
    "FeedbackExporter.decks": "https://example.org/decks/",
}
# Whatever could make a page load something, where a student can put it.
HOSTILE = f"""![spy]({FAR}.png) <img src="{FAR}.gif"><script src="{FAR}.js">
</script> <iframe src="{FAR}"></iframe> [link](javascript:alert(1))
![local](../../../gradebook.db) $\\href{{{FAR}}}{{x}} <b>$
"""
IMAGE = f'<image href="{FAR}"/>'
HOSTILE_OUTPUT = f"""
from IPython.display import HTML, Javascript, Markdown, SVG, display
display(HTML('<img src="{FAR}">'), Javascript("fetch('{FAR}')"))
display(Markdown('<img src="{FAR}"> ![a]({FAR})'))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg">{IMAGE}</svg>'))
spy = {{"image/png": "{FAR}"}}
display({{"image/png": "x"}}, raw=True, metadata={{"filenames": spy}})
"""
STUDENTS = {
    "perfect": MODEL,
    "hostile": MODEL
    | {"why": HOSTILE, "halve": MODEL["halve"] + HOSTILE_OUTPUT},
    "wrong": MODEL | {"double": "def double(x):\n    return x"},
    "raises": MODEL
    | {"double": "def half(x):\n    return x / 0\ndouble = lambda x: half(x)"},
    "fault": MODEL | {"double": "import math as double"},
    "loop": MODEL | {"halve": "def halve(x):\n    while True: pass"},
    "stub": {},
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> CourseRoot:
    folder = tmp_path_factory.mktemp("feedback") / "class"
    shutil.copytree(SOURCES, folder / "solutions")
    root = derive(REPOSITORY, folder, SETTINGS)
    build(root)
    stub = nbformat.read(root.student_notebook(NAME), 4)
    for student, answers in STUDENTS.items():
        path = root.submission(student, NAME)
        path.parent.mkdir(parents=True)
        nbformat.write(fill(stub, answers), path)
    assert grade(root, NAME) == 0
    return root


def page(root: CourseRoot, student: str) -> BeautifulSoup:
    text = root.feedback(student, NAME).read_text(encoding="utf-8")
    return BeautifulSoup(text, "html.parser")


def card(root: CourseRoot, student: str, number: int) -> BeautifulSoup:
    return page(root, student).find(id=f"_question-{number}")


def words(element: BeautifulSoup) -> str:
    return " ".join(element.get_text(" ").split())


def autograded(root: CourseRoot, student: str, name: str):
    path = root.path / "autograded" / student / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, 4)
    return next(cell for cell in notebook.cells if cell.id == name)


@pytest.mark.parametrize("student", STUDENTS)
def test_the_page_loads_nothing(graded, student):
    soup = page(graded, student)
    policy = soup.find("meta", {"http-equiv": "Content-Security-Policy"})
    assert policy["content"] == (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    )
    loads = ["script", "link", "iframe", "object", "embed", "video", "svg"]
    assert soup.find_all(loads) == []
    for element in soup.find_all(True):
        for key, value in element.attrs.items():
            assert not key.startswith("on"), element
            if key == "href":
                is_deck = value.startswith("https://example.org/decks/")
                assert value.startswith("#") or is_deck, element
            elif key in ("src", "srcset", "data", "poster", "action", "style"):
                assert str(value).startswith("data:image/"), element
    for style in soup.find_all("style"):
        assert not re.search(r"url\(|@import", style.get_text())


def test_what_a_student_wrote_is_shown_as_text():
    shown = FeedbackExporter().markdown2html({"cell": {}}, HOSTILE)
    soup = BeautifulSoup(shown, "html.parser")
    found = {element.name for element in soup.find_all(True)}
    assert found <= {"p", "a", "code"}
    assert "[picture: spy]" in words(soup)
    assert f'<iframe src="{FAR}"></iframe>' in words(soup)
    assert [link["href"] for link in soup.find_all("a")] == ["#harmful-link"]


def test_a_pasted_picture_is_shown_from_the_page_itself():
    cell = {"attachments": {"a.png": {"image/png": "QUJD"}}}
    exporter = FeedbackExporter()
    shown = exporter.markdown2html({"cell": cell}, "![two](attachment:a.png)")
    (picture,) = BeautifulSoup(shown, "html.parser").find_all("img")
    expected = {"alt": "two", "src": "data:image/png;base64,QUJD"}
    assert picture.attrs == expected
    shown = exporter.markdown2html({"cell": cell}, "![two](attachment:b.png)")
    assert "[picture: two]" in shown


@pytest.mark.parametrize("student", STUDENTS)
def test_every_question_has_points_and_a_link_that_leads_somewhere(
    graded, student
):
    soup = page(graded, student)
    ids = {element["id"] for element in soup.find_all(id=True)}
    for row in soup.select(".summary tbody tr"):
        assert len(row.find_all("td")[2].get_text().strip()) > 10
    for link in soup.find_all("a"):
        target = link["href"]
        is_known = target[1:] in ids or target.startswith("https://")
        assert is_known or target == "#harmful-link", target
    links = [
        [link["href"] for link in section.select(".links a")]
        for section in soup.select(".card")
    ]
    deck = f"https://example.org/decks/{NAME}.slides.html#/"
    assert links == [
        ["#double", "#early", f"{deck}early"],
        ["#halve", "#late", f"{deck}late"],
        ["#why", "#late", f"{deck}late"],
    ]
    titles = [words(head) for head in soup.select(".card h3")]
    assert titles[1:] == [
        "Question 2. Half",
        "Question 3. Why is doubling linear?",
    ]


def test_a_full_score_is_said_kindly_and_briefly(graded):
    text = words(card(graded, "perfect", 1).select_one("p"))
    assert text == "All right, well done."
    assert "3 of 3" in words(card(graded, "perfect", 1))
    assert "Hint" not in words(page(graded, "perfect"))


def test_a_wrong_answer_reads_message_and_hint_of_each_check(graded):
    first, second = card(graded, "wrong", 1).select(".finding")
    assert words(first) == (
        "Check 1 of 2: 0 of 2 points double(3) is not what adding makes of it."
        " Hint: How many times is 3 in it? The check that failed "
        "assert double(3) == 6"
    )
    assert words(second) == (
        "Check 2 of 2: 0 of 1 points double of an array returned [0, 1, 2, 3]. "
        "Hint: What of its 1. Entry?"
    )


def test_an_error_shows_the_way_through_the_students_code(graded):
    finding = words(card(graded, "raises", 1).select_one(".finding"))
    assert "double(3) raised ZeroDivisionError: division by zero" in finding
    assert "In a cell of yours, line 2, in half return x / 0" in finding
    assert "ipython-input" not in finding


def test_a_lost_process_is_told(graded):
    assert "did not come back in time" in words(card(graded, "loop", 2))
    teachers = autograded(graded, "loop", "halve-check").outputs[1].text
    assert "process was lost here" in teachers


def test_an_untouched_question_asks_for_an_answer(graded):
    for number in (1, 2, 3):
        text = words(card(graded, "stub", number))
        assert "Nothing was filled in here yet." in text
        assert "NotImplementedError" not in text


@pytest.mark.parametrize("student", STUDENTS)
def test_the_page_keeps_the_teachers_secrets(graded, student):
    text = words(page(graded, student))
    secrets = ["secret", "arange", "[0, 2, 4, 6]", "HIDDEN", "marking scheme"]
    secrets += ["For the teacher", "Traceback", "autograder", "HandleError"]
    if student not in ("perfect", "wrong", "raises", "fault", "loop"):
        secrets.append("One point for the sum")  # others handed it in
    assert [secret for secret in secrets if secret in text] == []


def test_formulas_need_no_program(graded):
    title = page(graded, "perfect").find(id="title")
    inline, block = title.find_all("math")[1:]
    assert words(inline) == "2 x"
    assert block["display"] == "block"
    assert [words(cell) for cell in block.find_all("mtd")] == ["1", "2"]
    assert "$" not in words(title)
    assert "&lt;" in formula("a < b") or "&#x0003C;" in formula("a < b")
    assert formula("x" * 3000) == f"<code>{'x' * 3000}</code>"


def test_the_assistant_reads_the_marking_scheme_below_the_text(graded):
    path = graded.path / "autograded" / "perfect" / NAME / f"{NAME}.ipynb"
    cells = nbformat.read(path, 4).cells
    place = next(i for i, cell in enumerate(cells) if cell.id == "why")
    assert "One point for the sum" in cells[place + 1].source
    assert "marking scheme" in cells[place + 1].source


@pytest.fixture
def later(graded, tmp_path) -> CourseRoot:
    shutil.copytree(graded.path, tmp_path / "class")
    return derive(REPOSITORY, tmp_path / "class", SETTINGS)


def grades(root: CourseRoot, student: str) -> dict[str, tuple]:
    with Gradebook(root.coursedir().db_url) as gradebook:
        notebook = gradebook.find_submission_notebook(NAME, NAME, student)
        return {
            grade.name: (
                grade.auto_score,
                grade.manual_score,
                grade.needs_manual_grade,
            )
            for grade in notebook.grades
        }


def test_a_check_that_could_not_be_done_is_the_assistants(later):
    found = grades(later, "fault")
    assert found["double-check"] == (None, None, True)
    assert found["halve-check"] == (1.5, None, False)
    teachers = autograded(later, "fault", "double-check").outputs[1].text
    assert "This check could not be done." in teachers
    assert "the check uses ['double'] without importing it" in teachers
    told = words(card(later, "fault", 1))
    assert "– of 3" in told
    assert "Your teacher will look at it" in told
    place = (NAME, NAME, "fault")
    with Gradebook(later.coursedir().db_url) as gradebook:
        gradebook.find_grade("double-check", *place).manual_score = 1
        comment = gradebook.find_comment("double", *place)
        comment.manual_comment = "Return a number, *not* an object."
        gradebook.db.commit()
    for command in (("autograde", "--force"), ("generate_feedback",)):
        result = nbgrader(
            later, command[0], NAME, "--student=fault", *command[1:]
        )
        assert result.returncode == 0, result.stderr
    assert grades(later, "fault")["double-check"] == (None, 1, True)
    told = words(card(later, "fault", 1))
    assert "Your teacher writes: Return a number, not an object." in told
    assert "gave these points" in told


def test_a_verdict_is_recorded_for_two_readers():
    cell = v4.new_code_cell()
    verdict = Verdict(0, 2, "E", "told", is_fault=True, detail="secret")
    record(verdict, cell)
    assert cell.metadata.course["verdict"]["message"] == "told"
    assert "secret" not in str(cell.metadata)
    error, note = cell.outputs
    assert error.output_type == "error"
    assert "secret" not in str(error)
    assert (note.name, "secret" in note.text) == ("stdout", True)
