"""A picture is transformed together with all that is known of its pixels.

Keras's layers for images know masks and boxes too, but not as this course
needs them (Keras 3.15): RandomCrop moves the left side of a box by the rows it
cuts off and interpolates masks of small images, RandomZoom fills masks as it
fills images, and a box that has left the image stays as one without an area.
So the layers here draw and move images as Keras does, and move the rest
themselves.
"""

from collections.abc import Mapping
from typing import Any

import keras

IGNORED = 255  # in a mask: where nothing is known
NO_OBJECT = -1  # in boxes and classes: a row without an object
_MASKS = ("mask", "instances")
_MOVED = ("image", *_MASKS, "boxes", "classes")


class Joint:
    """For layers that stand between this and Keras's layer.

    Such a layer takes images, (h, w, c) or (n, h, w, c), or samples as
    `course.datasets.load` gives them, single ones or batches: image, mask,
    instances, boxes and classes move together, other entries stay. Where
    instances are known, boxes are those of what is left of them, to the pixel;
    else they are moved and clipped. Objects that have left the image get rows
    of -1.
    """

    moves_pixels = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        # not a policy's 16 bits, in which places above 256 are rounded
        options.setdefault("dtype", "float32")
        super().__init__(*arguments, **options)

    def __call__(self, data: Any, **options: Any) -> Any:
        if not isinstance(data, Mapping):
            return super().__call__(data, **options)
        check(data)
        moved = {key: data[key] for key in _MOVED if key in data}
        return {**data, **super().__call__(moved, **options)}

    def call(self, data: Any, training: bool = True) -> Any:
        """Images or a sample, moved; as they are when not training."""
        if not isinstance(data, Mapping):
            return super().call(data, training=training)
        if not training:
            return self._typed(data)
        ops = self.backend
        is_single = len(data["image"].shape) == 3
        if is_single:
            data = {k: ops.numpy.expand_dims(v, 0) for k, v in data.items()}
        moved = self._typed(self._moved(data))
        if is_single:
            moved = {k: ops.numpy.squeeze(v, 0) for k, v in moved.items()}
        return moved

    def compute_output_spec(self, data: Any, **options: Any) -> Any:
        """Shapes and kinds, for models that are put together from samples."""
        if not isinstance(data, Mapping):
            return super().compute_output_spec(data, **options)
        shape = self.compute_output_shape(tuple(data["image"].shape))
        shapes = {"image": shape, **dict.fromkeys(_MASKS, shape[:-1])}
        return {
            key: keras.KerasTensor(
                shapes.get(key, value.shape), self._kind(key)
            )
            for key, value in data.items()
        }

    def move_masks(self, masks: Any, chance: Any) -> Any:
        """Masks (n, h, w, k) as the images were moved, 0 where nothing was."""
        return masks

    def axes(self, chance: Any, height: Any, width: Any) -> tuple[Any, ...]:
        """Where boxes go: x becomes a x + b, y becomes c y + d.

        Returns:
            a, b, c, d, each a number or (n, 1).
        """
        return 1.0, 0.0, 1.0, 0.0

    def _moved(self, data: Mapping) -> dict[str, Any]:
        image = self.backend.convert_to_tensor(data["image"])
        image = self.backend.cast(image, self.compute_dtype)
        chance = self.get_random_transformation(image, training=True)
        moved = {
            **data,
            "image": self.transform_images(image, chance, training=True),
        }
        if self.moves_pixels:
            self._move_masks(moved, chance)
            if "instances" in moved and "boxes" in moved:
                self._boxes_of_instances(moved)
            elif "boxes" in moved:
                self._move_boxes(moved, chance, image)
        return moved

    def _move_masks(self, moved: dict[str, Any], chance: Any) -> None:
        """Both masks at once, as two channels; what comes in is unknown."""
        ops, known = self.backend, [key for key in _MASKS if key in moved]
        if not known:
            return
        absent = {"mask": IGNORED, "instances": 0}
        channels = [
            ops.cast(moved[key], self.compute_dtype) - absent[key]
            for key in known
        ]
        masks = self.move_masks(ops.numpy.stack(channels, axis=-1), chance)
        for number, key in enumerate(known):
            moved[key] = masks[..., number] + absent[key]

    def _boxes_of_instances(self, moved: dict[str, Any]) -> None:
        """The smallest boxes around what is left of each instance."""
        numpy = self.backend.numpy
        instances = moved["instances"]
        rows = self.backend.shape(moved["boxes"])[-2]
        numbers = numpy.arange(1, rows + 1, dtype=instances.dtype)
        where = numpy.equal(instances[..., None], numbers)
        sides = [self._ends(where, axis) for axis in (2, 1)]
        (left, right), (top, bottom) = sides
        box = numpy.stack([left, top, right, bottom], axis=-1)
        self._keep(moved, box, numpy.any(where, axis=(1, 2)))

    def _ends(self, where: Any, axis: int) -> tuple[Any, Any]:
        """First and last place of each instance along an axis: (n, rows)."""
        ops, numpy = self.backend, self.backend.numpy
        seen = ops.cast(numpy.any(where, axis=3 - axis), "int32")
        first = numpy.argmax(seen, axis=1)
        after = numpy.argmax(numpy.flip(seen, axis=1), axis=1)
        count = ops.cast(ops.shape(seen)[1], "float32")
        return ops.cast(first, "float32"), count - ops.cast(after, "float32")

    def _move_boxes(
        self, moved: dict[str, Any], chance: Any, image: Any
    ) -> None:
        """Boxes as the image was moved, without what lies outside it."""
        numpy = self.backend.numpy
        height, width = self._lengths(moved["image"])
        old = self.backend.cast(moved["boxes"], "float32")
        a, b, c, d = self.axes(chance, *self._lengths(image))
        sides = []
        for k, factor, shift, end in ((0, a, b, width), (1, c, d, height)):
            both = [factor * old[..., i] + shift for i in (k, k + 2)]
            for pick in (numpy.minimum, numpy.maximum):
                sides.append(numpy.clip(pick(*both), 0, end))
        left, right, top, bottom = sides
        is_seen = (right > left) & (bottom > top)
        box = numpy.stack([left, top, right, bottom], axis=-1)
        self._keep(moved, box, is_seen)

    def _lengths(self, image: Any) -> list[Any]:
        """Height and width as float32; tf.data may know them late."""
        shape = self.backend.shape(image)
        return [self.backend.cast(length, "float32") for length in shape[1:3]]

    def _keep(self, moved: dict[str, Any], box: Any, is_seen: Any) -> None:
        """Rows of objects that are seen; the others hold none."""
        numpy = self.backend.numpy
        moved["boxes"] = numpy.where(
            is_seen[..., None], box, numpy.full_like(box, NO_OBJECT)
        )
        if "classes" in moved:
            classes = self.backend.cast(moved["classes"], "int32")
            none = numpy.full_like(classes, NO_OBJECT)
            moved["classes"] = numpy.where(is_seen, classes, none)

    def _typed(self, data: Mapping) -> dict[str, Any]:
        """Labels as whole numbers, all else as fractions."""
        return {
            key: self.backend.cast(value, self._kind(key))
            for key, value in data.items()
        }

    def _kind(self, key: str) -> str:
        kinds = {"image": self.compute_dtype, "boxes": "float32"}
        return kinds.get(key, "int32")


def check(sample: Mapping) -> None:
    """Look whether the parts of a sample fit together.

    Raises:
        ValueError: If there is no image, or a mask has another size.
    """
    if "image" not in sample:
        raise ValueError(
            f"A sample holds {', '.join(map(str, sample)) or 'nothing'}. "
            "Expected an image and what is known of it, as "
            "course.datasets.load gives them."
        )
    shape = tuple(sample["image"].shape)
    if len(shape) not in (3, 4):
        raise ValueError(
            f"image has shape {shape}. Expected (h, w, channels) or a batch, "
            "(n, h, w, channels): one channel is one channel, too."
        )
    for key in _MASKS:
        if key in sample and tuple(sample[key].shape) != shape[:-1]:
            raise ValueError(
                f"{key} has shape {tuple(sample[key].shape)}, the image "
                f"{shape}. Expected {shape[:-1]}: resize both together."
            )


def share(name: str, value: float) -> float:
    """A number from 0 to 1.

    Raises:
        ValueError: If it is none.
    """
    if not 0 <= value <= 1:
        raise ValueError(f"{name}={value}. Expected a share, from 0 to 1.")
    return value


def base_config(layer: keras.layers.Layer) -> dict[str, Any]:
    """Name and dtype of a layer, without what Keras's parent adds."""
    return keras.layers.Layer.get_config(layer)
