"""Judges submissions on a Dask cluster.

The unit of work is plain data: a submission's steps and what they are judged by, and back come reports. A worker keeps
its own templates and sandbox, and reads tests and the grader's code from its own clone of the course, which must be
the same as here. Files and the gradebook stay with the one who grades. Who may talk to a Dask cluster may run
code on it, so it belongs into a network that one trusts, or behind Dask's own TLS.
"""

import atexit
import itertools
import logging
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING

from grader.kept import KeptTraces, beside
from grader.places import GraderError, source_path
from grader.pool import LOST, Bench, limits_of
from grader.reuse import digest, files, of_source, versions
from grader.suite import read_suite

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT_SECONDS = 10
LOOK_SECONDS = 5.0  # between two looks whether anybody is still there
SENT = 64
WORKER_SECONDS = 60.0  # how long to wait for a worker where there is none
BENCHES: dict[str, Bench] = {}
STARTING = threading.Lock()


class NoCluster(GraderError):
    """A cluster cannot be used, or not any more; the message says why and what to do."""


class OtherFiles(GraderError):
    """A worker would grade by other files; the message names it and them."""


def standing(assignment: str) -> dict[str, str]:
    """What results follow from beside the submission, by name, as it is on this machine: hashes and versions."""
    source = source_path(assignment)
    texts = [path.read_text(encoding="utf-8") for path in beside(assignment)]
    return {"source": digest(of_source(read_suite(source, assignment)), texts)} | files() | versions()


def bench_for(terms: dict) -> Bench:
    """This worker's bench for an assignment: started when first asked for, kept, ended with the process.

    Raises:
        OtherFiles: the files here are not those of the one who grades.
        NotStarted: there is no sandbox.
    """
    with STARTING:
        if (key := digest(terms)) not in BENCHES:
            assignment = terms["assignment"]
            here, there = standing(assignment), terms["standing"]
            if other := [name for name in there if here.get(name) != there[name]]:
                raise OtherFiles(
                    f"not the same there as here: {', '.join(other)}. Bring it to the same commit and start it again."
                )
            bench = Bench(source_path(assignment), assignment, walls=terms["walls"], seconds=terms["seconds"])
            bench.ready()
            BENCHES[key] = bench
            atexit.register(bench.close)
        return BENCHES[key]


def judge(terms: dict, steps: list[dict], known: list[dict], shift: int) -> dict:
    """Judge a submission on a worker.

    Args:
        terms: `assignment`, `standing`, `walls` and `seconds`.
        steps, known, shift: as for `Bench.judge`.

    Returns:
        `reports`; `seconds`; `undiagnosed`, sentences for the one who grades. Or only `refused`, why this worker does
        not judge.
    """
    from distributed import get_worker

    try:
        bench = bench_for(terms)
    except GraderError as error:
        return {"refused": f"The worker at {get_worker().address} cannot grade: {error}"}
    reports, took = bench.timed(steps, known, shift)
    return {"reports": reports, "seconds": took, "undiagnosed": list(bench.undiagnosed)}


def sent() -> Callable[..., dict]:
    """What a worker is sent: it looks for `judge` when it runs.

    Sent by name, a function that a worker lacks ends that worker, and the next one, before they can say so.
    """

    def there(*work: object) -> dict:
        from grader.cluster import judge

        return judge(*work)

    return there


class Cluster:
    """A bench on a Dask cluster: used as `grader.pool.Bench` is, from as many threads as `workers` says."""

    def __init__(self, address: str, assignment: str, *, walls: bool = True, seconds: float = 20.0) -> None:
        self.address, self.seconds, self.shift = address, seconds, 0
        self.kept = KeptTraces(source_path(assignment), assignment)
        self.terms = {"assignment": assignment, "standing": standing(assignment), "walls": walls, "seconds": seconds}
        self.undiagnosed: list[str] = []
        self.limits = limits_of(seconds, walls)
        self.run, self.numbers = secrets.token_hex(4), itertools.count(1)
        self.client = connected(address)
        self.threads = sum(self.client.nthreads().values())

    @property
    def workers(self) -> int:
        """How many submissions are sent at a time: enough that no thread waits for us, nor one that joins later."""
        return max(2 * self.threads, SENT)

    def notes(self) -> list[str]:
        """What is to be said before grading begins."""
        if not self.threads:
            return [f"The cluster at {self.address} has no worker yet; waiting for one."]
        return [f"{self.threads} at a time on the cluster at {self.address}; watch it at {self.client.dashboard_link}"]

    def ready(self) -> None:
        """Nothing is to be waited for: workers start what they need with their first submission."""

    def close(self) -> None:
        """Take back what is not judged yet, and leave the cluster; who waits for an answer gets none."""
        self.client.close(timeout=CONNECT_SECONDS)

    def timed(self, steps: list[dict], known: list[dict]) -> tuple[list[dict], float]:
        """Have a submission judged; give the new reports, and the seconds that its worker took.

        Dask gives it to another worker where one is lost. A submission with which worker after worker was lost goes
        to a person.

        Raises:
            NoCluster: the scheduler or all workers went away, or a worker cannot grade.
        """
        from distributed import KilledWorker

        key = (self.terms["assignment"], self.run, next(self.numbers))  # its first part names a bar on the dashboard
        try:
            answer = self.answer(self.client.submit(sent(), self.terms, steps, known, self.shift, key=key, pure=False))
        except KilledWorker:
            judged = {report["id"] for report in known if "id" in report}
            tests = [step["test"] for step in steps if "test" in step and step["test"] not in judged]
            lost = {"verdict": LOST, "message": "one worker after another was lost", "seconds": 0.0, "outputs": []}
            return [{"id": test, **lost} for test in tests], 0.0
        except NoCluster:
            raise
        except CancelledError:
            raise self.lost() from None
        except Exception as error:  # Dask raises here what was raised there, such as that there is no `grader`
            if self.client.status != "running":
                raise self.lost() from error
            raise NoCluster(
                f"The cluster could not judge ({type(error).__name__}: {str(error)[:300]}). "
                "Its scheduler and workers must be started in clones of this course."
            ) from error
        if "refused" in answer:
            raise NoCluster(answer["refused"])
        self.undiagnosed += [line for line in answer["undiagnosed"] if line not in self.undiagnosed]
        return answer["reports"], answer["seconds"]

    def answer(self, future: "Future") -> dict:
        """Wait for what a worker answers, as long as there is a scheduler with workers."""
        alone_since = None
        while not self.ended(future):
            try:
                threads = self.client.nthreads()
            except (OSError, ValueError):  # what a client that is closed, or about to be, raises
                raise self.lost() from None
            now = time.monotonic()
            alone_since = None if threads else alone_since or now
            if alone_since and now - alone_since > WORKER_SECONDS:
                raise NoCluster(
                    f"The cluster at {self.address} has no worker: `.venv/bin/dask worker {self.address}` starts one. "
                    "Then run the same command again."
                )
        return future.result()

    def ended(self, future: "Future") -> bool:
        """Wait a while for a worker to answer, or to fail; tell whether it did."""
        try:
            future.exception(timeout=LOOK_SECONDS)  # what the worker raised is given, not raised
        except TimeoutError:
            return False
        return True

    def lost(self) -> NoCluster:
        """What to say when the scheduler went away."""
        return NoCluster(
            f"The Dask scheduler at {self.address} went away. What is in the gradebook stays; start the cluster again, "
            "or leave `--scheduler` out, and run the same command again."
        )


def connected(address: str) -> "Client":
    """A client of a cluster.

    Raises:
        NoCluster: Dask is not installed, or no scheduler answers.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise NoCluster(
            f"`--scheduler` needs Dask ({error}): `.venv/bin/python -m pip install -e '.[cluster]'`."
        ) from None
    for name in ("distributed", "distributed.client"):  # what they would log is raised, and said in our words
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise NoCluster(
            f"No Dask scheduler answers at {address} ({' '.join(str(error).split())[:200]}). "
            "Start one with `.venv/bin/dask scheduler`, or leave `--scheduler` out."
        ) from None
