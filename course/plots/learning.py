"""How loss and metrics change while a network is trained."""

from collections.abc import Mapping, Sequence

from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from course.plots.canvas import GRID, OKABE_ITO, POINTS, SLIDE_WIDTH
from course.plots.wording import described

VALIDATION = "val_"


def learning_curves(history: Mapping[str, Sequence[float]]) -> Figure:
    """Loss and metrics after each epoch, a panel each.

    Args:
        history: Values after each epoch by name, as `course.training.fit`
            returns them; val_loss stands in the panel of loss, dashed.

    Returns:
        A figure 12 inches wide.

    Raises:
        ValueError: If there is no value.

    Example:
        >>> fig = learning_curves({"loss": [3, 2, 1], "val_loss": [3, 2, 2]})
        >>> [line.get_ydata().tolist() for line in fig.axes[0].lines]
        [[3, 2, 1], [3, 2, 2]]
    """
    names = [name for name in history if not name.startswith(VALIDATION)]
    names.sort(key=lambda name: name != "loss")  # which is to fall, first
    if not names or not any(map(len, history.values())):
        raise ValueError(
            f"history={dict(history)} holds no value. Expected such as "
            '{"loss": [1.2, 0.7], "val_loss": [1.3, 0.9]}.'
        )
    fig, _ = plt.subplots(
        1, len(names), figsize=(SLIDE_WIDTH, 3.6), layout="constrained"
    )
    plt.close(fig)  # else a notebook would show it twice
    for ax, name in zip(fig.axes, names, strict=True):
        _panel(ax, name, history)
    fig.axes[0].legend(fontsize=POINTS, frameon=False)
    return described(fig, _alt(names, history))


def _panel(ax, name, history):
    looks = (
        (name, "training", "-", OKABE_ITO[0]),
        (VALIDATION + name, "validation", "--", OKABE_ITO[5]),
    )
    for key, label, dash, colour in looks:
        values = list(history.get(key, ()))
        if values:
            # a single epoch is no line yet
            marker = "o" if len(values) == 1 else ""
            epochs = range(1, len(values) + 1)
            look = {"ls": dash, "lw": 3, "marker": marker, "color": colour}
            ax.plot(epochs, values, label=label, **look)
    ax.set_title(name.replace("_", " "), fontsize=POINTS)
    ax.set_xlabel("epoch", fontsize=POINTS)
    ax.tick_params(labelsize=POINTS)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.grid(color=GRID, alpha=0.4)
    ax.spines[["top", "right"]].set_visible(False)


def _alt(names, history):
    parts = []
    for name in names:
        ends = [
            f"{who} {values[0]:.3g} to {values[-1]:.3g}"
            for who, key in (("training", name), ("validation", "val_" + name))
            if (values := history.get(key))
        ]
        parts.append(f"{name.replace('_', ' ')}, {', '.join(ends)}")
    epochs = max(map(len, history.values()))
    return f"Curves over {epochs} epochs: {'; '.join(parts)}."
