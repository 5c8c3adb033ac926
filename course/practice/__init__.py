"""Endless problems on paper: sizes, costs, fields and channels.

    from course.practice import Drill, problem

    p = problem("stack", seed=7, level=2)
    print(p)                        # the question
    print(p.check("13 x 13 x 16"))  # right, or a hint to the likely mistake
    print(p.solution)               # steps with the question's numbers
    Drill("stack", level=2)         # the same with a field and buttons

Numbers follow from kind, level and seed alone. CONTRIBUTING.md says how a
graded question uses them.
"""

from course.practice.drill import Drill
from course.practice.generator import for_student, kinds, problem, student
from course.practice.problem import Problem, Verdict

__all__ = [
    "Drill",
    "Problem",
    "Verdict",
    "for_student",
    "kinds",
    "problem",
    "student",
]
