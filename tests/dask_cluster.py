"""A Dask cluster of the tests' own, on loopback."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

DASK = Path(sys.executable).with_name("dask")
PATIENCE = 60  # seconds after which something will not happen any more


class Dask:
    """A scheduler and workers on loopback.

    Args:
        folder: for what they write.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, port, page = folder, free_port(), free_port()
        self.address, self.site = f"tcp://127.0.0.1:{port}", f"http://127.0.0.1:{page}"
        where = ["--host", "127.0.0.1", "--port", str(port), "--dashboard-address", f"127.0.0.1:{page}"]
        self.workers: list[subprocess.Popen] = []
        self.scheduler = self.start("scheduler", *where)
        until(lambda: "dask_scheduler_workers" in self.page("metrics"))

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen:
        """Start one of Dask's programs."""
        with (self.folder / "dask.log").open("a") as log:
            line = [str(DASK), *arguments]
            return subprocess.Popen(line, cwd=self.folder, env=os.environ | environment, stdout=log, stderr=log)

    def add_worker(self, **environment: str) -> None:
        """Start a worker that judges one submission at a time, and wait until it belongs to the cluster."""
        where = ["--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        where += ["--local-directory", str(self.folder)]
        self.workers.append(self.start("worker", self.address, *where, **environment))
        alive = sum(worker.poll() is None for worker in self.workers)
        until(lambda: self.idle(alive))

    def idle(self, count: int) -> bool:
        """Whether the scheduler has as many workers that wait for work."""
        return f'dask_scheduler_workers{{state="idle"}} {count}.0' in self.page("metrics")

    def page(self, path: str) -> str:
        """A page of the dashboard's server; empty while it does not answer."""
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.site}/{path}", timeout=10) as answer:
            return answer.read().decode()
        return ""

    def close(self) -> None:
        """End all of it, the scheduler last: a worker that ends at the same moment as its scheduler may hang."""
        for processes in (self.workers, [self.scheduler]):
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(PATIENCE)


def free_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def until(there: Callable[[], bool]) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + PATIENCE
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.05)
