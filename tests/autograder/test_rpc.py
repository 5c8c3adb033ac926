"""Values cross the wall as themselves, and nothing else does."""

import contextlib
import json
import os
import socket
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import rpc
from autograder.rpc import (
    PREFIX,
    Channel,
    Handle,
    ProtocolError,
    UnsendableError,
    packed,
    unpacked,
)

pytestmark = pytest.mark.any_backend


class Thing:
    """No plain data."""


def to_handle(value):
    return Handle(7, type(value).__name__)


def there_and_back(value):
    text, data = packed(value, to_handle)
    return unpacked(text, b"".join(data), lambda handle: handle)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.complex_numbers(allow_nan=False)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.sets(st.integers())
    ),
    max_leaves=20,
)


def same(one, other):
    assert type(one) is type(other)
    assert one == other


@given(VALUES)
def test_plain_data_comes_back_as_it_went(value):
    same(there_and_back(value), value)


@pytest.mark.parametrize(
    "value",
    [
        np.arange(6.0).reshape(2, 3).T,
        np.zeros((0, 3), "int8"),
        np.array(3, "uint64"),
        np.array([True, False]),
        np.array([1 + 2j], "complex64"),
        np.array([1, 2], ">i4"),
        np.array(["a", "bcd"]),
        np.array([b"a"]),
        np.arange(8)[::-2],
        np.array([np.nan, np.inf], "float16"),
    ],
)
def test_an_array_comes_back_as_it_went(value):
    back = there_and_back([value])[0]
    assert type(back) is np.ndarray
    assert back.dtype == value.dtype.newbyteorder("=")
    np.testing.assert_array_equal(back, value)
    assert back.flags.writeable


@pytest.mark.parametrize("value", [np.float32(1.5), np.int64(3), np.bool(1)])
def test_a_scalar_keeps_its_type(value):
    same(there_and_back(value), value)


@pytest.mark.parametrize(
    "value", [slice(1, None), ..., range(1, 9, 2), frozenset({1})]
)
def test_what_indexes_is_sent_too(value):
    same(there_and_back(value), value)


@pytest.mark.parametrize("base", [int, float, str, list, tuple, dict, set])
def test_a_subclass_arrives_as_its_base(base):
    liar = type(
        "Liar",
        (base,),
        {
            "__eq__": lambda *_: True,
            "__len__": id,
            "__hash__": None,
            "__iter__": None,
        },
    )
    same(there_and_back(liar()), base())


def test_an_object_becomes_a_handle():
    assert there_and_back([Thing()]) == [Handle(7, "Thing")]


def cyclic():
    value = []
    value.append({"a": value})
    return value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (cyclic(), "contains itself"),
        (1 << 5000, "bits"),
        ([0] * (rpc.MAX_ITEMS + 1), "items"),
        (np.array([Thing()]), "dtype object"),
        (np.array(["2020-01-01"], "datetime64[D]"), "dtype datetime64"),
        (np.broadcast_to(np.int8(0), (rpc.MAX_DATA + 1,)), "at most"),
        ("x" * (rpc.MAX_TEXT + 1), "text of"),
    ],
    ids=["cyclic", "bits", "items", "objects", "dates", "array", "text"],
)
def test_what_is_too_much_is_not_sent(value, message):
    with pytest.raises(UnsendableError, match=message):
        packed(value, to_handle)


BAD = [
    {"a": 1},
    [],
    [1],
    ["unknown"],
    ["array"],
    ["array", "float64", -1],
    ["array", "float64", 1.0],
    ["array", "float64", True],
    ["array", "float64", float("nan")],
    ["array", "float64", 2**39, 2**39],
    ["array", "object", 0],
    ["array", "V8", 1],
    ["array", 8, 1],
    ["scalar", "float64", 1],
    ["bytes", 9],
    ["complex", 1, 2],
    ["range", 1, 2, 0],
    ["range", 0.5],
    ["slice", 1],
    ["dict", 1],
    ["dict", ["list"], 1],
    ["set", ["list"]],
    ["handle", 1, 2],
    ["handle", -1, "a"],
    ["ellipsis", 1],
    ["_take", 8],
    1 << 5000,
]


@pytest.mark.parametrize("tree", BAD, ids=lambda tree: str(tree)[:40])
def test_what_is_no_message_is_refused(tree):
    data = bytes(8)
    if tree == ["slice", 1]:
        data = b"left over"
    with pytest.raises(ProtocolError):
        unpacked(json.dumps(tree).encode(), data, lambda handle: handle)


@given(st.binary(max_size=64))
def test_garbage_is_refused_or_plain(text):
    with contextlib.suppress(ProtocolError):
        unpacked(text, b"", lambda handle: handle)


def test_deep_text_is_refused():
    with pytest.raises(ProtocolError):
        unpacked(b"[" * 10**6, b"", lambda handle: handle)
    tree = b'["list",' * 40 + b"1" + b"]" * 40
    with pytest.raises(ProtocolError, match="deep"):
        unpacked(tree, b"", lambda handle: handle)


def test_text_of_impossible_characters_is_refused():
    with pytest.raises(ProtocolError):
        unpacked(b'["array","U1",1]', b"\xff" * 4, lambda handle: handle)


def test_booleans_are_zero_or_one():
    back = unpacked(b'["array","bool",2]', b"\x02\x00", lambda handle: handle)
    assert back.tolist() == [True, False]
    assert back.view("uint8").tolist() == [1, 0]


@pytest.fixture
def ends():
    pair = socket.socketpair()
    yield pair
    for end in pair:
        end.close()


def test_a_large_array_crosses_a_small_socket(ends):
    array = np.random.default_rng(0).normal(size=(1000, 1000))
    sender = threading.Thread(
        target=Channel(ends[0]).send, args=([array, "x"], to_handle)
    )
    sender.start()
    back = Channel(ends[1]).receive(None, time.monotonic() + 10)
    sender.join()
    np.testing.assert_array_equal(back[0], array)


@pytest.mark.parametrize("promised", [(0, 0), (9, 0)])
def test_waiting_ends_and_leaves_the_socket_blocking(ends, promised):
    if any(promised):
        ends[0].sendall(PREFIX.pack(*promised) + b"1")
    with pytest.raises(TimeoutError):
        Channel(ends[1]).receive(None, time.monotonic() + 0.05)
    assert all(os.get_blocking(end.fileno()) for end in ends)


def test_nobody_who_reads_ends_the_sending(ends):
    with pytest.raises(TimeoutError):
        Channel(ends[0]).send(
            np.zeros(10**6), to_handle, time.monotonic() + 0.05
        )


def test_a_closed_end_is_noticed(ends):
    ends[0].close()
    with pytest.raises(EOFError):
        Channel(ends[1]).receive(None)


@pytest.mark.parametrize(
    "lengths", [(rpc.MAX_TEXT + 1, 0), (2, rpc.MAX_DATA + 1)]
)
def test_a_message_that_is_too_large_is_not_read(ends, lengths):
    ends[0].sendall(PREFIX.pack(*lengths))
    with pytest.raises(ProtocolError, match="at most"):
        Channel(ends[1]).receive(None)
