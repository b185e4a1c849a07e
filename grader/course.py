"""nbgrader, set up for this course."""

from pathlib import Path

import nbformat
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from grader.places import ROOT, GraderError


class NoSubmissions(GraderError):
    """A folder holds no submission of an assignment."""

    def __init__(self, submitted: Path, assignment: str) -> None:
        super().__init__(
            f"`submitted` must hold STUDENT/{assignment}/{assignment}.ipynb: {submitted} has none. "
            "Collect first, or name another folder."
        )


class StepFailed(GraderError):
    """An nbgrader step said that it did not succeed; the message ends with its log."""


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """Read a notebook as nbformat 4."""
    return nbformat.read(path, as_version=4)


def nbgrader_api(**folders: str | Path) -> NbGraderAPI:
    """nbgrader on this course's configuration, with some of its folders elsewhere.

    Args:
        folders: traits of nbgrader's `CourseDirectory` (`release_directory`, `db_url`, ...) and `exchange`,
            the exchange's root folder.

    Returns:
        An `NbGraderAPI`; its methods answer a dict whose `success` must be looked at: see `step`.
    """
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    if "exchange" in folders:
        exchange = folders.pop("exchange")
        config.Exchange.root = str(exchange)
        config.ExchangeReleaseAssignment.force = True  # releasing again replaces what was released
        config.Exchange.cache = str(Path(exchange) / "cache")
    config.CourseDirectory.merge(Config({name: str(value) for name, value in folders.items()}))
    config.NbGraderAPI.log_level = "INFO"
    database = config.CourseDirectory.db_url.removeprefix("sqlite:///")
    if database != config.CourseDirectory.db_url:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    return NbGraderAPI(coursedir=CourseDirectory(config=config), config=config)


def step(answer: dict) -> str:
    """Log of one nbgrader step.

    Raises:
        StepFailed: it did not succeed.
    """
    if not answer["success"]:
        raise StepFailed(f"{answer.get('error') or 'nbgrader gave no reason.'}\n{answer.get('log', '')[-2000:]}")
    return answer.get("log", "")
