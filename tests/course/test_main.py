import importlib.util
import os
import re
import subprocess
import sys

import pytest

from course.__main__ import main
from course.catalogue import CATALOGUE

PROBE = """
import os

def test_backend():
    assert os.environ["KERAS_BACKEND"] != "{failing}"
"""


MARKED = """
import os
import pathlib
import pytest

def note(test):
    with pathlib.Path("{log}").open("a") as log:
        log.write(os.environ["KERAS_BACKEND"] + " " + test + chr(10))

def test_layer():
    note("layer")

@pytest.mark.any_backend
def test_slide():
    note("slide")
"""


def course(*arguments: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "course", *arguments],
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_the_environment_names_backend_and_devices():
    result = course()
    assert result.returncode == 0, result.stderr
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    last = result.stdout.splitlines()[-1]
    assert last.startswith(f"backend {backend} on ")
    assert "cpu" in last or "gpu" in last


def test_the_environment_names_data_sets_and_gpus(tmp_path, monkeypatch):
    for name in ("mnist", "cifar10", "downloads"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    gpus, data_sets, _ = course().stdout.splitlines()[-3:]
    assert gpus.startswith("GPUs: ")
    assert data_sets.startswith("data sets: digits (scikit-learn), ")
    assert data_sets.endswith(f"cifar10 and mnist prepared in {tmp_path}")


def test_the_models_are_listed(capsys, monkeypatch):
    """One variant of each network and those that are read below."""
    names = {each.factory: each for each in reversed(CATALOGUE)}.values()
    chosen = [
        each
        for each in CATALOGUE
        if each in names or str(each) in ("vgg('D')", "mobilenet(0.5)")
    ]
    assert len(chosen) < len(CATALOGUE) / 2
    monkeypatch.setattr("course.catalogue.CATALOGUE", chosen)
    assert main(["models"]) == 0
    lines = [
        re.split(" {2,}", line) for line in capsys.readouterr().out.splitlines()
    ]
    assert " ".join(lines[0]) == "model input parameters MACs depth paper"
    assert len(lines) == 1 + len(chosen)
    rows = {name: rest for name, *rest in lines}
    assert rows["vgg('D')"] == [
        "224 x 224 x 3",
        "138,357,544",
        "15,470,264,320",
        "16",
        "Simonyan & Zisserman 2014",
    ]
    assert rows["mobilenet(0.5)"][1:4] == ["1,342,536", "149,497,088", "28"]


@pytest.mark.parametrize(
    ("failing", "code"), [("none", 0), ("jax", 1), ("tensorflow", 1)]
)
@pytest.mark.skipif(
    not (
        importlib.util.find_spec("tensorflow")
        and importlib.util.find_spec("jax")
    ),
    reason="needs both backends",
)
def test_the_tests_run_on_each_backend(tmp_path, failing, code):
    probe = tmp_path / "test_probe.py"
    probe.write_text(PROBE.format(failing=failing), encoding="utf-8")
    result = course(
        "test", "-c", os.devnull, "--rootdir", str(tmp_path), str(probe)
    )
    assert result.returncode == code
    torch = "passed"
    if importlib.util.find_spec("torch") is None:
        torch = "NOT INSTALLED, not tested"
    assert result.stdout.splitlines()[-3:] == [
        *(
            f"{backend}: {'FAILED (1)' if backend == failing else 'passed'}"
            for backend in ("tensorflow", "jax")
        ),
        f"torch: {torch}",
    ]


def test_what_no_backend_concerns_is_run_once(tmp_path):
    log = tmp_path / "log"
    for name in ("tests/course", "course"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nmarkers = any_backend\ntestpaths = tests course\n"
    )
    probe = tmp_path / "tests" / "course" / "test_probe.py"
    probe.write_text(MARKED.format(log=log), encoding="utf-8")
    result = course("test", cwd=tmp_path)
    assert result.returncode == 0, result.stdout
    there = [
        backend
        for backend in ("tensorflow", "jax", "torch")
        if importlib.util.find_spec(backend)
    ]
    assert sorted(log.read_text().splitlines()) == sorted(
        [*(f"{backend} layer" for backend in there), f"{there[0]} slide"]
    )


def test_an_unknown_word_is_refused():
    with pytest.raises(SystemExit):
        main(["tset"])
    for words in (["--tset"], ["models", "--tset"]):
        with pytest.raises(SystemExit, match="unknown: --tset"):
            main(words)
