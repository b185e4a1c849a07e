"""What each misconception of an exercise does when its tests call it: made once, by the checkers' template.

Each misconception runs in a fork of its own behind the same border as a student's answer, so that both are heard in
the same words. No student's code runs here, and none of this is ever within reach of a student's worker.
"""

import ast
import contextlib
import os
import random
import signal
import socket
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np
import torch

from grader import worker
from grader.channel import EXERCISE, send
from grader.diagnosis import ANY, RIGHT, cells_of, diagnosed, same
from grader.listening import Listening, Record, Unheard, listen
from grader.lost import Lost
from grader.seeds import notice_seeds
from grader.suite import Cell, Suite
from grader.template import LIBC, PR_SET_PDEATHSIG
from grader.wire import Raw, encode


def make(suite: Suite, exercise: str, wrong: dict[str, str], probe: str, *, seconds: float) -> bytes:
    """Listen to every misconception of an exercise; give what `grader.diagnosis` compares a student's answer with.

    Args:
        suite: the assignment's tests and reference.
        exercise: one of its names.
        wrong: name of each misconception -> source of the answer cell.
        probe: a further cell, to tell apart what the tests cannot; empty if there is none.
        seconds: limit for all cells together; a misconception that takes longer is never recognised.
    """
    answers = {RIGHT: suite.cells[f"{exercise}-answer"].source} | wrong
    # All forks come before anything is computed: a process that has used autograd is no good parent.
    sessions = {name: Trusted(suite, {exercise: free_of_words(source)}) for name, source in answers.items()}
    notice_seeds()
    traces = {}
    for name, session in sessions.items():
        with session as connection:
            trace = trace_of(suite, cells_of(suite, exercise, probe), connection, seconds=seconds)
        if trace is not None:
            traces[name] = trace
    right = traces[RIGHT]
    known = {
        name: (kinds_apart(trace, right) <= {"holds"}, [packed(cell) for cell in trace])
        for name, trace in traces.items()
        if name == RIGHT or kinds_apart(trace, right)
    }
    return encode((probe, known))


def named_as(
    suite: Suite,
    exercise: str,
    wrong: dict[str, str],
    probe: str,
    trials: list[dict[str, str]],
    *,
    seconds: float,
) -> list[str | None]:
    """What a student would be told of an exercise who had handed in the reference, with some answers replaced.

    Args:
        suite, exercise, wrong, probe, seconds: as `make` has them.
        trials: exercise -> source of the answer cell, for each trial.
    """
    sessions = [Trusted(suite, answers) for answers in trials]
    known, found = make(suite, exercise, wrong, probe, seconds=seconds), []
    for session in sessions:
        with session as connection:
            found.append(diagnosed(suite, exercise, connection, known, seconds=seconds))
    return found


class Trusted:
    """A forked process that has run the reference's cells, with some answers replaced, and answers calls on them."""

    def __init__(self, suite: Suite, answers: dict[str, str]) -> None:
        self.connection, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            serve(theirs, suite, answers)
        self.process = os.pidfd_open(pid)  # the number alone may be another process's by the time that it is killed
        theirs.close()

    def __enter__(self) -> socket.socket:
        return self.connection

    def __exit__(self, *problem: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.process, signal.SIGKILL)
        os.close(self.process)
        self.connection.close()


def serve(connection: socket.socket, suite: Suite, answers: dict[str, str]) -> NoReturn:
    """Be a session on a socket, until it is killed."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    try:
        random.seed(0)
        np.random.seed(0)
        namespace = {"__name__": "__main__"}
        for cell in suite.cells.values():
            if cell.kind == "code" and not cell.test:
                exec(answers.get(cell.exercise, cell.source) if cell.solution else cell.source, namespace)
        worker.serve_session(connection, SimpleNamespace(user_ns=namespace))
    finally:
        os._exit(0)


def trace_of(
    suite: Suite, cells: list[Cell], connection: socket.socket, *, seconds: float
) -> list[list[Record]] | None:  # fmt: skip
    """The records of each cell; None if there is no end to them."""
    heard: list[list[Record]] = []

    def begin(number: int) -> None:
        heard.append([])

    def note(record: Record) -> None:
        heard[-1].append(frozen(record))

    try:
        send(connection, b"", command=EXERCISE)
        listen(suite, cells, Listening(connection, note), seconds, begin)
    except (Lost, Unheard, OSError):
        return None
    return heard


def frozen(value: Any) -> Any:
    """A record as it is now: later calls change its tensors."""
    if isinstance(value, torch.Tensor):
        return value.clone()
    if type(value) in (list, tuple):
        return type(value)(map(frozen, value))
    return {key: frozen(part) for key, part in value.items()} if type(value) is dict else value


def packed(records: list[Record]) -> bytes:
    """Records as bytes."""
    return encode(records, reduce=Raw)


def kinds_apart(trace: list[list[Record]], right: list[list[Record]]) -> set[str | int]:
    """Kinds of records in which a misconception differs from the reference; assertions alone are about rounding."""
    different = set()
    for records, good in zip(trace, right, strict=True):
        ours, theirs = ({record[:3]: record for record in part} for part in (records, good))
        for site in ours.keys() | theirs.keys():
            if site not in ours or site not in theirs or not same(ours[site], theirs[site], theirs[site][3]):
                different.add(site[2])
    return different


class Wordless(ast.NodeTransformer):
    """Takes the words out of what an answer raises: another author would choose others."""

    def visit_Raise(self, node: ast.Raise) -> ast.Raise:
        """Replace an exception's arguments."""
        if isinstance(node.exc, ast.Call):
            node.exc = ast.Call(node.exc.func, [ast.Constant(ANY)], [])
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.Assert:
        """Replace an assertion's message."""
        node.msg = ast.Constant(ANY)
        return node


def free_of_words(source: str) -> str:
    """Source of an answer that says `ANY` whatever it raises on purpose."""
    return ast.unparse(Wordless().visit(ast.parse(source)))
