import json
import os
from pathlib import Path

import nbformat
import pytest
from nbformat import v3, v4

from autograder.submission import MAX_CELLS, MAX_SOURCE, read_submission

pytestmark = pytest.mark.any_backend

CELL = {"cell_type": "code", "source": ["x = 1\n", "y = 2"], "id": "a"}


def read(folder: Path, data: bytes | str, name: str = "01.ipynb"):
    data = data.encode() if isinstance(data, str) else data
    (folder / name).write_bytes(data)
    notebook = read_submission(folder / "01.ipynb")
    return notebook.cells, " ".join(notebook.metadata.course.notes)


def document(*cells, **more) -> str:
    return json.dumps({"nbformat": 4, "cells": cells, **more})


@pytest.mark.parametrize(
    ("data", "sources", "note"),
    [
        (document(CELL), ["x = 1\ny = 2"], ""),
        (b"\xef\xbb\xbf" + document(CELL).encode(), ["x = 1\ny = 2"], ""),
        (document(CELL).encode("utf-16"), ["x = 1\ny = 2"], ""),
        (document(CELL, CELL)[:-9], ["x = 1\ny = 2"], "damaged"),
        (
            document(CELL, 7, CELL).replace("7", "<<<<<<< HEAD"),
            ["x = 1\ny = 2"] * 2,
            "2 cells could be read",
        ),
        ('{"cells": [' * 5000, [], "damaged"),
        ('{"id":' * 5000, [], "damaged"),
        (
            document(*[CELL] * (MAX_CELLS + 1)),
            ["x = 1\ny = 2"] * MAX_CELLS,
            "only the first 1000",
        ),
        (
            document(*[{"source": "a" * MAX_SOURCE}] * 7),
            ["a" * MAX_SOURCE] * 5 + [""] * 2,
            "1400000 characters in all",
        ),
        ("", [], "empty"),
        (" \n", [], "empty"),
        ("print('hello')", [], "damaged"),
        ("[1, 2]", [], "no notebook"),
        ('{"cells": []}', [], "no cell"),
        ('{"cells": {"a": 1}}', [], "no notebook"),
        (document(CELL, None, 3), ["x = 1\ny = 2"], "2 entries"),
        (document({}, {"cell_type": 5, "source": 5}), ["", ""], ""),
        (document(CELL, nbformat=5), ["x = 1\ny = 2"], "format 5, not 4"),
        ('{"nbformat": 4, "cells": [{"source": "a\nb"}]}', ["a\nb"], ""),
        (document({"source": "a\r\nb\rc"}), ["a\nb\nc"], ""),
        (document({"source": "a\ud800b"}), ["a?b"], ""),
        (document({"source": "a\0b"}), ["ab"], "NUL"),
        (document({"source": "a" * (MAX_SOURCE + 1)}), [""], "left out"),
    ],
)
def test_whatever_is_handed_in_is_read(tmp_path, data, sources, note):
    cells, notes = read(tmp_path, data)
    assert [cell.source for cell in cells] == sources
    assert note in notes
    assert bool(note) == bool(notes)


def test_latin_1_is_read_with_a_note(tmp_path):
    text = json.dumps(
        {"nbformat": 4, "cells": [{"source": "# é"}]}, ensure_ascii=False
    )
    (cell,), notes = read(tmp_path, text.encode("latin-1"))
    assert cell.source == "# é"
    assert "not in UTF-8" in notes


def test_format_3_is_read(tmp_path):
    old = v3.new_notebook(
        worksheets=[
            v3.new_worksheet(
                cells=[
                    v3.new_heading_cell("A title", level=2),
                    v3.new_code_cell("x = 1"),
                ]
            )
        ]
    )
    cells, notes = read(tmp_path, v3.writes_json(old))
    assert [(cell.cell_type, cell.source) for cell in cells] == [
        ("markdown", "## A title"),
        ("code", "x = 1"),
    ]
    assert "format 3" in notes


def test_only_ids_and_pictures_are_kept_of_the_rest(tmp_path):
    metadata = {
        "tags": ["skip-execution"],
        "id": "colab",
        "nbgrader": {"grade_id": "b", "points": 99, "grade": True},
    }
    picture = {"a.png": {"image/png": "AAAA"}}
    (code, text, odd), _ = read(
        tmp_path,
        document(
            {**CELL, "metadata": metadata, "outputs": [{"text": "full"}]},
            {"cell_type": "markdown", "attachments": picture},
            {"cell_type": "markdown", "attachments": {"a.png": 3}, "id": 7},
        ),
    )
    assert code.metadata == {"id": "colab", "nbgrader": {"grade_id": "b"}}
    assert (code.id, code.outputs) == ("a", [])
    assert text.attachments == picture
    assert ("attachments" in odd, odd.id) == (False, "")


def test_the_newest_of_other_notebooks_is_taken(tmp_path):
    for name, age in (("old.ipynb", 9), ("new.ipynb", 1)):
        nbformat.write(
            v4.new_notebook(cells=[v4.new_code_cell(name)]), tmp_path / name
        )
        os.utime(tmp_path / name, (1e9 - age, 1e9 - age))
    notebook = read_submission(tmp_path / "01.ipynb")
    assert notebook.cells[0].source == "new.ipynb"
    assert "no file 01.ipynb; new.ipynb" in notebook.metadata.course.notes[0]


def test_a_link_or_a_folder_is_no_submission(tmp_path):
    (tmp_path / "secret").write_text(document(CELL))
    (tmp_path / "01.ipynb").symlink_to(tmp_path / "secret")
    (tmp_path / "02.ipynb").mkdir()
    notebook = read_submission(tmp_path / "01.ipynb")
    assert notebook.cells == []
    assert "no file 01.ipynb: nothing" in notebook.metadata.course.notes[0]


def test_a_folder_that_is_a_link_is_not_read(tmp_path):
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "01.ipynb").write_text(document(CELL))
    (tmp_path / "eve").symlink_to(tmp_path / "ada")
    notebook = read_submission(tmp_path / "eve" / "01.ipynb")
    assert notebook.cells == []
    assert "eve is a link" in notebook.metadata.course.notes[0]
    assert len(read_submission(tmp_path / "ada" / "01.ipynb").cells) == 1


def test_a_file_that_is_too_big_is_not_read(tmp_path):
    with open(tmp_path / "01.ipynb", "wb") as file:
        file.truncate(300 * 2**20)  # sparse
    notebook = read_submission(tmp_path / "01.ipynb")
    assert "300 MB, more than 256" in notebook.metadata.course.notes[0]
