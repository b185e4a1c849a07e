"""The databases that a gradebook may lie in: drivers, turns between graders, and servers that go away and come back.

nbgrader looks whether a row is there and then adds it. Graders that do so at the same time would add it twice, so
they take turns: with PostgreSQL's advisory locks, with SQLite by a lock on the folder and SQLite's own.
"""

import contextlib
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from nbgrader.api import InvalidEntry
from sqlalchemy import Connection, Engine, NullPool, create_engine, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from grader.places import GraderError

PATIENCE = 30.0  # seconds for a server to come back; SQLite waits as long for other writers
PREPARING, WRITING = (0x6772, 1), (0x6772, 2)  # names of advisory locks: two numbers each
T = TypeVar("T")


class NoGradebook(GraderError):
    """A gradebook cannot be used; the message says which, why and what to do."""


def shown(db_url: str) -> str:
    """A database's address without its password."""
    return make_url(db_url).render_as_string(hide_password=True)


def engine_of(db_url: str, **options: object) -> Engine:
    """SQLAlchemy's engine for an address.

    Raises:
        NoGradebook: it is no address, or its driver is not installed.
    """
    try:
        return create_engine(db_url, **options)
    except ImportError as error:
        raise NoGradebook(
            f"The driver for the gradebook {shown(db_url)} is not installed ({error}). "
            "For PostgreSQL: `.venv/bin/python -m pip install -e '.[postgresql]'`."
        ) from None
    except ArgumentError as error:
        raise NoGradebook(
            "`--gradebook` must be an SQLAlchemy URL such as sqlite:///class/gradebook.db or "
            f"postgresql+psycopg://user@host/name ({error})."
        ) from None


def refusal(error: DBAPIError) -> str:
    """A sentence for what a database said that nothing here could mend."""
    return (
        f"The gradebook did not answer as it should ({said(error)}). "
        "What was written before stays; when the database answers, run the same command again."
    )


def said(error: DBAPIError) -> str:
    """What a database said, on one line: psycopg adds hints on lines of their own."""
    return f"{type(error).__name__}: {' '.join(str(error.orig).split())[:300]}"


@contextlib.contextmanager
def alone(db_url: str) -> Iterator[None]:
    """Do what only one grader may do at a time, such as making tables; others wait here until it is done.

    Raises:
        OperationalError: the server went away meanwhile, whatever became of the work: it was not done alone.
    """
    engine = engine_of(db_url, poolclass=NullPool)
    with contextlib.ExitStack() as stack:
        if engine.dialect.name == "postgresql":
            connection = stack.enter_context(engine.connect().execution_options(isolation_level="AUTOCOMMIT"))
            connection.execute(select(func.pg_advisory_lock(*PREPARING)))  # held until the connection ends
            stack.push(lambda *problem: kept(connection))
        elif engine.dialect.name == "sqlite" and (folder := Path(engine.url.database or "").parent).is_dir():
            stack.enter_context(locked(folder))
        yield


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a lock on a folder. Not on the database's file: closing that would drop SQLite's own locks on it."""
    import fcntl  # not on Windows, where nothing is graded

    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # network drives may have no locks on folders
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def kept(connection: Connection) -> None:
    """See that a connection, and with it the lock that it holds, is still there."""
    connection.execute(select(1))


def take_turn(session: Session) -> None:
    """Let no other grader write until this transaction ends; SQLite sees to that by itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(*WRITING)))


def persist(work: Callable[[], T], undo: Callable[[], None] = lambda: None) -> T:
    """Do some work on a gradebook; do it again from the start where its server went away or a person was faster.

    Args:
        work: leaves nothing half done when it raises, or finds it and completes it when it is done again.
        undo: called before it is done again, such as a session's `rollback`.

    Raises:
        NoGradebook: the server did not come back.
    """
    deadline, conflicts = None, 0
    while True:
        try:
            with quiet():
                return work()
        except (DBAPIError, InvalidEntry) as error:
            cause = error.__context__ if isinstance(error, InvalidEntry) else error  # nbgrader wraps it
            conflicts += isinstance(cause, IntegrityError)
            if not (away(cause) or conflicts == 1):
                raise
            deadline = deadline or time.monotonic() + PATIENCE
            if time.monotonic() > deadline:
                raise NoGradebook(refusal(cause)) from error
        with contextlib.suppress(DBAPIError):
            undo()
        time.sleep(0.1)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep from the terminal that nbgrader rolled a session back: it raises too, and the work is done again."""
    log = logging.getLogger("tornado.application")

    def told(record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith("Rolling back session")

    log.addFilter(told)
    try:
        yield
    finally:
        log.removeFilter(told)


def away(error: BaseException | None) -> bool:
    """Whether an error says that a database server is not there now; SQLite has none."""
    return isinstance(error, OperationalError) and not isinstance(error.orig, sqlite3.Error)
