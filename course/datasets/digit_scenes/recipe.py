"""What scenes are made of, by numbers."""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Recipe:
    """How scenes look and how many there are.

    Attributes:
        size: Height and width in pixels.
        digits: Fewest and most digits of a scene.
        scale: Smallest and largest width, in pixels, of a pixel of the scan.
        overlap: How much of a digit others may hide, in per cent.
        clutter: Most scraps of digits that lie around. They are nobody's
            instance: the masks call them what they lie on.
        seed: Other scenes of the same kind.
        train, validation, test: How many scenes each part has.
    """

    size: int = 96
    digits: tuple[int, int] = (1, 3)
    scale: tuple[float, float] = (3.0, 4.5)
    overlap: int = 10
    clutter: int = 0
    seed: int = 0
    train: int = 2000
    validation: int = 400
    test: int = 400

    def __post_init__(self) -> None:
        rules = self._rules()
        for field in fields(self):
            is_right, expected = rules[field.name]
            if not is_right:
                raise ValueError(
                    f"{field.name}={getattr(self, field.name)} makes no "
                    f"scenes. Expected {expected}."
                )
        # a scan with its margin has 10 pixels; a slant adds less than a quarter
        largest = 12.5 * self.scale[1]
        if largest > self.size:
            raise ValueError(
                f"scale={self.scale} makes digits of up to {largest:g} "
                f"pixels, larger than a scene of size={self.size}. Choose a "
                "smaller scale or a larger size."
            )

    def _rules(self) -> dict[str, tuple[bool, str]]:
        """Whether each attribute is right, and what is expected of it."""
        least, most = self.digits
        small, large = self.scale
        return {
            "size": (self.size >= 32, "pixels, 32 or more"),
            "digits": (0 <= least <= most <= 99, "fewest and most, 0 to 99"),
            "scale": (1.5 <= small <= large, "smallest and largest, from 1.5"),
            "overlap": (0 <= self.overlap <= 90, "per cent, 0 to 90"),
            "clutter": (0 <= self.clutter <= 99, "scraps, 0 to 99"),
            "seed": (self.seed >= 0, "a whole number, 0 or more"),
            **{
                part: (getattr(self, part) > 0, "scenes, 1 or more")
                for part in ("train", "validation", "test")
            },
        }
