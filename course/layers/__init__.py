"""Layers with mathematics of their own; each is a `keras.layers.Layer`."""

from course.layers.transposed_conv import TransposedConv

__all__ = ["TransposedConv"]
