"""A Dask cluster grades as this machine does, whoever of it is killed midway: a real scheduler, real workers."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from grader.__main__ import main
from grader.places import ROOT
from grader.sample_class import STUDENTS, submission
from tests.attack_corpus import ASSIGNMENT, hand_in
from tests.dask_cluster import PATIENCE, Dask, free_port, until
from tests.grading import Course, grade_line, need_walls
from tests.test_crash import command, run, state

SOME = ("ada", "blank", "chen", "emil", "fatou", "lea")


@pytest.fixture(scope="module")
def dask(tmp_path_factory) -> Iterator[Dask]:
    """A cluster of two workers; afterwards nothing that they started is left."""
    need_walls()
    cluster = Dask(tmp_path_factory.mktemp("dask"))
    try:
        cluster.add_worker()
        cluster.add_worker()
        yield cluster
        family = [child for worker in cluster.workers if worker.poll() is None for child in below(worker)]
        assert family
    finally:
        cluster.close()
    assert psutil.wait_procs(family, timeout=10)[1] == []


def below(process: subprocess.Popen) -> list[psutil.Process]:
    """All that a process has started."""
    return psutil.Process(process.pid).children(recursive=True)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory) -> Path:
    """A class that handed in."""
    folder = tmp_path_factory.mktemp("fresh")
    hand_in({name: submission(ASSIGNMENT, STUDENTS[name]) for name in SOME}, folder / "submitted")
    return folder


@pytest.fixture(scope="module")
def whole(fresh, tmp_path_factory) -> dict:
    """What the local pool leaves behind."""
    folder = tmp_path_factory.mktemp("whole") / "class"
    shutil.copytree(fresh, folder)
    done = run(folder)
    assert done.returncode == 0, done.stderr
    return state(folder)


@contextlib.contextmanager
def grading(folder: Path, scheduler: str) -> Iterator[subprocess.Popen]:
    """Grade on a cluster; the body comes when the first submission is done, and the end after it."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    line = command(folder, scheduler=scheduler)
    process = subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        until(lambda: process.poll() is not None or any(folder.glob(".grader/*/*.json")))
        assert process.poll() is None, process.communicate()
        yield process
        process.said = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()


def test_a_cluster_leaves_what_the_local_pool_leaves(dask, fresh, whole, tmp_path):
    shutil.copytree(fresh, tmp_path / "class")
    with grading(tmp_path / "class", dask.address) as process:
        pass
    assert process.returncode == 0, process.said
    assert f"2 at a time on the cluster at {dask.address}; watch it at {dask.site}/status" in process.said[0]
    assert state(tmp_path / "class") == whole
    assert "<title>" in dask.page("status")
    judged = f'dask_scheduler_prefix_state_totals_total{{state="memory",task_prefix_name="{ASSIGNMENT}"}} {len(SOME)}.0'
    assert judged in dask.page("metrics")


def test_a_worker_is_killed_and_others_do_its_work(dask, fresh, whole, tmp_path):
    shutil.copytree(fresh, tmp_path / "class")
    with grading(tmp_path / "class", dask.address) as process:
        family = below(dask.workers[0])
        dask.workers[0].kill()
        assert family and psutil.wait_procs(family, timeout=10)[1] == []
    assert process.returncode == 0, process.said
    assert process.said[0].count(" of 44\n") == len(SOME)
    assert state(tmp_path / "class") == whole


def test_the_scheduler_is_killed_and_a_second_run_goes_on(fresh, whole, tmp_path):
    need_walls()
    shutil.copytree(fresh, tmp_path / "class")
    cluster = Dask(tmp_path)
    try:
        cluster.add_worker()
        with grading(tmp_path / "class", cluster.address) as process:
            cluster.scheduler.kill()
    finally:
        cluster.close()
    assert process.returncode == 2, process.said
    said = f"grader: The Dask scheduler at {cluster.address} went away. What is in the gradebook stays; start the"
    assert said in process.said[1] and "Traceback" not in process.said[1]
    again = run(tmp_path / "class")
    assert again.returncode == 0, again.stderr
    assert "(graded before)" in again.stdout
    assert state(tmp_path / "class") == whole


def test_a_cluster_that_cannot_judge_is_refused(fresh, tmp_path, monkeypatch, capsys):
    """Nobody comes; then a worker has other files; then one has no grader at all."""
    need_walls()
    copy = Course.copied(tmp_path / "copy", ASSIGNMENT).root
    with (copy / "grader" / "tolerances.py").open("a") as file:
        file.write("# changed\n")
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "grader.py").touch()
    monkeypatch.setattr("grader.cluster.LOOK_SECONDS", 0.2)
    monkeypatch.setattr("grader.cluster.WORKER_SECONDS", 0.5)
    cluster = Dask(tmp_path)

    def refusal() -> str:
        assert main(line(fresh, tmp_path, cluster.address)) == 2
        return capsys.readouterr().err

    try:
        assert f"The cluster at {cluster.address} has no worker: `.venv/bin/dask worker" in refusal()
        cluster.add_worker(PYTHONPATH=str(copy))
        said = refusal()
        assert "grader: The worker at tcp://127.0.0.1:" in said
        assert "cannot grade: not the same there as here: grader. Bring it to the same commit" in said
        cluster.workers[0].kill()
        cluster.workers[0].wait()
        until(lambda: cluster.idle(0))
        cluster.add_worker(PYTHONPATH=str(tmp_path / "none"))
        said = refusal()
        assert "The cluster could not judge" in said and "must be started in clones of this course." in said
    finally:
        cluster.close()


def line(fresh: Path, scratch: Path, address: str) -> list[str]:
    """Arguments that grade a class on a cluster."""
    shutil.copytree(fresh, scratch / "class", dirs_exist_ok=True)
    return grade_line(ASSIGNMENT, scratch / "class", "--scheduler", address)


def test_a_submission_with_which_every_worker_is_lost_goes_to_a_person(fresh, tmp_path, monkeypatch, capsys):
    """What Dask raises after the third worker, for one student."""
    from distributed import KilledWorker

    class Client:
        dashboard_link = ""

        def nthreads(self) -> dict:
            return {"one": 1}

        def submit(self, function, terms, steps, known, shift, **_):
            raise KilledWorker("task", None, 3)

        def close(self, timeout: float) -> None:
            pass

    monkeypatch.setattr("grader.cluster.connected", lambda address: Client())
    assert main(line(fresh, tmp_path, "tcp://somewhere")) == 1
    assert capsys.readouterr().out.count(
        "0 of 44 (needs a person: `linreg-visible` could not be judged: one worker"
    ) == len(SOME)


def test_what_is_missing_is_said(fresh, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("grader.cluster.CONNECT_SECONDS", 0.5)
    nobody = f"tcp://127.0.0.1:{free_port()}"
    for address in (nobody, "nonsense://x"):
        assert main(line(fresh, tmp_path, address)) == 2
        assert f"No Dask scheduler answers at {address}" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(line(fresh, tmp_path, nobody)) == 2
    assert "`--scheduler` needs Dask" in capsys.readouterr().err
