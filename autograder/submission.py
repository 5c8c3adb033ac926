"""Read what a student handed in, whatever it is.

nbformat refuses a damaged notebook; a student who did the work loses it, and
nbgrader the whole submission. Here every cell that can be found is read, and
what had to be done is said in notes for the student and the assistant.
"""

import json
import re
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, v4

MAX_BYTES = 256 * 2**20
MAX_SOURCE = 200_000
MAX_TEXT = 1_000_000
MAX_CELLS = 1000
_MAX_TRIES = 5000
_ANEW = "save it in JupyterLab and hand it in again"
_CELL = re.compile(
    r'\{\s*"(?:cell_type|attachments|id|metadata|source|outputs|collapsed'
    r'|execution_count|input|level|language|prompt_number)"\s*:'
)
_NEW = {
    "code": v4.new_code_cell,
    "markdown": v4.new_markdown_cell,
    "raw": v4.new_raw_cell,
}


def read_submission(path: Path) -> NotebookNode:
    """The cells of the submission whose notebook should be at `path`.

    A cell keeps its text, type, attachments and the ids that tell where it
    came from (`id`, `metadata.id`, `metadata.nbgrader.grade_id`); nothing
    else. The notes are in `metadata.course.notes`. It never raises.
    """
    notes: list[str] = []
    file = _locate(path, notes)
    text = "" if file is None else _text(file, notes)
    found = _find_cells(text, notes) if file is not None else []
    if len(found) > MAX_CELLS:
        notes.append(
            f"The notebook has {len(found)} cells; only the first {MAX_CELLS} "
            "were read. Remove those that you do not need."
        )
        found = found[:MAX_CELLS]
    cells = [_cell(raw, notes) for raw in found if isinstance(raw, dict)]
    _limit_text(cells, notes)
    if len(cells) < len(found):
        notes.append(
            f"{len(found) - len(cells)} entries of the list of cells are no "
            "cells; they are left out."
        )
    notebook = v4.new_notebook(metadata={"course": {"notes": notes}})
    notebook.cells = cells  # not before: it would refuse their ids
    return notebook


def _locate(path: Path, notes: list[str]) -> Path | None:
    """The file to read; a link could show another student's work."""
    if path.parent.is_symlink():
        notes.append(
            f"The folder {path.parent.name} is a link to another one: nothing "
            "was read. Hand in the files themselves."
        )
        return None
    others = sorted(
        (file for file in path.parent.glob("*.ipynb") if _is_plain(file)),
        key=lambda file: (file.stat().st_mtime, file.name),
    )
    if path in others:
        return path
    if not others:
        notes.append(
            f"There is no file {path.name}: nothing could be graded. Hand in "
            "the notebook itself, under this name."
        )
        return None
    notes.append(
        f"There is no file {path.name}; {others[-1].name}, the newest "
        "notebook, was graded. Keep the notebook's name."
    )
    return others[-1]


def _is_plain(file: Path) -> bool:
    return file.is_file() and not file.is_symlink()


def _text(file: Path, notes: list[str]) -> str:
    try:
        if file.stat().st_size > MAX_BYTES:
            notes.append(
                f"The file has {file.stat().st_size >> 20} MB, more than "
                f"{MAX_BYTES >> 20}: it was not read. Clear the outputs, then "
                f"{_ANEW}."
            )
            return ""
        data = file.read_bytes()
    except OSError as error:
        notes.append(
            f"The file could not be read: {error.strerror}. Make it readable "
            "and grade again."
        )
        return ""
    return _decode(data, notes)


def _decode(data: bytes, notes: list[str]) -> str:
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        notes.append(
            "The file is not in UTF-8, as a notebook must be: it was read as "
            f"Latin-1, and some letters may be wrong. To mend it, {_ANEW}."
        )
        return data.decode("latin-1")


def _find_cells(text: str, notes: list[str]) -> list[Any]:
    if not text.strip():
        notes.append(f"The file is empty: {_ANEW}.")
        return []
    try:
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        cells = _salvage(text)
        notes.append(
            f"The file is damaged (no valid JSON): {len(cells)} cells could "
            f"be read from it, the others are lost. To mend it, {_ANEW}."
        )
        return cells
    return _cells_of(document, notes)


def _cells_of(document: Any, notes: list[str]) -> list[Any]:
    cells = document.get("cells") if isinstance(document, dict) else None
    if isinstance(document, dict) and not isinstance(cells, list):
        sheets = document.get("worksheets")  # before format 4
        cells = [
            cell
            for sheet in (sheets if isinstance(sheets, list) else [])
            if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)
            for cell in sheet["cells"]
        ]
    if not cells:
        notes.append(f"The file is no notebook, or has no cell: {_ANEW}.")
        return []
    if document.get("nbformat") != 4:
        version = repr(document.get("nbformat"))[:20]
        notes.append(
            f"The notebook says it has format {version}, not 4: its cells "
            f"were read all the same. To convert it, {_ANEW}."
        )
    return cells


def _salvage(text: str) -> list[dict]:
    """The cells that are whole in a truncated or garbled file."""
    decoder = json.JSONDecoder(strict=False)
    cells, end = [], 0
    for tries, match in enumerate(_CELL.finditer(text)):
        if tries == _MAX_TRIES:
            break
        if match.start() < end:
            continue  # inside the cell before
        try:
            value, stop = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            continue
        if "cell_type" in value:
            cells.append(value)
            end = stop
    return cells


def _cell(raw: dict, notes: list[str]) -> NotebookNode:
    kind = raw.get("cell_type")
    source = _clean(_join(raw.get("source", raw.get("input"))), notes)
    if kind == "heading":  # before format 4
        level = raw.get("level")
        kind, source = "markdown", f"{'#' * _small(level)} {source}"
    cell = _NEW[kind if kind in ("code", "markdown") else "raw"](source)
    cell.id = _string(raw.get("id"))
    metadata = raw.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    nbgrader = metadata.get("nbgrader")
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else ""
    cell.metadata = NotebookNode(
        id=_string(metadata.get("id")),
        nbgrader=NotebookNode(grade_id=_string(grade_id)),
    )
    if _are_attachments(raw.get("attachments")):
        cell.attachments = raw["attachments"]
    return cell


def _join(source: Any) -> str:
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


def _clean(source: str, notes: list[str]) -> str:
    """`source` as every later step can read, run and write it."""
    clean = source.replace("\r\n", "\n").replace("\r", "\n")
    clean = clean.encode("utf-8", "replace").decode("utf-8")
    if "\0" in clean:
        clean = clean.replace("\0", "")
        notes.append("A cell had NUL characters; they are taken out.")
    if len(clean) > MAX_SOURCE:
        notes.append(
            f"A cell has {len(clean)} characters, more than {MAX_SOURCE}: it "
            f"is left out. It began: `{' '.join(clean[:40].split())}`. Put "
            "data in a file, not in a cell."
        )
        clean = ""
    return clean


def _limit_text(cells: list[NotebookNode], notes: list[str]) -> None:
    """Empty the cells behind the first million characters.

    All are analysed in the grader's own process, which others wait for.
    """
    total = 0
    for cell in cells:
        total += len(cell.source)
        if total > MAX_TEXT:
            cell.source = ""
    if total > MAX_TEXT:
        notes.append(
            f"The cells have {total} characters in all; what lies behind the "
            f"first {MAX_TEXT} is left out. Put data in a file."
        )


def _small(level: Any) -> int:
    return level if level in (1, 2, 3, 4, 5, 6) else 1


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _are_attachments(value: Any) -> bool:
    """Whether `value` holds pasted pictures: {name: {type: base64}}."""
    return isinstance(value, dict) and all(
        isinstance(picture, dict)
        and all(isinstance(data, str) for data in picture.values())
        for picture in value.values()
    )
