"""The table against Keras's own counts and published multiplications."""

import math

import keras
import numpy as np
import pytest
from keras import layers

from course.catalogue import CATALOGUE, outlines
from course.layers import TransposedConv
from course.models import lenet5, vgg
from course.summary import summary

# Weight layers on the longest way, and millions of MACs: who says so.
PUBLISHED = {
    "lenet5(full_c3=False)": (7, None, "7 layers: section II.B"),
    "lenet5(full_c3=True)": (5, None, "C1, C3, C5, F6, output"),
    "alexnet()": (8, 724, "8 learned layers: abstract; Sze et al. 2017"),
    "vgg('A')": (11, 7_609, "table 1; torchvision"),
    "vgg('A-LRN')": (11, 7_609, "table 1"),
    "vgg('B')": (13, 11_308, "table 1; torchvision"),
    "vgg('C')": (16, None, "table 1"),
    "vgg('D')": (16, 15_470, "table 1; torchvision"),
    "vgg('E')": (19, 19_632, "table 1; torchvision"),
    "nin('imagenet')": (12, None, "figure 2, four blocks"),
    "nin('cifar10')": (9, None, "figure 2, three blocks"),
    "squeezenet('1.0')": (18, None, "conv1, 8 fires of 2, conv10"),
    "squeezenet('1.1')": (18, 349, "torchvision"),
    "mobilenet(1.0)": (28, 569, "28 layers: section 3.2; slim"),
    "mobilenet(0.5)": (28, 149, "slim: 150"),
}


@pytest.mark.parametrize("entry", CATALOGUE, ids=str)
def test_totals_are_keras_and_the_papers(entry):
    with outlines():
        model = entry.build()
        table = summary(model)
        assert table.parameters == model.count_params()
        trainable = {id(w) for w in model.trainable_weights}
        expected = sum(
            np.prod(w.shape) for w in model.weights if id(w) in trainable
        )
        assert table.trainable == expected
        # Keras has another order of branches; each call stands once in both.
        assert sorted(row.layer for row in table.rows) == sorted(
            operation.name for operation in model.operations
        )
    depth, millions, source = PUBLISHED.get(str(entry), (None,) * 3)
    assert depth in (None, table.depth), source
    assert millions in (None, round(table.macs / 1e6)), source


def test_where_vgg_16_multiplies():
    """Stage by stage 1.94, 2.77, 4.62, 4.62, 1.39 billions."""
    with outlines():
        rows = summary(CATALOGUE[8].build()).rows
    stages = [0] * 6
    for row in rows:
        if row.layer.startswith("conv"):
            stages[int(row.layer[4])] += row.macs
    assert [round(macs / 1e9, 2) for macs in stages[1:]] == [
        *(1.94, 2.77, 4.62, 4.62, 1.39),
    ]


CASES = [
    # layer, input, MACs counted by hand: places, taps, channels
    (lambda: layers.Conv1D(4, 3), (10, 2), 8 * 3 * 2 * 4),
    (lambda: layers.Conv2D(4, (3, 2), 2, "same"), (5, 6, 2), 9 * 6 * 2 * 4),
    (lambda: layers.Conv2D(4, 3, groups=2), (5, 5, 6), 9 * 9 * 3 * 4),
    (lambda: layers.Conv3D(2, 2), (3, 3, 3, 1), 8 * 8 * 2),
    (lambda: layers.DepthwiseConv2D(3), (5, 5, 6), 9 * 9 * 6),
    (
        lambda: layers.DepthwiseConv2D(3, depth_multiplier=2),
        (5, 5, 6),
        9 * 9 * 12,
    ),
    (
        lambda: layers.SeparableConv2D(7, 3, depth_multiplier=2),
        (5, 5, 6),
        9 * 9 * 12 + 9 * 12 * 7,
    ),
    (lambda: layers.Conv2DTranspose(4, 3, 2), (5, 6, 2), 30 * 9 * 2 * 4),
    (lambda: TransposedConv(4, 3, 2), (5, 6, 2), 30 * 9 * 2 * 4),
    (lambda: TransposedConv(4, 3, 2), (5, 2), 5 * 3 * 2 * 4),
    (lambda: layers.Dense(4), (5, 6), 5 * 6 * 4),
    (lambda: layers.BatchNormalization(), (5, 5, 6), 0),
    (lambda: layers.MaxPooling2D(), (5, 5, 6), 0),
]


@pytest.mark.parametrize(("make", "shape", "expected"), CASES)
def test_multiplications_of_a_layer(make, shape, expected):
    x = keras.Input(shape)
    table = summary(keras.Model(x, make()(x)))
    assert table.macs == expected
    assert table.depth == (expected > 0)
    if len(shape) > 1:
        x = keras.Input((*shape[:-2], None, shape[-1]))
        open_size = summary(keras.Model(x, make()(x)))
        assert open_size.macs == (None if expected else 0)


def test_a_shared_layer_is_counted_once_and_multiplies_twice():
    x = keras.Input((6, 6, 3))
    shared = layers.Conv2D(3, 3, padding="same", name="shared")
    model = keras.Model(x, layers.Add()([shared(shared(x)), shared(x)]))
    table = summary(model)
    calls = [row for row in table.rows if row.layer == "shared"]
    assert [row.trainable for row in calls] == [84, 0, 0]
    assert [row.macs for row in calls] == [36 * 81] * 3
    assert table.parameters == model.count_params() == 84
    assert table.depth == 2


def test_models_inside_models_are_opened():
    inner = keras.Sequential(
        [keras.Input((6, 6, 2)), layers.Conv2D(4, 3), layers.Conv2D(4, 1)],
        name="inner",
    )
    x = keras.Input((6, 6, 2))
    y = layers.GlobalAveragePooling2D()(inner(x))
    model = keras.Model(x, layers.Dense(3)(y))
    table = summary(model)
    assert table.parameters == model.count_params()
    assert table.macs == 16 * 9 * 2 * 4 + 16 * 4 * 4 + 12
    assert table.depth == 3
    inside = [row.layer for row in table.rows if "inner/" in row.layer]
    assert [name.split("/")[0] for name in inside] == ["inner"] * 2


def test_networks_of_keras_itself():
    """Branches, sums, frozen layers, several inputs and outputs."""
    with outlines():
        model = keras.applications.MobileNetV2(weights=None)
        table = summary(model)
        assert table.parameters == model.count_params()
        assert table.macs // 10**6 == 300  # the paper's table 4
        assert len(table.rows) == len(model.layers)
    a, b = keras.Input((4,)), keras.Input((4,))
    frozen = layers.Dense(2, trainable=False)
    parts = keras.ops.split(layers.Concatenate()([a, frozen(b)]), 2, axis=-1)
    table = summary(keras.Model([a, b], parts))
    assert (table.trainable, table.non_trainable) == (0, 10)
    assert table.rows[-1].output_shape == ((None, 3), (None, 3))
    assert "3, 3" in str(table)


def test_the_three_forms_say_the_same():
    table = summary(lenet5(full_c3=False))
    lines = str(table).splitlines()
    assert lines[0].split()[:3] == ["layer", "kind", "output"]
    c3 = next(line for line in lines if line.startswith("C3"))
    cells = "C3 TableConv 10 x 10 x 16 1,516 0 150,000 6.25 KiB 14 2"
    assert c3.split() == cells.split()
    assert lines[-1].split()[:4] == ["lenet5", "60,000", "840", "328,096"]
    assert repr(table) == str(table)
    data = table.to_dict()
    assert (data["parameters"], data["macs"]) == (60_840, 328_096)
    assert sum(row["trainable"] for row in data["layers"]) == 60_000
    page = table._repr_html_()
    assert page.count("<tr>") == len(lines)
    for cell in ["TableConv", "10 x 10 x 16", "1,516", "150,000"]:
        assert f"<td>{cell}</td>" in page
    x = keras.Input((4,))
    odd = keras.Model(x, layers.Dense(1, name="<b>")(x))
    assert "&lt;b&gt;" in summary(odd)._repr_html_()


def test_memory_is_that_of_every_output():
    table = summary(lenet5())
    floats = [32**2, 28**2 * 6, 14**2 * 6, 10**2 * 16, 5**2 * 16]
    floats += [120, 120, 84, 10, 10]
    assert [row.memory for row in table.rows] == [4 * n for n in floats]
    assert table.memory == 4 * sum(floats)
    assert str(table).splitlines()[-1].split()[-2:] == ["36.1", "KiB"]
    x = keras.Input((8, 8, 3), dtype="uint8")
    half = layers.Conv2D(2, 3, dtype="mixed_bfloat16")(x)
    rows = summary(keras.Model(x, half)).rows
    assert rows[0].memory == 8 * 8 * 3
    assert rows[-1].memory == 6 * 6 * 2 * 2


def test_fields_are_those_of_the_calculus():
    """LeNet: 5, 6, 14, 16, 32; a vector sees the whole input."""
    rows = summary(lenet5()).rows
    assert [row.receptive_field[0] for row in rows] == [
        *(1, 5, 6, 14, 16, 32),
        *(math.inf,) * 4,
    ]
    assert [row.stride[0] for row in rows] == [1, 1, 2, 2, 4, 4, 0, 0, 0, 0]
    assert str(summary(lenet5())).splitlines()[-2].split()[-1] == "all"
    with outlines():
        model = vgg("D", include_top=False, input_shape=(None, None, 3))
    fields = {row.layer: row.receptive_field for row in summary(model).rows}
    assert fields["pool5"] == (212, 212)


class Swirl(layers.Layer):
    """Nobody knows where it looks."""

    def call(self, x):
        return x


def test_what_has_no_rule_leaves_the_rest_known():
    x = keras.Input((None, None, 3))
    y = layers.Conv2D(4, 3, name="before")(x)
    y = layers.Conv2D(4, 3, name="after")(Swirl(name="swirl")(y))
    table = summary(keras.Model(x, y))
    before, swirl, after = table.rows[1:]
    assert before.receptive_field == (3, 3)
    assert swirl.receptive_field is after.receptive_field is None
    assert table.parameters == 112 + 148
    tokens = keras.Input((8, 4))
    heads = layers.MultiHeadAttention(2, 4)(tokens, tokens)
    table = summary(keras.Model(tokens, heads))
    assert table.macs is None  # not none at all
    assert table.rows[-1].receptive_field == (math.inf,)


def test_branches_that_drift_apart_have_no_field():
    x = keras.Input((32, 32, 1))
    narrow = layers.Conv2D(1, 1, 2)(x)
    both = layers.Add()([narrow, layers.Cropping2D(8)(x)])
    assert summary(keras.Model(x, both)).rows[-1].receptive_field is None


def test_an_input_s_size_closes_open_ones():
    inner = keras.Sequential(
        [keras.Input((None, None, 2)), layers.Conv2D(4, 3, name="c")]
    )
    x = keras.Input((None, None, 2))
    model = keras.Model(x, layers.MaxPooling2D()(inner(x)))
    assert summary(model).macs is None
    table = summary(model, input_shape=(12, 9, 2))
    assert table.rows[1].output_shape == (None, 10, 7, 4)
    assert table.macs == 10 * 7 * 9 * 2 * 4
    assert table.memory == 4 * (12 * 9 * 2 + 10 * 7 * 4 + 5 * 3 * 4)
    closed = keras.Input((12, 9, 2))
    nested = keras.Model(closed, layers.MaxPooling2D()(inner(closed)))
    assert summary(nested).macs == table.macs


def test_several_inputs_have_fields_where_one_is_chosen():
    a = keras.Input((8, 8, 1), name="a")
    b = keras.Input((8, 8, 1), name="b")
    wide = layers.Conv2D(1, 5, padding="same")(a)
    model = keras.Model([a, b], layers.Add()([wide, b]))
    assert summary(model).rows[-1].receptive_field is None
    assert summary(model, input="a").rows[-1].receptive_field == (5, 5)
    assert summary(model, input="b").rows[-1].receptive_field == (1, 1)


def test_pandas():
    table = summary(lenet5())
    frame = table.to_pandas()
    assert frame.loc["C1", "macs"] == 28 * 28 * 25 * 6
    assert frame["trainable"].sum() == table.parameters
    assert frame["memory"].sum() == table.memory
    open_sizes = summary(lenet5(input_shape=(None, None, 1), include_top=False))
    assert open_sizes.to_pandas()["macs"].isna().any()


def test_open_sizes_are_said_to_be_open():
    table = summary(lenet5(input_shape=(None, None, 1), include_top=False))
    assert table.macs is None
    assert table.trainable == 61_706 - 10_164 - 850
    assert str(table).splitlines()[-1].split()[-2:] == ["?", "?"]
    assert "? x ? x 6" in str(table)


def test_a_model_without_a_graph_is_refused():
    with pytest.raises(ValueError, match=r"no graph.*keras\.Input"):
        summary(keras.Sequential([layers.Dense(2)]))
