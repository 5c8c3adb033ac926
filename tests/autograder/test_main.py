from pathlib import Path

import pytest

from autograder.__main__ import main

pytestmark = pytest.mark.any_backend


def test_build_prints_what_it_wrote(tiny, monkeypatch, capsys):
    monkeypatch.chdir(tiny.path)
    assert main(["build", "--check"]) == (
        f"{Path('release', '01_tiny', '01_tiny.ipynb')} is missing; run: "
        "python -m autograder build"
    )
    assert main(["build"]) is None
    assert capsys.readouterr().out == (
        f"{Path('release', '01_tiny', '01_tiny.ipynb')}\n"
    )
    assert main(["build", "--check"]) is None


def test_a_command_before_the_build_says_what_to_run(tiny, monkeypatch):
    monkeypatch.chdir(tiny.path)
    message = (
        f"{Path('source', '01_tiny', '01_tiny.ipynb')} is not built yet; run: "
        "python -m autograder build"
    )
    assert main(["grade", "01_tiny"]) == message
    assert main(["slides", "01_tiny"]) == message


def test_a_folder_that_is_no_course_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["build"]) == (
        f"no nbgrader_config.py in {tmp_path}; change to the course's root "
        "folder"
    )


def test_clean_removes_the_build_folder_only(tiny, monkeypatch):
    monkeypatch.chdir(tiny.path)
    Path("build", "slides").mkdir(parents=True)
    Path("gradebook.db").touch()
    assert main(["clean"]) is None
    assert main(["clean"]) is None
    assert sorted(path.name for path in tiny.path.iterdir()) == [
        "gradebook.db",
        "nbgrader_config.py",
    ]
