"""Stand-ins for the test's functions in the worker: called by the student's code, answered by the checker.

A call crosses in the middle of the answer that the worker is giving: see `grader.callbacks` for the other end.
"""

import struct
import threading
from collections.abc import Callable
from typing import Any, Protocol

import torch

from grader.channel import ANSWER, CALL, WireError, receive_command, send
from grader.copies import Originals
from grader.replies import raised
from grader.shared import Table
from grader.wire import Mark, Raw, decode, decode_some, encode, encode_some


class Serving(Protocol):
    """What the stubs need of the worker's end: see `grader.worker.Server`."""

    table: Table
    depth: int
    watched: tuple[int, ...]

    def reply(self, message: bytes) -> bytes:
        """Answer one request."""

    def reduce(self, value: object) -> Any:
        """Turn what is not plain data into plain data or a mark."""

    def resolve(self, mark: Mark) -> Any:
        """Give what the checker's mark stands for."""


class Stubs:
    """The functions that one exercise's tests handed over.

    Args:
        server: answers the requests that a function of the test makes in its turn.
        connection: the socket that the request in progress came on.
    """

    def __init__(self, server: Serving, connection: Any) -> None:
        self.server, self.connection = server, connection
        self.known: dict[int, Callable] = {}
        self.numbers: dict[int, int] = {}  # id(stub) -> number; `known` keeps it alive
        self.dropped: list[int] = []

    def stub(self, number: int) -> Callable:
        """The stand-in of a function: the same one for the same number."""
        if number not in self.known:

            def function(*args: Any, **kwargs: Any) -> Any:
                return self.call(number, args, kwargs)

            self.known[number], self.numbers[id(function)] = function, number
        return self.known[number]

    def call(self, number: int, args: tuple, kwargs: dict) -> Any:
        """Call the true function on copies.

        Raises:
            TypeError: an argument must stay here.
            RuntimeError: nobody waits for an answer just now.
            Exception: what the function raised, as the built-in class that it derives from.
        """
        server = self.server
        originals = Originals(server.table, server.watched, self.numbers)
        try:
            message = encode((args, kwargs), originals.reduce)
        except WireError as error:
            raise TypeError(f"a function of the test cannot take this: {error}") from None
        status, value, graph, changes, updates, watch = self.ask("function", number, message, server.watched)
        for update in decode_some(updates, server.resolve):
            server.table.apply(update)
        server.watched = struct.unpack(f"<{len(watch) // 4}I", watch)
        outputs = self.outputs(graph, lambda keys: [originals.find(key) for key in keys])

        def resolve(mark: Mark) -> Any:
            if mark.kind == "ref" and mark.payload in originals.table.entries:
                return originals.find(mark.payload)
            return (
                outputs[mark.payload] if mark.kind == "tensor" and type(mark.payload) is int else server.resolve(mark)
            )

        updates, grafted = decode(changes, resolve)
        for update in updates:
            originals.table.apply(update)
        for key, place in grafted:
            with torch.enable_grad():
                originals.find(key).copy_(outputs[place])
        return self.result(status, decode(value, resolve))

    def result(self, status: str, value: Any) -> Any:
        """What a call comes to in the student's code."""
        if status == "raised":
            raise raised(value)
        return iter(value) if status == "iterator" else value

    def gradient(self, record: int, vectors: tuple, inputs: tuple) -> list[torch.Tensor | None]:
        """Multiply vectors by the Jacobian of an earlier result; differentiable in its turn where that is asked for."""
        message = encode([Raw(vector) for vector in vectors])
        status, value, graph, *_ = self.ask("gradient", record, message, ())
        outputs = self.outputs(graph, lambda keys: [*vectors, *inputs])
        return self.result(status, decode(value, lambda mark: outputs[mark.payload]))

    def ask(self, what: str, number: int, message: bytes, watched: tuple[int, ...]) -> tuple:
        """Send a message in the middle of an answer, and obey the checker until it has answered it.

        Args:
            what: "function" or "gradient".
            number: of the function, or of the result.
            message: arguments, or vectors.
            watched: numbers of things whose changes go along.
        """
        server = self.server
        if not server.depth or threading.current_thread() is not threading.main_thread():
            raise RuntimeError("a function of the test can only be called while the test waits for your code")
        dropped, self.dropped = self.dropped, []
        enabled = torch.is_grad_enabled()
        updates = encode_some(server.table.updates(watched), server.reduce)
        send(self.connection, encode(("asks", what, number, message, updates, dropped, enabled)))
        command, message = receive_command(self.connection)
        while command == CALL:
            send(self.connection, server.reply(message))
            command, message = receive_command(self.connection)
        if command != ANSWER:
            raise EOFError("the test is gone")
        torch.set_grad_enabled(enabled)
        return decode(message)

    def outputs(self, graph: bytes, inputs: Callable[[list[int]], list]) -> list[torch.Tensor]:
        """The tensors that a result brings, in a graph of this process where they are in one there."""
        if not graph:
            return []
        record, keys, described = decode(graph)
        outputs = [data for data, _ in described]
        inside = [place for place, (_, form) in enumerate(described) if form == "graph"]
        if inside:
            sources = inputs(keys)
            if not any(tensor.requires_grad for tensor in sources):
                sources.append(torch.zeros((), requires_grad=True))
            with torch.enable_grad():
                made = Answered.apply(
                    self, Record(record, self.dropped_one), [outputs[place] for place in inside], *sources
                )
            for place, tensor in zip(inside, made, strict=True):
                outputs[place] = tensor
        for place, (_, form) in enumerate(described):
            if form == "leaf":
                outputs[place].requires_grad_()
        return outputs

    def dropped_one(self, record: int) -> None:
        """Note that nothing here needs a result's graph any more."""
        self.dropped.append(record)


class Record:
    """Number of a result whose graph the checker keeps as long as this object lives."""

    def __init__(self, number: int, drop: Callable[[int], None]) -> None:
        self.number, self.drop = number, drop

    def __del__(self) -> None:
        self.drop(self.number)


class Answered(torch.autograd.Function):
    """Results of a function of the test in the graph of the student's code."""

    @staticmethod
    def forward(ctx: Any, stubs: Stubs, record: Record, data: list[torch.Tensor], *inputs: torch.Tensor) -> tuple:
        """Pass the numbers on."""
        ctx.stubs, ctx.record, ctx.inputs = stubs, record, inputs
        return tuple(tensor.clone() for tensor in data)

    @staticmethod
    def backward(ctx: Any, *vectors: torch.Tensor) -> tuple:
        """Ask the checker for the products of the vectors and the Jacobian."""
        return None, None, None, *spread(ctx.stubs.gradient(ctx.record.number, vectors, ctx.inputs), ctx.inputs)


def spread(grads: list, inputs: tuple) -> list:
    """One gradient for each input: the checker knows nothing of an input that was added here."""
    return [*grads, *[None] * (len(inputs) - len(grads))]
