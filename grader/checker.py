"""The checker: runs test cells on stand-ins for the student's names, and records what they show.

A checker is forked from a template that holds the tests, one for each submission, so that a test which crashes or
fills the memory costs one submission. It runs no student code. It asks the orchestrator for a session of the worker,
has the cells run there in order, and tries each exercise where its test cells stand, as a notebook would. A worker
that dies or hangs costs the test that it was at: another one runs the cells again and goes on.
"""

import builtins
import contextlib
import io
import socket
import time
from collections.abc import Callable
from typing import Any

import torch

from grader.calls import Calls
from grader.channel import EXERCISE, RUN, WireError, receive, send
from grader.diagnosis import diagnosed
from grader.lost import Lost, TimedOut, Unfit
from grader.seeds import notice_seeds
from grader.served import second_tries
from grader.suite import LAST, SHIFT, Cell, Suite, compiled, names_in, to_diagnose
from grader.wire import decode, encode

GRACE = 3.0  # seconds between the interrupt inside the worker and the kill from outside
MAX_RESTARTS = 12
MAX_MESSAGE = 2000
KEPT_TEXT = 100_000


class Session:
    """A worker that runs the student's cells and answers calls on what they defined."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    def run(self, source: str, seconds: float) -> tuple[Any, list]:
        """Run a cell; give what it raised, or None, and its outputs."""
        deadline = time.monotonic() + seconds + GRACE
        try:
            send(self.connection, encode((source, seconds)), deadline, command=RUN)
            reply = decode(receive(self.connection, deadline))
        except TimeoutError:
            raise TimedOut(f"the cell ran longer than {seconds:g} s") from None
        except (EOFError, OSError):
            raise Lost("the cell ended the process that ran it") from None
        except WireError as error:
            raise Lost(f"the cell's outputs cannot be used: {error}") from None
        error, outputs = checked_run(reply)
        return error, outputs

    def begin(self) -> Calls:
        """Begin an exercise: calls on the student's namespace as it is now."""
        with contextlib.suppress(OSError):  # a worker that died says so at the first call
            send(self.connection, b"", command=EXERCISE)
        return Calls(self.connection)


def checked_run(reply: Any) -> tuple[tuple[str, str, list] | None, list[dict]]:
    """Check the form of what a session says about a cell."""
    if type(reply) is not tuple or len(reply) != 2 or type(reply[1]) is not list:
        raise Lost("the cell's outputs cannot be used")
    error, outputs = reply
    if error is not None:
        plain = type(error) is tuple and [type(part) for part in error] == [str, str, list]
        if not plain or any(type(line) is not str for line in error[2]):
            raise Lost("the cell's error cannot be used")
        error = (error[0][:100], error[1][:MAX_MESSAGE], [line[:KEPT_TEXT] for line in error[2][:50]])
    return error, [output for output in map(checked_output, outputs[:200]) if output]


def checked_output(output: Any) -> dict | None:
    """Build an output anew from the parts that have the form they should."""
    if type(output) is not dict:
        return None
    kind, data = output.get("output_type"), output.get("data")
    if kind == "stream" and output.get("name") in ("stdout", "stderr") and type(output.get("text")) is str:
        return {"output_type": kind, "name": output["name"], "text": output["text"][:KEPT_TEXT]}
    if kind in ("display_data", "execute_result") and type(data) is dict:
        kept = {name: data[name] for name in ("text/plain", "image/png") if type(data.get(name)) is str}
        number = {"execution_count": None} if kind == "execute_result" else {}
        return {"output_type": kind, "data": kept, "metadata": {}, **number}
    return None


class Checker:
    """Judges one submission.

    Args:
        suite: the assignment's tests.
        new_session: gives a fresh worker, and kills the one before.
        report: called with a dict for each cell that is run or judged.
        seconds: limit of a cell.
        shift: what to add to the seeds in hidden tests.
        traces: gives those of an exercise's misconceptions, see `grader.traces`; no diagnosis without.
    """

    def __init__(
        self,
        suite: Suite,
        new_session: Callable[[], Session],
        report: Callable[[dict], None],
        seconds: float,
        shift: int = 0,
        traces: Callable[[str], bytes] | None = None,
    ) -> None:
        self.suite, self.new_session, self.report = suite, new_session, report
        self.seconds, self.shift, self.traces = seconds, shift, traces
        notice_seeds()
        self.session: Session | None = None
        self.restarts = 0
        self.ran: list[dict] = []  # cells that ran through, to be run again in a fresh worker
        self.errors: dict[str, tuple[str, str, str]] = {}  # cell -> (verdict, error's name, message)
        self.results: dict[str, dict] = {}  # test cell -> its report
        self.named: set[str] = set()  # exercises whose diagnosis is known
        self.served: dict[str, Callable] = {}  # names that are ours in the student's namespace

    def judge(self, steps: list[dict], known: list[dict] = ()) -> None:
        """Judge a submission, try again what failed because of an earlier part, name known mistakes.

        Args:
            steps: what there is to do.
            known: reports of an earlier run that still hold, see `grader.reuse`.
        """
        self.results = {report["id"]: report for report in known if "id" in report}
        self.named = {report["exercise"] for report in known if "exercise" in report}
        self.go_through([step for step in steps if step.get("test") not in self.results])
        for report in second_tries(self, steps):
            self.results[report["id"]] = report
            self.report(report)
        if self.traces is not None:
            self.diagnose()

    def again(self, served: dict[str, Callable], steps: list[dict]) -> dict[str, dict]:
        """Go through some steps in a fresh session with some names served; give the reports of their test cells."""
        other = Checker(self.suite, self.new_session, lambda report: None, self.seconds, self.shift)
        other.served = served
        other.go_through(steps)
        return other.results

    def go_through(self, steps: list[dict]) -> None:
        """Run a submission's cells, judge the tests where they stand."""
        calls, exercise = None, None
        for step in steps:
            if "run" in step:
                calls = None
                self.run_cell(step)
                continue
            cell = self.suite.cells[step["test"]]
            start = time.perf_counter()
            try:
                if calls is None or calls.lost or cell.exercise != exercise:
                    calls, exercise = self.start_exercise(cell.exercise), cell.exercise
                result = self.judge_cell(cell, calls)
            except Lost as lost:
                result = {"verdict": lost.verdict, "message": str(lost)}
            if calls is not None and calls.lost:
                self.session = None
            seconds = round(time.perf_counter() - start, 4)
            self.results[cell.id] = {"id": cell.id, "seconds": seconds, "outputs": [], **result}
            self.report(self.results[cell.id])

    def diagnose(self) -> None:
        """Report the misconception, or None, that each failed exercise behaves like, now that every verdict stands."""
        verdicts = {name: result["verdict"] for name, result in self.results.items()}
        for exercise in to_diagnose(verdicts, self.suite):
            if exercise in self.named:
                continue
            try:
                self.alive()
                traces = self.traces(exercise)
                connection = self.session.connection
                name = traces and diagnosed(self.suite, exercise, connection, traces, seconds=self.seconds)
            except Lost:
                return
            self.report({"exercise": exercise, "misconception": name or None})

    def start_exercise(self, exercise: str) -> Calls:
        """Begin an exercise; start the worker anew where it is gone."""
        tests = [cell for cell in self.suite.tests if cell.exercise == exercise]
        wanted = {name for cell in tests for name in names_in(compiled(cell))}
        wanted &= self.suite.answers | self.suite.loose
        for _ in range(2):
            try:
                self.alive()
                calls = self.session.begin()
                calls.deadline = time.monotonic() + self.seconds
                calls.serve(self.served)
                calls.student_names = calls.names(sorted(wanted))
                return calls
            except Lost as lost:
                self.session, last = None, lost
        raise last

    def alive(self) -> None:
        """See to it that there is a worker in which every cell so far has run."""
        if self.session is not None:
            return
        self.restarts += 1
        if self.restarts > MAX_RESTARTS:
            raise Lost(f"your code was started {MAX_RESTARTS} times and died or hung each time")
        self.session = self.new_session()
        for step in list(self.ran):
            self.session.run(step["run"], self.seconds)

    def run_cell(self, step: dict) -> None:
        """Run one of the student's cells; a cell that kills its worker is left out from then on."""
        start, outputs = time.perf_counter(), []
        try:
            self.alive()
            error, outputs = self.session.run(step["run"], self.seconds)
            self.ran.append(step)
            verdict = "timed_out" if error and error[0] == "CellTimeoutError" else "failed"
        except Lost as lost:
            self.session = None
            verdict, error = lost.verdict, (type(lost).__name__, str(lost), [])
        if error:
            self.errors[step["id"]] = (verdict, error[0], error[1])
            shown = error[2] or [f"{error[0]}: {error[1]}"]
            outputs.append({"output_type": "error", "ename": error[0], "evalue": error[1], "traceback": shown})
        self.report({"ran": step["index"], "seconds": round(time.perf_counter() - start, 4), "outputs": outputs})

    def judge_cell(self, cell: Cell, calls: Calls) -> dict:
        """Run one test cell; only its own end without an error, on a worker that lived, is a pass."""
        calls.deadline = time.monotonic() + self.seconds
        calls.printed.clear()
        calls.functions.forget()
        torch.default_generator.manual_seed(0)  # torch.manual_seed walks every device that torch knows
        calls.start_random()
        code = compiled(cell)
        wanted = names_in(code) & calls.student_names.keys()
        said = io.StringIO()
        error: BaseException | None = None
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
            try:
                namespace: dict[str, Any] = {"__name__": "__main__", SHIFT: self.shift}
                self.set_up(namespace)
                own = {name: calls.student_names[name] for name in wanted if name not in namespace}
                namespace |= {name: value for name, value in own.items() if not hasattr(builtins, name)}
                exec(code, namespace)
            except BaseException as raised:
                error = raised
            finally:
                torch.set_grad_enabled(True)
        text = "" if cell.hidden else ("".join(calls.printed) + said.getvalue())[:KEPT_TEXT]
        outputs = [{"output_type": "stream", "name": "stdout", "text": text}] if text else []
        if calls.lost is not None:
            return {"verdict": calls.lost.verdict, "message": str(calls.lost), "outputs": outputs}
        if isinstance(error, Lost):
            return {"verdict": error.verdict, "message": str(error), "outputs": outputs}
        if error is None and type(namespace.get(LAST)) in (int, float):
            message = (
                f"its last line gives {namespace[LAST]}, partial credit to nbgrader; here a cell is all or nothing"
            )
            return {"verdict": Unfit.verdict, "message": message, "outputs": outputs}
        if error is None:
            return {"verdict": "passed", "message": "", "outputs": outputs}
        return {**self.explain(cell, error, calls), "outputs": outputs}

    def set_up(self, namespace: dict[str, Any]) -> None:
        """Run the source's locked code; where it needs a student's names or files, no test can be judged."""
        for part in self.suite.setup:
            try:
                exec(compiled(part), namespace)
            except Exception as error:
                raise Unfit(f"the source's `{part.id}` does not run by itself: {error_text(error)}") from error
        namespace.pop(LAST, None)

    def explain(self, cell: Cell, error: BaseException, calls: Calls) -> dict:
        """Say what a test's failure means, without telling what a hidden test does."""
        name = getattr(error, "_grader_name", type(error).__name__)
        if isinstance(error, NotImplementedError) and "not started" in str(error):
            return {"verdict": "not_attempted", "message": f"NotImplementedError: {error}"[:MAX_MESSAGE]}
        absent = isinstance(error, NameError) and error.name in self.suite.answers
        if absent and error.name not in calls.student_names:
            answer = next((cell_id for cell_id in self.errors if cell_id == f"{cell.exercise}-answer"), None)
            if answer is None:
                return {"verdict": "missing", "message": f"NameError: {error}"}
            verdict, error_name, message = self.errors[answer]
            return {"verdict": verdict, "message": f"your answer cell stopped: {error_name}: {message}"[:MAX_MESSAGE]}
        foreign = not isinstance(error, AssertionError) or hasattr(error, "_grader_name")
        if cell.hidden and foreign:
            where = "your code raised it" if hasattr(error, "_grader_name") else "what your code gave does not fit"
            return {"verdict": "failed", "message": f"{name}, in a hidden test: {where}"}
        return {"verdict": "failed", "message": f"{name}: {error_text(error)}"[:MAX_MESSAGE].strip(": ")}


def error_text(error: BaseException) -> str:
    """An exception's message; a stand-in inside it may have died."""
    try:
        return str(error)
    except BaseException as second:
        return f"(its message could not be read: {type(second).__name__})"
