"""The feedback page: one file, which loads nothing and runs no script.

A page shows what a student wrote and what a student's code put out, so all of
it is text or a picture: markup in it is shown, not obeyed. Formulas become
MathML, which browsers draw without a program.
"""

import contextlib
import html
import re
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from latex2mathml.converter import convert
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import (
    IPythonRenderer,
    MarkdownWithMath,
)
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter
from traitlets import Unicode
from traitlets.config import Config

_TEMPLATES = Path(__file__).parent / "templates"
_KINDS = ["image/png", "image/jpeg", "text/latex", "text/markdown"]
# A longer formula is no formula; converting it could take for ever.
_MAX_FORMULA = 2000
_LINK = re.compile(r"\\(href|style|class|url)\b")  # no mathematics
# Where no font for mathematics is installed, the prime of X' is tiny.
_PRIME = ("<mi>&#x02032;</mi>", '<mo class="prime">&#x02032;</mo>')
_PICTURES = ("image/png", "image/jpeg")


class FeedbackExporter(HTMLExporter):
    """Makes the feedback page from what `Report` gathered."""

    decks = Unicode(
        "",
        help="Address of the folder in which the class finds the slides, "
        "NN_topic.slides.html; empty if they are not published.",
    ).tag(config=True)

    @property
    def default_config(self) -> Config:
        """The page's template, which nbgrader's must not replace."""
        ours = {
            "NbConvertBase": {"display_data_priority": [*_KINDS, "text/plain"]},
            "FeedbackExporter": {
                "template_name": "course_feedback",
                "extra_template_basedirs": [str(_TEMPLATES)],
            },
        }
        config = super().default_config.copy()
        config.merge(Config(ours))
        return config

    def default_filters(self):
        """nbconvert's filters and the page's own."""
        yield from super().default_filters()
        yield "formula", formula
        yield "inline", self._inline
        yield "points", lambda number: f"{round(number, 2):g}"

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict | None = None, **kw: Any
    ) -> tuple[str, dict]:
        """Write the page."""
        resources = resources if resources is not None else {}
        resources["decks"] = self.decks.rstrip("/")
        resources["code_style"] = HtmlFormatter().get_style_defs(".highlight")
        return super().from_notebook_node(nb, resources, **kw)

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Markdown as HTML, with the attachments of the cell in hand."""
        cell = context.get("cell", {})
        return _markdown(source, cell.get("attachments", {}))

    @staticmethod
    def _inline(source: str) -> str:
        """A heading's Markdown, without the paragraph around it."""
        return (
            _markdown(source).strip().removeprefix("<p>").rpartition("</p>")[0]
        )


class _Renderer(IPythonRenderer):
    """Markdown without HTML of its own, remote pictures or raw formulas."""

    def block_math(self, body: str) -> str:
        return formula(body, "block")

    def inline_math(self, body: str) -> str:
        return formula(body)

    def latex_environment(self, name: str, body: str) -> str:
        return formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture that the notebook holds; of any other its description."""
        for kind in _PICTURES:
            data = self.attachments.get(url.removeprefix("attachment:"), {})
            if url.startswith("attachment:") and kind in data:
                alt, source = html.escape(text), html.escape(data[kind])
                return f'<img alt="{alt}" src="data:{kind};base64,{source}" />'
        return f"[picture: {html.escape(text or url)}]"


def formula(latex: str, display: str = "inline") -> str:
    r"""LaTeX as MathML; what cannot be converted stays as it is.

    >>> formula("x")[-30:]
    '<mrow><mi>x</mi></mrow></math>'
    >>> formula("\\left(")
    '<code>\\left(</code>'
    """
    latex = latex.strip().strip("$")
    if len(latex) <= _MAX_FORMULA and not _LINK.search(latex):
        # whatever a student wrote between two dollars
        with contextlib.suppress(Exception):
            return convert(latex, display=display).replace(*_PRIME)
    return f"<code>{html.escape(latex)}</code>"


def _markdown(source: str, attachments: dict | None = None) -> str:
    renderer = _Renderer(
        escape=True,
        allow_harmful_protocols=False,
        exclude_anchor_links=True,
        attachments=attachments or {},
    )
    return MarkdownWithMath(renderer=renderer).render(source)
