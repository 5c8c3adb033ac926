"""Convolutional networks as a course: arithmetic, layers, models, lectures."""
