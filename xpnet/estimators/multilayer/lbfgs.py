"""Training by SciPy's L-BFGS: cost and gradient are computed on the device, the search runs on the host."""

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning

from xpnet.backend import Array, namespace, quiet, to_numpy
from xpnet.estimators.common.tasks import NoTask
from xpnet.estimators.multilayer.epochs import Examples
from xpnet.estimators.multilayer.lines import say
from xpnet.execution import executor
from xpnet.nn import Network, Parameters, penalty
from xpnet.trees import leaves, map_arrays, rebuild

ITERATION = "lbfgs-iter"  # scikit-learn's name of an iteration, for its callbacks


class Found(NamedTuple):
    """Where the search ended: the parameters, the cost there, its penalty, and how many iterations it took."""

    parameters: Parameters
    cost: float  # with the penalty
    penalty: float
    iterations: int


def fit_lbfgs(
    network: Network,
    examples: Examples,
    start: Parameters,
    l2: float,
    options: dict[str, Any],
    task: NoTask,
    *,
    biases: bool = True,
    verbose: Any = False,
) -> Found:
    """Return the parameters of least cost near `start`: the mean cost over all examples plus ``l2 / (2 s) sum w^2``.

    Parameters
    ----------
    network : Network
        Without dropout.
    examples : Examples
    start : tuple of Layer
    l2 : float
        It is divided by s, the sum of the examples' weights.
    options : dict
        As SciPy's L-BFGS-B takes them; ``maxiter`` must be among them.
    task : NoTask
        Told of each iteration.  SciPy does not say whether another one follows: the last may be begun in vain.
    biases : bool
        Whether biases change too.
    verbose : bool or int
        Whether to print a line for each iteration.

    Warns
    -----
    ConvergenceWarning
        If the search ended before it converged, and not because a callback asked for it.
    """
    value = _objective(network, examples, start, l2, biases)
    costs, stops = list[float](), list[bool]()

    def iteration(intermediate_result: Any) -> None:
        costs.append(float(intermediate_result.fun))
        say(verbose, f"Iteration {len(costs)}, loss = {costs[-1]:.8f}")
        if not task.listened_to:
            return
        reached = _unpacked(intermediate_result.x, start)
        if task.end(reached):
            stops.append(True)
            raise StopIteration
        task.begin(reached)

    task.begin(start)
    with quiet(), examples.rows.backend.active():
        end = minimize(value, _packed(start), method="L-BFGS-B", jac=True, callback=iteration, options=options)
    iterations = min(int(end.nit), int(options["maxiter"]))
    if end.status != 0 and not stops:
        warnings.warn(
            f"lbfgs failed to converge after {iterations} iterations (status {end.status}): {end.message}. "
            "Increase max_iter, or scale the data",
            ConvergenceWarning,
            stacklevel=2,
        )
    parameters = _unpacked(end.x, start)
    added = penalty(parameters, _total(examples), 0.0, l2)
    return Found(parameters, float(end.fun), float(to_numpy(added)), iterations)


def _objective(
    network: Network, examples: Examples, like: Parameters, l2: float, biases: bool
) -> Callable[[Any], tuple[float, Any]]:
    """Return the function from packed parameters to the cost and its packed gradient."""
    rows, targets, weights = examples
    total, is_weight = _total(examples), _is_weight(like)
    shares = None if weights is None else rows.backend.asarray(weights)
    run = executor(_make_step(network, total), rows.backend.name)

    def value(packed: Any) -> tuple[float, Any]:
        parameters, found = _unpacked(packed, like), np.zeros(len(packed) + 1)
        for part, x in rows.parts():
            given = parameters, x, targets[part, ...], None if shares is None else shares[part]
            found += to_numpy(run((), map_arrays(lambda array: array[None, ...], given))[1])[0, :]
        slope = found[:-1] if biases else np.where(is_weight, found[:-1], 0.0)
        w = np.where(is_weight, packed, 0.0)
        return float(found[-1] + 0.5 * l2 / total * (w @ w)), slope + (l2 / total) * w

    return value


def _make_step(network: Network, total: float) -> Callable[[Any, Any], tuple[Any, Array]]:
    """Return the step from (parameters, x, y, weights) to the packed gradient of a part's cost, and that cost."""

    def step(carry: Any, inputs: Any) -> tuple[Any, Array]:
        parameters, x, y, weights = inputs
        gradients, z = network.backward(parameters, x, y, (), weights)
        cost, xp = network.cost.value(z, network.output(z), y), namespace(z)
        summed = xp.sum(cost if weights is None else cost * weights, keepdims=True)
        share = float(x.shape[0]) / total
        packed = [share * xp.reshape(g, (-1,)) for g in leaves(gradients)]
        return carry, xp.concat([*packed, summed * (1.0 / total)])

    return step


def _is_weight(parameters: Parameters) -> Any:
    """Return which of the packed numbers are weights; the others are biases."""
    kinds = [np.full(int(np.prod(x.shape)), i == 0) for layer in parameters for i, x in enumerate(layer)]
    return np.concatenate(kinds)


def _total(examples: Examples) -> float:
    return float(examples.rows.n if examples.weights is None else examples.weights.sum())


def _packed(parameters: Parameters) -> Any:
    """Return the parameters as one host vector in double precision."""
    return np.concatenate([to_numpy(x).astype("float64").reshape(-1) for x in leaves(parameters)])


def _unpacked(packed: Any, like: Parameters) -> Parameters:
    """Return the parameters that a host vector holds, in the shapes, dtype and library of `like`."""
    arrays, start = [], 0
    for x in leaves(like):
        end = start + int(np.prod(x.shape))
        host = packed[start:end].reshape(x.shape)
        arrays.append(namespace(x).asarray(host.astype(str(x.dtype).rpartition(".")[2]), device=x.device))
        start = end
    return rebuild(like, iter(arrays))
