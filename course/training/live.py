"""A training as it goes on, in a notebook."""

import time

import keras
from IPython.display import Image, display

from course.plots import alt_text, learning_curves
from course.plots.canvas import png

DPI = 60
PATIENCE = 0.5  # seconds between two looks at the same line
SHARE = 0.1  # of the time may be spent on drawing


class Live(keras.callbacks.Callback):
    """A line that says how far a training is, and its curves under it.

    Args:
        state: What holds the history, callback before this one.
        epochs: How many there will be.
    """

    def __init__(self, state, epochs: int):
        super().__init__()
        self.state, self.epochs = state, epochs
        self.begun = time.monotonic()
        self.before = state.epoch * state.steps + state.step
        self.told = self.drawn = self.cost = 0.0
        self.logs: dict[str, float] = {}
        self.line = self.picture = None

    def on_train_batch_end(self, batch, logs=None):
        if time.monotonic() - self.told >= PATIENCE:
            self._tell(logs or {})

    def on_epoch_end(self, epoch, logs=None):
        self._tell(logs or {})
        if time.monotonic() - self.drawn >= self.cost / SHARE:
            self._draw()

    def on_train_end(self, logs=None):
        # also if patience or a callback ended it before the last epoch
        self._tell(self.logs, is_over=True)
        if self.state.history:
            self._draw()

    def _tell(self, logs, is_over=False):
        """Replace the line."""
        self.told, self.logs = time.monotonic(), logs
        epoch, step = self.state.epoch, self.state.step
        done = epoch * self.state.steps + step
        left = self.epochs * self.state.steps - done
        took = self.told - self.begun
        each = took / max(done - self.before, 1)
        where = f"Epoch {epoch} of {self.epochs}"
        if step:
            where += f" and {step} of {self.state.steps} steps"
        values = ", ".join(
            f"{name} {value:.4g}" for name, value in logs.items()
        )
        text = f"{where}: {values}. {took:.0f} s"
        text += "." if is_over else f", some {left * each:.0f} s to go."
        data = {"text/plain": text}
        if self.line is None:
            self.line = display(data, raw=True, display_id=True)
        else:
            self.line.update(data, raw=True)

    def _draw(self):
        """Replace the curves."""
        begun = time.monotonic()
        figure = learning_curves(self.state.history)
        image = Image(png(figure, DPI), alt=alt_text(figure))
        if self.picture is None:
            self.picture = display(image, display_id=True)
        else:
            self.picture.update(image)
        self.drawn = time.monotonic()
        self.cost = self.drawn - begun
