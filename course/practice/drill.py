"""Problems one after another, in JupyterLab or on paper."""

import html
from typing import Any

from course.practice.generator import kinds, problem
from course.practice.problem import Problem, Verdict

HANDED_OUT = 3  # problems, where nothing can be typed


class Drill:
    """Problems of one kind with a field for the answer.

    A notebook shows the question, a field and the buttons Check, Solution and
    Next, and counts what was right at the first try. A page without kernel
    shows some problems, their solutions folded.

    Args:
        kind: One of `kinds()`.
        level: From 1, easy, to 3.
        seed: Of the first problem; the next ones count on from it.

    Raises:
        ValueError: If there is no such kind or level.

    Example:
        >>> drill = Drill("output_size", seed=2)
        >>> bool(drill.answer("22"))
        False
        >>> print(drill.answer(drill.problem.answer), drill.score)
        Right. 0 of 1 right at the first try
        >>> drill.next().seed
        3
    """

    def __init__(self, kind: str = "stack", level: int = 1, seed: int = 1):
        self.problem = problem(kind, seed, level)
        self._first_tries: dict[tuple, bool] = {}

    @property
    def score(self) -> str:
        """How many problems were answered, and how many right at once."""
        right = sum(self._first_tries.values())
        return f"{right} of {len(self._first_tries)} right at the first try"

    def answer(self, value: Any) -> Verdict:
        """The verdict on an answer; the first one that can be read counts."""
        verdict = self.problem.check(value)
        if verdict.was_read:
            self._first_tries.setdefault(self._key(), bool(verdict))
        return verdict

    def reveal(self) -> str:
        """The solution; a problem not yet answered counts as not right."""
        self._first_tries.setdefault(self._key(), False)
        return self.problem.solution

    def next(self) -> Problem:
        """The next problem of this kind and level."""
        now = self.problem
        self.problem = problem(now.kind, now.seed + 1, now.level)
        return self.problem

    def choose(self, kind: str, level: int) -> Problem:
        """Go on with another kind or level, at the same seed."""
        self.problem = problem(kind, self.problem.seed, level)
        return self.problem

    def widget(self):
        """The controls, for JupyterLab: an `ipywidgets.VBox`."""
        import ipywidgets

        options = [(about, kind) for kind, about in kinds().items()]
        now = self.problem
        kind = ipywidgets.Dropdown(
            options=options,
            value=now.kind,
            description="kind",
            layout={"width": "28em"},
        )
        level = ipywidgets.Dropdown(
            options=[1, 2, 3], value=now.level, description="level"
        )
        question, verdict, solution = (ipywidgets.HTML() for _ in range(3))
        field = ipywidgets.Text(
            description="answer", placeholder="e.g. 12 or 12 x 12 x 8"
        )
        check, show, following = (
            ipywidgets.Button(description=name)
            for name in ("Check", "Solution", "Next")
        )

        def ask(_=None):
            question.value = _page(self.problem.question)
            field.value = verdict.value = solution.value = ""

        def judge(_=None):
            text = f"{self.answer(field.value)} ({self.score}.)"
            verdict.value = f"<p role='status'>{html.escape(text)}</p>"

        def entered(_, message, __):
            if message.get("event") == "submit":  # the Enter key
                judge()

        def explain(_=None):
            solution.value = _page(self.reveal())

        def go_on(_=None):
            self.next()
            ask()

        def change(_=None):
            self.choose(kind.value, level.value)
            ask()

        ask()
        check.on_click(judge)
        field.on_msg(entered)
        show.on_click(explain)
        following.on_click(go_on)
        kind.observe(change, "value")
        level.observe(change, "value")
        return ipywidgets.VBox(
            [
                ipywidgets.HBox([kind, level]),
                question,
                ipywidgets.HBox([field, check, show, following]),
                verdict,
                solution,
            ],
            layout={"width": "100%"},
        )

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        """The controls, and problems on paper for who has no kernel."""
        now = self.problem
        seeds = range(now.seed, now.seed + HANDED_OUT)
        sheet = [problem(now.kind, seed, now.level) for seed in seeds]
        return {
            **self.widget()._repr_mimebundle_(),
            "text/html": "<hr>".join(map(_folded, sheet)),
            "text/plain": "\n\n".join(each.question for each in sheet),
        }

    def _key(self) -> tuple:
        return self.problem.kind, self.problem.level, self.problem.seed


def _folded(each: Problem) -> str:
    """A problem on paper; its solution opens at a click."""
    return (
        f"<div>{_page(each.question)}<details><summary>Solution</summary>"
        f"{_page(each.solution)}</details></div>"
    )


def _page(text: str) -> str:
    """Markdown as HTML."""
    # imports nbconvert, which only who sees a drill needs
    from nbconvert.filters import markdown2html

    return str(markdown2html(text))
