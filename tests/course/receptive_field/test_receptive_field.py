"""What the calculus says of odd graphs, and what it refuses."""

import math
from fractions import Fraction

import keras
import pytest
from keras import layers

from course.receptive_field import (
    input_window,
    receptive_field,
    receptive_fields,
    register,
)
from course.windows import conv_windows


def chain(*parts, shape=(32, 32, 3)):
    x = inputs = keras.Input(shape, name="image")
    for part in parts:
        x = part(x)
    return keras.Model(inputs, x, name="chain")


def conv(*arguments, **named):
    return layers.Conv2D(2, *arguments, **named)


def test_the_lecture_s_twelve_layers_see_284_pixels():
    """Pairs of 3x3 with 2x2 pools between: 12 convolutions, 5 pools."""
    parts = []
    for _ in range(6):
        parts += [conv(3), conv(3), layers.MaxPooling2D()]
    model = chain(*parts[:-1], shape=(None, None, 3))
    assert receptive_field(model, input_shape=(600, 600, 3)).size == (284, 284)


@pytest.mark.parametrize("depth", [1, 7, 49])
def test_n_layers_of_3x3_see_1_plus_2n(depth):
    model = chain(*[conv(3) for _ in range(depth)], shape=(200, 200, 1))
    assert receptive_field(model).size == (1 + 2 * depth,) * 2


def test_an_axis_each():
    model = chain(conv((3, 1)), conv((1, 5), strides=(1, 2)))
    field = receptive_field(model)
    assert (field.size, field.stride) == ((3, 5), (1, 2))
    assert str(field) == "3x5, stride 1x2, padding 0x0"
    assert field.center == (1, 2)
    assert field.window((2, 3)) == ((2, 4), (6, 10))


def test_sequences():
    x = inputs = keras.Input((None, 8))
    x = layers.Conv1D(4, 3, dilation_rate=2, padding="causal")(x)
    field = receptive_field(keras.Model(inputs, x))
    assert (field.size, field.padding) == ((5,), (4,))


def test_upsampling_has_a_fraction_for_its_stride():
    model = chain(layers.UpSampling2D(2), conv(3))
    field = receptive_field(model)
    assert (field.size, field.stride) == ((2, 2), (Fraction(1, 2),) * 2)
    model = chain(layers.UpSampling2D(2), conv(3), layers.MaxPooling2D(2))
    assert receptive_field(model).stride == (1, 1)


def test_from_one_layer_to_another():
    model = chain(conv(3, name="a"), conv(5, name="b"), conv(3, name="c"))
    assert receptive_field(model, "c", "a").size == (7, 7)
    a, c = model.get_layer("a"), model.get_layer("c")
    assert receptive_field(model, c, a).size == (7, 7)
    assert receptive_field(model, c.output, a.output).size == (7, 7)
    assert receptive_field(model, "a", "image").size == (3, 3)
    with pytest.raises(ValueError, match="a does not depend on c"):
        receptive_field(model, "a", "c")


def test_pooled_and_dense_see_the_whole_input():
    model = chain(
        conv(3, name="last"),
        layers.GlobalAveragePooling2D(name="pool"),
        layers.Dense(7, name="dense"),
    )
    assert receptive_field(model).size == (3, 3)
    for name in ("pool", "dense"):
        field = receptive_field(model, name)
        assert field.is_whole
        assert field.size == (math.inf, math.inf)
        assert str(field) == "the whole input"
    model = chain(
        layers.Flatten(), layers.Dense(12), layers.Reshape((2, 2, 3)), conv(1)
    )
    assert receptive_field(model).is_whole
    assert input_window(model, model.output, (0, 1)) == (
        slice(0, 32),
        slice(0, 32),
    )


def test_misaligned_branches_are_named():
    """Distill's figure: a window of even width beside one of odd width."""

    def branches(x):
        return layers.Add(name="sum")([conv(3, 2, "same")(x), conv(1, 2)(x)])

    model = chain(branches, conv(1, name="after"), shape=(32, 31, 3))
    field = receptive_field(model, "after")
    assert field.size == (3, 3)
    assert field.misaligned == ("sum",)
    assert str(field).endswith("branches misaligned at sum")
    odd = receptive_field(model, "after", input_shape=(31, 31, 3))
    assert odd.misaligned == ()


def test_branches_of_different_strides_are_refused():
    def branches(x):
        narrow = conv(1, 2)(x)
        return layers.Concatenate(name="both")(
            [narrow, layers.Cropping2D(8)(x)]
        )

    with pytest.raises(ValueError, match="both: windows of strides 2 and 1"):
        receptive_field(chain(branches))


def test_nested_models_and_sequentials():
    inner = keras.Sequential(
        [keras.Input((None, None, 2)), conv(3, name="deep"), conv(3)],
        name="inner",
    )
    model = chain(conv(3), inner, inner)
    assert receptive_field(model).size == (11, 11)
    names = list(receptive_fields(model))
    assert names[1] == "inner/deep"
    assert names[3] == "inner/deep#2"
    with pytest.raises(ValueError, match="inner/deep is used 2 times in chain"):
        receptive_field(model, "inner/deep")
    once = chain(conv(3), inner)
    assert receptive_field(once, "inner/deep").size == (5, 5)
    assert receptive_field(inner).size == (5, 5)
    for chosen in ("inner", inner, once.output):
        assert receptive_field(once, chosen).size == (7, 7)
    with pytest.raises(ValueError, match="inner is used 2 times in chain"):
        receptive_field(model, inner)


def test_a_layer_used_twice_is_chosen_by_its_tensor():
    shared = conv(3, name="shared")
    first = shared(x := keras.Input((20, 20, 2), name="image"))
    second = shared(first)
    model = keras.Model(x, [first, second], name="twice")
    assert receptive_field(model, first).size == (3, 3)
    assert receptive_field(model, second).size == (5, 5)
    with pytest.raises(ValueError, match="Choose one use by its output"):
        receptive_field(model, shared)


def test_several_inputs():
    a = keras.Input((16, 16, 1), name="a")
    b = keras.Input((16, 16, 1), name="b")
    both = layers.Add(name="sum")([conv(3, padding="same")(a), conv(1)(b)])
    model = keras.Model([a, b], both)
    assert receptive_field(model, input="a").size == (3, 3)
    assert receptive_field(model, input=b).size == (1, 1)
    with pytest.raises(ValueError, match="several inputs: a, b"):
        receptive_field(model)


def test_keras_operations_are_known():
    def stem(x):  # pixels to channels, as some detectors begin
        parts = [x[:, ::2, ::2], x[:, 1::2, ::2]]
        return layers.Concatenate(name="parts")(parts)

    model = chain(
        stem,
        lambda x: keras.ops.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]),
        lambda x: keras.ops.max_pool(x, 3, 1),
        lambda x: keras.ops.silu(x) * 2 + 1,
    )
    field = receptive_field(model)
    assert (field.size, field.stride) == ((6, 5), (2, 2))
    assert field.misaligned == ("parts",)  # they look at other rows


def test_what_acts_in_training_alone_looks_nowhere_else():
    model = chain(
        layers.RandomFlip(),
        layers.RandomZoom(0.2),
        layers.GaussianNoise(0.1),
        conv(3, padding="same"),
        layers.SpatialDropout2D(0.2),
    )
    assert receptive_field(model).size == (3, 3)


def test_pictures_without_a_channel_axis_get_one():
    x = inputs = keras.Input((28, 28))
    x = conv(5)(layers.Reshape((28, 28, 1))(x))
    model = keras.Model(inputs, layers.MaxPooling2D()(x))
    assert receptive_field(model).size == (6, 6)
    pixels = layers.Reshape((14 * 14, 4), name="cut")
    with pytest.raises(ValueError, match=r"cut is a .*Reshape, of which"):
        receptive_field(chain(conv(1), pixels, shape=(14, 28, 3)))


def test_films_frame_by_frame():
    x = inputs = keras.Input((5, 20, 20, 3))
    x = layers.TimeDistributed(layers.Conv2D(2, 3))(x)
    x = layers.Conv3D(2, (3, 1, 1))(x)
    assert receptive_field(keras.Model(inputs, x)).size == (3, 3, 3)


class Blur(layers.Layer):
    """A layer that no rule is known of, until one is registered."""

    def call(self, x):
        return keras.ops.average_pool(x, 3, 1, "same")


class Knows(Blur):
    def windows(self, sizes):
        return [conv_windows(size, 3, padding=1) for size in sizes]


def test_an_unknown_layer_is_named_and_can_be_taught():
    model = chain(Blur(name="mine"), conv(3))
    with pytest.raises(
        ValueError, match=r"^mine is a .*Blur, of which"
    ) as raised:
        receptive_field(model)
    assert "register(Blur)" in str(raised.value)

    @register(Blur)
    def rule(layer, sizes):
        return [conv_windows(size, 3, padding=1) for size in sizes]

    assert receptive_field(model).size == (5, 5)
    assert receptive_field(chain(Knows(), conv(3))).size == (5, 5)


class Changed(layers.Conv2D):
    def call(self, x):
        return super().call(super().call(x))


def test_a_subclass_with_a_call_of_its_own_is_unknown():
    with pytest.raises(ValueError, match="Changed, of which nothing is known"):
        receptive_field(chain(Changed(3, 3, padding="same")))


class Subclassed(keras.Model):
    def call(self, x):
        return x


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda: Subclassed(), "whose layers meet only when it is called"),
        (lambda: keras.Sequential([conv(3)]), "was never built"),
        (lambda: conv(3), "received a Conv2D. Expected a keras.Model"),
        (
            lambda: keras.Sequential([keras.Input((3,)), layers.Dense(2)]),
            "has no spatial axes",
        ),
    ],
)
def test_what_has_no_field_is_refused(model, message):
    with pytest.raises(ValueError, match=message):
        receptive_field(model())


def test_what_is_not_there_is_refused():
    model = chain(conv(3, name="only"))
    with pytest.raises(ValueError, match=r"other is not in chain.*image, only"):
        receptive_field(model, "other")
    with pytest.raises(ValueError, match="lies outside the map of only"):
        input_window(model, "only", (0, 30))
    with pytest.raises(ValueError, match="as many entries, without the batch"):
        receptive_field(model, input_shape=(9, 9))


def test_the_window_of_a_unit_at_the_border():
    model = chain(conv(3, padding="same"), conv(5, strides=2, padding="same"))
    assert input_window(model, model.output, (0, 15)) == (
        slice(0, 5),
        slice(28, 32),
    )
