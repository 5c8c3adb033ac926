"""Time the receptive fields of all layers of large networks.

    KERAS_BACKEND=jax python benchmarks/receptive_field.py

For each network of keras.applications: its layers, and the least and the
middle of ten runs of `receptive_fields`, in milliseconds. The first run, in
which Python meets the code, is not counted.
"""

import statistics
import time

import keras

from course.catalogue import outlines
from course.receptive_field import receptive_fields

NETWORKS = ("InceptionV3", "ResNet152", "DenseNet201", "NASNetLarge")
RUNS = 10


def main():
    for name in NETWORKS:
        with outlines():
            model = getattr(keras.applications, name)(weights=None)
        milliseconds(model)
        times = [milliseconds(model) for _ in range(RUNS)]
        print(
            f"{name:12}{len(model.layers):5} layers  least {min(times):6.1f} ms"
            f"  median {statistics.median(times):6.1f} ms",
            flush=True,
        )


def milliseconds(model) -> float:
    begin = time.perf_counter()
    receptive_fields(model)
    return 1000 * (time.perf_counter() - begin)


if __name__ == "__main__":
    main()
