"""What every figure of course.plots must hold, and how tests look at one."""

from itertools import combinations

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from course.plots import POINTS, SLIDE_WIDTH


def pixels(figure):
    """What a figure looks like, (height, width, 3) from 0 to 255."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].astype(int)


def words(figure):
    """Each text that is written in the figure, with its box in pixels."""
    pixels(figure)  # else a tick has no text yet
    renderer = FigureCanvasAgg(figure).get_renderer()
    found = [
        text
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and _is_shown(text)
    ]
    return [(text, text.get_window_extent(renderer)) for text in found]


def check_letters(figure, height=4.9):
    """Large, inside the figure, and none upon another."""
    size = figure.get_size_inches()
    assert size[0] <= SLIDE_WIDTH + 1e-9
    assert size[1] <= height + 1e-9
    texts = words(figure)
    assert texts
    for text, box in texts:
        assert text.get_fontsize() >= POINTS, text
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= size[0] * figure.dpi, text
        assert box.y1 <= size[1] * figure.dpi, text
    for (one, a), (other, b) in combinations(texts, 2):
        beside = a.x1 <= b.x0 or b.x1 <= a.x0
        assert beside or a.y1 <= b.y0 or b.y1 <= a.y0, (one, other)


def _is_shown(text):
    """False for the labels that Matplotlib keeps of ticks out of sight."""
    axes = text.axes
    if axes is None:
        return True
    shown = {
        id(label)
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        for label in (tick.label1, tick.label2)
    }
    if id(text) not in shown:
        return axes.axison or text in axes.texts or text is axes.title
    if not axes.axison:
        return False
    return any(
        low <= tick.get_loc() <= high
        for axis in (axes.xaxis, axes.yaxis)
        for low, high in [sorted(axis.get_view_interval())]
        for tick in axis.get_major_ticks()
        if text in (tick.label1, tick.label2)
    )
