"""The walls: what a session sees, what it may take, and what happens where there are none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader import sandbox
from grader.__main__ import main
from grader.cgroups import Groups
from grader.checker import Session
from grader.course import nbgrader_api
from grader.lost import Lost
from grader.places import ROOT
from grader.pool import NotStarted, Template, worker_template
from grader.sample_class import ASSIGNMENT, Student, submission
from grader.sandbox import NoSandbox
from tests.attack_corpus import hand_in
from tests.grading import REASON, WALLS, need_walls


@pytest.fixture(scope="module")
def template():
    """The template of workers, inside the walls."""
    need_walls()
    made = worker_template(walls=True)
    yield made
    made.close()


@pytest.fixture
def session(template):
    """One session."""
    child, connection = template.fork()
    yield Session(connection)
    connection.close()
    child.kill()


def seen(session: Session, source: str) -> str:
    """What a cell prints."""
    error, outputs = session.run(source, 10)
    assert error is None, error
    return "".join(output.get("text", "") for output in outputs).strip()


def test_a_session_is_process_one_and_sees_no_other(session):
    assert (
        seen(session, "import os; print(os.getpid(), sorted(x for x in os.listdir('/proc') if x.isdigit()))")
        == "1 ['1']"
    )


def test_a_session_starts_with_huge_pages_where_there_are_any(session):
    """A fork copies page tables: see `sandbox.QUICK_FORK`."""
    if "[never]" in Path("/sys/kernel/mm/transparent_hugepage/enabled").read_text():
        pytest.skip("this machine gives no huge pages")
    found = seen(session, "print(*(line for line in open('/proc/self/smaps_rollup') if 'AnonHuge' in line))")
    assert int(found.split()[1]) > 10_000


def test_a_session_has_no_rights_and_gets_none(session):
    status = seen(session, "print(open('/proc/self/status').read())")
    values = dict(line.split(":\t") for line in status.splitlines() if ":\t" in line)
    assert {values[name] for name in ("CapEff", "CapPrm", "CapBnd", "CapInh", "CapAmb")} == {"0" * 16}
    assert values["NoNewPrivs"] == "1" and values["Threads"] == "1"
    assert int(values["Uid"].split()[0]) not in (0,)


def test_a_session_sees_no_course_no_tests_and_no_variables_of_ours(session):
    walk = "import os; print([p for p, _, names in os.walk('/') for name in names if name.endswith('.ipynb')])"
    listed = seen(session, walk)
    assert not [path for path in eval(listed) if "site-packages" not in path]
    assert not Path(ROOT / "solutions").is_relative_to("/usr")
    hidden = (str(ROOT / "solutions"), str(ROOT / "tests"), "/home")
    source = f"import os; print([os.path.exists(path) for path in {hidden}])"
    assert seen(session, source) == "[False, False, False]"
    names = seen(session, "import os; print(sorted(os.environ))")
    assert set(eval(names)) <= set(sandbox.environment("/scratch")) | {"PYTHONPATH", "PWD", "TORCHINDUCTOR_CACHE_DIR"}


def test_a_session_has_no_network_and_only_its_socket(session):
    assert seen(session, "import socket; print([name for _, name in socket.if_nameindex()])") in ("['lo']", "[]")
    assert seen(session, "import os; print(sorted(os.listdir('/proc/self/fd'))[:4])").startswith("['0', '1', '2', '3']")


def test_what_a_session_writes_is_its_own(template, session):
    seen(session, "for d in ('/tmp', '/dev/shm', '/scratch'): open(d + '/mine', 'w').write('x')")
    child, connection = template.fork()
    other = "import os; print([os.path.exists(d + '/mine') for d in ('/tmp', '/dev/shm', '/scratch')])"
    assert seen(Session(connection), other) == "[False, False, False]"
    connection.close()
    child.kill()


def test_what_a_cell_shows_is_kept_as_text_and_pictures(session):
    source = "%matplotlib inline\nimport matplotlib.pyplot as plt\ndisplay(7)\nprint('a')\nplt.plot([1, 2])\n8"
    error, outputs = session.run(source, 20)
    assert error is None, error
    shown = [
        (output["output_type"], output.get("data", {}).get("text/plain", output.get("text"))) for output in outputs
    ]
    assert shown[:3] == [("display_data", "7"), ("stream", "a\n"), ("execute_result", "8")]
    assert outputs[3]["data"]["image/png"].startswith("iVBOR") and len(outputs) == 4


def test_everything_else_is_read_only(session):
    source = """
import os, sys
done = []
for top in ('/', '/usr', '/etc', '/dev', '/room', '/room/grader', sys.prefix, sys.base_prefix, '/proc/sys/kernel'):
    try:
        open(os.path.join(top, 'written'), 'w')
        done.append(top)
    except OSError:
        pass
print(done)
"""
    assert seen(session, source) == "[]"


def test_limits_hold(session):
    assert seen(session, "import resource as r; print(r.getrlimit(r.RLIMIT_NPROC), r.getrlimit(r.RLIMIT_FSIZE))") == (
        "(48, 48) (67108864, 67108864)"
    )
    assert "MemoryError" in str(session.run("bytearray(20 * 2**30)", 10)[0])
    assert "space" in str(session.run("[open(f'/tmp/{i}', 'wb').write(bytes(2**20)) for i in range(100)]", 10)[0])


def test_killed_from_outside_a_session_takes_its_children_along(template):
    child, connection = template.fork()
    session = Session(connection)
    session.run("import subprocess; subprocess.Popen(['sleep', '987'], start_new_session=True)", 10)
    running = subprocess.run(["pgrep", "-f", "sleep 987"], capture_output=True, text=True).stdout.split()
    assert running
    child.kill()
    connection.settimeout(5)
    assert connection.recv(1) == b""
    connection.close()
    for pid in running:
        with pytest.raises(ProcessLookupError):
            for _ in range(100):
                os.kill(int(pid), 0)
                subprocess.run(["sleep", "0.05"])


def test_a_template_with_a_thread_is_refused(tmp_path):
    thread = "threading.Thread(target=time.sleep, args=(9,), daemon=True).start()"
    (tmp_path / "threaded.py").write_text(f"import threading, time\n{thread}")
    environment = dict(os.environ) | dict.fromkeys(sandbox.ONE_THREAD, "1") | {"PYTHONPATH": f"{ROOT}:{tmp_path}"}
    template = Template([sys.executable, "-m", "grader.template", "--preload", "threaded"], environment)
    with pytest.raises(NotStarted, match="the template has 2 threads"):
        template.wait()
    template.close()


def test_without_bubblewrap_grading_refuses_and_says_what_to_do(tmp_path, monkeypatch, capsys):
    submitted = hand_in({"ada": submission(ASSIGNMENT, Student(40))}, tmp_path / "in")
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    arguments = ["grade", ASSIGNMENT, "--submitted", str(submitted), "--autograded", str(tmp_path / "out")]
    assert main([*arguments, "--gradebook", f"sqlite:///{tmp_path / 'gradebook.db'}"]) == 2
    said = capsys.readouterr().err
    assert "bubblewrap (`bwrap`) is not installed" in said and "make system-packages" in said and "--no-sandbox" in said
    assert not (tmp_path / "out").exists()


def test_other_systems_are_told_what_grading_needs(monkeypatch):
    monkeypatch.setattr(sandbox.sys, "platform", "darwin")
    with pytest.raises(NoSandbox, match=r"There is no sandbox on darwin.*needs Linux and bubblewrap"):
        sandbox.check()


def test_windows_is_told_too_for_all_that_python_lacks_there(tmp_path):
    """In a process that takes itself for Windows, and has not the modules that are missing there."""
    submitted = hand_in({"ada": submission(ASSIGNMENT, Student(40))}, tmp_path / "in")
    arguments = ["grade", ASSIGNMENT, "--submitted", str(submitted), "--autograded", str(tmp_path / "out")]
    arguments += ["--gradebook", f"sqlite:///{tmp_path / 'gradebook.db'}"]
    source = f"""
import sys, torch, nbgrader.apps
sys.platform = "win32"
sys.modules.update(dict.fromkeys(["resource", "fcntl", "pwd"]))
from grader.__main__ import main
sys.exit(main({arguments}))
"""
    environment = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", source], env=environment, capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    assert "There is no sandbox on win32. Grading runs students' code, so it needs Linux" in done.stderr
    assert not (tmp_path / "out").exists() and not (tmp_path / "gradebook.db").exists()


def test_walls_that_do_not_stand_are_noticed_before_anything_is_graded(monkeypatch):
    need_walls()
    monkeypatch.setattr(sandbox, "binds", lambda **options: ["--ro-bind", "/nowhere", "/nowhere"])
    template = worker_template(walls=True)
    with pytest.raises(NotStarted, match="nowhere"):
        template.wait()
    template.close()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can try how root is treated")
def test_started_as_root_the_template_is_not_root(template):
    need_walls()
    child, connection = template.fork()
    assert Path(f"/proc/{child.pid}").stat().st_uid == sandbox.NOBODY
    connection.close()
    child.kill()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else to try")
def test_an_ordinary_user_gets_the_same_walls():
    """From a user's shell: only the inner bubblewrap, no setpriv."""
    assert "setpriv" not in " ".join(sandbox.inner(again=False))
    assert sandbox.outer()[-1] == "--" and "setpriv" in sandbox.outer()


def test_a_skip_for_want_of_walls_is_a_failure_in_ci(monkeypatch):
    monkeypatch.setattr("tests.grading.WALLS", False)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="system-packages"):
        need_walls()
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match=REASON.split(":")[0]):
        need_walls()


def test_nbgraders_own_autograde_runs_the_same_way(tmp_path):
    """`nbgrader autograde`, as formgrader's button calls it: same points, same rows, hidden tests out of feedback."""
    notebook = submission(ASSIGNMENT, Student(37, {"squared_loss": "labels_broadcast"}))
    notebook.cells[3].source += "\n"
    submitted = hand_in({"chen": notebook}, tmp_path / "in")
    api = nbgrader_api(
        submitted_directory=submitted, autograded_directory=tmp_path / "out", feedback_directory=tmp_path / "back",
        release_directory=tmp_path / "release", db_url=f"sqlite:///{tmp_path / 'gradebook.db'}",
    )  # fmt: skip
    if not WALLS:
        api.config.SafeExecute.walls = False
    assert api.generate_assignment(ASSIGNMENT)["success"]
    answer = api.autograde(ASSIGNMENT, "chen")
    assert answer["success"], answer["log"]
    assert "SafeExecute" in str(api.config.Autograde.autograde_preprocessors)
    (found,) = [entry for entry in api.get_submissions(ASSIGNMENT) if entry["student"] == "chen"]
    assert (found["score"], found["max_score"], found["needs_manual_grade"]) == (37, 44, True)
    assert api.generate_feedback(ASSIGNMENT, "chen")["success"]
    page = (tmp_path / "back" / "chen" / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()
    assert "labels of shape (3,)" in page and "ref_losses" not in page


def test_a_whole_session_has_one_limit_of_memory_where_the_machine_allows_it(template):
    """Two children that each stay below the limit of a process, and together go over that of the session."""
    groups = Groups(memory=600 * 2**20)
    if groups.missing:
        pytest.skip(groups.missing)
    child, connection = template.fork()
    made = groups.put(child.pid)
    source = """
import subprocess, sys
command = [sys.executable, "-c", "x = b'x' * (400 * 2**20); print(len(x)); input()"]
children = [subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE) for _ in range(2)]
print(sum(child.stdout.readline() != b"" for child in children))
"""
    try:
        alive = int(seen(Session(connection), source))
    except Lost:
        alive = 0  # the system chose the session itself, not a child
    connection.close()
    child.kill()
    groups.drop(made, seconds=5)
    assert alive < 2 and not [path for path in made if path.exists()]


def test_where_no_control_group_can_be_made_it_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr("grader.cgroups.own_groups", lambda: {"memory": tmp_path / "nowhere"})
    groups = Groups()
    assert groups.missing.startswith("No control group can be made here") and groups.put(1) == []
