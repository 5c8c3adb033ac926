"""`python -m autograder`: build, grade and show the course."""

import argparse
import os
import sys
from collections.abc import Sequence

from nbgrader.utils import rmtree
from rich.console import Console

from autograder import browser
from autograder.answers import known_answers
from autograder.build import build, differences
from autograder.grade import grade, maxima, scores, table
from autograder.measure import faults, measure
from autograder.mutation import survivors
from autograder.new import new
from autograder.root import here
from autograder.sample import LECTURE, SLIDES, course
from autograder.slides import slides
from autograder.source import LectureError


def main(argv: Sequence[str] | None = None) -> str | int | None:
    """Run one command; what it returns is the exit status, or what is wrong."""
    arguments = vars(_parser().parse_args(argv))
    run = arguments.pop("run")
    try:
        return run(**arguments)
    except (LectureError, FileNotFoundError, browser.BrowserError) as error:
        return str(error)


def _build(lectures: list[str], check: bool) -> str | None:
    if check:
        return "\n".join(differences(here())) or None
    for path in build(here(), lectures):
        print(path)
    return None


def _new(lecture: str) -> None:
    for path in new(here(), lecture):
        print(path)


def _grade(lecture: str, force: bool, student: str) -> int:
    root = here()
    maximum = maxima(root, lecture)
    options = [f"--student={student}", *(["--force"] if force else [])]
    failed = grade(root, lecture, options)
    Console().print(table(scores(root, lecture), maximum, lecture))
    return failed


def _course(lecture: str) -> str | None:
    os.environ.setdefault("KERAS_BACKEND", "jax")
    return course(here(), lecture, Console())


def _slides(lecture: str, check: bool, pdf: bool) -> str | None:
    if (check or pdf) and not browser.find():
        return browser.MISSING
    page = slides(here(), lecture, SLIDES)
    print(page)
    if pdf:
        print(browser.print_pdf(page))
    return ("\n".join(faults(measure(page))) or None) if check else None


def _mutate(lecture: str, question: list[str]) -> str | None:
    root, unknown = here(), []
    known = known_answers(root, lecture)
    for name in question or known["ANSWERS"]:
        count, found = survivors(root, lecture, name)
        print(f"{name}: {len(found)} of {count} mutants survive")
        reasons = known.get("SURVIVORS", {}).get(name, {})
        for mutant in found:
            reason = reasons.get(mutant.change)
            print(f"    {mutant.change}\n        {reason or 'for no reason'}")
            unknown += [] if reason else [f"{name}: {mutant.change}"]
    if not unknown:
        return None
    return (
        "these mutants survive for no reason that SURVIVORS names; add a "
        "check, or the reason:\n" + "\n".join(unknown)
    )


def _clean() -> None:
    build_folder = here().path / "build"
    if build_folder.exists():
        rmtree(str(build_folder))  # nbgrader's: it also ends read-only files


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m autograder", description=__doc__
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser(
        "build", help="make the student notebooks from the lecture sources"
    )
    command.add_argument("lectures", nargs="*", metavar="LECTURE")
    command.add_argument(
        "--check",
        action="store_true",
        help="write nothing; say which committed notebook is not current",
    )
    command.set_defaults(run=_build)

    command = commands.add_parser(
        "new", help="begin a lecture that builds, grades and makes slides"
    )
    command.add_argument("lecture", metavar="LECTURE", help="e.g. 17_topic")
    command.set_defaults(run=_new)

    command = commands.add_parser(
        "grade", help="grade submitted/, write feedback/ and grades.csv"
    )
    command.add_argument("lecture", metavar="LECTURE")
    command.add_argument(
        "--student", default="*", help="one student, or a pattern"
    )
    command.add_argument(
        "--force", action="store_true", help="also what is graded already"
    )
    command.set_defaults(run=_grade)

    command = commands.add_parser(
        "mutate", help="grade slightly changed solutions: which earn all points"
    )
    command.add_argument("lecture", metavar="LECTURE")
    command.add_argument("question", nargs="*", metavar="QUESTION")
    command.set_defaults(run=_mutate)

    command = commands.add_parser(
        "clean", help="remove build/, which the other commands make anew"
    )
    command.set_defaults(run=_clean)

    for name, run, purpose in (
        ("course", _course, "build all, grade a sample class, make slides"),
        ("slides", _slides, "make a built lecture's slides"),
    ):
        command = commands.add_parser(name, help=purpose)
        command.add_argument(
            "lecture", nargs="?", default=LECTURE, metavar="LECTURE"
        )
        command.set_defaults(run=run)
    command.add_argument(
        "--check",
        action="store_true",
        help="say what does not fit its slide (needs Chromium)",
    )
    command.add_argument(
        "--pdf", action="store_true", help="print a PDF too (needs Chromium)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
