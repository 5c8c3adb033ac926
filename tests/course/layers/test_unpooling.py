"""MaxPoolWithIndices, MaxUnpool and Crop against NumPy loops and Keras."""

import keras
import numpy as np
import pytest

from course.layers import Crop, MaxPoolWithIndices, MaxUnpool
from tests.layer_contract import TOLERANCE, to_numpy

POOLS = [
    (2, 2, "valid"),
    (2, 2, "same"),
    (3, 2, "valid"),
    (3, 2, "same"),
    (3, 1, "same"),
    (2, 3, "same"),
    ((3, 2), (1, 2), "same"),
    ((1, 1), (2, 1), "valid"),
]
SIZES = [(6, 8), (7, 9), (5, 8)]


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def pair(value):
    return (value, value) if isinstance(value, int) else value


def pool_loops(x, pool_size, strides, padding):
    """Values and places of max pooling, one window after another."""
    n, h, w, c = x.shape
    (kh, kw), (sh, sw) = pair(pool_size), pair(strides)
    if padding == "valid":
        rows, columns, top, left = (h - kh) // sh + 1, (w - kw) // sw + 1, 0, 0
    else:
        rows, columns = -(-h // sh), -(-w // sw)
        top = max((rows - 1) * sh + kh - h, 0) // 2
        left = max((columns - 1) * sw + kw - w, 0) // 2
    values = np.empty((n, rows, columns, c), x.dtype)
    places = np.empty((n, rows, columns, c), int)
    for image, row, column, channel in np.ndindex(values.shape):
        window = [
            (i, j)
            for i in range(row * sh - top, row * sh - top + kh)
            for j in range(column * sw - left, column * sw - left + kw)
            if 0 <= i < h and 0 <= j < w
        ]
        i, j = max(window, key=lambda p: x[(image, *p, channel)])  # the first
        values[image, row, column, channel] = x[image, i, j, channel]
        places[image, row, column, channel] = i * w + j
    return values, places


def unpool_loops(values, places, height, width):
    n, *_, c = values.shape
    y = np.zeros((n, height, width, c))
    for where in np.ndindex(values.shape):
        i, j = divmod(int(places[where]), width)
        y[where[0], i, j, where[3]] += values[where]
    return y


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("pool_size", "strides", "padding"), POOLS)
def test_pooling_equals_loops_and_keras(pool_size, strides, padding, size):
    arguments = (pool_size, strides, padding)
    x = normal(0, 2, *size, 3)
    x = x.round(1)  # ties
    layer = MaxPoolWithIndices(*arguments)
    values, places = map(to_numpy, layer(x))
    expected, where = pool_loops(x, *arguments)
    np.testing.assert_array_equal(values, expected)
    np.testing.assert_array_equal(places, where)
    theirs = keras.layers.MaxPooling2D(*arguments)
    np.testing.assert_array_equal(values, to_numpy(theirs(x)))
    assert layer.compute_output_shape(x.shape) == (expected.shape,) * 2

    back = MaxUnpool()([values, places, x])
    expected = unpool_loops(expected, where, *size)
    np.testing.assert_allclose(to_numpy(back), expected, rtol=1e-6)


def test_of_equal_maxima_the_first_counts():
    """Row by row: the right one of a row comes before the left one below."""
    x = np.array([[0, 7, 1, 1], [7, 7, 1, 1]], "float32")[None, ..., None]
    _, places = MaxPoolWithIndices(2)(x)
    assert to_numpy(places).ravel().tolist() == [1, 2]


@pytest.mark.parametrize("value", [-np.inf, -1e30])
def test_a_place_is_never_in_the_padding(value):
    x = np.full((1, 5, 5, 1), value, "float32")
    values, places = MaxPoolWithIndices(3, 2, "same")(x)
    assert to_numpy(places).ravel().tolist() == [0, 1, 3, 5, 6, 8, 15, 16, 18]
    np.testing.assert_array_equal(to_numpy(values), np.float32(value))


def test_places_count_within_each_image_and_channel():
    x = np.zeros((2, 4, 4, 2), "float32")
    x[1, 3, 2, 1] = 1
    _, places = MaxPoolWithIndices(4)(x)
    assert to_numpy(places)[:, 0, 0].tolist() == [[0, 0], [0, 14]]


@pytest.mark.parametrize(("pool_size", "strides", "padding"), POOLS)
def test_unpooling_is_the_transpose_of_picking(pool_size, strides, padding):
    """<pick(x), y> = <x, unpool(y)> for any y, where windows overlap too."""
    x = normal(0, 2, 7, 9, 3)
    values, places = MaxPoolWithIndices(pool_size, strides, padding)(x)
    y = normal(1, *values.shape)
    back = to_numpy(MaxUnpool((7, 9))([y, places]))
    np.testing.assert_allclose(
        (to_numpy(values) * y).sum(), (x * back).sum(), rtol=1e-4
    )


def test_pooling_again_what_was_unpooled_gives_the_same():
    x = np.abs(normal(0, 2, 6, 8, 3))
    pool = MaxPoolWithIndices(2)
    values, places = pool(x)
    back = MaxUnpool()([values, places, x])
    again, where = pool(back)
    np.testing.assert_array_equal(to_numpy(again), to_numpy(values))
    np.testing.assert_array_equal(to_numpy(where), to_numpy(places))


def switching(sizes=(7, 9), offset=(1, 0)):
    """Pool, unpool, crop: all three layers, behind one that learns."""
    inputs = keras.Input((*sizes, 2))
    features = keras.layers.Dense(3)(inputs)
    values, places = MaxPoolWithIndices(2, padding="same")(features)
    x = MaxUnpool()([values, places, features])
    inside = keras.layers.Cropping2D(((1, 1), (0, 2)))(inputs)
    return keras.Model(inputs, Crop(offset)([x, inside]))


def by_hand(model, x):
    kernel, bias = model.get_weights()
    features = x @ kernel + bias
    back = unpool_loops(*pool_loops(features, 2, 2, "same"), *x.shape[1:3])
    return back[:, 1:-1, :-2]


@pytest.mark.parametrize("sizes", [(7, 9), (None, 9), (None, None)])
def test_sizes_may_be_open(sizes):
    model = switching(sizes)
    assert model.output_shape[1:3] == tuple(size and size - 2 for size in sizes)
    for rows, columns in [(7, 9)] if sizes[0] else [(7, 9), (8, 9), (4, 9)]:
        x = normal(rows, 2, rows, columns, 2)
        got = model.predict(x, verbose=0)
        np.testing.assert_allclose(got, by_hand(model, x), 1e-5, 1e-6)


def test_open_sizes_inside_a_compiled_function():
    """Where TensorFlow traces with no size known at all."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("other backends always know the sizes")
    import tensorflow as tf

    model = switching((None, None))
    step = tf.function(
        model, input_signature=[tf.TensorSpec([None, None, None, 2])]
    )
    for shape in [(2, 7, 9, 2), (1, 8, 6, 2)]:
        x = normal(0, *shape)
        np.testing.assert_allclose(
            step(x).numpy(), by_hand(model, x), 1e-5, 1e-6
        )


def test_gradients_reach_the_maxima_alone():
    """One step of SGD at rate 1 moves the input by minus its gradient."""
    x = normal(0, 1, 4, 6, 2)
    x[0, 0, 0], x[0, 0, 1] = 9, 9  # a tie: the first has the gradient
    y = normal(1, 1, 4, 6, 2)
    one = keras.Input((1,))
    image = keras.layers.Dense(x.size, use_bias=False)
    features = keras.layers.Reshape(x.shape[1:])(image(one))
    values, places = MaxPoolWithIndices(2)(features)
    model = keras.Model(one, MaxUnpool()([values, places, features]))
    image.set_weights([x.reshape(1, -1)])
    model.compile(keras.optimizers.SGD(1.0), loss="mse")
    model.fit(np.ones((1, 1)), y, verbose=0)
    picked = unpool_loops(*pool_loops(x, 2, 2, "valid"), 4, 6)
    gradient = np.where(picked != 0, 2 * (x - y) / x.size, 0)
    moved = x - image.get_weights()[0].reshape(x.shape)
    np.testing.assert_allclose(moved, gradient, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("policy", TOLERANCE)
def test_half_precision(policy):
    x = normal(0, 2, 7, 9, 3)
    pool = MaxPoolWithIndices(3, 2, "same", dtype=policy)
    values, places = pool(x)
    name = policy.removeprefix("mixed_")
    assert keras.backend.standardize_dtype(values.dtype) == name
    assert keras.backend.standardize_dtype(places.dtype) == "int32"
    rounded = to_numpy(keras.ops.cast(keras.ops.cast(x, name), "float32"))
    expected, where = pool_loops(rounded, 3, 2, "same")
    np.testing.assert_array_equal(to_numpy(places), where)
    back = MaxUnpool(dtype=policy)([values, places, x])
    assert keras.backend.standardize_dtype(back.dtype) == name
    got = to_numpy(keras.ops.cast(back, "float32"))
    want = unpool_loops(expected, where, 7, 9)
    assert np.abs(got - want).max() <= TOLERANCE[policy] * np.abs(want).max()


def test_a_place_is_exact_where_half_precision_would_round_it():
    """Beyond 2048 float16 has not every integer."""
    x = np.zeros((1, 64, 64, 1), "float32")
    x[0, 63, 61] = 1
    values, places = MaxPoolWithIndices(2, dtype="mixed_float16")(x)
    assert int(to_numpy(places)[0, 31, 30, 0]) == 63 * 64 + 61
    back = MaxUnpool(64, dtype="mixed_float16")([values, places])
    np.testing.assert_array_equal(to_numpy(back), x)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_a_saved_model_computes_the_same(tmp_path, policy):
    previous = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = switching()
    finally:
        keras.config.set_dtype_policy(previous)
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    x = normal(0, 2, 7, 9, 2)
    np.testing.assert_array_equal(
        loaded.predict(x, verbose=0), model.predict(x, verbose=0)
    )


@pytest.mark.parametrize(
    "layer",
    [
        MaxPoolWithIndices(3, 2, "same"),
        MaxPoolWithIndices((2, 1)),
        MaxUnpool((7, 9)),
        MaxUnpool(),
        Crop(),
        Crop((1, 2)),
    ],
)
def test_configurations(layer):
    copy = type(layer).from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()


@pytest.mark.parametrize(
    ("offset", "first"),
    [(None, (2, 1)), (0, (0, 0)), (3, (3, 3)), ((4, 1), (4, 1))],
)
def test_crop_is_a_slice(offset, first):
    x, reference = normal(0, 2, 8, 7, 3), normal(1, 2, 4, 5, 1)
    layer = Crop(offset)
    if offset == 3:
        reference = reference[:, :, :4]
    rows, columns = reference.shape[1:3]
    got = layer([x, reference])
    i, j = first
    np.testing.assert_array_equal(
        to_numpy(got), x[:, i : i + rows, j : j + columns]
    )
    shapes = [x.shape, reference.shape]
    assert layer.compute_output_shape(shapes) == got.shape
    check_config_of_pair(layer, x, reference, to_numpy(got))


def check_config_of_pair(layer, x, reference, y):
    copy = type(layer).from_config(layer.get_config())
    np.testing.assert_array_equal(to_numpy(copy([x, reference])), y)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MaxPoolWithIndices(0), "pool_size.*at least 1.*0"),
        (lambda: MaxPoolWithIndices(2, 0), "strides.*at least 1.*0"),
        (lambda: MaxPoolWithIndices((2, 2, 2)), "pool_size.*3 entries for 2"),
        (lambda: MaxPoolWithIndices(padding="full"), "'full'.*'same'"),
        (lambda: MaxUnpool(0), "output_size.*at least 1.*0"),
        (lambda: MaxUnpool((2, 2, 2)), "output_size.*3 entries for 2"),
        (lambda: Crop(-1), "offset.*at least 0.*-1"),
        (lambda: Crop((1, 2, 3)), "offset.*3 entries for 2"),
    ],
)
def test_bad_arguments_say_what_is_expected(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("layer", "shapes", "message"),
    [
        (MaxPoolWithIndices(5), [(1, 4, 9, 6)], "does not fit"),
        (MaxPoolWithIndices(2), [(1, 4, 6)], r"expects images.*\(1, 4, 6\)"),
        (MaxUnpool(), [(1, 2, 2, 3)] * 2, "2 tensors.*or .values, places, ref"),
        (MaxUnpool(4), [(1, 2, 2, 3)] * 3, r"3 tensors.*\(4, 4\)"),
        (MaxUnpool(4), [(1, 2, 2, 3), (1, 2, 2, 1)], "one place for each"),
        (MaxUnpool(4), [(1, 5, 2, 3)] * 2, r"\(4, 4\).*\(5, 2\).*as large"),
        (Crop(), [(1, 4, 4, 1)], "Expected .x, reference"),
        (Crop(), [(1, 4, 4, 1), (1, 4, 6, 1)], "columns.* 2 beyond.*exchange"),
        (Crop(2), [(1, 4, 4, 1), (1, 3, 2, 1)], "rows.* 1 beyond.*the offset"),
        (Crop(), [(1, 5, 4, 1), (1, 2, 2, 1)], "3 rows cannot.*even number"),
    ],
)
def test_bad_inputs_say_what_is_expected(layer, shapes, message):
    inputs = [keras.Input(batch_shape=shape) for shape in shapes]
    if isinstance(layer, MaxPoolWithIndices):
        (inputs,) = inputs
    with pytest.raises(ValueError, match=message):
        layer(inputs)
