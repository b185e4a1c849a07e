"""The checker's end of the border: the calls behind the stand-ins for what the student defined.

Nothing that arrives is trusted. What is wrong with a reply, a worker that died and one that is late raise
`Lost`, which is no `Exception`: a test's broad `except` cannot turn it into a pass. It sticks: the cell is tainted.
"""

import socket
import struct
from collections.abc import Callable
from typing import Any

import torch

from grader import modules
from grader.callbacks import FUNCTIONS, Functions
from grader.channel import ANSWER, CALL, WireError, receive, send
from grader.gradients import Differentiable
from grader.lost import Lost, TimedOut, Unfit
from grader.remote import Remote, stand_in, vars_of
from grader.replies import asks, fields, flat, items, raised
from grader.seeds import SEEDS
from grader.shared import Table, write
from grader.wire import DTYPES, Mark, Raw, decode, decode_some, encode, encode_some

MAX_CALLS = 200_000


class Calls:
    """One exercise's conversation with the worker."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.deadline = 0.0
        self.lost: Lost | None = None
        self.table = Table(0)
        self.touched: set[int] = set()
        self.given: set[int] | None = None
        self.inputs: list[torch.Tensor] = []
        self.remotes: dict[int, Remote] = {}
        self.live: list[tuple[int, int, list | dict, list | dict]] = []
        self.live_candidates: list[tuple[int, int, list | dict, list | dict]] = []
        self.functions = Functions(self)
        self.replies = self.count = 0
        self.start_random()
        self.printed: list[str] = []

    def names(self, wanted: list[str]) -> dict[str, Any]:
        """What the student's namespace holds of some names; functions and objects as stand-ins."""
        found = self.request("names", None, wanted, given=None)
        if type(found) is not dict or not set(found) <= set(wanted):
            self.lose(Lost("the reply does not answer the question"))
        return found

    def serve(self, functions: dict[str, Callable]) -> None:
        """Put functions of ours into the student's namespace under some names, for as long as the exercise lasts."""
        if functions:
            numbers = {name: self.functions.serve(function) for name, function in functions.items()}
            self.request("serve", None, [], numbers, given=None)

    def start_random(self) -> None:
        """Take the state of torch's own generator as one that the test has not set."""
        self.random_state, self.seeds = torch.get_rng_state(), SEEDS.set

    def lose(self, lost: Lost) -> None:
        """Taint the conversation for good."""
        self.lost = self.lost or lost
        raise self.lost

    def request(self, operation: str, target: Any, args: list, kwargs: dict | None = None, *, given: set | None) -> Any:
        """Ask the worker for one operation and bring both ends to the same state.

        Args:
            operation: a key of the worker's `OPERATIONS`.
            target: a stand-in or None.
            args: plain data, tensors, generators, stand-ins.
            kwargs: the same by name.
            given: numbers of what the target was given before, and so may change; None if it keeps nothing.

        Raises:
            Lost: no answer that counts; again on every later request.
            Exception: what the student's code raised, as the built-in class that it derives from.
        """
        if self.lost is not None:
            raise self.lost
        self.count_one()
        sent: list = []
        message, watch = self.message(operation, target, args, kwargs or {}, given, sent)
        try:
            send(self.connection, message, self.deadline, command=CALL)
            while asks(reply := decode(receive(self.connection, self.deadline))):
                send(self.connection, self.functions.answer(reply, watch), self.deadline, command=ANSWER)
            status, value = self.read(reply, watch, sent)
        except TimeoutError:
            self.lose(TimedOut("your code took too long to answer"))
        except (EOFError, OSError):
            self.lose(Lost("the process that ran your code died"))
        except WireError as error:
            self.lose(Lost(f"what came back cannot be used: {error}"))
        self.replies += operation == "getattr"
        if status == "ok":
            return value
        raise StopIteration if status == "stop" else value

    def count_one(self, refusal: type[Lost] = Unfit) -> None:
        """Count a message to the worker, or one of its own; too many are refused."""
        self.count += 1
        if self.count > MAX_CALLS:
            self.lose(refusal(f"the test and your code called each other more than {MAX_CALLS} times"))

    def message(
        self, operation: str, target: Any, args: list, kwargs: dict, given: set | None, sent: list
    ) -> tuple[bytes, set[int]]:
        """Write a request; note the containers that go along in `sent`; give the numbers that may change."""
        self.touched = set()
        try:
            call = encode((operation, target, args, kwargs), self.reduce, sent)
            watch = self.touched | (given or set())
            if given is not None:
                given |= self.touched
            updates = encode_some(self.table.updates(sorted(self.with_grads(watch))), self.reduce)
            watch |= self.touched
            live = encode_some(self.changes_of_live(), self.reduce)
            state = torch.get_rng_state()
            seeded = not torch.equal(state, self.random_state) or SEEDS.set != self.seeds
            self.random_state, self.seeds = state, SEEDS.set
            # A function of the notebook keeps nothing; what it makes may keep what it was given.
            self.given = None if operation == "names" else given if given is not None else set(watch)
            things = (self.table.entries[key].thing for key in sorted(watch))
            self.inputs = [thing for thing in things if isinstance(thing, torch.Tensor) and thing.requires_grad]
            whole = (
                call,
                updates,
                live,
                struct.pack(f"<{len(watch)}I", *sorted(watch)),
                torch.is_grad_enabled(),
                Raw(state) if seeded else None,
            )
            return encode(whole), watch
        except WireError as error:
            self.lose(Unfit(f"an argument of the test cannot cross to the student's code: {error}"))

    def with_grads(self, watch: set[int]) -> set[int]:
        """Add to the numbers of some things those of their gradients; give them back."""
        for key in list(watch):
            thing = self.table.entries[key].thing
            if isinstance(thing, torch.Tensor) and thing.is_leaf and thing.grad is not None:
                known = self.table.known(thing.grad)
                watch |= {known.key} if known else set()
        return watch

    def changes_of_live(self) -> list[tuple]:
        """What the test changed in lists and dicts that it took from a student's object."""
        found = []
        for at, (serial, index, container, was) in enumerate(self.live):
            now = list(container) if type(container) is list else list(container.items())
            if len(now) != len(was) or any(a is not b for a, b in zip(flat(now), flat(was), strict=True)):
                found.append((serial, index, container))
                self.live[at] = (serial, index, container, now)
        return found

    def read(self, reply: Any, watch: set[int], sent: list) -> tuple[str, Any]:
        """Take a reply in: the value, then what changed; give "ok", "stop" or "raised" and the value or exception."""
        status, value, updates, changed, grad_enabled, printed = fields(reply, str, bytes, bytes, bytes, bool, str)
        containers: list = []
        value = decode(value, self.resolve, containers)
        live = [(self.replies, i, container, items(container)) for i, container in enumerate(containers)]
        for update in decode_some(updates, self.resolve):
            self.apply(update, watch)
        for index, content in (fields(pair, int, (list, dict)) for pair in decode_some(changed, self.resolve)):
            if not 0 <= index < len(sent) or type(sent[index]) is not type(content):
                raise WireError("a container that was not sent has changed")
            sent[index].clear()
            (sent[index].extend if type(content) is list else sent[index].update)(content)
        if grad_enabled != torch.is_grad_enabled():
            torch.set_grad_enabled(grad_enabled)
        if sum(map(len, self.printed)) < 100_000:
            self.printed.append(printed)
        self.live_candidates = live
        if status not in ("ok", "raised", "stop"):
            raise WireError(str(value)[:200])
        return status, raised(value) if status == "raised" else value

    def apply(self, update: Any, watch: set[int]) -> None:
        """Take in what the worker says has changed, if it may change it."""
        key, data, moved, needs_grad, leaf, grad = fields(
            update, int, (torch.Tensor, type(None)), bool, bool, bool, (torch.Tensor, type(None))
        )
        if key not in watch:
            raise WireError("something that was not handed over has changed")
        thing = self.table.find(key).thing
        try:
            if isinstance(thing, torch.Tensor) and thing.is_leaf and not leaf and data is not None:
                thing.requires_grad_(False)
                with torch.enable_grad():
                    inputs = [tensor for tensor in self.inputs if tensor is not thing]
                    result = self.differentiable(key, data, inputs)
                    thing.data = data.clone()
                    thing.copy_(result)
                self.table.entries[key].agree()
            elif isinstance(thing, torch.Tensor) and not thing.is_leaf:
                if data is not None:
                    write(thing, data, moved=moved)
                self.table.entries[key].agree()
            else:
                self.table.apply((key, data, moved, needs_grad, leaf, grad))
        except (RuntimeError, TypeError, ValueError) as error:
            raise WireError(f"a change cannot be made: {error}") from error

    # From objects to what may cross, and back.

    def reduce(self, value: object) -> Any:
        """Turn what is not plain data into plain data or a mark, and note what the worker may change."""
        if isinstance(value, Remote):
            return Mark("handle", vars_of(value)["number"])
        if isinstance(value, torch.Tensor | torch.Generator):
            entry = self.table.known(value)
            if entry is not None:
                self.touched.add(entry.key)
                return Mark("ref", entry.key)
            if isinstance(value, torch.Tensor):
                mark = self.table.introduce(value)
            else:
                mark = Mark("rng", (self.table.add(value).key, Raw(value.get_state())))
            self.touched.add(mark.payload[0])
            return mark
        if isinstance(value, torch.Size):
            return tuple(value)
        if isinstance(value, torch.dtype) and value in DTYPES:
            return Mark("dtype", DTYPES.index(value))
        if isinstance(value, torch.device) and value.type == "cpu":
            return Mark("device", None)
        if isinstance(value, torch.nn.Module):
            entry = self.table.known(value) or self.table.add(value)
            self.touched.add(entry.key)
            return Mark("module", (entry.key, *modules.described(value)))
        if type(value) in FUNCTIONS:
            return Mark("function", self.functions.number(value))
        if hasattr(type(value), "__next__") or isinstance(value, range | type({}.keys()) | type({}.values())):
            return list(value)
        raise WireError(f"a value of type {type(value).__name__!r} cannot cross")

    def resolve(self, mark: Mark) -> Any:
        """Give what the worker's mark stands for."""
        if mark.kind == "ref":
            return self.table.find(mark.payload).thing
        if mark.kind == "dtype":
            if type(mark.payload) is not int or not 0 <= mark.payload < len(DTYPES):
                raise WireError("there is no such dtype")
            return DTYPES[mark.payload]
        if mark.kind == "tensor":
            return self.result(mark.payload)
        if mark.kind == "handle":
            return self.remote(mark.payload)
        raise WireError(f"a mark {mark.kind!r} has no meaning here")

    def result(self, payload: Any) -> torch.Tensor:
        """Enter a tensor that the student's code made."""
        key, data, needs_grad, leaf, grad = fields(
            payload, int, torch.Tensor, bool, bool, (torch.Tensor, type(None))
        )  # fmt: skip
        if key % 2 == 0 or key in self.table.entries:
            raise WireError("a new tensor has a number that is taken")
        if needs_grad and not leaf:
            data = self.differentiable(key, data, self.inputs)
        elif needs_grad:
            data.requires_grad_()
            data.grad = grad
        return self.table.add(data, key).thing

    def differentiable(self, key: int, data: torch.Tensor, inputs: list[torch.Tensor]) -> torch.Tensor:
        """Give a tensor whose gradient the worker works out."""
        with torch.enable_grad():
            inputs = inputs or [torch.zeros((), requires_grad=True)]
            return Differentiable.apply(self, key, data, *inputs)

    def remote(self, payload: Any) -> Remote:
        """Give the stand-in of an object that stays with the worker."""
        number, name, traits = fields(payload, int, str, list)
        if not all(type(trait) is str for trait in traits):
            raise WireError("a trait is no text")
        if number not in self.remotes:
            self.remotes[number] = stand_in(self, number, name, traits, self.given)
        return self.remotes[number]
