"""Which core a checker and its worker share.

They take turns: while one works the other waits. On two cores each turn wakes a sleeping core, which costs more than
most calls do; on one core a submission takes a fifth less of all cores' time.
"""

import contextlib
import os
from pathlib import Path

Core = int | None


class Cores:
    """The cores that no submission has."""

    def __init__(self) -> None:
        self.free = os.sched_getaffinity(0)

    def take(self, pid: int) -> Core:
        """Bind a new process to the core that it was started on, or to another free one; None where there is none.

        The system starts a process where least is going on, and other programs, graders too, share the machine.
        """
        core = last_core(pid)
        try:
            self.free.remove(core)
        except KeyError:
            core = self.free.pop() if self.free else None
        self.bind(pid, core)
        return core

    def bind(self, pid: int, core: Core) -> None:
        """Bind a process to a core; one that has ended, or None for a core, is no error."""
        if core is not None:
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(pid, {core})

    def give_back(self, core: Core) -> None:
        """Let others have a core."""
        if core is not None:
            self.free.add(core)


def last_core(pid: int) -> Core:
    """The core that a process has run on last; None if it has ended."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return int(status.rpartition(")")[2].split()[36])  # the 39th field of proc(5), counted from the third
