"""What a hostile worker may send where it may call a function of the test: nothing that counts, nothing that runs."""

import contextlib
import socket
import threading
import time

import numpy as np
import pytest
import torch

from grader.calls import Calls
from grader.channel import receive_command, send
from grader.copies import COPIES
from grader.lost import Lost, TimedOut
from grader.wire import Mark, Raw, decode, encode

NO_ARGUMENTS = encode(((), {}))
DONE = encode(("ok", encode(5), b"", b"", True, ""))


def asking(message: bytes = NO_ARGUMENTS, *, what="function", number=0, updates=b"", dropped=(), enabled=True) -> bytes:
    """A message of the worker's in the middle of an answer."""
    return encode(("asks", what, number, message, updates, list(dropped), enabled))


def given(*args: object) -> bytes:
    """Arguments as the worker sends them."""
    return asking(encode((args, {}), lambda value: value))


def copy(key=COPIES, data=None, flags=(False, True, False), grad=None) -> Mark:
    """A copy as the worker describes it."""
    return Mark("tensor", (key, Raw(torch.ones(2)) if data is None else data, flags, grad))


FORGED = {
    "a number that was not given": asking(number=1),
    "a number that is none": encode(("asks", "function", "0", NO_ARGUMENTS, b"", [], True)),
    "another operation": asking(what="names"),
    "an array where a word should be": encode((np.ones(2), "function", 0, NO_ARGUMENTS, b"", [], True)),
    "a message cut short": encode(("asks",)),
    "a message with parts left over": encode(("asks", "function", 0, NO_ARGUMENTS, b"", [], True, 1)),
    "arguments that are garbage": asking(b"garbage"),
    "arguments that are none": asking(encode(5)),
    "arguments in a list": asking(encode(([], {}))),
    "a thing of the test's that was not handed over": given(Mark("ref", 0)),
    "a thing that never crossed": given(Mark("ref", 100)),
    "a name that is no number": given(Mark("ref", [])),
    "a copy that never crossed": given(Mark("ref", COPIES)),
    "a copy with the number of a shared thing": given(copy(key=0)),
    "a copy twice": given(copy(), copy()),
    "a copy that is no tensor": given(copy(data=b"")),
    "whole numbers with a gradient": given(copy(data=Raw(torch.ones(2).long()), flags=(True, True, False))),
    "a gradient of another shape": given(copy(flags=(True, True, False), grad=Raw(torch.ones(3)))),
    "flags that are none": given(copy(flags=(1, 1, 1))),
    "a generator without a state": given(Mark("rng", (COPIES, Raw(torch.ones(2))))),
    "a function that was not given": given(Mark("function", 1)),
    "an object of the worker's": given(Mark("handle", (0, "object", ["call"]))),
    "a module": given(Mark("module", (0, "Linear", {}))),
    "a dtype that is none": given(Mark("dtype", 99)),
    "a change of what was not handed over": asking(
        updates=encode([(0, Raw(torch.zeros(2)), False, False, True, None)], lambda value: value)
    ),
    "a change that is none": asking(updates=encode([5])),
    "a gradient of a result that is not there": asking(encode([]), what="gradient"),
    "a result dropped that has no number": asking(dropped=["0"]),
}  # fmt: skip


def talk(messages: list[bytes], function, *args: object, seconds: float = 5.0):
    """Hand a function to a worker that answers with these messages, whatever it is asked; give what came of it."""
    ours, theirs = socket.socketpair()
    heard: list[tuple[bytes, object]] = []

    def worker() -> None:
        with contextlib.suppress(EOFError):
            for message in [*messages, None]:
                command, asked = receive_command(theirs)
                heard.append((command, decode(asked, lambda mark: mark)))
                if message is not None:
                    send(theirs, message)

    thread = threading.Thread(target=worker)
    thread.start()
    calls = Calls(ours)
    calls.deadline = time.monotonic() + seconds
    calls.table.add(torch.ones(2))
    try:
        return calls.request("call", None, [function, *args], given=None), heard
    finally:
        ours.close()
        thread.join()
        theirs.close()
        assert not torch.is_inference_mode_enabled() and torch.is_grad_enabled()


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_message_runs_nothing_and_is_no_answer(forged):
    ran = []
    with pytest.raises(Lost) as lost:
        talk([FORGED[forged], DONE], lambda *args: ran.append(args), torch.ones(2))
    assert lost.value.verdict == "crashed" and ran == []


def test_a_message_that_keeps_the_form_is_answered():
    value, heard = talk([given(4, copy()), DONE], lambda n, x: n * x)
    assert value == 5 and [command for command, _ in heard] == [b"C", b"A"]
    status, _, graph, *_ = heard[1][1]
    assert status == "ok" and torch.equal(decode(graph)[2][0][0], torch.full((2,), 4.0))


def test_a_gradient_that_does_not_fit_is_no_answer():
    first = given(copy(flags=(True, True, False)))
    for vector in ([], [Raw(torch.ones(3))], [Raw(torch.ones(2).long())], [torch.ones(2).numpy()], [5], 5):
        with pytest.raises(Lost, match=r"does not fit|is missing"):
            talk([first, asking(encode(vector), what="gradient", number=1), DONE], lambda x: 2 * x)


def test_a_gradient_that_fits_is_given():
    first = given(copy(flags=(True, True, False)))
    value, heard = talk(
        [first, asking(encode([Raw(torch.ones(2))]), what="gradient", number=1, enabled=False), DONE], lambda x: 3 * x
    )
    assert value == 5 and torch.equal(decode(heard[2][1][2])[2][0][0], torch.full((2,), 3.0))


def test_a_result_that_the_worker_dropped_is_forgotten():
    first = given(copy(flags=(True, True, False)))
    late = asking(encode([Raw(torch.ones(2))]), what="gradient", number=1, dropped=[1])
    with pytest.raises(Lost, match="no such function"):
        talk([first, late, DONE], lambda x: 2 * x)


def test_a_worker_that_asks_and_never_answers_is_late():
    with pytest.raises(TimedOut):
        talk([asking()] * 20, lambda: None, seconds=0.5)


def test_a_worker_that_asks_without_end_is_stopped(monkeypatch):
    monkeypatch.setattr("grader.calls.MAX_CALLS", 10)
    with pytest.raises(Lost, match="more than 10 times") as lost:
        talk([asking()] * 20, lambda: None)
    assert lost.value.verdict == "crashed"


def test_a_worker_that_keeps_every_result_is_stopped(monkeypatch):
    monkeypatch.setattr("grader.callbacks.MAX_KEPT", 3)
    with pytest.raises(Lost, match="graphs of more than 3 results"):
        talk([given(copy(flags=(True, True, False)))] * 5 + [DONE], lambda x: 2 * x)


def test_an_answer_before_the_end_of_a_call_ends_the_call():
    """A worker that answers the outer request first gets its answer read as that of the inner one, and no more."""
    ours, theirs = socket.socketpair()
    calls = Calls(ours)
    calls.deadline = time.monotonic() + 5
    send(theirs, asking())
    send(theirs, DONE)
    inner = []
    with theirs:
        theirs_too = threading.Timer(0.3, theirs.shutdown, [socket.SHUT_RDWR])
        theirs_too.start()
        with pytest.raises(Lost):
            calls.request("call", None, [lambda: inner.append(calls.request("call", None, [], given=None))], given=None)
        theirs_too.join()
    assert inner == [5] and calls.lost is not None
    ours.close()
