"""The release is what the source generates, and neither it nor the students' archive gives anything away."""

import re
import tomllib
import zipfile
from pathlib import Path

import pytest

from grader import release
from grader.places import ROOT, assignments
from tests.test_makefile import make


@pytest.fixture(scope="module")
def generated(tmp_path_factory) -> Path:
    """A release generated just now."""
    folder = tmp_path_factory.mktemp("release")
    release.generate(folder)
    return folder


def files_in(folder: Path) -> dict[str, bytes]:
    """Name -> content of everything below a folder."""
    paths = (path for path in folder.rglob("*") if path.is_file() and ".ipynb_checkpoints" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_the_release_is_what_the_source_generates(generated):
    assert files_in(generated) == files_in(ROOT / "assignments"), "run `make assignments`"


def test_the_release_is_one_notebook_per_assignment(generated):
    assert sorted(files_in(generated)) == [f"{name}/{name}.ipynb" for name in assignments()]


def test_generating_twice_gives_the_same_bytes(generated, tmp_path):
    release.generate(tmp_path)
    assert files_in(tmp_path) == files_in(generated)


@pytest.mark.parametrize("assignment", assignments())
def test_there_are_secrets_to_look_for(assignment):
    kinds = [kind for kind, _ in release.secret_lines(assignment)]
    assert kinds.count("answer") >= 10 and kinds.count("hidden test") >= 30


def test_the_bundle_holds_no_answer_and_no_hidden_test(tmp_path):
    with zipfile.ZipFile(release.bundle(tmp_path / "bundle.zip")) as archive:
        archive.extractall(tmp_path)
    inside = tmp_path / "least-squares-to-adam"
    names = set(files_in(inside))
    assert {"README.md", "Makefile", "pyproject.toml", "environment.yml", "helpers/__init__.py"} <= names
    assert {"notebooks/00_start_here.ipynb", *(f"assignments/{name}/{name}.ipynb" for name in assignments())} <= names
    assert not [name for name in names if name.split("/")[0] not in {*release.STUDENT_FILES, *release.STUDENT_ROOMS}]
    texts = {name: release.text_of(inside / name) for name in names}
    assert release.leaks(texts) == []


def test_the_bundle_is_the_same_for_the_same_tree(tmp_path):
    first, second = release.bundle(tmp_path / "a.zip"), release.bundle(tmp_path / "b.zip")
    assert first.read_bytes() == second.read_bytes()


def test_the_archives_readme_says_nothing_that_does_not_hold_there():
    """Its links lead into the archive, its commands need nothing that is left out, and it tells of no room left out."""
    page = release.content(ROOT / "README.md").decode()
    inside = {path.relative_to(ROOT).as_posix() for path in release.student_paths()}
    links = re.findall(r"\]\(([^)#]+)\)", page)
    assert len(links) >= 15 and not [link for link in links if link not in inside]
    commands = "".join(re.findall(r"```bash\n(.*?)```", page, flags=re.DOTALL)).splitlines()
    assert [line for line in commands if line.startswith("make") or "grader" in line] == ["make lab"]
    assert not re.findall(r"<!--|\bmake [a-z]+(?<!make lab)`|(?:solutions|grader|tests|class)/|CONTRIBUTING", page)


def test_the_archive_installs_no_command_that_it_has_not():
    path = ROOT / "pyproject.toml"
    ours, theirs = (tomllib.loads(text) for text in (path.read_text(), release.content(path).decode()))
    assert list(ours["project"].pop("scripts")) == ["grader"]
    assert ours == theirs


@pytest.mark.parametrize(
    "name, text",
    [
        ("solutions/01_linear_regression/01_linear_regression.ipynb", ""),
        ("grader/plain.py", ""),
        ("assignments/01_linear_regression/misconceptions.py", ""),
        ("assignments/01_linear_regression/right_answers.py", ""),
        ("assignments/01_linear_regression/equivalent_mutants.json", ""),
        ("assignments/01_linear_regression/01_linear_regression.ipynb", "### BEGIN HIDDEN TESTS"),
        ("helpers/data.py", "# BEGIN SOLUTION"),
    ],
)
def test_a_leak_is_found_by_name_or_mark(name, text):
    assert len(release.leaks({name: text})) == 1


@pytest.mark.parametrize("assignment", assignments())
def test_a_leaked_line_is_found_wherever_it_stands(assignment):
    for kind, line in release.secret_lines(assignment):
        found = release.leaks({f"assignments/{assignment}/x.ipynb": f"first\n    {line}\nlast"})
        assert any(repr(line) in finding for finding in found), (kind, line)


def test_a_leak_stops_the_bundle(tmp_path, monkeypatch):
    monkeypatch.setattr(release, "text_of", lambda path: "### BEGIN HIDDEN TESTS")
    with pytest.raises(release.Leak, match="BEGIN HIDDEN TESTS"):
        release.bundle(tmp_path / "bundle.zip")
    assert not (tmp_path / "bundle.zip").exists()


def test_make_works_where_there_is_no_grader_and_no_lock(tmp_path):
    with zipfile.ZipFile(release.bundle(tmp_path / "bundle.zip")) as archive:
        archive.extractall(tmp_path)
    run = make("--dry-run", "lab", cwd=tmp_path / "least-squares-to-adam")
    assert run.returncode == 0, run.stderr
    assert "pip install --quiet  -e ." in run.stdout and "requirements.lock" not in run.stdout


def test_make_in_the_bundle_lists_only_what_works_there(tmp_path):
    with zipfile.ZipFile(release.bundle(tmp_path / "bundle.zip")) as archive:
        archive.extractall(tmp_path)
    inside = tmp_path / "least-squares-to-adam"
    listed = make(cwd=inside).stdout.splitlines()[1:]
    assert [line.split()[0] for line in listed] == ["help", "lab"]
