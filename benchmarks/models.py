"""Time our networks against those of keras.applications, on this machine.

    KERAS_BACKEND=jax python benchmarks/models.py [--size 224] [--batch 8]

For each pair the same weights and images; the two take turns, so that a change
of the machine's speed touches both. Printed are the smallest milliseconds of
one forward pass ("predict") and of one step of SGD ("train"), and the ratio of
ours to theirs: 1 is equal, less is faster.
"""

import argparse
import functools

import keras
import numpy as np
from timing import in_turn

from course.models import densenet, inception_v3, mobilenet, resnet, vgg
from course.weights import from_keras_applications

PAIRS = {
    "VGG16": vgg,
    "InceptionV3": inception_v3,
    "ResNet50": resnet,
    "DenseNet121": densenet,
    "MobileNet": mobilenet,
}
"""Each of ours is the factory's default."""

ROUNDS = 5
CLASSES = 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--size", type=int, default=224, help="of the images")
    parser.add_argument("--batch", type=int, default=8)
    arguments = parser.parse_args()
    shape = (arguments.size, arguments.size, 3)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(arguments.batch, *shape)).astype("float32")
    y = rng.integers(CLASSES, size=arguments.batch)
    print(f"{keras.backend.backend()}, {arguments.batch} images of {shape}")
    for name, factory in PAIRS.items():
        ours, theirs = pair(factory, name, shape)
        for what, run in (("predict", predict), ("train", train)):
            models = {"ours": ours, "theirs": theirs}
            programs = {
                who: functools.partial(run, model)
                for who, model in models.items()
            }
            times = in_turn(programs, x, y, rounds=ROUNDS)
            ratio = times["ours"] / times["theirs"]
            print(
                f"{name:12}{what:8} ours {times['ours']:8.1f} ms, "
                f"keras.applications {times['theirs']:8.1f} ms, "
                f"ratio {ratio:.2f}",
                flush=True,
            )


def pair(factory, name, shape):
    """Ours and theirs with the same weights, ready to train.

    Ours without dropout, which VGG16 lacks in keras.applications.
    """
    theirs = getattr(keras.applications, name)(
        weights=None, input_shape=shape, classes=CLASSES
    )
    ours = factory(classes=CLASSES, input_shape=shape)
    from_keras_applications(ours, theirs)
    for model in (ours, theirs):
        for layer in model.layers:
            if isinstance(layer, keras.layers.Dropout):
                layer.rate = 0.0
        model.compile(
            keras.optimizers.SGD(1e-6), loss="sparse_categorical_crossentropy"
        )
    return ours, theirs


def predict(model, x, y):
    """One forward pass."""
    return model.predict_on_batch(x)


def train(model, x, y):
    """One step: forward, backward, update."""
    return model.train_on_batch(x, y)


if __name__ == "__main__":
    main()
