"""Notices when a test seeds torch's own generator, so that the worker's is seeded too."""

import functools
from typing import Any

import torch


class SEEDS:
    """How often a test has set torch's own generator: to the same state twice leaves no other trace."""

    set = 0


def notice_seeds() -> None:
    """Count each time that this process seeds torch's own generator."""
    for name in ("manual_seed", "seed", "set_rng_state"):
        true = getattr(torch, name)
        if hasattr(true, "_grader_true"):
            continue

        @functools.wraps(true)
        def counted(*args: Any, _true: Any = true, **kwargs: Any) -> Any:
            SEEDS.set += 1
            return _true(*args, **kwargs)

        counted._grader_true = true
        setattr(torch, name, counted)
