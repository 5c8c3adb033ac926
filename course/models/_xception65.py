"""The aligned Xception of 65 layers, without a classifier."""

from typing import Any

from course.blocks import conv, separable, xception_module

MODULES = (
    ("entry1", (128, 128, 128), 2),
    ("entry2", (256, 256, 256), 2),
    ("entry3", (728, 728, 728), 2),
    *((f"middle{i}", (728, 728, 728), 1) for i in range(1, 17)),
    ("exit1", (728, 1024, 1024), 2),
)
EXIT2 = (1536, 1536, 2048)
"""Figure 4 of arXiv:1802.02611: names, filters and stride of the modules, and
the last three layers, which have no shortcut."""


def xception65(x: Any, base_filters: int, output_stride: int) -> Any:
    """Tensors conv1_1, conv1_2, entry1 ... entry3, middle1 ... exit1, exit2.

    Args:
        x: Images.
        base_filters: Of the first convolution, 32 in the paper; all others are
            multiples of it, rounded down.
        output_stride: Pixels of the image for one of exit2: 32, 16 or 8.
            Below 32 dilation takes the place of strides.

    Returns:
        The tensor exit2.
    """

    def thin(filters):
        return [count * base_filters // 32 for count in filters]

    stem = thin((32, 64))
    x = conv(x, stem[0], 3, 2, padding=1, norm=True, name="conv1_1")
    x = conv(x, stem[1], 3, norm=True, name="conv1_2")
    stride, rate = 2, 1
    for name, filters, strides in MODULES:
        kept = strides if stride < output_stride else 1
        x = xception_module(
            x, thin(filters), kept, dilation_rate=rate, name=name
        )
        stride *= kept
        rate *= strides // kept
    for name, filters in zip(
        ("exit2_1", "exit2_2", "exit2"), thin(EXIT2), strict=True
    ):
        names = f"{name}_dw", name
        x = separable(x, filters, dilation_rate=rate, names=names)
    return x
