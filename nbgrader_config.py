"""The course as nbgrader sees it: read by `nbgrader`, by formgrader and by JupyterLab."""

import os
import sys
from pathlib import Path

c = get_config()
root = Path(__file__).resolve().parent

# nbgrader calls `alembic` by its bare name, which an environment that is not activated does not have on its path.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

c.CourseDirectory.course_id = "least-squares-to-adam"
c.CourseDirectory.root = str(root)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"

# Everything about real students lies in one folder that git ignores.
c.CourseDirectory.submitted_directory = "class/submitted"
c.CourseDirectory.autograded_directory = "class/autograded"
c.CourseDirectory.feedback_directory = "class/feedback"
c.CourseDirectory.solution_directory = "class/solution"
(root / "class").mkdir(exist_ok=True)  # SQLite makes the file, not its folder
c.CourseDirectory.db_url = f"sqlite:///{root / 'class' / 'gradebook.db'}"

# nbgrader copies what lies beside a notebook into the release. What tests the tests must stay here.
c.CourseDirectory.ignore = [
    *(".ipynb_checkpoints", "*.pyc", "__pycache__"),
    *("misconceptions.py", "right_answers.py", "equivalent_mutants.json"),
]

c.ClearSolutions.code_stub = {"python": 'raise NotImplementedError("not started: replace this line with your answer")'}
c.ClearSolutions.text_stub = "*Your answer here.*"

# nbgrader stops a cell after 30 s by default; a slow machine needs more for honest work.
c.Execute.timeout = 120

# Student code runs in the sandbox, tests apart from it, and feedback shows no hidden test: also behind nbgrader's own
# commands and formgrader's buttons. Nothing of this is asked for where students validate.
c.Autograde.autograde_preprocessors = [
    "grader.execute.SafeExecute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.GenerateFeedback.exporter_class = "grader.feedback.FeedbackPage"
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "grader.feedback.HideTests",
]
