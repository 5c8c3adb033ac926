"""Data of the lectures: what needs no network, and what one call fetches.

`digits` and `digit_scenes` come with packages that the course needs anyway;
`load` gives these and others in one form.
"""

from course.datasets.handwritten import digits
from course.datasets.loading import load
from course.datasets.table import class_names, palette

__all__ = ["class_names", "digits", "load", "palette"]
