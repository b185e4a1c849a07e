"""Messages on a stream socket: a length, then so many bytes, with a deadline and a limit."""

import socket
import struct
import time

MAX_FRAME = 64 * 2**20
CHUNK = 2**16
RUN, EXERCISE, CALL = b"R", b"E", b"C"  # a session's commands: run a cell, begin an exercise, answer a call


class WireError(Exception):
    """Bytes or a value that the wire format does not allow."""


def send(connection: socket.socket, data: bytes, deadline: float | None = None, *, command: bytes = b"") -> None:
    """Send one message with its length before it, and a command before that.

    Raises:
        TimeoutError: the other end does not take it by the deadline, a `time.monotonic()`.
    """
    if deadline is not None:
        if (left := deadline - time.monotonic()) <= 0:
            raise TimeoutError
        connection.settimeout(left)
    connection.sendall(command + struct.pack("<I", len(data)) + data)
    if deadline is not None:
        connection.settimeout(None)


def receive(connection: socket.socket, deadline: float | None = None) -> bytes:
    """Receive one message.

    Args:
        connection: a stream socket.
        deadline: a `time.monotonic()`; TimeoutError after it.

    Raises:
        EOFError: the other end closed, or died.
        WireError: the message is over the size limit; nothing of it is read.
    """
    (size,) = struct.unpack("<I", _receive(connection, 4, deadline))
    if size > MAX_FRAME:
        raise WireError(f"a message of {size / 2**20:.0f} MiB is over the limit of {MAX_FRAME / 2**20:.0f} MiB")
    return _receive(connection, size, deadline)


def _receive(connection: socket.socket, size: int, deadline: float | None) -> bytes:
    parts, missing = [], size
    while missing:
        if deadline is not None:
            if (left := deadline - time.monotonic()) <= 0:
                raise TimeoutError
            connection.settimeout(left)
        part = connection.recv(min(missing, CHUNK))
        if not part:
            raise EOFError
        parts.append(part)
        missing -= len(part)
    if deadline is not None:
        connection.settimeout(None)
    return b"".join(parts)
