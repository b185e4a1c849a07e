"""Runs test cells to hear what a student's objects do, not to judge them: nothing stops a cell but its end.

Every value that a stand-in gives back, what it raises, what it changes in its arguments, and whether each assertion
holds, is handed on as a record: line, how many came before at that line, kind, content. Two answers that give the same
records cannot be told apart by these cells.
"""

import ast
import contextlib
import functools
import io
import itertools
import socket
import sys
import time
import types
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from grader.calls import Calls
from grader.remote import Remote, vars_of
from grader.replies import items
from grader.suite import SHIFT, Cell, Suite, compiled, names_in, shifted

MAX_ITEMS = 1000
Record = tuple[int, int, str | int, Any]
OBJECT = ("object",)  # stands for what is no plain data


class Unheard(BaseException):
    """There is no use in listening on. Not an Exception: a test's broad `except` must not go on."""


class Listening(Calls):
    """Calls on a worker's objects that hand on what comes back.

    Args:
        connection: to a session in which the answer has run.
        note: called with each record.
    """

    def __init__(self, connection: socket.socket, note: Callable[[Record], None]) -> None:
        super().__init__(connection)
        self.note = note
        self.file, self.counts, self.inside = "", Counter(), False
        self.changed: set[int] = set()

    def start_cell(self, file: str) -> None:
        """Begin a cell: both ends draw from the same state, whatever was drawn before."""
        self.file, self.counts = file, Counter()
        torch.default_generator.manual_seed(0)
        self.start_random()
        self.seeds = -1  # unlike any count: the state goes along with the first call

    def request(self, operation: str, target: Any, args: list, kwargs: dict | None = None, *, given: set | None) -> Any:
        """Ask the worker for one operation, as `Calls` does, and hand on what came of it.

        A generator is read to its end at once, so that it gives the records that a list gives.
        """
        if self.inside or operation == "names":
            return super().request(operation, target, args, kwargs, given=given)
        self.inside, self.changed = True, set()
        say = functools.partial(self.say, *self.place())
        containers = [part for part in [*args, *(kwargs or {}).values()] if type(part) in (list, dict)]
        before = [items(container) for container in containers]
        try:
            value = super().request(operation, target, args, kwargs, given=given)
            if issubclass(type(value), Remote) and "next" in vars_of(value)["traits"]:
                value = list(itertools.islice(value, MAX_ITEMS))
                if len(value) == MAX_ITEMS:
                    raise Unheard
        except Exception as error:
            self.say_changes(say)
            say("raised", (type(error).__name__, str(error)))
            raise
        finally:
            self.inside = False
        self.say_changes(say)
        for number, (was, container) in enumerate(zip(before, containers, strict=True)):
            now = items(container)
            if len(was) != len(now) or any(a is not b for a, b in zip(was, now, strict=True)):
                say(f"container {number}", plain(container))
        if type(value) in (list, tuple):
            for index, item in enumerate(value):
                say(index, plain(item))
            say("end", len(value))
        else:
            say("value", plain(value))
        return value

    def apply(self, update: Any, watch: set[int]) -> None:
        """Take in what has changed, as `Calls` does, and remember which tensor it was."""
        super().apply(update, watch)
        for key in watch:
            thing = self.table.entries[key].thing
            if isinstance(thing, torch.Tensor) and thing.is_leaf and thing.grad is self.table.find(update[0]).thing:
                self.changed.add(key)
                return
        self.changed.add(update[0])

    def say_changes(self, say: Callable) -> None:
        """Hand on what a call has changed of the test's own tensors and of its arguments.

        No gradient and one of zeros are the same.
        """
        for number, key in enumerate(sorted(key for key in self.changed if key % 2 == 0 or key in self.touched)):
            thing = self.table.entries[key].thing
            if isinstance(thing, torch.Tensor):
                grad = thing.grad if thing.is_leaf else None
                say(f"change {number}", [thing.detach(), grad if grad is not None and grad.any() else None])

    def say(self, line: int, number: int, kind: str | int, content: Any) -> None:
        """Hand a record on."""
        self.note((line, number, kind, content))

    def place(self) -> tuple[int, int]:
        """The cell's line that is being run, and how often something was heard there."""
        frame = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename != self.file:
            frame = frame.f_back
        line = 0 if frame is None else frame.f_lineno
        self.counts[line] += 1
        return line, self.counts[line]

    def held(self, value: Any) -> None:
        """Hand on whether an assertion holds."""
        self.say(*self.place(), "holds", bool(value))

    def stopped(self, error: Exception) -> None:
        """Hand on that a statement came to no end."""
        self.say(*self.place(), "stopped", type(error).__name__)


def plain(value: Any) -> Any:
    """What of a value can be compared: tuples are lists, and what is no plain data is `OBJECT`."""
    if isinstance(value, torch.Tensor):
        return value.detach()
    if type(value) in (list, tuple):
        return [plain(part) for part in value]
    if type(value) is dict:
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, torch.dtype):
        return ("dtype", str(value))
    return value if value is None or type(value) in (bool, int, float, str, bytes, np.ndarray) else OBJECT


def listen(
    suite: Suite, cells: list[Cell], calls: Listening, seconds: float, begin: Callable[[int], None]
) -> None:  # fmt: skip
    """Run cells on the objects behind `calls`.

    Hidden tests draw as the notebook says, whatever the gradebook's seed: no point hangs on what is heard, and so the
    same traces of misconceptions serve every class.

    Args:
        suite: the assignment's, for its setup.
        cells: an exercise's tests, and what else is to be heard.
        calls: hands on what is heard.
        seconds: limit for all cells together; Lost after it.
        begin: called with the number of each cell before it is run.
    """
    calls.deadline = time.monotonic() + seconds
    codes = [unstopped(cell) for cell in cells]
    wanted = set().union(*map(names_in, codes)) & suite.answers
    names = calls.names(sorted(wanted))
    for number, (cell, code) in enumerate(zip(cells, codes, strict=True)):
        begin(number)
        calls.start_cell(f"<{cell.id}>")
        namespace = {"__name__": "__main__", SHIFT: 0, "__held__": calls.held, "__stopped__": calls.stopped}
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            try:
                for part in suite.setup:
                    exec(compiled(part), namespace)
                exec(code, {**names, **namespace})
            finally:
                torch.set_grad_enabled(True)


@functools.cache
def unstopped(cell: Cell) -> types.CodeType:
    """Compile a cell so that each statement is run, whatever became of those before it."""
    tree = shifted(cell)
    tree.body = each_guarded(tree.body)
    return compile(ast.fix_missing_locations(tree), f"<{cell.id}>", "exec")


def each_guarded(statements: list[ast.stmt]) -> list[ast.stmt]:
    """Guard statements one by one, those inside loops, branches and functions too; turn assertions into `__held__`."""
    found = []
    for item in statements:
        if isinstance(item, ast.For | ast.If | ast.With | ast.FunctionDef):
            item.body = each_guarded(item.body)
        if isinstance(item, ast.For | ast.If):
            item.orelse = each_guarded(item.orelse)
        inner = item
        if isinstance(item, ast.Assert):
            inner = ast.copy_location(ast.Expr(called("__held__", item.test)), item)
        said = ast.Expr(called("__stopped__", ast.Name("__error__", ast.Load())))
        handler = ast.ExceptHandler(ast.Name("Exception", ast.Load()), "__error__", [said])
        found.append(ast.copy_location(ast.Try([inner], [handler], [], []), item))
    return found


def called(name: str, argument: ast.expr) -> ast.Call:
    """A call of a function with one argument."""
    return ast.Call(ast.Name(name, ast.Load()), [argument], [])
