"""Moves a gradebook from one database to another, whole or not at all."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from nbgrader.api import Base, Course
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import Connection, Engine, NullPool, Table, func, inspect, select

from grader.database import NoGradebook, alone, engine_of, shown
from grader.gradebook import SEEDS

# Rows are copied with their keys, in an order in which each row finds what it refers to. No key is counted up by a
# database (nbgrader draws them), so none has to be set behind the last one.
TABLES = [*Base.metadata.sorted_tables, SEEDS]
ROWS = 1000  # at a time


def move(source: str, target: str) -> dict[str, int]:
    """Copy every row of a gradebook into one that has none; the old one stays as it is.

    Args:
        source: SQLAlchemy's address of the old gradebook.
        target: of the new one: an empty database, or a gradebook in which nobody has done anything yet.

    Returns:
        How many rows there are in each table.

    Raises:
        NoGradebook: there is nothing to be moved, or the target holds something already.
    """
    old, new = (engine_of(url, poolclass=NullPool) for url in (source, target))
    with reading(old) as rows, alone(target), writing(new) as copy:
        version = ScriptDirectory(ALEMBIC_DIR).get_current_head()
        if MigrationContext.configure(rows).get_current_revision() != version:
            raise NoGradebook(
                f"{shown(source)} is of another version of nbgrader: run `nbgrader db upgrade` on it first."
            )
        for table in TABLES:
            table.create(copy, checkfirst=True)
        MigrationContext.configure(copy).stamp(ScriptDirectory(ALEMBIC_DIR), "head")
        if full := [table.name for table in TABLES if table is not Course.__table__ and count(copy, table)]:
            raise NoGradebook(f"{shown(target)} is not empty: it has rows in {', '.join(full)}. Name a new database.")
        copy.execute(Course.__table__.delete())  # which formgrader adds as soon as it is opened
        known = set(inspect(rows).get_table_names())
        for table in TABLES:
            for some in rows.execute(table.select()).mappings().partitions(ROWS) if table.name in known else ():
                copy.execute(table.insert(), [dict(row) for row in some])
        return {table.name: count(copy, table) for table in TABLES}


def count(connection: Connection, table: Table) -> int:
    """How many rows a table has."""
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


@contextlib.contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees a gradebook as it is at one moment, whoever writes meanwhile.

    Raises:
        NoGradebook: there is no gradebook.
    """
    lite = engine.dialect.name == "sqlite"
    missing = NoGradebook(f"There is no gradebook at {shown(str(engine.url))}.")
    if lite and not Path(engine.url.database or "").is_file():  # SQLite would make one
        raise missing
    with engine.connect() as connection:
        if lite:
            connection.exec_driver_sql("BEGIN")  # which Python's driver leaves out before it reads
        else:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        if not inspect(connection).has_table(Course.__tablename__):
            raise missing
        yield connection


@contextlib.contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection in one transaction, the making of tables included."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # or Python's driver begins after the tables
        yield connection
