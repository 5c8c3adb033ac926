"""What a student hands in, made safe to be shown.

Formgrader and the feedback page show a submission's text and outputs as HTML,
with the rights of who looks at them: a script in an output, or in a written
answer, could give itself points when the assistant opens it. So nothing that
comes from a student's notebook or process may hold a script, whatever page
shows it later.
"""

import html
import re
from collections.abc import Mapping
from typing import Any

import bleach

_TAGS = {
    *bleach.ALLOWED_TAGS,
    *("br", "div", "h1", "h2", "h3", "h4", "hr", "p", "pre", "span", "sub"),
    *("sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"),
}
_ATTRIBUTES = {"*": ["align", "class", "colspan", "rowspan"]}
# A page puts these between tags or into an <img>, escaped.
_SHOWN = ("text/plain", "text/latex", "image/svg+xml")
_PICTURES = ("image/png", "image/jpeg", "image/gif")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]*=*\s*")
_TAG = re.compile(
    r"<(?!/?(?:b|br|code|em|i|p|strong|sub|sup|u)\s*/?>)(?=[a-z/!?])",
    re.IGNORECASE,
)
_ACTIVE_LINK = re.compile(
    r"(?:\(|\]:|=|<)[<'\"]*(?:javascript|vbscript|data|file):", re.IGNORECASE
)


def markdown(source: str) -> str:
    """A student's text, which shows any tag in it instead of using it.

    >>> markdown("2 < 3, x<sub>1</sub> and <img src=x>")
    '2 < 3, x<sub>1</sub> and < img src=x>'

    A text with a link that runs code is shown as its source.
    """
    compact = re.sub(r"[\s\\\x00-\x1f]", "", html.unescape(source))
    if _ACTIVE_LINK.search(compact):
        source = "\n".join(f"    {line}" for line in source.split("\n"))
    return _TAG.sub("< ", source)


def data(bundle: Mapping[str, Any]) -> dict[str, str]:
    """What of a cell's displayed data can be shown, by MIME type."""
    shown = {
        kind: value
        for kind, value in _texts(bundle).items()
        if kind in _SHOWN or (kind in _PICTURES and _BASE64.fullmatch(value))
    }
    if "text/html" in bundle:
        shown["text/html"] = bleach.clean(
            _texts(bundle)["text/html"],
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            strip=True,
        )
    if bundle and not shown:
        kinds = ", ".join(str(kind)[:40] for kind in bundle)
        shown["text/plain"] = f"[an output of type {kinds}]"
    return shown


def attachments(
    pictures: Mapping[str, Mapping[str, Any]],
) -> dict[str, dict[str, str]]:
    """The pictures pasted into a text that are pictures."""
    return {
        name: kept
        for name, bundle in pictures.items()
        if re.fullmatch(r"[\w. ()-]+", name)
        and (
            kept := {
                kind: value
                for kind, value in _texts(bundle).items()
                if kind in _PICTURES and _BASE64.fullmatch(value)
            }
        )
    }


def _texts(bundle: Mapping[str, Any]) -> dict[str, str]:
    """Each value as one text; a notebook may hold it as lines."""
    return {
        kind: "".join(value) if isinstance(value, list) else str(value)
        for kind, value in bundle.items()
    }
