"""Figures of the lectures: arrays in, a Matplotlib figure out.

Each function returns its figure, which a notebook shows, and prints nothing.
Letters are 18 pt when the figure is as wide as a slide, 12 inches. Colours
are tints of Okabe and Ito's palette, which people who confuse red and green
tell apart; nothing is said by colour alone.
"""

import base64
import hashlib
import html
import io
import json
from collections.abc import Sequence
from string import ascii_lowercase

import numpy as np
from matplotlib import colors
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

POINTS = 18
SLIDE_WIDTH, SLIDE_HEIGHT = 12.0, 4.9  # inches
LETTER = 0.155  # inches, the width of a letter
OKABE_ITO = (
    "#0072B2",  # blue
    "#E69F00",  # orange
    "#009E73",  # green
    "#CC79A7",  # purple
    "#56B4E9",  # sky
    "#D55E00",  # vermillion
    "#F0E442",  # yellow
)
PAPER = "#FFFFFF"
GRID = "#999999"
INK = "#000000"


def number_grids(
    *grids,
    titles: Sequence[str] | None = None,
    signs: Sequence[str] | None = None,
    taps: Sequence | None = None,
    kernel_shape: Sequence[int] = (1, 1),
    height: float = SLIDE_HEIGHT,
) -> Figure:
    """Grids of numbers or short texts, side by side.

    Args:
        *grids: Arrays (h, w), or (w,) for one row, of texts or numbers;
            fractions are rounded to three digits.
        titles: A text above each grid.
        signs: A text between each grid and the next, e.g. "+".
        taps: For each grid None, or an array of the grid's shape that tells
            its colours: the number of the kernel's tap, counted from 1 row by
            row, or 0 for none.
        kernel_shape: Shape (kh, kw) or (k,) of the kernel whose taps these
            are.
        height: Of the figure in inches, at most; cells become lower than wide.

    Returns:
        A figure at most 12 inches wide.

    Raises:
        ValueError: If the grids and what goes with them differ in number.

    Example:
        >>> fig = number_grids([[1, 2]], [[3], [4]], signs=["="])
        >>> [text.get_text() for text in fig.axes[0].texts]
        ['1', '2', '=', '3', '4']
    """
    grids = [np.atleast_2d(grid) for grid in grids]
    titles = _one_each("titles", titles, len(grids), "")
    signs = _one_each("signs", signs, len(grids) - 1, "")
    taps = _one_each("taps", taps, len(grids), None)
    texts = [_texts(grid) for grid in grids]
    lines = max(grid.shape[0] for grid in grids)
    width = sum(grid.shape[1] for grid in grids) + len(signs)
    longest = max(len(text) for grid in texts for text in grid.flat)
    top = 0.6 if any(titles) else 0.1
    fig, ax = _canvas(width, lines, 0.0, top, longest, height)
    left = 0.0
    for grid, title, tap, sign in zip(
        texts, titles, taps, [*signs, ""], strict=True
    ):
        rows, columns = grid.shape
        top = (lines - rows) / 2
        tap = np.zeros(grid.shape) if tap is None else tap
        colours = _tap_colours(np.reshape(tap, grid.shape), kernel_shape)
        _draw(ax, grid, colours, left, top)
        _write(ax, left + columns / 2, top - 0.15, title, va="bottom")
        left += columns + 1
        _write(ax, left - 0.5, lines / 2, sign)
    return fig


def tap_matrix(
    taps,
    kernel_shape: Sequence[int],
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    labels: Sequence[str] = ascii_lowercase,
) -> Figure:
    """A convolution matrix as a picture: which tap of the kernel stands where.

    Args:
        taps: Array (m, n) of the numbers of the taps, counted from 1 row by
            row; 0 where the matrix is zero.
        kernel_shape: Shape (kh, kw) or (k,) of the kernel.
        rows: Texts left of the matrix, top to bottom. Each stands for an
            equal share of its rows; thick lines part the shares.
        columns: Likewise texts above its columns.
        labels: What to write for each tap.

    Returns:
        A figure at most 12 inches wide.

    Raises:
        ValueError: If the rows or columns cannot be shared equally.

    Example:
        >>> fig = tap_matrix([[1, 2, 0], [0, 1, 2]], kernel_shape=(2,))
        >>> [text.get_text() for text in fig.axes[0].texts]
        ['a', 'b', 'a', 'b']
    """
    taps = np.asarray(taps, int)
    height, width = taps.shape
    row = _share("rows", rows, height)
    column = _share("columns", columns, width)
    left = LETTER * (max(map(len, rows)) + 1) if rows else 0.0
    fig, ax = _canvas(width, height, left=left, top=0.5 if columns else 0.1)
    texts = np.array(["", *labels])[taps]
    _draw(ax, texts, _tap_colours(taps, kernel_shape), 0, 0)
    for i, text in enumerate(rows):
        _write(ax, -0.15, (i + 0.5) * row, text, ha="right")
    for j, text in enumerate(columns):
        _write(ax, (j + 0.5) * column, -0.15, text, va="bottom")
    ax.hlines(range(0, height + 1, row), 0, width, INK, lw=2)
    ax.vlines(range(0, width + 1, column), 0, height, INK, lw=2)
    return fig


def images(
    *arrays,
    titles: Sequence[str] | None = None,
    limits: tuple[float, float] | None = None,
    height: float = SLIDE_HEIGHT,
) -> Figure:
    """Grey pictures side by side, one grey scale for all.

    Args:
        *arrays: Arrays (h, w) of brightness.
        titles: A text above each picture.
        limits: Brightness of black and of white; None takes the smallest and
            the largest number of all pictures.
        height: Of the figure in inches, at most.

    Returns:
        A figure 12 inches wide, or less where the height allows no more;
        pixels are drawn as squares, nothing is smoothed.

    Raises:
        ValueError: If an array is no picture, or titles differ in number.

    Example:
        >>> fig = images([[0, 1]], [[2, 3]], titles=["dark", "bright"])
        >>> [ax.get_title() for ax in fig.axes]
        ['dark', 'bright']
    """
    arrays = [np.asarray(array, float) for array in arrays]
    for array in arrays:
        if array.ndim != 2:
            raise ValueError(
                f"a picture has shape {array.shape}. Expected (h, w): take "
                "one channel, or one picture of the batch."
            )
    titles = _one_each("titles", titles, len(arrays), "")
    dark, bright = limits or (
        min(array.min() for array in arrays),
        max(array.max() for array in arrays),
    )
    top = 0.5 if any(titles) else 0.05
    ratio = sum(array.shape[1] / array.shape[0] for array in arrays)
    height = min((SLIDE_WIDTH - 0.2 * len(arrays)) / ratio, height - top)
    size = (ratio * height + 0.2 * len(arrays), height + top)
    fig = plt.figure(figsize=size)
    plt.close(fig)
    left = 0.1
    for array, title in zip(arrays, titles, strict=True):
        width = height * array.shape[1] / array.shape[0]
        box = np.divide((left, 0.03, width, height), (*size, *size))
        ax = fig.add_axes(box)
        ax.imshow(array, "gray", vmin=dark, vmax=bright, interpolation="none")
        ax.set_title(title, fontsize=POINTS, color=INK)
        ax.set_axis_off()
        left += width + 0.2
    return fig


def curves(
    *series,
    labels: Sequence[str],
    axes: tuple[str, str] = ("", ""),
    dots: Sequence[bool] | None = None,
) -> Figure:
    """Lines and dots in one coordinate system, named beside it.

    Args:
        *series: Pairs (x, y) of equally long sequences.
        labels: A name for each; colour, dash and marker tell them apart.
        axes: What the horizontal and the vertical axis count.
        dots: For each series whether it is drawn as dots; None means lines.

    Returns:
        A figure 12 inches wide.

    Raises:
        ValueError: If names or dots differ in number from the series.

    Example:
        >>> fig = curves(([0, 1], [2, 3]), labels=["up"])
        >>> fig.axes[0].lines[0].get_ydata().tolist()
        [2, 3]
    """
    labels = _one_each("labels", labels, len(series), "")
    dots = _one_each("dots", dots, len(series), False)
    fig = plt.figure(figsize=(SLIDE_WIDTH, 3.6))
    plt.close(fig)
    ax = fig.add_axes((0.085, 0.22, 0.6, 0.72))
    for i, ((x, y), label, dot) in enumerate(
        zip(series, labels, dots, strict=True)
    ):
        look = {"color": OKABE_ITO[i % len(OKABE_ITO)], "label": label}
        if dot:
            look |= {"ls": "", "marker": "os^D"[i % 4], "ms": 13}
        else:
            look |= {"ls": ("-", "--", ":", "-.")[i % 4], "lw": 3}
        ax.plot(np.asarray(x), np.asarray(y), **look)
    ax.set_xlabel(axes[0], fontsize=POINTS)
    ax.set_ylabel(axes[1], fontsize=POINTS)
    ax.tick_params(labelsize=POINTS)
    ax.grid(color=GRID, alpha=0.4)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(
        loc="center left",
        bbox_to_anchor=(1.0, 0.5),
        fontsize=POINTS,
        frameon=False,
    )
    return fig


class Animation:
    """Figures one after the other, with buttons: a page of its own.

    A notebook or a slide shows the last figure and, where scripts may run,
    buttons that step and play; nothing moves before somebody asks for it, and
    whoever has asked the system for less motion only gets the steps. Without
    scripts the last figure stays. Nothing is loaded from elsewhere.

    Args:
        figures: The frames; equally large ones do not jump.
        captions: What each frame shows, a sentence; it stands below the frame
            and is what a screen reader says.
        seconds: How long each frame stays while playing.

    Raises:
        ValueError: If there are no frames, or captions differ in number.

    Example:
        >>> show = Animation([number_grids([i]) for i in (1, 2)], ["1", "2"])
        >>> sorted(show._repr_mimebundle_())
        ['image/png', 'text/html', 'text/plain']
    """

    def __init__(
        self,
        figures: Sequence[Figure],
        captions: Sequence[str],
        seconds: float = 1.5,
    ):
        if not figures:
            raise ValueError("an animation of no figures. Expected one or more")
        self.captions = _one_each("captions", captions, len(figures), "")
        self.frames = [_png(figure) for figure in figures]
        self.seconds = seconds

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        """The page, and the last frame for whoever shows no pages."""
        return {
            "text/html": self.to_html(),
            "image/png": self.frames[-1],
            "text/plain": f"Animation of {len(self.frames)} frames: "
            + " ".join(self.captions),
        }

    def to_html(self) -> str:
        """The animation as a piece of a page."""
        data = json.dumps(
            {
                "frames": [_URI + frame for frame in self.frames],
                "captions": self.captions,
                "milliseconds": round(1000 * self.seconds),
            }
        ).replace("<", "\\u003c")
        name = "animation-" + hashlib.sha256(data.encode()).hexdigest()[:12]
        caption = html.escape(self.captions[-1], quote=True)
        return _PAGE % {
            "name": name,
            "still": _URI + self.frames[-1],
            "caption": caption,
            "script": _SCRIPT.replace("DATA", data).replace("NAME", name),
        }


_URI = "data:image/png;base64,"
_PAGE = """\
<figure id="%(name)s" class="course-animation"
 style="margin:0;text-align:center">
<img src="%(still)s" alt="%(caption)s" style="max-width:100%%;max-height:480px">
<figcaption style="font-size:max(1em,20px);min-height:1.3em"
 aria-live="polite">%(caption)s</figcaption>
</figure>
<script>
%(script)s
</script>"""
# Keys stop at the figure: the slides would turn the page for them.
_SCRIPT = """\
(function () {
  const {frames, captions, milliseconds} = DATA;
  for (const figure of document.querySelectorAll("#NAME")) {
    if (figure.dataset.ready) continue;
    figure.dataset.ready = "yes";
    const image = figure.querySelector("img");
    const caption = figure.querySelector("figcaption");
    const bar = document.createElement("div");
    const last = frames.length - 1;
    let shown = last, timer = null, play = null;
    const show = (index) => {
      shown = index;
      image.src = frames[index];
      image.alt = captions[index];
      caption.textContent = `${index + 1}/${frames.length}  ` + captions[index];
    };
    const stop = () => {
      clearInterval(timer);
      timer = null;
      if (play) play.textContent = "Play";
    };
    const start = () => {
      show(shown === last ? 0 : shown);
      play.textContent = "Pause";
      timer = setInterval(() => {
        if (shown < last) show(shown + 1);
        if (shown === last || !figure.isConnected) stop();
      }, milliseconds);
    };
    const step = (by) => {
      stop();
      show(Math.min(last, Math.max(0, shown + by)));
    };
    const button = (text, action) => {
      const made = document.createElement("button");
      made.type = "button";
      made.textContent = text;
      made.style.cssText =
        "font:inherit;font-size:max(0.86em,18px);margin:0 0.3em;" +
        "padding:0.1em 0.8em";
      made.addEventListener("click", action);
      bar.append(made);
      return made;
    };
    button("First", () => { stop(); show(0); });
    button("Back", () => step(-1));
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches)
      play = button("Play", () => (timer === null ? start() : stop()));
    button("Next", () => step(1));
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", "Steps of the animation");
    figure.addEventListener("keydown", (event) => {
      if (event.key === "ArrowLeft") step(-1);
      else if (event.key === "ArrowRight") step(1);
      else if (event.key !== " " && event.key !== "Enter") return;
      event.stopPropagation();
    });
    figure.insertBefore(bar, caption);
    addEventListener("beforeprint", () => { stop(); show(last); });
    if (!matchMedia("print").matches) show(0);
  }
})();"""


def _png(figure):
    """A figure as base64 of a PNG file that holds no date."""
    with io.BytesIO() as file:
        figure.savefig(file, format="png", dpi=100, metadata={"Software": None})
        return base64.b64encode(file.getvalue()).decode("ascii")


def _share(name, texts, size):
    """How many of `size` rows or columns each text stands for."""
    if not texts:
        return size
    if size % len(texts):
        raise ValueError(
            f"{len(texts)} texts for {size} {name}. Expected a divisor of "
            f"{size}, so that each text stands for equally many."
        )
    return size // len(texts)


def _canvas(width, height, left=0.0, top=0.1, longest=1, inches=SLIDE_HEIGHT):
    """A figure for `height` x `width` cells: one axes, its unit one cell.

    Cells are squares of 0.66 inches, wider where the longest text needs it,
    smaller where the slide, or `inches` for the whole height, does.
    """
    across = max(0.66, LETTER * (longest + 1))
    across = min(across, (SLIDE_WIDTH - left - 0.1) / width)
    down = min(0.66, across, (inches - top - 0.1) / height)
    size = (left + across * width + 0.1, top + down * height + 0.1)
    fig = plt.figure(figsize=size)
    plt.close(fig)  # else a notebook would show it twice
    box = (left, 0.05, across * width + 0.05, down * height)
    box = np.divide(box, (*size, *size))
    ax = fig.add_axes(
        box, xlim=(-0.03, width + 0.03), ylim=(height + 0.03, -0.03)
    )
    ax.set_axis_off()
    return fig, ax


def _draw(ax, texts, fills, left, top):
    """One grid of cells whose upper left corner is at (left, top)."""
    for (row, column), text in np.ndenumerate(texts):
        corner = left + column, top + row
        ax.add_patch(
            Rectangle(
                corner, 1, 1, fc=fills[row][column], ec=GRID, clip_on=False
            )
        )
        _write(ax, corner[0] + 0.5, corner[1] + 0.5, text)


def _write(ax, x, y, text, ha="center", va="center"):
    if text:
        ax.text(x, y, text, ha=ha, va=va, fontsize=POINTS, color=INK)


def _texts(grid):
    """What to write into the cells of a grid."""
    if grid.dtype.kind in "USiu":
        return grid.astype(str)
    return np.vectorize(lambda value: f"{value:.3g}", otypes=[str])(grid)


def _tap_colours(taps, kernel_shape):
    """A colour a cell: the hue tells the tap's row, the tint its column."""
    rows, columns = (*kernel_shape, 1)[:2]
    if rows == 1:
        rows, columns = columns, 1
    tints = np.linspace(0.7, 0.35, columns) if columns > 1 else [0.45]
    fills = [PAPER]
    for row in range(rows):
        hue = np.array(colors.to_rgb(OKABE_ITO[row % len(OKABE_ITO)]))
        fills += [tuple(white + (1 - white) * hue) for white in tints]
    return [[fills[tap] for tap in line] for line in np.asarray(taps, int)]


def _one_each(name, values, count, default):
    """`values` as a list of `count`; all `default` when None."""
    values = [default] * count if values is None else list(values)
    if len(values) != count:
        raise ValueError(
            f"{name} holds {len(values)} entries. Expected {count} here."
        )
    return values
