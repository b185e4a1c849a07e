"""A checker and its worker share a core, two submissions do not, and nothing breaks where there are too few."""

import os
import subprocess
import sys

import pytest

from grader.cores import Cores, last_core


@pytest.fixture
def processes():
    """Starts processes that wake often, and ends them."""
    started = []

    def start() -> int:
        command = [sys.executable, "-c", "import time; print(flush=True)\nwhile True: time.sleep(0.001)"]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE))
        started[-1].stdout.readline()
        return started[-1].pid

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_each_submission_has_a_core_of_its_own_and_gives_it_back(processes):
    cores, everything = Cores(), os.sched_getaffinity(0)
    checkers = [processes() for _ in everything]
    taken = [cores.take(pid) for pid in checkers]
    assert set(taken) == everything
    assert [os.sched_getaffinity(pid) for pid in checkers] == [{core} for core in taken]
    one_more = processes()
    assert cores.take(one_more) is None and os.sched_getaffinity(one_more) == everything
    worker = processes()
    cores.bind(worker, taken[0])
    assert os.sched_getaffinity(worker) == {taken[0]}
    cores.give_back(taken[0])
    cores.give_back(None)
    assert cores.take(one_more) == taken[0]


def test_the_core_is_the_one_that_the_system_chose(processes):
    pid = processes()
    for core in os.sched_getaffinity(0):
        os.sched_setaffinity(pid, {core})
        while last_core(pid) != core:
            os.sched_yield()
        assert Cores().take(pid) == core


def test_a_process_that_has_ended_is_no_error():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert last_core(ended.pid) is None
    assert Cores().take(ended.pid) in os.sched_getaffinity(0)
