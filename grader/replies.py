"""What a worker sends in reply: how exceptions cross, and checks that all has the form that it must have."""

import builtins
from typing import Any

import torch

from grader.channel import WireError

ERRORS = {
    name: value for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, Exception)
}
BUILTIN_ERRORS = {
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
}
MAX_TEXT = 20_000


def described(error: BaseException) -> tuple[str, str, tuple]:
    """Give the built-in class that an exception derives from, its own class and its arguments as plain data."""
    bases = [base.__name__ for base in type(error).__mro__ if base.__module__ == "builtins"]
    base = next((name for name in bases if name in BUILTIN_ERRORS), "Exception")
    try:
        args = tuple(part if type(part) in (str, int, float) else str(part) for part in error.args)
    except BaseException:
        args = ("(its message could not be read)",)
    return base, type(error).__name__, tuple(part[:MAX_TEXT] if type(part) is str else part for part in args[:8])


def raised(value: Any) -> Exception:
    """The exception that `described` describes, as a built-in class with plain arguments."""
    base, own_name, args = fields(value, str, str, tuple)
    if not all(type(part) in (str, int, float) for part in args):
        raise WireError("an exception has odd arguments")
    kind = ERRORS.get(base, RuntimeError)
    try:
        error = kind(*args)
    except (TypeError, ValueError):  # UnicodeDecodeError wants five arguments of its own
        error = ValueError(*args) if issubclass(kind, ValueError) else RuntimeError(*args)
    error._grader_name = own_name[:60] if own_name.isidentifier() else base
    return error


def fields(value: Any, *types: type | tuple[type, ...]) -> tuple:
    """Check that a value is a tuple of exactly these types."""
    if type(value) is not tuple or len(value) != len(types):
        raise WireError("a reply has another form than it must have")
    for part, kind in zip(value, types, strict=True):
        if type(part) not in (kind if isinstance(kind, tuple) else (kind,)) and not (
            isinstance(part, torch.nn.Parameter) and torch.Tensor in (kind if isinstance(kind, tuple) else (kind,))
        ):
            raise WireError("a part of a reply has a type that it must not have")
    return value


def items(container: list | dict) -> list:
    """Items of a list, or pairs of a dict."""
    return list(container) if type(container) is list else list(container.items())


def flat(pairs: list) -> list:
    """Take pairs apart, so that identity can be compared part by part."""
    return [part for item in pairs for part in (item if type(item) is tuple and len(item) == 2 else (item,))]


def asks(reply: Any) -> bool:
    """Tell whether the worker asks for a function of the test instead of answering."""
    return type(reply) is tuple and len(reply) > 0 and type(reply[0]) is str and reply[0] == "asks"
