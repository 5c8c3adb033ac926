"""Contrast, brightness, colour, and pixels that are lost.

Images are fractions between 0 and 1. Masks and boxes stay as they are.
"""

from typing import Any

import keras

from course.augment.joint import Joint, base_config, share

_RANGE = (0.0, 1.0)


@keras.saving.register_keras_serializable("course.augment")
class Contrast(Joint, keras.layers.RandomContrast):
    """Stretch each channel about its mean, by 1 - factor to 1 + factor.

    Keras's layer, given one number, only ever stretches by more than 1.

    Args:
        factor: Share, from 0 to 1.
        seed: Of the choices; the same layer goes on, a new one begins again.
    """

    def __init__(
        self, factor: float, seed: int | None = None, **options: Any
    ) -> None:
        both = (share("factor", factor),) * 2
        super().__init__(both, value_range=_RANGE, seed=seed, **options)

    def get_config(self) -> dict[str, Any]:
        return {
            **base_config(self),
            "factor": self.factor[0],
            "seed": self.seed,
        }


@keras.saving.register_keras_serializable("course.augment")
class Brightness(Joint, keras.layers.RandomBrightness):
    """Add one number between -factor and factor to all of an image.

    Args:
        factor: Share of full brightness, or a pair (least, most).
        seed: Of the choices; the same layer goes on, a new one begins again.
    """

    def __init__(
        self,
        factor: float | tuple[float, float],
        seed: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(factor, value_range=_RANGE, seed=seed, **options)

    def get_config(self) -> dict[str, Any]:
        return {**base_config(self), "factor": self.factor, "seed": self.seed}


@keras.saving.register_keras_serializable("course.augment")
class ColourJitter(Joint, keras.layers.RandomColorJitter):
    """Change brightness, contrast, saturation and hue, in this order.

    Args:
        factor: How much of each: 0 nothing, 1 as much as there is.
        hue: As much of the hue; None for a quarter of factor.
        seed: Of the choices; the same layer goes on, a new one begins again.
    """

    def __init__(
        self,
        factor: float,
        hue: float | None = None,
        seed: int | None = None,
        **options: Any,
    ) -> None:
        self.strength, self.hue = share("factor", factor), hue
        super().__init__(
            value_range=_RANGE,
            brightness_factor=factor,
            contrast_factor=(factor, factor),
            saturation_factor=(0.5 - factor / 2, 0.5 + factor / 2),
            hue_factor=factor / 4 if hue is None else share("hue", hue),
            seed=seed,
            **options,
        )

    def transform_images(
        self, images: Any, transformation: Any, training: bool = True
    ) -> Any:
        """Images (n, h, w, 3) in other colours."""
        done = super().transform_images(images, transformation, training)
        # Keras leaves its inner layers on tf.data's backend
        for layer in self._flatten_layers(include_self=False):
            layer.backend.reset()
        return done

    def get_config(self) -> dict[str, Any]:
        return {
            **base_config(self),
            "factor": self.strength,
            "hue": self.hue,
            "seed": self.seed,
        }


@keras.saving.register_keras_serializable("course.augment")
class SaltAndPepper(Joint, keras.layers.RandomErasing):
    """Make single pixels white or black.

    Args:
        amount: Share of the pixels, half of them white.
        seed: Of the pixels; the same layer goes on, a new one begins again.
    """

    def __init__(
        self, amount: float, seed: int | None = None, **options: Any
    ) -> None:
        self.amount = share("amount", amount)
        super().__init__(value_range=_RANGE, seed=seed, **options)

    def get_random_transformation(
        self, data: Any, training: bool = True, seed: Any = None
    ) -> dict[str, Any] | None:
        """Which pixels, and their new colours."""
        if not training:
            return None
        shape = self.backend.shape(data)
        shape = (1, *shape) if len(shape) == 3 else shape
        drawn = self.backend.random.uniform(
            (*shape[:3], 1), seed=self._get_seed_generator(_name(self))
        )
        return _erase(self, drawn < self.amount, drawn < self.amount / 2, shape)

    def get_config(self) -> dict[str, Any]:
        return {**base_config(self), "amount": self.amount, "seed": self.seed}


@keras.saving.register_keras_serializable("course.augment")
class Cutout(Joint, keras.layers.RandomErasing):
    """Hide a square anywhere, also across the border (DeVries, Taylor, 2017).

    arXiv:1708.04552. What is hidden is black; the mask still says what it was.

    Args:
        size: Side of the square, in pixels.
        seed: Of the places; the same layer goes on, a new one begins again.

    Raises:
        ValueError: If size is below 1.
    """

    def __init__(
        self, size: int, seed: int | None = None, **options: Any
    ) -> None:
        if size < 1:
            raise ValueError(f"size={size}. Expected pixels, 1 or more.")
        self.size = size
        super().__init__(value_range=_RANGE, seed=seed, **options)

    def get_random_transformation(
        self, data: Any, training: bool = True, seed: Any = None
    ) -> dict[str, Any] | None:
        """Which pixels, and black for them."""
        if not training:
            return None
        shape = self.backend.shape(data)
        shape = (1, *shape) if len(shape) == 3 else shape
        rows, columns = (self._side(shape, axis) for axis in (1, 2))
        hidden = rows[:, :, None, None] & columns[:, None, :, None]
        return _erase(self, hidden, hidden & ~hidden, shape)

    def _side(self, shape: tuple[Any, ...], axis: int) -> Any:
        """Which places along an axis are hidden: (n, length)."""
        numpy = self.backend.numpy
        centre = self.backend.random.randint(
            (shape[0], 1),
            0,
            shape[axis],
            dtype="int32",
            seed=self._get_seed_generator(_name(self)),
        )
        first = centre - self.size // 2
        place = numpy.arange(shape[axis], dtype="int32")[None]
        return (place >= first) & (place < first + self.size)

    def get_config(self) -> dict[str, Any]:
        return {**base_config(self), "size": self.size, "seed": self.seed}


def _name(layer: keras.layers.Layer) -> str:
    """The backend that a layer computes with; in tf.data, TensorFlow."""
    return layer.backend._backend


def _erase(
    layer: keras.layers.RandomErasing, hidden: Any, white: Any, shape: Any
) -> dict[str, Any]:
    """What RandomErasing does: new values for the pixels that are hidden."""
    numpy = layer.backend.numpy
    return {
        "apply_erasing": numpy.ones((shape[0],), dtype="bool"),
        "batch_masks": hidden,
        "fill_value": layer.backend.cast(white, layer.compute_dtype),
    }
