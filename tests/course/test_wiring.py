"""What a graph's wiring says, against networks whose figures are known."""

from collections import Counter

import keras
import pytest
from keras import layers

from course.blocks import inception_reduced
from course.catalogue import outlines
from course.models import googlenet, resnet
from course.wiring import Node, wiring

QUIET = ("BatchNormalization", "Activation")


def read_by(net, at):
    """The layers that a node reads, in its order."""
    return [net.nodes[a].layer for a, b in net.edges if b == at]


def test_a_module_reads_its_input_four_times_and_joins_in_order():
    with outlines():
        x = keras.Input((8, 8, 4), name="image")
        y = inception_reduced(x, 2, (3, 4), (1, 2), 5, norm=True, name="m")
        net = wiring(keras.Model(x, y), QUIET)
    assert Counter(a for a, _ in net.edges)[0] == 4
    joined = read_by(net, len(net.nodes) - 1)
    assert joined == ["m_1_1_conv", "m_2_2_conv", "m_3_2_conv", "m_pool_1_conv"]
    windows = {node.layer: node.window for node in net.nodes}
    assert windows["m_3_2_conv"] == (5, 5)
    assert windows["m_pool"] == (3, 3)
    assert windows["image"] is windows["m"] is None
    assert net.nodes[0] == Node("image", "InputLayer", None, (None, 8, 8, 4))


def test_nodes_stand_behind_what_they_read():
    with outlines():
        net = wiring(resnet(18))
    assert all(a < b for a, b in net.edges)
    assert {b for _, b in net.edges} == set(range(1, len(net.nodes)))


def test_googlenet_has_its_papers_layers():
    with outlines():
        net = wiring(googlenet(), ("LocalResponseNorm", "Dropout"))
    kinds = Counter(node.kind for node in net.nodes)
    # table 1: 3 convolutions and 6 in each of 9 modules; 4 + 9 pools
    assert kinds["Conv2D"] == 57
    assert kinds["MaxPooling2D"] == 13
    assert kinds["Concatenate"] == 9
    assert {"LocalResponseNorm", "Dropout"}.isdisjoint(kinds)


def test_what_is_left_out_joins_its_neighbours():
    x = keras.Input((4,))
    merged = layers.Add()([layers.Dense(4)(x), x])
    net = wiring(keras.Model(x, layers.Dense(2)(merged)), ["Add"])
    assert net.edges == ((0, 1), (1, 2), (0, 2))


def test_nested_models_are_opened():
    inside = keras.Sequential(
        [keras.Input((4,)), layers.Dense(3, name="d")], name="inside"
    )
    x = keras.Input((4,))
    net = wiring(keras.Model(x, inside(x)))
    assert [node.layer for node in net.nodes][1:] == ["inside/d"]


def test_a_model_without_a_graph_is_refused():
    with pytest.raises(ValueError, match="never built"):
        wiring(keras.Sequential([layers.Dense(3)]))
