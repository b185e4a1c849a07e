"""The rules for authors of test cells, held by reading their source: `grader check ASSIGNMENT`.

A test that keeps them means the same in one process and across the border, and gives nothing away to a student's
function that changes its inputs, dies, or says yes to everything.
"""

import ast
import builtins
from collections.abc import Iterator

from grader.places import source_path
from grader.suite import Suite, bound, read_suite

BROAD = {"BaseException", "Exception"}
FORBIDDEN = {
    "globals": "it reads names that are elsewhere under the grader",
    "locals": "it reads names that are elsewhere under the grader",
    "eval": "write the expression out",
    "exec": "write the code out",
    "open": "a test cell must not need files",
    "input": "nobody is there to answer",
    "get_ipython": "a test cell must be plain Python",
}


def check_assignment(assignment: str) -> list[str]:
    """Check every test cell of an assignment; give one sentence per breach."""
    return check(read_suite(source_path(assignment), assignment))


def check(suite: Suite) -> list[str]:
    """Check every test cell of a suite; give one sentence per breach."""
    given = {name for cell in suite.setup for name in bound(cell.source) | imported(ast.parse(cell.source))}
    known = given | suite.answers | set(dir(builtins)) | {"__name__"}
    return [
        f"{suite.assignment}, {cell.id}, line {line}: {problem}"
        for cell in suite.tests
        for line, problem in sorted(problems(cell.source, suite.answers, known))
    ]


def problems(source: str, answers: frozenset[str], known: set[str]) -> Iterator[tuple[int, str]]:
    """Yield (line, sentence) for each breach in one test cell."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        yield error.lineno or 1, "this is not plain Python: no magics in a test cell"
        return
    own = {item.id for item in ast.walk(tree) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)}
    own |= bound(source) | imported(tree) | {item.arg for item in ast.walk(tree) if isinstance(item, ast.arg)}
    own |= {item.name for item in ast.walk(tree) if isinstance(item, ast.ExceptHandler) and item.name}
    for item in ast.walk(tree):
        yield from broad_except(item)
        yield from foreign_names(item, answers, known | own)
        yield from handed_references(item, answers, loop_targets(tree))
    if not any(isinstance(item, ast.Assert) for item in ast.walk(tree)):
        yield 1, "nothing is asserted, so every answer passes"
    for item in ast.walk(tree):
        if isinstance(item, ast.Assert) and item.msg is None:
            yield item.lineno, "an assert has no message: say which property broke"
    yield from late_expectations(tree, answers)


def broad_except(item: ast.AST) -> Iterator[tuple[int, str]]:
    """An `except` that takes everything turns a mistake into the expected error."""
    if isinstance(item, ast.ExceptHandler):
        named = (
            [part.id for part in ast.walk(item.type) if isinstance(part, ast.Name)] if item.type else ["BaseException"]
        )
        reraises = any(isinstance(part, ast.Raise) for part in ast.walk(item))
        if BROAD & set(named) and not reraises:
            yield item.lineno, "`except` takes every exception: name the one that the exercise asks for"


def foreign_names(item: ast.AST, answers: frozenset[str], known: set[str]) -> Iterator[tuple[int, str]]:
    """Names must come from the cell, its setup, the builtins or the exercises."""
    if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Load):
        if item.id in FORBIDDEN:
            yield item.lineno, f"`{item.id}` is used: {FORBIDDEN[item.id]}"
        elif item.id not in known:
            yield item.lineno, f"`{item.id}` comes from another test cell or from nowhere: make it in this cell"
    if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store) and item.id in answers:
        yield item.lineno, f"`{item.id}` is the student's name and is assigned here: call the reference `ref_{item.id}`"
    if isinstance(item, ast.FunctionDef | ast.ClassDef) and item.name in answers:
        yield item.lineno, f"`{item.name}` is the student's name and is defined here: call it `ref_{item.name}`"


def handed_references(item: ast.AST, answers: frozenset[str], plain: set[str]) -> Iterator[tuple[int, str]]:
    """What is compared with must not pass through the student's hands."""
    if isinstance(item, ast.Call) and isinstance(item.func, ast.Name) and item.func.id in answers:
        for value in [*item.args, *(word.value for word in item.keywords)]:
            reference = isinstance(value, ast.Name) and value.id.startswith("ref_") and value.id not in plain
            if isinstance(value, ast.Lambda) or reference:
                yield (
                    value.lineno,
                    "a reference or function is handed to the student's code: hand over a copy or plain data",
                )


def late_expectations(tree: ast.Module, answers: frozenset[str]) -> Iterator[tuple[int, str]]:
    """A `ref_` value that is worked out after the student's function saw its inputs can be bent by changing them."""
    plain = loop_targets(tree)
    for body in bodies(tree):
        seen: dict[str, int] = {}
        for statement in body:
            if not isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr | ast.Assert):
                continue
            names = [part for part in ast.walk(statement) if isinstance(part, ast.Name)]
            targets = getattr(statement, "targets", [getattr(statement, "target", None)])
            stored = {part.id for target in filter(None, targets) for part in ast.walk(target) if part in names}
            read = {part.id for part in names if isinstance(part.ctx, ast.Load)}
            calls = [part for part in ast.walk(statement) if isinstance(part, ast.Call)]
            # A plain copy of what a step left behind is where the next step starts: that is no expected value.
            copies = any(isinstance(call.func, ast.Attribute) and call.func.attr == "clone" for call in calls)
            late = sorted(name for name in stored if name.startswith("ref_"))
            if late and not copies and (bent := sorted(read & seen.keys())):
                yield (
                    statement.lineno,
                    f"`{late[0]}` is worked out from `{bent[0]}` after the student's code could change it (line "
                    f"{seen[bent[0]]}): work it out before, or hand over a clone",
                )
            seen = {name: line for name, line in seen.items() if name not in stored}
            for call in calls:
                if isinstance(call.func, ast.Name) and call.func.id in answers:
                    handed = [*call.args, *(word.value for word in call.keywords)]
                    seen |= {part.id: statement.lineno for part in handed if isinstance(part, ast.Name)}
            # Numbers and text that a loop goes through cannot be changed by whoever gets them.
            seen = {name: line for name, line in seen.items() if name not in plain}


def loop_targets(tree: ast.AST) -> set[str]:
    """Names that loops bind to numbers and text written out in the cell."""
    found = set()
    for item in ast.walk(tree):
        if isinstance(item, ast.For):
            leaves = [part for part in ast.walk(item.iter) if not isinstance(part, ast.Tuple | ast.List | ast.Load)]
            if all(isinstance(part, ast.Constant) for part in leaves):
                found |= {part.id for part in ast.walk(item.target) if isinstance(part, ast.Name)}
    return found


def bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """Every block of statements."""
    for item in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            if isinstance(block := getattr(item, name, None), list) and block:
                yield block


def imported(tree: ast.AST) -> set[str]:
    """Names that a source imports."""
    return {
        (alias.asname or alias.name).split(".")[0]
        for item in ast.walk(tree)
        if isinstance(item, ast.Import | ast.ImportFrom)
        for alias in item.names
    }
