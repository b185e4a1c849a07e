"""Messages on a stream socket: a command, a length, then so many bytes, with a deadline and a limit."""

import socket
import struct
import time

MAX_FRAME = 64 * 2**20
CHUNK = 2**16
RUN, EXERCISE, CALL = b"R", b"E", b"C"  # a session's commands: run a cell, begin an exercise, answer a call
PLAIN = b"-"  # what stands in their place before any other message
ANSWER = b"A"  # comes instead of a command where the session has asked for something in the middle of a call
_HEAD = struct.Struct("<cI")


class WireError(Exception):
    """Bytes or a value that the wire format does not allow."""


def send(connection: socket.socket, data: bytes, deadline: float | None = None, *, command: bytes = PLAIN) -> None:
    """Send one message, a command and its length before it.

    Raises:
        TimeoutError: the other end does not take it by the deadline, a `time.monotonic()`.
    """
    _wait_until(connection, deadline)
    connection.sendall(_HEAD.pack(command, len(data)) + data)


def receive(connection: socket.socket, deadline: float | None = None) -> bytes:
    """Receive one message, whatever its command.

    Args:
        connection: a stream socket.
        deadline: a `time.monotonic()`; TimeoutError after it.

    Raises:
        EOFError: the other end closed, or died.
        WireError: the message is over the size limit; nothing of it is read.
    """
    _, message = receive_command(connection, deadline)
    return message


def receive_command(connection: socket.socket, deadline: float | None = None) -> tuple[bytes, bytes]:
    """Receive one message and its command; raises as `receive` does."""
    _wait_until(connection, deadline)
    command, size = _HEAD.unpack(_read(connection, _HEAD.size, deadline))
    if size > MAX_FRAME:
        raise WireError(f"a message of {size / 2**20:.0f} MiB is over the limit of {MAX_FRAME / 2**20:.0f} MiB")
    return command, _read(connection, size, deadline)


def _wait_until(connection: socket.socket, deadline: float | None) -> None:
    """Let the next calls on a socket end at a deadline; each of these is a system call, so not before every read."""
    left = None if deadline is None else deadline - time.monotonic()
    if left is not None and left <= 0:
        raise TimeoutError
    connection.settimeout(left)


def _read(connection: socket.socket, size: int, deadline: float | None) -> bytes:
    """Read exactly so many bytes."""
    part = connection.recv(min(size, CHUNK)) if size else b""
    if len(part) == size:
        return part
    parts, missing = [part], size - len(part)
    while missing:
        if not part:
            raise EOFError
        _wait_until(connection, deadline)
        parts.append(part := connection.recv(min(missing, CHUNK)))
        missing -= len(part)
    return b"".join(parts)
