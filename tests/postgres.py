"""A PostgreSQL server of the tests' own: on loopback, in a folder of its own, as an unprivileged user."""

import contextlib
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

REASON = "PostgreSQL is not installed: `make system-packages` installs it"
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))  # where Debian keeps them, off the path


class Server:
    """A running server that trusts whoever comes over loopback.

    Args:
        folder: for its data and its socket; it belongs to the user `postgres` where we are root.
        programs: the folder of its programs.
    """

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self.programs = folder, programs
        self.numbers = itertools.count(1)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def command(self, program: str, *arguments: str) -> list[str]:
        """A command line that runs one of its programs on its data; PostgreSQL refuses to be root."""
        rights = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        return [*rights, str(self.programs / program), "-D", str(self.folder / "data"), *arguments]

    def run(self, command: list[str]) -> None:
        """Run one of its programs to its end."""
        done = subprocess.run(command, cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    def pg_ctl(self, *arguments: str) -> list[str]:
        """A command line that starts or stops it; what it says goes into a file, since it keeps pipes open."""
        return self.command("pg_ctl", *arguments, "-w", "-l", str(self.folder / "log"))

    def start(self) -> None:
        """Make its data and start it; returns when it answers."""
        self.run(self.command("initdb", "--username=teacher", "--auth=trust", "--encoding=UTF8", "--no-sync"))
        with (self.folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(f"listen_addresses = '127.0.0.1'\nport = {self.port}\n")
            settings.write(f"unix_socket_directories = '{self.folder}'\n")
        self.run(self.pg_ctl("start"))

    def url(self, database: str) -> str:
        """SQLAlchemy's address of one of its databases."""
        return f"postgresql+psycopg://teacher@127.0.0.1:{self.port}/{database}"

    def new(self) -> str:
        """Address of a new database."""
        import psycopg

        name = f"gradebook_{next(self.numbers)}"
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="teacher", dbname="postgres", autocommit=True
        ) as it:
            it.execute(f"CREATE DATABASE {name}")
        return self.url(name)


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """Start a server and stop it afterwards; without PostgreSQL skip, and under CI=true fail instead."""
    if not PROGRAMS:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(REASON)
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # pytest's own folders are closed to other users
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, pwd.getpwnam("postgres").pw_gid)
    server = Server(folder, PROGRAMS[-1].parent)
    try:
        server.start()
        yield server
    finally:
        with contextlib.suppress(AssertionError):  # one that is down already
            server.run(server.pg_ctl("stop", "-m", "immediate"))
        shutil.rmtree(folder)
