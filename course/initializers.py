"""Initial kernels; each is a `keras.initializers.Initializer`.

`Bilinear` follows J. Long, E. Shelhamer and T. Darrell, "Fully convolutional
networks for semantic segmentation", CVPR 2015, arXiv:1411.4038, section 4.3,
whose upsampling layers begin as bilinear interpolation. Deviation: their code
derives the stride from the kernel's size alone; here `strides` may be given,
as other sizes interpolate too.

`GroupedIdentity` follows F. Yu and V. Koltun, "Multi-scale context aggregation
by dilated convolutions", ICLR 2016, arXiv:1511.07122, equations 4 and 5.
"""

from collections.abc import Sequence

import keras
import numpy as np

from course.arithmetic import integer, per_axis


@keras.saving.register_keras_serializable(package="course")
class Bilinear(keras.initializers.Initializer):
    """A transposed convolution that begins as bilinear interpolation.

    Each channel gets a tent, the product of one tent an axis, and no channel
    meets another. An axis with stride s has the taps max(0, 1 - |t - c| / s)
    around its centre c = (k - 1) / 2: for stride 2 and 4 taps 1/4, 3/4, 3/4,
    1/4. The natural size is k = 2s - s mod 2; larger kernels end in zeros.

    Args:
        strides: Strides of the layer: an int, or one an axis. None means the
            stride whose natural size the kernel has, ceil(k / 2).

    Raises:
        ValueError: If the kernel's shape is not (kh, kw, c, c), or less than
            2s - 1 taps leave pixels between two inputs unreached.

    Example:
        >>> kernel = Bilinear()((4, 4, 1, 1))
        >>> keras.ops.convert_to_numpy(kernel)[1, :, 0, 0].tolist()
        [0.1875, 0.5625, 0.5625, 0.1875]
    """

    def __init__(self, strides: int | Sequence[int] | None = None):
        self.strides = strides

    def __call__(self, shape, dtype=None):
        """A kernel of shape (kh, kw, filters, c_in), filters = c_in."""
        if len(shape) != 4 or shape[2] != shape[3]:
            raise ValueError(
                f"shape={tuple(shape)} is no kernel that upsamples each "
                "channel by itself. Expected (kh, kw, c, c), as "
                "keras.layers.Conv2DTranspose has it with as many filters as "
                "input channels."
            )
        natural = [(size + 1) // 2 for size in shape[:2]]
        if self.strides is not None:
            natural = per_axis(self.strides, 2, "strides")
        rows, columns = map(_tent, shape[:2], natural)
        kernel = np.multiply.outer(np.outer(rows, columns), np.eye(shape[2]))
        return keras.ops.convert_to_tensor(
            kernel, dtype or keras.config.floatx()
        )

    def get_config(self) -> dict:
        """The argument, as Keras saves it."""
        return {"strides": self.strides}


@keras.saving.register_keras_serializable(package="course")
class GroupedIdentity(keras.initializers.Initializer):
    """A convolution that begins by passing groups of channels through.

    Input and output channels are split into `groups` of neighbours. Each
    output is the sum of the inputs of its group times groups / outputs, from
    the same pixel: with as many channels as groups that is the identity, and a
    chain of such layers that ends with `groups` channels is, too.

    Args:
        groups: Number of groups C; divides both numbers of channels.
        noise: Standard deviation of all other weights, relative to those that
            pass groups through; it lets the channels of a group become
            different.
        seed: Of the noise: an int, or None for another one each time.

    Raises:
        ValueError: If the kernel's shape is not (kh, kw, c_in, c_out), its
            sizes are even, so that it has no middle, or groups do not divide
            its channels.

    Example:
        >>> kernel = GroupedIdentity(2)((3, 3, 2, 4))
        >>> keras.ops.convert_to_numpy(kernel)[1, 1].tolist()
        [[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]]
    """

    def __init__(
        self, groups: int, noise: float = 0.0, seed: int | None = None
    ):
        self.groups = integer(groups, "groups", minimum=1)
        self.noise = noise
        self.seed = seed

    def __call__(self, shape, dtype=None):
        """A kernel of shape (kh, kw, c_in, c_out)."""
        form = len(shape) == 4 and shape[0] % 2 == shape[1] % 2 == 1
        if not form or shape[2] % self.groups or shape[3] % self.groups:
            raise ValueError(
                f"shape={tuple(shape)} is no kernel that passes "
                f"{self.groups} groups of channels through. Expected "
                "(kh, kw, c_in, c_out) with odd kh and kw, and channels that "
                f"are multiples of {self.groups}."
            )
        passes = self.groups / shape[3]
        kernel = np.zeros(shape)
        if self.noise:
            rng = np.random.default_rng(self.seed)
            kernel = rng.normal(0, self.noise * passes, shape)
        before, after = (
            np.repeat(np.arange(self.groups), count // self.groups)
            for count in shape[2:]
        )
        middle = kernel[shape[0] // 2, shape[1] // 2]
        middle[before[:, None] == after] = passes
        return keras.ops.convert_to_tensor(
            kernel, dtype or keras.config.floatx()
        )

    def get_config(self) -> dict:
        """The arguments, as Keras saves them."""
        return {
            "groups": self.groups,
            "noise": self.noise,
            "seed": self.seed,
        }


def _tent(size: int, stride: int) -> np.ndarray:
    """The taps of one axis."""
    stride = integer(stride, "strides", minimum=1)
    if size < 2 * stride - 1:
        raise ValueError(
            f"{size} taps are too few for stride {stride}: a tent that "
            f"reaches from pixel to pixel needs {2 * stride - 1} or more. "
            f"Take kernel_size={2 * stride - stride % 2}."
        )
    distance = np.abs(np.arange(size) - (size - 1) / 2)
    return np.maximum(0, 1 - distance / stride)
