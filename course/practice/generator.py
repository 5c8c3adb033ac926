"""Problems by kind, level and seed, or by student."""

import os
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, NamedTuple

from course.arithmetic import integer, one_of
from course.practice.channels import concatenation, dense_block
from course.practice.costs import dense_parameters, macs, parameters
from course.practice.dice import Dice
from course.practice.fields import receptive_field
from course.practice.inverse import missing_number
from course.practice.problem import Problem
from course.practice.sizes import output_size, stack, transposed_size

LEVELS = 3
DRAWS = 20  # until enough mistakes lead to answers of their own
STUDENT = "COURSE_STUDENT"
"""Environment variable: whose submission is judged; the grader sets it."""


class Kind(NamedTuple):
    """What a kind asks for, what draws it, how many mistakes must show."""

    about: str
    draw: Callable[[Dice, int], dict[str, Any]]
    telling: int = 3


KINDS = MappingProxyType(
    {
        "output_size": Kind("size behind a convolution", output_size),
        "stack": Kind("shape behind a stack of layers", stack),
        "missing_number": Kind(
            "kernel size, stride or padding for two sizes", missing_number, 1
        ),
        "parameters": Kind("parameters of a convolution", parameters),
        "dense_parameters": Kind(
            "parameters of a dense layer behind a map", dense_parameters
        ),
        "macs": Kind("multiplications of a convolution", macs),
        "receptive_field": Kind("receptive field of a chain", receptive_field),
        "concatenation": Kind(
            "channels behind an inception module", concatenation
        ),
        "dense_block": Kind("channels behind dense blocks", dense_block),
        "transposed_size": Kind(
            "size behind a transposed convolution", transposed_size
        ),
    }
)


def kinds() -> dict[str, str]:
    """The kinds of problems, and what each asks for.

    Example:
        >>> kinds()["stack"]
        'shape behind a stack of layers'
    """
    return {name: kind.about for name, kind in KINDS.items()}


def problem(kind: str, seed: int | str, level: int = 1) -> Problem:
    """A problem, the same on every machine.

    Args:
        kind: One of `kinds()`.
        seed: Another seed, another problem.
        level: From 1, easy, to 3.

    Returns:
        Its question, answer and solution, and what checks an answer.

    Raises:
        ValueError: If there is no such kind or level.

    Example:
        >>> size = problem("output_size", seed=2)
        >>> size.given["size"], size.given["kernel_size"], size.answer
        (19, 4, 9)
        >>> print(problem("macs", seed=1).check("12"))
        Not yet. Hint: How many places has the kernel, and what is done in one?
    """
    one_of(KINDS, kind, "kind")
    level = integer(level, "level", minimum=1)
    if level > LEVELS:
        raise ValueError(
            f"level={level} is too high. Expected 1, easy, to {LEVELS}."
        )
    dice = Dice(kind, level, seed)
    for _ in range(DRAWS):
        drawn = KINDS[kind].draw(dice, level)
        if len(drawn["slips"]) >= KINDS[kind].telling:
            break
    return Problem(kind, seed, level, **drawn)


def for_student(
    student: str, kind: str, level: int = 1, *, secret: str = ""
) -> Problem:
    """A student's own problem, the same whenever it is asked for.

    Whoever can call this can read the answer too. So the numbers of a graded
    question come from a `secret` that stands in the teacher's files and in
    hidden tests only; the student receives the question as text.

    Args:
        student: As in `submitted/STUDENT/`; spaces around it and the case of
            letters do not count.
        kind, level: As in `problem`.
        secret: Any text; another one, another problem.

    Raises:
        ValueError: If `student` is empty, or as `problem`.

    Example:
        >>> mine = for_student("ada", "stack", secret="exam of May")
        >>> mine == for_student(" Ada", "stack", secret="exam of May")
        True
        >>> mine == for_student("alan", "stack", secret="exam of May")
        False
    """
    name = student.strip().casefold()
    if not name:
        raise ValueError(
            f"student={student!r} names nobody. Expected an id as in "
            "submitted/STUDENT/."
        )
    digits = Dice("student", name, secret).between(0, 10**12)
    return problem(kind, digits, level)


def student(otherwise: str = "") -> str:
    """Whose submission a test cell judges.

    The grader knows it from the folder the submission lies in; no code of a
    student's runs where it is kept, so that none can change it.

    Args:
        otherwise: What is returned where nobody grades, on the student's own
            machine, and by a grader that does not say it.

    Example:
        >>> student(otherwise="ada")
        'ada'
    """
    return os.environ.get(STUDENT) or otherwise
