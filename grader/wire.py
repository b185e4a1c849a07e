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
_TAGS = {list: b"l", tuple: b"t", dict: b"d"}
KINDS = ("ref", "tensor", "rng", "handle", "dtype", "device")


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
    kind = type(value)
    if depth > MAX_DEPTH:
        raise WireError(f"nested more than {MAX_DEPTH} levels deep")
    if value is None:
        out += b"N"
    elif kind is bool:
        out += b"1" if value else b"0"
    elif kind is int:
        data = value.to_bytes((value.bit_length() + 8) // 8, "little", signed=True)
        out += struct.pack("<cI", b"i", len(data)) + data
    elif kind is float:
        out += struct.pack("<cd", b"f", value)
    elif kind is str:
        data = value.encode("utf-8", "replace")
        out += struct.pack("<cI", b"s", len(data)) + data
    elif kind is bytes:
        out += struct.pack("<cI", b"b", len(value)) + value
    elif kind is list or kind is tuple or kind is dict:
        if containers is not None and kind is not tuple:
            containers.append(value)
        items = list(value) if kind is not dict else [part for pair in value.items() for part in pair]
        out += struct.pack("<cI", _TAGS[kind], len(items))
        for item in items:
            _write(out, item, reduce, containers, depth + 1)
    elif kind is Mark:
        out += struct.pack("<cB", b"M", KINDS.index(value.kind))
        _write(out, value.payload, reduce, None, depth + 1)
    elif kind is Raw:
        _write_tensor(out, value.tensor)
    elif kind is np.ndarray and value.dtype in ARRAY_CODES:
        data = np.ascontiguousarray(value).tobytes()
        _write_block(out, b"a", ARRAY_CODES[value.dtype], value.shape, data)
    else:
        _write(out, reduce(value), reduce, containers, depth + 1)
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
    def __init__(self, data: bytes, resolve: Callable[[Mark], Any], containers: list | None) -> None:
        self.data, self.at, self.items = data, 0, 0
        self.resolve, self.containers = resolve, containers

    def take(self, count: int) -> bytes:
        if count > len(self.data) - self.at:
            raise WireError("a message is cut short")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self) -> int:
        self.at += 4
        return _NUMBER(self.data, self.at - 4)[0]

    def value(self, depth: int) -> Any:
        self.items += 1
        if depth > MAX_DEPTH + 1 or self.items > MAX_ITEMS:
            raise WireError("a message is nested too deep or has too many parts")
        tag = self.data[self.at]  # IndexError where the message ends
        self.at += 1
        if tag in _CONSTANTS:
            return _CONSTANTS[tag]
        if tag == 0x66:  # f
            self.at += 8
            return _FLOAT(self.data, self.at - 8)[0]
        if tag in _READERS:
            return _READERS[tag](self, depth)
        raise WireError(f"a message has an unknown tag {tag}")

    def integer(self, depth: int) -> int:
        if (size := self.number()) > MAX_INT_BYTES:
            raise WireError("an integer is too long")
        return int.from_bytes(self.take(size), "little", signed=True)

    def text(self, depth: int) -> str:
        return self.take(self.number()).decode("utf-8")

    def raw(self, depth: int) -> bytes:
        return self.take(self.number())

    def mark(self, depth: int) -> Any:
        kind = KINDS[self.take(1)[0]]
        kept, self.containers = self.containers, None
        payload = self.value(depth + 1)
        self.containers = kept
        return self.resolve(Mark(kind, payload))

    def list_(self, depth: int) -> list:
        return self.container(b"l", depth)

    def tuple_(self, depth: int) -> tuple:
        return self.container(b"t", depth)

    def dict_(self, depth: int) -> dict:
        return self.container(b"d", depth)

    def container(self, tag: bytes, depth: int) -> list | tuple | dict:
        count = self.number()
        if count > len(self.data) - self.at:  # an item takes a byte at least
            raise WireError("a message is cut short")
        result = {} if tag == b"d" else []
        if self.containers is not None and tag != b"t":
            self.containers.append(result)
        if tag != b"d":
            result.extend(self.value(depth + 1) for _ in range(count))
            return tuple(result) if tag == b"t" else result
        if count % 2:
            raise WireError("a dict has a key without a value")
        for _ in range(count // 2):
            key = self.value(depth + 1)
            result[key] = self.value(depth + 1)
        if len(result) != count // 2:
            raise WireError("a dict has a key twice")
        return result

    def block(self, sizes: Callable[[int], int]) -> tuple[int, tuple[int, ...], bytes]:
        code, dimensions = self.take(1)[0], self.take(1)[0]
        if dimensions > MAX_DIMENSIONS:
            raise WireError("too many dimensions")
        *shape, size = struct.unpack(f"<{dimensions + 1}Q", self.take(8 * dimensions + 8))
        needed = sizes(code)
        for length in shape:
            if length > 2**40:  # keeps the product small enough to multiply, and away from overflow in torch
                raise WireError("a dimension is too long")
            needed *= length
        if needed != size:
            raise WireError("a shape does not fit its bytes")
        return code, tuple(shape), self.take(size)

    def tensor(self, depth: int) -> torch.Tensor:
        code, shape, data = self.block(lambda code: DTYPES[code].itemsize)
        if not data:
            return torch.empty(shape, dtype=DTYPES[code])
        if DTYPES[code] is torch.bool and data.strip(b"\0\1"):
            raise WireError("a bool is neither 0 nor 1")
        return torch.frombuffer(bytearray(data), dtype=torch.uint8).view(DTYPES[code]).reshape(shape)

    def array(self, depth: int) -> np.ndarray:
        code, shape, data = self.block(lambda code: np.dtype(ARRAY_DTYPES[code]).itemsize)
        return np.frombuffer(bytearray(data), dtype=ARRAY_DTYPES[code]).reshape(shape)


_NUMBER, _FLOAT = struct.Struct("<I").unpack_from, struct.Struct("<d").unpack_from
_CONSTANTS = {0x4E: None, 0x30: False, 0x31: True}  # N 0 1
_READERS = {
    ord(tag): getattr(_Reader, name)
    for tag, name in {
        **{"i": "integer", "s": "text", "b": "raw", "l": "list_", "t": "tuple_", "d": "dict_"},
        **{"M": "mark", "x": "tensor", "a": "array"},
    }.items()
}
