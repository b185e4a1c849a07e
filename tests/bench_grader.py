"""Benchmarks of the grader: against plain nbgrader on the same files, its memory, and the attacks."""

import contextlib
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil

from grader import inprocess as in_process
from grader import plain
from grader.course import nbgrader_api, read_notebook
from grader.grade import grade
from grader.named import misconceptions
from grader.places import assignments, source_path
from grader.pool import Bench
from grader.sample_class import Student, submission
from grader.submissions import Submission
from tests.attack_corpus import ASSIGNMENT, attacks, clear_canaries, hand_in
from tests.grading import draw_as_plain

STUDENTS = int(os.environ.get("GRADER_BENCH_STUDENTS", "60"))
PAIRS = int(os.environ.get("GRADER_BENCH_PAIRS", "3"))


def honest(assignment: str, count: int, seed: int = 0) -> dict[str, nbformat.NotebookNode]:
    """Submissions of an invented class: about one exercise in four has a known mistake, one in ten is blank."""
    chance = random.Random(seed)
    known = misconceptions(assignment)
    made = {}
    for number in range(count):
        answers = {}
        for exercise, mistakes in known.items():
            draw = chance.random()
            if draw < 0.1:
                answers[exercise] = "blank"
            elif draw < 0.35:
                answers[exercise] = chance.choice(mistakes).__name__
        made[f"student{number:04d}"] = submission(assignment, Student(0, answers))
    return made


def api_for(folder: Path, submitted: Path):
    """nbgrader with everything below a folder."""
    return nbgrader_api(
        submitted_directory=submitted, autograded_directory=folder / "autograded",
        feedback_directory=folder / "feedback", release_directory=folder / "release",
        db_url=f"sqlite:///{folder / 'gradebook.db'}",
    )  # fmt: skip


def busy() -> float:
    """Seconds that all cores have worked."""
    times = psutil.cpu_times()
    return times.user + times.system + times.nice


def grader_against_plain() -> Iterator[dict]:
    """Seconds per submission: the same files on plain nbgrader and on our grader with two workers, grades equal."""
    assignment = assignments()[-1]
    share = STUDENTS
    ratios, ours_seconds, plain_seconds, work = [], [], [], []
    for pair in range(PAIRS):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            notebooks = honest(assignment, share, seed=pair)
            submitted = hand_in(notebooks, folder / "submitted", assignment)
            api = api_for(folder / "ours", submitted)
            (folder / "ours").mkdir()
            start, worked = time.perf_counter(), busy()
            draw_as_plain(api.coursedir.db_url, assignment)
            ours = grade(api, assignment, submitted, said=lambda line: None)
            ours_seconds.append((time.perf_counter() - start) / share)
            work.append((busy() - worked) / share)
            start = time.perf_counter()
            theirs = autograded(api_for(folder / "plain", submitted), assignment, sorted(notebooks))
            plain_seconds.append((time.perf_counter() - start) / share)
            assert points(ours) == points(theirs), differing(ours, theirs)
            ratios.append(plain_seconds[-1] / ours_seconds[-1])
    yield {"what": f"plain nbgrader, {share} submissions x {PAIRS}", "seconds": statistics.median(plain_seconds)}
    yield {"what": "our grader, two workers, start included", "seconds": statistics.median(ours_seconds)}
    yield {"what": "our grader: work of all cores", "seconds": statistics.median(work)}
    yield {"what": "of that the tests and answers themselves", "seconds": own_arithmetic(assignment)}
    yield {"what": "how many times faster (median of pairs)", "seconds": statistics.median(ratios)}


def autograded(api, assignment: str, students: list[str]) -> list[dict]:
    """Autograde on plain nbgrader, without feedback pages; give the records."""
    true = api.generate_feedback
    api.generate_feedback = lambda *args, **kwargs: {"success": True}
    try:
        return plain.grade(api, assignment, students, said=lambda line: None)
    finally:
        api.generate_feedback = true


def points(records: list[dict]) -> dict[tuple[str, str], float]:
    """(student, cell) -> points."""
    return {(record["student"], cell["id"]): cell["points"] for record in records for cell in record["cells"]}


def differing(some: list[dict], others: list[dict]) -> list:
    """The first cells whose points differ."""
    return sorted(points(some).items() ^ points(others).items())[:5]


def own_arithmetic(assignment: str) -> float:
    """Seconds that the reference's answers and tests take in one warm process."""
    notebook = read_notebook(source_path(assignment))
    in_process.grade(notebook)
    start = time.process_time()
    in_process.grade(notebook)
    return time.process_time() - start


def memory() -> Iterator[dict]:
    """MiB that belong to no other process: of the templates, and of what one honest submission adds to them."""
    assignment = assignments()[-1]
    place = source_path(assignment)
    steps = Submission("reference", place, cells=submission(assignment, Student(0, {})).cells).steps()
    with Bench(place, assignment) as bench, ThreadPoolExecutor(1) as threads:
        templates = own_memory()
        most: dict[int, float] = {}
        judged = threads.submit(bench.judge, steps)
        while not judged.done():
            most |= {pid: max(size, most.get(pid, 0.0)) for pid, size in own_memory().items()}
            time.sleep(0.005)
        assert all(report["verdict"] == "passed" for report in judged.result() if "id" in report)
    added = [size for pid, size in most.items() if pid not in templates]
    yield {"what": "both templates, MiB", "seconds": sum(templates.values())}
    yield {"what": "checker and worker of a submission, MiB", "seconds": sum(added)}


def own_memory() -> dict[int, float]:
    """Process -> MiB that it shares with no other, of all that this process has started."""
    found = {}
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error, OSError):
            found[process.pid] = process.memory_full_info().uss / 2**20
    return found


def attacks_on_both() -> Iterator[dict]:
    """Points that each attack gains (the same submission without it gets 0): ours, and plain nbgrader's.

    Those that would harm this machine run inside the walls only.
    """
    corpus = attacks()
    clear_canaries()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        submitted = hand_in({attack.name: attack.notebook() for attack in corpus}, folder / "submitted")
        ours = {
            record["student"]: record["score"]
            for record in grade(api_for(folder / "ours", submitted), ASSIGNMENT, submitted, seconds=3)
        }
        time.sleep(7)  # a detached process would have acted by now
        assert clear_canaries() == [], "an attack left the sandbox"
        for attack in corpus:
            said = "not run"
            if not attack.walls_only:
                api = api_for(folder / "plain" / attack.name, submitted)
                api.config.Execute.timeout = 10
                (record,) = autograded(api, ASSIGNMENT, [attack.name])
                said = f"{record['score']:g}" if record["outcome"] == "graded" else "lost"
                said += "".join(f", left {path}" for path in clear_canaries())
            what = f"{attack.name}: ours {ours[attack.name]:g}, plain {said}"
            yield {"what": what, "seconds": 0.0, "ours": ours[attack.name], "plain": said}
