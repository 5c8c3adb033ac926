"""Messages between the grader and a student's process: JSON, with a length.

What arrives from a student's process is the student's to choose: a reader
bounds its size and checks its shape.
"""

import json
import socket
import struct
from typing import Any

_LENGTH = struct.Struct("!I")
_CHUNK = 1 << 18


class Wire:
    """One end of a stream socket that carries JSON objects.

    Args:
        peer: The connected socket.
        most: Bytes that one received message may have.
    """

    def __init__(self, peer: socket.socket, most: int = 1 << 25):
        self.peer = peer
        self._most = most
        self._pending = bytearray()

    def fileno(self) -> int:
        return self.peer.fileno()

    def send(self, message: dict[str, Any]) -> None:
        """Send one message, whole."""
        text = json.dumps(message, ensure_ascii=False)
        payload = text.encode(errors="replace")  # half a surrogate pair
        self.peer.sendall(_LENGTH.pack(len(payload)) + payload)

    def feed(self) -> list[dict[str, Any]]:
        """Wait for bytes; return the messages that they complete.

        Raises:
            EOFError: The other end is closed.
            ValueError: What arrived is no message.
        """
        data = self.peer.recv(_CHUNK)
        if not data:
            raise EOFError("the other end closed its socket")
        self._pending += data
        messages = []
        while (message := self._take()) is not None:
            messages.append(message)
        return messages

    def _take(self) -> dict[str, Any] | None:
        start = _LENGTH.size
        if len(self._pending) < start:
            return None
        (length,) = _LENGTH.unpack_from(self._pending)
        if length > self._most:
            raise ValueError(
                f"received a message of {length} bytes, expected at most "
                f"{self._most}"
            )
        if len(self._pending) < start + length:
            return None
        payload = bytes(self._pending[start : start + length])
        del self._pending[: start + length]
        message = json.loads(payload, parse_constant=_no_constant)
        if not isinstance(message, dict):
            raise ValueError(
                f"received a {type(message).__name__}, expected an object"
            )
        return message


def _no_constant(name: str) -> None:
    raise ValueError(f"received {name}, expected JSON numbers")
