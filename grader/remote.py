"""Stand-ins for the student's objects: what a test cell holds when it names one."""

import functools
from typing import Any, Protocol

import torch

BASES = {"optimizer": torch.optim.Optimizer, "module": torch.nn.Module}


class Asking(Protocol):
    """What a stand-in needs of the conversation that it belongs to: see `grader.calls.Calls`."""

    live: list
    live_candidates: list

    def request(self, operation: str, target: Any, args: list, kwargs: dict | None = None, *, given: set | None) -> Any:
        """Ask the worker for one operation."""


def stand_in(calls: Asking, number: int, name: str, traits: list[str], given: set | None) -> "Remote":
    """Make the stand-in of an object.

    Args:
        calls: the conversation to ask in.
        number: the worker's number of the object.
        name: its class's name.
        traits: which special methods it has, and which of torch's classes it derives from.
        given: numbers of the tensors that it was given, and so may change.
    """
    remote = remote_class(name[:60] if name.isidentifier() else "object", tuple(sorted(traits)))()
    own = {"calls": calls, "number": number, "traits": set(traits), "given": given, "methods": {}}
    object.__setattr__(remote, "_grader", own)
    return remote


def vars_of(remote: "Remote") -> dict[str, Any]:
    """A stand-in's own data."""
    return object.__getattribute__(remote, "_grader")


class Remote:
    """Stands for an object of the student's that stays with the worker."""

    def __getattr__(self, name: str) -> Any:
        own = vars_of(self)
        if name.startswith("__"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        if name in own["methods"]:
            return own["methods"][name]
        calls = own["calls"]
        value = calls.request("getattr", self, [name], given=own["given"])
        calls.live += calls.live_candidates
        if isinstance(value, Remote) and "method" in vars_of(value)["traits"]:
            value = own["methods"][name] = functools.partial(call_method, self, name)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        own = vars_of(self)
        own["calls"].request("setattr", self, [name, value], given=own["given"])

    @property
    def __class__(self) -> type:
        bases = [base for trait, base in BASES.items() if trait in vars_of(self)["traits"]]
        return bases[0] if bases else type(self)


def call_method(remote: Remote, name: str, /, *args: Any, **kwargs: Any) -> Any:
    """Call a method in one round trip."""
    own = vars_of(remote)
    return own["calls"].request("method", remote, [name, *args], kwargs, given=own["given"])


def operation(name: str) -> Any:
    """A special method that the worker answers."""

    def method(self: Remote, *args: Any, **kwargs: Any) -> Any:
        own = vars_of(self)
        return own["calls"].request(name, self, list(args), kwargs, given=own["given"])

    return method


def length(self: Remote) -> int:
    """Length of a student's object."""
    own = vars_of(self)
    return int(own["calls"].request("len", self, [], given=own["given"]))


@functools.lru_cache(maxsize=1000)
def remote_class(name: str, traits: tuple[str, ...]) -> type[Remote]:
    """Class of stand-ins for objects with some special methods."""
    known = {
        **{"call": ("__call__", operation("call")), "len": ("__len__", length)},
        **{"iter": ("__iter__", operation("iter")), "next": ("__next__", operation("next"))},
        "getitem": ("__getitem__", operation("getitem")),
    }
    body = dict(known[trait] for trait in traits if trait in known)
    if "next" in traits:
        body["__iter__"] = lambda self: self
    for trait, base in BASES.items():
        if f"{trait} class" in traits:
            body["__bases__"] = (base,)
    return type(name, (Remote,), body)
