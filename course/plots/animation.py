"""Figures one after the other, as a page that needs no network."""

import base64
import hashlib
import html
import io
import json
import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from course.plots.canvas import LETTER, POINTS, base64_png, one_each

DPI = 100


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
        >>> from course.plots import number_grids
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
        self.captions = one_each("captions", captions, len(figures), "")
        self.frames = [base64_png(figure, DPI) for figure in figures]
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

    def save(self, path: str | Path) -> None:
        """Write the animation into a file, the same bytes each time.

        Args:
            path: Ends in .html, a page of its own, or in .gif, which repeats,
                its captions below the frames.

        Raises:
            ValueError: If it ends otherwise.
        """
        path = Path(path)
        if path.suffix == ".html":
            title = html.escape(self.captions[0])
            page = _DOCUMENT % {"title": title, "body": self.to_html()}
            path.write_text(page, "utf-8", newline="\n")
        elif path.suffix == ".gif":
            path.write_bytes(self._gif())
        else:
            raise ValueError(
                f"{path.name} ends in {path.suffix!r}. Expected .html or .gif: "
                "name the file so."
            )

    def _gif(self):
        frames = [
            _captioned(base64.b64decode(frame), caption)
            for frame, caption in zip(self.frames, self.captions, strict=True)
        ]
        size = np.max([frame.size for frame in frames], axis=0).tolist()
        pictures = []
        for frame in frames:
            picture = Image.new("RGB", tuple(size), "white")
            picture.paste(frame)
            pictures.append(picture.quantize(dither=Image.Dither.NONE))
        with io.BytesIO() as file:
            first, *others = pictures
            first.save(
                file,
                "gif",
                save_all=True,
                append_images=others,
                duration=round(1000 * self.seconds),
                loop=0,
            )
            return file.getvalue()


_DOCUMENT = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>%(title)s</title>
</head>
<body style="font:20px sans-serif">
%(body)s
</body>
</html>
"""
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


def _captioned(png, caption):
    """A frame on white, its caption below in lines as wide as it."""
    with Image.open(io.BytesIO(png)) as picture:
        frame = picture.convert("RGB")
    wide = max(frame.width, 600) / DPI
    lines = textwrap.wrap(caption, int(wide / LETTER))
    high = 0.35 * len(lines) + 0.15
    # not pyplot's: nothing is to be closed
    below = Figure(figsize=(wide, high))
    below.text(
        0.5,
        0.5,
        "\n".join(lines),
        fontsize=POINTS,
        ha="center",
        va="center",
        parse_math=False,
    )
    png = base64.b64decode(base64_png(below, DPI))
    with Image.open(io.BytesIO(png)) as picture:
        words = picture.convert("RGB")
    whole = Image.new(
        "RGB", (words.width, frame.height + words.height), "white"
    )
    whole.paste(frame, ((words.width - frame.width) // 2, 0))
    whole.paste(words, (0, frame.height))
    return whole
