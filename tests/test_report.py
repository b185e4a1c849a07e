"""The report on a class: its numbers on classes worked out by hand, its page, its CSV files."""

import csv
import html
import io
import json
import math
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbgrader.api import Gradebook
from scipy import stats

from grader import sample_class
from grader.__main__ import main
from grader.analysis import (
    Mistake,
    Thirds,
    bins,
    correlation,
    items_of_exercises,
    items_of_tests,
    mistakes,
    thirds,
    wilson,
)
from grader.course import nbgrader_api
from grader.grade import grade
from grader.places import source_path
from grader.report_page import COLUMNS, page, quartiles, table_of_items
from grader.results import NothingGraded, read_results
from grader.suite import Cell, Suite, read_suite
from tests.browser import LAPTOP, PHONE, chromium
from tests.grading import WALLS
from tests.pages import Outline, hard_to_find, too_faint

ASSIGNMENT = sample_class.ASSIGNMENT
SUITE = read_suite(source_path(ASSIGNMENT), ASSIGNMENT)
HOSTILE = "</li></bdi><script>alert('x')</script><img src=x onerror=alert('x')> `<b>` \u202egnorts\udce9"


def cell(name: str, points: float = 1.0) -> Cell:
    """A graded cell: of code, or to be marked where its name ends so."""
    written = name.endswith("-answer")
    return Cell(name, "markdown" if written else "code", "", points, graded=True, solution=written, locked=not written)


NAMES = ("a-visible", "a-hidden-1", "b-visible", "c-visible", "w-answer")
TINY = Suite("tiny", {name: cell(name, 2.0 if name == "w-answer" else 1.0) for name in NAMES})


def tiny(student: str, verdicts: str, waiting: tuple = ("w-answer",), named: str | None = None, **more) -> dict:
    """A record on TINY: one letter a test - passed, failed, not attempted, grader error, missing, timed out."""
    words = {"p": "passed", "f": "failed", "n": "not_attempted", "e": "grader_error", "m": "missing", "t": "timed_out"}
    cells = [
        {"id": name, "points": float(letter == "p"), "max_points": 1.0, "verdict": words[letter], "message": "",
         "seconds": 0.1, "misconception": named if letter == "f" else None, "served": None}
        for name, letter in zip(NAMES, verdicts, strict=False)
    ]  # fmt: skip
    cells.append(cells[0] | {"id": "w-answer", "verdict": "manual", "points": more.pop("marked", 0.0)})
    score = sum(cell["points"] for cell in cells)
    known = {"student": student, "outcome": "graded", "reason": None, "score": score, "seconds": 1.0}
    return known | {"max_score": 6.0, "cells": cells, "waiting": list(waiting)} | more


def test_wilsons_interval_is_the_textbooks():
    """0 of 10: up to z² / (n + z²) = 3.8415 / 13.8415. 5 of 10: 0.5 -+ 1.96 * sqrt(2.5 + 0.9604) / 13.8415."""
    assert wilson(0, 10).low == 0 and wilson(0, 10).high == pytest.approx(0.27754, abs=1e-5)
    assert wilson(5, 10).low == pytest.approx(0.5 - 0.26341, abs=1e-5)
    for n in (1, 3, 12, 60):
        for k in range(n + 1):
            known = stats.binomtest(k, n).proportion_ci(method="wilson")
            assert (wilson(k, n).low, wilson(k, n).high) == pytest.approx((known.low, known.high), abs=1e-12)


def test_a_correlation_worked_by_hand():
    """Means 0.5 and 4.5, covariance 1.25, deviations 0.5 and sqrt(8.25): r = 2.5 / sqrt(8.25) = 0.87039."""
    values, rest = [0.0] * 5 + [1.0] * 5, [float(points) for points in range(10)]
    found = correlation(values, rest)
    assert found.value == pytest.approx(2.5 / math.sqrt(8.25))
    known = stats.pearsonr(values, rest).confidence_interval()
    assert (found.low, found.high) == pytest.approx((known.low, known.high))
    assert (found.low, found.high) == pytest.approx((0.532, 0.969), abs=1e-3)  # tanh(1.3345 -+ 1.96 / sqrt(7))


def test_too_few_students_are_not_talked_about():
    rest = [float(points) for points in range(10)]
    assert correlation([0.0] * 5 + [1.0] * 4, rest[:9]) is None and thirds([0.0] * 9, rest[:9]) is None
    assert correlation([0.0] * 2 + [1.0] * 8, rest) is None, "two students say nothing"
    assert correlation([0.0] * 3 + [1.0] * 7, rest) is not None
    assert correlation([0.0] * 5 + [1.0] * 5, [4.0] * 10) is None
    assert correlation([0.0] * 5 + [1.0] * 5, [3.0] * 5 + [7.0] * 5) is None, "a line has no interval"
    assert thirds([0.0] * 5 + [1.0] * 5, [4.0] * 10) is None


def test_strong_students_who_fail_are_noticed():
    """Of 12 the four strongest fail and the four weakest pass: 1 of the 70 ways to choose 4 of 8."""
    rest = [float(points) for points in range(12)]
    found = thirds([1.0] * 8 + [0.0] * 4, rest)
    assert found == Thirds(4, 4, 0, 4) and found.reversed and found.chance == pytest.approx(1 / 70)
    found = thirds([1.0] * 11 + [0.0], rest)
    assert found == Thirds(1, 4, 0, 4) and found.chance == pytest.approx(1 / 2)
    assert not thirds([0.0] * 4 + [1.0] * 8, rest).reversed
    tied = thirds([1.0] * 12, [0.0] * 4 + [5.0] * 8)
    assert (tied.strong, tied.weak) == (8, 4), "whoever ties with the last in a third belongs to it"
    for table in (Thirds(3, 6, 1, 5), Thirds(5, 7, 2, 9), Thirds(0, 4, 2, 4)):
        counts = [[table.strong_failed, table.strong - table.strong_failed],
                  [table.weak_failed, table.weak - table.weak_failed]]  # fmt: skip
        assert table.chance == pytest.approx(stats.fisher_exact(counts, alternative="greater").pvalue)


def test_who_did_not_try_counts_apart():
    """Exercise a: one full, one half, one nothing; 1.5 of 3. Not tried: one left it, one deleted it. One not judged."""
    records = [tiny("1", "pppp"), tiny("2", "pfpp"), tiny("3", "ftpp"), tiny("4", "nnpp"), tiny("5", "mmpp")]
    records.append(tiny("6", "pepp"))
    a, b, _, w = items_of_exercises(records, TINY)
    assert (a.full, a.part, a.nothing, a.not_tried, a.not_judged, a.tried) == (1, 1, 1, 2, 1, 3)
    assert a.share == wilson(1.5, 3) and a.points == 2
    assert (b.full, b.tried) == (6, 6) and b.discrimination is None
    assert (w.tried, w.not_judged, w.share) == (0, 6, None)
    visible, hidden = items_of_tests(records, TINY)[:2]
    assert (visible.name, visible.full, visible.nothing, visible.not_judged) == ("a-visible", 3, 1, 0)
    assert (hidden.full, hidden.nothing, hidden.not_judged) == (1, 2, 1)


def test_a_test_without_points_is_right_when_it_passes():
    suite = Suite("tiny", {"a-visible": cell("a-visible", 0.0)})
    records = [{"cells": [{"id": "a-visible", "points": 0.0, "verdict": said}]} for said in ("passed", "failed")]
    assert items_of_tests(records, suite)[0].share.value == 0.5


def test_a_written_answer_counts_when_it_is_marked():
    records = [tiny("1", "pppp", waiting=(), marked=2.0), tiny("2", "pppp", waiting=(), marked=1.0), tiny("3", "pppp")]
    written = items_of_exercises(records, TINY)[-1]
    assert (written.full, written.part, written.not_judged, written.share.value) == (1, 1, 1, 0.75)


def test_an_exercise_does_not_vouch_for_itself():
    """Both cells of a fall together, and the rest of the class's points have nothing to do with them."""
    records = [tiny(str(i), ("pp" if i % 2 else "ff") + ("pp" if i // 2 % 2 else "ff")) for i in range(12)]
    assert items_of_tests(records, TINY)[0].discrimination.value == pytest.approx(0)


def test_a_test_that_strong_students_fail_is_suspect():
    """The weak half of 12 pass a-visible and fail b and c; a-hidden-1 is the other way round."""
    records = [tiny(str(i), "pfff") for i in range(6)] + [tiny(str(i), "fppp") for i in range(6, 10)]
    records += [tiny("10", "fpfp"), tiny("11", "fppf")]
    suspicions = {item.name: item.suspicion for item in items_of_tests(records, TINY)}
    assert suspicions == {"a-visible": "clear", "a-hidden-1": "", "b-visible": "", "c-visible": ""}
    one = [tiny(str(i), "pppf") for i in range(6)] + [tiny(str(i), "pppp") for i in range(6, 11)]
    assert items_of_tests([*one, tiny("11", "fppp")], TINY)[0].suspicion == "possible"


def test_a_mistake_counts_once_per_student_and_exercise():
    records = [tiny("1", "ffpp", named="half"), tiny("2", "fpfp", named="half"), tiny("3", "ffpp"), tiny("4", "nnpp")]
    assert mistakes(records, TINY) == ([Mistake("a", "half", 2), Mistake("b", "half", 1)], 1)


def test_histograms_have_round_steps_and_lose_nobody():
    assert bins([0, 44, 44, 12.5], 44) == ([0, 5, 10, 15, 20, 25, 30, 35, 40, 45], [1, 0, 1, 0, 0, 0, 0, 0, 2])
    assert bins([46.0], 44)[0][-1] == 50, "extra credit"
    assert bins([-1.0], 44)[1][0] == 1, "a person took points off"
    assert bins([], 0) == ([0, 1.0], [0]) and bins([0.0], 0.0)[1] == [1]
    edges, counts = bins([0.178, 0.3, 2.184], 2.184)
    assert edges[:3] == [0, 0.2, 0.4] and sum(counts) == 3 and len(counts) <= 12


def test_quartiles_of_five():
    assert quartiles([4.0, 0.0, 3.0, 1.0, 2.0]) == [1, 2, 3] and quartiles([]) is None


def verdicts_of(student: str, failed: dict | None = None, blank: tuple = (), **more) -> dict:
    """A record on assignment 1: exercise or test -> misconception or None, exercises not attempted."""
    cells = []
    for cell in SUITE.cells.values():
        if not cell.graded:
            continue
        name = cell.id if cell.id in (failed or {}) else cell.exercise
        verdict = "manual" if cell.manual else "failed" if name in (failed or {}) else "passed"
        verdict = "not_attempted" if cell.exercise in blank else verdict
        cells.append({"id": cell.id, "points": cell.points * (verdict == "passed"), "max_points": cell.points,
                      "verdict": verdict, "message": cell.source if verdict == "failed" else "", "seconds": 0.1,
                      "served": None, "misconception": failed[name] if verdict == "failed" else None})  # fmt: skip
    known = {"student": student, "outcome": "graded", "reason": None, "cells": cells, "seconds": 0.5}
    known |= {"waiting": [cell["id"] for cell in cells if cell["verdict"] == "manual"], "max_score": SUITE.max_score}
    return known | {"score": sum(cell["points"] for cell in cells)} | more


def a_class() -> list[dict]:
    """18 students and one whom nobody could read: six got 39, failing one test; six 32; six 27 of 40 points."""
    strong = [verdicts_of(f"s{i}", {"mean_lr-hidden": None}, seconds=0.2 + i / 10) for i in range(6)]
    middle = [verdicts_of(f"m{i}", {"squared_loss": "labels_broadcast"}, ("fit_temperature",)) for i in range(6)]
    weak = [verdicts_of(f"w{i}", {"linreg": "bias_left_out", "fit": None, "sgd_step": None}) for i in range(6)]
    lost = {"student": HOSTILE, "outcome": "needs_person", "reason": HOSTILE, "cells": [], "waiting": [], "score": 0.0,
            "max_score": SUITE.max_score, "seconds": 0.0}  # fmt: skip
    return [lost, *middle, *strong, *weak]


def words(text: str) -> str:
    """What a page says, without its tags."""
    body = re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", re.sub("</t[dh]>", " ", body))).split())


@pytest.fixture(scope="module")
def made() -> str:
    """The page of the class."""
    return page(a_class(), SUITE)


def test_the_page_answers_what_an_instructor_asks(made):
    said = words(made)
    assert "19 submissions, 18 judged 1 needs a person 36 answers to mark 1 test to suspect" in said
    assert "Half of the class has 32 or more of 44 points; the middle half lies between 27 and 39." in said
    assert "mean_lr-hidden: failed by 6 of the 6 strongest and 0 of the 6 weakest students" in said
    assert "zero_starts-answer: 18 of 18" in said and "Not judged, and in none of the numbers here." in said
    shape_trap = "The shape trap, section 3 of notebooks/01_linear_regression/1_from_scratch.ipynb: met 6 times"
    assert f"{shape_trap} 6 × squared_loss: Labels of shape (n,) are paired with every prediction" in said
    assert "30 answers failed a test; 12 of them behave like a mistake" in said
    never = said[said.index("Never failed") : said.index("All tests")]
    assert "minibatches-visible: 18 of 18 (82 to 100 %)" in never and "linreg-visible" not in never
    assert "fit_temperature-visible: 12 of 12 (76 to 100 %)" in never
    assert "linreg-visible 12 6 0 67 % (44 to 84 %) 0 of 6, 6 of 6" in said
    assert "The longest: s5 0.7 s" in said


def test_a_test_that_nobody_passes_is_listed():
    said = words(page([verdicts_of(str(i), {"mean_lr-hidden": None}) for i in range(12)], SUITE))
    assert "Never passed mean_lr-hidden: 0 of 12 (0 to 24 %)" in said


def test_of_many_who_need_a_person_the_same_is_said_once():
    records = [record | {"outcome": "needs_person", "reason": "Look here."} for record in a_class()[1:5]]
    said = words(page([*records, a_class()[0] | {"student": "zoe", "reason": "Empty."}], SUITE))
    assert "zoe: Empty. Not judged, and in none of the numbers here. 4 students: Look here. m0, m1, m2, m3" in said
    assert "m0, m1: Look here." in words(page(records[:2], SUITE))


def test_the_report_says_what_an_earlier_run_had_found():
    again = [record | {"taken_over": 2} for record in a_class()]
    assert "The last run took 36 tests' results over from earlier ones" in words(page(again, SUITE))
    assert "over from earlier" not in words(page(a_class(), SUITE))


def test_too_small_a_class_is_told_so():
    said = words(page(a_class()[:9], SUITE))
    assert "Too few students to say: 8, and it takes 10." in said and "too little to say" in said
    assert not re.search(r"[+−]\d\.\d\d", said.split("How to read")[0]), "a correlation of eight students"


def test_a_class_that_nobody_could_read_still_has_a_page():
    said = words(page(a_class()[:1], SUITE))
    assert "1 submission, 0 judged 1 needs a person" in said and "No submission could be judged." in said


def test_nothing_of_a_students_is_html_on_the_report(made):
    body = made[made.index("<body") :]
    assert "alert(" in body and not re.search(r"<script|<img|<b>|</bdi><", body.replace("<bdi><code>", ""))
    assert "Content-Security-Policy" in made and "default-src 'none'" in made
    made.encode()


def test_the_report_shows_no_hidden_test(made):
    """Not even where a message quotes it."""
    hidden = {line.strip() for cell in SUITE.tests if cell.hidden for line in cell.source.splitlines()}
    said = words(made)
    assert not [line for line in hidden if line.startswith(("assert ", "ref_")) and line in said]


def test_a_screen_reader_finds_its_way_through_the_report(made):
    assert not hard_to_find(Outline(made))
    assert "Histogram of scores: 18 submissions, median 32 of 44 points" in made


def test_the_report_stands_out_in_light_and_in_dark(made):
    assert not too_faint(made, [("text", "page"), ("text", "soft"), ("link", "page")])
    assert not too_faint(made, [(part, "page") for part in ("bar", "line", "good", "bad")], least=3.0)
    assert not too_faint(made, [("good", "part"), ("part", "bad"), ("part", "soft")], least=1.5)


def test_the_csv_has_the_numbers_of_the_page():
    records = a_class()
    text = table_of_items(records, SUITE)
    rows = list(csv.DictReader(io.StringIO(text)))
    again = io.StringIO()
    writer = csv.DictWriter(again, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    assert again.getvalue() == text
    judged = records[1:]
    items = [*items_of_exercises(judged, SUITE), *items_of_tests(judged, SUITE)]
    assert [row["name"] for row in rows] == [item.name for item in items]
    for row, item in zip(rows, items, strict=True):
        assert [int(row[name]) for name in ("students", "tried", "full")] == [18, item.tried, item.full]
        assert row["suspicion"] == item.suspicion
        for name in ("share", "discrimination"):
            known = getattr(item, name)
            assert (row[f"{name}_low"] == "") == (known is None)
            assert known is None or float(row[name]) == pytest.approx(known.value, abs=1e-4)


def test_in_a_browser_the_report_fits_and_runs_nothing(made, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(made, encoding="utf-8")
    with chromium() as browser:
        for theme in ("light", "dark"):
            for size in (LAPTOP, PHONE):
                said = []
                with browser.new_context(viewport=size, color_scheme=theme) as context:
                    tab = context.new_page()
                    tab.on("console", lambda message, said=said: said.append(message.text))
                    tab.on("pageerror", lambda error, said=said: said.append(str(error)))
                    tab.on("dialog", lambda dialog, said=said: (said.append(dialog.message), dialog.dismiss()))
                    tab.goto(path.as_uri())
                    assert tab.evaluate("document.documentElement.scrollWidth") == size["width"]
                    wide = "[...document.querySelectorAll('.wide')].every(box => box.scrollWidth <= box.clientWidth)"
                    assert size is PHONE or tab.evaluate(wide), "a table is cut off on a laptop"
                    ground = tab.evaluate("getComputedStyle(document.body).backgroundColor")
                    assert (ground == "rgb(255, 255, 255)") == (theme == "light")
                assert not said


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Three submissions that were graded: one right, one with mistakes, one that nobody can read."""
    folder = tmp_path_factory.mktemp("graded")
    for name in ("ada", "kofi"):
        place = folder / "submitted" / name / ASSIGNMENT
        place.mkdir(parents=True)
        nbformat.write(sample_class.submission(ASSIGNMENT, sample_class.STUDENTS[name]), place / f"{ASSIGNMENT}.ipynb")
    (folder / "submitted" / "zoe" / ASSIGNMENT).mkdir(parents=True)
    grade(api_of(folder), ASSIGNMENT, folder / "submitted", walls=WALLS)
    return folder


def api_of(folder):
    """nbgrader with a class below a folder."""
    return nbgrader_api(
        submitted_directory=folder / "submitted", autograded_directory=folder / "autograded",
        db_url=f"sqlite:///{folder / 'gradebook.db'}",
    )  # fmt: skip


@pytest.fixture
def course(graded, tmp_path):
    """A copy of the graded class, to be changed."""
    return shutil.copytree(graded, tmp_path / "course")


def test_results_are_the_records_of_grading(graded):
    found = read_results(api_of(graded), SUITE)
    folder = graded / ".grader" / ASSIGNMENT
    kept = [json.loads((folder / f"{name}.json").read_text())["record"] for name in ("ada", "kofi", "zoe")]
    for record in found:
        assert record.pop("taken_over") == 0
    assert [{key: value for key, value in record.items() if key != "waiting"} for record in found] == kept
    assert [len(record["waiting"]) for record in found] == [2, 2, 0]


def test_the_gradebook_has_the_last_word(course):
    """A person marks an answer of ada's; kofi was taken out of the class."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        marked = book.find_grade("zero_starts-answer", ASSIGNMENT, ASSIGNMENT, "ada")
        marked.manual_score, marked.needs_manual_grade = 1.5, False
        book.db.commit()
        book.remove_submission(ASSIGNMENT, "kofi")
    ada, zoe = read_results(api_of(course), SUITE)
    assert (ada["score"], ada["waiting"], zoe["outcome"]) == (41.5, ["learning_rates-answer"], "needs_person")
    assert next(cell["points"] for cell in ada["cells"] if cell["id"] == "zero_starts-answer") == 1.5


def test_a_second_submission_that_nobody_can_read_keeps_the_first_ones_points(course):
    path = course / ".grader" / ASSIGNMENT / "kofi.json"
    record = json.loads(path.read_text())["record"] | {"cells": [], "outcome": "needs_person", "reason": "Empty."}
    path.write_text(json.dumps({"record": record}))
    kofi = read_results(api_of(course), SUITE)[1]
    assert (kofi["score"], kofi["outcome"], kofi["reason"], len(kofi["cells"])) == (29, "needs_person", "Empty.", 42)


@pytest.mark.parametrize("spoilt", ["gone", "half written", "of an earlier submission"])
def test_without_a_record_the_graded_notebook_is_read(course, spoilt):
    """So it is for whom nbgrader's own command graded. Words may differ, times are not known."""
    path = course / ".grader" / ASSIGNMENT / "kofi.json"
    kept = json.loads(path.read_text())["record"]
    for cell in kept["cells"]:
        cell["points"] = 0.0
    path.write_text({"gone": "", "half written": "{", "of an earlier submission": json.dumps({"record": kept})}[spoilt])
    if spoilt == "gone":
        path.unlink()
    kofi = read_results(api_of(course), SUITE)[1]
    verdicts = {cell["id"]: cell["verdict"] for cell in kofi["cells"]}
    assert (kofi["score"], kofi["seconds"], kofi["outcome"]) == (29, None, "graded")
    assert verdicts["linreg-visible"] == "failed" and verdicts["zero_starts-answer"] == "manual"
    assert Mistake("linreg", "bias_left_out", 1) in mistakes([kofi], SUITE)[0]
    (course / "autograded" / "kofi" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").unlink()
    kofi = read_results(api_of(course), SUITE)[1]
    assert kofi["outcome"] == "needs_person" and "the graded notebook is gone" in kofi["reason"]


def test_the_command_writes_three_files_and_says_where(course, tmp_path, capsys):
    places = ["--autograded", str(course / "autograded"), "--gradebook", f"sqlite:///{course / 'gradebook.db'}"]
    with Gradebook(places[-1]) as book:
        book.add_assignment("02_another")
    assert main(["report", ASSIGNMENT, *places, "--output", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    paths = [tmp_path / f"{ASSIGNMENT}{end}" for end in (".html", ".csv", "-grades.csv")]
    assert said.split()[-3:] == [str(path) for path in paths]
    assert "needs a person: The folder should hold" in said
    assert "zoe: The folder should hold 01_linear_regression.ipynb" in words(paths[0].read_text(encoding="utf-8"))
    theirs = tmp_path / "theirs.csv"
    command = [sys.executable, "-m", "nbgrader", "export", "--to", str(theirs), "--assignment", f"[{ASSIGNMENT!r}]"]
    subprocess.run([*command, "--db", places[-1]], cwd=tmp_path, check=True, capture_output=True)
    assert paths[2].read_bytes() == theirs.read_bytes() and theirs.read_text().count("\n") == 3


def test_a_name_that_is_not_text_stops_no_report(tmp_path):
    folder = tmp_path / ".grader" / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / "odd.json").write_text(json.dumps({"record": a_class()[0]}))
    command = [sys.executable, "-m", "grader", "report", ASSIGNMENT, "--autograded", str(tmp_path / "autograded")]
    command += ["--gradebook", f"sqlite:///{tmp_path / 'gradebook.db'}"]
    answer = subprocess.run(command, capture_output=True, env=os.environ | {"PYTHONIOENCODING": "utf-8:strict"})
    assert answer.returncode == 0, answer.stderr
    assert b"gnorts\\udce9" in answer.stdout and (tmp_path / "report" / f"{ASSIGNMENT}.html").is_file()


def test_a_class_that_was_not_graded_is_answered_in_words(tmp_path, capsys):
    places = ["--autograded", str(tmp_path / "autograded"), "--gradebook", f"sqlite:///{tmp_path / 'none.db'}"]
    assert main(["report", ASSIGNMENT, *places]) == 2
    said = capsys.readouterr().err
    assert f"`gradebook` must hold graded submissions of {ASSIGNMENT}" in said and "Run `grader grade" in said
    assert not (tmp_path / "report").exists()
    assert "secret" not in str(NothingGraded("postgresql://me:secret@host/db", ASSIGNMENT))
