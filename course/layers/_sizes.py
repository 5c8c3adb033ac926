"""Sizes that may be known only once there is an image."""

from keras import ops


def spatial_sizes(tensor) -> tuple:
    """(h, w) of a tensor (n, h, w, c): ints where known, else scalars."""
    shape = ops.shape(tensor)
    return tuple(
        shape[axis] if tensor.shape[axis] is None else int(tensor.shape[axis])
        for axis in (1, 2)
    )
