"""Does each slide of a deck fit the screen? Chromium looks, without network."""

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder import browser

_SCRIPT = Path(__file__).parent / "templates" / "measure.js"
_REPORT = re.compile(
    r'<script type="application/json" id="measured">(.*?)</script>', re.DOTALL
)


def measure(page: Path) -> dict[str, Any]:
    """What Chromium sees on each slide, all its fragments shown.

    Raises:
        BrowserError: There is no Chromium, or the deck did not open.
    """
    text = page.read_text("utf-8")
    script = f"<script>{_SCRIPT.read_text('utf-8')}</script>\n</body>"
    before, _, after = text.rpartition("</body>")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, page.name)
        copy.write_text(before + script + after, encoding="utf-8")
        dom = browser.dom(copy.as_uri())
    found = _REPORT.search(dom)
    report = json.loads(found[1]) if found else {"error": "no slide came up"}
    if "error" in report:
        raise browser.BrowserError(f"{page} does not open: {report['error']}")
    return report


def faults(report: dict[str, Any]) -> list[str]:
    """What is wrong with the measured slides, each a line with its cure."""
    wrong = [
        f"the deck asks for {url}: a deck must open with no network; put what "
        "it needs into the cell's output"
        for url in report["requests"]
    ]
    for slide in report["slides"]:
        wrong += [f"{slide['id']}: {fault}" for fault in _faults(slide)]
    return wrong


def _faults(slide: dict[str, Any]) -> Iterator[str]:
    for side, most in slide["outside"].items():
        yield (
            f"{most['pixels']} px too far {_SIDES[side]}: {most['what']!r}; "
            "say less, or begin a subslide"
        )
    for what in slide["clipped"]:
        yield f"cut off: {what!r}; give it more room, or shorten it"
    if slide["small"]:
        yield (
            f"letters of {slide['small']['size']:g} px: "
            f"{slide['small']['what']!r}; expected 24 px, 18 pt, and up"
        )
    for formula in slide["formulas"]:
        yield (
            f"not typeset: {formula!r}; mend the formula; a dollar is written "
            "as code"
        )
    for picture in slide["pictures"]:
        yield from _faults_of_picture(picture)


def _faults_of_picture(picture: dict[str, Any]) -> Iterator[str]:
    if not picture["loaded"]:
        yield f"a picture does not load: {picture['alt']!r}"
    if not picture["alt"]:
        yield 'a picture without alt text; write alt="..." in the header'
    if picture["shown"] < 0.99:
        yield (
            f"a figure is shown at {picture['shown']:.0%} of its size, so its "
            f"letters are too: {picture['alt']!r}; draw it smaller"
        )


_SIDES = {
    "left": "to the left",
    "top": "up",
    "right": "to the right",
    "bottom": "down",
}
