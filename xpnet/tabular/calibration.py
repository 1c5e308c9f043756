"""Calibration: probabilities that mean what they say, by one number that the weighted inputs are divided by."""

from collections.abc import Callable
from dataclasses import replace
from math import exp, log
from typing import Any

from xpnet.backend import Array, get, of, to_numpy
from xpnet.checks import number
from xpnet.io import Model
from xpnet.nn import Layer, Network, Parameters
from xpnet.tabular.targets import class_numbers, numbers_of
from xpnet.trees import expand

LEAST, MOST = 1.0 / 20.0, 20.0  # temperatures; data told apart perfectly would want 0
GOLDEN = (5.0**0.5 - 1.0) / 2.0


def fit_temperature(network: Network, z: Any, y: Any) -> float:
    """Return the temperature T for which the probabilities of z / T have the least mean log loss.

    Parameters
    ----------
    network : Network
        Ending in sigmoid or softmax.
    z : array, shape (m, n_out) or (k, m, n_out)
        Weighted inputs of the output for rows that the network was not trained on; of k members, whose mean
        probability is judged.
    y : array, shape (m,) or (m, n_out)
        Class numbers; 0 or 1 for each of several labels.

    Returns
    -------
    float
        From 1/20 to 20, which are the answers for labels that are told apart perfectly, or not at all.  1 if no other
        is better.

    Raises
    ------
    ValueError
        If the network does not end in sigmoid or softmax, or z and y do not fit it or each other.

    References
    ----------
    Guo et al., arXiv:1706.04599, section 4.2.

    Examples
    --------
    >>> import numpy as np
    >>> z, y = np.asarray([[4.0, 0.0]] * 4), np.asarray([0, 0, 0, 1])     # says .98, is right in 3 of 4
    >>> t = fit_temperature(Network([2, 2], cost="log_likelihood"), z, y)
    >>> round(1 / (1 + float(np.exp(-4.0 / t))), 6)
    0.75
    """
    _check_link(network)
    host = get("numpy", dtype="float64")
    z, y = host.asarray(z, name="z"), to_numpy(y)
    if z.ndim not in (2, 3) or z.shape[-1] != network.sizes[-1] or not z.shape[-2]:
        raise ValueError(f"z must have shape (m, {network.sizes[-1]}), with rows, got {tuple(z.shape)}")
    if not host.xp.isfinite(z).all():
        raise ValueError("z must be finite, got NaN or infinity")
    wanted = (z.shape[-2], z.shape[-1]) if network.several else (z.shape[-2],)
    if tuple(y.shape) != wanted:
        raise ValueError(f"y must have shape {wanted}, got {tuple(y.shape)}")
    if network.several:  # each label is a question of its own
        y, z = host.xp.reshape(y, (-1,)), host.xp.reshape(z, (*z.shape[:-2], -1, 1))
    y = class_numbers(y, range(max(2, z.shape[-1])))
    return exp(_least(lambda log_t: _log_loss(network, z / exp(log_t), y), log(LEAST), log(MOST)))


def mean_of(values: Array, weights: Array | None) -> float:
    """Return the mean of host numbers (m,), weighted where there are weights that are not all 0."""
    total = 0.0 if weights is None else float(weights.sum())
    return float((values * weights).sum()) / total if total else float(values.mean())


def refined(model: Any, z: Array, y: Array, weights: Array | None = None) -> tuple[float, float]:
    """Return the temperature of one network to 1 %, and its mean cost with it: quick, to be asked after every epoch.

    Parameters
    ----------
    model : Trainable
        Its cost is what is to be least; over 1 / T it has one valley.
    z, y : host arrays, shape (m, n_out), float64
        Weighted inputs of the output, and targets.
    weights : host array, shape (m,), optional
        How much each row counts.
    """

    def cost(log_t: float) -> float:
        return mean_of(model.measure(z / exp(log_t), y)[0], weights)

    best = _least(cost, log(LEAST), log(MOST), points=3, near=0.01)
    return exp(best), cost(best)


def with_temperature(network: Network, parameters: Parameters, t: Any) -> Parameters:
    """Return the parameters with the weights and biases of the last layer divided by `t`.

    So the weighted inputs of the output are divided by it, and files and predictions need no change.  Answers stay the
    same; only probabilities change.

    Parameters
    ----------
    network : Network
        Ending in sigmoid or softmax.
    parameters : tuple of Layer
    t : number or array, shape (k,)
        Above 0: one for all, or one for each member of a stack.

    Examples
    --------
    >>> import numpy as np
    >>> neuron = (Layer(np.asarray([[4.0]]), np.asarray([[2.0]])),)
    >>> with_temperature(Network([1, 1]), neuron, 2.0)
    (Layer(w=array([[2.]]), b=array([[1.]])),)
    """
    _check_link(network)
    network.check(parameters)
    w, b = parameters[-1]
    if not getattr(t, "shape", ()) and not isinstance(t, list | tuple):
        t = number("t", t, above=True)
        return (*parameters[:-1], Layer(w / t, b / t))
    listed = [number("t", each, above=True) for each in to_numpy(t).tolist()]
    if w.ndim != 3 or len(listed) != w.shape[0]:
        raise ValueError(f"t must be one number, or one for each member, got {len(listed)}")
    each = of(w).asarray(listed)
    return (*parameters[:-1], Layer(w / expand(each, w), b / expand(each, b)))


def calibrate(model: Model, x: Any, y: Any) -> Model:
    """Return the model with the temperature that gives the least log loss on these rows, one for all members.

    Parameters
    ----------
    model : Model
        Of an ensemble, the mean probability is judged.
    x : frame, Table or array, shape (m, n_columns)
        Raw rows that the model was not trained on.
    y : array, list or column, shape (m,) or (m, n_out)
        Labels in the model's own terms.

    Raises
    ------
    ValueError
        If the model does not tell classes apart, there are no rows, or `y` does not fit them.

    Examples
    --------
    >>> import numpy as np
    >>> network = Network([1, 1])
    >>> model = Model(network, (Layer(np.asarray([[4.0]]), np.asarray([[0.0]])),), classes=("no", "yes"))
    >>> softer = calibrate(model, [[1.0]] * 4, ["yes", "yes", "yes", "no"])
    >>> softer.predict_proba([[1.0]]).round(4)
    array([[0.25, 0.75]])
    """
    _check_link(model.network)
    inputs = model.encode(x)
    y = numbers_of(model, y, int(inputs.shape[0]))
    t = fit_temperature(model.network, to_numpy(model.network.outputs(model.parameters, inputs)), y)
    return replace(model, parameters=with_temperature(model.network, model.parameters, t))


def has_temperature(network: Network) -> bool:
    """Return whether a network ends in sigmoid or softmax, whose probabilities a temperature changes."""
    return network.classifies and network.output.link in ("logit", "softmax")


def _check_link(network: Network) -> None:
    if not has_temperature(network):
        raise ValueError(f"network must end in sigmoid or softmax to have a temperature, got {network.output.name!r}")


def _log_loss(network: Network, z: Array, y: Array) -> float:
    """Return the mean log loss of the mean probabilities, in logarithms, so that probabilities may underflow."""
    xp = get("numpy", dtype="float64").xp
    if z.shape[-1] == 1:
        shares = -xp.concat([xp.logaddexp(0.0, z), xp.logaddexp(0.0, -z)], axis=-1)
    else:
        shares = z if network.output.link == "softmax" else -xp.logaddexp(0.0, -z)
        top = shares.max(axis=-1, keepdims=True)
        shares = shares - top - xp.log(xp.exp(shares - top).sum(axis=-1, keepdims=True))
    of_label = shares[..., xp.arange(len(y)), y]
    if of_label.ndim > 1:
        top = of_label.max(axis=0)
        of_label = top + xp.log(xp.exp(of_label - top).mean(axis=0))
    return -float(of_label.mean())


def _least(f: Callable[[float], float], low: float, high: float, points: int = 25, near: float = 1e-8) -> float:
    """Return where f is least: the best point of a grid, then golden sections around it; 0 if f is no less there."""
    width = (high - low) / (points - 1)
    grid = [low + i * width for i in range(points)]
    best = min(grid, key=lambda s: (f(s), abs(s)))
    left, right = max(low, best - width), min(high, best + width)
    a, b = right - GOLDEN * (right - left), left + GOLDEN * (right - left)
    fa, fb = f(a), f(b)
    while right - left > near:
        if fa <= fb:
            right, b, fb = b, a, fa
            a = right - GOLDEN * (right - left)
            fa = f(a)
        else:
            left, a, fa = a, b, fb
            b = left + GOLDEN * (right - left)
            fb = f(b)
    found = min((left, right, 0.5 * (left + right)), key=f)
    return found if f(found) < f(0.0) else 0.0
