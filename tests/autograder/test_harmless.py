"""No script of a student's runs in the browser of who looks at the work."""

from html.parser import HTMLParser

import nbformat
import pytest
from nbconvert import HTMLExporter
from nbformat import v4

from autograder import harmless
from autograder.build import build
from autograder.grade import nbgrader
from autograder.student import Outputs

pytestmark = pytest.mark.any_backend

SCRIPTS = [
    "<script>alert('mine')</script>",
    "<ScRiPt src=//x/mine></sCrIpT>",
    "<img src=x onerror=\"alert('mine')\">",
    "<svg/onload=alert('mine')>",
    "<svg><script>alert('mine')</script></svg>",
    "<a href=\"javascript:alert('mine')\">x</a>",
    "<iframe srcdoc=\"<script>alert('mine')</script>\"></iframe>",
    "<math><mtext></form><form><mglyph><style></math><img src=x onerror=mine>",
    "<style>*{background:url(//x/mine)}</style>",
    "<form action=//x/mine><button>points</button></form>",
    "<details open ontoggle=mine>",
    "<!--><img src=x onerror=mine>-->",
    "<p onclick=mine>x</p>",
    "</p></div><script>mine</script>",
    "<b\nonclick=mine>x</b>",
]
LINKS = [
    "[x](javascript:alert('mine'))",
    "[x](<javascript:alert('mine')>)",
    "[x](JavaScript:mine)",
    "[x](&#106;avascript:mine)",
    "[x](java\tscript:mine)",
    "[x](\\javascript:mine)",
    "[x][a]\n\n[a]: javascript:mine",
    "![x](data:text/html,mine)",
    "<javascript:mine>",
    "$x<img src=x onerror=mine>$",
    "`<script>mine</script>",
    "```\n</code></pre><script>mine</script>\n",
]


class Active(HTMLParser):
    """Collects what a page would run or send by the student's word."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[str] = []
        self._script = False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self._script = tag in ("script", "style")
        for name, value in attributes:
            if "mine" in (value or "") and (
                name.startswith("on")
                or name in ("srcdoc", "style", "action")
                or (value or "").strip().lower().startswith(("java", "data:te"))
                or (name in ("href", "src") and "//x/" in value)
            ):
                self.found.append(f"<{tag} {name}={value}>")

    def handle_data(self, text):
        if self._script and "mine" in text:
            self.found.append(text)

    def handle_endtag(self, tag):
        self._script = False


def page(*cells) -> str:
    notebook = v4.new_notebook(cells=list(cells))
    return HTMLExporter(embed_images=False).from_notebook_node(notebook)[0]


def shown(bundle: dict) -> str:
    outputs = Outputs(1 << 20, 1)
    outputs.add({"type": "display", "data": bundle, "metadata": {"a": "b"}})
    return page(v4.new_code_cell("1", outputs=outputs.cells))


def test_without_the_cure_pages_would_run_them():
    """Or the tests below would show nothing."""
    texts = [page(v4.new_markdown_cell(text)) for text in SCRIPTS + LINKS]
    outputs = [
        page(
            v4.new_code_cell(
                outputs=[
                    v4.new_output("display_data", data={"text/html": text})
                ]
            )
        )
        for text in SCRIPTS
    ]
    assert sum(bool(Active(text).found) for text in texts) >= 16
    assert sum(bool(Active(text).found) for text in outputs) >= 12


@pytest.mark.parametrize("script", SCRIPTS + LINKS)
def test_a_text_runs_nothing(script):
    cell = v4.new_markdown_cell(harmless.markdown(script))
    assert Active(page(cell)).found == []


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize(
    "kind",
    [
        *("text/html", "text/latex", "text/markdown", "text/vnd.mermaid"),
        *("application/javascript", "image/svg+xml", "image/png"),
        *("application/vnd.jupyter.widget-view+json", "text/plain"),
    ],
)
def test_an_output_runs_nothing(kind, script):
    assert Active(shown({kind: script})).found == []


def test_what_is_shown_stays_readable():
    text = "If $a<b$ then `x < y`; x<sub>1</sub> > 2\n\n> so[^1] **said** he"
    assert harmless.markdown(text) == text.replace("<b$", "< b$")
    table = "<table><thead><tr><th>k</th></tr></thead></table>"
    assert harmless.data({"text/html": table}) == {"text/html": table}
    picture = {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}
    assert harmless.data(picture) == picture
    assert harmless.data({"application/x": "1"}) == {
        "text/plain": "[an output of type application/x]"
    }
    assert harmless.attachments(
        {
            "a b.png": {"image/png": "iVBORw0KGgo="},
            "c.png": {"image/png": 'x" onerror="mine'},
            'd" onerror="mine': {"image/png": "iVBORw0KGgo="},
        }
    ) == {"a b.png": {"image/png": "iVBORw0KGgo="}}


def test_a_graded_submission_runs_nothing(tiny):
    build(tiny)
    notebook = nbformat.read(tiny.student_notebook("01_tiny"), as_version=4)
    for cell in notebook.cells:
        if cell.id == "why":
            cell.source = "\n\n".join(SCRIPTS + LINKS)
    notebook.cells += [
        v4.new_markdown_cell("\n\n".join(SCRIPTS)),
        v4.new_raw_cell("\n\n".join(SCRIPTS)),
        v4.new_code_cell(
            "from IPython.display import display, HTML, Javascript\n"
            f"for text in {SCRIPTS!r}: display(HTML(text), Javascript(text))\n"
        ),
    ]
    path = tiny.submission("eve", "01_tiny")
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    assert nbgrader(tiny, "autograde", "01_tiny", "--log-level=ERROR") == 0
    graded = next((tiny.path / "autograded").rglob("*.ipynb"))
    notebook = nbformat.read(graded, as_version=4)
    assert "mine" in str(notebook.cells), "it was not even shown"
    assert Active(page(*notebook.cells)).found == []
