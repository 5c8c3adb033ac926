"""Each step takes what the convolution's matrix takes, and says so."""

import re

import numpy as np
import pytest
from matplotlib import pyplot as plt
from PIL import Image

from course import plots
from course.convolution_matrix import convolution_matrix
from course.plots.steps import frames_of
from tests.figures import check_letters

pytestmark = pytest.mark.any_backend

CASES = [
    # size, kernel size, stride, padding, dilation, transposed
    (4, 3, 1, 0, 1, False),
    (5, 3, 2, 1, 1, False),
    (6, 3, 2, 0, 1, False),  # the last row and column are never read
    (5, 2, 1, 1, 3, False),
    (3, 1, 2, 2, 1, False),  # some outputs see zeros alone
    (2, 3, 2, 0, 1, True),
    (3, 3, 2, 1, 1, True),
    (2, 2, 1, 0, 2, True),
    (3, 1, 2, 0, 1, True),
    (4, 2, 1, 2, 1, True),  # cropped by more than the kernel reaches beyond
]


def weights(size, kernel_size, stride, padding, dilation, transposed):
    """(outputs, inputs): the number of the tap between them, 0 for none."""
    kernel = np.arange(1, kernel_size**2 + 1).reshape(kernel_size, kernel_size)
    small = size
    if transposed:
        reach = dilation * (kernel_size - 1) + 1
        size = stride * (size - 1) + reach - 2 * padding
    matrix = convolution_matrix(
        kernel, (size, size), stride, padding, dilation=dilation
    )
    if transposed:
        assert matrix.shape[0] == small**2
        return matrix.T
    return matrix


def said(caption):
    """The input's rows and columns that a caption names."""
    found = re.search(r"input rows? (.*?), columns? ([^;.]*)", caption)
    if not found:
        assert "zeros alone" in caption
        return [], []
    return [
        [int(i) for i in re.findall(r"\d+", part)] for part in found.groups()
    ]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_captions_name_what_the_matrix_takes(case):
    size = case[0]
    matrix = weights(*case)
    captions = [caption for _, caption in frames_of(*case)]
    assert len(captions) == len(matrix)
    outputs = round(len(matrix) ** 0.5)
    for i, (caption, line) in enumerate(zip(captions, matrix, strict=True)):
        rows, columns = said(caption)
        taken = {row * size + column for row in rows for column in columns}
        assert taken == set(np.flatnonzero(line)), caption
        assert caption.startswith(f"Output ({i // outputs}, {i % outputs}):")
        zeros = case[1] ** 2 - len(taken)
        assert (f"other {zeros} of" in caption) == (bool(zeros and taken))
    assert captions[-1].endswith(f"= {outputs}.")
    assert sum("Size:" in caption for caption in captions) == 1


def cells(figure):
    """Corner -> text of each cell, as drawn; titles and arrow left out."""
    return {
        (x - 0.5, y - 0.5): text.get_text()
        for text in figure.axes[0].texts
        for x, y in [text.get_position()]
        if text.get_text() not in ("input", "output", "→")
    }


@pytest.mark.parametrize("case", CASES, ids=str)
def test_taps_stand_on_the_pixels_that_they_multiply(case):
    size, _, stride, padding, dilation, transposed = case
    around = dilation * (case[1] - 1) - padding if transposed else padding
    step = stride if transposed else 1
    for (figure, _), line in zip(frames_of(*case), weights(*case), strict=True):
        ax = figure.axes[0]
        (title,) = (t for t in ax.texts if t.get_text() == "input")
        top = title.get_position()[1] + 0.1
        written = cells(figure)
        for pixel, tap in enumerate(line):
            row, column = (around + step * i for i in divmod(pixel, size))
            drawn = written.get((column, top + row), "")
            inside = row >= 0 and column >= 0
            assert drawn == (str(tap) if tap else "") or not inside


def test_the_outputs_so_far_bear_a_dot():
    for i, (figure, _) in enumerate(frames_of(4, 3, 1, 0, 1, False)):
        dots = [at for at, text in cells(figure).items() if text == "●"]
        assert dots == [(6 + j % 2, 1 + j // 2) for j in range(i + 1)]


def test_zeros_are_written_around_and_between():
    figure, _ = next(frames_of(3, 1, 2, 1, 1, False))
    assert list(cells(figure).values()).count("0") == 16 - 1
    figure, _ = next(frames_of(3, 1, 2, 0, 1, True))
    assert list(cells(figure).values()).count("0") == 25 - 9


@pytest.mark.parametrize("case", [CASES[1], CASES[6], (9, 3, 2, 2, 2, False)])
def test_letters_fit_their_cells(case):
    figure, caption = next(frames_of(*case))
    check_letters(figure, height=4.4)
    assert plots.alt_text(figure) == caption


def test_an_animation_is_saved_as_a_page_and_as_a_picture(tmp_path):
    show = plots.arithmetic_steps(3, 2)
    for end in ("html", "gif"):
        show.save(tmp_path / f"first.{end}")
        plots.arithmetic_steps(3, 2).save(str(tmp_path / f"again.{end}"))
        first, again = (tmp_path / f"{n}.{end}" for n in ("first", "again"))
        assert first.read_bytes() == again.read_bytes()
    page = (tmp_path / "first.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert show.to_html() in page
    assert "http" not in page
    with Image.open(tmp_path / "first.gif") as gif:
        assert gif.n_frames == 4
        assert gif.info["loop"] == 0
        assert gif.info["duration"] == 1500
    assert plt.get_fignums() == []


def test_a_saved_picture_shows_each_frame_above_its_caption(tmp_path):
    figures = [plots.number_grids([1]), plots.number_grids([[2, 3], [4, 5]])]
    show = plots.Animation(figures, ["one $x$", "two " * 40], 0.5)
    show.save(tmp_path / "show.gif")
    with Image.open(tmp_path / "show.gif") as gif:
        assert gif.info["duration"] == 500
        pictures = []
        for i in range(2):
            gif.seek(i)
            pictures.append(np.asarray(gif.convert("L")))
    one, two = pictures
    assert one.shape == two.shape
    first, second = (round(fig.get_figheight() * 100) for fig in figures)
    assert (one[:first] < 99).any()
    assert (one[first : first + 50] < 99).any()
    assert (two[:second] < 99).any()
    assert (two[second : second + 50] < 99).any()
    assert not (two[:, [0, -1]] < 99).any()


def test_only_pages_and_moving_pictures_can_be_saved(tmp_path):
    show = plots.Animation([plots.number_grids([1])], ["one"])
    with pytest.raises(ValueError, match=r"a.mp4 ends in '.mp4'.*\.gif"):
        show.save(tmp_path / "a.mp4")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((9, 3), "7 × 7 outputs make 49 frames.*at most 36"),
        ((12, 3, 3, 2), "16 places a side.*at most 14"),
        ((2, 3), "reaches over 3 places.*has 2.*more padding"),
        ((3, 3, 1, 0, 2), "reaches over 5 places"),
        ((1, 1, 1, 1, 1, True), "reaches over 1 places.*has 0"),
        ((0, 3), "size is 0.*from 1 on"),
        ((4, 2.0), "kernel_size is 2.0.*integer"),
        ((4, (3, 3)), r"kernel_size is \(3, 3\).*both axes"),
        ((4, 3, 0), "stride is 0"),
        ((4, 3, 1, -1), "padding is -1.*from 0 on"),
        ((4, 3, 1, "same"), "padding is 'same'"),
        ((4, 3, 1, 0, True), "dilation is True"),
    ],
)
def test_steps_that_cannot_be_shown_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        plots.arithmetic_steps(*arguments)
