"""The grader's command line: `python -m grader VERB ...`, also installed as `grader`."""

import argparse
import json
import sys
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from sqlalchemy.exc import DBAPIError

from grader import plain, report, sample_class
from grader.course import nbgrader_api
from grader.database import engine_of, refusal
from grader.feedback import write_feedback
from grader.grade import CELL_SECONDS, grade
from grader.lint import check_assignment
from grader.move import move
from grader.places import ROOT, GraderError, source_path
from grader.report_page import write_report


def parser() -> argparse.ArgumentParser:
    """Build the parser."""
    top = argparse.ArgumentParser(prog="grader", description=__doc__)
    verbs = top.add_subparsers(dest="verb", required=True)
    graded_class = argparse.ArgumentParser(add_help=False)
    graded_class.add_argument("assignment", help="its name, such as 01_linear_regression")
    graded_class.add_argument("--autograded", type=Path, metavar="DIR", help="graded notebooks (class/autograded)")
    graded_class.add_argument("--gradebook", metavar="URL", help="SQLAlchemy URL (sqlite file in class/)")
    class_folder = argparse.ArgumentParser(add_help=False, parents=[graded_class])
    class_folder.add_argument("--submitted", type=Path, default=ROOT / "class" / "submitted", metavar="DIR",
                              help="holds STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb (class/submitted)")  # fmt: skip
    output = argparse.ArgumentParser(add_help=False)
    output.add_argument("--json", type=Path, metavar="FILE", help="write one record per submission here")
    walls = argparse.ArgumentParser(add_help=False)
    walls.add_argument("--no-sandbox", action="store_true", help="run student code without walls: people you trust")
    graded = verbs.add_parser("grade", parents=[class_folder, output, walls], help="grade a folder of submissions")
    graded.add_argument("--workers", type=int, default=2, metavar="N", help="submissions at a time (2)")
    graded.add_argument(
        "--seconds", type=float, default=CELL_SECONDS, metavar="S", help=f"limit of a cell ({CELL_SECONDS:g})"
    )
    graded.add_argument(
        "--scheduler",
        default="",
        metavar="ADDRESS",
        help="judge on the Dask cluster there, such as tcp://127.0.0.1:8786",
    )
    graded.add_argument("--fresh", action="store_true", help="judge everything again, whatever earlier runs found")
    graded.add_argument("--new-seed", action="store_true", help="let hidden tests draw other numbers from now on")
    pages = verbs.add_parser("feedback", parents=[class_folder], help="write the pages that students get back")
    pages.add_argument("--feedback", type=Path, metavar="DIR", help="where to (class/feedback)")
    told = verbs.add_parser("report", parents=[graded_class], help="show what a class found hard: a page and two CSVs")
    told.add_argument("--output", type=Path, metavar="DIR", help="where to (class/report)")
    verbs.add_parser("sample", parents=[output, walls], help="grade the bundled sample class, release to feedback")
    verbs.add_parser("plain", parents=[class_folder, output], help="grade on nbgrader as it comes, without walls")
    moved = verbs.add_parser("move", help="copy a gradebook into an empty database, such as SQLite's into PostgreSQL")
    moved.add_argument("source", metavar="FROM", help="SQLAlchemy URL of the gradebook as it is")
    moved.add_argument("target", metavar="TO", help="SQLAlchemy URL of an empty database")
    tested = verbs.add_parser("check", help="test an assignment's tests: rules, misconceptions, right answers, mutants")
    tested.add_argument("assignment")
    tested.add_argument("--every", type=int, default=1, metavar="N", help="try one mutant in N, the same ones (1)")
    return top


def api_of(args: argparse.Namespace) -> NbGraderAPI:
    """nbgrader, set up as the arguments say."""
    folders = {}
    if getattr(args, "submitted", None):
        folders["submitted_directory"] = args.submitted.resolve()
    if args.autograded:
        folders["autograded_directory"] = args.autograded.resolve()
    if getattr(args, "feedback", None):
        folders["feedback_directory"] = args.feedback.resolve()
    if args.gradebook:
        engine_of(args.gradebook)  # refuses at once what cannot be a gradebook
        folders["db_url"] = args.gradebook
    return nbgrader_api(**folders)


def records_of(args: argparse.Namespace) -> list[dict]:
    """Grade what the arguments name."""
    if args.verb == "sample":
        return sample_class.run(walls=not args.no_sandbox)
    source_path(args.assignment)
    if args.verb == "plain":
        students = plain.students_in(args.submitted, args.assignment)
        return plain.grade(api_of(args), args.assignment, students)
    if args.workers < 1:
        raise GraderError(f"`--workers` must be 1 or more: got {args.workers}.")
    options = {
        "workers": args.workers,
        "walls": not args.no_sandbox,
        "seconds": args.seconds,
        "new_seed": args.new_seed,
        "fresh": args.fresh,
        "scheduler": args.scheduler,
    }
    return grade(api_of(args), args.assignment, args.submitted.resolve(), **options)


def run(args: argparse.Namespace) -> int:
    """Carry a verb out; give the exit code."""
    if args.verb == "feedback":
        source_path(args.assignment)
        students = plain.students_in(args.submitted, args.assignment)
        for path in write_feedback(api_of(args), args.assignment, students):
            print(path)
        return 0
    if args.verb == "move":
        print("\n".join(f"{name}: {count} rows" for name, count in move(args.source, args.target).items()))
        return 0
    if args.verb == "check":
        from grader import check  # it brings torch, which no other verb waits for

        broken = check_assignment(args.assignment)
        print("\n".join(broken) or f"{args.assignment}: every test cell keeps the rules")
        if args.every < 1:
            raise GraderError(f"`--every` must be 1 or more: got {args.every}.")
        tried = check.check(check.plan_of(args.assignment, args.every))
        found = list(check.problems(tried))
        print(check.table(tried), "\n".join(found) or "no problem found", sep="\n\n")
        return int(bool(broken or found))
    if args.verb == "report":
        records, paths = write_report(api_of(args), args.assignment, args.output and args.output.resolve())
        print(report.table(records), report.by_cell(records), "\n".join(map(str, paths)), sep="\n\n")
        return 0
    records = records_of(args)
    print(report.table(records))
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")
    if args.verb == "sample":
        print(f"report: {sample_class.FOLDER / 'report' / sample_class.ASSIGNMENT}.html")
        return sample_class.compare(records)
    return int(any(record["outcome"] == "needs_person" for record in records))


def main(argv: list[str] | None = None) -> int:
    """Run the grader; return 0 when every submission was judged, 1 when some need a person, 2 for wrong usage."""
    args = parser().parse_args(argv)
    sys.stdout.reconfigure(errors="backslashreplace")  # the name of a student's folder need not be text
    try:
        return run(args)
    except (GraderError, OSError) as error:
        print(f"grader: {error}", file=sys.stderr)
    except DBAPIError as error:
        print(f"grader: {refusal(error)}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
