"""digit_scenes as a data set of TensorFlow Datasets.

TensorFlow itself is needed neither to prepare nor to read it where the package
array_record is installed, as on Linux.
"""

import hashlib
import importlib.util
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tensorflow_datasets as tfds
from tqdm.auto import tqdm

from course.datasets.digit_scenes.recipe import Recipe
from course.datasets.digit_scenes.scenes import (
    CLASS_NAMES,
    PARTS,
    Scene,
    scene,
)
from course.datasets.handwritten import CLASSES

CHECKSUMS = "sha256.json"  # of the files of scenes
_DESCRIPTION = """
Handwritten digits, the things, lie on real textures, the stuff. Masks, boxes
and classes come from the drawing itself, and are exact.
"""


@dataclass(eq=False)
class DigitScenesConfig(tfds.core.BuilderConfig):
    """A kind of scenes.

    Attributes:
        recipe: What they are made of.
    """

    recipe: Recipe = field(default_factory=Recipe)


class DigitScenes(tfds.core.GeneratorBasedBuilder):
    """Pictures, masks, instances, boxes and classes; see `Scene`.

    Boxes are stored as TensorFlow Datasets does: ymin, xmin, ymax, xmax as
    shares of the height and width. The k-th object is number k in `instances`.
    """

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS: ClassVar = [
        DigitScenesConfig(
            name="96", description="1 to 3 digits", recipe=Recipe()
        ),
        DigitScenesConfig(
            name="64",
            description="1 or 2 digits",
            recipe=Recipe(size=64, digits=(1, 2), scale=(3.0, 4.0)),
        ),
        DigitScenesConfig(
            name="128",
            description="2 to 5 digits",
            recipe=Recipe(size=128, digits=(2, 5), scale=(3.0, 5.0)),
        ),
        DigitScenesConfig(
            name="96-crowded",
            description="3 to 6 digits among scraps, some half hidden",
            recipe=Recipe(
                digits=(3, 6), scale=(2.5, 4.0), overlap=40, clutter=8
            ),
        ),
    ]

    def _info(self) -> tfds.core.DatasetInfo:
        size = self.builder_config.recipe.size
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "image": _pixels(size, size, 3),
                    "mask": _pixels(size, size),
                    "instances": _pixels(size, size),
                    "objects": tfds.features.Sequence(
                        {
                            "bbox": tfds.features.BBoxFeature(),
                            "label": tfds.features.ClassLabel(
                                names=list(CLASS_NAMES[:CLASSES])
                            ),
                        }
                    ),
                }
            ),
            disable_shuffling=True,
        )

    def _split_generators(
        self, dl_manager: Any
    ) -> dict[str, Iterator[tuple[int, dict]]]:
        return {part: self._generate_examples(part) for part in PARTS}

    def _generate_examples(self, part: str) -> Iterator[tuple[int, dict]]:
        recipe = self.builder_config.recipe
        indices = range(getattr(recipe, part))
        for index in tqdm(indices, desc=f"{self.name} {part}", unit="scene"):
            yield index, _example(scene(recipe, part, index))

    def _download_and_prepare(self, *args: Any, **kwargs: Any) -> None:
        """Write the scenes, then their checksums, before the folder is named.

        TensorFlow Datasets gives the folder its name when this returns: what
        has the name is whole.
        """
        super()._download_and_prepare(*args, **kwargs)
        folder = Path(self.data_dir)
        sums = {path.name: sha256(path) for path in folder.glob("*-of-*")}
        (folder / CHECKSUMS).write_text(
            json.dumps(sums, indent=1, sort_keys=True), "utf-8"
        )


def file_format() -> str:
    """How scenes are stored: without TensorFlow, where that is possible."""
    has_array_record = importlib.util.find_spec("array_record") is not None
    return "array_record" if has_array_record else "tfrecord"


def sha256(path: Path) -> str:
    """A file's checksum."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _pixels(*shape: int) -> tfds.features.Tensor:
    """Bytes as they are: the file compresses, and PNG is slow to read."""
    return tfds.features.Tensor(
        shape=shape, dtype=np.uint8, encoding=tfds.features.Encoding.BYTES
    )


def _example(made: Scene) -> dict:
    """A scene as its features want it."""
    shares = made.boxes / len(made.mask)
    return {
        "image": made.image,
        "mask": made.mask,
        "instances": made.instances,
        "objects": [
            {
                "bbox": tfds.features.BBox(top, left, bottom, right),
                "label": int(label),
            }
            for (left, top, right, bottom), label in zip(
                shares, made.classes, strict=True
            )
        ],
    }
