"""Data of the lectures: what needs no network, and what one call fetches."""

from course.datasets.handwritten import digits

__all__ = ["digits"]
