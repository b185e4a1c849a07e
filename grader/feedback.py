"""Feedback pages that hide hidden tests and treat all that a student wrote or printed as hostile."""

import base64
import binascii
import html
import re
from pathlib import Path

import nbformat
from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat.notebooknode import NotebookNode
from nbgrader.apps import NbGraderAPI
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor
from traitlets.config import Config

from grader.course import read_notebook, step
from grader.places import source_path
from grader.suite import Cell, read_suite
from grader.summary import WORDS, summarised

KEPT_META = ("grade_id", "grade", "solution", "locked", "task", "points", "score", "comment", "schema_version")
MAX_TEXT = 10_000


class FeedbackPage(HTMLExporter):
    """A page of our own in place of nbgrader's: causes first, light and dark, for screen readers too."""

    @property
    def default_config(self) -> Config:
        """Where the template lies; nbgrader names another for every `HTMLExporter`."""
        place = {"template_name": "page", "extra_template_basedirs": [str(Path(__file__).parent / "templates")]}
        config = Config({"FeedbackPage": place | {"exclude_anchor_links": True}})
        config.merge(super().default_config)
        return config


class HideTests(NbGraderPreprocessor):
    """Rebuilds a graded notebook from what a student may see."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Give a notebook without hidden tests, tracebacks of tests and anything that a browser would run."""
        assignment = resources["nbgrader"]["assignment"]
        suite = read_suite(source_path(assignment), assignment)
        prose = {cell.source for cell in read_notebook(source_path(assignment)).cells if cell.cell_type == "markdown"}
        resources["feedback"], resources["feedback_words"] = summarised(nb, suite), WORDS
        resources["feedback_styles"], resources["feedback_inline"] = code_styles(), inline
        cells = [
            shown(cell, suite.cells.get(cell.metadata.get("nbgrader", {}).get("grade_id")), prose) for cell in nb.cells
        ]
        return nbformat.v4.new_notebook(
            cells=cells, metadata=read_notebook(source_path(assignment)).metadata
        ), resources


def shown(cell: NotebookNode, source: Cell | None, prose: set[str]) -> NotebookNode:
    """One cell as its student may see it."""
    if source is not None and source.locked:
        text = without_hidden(source) if source.kind == "code" else lowered(source.source)
    elif cell.cell_type == "code":
        text = cell.source
    elif cell.source in prose:
        text = lowered(cell.source)
    else:
        text = fenced(cell.source)
    if cell.cell_type == "code":
        outputs = [kept for output in cell.outputs for kept in shown_output(output, source)]
        made = nbformat.v4.new_code_cell(text, outputs=outputs)
    else:
        made = nbformat.v4.new_markdown_cell(text)
    meta = cell.metadata.get("nbgrader", {})
    if source is not None:
        made.metadata.nbgrader = nbformat.from_dict({key: meta[key] for key in KEPT_META if key in meta})
    return made


def without_hidden(source: Cell) -> str:
    """Text of a source cell as it was released."""
    cell = nbformat.v4.new_code_cell(source.source)
    cell.metadata.nbgrader = {"grade": source.graded, "grade_id": source.id}
    cell, _ = ClearHiddenTests().preprocess_cell(cell, ResourcesDict(), 0)
    return cell.source


def lowered(text: str) -> str:
    """Markdown of ours with its headings two levels lower: above it stand the page's own."""
    return re.sub(r"^(#{1,4}) ", r"##\1 ", text, flags=re.MULTILINE)


def inline(text: str) -> str:
    """HTML of a sentence of ours, with `code` in back-ticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def code_styles() -> str:
    """CSS of highlighted code, on a light page and on a dark one."""
    pages = [
        CSSHTMLHeaderPreprocessor(style=name).preprocess(None, {"config_dir": ""})[1]
        for name in ("default", "github-dark")
    ]
    light, dark = (page["inlining"]["css"][0] for page in pages)
    light, dark = (re.sub(r"background(-color)?: [^;]+;", "", css) for css in (light, dark))
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"


def fenced(text: str) -> str:
    """Markdown that shows a text as it was typed: nothing in it is rendered."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def shown_output(output: NotebookNode, source: Cell | None) -> list[NotebookNode]:
    """One output as its student may see it: text, small pictures, and of a test the message only."""
    if output.output_type == "error":
        lines = [f"{output.ename}: {output.evalue}".strip(": ")] if source and source.test else output.traceback
        lines = ["\n".join(lines)[-MAX_TEXT:]]
        return [nbformat.v4.new_output("error", ename=output.ename, evalue=output.evalue, traceback=lines)]
    served = output.output_type == "display_data" and output.metadata.get("grader") == "served"
    if source is not None and source.hidden and not served:
        return []
    if output.output_type == "stream":
        return [nbformat.v4.new_output("stream", name="stdout", text=output.text[:MAX_TEXT])]
    data = {}
    if isinstance(output.data.get("text/plain"), str):
        data["text/plain"] = output.data["text/plain"][:MAX_TEXT]
    if picture := checked_picture(output.data.get("image/png")):
        data["image/png"] = picture
    return [nbformat.v4.new_output("display_data", data=data)] if data else []


def checked_picture(text: object) -> str | None:
    """Base64 of a PNG file, written anew; None if it is anything else."""
    if not isinstance(text, str):
        return None
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return base64.b64encode(data).decode() if data.startswith(b"\x89PNG\r\n\x1a\n") else None


def write_feedback(api: NbGraderAPI, assignment: str, students: list[str]) -> list[Path]:
    """Write the feedback pages of students who were graded; give their paths."""
    pages = []
    for student in students:
        graded = api.coursedir.format_path(api.coursedir.autograded_directory, student, assignment)
        if not Path(graded).is_dir():
            continue
        step(api.generate_feedback(assignment, student))
        folder = api.coursedir.format_path(api.coursedir.feedback_directory, student, assignment)
        pages.append(Path(folder) / f"{assignment}.html")
    return pages
