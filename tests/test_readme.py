"""Every command in the README is held by something, and every link leads somewhere."""

import re
import subprocess
from pathlib import Path

import nbformat
import pytest

from grader.places import assignments, source_path
from tests.hub import readme_commands
from tests.stored_outputs import README_FIGURE, readme_figure

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```bash\n(.*?)```", README, flags=re.DOTALL) for line in block.splitlines()]

NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]

# What holds each command: a test in this suite, by its function's name.
HELD_BY = {
    "make": "test_make_alone_lists_every_verb",
    "make lab": "test_make_lab_answers_and_offers_the_first_chapter",
    "make test": "test_ci_runs_the_readmes_test_command",
    "make grade": "test_the_sample_class_gets_the_expected_scores",
    "make bundle": "test_the_bundle_holds_no_answer_and_no_hidden_test",
    "make grade ASSIGNMENT=01_linear_regression SUBMITTED=class/submitted": "test_make_grade_hands_its_arguments_on",
    "make system-packages": "test_system_packages_installs_what_grading_and_some_tests_need",
    ".venv/bin/grader feedback 01_linear_regression": "test_the_readmes_grading_commands_work",
    ".venv/bin/grader report 01_linear_regression": "test_the_readmes_grading_commands_work",
    ".venv/bin/grader plain 01_linear_regression": "test_the_readmes_grading_commands_work",
    **dict.fromkeys(readme_commands(), "test_a_class_on_one_server"),
    ".venv/bin/grader move sqlite:///class/gradebook.db postgresql+psycopg://teacher@127.0.0.1/course": (
        "test_every_row_arrives_and_comes_back_and_grading_goes_on"
    ),
    **dict.fromkeys(
        (
            ".venv/bin/dask scheduler",
            ".venv/bin/dask worker tcp://127.0.0.1:8786",
            ".venv/bin/grader grade 01_linear_regression --scheduler tcp://127.0.0.1:8786",
        ),
        "test_a_cluster_leaves_what_the_local_pool_leaves",
    ),
    "make notebooks": "test_stored_outputs_are_fresh",
    "make assignments": "test_the_release_is_what_the_source_generates",
    "make lint": "test_lint_is_clean",
    "make check": "test_make_check_checks_every_assignment",
    ".venv/bin/grader check 01_linear_regression": "test_the_command_answers_by_its_exit_code",
    "make bench": "test_bench_writes_a_table_and_json_lines",
    "conda env create -f environment.yml": "test_conda_gets_what_pip_gets",
    "conda activate least-squares-to-adam": "test_conda_environment_has_the_name_that_the_readme_activates",
    "jupyter lab": "test_make_lab_answers_and_offers_the_first_chapter",
    "python3 -m venv .venv": "test_pip_alone_installs_what_make_installs",
    ".venv/bin/python -m pip install -e .": "test_pip_alone_installs_what_make_installs",
    ".venv/bin/jupyter lab": "test_make_lab_answers_and_offers_the_first_chapter",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_held_by_a_test(command):
    assert command in HELD_BY, f"no test holds the README's {command!r}"
    suite = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("test_*.py"))
    assert re.search(rf"^def {HELD_BY[command]}\(", suite, flags=re.MULTILINE), f"{HELD_BY[command]} does not exist"


@pytest.mark.parametrize("program", sorted({line.split()[0] for line in COMMANDS if line.startswith(".venv/bin/")}))
def test_every_program_of_a_command_is_installed(program):
    assert (ROOT / program).is_file()


def test_the_readme_opens_with_the_two_commands():
    assert COMMANDS[:2] == ["make lab", "make test"]


def test_every_link_leads_to_a_file():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert len(links) >= 5
    assert not [link for link in links if not (ROOT / link).exists()]


def test_the_chapter_table_lists_every_notebook():
    for path in sorted((ROOT / "notebooks").rglob("*.ipynb")):
        if ".ipynb_checkpoints" not in path.parts:
            assert f"({path.relative_to(ROOT).as_posix()})" in README


def test_the_figure_is_the_chapters_own():
    assert README_FIGURE.read_bytes() == readme_figure(), "run `make notebooks`"


def test_ci_runs_the_readmes_test_command():
    script = (ROOT / ".ci" / "run").read_text().splitlines()
    assert [line for line in script if line.startswith("make ")] == ["make system-packages", "make test"]


def test_conda_environment_has_the_name_that_the_readme_activates():
    assert "name: least-squares-to-adam" in (ROOT / "environment.yml").read_text()


def test_pip_alone_installs_what_make_installs():
    """`pip install -e .` resolves here to what is installed already: nothing would be missing."""
    pip = [str(ROOT / ".venv/bin/python"), "-m", "pip"]
    dry_run = [*pip, "install", "--dry-run", "--no-build-isolation", "--no-deps", "-e", "."]
    answer = subprocess.run(dry_run, cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    check = subprocess.run([*pip, "check"], capture_output=True, text=True)
    assert "least-squares-to-adam" not in check.stdout, check.stdout


@pytest.mark.parametrize("assignment", assignments())
def test_the_readmes_count_of_exercises_is_right(assignment):
    cells = nbformat.read(source_path(assignment), as_version=4).cells
    answers = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("solution")]
    code = sum(cell.cell_type == "code" for cell in answers)
    exercises = f"{NUMBERS[code].capitalize()} exercises"
    written = f"{NUMBERS[len(answers) - code]} written answer{'' if len(answers) - code == 1 else 's'}"
    assert f"(assignments/{assignment}/{assignment}.ipynb) | {exercises} and {written} |" in README
