"""Execute the chapters in a clean kernel and store their outputs.

    python -m tests.stored_outputs [PATH ...]     all chapters, or those named

Two fingerprints go into each notebook's metadata: one of what the outputs depend on (code cells, helpers, lock), one
of the outputs themselves. A test compares both, so that stale and hand-edited outputs fail.
"""

import base64
import hashlib
import json
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from tests.notebook_rules import ROOT, chapters, code_cells

README_FIGURE = ROOT / "notebooks" / "three_learning_rates.png"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def digest(value: object) -> str:
    """Short hash of anything that JSON can hold."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def inputs_fingerprint(notebook: nbformat.NotebookNode) -> str:
    """Hash of what the outputs depend on: code cells in order, `helpers`, the lock."""
    shared = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "helpers").glob("*.py"))]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return digest([[[cell.id, cell.source] for cell in code_cells(notebook)], shared, lock])


def outputs_fingerprint(notebook: nbformat.NotebookNode) -> str:
    """Hash of the stored outputs."""
    return digest([[cell.id, cell.outputs] for cell in code_cells(notebook)])


def execute(path: Path) -> tuple[nbformat.NotebookNode, float]:
    """Run a notebook in a new kernel, in its own folder.

    Returns:
        The executed notebook, tidied and fingerprinted, and the seconds it took.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed that is not tagged `raises-exception`.
    """
    notebook = nbformat.read(path, as_version=4)
    start = time.perf_counter()
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", coalesce_streams=True)
    client.execute(cwd=str(path.parent))
    seconds = time.perf_counter() - start
    tidy(notebook)
    notebook.metadata["course"] = {
        "inputs": inputs_fingerprint(notebook),
        "outputs": outputs_fingerprint(notebook),
    }
    return notebook, seconds


def tidy(notebook: nbformat.NotebookNode) -> None:
    """Keep what is worth storing: no widget state or view, no kernel's version, of an error its message."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for cell in code_cells(notebook):
        cell.metadata.pop("execution", None)
        cell.outputs = [out for out in cell.outputs if WIDGET_VIEW not in out.get("data", {})]
        for output in cell.outputs:
            if output.output_type == "error":  # the frames name places on this machine
                output.traceback = [f"{output.ename}: {output.evalue}"]


def write(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Write a notebook the one way that all of them are written."""
    nbformat.validate(notebook)
    text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def readme_figure() -> bytes:
    """The picture that the README shows, taken from the chapter that draws it."""
    path = ROOT / "notebooks" / "01_linear_regression" / "1_from_scratch.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    (cell,) = [cell for cell in cells if cell.id == "lr-picture"]
    return base64.b64decode(cell.outputs[0].data["image/png"])


def main(names: list[str]) -> None:
    """Execute and store."""
    for path in [Path(name).resolve() for name in names] or chapters():
        notebook, seconds = execute(path)
        write(notebook, path)
        print(f"{path.relative_to(ROOT)}: {seconds:.1f} s")
    README_FIGURE.write_bytes(readme_figure())


if __name__ == "__main__":
    main(sys.argv[1:])
