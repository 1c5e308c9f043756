"""Training by SciPy's L-BFGS: cost and gradient are computed on the device, the search runs on the host."""

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning

from xpnet.backend import Array, namespace, quiet, to_numpy
from xpnet.estimators.multilayer.epochs import Examples
from xpnet.estimators.multilayer.lines import say
from xpnet.nn import Network, Parameters, penalize, penalty
from xpnet.trees import leaves, map_arrays, rebuild


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
    biases : bool
        Whether biases change too.
    verbose : bool or int
        Whether to print a line for each iteration.

    Warns
    -----
    ConvergenceWarning
        If the search ended before it converged.
    """
    value = _objective(network, examples, start, l2, biases)
    costs = list[float]()

    def iteration(intermediate_result: Any) -> None:
        costs.append(float(intermediate_result.fun))
        say(verbose, f"Iteration {len(costs)}, loss = {costs[-1]:.8f}")

    with quiet(), examples.rows.backend.active():
        end = minimize(value, _packed(start), method="L-BFGS-B", jac=True, callback=iteration, options=options)
    iterations = min(int(end.nit), int(options["maxiter"]))
    if end.status != 0:
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
    total = _total(examples)
    shares = None if weights is None else rows.backend.asarray(weights)

    def value(packed: Any) -> tuple[float, Any]:
        parameters, costs = _unpacked(packed, like), list[Array]()
        slope = map_arrays(lambda w: namespace(w).zeros_like(w), parameters)
        for part, x in rows.parts():
            y, w = targets[part, ...], None if shares is None else shares[part]
            gradients, z = network.backward(parameters, x, y, (), w)
            cost = network.measure(z, y)[0]
            costs.append(namespace(z).sum(cost if w is None else cost * w))
            slope = map_arrays(lambda a, g, m=float(x.shape[0]): a + g * (m / total), slope, gradients)
        slope = penalize(slope, parameters, total, 0.0, l2)
        cost = sum(costs[1:], costs[0]) / total + penalty(parameters, total, 0.0, l2)
        return float(to_numpy(cost)), _packed(slope, biases)

    return value


def _total(examples: Examples) -> float:
    return float(examples.rows.n if examples.weights is None else examples.weights.sum())


def _packed(parameters: Parameters, biases: bool = True) -> Any:
    """Return the parameters as one host vector in double precision, the biases as zeros if they are left out."""
    parts = [to_numpy(x).astype("float64").reshape(-1) for layer in parameters for x in layer]
    kept = [part if biases or i % 2 == 0 else np.zeros_like(part) for i, part in enumerate(parts)]
    return np.concatenate(kept)


def _unpacked(packed: Any, like: Parameters) -> Parameters:
    """Return the parameters that a host vector holds, in the shapes, dtype and library of `like`."""
    arrays, start = [], 0
    for x in leaves(like):
        end = start + int(np.prod(x.shape))
        host = packed[start:end].reshape(x.shape)
        arrays.append(namespace(x).asarray(host.astype(str(x.dtype).rpartition(".")[2]), device=x.device))
        start = end
    return rebuild(like, iter(arrays))
