"""Which part of the image each unit of a network sees.

The rules are those of Araujo, Norris and Sim, "Computing receptive fields of
convolutional neural networks", Distill, 2019, doi:10.23915/distill.00021,
carried further to windows that differ from unit to unit, as transposed
convolutions and upsampling make them.
"""

from course.receptive_field.effective import (
    EffectiveField,
    effective_receptive_field,
)
from course.receptive_field.empirical import empirical_receptive_field
from course.receptive_field.fields import (
    ReceptiveField,
    input_window,
    receptive_field,
    receptive_fields,
)
from course.receptive_field.pixels import seen_pixels
from course.receptive_field.rules import register

__all__ = [
    "EffectiveField",
    "ReceptiveField",
    "effective_receptive_field",
    "empirical_receptive_field",
    "input_window",
    "receptive_field",
    "receptive_fields",
    "register",
    "seen_pixels",
]
