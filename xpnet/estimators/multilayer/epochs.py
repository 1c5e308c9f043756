"""Epochs of steps on the examples, in the order that the estimator's random state gives."""

from collections.abc import Iterator
from functools import cache, partial
from typing import Any, NamedTuple

from xpnet.backend import Array, Backend, namespace, quiet, to_numpy
from xpnet.estimators.common.rows import Rows
from xpnet.estimators.multilayer.step import Carry, Inputs, Penalties, make_step
from xpnet.execution import executor, limited, threads_for
from xpnet.nn import Network, Parameters
from xpnet.training import Optimizer
from xpnet.training.batches.batches import STRETCH, gather, hash_keys, stretches
from xpnet.training.optimizing.optimizer import tabulate
from xpnet.training.steps.evaluator import Evaluator, total


class Examples(NamedTuple):
    """What an estimator trains on: rows, targets (n, n_out) on the device, and host weights (n,) or None."""

    rows: Rows
    y: Array
    weights: Any = None


class Training:
    """Runs epochs on some examples: the carry holds the parameters, the optimizer's slots and the penalties.

    Parameters
    ----------
    network : Network
    examples : Examples
    optimizer : Optimizer
    penalties : Penalties
    batch_size : int
    seed : int
        Seed of the dropout.
    epochs : int, optional
        How many epochs there will be, if that is known.
    """

    def __init__(
        self,
        network: Network,
        examples: Examples,
        optimizer: Optimizer,
        penalties: Penalties,
        batch_size: int,
        seed: int = 0,
        epochs: int | None = None,
    ) -> None:
        self.network, self.examples, self.penalties = network, examples, penalties
        self.batch_size, self.seed = batch_size, seed
        self.backend: Backend = examples.rows.backend
        x = None if examples.rows.sparse else examples.rows.x
        steps = None if epochs is None else epochs * -(-examples.rows.n // batch_size)
        self._run = executor(make_step(network, x, optimizer, penalties, self.backend), self.backend.name, steps)
        self._evaluator = Evaluator(network, self.backend, steps, hits=False)
        self._weights = None if examples.weights is None else self.backend.asarray(examples.weights)

    def epoch(
        self, parameters: Parameters, slots: Any, t: int, order: Any, optimizer: Optimizer, number: int
    ) -> tuple[Parameters, Any, int, float]:
        """Return parameters, slots and count of steps after an epoch, and its mean cost with penalties.

        The parameters and slots lie in memory that the next epoch overwrites.

        Parameters
        ----------
        parameters, slots : trees of Array
        t : int
            Steps before this epoch.
        order : host array of int, shape (n,)
            The numbers of the rows, in their order.
        optimizer : Optimizer
            With the learning rate of this epoch.
        number : int
            Which epoch it is, for dropout.
        """
        backend, measures = self.backend, list[Array]()
        carry: Carry = parameters, slots, backend.full((1, 1))
        threads = threads_for(backend, self.network.largest_product * self.batch_size)
        with quiet(), backend.active(), limited(threads):
            for inputs, steps in self._inputs(order, number):
                numbers = tabulate(optimizer, t, steps, backend)
                carry, z = self._run(carry, inputs._replace(numbers=numbers))
                t += steps
                measures.append(self._evaluator.outputs(z, inputs.y, inputs.weights))
            summed = namespace(z).stack([total(measures)[0], carry[2][0, 0]])
            cost, penalty = to_numpy(summed).tolist()  # the only read from the device in an epoch
        mean = (cost * scale_of(self.network) + self.penalties.strength * penalty) / len(order)
        return carry[0], carry[1], t, mean

    def _inputs(self, order: Any, number: int) -> Iterator[tuple[Inputs, int]]:
        """Yield the inputs of stretches of steps, without the optimizer's numbers, and how many steps they are."""
        backend, network, rows = self.backend, self.network, self.examples.rows
        xp, keys = backend.xp, cache(partial(hash_keys, backend, self.seed, number))
        width = network.footprint + (int(rows.x.shape[1]) if rows.sparse else 0)
        placed = backend.asarray(order)
        for start, steps, m in stretches(len(order), self.batch_size, STRETCH // (8 * width)):
            end = start + steps * m
            chosen = xp.reshape(placed[start:end], (steps, m))
            places = xp.arange(start, end, dtype=xp.int32, device=backend.device) if any(network.dropout) else None
            weights, totals = self._weigh(chosen)
            x = rows.take(order[start:end]) if rows.sparse else None
            yield (
                Inputs(
                    y=gather(self.examples.y, chosen),
                    masks=() if places is None else network.masks(xp.reshape(places, (steps, m)), keys, backend.dtype),
                    numbers=(),
                    weights=weights,
                    totals=totals,
                    rows=None if rows.sparse else chosen,
                    x=None if x is None else xp.reshape(x, (steps, m, -1)),
                ),
                steps,
            )

    def _weigh(self, chosen: Array) -> tuple[Array | None, Array | None]:
        """Return the weights of mini-batches, scaled to a mean of 1 in each, and their sums before."""
        if self._weights is None:
            return None, None
        xp, weights = namespace(chosen), gather(self._weights, chosen)
        sums = xp.sum(weights, axis=-1)
        sums = xp.where(sums > 0.0, sums, xp.ones_like(sums))  # a batch without weight moves nothing
        return weights * (float(chosen.shape[-1]) / sums)[:, None], sums


def scale_of(network: Network) -> float:
    """Return the factor from the network's cost to scikit-learn's loss: squared errors are means over the outputs.

    Examples
    --------
    >>> scale_of(Network([2, 4], output="linear", cost="quadratic"))
    0.25
    """
    return 1.0 / network.sizes[-1] if network.cost.name == "quadratic" else 1.0
