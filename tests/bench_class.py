"""Benchmarks of whole classes: growth, a Dask cluster, grading again; every way must leave the same grades."""

import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from grader.kept import FOLDER
from grader.places import ROOT, assignments
from tests.attack_corpus import hand_in
from tests.bench_grader import api_for, autograded, differing, honest, points
from tests.dask_cluster import Dask
from tests.grading import Course, check_gradebook, draw_as_plain, grade_line, timeless

SIZES = [int(size) for size in os.environ.get("GRADER_BENCH_SIZES", "30,300,1000").split(",")]
SAMPLE = int(os.environ.get("GRADER_BENCH_SAMPLE", "20"))  # of the largest class, for plain nbgrader
COLUMN = int(os.environ.get("GRADER_BENCH_COLUMN", "100"))  # submissions of which one column is judged again
ASSIGNMENT = assignments()[-1]
CHANGED = "adam_step-hidden-2"
LOOK_SECONDS = 1.0


@dataclass
class Graded:
    """A class, graded by the command line.

    Args:
        folder: holds `submitted`, and all that is written.
        seconds: from start to end.
        own: MiB of the process that grades, at its largest.
        all: MiB of it and all that it started, at their largest, memory that they share counted once.
    """

    folder: Path
    seconds: float
    own: float
    all: float

    @property
    def records(self) -> list[dict]:
        """What results.json says, without times."""
        return [timeless(record) for record in json.loads((self.folder / "results.json").read_text())]

    @property
    def files(self) -> dict[str, bytes]:
        """The autograded notebooks."""
        found = (self.folder / "autograded").glob("**/*.ipynb")
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in found}

    def check(self) -> None:
        """Assert that the gradebook is whole and says what results.json says."""
        check_gradebook(f"sqlite:///{self.folder / 'gradebook.db'}", ASSIGNMENT, self.records)


def graded(folder: Path, *options: str, root: Path = ROOT) -> Graded:
    """Grade a class with the command line, on plain nbgrader's draws; look at its memory every now and then."""
    folder.mkdir(exist_ok=True)
    if not (folder / "gradebook.db").exists():
        draw_as_plain(f"sqlite:///{folder / 'gradebook.db'}", ASSIGNMENT)
    command = [sys.executable, "-W", "ignore", "-m", "grader", *grade_line(ASSIGNMENT, folder, *options)]
    environment = os.environ | {"PYTHONPATH": str(root)}
    own = everything = 0.0
    start = time.perf_counter()
    with (folder / "log").open("a") as log:
        process = psutil.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)
        while True:
            try:
                process.wait(LOOK_SECONDS)
                break
            except psutil.TimeoutExpired:
                with contextlib.suppress(psutil.Error):  # it has just ended
                    own = max(own, process.memory_info().rss / 2**20)
                    everything = max(everything, sum(shares(process)))
    seconds = time.perf_counter() - start
    assert process.returncode in (0, 1), (folder / "log").read_text()[-2000:]
    return Graded(folder, seconds, own, everything)


def shares(process: psutil.Process) -> Iterator[float]:
    """MiB of a process and of each that it has started, shared memory divided among those who share it."""
    for one in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.Error):  # it has ended
            yield one.memory_full_info().pss / 2**20


def handed_in(size: int, folder: Path) -> Path:
    """Let an invented class hand in; give the folder of its submissions."""
    return hand_in(honest(ASSIGNMENT, size), folder / "submitted", ASSIGNMENT)


def class_sizes() -> Iterator[dict]:
    """Seconds per submission, and MiB, as the class grows; the largest on Dask too, on plain nbgrader, and again."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for size in SIZES:
            submitted = handed_in(size, folder / str(size))
            local = graded(folder / str(size))
            local.check()
            assert len(local.records) == size
            yield {"what": f"{size} submissions, per submission", "seconds": local.seconds / size}
            yield {"what": f"{size} submissions, MiB of the process that grades", "seconds": local.own}
            yield {"what": f"{size} submissions, MiB of all processes", "seconds": local.all}
        records, files = local.records, local.files
        again = graded(local.folder)
        assert (again.records, again.files) == (records, files)
        yield {"what": f"{size} submissions again, nothing changed, per submission", "seconds": again.seconds / size}
        yield from on_a_cluster(folder / "cluster", submitted, records, files)
        yield from on_plain(folder / "plain", submitted, records)


def on_a_cluster(folder: Path, submitted: Path, records: list[dict], files: dict[str, bytes]) -> Iterator[dict]:
    """Grade a class on a Dask scheduler and two workers; records, notebooks and gradebook must be the local pool's."""
    (folder / "class").mkdir(parents=True)
    (folder / "class" / "submitted").symlink_to(submitted)
    dask = Dask(folder)
    try:
        dask.add_worker()
        dask.add_worker()
        there = graded(folder / "class", "--scheduler", dask.address)
    finally:
        dask.close()
    assert points(there.records) == points(records), differing(there.records, records)
    assert there.records == records
    assert there.files == files
    there.check()
    yield {
        "what": f"{len(records)} submissions, two Dask workers, per submission",
        "seconds": there.seconds / len(records),
    }
    yield {"what": f"{len(records)} submissions, MiB of the process that grades with Dask", "seconds": there.own}


def on_plain(folder: Path, submitted: Path, records: list[dict]) -> Iterator[dict]:
    """Grade some of a class on plain nbgrader; points must be ours."""
    chosen = records[:: max(1, len(records) // SAMPLE)][:SAMPLE]
    start = time.perf_counter()
    theirs = autograded(api_for(folder, submitted), ASSIGNMENT, [record["student"] for record in chosen])
    seconds = (time.perf_counter() - start) / len(chosen)
    assert points(theirs) == points(chosen), differing(theirs, chosen)
    yield {"what": f"plain nbgrader on {len(chosen)} of them, per submission", "seconds": seconds}


def one_changed_test() -> Iterator[dict]:
    """Seconds for a class after a hidden test got one true assertion more: that column again, or all; grades equal."""
    with tempfile.TemporaryDirectory() as scratch:
        course = Course.copied(Path(scratch) / "course", ASSIGNMENT)
        if FOLDER.exists():  # what named mistakes do, if any class was graded here before
            shutil.copytree(FOLDER, course.root / FOLDER.relative_to(ROOT))
        folder = handed_in(COLUMN, Path(scratch) / "class").parent
        first = graded(folder, root=course.root)
        before = points(first.records)
        course.change(CHANGED, "assert True")
        column = graded(folder, root=course.root)
        records, files = column.records, column.files
        assert points(records) == before
        fresh = graded(folder, "--fresh", root=course.root)
        assert (fresh.records, fresh.files) == (records, files)
        fresh.check()
    for what, run in (("first", first), ("one test changed", column), ("--fresh", fresh)):
        yield {"what": f"{COLUMN} submissions, {what}, all of it", "seconds": run.seconds}
