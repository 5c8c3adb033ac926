"""Figures of the lectures: arrays in, a Matplotlib figure out.

Each function returns its figure, which a notebook shows, and prints nothing.
Letters are 18 pt when the figure is as wide as a slide, 12 inches. Colours
are tints of Okabe and Ito's palette, which people who confuse red and green
tell apart; nothing is said by colour alone.
"""

from course.plots.animation import Animation
from course.plots.canvas import OKABE_ITO, POINTS, SLIDE_HEIGHT, SLIDE_WIDTH
from course.plots.grids import number_grids, tap_matrix
from course.plots.lines import curves
from course.plots.pictures import images

__all__ = [
    "OKABE_ITO",
    "POINTS",
    "SLIDE_HEIGHT",
    "SLIDE_WIDTH",
    "Animation",
    "curves",
    "images",
    "number_grids",
    "tap_matrix",
]
