"""`python -m autograder`: build, grade and show the course."""

import argparse
import sys
from collections.abc import Sequence

from autograder.build import build, differences
from autograder.root import here
from autograder.source import LectureError


def _build(arguments: argparse.Namespace) -> str | None:
    if arguments.check:
        return "\n".join(differences(here())) or None
    for path in build(here(), arguments.lectures):
        print(path)
    return None


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
    return parser


def main(argv: Sequence[str] | None = None) -> str | None:
    """Run one command; returns what is wrong, or None."""
    arguments = _parser().parse_args(argv)
    try:
        return arguments.run(arguments)
    except (LectureError, FileNotFoundError) as error:
        return str(error)


if __name__ == "__main__":
    sys.exit(main())
