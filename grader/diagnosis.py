"""Finds out which named misconception a failed exercise behaves like: one and only one, or none.

The exercise's test cells run once more in a mode that only listens (see `grader.listening`), on the student's answer
as on every misconception (see `grader.traces`). A misconception is named when each record agrees with the student's
and no other misconception's do. Two mistakes at once agree with neither.
"""

import socket
from typing import Any

import numpy as np
import torch

from grader.channel import EXERCISE, send
from grader.listening import Listening, Record, Unheard, listen
from grader.lost import Lost
from grader.suite import Cell, Suite
from grader.wire import decode

ANY = "any words"  # what a misconception says when it raises on purpose
RIGHT = ""  # the reference: no name of a misconception
# What a right answer in another form differs by from the reference is less than a tenth of this, relative to the
# largest number: 4e-6 in float32, 3e-13 in float64 and 5e-7 in floats (some come from float32) were measured.
TOLERANCES = {torch.float64: 4e-12, torch.float32: 5e-5, torch.float16: 1e-2, torch.bfloat16: 5e-2}
OF_FLOATS = 5e-6
SMALL = 0.1  # numbers near zero are compared as if the largest were this


def diagnosed(
    suite: Suite, exercise: str, connection: socket.socket, traces: bytes, *, seconds: float
) -> str | None:  # fmt: skip
    """Name the misconception that an exercise behaves like.

    Args:
        suite: the assignment's tests.
        exercise: one of its names; one of its cells has failed.
        connection: to a session in which the student's cells have run.
        traces: what `grader.traces.make` gave for the exercise.
        seconds: limit for all of its cells together.
    """
    probe, known = decode(traces)
    matching = Matching(known)
    try:
        send(connection, b"", command=EXERCISE)
        calls = Listening(connection, matching.take)
        listen(suite, cells_of(suite, exercise, probe), calls, seconds, matching.begin)
        matching.end()
    except (Lost, Unheard, OSError):
        return None
    return matching.alive[0] if len(matching.alive) == 1 else None


def cells_of(suite: Suite, exercise: str, probe: str) -> list[Cell]:
    """An exercise's test cells, and the probe behind them."""
    cells = [cell for cell in suite.tests if cell.exercise == exercise]
    return [*cells, Cell(f"{exercise}-probe", "code", probe)] if probe else cells


class Matching:
    """The misconceptions whose records agree with all that was heard so far.

    Args:
        known: name -> (whether numbers must agree to the bit, encoded records of each cell).
    """

    def __init__(self, known: dict[str, tuple[bool, list[bytes]]]) -> None:
        self.known = known
        self.alive = [name for name in known if name != RIGHT]
        self.records: dict[str, list[Record]] = {}
        self.right: dict[tuple, Any] = {}
        self.at = 0

    def begin(self, number: int) -> None:
        """Begin a cell."""
        self.end()
        texts = {name: self.known[name][1][number] for name in [*self.alive, RIGHT]}
        decoded = {text: decode(text) for text in set(texts.values())}  # many a mistake shows in other cells only
        self.records = {name: decoded[text] for name, text in texts.items()}
        self.right = {tuple(record[:3]): record[3] for record in self.records[RIGHT]}
        self.at = 0

    def take(self, record: Record) -> None:
        """Drop the misconceptions that another record belongs to; Unheard when none is left."""
        right = self.right.get(record[:3])
        self.alive = [
            name
            for name in self.alive
            if self.at < len(self.records[name])
            and same(record, self.records[name][self.at], right, exact=self.known[name][0])
        ]
        self.at += 1
        self.heard()

    def end(self) -> None:
        """End a cell: drop the misconceptions that would have gone on."""
        self.alive = [name for name in self.alive if len(self.records.get(name, [])) == self.at]
        self.heard()

    def heard(self) -> None:
        """Raise Unheard when no misconception is left."""
        if not self.alive:
            raise Unheard


def same(one: Record, known: Record, right: Any, *, exact: bool = False) -> bool:
    """Tell whether a record agrees with a misconception's; `right` is the reference's content, None if it has none.

    What is raised must have the same words, except where the misconception raises on purpose, or the reference too.
    """
    if one[:3] != known[:3]:
        return False
    if one[2] == "raised":
        return one[3][0] == known[3][0] and (one[3][1] == known[3][1] or known[3][1] == ANY or right is not None)
    return agree(one[3], known[3], right, exact=exact)


def agree(one: Any, known: Any, right: Any = None, *, exact: bool = False) -> bool:
    """Tell whether two values are the same but for rounding: types, dtypes, shapes and text exactly, NaN equals NaN.

    Of a dict only the keys count that the reference's has. An int, a float and a tensor of one number may stand for
    each other: where a test cares, its assertion tells them apart.
    """
    if type(one) is dict and type(known) is dict:
        keys = right.keys() if type(right) is dict else one.keys() | known.keys()
        asked = right if type(right) is dict else {}
        return all(
            (key in one) == (key in known)
            and (key not in one or agree(one[key], known[key], asked.get(key), exact=exact))
            for key in keys
        )
    if type(one) is not type(known):
        one, known = number(one), number(known)
        if type(one) is not type(known):
            return False
    if type(one) is list:
        asked = right if type(right) is list and len(right) == len(one) else [None] * len(one)
        return len(one) == len(known) and all(
            agree(*parts, exact=exact) for parts in zip(one, known, asked, strict=True)
        )
    if isinstance(one, torch.Tensor):
        if one.dtype != known.dtype or one.shape != known.shape:
            return False
        granted = 0.0 if exact else TOLERANCES.get(one.dtype, 0.0)
        return torch.equal(one, known) or (granted > 0 and close(one.double().numpy(), known.double().numpy(), granted))
    if isinstance(one, np.ndarray):
        if one.dtype != known.dtype or one.shape != known.shape:
            return False
        granted = TOLERANCES[torch.float64] if one.dtype == np.float64 else TOLERANCES[torch.float32]
        return np.array_equal(one, known) or (one.dtype.kind == "f" and not exact and close(one, known, granted))
    if type(one) is float:
        return close(np.array(one), np.array(known), 0.0 if exact else OF_FLOATS)
    return one == known


def number(value: Any) -> Any:
    """A tensor of one number, or an int, as a float."""
    if isinstance(value, torch.Tensor) and value.shape == () and not value.is_complex():
        return float(value)
    return float(value) if type(value) is int else value


def close(one: np.ndarray, known: np.ndarray, granted: float) -> bool:
    """Tell whether numbers differ by no more than `granted` times the largest finite one."""
    finite = np.isfinite(known)
    if not np.array_equal(np.where(finite, 0, one), np.where(finite, 0, known), equal_nan=True):
        return False
    largest = np.abs(known[finite]).max(initial=SMALL)
    return bool((np.abs(one[finite] - known[finite]) <= granted * largest).all())
