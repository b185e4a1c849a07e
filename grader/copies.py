"""Arguments and results of a test's function on their way across the border: flat copies, and what changes in them.

What the test itself handed to the student's code goes by its name in the table that both ends hold (see
`grader.shared`). Everything else crosses as a copy that lives for one call: dtype, shape and bytes, `requires_grad`,
`.grad`, a generator's state. What the function changes in its copies is written back to the originals.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from grader.channel import WireError
from grader.replies import fields
from grader.shared import Table
from grader.wire import DTYPES, Mark, Raw

COPIES = 2**40  # copies are numbered from here, so that no copy has the number of a thing in the shared table


def as_plain(value: object, otherwise: Callable[[object], Any]) -> Any:
    """Turn a value of a subclass of a plain type into that type, a dtype into a mark, and leave the rest to another."""
    for base in (int, float, str, bytes, tuple, list):
        if isinstance(value, base):
            return base(value) if base is not tuple else tuple(tuple.__iter__(value))
    if isinstance(value, dict):
        return dict(dict.items(value))
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biufc":
        return np.array(value, dtype=value.dtype.newbyteorder("="))
    if isinstance(value, torch.dtype) and value in DTYPES:
        return Mark("dtype", DTYPES.index(value))
    return otherwise(value)


class Originals:
    """The caller's end of one call: names what the test handed over, copies the rest.

    Args:
        shared: the table that both ends hold.
        watched: numbers of the things in it that the test handed over.
        stubs: id of a stand-in of a function of the test -> its number.
    """

    def __init__(self, shared: Table, watched: tuple[int, ...], stubs: dict[int, int]) -> None:
        self.shared, self.watched, self.stubs = shared, set(watched), stubs
        self.table = Table(COPIES)

    def reduce(self, value: object) -> Any:
        """Turn an argument into plain data or a mark; raise WireError if it must stay with the student's code."""
        if id(value) in self.stubs:
            return Mark("function", self.stubs[id(value)])
        if not isinstance(value, torch.Tensor | torch.Generator | torch.nn.Module):
            return as_plain(value, self.refuse)
        if (entry := self.shared.known(value)) and entry.key in self.watched:
            return Mark("ref", entry.key)
        if isinstance(value, torch.nn.Module):
            return self.refuse(value)
        if entry := self.table.known(value):
            return Mark("ref", entry.key)
        entry = self.table.add(value)
        if isinstance(value, torch.Generator):
            return Mark("rng", (entry.key, Raw(value.get_state())))
        plain = value.as_subclass(torch.Tensor) if type(value) is not torch.Tensor else value
        grad = value.grad if value.is_leaf else None
        flags = (value.requires_grad, value.is_leaf, isinstance(value, torch.nn.Parameter))
        return Mark("tensor", (entry.key, Raw(plain), flags, grad))

    def refuse(self, value: object) -> Any:
        """Refuse an object that stays with the student's code."""
        raise WireError(f"a value of type {type(value).__name__!r} cannot cross")

    def find(self, key: int) -> Any:
        """The original of a copy, or the thing of the test's that goes by a number."""
        return (self.table if key >= COPIES else self.shared).find(key).thing


class Copies:
    """The other end of the call: what the true function gets, and what it gives back. Nothing that comes is trusted.

    Args:
        shared: the table that both ends hold.
        watch: numbers of the things in it that the worker may name.
        functions: number -> function that it may name.
        reduce: what else may cross, as `grader.calls.Calls.reduce` has it.
    """

    def __init__(
        self, shared: Table, watch: set[int], functions: dict[int, Callable], reduce: Callable[[object], Any]
    ) -> None:
        self.shared, self.watch, self.functions, self.otherwise = shared, watch, functions, reduce
        self.table = Table(COPIES)
        self.sources: dict[int, torch.Tensor] = {}  # key -> leaf of the graph that a copy stands in
        self.graphs: dict[int, Any] = {}  # key -> a copy's `grad_fn` before the call
        self.outputs: list[torch.Tensor] = []
        self.places: dict[int, int] = {}  # id(output) -> its place; `outputs` keeps it alive

    def resolve(self, mark: Mark) -> Any:
        """Give the thing of the test's, or a new copy."""
        if mark.kind == "ref":
            known = self.shared if type(mark.payload) is int and mark.payload in self.watch else self.table
            return known.find(mark.payload).thing
        if mark.kind == "function" and type(mark.payload) is int and mark.payload in self.functions:
            return self.functions[mark.payload]
        if mark.kind == "dtype" and type(mark.payload) is int and 0 <= mark.payload < len(DTYPES):
            return DTYPES[mark.payload]
        if mark.kind == "rng":
            key, state = fields(mark.payload, int, torch.Tensor)
            self.check(key)
            generator = torch.Generator()
            generator.set_state(state)
            return self.table.add(generator, key).thing
        if mark.kind == "tensor":
            return self.copy(*fields(mark.payload, int, torch.Tensor, tuple, (torch.Tensor, type(None))))
        raise WireError("this cannot be handed to a function of the test")

    def check(self, key: int) -> None:
        """Refuse a copy whose number is taken or out of place."""
        if key < COPIES or key in self.table.entries:
            raise WireError("a copy has a number that it must not have")

    def copy(self, key: int, data: torch.Tensor, flags: tuple, grad: torch.Tensor | None) -> torch.Tensor:
        """Make a tensor as the worker describes it: a leaf, or one step behind a leaf of its own."""
        needs_grad, leaf, parameter = fields(flags, bool, bool, bool)
        self.check(key)
        data = data.clone()  # a tensor that was read is a view
        if parameter:
            data = torch.nn.Parameter(data, requires_grad=needs_grad)
        elif needs_grad:
            data.requires_grad_()
        if needs_grad:
            self.sources[key] = data
        if not leaf:
            with torch.enable_grad():
                data = data.clone()
        elif grad is not None:
            data.grad = grad
        self.graphs[key] = data.grad_fn
        return self.table.add(data, key).thing

    def reduce(self, value: object) -> Any:
        """Turn a part of the result into plain data or a mark: an argument keeps its identity."""
        if not isinstance(value, torch.Tensor | torch.Generator):
            return as_plain(value, self.otherwise)
        if entry := self.table.known(value):
            return Mark("ref", entry.key)
        if isinstance(value, torch.Generator) or self.shared.known(value):
            return self.otherwise(value)
        return Mark("tensor", self.place(value))

    def place(self, tensor: torch.Tensor) -> int:
        """Place of a tensor among those that cross anew."""
        if id(tensor) not in self.places:
            self.places[id(tensor)] = len(self.outputs)
            self.outputs.append(tensor)
        return self.places[id(tensor)]

    def changes(self) -> tuple[list[tuple], list[tuple[int, int]]]:
        """What became of the copies: updates as the table has them, and (key, place) of those now in another graph."""
        grafted = [
            key
            for key, before in self.graphs.items()
            if (now := self.table.entries[key].thing).grad_fn is not before and now.requires_grad
        ]
        plain = [key for key in self.table.entries if key not in grafted]
        # A copy that is an output too would be named by its number: what crosses is its clone.
        return self.table.updates(plain), [(key, self.place(self.table.entries[key].thing.clone())) for key in grafted]
