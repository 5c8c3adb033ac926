"""A network looked at layer by layer, in JupyterLab or on paper.

Choose a layer and one of its units: the image shows what the unit sees, the
table what the layer makes, holds and costs. Where no kernel answers, as on an
exported page, a picture of some layers' fields stands in.
"""

import html
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from course import plots
from course.plots.canvas import base64_png
from course.receptive_field import ReceptiveField, receptive_fields
from course.summary import Row, memory, number, summary

DPI = 72
NESTED = 5  # fields shown at once where nothing can be chosen


class Explorer:
    """The layers of a model with places, and what their units see.

    A notebook shows it as dropdown, sliders, image and table. A page without
    kernel shows the fields of some layers' middle units.

    Args:
        model: A built Functional or Sequential model with one input of images
            (h, w, c).
        image: What units look at, (h, w) or (h, w, 3); None for a photograph
            of scikit-image in the model's size.

    Raises:
        ValueError: If the model or a layer of it is refused by
            `course.receptive_field`, or the image is none.

    Example:
        >>> from course.models import lenet5
        >>> explorer = Explorer(lenet5(), np.zeros((32, 32)))
        >>> explorer.layers
        ['C1', 'S2', 'C3', 'S4', 'C5']
        >>> print(explorer.describe("S2")["receptive field"])
        6 x 6, stride 2 x 2
    """

    def __init__(self, model: keras.Model, image: Any = None):
        entry = tuple(model.inputs[0].shape) if model.inputs else ()
        if len(entry) != 4 or len(model.inputs) > 1:
            raise ValueError(
                f"{model.name} has {len(model.inputs)} inputs, the first of "
                f"shape {entry}. Expected one input of images (n, h, w, c)."
            )
        self.model = model
        self.image = _photograph(model) if image is None else np.asarray(image)
        shape = (*self.image.shape[:2], model.inputs[0].shape[-1])
        self._rows: dict[str, Row] = {}
        for row in summary(model, input_shape=shape).rows:
            self._rows.setdefault(row.layer, row)
        self._fields = receptive_fields(model, input_shape=shape)

    @property
    def layers(self) -> list[str]:
        """Names of the layers that can be chosen, in graph order."""
        return list(self._fields)

    def describe(
        self, layer: str, position: Sequence[int] | None = None
    ) -> dict[str, str]:
        """What stands in the table, for a unit (row, column) of a layer.

        Args:
            layer: One of `layers`.
            position: The unit; None for the middle one.
        """
        field, unit = self._unit(layer, position)
        row = self._rows[layer.partition("#")[0]]
        sizes = tuple(axis.size for axis in field.windows)
        return {
            "layer": f"{layer} ({row.kind})",
            "output": _times((*sizes, row.output_shape[-1])),
            "parameters": number(row.trainable + row.non_trainable),
            "multiplications": number(row.macs),
            "memory": memory(row.memory),
            "receptive field": _seen(field),
            "unit": f"row {unit[0]}, column {unit[1]}",
            "sees": _pixels(field.window(unit)),
        }

    def figure(
        self, layer: str | None = None, position: Sequence[int] | None = None
    ):
        """The image, and on it what a unit sees.

        Args:
            layer: One of `layers`; None for the middle units of some of them.
            position: The unit (row, column); None for the middle one.

        Returns:
            A Matplotlib figure.

        Raises:
            ValueError: If the layer or the unit is not there.
        """
        chosen = self._some() if layer is None else [layer]
        windows = []
        for name in chosen:
            field, unit = self._unit(name, position)
            windows.append(field.window(unit))
        return plots.fields_on_image(self.image, windows, chosen)

    def widget(self):
        """The controls, for JupyterLab: an `ipywidgets.VBox`."""
        import ipywidgets

        layer = ipywidgets.Dropdown(options=self.layers, description="layer")
        row, column = (
            ipywidgets.IntSlider(description=axis, continuous_update=False)
            for axis in ("row", "column")
        )
        shown = ipywidgets.HTML()

        def show(_=None):
            shown.value = self._page(layer.value, (row.value, column.value))

        def choose(_=None):
            """Begin at the new layer's middle, shown once, not thrice."""
            field, unit = self._unit(layer.value, None)
            for slider, axis, place in zip(
                (row, column), field.windows, unit, strict=True
            ):
                slider.unobserve_all("value")
                slider.max = axis.size - 1
                slider.value = place
                slider.observe(show, "value")
            show()

        choose()
        layer.observe(choose, "value")
        return ipywidgets.VBox(
            [ipywidgets.HBox([layer, row, column]), shown],
            layout={"width": "100%"},
        )

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        """The controls, and a picture for whoever cannot show them."""
        figure = self.figure()
        live = self.widget()._repr_mimebundle_()
        return {
            **live,
            "text/html": _image(figure),
            "image/png": base64_png(figure, DPI),
            "text/plain": plots.alt_text(figure),
        }

    def _page(self, layer, position) -> str:
        described = self.describe(layer, position)
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
            f"<td style='text-align:left'>{html.escape(value)}</td></tr>"
            for name, value in described.items()
        )
        picture = _image(self.figure(layer, position))
        return f"{picture}<table aria-live='polite'>{rows}</table>"

    def _some(self) -> list[str]:
        """A few layers from the first to the last, each seeing more."""
        growing: list[str] = []
        largest = 0
        for name, field in self._fields.items():
            if max(field.size) > largest and not field.is_whole:
                growing.append(name)
                largest = max(field.size)
        places = np.linspace(0, len(growing) - 1, NESTED).round()
        return [growing[int(i)] for i in dict.fromkeys(places)]

    def _unit(self, layer, position) -> tuple[ReceptiveField, tuple[int, ...]]:
        if layer not in self._fields:
            raise ValueError(
                f"layer={layer!r} has no places, or is not in "
                f"{self.model.name}. Expected one of {', '.join(self.layers)}."
            )
        field = self._fields[layer]
        sizes = tuple(axis.size for axis in field.windows)
        if position is None:
            return field, tuple(size // 2 for size in sizes)
        unit = tuple(int(place) for place in position)
        if len(unit) != len(sizes) or not all(
            0 <= place < size for place, size in zip(unit, sizes, strict=True)
        ):
            raise ValueError(
                f"position={unit} is not in the map of {layer}, which has "
                f"{_times(sizes)} places. Expected (row, column) from 0."
            )
        return field, unit


def _photograph(model) -> np.ndarray:
    """An astronaut, as large as the model's images."""
    from skimage import data, transform

    sizes = [size or 224 for size in model.inputs[0].shape[1:3]]
    return transform.resize(data.astronaut(), sizes, anti_aliasing=True)


def _times(values) -> str:
    return " x ".join(str(value) for value in values)


def _seen(field: ReceptiveField) -> str:
    if field.is_whole:
        return "the whole input"
    return f"{_times(field.size)}, stride {_times(field.stride)}"


def _pixels(window) -> str:
    return ", ".join(
        f"{name} {first} to {last}"
        for name, (first, last) in zip(("rows", "columns"), window, strict=True)
    )


def _image(figure) -> str:
    text = html.escape(plots.alt_text(figure), quote=True)
    return (
        f'<img alt="{text}" style="max-width:100%" '
        f'src="data:image/png;base64,{base64_png(figure, DPI)}">'
    )
