"""The training step: one mini-batch, from its rows to the new parameters."""

from collections.abc import Callable
from typing import Any

from xpnet.backend import Array, Backend, namespace
from xpnet.training.batches.batches import Data, Inputs, gather
from xpnet.training.model import Trainable
from xpnet.training.steps.settings import Settings
from xpnet.trees import map_arrays


def make_step(
    model: Trainable, data: Data, settings: Settings, backend: Backend
) -> Callable[[tuple[Any, Any], Inputs], tuple[tuple[Any, Any], Array]]:
    """Return the step that every executor runs: gather, forward, backward, penalize, update.

    It is pure and reads no number on the host.
    """
    l1, l2, clip, max_norm, expand = settings.l1, settings.l2, settings.clip, settings.max_norm, settings.expand
    fields = expand.fields(backend) if expand else None
    penalized = not (l1 == 0.0 and l2 == 0.0)
    optimizer = settings.optimizer
    names = tuple(optimizer.numbers(0))

    def step(carry: tuple[Any, Any], inputs: Inputs) -> tuple[tuple[Any, Any], Array]:
        parameters, slots = carry
        x = floating(gather(data.x, inputs.rows) if inputs.x is None else inputs.x, inputs.y.dtype)
        if expand:
            x = expand.apply(x, inputs.draws, fields)
        gradients, z = model.backward(parameters, x, inputs.y, inputs.masks, inputs.weights)
        if penalized:
            gradients = model.penalize(gradients, parameters, data.total, l1, l2)
        if clip:
            gradients = clip(gradients)
        numbers = dict(zip(names, inputs.numbers, strict=True))
        moved, slots = optimizer.move(gradients, slots, parameters, numbers)
        if max_norm is not None:
            moved = model.constrain(moved, max_norm)
        # functions of a user's own may compute in another precision; the carry keeps its dtypes
        return map_arrays(lambda new, old: floating(new, old.dtype), (moved, slots), carry), z

    return step


def floating(x: Array, dtype: Any) -> Array:
    """Return `x` in a floating dtype; integer inputs keep their small dtype until here."""
    return x if x.dtype == dtype else namespace(x).astype(x, dtype)
