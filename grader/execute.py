"""The same safe execution behind nbgrader's own buttons: `nbgrader autograde` and formgrader's lightning bolt.

It works for any nbgrader course in Python. What is the instructor's comes from the source notebook, found as nbgrader
finds it, with the text of its locked cells as the gradebook has it (nbgrader writes AUTOTEST lines out there).
"""

import os
import tempfile
import weakref
from pathlib import Path

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute
from traitlets import Bool, Float

from grader import gradebook
from grader.course import read_notebook
from grader.grade import CELL_SECONDS, store_outputs
from grader.places import GraderError
from grader.pool import Bench
from grader.submissions import Submission
from grader.suite import suite_of

NO_SANDBOX = "GRADER_NO_SANDBOX"


class NeedsPerson(GraderError):
    """A submission that a person has to look at; nbgrader shows the message and gives no points."""


class SafeExecute(Execute):
    """Runs a submission's cells in the sandbox and its test cells apart from them; the drop-in for `Execute`.

    Of what is configured for `Execute` two things apply: `enabled` (`--no-execute`), and `timeout` where it is shorter
    than `seconds`.
    """

    walls = Bool(True, help="Whether student code runs inside the sandbox.").tag(config=True)
    seconds = Float(CELL_SECONDS, help="Limit of a cell.").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict, km: object = None
    ) -> tuple[NotebookNode, ResourcesDict]:  # fmt: skip
        """Judge the notebook and store outputs from which nbgrader reads the same points.

        Raises:
            NeedsPerson: there is no source notebook, it or the submission is for another kernel than Python, or a
                test could not be judged.
        """
        converter, place = self.parent.parent, resources["nbgrader"]
        assignment = place["assignment"]
        refuse_other_kernels(nb)
        source = tested_source(converter.coursedir, assignment, place["notebook"])
        submission = Submission(place["student"], Path(place["notebook"]), cells=nb.cells)
        bench = bench_of(converter, nbformat.writes(source), assignment, walls=self.walls)
        bench.seconds = min(self.seconds, self.timeout) if self.timeout and self.timeout > 0 else self.seconds
        bench.shift = gradebook.seed_of(place["db_url"], assignment)
        reports = bench.judge(submission.steps())
        verdicts = {report["id"]: report for report in reports if "id" in report}
        for report in verdicts.values():
            if report["verdict"] == "grader_error":
                raise NeedsPerson(f"`{report['id']}` could not be judged: {report['message']}.")
        store_outputs(nb, suite_of(source, assignment), reports, verdicts)
        return nb, resources


def refuse_other_kernels(nb: NotebookNode) -> None:
    """Raise NeedsPerson for a notebook in another language; one that names none is taken for Python."""
    language = nb.metadata.get("kernelspec", {}).get("language") or nb.metadata.get("language_info", {}).get("name")
    if language and language != "python":
        raise NeedsPerson(f"The safe grader runs Python only; the notebook's kernel is for {language!r}.")


def tested_source(coursedir: CourseDirectory, assignment: str, notebook: str) -> NotebookNode:
    """The source notebook as the gradebook knows it.

    nbgrader itself grades by the gradebook alone. Here the source is needed: only it says which names are answers,
    and so the student's to give, and which are the instructor's.

    Raises:
        NeedsPerson: there is no such file, or it lacks a test that the gradebook has.
    """
    path = Path(coursedir.format_path(coursedir.source_directory, ".", assignment)) / f"{notebook}.ipynb"
    if not path.is_file():
        raise NeedsPerson(f"The safe grader needs the source notebook, and there is no {path}.")
    source = read_notebook(path)
    with Gradebook(coursedir.db_url, coursedir.course_id) as book:
        stored = {
            cell.name: cell.source for cell in book.find_notebook(notebook, assignment).source_cells if cell.locked
        }
    for cell in source.cells:
        cell.source = stored.pop(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    if stored:
        raise NeedsPerson(
            f"The gradebook has cells that {path} lacks ({', '.join(sorted(stored))}): "
            "run `nbgrader generate_assignment` again."
        )
    return source


class Kept(Bench):
    """A bench together with the source that it is for, in a file of its own."""

    def __init__(self, source: str, assignment: str, *, walls: bool) -> None:
        self.made_for = (source, assignment, walls)
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "source.ipynb"
        path.write_text(source, encoding="utf-8")
        super().__init__(path, assignment, walls=walls)

    def close(self) -> None:
        """End its processes and remove the file."""
        super().close()
        self.folder.cleanup()


KEPT: weakref.WeakKeyDictionary[BaseConverter, Kept] = weakref.WeakKeyDictionary()


def bench_of(converter: BaseConverter, source: str, assignment: str, *, walls: bool) -> Bench:
    """A bench for a source notebook, kept for the next submission for as long as nbgrader's command runs."""
    walls = walls and not os.environ.get(NO_SANDBOX)
    bench = KEPT.get(converter)
    if bench is None or bench.made_for != (source, assignment, walls):
        if bench is not None:
            bench.close()
        bench = KEPT[converter] = Kept(source, assignment, walls=walls)
        weakref.finalize(converter, bench.close)
    bench.ready()
    return bench
