"""Sizes against real layers, the published tables, and their own laws."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.arithmetic import (
    conv_macs,
    conv_output_size,
    conv_parameters,
    pool_output_size,
    same_padding,
    transposed_conv_output_size,
)

sizes = st.integers(1, 40)
kernels = st.integers(1, 7)
strides = st.integers(1, 5)
dilations = st.integers(1, 3)
paddings = st.one_of(
    st.integers(0, 4), st.tuples(st.integers(0, 4), st.integers(0, 4))
)


@given(sizes, kernels, strides, paddings, dilations)
def test_conv_output_size_counts_the_places_of_the_kernel(i, k, s, p, d):
    before, after = p if isinstance(p, tuple) else (p, p)
    extent = d * (k - 1) + 1
    places = len(range(0, before + i + after - extent + 1, s))
    if places == 0:
        with pytest.raises(ValueError, match="does not fit"):
            conv_output_size(i, k, s, p, d)
    else:
        assert conv_output_size(i, k, s, p, d) == places


@pytest.mark.parametrize(
    ("layer", "size", "expected"),
    [
        ((11, 4), 227, 55),
        ((3, 2), 55, 27),
        ((5, 1, 2), 27, 27),
        ((3, 2), 27, 13),
        ((3, 1, 1), 13, 13),
        ((3, 2), 13, 6),
    ],
)
def test_alexnet_at_227(layer, size, expected):
    """Krizhevsky et al. 2012: 55, 27, 13, 6."""
    assert conv_output_size(size, *layer) == expected


def test_lenet_and_squeezenet():
    lenet = [32]
    for k, s in [(5, 1), (2, 2), (5, 1), (2, 2)]:
        lenet.append(conv_output_size(lenet[-1], k, s))
    assert lenet == [32, 28, 14, 10, 5]
    squeezenet = [conv_output_size(224, 7, 2, (2, 2))]
    for _ in range(3):
        squeezenet.append(pool_output_size(squeezenet[-1], 3, 2))
    assert squeezenet == [111, 55, 27, 13]


@given(sizes, kernels, strides, dilations)
def test_same_padding_gives_ceil_and_is_balanced(i, k, s, d):
    before, after = same_padding(i, k, s, d)
    assert after - before in (0, 1)
    assert conv_output_size(i, k, s, (before, after), d) == -(-i // s)
    assert conv_output_size(i, k, s, "same", d) == -(-i // s)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("s", [1, 2, 3])
@pytest.mark.parametrize("k", [1, 2, 3, 5])
@pytest.mark.parametrize("i", [10, 11, 12])
def test_sizes_equal_keras_layers(i, k, s, d, padding):
    def built(layer, channels=1):
        return layer.compute_output_shape((None, i, channels))[1]

    if s == 1 or d == 1:
        conv = keras.layers.Conv1D(
            1, k, strides=s, padding=padding, dilation_rate=d
        )
        assert conv_output_size(i, k, s, padding, d) == built(conv)
        transposed = keras.layers.Conv1DTranspose(
            1, k, strides=s, padding=padding, dilation_rate=d
        )
        assert transposed_conv_output_size(i, k, s, padding, None, d) == built(
            transposed
        )
        for a in range(s):
            padded = keras.layers.Conv1DTranspose(
                1, k, strides=s, padding=padding, output_padding=a,
                dilation_rate=d,
            )  # fmt: skip
            assert transposed_conv_output_size(i, k, s, padding, a, d) == built(
                padded
            )
    pool = keras.layers.MaxPooling1D(k, strides=s, padding=padding)
    assert pool_output_size(i, k, s, padding) == built(pool)


@given(sizes, kernels, strides, st.integers(0, 4), dilations)
def test_transposed_size_undoes_the_convolution_size(i, k, s, p, d):
    """a = (i + 2p - d(k-1) - 1) mod s leads back to i, and a < s is all."""
    extent = d * (k - 1) + 1
    if extent > i + 2 * p:
        return
    o = conv_output_size(i, k, s, p, d)
    a = (i + 2 * p - extent) % s
    assert transposed_conv_output_size(o, k, s, p, a, d) == i


def test_parameters_and_macs_of_published_layers():
    assert conv_parameters((7, 7), 3, 64, bias=False) == 9408  # ResNet's conv1
    assert conv_parameters(5, 96, 256, groups=2) == 307_456  # AlexNet's conv2
    assert conv_parameters((1, 7), 128, 128, bias=False) == 114_688
    assert conv_parameters(3, 32, 32, groups=32, bias=False) == 288
    assert conv_macs((112, 112), (3, 3), 32, 32, groups=32) == 3_612_672


VGG_16 = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]
"""Channels and layers of each stage: Simonyan & Zisserman 2014, table 1, D."""


def test_vgg16_stages_cost_what_is_published():
    """1.94, 2.77, 4.62, 4.62, 1.39 GMACs; 138,357,544 parameters."""
    channels, size, parameters, gigamacs = 3, 224, 0, []
    for filters, layers in VGG_16:
        macs = 0
        for _ in range(layers):
            macs += conv_macs(size, 3, channels, filters)
            parameters += conv_parameters(3, channels, filters)
            channels = filters
        gigamacs.append(round(macs / 1e9, 2))
        size = pool_output_size(size, 2)
    for k, c, f in [(7, 512, 4096), (1, 4096, 4096), (1, 4096, 1000)]:
        parameters += conv_parameters(k, c, f)
    assert gigamacs == [1.94, 2.77, 4.62, 4.62, 1.39]
    assert parameters == 138_357_544


def test_lenet5_has_61706_parameters():
    layers = [(5, 1, 6), (5, 6, 16), (5, 16, 120), (1, 120, 84), (1, 84, 10)]
    assert sum(conv_parameters(*layer) for layer in layers) == 61_706


@given(
    st.integers(1, 3),
    st.integers(1, 3),
    st.sampled_from([1, 2, 3]),
    st.integers(1, 4),
    st.booleans(),
)
def test_parameters_equal_keras_count(c, f, groups, k, bias):
    layer = keras.layers.Conv2D(f * groups, k, groups=groups, use_bias=bias)
    with keras.StatelessScope(initialize_variables=False):
        layer.build((None, 8, 8, c * groups))
    count = conv_parameters(k, c * groups, f * groups, groups, bias)
    assert layer.count_params() == count


def test_numpy_integers_are_integers():
    size = conv_output_size(np.int64(7), np.int32(3), np.int8(2), np.int64(1))
    assert (size, type(size)) == (4, int)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: conv_output_size(4, 3, 0), "stride.*at least 1.*stride=0"),
        (lambda: conv_output_size(4, 3.0), "kernel_size.*3.0"),
        (lambda: conv_output_size(4, True), "kernel_size.*True"),
        (lambda: conv_output_size(-1, 3), "size.*at least 1.*-1"),
        (lambda: conv_output_size(4, 3, padding=-1), "padding.*-1"),
        (lambda: conv_output_size(4, 3, padding="full"), "full.*'same'"),
        (lambda: conv_output_size(4, 3, padding=(1, 2, 3)), "3 entries"),
        (lambda: conv_output_size(4, 3, dilation=2), "spans 5.*only 4"),
        (lambda: pool_output_size(2, 3), "spans 3.*only 2"),
        (
            lambda: transposed_conv_output_size(2, 3, 2, 0, 2),
            "less than stride",
        ),
        (lambda: transposed_conv_output_size(1, 3, 1, 2), "-1 pixels"),
        (lambda: same_padding(0, 3), "size.*at least 1"),
        (lambda: conv_parameters(3, 4, 6, groups=4), "groups=4 must divide"),
        (lambda: conv_parameters((3, 0), 4, 6), "kernel_size.*0"),
        (lambda: conv_macs((7,), 3, 4, 6), "same number of axes"),
    ],
)
def test_bad_input_says_what_is_expected(call, message):
    with pytest.raises(ValueError, match=f"(?s){message}"):
        call()
