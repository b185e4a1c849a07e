"""One slip costs once: an exercise that failed is tried again with right earlier parts in place of the student's own.

When every verdict stands, an exercise with a failed cell is tried a second time if the student's code for it uses, by
name, the answer to an earlier exercise that failed too (with right parts before it as well). A fresh session runs the
student's cells; then those names are replaced by stubs, and the exercise's failed cells are judged. The reference
behind a stub runs in the checker, call by call (see `grader.callbacks`): its source never reaches the worker. Of a
cell's two results the better one counts, so points only rise, and the earlier exercise's verdict is never touched.

Functions only are served. A class (`Adam`) is not: its objects would live in the checker and the student's code would
hold handles that nothing in the worker can open.
"""

import ast
import time
import types
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from grader.suite import NOT_PARSED, Suite, bound, compiled, names_in, parsed

if TYPE_CHECKING:
    from grader.checker import Checker

BUDGET = 5  # second tries begin for so many times the limit of a cell


def second_tries(checker: "Checker", steps: list[dict]) -> Iterator[dict]:
    """Try exercises again where that can help; yield a new report for each cell that was judged twice.

    Args:
        checker: has judged everything.
        steps: what it went through.
    """
    suite, results = checker.suite, dict(checker.results)
    if len({suite.cells[name].exercise for name, result in results.items() if missed(result)}) < 2:
        return
    uses = used_names([step["run"] for step in steps if "run" in step])
    until = time.monotonic() + BUDGET * checker.seconds
    earlier: set[str] = set()
    for exercise in suite.exercises:
        failed = [name for name, own in results.items() if missed(own) and suite.cells[name].exercise == exercise]
        if not failed:
            continue
        names = bound_by(suite, exercise)
        mentioned = names.union(*(names_in(compiled(suite.cells[name])) for name in failed))
        parts = functions_of_the_reference(suite, reached(mentioned, uses, earlier - names))
        if parts and time.monotonic() < until:
            for report in tried_again(checker, failed, parts, steps):
                results[report["id"]] = report
                yield report
        if any(missed(results[name]) for name in failed):
            earlier |= names


def missed(result: dict) -> bool:
    """Tell whether a cell got no points."""
    return result["verdict"] != "passed"


def tried_again(checker: "Checker", failed: list[str], parts: dict[str, Callable], steps: list[dict]) -> Iterator[dict]:
    """Judge cells that failed in a fresh session with some names served; yield both results as one report."""
    ran = {step["index"] for step in checker.ran}
    last = max(at for at, step in enumerate(steps) if step.get("test") in failed)
    again = [step for step in steps[: last + 1] if step.get("index") in ran or step.get("test") in failed]
    for name, right in checker.again(parts, again).items():
        yield better(checker.results[name], right, sorted(parts))


def better(own: dict, right: dict, names: list[str]) -> dict:
    """One report of two results: the first with the student's own parts, the second with right ones."""
    both = {
        "names": names,
        "own": {key: own[key] for key in ("verdict", "message")},
        "right": {key: right[key] for key in ("verdict", "message")},
    }
    if missed(right):
        return own | {"served": both}
    said = f"passed with a right {' and '.join(f'`{name}`' for name in names)} (with your own: {own['message']})"
    note = {"output_type": "display_data", "data": {"text/plain": said}, "metadata": {"grader": "served"}}
    outputs, seconds = [*right["outputs"], note], round(own["seconds"] + right["seconds"], 4)
    return right | {"message": said, "outputs": outputs, "seconds": seconds, "served": both}


def bound_by(suite: Suite, exercise: str) -> set[str]:
    """Names that the reference's answers to an exercise define."""
    return {name for cell in suite.exercises[exercise] for name in bound(cell.source)}


def functions_of_the_reference(suite: Suite, names: list[str]) -> dict[str, Callable]:
    """Those of some names that the reference's answers define as functions."""
    if not names:
        return {}
    namespace: dict[str, object] = {"__name__": "__main__"}
    for cell in [*suite.setup, *(cell for cells in suite.exercises.values() for cell in cells)]:
        exec(compiled(cell), namespace)
    return {name: namespace[name] for name in names if type(namespace[name]) is types.FunctionType}


def used_names(sources: list[str]) -> dict[str, set[str]]:
    """Name -> the names that the statements which define it mention, over all of a student's cells."""
    uses: dict[str, set[str]] = {}
    for source in sources:
        try:
            statements = parsed(source).body
        except NOT_PARSED:
            continue  # such a cell defined nothing
        for statement in statements:
            mentioned = {part.id for part in ast.walk(statement) if isinstance(part, ast.Name)}
            for name in bound(statement):
                uses.setdefault(name, set()).update(mentioned)
    return uses


def reached(names: set[str], uses: dict[str, set[str]], wanted: set[str]) -> list[str]:
    """Which of the wanted names are among some names, or mentioned by the code behind them, however indirectly."""
    seen, todo, found = set(), set(names), set()
    while todo:
        name = todo.pop()
        seen.add(name)
        if name in wanted:
            found.add(name)  # replaced as a whole: what its own code mentions does not matter
        else:
            todo |= uses.get(name, set()) - seen
    return sorted(found)
