"""The same safe execution behind nbgrader's own buttons: `nbgrader autograde` and formgrader's lightning bolt."""

import os

from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Float

from grader import gradebook
from grader.course import GraderError, source_path
from grader.grade import CELL_SECONDS, store_outputs
from grader.pool import Bench
from grader.submissions import Submission
from grader.suite import read_suite

NO_SANDBOX = "GRADER_NO_SANDBOX"


class NeedsPerson(GraderError):
    """A submission that a person has to look at; nbgrader shows the message and gives no points."""


class SafeExecute(NbGraderPreprocessor):
    """Runs a submission's cells in the sandbox and its test cells apart from them; the drop-in for `Execute`."""

    walls = Bool(True, help="Whether student code runs inside the sandbox.").tag(config=True)
    seconds = Float(CELL_SECONDS, help="Limit of a cell.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Judge the notebook and store outputs from which nbgrader reads the same points.

        Raises:
            NeedsPerson: a test could not be judged.
        """
        assignment = resources["nbgrader"]["assignment"]
        suite = read_suite(source_path(assignment), assignment)
        submission = Submission(resources["nbgrader"]["student"], source_path(assignment), cells=nb.cells)
        steps = [step for step in submission.steps() if step.get("test") in suite.cells or "run" in step]
        walls = self.walls and not os.environ.get(NO_SANDBOX)
        with Bench(source_path(assignment), assignment, walls=walls, seconds=self.seconds) as bench:
            bench.shift = gradebook.seed_of(resources["nbgrader"]["db_url"], assignment)
            reports = bench.judge(steps)
        verdicts = {report["id"]: report for report in reports if "id" in report}
        broken = [report for report in verdicts.values() if report["verdict"] == "grader_error"]
        if broken:
            raise NeedsPerson(f"`{broken[0]['id']}` could not be judged: {broken[0]['message']}.")
        store_outputs(nb, reports, verdicts)
        return nb, resources
