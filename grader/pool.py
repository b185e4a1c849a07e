"""The orchestrator's hands: starts the two templates, asks them for sessions and checkers, and kills from outside."""

import collections
import contextlib
import functools
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from grader import sandbox
from grader.cgroups import MEMORY, Groups
from grader.channel import WireError, receive, send
from grader.cores import Cores
from grader.kept import KeptTraces
from grader.places import ROOT, GraderError

START_SECONDS = 120
SUBMISSION_SECONDS = 900
TRACE_SECONDS = 20.0  # a misconception whose tests take longer is never named
LOST = "grader_error"
CREDENTIALS = struct.calcsize("3i")


class NotStarted(GraderError):
    """A process that grading needs did not start; the message ends with what it said."""


class Template:
    """A process that forks others on request."""

    def __init__(self, command: list[str], environment: dict[str, str] | None = None) -> None:
        self.lock = threading.Lock()
        self.said = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        self.control, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [*command, "--control", str(theirs.fileno())],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=self.said, stderr=self.said,
                env=environment, cwd="/",
            )  # fmt: skip
        self.ready = False

    def wait(self) -> None:
        """Wait until it has warmed up.

        Raises:
            NotStarted: it did not.
        """
        self.control.settimeout(START_SECONDS)
        with contextlib.suppress(OSError):
            self.ready = self.control.recv(1) == b"+"
        self.control.settimeout(None)
        if not self.ready:
            raise NotStarted(f"A part of the grader did not start: {self.last_words()}")

    def last_words(self) -> str:
        """The last lines that it wrote."""
        self.said.seek(0)
        lines = self.said.read().decode("utf-8", "replace").strip().splitlines()
        return " ".join(lines[-3:])[-1000:] or "it said nothing."

    def fork(self) -> tuple["Child", socket.socket]:
        """Ask for a process; give it and our end of its socket.

        Raises:
            NotStarted: there is none to be had.
        """
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        with theirs, self.lock:
            if not self.ready:
                self.wait()
            socket.send_fds(self.control, [b"f"], [theirs.fileno()])
        ours.settimeout(START_SECONDS)
        try:
            data, extra, _, _ = ours.recvmsg(1024, socket.CMSG_SPACE(CREDENTIALS))
        except OSError as error:
            data, extra = str(error).encode(), []
        if data[:1] != b"+":
            ours.close()
            raise NotStarted(f"A process that grading needs did not start: {data[1:].decode() or self.last_words()}")
        pid = next(struct.unpack("3i", part)[0] for _, kind, part in extra if kind == socket.SCM_CREDENTIALS)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
        ours.settimeout(None)
        return Child(pid), ours

    def close(self) -> None:
        """End it, and with it everything that it forked; closing twice does no harm."""
        if self.said.closed:
            return
        self.control.close()
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        self.said.close()


class Child:
    """A forked process that can be killed, held by a descriptor so that its number cannot be reused."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.descriptor = os.pidfd_open(pid)

    def kill(self) -> None:
        """Kill it, and with it (it is process 1 of its namespace) everything that it started."""
        if self.descriptor is None:
            return
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.descriptor, signal.SIGKILL)
        os.close(self.descriptor)
        self.descriptor = None


def worker_template(*, walls: bool, memory: int | None = None, preload: tuple[str, ...] = ()) -> Template:
    """Start the template of workers, inside the sandbox unless `walls` is false."""
    extra = [part for name in preload for part in ("--preload", name)]
    extra += ["--memory", str(memory)] if memory else []
    if walls:
        return Template(sandbox.command("-m", "grader.template", "--isolate", *extra))
    home = tempfile.mkdtemp(prefix="grader-")
    environment = sandbox.environment(home) | {"PYTHONPATH": str(ROOT)}
    return Template([sys.executable, "-m", "grader.template", *extra], environment)


def checker_template(source: Path, assignment: str) -> Template:
    """Start the template of checkers, which holds an assignment's tests."""
    environment = dict(os.environ) | dict.fromkeys(sandbox.ONE_THREAD, "1") | sandbox.QUICK_FORK | sandbox.AUTOGRADE
    environment["PYTHONPATH"] = str(ROOT)
    command = [sys.executable, "-m", "grader.checkers"]
    return Template([*command, "--source", str(source), "--assignment", assignment], environment)


def ask(checkers: Template, **job: object) -> bytes:
    """Have a process of its own do a job of `grader.checkers.diagnose`; give its answer.

    Raises:
        NotStarted: it died of the job.
    """
    child, connection = checkers.fork()
    try:
        send(connection, json.dumps(job).encode())
        return receive(connection, time.monotonic() + SUBMISSION_SECONDS)
    except (EOFError, OSError) as error:
        raise NotStarted(f"A misconception could not be tried: {checkers.last_words()}") from error
    finally:
        connection.close()
        child.kill()


def limits_of(seconds: float, walls: bool, memory: int = MEMORY) -> dict:
    """Limits of a submission: seconds, bytes, and whether it runs inside the sandbox."""
    own = {"cell_seconds": seconds, "submission_seconds": SUBMISSION_SECONDS}
    return own | {"memory_bytes": memory, "sandbox": walls}


class Bench:
    """Both templates; judges submissions, several at a time if called from several threads."""

    def __init__(self, source: Path, assignment: str, *, walls: bool = True, seconds: float = 20.0, **options) -> None:
        self.seconds, self.shift, self.walls = seconds, 0, walls
        self.lock, self.tried = threading.Lock(), False
        self.traces: dict[str, bytes] = {}
        self.undiagnosed: list[str] = []
        self.tracing: dict[str, threading.Lock] = collections.defaultdict(threading.Lock)
        self.groups, self.cores = Groups(), Cores()
        self.kept = KeptTraces(source, assignment)
        self.start_workers = functools.partial(worker_template, walls=walls, **options)
        self.start_checkers = functools.partial(checker_template, source, assignment)
        self.workers, self.checkers = self.start_workers(), self.start_checkers()

    def __enter__(self) -> "Bench":
        self.ready()
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def ready(self) -> None:
        """Wait until everything has warmed up and the walls of a session have been tried.

        Raises:
            NotStarted: grading cannot begin; the message says why and what to do.
        """
        if self.tried:
            return
        try:
            self.workers.wait()
            self.checkers.wait()
            trial, connection = self.workers.fork()
            trial.kill()
            connection.close()
            self.tried = True
        except NotStarted as error:
            self.close()
            raise NotStarted(f"{error} {sandbox.advice(str(error))}") from error

    def notes(self) -> list[str]:
        """What is to be said before grading begins."""
        return [self.groups.missing] if self.groups.missing else []

    @property
    def limits(self) -> dict:
        """What `limits_of` gives for this bench."""
        return limits_of(self.seconds, self.walls, self.groups.memory)

    def close(self) -> None:
        """End both templates, and with them everything that they forked."""
        self.workers.close()
        self.checkers.close()
        self.groups.drop([], seconds=2.0)

    def timed(self, *work: object) -> tuple[list[dict], float]:
        """Judge one submission, as `judge`; give the new reports, and seconds."""
        start = time.perf_counter()
        return self.judge(*work), time.perf_counter() - start

    def judge(self, steps: list[dict], known: list[dict] = (), shift: int | None = None) -> list[dict]:
        """Judge one submission; give a report for each cell run and each test.

        A checker that dies costs the test that it was at; another goes on behind it.

        Args:
            steps: what there is to do.
            known: reports of an earlier run that still hold; their tests are not run.
            shift: what hidden tests add to their seeds; the bench's own if None.
        """
        shift = self.shift if shift is None else shift
        reports: list[dict] = []
        deadline = time.monotonic() + SUBMISSION_SECONDS
        left = bool(steps)  # a notebook without tests runs too: a person may grade what its cells show
        while left:
            try:
                problem = self._attempt(steps, known, shift, reports, deadline)
            except NotStarted as error:
                self.revive()
                problem = str(error)
            judged = {report["id"] for report in [*reports, *known] if "id" in report}
            known, steps = [], [step for step in steps if step.get("test") not in judged]
            late = time.monotonic() > deadline
            for step in [step for step in steps if "test" in step][: None if late or not problem else 1]:
                verdict, said = ("timed_out", "the submission took too long as a whole") if late else (LOST, problem)
                reports.append({"id": step["test"], "verdict": verdict, "message": said, "seconds": 0.0, "outputs": []})
                steps.remove(step)
            left = any("test" in step for step in steps)
        return reports

    def traces_of(self, exercise: str) -> bytes:
        """What an exercise's misconceptions do under its tests: made when first asked for; empty if it cannot be."""
        with self.lock:
            lock = self.tracing[exercise]
        with lock:
            if exercise not in self.traces:
                try:
                    self.traces[exercise] = self.kept.load(exercise) or self.made_traces(exercise)
                except NotStarted as error:
                    self.traces[exercise] = b""
                    self.undiagnosed.append(f"No mistake in `{exercise}` can be named. {error}")
            return self.traces[exercise]

    def made_traces(self, exercise: str) -> bytes:
        """Have an exercise's traces made, and keep them for later runs."""
        traces = ask(self.checkers, exercise=exercise, seconds=TRACE_SECONDS)
        self.kept.save(exercise, traces)
        return traces

    def revive(self) -> None:
        """Start a template anew that has died."""
        with self.lock:
            if self.workers.process.poll() is not None:
                self.workers.close()
                self.workers = self.start_workers()
            if self.checkers.process.poll() is not None:
                self.checkers.close()
                self.checkers = self.start_checkers()

    def _attempt(
        self, steps: list[dict], known: list[dict], shift: int, reports: list[dict], deadline: float
    ) -> str:  # fmt: skip
        """Let one checker go through steps; say what stopped it, or "" if it came to the end."""
        checker, connection = self.checkers.fork()
        core = self.cores.take(checker.pid)
        session: Child | None = None
        limited: list[Path] = []
        try:
            job = {"steps": steps, "known": list(known), "seconds": self.seconds, "shift": shift}
            send(connection, json.dumps(job).encode())
            while True:
                message = json.loads(receive(connection, deadline))
                if message == "session":
                    if session is not None:
                        session.kill()
                    session, theirs = self.workers.fork()
                    limited += self.groups.put(session.pid)
                    self.cores.bind(session.pid, core)
                    with theirs:
                        socket.send_fds(connection, [b"s"], [theirs.fileno()])
                elif message == "done":
                    return ""
                elif "traces" in message:
                    send(connection, self.traces_of(message["traces"]))
                elif not ("ran" in message and any(message["ran"] == report.get("ran") for report in reports)):
                    reports.append(message)
        except (EOFError, TimeoutError, OSError, WireError, ValueError):
            return "the checker died in this test"
        finally:
            connection.close()
            checker.kill()
            if session is not None:
                session.kill()
            self.cores.give_back(core)
            self.groups.drop(limited)
