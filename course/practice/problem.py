"""A problem, and what is said of an answer to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from course.practice.reading import Unreadable, whole_numbers


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right; if not, what may have gone wrong.

    It is true or false as the answer is. A hint never holds the answer. What
    is not as many whole numbers as are asked for was not read.
    """

    is_right: bool
    hint: str = ""
    was_read: bool = True

    def __bool__(self) -> bool:
        return self.is_right

    def __str__(self) -> str:
        return "Right." if self.is_right else f"Not yet. Hint: {self.hint}"


@dataclass(frozen=True)
class Problem:
    """A question that has one answer.

    Attributes:
        kind, seed, level: What `problem` was called with.
        question: In Markdown, with what is meant by each number.
        given: The question's numbers by name, as plain values, so that a
            function can be called with them.
        answer: An int, or a tuple of ints; a set of numbers is in rising order.
        solution: In Markdown: numbered steps with the question's numbers.
        names: What the numbers of a tuple are called; empty if they are a set.
        advice: The hint where no mistake is recognized.
        slips: Wrong answers, and the hint to the mistake that leads to each.

    Example:
        >>> from course.practice import problem
        >>> shape = problem("stack", seed=3)
        >>> bool(shape.check(shape.answer))
        True
    """

    kind: str
    seed: int | str
    level: int
    question: str
    given: Mapping[str, Any]
    answer: int | tuple[int, ...]
    solution: str
    names: tuple[str, ...] = ()
    advice: str = "Work it through with smaller numbers, on paper."
    slips: Mapping[Any, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.question

    def _repr_markdown_(self) -> str:
        return self.question

    def check(self, value: Any) -> Verdict:
        """What is to be said of an answer.

        Args:
            value: A number, a text ("13 x 13 x 256", "61,706", "none"), or a
                list, tuple, set, array or tensor of numbers.

        Returns:
            A verdict; true if the answer is right.
        """
        single = isinstance(self.answer, int)
        try:
            numbers = whole_numbers(value, single)
        except Unreadable as error:
            return Verdict(False, str(error), was_read=False)
        if not single and not self.names:
            numbers = tuple(sorted(set(numbers)))
        wanted = (self.answer,) if single else self.answer
        if numbers == wanted:
            return Verdict(True)
        if (single or self.names) and len(numbers) != len(wanted):
            what = ", ".join(self.names) or "one number"
            hint = f"{len(numbers)} numbers came. Expected: {what}."
            return Verdict(False, hint, was_read=False)
        found = numbers[0] if single else numbers
        return Verdict(False, self.slips.get(found) or self._partly(numbers))

    def _partly(self, numbers: tuple[int, ...]) -> str:
        """The hint to an answer that no known mistake leads to."""
        if self.names:
            pairs = zip(self.names, numbers, self.answer, strict=True)
            right = [name for name, ours, theirs in pairs if ours == theirs]
            if right:
                return f"Right so far: {', '.join(right)}. {self.advice}"
        elif isinstance(self.answer, tuple) and numbers:
            if set(numbers) < set(self.answer):
                return "These are right, but not all."
            if set(numbers) > set(self.answer) != set():
                return "The right ones are among these, but not all are right."
        return self.advice


def recognized(
    answer: int | tuple[int, ...], *slips: tuple[str, Any]
) -> dict[Any, str]:
    """A problem's `slips`: at most two hints an answer, never to the right one.

    Args:
        answer: The right one.
        *slips: Pairs of a hint and the answer that the mistake leads to, None
            if it leads to none; likelier mistakes first.

    Example:
        >>> recognized(5, ("Half?", 10), ("Twice?", 5), ("Other?", 10))
        {10: 'Half? Or: Other?'}
    """
    known: dict[Any, list[str]] = {}
    for hint, wrong in slips:
        if wrong is not None and wrong != answer:
            known.setdefault(wrong, []).append(hint)
    return {wrong: " Or: ".join(hints[:2]) for wrong, hints in known.items()}


def numbered(steps: list[str]) -> str:
    """Steps of a solution as a Markdown list.

    Example:
        >>> print(numbered(["One step.", "Another."]))
        1. One step.
        2. Another.
    """
    return "\n".join(f"{i}. {step}" for i, step in enumerate(steps, 1))
