"""Generate the release from the source, and the archive that students get.

python -m grader.release assignments     regenerates assignments/
python -m grader.release bundle          writes dist/least-squares-to-adam.zip
"""

import re
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from grader.course import nbgrader_api, read_notebook, step
from grader.places import ROOT, GraderError, assignments, source_path

BUNDLE = ROOT / "dist" / "least-squares-to-adam.zip"
# The lock stays out: a student installs ranges, see pyproject.toml.
STUDENT_FILES = ("README.md", "LICENSE", "Makefile", "environment.yml", "pyproject.toml")
STUDENT_ROOMS = ("notebooks", "helpers", "assignments")
BESIDE = ("misconceptions.py", "right_answers.py", "equivalent_mutants.json")  # what tests the tests
# What a page says to those who have a clone, not the archive: left out of the archive's copy.
CLONE_ONLY = re.compile(rb"(<!-- clone only -->\n.*?<!-- end|# clone only\n.*?# end)( -->)?\n", re.DOTALL)
MARKED = (".md", ".toml")
MARKS = {"answer": ("BEGIN SOLUTION", "END SOLUTION"), "hidden test": ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS")}


class Leak(GraderError):
    """Something that a student must not see stands where students look."""


def generate(folder: Path = ROOT / "assignments") -> list[Path]:
    """Generate every assignment's release into `folder`, through nbgrader; return the notebooks written."""
    with tempfile.TemporaryDirectory() as scratch:
        api = nbgrader_api(release_directory=folder, db_url=f"sqlite:///{scratch}/gradebook.db")
        for assignment in assignments():
            step(api.generate_assignment(assignment))
    return [folder / name / f"{name}.ipynb" for name in assignments()]


def secret_lines(assignment: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, line) for each line of a source notebook that its release must not hold.

    Of an answer, each line counts; of a hidden test, those that assert something or work out a reference. Either must
    be long enough to give something away and stand nowhere in the notebook's open parts.
    """
    hidden, shown = [], set()
    for cell in read_notebook(source_path(assignment)).cells:
        kind = None
        written = cell.metadata.get("nbgrader", {}).get("solution") and "BEGIN SOLUTION" not in cell.source
        for line in cell.source.splitlines():
            opened = next((name for name, marks in MARKS.items() if marks[0] in line), None)
            closed = any(end in line for _, end in MARKS.values())
            if opened:
                kind = opened
            elif closed:
                kind = None
            elif kind == "hidden test":
                hidden += [(kind, line.strip())] if "assert " in line or "ref_" in line else []
            elif kind or written:
                hidden.append((kind or "answer", line.strip()))
            else:
                shown.add(line.strip())
    return ((kind, line) for kind, line in hidden if len(line) >= 20 and line not in shown)


def leaks(texts: dict[str, str]) -> list[str]:
    """Say what in `texts` (name -> text) students must not get: one sentence per finding, none when all is well."""
    found = []
    for name, text in texts.items():
        if name.startswith(("solutions/", "grader/", "tests/")) or name.endswith(BESIDE):
            found.append(f"{name} must not be in it")
        found += [f"{name} holds the mark {start!r}" for start, _ in MARKS.values() if start in text]
    for assignment in assignments():
        for kind, line in secret_lines(assignment):
            # A chapter teaches what the exercises ask, so an answer's line may stand there; a test's may not.
            rooms = "assignments/" if kind == "answer" else ""
            for name, text in texts.items():
                if name.startswith(rooms) and line in text:
                    found.append(f"{name} holds a line of {assignment}'s {kind}s: {line!r}")
    return found


def text_of(path: Path) -> str:
    """Text of a file as a reader sees it: a notebook's cells rather than its JSON."""
    if path.suffix == ".png":
        return ""
    if path.suffix != ".ipynb":
        return path.read_text(encoding="utf-8")
    return "\n".join(cell.source for cell in read_notebook(path).cells)


def student_paths(root: Path = ROOT) -> list[Path]:
    """Every file that goes into the students' archive, in order."""
    rooms = [
        p for room in STUDENT_ROOMS for suffix in ("py", "ipynb", "png") for p in (root / room).rglob(f"*.{suffix}")
    ]
    shown = [p for p in rooms if not any(part.startswith((".", "__pycache__")) for part in p.relative_to(root).parts)]
    return [root / name for name in STUDENT_FILES] + sorted(shown)


def content(path: Path) -> bytes:
    """What the archive holds of a file: all of it, but nothing that is marked `clone only`."""
    return CLONE_ONLY.sub(b"", path.read_bytes()) if path.suffix in MARKED else path.read_bytes()


def bundle(archive: Path = BUNDLE) -> Path:
    """Write the students' archive: the same bytes for the same tree.

    Raises:
        Leak: an answer or a hidden test would be inside; nothing is left behind.
    """
    paths = {path.relative_to(ROOT).as_posix(): path for path in student_paths()}
    if found := leaks({name: text_of(path) for name, path in paths.items()}):
        raise Leak("The archive was not written: " + "; ".join(found[:5]) + ".")
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, path in paths.items():
            entry = zipfile.ZipInfo(f"least-squares-to-adam/{name}", date_time=(2026, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, content(path))
    return archive


def main(verb: str) -> None:
    """Run one of the two verbs and say what was written."""
    if verb == "assignments":
        for path in generate():
            print("wrote", path.relative_to(ROOT))
    elif verb == "bundle":
        path = bundle()
        print(f"wrote {path.relative_to(ROOT)} ({path.stat().st_size / 1e6:.1f} MB): no answer, no hidden test inside")
    else:
        raise SystemExit(f"expected 'assignments' or 'bundle', got {verb!r}")


if __name__ == "__main__":
    main(*sys.argv[1:])
