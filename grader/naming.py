"""Tries the diagnosis: does each misconception get its own name, and nothing else the name of one?

Every misconception is handed in alone, every right answer in another form, and pairs of misconceptions: in two
exercises, and both in one.
"""

import json
import random
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grader.pool import ask, checker_template

SECONDS = 20.0
Sources = dict[str, dict[str, str]]  # exercise -> name -> source of the answer cell


@dataclass(frozen=True)
class Case:
    """One submission and what may be said of one of its exercises.

    Args:
        exercise: whose diagnosis is asked for.
        who: the misconceptions or the right answer in it, in words.
        answers: exercise -> source of the answer cell; the reference's where none is given.
        allowed: names that may be given; None for no name.
        alone: whether it holds a single misconception, or none.
    """

    exercise: str
    who: str
    answers: dict[str, str]
    allowed: tuple[str | None, ...]
    alone: bool = True


Named = tuple[Case, str | None]  # a case, and the name that its student would read


def cases(mistakes: Sources, right: Sources, reference: dict[str, str], pairs: int) -> list[Case]:
    """Every misconception, every right answer, and some random pairs: the same ones each time."""
    found = []
    for exercise, known in mistakes.items():
        found += [Case(exercise, name, {exercise: source}, (name,)) for name, source in known.items()]
        found += [Case(exercise, name, {exercise: source}, (None,)) for name, source in right.get(exercise, {}).items()]
    return found + two_at_once(mistakes, reference, pairs)


def problems(named: list[Named]) -> Iterator[str]:
    """Yield a sentence for each case that gets a name which it must not get, or not the one that it must."""
    for case, name in named:
        if name not in case.allowed:
            wanted = " or ".join(f"`{known}`" if known else "nothing" for known in case.allowed)
            said = f"`{name}`" if name else "nothing"
            yield f"{case.exercise}: the diagnosis of `{case.who}` says {said}, it must say {wanted}"


def summary(named: list[Named]) -> str:
    """How often the diagnosis was asked, and how often it was right."""
    single = [name == case.who for case, name in named if case.alone and None not in case.allowed]
    right = [name is None for case, name in named if case.alone and None in case.allowed]
    pairs = [name in case.allowed for case, name in named if not case.alone]
    return (
        f"diagnosis: {sum(single)} of {len(single)} misconceptions named; {right.count(False)} of {len(right)} right "
        f"answers named; {pairs.count(False)} wrong names in {len(pairs)} exercises of pairs of mistakes"
    )


def two_at_once(mistakes: Sources, reference: dict[str, str], pairs: int) -> list[Case]:
    """Random pairs, half of them in two exercises and half in one."""
    draw, found = random.Random(0), []
    many = [exercise for exercise, known in mistakes.items() if len(known) > 1]
    for _ in range(pairs // 2 if len(mistakes) > 1 else 0):
        first, second = draw.sample(list(mistakes), 2)
        one, other = draw.choice(list(mistakes[first])), draw.choice(list(mistakes[second]))
        both = {first: mistakes[first][one], second: mistakes[second][other]}
        who = f"{first} {one} and {second} {other}"
        found += [Case(first, who, both, (one,), alone=False), Case(second, who, both, (other,), alone=False)]
    for _ in range(pairs - pairs // 2 if many else 0):
        exercise = draw.choice(many)
        one, other = draw.sample(list(mistakes[exercise]), 2)
        if source := two_in_one(mistakes[exercise][one], mistakes[exercise][other], reference[exercise]):
            # No name, or one of the two where the other never shows.
            allowed = (None, one, other)
            found.append(Case(exercise, f"{one} and {other} in one", {exercise: source}, allowed, alone=False))
    return found


def tried(
    notebook: Path, mistakes: Sources, probes: dict[str, str], these: list[Case], *, at_once: int = 2
) -> list[Named]:
    """Give each case with the name that its student would read."""
    checkers = checker_template(notebook, notebook.stem)

    def named(exercise: str) -> list[Named]:
        own = [case for case in these if case.exercise == exercise]
        job = {"exercise": exercise, "wrong": mistakes[exercise], "probe": probes.get(exercise, "")}
        answer = ask(checkers, seconds=SECONDS, trials=[case.answers for case in own], **job)
        return list(zip(own, json.loads(answer), strict=True))

    try:
        checkers.wait()
        with ThreadPoolExecutor(at_once) as pool:
            return [pair for found in pool.map(named, dict.fromkeys(case.exercise for case in these)) for pair in found]
    finally:
        checkers.close()


TWO = """
def {name}(*args, **kwargs):
    def copied(value):
        if isinstance(value, torch.Tensor):
            copy = value.detach().clone().requires_grad_(value.requires_grad)
            copy.grad = None if value.grad is None or not value.is_leaf else value.grad.clone()
            return copy
        if isinstance(value, torch.Generator):
            return torch.Generator().set_state(value.get_state())
        if isinstance(value, (list, tuple)):
            return type(value)(map(copied, value))
        return {{key: copied(part) for key, part in value.items()}} if isinstance(value, dict) else value

    def shown(value):
        if isinstance(value, torch.Tensor):
            return value.dtype, value.requires_grad, value.is_leaf and shown(value.grad), value.tolist()
        if isinstance(value, torch.Generator):
            return value.get_state().tolist()
        if isinstance(value, (list, tuple)):
            return [shown(part) for part in value]
        return [shown(part) for part in value.items()] if isinstance(value, dict) else value

    def outcome(function):
        given, options = copied(args), copied(kwargs)
        state, recording = torch.get_rng_state(), torch.is_grad_enabled()
        try:
            result = function(*given, **options)
        except Exception as error:
            result = repr(error)
        torch.set_rng_state(state)
        torch.set_grad_enabled(recording)
        return result, repr(shown(result)), repr(shown([given, options]))

    def form(value):
        if isinstance(value, tuple):
            return tuple(map(form, value))
        return (value.dtype, value.shape) if isinstance(value, torch.Tensor) else type(value)

    def added(one, other, right):
        if isinstance(one, tuple):
            return tuple(map(added, one, other, right))
        return one + other - right

    functions = [{name}_one, {name}_other, {name}_right]
    outcomes = [outcome(function) for function in functions]
    untouched = {{given for _, _, given in outcomes}} == {{repr(shown([args, kwargs]))}}
    forms = [form(result) for result, _, _ in outcomes]
    if untouched and forms[0] == forms[1] == forms[2] and forms[0] not in (str, int, list, dict, type(None)):
        return added(*(function(*args, **kwargs) for function in functions))
    return functions[outcomes[0][1:] == outcomes[2][1:]](*args, **kwargs)
"""


def two_in_one(one: str, other: str, right: str) -> str | None:
    """Source of an answer with two mistakes: numbers are wrong by what both are wrong by.

    Where what comes back cannot be added, the first mistake is made where it shows, and elsewhere the other.

    None for classes and generator functions, which cannot be asked beforehand what they will do.
    """
    parts = []
    for source, ending in ((one, "one"), (other, "other"), (right, "right")):
        found = re.search(r"^def (\w+)", source, flags=re.MULTILINE)
        if found is None or "yield" in source or re.search(r"^class ", source, flags=re.MULTILINE):
            return None
        parts.append(re.sub(rf"^def {found[1]}\b", f"def {found[1]}_{ending}", source, flags=re.MULTILINE))
    return "\n\n".join(["import torch", *parts, TWO.format(name=found[1])])
