"""Optimizers: from gradients to the next parameters.

An optimizer is a pair of pure functions.  Its rule is written once for one array w with gradient g, and its state is
a value: the number of steps taken, and arrays shaped like the parameters.  Hyper-parameters are numbers, or arrays of
shape (k,), one value for each network of a stack; `eta` may also be a schedule, a function of the step (0, 1, 2, …).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, NamedTuple, TypeAlias

from xpnet.backend import Array, namespace
from xpnet.trees import expand, leaves, map_arrays, rebuild

Rule: TypeAlias = Callable[..., tuple[Array, ...]]  # rule(w, g, *slots, t=..., eta=..., ...) -> (w, *slots)


class OptimizerState(NamedTuple):
    """What an optimizer remembers between steps."""

    t: int  # steps taken
    slots: tuple[Any, ...]  # each shaped like the parameters


@dataclass(frozen=True)
class Optimizer:
    """How parameters move: a state before the first step (`init`), and one step (`update`), both pure.

    Made by `sgd`, `momentum` and `adam`.

    Attributes
    ----------
    name : str
    settings : mapping
        Hyper-parameters by name; `eta` is always among them.

    Examples
    --------
    >>> import numpy as np
    >>> optimizer = sgd(eta=0.5)
    >>> w = (np.asarray([1.0, 2.0]),)
    >>> w, state = optimizer.update((np.asarray([1.0, -1.0]),), optimizer.init(w), w)
    >>> w, state.t
    ((array([0.5, 2.5]),), 1)
    """

    name: str
    rule: Rule = field(repr=False)
    n_slots: int = field(repr=False)
    settings: Mapping[str, Any]

    def init(self, parameters: Any) -> OptimizerState:
        """Return the state before the first step."""
        zeros = map_arrays(lambda w: namespace(w).zeros_like(w), parameters)
        return OptimizerState(0, (zeros,) * self.n_slots)

    def update(self, gradients: Any, state: OptimizerState, parameters: Any) -> tuple[Any, OptimizerState]:
        """Return the parameters after one step, and the state after it."""
        settings = {**self.settings, "eta": self.eta(state.t), "t": state.t + 1}
        stacked = any(hasattr(h, "shape") for h in settings.values())
        moved = [
            self.rule(w, g, *slots, **({k: expand(h, w) for k, h in settings.items()} if stacked else settings))
            for w, g, *slots in zip(leaves(parameters), leaves(gradients), *map(leaves, state.slots), strict=True)
        ]
        new, *slots = (rebuild(parameters, iter(column)) for column in zip(*moved, strict=True))
        return new, OptimizerState(state.t + 1, tuple(slots))

    def eta(self, t: int) -> Any:
        """Return the learning rate of the step after `t` steps."""
        eta = self.settings["eta"]
        return eta(t) if callable(eta) else eta


def sgd(eta: Any = 0.5) -> Optimizer:
    """Return gradient descent: ``w' = w - eta g``.

    Parameters
    ----------
    eta : number, Array of shape (k,), or schedule
        Learning rate, parameter units per gradient unit.

    References
    ----------
    Nielsen, chapter 1, equations 20 and 21.

    Examples
    --------
    >>> sgd(eta=3.0)
    Optimizer(name='sgd', settings={'eta': 3.0})
    """
    return _optimizer("sgd", _sgd, 0, eta=eta)


def _sgd(w: Array, g: Array, *, eta: Any, t: int) -> tuple[Array]:
    return (w - eta * g,)


def momentum(eta: Any = 0.1, mu: Any = 0.9) -> Optimizer:
    """Return gradient descent with momentum: ``v' = mu v - eta g``, ``w' = w + v'``.

    Parameters
    ----------
    eta : number, Array of shape (k,), or schedule
        Learning rate.
    mu : number or Array of shape (k,)
        Momentum coefficient, 0 (none) to below 1.

    References
    ----------
    Nielsen, chapter 3, equations 107 and 108.

    Examples
    --------
    >>> momentum(eta=0.1, mu=0.5).settings["mu"]
    0.5
    """
    return _optimizer("momentum", _momentum, 1, eta=eta, mu=mu)


def _momentum(w: Array, g: Array, v: Array, *, eta: Any, mu: Any, t: int) -> tuple[Array, Array]:
    v = mu * v - eta * g
    return w + v, v


def adam(eta: Any = 0.001, beta1: Any = 0.9, beta2: Any = 0.999, epsilon: Any = 1e-8) -> Optimizer:
    """Return Adam: steps scaled by running means of the gradient and of its square.

    Parameters
    ----------
    eta : number, Array of shape (k,), or schedule
        Learning rate, parameter units.
    beta1, beta2 : number or Array of shape (k,)
        How slowly the two means forget, 0 to below 1.
    epsilon : number or Array of shape (k,)
        Added to the root of the mean square, after its bias is corrected (as PyTorch; Keras adds it before).

    Notes
    -----
    ``m' = beta1 m + (1 - beta1) g``, ``v' = beta2 v + (1 - beta2) g^2``,
    ``w' = w - eta (m' / (1 - beta1^t)) / (sqrt(v' / (1 - beta2^t)) + epsilon)``.

    References
    ----------
    Kingma and Ba, arXiv:1412.6980, algorithm 1.

    Examples
    --------
    >>> adam().settings["eta"]
    0.001
    """
    return _optimizer("adam", _adam, 2, eta=eta, beta1=beta1, beta2=beta2, epsilon=epsilon)


def _adam(
    w: Array, g: Array, first: Array, second: Array, *, eta: Any, beta1: Any, beta2: Any, epsilon: Any, t: int
) -> tuple[Array, Array, Array]:
    first = beta1 * first + (1.0 - beta1) * g
    second = beta2 * second + (1.0 - beta2) * (g * g)
    size = namespace(w).sqrt(second) / (1.0 - beta2**t) ** 0.5 + epsilon
    return w - (eta / (1.0 - beta1**t)) * (first / size), first, second


OPTIMIZERS = {"sgd": sgd, "momentum": momentum, "adam": adam}


def _optimizer(name: str, rule: Rule, n_slots: int, **settings: Any) -> Optimizer:
    for setting, h in settings.items():
        if hasattr(h, "shape") or (setting == "eta" and callable(h)):
            continue
        if not isinstance(h, int | float) or isinstance(h, bool):
            raise TypeError(f"{setting} must be a number, an array or (eta) a schedule, got {h!r}")
        high = 1.0 if setting in ("mu", "beta1", "beta2") else float("inf")
        if not (isfinite(h) and 0.0 <= h < high):
            limit = " and below 1" if high == 1.0 else ""
            raise ValueError(f"{setting} must be finite, at least 0{limit}, got {h}")
    return Optimizer(name, rule, n_slots, settings)
