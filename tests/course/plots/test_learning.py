"""Curves of a training say what its history says."""

import pytest

from course.plots import alt_text, learning_curves

pytestmark = pytest.mark.any_backend

HISTORY = {
    "accuracy": [0.5, 0.75, 1],
    "loss": [1.5, 1.0, 0.5],
    "val_loss": [2, 1.25, 1.5],
}


def test_training_and_validation_share_a_panel():
    loss, accuracy = learning_curves(HISTORY).axes
    assert [ax.get_title() for ax in (loss, accuracy)] == ["loss", "accuracy"]
    drawn = [
        (line.get_label(), line.get_ydata().tolist()) for line in loss.lines
    ]
    assert drawn == [
        ("training", [1.5, 1.0, 0.5]),
        ("validation", [2, 1.25, 1.5]),
    ]
    assert loss.lines[0].get_xdata().tolist() == [1, 2, 3]
    styles = {line.get_linestyle() for line in loss.lines}
    assert len(styles) == 2  # not by colour alone
    assert len(accuracy.lines) == 1


def test_one_epoch_is_a_dot():
    line = learning_curves({"loss": [3]}).axes[0].lines[0]
    assert line.get_marker() == "o"


def test_it_says_where_curves_begin_and_end():
    assert alt_text(learning_curves(HISTORY)) == (
        "Curves over 3 epochs: loss, training 1.5 to 0.5, validation 2 to 1.5; "
        "accuracy, training 0.5 to 1."
    )


@pytest.mark.parametrize("history", [{}, {"loss": []}, {"val_loss": [1]}])
def test_nothing_to_draw(history):
    with pytest.raises(ValueError, match="holds no value"):
        learning_curves(history)
