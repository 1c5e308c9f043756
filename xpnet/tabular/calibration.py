"""Temperatures: one number that makes a classifier as sure as it is right."""

from math import exp, log
from typing import Any

from xpnet.backend import get, to_numpy
from xpnet.nn import Layer, Network, Parameters

COLDEST, HOTTEST = 1 / 20, 20.0  # rows that are all right would ask for 0
GOLDEN = 0.5 * (5.0**0.5 - 1.0)
NEAR = 0.01  # of the logarithm


def fit_temperature(network: Network, z: Any, y: Any) -> float:
    """Return the temperature T with which the weighted inputs z / T of the output have the least mean cost.

    Parameters
    ----------
    network : Network
        For classes.
    z : array, shape (m, n_out)
        Weighted inputs of its output, for rows that it was not trained on.
    y : array, shape (m,), integers
        The classes of these rows.

    Returns
    -------
    float
        Between 1/20 and 20; above 1 if the network is too sure of itself.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger 2017, arXiv:1706.04599, section 4.2.

    Examples
    --------
    >>> import numpy as np
    >>> network = Network([2, 2], output="softmax", cost="log_likelihood")
    >>> z = np.asarray([[4.0, 0.0], [0.0, 4.0], [0.0, 4.0], [4.0, 0.0]])
    >>> round(fit_temperature(network, z, np.asarray([0, 1, 1, 1])), 2)  # 4 / T = ln 3
    3.64
    """
    host = get("numpy", dtype="float64")
    return best_temperature(network, to_numpy(z), network.targets(host.asarray(to_numpy(y)), host.dtype))[0]


def best_temperature(network: Any, z: Any, y: Any) -> tuple[float, float]:
    """Return the best temperature and the mean cost with it, for host arrays: z (m, n_out) and targets (m, n_out).

    The search is by golden sections of the logarithm: the cost has one valley in 1 / T.
    """
    z = z.astype("float64")

    def cost(s: float) -> float:
        return float(network.measure(z / exp(s), y)[0].mean())

    low, high = log(COLDEST), log(HOTTEST)
    a, b = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    cost_a, cost_b = cost(a), cost(b)
    while high - low > NEAR:
        if cost_a < cost_b:
            high, b, cost_b = b, a, cost_a
            a = high - GOLDEN * (high - low)
            cost_a = cost(a)
        else:
            low, a, cost_a = a, b, cost_b
            b = low + GOLDEN * (high - low)
            cost_b = cost(b)
    best = 0.5 * (low + high)
    return exp(best), cost(best)


def with_temperature(parameters: Parameters, t: Any) -> Parameters:
    """Return parameters whose output has the weighted inputs z / t: the last weights and biases divided by t."""
    *rest, last = parameters
    return (*rest, Layer(last.w / t, last.b / t))
