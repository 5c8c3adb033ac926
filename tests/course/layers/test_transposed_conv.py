"""TransposedConv against Keras, NumPy loops, and the adjoint of convolution."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from course.gradients import value_and_gradients
from course.layers import TransposedConv
from course.layers.fastest import fastest_method, nearest
from course.layers.transposed_methods import Axis
from tests.layer_contract import check_layer, to_numpy
from tests.oracles import convolve, splat, transposed_convolve

METHODS = ("matrix", "scatter", "keras")


def error(a, b):
    """Largest difference, relative to the largest of b (1 if b is zero)."""
    a, b = to_numpy(a), to_numpy(b)
    assert a.shape == b.shape
    return np.abs(a - b).max(initial=0) / (np.abs(b).max(initial=0) or 1)


def run(layer, x):
    """The layer's output, compiled whole: op by op JAX compiles each op."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(layer)(x)
    return layer(x)


def layers_with_weights(kernel, bias=None, **arguments):
    """One layer a method, all with the same weights."""
    for method in METHODS:
        layer = TransposedConv(
            kernel.shape[-2],
            kernel.shape[:-2],
            method=method,
            use_bias=bias is not None,
            **arguments,
        )
        layer.build((None, *(None,) * (kernel.ndim - 2), kernel.shape[-1]))
        layer.set_weights([kernel] if bias is None else [kernel, bias])
        yield layer


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


# Two axes differ, so each case stands for two kernel sizes and two strides.
# (2, 5), (2, 6), (5, 2) with "same" and output padding 0 make XLA abort the
# process on JAX; test_same_with_even_kernel_and_no_output_padding has those.
KERNELS = [(1, 2), (3, 1), (2, 4), (4, 3), (5, 4)]
STRIDES = [(1, 1), (1, 2), (2, 3), (3, 1), (4, 2)]


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", STRIDES)
@pytest.mark.parametrize("kernel_size", KERNELS)
def test_strings_equal_keras(kernel_size, strides, padding):
    """All strides and kernel sizes, kernel < stride too, output padding."""
    x = normal(0, 2, 3, 4, 2)
    kernel, bias = normal(1, *kernel_size, 3, 2), normal(2, 3)
    largest = tuple(s - 1 for s in strides)
    for output_padding in {None, (0, 0), largest}:
        # Even kernels at "same" abort TensorFlow without output padding: the
        # test below compares those with the loops instead.
        if padding == "same" and _tensorflow_aborts(
            kernel_size, output_padding
        ):
            continue
        arguments = {
            "strides": strides,
            "padding": padding,
            "output_padding": output_padding,
        }
        theirs = keras.layers.Conv2DTranspose(3, kernel_size, **arguments)
        theirs.build(x.shape)
        theirs.set_weights([kernel, bias])
        expected = run(theirs, x)
        for layer in layers_with_weights(kernel, bias, **arguments):
            assert error(run(layer, x), expected) <= 1e-5, (
                layer.method,
                arguments,
            )


def _tensorflow_aborts(kernel_size, output_padding):
    if keras.backend.backend() != "tensorflow" or output_padding is None:
        return False
    return any(
        a == 0 and k % 2 == 0
        for k, a in zip(kernel_size, output_padding, strict=True)
    )


@pytest.mark.parametrize("k", [2, 4])
@pytest.mark.parametrize("s", [1, 2, 3])
def test_same_with_even_kernel_and_no_output_padding(k, s):
    """s(i - 1) pixels, k/2 cropped before: what JAX computes."""
    x, kernel = normal(0, 1, 5, 2), normal(1, k, 3, 2)
    expected = splat(x[0], kernel, (s,), (1,))[k // 2 :][: s * 4]
    for layer in layers_with_weights(
        kernel, strides=s, padding="same", output_padding=0
    ):
        assert error(run(layer, x)[0], expected) <= 1e-5, layer.method


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("dilation_rate", [(2, 2), (1, 3)])
def test_dilation_equals_keras(dilation_rate, padding):
    x, kernel = normal(0, 2, 6, 5, 2), normal(1, 3, 2, 3, 2)
    arguments = {"padding": padding, "dilation_rate": dilation_rate}
    theirs = keras.layers.Conv2DTranspose(
        3, (3, 2), use_bias=False, **arguments
    )
    theirs.build(x.shape)
    theirs.set_weights([kernel])
    for layer in layers_with_weights(kernel, **arguments):
        assert error(run(layer, x), run(theirs, x)) <= 1e-5, layer.method


@st.composite
def transposed_convolutions(draw):
    """Padding in pixels, with stride, dilation and output padding together."""
    rank = draw(st.integers(1, 2))

    def ints(low, high):
        return tuple(draw(st.integers(low, high)) for _ in range(rank))

    kernel_size, strides, dilation = ints(1, 4), ints(1, 3), ints(1, 3)
    sizes = ints(1, 4)
    output_padding = tuple(draw(st.integers(0, s - 1)) for s in strides)
    full = [
        s * (i - 1) + d * (k - 1) + 1 + a
        for i, k, s, d, a in zip(
            sizes, kernel_size, strides, dilation, output_padding, strict=True
        )
    ]
    padding = tuple(draw(st.integers(0, (f - 1) // 2)) for f in full)
    c, f = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    return {
        "x": normal(draw(st.integers(0, 999)), 1, *sizes, c),
        "kernel": normal(draw(st.integers(0, 999)), *kernel_size, f, c),
        "strides": strides,
        "padding": padding,
        "output_padding": output_padding,
        "dilation_rate": dilation,
    }


@settings(max_examples=25)
@given(transposed_convolutions())
def test_padding_in_pixels_equals_loops(case):
    x, kernel = case.pop("x"), case.pop("kernel")
    expected = transposed_convolve(
        x[0].astype("float64"),
        kernel.astype("float64"),
        case["strides"],
        case["padding"],
        case["output_padding"],
        case["dilation_rate"],
    )
    for layer in layers_with_weights(kernel, **case):
        shape = layer.compute_output_shape(x.shape)
        assert shape == (1, *expected.shape)
        assert error(run(layer, x)[0], expected) <= 1e-5, (layer.method, case)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("strides", "padding", "dilation"),
    [(1, "valid", 1), (2, "same", 1), (3, "valid", 1), (1, "same", 2)],
)
def test_is_the_adjoint_of_the_backends_convolution(
    strides, padding, dilation, method
):
    """<conv(x), y> = <x, transposed(y)>; x of a size that conv maps to y."""
    kernel = normal(0, 3, 3, 2, 4)
    y = normal(1, 1, 4, 5, 4)
    layer = TransposedConv(
        2, 3, strides, padding, dilation_rate=dilation, use_bias=False,
        method=method,
    )  # fmt: skip
    layer.build(y.shape)
    layer.set_weights([kernel])
    back = run(layer, y)
    x = normal(2, *back.shape)
    conv = ops.conv(x, kernel, strides, padding, dilation_rate=dilation)
    left, right = np.vdot(to_numpy(conv), y), np.vdot(x, to_numpy(back))
    assert abs(left - right) <= 1e-5 * np.linalg.norm(x) * np.linalg.norm(y)


def gradients_of(layer, kernel, x, weight):
    """Of <layer(x), weight> with respect to (x, kernel)."""

    def inner_product(x, kernel):
        y, _ = layer.stateless_call([kernel], [], x)
        return ops.sum(ops.multiply(y, weight))

    return value_and_gradients(inner_product, x, kernel)[1]


@pytest.mark.parametrize(
    "arguments",
    [
        {"strides": 2, "padding": "same"},
        {"strides": (1, 3), "padding": "same"},
        {"strides": (2, 3), "padding": "valid", "output_padding": (1, 2)},
    ],
)
def test_gradients_equal_keras(arguments):
    x, kernel = normal(0, 2, 3, 4, 2), normal(1, 3, 2, 3, 2)
    theirs = keras.layers.Conv2DTranspose(
        3, (3, 2), use_bias=False, **arguments
    )
    theirs.build(x.shape)
    weight = normal(2, *theirs.compute_output_shape(x.shape))
    expected = gradients_of(theirs, kernel, x, weight)
    for layer in layers_with_weights(kernel, **arguments):
        gradients = gradients_of(layer, kernel, x, weight)
        assert error(gradients[0], expected[0]) <= 1e-5, layer.method
        assert error(gradients[1], expected[1]) <= 1e-5, layer.method


def test_gradient_is_the_convolution():
    """Of <T x, w> in x: the convolution of w, stride and dilation together."""
    x, kernel = normal(0, 1, 3, 4, 2), normal(1, 3, 2, 3, 2)
    arguments = {"strides": (2, 1), "padding": (1, 0), "dilation_rate": (2, 3)}
    padding = ((1, 1), (0, 0))
    for layer in layers_with_weights(kernel, **arguments):
        weight = normal(2, *layer.compute_output_shape(x.shape))
        gradient, kernel_gradient = gradients_of(layer, kernel, x, weight)
        expected = convolve(weight[0], kernel, (2, 1), padding, (2, 3))
        assert error(gradient[0], expected) <= 1e-5, layer.method
        # Linear in the kernel too: <gradient, kernel> is the value itself.
        value = np.vdot(to_numpy(run(layer, x)), weight)
        assert abs(np.vdot(kernel_gradient, kernel) - value) <= 1e-4


@pytest.mark.parametrize("method", [*METHODS, "auto"])
@pytest.mark.parametrize(
    ("input_shape", "arguments"),
    [
        ((2, 5, 4, 3), {"kernel_size": (3, 4), "strides": 2, "padding": 1}),
        ((2, 6, 3), {"kernel_size": 3, "strides": 2, "padding": "same"}),
        (
            (2, 3, 3, 2),
            {
                "kernel_size": [2, 3],
                "strides": [3, 2],
                "output_padding": [1, 0],
                "dilation_rate": [1, 2],
                "activation": "tanh",
                "kernel_regularizer": "l2",
            },
        ),
    ],
)
def test_layer_contract(method, input_shape, arguments, tmp_path):
    def make(**layer_arguments):
        return TransposedConv(
            4,
            method=method,
            bias_initializer="random_normal",
            **arguments,
            **layer_arguments,
        )

    check_layer(make, input_shape, tmp_path)


@pytest.mark.parametrize("method", ["scatter", "keras", "auto"])
@pytest.mark.parametrize("padding", [1, "valid", "same"])
def test_sizes_may_be_unknown(method, padding):
    inputs = keras.Input((None, None, 3))
    layer = TransposedConv(2, 4, 2, padding, method=method)
    model = keras.Model(inputs, layer(inputs))
    assert model.output_shape == (None, None, None, 2)
    for sizes in [(3, 5), (4, 2)]:
        x = normal(0, 2, *sizes, 3)
        expected = layer.compute_output_shape(x.shape)
        assert model.predict(x, verbose=0).shape == expected
        assert error(model.predict(x, verbose=0), run(layer, x)) <= 1e-6


def test_matrix_asks_for_static_sizes():
    layer = TransposedConv(2, 3, method="matrix")
    with pytest.raises(ValueError, match=r"static sizes.*None, None.*scatter"):
        layer(keras.Input((None, None, 3)))


def test_weights_move_to_and_from_keras():
    ours = TransposedConv(4, 3, 2, "same")
    theirs = keras.layers.Conv2DTranspose(4, 3, 2, "same")
    x = normal(0, 1, 5, 5, 2)
    ours.build(x.shape)
    theirs.build(x.shape)
    assert [w.shape for w in ours.weights] == [w.shape for w in theirs.weights]
    theirs.set_weights(ours.get_weights())
    assert error(run(ours, x), run(theirs, x)) <= 1e-5


def test_auto_is_a_function_of_the_shape_alone():
    """Chosen from the table; unmeasured devices fall back on Keras."""
    axes = [Axis(4, 2, 1, 1, 0)] * 2
    shape = (8, 32, 32, 64)
    chosen = fastest_method(shape, 64, axes)
    assert fastest_method((1, *shape[1:]), 64, axes) == chosen
    expected = {"jax": "scatter", "tensorflow": "keras", "torch": "keras"}
    assert chosen == expected[keras.backend.backend()]
    assert nearest("jax", "unheard-of", (16, 9, 1, 3, 3)) == "keras"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"filters": 0}, "filters.*at least 1.*0"),
        ({"kernel_size": 0}, "kernel_size.*at least 1.*0"),
        ({"kernel_size": 2.5}, "kernel_size.*2.5"),
        ({"kernel_size": "three"}, "kernel_size.*'three'"),
        ({"kernel_size": (3, 3, 3)}, "3 entries for 2"),
        ({"strides": 0}, "stride.*at least 1.*0"),
        ({"strides": (1, 2), "kernel_size": (3,)}, "kernel_size=.*1 entries"),
        ({"padding": -1}, "padding.*at least 0.*-1"),
        ({"padding": "full"}, "'full'.*'same'"),
        ({"output_padding": 2, "strides": 2}, "less than stride.*=2.*0 to 1"),
        ({"dilation_rate": 0}, "dilation.*at least 1.*0"),
        ({"method": "fft"}, "'fft'.*'scatter'"),
    ],
)
def test_bad_arguments_say_what_is_expected(arguments, message):
    arguments = {"filters": 2, "kernel_size": 3} | arguments
    with pytest.raises(ValueError, match=f"(?s){message}"):
        TransposedConv(**arguments)


@pytest.mark.parametrize(
    ("arguments", "input_shape", "message"),
    [
        ({}, (1, 5), r"\(n, h, w, c\).*\(1, 5\)"),
        ({"kernel_size": (3, 3)}, (1, 5, 2), "2 entries for 1"),
        ({}, (1, 5, 5, None), "channels must be known"),
        ({"padding": 2}, (1, 2, 2, 3), "nothing is left.*0 pixels"),
    ],
)
def test_bad_inputs_say_what_is_expected(arguments, input_shape, message):
    layer = TransposedConv(2, **({"kernel_size": 3} | arguments))
    with pytest.raises(ValueError, match=f"(?s){message}"):
        layer(keras.Input(batch_shape=input_shape))
