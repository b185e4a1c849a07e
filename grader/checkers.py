"""The checkers' template: holds an assignment's tests and forks a checker for each submission.

Runs outside the sandbox as the instructor's user, and runs no student code.
"""

import argparse
import functools
import gc
import json
import os
import resource
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from grader.channel import receive, send
from grader.checker import Checker, Session
from grader.named import misconceptions, probes, source_as
from grader.places import assignments
from grader.suite import Suite, compiled, read_suite
from grader.template import LIBC, PR_SET_PDEATHSIG, PRELOAD, fork_on_request, warm_up

MEMORY = 8 * 2**30


def serve(connection: socket.socket, suite: Suite) -> None:
    """Do the one job that comes down a socket: judge a submission and report as it goes, or see `diagnose`."""
    connection.sendall(b"+")
    job = json.loads(receive(connection))
    if "exercise" in job:
        send(connection, diagnose(suite, **job))
        return

    def report(record: dict | str) -> None:
        send(connection, json.dumps(record).encode())

    def new_session() -> Session:
        report("session")
        _, (descriptor,), _, _ = socket.recv_fds(connection, 1, 1)
        return Session(socket.socket(fileno=descriptor))

    def traces_of(exercise: str) -> bytes:
        report({"traces": exercise})
        return receive(connection)

    Checker(suite, new_session, report, job["seconds"], job["shift"], traces_of).judge(job["steps"], job["known"])
    report("done")


def diagnose(
    suite: Suite,
    exercise: str,
    seconds: float,
    wrong: dict[str, str] | None = None,
    probe: str = "",
    trials: list | None = None,
) -> bytes:
    """Make the traces of an exercise's misconceptions; where trials are given, say as JSON what each would be named.

    The arguments are those of `grader.traces.named_as`; `wrong` and `probe` are what stands beside the notebook
    unless given. Nothing is given where nothing stands there.
    """
    from grader import traces  # a checker that judges needs neither this nor the misconceptions

    if wrong is None and suite.assignment not in assignments():
        return b""  # another course's, graded by nbgrader's own command
    if wrong is None:
        wrong = {answer.__name__: source_as(exercise, answer) for answer in misconceptions(suite.assignment)[exercise]}
        probe = probes(suite.assignment).get(exercise, "")
    if trials is None:
        return traces.make(suite, exercise, wrong, probe, seconds=seconds)
    return json.dumps(traces.named_as(suite, exercise, wrong, probe, trials, seconds=seconds)).encode()


def start_checker(descriptor: int, *, suite: Suite) -> NoReturn:
    """Become a checker on a socket; never return."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        serve(socket.socket(fileno=descriptor), suite)
    except Exception:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(0)


def main() -> None:
    """Read the tests, warm up, then fork a checker for each request until the control socket closes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--control", type=int, required=True)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--assignment", required=True)
    args = parser.parse_args()
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    gc.disable()  # imports make much and drop little
    suite = read_suite(args.source, args.assignment)
    for cell in [*suite.setup, *suite.tests]:
        compiled(cell)
    warm_up(PRELOAD)
    fork_on_request(args.control, functools.partial(start_checker, suite=suite))


if __name__ == "__main__":
    main()
