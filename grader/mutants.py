"""Small wrong changes of a right answer, made from its syntax tree: what misconceptions are too clever to think of.

Each mutant differs from its original in one place: another operator, comparison, number or name, a statement, operand,
argument or method call that is left out, two arguments exchanged. Many cannot run; those that run should fail a test.
"""

import ast
import copy
import difflib
from collections.abc import Callable, Iterator

ARITHMETIC = {
    ast.Add: [ast.Sub, ast.Mult],
    ast.Sub: [ast.Add, ast.Mult],
    ast.Mult: [ast.Div, ast.Add],
    ast.Div: [ast.Mult, ast.Sub],
    ast.FloorDiv: [ast.Mult],
    ast.Mod: [ast.FloorDiv],
    ast.Pow: [ast.Mult, ast.Div],
    ast.MatMult: [ast.Mult],
    ast.BitOr: [ast.BitAnd],
    ast.BitAnd: [ast.BitOr],
}
COMPARISONS = {
    ast.Lt: [ast.LtE, ast.Gt],
    ast.LtE: [ast.Lt, ast.GtE],
    ast.Gt: [ast.GtE, ast.Lt],
    ast.GtE: [ast.Gt, ast.LtE],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
    ast.In: [ast.NotIn],
    ast.NotIn: [ast.In],
}
# Words that stand for each other's mistakes, as attribute or function.
WORDS = {
    **{"mean": "sum", "sum": "mean", "zeros": "ones", "ones": "zeros", "zeros_like": "ones_like"},
    **{"ones_like": "zeros_like", "maximum": "minimum", "minimum": "maximum", "max": "min", "min": "max"},
    **{"sqrt": "square", "square": "sqrt", "log1p": "log", "endswith": "startswith", "all": "any", "any": "all"},
    **{"no_grad": "enable_grad", "randperm": "arange"},
}
COMMUTATIVE = {"maximum", "minimum", "isclose", "allclose", "equal", "dot"}


def mutants(source: str) -> dict[str, str]:
    """Make every mutant of a source once: what was changed -> the changed source.

    >>> mutants("def double(x):\\n    return 2 * x")["return 2 * x => return 2 / x"]
    'def double(x):\\n    return 2 / x'
    """
    tree = ast.parse(source)
    original, found = ast.unparse(tree), {}
    names = {item.arg for item in ast.walk(tree) if isinstance(item, ast.arg)}
    names |= {item.id for item in ast.walk(tree) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)}
    messages = {id(part) for item in ast.walk(tree) if isinstance(item, ast.Raise) for part in ast.walk(item.exc)}
    seen = {original}
    for index, item in enumerate(ast.walk(tree)):
        if id(item) in messages:  # what an error says is the author's to choose
            continue
        for change in changes(item, sorted(names)):
            mutant = copy.deepcopy(tree)
            replace(mutant, index, change)
            text = ast.unparse(ast.fix_missing_locations(mutant))
            if text in seen:
                continue
            seen.add(text)
            said = difference(original, text)
            count = sum(known.split(" (again ")[0] == said for known in found)
            found[f"{said} (again {count})" if count else said] = text
    return found


def replace(tree: ast.Module, index: int, change: Callable[[ast.AST], ast.AST | None]) -> None:
    """Change the node of that number; put what the change gives in its place, if it gives something."""
    target = next(item for number, item in enumerate(ast.walk(tree)) if number == index)
    new = change(target)
    if new is None:
        return
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, name, new)
            elif isinstance(value, list):
                setattr(parent, name, [new if part is target else part for part in value])


def changes(item: ast.AST, names: list[str]) -> Iterator[Callable[[ast.AST], ast.AST | None]]:
    """Yield functions that change a node in place, or give what stands in its place."""
    if isinstance(item, ast.BinOp):
        yield lambda it: it.left
        yield lambda it: it.right
    if isinstance(item, ast.BinOp | ast.AugAssign):
        for other in ARITHMETIC.get(type(item.op), []):
            yield lambda it, other=other: setattr(it, "op", other())
    if isinstance(item, ast.UnaryOp):
        yield lambda it: it.operand
    if isinstance(item, ast.Compare):
        for place, operator in enumerate(item.ops):
            for other in COMPARISONS[type(operator)]:
                yield lambda it, place=place, other=other: it.ops.__setitem__(place, other())
    if isinstance(item, ast.BoolOp):
        yield lambda it: setattr(it, "op", ast.And() if isinstance(it.op, ast.Or) else ast.Or())
        for place in range(len(item.values)):
            yield lambda it, place=place: it.values.pop(place) and None
    if isinstance(item, ast.IfExp | ast.If):
        yield lambda it: setattr(it, "test", ast.UnaryOp(ast.Not(), it.test))
    if isinstance(item, ast.Constant) and not isinstance(item.value, str | type(None) | type(...)):
        yield from constants(item)
    if isinstance(item, ast.Attribute | ast.Name):
        yield from words(item, names)
    if isinstance(item, ast.Call):
        yield from calls(item)
    if isinstance(item, ast.Slice):
        for end in ("lower", "upper"):
            if getattr(item, end) is not None:
                yield lambda it, end=end: setattr(it, end, None)
    if isinstance(item, ast.Tuple) and isinstance(item.ctx, ast.Load) and len(item.elts) == 2:
        yield lambda it: it.elts.reverse()
    yield from statements(item)


def constants(item: ast.Constant) -> Iterator[Callable]:
    """Other numbers, the other truth value."""
    value = item.value
    others = [not value] if isinstance(value, bool) else [value + 1, value - 1, 2 * value, 0 * value]
    for other in others:
        if repr(other) != repr(value):
            yield lambda it, other=other: setattr(it, "value", other)


def words(item: ast.Attribute | ast.Name, names: list[str]) -> Iterator[Callable]:
    """Another word, another argument or variable, a method that no longer works in place."""
    field = "attr" if isinstance(item, ast.Attribute) else "id"
    word = getattr(item, field)
    if word in WORDS:
        yield lambda it: setattr(it, field, WORDS[word])
    if field == "attr" and word == "T":
        yield lambda it: it.value
    if field == "attr" and word.endswith("_") and not word.startswith("_"):
        yield lambda it: setattr(it, field, word[:-1])
    if field == "id" and isinstance(item.ctx, ast.Load) and word in names:
        for name in names:
            if name != word:
                yield lambda it, name=name: setattr(it, field, name)


def calls(item: ast.Call) -> Iterator[Callable]:
    """A method not called, arguments exchanged or left out."""
    method = isinstance(item.func, ast.Attribute)
    if method and not (isinstance(item.func.value, ast.Name) and item.func.value.id == "torch"):
        yield lambda it: it.func.value
    named = item.func.attr if method else getattr(item.func, "id", "")
    for place in range(len(item.args) - 1):
        if named not in COMMUTATIVE:

            def exchange(it: ast.Call, place: int = place) -> None:
                it.args[place : place + 2] = it.args[place + 1], it.args[place]

            yield exchange
    for place in range(len(item.keywords)):
        yield lambda it, place=place: it.keywords.pop(place) and None


def statements(item: ast.AST) -> Iterator[Callable]:
    """A statement left out, a `with` taken away from around its statements."""
    for field in ("body", "orelse", "finalbody"):
        block = getattr(item, field, None)
        for place, statement in enumerate(block if isinstance(block, list) else []):
            docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            if docstring or isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.Pass):
                continue
            yield lambda it, field=field, place=place: getattr(it, field).__setitem__(place, ast.Pass())
            if isinstance(statement, ast.With):

                def bare(it: ast.AST, field: str = field, place: int = place) -> None:
                    getattr(it, field)[place : place + 1] = getattr(it, field)[place].body

                yield bare


def difference(before: str, after: str) -> str:
    """Say in one line which lines became which, indentation aside."""
    old, new = ([line.strip() for line in text.splitlines()] for text in (before, after))
    parts = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            parts.append(f"{'; '.join(old[a:b])} => {'; '.join(new[c:d]) or 'nothing'}")
    return " | ".join(parts)
