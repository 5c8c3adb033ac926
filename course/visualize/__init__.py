"""What a network looks at, and what it looks for: arrays in, arrays out.

Any functional Keras model with one input can be looked into, models inside it
too: "encoder/conv1" names a layer there. The model stays as it is. Figures of
what is found are in `course.plots`.
"""

from course.visualize.ascent import Ascent, activation_maximization
from course.visualize.backward import (
    backprojection,
    deconvnet,
    guided_backprop,
    saliency,
)
from course.visualize.cam import grad_cam
from course.visualize.inside import activations, filters
from course.visualize.patches import occlusion

__all__ = [
    "Ascent",
    "activation_maximization",
    "activations",
    "backprojection",
    "deconvnet",
    "filters",
    "grad_cam",
    "guided_backprop",
    "occlusion",
    "saliency",
]
