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
    unseen = {id(text) for text in _unseen(figure)}
    found = [
        text
        for text in figure.findobj(Text)
        if text.get_visible()
        and text.get_text().strip()
        and id(text) not in unseen
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


def _unseen(figure):
    """The texts of axes that are off, and of ticks outside their axes."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if not axes.axison:
                yield from axis.findobj(Text)
            low, high = sorted(axis.get_view_interval())
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                if not low <= tick.get_loc() <= high:
                    yield from tick.findobj(Text)
