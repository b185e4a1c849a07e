"""Try many answers on an assignment's own tests: each in a process of its own that is killed when it takes too long.

Answers of ours alone are tried: there are no walls. Two workers import torch once and fork for each trial, so that no
answer meets what another left behind and one that loops for ever costs its time limit and nothing else.
"""

import ast
import copy
import functools
import gc
import multiprocessing
import os
import pickle
import select
import signal
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat
import torch

from grader.course import read_notebook
from grader.inprocess import grade, graded_code, with_answers
from grader.suite import SHIFT, Shift

SECONDS = 20.0
MEMORY = 4 * 2**30  # what a trial may take on top of what its worker has
EVERYTHING = "every cell"


@dataclass(frozen=True)
class Trial:
    """One answer to one exercise, or the reference's notebook.

    Args:
        notebook: path of a source notebook.
        exercise: whose graded cells are run; all if empty.
        answer: source of its answer cell; the reference's if None.
        seed: what torch's own generator is seeded with before each graded cell; not seeded if None.
        shift: what hidden tests add to their own seeds.
        threads: how many torch may use.
    """

    notebook: Path
    exercise: str = ""
    answer: str | None = None
    seed: int | None = None
    shift: int = 0
    threads: int = 1


@functools.cache
def read_once(path: Path) -> nbformat.NotebookNode:
    """A notebook, read once: not to be changed."""
    return read_notebook(path)


@functools.cache
def shifted_once(path: Path) -> nbformat.NotebookNode:
    """A notebook whose hidden tests add what the name SHIFT holds to their seeds: not to be changed."""
    notebook = read_notebook(path)
    for cell in graded_code(notebook):
        if "-hidden" in cell.id:
            cell.source = ast.unparse(ast.fix_missing_locations(Shift().visit(ast.parse(cell.source))))
    return notebook


def verdicts_of(trial: Trial) -> dict[str, str]:
    """Run a trial in this process; give the id of each graded cell -> "" when it passed, else what it says."""
    notebook = copy.deepcopy((shifted_once if trial.shift else read_once)(trial.notebook))
    if trial.answer is not None:
        notebook = with_answers(notebook, {trial.exercise: trial.answer})
    torch.set_num_threads(trial.threads)

    def before() -> None:
        if trial.seed is not None:
            torch.manual_seed(trial.seed)

    own = f"{trial.exercise}-" if trial.exercise else ""
    return grade(notebook, only=lambda cell: cell.startswith(own), before=before, given={SHIFT: trial.shift})


def start_worker() -> None:
    """What each worker does once: one thread, so that it may fork."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@functools.cache
def warm_up(notebook: Path) -> None:
    """Run the reference once, so that what torch imports late is there before the forks."""
    verdicts_of(Trial(notebook))
    gc.collect()
    gc.freeze()


def forked(trial: Trial, seconds: float) -> dict[str, str]:
    """Run a trial in a fork of this process; a fork that ends without a word, or not in time, fails every cell."""
    warm_up(trial.notebook)
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        try:
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1)
            os.dup2(silent, 2)
            import resource  # Windows, where authors work too, has none

            taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, taken + MEMORY))
            with os.fdopen(writer, "wb") as pipe:
                pipe.write(pickle.dumps(verdicts_of(trial)))
        finally:
            os._exit(0)
    os.close(writer)
    try:
        with os.fdopen(reader, "rb", buffering=0) as pipe:
            said, deadline = b"", time.monotonic() + seconds
            while select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
                if not (part := pipe.read(2**16)):
                    return pickle.loads(said) if said else {EVERYTHING: "the process died"}
                said += part
        return {EVERYTHING: f"not done after {seconds:g} s"}
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def run(trials: Iterable[Trial], *, seconds: float = SECONDS, processes: int = 2) -> list[dict[str, str]]:
    """Run trials, some at a time; give the verdicts of each, in order: see `verdicts_of` and `forked`."""
    context = multiprocessing.get_context("spawn")
    trials = list(trials)
    with ProcessPoolExecutor(processes, mp_context=context, initializer=start_worker) as pool:
        return list(pool.map(forked, trials, [seconds] * len(trials), chunksize=8))
