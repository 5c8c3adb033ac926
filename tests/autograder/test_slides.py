import re
import shutil
from base64 import b64decode
from html import unescape

import pytest
from nbformat import v4

from autograder.build import build
from autograder.root import derive
from autograder.slides import deck, slides
from autograder.source import LectureError
from tests.autograder.conftest import LECTURES, REPOSITORY

pytestmark = pytest.mark.any_backend


def test_slides_show_the_lecture_and_no_exercise(tiny, tmp_path):
    build(tiny, record=False)
    page = slides(tiny, "01_tiny", tmp_path).read_text(encoding="utf-8")
    assert "A tiny lecture" in page
    assert "a demo" in page  # what the cell printed
    assert '<aside class="notes">' in page
    for secret in ("Twice x", "2 * x", "not twice 3", "Why is doubling"):
        assert secret not in page


def test_a_failing_solution_makes_no_slides(tmp_path):
    folder = tmp_path / "class"
    shutil.copytree(LECTURES, folder / "solutions")
    path = folder / "solutions" / "01_tiny.py"
    text = path.read_text(encoding="utf-8").replace("2 * x", "3 * x")
    path.write_text(text, encoding="utf-8")
    root = derive(REPOSITORY, folder, {"Lectures.solutions": "solutions"})
    build(root, record=False)
    with pytest.raises(LectureError, match=r"double\(3\) is not twice 3"):
        slides(root, "01_tiny", tmp_path)
    assert not (tmp_path / "01_tiny.slides.html").exists()


def cell(source, slide=None, *, id="", code=False, data=None, alt=None):
    """A cell as the build writes it and the kernel leaves it."""
    made = (v4.new_code_cell if code else v4.new_markdown_cell)(source)
    made.id = id or made.id
    if slide:
        made.metadata["slideshow"] = {"slide_type": slide}
    if alt:
        made.metadata["course"] = {"alt": alt}
    if data:
        made.outputs = [v4.new_output("execute_result", data=data)]
    return made


def page(*cells):
    return deck(v4.new_notebook(cells=list(cells)), "03_fixture")


PNG = (  # one grey pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81y"
    "tgAAAABJRU5ErkJggg=="
)


def section(text, id):
    """The part of the page that is the slide `id`."""
    start = re.search(rf'<section[^>]* id="{id}"', text).start()
    return text[start : text.index("</section>", start)]


def test_a_slide_bears_the_id_of_its_first_cell_and_no_heading_has_another():
    text = page(
        cell("## keras", "slide", id="first"),
        cell("more", id="more"),
        cell("## other", "subslide", id="keras"),
    )
    shown = text[text.index("<body>") : text.index("window.MathJax")]
    ids = re.findall(r'<\w+[^>]* id="([^"]+)"', shown)
    assert ids == ["first", "more", "keras"]
    assert 'id="more"' in section(text, "first")
    # Sub-slides share an outer section.
    between = text[text.index('id="first"') : text.index('id="keras"')]
    assert between.count("</section>") == 1


def test_the_code_of_a_figure_is_hidden_and_other_code_is_shown():
    shown = page(
        cell("# A", "slide", id="a"),
        cell("draw()", code=True, data={"image/png": PNG}, alt='a "dot" < 2'),
        cell(
            "animate()", code=True, data={"text/html": "<b>x</b>"}, alt="film"
        ),
        cell("compute()", code=True, data={"text/plain": "41 + 1"}),
    )
    body = section(shown, "a")
    assert "draw" not in body
    assert "animate" not in body
    assert "compute" in body
    assert "41 + 1" in body
    assert unescape(re.search(r"""alt=(["'])(.*?)\1""", body)[2]) == (
        'a "dot" < 2'
    )
    assert 'aria-label="film"' in body
    picture = re.search(r'src="data:image/png;base64,([^"]+)"', body)
    assert b64decode(picture[1]) == b64decode(PNG)


def test_notes_behind_a_fragment_belong_to_the_slide():
    body = section(
        page(
            cell("# A", "slide", id="a"),
            cell("asked later", "fragment", id="later"),
            cell("say this", "notes"),
            cell("and this", "notes"),
        ),
        "a",
    )
    places = [
        body.index(text) for text in ("say this", "and this", "asked later")
    ]
    assert places == sorted(places)
    assert places[1] < body.index('<div class="fragment">')


def test_what_is_skipped_or_printed_to_stderr_is_not_in_the_deck():
    warned = cell("f()", code=True)
    warned.outputs = [v4.new_output("stream", name="stderr", text="a warning")]
    text = page(
        cell("# A", "slide", id="a"), cell("an exercise", "skip"), warned
    )
    assert "an exercise" not in text
    assert "a warning" not in text


def test_a_deck_is_one_file_that_names_no_other():
    text = page(cell("# A <b>", "slide", id="a"))
    head = text[: text.index("<style>")]
    assert "default-src 'none'" in head
    assert "<title>A &lt;b&gt;</title>" in head
    markup = re.sub(r"(?s)<(script|style)\b[^>]*>.*?</\1>", "", text)
    assert not re.findall(r"""(?:src|href)=["'](?!data:|#)""", markup)
    assert not re.findall(r"<(?:script|link)\b[^>]*(?:src|href)=", text)
    assert "Hakim El Hattab" in text
    assert "Apache License" in text


def test_controls_that_need_a_kernel_give_way_to_their_picture():
    view = "application/vnd.jupyter.widget-view+json"
    data = {view: {"model_id": "dial"}, "text/html": "<p>the picture</p>"}
    cell = v4.new_code_cell(
        "dial", outputs=[v4.new_output("display_data", data)]
    )
    cell.metadata["slideshow"] = {"slide_type": "slide"}
    notebook = v4.new_notebook(cells=[cell])
    state = {"dial": {"model_name": "Dial", "state": {}}}
    notebook.metadata["widgets"] = {
        "application/vnd.jupyter.widget-state+json": {"state": state}
    }
    page = deck(notebook, "03_fixture")
    assert "<p>the picture</p>" in page
    assert view not in page
    assert "widgets" in notebook.metadata  # the notebook keeps its own


def test_a_lecture_without_slides_is_refused():
    with pytest.raises(
        LectureError, match=r'03_fixture has no slide; .*slide="'
    ):
        page(cell("an exercise", "skip"))
