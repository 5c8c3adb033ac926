"""Figures of the lectures: arrays in, a Matplotlib figure out.

Each function returns its figure, which a notebook shows, and prints nothing.
Letters are 18 pt when the figure is as wide as a slide, 12 inches. Colours
are tints of Okabe and Ito's palette, which people who confuse red and green
tell apart; nothing is said by colour alone. `alt_text(figure)` is what a figure
shows in words, for who cannot see it.
"""

from course.plots.animation import Animation
from course.plots.architecture import volumes
from course.plots.canvas import OKABE_ITO, POINTS, SLIDE_HEIGHT, SLIDE_WIDTH
from course.plots.cones import field_cone
from course.plots.confusion import confusion_matrix
from course.plots.depth import growth, stages
from course.plots.descent import path_steps, paths_on_surface
from course.plots.fields import fields_on_image, heat_map
from course.plots.graphs import wiring
from course.plots.grids import number_grids, tap_matrix
from course.plots.learning import learning_curves
from course.plots.lines import curves
from course.plots.mosaics import mosaic
from course.plots.overlays import error_map, heat_on_image, segmentation
from course.plots.pictures import images
from course.plots.steps import arithmetic_steps
from course.plots.tradeoff import trade_off
from course.plots.wording import alt_text

__all__ = [
    "OKABE_ITO",
    "POINTS",
    "SLIDE_HEIGHT",
    "SLIDE_WIDTH",
    "Animation",
    "alt_text",
    "arithmetic_steps",
    "confusion_matrix",
    "curves",
    "error_map",
    "field_cone",
    "fields_on_image",
    "growth",
    "heat_map",
    "heat_on_image",
    "images",
    "learning_curves",
    "mosaic",
    "number_grids",
    "path_steps",
    "paths_on_surface",
    "segmentation",
    "stages",
    "tap_matrix",
    "trade_off",
    "volumes",
    "wiring",
]
