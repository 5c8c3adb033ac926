"""Chromium, where a machine has it: prints slides and measures them."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
MISSING = (
    "found no Chromium: none of "
    + ", ".join(NAMES)
    + "; install the package chromium, or Google Chrome"
)
SECONDS = 120
_OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--window-size=1280,720",
    # No name has an address: what the page asks of a network fails.
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


# Not seconds that pass: the page's timers may run this far, in ms.
_PATIENCE = ("--dump-dom", "--virtual-time-budget=60000")
# While the timers run ahead no frame is drawn, for which reveal.js waits.
_FRAMES = """<head><script>
window.requestAnimationFrame = (then) => setTimeout(then, 16, 0);
</script>"""
_SCRIPTS = re.compile(r"<script\b[^>]*>.*?</script>", re.DOTALL)


class BrowserError(RuntimeError):
    """Chromium is missing, or did not do what it was asked for."""


def find() -> str | None:
    """The Chromium or Chrome of this machine, or None."""
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path), None)


def dom(url: str, options: Sequence[str] = ()) -> str:
    """The text of a page after its scripts have run, without a network.

    Args:
        url: The page.
        options: More of Chromium's options.

    Raises:
        BrowserError: There is no Chromium, it failed, or did not end.
    """
    return _run(url, [*_PATIENCE, *options])


def print_pdf(page: Path) -> Path:
    """Print a slide deck to a PDF beside it, a page a slide.

    Raises:
        BrowserError: There is no Chromium, or it printed nothing.
    """
    path = page.with_suffix(".pdf")
    path.unlink(missing_ok=True)
    # Chromium prints when the page has loaded, and scripts may still be at
    # work then; so they run first, and what they made is printed.
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, page.name)
        text = page.read_text("utf-8")
        copy.write_text(text.replace("<head>", _FRAMES, 1), encoding="utf-8")
        laid_out = dom(f"{copy.as_uri()}?print-pdf")
        copy.write_text(_SCRIPTS.sub("", laid_out), encoding="utf-8")
        _run(
            copy.as_uri(),
            [f"--print-to-pdf={path.resolve()}", "--no-pdf-header-footer"],
        )
    if not path.exists():
        raise BrowserError(f"Chromium printed no {path} of {page}")
    return path


def _run(url: str, options: Sequence[str]) -> str:
    """Start Chromium without a window; returns what it prints."""
    program = find()
    if program is None:
        raise BrowserError(MISSING)
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [
            program,
            *_OPTIONS,
            f"--user-data-dir={profile}",
            # Chromium refuses to shut root in; the pages are our own.
            *(["--no-sandbox"] if root else []),
            *options,
            url,
        ]
        return _output(command)


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise BrowserError(
            f"Chromium did not end within {SECONDS} s: {command[-1]}"
        ) from error
    if done.returncode:
        raise BrowserError(
            f"Chromium ended with {done.returncode}:\n{done.stderr[-2000:]}"
        )
    return done.stdout
