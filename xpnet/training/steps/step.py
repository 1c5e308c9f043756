"""The training step: one mini-batch, from its rows to the new parameters.

It has two halves: the gradients of the mini-batch, and the update, which adds the penalties and moves the parameters.
Whoever computes the gradients in another way, in shards or elsewhere, keeps the update as it is.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from xpnet.backend import Array, Backend, namespace
from xpnet.training.batches.batches import Data, Inputs, gather
from xpnet.training.model import Trainable
from xpnet.training.steps.settings import Settings
from xpnet.training.steps.shards import in_shards
from xpnet.trees import is_zero, map_arrays

Carry: TypeAlias = tuple[Any, Any]  # the parameters, and the optimizer's slots
Gradients: TypeAlias = Callable[[Any, Inputs], tuple[Any, Array]]  # (parameters, inputs) -> (gradients, z)
Update: TypeAlias = Callable[[Carry, Any, tuple[Array, ...]], Carry]  # (carry, gradients, step numbers) -> carry


def make_step(
    model: Trainable, data: Data, settings: Settings, backend: Backend
) -> Callable[[Carry, Inputs], tuple[Carry, Array]]:
    """Return the step that every executor runs: gather, forward, backward, penalize, update.

    It is pure and reads no number on the host.
    """
    gradients_of = in_shards(make_gradients(model, data, settings, backend), settings.shards)
    update = make_update(model, settings, data.total)

    def step(carry: Carry, inputs: Inputs) -> tuple[Carry, Array]:
        gradients, z = gradients_of(carry[0], inputs)
        return update(carry, gradients, inputs.numbers), z

    return step


def make_gradients(model: Trainable, data: Data, settings: Settings, backend: Backend) -> Gradients:
    """Return the first half of the step: from a mini-batch to the gradients of its mean cost, and the outputs z."""
    expand = settings.expand
    fields = expand.fields(backend) if expand else None

    def gradients(parameters: Any, inputs: Inputs) -> tuple[Any, Array]:
        x = floating(gather(data.x, inputs.rows) if inputs.x is None else inputs.x, inputs.y.dtype)  # (m, n_in)
        if expand:
            x = expand.apply(x, inputs.draws, fields)
        return model.backward(parameters, x, inputs.y, inputs.masks, inputs.weights)

    return gradients


def make_update(model: Trainable, settings: Settings, n: float) -> Update:
    """Return the second half of the step: penalties for n examples, clipping, the optimizer's move, the limit on w."""
    l1, l2, clip, max_norm, optimizer = settings.l1, settings.l2, settings.clip, settings.max_norm, settings.optimizer
    penalized = not (is_zero(l1) and is_zero(l2))
    names = tuple(optimizer.numbers(0))

    def update(carry: Carry, gradients: Any, numbers: tuple[Array, ...]) -> Carry:
        parameters, slots = carry
        if penalized:
            gradients = model.penalize(gradients, parameters, n, l1, l2)
        if clip:
            gradients = clip(gradients)
        moved = optimizer.move(gradients, slots, parameters, dict(zip(names, numbers, strict=True)))
        if max_norm is not None:
            moved = model.constrain(moved[0], max_norm), moved[1]
        # functions of a user's own may compute in another precision; the carry keeps its dtypes
        return map_arrays(lambda new, old: floating(new, old.dtype), moved, carry)

    return update


def floating(x: Array, dtype: Any) -> Array:
    """Return `x` in a floating dtype; integer inputs keep their small dtype until here."""
    return x if x.dtype == dtype else namespace(x).astype(x, dtype)
