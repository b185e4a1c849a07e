"""Gradients across the border: the worker multiplies a vector by the Jacobian of an earlier result."""

from typing import Any

import torch

from grader.lost import Lost
from grader.wire import Mark, Raw


class Differentiable(torch.autograd.Function):
    """A result of the student's code in the checker's graph; first order only."""

    @staticmethod
    def forward(ctx: Any, calls: Any, key: int, data: torch.Tensor, *inputs: torch.Tensor) -> torch.Tensor:
        """Pass the numbers on."""
        ctx.calls, ctx.key = calls, key
        ctx.known = [calls.table.known(tensor) for tensor in inputs]
        return data.clone()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, vector: torch.Tensor) -> tuple:
        """Ask the worker for the product of a vector and its Jacobian."""
        calls, wanted = ctx.calls, [entry for entry in ctx.known if entry is not None]
        if not wanted:
            return (None,) * (3 + len(ctx.known))
        marks = [Mark("ref", entry.key) for entry in wanted]
        grads = calls.request("backward", None, [Mark("ref", ctx.key), Raw(vector), marks], given=set())
        shapes = [entry.thing.shape for entry in wanted]
        if type(grads) is not list or len(grads) != len(wanted):
            calls.lose(Lost("a gradient is missing"))
        for grad, shape in zip(grads, shapes, strict=True):
            if not (grad is None or (type(grad) is torch.Tensor and grad.shape == shape)):
                calls.lose(Lost("a gradient has another shape than its tensor"))
        found = iter(grads)
        return (None, None, None, *(None if entry is None else next(found) for entry in ctx.known))
