"""The worker's end of the border: runs the student's cells, then answers calls. Nothing here is trusted.

A worker is forked from the template (see `grader.template`), inside the sandbox. It never sees a test, an expected
value or the gradebook. A session runs the cells in order and answers the calls of the tests that stand between them.
"""

import contextlib
import io
import operator
import os
import socket
import struct
import sys
import types
from collections.abc import Callable
from typing import Any

import torch

from grader import modules
from grader.channel import CALL, EXERCISE, RUN, WireError, receive_command, send
from grader.copies import as_plain
from grader.replies import described
from grader.shared import Table
from grader.shell import MAX_SHOWN, OutputLimit, Shell, run
from grader.stubs import Stubs
from grader.wire import DTYPES, Mark, Raw, decode, decode_some, encode, encode_some


def serve_session(connection: socket.socket, shell: Shell) -> None:
    """Obey a session's commands.

    Raises:
        EOFError: the other end closed.
    """
    server = Server(shell.user_ns, connection)
    while True:
        command, message = receive_command(connection)
        if command == RUN:
            source, seconds = decode(message)
            send(connection, encode(run(shell, source, seconds), reduce=str))
        elif command == EXERCISE:
            server = Server(shell.user_ns, connection)
        elif command == CALL:
            send(connection, server.reply(message))


class Tail(io.TextIOBase):
    """What a call prints, up to a limit."""

    def __init__(self) -> None:
        self.parts, self.size = [], 0

    def write(self, text: str) -> int:
        """Keep text; raise OutputLimit when it is too much."""
        text = str(text)
        self.parts.append(text[: MAX_SHOWN - self.size])
        self.size += len(text)
        if self.size > 50 * MAX_SHOWN:
            raise OutputLimit(f"more than {50 * MAX_SHOWN:,} characters printed")
        return len(text)


class Server:
    """Answers the calls of one exercise's tests on the student's objects."""

    def __init__(self, namespace: dict[str, Any], connection: socket.socket) -> None:
        self.namespace = namespace
        self.table = Table(1)
        self.handles: list[Any] = []
        self.numbers: dict[int, int] = {}
        self.live: list[list] = []
        self.stubs = Stubs(self, connection)
        self.depth = 0
        self.watched: tuple[int, ...] = ()

    def reply(self, message: bytes) -> bytes:
        """Answer one request."""
        answer = self.answer(message)
        try:
            return encode(answer)
        except WireError as error:  # too large to send: say so instead
            return encode(("refused", encode(str(error)), b"", b"", True, ""))

    def answer(self, message: bytes) -> tuple:
        """Do what a request asks; give the reply."""
        call, updates, live, watch, grad_enabled, seed_state = decode(message)
        containers: list = []
        operation, target, args, kwargs = decode(call, self.resolve, containers)
        for update in decode_some(updates, self.resolve):
            self.table.apply(update)
        for serial, index, content in decode_some(live, self.resolve):
            refill(self.live[serial][index], content)
        outside, self.watched = self.watched, struct.unpack(f"<{len(watch) // 4}I", watch)
        if seed_state is not None:
            torch.set_rng_state(seed_state)
        before = [list(container) if isinstance(container, list) else dict(container) for container in containers]
        printed = Tail()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            torch.set_grad_enabled(grad_enabled)
            self.depth += 1
            status, value = self.perform(operation, target, args, kwargs)
            self.depth -= 1
            grad_enabled = torch.is_grad_enabled()
            sent: list | None = [] if operation == "getattr" else None
            try:
                value = encode(value, self.reduce, sent)
            except WireError as error:
                status, value = "refused", encode(str(error))
        if sent is not None:
            self.live.append(sent)
        changed = [
            (index, now)
            for index, (was, now) in enumerate(zip(before, containers, strict=True))
            if not same_items(was, now)
        ]
        watched, self.watched = self.watched, outside
        return (
            *(status, value, encode_some(self.table.updates(watched), self.reduce), encode_some(changed, self.reduce)),
            *(grad_enabled, "".join(printed.parts)),
        )

    def perform(self, operation: str, target: Any, args: list, kwargs: dict) -> tuple[str, Any]:
        """Carry an operation out; give its status and value."""
        try:
            return "ok", OPERATIONS[operation](self, target, args, kwargs)
        except StopIteration:
            return "stop", None
        except BaseException as error:
            return "raised", described(error)

    # From objects to what may cross, and back.

    def reduce(self, value: object) -> Any:
        """Turn what is not plain data into plain data or a mark."""
        if isinstance(value, torch.Tensor):
            return self.reduce_tensor(value)
        if isinstance(value, torch.Generator | torch.nn.Module) and (entry := self.table.known(value)):
            return Mark("ref", entry.key)
        return as_plain(value, self.handle)

    def reduce_tensor(self, tensor: torch.Tensor) -> Mark:
        """Name a tensor that has crossed, describe one that has not."""
        entry = self.table.known(tensor)
        # A result of before that has changed since crosses anew: what the checker holds of it stays as it was.
        if entry is not None and (entry.key % 2 == 0 or not entry.changed()):
            return Mark("ref", entry.key)
        entry = self.table.add(tensor)
        plain = tensor.as_subclass(torch.Tensor) if type(tensor) is not torch.Tensor else tensor
        grad = tensor.grad if tensor.is_leaf else None
        return Mark("tensor", (entry.key, Raw(plain), tensor.requires_grad, tensor.is_leaf, grad))

    def handle(self, value: object) -> Mark:
        """Keep an object here and give it a number."""
        number = self.numbers.get(id(value))
        if number is None:
            number = self.numbers[id(value)] = len(self.handles)
            self.handles.append(value)
        kind = type(value)
        traits = [trait for trait in ("call", "iter", "next", "len", "getitem") if hasattr(kind, f"__{trait}__")]
        for name, base in (("optimizer", torch.optim.Optimizer), ("module", torch.nn.Module)):
            if isinstance(value, base):
                traits.append(name)
            if isinstance(value, type) and issubclass(value, base):
                traits.append(f"{name} class")
        if isinstance(value, types.MethodType) and self.numbers.get(id(value.__self__)) is not None:
            traits.append("method")
        return Mark("handle", (number, kind.__name__, traits))

    def resolve(self, mark: Mark) -> Any:
        """Give what the checker's mark stands for."""
        if mark.kind == "tensor":
            return self.table.accept(mark.payload)
        if mark.kind == "rng":
            key, state = mark.payload
            generator = torch.Generator()
            generator.set_state(state)
            return self.table.add(generator, key).thing
        if mark.kind == "ref":
            return self.table.find(mark.payload).thing
        if mark.kind == "handle":
            return self.handles[mark.payload]
        if mark.kind == "module":
            return modules.accept(self.table, mark.payload)
        if mark.kind == "function":
            return self.stubs.stub(mark.payload)
        if mark.kind == "dtype":
            return DTYPES[mark.payload]
        return torch.device("cpu")

    def backward(self, target: Any, args: list, kwargs: dict) -> list:
        """Multiply a vector by the Jacobian of an earlier result: gradients for the tensors named."""
        output, vector, inputs = args
        grads = torch.autograd.grad(output, inputs, vector, retain_graph=True, allow_unused=True)
        return [None if grad is None else Raw(grad) for grad in grads]


def same_items(one: list | dict, other: list | dict) -> bool:
    """Tell whether two containers hold the very same objects."""
    if len(one) != len(other):
        return False
    if isinstance(one, dict):
        return all(a is b and one[a] is other[b] for a, b in zip(one, other, strict=True))
    return all(a is b for a, b in zip(one, other, strict=True))


def refill(container: list | dict, content: list | dict) -> None:
    """Give a list or dict other items."""
    container.clear()
    (container.extend if isinstance(container, list) else container.update)(content)


OPERATIONS: dict[str, Callable[[Server, Any, list, dict], Any]] = {
    "names": lambda server, target, args, kwargs: {
        name: server.namespace[name] for name in args if name in server.namespace
    },
    "call": lambda server, target, args, kwargs: target(*args, **kwargs),
    "method": lambda server, target, args, kwargs: getattr(target, args[0])(*args[1:], **kwargs),
    "getattr": lambda server, target, args, kwargs: getattr(target, *args),
    "setattr": lambda server, target, args, kwargs: setattr(target, *args),
    "iter": lambda server, target, args, kwargs: iter(target),
    "next": lambda server, target, args, kwargs: next(target),
    "len": lambda server, target, args, kwargs: len(target),
    "getitem": lambda server, target, args, kwargs: operator.getitem(target, *args),
    "setitem": lambda server, target, args, kwargs: operator.setitem(target, *args),
    "serve": lambda server, target, args, kwargs: server.namespace.update(
        {name: server.stubs.stub(number) for name, number in kwargs.items()}
    ),
    "backward": Server.backward,
}


def quiet() -> None:
    """Point standard input, output and error of the process at nothing."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nothing, descriptor)
    sys.__stdout__ = sys.__stderr__ = sys.stdout
