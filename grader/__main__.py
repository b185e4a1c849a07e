"""The grader's command line: `python -m grader VERB ...`, also installed as `grader`."""

import argparse
import json
import sys
from pathlib import Path

from grader import plain, sample_class
from grader.course import ROOT, GraderError, nbgrader_api, source_path


def parser() -> argparse.ArgumentParser:
    """Build the parser."""
    top = argparse.ArgumentParser(prog="grader", description=__doc__)
    verbs = top.add_subparsers(dest="verb", required=True)
    grade = verbs.add_parser("grade", help="grade a folder of submissions")
    grade.add_argument("assignment", help="its name, such as 01_linear_regression")
    grade.add_argument("--submitted", type=Path, default=ROOT / "class" / "submitted", metavar="DIR",
                       help="holds STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb (class/submitted)")  # fmt: skip
    grade.add_argument("--gradebook", metavar="URL", help="SQLAlchemy URL (sqlite file in class/)")
    grade.add_argument("--json", type=Path, metavar="FILE", help="write one record per submission here")
    sample = verbs.add_parser("sample", help="grade the bundled sample class from release to feedback")
    sample.add_argument("--json", type=Path, metavar="FILE", help="write one record per submission here")
    return top


def run_grade(args: argparse.Namespace) -> list[dict]:
    """Grade the submissions that the arguments name."""
    source_path(args.assignment)
    folders = {"submitted_directory": args.submitted.resolve()}
    if args.gradebook:
        folders["db_url"] = args.gradebook
    students = plain.students_in(args.submitted, args.assignment)
    return plain.grade(nbgrader_api(**folders), args.assignment, students)


def main(argv: list[str] | None = None) -> int:
    """Run the grader; return 0 when every submission was judged, 1 when some need a person, 2 for wrong usage."""
    args = parser().parse_args(argv)
    try:
        records = run_grade(args) if args.verb == "grade" else sample_class.run()
    except GraderError as error:
        print(f"grader: {error}", file=sys.stderr)
        return 2
    print(plain.table(records))
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")
    if args.verb == "sample":
        return sample_class.compare(records)
    return int(any(record["outcome"] == "needs_person" for record in records))


if __name__ == "__main__":
    sys.exit(main())
