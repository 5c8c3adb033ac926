"""Flip, scale and crop.

Layers are saved under the name of this package: course.layers has another Crop.
"""

from typing import Any

import keras

from course.augment.joint import Joint, base_config


@keras.saving.register_keras_serializable("course.augment")
class Flip(Joint, keras.layers.RandomFlip):
    """Mirror half of the images.

    Args:
        mode: "horizontal", which changes left and right, or "vertical".
        seed: Of the choices; the same layer goes on, a new one begins again.

    Raises:
        ValueError: If mode is another. Keras's "horizontal_and_vertical" turns
            by 180 degrees, for it flips both or none: use two layers.
    """

    moves_pixels = True

    def __init__(
        self, mode: str = "horizontal", seed: int | None = None, **options: Any
    ) -> None:
        if mode not in ("horizontal", "vertical"):
            raise ValueError(
                f"mode={mode!r}. Expected 'horizontal' or 'vertical'; for "
                "both, one after the other, use two layers."
            )
        super().__init__(mode, seed=seed, **options)

    def move_masks(self, masks: Any, chance: Any) -> Any:
        """As `Joint.move_masks`."""
        return self.transform_images(masks, chance)

    def axes(self, chance: Any, height: Any, width: Any) -> tuple[Any, ...]:
        """As `Joint.axes`."""
        flips = self.backend.cast(chance["flips"][:, :, 0, 0], "float32")
        if self.mode == "horizontal":
            return 1 - 2 * flips, width * flips, 1.0, 0.0
        return 1.0, 0.0, 1 - 2 * flips, height * flips

    def get_config(self) -> dict[str, Any]:
        return {**base_config(self), "mode": self.mode, "seed": self.seed}


@keras.saving.register_keras_serializable("course.augment")
class Scale(Joint, keras.layers.RandomZoom):
    """Show images larger or smaller, about their middle.

    The size stays. Smaller ones have a black border, in which a mask holds 255,
    nothing that counts.

    Args:
        factor: 0.2 is between 1/1.2 and 1/0.8 of the size; a pair (low, high)
            chooses 1/(1 + low) to 1/(1 + high), as keras.layers.RandomZoom.
        seed: Of the choices; the same layer goes on, a new one begins again.
    """

    moves_pixels = True

    def __init__(
        self,
        factor: float | tuple[float, float],
        seed: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(factor, fill_mode="constant", seed=seed, **options)

    def move_masks(self, masks: Any, chance: Any) -> Any:
        """As `Joint.move_masks`."""
        return self._transform_images(masks, chance, "nearest")

    def axes(self, chance: Any, height: Any, width: Any) -> tuple[Any, ...]:
        """As `Joint.axes`."""
        a, c = (1 / chance[f"{side}_zoom"] for side in ("width", "height"))
        return a, width * (1 - a) / 2, c, height * (1 - c) / 2

    def get_config(self) -> dict[str, Any]:
        return {
            **base_config(self),
            "factor": self.height_factor,
            "seed": self.seed,
        }


@keras.saving.register_keras_serializable("course.augment")
class Crop(Joint, keras.layers.RandomCrop):
    """Cut a window out of each image, for a whole batch at the same place.

    Args:
        height: Of the window, in pixels.
        width: Of the window, in pixels.
        seed: Of the places; the same layer goes on, a new one begins again.

    Raises:
        ValueError: When called, if the window is larger than the image.
    """

    moves_pixels = True

    def __init__(
        self, height: int, width: int, seed: int | None = None, **options: Any
    ) -> None:
        super().__init__(height, width, seed=seed, **options)

    def get_random_transformation(
        self, data: Any, training: bool = True, seed: Any = None
    ) -> tuple[Any, Any]:
        """Top and left of the window; its middle when not training."""
        shape = tuple(data.shape)
        if None in shape[-3:-1]:
            raise ValueError(
                f"Images of shape {shape} have no size before they are read. "
                "Give load a size, or scale them all to one, then crop."
            )
        spare = (shape[-3] - self.height, shape[-2] - self.width)
        if min(spare) < 0:
            raise ValueError(
                f"A window of {self.height} x {self.width} does not fit into "
                f"images of shape {shape}. Crop less, or scale them first."
            )
        if not training:
            return spare[0] // 2, spare[1] // 2
        if seed is None:
            seed = self._get_seed_generator(self.backend._backend)
        random = self.backend.random
        return tuple(
            random.randint((), 0, each + 1, dtype="int32", seed=seed)
            for each in spare
        )

    def transform_images(
        self, images: Any, transformation: Any, training: bool = True
    ) -> Any:
        """The window of images or masks: (n, h, w, k) -> (n, height, ...)."""
        top, left = transformation
        numpy = self.backend.numpy
        images = self.backend.cast(images, self.compute_dtype)
        images = numpy.take(images, top + numpy.arange(self.height), axis=-3)
        return numpy.take(images, left + numpy.arange(self.width), axis=-2)

    def move_masks(self, masks: Any, chance: Any) -> Any:
        """As `Joint.move_masks`."""
        return self.transform_images(masks, chance)

    def axes(self, chance: Any, height: Any, width: Any) -> tuple[Any, ...]:
        """As `Joint.axes`."""
        top, left = (self.backend.cast(each, "float32") for each in chance)
        return 1.0, -left, 1.0, -top
