"""The tests of the tests: `grader check ASSIGNMENT`.

Every misconception must be rejected, every right answer accepted, the reference pass whatever the seed and the number
of threads, every cell's points be lost by some misconception, small changes of the reference be noticed, and
tolerances grant what right answers need.
"""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader import naming
from grader.inprocess import graded_code
from grader.mutants import mutants
from grader.named import excused, misconceptions, probes, right_answers, source_as
from grader.places import source_path
from grader.tolerances import DRAWS, Comparison, measure
from grader.tolerances import table as tolerance_table
from grader.trials import Trial, read_once, run

RUNS = 20
THREADS = (1, 2, 4)
OTHER_DRAWS = 10
WANTED = 0.95  # the share of mutants that must be rejected
PAIRS = 40  # pairs of misconceptions that the diagnosis is tried on
NEEDED = 0.1  # the share of a tolerance that right answers may need
Sources = dict[str, dict[str, str]]
Verdicts = dict[str, str]


@dataclass(frozen=True)
class Plan:
    """What is tried on an assignment's tests.

    Args:
        notebook: path of the source notebook.
        mistakes, right, mutants: exercise -> name -> source of the answer cell.
        excused: name of a right answer -> ids of the cells that it may fail.
        explained: exercise -> mutant -> why no test can reject it.
        probes: exercise -> what the diagnosis runs beside the tests.
        every: one mutant in so many is tried, always the same ones; so of what is tried on the diagnosis, and of the
            mistakes on other draws.
    """

    notebook: Path
    mistakes: Sources
    right: Sources
    mutants: Sources
    excused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    explained: Sources = field(default_factory=dict)
    probes: dict[str, str] = field(default_factory=dict)
    every: int = 1

    @property
    def cases(self) -> list[naming.Case]:
        """What the diagnosis is tried on."""
        made = naming.cases(self.mistakes, self.right, answers_of(self.notebook), PAIRS)
        return [case for case in made if not zlib.crc32(case.who.encode()) % self.every]

    @property
    def redrawn(self) -> Sources:
        """The mistakes that are tried on other draws of the tests' inputs."""
        return {
            exercise: {name: source for name, source in made.items() if not zlib.crc32(name.encode()) % self.every}
            for exercise, made in self.mistakes.items()
        }

    @property
    def tried(self) -> Sources:
        """The mutants that are tried: the explained ones always."""
        return {
            exercise: {
                name: source
                for name, source in made.items()
                if name in self.explained.get(exercise, {}) or not zlib.crc32(name.encode()) % self.every
            }
            for exercise, made in self.mutants.items()
        }


@dataclass
class Report:
    """What came of a plan: exercise -> name -> verdicts, the verdicts of each run of the reference, the tolerances.

    Args:
        redrawn: exercise -> name of a mistake -> its verdicts on each other draw.
    """

    plan: Plan
    mistakes: dict[str, dict[str, Verdicts]]
    right: dict[str, dict[str, Verdicts]]
    mutants: dict[str, dict[str, Verdicts]]
    reference: dict[str, Verdicts]
    redrawn: dict[str, dict[str, list[Verdicts]]] = field(default_factory=dict)
    named: list[naming.Named] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    refused_draws: list[str] = field(default_factory=list)

    @property
    def survivors(self) -> dict[str, list[str]]:
        """Exercise -> mutants that no cell rejects."""
        return {
            exercise: [name for name, verdicts in tried.items() if not any(verdicts.values())]
            for exercise, tried in self.mutants.items()
        }


def plan_of(assignment: str, every: int = 1) -> Plan:
    """Collect what stands beside an assignment's notebook, and make its mutants."""
    path = source_path(assignment)
    named = {
        kind: {exercise: {a.__name__: source_as(exercise, a) for a in answers} for exercise, answers in known.items()}
        for kind, known in (("mistakes", misconceptions(assignment)), ("right", right_answers(assignment)))
    }
    explained = json.loads((path.parent / "equivalent_mutants.json").read_text(encoding="utf-8"))
    changed = {exercise: mutants(source) for exercise, source in answers_of(path).items()}
    more = {"excused": excused(assignment), "explained": explained, "probes": probes(assignment)}
    return Plan(path, **named, mutants=changed, **more, every=every)


def answers_of(path: Path) -> dict[str, str]:
    """Exercise -> source of the reference's answer cell, in order."""
    cells = read_once(path).cells
    return {
        cell.id.removesuffix("-answer"): cell.source
        for cell in cells
        if cell.id.endswith("-answer") and cell.cell_type == "code"
    }


def check(plan: Plan) -> Report:
    """Try everything."""
    asked = []
    for kind, sources in (("mistakes", plan.mistakes), ("right", plan.right), ("mutants", plan.tried)):
        for exercise, answers in sources.items():
            asked += [(kind, exercise, name, Trial(plan.notebook, exercise, text)) for name, text in answers.items()]
    for seed in range(RUNS):
        threads = THREADS[seed % len(THREADS)]
        said = f"seed {seed}, {threads} thread{'s' * (threads > 1)}"
        asked.append(("reference", "", said, Trial(plan.notebook, seed=seed, threads=threads)))
    for number in range(1, (OTHER_DRAWS if plan.every == 1 else 3) + 1):
        shift = 7919 * number  # what hidden tests add to their seeds
        for exercise, answers in plan.redrawn.items():
            asked += [
                ("redrawn", exercise, name, Trial(plan.notebook, exercise, text, shift=shift))
                for name, text in answers.items()
            ]
    report = Report(plan, *({exercise: {} for exercise in answers_of(plan.notebook)} for _ in range(3)), {})
    for (kind, exercise, name, _), verdicts in zip(asked, run([ask[-1] for ask in asked]), strict=True):
        if kind == "redrawn":
            report.redrawn.setdefault(exercise, {}).setdefault(name, []).append(verdicts)
            continue
        place = report.reference if kind == "reference" else getattr(report, kind)[exercise]
        place[name] = verdicts
    report.named = naming.tried(plan.notebook, plan.mistakes, plan.probes, plan.cases)
    whole = plan.every == 1
    report.comparisons, report.refused_draws = measure(
        read_once(plan.notebook), plan.right, plan.mistakes if whole else {}, DRAWS if whole else 2
    )
    return report


def problems(report: Report) -> Iterator[str]:
    """Yield a sentence for each promise that the tests do not keep."""
    plan = report.plan
    for exercise in answers_of(plan.notebook):
        for name, verdicts in report.mistakes[exercise].items():
            if not any(verdicts.values()):
                yield f"{exercise}: the misconception `{name}` loses no point"
        for name, runs in report.redrawn.get(exercise, {}).items():
            runs = [*runs, report.mistakes[exercise][name]]
            for cell in max(runs, key=len):  # of one that died nothing is known but that
                failed = sum(said.get(cell) != "" for said in runs)
                if 0 < failed < len(runs):
                    yield f"{exercise}: the misconception `{name}` fails {cell} on {failed} of {len(runs)} draws only"
        if not report.mistakes[exercise]:
            yield f"{exercise}: there is no misconception"
        if not report.right[exercise]:
            yield f"{exercise}: there is no right answer in another form"
        for name, verdicts in report.right[exercise].items():
            failed = {cell for cell, said in verdicts.items() if said}
            for cell in sorted(failed - set(plan.excused.get(name, ()))):
                yield f"{exercise}: the right answer `{name}` is refused by {cell}: {verdicts[cell]}"
            for cell in sorted(set(plan.excused.get(name, ())) - failed):
                yield f"{exercise}: the right answer `{name}` is excused from {cell}, which it passes"
        explained = plan.explained.get(exercise, {})
        for name in report.survivors[exercise]:
            if name not in explained:
                yield f"{exercise}: a mutant survives and nobody says why: {name}"
        for name in explained.keys() - set(report.survivors[exercise]):
            how = "is rejected" if name in plan.mutants[exercise] else "cannot be made any more"
            yield f"{exercise}: a mutant is explained as equivalent and {how}: {name}"
    for exercise in plan.explained.keys() - answers_of(plan.notebook).keys():
        yield f"{exercise}: mutants are explained and there is no such exercise"
    yield from (f"{cell} fails the reference in {len(runs)} of {RUNS} runs: {runs[0]}" for cell, runs in flaky(report))
    yield from (f"{cell}: no misconception can lose its points" for cell in unlosable(report))
    yield from naming.problems(report.named)
    yield from report.refused_draws
    for row in report.comparisons:
        if row.needed > NEEDED:
            yield f"{row.cell}, line {row.line}: right answers need {row.needed:.0%} of the error that is granted"
    killed, tried, _ = score(report)
    if plan.every == 1 and killed < WANTED * tried:
        yield f"{killed} of {tried} mutants are rejected: fewer than {WANTED:.0%}"


def flaky(report: Report) -> list[tuple[str, list[str]]]:
    """Cells that the reference does not pass in every run, with what they said in those it fails."""
    failed: dict[str, list[str]] = {}
    for run_, verdicts in report.reference.items():
        for cell, said in verdicts.items():
            if said:
                failed.setdefault(cell, []).append(f"{run_}: {said}")
    return list(failed.items())


def unlosable(report: Report) -> list[str]:
    """Graded cells whose assertions no misconception meets: one that cannot run would fail anything."""
    lost = {
        cell
        for exercise in report.mistakes.values()
        for verdicts in exercise.values()
        for cell, said in verdicts.items()
        if said.startswith("AssertionError")
    }
    return [cell.id for cell in graded_code(read_once(report.plan.notebook)) if cell.id not in lost]


def score(report: Report) -> tuple[int, int, int]:
    """Mutants rejected, mutants tried, and of the first those that met an assertion (the others did not run)."""
    tried = [verdicts for exercise in report.mutants.values() for verdicts in exercise.values()]
    asserted = [verdicts for verdicts in tried if any(said.startswith("AssertionError") for said in verdicts.values())]
    return sum(any(verdicts.values()) for verdicts in tried), len(tried), len(asserted)


def table(report: Report) -> str:
    """What was tried and what came of it, for a person."""
    lines = []
    diagnosed = {(case.exercise, case.who): name for case, name in report.named if case.alone}
    for exercise in answers_of(report.plan.notebook):
        lines.append(f"\n{exercise}")
        for name, verdicts in report.mistakes[exercise].items():
            cells = [cell.removeprefix(f"{exercise}-") for cell, said in verdicts.items() if said]
            told = "" if diagnosed.get((exercise, name), name) == name else ", NOT NAMED"
            lines.append(f"  rejected  {name:38} by {', '.join(cells) or 'NO CELL'}{told}")
        for name, verdicts in report.right[exercise].items():
            cells = [cell.removeprefix(f"{exercise}-") for cell, said in verdicts.items() if said]
            lines.append(f"  accepted  {name:38} by all{f' but {chr(44).join(cells)}' if cells else ''}")
        left = report.survivors[exercise]
        lines.append(f"  mutants   {len(report.mutants[exercise])}, of which {len(left)} survive")
        for name in left:
            lines.append(f"    {name}\n      {report.plan.explained.get(exercise, {}).get(name, 'NOT EXPLAINED')}")
    killed, mutated, asserted = score(report)
    seeds = f"{len(report.reference)} runs of the reference with other seeds and {THREADS} threads"
    sample = "" if report.plan.every == 1 else f"; one in {report.plan.every} was tried, and every explained one"
    lines += [
        f"\nmisconceptions: {sum(map(len, report.mistakes.values()))}, "
        f"right answers: {sum(map(len, report.right.values()))}",
        f"{seeds}: {len(flaky(report))} flaky cells",
        f"cells whose points no misconception can lose: {len(unlosable(report))}",
        f"mutants: {killed} of {mutated} rejected ({killed / max(mutated, 1):.1%}), {asserted} by an assertion{sample}",
        naming.summary(report.named),
    ]
    if report.plan.every == 1:
        lines += ["", tolerance_table(report.comparisons)]
    return "\n".join(lines)
