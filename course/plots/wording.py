"""What a figure says in words: its alternative text, and short numbers."""

from collections.abc import Iterable

from matplotlib.figure import Figure

UNITS = ((1e9, "G"), (1e6, "M"), (1e3, "K"))


def alt_text(figure: Figure) -> str:
    """What is to be seen in a figure of this package, for who cannot see it.

    Each function of the package writes it from its own arguments, and the
    figure keeps it as its Matplotlib label.

    Args:
        figure: What a function of course.plots returned.

    Returns:
        One or more sentences.

    Raises:
        ValueError: If the figure has no such text.

    Example:
        >>> from course.plots import images
        >>> alt_text(images([[0, 1]], titles=["rise"]))
        'A grey picture, "rise", of 1 × 2 pixels; black is 0, white 1.'
    """
    text = figure.get_label()
    if not text:
        raise ValueError(
            f"{figure} has no alternative text. Expected a figure that "
            "course.plots made: give any other one by figure.set_label(...)."
        )
    return text


def described(figure: Figure, text: str) -> Figure:
    """The figure, with `text` as its alternative text."""
    figure.set_label(text)
    return figure


def listed(texts: Iterable[str]) -> str:
    """a; a and b; a, b and c."""
    *most, last = texts
    return f"{', '.join(most)} and {last}" if most else last


def counted(number: int, noun: str) -> str:
    """1 row; 2 rows."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def named(name: str) -> str:
    """`"name", ` to put before what it is, or nothing without a name."""
    return f'"{name}", ' if name else ""


def clipped(name: str, most: int) -> str:
    """A long name's beginning, which tells the stage and the block."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


def short(number: float) -> str:
    """Three digits and K, M or G: 138357544 is 138M, 0 is 0."""
    for unit, letter in UNITS:
        # 999 950 would be written as 1000K
        if abs(number) >= 0.9995 * unit:
            return f"{_three(number / unit)}{letter}"
    return _three(number)


def _three(number):
    digits = 0 if abs(number) >= 99.95 else 1 if abs(number) >= 9.995 else 2
    text = f"{number:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
