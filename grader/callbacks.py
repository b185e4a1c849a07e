"""The checker's end of the calls that the student's code makes on functions of a test.

A function, lambda, method or partial that a test hands over stays here and goes by a number. When the student's code
calls it, the worker asks in the middle of its own answer; the true function runs on copies (see `grader.copies`), what
it changed and what it returned is sent back, and the worker goes on. Where a result requires a gradient its graph
stays here, and the worker asks for products of vectors and its Jacobian: the mirror image of `grader.gradients`.

The function may call the student's code in its turn, up to `MAX_DEPTH` deep. Gradients reach the function's arguments
and what the test handed over with the same call; a list or dict that the student's code is about to change is not yet
changed for the function. An endless iterator does not cross.
"""

import contextlib
import functools
import itertools
import signal
import struct
import time
import types
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import torch

from grader.channel import WireError
from grader.copies import Copies
from grader.lost import Lost, TimedOut, Unfit
from grader.remote import Remote
from grader.replies import described, fields
from grader.shared import Table
from grader.wire import Mark, Raw, decode, decode_some, encode, encode_some

FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, functools.partial)
MAX_DEPTH = 10
MAX_ITEMS = 100_000
MAX_KEPT = 20_000  # results whose graphs are kept at a time


class Conversation(Protocol):
    """What the functions need of the conversation that they belong to: see `grader.calls.Calls`."""

    deadline: float
    given: set[int] | None
    inputs: list[torch.Tensor]
    live_candidates: list
    lost: Lost | None
    table: Table
    touched: set[int]

    def apply(self, update: Any, watch: set[int]) -> None:
        """Take in what the worker says has changed."""

    def count_one(self, refusal: type[Lost]) -> None:
        """Count a message; too many are refused."""

    def lose(self, lost: Lost) -> None:
        """Taint the conversation for good."""

    def reduce(self, value: object) -> Any:
        """Turn what is not plain data into plain data or a mark."""

    def resolve(self, mark: Mark) -> Any:
        """Give what the worker's mark stands for."""

    def with_grads(self, watch: set[int]) -> set[int]:
        """Add the gradients of things to them."""


class Functions:
    """The functions that one exercise's tests handed to the student's code."""

    def __init__(self, calls: Conversation) -> None:
        self.calls = calls
        self.numbers: dict[int, int] = {}  # id(function) -> number; `functions` keeps it alive
        self.functions: dict[int, Callable] = {}
        self.served: set[int] = set()
        self.kept: dict[int, tuple[list[torch.Tensor], list[torch.Tensor]]] = {}  # record -> inputs, outputs
        self.serial = itertools.count()
        self.depth = 0

    def number(self, function: Callable) -> int:
        """Number of a function; from now on the worker may call it."""
        if id(function) not in self.numbers:
            number = self.numbers[id(function)] = next(self.serial)
            self.functions[number] = function
        return self.numbers[id(function)]

    def serve(self, function: Callable) -> int:
        """Number of a function that the worker may call in every test cell."""
        number = self.number(function)
        self.served.add(number)
        return number

    def forget(self) -> None:
        """Take back every function that is not served: a test cell begins."""
        self.functions = {number: self.functions[number] for number in self.served}
        self.numbers = {id(function): number for number, function in self.functions.items()}
        self.kept.clear()

    def answer(self, asked: tuple, watch: set[int]) -> bytes:
        """Do what the worker asks for in the middle of an answer.

        Args:
            asked: its message, as it came.
            watch: numbers of what the request in progress handed over; what the function hands over comes on top.

        Raises:
            WireError: the message is not one that a worker sends.
            Lost: the function ran too long, or the two sides call each other without end.
        """
        calls = self.calls
        _, what, number, message, updates, dropped, enabled = fields(asked, str, str, int, bytes, bytes, list, bool)
        calls.count_one(Lost)
        if self.depth >= MAX_DEPTH:
            calls.lose(Lost(f"your code and the test's function call each other more than {MAX_DEPTH} deep"))
        if any(type(record) is not int for record in dropped):
            raise WireError("a result has no such number")
        for record in dropped:
            self.kept.pop(record, None)
        for update in decode_some(updates, calls.resolve):
            calls.apply(update, watch)
        copies = Copies(calls.table, watch, self.functions, calls.reduce)
        if what == "function" and number in self.functions:
            args, kwargs = fields(decode(message, copies.resolve), tuple, dict)
            status, value = self.run(functools.partial(self.functions[number], *args), kwargs, enabled)
            shared = ((key, calls.table.entries[key].thing) for key in sorted(watch))
            inputs = copies.sources | {key: thing for key, thing in shared if requires_grad(thing)}
        elif what == "gradient" and number in self.kept:
            inputs, product = self.product(number, decode(message), create_graph=enabled)
            status, value = self.run(product, {}, enabled)
        else:
            raise WireError("there is no such function")
        if calls.lost is not None:  # a function of the test that swallowed it
            raise calls.lost
        try:
            return self.written(status, value, copies, inputs, watch)
        except WireError as error:
            calls.lose(Unfit(f"what a function of the test gives back cannot cross to the student's code: {error}"))

    def product(
        self, record: int, vectors: Any, *, create_graph: bool
    ) -> tuple[dict[int, torch.Tensor], Callable[[], list[torch.Tensor | None]]]:
        """The inputs, by place, and the function that multiplies vectors by the Jacobian of a result that was kept."""
        inputs, outputs = self.kept[record]
        if type(vectors) is not list or any(type(vector) is not torch.Tensor for vector in vectors):
            raise WireError("a gradient is missing")
        if [(vector.shape, vector.dtype) for vector in vectors] != [(out.shape, out.dtype) for out in outputs]:
            raise WireError("a gradient does not fit its result")
        if create_graph:
            vectors = [vector.clone().requires_grad_() for vector in vectors]

        def product() -> list[torch.Tensor | None]:
            options = {"retain_graph": True, "create_graph": create_graph, "allow_unused": True}
            return list(torch.autograd.grad(outputs, inputs, vectors, **options)) if inputs else []

        return dict(enumerate([*vectors, *inputs] if create_graph else inputs)), product

    def run(self, function: Callable, kwargs: dict, grad_enabled: bool) -> tuple[str, Any]:
        """Call a function in the gradient mode of the student's code; give "ok", "iterator" or "raised" and what."""
        calls, enabled = self.calls, torch.is_grad_enabled()
        kept = calls.given, calls.inputs, calls.live_candidates
        self.depth += 1
        try:
            torch.set_grad_enabled(grad_enabled)
            with in_time(calls.deadline) if self.depth == 1 else contextlib.nullcontext():
                value = function(**kwargs)
                if not hasattr(type(value), "__next__") or isinstance(value, Remote):
                    return "ok", value
                items = list(itertools.islice(value, MAX_ITEMS + 1))
                if len(items) > MAX_ITEMS:
                    raise Unfit(f"a function of the test gives back more than {MAX_ITEMS} items")
                return "iterator", items
        except Exception as error:
            return "raised", described(error)
        except BaseException as error:
            calls.lose(error if isinstance(error, Lost) else Lost(f"the test ended with {type(error).__name__}"))
        finally:
            self.depth -= 1
            calls.given, calls.inputs, calls.live_candidates = kept
            torch.set_grad_enabled(enabled)

    def written(self, status: str, value: Any, copies: Copies, inputs: dict[int, Any], watch: set[int]) -> bytes:
        """Write an answer: the value, the tensors that it brings, what became of the arguments and of shared things."""
        calls = self.calls
        calls.touched = set()
        value = encode(value, copies.reduce)
        with torch.enable_grad():
            changes = encode(copies.changes(), copies.reduce)
        updates = encode_some(calls.table.updates(sorted(calls.with_grads(watch))), calls.reduce)
        watch |= calls.touched
        graph = b""
        if copies.outputs:
            made = [(Raw(output), form(output)) for output in copies.outputs]
            inside = [output for output in copies.outputs if form(output) == "graph"]
            record = self.keep(list(inputs.values()), inside) if inside else -1
            graph = encode((record, list(inputs), made))
        return encode((status, value, graph, changes, updates, struct.pack(f"<{len(watch)}I", *sorted(watch))))

    def keep(self, inputs: list[torch.Tensor], outputs: list[torch.Tensor]) -> int:
        """Keep the graph of a result until the worker drops it."""
        if len(self.kept) >= MAX_KEPT:
            self.calls.lose(Lost(f"your code keeps the graphs of more than {MAX_KEPT} results"))
        record = next(self.serial)
        self.kept[record] = (inputs, outputs)
        return record


def form(tensor: torch.Tensor) -> str:
    """How a tensor stands to gradients: "graph", "leaf" or "plain"."""
    return "plain" if not tensor.requires_grad else "leaf" if tensor.is_leaf else "graph"


def requires_grad(thing: object) -> bool:
    """Tell whether a thing is a tensor in a graph."""
    return isinstance(thing, torch.Tensor) and thing.requires_grad


@contextlib.contextmanager
def in_time(deadline: float) -> Iterator[None]:
    """Raise TimedOut at a `time.monotonic()`, whatever Python code runs then."""

    def late(number: int, frame: types.FrameType | None) -> None:
        raise TimedOut("your code took too long to answer")

    previous = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, max(deadline - time.monotonic(), 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
