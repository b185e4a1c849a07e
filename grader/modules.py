"""Modules of torch.nn on their way to the worker: by class and state, never as code.

Only torch's own classes cross. The checker reads a module's attributes; the worker makes an object of that class,
runs no constructor, and gives it the attributes. Parameters and buffers are tensors of the table that both ends hold
(see `grader.shared`), so what either end does to them in place the other one sees; so is `training`. Hyperparameters
and children are set anew each time that the module crosses.
"""

from typing import Any

import torch

from grader.channel import WireError
from grader.shared import Table

BARE = frozenset(vars(torch.nn.Module()))
STATE = frozenset({"training", "_parameters", "_buffers", "_modules"})
TRANSIENT = "_non_persistent_buffers_set"


def described(module: torch.nn.Module) -> tuple[str, dict[str, Any], list[str]]:
    """Name of a module's class, its attributes, and names of the buffers that it does not save.

    Raises:
        WireError: it is of a class that is not torch.nn's own, or somebody has hooked into it.
    """
    kind = type(module)
    if getattr(torch.nn, kind.__name__, None) is not kind:
        raise WireError(f"a module of class {kind.__name__!r} cannot cross: only those of torch.nn itself can")
    state = dict(module.__getstate__())
    inner = {name: state.pop(name) for name in BARE - STATE if name in state}
    transient = sorted(inner.pop(TRANSIENT))
    if any(inner.values()):
        raise WireError(f"a module of class {kind.__name__!r} cannot cross: it has hooks")
    return kind.__name__, state, transient


def accept(table: Table, payload: tuple) -> torch.nn.Module:
    """Make the module that the checker describes, or bring the one of that number up to date."""
    key, name, state, transient = payload
    entry = table.entries.get(key)
    if entry is None:
        kind = getattr(torch.nn, name)
        module = kind.__new__(kind)
        torch.nn.Module.__init__(module)
        entry = table.add(module, key)
    entry.thing.__setstate__(state | {TRANSIENT: set(transient)})
    entry.agree()
    return entry.thing
