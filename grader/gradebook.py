"""The one writer: puts judged submissions into nbgrader's gradebook and files, each in one transaction.

A record file is written last. It says that everything before it is on disk, so a run that was killed goes on where
it stopped, and what it had half done is done again with the same result.
"""

import contextlib
import functools
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from nbgrader import utils
from nbgrader.api import Base, Gradebook, MissingEntry, SubmittedNotebook
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.dbutil import ALEMBIC_DIR
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import BigInteger, Column, MetaData, String, Table, event, inspect, text

from grader import database
from grader.course import nbgrader_api, step
from grader.submissions import Submission, answered
from grader.suite import Suite

SEEDS = Table(
    "grader_seeds",
    MetaData(),
    Column("assignment", String(128), primary_key=True),
    Column("seed", BigInteger, nullable=False),
)


def make_tables(db_url: str) -> None:
    """Make a new gradebook's tables, marked with their version; nbgrader starts a process of two seconds for that."""
    engine = database.engine_of(db_url)
    try:
        if not inspect(engine).get_table_names():
            with engine.begin() as connection:
                Base.metadata.create_all(connection)
                MigrationContext.configure(connection).stamp(ScriptDirectory(ALEMBIC_DIR), "head")
    finally:
        engine.dispose()


@contextlib.contextmanager
def opened(api: NbGraderAPI) -> Iterator[Gradebook]:
    """Open the gradebook; SQLite waits for other writers and writes ahead."""
    make_tables(api.coursedir.db_url)
    with Gradebook(api.coursedir.db_url, api.course_id) as gradebook:
        if gradebook.engine.dialect.name == "sqlite":

            @event.listens_for(gradebook.engine, "connect")
            def prepare(connection: object, record: object) -> None:
                connection.execute("PRAGMA busy_timeout = 30000")

            gradebook.db.execute(text("PRAGMA busy_timeout = 30000"))
            gradebook.db.execute(text("PRAGMA journal_mode = WAL"))
            gradebook.db.commit()
        yield gradebook


@contextlib.contextmanager
def one_transaction(gradebook: Gradebook) -> Iterator[None]:
    """Make nbgrader's methods, each of which commits, part of one transaction."""
    session = gradebook.db()
    session.commit = session.flush
    try:
        database.take_turn(session)
        with session.no_autoflush:  # nbgrader adds rows in the middle of a query
            yield
    except BaseException:
        del session.commit
        session.rollback()
        raise
    del session.commit
    session.commit()


def released_cells(gradebook: Gradebook, suite: Suite) -> dict[str, str] | None:
    """Checksum of each released cell by id; None if the gradebook does not know the source as it is now."""
    try:
        cells = gradebook.find_notebook(suite.assignment, suite.assignment).source_cells
    except MissingEntry:
        return None
    known = {cell.name: cell for cell in cells}
    fresh = known.keys() == suite.cells.keys() and all(
        known[name].source == cell.source for name, cell in suite.cells.items() if cell.locked
    )
    return {name: cell.checksum for name, cell in known.items()} if fresh else None


def prepare(api: NbGraderAPI, suite: Suite) -> dict[str, str]:
    """See to it that the gradebook knows the assignment; give the checksum of each released cell."""
    return database.persist(lambda: prepared(api, suite))


def prepared(api: NbGraderAPI, suite: Suite) -> dict[str, str]:
    """Release the assignment into the gradebook if it is not there as it is now; as `prepare`."""
    with database.alone(api.coursedir.db_url):
        with opened(api) as gradebook:
            released = released_cells(gradebook, suite)
        if released is None:
            with tempfile.TemporaryDirectory() as elsewhere:  # the release that students have stays as it is
                fresh = nbgrader_api(release_directory=elsewhere, db_url=api.coursedir.db_url)
                step(fresh.generate_assignment(suite.assignment))
            with opened(api) as gradebook:
                released = released_cells(gradebook, suite)
        return released or {}


def seed_of(db_url: str, assignment: str, *, new: bool = False) -> int:
    """What hidden tests add to their seeds: drawn once per assignment and kept in the gradebook, or drawn anew."""
    engine = database.engine_of(db_url)
    try:
        with database.alone(db_url), engine.begin() as connection:
            SEEDS.create(connection, checkfirst=True)
            own = SEEDS.c.assignment == assignment
            seed = connection.execute(SEEDS.select().with_only_columns(SEEDS.c.seed).where(own)).scalar()
            if seed is None or new:
                seed = secrets.randbelow(2**40) + 1
                connection.execute(SEEDS.delete().where(own))
                connection.execute(SEEDS.insert().values(assignment=assignment, seed=seed))
        return seed
    finally:
        engine.dispose()


class Writer:
    """Holds the gradebook while a class is graded."""

    def __init__(self, api: NbGraderAPI, suite: Suite, gradebook: Gradebook) -> None:
        self.api, self.suite, self.gradebook = api, suite, gradebook
        self.autograde = Autograde(coursedir=api.coursedir, config=api.config)
        self.late = AssignLatePenalties(config=api.config)
        self.late.init_plugin()

    def graded_path(self, student: str) -> Path:
        """Where formgrader expects the autograded notebook."""
        folder = self.api.coursedir.format_path(
            self.api.coursedir.autograded_directory, student, self.suite.assignment
        )  # fmt: skip
        return Path(folder) / f"{self.suite.assignment}.ipynb"

    def record_path(self, student: str) -> Path:
        """Where the record of a finished submission lies: beside the autograded folder, where nbgrader never looks."""
        return beside_autograded(self.api) / ".grader" / self.suite.assignment / f"{student}.json"

    def earlier(self, student: str) -> dict:
        """What `write` kept of an earlier run; empty if there was none."""
        try:
            kept = json.loads(self.record_path(student).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}

    def finished(self, submission: Submission, earlier: dict, key: str) -> dict | None:
        """The record of a submission that an earlier run finished with; None if there is work to do.

        What it loses for being late is worked out again: the due date may have moved since.
        """
        if earlier.get("key") != key:
            return None
        record = earlier["record"]
        if submission.unread:
            return record
        return database.persist(lambda: self.still_there(submission, record), self.gradebook.db.rollback)

    def still_there(self, submission: Submission, record: dict) -> dict | None:
        """The record of a submission if the gradebook and the files hold what it says; None if they do not."""
        wanted = {cell["id"]: cell["points"] for cell in record["cells"] if cell["verdict"] != "manual"}
        try:
            found = self.gradebook.find_submission_notebook(
                self.suite.assignment, self.suite.assignment, submission.student
            )
        except MissingEntry:
            return None
        stored = {grade.name: grade.auto_score for grade in found.grades if grade.auto_score is not None}
        if stored != wanted or not self.graded_path(submission.student).is_file():
            return None
        with one_transaction(self.gradebook):
            self.penalise(found)
        return record

    def penalise(self, found: SubmittedNotebook) -> None:
        """Write what nbgrader's plugin takes off for being late; None where it takes nothing."""
        late, found.late_submission_penalty = found.assignment.total_seconds_late, None
        if late > 0:
            penalty = self.late.plugin_inst.late_submission_penalty(found.student.id, found.score, late)
            if penalty is not None:
                found.late_submission_penalty = self.late._check_late_penalty(found, penalty)

    def write(self, submission: Submission, record: dict, notebook: nbformat.NotebookNode | None, kept: dict) -> dict:
        """Save a judged submission: notebook, gradebook, record; give the record with its final score.

        Args:
            submission: what was handed in.
            record: what results.json says.
            notebook: the graded one; None where nothing could be made of the submission.
            kept: plain data that `earlier` gives in a later run, beside the record.
        """
        if notebook is not None:
            self.lay_files(submission)
            replace(self.graded_path(submission.student), json.dumps(notebook) + "\n")
            self.autograde.set_permissions(self.suite.assignment, submission.student)
            save = functools.partial(self.save_grades, submission, record, notebook)
            record = database.persist(save, self.gradebook.db.rollback)
        text = json.dumps(kept | {"record": record})  # no indent: json is several times faster without
        replace(self.record_path(submission.student), text + "\n")
        return record

    def lay_files(self, submission: Submission) -> None:
        """Put what lies beside the notebook where nbgrader's autograde puts it, the source's files over the student's.

        `nbgrader release_feedback` needs some of them. Links are left out: they may lead anywhere.
        """
        target, name = self.graded_path(submission.student).parent, self.suite.assignment
        if target.exists():
            shutil.rmtree(target)
        course, kept = self.api.coursedir, self.autograde.exclude_overwriting.get(name, [])
        source = Path(course.format_path(course.source_directory, ".", name))
        for folder, left_out in ((submission.path.parent, []), (source, kept)):
            for path in map(Path, utils.find_all_files(str(folder), [*course.ignore, "*.ipynb"])):
                beside = path.relative_to(folder)
                if path.is_file() and not path.is_symlink() and str(beside) not in left_out:
                    (target / beside).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, target / beside)

    def save_grades(self, submission: Submission, record: dict, notebook: nbformat.NotebookNode) -> dict:
        """Write scores and comments as nbgrader's SaveAutoGrades does, all or nothing."""
        student, name, book = submission.student, self.suite.assignment, self.gradebook
        with one_transaction(book):
            book.update_or_create_student(student)
            extra = {"timestamp": submission.timestamp} if submission.timestamp else {}
            book.update_or_create_submission(name, student, **extra)
            found = book.find_submission_notebook(name, name, student)
            verdicts = {cell["id"]: cell for cell in record["cells"]}
            for grade in found.grades:
                if self.suite.cells[grade.name].task:
                    continue  # a person's alone
                cell = verdicts[grade.name]
                grade.auto_score = None if cell["verdict"] == "manual" else cell["points"]
                grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
            cells = {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}
            for comment in found.comments:
                cell = cells[comment.name]
                comment.auto_comment = None if answered(cell) or self.suite.cells[comment.name].task else "No response."
            book.db().flush()
            self.penalise(found)
            # What a person gave counts too: the gradebook, not the automatic points, has the last word.
            return record | {"score": float(found.score), "max_score": float(found.max_score)}


def beside_autograded(api: NbGraderAPI) -> Path:
    """The folder in which the autograded folder lies."""
    autograded = Path(api.coursedir.autograded_directory)
    return (autograded if autograded.is_absolute() else Path(api.coursedir.root) / autograded).parent


def replace(path: Path, content: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    with partial.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
