"""What the test of a class on one server needs: that server, with accounts, JupyterHub and its proxy, on loopback.

It lies in a mount namespace, where /etc and the course's folder are copies and /home, /srv and /usr/local/share are
empty: so the README's commands run as they stand, and the machine that runs the test keeps its own.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.grading import need_walls, shown
from tests.notebook_rules import ROOT

OWN = ("/etc", "/home", "/srv", "/usr/local/share")
PROXY = "configurable-http-proxy"
REASON = "configurable-http-proxy is not installed: `make system-packages` installs it"
INSTRUCTOR = "grace"
PASSWORDS = {INSTRUCTOR: "nanoseconds", "ada": "analytical", "chen": "three points"}
PATHS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
START_SECONDS, END_SECONDS = 60, 90  # after which a hub that does not answer, or end, has failed


def need_a_server() -> None:
    """Skip where accounts and the hub cannot be had; under CI=true fail instead where a package is missing."""
    if os.getuid() != 0:
        pytest.skip("only root can give several people accounts: run this test as root")
    need_walls()
    if shutil.which(PROXY) is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(REASON)


def readme_commands() -> list[str]:
    """The README's commands that set the server up, the one that starts the hub last."""
    part = (ROOT / "README.md").read_text(encoding="utf-8").split("### A class on one server")[1]
    return re.search(r"```bash\n(.*?)```", part, flags=re.DOTALL)[1].splitlines()


@dataclass(frozen=True)
class Machine:
    """A server of a class.

    Attributes:
        folder: where its copies of the system's folders lie.
    """

    folder: Path

    def inside(self, *command: str, user: str = "root") -> list[str]:
        """Command line of something that one of its people does, in the course's folder."""
        binds = [part for path in OWN for part in ("--bind", f"{self.folder}{path}", path)]
        binds += ["--bind", f"{self.folder}/course", str(ROOT), "--ro-bind", str(ROOT / ".venv"), str(ROOT / ".venv")]
        outside = ["bwrap", "--dev-bind", "/", "/", *shown(ROOT), *binds, "--chdir", str(ROOT), "--"]
        path = f"{PATHS}:{Path(shutil.which(PROXY)).parent}"
        setting = ["HOME=/root", f"PATH={path}", "LANG=C.UTF-8", "OMP_NUM_THREADS=1"]
        become = ["runuser", "--user", user, "--", "env", f"HOME=/home/{user}"] if user != "root" else []
        return [*outside, "env", "--ignore-environment", *setting, *become, *command]

    def run(self, *command: str, user: str = "root", typed: str = "") -> subprocess.CompletedProcess:
        """Do it, and say how it went."""
        return subprocess.run(self.inside(*command, user=user), input=typed, capture_output=True, text=True)

    def users(self) -> dict[int, str]:
        """Identity -> name of the people's accounts."""
        lines = (self.folder / "etc" / "passwd").read_text().splitlines()
        return {int(line.split(":")[2]): name for line in lines if (name := line.split(":")[0]) in PASSWORDS}


@contextmanager
def machine() -> Iterator[Machine]:
    """Set a server up by the README's commands, all but the last; nothing of it is left afterwards."""
    need_a_server()
    with tempfile.TemporaryDirectory() as scratch:
        server = Machine(Path(scratch))
        shutil.copytree("/etc", server.folder / "etc", symlinks=True)
        for path in OWN:
            (server.folder / path[1:]).mkdir(parents=True, exist_ok=True)
        for room in ("grader", "helpers", "solutions", "assignments", "tests"):
            shutil.copytree(ROOT / room, f"{scratch}/course/{room}", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "nbgrader_config.py", f"{scratch}/course")
        commands = [f"useradd --create-home --key HOME_MODE=0700 {INSTRUCTOR}", *readme_commands()[:-1]]
        typed = "".join(f"{name}:{password}\n" for name, password in PASSWORDS.items())
        done = server.run("bash", "-eux", "-c", "\n".join(commands), typed=typed)
        assert done.returncode == 0, done.stdout + done.stderr
        owner = next(number for number, name in server.users().items() if name == INSTRUCTOR)
        for path in [server.folder / "course", *(server.folder / "course").rglob("*")]:
            os.chown(path, owner, owner)
        yield server


@contextmanager
def hub(server: Machine) -> Iterator[str]:
    """Start the hub by the README's last command, on ports that are free; give its address, and end it.

    Raises:
        AssertionError: it does not answer, or a process is left when it has ended.
    """
    public, own, proxy = (f"http://127.0.0.1:{port}" for port in free_ports(3))
    ports = [f"--JupyterHub.bind_url={public}", f"--JupyterHub.hub_bind_url={own}"]
    ports += [f"--ConfigurableHTTPProxy.api_url={proxy}"]
    log = server.folder / "hub.log"
    with log.open("w") as file:
        running = subprocess.Popen(
            server.inside("bash", "-c", f'exec {readme_commands()[-1]} "$@"', "hub", *ports),
            stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            wait_for(f"{public}/hub/api", running, log)
            yield public
        finally:
            end(running)


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on."""
    listening = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in listening]
    for each in listening:
        each.close()
    return ports


def wait_for(address: str, running: subprocess.Popen, log: Path) -> None:
    """Wait until a starting server answers."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert running.poll() is None and time.monotonic() < deadline, log.read_text()[-4000:]
        with suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.1)


def end(running: subprocess.Popen) -> None:
    """End the hub: asked, it ends everybody's servers and its proxy; whatever is left in its namespace is killed."""
    if running.poll() is not None:
        return
    hub_itself = int(Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text())  # bubblewrap has one child
    namespace = os.readlink(f"/proc/{hub_itself}/ns/mnt")
    os.kill(hub_itself, signal.SIGTERM)
    deadline = time.monotonic() + END_SECONDS
    while (left := processes(namespace)) and time.monotonic() < deadline:
        time.sleep(0.1)
    for process in left:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    running.wait()
    assert not left, f"the hub left {list(left.values())}"


def processes(namespace: str) -> dict[int, str]:
    """Identity -> command line of the processes that see the files of a mount namespace."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.readlink(place / "ns" / "mnt") == namespace:
                found[int(place.name)] = (place / "cmdline").read_text().replace("\0", " ")
    return found
