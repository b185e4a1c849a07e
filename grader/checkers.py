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
from pathlib import Path
from typing import NoReturn

from grader.channel import receive, send
from grader.checker import Checker, Session
from grader.suite import Suite, compiled, read_suite
from grader.template import LIBC, PR_SET_PDEATHSIG, PRELOAD, fork_on_request, warm_up

MEMORY = 8 * 2**30


def serve(connection: socket.socket, suite: Suite) -> None:
    """Judge the one submission that comes down a socket, and report as it goes."""
    connection.sendall(b"+")
    job = json.loads(receive(connection))

    def report(record: dict | str) -> None:
        send(connection, json.dumps(record).encode())

    def new_session() -> Session:
        report("session")
        _, (descriptor,), _, _ = socket.recv_fds(connection, 1, 1)
        return Session(socket.socket(fileno=descriptor))

    Checker(suite, new_session, report, job["seconds"], job["shift"]).judge(job["steps"])
    report("done")


def start_checker(descriptor: int, *, suite: Suite) -> NoReturn:
    """Become a checker on a socket; never return."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        serve(socket.socket(fileno=descriptor), suite)
    finally:
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
