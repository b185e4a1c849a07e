"""The closed wire format between checker and worker: what may cross the border, and nothing else.

None, bool, int, float, str, bytes, list, tuple, dict, tensors and arrays as dtype + shape + raw bytes, and `Mark`s,
which are names for things that stay where they are. Values are recognised by their exact type, so no subclass ever
arrives. Reading builds only these types: nothing is unpickled, imported or evaluated.
"""

import struct
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from grader.channel import MAX_FRAME, WireError

MAX_DEPTH = 40
MAX_ITEMS = 500_000
MAX_INT_BYTES = 1024
MAX_DIMENSIONS = 25

DTYPES = [
    *(torch.float32, torch.float64, torch.int64, torch.bool, torch.int32, torch.int16, torch.int8, torch.uint8),
    *(torch.float16, torch.bfloat16, torch.complex64, torch.complex128),
]
DTYPE_CODES = {dtype: code for code, dtype in enumerate(DTYPES)}
ARRAY_DTYPES = ["f4", "f8", "i8", "?", "i4", "i2", "i1", "u1", "f2", "u2", "u4", "u8", "c8", "c16"]
ARRAY_CODES = {np.dtype(name): code for code, name in enumerate(ARRAY_DTYPES)}
KINDS = ("ref", "tensor", "rng", "handle", "dtype", "device", "function", "module")

_TAGS = {list: b"l", tuple: b"t"}
_MARKS = {kind: bytes([ord("M"), number]) for number, kind in enumerate(KINDS)}
_CONSTANTS = {ord("N"): None, ord("0"): False, ord("1"): True}
_Q, _F = ord("q"), ord("f")
_LONG, _DOUBLE = struct.Struct("<cq"), struct.Struct("<cd")  # a tag and a number
_SIZED, _BLOCK = struct.Struct("<cI"), struct.Struct("<cBB")  # a tag and a length; a tag, a dtype and dimensions


class Mark(NamedTuple):
    """A name for something that both ends know: `kind` is one of `KINDS`, `payload` is plain data."""

    kind: str
    payload: Any


class Raw(NamedTuple):
    """A tensor that is to cross as dtype, shape and bytes, whatever the encoder's `reduce` says."""

    tensor: torch.Tensor


def refuse(value: object) -> Any:
    """Refuse a value that is not plain data: what `encode` does without a `reduce` of its own."""
    raise WireError(f"a value of type {type(value).__name__!r} cannot cross")


def refuse_mark(mark: Mark) -> Any:
    """Refuse a mark: what `decode` does without a `resolve` of its own."""
    raise WireError(f"a mark {mark.kind!r} has no meaning here")


def encode(value: Any, reduce: Callable[[object], Any] = refuse, containers: list | None = None) -> bytes:
    """Write a value as bytes.

    Args:
        value: plain data; anything else goes through `reduce`.
        reduce: turns a value that is not plain into one that is, or into a `Mark`; raises WireError if it will not.
        containers: if given, every list and dict that is written is appended to it, in order.
    """
    out = bytearray()
    _write(out, value, reduce, containers, 0)
    if len(out) > MAX_FRAME:
        raise WireError(f"a message of {len(out) / 2**20:.0f} MiB is over the limit of {MAX_FRAME / 2**20:.0f} MiB")
    return bytes(out)


def _write(out: bytearray, value: Any, reduce: Callable, containers: list | None, depth: int) -> None:
    """Append a value; the kinds that messages have most of come first."""
    kind = type(value)
    if kind is int and -(2**63) <= value < 2**63:
        out += _LONG.pack(b"q", value)
    elif kind is tuple or kind is list:
        if containers is not None and kind is list:
            containers.append(value)
        _write_items(out, _TAGS[kind], value, reduce, containers, depth)
    elif kind is str:
        data = value.encode("utf-8", "replace")
        out += _SIZED.pack(b"s", len(data)) + data
    elif value is None:
        out += b"N"
    elif kind is bool:
        out += b"1" if value else b"0"
    elif kind is Mark:
        out += _MARKS[value.kind]
        _write(out, value.payload, reduce, None, depth + 1)
    elif kind is Raw:
        _write_tensor(out, value.tensor)
    elif kind is bytes:
        out += _SIZED.pack(b"b", len(value)) + value
    elif kind is float:
        out += _DOUBLE.pack(b"f", value)
    elif kind is dict:
        if containers is not None:
            containers.append(value)
        _write_items(out, b"d", [part for pair in value.items() for part in pair], reduce, containers, depth)
    elif kind is int:
        data = value.to_bytes((value.bit_length() + 8) // 8, "little", signed=True)
        out += _SIZED.pack(b"i", len(data)) + data
    elif kind is np.ndarray and value.dtype in ARRAY_CODES:
        _write_block(out, b"a", ARRAY_CODES[value.dtype], value.shape, np.ascontiguousarray(value).tobytes())
    else:
        _write(out, reduce(value), reduce, containers, depth + 1)


def _write_items(
    out: bytearray, tag: bytes, items: list | tuple, reduce: Callable, containers: list | None, depth: int
) -> None:
    if depth > MAX_DEPTH:
        raise WireError(f"nested more than {MAX_DEPTH} levels deep")
    out += _SIZED.pack(tag, len(items))
    for item in items:
        _write(out, item, reduce, containers, depth + 1)
    if len(out) > MAX_FRAME:
        raise WireError(f"a message is over the limit of {MAX_FRAME / 2**20:.0f} MiB")


def _write_tensor(out: bytearray, tensor: torch.Tensor) -> None:
    if tensor.dtype not in DTYPE_CODES or tensor.layout is not torch.strided or tensor.device.type != "cpu":
        raise WireError(f"a tensor of {tensor.dtype}, {tensor.layout}, {tensor.device} cannot cross")
    if tensor.numel() * tensor.element_size() > MAX_FRAME:  # an expanded tensor is larger here than in memory
        raise WireError(f"a tensor of shape {tuple(tensor.shape)} is over the limit of {MAX_FRAME / 2**20:.0f} MiB")
    plain = tensor.detach().resolve_conj().resolve_neg()
    data = (plain.view(torch.int16) if plain.dtype is torch.bfloat16 else plain).numpy().tobytes()
    _write_block(out, b"x", DTYPE_CODES[tensor.dtype], tuple(tensor.shape), data)


def _write_block(out: bytearray, tag: bytes, code: int, shape: tuple[int, ...], data: bytes) -> None:
    if len(shape) > MAX_DIMENSIONS:
        raise WireError(f"{len(shape)} dimensions are over the limit of {MAX_DIMENSIONS}")
    out += struct.pack(f"<cBB{len(shape)}QQ", tag, code, len(shape), *shape, len(data)) + data


def decode(
    data: bytes, resolve: Callable[[Mark], Any] = refuse_mark, containers: list | None = None
) -> Any:  # fmt: skip
    """Read a value that `encode` wrote; whatever else the bytes are, raise WireError and build nothing.

    Args:
        data: the whole message.
        resolve: gives the object that a mark stands for; raises WireError if there is none.
        containers: if given, every list and dict that is read is appended to it, in the order of writing.
    """
    if len(data) > MAX_FRAME:
        raise WireError("a message is over the size limit")
    reader = _Reader(data, resolve, containers)
    try:
        value = reader.value(0)
    except (struct.error, UnicodeDecodeError, IndexError, TypeError, ValueError, OverflowError, RuntimeError) as error:
        raise WireError(f"a message is malformed: {type(error).__name__}") from error
    if reader.at != len(data):
        raise WireError("a message has bytes left over")
    return value


def encode_some(values: list, reduce: Callable[[object], Any] = refuse) -> bytes:
    """Write a list that is empty most of the time."""
    return encode(values, reduce) if values else b""


def decode_some(data: bytes, resolve: Callable[[Mark], Any] = refuse_mark) -> list:
    """Read what `encode_some` wrote."""
    values = decode(data, resolve) if data else []
    if type(values) is not list:
        raise WireError("a list is something else")
    return values


class _Reader:
    """Reads a message from its start; what is wrong with it shows as one of the errors that `decode` expects."""

    def __init__(self, data: bytes, resolve: Callable[[Mark], Any], containers: list | None) -> None:
        self.data, self.at, self.items = data, 0, 0
        self.resolve, self.containers = resolve, containers

    def value(self, depth: int) -> Any:
        """Read a value; the kinds that messages have most of come first."""
        data, at = self.data, self.at
        tag = data[at]  # IndexError where the message ends
        if tag == _Q:
            self.at = at + 9
            return _LONG.unpack_from(data, at)[1]
        if tag in _CONSTANTS:
            self.at = at + 1
            return _CONSTANTS[tag]
        if tag == _F:
            self.at = at + 9
            return _DOUBLE.unpack_from(data, at)[1]
        if tag in _READERS:
            return _READERS[tag](self, depth)
        raise WireError(f"a message has an unknown tag {tag}")

    def sized(self, limit: int = MAX_FRAME) -> bytes:
        """Step over a tag; read a length and so many bytes."""
        start = self.at + 5
        end = start + _SIZED.unpack_from(self.data, self.at)[1]
        if end > len(self.data) or end - start > limit:
            raise WireError("a message is cut short, or a part of it is too long")
        self.at = end
        return self.data[start:end]

    def integer(self, depth: int) -> int:
        return int.from_bytes(self.sized(MAX_INT_BYTES), "little", signed=True)

    def text(self, depth: int) -> str:
        return str(self.sized(), "utf-8")

    def raw(self, depth: int) -> bytes:
        return self.sized()

    def mark(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise WireError("a message is nested too deep")
        kind = KINDS[self.data[self.at + 1]]
        self.at += 2
        kept, self.containers = self.containers, None
        payload = self.value(depth + 1)
        self.containers = kept
        return self.resolve(Mark(kind, payload))

    def count(self, depth: int) -> int:
        """Step over a tag; read how many items follow."""
        count = _SIZED.unpack_from(self.data, self.at)[1]
        self.at += 5
        self.items += count
        if depth > MAX_DEPTH or self.items > MAX_ITEMS:
            raise WireError("a message is nested too deep or has too many parts")
        if count > len(self.data) - self.at:  # an item takes a byte at least
            raise WireError("a message is cut short")
        return count

    def tuple_(self, depth: int) -> tuple:
        return tuple([self.value(depth + 1) for _ in range(self.count(depth))])

    def list_(self, depth: int) -> list:
        result = []
        if self.containers is not None:
            self.containers.append(result)
        result.extend([self.value(depth + 1) for _ in range(self.count(depth))])
        return result

    def dict_(self, depth: int) -> dict:
        result = {}
        if self.containers is not None:
            self.containers.append(result)
        pairs, left_over = divmod(self.count(depth), 2)
        for _ in range(pairs):
            key = self.value(depth + 1)
            result[key] = self.value(depth + 1)
        if len(result) != pairs or left_over:
            raise WireError("a dict has a key twice, or one without a value")
        return result

    def block(self, sizes: Callable[[int], int]) -> tuple[int, tuple[int, ...], bytes]:
        _, code, dimensions = _BLOCK.unpack_from(self.data, self.at)
        if dimensions > MAX_DIMENSIONS:
            raise WireError("too many dimensions")
        start = self.at + 3 + 8 * dimensions + 8
        *shape, size = struct.unpack_from(f"<{dimensions + 1}Q", self.data, self.at + 3)
        needed = sizes(code)
        for length in shape:
            if length > 2**40:  # keeps the product small enough to multiply, and away from overflow in torch
                raise WireError("a dimension is too long")
            needed *= length
        if needed != size or size > len(self.data) - start:
            raise WireError("a shape does not fit its bytes")
        self.at = start + size
        return code, tuple(shape), self.data[start : self.at]

    def tensor(self, depth: int) -> torch.Tensor:
        code, shape, data = self.block(lambda code: DTYPES[code].itemsize)
        if not data:
            return torch.empty(shape, dtype=DTYPES[code])
        if DTYPES[code] is torch.bool and data.strip(b"\0\1"):
            raise WireError("a bool is neither 0 nor 1")
        return torch.frombuffer(bytearray(data), dtype=DTYPES[code]).reshape(shape)

    def array(self, depth: int) -> np.ndarray:
        code, shape, data = self.block(lambda code: np.dtype(ARRAY_DTYPES[code]).itemsize)
        return np.frombuffer(bytearray(data), dtype=ARRAY_DTYPES[code]).reshape(shape)


_READERS = {
    ord(tag): getattr(_Reader, name)
    for tag, name in {
        **{"i": "integer", "s": "text", "b": "raw", "l": "list_", "t": "tuple_", "d": "dict_"},
        **{"M": "mark", "x": "tensor", "a": "array"},
    }.items()
}
