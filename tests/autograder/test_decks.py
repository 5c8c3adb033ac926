"""Decks in Chromium, with no network: nothing is cut off, small or missing."""

import json
import re
from html import unescape

import pytest
from nbformat import v4

from autograder import browser
from autograder.__main__ import main
from autograder.build import build
from autograder.measure import faults, measure
from autograder.root import derive
from autograder.sample import LECTURE
from autograder.slides import deck, slides
from autograder.source import read
from tests.autograder.conftest import REPOSITORY, needs_browser
from tests.autograder.test_slides import PNG, cell

pytestmark = pytest.mark.any_backend

LINE = "A line of prose that says one thing and then another one.\n\n"


@pytest.fixture(scope="module")
def lecture(tmp_path_factory):
    """The deck of lecture 12, made as `make slides` makes it."""
    folder = tmp_path_factory.mktemp("lecture")
    solutions = str(REPOSITORY.solutions.resolve())
    root = derive(REPOSITORY, folder, {"Lectures.solutions": solutions})
    build(root, [LECTURE], record=False)
    return slides(root, LECTURE, folder)


def write(folder, *cells):
    """A small deck; each slide is a cell and what continues it."""
    path = folder / "03_fixture.slides.html"
    path.write_text(deck(v4.new_notebook(cells=list(cells)), "03_fixture"))
    return path


def figure(html, alt="a figure"):
    return cell("draw()", code=True, data={"text/html": html}, alt=alt)


def starts(cells):
    """The cells that begin a slide."""
    return [
        each
        for each in cells
        if each.header.get("slide") in ("slide", "subslide")
    ]


@needs_browser
def test_each_slide_of_the_lecture_fits(lecture):
    report = measure(lecture)
    assert not faults(report), "\n".join(faults(report))
    cells = read(REPOSITORY.solutions / f"{LECTURE}.py")
    shown = [slide["id"] for slide in report["slides"]]
    assert shown == [each.id for each in starts(cells)]

    notes = [each for each in cells if each.header.get("slide") == "notes"]
    assert sum(len(slide["notes"]) for slide in report["slides"]) == len(notes)
    text = unescape(lecture.read_text("utf-8"))
    alts = {each.header["alt"] for each in cells if "alt" in each.header}
    pictures = {
        picture["alt"]
        for slide in report["slides"]
        for picture in slide["pictures"]
    }
    # An animation's frames have texts of their own; its text is the whole's.
    animations = {alt for alt in alts if f'aria-label="{alt}"' in text}
    assert not alts - pictures - animations
    assert sum(slide["typeset"] for slide in report["slides"]) > 0


@needs_browser
def test_the_lecture_prints_a_page_a_slide(lecture):
    count = len(measure(lecture)["slides"])
    text = browser.print_pdf(lecture).read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", text)) == count
    boxes = set(re.findall(rb"/MediaBox\s*\[([^\]]+)\]", text))
    for box in boxes:
        _, _, width, height = map(float, box.split())
        assert width / height == pytest.approx(16 / 9, rel=0.01)


@needs_browser
def test_a_good_deck_has_no_fault(tmp_path):
    data = {"image/png": PNG}
    script = (
        f"<img id='x'><script>x.src = 'data:image/png;base64,{PNG}'</script>"
    )
    page = write(
        tmp_path,
        cell("# Sums\n\n$1 + 1$ in `$HOME`.", "slide", id="title"),
        cell("Ask.", "notes"),
        cell("## Picture", "slide", id="picture"),
        cell("draw()", code=True, data=data, alt="a dot"),
        cell("A question?", "fragment"),
        cell("draw()", "fragment", code=True, data=data, alt="two dots"),
        cell("## Film", "subslide", id="film"),
        figure(script, "a film"),
        cell("x" * 79, code=True, data={"text/plain": "7" * 79}),
        cell("$$\\frac{1}{\\sqrt 2}$$", id="formula"),
    )
    report = measure(page)
    assert faults(report) == []
    ids = [slide["id"] for slide in report["slides"]]
    assert ids == ["title", "picture", "film"]
    title, picture, film = report["slides"]
    assert [title["notes"], picture["notes"]] == [["Ask."], []]
    assert [title["typeset"], picture["fragments"]] == [1, 2]
    assert [each["alt"] for each in picture["pictures"]] == [
        "a dot",
        "two dots",
    ]
    assert film["typeset"] == 1
    assert [each["alt"] for each in film["pictures"]] == ["a film"]


WRONG = {
    "too long": (cell(LINE * 14), r"px too far down: '.*then another one"),
    "too wide": (
        cell("x" * 90, code=True, data={"text/plain": "1"}),
        r"px too far to the right: 'x+'",
    ),
    "too wide a formula": (
        cell("$$" + "a + " * 60 + "a$$"),
        r"px too far to the right",
    ),
    "too large a figure": (
        figure(
            f'<img src="data:image/png;base64,{PNG}" alt="a"'
            ' width="1200" height="700">'
        ),
        r"px too far down: '<img> a'",
    ),
    "squeezed figure": (
        figure(
            f'<img src="data:image/png;base64,{PNG}" alt="a" width="900"'
            ' style="width: 450px">'
        ),
        r"shown at 50% of its size",
    ),
    "small letters": (
        cell('<p style="font-size: 17px">small</p>'),
        r"letters of 17 px: 'small'",
    ),
    "scrolls": (
        cell(
            '<div style="height: 40px; overflow: auto">' + LINE * 3 + "</div>"
        ),
        r"cut off: '<div> A line",
    ),
    "formula": (cell("$a_$ and $\\nothing$"), r"not typeset: "),
    "lonely dollar": (cell("It costs 5$ here."), r"not typeset: 'It costs"),
    "no alt": (
        cell("draw()", code=True, data={"image/png": PNG}),
        r"a picture without alt text",
    ),
    "no alt in html": (
        figure(f'<img src="data:image/png;base64,{PNG}">', alt=None),
        r"a picture without alt text",
    ),
    "broken picture": (
        figure('<img src="data:image/png;base64,aaaa" alt="a">'),
        r"a picture does not load: 'a'",
    ),
    "asks the network": (
        figure('<img src="https://example.org/a.png" alt="a">'),
        r"the deck asks for https://example.org",
    ),
    "asks for a file": (
        figure('<link rel="stylesheet" href="icons.css">'),
        r"the deck asks for file:.*icons.css",
    ),
}


@needs_browser
@pytest.mark.parametrize("name", WRONG)
def test_a_fault_is_found_and_named(tmp_path, name):
    wrong, message = WRONG[name]
    page = write(
        tmp_path,
        cell("# Good", "slide", id="good"),
        cell("## Bad", "slide", id="bad"),
        wrong,
        cell("## Good too", "slide", id="also-good"),
    )
    found = faults(measure(page))
    assert any(re.search(message, fault) for fault in found), found
    for fault in found:
        assert fault.startswith(("bad: ", "the deck asks for")), found


@needs_browser
def test_a_fault_in_a_fragment_that_is_not_shown_yet_is_found(tmp_path):
    page = write(
        tmp_path,
        cell("## Bad", "slide", id="bad"),
        cell("first", "fragment"),
        cell(LINE * 14, "fragment"),
    )
    assert any("too far down" in fault for fault in faults(measure(page)))


SPEAKER = """<script>
(async () => {
  if (/receiver/.test(location.search)) return;
  await window.deckReady;
  let view;
  const open = window.open.bind(window);
  window.open = (...how) => view = open(...how);
  Reveal.getPlugin('notes').open();
  await new Promise((done) => setTimeout(done, 10000));
  const found = document.createElement('p');
  found.id = 'speaker';
  found.textContent = JSON.stringify([
    view.document.querySelector('.speaker-controls-notes .value').textContent,
    view.document.querySelectorAll('iframe').length,
  ]);
  document.body.append(found);
})();
</script></body>"""


@needs_browser
def test_the_speaker_sees_the_notes(tmp_path):
    page = write(
        tmp_path,
        cell("# Good", "slide", id="good"),
        cell("A question", "fragment"),
        cell("Ask the room.", "notes"),
    )
    before, _, after = page.read_text("utf-8").rpartition("</body>")
    page.write_text(before + SPEAKER + after, encoding="utf-8")
    dom = browser.dom(page.as_uri(), ["--disable-popup-blocking"])
    notes, views = json.loads(re.search(r'id="speaker">(.*?)</p>', dom)[1])
    assert notes.strip() == "Ask the room."
    assert views == 2  # this slide and the next


@needs_browser
def test_a_link_opens_the_slide_of_any_cell(tmp_path):
    page = write(
        tmp_path,
        cell("# One", "slide", id="one"),
        cell("## Two", "slide", id="two"),
        cell("## Three", "subslide", id="three"),
        cell("more", "fragment", id="more"),
    )
    for id in ("three", "more"):
        dom = browser.dom(f"{page.as_uri()}#/{id}")
        assert re.search(r'id="three" class="present"', dom)


def test_without_a_browser_the_pdf_is_refused_with_the_cure(monkeypatch):
    monkeypatch.setattr(browser, "NAMES", ("no-such-browser",))
    for option in ("--pdf", "--check"):
        assert "install the package chromium" in main(["slides", option])
