"""Scenes of digits on real textures: things and stuff, known to the pixel.

`course.datasets.load("digit_scenes")` prepares and loads them; `scene` makes a
single one; `course.datasets.digit_scenes.builder` has the data set's builder.
"""

from course.datasets.digit_scenes.recipe import Recipe
from course.datasets.digit_scenes.scenes import CLASS_NAMES, Scene, scene

__all__ = ["CLASS_NAMES", "Recipe", "Scene", "scene"]
