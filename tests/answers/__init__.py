"""Right and wrong answers, one file a lecture, that the grader must tell apart.

A file `NN_topic.py` here binds `ANSWERS`: question id -> list of `right(...)`
and `wrong(...)`; `load` reads it. It may bind `SURVIVORS`: question id -> those
mutants of its solution that earn every point (`python -m autograder mutate`
lists them), and why each is no mistake; `load_survivors` reads it.
"""

import runpy
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Answer:
    """One student's answer to one question.

    Args:
        name: What tells it from the question's other answers.
        source: The answer cell as the student would leave it.
        misconception: What the student believes; empty for a right answer.
        at_most: The largest fraction of the question's points that it may
            earn; 1 for a right answer, which must earn exactly that.
    """

    name: str
    source: str
    misconception: str = ""
    at_most: float = 1.0

    @property
    def is_right(self) -> bool:
        return not self.misconception


def right(name: str, source: str) -> Answer:
    """An answer that must earn every point."""
    return Answer(name, source)


def wrong(
    name: str, source: str, misconception: str, at_most: float = 0.5
) -> Answer:
    """An answer that may earn at most the fraction `at_most` of the points."""
    if not misconception:
        raise ValueError(f"wrong answer {name!r}: say which misconception")
    return Answer(name, source, misconception, at_most)


def load(lecture: str) -> dict[str, list[Answer]]:
    """The answers of one lecture by question id, e.g. `load("12_...")`."""
    path = Path(__file__).with_name(f"{lecture}.py")
    return runpy.run_path(str(path))["ANSWERS"]


def load_survivors(lecture: str) -> dict[str, dict[str, str]]:
    """By question id, each surviving mutant's change and the reason."""
    path = Path(__file__).with_name(f"{lecture}.py")
    return runpy.run_path(str(path)).get("SURVIVORS", {})
