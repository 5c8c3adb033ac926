"""RoIAlign: the features of any box, resampled to one size.

K. He, G. Gkioxari, P. Dollár and R. Girshick, "Mask R-CNN", ICCV 2017,
arXiv:1703.06870, section 3 and figure 3. Bilinear interpolation is linear in
each axis, and so is the mean of samples in a cell; so a cell is a matrix over
rows times a matrix over columns, and RoIAlign is two matrix products.
"""

import keras
from keras import ops

from course.arithmetic import integer, per_axis
from course.layers._sizes import spatial_sizes


@keras.saving.register_keras_serializable(package="course")
class RoIAlign(keras.layers.Layer):
    """Cut boxes out of a feature map, each to size x size cells.

    A box is divided into cells, and in each cell the features are interpolated
    at `sampling_ratio` x `sampling_ratio` places and averaged. Nothing is
    rounded. Places up to one pixel outside of the map have the value of its
    border, those further outside 0. Boxes are constants to the gradient, as in
    the paper, where proposals do not learn from what is cut out.

    Args:
        size: Cells of a box: an int, or (rows, columns).
        spatial_scale: Pixels of the map in one unit of the boxes: 1/16 for
            boxes on the image and a map of stride 16.
        sampling_ratio: Places a cell and axis; the paper has 2.
        aligned: Whether a feature stands in the middle of its pixel, half a
            pixel from the pixel's corner, so that a box around one pixel has
            that pixel's value. False is how the first programs did it: half a
            pixel off, and boxes are at least one pixel large.
        **kwargs: Of `keras.layers.Layer`: name, dtype, trainable.

    Input shape:
        [features (n, h, w, c), boxes (n, r, 4)]: left, top, right, bottom.
        Keep boxes in float32: in half precision large numbers are coarse.

    Output shape:
        (n, r, rows, columns, c)

    Raises:
        ValueError: If there are not two inputs of these shapes, size or
            sampling_ratio are no positive integers, or the scale is not
            positive.

    Example:
        >>> features = keras.ops.reshape(keras.ops.arange(16.0), (1, 4, 4, 1))
        >>> boxes = keras.ops.convert_to_tensor([[[1.0, 2.0, 3.0, 4.0]]])
        >>> cells = RoIAlign(2, sampling_ratio=1)([features, boxes])
        >>> [int(x) for x in keras.ops.ravel(cells)]
        [9, 10, 13, 14]
    """

    def __init__(
        self,
        size=7,
        spatial_scale=1.0,
        sampling_ratio=2,
        aligned=True,
        **kwargs,
    ):
        # Boxes would be cast to half precision with the features.
        super().__init__(autocast=False, **kwargs)
        size = tuple(size) if isinstance(size, list) else size
        self.size = tuple(
            integer(cells, "size", minimum=1)
            for cells in per_axis(size, 2, "size")
        )
        if not spatial_scale > 0:
            raise ValueError(
                f"spatial_scale={spatial_scale} leaves no box. Expected a "
                "positive number: 1 / stride of the features."
            )
        self.spatial_scale = spatial_scale
        self.sampling_ratio = integer(
            sampling_ratio, "sampling_ratio", minimum=1
        )
        self.aligned = aligned

    def call(self, inputs):
        self._check_shapes([tensor.shape for tensor in inputs])
        features, boxes = inputs
        features = ops.cast(features, self.compute_dtype)
        height, width = spatial_sizes(features)
        rows, columns = self.size
        count, found = ops.shape(boxes)[:2]
        channels = features.shape[-1]
        boxes = ops.stop_gradient(ops.cast(boxes, "float32"))
        across, down = (
            ops.cast(
                self._weights(boxes[..., axis::2], cells, pixels),
                features.dtype,
            )
            for axis, cells, pixels in ((0, columns, width), (1, rows, height))
        )
        cut = ops.matmul(
            ops.reshape(down, (count, found * rows, height)),
            ops.reshape(features, (count, height, width * channels)),
        )
        cut = ops.reshape(cut, (count, found, rows, width, channels))
        return ops.matmul(ops.expand_dims(across, 2), cut)

    def compute_output_shape(self, input_shape):
        self._check_shapes(input_shape)
        (count, *_, channels), (_, boxes, _) = input_shape
        return (count, boxes, *self.size, channels)

    def compute_output_spec(self, inputs):
        shape = self.compute_output_shape([x.shape for x in inputs])
        return keras.KerasTensor(shape, self.compute_dtype)

    def get_config(self):
        return super().get_config() | {
            "size": self.size,
            "spatial_scale": self.spatial_scale,
            "sampling_ratio": self.sampling_ratio,
            "aligned": self.aligned,
        }

    def _check_shapes(self, shapes):
        shapes = [tuple(shape) for shape in shapes]
        if [len(shape) for shape in shapes] != [4, 3] or shapes[1][2] != 4:
            raise ValueError(
                f"{self.name} received inputs of shapes {shapes}. Expected "
                "[features (n, h, w, c), boxes (n, r, 4)]."
            )

    def _weights(self, sides, cells, pixels):
        """What each pixel counts in each cell, along one axis.

        Args:
            sides: First and last side of each box, (n, r, 2).
            cells: Cells of a box.
            pixels: Pixels of the map.

        Returns:
            (n, r, cells, pixels)
        """
        sides = sides * self.spatial_scale - (0.5 if self.aligned else 0.0)
        first, extent = sides[..., :1], sides[..., 1:] - sides[..., :1]
        if not self.aligned:
            extent = ops.maximum(extent, 1.0)
        samples = cells * self.sampling_ratio
        parts = (ops.arange(samples, dtype="float32") + 0.5) / samples
        places = first + parts * extent
        last = ops.cast(pixels, "float32")
        inside = (places >= -1) & (places <= last)
        places = ops.clip(places, 0.0, last - 1)[..., None]
        distance = ops.abs(places - ops.arange(pixels, dtype="float32"))
        weights = ops.maximum(1 - distance, 0.0)
        weights = weights * ops.cast(inside, "float32")[..., None]
        count, found = ops.shape(sides)[:2]
        split = (count, found, cells, self.sampling_ratio, pixels)
        return ops.mean(ops.reshape(weights, split), axis=-2)
