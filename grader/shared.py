"""Tensors, generators and modules that checker and worker both hold: the same table at both ends of the border.

A tensor crosses once and is a name afterwards; what changed since then (data, memory, `requires_grad`, `.grad`) goes
along with the next message. Of a module the table holds whether it is training: its tensors have entries of their own
(see `grader.modules`). Tensors that share memory at the sender share it at the receiver, who sees nothing of
that memory but the parts that crossed.
"""

import struct
from collections.abc import Iterable
from typing import Any

import torch

from grader.channel import WireError
from grader.wire import Mark, Raw

MAX_STORAGE = 256 * 2**20
Thing = torch.Tensor | torch.Generator | torch.nn.Module


class Entry:
    """A tensor, generator or module of the table, with its state when both ends last agreed."""

    __slots__ = ("data", "grad", "key", "leaf", "memory", "needs_grad", "thing")

    def __init__(self, key: int, thing: Thing) -> None:
        self.key, self.thing = key, thing
        self.agree()

    def agree(self) -> None:
        """Take the state of now as the one that both ends know."""
        thing = self.thing
        if not isinstance(thing, torch.Tensor):
            self.data = state_of(thing)
            return
        self.data = thing.detach().clone()
        self.memory, self.leaf, self.needs_grad = thing.data_ptr(), thing.is_leaf, thing.requires_grad
        self.grad = thing.grad if thing.is_leaf else None

    def data_changed(self) -> bool:
        """Tell whether dtype, shape or numbers differ from what both ends know."""
        if not isinstance(self.thing, torch.Tensor):
            return not torch.equal(state_of(self.thing), self.data)
        now = self.thing.detach()
        return now.dtype != self.data.dtype or now.shape != self.data.shape or not torch.equal(now, self.data)

    def changed(self) -> bool:
        """Tell whether anything differs from what both ends know."""
        if not isinstance(self.thing, torch.Tensor):
            return self.data_changed()
        thing = self.thing
        return (
            thing.requires_grad != self.needs_grad
            or thing.is_leaf != self.leaf
            or thing.data_ptr() != self.memory
            or (thing.is_leaf and thing.grad is not self.grad)
            or self.data_changed()
        )


class Table:
    """What both ends hold, by number. One end counts even numbers, the other odd ones."""

    def __init__(self, first: int) -> None:
        self.next = first
        self.entries: dict[int, Entry] = {}
        self.keys: dict[int, int] = {}  # id(thing) -> key; the entry keeps the thing alive
        self.storages: dict[int, tuple[int, Any]] = {}  # address -> (number, the storage, kept alive)
        self.received: dict[int, torch.UntypedStorage] = {}

    def add(self, thing: Thing, key: int | None = None) -> Entry:
        """Enter a thing under a number of our own, or under the other end's."""
        if key is None:
            key, self.next = self.next, self.next + 2
        entry = self.entries[key] = Entry(key, thing)
        self.keys[id(thing)] = key
        return entry

    def known(self, thing: object) -> Entry | None:
        """Entry of a thing that has crossed before."""
        key = self.keys.get(id(thing))
        return None if key is None else self.entries.get(key)

    def find(self, key: object) -> Entry:
        """Entry of a number that the other end sent."""
        if type(key) is not int or key not in self.entries:
            raise WireError("a name stands for nothing that has crossed")
        return self.entries[key]

    # Sending a tensor whole: from the checker, with its place in memory.

    def introduce(self, tensor: torch.Tensor) -> Mark:
        """Enter a tensor and describe it whole, its place in memory and its gradient included."""
        storage = tensor.untyped_storage()
        if storage.nbytes() > MAX_STORAGE:
            raise WireError(f"a tensor lies in {storage.nbytes() / 2**20:.0f} MiB of memory: clone it first")
        address = storage.data_ptr()
        if address and address not in self.storages:
            self.storages[address] = (len(self.storages), storage)
        number = self.storages[address][0] if address else -1
        entry = self.add(tensor)
        place = (number, storage.nbytes(), tensor.storage_offset(), *tensor.stride(), *tensor.shape)
        flags = tensor.requires_grad + 2 * tensor.is_leaf + 4 * isinstance(tensor, torch.nn.Parameter)
        packed = struct.pack(f"<{len(place)}q", *place)
        return Mark("tensor", (entry.key, packed, Raw(unexpanded(tensor)), flags, entry.grad))

    def accept(self, payload: Any) -> torch.Tensor:
        """Build the stand-in of a tensor that the checker introduced."""
        key, packed, values, flags, grad = payload
        number, size, offset, *rest = struct.unpack(f"<{len(packed) // 8}q", packed)
        stride, shape = rest[: len(rest) // 2], rest[len(rest) // 2 :]
        needs_grad, leaf, parameter = flags & 1, flags & 2, flags & 4
        storage = self.received.get(number)
        if storage is None:
            storage = torch.UntypedStorage(size)
            storage.fill_(0)
            if number >= 0:
                self.received[number] = storage
        tensor = torch.empty(0, dtype=values.dtype).set_(storage, offset, shape, stride)
        unexpanded(tensor).copy_(values)
        if parameter:
            tensor = torch.nn.Parameter(tensor, requires_grad=bool(needs_grad))
        elif needs_grad:
            tensor.requires_grad_()
        if not leaf:
            tensor = tensor.clone()  # in a graph, as the one it stands for is
        elif grad is not None:
            tensor.grad = grad
        self.add(tensor, key)
        return tensor

    # What changed since both ends agreed.

    def updates(self, keys: Iterable[int]) -> list[tuple]:
        """Describe what changed in the entries of some numbers; both ends then agree again."""
        found = []
        for key in keys:
            entry = self.entries[key]
            if not entry.changed():
                continue
            thing = entry.thing
            if not isinstance(thing, torch.Tensor):
                found.append((key, Raw(state_of(thing)), False, False, True, None))
            else:
                moved = thing.data_ptr() != entry.memory
                data = Raw(thing) if moved or not thing.is_leaf or entry.data_changed() else None
                grad = thing.grad if thing.is_leaf else None
                found.append((key, data, moved, thing.requires_grad, thing.is_leaf, grad))
            entry.agree()
        return found

    def apply(self, update: tuple) -> None:
        """Bring an entry to the state that the other end describes; only for states without a graph."""
        key, data, moved, needs_grad, _, grad = update
        entry = self.find(key)
        thing = entry.thing
        if isinstance(thing, torch.Generator):
            thing.set_state(data)
        elif isinstance(thing, torch.nn.Module):
            thing.training = bool(torch.all(data))
        else:
            if data is not None:
                write(thing, data, moved=moved)
            if thing.is_leaf:
                if thing.requires_grad != needs_grad:
                    thing.requires_grad_(needs_grad)
                if thing.grad is not grad:
                    thing.grad = grad
        entry.agree()


def state_of(thing: torch.Generator | torch.nn.Module) -> torch.Tensor:
    """What the table holds of a generator or module, as a tensor."""
    return thing.get_state() if isinstance(thing, torch.Generator) else torch.tensor(thing.training)


def write(tensor: torch.Tensor, data: torch.Tensor, *, moved: bool = False) -> None:
    """Give a tensor new numbers: in its own memory, or in new memory if `moved` or if they do not fit."""
    if moved or tensor.shape != data.shape or tensor.dtype != data.dtype:
        tensor.data = data
        return
    with torch.no_grad():
        tensor.copy_(data)


def unexpanded(tensor: torch.Tensor) -> torch.Tensor:
    """View each number of an expanded tensor once."""
    tensor = tensor.detach()
    for dimension, step in enumerate(tensor.stride()):
        if step == 0 and tensor.shape[dimension] > 1:
            tensor = tensor.narrow(dimension, 0, 1)
    return tensor
