"""A new lecture: a small one that builds, grades and makes slides already."""

import re
from pathlib import Path

from autograder.root import CourseRoot
from autograder.source import LectureError

_TEMPLATES = Path(__file__).parent / "templates" / "new"


def new(root: CourseRoot, name: str) -> list[Path]:
    """Write the lecture `name`, and answers to its questions.

    Args:
        name: Two digits and lower-case words, such as "17_topic".

    Returns:
        solutions/NAME.py, wherever `root` keeps its solutions, and
        tests/answers/NAME.py.

    Raises:
        LectureError: The name is none, or the number is taken; nothing is
            written then.
    """
    if not re.fullmatch(r"\d\d(_[a-z0-9]+)+", name):
        raise LectureError(
            f"{name!r} is no lecture's name; expected two digits and "
            "lower-case words, such as 17_topic"
        )
    number, _, topic = name.partition("_")
    title = f"{number} · {topic.replace('_', ' ').capitalize()}"
    paths = {
        root.solutions / f"{name}.py": "lecture.py",
        root.path / "tests" / "answers" / f"{name}.py": "answers.py",
    }
    taken = [path for path in paths if path.exists()]
    taken += sorted(root.solutions.glob(f"{number}_*.py"))
    if taken:
        raise LectureError(
            f"{taken[0]} exists already; take another number than {number}, or "
            "go on with that file"
        )
    for path, template in paths.items():
        text = (_TEMPLATES / template).read_text(encoding="utf-8")
        path.parent.mkdir(parents=True, exist_ok=True)
        text = text.replace("TITLE", title).replace("NAME", name)
        path.write_text(text, encoding="utf-8")
    return list(paths)
