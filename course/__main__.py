"""`python -m course`: the environment, the models, the tests, the lab."""

import argparse
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

BACKENDS = ("tensorflow", "jax", "torch")
# What is tested on a backend: the library on all, the grader on two.
TESTED = {"tensorflow": (), "jax": (), "torch": ("tests/course", "course")}
# Slides, pages, mutants: tests marked so are run once, on the first backend.
_ONCE = "any_backend"
_PACKAGES = ("convcourse", "keras", *BACKENDS, "numpy", "nbgrader")
# JupyterLab's file browser and nbgrader's extensions share one root folder.
_LAB = (
    "--ServerApp.root_dir=.",
    "--LabApp.default_url=/lab/tree/notebooks",
)
_EXCHANGE = Path("build", "exchange")


def environment(rest: Sequence[str]) -> int:
    """Print what the course runs on: versions, GPUs, data, backend."""
    if rest:
        raise SystemExit(f"unknown: {' '.join(rest)}; see python -m course -h")
    print(f"Python {platform.python_version()} on {platform.platform()}")
    for package in _PACKAGES:
        try:
            version = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            version = "not installed"
        print(f"{package} {version}")
    try:
        import keras
    except ImportError as error:
        print(
            f"Keras finds no backend ({error}); install one of "
            f"{', '.join(BACKENDS)} or set KERAS_BACKEND to one you have"
        )
        return 1
    from course.devices import devices

    print(f"GPUs: {', '.join(_gpus()) or 'none'}")
    print(f"data sets: {', '.join(_data_sets())}")
    print(f"backend {keras.config.backend()} on {', '.join(devices())}")
    return 0


def list_models(rest: Sequence[str]) -> int:
    """List every network: parameters, MACs, depth, paper."""
    if rest:
        raise SystemExit(f"unknown: {' '.join(rest)}; see python -m course -h")
    from course.catalogue import CATALOGUE, outlines
    from course.summary import number, summary, text_table

    header = ("model", "input", "parameters", "MACs", "depth", "paper")
    rows = []
    for entry in CATALOGUE:
        with outlines():
            model = entry.build()
            table = summary(model)
        rows.append(
            (
                str(entry),
                " x ".join(map(str, model.input_shape[1:])),
                number(table.parameters),
                number(table.macs),
                str(table.depth),
                entry.paper,
            )
        )
    print(text_table(header, rows, (False, False, True, True, True, False)))
    return 0


def run_tests(rest: Sequence[str]) -> int:
    """Run the tests on each backend that is there, one a core at once.

    What pytest says comes line by line, behind the backend's name. Tests that
    no backend concerns are run once, beside them, as "any"; all tests that
    `rest` names run on each backend.

    Args:
        rest: For pytest.

    Returns:
        0 if no backend's tests fail and at least one backend is there.
    """
    there = [
        backend
        for backend in TESTED
        if importlib.util.find_spec(backend) is not None
    ]
    is_named = any(Path(each.partition("::")[0]).exists() for each in rest)
    if is_named:
        runs = [(backend, backend, rest) for backend in there]
    else:
        runs = [
            (backend, backend, ["-m", f"not {_ONCE}", *TESTED[backend], *rest])
            for backend in there
        ]
        runs += [("any", first, ["-m", _ONCE, *rest]) for first in there[:1]]
    # One a core: more would take the seconds that a graded answer has.
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as at_once:
        found = at_once.map(_pytest, *zip(*runs, strict=True)) if runs else ()
        statuses = dict(zip((name for name, *_ in runs), found, strict=True))
    for name in (*TESTED, *(set(statuses) - set(TESTED))):
        status = statuses.get(name)
        verdict = {None: "NOT INSTALLED, not tested", 0: "passed"}
        print(f"{name}: {verdict.get(status, f'FAILED ({status})')}")
    return max(statuses.values(), default=1)


def _pytest(name: str, backend: str, options: Sequence[str]) -> int:
    """Run pytest on a backend, its lines behind a name; return its status."""
    print(f"KERAS_BACKEND={backend} pytest {' '.join(options)}", flush=True)
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", *options],
        env={**os.environ, "KERAS_BACKEND": backend},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout:
            print(f"{name:10} | {line}", end="", flush=True)
    return process.returncode


def lint(rest: Sequence[str]) -> int:
    """Check style and format of every file."""
    return max(_ruff("check", *rest), _ruff("format", "--check", *rest))


def tidy(rest: Sequence[str]) -> int:
    """Mend what a machine can of style and format."""
    return max(_ruff("check", "--fix", *rest), _ruff("format", *rest))


def lab(rest: Sequence[str]) -> int:
    """Open JupyterLab on the student notebooks, with nbgrader's extensions.

    Args:
        rest: For `jupyter lab`, such as --no-browser.
    """
    # nbgrader wants its exchange folder to exist, open to every user
    _EXCHANGE.mkdir(parents=True, exist_ok=True)
    _EXCHANGE.chmod(0o777)
    command = [sys.executable, "-m", "jupyter", "lab", *_LAB, *rest]
    return subprocess.run(command, check=False).returncode


def _gpus() -> list[str]:
    """The NVIDIA GPUs of this machine, whether the backend uses them or not."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    listed = subprocess.run(
        [program, "--query-gpu=name", "--format=csv,noheader"],
        capture_output=True,
        text=True,
        check=False,
    )
    return listed.stdout.splitlines() if listed.returncode == 0 else []


def _data_sets() -> list[str]:
    """Those that come with packages, and those that have been prepared."""
    default = Path.home() / "tensorflow_datasets"
    folder = Path(os.environ.get("TFDS_DATA_DIR", default))
    prepared = sorted(each.name for each in folder.glob("*/") if each.is_dir())
    prepared = [name for name in prepared if name != "downloads"]
    return [
        "digits (scikit-learn)",
        "photographs and textures (scikit-image)",
        f"{' and '.join(prepared) or 'none'} prepared in {folder}",
    ]


def _ruff(*arguments: str) -> int:
    command = [sys.executable, "-m", "ruff", *arguments]
    return subprocess.run(command, check=False).returncode


COMMANDS = {
    "models": list_models,
    "test": run_tests,
    "lab": lab,
    "lint": lint,
    "format": tidy,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command with what follows it; without one, the environment."""
    parser = argparse.ArgumentParser("python -m course", description=__doc__)
    parser.set_defaults(run=environment)
    commands = parser.add_subparsers(metavar="COMMAND")
    for name, run in COMMANDS.items():
        purpose = (run.__doc__ or "").partition("\n")[0]
        commands.add_parser(name, help=purpose).set_defaults(run=run)
    arguments, rest = parser.parse_known_args(argv)
    return arguments.run(rest)


if __name__ == "__main__":
    sys.exit(main())
