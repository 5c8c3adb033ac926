"""Run a reference run from several seeds, print its figures, keep them.

    KERAS_BACKEND=jax python benchmarks/train.py digits [--seeds 5] [--keep]

Without a name it lists the runs. --keep writes a record for each seed into
course/reference/results/, in place of the old one of the same seed and
backend; --weights also keeps the models of the first seed, if the run has any,
in course/reference/weights/. Lectures read both by `course.reference`.
"""

import argparse
import ast
import datetime
import importlib
import json
import os
import platform
import re
import shlex
import statistics
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
SEEDS = 3
DIGITS = 6
"""Significant ones; more would differ from machine to machine."""


def main():
    arguments = parser().parse_args()
    if arguments.backend:  # Keras reads it when it is first imported
        os.environ["KERAS_BACKEND"] = arguments.backend
    if arguments.name is None:
        for name, line in runs().items():
            print(f"{name:16} {line}")
        return
    module = importlib.import_module(f"runs.{arguments.name}")
    count = arguments.seeds or getattr(module, "SEEDS", SEEDS)
    seeds = range(arguments.first, count)
    if not seeds:
        raise SystemExit(
            f"no seed from {arguments.first} up to, but without, {count}: give "
            "more --seeds or a smaller --first"
        )
    records = []
    for seed in seeds:
        record, models = measured(module.run, arguments.name, seed)
        records.append(record)
        print(f"seed {seed}: {record['seconds']:.0f} s", flush=True)
        if arguments.keep:
            keep(record, folder("results"))
        if arguments.weights and seed == seeds[0]:
            keep_models(models, record, folder("weights"))
    print(table(records))


def parser() -> argparse.ArgumentParser:
    """What the command line may say."""
    found = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    found.add_argument("name", nargs="?", choices=list(runs()))
    found.add_argument("--seeds", type=int, help="how many, counted from 0")
    found.add_argument(
        "--first", type=int, default=0, help="seed, to go on where one ended"
    )
    found.add_argument("--backend", help="in place of KERAS_BACKEND")
    found.add_argument("--keep", action="store_true", help="the records")
    found.add_argument("--weights", action="store_true", help="keep them, too")
    return found


def runs() -> dict[str, str]:
    """The first line of each run's docstring, by name."""
    return {
        path.stem: ast.get_docstring(ast.parse(path.read_text())).split("\n")[0]
        for path in sorted((HERE / "runs").glob("[!_]*.py"))
    }


def measured(run, name: str, seed: int) -> tuple[dict, dict]:
    """The record of one seed, and the models that it trained."""
    import keras

    start, spent = time.perf_counter(), time.process_time()
    values = run(seed)
    models = values.pop("models", {})
    record = {
        "run": name,
        "seed": seed,
        "backend": keras.backend.backend(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine(),
        "versions": versions(),
        "seconds": round(time.perf_counter() - start, 1),
        "cpu_seconds": round(time.process_time() - spent, 1),
        "command": command(),
        "values": rounded(values),
    }
    return record, models


def machine() -> dict:
    """Model of the processor, number of cores, memory in GiB."""
    found = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = re.findall(r"model name\s*: (.*)", info.read_text())
        found = names[0] if names else found
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": found,
        "cores": os.cpu_count(),
        "memory": round(memory / 2**30),
    }


def versions() -> dict[str, str]:
    """Of what computes."""
    import keras

    backend = importlib.import_module(keras.backend.backend())
    return {
        "keras": keras.__version__,
        "backend": backend.__version__,
        "python": platform.python_version(),
    }


def command() -> str:
    """What repeats this run."""
    import keras

    words = ["python", "benchmarks/train.py", *sys.argv[1:]]
    return f"KERAS_BACKEND={keras.backend.backend()} {shlex.join(words)}"


def rounded(value):
    """Plain numbers of few digits, wherever they are in lists and the like."""
    if isinstance(value, dict):
        return {str(key): rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(each) for each in value]
    if isinstance(value, int | str):
        return value
    return float(f"{float(value):.{DIGITS}g}")


def keep(record: dict, place: Path):
    """Put a record where the results have that of its seed and backend."""
    path = place / f"{record['run']}.json"
    old = json.loads(path.read_text("utf-8")) if path.exists() else []

    def of(each):
        return each["seed"], each["backend"]

    kept = [each for each in old if of(each) != of(record)]
    write(path, sorted([*kept, record], key=of))


def keep_models(models: dict, record: dict, place: Path):
    """Each with the record of its training beside it."""
    for name, model in models.items():
        path = place / f"{name}.keras"
        model.save(path)
        write(path.with_suffix(".json"), record)


def folder(name: str) -> Path:
    """Where `course.reference` looks."""
    import course.reference

    return Path(course.reference.__file__).with_name(name)


def write(path: Path, content):
    """As JSON with a line for each key, and for each list of numbers."""
    text = json.dumps(content, indent=1, sort_keys=True)
    text = re.sub(
        r"\[\n[-+\d.eE,\s]*\]", lambda m: " ".join(m[0].split()), text
    )
    path.write_text(f"{text}\n", "utf-8")


def table(records: list[dict]) -> str:
    """Each single number of the records: its median and what it has been."""
    from course.summary import text_table

    rows = []
    for name in scalars(records[0]["values"]):
        values = [scalars(record["values"])[name] for record in records]
        each = " ".join(map(short, values))
        rows.append([name, short(statistics.median(values)), each])
    return text_table(["", "median", "seeds"], rows, [False, True, False])


def short(value: float) -> str:
    """Four digits, or all of a count."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def scalars(values: dict, prefix: str = "") -> dict[str, float]:
    """Numbers outside lists; names of inner ones are joined by dots."""
    found = {}
    for name, value in values.items():
        if isinstance(value, dict):
            found |= scalars(value, f"{prefix}{name}.")
        elif isinstance(value, int | float):
            found[prefix + name] = value
    return found


if __name__ == "__main__":
    main()
