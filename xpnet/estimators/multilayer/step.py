"""One step of training with scikit-learn's penalties: divided by the weight of the mini-batch, not of all examples."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from xpnet.backend import Array, Backend, namespace
from xpnet.nn import Network, Parameters, penalize
from xpnet.training import Optimizer
from xpnet.training.batches.batches import gather
from xpnet.training.steps.step import floating
from xpnet.trees import map_arrays

Carry: TypeAlias = tuple[Any, Any, Array]  # parameters, the optimizer's slots, the sum of the penalties (1, 1)


class Inputs(NamedTuple):
    """The inputs of a stretch of steps: the first axis is the step."""

    y: Array  # (steps, m, n_out)
    masks: tuple[Array | None, ...]  # each (steps, m, n_in of its layer)
    numbers: tuple[Array, ...]  # each (steps,): the optimizer's step numbers
    weights: Array | None = None  # (steps, m), with mean 1 in each mini-batch
    totals: Array | None = None  # (steps,): the sum of the mini-batch's weights as they were given
    rows: Array | None = None  # (steps, m), integers
    x: Array | None = None  # (steps, m, n_in), if the rows are made dense for each stretch


class Penalties(NamedTuple):
    """What keeps weights small: the strengths of L2 and L1, and a limit on the norm of the weights of a neuron."""

    l2: float
    l1: float
    max_norm: float | None


def make_step(
    network: Network, x: Array | None, optimizer: Optimizer, penalties: Penalties, backend: Backend
) -> Callable[[Carry, Inputs], tuple[Carry, Array]]:
    """Return the step that executors run; its output is z of the last layer, shape (m, n_out).

    Parameters
    ----------
    network : Network
    x : Array or None
        All examples; None if the inputs hold their own.
    optimizer : Optimizer
    penalties : Penalties
        ``l2 / (2 s) sum w^2 + l1 / s sum |w|``, where s is the sum of the mini-batch's weights.
    backend : Backend
    """
    names = tuple(optimizer.numbers(0))

    def step(carry: Carry, inputs: Inputs) -> tuple[Carry, Array]:
        parameters, slots, added = carry
        batch = floating(gather(x, inputs.rows) if inputs.x is None else inputs.x, backend.dtype)
        m = float(batch.shape[-2])
        total = m if inputs.totals is None else inputs.totals
        gradients, z = network.backward(parameters, batch, inputs.y, inputs.masks, inputs.weights)
        if penalties.l1 or penalties.l2:
            gradients = penalize(gradients, parameters, total, penalties.l1, penalties.l2)
            penalty = penalty_sum(parameters, penalties)
            added = added + (penalty if inputs.totals is None else penalty * (m / total))
        moved = optimizer.move(gradients, slots, parameters, dict(zip(names, inputs.numbers, strict=True)))
        if penalties.max_norm is not None:
            moved = network.constrain(moved[0], penalties.max_norm), moved[1]
        return map_arrays(lambda new, old: floating(new, old.dtype), (*moved, added), carry), z

    return step


def penalty_sum(parameters: Parameters, penalties: Penalties) -> Array:
    """Return ``l2 / 2 sum w^2 + l1 sum |w|``, shape (1, 1).

    Examples
    --------
    >>> import numpy as np
    >>> from xpnet.nn import Layer
    >>> layer = Layer(w=np.asarray([[3.0, -4.0]]), b=np.asarray([[9.0]]))
    >>> penalty_sum((layer,), Penalties(l2=2.0, l1=1.0, max_norm=None))
    array([[32.]])
    """
    xp, terms = namespace(parameters[0].w), []
    rows = [xp.reshape(w, (1, -1)) for w, _ in parameters]
    if penalties.l2:  # a product is faster than a sum of squares
        terms.append((0.5 * penalties.l2) * _sum([row @ row.mT for row in rows]))
    if penalties.l1:
        terms.append(penalties.l1 * _sum([xp.sum(xp.abs(row), axis=-1, keepdims=True) for row in rows]))
    return _sum(terms)


def _sum(terms: list[Array]) -> Array:
    return sum(terms[1:], terms[0])
