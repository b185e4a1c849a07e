"""A limit on the memory and processes of a whole session, where this machine lets us set one.

Without it the limits of `grader.template` hold for each process, not for a tree of them.
"""

import contextlib
import itertools
import os
import time
from pathlib import Path

MEMORY = 4 * 2**30
PROCESSES = 64
ROOT = Path("/sys/fs/cgroup")
NUMBERS = itertools.count()  # of all groups that this process makes, so that no two have one name
# Where the two generations of control groups have their limits.
FILES = {
    "memory": ("memory.limit_in_bytes",),
    "pids": ("pids.max",),
    "": ("memory.max", "pids.max"),
}


class Groups:
    """Control groups of the sessions of one grading run; a machine that allows none gives groups that do nothing."""

    def __init__(self, memory: int = MEMORY) -> None:
        self.memory = memory
        self.ending: list[Path] = []
        self.parents = {name: path for name, path in own_groups().items() if usable(path, name)}

    @property
    def missing(self) -> str:
        """A sentence where memory cannot be limited for a whole session; "" where it can."""
        if {"memory", ""} & self.parents.keys():
            return ""
        return "No control group can be made here: memory is limited for each process, not for a whole submission."

    def put(self, pid: int) -> list[Path]:
        """Put a process, and all that it will start, into a fresh group; give what `drop` has to remove."""
        made = []
        name = f"grader-{os.getpid()}-{next(NUMBERS)}"
        for controller, parent in self.parents.items():
            path = parent / name
            with contextlib.suppress(OSError):
                make(path, controller, self.memory)
                made.append(path)
                (path / "cgroup.procs").write_text(str(pid))
        return made

    def drop(self, paths: list[Path], *, seconds: float = 0.0) -> None:
        """Remove the groups of a session that has been killed, now or, while it is still ending, at a later call.

        Args:
            paths: what `put` gave.
            seconds: how long to wait for those that are still ending.
        """
        self.ending += paths
        until = time.monotonic() + seconds
        while True:
            for path in list(self.ending):
                with contextlib.suppress(OSError, ValueError):  # ValueError: another thread was faster
                    path.rmdir()
                    self.ending.remove(path)
            if not self.ending or time.monotonic() >= until:
                return
            time.sleep(0.01)


def own_groups() -> dict[str, Path]:
    """Controller -> the group that this process is in; "" stands for the second generation."""
    found = {}
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers in ("memory", "pids"):
                found[controllers] = ROOT / controllers / path.lstrip("/")
            elif controllers == "" and (ROOT / "cgroup.controllers").exists():
                found[""] = ROOT / path.lstrip("/")
    return found


def make(path: Path, controller: str, memory: int = MEMORY) -> None:
    """Make one group with its limits."""
    path.mkdir()
    for name in FILES[controller]:
        (path / name).write_text(str(PROCESSES if name == "pids.max" else memory))


def usable(parent: Path, controller: str) -> bool:
    """Try whether a group with a limit can be made below another."""
    trial = parent / f"grader-{os.getpid()}-trial"
    try:
        if controller == "":
            (parent / "cgroup.subtree_control").write_text("+memory +pids")
        make(trial, controller)
    except OSError:
        return False
    finally:
        with contextlib.suppress(OSError):
            trial.rmdir()
    return True
