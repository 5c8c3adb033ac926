"""What crosses the wall between a checker and a student's process.

A frame is a prefix (two lengths), a JSON text and the raw bytes of its arrays.
JSON's null, booleans, numbers and strings stand for themselves; every other
value is a list that begins with its type's name. Nothing is ever unpickled,
and whatever is not exactly as written here ends the conversation.
"""

import contextlib
import json
import math
import select
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

PREFIX = struct.Struct(">IQ")
MAX_TEXT = 8 * 2**20  # bytes of JSON
MAX_DATA = 256 * 2**20  # bytes of arrays
MAX_DEPTH = 32
MAX_ITEMS = 500_000
MAX_INTEGER_BITS = 4096
_NUMBERS = (
    *("bool", "int8", "int16", "int32", "int64"),
    *("uint8", "uint16", "uint32", "uint64"),
    *("float16", "bfloat16", "float32", "float64", "complex64", "complex128"),
)
_TENSORS = ("jax", "jaxlib", "keras", "tensorflow", "torch")


class ProtocolError(Exception):
    """What came is no message; the connection is of no further use."""


class UnsendableError(ValueError):
    """A value that is too deep, too large or of no kind that is sent."""


class Handle(NamedTuple):
    """What stands for an object that stays in the student's process."""

    number: int
    label: str


class Channel:
    """Sends and receives values over one end of a connected socket.

    The socket stays blocking: a timeout of its own would make the other end's
    non-blocking too where both share it. Waiting is done by poll.
    """

    def __init__(self, connection: socket.socket):
        self._socket = connection

    def send(
        self,
        value: Any,
        to_handle: Callable[[Any], Handle],
        deadline: float | None = None,
    ) -> None:
        """Send `value`; `to_handle` stands in for what is no plain data.

        Raises:
            UnsendableError: The value has no message; nothing was sent.
            TimeoutError: The other end did not read it by `deadline`.
            OSError: There is no other end.
        """
        text, data = packed(value, to_handle)
        lengths = PREFIX.pack(len(text), sum(map(len, data)))
        for part in (lengths + text, *data):
            rest = memoryview(part)
            while rest:
                self._wait(select.POLLOUT, deadline)
                with contextlib.suppress(BlockingIOError):
                    sent = self._socket.send(rest, socket.MSG_DONTWAIT)
                    rest = rest[sent:]

    def receive(
        self,
        from_handle: Callable[[Handle], Any],
        deadline: float | None = None,
    ) -> Any:
        """The next value; `from_handle` makes what a handle stands for.

        Raises:
            ProtocolError: What came is no message, or is too large.
            TimeoutError: It did not come whole by `deadline`.
            EOFError: The other end is gone.
            OSError: The connection is broken.
        """
        lengths = PREFIX.unpack(self._read(PREFIX.size, deadline))
        text, data = lengths
        if text > MAX_TEXT or data > MAX_DATA:
            raise ProtocolError(
                f"a message of {text} bytes of text and {data} of arrays; at "
                f"most {MAX_TEXT} and {MAX_DATA} are read"
            )
        return unpacked(
            self._read(text, deadline), self._read(data, deadline), from_handle
        )

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def _read(self, size: int, deadline: float | None) -> bytearray:
        # Grown by what came: a promise of much costs no memory.
        data = bytearray()
        while len(data) < size:
            self._wait(select.POLLIN, deadline)
            with contextlib.suppress(BlockingIOError):
                most = min(size - len(data), 1 << 20)
                part = self._socket.recv(most, socket.MSG_DONTWAIT)
                if not part:
                    raise EOFError("the connection was closed")
                data += part
        return data

    def _wait(self, event: int, deadline: float | None) -> None:
        poll = select.poll()
        poll.register(self._socket, event)
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError("no time is left")
        if not poll.poll(None if left is None else math.ceil(left * 1000)):
            raise TimeoutError("no time is left")


def packed(
    value: Any, to_handle: Callable[[Any], Handle]
) -> tuple[bytes, list[bytes]]:
    """JSON text and array bytes of `value`.

    A subclass of a plain type is sent as that type: what it says of itself
    stays behind.

    Raises:
        UnsendableError: Too deep, too large, or refused by `to_handle`.
    """
    writer = _Writer(to_handle)
    tree = writer.tree(value, 0)
    text = json.dumps(tree, separators=(",", ":")).encode("ascii")
    if len(text) > MAX_TEXT:
        raise UnsendableError(
            f"{len(text)} bytes of numbers and text are too much; at most "
            f"{MAX_TEXT} are sent, arrays apart"
        )
    return text, writer.data


def unpacked(
    text: bytes | bytearray,
    data: bytes | bytearray,
    from_handle: Callable[[Handle], Any],
) -> Any:
    """The value that `packed` made `text` and `data` of.

    Raises:
        ProtocolError: They are not what `packed` makes.
    """
    reader = _Reader(memoryview(data), from_handle)
    try:
        value = reader.value(json.loads(text), 0)
        reader.finish()
    except ProtocolError:
        raise
    except (ArithmeticError, LookupError, MemoryError) as error:
        raise ProtocolError(f"no message: {error!r:.200}") from None
    except (RecursionError, TypeError, ValueError) as error:
        raise ProtocolError(f"no message: {error!r:.200}") from None
    return value


class _Writer:
    """Makes one value's tree and collects the bytes of its arrays."""

    def __init__(self, to_handle: Callable[[Any], Handle]):
        self.data: list[bytes] = []
        self._size = 0
        self._items = 0
        self._to_handle = to_handle

    def tree(self, value: Any, depth: int) -> Any:
        if value is None or value is True or value is False:
            return value
        self._items += 1
        if depth > MAX_DEPTH:
            raise UnsendableError(
                f"nested deeper than {MAX_DEPTH}, or it contains itself"
            )
        if self._items > MAX_ITEMS:
            raise UnsendableError(
                f"more than {MAX_ITEMS} items; an array would do"
            )
        for base in type(value).__mro__:
            if write := _WRITERS.get(base):
                return write(self, value, depth + 1)
        array = _as_array(value)
        if array is not None:
            return self.array(array, depth)
        return ["handle", *self._to_handle(value)]

    def integer(self, value: int, _depth: int) -> int:
        value = int.__int__(value)
        if value.bit_length() > MAX_INTEGER_BITS:
            raise UnsendableError(
                f"an integer of {value.bit_length()} bits; at most "
                f"{MAX_INTEGER_BITS} are sent"
            )
        return value

    def text(self, value: str, _depth: int) -> str:
        value = str.__str__(value)
        if len(value) > MAX_TEXT:
            raise UnsendableError(f"a text of {len(value)} characters")
        return value

    def bytes(self, value: bytes, _depth: int) -> list:
        self._add(b"".join([value]))
        return ["bytes", len(self.data[-1])]

    def array(self, value: np.ndarray, _depth: int) -> list:
        array = _sendable(value)
        if array.nbytes > MAX_DATA:
            raise UnsendableError(
                f"an array of {array.nbytes} bytes; at most {MAX_DATA} are sent"
            )
        self._add(array.tobytes())
        return ["array", _dtype_name(array.dtype), *array.shape]

    def scalar(self, value: np.generic, depth: int) -> list:
        return ["scalar", *self.array(np.asarray(value), depth)[1:]]

    def dictionary(self, value: dict, depth: int) -> list:
        flat = [part for item in dict.items(value) for part in item]
        return ["dict", *(self.tree(part, depth) for part in flat)]

    def _add(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > MAX_DATA:
            raise UnsendableError(
                f"arrays of more than {MAX_DATA} bytes together"
            )
        self.data.append(data)


def _write_items(base: type) -> Callable:
    def write(writer: _Writer, value: Any, depth: int) -> list:
        items = base.__iter__(value)
        return [base.__name__, *(writer.tree(item, depth) for item in items)]

    return write


_WRITERS: dict[type, Callable] = {
    int: _Writer.integer,
    float: lambda writer, value, depth: float.__float__(value),
    str: _Writer.text,
    complex: lambda writer, value, depth: ["complex", value.real, value.imag],
    bytes: _Writer.bytes,
    np.generic: _Writer.scalar,
    np.ndarray: _Writer.array,
    dict: _Writer.dictionary,
    range: lambda writer, value, depth: [
        "range",
        *(writer.tree(x, depth) for x in (value.start, value.stop, value.step)),
    ],
    slice: lambda writer, value, depth: [
        "slice",
        *(writer.tree(x, depth) for x in (value.start, value.stop, value.step)),
    ],
    type(Ellipsis): lambda writer, value, depth: ["ellipsis"],
    **{base: _write_items(base) for base in (list, tuple, set, frozenset)},
}


class _Reader:
    """Makes a value of a tree, and believes nothing that the tree says."""

    def __init__(self, data: memoryview, from_handle: Callable[[Handle], Any]):
        self._data = data
        self._items = 0
        self._from_handle = from_handle

    def value(self, tree: Any, depth: int) -> Any:
        self._items += 1
        if depth > MAX_DEPTH + 1 or self._items > MAX_ITEMS + 1:
            raise ProtocolError("a message that is too deep or too long")
        if type(tree) in (type(None), bool, float, str):
            return tree
        if type(tree) is int:
            if tree.bit_length() > MAX_INTEGER_BITS:
                raise ProtocolError("an integer that is too long")
            return tree
        if type(tree) is not list or not tree or type(tree[0]) is not str:
            raise ProtocolError("a value without a type")
        kind, *rest = tree
        if kind in _COLLECTIONS:
            items = [self.value(item, depth + 1) for item in rest]
            return _COLLECTIONS[kind](items)
        if kind not in _READERS:
            raise ProtocolError(f"a value of unknown type {kind[:40]!r}")
        return _READERS[kind](self, *rest)

    def finish(self) -> None:
        if self._data:
            raise ProtocolError(f"{len(self._data)} bytes belong to no array")

    def bytes(self, size: Any) -> bytes:
        return bytes(self._take(_natural(size)))

    def array(self, name: Any, *shape: Any) -> np.ndarray:
        dtype = _dtype(name)
        shape = tuple(_natural(size) for size in shape)
        data = self._take(math.prod(shape) * dtype.itemsize)
        if dtype.kind == "b":  # only 0 and 1 are booleans to NumPy's loops
            return (np.frombuffer(data, np.uint8) != 0).reshape(shape)
        if dtype.kind == "U":
            points = np.frombuffer(data, np.uint32)
            if points.size and points.max() > sys.maxunicode:
                raise ProtocolError("text that is no text")
        # a copy, because a test may write into it
        return np.frombuffer(data, dtype).reshape(shape).copy()

    def scalar(self, name: Any) -> np.generic:
        return self.array(name)[()]

    def complex(self, real: Any, imaginary: Any) -> complex:
        if type(real) is not float or type(imaginary) is not float:
            raise ProtocolError("a complex number of no two numbers")
        return complex(real, imaginary)

    def range(self, *bounds: Any) -> range:
        if any(type(bound) is not int for bound in bounds):
            raise ProtocolError("a range of no integers")
        return range(*bounds)

    def slice(self, *bounds: Any) -> slice:
        return slice(*(self.value(bound, MAX_DEPTH) for bound in bounds))

    def ellipsis(self) -> Any:
        return ...

    def handle(self, number: Any, label: Any) -> Any:
        if type(label) is not str:
            raise ProtocolError("a handle without a label")
        return self._from_handle(Handle(_natural(number), label[:80]))

    def _take(self, size: int) -> memoryview:
        if size > len(self._data):
            raise ProtocolError(
                f"an array of {size} bytes where {len(self._data)} are left"
            )
        taken, self._data = self._data[:size], self._data[size:]
        return taken


_READERS: dict[str, Callable] = {
    "array": _Reader.array,
    "bytes": _Reader.bytes,
    "complex": _Reader.complex,
    "ellipsis": _Reader.ellipsis,
    "handle": _Reader.handle,
    "range": _Reader.range,
    "scalar": _Reader.scalar,
    "slice": _Reader.slice,
}
_COLLECTIONS: dict[str, Callable[[list], Any]] = {
    "dict": lambda items: dict(zip(items[::2], items[1::2], strict=True)),
    "frozenset": frozenset,
    "list": list,
    "set": set,
    "tuple": tuple,
}


def _natural(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**40:
        raise ProtocolError(f"a size or number that is none: {value!r:.40}")
    return value


def _as_array(value: Any) -> np.ndarray | None:
    """A tensor of any backend, or a Keras variable, as an array."""
    if type(value).__module__.partition(".")[0] not in _TENSORS:
        return None
    try:
        if hasattr(value, "detach"):
            value = value.detach().cpu()
        array = np.asarray(value)
    except Exception:  # symbolic tensors refuse in many ways
        return None
    return None if array.dtype == object else array


def _sendable(array: np.ndarray) -> np.ndarray:
    array = np.asarray(array)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    if array.dtype.kind == "c" and array.dtype.itemsize > 16:
        array = array.astype(np.complex128)
    if array.dtype.name not in _NUMBERS and array.dtype.kind not in "US":
        raise UnsendableError(
            f"an array of dtype {array.dtype}; numbers or texts are sent"
        )
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return array


def _dtype_name(dtype: np.dtype) -> str:
    return dtype.str[1:] if dtype.kind in "US" else dtype.name


def _dtype(name: Any) -> np.dtype:
    if type(name) is not str:
        raise ProtocolError("an array without a type")
    if name == "bfloat16":
        import ml_dtypes  # of Keras's backends; nothing else needs it

        return np.dtype(ml_dtypes.bfloat16)
    if name in _NUMBERS:
        return np.dtype(name)
    if name[:1] in ("U", "S") and name[1:].isdecimal() and len(name) < 8:
        return np.dtype(name)
    raise ProtocolError(f"an array of unknown type {name[:40]!r}")
