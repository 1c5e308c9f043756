"""One step of training with scikit-learn's penalties: divided by the weight of the mini-batch, not of all examples."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from xpnet.backend import Array, Backend, namespace
from xpnet.nn import Network, Parameters, penalize
from xpnet.training import Optimizer
from xpnet.training.batches.batches import gather
from xpnet.training.steps.step import floating
from xpnet.trees import map_arrays

# parameters, the optimizer's slots, the sum of the penalties (1, 1) in units of their strength
Carry: TypeAlias = tuple[Any, Any, Array]


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

    @property
    def strength(self) -> float:
        """The unit in which steps add penalties up, so that a single penalty costs them no multiplication."""
        return max(0.5 * self.l2, self.l1)


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
            terms = penalty_terms(parameters, penalties)
            added = sum(terms if inputs.totals is None else [(m / total) * term for term in terms], added)
        moved = optimizer.move(gradients, slots, parameters, dict(zip(names, inputs.numbers, strict=True)))
        if penalties.max_norm is not None:
            moved = network.constrain(moved[0], penalties.max_norm), moved[1]
        return map_arrays(lambda new, old: floating(new, old.dtype), (*moved, added), carry), z

    return step


def penalty_terms(parameters: Parameters, penalties: Penalties) -> list[Array]:
    """Return numbers, shape (1, 1): their sum times `penalties.strength` is ``l2 / 2 sum w^2 + l1 sum |w|``.

    Examples
    --------
    >>> import numpy as np
    >>> from xpnet.nn import Layer
    >>> layer = Layer(w=np.asarray([[3.0, -4.0]]), b=np.asarray([[9.0]]))
    >>> penalty_terms((layer,), Penalties(l2=2.0, l1=1.0, max_norm=None))
    [array([[25.]]), array([[7.]])]
    """
    xp, terms = namespace(parameters[0].w), list[Array]()
    rows = [xp.reshape(w, (1, -1)) for w, _ in parameters]
    if penalties.l2:  # a product is faster than a sum of squares
        terms += _scaled(0.5 * penalties.l2 / penalties.strength, [row @ row.mT for row in rows])
    if penalties.l1:
        sizes = [xp.sum(xp.abs(row), axis=-1, keepdims=True) for row in rows]
        terms += _scaled(penalties.l1 / penalties.strength, sizes)
    return terms


def _scaled(factor: float, terms: list[Array]) -> list[Array]:
    return terms if factor == 1.0 else [factor * term for term in terms]
